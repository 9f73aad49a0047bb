//! Why: for every planted bug the story of a run that shows it, and the paper's own stories word for word.

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use whitewater_campaign::film::film;
use whitewater_campaign::leg::{Leg, Overrides};
use whitewater_campaign::run::{How, run};
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::why::{LONGEST, Line, Story, filmed};
use whitewater_check::property::Property;
use whitewater_check::types::NodeId;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::{Scenario, Seeds};
use whitewater_sim::scene::Scene;
use whitewater_sim::trace::{Keep, What};
use whitewater_sim::verdict::{Outcome, Verdict};
use whitewater_systems::SYSTEMS;
use whitewater_systems::bugs::{BUGS, find};

/// For each bug a seed of the campaign that hunts for it, at or soon after which a run shows it.
const SEEDS: &[(&str, u64)] = &[
    ("accepts-torn-record", 10),
    ("acknowledges-log-end", 34),
    ("acknowledges-snapshot-before-sync", 1),
    ("answers-before-commit", 1),
    ("appends-blindly", 2),
    ("applies-log-at-start", 1),
    ("applies-retry-twice", 2),
    ("candidate-ignores-leader", 1),
    ("candidate-waits-for-ever", 41),
    ("clears-vote-on-step-down", 51),
    ("commit-goes-back", 1),
    ("commits-older-term", 77),
    ("commits-past-new-entries", 2),
    ("compacts-before-snapshot", 1),
    ("counts-duplicate-votes", 265),
    ("counts-refusals", 1),
    ("counts-stale-votes", 66),
    ("counts-unsynced-self", 35),
    ("forgets-log", 36),
    ("forgets-sessions-with-the-leader", 2),
    ("forgets-snapshot-term", 19),
    ("forgets-vote", 152),
    ("gives-up-on-followers", 1),
    ("half-is-a-majority-of-copies", 1),
    ("half-is-a-majority-of-votes", 1),
    ("heartbeats-skip-the-check", 2),
    ("heartbeats-too-slow", 1),
    ("heartbeats-truncate", 13),
    ("heeds-old-leaders", 29),
    ("ignores-higher-term-reply", 1),
    ("ignores-write-errors", 148),
    ("install-drops-tail", 193),
    ("install-keeps-conflicting-tail", 16),
    ("installs-old-snapshot", 89),
    ("keeps-conflicting-entries", 2),
    ("keeps-conflicting-tail", 1),
    ("leader-backs-up-its-own-log", 1),
    ("leads-on-in-its-term", 1),
    ("match-from-log-end", 8),
    ("misplaces-covered-entries", 1),
    ("never-stores-vote", 51),
    ("next-index-sinks", 5),
    ("next-index-stuck", 1),
    ("reads-from-followers", 8),
    ("reads-locally", 17),
    ("redirects-to-itself", 1),
    ("refuses-shorter-newer-log", 5),
    ("resets-timer-on-any-rpc", 4),
    ("restamps-entries", 65),
    ("restores-nothing-at-start", 1),
    ("resurrects-truncated", 10),
    ("same-timeout-for-all", 1),
    ("sends-newer-state", 5),
    ("skips-previous-check", 1),
    ("skips-replay", 1),
    ("snapshot-covers-unapplied", 1),
    ("snapshot-without-sessions", 9),
    ("sync-covers-later-writes", 544),
    ("takes-any-term", 26),
    ("truncates-matching", 2),
    ("trusts-its-lease", 61),
    ("votes-by-index-only", 36),
    ("votes-by-term-only", 10),
    ("votes-once-and-for-all", 1),
    ("votes-twice", 8),
    ("votes-unless-newer-and-longer", 8),
    ("votes-without-log-check", 1),
    ("waits-for-everybody", 2),
];

/// Bugs that no single run shows: they are found by bounds on what a whole campaign measures.
const SLOW: [&str; 3] = ["redirects-to-itself", "resets-timer-on-any-rpc", "same-timeout-for-all"];

