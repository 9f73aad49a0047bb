//! What stands between the node and the world: each effect of the node becomes one of the world's.
//!
//! The honest driver only changes the words. The others do one thing wrong each, in the one place where
//! it can be done wrong; see [`Driver`]. It must not know what the node is about, nor that a rule could be wrong.

use crate::whitewater::Server;
use crate::whitewater::driver::{Driver, Notes};
use crate::whitewater::wire;
use whitewater_check::types::{Command, Entry, Index, Nanos, NodeId};
use whitewater_raft::effects::{Effects as Sink, Reason, Record, Suffix, Timer as NodeTimer};
use whitewater_raft::message::{Body, Message, Verdict};
use whitewater_raft::types as raft;
use whitewater_sim::effects::Effects;
use whitewater_sim::words::{HardState, Snapshot, StateName, Timer};

/// How many heartbeats make up an election timeout that is the same for all.
const SAME_TIMEOUT: Nanos = 4;

/// How many times slower than they should be slow heartbeats are.
const SLOWNESS: Nanos = 8;

/// What the driver has at hand between the node and the world: room for the entries that it is passing
/// on, and how honest it is.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) driver: Driver,
    pub(super) heartbeat: Nanos,
    pub(super) notes: Notes,
    entries: Vec<Entry>,
    /// A hard state that a dishonest driver has yet to write.
    late: Option<HardState>,
    /// Whether it has yet to sync what it has written.
    unsynced: bool,
}

impl Desk {
    pub(super) fn new(driver: Driver, heartbeat: Nanos) -> Self {
        Self { driver, heartbeat, notes: Notes::default(), entries: Vec::new(), late: None, unsynced: false }
    }

    /// The process has found this log on its disk.
    pub(super) fn recovered(&mut self, covered: Index, log: &[Entry], effects: &mut Effects<'_, Server>) {
        let last = covered + log.len() as Index;
        self.notes.last_written = last;
        if self.driver == Driver::ResurrectsTruncated {
            self.notes.stored.resize(covered as usize, Entry { term: 0, command: None });
            self.notes.stored.extend_from_slice(log);
        }
        if matches!(self.driver, Driver::SkipsReplay | Driver::AppliesLogAtStart) {
            self.notes.applied = last;
        }
        if self.driver == Driver::AppliesLogAtStart {
            (covered + 1..).zip(log).for_each(|(index, entry)| effects.apply(index, entry.command));
        }
    }

    /// A node has answered an AppendEntries of the present term. Honest drivers do not care.
    pub(super) fn answered(&mut self, from: raft::NodeId, effects: &Effects<'_, Server>) {
        if matches!(self.driver, Driver::TrustsItsLease | Driver::GivesUpOnFollowers) {
            self.notes.answered(from, effects.clock());
        }
    }

    /// The step is over; a driver that had put a write off catches up on it.
    #[inline]
    pub(super) fn close(&mut self, effects: &mut Effects<'_, Server>) {
        if self.late.is_some() || self.unsynced {
            self.catch_up(effects);
        }
    }

    fn catch_up(&mut self, effects: &mut Effects<'_, Server>) {
        if let Some(hard_state) = self.late.take() {
            effects.write(Some(hard_state), None);
            effects.sync();
        }
        if std::mem::take(&mut self.unsynced) {
            effects.sync();
        }
    }

    /// Whether the state machine is told of every entry once, and in no other way than it should be.
    fn applies_what_it_is_told(&self) -> bool {
        let retries = matches!(
            self.driver,
            Driver::AppliesRetriesTwice | Driver::ForgetsSessions | Driver::SnapshotsWithoutSessions
        );
        !retries && self.notes.applied == 0
    }

    /// The message as this driver, which is not honest, lets it go, if it does.
    fn lets_go<'m>(
        &mut self,
        to: raft::NodeId,
        mut message: Message<'m, Command>,
        effects: &mut Effects<'_, Server>,
    ) -> Option<Message<'m, Command>> {
        match &mut message.body {
            Body::AppendEntriesReply(Verdict::Accepted { match_index })
                if self.driver == Driver::AcknowledgesLogEnd =>
            {
                *match_index = self.notes.last_written.max(*match_index);
            }
            Body::AppendEntries { .. } if self.driver == Driver::GivesUpOnFollowers => {
                return self.notes.hopes_for(to).then_some(message);
            }
            Body::InstallSnapshot(snapshot) if self.driver == Driver::SendsNewerState => {
                snapshot.state = effects.capture().0;
            }
            Body::AppendEntries { .. }
            | Body::AppendEntriesReply(_)
            | Body::InstallSnapshot(_)
            | Body::RequestVote { .. }
            | Body::RequestVoteReply { .. } => {}
        }
        Some(message)
    }
}

/// A snapshot in the words of the world.
fn snapshot_of(&raft::Snapshot { last_index, last_term, state }: &raft::Snapshot) -> Snapshot {
    Snapshot { last_index, last_term, state: StateName(state) }
}

/// The node's sink: the desk and the world.
pub(super) struct Out<'a, 'w> {
    pub(super) desk: &'a mut Desk,
    pub(super) effects: &'a mut Effects<'w, Server>,
}

