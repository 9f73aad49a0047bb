//! Text whose styles are kept apart from it, so that whoever prints it decides on colour.

use crate::words::tame;
use std::fmt;

/// What a piece of text is, which may decide how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Ordinary text.
    Plain,
    /// All is well.
    Good,
    /// Something is wrong.
    Bad,
    /// Something to take note of.
    Notice,
    /// Less important than the rest.
    Dim,
    /// More important than the rest.
    Strong,
}

/// Some text in styles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    spans: Vec<(Style, String)>,
}

impl Page {
    /// An empty page.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text in a style. What could steer a terminal, such as the name of a file, does not.
    pub fn add(&mut self, style: Style, text: impl Into<String>) -> &mut Self {
        self.spans.push((style, tame(text)));
        self
    }

    /// Adds ordinary text.
    pub fn plain(&mut self, text: impl Into<String>) -> &mut Self {
        self.add(Style::Plain, text)
    }

    /// Ends a line.
    pub fn end_line(&mut self) -> &mut Self {
        self.plain("\n")
    }

    /// Adds another page.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.spans.extend(other.spans);
        self
    }

    /// The pieces in their order.
    pub fn spans(&self) -> impl Iterator<Item = (Style, &str)> {
        self.spans.iter().map(|(style, text)| (*style, text.as_str()))
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.iter().all(|(_, text)| text.is_empty())
    }
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spans.iter().try_for_each(|(_, text)| f.write_str(text))
    }
}
