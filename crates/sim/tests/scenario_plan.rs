//! From file and seed to plan: defaults, draws, and the committed scenarios.

mod resolving;

use resolving::resolves;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use whitewater_sim::chance::Chance;
use whitewater_sim::distribution::Distribution;
use whitewater_sim::family::Family;
use whitewater_sim::measure::Measure;
use whitewater_sim::plan::{Bound, ClientPlan, ClockPlan, Expect, Pace, Plan, Stored};
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
    assert_eq!(plan.network.asymmetry, Chance::NEVER);
    assert_eq!(plan.disk.sync, Distribution::uniform(MS / 10, 2 * MS));
    assert_eq!((plan.clock, plan.measures.len()), (ClockPlan::default(), 0));
    assert!(plan.clients.is_empty() && plan.timeline.is_empty() && plan.chaos.is_empty());
    assert!(plan.expect.is_empty() && plan.drawn.is_empty() && plan.settle_within.is_none());
}

#[test]
fn the_time_to_settle_may_be_drawn() {
    let scenario = scenario(r#""nodes": 3, "settle_within": { "between": ["1s", "2s"] }"#);
    let drawn: Vec<u64> = (0..20).filter_map(|seed| scenario.plan(seed).settle_within).collect();
    assert!(
        drawn.len() == 20 && drawn.iter().all(|time| (1_000 * MS..=2_000 * MS).contains(time)),
        "{drawn:?}"
    );
    assert!(drawn.iter().any(|time| *time != drawn[0]), "{drawn:?}");
    resolves(&scenario, 3).unwrap_or_else(|wrong| panic!("{wrong}"));
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

#[test]
fn clocks_drift_and_start_apart_and_directions_differ() {
    let plan = plan(r#""nodes": 3, "clock": {"drift": 0.25, "offset": "3s"}, "network": {"asymmetry": 0.9}"#);
    assert_eq!(plan.clock, ClockPlan { drift_ppm: 250_000, offset_max: 3_000 * MS });
    assert_eq!(plan.network.asymmetry, per_billion(900_000_000));
    let open = scenario(
        r#""nodes": 3, "clock": {"drift": {"between": [0, 0.9]}, "offset": {"one_of": ["1s", "2s"]}},
           "network": {"asymmetry": {"between": [0.1, 0.9]}}"#,
    );
    for seed in 0..50 {
        let plan = open.plan(seed);
        let paths: Vec<&str> = plan.drawn.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["network.asymmetry", "clock.drift", "clock.offset"]);
        assert!(plan.clock.drift_ppm <= 900_000 && plan.network.asymmetry <= per_billion(900_000_000));
        assert!([1_000 * MS, 2_000 * MS].contains(&plan.clock.offset_max));
    }
}

#[test]
fn clients_ask_at_their_own_pace_or_at_that_of_the_answers() {
    let plan = plan(
        r#""nodes": 3, "clients": [{"count": 2, "every": "25ms"},
            {"count": 3, "every": {"exponential": {"mean": "9ms"}}, "keys": 65536, "reads": 0, "skew": 1},
            {"count": 4, "think": {"uniform": ["1ms", "2ms"]}, "timeout": "2s"}]"#,
    );
    let first = ClientPlan { reads: per_billion(250_000_000), ..ClientPlan::writers(2, 25 * MS) };
    assert_eq!(plan.clients[0], first, "four keys, a quarter of reads, half a second");
    let second = ClientPlan {
        count: 3,
        pace: Pace::Every(Distribution::exponential(9 * MS)),
        keys: 65_536,
        reads: Chance::NEVER,
        skew: Chance::ALWAYS,
        timeout: 500 * MS,
    };
    assert_eq!(plan.clients[1], second);
    let third = ClientPlan { count: 4, pace: Pace::Think(Distribution::uniform(MS, 2 * MS)), ..first };
    assert_eq!(plan.clients[2], ClientPlan { timeout: 2_000 * MS, ..third });
}

#[test]
fn old_forms_of_a_pace_draw_at_their_old_place() {
    let open = scenario(r#""nodes": 3, "clients": [{"count": 1, "every": {"between": ["1ms", "9ms"]}}]"#);
    for seed in 0..20 {
        let plan = open.plan(seed);
        assert_eq!(plan.drawn[0].0, "clients[0].every");
        let Pace::Every(Distribution::Constant(every)) = plan.clients[0].pace else { panic!("{plan:?}") };
        assert!((MS..=9 * MS).contains(&every));
    }
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
            {"never": "term > 9"}, {"measured": {"what": "election_time", "percent": 99, "at_most": "1s"}},
            {"measured": {"what": "throughput", "at_least": 100}}],
            "measure": ["throughput", "election_time"]"#,
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
            Expect::Measured { measure, percent, bound: Bound::AtMost(most) } => {
                format!("{measure} p{percent} at most {most}")
            }
            Expect::Measured { measure, percent, bound: Bound::AtLeast(least) } => {
                format!("{measure} p{percent} at least {least}")
            }
        })
        .collect();
    let expected = [
        "violates state_machine_safety",
        "leader within 1000000000",
        "committed 7",
        "finally logs equal",
        "sometimes truncated",
        "never term > 9",
        "election time p99 at most 1000000000",
        "throughput p50 at least 100",
    ];
    assert_eq!(shown, expected);
    assert_eq!(plan.measures, [Measure::Throughput, Measure::ElectionTime]);
}

