//! Leader election (§5.2, §5.4.1): opening a term, giving a vote, counting votes.
//!
//! What is written here makes sure that there is at most one leader in a term. It must not know how a leader
//! replicates; when it is elected it calls `lead` and is done.

use crate::effects::{Effects, Reason, Timer};
use crate::message::{Body, Message};
use crate::node::Node;
use crate::quorum;
use crate::types::{NodeId, Role};

impl<C: Clone> Node<C> {
    /// §5.2: raise the term, vote for oneself, ask the others. The vote is durable before anybody hears of it;
    /// the timer runs again, since an election may have no winner.
    pub(crate) fn campaign(&mut self, out: &mut impl Effects<C>) {
        let state = &mut self.state;
        state.current_term += 1;
        state.voted_for = Some(state.id);
        state.role = Role::Candidate;
        state.leader = None;
        state.votes.clear();
        state.votes.push(state.id);
        self.persist(None, out);
        out.set_timer(Timer::Election, Reason::Campaigning);
        self.ask_for_votes(out);
        self.lead_if_elected(out);
    }

    fn ask_for_votes(&self, out: &mut impl Effects<C>) {
        let state = &self.state;
        let (last_log_index, last_log_term) = (state.log.last_index(), state.log.last_term());
        let body = Body::RequestVote { last_log_index, last_log_term };
        for peer in state.voters.iter().filter(|peer| **peer != state.id) {
            out.send(*peer, Message { term: state.current_term, body });
        }
    }

    /// Figure 2, RequestVote. The answer carries the receiver's term, so that a stale candidate learns of it.
    pub(crate) fn receive_request_vote(
        &mut self,
        from: NodeId,
        message: &Message<'_, C>,
        out: &mut impl Effects<C>,
    ) {
        let view = self.view(from, message);
        let granted = (self.rules.grant_vote)(&view) && (self.rules.log_up_to_date)(&view);
        if granted {
            self.state.voted_for = Some(from);
        }
        self.persist(None, out);
        let body = Body::RequestVoteReply { granted };
        out.send(from, Message { term: self.state.current_term, body });
        self.put_off_election(from, message, granted, out);
    }

    /// §5.2: a candidate that has the votes of a quorum leads.
    pub(crate) fn receive_vote(&mut self, from: NodeId, message: &Message<'_, C>, out: &mut impl Effects<C>) {
        if (self.rules.admit_vote)(&self.view(from, message)) {
            self.state.votes.push(from);
            self.lead_if_elected(out);
        }
    }

    fn lead_if_elected(&mut self, out: &mut impl Effects<C>) {
        let quorum = (self.rules.election_quorum)(self.state.voters.len());
        if quorum::has_quorum(&self.state.votes, quorum) {
            self.lead(out);
        }
    }

    /// Set the election timer again if this request is a reason to. A leader has none.
    pub(crate) fn put_off_election(
        &self,
        from: NodeId,
        message: &Message<'_, C>,
        granted: bool,
        out: &mut impl Effects<C>,
    ) {
        let resets = (self.rules.resets_timer)(&self.view(from, message), granted);
        if resets && self.state.role != Role::Leader {
            let reason = if granted { Reason::GrantedVote } else { Reason::HeardLeader };
            out.set_timer(Timer::Election, reason);
        }
    }
}
