//! Acts in a scenario file: `"heal"`, `{"crash": {"node": "leader"}}`, `{"partition": {"groups": [...]}}`.

use crate::plan;
use crate::scenario::draw::{Draw, Drawing};
use crate::scenario::path::Path;
use crate::scenario::target::{Aim, Nodes};
use serde::Deserialize;

/// Something that is done to the cluster. What each does is said at [`plan::Act`].
#[derive(Clone, Debug, Deserialize)]
#[serde(
    rename_all = "snake_case",
    expecting = "an act such as \"heal\" or {\"crash\": {\"node\": \"leader\"}}"
)]
pub(crate) enum Act {
    /// Machines lose power, or a process crashes in the middle of its next step.
    Crash(Crash),
    /// Crashed machines start again.
    Restart(At),
    /// Processes stand still.
    Pause(At),
    /// They go on.
    Resume(At),
    /// Nodes are cut off from everybody else.
    Isolate(Isolate),
    /// Only nodes of one group reach each other.
    Partition(Partition),
    /// Two halves meet in one node.
    Bridge(At),
    /// Every node sees a majority, and no two the same.
    Ring,
    /// All cuts are mended.
    Heal,
}

/// An act that is aimed at somebody.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `node`")]
pub(crate) struct At {
    /// Whom.
    pub(crate) node: Aim,
}

/// A crash.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `node`")]
pub(crate) struct Crash {
    /// Whom.
    pub(crate) node: Aim,
    /// In the middle of the next step, after so many of its effects; without it at once.
    pub(crate) after_effects: Option<Draw<u64>>,
}

/// A node is cut off.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `node`")]
pub(crate) struct Isolate {
    /// Whom.
    pub(crate) node: Aim,
    /// Which way; without it both.
    pub(crate) one_way: Option<OneWay>,
}

/// Which messages of an isolated node are lost.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case", expecting = "\"in\" or \"out\"")]
pub(crate) enum OneWay {
    /// Those that it should receive.
    In,
    /// Those that it sends.
    Out,
}

/// Groups that do not reach each other.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `groups`")]
pub(crate) struct Partition {
    /// The groups; nodes that none of them names form one more.
    pub(crate) groups: Vec<Nodes>,
}

impl Act {
    /// Its name in a file.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Crash(_) => "crash",
            Self::Restart(_) => "restart",
            Self::Pause(_) => "pause",
            Self::Resume(_) => "resume",
            Self::Isolate(_) => "isolate",
            Self::Partition(_) => "partition",
            Self::Bridge(_) => "bridge",
            Self::Ring => "ring",
            Self::Heal => "heal",
        }
    }

    /// Whether it can be undone after a time.
    pub(crate) fn can_end(&self) -> bool {
        !matches!(self, Self::Restart(_) | Self::Resume(_) | Self::Heal)
    }

    /// At whom it is aimed, if at somebody.
    pub(crate) fn aim(&self) -> Option<Aim> {
        match self {
            Self::Crash(crash) => Some(crash.node),
            Self::Isolate(isolate) => Some(isolate.node),
            Self::Restart(at) | Self::Pause(at) | Self::Resume(at) | Self::Bridge(at) => Some(at.node),
            Self::Partition(_) | Self::Ring | Self::Heal => None,
        }
    }

    /// The act in one run.
    pub(crate) fn resolve(&self, drawing: &mut Drawing, path: &Path<'_>) -> plan::Act {
        match self {
            Self::Crash(Crash { node, after_effects: None }) => plan::Act::Crash(node.0),
            Self::Crash(Crash { node, after_effects: Some(effects) }) => {
                let path = path.field("crash");
                let effects = drawing.value(&path.field("after_effects"), effects);
                plan::Act::CrashAfterEffects(node.0, effects as u32)
            }
            Self::Restart(at) => plan::Act::Restart(at.node.0),
            Self::Pause(at) => plan::Act::Pause(at.node.0),
            Self::Resume(at) => plan::Act::Resume(at.node.0),
            Self::Isolate(isolate) => plan::Act::Isolate(isolate.node.0, direction(isolate.one_way)),
            Self::Partition(partition) => {
                plan::Act::Partition(partition.groups.iter().map(|group| group.0).collect())
            }
            Self::Bridge(at) => plan::Act::Bridge(at.node.0),
            Self::Ring => plan::Act::Ring,
            Self::Heal => plan::Act::Heal,
        }
    }
}

fn direction(one_way: Option<OneWay>) -> plan::Direction {
    match one_way {
        None => plan::Direction::Both,
        Some(OneWay::In) => plan::Direction::In,
        Some(OneWay::Out) => plan::Direction::Out,
    }
}
