//! The contract between a system and the world, sentence by sentence.
//!
//! The system under test is a probe: a replica that does what its script says when an event comes, and
//! nothing else. Three of them make a cluster. What they did, and when, is read from the trace.

mod applies;
mod mishaps;
mod snapshots;
mod timers;

use std::collections::BTreeMap;
use whitewater_check::observe::{Brief, Look, Observe, Role};
use whitewater_check::property::Property;
use whitewater_check::types::{Entry, Index, NodeId, Term};
use whitewater_sim::chance::Chance;
use whitewater_sim::distribution::Distribution;
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::{
    Act, ClientPlan, ClockPlan, CrashLeaves, DiskPlan, Due, Expect, LinkPlan, NetworkPlan, Plan,
    SystemChoice, Target, TimelineAct, Timing,
};
use whitewater_sim::replica::{Boot, Event, Replica, System, Unsupported};
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::trace::{Keep, Record, What};
use whitewater_sim::verdict::{Outcome, Verdict};
use whitewater_sim::words::{HardState, Snapshot};

const MS: u64 = 1_000_000;
const N1: Target = Target::Nodes(1);

/// What a probe does on an event. `None` stands for its start.
type Script = fn(&mut Probe, Option<Event<'_, u64>>, &mut Effects<'_, Probe>);

/// A script, and which case of it.
struct Probing(Script, u64);

#[derive(Clone)]
struct Probe {
    script: Script,
    case: u64,
    node: NodeId,
    luck: u64,
    election_timeout: (u64, u64),
    role: Role,
    /// What stands for the first entries, and the log after it.
    snapshot: Snapshot,
    log: Vec<Entry>,
    changed_from: Option<Index>,
    last_applied: Index,
}

impl System for Probing {
    type Replica = Probe;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        let number = choice.options.get("script").copied().ok_or(Unsupported("which script?".into()))?;
        Ok(Self(SCRIPTS[number as usize], choice.options.get("case").copied().unwrap_or(0)))
    }

    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Probe>) -> Probe {
        let mut probe = Probe {
            script: self.0,
            case: self.1,
            node: boot.node,
            luck: boot.luck,
            election_timeout: boot.election_timeout,
            role: Role::Follower,
            snapshot: boot.snapshot,
            log: boot.log.to_vec(),
            changed_from: None,
            last_applied: 0,
        };
        (self.0)(&mut probe, None, effects);
        probe
    }
}

impl Probe {
    fn last_index(&self) -> Index {
        self.snapshot.last_index + self.log.len() as Index
    }

    fn append(&mut self, effects: &mut Effects<'_, Self>) {
        let index = self.last_index() + 1;
        let entry = Entry { term: 1, command: None };
        effects.write(Some(HardState { term: 1, vote: None }), Some((index, &[entry])));
        self.log.push(entry);
        self.changed_from.get_or_insert(index);
    }
}

impl Observe for Probe {
    fn look(&self) -> Look {
        let Self { role, changed_from, last_applied, .. } = *self;
        let last_index = self.last_index();
        Look { role, term: 1, commit_index: last_applied, last_applied, last_index, changed_from }
    }

    fn entry(&self, index: Index) -> Entry {
        self.log[(index - self.snapshot.last_index) as usize - 1]
    }

    fn snapshot(&self) -> (Index, Term) {
        (self.snapshot.last_index, self.snapshot.last_term)
    }

    fn seen(&mut self) {
        self.changed_from = None;
    }
}

impl Replica for Probe {
    type Message = u64;

    fn handle(&mut self, event: Event<'_, u64>, effects: &mut Effects<'_, Self>) {
        (self.script)(self, Some(event), effects);
    }

    /// The high half of a message is the number of entries that it says it carries.
    fn describe(message: &u64) -> Brief {
        Brief { term: 1, entries: (*message >> 32) as u32, ..Brief::default() }
    }
}

const SCRIPTS: [Script; 31] = [
    idle,
    sync_then_send,
    two_async_syncs,
    writes_without_sync,
    timers::sets_and_cancels_timers,
    leads_after_sync,
    sends_three,
    applies::with_a_gap,
    panics,
    leaves_a_gap_in_the_log,
    sends_to_itself,
    timers::waits_as_luck_has_it,
    timers::ticks,
    mishaps::syncs_and_sends,
    mishaps::goes_on_whatever_happens,
    mishaps::ticks,
    mishaps::sends_more_than_fits,
    mishaps::answers_reads_at_once,
    mishaps::answers_writes_at_once,
    mishaps::leaves_a_gap_after_a_sync,
    applies::one_by_one,
    applies::all_at_once,
    snapshots::captures,
    snapshots::loses_some,
    snapshots::stores,
    snapshots::sends_a_snapshot,
    snapshots::restores_nothing,
    snapshots::stores_on_a_full_disk,
    mishaps::sends_on_and_on,
    mishaps::applies_on_and_on,
    mishaps::answers_on_and_on,
];

