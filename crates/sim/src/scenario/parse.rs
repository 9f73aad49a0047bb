//! From the text of a file to a scenario, or to everything that is wrong with it.
//!
//! Comments and trailing commas are blanked out, which moves nothing. Broken syntax stops at its place. What
//! has the wrong form is found and mended by `form`, and `check` judges the meaning of all that was not
//! touched: so one reading finds all mistakes of both kinds.

use crate::scenario::asked::{Part, places};
use crate::scenario::check::{check, warnings};
use crate::scenario::diagnostic::{Diagnostic, Severity, Source};
use crate::scenario::file::File;
use crate::scenario::form::{Form, PAIR};
use crate::scenario::patch::Patched;
use crate::scenario::path::Path;
use crate::scenario::set::Setting;
use crate::scenario::tree::{Inner, Node};
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::ops::Range;

/// The largest file, in bytes.
const LARGEST: usize = 1 << 20;

/// The most problems that are looked for.
pub(crate) const MOST: usize = 50;

/// Something wrong with these bytes of the text.
#[derive(Debug)]
pub(crate) struct Problem {
    /// Where.
    pub(crate) range: Range<usize>,
    /// What, and what was expected.
    pub(crate) message: String,
    /// What may have been meant.
    pub(crate) help: Option<String>,
    /// How bad it is.
    pub(crate) severity: Severity,
}

impl Problem {
    /// A problem with what is there.
    pub(crate) fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None, severity: Severity::Error }
    }
}

/// A file without mistakes.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The file.
    pub(crate) file: File,
    /// The text that it was read from: settings are in it, and what was a comment is blank.
    pub(crate) text: String,
    /// What is doubtful about it.
    pub(crate) warnings: Vec<Diagnostic>,
    /// The line in which each entry of the timeline begins, counted from 1; none for one from a setting.
    pub(crate) lines: Vec<Option<usize>>,
    /// The places of what it asks of its system.
    pub(crate) asked: BTreeMap<Part, Diagnostic>,
}

/// Reads a file with settings put into it.
///
/// # Errors
///
/// Everything that is wrong, in the order of the text; what is wrong with settings comes last.
pub(crate) fn parse(source: Source<'_>, settings: &[Setting]) -> Result<Parsed, Vec<Diagnostic>> {
    let plain = syntax(source.text).map_err(|problem| vec![shown(source, problem)])?;
    let mut patched = Patched::new(plain);
    let apply = |(number, setting): (usize, &Setting)| {
        patched.apply(number, setting).err().map(|problem| shown(setting.source(), problem))
    };
    let astray: Vec<Diagnostic> = (1..).zip(settings).filter_map(apply).collect();
    if !astray.is_empty() {
        return Err(astray);
    }
    let (read, problems) = read(&mut patched);
    let clean = problems.iter().all(|problem| problem.severity == Severity::Warning);
    let sources = |number| match number {
        0 => source,
        number => settings[number - 1].source(),
    };
    let diagnostics = placed(problems, &patched, sources);
    match read.filter(|_| clean) {
        Some((file, tree)) => {
            let lines = lines(source.text, &patched, &tree);
            let asked = places(&file, &tree).into_iter().map(|(part, range)| {
                let (number, range) = patched.origin(&range);
                (part, sources(number).diagnostic(range, "", None))
            });
            let asked = asked.collect();
            Ok(Parsed { file, text: patched.into_text(), warnings: diagnostics, lines, asked })
        }
        None => Err(diagnostics),
    }
}

/// The line in which each entry of the timeline begins, if it is in the file.
fn lines(text: &str, patched: &Patched, tree: &Node) -> Vec<Option<usize>> {
    let breaks: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    let line = |entry: &Node| {
        let (number, range) = patched.origin(&entry.range);
        (number == 0).then(|| 1 + breaks.partition_point(|&at| at < range.start))
    };
    let path = Path::Root.field("timeline").steps();
    match &tree.spot(&path).node.inner {
        Inner::List(entries) => entries.iter().map(line).collect(),
        Inner::Object(_) | Inner::Leaf => Vec::new(),
    }
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

/// The file in a plain text, with its tree, and everything that is wrong with it; warnings only when nothing
/// else is.
fn read(text: &mut Patched) -> (Option<(File, Node)>, Vec<Problem>) {
    let mut form = Form::new(text);
    let read = form.read();
    let (mut problems, mended) = form.into_parts();
    if let Some((file, tree)) = &read {
        problems.extend(check(file, text.text(), tree, &mended));
        if problems.is_empty() {
            problems = warnings(file, text.text(), tree, &mended);
        }
    }
    (read, problems)
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

/// Whether a message is about a whole number that is too large: to the reader it is one with a fraction.
fn is_too_large(message: &str) -> bool {
    let number = message.strip_prefix("invalid type: floating point `").and_then(|rest| rest.split_once('`'));
    let too_large = |number: &str| number.parse().is_ok_and(|number: f64| number >= u64::MAX as f64);
    number.is_some_and(|(number, expected)| too_large(number) && expected.ends_with("u64"))
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
    if is_too_large(message) {
        return format!("expected a whole number up to {}", u64::MAX);
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
