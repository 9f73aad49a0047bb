//! Shards: the seeds of a campaign shared out among machines that know nothing of each other.
//!
//! A seed belongs to one shard by its remainder, so shards are disjoint and together complete whatever the
//! seeds are.

use crate::seeds::SeedRange;
use std::fmt;
use std::str::FromStr;

/// One of so many shards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// Which one, counted from 1.
    number: u64,
    /// How many there are.
    of: u64,
}

impl Shard {
    /// The only shard: all seeds are its own.
    pub const WHOLE: Self = Self { number: 1, of: 1 };

    /// Shard `number` of so many; `None` when there is none of that number.
    #[must_use]
    pub fn new(number: u64, of: u64) -> Option<Self> {
        (1..=of).contains(&number).then_some(Self { number, of })
    }

    /// Which one it is, counted from 1.
    #[must_use]
    pub fn number(self) -> u64 {
        self.number
    }

    /// How many there are.
    #[must_use]
    pub fn of(self) -> u64 {
        self.of
    }

    /// The seed at this place, counted from 0, among those of its own in a range.
    #[must_use]
    pub fn seed(self, seeds: SeedRange, place: u64) -> Option<u64> {
        let seed = u128::from(self.first_offset(seeds)) + u128::from(place) * u128::from(self.of);
        (seed < seeds.count()).then(|| seeds.first() + seed as u64)
    }

    /// How many seeds of a range are its own.
    #[must_use]
    pub fn count(self, seeds: SeedRange) -> u128 {
        seeds.count().saturating_sub(u128::from(self.first_offset(seeds))).div_ceil(u128::from(self.of))
    }

    /// How far behind the first seed of a range its own first one is.
    fn first_offset(self, seeds: SeedRange) -> u64 {
        let (wanted, got) = (self.number % self.of, seeds.first() % self.of);
        if wanted >= got { wanted - got } else { self.of - (got - wanted) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// A text that is no shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoShard(String);

impl fmt::Display for NoShard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no shard: m/n with m from 1 to n, such as 1/3", self.0)
    }
}

impl std::error::Error for NoShard {}

impl FromStr for Shard {
    type Err = NoShard;

    /// Takes `m/n`, with m from 1 to n.
    fn from_str(text: &str) -> Result<Self, NoShard> {
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let numbers = text.split_once('/').filter(|(number, of)| plain(number) && plain(of));
        let shard = numbers.and_then(|(number, of)| Self::new(number.parse().ok()?, of.parse().ok()?));
        shard.ok_or_else(|| NoShard(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeds_of(shard: &str, seeds: &str) -> Vec<u64> {
        let (shard, seeds): (Shard, SeedRange) = (shard.parse().unwrap(), seeds.parse().unwrap());
        let own: Vec<u64> = (0..).map_while(|place| shard.seed(seeds, place)).collect();
        assert_eq!(own.len() as u128, shard.count(seeds), "{shard} of {seeds}");
        own
    }

    #[test]
    fn shards_are_disjoint_and_together_complete() {
        assert_eq!(seeds_of("1/3", "1..7"), [1, 4, 7]);
        assert_eq!(seeds_of("3/3", "1..7"), [3, 6]);
        assert_eq!(seeds_of("1/1", "4..6"), [4, 5, 6]);
        for seeds in ["0..20", "5..5", "7..30", "18446744073709551600..18446744073709551615"] {
            for of in 1..8 {
                let mut all: Vec<u64> =
                    (1..=of).flat_map(|number| seeds_of(&format!("{number}/{of}"), seeds)).collect();
                all.sort_unstable();
                assert_eq!(all, seeds_of("1/1", seeds), "{of} shards of {seeds}");
            }
        }
    }

    #[test]
    fn what_is_no_shard_is_refused() {
        for text in [
            "",
            "1",
            "/",
            "0/3",
            "4/3",
            "1/0",
            "0/0",
            "+1/3",
            "1/3/5",
            "-1/3",
            "a/b",
            "1/99999999999999999999",
        ] {
            assert!(text.parse::<Shard>().is_err(), "{text:?} was taken");
        }
        assert_eq!("2/2".parse::<Shard>().unwrap().to_string(), "2/2");
    }
}
