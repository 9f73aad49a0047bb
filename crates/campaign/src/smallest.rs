//! The smallest story of a planted bug: of the runs by which a hunt found it, the one of the lowest seed, made smaller.
//!
//! A run that breaks a promise to the user says more than one that is only on the way there, so it is preferred,
//! however much later it came. A bug that makes everything slower is shown by no single run and has no such story.
//! How a hunt goes, and how a run is made smaller, is no business of this file.

use crate::leg::Leg;
use crate::shrink::{Case, How, Size, shrink};
use crate::zoo::{Bag, Lens};
use std::sync::atomic::{AtomicBool, Ordering};
use whitewater_check::property::Property;
use whitewater_sim::run::Settings;

/// How small the run could be made by which a bug is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Smallest {
    /// The seed of the run that there was.
    pub seed: u64,
    /// What it violates.
    pub property: Property,
    /// The size of it.
    pub from: Size,
    /// The size of what it was made into.
    pub to: Size,
}

/// Makes the run smaller by which a hunt is told whose campaigns had so many seeds; the seeds of the leg are not
/// used. `None` when the hunt found nothing that one run shows, and when `abort` is raised before the end.
#[must_use]
pub fn smallest(leg: &Leg<'_>, bag: &Bag, seeds: u64, how: &How, abort: &AtomicBool) -> Option<Smallest> {
    let is_whole = || !abort.load(Ordering::Relaxed);
    let (seed, property) = lowest(bag, seeds).filter(|_| is_whole())?;
    let seed = if property == Property::Progress { first_to_stall(leg, seed, seeds)? } else { seed };
    let case = Case { plan: leg.plan(seed), property, runner: leg.runner };
    let shrunk = shrink(&case, how, abort, &mut |_| ())?;
    is_whole().then_some(Smallest { seed, property, from: shrunk.from, to: shrunk.to })
}

/// The lowest seed that showed an outcome, else the lowest that showed an early property, and which that was.
fn lowest(bag: &Bag, seeds: u64) -> Option<(u64, Property)> {
    let lenses: [Lens; 2] = [|caught| caught.outcome.as_ref(), |caught| caught.early.as_ref()];
    let shown = |lens: Lens| {
        let mut campaigns = (0..).zip(&bag.campaigns);
        campaigns.find_map(|(campaign, caught)| {
            let seen = lens(caught)?;
            // What was expected in vain of a campaign is no property.
            Some((campaign * seeds + seen.seeds, seen.what.parse().ok()?))
        })
    };
    lenses.into_iter().find_map(shown)
}

/// The lowest seed of a campaign of so many that stalls, of those up to the last. Of a whole campaign that was held against
/// bounds it is only known that some run did.
fn first_to_stall(leg: &Leg<'_>, last: u64, seeds: u64) -> Option<u64> {
    let mut runner = (leg.runner)();
    (last - (last - 1) % seeds..=last).find(|seed| {
        let run = runner.run(leg.plan(*seed), &Settings::default());
        run.is_ok_and(|run| run.stalled.is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zoo::{Caught, Sighting};

    fn bag(campaigns: &[[Option<(u64, &str)>; 2]]) -> Bag {
        let sighting = |(seeds, what): (u64, &str)| Sighting { seeds, what: what.to_owned() };
        let caught = |[early, outcome]: &[Option<(u64, &str)>; 2]| Caught {
            early: early.map(sighting),
            outcome: outcome.map(sighting),
            runs: 9,
        };
        Bag { campaigns: campaigns.iter().map(caught).collect() }
    }

    #[test]
    fn an_outcome_is_told_before_whatever_came_earlier_and_of_several_the_lowest_seed() {
        let early = Some((2, "monotonicity"));
        let hunt =
            bag(&[[early, None], [early, Some((7, "log_matching"))], [early, Some((1, "log_matching"))]]);
        assert_eq!(lowest(&hunt, 10), Some((17, Property::LogMatching)));
        assert_eq!(lowest(&bag(&[[None; 2], [early, None]]), 10), Some((12, Property::Monotonicity)));
    }

    #[test]
    fn what_no_single_run_shows_is_not_told() {
        let late = [None, Some((20, "election time p50 at most 1ms"))];
        assert_eq!(lowest(&bag(&[late]), 300), None);
        assert_eq!(
            lowest(&bag(&[late, [None, Some((20, "progress"))]]), 300),
            Some((320, Property::Progress))
        );
        assert_eq!(lowest(&Bag::default(), 300), None);
    }
}
