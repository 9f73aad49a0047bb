//! Settings beside a file: what they change, and where their mistakes are shown.

use proptest::prelude::*;
use whitewater_sim::chance::Chance;
use whitewater_sim::plan::Plan;
use whitewater_sim::scenario::set::Setting;
use whitewater_sim::scenario::{Diagnostic, Scenario};

const TEXT: &str = r#"{ // A scenario with a little of everything.
  "version": 1, "name": "a", "about": "b", "nodes": 5, "run_for": "8s",
  "network": { "latency": "2ms", },
  "clients": [{ "count": 3, "every": "25ms" }],
  "timeline": [
    { "at": "1s", "do": { "isolate": { "node": "n5" } }, "for": "2s" },
  ],
}
"#;

fn read(arguments: &[&str]) -> Result<Scenario, Vec<Diagnostic>> {
    let settings: Result<Vec<Setting>, _> =
        arguments.iter().map(|argument| Setting::parse(argument)).collect();
    Scenario::parse_with("a.json", TEXT, &settings.map_err(|wrong| vec![*wrong])?)
}

fn plan(arguments: &[&str]) -> Plan {
    read(arguments).unwrap_or_else(|found| panic!("{arguments:?}\n{}", found[0])).plan(1)
}

#[test]
fn a_setting_replaces_what_the_file_says() {
    assert_eq!(plan(&["run_for=5s"]).run_for, 5_000_000_000);
    assert_eq!(plan(&["nodes = 7"]).nodes, 7);
    assert_eq!(plan(&["nodes=7", "nodes=9"]).nodes, 9, "the last one counts");
    assert_eq!(plan(&["clients[0].count=9"]).clients[0].count, 9);
    assert_eq!(plan(&["clients.0.count=9"]).clients[0].count, 9);
    assert_eq!(plan(&["clients=[]"]).clients.len(), 0);
    assert_eq!(plan(&["name=other"]).name, "other");
    assert_eq!(plan(&["name=\"other\""]).name, "other");
    let halves = plan(&["timeline[0].do={\"partition\": {\"groups\": [[\"n1\"], [\"n2\"]]}}"]);
    assert!(
        matches!(&halves.timeline[0].act, whitewater_sim::plan::Act::Partition(groups) if groups.len() == 2)
    );
    let nested = plan(&[
        "timeline[0].do={\"partition\": {\"groups\": [[\"n1\"], [\"n2\"]]}}",
        "timeline.0.do.partition.groups.1.0=n4",
    ]);
    let groups = whitewater_sim::plan::Act::Partition(vec![0b1, 0b1000]);
    assert_eq!(nested.timeline[0].act, groups);
}

#[test]
fn a_setting_adds_what_the_file_does_not_have() {
    assert_eq!(plan(&["network.loss=0.5"]).network.all.loss, Chance::per_billion(500_000_000));
    assert!(!plan(&["seed=7", "seeds=fixed"]).free);
    assert_eq!(plan(&["system.noraft.batch=8"]).system.options["batch"], 8);
    assert_eq!(plan(&["system.raft-rs={}"]).system.name, "raft-rs");
    assert_eq!(plan(&["disk.sync.uniform=[\"1ms\", \"2ms\"]"]).disk.sync.max(), 2_000_000);
    assert_eq!(plan(&["clients[1]={\"count\": 2, \"every\": \"1s\"}"]).clients.len(), 2);
    assert_eq!(plan(&["clock.drift=0.1"]).clock.drift_ppm, 100_000);
    assert_eq!(plan(&["network.asymmetry=0.5"]).network.asymmetry, Chance::per_billion(500_000_000));
    assert_eq!(plan(&["clients[0].keys=9"]).clients[0].keys, 9);
    assert_eq!(plan(&["measure=[\"throughput\"]"]).measures.len(), 1);
    assert_eq!(
        plan(&["measure[0]=throughput", "expect[0].measured={\"what\": \"throughput\", \"at_least\": 1}"])
            .expect
            .len(),
        1
    );
    let wiped =
        plan(&["beyond_raft=true", "timeline[1]={\"at\": \"1s\", \"do\": {\"wipe\": {\"node\": \"n1\"}}}"]);
    assert_eq!(wiped.timeline.len(), 2);
    let both = plan(&["chaos[0].every=1s", "chaos[0].pick=[{\"do\": \"ring\"}]"]);
    assert_eq!(both.chaos[0].pick.len(), 1);
    assert_eq!(plan(&["timeline[0].note=it's a cut"]).timeline[0].note.as_deref(), Some("it's a cut"));
    assert_eq!(plan(&["about=a \"quoted\" word"]).name, "a");
}

