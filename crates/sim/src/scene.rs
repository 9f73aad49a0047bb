//! A scene: the whole cluster as it stands when a step is over, for those who look on from outside.
//!
//! Whoever wants to know more of a run than its verdict and its trace tell is a [`Spectator`]: it is shown the scene
//! after every step and after everything that is done to the cluster, and may end the run. Looking changes
//! nothing: a run has the same digest whoever looks on. Nobody pays for a spectator who is not there.

use crate::disk::{Condition, Disk};
use crate::environment::Environment;
use crate::event::Scheduled;
use crate::predicate::Predicate;
use crate::process::Process;
use crate::replica::{Replica, System};
use crate::trace::DiskState;
use crate::watch::View;
use crate::words::{HardState, Timer};
use crate::world::World;
use std::fmt;
use std::ops::ControlFlow;
use whitewater_check::observe::{Brief, Look, Progress};
use whitewater_check::types::{Entry, Index, Nanos, NodeId};

/// How many entries a step that is not over may have added to a log for anybody to see them: more than any adds.
const LONGEST_STEP: u64 = 1 << 16;

/// Somebody who looks on.
pub trait Spectator {
    /// Is shown the cluster after a step, or after something was done to it. `Break` ends the run there.
    fn sees(&mut self, scene: &dyn Scene) -> ControlFlow<()>;
}

impl<F: FnMut(&dyn Scene) -> ControlFlow<()>> Spectator for F {
    fn sees(&mut self, scene: &dyn Scene) -> ControlFlow<()> {
        self(scene)
    }
}

/// The cluster as it stands.
pub trait Scene {
    /// How many steps there were; the last of them may still wait for its disk.
    fn step(&self) -> u32;

    /// How many records the trace has had, those included that a ring has forgotten.
    fn noted(&self) -> usize;

    /// Virtual time in nanoseconds.
    fn time(&self) -> Nanos;

    /// How many nodes there are.
    fn nodes(&self) -> u8;

    /// The replica as it was after its last step; of a node that is down, as it was when it went down.
    fn look(&self, node: NodeId) -> Look;

    /// An entry of the log of a live node as it is now, in the middle of a step, too; `None` beyond its end, and of
    /// a node that is down. Where a snapshot stands for it, it is the entry that stood there, if anybody has seen it.
    fn entry(&self, node: NodeId, index: Index) -> Option<Entry>;

    /// The last index that a snapshot stands for in the log of a live node; 0 without one.
    fn covered(&self, node: NodeId) -> Index;

    /// What a leader believes of a peer, if its system tells.
    fn progress(&self, node: NodeId, peer: NodeId) -> Option<Progress>;

    /// What a node is besides its replica.
    fn server(&self, node: NodeId) -> Server;

    /// What the disk of a node holds.
    fn stored(&self, node: NodeId) -> Stored<'_>;

    /// An entry of the log on the disk of a node; `None` beyond its end. Where a snapshot stands for it, it is the entry
    /// that stood there, if anybody has seen it.
    fn stored_entry(&self, node: NodeId, index: Index) -> Option<Entry>;

    /// The messages on their way and those that are held, in the order in which they were sent on each link.
    fn flights(&self) -> Vec<Flight>;

    /// Whether one node's messages reach another now.
    fn reaches(&self, from: NodeId, to: NodeId) -> bool;

    /// Whether a predicate holds.
    fn holds(&self, predicate: &Predicate) -> bool;
}

/// What a node is besides its replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// Whether its process lives.
    pub up: bool,
    /// Whether it stands still.
    pub paused: bool,
    /// Whether it waits for its disk in the middle of a step.
    pub blocked: bool,
    /// How often it has started.
    pub life: u32,
    /// The step that it is in or was in last.
    pub step: u32,
    /// How many events wait for it.
    pub inbox: usize,
    /// When its election timer runs out, if it is set.
    pub election: Option<Nanos>,
    /// When its interval timer runs out, if it is set.
    pub interval: Option<Nanos>,
    /// What its clock shows.
    pub clock: Nanos,
    /// What its state machine has come to: equal states, equal hashes.
    pub state: u64,
}

/// What a disk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored<'a> {
    /// The hard state that is durable.
    pub hard_state: HardState,
    /// The last index that a durable snapshot stands for; 0 without one.
    pub covered: Index,
    /// The log that is durable, after that index.
    pub log: &'a [Entry],
    /// How many records are written and not durable.
    pub unsynced: usize,
    /// What state it is in.
    pub state: DiskState,
}

/// A message on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Who sent it.
    pub from: NodeId,
    /// To whom.
    pub to: NodeId,
    /// Its number on the link, counted from 1.
    pub number: u32,
    /// What it says.
    pub brief: Brief,
    /// The step that sent it.
    pub sent_in: u32,
    /// Whether it is the second copy.
    pub copy: bool,
    /// When it arrives; `None` when it is held back.
    pub due: Option<Nanos>,
}

impl<S: System> World<S> {
    /// Shows the spectator the scene, if there is one.
    #[cold]
    pub(crate) fn show(&mut self) {
        let Some(mut spectator) = self.spectator.take() else { return };
        self.left = spectator.sees(&self.view()).is_break();
        self.spectator = Some(spectator);
    }
}

