//! A plan: a scenario with every open value drawn. It is what the world runs.
//!
//! The scenario module makes plans from files, tests make them by hand, and the world reads them. Nothing
//! here is drawn any more but for what is drawn per event: latencies, chaos, targets.

use crate::chance::Chance;
use crate::distribution::Distribution;
use crate::measure::Measure;
use crate::predicate::Predicate;
use std::collections::BTreeMap;
use whitewater_check::markers::Marker;
use whitewater_check::observe::Kind;
use whitewater_check::operation::Operation;
use whitewater_check::types::{Nanos, NodeId, Term};

/// Everything that one run needs but its system under test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The scenario's name.
    pub name: String,
    /// The seed of every draw in the run.
    pub seed: u64,
    /// How many nodes the cluster has, 1 to 63; all of them vote.
    pub nodes: u8,
    /// How long faults and clients go on, in virtual time; the settle phase comes after it.
    pub run_for: Nanos,
    /// How long the cluster has for each stage of the settle phase; `None`: twenty times the longest election
    /// timeout, and the time that the backlog takes.
    pub settle_within: Option<Nanos>,
    /// Whether the cluster has to settle after that. A story that has been made as short as can be has nothing to
    /// settle: its run just ends.
    pub settles: bool,
    /// What is put on the water.
    pub system: SystemChoice,
    /// The timeouts of the cluster.
    pub timing: Timing,
    /// How messages travel.
    pub network: NetworkPlan,
    /// How disks behave.
    pub disk: DiskPlan,
    /// How clocks go.
    pub clock: ClockPlan,
    /// What disks hold when the run begins, the last one that names a node wins; the others are empty.
    pub stored: Vec<Stored>,
    /// Who asks for what, and how often.
    pub clients: Vec<ClientPlan>,
    /// Acts that the scenario wrote down.
    pub timeline: Vec<TimelineAct>,
    /// Faults that the nemesis draws.
    pub chaos: Vec<Chaos>,
    /// What is measured.
    pub measures: Vec<Measure>,
    /// What must hold, besides safety.
    pub expect: Vec<Expect>,
    /// Whether the scenario is meant for many seeds, so that `sometimes` is judged over all of them.
    pub free: bool,
    /// What was drawn for this seed: path in the file, value as text.
    pub drawn: Vec<(String, String)>,
}

impl Plan {
    /// Whether anything that is done waits for a marker.
    pub(crate) fn waits_for_marker(&self) -> bool {
        let waits = |chaos: &Chaos| matches!(&chaos.pace, Strikes::When(when, _) if when.reads_markers());
        self.timeline.iter().any(TimelineAct::reads_markers) || self.chaos.iter().any(waits)
    }

    /// Whether an act picks a message by its number among others. Such a story is about the messages of the
    /// system that it names, and means nothing on another.
    #[must_use]
    pub fn counts_messages(&self) -> bool {
        let counts =
            |act: &TimelineAct| matches!(act.act, Act::Intercept(MessagePick { nth: Some(_), .. }, _));
        self.timeline.iter().any(counts)
    }

    /// Whether it expects to see snapshots. Such a story is about the log of the system that it names, and another one
    /// may take none.
    #[must_use]
    pub fn expects_snapshots(&self) -> bool {
        let markers = [Marker::SnapshotTaken, Marker::SnapshotInstalled].map(Marker::name);
        let expects = |one: &Expect| {
            let Expect::Sometimes(Predicate::Marker { name, .. }) = one else { return false };
            markers.contains(name)
        };
        self.expect.iter().any(expects)
    }
}

/// Which system under test, and how it is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemChoice {
    /// The system's name as `list systems` has it.
    pub name: String,
    /// Its options by name. A system refuses those that it does not know.
    pub options: BTreeMap<String, u64>,
    /// A bug planted in it, by name.
    pub bug: Option<String>,
}

/// The timeouts that the world draws and hands out, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// The shortest election timeout.
    pub election_timeout_min: Nanos,
    /// The longest election timeout.
    pub election_timeout_max: Nanos,
    /// The time between two heartbeats of a leader.
    pub heartbeat: Nanos,
}

/// How messages travel on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkPlan {
    /// How long a message takes, in nanoseconds.
    pub latency: Distribution,
    /// How likely it is lost.
    pub loss: Chance,
    /// How likely a second copy arrives.
    pub duplicate: Chance,
    /// How likely it is held back, so that later ones overtake it.
    pub reorder: Chance,
}

/// How messages travel in the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkPlan {
    /// Every link that no override names.
    pub all: LinkPlan,
    /// Links of their own, the last one that matches wins: (senders, receivers, plan), sets of nodes as bits.
    pub links: Vec<(u64, u64, LinkPlan)>,
    /// How far apart links are: the latency of each direction between two nodes is scaled by a factor of its
    /// own, drawn once, from one minus this to one plus this.
    pub asymmetry: Chance,
}

