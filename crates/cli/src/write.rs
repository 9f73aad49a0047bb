//! `schema` and `completions`: what other programs want to have of this one.

use crate::args::{Args, Common, Completions, Schema};
use crate::exit::Exit;
use crate::output::Output;
use clap::CommandFactory;
use clap_complete::generate;
use std::path::Path;

/// Writes the JSON Schema of scenario files.
pub(crate) fn schema(schema: &Schema, common: &Common) -> Exit {
    write(schema.output.as_deref(), common, &whitewater_sim::scenario::schema())
}

/// Writes the completions of a shell.
pub(crate) fn completions(completions: &Completions, common: &Common, program: &str) -> Exit {
    let mut bytes = Vec::new();
    generate(completions.shell, &mut Args::command(), program, &mut bytes);
    write(completions.output.as_deref(), common, &String::from_utf8_lossy(&bytes))
}

fn write(file: Option<&Path>, common: &Common, text: &str) -> Exit {
    match Output::open(file, common.color) {
        Err(exit) => exit,
        Ok(mut output) => {
            output.text(text);
            output.end(Exit::Held)
        }
    }
}
