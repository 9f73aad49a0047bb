//! The crate raft (raft-rs, TiKV's) on the water: ticks in, a `Ready` out.
//!
//! The interval timer is the tick, a fifth of a heartbeat, and every node begins at a phase of its own. A
//! `Ready` is worked off in the order that the crate prescribes: what may leave at once leaves, what is
//! committed is applied, then hard state and entries are written and synced, and only then go the messages
//! that wait for the disk. The commit index of its hard state is not written: Raft does not ask for it
//! (figure 2), and a restarted node learns it anew.
//!
//! When enough was applied, the state is captured and written as a snapshot, and the entries that it stands for go. The
//! data of a snapshot that travels is the name of the state. A leader that has sent one to a follower says nothing more
//! to it until it hears of it; so every few heartbeats it is told that the snapshot was lost, as a host would tell it
//! that gives up waiting.
//!
//! What the crate reads, its storage trait, is in `store`.
//!
//! The crate draws its election timeouts from the thread's randomness, which no seed reaches. After every
//! call the timeout is set to a draw keyed by node, term and role, through the one seam that there is, a
//! hidden method meant for its tests. A redraw may equal the old value, so it is no use to look for a change.
//!
//! Reads go through the log. A request to a node that does not lead is refused here, because the crate would
//! send it on to the leader. Its panics are findings.

mod store;

use crate::raft_rs::store::{Store, received};
use raft::eraftpb::{Entry as TheirEntry, Message, MessageType};
use raft::{Config, ProgressState, RawNode, Ready, SnapshotStatus, StateRole};
use std::fmt;
use whitewater_check::observe::{Brief, Kind, Look, Observe, Progress, Role};
use whitewater_check::types::{Command, Entry, Index, Nanos, NodeId, Term};
use whitewater_sim::chance::{between, mix};
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::SystemChoice;
use whitewater_sim::replica::{Boot, Event, Replica, System, Unsupported};
use whitewater_sim::words::{HardState, NotLeader, Snapshot, Timer};

/// How many ticks there are to a heartbeat.
const TICKS_PER_HEARTBEAT: u64 = 5;

/// How many bytes of entries one message carries: some hundred entries.
const BYTES_PER_APPEND: u64 = 2_048;

/// How many applied entries a log holds before a snapshot takes their place, unless the scenario says otherwise.
const SNAPSHOT_EVERY: u64 = 10_000;

/// How many ticks it takes until a snapshot of which nothing was heard is thought lost.
const PATIENCE: u64 = 4 * TICKS_PER_HEARTBEAT;

/// raft-rs, set as a scenario asks.
///
/// The option `snapshot_every` says how many applied entries make a snapshot, 0 for never. The option `progress` says whether it is observed what a leader believes of its peers: 1, or 0 for a run
/// that is about the rest. A leader of raft 0.7 that has fallen back to probing lets nextIndex sink to
/// matchIndex and below when a rejection comes late (its issue 555). That costs messages and no entry, but
/// it breaks figure 2 and is found in most runs that reorder messages.
#[derive(Clone, Copy, Debug)]
pub struct RaftRs {
    own_timeouts: bool,
    tells_progress: bool,
    snapshot_every: u64,
}

impl RaftRs {
    /// The crate as it comes, with the thread's randomness in it. No two runs of it are the same.
    #[must_use]
    pub fn with_own_timeouts(self) -> Self {
        Self { own_timeouts: true, ..self }
    }
}

