//! What a replica tells the state machine.

use crate::{MS, N1, Probe, Script, run, times};
use whitewater_check::property::Property;
use whitewater_check::types::{Command, Index, NodeId};
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::{Act, Target};
use whitewater_sim::replica::Event;
use whitewater_sim::trace::What;

/// How many entries the probes apply.
const ENTRIES: Index = 5;

/// Applies index 2 first.
pub(super) fn with_a_gap(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    if probe.node.0 == 0 && matches!(event, Some(Event::Request { .. })) || event.is_none() {
        effects.apply(2, Some(Command::new(0, 1)));
    }
}

#[test]
fn applying_with_a_gap_is_a_violation() {
    let verdict = run(with_a_gap, &[]);
    assert_eq!(verdict.violation.unwrap().property, Property::StateMachineSafety);
}

/// Every probe writes its log at the start, which takes 5 ms. n1 applies it 20 ms later, n2 after 40, and n3 after 60
/// and the 5 ms of another sync.
fn after_a_while(
    probe: &mut Probe,
    event: Option<&Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) -> bool {
    match event {
        None => {
            (0..ENTRIES).for_each(|_| probe.append(effects));
            effects.sync();
            effects.set_interval_timer(20 * MS * u64::from(probe.node.0 + 1));
        }
        Some(Event::Timer(_)) => {
            if probe.node == NodeId(2) {
                effects.sync();
            }
            probe.last_applied = ENTRIES;
            return true;
        }
        _ => {}
    }
    false
}

pub(super) fn one_by_one(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    if after_a_while(probe, event.as_ref(), effects) {
        (1..=ENTRIES).for_each(|index| effects.apply(index, None));
    }
}

pub(super) fn all_at_once(
    probe: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    if after_a_while(probe, event.as_ref(), effects) {
        effects.apply_all(1, (1..=ENTRIES).map(|_| None));
    }
}

#[test]
fn applying_all_at_once_is_the_same_as_one_by_one() {
    let (n1, n2) = (N1, Target::node(NodeId(1)));
    let cases = [
        (vec![], [5, 5, 5]),
        (vec![(10, Act::CrashAfterEffects(n1, 2))], [2, 5, 5]),
        (vec![(30, Act::CrashAfterEffects(n2, 3))], [5, 3, 5]),
        (vec![(67, Act::Crash(Target::node(NodeId(2))))], [5, 5, 0]),
        (vec![(10, Act::CrashAfterEffects(n1, 2)), (30, Act::Restart(n1))], [7, 5, 5]),
    ];
    for (acts, counts) in cases {
        let run = |script: Script| run(script, &acts);
        let (apart, together) = (run(one_by_one), run(all_at_once));
        assert_eq!(apart.trace, together.trace, "{acts:?}");
        assert_eq!(apart.digest, together.digest, "{acts:?}");
        for (node, count) in (0..3).zip(counts) {
            assert_eq!(times(&together, node, What::Applied).len(), count, "n{} of {acts:?}", node + 1);
        }
        assert_eq!(times(&together, 1, What::Applied).first(), Some(&45));
    }
}
