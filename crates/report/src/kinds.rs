//! What went wrong with a scenario over all its runs, an item for each kind: what other programs' forms of a
//! report have in common.
//!
//! A campaign knows kinds of violation by their causal trails; without one, a summary has one kind of each
//! sort. It does not know how a form writes anything.

use crate::failure::title;
use crate::subject::Subject;
use crate::words::{counted, grouped};
use whitewater_campaign::group::Group;
use whitewater_campaign::summary::{Found, Summary};
use whitewater_campaign::twice::Difference;
use whitewater_check::finding::{Fact, Finding};
use whitewater_check::property::Property;
use whitewater_sim::expectations::SETTLES;
use whitewater_sim::verdict::Verdict;

/// What sort of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// A property was violated.
    Violated,
    /// An expectation was not met.
    Unmet,
    /// Two runs of one seed differ.
    Differs,
}

impl Sort {
    /// The word for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Violated => "violated",
            Self::Unmet => "unmet",
            Self::Differs => "nondeterministic",
        }
    }
}

/// One kind of failure of a scenario.
#[derive(Clone, Debug)]
pub(crate) struct Kind {
    /// What sort it is of.
    pub(crate) sort: Sort,
    /// What went wrong, in a few words.
    pub(crate) title: String,
    /// What led there, latest first; empty when nobody knows.
    pub(crate) trail: String,
    /// In how many runs of how many.
    pub(crate) rate: String,
    /// The run that shows it best, in a campaign the smallest: its seed, and the step; empty when it takes all runs
    /// to see it.
    pub(crate) shown_by: String,
    /// How it shows, in sentences.
    pub(crate) facts: Vec<String>,
    /// Where its capsule is.
    pub(crate) capsule: Option<String>,
    /// The line that repeats it.
    pub(crate) replay: String,
}

impl Kind {
    /// What tells it from the other kinds of its scenario, in every campaign alike.
    pub(crate) fn name(&self) -> String {
        match self.trail.as_str() {
            "" => self.title.clone(),
            trail => format!("{} ({trail})", self.title),
        }
    }

    /// How it shows and how to repeat it, line by line.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        let shown_by = Some(&self.shown_by).filter(|run| !run.is_empty());
        let shown_by = shown_by.map(|run| format!("shown by: {run}"));
        self.facts.iter().cloned().chain(shown_by).chain([format!("replay: {}", self.replay)])
    }
}

/// Every kind of failure of a scenario. `groups` are those of its whole campaign, or none.
pub(crate) fn kinds(subject: &Subject, summary: &Summary, groups: &[Group]) -> Vec<Kind> {
    let of = Of { subject, summary };
    let own = |group: &&Group| group.scenario == subject.name || group.scenario == subject.file;
    let mut kinds: Vec<Kind> =
        summary.difference.iter().map(|difference| of.difference(difference)).collect();
    let grouped: Vec<Kind> = groups.iter().filter(own).map(|group| of.group(group)).collect();
    match grouped.is_empty() {
        true => kinds.extend(summary.violation.iter().flat_map(|verdict| of.violations(verdict))),
        false => kinds.extend(grouped),
    }
    let stalls = groups.iter().filter(own).any(|group| group.property == Property::Progress);
    let missed =
        summary.missed.iter().filter(|verdict| !stalls || verdict.unmet().any(|one| one.what != SETTLES));
    kinds.extend(missed.map(|verdict| of.missed(verdict)));
    kinds.extend(summary.never_met().map(|what| of.all(what.to_owned(), "no run saw it".to_owned())));
    let bounds = summary.bounded().filter(|(_, bound)| !bound.held);
    kinds.extend(bounds.map(|(_, bound)| of.all(bound.what, format!("measured {}", bound.measured))));
    kinds
}

/// The scenario that kinds are of.
struct Of<'a> {
    subject: &'a Subject,
    summary: &'a Summary,
}

