//! Predicates as text, and the words that stand for their parts.
//!
//! The parser finds its words in the same tables, so that what is printed can be read again.

use crate::predicate::{Compare, Field, Group, Predicate};
use std::fmt;
use whitewater_check::observe::Role;

/// The groups by name.
pub(crate) const GROUPS: [(&str, Group); 5] = [
    ("leaders", Group::Leaders),
    ("candidates", Group::Candidates),
    ("followers", Group::Followers),
    ("up", Group::Up),
    ("down", Group::Down),
];

/// The fields by name.
pub(crate) const FIELDS: [(&str, Field); 4] =
    [("term", Field::Term), ("commit", Field::Commit), ("applied", Field::Applied), ("last", Field::Last)];

/// The comparisons by symbol.
pub(crate) const COMPARES: [(&str, Compare); 6] = [
    ("==", Compare::Equal),
    ("!=", Compare::NotEqual),
    (">=", Compare::AtLeast),
    ("<=", Compare::AtMost),
    (">", Compare::Above),
    ("<", Compare::Below),
];

/// The roles by name.
pub(crate) const ROLES: [(&str, Role); 3] =
    [("leader", Role::Leader), ("candidate", Role::Candidate), ("follower", Role::Follower)];

fn word<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    table.iter().find(|(_, other)| other == value).map_or("?", |(word, _)| word)
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LeaderElected => f.write_str("leader elected"),
            Self::LogsEqual => f.write_str("logs equal"),
            Self::Marker { name, .. } => f.write_str(name),
            Self::Count(group, compare, n) => {
                write!(f, "count({}) {} {n}", word(&GROUPS, group), word(&COMPARES, compare))
            }
            Self::Highest(field, compare, n) => {
                write!(f, "{} {} {n}", word(&FIELDS, field), word(&COMPARES, compare))
            }
            Self::OfNode(node, field, compare, n) => {
                write!(f, "{node}.{} {} {n}", word(&FIELDS, field), word(&COMPARES, compare))
            }
            Self::Plays(node, role) => write!(f, "{node}.role == {}", word(&ROLES, role)),
            Self::PlaysNot(node, role) => write!(f, "{node}.role != {}", word(&ROLES, role)),
            Self::Not(other) => {
                f.write_str("not ")?;
                other.part(f)
            }
            Self::All(all) => joined(f, all, " and "),
            Self::Any(any) => joined(f, any, " or "),
        }
    }
}

impl Predicate {
    /// The text as a part of a longer one: in parentheses when it is a list itself.
    fn part(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(self, Self::All(_) | Self::Any(_)) { write!(f, "({self})") } else { write!(f, "{self}") }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Predicate], between: &str) -> fmt::Result {
    for (n, part) in parts.iter().enumerate() {
        if n > 0 {
            f.write_str(between)?;
        }
        part.part(f)?;
    }
    Ok(())
}
