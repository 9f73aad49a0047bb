//! A small abstract Raft cluster whose histories are legal by construction, unless it is given a flaw.
//!
//! Messages are never lost or late here, except that a candidate may count its votes at any later time.
//! What matters is that terms, votes, logs, commits and crashes mix in every order that Raft allows.

mod snapshots;

use crate::cluster::snapshots::Snapshot;
use crate::history::{Event, State};
use whitewater_check::observe::{Brief, Kind, Role};
use whitewater_check::types::{Command, Entry, Term};

/// What to do next: an action and three numbers to fill it in.
pub(crate) type Op = [u8; 4];

/// One way of not being Raft.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Flaw {
    VotesWithoutLogCheck,
    VotesTwice,
    HalfIsEnough,
    VoteNotStored,
    TermFalls,
    CommitsOlderTerm,
    CommitsUncounted,
    CommitsPastNew,
    CommitGoesBack,
    LeaderCutsItsLog,
    LeaderReplacesEntries,
    KeepsConflictingTail,
    SkipsPreviousCheck,
    AcknowledgesUnsynced,
    CutsDurableEntries,
    RecoversLess,
    AppliesOtherCommand,
    AppliesWithGap,
    StatesDiffer,
    MatchGoesBack,
    NextMeetsMatch,
    SnapshotDropsTail,
    SnapshotOfNobody,
    RestoresOtherState,
    RestoresOtherIndex,
}

impl Flaw {
    pub(crate) const ALL: [Self; 25] = [
        Self::VotesWithoutLogCheck,
        Self::VotesTwice,
        Self::HalfIsEnough,
        Self::VoteNotStored,
        Self::TermFalls,
        Self::CommitsOlderTerm,
        Self::CommitsUncounted,
        Self::CommitsPastNew,
        Self::CommitGoesBack,
        Self::LeaderCutsItsLog,
        Self::LeaderReplacesEntries,
        Self::KeepsConflictingTail,
        Self::SkipsPreviousCheck,
        Self::AcknowledgesUnsynced,
        Self::CutsDurableEntries,
        Self::RecoversLess,
        Self::AppliesOtherCommand,
        Self::AppliesWithGap,
        Self::StatesDiffer,
        Self::MatchGoesBack,
        Self::NextMeetsMatch,
        Self::SnapshotDropsTail,
        Self::SnapshotOfNobody,
        Self::RestoresOtherState,
        Self::RestoresOtherIndex,
    ];
}

#[derive(Clone, Debug)]
struct Node {
    up: bool,
    state: State,
    vote: Option<usize>,
    granted: Vec<usize>,
    disk_term: Term,
    disk_vote: Option<usize>,
    disk: Vec<Entry>,
    disk_snapshot: Snapshot,
    snapshot: Snapshot,
    /// The hash of its state.
    hash: u64,
}

/// The cluster and its history so far.
#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    pub(crate) history: Vec<Event>,
    nodes: Vec<Node>,
    flaw: Option<Flaw>,
    /// Whether its nodes take snapshots.
    compacts: bool,
    /// Whether the present op may show the flaw.
    armed: bool,
    serial: u64,
}

/// How many entries two logs have in common.
fn common(one: &[Entry], other: &[Entry]) -> usize {
    one.iter().zip(other).take_while(|(x, y)| x == y).count()
}

impl Cluster {
    pub(crate) fn new(nodes: usize, compacts: bool, flaw: Option<Flaw>) -> Self {
        let state = State {
            role: Role::Follower,
            term: 0,
            commit: 0,
            applied: 0,
            log: vec![],
            covered: 0,
            changed: None,
            progress: vec![(0, 1); nodes],
        };
        let history = (0..nodes).map(|n| Event::Start(n, state.clone())).collect();
        let node = Node {
            up: true,
            state,
            vote: None,
            granted: vec![],
            disk_term: 0,
            disk_vote: None,
            disk: vec![],
            disk_snapshot: Snapshot::default(),
            snapshot: Snapshot::default(),
            hash: 0,
        };
        Self { history, nodes: vec![node; nodes], flaw, compacts, armed: false, serial: 0 }
    }

