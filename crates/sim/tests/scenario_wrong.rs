//! Wrong files: each is refused at its place, with a word about what is wrong.

use whitewater_sim::scenario::{Diagnostic, Scenario};

/// A file that is right, with marks where a case puts something else: `name`, what stands there.
const RIGHT: &str = r#"{
  "version": 1,
  "name": "right",
  "about": "All is well.",
  "nodes": 5,
  "seed": 7,
  "run_for": "8s",
  "system": { "whitewater": { "entries_per_append": 8 } },
  "election_timeout": ["150ms", "300ms"],
  "network": { "latency": { "uniform": ["1ms", "12ms"] }, "loss": 0.01 },
  "disk": { "sync": "1ms" },
  "clients": [{ "count": 3, "every": "25ms" }],
  "timeline": [
    { "at": "1s", "do": { "isolate": { "node": "leader" } }, "for": "2s" },
    { "when": "leader elected", "after": "500ms", "do": "heal" },
  ],
  "chaos": [{ "every": "1s", "pick": [{ "weight": 2, "do": { "crash": { "node": "n3" } } }] }],
  "expect": [{ "finally": "logs equal" }],
}
"#;

/// What stands in `RIGHT`, what a case puts there, the line and the column of the mistake, a word of the
/// message, a word of the help or nothing.
type Case = (&'static str, &'static str, usize, usize, &'static str, &'static str);

