//! What many verdicts on one scenario come to.
//!
//! Verdicts may be added in any order: what is kept is a sum, an extreme, or belongs to the lowest seed.
//! Nothing here judges a run; a [`Verdict`] knows its own outcome.

use crate::seeds::SeedRange;
use crate::twice::Difference;
use crate::why::Story;
use std::collections::{BTreeMap, BTreeSet};
use whitewater_check::markers::Markers;
use whitewater_check::property::Property;
use whitewater_sim::chance::mix;
use whitewater_sim::expectations::bounded;
use whitewater_sim::family::Family;
use whitewater_sim::measure::{Histogram, Measure};
use whitewater_sim::plan::{Bound, Expect, Plan};
use whitewater_sim::verdict::{Measured, Outcome, Settling, Verdict};

/// How a scenario stands after its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Every run held, and so did what is expected of all of them together.
    Held,
    /// An expectation was not met.
    Unmet,
    /// A property was violated.
    Violated,
    /// Two runs of one seed differ.
    Differs,
    /// The system cannot run it.
    Refused,
    /// Not all of its runs were done, and those that were held.
    Unfinished,
}

/// What is added up over runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Runs.
    pub runs: u64,
    /// Events handed to replicas.
    pub steps: u64,
    /// Events taken from the queue.
    pub events: u64,
    /// Virtual time in nanoseconds.
    pub time: u64,
    /// Faults done to the clusters.
    pub faults: u64,
    /// The same by kind, in the order of [`Family::ALL`].
    pub families: [u64; Family::COUNT],
    /// Client commands that were applied.
    pub commits: u64,
    /// What was seen.
    pub markers: Markers,
    /// Runs that did not settle although progress was possible.
    pub stalled: u64,
    /// Runs that did not settle, and could not: no quorum of live nodes could hear each other.
    pub impossible: u64,
}

impl Totals {
    /// Adds other totals.
    pub fn merge(&mut self, other: &Self) {
        self.runs += other.runs;
        self.steps += other.steps;
        self.events += other.events;
        self.time = self.time.saturating_add(other.time);
        self.faults += other.faults;
        for (mine, theirs) in self.families.iter_mut().zip(other.families) {
            *mine += theirs;
        }
        self.commits += other.commits;
        self.markers.merge(&other.markers);
        self.stalled += other.stalled;
        self.impossible += other.impossible;
    }

    /// The faults by kind, those that were done.
    pub fn faults_by_kind(&self) -> impl Iterator<Item = (Family, u64)> {
        Family::ALL.into_iter().zip(self.families).filter(|(_, count)| *count > 0)
    }

    fn of(verdict: &Verdict) -> Self {
        Self {
            runs: 1,
            steps: u64::from(verdict.steps),
            events: verdict.events,
            time: verdict.time,
            faults: u64::from(verdict.faults),
            families: verdict.families.map(u64::from),
            commits: verdict.commits,
            markers: verdict.markers,
            stalled: u64::from(verdict.settling == Settling::Stalled),
            impossible: u64::from(verdict.settling == Settling::Impossible),
        }
    }
}

/// How far runs got: every run is one value in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PerRun {
    /// Events handed to replicas.
    pub steps: Histogram,
    /// Client commands that were applied.
    pub commits: Histogram,
}

impl PerRun {
    /// Takes a run.
    fn add(&mut self, verdict: &Verdict) {
        self.steps.add(u64::from(verdict.steps));
        self.commits.add(verdict.commits);
    }

    /// Takes all runs of another.
    fn merge(&mut self, other: &Self) {
        self.steps.merge(&other.steps);
        self.commits.merge(&other.commits);
    }
}

/// How an expectation fared over many runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// Whether it is judged over all runs together and not in each.
    pub over_seeds: bool,
    /// How many runs met it.
    pub met: u64,
    /// How many did not.
    pub unmet: u64,
    /// The lowest seed that met it.
    pub first_met: Option<u64>,
    /// The lowest seed that did not.
    pub first_unmet: Option<u64>,
}

