//! Leading (§5.3, §5.4.2): taking requests, replicating the log, moving the commit index.
//!
//! What is written here makes sure that an entry counts as committed only once no later leader can lack it.
//! It must not know how followers store entries or why they reject them.

use crate::effects::{Effects, Reason, Record, Suffix, Timer};
use crate::message::{Body, Message, Verdict};
use crate::node::Node;
use crate::progress::{Mode, Progress};
use crate::quorum;
use crate::types::{Entry, Index, Role};

impl<C: Clone> Node<C> {
    /// §5.2, §8: a new leader knows nothing about the others, opens its term with a no-op, which will commit
    /// what earlier leaders left behind, and heartbeats at once, so that nobody else starts an election.
    pub(crate) fn lead(&mut self, out: &mut impl Effects<C>) {
        self.state.role = Role::Leader;
        self.state.leader = Some(self.state.id);
        self.state.progress.fill(Progress::new(self.state.log.last_index()));
        out.cancel_timer(Timer::Election);
        self.append(None, out);
        let batch = self.entries_per_append;
        self.send_to_all(|_| Some(batch), out);
    }

    /// §5.2: everybody hears from the leader. A server in a stream is sent again what it has not acknowledged
    /// (§5.1); any other is only asked whether the logs agree so far, which costs little if it is gone.
    pub(crate) fn heartbeat(&mut self, out: &mut impl Effects<C>) {
        let batch = self.entries_per_append;
        self.state.progress.iter_mut().for_each(Progress::repeat);
        self.send_to_all(|progress| Some(if progress.mode == Mode::Probe { 0 } else { batch }), out);
    }

    /// §5.3: a request becomes an entry, and goes at once to all servers to whom it is worth a message.
    pub(crate) fn propose(&mut self, command: C, out: &mut impl Effects<C>) -> Index {
        let index = self.append(Some(command), out);
        let batch = self.entries_per_append;
        self.send_to_all(|progress| progress.is_ready(index, batch).then_some(batch), out);
        index
    }

    /// thesis §10.2.1: the write begins here, and the entry may travel meanwhile.
    fn append(&mut self, command: Option<C>, out: &mut impl Effects<C>) -> Index {
        let term = self.state.current_term;
        let index = self.state.log.append(Entry { term, command });
        self.write_from(index, out);
        index
    }

    fn write_from(&mut self, from: Index, out: &mut impl Effects<C>) {
        let suffix = Suffix { from, entries: self.state.log.suffix(from) };
        out.write(Record { hard_state: None, snapshot: None, suffix: Some(suffix) });
        out.sync_async(self.state.log.last_index());
        self.disk.awaits();
    }

    /// Sends to all others at most as many entries as `limit` says, or nothing at all. Heartbeats are for idle
    /// times (§5.2): if everybody was sent something, the next one is due an interval from now.
    fn send_to_all(&mut self, limit: impl Fn(&Progress) -> Option<usize>, out: &mut impl Effects<C>) {
        let mut left_out = false;
        for slot in 0..self.state.voters.len() {
            if slot == self.own_slot {
                continue;
            }
            match limit(&self.state.progress[slot]) {
                Some(limit) => self.send_entries(slot, limit, out),
                None => left_out = true,
            }
        }
        if !left_out {
            out.set_timer(Timer::Heartbeat, Reason::Leading);
        }
    }

    /// At most `limit` entries from nextIndex on, or the snapshot if the log no longer has the entry before them (§7).
    fn send_entries(&mut self, slot: usize, limit: usize, out: &mut impl Effects<C>) {
        let state = &self.state;
        let prev_log_index = state.progress[slot].prev_log_index().min(state.log.last_index());
        let Some(prev_log_term) = state.log.term_at(prev_log_index) else {
            return self.send_snapshot(slot, out);
        };
        let entries = state.log.slice(prev_log_index + 1, limit);
        let last_sent = prev_log_index + entries.len() as Index;
        let body =
            Body::AppendEntries { prev_log_index, prev_log_term, entries, leader_commit: state.commit_index };
        out.send(state.voters[slot], Message { term: state.current_term, body });
        self.state.progress[slot].sent(last_sent);
    }

