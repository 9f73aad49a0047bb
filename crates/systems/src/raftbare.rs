//! The crate raftbare on the water: the predecessor of noraft, known to break, and here to show that the
//! water finds it out.
//!
//! A voter of raftbare 0.2.2 compares the indexes of last entries and not their terms (§5.4.1), so a
//! candidate with a long, stale log wins and overwrites what was committed. Nothing is done about it here.
//! As with noraft the commands are kept beside the positions, and the actions are carried out in the order
//! in which the crate lists them: a broadcast leaves before the entries of its own step are saved (a leader
//! may do that, thesis §10.2.1), a message to one peer after they are durable. One timer serves as election
//! timer and, on a leader, as heartbeat.

use raftbare::{Action, ClusterConfig, LogEntries, LogEntry, LogIndex, LogPosition, Message, Node, Term};
use whitewater_check::observe::{Brief, Kind, Look, Observe, Role};
use whitewater_check::types::{Command, Entry, Index, Nanos, NodeId};
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::SystemChoice;
use whitewater_sim::replica::{Boot, Event, Replica, System, Unsupported};
use whitewater_sim::words::{HardState, NotLeader, Timer};

/// raftbare; it has nothing to set.
#[derive(Clone, Copy, Debug)]
pub struct Raftbare;

impl System for Raftbare {
    type Replica = Server;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        if let Some(bug) = &choice.bug {
            return Err(Unsupported(format!("raftbare has no bug `{bug}` to plant; it has its own")));
        }
        match choice.options.keys().next() {
            Some(option) => Err(Unsupported(format!("raftbare has no option `{option}`"))),
            None => Ok(Self),
        }
    }

    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Server>) -> Server {
        let mut config = ClusterConfig::new();
        config.voters.extend((0..boot.voters).map(|node| theirs(NodeId(node))));
        let entry = |entry: &Entry| match entry.command {
            Some(_) => LogEntry::Command,
            None => LogEntry::Term(Term::new(entry.term)),
        };
        let entries = LogEntries::from_iter(LogPosition::ZERO, boot.log.iter().map(entry));
        let node = Node::restart(
            theirs(boot.node),
            Term::new(boot.hard_state.term),
            boot.hard_state.vote.map(theirs),
            raftbare::Log::new(config, entries),
        );
        let commands = boot.log.iter().map(|entry| entry.command).collect();
        let mut server = Server { node, heartbeat: boot.heartbeat, commands, applied: 0, changed_from: None };
        server.carry_out(&[], 0, effects);
        server
    }
}

/// One raftbare node and what its user has to keep for it.
#[derive(Debug)]
pub struct Server {
    node: Node,
    heartbeat: Nanos,
    /// The command of each entry, from index 1; `None` for an entry that raftbare made for itself.
    commands: Vec<Option<Command>>,
    applied: Index,
    changed_from: Option<Index>,
}

/// A message of raftbare and the commands of the entries in it.
#[derive(Clone, Debug, Default)]
pub struct Wire {
    message: Option<Message>,
    commands: Vec<Option<Command>>,
}

impl Replica for Server {
    type Message = Wire;