/// Runs a script for 100 ms with a timeline of acts at fixed times, and with the network and the disk taking
/// a fixed time.
fn run(script: Script, acts: &[(u64, Act)]) -> Verdict {
    run_on(&mut Course::<Probing>::new(), script, acts)
}

fn run_on(course: &mut Course<Probing>, script: Script, acts: &[(u64, Act)]) -> Verdict {
    let at = |(time, act): &(u64, Act)| (*time, act.clone(), None);
    run_for(course, script, &acts.iter().map(at).collect::<Vec<_>>())
}

/// The same, with acts that end by themselves after some milliseconds.
fn run_for(course: &mut Course<Probing>, script: Script, acts: &[(u64, Act, Option<u64>)]) -> Verdict {
    let settings = Settings { keep: Keep::All, max_events: 100_000, history: true, ..Settings::default() };
    course.run(plan(script, acts), &settings).expect("a probe has what is asked for")
}

fn plan(script: Script, acts: &[(u64, Act, Option<u64>)]) -> Plan {
    let number = SCRIPTS.iter().position(|known| std::ptr::fn_addr_eq(*known, script));
    let number = number.expect("the script is listed") as u64;
    let at = |(time, act, lasts): &(u64, Act, Option<u64>)| TimelineAct {
        due: Due::At(time * MS),
        act: act.clone(),
        lasts: lasts.map(|lasts| lasts * MS),
        standing: false,
        note: None,
    };
    // The last scripts are about clients; the others are better off without.
    let asks_every = if number < 17 { 1_000 } else { 100 };
    Plan {
        name: "contract".into(),
        seed: 1,
        nodes: 3,
        run_for: 400 * MS,
        settle_within: None,
        settles: true,
        system: SystemChoice {
            name: "probe".into(),
            options: BTreeMap::from([("script".to_owned(), number)]),
            bug: None,
        },
        timing: Timing { election_timeout_min: 150 * MS, election_timeout_max: 300 * MS, heartbeat: 50 * MS },
        network: NetworkPlan {
            all: LinkPlan::reliable(Distribution::constant(10 * MS)),
            links: Vec::new(),
            asymmetry: Chance::NEVER,
        },
        disk: DiskPlan { sync: Distribution::constant(5 * MS), crash_leaves: CrashLeaves::Some },
        clock: ClockPlan::default(),
        stored: Vec::new(),
        clients: vec![ClientPlan { reads: Chance::ALWAYS, ..ClientPlan::writers(1, asks_every * MS) }],
        timeline: acts.iter().map(at).collect(),
        chaos: Vec::new(),
        measures: Vec::new(),
        expect: Vec::new(),
        free: false,
        drawn: Vec::new(),
    }
}

/// When `what` happened to a node, in milliseconds, before the settle phase.
fn times(verdict: &Verdict, node: u8, what: What) -> Vec<u64> {
    records(verdict, node).filter(|record| record.what == what).map(|record| record.time / MS).collect()
}

fn records(verdict: &Verdict, node: u8) -> impl Iterator<Item = &Record> {
    verdict.trace.iter().filter(move |record| record.node == NodeId(node) && record.time < 400 * MS)
}

const SENT: What = What::Sent(whitewater_check::observe::Kind::Other);
const RECEIVED: What = What::Received(whitewater_check::observe::Kind::Other);

fn idle(_: &mut Probe, _: Option<Event<'_, u64>>, _: &mut Effects<'_, Probe>) {}

/// n1 writes, syncs and sends to n2; n2 does the same when it hears of it.
fn sync_then_send(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    let to = match (probe.node.0, event) {
        (0, None) => NodeId(1),
        (1, Some(Event::Message { .. })) => NodeId(2),
        _ => return,
    };
    effects.send(to, &1);
    probe.append(effects);
    effects.sync();
    effects.send(to, &2);
}

#[test]
fn what_follows_a_sync_happens_when_it_is_through() {
    let verdict = run(sync_then_send, &[]);
    assert_eq!(times(&verdict, 0, SENT), [0, 5]);
}

