//! What happens to disks, clocks and links, and what a replica that reads without the log may do.

use crate::{
    MS, N1, Probe, Probing, RECEIVED, SENT, Script, idle, plan, records, run, run_for, sync_then_send, times,
};
use whitewater_check::property::Property;
use whitewater_check::types::{Entry, NodeId};
use whitewater_sim::distribution::Distribution;
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::{Act, Direction, Expect, LinkPlan, Plan, Target};
use whitewater_sim::replica::Event;
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::trace::{DiskState, Keep, What};
use whitewater_sim::verdict::{Outcome, Settling, Verdict};
use whitewater_sim::words::Timer;

fn lasting(script: Script, at: u64, act: Act, lasts: u64) -> Verdict {
    run_for(&mut Course::new(), script, &[(at, act, Some(lasts))])
}

/// Every 20 ms n1 writes, syncs, which takes 5 ms, and sends. It stops when its disk fails.
pub(super) fn syncs_and_sends(
    probe: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    match event {
        Some(Event::DiskFailed) => effects.halt(),
        event => goes_on_whatever_happens(probe, event, effects),
    }
}

/// The same, but a failing disk is nothing to it.
pub(super) fn goes_on_whatever_happens(
    probe: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    if probe.node.0 != 0 || !matches!(event, None | Some(Event::Timer(_))) {
        return;
    }
    effects.set_interval_timer(20 * MS);
    if event.is_some() {
        effects.write(None, None);
        effects.sync();
        effects.send(NodeId(1), &0);
    }
}

#[test]
fn a_replica_hears_of_a_failed_write_before_anything_else_and_may_stop() {
    let verdict = lasting(syncs_and_sends, 50, Act::FailDisk(N1), 100);
    assert_eq!(times(&verdict, 0, SENT)[..2], [25, 45]);
    assert_eq!((times(&verdict, 0, What::Failed), times(&verdict, 0, What::Halted)), (vec![60], vec![60]));
    assert_eq!(times(&verdict, 0, What::Started), [0, 150], "it is started when its disk works again");
    assert_eq!(times(&verdict, 0, SENT)[2], 175);
}

#[test]
fn what_follows_a_failed_write_does_not_happen_whatever_the_replica_makes_of_it() {
    let verdict = lasting(goes_on_whatever_happens, 50, Act::FailDisk(N1), 100);
    assert_eq!(times(&verdict, 0, SENT)[..3], [25, 45, 165]);
    // It hears of the first failure at 60 and sets no timer on hearing it; the one set before still runs.
    assert_eq!(times(&verdict, 0, What::Failed), [60, 80, 100, 120, 140]);
}

#[test]
fn a_sync_on_its_way_when_the_disk_fails_comes_back_as_a_failure() {
    let verdict = lasting(syncs_and_sends, 42, Act::FailDisk(N1), 100);
    assert_eq!((times(&verdict, 0, SENT)[0], times(&verdict, 0, What::Failed)), (25, vec![45]));
    assert!(times(&verdict, 0, What::Synced).iter().all(|&time| time != 45));
}

#[test]
fn each_start_on_a_disk_that_fails_hears_of_its_own_failure() {
    let acts = [
        (50, Act::FailDisk(N1), Some(100)),
        (60, Act::Crash(N1), None),
        (80, Act::Restart(N1), None),
        (90, Act::Crash(N1), None),
        (100, Act::Restart(N1), None),
    ];
    let verdict = run_for(&mut Course::new(), sync_then_send, &acts);
    assert_eq!(times(&verdict, 0, What::Failed), [80, 100]);
}

#[test]
fn a_full_disk_refuses_writes_and_still_syncs_what_it_has() {
    let verdict = lasting(syncs_and_sends, 42, Act::FillDisk(N1), 100);
    assert_eq!(times(&verdict, 0, SENT)[..2], [25, 45]);
    assert_eq!(times(&verdict, 0, What::Failed), [60]);
}

