//! Whether a system takes what scenarios ask of it, and if not, which part of that it refuses.
//!
//! A system refuses a choice as a whole, in words of its own. What it means are the fewest parts without which it takes the
//! choice.

use crate::leg::{MakeRunner, refusal};
use whitewater_sim::plan::{Plan, SystemChoice};
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::Runner;
use whitewater_sim::scenario::Scenario;
use whitewater_sim::scenario::asked::Part;

/// How many parts of a choice are doubted.
const MOST_PARTS: usize = 10;

/// Every part of what a scenario asks of its system that this one refuses, for some seed at least, and why.
#[must_use]
pub fn misfits(scenario: &Scenario, make: MakeRunner) -> Vec<(Part, String)> {
    let mut fitting = Fitting { runner: make(), plan: scenario.plan(0) };
    let mut misfits: Vec<(Part, String)> = Vec::new();
    let choices = scenario.choices();
    for choice in &choices {
        // Once the first is taken it is the other value.
        let other = choice.options.iter().find(|(name, value)| choices[0].options[*name] != **value);
        let other = other.map(|(name, _)| Part::Option(name.clone()));
        if other.as_ref().is_some_and(|other| misfits.iter().any(|(part, _)| part == other)) {
            continue;
        }
        let choice = without(choice, misfits.iter().map(|(part, _)| part));
        let Some(why) = fitting.refusal(&choice) else { continue };
        let Some(parts) = other.map(|other| vec![other]).or_else(|| fitting.fewest(&choice)) else {
            misfits.push((Part::System, why));
            return misfits;
        };
        for part in &parts {
            let alone = without(&choice, parts.iter().filter(|other| *other != part));
            misfits.extend(fitting.refusal(&alone).map(|why| (part.clone(), why)));
        }
    }
    misfits
}

struct Fitting {
    runner: Box<dyn Runner>,
    plan: Plan,
}

impl Fitting {
    fn refusal(&mut self, choice: &SystemChoice) -> Option<String> {
        let plan = Plan { system: choice.clone(), ..self.plan.clone() };
        refusal(self.runner.as_mut(), plan).map(|Unsupported(why)| why)
    }

    /// The fewest parts of a choice without which it is taken. An option that is needed is not among them.
    fn fewest(&mut self, choice: &SystemChoice) -> Option<Vec<Part>> {
        let parts: Vec<Part> = Part::all_of(choice).take(MOST_PARTS).collect();
        let mut sets: Vec<u32> = (1..1 << parts.len()).collect();
        sets.sort_by_key(|set| set.count_ones());
        let chosen = |set: u32| parts.iter().enumerate().filter(move |(n, _)| set & 1 << n != 0);
        let set = sets.into_iter().find(|set| {
            let less = without(choice, chosen(*set).map(|(_, part)| part));
            self.refusal(&less).is_none()
        });
        set.map(|set| chosen(set).map(|(_, part)| part.clone()).collect())
    }
}

/// A choice that does not ask for these parts.
fn without<'a>(choice: &SystemChoice, parts: impl Iterator<Item = &'a Part>) -> SystemChoice {
    let mut less = choice.clone();
    parts.for_each(|part| part.take_from(&mut less));
    less
}
