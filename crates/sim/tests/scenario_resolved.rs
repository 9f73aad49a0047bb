//! Capsules: what a resolved scenario looks like, and what a file may say it found.

mod resolving;

use resolving::resolves;
use std::collections::BTreeMap;
use whitewater_check::property::Property;
use whitewater_sim::plan::{Expect, Plan, SystemChoice};
use whitewater_sim::scenario::found::Found;
use whitewater_sim::scenario::set::Setting;
use whitewater_sim::scenario::{Diagnostic, Scenario};

/// A scenario that leaves open whatever can be left open.
const OPEN: &str = r#"{
  "$schema": "../scenario.schema.json", // For editors.
  "version": 1, "name": "open", "about": "All is open.", "nodes": { "one_of": [3, 5] },
  "run_for": { "between": ["8s", "9s"] }, "system": { "x": { "an option": { "between": [1, 9] }, "bug": "b" } },
  "election_timeout": [{ "between": ["150ms", "200ms"] }, { "one_of": ["300ms", "400ms"] }],
  "heartbeat": { "between": ["10ms", "50ms"] },
  "network": {
    "latency": { "uniform": ["1ms", { "between": ["2ms", "9ms"] }] }, "loss": { "between": [0, 0.1] },
    "asymmetry": { "between": [0, 0.9] }, "links": [{ "to": "n1", "latency": { "between": ["1ms", "2ms"] } }],
  },
  "disk": { "sync": { "lognormal": { "median": { "between": ["1ms", "2ms"] }, "p99": { "one_of": ["9ms"] } } } },
  "clock": { "drift": { "between": [0, 0.5] }, "offset": { "between": ["0s", "3s"] } },
  "clients": [
    { "count": { "between": [1, 9] }, "think": { "exponential": { "mean": { "between": ["1ms", "9ms"] } } } },
    { "count": 1, "every": { "one_of": ["1ms", "9ms"] }, "keys": { "between": [1, 65536] },
      "reads": { "between": [0, 1] }, "skew": { "one_of": [0, 1] }, "timeout": { "between": ["1s", "2s"] } },
  ],
  "timeline": [
    { "at": { "between": ["1s", "2s"] }, "do": { "drift": { "node": "n1", "rate": { "between": [0.1, 10] } } },
      "for": { "between": ["1s", "2s"] } },
    { "when": "leader elected", "after": { "between": ["0s", "1s"] }, "do": { "request": { "node": "n1", "count": { "one_of": [1, 2] } } } },
    { "at": "3s", "do": { "drop": { "term": { "between": [1, 3] }, "nth": { "between": [1, 3] } } } },
  ],
  "chaos": [
    { "swarm": true, "every": { "exponential": { "mean": { "between": ["1s", "2s"] } } }, "pick": [
      { "do": { "crash": { "node": "n1" } }, "weight": 7 }, { "do": "ring", "for": { "between": ["1s", "2s"] } },
      { "weight": 2, "do": { "flap": { "node": "n1", "every": { "between": ["1ms", "1s"] } } }, "for": "2s" },
      { "do": { "crash": { "node": "n1", "after_effects": { "between": [0, 6] } } } } ] },
    { "every": "1s", "pick": [{ "do": "heal", "weight": 0 }, { "do": "ring" }] },
  ],
}"#;

fn scenario(text: &str) -> Scenario {
    Scenario::parse("a.json", text).unwrap_or_else(|found| panic!("{}", found[0]))
}

#[test]
fn nothing_is_left_open_and_the_plan_is_the_same() {
    let open = scenario(OPEN);
    let places = OPEN.matches("between").count() + OPEN.matches("one_of").count();
    for seed in (0..300).chain([u64::MAX]) {
        assert_eq!(open.plan(seed).drawn.len(), places + 1, "and swarm mode");
        resolves(&open, seed).unwrap_or_else(|wrong| panic!("{wrong}"));
    }
}

