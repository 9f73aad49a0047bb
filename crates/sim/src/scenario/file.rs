//! A scenario file as it is written: the types that the JSON reader fills, with defaults.
//!
//! Enums are tagged from outside and unknown fields refused, so that an error has a place and a name. Nothing
//! is judged here beyond the form of each value; `check` judges what it means, `resolve` makes a plan of it.

use crate::scenario::act::Act;
use crate::scenario::clients::Clients;
use crate::scenario::condition::Condition;
use crate::scenario::draw::Draw;
use crate::scenario::duration::Time;
use crate::scenario::expect::Expect;
use crate::scenario::found::Found;
use crate::scenario::names::MeasureName;
use crate::scenario::probability::Probability;
use crate::scenario::spread::Spread;
use crate::scenario::system::System;
use crate::scenario::target::Nodes;
use schemars::JsonSchema;
use serde::Deserialize;

/// A scenario: a cluster and its surroundings, what is done to it, and what must hold. Safety is always
/// expected and not listed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a scenario, which is an object")]
#[schemars(title = "Whitewater scenario", extend("allowComments" = true, "allowTrailingCommas" = true))]
pub(crate) struct File {
    /// For editors: where the JSON Schema of this file lies.
    #[serde(rename = "$schema")]
    pub(crate) schema: Option<String>,
    /// The version of the format: 1.
    #[schemars(extend("const" = 1))]
    pub(crate) version: u64,
    /// What the scenario is called; its file has the same name.
    #[schemars(extend("pattern" = "^[a-z0-9_/-]{1,64}$"))]
    pub(crate) name: String,
    /// What it shows, in sentences that one could read aloud.
    #[schemars(extend("pattern" = "\\S"))]
    pub(crate) about: String,
    /// How many nodes, 1 to 63.
    #[schemars(schema_with = "crate::scenario::schema::nodes")]
    pub(crate) nodes: Draw<u64>,
    /// Its own seed, with which it runs when nobody asks for another.
    pub(crate) seed: Option<u64>,
    /// Whether it runs with other seeds, too.
    #[serde(default)]
    pub(crate) seeds: SeedsMode,
    /// How long faults and clients go on, in virtual time; then the cluster must settle.
    pub(crate) run_for: Draw<Time>,
    /// How long each stage of settling may take; when nothing is said twenty times the longest election timeout,
    /// and the time for the backlog.
    pub(crate) settle_within: Option<Draw<Time>>,
    /// Whether the cluster must settle after that; true when nothing is said. Without it the run just ends.
    #[serde(default = "settle")]
    pub(crate) settle: bool,
    /// What is put on the water; `whitewater` when nothing is said.
    #[serde(default)]
    pub(crate) system: System,
    /// The shortest and the longest election timeout; 150 and 300 ms when nothing is said.
    #[serde(default = "election_timeout")]
    pub(crate) election_timeout: (Draw<Time>, Draw<Time>),
    /// The time between two heartbeats of a leader; 50 ms when nothing is said.
    #[serde(default = "heartbeat")]
    pub(crate) heartbeat: Draw<Time>,
    /// How messages travel.
    #[serde(default)]
    pub(crate) network: Network,
    /// How disks behave.
    #[serde(default)]
    pub(crate) disk: Disk,
    /// How clocks go; all with virtual time when nothing is said.
    #[serde(default)]
    pub(crate) clock: Clock,
    /// What disks hold when the run begins; those that are not named are empty.
    #[serde(default)]
    pub(crate) start: Vec<Start>,
    /// Who asks for what.
    #[serde(default)]
    pub(crate) clients: Vec<Clients>,
    /// What is done to the cluster, and when.
    #[serde(default)]
    pub(crate) timeline: Vec<Entry>,
    /// Streams of drawn faults.
    #[serde(default)]
    pub(crate) chaos: Vec<Chaos>,
    /// Whether some fault here goes beyond what Raft promises to survive.
    #[serde(default)]
    pub(crate) beyond_raft: bool,
    /// What is measured.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true))]
    pub(crate) measure: Vec<MeasureName>,
    /// What must hold besides safety.
    #[serde(default)]
    pub(crate) expect: Vec<Expect>,
    /// What a run of it found: then this is a capsule.
    pub(crate) found: Option<Found>,
}

impl File {
    /// Every act that it names.
    pub(crate) fn acts(&self) -> impl Iterator<Item = &Act> {
        let picks = self.chaos.iter().flat_map(|chaos| &chaos.pick);
        self.timeline.iter().filter_map(|entry| entry.act.as_ref()).chain(picks.map(|pick| &pick.act))
    }
}

/// Whether the seed belongs to the story.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", expecting = "\"fixed\" or \"free\"")]
pub(crate) enum SeedsMode {
    /// It does; the scenario runs once.
    Fixed,
    /// It runs with any.
    #[default]
    Free,
}

/// The network of the whole cluster, and links of their own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object that describes the network")]
pub(crate) struct Network {
    /// How long a message takes; 1 to 10 ms when nothing is said.
    pub(crate) latency: Option<Spread>,
    /// How likely it is lost.
    pub(crate) loss: Option<Draw<Probability>>,
    /// How likely a second copy arrives.
    pub(crate) duplicate: Option<Draw<Probability>>,
    /// How likely it is held back, so that later ones overtake it.
    pub(crate) reorder: Option<Draw<Probability>>,
    /// How far apart the links are, 0 to 0.9: the latency of each direction between two nodes is scaled by a
    /// factor of its own, drawn once, from one minus this to one plus this.
    #[serde(default)]
    #[schemars(schema_with = "crate::scenario::schema::part")]
    pub(crate) asymmetry: Option<Draw<Probability>>,
    /// Links that differ; of several that match, the last counts.
    #[serde(default)]
    pub(crate) links: Vec<Link>,
}

