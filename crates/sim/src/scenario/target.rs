//! Nodes and targets in a scenario file: `"leader"`, `"n3"`, `["n1", "n2"]`.

use crate::plan::Target;
use crate::predicate::lexer::{looks_like_node, node_of_name};
use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use std::fmt;

/// The roles by their names.
pub(crate) const ROLES: [(&str, Target); 8] = [
    ("leader", Target::Leader),
    ("follower", Target::Follower),
    ("candidate", Target::Candidate),
    ("minority", Target::Minority),
    ("majority", Target::Majority),
    ("crashed", Target::Crashed),
    ("random", Target::Random),
    ("all", Target::All),
];

/// The words that an unknown one is compared with.
const WORDS: [&str; 9] =
    ["leader", "follower", "candidate", "minority", "majority", "crashed", "random", "all", "n1"];

/// Whom an act is aimed at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Aim(pub(crate) Target);

/// A set of named nodes, as bits; never empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nodes(pub(crate) u64);

/// The highest position in a set of nodes, counted from 1.
pub(crate) fn highest(nodes: u64) -> u64 {
    u64::from(u64::BITS - nodes.leading_zeros())
}

impl<'de> Deserialize<'de> for Aim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AimVisitor)
    }
}

impl<'de> Deserialize<'de> for Nodes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodesVisitor)
    }
}

struct AimVisitor;

impl<'de> Visitor<'de> for AimVisitor {
    type Value = Aim;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a role such as \"leader\", a node such as \"n3\", or a list of nodes")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Aim, E> {
        if looks_like_node(word) {
            return NodesVisitor.visit_str(word).map(|nodes: Nodes| Aim(Target::Nodes(nodes.0)));
        }
        let role = ROLES.iter().find(|(name, _)| *name == word);
        role.map(|(_, target)| Aim(*target)).ok_or_else(|| E::unknown_variant(word, &WORDS))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Aim, A::Error> {
        NodesVisitor.visit_seq(list).map(|nodes| Aim(Target::Nodes(nodes.0)))
    }
}

struct NodesVisitor;

impl<'de> Visitor<'de> for NodesVisitor {
    type Value = Nodes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node such as \"n3\", or a list of nodes")
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Nodes, E> {
        let node = node_of_name(word);
        node.map(|node| Nodes(node.bit())).ok_or_else(|| {
            E::custom(format_args!("expected the name of a node from \"n1\" to \"n63\", found \"{word}\""))
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Nodes, A::Error> {
        let mut nodes = 0;
        while let Some(Name(bit)) = list.next_element()? {
            if nodes & bit != 0 {
                return Err(de::Error::custom(format_args!("n{} is named twice", highest(bit))));
            }
            nodes |= bit;
        }
        if nodes == 0 {
            return Err(de::Error::custom("expected at least one node"));
        }
        Ok(Nodes(nodes))
    }
}

/// One node of a list, as a bit.
struct Name(u64);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NodesVisitor).map(|nodes| Self(nodes.0))
    }
}
