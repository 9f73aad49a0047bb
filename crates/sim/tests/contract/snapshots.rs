//! Snapshots: captured, written in the place of entries, and restored, here and elsewhere.

use crate::{MS, N1, Probe, Probing, Script, plan, records, run, run_on, sync_then_send, times};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::rc::Rc;
use whitewater_check::markers::Marker;
use whitewater_check::property::Property;
use whitewater_check::types::{Entry, Index, NodeId};
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::{Act, Plan, Target};
use whitewater_sim::predicate::Predicate;
use whitewater_sim::replica::Event;
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scene::Scene;
use whitewater_sim::trace::{Keep, What};
use whitewater_sim::verdict::Verdict;
use whitewater_sim::words::{HardState, Snapshot, StateName};

const N2: Target = Target::Nodes(0b10);
const OTHER: Entry = Entry { term: 2, command: None };

/// Runs one case of a script, as `run` does.
fn run_case(script: Script, case: u64, seed: u64, acts: &[(u64, Act)], settings: &Settings) -> Verdict {
    let acts: Vec<_> = acts.iter().map(|(time, act)| (*time, act.clone(), None)).collect();
    let mut plan = plan(script, &acts);
    plan.seed = seed;
    plan.system.options.insert("case".to_owned(), case);
    Course::<Probing>::new().run(plan, settings).expect("a probe has what is asked for")
}

fn kept() -> Settings {
    Settings { keep: Keep::All, max_events: 100_000, ..Settings::default() }
}

/// For snapshots whose state is not the one that they say, which ends a run that is judged.
fn unjudged() -> Settings {
    Settings { checks: false, ..kept() }
}

/// Up to where the log and up to where the snapshot reached that a node found at each start, before the settle phase.
fn starts(verdict: &Verdict, node: u8) -> Vec<(u32, u32)> {
    records(verdict, node).filter(|r| r.what == What::Started).map(|r| (r.a, r.b)).collect()
}

fn snapshot(last_index: Index, state: StateName) -> Snapshot {
    Snapshot { last_index, last_term: 1, state }
}

/// At its first start n1 writes five entries, which takes 5 ms. Whether it comes to them 20 ms later.
fn has_five(probe: &mut Probe, event: Option<&Event<'_, u64>>, effects: &mut Effects<'_, Probe>) -> bool {
    if event.is_none() && probe.node == NodeId(0) && probe.last_index() == 0 {
        (0..5).for_each(|_| probe.append(effects));
        effects.set_interval_timer(20 * MS);
        effects.sync();
    }
    probe.node == NodeId(0) && matches!(event, Some(Event::Timer(_)))
}

/// n1 captures its state after two entries, and after four behind a sync; it applies the fifth and goes back to each of
/// the two. The case says by how much the first, or the second, is said to have applied more.
pub(super) fn captures(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    if !has_five(probe, event.as_ref(), effects) {
        return;
    }
    effects.apply_all(1, [None, None]);
    let two = effects.capture();
    effects.apply(3, None);
    effects.sync();
    effects.apply(4, None);
    let four = effects.capture();
    effects.apply(5, None);
    for (index, name) in [(2 + probe.case % 2, two), (4 + probe.case / 2, four), (2, two)] {
        effects.restore(snapshot(index, name));
        effects.apply(index + 1, None);
    }
    probe.last_applied = 3;
}

#[test]
fn a_state_is_captured_as_it_is_at_that_point_of_the_list() {
    for case in 0..3 {
        let verdict = run_case(captures, case, 1, &[], &kept());
        let found = verdict.violation.as_ref().map(|found| found.property);
        assert_eq!(found, (case > 0).then_some(Property::StateMachineSafety), "case {case}");
    }
    let verdict = run(captures, &[]);
    assert_eq!(verdict.markers.count(Marker::SnapshotTaken), 2);
    let restored = records(&verdict, 0).filter(|r| r.what == What::Restored).map(|r| (r.time / MS, r.a));
    assert_eq!(restored.collect::<Vec<_>>(), [(25, 2), (25, 4), (25, 2)]);
    assert_eq!(times(&verdict, 0, What::Applied), [20, 20, 20, 25, 25, 25, 25, 25]);
}

#[test]
fn a_crash_before_an_effect_of_a_snapshot_leaves_it_undone() {
    for (after, taken, restored) in [(2, 0, 0), (3, 1, 0), (5, 1, 0), (22, 1, 0)] {
        let crash = match after {
            22 => (22, Act::Crash(N1)),
            after => (10, Act::CrashAfterEffects(N1, after)),
        };
        let verdict = run(captures, &[crash]);
        let counts = [Marker::SnapshotTaken, Marker::SnapshotInstalled].map(|m| verdict.markers.count(m));
        assert_eq!(counts, [taken, restored], "{after}");
    }
}

