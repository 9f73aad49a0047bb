//! What is left is made plainer: fewer nodes, one node instead of several, closer and rounder times, the usual
//! surroundings.

use crate::shrink::judge::luck;
use crate::shrink::luckless::{smooth, time_of};
use crate::shrink::{MS, Shrinker};
use std::collections::BTreeSet;
use whitewater_check::types::{Nanos, Term};
use whitewater_sim::distribution::Distribution;
use whitewater_sim::plan::{
    Act, ClockPlan, CrashLeaves, DiskPlan, Due, MessagePick, Plan, Target, TimelineAct, Timing,
};

/// Heartbeats that are tried, in the hope that fewer are seen.
const HEARTBEATS: [Nanos; 3] = [5_000 * MS, 1_000 * MS, 200 * MS];

/// How much sooner everything is tried to happen.
const EIGHTHS: [Nanos; 4] = [1, 2, 4, 6];

/// The timeouts of a file that names none.
const USUAL: Timing =
    Timing { election_timeout_min: 150 * MS, election_timeout_max: 300 * MS, heartbeat: 50 * MS };

impl Shrinker<'_> {
    /// Everything in turn, until nothing helps any more.
    pub(super) fn refine(&mut self) {
        self.refine_plainly();
        self.calm_parts();
        if luck(&self.now.plan) > 0 {
            self.calm_down();
        }
    }

    /// Whatever is left to luck becomes constant, each thing by itself.
    fn calm_parts(&mut self) {
        while luck(&self.now.plan) > 0 {
            let plan = self.now.plan.clone();
            let mut ways = vec![Plan { clock: ClockPlan::default(), ..plan.clone() }];
            let latencies = [MS, 5 * MS].into_iter().filter(|latency| self.is_short(*latency));
            ways.extend(latencies.map(|latency| Plan { network: smooth(latency), ..plan.clone() }));
            let disks = [MS / 10, MS, 5 * MS].into_iter().filter(|sync| self.is_short(*sync));
            let disks = disks.map(Distribution::constant);
            let disks = disks.map(|sync| DiskPlan { sync, ..plan.disk.clone() });
            let leaves = [CrashLeaves::Nothing, CrashLeaves::All];
            let disks =
                disks.chain(leaves.map(|leaves| DiskPlan { crash_leaves: leaves, ..plan.disk.clone() }));
            ways.extend(disks.map(|disk| Plan { disk, ..plan.clone() }));
            if self.take(&mut ways.into_iter(), self.now.cost).is_none() {
                return;
            }
        }
    }

    /// The same without a look at what is left to luck.
    pub(super) fn refine_plainly(&mut self) {
        loop {
            let cost = self.now.cost;
            self.leave_out(1, false);
            self.beat_less();
            self.hasten();
            self.end_sooner();
            if self.goal.is_stall() {
                self.nothing_comes();
            }
            self.fewer_terms();
            self.simplify();
            self.fewer_nodes();
            self.close_up();
            if self.is_over() || self.now.cost >= cost {
                return;
            }
        }
    }

    /// Fewer heartbeats, unless it takes them to lead.
    pub(super) fn beat_less(&mut self) {
        if self.goal.is_stall() {
            return;
        }
        let plan = self.now.plan.clone();
        let beating = |heartbeat| Plan { timing: Timing { heartbeat, ..plan.timing }, ..plan.clone() };
        self.take(&mut HEARTBEATS.map(beating).into_iter(), self.now.cost);
    }

    /// Everything happens sooner, by the same measure.
    pub(super) fn hasten(&mut self) {
        let plan = self.now.plan.clone();
        self.take(&mut EIGHTHS.into_iter().map(|eighths| hastened(&plan, eighths)), self.now.cost);
    }

    /// A run whose end shows the failure ends as soon as it can.
    pub(super) fn end_sooner(&mut self) {
        while self.is_seen_at_end() {
            let plan = self.now.plan.clone();
            let end = plan.run_for;
            let ends = EIGHTHS.map(|eighths| end / 8 * eighths).into_iter().chain([end.saturating_sub(MS)]);
            let mut ways = ends.map(|run_for| Plan { run_for, ..plan.clone() });
            if self.take(&mut ways, self.now.cost).is_none() {
                return;
            }
        }
    }

    /// Terms in which nothing matters go: a timeout is left out, and the messages of later terms are those of earlier
    /// ones.
    fn fewer_terms(&mut self) {
        while !self.is_over() {
            let plan = self.now.plan.clone();
            let terms: BTreeSet<Term> = plan.timeline.iter().filter_map(term_of).collect();
            let timeouts =
                (0..plan.timeline.len()).filter(|&n| matches!(plan.timeline[n].act, Act::Timeout(_)));
            let pairs = timeouts.flat_map(|place| terms.iter().map(move |term| (place, *term)));
            let mut ways = pairs.map(|(place, term)| without_term(&plan, place, term));
            if self.take(&mut ways, self.now.cost).is_none() {
                return;
            }
        }
    }

    /// Acts become simpler, one at a time.
    fn simplify(&mut self) {
        let mut place = 0;
        while place < self.now.plan.timeline.len() && !self.is_over() {
            let plan = self.now.plan.clone();
            let act = &plan.timeline[place];
            let mut ways = simpler(act, plan.nodes).into_iter().map(|act| with(&plan, place, act));
            if self.take(&mut ways, self.now.cost.saturating_add(1)).is_none() {
                place += 1;
            }
        }
    }

    /// Nodes that do not matter go, one or two at a time.
    fn fewer_nodes(&mut self) {
        while self.now.plan.nodes > 1 {
            let plan = self.now.plan.clone();
            let all = (1_u64 << plan.nodes) - 1;
            let bits: Vec<u64> = (0..plan.nodes).map(|node| 1 << node).collect();
            let pairs = bits.iter().flat_map(|a| bits.iter().filter(move |b| *b > a).map(move |b| a | b));
            let gone: Vec<u64> = pairs.chain(bits.iter().copied()).filter(|gone| *gone != all).collect();
            let mut ways = gone.into_iter().map(|gone| without_nodes(&plan, gone));
            if self.take(&mut ways, self.now.cost).is_none() {
                return;
            }
        }
    }

    /// Acts come closer together, and their times become round.
    fn close_up(&mut self) {
        let mut place = 0;
        while place < self.now.plan.timeline.len() && !self.is_over() {
            let plan = self.now.plan.clone();
            let before = place.checked_sub(1).map_or(0, |place| time_of(&plan.timeline[place]));
            let time = time_of(&plan.timeline[place]);
            let gap = time.saturating_sub(before);
            let gaps = [0, MS / 10, MS, 2 * MS, 3 * MS, 5 * MS, gap / 4, gap / 2, gap * 3 / 4];
            let rounder = |new: &Nanos| *new < gap;
            let mut ways = gaps.into_iter().filter(rounder).map(|new| earlier(&plan, place, gap - new));
            self.take(&mut ways, self.now.cost.saturating_add(1));
            place += 1;
        }
        self.round();
    }

    fn round(&mut self) {
        for place in 0..self.now.plan.timeline.len() {
            let Some(act) = self.now.plan.timeline.get(place).cloned() else { return };
            let plan = self.now.plan.clone();
            let time = time_of(&act);
            let grids = [10 * MS, MS, MS / 10].into_iter();
            let times = grids.flat_map(|grid| [time / grid * grid, time.div_ceil(grid) * grid]);
            let mut ways = times.take_while(|new| *new != time).map(|new| moved(&plan, place, new));
            self.take(&mut ways, self.now.cost.saturating_add(1));
        }
    }

    /// The usual timeouts come back, and other usual values, where they change nothing.
    pub(super) fn make_usual(&mut self, seed: u64) {
        let plan = self.now.plan.clone();
        self.take(&mut [Plan { seed, ..plan }].into_iter(), self.now.cost.saturating_add(1));
        // Who stalls with other timeouts may have no fault but these.
        if !self.goal.is_stall() {
            self.usual_timing();
        }
        let mut plan = self.now.plan.clone();
        plan.disk.sync = Distribution::constant(MS / 10);
        plan.network = smooth(MS);
        self.take(&mut [plan].into_iter(), self.now.cost.saturating_add(1));
    }

    fn usual_timing(&mut self) {
        let plan = self.now.plan.clone();
        let quick = Timing { heartbeat: plan.timing.heartbeat, ..USUAL };
        let ways = [USUAL, quick, Timing { heartbeat: USUAL.heartbeat, ..plan.timing }];
        let mut ways = ways.into_iter().map(|timing| Plan { timing, ..plan.clone() });
        self.take(&mut ways, self.now.cost.saturating_add(1));
    }
}

