//! From file and seed to plan: defaults, draws, and the committed scenarios.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use whitewater_check::observe::Kind;
use whitewater_sim::chance::Chance;
use whitewater_sim::distribution::Distribution;
use whitewater_sim::plan::{Act, Direction, Due, Expect, Interference, MessagePick, Plan, Stored, Target};
use whitewater_sim::scenario::{Scenario, Seeds};

const MS: u64 = 1_000_000;

fn scenario(fields: &str) -> Scenario {
    let text =
        format!("{{\"version\": 1, \"name\": \"a\", \"about\": \"b\", \"run_for\": \"5s\", {fields}}}");
    Scenario::parse("a.json", &text).unwrap_or_else(|found| panic!("{}", found[0]))
}

fn plan(fields: &str) -> Plan {
    scenario(fields).plan(1)
}

fn per_billion(parts: u64) -> Chance {
    Chance::per_billion(parts)
}

#[test]
fn what_is_not_said_has_a_default() {
    let plan = plan(r#""nodes": 3"#);
    assert_eq!(
        (plan.name.as_str(), plan.seed, plan.nodes, plan.run_for, plan.free),
        ("a", 1, 3, 5_000 * MS, true)
    );
    assert_eq!(
        (plan.system.name.as_str(), plan.system.options.len(), plan.system.bug),
        ("whitewater", 0, None)
    );
    let timing = plan.timing;
    assert_eq!((timing.election_timeout_min, timing.election_timeout_max), (150 * MS, 300 * MS));
    assert_eq!(timing.heartbeat, 50 * MS);
    assert_eq!(plan.network.all.latency, Distribution::uniform(MS, 10 * MS));
    assert_eq!(plan.network.all.loss, Chance::NEVER);
    assert_eq!(plan.network.all.duplicate, Chance::NEVER);
    assert_eq!(plan.network.all.reorder, Chance::NEVER);
    assert_eq!(plan.disk.sync, Distribution::uniform(MS / 10, 2 * MS));
    assert!(plan.clients.is_empty() && plan.timeline.is_empty() && plan.chaos.is_empty());
    assert!(plan.expect.is_empty() && plan.drawn.is_empty());
}

#[test]
fn systems_are_named_with_or_without_options() {
    assert_eq!(plan(r#""nodes": 3, "system": "noraft""#).system.name, "noraft");
    let system =
        plan(r#""nodes": 3, "system": {"whitewater": {"entries_per_append": 8, "bug": "forgets-vote"}}"#)
            .system;
    assert_eq!(system.options, BTreeMap::from([("entries_per_append".to_owned(), 8)]));
    assert_eq!(system.bug.as_deref(), Some("forgets-vote"));
}

#[test]
fn a_link_says_what_differs_and_the_rest_is_as_everywhere() {
    let plan = plan(
        r#""nodes": 3, "network": {"latency": "2ms", "loss": 0.5, "links": [
            {"from": "n1", "to": ["n2", "n3"], "latency": {"exponential": {"mean": "9ms"}}},
            {"to": "n1", "loss": 1, "reorder": 0.25}]}"#,
    );
    let [(from, to, first), (all, n1, second)] = &plan.network.links[..] else { panic!("two links") };
    assert_eq!((*from, *to, *all, *n1), (0b001, 0b110, 0b111, 0b001));
    assert_eq!((&first.latency, first.loss), (&Distribution::exponential(9 * MS), per_billion(500_000_000)));
    assert_eq!((&second.latency, second.loss), (&Distribution::constant(2 * MS), Chance::ALWAYS));
    assert_eq!(second.reorder, per_billion(250_000_000));
}

const ANY: MessagePick = MessagePick { kind: None, from: u64::MAX, to: u64::MAX, term: None, nth: None };

fn dropped(kind: Kind) -> Act {
    Act::Intercept(MessagePick { kind: Some(kind), ..ANY }, Interference::Drop)
}

#[test]
fn every_act_can_be_spelled() {
    let acts = [
        (r#"{"crash": {"node": "leader"}}"#, Act::Crash(Target::Leader)),
        (r#"{"crash": {"node": "random", "after_effects": 3}}"#, Act::CrashAfterEffects(Target::Random, 3)),
        (r#"{"restart": {"node": "crashed"}}"#, Act::Restart(Target::Crashed)),
        (r#"{"pause": {"node": "follower"}}"#, Act::Pause(Target::Follower)),
        (r#"{"resume": {"node": "all"}}"#, Act::Resume(Target::All)),
        (r#"{"isolate": {"node": "n3"}}"#, Act::Isolate(Target::Nodes(0b100), Direction::Both)),
        (
            r#"{"isolate": {"node": "candidate", "one_way": "in"}}"#,
            Act::Isolate(Target::Candidate, Direction::In),
        ),
        (
            r#"{"isolate": {"node": ["n1", "n3"], "one_way": "out"}}"#,
            Act::Isolate(Target::Nodes(0b101), Direction::Out),
        ),
        (r#"{"partition": {"groups": [["n1", "n2"], ["n3"]]}}"#, Act::Partition(vec![0b011, 0b100])),
        (r#"{"bridge": {"node": "minority"}}"#, Act::Bridge(Target::Minority)),
        (r#"{"crash": {"node": "majority"}}"#, Act::Crash(Target::Majority)),
        (r#""ring""#, Act::Ring),
        (r#""heal""#, Act::Heal),
        (r#"{"timeout": {"node": ["n1", "n2"]}}"#, Act::Timeout(Target::Nodes(0b011))),
        (r#"{"drop": {}}"#, Act::Intercept(ANY, Interference::Drop)),
        (
            r#"{"hold": {"kind": "append_entries", "from": "n1", "to": ["n2", "n3"], "term": 4, "nth": 2}}"#,
            Act::Intercept(
                MessagePick {
                    kind: Some(Kind::AppendEntries),
                    from: 0b001,
                    to: 0b110,
                    term: Some(4),
                    nth: Some(2),
                },
                Interference::Hold,
            ),
        ),
        (r#"{"drop": {"kind": "append_entries_reply"}}"#, dropped(Kind::AppendEntriesReply)),
        (r#"{"drop": {"kind": "request_vote"}}"#, dropped(Kind::RequestVote)),
        (r#"{"drop": {"kind": "request_vote_reply"}}"#, dropped(Kind::RequestVoteReply)),
        (r#""release""#, Act::Release),
        (r#"{"request": {"node": "leader"}}"#, Act::Request(Target::Leader, 1)),
        (r#"{"request": {"node": "n2", "count": 20}}"#, Act::Request(Target::Nodes(0b010), 20)),
    ];
    for (text, act) in acts {
        let plan = plan(&format!(r#""nodes": 3, "timeline": [{{"at": "1s", "do": {text}}}]"#));
        assert_eq!(plan.timeline[0].act, act, "{text}");
        let chaos = format!(r#""nodes": 3, "chaos": [{{"every": "1s", "pick": [{{"do": {text}}}]}}]"#);
        assert_eq!(scenario(&chaos).plan(1).chaos[0].pick[0].act, act, "{text}");
    }
}

#[test]
fn acts_are_due_at_a_time_or_when_something_happens() {
    let plan = plan(
        r#""nodes": 3, "timeline": [
            {"at": "1s", "do": "ring", "for": "2s"},
            {"when": "count(leaders)>1", "do": "heal"},
            {"when": "leader elected", "after": "5ms", "do": "heal"}]"#,
    );
    let due = |n: usize| match &plan.timeline[n].due {
        Due::At(time) => format!("at {time}"),
        Due::When(predicate, after) => format!("when {predicate} after {after}"),
    };
    assert_eq!(due(0), "at 1000000000");
    assert_eq!(due(1), "when count(leaders) > 1 after 0");
    assert_eq!(due(2), "when leader elected after 5000000");
    assert_eq!((plan.timeline[0].lasts, plan.timeline[1].lasts), (Some(2_000 * MS), None));
}

#[test]
fn an_act_may_have_something_to_say_and_nothing_to_do() {
    let plan = plan(
        r#""nodes": 3, "timeline": [
            {"at": "1s", "do": {"drop": {"nth": 1}}, "for": "2s", "note": "The first message is lost."},
            {"when": "leader elected", "note": "Somebody leads."}, {"at": "3s", "do": "heal"}]"#,
    );
    let notes: Vec<Option<&str>> = plan.timeline.iter().map(|act| act.note.as_deref()).collect();
    assert_eq!(notes, [Some("The first message is lost."), Some("Somebody leads."), None]);
    assert_eq!((&plan.timeline[1].act, plan.timeline[0].lasts), (&Act::Nothing, Some(2_000 * MS)));
}

#[test]
fn disks_may_hold_something_when_the_run_begins() {
    let plan = plan(
        r#""nodes": 3, "start": [{"node": "n1", "term": 6, "log": [1, 1, 4, 4, 5]},
            {"node": ["n2", "n3"], "term": 5}]"#,
    );
    let expected = [
        Stored { nodes: 0b001, term: 6, log: vec![1, 1, 4, 4, 5] },
        Stored { nodes: 0b110, term: 5, log: Vec::new() },
    ];
    assert_eq!(plan.stored, expected);
}

#[test]
fn the_logs_of_figure_seven_can_be_held() {
    let plan = plan(
        r#""nodes": 7, "start": [{"node": "n1", "term": 7, "log": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6]},
            {"node": "n2", "term": 7, "log": [1, 1, 1, 4, 4, 5, 5, 6, 6]},
            {"node": "n3", "term": 4, "log": [1, 1, 1, 4]},
            {"node": "n4", "term": 7, "log": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6]},
            {"node": "n5", "term": 7, "log": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7]},
            {"node": "n6", "term": 4, "log": [1, 1, 1, 4, 4, 4, 4]},
            {"node": "n7", "term": 3, "log": [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]}]"#,
    );
    assert_eq!(plan.stored.len(), 7);
}

#[test]
fn every_expectation_can_be_spelled() {
    let plan = plan(
        r#""nodes": 3, "expect": [{"violates": "state_machine_safety"}, {"leader_within": "1s"},
            {"committed_at_least": 7}, {"finally": "logs equal"}, {"sometimes": "truncated"},
            {"never": "term > 9"}]"#,
    );
    let shown: Vec<String> = plan
        .expect
        .iter()
        .map(|expect| match expect {
            Expect::Violates(property) => format!("violates {}", property.name()),
            Expect::LeaderWithin(time) => format!("leader within {time}"),
            Expect::CommittedAtLeast(commands) => format!("committed {commands}"),
            Expect::Finally(predicate) => format!("finally {predicate}"),
            Expect::Sometimes(predicate) => format!("sometimes {predicate}"),
            Expect::Never(predicate) => format!("never {predicate}"),
        })
        .collect();
    let expected = [
        "violates state_machine_safety",
        "leader within 1000000000",
        "committed 7",
        "finally logs equal",
        "sometimes truncated",
        "never term > 9",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn seeds_are_fixed_or_free() {
    assert_eq!(scenario(r#""nodes": 3"#).seeds(), Seeds::Free(None));
    assert_eq!(scenario(r#""nodes": 3, "seed": 7"#).seeds(), Seeds::Free(Some(7)));
    let fixed = scenario(r#""nodes": 3, "seed": 7, "seeds": "fixed""#);
    assert_eq!((fixed.seeds(), fixed.plan(7).free), (Seeds::Fixed(7), false));
}

const OPEN: &str = r#""nodes": {"one_of": [3, 5, 7]}, "system": {"x": {"a": {"between": [1, 1000000]}}},
    "network": {"loss": {"between": [0, 1]}, "latency": {"uniform": ["1ms", {"between": ["2ms", "900ms"]}]}}"#;

#[test]
fn the_same_seed_draws_the_same_and_another_something_else() {
    let open = scenario(OPEN);
    assert_eq!(open.plan(7).drawn, open.plan(7).drawn);
    assert_ne!(open.plan(7).drawn, open.plan(8).drawn);
    let paths: Vec<String> = open.plan(7).drawn.into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["nodes", "system.x.a", "network.latency.uniform[1]", "network.loss"]);
}

#[test]
fn a_value_that_is_written_down_changes_no_other_draw() {
    let cuts = [
        (r#"{"one_of": [3, 5, 7]}"#, "3"),
        (r#"{"between": [1, 1000000]}"#, "1"),
        (r#"{"between": [0, 1]}"#, "0"),
        (r#"{"between": ["2ms", "900ms"]}"#, r#""2ms""#),
    ];
    for seed in 0..20 {
        let all: BTreeMap<String, String> = scenario(OPEN).plan(seed).drawn.into_iter().collect();
        for (open, plain) in cuts {
            let rest = scenario(&OPEN.replace(open, plain)).plan(seed).drawn;
            assert_eq!(rest.len(), 3, "{open}");
            assert!(rest.iter().all(|(path, value)| all.get(path) == Some(value)), "{open}");
        }
    }
}

#[test]
fn what_was_drawn_reads_back_as_the_plan_has_it() {
    let plan = scenario(OPEN).plan(3);
    let value =
        |path: &str| plan.drawn.iter().find(|(p, _)| p == path).map(|(_, value)| value.clone()).unwrap();
    assert_eq!(value("nodes"), plan.nodes.to_string());
    assert_eq!(value("system.x.a"), plan.system.options["a"].to_string());
    let text = OPEN
        .replace(r#"{"between": [0, 1]}"#, &value("network.loss"))
        .replace(r#"{"between": ["2ms", "900ms"]}"#, &format!("\"{}\"", value("network.latency.uniform[1]")));
    let resolved = scenario(&text).plan(3);
    assert_eq!(resolved.network, plan.network);
}

#[test]
fn draws_reach_all_that_they_may() {
    let open = scenario(OPEN);
    let mut nodes = [0_u32; 8];
    let (mut low, mut high) = (u64::MAX, 0);
    for seed in 0..600 {
        let plan = open.plan(seed);
        nodes[usize::from(plan.nodes)] += 1;
        let loss = plan.network.all.loss.to_per_billion();
        (low, high) = (low.min(loss), high.max(loss));
    }
    assert!([3, 5, 7].iter().all(|&n| nodes[n] > 150), "{nodes:?}");
    assert!(low < 10_000_000 && high > 990_000_000, "{low} {high}");
}

/// These very draws are what a seed means in a scenario. They may never change.
#[test]
fn draws_mean_the_same_for_ever() {
    let drawn: Vec<String> = scenario(OPEN).plan(42).drawn.into_iter().map(|(_, value)| value).collect();
    assert_eq!(drawn, GOLDEN);
}

const GOLDEN: [&str; 4] = ["7", "503578", "888.122299ms", "0.666596746"];

fn committed() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().expect("the folder of scenarios is there") {
            let path = entry.expect("its entries can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "json")
                && !path.ends_with("scenario.schema.json")
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test reads the committed files; the world does not")]
fn every_committed_scenario_is_right_and_expects_something() {
    let files = committed();
    assert!(files.len() >= 6, "{files:?}");
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario = Scenario::parse(&path.display().to_string(), &text).unwrap_or_else(|found| {
            panic!("{}", found.iter().map(|one| format!("{one}\n")).collect::<String>())
        });
        assert_eq!(path.file_stem().unwrap(), scenario.name(), "a file has the name of its scenario");
        assert!(scenario.about().split_whitespace().count() >= 20, "{} tells too little", scenario.name());
        assert_eq!(scenario.warnings(), [], "{}", scenario.name());
        for seed in 0..50 {
            assert!(!scenario.plan(seed).expect.is_empty(), "{}", scenario.name());
        }
    }
}
