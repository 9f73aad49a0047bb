//! Targets: which nodes an act means, looked up when it is due.

use crate::chance::Key;
use crate::environment::Environment;
use crate::plan::Target;
use crate::process::{Process, live};
use crate::replica::System;
use crate::world::World;
use whitewater_check::observe::{Look, Role};
use whitewater_check::types::NodeId;

impl<S: System> World<S> {
    /// Those of the nodes that a target means that are up; `None` when none of them is.
    pub(crate) fn pick_live(&self, target: Target, luck: Key) -> Option<u64> {
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
        let Environment { looks, processes, .. } = &self.environment;
        let leads = |(look, process): &(&Look, &Process)| process.up && look.role == Role::Leader;
        let led = looks.iter().zip(processes).zip((0..).map(NodeId)).filter(|(both, _)| leads(both));
        led.max_by_key(|((look, _), _)| look.term).map(|(_, node)| node)
    }

    /// The live nodes, as bits.
    pub(crate) fn live(&self) -> u64 {
        live(&self.environment.processes)
    }

    fn in_role(&self, role: Role) -> u64 {
        self.live() & self.node_set(|node| self.environment.looks[node.slot()].role == role)
    }

    /// Those nodes that a condition holds for, as bits.
    pub(crate) fn node_set(&self, member: impl Fn(NodeId) -> bool) -> u64 {
        self.nodes().filter(|&node| member(node)).fold(0, |set, node| set | node.bit())
    }
}

/// `count` of the nodes in `from`: each node's draw has its own address, and the lowest win.
pub(crate) fn draw_some(from: u64, count: u8, luck: Key) -> u64 {
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
