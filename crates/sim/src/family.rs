//! The kinds of fault, and of which an act is.
//!
//! Swarm mode switches off a kind as one, and campaigns count by kind. What an act does is no business of
//! this file.

use crate::plan::{Act, Direction};

/// The kinds of fault: what swarm mode switches off as one, and what a campaign counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Machines lose power between two steps.
    Crash,
    /// Processes crash in the middle of a step.
    CrashMidStep,
    /// Processes stand still.
    Pause,
    /// Nodes are cut off, both ways.
    Isolate,
    /// Nodes are cut off, one way.
    OneWay,
    /// The cluster falls into groups.
    Partition,
    /// Two halves see each other through one node.
    Bridge,
    /// Every node sees another majority.
    Ring,
    /// Messages are held on their way.
    Clog,
    /// Nodes are clogged one after the other and let go in another order.
    Swizzle,
    /// Nodes are cut off and back again.
    Flap,
    /// Disks stand still.
    StallDisk,
    /// Disks fail.
    FailDisk,
    /// Disks are full.
    FillDisk,
    /// Synced records are damaged.
    Damage,
    /// Disks are emptied.
    Wipe,
    /// Clocks go wrong.
    Drift,
    /// Election timers run out early.
    Timeout,
    /// Single messages are dropped or held.
    Intercept,
}

impl Family {
    /// How many there are, for tables by family.
    pub const COUNT: usize = 19;

    /// All of them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Crash,
        Self::CrashMidStep,
        Self::Pause,
        Self::Isolate,
        Self::OneWay,
        Self::Partition,
        Self::Bridge,
        Self::Ring,
        Self::Clog,
        Self::Swizzle,
        Self::Flap,
        Self::StallDisk,
        Self::FailDisk,
        Self::FillDisk,
        Self::Damage,
        Self::Wipe,
        Self::Drift,
        Self::Timeout,
        Self::Intercept,
    ];

    /// The word for it in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::CrashMidStep => "crash_mid_step",
            Self::Pause => "pause",
            Self::Isolate => "isolate",
            Self::OneWay => "one_way",
            Self::Partition => "partition",
            Self::Bridge => "bridge",
            Self::Ring => "ring",
            Self::Clog => "clog",
            Self::Swizzle => "swizzle",
            Self::Flap => "flap",
            Self::StallDisk => "stall_disk",
            Self::FailDisk => "fail_disk",
            Self::FillDisk => "fill_disk",
            Self::Damage => "damage",
            Self::Wipe => "wipe",
            Self::Drift => "drift",
            Self::Timeout => "timeout",
            Self::Intercept => "intercept",
        }
    }
}

impl Act {
    /// The kind of fault that it is; `None` for an act that gives something back or asks for something.
    #[must_use]
    pub fn family(&self) -> Option<Family> {
        Some(match self {
            Self::Crash(_) => Family::Crash,
            Self::CrashAfterEffects(..) => Family::CrashMidStep,
            Self::Pause(_) => Family::Pause,
            Self::Isolate(_, Direction::Both) => Family::Isolate,
            Self::Isolate(_, Direction::In | Direction::Out) => Family::OneWay,
            Self::Partition(_) => Family::Partition,
            Self::Bridge(_) => Family::Bridge,
            Self::Ring => Family::Ring,
            Self::Clog(..) => Family::Clog,
            Self::Swizzle(_) => Family::Swizzle,
            Self::Flap(..) => Family::Flap,
            Self::StallDisk(_) => Family::StallDisk,
            Self::FailDisk(_) => Family::FailDisk,
            Self::FillDisk(_) => Family::FillDisk,
            Self::Damage(_) => Family::Damage,
            Self::Wipe(_) => Family::Wipe,
            Self::Drift(..) => Family::Drift,
            Self::Timeout(_) => Family::Timeout,
            Self::Intercept(..) => Family::Intercept,
            Self::Restart(_)
            | Self::Resume(_)
            | Self::Heal
            | Self::Release
            | Self::Request(..)
            | Self::Ask(..)
            | Self::Nothing => return None,
        })
    }
}
