//! A file with settings put into it, which still knows where every byte came from.

use crate::scenario::parse::Problem;
use crate::scenario::set::{Goes, Segment, Setting};
use crate::scenario::tree::{Inner, Node};
use std::ops::Range;

/// A text made of pieces of the file and of settings.
#[derive(Debug)]
pub(crate) struct Patched {
    text: String,
    pieces: Vec<Piece>,
}

/// Where a stretch of the text came from.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    /// How long it is.
    length: usize,
    /// The source: 0 is the file, n the n-th setting.
    source: usize,
    /// The bytes of the source. When they are not `length` many, every byte of the piece stands for all
    /// of them.
    from: Range<usize>,
}

impl Piece {
    fn is_verbatim(&self) -> bool {
        self.length == self.from.len()
    }

    /// The piece between two places within it.
    fn part(&self, part: Range<usize>) -> Self {
        let from = match self.is_verbatim() {
            true => self.from.start + part.start..self.from.start + part.end,
            false => self.from.clone(),
        };
        Self { length: part.len(), source: self.source, from }
    }
}

/// What is put in: text, and the bytes of the setting that it comes from.
type Insert = (String, Range<usize>);

impl Patched {
    /// A file and nothing else.
    pub(crate) fn new(text: String) -> Self {
        let whole = Piece { length: text.len(), source: 0, from: 0..text.len() };
        Self { text, pieces: vec![whole] }
    }

    /// The text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The text, for good.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// The source of these bytes, and where they are in it. Of bytes from several sources, those of the first.
    pub(crate) fn origin(&self, range: &Range<usize>) -> (usize, Range<usize>) {
        let mut start = 0;
        let mut found: Option<(usize, Range<usize>)> = None;
        for piece in &self.pieces {
            let (low, high) = (range.start.max(start), range.end.min(start + piece.length));
            let last = start + piece.length == self.text.len();
            if low < high || (found.is_none() && last) {
                let part = piece.part(low.min(start + piece.length) - start..high.max(low) - start);
                match &mut found {
                    None => found = Some((part.source, part.from)),
                    Some((source, from)) if *source == part.source => from.end = from.end.max(part.from.end),
                    Some(_) => break,
                }
            }
            start += piece.length;
        }
        found.unwrap_or((0, range.clone()))
    }

    /// Puts the value of the n-th setting, counted from 1, where its path leads. What is not there is added.
    ///
    /// # Errors
    ///
    /// What is wrong with the setting, at its place in the argument.
    pub(crate) fn apply(&mut self, number: usize, setting: &Setting) -> Result<(), Problem> {
        // A file that is too deep is refused when it is read.
        let Ok(tree) = Node::read(&self.text) else { return Ok(()) };
        let mut node = &tree;
        for (n, segment) in setting.path().iter().enumerate() {
            let Some(spot) = node.child(segment.step()) else {
                let (range, inserts) = addition(node, setting, n)?;
                self.splice(range, number, inserts);
                return Ok(());
            };
            node = spot.node;
        }
        self.splice(node.range.clone(), number, value(setting));
        Ok(())
    }

    /// Blanks these bytes out, which moves nothing.
    pub(crate) fn blank(&mut self, range: Range<usize>) {
        let blank = |byte| if byte == b'\n' { '\n' } else { ' ' };
        let blanks: String = self.text[range.clone()].bytes().map(blank).collect();
        self.text.replace_range(range, &blanks);
    }

    /// Puts text behind the byte before `at`, which must not be the first. It counts as part of that byte.
    pub(crate) fn insert(&mut self, at: usize, text: String) {
        let (source, from) = self.origin(&(at - 1..at));
        self.splice(at..at, source, vec![(text, from)]);
    }

    fn splice(&mut self, range: Range<usize>, source: usize, inserts: Vec<Insert>) {
        let mut pieces = self.cut(0..range.start);
        let mut inserted = String::new();
        for (text, from) in inserts {
            pieces.push(Piece { length: text.len(), source, from });
            inserted.push_str(&text);
        }
        pieces.extend(self.cut(range.end..self.text.len()));
        self.text.replace_range(range, &inserted);
        self.pieces = pieces;
    }