impl Of<'_> {
    fn rate(&self, runs: u64) -> String {
        format!("{} of {}", grouped(runs), counted(self.summary.totals.runs, "run"))
    }

    fn group(&self, group: &Group) -> Kind {
        let program = &self.subject.asked.program;
        let capsule = |capsule: &String| format!("{program} replay {}", crate::subject::quoted(capsule));
        let repeat = || self.subject.again(group.seed);
        Kind {
            sort: if group.property == Property::Progress { Sort::Unmet } else { Sort::Violated },
            title: title(group.property).to_owned(),
            trail: group.trail.join(", "),
            rate: self.rate(group.runs),
            shown_by: seed_and_step(group.seed, group.step),
            facts: group.facts.clone(),
            capsule: group.capsule.clone(),
            replay: group.capsule.as_ref().map_or_else(repeat, capsule),
        }
    }

    /// A kind for each property that was found, with the facts of those that the run of `verdict` shows.
    /// Each outcome that was found; what is early is on the way there, and a kind only if nothing came of it.
    fn violations(&self, verdict: &Verdict) -> Vec<Kind> {
        let class = self.summary.found.keys().map(|property| property.class()).min();
        let found = |(&property, found): (&Property, &Found)| {
            let shown = verdict.found().find(|finding| finding.property == property);
            self.violation(property, *found, shown.map(|finding| (verdict.seed, finding)))
        };
        let worst = self.summary.found.iter().filter(|(property, _)| Some(property.class()) == class);
        let mut kinds: Vec<Kind> = worst.map(found).collect();
        let first = verdict.found().next().map(|first| title(first.property));
        kinds.sort_by_key(|kind| Some(kind.title.as_str()) != first);
        kinds
    }

    fn violation(&self, property: Property, found: Found, shown: Option<(u64, &Finding)>) -> Kind {
        let fact = |fact: &Fact| format!("{}, step {}", fact.text, grouped(fact.at.step));
        let facts = shown.iter().flat_map(|(_, finding)| finding.facts.iter().map(fact)).collect();
        let seed = shown.map_or(found.seed, |(seed, _)| seed);
        let kind = self.run(Sort::Violated, found.runs, seed, self.subject.again(seed));
        let by_step = shown.map(|(seed, finding)| seed_and_step(seed, finding.at.step));
        Kind {
            title: title(property).to_owned(),
            shown_by: by_step.unwrap_or_else(|| kind.shown_by.clone()),
            facts,
            ..kind
        }
    }

    fn missed(&self, verdict: &Verdict) -> Kind {
        Kind {
            title: "not as expected".to_owned(),
            facts: verdict
                .unmet()
                .map(|one| format!("expected {}, measured {}", one.what, one.measured))
                .collect(),
            ..self.run(Sort::Unmet, self.summary.unmet, verdict.seed, self.subject.again(verdict.seed))
        }
    }

    fn difference(&self, difference: &Difference) -> Kind {
        let since =
            difference.step.map_or("at the end".to_owned(), |step| format!("from step {} on", grouped(step)));
        let replay = self.subject.repeat(difference.seed, "--twice");
        Kind {
            title: "nondeterministic".to_owned(),
            facts: vec![format!("two runs of one seed differ {since}")],
            ..self.run(Sort::Differs, self.summary.differing, difference.seed, replay)
        }
    }

    /// What a kind that one run shows has in any case.
    fn run(&self, sort: Sort, runs: u64, seed: u64, replay: String) -> Kind {
        Kind {
            sort,
            title: String::new(),
            trail: String::new(),
            rate: self.rate(runs),
            shown_by: format!("seed {seed}"),
            facts: Vec::new(),
            capsule: None,
            replay,
        }
    }

    /// What all runs together did not do.
    fn all(&self, title: String, fact: String) -> Kind {
        let totals = &self.summary.totals;
        Kind {
            title,
            rate: format!("all {}", counted(totals.runs, "run")),
            shown_by: String::new(),
            facts: vec![fact],
            ..self.run(Sort::Unmet, totals.runs, self.subject.seeds.first(), self.subject.repeat_all())
        }
    }
}

fn seed_and_step(seed: u64, step: u32) -> String {
    format!("seed {seed}, step {}", grouped(step))
}
