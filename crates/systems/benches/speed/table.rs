//! Tables of figures, as plain text and as Markdown, and the one of goals.

use std::fmt::Write;

/// A table with a title, and what is to be said about it.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) about: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these columns.
    pub(crate) fn new(title: &str, about: &str, head: &[&str]) -> Self {
        let head = head.iter().map(|cell| (*cell).to_owned()).collect();
        Self { title: title.into(), about: about.into(), head, rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// In columns of even width: the first to the left, the others to the right.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("{}\n", self.title);
        for row in std::iter::once(&self.head).chain(&self.rows) {
            for (column, cell) in row.iter().enumerate() {
                let width = self.width(column);
                let padding = " ".repeat(width - cell.chars().count());
                let _ = match column {
                    0 => write!(text, "  {cell}{padding}"),
                    _ => write!(text, "  {padding}{cell}"),
                };
            }
            text.push('\n');
        }
        text
    }

    /// As a section of a page.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule: Vec<String> =
            (0..self.head.len()).map(|n| if n == 0 { "---" } else { "---:" }.into()).collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("## {}\n\n{}\n\n{}{}{rows}\n", self.title, self.about, line(&self.head), line(&rule))
    }

    fn width(&self, column: usize) -> usize {
        let cells = std::iter::once(&self.head).chain(&self.rows).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    }
}

/// A goal, and how far it is reached.
#[derive(Debug)]
pub(crate) struct Goal {
    pub(crate) what: &'static str,
    pub(crate) bound: Bound,
    /// What was measured; `None` where it could not be.
    pub(crate) found: Option<f64>,
}

/// What a figure is to keep to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// The table of goals.
pub(crate) fn goals(goals: &[Goal]) -> Table {
    let about = "What is aimed at, what this run has measured, and whether it is reached.";
    let mut table = Table::new("Goals", about, &["what", "goal", "found", ""]);
    for Goal { what, bound, found } in goals {
        let (sign, limit, reached) = match *bound {
            Bound::AtMost(limit) => ("<=", limit, found.map(|found| found <= limit)),
            Bound::AtLeast(limit) => (">=", limit, found.map(|found| found >= limit)),
        };
        let word = match reached {
            Some(true) => "reached",
            Some(false) => "missed",
            None => "not measured",
        };
        let found = found.map_or_else(|| "-".into(), number);
        table.add([(*what).into(), format!("{sign} {}", number(limit)), found, word.into()]);
    }
    table
}

/// A figure with as many digits as mean something.
pub(crate) fn number(figure: f64) -> String {
    match figure {
        _ if figure >= 1e6 => format!("{:.1} M", figure / 1e6),
        _ if figure >= 100.0 => format!("{figure:.0}"),
        _ if figure == figure.trunc() => format!("{figure:.0}"),
        _ if figure >= 10.0 => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}