    fn handle(&mut self, event: Event<'_, Wire>, effects: &mut Effects<'_, Self>) {
        match event {
            Event::Timer(_) => {
                self.node.handle_election_timeout();
                self.carry_out(&[], 0, effects);
            }
            Event::Message { message: Wire { message: Some(message), commands }, .. } => {
                self.node.handle_message(message.clone());
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

    fn describe(message: &Wire) -> Brief {
        let Some(message) = &message.message else { return Brief::default() };
        let brief = Brief { term: message.term().get(), ..Brief::default() };
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
            raftbare::Role::Follower => Role::Follower,
            raftbare::Role::Candidate => Role::Candidate,
            raftbare::Role::Leader => Role::Leader,
        };
        Look {
            role,
            term: self.node.current_term().get(),
            commit_index: self.node.commit_index().get(),
            last_applied: self.applied,
            last_index: self.node.log().last_position().index.get(),
            changed_from: self.changed_from,
        }
    }

    fn entry(&self, index: Index) -> Entry {
        let term = self.node.log().entries().get_term(LogIndex::new(index));
        Entry { term: term.map_or(0, Term::get), command: self.commands[index as usize - 1] }
    }

    fn seen(&mut self) {
        self.changed_from = None;
    }
}

impl Server {
    /// Carries out what raftbare asks for after a call. The commands of new entries from index `first` on
    /// are `fresh`.
    fn carry_out(&mut self, fresh: &[Option<Command>], first: Index, effects: &mut Effects<'_, Self>) {
        self.follow_log(fresh, first);
        let mut hard_state = None;
        while let Some(action) = self.node.actions_mut().next() {
            match action {
                Action::SetElectionTimeout => self.set_timer(effects),
                Action::SaveCurrentTerm | Action::SaveVotedFor => {
                    let vote = self.node.voted_for().map(ours);
                    hard_state = Some(HardState { term: self.node.current_term().get(), vote });
                }
                Action::AppendLogEntries(entries) => self.save(hard_state.take(), Some(&entries), effects),
                Action::BroadcastMessage(message) => {
                    self.save(hard_state.take(), None, effects);
                    let wire = self.wire(message);
                    let peers = self.node.peers().filter(|&peer| peer != self.node.id());
                    peers.for_each(|peer| effects.send(ours(peer), &wire));
                }
                Action::SendMessage(to, message) => {
                    self.save(hard_state.take(), None, effects);
                    effects.send(ours(to), &self.wire(message));
                }
                Action::InstallSnapshot(to) => panic!("asks for a snapshot for {to:?} and there is none"),
            }
        }
        self.save(hard_state, None, effects);
        self.apply(effects);
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

    /// Brings the commands in line with raftbare's log, which is cut and appended to in memory before it asks
    /// for that to be saved.
    fn follow_log(&mut self, fresh: &[Option<Command>], first: Index) {
        let last = self.node.log().last_position().index.get();
        if (last as usize) < self.commands.len() {
            self.keep(last);
        }
        let Some(entries) = &self.node.actions().append_log_entries else { return };
        let from = entries.prev_position().index.get() + 1;
        let carried = |index: Index| fresh.get(index.checked_sub(first)? as usize).copied();
        let mut added = Vec::new();
        for (position, entry) in entries.iter_with_positions() {
            let held = self.commands.get(position.index.get() as usize - 1).copied();
            let command = carried(position.index.get()).or(held).flatten();
            added.push(command.filter(|_| matches!(entry, LogEntry::Command)));
        }
        self.keep(from - 1);
        self.commands.extend(added);
    }

    /// Forgets the commands after an index; from there on the log has changed.
    fn keep(&mut self, last: Index) {
        self.commands.truncate(last as usize);
        self.changed_from = Some(self.changed_from.map_or(last + 1, |lowest| lowest.min(last + 1)));
    }

    /// Makes durable what is to be saved, if anything is.
    fn save(
        &self,
        hard_state: Option<HardState>,
        entries: Option<&LogEntries>,
        effects: &mut Effects<'_, Self>,
    ) {
        let command = |index: LogIndex| self.commands[index.get() as usize - 1];
        let written = entries.map(|entries| {
            let entry =
                |(at, _): (LogPosition, LogEntry)| Entry { term: at.term.get(), command: command(at.index) };
            let suffix: Vec<Entry> = entries.iter_with_positions().map(entry).collect();
            (entries.prev_position().index.get() + 1, suffix)
        });
        if hard_state.is_some() || written.is_some() {
            effects.write(hard_state, written.as_ref().map(|(from, suffix)| (*from, suffix.as_slice())));
            effects.sync();
        }
    }

    fn wire(&self, message: Message) -> Wire {
        let commands = match &message {
            Message::AppendEntriesCall { entries, .. } => {
                let positions = entries.iter_with_positions();
                positions.map(|(position, _)| self.commands[position.index.get() as usize - 1]).collect()
            }
            Message::RequestVoteCall { .. }
            | Message::RequestVoteReply { .. }
            | Message::AppendEntriesReply { .. } => Vec::new(),
        };
        Wire { message: Some(message), commands }
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

fn ours(node: raftbare::NodeId) -> NodeId {
    NodeId(node.get() as u8)
}

fn theirs(node: NodeId) -> raftbare::NodeId {
    raftbare::NodeId::new(node.0.into())
}