/// n1 writes a snapshot up to the third of its five entries, and then a sixth entry, and syncs neither. A later life
/// restores what it finds, and applies the rest.
pub(super) fn loses_some(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    let found = event.is_none() && probe.last_index() > 0;
    if found && probe.snapshot.last_index > 0 {
        if probe.case == 1 {
            effects.sync();
        }
        effects.restore(probe.snapshot);
    }
    if found {
        effects.apply_all(probe.snapshot.last_index + 1, probe.log.iter().map(|entry| entry.command));
        probe.last_applied = probe.last_index();
    }
    if has_five(probe, event.as_ref(), effects) {
        effects.apply_all(1, [None; 3]);
        let taken = snapshot(3, effects.capture());
        effects.apply_all(4, [None; 2]);
        effects.write_snapshot(Some(HardState { term: 1, vote: None }), taken, None);
        probe.last_applied = 5;
        (probe.snapshot, probe.log) = (taken, probe.log.split_off(3));
        probe.append(effects);
    }
}

#[test]
fn a_snapshot_is_one_record_and_a_crash_before_its_sync_may_lose_it() {
    let acts = [(30, Act::Crash(N1)), (40, Act::Restart(N1))];
    let mut seen = BTreeSet::new();
    for seed in 0..40 {
        let verdict = run_case(loses_some, seed % 2, seed, &acts, &kept());
        assert_eq!(verdict.violation, None);
        let found = starts(&verdict, 0)[1];
        let applied = times(&verdict, 0, What::Applied).len() as u32;
        assert_eq!(applied, 5 + found.0 - found.1, "what the snapshot does not stand for");
        let markers = [Marker::SnapshotTaken, Marker::SnapshotInstalled].map(|m| verdict.markers.count(m));
        assert_eq!(markers, [1, 0], "a start installs nothing");
        seen.insert(found);
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), [(5, 0), (5, 3), (6, 3)], "a prefix of two records");
}

