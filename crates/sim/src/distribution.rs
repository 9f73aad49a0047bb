//! Distributions of times: how long a message takes, how long a sync takes, when the next fault comes.
//!
//! A sample is a function of 32 drawn bits and of nothing else, in whole numbers throughout: no float can
//! make a seed mean something else on another machine. The laws with a tail are interpolated between 257
//! quantiles, eight to an octave of probability on either side of the median.
//!
//! How exact that is: to a nanosecond at the quantiles in the table. Between them an exponential is within
//! 0.3 % of the true quantile from the tenth percentile up, and within 0.5 % in its mean; a lognormal is
//! within 0.5 % in its mean, its median and its 1st and 99th percentile as long as p99 is at most 30 times
//! the median.
//!
//! Where it ends: at the quantiles 2^-17 and 1 - 2^-17. One draw in 131,072 lies beyond either, and is given
//! that quantile: 11.8 times the mean of an exponential. A lognormal whose p99 is 100 times its median loses
//! up to 2 % of its mean that way; steeper ones lose more. No value in a table lies above one day.

use crate::quantiles::{EXPONENTIAL, FRACTION_BITS, KNOTS, MIDDLE, NORMAL_99, NORMAL_BELOW};
use crate::scenario::duration::{DAY, Shown};
use std::fmt;
use whitewater_check::types::Nanos;

/// A distribution of times, in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Always the same.
    Constant(Nanos),
    /// Every time from `low` to `low + width` is equally likely, both ends included.
    Uniform {
        /// The shortest time.
        low: Nanos,
        /// How much longer the longest one is.
        width: Nanos,
    },
    /// A law with a tail.
    Quantiles(Box<Quantiles>),
}

/// A law with a tail, as a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantiles {
    law: Law,
    knots: [Nanos; KNOTS],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Law {
    Exponential { mean: Nanos },
    Lognormal { median: Nanos, p99: Nanos },
}

impl Distribution {
    /// Always `time`.
    #[must_use]
    pub fn constant(time: Nanos) -> Self {
        Self::Constant(time)
    }

    /// Every time from `low` to `high`, both included. Over a width of more than 2^32 ns (4.3 s) the times
    /// lie some nanoseconds apart.
    ///
    /// # Panics
    ///
    /// When `low` is above `high`.
    #[must_use]
    pub fn uniform(low: Nanos, high: Nanos) -> Self {
        assert!(low <= high, "a uniform distribution from {low} to {high} ns is empty");
        Self::Uniform { low, width: high - low }
    }

    /// The exponential law: the time to the next of events that keep no memory of the last.
    #[must_use]
    pub fn exponential(mean: Nanos) -> Self {
        let knots = std::array::from_fn(|n| {
            let wide = (u128::from(mean) * u128::from(EXPONENTIAL[n])) >> FRACTION_BITS;
            wide.min(u128::from(DAY)) as Nanos
        });
        Self::Quantiles(Box::new(Quantiles { law: Law::Exponential { mean }, knots }))
    }

    /// The lognormal law with this median, whose 99th percentile is `p99`: `median * (p99 / median)^(z /
    /// z99)` with z normal.
    ///
    /// # Panics
    ///
    /// When `median` is 0 or above `p99`, or `p99` is above one day.
    #[must_use]
    pub fn lognormal(median: Nanos, p99: Nanos) -> Self {
        assert!(
            0 < median && median <= p99 && p99 <= DAY,
            "no lognormal has median {median} and p99 {p99} ns"
        );
        let spread = i128::from(log2(p99) - log2(median));
        let knots = std::array::from_fn(|n| {
            let below = n <= MIDDLE;
            let z = i128::from(NORMAL_BELOW[if below { n } else { KNOTS - 1 - n }]);
            let exponent = spread * z / i128::from(NORMAL_99);
            scaled(median, if below { -exponent } else { exponent } as i64)
        });
        Self::Quantiles(Box::new(Quantiles { law: Law::Lognormal { median, p99 }, knots }))
    }

    /// The time that these drawn bits stand for. More bits, longer time.
    #[inline]
    #[must_use]
    pub fn sample(&self, bits: u32) -> Nanos {
        match self {
            Self::Constant(time) => *time,
            Self::Uniform { low, width } => {
                low + ((u128::from(bits) * (u128::from(*width) + 1)) >> 32) as Nanos
            }
            Self::Quantiles(table) => table.sample(bits),
        }
    }

    /// The longest time that can be drawn.
    #[must_use]
    pub fn max(&self) -> Nanos {
        match self {
            Self::Constant(time) => *time,
            Self::Uniform { low, width } => low + width,
            Self::Quantiles(table) => table.knots[KNOTS - 1],
        }
    }

    /// The shortest time that can be drawn.
    #[must_use]
    pub fn min(&self) -> Nanos {
        match self {
            Self::Constant(time) => *time,
            Self::Uniform { low, .. } => *low,
            Self::Quantiles(table) => table.knots[0],
        }
    }
}

impl Quantiles {
    /// Each half of the bits counts its distance from its own end of the law. The leading zeros of that
    /// distance name the octave, its next three bits the knot, the other 28 the place between two knots.
    #[inline]
    fn sample(&self, bits: u32) -> Nanos {
        let above = bits >> 31 == 1;
        let distance = if above { !bits } else { bits }.max(1 << 15);
        let octave = 16 - distance.leading_zeros();
        let scaled = distance << distance.leading_zeros();
        let step = (octave << 3 | (scaled >> 28 & 7)) as usize;
        let part = i128::from(scaled & 0x0fff_ffff);
        let (from, to) = if above { (KNOTS - 1 - step, KNOTS - 2 - step) } else { (step, step + 1) };
        let (from, to) = (self.knots[from] as i64, self.knots[to] as i64);
        (from + ((i128::from(to - from) * part) >> 28) as i64) as Nanos
    }
}

