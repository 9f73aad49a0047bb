//! Acts in a scenario file: `"heal"`, `{"crash": {"node": "leader"}}`, `{"partition": {"groups": [...]}}`.

use crate::plan;
use crate::scenario::draw::{Draw, Drawing};
use crate::scenario::duration::Time;
use crate::scenario::message::{MessagePick, Timed};
use crate::scenario::path::Path;
use crate::scenario::rate::Rate;
use crate::scenario::target::{Aim, Nodes};
use schemars::JsonSchema;
use serde::Deserialize;
use whitewater_check::types::Nanos;

/// Something that is done to the cluster.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(
    rename_all = "snake_case",
    expecting = "an act such as \"heal\" or {\"crash\": {\"node\": \"leader\"}}"
)]
pub(crate) enum Act {
    /// Machines lose power: memory and unsynced writes are gone. Or a process crashes in the middle of its
    /// next step. With `for` they start again.
    Crash(Crash),
    /// Crashed machines start again from what their disks hold.
    Restart(At),
    /// Processes stand still; their inboxes fill. With `for` they go on.
    Pause(At),
    /// Paused processes go on.
    Resume(At),
    /// Nodes are cut off from everybody else.
    Isolate(Traffic),
    /// Only nodes of one group reach each other, until it is healed.
    Partition(Partition),
    /// Two halves of the cluster see each other only through this node.
    Bridge(At),
    /// Every node sees a majority, and no two see the same one.
    Ring,
    /// What nodes send and receive is held on its way; with `for` it goes on after that.
    Clog(Traffic),
    /// Some of the nodes are clogged one after the other and let go in another order, all of it drawn. It
    /// needs `for`.
    Swizzle(At),
    /// Nodes are cut off and back again, over and over. It needs `for`.
    Flap(Flap),
    /// All cuts are mended.
    Heal,
    /// Disks stand still: no sync comes back. With `for` they go on.
    StallDisk(At),
    /// Disks fail: writes and syncs come back as errors; with `for` only for that long.
    FailDisk(At),
    /// Disks are full: writes come back as errors, and what was written before can be synced; with `for` only
    /// for that long.
    FillDisk(At),
    /// Synced records of disks are damaged. The next start finds that out and does not happen.
    Damage(At),
    /// Disks are emptied and the processes crash. Raft does not promise to survive it: `beyond_raft` must be
    /// true.
    Wipe(At),
    /// Clocks go at another rate; with `for` only for that long.
    Drift(Drift),
    /// The election timers of nodes run out now, whenever they were due.
    Timeout(At),
    /// Messages that are sent from now on are dropped; with `for` only for that long.
    Drop(MessagePick),
    /// Messages that are sent from now on take this long, whatever their luck.
    Delay(Timed),
    /// A second copy of messages that are sent from now on arrives after this long.
    Duplicate(Timed),
    /// Messages that are sent from now on are held back, until this act ends or everything is released.
    Hold(MessagePick),
    /// Everything that is held back goes on its way, and nothing is held back any more.
    Release,
    /// A client asks each of these nodes for writes.
    Request(Request),
}

/// An act that is aimed at somebody.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `node`")]
pub(crate) struct At {
    /// Whom.
    pub(crate) node: Aim,
}

/// A crash.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `node`")]
pub(crate) struct Crash {
    /// Whom.
    pub(crate) node: Aim,
    /// In the middle of the next step, after so many of its effects; without it at once.
    pub(crate) after_effects: Option<Draw<u64>>,
}

/// Something happens to what nodes send and receive.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `node`")]
pub(crate) struct Traffic {
    /// Whom.
    pub(crate) node: Aim,
    /// Which way; without it both.
    pub(crate) one_way: Option<OneWay>,
}

/// Nodes come and go.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `node` and `every`")]
pub(crate) struct Flap {
    /// Whom.
    pub(crate) node: Aim,
    /// How long they are cut off each time, and how long they are back.
    pub(crate) every: Draw<Time>,
}

/// Clocks that go wrong.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `node` and `rate`")]
pub(crate) struct Drift {
    /// Whose.
    pub(crate) node: Aim,
    /// How fast they go against virtual time, 0.1 to 10.
    pub(crate) rate: Draw<Rate>,
}

