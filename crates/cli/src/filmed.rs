//! One run of a capsule or of a scenario, all of it on film, for those who show it.
//!
//! It knows which run is meant; how it is shown is not known here.

use crate::args::{Common, OneRun};
use crate::exit::Exit;
use crate::load::{Loaded, load};
use crate::one;
use crate::output::spare_inputs;
use crate::replay::needed;
use crate::run::settings_of;
use crate::say;
use crate::systems::told;
use std::slice;
use whitewater_campaign::film::{Film, film, film_until};
use whitewater_campaign::leg::Leg;
use whitewater_campaign::why::{Story, why};
use whitewater_check::property::Property;
use whitewater_report::html::Shown;
use whitewater_report::subject::{Asked, Subject};
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::found::Found;
use whitewater_sim::verdict::Verdict;
use whitewater_systems::Listed;

/// How many steps after a violation are shown.
const MOST_AFTERMATH: u32 = 60;

/// How much virtual time they get, in nanoseconds, in a run that would end with the violation.
const LONGEST_AFTERMATH: u64 = 1_000_000_000;

/// A run, its verdict and its film.
pub(crate) struct Filmed {
    subject: Subject,
    verdict: Verdict,
    film: Film,
    /// The same and what came after the violation that ended the run, if one did.
    longer: Option<Film>,
    story: Story,
    needs: Vec<usize>,
    /// How the command ends when all goes well: a capsule may be of another run.
    pub(crate) exit: Exit,
}

impl Filmed {
    /// The run, to its end.
    pub(crate) fn shown(&self) -> Shown<'_> {
        let Self { subject, verdict, film, story, needs, .. } = self;
        Shown { subject, verdict, film, story, needs }
    }

    /// The run, and what came after the violation that ended it, if one did.
    pub(crate) fn shown_on(&self) -> Shown<'_> {
        Shown { film: self.longer.as_ref().unwrap_or(&self.film), ..self.shown() }
    }
}

/// Runs what was asked for, with a camera beside it.
///
/// # Errors
///
/// How the command ends when that is no scenario or cannot be run, which is then said.
pub(crate) fn filmed(
    asked: &OneRun,
    common: &Common,
    program: &str,
    systems: &[Listed],
) -> Result<Filmed, Exit> {
    spare_inputs(Some(&asked.output), slice::from_ref(&asked.which.file))?;
    let loaded = only(load(slice::from_ref(&asked.which.file), &settings_of(&asked.which.settings)?)?)?;
    if !common.quiet {
        loaded.warnings().for_each(say);
    }
    let found = loaded.scenario.found();
    if found.is_some() && asked.which.changes() {
        return Err(one::refuse(&loaded, "a capsule is one run, and nothing of it can be changed"));
    }
    let seed = one::seed(&loaded, asked.which.seed);
    let overrides = asked.which.overrides();
    let leg = one::leg(&loaded, seed, &overrides, program, systems)?;
    let (verdict, film) = run(&leg, found).map_err(|why| one::refuse(&loaded, &told(why, &leg, program)))?;
    let same = found.is_none_or(|found| found.digest == verdict.digest);
    if !same {
        say(format_args!("warning: this is not the run that {} was written of", loaded.file));
    }
    let asked = Asked {
        program: program.to_owned(),
        overrides: overrides.clone(),
        settings: asked.which.settings.clone(),
        ..Asked::default()
    };
    let story = why(&film, &verdict);
    let needs = found.filter(|_| same).and_then(|found| needed(found, &leg)).unwrap_or_default();
    let longer = aftermath(&leg, &verdict, &film);
    let exit = if same { Exit::Held } else { Exit::NotReproduced };
    Ok(Filmed { subject: one::subject(&loaded, seed, asked), verdict, film, longer, story, needs, exit })
}

/// The run itself. A capsule does not say whether early findings ended its run; if one may have, that is tried, too.
fn run(
    leg: &Leg<'_>,
    found: Option<&Found>,
) -> Result<(Verdict, Film), whitewater_sim::replica::Unsupported> {
    let shoot = |stop_early| {
        let settings = Settings { history: true, stop_early, ..Settings::default() };
        film((leg.runner)().as_mut(), leg.plan(leg.seeds.first()), &settings)
    };
    let whole = shoot(false)?;
    match found {
        Some(found) if found.digest != whole.0.digest => {
            let ended = shoot(true)?;
            Ok(if ended.0.digest == found.digest { ended } else { whole })
        }
        Some(_) | None => Ok(whole),
    }
}

/// The same run and some steps more, when a violated outcome has ended it: what followed from it is worth a look,
/// too. What is found there is of no account; a run that was cut short to end there goes on for longer. Should
/// what was filmed before come out differently, there is none.
fn aftermath(leg: &Leg<'_>, verdict: &Verdict, film: &Film) -> Option<Film> {
    let violation = verdict.violation.as_ref()?;
    if matches!(violation.property, Property::Panicked | Property::Progress) {
        return None;
    }
    let settings = Settings { goes_on: true, ..Settings::default() };
    let last = verdict.steps.saturating_add(MOST_AFTERMATH);
    let mut plan = leg.plan(leg.seeds.first());
    if !plan.settles {
        plan.run_for = plan.run_for.saturating_add(LONGEST_AFTERMATH);
    }
    let (_, longer) = film_until((leg.runner)().as_mut(), plan, &settings, last).ok()?;
    longer.tape().records().starts_with(film.tape().records()).then_some(longer)
}

fn only(mut loaded: Vec<Loaded>) -> Result<Loaded, Exit> {
    match (loaded.pop(), loaded.is_empty()) {
        (Some(only), true) => Ok(only),
        (first, _) => {
            let count = loaded.len() + usize::from(first.is_some());
            say(format_args!("error: one run is shown, and here are {count} scenarios: name one"));
            Err(Exit::Usage)
        }
    }
}
