//! `fuzz`: many seeds of scenarios, with a capsule of each kind of failure.

use crate::args::{Common, Fuzz, Run};
use crate::choices::{Journal as Wanted, Stop};
use crate::earlier;
use crate::exit::Exit;
use crate::folder::{Desk, Folder, schema_from};
use crate::hunt::hunt;
use crate::journal::{Journal, leftovers};
use crate::load::Loaded;
use crate::output::{Output, verdict_on};
use crate::pace::Pace;
use crate::replay::story_of;
use crate::run::{Row, help_on_bug, prepare, refusal_by_name, threads};
use crate::say;
use crate::shrink::shrink_all;
use crate::told::{Live, Told};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};
use whitewater_campaign::capsule::{facts, written_out};
use whitewater_campaign::fuzz::{Fuzz as Hunt, How, Job, Post, Results};
use whitewater_campaign::group::Group;
use whitewater_campaign::leg::Overrides;
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::shard::Shard;
use whitewater_campaign::summary::Summary;
use whitewater_report::caught::{Earlier, Fate, Hung};
use whitewater_report::json::Env;
use whitewater_report::record::{Record, Shards};
use whitewater_report::subject::{Asked, quoted};
use whitewater_report::totals::Tally;
use whitewater_report::words::counted;
use whitewater_sim::run::Settings;
use whitewater_sim::trace::Keep;
use whitewater_systems::Listed;

/// After how many events a run of a campaign ends for lack of an end: many times what the longest needs.
const BUDGET: u64 = 50_000_000;

/// How many seeds a scenario is run with when nobody says.
const SEEDS: u64 = 1_000;

/// Runs a campaign.
pub(crate) fn fuzz(
    fuzz: &Fuzz,
    common: &Common,
    program: &str,
    systems: &[Listed],
    stop: &AtomicBool,
) -> Exit {
    let began = Instant::now();
    let run = as_run(fuzz);
    let loaded = match prepare(&run, common, program, systems).and_then(told_apart) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let asked = asked(fuzz, program);
    let mut rows: Vec<Row<'_>> =
        loaded.iter().map(|one| Row::new(one, &run, &asked, &asked.overrides, systems)).collect();
    let refusal = refusal_by_name(&loaded, &rows);
    help_on_bug(&run, &rows, systems);
    if let Some(exit) = refusal {
        return exit;
    }
    let mut output = match Output::open(fuzz.results.output.as_deref(), common.color) {
        Ok(output) => output,
        Err(exit) => return exit,
    };
    let mut place = Place::open(fuzz, program, threads(&run));
    let how = how(fuzz, threads(&run));
    announce(&rows, how.shard, fuzz.limit, common);
    let earlier = place.folder.as_ref();
    let earlier = earlier.map_or(Vec::new(), |folder| earlier::run_again(folder, &rows, systems, how, stop));
    place.known = still_failing(&earlier);
    let mut live = Live::begin(&rows, fuzz.results.format, &mut output);
    let (results, hung) = go(&rows, how, fuzz, common, stop, &mut place, &mut live);
    let Results { summaries, mut groups, taken, trouble } = results;
    if !fuzz.no_shrink {
        place.note(shrink_all(&mut groups, program, systems, how.threads, stop));
    }
    tell_why(&mut groups, program, systems, stop);
    let summaries = filled(&mut rows, summaries, &taken, fuzz.limit.is_some());
    place.note(trouble);
    let subjects = rows.into_iter().map(|row| row.subject).collect();
    let (shards, named, timed) = (Shards::one(how.shard), how.named, fuzz.limit.is_some());
    let record = Record { subjects, summaries, groups, earlier, hung, shards, named, timed };
    let exit = exit(&record, stop.load(Ordering::Relaxed));
    let env = env(how.threads, began);
    let told = Told { record: &record, common, format: fuzz.results.format, exit, env };
    let reported = place.report(|folder| told.report(folder));
    told.print(output).err().or(reported).unwrap_or(exit)
}

/// Finds out of every kind of failure why its capsule fails.
fn tell_why(groups: &mut [Group], program: &str, systems: &[Listed], stop: &AtomicBool) {
    for group in groups {
        let capsule = group.capsule.as_ref().filter(|_| !stop.load(Ordering::Relaxed));
        let told = capsule.and_then(|capsule| story_of(capsule.as_ref(), program, systems));
        let Some((verdict, story)) = told else { continue };
        // What contradicts what is to be that which the story explains.
        let finding = verdict.found_of(group.property);
        group.facts = finding.map_or_else(Vec::new, facts);
        group.story = story;
    }
}

