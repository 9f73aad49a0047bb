//! The acts that a scenario can do to its cluster: name, what it does, how it is written.
//!
//! The reader of scenarios knows them; a test holds this list against it.

/// Every act.
pub(crate) const FAULTS: &[(&str, &str, &str)] = &[
    (
        "crash",
        "Machines lose power: memory and what was not synced are gone. With `after_effects` in the middle of a step.",
        r#"{ "at": "1s", "do": { "crash": { "node": "leader" } }, "for": "2s" }"#,
    ),
    (
        "restart",
        "Crashed machines start again from what their disks hold.",
        r#"{ "at": "3s", "do": { "restart": { "node": "crashed" } } }"#,
    ),
    (
        "pause",
        "Processes stand still, and their inboxes fill.",
        r#"{ "at": "1s", "do": { "pause": { "node": "follower" } }, "for": "500ms" }"#,
    ),
    ("resume", "Paused processes go on.", r#"{ "at": "2s", "do": { "resume": { "node": "all" } } }"#),
    (
        "isolate",
        "Nodes are cut off, each for itself; with `one_way` (in, out) only what they should hear, or say.",
        r#"{ "when": "leader elected", "do": { "isolate": { "node": "leader", "one_way": "in" } } }"#,
    ),
    (
        "partition",
        "Only nodes of one group reach each other; those that no group names form one more.",
        r#"{ "at": "1s", "do": { "partition": { "groups": [["n1", "n2"], ["n3"]] } } }"#,
    ),
    (
        "bridge",
        "Two halves see each other only through one node.",
        r#"{ "at": "1s", "do": { "bridge": { "node": "n3" } } }"#,
    ),
    (
        "ring",
        "Every node sees a majority, and no two see the same one.",
        r#"{ "at": "1s", "do": "ring", "for": "2s" }"#,
    ),
    (
        "clog",
        "What nodes send and receive is held on its way; with `one_way` (in, out) only one of both.",
        r#"{ "at": "1s", "do": { "clog": { "node": "leader" } }, "for": "500ms" }"#,
    ),
    (
        "swizzle",
        "Some nodes are clogged one after the other and let go in another order, all of it drawn.",
        r#"{ "at": "1s", "do": { "swizzle": { "node": "all" } }, "for": "2s" }"#,
    ),
    (
        "flap",
        "Nodes are cut off and back again, each time for so long.",
        r#"{ "at": "1s", "do": { "flap": { "node": "n3", "every": "100ms" } }, "for": "2s" }"#,
    ),
    ("heal", "All cuts are mended.", r#"{ "at": "2s", "do": "heal" }"#),
    (
        "stall_disk",
        "Disks stand still: no sync comes back.",
        r#"{ "at": "1s", "do": { "stall_disk": { "node": "leader" } }, "for": "1s" }"#,
    ),
    (
        "fail_disk",
        "Disks fail: writes and syncs come back as errors.",
        r#"{ "at": "1s", "do": { "fail_disk": { "node": "follower" } }, "for": "2s" }"#,
    ),
    (
        "fill_disk",
        "Disks are full: writes come back as errors, and what was written before can be synced.",
        r#"{ "at": "1s", "do": { "fill_disk": { "node": "n3" } }, "for": "2s" }"#,
    ),
    (
        "damage",
        "Synced records of disks are damaged: the next start finds that out and does not happen.",
        r#"{ "at": "1s", "do": { "damage": { "node": "n3" } } }"#,
    ),
    (
        "wipe",
        "Disks are emptied and the processes crash. Raft does not promise to survive it: say `\"beyond_raft\": true`.",
        r#"{ "at": "1s", "do": { "wipe": { "node": "n3" } } }"#,
    ),
    (
        "drift",
        "Clocks go at another rate, from 0.1 to 10 times that of virtual time.",
        r#"{ "at": "1s", "do": { "drift": { "node": "n2", "rate": 1.5 } }, "for": "2s" }"#,
    ),
    (
        "timeout",
        "Election timers run out now, whenever they were due.",
        r#"{ "at": "1s", "do": { "timeout": { "node": "n2" } } }"#,
    ),
    (
        "drop",
        "Messages that are sent from now on are dropped: all that match, or the n-th.",
        r#"{ "at": "1s", "do": { "drop": { "kind": "request_vote", "from": "n2", "nth": 1 } } }"#,
    ),
    (
        "delay",
        "Messages take so long, whatever their luck: those that it describes, or the n-th of them.",
        r#"{ "at": "0s", "do": { "delay": { "kind": "request_vote", "from": "n2", "nth": 1, "takes": "30ms" } } }"#,
    ),
    (
        "duplicate",
        "A second copy of messages arrives after so long.",
        r#"{ "at": "0s", "do": { "duplicate": { "kind": "append_entries", "to": "n3", "nth": 2, "takes": "9ms" } } }"#,
    ),
    (
        "hold",
        "Messages that are sent from now on are held back until they are released.",
        r#"{ "at": "1s", "do": { "hold": { "kind": "append_entries", "to": ["n2", "n3"] } } }"#,
    ),
    (
        "release",
        "What is held back goes on its way, and nothing is held back any more.",
        r#"{ "at": "2s", "do": "release" }"#,
    ),
    (
        "request",
        "A client asks nodes for writes.",
        r#"{ "when": "leader elected", "do": { "request": { "node": "leader", "count": 3 } } }"#,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use whitewater_sim::scenario::Scenario;

    fn with_entry(entry: &str) -> String {
        format!(
            r#"{{ "version": 1, "name": "a", "about": "A.", "nodes": 3, "run_for": "8s", "beyond_raft": true, "timeline": [{entry}] }}"#
        )
    }

    #[test]
    fn every_example_is_one_of_its_act() {
        for (name, _, example) in FAULTS {
            assert!(example.contains(&format!("\"{name}\"")), "{name}: {example}");
            Scenario::parse("a.json", &with_entry(example))
                .unwrap_or_else(|wrong| panic!("{name}: {}", wrong[0]));
        }
    }

    #[test]
    fn no_act_is_missing() {
        let wrong = Scenario::parse("a.json", &with_entry(r#"{ "at": "1s", "do": "haul" }"#)).unwrap_err();
        let known: Vec<&str> = wrong[0].message.split('`').skip(3).step_by(2).collect();
        let listed: Vec<&str> = FAULTS.iter().map(|(name, _, _)| *name).collect();
        assert_eq!(listed, known, "{}", wrong[0]);
    }
}
