//! Elected by a quorum (§5.2): a leader was granted its term by a quorum of distinct voters, each of which
//! sent its vote in that term.
//!
//! Witness: the votes seen on the wire. A leader's vote for itself needs no message. A system that does
//! not tell its votes apart from other messages cannot be judged, and is not.

use crate::by_term::ByTerm;
use crate::finding::{Fact, Findings, Members};
use crate::observe::{Brief, Kind};
use crate::property::Property;
use crate::seen::Seen;
use crate::types::{At, NodeId, majority};

/// Who was granted what.
#[derive(Clone, Debug, Default)]
pub(crate) struct ElectedByAQuorum {
    voters: u32,
    /// For each candidate, by term, the voters that granted it.
    granted_to: Vec<ByTerm<Granted>>,
    /// Whether the system tells what its vote replies say.
    told: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Granted {
    /// The voters, as a set.
    by: u64,
    /// When the last of them spoke.
    at: At,
}

impl ElectedByAQuorum {
    pub(crate) fn reset(&mut self, voters: u32) {
        self.voters = voters;
        self.told = false;
        self.granted_to.resize_with(voters as usize, ByTerm::default);
        self.granted_to.iter_mut().for_each(ByTerm::clear);
    }

    #[inline]
    pub(crate) fn sent(&mut self, at: At, to: NodeId, brief: &Brief) {
        if brief.kind != Kind::RequestVoteReply || brief.granted.is_none() {
            return;
        }
        self.told = true;
        if brief.granted == Some(true)
            && let Some(granted) = self.granted_to.get_mut(to.slot())
        {
            let granted = granted.get_or_insert_with(brief.term, Granted::default);
            granted.by |= at.node.bit();
            granted.at = at;
        }
    }

    #[inline]
    pub(crate) fn stepped(&self, seen: &Seen, findings: &mut Findings) {
        if !seen.elected() || !(self.told || self.voters == 1) {
            return;
        }
        findings.observe(Property::ElectedByAQuorum);
        let (node, term) = (seen.at.node, seen.now.term);
        let granted = self.granted_to[node.slot()].get(term).copied().unwrap_or_default();
        let by = granted.by | node.bit();
        let quorum = majority(self.voters);
        if by.count_ones() >= quorum {
            return;
        }
        findings.report(Property::ElectedByAQuorum, seen.at, || {
            let votes = format!("{node} has term {term} granted by {} only", Members(by));
            let leads = format!("{node} leads term {term}, and a quorum is {quorum} of {}", self.voters);
            let votes_at = if granted.by == 0 { seen.at } else { granted.at };
            vec![Fact::new(votes_at, votes), Fact::new(seen.at, leads)]
        });
    }
}
