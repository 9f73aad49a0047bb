//! Campaigns over a system that does what its seed says, so that every kind of result can be had at will.

mod obedient;

use obedient::{OBEDIENT, SCENARIO, values};
use std::sync::atomic::{AtomicBool, Ordering};
use whitewater_campaign::leg::{Leg, Overrides};
use whitewater_campaign::run::{How, News, run};
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::summary::{PerRun, Standing, Summary};
use whitewater_check::markers::Marker;
use whitewater_check::property::Property;
use whitewater_sim::family::Family;
use whitewater_sim::measure::Measure;
use whitewater_sim::plan::{Bound, Expect, Plan};
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::Scenario;
use whitewater_sim::verdict::Measured;

fn campaign(ranges: &[&str], threads: usize, twice: bool) -> Vec<Summary> {
    let scenario = Scenario::parse("made-up.json", SCENARIO).expect("it is a scenario");
    let overrides = Overrides::default();
    let leg = |range: &&str| Leg {
        scenario: &scenario,
        seeds: range.parse().expect("it is a range"),
        overrides: &overrides,
        runner: OBEDIENT,
    };
    let legs: Vec<Leg<'_>> = ranges.iter().map(leg).collect();
    let how = How { settings: Settings::default(), twice, threads };
    run(&legs, &how, &AtomicBool::new(false), &mut |_| {})
}

#[test]
fn a_summary_counts_and_keeps_the_lowest_of_each_kind() {
    let [summary] = &campaign(&["1..30"], 1, false)[..] else { panic!("one leg, one summary") };
    assert_eq!((summary.totals.runs, summary.held, summary.violated, summary.unmet), (30, 24, 3, 3));
    assert_eq!((summary.totals.steps, summary.totals.commits, summary.nodes), (90, 60, (3, 5)));
    assert_eq!(summary.totals.markers.count(Marker::Crashes), 30);
    assert_eq!(summary.violation.as_ref().map(|verdict| verdict.seed), Some(3));
    assert_eq!(summary.missed.as_ref().map(|verdict| verdict.seed), Some(7));
    let found = |property| summary.found.get(&property).map(|found| (found.runs, found.seed));
    assert_eq!(found(Property::LogMatching), Some((3, 3)));
    assert_eq!(found(Property::Monotonicity), Some((3, 3)));
    assert_eq!(found(Property::Audit), None);
    let (_, sometimes) = summary.expectations.first_key_value().unwrap();
    assert_eq!((sometimes.met, sometimes.first_met, sometimes.unmet), (3, Some(5), 27));
    assert_eq!(summary.standing(), Standing::Violated);
}

#[test]
fn failures_have_their_whole_trace_and_the_rest_has_none() {
    let summary = &campaign(&["1..30"], 2, false)[0];
    assert_eq!(summary.violation.as_ref().map(|verdict| verdict.trace.len()), Some(1));
    assert_eq!(summary.missed.as_ref().map(|verdict| verdict.trace.len()), Some(1));
    let held = &campaign(&["1..1"], 1, false)[0];
    assert_eq!(held.only.as_ref().map(|verdict| verdict.trace.len()), Some(0));
}

#[test]
fn the_product_does_not_depend_on_threads() {
    let ranges = ["1..19", "21..40", "0..0", "18446744073709551600..18446744073709551615", "100..150"];
    let one = format!("{:?}", campaign(&ranges, 1, true));
    for threads in [2, 3, 8] {
        assert_eq!(format!("{:?}", campaign(&ranges, threads, true)), one);
    }
}

#[test]
fn sometimes_is_judged_over_all_seeds_but_not_over_one() {
    let standing = |range| campaign(&[range], 2, false)[0].standing();
    assert_eq!(standing("4..6"), Standing::Held);
    assert_eq!(standing("8..9"), Standing::Unmet);
    assert_eq!(standing("8..8"), Standing::Held);
    let never = &campaign(&["8..9"], 1, false)[0];
    assert_eq!(never.never_met().collect::<Vec<_>>(), ["sometimes five"]);
}

