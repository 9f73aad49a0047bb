//! Faults: what an act does to the cluster, whom it is aimed at, and how it is undone.
//!
//! A fault is data; it is written by a scenario or drawn by the nemesis and applied here and nowhere else.

use crate::chance::Key;
use crate::event::Scheduled;
use crate::intercept::{Held, Interceptor};
use crate::network::{bridged, grouped, isolated, ring};
use crate::plan::{Act, Direction, Target};
use crate::process::{Effect, Input};
use crate::replica::System;
use crate::trace::{Detail, Shape, What};
use crate::words::Timer;
use crate::world::World;
use whitewater_check::markers::Marker;
use whitewater_check::observe::{Look, Role};
use whitewater_check::types::{Nanos, NodeId};

/// How an act is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undo {
    /// These nodes start again, those of them that are down.
    Restart(u64),
    /// These processes go on.
    Resume(u64),
    /// This cut is mended.
    Mend(u32),
    /// This interception ends, and what it held back goes on its way.
    LetThrough(u32),
    /// There is nothing to take back.
    Nothing,
}

impl<S: System> World<S> {
    /// Does `act` and, after `lasts`, undoes it. Returns `false`, and nothing has happened, when there is
    /// nobody or nothing to do it to.
    pub(crate) fn perform(&mut self, act: &Act, lasts: Option<Nanos>, luck: Key) -> bool {
        let Some(undo) = self.apply(act, luck) else { return false };
        self.environment.tally.acts += 1;
        if let Some(family) = act.family() {
            self.environment.tally.faults += 1;
            self.environment.tally.families[family as usize] += 1;
        }
        let words = match undo {
            Undo::Restart(set) => (1, set),
            Undo::Resume(set) => (2, set),
            Undo::Mend(id) => (3, u64::from(id)),
            Undo::Nothing => (4, 0),
            Undo::LetThrough(id) => (5, u64::from(id)),
        };
        self.environment.digest.absorb(self.environment.now << 4 | words.0, words.1);
        if let Some(lasts) = lasts.filter(|_| undo != Undo::Nothing) {
            let number = self.nemesis.undos.len() as u32;
            self.nemesis.undos.push(undo);
            self.environment.schedule(lasts, Scheduled::Undo(number));
        }
        self.watch();
        true
    }

    /// Undoes an act that was done.
    pub(crate) fn undo(&mut self, number: u32) {
        match self.nemesis.undos[number as usize] {
            Undo::Restart(nodes) => self.restart(nodes),
            Undo::Resume(nodes) => self.resume(nodes),
            Undo::Mend(id) => {
                if self.environment.network.mend(id) {
                    self.environment.note_cluster(What::Healed, 0, 0);
                }
            }
            Undo::LetThrough(id) => self.let_go(|interceptor| interceptor.end(Some(id))),
            Undo::Nothing => {}
        }
        self.watch();
    }

