//! Expectations in a scenario file: what must hold besides safety.

use crate::measure::{Measure, Unit};
use crate::plan;
use crate::plan::Bound;
use crate::scenario::condition::Condition;
use crate::scenario::duration::Time;
use crate::scenario::names::{MeasureName, PropertyName};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{self, Deserializer, IntoDeserializer, Visitor};
use std::fmt;

/// Something that must hold besides safety.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", expecting = "an expectation such as {\"finally\": \"logs equal\"}")]
pub(crate) enum Expect {
    /// A property is violated.
    Violates(PropertyName),
    /// A leader is elected within this time from the start.
    LeaderWithin(Time),
    /// At least so many commands of clients are committed.
    CommittedAtLeast(u64),
    /// It holds at the end, once the cluster has settled.
    Finally(Condition),
    /// It holds after some step; over many seeds, in at least one of them.
    Sometimes(Condition),
    /// It holds after no step.
    Never(Condition),
    /// What was measured keeps to a bound.
    Measured(Measured),
}

/// A quantile of something that is measured, and its bound.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `what`, and `at_most` or `at_least`")]
#[schemars(extend(
    "oneOf" = [{"required": ["at_most"]}, {"required": ["at_least"]}],
    "examples" = [
        {"what": "election_time", "percent": 99, "at_most": "1s"},
        {"what": "throughput", "at_least": 100},
    ],
))]
pub(crate) struct Measured {
    /// What was measured; it is in `measure`, too.
    pub(crate) what: MeasureName,
    /// Which quantile, in percent: 50 is the median, 100 the greatest; 50 when nothing is said.
    #[serde(default = "median")]
    #[schemars(extend("maximum" = 100))]
    pub(crate) percent: u64,
    /// No more than this.
    pub(crate) at_most: Option<Amount>,
    /// No less than this.
    pub(crate) at_least: Option<Amount>,
}

fn median() -> u64 {
    50
}

/// An amount of what is measured: a time, or a whole number for what is counted per second.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Amount {
    /// A time.
    Time(Time),
    /// A number per second.
    PerSecond(u64),
}

impl Amount {
    /// Whether the measure counts in its unit.
    pub(crate) fn suits(self, measure: Measure) -> bool {
        match (self, measure.unit()) {
            (Self::Time(_), Unit::Nanoseconds) | (Self::PerSecond(_), Unit::PerSecond) => true,
            (Self::Time(_), Unit::PerSecond) | (Self::PerSecond(_), Unit::Nanoseconds) => false,
        }
    }

    fn number(self) -> u64 {
        match self {
            Self::Time(time) => time.0,
            Self::PerSecond(number) => number,
        }
    }
}

impl Expect {
    /// The expectation of a run.
    pub(crate) fn resolve(&self) -> plan::Expect {
        match self {
            Self::Violates(property) => plan::Expect::Violates(property.0),
            Self::LeaderWithin(time) => plan::Expect::LeaderWithin(time.0),
            Self::CommittedAtLeast(commands) => plan::Expect::CommittedAtLeast(*commands),
            Self::Finally(condition) => plan::Expect::Finally(condition.predicate()),
            Self::Sometimes(condition) => plan::Expect::Sometimes(condition.predicate()),
            Self::Never(condition) => plan::Expect::Never(condition.predicate()),
            Self::Measured(measured) => measured.resolve(),
        }
    }
}

impl Measured {
    fn resolve(self) -> plan::Expect {
        let least = self.at_least.map(|least| Bound::AtLeast(least.number()));
        let bound = self.at_most.map(|most| Bound::AtMost(most.number())).or(least);
        plan::Expect::Measured {
            measure: self.what.0,
            percent: self.percent as u8,
            bound: bound.expect("a measured value without a bound was refused"),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time with a unit, such as \"150ms\", or a whole number per second")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
        Time::deserialize(text.into_deserializer()).map(Amount::Time)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Amount, E> {
        Ok(Amount::PerSecond(number))
    }
}
