//! A cluster that does not get on: a failure with a capsule like any other, only that it ends with 3.

use crate::common::{SCENARIOS, folder, stderr, stdout, text, whitewater};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A bug that stalls two of these runs.
const CAMPAIGN: [&str; 4] = ["--seeds", "1..20", "--bug", "gives-up-on-followers"];

/// Fuzzes the small campaign with the bug; gives the exit and the results.
fn fuzz(reports: &Path, more: &[&str]) -> (Option<i32>, String) {
    let small = format!("{SCENARIOS}/campaign/small.json");
    let output = whitewater(&[&["fuzz", &small, "--report-dir", text(reports)], more].concat());
    (output.status.code(), stdout(&output))
}

/// The only capsule of a campaign.
fn capsule(reports: &Path) -> PathBuf {
    let files = fs::read_dir(reports.join("failures")).expect("there are failures").flatten();
    let mut files: Vec<PathBuf> = files.map(|file| file.path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

#[test]
fn a_stall_is_a_kind_of_failure_with_a_capsule_that_is_made_smaller() {
    let reports = folder("stalls-fuzz");
    let (exit, said) = fuzz(&reports, &CAMPAIGN);
    assert_eq!(exit, Some(3), "{said}");
    assert!(said.contains("\n  x progress   2 in 20 runs   seed "), "{said}");
    assert!(said.contains("\n    shrunk ") && said.contains("-> 1 fault"), "{said}");
    assert!(!said.contains("expected settles"), "the kind says more:\n{said}");
    let capsule = capsule(&reports);
    assert!(said.contains(&format!("replay whitewater replay {}\n", text(&capsule))), "{said}");

    let again = whitewater(&["replay", text(&capsule), "--exec", "g violation"]);
    assert_eq!(again.status.code(), Some(3), "{}{}", stdout(&again), stderr(&again));
    let told = stdout(&again);
    assert!(told.contains("the same run: progress at step ") && told.contains("  x progress\n"), "{told}");
    let why = whitewater(&["why", text(&capsule)]);
    assert_eq!(why.status.code(), Some(3));
    assert!(stdout(&why).contains("faults end, and n1 and n2 are left to themselves"), "{}", stdout(&why));
    let run = whitewater(&["run", text(&capsule)]);
    assert_eq!(run.status.code(), Some(0), "{}", stdout(&run));
    assert!(stdout(&run).contains("violates progress, as expected"), "{}", stdout(&run));

    let (exit, said) = fuzz(&reports, &["--seeds", "1", CAMPAIGN[2], CAMPAIGN[3]]);
    assert_eq!(exit, Some(3), "it fails as ever: {said}");
    let mended = fs::read_to_string(&capsule)
        .expect("it is there")
        .replace(", \"bug\": \"gives-up-on-followers\"", "");
    fs::write(&capsule, mended).expect("it can be written");
    assert_eq!(whitewater(&["replay", text(&capsule)]).status.code(), Some(5));
    assert_eq!(whitewater(&["run", text(&capsule)]).status.code(), Some(3), "nothing is violated any more");
}

#[test]
fn what_a_cluster_should_have_settled_to_is_not_judged_when_it_stalls() {
    let reports = folder("stalls-finally");
    let finally = ["--no-shrink", "--set", r#"expect=[{"finally": "logs equal"}]"#];
    let (exit, said) = fuzz(&reports, &[&CAMPAIGN[..], &finally].concat());
    assert_eq!(exit, Some(3), "{said}");
    assert!(said.contains("\n  x progress   2 in 20 runs   seed "), "{said}");
    assert!(
        !said.contains("logs equal") && !said.contains("  x not as expected"),
        "it is told once:\n{said}"
    );
}

#[test]
fn programs_are_told_of_a_stall_as_of_any_kind() {
    let reports = folder("stalls-json");
    let (exit, said) = fuzz(&reports, &[&CAMPAIGN[..], &["--no-shrink", "--format", "json"]].concat());
    assert_eq!(exit, Some(3), "{said}");
    let told: Value = serde_json::from_str(&said).expect("it is JSON");
    let kinds = told["kinds"].as_array().expect("there are kinds");
    assert_eq!(kinds.len(), 1, "{kinds:?}");
    assert_eq!((&kinds[0]["property"], &kinds[0]["runs"]), (&"progress".into(), &2.into()));
    let junit = fs::read_to_string(reports.join("latest/junit.xml")).expect("it is there");
    assert!(junit.contains("unmet") && junit.contains("progress"), "{junit}");
    let output = whitewater(&["shrink", text(&capsule(&reports)), "--budget", "500000"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("    shrunk "), "{}", stdout(&output));
}