/// How disks behave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskPlan {
    /// How long one sync takes, in nanoseconds.
    pub sync: Distribution,
    /// What a crash leaves of what was written and not synced.
    pub crash_leaves: CrashLeaves,
}

/// What a crash leaves of records that were written and not synced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CrashLeaves {
    /// Some of the first of them, drawn, and perhaps a part of the next one.
    #[default]
    Some,
    /// None of them.
    Nothing,
    /// All of them: only the process crashes.
    All,
}

/// How the clocks of the nodes go. Each node's rate and offset are drawn once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockPlan {
    /// How far a clock's rate may be from that of virtual time, either way, in parts per million.
    pub drift_ppm: u32,
    /// How far ahead of virtual time a clock may be at the start, in nanoseconds.
    pub offset_max: Nanos,
}

/// What some disks hold when the run begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// On which nodes, as bits.
    pub nodes: u64,
    /// The current term.
    pub term: Term,
    /// The term of each entry of the log, from index 1. Entries of equal index and term are equal.
    pub log: Vec<Term>,
}

/// Some clients that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientPlan {
    /// How many.
    pub count: u32,
    /// When a client makes its next request.
    pub pace: Pace,
    /// How many keys they ask for, at least 1.
    pub keys: u32,
    /// How likely a request is a read.
    pub reads: Chance,
    /// How likely a request is for the first key, whatever the others; else all keys are alike.
    pub skew: Chance,
    /// How long a client waits for an answer before it asks another node for the same, in nanoseconds.
    pub timeout: Nanos,
}

/// When a client makes its next request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Open loop: this long after the one before, answered or not.
    Every(Distribution),
    /// Closed loop: this long after the answer to the one before.
    Think(Distribution),
}

impl ClientPlan {
    /// Clients that write to one of four keys every so often, whether they are answered or not.
    #[must_use]
    pub fn writers(count: u32, every: Nanos) -> Self {
        Self {
            count,
            pace: Pace::Every(Distribution::constant(every)),
            keys: 4,
            reads: Chance::NEVER,
            skew: Chance::NEVER,
            timeout: 500_000_000,
        }
    }
}

/// One act of a timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineAct {
    /// When it is due.
    pub due: Due,
    /// What is done.
    pub act: Act,
    /// After which time it is undone by itself, if ever.
    pub lasts: Option<Nanos>,
    /// Whether it stays in force when the cluster settles.
    pub standing: bool,
    /// What a narrator says when it is done.
    pub note: Option<String>,
}

impl TimelineAct {
    /// Whether it waits for a marker.
    fn reads_markers(&self) -> bool {
        match &self.due {
            Due::At(_) => false,
            Due::When(predicate, _) => predicate.reads_markers(),
        }
    }
}

/// When an act is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// At this virtual time.
    At(Nanos),
    /// This long after the predicate first holds, once the previous act has been done.
    When(Predicate, Nanos),
}

/// Something that is done to the cluster. A fault is data; the world alone applies it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// The machines lose power: memory and unsynced writes are gone.
    Crash(Target),
    /// The process crashes in its next step, after so many of its effects, or at its end if it has no more.
    CrashAfterEffects(Target, u32),
    /// Crashed machines start again from what their disks hold.
    Restart(Target),
    /// The processes stand still; their inboxes fill.
    Pause(Target),
    /// They go on.
    Resume(Target),
    /// The targets, each for itself, are cut off from everybody else.
    Isolate(Target, Direction),
    /// Only nodes of one group reach each other. Nodes that no group names form one more group.
    Partition(Vec<u64>),
    /// Two halves that see each other only through one node.
    Bridge(Target),
    /// Every node sees a majority, and no two see the same one.
    Ring,
    /// All cuts are mended.
    Heal,
    /// What the targets send and receive is held on its way, in this direction, until that ends.
    Clog(Target, Direction),
    /// Some of the targets are clogged one after the other and let go in another order, all of it drawn.
    Swizzle(Target),
    /// The targets are cut off and back again, each for so long.
    Flap(Target, Nanos),
    /// The disks stand still: no sync comes back.
    StallDisk(Target),
    /// The disks fail: writes and syncs come back as errors.
    FailDisk(Target),
    /// The disks are full: writes come back as errors, and what was written before can be synced.
    FillDisk(Target),
    /// Synced records of the disks are damaged; the next start finds that out and does not happen.
    Damage(Target),
    /// The disks are emptied and the processes crash: Raft does not promise to survive it.
    Wipe(Target),
    /// The clocks go at this rate, in parts per million of virtual time.
    Drift(Target, u32),
    /// The election timers run out now, whenever they were due.
    Timeout(Target),
    /// Messages that are sent from now on are dropped or held back, those that the pick names.
    Intercept(MessagePick, Interference),
    /// Everything that is held back goes on its way, and nothing is held back any more.
    Release,
    /// A client asks each of these nodes for so many writes, at once.
    Request(Target, u32),
    /// A client, which has this number and does only what it is told, asks these nodes for something.
    Ask(Target, u32, Ask),
    /// Nothing is done; the act only has something to say.
    Nothing,
}

