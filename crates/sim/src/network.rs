//! The network: which links are cut, and the fate of every message.
//!
//! A message's fate is decided before it is copied, from one draw whose address is (link, kind, term,
//! n-th of these): 16 bits for loss, 12 for a duplicate, 12 for being held back, 24 for the delay. A cut
//! link loses what is sent while it is cut and what would arrive while it is cut. Messages of one link may
//! overtake each other; a protocol that needs order has to make it.

use crate::chance::{Chance, Key, Keys, between, mix};
use crate::distribution::Distribution;
use crate::plan::{Direction, LinkPlan, NetworkPlan};
use crate::ratio::scaled;
use whitewater_check::observe::{Brief, Kind};
use whitewater_check::types::{Nanos, NodeId, Term};

/// How many times its drawn delay a message waits that is held back.
const HELD_BACK: u64 = 4;

/// The scale of a link that is as its plan says, in parts per million.
const TRUE_SCALE: u32 = 1_000_000;

/// Where the scale of a link is drawn; no message has this address.
const SCALE_ADDRESS: u64 = u64::MAX;

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is lost to a cut link.
    Cut,
    /// It is lost by chance.
    Lost,
    /// It arrives after `delay`, and a second copy of it after `copy`.
    Arrives {
        /// The time on the way, in nanoseconds.
        delay: Nanos,
        /// The time on the way of a second copy.
        copy: Option<Nanos>,
    },
}

/// One direction between two nodes.
#[derive(Clone, Debug)]
struct Link {
    key: Key,
    plan: u16,
    /// By how much its latency is scaled, in parts per million.
    scale: u32,
    /// By kind: the term of the last message and how many of that term there were.
    sent: [(Term, u32); Kind::COUNT],
    /// How many messages were ever sent on the link, and the highest of these numbers that has arrived.
    sequence: u32,
    arrived: u32,
}

/// A cut in force: by sender, the receivers that it does not reach.
#[derive(Clone, Debug)]
struct Cut {
    id: u32,
    lost: [u64; 64],
}

/// All links of a cluster.
#[derive(Debug, Default)]
pub(crate) struct Network {
    nodes: usize,
    plans: Vec<LinkPlan>,
    links: Vec<Link>,
    cuts: Vec<Cut>,
    /// The union of all cuts, by sender.
    lost: Vec<u64>,
    /// From the settle phase on nothing is lost, doubled or held back.
    calm: bool,
}

impl Network {
    /// A healthy network of `nodes` nodes.
    pub(crate) fn reset(&mut self, nodes: usize, plan: &NetworkPlan, keys: &Keys) {
        self.nodes = nodes;
        self.calm = false;
        self.plans.clear();
        self.plans.push(plan.all.clone());
        self.plans.extend(plan.links.iter().map(|(_, _, link)| link.clone()));
        self.links.clear();
        for from in 0..nodes {
            for to in 0..nodes {
                let (from, to) = (NodeId(from as u8), NodeId(to as u8));
                let rule = plan.links.iter().rposition(|(a, b, _)| a & from.bit() != 0 && b & to.bit() != 0);
                let key = keys.link(from, to);
                self.links.push(Link {
                    key,
                    scale: scale(plan.asymmetry, key),
                    plan: rule.map_or(0, |rule| rule as u16 + 1),
                    sent: [(0, 0); Kind::COUNT],
                    sequence: 0,
                    arrived: 0,
                });
            }
        }
        self.cuts.clear();
        self.join_cuts();
    }

    /// How messages travel: everywhere, and on each set of links that has its own ways.
    pub(crate) fn plans(&self) -> impl Iterator<Item = &LinkPlan> {
        self.plans.iter()
    }

    /// Decides on a message, and gives it its number on the link.
    #[inline(always)]
    pub(crate) fn send(&mut self, from: NodeId, to: NodeId, brief: &Brief) -> (Fate, u32) {
        let link = &mut self.links[from.slot() * self.nodes + to.slot()];
        link.sequence += 1;
        let (term, nth) = &mut link.sent[brief.kind as usize];
        if *term != brief.term {
            (*term, *nth) = (brief.term, 0);
        }
        *nth += 1;
        if self.lost[from.slot()] & to.bit() != 0 {
            return (Fate::Cut, link.sequence);
        }
        let address = (brief.term << 32 | u64::from(*nth)) << 3 | brief.kind as u64;
        let plan = &self.plans[usize::from(link.plan)];
        let fate = fate(link.key.draw(address), plan, link.scale, self.calm);
        (fate, link.sequence)
    }

