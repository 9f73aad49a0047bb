//! What a run is stopped for: that a predicate comes to hold, or that something changes.
//!
//! ```text
//! trap     = watched "changes" | predicate
//! watched  = "leader" | field | node "." ( field | "role" | "up" )
//! ```

use whitewater_check::observe::{Look, Role};
use whitewater_check::types::NodeId;
use whitewater_sim::predicate::{Field, Mistake, Predicate, nearest};
use whitewater_sim::scenario::marker_names;
use whitewater_sim::scene::Scene;

/// What a run is stopped for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trap {
    /// It holds, and did not before.
    Holds(Predicate),
    /// It is another than before.
    Changes(Watched),
}

/// Something that can be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Who leads: the live leader of the highest term.
    Leader,
    /// The highest value among the live nodes.
    Highest(Field),
    /// A field of a node.
    OfNode(NodeId, Field),
    /// The role of a node.
    Role(NodeId),
    /// Whether a node is up.
    Up(NodeId),
}

/// What is watched, as a number: of a leader its slot, of a role its place, of what is up 1. `None` when there is
/// none: nobody leads, the node is down.
pub type Value = Option<u64>;

/// A trap closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The moment.
    pub moment: usize,
    /// What was watched, before; a predicate has no value.
    pub before: Value,
    /// What it is now.
    pub after: Value,
}

/// The fields by name.
const FIELDS: [(&str, Field); 4] =
    [("term", Field::Term), ("commit", Field::Commit), ("applied", Field::Applied), ("last", Field::Last)];

/// The word that makes a trap of something that can be watched.
const CHANGES: &str = "changes";

impl Trap {
    /// The trap that a text spells, for a cluster of so many nodes.
    ///
    /// # Errors
    ///
    /// When it spells none, or names a node that is not there.
    pub fn parse(text: &str, nodes: u8) -> Result<Self, Mistake> {
        let text = text.trim_end();
        if let Some(watched) = text.strip_suffix(CHANGES).filter(|rest| rest.ends_with(' ')) {
            return Watched::parse(watched.trim_end(), nodes).map(Self::Changes);
        }
        let predicate = Predicate::parse(text, &marker_names())?;
        match predicate.highest_node().filter(|node| node.0 >= nodes) {
            None => Ok(Self::Holds(predicate)),
            Some(node) => {
                let name = node.to_string();
                Err(no_such_node(&name, text.find(&name).unwrap_or(0), nodes))
            }
        }
    }
}

impl Watched {
    /// What a text names, in a cluster of so many nodes.
    ///
    /// # Errors
    ///
    /// When it names nothing that can be watched.
    pub fn parse(text: &str, nodes: u8) -> Result<Self, Mistake> {
        let field = |name: &str| FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field);
        let Some((name, part)) = text.split_once('.') else {
            let highest = field(text).map(Self::Highest);
            let known = ["leader"].into_iter().chain(FIELDS.map(|(name, _)| name));
            return match text {
                "leader" => Ok(Self::Leader),
                _ => highest.ok_or_else(|| unknown(text, 0, nearest(text, known))),
            };
        };
        let node = node(name, 0, nodes)?;
        match part {
            "role" => Ok(Self::Role(node)),
            "up" => Ok(Self::Up(node)),
            _ => field(part).map(|field| Self::OfNode(node, field)).ok_or_else(|| {
                let known = ["role", "up"].into_iter().chain(FIELDS.map(|(name, _)| name));
                unknown(part, name.len() + 1, nearest(part, known))
            }),
        }
    }

    /// What it is in a scene.
    fn value(self, scene: &dyn Scene) -> Value {
        let up = |node: &NodeId| scene.server(*node).up;
        let mut live = (0..scene.nodes()).map(NodeId).filter(up);
        match self {
            Self::Leader => live
                .filter(|node| scene.look(*node).role == Role::Leader)
                .max_by_key(|node| scene.look(*node).term)
                .map(|node| node.slot() as u64),
            Self::Highest(field) => live.map(|node| of_look(field, &scene.look(node))).max(),
            Self::OfNode(node, field) => {
                live.find(|other| *other == node).map(|node| of_look(field, &scene.look(node)))
            }
            Self::Role(node) => live.find(|other| *other == node).map(|node| scene.look(node).role as u64),
            Self::Up(node) => live.find(|other| *other == node).map(|_| 1),
        }
    }
}

/// The value of a field in a look.
fn of_look(field: Field, look: &Look) -> u64 {
    match field {
        Field::Term => look.term,
        Field::Commit => look.commit_index,
        Field::Applied => look.last_applied,
        Field::Last => look.last_index,
    }
}

/// The name of a field.
#[must_use]
pub fn field_name(field: Field) -> &'static str {
    FIELDS.iter().find(|(_, known)| *known == field).map_or("?", |(name, _)| name)
}

/// The node of a name that stands at a place of a text.
pub(crate) fn node(name: &str, at: usize, nodes: u8) -> Result<NodeId, Mistake> {
    let number = name.strip_prefix('n').filter(|digits| !digits.starts_with('0'));
    let number = number.and_then(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(digits));
    match number.and_then(|digits| digits.parse::<u8>().ok()).filter(|number| (1..=nodes).contains(number)) {
        Some(number) => Ok(NodeId(number - 1)),
        None => Err(no_such_node(name, at, nodes)),
    }
}

fn no_such_node(name: &str, at: usize, nodes: u8) -> Mistake {
    let message = format!("expected a node from n1 to n{nodes}, found `{}`", shortened(name));
    Mistake { at, width: name.len().max(1), message, help: None }
}

fn unknown(text: &str, at: usize, meant: Option<&str>) -> Mistake {
    let message = format!(
        "expected something that can change: `leader`, `term`, `n3.commit`, `n3.role`, `n3.up`; found `{}`",
        shortened(text)
    );
    let help = meant.map(|word| format!("did you mean `{word}`?"));
    Mistake { at, width: text.len().max(1), message, help }
}

/// A word as it is repeated in a message: its beginning, if it is long.
pub(crate) fn shortened(word: &str) -> String {
    const LONGEST: usize = 40;
    match word.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &word[..end]),
        None => word.to_owned(),
    }
}

/// A trap while a run goes on.
#[derive(Debug)]
pub(crate) struct Before {
    trap: Trap,
    /// What was seen last: the value, or whether the predicate held.
    last: Option<Value>,
    hits: Vec<Hit>,
}

impl Before {
    /// A trap that has seen nothing yet.
    pub(crate) fn new(trap: Trap) -> Self {
        Self { trap, last: None, hits: Vec::new() }
    }

    /// Looks at a scene with this number.
    pub(crate) fn look(&mut self, scene: &dyn Scene, number: usize) {
        let now = match &self.trap {
            Trap::Holds(predicate) => scene.holds(predicate).then_some(1),
            Trap::Changes(watched) => watched.value(scene),
        };
        let before = self.last.replace(now);
        let closes = match self.trap {
            Trap::Holds(_) => now.is_some() && before.flatten().is_none(),
            Trap::Changes(_) => before.is_some_and(|before| before != now),
        };
        if closes {
            self.hits.push(Hit { moment: number, before: before.flatten(), after: now });
        }
    }

    /// When it closed.
    pub(crate) fn into_hits(self) -> Vec<Hit> {
        self.hits
    }
}
