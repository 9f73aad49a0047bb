//! Everything around the replicas: time, queue, network, processes, clients, and those who watch.
//!
//! Replicas reach it only through their effects. It knows no system; of a message it knows what a brief
//! tells.

use crate::chance::{Keys, Purpose};
use crate::clients::{Clients, Request, Says};
use crate::clock::Clock;
use crate::digest::Digest;
use crate::disk::Condition;
use crate::distribution::Distribution;
use crate::event::Scheduled;
use crate::family::Family;
use crate::flight::{Envelope, MOST_SENT, Sent};
use crate::gauges::Gauges;
use crate::intercept::Interceptor;
use crate::network::Network;
use crate::plan::{CrashLeaves, Plan, Timing};
use crate::predicate::Aspects;
use crate::process::{Effect, Process};
use crate::queue::EventQueue;
use crate::slab::Slab;
use crate::states::{Outcome, States};
use crate::story::Story;
use crate::trace::{Detail, Trace, What};
use crate::words::{HardState, Snapshot, StateName, Timer};
use std::iter;
use whitewater_check::checks::Checks;
use whitewater_check::markers::Marker;
use whitewater_check::observe::Look;
use whitewater_check::types::{At, Command, Entry, Index, Nanos, NodeId, Term};

/// An answer on its way to a client.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer {
    /// To what.
    pub command: Command,
    /// Who answers.
    pub from: NodeId,
    /// What it says.
    pub says: Says,
}

/// What a run counts besides markers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Events taken from the queue.
    pub events: u64,
    /// Acts done to the cluster.
    pub acts: u32,
    /// Those of them that do harm.
    pub faults: u32,
    /// The same by kind.
    pub families: [u32; Family::COUNT],
    /// Client commands applied somewhere.
    pub commits: u64,
    /// The highest index that was applied anywhere.
    pub applied: Index,
    /// When the first leader was elected.
    pub first_leader: Option<Nanos>,
}

/// Everything around the replicas.
pub(crate) struct Environment {
    pub now: Nanos,
    pub steps: u32,
    pub queue: EventQueue,
    pub network: Network,
    pub interceptor: Interceptor,
    pub processes: Vec<Process>,
    pub states: States,
    /// The last look at each replica, by node; what had changed in its log is left out.
    pub looks: Vec<Look>,
    pub messages: Slab<Envelope, MOST_SENT>,
    pub requests: Slab<Option<Request>>,
    pub answers: Slab<Option<Answer>>,
    pub clients: Clients,
    pub keys: Keys,
    pub timing: Timing,
    pub sync_latency: Distribution,
    pub crash_leaves: CrashLeaves,
    pub checks: Checks,
    /// Whether the checks are on.
    pub checked: bool,
    pub trace: Trace,
    pub digest: Digest,
    pub tally: Tally,
    pub gauges: Gauges,
    /// How many entries logs and slots of messages hold.
    pub entries: u64,
    /// What happens, as acts, when somebody has asked for it.
    pub story: Option<Box<Story>>,
    /// What has changed since the cluster was last watched, of what a predicate can see.
    pub news: Aspects,
}

impl Environment {
    pub(crate) fn new() -> Self {
        Self {
            now: 0,
            steps: 0,
            queue: EventQueue::default(),
            network: Network::default(),
            interceptor: Interceptor::default(),
            processes: Vec::new(),
            states: States::default(),
            looks: Vec::new(),
            messages: Slab::default(),
            requests: Slab::default(),
            answers: Slab::default(),
            clients: Clients::default(),
            keys: Keys::new(0),
            timing: Timing { election_timeout_min: 0, election_timeout_max: 0, heartbeat: 0 },
            sync_latency: Distribution::constant(0),
            crash_leaves: CrashLeaves::Some,
            checks: Checks::new(),
            checked: true,
            trace: Trace::default(),
            digest: Digest::default(),
            tally: Tally::default(),
            gauges: Gauges::default(),
            entries: 0,
            story: None,
            news: Aspects::ALL,
        }
    }

