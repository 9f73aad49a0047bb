//! Hostile files: whatever is in them, there is an answer soon, at a place, and no panic.

mod resolving;

use proptest::prelude::*;
use resolving::resolves;
use whitewater_sim::scenario::{Diagnostic, Scenario};

/// A story with everything that the swarm scenario does not say, and a warning.
const STORY: &str = r#"{
  "version": 1, "name": "story", "about": "A story.", "nodes": 5, "seed": 7, "seeds": "fixed", "run_for": "8s",
  "election_timeout": ["150ms", { "between": ["200ms", "300ms"] }], "heartbeat": { "one_of": ["50ms", "75ms"] },
  "network": { "latency": "80ms", "links": [{ "from": "n1", "to": ["n2", "n3"], "loss": 0.5 }] },
  "start": [{ "node": "n1", "term": 5, "log": [1, 1, 4, 5] }, { "node": ["n2", "n3"], "term": 4, "log": [1, 1, 4] }],
  "timeline": [
    { "at": "10ms", "do": { "timeout": { "node": "n1" } }, "note": "n1 stands for election." },
    { "at": "20ms", "do": { "hold": { "kind": "append_entries", "from": "n1", "to": "n2", "term": 6, "nth": 2 } }, "for": "1s" },
    { "when": "leader elected", "after": "100ms", "do": { "request": { "node": "leader", "count": 3 } } },
    { "when": "n1.commit >= 5", "do": "release" },
    { "at": "2s", "do": { "drop": { "kind": "request_vote_reply", "nth": { "between": [1, 3] } } } },
    { "at": "3s", "note": "Half of the story is told." },
    { "at": "3s", "do": { "clog": { "node": "leader", "one_way": "in" } }, "standing": true },
    { "at": "3s", "do": { "swizzle": { "node": "all" } }, "for": { "between": ["1s", "2s"] } },
    { "at": "3s", "do": { "flap": { "node": "n4", "every": "100ms" } }, "for": "1s" },
    { "at": "4s", "do": { "fail_disk": { "node": "n4" } }, "for": "1s" },
    { "at": "5s", "do": { "wipe": { "node": "n5" } } },
    { "at": "5s", "do": { "drift": { "node": "n5", "rate": { "between": [0.5, 2] } } } },
  ],
  "clients": [
    { "count": 2, "every": "40ms", "keys": 9, "reads": 0.5 },
    { "count": 1, "think": { "exponential": { "mean": "9ms" } }, "skew": { "one_of": [0, 1] }, "timeout": "1s" },
  ],
  "clock": { "drift": 0.1, "offset": { "between": ["0s", "9s"] } },
  "beyond_raft": true, "found": { "property": "log_matching", "step": 9, "digest": "0x1", "facts": ["a", "b"] },
  "measure": ["election_time", "throughput"],
  "expect": [{ "measured": { "what": "election_time", "percent": 99, "at_most": "1s" } }, { "violates": "election_safety" }, { "leader_within": "1s" }, { "committed_at_least": 3 }],
}
"#;

fn refused(text: &str) -> Vec<Diagnostic> {
    Scenario::parse("wrong.json", text).expect_err("the file is wrong")
}

#[test]
fn a_file_that_is_cut_off_is_refused_at_its_end() {
    let whole = STORY.trim_end().len();
    for (end, _) in STORY.char_indices().filter(|&(end, _)| 0 < end && end < whole) {
        let text = STORY[..end].trim_end();
        let found = refused(&STORY[..end]);
        let last = text.rsplit('\n').next().unwrap_or("").chars().count();
        let (one, line) = (&found[0], text.matches('\n').count() + 1);
        let cut_number = one.message == "invalid number" && one.column == last;
        let ended = one.message.starts_with("EOF") && one.column == last + 1;
        assert!(found.len() == 1 && one.line == line && (ended || cut_number), "{one}");
    }
}

#[test]
fn whole_files_can_be_wrong() {
    let deep = format!("{{\"a\": {}1{}}}", "[".repeat(40), "]".repeat(40));
    let abyss = "[".repeat(500_000);
    let huge = " ".repeat((1 << 20) + 1);
    let table = [
        ("", 1, 1, "empty"),
        ("\n\n", 1, 1, "empty"),
        ("/* a\n b */", 1, 1, "empty"),
        ("null", 1, 1, "expected a scenario, which is an object"),
        ("\"x\"", 1, 1, "expected a scenario, which is an object"),
        ("{}", 1, 1, "missing field `version`"),
        ("\u{feff}", 1, 1, "byte order mark"),
        ("\0", 1, 1, "expected value"),
        ("version: 1", 1, 1, "expected value"),
        ("<xml>", 1, 1, "expected value"),
        ("  // nothing\n", 1, 1, "empty"),
        ("[]", 1, 1, "expected a scenario, which is an object"),
        ("7", 1, 1, "expected a scenario, which is an object"),
        ("{", 1, 2, "EOF"),
        ("{ \"version\": 1, /* open", 1, 16, "EOF"),
        ("{} {}", 1, 4, "trailing characters"),
        (deep.as_str(), 1, 38, "at most 32 deep"),
        (abyss.as_str(), 1, 500_001, "EOF"),
        (huge.as_str(), 1, 1, "at most 1048576"),
    ];
    for (text, line, column, word) in table {
        let found = &refused(text)[0];
        let start = &text[..text.len().min(40)];
        assert_eq!((found.line, found.column), (line, column), "{start}\n{found}");
        assert!(found.message.contains(word), "{start}\n{found}");
    }
}

