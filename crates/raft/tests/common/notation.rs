//! The compact notation of effects, messages and nodes, for golden scripts and for readable assertions.
//!
//! `3@2` is index 3 in term 2, `Accepted@2` a message of term 2, `[1 2:x]` a no-op of term 1 and then the
//! command x of term 2. `3@2:112` is a snapshot up to index 3 in term 2, of state 112.

use std::fmt;

use whitewater_raft::{Body, Entry, HardState, Message, Node, NodeId, Role, Snapshot, Term, Timer, Verdict};

use super::disk::Written;
use super::{Command, Effect, Letter};

pub(crate) fn entry(entry: &Entry<Command>) -> String {
    match &entry.command {
        None => entry.term.to_string(),
        Some(command) => format!("{}:{command}", entry.term),
    }
}

pub(crate) fn entries(list: &[Entry<Command>]) -> String {
    format!("[{}]", list.iter().map(entry).collect::<Vec<_>>().join(" "))
}

fn hard_state(HardState { current_term, voted_for }: &HardState) -> String {
    format!("term={current_term} vote={}", voted_for.map_or("-".to_owned(), |vote| vote.to_string()))
}

fn timer(timer: Timer) -> &'static str {
    match timer {
        Timer::Election => "election",
        Timer::Heartbeat => "heartbeat",
    }
}

fn verdict(term: Term, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Accepted { match_index } => format!("Accepted@{term} match={match_index}"),
        Verdict::Rejected { prev_log_index, conflict_term, conflict_index } => {
            let conflict_term = conflict_term.map_or("-".to_owned(), |term| term.to_string());
            format!("Rejected@{term} prev={prev_log_index} conflict={conflict_index}@{conflict_term}")
        }
    }
}

pub(crate) fn message(message: &Message<'_, Command>) -> String {
    let term = message.term;
    match message.body {
        Body::RequestVote { last_log_index, last_log_term } => {
            format!("RequestVote@{term} last={last_log_index}@{last_log_term}")
        }
        Body::RequestVoteReply { granted: true } => format!("Vote@{term} granted"),
        Body::RequestVoteReply { granted: false } => format!("Vote@{term} refused"),
        Body::AppendEntries { prev_log_index, prev_log_term, entries: list, leader_commit } => format!(
            "AppendEntries@{term} prev={prev_log_index}@{prev_log_term} {} commit={leader_commit}",
            entries(list)
        ),
        Body::InstallSnapshot(ref sent) => format!("InstallSnapshot@{term} {}", snapshot(sent)),
        Body::AppendEntriesReply(ref answer) => verdict(term, answer),
    }
}

fn snapshot(Snapshot { last_index, last_term, state }: &Snapshot) -> String {
    format!("{last_index}@{last_term}:{state}")
}

fn write(record: &Written) -> String {
    let hard = record.hard_state.as_ref().map(hard_state);
    let taken = record.snapshot.as_ref().map(|taken| format!("snapshot={}", snapshot(taken)));
    let suffix = record.suffix.as_ref().map(|(from, list)| format!("log[{from}..]={}", entries(list)));
    let parts: Vec<String> = hard.into_iter().chain(taken).chain(suffix).collect();
    format!("write {}", parts.join(" "))
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "-> {} {}", self.to, message(&self.message()))
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Effect::Write(record) => f.write_str(&write(record)),
            Effect::Sync => f.write_str("sync"),
            Effect::SyncAsync(up_to) => write!(f, "sync_async {up_to}"),
            Effect::Send(letter) => letter.fmt(f),
            Effect::SetTimer(which, reason) => write!(f, "set {} ({reason:?})", timer(*which)),
            Effect::CancelTimer(which) => write!(f, "cancel {}", timer(*which)),
            Effect::Apply(index, applied) => write!(f, "apply {index} {}", entry(applied)),
            Effect::Reply(index, command) => write!(f, "reply {index} {command}"),
            Effect::Snapshot(state) => write!(f, "snapshot {state}"),
            Effect::Restore(taken) => write!(f, "restore {}", snapshot(taken)),
        }
    }
}

/// `n1@2 leader last=3@2 commit=2`, and `snapshot=1@1:1` if the log begins after one.
pub(crate) fn node(id: NodeId, node: &Node<Command>) -> String {
    let role = match node.role() {
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
    };
    let (index, term) = (node.log().last_index(), node.log().last_term());
    let begins_after = match node.log().snapshot() {
        Snapshot { last_index: 0, .. } => String::new(),
        taken => format!(" snapshot={}", snapshot(taken)),
    };
    let (current_term, commit) = (node.current_term(), node.commit_index());
    format!("{id}@{current_term} {role} last={index}@{term} commit={commit}{begins_after}")
}

/// `n2 match=3 next=4 Replicate`
pub(crate) fn progress(leader: &Node<Command>, peer: NodeId) -> Option<String> {
    let known = leader.progress(peer)?;
    Some(format!("{peer} match={} next={} {:?}", known.match_index, known.next_index, known.mode))
}
