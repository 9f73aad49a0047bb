//! A message of our node on its way through the world.
//!
//! The node's messages borrow their entries from the sender's log; what travels owns them, in memory that is
//! used again. It must not know who sends what to whom, nor why.

use whitewater_check::observe::{Brief, Kind};
use whitewater_check::types::Command;
use whitewater_raft::message::{Body, Message, Verdict};
use whitewater_raft::types as raft;

/// A message as it travels: what it says, and the entries that it carries in memory of its own.
#[derive(Debug)]
pub struct Wire {
    pub(super) head: Message<'static, Command>,
    pub(super) entries: Vec<raft::Entry<Command>>,
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            head: Message { term: 0, body: Body::RequestVoteReply { granted: false } },
            entries: Vec::new(),
        }
    }
}

impl Clone for Wire {
    fn clone(&self) -> Self {
        Self { head: self.head, entries: self.entries.clone() }
    }

    fn clone_from(&mut self, other: &Self) {
        self.head = other.head;
        self.entries.clone_from(&other.entries);
    }
}

impl Wire {
    /// Takes over what `message` says.
    #[inline]
    pub(super) fn write(&mut self, message: &Message<'_, Command>) {
        self.entries.clear();
        self.head.term = message.term;
        match message.body {
            Body::AppendEntries { prev_log_index, prev_log_term, entries, leader_commit } => {
                self.entries.extend(entries.iter().copied());
                self.head.body =
                    Body::AppendEntries { prev_log_index, prev_log_term, entries: &[], leader_commit };
            }
            Body::AppendEntriesReply(verdict) => self.head.body = Body::AppendEntriesReply(verdict),
            Body::RequestVote { last_log_index, last_log_term } => {
                self.head.body = Body::RequestVote { last_log_index, last_log_term };
            }
            Body::RequestVoteReply { granted } => self.head.body = Body::RequestVoteReply { granted },
            Body::InstallSnapshot(snapshot) => self.head.body = Body::InstallSnapshot(snapshot),
        }
    }

    /// Gives all entries the term of the message.
    pub(super) fn restamp(&mut self) {
        self.entries.iter_mut().for_each(|entry| entry.term = self.head.term);
    }

    /// What it says, as the node reads it.
    pub(super) fn read(&self) -> Message<'_, Command> {
        match self.head.body {
            Body::AppendEntries { prev_log_index, prev_log_term, leader_commit, .. } => {
                let entries = &self.entries;
                let body = Body::AppendEntries { prev_log_index, prev_log_term, entries, leader_commit };
                Message { term: self.head.term, body }
            }
            Body::RequestVote { .. }
            | Body::RequestVoteReply { .. }
            | Body::InstallSnapshot(_)
            | Body::AppendEntriesReply(_) => self.head,
        }
    }
}

/// What a message says, for the checks.
#[inline]
pub(super) fn brief(message: &Message<'_, Command>) -> Brief {
    let brief = Brief { term: message.term, ..Brief::default() };
    match message.body {
        Body::RequestVote { .. } => Brief { kind: Kind::RequestVote, ..brief },
        Body::RequestVoteReply { granted } => {
            Brief { kind: Kind::RequestVoteReply, granted: Some(granted), ..brief }
        }
        Body::AppendEntries { prev_log_index, leader_commit, entries, .. } => Brief {
            kind: Kind::AppendEntries,
            commit_index: Some(leader_commit),
            prev_log_index,
            entries: entries.len() as u32,
            ..brief
        },
        Body::InstallSnapshot(snapshot) => {
            Brief { kind: Kind::InstallSnapshot, prev_log_index: snapshot.last_index, ..brief }
        }
        Body::AppendEntriesReply(Verdict::Accepted { match_index }) => Brief {
            kind: Kind::AppendEntriesReply,
            granted: Some(true),
            acknowledged: Some(match_index),
            ..brief
        },
        Body::AppendEntriesReply(Verdict::Rejected { prev_log_index, .. }) => {
            Brief { kind: Kind::AppendEntriesReply, granted: Some(false), prev_log_index, ..brief }
        }
    }
}
