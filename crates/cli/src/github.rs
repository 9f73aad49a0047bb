//! GitHub Actions around the command: it reads annotations from standard output and a summary from a file.
//!
//! Whether it is there is looked up once, by the process; tests and other callers say so themselves.

use crate::choices::Color;
use crate::exit::Exit;
use crate::output::{Output, verdict_on};
use std::env;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use whitewater_campaign::group::Group;
use whitewater_campaign::summary::Summary;
use whitewater_report::subject::Subject;
use whitewater_report::{github, markdown};

/// What GitHub Actions wants to be told; nothing where it is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Github {
    /// Whether it reads annotations.
    annotations: bool,
    /// The file to which the summary of the step is added.
    summary: Option<PathBuf>,
}

impl Github {
    /// As the environment of the process says.
    pub(crate) fn of_process() -> Self {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        Self {
            annotations: set("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
            summary: set("GITHUB_STEP_SUMMARY").map(PathBuf::from),
        }
    }

    /// Tells it what became of these scenarios, unless standard output is `taken` by a form for programs.
    ///
    /// # Errors
    ///
    /// How the command ends when something cannot be written. That is then said.
    pub(crate) fn tell(
        &self,
        taken: bool,
        results: &[(&Subject, &Summary)],
        groups: &[Group],
    ) -> Result<(), Exit> {
        if self.annotations && !taken {
            let mut output = Output::open(None, Color::Never)?;
            output.text(&github::campaign(results, groups));
            output.finish()?;
        }
        let Some(file) = &self.summary else { return Ok(()) };
        let text = markdown::campaign(results, groups);
        add(file, &text).map_err(|error| verdict_on(&file.display().to_string(), &error))
    }
}

/// Adds text to a file that others write to as well.
fn add(file: &Path, text: &str) -> io::Result<()> {
    File::options().create(true).append(true).open(file)?.write_all(text.as_bytes())
}