#[test]
fn faults_and_ends_and_values_are_added_up() {
    let summary = &campaign(&["1..30"], 2, false)[0];
    let faults: Vec<_> = summary.totals.faults_by_kind().collect();
    assert_eq!(faults, [(Family::Crash, 30), (Family::Ring, 30)]);
    assert_eq!((summary.totals.stalled, summary.totals.impossible), (4, 3));
    assert_eq!(summary.measures[&Measure::ElectionTime], values((1..=30).chain([1_000; 30])));
    assert_eq!(summary.measures.len(), 1);
    assert_eq!(summary.per_run, PerRun { steps: values([3; 30]), commits: values([2; 30]) });
}

/// How a scenario stands whose median of so many values of seeds 1 to 3 has this bound.
fn bounded(free: bool, bound: Bound, seeds: &[u64]) -> (Standing, Vec<(usize, bool)>) {
    let scenario = Scenario::parse("made-up.json", SCENARIO).expect("it is a scenario");
    let mut plan = Plan { free, ..scenario.plan(1) };
    plan.expect = vec![
        Expect::LeaderWithin(5),
        Expect::Measured { measure: Measure::ElectionTime, percent: 50, bound },
    ];
    let mut summary = Summary::of_plan(SeedRange::new(1, 3).expect("there are such seeds"), &plan);
    for &seed in seeds {
        let overrides = Overrides::default();
        let leg =
            Leg { scenario: &scenario, seeds: SeedRange::one(seed), overrides: &overrides, runner: OBEDIENT };
        let mut verdict = (leg.runner)().run(leg.plan(seed), &Settings::default()).expect("it has the bug");
        let own = Measured { held: false, over_seeds: free, ..verdict.expected[0].clone() };
        verdict.expected = vec![Measured { held: true, over_seeds: false, ..own.clone() }, own];
        summary.add(verdict);
    }
    (summary.standing(), summary.bounded().map(|(place, bound)| (place, bound.held)).collect())
}

#[test]
fn bounds_of_a_free_scenario_are_held_against_the_values_of_all_runs() {
    let all = [2, 3, 1];
    assert_eq!(bounded(true, Bound::AtMost(3), &[2, 1]), (Standing::Unfinished, vec![]));
    let (standing, judged) = bounded(true, Bound::AtMost(2), &all);
    assert_eq!(judged, [(1, false)], "the median of 1, 2, 3 and three times 1,000 is 3");
    assert_eq!(standing, Standing::Violated, "seed 3 violates, which is graver");
    assert_eq!(bounded(true, Bound::AtMost(3), &all).1, [(1, true)]);
    assert_eq!(bounded(true, Bound::AtLeast(4), &all).1, [(1, false)]);
    assert_eq!(bounded(false, Bound::AtMost(2), &all).1, [], "a story is judged run by run");
}

#[test]
fn a_bound_that_is_not_kept_is_an_expectation_that_is_not_met() {
    let whole = |bound| bounded(true, bound, &[1, 2, 2]);
    assert_eq!(whole(Bound::AtMost(2)), (Standing::Held, vec![(1, true)]), "no run met it by itself");
    assert_eq!(whole(Bound::AtMost(1)), (Standing::Unmet, vec![(1, false)]));
}

#[test]
fn a_seed_that_differs_from_itself_is_found_with_its_step() {
    let summary = &campaign(&["4..25"], 2, true)[0];
    let difference = summary.difference.unwrap();
    assert_eq!((summary.differing, difference.seed, difference.step), (1, 20, Some(2)));
    assert_eq!(summary.standing(), Standing::Differs);
    assert_eq!(campaign(&["4..25"], 2, false)[0].differing, 0);
}