/// What a campaign has in common with a run.
fn as_run(fuzz: &Fuzz) -> Run {
    let last = if fuzz.limit.is_some() { u64::MAX } else { SEEDS };
    Run {
        scenarios: fuzz.scenarios.clone(),
        seed: None,
        seeds: fuzz.seeds.or(SeedRange::new(1, last)),
        settings: fuzz.settings.clone(),
        system: fuzz.system.clone(),
        bug: fuzz.bug.clone(),
        trace: None,
        events: None,
        history: None,
        judge: false,
        twice: false,
        stop: fuzz.stop,
        threads: fuzz.threads,
        results: fuzz.results.clone(),
    }
}

fn asked(fuzz: &Fuzz, program: &str) -> Asked {
    Asked {
        program: program.to_owned(),
        overrides: Overrides { system: fuzz.system.clone(), bug: fuzz.bug.clone() },
        settings: fuzz.settings.clone(),
        stop_early: fuzz.stop == Stop::Early,
        judge: false,
    }
}

fn how(fuzz: &Fuzz, threads: usize) -> How {
    let stop_early = fuzz.stop == Stop::Early;
    let settings = Settings { keep: Keep::Nothing, stop_early, max_events: BUDGET, ..Settings::default() };
    How { settings, threads, shard: fuzz.shard.unwrap_or(Shard::WHOLE), named: fuzz.keep_going }
}

/// What depends on the machine and the moment.
pub(crate) fn env(threads: usize, began: Instant) -> Env {
    let elapsed_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Env { version: env!("CARGO_PKG_VERSION"), threads, elapsed_ms }
}

/// Capsules are found by the names that scenarios give themselves, so no two may have the same.
fn told_apart(loaded: Vec<Loaded>) -> Result<Vec<Loaded>, Exit> {
    let same = |(place, one): (usize, &Loaded)| {
        let other = loaded[..place].iter().find(|other| other.scenario.name() == one.scenario.name())?;
        Some(format!("error: {} and {} are both called `{}`", other.file, one.file, one.scenario.name()))
    };
    match loaded.iter().enumerate().find_map(same) {
        None => Ok(loaded),
        Some(error) => {
            say(error);
            say("help: capsules are told apart by the names that scenarios give themselves");
            Err(Exit::Usage)
        }
    }
}

