//! Our node on the water.
//!
//! The node writes its effects to a sink and the world offers one, so this file only puts the words of the
//! one into the words of the other. A planted bug is either a rule of the node's table replaced, or a
//! [`Driver`] that gets the order of effects wrong; the honest driver passes everything on.

use crate::bugs::{self, Driver, Plant};
use std::borrow::Cow;
use whitewater_check::observe::{Brief, Kind, Look, Observe, Progress, Role};
use whitewater_check::types::{Command, Entry, Index, Nanos, NodeId};
use whitewater_raft::effects::{Effects as Sink, Reason, Record, Suffix, Timer as NodeTimer};
use whitewater_raft::message::{Body, Message, Verdict};
use whitewater_raft::node::{Node, Refused};
use whitewater_raft::rules::Rules;
use whitewater_raft::types as raft;
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::SystemChoice;
use whitewater_sim::replica::{Boot, Event, Replica, System, Unsupported};
use whitewater_sim::words::{HardState, NotLeader, Timer};

/// Our node, with the rules and the settings that a scenario asks for.
#[derive(Clone, Copy, Debug)]
pub struct Whitewater {
    rules: Rules<Command>,
    driver: Driver,
    entries_per_append: usize,
}

impl Whitewater {
    /// The same node with another table of rules.
    #[must_use]
    pub fn with_rules(self, rules: Rules<Command>) -> Self {
        Self { rules, ..self }
    }
}

/// How many entries one AppendEntries carries unless the scenario says otherwise.
const ENTRIES_PER_APPEND: u64 = 64;

impl System for Whitewater {
    type Replica = Server;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        let mut system = Self { rules: Rules::PAPER, driver: Driver::Honest, entries_per_append: 0 };
        let mut entries = ENTRIES_PER_APPEND;
        for (name, value) in &choice.options {
            match (name.as_str(), *value) {
                ("entries_per_append", 1..=65_536) => entries = *value,
                ("entries_per_append", _) => {
                    return Err(Unsupported(format!("entries_per_append is {value}; it must be 1 to 65536")));
                }
                _ => {
                    return Err(Unsupported(format!(
                        "whitewater has no option `{name}`; it has entries_per_append"
                    )));
                }
            }
        }
        system.entries_per_append = entries as usize;
        if let Some(name) = &choice.bug {
            let bug =
                bugs::find(name).ok_or_else(|| Unsupported(format!("whitewater has no bug `{name}`")))?;
            match bug.plant {
                Plant::Rule(replace) => replace(&mut system.rules),
                Plant::Driver(driver) => system.driver = driver,
            }
        }
        Ok(system)
    }

    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Server>) -> Server {
        let (hard_state, log) = recover(self.driver, &boot);
        let config = raft::Config {
            id: raft::NodeId(boot.node.0),
            voters: (0..boot.voters).map(raft::NodeId).collect(),
            entries_per_append: self.entries_per_append,
        };
        let stored = raft::Stored {
            hard_state: raft::HardState {
                current_term: hard_state.term,
                voted_for: hard_state.vote.map(|node| raft::NodeId(node.0)),
            },
            entries: log
                .iter()
                .map(|entry| raft::Entry { term: entry.term, command: entry.command })
                .collect(),
        };
        let mut desk = Desk::new(self.driver, boot.heartbeat);
        let node = Node::start(config, self.rules, stored, &mut Out { desk: &mut desk, effects });
        desk.close(effects);
        Server { node, desk }
    }
}

/// What a replica believes that its disk holds. A torn record is cut off already; a driver that believes it
/// takes it for a whole one.
fn recover<'a>(driver: Driver, boot: &Boot<'a>) -> (HardState, Cow<'a, [Entry]>) {
    let (mut hard_state, mut log) = (boot.hard_state, Cow::Borrowed(boot.log));
    if let Some(torn) = boot.torn.filter(|_| driver == Driver::AcceptsTornRecords) {
        hard_state = torn.hard_state.unwrap_or(hard_state);
        if let Some((from, entries)) = torn.suffix {
            log.to_mut().truncate(from as usize - 1);
            log.to_mut().extend_from_slice(entries);
        }
    }
    (hard_state, log)
}