const FORM: &[Case] = &[
    ("\"seed\"", "\"sede\"", 6, 3, "unknown field `sede`", "`seed`"),
    ("\"loss\"", "\"los\"", 10, 59, "unknown field `los`", "`loss`"),
    ("\"loss\"", "\"bandwidth\"", 10, 59, "unknown field `bandwidth`", ""),
    ("\"count\": 3, ", "", 12, 15, "missing field `count`", ""),
    ("\"count\"", "\"cuont\"", 12, 17, "unknown field `cuont`", "`count`"),
    ("  \"name\": \"right\",\n", "", 1, 1, "missing field `name`", ""),
    ("\"right\"", "7", 3, 11, "expected a string", ""),
    ("\"nodes\": 5", "\"nodes\": \"5\"", 5, 12, "expected a whole number", ""),
    ("\"nodes\": 5", "\"nodes\": 5.5", 5, 12, "expected a whole number", ""),
    ("\"nodes\": 5", "\"nodes\": null", 5, 12, "expected a whole number", ""),
    ("\"seed\": 7", "\"seed\": -7", 6, 11, "expected a whole number", ""),
    ("\"seed\": 7", "\"seed\": 1e99", 6, 11, "expected a whole number", ""),
    ("\"seed\": 7", "\"seed\": 1e999", 6, 11, "number out of range", ""),
    ("\"seed\": 7", "\"seed\": 18446744073709551616", 6, 11, "up to 18446744073709551615", ""),
    ("\"seed\": 7", "\"nodes\": 7", 6, 3, "`nodes` is there twice", ""),
    ("\"count\": 3", "\"count\": 3, \"count\": 4", 12, 29, "`count` is there twice", ""),
    ("\"version\": 1", "\"version\": \"1\"", 2, 14, "expected a whole number", ""),
    ("\"version\": 1", "\"version\": 1.5", 2, 14, "expected a whole number", ""),
    (
        "\"version\": 1",
        "\"version\": 1, \"$shcema\": \"scenario.schema.json\"",
        2,
        17,
        "unknown field `$shcema`",
        "`$schema`",
    ),
    ("\"seed\": 7", "\"seed\": 7, \"seeds\": \"fix\"", 6, 23, "unknown word `fix`", ""),
    ("\"seed\": 7", "\"seed\": true", 6, 11, "expected a whole number", ""),
    ("\"nodes\": 5", "\"nodes\": -5", 5, 12, "expected a whole number", ""),
    ("\"nodes\": 5", "\"nodes\": [5]", 5, 12, "expected a whole number", ""),
    ("\"8s\"", "8", 7, 14, "expected a time with a unit", ""),
    ("\"8s\"", "\"8\"", 7, 14, "expected a unit", ""),
    ("\"8s\"", "\"8sec\"", 7, 14, "expected a unit", ""),
    ("\"8s\"", "\"-8s\"", 7, 14, "expected a time", ""),
    ("\"8s\"", "\"999999999m\"", 7, 14, "at most one day", ""),
    ("\"8s\"", "{ \"betwen\": [\"1s\", \"2s\"] }", 7, 16, "unknown word `betwen`", "`between`"),
    ("\"8s\"", "{ \"between\": [\"1s\"] }", 7, 27, "expected two values", ""),
    ("\"8s\"", "{ \"between\": [\"1s\", \"2s\", \"3s\"] }", 7, 27, "expected two values", ""),
    ("\"8s\"", "{ \"between\": [\"1s\", \"2s\"], \"x\": 1 }", 7, 14, "an object with a single field", ""),
    ("\"8s\"", "{ \"between\": [\"1s\", 2] }", 7, 34, "expected a time with a unit", ""),
    ("\"entries_per_append\": 8", "\"entries_per_append\": \"x\"", 8, 53, "expected a whole number", ""),
    ("{ \"whitewater\": { \"entries_per_append\": 8 } }", "{}", 8, 13, "the name of one system", ""),
    ("{ \"entries_per_append\": 8 }", "{}, \"noraft\": {}", 8, 13, "`noraft` is the second", ""),
    ("[\"150ms\", \"300ms\"]", "\"150ms\"", 9, 23, "expected two values", ""),
    ("0.01", "1.5", 10, 67, "a probability from 0 to 1", ""),
    ("0.01", "7", 10, 67, "a probability from 0 to 1", ""),
    ("0.01", "1e999", 10, 67, "number out of range", ""),
    ("0.01", "-0.1", 10, 67, "a probability from 0 to 1", ""),
    ("0.01", "{ \"between\": [0.1, 7] }", 10, 86, "a probability from 0 to 1", ""),
    ("[{ \"count\": 3, \"every\": \"25ms\" }]", "{ \"count\": 3 }", 12, 14, "expected a list", ""),
    ("0.01", "\"1%\"", 10, 67, "a probability from 0 to 1", ""),
    ("{ \"uniform\": [\"1ms\", \"12ms\"] }", "[\"1ms\", \"12ms\"]", 10, 27, "or a distribution", ""),
    ("\"uniform\"", "\"unifrom\"", 10, 29, "unknown word `unifrom`", "`uniform`"),
    ("{ \"sync\": \"1ms\" }", "true", 11, 11, "expected an object that describes the disks", ""),
    ("{ \"isolate\": { \"node\": \"leader\" } }", "\"haul\"", 14, 25, "unknown word `haul`", ""),
    ("\"isolate\": { \"node\"", "\"isolat\": { \"node\"", 14, 27, "unknown word `isolat`", "`isolate`"),
    ("\"leader\"", "\"leeder\"", 14, 48, "unknown word `leeder`", "`leader`"),
    ("\"leader\"", "\"n64\"", 14, 48, "from \"n1\" to \"n63\"", ""),
    ("\"leader\"", "[\"n1\", \"n1\"]", 14, 48, "n1 is named twice", ""),
    ("\"leader\"", "[]", 14, 48, "at least one node", ""),
    ("\"leader\" }", "\"leader\", \"one_way\": \"inn\" }", 14, 69, "unknown word `inn`", "`in`"),
    (
        "{ \"finally\": \"logs equal\" }",
        "{ \"violates\": \"election_safty\" }",
        18,
        28,
        "unknown property",
        "`election_safety`",
    ),
    ("\"finally\"", "\"finaly\"", 18, 16, "unknown word `finaly`", "`finally`"),
    ("\"finally\": \"logs equal\"", "\"finally\": 5", 18, 27, "expected a predicate", ""),
    ("\"seed\": 7", "\"seed\": 7, \"clok\": {}", 6, 14, "unknown field `clok`", "`clock`"),
    ("\"seed\": 7", "\"seed\": 7, \"clock\": 0.1", 6, 23, "an object that describes the clocks", ""),
    ("\"seed\": 7", "\"seed\": 7, \"clock\": { \"drift\": \"1%\" }", 6, 34, "a probability from 0 to 1", ""),
    ("\"seed\": 7", "\"seed\": 7, \"clock\": { \"drfit\": 0.1 }", 6, 25, "unknown field `drfit`", "`drift`"),
    ("\"seed\": 7", "\"seed\": 7, \"clock\": { \"offset\": 5 }", 6, 35, "a time with a unit", ""),
    ("\"seed\": 7", "\"seed\": 7, \"beyond_raft\": \"yes\"", 6, 29, "expected a boolean", ""),
    ("\"seed\": 7", "\"seed\": 7, \"measure\": \"throughput\"", 6, 25, "expected a list", ""),
    (
        "\"seed\": 7",
        "\"seed\": 7, \"measure\": [\"eletcion_time\"]",
        6,
        26,
        "unknown measure `eletcion_time`",
        "`election_time`",
    ),
    ("\"25ms\"", "25", 12, 38, "or a distribution", ""),
    ("\"25ms\"", "\"25ms\", \"raeds\": 0.5", 12, 46, "unknown field `raeds`", "`reads`"),
    ("\"25ms\"", "\"25ms\", \"reads\": 1.5", 12, 55, "a probability from 0 to 1", ""),
    ("\"25ms\"", "\"25ms\", \"keys\": \"4\"", 12, 54, "expected a whole number", ""),
    ("\"2s\"", "\"2s\", \"standing\": 1", 14, 87, "expected a boolean", ""),
];