#[test]
fn it_reads_like_a_file_that_somebody_wrote() {
    let text = r#"{
      "about": "b", /* Why. */ "version": 1, "name": "a", "nodes": { "one_of": [3] },
      "seeds": "free", "run_for": { "between": ["8s", "8s"] }, // How long.
      "chaos": [{ "every": "1s", "swarm": true, "pick": [
        { "do": "ring" }, { "weight": 3, "do": { "crash": { "node": "n1" } }, "for": { "one_of": ["1s"] } }, ] }],
      "network": { "loss": { "one_of": [0.25] }, },
    }"#;
    let scenario = scenario(text);
    let off = |seed: &u64| scenario.plan(*seed).chaos[0].pick.iter().map(|pick| pick.weight).eq([0, 3]);
    let seed = (0..).find(off).unwrap();
    let expected = r#"{
  "about": "b",
  "version": 1,
  "name": "a",
  "nodes": 3,
  "seeds": "fixed",
  "seed": SEED,
  "run_for": "8s",
  "chaos": [
    {
      "every": "1s",
      "pick": [
        { "weight": 0, "do": "ring" },
        { "weight": 3, "do": { "crash": { "node": "n1" } }, "for": "1s" }
      ]
    }
  ],
  "network": { "loss": 0.25 }
}
"#;
    assert_eq!(scenario.resolved(&scenario.plan(seed), None), expected.replace("SEED", &seed.to_string()));
}

#[test]
fn settings_are_in_it_and_the_schema_stays() {
    let setting = Setting::parse("network.loss=0.5").unwrap();
    let set = Scenario::parse_with("a.json", OPEN, &[setting]).unwrap();
    let text = set.resolved(&set.plan(4), None);
    assert!(text.contains("\"loss\": 0.5"), "{text}");
    assert!(text.starts_with("{\n  \"$schema\": \"../scenario.schema.json\",\n"), "{text}");
    resolves(&set, 4).unwrap();
}

#[test]
fn another_system_stands_in_it_with_its_bug() {
    let without = r#"{"version": 1, "name": "a", "about": "b", "nodes": 5, "run_for": "8s"}"#;
    for text in [OPEN, without] {
        let scenario = scenario(text);
        let choices = [
            (
                Some("x".to_owned()),
                BTreeMap::from([("batch".to_owned(), 8), ("odd name".to_owned(), u64::MAX)]),
            ),
            (Some("y".to_owned()), BTreeMap::new()),
            (None, BTreeMap::new()),
        ];
        for (bug, options) in choices {
            let system = SystemChoice { name: "noraft".to_owned(), options, bug };
            let text = scenario.resolved(&Plan { system: system.clone(), ..scenario.plan(9) }, None);
            let again = Scenario::parse("a.json", &text).unwrap();
            assert_eq!(again.plan(9).system, system, "{text}");
            resolves(&again, 9).unwrap();
        }
    }
}

fn found() -> Found {
    Found {
        property: Property::LogMatching,
        step: 812,
        time: Some(1_500_000_000),
        digest: 0x00c0_ffee,
        version: Some("0.1.0".to_owned()),
        system: Some("whitewater".to_owned()),
        shrunk_from: None,
        facts: vec!["n1 holds \"a\"".to_owned(), "n2 holds b".to_owned()],
        ladder: Some("AAEC/w==".to_owned()),
    }
}

#[test]
fn what_was_found_goes_with_it_and_reads_back() {
    let bare = Found { time: None, version: None, system: None, facts: Vec::new(), ladder: None, ..found() };
    let open = scenario(OPEN);
    for found in [found(), bare] {
        let text = open.resolved(&open.plan(7), Some(&found));
        let capsule = scenario(&text);
        assert_eq!(capsule.found(), Some(&found), "{text}");
        resolves(&capsule, 7).unwrap();
        assert_eq!(scenario(&capsule.resolved(&capsule.plan(7), None)).found(), None);
        assert_eq!(scenario(&text.replacen("0x0000000000c0ffee", "0xC0FFEE", 1)).found(), Some(&found));
    }
    assert_eq!(scenario(OPEN).found(), None);
}