/// One of our nodes.
#[derive(Debug)]
pub struct Server {
    node: Node<Command>,
    desk: Desk,
}

impl Replica for Server {
    type Message = Wire;

    fn handle(&mut self, event: Event<'_, Wire>, effects: &mut Effects<'_, Self>) {
        let Self { node, desk } = self;
        let out = &mut Out { desk, effects };
        match event {
            Event::Timer(Timer::Election) => node.election_timeout(out),
            Event::Timer(Timer::Interval) => node.heartbeat_timeout(out),
            Event::DiskFailed if out.desk.driver == Driver::IgnoresWriteErrors => {}
            Event::DiskFailed => out.effects.halt(),
            Event::Durable(up_to) => node.durable(up_to, out),
            Event::Message { from, message } => node.receive(raft::NodeId(from.0), message.read(), out),
            Event::Request { command, read_only } => {
                if read_only && out.desk.driver == Driver::ReadsLocally && node.role() == raft::Role::Leader {
                    out.effects.answer(command);
                } else if let Err(Refused::NotLeader { hint }) = node.request(command, out) {
                    out.effects.refuse(command, NotLeader { hint: hint.map(|node| NodeId(node.0)) });
                }
            }
        }
        self.desk.close(effects);
    }

    fn describe(message: &Wire) -> Brief {
        let brief = Brief { term: message.head.term, ..Brief::default() };
        match message.head.body {
            Body::RequestVote { .. } => Brief { kind: Kind::RequestVote, ..brief },
            Body::RequestVoteReply { granted } => {
                Brief { kind: Kind::RequestVoteReply, granted: Some(granted), ..brief }
            }
            Body::AppendEntries { prev_log_index, leader_commit, .. } => Brief {
                kind: Kind::AppendEntries,
                commit_index: Some(leader_commit),
                prev_log_index,
                entries: message.entries.len() as u32,
                ..brief
            },
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
}

impl Observe for Server {
    fn look(&self) -> Look {
        let role = match self.node.role() {
            raft::Role::Follower => Role::Follower,
            raft::Role::Candidate => Role::Candidate,
            raft::Role::Leader => Role::Leader,
        };
        Look {
            role,
            term: self.node.current_term(),
            commit_index: self.node.commit_index(),
            last_applied: self.node.last_applied(),
            last_index: self.node.log().last_index(),
            changed_from: self.node.log().changed_from(),
        }
    }

    fn entry(&self, index: Index) -> Entry {
        match self.node.log().get(index) {
            Some(entry) => Entry { term: entry.term, command: entry.command },
            None => panic!("asked for entry {index} of {}", self.node.log().last_index()),
        }
    }

    fn seen(&mut self) {
        self.node.mark_log_seen();
    }

    fn progress(&self, peer: NodeId) -> Option<Progress> {
        let progress = self.node.progress(raft::NodeId(peer.0))?;
        Some(Progress { match_index: progress.match_index, next_index: progress.next_index })
    }
}

/// A message as it travels: what it says, and the entries that it carries in memory of its own.
#[derive(Debug)]
pub struct Wire {
    head: Message<'static, Command>,
    entries: Vec<raft::Entry<Command>>,
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
    fn write(&mut self, message: Message<'_, Command>) {
        self.entries.clear();
        let body = match message.body {
            Body::AppendEntries { prev_log_index, prev_log_term, entries, leader_commit } => {
                self.entries.extend_from_slice(entries);
                Body::AppendEntries { prev_log_index, prev_log_term, entries: &[], leader_commit }
            }
            Body::RequestVote { last_log_index, last_log_term } => {
                Body::RequestVote { last_log_index, last_log_term }
            }
            Body::RequestVoteReply { granted } => Body::RequestVoteReply { granted },
            Body::AppendEntriesReply(verdict) => Body::AppendEntriesReply(verdict),
        };
        self.head = Message { term: message.term, body };
    }

    fn read(&self) -> Message<'_, Command> {
        match self.head.body {
            Body::AppendEntries { prev_log_index, prev_log_term, leader_commit, .. } => {
                let entries = &self.entries;
                let body = Body::AppendEntries { prev_log_index, prev_log_term, entries, leader_commit };
                Message { term: self.head.term, body }
            }
            Body::RequestVote { .. } | Body::RequestVoteReply { .. } | Body::AppendEntriesReply(_) => {
                self.head
            }
        }
    }
}

/// What the driver has at hand between the node and the world: room for the entries and the message that it
/// is passing on, and how honest it is.
#[derive(Debug)]
struct Desk {
    driver: Driver,
    heartbeat: Nanos,
    entries: Vec<Entry>,
    wire: Wire,
    /// A hard state that a dishonest driver has yet to write.
    late: Option<HardState>,
    /// Whether it has yet to sync what it has written.
    unsynced: bool,
}

impl Desk {
    fn new(driver: Driver, heartbeat: Nanos) -> Self {
        Self { driver, heartbeat, entries: Vec::new(), wire: Wire::default(), late: None, unsynced: false }
    }