/// Writes that a client asks for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `node`")]
pub(crate) struct Request {
    /// Whom it asks.
    pub(crate) node: Aim,
    /// For how many writes at once; 1 when nothing is said.
    pub(crate) count: Option<Draw<u64>>,
    /// Which client asks, by a number of one's own. It does only what it is told: it follows no hint and does not
    /// ask again by itself. Without it the one client of all acts that name none.
    pub(crate) client: Option<u64>,
    /// What the client asks for; it has a `client`, too.
    pub(crate) what: Option<Wish>,
}

/// What a client asks for. Keys are counted from 0.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", expecting = "\"again\", or something like {\"put\": 0}")]
pub(crate) enum Wish {
    /// What is stored under a key.
    Get(u64),
    /// To store something new under a key.
    Put(u64),
    /// To add something to what a key holds.
    Append(u64),
    /// To store something new under a key if it holds what the client last saw there.
    CompareAndSet(u64),
    /// For the same as the last time, with the same number.
    Again,
}

/// Which messages of a node are meant.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", expecting = "\"in\" or \"out\"")]
pub(crate) enum OneWay {
    /// Those that it should receive.
    In,
    /// Those that it sends.
    Out,
}

/// Groups that do not reach each other.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
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
            Self::Clog(_) => "clog",
            Self::Swizzle(_) => "swizzle",
            Self::Flap(_) => "flap",
            Self::Heal => "heal",
            Self::StallDisk(_) => "stall_disk",
            Self::FailDisk(_) => "fail_disk",
            Self::FillDisk(_) => "fill_disk",
            Self::Damage(_) => "damage",
            Self::Wipe(_) => "wipe",
            Self::Drift(_) => "drift",
            Self::Timeout(_) => "timeout",
            Self::Drop(_) => "drop",
            Self::Delay(_) => "delay",
            Self::Duplicate(_) => "duplicate",
            Self::Hold(_) => "hold",
            Self::Release => "release",
            Self::Request(_) => "request",
        }
    }

    /// Whether it goes on for a while: then it can be undone after a time.
    pub(crate) fn can_end(&self) -> bool {
        match self {
            Self::Crash(_)
            | Self::Pause(_)
            | Self::Isolate(_)
            | Self::Partition(_)
            | Self::Bridge(_)
            | Self::Ring
            | Self::Clog(_)
            | Self::Swizzle(_)
            | Self::Flap(_)
            | Self::StallDisk(_)
            | Self::FailDisk(_)
            | Self::FillDisk(_)
            | Self::Drift(_)
            | Self::Drop(_)
            | Self::Delay(_)
            | Self::Duplicate(_)
            | Self::Hold(_) => true,
            Self::Restart(_)
            | Self::Resume(_)
            | Self::Heal
            | Self::Damage(_)
            | Self::Wipe(_)
            | Self::Timeout(_)
            | Self::Release
            | Self::Request(_) => false,
        }
    }

    /// Whether it only makes sense for a while, so that its end must be named.
    pub(crate) fn must_end(&self) -> bool {
        matches!(self, Self::Swizzle(_) | Self::Flap(_))
    }

    /// At whom it is aimed, if at somebody.
    pub(crate) fn aim(&self) -> Option<Aim> {
        match self {
            Self::Crash(crash) => Some(crash.node),
            Self::Isolate(traffic) | Self::Clog(traffic) => Some(traffic.node),
            Self::Flap(flap) => Some(flap.node),
            Self::Drift(drift) => Some(drift.node),
            Self::Request(request) => Some(request.node),
            Self::Restart(at)
            | Self::Pause(at)
            | Self::Resume(at)
            | Self::Bridge(at)
            | Self::Swizzle(at)
            | Self::StallDisk(at)
            | Self::FailDisk(at)
            | Self::FillDisk(at)
            | Self::Damage(at)
            | Self::Wipe(at)
            | Self::Timeout(at) => Some(at.node),
            Self::Partition(_)
            | Self::Ring
            | Self::Heal
            | Self::Drop(_)
            | Self::Delay(_)
            | Self::Duplicate(_)
            | Self::Hold(_)
            | Self::Release => None,
        }
    }

    /// The act in one run.
    pub(crate) fn resolve(&self, drawing: &mut Drawing, path: &Path<'_>) -> plan::Act {
        let path = path.field(self.name());
        match self {
            Self::Crash(crash) => crash.resolve(drawing, &path),
            Self::Restart(at) => plan::Act::Restart(at.node.0),
            Self::Pause(at) => plan::Act::Pause(at.node.0),
            Self::Resume(at) => plan::Act::Resume(at.node.0),
            Self::Isolate(traffic) => plan::Act::Isolate(traffic.node.0, direction(traffic.one_way)),
            Self::Partition(partition) => {
                plan::Act::Partition(partition.groups.iter().map(|group| group.0).collect())
            }
            Self::Bridge(at) => plan::Act::Bridge(at.node.0),
            Self::Ring => plan::Act::Ring,
            Self::Clog(traffic) => plan::Act::Clog(traffic.node.0, direction(traffic.one_way)),
            Self::Swizzle(at) => plan::Act::Swizzle(at.node.0),
            Self::Flap(flap) => {
                plan::Act::Flap(flap.node.0, drawing.value(&path.field("every"), &flap.every).0)
            }
            Self::Heal => plan::Act::Heal,
            Self::StallDisk(at) => plan::Act::StallDisk(at.node.0),
            Self::FailDisk(at) => plan::Act::FailDisk(at.node.0),
            Self::FillDisk(at) => plan::Act::FillDisk(at.node.0),
            Self::Damage(at) => plan::Act::Damage(at.node.0),
            Self::Wipe(at) => plan::Act::Wipe(at.node.0),
            Self::Drift(drift) => {
                let rate = drawing.value(&path.field("rate"), &drift.rate);
                plan::Act::Drift(drift.node.0, rate.to_ppm() as u32)
            }
            Self::Timeout(at) => plan::Act::Timeout(at.node.0),
            Self::Drop(pick) => plan::Act::Intercept(pick.resolve(drawing, &path), plan::Interference::Drop),
            Self::Hold(pick) => plan::Act::Intercept(pick.resolve(drawing, &path), plan::Interference::Hold),
            Self::Delay(timed) => timed.resolve(drawing, &path, plan::Interference::Delay),
            Self::Duplicate(timed) => timed.resolve(drawing, &path, plan::Interference::Duplicate),
            Self::Release => plan::Act::Release,
            Self::Request(request) => request.resolve(drawing, &path),
        }
    }
}

