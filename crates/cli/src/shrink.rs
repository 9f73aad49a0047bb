//! `shrink`: a capsule becomes as small as can be, in its place.
//!
//! A campaign does the same to the capsules that it leaves. How a run is made smaller is no business of this
//! file; it reads, keeps the best so far, and tells.

use crate::args::{Common, Shrink};
use crate::choices::ShrinkFormat;
use crate::exit::Exit;
use crate::load::load_file;
use crate::output::Output;
use crate::replay::capsule_of;
use crate::say;
use crate::whole::write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use whitewater_campaign::capsule::small_capsule;
use whitewater_campaign::group::Group;
use whitewater_campaign::leg::{MakeRunner, Overrides};
use whitewater_campaign::replay::replay as run_again;
use whitewater_campaign::shrink::{Case, How, Shrunk, needs, shrink as make_smaller};
use whitewater_check::property::{Class, Property};
use whitewater_report::shrunk::{json, page, told};
use whitewater_report::words::counted;
use whitewater_sim::plan::Plan;
use whitewater_sim::scenario::found::{Found, ShrunkFrom};
use whitewater_systems::Listed;

/// How many steps may be simulated when nobody says: some five seconds of two threads.
pub(crate) const BUDGET: u64 = 20_000_000;

/// How many steps may be simulated for all the kinds of failure of a campaign.
const FOR_ALL: u64 = 2 * BUDGET;

/// Makes one capsule smaller.
pub(crate) fn shrink(
    shrink: &Shrink,
    common: &Common,
    program: &str,
    systems: &[Listed],
    stop: &AtomicBool,
) -> Exit {
    try_shrink(shrink, common, program, systems, stop).unwrap_or_else(|exit| exit)
}

fn try_shrink(
    shrink: &Shrink,
    common: &Common,
    program: &str,
    systems: &[Listed],
    stop: &AtomicBool,
) -> Result<Exit, Exit> {
    let capsule = Capsule::read(&shrink.capsule, program, systems)?;
    if !capsule.is_as_it_says {
        let file = capsule.file();
        say(format_args!(
            "error: {file}: it is not the run that it was written of; `{program} replay` says how"
        ));
        return Err(Exit::NotReproduced);
    }
    let mut output = Output::open(None, common.color)?;
    let how = How { budget: shrink.budget, threads: threads(shrink.threads) };
    let shrunk = capsule.shrink(&how, stop).map_err(|error| {
        say(format_args!("error: {}: {error}", capsule.file()));
        Exit::Output
    })?;
    let Some(shrunk) = shrunk else {
        say(format_args!("error: {}: it does not violate {}", capsule.file(), capsule.property));
        return Err(Exit::NotReproduced);
    };
    if shrunk.spent >= how.budget && !common.quiet {
        let steps = counted(how.budget, "step");
        say(format_args!("note: the budget of {steps} is spent; with a larger one it may become smaller"));
    }
    let exit = if stop.load(Ordering::Relaxed) { Exit::Interrupted } else { Exit::Held };
    match shrink.format {
        ShrinkFormat::Human => output.page(&page(&told(&shrunk), program, &capsule.file())),
        ShrinkFormat::Json => output.text(&json(&told(&shrunk), &capsule.file(), exit.code())),
    }
    output.finish()?;
    Ok(exit)
}

/// Makes the capsules of a campaign smaller. What cannot be written is the first thing that went wrong.
pub(crate) fn shrink_all(
    groups: &mut [Group],
    program: &str,
    systems: &[Listed],
    threads: usize,
    stop: &AtomicBool,
) -> Option<String> {
    let mut kinds: Vec<&mut Group> = groups.iter_mut().filter(|group| group.capsule.is_some()).collect();
    // Outcomes matter most, and what one kind leaves of its share is for those after it.
    kinds.sort_by_key(|group| group.property.class() == Class::Early);
    let (mut left, mut trouble) = (FOR_ALL, None);
    for (place, group) in kinds.into_iter().enumerate().rev().map(|(place, group)| (place as u64, group)) {
        let Some(file) = group.capsule.clone() else { continue };
        let goes_on = !stop.load(Ordering::Relaxed);
        let capsule = goes_on.then(|| Capsule::read(Path::new(&file), program, systems).ok()).flatten();
        let Some(capsule) = capsule.filter(|capsule| capsule.from.is_none()) else { continue };
        let how = How { budget: (left / (place + 1)).min(BUDGET), threads };
        match capsule.shrink(&how, stop) {
            Ok(shrunk) => {
                left -= shrunk.as_ref().map_or(0, |shrunk| shrunk.spent).min(left);
                group.shrunk = shrunk.as_ref().map(told);
            }
            Err(error) => trouble = trouble.or_else(|| Some(error.to_string())),
        }
    }
    trouble
}

