//! What the tests share: a disk that can be cut off, a sink that judges what is sent, servers and a cluster.
//!
//! The sink is strict in every test: a message with a term, a vote or an acknowledgement that its sender's disk
//! does not hold fails the test, and so does a timer that does not fit the role, an entry that is applied out of
//! order, and a step after which the disk is not about to hold what the node does.
#![allow(dead_code, reason = "every test target includes this module and uses its own part of it")]

pub(crate) mod cluster;
pub(crate) mod disk;
pub(crate) mod machine;
pub(crate) mod notation;

use disk::{Disk, Written, last_index};
use machine::Machine;
use whitewater_raft::{
    Body, Config, Effects, Entry, HardState, Index, Message, Node, NodeId, Reason, Record, Refused, Role,
    Rules, Snapshot, Stored, Term, Timer, Verdict,
};

pub(crate) type Command = String;

/// A message that owns its entries: `message` has none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Letter {
    pub(crate) from: NodeId,
    pub(crate) to: NodeId,
    pub(crate) message: Message<'static, Command>,
    pub(crate) entries: Vec<Entry<Command>>,
}

impl Letter {
    pub(crate) fn new(from: NodeId, to: NodeId, message: Message<'_, Command>) -> Self {
        let mut entries = Vec::new();
        let body = match message.body {
            Body::RequestVote { last_log_index, last_log_term } => {
                Body::RequestVote { last_log_index, last_log_term }
            }
            Body::RequestVoteReply { granted } => Body::RequestVoteReply { granted },
            Body::AppendEntriesReply(verdict) => Body::AppendEntriesReply(verdict),
            Body::InstallSnapshot(snapshot) => Body::InstallSnapshot(snapshot),
            Body::AppendEntries { prev_log_index, prev_log_term, entries: borrowed, leader_commit } => {
                entries.extend_from_slice(borrowed);
                Body::AppendEntries { prev_log_index, prev_log_term, entries: &[], leader_commit }
            }
        };
        Self { from, to, message: Message { term: message.term, body }, entries }
    }

    pub(crate) fn message(&self) -> Message<'_, Command> {
        let mut message = self.message;
        if let Body::AppendEntries { prev_log_index, prev_log_term, leader_commit, .. } = message.body {
            message.body = append_body(prev_log_index, prev_log_term, &self.entries, leader_commit);
        }
        message
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Effect {
    Write(Written),
    Sync,
    SyncAsync(Index),
    Send(Letter),
    SetTimer(Timer, Reason),
    CancelTimer(Timer),
    Apply(Index, Entry<Command>),
    Reply(Index, Command),
    Snapshot(u64),
    Restore(Snapshot),
}

/// Records effects and holds them against the disk.
#[derive(Clone, Debug)]
pub(crate) struct Sink {
    pub(crate) id: NodeId,
    pub(crate) disk: Disk,
    pub(crate) machine: Machine,
    pub(crate) effects: Vec<Effect>,
    pub(crate) timers: Vec<Timer>,
}

impl Sink {
    pub(crate) fn new(id: NodeId, durable: Stored<Command>) -> Self {
        let (disk, machine) = (Disk::new(durable), Machine::default());
        Self { id, disk, machine, effects: Vec::new(), timers: Vec::new() }
    }

    /// §5.1, figure 2: what a message says about its sender is durable.
    fn judge(&self, to: NodeId, message: &Message<'_, Command>) {
        let HardState { current_term, voted_for } = self.disk.durable.hard_state;
        assert_eq!(message.term, current_term, "{} sends a term that is not durable: {message:?}", self.id);
        let held = last_index(&self.disk.durable);
        match message.body {
            Body::RequestVote { .. } => {
                assert_eq!(voted_for, Some(self.id), "{} campaigns, its own vote is not durable", self.id);
            }
            Body::RequestVoteReply { granted } => {
                assert!(!granted || voted_for == Some(to), "{} grants, its vote is not durable", self.id);
            }
            Body::AppendEntriesReply(Verdict::Accepted { match_index }) => {
                assert!(match_index <= held, "{} acknowledges {match_index}, durable is {held}", self.id);
            }
            Body::AppendEntriesReply(Verdict::Rejected { .. })
            | Body::AppendEntries { .. }
            | Body::InstallSnapshot(_) => {}
        }
    }
}

impl Effects<Command> for Sink {
    fn write(&mut self, record: Record<'_, Command>) {
        let written = Written::new(record);
        self.disk.write(written.clone());
        self.effects.push(Effect::Write(written));
    }

