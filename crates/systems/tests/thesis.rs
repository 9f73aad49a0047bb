//! The analysis of elections in the thesis (chapter 9) as a judge of the simulator: how soon the first timeout
//! is to be expected, and how often an election has no winner.
//!
//! Both hold exactly when the timeouts of all nodes begin at one moment, every message takes equally long, and
//! disks take no time. So that is what is simulated: a cluster that has just been switched on. A simulated
//! frequency must be within three standard errors of what the analysis says.

use whitewater_check::observe::Role;
use whitewater_sim::measure::Measure;
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::trace::{Keep, What};
use whitewater_sim::verdict::Verdict;
use whitewater_systems::whitewater::Whitewater;

const MS: u64 = 1_000_000;

/// The shortest election timeout, and how much longer the longest is: the unit of the analysis.
const SHORTEST: u64 = 1_000 * MS;
const RANGE: u64 = 1_000 * MS;

/// How many elections a frequency is taken from.
const ELECTIONS: u64 = 10_000;

/// A cluster of which only the first `up` nodes are there, with messages that take `latency_ms`.
fn cluster(nodes: u64, up: u64, latency_ms: u64) -> Scenario {
    let crash = |node| format!(r#"{{ "at": "0s", "do": {{ "crash": {{ "node": "n{node}" }} }} }}"#);
    let crashes: Vec<String> = (up + 1..=nodes).map(crash).collect();
    let text = format!(
        r#"{{ "version": 1, "name": "election", "about": "One election.", "nodes": {nodes}, "run_for": "60s",
            "election_timeout": ["1s", "2s"], "heartbeat": "500ms",
            "network": {{ "latency": "{latency_ms}ms" }}, "disk": {{ "sync": "0s" }},
            "timeline": [{}], "measure": ["election_time"] }}"#,
        crashes.join(", ")
    );
    Scenario::parse("election.json", &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

/// The first events of a run for each seed.
fn runs(scenario: &Scenario, max_events: u64, keep: Keep) -> impl Iterator<Item = Verdict> {
    let mut course = Course::<Whitewater>::new();
    let settings = Settings { checks: false, keep, max_events, ..Settings::default() };
    (1..=ELECTIONS).map(move |seed| {
        course.run(scenario.plan(seed), &settings).expect("our node has all that is asked for")
    })
}

/// Whether nobody was elected in the first term. Who is elected in it has been a candidate for one round trip;
/// who is elected later comes after another timeout at least.
fn was_split(verdict: &Verdict, latency: u64) -> bool {
    let (measure, values) = &verdict.measures[0];
    assert_eq!(*measure, Measure::ElectionTime);
    match values.least() {
        Some(time) if time < SHORTEST => {
            assert_eq!(time, 2 * latency, "seed {}: a vote takes a round trip", verdict.seed);
            false
        }
        Some(_) => true,
        None => {
            let (time, first_term) = (verdict.time, SHORTEST + RANGE / 2);
            assert!(time > first_term, "seed {}: the first term is not over at {time}", verdict.seed);
            true
        }
    }
}

/// thesis chapter 9: the chance of a split vote when `up` of `nodes` take part and a message takes `latency`, in
/// units of the range. It needs as many candidates as leave no majority to any: all but the first of them
/// time out before they hear of it.
fn chance_of_a_split(nodes: u64, up: u64, latency: f64) -> f64 {
    let candidates = up - nodes / 2 + 1;
    let exactly = |k: u64| {
        let ways = (0..k).fold(1.0, |ways, n| ways * (up - n) as f64 / (n + 1) as f64);
        ways * latency.powi(k as i32) * (1.0 - latency).powi((up - k) as i32)
    };
    (candidates - 1..=up).map(exactly).sum()
}

/// Nodes, those that are up, latency in thousandths of the range, and the chance of a split vote as published.
const PUBLISHED: [(u64, u64, u64, f64); 7] = [
    (5, 4, 10, 0.0006),
    (5, 4, 100, 0.0523),
    (5, 4, 200, 0.1808),
    (5, 3, 200, 0.488),
    (9, 5, 200, 0.672),
    (9, 6, 200, 0.345),
    (7, 6, 200, 0.099),
];

#[test]
fn the_formula_gives_what_is_published() {
    for (nodes, up, latency, published) in PUBLISHED {
        let exact = chance_of_a_split(nodes, up, latency as f64 / 1_000.0);
        assert!(
            (exact - published).abs() <= 0.000_51,
            "{up} of {nodes}, {latency}: {exact}, not {published}"
        );
    }
}

/// Every message of a first term that is split has arrived within so many events, and so has every vote of one
/// that is not.
const EVENTS: u64 = 250;

#[test]
fn votes_are_split_as_often_as_the_thesis_says() {
    for (nodes, up, latency, _) in PUBLISHED {
        let scenario = cluster(nodes, up, latency);
        let split = |verdict: &Verdict| was_split(verdict, latency * MS);
        let splits = runs(&scenario, EVENTS, Keep::Nothing).filter(split).count() as f64;
        let chance = chance_of_a_split(nodes, up, latency as f64 / 1_000.0);
        let found = splits / ELECTIONS as f64;
        let error = (chance * (1.0 - chance) / ELECTIONS as f64).sqrt();
        assert!(
            (found - chance).abs() <= 3.0 * error,
            "{up} of {nodes}, latency {latency}: {found}, not {chance} within three times {error}"
        );
    }
}

/// The shortest of `up` timeouts lies 1 / (up + 1) of the range above the shortest possible one, with the
/// variance of the least of so many uniform draws.
#[test]
fn the_first_timeout_comes_as_soon_as_the_thesis_says() {
    for (nodes, up) in [(5, 2), (5, 3), (5, 4), (5, 5), (9, 8)] {
        let scenario = cluster(nodes, up, 100);
        let soonest = |verdict: Verdict| {
            let stands = |what| what == What::Became(Role::Candidate);
            let first = verdict.trace.iter().find(|record| stands(record.what)).expect("somebody times out");
            (first.time - SHORTEST) as f64 / RANGE as f64
        };
        let mean = runs(&scenario, 20, Keep::All).map(soonest).sum::<f64>() / ELECTIONS as f64;
        let s = up as f64;
        let expected = 1.0 / (s + 1.0);
        let error = (s / ((s + 1.0).powi(2) * (s + 2.0)) / ELECTIONS as f64).sqrt();
        assert!(
            (mean - expected).abs() <= 3.0 * error,
            "{up} of {nodes}: {mean}, not {expected} within three times {error}"
        );
    }
}