    fn apply(&mut self, act: &Act, luck: Key) -> Option<Undo> {
        match act {
            Act::Crash(target) => self.pick_live(*target, luck).map(|nodes| {
                self.each(nodes, Self::crash);
                Undo::Restart(nodes)
            }),
            Act::CrashAfterEffects(target, effects) => self.pick_live(*target, luck).map(|nodes| {
                self.each(nodes, |world, node| {
                    world.environment.processes[node.slot()].crash_after = Some(*effects);
                });
                Undo::Restart(nodes)
            }),
            Act::Restart(target) => self.pick(*target, luck).map(|nodes| {
                self.restart(nodes);
                Undo::Nothing
            }),
            Act::Pause(target) => self.pick_live(*target, luck).map(|nodes| {
                self.each(nodes, Self::pause);
                Undo::Resume(nodes)
            }),
            Act::Resume(target) => self.pick(*target, luck).map(|nodes| {
                self.resume(nodes);
                Undo::Nothing
            }),
            Act::Isolate(target, direction) => self.isolate(*target, *direction, luck),
            Act::Partition(groups) => {
                let named = groups.iter().fold(0, |all, group| all | group);
                self.cut(Shape::Groups, named, grouped(groups))
            }
            Act::Bridge(target) => self.pick(*target, luck).and_then(|nodes| {
                let bridge = NodeId(nodes.trailing_zeros() as u8);
                self.cut(Shape::Bridge, bridge.bit(), bridged(bridge, usize::from(self.plan.nodes)))
            }),
            Act::Ring => self.cut(Shape::Ring, 0, ring(usize::from(self.plan.nodes))),
            Act::Heal => {
                self.environment.network.heal();
                self.environment.note_cluster(What::Healed, 0, 0);
                Some(Undo::Nothing)
            }
            Act::Clog(..)
            | Act::Swizzle(_)
            | Act::Flap(..)
            | Act::StallDisk(_)
            | Act::FailDisk(_)
            | Act::FillDisk(_)
            | Act::Damage(_)
            | Act::Wipe(_)
            | Act::Drift(..) => None,
            Act::Timeout(target) => self.pick(*target, luck).map(|nodes| {
                self.each(nodes, Self::time_out);
                Undo::Nothing
            }),
            Act::Intercept(pick, interference) => {
                let id = self.environment.tally.acts;
                self.environment.interceptor.begin(id, *pick, *interference);
                Some(Undo::LetThrough(id))
            }
            Act::Release => {
                self.let_go(Interceptor::release);
                Some(Undo::Nothing)
            }
            Act::Request(target, count) => self.pick(*target, luck).map(|nodes| {
                (0..*count).for_each(|_| self.each(nodes, Self::ask));
                Undo::Nothing
            }),
            Act::Nothing => Some(Undo::Nothing),
        }
    }

    /// The election timer of a node runs out now. A leader, or a node that is down, has none.
    fn time_out(&mut self, node: NodeId) {
        let now = self.environment.now;
        let timer = &mut self.environment.processes[node.slot()].timers[Timer::Election as usize];
        if timer.is_set() {
            timer.deadline = now;
            self.receive(node, Input::Timer(Timer::Election, now));
        }
    }

    /// The story's own client asks a node for a write.
    fn ask(&mut self, node: NodeId) {
        let command = self.environment.clients.ask(&self.environment.keys);
        if self.environment.processes[node.slot()].up {
            self.receive(node, Input::Request(command));
        }
    }

    /// Lets messages go that were held back.
    pub(crate) fn let_go(&mut self, release: impl FnOnce(&mut Interceptor) -> Vec<Held>) {
        let released = release(&mut self.environment.interceptor);
        if released.is_empty() {
            return;
        }
        self.environment.note_cluster(What::Released, released.len() as u64, 0);
        for held in released {
            self.environment.schedule(held.delay, Scheduled::Deliver(held.slot));
        }
    }

    fn isolate(&mut self, target: Target, direction: Direction, luck: Key) -> Option<Undo> {
        let nodes = self.pick(target, luck)?;
        let shape = match direction {
            Direction::Both => Shape::Isolated,
            Direction::In => Shape::Deaf,
            Direction::Out => Shape::Mute,
        };
        self.cut(shape, nodes, isolated(nodes, direction))
    }

    /// Cuts links; `None` when there is no link to cut.
    fn cut(&mut self, shape: Shape, nodes: u64, reaches: impl Fn(NodeId) -> u64) -> Option<Undo> {
        let id = self.environment.tally.acts;
        if !self.environment.network.cut(id, reaches) {
            return None;
        }
        self.environment.note_cluster(What::Partitioned(shape), nodes & 0xffff_ffff, nodes >> 32);
        Some(Undo::Mend(id))
    }

    fn each(&mut self, nodes: u64, mut act: impl FnMut(&mut Self, NodeId)) {
        for node in self.nodes().filter(|node| nodes & node.bit() != 0) {
            act(self, node);
        }
    }