impl Expectation {
    /// Adds how the same expectation fared over other runs.
    fn merge(&mut self, other: &Self) {
        let lower = |mine: Option<u64>, theirs: Option<u64>| mine.into_iter().chain(theirs).min();
        self.met += other.met;
        self.unmet += other.unmet;
        self.first_met = lower(self.first_met, other.first_met);
        self.first_unmet = lower(self.first_unmet, other.first_unmet);
    }
}

/// In how many runs something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// How many runs.
    pub runs: u64,
    /// The lowest seed of them.
    pub seed: u64,
}

impl Found {
    /// Adds this to what was found so far.
    fn add_to<K: Ord>(self, all: &mut BTreeMap<K, Self>, what: K) {
        let found = all.entry(what).or_insert(Self { runs: 0, seed: self.seed });
        *found = Self { runs: found.runs + self.runs, seed: found.seed.min(self.seed) };
    }
}

/// A bound on a quantile of what is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is measured.
    pub measure: Measure,
    /// The quantile.
    pub percent: u8,
    /// Its bound.
    pub bound: Bound,
}

/// One scenario over its seeds.
#[derive(Clone, Debug)]
pub struct Summary {
    /// How many runs were asked for.
    pub wanted: u128,
    /// How many runs held.
    pub held: u64,
    /// In how many an expectation was not met.
    pub unmet: u64,
    /// In how many a property was violated that the scenario does not expect.
    pub violated: u64,
    /// Why the system would not run it.
    pub refused: Option<String>,
    /// The fewest and the most nodes.
    pub nodes: (u8, u8),
    /// What was added up.
    pub totals: Totals,
    /// The same where it is worth knowing how it differs from run to run.
    pub per_run: PerRun,
    /// One number for all digests: that of the run if there is one run, a sum over (seed, digest) if more.
    pub digest: u64,
    /// The expectations in the order of the scenario, by place and wording.
    pub expectations: BTreeMap<(usize, String), Expectation>,
    /// What the runs measured, all values of all of them.
    pub measures: BTreeMap<Measure, Histogram>,
    /// The bounds on what all runs together measured, each at its place among the expectations.
    pub bounds: BTreeMap<usize, Limit>,
    /// The properties that were violated, expected or not, outcome or early.
    pub found: BTreeMap<Property, Found>,
    /// The properties that some run could not observe.
    pub not_observed: Vec<Property>,
    /// The verdict on the lowest seed that an outcome ended; if there is none, on the lowest seed with an
    /// early finding. What a user suffers from explains more than what leads there.
    pub violation: Option<Box<Verdict>>,
    /// The verdict on the lowest seed with an unmet expectation and no violation.
    pub missed: Option<Box<Verdict>>,
    /// By the wording of an expectation, in how many runs without a violation it was not met.
    pub missed_by: BTreeMap<String, Found>,
    /// Why runs that are shown failed, by seed, where that was looked into.
    pub stories: BTreeMap<u64, Story>,
    /// How many seeds differed from themselves, and the lowest of them.
    pub differing: u64,
    /// The lowest seed whose two runs differ.
    pub difference: Option<Difference>,
    /// How many runs were done twice and compared.
    pub repeated: u64,
    /// The lowest seeds whose runs did not hold, as many as were asked for.
    pub failing: BTreeSet<u64>,
    /// The verdict, when one run was asked for.
    pub only: Option<Box<Verdict>>,
}

impl Summary {
    /// The summary of no run yet, for runs of plans like this one: of a scenario for many seeds, its bounds on
    /// quantiles are held against the values of all runs.
    #[must_use]
    pub fn of_plan(seeds: SeedRange, plan: &Plan) -> Self {
        let limit = |(place, expect): (usize, &Expect)| match *expect {
            Expect::Measured { measure, percent, bound } => Some((place, Limit { measure, percent, bound })),
            Expect::Violates(_)
            | Expect::LeaderWithin(_)
            | Expect::CommittedAtLeast(_)
            | Expect::Finally(_)
            | Expect::Sometimes(_)
            | Expect::Never(_) => None,
        };
        let limits = plan.expect.iter().enumerate().filter_map(limit);
        Self { bounds: limits.filter(|_| plan.free).collect(), ..Self::new(seeds) }
    }

