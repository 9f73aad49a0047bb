//! What can be typed. What it means is the business of the commands.

use crate::choices::{
    Color, Format, Journal, ProgressForm, RunFormat, SchemaFormat, ShrinkFormat, Stop, Topic, Trace,
};
use crate::github::Github;
use crate::shrink::BUDGET;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;
use whitewater_campaign::leg::Overrides;
use whitewater_campaign::seeds::{SeedRange, parse_seed};
use whitewater_campaign::shard::Shard;

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
4 nothing ran, 5 a capsule was not reproduced, 6 two runs of one seed differ, 70 internal error,
74 the output could not be written, 130 interrupted";

/// Where the campaigns are that hunt for bugs.
pub(crate) const CAMPAIGNS: &str = "scenarios/campaign";

/// What every command takes.
#[derive(Debug, ClapArgs)]
pub(crate) struct Common {
    /// When to use colour; `auto` honours NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,
    /// How to tell of progress; off a terminal a bar becomes plain lines
    #[arg(long, global = true, value_enum, default_value_t = ProgressForm::Auto, value_name = "FORM")]
    pub(crate) progress: ProgressForm,
    /// Say only what went wrong, and the last line
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say what was measured, too
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// What GitHub Actions around the command wants to be told
    #[arg(skip)]
    pub(crate) github: Github,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run scenarios and judge every step
    Run(Box<Run>),
    /// Run a capsule again and demand the very same run; look at any step of it, forwards and backwards
    Replay(Box<Replay>),
    /// Make the run of a capsule as small as can be, and keep it in its place
    Shrink(Shrink),
    /// Tell why a capsule, or a run of a scenario, fails: the steps that led there, each with its rule
    Why(Why),
    /// Run many seeds of scenarios over all cores and keep a capsule of each kind of failure
    Fuzz(Box<Fuzz>),
    /// Make one report of the shards of a campaign
    Merge(Merge),
    /// Show a run, or the folder that a campaign has written, as a page for a browser, in one file
    Report(Report),
    /// Write a run for other programs, or as a picture
    Export(Export),
    /// Hunt for every planted bug, and say how many seeds that took
    Zoo(Zoo),
    /// Read scenarios and say everything that is wrong with them; nothing runs
    Check(Check),
    /// Write a scenario to start from
    New(New),
    /// List what there is to choose from
    List(List),
    /// Write the JSON Schema of scenario files, for editors, or all their fields for people
    Schema(Schema),
    /// Write the completions of a shell
    Completions(Completions),
}

impl Command {
    /// Whether it has results before it is through, which are worth keeping when it is to end sooner.
    pub(crate) fn has_results_on_the_way(&self) -> bool {
        matches!(self, Self::Run(_) | Self::Shrink(_) | Self::Fuzz(_) | Self::Zoo(_) | Self::Check(_))
    }
}