#[test]
fn a_disk_that_stands_still_keeps_its_syncs_and_gives_them_back() {
    let verdict = lasting(syncs_and_sends, 42, Act::StallDisk(N1), 100);
    // The timers of 60 to 140 waited in the inbox: one of them is due, and writes again.
    assert_eq!(times(&verdict, 0, SENT)[..3], [25, 142, 147]);
    let states = [DiskState::Stalled, DiskState::Works].map(|state| times(&verdict, 0, What::Disk(state)));
    assert_eq!(states, [vec![42], vec![142]]);
}

#[test]
fn a_crash_ends_what_a_disk_that_stands_still_had_kept() {
    let acts =
        [(42, Act::StallDisk(N1), Some(100)), (60, Act::Crash(N1), None), (70, Act::Restart(N1), None)];
    let verdict = run_for(&mut Course::new(), syncs_and_sends, &acts);
    assert_eq!(
        times(&verdict, 0, SENT)[..3],
        [25, 142, 147],
        "one sync of the second life, and no older one"
    );
}

#[test]
fn a_replica_does_not_start_from_damaged_records_and_the_rest_settles_without_it() {
    let acts = [(30, Act::Damage(N1), None), (60, Act::Crash(N1), None), (70, Act::Restart(N1), None)];
    let verdict = run_for(&mut Course::new(), syncs_and_sends, &acts);
    assert_eq!(times(&verdict, 0, SENT), [25, 45], "damage is found at a start and not before");
    assert_eq!(
        (times(&verdict, 0, What::DidNotStart), times(&verdict, 0, What::Started)),
        (vec![70], vec![0])
    );
    assert!(
        verdict
            .trace
            .iter()
            .filter(|record| record.what == What::Started)
            .all(|r| r.node.0 != 0 || r.step < 4)
    );
}

#[test]
fn progress_is_impossible_without_a_majority_that_can_start() {
    let both = Target::Nodes(0b11);
    let acts = [(30, Act::Damage(both), None), (60, Act::Crash(both), None)];
    let verdict = run_for(&mut Course::new(), syncs_and_sends, &acts);
    assert_eq!(verdict.settling, Settling::Impossible);
    assert!(verdict.expected.iter().all(|expected| expected.held), "{:?}", verdict.expected);
    let verdict = run(syncs_and_sends, &[]);
    assert_eq!(verdict.settling, Settling::Stalled, "nobody leads although everybody could");
}

/// n1 sets its interval timer to 20 ms, again and again, and sends to n2 whenever it runs out.
pub(super) fn ticks(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    if probe.node.0 == 0 && matches!(event, None | Some(Event::Timer(Timer::Interval))) {
        effects.set_interval_timer(20 * MS);
        effects.send(NodeId(1), &effects.clock());
    }
}

#[test]
fn timers_run_on_the_clock_of_their_node() {
    let verdict = lasting(ticks, 50, Act::Drift(N1, 500_000), 100);
    // The timer of 60 was set at the old rate; then 20 ms take 40, until the clock is right again.
    assert_eq!(times(&verdict, 0, SENT)[..7], [0, 20, 40, 60, 100, 140, 180]);
    assert_eq!(times(&verdict, 0, What::ClockRate), [50, 150]);
}

#[test]
fn what_is_clogged_is_held_and_arrives_when_that_ends() {
    let verdict = lasting(ticks, 50, Act::Clog(N1, Direction::Out), 100);
    // Sent at 60, 80, 100, 120 and 140, held until 150, and 10 ms on the way; what is on its way gets through.
    assert_eq!(times(&verdict, 1, RECEIVED)[..9], [10, 30, 50, 160, 160, 160, 160, 160, 170]);
    let verdict = lasting(ticks, 50, Act::Clog(N1, Direction::In), 100);
    assert_eq!(times(&verdict, 1, RECEIVED)[..5], [10, 30, 50, 70, 90], "n1 may still send");
}