/// Bugs of which the story breaks another rule than the one that is named for it: what was seen is that a leader commits
/// what no majority acknowledged, that nextIndex is not above matchIndex, that a read had heard from nobody, that a
/// leader goes on although it has heard of a higher term.
const ELSEWHERE: [(&str, &str); 4] = [
    ("ignores-higher-term-reply", "§5.1"),
    ("match-from-log-end", "§5.3"),
    ("next-index-sinks", "figure 2"),
    ("trusts-its-lease", "§8"),
];

/// Stalls in which every step by itself is right: what is missing is a message, or time.
const SILENT: [&str; 2] = ["gives-up-on-followers", "heartbeats-too-slow"];

/// The story of the paper's figure 8, from (c) on; n1 to n5 are S1 to S5.
const FIGURE_8: &[&str] = &[
    "2 n2 starts with [2] no-op of term 2 on its disk",
    "5 n5 starts with [2] no-op of term 3 on its disk",
    "5 n5 crashes",
    "11 n1 is elected leader of term 4 with the votes of n1, n2 and n3: last entries are of n1 [2] of term 2, of n2 [2] of term 2 and of n3 [1] of term 1 §5.2",
    "18 n3 takes [2] no-op of term 2 from n1, leader of term 4 §5.3",
    "19 n1, leader of term 4, counts [2] no-op of term 2 on n1, n2 and n3, a majority, and commits it, although it is of an earlier term breaks §5.4.2",
    "19 n1 crashes",
    "20 n5 starts with [2] no-op of term 3 from its disk",
    "34 n5 is elected leader of term 5 with the votes of n3, n4 and n5: last entries are of n5 [2] of term 3, of n3 [2] of term 2 and of n4 [1] of term 1; it holds [2] of term 3 where that of term 2 is committed §5.4.1",
];