    pub(crate) fn apply(&mut self, [action, a, b, c]: Op) {
        let (n, m) = (usize::from(a) % self.nodes.len(), usize::from(b) % self.nodes.len());
        self.armed = c % 2 == 0;
        if !self.nodes[n].up {
            if action % 4 == 0 {
                self.restart(n);
            }
            return;
        }
        let led = self.some_leader(usize::from(a));
        let leader = led.unwrap_or(n);
        match action % 32 {
            0..3 if led.is_some() && c % 4 < 2 => self.replicate(leader, m, 0),
            0..3 => self.stand(n, b, c % 3 == 0),
            3..5 => self.count_votes(n),
            5..9 => self.request(leader),
            9..12 => self.sync(leader),
            12..21 => self.replicate(leader, m, usize::from(c)),
            21..25 => self.commit(leader),
            25..28 => {
                let n = if c % 4 < 2 { n } else { leader };
                self.apply_committed(n);
                if self.compacts && b % 4 < 3 {
                    self.compact(n, b % 4 < 2);
                }
            }
            28 => self.crash(n),
            29 => self.oddity(n),
            _ => self.oddity(leader),
        }
    }

    /// One of the nodes that lead, if there are any.
    fn some_leader(&self, pick: usize) -> Option<usize> {
        let leads = |&n: &usize| self.nodes[n].up && self.nodes[n].state.role == Role::Leader;
        let leaders: Vec<_> = (0..self.nodes.len()).filter(leads).collect();
        leaders.get(pick % leaders.len().max(1)).copied()
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.armed && self.flaw == Some(flaw)
    }

    fn step(&mut self, n: usize) {
        self.history.push(Event::Step(n, self.nodes[n].state.clone()));
        self.nodes[n].state.changed = None;
    }

    fn send(&mut self, from: usize, to: usize, brief: Brief) {
        self.history.push(Event::Sent { from, to, brief });
    }

    /// The node's term and vote are what they are now, in memory and, unless it is flawed, on disk.
    fn store_vote(&mut self, n: usize) {
        if self.has(Flaw::VoteNotStored) {
            return;
        }
        let node = &mut self.nodes[n];
        (node.disk_term, node.disk_vote) = (node.state.term, node.vote);
        self.history.push(Event::HardState { node: n, term: node.disk_term, vote: node.disk_vote });
    }

    fn follow(&mut self, n: usize, term: Term) {
        let node = &mut self.nodes[n];
        if term > node.state.term {
            (node.state.term, node.vote) = (term, None);
            self.store_vote(n);
        }
        self.nodes[n].state.role = Role::Follower;
    }

    /// Writes what the disk lacks of the log in memory: a suffix, and the snapshot if it lacks some of that.
    fn sync(&mut self, n: usize) {
        let node = &self.nodes[n];
        if common(&node.state.log, &node.disk) < node.state.covered {
            self.store_snapshot(n);
        }
        let node = &mut self.nodes[n];
        let same = common(&node.state.log, &node.disk);
        if same < node.state.log.len() || same < node.disk.len() {
            let entries = node.state.log[same..].to_vec();
            node.disk.clone_from(&node.state.log);
            self.history.push(Event::Disk { node: n, from: same + 1, entries });
        }
    }

    fn stand(&mut self, n: usize, voters: u8, count: bool) {
        let node = &mut self.nodes[n];
        node.state.role = Role::Candidate;
        node.state.term += 1;
        (node.vote, node.granted) = (Some(n), vec![n]);
        let term = node.state.term;
        self.store_vote(n);
        let others: Vec<_> = (0..self.nodes.len()).filter(|&v| v != n).collect();
        for &v in &others {
            self.send(n, v, Brief { kind: Kind::RequestVote, term, ..Brief::default() });
        }
        self.step(n);
        for v in others {
            if voters >> v & 1 == 1 && self.nodes[v].up && self.nodes[v].state.term <= term {
                self.vote(v, n, term);
            }
        }
        if count {
            self.count_votes(n);
        }
    }