/// As a scenario file has it.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(time) => write!(f, "\"{}\"", Shown(*time)),
            Self::Uniform { low, width } => {
                write!(f, r#"{{"uniform": ["{}", "{}"]}}"#, Shown(*low), Shown(low + width))
            }
            Self::Quantiles(table) => match table.law {
                Law::Exponential { mean } => write!(f, r#"{{"exponential": {{"mean": "{}"}}}}"#, Shown(mean)),
                Law::Lognormal { median, p99 } => {
                    write!(
                        f,
                        r#"{{"lognormal": {{"median": "{}", "p99": "{}"}}}}"#,
                        Shown(median),
                        Shown(p99)
                    )
                }
            },
        }
    }
}

/// The binary logarithm of `n` (at least 1) in units of 2^-32, rounded down: the integer part is the place of
/// the highest bit, each further bit says whether the square of the rest passes 2.
fn log2(n: u64) -> i64 {
    let whole = n.ilog2();
    let mut rest = u128::from(n) << (63 - whole);
    let mut bits = i64::from(whole);
    for _ in 0..FRACTION_BITS {
        rest = (rest * rest) >> 63;
        let passes = rest >> 64;
        rest >>= passes;
        bits = bits << 1 | passes as i64;
    }
    bits
}

/// `time * 2^exponent`, the exponent in units of 2^-32, rounded; at most one day.
fn scaled(time: Nanos, exponent: i64) -> Nanos {
    let whole = exponent >> FRACTION_BITS;
    if whole >= 47 {
        return DAY;
    }
    let shift = 62 - whole;
    if shift >= 127 {
        return 0;
    }
    let wide = u128::from(time) * exp2_fraction(exponent as u32) + (1 << (shift - 1));
    (wide >> shift).min(u128::from(DAY)) as Nanos
}

/// `2^fraction` for a fraction in units of 2^-32, in units of 2^-62: the product of the roots of 2 that its
/// bits name.
fn exp2_fraction(fraction: u32) -> u128 {
    let mut product = 1 << 62;
    for (n, root) in ROOTS.iter().enumerate() {
        if fraction >> (31 - n) & 1 == 1 {
            product = (product * root) >> 62;
        }
    }
    product
}

/// The square root of 2, the square root of that, and so on, in units of 2^-62.
const ROOTS: [u128; 32] = {
    let mut roots = [0; 32];
    let mut root: u128 = 2 << 62;
    let mut n = 0;
    while n < 32 {
        root = (root << 62).isqrt();
        roots[n] = root;
        n += 1;
    }
    roots
};

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: f64 = (1_u64 << FRACTION_BITS) as f64;

    #[test]
    fn the_logarithm_agrees_with_the_one_of_floats() {
        for n in [1, 2, 3, 7, 10, 1_000, 12_345_678_901, DAY, u64::MAX >> 12] {
            let error = log2(n) as f64 / ONE - (n as f64).log2();
            assert!(error.abs() < 1e-9, "log2({n}) is off by {error}");
        }
    }

    #[test]
    fn the_power_agrees_with_the_one_of_floats() {
        for n in -400..300 {
            let exponent = f64::from(n) * 0.0937;
            let expected = (1e9 * exponent.exp2()).min(DAY as f64);
            let found = scaled(1_000_000_000, (exponent * ONE) as i64) as f64;
            assert!(
                (found - expected).abs() <= expected * 1e-8 + 1.0,
                "2^{exponent}: {found}, not {expected}"
            );
        }
        assert_eq!(scaled(1, i64::MAX), DAY);
        assert_eq!(scaled(DAY, i64::MIN), 0);
    }

    #[test]
    fn the_exponential_table_is_the_law() {
        for (n, knot) in EXPONENTIAL.iter().enumerate() {
            let expected = -(-probability(n)).ln_1p();
            let found = *knot as f64 / ONE;
            assert!((found - expected).abs() < 1e-9, "knot {n}: {found}, not {expected}");
        }
    }

    /// The other way round: the integral of the density up to the table's value is the probability.
    #[test]
    fn the_normal_table_is_the_law() {
        for (n, knot) in NORMAL_BELOW.iter().enumerate() {
            let z = *knot as f64 / ONE;
            let steps = 2_000;
            let width = z / f64::from(steps);
            let density = |step: i32| (-(f64::from(step) * width).powi(2) / 2.0).exp();
            let simpson: f64 = (1..steps).map(|s| density(s) * if s % 2 == 1 { 4.0 } else { 2.0 }).sum();
            let inside =
                (density(0) + simpson + density(steps)) * width / 3.0 / (2.0 * std::f64::consts::PI).sqrt();
            let below = 0.5 - inside;
            assert!((below - probability(n)).abs() < 1e-9, "knot {n}: {below}, not {}", probability(n));
        }
    }

    fn probability(knot: usize) -> f64 {
        let below = |n: usize| (2_f64).powi(n as i32 / 8 - 17) * (1.0 + (n % 8) as f64 / 8.0);
        if knot <= MIDDLE { below(knot) } else { 1.0 - below(KNOTS - 1 - knot) }
    }
}
