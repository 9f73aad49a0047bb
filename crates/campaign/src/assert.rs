//! A campaign as one call in a plain `#[test]`: it returns when everything held, and panics with what to do
//! about it when something did not.
//!
//! Nothing is shown on the way. Of a violation it leaves the capsule, in the folder that it was given.

use crate::capsule::capsule;
use crate::group::Group;
use crate::leg::{Leg, MakeRunner, Overrides};
use crate::run::{How, run};
use crate::seeds::SeedRange;
use crate::summary::{Standing, Summary};
use std::fmt::Write;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::{Scenario, Seeds};
use whitewater_sim::trace::Keep;
use whitewater_sim::verdict::Verdict;

/// A system, and what it is to hold under.
#[derive(Clone, Debug)]
pub struct Trial<'a> {
    /// The name of the system, as the command lists it.
    pub system: &'a str,
    /// Makes runners of it.
    pub runner: MakeRunner,
    /// The path of the scenario file.
    pub scenario: &'a str,
    /// The seeds, both ends included. A story that says that its seed is fixed is run with that one only.
    pub seeds: RangeInclusive<u64>,
    /// The folder for the capsule of a violation; it is made when it is needed.
    pub capsules: &'a str,
    /// How the command is called that knows the system, for the line that runs a failure again.
    pub command: &'a str,
}

impl Trial<'_> {
    /// Runs every seed, each twice, on all cores.
    ///
    /// # Panics
    ///
    /// When the scenario cannot be read, or the system refuses it, or a run does not hold, or two runs of a
    /// seed differ. The last line of the message runs the failure again: from its capsule if a property was
    /// violated and the capsule could be written.
    pub fn assert_holds(&self) -> Summary {
        let text =
            fs::read_to_string(self.scenario).unwrap_or_else(|error| panic!("{}: {error}", self.scenario));
        let scenario =
            Scenario::parse(self.scenario, &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]));
        let seeds = match scenario.seeds() {
            Seeds::Fixed(seed) => SeedRange::one(seed),
            Seeds::Free(_) => SeedRange::new(*self.seeds.start(), *self.seeds.end())
                .unwrap_or_else(|| panic!("there is no seed in {:?}", self.seeds)),
        };
        let overrides = Overrides { system: Some(self.system.to_owned()), bug: None };
        let leg = Leg { scenario: &scenario, seeds, overrides: &overrides, runner: self.runner };
        if let Some(refusal) = leg.refusal() {
            panic!("{}: {refusal}", self.scenario);
        }
        let threads = available_parallelism().map_or(1, usize::from);
        let how = How { settings: Settings::default(), twice: true, threads };
        let summary = run(&[leg], &how, &AtomicBool::new(false), &mut |_| ()).swap_remove(0);
        assert!(summary.standing() == Standing::Held, "{}", self.story(&leg, &summary));
        summary
    }

    /// What went wrong, the line that runs it again last.
    fn story(&self, leg: &Leg<'_>, summary: &Summary) -> String {
        let mut story = format!("{} does not hold on {}\n", self.scenario, self.system);
        let seed = summary
            .difference
            .map(|difference| difference.seed)
            .or_else(|| summary.violation.as_ref().or(summary.missed.as_ref()).map(|verdict| verdict.seed));
        for (runs, what) in [
            (summary.differing, "run differently the second time"),
            (summary.violated, "violate a property"),
            (summary.unmet, "do not meet what is expected of each"),
        ] {
            if runs > 0 {
                say(&mut story, format_args!("  {runs} of {} seeds {what}", summary.wanted));
            }
        }
        if let Some(step) = summary.difference.and_then(|difference| difference.step) {
            say(&mut story, format_args!("  the first step that differs: {step}"));
        }
        if let Some(verdict) = summary.violation.as_ref().or(summary.missed.as_ref()) {
            blame(&mut story, verdict);
        }
        for what in summary.never_met() {
            say(&mut story, format_args!("  in no run: {what}"));
        }
        let stalled = summary.missed.as_deref().filter(|verdict| verdict.stalled.is_some());
        let failure = summary.violation.as_deref().or(stalled).filter(|_| summary.difference.is_none());
        if let Some(capsule) = failure.and_then(|verdict| self.keep(leg, verdict.seed)) {
            say(&mut story, format_args!("replay {} replay {}", self.command, capsule.display()));
            return story;
        }
        let again = match (seed, summary.difference) {
            (Some(seed), Some(_)) => format!("--seed {seed} --twice"),
            (Some(seed), None) => format!("--seed {seed}"),
            (None, _) => format!("--seeds {}..{}", self.seeds.start(), self.seeds.end()),
        };
        say(
            &mut story,
            format_args!("replay {} run {} --system {} {again}", self.command, self.scenario, self.system),
        );
        story
    }
}

impl Trial<'_> {
    /// Runs a violation once more and keeps its capsule. Where; `None` when that is not possible.
    fn keep(&self, leg: &Leg<'_>, seed: u64) -> Option<PathBuf> {
        let settings = Settings { keep: Keep::All, ladder: true, ..Settings::default() };
        let plan = leg.plan(seed);
        let verdict = (leg.runner)().run(plan.clone(), &settings).ok()?;
        let name = Group::of(self.scenario, &verdict)?.file_name(leg.scenario.name());
        let text = capsule(leg, &plan, &verdict, verdict.failures().next()?, None);
        let (file, part) =
            (Path::new(self.capsules).join(&name), Path::new(self.capsules).join(name + ".part"));
        fs::create_dir_all(self.capsules).and_then(|()| fs::write(&part, text)).ok()?;
        fs::rename(part, &file).ok()?;
        Some(file)
    }
}

/// What one run has to say for itself.
fn blame(story: &mut String, verdict: &Verdict) {
    for finding in verdict.found() {
        say(story, format_args!("  {}, seed {}", finding.property.title(), verdict.seed));
        for fact in &finding.facts {
            say(story, format_args!("    step {}: {}", fact.at.step, fact.text));
        }
    }
    for unmet in verdict.unmet() {
        say(story, format_args!("  {}: {}, seed {}", unmet.what, unmet.measured, verdict.seed));
    }
}

fn say(story: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(story, "{line}").expect("a string takes all that is written to it");
}
