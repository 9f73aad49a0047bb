//! Shrinking: planted bugs become short stories that need no luck, and nothing in them is idle.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use whitewater_campaign::capsule::small_capsule;
use whitewater_campaign::shrink::{Case, How, Shrunk, needs, shrink};
use whitewater_campaign::why::{Line, told};
use whitewater_check::property::Property;
use whitewater_sim::plan::{Act, Plan};
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::scenario::found::ShrunkFrom;
use whitewater_sim::verdict::Verdict;
use whitewater_systems::whitewater::Whitewater;

/// Bugs whose first violation in the small campaign comes soon, and an outcome of each.
const BUGS: [(&str, Property); 4] = [
    ("half-is-a-majority-of-copies", Property::LeaderCompleteness),
    ("restamps-entries", Property::LogMatching),
    ("commits-past-new-entries", Property::StateMachineSafety),
    ("reads-locally", Property::Linearizability),
];

/// Enough for a start.
const BUDGET: u64 = 1_500_000;

fn runner() -> Box<dyn Runner> {
    Box::new(Course::<Whitewater>::new())
}

fn run(plan: Plan) -> Verdict {
    runner().run(plan, &Settings::default()).expect("the system knows its bugs")
}

fn violates(plan: &Plan, property: Property) -> bool {
    run(plan.clone()).found_of(property).is_some()
}

/// The first run of the small campaign with this bug that violates the property.
fn failing(bug: &str, property: Property) -> Plan {
    failing_from(1, bug, property)
}

/// The same from a seed on.
fn failing_from(first: u64, bug: &str, property: Property) -> Plan {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/campaign/small.json");
    let text = std::fs::read_to_string(file).expect("the campaign is there");
    let scenario = Scenario::parse("small.json", &text).expect("it can be read");
    let plan = |seed| {
        let mut plan = scenario.plan(seed);
        plan.system.bug = Some(bug.to_owned());
        plan
    };
    (first..first + 100).map(plan).find(|plan| violates(plan, property)).expect("the bug shows soon")
}

fn shrunk(plan: Plan, property: Property, threads: usize) -> Shrunk {
    let case = Case { plan, property, runner };
    let how = How { budget: BUDGET, threads };
    shrink(&case, &how, &AtomicBool::new(false), &mut |_| ()).expect("the run fails")
}

#[test]
fn what_is_left_is_short_and_every_fault_in_it_is_needed() {
    for (bug, property) in BUGS {
        let shrunk = shrunk(failing(bug, property), property, 2);
        assert!(violates(&shrunk.plan, property), "{bug}");
        assert!(shrunk.to.steps <= 60 && shrunk.to.faults <= 3, "{bug}: {:?}", shrunk.to);
        assert!(shrunk.plan.chaos.is_empty() && shrunk.plan.clients.is_empty(), "{bug}");
        let is_fault = |act: &Act| act.does_harm() && !matches!(act, Act::Timeout(_));
        let faults = (0..shrunk.plan.timeline.len()).filter(|&n| is_fault(&shrunk.plan.timeline[n].act));
        assert_eq!(shrunk.needs, faults.collect::<Vec<_>>(), "{bug}");
        for &place in &shrunk.needs {
            let mut without = shrunk.plan.clone();
            without.timeline.remove(place);
            assert!(!violates(&without, property), "{bug} does not need act {}", place + 1);
        }
    }
}

/// Runs of which much is left when they are taken apart for the first time.
#[test]
fn a_story_that_stays_long_is_taken_apart_again() {
    let (bug, property) = ("heartbeats-skip-the-check", Property::StateMachineSafety);
    for seed in [48, 123] {
        let shrunk = shrunk(failing_from(seed, bug, property), property, 2);
        let small = shrunk.to.steps <= 60 && shrunk.to.faults <= 1;
        assert!(small && shrunk.from.steps > 200, "seed {seed}: {:?} {:?}", shrunk.from, shrunk.to);
        assert_eq!(shrunk.needs.len(), shrunk.to.faults, "seed {seed}");
    }
}

/// This run does not fail any more when what was drawn in it is written out, so that there is nothing to take apart.
#[test]
fn a_run_that_cannot_be_written_out_becomes_smaller_as_well() {
    let property = Property::Monotonicity;
    let case = Case { plan: failing_from(53, "next-index-sinks", property), property, runner };
    let how = How { budget: 4 * BUDGET, threads: 2 };
    let Shrunk { from, to, .. } =
        shrink(&case, &how, &AtomicBool::new(false), &mut |_| ()).expect("the run fails");
    assert!(to.steps <= 60 && to.faults <= 6, "{from:?} {to:?}");
}

/// Whether what was acknowledged is kept is looked at in a crash and at the end, and what happened in the step before has
/// nothing to do with it.
#[test]
fn what_the_end_of_a_run_shows_is_shown_soon() {
    let property = Property::AcknowledgedMeansKept;
    for (first, bug) in [(1, "truncates-matching"), (148, "ignores-write-errors")] {
        let shrunk = shrunk(failing_from(first, bug, property), property, 2);
        let small = shrunk.to.steps <= 20 && shrunk.to.faults <= 1;
        assert!(small && shrunk.from.steps > 300, "{bug}: {:?} {:?}", shrunk.from, shrunk.to);
    }
}