const MEANING: &[Case] = &[
    ("\"version\": 1", "\"version\": 2", 2, 14, "version 2", ""),
    ("\"version\": 1", "\"version\": 0", 2, 14, "version 0", ""),
    ("\"version\": 1", "\"version\": 18446744073709551615", 2, 14, "the only one that is known is 1", ""),
    ("\"nodes\": 5", "\"nodes\": 1000000", 5, 12, "expected 1 to 63, found 1000000", ""),
    (
        "\"version\": 1",
        "\"$schema\": \"http://json-schema.org/x\", \"version\": 1",
        2,
        14,
        "expected the path",
        "",
    ),
    ("\"version\": 1", "\"$schema\": \"x.json\", \"version\": 1", 2, 14, "scenario.schema.json", ""),
    ("\"right\"", "\"Not/../Right\"", 3, 11, "a to z", ""),
    ("\"right\"", "\"\"", 3, 11, "1 to 64 characters", ""),
    ("\"All is well.\"", "\" \"", 4, 12, "expected a sentence", ""),
    ("\"nodes\": 5", "\"nodes\": 0", 5, 12, "expected 1 to 63, found 0", ""),
    ("\"nodes\": 5", "\"nodes\": 64", 5, 12, "expected 1 to 63, found 64", ""),
    ("\"nodes\": 5", "\"nodes\": { \"one_of\": [3, 99] }", 5, 12, "found 99", ""),
    ("\"nodes\": 5", "\"nodes\": { \"one_of\": [] }", 5, 12, "at least one value", ""),
    ("\"nodes\": 5", "\"nodes\": { \"between\": [5, 3] }", 5, 12, "5 is above 3", ""),
    ("\"nodes\": 5", "\"nodes\": 2", 17, 81, "there is no n3: the cluster has 2 nodes", ""),
    ("\"seed\": 7", "\"seeds\": \"fixed\"", 6, 12, "names its `seed`", ""),
    ("\"8s\"", "\"0s\"", 7, 14, "expected at least 1ms", ""),
    (
        "\"8s\"",
        "{ \"between\": [\"500ms\", \"8s\"] }",
        14,
        13,
        "1s is after the end of the run, which is at 500ms",
        "",
    ),
    ("{ \"entries_per_append\": 8 }", "{ \"x\": { \"between\": [2, 1] } }", 8, 36, "2 is above 1", ""),
    ("[\"150ms\", \"300ms\"]", "[\"300ms\", \"150ms\"]", 9, 23, "above the upper end", ""),
    ("[\"150ms\", \"300ms\"]", "[\"0s\", \"300ms\"]", 9, 24, "at least 1ms", ""),
    ("[\"150ms\", \"300ms\"]", "[\"150ms\", \"300ms\"], \"heartbeat\": \"0s\"", 9, 56, "at least 1ms", ""),
    ("[\"1ms\", \"12ms\"]", "[\"12ms\", \"1ms\"]", 10, 40, "12ms, above the upper end 1ms", ""),
    (
        "[\"1ms\", \"12ms\"]",
        "[{ \"between\": [\"1ms\", \"20ms\"] }, \"12ms\"]",
        10,
        40,
        "above the upper end",
        "",
    ),
    (
        "\"uniform\": [\"1ms\", \"12ms\"]",
        "\"lognormal\": { \"median\": \"5ms\", \"p99\": \"4ms\" }",
        10,
        68,
        "above",
        "",
    ),
    (
        "\"uniform\": [\"1ms\", \"12ms\"]",
        "\"lognormal\": { \"median\": \"0s\", \"p99\": \"4ms\" }",
        10,
        54,
        "at least 1ns",
        "",
    ),
    ("0.01", "{ \"between\": [0.2, 0.1] }", 10, 67, "0.2 is above 0.1", ""),
    (
        "0.01",
        "0.01, \"links\": [{ \"from\": \"n6\" }]",
        10,
        93,
        "there is no n6: the cluster has 5 nodes",
        "",
    ),
    ("{ \"sync\": \"1ms\" }", "[\"1ms\"]", 11, 11, "expected an object, found a list", ""),
    ("\"count\": 3", "\"count\": 0", 12, 26, "expected 1 to 1000, found 0", ""),
    ("\"25ms\"", "\"1us\"", 12, 38, "at least 10us", ""),
    ("\"at\": \"1s\", ", "", 14, 5, "expected `at` or `when`", ""),
    ("\"at\": \"1s\"", "\"at\": \"9s\"", 14, 13, "9s is after the end of the run", ""),
    ("\"at\": \"1s\"", "\"at\": \"1s\", \"when\": \"truncated\"", 14, 27, "not both", ""),
    ("\"at\": \"1s\"", "\"at\": \"1s\", \"after\": \"1s\"", 14, 28, "`after` belongs to `when`", ""),
    ("\"2s\"", "\"0s\"", 14, 69, "at least 1ns", ""),
    ("\"leader\"", "\"n9\"", 14, 48, "there is no n9: the cluster has 5 nodes", ""),
    (
        "{ \"isolate\": { \"node\": \"leader\" } }",
        "{ \"isolate\": [\"leader\", null] }",
        14,
        38,
        "found a list",
        "",
    ),
    (
        "{ \"isolate\": { \"node\": \"leader\" } }",
        "{ \"partition\": { \"groups\": [] } }",
        14,
        52,
        "at least one group",
        "",
    ),
    (
        "{ \"isolate\": { \"node\": \"leader\" } }",
        "{ \"partition\": { \"groups\": [[\"n1\", \"n2\"], [\"n2\"]] } }",
        14,
        67,
        "n2 is in an earlier one",
        "",
    ),
    (
        "{ \"isolate\": { \"node\": \"leader\" } }",
        "{ \"crash\": { \"node\": \"all\", \"after_effects\": 9999 } }",
        14,
        70,
        "0 to 1000",
        "",
    ),
    ("leader elected", "leader electd", 15, 23, "expected `elected`", "`elected`"),
    ("leader elected", "n9.commit > 3", 15, 15, "there is no n9", ""),
    ("leader elected", "count(leaders) > x", 15, 33, "expected a whole number, found `x`", ""),
    ("leader elected", "trunk\\u0061ted", 15, 15, "expected a predicate", "`truncated`"),
    ("\"heal\"", "\"heal\", \"for\": \"1s\"", 15, 72, "nothing to undo", ""),
    ("\"every\": \"1s\"", "\"every\": \"1us\"", 17, 24, "once a millisecond", ""),
    ("\"weight\": 2", "\"weight\": 1000001", 17, 51, "expected 0 to 1000000, found 1000001", ""),
    (
        "[{ \"weight\": 2, \"do\": { \"crash\": { \"node\": \"n3\" } } }]",
        "[]",
        17,
        38,
        "at least one kind of fault",
        "",
    ),
    (
        "{ \"finally\": \"logs equal\" }",
        "{ \"leader_within\": \"9s\" }",
        18,
        33,
        "after the end of the run",
        "",
    ),
    ("logs equal", "logs equal and trunkated", 18, 43, "the name of a marker", "`truncated`"),
    ("logs equal", "é and logs equal", 18, 28, "found `é`", ""),
    ("\"disk\"", "\"clock\": { \"drift\": 0.91 }, \"disk\"", 11, 23, "expected at most 0.9, found 0.91", ""),
    ("\"disk\"", "\"clock\": { \"drift\": { \"between\": [0, 1] } }, \"disk\"", 11, 23, "found 1", ""),
    ("\"disk\"", "\"clock\": [0.1, \"1s\"], \"disk\"", 11, 12, "expected an object, found a list", ""),
    ("\"disk\"", "\"clock\": { \"offset\": { \"one_of\": [] } }, \"disk\"", 11, 24, "at least one value", ""),
    ("\"loss\": 0.01", "\"loss\": 0.01, \"asymmetry\": 0.95", 10, 86, "expected at most 0.9, found 0.95", ""),
    ("\"every\": \"25ms\"", "\"think\": \"1us\"", 12, 38, "at least 10us", ""),
    (
        "\"every\": \"25ms\"",
        "\"think\": { \"exponential\": { \"mean\": \"1us\" } }",
        12,
        38,
        "at most once in 10us",
        "",
    ),
    ("\"25ms\"", "\"25ms\", \"think\": \"25ms\"", 12, 55, "not both", ""),
    (", \"every\": \"25ms\"", "", 12, 15, "expected `every` or `think`", ""),
    ("\"25ms\"", "\"25ms\", \"keys\": 0", 12, 54, "expected 1 to 65536, found 0", ""),
    ("\"25ms\"", "\"25ms\", \"keys\": 65537", 12, 54, "found 65537", ""),
    ("\"25ms\"", "\"25ms\", \"skew\": { \"between\": [1, 0] }", 12, 54, "1 is above 0", ""),
    ("\"25ms\"", "\"25ms\", \"timeout\": \"0s\"", 12, 57, "at least 1ms", ""),
    ("\"2s\"", "\"2s\", \"standing\": true", 14, 69, "a standing fault has no `for`", ""),
    (
        "{ \"crash\": { \"node\": \"n3\" } }",
        "{ \"flap\": { \"node\": \"n3\", \"every\": \"1s\" } }",
        17,
        39,
        "`flap` needs `for`",
        "",
    ),
    (
        "{ \"crash\": { \"node\": \"n3\" } }",
        "{ \"wipe\": { \"node\": \"n3\" } }",
        17,
        70,
        "`\"beyond_raft\": true`",
        "",
    ),
    ("\"version\": 1", "\"settle_within\": \"0s\", \"version\": 1", 2, 20, "at least 1ms", ""),
    (
        "\"version\": 1",
        "\"measure\": [\"throughput\", \"failover_time\", \"throughput\"], \"version\": 1",
        2,
        46,
        "`throughput` is measured already",
        "",
    ),
    (
        "{ \"finally\": \"logs equal\" }",
        "{ \"measured\": { \"what\": \"failover_time\", \"at_most\": \"1s\" } }",
        18,
        38,
        "add it to `measure`",
        "",
    ),
];