    fn sync(&mut self) {
        self.disk.sync();
        self.effects.push(Effect::Sync);
    }

    fn sync_async(&mut self, up_to: Index) {
        self.disk.sync_async(up_to);
        self.effects.push(Effect::SyncAsync(up_to));
    }

    fn send(&mut self, to: NodeId, message: Message<'_, Command>) {
        self.judge(to, &message);
        self.effects.push(Effect::Send(Letter::new(self.id, to, message)));
    }

    fn set_timer(&mut self, timer: Timer, reason: Reason) {
        self.timers.retain(|running| *running != timer);
        self.timers.push(timer);
        self.effects.push(Effect::SetTimer(timer, reason));
    }

    fn cancel_timer(&mut self, timer: Timer) {
        self.timers.retain(|running| *running != timer);
        self.effects.push(Effect::CancelTimer(timer));
    }

    fn apply(&mut self, first: Index, entries: &[Entry<Command>]) {
        for (index, entry) in (first..).zip(entries) {
            self.machine.apply(index, entry);
            self.effects.push(Effect::Apply(index, entry.clone()));
        }
    }

    fn snapshot(&mut self) -> u64 {
        self.effects.push(Effect::Snapshot(self.machine.state));
        self.machine.state
    }

    fn restore(&mut self, snapshot: &Snapshot) {
        assert_eq!(self.disk.durable.snapshot, *snapshot, "{} restores what is not durable", self.id);
        self.machine = Machine::of(snapshot);
        self.effects.push(Effect::Restore(*snapshot));
    }

    fn reply(&mut self, index: Index, command: &Command) {
        self.effects.push(Effect::Reply(index, command.clone()));
    }
}

/// One node with its sink. `out.effects` holds what the last step did.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) node: Node<Command>,
    pub(crate) out: Sink,
}

impl Server {
    pub(crate) fn start(config: Config, rules: Rules<Command>, stored: Stored<Command>) -> Self {
        let mut out = Sink::new(config.id, stored.clone());
        let node = Node::start(config, rules, stored, &mut out);
        Self { node, out }
    }

    /// n1 of so many voters, in the term of its last entry, with no-ops of these terms in its log.
    pub(crate) fn with_log(voters: u8, terms: &[Term]) -> Self {
        Self::at_term(voters, terms, terms.last().copied().unwrap_or(0))
    }

    /// The same in a term of its own, in which it has not voted.
    pub(crate) fn at_term(voters: u8, terms: &[Term], current_term: Term) -> Self {
        let hard_state = HardState { current_term, voted_for: None };
        let stored = Stored { hard_state, entries: no_ops(terms), ..Stored::default() };
        Self::start(config(1, voters), Rules::PAPER, stored)
    }

    /// n1 has campaigned in the next term.
    pub(crate) fn candidate(voters: u8, terms: &[Term]) -> Self {
        let mut server = Self::with_log(voters, terms);
        server.timeout();
        server
    }

    /// n1 has won the next term with the votes of n2, n3 ..., and its no-op is durable at home.
    pub(crate) fn leader(voters: u8, terms: &[Term]) -> Self {
        let mut server = Self::candidate(voters, terms);
        let term = server.node.current_term();
        for voter in 2..=voters / 2 + 1 {
            server.receive(voter, vote(term, true));
        }
        server.durable();
        assert_eq!(server.node.role(), Role::Leader);
        server
    }

    pub(crate) fn timeout(&mut self) {
        self.step(|node, out| node.election_timeout(out));
    }

    pub(crate) fn heartbeat(&mut self) {
        self.step(|node, out| node.heartbeat_timeout(out));
    }

    pub(crate) fn receive(&mut self, from: u8, message: Message<'_, Command>) {
        self.step(|node, out| node.receive(n(from), message, out));
    }

    pub(crate) fn request(&mut self, command: &str) -> Result<Index, Refused> {
        self.step(|node, out| node.request(command.to_owned(), out))
    }