    /// Whether the link is cut now.
    pub(crate) fn is_cut(&self, from: NodeId, to: NodeId) -> bool {
        self.lost[from.slot()] & to.bit() != 0
    }

    /// Whether any link is cut now.
    pub(crate) fn partitioned(&self) -> bool {
        !self.cuts.is_empty()
    }

    /// Message `number` of a link arrives. Whether a later one had arrived before it.
    pub(crate) fn arrives(&mut self, from: NodeId, to: NodeId, number: u32) -> bool {
        let link = &mut self.links[from.slot() * self.nodes + to.slot()];
        let overtaken = number < link.arrived;
        link.arrived = link.arrived.max(number);
        overtaken
    }

    /// From now on nothing is lost, doubled or held back, but for what is cut.
    pub(crate) fn calm(&mut self) {
        self.calm = true;
    }

    /// Adds the cut `id`: each node reaches only those of `reaches(node)`. Whether that cuts any link at all.
    pub(crate) fn cut(&mut self, id: u32, reaches: impl Fn(NodeId) -> u64) -> bool {
        let everybody = node_set(self.nodes, |_| true);
        let mut lost = [0; 64];
        for (node, lost) in lost.iter_mut().enumerate().take(self.nodes) {
            let node = NodeId(node as u8);
            *lost = everybody & !(reaches(node) | node.bit());
        }
        if lost.iter().all(|&lost| lost == 0) {
            return false;
        }
        for (all, lost) in self.lost.iter_mut().zip(lost) {
            *all |= lost;
        }
        self.cuts.push(Cut { id, lost });
        true
    }

    /// Mends the cut `id`. Whether it was still in force.
    pub(crate) fn mend(&mut self, id: u32) -> bool {
        let before = self.cuts.len();
        self.cuts.retain(|cut| cut.id != id);
        self.join_cuts();
        self.cuts.len() < before
    }

    /// Mends every cut but these.
    pub(crate) fn heal(&mut self, standing: &[u32]) {
        self.cuts.retain(|cut| standing.contains(&cut.id));
        self.join_cuts();
    }

    /// Whether two nodes hear each other.
    pub(crate) fn hear_each_other(&self, a: NodeId, b: NodeId) -> bool {
        !self.is_cut(a, b) && !self.is_cut(b, a)
    }

    /// How long a client's request or its answer takes; `None` when it is lost. Clients are outside of the
    /// cluster: no cut is between them and a node.
    pub(crate) fn client_way(&self, draw: u64) -> Option<Nanos> {
        let plan = &self.plans[0];
        let lost = !self.calm && plan.loss.happens(draw, 16);
        (!lost).then(|| plan.latency.sample((draw >> 32) as u32))
    }

    fn join_cuts(&mut self) {
        self.lost.clear();
        self.lost.resize(self.nodes, 0);
        for cut in &self.cuts {
            for (all, lost) in self.lost.iter_mut().zip(cut.lost) {
                *all |= lost;
            }
        }
    }
}

/// By how much the latency of a link is scaled, drawn once a link.
fn scale(asymmetry: Chance, key: Key) -> u32 {
    let part = (asymmetry.to_per_billion() / 1_000).min(u64::from(TRUE_SCALE) - 1);
    between(key.draw(SCALE_ADDRESS), u64::from(TRUE_SCALE) - part, u64::from(TRUE_SCALE) + part) as u32
}

fn fate(draw: u64, plan: &LinkPlan, scale: u32, calm: bool) -> Fate {
    if !calm && plan.loss.happens(draw, 16) {
        return Fate::Lost;
    }
    let mut delay = scaled(plan.latency.sample((draw >> 32) as u32 & !0xff), scale, TRUE_SCALE);
    let mut copy = None;
    if !calm {
        if plan.reorder.happens(draw >> 28, 12) {
            delay = delay.saturating_mul(HELD_BACK);
        }
        if plan.duplicate.happens(draw >> 16, 12) {
            let late = plan.latency.sample((mix(draw, 1) >> 32) as u32);
            copy = Some(scaled(late, scale, TRUE_SCALE));
        }
    }
    Fate::Arrives { delay, copy }
}

/// Whom each node reaches when every node of `alone` is cut off, each for itself.
pub(crate) fn isolated(alone: u64, direction: Direction) -> impl Fn(NodeId) -> u64 {
    move |from| match direction {
        Direction::Both if alone & from.bit() != 0 => 0,
        Direction::Out if alone & from.bit() != 0 => 0,
        Direction::Both | Direction::In => !alone,
        Direction::Out => u64::MAX,
    }
}

