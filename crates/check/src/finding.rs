//! What the checkers found: the property, and the two facts that contradict each other.
//!
//! Texts are made here and only when something is found; a run in which all is well writes none. This
//! file does not know how anything is found.

use crate::property::{Class, Property};
use crate::types::{At, NodeId};
use std::fmt;

/// Something that was true from a step on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Where and when it became true, as far as was observed.
    pub at: At,
    /// What, such as `n5 applied [2] c1#3`.
    pub text: String,
}

impl Fact {
    /// A fact that became true at `at`.
    #[must_use]
    pub fn new(at: At, text: impl Into<String>) -> Self {
        Self { at, text: text.into() }
    }
}

/// A property that was violated, and how that shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was violated.
    pub property: Property,
    /// The step that showed it.
    pub at: At,
    /// At most two: those that contradict each other, the older first.
    pub facts: Vec<Fact>,
}

/// The first finding of an early property, and how many there were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Early {
    /// The first one.
    pub finding: Finding,
    /// How many in all, the first included.
    pub count: u64,
}

/// All that was found in a run, and which properties had anything to be judged by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    outcome: Option<Finding>,
    early: Vec<Early>,
    observed: u32,
}

impl Findings {
    /// The first violation of an outcome property.
    #[must_use]
    pub fn outcome(&self) -> Option<&Finding> {
        self.outcome.as_ref()
    }

    /// The early properties that were violated, in the order in which that was found.
    #[must_use]
    pub fn early(&self) -> &[Early] {
        &self.early
    }

    /// The first finding of `property`. Of the outcome properties only the first to be violated has one.
    #[must_use]
    pub fn of(&self, property: Property) -> Option<&Finding> {
        let early = self.early.iter().map(|early| &early.finding);
        self.outcome.iter().chain(early).find(|finding| finding.property == property)
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.outcome.is_none() && self.early.is_empty()
    }

    /// Takes a finding: an outcome if it is the first, an early one if it is the first of its property.
    pub fn add(&mut self, finding: Finding) {
        let Finding { property, at, facts } = finding;
        self.report(property, at, || facts);
    }

    /// Whether the property was judged at all: "not observed" is not "held".
    pub(crate) fn observed(&self, property: Property) -> bool {
        self.observed & property.bit() != 0
    }

    /// Notes that the property was judged.
    #[inline]
    pub(crate) fn observe(&mut self, property: Property) {
        self.observed |= property.bit();
    }

    /// Forgets everything and keeps the space.
    pub(crate) fn clear(&mut self) {
        self.outcome = None;
        self.early.clear();
        self.observed = 0;
    }

    /// A property was violated. The facts are only put into words when they are kept.
    #[cold]
    #[inline(never)]
    pub(crate) fn report(&mut self, property: Property, at: At, facts: impl FnOnce() -> Vec<Fact>) {
        self.observe(property);
        let finding = || {
            let mut facts = facts();
            facts.sort_by_key(|fact| fact.at.step);
            Finding { property, at, facts }
        };
        if property.class() == Class::Outcome {
            self.outcome.get_or_insert_with(finding);
            return;
        }
        match self.early.iter_mut().find(|early| early.finding.property == property) {
            Some(early) => early.count += 1,
            None => self.early.push(Early { finding: finding(), count: 1 }),
        }
    }
}

/// A set of nodes in words: `n1, n3`, or `nobody`.
pub(crate) struct Members(pub(crate) u64);

impl fmt::Display for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            return f.write_str("nobody");
        }
        let mut separator = "";
        for node in (0..64).map(NodeId).filter(|node| self.0 & node.bit() != 0) {
            write!(f, "{separator}{node}")?;
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(step: u32) -> At {
        At { time: 0, step, node: NodeId(0) }
    }

    #[test]
    fn the_first_outcome_stays_and_early_ones_are_counted() {
        let mut findings = Findings::default();
        for (step, property) in [
            (1, Property::Monotonicity),
            (2, Property::LogMatching),
            (3, Property::ElectionSafety),
            (4, Property::Monotonicity),
        ] {
            findings.add(Finding { property, at: at(step), facts: vec![Fact::new(at(step), "x")] });
        }
        assert_eq!(findings.outcome().map(|f| (f.property, f.at.step)), Some((Property::LogMatching, 2)));
        assert_eq!(findings.early().len(), 1);
        assert_eq!((findings.early()[0].count, findings.early()[0].finding.at.step), (2, 1));
        assert!(findings.of(Property::ElectionSafety).is_none());
        assert!(findings.of(Property::Monotonicity).is_some());
    }

    #[test]
    fn sets_read_as_lists() {
        assert_eq!(Members(0).to_string(), "nobody");
        assert_eq!(Members(0b101).to_string(), "n1, n3");
        assert_eq!(Members(1 << 63).to_string(), "n64");
    }
}
