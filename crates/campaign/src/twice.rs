//! A run can be trusted when it can be repeated: the same plan is run again and the digests are compared.
//!
//! The second run has memory of its own and no trace, so that what a runner keeps from run to run, and
//! whoever watches, is put to the test with it.

use whitewater_sim::plan::Plan;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::trace::Keep;
use whitewater_sim::verdict::{Rung, Verdict};

/// Two runs of one seed that differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The seed of both.
    pub seed: u64,
    /// The first step, in the order in which steps end, whose digest differs; `None` when they differ only
    /// after the last one.
    pub step: Option<u32>,
    /// The digests at the end.
    pub digests: (u64, u64),
}

/// Runs `plan` on `runner`, and once more on `fresh`, which has not run before.
pub(crate) fn run_twice(
    plan: Plan,
    settings: &Settings,
    runner: &mut dyn Runner,
    fresh: &mut dyn Runner,
) -> Result<(Verdict, Option<Difference>), Unsupported> {
    let first = runner.run(plan.clone(), &Settings { ladder: true, ..*settings })?;
    let unwatched = Settings { ladder: true, keep: Keep::Nothing, ..*settings };
    let second = fresh.run(plan, &unwatched)?;
    let difference = compare(&first, &second);
    Ok((first, difference))
}

fn compare(first: &Verdict, second: &Verdict) -> Option<Difference> {
    let digests = (first.digest, second.digest);
    let same = digests.0 == digests.1 && first.ladder == second.ladder && first.violation == second.violation;
    let step = first_difference(&first.ladder, &second.ladder);
    (!same).then_some(Difference { seed: first.seed, step, digests })
}

/// The first step at which two ladders part.
fn first_difference(first: &[Rung], second: &[Rung]) -> Option<u32> {
    let common = first.iter().zip(second).take_while(|(a, b)| a == b).count();
    first.get(common).or(second.get(common)).map(|rung| rung.step)
}

#[cfg(test)]
mod tests {
    use super::{Rung, first_difference};

    fn ladder(digests: &[u32]) -> Vec<Rung> {
        (10..).zip(digests).map(|(step, &digest)| Rung { step, digest }).collect()
    }

    #[test]
    fn the_first_step_that_differs_is_named() {
        let parts = |first: &[u32], second: &[u32]| first_difference(&ladder(first), &ladder(second));
        assert_eq!(parts(&[1, 2, 3], &[1, 2, 3]), None);
        assert_eq!(parts(&[1, 2, 3], &[1, 9, 3]), Some(11));
        assert_eq!(parts(&[1, 2], &[1, 2, 3]), Some(12));
        assert_eq!(parts(&[], &[7]), Some(10));
    }
}