    /// The process loses its memory, and the disk what it had not made durable, down to a drawn rest.
    pub(crate) fn crash(&mut self, node: NodeId) {
        let environment = &mut self.environment;
        let process = &mut environment.processes[node.slot()];
        if !process.up {
            return;
        }
        let unsynced = process.disk.unsynced();
        let survivors = process.disk.survivors(process.disk_key);
        environment.land(node, survivors);
        environment.processes[node.slot()].disk.forget_unsynced();
        let at = environment.at(node);
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

    fn forget(&mut self, node: NodeId) {
        let environment = &mut self.environment;
        let process = &mut environment.processes[node.slot()];
        for effect in process.list.drain(..) {
            if let Effect::Send(slot) = effect {
                environment.messages.release(slot);
            }
        }
        for input in process.inbox.drain(..) {
            if let Input::Message(slot) = input {
                environment.messages.release(slot);
            }
        }
        process.lose_memory();
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

    fn pause(&mut self, node: NodeId) {
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

    /// Those of the nodes that a target means that are up; `None` when none of them is.
    fn pick_live(&self, target: Target, luck: Key) -> Option<u64> {
        let nodes = self.pick(target, luck)? & self.live();
        (nodes != 0).then_some(nodes)
    }

    /// The nodes that a target means now, as bits; `None` when nobody fits.
    pub(crate) fn pick(&self, target: Target, luck: Key) -> Option<u64> {
        let nodes = self.plan.nodes;
        let majority = nodes / 2 + 1;
        let everybody = self.nodes().fold(0, |set, node| set | node.bit());
        let set = match target {
            Target::Leader => self.leader().map_or(0, NodeId::bit),
            Target::Follower => draw_some(self.in_role(Role::Follower), 1, luck),
            Target::Candidate => draw_some(self.in_role(Role::Candidate), 1, luck),
            Target::Random => draw_some(self.live(), 1, luck),
            Target::Minority => draw_some(everybody, nodes - majority, luck),
            Target::Majority => draw_some(everybody, majority, luck),
            Target::Crashed => everybody & !self.live(),
            Target::All => everybody,
            Target::Nodes(set) => set & everybody,
        };
        (set != 0).then_some(set)
    }

    /// The live leader of the highest term.
    pub(crate) fn leader(&self) -> Option<NodeId> {
        let leaders = self.in_role(Role::Leader);
        let led = |node: &NodeId| self.environment.looks[node.slot()].term;
        self.nodes().filter(|node| leaders & node.bit() != 0).max_by_key(led)
    }

    /// The live nodes, as bits.
    pub(crate) fn live(&self) -> u64 {
        self.node_set(|node| self.environment.processes[node.slot()].up)
    }

    fn in_role(&self, role: Role) -> u64 {
        self.live() & self.node_set(|node| self.environment.looks[node.slot()].role == role)
    }

    fn node_set(&self, member: impl Fn(NodeId) -> bool) -> u64 {
        self.nodes().filter(|&node| member(node)).fold(0, |set, node| set | node.bit())
    }
}

/// `count` of the nodes in `from`: each node's draw has its own address, and the lowest win.
fn draw_some(from: u64, count: u8, luck: Key) -> u64 {
    let mut left = from;
    for _ in usize::from(count)..from.count_ones() as usize {
        let highest = (0..NodeId::MAX as u8).map(NodeId).filter(|node| left & node.bit() != 0);
        let Some(out) = highest.max_by_key(|node| luck.draw(u64::from(node.0))) else { break };
        left &= !out.bit();
    }
    if count == 0 { 0 } else { left }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Purpose;

    #[test]
    fn drawn_sets_have_the_size_asked_for_and_reach_every_node() {
        let mut reached = 0;
        for seed in 0..200 {
            let set = draw_some(0b11011, 2, Key::new(seed, Purpose::Nemesis, 0));
            assert_eq!((set.count_ones(), set & !0b11011), (2, 0));
            reached |= set;
        }
        assert_eq!(reached, 0b11011);
        let luck = Key::new(1, Purpose::Nemesis, 0);
        assert_eq!((draw_some(0b1, 3, luck), draw_some(0b1, 0, luck), draw_some(0, 1, luck)), (0b1, 0, 0));
    }
}