/// Links that differ from the network: what is not said is as everywhere.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object that describes a link")]
pub(crate) struct Link {
    /// The senders; without it everybody.
    pub(crate) from: Option<Nodes>,
    /// The receivers; without it everybody.
    pub(crate) to: Option<Nodes>,
    /// How long a message takes on these links.
    pub(crate) latency: Option<Spread>,
    /// How likely a message is lost on these links.
    pub(crate) loss: Option<Draw<Probability>>,
    /// How likely a second copy arrives on these links.
    pub(crate) duplicate: Option<Draw<Probability>>,
    /// How likely a message is held back on these links, so that later ones overtake it.
    pub(crate) reorder: Option<Draw<Probability>>,
}

/// Disks.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object that describes the disks")]
pub(crate) struct Disk {
    /// How long a sync takes; 100 us to 2 ms when nothing is said.
    pub(crate) sync: Option<Spread>,
    /// What a crash leaves of what was written and not synced.
    #[serde(default)]
    pub(crate) crash_leaves: CrashLeaves,
}

/// What a crash leaves of records that were written and not synced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", expecting = "\"some\", \"nothing\" or \"all\"")]
pub(crate) enum CrashLeaves {
    /// Some of the first of them, drawn, and perhaps a part of the next one.
    #[default]
    Some,
    /// None of them.
    Nothing,
    /// All of them: only the process crashes.
    All,
}

/// The clocks of the nodes. Each one's rate and offset are drawn once.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object that describes the clocks")]
pub(crate) struct Clock {
    /// How far a clock's rate may be from that of virtual time, either way, as a part of it: 0 to 0.9.
    #[serde(default)]
    #[schemars(schema_with = "crate::scenario::schema::part")]
    pub(crate) drift: Option<Draw<Probability>>,
    /// How far ahead of virtual time a clock may be at the start.
    pub(crate) offset: Option<Draw<Time>>,
}

/// What some disks hold when the run begins.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `node` and `term`, and perhaps `log`")]
pub(crate) struct Start {
    /// On which nodes.
    pub(crate) node: Nodes,
    /// Their current term.
    pub(crate) term: u64,
    /// The term of each entry of their log, from index 1. Entries of equal index and term are equal.
    #[serde(default)]
    #[schemars(extend("examples" = [[1, 1, 4, 4, 5]]))]
    pub(crate) log: Vec<u64>,
}

/// One act of the timeline.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `at` or `when`, and `do` or `note`")]
#[schemars(extend(
    "oneOf" = [{"required": ["at"]}, {"required": ["when"]}],
    "anyOf" = [{"required": ["do"]}, {"required": ["note"]}],
    "examples" = [
        {"at": "1s", "do": {"isolate": {"node": "leader"}}, "for": "2s"},
        {"when": "leader elected", "after": "500ms", "do": {"crash": {"node": "leader"}}},
    ],
))]
pub(crate) struct Entry {
    /// When it is due, in virtual time from the start.
    pub(crate) at: Option<Draw<Time>>,
    /// What it waits for, once the act before it has been done.
    pub(crate) when: Option<Condition>,
    /// How long after that it is due.
    pub(crate) after: Option<Draw<Time>>,
    /// What is done; without it the entry only has a `note`.
    #[serde(rename = "do")]
    pub(crate) act: Option<Act>,
    /// How long until it is undone.
    #[serde(rename = "for")]
    pub(crate) lasts: Option<Draw<Time>>,
    /// Whether it stays in force when the cluster settles; then it has no `for`.
    #[serde(default)]
    pub(crate) standing: bool,
    /// What a narrator says when it is done.
    pub(crate) note: Option<String>,
}

/// A stream of drawn faults.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `every` or `when`, and `pick`")]
pub(crate) struct Chaos {
    /// The time between two faults.
    pub(crate) every: Option<Spread>,
    /// A predicate: a fault comes each time it begins to hold.
    pub(crate) when: Option<Condition>,
    /// How long after that; at once when nothing is said.
    pub(crate) after: Option<Spread>,
    /// Whether each kind of fault is off in about half of the seeds: in the same ones in every stream.
    #[serde(default)]
    pub(crate) swarm: bool,
    /// What is picked from.
    pub(crate) pick: Vec<Pick>,
}

/// A kind of fault.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `do`, and perhaps `weight` and `for`")]
pub(crate) struct Pick {
    /// How often, against the others; 1 when nothing is said, and 0 is never.
    #[serde(default = "weight")]
    pub(crate) weight: u64,
    /// What is done.
    #[serde(rename = "do")]
    pub(crate) act: Act,
    /// How long until it is undone.
    #[serde(rename = "for")]
    pub(crate) lasts: Option<Spread>,
}

fn election_timeout() -> (Draw<Time>, Draw<Time>) {
    (Draw::Plain(Time(150_000_000)), Draw::Plain(Time(300_000_000)))
}

/// The heartbeat of a file that names none.
pub(crate) fn heartbeat() -> Draw<Time> {
    Draw::Plain(Time(50_000_000))
}

fn settle() -> bool {
    true
}

fn weight() -> u64 {
    1
}
