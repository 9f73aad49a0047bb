//! Receiving AppendEntries (figure 2, §5.3) and InstallSnapshot (figure 13, §7): what a follower lets into its log, and
//! what it says about it.
//!
//! What is written here makes sure that equal index and term mean equal logs up to there. It must not know
//! what the leader makes of the answer.

use crate::effects::Effects;
use crate::message::{Body, Message, Verdict};
use crate::node::Node;
use crate::rules::Install;
use crate::state::State;
use crate::types::{Entry, Index, NodeId, Role, Snapshot};

impl<C: Clone> Node<C> {
    /// Figure 2, AppendEntries: refuse what is old or does not fit, take what is new, apply what the leader says is
    /// committed, and acknowledge when it is durable. What is committed a majority holds durably, so that to apply it
    /// waits for no disk of our own, as with a leader (thesis §10.2.1).
    pub(crate) fn receive_append_entries(
        &mut self,
        from: NodeId,
        message: &Message<'_, C>,
        (prev_log_index, entries): (Index, &[Entry<C>]),
        out: &mut impl Effects<C>,
    ) {
        if !self.follows(from, message, prev_log_index, out) {
            return;
        }
        let gap = prev_log_index > self.state.log.last_index();
        if gap || !(self.rules.previous_matches)(&self.view(from, message)) {
            return self.reject(from, prev_log_index, out);
        }
        let changed_from = self.take_entries(from, message, entries);
        self.state.commit_index = (self.rules.follower_commit)(&self.view(from, message));
        self.apply_committed(out);
        self.persist(changed_from, out);
        let match_index = prev_log_index + entries.len() as Index;
        self.answer(from, Verdict::Accepted { match_index }, out);
    }

    /// Figure 13, InstallSnapshot: refuse what is old; if there is news in the snapshot, let it take the place of the log
    /// as far as it reaches, and acknowledge when it is durable.
    #[inline(never)]
    pub(crate) fn receive_install_snapshot(
        &mut self,
        from: NodeId,
        message: &Message<'_, C>,
        snapshot: Snapshot,
        out: &mut impl Effects<C>,
    ) {
        let match_index = snapshot.last_index;
        if !self.follows(from, message, match_index, out) {
            return;
        }
        if let Some(install) = (self.rules.install)(&self.view(from, message)) {
            self.install(snapshot, install, out);
        }
        self.persist(None, out);
        self.answer(from, Verdict::Accepted { match_index }, out);
    }

    fn install(&mut self, snapshot: Snapshot, Install { keep_tail }: Install, out: &mut impl Effects<C>) {
        let State { log, commit_index, last_applied, .. } = &mut self.state;
        log.begin_after(snapshot, keep_tail);
        (*commit_index, *last_applied) = (snapshot.last_index.max(*commit_index), snapshot.last_index);
        let ends_there = log.last_index() == snapshot.last_index;
        self.persist_with(Some(snapshot), ends_there.then(|| snapshot.last_index.saturating_add(1)), out);
        out.restore(&snapshot);
    }

    /// Whether the sender of this request leads the present term, and the receiver follows it. Who has the wrong term
    /// is told that the request, which spoke of `index`, is refused.
    fn follows(
        &mut self,
        from: NodeId,
        message: &Message<'_, C>,
        index: Index,
        out: &mut impl Effects<C>,
    ) -> bool {
        self.put_off_election(from, message, false, out);
        if !(self.rules.heed_leader)(&self.view(from, message)) {
            self.reject(from, index, out);
            return false;
        }
        // There is no second leader in a term (§5.2); whoever claims to be one gets no say over a leader's log.
        if self.state.role == Role::Leader {
            return false;
        }
        self.become_follower(self.state.current_term, Some(from), out);
        true
    }

    fn take_entries(
        &mut self,
        from: NodeId,
        message: &Message<'_, C>,
        entries: &[Entry<C>],
    ) -> Option<Index> {
        let splice = (self.rules.splice)(&self.view(from, message))?;
        self.state.log.splice(splice.from, &entries[splice.skip..], splice.keep_tail);
        Some(splice.from)
    }

    /// §5.3: say no, and say how far back the leader should try: where the log ends, or the whole of the
    /// conflicting term, so that one round passes a term and not an entry.
    fn reject(&mut self, from: NodeId, prev_log_index: Index, out: &mut impl Effects<C>) {
        self.persist(None, out);
        let log = &self.state.log;
        let conflict_term = log.term_at(prev_log_index);
        let first_of_term = conflict_term.and_then(|term| log.first_index_of(term));
        let conflict_index = first_of_term.unwrap_or(log.last_index() + 1);
        self.answer(from, Verdict::Rejected { prev_log_index, conflict_term, conflict_index }, out);
    }

    fn answer(&self, to: NodeId, verdict: Verdict, out: &mut impl Effects<C>) {
        let body = Body::AppendEntriesReply(verdict);
        out.send(to, Message { term: self.state.current_term, body });
    }
}
