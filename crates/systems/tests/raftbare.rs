//! raftbare 0.2.2 is known to break. The water must find that out, by itself and soon.

use std::fs;
use std::path::Path;
use whitewater_check::property::Property;
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::verdict::Verdict;
use whitewater_systems::raftbare::Raftbare;

fn scenario(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name);
    let text = fs::read_to_string(path).expect("the scenario can be read");
    Scenario::parse(name, &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

fn run(scenario: &Scenario, seed: u64) -> Verdict {
    let mut plan = scenario.plan(seed);
    plan.system.name = "raftbare".into();
    plan.system.options.clear();
    Course::<Raftbare>::new().run(plan, &Settings::default()).expect("it is asked for nothing special")
}

/// The properties that a run may end with when voters compare indexes only (§5.4.1).
fn lost_what_was_committed(verdict: &Verdict) -> bool {
    let property = verdict.violation.as_ref().map(|violation| violation.property);
    matches!(property, Some(Property::LeaderCompleteness | Property::StateMachineSafety))
}

#[test]
fn it_breaks_within_fifty_seeds_and_breaks_again_in_the_same_way() {
    let campaign = scenario("campaign/default.json");
    let (seed, verdict) = (1..=50)
        .map(|seed| (seed, run(&campaign, seed)))
        .find(|(_, verdict)| lost_what_was_committed(verdict))
        .expect("a committed entry is lost in one of fifty runs");
    let again = run(&campaign, seed);
    assert_eq!((again.digest, again.violation), (verdict.digest, verdict.violation), "seed {seed}");
}