    /// The environment of another run, in the memory of this one.
    pub(crate) fn reset(&mut self, plan: &Plan) {
        let nodes = usize::from(plan.nodes);
        self.keys = Keys::new(plan.seed);
        (self.now, self.steps) = (0, 0);
        self.queue.reset();
        self.network.reset(nodes, &plan.network, &self.keys);
        self.interceptor.reset();
        self.processes.truncate(nodes);
        for node in 0..nodes {
            let id = NodeId(node as u8);
            match self.processes.get_mut(node) {
                Some(process) => process.reset(id, &self.keys),
                None => self.processes.push(Process::new(id, &self.keys)),
            }
            let clock = self.keys.key(Purpose::Clock, u64::from(id.0));
            self.processes[node].clock = Clock::new(&plan.clock, clock);
        }
        self.states.reset(nodes);
        self.looks.clear();
        self.looks.resize(nodes, Look::default());
        self.messages.reset();
        self.messages.iter_mut().for_each(|envelope| envelope.brief.entries = 0);
        self.requests.reset();
        self.answers.reset();
        self.clients.reset(&plan.clients, plan.nodes, &self.keys);
        self.timing = plan.timing;
        self.sync_latency = plan.disk.sync.clone();
        self.crash_leaves = plan.disk.crash_leaves;
        self.checks.reset(u32::from(plan.nodes));
        self.digest = Digest::default();
        self.tally = Tally::default();
        (self.entries, self.news) = (0, Aspects::ALL);
        self.gauges.reset(plan.timing.election_timeout_min);
    }

    /// Here and now, in the step that `node` is in.
    pub(crate) fn at(&self, node: NodeId) -> At {
        At { time: self.now, step: self.processes[node.slot()].step, node }
    }

    /// Schedules an event `delay` nanoseconds from now.
    #[inline(always)]
    pub(crate) fn schedule(&mut self, delay: Nanos, event: Scheduled) {
        self.queue.push(self.now.saturating_add(delay), event.word());
    }

    /// What a message, a sync and the answer take on the slowest link, each its mean.
    pub(crate) fn mean_round_trip(&self) -> Nanos {
        let latency = self.network.plans().map(|plan| mean(&plan.latency)).max().unwrap_or(0);
        latency.saturating_mul(2).saturating_add(mean(&self.sync_latency))
    }

    /// Notes something in the trace.
    #[inline(always)]
    pub(crate) fn note(&mut self, node: NodeId, what: What, detail: Detail) {
        self.trace.note(self.at(node), what, detail);
    }

    /// Notes something that happened to the cluster and not to a node.
    pub(crate) fn note_cluster(&mut self, what: What, a: u64, b: u64) {
        let at = At { time: self.now, step: self.steps, node: NodeId(0) };
        self.trace.note(at, what, Detail { a, b, ..Detail::default() });
    }

    /// Counts a marker.
    pub(crate) fn mark(&mut self, marker: Marker) {
        self.checks.markers_mut().add(marker);
    }

    /// Carries out an effect of `node` that has waited. What was sent by it, if that has left.
    pub(crate) fn carry_out(&mut self, node: NodeId, effect: Effect) -> Option<Sent> {
        match effect {
            Effect::Write(write) => {
                let (hard_state, suffix) = *write;
                let suffix = suffix.as_ref().map(|(from, entries)| (*from, entries.as_slice()));
                self.write(node, hard_state, suffix);
            }
            Effect::Capture(name) => self.capture(node, name),
            Effect::WriteSnapshot(write) => {
                let (snapshot, (hard_state, suffix)) = *write;
                let suffix = suffix.as_ref().map(|(from, entries)| (*from, entries.as_slice()));
                self.write_snapshot(node, hard_state, snapshot, suffix);
            }
            Effect::Restore(snapshot) => self.restore(node, snapshot),
            Effect::Sync => self.sync(node, None),
            Effect::SyncAsync(token) => self.sync(node, Some(token)),
            Effect::Send(slot) => {
                let Envelope { brief, from, to, .. } = self.messages[slot];
                return self.send(from, to, &brief, Some(slot));
            }
            Effect::ElectionTimer => self.want_election_timer(node),
            Effect::IntervalTimer(delay) => self.set_timer(node, Timer::Interval, delay),
            Effect::Cancel(timer) => self.cancel_timer(node, timer),
            Effect::Apply(index, command) => self.apply(node, iter::once((index, command))),
            Effect::ApplyAlways(index, command) => self.apply_always(node, index, command),
            Effect::Answer(command) => self.answer(node, command),
            Effect::Halt => self.halt(node),
            Effect::Reply(command, index) => self.reply(node, command, index),
            Effect::Refuse(command, reason) => self.refuse(node, command, reason.hint),
        }
        None
    }

