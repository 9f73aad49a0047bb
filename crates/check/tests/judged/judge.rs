//! The slow judge: after every event it looks at the whole history again, word for word.
//!
//! It shares nothing with the checks but the names of the properties. Prefixes are compared as lists of
//! entries, never by id.

#![expect(clippy::wildcard_enum_match_arm, reason = "each question is about a few kinds of event only")]

use crate::history::{Event, State, Verdict};
use std::collections::BTreeSet;
use whitewater_check::observe::{Kind, Role};
use whitewater_check::property::Property;
use whitewater_check::types::{Entry, Term};

/// What was violated first.
pub(crate) fn judge(nodes: usize, history: &[Event]) -> Verdict {
    let mut verdict = Verdict::default();
    for now in 1..=history.len() {
        let past = Past { nodes, events: &history[..now] };
        for (property, broken) in OUTCOMES {
            if verdict.outcome.is_none() && broken(&past) {
                verdict.outcome = Some((property, now));
            }
        }
        for (property, broken) in EARLY {
            if verdict.early.iter().all(|&(known, _)| known != property) && broken(&past) {
                verdict.early.push((property, now));
            }
        }
    }
    verdict.early.sort_unstable();
    verdict
}

/// The history up to where the last index and term of a snapshot name a log: until two logs clash, or a snapshot has
/// been made up. A history without snapshots is given back whole.
pub(crate) fn named(nodes: usize, history: &[Event]) -> &[Event] {
    let snapshot = |event: &Event| matches!(event, Event::DiskSnapshot { .. }) || covers(event);
    if !history.iter().any(snapshot) {
        return history;
    }
    let nameless = |now: &usize| {
        let past = Past { nodes, events: &history[..*now] };
        log_matching(&past) || made_up(&past)
    };
    &history[..(1..=history.len()).find(nameless).unwrap_or(history.len())]
}

type Broken = fn(&Past<'_>) -> bool;

/// In the order in which the checks name them when one event breaks several.
const OUTCOMES: [(Property, Broken); 5] = [
    (Property::ElectionSafety, election_safety),
    (Property::LeaderAppendOnly, leader_append_only),
    (Property::LogMatching, log_matching),
    (Property::LeaderCompleteness, leader_completeness),
    (Property::StateMachineSafety, state_machine_safety),
];

const EARLY: [(Property, Broken); 8] = [
    (Property::ElectedByAQuorum, elected_by_a_quorum),
    (Property::CommitDurability, commit_durability),
    (Property::CommittedByTheRule, committed_by_the_rule),
    (Property::OneVoteATerm, one_vote_a_term),
    (Property::TermsGoUp, terms_go_up),
    (Property::PersistBeforeSend, persist_before_send),
    (Property::Monotonicity, monotonicity),
    (Property::Audit, audit),
];

/// A history up to and including the event that is judged.
struct Past<'a> {
    nodes: usize,
    events: &'a [Event],
}

/// A commit: the committed prefix, and the term of the node that was first seen to hold it.
struct Filed<'a> {
    term: Term,
    prefix: &'a [Entry],
    /// Whether it contradicts the longest committed log before it.
    stray: bool,
}