#[test]
fn a_swizzle_clogs_some_nodes_each_for_a_time_of_its_own_and_lets_all_of_them_go() {
    let verdict = lasting(ticks, 50, Act::Swizzle(Target::All), 200);
    let clogs = verdict.trace.iter().filter(|r| matches!(r.what, What::Clogged(Direction::Both)));
    let clogged: Vec<(u64, NodeId)> = clogs.map(|r| (r.time / MS, r.node)).collect();
    let freed: Vec<(u64, NodeId)> =
        verdict.trace.iter().filter(|r| r.what == What::Unclogged).map(|r| (r.time / MS, r.node)).collect();
    assert!(!clogged.is_empty() && clogged.len() == freed.len(), "{clogged:?} {freed:?}");
    assert!(clogged.iter().all(|(time, _)| (50..=150).contains(time)), "{clogged:?}");
    assert!(freed.iter().all(|(time, _)| (150..=250).contains(time)), "{freed:?}");
}

#[test]
fn a_flapping_node_is_cut_off_and_back_again_until_that_ends() {
    let verdict = lasting(ticks, 45, Act::Flap(N1, 40 * MS), 110);
    // Cut from 45 to 85 and from 125 to 155: what is sent at 60, 80 and 140 is lost, and what was sent at 40
    // and 120 arrives at a cut.
    assert_eq!(times(&verdict, 1, RECEIVED)[..6], [10, 30, 110, 170, 190, 210]);
}

/// n1 sends a message with so many entries that no memory should be asked for them.
pub(super) fn sends_more_than_fits(
    probe: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    if event.is_none() && probe.node.0 == 0 {
        effects.send(NodeId(1), &(1 << (32 + 25)));
    }
}

#[test]
fn a_run_that_would_take_all_memory_is_given_up_and_says_why() {
    let mut course = Course::new();
    let given_up = |verdict: &Verdict| {
        let end = verdict.expected.iter().find(|expected| expected.what == "comes to an end");
        end.map(|end| (end.held, end.measured.contains("entries are held")))
    };
    let verdict = run_for(&mut course, sends_more_than_fits, &[]);
    assert_eq!((given_up(&verdict), verdict.time), (Some((false, true)), 0));
    // The slot is used again by the next run, which has asked for nothing.
    assert_eq!(given_up(&run_for(&mut course, ticks, &[])), None);
}

/// A replica that answers every message with another one, on links that take no time.
pub(super) fn answers_on_and_on(
    probe: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    match event {
        None if probe.node == NodeId(0) => effects.send(NodeId(1), &1),
        Some(Event::Message { from, .. }) => effects.send(from, &1),
        None | Some(_) => {}
    }
}

#[test]
fn a_run_in_which_far_too_much_happens_for_its_time_is_given_up_and_says_so() {
    let mut plan = plan(answers_on_and_on, &[]);
    plan.network.all = LinkPlan::reliable(Distribution::constant(0));
    let settings = Settings { checks: false, keep: Keep::Nothing, ..Settings::default() };
    let verdict = Course::<Probing>::new().run(plan, &settings).expect("a probe has what is asked for");
    let end = verdict.expected.iter().find(|expected| expected.what == "comes to an end");
    let end = end.expect("it is given up");
    assert_eq!((end.held, end.measured.as_str()), (false, "10000000 events within 0 ms"));
}

/// n1 waits for its disk and then writes an entry far behind the end of its log.
pub(super) fn leaves_a_gap_after_a_sync(
    probe: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    if event.is_none() && probe.node.0 == 0 {
        effects.sync();
        effects.write(None, Some((7, &[Entry { term: 1, command: None }])));
    }
}

#[test]
fn an_effect_that_has_waited_and_cannot_be_is_laid_at_the_door_of_the_system() {
    let verdict = run_for(&mut Course::new(), leaves_a_gap_after_a_sync, &[]);
    let violation = verdict.violation.expect("it is a finding");
    assert_eq!((violation.property, violation.at.node), (Property::Panicked, NodeId(0)));
    assert!(violation.facts[0].text.contains("leaves a gap"), "{:?}", violation.facts);
}

/// A replica that sends without end, in case 1 behind a sync.
pub(super) fn sends_on_and_on(
    probe: &mut Probe,
    _: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    if probe.case == 1 {
        probe.append(effects);
        effects.sync();
    }
    (0..1_u64 << 32).for_each(|n| effects.send(NodeId(u8::from(probe.node == NodeId(0))), &n));
}