    /// The summary of no run yet.
    #[must_use]
    pub fn new(seeds: SeedRange) -> Self {
        Self {
            wanted: seeds.count(),
            held: 0,
            unmet: 0,
            violated: 0,
            refused: None,
            nodes: (u8::MAX, 0),
            totals: Totals::default(),
            per_run: PerRun::default(),
            digest: 0,
            expectations: BTreeMap::new(),
            measures: BTreeMap::new(),
            bounds: BTreeMap::new(),
            found: BTreeMap::new(),
            not_observed: Vec::new(),
            violation: None,
            missed: None,
            missed_by: BTreeMap::new(),
            stories: BTreeMap::new(),
            differing: 0,
            difference: None,
            repeated: 0,
            failing: BTreeSet::new(),
            only: None,
        }
    }

    /// Adds a run.
    pub fn add(&mut self, verdict: Verdict) {
        let outcome = verdict.outcome();
        match outcome {
            Outcome::Held => self.held += 1,
            Outcome::Unmet => self.unmet += 1,
            Outcome::Violated => self.violated += 1,
        }
        self.nodes = (self.nodes.0.min(verdict.nodes), self.nodes.1.max(verdict.nodes));
        self.totals.merge(&Totals::of(&verdict));
        self.per_run.add(&verdict);
        self.digest = match self.wanted {
            1 => verdict.digest,
            _ => self.digest.wrapping_add(mix(verdict.seed, verdict.digest)),
        };
        for (place, expected) in verdict.expected.iter().enumerate() {
            self.expect(place, expected, verdict.seed);
        }
        for (measure, values) in &verdict.measures {
            self.measures.entry(*measure).or_default().merge(values);
        }
        self.find(&verdict);
        if outcome == Outcome::Unmet {
            self.miss(&verdict);
        }
        self.keep(outcome, verdict);
    }

    /// Adds that two runs of a seed differ.
    pub fn add_difference(&mut self, difference: Difference) {
        self.differing += 1;
        if self.difference.is_none_or(|lowest| difference.seed < lowest.seed) {
            self.difference = Some(difference);
        }
    }

    /// Adds that the run of this seed did not hold, if it is among the `most` lowest of them.
    pub fn add_failing(&mut self, seed: u64, most: usize) {
        self.failing.insert(seed);
        while self.failing.len() > most {
            self.failing.pop_last();
        }
    }

    /// Adds what other runs of the same scenario came to. Both are summaries of runs that were wanted together.
    pub fn merge(&mut self, other: &Self, most_failing: usize) {
        self.held += other.held;
        self.unmet += other.unmet;
        self.violated += other.violated;
        self.refused = self.refused.take().or_else(|| other.refused.clone());
        self.nodes = (self.nodes.0.min(other.nodes.0), self.nodes.1.max(other.nodes.1));
        self.totals.merge(&other.totals);
        self.per_run.merge(&other.per_run);
        self.digest = self.digest.wrapping_add(other.digest);
        for (what, theirs) in &other.expectations {
            match self.expectations.get_mut(what) {
                Some(mine) => mine.merge(theirs),
                None => _ = self.expectations.insert(what.clone(), theirs.clone()),
            }
        }
        for (measure, values) in &other.measures {
            self.measures.entry(*measure).or_default().merge(values);
        }
        other.found.iter().for_each(|(property, found)| found.add_to(&mut self.found, *property));
        other.missed_by.iter().for_each(|(what, found)| found.add_to(&mut self.missed_by, what.clone()));
        self.cannot_observe(&other.not_observed);
        other.violation.iter().for_each(|verdict| keep_first(&mut self.violation, verdict));
        other.missed.iter().for_each(|verdict| keep_first(&mut self.missed, verdict));
        other.stories.iter().for_each(|(seed, story)| _ = self.stories.insert(*seed, story.clone()));
        self.differing += other.differing;
        let differences = self.difference.into_iter().chain(other.difference);
        self.difference = differences.min_by_key(|difference| difference.seed);
        self.repeated += other.repeated;
        other.failing.iter().for_each(|&seed| self.add_failing(seed, most_failing));
        self.only = self.only.take().or_else(|| other.only.clone());
    }

