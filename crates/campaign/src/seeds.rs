//! Seeds as they are asked for: one, or a range with both ends.
//!
//! Nothing is drawn here.

use std::fmt;
use std::str::FromStr;

/// Some seeds in a row, both ends included; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeedRange {
    first: u64,
    last: u64,
}

impl SeedRange {
    /// One seed.
    #[must_use]
    pub fn one(seed: u64) -> Self {
        Self { first: seed, last: seed }
    }

    /// The seeds from `first` to `last`; `None` when there are none.
    #[must_use]
    pub fn new(first: u64, last: u64) -> Option<Self> {
        (first <= last).then_some(Self { first, last })
    }

    /// The lowest seed.
    #[must_use]
    pub fn first(self) -> u64 {
        self.first
    }

    /// The highest seed.
    #[must_use]
    pub fn last(self) -> u64 {
        self.last
    }

    /// How many there are: up to 2^64, hence the type.
    #[must_use]
    pub fn count(self) -> u128 {
        u128::from(self.last - self.first) + 1
    }
}

impl fmt::Display for SeedRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first == self.last {
            true => write!(f, "seed {}", self.first),
            false => write!(f, "seeds {}..{}", self.first, self.last),
        }
    }
}

/// Why a text is no seed, or no range of seeds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSeed(String);

impl fmt::Display for NoSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoSeed {}

impl FromStr for SeedRange {
    type Err = NoSeed;

    /// Takes `A..B`, both ends included, or `N` for `1..N`.
    fn from_str(text: &str) -> Result<Self, NoSeed> {
        let (first, last) = match text.split_once("..") {
            Some((first, last)) => (parse_seed(first)?, parse_seed(last)?),
            None => (1, parse_seed(text)?),
        };
        Self::new(first, last).ok_or_else(|| NoSeed(format!("there is no seed from {first} to {last}")))
    }
}

/// A seed in decimal, or in hexadecimal after `0x`.
///
/// # Errors
///
/// When it is anything else, or above 2^64-1.
pub fn parse_seed(text: &str) -> Result<u64, NoSeed> {
    let (digits, radix) = match text.strip_prefix("0x") {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    let plain = digits.chars().all(|digit| digit.is_digit(radix));
    u64::from_str_radix(digits, radix).ok().filter(|_| plain).ok_or_else(|| {
        NoSeed(format!("`{text}` is no seed: a number from 0 to {}, decimal or 0x hexadecimal", u64::MAX))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_include_both_ends_and_a_lone_number_counts_from_one() {
        let range =
            |text: &str| text.parse::<SeedRange>().map(|range| (range.first(), range.last(), range.count()));
        assert_eq!(range("3..5"), Ok((3, 5, 3)));
        assert_eq!(range("500"), Ok((1, 500, 500)));
        assert_eq!(range("0..0"), Ok((0, 0, 1)));
        assert_eq!(range("0x10..0xff"), Ok((16, 255, 240)));
        assert_eq!(range("0..18446744073709551615"), Ok((0, u64::MAX, 1 << 64)));
    }

    #[test]
    fn what_is_no_seed_is_refused() {
        for text in [
            "",
            "..",
            "1..",
            "..2",
            "-1",
            "+1",
            "0x",
            "0x+1",
            "1.5",
            "ten",
            "18446744073709551616",
            "1..2..3",
        ] {
            assert!(text.parse::<SeedRange>().is_err(), "{text:?} was taken");
        }
        assert_eq!("5..3".parse::<SeedRange>().unwrap_err().to_string(), "there is no seed from 5 to 3");
        assert_eq!("0".parse::<SeedRange>().unwrap_err().to_string(), "there is no seed from 1 to 0");
    }

    #[test]
    fn ranges_read_like_ranges() {
        assert_eq!(SeedRange::one(42).to_string(), "seed 42");
        assert_eq!("2".parse::<SeedRange>().unwrap().to_string(), "seeds 1..2");
    }
}
