//! From the text of a file to a scenario, or to everything that is wrong with it.
//!
//! Comments and trailing commas are blanked out, which moves nothing. Broken syntax stops at its place. Where
//! a value has the wrong form, it is noted and blanked out, and the rest is read again: so one reading finds
//! all of them. What is left is judged by `check`.

use crate::predicate::near::nearest;
use crate::scenario::check::{check, warnings};
use crate::scenario::diagnostic::{Diagnostic, Severity, Source};
use crate::scenario::file::File;
use crate::scenario::patch::Patched;
use crate::scenario::path::Step;
use crate::scenario::set::Setting;
use crate::scenario::tree::{DEEPEST, Inner, Node, Spot};
use serde::de::IgnoredAny;
use serde_path_to_error::Segment;
use std::ops::Range;

/// The largest file, in bytes.
const LARGEST: usize = 1 << 20;

/// The most problems that are looked for.
const MOST: usize = 50;

/// What a pair looks like.
const PAIR: &str = "expected two values: the lower end and the upper end";

/// What a word with a value looks like.
const SINGLE: &str = "expected an object with a single field";

/// Something wrong with these bytes of the text.
#[derive(Debug)]
pub(crate) struct Problem {
    /// Where.
    pub(crate) range: Range<usize>,
    /// What, and what was expected.
    pub(crate) message: String,
    /// What may have been meant.
    pub(crate) help: Option<String>,
    /// Whether it is that something within these bytes is not there.
    pub(crate) lacking: bool,
    /// How bad it is.
    pub(crate) severity: Severity,
}

impl Problem {
    /// A problem with what is there.
    pub(crate) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None, lacking: false, severity: Severity::Error }
    }
}

/// Reads a file with settings put into it. With the file come warnings.
///
/// # Errors
///
/// Everything that is wrong, in the order of the text; what is wrong with settings comes last.
pub(crate) fn parse(
    source: Source<'_>,
    settings: &[Setting],
) -> Result<(File, Vec<Diagnostic>), Vec<Diagnostic>> {
    let plain = syntax(source.text).map_err(|problem| vec![shown(source, problem)])?;
    let mut patched = Patched::new(plain);
    let apply = |(number, setting): (usize, &Setting)| {
        patched.apply(number, setting).err().map(|problem| shown(setting.source(), problem))
    };
    let astray: Vec<Diagnostic> = (1..).zip(settings).filter_map(apply).collect();
    if !astray.is_empty() {
        return Err(astray);
    }
    let (file, problems) = read(patched.text());
    let clean = problems.iter().all(|problem| problem.severity == Severity::Warning);
    let diagnostics = placed(problems, &patched, |number| match number {
        0 => source,
        number => settings[number - 1].source(),
    });
    file.filter(|_| clean).map(|file| (file, diagnostics.clone())).ok_or(diagnostics)
}

/// Problems at their places in the sources, in their order; no more than are looked for.
fn placed<'a>(
    problems: Vec<Problem>,
    text: &Patched,
    source: impl Fn(usize) -> Source<'a>,
) -> Vec<Diagnostic> {
    let placed = problems.into_iter().map(|problem| {
        let (number, range) = text.origin(&problem.range);
        (number, Problem { range, ..problem })
    });
    let mut placed: Vec<(usize, Problem)> = placed.collect();
    placed.sort_by_key(|(number, problem)| (*number, problem.range.start, problem.range.end));
    placed.into_iter().take(MOST).map(|(number, problem)| shown(source(number), problem)).collect()
}

fn shown(source: Source<'_>, problem: Problem) -> Diagnostic {
    let severity = problem.severity;
    Diagnostic { severity, ..source.diagnostic(problem.range, &problem.message, problem.help) }
}

/// The file in a plain text, and everything that is wrong with it; warnings only when nothing else is.
fn read(text: &str) -> (Option<File>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut form = Form { text: text.to_owned(), removed: Vec::new(), problems: &mut problems };
    let Some((file, tree)) = form.read() else { return (None, problems) };
    let (text, removed) = (form.text, form.removed);
    let within =
        |outer: &Range<usize>, inner: &Range<usize>| outer.start <= inner.start && inner.end <= outer.end;
    let removed_from = |range: &Range<usize>| removed.iter().any(|gone| within(range, &gone.range));
    problems
        .extend(check(&file, &text, &tree).into_iter().filter(|p| !(p.lacking && removed_from(&p.range))));
    if problems.is_empty() {
        problems = warnings(&file, &text, &tree);
    }
    (Some(file), problems)
}

/// The text without comments and trailing commas, if it is JSON.
fn syntax(text: &str) -> Result<String, Problem> {
    let problem = |at: usize, message: &str| Problem::new(at..at + 1, message);
    if text.len() > LARGEST {
        return Err(problem(
            0,
            &format!("the file has {} bytes, and a scenario at most {LARGEST}", text.len()),
        ));
    }
    if text.starts_with('\u{feff}') {
        return Err(problem(0, "the file begins with a byte order mark; save it without one"));
    }
    let mut plain = text.to_owned();
    if json_strip_comments::strip(&mut plain).is_err() {
        let differs = text.bytes().zip(plain.bytes()).rposition(|(a, b)| a != b);
        return Err(problem(differs.unwrap_or(0), "expected a comment (`//` or `/*`) after this `/`"));
    }
    if plain.trim().is_empty() {
        return Err(problem(0, "the file is empty; a scenario is an object"));
    }
    match serde_json::from_str::<IgnoredAny>(&plain) {
        Ok(_) => Ok(plain),
        Err(error) if error.is_eof() => Err(problem(plain.trim_end().len(), &bare(&error.to_string()))),
        Err(error) => Err(problem(offset(&plain, &error), &bare(&error.to_string()))),
    }
}

