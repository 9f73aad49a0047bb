//! Probabilities in a scenario file: decimals from 0 to 1, kept as whole parts of a billion.

use crate::chance::Chance;
use crate::scenario::decimal::{self, Decimal};
use serde::de::{Deserialize, Deserializer};
use std::fmt;

const BILLION: u64 = 1_000_000_000;

/// A probability in parts of a billion, never above one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Probability(u64);

impl Probability {
    /// What it looks like, for errors.
    pub(crate) const WHAT: &str = "a probability from 0 to 1";

    /// The probability of so many parts of a billion.
    pub(crate) const fn per_billion(parts: u64) -> Self {
        Self(if parts < BILLION { parts } else { BILLION })
    }

    /// Its parts of a billion.
    pub(crate) fn to_per_billion(self) -> u64 {
        self.0
    }

    /// As the threshold that the world compares draws with.
    pub(crate) fn chance(self) -> Chance {
        Chance::per_billion(self.0)
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::show(f, self.0, BILLION)
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let decimal = Decimal { one: BILLION, allowed: 0..=BILLION, what: Self::WHAT };
        decimal.read(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_parts_of_a_billion() {
        let table = [
            ("0", 0, "0"),
            ("1", BILLION, "1"),
            ("1.0", BILLION, "1"),
            ("0.1", 100_000_000, "0.1"),
            ("0.3", 300_000_000, "0.3"),
            ("0.07", 70_000_000, "0.07"),
            ("0.123456789", 123_456_789, "0.123456789"),
            ("1e-9", 1, "0.000000001"),
            ("1e-10", 0, "0"),
            ("-0.0", 0, "0"),
        ];
        for (text, parts, shown) in table {
            let probability: Probability = serde_json::from_str(text).unwrap();
            assert_eq!(probability.to_per_billion(), parts, "{text}");
            assert_eq!(probability.to_string(), shown, "{text}");
        }
        for wrong in ["1.000000001", "2", "-1", "-0.1", "1e300", "\"0.1\"", "null", "[0]"] {
            assert!(serde_json::from_str::<Probability>(wrong).is_err(), "{wrong}");
        }
    }
}
