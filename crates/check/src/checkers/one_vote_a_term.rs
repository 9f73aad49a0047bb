//! One vote a term (§5.2): a node votes for at most one candidate in a term, for ever, across restarts.
//!
//! A vote is a granted reply that was sent or a candidacy that was announced. What a node writes into its
//! vote field is no vote: some libraries note the leader there. They may then grant a late request of that
//! leader, too; a grant to the node that already leads the term elects nobody, and is no vote either.

use crate::by_term::ByTerm;
use crate::finding::{Fact, Findings};
use crate::observe::{Brief, Kind};
use crate::property::Property;
use crate::types::{At, NodeId, Term};

/// Who voted for whom.
#[derive(Clone, Debug, Default)]
pub(crate) struct OneVoteATerm {
    /// For each voter, by term, its vote.
    votes: Vec<ByTerm<Vote>>,
}

#[derive(Clone, Copy, Debug)]
struct Vote {
    candidate: NodeId,
    at: At,
}

/// The candidate that a message votes for: the receiver of a granted reply, the sender of a request.
#[inline]
pub(crate) fn vote(at: At, to: NodeId, brief: &Brief) -> Option<NodeId> {
    match (brief.kind, brief.granted) {
        (Kind::RequestVote, _) => Some(at.node),
        (Kind::RequestVoteReply, Some(true)) => Some(to),
        (Kind::RequestVoteReply | Kind::AppendEntries | Kind::AppendEntriesReply, _)
        | (Kind::InstallSnapshot | Kind::Other, _) => None,
    }
}

impl OneVoteATerm {
    pub(crate) fn reset(&mut self, voters: usize) {
        self.votes.resize_with(voters, ByTerm::default);
        self.votes.iter_mut().for_each(ByTerm::clear);
    }

    /// A message leaves. `leader` is who was seen to lead its term, if anybody was.
    #[inline]
    pub(crate) fn sent(
        &mut self,
        at: At,
        to: NodeId,
        brief: &Brief,
        leader: impl FnOnce() -> Option<NodeId>,
        findings: &mut Findings,
    ) {
        let Some(candidate) = vote(at, to, brief) else { return };
        findings.observe(Property::OneVoteATerm);
        let (voter, term, vote) = (at.node, brief.term, Vote { candidate, at });
        let first = *self.votes[voter.slot()].get_or_insert_with(term, || vote);
        if first.candidate != candidate && leader() != Some(candidate) {
            let fact = |vote: Vote| {
                Fact::new(vote.at, format!("{voter} voted for {} in term {term}", vote.candidate))
            };
            findings.report(Property::OneVoteATerm, at, || vec![fact(first), fact(vote)]);
        }
    }

    /// Whether `voter` has voted in `term`.
    pub(crate) fn voted(&self, voter: NodeId, term: Term) -> bool {
        self.votes[voter.slot()].get(term).is_some()
    }
}