/// The byte at which the reader stopped.
pub(crate) fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    before + error.column().saturating_sub(1)
}

/// A message of the reader without its own place, in words for people who do not know its types.
pub(crate) fn bare(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    let message = &message[..end];
    if let Some((_, expected)) =
        message.split_once(", expected").filter(|_| message.starts_with("invalid length"))
    {
        return match expected.contains("tuple") {
            true => PAIR.to_owned(),
            false => format!("invalid type: list, expected{expected}"),
        };
    }
    let words = [
        ("unknown variant", "unknown word"),
        ("invalid type: sequence", "invalid type: list"),
        ("invalid type: map", "invalid type: object"),
        ("invalid value: map", "invalid value: object"),
        ("map with a single key", "object with a single field"),
        ("expected a sequence", "expected a list"),
        ("expected u64", "expected a whole number"),
        ("expected a tuple of size 2", "expected two values"),
    ];
    words.iter().fold(message.to_owned(), |message, (theirs, ours)| message.replacen(theirs, ours, 1))
}

/// An element or a field that was blanked out.
struct Removed {
    range: Range<usize>,
    /// The name, if it was a field.
    name: Option<String>,
}

/// A text whose values are brought into form.
struct Form<'p> {
    text: String,
    removed: Vec<Removed>,
    problems: &'p mut Vec<Problem>,
}

impl Form<'_> {
    /// The file of what has the right form. Whatever has not is reported and blanked out.
    fn read(&mut self) -> Option<(File, Node)> {
        for twin in self.tree()?.twins().into_iter().take(MOST) {
            self.report(twin.key.clone(), format!("`{}` is there twice", twin.name));
            self.blank(twin.key.start..twin.value.range.end);
        }
        for _ in 0..MOST {
            let tree = self.tree()?;
            let mut reader = serde_json::Deserializer::from_str(&self.text);
            let error = match serde_path_to_error::deserialize::<_, File>(&mut reader) {
                Ok(file) => return Some((file, tree)),
                Err(error) => error,
            };
            let message = bare(&error.inner().to_string());
            let place = Place::new(&self.text, &tree, error.path(), &message);
            let message = place.worded(&self.text, message);
            if !self.follows(&place, &message) {
                self.report(place.shown, message);
            }
            self.blank(place.spot.whole?);
        }
        None
    }

    fn tree(&mut self) -> Option<Node> {
        Node::read(&self.text)
            .map_err(|at| self.report(at..at + 1, format!("values are nested at most {DEEPEST} deep")))
            .ok()
    }

    fn report(&mut self, range: Range<usize>, message: String) {
        let help = meant(&message);
        self.problems.push(Problem { help, ..Problem::new(range, message) });
    }

    /// Whether something is wrong only because something else was blanked out.
    fn follows(&self, place: &Place<'_>, message: &str) -> bool {
        let node = &place.spot.node.range;
        let mut inside =
            self.removed.iter().filter(|gone| node.start <= gone.range.start && gone.range.end <= node.end);
        match message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            Some(name) => {
                inside.any(|gone| gone.name.as_deref().is_some_and(|gone| nearest(gone, [name]).is_some()))
            }
            None => place.spot.whole.is_some() && inside.next().is_some(),
        }
    }

    /// Blanks out an element or a field, with one comma beside it.
    fn blank(&mut self, whole: Range<usize>) {
        let next = self.text[whole.end..].trim_start();
        let comma = if next.starts_with(',') {
            Some(self.text.len() - next.len())
        } else {
            let before = self.text[..whole.start].trim_end();
            before.ends_with(',').then(|| before.len() - 1)
        };
        let spaces = |text: &str| " ".repeat(text.len());
        if let Some(comma) = comma {
            self.text.replace_range(comma..=comma, " ");
        }
        let original = self.text[whole.clone()].to_owned();
        let blank = original.split('\n').map(spaces).collect::<Vec<_>>().join("\n");
        self.text.replace_range(whole.clone(), &blank);
        let name = original.split('"').nth(1).filter(|_| original.starts_with('"')).map(str::to_owned);
        self.removed.push(Removed { range: whole, name });
    }
}

/// Where a problem lies.
struct Place<'a> {
    /// The value that it is a problem of.
    spot: Spot<'a>,
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
        let mut name = None;
        for step in steps {
            if let Some(child) = spot.node.child(step) {
                (spot, name) = (child, Some(step));
            }
        }
        let mut shown = spot.node.range.clone();
        if let (Some(word), Some(whole)) = (word, &spot.whole) {
            let quoted = format!("\"{word}\"");
            if name == Some(Step::Field(word)) && text[shown.clone()] != quoted {
                shown = whole.start..whole.start + quoted.len();
            }
        }
        if message.starts_with("missing field") {
            shown.end = shown.start + 1;
        }
        Self { spot, shown }
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

/// The near miss in a message of the form "unknown ... `a`, expected one of `b`, `c`".
fn meant(message: &str) -> Option<String> {
    let quoted = message.strip_prefix("unknown ")?.split('`').skip(1).step_by(2);
    let words: Vec<&str> = quoted.collect();
    let (word, known) = words.split_first()?;
    nearest(word, known.iter().copied()).map(|word| format!("did you mean `{word}`?"))
}
