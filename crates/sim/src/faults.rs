//! Faults: what an act does to the cluster, and what comes later of it.
//!
//! A fault is data; it is written by a scenario or drawn by the nemesis and applied here and nowhere else.

use crate::chance::{Key, between};
use crate::disk::Condition;
use crate::event::Scheduled;
use crate::intercept::{Held, Interceptor};
use crate::network::{bridged, grouped, isolated, ring};
use crate::plan::{Act, Direction, Interference, MessagePick, Target};
use crate::predicate::Aspects;
use crate::replica::System;
use crate::trace::{Detail, Shape, What};
use crate::world::World;
use whitewater_check::types::{Nanos, NodeId};

/// What comes later of an act: it is taken back, or goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sequel {
    /// These nodes start again, those of them that are down.
    Restart(u64),
    /// These processes go on.
    Resume(u64),
    /// This cut is mended.
    Mend(u32),
    /// This interception ends, and what it held back goes on its way.
    LetThrough(u32),
    /// The same, of what was held of these nodes.
    Unclog(u64, u32),
    /// These disks go on.
    Unstall(u64),
    /// These disks work, and those of their nodes that have stopped start again.
    Repair(u64),
    /// These clocks go at their own rate.
    ResetClock(u64),
    /// This node is clogged for so long.
    Clog(NodeId, Nanos),
    /// These nodes are cut off for so long, until this time and with pauses that are as long.
    Flap(u64, Nanos, Nanos),
    /// Nothing comes of it.
    Nothing,
}

impl Sequel {
    /// The sequel as words of the digest.
    fn words(self) -> (u64, u64) {
        match self {
            Self::Restart(set) => (1, set),
            Self::Resume(set) => (2, set),
            Self::Mend(id) => (3, u64::from(id)),
            Self::Nothing => (4, 0),
            Self::LetThrough(id) => (5, u64::from(id)),
            Self::Unclog(set, _) => (6, set),
            Self::Unstall(set) => (7, set),
            Self::Repair(set) => (8, set),
            Self::ResetClock(set) => (9, set),
            Self::Clog(node, time) => (10, time << 6 | u64::from(node.0)),
            Self::Flap(set, ..) => (11, set),
        }
    }
}

impl<S: System> World<S> {
    /// Does `act` and, after `lasts`, undoes it. What it comes to; `None`, and nothing has happened, when
    /// there is nobody or nothing to do it to.
    pub(crate) fn perform(&mut self, act: &Act, lasts: Option<Nanos>, luck: Key) -> Option<Sequel> {
        let deed = self.named(act, luck);
        let sequel = self.apply(act, lasts, luck)?;
        deed.into_iter().for_each(|deed| self.tell(deed, lasts));
        self.environment.tally.acts += 1;
        if let Some(family) = act.family() {
            self.environment.tally.faults += 1;
            self.environment.tally.families[family as usize] += 1;
        }
        let (kind, detail) = sequel.words();
        self.environment.digest.absorb(self.environment.now << 4 | kind, detail);
        if let Some(lasts) = lasts.filter(|_| sequel != Sequel::Nothing) {
            self.later(lasts, sequel);
        }
        self.watch();
        Some(sequel)
    }

    /// Keeps for later what comes of an act.
    fn later(&mut self, delay: Nanos, sequel: Sequel) {
        let number = self.nemesis.sequels.len() as u32;
        self.nemesis.sequels.push(sequel);
        self.environment.schedule(delay, Scheduled::Sequel(number));
    }

    /// What was to come later of an act is due.
    pub(crate) fn sequel(&mut self, number: u32) {
        match self.nemesis.sequels[number as usize] {
            Sequel::Restart(nodes) => self.restart(nodes),
            Sequel::Resume(nodes) => self.resume(nodes),
            Sequel::Mend(id) => self.mend(id),
            Sequel::LetThrough(id) => self.let_go(|interceptor| interceptor.end(id)),
            Sequel::Unclog(nodes, id) => {
                self.each(nodes, |world, node| {
                    world.environment.note(node, What::Unclogged, Detail::default());
                });
                self.let_go(|interceptor| interceptor.end(id));
            }
            Sequel::Unstall(nodes) => self.each(nodes, Self::unstall),
            Sequel::Repair(nodes) => self.repair(nodes),
            Sequel::ResetClock(nodes) => self.each(nodes, |world, node| world.set_clock_rate(node, None)),
            Sequel::Clog(node, time) => self.clog_for(node, time),
            Sequel::Flap(nodes, every, until) => self.flap(nodes, every, until),
            Sequel::Nothing => {}
        }
        self.environment.news = Aspects::ALL;
        self.watch();
    }

