//! Times as text: `150ms`, `1.5s`, `10us`. A number without a unit is never a time.
//!
//! Reading and writing are exact; no float is involved.

use crate::predicate::lexer::{Kind, Lexer, Mistake};
use crate::predicate::near::nearest;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;
use whitewater_check::types::Nanos;

/// One day in nanoseconds: the longest time that a scenario may name.
pub const DAY: Nanos = 86_400_000_000_000;

/// The units, longest first, and how many nanoseconds each has.
const UNITS: [(&str, Nanos); 5] =
    [("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000), ("ns", 1)];

/// The nanoseconds that a text such as `1.5s` stands for: a number, then `ns`, `us`, `ms`, `s` or `m`.
///
/// # Errors
///
/// When it is anything else, is finer than a nanosecond, or is longer than one day.
pub fn parse(text: &str) -> Result<Nanos, Mistake> {
    let mut lexer = Lexer::new(text);
    let (number, unit, end) = (lexer.next(), lexer.next(), lexer.next());
    if number.kind != Kind::Number {
        return Err(number.mistake(format!("expected a time such as \"150ms\", found {number}")));
    }
    let Some((_, nanos)) = UNITS.iter().find(|(name, _)| unit.is(name)) else {
        let mistake = unit.mistake(format!("expected a unit (ns, us, ms, s or m), found {unit}"));
        return Err(mistake
            .meant(nearest(unit.text, UNITS.map(|(name, _)| name)).filter(|_| unit.kind == Kind::Word)));
    };
    if end.kind != Kind::End {
        return Err(end.mistake(format!("expected the end of the time, found {end}")));
    }
    scaled(number.text, *nanos).map_err(|message| number.mistake(message))
}

/// A decimal number times a unit.
fn scaled(number: &str, unit: Nanos) -> Result<Nanos, &'static str> {
    const TOO_LONG: &str = "a time is at most one day";
    const TOO_FINE: &str = "a time is a whole number of nanoseconds";
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let mut nanos = u128::from(whole.parse::<u64>().map_err(|_| TOO_LONG)?) * u128::from(unit);
    if !fraction.is_empty() {
        let places = u32::try_from(fraction.len()).ok().filter(|&places| places <= 12).ok_or(TOO_FINE)?;
        let parts = u128::from(fraction.parse::<u64>().map_err(|_| TOO_FINE)?) * u128::from(unit);
        let scale = 10_u128.pow(places);
        if parts % scale != 0 {
            return Err(TOO_FINE);
        }
        nanos += parts / scale;
    }
    Nanos::try_from(nanos).ok().filter(|&nanos| nanos <= DAY).ok_or(TOO_LONG)
}

/// A time in nanoseconds that shows itself as a scenario file has it: in the longest unit, up to seconds,
/// of which it has at least one, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown(pub Nanos);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, unit) = match self.0 {
            0 => ("s", 1_000_000_000),
            1..1_000 => ("ns", 1),
            1_000..1_000_000 => ("us", 1_000),
            1_000_000..1_000_000_000 => ("ms", 1_000_000),
            1_000_000_000.. => ("s", 1_000_000_000),
        };
        let (whole, rest) = (self.0 / unit, self.0 % unit);
        if rest == 0 {
            return write!(f, "{whole}{name}");
        }
        let places = unit.ilog10() as usize;
        let digits = format!("{rest:0places$}");
        write!(f, "{whole}.{}{name}", digits.trim_end_matches('0'))
    }
}

/// A time in a scenario file, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Time(pub(crate) Nanos);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(TimeVisitor)
    }
}

struct TimeVisitor;

impl Visitor<'_> for TimeVisitor {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time with a unit, such as \"150ms\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
        parse(text).map(Time).map_err(|mistake| match mistake.help {
            None => E::custom(mistake.message),
            Some(help) => E::custom(format!("{}; {help}", mistake.message)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times_read_as_they_are_written() {
        let table = [
            ("150ms", 150_000_000),
            ("1.5s", 1_500_000_000),
            ("10us", 10_000),
            ("7ns", 7),
            ("2m", 120_000_000_000),
            ("0.5m", 30_000_000_000),
            ("0s", 0),
            ("0.000000001s", 1),
            ("1.500000000000000000s", 1_500_000_000),
            ("1440m", DAY),
            (" 3 ms ", 3_000_000),
        ];
        for (text, nanos) in table {
            assert_eq!(parse(text), Ok(nanos), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_at_its_place() {
        let table = [
            ("150", 3, "unit"),
            ("", 0, "time"),
            ("ms", 0, "time"),
            ("-1s", 0, "time"),
            ("1.5", 3, "unit"),
            ("1h", 1, "unit"),
            ("5msec", 1, "unit"),
            ("1s 2s", 3, "end"),
            ("0.5ns", 0, "whole number of nanoseconds"),
            ("1.0000000001s", 0, "whole number of nanoseconds"),
            ("1441m", 0, "one day"),
            ("99999999999999999999999s", 0, "one day"),
            ("1e3s", 1, "unit"),
            ("NaN", 0, "time"),
            (".5s", 0, "time"),
            ("1µs", 1, "unit"),
        ];
        for (text, at, word) in table {
            let mistake = parse(text).unwrap_err();
            assert_eq!(mistake.at, at, "{text}: {mistake}");
            assert!(mistake.message.contains(word), "{text}: {mistake}");
        }
        assert_eq!(parse("5Ms").unwrap_err().help.as_deref(), Some("did you mean `ms`?"));
    }

    #[test]
    fn the_shown_form_is_short() {
        let table = [
            (0, "0s"),
            (999, "999ns"),
            (1_500, "1.5us"),
            (150_000_000, "150ms"),
            (1_500_000_000, "1.5s"),
            (DAY, "86400s"),
        ];
        for (nanos, text) in table {
            assert_eq!(Shown(nanos).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(nanos in 0..=DAY) {
            prop_assert_eq!(parse(&Shown(nanos).to_string()), Ok(nanos));
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}") {
            let _ = parse(&text);
        }
    }
}
