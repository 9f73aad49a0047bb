//! `replay`: the run of a capsule once more, and whether it is that run.

use crate::args::{Common, Replay};
use crate::choices::Format;
use crate::debug::{Script, Session, is_wanted};
use crate::exit::Exit;
use crate::load::{Loaded, load_file};
use crate::one;
use crate::output::{Output, spare_inputs};
use crate::printer::shown;
use crate::say;
use crate::systems::told;
use std::path::Path;
use std::slice;
use whitewater_campaign::debug::Debugger;
use whitewater_campaign::ladder::{Ladder, decode};
use whitewater_campaign::leg::{Leg, Overrides};
use whitewater_campaign::replay::{Replay as Replayed, replay as run_again};
use whitewater_campaign::shrink::{Case, needs as prove};
use whitewater_campaign::summary::Summary;
use whitewater_campaign::why::Story;
use whitewater_report::entry::{Talk, entry};
use whitewater_report::line::Columns;
use whitewater_report::replayed::Replayed as Report;
use whitewater_report::shrunk::needs;
use whitewater_report::subject::{Asked, Subject};
use whitewater_sim::scenario::Seeds;
use whitewater_sim::scenario::found::Found;
use whitewater_sim::verdict::Verdict;
use whitewater_systems::Listed;

/// A scenario that says what a run of it found.
pub(crate) struct Capsule {
    pub(crate) loaded: Loaded,
    pub(crate) found: Found,
    pub(crate) ladder: Option<Ladder>,
    pub(crate) seed: u64,
}

impl Capsule {
    /// What is to run.
    pub(crate) fn leg<'a>(
        &'a self,
        overrides: &'a Overrides,
        program: &str,
        systems: &[Listed],
    ) -> Result<Leg<'a>, Exit> {
        one::leg(&self.loaded, self.seed, overrides, program, systems)
    }

    /// The same for a report.
    pub(crate) fn subject(&self, program: &str) -> Subject {
        one::subject(&self.loaded, self.seed, Asked { program: program.to_owned(), ..Asked::default() })
    }
}

/// Runs a capsule again.
pub(crate) fn replay(replay: &Replay, common: &Common, program: &str, systems: &[Listed]) -> Exit {
    match try_replay(replay, common, program, systems) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn try_replay(replay: &Replay, common: &Common, program: &str, systems: &[Listed]) -> Result<Exit, Exit> {
    let file = replay.results.output.as_deref();
    let debugs = is_wanted(replay);
    if debugs && replay.results.format != Format::Human {
        say("error: a debugger talks to people: its only format is human");
        return Err(Exit::Usage);
    }
    spare_inputs(file, slice::from_ref(&replay.capsule))?;
    let capsule = read(&replay.capsule, common, program)?;
    let overrides = Overrides::default();
    let leg = capsule.leg(&overrides, program, systems)?;
    let script = Script::of(replay, leg.plan(capsule.seed).nodes)?;
    let mut output = Output::open(file, common.color)?;
    let again = run_again(&leg, &capsule.found, capsule.ladder.as_ref());
    let mut again = again.map_err(|refusal| one::refuse(&capsule.loaded, &told(refusal, &leg, program)))?;
    again.story.needs = needed_in_words(&capsule, &leg);
    let exit = if again.is_same() { Exit::of_failure(capsule.found.property) } else { Exit::NotReproduced };
    if debugs {
        let debugger = Debugger::new((leg.runner)(), leg.plan(capsule.seed), again.ended_early);
        let debugger =
            debugger.map_err(|refusal| one::refuse(&capsule.loaded, &told(refusal, &leg, program)))?;
        output.page(&report(&capsule, &capsule.subject(program), &again).page());
        Session::new(debugger, &mut output, &replay.capsule).run(&script);
        return output.finish().map(|()| exit);
    }
    let mut summary = Summary::of_plan(leg.seeds, &leg.plan(capsule.seed));
    summary.add(again.verdict.clone());
    summary.stories.insert(again.verdict.seed, again.story.clone());
    let subject = capsule.subject(program);
    print(replay, common, output, report(&capsule, &subject, &again), &summary, exit)?;
    Ok(exit)
}

fn report<'a>(capsule: &'a Capsule, subject: &'a Subject, replay: &'a Replayed) -> Report<'a> {
    Report { subject, found: &capsule.found, replay, version: env!("CARGO_PKG_VERSION") }
}

