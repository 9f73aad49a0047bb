//! Mishaps: what happens to a process, its disk and its clock.
//!
//! Which of them, when and for how long is decided elsewhere; here is only what it means.

use crate::disk::Condition;
use crate::environment::Environment;
use crate::plan::{Ask, CrashLeaves};
use crate::predicate::Aspects;
use crate::process::{Effect, Input};
use crate::replica::System;
use crate::trace::{Detail, DiskState, What};
use crate::words::Timer;
use crate::world::World;
use whitewater_check::markers::Marker;
use whitewater_check::observe::{Look, Role};
use whitewater_check::types::NodeId;

impl<S: System> World<S> {
    /// The process loses its memory, and the disk what it had not made durable, down to a drawn rest.
    pub(crate) fn crash(&mut self, node: NodeId) {
        let environment = &mut self.environment;
        let process = &mut environment.processes[node.slot()];
        if !process.up {
            return;
        }
        let unsynced = process.disk.unsynced();
        let survivors = match environment.crash_leaves {
            CrashLeaves::Some => process.disk.survivors(process.disk_key),
            CrashLeaves::Nothing => 0,
            CrashLeaves::All => unsynced,
        };
        environment.land(node, survivors);
        if environment.crash_leaves == CrashLeaves::Some {
            environment.tear(node);
        }
        environment.processes[node.slot()].disk.forget_unsynced();
        let (at, look) = (environment.at(node), environment.looks[node.slot()]);
        if look.role == Role::Leader {
            environment.gauges.leader_crashed(look.term, environment.now);
        }
        if environment.checked {
            environment.checks.crashed(at);
        }
        if survivors < unsynced {
            environment.mark(Marker::WriteLost);
        }
        environment.digest.absorb(environment.now << 8 | u64::from(node.0), survivors as u64);
        let lost = (unsynced - survivors) as u64;
        environment.note(node, What::Crashed, Detail { a: survivors as u64, b: lost, ..Detail::default() });
        self.forget(node);
    }

    /// The rest of the effect list of a process does not happen.
    fn drop_list(&mut self, node: NodeId) {
        let environment = &mut self.environment;
        let process = &mut environment.processes[node.slot()];
        process.blocked = false;
        for effect in process.list.drain() {
            if let Effect::Send(slot) = effect {
                environment.messages.release(slot);
            }
        }
    }

    fn forget(&mut self, node: NodeId) {
        self.drop_list(node);
        let environment = &mut self.environment;
        let process = &mut environment.processes[node.slot()];
        for input in process.inbox.drain() {
            if let Input::Message(slot) = input {
                environment.messages.release(slot);
            }
        }
        process.lose_memory();
        environment.states.lose(node);
        environment.news = Aspects::ALL;
        let held = environment.looks[node.slot()].last_index;
        environment.entries = environment.entries.saturating_sub(held);
        environment.looks[node.slot()] = Look::default();
        self.replicas[node.slot()] = None;
    }

    /// Starts those of the nodes that are down; a crash that is still ahead of one of them is called off.
    pub(crate) fn restart(&mut self, nodes: u64) {
        self.each(nodes, |world, node| {
            world.environment.processes[node.slot()].crash_after = None;
            if !world.environment.processes[node.slot()].up {
                world.start_node(node);
                world.work(node);
            }
        });
    }

    /// A process stands still.
    pub(crate) fn pause(&mut self, node: NodeId) {
        let process = &mut self.environment.processes[node.slot()];
        if process.up {
            process.paused = true;
            self.environment.note(node, What::Paused, Detail::default());
        }
    }

    /// Lets those of the processes go on that stand still.
    pub(crate) fn resume(&mut self, nodes: u64) {
        self.each(nodes, |world, node| {
            let process = &mut world.environment.processes[node.slot()];
            if !std::mem::take(&mut process.paused) {
                return;
            }
            let unblocked = std::mem::take(&mut process.unblocked);
            world.environment.note(node, What::Resumed, Detail::default());
            if unblocked {
                world.unblock(node);
            } else {
                world.work(node);
            }
        });
    }

    /// The election timer of a node runs out now. A leader, or a node that is down, has none; one that ticks
    /// without leading counts for itself how long it waits.
    pub(crate) fn time_out(&mut self, node: NodeId) {
        let now = self.environment.now;
        let leads = self.environment.looks[node.slot()].role == Role::Leader;
        let [election, interval] = &mut self.environment.processes[node.slot()].timers;
        if election.is_set() || interval.is_set() && !leads {
            election.deadline = now;
            self.receive(node, Input::Timer(Timer::Election, now));
        }
    }

