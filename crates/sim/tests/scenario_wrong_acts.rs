//! Wrong acts and wrong disks: each is refused at its place, with a word about what is wrong.

use whitewater_sim::scenario::Scenario;

/// What stands in the list, the column where it is refused, a word of the message, a word of the help or nothing.
type Case = (&'static str, usize, &'static str, &'static str);

const ACTS: &[Case] = &[
    (
        r#"{ "at": "1s", "do": { "timeout": { "node": "leader" } } }"#,
        45,
        "a leader has no election timer",
        "",
    ),
    (r#"{ "at": "1s", "do": { "timeout": { "node": "crashed" } } }"#, 45, "a crashed node", ""),
    (r#"{ "at": "1s", "do": { "timeout": { "node": "n6" } } }"#, 45, "there is no n6", ""),
    (r#"{ "at": "1s", "do": { "timeout": {} } }"#, 35, "missing field `node`", ""),
    (
        r#"{ "at": "1s", "do": "timeout" }"#,
        22,
        r#""timeout" alone says too little, expected {"timeout": ...}"#,
        "",
    ),
    (r#"{ "at": "1s", "do": { "tiemout": { "node": "n1" } } }"#, 24, "unknown word `tiemout`", "`timeout`"),
    (r#"{ "at": "1s", "do": { "timeout": { "node": "n1" } }, "for": "1s" }"#, 62, "nothing to undo", ""),
    (r#"{ "at": "1s", "do": "release", "for": "1s" }"#, 40, "nothing to undo", ""),
    (r#"{ "at": "1s", "do": { "release": {} } }"#, 35, "stands alone", ""),
    (
        r#"{ "at": "1s", "do": { "drop": { "kind": "AppendEntries" } } }"#,
        42,
        "unknown word `AppendEntries`",
        "`append_entries`",
    ),
    (
        r#"{ "at": "1s", "do": { "drop": { "kind": "append_entries_replay" } } }"#,
        42,
        "unknown word",
        "`append_entries_reply`",
    ),
    (r#"{ "at": "1s", "do": { "drop": { "knid": "request_vote" } } }"#, 34, "unknown field `knid`", "`kind`"),
    (r#"{ "at": "1s", "do": { "drop": { "from": "n9" } } }"#, 42, "there is no n9", ""),
    (r#"{ "at": "1s", "do": { "drop": { "from": "leader" } } }"#, 42, "the name of a node", ""),
    (r#"{ "at": "1s", "do": { "hold": { "to": ["n1", "n1"] } } }"#, 40, "n1 is named twice", ""),
    (r#"{ "at": "1s", "do": { "hold": { "from": "n2", "to": "n2" } } }"#, 54, "no messages to itself", ""),
    (r#"{ "at": "1s", "do": { "hold": { "term": 0 } } }"#, 42, "expected 1 to 1000000, found 0", ""),
    (r#"{ "at": "1s", "do": { "hold": { "nth": 0 } } }"#, 41, "expected 1 to 1000000, found 0", ""),
    (r#"{ "at": "1s", "do": { "hold": { "nth": "2" } } }"#, 41, "expected a whole number", ""),
    (r#"{ "at": "1s", "do": { "hold": ["append_entries"] } }"#, 32, "an object that describes messages", ""),
    (r#"{ "at": "1s", "do": "hold" }"#, 22, "says too little", ""),
    (r#"{ "at": "1s", "do": { "request": { "node": "crashed" } } }"#, 45, "a crashed node", ""),
    (
        r#"{ "at": "1s", "do": { "request": { "node": "n1", "count": 0 } } }"#,
        60,
        "expected 1 to 1000, found 0",
        "",
    ),
    (r#"{ "at": "1s", "do": { "request": { "node": "n1", "count": 1001 } } }"#, 60, "found 1001", ""),
    (r#"{ "at": "1s", "do": { "request": { "count": 1 } } }"#, 35, "missing field `node`", ""),
    (r#"{ "at": "1s", "do": { "request": { "node": "n1" } }, "for": "1s" }"#, 62, "nothing to undo", ""),
    (r#"{ "at": "1s" }"#, 2, "expected `do`, `note` or both", ""),
    (r#"{ "at": "1s", "note": "a", "for": "1s" }"#, 2, "`for` belongs to `do`", ""),
    (r#"{ "at": "1s", "note": " " }"#, 24, "expected a sentence", ""),
    (r#"{ "at": "1s", "note": 5 }"#, 24, "expected a string", ""),
    (r#"{ "note": "a" }"#, 2, "expected `at` or `when`", ""),
    (r#"{ "at": "8001ms", "note": "a" }"#, 10, "8.001s is after the end of the run, which is at 8s", ""),
    (r#"{ "when": "leader elected", "after": "9s", "note": "a" }"#, 39, "after the end of the run", ""),
    (r#"{ "when": "n1.role == leder", "note": "a" }"#, 24, "found `leder`", "`leader`"),
    (r#"{ "at": "1s", "do": { "crash": { "node": "n1" }, "heal": {} } }"#, 22, "a single field", ""),
    (r#"{ "at": "1s", "do": {} }"#, 22, "a single field", ""),
    (r#"{ "at": "1s", "do": ["heal"] }"#, 22, "a single field", ""),
    (r#"{ "at": "1s", "do": 5 }"#, 22, "expected a word, or an object", ""),
    (r#"{ "at": "1s", "do": null }"#, 2, "expected `do`, `note` or both", ""),
    (r#"{ "at": "1s", "do": { "crash": "n1" } }"#, 33, "an object with `node`", ""),
];

const DISKS: &[Case] = &[
    (
        r#"{ "node": "n1", "term": 3, "log": [1, 3, 2] }"#,
        43,
        "terms never fall within a log: 2 comes after 3",
        "",
    ),
    (r#"{ "node": "n1", "term": 3, "log": [1, 4] }"#, 40, "the node has only seen term 3", ""),
    (r#"{ "node": "n1", "term": 3, "log": [0, 1] }"#, 37, "terms begin with 1", ""),
    (r#"{ "node": "n1", "term": 0 }"#, 26, "expected 1 to 1000000, found 0", ""),
    (r#"{ "node": "n1", "term": 1000001 }"#, 26, "found 1000001", ""),
    (r#"{ "node": "n1" }"#, 2, "missing field `term`", ""),
    (r#"{ "term": 1 }"#, 2, "missing field `node`", ""),
    (r#"{ "node": "n6", "term": 1 }"#, 12, "there is no n6", ""),
    (r#"{ "node": "leader", "term": 1 }"#, 12, "the name of a node", ""),
    (r#"{ "node": [], "term": 1 }"#, 12, "at least one node", ""),
    (r#"{ "node": "n1", "term": 1, "log": 1 }"#, 36, "expected a list", ""),
    (r#"{ "node": "n1", "term": 1, "log": ["1"] }"#, 37, "expected a whole number", ""),
    (r#"{ "node": "n1", "term": 1, "lgo": [] }"#, 29, "unknown field `lgo`", "`log`"),
    (
        r#"{ "node": "n1", "term": 1 }, { "node": ["n2", "n1"], "term": 1 }"#,
        41,
        "n1 has its disk already",
        "",
    ),
    (
        r#"{ "node": "n1", "term": 3, "log": [1, 1, 3] }, { "node": "n2", "term": 3, "log": [1, 2, 3] }"#,
        90,
        "both hold entry 3 of term 3 and differ in entry 2",
        "",
    ),
    (r#"{ "node": "n1", "term": 3, "log": [1, 3] }"#, 36, "only 1 of 5 nodes have seen that term", ""),
    (r#"["n1", 1, [1]]"#, 2, "expected an object, found a list", ""),
];

fn judge(name: &str, (list, column, word, help): &Case) {
    let text = format!(
        "{{\"version\": 1, \"name\": \"a\", \"about\": \"b\", \"nodes\": 5, \"run_for\": \"8s\", \"{name}\": [\n {list}\n]}}"
    );
    let found = Scenario::parse("wrong.json", &text).err().unwrap_or_else(|| panic!("{list} is taken"));
    let one = &found[0];
    assert_eq!((one.line, one.column), (2, *column), "{one}");
    assert!(one.message.contains(word), "expected {word}\n{one}");
    let guess = one.help.as_deref().unwrap_or("");
    assert!(if help.is_empty() { guess.is_empty() } else { guess.contains(help) }, "expected {help}\n{one}");
    assert_eq!(found.len(), 1, "{}", found[1]);
}

#[test]
fn wrong_acts_are_refused_at_their_place() {
    ACTS.iter().for_each(|case| judge("timeline", case));
}

#[test]
fn wrong_disks_are_refused_at_their_place() {
    DISKS.iter().for_each(|case| judge("start", case));
}

#[test]
fn a_log_has_a_bounded_length() {
    let log = vec!["1"; 10_001].join(",");
    let text = format!(
        "{{\"version\": 1, \"name\": \"a\", \"about\": \"b\", \"nodes\": 5, \"run_for\": \"8s\",
          \"start\": [{{\"node\": [\"n1\", \"n2\", \"n3\"], \"term\": 1, \"log\": [{log}]}}]}}"
    );
    let found = Scenario::parse("wrong.json", &text).unwrap_err();
    assert!(found[0].message.contains("at most 10000 entries"), "{}", found[0].message);
    assert!(Scenario::parse("right.json", &text.replacen("1,", "", 1)).is_err(), "the version is gone");
    assert!(Scenario::parse("right.json", &text.replacen("[1,", "[", 1)).is_ok(), "one less is enough");
}
