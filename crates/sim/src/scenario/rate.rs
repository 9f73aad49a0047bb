//! Rates of clocks in a scenario file: decimals from 0.1 to 10, kept as whole parts of a million.

use crate::scenario::decimal::{self, Decimal};
use serde::de::{Deserialize, Deserializer};
use std::fmt;
use std::ops::RangeInclusive;

const MILLION: u64 = 1_000_000;

/// A tenth of the rate of virtual time to ten times that, in parts per million.
const ALLOWED: RangeInclusive<u64> = MILLION / 10..=10 * MILLION;

/// The rate of a clock against virtual time, in parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate(u64);

impl Rate {
    /// What it looks like, for errors.
    pub(crate) const WHAT: &str = "a rate from 0.1 to 10";

    /// The rate of so many parts per million.
    pub(crate) fn ppm(parts: u64) -> Self {
        Self(parts.clamp(*ALLOWED.start(), *ALLOWED.end()))
    }

    /// Its parts per million.
    pub(crate) fn to_ppm(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        decimal::show(f, self.0, MILLION)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let decimal = Decimal { one: MILLION, allowed: ALLOWED, what: Self::WHAT };
        decimal.read(deserializer).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_become_parts_of_a_million() {
        let table = [
            ("1", 1_000_000, "1"),
            ("10", 10_000_000, "10"),
            ("0.1", 100_000, "0.1"),
            ("1.2", 1_200_000, "1.2"),
            ("0.333333", 333_333, "0.333333"),
            ("1.0000004", 1_000_000, "1"),
        ];
        for (text, parts, shown) in table {
            let rate: Rate = serde_json::from_str(text).unwrap();
            assert_eq!((rate.to_ppm(), rate.to_string().as_str()), (parts, shown), "{text}");
        }
        for wrong in ["0", "0.09999", "10.0001", "11", "-1", "18446744073709551615", "1e300", "\"1\"", "null"]
        {
            assert!(serde_json::from_str::<Rate>(wrong).is_err(), "{wrong}");
        }
    }
}
