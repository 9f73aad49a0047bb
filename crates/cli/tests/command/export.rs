//! `export` and `report`: each form holds what its format asks for.

#![expect(clippy::unwrap_used, reason = "whatever goes wrong here fails a test")]

use crate::common::{SCENARIOS, folder, stderr, text, whitewater};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// What `export` writes in this form of a scenario, with these further arguments.
fn exported(form: &str, (scenario, more): Run) -> String {
    let file = folder(&format!("export-{form}-{}", scenario.replace('/', "-"))).join("run");
    let scenario = format!("{SCENARIOS}/{scenario}");
    let args = ["export", form, &scenario, "-o", text(&file)];
    let args: Vec<&str> = args.into_iter().chain(more.iter().copied()).collect();
    let output = whitewater(&args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    fs::read_to_string(file).unwrap()
}

/// A scenario, and arguments beside it.
type Run = (&'static str, &'static [&'static str]);

const FIGURE_8: Run = ("paper/figure-8.json", &["--bug", "commits-older-term"]);

/// Runs of different kinds: short and violated, with disks that take their time, with copies and late messages.
const RUNS: [Run; 3] = [
    FIGURE_8,
    ("network/duplicates-and-reordering.json", &[]),
    ("campaign/small.json", &["--seed", "5", "--set", "run_for=2s"]),
];

/// A time of the format in nanoseconds, as Perfetto reads it: it cuts off.
fn nanos(value: &Value) -> u64 {
    (value.as_f64().unwrap() * 1000.0) as u64
}

/// Slices by their process and thread, each with its two ends.
type Slices = BTreeMap<(u64, u64), Vec<(u64, u64)>>;

fn thread(event: &Value) -> (u64, u64) {
    (event["pid"].as_u64().unwrap(), event["tid"].as_u64().unwrap())
}

#[test]
fn the_chrome_trace_keeps_the_rules_of_its_format() {
    for run in RUNS {
        let document: Value = serde_json::from_str(&exported("chrome-trace", run)).unwrap();
        let events = document["traceEvents"].as_array().unwrap();
        for event in events {
            assert!(event["ph"].as_str().is_some_and(|phase| "MXCsfi".contains(phase)), "{event}");
            assert!(event["name"].is_string() && event["ts"].is_number(), "{event}");
        }
        let of = |phase: &'static str| events.iter().filter(move |event| event["ph"] == phase);
        let mut slices = Slices::new();
        for slice in of("X") {
            let from = nanos(&slice["ts"]);
            slices.entry(thread(slice)).or_default().push((from, from + nanos(&slice["dur"])));
        }
        slices.values_mut().for_each(|slices| nest(slices));
        let binds = |event: &Value| {
            let at = nanos(&event["ts"]);
            slices[&thread(event)].iter().filter(|(from, to)| *from <= at && at < *to).count() == 1
        };
        let mut starts = BTreeMap::new();
        for start in of("s") {
            assert!(binds(start), "no slice, or two: {start}");
            let twice = starts.insert(start["id"].as_u64().unwrap(), start);
            assert!(twice.is_none(), "two flows have the id of {start}");
        }
        let mut ends = BTreeSet::new();
        for end in of("f") {
            assert!(binds(end) && end["bp"] == "e", "no slice, or two: {end}");
            assert!(ends.insert(end["id"].as_u64().unwrap()), "two flows have the id of {end}");
            let start = starts[&end["id"].as_u64().unwrap()];
            assert!(nanos(&start["ts"]) <= nanos(&end["ts"]), "{start} after {end}");
            assert_eq!((&start["name"], &start["cat"]), (&end["name"], &end["cat"]));
        }
        assert_eq!(starts.len(), ends.len());
        assert_eq!(ends.len(), delivered(run), "{run:?}");
    }
}

/// Slices of one thread lie apart or one within the other.
fn nest(slices: &mut [(u64, u64)]) {
    slices.sort_by_key(|(from, to)| (*from, u64::MAX - *to));
    let mut open: Vec<u64> = Vec::new();
    for (from, to) in slices {
        while open.last().is_some_and(|end| end <= from) {
            open.pop();
        }
        assert!(open.last().is_none_or(|end| *to <= *end), "a slice from {from} to {to} crosses another");
        open.push(*to);
    }
}

/// How many messages arrived, as the lines of the run say.
fn delivered(run: Run) -> usize {
    let lines = exported("ndjson", run);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let received = lines.filter(|line| line["what"] == "received").count();
    assert!(received > 0, "no message arrived in {run:?}");
    received
}

#[test]
fn the_lines_say_which_version_they_are_of() {
    let lines = exported("ndjson", FIGURE_8);
    let head: Value = serde_json::from_str(lines.lines().next().unwrap()).unwrap();
    assert_eq!((&head["format"], &head["version"]), (&Value::from("whitewater/events"), &Value::from(1)));
}

#[test]
fn the_picture_is_well_formed_and_shows_the_story() {
    let svg = exported("svg", FIGURE_8);
    assert!(svg.contains("counts [2] no-op of term 2"), "{svg}");
    assert!(svg.contains("n3 overwrites [2] of term 2 with an entry of term 3"), "{svg}");
    assert_eq!(svg.matches("leader, term").count(), 2, "n1 and n5 lead");
    let (open, close) = (svg.matches("<g ").count(), svg.matches("</g>").count());
    assert!(open == close && open > 10, "{open} groups are opened and {close} closed");
}

#[test]
fn the_diagram_has_its_nodes_its_messages_and_its_story() {
    let text = exported("mermaid", FIGURE_8);
    assert!(text.starts_with("sequenceDiagram\n    participant n1\n"));
    let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("no {words:?} in {text}"));
    let story = [
        "n1-xn5: RequestVote term 4",
        "n1, leader of term 4, counts",
        "n5 is elected leader",
        "n3 overwrites [2]",
    ];
    assert!(story.map(place).is_sorted(), "{text}");
}

#[test]
fn a_page_is_one_file_that_asks_for_nothing_else() {
    let file = folder("report-page").join("run.html");
    let scenario = format!("{SCENARIOS}/paper/figure-8.json");
    let output = whitewater(&["report", &scenario, "--bug", "commits-older-term", "-o", text(&file)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let page = fs::read_to_string(file).unwrap();
    for outside in ["src=", "<link", "@import", "url(", "http://", "https://", "fetch(", "import("] {
        assert!(!page.contains(outside), "the page has {outside}");
    }
    assert!(!page.contains("@@"), "a mark of the template is left");
    assert!(page.contains("n1, leader of term 4, counts [2]"), "its words tell the story");
    assert_eq!(page.matches("<script").count(), page.matches("</script>").count());
}

#[test]
fn what_cannot_be_shown_is_refused() {
    let folder = folder("report-refused");
    let file = folder.join("run.html");
    let several = whitewater(&["report", &format!("{SCENARIOS}/paper"), "-o", text(&file)]);
    assert_eq!(several.status.code(), Some(2), "{}", stderr(&several));
    assert!(stderr(&several).contains("name one"), "{}", stderr(&several));
    let scenario = format!("{SCENARIOS}/paper/figure-8.json");
    let unknown = whitewater(&["export", "svg", &scenario, "--bug", "no-such-bug", "-o", text(&file)]);
    assert_eq!(unknown.status.code(), Some(2), "{}", stderr(&unknown));
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0, "nothing is left behind");
}
