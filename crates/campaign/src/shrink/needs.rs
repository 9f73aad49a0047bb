//! The proof that every fault which is left is needed: each is left out in turn, and the run goes to its end.

use crate::shrink::Shrinker;
use crate::shrink::judge::is_fault;
use whitewater_sim::plan::Plan;
use whitewater_sim::run::Settings;

/// After how many events such a run is given up.
const EVENTS: u64 = 300_000;

impl Shrinker<'_> {
    /// Leaves out what can be left out in whatever way the property is then violated. The places of the
    /// faults without which it is not violated any more.
    pub(super) fn prove(&mut self, seed: u64) -> Vec<usize> {
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
        let plan = self.best.plan.clone();
        let faults = (0..plan.timeline.len()).filter(|&place| is_fault(&plan.timeline[place]));
        faults.filter(|&place| self.is_needed(&plan, place)).collect()
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
