//! What is wrong with a file, shown at its place as a compiler would.
//!
//! It knows texts and places, not scenarios.

use std::fmt;
use std::ops::Range;

/// The longest piece of a line that is shown, in characters.
const LONGEST_LINE: usize = 120;

/// The longest message, in characters.
const LONGEST_MESSAGE: usize = 500;

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The file is no scenario.
    Error,
    /// It is one, but hardly the one that was meant.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// Something wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file, as it was named; `--set` for what was set beside it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in the line, in characters, counted from 1.
    pub column: usize,
    /// How many characters of the line are wrong, at least 1.
    pub width: usize,
    /// What is wrong, and what was expected.
    pub message: String,
    /// The line. Of a long one, the piece around the place.
    pub source_line: String,
    /// Where the place is in `source_line`, in characters, counted from 0.
    pub indent: usize,
    /// What may have been meant, or what to do.
    pub help: Option<String>,
}

/// A text that is read, for making diagnostics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// The name of the file.
    pub(crate) file: &'a str,
    /// Its text, as it is on the disk.
    pub(crate) text: &'a str,
}

impl Source<'_> {
    /// The diagnostic at these bytes. What goes on in further lines is not underlined.
    pub(crate) fn diagnostic(self, range: Range<usize>, message: &str, help: Option<String>) -> Diagnostic {
        let start = floor(self.text, range.start);
        let line_start = self.text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = self.text[start..].find(['\n', '\r']).map_or(self.text.len(), |length| start + length);
        let end = floor(self.text, range.end).clamp(start, line_end);
        let before = self.text[line_start..start].chars().count();
        let width = self.text[start..end].chars().count().max(1);
        let skipped = if before + width > LONGEST_LINE { before.saturating_sub(LONGEST_LINE / 3) } else { 0 };
        let shown = self.text[line_start..line_end].chars().skip(skipped).take(LONGEST_LINE);
        Diagnostic {
            severity: Severity::Error,
            file: self.file.to_owned(),
            line: self.text[..start].matches('\n').count() + 1,
            column: before + 1,
            width,
            message: said(message),
            source_line: shown.map(printable).collect(),
            indent: before - skipped,
            help: help.as_deref().map(said),
        }
    }
}

impl Diagnostic {
    /// The same place with another message.
    pub(crate) fn saying(&self, message: &str, help: Option<String>) -> Self {
        Self { message: said(message), help: help.as_deref().map(said), ..self.clone() }
    }
}

/// What may be said of a file.
fn said(message: &str) -> String {
    message.chars().take(LONGEST_MESSAGE).map(printable).collect()
}

/// The last place at or before `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// Whether a character does something to a terminal instead of being shown, turning the direction of what follows
/// included.
#[must_use]
pub fn steers(c: char) -> bool {
    let turns =
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns
}

/// Nothing that a file says may steer a terminal, and every character has one column.
fn printable(c: char) -> char {
    match c {
        '\t' => ' ',
        c if steers(c) => '\u{fffd}',
        c => c,
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let carets = "^".repeat(self.width.min(LONGEST_LINE.saturating_sub(self.indent)).max(1));
        writeln!(f, "{}: {}", self.severity, self.message)?;
        let file: String = self.file.chars().map(printable).collect();
        writeln!(f, "{gutter}--> {file}:{}:{}", self.line, self.column)?;
        writeln!(f, "{gutter} |")?;
        writeln!(f, "{number} | {}", self.source_line)?;
        write!(f, "{gutter} | {}{carets}", " ".repeat(self.indent))?;
        match &self.help {
            None => Ok(()),
            Some(help) => write!(f, "\n{gutter} = help: {help}"),
        }
    }
}

impl std::error::Error for Diagnostic {}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "{\n  \"los\": 0.1,\n\t\"ä\": \"x\ny\"\n}";

    fn at(word: &str) -> Diagnostic {
        let start = TEXT.find(word).unwrap();
        Source { file: "a.json", text: TEXT }.diagnostic(start..start + word.len(), "wrong", None)
    }

    #[test]
    fn it_reads_as_a_compiler_would_say_it() {
        let mut diagnostic = at("\"los\"");
        diagnostic.help = Some("did you mean `loss`?".to_owned());
        let expected = "\
error: wrong
 --> a.json:2:3
  |
2 |   \"los\": 0.1,
  |   ^^^^^
  = help: did you mean `loss`?";
        assert_eq!(diagnostic.to_string(), expected);
    }

    #[test]
    fn columns_count_characters() {
        let diagnostic = at("\"x");
        assert_eq!((diagnostic.line, diagnostic.column, diagnostic.width), (3, 7, 2));
        assert_eq!(diagnostic.source_line, " \"ä\": \"x");
    }

    #[test]
    fn a_place_of_many_lines_is_underlined_in_its_first() {
        let diagnostic = at("\"x\ny\"");
        assert_eq!((diagnostic.line, diagnostic.width), (3, 2));
    }

    #[test]
    fn the_end_of_the_text_is_a_place() {
        let diagnostic = Source { file: "a", text: "" }.diagnostic(0..9, "empty", None);
        assert_eq!((diagnostic.line, diagnostic.column, diagnostic.width), (1, 1, 1));
        let diagnostic = Source { file: "a", text: "{\n" }.diagnostic(2..3, "cut", None);
        assert_eq!((diagnostic.line, diagnostic.column), (2, 1));
    }

    #[test]
    fn of_a_long_line_the_piece_around_the_place_is_shown() {
        let text = format!("{}WRONG{}", "a".repeat(10_000), "b".repeat(10_000));
        let diagnostic = Source { file: "a", text: &text }.diagnostic(10_000..10_005, "wrong", None);
        assert_eq!((diagnostic.column, diagnostic.width), (10_001, 5));
        assert!(diagnostic.source_line.chars().count() <= LONGEST_LINE);
        let shown: String = diagnostic.source_line.chars().skip(diagnostic.indent).take(5).collect();
        assert_eq!(shown, "WRONG");
    }

    #[test]
    fn nothing_steers_the_terminal() {
        let diagnostic = Source { file: "a", text: "\u{1b}[31m" }.diagnostic(0..1, "\u{1b}", None);
        assert!(!diagnostic.to_string().contains('\u{1b}'));
    }
}
