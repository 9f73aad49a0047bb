//! `why`: the steps that led to the violation of a capsule, or of a run of a scenario.

use crate::args::{Common, Why};
use crate::choices::Format;
use crate::exit::Exit;
use crate::load::{Loaded, load_file};
use crate::one;
use crate::output::{Output, spare_inputs};
use crate::replay::{capsule_of, needed_in_words};
use crate::run::settings_of;
use crate::say;
use crate::systems::told;
use std::slice;
use whitewater_campaign::leg::Overrides;
use whitewater_campaign::replay::replay as run_again;
use whitewater_campaign::why::{Story, filmed};
use whitewater_report::page::Page;
use whitewater_report::replayed::Replayed;
use whitewater_report::subject::{Asked, Subject};
use whitewater_report::why::Why as Report;
use whitewater_sim::run::Settings;
use whitewater_sim::verdict::{Outcome, Verdict};
use whitewater_systems::Listed;

/// A run that was looked into.
struct Seen {
    subject: Subject,
    verdict: Verdict,
    story: Story,
    /// What is to be said before all else: that it is not the run of the capsule.
    first: Page,
    exit: Exit,
}

/// Tells why a run fails.
pub(crate) fn why(why: &Why, common: &Common, program: &str, systems: &[Listed]) -> Exit {
    try_why(why, common, program, systems).unwrap_or_else(|exit| exit)
}

fn try_why(why: &Why, common: &Common, program: &str, systems: &[Listed]) -> Result<Exit, Exit> {
    let file = why.results.output.as_deref();
    spare_inputs(file, slice::from_ref(&why.which.file))?;
    let loaded = load_file(&why.which.file, &settings_of(&why.which.settings)?)?;
    let seen = match loaded.scenario.found() {
        Some(_) => of_capsule(why, loaded, common, program, systems)?,
        None => of_scenario(why, loaded, common, program, systems)?,
    };
    let mut output = Output::open(file, common.color)?;
    let report = Report { subject: &seen.subject, verdict: &seen.verdict, story: &seen.story };
    match why.results.format {
        Format::Human => {
            output.page(&seen.first);
            output.page(&report.page());
        }
        Format::Json => output.text(&report.document(seen.exit.code())),
        Format::Ndjson => output.text(&report.line(seen.exit.code())),
    }
    output.finish()?;
    Ok(seen.exit)
}

/// The run of a capsule, which is held against what the capsule says.
fn of_capsule(
    why: &Why,
    loaded: Loaded,
    common: &Common,
    program: &str,
    systems: &[Listed],
) -> Result<Seen, Exit> {
    if why.which.changes() {
        say(format_args!("error: {}: a capsule has a seed, a system and a bug of its own", loaded.file));
        return Err(Exit::Usage);
    }
    let capsule = capsule_of(loaded, common.quiet, program)?;
    let overrides = Overrides::default();
    let leg = capsule.leg(&overrides, program, systems)?;
    let again = run_again(&leg, &capsule.found, capsule.ladder.as_ref());
    let mut again = again.map_err(|refusal| one::refuse(&capsule.loaded, &told(refusal, &leg, program)))?;
    again.story.needs = needed_in_words(&capsule, &leg);
    let subject = capsule.subject(program);
    let version = env!("CARGO_PKG_VERSION");
    let report = Replayed { subject: &subject, found: &capsule.found, replay: &again, version };
    let (first, exit) = match again.is_same() {
        true => (Page::new(), Exit::of_failure(capsule.found.property)),
        false => (report.page(), Exit::NotReproduced),
    };
    Ok(Seen { verdict: again.verdict, story: again.story, first, exit, subject })
}

/// A run of a scenario.
fn of_scenario(
    why: &Why,
    loaded: Loaded,
    common: &Common,
    program: &str,
    systems: &[Listed],
) -> Result<Seen, Exit> {
    if !common.quiet {
        loaded.warnings().for_each(say);
    }
    let seed = one::seed(&loaded, why.which.seed);
    let overrides = why.which.overrides();
    let leg = one::leg(&loaded, seed, &overrides, program, systems)?;
    let (verdict, story) = filmed(&leg, seed, &Settings::default())
        .map_err(|refusal| one::refuse(&loaded, &told(refusal, &leg, program)))?;
    let exit = match verdict.outcome() {
        Outcome::Held => Exit::Held,
        Outcome::Unmet => Exit::Unmet,
        Outcome::Violated => Exit::Violated,
    };
    let (program, settings) = (program.to_owned(), why.which.settings.clone());
    let asked = Asked { program, overrides: overrides.clone(), settings, ..Asked::default() };
    let subject = one::subject(&loaded, seed, asked);
    Ok(Seen { subject, verdict, story, first: Page::new(), exit })
}
