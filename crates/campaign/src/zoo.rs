//! The hunt for a planted bug: how many seeds it takes to find it, over campaigns that share none.
//!
//! A bug that breaks a promise is found by the first run in which a property named for it is violated, or that stalls
//! although progress was possible. A bug that only makes everything slower is found by no single run: for it the seeds are those of a
//! campaign that is judged as a whole, stalls and bounds alike, and the campaign grows until it is enough.
//!
//! One campaign is one thread's work from its first seed to its last, so that nothing depends on how many threads
//! there are. What a bug is, and where it is planted, it does not know: a leg says what is run.

use crate::leg::Leg;
use crate::seeds::SeedRange;
use crate::summary::Summary;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use whitewater_check::property::{Class, Property};
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::trace::Keep;
use whitewater_sim::verdict::Verdict;

/// The sizes that a campaign is tried with when it is judged as a whole.
pub const SIZES: [u64; 5] = [20, 50, 100, 200, 300];

/// How a hunt is run. Only the number of threads does not change what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hunting {
    /// How many campaigns there are.
    pub campaigns: u64,
    /// How many seeds a campaign has at most.
    pub seeds: u64,
    /// How many threads run.
    pub threads: usize,
}

/// What counts as having found the bug.
#[derive(Clone, Copy, Debug)]
pub enum Quarry<'a> {
    /// Any of these properties is violated.
    Violation(&'a [Property]),
    /// The runs of a campaign, taken together, do not get on as the scenario expects.
    Delay,
}

/// When a campaign found what it was after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// How many seeds that took.
    pub seeds: u64,
    /// What it was: the name of a property, or what was expected in vain.
    pub what: String,
}

/// What one campaign came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caught {
    /// The first early property that counts.
    pub early: Option<Sighting>,
    /// The first outcome that counts, or the size of a campaign that was enough.
    pub outcome: Option<Sighting>,
    /// How many runs there were.
    pub runs: u64,
}

impl Caught {
    /// The sighting that came first; of two in one run, the outcome.
    #[must_use]
    pub fn first(&self) -> Option<&Sighting> {
        self.outcome.iter().chain(&self.early).min_by_key(|sighting| sighting.seeds)
    }
}

/// What the campaigns of a hunt came to, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bag {
    /// One a campaign.
    pub campaigns: Vec<Caught>,
}

/// A way to look at a campaign: at whatever was seen first, or at one kind of it.
pub type Lens = fn(&Caught) -> Option<&Sighting>;

impl Bag {
    /// In how many campaigns nothing was seen.
    #[must_use]
    pub fn missed(&self, lens: Lens) -> usize {
        self.campaigns.iter().filter(|caught| lens(caught).is_none()).count()
    }

    /// How many seeds were enough for so many percent of the campaigns; `None` if that many saw nothing.
    #[must_use]
    pub fn quantile(&self, lens: Lens, percent: usize) -> Option<u64> {
        let mut seeds: Vec<u64> = self.campaigns.iter().filter_map(lens).map(|seen| seen.seeds).collect();
        seeds.sort_unstable();
        let rank = (self.campaigns.len() * percent).div_ceil(100).max(1);
        seeds.get(rank - 1).copied()
    }

    /// What was seen in most campaigns; of several the first by name.
    #[must_use]
    pub fn mostly(&self, lens: Lens) -> Option<&str> {
        let names: Vec<&str> =
            self.campaigns.iter().filter_map(lens).map(|seen| seen.what.as_str()).collect();
        let count = |name: &str| names.iter().filter(|other| **other == name).count();
        names.iter().copied().max_by(|a, b| count(a).cmp(&count(b)).then(b.cmp(a)))
    }

    /// How many runs there were in all campaigns.
    #[must_use]
    pub fn runs(&self) -> u64 {
        self.campaigns.iter().map(|caught| caught.runs).sum()
    }
}

/// Hunts in as many campaigns as are asked for; the seeds of the leg are not used. Raising `abort` ends each
/// campaign with the run that is under way.
///
/// # Panics
///
/// When the system refuses the leg, or with the panic of a thread.
pub fn hunt(leg: &Leg<'_>, quarry: Quarry<'_>, how: &Hunting, abort: &AtomicBool) -> Bag {
    let next = AtomicU64::new(0);
    let work = || {
        let mut hunter = Hunter { leg, abort, runner: (leg.runner)() };
        let mut done = Vec::new();
        loop {
            let campaign = next.fetch_add(1, Ordering::Relaxed);
            if campaign >= how.campaigns || abort.load(Ordering::Relaxed) {
                return done;
            }
            let first = campaign * how.seeds + 1;
            let caught = match quarry {
                Quarry::Violation(properties) => hunter.violation(properties, first, how.seeds),
                Quarry::Delay => hunter.delay(first, how.seeds),
            };
            done.push((campaign, caught));
        }
    };
    let mut campaigns = thread::scope(|scope| {
        let workers: Vec<_> = (0..how.threads.max(1)).map(|_| scope.spawn(work)).collect();
        let join = |worker: thread::ScopedJoinHandle<'_, _>| {
            worker.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        workers.into_iter().flat_map(join).collect::<Vec<_>>()
    });
    campaigns.sort_unstable_by_key(|(campaign, _)| *campaign);
    Bag { campaigns: campaigns.into_iter().map(|(_, caught)| caught).collect() }
}