impl Crash {
    fn resolve(&self, drawing: &mut Drawing, path: &Path<'_>) -> plan::Act {
        let Some(effects) = &self.after_effects else {
            return plan::Act::Crash(self.node.0);
        };
        let effects = drawing.value(&path.field("after_effects"), effects);
        plan::Act::CrashAfterEffects(self.node.0, effects as u32)
    }
}

impl Request {
    fn resolve(&self, drawing: &mut Drawing, path: &Path<'_>) -> plan::Act {
        if let (Some(client), Some(wish)) = (self.client, self.what) {
            return plan::Act::Ask(self.node.0, client as u32, wish.ask());
        }
        let count = self.count.as_ref().map_or(1, |count| drawing.value(&path.field("count"), count));
        plan::Act::Request(self.node.0, count as u32)
    }
}

impl Wish {
    /// Its key, if it names one.
    pub(crate) fn key(self) -> Option<u64> {
        match self {
            Self::Get(key) | Self::Put(key) | Self::Append(key) | Self::CompareAndSet(key) => Some(key),
            Self::Again => None,
        }
    }

    fn ask(self) -> plan::Ask {
        match self {
            Self::Get(key) => plan::Ask::Get(key as u32),
            Self::Put(key) => plan::Ask::Put(key as u32),
            Self::Append(key) => plan::Ask::Append(key as u32),
            Self::CompareAndSet(key) => plan::Ask::CompareAndSet(key as u32),
            Self::Again => plan::Ask::Again,
        }
    }
}

impl Timed {
    fn resolve(
        &self,
        drawing: &mut Drawing,
        path: &Path<'_>,
        how: fn(Nanos) -> plan::Interference,
    ) -> plan::Act {
        let takes = drawing.value(&path.field("takes"), &self.takes).0;
        plan::Act::Intercept(self.pick().resolve(drawing, path), how(takes))
    }
}

fn direction(one_way: Option<OneWay>) -> plan::Direction {
    match one_way {
        None => plan::Direction::Both,
        Some(OneWay::In) => plan::Direction::In,
        Some(OneWay::Out) => plan::Direction::Out,
    }
}
