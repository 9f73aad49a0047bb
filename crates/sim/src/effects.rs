//! The effects of a step: what a replica may do to the world.
//!
//! Effects are carried out as they are named, until a `sync` blocks the process; from there on they wait
//! in its list. Each method says what holds about it; the order in which a replica calls them is the order
//! in which a server would do these things, and the world takes it at its word.

use crate::cargo::Cargo;
use crate::environment::Environment;
use crate::flight::Sent;
use crate::process::Effect;
use crate::replica::Replica;
use crate::run::MOST_ENTRIES;
use crate::words::{HardState, NotLeader, Snapshot, StateName, Timer};
use std::{fmt, iter};
use whitewater_check::observe::Brief;
use whitewater_check::types::{Command, Entry, Index, Nanos, NodeId};

/// How many effects of one step may wait for a sync: as many as all logs may have entries.
const MOST_WAITING: usize = MOST_ENTRIES as usize;

/// Where a replica's effects go.
pub struct Effects<'w, R: Replica> {
    environment: &'w mut Environment,
    cargo: &'w mut Cargo<R::Message>,
    node: NodeId,
}

impl<R: Replica> fmt::Debug for Effects<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Effects").field("node", &self.node).finish_non_exhaustive()
    }
}

impl<'w, R: Replica> Effects<'w, R> {
    pub(crate) fn new(
        environment: &'w mut Environment,
        cargo: &'w mut Cargo<R::Message>,
        node: NodeId,
    ) -> Self {
        Self { environment, cargo, node }
    }

    /// Writes one atomic record: the hard state, or the log from an index on replaced by these entries, or
    /// both. It is not durable before a sync that follows it.
    ///
    /// # Panics
    ///
    /// When the entries would leave a gap in the log.
    pub fn write(&mut self, hard_state: Option<HardState>, suffix: Option<(Index, &[Entry])>) {
        match self.turn() {
            Turn::Now => self.environment.write(self.node, hard_state, suffix),
            Turn::Later => {
                let suffix = suffix.map(|(from, entries)| (from, entries.to_vec()));
                self.wait(Effect::Write(Box::new((hard_state, suffix))));
            }
            Turn::Never => {}
        }
    }

    /// Captures the state of the state machine as it is now. It is restored by its name, here or on any other node.
    pub fn capture(&mut self) -> StateName {
        let name = self.environment.states.name();
        match self.turn() {
            Turn::Now => self.environment.capture(self.node, name),
            Turn::Later => self.wait(Effect::Capture(name)),
            Turn::Never => {}
        }
        name
    }

    /// Writes one atomic record, as [`Effects::write`] does, that puts a snapshot in the place of the log up to its last
    /// index, and of the snapshot before it. The entries that the log has after that index stay, whatever they are,
    /// unless the record has a suffix that says otherwise; of a log that does not reach so far, or begins after it,
    /// nothing stays.
    ///
    /// Who writes an older snapshot than the one that it has loses what lies between them.
    ///
    /// # Panics
    ///
    /// When the entries would leave a gap in the log, or no state was ever captured under the name.
    pub fn write_snapshot(
        &mut self,
        hard_state: Option<HardState>,
        snapshot: Snapshot,
        suffix: Option<(Index, &[Entry])>,
    ) {
        match self.turn() {
            Turn::Now => self.environment.write_snapshot(self.node, hard_state, snapshot, suffix),
            Turn::Later => {
                let suffix = suffix.map(|(from, entries)| (from, entries.to_vec()));
                self.wait(Effect::WriteSnapshot(Box::new((snapshot, (hard_state, suffix)))));
            }
            Turn::Never => {}
        }
    }

    /// Puts the state machine into the state of a snapshot. What is applied next stands after its last index.
    ///
    /// # Panics
    ///
    /// When no state was ever captured under the name.
    pub fn restore(&mut self, snapshot: Snapshot) {
        match self.turn() {
            Turn::Now => self.environment.restore(self.node, snapshot),
            Turn::Later => self.wait(Effect::Restore(snapshot)),
            Turn::Never => {}
        }
    }

    /// Makes everything written so far durable, and waits for it: the effects that follow happen then, and
    /// events that arrive meanwhile wait in the inbox.
    pub fn sync(&mut self) {
        match self.turn() {
            Turn::Now => self.environment.sync(self.node, None),
            Turn::Later => self.wait(Effect::Sync),
            Turn::Never => {}
        }
    }

    /// Makes everything written so far durable without waiting. It comes back as `Event::Durable(token)`,
    /// in the order of the calls.
    pub fn sync_async(&mut self, token: u64) {
        match self.turn() {
            Turn::Now => self.environment.sync(self.node, Some(token)),
            Turn::Later => self.wait(Effect::SyncAsync(token)),
            Turn::Never => {}
        }
    }

    /// Sends a message. It may be lost, doubled, late or overtaken.
    ///
    /// # Panics
    ///
    /// When there is no such node, or it is the sender itself.
    pub fn send(&mut self, to: NodeId, message: &R::Message) {
        self.send_with(to, &R::describe(message), |room| room.clone_from(message));
    }