    /// The story's own client asks a node for a write.
    pub(crate) fn ask(&mut self, node: NodeId) {
        let environment = &mut self.environment;
        let asked = environment.clients.narrate(node, environment.now, &environment.keys);
        environment.invoke(&asked);
        if environment.processes[node.slot()].up {
            self.tell_request(node, asked.request.command);
            self.receive(node, Input::Request(asked.request));
        }
    }

    /// A client that does what it is told asks a node for something.
    pub(crate) fn ask_for(&mut self, node: NodeId, client: u32, ask: Ask) {
        let environment = &mut self.environment;
        let told = environment.clients.told(client, ask, node, environment.now, &environment.keys);
        let Some(asked) = told else { return };
        match ask {
            Ask::Again => environment.note_client(What::AskedAgain, node, asked.request.command),
            Ask::Get(_) | Ask::Put(_) | Ask::Append(_) | Ask::CompareAndSet(_) => environment.invoke(&asked),
        }
        if environment.processes[node.slot()].up {
            self.tell_request(node, asked.request.command);
            self.receive(node, Input::Request(asked.request));
        }
    }

    /// A write or a sync of a process has failed: the rest of its list does not happen, and the next thing
    /// that it hears is that.
    pub(crate) fn tell_failure(&mut self, node: NodeId) {
        self.drop_list(node);
        let process = &mut self.environment.processes[node.slot()];
        process.failed = false;
        process.inbox.push_front(Input::DiskFailed);
        self.work(node);
    }

    /// The disk of a node works as it says from now on.
    pub(crate) fn set_condition(&mut self, node: NodeId, condition: Condition) {
        let disk = &mut self.environment.processes[node.slot()].disk;
        if std::mem::replace(&mut disk.condition, condition) != condition {
            let state = match condition {
                Condition::Works => DiskState::Works,
                Condition::Full => DiskState::Full,
                Condition::Failing => DiskState::Failing,
            };
            self.environment.note(node, What::Disk(state), Detail::default());
        }
    }

    /// The disk of a node stands still.
    pub(crate) fn stall(&mut self, node: NodeId) {
        self.environment.processes[node.slot()].disk.stalled = true;
        self.environment.note(node, What::Disk(DiskState::Stalled), Detail::default());
    }

    /// The disk of a node goes on: the syncs that it kept come back, in their order.
    pub(crate) fn unstall(&mut self, node: NodeId) {
        let process = &mut self.environment.processes[node.slot()];
        if !std::mem::take(&mut process.disk.stalled) {
            return;
        }
        let (late, life) = (std::mem::take(&mut process.disk.late), process.life);
        self.environment.note(node, What::Disk(DiskState::Works), Detail::default());
        for _ in 0..late {
            self.synced(node, life);
        }
    }

    /// Synced records of a node are damaged. It will not start again.
    pub(crate) fn damage(&mut self, node: NodeId) {
        let disk = &mut self.environment.processes[node.slot()].disk;
        (disk.damaged, disk.hurt) = (true, true);
        self.environment.note(node, What::Disk(DiskState::Damaged), Detail::default());
    }

    /// A node crashes and its disk is emptied.
    pub(crate) fn wipe(&mut self, node: NodeId) {
        self.nemesis.wiped = true;
        self.crash(node);
        let environment = &mut self.environment;
        environment.processes[node.slot()].disk.wipe();
        environment.note(node, What::Disk(DiskState::Wiped), Detail::default());
        if environment.checked {
            let at = environment.at(node);
            environment.checks.wiped(at);
        }
    }

    /// The clock of a node goes at another rate, or at its own again.
    pub(crate) fn set_clock_rate(&mut self, node: NodeId, rate: Option<u32>) {
        let environment = &mut self.environment;
        let rate = environment.processes[node.slot()].clock.set_rate(rate, environment.now);
        environment.note(node, What::ClockRate, Detail { a: u64::from(rate), ..Detail::default() });
    }
}

impl Environment {
    /// The power of a node has failed: the first record that is lost may be torn.
    fn tear(&mut self, node: NodeId) {
        let process = &mut self.processes[node.slot()];
        let Some(torn) = process.disk.tear(process.disk_key) else { return };
        let (readable, of) = (torn.suffix.as_ref().map_or(0, |(_, entries)| entries.len()), torn.of);
        self.mark(Marker::WriteTorn);
        self.note(node, What::Torn, Detail { a: readable as u64, b: of as u64, ..Detail::default() });
    }
}
