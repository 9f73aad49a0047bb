//! reports/README.md describes every field and every word that an artefact holds.

use crate::common::{CALM, SCENARIOS, STORMY, folder_with, text, whitewater};
use crate::exits::run;
use crate::replay::made;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use whitewater_check::markers::Marker;
use whitewater_cli::exit::Exit;
use whitewater_sim::family::Family;
use whitewater_sim::measure::Measure;
use whitewater_sim::run::Settings;

/// The words between backticks, taken apart at everything that no name has in it.
fn described() -> BTreeSet<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../reports/README.md");
    let text = fs::read_to_string(path).expect("it is part of the repository");
    let quoted = text.split('`').skip(1).step_by(2);
    let words = quoted.flat_map(|word| word.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    words.map(str::to_owned).collect()
}

/// The names of all fields, but of those whose names are data: paths of a scenario.
fn fields(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            into.insert(name.clone());
            if name != "drawn" {
                fields(value, into);
            }
        }),
        Value::Array(values) => values.iter().for_each(|value| fields(value, into)),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// The fields of documents and of lines of JSON.
fn fields_of(texts: &[String]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for text in texts {
        for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
            fields(&value.expect("it is JSON"), &mut names);
        }
    }
    names
}

/// What each command writes, in all its forms.
fn samples() -> Vec<String> {
    let story = CALM.replace("\"nodes\"", r#""seed": 8, "seeds": "fixed", "nodes""#);
    let folder = folder_with(
        "artefacts",
        &[("calm.json", CALM), ("story.json", &story), ("bad.json", "{"), ("stormy.json", STORMY)],
    );
    let (calm, stormy) = (folder.join("calm.json"), folder.join("stormy.json"));
    let figure = format!("{SCENARIOS}/paper/figure-8.json");
    let bug = ["--bug", "commits-older-term", "--format", "json"];
    let stdout = |args: &[&str]| String::from_utf8(whitewater(args).stdout).expect("it is text");
    let mut samples = vec![
        stdout(&[&["run", &figure][..], &bug].concat()),
        stdout(&[&["run", text(&stormy), "--seeds", "1..20"][..], &bug].concat()),
        stdout(&["run", text(&calm), "--trace", "short", "--format", "ndjson"]),
        stdout(&["check", text(&folder), "--format", "json"]),
        stdout(&["check", text(&folder), "--format", "ndjson"]),
    ];
    for (bug, exit) in [("disappoints", Exit::Unmet), ("wavers", Exit::Nondeterministic)] {
        let (ended, text) = run(&format!("sample-{bug}"), &["--bug", bug, "--twice", "--format", "json"]);
        assert_eq!(ended, exit);
        samples.push(text);
    }
    for topic in ["systems", "properties", "faults", "bugs", "markers", "measures"] {
        samples.push(stdout(&["list", topic, "--format", "json"]));
    }
    samples.push(stdout(&["list", "scenarios", text(&calm), "--format", "ndjson"]));
    let capsule = made(Settings::default()).file("artefacts-capsule", |found| found.digest ^= 1);
    samples.push(stdout(&["replay", text(&capsule), "--format", "json"]));
    samples.push(stdout(&[&["why", &figure][..], &bug].concat()));
    for option in ["--events", "--history"] {
        let file = folder.join("export.ndjson");
        whitewater(&["run", text(&stormy), "--seed", "3", option, text(&file)]);
        samples.push(fs::read_to_string(&file).expect("it was written"));
    }
    let (reports, default) = (folder.join("reports"), format!("{SCENARIOS}/campaign/default.json"));
    let fuzz = ["fuzz", &default, "--seeds", "20", "--shard", "1/2", "--report-dir", text(&reports)];
    for _ in 0..2 {
        samples.push(stdout(&[&fuzz, &bug[..]].concat()));
    }
    samples
}

#[test]
fn every_field_of_every_artefact_is_described() {
    let described = described();
    let names = fields_of(&samples());
    assert!(names.len() > 120, "only {} fields were seen", names.len());
    for wanted in [
        "nondeterminism",
        "facts",
        "measures",
        "prev_log_index",
        "remarks",
        "example",
        "first_unmet",
        "read_at",
        "fate",
        "trail",
        "buckets",
    ] {
        assert!(names.contains(wanted), "no sample has `{wanted}`");
    }
    let missing: Vec<&String> = names.difference(&described).collect();
    assert!(missing.is_empty(), "reports/README.md does not describe {missing:?}");
}

#[test]
fn every_word_that_may_stand_in_an_artefact_is_described() {
    let described = described();
    let markers = Marker::ALL.into_iter().map(Marker::name);
    let names =
        markers.chain(Family::ALL.into_iter().map(Family::name)).chain(Measure::ALL.map(Measure::name));
    let missing: Vec<&str> = names.filter(|name| !described.contains(*name)).collect();
    assert!(missing.is_empty(), "reports/README.md does not describe {missing:?}");
}

#[test]
fn every_word_of_an_event_is_described() {
    let described = described();
    let source = include_str!("../../../report/src/details.rs");
    let source = source.split("#[cfg(test)]").next().unwrap();
    let words: BTreeSet<&str> = source.split('"').skip(1).step_by(2).collect();
    assert!(words.len() > 80 && words.contains("became") && words.contains("mute"), "{words:?}");
    let missing: Vec<&&str> = words.iter().filter(|word| !described.contains(**word)).collect();
    assert!(missing.is_empty(), "reports/README.md does not describe {missing:?}");
}
