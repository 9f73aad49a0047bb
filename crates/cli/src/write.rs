//! `schema` and `completions`: what other programs want to have of this one.

use crate::args::{Args, Common, Completions, Schema};
use crate::choices::SchemaFormat;
use crate::exit::Exit;
use crate::output::Output;
use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, CommandFactory};
use clap_complete::generate;
use std::path::Path;
use whitewater_report::reference::reference;
use whitewater_systems::Listed;
use whitewater_systems::bugs::planted_in;

/// Writes the JSON Schema of scenario files, or what it says.
pub(crate) fn schema(schema: &Schema, common: &Common) -> Exit {
    let json = whitewater_sim::scenario::schema();
    let text = match schema.format {
        SchemaFormat::Json => json,
        SchemaFormat::Markdown => reference(&serde_json::from_str(&json).expect("a schema is JSON")),
    };
    write(schema.output.as_deref(), common, &text)
}

/// Writes the completions of a shell.
pub(crate) fn completions(
    completions: &Completions,
    common: &Common,
    program: &str,
    systems: &[Listed],
) -> Exit {
    let mut bytes = Vec::new();
    generate(completions.shell, &mut with_names(systems), program, &mut bytes);
    write(completions.output.as_deref(), common, &String::from_utf8_lossy(&bytes))
}

/// All that can be typed, with the names of systems and bugs that a shell may offer.
fn with_names(systems: &[Listed]) -> Command {
    let bugs: Vec<&str> = planted_in(systems).iter().map(|bug| bug.name).collect();
    let systems: Vec<&str> = systems.iter().map(|system| system.name).collect();
    let one_of =
        |names: Vec<&'static str>| move |arg: Arg| arg.value_parser(PossibleValuesParser::new(names));
    Args::command()
        .mut_subcommand("zoo", |zoo| zoo.mut_arg("bug", one_of(bugs.clone())))
        .mut_subcommand("run", |run| run.mut_arg("system", one_of(systems)).mut_arg("bug", one_of(bugs)))
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
