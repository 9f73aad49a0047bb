//! Probabilities in a scenario file: decimals from 0 to 1, kept as whole parts of a billion.
//!
//! The one float of the crate is here: what the JSON reader makes of `0.05` is rounded to parts of a billion
//! before anybody uses it. The reader's value and the product are fixed by IEEE 754, so the rounding is the
//! same on every machine.

use crate::chance::Chance;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;

const BILLION: u64 = 1_000_000_000;

/// A probability in parts of a billion, never above one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Probability(u64);

impl Probability {
    /// The probability of so many parts of a billion.
    pub(crate) fn per_billion(parts: u64) -> Self {
        Self(parts.min(BILLION))
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
        let rest = format!("{:09}", self.0 % BILLION);
        match rest.trim_end_matches('0') {
            "" => write!(f, "{}", self.0 / BILLION),
            digits => write!(f, "{}.{digits}", self.0 / BILLION),
        }
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(ProbabilityVisitor)
    }
}

struct ProbabilityVisitor;

impl Visitor<'_> for ProbabilityVisitor {
    type Value = Probability;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a probability from 0 to 1")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Probability, E> {
        match number {
            0 => Ok(Probability(0)),
            1 => Ok(Probability(BILLION)),
            _ => Err(E::invalid_value(de::Unexpected::Unsigned(number), &self)),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Probability, E> {
        Err(E::invalid_value(de::Unexpected::Signed(number), &self))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Probability, E> {
        if (0.0..=1.0).contains(&number) {
            return Ok(Probability((number * BILLION as f64).round() as u64));
        }
        Err(E::invalid_value(de::Unexpected::Float(number), &self))
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
