//! Stories and campaigns: who runs with which seeds, what is judged over all of them, and what is told.

use crate::common::{CALM, STORMY, folder_with, stderr, stdout, text, whitewater};
use serde_json::Value;

#[test]
fn a_story_runs_once_with_its_own_seed_beside_a_campaign() {
    let story = CALM.replace("\"nodes\"", r#""seed": 8, "seeds": "fixed", "nodes""#);
    let folder = folder_with("both", &[("free.json", CALM), ("story.json", &story)]);
    let args = ["run", text(&folder), "--seeds", "1..20"];
    let output = whitewater(&args);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let said = stdout(&output);
    let line = |name: &str| said.lines().find(|line| line.contains(name)).unwrap_or_default();
    assert!(
        line("ok   free").contains("seeds 1..20 ") && line("ok   story").contains("seed 8 only"),
        "{said}"
    );
    let document: Value =
        serde_json::from_slice(&whitewater(&[&args[..], &["--format", "json"]].concat()).stdout).unwrap();
    let of = |field: &str| {
        document["scenarios"].as_array().unwrap().iter().map(|one| one[field].clone()).collect()
    };
    let (totals, seeds): (Vec<Value>, Vec<Value>) = (of("total"), of("seeds"));
    assert_eq!((&totals[0]["runs"], &totals[1]["runs"]), (&20.into(), &1.into()));
    assert_eq!(
        (&seeds[0]["own"], &seeds[1]["own"], &seeds[1]["first"]),
        (&false.into(), &true.into(), &"8".into())
    );
}

#[test]
fn sometimes_is_judged_over_all_seeds_of_a_free_scenario() {
    let sometimes =
        |what: &str| CALM.replace("[{ \"leader", &format!("[{{ \"sometimes\": \"{what}\" }}, {{ \"leader"));
    let run = |test: &str, scenario: &str, more: &[&str]| {
        let folder = folder_with(test, &[("a.json", scenario)]);
        let output = whitewater(&[&["run", text(&folder), "-v"], more].concat());
        (output.status.code(), stdout(&output))
    };
    let close =
        sometimes("term > 1").replace("\"nodes\"", r#""election_timeout": ["150ms", "170ms"], "nodes""#);
    let (code, said) = run("some", &close, &["--seeds", "1..60"]);
    assert_eq!(code, Some(0), "{said}");
    let met = said.lines().find(|line| line.contains("sometimes term > 1   met in ")).unwrap_or_default();
    let words: Vec<&str> = met.split_whitespace().collect();
    let [.., met, "of", "60"] = words[..] else { panic!("{said}") };
    assert!((1..60).contains(&met.parse::<u32>().unwrap()), "some seeds and not all: {said}");
    let (code, said) = run("never", &sometimes("count(leaders) > 3"), &["--seeds", "1..20"]);
    assert_eq!(code, Some(3));
    assert!(said.contains("sometimes count(leaders) > 3   never in 20 runs"), "{said}");
    assert_eq!(run("one", &sometimes("count(leaders) > 3"), &["--seed", "1"]).0, Some(0));
    let story =
        sometimes("count(leaders) > 3").replace("\"nodes\"", r#""seed": 8, "seeds": "fixed", "nodes""#);
    assert_eq!(run("of-a-story", &story, &["--seeds", "1..20"]).0, Some(3));
}

#[test]
fn bounds_are_judged_over_the_values_of_all_seeds() {
    let folder = folder_with("bounds", &[("a.json", STORMY)]);
    let run = |at_most: &str, more: &[&str]| {
        let bound = format!("expect[0].measured.at_most={at_most}");
        let args = ["run", text(&folder), "--set", &bound];
        let output = whitewater(&[&args[..], more].concat());
        (output.status.code(), stdout(&output))
    };
    let measured = |said: &str| said.lines().filter(|line| line.contains("  greatest ")).count();
    let (code, said) = run("9s", &["--seeds", "1..20"]);
    assert_eq!((code, measured(&said)), (Some(0), 3), "{said}");
    assert!(said.contains("\n  no progress was possible in "), "{said}");
    let (code, said) = run("1ms", &["--seeds", "1..20"]);
    assert_eq!(code, Some(3));
    assert!(
        said.contains("  x election time p99 at most 1.0ms   measured ") && said.contains(" in 20 runs"),
        "{said}"
    );
    assert!(said.contains("a bound was not kept") && said.contains("--seeds 1..20 --set"), "{said}");
    assert_eq!(run("9s", &["--seed", "3"]).0, Some(0));
    let (code, said) = run("1ms", &["--seed", "3"]);
    assert_eq!(code, Some(3), "one seed is judged by its own values: {said}");
    assert!(said.contains("         drawn  nodes = "), "{said}");
}

#[test]
fn the_trace_tells_the_story() {
    let told = CALM.replace(
        "\"expect\"",
        r#""timeline": [
            { "at": "1s", "note": "All is calm." },
            { "when": "leader elected", "after": "1s", "do": { "crash": { "node": "leader" } }, "note": "It falls." },
            { "at": "2500ms", "do": { "restart": { "node": "crashed" } } }], "expect""#,
    );
    let folder = folder_with("told", &[("a.json", &told)]);
    let output = whitewater(&["run", text(&folder), "--trace", "short"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let said = stdout(&output);
    let is_told = |line: &&str| line.contains("  act ") || line.contains("  faults end");
    let lines: Vec<&str> = said.lines().filter(is_told).collect();
    let acts: Vec<&str> = lines
        .iter()
        .map(|line| &line[line.find("  act ").or(line.find("  faults")).unwrap() + 2..])
        .collect();
    let (_, node) = acts[1].split_once('(').unwrap();
    let (node, _) = node.split_once(')').unwrap();
    assert!(lines[1].contains("[x]") && ["n1", "n2", "n3"].contains(&node), "{said}");
    let expected = [
        "act 1   All is calm.".to_owned(),
        format!("act 2: crash the leader ({node})   It falls."),
        format!("act 3: restart what is down ({node})"),
        "faults end, the cluster settles".to_owned(),
    ];
    assert_eq!(acts, expected);
}
