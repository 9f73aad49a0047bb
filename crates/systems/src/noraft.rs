//! The crate noraft on the water.
//!
//! noraft keeps positions and leaves the commands to its user, so the driver keeps them beside its log and
//! sends them along with the entries. Its actions are carried out in the order in which it lists them:
//! what is to be saved first, as one record and with a sync, then what is to be sent. One timer serves as
//! election timer and, on a leader, as heartbeat.
//!
//! How a snapshot travels is left to the user, too. Here it goes with a call that has no entries and stands where the
//! snapshot ends: the call brings the leader's term, and its reply says how far the log goes when the snapshot is
//! installed.

use noraft::{Action, ClusterConfig, Log, LogEntries, LogEntry, LogIndex, LogPosition, Message, Node};
use whitewater_check::observe::{Brief, Kind, Look, Observe, Role};
use whitewater_check::types::{Command, Entry, Index, Nanos, NodeId, Term};
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::SystemChoice;
use whitewater_sim::replica::{Boot, Event, Replica, System, Unsupported};
use whitewater_sim::words::{HardState, NotLeader, Snapshot, Timer};

/// How many applied entries a log holds before a snapshot takes their place, unless the scenario says otherwise.
const SNAPSHOT_EVERY: u64 = 10_000;

/// noraft. The option `snapshot_every` says how many applied entries make a snapshot, 0 for never.
#[derive(Clone, Copy, Debug)]
pub struct Noraft {
    snapshot_every: u64,
}

impl System for Noraft {
    type Replica = Server;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        if let Some(bug) = &choice.bug {
            return Err(Unsupported(format!("noraft has no bug `{bug}` to plant")));
        }
        let mut system = Self { snapshot_every: SNAPSHOT_EVERY };
        for (name, value) in &choice.options {
            match (name.as_str(), *value) {
                ("snapshot_every", 0) => system.snapshot_every = u64::MAX,
                ("snapshot_every", entries) => system.snapshot_every = entries,
                _ => {
                    return Err(Unsupported(format!("noraft has no option `{name}`; it has snapshot_every")));
                }
            }
        }
        Ok(system)
    }

    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Server>) -> Server {
        let mut config = ClusterConfig::new();
        config.voters.extend((0..boot.voters).map(|node| noraft::NodeId::new(node.into())));
        let entry = |entry: &Entry| match entry.command {
            Some(_) => LogEntry::Command,
            None => LogEntry::Term(noraft::Term::new(entry.term)),
        };
        let entries = LogEntries::from_iter(position(boot.snapshot), boot.log.iter().map(entry));
        let node = Node::restart(
            noraft::NodeId::new(boot.node.0.into()),
            noraft::Term::new(boot.hard_state.term),
            boot.hard_state.vote.map(|node| noraft::NodeId::new(node.0.into())),
            Log::new(config, entries),
        );
        let mut server = Server {
            node,
            heartbeat: boot.heartbeat,
            snapshot_every: self.snapshot_every,
            snapshot: boot.snapshot,
            commands: boot.log.iter().map(|entry| entry.command).collect(),
            applied: boot.snapshot.last_index,
            changed_from: None,
        };
        if boot.snapshot.last_index > 0 {
            effects.restore(boot.snapshot);
        }
        server.carry_out(&[], 0, effects);
        server
    }
}

/// One noraft node and what its user has to keep for it.
#[derive(Debug)]
pub struct Server {
    node: Node,
    heartbeat: Nanos,
    snapshot_every: u64,
    /// What stands for the log up to where noraft's begins.
    snapshot: Snapshot,
    /// The command of each entry after it; `None` for an entry that noraft made for itself.
    commands: Vec<Option<Command>>,
    applied: Index,
    changed_from: Option<Index>,
}

/// A message of noraft, the commands of the entries in it, and a snapshot that comes with it.
#[derive(Clone, Debug, Default)]
pub struct Wire {
    message: Option<Message>,
    commands: Vec<Option<Command>>,
    snapshot: Option<Snapshot>,
}

impl Replica for Server {
    type Message = Wire;

    fn handle(&mut self, event: Event<'_, Wire>, effects: &mut Effects<'_, Self>) {
        match event {
            Event::Timer(_) => {
                self.node.handle_election_timeout();
                self.carry_out(&[], 0, effects);
            }
            Event::Message { message: Wire { message: Some(message), commands, snapshot }, .. } => {
                self.node.handle_message(message).expect("noraft takes every message of its peers");
                if let Some(snapshot) = snapshot.filter(|_| message.term() == self.node.current_term()) {
                    self.install(snapshot, effects);
                }
                self.carry_out(commands, first_index(message), effects);
            }
            Event::Request { command, .. } => {
                let position = self.node.propose_command();
                if position.is_invalid() {
                    let hint = self.node.voted_for().filter(|&node| node != self.node.id());
                    effects.refuse(command, NotLeader { hint: hint.map(ours) });
                } else {
                    self.carry_out(&[Some(command)], position.index.get(), effects);
                }
            }
            Event::Message { message: Wire { message: None, .. }, .. } | Event::Durable(_) => {}
            Event::DiskFailed => effects.halt(),
        }
    }

