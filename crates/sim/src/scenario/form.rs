//! Brings a text into the form of a scenario, so that all of it can be judged.
//!
//! The reader of values stops at the first that has the wrong form. It is noted and blanked out, and where a
//! value must not be lacking another stands in for it; then the text is read again. A field with a name that
//! is close to a known one is read as that, so that a slip in a name hides nothing within its value. What stands in is chosen
//! so that nothing follows from it: the largest cluster, the longest run. Nothing is judged here beyond form.

use crate::predicate::near::nearest;
use crate::scenario::file::File;
use crate::scenario::mended::{Mended, moved};
use crate::scenario::parse::{MOST, Problem, bare};
use crate::scenario::patch::Patched;
use crate::scenario::path::Step;
use crate::scenario::tree::{DEEPEST, Inner, Member, Node, Spot};
use serde_path_to_error::Segment;
use std::ops::Range;

/// How often a text is read. A mistake takes as many readings as values around it must go with it, so few
/// files need this many.
const READINGS: usize = 4 * MOST;

/// What a pair looks like.
pub(crate) const PAIR: &str = "expected two values: the lower end and the upper end";

/// What a word with a value looks like.
const SINGLE: &str = "expected an object with a single field";

/// What stands in for each field that must not be lacking, in whatever object. As little as possible follows
/// from it, and what does is not reported at its place.
const STAND_INS: [(&str, &str); 25] = [
    ("version", "1"),
    ("name", "\"x\""),
    ("about", "\"x\""),
    ("nodes", "63"),
    ("run_for", "\"86400s\""),
    ("node", "\"n1\""),
    ("term", "1000000"),
    ("count", "1"),
    ("every", "\"1s\""),
    ("pick", "[]"),
    ("do", "\"ring\""),
    ("groups", "[]"),
    ("mean", "\"1s\""),
    ("median", "\"1s\""),
    ("p99", "\"1s\""),
    ("rate", "1"),
    ("what", "\"election_time\""),
    ("property", "\"election_safety\""),
    ("takes", "\"1s\""),
    ("scenario", "\"x\""),
    ("seed", "1"),
    ("steps", "1"),
    ("faults", "1"),
    ("step", "1"),
    ("digest", "\"0x0\""),
];

/// A text whose values are brought into form.
pub(crate) struct Form<'t> {
    text: &'t mut Patched,
    mended: Mended,
    problems: Vec<Problem>,
}

impl<'t> Form<'t> {
    /// A text that was not read yet.
    pub(crate) fn new(text: &'t mut Patched) -> Self {
        Self { text, mended: Mended::default(), problems: Vec::new() }
    }

    /// What was wrong with the form, and where the text was mended; in places of the text as it now is.
    pub(crate) fn into_parts(self) -> (Vec<Problem>, Mended) {
        (self.problems, self.mended)
    }

    /// The file of what has the right form, and its tree. Whatever has not is reported and mended. There is
    /// no file when too much is wrong, or nothing is a scenario.
    pub(crate) fn read(&mut self) -> Option<(File, Node)> {
        for twin in self.tree()?.twins().into_iter().take(MOST) {
            self.report(twin.key.clone(), format!("`{}` is there twice", twin.name));
            self.blank(twin.key.start..twin.value.range.end, None);
        }
        for _ in 0..READINGS {
            if self.problems.len() >= MOST {
                break;
            }
            let tree = self.tree()?;
            let mut reader = serde_json::Deserializer::from_str(self.text.text());
            let error = match serde_path_to_error::deserialize::<_, File>(&mut reader) {
                Ok(file) => return Some((file, tree)),
                Err(error) => error,
            };
            let message = bare(&error.inner().to_string());
            let place = Place::new(self.text.text(), &tree, error.path(), &message);
            self.mend(&place, place.worded(self.text.text(), message))?;
        }
        None
    }

    fn tree(&mut self) -> Option<Node> {
        Node::read(self.text.text())
            .map_err(|at| self.report(at..at + 1, format!("values are nested at most {DEEPEST} deep")))
            .ok()
    }

