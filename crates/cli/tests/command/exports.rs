//! The files that hold one run whole, read as an outside program would: as lines of JSON and nothing else.

use crate::common::{CALM, SCENARIOS, STORMY, folder, folder_with, stderr, text, whitewater};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The lines of a file.
fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).expect("it was written");
    text.lines().map(|line| serde_json::from_str(line).expect("every line is a document")).collect()
}

/// What this option writes of the run of a scenario.
fn written(name: &str, option: &str, scenario: &str, more: &[&str]) -> Vec<Value> {
    let (folder, source) = (folder(name), folder_with(&format!("{name}-in"), &[("a.json", scenario)]));
    let file = folder.join("lines.ndjson");
    let args = ["run", text(&source.join("a.json")), option, text(&file)].map(str::to_owned);
    let args: Vec<&str> = args.iter().map(String::as_str).chain(more.iter().copied()).collect();
    let output = whitewater(&args);
    let outcome = match output.status.code() {
        Some(0) => "held",
        Some(1) => "violated",
        other => panic!("{other:?}: {}", String::from_utf8_lossy(&output.stdout)),
    };
    assert_eq!(fs::read_dir(folder).map(Iterator::count).ok(), Some(1), "nothing else is left behind");
    let lines = lines(&file);
    let verdict = lines.last().expect("there are some");
    assert_eq!((&verdict["line"], &verdict["outcome"]), (&"verdict".into(), &outcome.into()));
    lines
}

#[test]
fn events_are_in_order_of_time_and_every_cause_came_before() {
    let lines = written("events", "--events", STORMY, &["--seed", "3"]);
    let [header, events @ .., verdict] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!((&header["format"], &header["version"]), (&"whitewater/events".into(), &1.into()));
    assert_eq!(
        (&header["scenario"], &header["seed"], &header["system"]),
        (&"stormy".into(), &"3".into(), &"whitewater".into())
    );
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
    let figure = fs::read_to_string(format!("{SCENARIOS}/paper/figure-8.json")).unwrap();
    let bug = ["--bug", "commits-older-term", "--trace", "none"];
    let verdict = written("events-violated", "--events", &figure, &bug).pop().unwrap();
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

/// A number that is written as text, since it may be above 2^53.
fn word(value: &Value) -> u64 {
    value.as_str().and_then(|text| text.parse().ok()).expect("it is a number in a string")
}

/// What an operation leaves under its key, and what it answers: the arithmetic of the header, written anew.
fn model(stored: u64, line: &Value) -> (u64, u64) {
    match line["operation"].as_str().expect("it has a name") {
        "get" => (stored, stored),
        "put" => (word(&line["value"]), 0),
        "append" => {
            let longer = stored.wrapping_mul(11_400_714_819_323_198_485).wrapping_add(word(&line["value"]));
            (longer, longer)
        }
        "compare_and_set" if stored == word(&line["expected"]) => (word(&line["value"]), stored),
        "compare_and_set" => (stored, stored),
        other => panic!("the header knows no operation {other}"),
    }
}

/// The first operation, in this order, whose answer is not that of the model.
fn wrong<'a>(operations: &[&'a Value]) -> Option<&'a Value> {
    let mut stored: BTreeMap<u64, u64> = BTreeMap::new();
    for line in operations {
        let under = stored.entry(line["key"].as_u64().expect("it has a key")).or_default();
        let (left, result) = model(*under, line);
        *under = left;
        if !line["result"].is_null() && word(&line["result"]) != result {
            return Some(line);
        }
    }
    None
}

/// The operations of a history, in the order of a field; those without it are left out.
fn by<'a>(lines: &'a [Value], field: &str) -> Vec<&'a Value> {
    let mut operations: Vec<&Value> =
        lines.iter().filter(|line| line["line"] == "operation" && line[field].is_u64()).collect();
    operations.sort_by_key(|line| line[field].as_u64());
    operations
}

#[test]
fn the_history_of_a_lone_client_is_legal_in_the_order_of_its_answers() {
    let patient = CALM.replace("\"every\": \"100ms\"", "\"every\": \"700ms\"").replace("3s", "30s");
    let mut lines = written("history-alone", "--history", &patient, &["--seed", "2"]);
    assert_eq!((&lines[0]["format"], &lines[0]["seed"]), (&"whitewater/history".into(), &"2".into()));
    assert_eq!(lines[0]["operations"].as_object().map(serde_json::Map::len), Some(4));
    let answered = by(&lines, "answered_order");
    assert!(answered.len() > 30, "only {} answers", answered.len());
    for pair in answered.windows(2) {
        assert!(pair[0]["answered_order"].as_u64() < pair[1]["invoked_order"].as_u64(), "{pair:?} overlap");
    }
    assert_eq!(wrong(&answered), None);
    let forged =
        lines.iter_mut().filter(|line| line["operation"] == "append").nth(2).expect("there are some");
    forged["result"] = "7".into();
    let forged = forged.clone();
    assert_eq!(wrong(&by(&lines, "answered_order")), Some(&forged));
}

#[test]
fn the_history_of_many_clients_is_legal_in_the_order_of_the_log() {
    let lines = written("history-many", "--history", STORMY, &["--seed", "3"]);
    let applied = by(&lines, "index");
    assert!(applied.len() > 300, "only {} were applied", applied.len());
    assert_eq!(wrong(&applied), None);
    let unknown = lines.iter().filter(|line| line["line"] == "operation" && line["result"].is_null()).count();
    assert!(unknown > 0, "somebody never learnt what became of a request");
    let answered = by(&lines, "answered_order");
    let mut told = answered.iter().peekable();
    let mut completed = 0;
    for asked in by(&lines, "invoked_order") {
        while let Some(answer) =
            told.next_if(|answer| answer["answered_order"].as_u64() < asked["invoked_order"].as_u64())
        {
            completed = answer["index"].as_u64().max(Some(completed)).expect("it was answered from the log");
        }
        assert!(asked["index"].as_u64().is_none_or(|index| index > completed), "{asked} after [{completed}]");
    }
}

#[test]
fn the_judge_has_the_last_word() {
    let folder = folder_with("judged", &[("calm.json", CALM)]);
    let run = |more: &[&str]| {
        let output = whitewater(&[&["run", text(&folder.join("calm.json")), "-v"], more].concat());
        (output.status.code(), String::from_utf8(output.stdout).expect("it is text"))
    };
    let said = "the judge comes to an end   measured the history is legal";
    let (code, text) = run(&["--judge"]);
    assert!(code == Some(0) && text.contains(said), "{text}");
    assert!(!run(&[]).1.contains(said));
}
