//! Wrong acts, wrong disks and wrong bounds: each is refused at its place, with a word about what is wrong.

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
    (
        r#"{ "at": "1s", "do": { "request": { "node": "n1", "client": 1 } } }"#,
        61,
        "expected `what` beside",
        "",
    ),
    (
        r#"{ "at": "1s", "do": { "request": { "node": "n1", "what": "again" } } }"#,
        59,
        "expected `client` beside",
        "",
    ),
    (r#"{ "at": "1s", "do": { "delay": { "nth": 1 } } }"#, 33, "missing field `takes`", ""),
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
    (r#"{ "at": "1s", "do": { "clgo": { "node": "n1" } } }"#, 24, "unknown word `clgo`", "`clog`"),
    (
        r#"{ "at": "1s", "do": { "clog": { "node": "n1", "one_way": "both" } } }"#,
        59,
        "unknown word `both`",
        "",
    ),
    (r#"{ "at": "1s", "do": { "swizzle": { "node": "all" } } }"#, 2, "`swizzle` needs `for`", ""),
    (r#"{ "at": "1s", "do": { "swizzle": { "node": "n6" } }, "for": "1s" }"#, 45, "there is no n6", ""),
    (r#"{ "at": "1s", "do": { "swizzle": { "node": "n1" } }, "for": 1 }"#, 62, "a time with a unit", ""),
    (
        r#"{ "at": "1s", "do": { "swizzle": { "node": "n1" } }, "standing": true }"#,
        67,
        "`swizzle` goes on `for` a time; it cannot be standing",
        "",
    ),
    (r#"{ "at": "1s", "do": { "flap": { "node": "n1" } }, "for": "1s" }"#, 32, "missing field `every`", ""),
    (r#"{ "at": "1s", "do": { "flap": { "node": "n1", "every": "1s" } } }"#, 2, "`flap` needs `for`", ""),
    (
        r#"{ "at": "1s", "do": { "flap": { "node": "n1", "every": "999us" } }, "for": "1s" }"#,
        57,
        "expected at least 1ms, found 999us",
        "",
    ),
    (r#"{ "at": "1s", "do": { "stall_dsik": { "node": "n1" } } }"#, 24, "unknown word", "`stall_disk`"),
    (r#"{ "at": "1s", "do": { "fail_disk": ["n1"] } }"#, 37, "an object", ""),
    (r#"{ "at": "1s", "do": { "fill_disk": { "node": "leeder" } } }"#, 47, "unknown word", "`leader`"),
    (r#"{ "at": "1s", "do": { "damage": { "node": "n1" } }, "for": "1s" }"#, 61, "nothing to undo", ""),
    (
        r#"{ "at": "1s", "do": { "damage": { "node": "n1" } }, "standing": true }"#,
        66,
        "`damage` is done once; there is nothing that could last",
        "",
    ),
    (r#"{ "at": "1s", "do": { "wipe": { "node": "n1" } } }"#, 32, "say `\"beyond_raft\": true`", ""),
    (r#"{ "at": "1s", "do": { "drift": { "node": "n1" } } }"#, 33, "missing field `rate`", ""),
    (r#"{ "at": "1s", "do": { "drift": { "node": "n1", "rate": 0 } } }"#, 57, "a rate from 0.1 to 10", ""),
    (
        r#"{ "at": "1s", "do": { "drift": { "node": "n1", "rate": 10.01 } } }"#,
        57,
        "a rate from 0.1 to 10",
        "",
    ),
    (r#"{ "at": "1s", "do": { "drift": { "node": "n1", "rate": "2x" } } }"#, 57, "a rate from 0.1 to 10", ""),
    (
        r#"{ "at": "1s", "do": { "drift": { "node": "n1", "rate": { "between": [1.2, 0.5] } } } }"#,
        57,
        "1.2 is above 0.5: nothing is between",
        "",
    ),
    (r#"{ "at": "1s", "note": "a", "standing": true }"#, 2, "`standing` belongs to `do`", ""),
    (r#"{ "at": "1s", "do": "ring", "standing": "yes" }"#, 42, "expected a boolean", ""),
    (r#"{ "at": "1s", "do": "ring", "standnig": true }"#, 30, "unknown field `standnig`", "`standing`"),
];

const EXPECTATIONS: &[Case] = &[
    (r#"{ "measured": { "what": "failover_time", "at_most": "1s" } }"#, 26, "add it to `measure`", ""),
    (r#"{ "measured": { "what": "troughput", "at_most": 9 } }"#, 26, "unknown measure", "`throughput`"),
    (r#"{ "measured": { "at_most": "1s" } }"#, 16, "missing field `what`", ""),
    (r#"{ "measured": { "what": "throughput" } }"#, 16, "expected `at_most` or `at_least`", ""),
    (
        r#"{ "measured": { "what": "throughput", "at_most": 9, "at_least": 3 } }"#,
        66,
        "`at_most` or `at_least`, not both",
        "",
    ),
    (
        r#"{ "measured": { "what": "throughput", "at_least": "1s" } }"#,
        52,
        "`throughput` is counted per second: expected a whole number",
        "",
    ),
    (r#"{ "measured": { "what": "election_time", "at_most": 9 } }"#, 54, "`election_time` is a time", ""),
    (r#"{ "measured": { "what": "election_time", "at_most": "9" } }"#, 54, "expected a unit", ""),
    (r#"{ "measured": { "what": "election_time", "at_most": -9 } }"#, 54, "or a whole number", ""),
    (
        r#"{ "measured": { "what": "throughput", "percent": 101, "at_most": 9 } }"#,
        51,
        "expected 0 to 100, found 101",
        "",
    ),
    (r#"{ "measured": { "what": "throughput", "percnt": 9, "at_most": 9 } }"#, 40, "unknown", "`percent`"),
    (r#"{ "measured": { "what": "throughput", "at_mots": 9 } }"#, 40, "unknown field", "`at_most`"),
    (r#"{ "measured": ["throughput", 50, 9, null] }"#, 16, "expected an object, found a list", ""),
    (r#"{ "measured": "throughput" }"#, 16, "an object with `what`", ""),
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

const CHAOS: &[Case] = &[
    (r#"{ "pick": [{ "do": "ring" }] }"#, 2, "expected `every` or `when`", ""),
    (r#"{ "every": "1s", "when": "leader elected", "pick": [{ "do": "ring" }] }"#, 27, "not both", ""),
    (r#"{ "every": "1s", "after": "1s", "pick": [{ "do": "ring" }] }"#, 28, "`after` belongs to `when`", ""),
    (r#"{ "when": "leader elcted", "pick": [{ "do": "ring" }] }"#, 20, "expected `elected`", "`elected`"),
    (r#"{ "when": "n6.term > 1", "pick": [{ "do": "ring" }] }"#, 12, "there is no n6", ""),
    (
        r#"{ "when": "leader elected", "aftr": "1s", "pick": [{ "do": "ring" }] }"#,
        30,
        "unknown field",
        "`after`",
    ),
    (r#"{ "when": "leader elected", "after": 5, "pick": [{ "do": "ring" }] }"#, 39, "a time", ""),
    (r#"{ "when": "leader elected", "pick": [] }"#, 38, "at least one kind of fault", ""),
];

fn judge(name: &str, (list, column, word, help): &Case) {
    let text = format!(
        "{{\"version\": 1, \"name\": \"a\", \"about\": \"b\", \"nodes\": 5, \"run_for\": \"8s\",
         \"measure\": [\"throughput\", \"election_time\"], \"{name}\": [\n {list}\n]}}"
    );
    let found = Scenario::parse("wrong.json", &text).err().unwrap_or_else(|| panic!("{list} is taken"));
    let one = &found[0];
    assert_eq!((one.line, one.column), (3, *column), "{one}");
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
fn wrong_chaos_is_refused_at_its_place() {
    CHAOS.iter().for_each(|case| judge("chaos", case));
}

#[test]
fn wrong_disks_are_refused_at_their_place() {
    DISKS.iter().for_each(|case| judge("start", case));
}

#[test]
fn wrong_expectations_are_refused_at_their_place() {
    EXPECTATIONS.iter().for_each(|case| judge("expect", case));
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