const SWARM: &str = r#""nodes": 3, "chaos": [
    {"every": "1s", "swarm": true, "pick": [{"do": {"crash": {"node": "n1"}}},
        {"do": {"crash": {"node": "n2"}}}, {"do": {"pause": {"node": "n1"}}, "weight": 3}, {"do": "ring"},
        {"do": {"isolate": {"node": "n1"}}}, {"do": {"isolate": {"node": "n1", "one_way": "in"}}},
        {"do": "heal"}]},
    {"every": "2s", "swarm": true, "pick": [{"do": {"crash": {"node": "n3"}}}]},
    {"every": "3s", "pick": [{"do": {"crash": {"node": "n3"}}}]}]"#;

/// The kinds of fault that the first stream has, and whether each is off with this seed.
fn off(scenario: &Scenario, seed: u64) -> BTreeMap<Family, bool> {
    let plan = scenario.plan(seed);
    let picks = plan.chaos[0].pick.iter();
    picks.filter_map(|pick| Some((pick.act.family()?, pick.weight == 0))).collect()
}

#[test]
fn swarm_mode_switches_each_kind_off_in_half_of_the_seeds_and_on_its_own() {
    let swarm = scenario(SWARM);
    let seeds = 1_000;
    let runs: Vec<BTreeMap<Family, bool>> = (0..seeds).map(|seed| off(&swarm, seed)).collect();
    assert_eq!(runs[0].len(), 5);
    let both = |a, b| runs.iter().filter(|run| run[a] && run[b]).count();
    for a in runs[0].keys() {
        assert!((430..570).contains(&both(a, a)), "{a:?} is off in {}", both(a, a));
        for b in runs[0].keys().filter(|b| *b > a) {
            assert!((190..310).contains(&both(a, b)), "{a:?} and {b:?} are off in {}", both(a, b));
        }
    }
}

#[test]
fn a_kind_is_off_as_a_whole_and_hangs_on_no_other() {
    let without = SWARM.replace(r#"{"do": {"pause": {"node": "n1"}}, "weight": 3}, {"do": "ring"},"#, "");
    let (swarm, fewer) = (scenario(SWARM), scenario(&without));
    for seed in 0..200 {
        let plan = swarm.plan(seed);
        let weight = |stream: usize, pick: usize| plan.chaos[stream].pick[pick].weight;
        assert!(weight(0, 0) == weight(0, 1) && weight(0, 0) == weight(1, 0), "all crashes of swarms agree");
        assert!([0, 3].contains(&weight(0, 2)) && weight(0, 6) == 1 && weight(2, 0) == 1);
        let all = off(&swarm, seed);
        assert!(off(&fewer, seed).iter().all(|(family, off)| all[family] == *off), "{seed}");
    }
}

#[test]
fn what_swarm_mode_switched_off_is_told() {
    let swarm = scenario(SWARM);
    for seed in 0..100 {
        let plan = swarm.plan(seed);
        let drawn: BTreeMap<&str, &str> =
            plan.drawn.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
        let off = off(&swarm, seed);
        let names: Vec<&str> = off.iter().filter(|(_, off)| **off).map(|(family, _)| family.name()).collect();
        let told = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        assert_eq!(drawn["chaos[0].swarm"], format!("{told} off"));
        assert_eq!(drawn["chaos[1].swarm"], if off[&Family::Crash] { "crash off" } else { "nothing off" });
        assert_eq!(drawn.len(), 2, "{drawn:?}");
    }
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
            resolves(&scenario, seed).unwrap_or_else(|wrong| panic!("{wrong}"));
        }
    }
}