/// What a client is told to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// What is stored under a key.
    Get(u32),
    /// To store something new under a key.
    Put(u32),
    /// To add something to what a key holds.
    Append(u32),
    /// To store something new under a key if it holds what the client last saw there.
    CompareAndSet(u32),
    /// For the same as the last time, with the same number.
    Again,
}

impl Ask {
    /// What an operation asks for.
    #[must_use]
    pub fn of(operation: Operation) -> Self {
        match operation {
            Operation::Get { key } => Self::Get(key),
            Operation::Put { key, .. } => Self::Put(key),
            Operation::Append { key, .. } => Self::Append(key),
            Operation::CompareAndSet { key, .. } => Self::CompareAndSet(key),
        }
    }
}

/// What is done to a message that an interception picks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interference {
    /// It is dropped.
    Drop,
    /// It is held back until it is released.
    Hold,
    /// It takes this long, whatever its luck.
    Delay(Nanos),
    /// A second copy of it takes this long.
    Duplicate(Nanos),
}

/// Which messages an interception picks, among those sent while it is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessagePick {
    /// Only this kind.
    pub kind: Option<Kind>,
    /// From one of these nodes, as bits.
    pub from: u64,
    /// To one of these nodes, as bits.
    pub to: u64,
    /// Only of this term.
    pub term: Option<Term>,
    /// Only the n-th of those that match, counted from 1 since the act was done; else all of them.
    pub nth: Option<u32>,
}

/// Which messages of an isolated node are lost, or of a clogged one are held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Those that it sends and those that it should receive.
    Both,
    /// Those that it should receive: it hears nobody and is still heard.
    In,
    /// Those that it sends.
    Out,
}

/// Whom an act is aimed at. Roles are looked up when the act is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The leader of the highest term among the live nodes.
    Leader,
    /// One live follower, drawn.
    Follower,
    /// One live candidate, drawn.
    Candidate,
    /// As many nodes as may fail together, drawn.
    Minority,
    /// A majority of the nodes, drawn.
    Majority,
    /// All crashed nodes.
    Crashed,
    /// One live node, drawn.
    Random,
    /// Every node.
    All,
    /// These nodes, as bits.
    Nodes(u64),
}

impl Target {
    /// The target that is one named node.
    #[must_use]
    pub fn node(node: NodeId) -> Self {
        Self::Nodes(node.bit())
    }
}

/// A stream of drawn faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chaos {
    /// When the stream strikes.
    pub pace: Strikes,
    /// What is picked from. A kind of fault that swarm mode has switched off in this run has no weight.
    pub pick: Vec<Pick>,
}

/// When a stream of drawn faults strikes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Strikes {
    /// Over and over, with this time between two faults, in nanoseconds.
    Every(Distribution),
    /// Each time the predicate begins to hold: so long after that, in nanoseconds.
    When(Predicate, Distribution),
}

/// One kind of fault that the nemesis may draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pick {
    /// How often, against the other weights; 0: never.
    pub weight: u32,
    /// What is done.
    pub act: Act,
    /// For how long; then it is undone. `None`: for ever.
    pub lasts: Option<Distribution>,
}

/// Something that must hold besides safety.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// This property is violated.
    Violates(whitewater_check::property::Property),
    /// A leader is elected within this time from the start, in nanoseconds.
    LeaderWithin(Nanos),
    /// At least so many client commands are committed by the end.
    CommittedAtLeast(u64),
    /// It holds at the end, after the settle phase.
    Finally(Predicate),
    /// It holds at some step (over many seeds: in at least one of them).
    Sometimes(Predicate),
    /// It never holds after any step.
    Never(Predicate),
    /// A quantile of what was measured keeps to a bound.
    Measured {
        /// What was measured.
        measure: Measure,
        /// Which quantile, in percent: 50 is the median, 100 the greatest.
        percent: u8,
        /// The bound.
        bound: Bound,
    },
}

/// A bound on a measured value, in the unit of its measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// No more than this.
    AtMost(u64),
    /// No less than this.
    AtLeast(u64),
}
