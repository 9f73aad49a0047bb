//! What services that run tests get to see: JUnit's XML, GitHub's annotations and the summary of a step.

use crate::common::{CALM, SCENARIOS, folder, folder_with, process, stderr, stdout, text};
use crate::replay::made;
use std::fs;
use std::path::Path;
use std::process::Output;
use whitewater_sim::run::Settings;

const BUG: [&str; 2] = ["--bug", "commits-older-term"];

/// What the command does as a step of GitHub Actions, with this file for the summary.
fn step(args: &[&str], summary: Option<&Path>) -> Output {
    let mut process = process(args);
    process.env("GITHUB_ACTIONS", "true");
    if let Some(summary) = summary {
        process.env("GITHUB_STEP_SUMMARY", summary);
    }
    process.output().expect("the command starts")
}

fn figure() -> String {
    format!("{SCENARIOS}/paper/figure-8.json")
}

#[test]
fn junit_has_a_case_for_what_failed_and_one_for_what_held() {
    let folder = folder_with("junit", &[("calm.json", CALM)]);
    let (file, figure) = (folder.join("calm.json"), figure());
    let output =
        process(&[&["run", text(&file), &figure, "--format", "junit"], &BUG[..]].concat()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = stdout(&output);
    assert!(said.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"whitewater\" tests=\"2\" failures=\"1\""), "{said}");
    assert!(said.contains("<testcase classname=\"calm\" name=\"seed 1: runs that held\">"), "{said}");
    assert!(said.contains("<testcase classname=\"figure-8\" name=\"leader completeness\">"), "{said}");
    assert!(said.ends_with("</testsuites>\n"), "{said}");
}

#[test]
fn annotations_are_a_form_of_their_own_everywhere() {
    let figure = figure();
    let args = [&["run", &figure, "--format", "github"], &BUG[..]].concat();
    let output = process(&args).output().unwrap();
    let said = stdout(&output);
    assert_eq!((output.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    let begin = format!("::error file={figure},title=figure-8%3A leader completeness in 1 of 1 run::n");
    assert!(said.starts_with(&begin) && said.contains("%0Areplay: whitewater run "), "{said}");
    assert_eq!(stdout(&step(&args, None)), said, "and not twice");
}

#[test]
fn on_github_annotations_follow_what_people_read_and_nothing_else() {
    let figure = figure();
    let args = |more: &[&'static str]| [&["run", figure.as_str()], &BUG[..], more].concat();
    let plain = stdout(&process(&args(&[])).output().unwrap());
    let said = stdout(&step(&args(&[]), None));
    let (before, after) = said.split_at(plain.len());
    assert_eq!(before, plain);
    assert!(after.starts_with("::error file=") && after.lines().count() == 1, "{after}");
    assert_eq!(stdout(&step(&args(&["-q"]), None)).matches("::error").count(), 1);
    let json = stdout(&step(&args(&["--format", "json"]), None));
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok(), "{json}");
    let folder = folder_with("github-file", &[("calm.json", CALM)]);
    let out = folder.join("out.json");
    let said = stdout(&step(&[&args(&["--format", "json", "-o"])[..], &[text(&out)]].concat(), None));
    assert!(
        said.starts_with("::error file=") && said.lines().count() == 1,
        "standard output is free: {said}"
    );
    let calm = folder.join("calm.json");
    assert!(stdout(&step(&["run", text(&calm)], None)).ends_with("1 scenario, 1 held\n"));
}

#[test]
fn other_services_get_no_annotations() {
    let figure = figure();
    let args = [&["run", &figure], &BUG[..]].concat();
    let output = process(&args).env("GITHUB_ACTIONS", "false").output().unwrap();
    assert!(!stdout(&output).contains("::error"));
    let output = process(&args).env("GITHUB_STEP_SUMMARY", "").output().unwrap();
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(1), ""));
}

#[test]
fn the_summary_of_a_step_is_added_to_what_is_there() {
    let folder = folder("step-summary");
    let (file, figure) = (folder.join("summary.md"), figure());
    fs::write(&file, "before\n").unwrap();
    for _ in 0..2 {
        assert_eq!(step(&[&["run", &figure], &BUG[..]].concat(), Some(&file)).status.code(), Some(1));
    }
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("before\n## whitewater: 1 scenario, 0 held, 1 violated\n"), "{text}");
    assert_eq!(text.matches("### What went wrong\n").count(), 2);
    assert_eq!(text.matches("whitewater run ").count(), 2, "{text}");
}

#[test]
fn a_summary_that_cannot_be_written_is_74_and_the_results_are_there() {
    let output = step(&["run", &figure()], Some(Path::new("/no/such/folder/summary.md")));
    assert_eq!(output.status.code(), Some(74));
    assert!(stdout(&output).ends_with("1 scenario, 1 held\n"), "{}", stdout(&output));
    let said = stderr(&output);
    assert!(said.starts_with("error: /no/such/folder/summary.md could not be written: "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn a_replay_tells_github_what_to_replay() {
    let capsule = made(Settings::default()).file("github-replay", |_| ());
    let said = stdout(&step(&["replay", text(&capsule)], None));
    let command = said.lines().last().unwrap();
    assert!(
        command.starts_with("::error file=") && command.contains("%0Areplay: whitewater replay "),
        "{said}"
    );
}