    /// The oldest asynchronous sync comes back; says whether there was one.
    pub(crate) fn durable(&mut self) -> bool {
        self.out.effects.clear();
        let up_to = self.out.disk.finish_sync();
        if let Some(up_to) = up_to {
            self.step(|node, out| node.durable(up_to, out));
        }
        up_to.is_some()
    }

    pub(crate) fn step<T>(&mut self, event: impl FnOnce(&mut Node<Command>, &mut Sink) -> T) -> T {
        self.out.effects.clear();
        let result = event(&mut self.node, &mut self.out);
        let due = if self.node.role() == Role::Leader { Timer::Heartbeat } else { Timer::Election };
        assert_eq!(self.out.timers, [due], "{} is a {:?}", self.out.id, self.node.role());
        assert_eq!(self.node.hard_state(), self.out.disk.durable.hard_state, "a step ends durable");
        assert_eq!(self.stored(), self.out.disk.in_the_end(), "a step writes all that it changes");
        result
    }

    /// What the node would want to find on its disk.
    fn stored(&self) -> Stored<Command> {
        let log = self.node.log();
        let (hard_state, snapshot) = (self.node.hard_state(), *log.snapshot());
        Stored { hard_state, snapshot, entries: log.suffix(1).to_vec() }
    }

    /// What the last step did, in compact notation.
    pub(crate) fn did(&self) -> Vec<String> {
        self.out.effects.iter().map(ToString::to_string).collect()
    }

    /// What the last step sent.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.did().into_iter().filter(|effect| effect.starts_with("->")).collect()
    }

    pub(crate) fn terms(&self) -> Vec<Term> {
        self.node.log().suffix(1).iter().map(|entry| entry.term).collect()
    }
}

/// The server that is called `n1`, `n2` ...
pub(crate) fn n(number: u8) -> NodeId {
    NodeId(number - 1)
}

pub(crate) fn config(id: u8, voters: u8) -> Config {
    let voters = (0..voters).map(NodeId).collect();
    Config { id: n(id), voters, entries_per_append: 64, snapshot_every: u64::MAX }
}

pub(crate) fn no_ops(terms: &[Term]) -> Vec<Entry<Command>> {
    terms.iter().map(|term| Entry { term: *term, command: None }).collect()
}

pub(crate) fn ask(term: Term, last_log_index: Index, last_log_term: Term) -> Message<'static, Command> {
    Message { term, body: Body::RequestVote { last_log_index, last_log_term } }
}

pub(crate) fn vote(term: Term, granted: bool) -> Message<'static, Command> {
    Message { term, body: Body::RequestVoteReply { granted } }
}

pub(crate) fn append(
    term: Term,
    (prev_log_index, prev_log_term): (Index, Term),
    entries: &[Entry<Command>],
    leader_commit: Index,
) -> Message<'_, Command> {
    Message { term, body: append_body(prev_log_index, prev_log_term, entries, leader_commit) }
}

/// A snapshot after no-ops of the terms that are the digits of `state`.
pub(crate) fn snapshot(last_index: Index, last_term: Term, state: u64) -> Snapshot {
    Snapshot { last_index, last_term, state }
}

pub(crate) fn install(term: Term, snapshot: Snapshot) -> Message<'static, Command> {
    Message { term, body: Body::InstallSnapshot(snapshot) }
}

pub(crate) fn accepted(term: Term, match_index: Index) -> Message<'static, Command> {
    Message { term, body: Body::AppendEntriesReply(Verdict::Accepted { match_index }) }
}

pub(crate) fn rejected(
    term: Term,
    prev_log_index: Index,
    conflict_index: Index,
    conflict_term: Option<Term>,
) -> Message<'static, Command> {
    let verdict = Verdict::Rejected { prev_log_index, conflict_term, conflict_index };
    Message { term, body: Body::AppendEntriesReply(verdict) }
}

fn append_body(
    prev_log_index: Index,
    prev_log_term: Term,
    entries: &[Entry<Command>],
    leader_commit: Index,
) -> Body<'_, Command> {
    Body::AppendEntries { prev_log_index, prev_log_term, entries, leader_commit }
}
