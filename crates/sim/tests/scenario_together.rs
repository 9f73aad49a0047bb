//! Many mistakes in one file: all are found at once, in the order of the text, and nothing that only follows
//! from them.

use whitewater_sim::scenario::Scenario;

/// A word for each mistake stands behind it, after `//?`.
const MANY: &str = r#"{
  "version": 1,
  "name": "Many", //? a name has 1 to 64 characters
  "about": 7, //? expected a string
  "nodes": 5,
  "colour": "blue", //? unknown field `colour`
  "run_for": "8s",
  "network": {
    "latency": "5 parsecs", //? expected a unit
    "loss": { "between": [0.2, 0.1] }, //? 0.2 is above 0.1
  },
  "start": [
    { "node": "n1", "term": 3, "log": [1, 2, 1] }, //? 1 comes after 2
    { "node": "n9", "term": "x", "log": [1, 1] }, //? there is no n9 //? expected a whole number
  ],
  "clients": [
    { "count": 0, "evry": "25ms" }, //? expected 1 to 1000, found 0 //? unknown field `evry`
  ],
  "timeline": [
    { "when": "leader electd", "do": "heal" }, //? expected `elected`
    { "at": "1s", "when": "leader elected", "do": "heal" }, //? not both
    { "do": "heal" }, //? the act is never due
    { "tint": 1, "do": "heal" }, //? the act is never due //? unknown field `tint`
    { "at": "1s", "do": { "crash": { "node": "n8" } } }, //? there is no n8
    { "at": "1s", "do": { "crash": { "node": "leeder", "after_effects": 9999 } } }, //? `leeder` //? 0 to 1000
    { "at": "1s", "do": { "partition": { "groups": [["n1", "n2"], ["n2", "x"]] } } }, //? n2 is in an earlier one //? found "x"
    { "at": "9 s", "do": "sail", "for": "0s" }, //? after the end of the run //? unknown word `sail` //? at least 1ns
    { "when": "count(leader) > 1", "do": "heal" }, //? `leader`
    { "at": "99s", "do": "heal", "for": "1s" }, //? 99s is after the end of the run //? nothing to undo
  ],
  "chaos": [
    { "every": "1us", "pick": [{ "weight": 1000001, "do": "sail", "for": "1" }] }, //? once a millisecond //? found 1000001 //? `sail` //? found the end
  ],
  "expect": [
    { "finally": "log equal" }, //? `log`
    { "finaly": "logs equl" }, //? unknown word `finaly` //? found `equl`
    { "leader_within": "9s" }, //? 9s is after the end of the run
  ],
}
"#;

/// The line and the message of everything that is wrong.
fn found(text: &str) -> Vec<(usize, String)> {
    let found = Scenario::parse("many.json", text).expect_err("the file is wrong");
    found.into_iter().map(|one| (one.line, one.message)).collect()
}

/// The line and a word of every mistake that a text announces.
fn announced(text: &str) -> Vec<(usize, &str)> {
    let lines = (1..).zip(text.lines());
    lines.flat_map(|(n, line)| line.split("//? ").skip(1).map(move |word| (n, word.trim()))).collect()
}

/// Every mistake that is announced is found in its line, and nothing else, in the order of the text.
fn as_announced(text: &str) {
    let (found, announced) = (found(text), announced(text));
    assert_eq!(found.len(), announced.len(), "{found:#?}");
    assert!(found.is_sorted_by_key(|(line, _)| *line), "{found:#?}");
    for (line, word) in announced {
        assert!(
            found.iter().any(|(n, message)| *n == line && message.contains(word)),
            "{line} {word}: {found:#?}"
        );
    }
}

#[test]
fn many_mistakes_of_all_kinds_are_found_in_one_reading() {
    as_announced(MANY);
    assert!(announced(MANY).len() >= 12);
}

