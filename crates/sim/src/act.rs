//! What can be said of an act by itself: whether it harms, whom it is aimed at, whether it can end.
//!
//! What an act does to the cluster is in `faults`, and of which kind of fault it is in `family`.

use crate::plan::{Act, Target};

impl Act {
    /// Whether it is a fault: it takes something from the cluster, rather than giving it back or asking it.
    #[must_use]
    pub fn does_harm(&self) -> bool {
        self.family().is_some()
    }

    /// Whether it goes on for a while, so that it can be undone after a time.
    #[must_use]
    pub fn can_end(&self) -> bool {
        match self {
            Self::Restart(_)
            | Self::Resume(_)
            | Self::Heal
            | Self::Damage(_)
            | Self::Wipe(_)
            | Self::Timeout(_)
            | Self::Release
            | Self::Request(..)
            | Self::Ask(..)
            | Self::Nothing => false,
            Self::Crash(_)
            | Self::CrashAfterEffects(..)
            | Self::Pause(_)
            | Self::Isolate(..)
            | Self::Partition(_)
            | Self::Bridge(_)
            | Self::Ring
            | Self::Clog(..)
            | Self::Swizzle(_)
            | Self::Flap(..)
            | Self::StallDisk(_)
            | Self::FailDisk(_)
            | Self::FillDisk(_)
            | Self::Drift(..)
            | Self::Intercept(..) => true,
        }
    }

    /// The same act aimed at another target; one that is aimed at nobody stays as it is.
    #[must_use]
    pub fn aimed_at(&self, target: Target) -> Self {
        let mut act = self.clone();
        match &mut act {
            Self::Crash(aim)
            | Self::CrashAfterEffects(aim, _)
            | Self::Restart(aim)
            | Self::Pause(aim)
            | Self::Resume(aim)
            | Self::Isolate(aim, _)
            | Self::Clog(aim, _)
            | Self::Swizzle(aim)
            | Self::Flap(aim, _)
            | Self::StallDisk(aim)
            | Self::FailDisk(aim)
            | Self::FillDisk(aim)
            | Self::Damage(aim)
            | Self::Wipe(aim)
            | Self::Drift(aim, _)
            | Self::Timeout(aim)
            | Self::Request(aim, _)
            | Self::Ask(aim, ..)
            | Self::Bridge(aim) => *aim = target,
            Self::Partition(_)
            | Self::Ring
            | Self::Heal
            | Self::Intercept(..)
            | Self::Release
            | Self::Nothing => {}
        }
        act
    }

    /// Whom it is aimed at, if it is aimed at nodes.
    #[must_use]
    pub fn target(&self) -> Option<Target> {
        match self {
            Self::Crash(target)
            | Self::CrashAfterEffects(target, _)
            | Self::Restart(target)
            | Self::Pause(target)
            | Self::Resume(target)
            | Self::Isolate(target, _)
            | Self::Clog(target, _)
            | Self::Swizzle(target)
            | Self::Flap(target, _)
            | Self::StallDisk(target)
            | Self::FailDisk(target)
            | Self::FillDisk(target)
            | Self::Damage(target)
            | Self::Wipe(target)
            | Self::Drift(target, _)
            | Self::Timeout(target)
            | Self::Request(target, _)
            | Self::Ask(target, ..)
            | Self::Bridge(target) => Some(*target),
            Self::Partition(_)
            | Self::Ring
            | Self::Heal
            | Self::Intercept(..)
            | Self::Release
            | Self::Nothing => None,
        }
    }
}