    fn send_snapshot(&mut self, slot: usize, out: &mut impl Effects<C>) {
        let state = &self.state;
        let snapshot = *state.log.snapshot();
        let body = Body::InstallSnapshot(snapshot);
        out.send(state.voters[slot], Message { term: state.current_term, body });
        self.state.progress[slot].sent(snapshot.last_index);
    }

    /// The answer to an AppendEntries of the present term. One of an earlier term speaks of another log.
    pub(crate) fn receive_verdict(
        &mut self,
        slot: usize,
        message: &Message<'_, C>,
        verdict: Verdict,
        out: &mut impl Effects<C>,
    ) {
        if message.term != self.state.current_term {
            return;
        }
        match verdict {
            Verdict::Accepted { .. } => self.accepted(slot, message, out),
            Verdict::Rejected { prev_log_index, .. } => self.rejected(slot, message, prev_log_index, out),
        }
    }

    /// Figure 2: on success update nextIndex and matchIndex, see whether more is committed now, and send the
    /// next batch if the follower is behind. Nobody can hold more of this log than there is of it.
    fn accepted(&mut self, slot: usize, message: &Message<'_, C>, out: &mut impl Effects<C>) {
        let match_index = (self.rules.acknowledged)(&self.view(self.state.voters[slot], message));
        let last_index = self.state.log.last_index();
        if match_index > last_index {
            return;
        }
        if self.state.progress[slot].accept(match_index) {
            self.advance_commit(out);
        }
        if self.state.progress[slot].is_ready(last_index, self.entries_per_append) {
            self.send_entries(slot, self.entries_per_append, out);
        }
    }

    /// Figure 2: on failure go back with nextIndex and retry. A rejection that leads no further back cannot come
    /// from an honest follower, and waits for the next heartbeat.
    fn rejected(
        &mut self,
        slot: usize,
        message: &Message<'_, C>,
        prev_log_index: Index,
        out: &mut impl Effects<C>,
    ) {
        if !self.state.progress[slot].heeds_rejection(prev_log_index) {
            return;
        }
        let back_up = (self.rules.back_up)(&self.view(self.state.voters[slot], message));
        if let Some(last) = back_up.cut_log_to.filter(|last| *last < self.state.log.last_index()) {
            self.cut_log(last, out);
        }
        if self.state.progress[slot].back_up(back_up.next_index) {
            self.send_entries(slot, self.entries_per_append, out);
        }
    }

    /// Only at a table's wish, and the paper's never wishes it (§5.3, Leader Append-Only). What a snapshot stands for
    /// stays.
    fn cut_log(&mut self, last: Index, out: &mut impl Effects<C>) {
        let last = last.max(self.state.log.snapshot().last_index);
        self.state.log.truncate(last);
        self.disk.cut(last);
        self.write_from(last + 1, out);
    }

    /// §5.3, §5.4.2: the highest index that a quorum holds durably is committed if a rule lets it be counted,
    /// and with it all before it.
    pub(crate) fn advance_commit(&mut self, out: &mut impl Effects<C>) {
        let own_match_index = (self.rules.own_match_index)(&self.state, self.disk.durable_index);
        self.state.progress[self.own_slot].match_index = own_match_index;
        let held = self.state.progress.iter().map(|progress| progress.match_index);
        let quorum = (self.rules.commit_quorum)(self.state.voters.len());
        let index = quorum::highest_held(held, quorum, self.state.commit_index);
        if index > self.state.commit_index && (self.rules.commits_by_counting)(&self.state, index) {
            self.state.commit_index = index;
            self.apply_committed(out);
        }
    }
}
