//! `why` from outside: of a capsule, of one that is another run, and of a scenario.

use crate::common::{SCENARIOS, folder, stderr, stdout, text, whitewater};
use crate::replay::made;
use serde_json::Value;
use whitewater_sim::run::Settings;

/// The rule that figure 8 breaks, as a line says it.
const BROKEN: &str = "<- breaks §5.4.2";

#[test]
fn a_capsule_tells_its_story_and_ends_in_the_line_to_paste() {
    let capsule = made(Settings::default()).file("why", |_| ());
    let output = whitewater(&["why", text(&capsule)]);
    let said = stdout(&output);
    assert_eq!((output.status.code(), stderr(&output)), (Some(1), String::new()), "{said}");
    assert!(said.starts_with("  x leader completeness   t=") && said.contains(BROKEN), "{said}");
    assert!(said.lines().count() <= 20, "{said}");
    let last = said.lines().last().unwrap();
    assert!(last.starts_with("    replay whitewater replay "), "{last}");
}

#[test]
fn of_a_capsule_that_is_another_run_now_that_is_said_first() {
    let capsule = made(Settings::default()).file("why-other", |found| found.digest ^= 1);
    let output = whitewater(&["why", text(&capsule)]);
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(5), "{said}");
    assert!(said.starts_with("  x not the run that the capsule was written of") && said.contains(BROKEN));
    for other in [["--seed", "3"], ["--set", "nodes=5"]] {
        let output = whitewater(&[&["why", text(&capsule)], &other[..]].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("of its own"), "{}", stderr(&output));
    }
}

#[test]
fn a_run_of_a_scenario_is_looked_into_as_well() {
    let figure = format!("{SCENARIOS}/paper/figure-8.json");
    let json = whitewater(&["why", &figure, "--bug", "commits-older-term", "--format", "json"]);
    assert_eq!(json.status.code(), Some(1));
    let told: Value = serde_json::from_str(&stdout(&json)).expect("it is JSON");
    assert_eq!(
        (&told["format"], &told["property"]),
        (&"whitewater/why".into(), &"leader_completeness".into())
    );
    let broken =
        |line: &&Value| line["broken"] == true && line["section"] == "§5.4.2" && line["node"] == "n1";
    assert_eq!(told["why"].as_array().expect("there are lines").iter().filter(broken).count(), 1, "{told}");
    let holds = whitewater(&["why", &figure]);
    assert_eq!(holds.status.code(), Some(0));
    assert!(stdout(&holds).starts_with("  nothing is wrong with seed 8 in "), "{}", stdout(&holds));
    let unknown = whitewater(&["why", &figure, "--system", "nobodys"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("there is no system `nobodys`"), "{}", stderr(&unknown));
}

#[test]
fn a_run_with_other_values_has_them_in_its_story_and_in_the_line_to_paste() {
    let small = format!("{SCENARIOS}/campaign/small.json");
    let asked = ["why", &small, "--bug", "half-is-a-majority-of-votes", "--seed", "3", "--set", "nodes=4"];
    let (output, plain) = (whitewater(&asked), whitewater(&asked[..6]));
    assert_eq!(output.status.code(), Some(1), "{}", stdout(&output));
    assert_ne!(stdout(&output), stdout(&plain), "{}", stderr(&output));
    let last = stdout(&output).lines().last().unwrap().to_owned();
    assert!(last.contains(" --set nodes=4") && last.contains(" --seed 3"), "{last}");
}

#[test]
fn a_kind_of_failure_is_told_with_what_it_needs_and_so_is_its_capsule() {
    let reports = folder("why-needs");
    let small = format!("{SCENARIOS}/campaign/small.json");
    let bug = ["--bug", "counts-unsynced-self"];
    let which = ["--seeds", "31..31", "--report-dir", text(&reports)];
    let said = stdout(&whitewater(&[&["fuzz", &small], &bug[..], &which[..]].concat()));
    let block = said.split("\n  x ").find(|block| block.starts_with("acknowledged means kept")).expect(&said);
    let labels = ["    why    ", "    needs  ", "           drop any one: ", "    shrunk ", "    replay "];
    let places: Vec<usize> =
        labels.iter().map(|label| block.find(&format!("\n{label}")).expect(block)).collect();
    assert!(places.is_sorted(), "{block}");
    let line = |text: &str, label: &str| {
        text.lines().find(|line| line.starts_with(label)).map(str::to_owned).expect(label)
    };
    let paste = line(block, labels[4]);
    let (_, capsule) = paste.split_once("whitewater replay ").expect("it can be pasted");
    for command in ["why", "replay"] {
        let again = stdout(&whitewater(&[command, capsule]));
        labels[..4].iter().for_each(|label| assert_eq!(line(&again, label), line(block, label), "{again}"));
    }
    let json = stdout(&whitewater(&["why", capsule, "--format", "json"]));
    let told: Value = serde_json::from_str(&json).expect("it is JSON");
    let needs = told["needs"].as_array().expect("it was tried");
    assert!(needs.len() == 1 && line(block, labels[1]).ends_with(needs[0].as_str().unwrap()), "{json}");
}
