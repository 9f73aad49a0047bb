//! Timers, and what a system that counts ticks is given.

use crate::{MS, Probe, SENT, run, times};
use whitewater_check::observe::Role;
use whitewater_check::types::NodeId;
use whitewater_sim::chance::between;
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::{Act, Target};
use whitewater_sim::replica::Event;
use whitewater_sim::trace::What;
use whitewater_sim::words::Timer;

/// n1 sets its interval timer, sets it anew, and on n2 it is cancelled; n3 asks for its election timer.
pub(super) fn sets_and_cancels_timers(
    probe: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    if event.is_none() {
        match probe.node.0 {
            0 => [20, 70].into_iter().for_each(|delay| effects.set_interval_timer(delay * MS)),
            1 => {
                effects.set_interval_timer(20 * MS);
                effects.cancel_timer(Timer::Interval);
            }
            _ => effects.set_election_timer(),
        }
    }
}

#[test]
fn a_timer_that_was_set_anew_or_cancelled_does_not_fire() {
    let verdict = run(sets_and_cancels_timers, &[]);
    assert_eq!(times(&verdict, 0, What::Interval), [70]);
    assert!(times(&verdict, 1, What::Interval).is_empty());
}

#[test]
fn the_world_draws_the_election_timeout() {
    let verdict = run(sets_and_cancels_timers, &[]);
    let fired = times(&verdict, 2, What::ElectionTimeout);
    assert!(matches!(fired[..], [150..=300]), "{fired:?}");
}

#[test]
fn timers_do_not_outlive_a_crash() {
    let n1 = Target::node(NodeId(0));
    let verdict = run(sets_and_cancels_timers, &[(10, Act::Crash(n1)), (60, Act::Restart(n1))]);
    assert_eq!(times(&verdict, 0, What::Interval), [130], "only the timer of the second life");
}

/// Every node sets its interval timer to a timeout of its own draw.
pub(super) fn waits_as_luck_has_it(
    probe: &mut Probe,
    event: Option<Event<'_, u64>>,
    effects: &mut Effects<'_, Probe>,
) {
    if event.is_none() {
        let (shortest, longest) = probe.election_timeout;
        effects.set_interval_timer(between(probe.luck, shortest, longest));
    }
}

#[test]
fn a_node_has_luck_of_its_own_and_the_same_in_every_life() {
    let verdict = run(waits_as_luck_has_it, &[]);
    let waited = [0, 1, 2].map(|node| times(&verdict, node, What::Interval)[0]);
    assert!(waited.iter().all(|wait| (150..=300).contains(wait)), "{waited:?}");
    assert!(waited[0] != waited[1] && waited[1] != waited[2], "{waited:?}");
    let n1 = Target::node(NodeId(0));
    let verdict = run(waits_as_luck_has_it, &[(20, Act::Crash(n1)), (50, Act::Restart(n1))]);
    assert_eq!(times(&verdict, 0, What::Interval), [50 + waited[0]]);
}

/// Everybody ticks and nobody asks for the election timer; n2 leads. Whoever is told to stand says so.
pub(super) fn ticks(probe: &mut Probe, event: Option<Event<'_, u64>>, effects: &mut Effects<'_, Probe>) {
    probe.role = if probe.node.0 == 1 { Role::Leader } else { Role::Follower };
    match event {
        Some(Event::Timer(Timer::Election)) => effects.send(NodeId((probe.node.0 + 1) % 3), &0),
        _ => effects.set_interval_timer(10 * MS),
    }
}

#[test]
fn a_node_that_ticks_hears_of_an_election_timer_that_it_never_set() {
    let timeout = |node| Act::Timeout(Target::node(NodeId(node)));
    let verdict = run(ticks, &[(25, timeout(0)), (25, timeout(1))]);
    assert_eq!(times(&verdict, 0, SENT), [25]);
    assert!(times(&verdict, 1, SENT).is_empty(), "a leader has no election timer");
    assert!(times(&verdict, 0, What::Interval).starts_with(&[10, 20, 30]));
}