    fn vote(&mut self, voter: usize, candidate: usize, term: Term) {
        if self.nodes[voter].state.term < term {
            self.follow(voter, term);
        }
        let log_end = |n: usize| {
            let log = &self.nodes[n].state.log;
            (log.last().map_or(0, |entry| entry.term), log.len())
        };
        let current = log_end(candidate) >= log_end(voter) || self.has(Flaw::VotesWithoutLogCheck);
        let free = self.nodes[voter].vote.is_none_or(|vote| vote == candidate) || self.has(Flaw::VotesTwice);
        let granted = current && free;
        if granted {
            self.nodes[voter].vote = Some(candidate);
            self.store_vote(voter);
            self.nodes[candidate].granted.push(voter);
        }
        let granted = Some(granted);
        self.send(
            voter,
            candidate,
            Brief { kind: Kind::RequestVoteReply, term, granted, ..Brief::default() },
        );
        self.step(voter);
    }

    fn count_votes(&mut self, n: usize) {
        let enough =
            if self.has(Flaw::HalfIsEnough) { self.nodes.len() / 2 } else { self.nodes.len() / 2 + 1 };
        let node = &mut self.nodes[n];
        if node.state.role != Role::Candidate || node.granted.len() < enough {
            return;
        }
        node.state.role = Role::Leader;
        let next = node.state.log.len() + 1;
        node.state.progress.fill((0, next));
        self.append(n, None);
        self.step(n);
    }

    fn append(&mut self, n: usize, command: Option<Command>) {
        let state = &mut self.nodes[n].state;
        state.log.push(Entry { term: state.term, command });
        state.changed = Some(state.changed.unwrap_or(usize::MAX).min(state.log.len()));
    }

    fn new_command(&mut self) -> Option<Command> {
        self.serial += 1;
        Some(Command::new(0, self.serial))
    }

    fn request(&mut self, n: usize) {
        if self.nodes[n].state.role == Role::Leader {
            let command = self.new_command();
            self.append(n, command);
            self.step(n);
        }
    }

    /// The leader's log up to a length reaches a follower, which answers.
    fn replicate(&mut self, leader: usize, to: usize, length: usize) {
        if self.nodes[leader].state.role != Role::Leader || leader == to || !self.nodes[to].up {
            return;
        }
        let (term, its_term) = (self.nodes[leader].state.term, self.nodes[to].state.term);
        if its_term > term {
            self.follow(leader, its_term);
            self.step(leader);
            return;
        }
        let source = self.nodes[leader].state.log.clone();
        let back = if self.has(Flaw::CommitsPastNew) { source.len() } else { length / 4 };
        let length = source.len() - back % (source.len() + 1);
        let installed = self.lacks(to, &source, length, self.nodes[leader].snapshot);
        let length = installed.map_or(length, |snapshot| snapshot.index);
        self.send(leader, to, Brief { kind: Kind::AppendEntries, term, ..Brief::default() });
        self.step(leader);
        self.follow(to, term);
        match installed {
            Some(snapshot) => self.install(to, &source[..length], snapshot),
            None => self.take_entries(to, &source[..length]),
        }
        let commit = if self.has(Flaw::CommitsPastNew) { self.nodes[to].state.log.len() } else { length };
        let state = &self.nodes[leader].state;
        let commit = state.commit.min(commit);
        let state = &mut self.nodes[to].state;
        state.commit = state.commit.max(commit);
        if !self.has(Flaw::AcknowledgesUnsynced) {
            self.sync(to);
        }
        let acknowledged = Some(length as u64);
        let brief = Brief { kind: Kind::AppendEntriesReply, term, acknowledged, ..Brief::default() };
        self.send(to, leader, brief);
        self.step(to);
        self.history.push(Event::Received { node: leader, from: to, brief });
        let (matched, next) = self.nodes[leader].state.progress[to];
        let matched = if self.has(Flaw::MatchGoesBack) { length } else { matched.max(length) };
        let next = if self.has(Flaw::NextMeetsMatch) { matched } else { next.max(matched + 1) };
        self.nodes[leader].state.progress[to] = (matched, next);
        self.step(leader);
    }

    fn take_entries(&mut self, n: usize, source: &[Entry]) {
        let (skips, keeps) = (self.has(Flaw::SkipsPreviousCheck), self.has(Flaw::KeepsConflictingTail));
        let state = &mut self.nodes[n].state;
        let covered = state.covered.min(source.len());
        let same = covered + common(&state.log[covered..], &source[covered..]);
        if skips && let Some(&last) = source.last() {
            state.log.push(last);
            state.changed = Some(state.log.len());
        } else if keeps && same < source.len().min(state.log.len()) {
            state.log[same] = source[same];
            state.changed = Some(same + 1);
        } else if same < source.len() {
            state.log.truncate(same);
            state.log.extend_from_slice(&source[same..]);
            state.changed = Some(same + 1);
        }
    }

