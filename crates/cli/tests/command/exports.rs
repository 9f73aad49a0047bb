//! The files that hold one run whole, read as an outside program would: as lines of JSON and nothing else.

use crate::common::{CALM, SCENARIOS, folder, folder_with, stderr, text, whitewater};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The lines of a file.
fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("it was written");
    text.lines().map(|line| serde_json::from_str(line).expect("every line is a document")).collect()
}

/// What is written of the run of a scenario by this option.
fn written(name: &str, option: &str, args: &[&str]) -> Vec<Value> {
    let file = folder(name).join("lines.ndjson");
    let output = whitewater(&[args, &[option, text(&file)]].concat());
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", stderr(&output));
    assert_eq!(fs::read_dir(file.parent().expect("it has one")).map(Iterator::count).ok(), Some(1));
    lines(&file)
}

#[test]
fn events_are_in_order_of_time_and_every_cause_came_before() {
    let swarm = format!("{SCENARIOS}/campaign/default.json");
    let lines = written("events", "--events", &["run", &swarm, "--seed", "3"]);
    let [header, events @ .., verdict] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((&header["format"], &header["version"]), (&"whitewater/events".into(), &1.into()));
    assert_eq!(
        (&header["scenario"], &header["seed"], &header["system"]),
        (&"default".into(), &"3".into(), &"whitewater".into())
    );
    assert_eq!((&verdict["line"], &verdict["outcome"]), (&"verdict".into(), &"held".into()));
    let (mut time, mut steps, mut caused) = (0, BTreeSet::new(), 0);
    for event in events {
        assert_eq!(event["line"], "event");
        let now = event["time_ns"].as_u64().expect("it has a time");
        assert!(now >= time, "{event} after {time}");
        time = now;
        if let Some(cause) = event["cause"].as_u64() {
            assert!(steps.contains(&cause), "nothing is known of the cause of {event}");
            caused += 1;
        }
        steps.insert(event["step"].as_u64().expect("it has a step"));
        let unnamed = ["a", "b"].iter().any(|name| event.get(name).is_some());
        assert!(!unnamed && event["what"].is_string(), "{event}");
    }
    assert_eq!(steps, (1..=verdict["steps"].as_u64().unwrap()).collect(), "no step is missing");
    assert!(caused > events.len() / 10, "only {caused} of {} have a cause", events.len());
    assert!(events.len() > 4_096, "the whole trace and not its end");
}

#[test]
fn the_events_of_a_violation_end_with_it() {
    let figure = format!("{SCENARIOS}/paper/figure-8.json");
    let args = ["run", &figure, "--bug", "commits-older-term", "--trace", "none"];
    let verdict = written("events-violated", "--events", &args).pop().unwrap();
    assert_eq!(verdict["violation"], "leader_completeness", "{verdict}");
    assert_eq!(verdict["early"][0], "committed_by_the_rule");
}

#[test]
fn events_change_nothing_about_the_results() {
    let folder = folder_with("events-beside", &[("calm.json", CALM)]);
    let (file, events) = (folder.join("calm.json"), folder.join("events.ndjson"));
    let run = |more: &[&str]| whitewater(&[&["run", text(&file)], more].concat()).stdout;
    assert_eq!(run(&["--events", text(&events)]), run(&[]));
    assert_eq!(run(&["--events", text(&events), "--trace", "short"]), run(&["--trace", "short"]));
}

#[test]
fn only_a_single_run_can_be_written() {
    let folder = folder_with("events-of-many", &[("a.json", CALM), ("b.json", CALM)]);
    let (one, file) = (folder.join("a.json"), folder.join("x.ndjson"));
    for (args, runs) in [(vec![text(&folder)], 2), (vec![text(&one), "--seeds", "1..7"], 7)] {
        let output = whitewater(&[&["run"], &args[..], &["--events", text(&file)]].concat());
        assert_eq!(output.status.code(), Some(2));
        let expected = format!(
            "error: --events is of a single run, and here are {runs}: name one scenario and one --seed\n"
        );
        assert_eq!(stderr(&output), expected);
        assert!(!file.exists());
    }
}

#[test]
fn a_file_that_cannot_be_written_is_one_line_and_74() {
    let folder = folder_with("events-nowhere", &[("a.json", CALM)]);
    let file = folder.join("a.json");
    let run = |events: &str, more: &[&str]| {
        let output = whitewater(&[&["run", text(&file), "--events", events], more].concat());
        (output.status.code(), stderr(&output))
    };
    let (code, said) = run("/no/such/folder/x", &[]);
    assert_eq!(code, Some(74));
    assert!(
        said.starts_with("error: /no/such/folder/x could not be written") && said.lines().count() == 1,
        "{said}"
    );
    assert_eq!(run("/dev/full", &[]).0, Some(74));
    assert_eq!(run(text(&file), &[]).0, Some(2), "the scenario stays");
    assert_eq!(fs::read_to_string(&file).unwrap(), CALM);
    let (code, said) = run("-", &[]);
    assert_eq!((code, said.as_str()), (Some(2), "error: --events and the results cannot both go to -\n"));
    let results = folder.join("results.json");
    assert_eq!(run("-", &["-o", text(&results)]).0, Some(0));
}