fn scenario(name: &str) -> Scenario {
    let path = format!("{}/../../scenarios/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).expect("the scenario can be read");
    Scenario::parse(&path, &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

fn told(scenario: &Scenario, bug: Option<&str>, seed: u64) -> (Verdict, Story) {
    let overrides = Overrides { system: None, bug: bug.map(str::to_owned) };
    let system = scenario.plan(seed).system.name;
    let listed = SYSTEMS.iter().find(|listed| listed.name == system).expect("it is listed");
    let leg = Leg { scenario, seeds: SeedRange::one(seed), overrides: &overrides, runner: listed.runner };
    filmed(&leg, seed, &Settings::default()).expect("it runs")
}

/// The first run of a bug's campaign from its seed on that fails.
fn first(bug: &str, seed: u64) -> (Verdict, Story) {
    let campaign = scenario(&format!("campaign/{}", find(bug).expect("it is planted").hunted_in.name()));
    let mut runs = (seed..seed + 50).map(|seed| told(&campaign, Some(bug), seed));
    runs.find(|(verdict, _)| verdict.outcome() != Outcome::Held)
        .unwrap_or_else(|| panic!("{bug} is not found"))
}

/// What a reader sees of a story, without times.
fn text(story: &Story) -> Vec<String> {
    let line = |line: &Line| {
        let breaks = if line.broken { " breaks" } else { "" };
        let section = &line.section;
        format!("{} {}{breaks} {section}", line.at.step, line.text).trim_end().to_owned()
    };
    story.lines.iter().map(line).collect()
}

/// Whether the rule of a bug is told to be broken.
fn breaks(story: &Story, section: &str) -> bool {
    story.lines.iter().any(|line| line.broken && line.section == section)
}

#[test]
fn every_bug_has_a_story_of_the_rule_that_it_breaks() {
    let names: Vec<&str> = SEEDS.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, BUGS.iter().map(|bug| bug.name).collect::<Vec<_>>());
    for (name, seed) in SEEDS.iter().filter(|(name, _)| !SLOW.contains(name)) {
        let (verdict, story) = first(name, *seed);
        let told = text(&story).join("\n");
        let lines = story.lines.len();
        assert!((2..=LONGEST).contains(&lines), "{name}, seed {}: {lines} lines\n{told}", verdict.seed);
        let exists = |line: &Line| line.at.step <= verdict.steps && line.at.node.0 < verdict.nodes;
        assert!(story.lines.iter().all(exists), "{name}: {told}");
        let time = story.lines.iter().map(|line| line.at.time);
        assert!(time.clone().is_sorted(), "{name}: not in the order of time\n{told}");
        let finding = verdict.found().next();
        // A node that a fact does not name is where it showed, and need not have to do with it.
        for fact in finding.into_iter().flat_map(|finding| &finding.facts) {
            let node = fact.at.node.to_string();
            assert!(told.contains(&node) || !fact.text.contains(&node), "{name}: nothing of {node}\n{told}");
        }
        let section = find(name).expect("it is planted").section;
        let elsewhere = ELSEWHERE.iter().find(|(other, _)| other == name).map(|(_, section)| *section);
        assert!(
            breaks(&story, elsewhere.unwrap_or(section)) || SILENT.contains(name),
            "{name}, {section}:\n{told}"
        );
    }
}

/// In this run the node takes other entries up to there after it has removed it, so that it is another change of its log
/// that stands last before the crash.
#[test]
fn an_entry_that_comes_back_was_removed_however_long_before() {
    let (_, story) = told(&scenario("campaign/small"), Some("resurrects-truncated"), 9);
    let back = story.lines.iter().find(|line| line.text.contains("which it had removed from its log"));
    assert!(back.is_some_and(|line| line.broken && line.section == "§5.3"), "{:#?}", text(&story));
}

#[test]
fn a_commit_index_that_goes_back_had_come_from_somewhere() {
    let text = text(&told(&scenario("campaign/small"), Some("commit-goes-back"), 1).1);
    let place = |what: &str| text.iter().position(|line| line.contains(what));
    let (commits, learns) = (place("a majority, and commits it"), place("n2 learns from n3"));
    let falls = place("n2's commit index goes from 5 back to 2");
    assert!(commits.is_some() && commits < learns && learns < falls, "{text:#?}");
}

/// What a node finds on its disk when it starts stands there by right: its snapshot says what is committed.
#[test]
fn who_starts_from_a_snapshot_is_not_accused_of_what_it_stands_for() {
    let campaign = scenario("campaign/snapshots");
    for (bug, seed) in [("commit-goes-back", 7), ("restores-nothing-at-start", 6)] {
        let text = text(&told(&campaign, Some(bug), seed).1).join("\n");
        assert!(text.contains("starts with a snapshot up to ["), "{bug}:\n{text}");
        assert!(
            text.contains("takes a snapshot up to [") && !text.contains("no leader has told it"),
            "{bug}:\n{text}"
        );
    }
}

/// Teaching stories are small, and each of them is told to be about its own mistake.
#[test]
fn a_teaching_story_is_told_to_break_its_own_rule() {
    let folder = format!("{}/../../scenarios/teaching", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<String> = fs::read_dir(folder)
        .expect("there are stories")
        .map(|file| file.expect("it is listed").file_name().to_string_lossy().replace(".json", ""))
        .collect();
    files.sort();
    assert!(files.len() >= 20);
    for file in files {
        let scenario = scenario(&format!("teaching/{file}"));
        let (Seeds::Fixed(seed) | Seeds::Free(Some(seed))) = scenario.seeds() else {
            panic!("{file} has no seed of its own")
        };
        let (verdict, story) = told(&scenario, None, seed);
        let text = text(&story).join("\n");
        match verdict.bug.as_deref().and_then(find) {
            Some(bug) => assert!(breaks(&story, bug.section), "{file}, {}:\n{text}", bug.section),
            None => assert!(story.lines.is_empty(), "{file} holds:\n{text}"),
        }
    }
}

#[test]
fn figure_8_reads_as_in_the_paper() {
    let (verdict, story) = told(&scenario("paper/figure-8"), Some("commits-older-term"), 8);
    assert_eq!(verdict.violation.map(|found| found.property), Some(Property::LeaderCompleteness));
    assert_eq!(text(&story), FIGURE_8, "{}", text(&story).join("\n"));
}

/// The disks of a film against those that a spectator sees, with a bug that leaves their length and their end as they
/// were while what stands before is replaced.
#[test]
fn a_film_shows_what_disks_hold() {
    for seed in 1..=60 {
        let mut plan = scenario("campaign/small").plan(seed);
        plan.system.bug = Some("resurrects-truncated".to_owned());
        let runner = || (SYSTEMS[0].runner)();
        let (_, film) = film(runner().as_mut(), plan.clone(), &Settings::default()).expect("it runs");
        let moments = film.moments().len();
        let mut moment = 0;
        let spectator = move |scene: &dyn Scene| {
            for node in (0..scene.nodes()).map(NodeId) {
                let shown = film.reel(node).disk.whole(moment);
                assert_eq!(shown, scene.stored(node).log, "seed {seed}, the disk of {node} at {moment}");
            }
            moment += 1;
            ControlFlow::Continue(())
        };
        let settings = Settings { keep: Keep::All, ..Settings::default() };
        runner().watched(plan, &settings, Box::new(spectator)).expect("it runs");
        assert!(moments > 10, "seed {seed}: {moments} moments");
    }
}

/// What a film shows where snapshots stand for entries, in memory and on disk, against what was there before.
#[test]
fn a_film_shows_the_entries_that_snapshots_stand_for() {
    let mut covered = 0;
    for seed in 1..=40 {
        let mut plan = scenario("campaign/small").plan(seed);
        plan.system.options.insert("snapshot_every".to_owned(), 3);
        let runner = || (SYSTEMS[0].runner)();
        let (_, film) = film(runner().as_mut(), plan.clone(), &Settings::default()).expect("it runs");
        let (mut moment, mut seen) = (0, BTreeSet::new());
        let counted = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&counted);
        let spectator = move |scene: &dyn Scene| {
            for node in (0..scene.nodes()).map(NodeId) {
                let (begins, stored) = (scene.covered(node), scene.stored(node));
                let reel = film.reel(node);
                let logs = [(&reel.memory, begins), (&reel.disk, stored.covered)];
                assert_eq!(reel.disk.whole(moment)[stored.covered as usize..], *stored.log);
                for (log, begins) in logs.into_iter().filter(|_| scene.server(node).up) {
                    let whole = (1_u64..).zip(log.whole(moment));
                    let whole = whole.map(|(index, entry)| (index, entry.term, entry.command));
                    let (old, new): (Vec<_>, Vec<_>) = whole.partition(|(index, ..)| *index <= begins);
                    seen.extend(new);
                    assert!(old.iter().all(|entry| seen.contains(entry)), "seed {seed}, {node} at {moment}");
                    count.fetch_add(old.len() as u64, Ordering::Relaxed);
                }
            }
            moment += 1;
            ControlFlow::Continue(())
        };
        let settings = Settings { keep: Keep::All, ..Settings::default() };
        runner().watched(plan, &settings, Box::new(spectator)).expect("it runs");
        covered += counted.load(Ordering::Relaxed);
    }
    assert!(covered > 100_000, "snapshots stood for {covered} entries");
}

#[test]
fn a_run_that_holds_has_no_story_and_filming_changes_nothing() {
    let small = scenario("campaign/small");
    for seed in 1..=10 {
        let (verdict, story) = told(&small, None, seed);
        let alone = (SYSTEMS[0].runner)().run(small.plan(seed), &Settings::default()).expect("it runs");
        assert_eq!((verdict.digest, verdict.history.is_none()), (alone.digest, true));
        assert_eq!(story, Story::default(), "seed {seed}");
    }
}

/// The film against the trace that it was made with: roles, commits and messages are the same in both.
#[test]
#[expect(clippy::wildcard_enum_match_arm, reason = "of many kinds of record, these show in a frame")]
fn a_film_shows_what_the_trace_tells() {
    for seed in 1..=5 {
        let (verdict, film) =
            film((SYSTEMS[0].runner)().as_mut(), scenario("campaign/small").plan(seed), &Settings::default())
                .expect("it runs");
        let mut checked = 0;
        for (place, record) in verdict.trace.iter().enumerate() {
            let frame = film.frame(record.node, film.after(place));
            match record.what {
                What::Became(role) => assert_eq!((frame.role, frame.term), (role, u64::from(record.term))),
                What::Committed => assert_eq!(frame.commit_index, u64::from(record.b)),
                What::Crashed => {
                    assert!(!frame.up && film.entry(record.node, 1, film.after(place)).is_none())
                }
                What::Received(_) => assert!(film.tape().sender(place).is_some_and(|sent| sent < place)),
                _ => continue,
            }
            checked += 1;
        }
        assert!(checked > 100, "seed {seed}: {checked} records checked");
        let last = film.moments().len() - 1;
        for node in (0..film.nodes()).map(NodeId) {
            let whole = film.reel(node).memory.whole(last);
            let entries = (1..=whole.len() as u64).map(|index| film.entry(node, index, last));
            assert!(entries.eq(whole.iter().map(|entry| Some(*entry))));
            assert_eq!(whole.len() as u64, film.frame(node, last).last_index);
        }
        let arrived = film.tape().arrows().iter().filter(|arrow| arrow.arrived.is_some()).count();
        let received = verdict.trace.iter().filter(|record| matches!(record.what, What::Received(_))).count();
        assert_eq!(arrived, received, "seed {seed}");
    }
}

fn made_up(text: &str) -> Scenario {
    Scenario::parse("made-up.json", text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

/// Runs in which nobody is ever elected, and the fewest steps that they have. In the one nobody acknowledges anything, and
/// to ask for each step whether anybody does took minutes; in the other everybody refuses everybody a vote, and for each
/// refusal the whole run was looked through for the vote that was given instead.
const IN_VAIN: [(&str, u32); 2] = [
    (
        r#"{ "version": 1, "name": "slow", "about": "Votes are durable too late.", "nodes": 5, "seed": 1,
             "run_for": "10s", "disk": { "sync": "700ms" },
             "clients": [{ "count": 1, "every": "2ms", "timeout": "1ms" }] }"#,
        100_000,
    ),
    (
        r#"{ "version": 1, "name": "split", "about": "Messages take longer than elections.", "nodes": 21, "seed": 1,
             "run_for": "10s", "election_timeout": ["5ms", "10ms"], "heartbeat": "2ms" }"#,
        300_000,
    ),
];

#[test]
fn a_long_time_in_vain_is_soon_told() {
    for (scenario, steps) in IN_VAIN {
        let (verdict, story) = told(&made_up(scenario), None, 1);
        assert!(verdict.steps > steps && verdict.outcome() == Outcome::Unmet, "{} steps", verdict.steps);
        let text = text(&story);
        assert!(text.iter().any(|line| line.contains("nobody has been elected")), "{text:#?}");
    }
}

/// Twenty minutes of a failing run take a gigabyte to film, which nobody has asked for.
#[test]
fn a_run_that_is_too_long_is_not_looked_into_by_the_way() {
    let long = made_up(
        r#"{ "version": 1, "name": "long", "about": "More is asked than can be.", "nodes": 5, "seed": 1,
             "run_for": "20m", "clients": [{ "count": 5, "every": "10ms" }],
             "expect": [{ "committed_at_least": 100000000 }] }"#,
    );
    let overrides = Overrides::default();
    let seeds = SeedRange::one(1);
    let leg = Leg { scenario: &long, seeds, overrides: &overrides, runner: SYSTEMS[0].runner };
    let how = How { settings: Settings::default(), twice: false, threads: 1 };
    let summaries = run(&[leg], &how, &AtomicBool::new(false), &mut |_| {});
    let told = text(&summaries[0].stories[&1]);
    assert!(told.len() == 1 && told[0].contains("too many to look into"), "{told:#?}");
}
