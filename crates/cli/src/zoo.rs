//! `zoo`: every planted bug is hunted for, and the correct node in the same places.
//!
//! The proof that the campaigns find what they are for, and of how few steps tell of it. It judges nothing itself: what
//! counts as caught stands with each bug.

use crate::args::{CAMPAIGNS, Common, Zoo};
use crate::choices::Format;
use crate::exit::Exit;
use crate::load::load;
use crate::output::{Output, verdict_on};
use crate::progress::Progress;
use crate::say;
use crate::shrink::BUDGET;
use crate::whole::ready;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use whitewater_campaign::leg::{Leg, MakeRunner, Overrides};
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::shrink::How;
use whitewater_campaign::smallest::{Smallest, smallest};
use whitewater_campaign::zoo::{Bag, Hunting, Quarry, SIZES, hunt};
use whitewater_check::property::Property;
use whitewater_report::zoo::{Hunted, document, json_lines, markdown, table};
use whitewater_sim::scenario::Scenario;
use whitewater_systems::Listed;
use whitewater_systems::bugs::{BUGS, Bug, Hunt, SYSTEM, find};

/// Hunts for what was asked for.
pub(crate) fn zoo(zoo: &Zoo, common: &Common, systems: &[Listed], stop: &AtomicBool) -> Exit {
    let ground = match Ground::prepare(zoo, systems) {
        Ok(ground) => ground,
        Err(exit) => return exit,
    };
    let mut output = match Output::open(zoo.results.output.as_deref(), common.color) {
        Ok(output) => output,
        Err(exit) => return exit,
    };
    if let Some(dir) = zoo.report_dir.as_deref()
        && let Err(error) = ready(dir)
    {
        return verdict_on(&dir.display().to_string(), &error);
    }
    let hunted = ground.hunt_all(zoo.bug.as_deref(), common, stop);
    let (command, size) = (command(zoo), (zoo.campaigns, zoo.seeds));
    let json = || document(&hunted, &command, size, ground.how.threads);
    match zoo.results.format {
        Format::Human => output.page(&table(&hunted)),
        Format::Json => output.text(&json()),
        Format::Ndjson => output.text(&json_lines(&hunted)),
    }
    let exit = match stop.load(Ordering::Relaxed) {
        true => Exit::Interrupted,
        false => verdict(&hunted),
    };
    let kept = zoo.report_dir.as_deref().filter(|_| exit != Exit::Interrupted).map_or(Ok(()), |dir| {
        keep(&dir.join("zoo.md"), &markdown(&hunted, &command, size), common)
            .and_then(|()| keep(&dir.join("zoo.json"), &json(), common))
    });
    output.finish().and(kept).err().unwrap_or(exit)
}

/// Writes a report, whole or not at all.
fn keep(file: &Path, text: &str, common: &Common) -> Result<(), Exit> {
    let mut output = Output::open(Some(file), common.color)?;
    output.text(text);
    output.finish()
}

/// The correct node must not be caught, and every bug must.
fn verdict(hunted: &[Hunted]) -> Exit {
    let unwell = |correct: bool| hunted.iter().any(|one| one.bug.is_none() == correct && !one.is_well());
    if unwell(true) {
        Exit::Violated
    } else if unwell(false) {
        Exit::Unmet
    } else {
        Exit::Held
    }
}

/// The command that does the same again.
fn command(zoo: &Zoo) -> String {
    let bug = zoo.bug.as_ref().map_or(String::new(), |bug| format!(" --bug {bug}"));
    let dir = zoo.report_dir.as_ref().map_or(String::new(), |dir| format!(" --report-dir {}", dir.display()));
    let place = match zoo.scenarios == Path::new(CAMPAIGNS) {
        true => String::new(),
        false => format!(" --scenarios {}", zoo.scenarios.display()),
    };
    let as_found = if zoo.no_shrink { " --no-shrink" } else { "" };
    format!("whitewater zoo{bug}{place} --campaigns {} --seeds {}{as_found}{dir}", zoo.campaigns, zoo.seeds)
}

/// Where the hunt takes place.
struct Ground {
    /// The scenarios, in the order of [`Hunt::ALL`].
    scenarios: Vec<Scenario>,
    runner: MakeRunner,
    how: Hunting,
    /// Whether runs are made smaller.
    shrinks: bool,
}

