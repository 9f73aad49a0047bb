//! The command `whitewater`, with the systems that come with it.

use std::process::ExitCode;

fn main() -> ExitCode {
    whitewater_cli::main_with(whitewater_systems::SYSTEMS)
}