const SYNTAX: &[Case] = &[
    ("5,", "5", 6, 3, "expected `,` or `}`", ""),
    ("5,", ",", 5, 12, "expected value", ""),
    ("\"nodes\": 5", "nodes: 5", 5, 3, "key must be a string", ""),
    ("\"nodes\": 5", "\"nodes\" 5", 5, 11, "expected `:`", ""),
    ("\"nodes\": 5", "\"nodes\": NaN", 5, 12, "expected value", ""),
    ("\"nodes\": 5", "\"nodes\": Infinity", 5, 12, "expected value", ""),
    ("\"nodes\": 5", "\"nodes\": +5", 5, 12, "expected value", ""),
    ("\"nodes\": 5", "\"nodes\": 0x5", 5, 13, "expected `,` or `}`", ""),
    ("\"nodes\": 5", "'nodes': 5", 5, 3, "key must be a string", ""),
    ("\"nodes\": 5,", "\"nodes\": 5,,", 5, 14, "key must be a string", ""),
    ("\"nodes\": 5", "\"nodes\": tru", 5, 15, "expected ident", ""),
    ("\"nodes\": 5", "\"nodes\": 5 / 2", 5, 14, "expected a comment", ""),
    ("\"nodes\": 5", "\"nodes\": 05", 5, 13, "invalid number", ""),
    ("\"All is well.\"", "\"All is\nwell.\"", 4, 18, "control character", ""),
    ("\"All is well.\"", "\"All is \\well.\"", 4, 21, "invalid escape", ""),
    ("5,", "5, /* a comment\n of two lines */ 6,", 6, 18, "key must be a string", ""),
    ("{\n  \"version\"", "\u{feff}{\n  \"version\"", 1, 1, "byte order mark", ""),
];

