//! What of a cluster a predicate looks at, so that nobody asks it again before any of that has changed.

use crate::predicate::Predicate;
use std::ops::{BitOr, BitOrAssign};

/// A set of things that may change about a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aspects(u8);

impl Aspects {
    /// Nothing.
    pub(crate) const NOTHING: Self = Self(0);
    /// Who is up, and in which role.
    pub(crate) const ROLES: Self = Self(1);
    /// Terms, indexes and logs.
    pub(crate) const NUMBERS: Self = Self(2);
    /// Which markers were seen.
    pub(crate) const MARKERS: Self = Self(4);
    /// All of these.
    pub(crate) const ALL: Self = Self(7);

    /// Whether the two have anything in common.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Aspects {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Aspects {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl Predicate {
    /// What it looks at. Who is up is part of it all: a crash or a start changes everything.
    pub(crate) fn reads(&self) -> Aspects {
        match self {
            Self::Marker { .. } => Aspects::MARKERS,
            Self::LeaderElected | Self::Count(..) | Self::Plays(..) | Self::PlaysNot(..) => Aspects::ROLES,
            Self::LogsEqual | Self::Highest(..) | Self::OfNode(..) => Aspects::NUMBERS,
            Self::Not(other) => other.reads(),
            Self::All(some) | Self::Any(some) => {
                some.iter().fold(Aspects::NOTHING, |all, one| all | one.reads())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_predicate_reads_what_its_parts_read() {
        let reads = |text: &str| Predicate::parse(text, &["truncated"]).unwrap().reads();
        assert_eq!(reads("count(leaders) > 1"), Aspects::ROLES);
        assert_eq!(reads("n1.role != leader and leader elected"), Aspects::ROLES);
        assert_eq!(reads("not n1.commit > 3"), Aspects::NUMBERS);
        assert_eq!(reads("truncated or logs equal"), Aspects::MARKERS | Aspects::NUMBERS);
        assert!(!reads("term > 3").meets(reads("truncated")));
    }
}
