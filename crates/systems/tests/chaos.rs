//! Chaos that waits for something strikes each time that it begins to be so, and never besides.

use whitewater_check::observe::Role;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::Scenario;
use whitewater_sim::trace::{Keep, Record, What};
use whitewater_systems::SYSTEMS;

fn trace(chaos: &str, seed: u64) -> Vec<Record> {
    let text = format!(
        "{{\"version\": 1, \"name\": \"windows\", \"about\": \"x\", \"nodes\": 3, \"run_for\": \"5s\", \"chaos\": [{chaos}]}}"
    );
    let plan = Scenario::parse("windows.json", &text).expect("it is a scenario").plan(seed);
    let settings = Settings { keep: Keep::All, ..Settings::default() };
    (SYSTEMS[0].runner)().run(plan, &settings).expect("it runs").trace
}

/// The times of what happened before the cluster settles.
fn times(trace: &[Record], wanted: impl Fn(What) -> bool) -> Vec<u64> {
    let before = trace.iter().take_while(|record| record.what != What::Settling);
    before.filter(|record| wanted(record.what)).map(|record| record.time).collect()
}

#[test]
fn every_leader_is_crashed_ten_milliseconds_after_its_election() {
    let chaos = "{\"when\": \"leader elected\", \"after\": {\"uniform\": [\"10ms\", \"10ms\"]}, \
                 \"pick\": [{\"do\": {\"crash\": {\"node\": \"leader\"}}, \"for\": {\"uniform\": [\"50ms\", \"50ms\"]}}]}";
    for seed in 1..20 {
        let trace = trace(chaos, seed);
        let elected = times(&trace, |what| what == What::Became(Role::Leader));
        let crashed = times(&trace, |what| what == What::Crashed);
        let due: Vec<u64> =
            elected.iter().map(|time| time + 10_000_000).filter(|due| *due < 5_000_000_000).collect();
        assert!(due.len() > 5, "{} leaders", due.len());
        assert_eq!(crashed, due, "seed {seed}");
    }
}

#[test]
fn it_strikes_at_once_unless_it_is_told_how_long_after() {
    let chaos = "{\"when\": \"leader elected\", \"pick\": [{\"do\": {\"pause\": {\"node\": \"leader\"}}, \
                 \"for\": {\"uniform\": [\"1s\", \"1s\"]}}]}";
    let trace = trace(chaos, 1);
    let elected = times(&trace, |what| what == What::Became(Role::Leader));
    let paused = times(&trace, |what| what == What::Paused);
    assert!(!paused.is_empty() && paused[0] - elected[0] <= 1, "{elected:?} {paused:?}");
}

#[test]
fn what_never_begins_to_hold_never_strikes() {
    let chaos = "{\"when\": \"count(leaders) > 2\", \"pick\": [{\"do\": {\"crash\": {\"node\": \"all\"}}}]}";
    assert_eq!(times(&trace(chaos, 1), |what| what == What::Crashed), [0_u64; 0]);
}
