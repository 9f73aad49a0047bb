//! What was once found wrong with the world itself, kept small, so that it stays mended.

use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::verdict::{Outcome, Verdict};
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
