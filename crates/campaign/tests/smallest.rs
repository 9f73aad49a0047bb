//! The smallest story of a planted bug: that it is small, that threads have no say in it, and when there is none.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use whitewater_campaign::leg::{Leg, Overrides};
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::shrink::How;
use whitewater_campaign::smallest::{Smallest, smallest};
use whitewater_campaign::zoo::{Hunting, Quarry, hunt};
use whitewater_check::property::Property;
use whitewater_sim::run::{Course, Runner};
use whitewater_sim::scenario::Scenario;
use whitewater_systems::bugs::find;
use whitewater_systems::whitewater::Whitewater;

/// How many seeds a campaign has here.
const SEEDS: u64 = 20;

fn runner() -> Box<dyn Runner> {
    Box::new(Course::<Whitewater>::new())
}

/// Hunts in two small campaigns and makes the run smaller by which that is told.
fn told(bug: &str, threads: usize, abort: &AtomicBool) -> Option<Smallest> {
    told_of(bug, Quarry::Violation(find(bug).expect("it is planted").properties), threads, abort)
}

fn told_of(bug: &str, quarry: Quarry<'_>, threads: usize, abort: &AtomicBool) -> Option<Smallest> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/campaign/small.json");
    let text = std::fs::read_to_string(file).expect("the campaign is there");
    let scenario = Scenario::parse("small.json", &text).expect("it can be read");
    let overrides = Overrides { system: None, bug: Some(bug.to_owned()) };
    let leg = Leg { scenario: &scenario, seeds: SeedRange::one(1), overrides: &overrides, runner };
    let how = Hunting { campaigns: 2, seeds: SEEDS, threads };
    let bag = hunt(&leg, quarry, &how, &AtomicBool::new(false));
    smallest(&leg, &bag, SEEDS, &How { budget: 1_500_000, threads }, abort)
}

#[test]
fn a_bug_is_told_in_few_steps_whatever_the_number_of_threads() {
    let of = |threads| told("half-is-a-majority-of-copies", threads, &AtomicBool::new(false));
    let told = of(1).expect("it is found soon");
    assert_eq!((told.seed, told.property), (1, Property::LeaderCompleteness));
    assert!(told.to.steps <= 60 && told.to.faults <= 3, "{:?}", told.to);
    assert!(told.from.steps > 3 * told.to.steps, "{told:?}");
    assert_eq!(of(2), Some(told));
}

#[test]
fn a_bug_without_an_outcome_is_told_by_the_rule_that_it_breaks() {
    let told = told("commit-goes-back", 2, &AtomicBool::new(false)).expect("it is found soon");
    assert_eq!(told.property, Property::Monotonicity);
    assert!(told.to.steps < told.from.steps, "{told:?}");
}

#[test]
fn a_story_that_was_cut_short_is_not_told() {
    assert_eq!(told("half-is-a-majority-of-copies", 2, &AtomicBool::new(true)), None);
}

/// Of a campaign that was judged as a whole it is only known that some run stalled: it is the lowest that does.
#[test]
fn a_campaign_that_stalls_is_told_by_the_first_run_that_does() {
    let told =
        told_of("gives-up-on-followers", Quarry::Delay, 2, &AtomicBool::new(false)).expect("runs stall");
    assert_eq!((told.seed, told.property), (8, Property::Progress));
    assert!(told.to.steps <= 60 && told.to.faults <= 2, "{told:?}");
}
