//! What is left is made plainer: fewer nodes, one node instead of several, closer and rounder times, the usual
//! surroundings.

use crate::shrink::judge::luck;
use crate::shrink::luckless::{smooth, time_of};
use crate::shrink::{MS, Shrinker};
use whitewater_check::types::Nanos;
use whitewater_sim::distribution::Distribution;
use whitewater_sim::plan::{
    Act, ClockPlan, CrashLeaves, DiskPlan, Due, MessagePick, Plan, Target, TimelineAct, Timing,
};

/// Heartbeats that are tried, in the hope that fewer are seen.
const HEARTBEATS: [Nanos; 3] = [5_000 * MS, 1_000 * MS, 200 * MS];

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
            ways.extend([MS, 5 * MS].map(|latency| Plan { network: smooth(latency), ..plan.clone() }));
            let disks = [MS / 10, MS, 5 * MS].map(Distribution::constant).into_iter();
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
            self.simplify();
            self.fewer_nodes();
            self.close_up();
            if self.is_over() || self.now.cost >= cost {
                return;
            }
        }
    }

    pub(super) fn beat_less(&mut self) {
        let plan = self.now.plan.clone();
        let beating = |heartbeat| Plan { timing: Timing { heartbeat, ..plan.timing }, ..plan.clone() };
        self.take(&mut HEARTBEATS.map(beating).into_iter(), self.now.cost);
    }

    /// Acts become simpler, one at a time.
    fn simplify(&mut self) {
        let mut place = 0;
        while place < self.now.plan.timeline.len() && !self.is_over() {
            let plan = self.now.plan.clone();
            let act = &plan.timeline[place];
            let mut ways = simpler(act, plan.nodes).into_iter().map(|act| with(&plan, place, act));
            if self.take(&mut ways, self.now.cost + 1).is_none() {
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
            self.take(&mut ways, self.now.cost + 1);
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
            self.take(&mut ways, self.now.cost + 1);
        }
    }

    /// The usual timeouts come back, and other usual values, where they change nothing.
    pub(super) fn make_usual(&mut self, seed: u64) {
        let plan = self.now.plan.clone();
        self.take(&mut [Plan { seed, ..plan }].into_iter(), self.now.cost + 1);
        let plan = self.now.plan.clone();
        let quick = Timing { heartbeat: plan.timing.heartbeat, ..USUAL };
        let ways = [USUAL, quick, Timing { heartbeat: USUAL.heartbeat, ..plan.timing }];
        self.take(&mut ways.into_iter().map(|timing| Plan { timing, ..plan.clone() }), self.now.cost + 1);
        let plan = self.now.plan.clone();
        let mut sync = plan.clone();
        sync.disk.sync = Distribution::constant(MS / 10);
        sync.network = smooth(MS);
        self.take(&mut [sync].into_iter(), self.now.cost + 1);
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
    Plan {
        nodes: plan.nodes - gone.count_ones() as u8,
        timeline: plan.timeline.iter().filter_map(fewer).collect(),
        stored,
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
