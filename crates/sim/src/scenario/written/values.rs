//! Single values of a plan as a file has them: times, chances, nodes, targets, distributions.

use crate::chance::Chance;
use crate::distribution::Distribution;
use crate::plan::Target;
use crate::scenario::duration::Shown;
use crate::scenario::json::Json;
use crate::scenario::probability::Probability;
use crate::scenario::resolved::as_it_stands;
use crate::scenario::target::ROLES;
use whitewater_check::types::{Nanos, NodeId};

/// An object of these fields.
pub(super) fn object<const N: usize>(fields: [(&str, Json); N]) -> Json {
    Json::Object(fields.map(|(name, value)| (name.to_owned(), value)).into())
}

/// A list of these elements.
pub(super) fn list(elements: impl IntoIterator<Item = Json>) -> Json {
    Json::List(elements.into_iter().collect())
}

/// A whole number.
pub(super) fn number(number: u64) -> Json {
    Json::Leaf(number.to_string())
}

/// A time with its unit.
pub(super) fn time(time: Nanos) -> Json {
    Json::text(&Shown(time).to_string())
}

/// A probability.
pub(super) fn chance(chance: Chance) -> Json {
    Json::Leaf(Probability::per_billion(chance.to_per_billion()).to_string())
}

/// A distribution of times; a constant one is a time.
pub(super) fn spread(spread: &Distribution) -> Json {
    as_it_stands(&spread.to_string())
}

/// One node by its name, several as a list.
pub(super) fn nodes(set: u64) -> Json {
    let members = (0..NodeId::MAX as u8).map(NodeId).filter(|node| set & node.bit() != 0);
    let mut names: Vec<Json> = members.map(|node| Json::text(&node.to_string())).collect();
    match names.len() {
        1 => names.swap_remove(0),
        _ => Json::List(names),
    }
}

/// Whom an act is aimed at.
pub(super) fn target(target: Target) -> Json {
    match (target, ROLES.iter().find(|(_, role)| *role == target)) {
        (Target::Nodes(set), _) => nodes(set),
        (_, role) => Json::text(role.map_or("all", |(name, _)| name)),
    }
}
