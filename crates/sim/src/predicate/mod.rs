//! Predicates about a cluster: what `when`, `finally`, `sometimes` and `never` wait for or judge.
//!
//! ```text
//! either    = both { "or" both }
//! both      = denial { "and" denial }
//! denial    = "not" denial | "(" either ")" | fact
//! fact      = "leader" "elected" | "logs" "equal"
//!           | "count" "(" group ")" compare number
//!           | field compare number                  the highest among the live nodes
//!           | node "." field compare number
//!           | node "." "role" ("==" | "!=") role
//!           | marker                                it was seen in this run
//! group     = "leaders" | "candidates" | "followers" | "up" | "down"
//! field     = "term" | "commit" | "applied" | "last"
//! compare   = "==" | "!=" | ">=" | "<=" | ">" | "<"
//! role      = "leader" | "candidate" | "follower"
//! node      = "n1" .. "n63"
//! ```
//!
//! A crashed node has no memory: no comparison about it holds, `!=` neither. Predicates are judged after
//! steps, so [`Predicate::holds`] allocates nothing. They know a cluster as a [`ClusterView`] and no more.

mod aspects;
pub(crate) mod lexer;
pub(crate) mod near;
mod parse;
mod show;

pub(crate) use aspects::Aspects;
pub use lexer::Mistake;
pub use near::nearest;

use whitewater_check::observe::Role;
use whitewater_check::types::{Index, NodeId, Term};

/// A node as a predicate sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NodeView {
    /// Whether its process lives; a paused one does. Of one that does not, nothing else is looked at.
    pub up: bool,
    /// The part that it plays.
    pub role: Role,
    /// Its current term.
    pub term: Term,
    /// The highest index that it holds to be committed.
    pub commit_index: Index,
    /// The highest index that it has applied.
    pub last_applied: Index,
    /// The index of its last log entry.
    pub last_index: Index,
}

/// A cluster as a predicate sees it.
pub trait ClusterView {
    /// How many nodes it has.
    fn nodes(&self) -> usize;

    /// The node in this slot, counted from 0.
    fn node(&self, slot: usize) -> NodeView;

    /// Whether all nodes are up and hold the same log.
    fn logs_equal(&self) -> bool;

    /// How often the marker was seen in this run: its place among the names that the parser was given.
    fn marker(&self, index: usize) -> u64;
}

/// A set of nodes that can be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Live nodes that believe that they lead.
    Leaders,
    /// Live nodes that ask for votes.
    Candidates,
    /// Live nodes that follow.
    Followers,
    /// Live nodes.
    Up,
    /// Crashed nodes.
    Down,
}

/// A number that a node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Its current term.
    Term,
    /// Its commit index.
    Commit,
    /// Its last applied index.
    Applied,
    /// The index of its last log entry.
    Last,
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `>=`
    AtLeast,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `<`
    Below,
}

/// Something that holds in a cluster at a moment, or does not.
///
/// [`Predicate::parse`] makes it from text; its `Display` is that text again, evenly spaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Predicate {
    /// A live node leads.
    LeaderElected,
    /// All nodes are up and hold the same log.
    LogsEqual,
    /// Something noteworthy was seen in this run.
    Marker {
        /// Its place among the names that the parser was given.
        index: usize,
        /// Its name.
        name: &'static str,
    },
    /// How many nodes are in a group.
    Count(Group, Compare, u64),
    /// The highest value among the live nodes; 0 when there are none.
    Highest(Field, Compare, u64),
    /// The value of one node.
    OfNode(NodeId, Field, Compare, u64),
    /// One node plays this role.
    Plays(NodeId, Role),
    /// One live node plays another role.
    PlaysNot(NodeId, Role),
    /// The other does not hold.
    Not(Box<Predicate>),
    /// Every one of two or more holds.
    All(Vec<Predicate>),
    /// At least one of two or more holds.
    Any(Vec<Predicate>),
}

impl Predicate {
    /// Whether it holds in this cluster now.
    #[must_use]
    pub fn holds(&self, cluster: &impl ClusterView) -> bool {
        match self {
            Self::LeaderElected => live(cluster).any(|node| node.role == Role::Leader),
            Self::LogsEqual => cluster.logs_equal(),
            Self::Marker { index, .. } => cluster.marker(*index) > 0,
            Self::Count(group, compare, n) => compare.holds(group.count(cluster), *n),
            Self::Highest(field, compare, n) => {
                compare.holds(live(cluster).map(|node| field.of(node)).max().unwrap_or(0), *n)
            }
            Self::OfNode(node, field, compare, n) => {
                alive(cluster, *node).is_some_and(|node| compare.holds(field.of(node), *n))
            }
            Self::Plays(node, role) => alive(cluster, *node).is_some_and(|node| node.role == *role),
            Self::PlaysNot(node, role) => alive(cluster, *node).is_some_and(|node| node.role != *role),
            Self::Not(other) => !other.holds(cluster),
            Self::All(all) => all.iter().all(|one| one.holds(cluster)),
            Self::Any(any) => any.iter().any(|one| one.holds(cluster)),
        }
    }

    /// Whether it looks at a marker, which only those who check can count.
    #[must_use]
    pub fn reads_markers(&self) -> bool {
        self.reads().meets(Aspects::MARKERS)
    }

    /// The highest node that it names, if it names any.
    #[must_use]
    pub fn highest_node(&self) -> Option<NodeId> {
        match self {
            Self::OfNode(node, ..) | Self::Plays(node, _) | Self::PlaysNot(node, _) => Some(*node),
            Self::Not(other) => other.highest_node(),
            Self::All(some) | Self::Any(some) => some.iter().filter_map(Self::highest_node).max(),
            Self::LeaderElected
            | Self::LogsEqual
            | Self::Marker { .. }
            | Self::Count(..)
            | Self::Highest(..) => None,
        }
    }
}

fn nodes(cluster: &impl ClusterView) -> impl Iterator<Item = NodeView> {
    (0..cluster.nodes()).map(|slot| cluster.node(slot))
}

fn live(cluster: &impl ClusterView) -> impl Iterator<Item = NodeView> {
    nodes(cluster).filter(|node| node.up)
}

fn alive(cluster: &impl ClusterView, node: NodeId) -> Option<NodeView> {
    (node.slot() < cluster.nodes()).then(|| cluster.node(node.slot())).filter(|node| node.up)
}

impl Group {
    fn count(self, cluster: &impl ClusterView) -> u64 {
        nodes(cluster).filter(|&node| self.holds(node)).count() as u64
    }

    fn holds(self, node: NodeView) -> bool {
        match self {
            Self::Leaders => node.up && node.role == Role::Leader,
            Self::Candidates => node.up && node.role == Role::Candidate,
            Self::Followers => node.up && node.role == Role::Follower,
            Self::Up => node.up,
            Self::Down => !node.up,
        }
    }
}

impl Field {
    fn of(self, node: NodeView) -> u64 {
        match self {
            Self::Term => node.term,
            Self::Commit => node.commit_index,
            Self::Applied => node.last_applied,
            Self::Last => node.last_index,
        }
    }
}

impl Compare {
    fn holds(self, a: u64, b: u64) -> bool {
        match self {
            Self::Equal => a == b,
            Self::NotEqual => a != b,
            Self::AtLeast => a >= b,
            Self::AtMost => a <= b,
            Self::Above => a > b,
            Self::Below => a < b,
        }
    }
}