#[test]
fn events_that_arrive_during_a_sync_wait_in_the_inbox() {
    let verdict = run(sync_then_send, &[]);
    // n2 hears at 10 and at 15; the second message arrives as its sync ends and is handled right after.
    assert_eq!(times(&verdict, 1, RECEIVED), [10, 15]);
    assert_eq!(times(&verdict, 1, SENT), [10, 15, 15, 20]);
}

/// n1 writes and starts a sync without waiting, twice; it tells n2 the token of each that comes back.
fn two_async_syncs(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    match event {
        None if probe.node.0 == 0 => {
            for token in [7, 8] {
                probe.append(effects);
                effects.sync_async(token);
                effects.send(NodeId(1), &0);
            }
        }
        Some(Event::Durable(token)) => effects.send(NodeId(1), &token),
        _ => {}
    }
}

#[test]
fn an_async_sync_does_not_block_and_comes_back_in_order() {
    let verdict = run(two_async_syncs, &[]);
    assert_eq!(times(&verdict, 0, SENT), [0, 0, 5, 10]);
    let tokens: Vec<u32> = records(&verdict, 0).filter(|r| r.what == What::Durable).map(|r| r.a).collect();
    assert_eq!(tokens, [7, 8]);
}

/// n1 writes one record and syncs, and then three that it does not sync.
fn writes_without_sync(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    if event.is_none() && probe.node.0 == 0 && probe.log.is_empty() {
        probe.append(effects);
        effects.sync();
        (0..3).for_each(|_| probe.append(effects));
    }
}

#[test]
fn a_crash_keeps_what_was_synced_and_at_most_a_prefix_of_the_rest() {
    let n1 = Target::node(NodeId(0));
    let verdict = run(writes_without_sync, &[(20, Act::Crash(n1)), (30, Act::Restart(n1))]);
    let lives: Vec<u32> = records(&verdict, 0).filter(|r| r.what == What::Started).map(|r| r.a).collect();
    assert_eq!(lives[0], 0);
    assert!((1..=4).contains(&lives[1]), "{lives:?}");
    let crash = records(&verdict, 0).find(|r| r.what == What::Crashed).unwrap();
    assert_eq!((crash.a + crash.b, crash.a + 1), (3, lives[1]), "some survive, the rest is lost, in order");
}

#[test]
fn a_crash_during_a_sync_may_lose_what_it_covers_and_drops_the_rest_of_the_list() {
    let verdict = run(sync_then_send, &[(3, Act::Crash(Target::node(NodeId(0))))]);
    assert_eq!(times(&verdict, 0, SENT), [0], "what was sent stays sent, what was not is gone");
    assert_eq!(times(&verdict, 1, RECEIVED), [10]);
}

/// n1 holds itself for the leader, and then has to sync.
fn leads_after_sync(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    if event.is_none() && probe.node.0 == 0 {
        probe.role = Role::Leader;
        probe.append(effects);
        effects.sync();
        effects.send(NodeId(1), &0);
    }
}

#[test]
fn a_step_is_observed_when_its_list_has_run_out() {
    let verdict = run(leads_after_sync, &[]);
    assert_eq!(times(&verdict, 0, What::Became(Role::Leader)), [5]);
}

/// n1 sends three messages whenever it is asked.
fn sends_three(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    if probe.node.0 == 0 && matches!(event, Some(Event::Timer(_))) {
        (0..3).for_each(|n| effects.send(NodeId(1), &n));
    }
    effects.set_interval_timer(50 * MS);
}

#[test]
fn a_crash_in_the_middle_of_a_list_lets_the_first_effects_through() {
    let crash = Act::CrashAfterEffects(Target::node(NodeId(0)), 2);
    let verdict = run(sends_three, &[(60, crash)]);
    assert_eq!(times(&verdict, 0, SENT), [50, 50, 50, 100, 100]);
    assert_eq!(times(&verdict, 0, What::Crashed), [100]);
    assert_eq!(times(&verdict, 1, RECEIVED), [60, 60, 60, 110, 110]);
}

#[test]
fn a_crash_in_a_step_with_fewer_effects_comes_at_its_end() {
    let crash = Act::CrashAfterEffects(Target::node(NodeId(0)), 30);
    let verdict = run(sends_three, &[(60, crash)]);
    assert_eq!(times(&verdict, 0, SENT), [50, 50, 50, 100, 100, 100]);
    assert_eq!(times(&verdict, 0, What::Crashed), [100]);
}