/// A replica that applies without end behind a sync.
pub(super) fn applies_on_and_on(
    probe: &mut Probe,
    _: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    probe.append(effects);
    effects.sync();
    (1..1 << 32).for_each(|index| effects.apply(index, None));
}

#[test]
fn a_step_that_does_not_end_does_not_take_all_memory() {
    let cases: [(Script, u64, &str); 3] = [
        (sends_on_and_on, 0, "it goes on and on: more than 1048576 are under way"),
        (sends_on_and_on, 1, "it goes on and on: more than 1048576 are under way"),
        (applies_on_and_on, 0, "it goes on and on: 16777216 effects wait for a sync"),
    ];
    for (script, case, says) in cases {
        let mut plan = plan(script, &[]);
        plan.system.options.insert("case".to_owned(), case);
        let verdict = Course::<Probing>::new().run(plan, &Settings::default());
        let violation = verdict.expect("a probe has what is asked for").violation.expect("it is a finding");
        assert_eq!((violation.property, violation.at.node), (Property::Panicked, NodeId(0)));
        assert!(violation.facts[0].text.contains(says), "{:?}", violation.facts);
    }
}

/// A replica that answers every read from what it has itself, which is nothing.
pub(super) fn answers_reads_at_once(
    _: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    if let Some(Event::Request { command, read_only: true }) = event {
        effects.answer(command);
    }
}

#[test]
fn a_read_may_be_answered_without_the_log() {
    let verdict = run(answers_reads_at_once, &[]);
    let history = verdict.history.as_ref().expect("it was asked for");
    let first = history.operations().next().expect("it was asked for");
    let answer = first.answer.expect("nothing is lost");
    assert_eq!((answer.result, answer.read_at), (0, Some(0)));
    assert_eq!(answer.at.time - first.invoked.time, 20 * MS, "there and back");
    assert!(verdict.violation.is_none(), "{:?}", verdict.violation);
    assert!(records(&verdict, answer.at.node.0).any(|record| record.what == What::Answered));
}

/// A replica that answers everything so.
pub(super) fn answers_writes_at_once(
    _: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    if let Some(Event::Request { command, .. }) = event {
        effects.answer(command);
    }
}

#[test]
fn a_write_may_not_be_answered_without_the_log() {
    // Clients read here, and the new request of the settle phase is the first write.
    let violation = run(answers_writes_at_once, &[]).violation.expect("the replica is refused");
    assert_eq!(violation.property, Property::Panicked);
    assert!(violation.facts[0].text.contains("is no read"), "{violation:?}");
}

#[test]
fn a_cluster_has_as_long_to_settle_as_its_plan_says() {
    let waited = |settle_within| {
        let mut course = Course::<Probing>::new();
        let plan = Plan { settle_within, ..plan(idle, &[]) };
        let verdict = course.run(plan, &Settings::default()).expect("a probe has what is asked for");
        assert_eq!(verdict.settling, Settling::Stalled);
        verdict.time - 400 * MS
    };
    assert_eq!(waited(Some(7_000 * MS)), 7_000 * MS);
    assert_eq!(waited(None), 20 * 300 * MS);
}

#[test]
fn a_stall_is_a_finding_of_its_own_since_the_cluster_was_left_to_itself() {
    let run = |expect| {
        let plan = Plan { expect, ..plan(idle, &[]) };
        Course::<Probing>::new().run(plan, &Settings::default()).expect("a probe has what is asked for")
    };
    let verdict = run(Vec::new());
    let stalled = verdict.found_of(Property::Progress).expect("nobody leads");
    assert_eq!((stalled.at.time, verdict.found().next()), (400 * MS, None));
    assert!(stalled.facts[0].text.starts_with("not within 6.000s: nobody leads, although"), "{stalled:?}");
    assert_eq!(verdict.outcome(), Outcome::Unmet);
    let expected = run(vec![Expect::Violates(Property::Progress)]);
    assert_eq!(expected.outcome(), Outcome::Held, "{:?}", expected.expected);
    let other = run(vec![Expect::Violates(Property::LogMatching)]);
    assert_eq!((other.outcome(), &other.expected[0].measured[..]), (Outcome::Unmet, "progress"));
}