impl System for RaftRs {
    type Replica = Server;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        if let Some(bug) = &choice.bug {
            return Err(Unsupported(format!("raft-rs has no bug `{bug}` to plant")));
        }
        let mut system = Self { own_timeouts: false, tells_progress: true, snapshot_every: SNAPSHOT_EVERY };
        for (name, value) in &choice.options {
            match (name.as_str(), value) {
                ("progress", 0..=1) => system.tells_progress = *value == 1,
                ("snapshot_every", 0) => system.snapshot_every = u64::MAX,
                ("snapshot_every", entries) => system.snapshot_every = *entries,
                ("progress", _) => {
                    return Err(Unsupported(format!("progress is {value}; it must be 0 or 1")));
                }
                _ => {
                    return Err(Unsupported(format!(
                        "raft-rs has no option `{name}`; it has progress and snapshot_every"
                    )));
                }
            }
        }
        Ok(system)
    }

    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Server>) -> Server {
        let tick = (boot.heartbeat / TICKS_PER_HEARTBEAT).max(1);
        let config = config(&boot, tick);
        let logger = slog::Logger::root(slog::Discard, slog::o!());
        let node = RawNode::new(&config, Store::recovered(&boot), &logger)
            .expect("the settings are valid and the store gives what it is asked for");
        let timeouts = (config.min_election_tick, config.max_election_tick - 1);
        let timeouts = (!self.own_timeouts).then_some(timeouts);
        let Self { tells_progress, snapshot_every, .. } = *self;
        let mut server =
            Server { node, tick, ticks: 0, timeouts, luck: boot.luck, tells_progress, snapshot_every };
        if boot.snapshot.last_index > 0 {
            effects.restore(boot.snapshot);
        }
        effects.set_interval_timer(between(mix(boot.luck, PHASE), 1, tick));
        server.carry_out(effects);
        server
    }
}

/// The address of the first tick among a node's draws; terms do not come this far.
const PHASE: u64 = u64::MAX;

/// The crate's settings. A timeout of n ticks runs out between n - 1 and n ticks after it was set.
fn config(boot: &Boot<'_>, tick: Nanos) -> Config {
    let heartbeat_tick = TICKS_PER_HEARTBEAT as usize;
    let (shortest, longest) = boot.election_timeout;
    let election_tick = ((shortest / tick) as usize + 1).max(heartbeat_tick + 1);
    Config {
        id: theirs(boot.node),
        election_tick,
        heartbeat_tick,
        min_election_tick: election_tick,
        max_election_tick: ((longest / tick) as usize + 1).max(election_tick + 1),
        max_size_per_msg: BYTES_PER_APPEND,
        applied: boot.snapshot.last_index,
        ..Config::default()
    }
}

/// One raft-rs node with its store.
pub struct Server {
    node: RawNode<Store>,
    tick: Nanos,
    /// How many ticks there were.
    ticks: u64,
    /// The shortest and the longest election timeout in ticks; `None` when the crate draws its own.
    timeouts: Option<(usize, usize)>,
    luck: u64,
    tells_progress: bool,
    snapshot_every: u64,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("id", &self.node.raft.id).finish_non_exhaustive()
    }
}

impl Replica for Server {
    type Message = Message;

    fn handle(&mut self, event: Event<'_, Message>, effects: &mut Effects<'_, Self>) {
        match event {
            Event::Timer(Timer::Interval) => {
                effects.set_interval_timer(self.tick);
                self.tick();
            }
            Event::Timer(Timer::Election) => {
                self.node.campaign().expect("a node may stand for election at any time");
            }
            Event::Message { message, .. } => {
                self.node.step(message.clone()).expect("it takes every message of its peers");
            }
            Event::Request { command, .. } => self.propose(command, effects),
            Event::Durable(_) => {}
            Event::DiskFailed => return effects.halt(),
        }
        self.carry_out(effects);
    }

