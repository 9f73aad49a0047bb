//! Settings beside a file: `network.loss=0.1` puts a value where the path leads.
//!
//! A path has field names and indexes, `chaos[0].every` or `chaos.0.every`. The value is JSON; what is not is
//! taken as a string, so that `run_for=5s` needs no quotes. What begins with a bracket or a quote is meant as
//! JSON in any case. A setting is put into the text of the file before anybody reads values, so that it is
//! judged as if it had been written there.

use crate::predicate::lexer::{Kind, Lexer, Mistake, Token};
use crate::scenario::diagnostic::{Diagnostic, Source};
use crate::scenario::parse::{bare, offset};
use crate::scenario::path::Step;
use serde::de::IgnoredAny;
use std::ops::Range;

/// How the source of settings is named in diagnostics.
const SOURCE: &str = "--set";

/// A value, and where in a scenario file it belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    argument: String,
    path: Vec<Segment>,
    value: Range<usize>,
    is_json: bool,
}

/// One step of a setting's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Segment {
    /// Where it stands in the argument.
    pub(crate) range: Range<usize>,
    /// Where it leads.
    pub(crate) goes: Goes,
}

/// Where a step leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Goes {
    /// Into a field of an object.
    Field(String),
    /// Into an element of a list, counted from 0.
    Item(usize),
}

impl Segment {
    /// It as a step.
    pub(crate) fn step(&self) -> Step<'_> {
        match &self.goes {
            Goes::Field(name) => Step::Field(name),
            Goes::Item(index) => Step::Item(*index),
        }
    }
}

impl Setting {
    /// The setting of an argument such as `network.loss=0.1`.
    ///
    /// # Errors
    ///
    /// When it has no `=`, when what is before it is not a path, or when the value begins as JSON and is not.
    pub fn parse(argument: &str) -> Result<Self, Box<Diagnostic>> {
        let source = Source { file: SOURCE, text: argument };
        let wrong = |mistake: Mistake| {
            let range = mistake.at..mistake.at + mistake.width;
            Box::new(source.diagnostic(range, &mistake.message, mistake.help))
        };
        let (path, value) = argument.split_once('=').ok_or_else(|| wrong(no_value(argument)))?;
        let segments = Segments { lexer: Lexer::new(path), found: Vec::new() }.read().map_err(wrong)?;
        let start = path.len() + 1;
        let is_json = json(value).map_err(|mistake| wrong(Mistake { at: start + mistake.at, ..mistake }))?;
        Ok(Self { argument: argument.to_owned(), path: segments, value: start..argument.len(), is_json })
    }

    /// The argument, as a source of diagnostics.
    pub(crate) fn source(&self) -> Source<'_> {
        Source { file: SOURCE, text: &self.argument }
    }

    /// The way to the value; never empty.
    pub(crate) fn path(&self) -> &[Segment] {
        &self.path
    }

    /// Where the value stands in the argument.
    pub(crate) fn value(&self) -> Range<usize> {
        self.value.clone()
    }

    /// The value as it stands in the argument, if that is JSON.
    pub(crate) fn as_json(&self) -> Option<&str> {
        self.is_json.then(|| &self.argument[self.value()])
    }

    /// The value as it stands in the argument.
    pub(crate) fn as_text(&self) -> &str {
        &self.argument[self.value()]
    }
}

fn no_value(argument: &str) -> Mistake {
    mistake(argument.len(), "expected `path=value`, such as `nodes=3`")
}

fn mistake(at: usize, message: &str) -> Mistake {
    Mistake { at, width: 1, message: message.to_owned(), help: None }
}

/// Whether a value is JSON.
///
/// # Errors
///
/// Where it breaks, if it begins as if it were.
fn json(value: &str) -> Result<bool, Mistake> {
    let Err(error) = serde_json::from_str::<IgnoredAny>(value) else { return Ok(true) };
    if !value.trim_start().starts_with(['{', '[', '"']) {
        return Ok(false);
    }
    let message = bare(&error.to_string());
    Err(mistake(if error.is_eof() { value.len() } else { offset(value, &error) }, &message))
}

struct Segments<'a> {
    lexer: Lexer<'a>,
    found: Vec<Segment>,
}

impl<'a> Segments<'a> {
    fn read(mut self) -> Result<Vec<Segment>, Mistake> {
        let first = self.lexer.next();
        self.field(first)?;
        loop {
            let token = self.lexer.next();
            match token.text {
                "" => return Ok(self.found),
                "." => self.field_or_index()?,
                "[" => {
                    self.index()?;
                    let close = self.lexer.next();
                    if !close.is("]") {
                        return Err(close.mistake(format!("expected `]`, found {close}")));
                    }
                }
                _ => return Err(token.mistake(format!("expected `.`, `[` or `=`, found {token}"))),
            }
        }
    }

    fn field_or_index(&mut self) -> Result<(), Mistake> {
        if self.lexer.peek().kind == Kind::Number {
            return self.index();
        }
        let token = self.lexer.next();
        self.field(token)
    }

    /// A name: words, digits, `-` and `$` without a gap.
    fn field(&mut self, first: Token<'a>) -> Result<(), Mistake> {
        if first.kind != Kind::Word && first.text != "$" {
            return Err(first.mistake(format!("expected the name of a field, found {first}")));
        }
        let mut name = first.text.to_owned();
        loop {
            let next = self.lexer.peek();
            let adjacent = next.at == first.at + name.len();
            let belongs = matches!(next.kind, Kind::Word | Kind::Number) || next.text == "-";
            if !adjacent || !belongs {
                break;
            }
            name.push_str(self.lexer.next().text);
        }
        self.found.push(Segment { range: first.at..first.at + name.len(), goes: Goes::Field(name) });
        Ok(())
    }

    /// An index; `0.1` is two, because the lexer takes them for one number.
    fn index(&mut self) -> Result<(), Mistake> {
        let token = self.lexer.next();
        if token.kind != Kind::Number {
            return Err(token.mistake(format!("expected an index, counted from 0, found {token}")));
        }
        let mut at = token.at;
        for digits in token.text.split('.') {
            let index = digits.parse().map_err(|_| token.mistake("no list is as long as that"))?;
            self.found.push(Segment { range: at..at + digits.len(), goes: Goes::Item(index) });
            at += digits.len() + 1;
        }
        Ok(())
    }
}
