//! Terms go up (§5.1): a node's term never falls within a life, and a life does not begin below any term
//! that the node sent or stored in an earlier one.
//!
//! Witness: for each node the highest term that it sent or stored.

use crate::finding::{Fact, Findings};
use crate::property::Property;
use crate::seen::Seen;
use crate::types::{At, NodeId, Term};

/// Below which term nobody may come back.
#[derive(Clone, Debug, Default)]
pub(crate) struct TermsGoUp {
    floors: Vec<Floor>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Floor {
    term: Term,
    at: At,
    /// Whether it was sent; otherwise it was stored.
    sent: bool,
}

impl TermsGoUp {
    pub(crate) fn reset(&mut self, voters: usize) {
        self.floors.clear();
        self.floors.resize(voters, Floor::default());
    }

    #[inline]
    pub(crate) fn sent(&mut self, at: At, term: Term) {
        self.raise(Floor { term, at, sent: true });
    }

    pub(crate) fn durable(&mut self, at: At, term: Term) {
        self.raise(Floor { term, at, sent: false });
    }

    /// The node's disk was emptied: what it stored and sent is forgotten by no fault of its own.
    pub(crate) fn wiped(&mut self, node: NodeId) {
        self.floors[node.slot()] = Floor::default();
    }

    #[inline]
    fn raise(&mut self, floor: Floor) {
        let highest = &mut self.floors[floor.at.node.slot()];
        if floor.term > highest.term {
            *highest = floor;
        }
    }

    /// The first look of a life.
    pub(crate) fn started(&self, seen: &Seen, findings: &mut Findings) {
        findings.observe(Property::TermsGoUp);
        let floor = self.floors[seen.at.node.slot()];
        if seen.now.term < floor.term {
            let how = if floor.sent { "sent a message of" } else { "stored" };
            let before = format!("{} {how} term {}", seen.at.node, floor.term);
            report(seen, Fact::new(floor.at, before), findings);
        }
    }

    /// Any other look.
    #[inline]
    pub(crate) fn stepped(seen: &Seen, findings: &mut Findings) {
        findings.observe(Property::TermsGoUp);
        if seen.now.term < seen.before.term {
            report(seen, Fact::new(seen.before_at, is_in(seen.at.node, seen.before.term)), findings);
        }
    }
}

fn report(seen: &Seen, before: Fact, findings: &mut Findings) {
    let now = Fact::new(seen.at, is_in(seen.at.node, seen.now.term));
    findings.report(Property::TermsGoUp, seen.at, || vec![before, now]);
}

fn is_in(node: NodeId, term: Term) -> String {
    format!("{node} is in term {term}")
}
