//! One run of one file: with which seed, on which system, and how one that cannot be is refused.

use crate::exit::Exit;
use crate::load::Loaded;
use crate::say;
use crate::systems::{find_system, must_fit, no_such_system, told};
use std::slice;
use whitewater_campaign::leg::{Leg, Overrides};
use whitewater_campaign::seeds::SeedRange;
use whitewater_report::subject::{Asked, Subject};
use whitewater_sim::scenario::Seeds;
use whitewater_systems::Listed;

/// The seed of the run that is meant: that of a story, else the one that was asked for, else the scenario's own.
pub(crate) fn seed(loaded: &Loaded, asked: Option<u64>) -> u64 {
    match loaded.scenario.seeds() {
        Seeds::Fixed(seed) => seed,
        Seeds::Free(own) => asked.or(own).unwrap_or(1),
    }
}

/// What is to run.
///
/// # Errors
///
/// When its system is not there, or lacks what the scenario asks for. That is then said.
pub(crate) fn leg<'a>(
    loaded: &'a Loaded,
    seed: u64,
    overrides: &'a Overrides,
    program: &str,
    systems: &[Listed],
) -> Result<Leg<'a>, Exit> {
    let scenario = &loaded.scenario;
    must_fit(slice::from_ref(loaded), overrides, program, systems)?;
    let named = scenario.plan(seed).system.name;
    let name = overrides.system.as_deref().unwrap_or(&named);
    let runner = find_system(name, systems).ok_or_else(|| refuse(loaded, &no_such_system(name, systems)))?;
    let leg = Leg { scenario, seeds: SeedRange::one(seed), overrides, runner };
    match leg.refusal() {
        Some(refusal) => Err(refuse(loaded, &told(refusal, &leg, program))),
        None => Ok(leg),
    }
}

/// The same for a report.
pub(crate) fn subject(loaded: &Loaded, seed: u64, asked: Asked) -> Subject {
    let Loaded { name, file, scenario, .. } = loaded.clone();
    Subject { name, file, scenario, seeds: SeedRange::one(seed), fixed: false, asked }
}

/// Says why a file cannot be run.
pub(crate) fn refuse(loaded: &Loaded, why: &str) -> Exit {
    say(format_args!("error: {}: {why}", loaded.file));
    Exit::Usage
}