    fn describe(message: &Message) -> Brief {
        let brief = Brief { kind: kind(message.msg_type), term: message.term, ..Brief::default() };
        match brief.kind {
            Kind::RequestVote | Kind::Other => brief,
            Kind::InstallSnapshot => {
                Brief { prev_log_index: message.get_snapshot().get_metadata().index, ..brief }
            }
            Kind::RequestVoteReply => Brief { granted: Some(!message.reject), ..brief },
            Kind::AppendEntries => Brief {
                commit_index: Some(message.commit),
                prev_log_index: message.index,
                entries: message.entries.len() as u32,
                ..brief
            },
            Kind::AppendEntriesReply if message.msg_type == MessageType::MsgHeartbeatResponse => brief,
            Kind::AppendEntriesReply if message.reject => {
                Brief { granted: Some(false), prev_log_index: message.index, ..brief }
            }
            Kind::AppendEntriesReply => {
                Brief { granted: Some(true), acknowledged: Some(message.index), ..brief }
            }
        }
    }
}

/// What the paper calls a message; the crate has a type of its own for heartbeats.
fn kind(message: MessageType) -> Kind {
    use MessageType as M;
    match message {
        M::MsgRequestVote => Kind::RequestVote,
        M::MsgRequestVoteResponse => Kind::RequestVoteReply,
        M::MsgAppend | M::MsgHeartbeat => Kind::AppendEntries,
        M::MsgAppendResponse | M::MsgHeartbeatResponse => Kind::AppendEntriesReply,
        M::MsgSnapshot => Kind::InstallSnapshot,
        M::MsgHup
        | M::MsgBeat
        | M::MsgPropose
        | M::MsgUnreachable
        | M::MsgSnapStatus
        | M::MsgCheckQuorum
        | M::MsgTransferLeader
        | M::MsgTimeoutNow
        | M::MsgReadIndex
        | M::MsgReadIndexResp
        | M::MsgRequestPreVote
        | M::MsgRequestPreVoteResponse => Kind::Other,
    }
}

impl Observe for Server {
    fn look(&self) -> Look {
        let raft = &self.node.raft;
        let role = match raft.state {
            StateRole::Follower => Role::Follower,
            StateRole::Candidate | StateRole::PreCandidate => Role::Candidate,
            StateRole::Leader => Role::Leader,
        };
        Look {
            role,
            term: raft.term,
            commit_index: raft.raft_log.committed,
            last_applied: raft.raft_log.applied,
            last_index: raft.raft_log.last_index(),
            changed_from: self.node.store().changed_from,
        }
    }

    fn entry(&self, index: Index) -> Entry {
        match self.node.store().entry(index) {
            Some(entry) => Entry { term: entry.term, command: command(entry) },
            None => panic!("asked for entry {index}, which is not in the log"),
        }
    }

    fn snapshot(&self) -> (Index, Term) {
        let snapshot = self.node.store().snapshot;
        (snapshot.last_index, snapshot.last_term)
    }

    fn seen(&mut self) {
        self.node.mut_store().changed_from = None;
    }

    fn progress(&self, peer: NodeId) -> Option<Progress> {
        let raft = &self.node.raft;
        let tells = self.tells_progress && raft.state == StateRole::Leader;
        let progress = raft.prs().get(theirs(peer)).filter(|_| tells)?;
        Some(Progress { match_index: progress.matched, next_index: progress.next_idx })
    }
}

impl Server {
    /// Time has gone on. Of a snapshot that a follower was sent some time ago nothing more is hoped for.
    fn tick(&mut self) {
        self.node.tick();
        self.ticks += 1;
        if self.ticks.is_multiple_of(PATIENCE) {
            let peers = self.node.raft.prs().iter();
            let waiting = peers.filter(|(_, progress)| progress.state == ProgressState::Snapshot);
            let waiting: Vec<u64> = waiting.map(|(&peer, _)| peer).collect();
            waiting.into_iter().for_each(|peer| self.node.report_snapshot(peer, SnapshotStatus::Failure));
        }
    }

    fn propose(&mut self, command: Command, effects: &mut Effects<'_, Self>) {
        let raft = &self.node.raft;
        if raft.state != StateRole::Leader {
            return effects.refuse(command, NotLeader { hint: ours(raft.leader_id) });
        }
        if self.node.propose(Vec::new(), data(command)).is_err() {
            effects.refuse(command, NotLeader { hint: None });
        }
    }

