//! Whether some of the nodes are a quorum and all hear each other: if so, the cluster could get on.

use whitewater_check::types::{NodeId, majority};

/// After how many steps the search gives up; graphs that take so long come from no cut that a scenario can
/// make of up to 63 nodes by a few standing faults.
const BUDGET: u32 = 100_000;

/// Among `live` of `nodes` nodes, a majority that all hear each other: one of the largest sets of that kind;
/// empty when there is none.
pub(crate) fn hearing_quorum(nodes: u8, live: u64, hears: impl Fn(NodeId, NodeId) -> bool) -> u64 {
    let all = || (0..nodes).map(NodeId);
    let heard_by = |node: NodeId| {
        let peers = all().filter(|&peer| peer != node && hears(node, peer));
        peers.fold(0, |set, peer| set | peer.bit()) & live
    };
    let mut search = Search {
        neighbours: all().map(heard_by).collect(),
        least: majority(u32::from(nodes)),
        best: 0,
        budget: BUDGET,
    };
    search.extend(0, live & (u64::MAX >> (64 - nodes)));
    search.best
}

/// The search for the largest set of nodes that all hear each other (Bron and Kerbosch, with bounds).
struct Search {
    neighbours: Vec<u64>,
    least: u32,
    best: u64,
    budget: u32,
}

impl Search {
    /// Extends `chosen` by nodes out of `open`, all of which hear all of it.
    fn extend(&mut self, chosen: u64, mut open: u64) {
        self.budget = self.budget.saturating_sub(1);
        if open == 0 && chosen.count_ones() >= self.least.max(self.best.count_ones() + 1) {
            self.best = chosen;
        }
        while open != 0 && self.budget > 0 {
            let reach = chosen.count_ones() + open.count_ones();
            if reach < self.least || reach <= self.best.count_ones() {
                return;
            }
            let node = open.trailing_zeros() as usize;
            let bit = 1 << node;
            self.extend(chosen | bit, open & self.neighbours[node]);
            open &= !bit;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::{bridged, ring};

    fn among(nodes: u8, live: u64, reaches: impl Fn(NodeId) -> u64) -> u64 {
        hearing_quorum(nodes, live, |a, b| reaches(a) & b.bit() != 0 && reaches(b) & a.bit() != 0)
    }

    #[test]
    fn live_nodes_of_a_healthy_network_are_a_quorum_if_they_are_enough() {
        for (nodes, live, expected) in
            [(5, 0b11111, 0b11111), (5, 0b10101, 0b10101), (5, 0b101, 0), (1, 1, 1)]
        {
            assert_eq!(among(nodes, live, |_| u64::MAX), expected);
        }
        assert_eq!(among(63, u64::MAX >> 1, |_| u64::MAX), u64::MAX >> 1);
    }

    #[test]
    fn a_node_that_is_deaf_is_left_out() {
        let deaf = NodeId(2);
        let reaches = |node| if node == deaf { u64::MAX } else { !deaf.bit() };
        assert_eq!(among(5, 0b11111, reaches), 0b11011);
        assert_eq!(among(3, 0b111, reaches), 0b011);
    }

    #[test]
    fn a_bridge_leaves_one_of_the_halves_with_it() {
        let quorum = among(5, 0b11111, bridged(NodeId(2), 5));
        assert_eq!((quorum.count_ones(), quorum & 0b100), (3, 0b100));
        assert_eq!(among(7, 0b111_1111, ring(7)), 0, "neighbours hear each other, and no four of them do");
    }

    #[test]
    fn a_graph_that_takes_too_long_is_given_up() {
        // Triples that do not hear each other: the most maximal sets that a graph can have, all too small.
        let reaches = |node: NodeId| !(0b111_u64 << (node.0 / 3 * 3));
        assert_eq!(among(63, u64::MAX >> 1, reaches), 0);
    }
}
