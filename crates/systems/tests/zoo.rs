//! Every planted bug is caught by what is named for it, on a seed that is known to catch it; and the correct node
//! is not, on the same seeds.
//!
//! How many seeds that takes in a campaign is for `whitewater zoo` to say. Here each bug gets one run.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use whitewater_check::property::Property;
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::{Scenario, Seeds};
use whitewater_sim::trace::Keep;
use whitewater_sim::verdict::{Settling, Verdict};
use whitewater_systems::bugs::{BUGS, Bug, Hunt, find};
use whitewater_systems::whitewater::Whitewater;

/// What shows a bug.
#[derive(Clone, Copy, Debug)]
enum Sign {
    /// The outcome that it leads to.
    Outcome(Property),
    /// The rule that it breaks on the way there.
    Early(Property),
    /// A run that stalls although progress was possible.
    Stall,
    /// An expectation that is not met, by how its wording begins.
    Delay(&'static str),
}

use Property::{
    AcknowledgedMeansKept, CommitDurability, CommittedByTheRule, ElectedByAQuorum, ElectionSafety,
    ExactlyOnce, LeaderAppendOnly, LeaderCompleteness, Linearizability, LogMatching, LogOrder, Monotonicity,
    OneVoteATerm, PersistBeforeSend, StateMachineSafety, TermsGoUp,
};
use Sign::{Delay, Early, Outcome, Stall};

/// For each bug a seed of the campaign that hunts for it, and what shows there.
const PINS: &[(&str, u64, &[Sign])] = &[
    ("accepts-torn-record", 10, &[Outcome(LogMatching)]),
    ("acknowledges-log-end", 34, &[Outcome(LeaderCompleteness), Early(CommitDurability)]),
    ("acknowledges-snapshot-before-sync", 1, &[Early(PersistBeforeSend)]),
    ("answers-before-commit", 1, &[Outcome(Linearizability), Early(LogOrder)]),
    ("appends-blindly", 2, &[Outcome(LogMatching)]),
    ("applies-log-at-start", 1, &[Outcome(StateMachineSafety)]),
    ("applies-retry-twice", 2, &[Outcome(ExactlyOnce)]),
    ("candidate-ignores-leader", 1, &[Stall]),
    ("candidate-waits-for-ever", 41, &[Stall]),
    ("clears-vote-on-step-down", 51, &[Outcome(ElectionSafety), Early(OneVoteATerm)]),
    ("commit-goes-back", 1, &[Early(Monotonicity)]),
    ("commits-older-term", 77, &[Outcome(LeaderCompleteness), Early(CommittedByTheRule)]),
    ("commits-past-new-entries", 23, &[Outcome(StateMachineSafety), Early(CommitDurability)]),
    ("compacts-before-snapshot", 1, &[Outcome(StateMachineSafety)]),
    ("counts-duplicate-votes", 265, &[Outcome(ElectionSafety), Early(ElectedByAQuorum)]),
    ("counts-refusals", 1, &[Outcome(ElectionSafety), Early(ElectedByAQuorum)]),
    ("counts-stale-votes", 66, &[Outcome(ElectionSafety), Early(ElectedByAQuorum)]),
    ("counts-unsynced-self", 35, &[Outcome(AcknowledgedMeansKept), Early(CommitDurability)]),
    ("forgets-log", 36, &[Outcome(AcknowledgedMeansKept), Early(PersistBeforeSend), Early(CommitDurability)]),
    ("forgets-sessions-with-the-leader", 2, &[Outcome(ExactlyOnce)]),
    ("forgets-snapshot-term", 19, &[Outcome(LeaderCompleteness)]),
    ("forgets-vote", 152, &[Outcome(ElectionSafety), Early(PersistBeforeSend), Early(OneVoteATerm)]),
    ("gives-up-on-followers", 1, &[Stall]),
    ("half-is-a-majority-of-copies", 1, &[Outcome(LeaderCompleteness), Early(CommitDurability)]),
    ("half-is-a-majority-of-votes", 1, &[Outcome(ElectionSafety)]),
    ("heartbeats-skip-the-check", 2, &[Outcome(StateMachineSafety), Early(CommitDurability)]),
    ("heartbeats-too-slow", 1, &[Stall]),
    ("heartbeats-truncate", 13, &[Outcome(LeaderCompleteness), Early(CommitDurability)]),
    ("heeds-old-leaders", 29, &[Outcome(LeaderCompleteness), Early(CommitDurability)]),
    ("ignores-higher-term-reply", 1, &[Stall]),
    (
        "ignores-write-errors",
        148,
        &[Outcome(AcknowledgedMeansKept), Early(PersistBeforeSend), Early(CommitDurability)],
    ),
    ("install-drops-tail", 193, &[Outcome(AcknowledgedMeansKept), Early(CommitDurability)]),
    ("install-keeps-conflicting-tail", 16, &[Outcome(LogMatching)]),
    (
        "installs-old-snapshot",
        89,
        &[Outcome(AcknowledgedMeansKept), Early(Monotonicity), Early(CommitDurability)],
    ),
    ("keeps-conflicting-entries", 2, &[Outcome(StateMachineSafety), Early(CommitDurability)]),
    ("keeps-conflicting-tail", 3, &[Outcome(LogMatching)]),
    ("leader-backs-up-its-own-log", 1, &[Outcome(LeaderAppendOnly)]),
    ("leads-on-in-its-term", 1, &[Stall]),
    ("match-from-log-end", 8, &[Outcome(LeaderCompleteness), Early(CommitDurability)]),
    ("misplaces-covered-entries", 1, &[Outcome(LogMatching)]),
    ("never-stores-vote", 51, &[Outcome(ElectionSafety), Early(PersistBeforeSend), Early(OneVoteATerm)]),
    ("next-index-sinks", 5, &[Early(Monotonicity)]),
    ("next-index-stuck", 1, &[Stall]),
    ("reads-from-followers", 8, &[Outcome(Linearizability), Early(LogOrder)]),
    ("reads-locally", 17, &[Outcome(Linearizability), Early(LogOrder)]),
    ("redirects-to-itself", 1, &[Delay("commit latency")]),
    ("refuses-shorter-newer-log", 5, &[Stall]),
    ("resets-timer-on-any-rpc", 4, &[Delay("failover time p90")]),
    ("restamps-entries", 65, &[Outcome(LogMatching), Early(CommitDurability)]),
    ("restores-nothing-at-start", 1, &[Outcome(StateMachineSafety)]),
    ("resurrects-truncated", 9, &[Outcome(LogMatching)]),
    ("same-timeout-for-all", 1, &[Delay("election time p50")]),
    ("sends-newer-state", 5, &[Outcome(StateMachineSafety)]),
    ("skips-previous-check", 1, &[Outcome(LogMatching)]),
    ("skips-replay", 1, &[Outcome(StateMachineSafety)]),
    ("snapshot-covers-unapplied", 1, &[Outcome(StateMachineSafety), Early(CommitDurability)]),
    ("snapshot-without-sessions", 9, &[Outcome(ExactlyOnce)]),
    ("sync-covers-later-writes", 544, &[Outcome(AcknowledgedMeansKept), Early(CommitDurability)]),
    ("takes-any-term", 26, &[Outcome(ElectionSafety), Early(TermsGoUp)]),
    ("truncates-matching", 2, &[Outcome(AcknowledgedMeansKept), Early(CommitDurability)]),
    ("trusts-its-lease", 61, &[Outcome(Linearizability), Early(LogOrder)]),
    ("votes-by-index-only", 36, &[Outcome(LeaderCompleteness)]),
    ("votes-by-term-only", 10, &[Outcome(LeaderCompleteness)]),
    ("votes-once-and-for-all", 1, &[Stall]),
    ("votes-twice", 8, &[Outcome(ElectionSafety), Early(OneVoteATerm)]),
    ("votes-unless-newer-and-longer", 8, &[Outcome(LeaderCompleteness)]),
    ("votes-without-log-check", 1, &[Outcome(LeaderCompleteness)]),
    ("waits-for-everybody", 2, &[Stall]),
];

/// The campaigns, each read once, and one node that runs them all.
struct Hunters {
    scenarios: BTreeMap<&'static str, Scenario>,
    course: Course<Whitewater>,
}

impl Hunters {
    fn new() -> Self {
        let read = |hunt: Hunt| {
            let file = format!("../../scenarios/campaign/{}.json", hunt.name());
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            let text = fs::read_to_string(path).expect("the campaign can be read");
            let scenario = Scenario::parse(hunt.name(), &text);
            (hunt.name(), scenario.unwrap_or_else(|mistakes| panic!("{}", mistakes[0])))
        };
        let scenarios = Hunt::ALL.map(read).into();
        Self { scenarios, course: Course::new() }
    }