/// The plan with another act in this place, in the order of time.
fn with(plan: &Plan, place: usize, act: TimelineAct) -> Plan {
    let mut plan = plan.clone();
    plan.timeline[place] = act;
    plan.timeline.sort_by_key(time_of);
    plan
}

/// The plan with the act in this place at another time.
fn moved(plan: &Plan, place: usize, time: Nanos) -> Plan {
    with(plan, place, TimelineAct { due: Due::At(time), ..plan.timeline[place].clone() })
}

/// The plan with everything from this act on so much earlier.
fn earlier(plan: &Plan, place: usize, by: Nanos) -> Plan {
    let mut plan = plan.clone();
    for act in &mut plan.timeline[place..] {
        if let Due::At(time) = act.due {
            act.due = Due::At(time.saturating_sub(by));
        }
    }
    plan
}

/// The plan with every time so many eighths of what it is.
fn hastened(plan: &Plan, eighths: Nanos) -> Plan {
    let mut plan = plan.clone();
    for act in &mut plan.timeline {
        if let Due::At(time) = act.due {
            act.due = Due::At(time / 8 * eighths);
        }
        act.lasts = act.lasts.map(|lasts| lasts / 8 * eighths);
    }
    plan
}

/// The term of the messages that an act picks, if it picks any by their term.
fn term_of(act: &TimelineAct) -> Option<Term> {
    if let Act::Intercept(pick, _) = &act.act { pick.term } else { None }
}

