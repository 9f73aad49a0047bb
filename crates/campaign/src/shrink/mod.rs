//! Shrinking: from a failing run to the smallest story that fails the same way, told without luck.
//!
//! First short stories are made up, in the hope that one fails the same way (`invent`). If none does, everything that
//! luck decided is written out as acts (`luckless`), then acts are left out by halves (`ddmin`), and what is left is
//! made plainer (`tidy`): fewer nodes and terms, closer times, constant delays. When nothing helps any more, small changes
//! are tried at keyed random (`search`), and while the story stays long it is taken apart again from another side. At
//! last each fault is left out in turn, which proves that it is needed (`needs`). Whatever is tried has to show the same
//! property violated by the same kind of causal trail (`judge`), and all threads try at once (`pool`) without a say in
//! what comes out. Where a story is kept, and how it is shown, nothing here knows.

mod ddmin;
mod invent;
mod judge;
mod luckless;
mod needs;
mod pool;
mod search;
mod stages;
mod tidy;

use crate::leg::MakeRunner;
pub use crate::shrink::judge::faults;
use crate::shrink::judge::{Goal, Sighting, cost, is_fault};
use crate::shrink::luckless::time_of;
pub use crate::shrink::needs::needs;
use crate::shrink::pool::{Bounded, Pool, Terms};
use crate::trail::trail;
use std::sync::atomic::{AtomicBool, Ordering};
use whitewater_check::property::Property;
use whitewater_check::types::Nanos;
use whitewater_sim::plan::{Act, Plan};
use whitewater_sim::run::Settings;
use whitewater_sim::verdict::Verdict;

const MS: Nanos = 1_000_000;

/// How much shorter than an election timeout a delay is that keeps nobody from being elected (§5.6).
const SHORT: Nanos = 10;

/// What is to be made smaller.
#[derive(Clone, Debug)]
pub struct Case {
    /// The plan of a run that fails.
    pub plan: Plan,
    /// The property that it violates.
    pub property: Property,
    /// Makes runners of its system.
    pub runner: MakeRunner,
}

/// How long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    /// How many steps may be simulated.
    pub budget: u64,
    /// How many threads try. It does not change what comes out.
    pub threads: usize,
}

/// How large a failing run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The step that shows the violation.
    pub steps: u32,
    /// How many faults were done to the cluster before it.
    pub faults: usize,
    /// How many nodes there are.
    pub nodes: u8,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The smallest plan that fails the same way.
    pub plan: Plan,
    /// The size of the run that there was.
    pub from: Size,
    /// The size of the run of that plan.
    pub to: Size,
    /// The places in its timeline of the faults that were proven to be needed.
    pub needs: Vec<usize>,
    /// How many steps were simulated.
    pub spent: u64,
}

/// Makes a failing run smaller. `keep` is given the smallest plan so far, again and again. Raising `abort` ends
/// it with that one. `None` when the plan does not violate the property.
pub fn shrink(case: &Case, how: &How, abort: &AtomicBool, keep: &mut dyn FnMut(&Plan)) -> Option<Shrunk> {
    let mut pool = Pool::new(case.runner, how.threads);
    let first = pool.run(&case.plan, &Settings { story: true, ..Goal::all_of(case.property) })?;
    let finding = first.found_of(case.property)?;
    let goal = Goal { property: case.property, trail: Some(trail(&first.trace, finding)) };
    let seen = Sighting::of(finding, &first);
    let faults = first.story.as_ref().map_or(0, |story| {
        story.acts.iter().filter(|act| is_fault(act) && time_of(act) <= seen.time).count()
    });
    let palette = invent::palette(first.story.as_deref());
    let from = Size { steps: seen.step, faults, nodes: case.plan.nodes };
    let plan = Plan { expect: Vec::new(), measures: Vec::new(), free: false, ..case.plan.clone() };
    let now = Candidate { plan, seen, cost: u64::MAX };
    let mut shrinker = Shrinker {
        pool,
        goal,
        best: now.clone(),
        now,
        spare: None,
        told: None,
        descents: 0,
        palette,
        budget: how.budget,
        abort,
        keep,
    };
    let needs = shrinker.shrink(&first);
    let Shrinker { pool, best, .. } = shrinker;
    // As long as anything is left to be drawn, the acts that are written down are not all that there is.
    let faults = if best.plan.chaos.is_empty() { judge::faults(&best.plan) } else { from.faults };
    let to = Size { steps: best.seen.step, faults, nodes: best.plan.nodes };
    Some(Shrunk { from, to, needs, spent: pool.spent, plan: best.plan })
}