    fn commit(&mut self, n: usize) {
        let state = &self.nodes[n].state;
        if state.role != Role::Leader {
            return;
        }
        let counted = |index: usize| {
            let own = self.nodes[n].disk.get(..index) == Some(&state.log[..index]);
            let matched = state.progress.iter().filter(|(matched, _)| *matched >= index).count();
            usize::from(own) + matched > self.nodes.len() / 2 || self.has(Flaw::CommitsUncounted)
        };
        let by_rule =
            |index: usize| state.log[index - 1].term == state.term || self.has(Flaw::CommitsOlderTerm);
        let highest = (state.commit + 1..=state.log.len()).rev().find(|&i| counted(i) && by_rule(i));
        let Some(highest) = highest else { return };
        self.nodes[n].state.commit = highest;
        self.step(n);
    }

    fn apply_committed(&mut self, n: usize) {
        let gap = usize::from(self.has(Flaw::AppliesWithGap));
        let state = &self.nodes[n].state;
        for index in state.applied + 1 + gap..=state.commit.min(state.log.len()) {
            let mut command = self.nodes[n].state.log[index - 1].command;
            if self.has(Flaw::AppliesOtherCommand) {
                command = self.new_command();
            }
            let mut hash = index as u64 * 1000 + command.map_or(0, Command::serial);
            hash += u64::from(self.has(Flaw::StatesDiffer)) * ((n as u64 + 1) << 32);
            self.history.push(Event::Applied { node: n, index, command, hash });
            (self.nodes[n].state.applied, self.nodes[n].hash) = (index, hash);
        }
        self.step(n);
    }

    fn crash(&mut self, n: usize) {
        self.nodes[n].up = false;
        self.history.push(Event::Crash(n));
    }

    fn restart(&mut self, n: usize) {
        let less = usize::from(self.has(Flaw::RecoversLess));
        let node = &mut self.nodes[n];
        node.up = true;
        let state = &mut node.state;
        (state.role, state.term, state.commit, state.applied) = (Role::Follower, node.disk_term, 0, 0);
        let snapshot = node.disk_snapshot;
        state.log = node.disk[..node.disk.len() - less.min(node.disk.len() - snapshot.index)].to_vec();
        (state.changed, state.covered) = (None, snapshot.index);
        (node.vote, node.snapshot, node.hash) = (node.disk_vote, snapshot, 0);
        if snapshot.index > 0 {
            self.restore(n, snapshot);
        }
        let state = &mut self.nodes[n].state;
        state.commit = snapshot.index;
        self.history.push(Event::Start(n, state.clone()));
    }

    /// A step in which nothing happens, or what a flaw makes of it.
    fn oddity(&mut self, n: usize) {
        let leads = self.nodes[n].state.role == Role::Leader;
        let state = &mut self.nodes[n].state;
        let more = state.log.len() > state.covered;
        if leads && more && self.has(Flaw::LeaderReplacesEntries) {
            let state = &mut self.nodes[n].state;
            state.changed = state.log.pop().map(|_| state.log.len() + 1);
            let command = self.new_command();
            self.append(n, command);
        }
        if self.has(Flaw::SnapshotOfNobody) {
            self.make_up(n);
        }
        let (falls, cuts) = (self.has(Flaw::TermFalls), self.has(Flaw::LeaderCutsItsLog));
        let (back, lost) = (self.has(Flaw::CommitGoesBack), self.has(Flaw::CutsDurableEntries));
        let node = &mut self.nodes[n];
        let state = &mut node.state;
        if leads && more && cuts {
            state.changed = state.log.pop().map(|_| state.log.len() + 1);
        }
        if falls {
            state.term = state.term.saturating_sub(1);
        }
        if back {
            state.commit = state.commit.saturating_sub(1);
        }
        if lost && node.disk.len() > node.disk_snapshot.index && node.disk.pop().is_some() {
            self.history.push(Event::Disk { node: n, from: node.disk.len() + 1, entries: vec![] });
        }
        self.step(n);
    }
}
