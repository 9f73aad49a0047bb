//! The systems that are here: found by name, and held against what scenarios ask of them.

use crate::exit::Exit;
use crate::load::Loaded;
use crate::say;
use crate::trouble::Trouble;
use whitewater_campaign::fit;
use whitewater_campaign::leg::{Leg, MakeRunner, Overrides};
use whitewater_sim::plan::SystemChoice;
use whitewater_sim::predicate::nearest;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::scenario::Diagnostic;
use whitewater_sim::scenario::asked::Part;
use whitewater_systems::Listed;
use whitewater_systems::bugs::planted_in;

/// The systems that only builds have which ask for them, by a feature of the same name.
const OPTIONAL: [&str; 2] = ["raft-rs", "raftbare"];

/// The systems that every command of whitewater has, and one for other systems perhaps not.
const OURS: [&str; 2] = ["whitewater", "noraft"];

/// The runner of the system of this name.
pub(crate) fn find_system(name: &str, systems: &[Listed]) -> Option<MakeRunner> {
    systems.iter().find(|system| system.name == name).map(|system| system.runner)
}

/// That there is no such system, and which there are.
pub(crate) fn no_such_system(name: &str, systems: &[Listed]) -> String {
    let names: Vec<&str> = systems.iter().map(|system| system.name).collect();
    let built_in = match OPTIONAL.contains(&name) {
        true => format!("; `{name}` comes with a build that has `--features {name}`"),
        false => String::new(),
    };
    format!("there is no system `{name}`; there are: {}{built_in}", names.join(", "))
}

/// Why a system refuses to run a scenario; if that is a bug which it lacks, also where bugs are listed.
pub(crate) fn told(Unsupported(why): Unsupported, leg: &Leg<'_>, program: &str) -> String {
    let bug = leg.plan(leg.seeds.first()).system.bug;
    match bug.is_some_and(|bug| why.contains(&format!("`{bug}`"))) {
        true => format!("{why}; see `{program} list bugs`"),
        false => why,
    }
}

/// Says what is wrong with what scenarios ask of their own systems.
///
/// # Errors
///
/// How the command ends if anything is.
pub(crate) fn must_fit(
    loaded: &[Loaded],
    overrides: &Overrides,
    program: &str,
    systems: &[Listed],
) -> Result<(), Exit> {
    let wrong: Vec<Trouble> =
        loaded.iter().flat_map(|one| misfits(one, overrides, program, systems)).collect();
    wrong.iter().for_each(say);
    if wrong.is_empty() { Ok(()) } else { Err(Exit::Usage) }
}

/// What is wrong with what a scenario asks of its own system, as far as it is run. Of a system that another build has
/// nothing is known here.
pub(crate) fn misfits(
    loaded: &Loaded,
    overrides: &Overrides,
    program: &str,
    systems: &[Listed],
) -> Vec<Trouble> {
    if overrides.system.is_some() {
        return Vec::new();
    }
    let scenario = &loaded.scenario;
    let system = &scenario.choices()[0];
    let elsewhere = OURS.iter().chain(&OPTIONAL).any(|name| *name == system.name);
    let mut wrong = match find_system(&system.name, systems) {
        Some(runner) => fit::misfits(scenario, runner),
        None if elsewhere => Vec::new(),
        None => vec![(Part::System, no_such_system(&system.name, systems))],
    };
    wrong.retain(|(part, _)| *part != Part::Bug || overrides.bug.is_none());
    let shown =
        |(part, why): (Part, String)| scenario.wrong(&part, &why, help(&part, system, program, systems));
    let mut wrong: Vec<Diagnostic> = wrong.into_iter().map(shown).collect();
    wrong.sort_by_key(|wrong| (wrong.line, wrong.column));
    wrong.iter().map(|wrong| Trouble::of_text(&loaded.file, wrong)).collect()
}

/// What may have been meant by a part that is refused.
fn help(part: &Part, asked: &SystemChoice, program: &str, systems: &[Listed]) -> Option<String> {
    let near = match part {
        Part::System => nearest(&asked.name, systems.iter().map(|system| system.name)),
        Part::Option(_) => None,
        Part::Bug => nearest(asked.bug.as_deref()?, planted_in(systems).iter().map(|bug| bug.name)),
    };
    let list = (*part == Part::Bug).then(|| format!("see `{program} list bugs`"));
    match (near, list) {
        (Some(near), Some(list)) => Some(format!("did you mean `{near}`? {list}")),
        (Some(near), None) => Some(format!("did you mean `{near}`?")),
        (None, list) => list,
    }
}