/// What each case writes, besides a snapshot up to its last index: a suffix from an index on with so many entries. Then
/// where the log and the snapshot end that are found at the next start.
type Stored = (&'static [(Index, Option<(Index, usize)>)], (u32, u32));

const STORED: [Stored; 11] = [
    (&[(3, None)], (5, 3)),
    (&[(5, None)], (5, 5)),
    (&[(3, Some((4, 0)))], (3, 3)),
    (&[(3, Some((5, 1)))], (5, 3)),
    (&[(3, Some((4, 4)))], (7, 3)),
    (&[(9, None)], (9, 9)),
    (&[(9, Some((10, 2)))], (11, 9)),
    (&[(4, None), (4, None)], (5, 4)),
    (&[(3, None), (4, None)], (5, 4)),
    (&[(4, None), (2, None)], (2, 2)),
    (&[(4, None), (2, Some((3, 1)))], (3, 2)),
];

/// n1 stores what the case says, behind a sync if that is odd.
pub(super) fn stores(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    if !has_five(probe, event.as_ref(), effects) {
        return;
    }
    if probe.case % 2 == 1 {
        effects.sync();
    }
    let name = effects.capture();
    for &(last, suffix) in STORED[probe.case as usize / 2].0 {
        let entries = [OTHER; 4];
        let suffix = suffix.map(|(from, count)| (from, &entries[..count]));
        effects.write_snapshot(None, snapshot(last, name), suffix);
    }
    effects.sync();
}

#[test]
fn a_snapshot_takes_the_place_of_what_it_stands_for_and_the_rest_stays_if_there_is_a_rest() {
    let acts = [(60, Act::Crash(N1)), (70, Act::Restart(N1))];
    let mut digests = BTreeSet::new();
    for (case, (_, found)) in STORED.iter().enumerate() {
        for late in 0..2 {
            let verdict = run_case(stores, case as u64 * 2 + late, 1, &acts, &unjudged());
            assert_eq!(starts(&verdict, 0), [(0, 0), *found], "case {case}");
            let written = times(&verdict, 0, What::WroteSnapshot);
            assert!(written.iter().all(|&time| time == 20 + 5 * late), "{written:?}");
            digests.insert(verdict.digest);
        }
    }
    assert_eq!(digests.len(), STORED.len(), "each is another run, whenever the records leave");
}

/// On the first request n1 applies it and sends the name of its state to the others. They put the snapshot in the place of
/// their empty logs, and restore it; n3 in the middle of its list, and again when it starts anew.
pub(super) fn sends_a_snapshot(
    probe: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    match event {
        None if probe.snapshot.last_index > 0 => {
            probe.last_applied = probe.snapshot.last_index;
            effects.restore(probe.snapshot);
        }
        Some(Event::Request { command, .. }) if probe.node.0 == 0 && probe.last_applied == 0 => {
            let entry = Entry { term: 1, command: Some(command) };
            effects.write(None, Some((1, &[entry])));
            effects.sync();
            effects.apply(1, Some(command));
            let name = effects.capture();
            [1, 2].into_iter().for_each(|to| effects.send(NodeId(to), &name.0));
            (probe.log, probe.last_applied, probe.changed_from) = (vec![entry], 1, Some(1));
        }
        Some(Event::Message { message: &name, .. }) => {
            let sent = snapshot(1, StateName(name));
            effects.write_snapshot(Some(HardState { term: 1, vote: None }), sent, None);
            effects.sync();
            effects.restore(sent);
            (probe.snapshot, probe.last_applied, probe.changed_from) = (sent, 1, Some(2));
        }
        _ => {}
    }
}

#[test]
fn a_state_is_restored_by_its_name_on_any_node_and_at_any_start() {
    let acts = [(250, Act::Crash(N2)), (260, Act::Restart(N2))];
    let verdict = run(sends_a_snapshot, &acts);
    assert_eq!(verdict.violation, None, "equal commands, equal states");
    assert!(
        verdict.early.iter().all(|early| early.finding.property != Property::Audit),
        "{:?}",
        verdict.early
    );
    let applied = times(&verdict, 0, What::Applied)[0];
    assert!(times(&verdict, 1, What::Applied).is_empty());
    assert_eq!(times(&verdict, 1, What::Restored), [applied + 15, 260]);
    assert_eq!(times(&verdict, 2, What::Restored), [applied + 15]);
    assert_eq!(starts(&verdict, 1), [(0, 0), (1, 1)]);
    let counts = [Marker::SnapshotTaken, Marker::SnapshotInstalled].map(|m| verdict.markers.count(m));
    assert_eq!(counts, [1, 2], "the restart is no install");
}

/// What `look` makes of each scene of a run.
fn watched<T: 'static>(plan: Plan, settings: &Settings, look: fn(&dyn Scene) -> T) -> Vec<T> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let shared = Rc::clone(&seen);
    let spectator = move |scene: &dyn Scene| {
        shared.borrow_mut().push(look(scene));
        ControlFlow::Continue(())
    };
    Course::<Probing>::new()
        .watched(plan, settings, Box::new(spectator))
        .expect("a probe has what is asked for");
    Rc::into_inner(seen).expect("the run is over").into_inner()
}

#[test]
fn what_a_snapshot_stands_for_is_still_shown() {
    let scenes = watched(plan(sends_a_snapshot, &[]), &kept(), |scene| {
        let (n1, n2) = (NodeId(0), NodeId(1));
        let equal = scene.holds(&Predicate::parse("logs equal", &[]).expect("it is a predicate"));
        let shown = [n1, n2].map(|node| (scene.entry(node, 1), scene.stored_entry(node, 1)));
        let beyond = [n1, n2].map(|node| (scene.entry(node, 2), scene.stored_entry(node, 2)));
        assert_eq!((beyond, scene.entry(n2, 0), scene.stored_entry(n2, 0)), ([(None, None); 2], None, None));
        (equal, shown, (scene.covered(n2), scene.stored(n2).covered, scene.stored(n2).log.len()))
    });
    let (equal, [own, sent], covered) = *scenes.last().unwrap();
    assert!(equal && own.0.is_some_and(|entry| entry.command.is_some()));
    assert_eq!((own.0, sent, covered), (own.1, own, (1, 1, 0)));
    assert!(scenes.iter().any(|(equal, ..)| !equal), "when only n1 has an entry");
}

#[test]
fn a_run_with_snapshots_is_the_same_whoever_looks_on() {
    let acts = [(250, Act::Crash(N2)), (260, Act::Restart(N2))];
    let losing = [(30, Act::Crash(N1)), (40, Act::Restart(N1))];
    for (script, acts) in [(sends_a_snapshot as Script, &acts), (loses_some, &losing)] {
        let digest = |checks, keep| {
            let settings = Settings { checks, keep, max_events: 100_000, ..Settings::default() };
            run_case(script, 0, 3, acts, &settings).digest
        };
        let whole = digest(true, Keep::All);
        for checks in [true, false] {
            for keep in [Keep::Nothing, Keep::Last, Keep::All] {
                assert_eq!(digest(checks, keep), whole, "{checks} {keep:?}");
            }
        }
    }
}