/// A plan that shows the failure.
#[derive(Clone, Debug)]
struct Candidate {
    plan: Plan,
    seen: Sighting,
    cost: u64,
}

/// The work in hand.
struct Shrinker<'a> {
    pool: Pool,
    goal: Goal,
    /// What is being worked on.
    now: Candidate,
    /// The cheapest so far.
    best: Candidate,
    /// One that leaves less to luck and costs more.
    spare: Option<Candidate>,
    /// The story that there was, written out, when it was taken apart.
    told: Option<Candidate>,
    /// How often it was taken apart.
    descents: u64,
    /// What was ever done to the cluster: what new acts are made of.
    palette: Vec<Act>,
    budget: u64,
    abort: &'a AtomicBool,
    keep: &'a mut dyn FnMut(&Plan),
}

impl Shrinker<'_> {
    /// Whether there is no time left.
    fn is_over(&self) -> bool {
        self.pool.spent >= self.budget || self.abort.load(Ordering::Relaxed)
    }

    /// Whether only the end of the run shows the failure.
    fn is_seen_at_end(&self) -> bool {
        self.now.seen.time >= self.now.plan.run_for
    }

    /// Whether the cluster takes what lasts so long for nothing: whether it is no reason not to settle.
    fn is_short(&self, time: Nanos) -> bool {
        !self.goal.is_stall() || time * SHORT <= self.now.plan.timing.election_timeout_min
    }

    /// How much of the budget is left, in steps.
    fn left(&self) -> u64 {
        self.budget.saturating_sub(self.pool.spent)
    }

    /// What a candidate must meet.
    fn terms(&self) -> Terms {
        let max_events = self.now.seen.events * 5 / 4 + 300;
        Terms { goal: self.goal.clone(), max_events }
    }

    /// Goes on with the first of the candidates that costs less than `below`. Its place.
    fn take(&mut self, candidates: &mut dyn Iterator<Item = Plan>, below: u64) -> Option<usize> {
        self.take_below(&mut candidates.map(|plan| (plan, below)))
    }

    /// Goes on with the first of the candidates that costs less than its own bound. Its place.
    fn take_below(&mut self, candidates: &mut dyn Iterator<Item = Bounded>) -> Option<usize> {
        if self.is_over() {
            return None;
        }
        let hit = self.pool.first(candidates, &self.terms(), self.budget)?;
        self.adopt(hit.plan, hit.seen);
        Some(hit.place)
    }

    /// Goes on with a plan that shows the failure; what comes after it is cut off.
    fn adopt(&mut self, mut plan: Plan, seen: Sighting) {
        plan.timeline.retain(|act| time_of(act) <= seen.time || time_of(act) == Nanos::MAX);
        // What only the end of the run shows is there when the run ends, and not a little later.
        plan.run_for = plan.run_for.min((seen.time / MS + 1) * MS);
        let cost = cost(&plan, seen);
        self.now = Candidate { plan, seen, cost };
        if cost < self.best.cost {
            self.best = self.now.clone();
        }
    }

    /// The run of the plan in hand, with its story.
    fn story(&mut self) -> Option<Verdict> {
        let settings = self.goal.settings(self.now.seen.events * 2 + 1_000);
        let plan = self.now.plan.clone();
        self.pool.run(&plan, &Settings { story: true, ..settings })
    }
}

impl Pool {
    fn run(&mut self, plan: &Plan, settings: &Settings) -> Option<Verdict> {
        let verdict = self.runner().run(plan.clone(), settings).ok()?;
        self.spent += u64::from(verdict.steps);
        Some(verdict)
    }
}

impl Goal {
    /// How a run is watched that is to show a property.
    fn all_of(property: Property) -> Settings {
        Self { property, trail: None }.settings(Settings::default().max_events)
    }
}