/// A file with these fields instead of the right ones, or beside them.
fn file(fields: &[(&str, &str)]) -> String {
    let right =
        [("version", "1"), ("name", "\"x\""), ("about", "\"x\""), ("nodes", "5"), ("run_for", "\"8s\"")];
    let other = |name: &str| fields.iter().any(|(field, _)| *field == name);
    let kept = right.iter().filter(|(name, _)| !other(name));
    let lines: Vec<String> =
        kept.chain(fields).map(|(name, value)| format!("  \"{name}\": {value}")).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

#[test]
fn the_file_to_start_from_is_right() {
    Scenario::parse("x.json", &file(&[])).unwrap();
}

#[test]
fn a_field_that_is_lacking_hides_no_other_mistake() {
    let table = [
        (r#""start": [{ "term": 3, "log": [0] }]"#, "missing field `node`", "terms begin with 1"),
        (r#""start": [{ "node": "n9", "log": [1] }]"#, "missing field `term`", "there is no n9"),
        (r#""clients": [{ "every": "1us" }]"#, "missing field `count`", "at least 10us"),
        (r#""clients": [{ "count": 0 }]"#, "expected `every` or `think`", "found 0"),
        (r#""chaos": [{ "every": "1us" }]"#, "missing field `pick`", "once a millisecond"),
        (r#""chaos": [{ "pick": [] }]"#, "expected `every` or `when`", "at least one kind"),
        (
            r#""chaos": [{ "every": "1s", "pick": [{ "weight": 1000001 }] }]"#,
            "missing field `do`",
            "found 1000001",
        ),
        (
            r#""timeline": [{ "at": "1s", "do": { "request": { "count": 0 } } }]"#,
            "missing field `node`",
            "expected 1 to 1000",
        ),
        (
            r#""timeline": [{ "at": "9s", "do": { "partition": {} } }]"#,
            "missing field `groups`",
            "after the end",
        ),
        (r#""disk": { "sync": { "lognormal": { "p99": "0s" } } }"#, "missing field `median`", "at least 1ns"),
        (r#""disk": { "sync": { "lognormal": { "median": "0s" } } }"#, "missing field `p99`", "at least 1ns"),
        (r#""disk": { "sync": { "exponential": {} } }, "nodes": 0"#, "missing field `mean`", "found 0"),
    ];
    for (field, form, meaning) in table {
        let text = file(&[]).replace("\"nodes\": 5", &format!("\"nodes\": 5, {field}"));
        let text = if field.contains("\"nodes\"") { text.replace("\"nodes\": 5, ", "") } else { text };
        let found = found(&text);
        let has = |word: &str| found.iter().any(|(_, message)| message.contains(word));
        assert!(has(form) && has(meaning), "{field}: {found:?}");
        assert_eq!(found.len(), 2, "{field}: {found:?}");
    }
}

#[test]
fn a_file_that_lacks_everything_is_judged_as_well() {
    let lacks = found("{ \"timeline\": [{ \"do\": { \"crash\": { \"nide\": \"n1\" } } }] }");
    let messages: Vec<&str> = lacks.iter().map(|(_, message)| message.as_str()).collect();
    let missing =
        ["version", "name", "about", "nodes", "run_for"].map(|name| format!("missing field `{name}`"));
    assert_eq!(messages[..5], missing);
    assert!(
        messages[5].contains("never due") && messages[6].contains("unknown field `nide`"),
        "{messages:?}"
    );
    assert_eq!(messages.len(), 7);
}

#[test]
fn a_slip_in_a_name_hides_nothing_within_its_value() {
    let found = found(&file(&[("timelin", "[\n{ \"do\": \"heal\" },\n{ \"at\": 7, \"do\": \"heal\" }\n]")]));
    let messages: Vec<&str> = found.iter().map(|(_, message)| message.as_str()).collect();
    assert!(messages[0].contains("unknown field `timelin`"), "{messages:?}");
    assert!(messages[1].contains("never due") && messages[2].contains("a time with a unit"), "{messages:?}");
    assert_eq!(messages.len(), 3);
}

#[test]
fn a_slip_in_a_name_may_be_escaped() {
    let found = found(&file(&[("see\\u0065d", "\"x\"")]));
    assert!(found.len() == 2 && found[0].1.contains("unknown field `seeed`"), "{found:?}");
    assert!(found[1].1.contains("expected a whole number"), "{found:?}");
}

#[test]
fn a_slip_in_a_name_does_not_take_the_place_of_a_right_one() {
    let found = found(&file(&[("seeed", "\"x\""), ("seed", "7"), ("seeds", "\"fixed\"")]));
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn nothing_is_said_of_what_hangs_on_a_wrong_value() {
    let late = ("timeline", r#"[{ "at": "20s", "do": { "crash": { "node": "n9" } } }]"#);
    let table = [
        vec![("run_for", "\"8\""), ("timeline", r#"[{ "at": "20s", "do": "heal" }]"#)],
        vec![("nodes", "\"5\""), ("timeline", r#"[{ "at": "2s", "do": { "crash": { "node": "n9" } } }]"#)],
        vec![("nodes", "{ \"around\": [1, 2] }"), ("run_fro", "8"), ("run_for", "\"30s\""), late],
        vec![("seed", "-7"), ("seeds", "\"fixed\"")],
        vec![("start", r#"[{ "node": "n1", "term": 1 }, { "node": "x", "term": 1 }]"#)],
        vec![("start", r#"[{ "node": "x", "term": 1 }, { "node": "n1", "term": 1 }]"#)],
        vec![("start", r#"[{ "node": "n1", "term": "3", "log": [7] }]"#)],
        vec![(
            "start",
            r#"[{ "node": "n1", "term": 3, "log": [1, "x", 3] }, { "node": "n2", "term": 3, "log": [2, 3] }]"#,
        )],
        vec![("timeline", r#"[{ "at": "1s", "do": { "partition": { "groups": ["x"] } } }]"#)],
        vec![("timeline", r#"[{ "at": "1s", "do": { "drop": { "from": ["n1", "x"], "to": "n1" } } }]"#)],
        vec![("timeline", r#"[{ "at": "1s", "do": "sail", "for": "1s" }]"#)],
        vec![("timeline", r#"[{ "at": 1, "do": "heal" }]"#)],
        vec![("timeline", r#"[{ "wehn": "leader elected", "after": "1s", "do": "heal" }]"#)],
        vec![("chaos", r#"[{ "every": "1s", "pick": [{ "do": "sail", "for": "1s" }] }]"#)],
        vec![("chaos", r#"[{ "every": "1s", "pick": ["heal"] }]"#)],
        vec![("disk", r#"{ "sync": { "lognormal": { "median": "x", "p99": "1us" } } }"#)],
        vec![("disk", r#"{ "sync": { "uniform": [{ "between": ["1ms", "9ms"] }, "x"] } }"#)],
        vec![("disk", r#"{ "sync": { "one_of": ["x"] } }"#)],
        vec![("election_timeout", r#"["x", "100ms"]"#)],
    ];
    for fields in table {
        let found = found(&file(&fields));
        let mistakes = if fields.len() > 3 { 2 } else { 1 };
        assert_eq!(found.len(), mistakes, "{fields:?}: {found:?}");
    }
}

#[test]
fn of_a_pair_the_other_end_is_judged() {
    let table = [
        (("election_timeout", r#"["x", "0s"]"#), "at least 1ms"),
        (("election_timeout", r#"["0s", "x"]"#), "at least 1ms"),
        (("nodes", r#"{ "between": ["x", 99] }"#), "found 99"),
    ];
    for (field, word) in table {
        let found = found(&file(&[field]));
        assert!(
            found.len() == 2 && found.iter().any(|(_, message)| message.contains(word)),
            "{field:?} {found:?}"
        );
    }
}

#[test]
fn a_mistake_in_many_acts_leaves_the_rest_to_be_found() {
    let acts = r#"{ "at": "1s", "do": { "crash": { "node": "leeder" } } }, "#.repeat(45);
    let text = file(&[("timeline", &format!("[{acts}{{ \"do\": \"heal\" }}]"))]);
    let found = found(&text);
    assert_eq!(found.len(), 46);
    assert!(found[45].1.contains("never due"), "{:?}", found[45]);
}

#[test]
fn an_act_knows_its_line() {
    let acts =
        "[\n    { \"at\": \"1s\", \"do\": \"heal\" },\n\n    { \"at\": \"2s\", \"do\": \"heal\" }\n  ]";
    let text = format!("/* a\n comment */{}", file(&[("timeline", acts)]));
    let scenario = Scenario::parse("acts.json", &text).unwrap();
    let lines: Vec<Option<usize>> = (0..4).map(|n| scenario.line_of_act(n)).collect();
    let line = |word: &str| 1 + text[..text.find(word).unwrap()].matches('\n').count();
    assert_eq!(lines, [None, Some(line("\"1s\"")), Some(line("\"2s\"")), None]);
}