    fn run(&mut self, place: Hunt, seed: u64, bug: Option<&Bug>) -> Verdict {
        let settings = Settings { keep: Keep::Nothing, ..Settings::default() };
        self.run_so(place, seed, bug, &settings)
    }

    fn run_so(&mut self, place: Hunt, seed: u64, bug: Option<&Bug>, settings: &Settings) -> Verdict {
        let mut plan = self.scenarios[place.name()].plan(seed);
        plan.system.bug = bug.map(|bug| bug.name.to_owned());
        self.course.run(plan, settings).expect("our node has every bug of the table")
    }
}

fn shows(verdict: &Verdict, sign: Sign) -> bool {
    match sign {
        Outcome(property) => verdict.violation.as_ref().is_some_and(|found| found.property == property),
        Early(property) => verdict.early.iter().any(|early| early.finding.property == property),
        Stall => verdict.settling == Settling::Stalled,
        Delay(what) => verdict.expected.iter().any(|one| !one.held && one.what.starts_with(what)),
    }
}

#[test]
fn every_bug_has_a_seed_that_is_known_to_catch_it() {
    let pinned: Vec<&str> = PINS.iter().map(|(name, ..)| *name).collect();
    let planted: Vec<&str> = BUGS.iter().map(|bug| bug.name).collect();
    assert_eq!(pinned, planted);
    for (name, _, signs) in PINS {
        let properties = find(name).expect("it is planted").properties;
        let counts = |sign: &Sign| match sign {
            Outcome(property) | Early(property) => properties.contains(property),
            Stall | Delay(_) => properties.contains(&Property::Progress),
        };
        assert!(!signs.is_empty() && signs.iter().all(counts), "{name}: {signs:?}");
    }
}

#[test]
fn every_bug_is_caught_by_what_is_named_for_it() {
    let mut hunters = Hunters::new();
    for (name, seed, signs) in PINS {
        let bug = find(name).expect("it is planted");
        let verdict = hunters.run(bug.hunted_in, *seed, Some(bug));
        let found: Vec<_> = verdict.found().map(|finding| finding.property).collect();
        assert!(
            !found.contains(&Property::Audit),
            "{name}, seed {seed}: a node lies about its log, {found:?}"
        );
        for sign in *signs {
            assert!(shows(&verdict, *sign), "{name}, seed {seed}: {sign:?} does not show, but {found:?}");
        }
    }
}

/// State machines that agree are kept once where the checks are on, and no bug may be able to tell. A violation ends a
/// run that is checked; up to there the two are the same.
#[test]
fn a_run_is_the_same_whether_or_not_it_is_checked_whatever_is_planted() {
    let mut hunters = Hunters::new();
    for (name, seed, _) in PINS {
        let bug = find(name).expect("it is planted");
        let mut ladder = |checks| {
            let settings = Settings { checks, ladder: true, keep: Keep::Nothing, ..Settings::default() };
            hunters.run_so(bug.hunted_in, *seed, Some(bug), &settings).ladder
        };
        let (checked, unchecked) = (ladder(true), ladder(false));
        let differs = checked.iter().zip(&unchecked).position(|(one, other)| one != other);
        assert_eq!(differs, None, "{name}, seed {seed}: of {} rungs", checked.len());
        assert!(checked.len() > 10 && checked.len() <= unchecked.len(), "{name}, seed {seed}");
    }
}

#[test]
fn the_correct_node_shows_nothing_where_bugs_are_caught() {
    let mut hunters = Hunters::new();
    for (name, seed, signs) in PINS {
        let verdict = hunters.run(find(name).expect("it is planted").hunted_in, *seed, None);
        assert_eq!(verdict.found().count(), 0, "seed {seed} of {name}: {:?}", verdict.found().next());
        assert!(!signs.iter().any(|sign| shows(&verdict, *sign)), "seed {seed} of {name}: {signs:?}");
    }
}

/// The stories of the folder `teaching`, each a mistake and its twin without it.
fn stories() -> Vec<(Scenario, Scenario)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/teaching");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .expect("there are stories")
        .map(|file| file.expect("it is listed").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.ends_with("-honest.json"))
        .collect();
    names.sort();
    let read = |name: &str| {
        let text = fs::read_to_string(folder.join(name)).expect("it can be read");
        Scenario::parse(name, &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
    };
    names.iter().map(|name| (read(name), read(&name.replace(".json", "-honest.json")))).collect()
}

#[test]
fn the_story_of_a_mistake_and_its_twin_differ_in_the_mistake_alone() {
    let stories = stories();
    assert!(stories.len() >= 10, "{} stories", stories.len());
    let mut course = Course::<Whitewater>::new();
    let mut tell = |scenario: &Scenario, bug: Option<&str>| {
        let Seeds::Fixed(seed) = scenario.seeds() else {
            panic!("{} has no seed of its own", scenario.name())
        };
        let mut plan = scenario.plan(seed);
        let own = plan.system.bug.take();
        plan.system.bug = bug.map(str::to_owned);
        let verdict = course.run(plan, &Settings::default()).expect("it is our node");
        (own, verdict.digest, verdict.violation.map(|found| found.property))
    };
    for (wrong, right) in &stories {
        let (bug, digest, nothing) = tell(wrong, None);
        let bug = bug.expect("the story is about a mistake");
        assert_eq!((tell(right, None), nothing), ((None, digest, None), None), "{bug}");
        let (_, digest, violated) = tell(wrong, Some(&bug));
        let twin = tell(right, Some(&bug));
        assert_eq!((twin.1, twin.2), (digest, violated), "{bug}");
        let properties = find(&bug).expect("it is planted").properties;
        assert!(violated.is_some_and(|property| properties.contains(&property)), "{bug}: {violated:?}");
        assert_eq!(wrong.name(), bug);
    }
}
