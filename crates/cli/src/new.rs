//! `new`: a scenario to start from, ours or another one under a new name.
//!
//! It changes the name, and the path of the schema when that is written from another folder; comments stay
//! where they were.

use crate::args::New;
use crate::choices::Color;
use crate::exit::Exit;
use crate::files::read;
use crate::load::parse;
use crate::output::{Output, is_standard, verdict_on};
use crate::say;
use crate::trouble::Trouble;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The scenario to start from when nobody names one.
const STARTER: &str = include_str!("starter.json");

/// The field that tells an editor which schema to use.
const SCHEMA: &str = "$schema";

/// Writes a scenario to start from, into a file that is not there yet.
pub(crate) fn new(new: &New, program: &str) -> Exit {
    let path = new.output.clone().unwrap_or_else(|| PathBuf::from(format!("{}.json", new.name)));
    let to_stdout = is_standard(&path);
    let told = text(new, if to_stdout { Path::new("") } else { &path }).and_then(|text| {
        if to_stdout {
            return print(&text);
        }
        create(&path, &text)?;
        print(&format!("wrote {0}; to run it: {program} run {0}\n", path.display()))
    });
    told.err().unwrap_or(Exit::Held)
}

fn print(text: &str) -> Result<(), Exit> {
    let mut output = Output::open(None, Color::Never)?;
    output.text(text);
    output.finish()
}

/// The text of the new scenario, which will be at `path`.
fn text(new: &New, path: &Path) -> Result<String, Exit> {
    let (file, mut text) = match &new.from {
        None => ("starter.json".to_owned(), STARTER.to_owned()),
        Some(from) => (from.display().to_string(), read(from).map_err(|trouble| refuse(&[*trouble]))?),
    };
    judge(&file, &text)?;
    let place = place_of(&text, "name").expect("what was read as a scenario has a name");
    text.replace_range(place, &quoted(&new.name));
    if let Some(from) = &new.from {
        text = with_schema_of(text, folder(from), folder(path));
    }
    judge(&file, &text)?;
    Ok(text)
}

/// The folder of a file.
fn folder(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes the path of a schema that was written in folder `from` lead to the same file from folder `to`. If there
/// is no such file, the field goes.
fn with_schema_of(mut text: String, from: &Path, to: &Path) -> String {
    let place = place_of(&text, SCHEMA);
    let schema = place.clone().and_then(|place| serde_json::from_str::<String>(&text[place]).ok());
    let (Some(place), Some(schema)) = (place, schema) else { return text };
    if schema.contains("://") || Path::new(&schema).is_absolute() {
        return text;
    }
    match from.join(schema).canonicalize().and_then(|file| Ok(relative(&file, &to.canonicalize()?))) {
        Ok(path) => text.replace_range(place, &quoted(&path)),
        Err(_) => whole_field(&text, place).into_iter().for_each(|field| text.replace_range(field, "")),
    }
    text
}

/// How `file` is written in `folder`. Both are absolute and have no links in them.
fn relative(file: &Path, folder: &Path) -> String {
    let common = file.iter().zip(folder).take_while(|(a, b)| a == b).count();
    let up = folder.iter().skip(common).map(|_| "..".into());
    let down = file.iter().skip(common).map(OsStr::to_string_lossy);
    up.chain(down).collect::<Vec<Cow<'_, str>>>().join("/")
}

/// The bytes of a field from its key to the comma after it, and the rest of a line in which nothing else stands.
fn whole_field(text: &str, value: Range<usize>) -> Option<Range<usize>> {
    let blank = |c: char| c.is_ascii_whitespace() && c != '\n';
    let plain = without_comments(text)?;
    let key = plain[..value.start].rfind(&quoted(SCHEMA))?;
    let start = plain[..key].trim_end_matches(blank).len();
    let after = plain[value.end..].trim_start();
    let rest = after.strip_prefix(',').unwrap_or(&plain[value.end..]).trim_start_matches(blank);
    let end = plain.len() - rest.len();
    match (plain[..start].ends_with('\n'), rest.starts_with('\n')) {
        (true, true) => Some(start..end + 1),
        (_, _) => Some(key..end),
    }
}

/// A text whose comments are blanked out, which moves nothing.
fn without_comments(text: &str) -> Option<String> {
    let mut plain = text.to_owned();
    json_strip_comments::strip(&mut plain).ok()?;
    Some(plain)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn judge(file: &str, text: &str) -> Result<(), Exit> {
    parse(file, text, &[]).map(drop).map_err(|troubles| refuse(&troubles))
}

fn refuse(troubles: &[Trouble]) -> Exit {
    troubles.iter().for_each(say);
    Exit::Usage
}

/// The bytes of the value of a field, with its quotes.
fn place_of(text: &str, field: &str) -> Option<Range<usize>> {
    let plain = without_comments(text)?;
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(&plain).ok()?;
    let value = fields.get(field)?.get();
    let start = (value.as_ptr() as usize).checked_sub(plain.as_ptr() as usize)?;
    Some(start..start + value.len())
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
    fn a_schema_that_is_gone_takes_its_field_with_it() {
        let from = folder(Path::new("there.json"));
        let table = [
            ("{\n  // A.\n  \"$schema\": \"gone.json\",\n  \"a\": 1,\n}", "{\n  // A.\n  \"a\": 1,\n}"),
            (r#"{ "$schema": "gone.json", "a": 1 }"#, r#"{ "a": 1 }"#),
            (r#"{ "a": 1, "$schema": "gone.json" }"#, r#"{ "a": 1, }"#),
            (
                r#"{ /* "$schema", */ "$schema": "gone.json" /* , */, "a": 1 }"#,
                r#"{ /* "$schema", */ "a": 1 }"#,
            ),
            (
                r#"{ "$schema": "https://example.com/a.json" }"#,
                r#"{ "$schema": "https://example.com/a.json" }"#,
            ),
        ];
        for (text, expected) in table {
            assert_eq!(with_schema_of(text.to_owned(), from, from), expected);
        }
    }

    #[test]
    fn a_path_leads_up_as_far_as_it_must_and_then_down() {
        let table = [
            ("/a/b/s.json", "/a/b", "s.json"),
            ("/a/s.json", "/a/b/c", "../../s.json"),
            ("/a/x/s.json", "/a/b", "../x/s.json"),
        ];
        for (file, folder, expected) in table {
            assert_eq!(relative(Path::new(file), Path::new(folder)), expected);
        }
    }

    #[test]
    fn the_name_is_found_among_comments_and_other_names() {
        let text = r#"{ // "name": "no"
            "about": "\"name\": \"no\"", /* { "name": 1 } */ "nested": { "name": "no" }, "name": "é-yes", }"#;
        let place = place_of(text, "name").unwrap();
        assert_eq!(&text[place], "\"é-yes\"");
        assert_eq!(place_of(r#"{ "na\u006de": "odd" }"#, "name"), Some(15..20));
        assert_eq!(place_of("{", "name"), None);
        assert_eq!(place_of("{}", "name"), None);
    }
}
