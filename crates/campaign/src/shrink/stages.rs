//! The stages of shrinking, one after the other.

use crate::shrink::Shrinker;
use crate::shrink::ddmin::ddmin;
use crate::shrink::judge::luck;
use crate::shrink::luckless::{asked, calm, left_alone, mailed, only_last, struck, told, told_nearby};
use crate::shrink::search::Dice;
use crate::shrink::{Candidate, MS};
use std::ops::Range;
use whitewater_check::types::{Nanos, NodeId};
use whitewater_sim::chance::{Key, Purpose};
use whitewater_sim::plan::{CrashLeaves, Plan};
use whitewater_sim::story::Story;
use whitewater_sim::verdict::Verdict;

/// How many acts are left out at once at least, before anything else is tried.
const COARSE: usize = 16;

/// The latencies that a calm network is tried with.
const LATENCIES: [Nanos; 4] = [MS, 5 * MS, MS / 5, 20 * MS];

/// The times of a sync that a calm disk is tried with.
const SYNCS: [Nanos; 3] = [MS / 10, 2 * MS, 10 * MS];

/// What crashes are tried to leave.
const LEAVES: [CrashLeaves; 3] = [CrashLeaves::Nothing, CrashLeaves::All, CrashLeaves::Some];

/// Into how many parts requests are cut at most before they are tried one by one.
const PARTS: usize = 32;