    fn report(&mut self, range: Range<usize>, message: String) {
        let help = meant(&message).map(|word| format!("did you mean `{word}`?"));
        self.problems.push(Problem { help, ..Problem::new(range, message) });
    }

    /// Reports what is wrong there, and mends it. There is no mending the whole file.
    fn mend(&mut self, place: &Place<'_>, message: String) -> Option<()> {
        let stand_in = self.stand_in(place.spot.node, &message);
        let renamed = meant(&message).and_then(|name| Some((place.key_for(name)?, name)));
        if !self.follows(place, &message) {
            self.report(place.shown.clone(), message.clone());
        }
        match (stand_in, renamed) {
            (Some((at, text)), _) => {
                let put_in = self.insert(at, &text);
                self.mended.put_in(put_in);
            }
            (None, Some((key, name))) => self.rename(key, name),
            (None, None) => self.blank(place.spot.whole.clone()?, place.parent),
        }
        Some(())
    }

    /// Whether something is wrong only because something else was taken out.
    fn follows(&self, place: &Place<'_>, message: &str) -> bool {
        let start = place.spot.node.range.start;
        match missing(message) {
            Some(name) => self.mended.gone(start, name),
            None => place.spot.whole.is_some() && self.mended.lost(start),
        }
    }

    /// What to put into an object that lacks a field, and where. Of a pair with one value, that one stands for
    /// both.
    fn stand_in(&self, node: &Node, message: &str) -> Option<(usize, String)> {
        match (missing(message), &node.inner) {
            (Some(name), Inner::Object(members)) => {
                let (_, value) = STAND_INS.iter().find(|(known, _)| *known == name)?;
                let comma = if members.is_empty() { "" } else { ", " };
                Some((node.range.start + 1, format!("\"{name}\": {value}{comma}")))
            }
            (None, Inner::List(nodes)) if message == PAIR && nodes.len() == 1 => {
                let text = &self.text.text()[nodes[0].range.clone()];
                Some((node.range.end - 1, format!(", {text}")))
            }
            (_, Inner::Object(_) | Inner::List(_) | Inner::Leaf) => None,
        }
    }

    /// Puts text in, which moves everything behind it, and gives its place.
    fn insert(&mut self, at: usize, text: &str) -> Range<usize> {
        let range = at..at + text.len();
        self.text.insert(at, text.to_owned());
        self.problems.iter_mut().for_each(|problem| moved(&mut problem.range, &range));
        range
    }

    /// Gives the field with this name, in quotes, another one.
    fn rename(&mut self, quoted: Range<usize>, name: &str) {
        let end = quoted.end;
        self.text.blank(quoted);
        let put_in = self.insert(end, &format!("\"{name}\""));
        self.mended.move_behind(&put_in);
    }

    /// Blanks out an element or a field of what begins at `parent`, with one comma beside it.
    fn blank(&mut self, whole: Range<usize>, parent: Option<usize>) {
        let text = self.text.text();
        let next = text[whole.end..].trim_start();
        let comma = if next.starts_with(',') {
            Some(text.len() - next.len())
        } else {
            let before = text[..whole.start].trim_end();
            before.ends_with(',').then(|| before.len() - 1)
        };
        let original = &text[whole.clone()];
        let name = original.split('"').nth(1).filter(|_| original.starts_with('"')).map(str::to_owned);
        if let Some(comma) = comma {
            self.text.blank(comma..comma + 1);
        }
        self.text.blank(whole.clone());
        self.mended.take_out(whole, parent, name);
    }
}

/// Where a problem lies.
struct Place<'a> {
    /// The value that it is a problem of.
    spot: Spot<'a>,
    /// Where the object or list begins that the value is in; none for the root.
    parent: Option<usize>,
    /// The fields of that object, with itself.
    beside: &'a [Member],
    /// The bytes to show.
    shown: Range<usize>,
}