    fn describe(wire: &Wire) -> Brief {
        let Some(message) = &wire.message else { return Brief::default() };
        let brief = Brief { term: message.term().get(), ..Brief::default() };
        if let Some(snapshot) = wire.snapshot {
            return Brief { kind: Kind::InstallSnapshot, prev_log_index: snapshot.last_index, ..brief };
        }
        match message {
            Message::RequestVoteCall { .. } => Brief { kind: Kind::RequestVote, ..brief },
            Message::RequestVoteReply { vote_granted, .. } => {
                Brief { kind: Kind::RequestVoteReply, granted: Some(*vote_granted), ..brief }
            }
            Message::AppendEntriesCall { commit_index, entries, .. } => Brief {
                kind: Kind::AppendEntries,
                commit_index: Some(commit_index.get()),
                prev_log_index: entries.prev_position().index.get(),
                entries: entries.len() as u32,
                ..brief
            },
            Message::AppendEntriesReply { last_position, .. } => Brief {
                kind: Kind::AppendEntriesReply,
                acknowledged: Some(last_position.index.get()),
                ..brief
            },
        }
    }
}

impl Observe for Server {
    fn look(&self) -> Look {
        let role = match self.node.role() {
            noraft::Role::Follower => Role::Follower,
            noraft::Role::Candidate => Role::Candidate,
            noraft::Role::Leader => Role::Leader,
        };
        Look {
            role,
            term: self.node.current_term().get(),
            commit_index: self.node.commit_index().get(),
            last_applied: self.applied,
            last_index: self.last_index(),
            changed_from: self.changed_from,
        }
    }

    fn entry(&self, index: Index) -> Entry {
        let term = self.node.log().entries().get_term(LogIndex::new(index));
        Entry { term: term.map_or(0, noraft::Term::get), command: self.commands[self.place(index)] }
    }

    fn snapshot(&self) -> (Index, Term) {
        (self.snapshot.last_index, self.snapshot.last_term)
    }

    fn seen(&mut self) {
        self.changed_from = None;
    }
}

impl Server {
    fn last_index(&self) -> Index {
        self.node.log().last_position().index.get()
    }

    /// Where in `commands` that of an entry is which no snapshot stands for.
    fn place(&self, index: Index) -> usize {
        (index - self.snapshot.last_index) as usize - 1
    }

    fn hard_state(&self) -> HardState {
        HardState { term: self.node.current_term().get(), vote: self.node.voted_for().map(ours) }
    }

    /// Carries out what noraft asks for after a call. The commands of new entries from index `first` on are
    /// `fresh`.
    fn carry_out(&mut self, fresh: &[Option<Command>], first: Index, effects: &mut Effects<'_, Self>) {
        let mut hard_state = None;
        let mut suffix = None;
        self.forget_after(self.last_index());
        while let Some(action) = self.node.actions_mut().next() {
            match action {
                Action::SetElectionTimeout => self.set_timer(effects),
                Action::SaveCurrentTerm | Action::SaveVotedFor => hard_state = Some(self.hard_state()),
                Action::AppendLogEntries(entries) => suffix = Some(self.append(&entries, fresh, first)),
                Action::BroadcastMessage(message) => {
                    self.save(&mut hard_state, &mut suffix, effects);
                    let wire = self.wire(message);
                    let me = self.node.id();
                    self.node
                        .peers()
                        .filter(|&peer| peer != me)
                        .for_each(|peer| effects.send(ours(peer), &wire));
                }
                Action::SendMessage(to, message) => {
                    self.save(&mut hard_state, &mut suffix, effects);
                    effects.send(ours(to), &self.wire(message));
                }
                Action::InstallSnapshot(to) => effects.send(ours(to), &self.snapshot_to_send()),
            }
        }
        self.save(&mut hard_state, &mut suffix, effects);
        self.apply(effects);
        self.compact(effects);
    }

    /// The last snapshot, with a call that has no entries and claims no more than the snapshot does.
    fn snapshot_to_send(&self) -> Wire {
        let call = Message::AppendEntriesCall {
            from: self.node.id(),
            term: self.node.current_term(),
            commit_index: LogIndex::new(self.snapshot.last_index),
            entries: LogEntries::new(position(self.snapshot)),
        };
        Wire { message: Some(call), commands: Vec::new(), snapshot: Some(self.snapshot) }
    }

