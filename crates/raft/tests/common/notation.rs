//! The compact notation of effects, messages and nodes, for golden scripts and for readable assertions.
//!
//! `3@2` is index 3 in term 2, `Accepted@2` a message of term 2, `[1 2:x]` a no-op of term 1 and then the
//! command x of term 2.

use std::fmt;

use whitewater_raft::{Body, Entry, HardState, Index, Message, Node, NodeId, Role, Term, Timer, Verdict};

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
        Body::AppendEntriesReply(ref answer) => verdict(term, answer),
    }
}

fn write(hard: Option<&HardState>, suffix: Option<&(Index, Vec<Entry<Command>>)>) -> String {
    let hard = hard.map(hard_state);
    let suffix = suffix.map(|(from, list)| format!("log[{from}..]={}", entries(list)));
    let parts: Vec<String> = hard.into_iter().chain(suffix).collect();
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
            Effect::Write { hard_state, suffix } => f.write_str(&write(hard_state.as_ref(), suffix.as_ref())),
            Effect::Sync => f.write_str("sync"),
            Effect::SyncAsync(up_to) => write!(f, "sync_async {up_to}"),
            Effect::Send(letter) => letter.fmt(f),
            Effect::SetTimer(which, reason) => write!(f, "set {} ({reason:?})", timer(*which)),
            Effect::CancelTimer(which) => write!(f, "cancel {}", timer(*which)),
            Effect::Apply(index, applied) => write!(f, "apply {index} {}", entry(applied)),
            Effect::Reply(index, command) => write!(f, "reply {index} {command}"),
        }
    }
}

/// `n1@2 leader last=3@2 commit=2`
pub(crate) fn node(id: NodeId, node: &Node<Command>) -> String {
    let role = match node.role() {
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
    };
    let (index, term) = (node.log().last_index(), node.log().last_term());
    format!("{id}@{} {role} last={index}@{term} commit={}", node.current_term(), node.commit_index())
}

/// `n2 match=3 next=4 Replicate`
pub(crate) fn progress(leader: &Node<Command>, peer: NodeId) -> Option<String> {
    let known = leader.progress(peer)?;
    Some(format!("{peer} match={} next={} {:?}", known.match_index, known.next_index, known.mode))
}