impl Shrinker<'_> {
    /// All of it. The places of the faults that were proven to be needed.
    pub(super) fn shrink(&mut self, first: &Verdict) -> Vec<usize> {
        let seed = self.now.plan.seed;
        let Some(story) = first.story.as_deref() else { return Vec::new() };
        // A story that is made up ends before the cluster is left to itself.
        if self.goal.is_stall() || !self.jump() {
            self.descend(story);
        }
        (self.keep)(&self.best.plan);
        self.search();
        (self.keep)(&self.best.plan);
        self.prove(seed)
    }

    /// Writes the story that there was out, takes it apart, and leaves as much of the budget for the search.
    fn descend(&mut self, story: &Story) {
        self.write_out(story);
        self.told = Some(self.now.clone());
        self.take_apart(2);
    }

    /// Takes the story apart that was written out, each time in another order, and for one part of so many of the
    /// budget at most. Nothing happens where a short story was made up instead.
    pub(super) fn take_apart(&mut self, share: u64) {
        let Some(told) = self.told.clone() else { return };
        self.now = told;
        self.descents += 1;
        let budget = self.budget;
        self.budget = self.pool.spent + self.left() / share;
        self.begin_later();
        if self.goal.is_stall() {
            self.nothing_comes();
            self.end_sooner();
        }
        self.leave_out(COARSE, true);
        self.beat_less();
        self.hasten();
        (self.keep)(&self.best.plan);
        self.leave_out(1, true);
        self.calm_down();
        self.refine();
        self.budget = budget;
    }

    /// Faults, timeouts and requests become acts, as many of them as can.
    fn write_out(&mut self, story: &Story) {
        let end = (self.now.seen.time / MS + 1) * MS;
        let plan = self.now.plan.clone();
        let ways = match self.goal.is_stall() {
            true => left_alone(&plan, story).to_vec(),
            false => {
                vec![told(&plan, story, end), told_nearby(&plan, story, end), struck(&plan, story, end)]
            }
        };
        for trail in [self.goal.trail.clone(), None] {
            self.goal.trail = trail;
            if self.take(&mut ways.clone().into_iter(), u64::MAX).is_some() {
                break;
            }
        }
    }

    /// What came long before the violation goes, if an election in its place will do.
    fn begin_later(&mut self) {
        let plan = self.now.plan.clone();
        if self.goal.is_stall() || !plan.clients.is_empty() || !plan.chaos.is_empty() {
            return;
        }
        let calmer = calm(&plan, MS, MS / 10, CrashLeaves::Nothing);
        let windows = (0..10).map(|n| (20 * MS) << n).filter(|window| *window < plan.run_for);
        let plans = windows.flat_map(|window| [(calmer.clone(), window), (plan.clone(), window)]);
        let mut ways = plans.flat_map(|(plan, window)| {
            (0..plan.nodes).map(move |node| only_last(&plan, window, NodeId(node)))
        });
        self.take(&mut ways, self.now.cost);
    }

    /// What luck is left goes: at once if that will do, else one kind after the other.
    pub(super) fn calm_down(&mut self) {
        if luck(&self.now.plan) == 0 {
            return;
        }
        let before = self.now.clone();
        if self.goal.is_stall() {
            self.nobody_asks();
        } else if !self.now.plan.clients.is_empty()
            && let Some(run) = self.story()
            && let Some(story) = run.story.as_deref()
        {
            let plan = &self.now.plan;
            let ways = [told(plan, story, plan.run_for), told_nearby(plan, story, plan.run_for)];
            self.take(&mut ways.into_iter(), u64::MAX);
            self.leave_out(1, true);
        }
        if !self.calm_at_once() {
            self.calm_messages();
            self.calm_disks();
            self.calm_at_once();
        }
        self.refine_plainly();
        self.fall_back(before);
    }

    /// Clients go; if somebody must ask for something, as few as can be do.
    fn nobody_asks(&mut self) {
        self.nothing_comes();
        let plan = self.now.plan.clone();
        if plan.clients.is_empty() {
            return;
        }
        let Some(story) = self.story().and_then(|run| run.story) else { return };
        if self.take(&mut [asked(&plan, &story)].into_iter(), u64::MAX).is_some() {
            // There are thousands: as long as a good part can go, none is tried by itself.
            while self.leave_out((self.now.plan.timeline.len() / PARTS).max(1), true) {
                self.end_sooner();
            }
            self.leave_out(1, true);
        }
    }

    /// Clients and chaos go that have nothing to do with it any more.
    pub(super) fn nothing_comes(&mut self) {
        let plan = self.now.plan.clone();
        let unasked = Plan { clients: Vec::new(), ..plan.clone() };
        let ways = [
            Plan { chaos: Vec::new(), ..unasked.clone() },
            unasked,
            Plan { chaos: Vec::new(), ..plan.clone() },
        ];
        self.take(&mut ways.into_iter().filter(|way| *way != plan), u64::MAX);
    }

    /// What becomes of each message is written out, and then left out where it does not matter.
    fn calm_messages(&mut self) {
        let Some(run) = self.story() else { return };
        let Some(story) = run.story.as_deref() else { return };
        let latencies = LATENCIES.into_iter().filter(|latency| self.is_short(*latency));
        let ways: Vec<Plan> = latencies.map(|latency| mailed(&self.now.plan, story, latency)).collect();
        let done = self.take(&mut ways.into_iter(), u64::MAX);
        if done.is_some() {
            self.leave_out(1, true);
        }
    }

    fn calm_disks(&mut self) {
        let plan = self.now.plan.clone();
        let syncs: Vec<Nanos> = SYNCS.into_iter().filter(|sync| self.is_short(*sync)).collect();
        let ways = syncs.into_iter().flat_map(|sync| {
            LEAVES.map(|leaves| Plan { network: plan.network.clone(), ..calm(&plan, MS, sync, leaves) })
        });
        if self.take(&mut ways.collect::<Vec<_>>().into_iter(), u64::MAX).is_some() {
            self.leave_out(1, true);
        }
    }

    /// Everything around the replicas becomes constant, if that will do.
    fn calm_at_once(&mut self) -> bool {
        let plan = self.now.plan.clone();
        let mut ways = Vec::new();
        for leaves in LEAVES {
            for latency in LATENCIES.into_iter().filter(|latency| self.is_short(*latency)) {
                let syncs = SYNCS.into_iter().filter(|sync| self.is_short(*sync));
                ways.extend(syncs.map(|sync| calm(&plan, latency, sync, leaves)));
            }
        }
        let done = self.take(&mut ways.into_iter(), u64::MAX).is_some();
        if done {
            self.leave_out(1, true);
        }
        done
    }

    /// Goes back to an earlier candidate if that is cheaper than what came of it.
    fn fall_back(&mut self, before: Candidate) {
        if before.cost < self.now.cost {
            let now = std::mem::replace(&mut self.now, before);
            if luck(&now.plan) < luck(&self.now.plan) {
                self.spare = Some(now);
            }
        }
    }

    /// The order in which acts are tried to be left out: from the front when the story is taken apart for the first
    /// time; later from elsewhere, now forwards and now backwards, because what is left then is something else.
    fn order(&self, length: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..length).collect();
        if self.descents > 1 && length > 0 {
            let key = Key::new(self.now.plan.seed, Purpose::Scenario, 1 << 31);
            order.rotate_left(Dice::new(key.subkey(self.descents)).below(length));
            if self.descents.is_multiple_of(2) {
                order.reverse();
            }
        }
        order
    }

    /// Leaves acts out, down to so many at once. `freely`: whatever the steps come to.
    pub(super) fn leave_out(&mut self, smallest: usize, freely: bool) -> bool {
        let cost = self.now.cost;
        let mut timeline = self.now.plan.timeline.clone();
        let length = timeline.len();
        let order = self.order(length);
        let mut try_in_order = |kept: &[usize], ranges: &[Range<usize>]| {
            // What comes behind the violation was cut off: it is as good as left out.
            let below = if freely { u64::MAX } else { self.now.cost };
            let plan = Plan { timeline: Vec::new(), ..self.now.plan.clone() };
            let timeline = &timeline;
            let mut candidates = ranges.iter().map(|range| {
                let stay = kept[..range.start].iter().chain(&kept[range.end..]);
                let mut stay: Vec<usize> = stay.map(|&nth| order[nth]).collect();
                stay.sort_unstable();
                let timeline = stay.into_iter().map(|place| timeline[place].clone()).collect();
                Plan { timeline, ..plan.clone() }
            });
            self.take(&mut candidates, below)
        };
        ddmin(length, smallest, &mut try_in_order);
        timeline.clear();
        self.now.cost < cost
    }
}
