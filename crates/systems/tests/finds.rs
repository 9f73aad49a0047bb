//! What was once found wrong with the world itself, kept small, so that it stays mended.

use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::verdict::{Outcome, Settling, Verdict};
use whitewater_systems::whitewater::Whitewater;

fn run(body: &str, seed: u64) -> Verdict {
    let text = format!(r#"{{ "version": 1, "name": "find", "about": "A find.", {body} }}"#);
    let scenario = Scenario::parse("find.json", &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]));
    let mut course = Course::<Whitewater>::new();
    course.run(scenario.plan(seed), &Settings::default()).expect("it is our node")
}

/// n3 has cut its log in memory and waits for its disk while a predicate looks at all logs.
#[test]
fn nobody_reads_the_log_of_a_replica_in_the_middle_of_a_step() {
    let verdict = run(
        r#""nodes": 3, "run_for": "1s", "network": { "latency": "1ms" }, "disk": { "sync": "10ms" },
        "system": { "whitewater": { "entries_per_append": 1 } },
        "start": [{ "node": ["n1", "n2"], "term": 2, "log": [1, 1, 1] },
            { "node": "n3", "term": 2, "log": [1, 1, 2, 2] }],
        "timeline": [{ "at": "1ms", "do": { "pause": { "node": "n3" } } },
            { "at": "2ms", "do": { "timeout": { "node": "n1" } } },
            { "at": "115ms", "note": "In the middle of the sync." },
            { "at": "100ms", "do": { "resume": { "node": "n3" } } }],
        "expect": [{ "sometimes": "logs equal" }]"#,
        1,
    );
    assert_eq!(verdict.outcome(), Outcome::Held, "{:?}", verdict.expected);
}

#[test]
fn what_chaos_does_is_seen_before_the_next_step() {
    let verdict = run(
        r#""nodes": 3, "run_for": "3s", "expect": [{ "never": "count(down) == 3" }],
        "chaos": [{ "every": "500ms", "pick": [{ "do": { "crash": { "node": "all" } }, "for": "50ms" }] }]"#,
        1,
    );
    assert_eq!(verdict.outcome(), Outcome::Unmet, "{:?}", verdict.expected);
}

/// A thousand syncs are on their way when the machine crashes.
#[test]
fn a_new_life_does_not_wait_for_the_syncs_of_the_last() {
    for seed in 1..=5 {
        let verdict = run(
            r#""nodes": 1, "run_for": "2s", "network": { "latency": "1ms" }, "disk": { "sync": "10ms" },
            "timeline": [{ "at": "1s", "do": { "request": { "node": "n1", "count": 1000 } } },
                { "at": "1001ms", "do": { "crash": { "node": "n1" } } },
                { "at": "1002ms", "do": { "restart": { "node": "n1" } } }]"#,
            seed,
        );
        assert!(verdict.time < 3_000_000_000, "seed {seed} took until {} ns to settle", verdict.time);
    }
}

fn with_act(act: &str, seed: u64) -> Verdict {
    let body = format!(
        r#""nodes": 3, "run_for": "2s", "network": {{ "latency": "1ms" }}, "disk": {{ "sync": "1ms" }},
        "beyond_raft": true, "clients": [{{ "count": 1, "every": "50ms" }}],
        "timeline": [{{ "at": "1s", {act} }}]"#
    );
    run(&body, seed)
}

/// A node that stands still by the will of the scenario is not asked to catch up, and nobody counts on it.
#[test]
fn a_standing_fault_on_one_node_keeps_the_others_from_nothing() {
    for fault in ["pause", "stall_disk", "fail_disk", "fill_disk"] {
        let act = format!(r#""do": {{ "{fault}": {{ "node": "n3" }} }}, "standing": true"#);
        for seed in 1..=20 {
            let verdict = with_act(&act, seed);
            let came = (verdict.settling, verdict.outcome());
            assert_eq!(
                came,
                (Settling::Settled, Outcome::Held),
                "{fault}, seed {seed}: {:?}",
                verdict.expected
            );
        }
    }
}

/// Nobody hears a leader's entries. That nothing comes of that is no stall.
#[test]
fn a_standing_drop_of_what_the_cluster_lives_on_is_no_stall() {
    for kind in ["append_entries", "request_vote_reply"] {
        let act = format!(r#""do": {{ "drop": {{ "kind": "{kind}" }} }}, "standing": true"#);
        let verdict = with_act(&act, 1);
        assert!(verdict.settling != Settling::Stalled, "{kind}: {:?}", verdict.expected);
    }
}

/// A leader that was told that an entry is there does not send it again (§5.3), so a follower that was wiped
/// may never catch up. That is beyond Raft, and no stall of the system.
#[test]
fn a_wiped_follower_is_not_asked_to_catch_up() {
    let act = r#""do": { "wipe": { "node": "follower" } } },
        { "at": "1100ms", "do": { "restart": { "node": "crashed" } }"#;
    for seed in 1..=20 {
        let verdict = with_act(act, seed);
        assert!(verdict.settling != Settling::Stalled, "seed {seed}: {:?}", verdict.expected);
    }
}