/// One thread, with a runner that it keeps.
struct Hunter<'a> {
    leg: &'a Leg<'a>,
    abort: &'a AtomicBool,
    runner: Box<dyn Runner>,
}

impl Hunter<'_> {
    fn run(&mut self, seed: u64) -> Verdict {
        let settings = Settings { keep: Keep::Nothing, ..Settings::default() };
        let verdict = self.runner.run(self.leg.plan(seed), &settings);
        verdict.unwrap_or_else(|refusal| panic!("the hunt cannot begin: {refusal}"))
    }

    /// Runs seed after seed until each kind of property that counts was seen to be violated.
    fn violation(&mut self, properties: &[Property], first: u64, seeds: u64) -> Caught {
        let wants = |class| properties.iter().any(|property| property.class() == class);
        let mut caught = Caught::default();
        while caught.runs < seeds && !self.abort.load(Ordering::Relaxed) {
            let verdict = self.run(first + caught.runs);
            caught.runs += 1;
            note(&mut caught, properties, &verdict);
            let early = caught.early.is_some() || !wants(Class::Early);
            if early && (caught.outcome.is_some() || !wants(Class::Outcome)) {
                break;
            }
        }
        caught
    }

    /// Runs seed after seed, and judges them all together at each of the sizes.
    fn delay(&mut self, first: u64, seeds: u64) -> Caught {
        let mut caught = Caught::default();
        let mut verdicts: Vec<Verdict> = Vec::new();
        for size in SIZES.into_iter().filter(|size| *size <= seeds) {
            while caught.runs < size {
                if self.abort.load(Ordering::Relaxed) {
                    return caught;
                }
                verdicts.push(self.run(first + caught.runs));
                caught.runs += 1;
            }
            let range = SeedRange::new(first, first + size - 1).expect("a size is not zero");
            let mut summary = Summary::of_plan(range, &self.leg.plan(first));
            verdicts.iter().for_each(|verdict| summary.add(verdict.clone()));
            if let Some(what) = delayed(&summary) {
                caught.outcome = Some(Sighting { seeds: size, what });
                break;
            }
        }
        caught
    }
}

/// Takes note of what a run has violated, where it is the first of its kind.
fn note(caught: &mut Caught, properties: &[Property], verdict: &Verdict) {
    let seeds = caught.runs;
    for property in verdict.failures().map(|finding| finding.property) {
        let place = match property.class() {
            Class::Outcome => &mut caught.outcome,
            Class::Early => &mut caught.early,
        };
        if properties.contains(&property) {
            place.get_or_insert(Sighting { seeds, what: property.name().to_owned() });
        }
    }
}

/// What a campaign expected in vain, if anything: first a run that stalled, then a bound over all runs.
fn delayed(summary: &Summary) -> Option<String> {
    let stalled = (summary.totals.stalled > 0).then(|| Property::Progress.name().to_owned());
    let unmet = || {
        let mut all = summary.expectations.iter().filter(|(_, fared)| !fared.over_seeds && fared.unmet > 0);
        all.next().map(|((_, what), _)| what.clone())
    };
    let late = || summary.bounded().find(|(_, bound)| !bound.held).map(|(_, bound)| bound.what);
    stalled.or_else(unmet).or_else(late)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bag(seeds: &[Option<u64>]) -> Bag {
        let sighting = |seeds| Sighting { seeds, what: format!("p{}", seeds % 2) };
        let caught = |seeds: &Option<u64>| Caught { outcome: seeds.map(sighting), ..Caught::default() };
        Bag { campaigns: seeds.iter().map(caught).collect() }
    }

    #[test]
    fn campaigns_that_saw_nothing_stand_behind_all_others() {
        let bag = bag(&[Some(9), None, Some(1), Some(4)]);
        let quantile = |percent| bag.quantile(Caught::first, percent);
        assert_eq!([1, 25, 50, 75, 76].map(quantile), [Some(1), Some(1), Some(4), Some(9), None]);
        assert_eq!((bag.missed(Caught::first), bag.missed(|caught| caught.early.as_ref())), (1, 4));
        assert_eq!(bag.mostly(Caught::first), Some("p1"));
        assert_eq!(Bag::default().quantile(Caught::first, 50), None);
    }

    #[test]
    fn whatever_came_first_counts_and_of_two_at_once_the_outcome() {
        let seen = |seeds, what: &str| Some(Sighting { seeds, what: what.to_owned() });
        let first = |early, outcome| Caught { early, outcome, runs: 9 }.first().map(|seen| seen.what.clone());
        assert_eq!(first(seen(2, "early"), seen(5, "outcome")).as_deref(), Some("early"));
        assert_eq!(first(seen(5, "early"), seen(5, "outcome")).as_deref(), Some("outcome"));
        assert_eq!(first(None, None), None);
    }
}
