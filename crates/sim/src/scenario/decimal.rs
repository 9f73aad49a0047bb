//! Decimals in a scenario file, kept as whole parts of one: `0.05` as so many billionths.
//!
//! The one float of the crate is here: what the JSON reader makes of `0.05` is rounded to whole parts before
//! anybody uses it. The reader's value and the product are fixed by IEEE 754, so the rounding is the same on
//! every machine.

use serde::de::{self, Deserializer, Unexpected, Visitor};
use std::fmt;
use std::ops::RangeInclusive;

/// How a decimal is kept, and which ones there are.
#[derive(Clone, Debug)]
pub(crate) struct Decimal {
    /// How many parts one has.
    pub(crate) one: u64,
    /// How many parts are allowed.
    pub(crate) allowed: RangeInclusive<u64>,
    /// What it looks like, for errors.
    pub(crate) what: &'static str,
}

impl Decimal {
    /// Its parts, as the reader finds it.
    pub(crate) fn read<'de, D: Deserializer<'de>>(self, deserializer: D) -> Result<u64, D::Error> {
        deserializer.deserialize_f64(self)
    }

    fn parts(&self, number: f64) -> Option<u64> {
        let one = self.one as f64;
        let (least, most) = (*self.allowed.start() as f64 / one, *self.allowed.end() as f64 / one);
        (least..=most).contains(&number).then(|| (number * one).round() as u64)
    }
}

impl Visitor<'_> for Decimal {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<u64, E> {
        let parts = number.checked_mul(self.one).filter(|parts| self.allowed.contains(parts));
        parts.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<u64, E> {
        Err(E::invalid_value(Unexpected::Signed(number), &self))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<u64, E> {
        self.parts(number).ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
    }
}

/// Writes so many parts of one as a decimal, exactly. One has a power of ten of them.
pub(crate) fn show(f: &mut fmt::Formatter<'_>, parts: u64, one: u64) -> fmt::Result {
    let places = one.ilog10() as usize;
    let rest = format!("{:0places$}", parts % one);
    match rest.trim_end_matches('0') {
        "" => write!(f, "{}", parts / one),
        digits => write!(f, "{}.{digits}", parts / one),
    }
}
