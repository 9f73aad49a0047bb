//! Values that a scenario may leave open: plain, `{"between": [a, b]}` or `{"one_of": [...]}`.
//!
//! An open value is drawn once per run. Its address is its path in the file, so that writing one value down
//! changes no other.

use crate::chance::{Key, Purpose, address_of, between};
use crate::scenario::duration::{Shown, Time};
use crate::scenario::path::Path;
use crate::scenario::probability::Probability;
use crate::scenario::rate::Rate;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, IntoDeserializer, MapAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// What can be drawn: anything that is a whole number at heart.
pub(crate) trait Value: Copy + fmt::Debug {
    /// What a plain value looks like, for errors.
    const WHAT: &'static str;

    /// The value of a number.
    fn of_number(number: u64) -> Self;

    /// Its number.
    fn number(self) -> u64;

    /// As a file has it.
    fn text(self) -> String;
}

impl Value for u64 {
    const WHAT: &'static str = "a whole number";

    fn of_number(number: u64) -> Self {
        number
    }

    fn number(self) -> u64 {
        self
    }

    fn text(self) -> String {
        self.to_string()
    }
}

impl Value for Time {
    const WHAT: &'static str = "a time with a unit, such as \"150ms\"";

    fn of_number(number: u64) -> Self {
        Self(number)
    }

    fn number(self) -> u64 {
        self.0
    }

    fn text(self) -> String {
        Shown(self.0).to_string()
    }
}

impl Value for Probability {
    const WHAT: &'static str = Self::WHAT;

    fn of_number(number: u64) -> Self {
        Self::per_billion(number)
    }

    fn number(self) -> u64 {
        self.to_per_billion()
    }

    fn text(self) -> String {
        self.to_string()
    }
}

impl Value for Rate {
    const WHAT: &'static str = Self::WHAT;

    fn of_number(number: u64) -> Self {
        Self::ppm(number)
    }

    fn number(self) -> u64 {
        self.to_ppm()
    }

    fn text(self) -> String {
        self.to_string()
    }
}

/// A value that may be open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Draw<T> {
    /// It is this one.
    Plain(T),
    /// It lies between these, both included.
    Between(T, T),
    /// It is one of these, equally likely; what is listed twice is twice as likely.
    OneOf(Vec<T>),
}

impl<T: Value> Draw<T> {
    /// The lowest and the highest value that it may take; `None` when it can take none.
    pub(crate) fn range(&self) -> Option<(u64, u64)> {
        match self {
            Self::Plain(value) => Some((value.number(), value.number())),
            Self::Between(low, high) if low.number() > high.number() => None,
            Self::Between(low, high) => Some((low.number(), high.number())),
            Self::OneOf(values) => {
                let numbers = values.iter().map(|value| value.number());
                Some((numbers.clone().min()?, numbers.max()?))
            }
        }
    }
}

/// Draws the open values of one run, and keeps what it drew.
#[derive(Debug)]
pub(crate) struct Drawing {
    key: Key,
    drawn: Vec<(String, String)>,
}

impl Drawing {
    /// The drawing of the run of `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self { key: Key::new(seed, Purpose::Scenario, 0), drawn: Vec::new() }
    }

    /// The value at `path` in this run.
    pub(crate) fn value<T: Value>(&mut self, path: &Path<'_>, draw: &Draw<T>) -> T {
        let bits = |path: &str| self.key.draw(address_of(path));
        let (path, value) = match draw {
            Draw::Plain(value) => return *value,
            Draw::Between(low, high) => {
                let path = path.to_string();
                let number = between(bits(&path), low.number(), high.number());
                (path, T::of_number(number))
            }
            Draw::OneOf(values) => {
                let path = path.to_string();
                let index = between(bits(&path), 0, values.len() as u64 - 1);
                (path, values[index as usize])
            }
        };
        self.drawn.push((path, value.text()));
        value
    }

    /// Whether something that is off in half of the runs is off in this one.
    pub(crate) fn is_off(&self, path: &Path<'_>) -> bool {
        self.key.draw(address_of(&path.to_string())) & 1 == 1
    }

    /// Keeps what was drawn beside values.
    pub(crate) fn note(&mut self, path: &Path<'_>, drawn: String) {
        self.drawn.push((path.to_string(), drawn));
    }

    /// What was drawn: paths and values as text, in the order of drawing.
    pub(crate) fn into_drawn(self) -> Vec<(String, String)> {
        self.drawn
    }
}

/// The open forms, tagged from outside so that errors keep their places.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Open<T> {
    Between(T, T),
    OneOf(Vec<T>),
}

impl<'de, T: Value + Deserialize<'de>> Deserialize<'de> for Draw<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DrawVisitor(PhantomData))
    }
}

struct DrawVisitor<T>(PhantomData<T>);

impl<'de, T: Value + Deserialize<'de>> Visitor<'de> for DrawVisitor<T> {
    type Value = Draw<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {{\"between\": [low, high]}} or {{\"one_of\": [...]}}", T::WHAT)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Draw<T>, E> {
        T::deserialize(text.into_deserializer()).map(Draw::Plain)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Draw<T>, E> {
        T::deserialize(number.into_deserializer()).map(Draw::Plain)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Draw<T>, E> {
        T::deserialize(number.into_deserializer()).map(Draw::Plain)
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Draw<T>, E> {
        T::deserialize(number.into_deserializer()).map(Draw::Plain)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Draw<T>, A::Error> {
        Ok(match Open::deserialize(MapAccessDeserializer::new(map))? {
            Open::Between(low, high) => Draw::Between(low, high),
            Open::OneOf(values) => Draw::OneOf(values),
        })
    }
}