/// Says what will be run.
fn announce(rows: &[Row<'_>], shard: Shard, limit: Option<Duration>, common: &Common) {
    if common.quiet {
        return;
    }
    let runnable = || rows.iter().filter(|row| row.leg.is_ok()).map(|row| row.subject.seeds);
    let Some(most) = runnable().max_by_key(|seeds| seeds.count()) else { return };
    let total: u128 = runnable().map(|seeds| shard.count(seeds)).sum();
    let whose = if shard == Shard::WHOLE { String::new() } else { format!(", shard {shard}") };
    let (runs, scenarios) = (counted(total, "run"), counted(runnable().count() as u64, "scenario"));
    match limit {
        None => say(format_args!("{most}{whose}, {runs} of {scenarios}")),
        Some(limit) => {
            let (first, seconds) = (most.first(), limit.as_secs());
            say(format_args!("seeds from {first} on{whose}, {scenarios}, for {seconds} s"));
        }
    }
}

/// The capsules of earlier campaigns that fail as ever.
fn still_failing(earlier: &[Earlier]) -> BTreeSet<String> {
    let failing = earlier.iter().filter(|one| one.fate == Fate::Fails);
    failing.map(|one| one.capsule.clone()).collect()
}

/// The folder of a campaign, and what went wrong with it first.
struct Place {
    folder: Option<Folder>,
    journal: Option<Journal>,
    trouble: Option<Exit>,
    name: String,
    /// The capsules in it that fail as ever, by the names of their files.
    known: BTreeSet<String>,
}

impl Place {
    /// Opens the folder and tells what dead campaigns left in it. A campaign without a folder still has results.
    fn open(fuzz: &Fuzz, program: &str, threads: usize) -> Self {
        let root = &fuzz.folder.report_dir;
        let name = root.display().to_string();
        let mut place = Self { folder: None, journal: None, trouble: None, name, known: BTreeSet::new() };
        match Folder::open(root) {
            Ok(folder) => {
                for left in leftovers(&folder.journal()) {
                    say(format_args!(
                        "note: an earlier campaign was killed, or died, on seed {} of {}: {program} run {} --seed {}",
                        left.seed,
                        left.scenario,
                        quoted(&left.scenario),
                        left.seed
                    ));
                }
                if fuzz.journal == Wanted::On {
                    let journal = Journal::open(&folder.journal(), threads);
                    place.journal = journal.map_err(|error| place.note(Some(error.to_string()))).ok();
                }
                place.folder = Some(folder);
            }
            Err(error) => place.note(Some(error.to_string())),
        }
        place
    }

    /// Tells of the first thing that went wrong.
    fn note(&mut self, trouble: Option<String>) {
        if let (None, Some(trouble)) = (self.trouble, trouble) {
            self.trouble = Some(verdict_on(&self.name, &std::io::Error::other(trouble)));
        }
    }

    /// Writes a report, unless something is wrong with the folder. How the command then ends.
    fn report(&mut self, write: impl FnOnce(&Folder) -> std::io::Result<()>) -> Option<Exit> {
        if let (None, Some(folder)) = (self.trouble, &self.folder) {
            let written = write(folder);
            self.note(written.err().map(|error| error.to_string()));
        }
        self.trouble
    }
}

/// Runs all rows that can be run.
fn go(
    rows: &[Row<'_>],
    how: How,
    fuzz: &Fuzz,
    common: &Common,
    stop: &AtomicBool,
    place: &mut Place,
    live: &mut Live<'_>,
) -> (Results, Vec<Hung>) {
    let failures = fuzz.folder.report_dir.join("failures");
    let job = |row: &Row<'_>| {
        let leg = row.leg.as_ref().ok()?;
        let subject = &row.subject;
        let schema = subject.scenario.schema();
        Some(Job {
            scenario: subject.scenario.clone(),
            file: subject.file.clone(),
            seeds: leg.seeds,
            overrides: leg.overrides.clone(),
            runner: leg.runner,
            schema: schema.and_then(|schema| schema_from(&failures, subject.file.as_ref(), schema)),
        })
    };
    let jobs: Vec<Job> = rows.iter().filter_map(job).collect();
    let total = jobs.iter().map(|job| how.shard.count(job.seeds)).sum();
    let (sender, failures) = channel();
    let (folder, journal) = (place.folder.clone(), place.journal.take());
    let desk = Desk { folder, journal, known: place.known.clone(), failures: sender };
    let deadline = fuzz.limit.map(|limit| Instant::now() + limit);
    let pace = Pace::new(total, fuzz.limit, common);
    let fuzz = Hunt::start(jobs.clone(), how, Arc::new(desk));
    let mut meanwhile = || failures.try_iter().for_each(|failure| live.failed(&failure));
    let (results, hung) = hunt(fuzz, stop, deadline, pace, &mut meanwhile);
    let hung = hung.iter().map(|post| write_down(&jobs[post.job], post, place)).collect();
    (results, hung)
}

/// Writes down the scenario of a run that does not get on. What it finds nobody knows, so it is no capsule.
fn write_down(job: &Job, post: &Post, place: &mut Place) -> Hung {
    let text = written_out(&job.leg(), post.seed, job.schema.as_deref());
    let name = format!("hung-{}-{}.json", job.scenario.name().replace('/', "-"), post.seed);
    let kept = place.folder.as_ref().map(|folder| folder.keep(&name, &text));
    let file = kept.and_then(|kept| kept.map_err(|error| place.note(Some(error.to_string()))).ok());
    Hung { scenario: job.file.clone(), seed: post.seed, file }
}

/// A summary for each row, those that could not be run included. Of a campaign that was to last so long the
/// seeds are those that it came to.
fn filled(
    rows: &mut [Row<'_>],
    summaries: Vec<Summary>,
    taken: &[Option<SeedRange>],
    timed: bool,
) -> Vec<Summary> {
    let mut run = summaries.into_iter().zip(taken);
    let mut summary = |row: &mut Row<'_>| match &row.leg {
        Err(why) => row.refused(why),
        Ok(_) => {
            let (mut summary, taken) = run.next().expect("every leg has a summary");
            if let (true, Some(seeds)) = (timed, taken) {
                row.subject.seeds = *seeds;
                summary.wanted = u128::from(summary.totals.runs);
            }
            summary
        }
    };
    rows.iter_mut().map(&mut summary).collect()
}

/// How a campaign ends that came to this.
pub(crate) fn exit(record: &Record, interrupted: bool) -> Exit {
    let exit = Exit::of(&Tally::of(&record.summaries), interrupted);
    let milder = matches!(exit, Exit::Held | Exit::Unmet | Exit::NothingRan);
    let hung = record.hung.iter().map(|_| Exit::Violated);
    let known = hung.chain(record.still_violated().map(Exit::of_failure)).min_by_key(|exit| exit.code());
    known.filter(|_| milder).unwrap_or(exit)
}
