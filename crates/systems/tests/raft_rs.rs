//! raft-rs on the water: the same scenarios as for every other system, and the randomness in it under
//! control.

use std::fs;
use std::path::{Path, PathBuf};
use whitewater_check::finding::Finding;
use whitewater_check::markers::{Marker, Markers};
use whitewater_check::property::Property;
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::{Act, ClockPlan, Plan, SystemChoice};
use whitewater_sim::replica::{Boot, System, Unsupported};
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::{Scenario, Seeds};
use whitewater_sim::verdict::{Outcome, Settling, Verdict};
use whitewater_systems::raft_rs::{RaftRs, Server};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

fn load(name: &str) -> Scenario {
    let text = fs::read_to_string(root().join(name)).expect("the scenario can be read");
    Scenario::parse(name, &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

/// Every scenario of the repository, by its path.
fn all() -> Vec<String> {
    let folders = fs::read_dir(root()).expect("there are scenarios").flatten();
    let files = folders.filter_map(|folder| fs::read_dir(folder.path()).ok()).flatten().flatten();
    let name = |file: fs::DirEntry| {
        let path = file.path();
        let short = path.strip_prefix(root()).expect("it is below the root");
        short.to_string_lossy().into_owned()
    };
    let mut names: Vec<String> = files.map(name).collect();
    names.sort();
    names
}

fn plan(scenario: &Scenario, seed: u64, options: &[(&str, u64)]) -> Plan {
    let options = options.iter().map(|&(name, value)| (name.to_owned(), value)).collect();
    let system = SystemChoice { name: "raft-rs".into(), options, bug: None };
    Plan { system, ..scenario.plan(seed) }
}

/// A run of which everything is observed but what a leader believes of its peers.
const SILENT: &[(&str, u64)] = &[("progress", 0)];

fn run<S: System>(plan: Plan) -> Verdict {
    Course::<S>::new().run(plan, &Settings::default()).expect("it is asked for nothing special")
}

fn assert_holds(verdict: &Verdict) {
    let bad = (verdict.found().next(), &verdict.expected);
    assert_eq!(verdict.outcome(), Outcome::Held, "{} seed {}: {bad:#?}", verdict.scenario, verdict.seed);
}

/// Whether a finding is the one that is known of raft 0.7.
fn is_known(finding: &Finding) -> bool {
    let about = |word| finding.facts.iter().any(|fact| fact.text.contains(word));
    finding.property == Property::Monotonicity && about("nextIndex") && about("matchIndex")
}

/// A story that counts messages is about the messages of the node that it names, and one with a bug is about
/// that node's bug. What becomes of it in the liveness campaign is told below.
#[test]
fn every_scenario_holds_that_does_not_count_messages() {
    let names = all();
    assert!(names.len() >= 15, "{names:?}");
    for name in names {
        let scenario = load(&name);
        let seed = match scenario.seeds() {
            Seeds::Fixed(seed) | Seeds::Free(Some(seed)) => seed,
            Seeds::Free(None) => 1,
        };
        let own = scenario.plan(seed);
        let its_own = own.counts_messages() || own.expects_snapshots() || own.system.bug.is_some();
        if !its_own && own.name != "liveness" {
            assert_holds(&run::<RaftRs>(plan(&scenario, seed, SILENT)));
        }
    }
}

/// raft 0.7 does not answer requests of earlier terms (unless it checks its quorum, which is no part of the paper).
/// n3 is deaf for half a second and comes back with a higher term; its own requests for votes are lost. So its
/// leader never learns of that term, and n3 is left behind for ever.
#[test]
fn a_server_of_a_higher_term_that_is_not_heard_is_left_behind() {
    let scenario = load("campaign/liveness.json");
    let deaf = plan(&scenario, 1, SILENT);
    let mut heard = deaf.clone();
    heard.timeline.retain(|act| !matches!(act.act, Act::Intercept(pick, _) if pick.kind.is_some()));
    assert_eq!(heard.timeline.len() + 1, deaf.timeline.len());
    let verdict = run::<RaftRs>(deaf);
    assert_eq!((verdict.settling, verdict.found().next()), (Settling::Stalled, None));
    let behind = |measured: &str| measured.contains("these nodes do not catch up: n3,");
    assert!(verdict.expected.iter().any(|expected| behind(&expected.measured)), "{:?}", verdict.expected);
    assert_eq!(run::<RaftRs>(heard).settling, Settling::Settled);
}

/// raft 0.7 sets its election timer anew whenever it learns of a higher term, also from a candidate that it
/// refuses its vote (raft-rs#14). Two are left; the clock of the one with the shorter log is half as fast again
/// as the other's. Again and again it asks first, is refused, and keeps the other one from ever asking.
#[test]
fn a_fast_clock_with_a_short_log_may_keep_it_from_electing_anybody() {
    let scenario = load("campaign/small.json");
    let drifting = plan(&scenario, 1874, SILENT);
    let alike = Plan { clock: ClockPlan::default(), ..drifting.clone() };
    let verdict = run::<RaftRs>(drifting);
    assert_eq!((verdict.settling, verdict.found().next()), (Settling::Stalled, None));
    assert_holds(&run::<RaftRs>(alike));
}

/// With clocks that go alike; see above for what happens to it when they do not.
#[test]
fn two_hundred_seeds_hold_and_are_not_idle() {
    let scenario = load("campaign/small.json");
    let mut markers = Markers::default();
    for seed in 1..=200 {
        let verdict = run::<RaftRs>(Plan { clock: ClockPlan::default(), ..plan(&scenario, seed, SILENT) });
        assert_holds(&verdict);
        markers.merge(&verdict.markers);
    }
    for marker in [Marker::LeaderElected, Marker::Commits, Marker::Crashes, Marker::Truncated] {
        assert!(markers.count(marker) > 0, "{}", marker.name());
    }
}

/// Logs of a few entries, so that snapshots are taken and sent all the time.
#[test]
fn two_hundred_seeds_with_snapshots_hold() {
    let scenario = load("campaign/snapshots.json");
    let mut markers = Markers::default();
    for seed in 1..=200 {
        let options = [("progress", 0), ("snapshot_every", 1 + seed % 10)];
        let verdict = run::<RaftRs>(Plan { clock: ClockPlan::default(), ..plan(&scenario, seed, &options) });
        assert_holds(&verdict);
        markers.merge(&verdict.markers);
    }
    for marker in [Marker::SnapshotTaken, Marker::SnapshotInstalled] {
        assert!(markers.count(marker) > 100, "{}: {}", marker.name(), markers.count(marker));
    }
}

#[test]
fn a_next_index_that_sinks_is_found_and_nothing_else_is() {
    let scenario = load("campaign/small.json");
    let (mut sunk, mut unobserved) = (0, Property::ALL.to_vec());
    for seed in 1..=100 {
        let verdict = run::<RaftRs>(plan(&scenario, seed, &[]));
        unobserved.retain(|property| verdict.not_observed.contains(property));
        let unknown = verdict.found().find(|finding| !is_known(finding));
        assert_eq!(unknown, None, "seed {seed}");
        sunk += verdict.found().count();
    }
    assert_eq!(unobserved, [], "not observed in any of 100 runs");
    assert!(sunk > 10, "found in {sunk} of 100 runs only");
}

/// The same in the crate by itself, with no world around it. The follower has refused what follows the fifth
/// entry before the fifth had come; its refusal arrives last.
#[test]
fn the_crate_lets_next_index_sink_to_match_index() {
    let mut progress = raft::Progress::new(6, 256);
    assert!(progress.maybe_update(5), "the follower holds five entries");
    assert_eq!((progress.matched, progress.next_idx), (5, 6));
    assert!(progress.maybe_decr_to(5, 4, raft::INVALID_INDEX), "an old refusal is taken for a new one");
    assert_eq!((progress.matched, progress.next_idx), (5, 5));
}

#[test]
fn a_seed_gives_the_same_run_again() {
    let scenario = load("campaign/small.json");
    for seed in 1..=20 {
        let digests = [(); 2].map(|()| run::<RaftRs>(plan(&scenario, seed, &[])).digest);
        assert_eq!(digests[0], digests[1], "seed {seed}");
    }
}

#[test]
fn what_it_lacks_is_refused_by_name() {
    let scenario = load("campaign/small.json");
    let refusal =
        |plan| Course::<RaftRs>::new().run(plan, &Settings::default()).expect_err("it is lacking").0;
    assert!(refusal(plan(&scenario, 1, &[("speed", 1)])).contains("no option `speed`"));
    assert!(refusal(plan(&scenario, 1, &[("progress", 2)])).contains("must be 0 or 1"));
    let mut bugged = plan(&scenario, 1, &[]);
    bugged.system.bug = Some("forgets-vote".into());
    assert!(refusal(bugged).contains("no bug `forgets-vote`"));
}

/// The crate as it comes.
struct Untamed(RaftRs);

impl System for Untamed {
    type Replica = Server;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        Ok(Self(RaftRs::configure(choice)?.with_own_timeouts()))
    }

    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Server>) -> Server {
        self.0.start(boot, effects)
    }
}

#[test]
fn with_the_randomness_of_the_thread_no_two_runs_are_the_same() {
    let scenario = load("campaign/small.json");
    let differ = (1..=20).filter(|&seed| {
        let digests = [(); 2].map(|()| run::<Untamed>(plan(&scenario, seed, &[])).digest);
        digests[0] != digests[1]
    });
    assert!(differ.count() > 10, "its timeouts are not drawn by the thread any more");
}