fn refused(text: &str) -> Vec<Diagnostic> {
    Scenario::parse("wrong.json", text).expect_err("the file is wrong")
}

fn judge(cases: &[Case]) {
    let failures: Vec<String> = cases.iter().filter_map(failure).collect();
    assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), cases.len(), failures.join("\n"));
}

/// One mistake gives one diagnostic, at its place, with these words.
fn failure((here, other, line, column, word, help): &Case) -> Option<String> {
    assert!(RIGHT.contains(here), "{here} is not in the right file");
    let found = refused(&RIGHT.replacen(here, other, 1));
    let first = &found[0];
    let guess = first.help.as_deref().unwrap_or("");
    let guessed = if help.is_empty() { guess.is_empty() } else { guess.contains(help) };
    let placed = (first.line, first.column) == (*line, *column);
    let right = placed && guessed && first.message.contains(word) && found.len() == 1;
    let shown = || found.iter().map(|one| format!("{one}\n")).collect::<String>();
    (!right).then(|| format!("expected {line}:{column} {word} {help}\n{}", shown()))
}

#[test]
fn the_right_file_is_right() {
    Scenario::parse("right.json", RIGHT).unwrap();
}

#[test]
fn values_of_the_wrong_form_are_refused_at_their_place() {
    judge(FORM);
}

