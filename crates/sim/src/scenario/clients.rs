//! Clients in a scenario file: how many, how often, and what they ask for.

use crate::chance::Chance;
use crate::plan::{ClientPlan, Pace};
use crate::scenario::draw::{Draw, Drawing};
use crate::scenario::duration::Time;
use crate::scenario::path::Path;
use crate::scenario::probability::Probability;
use crate::scenario::spread::Spread;
use schemars::JsonSchema;
use serde::Deserialize;

/// Some clients that are alike. They write to keys and read them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object that describes clients")]
#[schemars(extend(
    "oneOf" = [{"required": ["every"]}, {"required": ["think"]}],
    "examples" = [{"count": 3, "every": "25ms"}, {"count": 8, "think": {"exponential": {"mean": "20ms"}}, "reads": 0.9}],
))]
pub(crate) struct Clients {
    /// How many.
    pub(crate) count: Draw<u64>,
    /// Open loop: the time from one request of a client to its next, answered or not.
    pub(crate) every: Option<Spread>,
    /// Closed loop: the time from an answer to the client's next request.
    pub(crate) think: Option<Spread>,
    /// How many keys there are, 1 to 65536; 4 when nothing is said.
    #[serde(default = "keys")]
    #[schemars(schema_with = "crate::scenario::schema::keys")]
    pub(crate) keys: Draw<u64>,
    /// How likely a request is a read; 0.25 when nothing is said.
    #[serde(default = "reads")]
    pub(crate) reads: Draw<Probability>,
    /// How likely a request is for the first key, whatever the others; else all keys are alike.
    pub(crate) skew: Option<Draw<Probability>>,
    /// How long a client waits for an answer before it asks another node for the same; 500 ms when nothing
    /// is said.
    #[serde(default = "timeout")]
    pub(crate) timeout: Draw<Time>,
}

fn keys() -> Draw<u64> {
    Draw::Plain(4)
}

fn reads() -> Draw<Probability> {
    Draw::Plain(Probability::per_billion(250_000_000))
}

fn timeout() -> Draw<Time> {
    Draw::Plain(Time(500_000_000))
}

impl Clients {
    /// The clients in one run.
    pub(crate) fn resolve(&self, d: &mut Drawing, path: &Path<'_>) -> ClientPlan {
        let skew = self.skew.as_ref();
        ClientPlan {
            count: d.value(&path.field("count"), &self.count) as u32,
            pace: self.pace(d, path),
            keys: d.value(&path.field("keys"), &self.keys) as u32,
            reads: d.value(&path.field("reads"), &self.reads).chance(),
            skew: skew.map_or(Chance::NEVER, |skew| d.value(&path.field("skew"), skew).chance()),
            timeout: d.value(&path.field("timeout"), &self.timeout).0,
        }
    }

    fn pace(&self, d: &mut Drawing, path: &Path<'_>) -> Pace {
        match (&self.every, &self.think) {
            (Some(every), _) => Pace::Every(every.resolve(d, &path.field("every"))),
            (None, think) => {
                let think = think.as_ref().expect("clients without either pace were refused");
                Pace::Think(think.resolve(d, &path.field("think")))
            }
        }
    }
}
