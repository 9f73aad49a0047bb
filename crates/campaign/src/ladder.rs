//! The digest ladder of a capsule: where a run that should be the same leaves the one that was written down.
//!
//! A rung is 16 bits of the digest after a step, in the order in which steps end. A run of up to 65,536 steps
//! has one for each step; a longer one has one for every k-th, with k the smallest power of two that fits, so
//! that a capsule stays small and an interval of k steps can be named. As text it is base64 of the number of
//! steps in 32 bits and of the rungs in 16 bits each, low byte first.
//!
//! Two different steps have equal rungs once in 65,536 times; then a later step is named. Whether two runs are
//! equal is the business of their whole digests.

use base64::prelude::{BASE64_STANDARD, Engine};
use whitewater_sim::verdict::Rung;

/// How many rungs a ladder has at most.
const MOST: usize = 1 << 16;

/// The ladder of a run that was written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// How many steps of the run had ended.
    steps: usize,
    /// The low 16 bits of the digest after every k-th of them.
    rungs: Vec<u16>,
}

/// Where a run leaves the one that a ladder is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// The first step that differs is one of these, as the run numbers them.
    Among {
        /// The lowest.
        first: u32,
        /// The highest; the same one when the step is known.
        last: u32,
    },
    /// The run ends while the other goes on.
    Ends {
        /// After so many steps.
        after: usize,
        /// The steps of the other.
        of: usize,
    },
}

/// The ladder of a run as text. `rungs` has one rung for each step.
#[must_use]
pub fn encode(rungs: &[Rung]) -> String {
    let steps = u32::try_from(rungs.len()).expect("steps are counted in 32 bits");
    let mut bytes = steps.to_le_bytes().to_vec();
    let spacing = spacing(rungs.len());
    for rung in rungs.iter().skip(spacing - 1).step_by(spacing) {
        bytes.extend(short(rung).to_le_bytes());
    }
    BASE64_STANDARD.encode(bytes)
}

/// The ladder that a text holds; `None` when it holds none.
#[must_use]
pub fn decode(text: &str) -> Option<Ladder> {
    let bytes = BASE64_STANDARD.decode(text).ok()?;
    let (steps, rest) = bytes.split_first_chunk()?;
    let steps = usize::try_from(u32::from_le_bytes(*steps)).ok()?;
    let (rungs, odd) = rest.as_chunks();
    let whole = odd.is_empty() && rungs.len() == steps / spacing(steps);
    whole.then(|| Ladder { steps, rungs: rungs.iter().copied().map(u16::from_le_bytes).collect() })
}

impl Ladder {
    /// Where a run leaves the one that this ladder is of, if the ladder tells. `now` has one rung for each step;
    /// `same_end` says whether the digests at the end are equal, which settles what is behind the last rung.
    #[must_use]
    pub fn parting(&self, now: &[Rung], same_end: bool) -> Option<Parting> {
        let spacing = spacing(self.steps);
        let differs = |(place, rung): (usize, &u16)| {
            let end = (place + 1) * spacing;
            now.get(end - 1).is_none_or(|now| short(now) != *rung).then_some((end - spacing, end))
        };
        let beyond = (self.rungs.len() * spacing, self.steps + 1);
        let parted = self.rungs.iter().enumerate().find_map(differs);
        if parted.is_none() && now.len() == self.steps && same_end {
            return None;
        }
        let (from, to) = parted.unwrap_or(beyond);
        let there = now[from.min(now.len())..to.min(now.len())].iter().map(|rung| rung.step);
        match (there.clone().min(), there.max()) {
            (Some(first), Some(last)) => Some(Parting::Among { first, last }),
            (_, _) if now.len() == self.steps => None,
            (_, _) => Some(Parting::Ends { after: now.len(), of: self.steps }),
        }
    }
}

/// From how many steps each rung is one.
fn spacing(steps: usize) -> usize {
    steps.div_ceil(MOST).next_power_of_two()
}

