//! One server, as a state machine that has no world: events in, effects out.
//!
//! This file only looks at the role and the message and calls what is written in `election.rs`, `follower.rs`
//! and `leader.rs`; beside that it holds the steps that all roles share: enter a term, write, apply, take a
//! snapshot. It knows no clock and no randomness. When a timer has run out, how long it runs, and what a disk or a
//! network does, is for the world to say. And it must not know that a rule could be wrong.

use alloc::vec;
use alloc::vec::Vec;
use core::slice;

use crate::disk::Disk;
use crate::effects::{Effects, Reason, Record, Suffix, Timer};
use crate::log::Log;
use crate::message::{Body, Message};
use crate::progress::Progress;
use crate::rules::{Rules, View};
use crate::state::State;
use crate::types::{Config, HardState, Index, NodeId, Role, Snapshot, Stored, Term};

/// Why a client's request was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Only the leader takes requests (§8).
    NotLeader {
        /// The leader of the present term, if this node has heard from it.
        hint: Option<NodeId>,
    },
}

/// A server of the cluster. `C` is the command that clients want to see executed.
#[derive(Clone, Debug)]
pub struct Node<C> {
    pub(crate) state: State<C>,
    pub(crate) rules: Rules<C>,
    pub(crate) disk: Disk,
    pub(crate) own_slot: usize,
    pub(crate) entries_per_append: usize,
    snapshot_every: u64,
}

impl<C: Clone> Node<C> {
    /// Start, for the first time or again after a crash, as a follower with what the disk holds (§5.2).
    /// Nothing counts as committed but what a snapshot stands for (§7); the state machine begins anew there.
    ///
    /// # Panics
    ///
    /// If the configuration does not name the node among the voters or allows no entries in a message, or none that are
    /// applied in the log.
    pub fn start(config: Config, rules: Rules<C>, stored: Stored<C>, out: &mut impl Effects<C>) -> Self {
        let Config { id, mut voters, entries_per_append, snapshot_every } = config;
        voters.sort_unstable();
        voters.dedup();
        let Ok(own_slot) = voters.binary_search(&id) else {
            panic!("{id} is not among the voters {voters:?}");
        };
        assert!(entries_per_append > 0, "a message must have room for 1 entry, not {entries_per_append}");
        assert!(snapshot_every > 0, "a log must hold 1 applied entry, not {snapshot_every}");
        let Stored { hard_state, snapshot, entries } = stored;
        let log = Log::new(snapshot, entries);
        let last_index = log.last_index();
        if snapshot.last_index > 0 {
            out.restore(&snapshot);
        }
        let state = State {
            id,
            current_term: hard_state.current_term,
            voted_for: hard_state.voted_for,
            role: Role::Follower,
            leader: None,
            log,
            commit_index: snapshot.last_index,
            last_applied: snapshot.last_index,
            votes: Vec::with_capacity(voters.len()),
            progress: vec![Progress::new(last_index); voters.len()],
            voters,
        };
        out.set_timer(Timer::Election, Reason::Started);
        let disk = Disk::new(hard_state, last_index);
        Self { state, rules, disk, own_slot, entries_per_append, snapshot_every }
    }

    /// The election timer has run out. A leader has none, and ignores it.
    pub fn election_timeout(&mut self, out: &mut impl Effects<C>) {
        match self.state.role {
            Role::Follower | Role::Candidate => self.campaign(out),
            Role::Leader => {}
        }
    }

    /// The heartbeat timer has run out. Only a leader has one; others ignore it.
    pub fn heartbeat_timeout(&mut self, out: &mut impl Effects<C>) {
        match self.state.role {
            Role::Leader => self.heartbeat(out),
            Role::Follower | Role::Candidate => {}
        }
    }

