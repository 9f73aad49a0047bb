//! Doubtful files: each runs, and is warned of at its place. What is not certain is not said.

use whitewater_sim::scenario::{Diagnostic, Scenario, Severity};

fn warnings(fields: &str) -> Vec<Diagnostic> {
    let text = format!(
        "{{\"version\": 1, \"name\": \"a\", \"about\": \"b\", \"nodes\": 5, \"run_for\": \"8s\",\n{fields}}}"
    );
    let scenario = Scenario::parse("a.json", &text).unwrap_or_else(|found| panic!("{fields}\n{}", found[0]));
    scenario.warnings().to_vec()
}

/// The fields of a file, the column of what is warned of, and a word about it.
const DOUBTFUL: &[(&str, usize, &str)] = &[
    (r#""network": { "latency": "80ms" }"#, 25, "160ms or longer half of the time"),
    (r#""network": { "latency": { "uniform": ["60ms", "100ms"] } }"#, 25, "160ms"),
    (
        r#""network": { "latency": { "exponential": { "mean": "1s" } } }"#,
        25,
        "shortest election timeout is 150ms",
    ),
    (r#""network": { "latency": { "between": ["76ms", "900ms"] } }"#, 25, "152ms"),
    (r#""network": { "latency": { "lognormal": { "median": "80ms", "p99": "90ms" } } }"#, 25, "160ms"),
    (r#""election_timeout": ["10ms", "40ms"], "heartbeat": "5ms""#, 21, "11ms or longer half of the time"),
    (r#""heartbeat": "150ms""#, 14, "a heartbeat every 150ms"),
    (r#""election_timeout": ["20ms", "40ms"]"#, 21, "a heartbeat every 50ms"),
    (r#""timeline": [{ "at": "0s", "do": { "crash": { "node": "all" } } }]"#, 13, "a majority is never up"),
    (r#""timeline": [{ "at": "100ms", "do": { "crash": { "node": "majority" } } }]"#, 13, "never up"),
    (
        r#""timeline": [{ "at": "0s", "do": { "pause": { "node": ["n1", "n2", "n3"] } }, "for": "9s" }]"#,
        13,
        "never up",
    ),
    (
        r#""timeline": [{ "at": "0s", "do": { "crash": { "node": ["n1", "n2"] } } }, { "at": "1ms", "do": { "crash": { "node": "n3" } } }]"#,
        13,
        "never up",
    ),
    (
        r#""timeline": [{ "at": "0s", "do": { "crash": { "node": "all" } } }, { "at": "7900ms", "do": { "restart": { "node": "all" } } }]"#,
        13,
        "never up",
    ),
    (r#""timeline": [{ "at": "1s", "do": "release" }]"#, 34, "there is no `hold`"),
    (r#""expect": [{ "committed_at_least": 5 }]"#, 12, "nobody asks"),
    (r#""expect": [{ "committed_at_least": 0 }]"#, 12, "always holds"),
    (r#""network": { "links": [{ "from": "n1" }] }"#, 24, "nothing that differs"),
    (r#""disk": { "sync": "151ms" }"#, 19, "a sync takes 151ms or longer half of the time"),
    (r#""disk": { "sync": { "uniform": ["1ms", "400ms"] } }"#, 19, "a sync takes 200.5ms or longer"),
    (r#""election_timeout": ["200ms", "200ms"], "network": { "latency": "5ms" }"#, 21, "may do so for ever"),
    (
        r#""election_timeout": ["200ms", "200ms"], "network": { "latency": { "one_of": ["5ms", "6ms"] } }"#,
        21,
        "may do so for ever",
    ),
    (
        r#""timeline": [{ "at": "1s", "do": { "bridge": { "node": ["n1", "n2"] } } }]"#,
        56,
        "only the first counts",
    ),
    (r#""timeline": [{ "at": "1s", "do": { "bridge": { "node": "all" } } }]"#, 56, "only the first counts"),
    (r#""timeline": [{ "at": "1s", "do": { "bridge": { "node": "minority" } } }]"#, 56, "only the first"),
    (
        r#""timeline": [{ "at": "1s", "do": { "damage": { "node": ["n1", "n2", "n3"] } } }]"#,
        56,
        "a majority of the disks",
    ),
    (r#""timeline": [{ "at": "1s", "do": { "damage": { "node": "all" } } }]"#, 56, "a majority of the disks"),
    (
        r#""chaos": [{ "every": "1s", "pick": [{ "do": { "damage": { "node": "majority" } } }] }]"#,
        67,
        "a majority of the disks",
    ),
    (r#""beyond_raft": true"#, 16, "nothing here goes beyond Raft"),
    (
        r#""beyond_raft": true, "timeline": [{ "at": "1s", "do": { "damage": { "node": ["n1", "n2"] } } }]"#,
        16,
        "nothing here goes beyond Raft",
    ),
];

#[test]
fn a_minority_of_two_is_nobody() {
    let text = |nodes: &str| {
        format!(
            r#"{{"version": 1, "name": "a", "about": "b", "nodes": {nodes}, "run_for": "8s",
                "timeline": [{{"at": "1s", "do": {{"pause": {{"node": "minority"}}}}}}]}}"#
        )
    };
    let warned = |nodes: &str| Scenario::parse("a.json", &text(nodes)).unwrap().warnings().to_vec();
    for few in ["1", "2", r#"{"one_of": [1, 2]}"#] {
        let found = warned(few);
        assert!(found.len() == 1 && found[0].message.contains("this is nobody"), "{few}: {found:?}");
    }
    for more in ["3", r#"{"between": [1, 3]}"#] {
        assert_eq!(warned(more), [], "{more}");
    }
}

#[test]
fn what_is_doubtful_is_warned_of_at_its_place() {
    for &(fields, column, word) in DOUBTFUL {
        let found = warnings(fields);
        assert_eq!(found.len(), 1, "{fields} {found:?}");
        let one = &found[0];
        assert_eq!((one.severity, one.line, one.column), (Severity::Warning, 2, column), "{one}");
        assert!(one.message.contains(word), "{one}");
        assert!(one.to_string().starts_with("warning: "), "{one}");
    }
}

#[test]
fn what_may_be_meant_is_not_warned_of() {
    let fine = [
        r#""network": { "latency": "75ms" }"#,
        r#""network": { "latency": { "between": ["1ms", "900ms"] } }"#,
        r#""network": { "latency": "80ms" }, "election_timeout": [{ "between": ["100ms", "200ms"] }, "300ms"]"#,
        r#""heartbeat": "149ms""#,
        r#""timeline": [{ "at": "1s", "do": { "crash": { "node": "all" } } }]"#,
        r#""timeline": [{ "at": "0s", "do": { "crash": { "node": "all" } }, "for": "1s" }]"#,
        r#""timeline": [{ "at": "0s", "do": { "crash": { "node": "minority" } } }]"#,
        r#""timeline": [{ "at": "0s", "do": { "crash": { "node": ["n1", "n2"] } } }]"#,
        r#""timeline": [{ "at": "0s", "do": { "crash": { "node": "all" } } }, { "at": "7s", "do": { "restart": { "node": "n1" } } }]"#,
        r#""timeline": [{ "at": "0s", "do": { "crash": { "node": "all" } } }, { "when": "count(up) == 0", "do": { "restart": { "node": "all" } } }]"#,
        r#""timeline": [{ "at": "0s", "do": { "pause": { "node": "all" } } }, { "when": "term > 1", "do": { "crash": { "node": "all" } }, "for": "1s" }]"#,
        r#""timeline": [{ "at": "0s", "do": { "crash": { "node": "all" } } }], "chaos": [{ "every": "1s", "pick": [{ "do": { "restart": { "node": "all" } } }] }]"#,
        r#""timeline": [{ "at": "1s", "do": { "hold": {} } }, { "at": "2s", "do": "release" }]"#,
        r#""timeline": [{ "at": "1s", "do": { "request": { "node": "leader" } } }], "expect": [{ "committed_at_least": 1 }]"#,
        r#""clients": [{ "count": 1, "every": "1s" }], "expect": [{ "committed_at_least": 5 }]"#,
        r#""disk": { "sync": "150ms" }"#,
        r#""disk": { "sync": { "between": ["1ms", "400ms"] } }"#,
        r#""election_timeout": ["200ms", "200ms"]"#,
        r#""election_timeout": ["200ms", "201ms"], "network": { "latency": "5ms" }"#,
        r#""election_timeout": ["200ms", "200ms"], "network": { "latency": "5ms", "asymmetry": 0.1 }"#,
        r#""election_timeout": ["200ms", "200ms"], "network": { "latency": "5ms" }, "clock": { "drift": 0.1 }"#,
        r#""timeline": [{ "at": "1s", "do": { "bridge": { "node": "random" } } }]"#,
        r#""timeline": [{ "at": "1s", "do": { "damage": { "node": ["n1", "n2"] } } }]"#,
        r#""timeline": [{ "at": "1s", "do": { "damage": { "node": "minority" } } }]"#,
        r#""beyond_raft": true, "timeline": [{ "at": "1s", "do": { "damage": { "node": "all" } } }]"#,
        r#""beyond_raft": true, "timeline": [{ "at": "1s", "do": { "wipe": { "node": "n1" } } }]"#,
        r#""beyond_raft": false"#,
    ];
    for fields in fine {
        assert_eq!(warnings(fields), [], "{fields}");
    }
}
