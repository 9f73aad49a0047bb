//! Distributions in a scenario file: a plain time, `{"uniform": [a, b]}`, `{"exponential": {"mean": m}}` or
//! `{"lognormal": {"median": m, "p99": p}}`, and every time in them may be open.

use crate::distribution::Distribution;
use crate::scenario::draw::{Draw, Drawing};
use crate::scenario::duration::Time;
use crate::scenario::path::Path;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, IntoDeserializer, MapAccess, Visitor};
use std::fmt;
use whitewater_check::types::Nanos;

/// A distribution whose times may be open.
#[derive(Clone, Debug)]
pub(crate) enum Spread {
    /// Always the same time.
    Constant(Draw<Time>),
    /// Every time between two.
    Uniform(Draw<Time>, Draw<Time>),
    /// By its mean.
    Exponential(Exponential),
    /// By its median and its 99th percentile.
    Lognormal(Lognormal),
}

/// The exponential law.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `mean`")]
pub(crate) struct Exponential {
    /// The mean.
    pub(crate) mean: Draw<Time>,
}

/// The lognormal law.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `median` and `p99`")]
pub(crate) struct Lognormal {
    /// Half of the times are shorter.
    pub(crate) median: Draw<Time>,
    /// One time in a hundred is longer.
    pub(crate) p99: Draw<Time>,
}

impl Spread {
    /// Half of the times are at least this long, in nanoseconds, whatever is drawn.
    pub(crate) fn least_median(&self) -> Nanos {
        let least = |draw: &Draw<Time>| draw.range().map_or(0, |(low, _)| low);
        match self {
            Self::Constant(time) => least(time),
            Self::Uniform(low, high) => least(low) / 2 + least(high) / 2,
            Self::Exponential(law) => Distribution::exponential(least(&law.mean)).sample(1 << 31),
            Self::Lognormal(law) => least(&law.median),
        }
    }

    /// A time that is neither the shortest nor the longest, at least, in nanoseconds; `None` when none can be
    /// drawn.
    pub(crate) fn typical(&self) -> Option<Nanos> {
        let time = match self {
            Self::Constant(time) | Self::Uniform(_, time) => time,
            Self::Exponential(law) => &law.mean,
            Self::Lognormal(law) => &law.median,
        };
        time.range().map(|(low, _)| low)
    }

    /// The distribution in one run.
    pub(crate) fn resolve(&self, drawing: &mut Drawing, path: &Path<'_>) -> Distribution {
        match self {
            Self::Constant(time) => Distribution::constant(drawing.value(path, time).0),
            Self::Uniform(low, high) => {
                let path = path.field("uniform");
                let low = drawing.value(&path.item(0), low);
                Distribution::uniform(low.0, drawing.value(&path.item(1), high).0)
            }
            Self::Exponential(law) => {
                let path = path.field("exponential");
                Distribution::exponential(drawing.value(&path.field("mean"), &law.mean).0)
            }
            Self::Lognormal(law) => {
                let path = path.field("lognormal");
                let median = drawing.value(&path.field("median"), &law.median);
                Distribution::lognormal(median.0, drawing.value(&path.field("p99"), &law.p99).0)
            }
        }
    }
}

/// Everything that an object may say here: the laws, and the two forms of an open constant.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form {
    Uniform(Draw<Time>, Draw<Time>),
    Exponential(Exponential),
    Lognormal(Lognormal),
    Between(Time, Time),
    OneOf(Vec<Time>),
}

impl<'de> Deserialize<'de> for Spread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SpreadVisitor)
    }
}

struct SpreadVisitor;

impl<'de> Visitor<'de> for SpreadVisitor {
    type Value = Spread;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time with a unit, such as \"150ms\", ")?;
        f.write_str("or a distribution, such as {\"uniform\": [\"1ms\", \"10ms\"]}")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Spread, E> {
        Time::deserialize(text.into_deserializer()).map(Draw::Plain).map(Spread::Constant)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Spread, A::Error> {
        Ok(match Form::deserialize(MapAccessDeserializer::new(map))? {
            Form::Uniform(low, high) => Spread::Uniform(low, high),
            Form::Exponential(law) => Spread::Exponential(law),
            Form::Lognormal(law) => Spread::Lognormal(law),
            Form::Between(low, high) => Spread::Constant(Draw::Between(low, high)),
            Form::OneOf(times) => Spread::Constant(Draw::OneOf(times)),
        })
    }
}