    /// Notes that the system would not run the scenario.
    pub fn refuse(&mut self, why: String) {
        self.refused.get_or_insert(why);
    }

    /// Whether every run that was asked for was done.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        u128::from(self.totals.runs) == self.wanted
    }

    /// The expectations of which one run was to be enough, and of which none was. One seed is no campaign:
    /// then nothing is judged over seeds, and neither before all runs are done.
    pub fn never_met(&self) -> impl Iterator<Item = &str> {
        let judged = self.is_complete() && self.wanted > 1;
        let never = |place: &usize, fared: &Expectation| {
            fared.over_seeds && fared.met == 0 && !self.bounds.contains_key(place)
        };
        let all = self.expectations.iter().filter(move |((place, _), fared)| judged && never(place, fared));
        all.map(|((_, what), _)| what.as_str())
    }

    /// The bounds on what all runs together measured, each with its place among the expectations and what it
    /// came to. None of them is judged before all runs are done.
    pub fn bounded(&self) -> impl Iterator<Item = (usize, Measured)> {
        let none = Histogram::default();
        let judge = move |(&place, limit): (&usize, &Limit)| {
            let values = self.measures.get(&limit.measure).unwrap_or(&none);
            (place, bounded(limit.measure, limit.percent, limit.bound, values, true))
        };
        self.bounds.iter().filter(|_| self.is_complete()).map(judge)
    }

    /// How the scenario stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        if self.differing > 0 {
            Standing::Differs
        } else if self.violated > 0 {
            Standing::Violated
        } else if self.refused.is_some() {
            Standing::Refused
        } else if self.unmet > 0
            || self.never_met().next().is_some()
            || self.bounded().any(|(_, bound)| !bound.held)
        {
            Standing::Unmet
        } else if self.is_complete() {
            Standing::Held
        } else {
            Standing::Unfinished
        }
    }

    fn expect(&mut self, place: usize, expected: &Measured, seed: u64) {
        let fresh = Expectation {
            over_seeds: expected.over_seeds,
            met: 0,
            unmet: 0,
            first_met: None,
            first_unmet: None,
        };
        let expectation = self.expectations.entry((place, expected.what.clone())).or_insert(fresh);
        let (count, first) = match expected.held {
            true => (&mut expectation.met, &mut expectation.first_met),
            false => (&mut expectation.unmet, &mut expectation.first_unmet),
        };
        *count += 1;
        *first = Some(first.map_or(seed, |first| first.min(seed)));
    }

    fn find(&mut self, verdict: &Verdict) {
        for finding in verdict.found() {
            Found { runs: 1, seed: verdict.seed }.add_to(&mut self.found, finding.property);
        }
        self.cannot_observe(&verdict.not_observed);
    }

    fn miss(&mut self, verdict: &Verdict) {
        for expected in verdict.unmet() {
            Found { runs: 1, seed: verdict.seed }.add_to(&mut self.missed_by, expected.what.clone());
        }
    }

    fn cannot_observe(&mut self, properties: &[Property]) {
        self.not_observed.extend(properties);
        self.not_observed.sort_unstable();
        self.not_observed.dedup();
    }

    /// Keeps the verdict if it is the only one, or the first of its kind.
    fn keep(&mut self, outcome: Outcome, verdict: Verdict) {
        let place = match outcome {
            Outcome::Held => None,
            Outcome::Unmet => Some(&mut self.missed),
            Outcome::Violated => Some(&mut self.violation),
        };
        place.into_iter().for_each(|place| keep_first(place, &verdict));
        if self.wanted == 1 {
            self.only = Some(Box::new(verdict));
        }
    }
}

/// Keeps a verdict if it comes before the one that is kept: outcomes first, then the lowest seed.
fn keep_first(kept: &mut Option<Box<Verdict>>, verdict: &Verdict) {
    let rank = |verdict: &Verdict| (verdict.violation.is_none(), verdict.seed);
    if kept.as_ref().is_none_or(|kept| rank(verdict) < rank(kept)) {
        *kept = Some(Box::new(verdict.clone()));
    }
}
