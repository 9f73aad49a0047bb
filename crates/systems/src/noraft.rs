//! The crate noraft on the water.
//!
//! noraft keeps positions and leaves the commands to its user, so the driver keeps them beside its log and
//! sends them along with the entries. Its actions are carried out in the order in which it lists them:
//! what is to be saved first, as one record and with a sync, then what is to be sent. One timer serves as
//! election timer and, on a leader, as heartbeat.

use noraft::{Action, ClusterConfig, LogEntries, LogEntry, LogIndex, LogPosition, Message, Node, Term};
use whitewater_check::observe::{Brief, Kind, Look, Observe, Role};
use whitewater_check::types::{Command, Entry, Index, Nanos, NodeId};
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::SystemChoice;
use whitewater_sim::replica::{Boot, Event, Replica, System, Unsupported};
use whitewater_sim::words::{HardState, NotLeader, Timer};

/// noraft; it has nothing to set.
#[derive(Clone, Copy, Debug)]
pub struct Noraft;

impl System for Noraft {
    type Replica = Server;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        if let Some(bug) = &choice.bug {
            return Err(Unsupported(format!("noraft has no bug `{bug}` to plant")));
        }
        match choice.options.keys().next() {
            Some(option) => Err(Unsupported(format!("noraft has no option `{option}`"))),
            None => Ok(Self),
        }
    }

    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Server>) -> Server {
        let mut config = ClusterConfig::new();
        config.voters.extend((0..boot.voters).map(|node| noraft::NodeId::new(node.into())));
        let entry = |entry: &Entry| match entry.command {
            Some(_) => LogEntry::Command,
            None => LogEntry::Term(Term::new(entry.term)),
        };
        let entries = LogEntries::from_iter(LogPosition::ZERO, boot.log.iter().map(entry));
        let node = Node::restart(
            noraft::NodeId::new(boot.node.0.into()),
            Term::new(boot.hard_state.term),
            boot.hard_state.vote.map(|node| noraft::NodeId::new(node.0.into())),
            noraft::Log::new(config, entries),
        );
        let mut server = Server {
            node,
            heartbeat: boot.heartbeat,
            commands: boot.log.iter().map(|entry| entry.command).collect(),
            applied: 0,
            changed_from: None,
        };
        server.carry_out(&[], 0, effects);
        server
    }
}

/// One noraft node and what its user has to keep for it.
#[derive(Debug)]
pub struct Server {
    node: Node,
    heartbeat: Nanos,
    /// The command of each entry, from index 1; `None` for an entry that noraft made for itself.
    commands: Vec<Option<Command>>,
    applied: Index,
    changed_from: Option<Index>,
}

/// A message of noraft and the commands of the entries in it.
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
                self.node.handle_message(message).expect("noraft takes every message of its peers");
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
        Entry { term: term.map_or(0, Term::get), command: self.commands[index as usize - 1] }
    }

    fn seen(&mut self) {
        self.changed_from = None;
    }
}

impl Server {
    fn last_index(&self) -> Index {
        self.node.log().last_position().index.get()
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
                Action::SaveCurrentTerm | Action::SaveVotedFor => {
                    let vote = self.node.voted_for().map(ours);
                    hard_state = Some(HardState { term: self.node.current_term().get(), vote });
                }
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
                Action::InstallSnapshot(to) => panic!("asks for a snapshot for {to:?} and there is none"),
            }
        }
        self.save(&mut hard_state, &mut suffix, effects);
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

    /// noraft cuts its log in memory before it asks for the cut to be saved; the commands follow its log.
    fn forget_after(&mut self, last: Index) {
        if (last as usize) < self.commands.len() {
            self.commands.truncate(last as usize);
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
            None => self.commands.get(index as usize - 1).copied().flatten(),
        };
        let written: Vec<Entry> = entries
            .iter_with_positions()
            .map(|(position, entry)| Entry {
                term: position.term.get(),
                command: command(position.index.get()).filter(|_| matches!(entry, LogEntry::Command)),
            })
            .collect();
        self.commands.truncate(from as usize - 1);
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

fn ours(node: noraft::NodeId) -> NodeId {
    NodeId(node.get() as u8)
}
