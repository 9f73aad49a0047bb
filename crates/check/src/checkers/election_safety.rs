//! Election Safety (§5.2): at most one leader in a term, ever, not only at one instant.
//!
//! Witness: the first node that was seen to lead each term. It knows no votes.

use crate::by_term::ByTerm;
use crate::finding::{Fact, Findings};
use crate::property::Property;
use crate::seen::Seen;
use crate::types::{At, NodeId, Term};

/// Who leads which term.
#[derive(Clone, Debug, Default)]
pub(crate) struct ElectionSafety {
    /// Where and when each term was first led; the node in it is the leader.
    leader_of: ByTerm<At>,
}

impl ElectionSafety {
    pub(crate) fn reset(&mut self) {
        self.leader_of.clear();
    }

    /// The first node that was seen to lead `term`.
    pub(crate) fn leader_of(&self, term: Term) -> Option<NodeId> {
        self.leader_of.get(term).map(|at| at.node)
    }

    #[inline]
    pub(crate) fn stepped(&mut self, seen: &Seen, findings: &mut Findings) {
        if !seen.elected() {
            return;
        }
        findings.observe(Property::ElectionSafety);
        let (term, at) = (seen.now.term, seen.at);
        let first = *self.leader_of.get_or_insert_with(term, || at);
        if first.node != at.node {
            let leads = |at: At| Fact::new(at, format!("{} leads term {term}", at.node));
            findings.report(Property::ElectionSafety, at, || vec![leads(first), leads(at)]);
        }
    }
}
