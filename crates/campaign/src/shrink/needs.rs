//! The proof that every fault which is left is needed: each is left out in turn, and the run goes to its end.

use crate::shrink::Shrinker;
use crate::shrink::judge::is_fault;
use whitewater_sim::plan::Plan;
use whitewater_sim::run::Settings;

/// After how many events such a run is given up.
const EVENTS: u64 = 300_000;

/// How many steps the proof may take in any case.
const PROOF: u64 = 200_000;

impl Shrinker<'_> {
    /// Leaves out what can be left out in whatever way the property is then violated. The places of the
    /// faults without which it is not violated any more.
    pub(super) fn prove(&mut self, seed: u64) -> Vec<usize> {
        self.budget = self.budget.max(self.pool.spent + PROOF);
        self.now = self.best.clone();
        self.make_usual(seed);
        if self.now.cost <= self.best.cost {
            self.best = self.now.clone();
        }
        self.goal.trail = None;
        loop {
            let before = self.best.cost;
            self.now = self.best.clone();
            self.leave_out(1, false);
            if self.best.cost >= before || self.is_over() {
                break;
            }
        }
        while let Some(place) = self.idle_fault() {
            let mut plan = self.best.plan.clone();
            plan.timeline.remove(place);
            // It goes even if it takes longer without it: a story is not to name what it does not need.
            self.now = self.best.clone();
            if self.take(&mut [plan].into_iter(), u64::MAX).is_none() {
                break;
            }
            self.best = self.now.clone();
        }
        let plan = self.best.plan.clone();
        self.faults().into_iter().filter(|&place| self.is_needed(&plan, place)).collect()
    }

    /// The places of the faults that are left.
    fn faults(&self) -> Vec<usize> {
        let timeline = &self.best.plan.timeline;
        (0..timeline.len()).filter(|&place| is_fault(&timeline[place])).collect()
    }

    /// The first fault that can be left out, though not cheaply.
    fn idle_fault(&mut self) -> Option<usize> {
        let plan = self.best.plan.clone();
        self.faults().into_iter().find(|&place| !self.is_needed(&plan, place))
    }

    /// Whether nothing violates the property when this act is left out, to the end of the run.
    fn is_needed(&mut self, plan: &Plan, place: usize) -> bool {
        let mut without = plan.clone();
        without.timeline.remove(place);
        let settings = Settings { max_events: EVENTS, ..Settings::default() };
        let run = self.pool.run(&without, &settings);
        run.is_some_and(|run| run.found().all(|finding| finding.property != self.goal.property))
    }
}