impl<'a> Past<'a> {
    /// The history up to and including the event at a position.
    fn until(&self, position: usize) -> Past<'a> {
        Past { nodes: self.nodes, events: &self.events[..=position] }
    }

    /// The node and state of the last event, if that is a look.
    fn look(&self) -> Option<(usize, &'a State)> {
        look(self.events.last()?)
    }

    /// All looks up to now, with their positions.
    fn looks(&self) -> impl DoubleEndedIterator<Item = (usize, usize, &'a State)> + Clone {
        self.events.iter().enumerate().filter_map(|(i, event)| look(event).map(|(n, state)| (i, n, state)))
    }

    /// The state of a node at the last look before the last event, if that was in the same life.
    fn before(&self, node: usize) -> Option<&'a State> {
        let (last, earlier) = self.events.split_last()?;
        if matches!(last, Event::Start(..)) {
            return None;
        }
        Past { nodes: self.nodes, events: earlier }.last_state(node)
    }

    /// The state of a node at its last look, if it has not crashed since.
    fn last_state(&self, node: usize) -> Option<&'a State> {
        for event in self.events.iter().rev() {
            match event {
                Event::Crash(n) if *n == node => return None,
                Event::Start(n, state) | Event::Step(n, state) if *n == node => return Some(state),
                _ => {}
            }
        }
        None
    }

    /// Term, vote and log on a node's disk.
    fn disk(&self, node: usize) -> (Term, Option<usize>, Vec<Entry>) {
        let (mut hard_state, mut log) = ((0, None), vec![]);
        for event in self.events {
            match event {
                Event::HardState { node: n, term, vote } if *n == node => hard_state = (*term, *vote),
                Event::Disk { node: n, from, entries } if *n == node => {
                    log.truncate(from - 1);
                    log.extend_from_slice(entries);
                }
                Event::DiskSnapshot { node: n, log: all, tail, .. } if *n == node => {
                    log.clone_from(all);
                    log.extend_from_slice(tail);
                }
                _ => {}
            }
        }
        (hard_state.0, hard_state.1, log)
    }

    fn durable_on_quorum(&self, prefix: &[Entry]) -> bool {
        let holders = (0..self.nodes).filter(|&n| self.disk(n).2.starts_with(prefix)).count();
        2 * holders > self.nodes
    }

    /// The prefix whose commit the last event shows, if its node's commit index is higher than at any
    /// earlier look of this life.
    fn committed(&self) -> Option<(Term, &'a [Entry])> {
        let (node, state) = self.look()?;
        let prefix = state.log.get(..state.commit)?;
        let life = self.events.iter().rposition(|event| matches!(event, Event::Start(n, _) if *n == node))?;
        let believed = |at: usize, n: usize, s: &State| {
            at + 1 < self.events.len() && at >= life && n == node && s.commit <= s.log.len()
        };
        let highest = self.looks().filter(|&(at, n, s)| believed(at, n, s)).map(|(_, _, s)| s.commit).max();
        (state.commit > highest.unwrap_or(0)).then_some((state.term, prefix))
    }

    /// All commits up to now, each told once, by the first to hold it.
    fn filed(&self) -> Vec<(usize, Filed<'a>)> {
        let mut filed: Vec<(usize, Filed<'a>)> = vec![];
        let mut line: &[Entry] = &[];
        for (at, _, _) in self.looks() {
            let Some((term, prefix)) = self.until(at).committed() else { continue };
            let stray = !prefix.starts_with(line) && !line.starts_with(prefix);
            if stray {
                if filed.iter().any(|(_, known)| known.stray && known.prefix == prefix) {
                    continue;
                }
            } else if line.starts_with(prefix) {
                continue;
            } else {
                line = prefix;
            }
            filed.push((at, Filed { term, prefix, stray }));
        }
        filed
    }

    /// The node and state of the last event, if it shows a leader that did not lead this term before.
    fn elected(&self) -> Option<(usize, &'a State)> {
        let (node, state) = self.look().filter(|(_, state)| state.role == Role::Leader)?;
        let led = self.before(node).is_some_and(|b| b.role == Role::Leader && b.term == state.term);
        (!led).then_some((node, state))
    }
}

fn look(event: &Event) -> Option<(usize, &State)> {
    match event {
        Event::Start(node, state) | Event::Step(node, state) => Some((*node, state)),
        _ => None,
    }
}

/// Whether it is a look at a log with a snapshot.
fn covers(event: &Event) -> bool {
    look(event).is_some_and(|(_, state)| state.covered > 0)
}

/// Whether the last event shows a snapshot whose last entry no look has shown.
fn made_up(past: &Past<'_>) -> bool {
    let log = match past.events.last() {
        Some(Event::DiskSnapshot { log, .. }) => log,
        Some(Event::Start(_, state) | Event::Step(_, state)) => &state.log[..state.covered],
        _ => return false,
    };
    let Some(last) = log.last() else { return false };
    let before = Past { nodes: past.nodes, events: &past.events[..past.events.len() - 1] };
    !before.looks().any(|(_, _, state)| state.log.get(log.len() - 1).is_some_and(|e| e.term == last.term))
}

/// The voter, the candidate and the term of a vote that an event shows.
fn vote(event: &Event) -> Option<(usize, usize, Term)> {
    let Event::Sent { from, to, brief } = event else { return None };
    let candidate = match brief.kind {
        Kind::RequestVote => *from,
        Kind::RequestVoteReply if brief.granted == Some(true) => *to,
        _ => return None,
    };
    Some((*from, candidate, brief.term))
}