/// Whom each node reaches when only members of one group reach each other; the nodes that no group names
/// are one more group.
pub(crate) fn grouped(groups: &[u64]) -> impl Fn(NodeId) -> u64 {
    let named = groups.iter().fold(0, |all, group| all | group);
    move |from| groups.iter().copied().find(|group| group & from.bit() != 0).unwrap_or(!named)
}

/// Whom each of `nodes` nodes reaches when two halves see each other only through `bridge`.
pub(crate) fn bridged(bridge: NodeId, nodes: usize) -> impl Fn(NodeId) -> u64 {
    let half = move |node: NodeId| {
        let place = (node.slot() + nodes - bridge.slot()) % nodes;
        place <= nodes / 2
    };
    move |from| {
        let reaches = |to: NodeId| from == bridge || to == bridge || half(from) == half(to);
        node_set(nodes, reaches)
    }
}

/// Whom each of `nodes` nodes reaches when it sees a majority made of its nearest neighbours in a ring, so
/// that no two nodes see the same one. A ring of three is open: its ends do not see each other.
pub(crate) fn ring(nodes: usize) -> impl Fn(NodeId) -> u64 {
    move |from| {
        let reaches = |to: NodeId| {
            let forth = (to.slot() + nodes - from.slot()) % nodes;
            let ends = nodes == 3 && from.slot().abs_diff(to.slot()) == 2;
            forth.min(nodes - forth) <= (nodes / 2).div_ceil(2) && !ends
        };
        node_set(nodes, reaches)
    }
}

fn node_set(nodes: usize, member: impl Fn(NodeId) -> bool) -> u64 {
    (0..nodes as u8).map(NodeId).filter(|&node| member(node)).fold(0, |set, node| set | node.bit())
}

