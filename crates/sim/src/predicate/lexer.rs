//! Words, numbers and symbols with their places: the one lexer of the small languages in a scenario.
//!
//! Predicates, durations and names of nodes are read with it. It knows no grammar, and it cannot fail: what
//! it does not know becomes a token of its own, for the parser to refuse at its place.

use std::fmt;
use whitewater_check::types::NodeId;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A letter or `_`, then letters, digits and `_`.
    Word,
    /// Digits, perhaps with a point and more digits.
    Number,
    /// An operator or a bracket.
    Symbol,
    /// A character that begins nothing.
    Unknown,
    /// The end of the text.
    End,
}

/// A piece of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where it begins, in bytes.
    pub(crate) at: usize,
    /// How it is spelled; empty at the end.
    pub(crate) text: &'a str,
}

impl Token<'_> {
    /// Whether it is this very word or symbol.
    pub(crate) fn is(self, text: &str) -> bool {
        self.kind != Kind::Number && self.text == text && !text.is_empty()
    }

    /// A mistake at this token.
    pub(crate) fn mistake(self, message: impl Into<String>) -> Mistake {
        Mistake { at: self.at, width: self.text.len().max(1), message: message.into(), help: None }
    }
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::End => f.write_str("the end"),
            Kind::Word | Kind::Number | Kind::Symbol | Kind::Unknown => write!(f, "`{}`", self.text),
        }
    }
}

/// What is wrong with a small text, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where the wrong piece begins, in bytes from the start of the text.
    pub at: usize,
    /// How long the wrong piece is, in bytes, at least 1; at the end of the text it points behind it.
    pub width: usize,
    /// What is wrong, and what was expected.
    pub message: String,
    /// What may have been meant.
    pub help: Option<String>,
}

impl Mistake {
    /// The same mistake with the word that was probably meant, if there is one.
    pub(crate) fn meant(mut self, word: Option<&str>) -> Self {
        self.help = word.map(|word| format!("did you mean `{word}`?"));
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (at character {})", self.message, self.at + 1)
    }
}

impl std::error::Error for Mistake {}

/// Cuts a text into tokens. A copy of it looks ahead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

const DOUBLE: [&str; 4] = ["==", "!=", ">=", "<="];
const SINGLE: &str = "()[]<>=.,";

impl<'a> Lexer<'a> {
    /// Begins at the start of `text`.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token; white space before it is skipped.
    pub(crate) fn next(&mut self) -> Token<'a> {
        let rest = self.text[self.at..].trim_start();
        let at = self.text.len() - rest.len();
        let (kind, length) = first(rest);
        self.at = at + length;
        Token { kind, at, text: &rest[..length] }
    }

    /// The next token, without taking it.
    pub(crate) fn peek(&self) -> Token<'a> {
        let mut ahead = *self;
        ahead.next()
    }
}

/// The kind and the length of the token at the start of `rest`.
fn first(rest: &str) -> (Kind, usize) {
    let Some(start) = rest.chars().next() else {
        return (Kind::End, 0);
    };
    if start.is_ascii_digit() {
        return (Kind::Number, number_length(rest));
    }
    if start.is_ascii_alphabetic() || start == '_' {
        return (Kind::Word, run(rest, |c| c.is_ascii_alphanumeric() || c == '_'));
    }
    if DOUBLE.iter().any(|symbol| rest.starts_with(symbol)) {
        return (Kind::Symbol, 2);
    }
    let kind = if SINGLE.contains(start) { Kind::Symbol } else { Kind::Unknown };
    (kind, start.len_utf8())
}

fn number_length(rest: &str) -> usize {
    let whole = run(rest, |c| c.is_ascii_digit());
    let fraction = rest[whole..].strip_prefix('.').map_or(0, |rest| run(rest, |c| c.is_ascii_digit()));
    if fraction == 0 { whole } else { whole + 1 + fraction }
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Whether a word has the form of a node's name: `n` and digits.
pub(crate) fn looks_like_node(word: &str) -> bool {
    word.strip_prefix('n')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// The node of a name from `n1` to `n63`.
pub(crate) fn node_of_name(word: &str) -> Option<NodeId> {
    let digits = word.strip_prefix('n').filter(|digits| looks_like_node(word) && !digits.starts_with('0'))?;
    let number = digits.parse::<u8>().ok().filter(|&number| usize::from(number) <= NodeId::MAX)?;
    Some(NodeId(number - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(Kind, usize, &str)> {
        let mut lexer = Lexer::new(text);
        let mut tokens = Vec::new();
        loop {
            let token = lexer.next();
            tokens.push((token.kind, token.at, token.text));
            if token.kind == Kind::End {
                return tokens;
            }
        }
    }

    #[test]
    fn tokens_keep_their_places() {
        use Kind::{End, Number, Symbol, Unknown, Word};
        assert_eq!(
            all(" n3.commit>= 10"),
            [
                (Word, 1, "n3"),
                (Symbol, 3, "."),
                (Word, 4, "commit"),
                (Symbol, 10, ">="),
                (Number, 13, "10"),
                (End, 15, "")
            ]
        );
        assert_eq!(all("1.5s"), [(Number, 0, "1.5"), (Word, 3, "s"), (End, 4, "")]);
        assert_eq!(
            all("1..2"),
            [(Number, 0, "1"), (Symbol, 1, "."), (Symbol, 2, "."), (Number, 3, "2"), (End, 4, "")]
        );
        assert_eq!(all("é!"), [(Unknown, 0, "é"), (Unknown, 2, "!"), (End, 3, "")]);
        assert_eq!(all("  "), [(End, 2, "")]);
    }

    #[test]
    fn nodes_are_named_from_one_to_sixty_three() {
        assert_eq!(node_of_name("n1"), Some(NodeId(0)));
        assert_eq!(node_of_name("n63"), Some(NodeId(62)));
        for wrong in ["n0", "n64", "n01", "n", "N1", "n1x", "m1", "", "n999999999999"] {
            assert_eq!(node_of_name(wrong), None, "{wrong}");
        }
        assert!(
            looks_like_node("n64")
                && looks_like_node("n0")
                && !looks_like_node("node")
                && !looks_like_node("n")
        );
    }
}