    /// Puts a snapshot of the leader's in the place of all that it stands for, unless so much is committed here. If the
    /// log has its last entry, what follows that stays.
    fn install(&mut self, snapshot: Snapshot, effects: &mut Effects<'_, Self>) {
        let stays = self.node.log().entries().contains(position(snapshot));
        let config = self.node.config().clone();
        if self.node.commit_index().get() >= snapshot.last_index
            || !self.node.handle_snapshot_installed(position(snapshot), config)
        {
            return;
        }
        self.commands.drain(..if stays { self.place(snapshot.last_index) + 1 } else { self.commands.len() });
        self.snapshot = snapshot;
        self.applied = snapshot.last_index;
        self.changed(snapshot.last_index + 1);
        let end: Option<(Index, &[Entry])> = (!stays).then_some((snapshot.last_index + 1, &[]));
        effects.write_snapshot(Some(self.hard_state()), snapshot, end);
        effects.sync();
        effects.restore(snapshot);
    }

    /// Puts a snapshot in the place of what is applied, if that is enough.
    fn compact(&mut self, effects: &mut Effects<'_, Self>) {
        let gone = self.applied - self.snapshot.last_index;
        if gone < self.snapshot_every {
            return;
        }
        let Entry { term, .. } = self.entry(self.applied);
        let snapshot = Snapshot { last_index: self.applied, last_term: term, state: effects.capture() };
        let config = self.node.config().clone();
        assert!(
            self.node.handle_snapshot_installed(position(snapshot), config),
            "what is applied is in the log"
        );
        effects.write_snapshot(None, snapshot, None);
        self.commands.drain(..gone as usize);
        self.snapshot = snapshot;
    }

    fn set_timer(&self, effects: &mut Effects<'_, Self>) {
        if self.node.role().is_leader() {
            effects.cancel_timer(Timer::Election);
            effects.set_interval_timer(self.heartbeat);
        } else {
            effects.cancel_timer(Timer::Interval);
            effects.set_election_timer();
        }
    }

    /// noraft cuts its log in memory before it asks for the cut to be saved; the commands follow its log.
    fn forget_after(&mut self, last: Index) {
        let length = (last - self.snapshot.last_index) as usize;
        if length < self.commands.len() {
            self.commands.truncate(length);
            self.changed(last + 1);
        }
    }

    fn changed(&mut self, from: Index) {
        self.changed_from = Some(self.changed_from.map_or(from, |lowest| lowest.min(from)));
    }

    /// Takes note of entries that noraft has put into its log. From where on, and what to write.
    fn append(
        &mut self,
        entries: &LogEntries,
        fresh: &[Option<Command>],
        first: Index,
    ) -> (Index, Vec<Entry>) {
        let from = entries.prev_position().index.get() + 1;
        let command = |index: Index| match index.checked_sub(first).and_then(|at| fresh.get(at as usize)) {
            Some(command) => *command,
            None => self.commands.get(self.place(index)).copied().flatten(),
        };
        let written: Vec<Entry> = entries
            .iter_with_positions()
            .map(|(position, entry)| Entry {
                term: position.term.get(),
                command: command(position.index.get()).filter(|_| matches!(entry, LogEntry::Command)),
            })
            .collect();
        self.commands.truncate(self.place(from));
        self.commands.extend(written.iter().map(|entry| entry.command));
        self.changed(from);
        (from, written)
    }

    fn save(
        &self,
        hard_state: &mut Option<HardState>,
        suffix: &mut Option<(Index, Vec<Entry>)>,
        effects: &mut Effects<'_, Self>,
    ) {
        let (hard_state, suffix) = (hard_state.take(), suffix.take());
        if hard_state.is_some() || suffix.is_some() {
            effects.write(hard_state, suffix.as_ref().map(|(from, entries)| (*from, entries.as_slice())));
            effects.sync();
        }
    }

    fn wire(&self, message: Message) -> Wire {
        let commands = match &message {
            Message::AppendEntriesCall { entries, .. } => {
                let positions = entries.iter_with_positions();
                positions.map(|(position, _)| self.commands[self.place(position.index.get())]).collect()
            }
            Message::RequestVoteCall { .. }
            | Message::RequestVoteReply { .. }
            | Message::AppendEntriesReply { .. } => Vec::new(),
        };
        Wire { message: Some(message), commands, snapshot: None }
    }

    fn apply(&mut self, effects: &mut Effects<'_, Self>) {
        while self.applied < self.node.commit_index().get() {
            self.applied += 1;
            let Entry { term, command } = self.entry(self.applied);
            effects.apply(self.applied, command);
            let mine = self.node.role().is_leader() && term == self.node.current_term().get();
            if let Some(command) = command.filter(|_| mine) {
                effects.reply(command, self.applied);
            }
        }
    }
}

/// The index of the first entry in a message, if it carries any.
fn first_index(message: &Message) -> Index {
    match message {
        Message::AppendEntriesCall { entries, .. } => entries.prev_position().index.get() + 1,
        Message::RequestVoteCall { .. }
        | Message::RequestVoteReply { .. }
        | Message::AppendEntriesReply { .. } => 0,
    }
}

/// Where a snapshot ends.
fn position(snapshot: Snapshot) -> LogPosition {
    LogPosition { term: noraft::Term::new(snapshot.last_term), index: LogIndex::new(snapshot.last_index) }
}

fn ours(node: noraft::NodeId) -> NodeId {
    NodeId(node.get() as u8)
}