    /// A message has arrived. One that is not from another voter is ignored, and so is one whose time is over,
    /// unless its sender must learn of a newer term.
    pub fn receive(&mut self, from: NodeId, message: Message<'_, C>, out: &mut impl Effects<C>) {
        let Some(slot) = self.state.slot(from) else { return };
        if from == self.state.id {
            return;
        }
        if (self.rules.adopt_term)(&self.view(from, &message)) {
            self.become_follower(message.term, None, out);
        }
        match (self.state.role, message.body) {
            (_, Body::RequestVote { .. }) => self.receive_request_vote(from, &message, out),
            (_, Body::AppendEntries { prev_log_index, entries, .. }) => {
                self.receive_append_entries(from, &message, (prev_log_index, entries), out);
            }
            (_, Body::InstallSnapshot(snapshot)) => {
                self.receive_install_snapshot(from, &message, snapshot, out);
            }
            (Role::Candidate, Body::RequestVoteReply { .. }) => self.receive_vote(from, &message, out),
            (Role::Leader, Body::AppendEntriesReply(verdict)) => {
                self.receive_verdict(slot, &message, verdict, out);
            }
            (Role::Follower | Role::Leader, Body::RequestVoteReply { .. })
            | (Role::Follower | Role::Candidate, Body::AppendEntriesReply(_)) => {}
        }
        self.persist(None, out);
        self.make_room(out);
    }

    /// A client wants `command` executed. A leader puts it into its log at the index that is returned and sends
    /// it on its way; [`Effects::reply`] with that index and the same term follows if it gets committed while
    /// this node leads.
    ///
    /// # Errors
    ///
    /// [`Refused::NotLeader`] if this node does not lead, with the leader's name if it knows one.
    pub fn request(&mut self, command: C, out: &mut impl Effects<C>) -> Result<Index, Refused> {
        match self.state.role {
            Role::Leader => Ok(self.propose(command, out)),
            Role::Follower | Role::Candidate => Err(Refused::NotLeader { hint: self.state.leader }),
        }
    }

    /// The oldest [`Effects::sync_async`] that had not come back is done: what it covered is durable.
    pub fn durable(&mut self, up_to: Index, out: &mut impl Effects<C>) {
        let news = self.disk.returned(up_to);
        if news && self.state.role == Role::Leader {
            self.advance_commit(out);
            self.make_room(out);
        }
    }

    /// §5.1: enter `term` as a follower, or be confirmed as one in the present term by its leader. A leader's
    /// timers change hands; a candidate's or a follower's election timer just goes on.
    pub(crate) fn become_follower(&mut self, term: Term, leader: Option<NodeId>, out: &mut impl Effects<C>) {
        if self.state.role == Role::Leader {
            out.cancel_timer(Timer::Heartbeat);
            out.set_timer(Timer::Election, Reason::SteppedDown);
        }
        self.state.voted_for = (self.rules.remembered_vote)(&self.state, term);
        self.state.current_term = term;
        self.state.role = Role::Follower;
        self.state.leader = leader;
    }

    /// Figure 2: what is persistent reaches the disk before anybody is answered. Writes one record with all that
    /// this step has changed so far, and blocks until it is durable; does nothing if nothing has changed.
    #[inline]
    pub(crate) fn persist(&mut self, log_changed_from: Option<Index>, out: &mut impl Effects<C>) {
        self.persist_with(None, log_changed_from, out);
    }

    /// The same, with a snapshot in the record if there is one.
    #[inline(always)]
    pub(crate) fn persist_with(
        &mut self,
        snapshot: Option<Snapshot>,
        log_changed_from: Option<Index>,
        out: &mut impl Effects<C>,
    ) {
        let hard_state = self.state.hard_state();
        let changed = hard_state != self.disk.hard_state;
        if !changed && snapshot.is_none() && log_changed_from.is_none() {
            return;
        }
        let suffix = log_changed_from.map(|from| Suffix { from, entries: self.state.log.suffix(from) });
        out.write(Record { hard_state: changed.then_some(hard_state), snapshot, suffix });
        out.sync();
        self.disk.hard_state = hard_state;
        self.disk.synced(self.state.log.last_index());
    }

