//! The judge: runs a candidate and says whether it still shows the same failure, and how much it costs a reader.
//!
//! The same failure is the same property, violated by the same kind of causal trail. What a reader has to go
//! through are faults, other acts and steps, of which faults weigh most. How candidates are made is no business
//! of this file.

use crate::shrink::luckless::time_of;
use crate::trail::trail;
use std::panic::{AssertUnwindSafe, catch_unwind};
use whitewater_check::finding::Finding;
use whitewater_check::property::{Class, Property};
use whitewater_check::types::Nanos;
use whitewater_sim::distribution::Distribution;
use whitewater_sim::plan::{Act, ClockPlan, CrashLeaves, Plan, TimelineAct};
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::trace::Keep;
use whitewater_sim::verdict::Verdict;

/// What a fault costs, and what another act costs, in steps.
const FAULT: u64 = 12;
const ACT: u64 = 2;

/// What a run costs that has no step, in steps: its world has to be made.
const RUN: u64 = 25;

/// The failure that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Goal {
    /// The property that is violated.
    pub property: Property,
    /// How it came to that, latest first; `None` when any way will do.
    pub trail: Option<Vec<&'static str>>,
}

/// Where a candidate shows the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sighting {
    /// The step that shows it.
    pub step: u32,
    /// When that is.
    pub time: Nanos,
    /// How many events there were until then, those included that are no step.
    pub events: u64,
}

impl Sighting {
    /// Where a run showed `finding`, and ended.
    pub(super) fn of(finding: &Finding, verdict: &Verdict) -> Self {
        Self { step: finding.at.step.max(1), time: finding.at.time, events: verdict.events }
    }
}

/// What came of a candidate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    /// Where it shows the failure, if it does.
    pub seen: Option<Sighting>,
    /// What the run cost.
    pub work: u64,
}

/// Whether an act is a fault. That an election timer runs out is none, early or not: where timers are quiet, it
/// is how a story goes on.
pub(super) fn is_fault(act: &TimelineAct) -> bool {
    act.act.does_harm() && !matches!(act.act, Act::Timeout(_))
}

/// How many faults a plan writes down.
#[must_use]
pub fn faults(plan: &Plan) -> usize {
    plan.timeline.iter().filter(|act| is_fault(act)).count()
}

/// What a reader has to go through, in steps.
pub(super) fn cost(plan: &Plan, seen: Sighting) -> u64 {
    let acts = plan.timeline.iter().filter(|act| time_of(act) <= seen.time);
    let weight = |act: &TimelineAct| if is_fault(act) { FAULT } else { ACT };
    acts.map(weight).sum::<u64>() + luck(plan) + u64::from(seen.step) + u64::from(plan.nodes)
}

/// What it costs that something is left to luck.
pub(super) fn luck(plan: &Plan) -> u64 {
    let varies = |times: &Distribution| u64::from(times.min() < times.max());
    let network = &plan.network;
    let links = network.links.iter().map(|(_, _, link)| &link.latency).chain([&network.all.latency]);
    let messages = links.map(varies).max().unwrap_or(0);
    let somebody = u64::from(!plan.clients.is_empty()) + u64::from(!plan.chaos.is_empty());
    let disks = varies(&plan.disk.sync) + u64::from(plan.disk.crash_leaves == CrashLeaves::Some);
    let clocks = u64::from(plan.clock != ClockPlan::default());
    somebody * 300 + messages * 110 + disks * 30 + clocks * 20
}

impl Goal {
    /// How a candidate is run that is to end after so many events at the latest.
    pub(super) fn settings(&self, max_events: u64) -> Settings {
        let until = Some(self.property).filter(|property| property.class() == Class::Early);
        Settings { keep: Keep::All, until, max_events, ..Settings::default() }
    }

    /// Runs a candidate.
    pub(super) fn look(&self, runner: &mut dyn Runner, plan: &Plan, max_events: u64) -> Look {
        // What nobody would do may end in a panic outside the system: such a candidate shows nothing.
        let run = AssertUnwindSafe(|| runner.run(plan.clone(), &self.settings(max_events)));
        match catch_unwind(run) {
            Ok(Ok(verdict)) => {
                let steps = u64::from(verdict.steps);
                // Every message is held against every act that picks messages.
                let picky = |act: &&TimelineAct| matches!(act.act, Act::Intercept(..));
                let picks = plan.timeline.iter().filter(picky).count() as u64;
                let work = RUN + steps + steps * picks / 128;
                Look { seen: self.seen_in(&verdict, plan.run_for), work }
            }
            Ok(Err(_)) | Err(_) => Look { seen: None, work: RUN },
        }
    }

    /// Whether it is that the cluster does not settle.
    pub(super) fn is_stall(&self) -> bool {
        self.property == Property::Progress
    }

    /// Where a run shows the failure: before the cluster is made to settle, unless it is that it does not.
    pub(super) fn seen_in(&self, verdict: &Verdict, end: Nanos) -> Option<Sighting> {
        let finding = verdict.found_of(self.property)?;
        let same = |wanted: &Vec<&str>| *wanted == trail(&verdict.trace, finding);
        let in_time = self.is_stall() || finding.at.time <= end;
        let is_same = in_time && self.trail.as_ref().is_none_or(same);
        is_same.then(|| Sighting::of(finding, verdict))
    }
}