#[test]
fn nothing_is_done_to_nodes_that_are_down() {
    let n1 = Target::node(NodeId(0));
    let verdict = run(idle, &[(10, Act::Crash(n1)), (20, Act::Crash(n1)), (30, Act::Pause(n1))]);
    assert_eq!((verdict.faults, times(&verdict, 0, What::Crashed)), (1, vec![10]));
    let undone = verdict.expected.iter().find(|expected| expected.what.contains("timeline"));
    assert!(undone.is_some_and(|undone| undone.measured == "act 2, act 3 never did"), "{undone:?}");
}

#[test]
fn an_act_that_is_due_when_the_cluster_settles_is_not_done() {
    let verdict = run(leads_after_sync, &[(390, Act::Crash(Target::All)), (395, Act::Crash(Target::Random))]);
    assert_eq!(verdict.faults, 1, "nobody was up for the second crash before everybody came back");
}

#[test]
fn a_paused_process_finds_its_events_in_the_inbox() {
    let n2 = Target::node(NodeId(1));
    let verdict = run(sends_three, &[(55, Act::Pause(n2)), (215, Act::Resume(n2))]);
    assert_eq!(
        times(&verdict, 1, RECEIVED)[..9],
        [215; 9],
        "three of 60, 110 and 160, and then three of 210"
    );
}

#[test]
fn messages_to_a_process_that_is_down_are_gone() {
    let n2 = Target::node(NodeId(1));
    let verdict = run(sends_three, &[(55, Act::Crash(n2)), (90, Act::Restart(n2))]);
    assert_eq!(times(&verdict, 1, RECEIVED)[..3], [110; 3]);
}

fn panics(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    assert!(event.is_none() || probe.node.0 != 1, "the probe of n2 gives up");
    effects.set_interval_timer(20 * MS);
}

#[test]
fn a_panic_of_the_system_is_a_finding_and_the_runner_goes_on() {
    let mut course = Course::new();
    let violation = run_on(&mut course, panics, &[]).violation.unwrap();
    assert_eq!(
        (violation.property, violation.at.time, violation.at.node),
        (Property::Panicked, 20 * MS, NodeId(1))
    );
    assert!(violation.facts[0].text.contains("the probe of n2 gives up"), "{violation:?}");
    let again = run_on(&mut course, sync_then_send, &[]);
    assert_eq!(again.digest, run(sync_then_send, &[]).digest);
}

#[test]
fn a_system_that_panics_when_it_is_configured_refuses_the_plan() {
    let mut plan = plan(panics, &[]);
    plan.system.options.insert("script".to_owned(), 1 << 20);
    let refusal = Course::<Probing>::new().run(plan, &Settings::default()).unwrap_err().0;
    assert!(
        refusal.contains("panics when it is configured") && refusal.contains("out of bounds"),
        "{refusal}"
    );
}

#[test]
fn a_panic_can_be_what_is_expected() {
    let plan = Plan { expect: vec![Expect::Violates(Property::Panicked)], ..plan(panics, &[]) };
    let verdict = Course::<Probing>::new().run(plan, &Settings::default()).unwrap();
    assert_eq!(verdict.outcome(), Outcome::Held, "{:?}", verdict.expected);
}

fn leaves_a_gap_in_the_log(probe: &mut Probe, _: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    effects.write(None, Some((probe.log.len() as Index + 2, &[Entry { term: 1, command: None }])));
}

fn sends_to_itself(probe: &mut Probe, _: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    effects.send(probe.node, &0);
}

#[test]
fn effects_that_make_no_sense_are_findings_that_say_so() {
    for (script, words) in [
        (leaves_a_gap_in_the_log as Script, "leaves a gap"),
        (sends_to_itself as Script, "not one of its peers"),
    ] {
        let violation = run(script, &[]).violation.unwrap();
        assert!(violation.facts[0].text.contains(words), "{violation:?}");
    }
}

#[test]
fn a_cluster_that_does_nothing_is_stalled_and_the_verdict_says_why() {
    let verdict = run(idle, &[]);
    let settles = verdict.expected.iter().find(|expected| expected.what.contains("settles")).unwrap();
    assert!(!settles.held && settles.measured.contains("nobody leads"), "{settles:?}");
}

#[test]
fn an_act_whose_target_nobody_is_never_comes_due_and_the_verdict_says_so() {
    let verdict = run(idle, &[(10, Act::Crash(Target::Leader))]);
    let undone = verdict.expected.iter().find(|expected| expected.what.contains("timeline")).unwrap();
    assert!(!undone.held && undone.measured == "act 1 never did", "{undone:?}");
}
