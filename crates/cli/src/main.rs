//! The command `whitewater`, with the systems that come with it.

use std::process::ExitCode;
use whitewater_systems::{BROKEN, SYSTEMS};

fn main() -> ExitCode {
    whitewater_cli::main_with(&[SYSTEMS, BROKEN].concat())
}