/// What is set, where in the argument the mistake is shown and how wide, a word of the message and of the help.
type Case = (&'static str, usize, usize, &'static str, &'static str);

const WRONG: &[Case] = &[
    ("network.los=0.1", 9, 3, "unknown field `los`", "did you mean `loss`?"),
    ("netwrok.loss=0.1", 1, 7, "unknown field `netwrok`", "did you mean `network`?"),
    ("network.loss=7", 14, 1, "a probability from 0 to 1", ""),
    ("network.loss=NaN", 14, 3, "a probability from 0 to 1", ""),
    ("network.loss=1e999", 14, 5, "number out of range", ""),
    ("run_for=5", 9, 1, "expected a time with a unit", ""),
    ("run_for=5x", 9, 2, "expected a unit", ""),
    ("run_for=-5s", 9, 3, "expected a time", ""),
    ("nodes=64", 7, 2, "expected 1 to 63, found 64", ""),
    ("nodes=many", 7, 4, "expected a whole number", ""),
    ("nodes.x=3", 7, 1, "plain and has nothing inside", ""),
    ("clients[2].count=3", 9, 1, "the list has 1", ""),
    ("clients.count=3", 9, 5, "expected an index such as `[0]`", ""),
    ("network[0]=3", 9, 1, "expected the name of a field", ""),
    ("chaos[1].every=1s", 7, 1, "there is no list yet", ""),
    ("chaos[0].every=1s", 10, 5, "missing field `pick`", ""),
    ("clock.drift=1", 13, 1, "expected at most 0.9", ""),
    ("clock.drfit=0.1", 7, 5, "unknown field `drfit`", "did you mean `drift`?"),
    ("clients[0].think=1s", 18, 2, "not both", ""),
    ("measure[0]=througput", 12, 9, "unknown measure `througput`", "did you mean `throughput`?"),
    ("timeline[0].standing=maybe", 22, 5, "expected a boolean", ""),
    ("timeline[0].at=9s", 16, 2, "after the end of the run", ""),
    ("timeline[0].do=heel", 16, 4, "unknown word `heel`", "did you mean `heal`?"),
    ("timeline[0].do.isolate.node=n9", 29, 2, "there is no n9", ""),
    ("expect=[{\"finally\": \"leader elected adn logs equal\"}]", 37, 3, "expected `and`, `or`", ""),
    ("expect[0].finally=leader electd", 26, 6, "expected `elected`", "did you mean `elected`?"),
    ("expect=[{]", 10, 1, "key must be a string", ""),
    ("expect=[1,", 11, 1, "EOF", ""),
    ("name=\"x", 8, 1, "EOF", ""),
    ("nodes", 6, 1, "expected `path=value`", ""),
    ("", 1, 1, "expected `path=value`", ""),
    ("=3", 1, 1, "expected the name of a field", ""),
    (".nodes=3", 1, 1, "expected the name of a field", ""),
    ("network..loss=3", 9, 1, "expected the name of a field", ""),
    ("clients[x]=3", 9, 1, "expected an index", ""),
    ("clients[0=3", 10, 1, "expected `]`", ""),
    ("clients[99999999999999999999999]=3", 9, 23, "no list is as long", ""),
    ("no des=3", 4, 3, "expected `.`, `[` or `=`", ""),
];

#[test]
fn a_wrong_setting_is_shown_in_its_argument() {
    for &(argument, column, width, word, help) in WRONG {
        let found = read(&[argument]).err().unwrap_or_else(|| panic!("{argument} is taken"));
        let one = &found[0];
        let place = (one.file.as_str(), one.line, one.column, one.width, one.source_line.as_str());
        assert_eq!(place, ("--set", 1, column, width, argument), "\n{one}");
        assert!(one.message.contains(word), "{argument}\n{one}");
        assert_eq!(one.help.as_deref().unwrap_or(""), help, "{argument}\n{one}");
        assert_eq!(found.len(), 1, "{argument} {found:?}");
    }
}

#[test]
fn what_a_setting_makes_wrong_elsewhere_is_shown_there() {
    let found = read(&["nodes=3", "run_for=500ms", "network.los=1"]).unwrap_err();
    let places: Vec<(&str, usize, usize)> =
        found.iter().map(|one| (one.file.as_str(), one.line, one.column)).collect();
    assert_eq!(places, [("a.json", 6, 13), ("a.json", 6, 48), ("--set", 1, 9)]);
}

#[test]
fn every_setting_that_leads_nowhere_is_reported() {
    let found = read(&["nodes.x=1", "run_for=5s", "clients.x=1"]).unwrap_err();
    let lines: Vec<&str> = found.iter().map(|one| one.source_line.as_str()).collect();
    assert_eq!(lines, ["nodes.x=1", "clients.x=1"]);
}

#[test]
fn hostile_settings_are_refused() {
    let deep = format!("a{}=1", ".a".repeat(10_000));
    let lists = format!("a{}=1", "[0]".repeat(10_000));
    let value = format!("a={}", "[".repeat(100_000));
    for argument in [deep, lists, value] {
        let found = read(&[&argument]).unwrap_err();
        assert_eq!((found[0].file.as_str(), found.len()), ("--set", 1), "{}", found[0].message);
    }
}

proptest! {
    #[test]
    fn no_argument_makes_it_panic(arguments in prop::collection::vec("(nodes|network|clients|timeline|chaos|x)?[a-z0-9.=\\[\\]{}\"é ]{0,12}(=[\\[\\]{}\"0-9a-z]{0,5})?", 0..3)) {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        if let Err(found) = read(&arguments) {
            prop_assert!(!found.is_empty());
        }
    }
}