impl Ground {
    fn prepare(zoo: &Zoo, systems: &[Listed]) -> Result<Self, Exit> {
        if let Some(bug) = zoo.bug.as_deref().filter(|bug| find(bug).is_none()) {
            say(format_args!("error: there is no bug `{bug}`; see `whitewater list bugs`"));
            return Err(Exit::Usage);
        }
        let Some(system) = systems.iter().find(|system| system.name == SYSTEM) else {
            say(format_args!("error: bugs are planted in the system `{SYSTEM}`, which is not here"));
            return Err(Exit::Usage);
        };
        let path = |hunt: Hunt| zoo.scenarios.join(hunt.name()).with_extension("json");
        let loaded = load(&Hunt::ALL.map(path), &[])?;
        let cores = || std::thread::available_parallelism().ok();
        let threads = zoo.threads.or_else(cores).map_or(1, NonZeroUsize::get);
        let how = Hunting { campaigns: zoo.campaigns, seeds: zoo.seeds, threads };
        let scenarios = loaded.into_iter().map(|loaded| loaded.scenario).collect();
        Ok(Self { scenarios, runner: system.runner, how, shrinks: !zoo.no_shrink })
    }

    /// Hunts for the bug of this name, or for all of them and for none.
    fn hunt_all(&self, name: Option<&str>, common: &Common, stop: &AtomicBool) -> Vec<Hunted> {
        let wanted = BUGS.iter().filter(|bug| name.is_none_or(|name| bug.name == name));
        let correct = Hunt::ALL.iter().filter(|_| name.is_none());
        let total = (wanted.clone().count() + correct.clone().count()) as u128;
        let mut progress = Progress::new(total, common);
        let mut hunted: Vec<Hunted> = Vec::new();
        let mut done = |one: Hunted| {
            hunted.push(one);
            let unwell = hunted.iter().filter(|one| !one.is_well()).count() as u64;
            progress.update(hunted.len() as u128, total, unwell);
        };
        wanted.take_while(|_| !stop.load(Ordering::Relaxed)).for_each(|bug| done(self.bug(bug, stop)));
        correct
            .take_while(|_| !stop.load(Ordering::Relaxed))
            .for_each(|hunt| done(self.nothing(*hunt, stop)));
        hunted
    }

    fn bug(&self, bug: &'static Bug, stop: &AtomicBool) -> Hunted {
        let overrides = Overrides { system: None, bug: Some(bug.name.to_owned()) };
        let leg = self.leg(bug.hunted_in, &overrides);
        let (bag, hunt_ms) = timed(|| self.hunt(&leg, bug.hunted_in, bug.properties, stop));
        let (smallest, shrink_ms) = timed(|| self.smallest(&leg, &bag, stop));
        Hunted {
            bug: Some(bug.name),
            about: bug.about,
            section: bug.section,
            properties: bug.properties.to_vec(),
            seen: bug.seen,
            campaign: bug.hunted_in.name(),
            bag,
            smallest,
            hunt_ms,
            shrink_ms,
        }
    }

    /// The correct node: any property would count.
    fn nothing(&self, place: Hunt, stop: &AtomicBool) -> Hunted {
        let overrides = Overrides::default();
        let leg = self.leg(place, &overrides);
        let (bag, hunt_ms) = timed(|| self.hunt(&leg, place, &Property::ALL, stop));
        Hunted {
            bug: None,
            about: "Nothing is wrong, and nothing may be found.",
            section: "",
            properties: Vec::new(),
            seen: &[],
            campaign: place.name(),
            bag,
            smallest: None,
            hunt_ms,
            shrink_ms: 0,
        }
    }

    /// What is run in a campaign; which seeds is for others to say.
    fn leg<'a>(&'a self, place: Hunt, overrides: &'a Overrides) -> Leg<'a> {
        let scenario = Hunt::ALL.iter().zip(&self.scenarios).find(|(hunt, _)| **hunt == place);
        let (_, scenario) = scenario.expect("every campaign was read");
        Leg { scenario, seeds: SeedRange::one(1), overrides, runner: self.runner }
    }

    fn hunt(&self, leg: &Leg<'_>, place: Hunt, properties: &[Property], stop: &AtomicBool) -> Bag {
        let (quarry, seeds) = match place {
            Hunt::Small | Hunt::Snapshots | Hunt::Default => (Quarry::Violation(properties), self.how.seeds),
            Hunt::Liveness => (Quarry::Delay, self.how.seeds.min(SIZES[SIZES.len() - 1])),
        };
        hunt(leg, quarry, &Hunting { seeds, ..self.how }, stop)
    }

    /// The smallest run that tells of a bug, if it is asked for.
    fn smallest(&self, leg: &Leg<'_>, bag: &Bag, stop: &AtomicBool) -> Option<Smallest> {
        let how = How { budget: BUDGET, threads: self.how.threads };
        self.shrinks.then(|| smallest(leg, bag, self.how.seeds, &how, stop)).flatten()
    }
}

/// What comes of some work, and how many milliseconds it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let began = Instant::now();
    let done = work();
    (done, u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX))
}