impl Sink<Command> for Out<'_, '_> {
    fn write(&mut self, record: Record<'_, Command>) {
        let Desk { driver, notes, entries, late, unsynced, .. } = &mut *self.desk;
        let hard_state = record.hard_state.map(|state| HardState {
            term: state.current_term,
            vote: state.voted_for.map(|node| NodeId(node.0)).filter(|_| *driver != Driver::NeverStoresVote),
        });
        let suffix = record.suffix.map(|Suffix { from, entries: suffix }| {
            let seen = |entry: &raft::Entry<Command>| Entry { term: entry.term, command: entry.command };
            entries.clear();
            entries.extend(suffix.iter().map(seen));
            notes.last_written = from - 1 + entries.len() as Index;
            if *driver == Driver::ResurrectsTruncated {
                notes.keep_tail(from, entries);
            }
            (from, &entries[..])
        });
        match (record.snapshot, suffix) {
            (Some(snapshot), suffix) => {
                let snapshot = snapshot_of(&snapshot);
                *unsynced |= *driver == Driver::SnapshotsBeforeSync;
                let before = notes.snapshot.replace(snapshot.state);
                if let Some(state) = before.filter(|_| *driver == Driver::CompactsBeforeSnapshot) {
                    self.effects.write_snapshot(None, Snapshot { state, ..snapshot }, None);
                }
                self.effects.write_snapshot(hard_state, snapshot, suffix);
            }
            (None, None) if *driver == Driver::VotesBeforeSync => *late = hard_state,
            (None, suffix) => self.effects.write(hard_state, suffix),
        }
    }

    fn sync(&mut self) {
        if self.desk.driver == Driver::EntriesBeforeSync {
            self.desk.unsynced = true;
        } else if self.desk.late.is_none() && !self.desk.unsynced {
            self.effects.sync();
        }
    }

    fn sync_async(&mut self, up_to: Index) {
        self.effects.sync_async(up_to);
    }

    fn send(&mut self, to: raft::NodeId, message: Message<'_, Command>) {
        if self.desk.driver == Driver::Honest {
            self.effects.send_with(NodeId(to.0), &wire::brief(&message), |wire| wire.write(&message));
        } else if let Some(message) = self.desk.lets_go(to, message, self.effects) {
            let restamps = self.desk.driver == Driver::RestampsEntries;
            self.effects.send_with(NodeId(to.0), &wire::brief(&message), |wire| {
                wire.write(&message);
                if restamps {
                    wire.restamp();
                }
            });
        }
    }

    fn set_timer(&mut self, timer: NodeTimer, reason: Reason) {
        let Desk { driver, heartbeat, .. } = *self.desk;
        match timer {
            NodeTimer::Election if driver == Driver::SameTimeout => {
                self.effects.set_interval_timer(SAME_TIMEOUT * heartbeat);
            }
            NodeTimer::Election if driver == Driver::CandidateWaits && reason == Reason::Campaigning => {
                self.effects.cancel_timer(Timer::Election);
            }
            NodeTimer::Election => self.effects.set_election_timer(),
            NodeTimer::Heartbeat if driver == Driver::SlowHeartbeats => {
                self.effects.set_interval_timer(SLOWNESS * heartbeat);
            }
            NodeTimer::Heartbeat => self.effects.set_interval_timer(heartbeat),
        }
    }

    fn cancel_timer(&mut self, timer: NodeTimer) {
        match timer {
            // Who has one timer for both cancels it for both; whichever is wanted is set right after.
            NodeTimer::Election if self.desk.driver == Driver::SameTimeout => {
                self.effects.cancel_timer(Timer::Interval);
            }
            NodeTimer::Election => {
                self.desk.notes.leads();
                self.effects.cancel_timer(Timer::Election);
            }
            NodeTimer::Heartbeat => self.effects.cancel_timer(Timer::Interval),
        }
    }

    fn apply(&mut self, first: Index, entries: &[raft::Entry<Command>]) {
        if self.desk.applies_what_it_is_told() {
            return self.effects.apply_all(first, entries.iter().map(|entry| entry.command));
        }
        let Desk { driver, notes, .. } = self.desk;
        let by_term = *driver == Driver::ForgetsSessions;
        let remembers = by_term || *driver == Driver::SnapshotsWithoutSessions;
        for (index, entry) in (first..).zip(entries) {
            let term = if by_term { entry.term } else { 0 };
            match entry.command {
                _ if index <= notes.applied => {}
                Some(command) if *driver == Driver::AppliesRetriesTwice => {
                    self.effects.apply_always(index, command);
                }
                Some(command) if remembers && !notes.applies_again(term, command) => {
                    self.effects.apply_always(index, command);
                }
                command => self.effects.apply(index, command),
            }
        }
    }

    fn snapshot(&mut self) -> u64 {
        self.effects.capture().0
    }

    fn restore(&mut self, snapshot: &raft::Snapshot) {
        let Desk { driver, notes, .. } = &mut *self.desk;
        let snapshot = snapshot_of(snapshot);
        notes.snapshot = Some(snapshot.state);
        notes.forget_sessions();
        if notes.started || *driver != Driver::RestoresNothingAtStart {
            self.effects.restore(snapshot);
        }
    }

    fn reply(&mut self, index: Index, command: &Command) {
        self.effects.reply(*command, index);
    }
}