/// What a ladder keeps of a digest.
fn short(rung: &Rung) -> u16 {
    rung.digest as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of so many steps, which are numbered from 1 and end in order.
    fn run(steps: u32) -> Vec<Rung> {
        (1..=steps).map(|step| Rung { step, digest: step.wrapping_mul(0x9e37_79b1) }).collect()
    }

    /// The same run, and another from `step` on.
    fn parted(steps: u32, step: u32) -> Vec<Rung> {
        let other = |rung: Rung| if rung.step < step { rung } else { Rung { digest: !rung.digest, ..rung } };
        run(steps).into_iter().map(other).collect()
    }

    fn ladder(steps: u32) -> Ladder {
        decode(&encode(&run(steps))).unwrap()
    }

    fn at(step: u32) -> Option<Parting> {
        Some(Parting::Among { first: step, last: step })
    }

    #[test]
    fn every_step_of_a_short_run_has_its_rung() {
        for (steps, spaced, rungs) in [
            (0, 1, 0),
            (1, 1, 1),
            (65_535, 1, 65_535),
            (65_536, 1, 65_536),
            (65_537, 2, 32_768),
            (131_073, 4, 32_768),
            (1_000_000, 16, 62_500),
        ] {
            let ladder = ladder(steps);
            assert_eq!((spacing(ladder.steps), ladder.rungs.len()), (spaced, rungs), "{steps} steps");
            assert_eq!(ladder.parting(&run(steps), true), None, "{steps} steps");
            let at_the_end =
                (spaced > 1 && steps % spaced as u32 != 0).then(|| ladder.steps / spaced * spaced + 1);
            let first = |parting| match parting {
                Parting::Among { first, .. } => first as usize,
                Parting::Ends { after, .. } => after,
            };
            assert_eq!(ladder.parting(&run(steps), false).map(first), at_the_end, "{steps} steps");
        }
    }

    #[test]
    fn the_first_step_that_differs_is_named() {
        for step in [1, 2, 499, 500] {
            assert_eq!(ladder(500).parting(&parted(500, step), false), at(step));
        }
        assert_eq!(ladder(65_536).parting(&parted(65_536, 65_536), false), at(65_536));
    }

    #[test]
    fn the_step_has_the_number_that_it_has_now() {
        let mut now = parted(9, 4);
        (now[3].step, now[4].step) = (5, 4);
        assert_eq!(ladder(9).parting(&now, false), at(5));
    }

    #[test]
    fn of_a_long_run_an_interval_is_named() {
        let ladder = ladder(200_001);
        let among = |first, last| Some(Parting::Among { first, last });
        assert_eq!(ladder.parting(&parted(200_001, 1), false), among(1, 4));
        assert_eq!(ladder.parting(&parted(200_001, 4), false), among(1, 4));
        assert_eq!(ladder.parting(&parted(200_001, 100_002), false), among(100_001, 100_004));
        assert_eq!(ladder.parting(&parted(200_001, 200_001), false), at(200_001), "behind the last rung");
        assert_eq!(
            ladder.parting(&run(100_002), false),
            among(100_001, 100_002),
            "it ends within an interval"
        );
        assert_eq!(ladder.parting(&run(100_000), false), Some(Parting::Ends { after: 100_000, of: 200_001 }));
    }

    #[test]
    fn a_run_may_end_sooner_or_go_on() {
        assert_eq!(ladder(9).parting(&run(7), false), Some(Parting::Ends { after: 7, of: 9 }));
        assert_eq!(ladder(9).parting(&[], false), Some(Parting::Ends { after: 0, of: 9 }));
        assert_eq!(ladder(9).parting(&run(12), false), at(10));
        assert_eq!(ladder(0).parting(&run(12), false), at(1));
    }

    #[test]
    fn what_holds_no_ladder_is_none() {
        let of = |steps: u32, rungs: usize| {
            BASE64_STANDARD.encode([&steps.to_le_bytes()[..], &vec![7; 2 * rungs]].concat())
        };
        assert_eq!(decode(&of(3, 3)).map(|ladder| ladder.rungs), Some(vec![0x0707; 3]));
        assert!(decode(&of(u32::MAX, 65_535)).is_some());
        for text in [
            "",
            "AAAA",
            "AAA",
            "====",
            "not base64",
            "AAAAAAA=\n",
            &of(3, 2),
            &of(3, 4),
            &of(0, 1),
            &of(u32::MAX, 1),
            &BASE64_STANDARD.encode([1, 0, 0, 0, 7]),
        ] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
