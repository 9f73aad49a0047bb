//! Names in a scenario file that mean something outside of it: properties and measures.

use crate::measure::Measure;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;
use whitewater_check::property::Property;

/// A property by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PropertyName(pub(crate) Property);

/// A measure by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct MeasureName(pub(crate) Measure);

impl<'de> Deserialize<'de> for PropertyName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = Property::ALL.iter().map(|property| property.name()).collect();
        let one = |name: &str| name.parse().ok();
        deserializer.deserialize_str(Named { what: "property", all, one }).map(Self)
    }
}

impl<'de> Deserialize<'de> for MeasureName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let all = Measure::ALL.iter().map(|measure| measure.name()).collect();
        deserializer.deserialize_str(Named { what: "measure", all, one: Measure::from_name }).map(Self)
    }
}

/// One of several things that have names.
struct Named<T> {
    what: &'static str,
    all: Vec<&'static str>,
    one: fn(&str) -> Option<T>,
}

impl<T> Visitor<'_> for Named<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.all.first().copied().unwrap_or_default();
        write!(f, "the name of a {} such as \"{first}\"", self.what)
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<T, E> {
        (self.one)(name).ok_or_else(|| {
            let known: Vec<String> = self.all.iter().map(|known| format!("`{known}`")).collect();
            E::custom(format_args!("unknown {} `{name}`, expected one of {}", self.what, known.join(", ")))
        })
    }
}