/// The plan without the act in this place, and with the messages from this term on picked one term earlier.
fn without_term(plan: &Plan, place: usize, from: Term) -> Plan {
    let mut plan = plan.clone();
    plan.timeline.remove(place);
    for act in &mut plan.timeline {
        if let Act::Intercept(pick, _) = &mut act.act {
            pick.term = pick.term.map(|term| if term >= from { term.saturating_sub(1) } else { term });
        }
    }
    plan
}

/// Simpler acts that may do, too.
fn simpler(act: &TimelineAct, nodes: u8) -> Vec<TimelineAct> {
    let mut ways = Vec::new();
    if let Some(Target::Nodes(set)) = act.act.target() {
        let members = (0..nodes).map(|node| 1_u64 << node).filter(|bit| set & bit != 0 && set != *bit);
        let fewer = members.map(|bit| Target::Nodes(set & !bit));
        ways.extend(fewer.map(|target| TimelineAct { act: act.act.aimed_at(target), ..act.clone() }));
    }
    if let Act::CrashAfterEffects(target, effects) = &act.act {
        ways.push(TimelineAct { act: Act::Crash(*target), ..act.clone() });
        ways.extend(
            (0..*effects).map(|n| TimelineAct { act: Act::CrashAfterEffects(*target, n), ..act.clone() }),
        );
    }
    if act.lasts.is_some() {
        ways.push(TimelineAct { lasts: None, ..act.clone() });
    }
    ways
}

/// The plan without some nodes, and the others numbered anew.
pub(super) fn without_nodes(plan: &Plan, gone: u64) -> Plan {
    let squeezed = |set: u64| {
        let stay = (0..plan.nodes).filter(|node| gone & 1 << node == 0);
        stay.enumerate().filter(|(_, node)| set & 1 << node != 0).fold(0, |all, (new, _)| all | 1 << new)
    };
    let fewer =
        |act: &TimelineAct| without(&act.act, &squeezed).map(|does| TimelineAct { act: does, ..act.clone() });
    let mut stored = plan.stored.clone();
    stored.iter_mut().for_each(|stored| stored.nodes = squeezed(stored.nodes));
    stored.retain(|stored| stored.nodes != 0);
    let mut network = plan.network.clone();
    network.links.iter_mut().for_each(|(from, to, _)| (*from, *to) = (squeezed(*from), squeezed(*to)));
    network.links.retain(|(from, to, _)| *from != 0 && *to != 0);
    Plan {
        nodes: plan.nodes - gone.count_ones() as u8,
        timeline: plan.timeline.iter().filter_map(fewer).collect(),
        stored,
        network,
        ..plan.clone()
    }
}

