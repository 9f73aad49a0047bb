//! The command `whitewater` as a library, so that a binary of your own does the same for systems of yours.
//!
//! ```no_run
//! use std::process::ExitCode;
//! use whitewater_systems::{Listed, SYSTEMS};
//!
//! fn main() -> ExitCode {
//!     // Yours implements `whitewater_sim::replica::System`; its runner is a `Course` of it.
//!     let mine = Listed { name: "mine", about: "My own Raft.", version: "0.1.0", supports: &[], runner: SYSTEMS[0].runner };
//!     whitewater_cli::main_with(&[mine])
//! }
//! ```
//!
//! | what | file |
//! |---|---|
//! | what can be typed | `args`, `choices` |
//! | from paths to scenarios, or to what is wrong with them | `files`, `load`, `trouble` |
//! | `run` | `run`, `printer`, `exports` |
//! | `replay`, and its debugger | `replay`, `debug`, `complete` |
//! | `why`; `shrink` | `why`; `shrink` |
//! | `report`, `export` | `report`, `export`, `filmed` |
//! | which run of a file these five are about | `one` |
//! | `fuzz` | `fuzz`, `hunt`, `pace`, `earlier` |
//! | `merge` | `merge` |
//! | what a campaign came to | `told` |
//! | the folder of campaigns | `folder`, `whole`, `journal` |
//! | `zoo` | `zoo` |
//! | `check`, `new`, `list` | `check`, `new`, `list`, `faults` |
//! | `schema`, `completions` | `write` |
//! | where results go, and where progress | `output`, `place`, `progress`, `github` |
//! | how it ends | [`exit`], `interrupt`, `panics` |
//!
//! This is the one crate that prints, and the one that reads a wall clock. It judges nothing: what a run
//! came to, it is told.

mod args;
mod check;
mod choices;
mod complete;
mod debug;
mod earlier;
pub mod exit;
mod export;
mod exports;
mod faults;
mod files;
mod filmed;
mod folder;
mod fuzz;
mod github;
mod hunt;
mod interrupt;
mod journal;
mod list;
mod load;
mod merge;
mod new;
mod one;
mod output;
mod pace;
mod panics;
mod place;
mod printer;
mod progress;
mod replay;
mod report;
mod run;
mod shrink;
mod systems;
mod told;
mod trouble;
mod whole;
mod why;
mod write;
mod zoo;

use crate::args::{Args, Command};
use crate::exit::Exit;
use crate::github::Github;
use clap::Parser;
use std::ffi::OsString;
use std::io::{Write, stderr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use whitewater_report::words::tame;
use whitewater_systems::Listed;

/// The whole command for these systems, with the arguments and the signals of this process.
#[must_use]
pub fn main_with(systems: &[Listed]) -> ExitCode {
    panics::keep_quiet();
    let exit = parse(std::env::args_os()).map(|mut asked| {
        asked.args.common.github = Github::of_process();
        let stop = interrupt::flag(asked.args.command.has_results_on_the_way());
        obey(&asked, systems, &stop)
    });
    ExitCode::from(exit.unwrap_or_else(|exit| exit).code())
}

/// The command with these arguments, the first of which is the program's name, wherever it runs. Raising `stop`
/// ends it as a signal would.
pub fn command(args: impl IntoIterator<Item = OsString>, systems: &[Listed], stop: &AtomicBool) -> Exit {
    parse(args).map_or_else(|exit| exit, |asked| obey(&asked, systems, stop))
}

/// What was typed.
struct Asked {
    /// How this program is called.
    program: String,
    args: Args,
}

fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Asked, Exit> {
    let args: Vec<OsString> = args.into_iter().collect();
    let program = args::program(args.first());
    let args = Args::try_parse_from(args).map_err(|refusal| refuse(&refusal))?;
    Ok(Asked { program, args })
}

fn obey(asked: &Asked, systems: &[Listed], stop: &AtomicBool) -> Exit {
    let Asked { program, args: Args { common, command } } = asked;
    let done = catch_unwind(AssertUnwindSafe(|| match command {
        Command::Run(run) => run::run(run, common, program, systems, stop),
        Command::Replay(replay) => replay::replay(replay, common, program, systems),
        Command::Shrink(one) => shrink::shrink(one, common, program, systems, stop),
        Command::Why(why) => why::why(why, common, program, systems),
        Command::Fuzz(fuzz) => fuzz::fuzz(fuzz, common, program, systems, stop),
        Command::Merge(merge) => merge::merge(merge, common, program),
        Command::Report(report) => report::report(report, common, program, systems),
        Command::Export(export) => export::export(export, common, program, systems),
        Command::Zoo(zoo) => zoo::zoo(zoo, common, systems, stop),
        Command::Check(check) => check::check(check, common, program, systems, stop),
        Command::New(new) => new::new(new, program),
        Command::List(list) => list::list(list, common, systems),
        Command::Schema(schema) => write::schema(schema, common),
        Command::Completions(completions) => write::completions(completions, common, program, systems),
    }));
    done.unwrap_or_else(|panic| {
        panics::report(panic.as_ref());
        Exit::Internal
    })
}

/// Shows what clap has to say: a mistake, or the help that was asked for.
fn refuse(refusal: &clap::Error) -> Exit {
    match (refusal.print(), refusal.use_stderr()) {
        (_, true) => Exit::Usage,
        (Ok(()), false) => Exit::Held,
        (Err(error), false) => output::verdict_on("standard output", &error),
    }
}

/// Says something to the person at the terminal, which it does not steer. When even that fails there is nobody to tell.
fn say(message: impl std::fmt::Display) {
    let _ = writeln!(stderr(), "{}", tame(message.to_string()));
}