#[test]
fn values_of_the_wrong_meaning_are_refused_at_their_place() {
    judge(MEANING);
}

#[test]
fn broken_syntax_is_refused_at_its_place() {
    judge(SYNTAX);
}

#[test]
fn comments_and_trailing_commas_move_nothing() {
    let text = RIGHT.replacen("\"nodes\": 5,", "/* five,\n or more */ \"nodes\": 64, # many", 1);
    let found = refused(&text);
    assert_eq!((found[0].line, found[0].column), (6, 22));
    assert_eq!(found[0].source_line, " or more */ \"nodes\": 64, # many");
}

#[test]
fn places_are_exact_behind_comments_of_many_lines_and_foreign_letters() {
    let texts = [
        ("/* one\n\n three */ \"nodes\": 64,", 7, 20),
        ("/* ä\u{1f980} */ \"nodes\": 64,", 5, 21),
        ("/* a */ /* b\n */ // c\n\"nodes\": /* d */ 64,", 7, 18),
        ("\t\"nodes\": 64,", 5, 13),
        ("\"nodes\": 64 /* \" // */, // \"", 5, 12),
        ("\"disk\": { \"sync\": [\"//\", \"/*\",], }, // twice\n\"nodes\": 64,", 6, 10),
    ];
    for (other, line, column) in texts {
        let text = RIGHT.replacen("\"nodes\": 5,", other, 1);
        let found = refused(&text);
        let one = found.iter().find(|one| one.message.contains("found 64"));
        let one = one.unwrap_or_else(|| panic!("{other}\n{}", found[0]));
        assert_eq!((one.line, one.column, one.width), (line, column, 2), "{one}");
    }
}

#[test]
fn the_ends_of_lines_may_be_those_of_another_system() {
    let found = refused(&RIGHT.replace("\"loss\"", "\"los\"").replace('\n', "\r\n"));
    assert_eq!((found[0].line, found[0].column, found.len()), (10, 59, 1));
    assert!(found[0].source_line.ends_with("},"), "{:?}", found[0].source_line);
}

