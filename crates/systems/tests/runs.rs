//! Whole runs: every scenario of the repository on every system, the digests that seeds stand for, and the
//! bugs that must be caught.

use std::fs;
use std::path::{Path, PathBuf};
use whitewater_check::markers::{Marker, Markers};
use whitewater_check::property::Property;
use whitewater_sim::plan::{Plan, SystemChoice};
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::{Scenario, Seeds};
use whitewater_sim::trace::Keep;
use whitewater_sim::verdict::{Outcome, Verdict};
use whitewater_systems::SYSTEMS;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

fn load(name: &str) -> Scenario {
    let text = fs::read_to_string(root().join(name)).expect("the scenario can be read");
    Scenario::parse(name, &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

/// Every scenario of the repository, by its path.
fn all() -> Vec<String> {
    let mut names = Vec::new();
    for folder in
        fs::read_dir(root()).expect("there are scenarios").flatten().filter(|entry| entry.path().is_dir())
    {
        for file in fs::read_dir(folder.path()).expect("the folder can be read").flatten() {
            let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
            names.extend(
                name(&folder.path()).zip(name(&file.path())).map(|(folder, file)| format!("{folder}/{file}")),
            );
        }
    }
    names.sort();
    names
}

fn run(plan: Plan, settings: &Settings) -> Verdict {
    let listed = SYSTEMS.iter().find(|listed| listed.name == plan.system.name).expect("the system is listed");
    (listed.runner)().run(plan, settings).expect("the system has what the plan asks for")
}

fn on(system: &str, mut plan: Plan) -> Plan {
    if plan.system.name != system {
        plan.system = SystemChoice { name: system.into(), options: Default::default(), bug: None };
    }
    plan
}

#[test]
fn every_scenario_holds_on_every_system() {
    let names = all();
    assert!(names.len() >= 6, "{names:?}");
    for name in &names {
        let scenario = load(name);
        let own_seed = match scenario.seeds() {
            Seeds::Fixed(seed) | Seeds::Free(Some(seed)) => seed,
            Seeds::Free(None) => 1,
        };
        for system in SYSTEMS {
            let plan = scenario.plan(own_seed);
            let its_own = plan.counts_messages() || plan.expects_snapshots() || plan.system.bug.is_some();
            if its_own && plan.system.name != system.name {
                continue;
            }
            let verdict = run(on(system.name, plan), &Settings::default());
            let bad = (verdict.found().next(), &verdict.expected);
            assert_eq!(verdict.outcome(), Outcome::Held, "{name} on {}: {bad:#?}", system.name);
            assert!(
                verdict.expected.iter().all(|one| one.held || one.over_seeds),
                "{name} on {}: {bad:#?}",
                system.name
            );
        }
    }
}

#[test]
fn both_systems_stay_upright_on_many_seeds_and_none_of_them_is_idle() {
    let scenario = load("campaign/default.json");
    for system in SYSTEMS {
        let mut markers = Markers::default();
        for seed in 1..=60 {
            let verdict = run(on(system.name, scenario.plan(seed)), &Settings::default());
            let bad = (verdict.found().next(), &verdict.expected);
            assert_eq!(verdict.outcome(), Outcome::Held, "seed {seed} on {}: {bad:#?}", system.name);
            markers.merge(&verdict.markers);
        }
        for marker in
            [Marker::LeaderElected, Marker::Commits, Marker::Crashes, Marker::Truncated, Marker::TwoLeaders]
        {
            assert!(markers.count(marker) > 0, "{} on {}", marker.name(), system.name);
        }
    }
}

/// Logs of a few entries, so that snapshots are taken and sent all the time.
#[test]
fn every_system_that_takes_snapshots_stays_upright_when_it_does_little_else() {
    let scenario = load("campaign/snapshots.json");
    for system in SYSTEMS {
        let mut markers = Markers::default();
        for seed in 1..=100 {
            let mut plan = on(system.name, scenario.plan(seed));
            plan.system.options = [("snapshot_every".to_owned(), 1 + seed % 10)].into();
            let verdict = run(plan, &Settings::default());
            let bad = (verdict.found().next(), &verdict.expected);
            assert_eq!(verdict.outcome(), Outcome::Held, "seed {seed} on {}: {bad:#?}", system.name);
            markers.merge(&verdict.markers);
        }
        for marker in [Marker::SnapshotTaken, Marker::SnapshotInstalled] {
            assert!(markers.count(marker) > 100, "{} on {}", marker.name(), system.name);
        }
    }
}

/// What seeds stand for. A change here voids every capsule and every seed that anybody has noted down, so it
/// needs a reason in its commit. Run in debug and release, these are the same.
const GOLDEN: [(&str, &str, u64, u64); 7] = [
    ("partition/split-brain.json", "whitewater", 42, 0x6060_8ee8_b3ea_46b4),
    ("partition/split-brain.json", "noraft", 42, 0x7577_28f5_4110_fa7a),
    ("campaign/default.json", "whitewater", 0, 0x2344_43e4_9d62_97b6),
    ("campaign/default.json", "whitewater", u64::MAX, 0x976b_c74c_e180_4b88),
    ("campaign/default.json", "noraft", 7, 0x9550_7761_6392_e60d),
    ("campaign/snapshots.json", "whitewater", 3, 0xe5a5_63e6_7aec_1eb8),
    ("power/total-loss.json", "whitewater", 5, 0x2cc8_aa02_cff3_4b8d),
];

#[test]
fn a_seed_means_the_same_for_ever() {
    let digest =
        |(file, system, seed, _)| run(on(system, load(file).plan(seed)), &Settings::default()).digest;
    let digests: Vec<String> = GOLDEN.iter().map(|&golden| format!("0x{:016x}", digest(golden))).collect();
    let golden: Vec<String> = GOLDEN.iter().map(|golden| format!("0x{:016x}", golden.3)).collect();
    assert_eq!(digests, golden);
}

#[test]
fn the_digest_does_not_depend_on_who_watches() {
    let plan = || load("campaign/default.json").plan(7);
    let watched = run(plan(), &Settings { keep: Keep::All, ladder: true, ..Settings::default() });
    let alone = run(plan(), &Settings { checks: false, keep: Keep::Nothing, ..Settings::default() });
    assert_eq!((watched.digest, watched.steps), (alone.digest, alone.steps));
    assert!(
        watched.ladder.len() as u32 <= watched.steps
            && watched.trace.len() > 10_000
            && alone.trace.is_empty()
    );
    assert_ne!(watched.digest, run(load("campaign/default.json").plan(8), &Settings::default()).digest);
}

#[test]
fn a_world_used_again_runs_as_a_new_one_does() {
    let scenario = load("campaign/default.json");
    let mut used = (SYSTEMS[0].runner)();
    for seed in [3, 9, 4, 3] {
        let again =
            used.run(scenario.plan(seed), &Settings::default()).expect("the system has what is asked for");
        assert_eq!(again.digest, run(scenario.plan(seed), &Settings::default()).digest, "seed {seed}");
    }
}

/// What users suffer from must show where users see it, within 200 seeds of the small campaign.
#[test]
fn dishonest_drivers_are_caught_by_what_they_do_to_clients() {
    let scenario = load("campaign/small.json");
    for (bug, property) in [
        ("forgets-log", Property::AcknowledgedMeansKept),
        ("forgets-vote", Property::OneVoteATerm),
        ("accepts-torn-record", Property::LogMatching),
        ("applies-retry-twice", Property::ExactlyOnce),
        ("reads-locally", Property::Linearizability),
        ("ignores-write-errors", Property::PersistBeforeSend),
    ] {
        let catches = |seed| {
            let mut plan = scenario.plan(seed);
            plan.system.bug = Some(bug.into());
            run(plan, &Settings::default()).found().any(|finding| finding.property == property)
        };
        assert!((1..=200).any(catches), "{bug} is not caught by {property}");
    }
}

#[test]
fn a_bug_that_ends_a_run_leaves_two_facts_that_contradict_each_other() {
    let mut plan = load("campaign/default.json").plan(1);
    plan.system.bug = Some("truncates-matching".into());
    let verdict = run(plan, &Settings::default());
    let violation = verdict.violation.expect("entries are lost");
    assert!(violation.property != Property::Panicked && violation.facts.len() == 2, "{violation:?}");
    assert!(violation.facts[0].at.step < violation.facts[1].at.step, "{violation:?}");
}

#[test]
fn what_a_system_lacks_is_refused_by_name() {
    let plan = |system: &str, option: Option<&str>, bug: Option<&str>| {
        let mut plan = on(system, load("election/first-leader.json").plan(1));
        plan.system.options = option.map(|name| (name.to_owned(), 1)).into_iter().collect();
        plan.system.bug = bug.map(str::to_owned);
        let listed = SYSTEMS.iter().find(|listed| listed.name == system).expect("listed");
        (listed.runner)().run(plan, &Settings::default()).expect_err("it has no such thing").0
    };
    assert!(plan("noraft", None, Some("forgets-vote")).contains("no bug `forgets-vote`"));
    assert!(plan("noraft", Some("entries_per_append"), None).contains("no option `entries_per_append`"));
    assert!(plan("whitewater", None, Some("forgets-all")).contains("no bug `forgets-all`"));
    assert!(plan("whitewater", Some("speed"), None).contains("no option `speed`"));
}
