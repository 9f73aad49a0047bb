//! Our node on the water.
//!
//! | what | file |
//! |---|---|
//! | the system, a server of it, and what may be seen of it | here |
//! | the node's effects in the words of the world | `desk` |
//! | ways to get that wrong | `driver` |
//! | a message on its way | `wire` |
//!
//! The node writes its effects to a sink and the world offers one, so there is little to do but to put the words
//! of the one into the words of the other. A planted bug is either a rule of the node's table replaced, or a
//! [`Driver`] that is not honest; the honest one passes everything on.

mod desk;
mod driver;
mod wire;

pub use crate::whitewater::driver::Driver;
pub use crate::whitewater::wire::Wire;

use crate::bugs::{self, Plant};
use crate::whitewater::desk::{Desk, Out};
use std::borrow::Cow;
use whitewater_check::observe::{Brief, Look, Observe, Progress, Role};
use whitewater_check::types::{Command, Entry, Index, Nanos, NodeId, Term};
use whitewater_raft::message::{Body, Message};
use whitewater_raft::node::{Node, Refused};
use whitewater_raft::quorum::majority;
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
    snapshot_every: u64,
}

impl Whitewater {
    /// The same node with another table of rules.
    #[must_use]
    pub fn with_rules(self, rules: Rules<Command>) -> Self {
        Self { rules, ..self }
    }
}

/// How many entries one AppendEntries carries unless the scenario says otherwise.
const ENTRIES_PER_APPEND: usize = 64;

/// How many applied entries a log holds before a snapshot takes their place, unless the scenario says otherwise.
const SNAPSHOT_EVERY: u64 = 10_000;

/// How many heartbeats a leader's lease lasts for a driver that believes in one.
const LEASE: Nanos = 10;

impl System for Whitewater {
    type Replica = Server;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        let mut system = Self {
            rules: Rules::PAPER,
            driver: Driver::Honest,
            entries_per_append: ENTRIES_PER_APPEND,
            snapshot_every: SNAPSHOT_EVERY,
        };
        for (name, value) in &choice.options {
            match (name.as_str(), *value) {
                ("entries_per_append", 1..=65_536) => system.entries_per_append = *value as usize,
                ("snapshot_every", 0) => system.snapshot_every = u64::MAX,
                ("snapshot_every", entries) => system.snapshot_every = entries,
                ("entries_per_append", _) => {
                    return Err(Unsupported(format!("entries_per_append is {value}; it must be 1 to 65536")));
                }
                _ => {
                    return Err(Unsupported(format!(
                        "whitewater has no option `{name}`; it has entries_per_append and snapshot_every"
                    )));
                }
            }
        }
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
            snapshot_every: self.snapshot_every,
        };
        let stored = raft::Stored {
            hard_state: raft::HardState {
                current_term: hard_state.term,
                voted_for: hard_state.vote.map(|node| raft::NodeId(node.0)),
            },
            snapshot: raft::Snapshot {
                last_index: boot.snapshot.last_index,
                last_term: boot.snapshot.last_term,
                state: boot.snapshot.state.0,
            },
            entries: with_room(
                log.iter().map(|entry| raft::Entry { term: entry.term, command: entry.command }),
            ),
        };
        let mut desk = Desk::new(self.driver, boot.heartbeat);
        desk.recovered(boot.snapshot.last_index, &log, effects);
        let mut node = Node::start(config, self.rules, stored, &mut Out { desk: &mut desk, effects });
        if let Cow::Borrowed(_) = log {
            // The log is as the disk held it, which is what changes are counted from.
            node.mark_log_seen();
        }
        desk.close(effects);
        desk.notes.started = true;
        Server { node, desk }
    }
}

/// These entries, with room for more: a log goes on where the disk's ends, and would be copied at once. A power of two,
/// so that the next life finds the memory of this one large enough, and need not get new from the system.
fn with_room<E>(entries: impl ExactSizeIterator<Item = E>) -> Vec<E> {
    let mut log = Vec::with_capacity((entries.len() + 1).next_power_of_two());
    log.extend(entries);
    log
}