    /// Works off what the crate wants done after a call.
    fn carry_out(&mut self, effects: &mut Effects<'_, Self>) {
        while self.node.has_ready() {
            let mut ready = self.node.ready();
            send(&ready.take_messages(), effects);
            self.apply(&ready.take_committed_entries(), effects);
            self.persist(&mut ready, effects);
            send(&ready.take_persisted_messages(), effects);
            let mut rest = self.node.advance(ready);
            send(&rest.take_messages(), effects);
            self.apply(&rest.take_committed_entries(), effects);
            self.node.advance_apply();
        }
        self.compact(effects);
        self.draw_timeout();
    }

    /// Puts a snapshot in the place of what is applied, if that is enough.
    fn compact(&mut self, effects: &mut Effects<'_, Self>) {
        let last_index = self.node.raft.raft_log.applied;
        if last_index - self.node.store().snapshot.last_index < self.snapshot_every {
            return;
        }
        let last_term = self.node.store().entry(last_index).map_or(0, |entry| entry.term);
        let snapshot = Snapshot { last_index, last_term, state: effects.capture() };
        effects.write_snapshot(None, snapshot, None);
        self.node.mut_store().compact(snapshot);
    }

    fn persist(&mut self, ready: &mut Ready, effects: &mut Effects<'_, Self>) {
        if !ready.must_sync() {
            return;
        }
        let hard_state = ready.hs().map(|state| HardState { term: state.term, vote: ours(state.vote) });
        let entries = ready.take_entries();
        let written: Vec<Entry> =
            entries.iter().map(|entry| Entry { term: entry.term, command: command(entry) }).collect();
        match received(ready.snapshot()) {
            Some(snapshot) => {
                // The log does not have the last entry that the snapshot stands for, or it would not be installed.
                effects.write_snapshot(hard_state, snapshot, Some((snapshot.last_index + 1, &written)));
                effects.sync();
                effects.restore(snapshot);
                self.node.mut_store().install(snapshot);
            }
            None => {
                effects.write(hard_state, entries.first().map(|first| (first.index, written.as_slice())));
                effects.sync();
            }
        }
        self.node.mut_store().append(entries);
    }

    /// Applies what is committed. Entries of the term that a node leads are those that it proposed itself.
    fn apply(&self, entries: &[TheirEntry], effects: &mut Effects<'_, Self>) {
        let raft = &self.node.raft;
        for entry in entries {
            let command = command(entry);
            effects.apply(entry.index, command);
            let mine = raft.state == StateRole::Leader && entry.term == raft.term;
            if let Some(command) = command.filter(|_| mine) {
                effects.reply(command, entry.index);
            }
        }
    }

    fn draw_timeout(&mut self) {
        let Some((shortest, longest)) = self.timeouts else { return };
        let raft = &mut self.node.raft;
        let draw = mix(self.luck, raft.term << 2 | raft.state as u64);
        raft.set_randomized_election_timeout(between(draw, shortest as u64, longest as u64) as usize);
    }
}

fn send(messages: &[Message], effects: &mut Effects<'_, Server>) {
    for message in messages {
        effects.send(ours(message.to).expect("a message goes to somebody"), message);
    }
}

/// A command as the bytes of an entry.
fn data(command: Command) -> Vec<u8> {
    command.word().to_le_bytes().to_vec()
}

/// The command of an entry; `None` for the empty one that a new leader writes.
fn command(entry: &TheirEntry) -> Option<Command> {
    let bytes = entry.data.as_ref().try_into().ok()?;
    Command::from_word(u64::from_le_bytes(bytes))
}

/// The crate counts nodes from 1; 0 is nobody.
fn theirs(node: NodeId) -> u64 {
    u64::from(node.0) + 1
}

fn ours(node: u64) -> Option<NodeId> {
    node.checked_sub(1).map(|slot| NodeId(slot as u8))
}
