//! The verdict on one run: what was found, what was expected, what was seen.

use crate::family::Family;
use crate::measure::{Histogram, Measure};
use crate::story::Story;
use crate::trace::Record;
use whitewater_check::finding::{Early, Finding};
use whitewater_check::history::History;
use whitewater_check::markers::Markers;
use whitewater_check::property::Property;
use whitewater_check::types::Nanos;

/// What became of one run: a scenario, a seed and a system.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The scenario's name.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// The system under test.
    pub system: String,
    /// The bug planted in it, if any.
    pub bug: Option<String>,
    /// How many nodes it had.
    pub nodes: u8,
    /// Steps: events handed to replicas.
    pub steps: u32,
    /// Events taken from the queue.
    pub events: u64,
    /// Virtual time at the end, in nanoseconds.
    pub time: Nanos,
    /// The digest over every event and its outcome.
    pub digest: u64,
    /// The digest after each step, in the order in which steps ended, when it was asked for.
    pub ladder: Vec<Rung>,
    /// How many faults were done to the cluster.
    pub faults: u32,
    /// The same by kind, in the order of [`Family::ALL`].
    pub families: [u32; Family::COUNT],
    /// How many client commands were applied.
    pub commits: u64,
    /// The outcome property that was violated; it ended the run.
    pub violation: Option<Finding>,
    /// The early properties that were violated, each with its first finding.
    pub early: Vec<Early>,
    /// The expectations, in the order of the scenario, and what the run itself expects.
    pub expected: Vec<Measured>,
    /// The properties that could not be observed on this system.
    pub not_observed: Vec<Property>,
    /// What was seen, and how often.
    pub markers: Markers,
    /// What the scenario measures, and the values.
    pub measures: Vec<(Measure, Histogram)>,
    /// What became of the settle phase.
    pub settling: Settling,
    /// That it came to nothing, as a finding of Progress; there when it has stalled.
    pub stalled: Option<Finding>,
    /// What the clients asked for and were told, when it was asked for.
    pub history: Option<History>,
    /// What was drawn for this seed: path and value.
    pub drawn: Vec<(String, String)>,
    /// What happened, as acts, when it was asked for.
    pub story: Option<Box<Story>>,
    /// The trace, as much of it as was kept.
    pub trace: Vec<Record>,
}

/// What became of the settle phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settling {
    /// The run ended before it.
    NotReached,
    /// A new request was answered and the live nodes agree.
    Settled,
    /// It was not, although a quorum of live nodes could hear each other.
    Stalled,
    /// It was not, and could not be: no quorum of live nodes could hear each other.
    Impossible,
}

/// One rung of a digest ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rung {
    /// The step that ended.
    pub step: u32,
    /// The low 32 bits of the digest after it.
    pub digest: u32,
}

/// An expectation and what was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// The expectation in words.
    pub what: String,
    /// What was measured.
    pub measured: String,
    /// Whether it was met.
    pub held: bool,
    /// Whether it is judged over all seeds of a campaign and not over this run alone.
    pub over_seeds: bool,
}

/// What a verdict comes to, for one run by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Everything held; a violation that was expected counts as held.
    Held,
    /// An expectation was not met.
    Unmet,
    /// A property was violated, or the system under test panicked.
    Violated,
}

impl Verdict {
    /// What it comes to. Expectations that are judged over many seeds are left to the campaign.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let found = self.found().any(|finding| !self.is_expected(finding.property));
        let unmet = self.unmet().next().is_some();
        match (found, unmet) {
            (true, _) => Outcome::Violated,
            (false, true) => Outcome::Unmet,
            (false, false) => Outcome::Held,
        }
    }

    /// What was expected of this run in vain.
    pub fn unmet(&self) -> impl Iterator<Item = &Measured> {
        self.expected.iter().filter(|expected| !expected.held && !expected.over_seeds)
    }

    /// Whether the scenario expects a violation; early findings on the way to it are then expected, too.
    #[must_use]
    pub fn expects_violation(&self) -> bool {
        self.expected.iter().any(|expected| expected.what.starts_with(VIOLATES))
    }

    /// Every finding: the violation first, then the early ones.
    pub fn found(&self) -> impl Iterator<Item = &Finding> {
        self.violation.iter().chain(self.early.iter().map(|early| &early.finding))
    }

    /// Every finding, and at last that the cluster stalled, if it did.
    pub fn failures(&self) -> impl Iterator<Item = &Finding> {
        self.found().chain(&self.stalled)
    }

    /// What was found of this property, a stall included.
    #[must_use]
    pub fn found_of(&self, property: Property) -> Option<&Finding> {
        self.failures().find(|finding| finding.property == property)
    }

    fn is_expected(&self, property: Property) -> bool {
        let named = |expected: &Measured| expected.what == format!("{VIOLATES}{}", property.name());
        let early = self.early.iter().any(|early| early.finding.property == property);
        self.expected.iter().any(named) || early && self.expects_violation()
    }
}

/// How the expectation of a violation begins.
pub(crate) const VIOLATES: &str = "violates ";