/// An act with its nodes numbered anew; `None` when it has none left.
fn without(act: &Act, squeezed: &impl Fn(u64) -> u64) -> Option<Act> {
    if let Act::Partition(groups) = act {
        let groups = groups.iter().map(|group| squeezed(*group)).filter(|group| *group != 0);
        let groups: Vec<u64> = groups.collect();
        return (!groups.is_empty()).then_some(Act::Partition(groups));
    }
    if let Act::Intercept(pick, how) = act {
        let ends = |set: u64| if set == u64::MAX { set } else { squeezed(set) };
        let pick = MessagePick { from: ends(pick.from), to: ends(pick.to), ..*pick };
        return (pick.from != 0 && pick.to != 0).then_some(Act::Intercept(pick, *how));
    }
    match act.target() {
        Some(Target::Nodes(set)) => {
            Some(squeezed(set)).filter(|set| *set != 0).map(|set| act.aimed_at(Target::Nodes(set)))
        }
        Some(_) | None => Some(act.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitewater_sim::plan::NetworkPlan;
    use whitewater_sim::scenario::Scenario;

    const STORY: &str = r#"{
        "version": 1, "name": "story", "about": "Terms 1 to 3.", "nodes": 3, "run_for": "80ms",
        "timeline": [
            { "at": "0s", "do": { "timeout": { "node": "n1" } } },
            { "at": "0s", "do": { "drop": { "kind": "append_entries", "from": "n1", "to": "n2", "term": 1, "nth": 1 } } },
            { "at": "16ms", "do": { "timeout": { "node": "n2" } } },
            { "at": "24ms", "do": { "crash": { "node": "n1" } }, "for": "8ms" },
            { "at": "40ms", "do": { "drop": { "kind": "append_entries", "from": "n3", "to": "n2", "term": 3, "nth": 2 } } }
        ]
    }"#;

    fn story() -> Plan {
        Scenario::parse("story.json", STORY).unwrap_or_else(|wrong| panic!("{}", wrong[0])).plan(1)
    }

    #[test]
    fn everything_happens_sooner_by_the_same_measure() {
        let (plan, sooner) = (story(), hastened(&story(), 2));
        let times = |plan: &Plan| plan.timeline.iter().map(|act| time_of(act) / MS).collect::<Vec<_>>();
        assert_eq!((times(&plan), times(&sooner)), (vec![0, 0, 16, 24, 40], vec![0, 0, 4, 6, 10]));
        let lasts = |plan: &Plan| plan.timeline[3].lasts;
        assert_eq!((lasts(&plan), lasts(&sooner)), (Some(8 * MS), Some(2 * MS)));
    }

    #[test]
    fn links_are_those_of_the_nodes_that_are_left() {
        let way = story().network.all;
        let links = vec![(0b001, 0b010, way.clone()), (0b111, 0b101, way.clone()), (0b100, 0b111, way)];
        let plan = Plan { network: NetworkPlan { links, ..story().network }, ..story() };
        let ends =
            |gone| without_nodes(&plan, gone).network.links.iter().map(|l| (l.0, l.1)).collect::<Vec<_>>();
        assert_eq!(ends(0b001), [(0b11, 0b10), (0b10, 0b11)]);
        assert_eq!(ends(0b100), [(0b01, 0b10), (0b11, 0b01)]);
    }

    #[test]
    fn messages_behind_a_term_that_is_gone_are_of_the_term_before() {
        let terms = |plan: &Plan| plan.timeline.iter().filter_map(term_of).collect::<Vec<_>>();
        for (from, left) in [(1, [0, 2]), (2, [1, 2]), (3, [1, 2]), (4, [1, 3])] {
            let plan = without_term(&story(), 2, from);
            assert_eq!((plan.timeline.len(), terms(&plan)), (4, left.to_vec()), "without term {from}");
        }
    }
}