impl<R: Replica> Scene for View<'_, R> {
    fn step(&self) -> u32 {
        self.environment.steps
    }

    fn noted(&self) -> usize {
        self.environment.trace.noted()
    }

    fn time(&self) -> Nanos {
        self.environment.now
    }

    fn nodes(&self) -> u8 {
        self.replicas.len() as u8
    }

    fn look(&self, node: NodeId) -> Look {
        self.environment.looks[node.slot()]
    }

    fn entry(&self, node: NodeId, index: Index) -> Option<Entry> {
        let replica = self.replicas[node.slot()].as_ref()?;
        let covered = replica.snapshot().0;
        if index <= covered {
            return self.environment.checks.entry_in_memory(node, index);
        }
        (index <= self.reach(node, covered).min(replica.look().last_index)).then(|| replica.entry(index))
    }

    fn covered(&self, node: NodeId) -> Index {
        self.replicas[node.slot()].as_ref().map_or(0, |replica| replica.snapshot().0)
    }

    fn progress(&self, node: NodeId, peer: NodeId) -> Option<Progress> {
        self.replicas[node.slot()].as_ref()?.progress(peer)
    }

    fn server(&self, node: NodeId) -> Server {
        server(self.environment, node)
    }

    fn stored(&self, node: NodeId) -> Stored<'_> {
        let disk = &self.environment.processes[node.slot()].disk;
        Stored {
            hard_state: disk.hard_state(),
            covered: disk.snapshot().last_index,
            log: disk.log(),
            unsynced: disk.unsynced(),
            state: state(disk),
        }
    }

    fn stored_entry(&self, node: NodeId, index: Index) -> Option<Entry> {
        let disk = &self.environment.processes[node.slot()].disk;
        let covered = disk.snapshot().last_index;
        if index <= covered {
            return self.environment.checks.entry_on_disk(node, index);
        }
        disk.log().get((index - covered) as usize - 1).copied()
    }

    fn flights(&self) -> Vec<Flight> {
        flights(self.environment)
    }

    fn reaches(&self, from: NodeId, to: NodeId) -> bool {
        !self.environment.network.is_cut(from, to)
    }

    fn holds(&self, predicate: &Predicate) -> bool {
        predicate.holds(self)
    }
}

impl<R: Replica> View<'_, R> {
    /// How far a replica is believed that says where its log ends: as far as the checks have followed it. In the middle of
    /// a step it may be longer, and without checks as long as that of its disk and somewhat longer.
    fn reach(&self, node: NodeId, covered: Index) -> Index {
        let Environment { checked, checks, processes, .. } = self.environment;
        let Process { blocked, disk, .. } = &processes[node.slot()];
        match (checked, blocked) {
            (true, false) => checks.followed(node),
            (true, true) => checks.followed(node).saturating_add(LONGEST_STEP),
            (false, _) => covered.saturating_add(disk.log().len() as u64 + LONGEST_STEP),
        }
    }
}

fn server(environment: &Environment, node: NodeId) -> Server {
    let process = &environment.processes[node.slot()];
    let due = |timer: Timer| {
        let timer = process.timers[timer as usize];
        timer.is_set().then_some(timer.deadline)
    };
    Server {
        up: process.up,
        paused: process.paused,
        blocked: process.blocked,
        life: process.life,
        step: process.step,
        inbox: process.inbox.len(),
        election: due(Timer::Election),
        interval: due(Timer::Interval),
        clock: process.clock.shows(environment.now),
        state: environment.states.hash(node),
    }
}

fn state(disk: &Disk) -> DiskState {
    match (disk.damaged, disk.stalled, disk.condition) {
        (true, _, _) => DiskState::Damaged,
        (_, true, _) => DiskState::Stalled,
        (_, _, Condition::Failing) => DiskState::Failing,
        (_, _, Condition::Full) => DiskState::Full,
        (false, false, Condition::Works) => DiskState::Works,
    }
}

fn flights(environment: &Environment) -> Vec<Flight> {
    let flight = |slot: u32, due: Option<Nanos>| {
        let envelope = &environment.messages[slot];
        Flight {
            from: envelope.from,
            to: envelope.to,
            number: envelope.number,
            brief: envelope.brief,
            sent_in: envelope.sent_in,
            copy: envelope.copy,
            due,
        }
    };
    let flying = environment.queue.iter().filter_map(|(time, word)| {
        let Scheduled::Deliver(slot) = Scheduled::of_word(word) else { return None };
        Some(flight(slot, Some(time)))
    });
    let held = environment.interceptor.held().map(|held| flight(held.slot, None));
    let mut flights: Vec<Flight> = flying.chain(held).collect();
    flights.sort_unstable_by_key(|flight| (flight.from, flight.to, flight.number, flight.copy));
    flights
}

impl fmt::Debug for dyn Scene + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scene")
            .field("step", &self.step())
            .field("time", &self.time())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_told_before_everything_else() {
        let mut disk = Disk::default();
        assert_eq!(state(&disk), DiskState::Works);
        disk.condition = Condition::Full;
        assert_eq!(state(&disk), DiskState::Full);
        disk.condition = Condition::Failing;
        assert_eq!(state(&disk), DiskState::Failing);
        disk.stalled = true;
        assert_eq!(state(&disk), DiskState::Stalled);
        disk.damaged = true;
        assert_eq!(state(&disk), DiskState::Damaged);
    }
}