impl<'a> Place<'a> {
    /// The place of a message about the value at `path`. Of an unknown field the name is shown, of a missing
    /// one the bracket that opens its object.
    fn new(text: &str, tree: &'a Node, path: &serde_path_to_error::Path, message: &str) -> Self {
        let word = message.strip_prefix("unknown ").and_then(|rest| rest.split('`').nth(1));
        let mut steps: Vec<Step<'_>> = path.iter().filter_map(step).collect();
        steps.extend(word.map(Step::Field));
        let mut spot = Spot { node: tree, whole: None };
        let (mut parent, mut name) = (None, None);
        let mut beside: &[Member] = &[];
        for step in steps {
            if let Some(child) = spot.node.child(step) {
                (parent, name) = (Some(spot.node.range.start), Some(step));
                beside = spot.node.members();
                spot = child;
            }
        }
        let mut shown = spot.node.range.clone();
        if let (Some(word), Some(whole)) = (word, &spot.whole) {
            let quoted = format!("\"{word}\"");
            if name == Some(Step::Field(word)) && text[shown.clone()] != quoted {
                shown = whole.start..whole.start + quoted.len();
            }
        }
        if missing(message).is_some() {
            shown.end = shown.start + 1;
        }
        Self { spot, parent, beside, shown }
    }

    /// The place of the field's name, if the name is what is wrong and nothing beside it has this other one.
    fn key_for(&self, name: &str) -> Option<Range<usize>> {
        let by_name = self.shown.end <= self.spot.node.range.start;
        let free = self.beside.iter().all(|member| member.name != name);
        let this = self.beside.iter().find(|member| member.value.range == self.spot.node.range);
        this.filter(|_| by_name && free).map(|member| member.key.clone())
    }

    /// A message of the reader about a pair, or about a word that may have a value, in words of its own.
    fn worded(&self, text: &str, message: String) -> String {
        let shown = &text[self.shown.clone()];
        match (message.as_str(), &self.spot.node.inner) {
            ("expected value", Inner::Leaf) => "expected a word, or an object with a single field".to_owned(),
            ("expected value", Inner::Object(_) | Inner::List(_)) => SINGLE.to_owned(),
            ("invalid type: unit variant, expected newtype variant", _) => {
                format!("{shown} alone says too little, expected {{{shown}: ...}}")
            }
            (message, Inner::Object(_)) if message.starts_with("trailing") => SINGLE.to_owned(),
            (message, _) if message.starts_with("trailing") => PAIR.to_owned(),
            (message, _) if message.ends_with(", expected unit") => "this word stands alone".to_owned(),
            _ => message,
        }
    }
}

fn step(segment: &Segment) -> Option<Step<'_>> {
    match segment {
        Segment::Seq { index } => Some(Step::Item(*index)),
        Segment::Map { key } => Some(Step::Field(key)),
        Segment::Enum { variant } => Some(Step::Field(variant)),
        Segment::Unknown => None,
    }
}

/// The name in a message of the form "missing field `a`".
fn missing(message: &str) -> Option<&str> {
    message.strip_prefix("missing field `")?.strip_suffix('`')
}

/// The near miss in a message of the form "unknown ... `a`, expected one of `b`, `c`".
fn meant(message: &str) -> Option<&str> {
    let quoted = message.strip_prefix("unknown ")?.split('`').skip(1).step_by(2);
    let words: Vec<&str> = quoted.collect();
    let (word, known) = words.split_first()?;
    nearest(word, known.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::schema::schema;
    use std::collections::BTreeSet;

    #[test]
    fn every_field_that_must_not_be_lacking_has_a_stand_in() {
        let schema: serde_json::Value = serde_json::from_str(&schema()).unwrap();
        let types = schema["$defs"].as_object().unwrap().values().chain([&schema]);
        let required: BTreeSet<&str> = types
            .filter_map(|known| known["required"].as_array())
            .flatten()
            .filter_map(|name| name.as_str())
            .collect();
        let known: BTreeSet<&str> = STAND_INS.iter().map(|(name, _)| *name).collect();
        assert_eq!(known, required);
    }
}