#[test]
fn a_capsule_as_a_scenario_expects_what_it_found_and_nothing_else() {
    let text = r#"{"version": 1, "name": "a", "about": "b", "nodes": 5, "run_for": "8s",
        "expect": [{ "committed_at_least": 9 }, { "finally": "logs equal" }]}"#;
    let plain = scenario(text);
    assert_eq!(plain.clone().expecting_what_was_found().plan(1).expect.len(), 2);
    let capsule = scenario(&plain.resolved(&plain.plan(1), Some(&found())));
    assert_eq!(capsule.plan(1).expect.len(), 2, "as the run had it that the record is of");
    let expecting = capsule.expecting_what_was_found();
    let expected = expecting.plan(1).expect;
    assert!(matches!(expected[..], [Expect::Violates(Property::LogMatching)]), "{expected:?}");
    assert_eq!(expecting.found(), None);
}

/// What stands in `found`, the column where it is refused, a word of the message, a word of the help or nothing.
const WRONG: &[(&str, usize, &str, &str)] = &[
    (r#"{ "step": 1, "digest": "0x1" }"#, 1, "missing field `property`", ""),
    (r#"{ "property": "log_matching", "digest": "0x1" }"#, 1, "missing field `step`", ""),
    (r#"{ "property": "log_matching", "step": 1 }"#, 1, "missing field `digest`", ""),
    (
        r#"{ "property": "log_matcing", "step": 1, "digest": "0x1" }"#,
        15,
        "unknown property",
        "`log_matching`",
    ),
    (r#"{ "property": "progress", "step": 0, "digest": "0x1" }"#, 35, "expected 1 to 4294967295", ""),
    (r#"{ "property": "progress", "step": "1", "digest": "0x1" }"#, 35, "expected a whole number", ""),
    (r#"{ "property": "progress", "step": 1, "digest": "1" }"#, 48, "expected a digest such as", ""),
    (r#"{ "property": "progress", "step": 1, "digest": "0x" }"#, 48, "expected a digest such as", ""),
    (r#"{ "property": "progress", "step": 1, "digest": "0x+1" }"#, 48, "expected a digest such as", ""),
    (r#"{ "property": "progress", "step": 1, "digest": "0x00000000000000001" }"#, 48, "a digest such as", ""),
    (r#"{ "property": "progress", "step": 1, "digest": 1 }"#, 48, "expected a digest such as", ""),
    (
        r#"{ "property": "progress", "step": 1, "digets": "0x1", "digest": "0x1" }"#,
        38,
        "unknown field",
        "`digest`",
    ),
    (r#"{ "property": "progress", "step": 1, "digest": "0x1", "time": 5 }"#, 63, "a time with a unit", ""),
    (
        r#"{ "property": "progress", "step": 1, "digest": "0x1", "version": "1" }"#,
        66,
        "expected a version",
        "",
    ),
    (
        r#"{ "property": "progress", "step": 1, "digest": "0x1", "system": "" }"#,
        65,
        "the name of a system",
        "",
    ),
    (r#"{ "property": "progress", "step": 1, "digest": "0x1", "facts": "a" }"#, 64, "expected a list", ""),
    (r#"{ "property": "progress", "step": 1, "digest": "0x1", "ladder": "AAA" }"#, 65, "expected base64", ""),
    (
        r#"["progress", 1, "1s", "0x1", null, null, [], null, null]"#,
        1,
        "expected an object, found a list",
        "",
    ),
    (r#""progress""#, 1, "an object with `property`", ""),
];

#[test]
fn a_wrong_record_is_refused_at_its_place() {
    for (record, column, word, help) in WRONG {
        let text = format!(
            "{{\"version\": 1, \"name\": \"a\", \"about\": \"b\", \"nodes\": 5, \"run_for\": \"8s\", \"found\":\n{record}}}"
        );
        let found: Vec<Diagnostic> = Scenario::parse("a.json", &text).expect_err(record);
        let one = &found[0];
        assert_eq!((one.line, one.column, found.len()), (2, *column, 1), "{one}");
        assert!(one.message.contains(word), "{one}");
        assert!(one.help.as_deref().unwrap_or("").contains(help), "{one}");
    }
}