    /// The step is over; a driver that had put a write off catches up on it.
    fn close(&mut self, effects: &mut Effects<'_, Server>) {
        if let Some(hard_state) = self.late.take() {
            effects.write(Some(hard_state), None);
            effects.sync();
        }
        if std::mem::take(&mut self.unsynced) {
            effects.sync();
        }
    }
}

/// The node's sink: the desk and the world.
struct Out<'a, 'w> {
    desk: &'a mut Desk,
    effects: &'a mut Effects<'w, Server>,
}

impl Sink<Command> for Out<'_, '_> {
    fn write(&mut self, record: Record<'_, Command>) {
        let hard_state = record.hard_state.map(|state| HardState {
            term: state.current_term,
            vote: state.voted_for.map(|node| NodeId(node.0)),
        });
        match record.suffix {
            None if self.desk.driver == Driver::VotesBeforeSync => self.desk.late = hard_state,
            None => self.effects.write(hard_state, None),
            Some(Suffix { from, entries }) => {
                let seen = |entry: &raft::Entry<Command>| Entry { term: entry.term, command: entry.command };
                self.desk.entries.clear();
                self.desk.entries.extend(entries.iter().map(seen));
                self.effects.write(hard_state, Some((from, &self.desk.entries)));
            }
        }
    }

    fn sync(&mut self) {
        if self.desk.driver == Driver::EntriesBeforeSync {
            self.desk.unsynced = true;
        } else if self.desk.late.is_none() {
            self.effects.sync();
        }
    }

    fn sync_async(&mut self, up_to: Index) {
        self.effects.sync_async(up_to);
    }

    fn send(&mut self, to: raft::NodeId, message: Message<'_, Command>) {
        self.desk.wire.write(message);
        self.effects.send(NodeId(to.0), &self.desk.wire);
    }

    fn set_timer(&mut self, timer: NodeTimer, _reason: Reason) {
        match timer {
            NodeTimer::Election => self.effects.set_election_timer(),
            NodeTimer::Heartbeat => self.effects.set_interval_timer(self.desk.heartbeat),
        }
    }

    fn cancel_timer(&mut self, timer: NodeTimer) {
        self.effects.cancel_timer(match timer {
            NodeTimer::Election => Timer::Election,
            NodeTimer::Heartbeat => Timer::Interval,
        });
    }

    fn apply(&mut self, index: Index, entry: &raft::Entry<Command>) {
        match entry.command {
            Some(command) if self.desk.driver == Driver::AppliesRetriesTwice => {
                self.effects.apply_always(index, command);
            }
            command => self.effects.apply(index, command),
        }
    }

    fn reply(&mut self, index: Index, command: &Command) {
        self.effects.reply(*command, index);
    }
}