impl LinkPlan {
    /// A link that loses nothing.
    #[must_use]
    pub fn reliable(latency: Distribution) -> Self {
        Self { latency, loss: Chance::NEVER, duplicate: Chance::NEVER, reorder: Chance::NEVER }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Purpose;

    const APPEND: Brief = Brief {
        kind: Kind::AppendEntries,
        term: 3,
        granted: None,
        acknowledged: None,
        commit_index: None,
        prev_log_index: 0,
        entries: 0,
    };

    fn network(nodes: usize, plan: LinkPlan) -> Network {
        let mut network = Network::default();
        network.reset(
            nodes,
            &NetworkPlan { all: plan, links: Vec::new(), asymmetry: Chance::NEVER },
            &Keys::new(5),
        );
        network
    }

    fn lossy(loss: u64) -> LinkPlan {
        LinkPlan {
            loss: Chance::per_billion(loss),
            ..LinkPlan::reliable(Distribution::uniform(1_000, 2_000))
        }
    }

    fn fates(network: &mut Network, from: u8, to: u8, count: usize) -> Vec<Fate> {
        (0..count).map(|_| network.send(NodeId(from), NodeId(to), &APPEND).0).collect()
    }

    #[test]
    fn a_message_less_on_one_link_shifts_no_other() {
        let mut one = network(3, lossy(200_000_000));
        let mut other = network(3, lossy(200_000_000));
        fates(&mut one, 0, 1, 17);
        assert_eq!(fates(&mut one, 0, 2, 50), fates(&mut other, 0, 2, 50));
        let vote = Brief { kind: Kind::RequestVote, ..APPEND };
        one.send(NodeId(2), NodeId(1), &vote);
        assert_eq!(fates(&mut one, 2, 1, 50), fates(&mut other, 2, 1, 50), "another kind, another address");
    }

    #[test]
    fn loss_and_delay_are_as_asked() {
        let mut net = network(2, lossy(100_000_000));
        let fates = fates(&mut net, 0, 1, 20_000);
        let lost = fates.iter().filter(|&&fate| fate == Fate::Lost).count();
        assert!((1_800..2_200).contains(&lost), "{lost}");
        assert!(fates.iter().all(|fate| match fate {
            Fate::Arrives { delay, copy } => (1_000..=2_000).contains(delay) && copy.is_none(),
            Fate::Lost => true,
            Fate::Cut => false,
        }));
    }

    #[test]
    fn duplicates_and_held_back_messages_come_as_often_as_asked() {
        let tenth = Chance::per_billion(100_000_000);
        let plan = LinkPlan { duplicate: tenth, reorder: tenth, ..lossy(0) };
        let mut net = network(2, plan);
        let fates = fates(&mut net, 0, 1, 20_000);
        let copies = fates.iter().filter(|f| matches!(f, Fate::Arrives { copy: Some(_), .. })).count();
        let held = fates.iter().filter(|f| matches!(f, Fate::Arrives { delay: 2_001.., .. })).count();
        assert!((1_800..2_200).contains(&copies) && (1_800..2_200).contains(&held), "{copies} {held}");
    }

    #[test]
    fn a_calm_network_loses_only_what_is_cut() {
        let mut net = network(2, lossy(1_000_000_000));
        assert_eq!(fates(&mut net, 0, 1, 3), [Fate::Lost; 3]);
        net.calm();
        assert!(matches!(fates(&mut net, 0, 1, 1)[..], [Fate::Arrives { copy: None, .. }]));
        net.cut(1, isolated(0b01, Direction::Both));
        assert_eq!(fates(&mut net, 0, 1, 1), [Fate::Cut]);
    }

    #[test]
    fn the_last_override_that_matches_a_link_wins() {
        let keys = Keys::new(5);
        let links = vec![(0b001, 0b110, lossy(0)), (0b001, 0b100, lossy(1_000_000_000))];
        let mut net = Network::default();
        net.reset(3, &NetworkPlan { all: lossy(1_000_000_000), links, asymmetry: Chance::NEVER }, &keys);
        assert!(matches!(fates(&mut net, 0, 1, 1)[..], [Fate::Arrives { .. }]));
        assert_eq!(fates(&mut net, 0, 2, 1), [Fate::Lost]);
        assert_eq!(fates(&mut net, 1, 0, 1), [Fate::Lost]);
    }

    /// Who reaches whom, as rows of 0 and 1.
    fn reach(net: &Network) -> Vec<String> {
        let digit = |from, to| if net.is_cut(NodeId(from), NodeId(to)) { '0' } else { '1' };
        let nodes = net.nodes as u8;
        (0..nodes).map(|from| (0..nodes).map(|to| digit(from, to)).collect()).collect()
    }

    #[test]
    fn cuts_have_the_shapes_of_their_names() {
        let mut net = network(5, lossy(0));
        net.cut(1, isolated(0b00001, Direction::Both));
        assert_eq!(reach(&net), ["10000", "01111", "01111", "01111", "01111"]);
        net.heal(&[]);
        net.cut(2, isolated(0b00001, Direction::In));
        assert_eq!(reach(&net), ["11111", "01111", "01111", "01111", "01111"]);
        net.heal(&[]);
        net.cut(3, isolated(0b00001, Direction::Out));
        assert_eq!(reach(&net), ["10000", "11111", "11111", "11111", "11111"]);
        net.heal(&[]);
        net.cut(4, grouped(&[0b00011]));
        assert_eq!(reach(&net), ["11000", "11000", "00111", "00111", "00111"]);
        net.heal(&[]);
        net.cut(5, bridged(NodeId(2), 5));
        assert_eq!(reach(&net), ["11100", "11100", "11111", "00111", "00111"]);
        net.heal(&[]);
        net.cut(6, ring(5));
        assert_eq!(reach(&net), ["11001", "11100", "01110", "00111", "10011"]);
    }

    #[test]
    fn what_cuts_no_link_is_no_cut() {
        let mut pair = network(2, lossy(0));
        assert!(
            !pair.cut(1, ring(2)) && !pair.cut(2, bridged(NodeId(0), 2)) && !pair.cut(3, grouped(&[0b11]))
        );
        assert!(!pair.partitioned());
        let mut three = network(3, lossy(0));
        assert!(three.cut(4, ring(3)));
        assert_eq!(reach(&three), ["110", "111", "011"]);
    }

    #[test]
    fn cuts_add_up_and_are_mended_one_by_one() {
        let mut net = network(3, lossy(0));
        net.cut(1, isolated(0b001, Direction::Both));
        net.cut(2, isolated(0b010, Direction::Both));
        assert_eq!(reach(&net), ["100", "010", "001"]);
        assert!(net.mend(1));
        assert_eq!(reach(&net), ["101", "010", "101"]);
        assert!(!net.mend(1) && net.partitioned());
        net.heal(&[]);
        assert!(!net.partitioned());
    }

    #[test]
    fn a_message_that_a_later_one_passed_was_overtaken() {
        let mut net = network(2, lossy(0));
        assert!(!net.arrives(NodeId(0), NodeId(1), 2));
        assert!(net.arrives(NodeId(0), NodeId(1), 1));
        assert!(!net.arrives(NodeId(1), NodeId(0), 1), "each direction by itself");
    }

    #[test]
    fn every_link_has_its_own_luck() {
        let keys = Keys::new(9);
        assert_ne!(keys.link(NodeId(0), NodeId(1)), keys.link(NodeId(1), NodeId(0)));
        assert_ne!(keys.link(NodeId(0), NodeId(1)), keys.key(Purpose::Disk, 1));
    }
}