    /// Figure 2, all servers: while commitIndex > lastApplied, apply the next entry. Who leads and created the
    /// entry in its present term also has its client waiting (§8).
    pub(crate) fn apply_committed(&mut self, out: &mut impl Effects<C>) {
        let State { last_applied, commit_index, role, current_term, .. } = self.state;
        let (first, count) = (last_applied + 1, commit_index.saturating_sub(last_applied));
        let entries = self.state.log.slice(first, count as usize);
        if role == Role::Leader {
            for (index, entry) in (first..).zip(entries) {
                out.apply(index, slice::from_ref(entry));
                if let Some(command) = entry.command.as_ref().filter(|_| entry.term == current_term) {
                    out.reply(index, command);
                }
            }
        } else if !entries.is_empty() {
            out.apply(first, entries);
        }
        self.state.last_applied += entries.len() as Index;
    }

    /// §7: when the log holds many entries that are applied, let a snapshot take their place. Everything that this step
    /// has changed was written before it, so the disk loses no entry that the snapshot does not stand for.
    #[inline(always)]
    fn make_room(&mut self, out: &mut impl Effects<C>) {
        if self.state.last_applied - self.state.log.snapshot().last_index >= self.snapshot_every {
            self.take_snapshot(out);
        }
    }

    #[inline(never)]
    fn take_snapshot(&mut self, out: &mut impl Effects<C>) {
        let last_index = (self.rules.snapshot_up_to)(&self.state);
        let Some(last_term) = self.state.log.term_at(last_index) else { return };
        let snapshot = Snapshot { last_index, last_term, state: out.snapshot() };
        self.state.log.begin_after(snapshot, true);
        // The paper's rule changes neither; to one that reaches further, what the snapshot stands for counts as applied.
        (self.state.last_applied, self.state.commit_index) =
            (last_index, self.state.commit_index.max(last_index));
        out.write(Record { hard_state: None, snapshot: Some(snapshot), suffix: None });
    }

    pub(crate) fn view<'a>(&'a self, from: NodeId, message: &'a Message<'a, C>) -> View<'a, C> {
        View { state: &self.state, from, message, durable_index: self.disk.durable_index }
    }
}

/// What an observer may ask. Nothing of it changes what the node will do.
impl<C> Node<C> {
    /// Follower, candidate or leader.
    pub fn role(&self) -> Role {
        self.state.role
    }

    /// The latest term that the node has seen.
    pub fn current_term(&self) -> Term {
        self.state.current_term
    }

    /// Who received the node's vote in the current term.
    pub fn voted_for(&self) -> Option<NodeId> {
        self.state.voted_for
    }

    /// The term and the vote together.
    pub fn hard_state(&self) -> HardState {
        self.state.hard_state()
    }

    /// The highest index that the node knows to be committed.
    pub fn commit_index(&self) -> Index {
        self.state.commit_index
    }

    /// The highest index that the node has handed to its state machine.
    pub fn last_applied(&self) -> Index {
        self.state.last_applied
    }

    /// The entries.
    pub fn log(&self) -> &Log<C> {
        &self.state.log
    }

    /// Forget what has changed in the log so far; see [`Log::changed_from`].
    pub fn mark_log_seen(&mut self) {
        self.state.log.mark_seen();
    }

    /// The leader of the current term, if the node has heard from it or is it.
    pub fn leader_hint(&self) -> Option<NodeId> {
        self.state.leader
    }

    /// What a leader knows about another voter; `None` for anybody else, or if this node does not lead.
    pub fn progress(&self, peer: NodeId) -> Option<&Progress> {
        self.state.progress(peer)
    }

    /// The last index of the node's log that it knows its disk to hold durably.
    pub fn durable_index(&self) -> Index {
        self.disk.durable_index
    }

    /// All that a rule would see.
    pub fn state(&self) -> &State<C> {
        &self.state
    }
}
