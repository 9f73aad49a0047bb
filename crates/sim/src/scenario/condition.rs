//! Predicates in a scenario file, which may name the markers of `whitewater_check`.
//!
//! A wrong one is kept with its mistake, so that the check of meaning can report it at its place within the
//! string, together with everything else.

use crate::predicate::{Mistake, Predicate};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;
use whitewater_check::markers::Marker;

/// The markers that predicates may name, in the order of their places.
#[must_use]
pub fn marker_names() -> Vec<&'static str> {
    Marker::ALL.iter().map(|marker| marker.name()).collect()
}

/// A predicate, or what is wrong with its text.
#[derive(Clone, Debug)]
pub(crate) struct Condition(pub(crate) Result<Predicate, Mistake>);

impl Condition {
    /// The predicate.
    pub(crate) fn predicate(&self) -> Predicate {
        self.0.clone().expect("a file with a wrong predicate does not become a scenario")
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ConditionVisitor)
    }
}

struct ConditionVisitor;

impl Visitor<'_> for ConditionVisitor {
    type Value = Condition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a predicate such as \"leader elected\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Condition, E> {
        Ok(Condition(Predicate::parse(text, &marker_names())))
    }
}
