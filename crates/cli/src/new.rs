//! `new`: a scenario to start from, ours or another one under a new name.
//!
//! It changes the name and nothing else, so that comments stay where they were.

use crate::args::{Color, New};
use crate::exit::Exit;
use crate::files::read;
use crate::load::parse;
use crate::output::{Output, verdict_on};
use crate::say;
use crate::trouble::Trouble;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The scenario to start from when nobody names one.
const STARTER: &str = include_str!("starter.json");

/// Writes a scenario to start from into a file that is not there yet.
pub(crate) fn new(new: &New, program: &str) -> Exit {
    let path = new.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.json", new.name)));
    let written = text(new).and_then(|text| create(&path, &text));
    let told = written.and_then(|()| {
        let mut output = Output::open(None, Color::Never)?;
        output.text(&format!("wrote {0}; to run it: {program} run {0}\n", path.display()));
        output.finish()
    });
    told.err().unwrap_or(Exit::Held)
}

/// The text of the new scenario.
fn text(new: &New) -> Result<String, Exit> {
    let (file, mut text) = match &new.from {
        None => ("starter.json".to_owned(), STARTER.to_owned()),
        Some(from) => (from.display().to_string(), read(from).map_err(|trouble| refuse(&[*trouble]))?),
    };
    judge(&file, &text)?;
    let place = place_of_name(&text).expect("what was read as a scenario has a name");
    text.replace_range(place, &serde_json::Value::from(new.name.as_str()).to_string());
    judge(&file, &text)?;
    Ok(text)
}

fn judge(file: &str, text: &str) -> Result<(), Exit> {
    parse(file, text, &[]).map(drop).map_err(|troubles| refuse(&troubles))
}

fn refuse(troubles: &[Trouble]) -> Exit {
    troubles.iter().for_each(say);
    Exit::Usage
}

/// The bytes of a scenario's name, with its quotes. Comments are blanked out, which moves nothing.
fn place_of_name(text: &str) -> Option<Range<usize>> {
    let mut plain = text.to_owned();
    json_strip_comments::strip(&mut plain).ok()?;
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(&plain).ok()?;
    let name = fields.get("name")?.get();
    let start = (name.as_ptr() as usize).checked_sub(plain.as_ptr() as usize)?;
    Some(start..start + name.len())
}

/// Writes a file that must not be there, so that nobody loses one.
fn create(path: &Path, text: &str) -> Result<(), Exit> {
    let name = path.display().to_string();
    let mut file = File::create_new(path).map_err(|error| {
        if error.kind() == ErrorKind::AlreadyExists {
            say(format_args!("error: {name} is there already, and stays as it is"));
            return Exit::Usage;
        }
        verdict_on(&name, &error)
    })?;
    file.write_all(text.as_bytes()).map_err(|error| {
        let _ = fs::remove_file(path);
        verdict_on(&name, &error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_found_among_comments_and_other_names() {
        let text = r#"{ // "name": "no"
            "about": "\"name\": \"no\"", /* { "name": 1 } */ "nested": { "name": "no" }, "name": "é-yes", }"#;
        let place = place_of_name(text).unwrap();
        assert_eq!(&text[place], "\"é-yes\"");
        assert_eq!(place_of_name(r#"{ "na\u006de": "odd" }"#), Some(15..20));
        assert_eq!(place_of_name("{"), None);
        assert_eq!(place_of_name("{}"), None);
    }
}
