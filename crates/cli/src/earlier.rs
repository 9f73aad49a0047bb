//! Failures of earlier campaigns: the capsules of the folder, run again before anything new.
//!
//! Only those are run that the campaign could have found: of its scenarios, with its systems and bugs.

use crate::files::{Found, find, read};
use crate::folder::Folder;
use crate::hunt::hunt;
use crate::pace::Pace;
use crate::run::Row;
use crate::say;
use crate::systems::find_system;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use whitewater_campaign::fuzz::{Fuzz, How, Job, Records, Results};
use whitewater_campaign::group::Group;
use whitewater_campaign::leg::Overrides;
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::shard::Shard;
use whitewater_campaign::summary::Summary;
use whitewater_check::property::Property;
use whitewater_report::caught::{Earlier, Fate};
use whitewater_sim::scenario::{Scenario, Seeds};
use whitewater_systems::Listed;

/// A capsule that was found in the folder.
struct Capsule {
    path: PathBuf,
    property: Property,
    job: Job,
}

/// Keeps nothing: what it would keep is there.
struct Nothing;

impl Records for Nothing {
    fn capsule(&self, name: &str, _: &str) -> std::io::Result<String> {
        Ok(name.to_owned())
    }

    fn begins(&self, _: usize, _: &Job, _: u64) {}

    fn failed(&self, _: &Group) {}
}

/// Runs the capsules of a folder that belong to these rows, and tells what became of each.
pub(crate) fn run_again(
    folder: &Folder,
    rows: &[Row<'_>],
    systems: &[Listed],
    how: How,
    stop: &AtomicBool,
) -> Vec<Earlier> {
    let (files, _) = find(&[folder.failures()]);
    let capsules: Vec<Capsule> =
        files.into_iter().filter_map(|Found { path, .. }| capsule(path, rows, systems)).collect();
    let (can, cannot): (Vec<Capsule>, Vec<Capsule>) =
        capsules.into_iter().partition(|capsule| capsule.job.leg().refusal().is_none());
    let jobs: Vec<Job> = can.iter().map(|capsule| capsule.job.clone()).collect();
    let how = How { shard: Shard::WHOLE, threads: how.threads.min(jobs.len()), ..how };
    let (Results { summaries, .. }, hung) =
        hunt(Fuzz::start(jobs, how, Arc::new(Nothing)), stop, None, Pace::silent(), &mut || {});
    let mut earlier: Vec<Earlier> = Vec::new();
    for (place, (capsule, summary)) in can.iter().zip(&summaries).enumerate() {
        let hung = hung.iter().any(|post| post.job == place);
        earlier.extend(fate(capsule, summary, hung).map(|fate| told(capsule, fate)));
    }
    for capsule in &cannot {
        let why = capsule.job.leg().refusal().map_or(String::new(), |refusal| refusal.0);
        earlier.push(told(capsule, Fate::Refused(why)));
    }
    earlier.sort_by(|a, b| a.capsule.cmp(&b.capsule));
    earlier
}

/// What became of a capsule that was run; `None` when it was not.
fn fate(capsule: &Capsule, summary: &Summary, hung: bool) -> Option<Fate> {
    match &summary.refused {
        Some(why) => Some(Fate::Refused(why.clone())),
        None if hung || is_found(capsule.property, summary) => Some(Fate::Fails),
        None => (summary.totals.runs > 0).then_some(Fate::Fixed),
    }
}

fn is_found(property: Property, summary: &Summary) -> bool {
    summary.found.contains_key(&property) || property == Property::Progress && summary.totals.stalled > 0
}

fn told(capsule: &Capsule, fate: Fate) -> Earlier {
    Earlier {
        capsule: capsule.path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        path: capsule.path.display().to_string(),
        property: capsule.property,
        fate,
    }
}

/// A file among the capsules that cannot be read may be one that somebody has damaged: it must not drop out
/// in silence.
fn left_out(file: &str, why: &dyn Display) {
    let why = why.to_string();
    say(format_args!("warning: {file} is left out, it cannot be read as a capsule"));
    say(format_args!("    {}", why.lines().next().unwrap_or_default()));
}

/// The capsule in a file, if it is one that a campaign of these rows could have left.
fn capsule(path: PathBuf, rows: &[Row<'_>], systems: &[Listed]) -> Option<Capsule> {
    let file = path.display().to_string();
    let text = read(&path).map_err(|why| left_out(&file, &why)).ok()?;
    let scenario = Scenario::parse(&file, &text).map_err(|mistakes| left_out(&file, &mistakes[0])).ok()?;
    let property = scenario.found()?.property;
    let Seeds::Fixed(seed) = scenario.seeds() else { return None };
    let system = scenario.plan(seed).system;
    let of = |row: &&Row<'_>| row.subject.scenario.name() == scenario.name();
    let leg = rows.iter().find(of)?.leg.as_ref().ok()?;
    let own = leg.plan(leg.seeds.first()).system;
    if (own.name, own.bug) != (system.name.clone(), system.bug) {
        return None;
    }
    let runner = find_system(&system.name, systems)?;
    let (seeds, overrides) = (SeedRange::one(seed), Overrides::default());
    Some(Capsule { path, property, job: Job { scenario, file, seeds, overrides, runner, schema: None } })
}