    pub(crate) fn write(
        &mut self,
        node: NodeId,
        hard_state: Option<HardState>,
        suffix: Option<(Index, &[Entry])>,
    ) {
        let process = &mut self.processes[node.slot()];
        if process.disk.condition != Condition::Works {
            return self.fail(node);
        }
        process.disk.write(hard_state, suffix);
        let (term, from, count) = self.absorb_record(node, hard_state, suffix);
        self.note(node, What::Wrote, Detail { term, a: from, b: count, ..Detail::default() });
    }

    /// Takes a record into the digest. Its term, and from where on it replaces how much of the log.
    #[inline]
    fn absorb_record(
        &mut self,
        node: NodeId,
        hard_state: Option<HardState>,
        suffix: Option<(Index, &[Entry])>,
    ) -> (Term, Index, u64) {
        let (from, count) = suffix.map_or((0, 0), |(from, entries)| (from, entries.len() as u64));
        let term = hard_state.map_or(0, |state| state.term);
        let vote = hard_state.and_then(|state| state.vote).map_or(0, |vote| u64::from(vote.0) + 1);
        self.digest.absorb(from << 16 | vote << 8 | u64::from(node.0), term << 24 | count);
        (term, from, count)
    }

    pub(crate) fn capture(&mut self, node: NodeId, name: StateName) {
        self.states.capture(node, name);
        self.mark(Marker::SnapshotTaken);
    }

    pub(crate) fn write_snapshot(
        &mut self,
        node: NodeId,
        hard_state: Option<HardState>,
        snapshot: Snapshot,
        suffix: Option<(Index, &[Entry])>,
    ) {
        let process = &mut self.processes[node.slot()];
        if process.disk.condition != Condition::Works {
            return self.fail(node);
        }
        process.disk.write_snapshot(hard_state, snapshot, suffix);
        let Snapshot { last_index, last_term, state: name } = snapshot;
        let (at, state) = (self.at(node), self.states.state_named(name));
        if self.checked {
            self.checks.wrote_snapshot(at, last_index, state);
        }
        self.absorb_record(node, hard_state, suffix);
        self.digest.absorb(last_index << 8 | u64::from(node.0), last_term << 32 ^ name.0);
        let detail = Detail { term: last_term, a: last_index, b: state.applied, ..Detail::default() };
        self.note(node, What::WroteSnapshot, detail);
    }

    pub(crate) fn restore(&mut self, node: NodeId, snapshot: Snapshot) {
        let at = self.at(node);
        let state = self.states.restore(node, snapshot.state);
        if !self.processes[node.slot()].starting {
            self.mark(Marker::SnapshotInstalled);
        }
        if self.checked {
            self.checks.restored(at, snapshot.last_index, state);
        }
        self.news |= Aspects::NUMBERS;
        self.digest.absorb(snapshot.last_index << 8 | u64::from(node.0), state.hash);
        let (a, b) = (snapshot.last_index, state.applied);
        self.note(node, What::Restored, Detail { a, b, ..Detail::default() });
    }

    pub(crate) fn sync(&mut self, node: NodeId, token: Option<u64>) {
        let process = &mut self.processes[node.slot()];
        if process.disk.condition == Condition::Failing {
            return self.fail(node);
        }
        let key = process.disk_key;
        let done = process.disk.sync(self.now, token, process.step, &self.sync_latency, key);
        process.blocked = token.is_none();
        let life = process.life;
        self.queue.push(done, Scheduled::Synced(node, life).word());
        if token.is_none() {
            self.note(node, What::Syncing, Detail::default());
        }
    }

    /// A write or a sync of `node` fails: the rest of its list does not happen.
    pub(crate) fn fail(&mut self, node: NodeId) {
        self.processes[node.slot()].failed = true;
    }

    /// The process of `node` stops when its step is over, which is now.
    pub(crate) fn halt(&mut self, node: NodeId) {
        self.processes[node.slot()].halts = true;
        self.note(node, What::Halted, Detail::default());
    }

