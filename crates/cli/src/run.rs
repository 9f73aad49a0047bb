//! `run`: scenarios on a system, each with its verdict.

use crate::args::{Common, Run};
use crate::choices::{Stop, Trace};
use crate::exit::Exit;
use crate::exports::Exports;
use crate::load::{Loaded, load};
use crate::output::{Output, spare_inputs};
use crate::printer::Printer;
use crate::progress::Progress;
use crate::say;
use crate::systems::{find_system, must_fit, no_such_system, told};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use whitewater_campaign::leg::{Leg, Overrides};
use whitewater_campaign::run::{How, News};
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::summary::Summary;
use whitewater_report::json::{End, Env};
use whitewater_report::subject::{Asked, Subject};
use whitewater_report::totals::Tally;
use whitewater_report::words::grouped;
use whitewater_sim::predicate::nearest;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::Seeds;
use whitewater_sim::scenario::set::Setting;
use whitewater_sim::trace::Keep;
use whitewater_systems::Listed;
use whitewater_systems::bugs::{find as find_bug, planted_in};

/// The seed of a scenario that names none, when nobody asks for one.
const DEFAULT_SEED: u64 = 1;

/// Runs what was asked for.
pub(crate) fn run(run: &Run, common: &Common, program: &str, systems: &[Listed], stop: &AtomicBool) -> Exit {
    let began = Instant::now();
    let loaded = match prepare(run, common, program, systems) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let overrides = overrides(run);
    let asked = Asked {
        program: program.to_owned(),
        overrides: overrides.clone(),
        settings: run.settings.clone(),
        stop_early: run.stop == Stop::Early,
        judge: run.judge,
    };
    let rows: Vec<Row<'_>> =
        loaded.iter().map(|one| Row::new(one, run, &asked, &overrides, systems)).collect();
    let refusal = refusal_by_name(&loaded, &rows);
    help_on_bug(run, &rows, systems);
    if let Some(exit) = refusal {
        return exit;
    }
    let exports = match Exports::open(run, &rows) {
        Ok(exports) => exports,
        Err(exit) => return exit,
    };
    let output = match Output::open(run.results.output.as_deref(), common.color) {
        Ok(output) => output,
        Err(exit) => return exit,
    };
    let mut printer = Printer::new(&rows, run, common, output);
    let how = How { settings: settings(run), twice: run.twice, threads: threads(run) };
    if !common.quiet {
        note_on_traces(run, &rows);
    }
    let summaries = race(&rows, &how, common, stop, &mut printer);
    let closed = printer.is_closed();
    let exit = Exit::of(&Tally::of(&summaries), stop.load(Ordering::Relaxed) && !closed);
    let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let env = Env { version: env!("CARGO_PKG_VERSION"), threads: how.threads, elapsed_ms };
    let end = End::new(&summaries, run.twice, exit.code(), env);
    let exported = exports.write(&rows, &summaries);
    printer.finish(&summaries, end).and(exported).err().unwrap_or(exit)
}

/// The scenarios, if there are any and nothing is wrong with what was asked for.
pub(crate) fn prepare(
    run: &Run,
    common: &Common,
    program: &str,
    systems: &[Listed],
) -> Result<Vec<Loaded>, Exit> {
    if let Some(name) = &run.system
        && find_system(name, systems).is_none()
    {
        say(format_args!("error: {}", no_such_system(name, systems)));
        return Err(Exit::Usage);
    }
    spare_inputs(run.results.output.as_deref(), &run.scenarios)?;
    let mut loaded = load(&run.scenarios, &settings_of(&run.settings)?)?;
    must_fit(&loaded, &overrides(run), program, systems)?;
    loaded.iter_mut().for_each(Loaded::expect_what_was_found);
    if !common.quiet {
        loaded.iter().flat_map(Loaded::warnings).for_each(say);
    }
    Ok(loaded)
}

/// What is changed about every scenario.
fn overrides(run: &Run) -> Overrides {
    Overrides { system: run.system.clone(), bug: run.bug.clone() }
}

/// What is put into every scenario. Whatever is no setting is told of.
pub(crate) fn settings_of(asked: &[String]) -> Result<Vec<Setting>, Exit> {
    let (good, wrong): (Vec<_>, Vec<_>) =
        asked.iter().map(|argument| Setting::parse(argument)).partition(Result::is_ok);
    wrong.iter().filter_map(|setting| setting.as_ref().err()).for_each(say);
    if wrong.is_empty() { Ok(good.into_iter().flatten().collect()) } else { Err(Exit::Usage) }
}

/// A scenario that was asked for.
pub(crate) struct Row<'a> {
    /// The scenario as it was asked for.
    pub(crate) subject: Subject,
    /// What is run, or why it cannot be.
    pub(crate) leg: Result<Leg<'a>, String>,
}

