//! From a run that luck has made to a plan that says what happened.
//!
//! The story of a run gives its faults, timeouts and requests as acts at their times, and the fate of every
//! message. What is put in the place of luck is as plain as can be: constant times, election timers that do not
//! run out by themselves, clients that do what they are told.

use whitewater_check::types::{Nanos, NodeId};
use whitewater_sim::chance::Chance;
use whitewater_sim::distribution::Distribution;
use whitewater_sim::plan::{
    Act, ClockPlan, CrashLeaves, Due, LinkPlan, NetworkPlan, Plan, Target, TimelineAct, Timing,
};
use whitewater_sim::story::Story;

const MS: Nanos = 1_000_000;

/// How long an answer takes to a client that is near.
const NEAR: Nanos = MS / 10;

/// How long an election may take.
const ELECTION: Nanos = 50 * MS;

/// Election timeouts that do not run out by themselves in any story.
pub(super) const QUIET: (Nanos, Nanos) = (10_000 * MS, 20_000 * MS);

/// The time that an act is due; of one that waits for something, the end of all times.
pub(super) fn time_of(act: &TimelineAct) -> Nanos {
    match act.due {
        Due::At(time) => time,
        Due::When(..) => Nanos::MAX,
    }
}

/// The plan of a run with its faults, timeouts and requests written out, up to its end.
pub(super) fn told(plan: &Plan, story: &Story, end: Nanos) -> Plan {
    let parts = [&story.acts, &story.requests, &story.timeouts];
    let all = parts.into_iter().flatten().filter(|act| time_of(act) <= end).cloned();
    let mut timeline: Vec<TimelineAct> = all.collect();
    timeline.sort_by_key(time_of);
    Plan {
        run_for: end,
        settles: false,
        timeline,
        chaos: Vec::new(),
        clients: Vec::new(),
        timing: quiet(plan.timing),
        ..plan.clone()
    }
}

/// The same with nothing but its faults written out.
pub(super) fn struck(plan: &Plan, story: &Story, end: Nanos) -> Plan {
    let timeline = story.acts.iter().filter(|act| time_of(act) <= end).cloned().collect();
    Plan { run_for: end, settles: false, timeline, chaos: Vec::new(), ..plan.clone() }
}

/// The plan of a run that does not settle with its faults written out, up to where the cluster is left to itself: whoever
/// comes back then does so without being told. Timers run out by themselves; once with those beside them that may have
/// been made to.
pub(super) fn left_alone(plan: &Plan, story: &Story) -> [Plan; 2] {
    let end = plan.run_for.saturating_sub(1);
    let mut struck = Plan { settles: true, run_for: plan.run_for, ..struck(plan, story, end) };
    let by_themselves = struck.clone();
    struck.timeline.extend(story.timeouts.iter().filter(|act| time_of(act) <= end).cloned());
    struck.timeline.sort_by_key(time_of);
    [by_themselves, struck]
}

/// The plan with the requests of its clients written out, who are gone.
pub(super) fn asked(plan: &Plan, story: &Story) -> Plan {
    let requests = story.requests.iter().filter(|act| time_of(act) <= plan.run_for);
    let mut timeline: Vec<TimelineAct> = requests.chain(&plan.timeline).cloned().collect();
    timeline.sort_by_key(time_of);
    Plan { timeline, clients: Vec::new(), ..plan.clone() }
}

/// The same with clients that are near, whatever messages between nodes take: who was answered in time is, if that is
/// what matters, whichever way the answer took.
pub(super) fn told_nearby(plan: &Plan, story: &Story, end: Nanos) -> Plan {
    let mut plan = told(plan, story, end);
    let everybody = (1 << plan.nodes) - 1;
    let all = std::mem::replace(&mut plan.network.all, LinkPlan::reliable(Distribution::constant(NEAR)));
    plan.network.links.insert(0, (everybody, everybody, all));
    plan
}

/// The same timing with election timers that do not run out by themselves.
pub(super) fn quiet(timing: Timing) -> Timing {
    Timing { election_timeout_min: QUIET.0, election_timeout_max: QUIET.1, ..timing }
}

/// The plan with only those of its acts that come in the last `window`, and before them an election that a node
/// opens.
pub(super) fn only_last(plan: &Plan, window: Nanos, node: NodeId) -> Plan {
    let from = plan.run_for.saturating_sub(window);
    let later = |act: &TimelineAct| {
        let time = time_of(act).checked_sub(from)?;
        Some(TimelineAct { due: Due::At(time + ELECTION), ..act.clone() })
    };
    let act = Act::Timeout(Target::node(node));
    let first = TimelineAct { due: Due::At(0), act, lasts: None, standing: false, note: None };
    let timeline = [first].into_iter().chain(plan.timeline.iter().filter_map(later)).collect();
    Plan { timeline, run_for: window + 2 * ELECTION, ..plan.clone() }
}

/// The plan with the fate of every message written out.
pub(super) fn mailed(plan: &Plan, story: &Story, latency: Nanos) -> Plan {
    let timeline = story.messages.iter().chain(&plan.timeline).cloned().collect();
    Plan { timeline, network: smooth(latency), ..plan.clone() }
}

/// A network in which every message takes the same time.
pub(super) fn smooth(latency: Nanos) -> NetworkPlan {
    let all = LinkPlan::reliable(Distribution::constant(latency));
    NetworkPlan { all, links: Vec::new(), asymmetry: Chance::NEVER }
}

/// The plan with everything constant around the replicas.
pub(super) fn calm(plan: &Plan, latency: Nanos, sync: Nanos, leaves: CrashLeaves) -> Plan {
    let mut plan = Plan { network: smooth(latency), clock: ClockPlan::default(), ..plan.clone() };
    plan.disk.sync = Distribution::constant(sync);
    plan.disk.crash_leaves = leaves;
    plan
}
