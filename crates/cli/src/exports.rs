//! The files beside the results that hold one run whole, for programs that check it again.
//!
//! It knows which run they are of and where they go; what is in them is the business of the reports.

use crate::args::Run;
use crate::choices::Color;
use crate::exit::Exit;
use crate::output::{Output, spare_inputs};
use crate::run::Row;
use crate::say;
use std::path::Path;
use whitewater_campaign::summary::Summary;
use whitewater_report::{events, history};

/// The files that were asked for.
pub(crate) struct Exports {
    events: Option<Output>,
    history: Option<Output>,
}

impl Exports {
    /// Opens them.
    ///
    /// # Errors
    ///
    /// How the command ends when it was asked for anything but a single run, when two things would go to one
    /// place, or when a file cannot be written. That is then said.
    pub(crate) fn open(run: &Run, rows: &[Row<'_>]) -> Result<Self, Exit> {
        let files = files(run);
        if let Some((option, _)) = files.first() {
            one_run(option, rows)?;
        }
        let results = ("the results", run.results.output.as_deref().unwrap_or(Path::new("-")));
        let places: Vec<(&str, &Path)> = files.iter().copied().chain([results]).collect();
        for (place, (option, file)) in files.iter().enumerate() {
            if let Some((other, _)) = places[place + 1..].iter().find(|(_, other)| other == file) {
                say(format_args!("error: {option} and {other} cannot both go to {}", file.display()));
                return Err(Exit::Usage);
            }
            spare_inputs(Some(file), &run.scenarios)?;
        }
        let open =
            |file: &Option<_>| file.as_deref().map(|file| Output::open(Some(file), Color::Never)).transpose();
        Ok(Self { events: open(&run.events)?, history: open(&run.history)? })
    }

    /// Writes them, unless the run was not done.
    ///
    /// # Errors
    ///
    /// How the command ends when one of them cannot be written.
    pub(crate) fn write(self, rows: &[Row<'_>], summaries: &[Summary]) -> Result<(), Exit> {
        let [Row { subject, .. }] = rows else { return Ok(()) };
        let Some(verdict) = summaries.iter().find_map(|summary| summary.only.as_deref()) else {
            return Ok(());
        };
        let events = self.events.map(|output| write(output, events::lines(subject, verdict)));
        let history = self.history.zip(verdict.history.as_ref());
        let history = history.map(|(output, history)| write(output, history::lines(verdict, history)));
        events.into_iter().chain(history).collect()
    }
}

/// The files that were asked for, each behind its option.
fn files(run: &Run) -> Vec<(&'static str, &Path)> {
    let files = [("--events", run.events.as_deref()), ("--history", run.history.as_deref())];
    files.into_iter().filter_map(|(option, file)| Some((option, file?))).collect()
}

/// Refuses anything but a single run.
fn one_run(option: &str, rows: &[Row<'_>]) -> Result<(), Exit> {
    let runs: u128 = rows.iter().map(|row| row.subject.seeds.count()).sum();
    if runs == 1 {
        return Ok(());
    }
    say(format_args!(
        "error: {option} is of a single run, and here are {runs}: name one scenario and one --seed"
    ));
    Err(Exit::Usage)
}

fn write(mut output: Output, lines: impl Iterator<Item = String>) -> Result<(), Exit> {
    for line in lines {
        output.text(&line);
    }
    output.finish()
}
