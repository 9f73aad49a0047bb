//! Plans written as files: what is written reads back as the same plan, and says no more than it must.

use std::fs;
use std::path::{Path, PathBuf};
use whitewater_check::property::Property;
use whitewater_sim::plan::{Plan, SystemChoice};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::scenario::found::Found;

/// All scenario files below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder of scenarios is there") {
        let path = entry.expect("its entries can be read").path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            files(&path, found);
        } else if name.ends_with(".json") && !name.ends_with(".schema.json") {
            found.push(path);
        }
    }
}

fn parse(text: &str) -> Scenario {
    Scenario::parse("written.json", text).unwrap_or_else(|found| panic!("{}\n{text}", found[0]))
}

fn bare(plan: Plan) -> Plan {
    Plan { drawn: Vec::new(), ..plan }
}

fn comes_back(plan: Plan) {
    let text = Scenario::written(&plan, None, "It shows something.");
    let again = parse(&text);
    assert_eq!(bare(again.plan(plan.seed)), bare(plan), "{text}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test reads the committed files; the world does not")]
fn every_plan_of_the_corpus_reads_back() {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios"), &mut all);
    assert!(all.len() > 40, "{all:?}");
    for file in all {
        let text = fs::read_to_string(&file).unwrap();
        let scenario = Scenario::parse(&file.to_string_lossy(), &text).unwrap();
        for seed in [1, 2, 3, u64::MAX] {
            comes_back(scenario.plan(seed));
        }
    }
}

/// Something of every kind that the corpus lacks.
#[test]
fn every_kind_of_act_and_expectation_reads_back() {
    let scenario = parse(
        r#"{ "version": 1, "name": "a", "about": "b", "nodes": 5, "run_for": "9s", "beyond_raft": true,
        "settle": false, "disk": { "crash_leaves": "nothing" },
        "system": { "x": { "some option": 7, "bug": "wrong" } }, "heartbeat": "3ms",
        "network": { "latency": { "lognormal": { "median": "1ms", "p99": "9ms" } }, "loss": 0.123456789,
          "links": [{ "from": "n1", "loss": 0 }, { "to": ["n2", "n3"], "latency": "1ns", "reorder": 1 }] },
        "clock": { "drift": 0.000001, "offset": "1m" }, "start": [{ "node": ["n1", "n5"], "term": 3 }],
        "clients": [{ "count": 1, "every": "1s", "keys": 9, "reads": 0.1, "skew": 0.3, "timeout": "7ms" }],
        "timeline": [
          { "at": "1s", "note": "Only \"words\"." }, { "at": "2s", "do": "ring", "standing": true },
          { "when": "n1.role == leader and not (term > 5 or overtaken)", "do": { "wipe": { "node": "n1" } } },
          { "when": "logs equal", "after": "1us", "do": { "request": { "node": "all", "count": 3 } } },
          { "at": "3s", "do": { "partition": { "groups": [["n1", "n2"], "n3"] } }, "for": "1.5ms" },
          { "at": "4s", "do": { "drop": {} } }, { "at": "4s", "do": "release" }, { "at": "4s", "do": "heal" },
          { "at": "4s", "do": { "hold": { "kind": "request_vote_reply", "from": "n1", "term": 2, "nth": 3 } } },
          { "at": "4s", "do": { "delay": { "nth": 2, "takes": "1ms" } }, "for": "2s" },
          { "at": "4s", "do": { "duplicate": { "term": 2, "takes": "0s" } } },
          { "at": "4s", "do": { "request": { "node": "n1", "client": 2, "what": { "append": 7 } } } },
          { "at": "4s", "do": { "request": { "node": "n1", "client": 2, "what": "again" } } },
          { "at": "5s", "do": { "drift": { "node": "random", "rate": 0.333333 } } },
          { "at": "5s", "do": { "damage": { "node": "crashed" } } },
          { "at": "5s", "do": { "bridge": { "node": "minority" } } },
          { "at": "5s", "do": { "resume": { "node": "majority" } } },
          { "at": "5s", "do": { "clog": { "node": "candidate", "one_way": "in" } } } ],
        "chaos": [{ "when": "count(leaders) > 1", "after": { "uniform": ["0s", "1ms"] }, "pick": [{ "do": "ring" }] },
            { "every": "1s", "pick": [{ "weight": 0, "do": "heal" },
          { "do": { "crash": { "node": "follower", "after_effects": 2 } }, "for": { "exponential": { "mean": "1s" } } } ] }],
        "measure": ["election_time", "throughput"],
        "expect": [{ "violates": "election_safety" }, { "leader_within": "1s" }, { "committed_at_least": 4 },
          { "never": "down" }, { "measured": { "what": "election_time", "percent": 99, "at_most": "1s" } },
          { "measured": { "what": "throughput", "at_least": 100 } } ] }"#
            .replace("\"never\": \"down\"", "\"never\": \"count(down) > 1\"")
            .as_str(),
    );
    comes_back(scenario.plan(3));
}

#[test]
fn what_is_as_usual_is_not_written() {
    let scenario = parse(r#"{ "version": 1, "name": "a", "about": "b", "nodes": 3, "run_for": "9s" }"#);
    let found = Found {
        property: Property::ElectionSafety,
        step: 7,
        time: None,
        digest: 5,
        version: None,
        system: None,
        shrunk_from: None,
        facts: Vec::new(),
        ladder: None,
    };
    let plan = Plan { free: false, ..scenario.plan(4) };
    let text = Scenario::written(&plan, Some(&found), "Nothing happens.");
    let expected = r#"{
  "version": 1,
  "name": "a",
  "about": "Nothing happens.",
  "nodes": 3,
  "seed": 4,
  "seeds": "fixed",
  "run_for": "9s",
  "found": { "property": "election_safety", "step": 7, "digest": "0x0000000000000005" }
}
"#;
    assert_eq!(text, expected);
    assert_eq!(parse(&text).found(), Some(&found));
    let other = SystemChoice { name: "noraft".to_owned(), ..plan.system.clone() };
    let text = Scenario::written(&Plan { system: other, ..plan }, None, "b");
    assert!(text.contains("\n  \"system\": \"noraft\"\n"), "{text}");
}
