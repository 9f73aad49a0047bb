//! `shrink`: a capsule that becomes smaller in its place, and files with which it can do nothing.

use crate::common::{CALM, folder_with, process, stderr, stdout, text, whitewater};
use crate::replay::made;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::Scenario;

/// Enough to make the capsule of these tests a little smaller.
const BUDGET: [&str; 4] = ["--budget", "100000", "-j", "2"];

/// A capsule of a run that violates something.
fn capsule(test: &str) -> PathBuf {
    made(Settings::default()).file(test, |_| ())
}

#[test]
fn the_capsule_becomes_smaller_in_its_place_and_fails_the_same_way() {
    let capsule = capsule("shrink-smaller");
    let read = || {
        let text = fs::read_to_string(&capsule).expect("it is there");
        Scenario::parse("capsule.json", &text)
            .expect("it is right")
            .found()
            .cloned()
            .expect("it is a capsule")
    };
    let before = read();
    let output = whitewater(&[&["shrink", text(&capsule)], &BUDGET[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let after = read();
    let from = after.shrunk_from.expect("it says what it was");
    assert_eq!((after.property, from.steps), (before.property, before.step));
    assert!(after.step < before.step, "{} {}", before.step, after.step);
    let said = stdout(&output);
    let sizes = format!("\n    shrunk {} -> {} steps, ", before.step, after.step);
    assert!(said.starts_with("    needs  ") && said.contains(&sizes), "{said}");
    let replay = format!("replay whitewater replay {}\n", text(&capsule));
    assert!(said.ends_with(&replay), "{said}");
    let again = whitewater(&["replay", text(&capsule)]);
    assert_eq!(again.status.code(), Some(1), "{}{}", stdout(&again), stderr(&again));
}

#[test]
fn as_json_it_says_the_same() {
    let capsule = capsule("shrink-json");
    let output = whitewater(&[&["shrink", text(&capsule), "--format", "json"], &BUDGET[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said: Value = serde_json::from_str(&stdout(&output)).expect("it is JSON");
    assert_eq!(said["format"], "whitewater/shrink");
    assert_eq!((&said["capsule"], &said["exit"]), (&Value::from(text(&capsule)), &Value::from(0)));
    let steps = |end: &str| said["shrunk"][end]["steps"].as_u64().expect("it is a number");
    assert!(0 < steps("to") && steps("to") < steps("from"), "{said}");
}

#[test]
fn what_is_no_capsule_is_2() {
    let folder = folder_with("shrink-none", &[("calm.json", CALM), ("broken.json", "{")]);
    let complaint = |name: &str| {
        let file = folder.join(name);
        let output = whitewater(&["shrink", text(&file)]);
        assert_eq!((output.status.code(), stdout(&output)), (Some(2), String::new()), "{name}");
        stderr(&output)
    };
    let said = complaint("calm.json");
    assert!(said.contains("calm.json: it is no capsule: ") && said.contains("in `found`"), "{said}");
    assert!(complaint("broken.json").contains("broken.json"));
    assert!(complaint("missing.json").contains("missing.json"));
}

#[test]
fn a_capsule_of_a_run_that_fails_no_more_is_not_reproduced() {
    let capsule = capsule("shrink-fixed");
    let before = fs::read_to_string(&capsule).expect("it is there");
    let digest = before.split_once(r#""digest": "0x"#).expect("it has one").1[..16].to_owned();
    for (from, to) in
        [(r#""bug": "commits-older-term""#, r#""bug": "forgets-log""#), (&digest, "0123456789abcdef")]
    {
        let other = before.replace(from, to);
        assert_ne!(other, before);
        fs::write(&capsule, &other).expect("it can be written");
        let output = whitewater(&[&["shrink", text(&capsule)], &BUDGET[..]].concat());
        assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
        assert!(stderr(&output).contains("it is not the run that it was written of"), "{}", stderr(&output));
        assert_eq!(fs::read_to_string(&capsule).expect("it is there"), other, "it is left alone");
    }
}

#[test]
fn what_becomes_no_smaller_stays_as_it_is() {
    let capsule = capsule("shrink-again");
    let shrink = |budget: &str| {
        let output = whitewater(&["shrink", text(&capsule), "--budget", budget]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        (fs::read_to_string(&capsule).expect("it is there"), stdout(&output), stderr(&output))
    };
    let (small, _, _) = shrink("3000000");
    let noted = small + "// A note of somebody who has read it.\n";
    fs::write(&capsule, &noted).expect("it can be written");
    let (same, said, warned) = shrink("1");
    assert_eq!(same, noted, "it was written again");
    let size = said.lines().find_map(|line| line.trim().strip_prefix("shrunk ")).expect("it says how small");
    let (from, to) = size.split_once(" -> ").expect("it says from what");
    assert!(to.starts_with(&format!("{from} steps,")), "{said}");
    assert!(said.contains("needs"), "{said}");
    assert!(warned.contains("the budget of 1 step is spent"), "{warned}");
}

/// `/proc` takes no new files, whoever asks. The capsule is that of the process itself: its standard input.
#[test]
#[cfg(target_os = "linux")]
fn where_it_cannot_be_written_it_is_74() {
    let input = fs::File::open(capsule("shrink-unwritable")).expect("it is there");
    let mut command = process(&[&["shrink", "/proc/self/fd/0"], &BUDGET[..]].concat());
    let output = command.stdin(input).output().expect("the command starts");
    assert_eq!(output.status.code(), Some(74), "{}", stderr(&output));
    assert!(stderr(&output).starts_with("error: /proc/self/fd/0: "), "{}", stderr(&output));
}
