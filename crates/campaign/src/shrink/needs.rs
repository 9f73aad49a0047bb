//! The proof that every fault which is left is needed: each is left out in turn, and the run goes to its end.

use crate::shrink::judge::is_fault;
use crate::shrink::{Case, Shrinker};
use whitewater_sim::plan::Plan;
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::verdict::Verdict;

/// After how many events such a run is given up.
const EVENTS: u64 = 300_000;

/// How many steps the proof may take in any case.
const PROOF: u64 = 200_000;

/// The places of the faults of a timeline without any one of which the property is not violated. It runs the plan
/// once for each fault.
#[must_use]
pub fn needs(case: &Case) -> Vec<usize> {
    let mut runner = (case.runner)();
    let mut is_needed = |place: &usize| {
        let run = without(runner.as_mut(), &case.plan, *place);
        run.is_some_and(|run| run.found_of(case.property).is_none())
    };
    faults(&case.plan).into_iter().filter(|place| is_needed(place)).collect()
}

/// The run of a plan without one of its acts, to the end.
fn without(runner: &mut dyn Runner, plan: &Plan, place: usize) -> Option<Verdict> {
    let mut plan = plan.clone();
    plan.timeline.remove(place);
    runner.run(plan, &Settings { max_events: EVENTS, ..Settings::default() }).ok()
}

/// The places of the faults of a plan.
fn faults(plan: &Plan) -> Vec<usize> {
    (0..plan.timeline.len()).filter(|&place| is_fault(&plan.timeline[place])).collect()
}

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
        faults(&plan).into_iter().filter(|&place| self.is_needed(&plan, place)).collect()
    }

    /// The first fault that can be left out, though not cheaply.
    fn idle_fault(&mut self) -> Option<usize> {
        let plan = self.best.plan.clone();
        faults(&plan).into_iter().find(|&place| !self.is_needed(&plan, place))
    }

    /// Whether nothing violates the property when this act is left out, to the end of the run.
    fn is_needed(&mut self, plan: &Plan, place: usize) -> bool {
        let run = without(self.pool.runner(), plan, place);
        self.pool.spent += run.as_ref().map_or(0, |run| u64::from(run.steps));
        run.is_some_and(|run| run.found_of(self.goal.property).is_none())
    }
}