#[test]
fn names_begin_anew_with_every_run() {
    let mut course = Course::new();
    let [first, second] = [(); 2].map(|()| run_on(&mut course, sends_a_snapshot, &[]));
    assert!(first.markers.count(Marker::SnapshotTaken) > 0);
    assert_eq!((first.digest, first.trace), (second.digest, second.trace));
}

/// n1 restores a state that nobody has captured, behind a sync in an odd case, and in the next ones writes snapshots up to
/// indexes beyond belief.
pub(super) fn restores_nothing(
    probe: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    if !has_five(probe, event.as_ref(), effects) {
        return;
    }
    if probe.case % 2 == 1 {
        effects.sync();
    }
    match probe.case / 2 {
        0 => effects.restore(snapshot(3, StateName(77))),
        n => {
            let last_index = [1 << 60, Index::MAX - 1, Index::MAX][n as usize - 1];
            let name = effects.capture();
            effects.write_snapshot(None, snapshot(last_index, name), None);
            effects.sync();
            effects.write(None, None);
        }
    }
}

#[test]
fn a_name_of_nothing_is_a_finding_and_the_runner_goes_on() {
    for case in 0..2 {
        let violation = run_case(restores_nothing, case, 1, &[], &kept()).violation.unwrap();
        assert_eq!((violation.property, violation.at.node), (Property::Panicked, NodeId(0)));
        assert_eq!(violation.at.time, (20 + 5 * case) * MS);
        let text = &violation.facts[0].text;
        assert!(text.contains("no state was captured under the name 77"), "{text}");
    }
    let mut course = Course::new();
    assert!(run_on(&mut course, restores_nothing, &[]).violation.is_some());
    let again = run_on(&mut course, sync_then_send, &[]);
    assert_eq!(again.digest, run(sync_then_send, &[]).digest);
}

#[test]
fn a_snapshot_beyond_belief_is_a_finding_and_nothing_worse() {
    let acts = [(60, Act::Crash(N1)), (70, Act::Restart(N1))];
    for case in 2..8 {
        let verdict = run_case(restores_nothing, case, 1, &acts, &kept());
        let found = verdict.violation.map(|found| found.property);
        assert_eq!(found, Some(Property::StateMachineSafety), "{case}");
        let unjudged = run_case(restores_nothing, case, 1, &acts, &unjudged());
        let panicked = unjudged.found().any(|found| found.property == Property::Panicked);
        assert!(panicked || starts(&unjudged, 0).len() == 2, "{case}: the runner goes on");
    }
}

#[test]
fn a_log_that_a_snapshot_beyond_belief_stands_for_is_equal_to_itself() {
    let others = Target::Nodes(0b110);
    for case in [2, 4, 6] {
        let acts = [(50, Act::Crash(others)), (60, Act::Crash(N1)), (70, Act::Restart(N1))];
        let mut plan = plan(restores_nothing, &acts.map(|(time, act)| (time, act, None)));
        plan.system.options.insert("case".to_owned(), case);
        let alone = watched(plan, &unjudged(), |scene| {
            let equal = scene.holds(&Predicate::parse("logs equal", &[]).expect("it is a predicate"));
            equal && scene.covered(NodeId(0)) > 5 && !scene.server(NodeId(1)).up
        });
        assert!(alone.contains(&true), "one log is equal to itself");
    }
}

/// n1 writes a snapshot, syncs and sends, and stops if it cannot.
pub(super) fn stores_on_a_full_disk(
    probe: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    if matches!(event, Some(Event::DiskFailed)) {
        effects.halt();
    }
    if has_five(probe, event.as_ref(), effects) {
        effects.write_snapshot(None, snapshot(3, StateName(0)), None);
        effects.sync();
        effects.send(NodeId(1), &0);
    }
}

#[test]
fn a_disk_that_is_full_takes_no_snapshot() {
    for act in [Act::FillDisk(N1), Act::FailDisk(N1)] {
        let verdict = run(stores_on_a_full_disk, &[(15, act)]);
        assert_eq!(
            (times(&verdict, 0, What::Failed), times(&verdict, 0, What::Halted)),
            (vec![20], vec![20])
        );
        assert!(times(&verdict, 0, What::WroteSnapshot).is_empty());
        assert!(times(&verdict, 0, crate::SENT).is_empty(), "what follows does not happen");
    }
}
