//! `zoo`: what a hunt finds, that it does not hang on threads, and how it ends.

use crate::common::{CALM, SCENARIOS, folder, folder_with, stderr, stdout, text, whitewater};
use serde_json::Value;
use std::fs;

fn campaigns() -> String {
    format!("{SCENARIOS}/campaign")
}

#[test]
fn a_bug_is_caught_and_the_report_is_the_same_for_any_number_of_threads() {
    let hunt = |threads: &str| {
        let folder = folder(&format!("zoo-{threads}"));
        let args = ["zoo", "--bug", "truncates-matching", "--campaigns", "3", "--seeds", "20", "--no-shrink"];
        let rest =
            ["--scenarios", &campaigns(), "-j", threads, "--format", "json", "--report-dir", text(&folder)];
        let output = whitewater(&[&args[..], &rest].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let mut json: Value = serde_json::from_str(&stdout(&output)).expect("it is one document");
        assert_eq!(json["env"]["threads"].to_string(), threads);
        json["env"] = Value::Null;
        json["command"] = Value::Null;
        let kept = fs::read_to_string(folder.join("zoo.md")).expect("the report is kept");
        let rows: Vec<String> =
            kept.lines().filter(|line| line.starts_with('|')).map(str::to_owned).collect();
        assert!(folder.join("zoo.json").exists());
        (json, rows)
    };
    let (json, rows) = hunt("1");
    assert_eq!(json["bugs"][0]["bug"], "truncates-matching");
    assert_eq!((&json["bugs"][0]["well"], &json["bugs"][0]["first"]["missed"]), (&true.into(), &0.into()));
    assert_eq!(json["bugs"][0]["shrunk"], Value::Null);
    assert!(rows.len() == 3 && rows[2].starts_with("| truncates-matching |"), "{rows:?}");
    assert!(rows[2].ends_with("| - | - |"), "nothing was shrunk: {rows:?}");
    assert_eq!(hunt("2"), (json, rows));
}

#[test]
fn who_cannot_write_a_report_does_not_hunt_for_it() {
    let folder = folder_with("zoo-no-folder", &[("taken", "")]);
    let taken = folder.join("taken").join("reports");
    let output = whitewater(&["zoo", "--scenarios", &campaigns(), "--report-dir", text(&taken)]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(74), ""));
    let said = format!("error: {} could not be written", taken.display());
    assert!(stderr(&output).starts_with(&said), "{}", stderr(&output));
}

#[test]
fn what_shows_a_bug_is_shrunk_and_told() {
    let folder = folder("zoo-shrunk").join("not").join("yet");
    let args = ["zoo", "--bug", "half-is-a-majority-of-votes", "--campaigns", "1", "--seeds", "3"];
    let output = whitewater(
        &[&args[..], &["--scenarios", &campaigns(), "-q", "--report-dir", text(&folder)]].concat(),
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let kept = fs::read_to_string(folder.join("zoo.json")).expect("the report is kept");
    let json: Value = serde_json::from_str(&kept).expect("it is one document");
    let shrunk = &json["bugs"][0]["shrunk"];
    assert_eq!((&shrunk["seed"], &shrunk["property"]), (&"1".into(), &"election_safety".into()), "{shrunk}");
    let steps = |size: &str| shrunk[size]["steps"].as_u64().expect("it is a number");
    assert!(steps("to") <= 30 && steps("from") > steps("to"), "{shrunk}");
    let told = format!("{} -> {}", steps("from"), steps("to"));
    assert!(stdout(&output).replace(',', "").contains(&told), "{}", stdout(&output));
    let kept = fs::read_to_string(folder.join("zoo.md")).expect("the report is kept");
    assert!(kept.replace(',', "").contains(&format!("| {told} |")), "{kept}");
}

#[test]
fn a_bug_that_is_missed_is_an_expectation_that_is_not_met() {
    let calm = ["small.json", "snapshots.json", "default.json", "liveness.json"].map(|name| (name, CALM));
    let folder = folder_with("zoo-calm", &calm);
    let output = whitewater(&[
        "zoo",
        "--bug",
        "forgets-sessions-with-the-leader",
        "--campaigns",
        "2",
        "--seeds",
        "3",
        "--scenarios",
        text(&folder),
    ]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stdout(&output).lines().nth(1).is_some_and(|line| line.starts_with("x    forgets-sessions")));
}

#[test]
fn a_hunt_that_cannot_begin_is_refused() {
    let output = whitewater(&["zoo", "--bug", "forgets-all"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("no bug `forgets-all`"), "{}", stderr(&output));
    let nowhere = folder("zoo-nowhere");
    let output = whitewater(&["zoo", "--scenarios", text(&nowhere)]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    let output = whitewater(&["zoo", "--campaigns", "0"]);
    assert_eq!(output.status.code(), Some(2));
}