    fn apply(&mut self, act: &Act, lasts: Option<Nanos>, luck: Key) -> Option<Sequel> {
        let live = |target: &Target| self.pick_live(*target, luck);
        match act {
            Act::Crash(target) => {
                live(target).map(|nodes| self.hit_each(nodes, Sequel::Restart(nodes), Self::crash))
            }
            Act::CrashAfterEffects(target, effects) => live(target).map(|nodes| {
                self.hit_each(nodes, Sequel::Restart(nodes), |world, node| {
                    world.environment.processes[node.slot()].crash_after = Some(*effects);
                })
            }),
            Act::Pause(target) => {
                live(target).map(|nodes| self.hit_each(nodes, Sequel::Resume(nodes), Self::pause))
            }
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
                self.environment.network.heal(&[]);
                self.environment.note_cluster(What::Healed, 0, 0);
                Some(Sequel::Nothing)
            }
            Act::Intercept(pick, interference) => {
                let id = self.nemesis.next_id();
                self.environment.interceptor.begin(id, *pick, *interference);
                Some(Sequel::LetThrough(id))
            }
            Act::Release => {
                self.let_go(Interceptor::release);
                Some(Sequel::Nothing)
            }
            Act::Clog(target, direction) => {
                self.pick(*target, luck).map(|nodes| self.clog(nodes, *direction))
            }
            Act::Swizzle(target) => {
                self.pick(*target, luck).map(|nodes| self.swizzle(nodes, lasts.unwrap_or(0), luck))
            }
            Act::Flap(target, every) => self.pick(*target, luck).map(|nodes| {
                let until = self.environment.now.saturating_add(lasts.unwrap_or(0));
                self.flap(nodes, (*every).max(1), until);
                Sequel::Nothing
            }),
            Act::Nothing => Some(Sequel::Nothing),
            Act::StallDisk(_)
            | Act::FailDisk(_)
            | Act::FillDisk(_)
            | Act::Damage(_)
            | Act::Wipe(_)
            | Act::Drift(..)
            | Act::Timeout(_)
            | Act::Restart(_)
            | Act::Resume(_)
            | Act::Ask(..)
            | Act::Request(..) => self.apply_to_nodes(act, luck),
        }
    }

    /// Does an act that happens to each node by itself.
    fn apply_to_nodes(&mut self, act: &Act, luck: Key) -> Option<Sequel> {
        let nodes = self.pick(act.target()?, luck)?;
        Some(match act {
            Act::StallDisk(_) => self.hit_each(nodes, Sequel::Unstall(nodes), Self::stall),
            Act::FailDisk(_) => self.hit_each(nodes, Sequel::Repair(nodes), |world, node| {
                world.set_condition(node, Condition::Failing);
            }),
            Act::FillDisk(_) => self.hit_each(nodes, Sequel::Repair(nodes), |world, node| {
                world.set_condition(node, Condition::Full);
            }),
            Act::Damage(_) => self.hit_each(nodes, Sequel::Nothing, Self::damage),
            Act::Wipe(_) => self.hit_each(nodes, Sequel::Restart(nodes), Self::wipe),
            Act::Drift(_, rate) => {
                self.nemesis.drifting |= nodes;
                self.hit_each(nodes, Sequel::ResetClock(nodes), |world, node| {
                    world.set_clock_rate(node, Some(*rate));
                })
            }
            Act::Timeout(_) => self.hit_each(nodes, Sequel::Nothing, Self::time_out),
            Act::Request(_, count) => {
                (0..*count).for_each(|_| self.each(nodes, Self::ask));
                Sequel::Nothing
            }
            Act::Ask(_, client, ask) => {
                self.each(nodes, |world, node| world.ask_for(node, *client, *ask));
                Sequel::Nothing
            }
            Act::Restart(_) => {
                self.restart(nodes);
                Sequel::Nothing
            }
            Act::Resume(_) => {
                self.resume(nodes);
                Sequel::Nothing
            }
            Act::Crash(_)
            | Act::CrashAfterEffects(..)
            | Act::Pause(_)
            | Act::Isolate(..)
            | Act::Partition(_)
            | Act::Bridge(_)
            | Act::Ring
            | Act::Heal
            | Act::Clog(..)
            | Act::Swizzle(_)
            | Act::Flap(..)
            | Act::Intercept(..)
            | Act::Release
            | Act::Nothing => return None,
        })
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

    fn isolate(&mut self, target: Target, direction: Direction, luck: Key) -> Option<Sequel> {
        let nodes = self.pick(target, luck)?;
        let shape = match direction {
            Direction::Both => Shape::Isolated,
            Direction::In => Shape::Deaf,
            Direction::Out => Shape::Mute,
        };
        self.cut(shape, nodes, isolated(nodes, direction))
    }

    /// Cuts links; `None` when there is no link to cut.
    fn cut(&mut self, shape: Shape, nodes: u64, reaches: impl Fn(NodeId) -> u64) -> Option<Sequel> {
        let id = self.nemesis.next_id();
        if !self.environment.network.cut(id, reaches) {
            return None;
        }
        self.environment.note_cluster(What::Partitioned(shape), nodes & 0xffff_ffff, nodes >> 32);
        Some(Sequel::Mend(id))
    }

    fn mend(&mut self, id: u32) {
        if self.environment.network.mend(id) {
            self.environment.note_cluster(What::Healed, 0, 0);
        }
    }

    /// Holds what nodes send or receive, or both.
    fn clog(&mut self, nodes: u64, direction: Direction) -> Sequel {
        let id = self.nemesis.next_id();
        let any = MessagePick { kind: None, from: u64::MAX, to: u64::MAX, term: None, nth: None };
        if direction != Direction::In {
            self.environment.interceptor.begin(id, MessagePick { from: nodes, ..any }, Interference::Hold);
        }
        if direction != Direction::Out {
            self.environment.interceptor.begin(id, MessagePick { to: nodes, ..any }, Interference::Hold);
        }
        self.hit_each(nodes, Sequel::Unclog(nodes, id), |world, node| {
            world.environment.note(node, What::Clogged(direction), Detail::default());
        })
    }

    fn clog_for(&mut self, node: NodeId, time: Nanos) {
        if self.settle.is_none() {
            let sequel = self.clog(node.bit(), Direction::Both);
            self.tell(Act::Clog(Target::node(node), Direction::Both), Some(time));
            self.later(time, sequel);
        }
    }

    /// Clogs about half of the nodes, at least one, each from a drawn moment of the first half of `lasts` to
    /// one of the second half: so they come and go in orders that have nothing to do with each other.
    fn swizzle(&mut self, nodes: u64, lasts: Nanos, luck: Key) -> Sequel {
        let half = lasts / 2;
        let members: Vec<NodeId> = self.nodes().filter(|node| nodes & node.bit() != 0).collect();
        let last = members.len() - 1;
        let mut any = false;
        for (place, node) in members.into_iter().enumerate() {
            let luck = luck.subkey(u64::from(node.0));
            if luck.draw(0) & 1 == 1 || place == last && !any {
                any = true;
                let begins = between(luck.draw(1), 0, half);
                let ends = between(luck.draw(2), half, lasts);
                self.later(begins, Sequel::Clog(node, ends - begins));
            }
        }
        Sequel::Nothing
    }

    /// Cuts nodes off for a while, and comes back to it after a pause as long as that.
    fn flap(&mut self, nodes: u64, every: Nanos, until: Nanos) {
        let now = self.environment.now;
        if now >= until || self.settle.is_some() {
            return;
        }
        let cut = self.cut(Shape::Isolated, nodes, isolated(nodes, Direction::Both));
        if let Some(mend) = cut {
            self.tell(Act::Isolate(Target::Nodes(nodes), Direction::Both), Some(every.min(until - now)));
            self.later(every.min(until - now), mend);
            self.later(every.saturating_mul(2), Sequel::Flap(nodes, every, until));
        }
    }

    /// Disks work again, and nodes that have stopped because of them start.
    fn repair(&mut self, nodes: u64) {
        self.each(nodes, |world, node| world.set_condition(node, Condition::Works));
        self.restart(nodes);
    }

    fn hit_each(&mut self, nodes: u64, sequel: Sequel, act: impl FnMut(&mut Self, NodeId)) -> Sequel {
        self.each(nodes, act);
        sequel
    }

    pub(crate) fn each(&mut self, nodes: u64, mut act: impl FnMut(&mut Self, NodeId)) {
        for node in self.nodes().filter(|node| nodes & node.bit() != 0) {
            act(self, node);
        }
    }
}
