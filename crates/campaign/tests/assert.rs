//! What a plain test hears when its system does not hold.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use whitewater_campaign::assert::Trial;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::{Scenario, Seeds};
use whitewater_systems::SYSTEMS;

/// A story with these additions, in a file of its own.
fn story(name: &str, body: &str) -> String {
    let text = format!(
        r#"{{ "version": 1, "name": "{name}", "about": "For a test.", "nodes": 3, "run_for": "1s",
        "network": {{ "latency": {{ "uniform": ["1ms", "40ms"] }}, "loss": 0.2, "duplicate": 0.3, "reorder": 0.3 }},
        "clients": [{{ "count": 2, "think": "20ms", "keys": 2, "reads": 0.2, "timeout": "200ms" }}], {body} }}"#
    );
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
    fs::write(&path, text).expect("the story can be written");
    path.to_string_lossy().into_owned()
}

const CAPSULES: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/capsules");

/// What the panic says; empty when everything held.
fn heard(scenario: &str) -> String {
    let runner = SYSTEMS[0].runner;
    let trial = Trial {
        system: SYSTEMS[0].name,
        runner,
        scenario,
        seeds: 1..=60,
        capsules: CAPSULES,
        command: "mine",
    };
    match catch_unwind(|| trial.assert_holds()) {
        Ok(summary) => {
            assert_eq!(summary.held, 60, "a trial that held has run every seed");
            String::new()
        }
        Err(panic) => *panic.downcast::<String>().expect("the message is made to measure"),
    }
}

#[test]
fn nothing_when_everything_holds() {
    assert_eq!(heard(&story("holds", r#""expect": [{ "committed_at_least": 1 }]"#)), "");
}

#[test]
fn the_facts_of_a_violation_and_how_to_run_it_again() {
    let path = story("violates", r#""system": { "whitewater": { "bug": "truncates-matching" } }"#);
    let message = heard(&path);
    let last = message.lines().last().unwrap_or_default();
    let file = last.strip_prefix("replay mine replay ").unwrap_or_else(|| panic!("{message}"));
    assert!(file.starts_with(CAPSULES), "{message}");
    let text = fs::read_to_string(file).expect("the capsule is there");
    let capsule = Scenario::parse(file, &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]));
    let found = capsule.found().expect("it says what was found");
    let Seeds::Fixed(seed) = capsule.seeds() else { panic!("a capsule is one run") };
    let verdict = (SYSTEMS[0].runner)().run(capsule.plan(seed), &Settings::default()).expect("it runs");
    assert_eq!(
        (verdict.digest, verdict.found().next().map(|one| one.property)),
        (found.digest, Some(found.property))
    );
    assert!((1..=60).contains(&seed) && message.contains(&format!("seed {seed}\n    step ")), "{message}");
    assert!(message.contains("of 60 seeds violate a property"), "{message}");
}

#[test]
fn a_stall_leaves_a_capsule_as_well() {
    let message = heard(&story("stalls", r#""system": { "whitewater": { "bug": "waits-for-everybody" } }"#));
    let last = message.lines().last().unwrap_or_default();
    assert!(last.starts_with(&format!("replay mine replay {CAPSULES}/progress-")), "{message}");
}

#[test]
fn an_expectation_that_one_run_does_not_meet() {
    let message = heard(&story("unmet", r#""expect": [{ "committed_at_least": 1000000 }]"#));
    assert!(message.contains("60 of 60 seeds do not meet") && message.ends_with("--seed 1\n"), "{message}");
}

#[test]
fn what_no_run_has_seen() {
    let message = heard(&story("unseen", r#""expect": [{ "sometimes": "term > 1000" }]"#));
    assert!(message.contains("in no run: sometimes term > 1000"), "{message}");
    assert!(message.ends_with("--seeds 1..60\n"), "{message}");
}

#[test]
fn why_a_system_cannot_run_it() {
    let message = heard(&story("refused", r#""system": { "noraft": { "bug": "no-such-bug" } }"#));
    assert!(message.contains("no bug `no-such-bug`"), "{message}");
    assert!(heard("no/such/file.json").starts_with("no/such/file.json: "), "the path comes first");
}