/// What a replica believes that its disk holds. A torn record is cut off already; a driver that believes it
/// takes it for a whole one.
fn recover<'a>(driver: Driver, boot: &Boot<'a>) -> (HardState, Cow<'a, [Entry]>) {
    let (mut hard_state, mut log) = (boot.hard_state, Cow::Borrowed(boot.log));
    if let Some(torn) = boot.torn.filter(|_| driver == Driver::AcceptsTornRecords) {
        hard_state = torn.hard_state.unwrap_or(hard_state);
        if let Some((from, entries)) = torn.suffix {
            log.to_mut().truncate((from - boot.snapshot.last_index) as usize - 1);
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
        let driver = self.desk.driver;
        match event {
            Event::Timer(timer) => self.timer(timer, effects),
            Event::DiskFailed if driver == Driver::IgnoresWriteErrors => {}
            Event::DiskFailed => effects.halt(),
            Event::Durable(up_to) => {
                let up_to = if driver == Driver::SyncCoversLaterWrites {
                    self.desk.notes.last_written
                } else {
                    up_to
                };
                self.node.durable(up_to, &mut Out { desk: &mut self.desk, effects });
            }
            Event::Message { from, message } => self.receive(raft::NodeId(from.0), message.read(), effects),
            Event::Request { command, read_only } => self.request(command, read_only, effects),
        }
        self.desk.close(effects);
    }

    fn describe(message: &Wire) -> Brief {
        wire::brief(&message.read())
    }
}

impl Server {
    /// A driver with one timer for both purposes asks the role what has run out.
    fn timer(&mut self, timer: Timer, effects: &mut Effects<'_, Self>) {
        let Self { node, desk } = self;
        let waits = desk.driver == Driver::SameTimeout && node.role() != raft::Role::Leader;
        let out = &mut Out { desk, effects };
        match timer {
            Timer::Election => node.election_timeout(out),
            Timer::Interval if waits => node.election_timeout(out),
            Timer::Interval => node.heartbeat_timeout(out),
        }
    }

    fn receive(
        &mut self,
        from: raft::NodeId,
        message: Message<'_, Command>,
        effects: &mut Effects<'_, Self>,
    ) {
        let Self { node, desk } = self;
        if matches!(message.body, Body::AppendEntriesReply(_)) && message.term == node.current_term() {
            desk.answered(from, effects);
        }
        node.receive(from, message, &mut Out { desk, effects });
    }

    fn request(&mut self, command: Command, read_only: bool, effects: &mut Effects<'_, Self>) {
        if read_only && self.answers_by_itself(effects.clock()) {
            return effects.answer(command);
        }
        let Self { node, desk } = self;
        match node.request(command, &mut Out { desk, effects }) {
            Ok(index) if desk.driver == Driver::AnswersBeforeCommit && !read_only => {
                effects.reply(command, index);
            }
            Ok(_) => {}
            Err(Refused::NotLeader { hint }) => {
                let itself = Some(node.state().id).filter(|_| desk.driver == Driver::RedirectsToItself);
                let hint = itself.or(hint).map(|node| NodeId(node.0));
                effects.refuse(command, NotLeader { hint });
            }
        }
    }

    /// Whether the driver lets this node answer a read without the log. An honest one never does.
    fn answers_by_itself(&self, now: Nanos) -> bool {
        let leads = self.node.role() == raft::Role::Leader;
        let driver = self.desk.driver;
        driver == Driver::ReadsFromFollowers
            || leads && driver == Driver::ReadsLocally
            || leads && driver == Driver::TrustsItsLease && self.has_lease(now)
    }

    /// Whether the leader has committed something in its term, and a majority has answered it within its lease,
    /// which is longer than an election takes.
    fn has_lease(&self, now: Nanos) -> bool {
        let Self { node, desk } = self;
        let since = now.saturating_sub(LEASE * desk.heartbeat);
        let others = desk.notes.heard_since(since);
        let settled = node.log().term_at(node.commit_index()) == Some(node.current_term());
        settled && others + 1 >= majority(node.state().voters.len())
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

    fn snapshot(&self) -> (Index, Term) {
        let snapshot = self.node.log().snapshot();
        (snapshot.last_index, snapshot.last_term)
    }

    fn seen(&mut self) {
        self.node.mark_log_seen();
    }

    fn progress(&self, peer: NodeId) -> Option<Progress> {
        let progress = self.node.progress(raft::NodeId(peer.0))?;
        Some(Progress { match_index: progress.match_index, next_index: progress.next_index })
    }
}