#[test]
fn what_follows_from_a_mistake_is_not_reported() {
    let cases = [("\"at\": \"1s\"", "\"at\": 1", 13), ("\"isolate\"", "\"isolat\"", 27)];
    for (here, other, column) in cases {
        let found = refused(&RIGHT.replacen(here, other, 1));
        assert_eq!((found.len(), found[0].line, found[0].column), (1, 14, column), "{found:?}");
    }
}

#[test]
fn all_mistakes_are_reported_at_once_in_the_order_of_the_text() {
    let text = RIGHT
        .replace("\"right\"", "7")
        .replace("\"loss\"", "\"los\"")
        .replace("\"25ms\"", "25")
        .replace("\"leader\"", "\"leeder\"")
        .replace("\"weight\": 2", "\"weight\": 2000000")
        .replace("logs equal", "logs eqal");
    let lines: Vec<usize> = refused(&text).iter().map(|one| one.line).collect();
    assert_eq!(lines, [3, 10, 12, 14, 17, 18], "form and meaning together");
}

/// Two mistakes in values of their own are found as if each were alone.
#[test]
fn every_mistake_of_form_leaves_every_mistake_of_meaning_to_be_found() {
    let alone = |(here, other, ..): &Case| refused(&RIGHT.replacen(here, other, 1)).remove(0);
    let mut pairs = 0;
    for form in FORM {
        for meaning in MEANING.iter().filter(|meaning| !entangled(form, meaning)) {
            let text = both(form, meaning);
            let found = refused(&text);
            let mut messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
            let (one, other) = (alone(form), alone(meaning));
            let mut expected = vec![one.message.as_str(), other.message.as_str()];
            messages.sort_unstable();
            expected.sort_unstable();
            assert_eq!(messages, expected, "{form:?} {meaning:?}");
            assert!(found.is_sorted_by_key(|one| (one.line, one.column)), "{form:?} {meaning:?}");
            pairs += 1;
        }
    }
    assert!(pairs > 2_000, "{pairs}");
}

/// The file with both mistakes.
fn both(a: &Case, b: &Case) -> String {
    let mut cases = [a, b].map(|(here, other, ..)| (RIGHT.find(here).expect("it is there"), *here, *other));
    cases.sort_unstable_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let mut text = RIGHT.to_owned();
    for (at, here, other) in cases {
        text.replace_range(at..at + here.len(), other);
    }
    text
}

/// Whether two cases touch the same bytes, or the second mistake is none unless the first value, or what it is, is known.
fn entangled(form: &Case, meaning: &Case) -> bool {
    let place = |(here, ..): &Case| RIGHT.find(here).map(|at| at..at + here.len()).expect("it is there");
    let (a, b) = (place(form), place(meaning));
    let depends = match form.0 {
        "\"nodes\": 5" => meaning.4.contains("there is no n"),
        "\"8s\"" => meaning.4.contains("after the end of the run"),
        "\"loss\"" if form.1 == "\"bandwidth\"" => meaning.0 == "0.01",
        "\"seed\": 7" if form.1.contains("\"measure\"") => meaning.4.contains("`measure`"),
        "\"seed\": 7" if form.1.contains("\"beyond_raft\"") => meaning.4.contains("\"beyond_raft\""),
        "\"seed\": 7" | "\"seed\"" => meaning.4.contains("names its `seed`"),
        _ => false,
    };
    let twins =
        ["\"clock\"", "\"measure\""].iter().any(|name| form.1.contains(name) && meaning.1.contains(name));
    depends || twins || (a.start < b.end && b.start < a.end)
}

#[test]
fn it_looks_like_a_compilers_error() {
    let found = refused(&RIGHT.replace("\"loss\"", "\"los\""));
    let expected = "\
error: unknown field `los`, expected one of `latency`, `loss`, `duplicate`, `reorder`, `asymmetry`, `links`
  --> wrong.json:10:59
   |
10 |   \"network\": { \"latency\": { \"uniform\": [\"1ms\", \"12ms\"] }, \"los\": 0.01 },
   |                                                           ^^^^^
   = help: did you mean `loss`?";
    assert_eq!(found[0].to_string(), expected);
}