fn election_safety(past: &Past<'_>) -> bool {
    let leads = |state: &State, term| state.role == Role::Leader && state.term == term;
    past.look().is_some_and(|(node, state)| {
        leads(state, state.term) && past.looks().any(|(_, n, s)| n != node && leads(s, state.term))
    })
}

fn leader_append_only(past: &Past<'_>) -> bool {
    let Some((node, state)) = past.look() else { return false };
    let Some(before) = past.before(node) else { return false };
    let still = state.role == Role::Leader && before.role == Role::Leader && state.term == before.term;
    still && !state.log.starts_with(&before.log)
}

fn log_matching(past: &Past<'_>) -> bool {
    let Some((_, state)) = past.look() else { return false };
    let clash = |other: &State| {
        let both = state.log.len().min(other.log.len());
        (0..both).any(|i| state.log[i].term == other.log[i].term && state.log[..=i] != other.log[..=i])
    };
    past.looks().any(|(_, _, other)| clash(other))
}

fn leader_completeness(past: &Past<'_>) -> bool {
    let Some((node, state)) = past.look() else { return false };
    let filed = past.filed();
    let lacks = |state: &State, filed: &Filed<'_>| {
        state.role == Role::Leader && filed.term < state.term && !state.log.starts_with(filed.prefix)
    };
    let old = past.elected().is_some() && filed.iter().any(|(_, filed)| lacks(state, filed));
    let fresh = filed.iter().filter(|(at, _)| at + 1 == past.events.len());
    let mut others = (0..past.nodes).filter(|&n| n != node).filter_map(|n| past.last_state(n));
    old || fresh.into_iter().any(|(_, filed)| others.any(|leader| lacks(leader, filed)))
}

fn state_machine_safety(past: &Past<'_>) -> bool {
    let Some((last, earlier)) = past.events.split_last() else { return false };
    if let Event::Restored { index, applied, hash, .. } = last {
        let differs = |event: &Event| matches!(event, Event::Applied { index: i, hash: h, .. } if i == applied && h != hash);
        return index != applied || earlier.iter().any(differs);
    }
    let Event::Applied { node, index, command, hash } = last else { return false };
    let mut reached = 0;
    for event in earlier {
        match event {
            Event::Crash(n) if n == node => reached = 0,
            Event::Applied { node: n, index, .. } if n == node => reached = *index,
            Event::Restored { node: n, applied, .. } if n == node => reached = *applied,
            _ => {}
        }
    }
    let differs = |event: &Event| {
        let Event::Applied { index: i, command: c, hash: h, .. } = event else { return false };
        i == index && (c != command || h != hash)
    };
    *index != reached + 1 || earlier.iter().any(differs)
}

fn elected_by_a_quorum(past: &Past<'_>) -> bool {
    let Some((node, state)) = past.elected() else { return false };
    let told = |event: &Event| matches!(event, Event::Sent { brief, .. } if brief.kind == Kind::RequestVoteReply && brief.granted.is_some());
    let votes = past.events.iter().filter_map(vote);
    let mut voters: BTreeSet<_> = votes
        .filter(|&(_, candidate, term)| (candidate, term) == (node, state.term))
        .map(|(voter, _, _)| voter)
        .collect();
    voters.insert(node);
    2 * voters.len() <= past.nodes && (past.nodes == 1 || past.events.iter().any(told))
}

fn commit_durability(past: &Past<'_>) -> bool {
    if let Some((_, prefix)) = past.committed() {
        let known = Past { nodes: past.nodes, events: &past.events[..past.events.len() - 1] }.filed();
        let held = known.iter().any(|(_, filed)| !filed.stray && filed.prefix.starts_with(prefix));
        return !held && !past.durable_on_quorum(prefix);
    }
    // The longest prefix that was on a quorum when it was first seen committed must be on one still.
    let replaced = matches!(past.events.last(), Some(Event::Disk { .. } | Event::DiskSnapshot { .. }));
    if !replaced || made_up(past) {
        return false;
    }
    let filed = past.filed();
    let durable =
        filed.iter().rfind(|(at, filed)| !filed.stray && past.until(*at).durable_on_quorum(filed.prefix));
    durable.is_some_and(|(_, filed)| !past.durable_on_quorum(filed.prefix))
}