/// Reads a capsule, or says why it is none.
fn read(file: &Path, common: &Common, program: &str) -> Result<Capsule, Exit> {
    capsule_of(load_file(file, &[])?, common.quiet, program)
}

/// The capsule that a file is, or why it is none.
pub(crate) fn capsule_of(loaded: Loaded, quiet: bool, program: &str) -> Result<Capsule, Exit> {
    let wrong = |what: &str| {
        say(format_args!("error: {}: {what}", loaded.file));
        Exit::Usage
    };
    let Some(found) = loaded.scenario.found().cloned() else {
        let file = &loaded.file;
        return Err(wrong(&format!(
            "it is no capsule: a capsule is a scenario that says in `found` what a run of it violated, at which \
             step and with which digest; a scenario is run by `{program} run {file}`"
        )));
    };
    let ladder = found.ladder.as_deref().map(decode);
    if ladder == Some(None) {
        return Err(wrong("what its `ladder` holds is no digest ladder"));
    }
    let (Seeds::Fixed(seed) | Seeds::Free(Some(seed))) = loaded.scenario.seeds() else {
        return Err(wrong("it does not say with which `seed` it was run"));
    };
    if !quiet {
        loaded.warnings().for_each(say);
    }
    Ok(Capsule { found, ladder: ladder.flatten(), seed, loaded })
}

/// The places in the timeline of the faults without which it does not happen, of a capsule that was made smaller.
pub(crate) fn needed(found: &Found, leg: &Leg<'_>) -> Option<Vec<usize>> {
    found.shrunk_from.as_ref()?;
    let plan = leg.plan(leg.seeds.first());
    Some(prove(&Case { plan, property: found.property, runner: leg.runner }))
}

/// The same in words.
pub(crate) fn needed_in_words(capsule: &Capsule, leg: &Leg<'_>) -> Option<Vec<String>> {
    needed(&capsule.found, leg).map(|places| needs(&leg.plan(capsule.seed), &places))
}

/// What the run of a capsule came to and why, if it still is the run that it was written of.
pub(crate) fn story_of(file: &Path, program: &str, systems: &[Listed]) -> Option<(Verdict, Story)> {
    let capsule = capsule_of(load_file(file, &[]).ok()?, true, program).ok()?;
    let overrides = Overrides::default();
    let leg = capsule.leg(&overrides, program, systems).ok()?;
    let again = run_again(&leg, &capsule.found, capsule.ladder.as_ref()).ok()?;
    again.is_same().then_some((again.verdict, again.story))
}

fn print(
    replay: &Replay,
    common: &Common,
    mut output: Output,
    report: Report<'_>,
    summary: &Summary,
    exit: Exit,
) -> Result<(), Exit> {
    let (subject, shown) = (report.subject, shown(replay.trace, common.verbose));
    match replay.results.format {
        Format::Human => {
            let talk = match (common.quiet, common.verbose) {
                (true, _) => Talk::Quiet,
                (false, true) => Talk::Verbose,
                (false, false) => Talk::Alone,
            };
            output.page(&entry(subject, summary, Columns::of([subject]), shown, talk));
            output.page(&report.page());
        }
        Format::Json => output.text(&report.document(summary, shown, exit.code())),
        Format::Ndjson => output.text(&report.line(summary, shown, exit.code())),
    }
    let taken = replay.results.format != Format::Human && output.is_standard();
    output.finish()?;
    common.github.tell(taken, &[(subject, summary)], &[])
}