/// Where the results of runs go, and in which form.
#[derive(Clone, Debug, ClapArgs)]
pub(crate) struct RunResults {
    /// How results are written; under GitHub Actions annotations are added by themselves
    #[arg(long, value_enum, default_value_t = RunFormat::Human)]
    pub(crate) format: RunFormat,
    /// Write the results to a file; - is standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

/// Where results go, and in which form.
#[derive(Debug, ClapArgs)]
pub(crate) struct Results {
    /// How results are written
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Write the results to a file; - is standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Run {
    /// Scenario files, and folders of them
    #[arg(required = true, value_name = "SCENARIO|DIR")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// The seed, decimal or 0x hexadecimal
    #[arg(long, value_parser = parse_seed, conflicts_with = "seeds", value_name = "N", value_hint = ValueHint::Other)]
    pub(crate) seed: Option<u64>,
    /// Many seeds: A..B with both ends, or N for 1..N
    #[arg(long, value_name = "A..B", value_hint = ValueHint::Other)]
    pub(crate) seeds: Option<SeedRange>,
    /// Put a value into every scenario, such as network.loss=0.1; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE", value_hint = ValueHint::Other)]
    pub(crate) settings: Vec<String>,
    /// The system to run instead of the scenario's
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub(crate) system: Option<String>,
    /// The bug to plant in it
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub(crate) bug: Option<String>,
    /// Show the trace of each single run and of each failure [default: the end of a violation's]
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) trace: Option<Trace>,
    /// Write the whole trace of a single run to a file, as a line of JSON for each record
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) events: Option<PathBuf>,
    /// Write what the clients of a single run asked for and were told to a file, as lines of JSON
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) history: Option<PathBuf>,
    /// Have an independent judge look at what clients were told, once each run is over; this may take long
    #[arg(long)]
    pub(crate) judge: bool,
    /// Do each run twice and compare the digests
    #[arg(long)]
    pub(crate) twice: bool,
    /// What ends a run: a violated outcome, or an early finding as well
    #[arg(long, value_enum, default_value_t = Stop::Outcome, value_name = "WHEN")]
    pub(crate) stop: Stop,
    /// How many threads [default: one a core]
    #[arg(short = 'j', long, value_parser = threads, value_name = "N", value_hint = ValueHint::Other)]
    pub(crate) threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) results: RunResults,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Replay {
    /// A scenario file that says in `found` what a run of it violated
    #[arg(value_name = "CAPSULE", value_hint = ValueHint::FilePath)]
    pub(crate) capsule: PathBuf,
    /// Show the trace of the run [default: the end of it]
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) trace: Option<Trace>,
    /// Show the trace up to this step, and all nodes as they are then
    #[arg(long, value_name = "STEP", value_hint = ValueHint::Other)]
    pub(crate) to: Option<u32>,
    /// The same up to where a predicate first holds, or something changes: "count(leaders) > 1", "leader changes"
    #[arg(long = "break", value_name = "PREDICATE", value_hint = ValueHint::Other)]
    pub(crate) break_at: Option<String>,
    /// Give these commands to the debugger, such as 'g violation; rc; p n3; why'
    #[arg(long, value_name = "COMMANDS", value_hint = ValueHint::Other)]
    pub(crate) exec: Option<String>,
    /// Ask for commands: a debugger that goes forwards and backwards; `help` tells what it knows
    #[arg(short, long)]
    pub(crate) interactive: bool,
    #[command(flatten)]
    pub(crate) results: Results,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Shrink {
    /// A scenario file that says in `found` what a run of it violated
    #[arg(value_name = "CAPSULE", value_hint = ValueHint::FilePath)]
    pub(crate) capsule: PathBuf,
    /// How many steps may be simulated
    #[arg(long, default_value_t = BUDGET, value_name = "STEPS", value_hint = ValueHint::Other)]
    pub(crate) budget: u64,
    /// How many threads [default: one a core]
    #[arg(short = 'j', long, value_parser = threads, value_name = "N", value_hint = ValueHint::Other)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t = ShrinkFormat::Human)]
    pub(crate) format: ShrinkFormat,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Why {
    #[command(flatten)]
    pub(crate) which: Which,
    #[command(flatten)]
    pub(crate) results: Results,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Fuzz {
    /// Scenario files, and folders of them
    #[arg(required = true, value_name = "SCENARIO|DIR")]
    pub(crate) scenarios: Vec<PathBuf>,
    /// The seeds of each scenario: A..B with both ends, or N for 1..N [default: 1..1000, or all with --for]
    #[arg(long, value_name = "A..B", value_hint = ValueHint::Other)]
    pub(crate) seeds: Option<SeedRange>,
    /// Take no new seeds after so much time, such as 5m or 90s
    #[arg(long = "for", value_parser = wall_time, value_name = "TIME", value_hint = ValueHint::Other)]
    pub(crate) limit: Option<Duration>,
    /// Run every n-th seed only, as one of n machines; m is which of them, from 1
    #[arg(long, value_name = "M/N", value_hint = ValueHint::Other)]
    pub(crate) shard: Option<Shard>,
    /// How many of the lowest failing seeds of each scenario are named
    #[arg(long, default_value_t = 10, value_name = "N", value_hint = ValueHint::Other)]
    pub(crate) keep_going: usize,
    /// Keep capsules as they are found
    #[arg(long)]
    pub(crate) no_shrink: bool,
    /// Put a value into every scenario, such as network.loss=0.1; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE", value_hint = ValueHint::Other)]
    pub(crate) settings: Vec<String>,
    /// The system to run instead of the scenario's
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub(crate) system: Option<String>,
    /// The bug to plant in it
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub(crate) bug: Option<String>,
    /// What ends a run: a violated outcome, or an early finding as well
    #[arg(long, value_enum, default_value_t = Stop::Outcome, value_name = "WHEN")]
    pub(crate) stop: Stop,
    /// How many threads [default: one a core]
    #[arg(short = 'j', long, value_parser = threads, value_name = "N", value_hint = ValueHint::Other)]
    pub(crate) threads: Option<NonZeroUsize>,
    /// Whether each thread writes down which seed it is on, for when the process dies
    #[arg(long, value_enum, default_value_t = Journal::On, value_name = "WHEN")]
    pub(crate) journal: Journal,
    #[command(flatten)]
    pub(crate) folder: ReportDir,
    #[command(flatten)]
    pub(crate) results: RunResults,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Merge {
    /// The folders of the shards: each has a summary.json, itself or below `latest`
    #[arg(required = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) shards: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) folder: ReportDir,
    #[command(flatten)]
    pub(crate) results: RunResults,
}

/// One run.
#[derive(Debug, ClapArgs)]
pub(crate) struct Which {
    /// A capsule, or a scenario
    #[arg(value_name = "CAPSULE|SCENARIO", value_hint = ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// The seed of a scenario, decimal or 0x hexadecimal [default: its own]
    #[arg(long, value_parser = parse_seed, value_name = "N", value_hint = ValueHint::Other)]
    pub(crate) seed: Option<u64>,
    /// The system to run a scenario on instead of its own
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub(crate) system: Option<String>,
    /// The bug to plant in it
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub(crate) bug: Option<String>,
    /// Put a value into a scenario, such as network.loss=0.1; may be repeated
    #[arg(long = "set", value_name = "PATH=VALUE", value_hint = ValueHint::Other)]
    pub(crate) settings: Vec<String>,
}

impl Which {
    /// Whether it is another run than the one that the file speaks of.
    pub(crate) fn changes(&self) -> bool {
        self.seed.is_some() || self.system.is_some() || self.bug.is_some() || !self.settings.is_empty()
    }

    /// What is put on the water instead of what the file says.
    pub(crate) fn overrides(&self) -> Overrides {
        Overrides { system: self.system.clone(), bug: self.bug.clone() }
    }
}

/// One run that is to be looked at.
#[derive(Debug, ClapArgs)]
pub(crate) struct OneRun {
    #[command(flatten)]
    pub(crate) which: Which,
    /// The file to write; - is standard output
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Report {
    #[command(flatten)]
    pub(crate) run: OneRun,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Export {
    /// In which form
    #[arg(value_enum)]
    pub(crate) form: ExportForm,
    #[command(flatten)]
    pub(crate) run: OneRun,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportForm {
    /// The trace format that Perfetto and chrome://tracing read: a process for each node
    ChromeTrace,
    /// A line of JSON for each record
    Ndjson,
    /// A picture of what led to the violation
    Svg,
    /// A sequence diagram of what led to the violation, for a pull request
    Mermaid,
}

/// Where a campaign leaves its files.
#[derive(Debug, ClapArgs)]
pub(crate) struct ReportDir {
    /// The folder for capsules and reports
    #[arg(long, default_value = "reports", value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) report_dir: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Zoo {
    /// Hunt for this bug alone
    #[arg(long, value_name = "NAME", value_hint = ValueHint::Other)]
    pub(crate) bug: Option<String>,
    /// How many seeds a campaign has at most
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000), value_name = "N", value_hint = ValueHint::Other)]
    pub(crate) seeds: u64,
    /// How many campaigns hunt for each bug; they share no seed
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=100_000), value_name = "N", value_hint = ValueHint::Other)]
    pub(crate) campaigns: u64,
    /// The folder of the campaigns small.json, snapshots.json, default.json and liveness.json
    #[arg(long, default_value = CAMPAIGNS, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) scenarios: PathBuf,
    /// Do not make the run smaller by which a bug is told
    #[arg(long)]
    pub(crate) no_shrink: bool,
    /// Write zoo.md and zoo.json into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) report_dir: Option<PathBuf>,
    /// How many threads [default: one a core]
    #[arg(short = 'j', long, value_parser = threads, value_name = "N", value_hint = ValueHint::Other)]
    pub(crate) threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub(crate) results: Results,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Check {
    /// Scenario files, and folders of them
    #[arg(required = true, value_name = "SCENARIO|DIR")]
    pub(crate) scenarios: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) results: Results,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct New {
    /// The name of the scenario: a to z, 0 to 9 and dashes, with no dash in front
    #[arg(value_parser = scenario_name, value_hint = ValueHint::Other)]
    pub(crate) name: String,
    /// A scenario to start from; its comments stay
    #[arg(long, value_name = "SCENARIO")]
    pub(crate) from: Option<PathBuf>,
    /// The file to write, which must not exist; - is standard output [default: NAME.json]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Schema {
    /// The form: JSON Schema for editors, or a page for people
    #[arg(long, value_enum, default_value_t = SchemaFormat::Json)]
    pub(crate) format: SchemaFormat,
    /// Write it to a file; - is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
    /// Write them to a file; - is standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct List {
    /// What to list
    #[arg(value_enum)]
    pub(crate) topic: Topic,
    /// Where to look for scenarios, and for nothing else [default: scenarios]
    #[arg(value_name = "SCENARIO|DIR")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) results: Results,
}

/// A name for a new scenario.
fn scenario_name(text: &str) -> Result<String, &'static str> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match !text.is_empty() && !text.starts_with('-') && text.bytes().all(plain) {
        true => Ok(text.to_owned()),
        false => Err("a name is made of a to z, 0 to 9 and dashes, with no dash in front"),
    }
}