impl<'a> Row<'a> {
    /// The scenario as `run` asks for it, to be run on one of these systems.
    pub(crate) fn new(
        loaded: &'a Loaded,
        run: &Run,
        asked: &Asked,
        overrides: &'a Overrides,
        systems: &[Listed],
    ) -> Self {
        let scenario = &loaded.scenario;
        let (seeds, fixed) = seeds(scenario.seeds(), run);
        let subject = Subject {
            name: loaded.name.clone(),
            file: loaded.file.clone(),
            scenario: scenario.clone(),
            seeds,
            fixed,
            asked: asked.clone(),
        };
        let named = || scenario.plan(seeds.first()).system.name;
        let system = overrides.system.clone().unwrap_or_else(named);
        let leg = match find_system(&system, systems) {
            None => Err(no_such_system(&system, systems)),
            Some(runner) => {
                let leg = Leg { scenario, seeds, overrides, runner };
                leg.refusal().map_or(Ok(leg), |refusal| Err(told(refusal, &leg, &asked.program)))
            }
        };
        Self { subject, leg }
    }

    /// The summary of a scenario that cannot be run.
    pub(crate) fn refused(&self, why: &str) -> Summary {
        let mut summary = Summary::new(self.subject.seeds);
        summary.refuse(why.to_owned());
        summary
    }
}

/// The seeds to run with, and whether that is the scenario's own in place of others that were asked for.
fn seeds(own: Seeds, run: &Run) -> (SeedRange, bool) {
    let asked = run.seed.map(SeedRange::one).or(run.seeds);
    match own {
        Seeds::Fixed(seed) => {
            (SeedRange::one(seed), asked.is_some_and(|asked| asked != SeedRange::one(seed)))
        }
        Seeds::Free(seed) => (asked.unwrap_or(SeedRange::one(seed.unwrap_or(DEFAULT_SEED))), false),
    }
}

/// A scenario that was asked for by name and cannot be run is a mistake of the one who asked.
pub(crate) fn refusal_by_name(loaded: &[Loaded], rows: &[Row<'_>]) -> Option<Exit> {
    let mut refused = false;
    for (loaded, row) in loaded.iter().zip(rows).filter(|(loaded, _)| loaded.by_name) {
        if let Err(why) = &row.leg {
            say(format_args!("error: {}: {why}", loaded.file));
            refused = true;
        }
    }
    refused.then_some(Exit::Usage)
}

/// Names the bugs that there are when the one that was asked for is none of them and nobody knows it.
pub(crate) fn help_on_bug(run: &Run, rows: &[Row<'_>], systems: &[Listed]) {
    let Some(bug) = run.bug.as_deref().filter(|bug| find_bug(bug).is_none()) else { return };
    if rows.iter().any(|row| row.leg.as_ref().is_err_and(|why| why.contains(bug))) {
        let names: Vec<&str> = planted_in(systems).iter().map(|bug| bug.name).collect();
        if names.is_empty() {
            return;
        }
        let near = nearest(bug, names.iter().copied());
        let near = near.map_or(String::new(), |name| format!("did you mean `{name}`? "));
        say(format_args!("help: {near}there are: {}", names.join(", ")));
    }
}

fn settings(run: &Run) -> Settings {
    let keep = match run.trace {
        _ if run.events.is_some() => Keep::All,
        None => Keep::Last,
        Some(Trace::None) => Keep::Nothing,
        Some(Trace::Short | Trace::Full) => Keep::All,
    };
    let (stop_early, history) = (run.stop == Stop::Early, run.history.is_some());
    Settings { keep, stop_early, history, judge: run.judge, ..Settings::default() }
}

/// Who asks for traces and gets none is told why.
fn note_on_traces(run: &Run, rows: &[Row<'_>]) {
    let asked = matches!(run.trace, Some(Trace::Short | Trace::Full));
    if asked && rows.iter().any(|row| row.subject.seeds.count() > 1) {
        say("note: a trace is of a single run; of many seeds only the failures that are shown have one");
    }
}

/// How many threads run.
pub(crate) fn threads(run: &Run) -> usize {
    let cores = || std::thread::available_parallelism().ok();
    run.threads.or_else(cores).map_or(1, NonZeroUsize::get)
}

/// Runs all rows that can be run, and prints each as soon as it and all before it are through.
fn race(
    rows: &[Row<'_>],
    how: &How,
    common: &Common,
    stop: &AtomicBool,
    printer: &mut Printer<'_>,
) -> Vec<Summary> {
    let legs: Vec<Leg<'_>> = rows.iter().filter_map(|row| row.leg.as_ref().ok().copied()).collect();
    let total: u128 = legs.iter().map(|leg| leg.seeds.count()).sum();
    if let Some(leg) = legs.iter().find(|leg| leg.seeds.count() > 1)
        && !common.quiet
    {
        say(format_args!("{}, {} runs", leg.seeds, grouped(total)));
    }
    let mut progress = Progress::new(total, common);
    let run = whitewater_campaign::run::run(&legs, how, stop, &mut |news| match news {
        News::Run { done, total, failed } => progress.update(done, total, failed),
        News::Leg(_, summary) => {
            progress.aside(|| printer.leg(summary));
            if printer.is_closed() {
                stop.store(true, Ordering::Relaxed);
            }
        }
    });
    drop(progress);
    let mut run = run.into_iter();
    let summary = |row: &Row<'_>| match &row.leg {
        Ok(_) => run.next().expect("every leg has a summary"),
        Err(why) => row.refused(why),
    };
    rows.iter().map(summary).collect()
}