#[test]
fn hostile_files_are_refused_in_no_time() {
    let twins = format!("{{{}}}", "\"a\":1,".repeat(150_000));
    let wrong = format!("{{\"timeline\": [{}]}}", "{\"at\":1},".repeat(100_000));
    let acts = "{ \"at\": \"99s\", \"do\": \"heal\" },".repeat(25_000);
    let late = STORY.replace("{ \"at\": \"3s\"", &format!("{acts}{{ \"at\": \"3s\""));
    for text in [twins, wrong, late] {
        let found = refused(&text);
        assert!((1..=60).contains(&found.len()), "{}", found.len());
        assert!(found.iter().all(|one| one.to_string().len() < 2_000));
    }
}

const PIECES: [&str; 28] = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "0",
    "-1",
    "1e999",
    "63",
    "18446744073709551615",
    "\"1s\"",
    "\"86400s\"",
    "null",
    "true",
    "\"heal\"",
    "\"n1\"",
    "\"n63\"",
    "\"between\"",
    "\"one_of\"",
    "{\"between\": [1, 3]}",
    "{\"between\": [\"0s\", \"9s\"]}",
    "//",
    "/*",
    "é",
    "\n",
];

fn piece() -> impl Strategy<Value = &'static str> {
    prop::sample::select(PIECES.to_vec())
}

/// The swarm scenario and a story, which between them say everything that can be said.
fn text() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![include_str!("../../../scenarios/campaign/default.json"), STORY])
}

/// One of these texts with some places overwritten.
fn mutated() -> impl Strategy<Value = String> {
    let places = prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, piece()), 1..4);
    (text(), places).prop_map(move |(text, changes)| {
        let mut text = text.to_owned();
        for (at, length, piece) in changes {
            let at = (0..=at.index(text.len() + 1)).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
            text.replace_range(at..end(&text, at, length), piece);
        }
        text
    })
}

/// The same with whole values exchanged, so that more of them are read to the end.
fn exchanged() -> impl Strategy<Value = String> {
    let places = prop::collection::vec((any::<prop::sample::Index>(), piece()), 1..3);
    (text(), places).prop_map(move |(text, changes)| {
        let values: Vec<(usize, usize)> =
            text.match_indices(": ").map(|(at, _)| (at + 2, value_end(&text[at + 2..]))).collect();
        let mut changes: Vec<((usize, usize), &str)> =
            changes.into_iter().map(|(at, piece)| (*at.get(&values), piece)).collect();
        changes.sort_by_key(|((at, _), _)| std::cmp::Reverse(*at));
        changes.dedup_by_key(|((at, _), _)| *at);
        let mut text = text.to_owned();
        for ((at, length), piece) in changes {
            text.replace_range(at..end(&text, at, length), piece);
        }
        text
    })
}

/// About `length` bytes further, where a character ends.
fn end(text: &str, at: usize, length: usize) -> usize {
    let ends = |&end: &usize| text.is_char_boundary(end);
    (at..=(at + length).min(text.len())).rev().find(ends).unwrap_or(at)
}

fn value_end(text: &str) -> usize {
    text.find([',', '}', ']', '\n']).unwrap_or(text.len())
}

fn in_the_text(text: &str, found: &[Diagnostic]) -> Result<(), TestCaseError> {
    let lines: Vec<&str> = text.split('\n').collect();
    for one in found {
        prop_assert!((1..=lines.len()).contains(&one.line) && one.width >= 1, "{}", one);
        prop_assert!((1..=lines[one.line - 1].chars().count() + 1).contains(&one.column), "{}", one);
    }
    Ok(())
}

fn survives(text: &str) -> Result<(), TestCaseError> {
    match Scenario::parse("mutated.json", text) {
        Ok(scenario) => {
            in_the_text(text, scenario.warnings())?;
            for seed in 0..8 {
                let plan = scenario.plan(seed);
                prop_assert!((1..=63).contains(&plan.nodes));
                resolves(&scenario, seed).map_err(TestCaseError::fail)?;
            }
        }
        Err(found) => {
            prop_assert!(!found.is_empty());
            in_the_text(text, &found)?;
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_mutated_file_makes_it_panic(text in mutated()) {
        survives(&text)?;
    }

    #[test]
    fn no_exchanged_value_makes_it_panic(text in exchanged()) {
        survives(&text)?;
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}") {
        survives(&text)?;
    }
}
