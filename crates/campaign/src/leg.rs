//! A leg of a campaign: one scenario, its seeds, the system to run it on, and what the user changes.
//!
//! It does not know where a scenario came from nor how a system is made.

use crate::seeds::SeedRange;
use whitewater_sim::plan::{Plan, SystemChoice};
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::scenario::Scenario;

/// Makes a runner of one system. Each thread makes its own.
pub type MakeRunner = fn() -> Box<dyn Runner>;

/// What a user changes about every scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// The system to take instead of the scenario's.
    pub system: Option<String>,
    /// The bug to plant instead of the scenario's.
    pub bug: Option<String>,
}

impl Overrides {
    /// Changes a plan.
    ///
    /// Another system replaces the scenario's with its options and what was drawn for them. The bug that a
    /// scenario names is what it is about, so it stays, and a system that lacks it refuses the plan.
    pub fn apply(&self, plan: &mut Plan) {
        if let Some(name) = &self.system {
            let bug = plan.system.bug.take();
            plan.system = SystemChoice { name: name.clone(), options: Default::default(), bug };
            plan.drawn.retain(|(path, _)| !path.starts_with("system"));
        }
        if self.bug.is_some() {
            plan.system.bug.clone_from(&self.bug);
        }
    }
}

/// One scenario and its seeds.
#[derive(Clone, Copy, Debug)]
pub struct Leg<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The seeds that it is run with.
    pub seeds: SeedRange,
    /// What the user changes about it.
    pub overrides: &'a Overrides,
    /// Makes runners of the system that its plans name.
    pub runner: MakeRunner,
}

impl Leg<'_> {
    /// The plan for one seed.
    #[must_use]
    pub fn plan(&self, seed: u64) -> Plan {
        let mut plan = self.scenario.plan(seed);
        self.overrides.apply(&mut plan);
        plan
    }

    /// Why the system cannot run the scenario with every seed, if it cannot.
    #[must_use]
    pub fn refusal(&self) -> Option<Unsupported> {
        let own = self.scenario.plan(self.seeds.first());
        if let Some(other) = self.overrides.system.as_ref().filter(|other| **other != own.system.name)
            && let Some(why) = about_its_system(&own, other)
        {
            return Some(Unsupported(why));
        }
        let mut runner = (self.runner)();
        let mut choices = self.scenario.choices();
        if self.overrides.system.is_some() {
            choices.truncate(1);
        }
        choices.into_iter().find_map(|system| {
            let mut plan = Plan { system, ..own.clone() };
            self.overrides.apply(&mut plan);
            refusal(runner.as_mut(), plan)
        })
    }
}

/// Why a system refuses a plan, if it does. The cluster is started and goes no further.
pub(crate) fn refusal(runner: &mut dyn Runner, plan: Plan) -> Option<Unsupported> {
    let settings = Settings { max_events: 0, ..Settings::default() };
    runner.run(plan, &settings).err()
}

/// Why a plan means nothing on another system than the one that it names, if it does not.
fn about_its_system(plan: &Plan, other: &str) -> Option<String> {
    let name = &plan.system.name;
    if plan.counts_messages() {
        Some(format!("it counts the messages of {name}, and {other} sends others"))
    } else if plan.expects_snapshots() {
        Some(format!(
            "it expects the snapshots that {name} is set to take; `--set system={other}` tries it with those of {other}"
        ))
    } else {
        None
    }
}
