//! What can be typed. What it means is the business of the commands.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use whitewater_campaign::seeds::{SeedRange, parse_seed};

/// Takes a Raft cluster down white water and tells whether it stays upright.
#[derive(Debug, Parser)]
#[command(name = "whitewater", version, after_help = EXITS)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) common: Common,
}

const EXITS: &str = "\
Exit: 0 everything held, 1 a property was violated, 2 usage or an invalid file, 3 an expectation was not met,
4 nothing ran, 6 two runs of one seed differ, 70 internal error, 74 the output could not be written,
130 interrupted";

/// What every command takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Common {
    /// When to use colour; NO_COLOR is honoured
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// Say only what went wrong, and the last line
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say what was measured, too
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run scenarios and judge every step
    Run(Box<Run>),
    /// List what there is to choose from
    List(List),
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// Scenario files, and folders of them
    #[arg(required = true, value_name = "SCENARIO|DIR")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// The seed, decimal or 0x hexadecimal
    #[arg(long, value_parser = parse_seed, conflicts_with = "seeds", value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Many seeds: A..B with both ends, or N for 1..N
    #[arg(long, value_name = "A..B")]
    pub(crate) seeds: Option<SeedRange>,
    /// The system to run instead of the scenario's
    #[arg(long, value_name = "NAME")]
    pub(crate) system: Option<String>,
    /// The bug to plant in it
    #[arg(long, value_name = "NAME")]
    pub(crate) bug: Option<String>,
    /// Show the trace of each single run and of each failure [default: the end of a violation's]
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) trace: Option<Trace>,
    /// Do each run twice and compare the digests
    #[arg(long)]
    pub(crate) twice: bool,
    /// How results are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// What ends a run: a violated outcome, or an early finding as well
    #[arg(long, value_enum, default_value_t = Stop::Outcome, value_name = "WHEN")]
    pub(crate) stop: Stop,
    /// Write the results to a file
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// How many threads [default: one a core]
    #[arg(short = 'j', long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct List {
    /// What to list
    #[arg(value_enum)]
    pub(crate) topic: Topic,
    /// Where to look for scenarios
    #[arg(value_name = "SCENARIO|DIR", default_value = "scenarios")]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Trace {
    Short,
    Full,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stop {
    Early,
    Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Topic {
    Scenarios,
    Systems,
    Bugs,
    Properties,
    Markers,
}

/// The name of the program, for lines to paste.
pub(crate) fn program(first: Option<&OsString>) -> String {
    let name = first.and_then(|path| Path::new(path).file_stem()).map(|name| name.to_string_lossy());
    name.map_or_else(|| "whitewater".to_owned(), |name| name.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Args::command().debug_assert();
    }

    #[test]
    fn lines_to_paste_name_the_program_and_not_its_folder() {
        assert_eq!(program(Some(&"./target/release/whitewater".into())), "whitewater");
        assert_eq!(program(Some(&"mine".into())), "mine");
        assert_eq!(program(None), "whitewater");
    }
}
