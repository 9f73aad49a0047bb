//! Something wrong with a file, for people and for programs alike.
//!
//! What is wrong with the text of a scenario is shown by the one who reads it; the rest is found here.

use std::fmt;
use std::path::Path;
use whitewater_report::checked::Remark;
use whitewater_report::words::printable;
use whitewater_sim::scenario::{Diagnostic, Severity};

/// Something wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// In short, for programs.
    pub(crate) remark: Remark,
    /// All of it, for people.
    text: String,
}

impl Trouble {
    /// Something wrong with a whole file.
    pub(crate) fn of_file(path: &Path, message: &str) -> Self {
        Self::new(path, None, message)
    }

    /// Something wrong at this line and column.
    pub(crate) fn at(path: &Path, place: (usize, usize), message: &str) -> Self {
        Self::new(path, Some(place), message)
    }

    fn new(path: &Path, place: Option<(usize, usize)>, message: &str) -> Self {
        let at = place.map_or(String::new(), |(line, column)| format!(":{line}:{column}"));
        let file = path.display().to_string();
        let text = format!("error: {message}\n --> {}{at}", printable(&file));
        let remark = Remark { severity: "error", file, place, message: message.to_owned(), help: None };
        Self { remark, text }
    }

    /// What the reader of scenarios found in `file`, or in what was set beside it.
    pub(crate) fn of_text(file: &str, diagnostic: &Diagnostic) -> Self {
        let mut text = diagnostic.to_string();
        if diagnostic.file != file {
            text += &format!("\n  = in: {file}");
        }
        let Diagnostic { severity, line, column, message, help, .. } = diagnostic.clone();
        let severity = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let place = Some((line, column));
        let remark = Remark { severity, file: diagnostic.file.clone(), place, message, help };
        Self { remark, text }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)
    }
}