#[test]
fn figure_8_is_found_and_told() {
    let property = Property::LeaderCompleteness;
    let plan = failing_from(360, "commits-older-term", property);
    let Shrunk { plan, needs: proven, .. } = shrunk(plan, property, 2);
    let case = Case { plan: plan.clone(), property, runner };
    assert_eq!(needs(&case), proven, "what was proven can be proven again");
    let (verdict, story) = told(runner().as_mut(), plan, &Settings::default()).expect("it runs");
    let text: Vec<&str> = story.lines.iter().map(|line| line.text.as_str()).collect();
    let commits = story.lines.iter().find(|line| line.broken).expect("a rule is broken");
    assert!(commits.section == "§5.4.2" && commits.text.contains("of an earlier term"), "{text:#?}");
    let later = |line: &&Line| line.at.step > commits.at.step && line.text.contains("is elected leader");
    let other = story.lines.iter().find(later).unwrap_or_else(|| panic!("nobody else leads: {text:#?}"));
    assert_ne!(other.at.node, commits.at.node, "{text:#?}");
    let finding = verdict.found().find(|finding| finding.property == property).expect("it is violated");
    let shows = story.lines.last().is_some_and(|line| line.at.step == finding.at.step);
    assert!(shows && finding.facts.len() == 2, "the story ends where it shows: {finding:?} {text:#?}");
}

#[test]
fn threads_have_no_say_in_it() {
    let (bug, property) = BUGS[2];
    let plan = failing(bug, property);
    let all = [1, 4].map(|threads| shrunk(plan.clone(), property, threads));
    assert_eq!(all[0].plan, all[1].plan);
    assert_eq!((all[0].spent, &all[0].needs), (all[1].spent, &all[1].needs));
}

#[test]
fn its_capsule_is_a_scenario_like_any_other() {
    let (bug, property) = BUGS[1];
    let plan = failing(bug, property);
    let seed = plan.seed;
    let shrunk = shrunk(plan, property, 2);
    let from = ShrunkFrom { scenario: "small".to_owned(), seed, steps: 9, faults: 2, nodes: 3 };
    let text = small_capsule(&shrunk.plan, property, runner, &from, Some("../x/scenario.schema.json"));
    let text = text.expect("it violates the property");
    let scenario =
        Scenario::parse("small.json", &text).unwrap_or_else(|wrong| panic!("{}\n{text}", wrong[0]));
    assert_eq!(scenario.plan(shrunk.plan.seed), Plan { drawn: Vec::new(), ..shrunk.plan.clone() }, "{text}");
    let found = scenario.found().expect("it is a capsule");
    let verdict = run(scenario.plan(shrunk.plan.seed));
    assert_eq!((found.property, found.digest), (property, verdict.digest));
    assert_eq!((found.step, found.shrunk_from.as_ref()), (u64::from(shrunk.to.steps), Some(&from)));
}

#[test]
fn a_run_that_does_not_fail_cannot_become_smaller() {
    let (bug, property) = BUGS[0];
    let mut plan = failing(bug, property);
    plan.system.bug = None;
    let case = Case { plan, property, runner };
    assert!(
        shrink(&case, &How { budget: BUDGET, threads: 1 }, &AtomicBool::new(false), &mut |_| ()).is_none()
    );
}

/// Bugs that keep a cluster from getting on, and the most steps and faults that are left of a run that stalls.
const STALLS: [(&str, u32, usize); 3] =
    [("candidate-waits-for-ever", 60, 2), ("gives-up-on-followers", 60, 2), ("next-index-stuck", 60, 2)];

/// A cluster that does not settle is left with what keeps it from it, and with timeouts with which any other settles.
#[test]
fn what_stalls_is_made_smaller_with_its_timeouts_as_they_are() {
    for (bug, steps, faults) in STALLS {
        let plan = failing(bug, Property::Progress);
        let shrunk = shrunk(plan.clone(), Property::Progress, 2);
        assert!(shrunk.to.steps <= steps && shrunk.to.faults <= faults, "{bug}: {:?}", shrunk.to);
        assert!(violates(&shrunk.plan, Property::Progress), "{bug}");
        assert_eq!((shrunk.plan.timing, shrunk.plan.settles), (plan.timing, true), "{bug}");
        assert!(shrunk.plan.chaos.is_empty(), "{bug}");
        let mut mended = shrunk.plan.clone();
        mended.system.bug = None;
        let verdict = run(mended);
        assert_eq!(verdict.stalled, None, "{bug}: it stalls without the bug, too");
    }
}

#[test]
fn a_shrunk_stall_is_the_same_for_any_number_of_threads() {
    let plan = failing("votes-once-and-for-all", Property::Progress);
    let [one, two] = [1, 2].map(|threads| shrunk(plan.clone(), Property::Progress, threads));
    assert_eq!((one.plan, one.to, one.spent), (two.plan, two.to, two.spent));
}