#[test]
fn a_lone_run_keeps_its_verdict_and_its_own_digest() {
    let summary = &campaign(&["8..8"], 1, false)[0];
    assert_eq!(summary.digest, 56);
    assert_eq!(summary.only.as_ref().map(|verdict| verdict.seed), Some(8));
    assert!(campaign(&["8..9"], 1, false)[0].only.is_none());
}

#[test]
fn a_raised_flag_ends_a_campaign_with_what_there_is() {
    let scenario = Scenario::parse("made-up.json", SCENARIO).unwrap();
    let seeds = SeedRange::new(100, u64::MAX).unwrap();
    let leg = Leg { scenario: &scenario, seeds, overrides: &Overrides::default(), runner: OBEDIENT };
    let abort = AtomicBool::new(false);
    let how = How { settings: Settings::default(), twice: false, threads: 2 };
    let mut last = 0;
    let summaries = run(&[leg], &how, &abort, &mut |news| match news {
        News::Run { done, .. } => {
            last = done;
            abort.store(done >= 10, Ordering::Relaxed);
        }
        News::Leg(..) => panic!("the leg cannot be through"),
    });
    assert!(last >= 10);
    assert_eq!(u128::from(summaries[0].totals.runs), last);
    assert!(!summaries[0].is_complete());
}

#[test]
fn legs_are_told_in_their_order() {
    let scenario = Scenario::parse("made-up.json", SCENARIO).unwrap();
    let overrides = Overrides::default();
    let leg = |count| Leg {
        scenario: &scenario,
        seeds: SeedRange::new(1, count).unwrap(),
        overrides: &overrides,
        runner: OBEDIENT,
    };
    let legs = [leg(50), leg(1), leg(1), leg(9)];
    let how = How { settings: Settings::default(), twice: false, threads: 4 };
    let mut told = Vec::new();
    run(&legs, &how, &AtomicBool::new(false), &mut |news| {
        if let News::Leg(number, summary) = news {
            told.push((number, summary.totals.runs));
        }
    });
    assert_eq!(told, [(0, 50), (1, 1), (2, 1), (3, 9)]);
}

#[test]
fn a_panic_of_the_program_itself_comes_through() {
    let panicked = std::panic::catch_unwind(|| campaign(&["90..200"], 2, false));
    assert!(panicked.is_err(), "seed 99 must panic");
}

#[test]
fn another_system_takes_nothing_of_the_old_one_but_the_bug() {
    let scenario = Scenario::parse("made-up.json", SCENARIO).unwrap();
    let plan = |system: Option<&str>, bug: Option<&str>| {
        let overrides = Overrides { system: system.map(str::to_owned), bug: bug.map(str::to_owned) };
        Leg { scenario: &scenario, seeds: SeedRange::one(1), overrides: &overrides, runner: OBEDIENT }.plan(1)
    };
    let plain = plan(None, None);
    assert_eq!(
        (plain.system.name.as_str(), plain.system.options.len(), plain.drawn.len()),
        ("whitewater", 1, 1)
    );
    assert_eq!(plain.system.bug.as_deref(), Some("a-bug"));
    let other = plan(Some("other"), None);
    assert_eq!((other.system.name.as_str(), other.system.options.len(), other.drawn.len()), ("other", 0, 0));
    assert_eq!(other.system.bug.as_deref(), Some("a-bug"));
    assert_eq!(plan(Some("other"), Some("b-bug")).system.bug.as_deref(), Some("b-bug"));
}

#[test]
fn a_system_says_beforehand_what_it_cannot_run() {
    let scenario = Scenario::parse("made-up.json", SCENARIO).unwrap();
    let refusal = |bug: Option<&str>| {
        let overrides = Overrides { system: None, bug: bug.map(str::to_owned) };
        Leg { scenario: &scenario, seeds: SeedRange::one(1), overrides: &overrides, runner: OBEDIENT }
            .refusal()
    };
    assert_eq!(refusal(Some("unknown")), Some(Unsupported("no such bug".to_owned())));
    assert_eq!(refusal(None), None);
}