    /// The pieces of a stretch of the text.
    fn cut(&self, range: Range<usize>) -> Vec<Piece> {
        let mut start = 0;
        let mut parts = Vec::new();
        for piece in &self.pieces {
            let (low, high) = (range.start.max(start), range.end.min(start + piece.length));
            if low < high {
                parts.push(piece.part(low - start..high - start));
            }
            start += piece.length;
        }
        parts
    }
}

/// Where and how the rest of a setting's path, from step `n` on, is added to the value that has no such child.
fn addition(node: &Node, setting: &Setting, n: usize) -> Result<(Range<usize>, Vec<Insert>), Problem> {
    let segment = &setting.path()[n];
    let comma = |empty: bool| if empty { "" } else { ", " };
    match (&node.inner, &segment.goes) {
        (Inner::Object(members), Goes::Field(name)) => {
            let mut inserts = vec![key(segment, name)];
            inserts.extend(nested(setting, n + 1)?);
            inserts.push((comma(members.is_empty()).to_owned(), segment.range.clone()));
            Ok((node.range.start + 1..node.range.start + 1, inserts))
        }
        (Inner::List(nodes), Goes::Item(index)) if *index == nodes.len() => {
            let mut inserts = vec![(comma(nodes.is_empty()).to_owned(), segment.range.clone())];
            inserts.extend(nested(setting, n + 1)?);
            Ok((node.range.end - 1..node.range.end - 1, inserts))
        }
        (Inner::List(nodes), Goes::Item(_)) => {
            let message = format!("the list has {}; an index is at most that, which adds one", nodes.len());
            Err(Problem::new(segment.range.clone(), message))
        }
        (Inner::List(_), Goes::Field(_)) => {
            Err(Problem::new(segment.range.clone(), "this is in a list: expected an index such as `[0]`"))
        }
        (Inner::Object(_), Goes::Item(_)) => {
            Err(Problem::new(segment.range.clone(), "this is in an object: expected the name of a field"))
        }
        (Inner::Leaf, _) => {
            Err(Problem::new(segment.range.clone(), "the value before it is plain and has nothing inside"))
        }
    }
}

/// The value of a setting within the objects and lists that the rest of its path asks for.
fn nested(setting: &Setting, from: usize) -> Result<Vec<Insert>, Problem> {
    let (mut before, mut after) = (Vec::new(), Vec::new());
    for segment in &setting.path()[from..] {
        let at = || segment.range.clone();
        match &segment.goes {
            Goes::Field(name) => {
                before.extend([("{".to_owned(), at()), key(segment, name)]);
                after.push(("}".to_owned(), at()));
            }
            Goes::Item(0) => {
                before.push(("[".to_owned(), at()));
                after.push(("]".to_owned(), at()));
            }
            Goes::Item(_) => return Err(Problem::new(at(), "there is no list yet; the first index is 0")),
        }
    }
    before.extend(value(setting));
    before.extend(after.into_iter().rev());
    Ok(before)
}

fn key(segment: &Segment, name: &str) -> Insert {
    (format!("\"{name}\": "), segment.range.clone())
}

/// The value of a setting as JSON. A string that needs no escapes keeps the place of each of its bytes.
fn value(setting: &Setting) -> Vec<Insert> {
    let place = setting.value();
    if let Some(json) = setting.as_json() {
        return vec![(json.to_owned(), place)];
    }
    let text = setting.as_text();
    let quoted = serde_json::Value::from(text).to_string();
    if quoted.len() != text.len() + 2 {
        return vec![(quoted, place)];
    }
    let quote = |at: usize| ("\"".to_owned(), at..at);
    vec![quote(place.start), (text.to_owned(), place.clone()), quote(place.end)]
}