    /// Sends a message that is written to where it travels and need not be copied there: `write` gets one that
    /// has arrived long ago, or the default, and replaces it. It is not called for a message that is lost.
    /// `brief` is what `Replica::describe` says of the message.
    ///
    /// # Panics
    ///
    /// As [`Effects::send`] does.
    pub fn send_with(&mut self, to: NodeId, brief: &Brief, write: impl FnOnce(&mut R::Message)) {
        let nodes = self.environment.processes.len();
        assert!(to.slot() < nodes && to != self.node, "{} sends to {to}: not one of its peers", self.node);
        match self.turn() {
            Turn::Now => {
                if let Some(sent) = self.environment.send(self.node, to, brief, None) {
                    self.cargo.load(sent, write);
                }
            }
            Turn::Later => {
                let slot = self.environment.envelope(self.node, to, brief);
                self.cargo.load(Sent { slot, copy: None }, write);
                self.wait(Effect::Send(slot));
            }
            Turn::Never => {}
        }
    }

    /// Sets the election timer anew. The world draws the timeout for the replica's role and term as they
    /// are when the step is over.
    pub fn set_election_timer(&mut self) {
        match self.turn() {
            Turn::Now => self.environment.want_election_timer(self.node),
            Turn::Later => self.wait(Effect::ElectionTimer),
            Turn::Never => {}
        }
    }

    /// Sets the interval timer anew: it runs out after `delay` nanoseconds.
    pub fn set_interval_timer(&mut self, delay: Nanos) {
        match self.turn() {
            Turn::Now => self.environment.set_timer(self.node, Timer::Interval, delay),
            Turn::Later => self.wait(Effect::IntervalTimer(delay)),
            Turn::Never => {}
        }
    }

    /// Cancels a timer.
    pub fn cancel_timer(&mut self, timer: Timer) {
        match self.turn() {
            Turn::Now => self.environment.cancel_timer(self.node, timer),
            Turn::Later => self.wait(Effect::Cancel(timer)),
            Turn::Never => {}
        }
    }

    /// Applies what stands at `index` to the state machine; `None` for an entry that holds no command. To be
    /// called for every index, in order, once it is committed.
    pub fn apply(&mut self, index: Index, command: Option<Command>) {
        match self.turn() {
            Turn::Now => self.environment.apply(self.node, iter::once((index, command))),
            Turn::Later => self.wait(Effect::Apply(index, command)),
            Turn::Never => {}
        }
    }

    /// Applies all of these, the first at `first` and each at the index after the one before, as [`Effects::apply`]
    /// does, and quicker.
    pub fn apply_all(&mut self, first: Index, commands: impl IntoIterator<Item = Option<Command>>) {
        let commands = (first..=Index::MAX).zip(commands);
        if self.environment.processes[self.node.slot()].is_undisturbed() {
            return self.environment.apply(self.node, commands);
        }
        commands.for_each(|(index, command)| self.apply(index, command));
    }

    /// Applies `command` at `index` although its session may say that it took effect before. For systems that
    /// keep track of sessions themselves; for all others it is [`Effects::apply`] that they want. A snapshot has no room
    /// for what they keep: one that takes snapshots must have the world keep track.
    pub fn apply_always(&mut self, index: Index, command: Command) {
        match self.turn() {
            Turn::Now => self.environment.apply_always(self.node, index, command),
            Turn::Later => self.wait(Effect::ApplyAlways(index, command)),
            Turn::Never => {}
        }
    }

    /// Tells the client of `command` that it is done: committed at `index`, and applied here.
    pub fn reply(&mut self, command: Command, index: Index) {
        match self.turn() {
            Turn::Now => self.environment.reply(self.node, command, index),
            Turn::Later => self.wait(Effect::Reply(command, index)),
            Turn::Never => {}
        }
    }

    /// Answers a request that only reads from this node's state machine as it is now, without the log. That
    /// is only right for a leader that knows, from a majority, that it still leads (§8).
    ///
    /// # Panics
    ///
    /// When the command does more than read.
    pub fn answer(&mut self, command: Command) {
        match self.turn() {
            Turn::Now => self.environment.answer(self.node, command),
            Turn::Later => self.wait(Effect::Answer(command)),
            Turn::Never => {}
        }
    }

    /// Stops the process; its memory is gone and it takes no part until it is started again. What follows in
    /// the list does not happen.
    pub fn halt(&mut self) {
        match self.turn() {
            Turn::Now => self.environment.halt(self.node),
            Turn::Later => self.wait(Effect::Halt),
            Turn::Never => {}
        }
    }

    /// What the clock of this node shows, in nanoseconds since a moment of its own.
    #[must_use]
    pub fn clock(&self) -> Nanos {
        self.environment.processes[self.node.slot()].clock.shows(self.environment.now)
    }

    /// Tells the client of `command` that somebody else leads.
    pub fn refuse(&mut self, command: Command, reason: NotLeader) {
        match self.turn() {
            Turn::Now => self.environment.refuse(self.node, command, reason.hint),
            Turn::Later => self.wait(Effect::Refuse(command, reason)),
            Turn::Never => {}
        }
    }

    fn turn(&mut self) -> Turn {
        let process = &mut self.environment.processes[self.node.slot()];
        if process.is_undisturbed() {
            Turn::Now
        } else if process.blocked {
            Turn::Later
        } else if process.reaches_next_effect() {
            Turn::Now
        } else {
            Turn::Never
        }
    }

    fn wait(&mut self, effect: Effect) {
        let list = &mut self.environment.processes[self.node.slot()].list;
        if list.len() >= MOST_WAITING {
            refuse_more();
        }
        list.push(effect);
    }
}

/// A step does not end.
#[cold]
fn refuse_more() -> ! {
    panic!("it goes on and on: {MOST_WAITING} effects wait for a sync")
}

/// When an effect takes place.
enum Turn {
    /// As it is named.
    Now,
    /// When the sync before it is through.
    Later,
    /// Never: the process crashes before it comes to it.
    Never,
}