fn committed_by_the_rule(past: &Past<'_>) -> bool {
    let leads = past.look().is_some_and(|(_, state)| state.role == Role::Leader);
    let committed = past.committed().and_then(|(term, prefix)| Some((term, prefix.last()?.term)));
    leads && committed.is_some_and(|(term, of)| term != of)
}

fn one_vote_a_term(past: &Past<'_>) -> bool {
    let Some((voter, candidate, term)) = past.events.last().and_then(vote) else { return false };
    let mut looks = past.looks();
    let leader = looks.find(|(_, _, state)| state.role == Role::Leader && state.term == term);
    if leader.is_some_and(|(_, node, _)| node == candidate) {
        return false;
    }
    past.events.iter().filter_map(vote).any(|(v, other, t)| (v, t) == (voter, term) && other != candidate)
}

fn terms_go_up(past: &Past<'_>) -> bool {
    let Some((node, state)) = past.look() else { return false };
    let bound = |event: &Event| match event {
        Event::Sent { from, brief, .. } if *from == node => brief.term,
        Event::HardState { node: n, term, .. } if *n == node => *term,
        _ => 0,
    };
    match past.before(node) {
        Some(before) => state.term < before.term,
        None => past.events.iter().any(|event| bound(event) > state.term),
    }
}

fn persist_before_send(past: &Past<'_>) -> bool {
    if let Some(event @ Event::Sent { from, brief, .. }) = past.events.last() {
        let (term, held, _) = past.disk(*from);
        let unheld = |(_, candidate, _)| term <= brief.term && held != Some(candidate);
        return brief.term > term || vote(event).is_some_and(unheld);
    }
    let Some((node, state)) = past.look() else { return false };
    // What this step acknowledged: the messages since the node's last look or crash.
    let earlier = past.events.len() - 1;
    for at in (0..earlier).rev() {
        match &past.events[at] {
            Event::Start(n, _) | Event::Step(n, _) | Event::Crash(n) if *n == node => return false,
            Event::Sent { from, brief, .. } if *from == node => {
                let Some(index) = brief.acknowledged.map(|index| index as usize) else { continue };
                let disk = past.until(at).disk(node).2;
                if disk.get(..index).is_none() || disk.get(..index) != state.log.get(..index) {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

fn monotonicity(past: &Past<'_>) -> bool {
    let Some((node, state)) = past.look() else { return false };
    if state.applied > state.commit || state.commit > state.log.len() {
        return true;
    }
    let before = past.before(node);
    if before.is_some_and(|before| state.commit < before.commit || state.applied < before.applied) {
        return true;
    }
    if state.role != Role::Leader || past.elected().is_some() {
        return false;
    }
    // Each peer against every look of this reign: back to the one that shows another role or term.
    let earlier = past.looks().rev().filter(|&(_, n, _)| n == node);
    let reign = earlier.take_while(|(_, _, s)| s.role == Role::Leader && s.term == state.term);
    let highest = |peer: usize| reign.clone().map(|(_, _, s)| s.progress[peer].0).max().unwrap_or(0);
    let touched = touched(past, node);
    touched.into_iter().any(|peer| {
        let (matched, next) = state.progress[peer];
        matched < highest(peer) || next <= matched
    })
}

/// The peers that the last step of a node heard from or sent to.
fn touched(past: &Past<'_>, node: usize) -> BTreeSet<usize> {
    let mut peers = BTreeSet::new();
    for event in past.events[..past.events.len() - 1].iter().rev() {
        match event {
            Event::Start(n, _) | Event::Step(n, _) | Event::Crash(n) if *n == node => break,
            Event::Sent { from, to, .. } if *from == node => drop(peers.insert(*to)),
            Event::Received { node: n, from, .. } if *n == node => drop(peers.insert(*from)),
            _ => {}
        }
    }
    peers
}

fn audit(past: &Past<'_>) -> bool {
    if made_up(past) {
        return true;
    }
    let Some(Event::Start(node, state)) = past.events.last() else { return false };
    let disk = past.disk(*node).2;
    match state.changed {
        None => state.log != disk,
        Some(from) => state.log.get(..from - 1) != disk.get(..from - 1),
    }
}