    /// Makes the oldest `records` written records of `node` durable.
    pub(crate) fn land(&mut self, node: NodeId, records: usize) {
        let at = self.at(node);
        let disk = &mut self.processes[node.slot()].disk;
        for _ in 0..records {
            let record = disk.land();
            if self.checked {
                let hard_state = record.hard_state.map(|state| (state.term, state.vote));
                let suffix = disk.replaced_by(&record);
                self.checks.durable(at, hard_state, suffix.filter(|_| !record.snapshot));
                if record.snapshot {
                    let Snapshot { last_index, last_term, .. } = disk.snapshot();
                    self.checks.durable_snapshot(at, (last_index, last_term), suffix, disk.log());
                }
            }
        }
    }

    /// Sets a timer of `node` to run out after `delay` nanoseconds.
    pub(crate) fn set_timer(&mut self, node: NodeId, timer: Timer, delay: Nanos) {
        let process = &mut self.processes[node.slot()];
        let deadline = self.now.saturating_add(process.clock.takes(delay));
        if process.timers[timer as usize].set(deadline, process.step) {
            self.queue.push(deadline, Scheduled::Timer(node, timer).word());
        }
    }

    /// The election timer of `node` is to be set when its step is over.
    pub(crate) fn want_election_timer(&mut self, node: NodeId) {
        self.processes[node.slot()].wants_election_timer = true;
    }

    pub(crate) fn cancel_timer(&mut self, node: NodeId, timer: Timer) {
        let process = &mut self.processes[node.slot()];
        process.timers[timer as usize].cancel();
        if timer == Timer::Election {
            process.wants_election_timer = false;
        }
    }

    /// A node applies these commands, each at its index. Most are such that others have applied before it.
    pub(crate) fn apply(&mut self, node: NodeId, commands: impl Iterator<Item = (Index, Option<Command>)>) {
        let at = self.at(node);
        let Self { states, checks, digest, trace, news, .. } = self;
        let mut commands = commands.peekable();
        let followed = states.follow(node, &mut commands, checks, |index, command, hash| {
            digest.absorb(index << 8 | u64::from(node.0), hash);
            trace.note(at, What::Applied, command_detail(command, index));
        });
        if let Some(indexes) = followed {
            *news |= Aspects::NUMBERS;
            checks.applied_again(at, indexes);
        }
        for (index, command) in commands {
            let outcome = self.states.apply(node, index, command, &self.checks);
            self.applied(node, index, command, outcome);
        }
    }

    pub(crate) fn apply_always(&mut self, node: NodeId, index: Index, command: Command) {
        let Some(operation) = self.checks.operation(command) else {
            return self.apply(node, iter::once((index, Some(command))));
        };
        let outcome = self.states.apply_always(node, index, (command, operation), &self.checks);
        self.applied(node, index, Some(command), outcome);
    }

    #[inline(always)]
    fn applied(&mut self, node: NodeId, index: Index, command: Option<Command>, outcome: Outcome) {
        let at = self.at(node);
        let Outcome { result, hash } = outcome;
        self.news |= Aspects::NUMBERS;
        if index > self.tally.applied {
            self.tally.applied = index;
            self.tally.commits += u64::from(command.is_some());
            if self.network.partitioned() {
                self.mark(Marker::CommitInPartition);
            }
        }
        if self.checked {
            self.checks.applied(at, index, command, result, hash);
        }
        self.digest.absorb(index << 8 | u64::from(node.0), hash);
        self.trace.note(at, What::Applied, command_detail(command, index));
    }
}

/// The mean of a distribution, from a thousand evenly spaced draws.
fn mean(distribution: &Distribution) -> Nanos {
    let draws = (0..1024_u32).map(|n| (n << 22) + (1 << 21));
    draws.map(|bits| distribution.sample(bits) / 1024).fold(0, Nanos::saturating_add)
}

/// What a trace says of a command: its client and serial, and in `term` the index where it stands.
pub(crate) fn command_detail(command: Option<Command>, index: Index) -> Detail {
    let (a, b) = command.map_or((0, 0), |command| (u64::from(command.client()) + 1, command.serial()));
    Detail { term: index, a, b, ..Detail::default() }
}