/// A time of the wall clock.
fn wall_time(text: &str) -> Result<Duration, String> {
    match whitewater_sim::scenario::duration::parse(text) {
        Ok(nanos) if nanos > 0 => Ok(Duration::from_nanos(nanos)),
        Ok(_) | Err(_) => Err("expected a time such as 90s or 5m, of at most a day".to_owned()),
    }
}

/// The most threads that can be asked for.
const MOST_THREADS: usize = 1024;

/// A number of threads.
fn threads(text: &str) -> Result<NonZeroUsize, &'static str> {
    let number = text.parse().ok().filter(|&number: &NonZeroUsize| number.get() <= MOST_THREADS);
    number.ok_or("expected how many threads are to run, which is 1 to 1024")
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
    fn names_are_short_words_for_a_shell() {
        assert_eq!(["a", "a-1", "9", "a-"].map(|name| scenario_name(name).is_ok()), [true; 4]);
        assert_eq!(
            ["", "-a", "A", "a b", "a/b", "a_b", "\u{e9}"].map(|name| scenario_name(name).is_ok()),
            [false; 7]
        );
    }

    #[test]
    fn lines_to_paste_name_the_program_and_not_its_folder() {
        assert_eq!(program(Some(&"./target/release/whitewater".into())), "whitewater");
        assert_eq!(program(Some(&"mine".into())), "mine");
        assert_eq!(program(None), "whitewater");
    }
}