/// Whether anything came of it.
fn is_smaller(Shrunk { from, to, .. }: &Shrunk) -> bool {
    to.steps < from.steps || to.faults < from.faults || to.nodes < from.nodes
}

fn threads(asked: Option<NonZeroUsize>) -> usize {
    asked.or_else(|| std::thread::available_parallelism().ok()).map_or(1, usize::from)
}

/// A capsule that was read.
struct Capsule<'a> {
    path: &'a Path,
    plan: Plan,
    property: Property,
    /// The step that shows it.
    step: u64,
    runner: MakeRunner,
    /// Whether its run is the one that it was written of.
    is_as_it_says: bool,
    /// What it was made smaller from before.
    from: Option<ShrunkFrom>,
    schema: Option<String>,
}

impl<'a> Capsule<'a> {
    fn read(path: &'a Path, program: &str, systems: &[Listed]) -> Result<Self, Exit> {
        let capsule = capsule_of(load_file(path, &[])?, true, program)?;
        let overrides = Overrides::default();
        let leg = capsule.leg(&overrides, program, systems)?;
        let again = run_again(&leg, &capsule.found, capsule.ladder.as_ref());
        let (runner, is_as_it_says) = (leg.runner, again.is_ok_and(|again| again.is_same()));
        let plan = capsule.loaded.scenario.plan(capsule.seed);
        let schema = capsule.loaded.scenario.schema().map(str::to_owned);
        let Found { property, step, shrunk_from: from, .. } = capsule.found;
        Ok(Self { path, plan, property, step, runner, is_as_it_says, from, schema })
    }

    fn file(&self) -> String {
        self.path.display().to_string()
    }

    /// Makes it smaller and keeps the best so far in its place. One that was made smaller before is only replaced by
    /// one that is smaller still.
    fn shrink(&self, how: &How, stop: &AtomicBool) -> std::io::Result<Option<Shrunk>> {
        let case = Case { plan: self.plan.clone(), property: self.property, runner: self.runner };
        let mut kept = Ok(());
        let from = self.from();
        let mut keep = |plan: &Plan| {
            if kept.is_ok() && self.from.is_none() {
                kept = self.keep(plan, &from);
            }
        };
        let shrunk = make_smaller(&case, how, stop, &mut keep);
        kept?;
        let Some(shrunk) = shrunk else { return Ok(None) };
        if self.from.is_some() && !is_smaller(&shrunk) {
            let needs = needs(&case);
            return Ok(Some(Shrunk { plan: case.plan, to: shrunk.from, needs, ..shrunk }));
        }
        let faults = from.faults.max(shrunk.from.faults as u64);
        self.keep(&shrunk.plan, &ShrunkFrom { faults, ..from })?;
        Ok(Some(shrunk))
    }

    /// What it is made smaller from.
    fn from(&self) -> ShrunkFrom {
        self.from.clone().unwrap_or_else(|| ShrunkFrom {
            scenario: self.plan.name.clone(),
            seed: self.plan.seed,
            steps: self.step,
            faults: 0,
            nodes: u64::from(self.plan.nodes),
        })
    }

    fn keep(&self, plan: &Plan, from: &ShrunkFrom) -> std::io::Result<()> {
        let text = small_capsule(plan, self.property, self.runner, from, self.schema.as_deref());
        text.map_or(Ok(()), |text| write(self.path, &text))
    }
}
