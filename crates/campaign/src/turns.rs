//! The order in which a campaign takes its runs: a seed of each scenario in turn, lowest seeds first.
//!
//! So whenever it ends, the runs that were taken are the lowest seeds of each scenario and can be repeated, and
//! no scenario waits for another.

use crate::seeds::SeedRange;
use crate::shard::Shard;

/// What is left to run.
#[derive(Clone, Debug)]
pub struct Turns {
    shard: Shard,
    /// The seeds of each scenario, and how many of them were taken.
    rows: Vec<(SeedRange, u64)>,
    /// Whose turn it is.
    turn: usize,
}

impl Turns {
    /// All that is of this shard.
    #[must_use]
    pub fn new(seeds: impl IntoIterator<Item = SeedRange>, shard: Shard) -> Self {
        Self { shard, rows: seeds.into_iter().map(|seeds| (seeds, 0)).collect(), turn: 0 }
    }

    /// How many runs there are in all.
    #[must_use]
    pub fn total(&self) -> u128 {
        self.rows.iter().map(|(seeds, _)| self.shard.count(*seeds)).sum()
    }

    /// The next run, as the place of its scenario and its seed.
    pub fn take(&mut self) -> Option<(usize, u64)> {
        for _ in 0..self.rows.len() {
            let place = self.turn;
            self.turn = (self.turn + 1) % self.rows.len();
            let (seeds, taken) = &mut self.rows[place];
            if let Some(seed) = self.shard.seed(*seeds, *taken) {
                *taken += 1;
                return Some((place, seed));
            }
        }
        None
    }

    /// The seeds of a scenario up to the last that was taken; `None` when none was.
    #[must_use]
    pub fn taken(&self, place: usize) -> Option<SeedRange> {
        let (seeds, taken) = self.rows[place];
        SeedRange::new(seeds.first(), self.shard.seed(seeds, taken.checked_sub(1)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_take_turns_until_each_has_run_out() {
        let seeds = ["1..3", "8..8", "5..6"].map(|seeds| seeds.parse().unwrap());
        let mut turns = Turns::new(seeds, Shard::WHOLE);
        assert_eq!((turns.total(), turns.taken(0)), (6, None));
        let all: Vec<_> = std::iter::from_fn(|| turns.take()).collect();
        assert_eq!(all, [(0, 1), (1, 8), (2, 5), (0, 2), (2, 6), (0, 3)]);
        assert_eq!(turns.taken(2), "5..6".parse().ok());
    }

    #[test]
    fn a_shard_takes_its_own() {
        let mut turns = Turns::new(["1..8".parse().unwrap()], "2/3".parse().unwrap());
        assert_eq!((turns.total(), turns.take(), turns.take()), (3, Some((0, 2)), Some((0, 5))));
        assert_eq!(turns.taken(0), "1..5".parse().ok());
    }
}
