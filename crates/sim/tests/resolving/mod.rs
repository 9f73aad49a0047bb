//! What must hold of a resolved scenario, whatever it was made of.

use whitewater_sim::plan::Plan;
use whitewater_sim::scenario::{Scenario, Seeds};

/// Everything that the world reads of a plan.
fn run_of(plan: Plan) -> String {
    format!("{:?}", Plan { free: false, drawn: Vec::new(), ..plan })
}

/// The text of a resolved scenario reads back, leaves nothing open, and has the same plan.
///
/// # Errors
///
/// What does not hold.
pub(crate) fn resolves(scenario: &Scenario, seed: u64) -> Result<(), String> {
    let text = scenario.resolved(&scenario.plan(seed), scenario.found());
    let again = Scenario::parse("resolved.json", &text).map_err(|found| format!("{}\n{text}", found[0]))?;
    let plan = again.plan(seed);
    let checks = [
        (plan.drawn.is_empty(), "something is left open"),
        (!plan.free && again.seeds() == Seeds::Fixed(seed), "the seed is not fixed"),
        (again.found() == scenario.found(), "what was found is another"),
        (again.resolved(&plan, again.found()) == text, "resolving it changes it"),
        (run_of(plan) == run_of(scenario.plan(seed)), "the plan is another"),
    ];
    match checks.iter().find(|(holds, _)| !holds) {
        Some((_, wrong)) => Err(format!("{wrong}, with seed {seed}:\n{text}")),
        None => Ok(()),
    }
}
