//! In steady state an event takes nothing from the heap.

use allocation_counter::measure;
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_systems::whitewater::Whitewater;

/// Five nodes on quiet water for so many seconds.
fn story(seconds: u64) -> Scenario {
    let text = format!(
        r#"{{ "version": 1, "name": "steady", "about": "Nothing but loss.", "nodes": 5, "seed": 1, "seeds": "free", "run_for": "{seconds}s",
            "system": "whitewater",
            "network": {{ "latency": {{ "uniform": ["1ms", "10ms"] }}, "loss": 0.01, "duplicate": 0.01 }},
            "disk": {{ "sync": {{ "uniform": ["100us", "1ms"] }} }},
            "clients": [{{ "count": 5, "every": "10ms", "reads": 0.3 }}] }}"#
    );
    Scenario::parse("steady", &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

/// By how many allocations the ends of two runs may differ: nodes start anew there, in one run more often than in
/// another.
const SETTLING: u64 = 16;

/// A longer run allocates as often as a shorter one, if the memory is that of a run before. Both end with logs of
/// between 2^13 and 2^14 entries: the vector that holds one doubles at these.
#[test]
fn further_events_allocate_nothing() {
    let mut course = Course::<Whitewater>::new();
    let mut run = |seconds| {
        let plan = story(seconds).plan(1);
        let mut verdict = None;
        let count = measure(|| verdict = course.run(plan, &Settings::default()).ok()).count_total;
        let verdict = verdict.expect("our node can do all of it");
        assert!((1 << 13..1 << 14).contains(&verdict.commits), "{} commits", verdict.commits);
        (count, verdict.events)
    };
    run(32);
    let (short, long) = (run(17), run(32));
    assert!(long.1 > short.1 + 40_000, "{} events after {}", long.1, short.1);
    let further = long.0.saturating_sub(short.0);
    assert!(further <= SETTLING, "{} further events allocate {further} times", long.1 - short.1);
}
