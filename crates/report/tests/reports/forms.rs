//! The forms for other programs, each held against the rules of the one that reads it.

use crate::by_hand::{bounded, measured, subject, summary, unmet, verdict, violated};
use roxmltree::{Document, Node};
use serde_json::Value;
use std::collections::BTreeSet;
use whitewater_campaign::group::{Group, Smaller};
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::shrink::Size;
use whitewater_campaign::summary::Summary;
use whitewater_campaign::twice::Difference;
use whitewater_campaign::why::Story;
use whitewater_check::property::Property;
use whitewater_report::campaign::{Failed, begin_line, end_line, failed_line, kind_line, scenario_line};
use whitewater_report::json::{End, Env};
use whitewater_report::subject::Subject;
use whitewater_report::{github, junit, markdown};
use whitewater_sim::plan::Bound;
use whitewater_sim::verdict::Verdict;

/// What would be markup in each of the forms.
const NASTY: &str = "a%b\r\nc: d, e::error::f <g> & \"h\" | `i` *j* \u{1b}[31m]]>";

fn group(scenario: &str, seed: u64, trail: &[&'static str]) -> Group {
    Group {
        scenario: scenario.to_owned(),
        system: "whitewater".to_owned(),
        bug: Some("commits-older-term".to_owned()),
        property: Property::LeaderCompleteness,
        trail: trail.to_vec(),
        runs: 3,
        seed,
        step: 7_837,
        facts: vec!["n4 held [129]".to_owned(), "n1 leads without it".to_owned()],
        capsule: Some("reports/failures/leader-completeness-9f3c.json".to_owned()),
        shrunk: Some(Smaller {
            from: Size { steps: 7_837, faults: 41, nodes: 5 },
            to: Size { steps: 87, faults: 1, nodes: 3 },
            needs: vec!["isolate n1 @30ms".to_owned()],
        }),
        story: Story::default(),
    }
}

fn range(text: &str) -> SeedRange {
    text.parse().expect("it is a range of seeds")
}

/// Four scenarios: one held, one violated in two kinds, one with everything else that can go wrong, one refused.
fn campaign() -> (Vec<(Subject, Summary)>, Vec<Group>) {
    let seeds = range("1..2");
    let held = summary(seeds, vec![measured(1, &[150]), measured(2, &[250])]);
    let bad = summary(range("1..4"), (1..=4).map(violated).collect());
    let mut odd = bounded(range("1..3"), Bound::AtMost(1), vec![measured(1, &[100]), verdict(3)]);
    odd.add(unmet(2));
    odd.add_difference(Difference { seed: 3, step: Some(1_200), digests: (1, 2) });
    let mut refused = Summary::new(seeds);
    refused.refuse(NASTY.to_owned());
    let groups = vec![group("bad", 2, &["vote", "crash"]), group("bad", 3, &[]), group("elsewhere", 1, &[])];
    let of = |(name, summary): (&str, Summary)| (subject(name, seeds), summary);
    (
        vec![("held", held), ("bad", bad), ("odd", odd), ("refused", refused)].into_iter().map(of).collect(),
        groups,
    )
}

type Form = fn(&[(&Subject, &Summary)], &[Group]) -> String;

fn written(form: Form, scenarios: &[(Subject, Summary)], groups: &[Group]) -> String {
    form(&scenarios.iter().map(|(subject, summary)| (subject, summary)).collect::<Vec<_>>(), groups)
}

/// Everything in it is nasty.
fn nasty(form: Form) -> String {
    let seeds = range("1..2");
    let mut verdict = violated(1);
    verdict.violation.as_mut().expect("it is violated").facts[0].text = NASTY.to_owned();
    let subject = Subject { name: NASTY.to_owned(), file: NASTY.to_owned(), ..subject("a", seeds) };
    let group =
        Group { facts: vec![NASTY.to_owned()], capsule: Some(NASTY.to_owned()), ..group(NASTY, 1, &[]) };
    let summary = summary(seeds, vec![verdict, unmet(2)]);
    let scenarios = [(subject, summary)];
    written(form, &scenarios, &[]) + "\0" + &written(form, &scenarios, &[group])
}

fn elements<'a>(node: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(Node::is_element)
}

fn number(node: Node<'_, '_>, name: &str) -> usize {
    node.attribute(name).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{name} of {node:?}"))
}

fn only_attributes(node: Node<'_, '_>, names: &[&str]) {
    let strange = node.attributes().map(|one| one.name()).find(|name| !names.contains(name));
    assert_eq!(strange, None, "of {node:?}");
}

/// Holds a text against the rules of the schema that Jenkins and others read JUnit's XML by.
fn assert_is_junit(text: &str) {
    let document = Document::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let root = document.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    only_attributes(root, &["name", "time", "tests", "failures", "disabled", "errors"]);
    for count in ["tests", "failures", "errors"] {
        let sum: usize = elements(root).map(|suite| number(suite, count)).sum();
        assert_eq!(number(root, count), sum, "{count}");
    }
    for suite in elements(root) {
        assert_eq!(suite.tag_name().name(), "testsuite");
        assert!(suite.has_attribute("name"));
        only_attributes(suite, &["name", "tests", "failures", "errors", "skipped"]);
        let cases: Vec<Node<'_, '_>> = elements(suite).collect();
        assert_eq!(cases.len(), number(suite, "tests"));
        for (count, tag) in [("failures", "failure"), ("skipped", "skipped"), ("errors", "error")] {
            let with = |case: &&Node<'_, '_>| elements(**case).any(|inner| inner.tag_name().name() == tag);
            assert_eq!(cases.iter().filter(with).count(), number(suite, count), "{count}");
        }
        let names: BTreeSet<_> =
            cases.iter().map(|case| case.attribute("name").expect("it has a name")).collect();
        assert_eq!(names.len(), cases.len(), "names are told apart: {names:?}");
        cases.into_iter().for_each(assert_is_case);
    }
}

fn assert_is_case(case: Node<'_, '_>) {
    assert_eq!(case.tag_name().name(), "testcase");
    assert!(case.has_attribute("classname"));
    only_attributes(case, &["name", "classname"]);
    for inner in elements(case) {
        match inner.tag_name().name() {
            "failure" => only_attributes(inner, &["type", "message"]),
            "skipped" => only_attributes(inner, &["message"]),
            "system-out" => only_attributes(inner, &[]),
            other => panic!("<{other}> in a case"),
        }
        assert_eq!(elements(inner).count(), 0, "only text is in {inner:?}");
    }
}

#[test]
fn a_campaign_is_junit() {
    let (scenarios, groups) = campaign();
    let text = written(junit::campaign, &scenarios, &groups);
    assert_is_junit(&text);
    let document = Document::parse(&text).unwrap();
    let names = |name: &str| {
        let suite = elements(document.root_element()).find(|suite| suite.attribute("name") == Some(name));
        elements(suite.unwrap()).map(|case| case.attribute("name").unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("held"), ["seeds 1..2: runs that held"]);
    assert_eq!(names("bad"), ["leader completeness (vote, crash)", "leader completeness"]);
    let odd = [
        "nondeterministic",
        "not as expected",
        "election time p50 at most 0.0ms",
        "seeds 1..2: runs that held",
    ];
    assert_eq!(names("odd"), odd);
    assert_eq!(names("refused"), ["seeds 1..2: runs"]);
    assert!(text.contains(r#"message="leader completeness in 3 of 4 runs""#), "{text}");
    assert!(
        text.contains("replay: whitewater replay reports/failures/leader-completeness-9f3c.json"),
        "{text}"
    );
}

#[test]
fn an_interrupted_campaign_skips_what_it_did_not_run() {
    let scenarios = [(subject("part", range("1..9")), summary(range("1..9"), vec![verdict(1)]))];
    let text = written(junit::campaign, &scenarios, &[]);
    assert_is_junit(&text);
    assert!(text.contains(r#"<skipped message="1 of 9 runs done"/>"#), "{text}");
    assert!(text.contains("1 of 1 run held; in all of them 2,310 steps"), "{text}");
}

#[test]
fn nothing_at_all_is_junit() {
    assert_is_junit(&junit::campaign(&[], &[]));
    assert_eq!(github::campaign(&[], &[]), "");
}

#[test]
fn what_would_be_markup_stays_text_in_junit() {
    for text in nasty(junit::campaign).split('\0') {
        assert_is_junit(text);
        let document = Document::parse(text).unwrap();
        let suite = elements(document.root_element()).next().unwrap();
        let shown = NASTY.replace('\u{1b}', "\u{fffd}");
        assert_eq!(suite.attribute("name"), Some(shown.as_str()));
        let failure = document.descendants().find(|node| node.has_tag_name("failure")).unwrap();
        assert!(failure.text().unwrap().starts_with(&shown), "{:?}", failure.text());
    }
}

/// The properties and the text of a workflow command, unescaped as the runner does it.
fn command(line: &str) -> (String, Vec<(String, String)>, String) {
    let (head, data) =
        line.strip_prefix("::").and_then(|line| line.split_once("::")).expect("it is a command");
    let (name, properties) = head.split_once(' ').expect("it has properties");
    let data_of = |text: &str| text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%");
    let property_of = |text: &str| data_of(&text.replace("%3A", ":").replace("%2C", ","));
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').expect("a property has a value");
        (name.to_owned(), property_of(value))
    };
    (name.to_owned(), properties.split(',').map(pair).collect(), data_of(data))
}

#[test]
fn each_kind_is_one_annotation() {
    let (scenarios, groups) = campaign();
    let text = written(github::campaign, &scenarios, &groups);
    let commands: Vec<_> = text.lines().map(command).collect();
    assert_eq!(commands.len(), 5, "{text}");
    let (name, properties, data) = &commands[0];
    assert_eq!(name, "error");
    let title = "bad: leader completeness in 3 of 4 runs".to_owned();
    let expected = [("file".to_owned(), "scenarios/bad.json".to_owned()), ("title".to_owned(), title)];
    assert_eq!(properties, &expected);
    let expected = "n4 held [129]\nn1 leads without it\nshown by: seed 2, step 7,837\nreplay: whitewater replay reports/failures/leader-completeness-9f3c.json";
    assert_eq!(data, expected);
    let last = "measured 100.0ms of 1\nreplay: whitewater run scenarios/odd.json --seeds 1..2";
    assert_eq!(commands[4].2, last);
}

#[test]
fn github_gets_ten_annotations_and_then_a_number() {
    let seeds = range("1..9");
    let scenarios: Vec<_> =
        (0..13).map(|n| (subject(&format!("s{n}"), seeds), summary(seeds, vec![violated(1)]))).collect();
    let lines = |count: usize| {
        let text = written(github::campaign, &scenarios[..count], &[]);
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!((lines(10).len(), lines(11).len(), lines(13).len()), (10, 11, 11));
    assert!(lines(13)[..10].iter().all(|line| line.starts_with("::error file=")));
    assert_eq!(lines(11)[10], "::notice title=whitewater::1 more kind of failure");
    assert_eq!(lines(13)[10], "::notice title=whitewater::3 more kinds of failure");
}

#[test]
fn what_would_be_a_command_stays_text_on_github() {
    for text in nasty(github::campaign).split('\0') {
        assert_eq!(text.lines().count(), 2, "{text}");
        for line in text.lines() {
            let (name, properties, _) = command(line);
            assert_eq!((name.as_str(), properties.len()), ("error", 2), "{line}");
            assert_eq!(properties[0].1, NASTY);
            assert!(properties[1].1.starts_with(&format!("{NASTY}: ")), "{line}");
        }
        assert!(command(text.lines().next().unwrap()).2.starts_with(NASTY), "{text}");
    }
}

/// How many cells a row of a table has.
fn cells(row: &str) -> usize {
    row.replace("\\\\", "").replace("\\|", "").matches('|').count() - 1
}

/// Every table has rows of one width; gives the headings.
fn assert_tables_are_whole(text: &str) -> Vec<&str> {
    let mut width = None;
    for line in text.lines() {
        match line.starts_with('|') {
            true => assert_eq!(cells(line), *width.get_or_insert(cells(line)), "{line}"),
            false => width = None,
        }
    }
    text.lines().filter(|line| line.starts_with('#')).collect()
}

#[test]
fn the_summary_of_a_step_says_what_ran_what_failed_and_what_was_measured() {
    let (scenarios, groups) = campaign();
    let text = written(markdown::campaign, &scenarios, &groups);
    let headings = assert_tables_are_whole(&text);
    let first = "## whitewater: 4 scenarios, 1 held, 1 violated, 1 nondeterministic, 1 skipped";
    assert_eq!(headings, [first, "### What went wrong", "### Measured"]);
    for row in [
        "| ok | held | seeds 1..2 | 2 | 2 | 0 | 0 | 4,620 | 0 | 824 |",
        "| x | bad | seeds 1..2 | 4 | 0 | 4 | 0 | 9,240 | 0 | 1,648 |",
        "| leader completeness (vote, crash) | bad | 3 of 4 runs | seed 2, step 7,837 | n4 held \\[129\\]; n1 leads without it | reports/failures/leader-completeness-9f3c.json |",
        "whitewater replay reports/failures/leader-completeness-9f3c.json",
        "whitewater run scenarios/odd.json --seed 3 --twice",
        "| held | steps a run | 2,310 | 2,310 | 2,310 | 2,310 | 2,310 | 2 |",
        "| bad | commits a run | 412 | 412 | 412 | 412 | 412 | 4 |",
        "| held | election time | 150.9ms | 250.0ms | 250.0ms | 250.0ms | 200.0ms | 2 |",
    ] {
        assert!(text.lines().any(|line| line == row), "{row} is missing in\n{text}");
    }
    assert!(!text.contains("elsewhere"), "{text}");
}

#[test]
fn where_nothing_failed_nothing_is_to_be_repeated() {
    let scenarios = [(subject("a", range("1..2")), summary(range("1..2"), vec![verdict(1), verdict(2)]))];
    let text = written(markdown::campaign, &scenarios, &[]);
    assert_eq!(assert_tables_are_whole(&text), ["## whitewater: 1 scenario, 1 held", "### Measured"]);
    assert!(!text.contains("```"), "{text}");
}

#[test]
fn what_would_be_markup_stays_text_in_markdown() {
    for text in nasty(markdown::campaign).split('\0') {
        assert_eq!(assert_tables_are_whole(text).len(), 3, "{text}");
        let rows = text.lines().filter(|line| line.starts_with('|'));
        let unescaped =
            rows.flat_map(|row| row.match_indices(['<', '`', '*']).map(move |(at, _)| &row[..at]));
        assert!(
            unescaped.clone().count() > 0 && unescaped.clone().all(|before| before.ends_with('\\')),
            "{text}"
        );
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    }
}

#[test]
fn a_summary_does_not_grow_without_bound() {
    let seeds = range("1..9");
    let scenarios = [(subject("a", seeds), summary(seeds, vec![violated(1)]))];
    let groups: Vec<Group> = (0..1_000).map(|seed| group("a", seed, &[])).collect();
    let text = written(markdown::campaign, &scenarios, &groups);
    assert_eq!(text.matches("| leader completeness |").count(), 50);
    assert!(text.contains("\nand 950 more kinds\n"), "{text}");
}

#[test]
fn a_campaign_is_lines_of_json() {
    let (scenarios, groups) = campaign();
    let (bad, summary) = &scenarios[1];
    let failed =
        Failed { subject: bad, seed: u64::MAX, property: Property::LogMatching, step: 7, capsule: None };
    let env = Env { version: "0.1.0", threads: 2, elapsed_ms: 5 };
    let lines = [
        begin_line(scenarios.iter().map(|(subject, _)| subject)),
        failed_line(failed),
        scenario_line(bad, summary),
        kind_line(&groups[0]),
        end_line(End::new(std::slice::from_ref(summary), false, 1, env)),
    ];
    let lines = lines.map(|line| {
        assert_eq!((line.matches('\n').count(), line.ends_with('\n')), (1, true), "{line}");
        serde_json::from_str::<Value>(&line).unwrap()
    });
    assert!(lines.iter().all(|line| line["format"] == "whitewater/campaign" && line["version"] == 1));
    let [begin, failed, scenario, kind, end] = &lines;
    assert_eq!(begin["scenarios"][1]["file"], "scenarios/bad.json");
    assert_eq!(
        (&failed["seed"], &failed["property"]),
        (&"18446744073709551615".into(), &"log_matching".into())
    );
    assert_eq!((&failed["class"], &failed["capsule"]), (&"outcome".into(), &Value::Null));
    assert_eq!((&scenario["line"], &scenario["runs"]["violated"]), (&"scenario".into(), &4.into()));
    assert_eq!((&kind["trail"][1], &kind["runs"], &kind["seed"]), (&"crash".into(), &3.into(), &"2".into()));
    assert_eq!((&end["summary"]["violated"], &end["exit"]), (&1.into(), &1.into()));
}

#[test]
fn without_groups_the_summary_names_the_failures() {
    let seeds = range("1..2");
    let scenarios =
        [(subject("a", seeds), summary(seeds, vec![violated(1), Verdict { seed: 2, ..unmet(2) }]))];
    let text = written(github::campaign, &scenarios, &[]);
    let commands: Vec<_> = text.lines().map(command).collect();
    assert_eq!(commands[0].1[1].1, "a: state machine safety in 1 of 2 runs");
    let expected = "n1 applied [2] c1#1 (term 1), step 61\nn5 applied [2] c2#1 (term 2), step 87\nshown by: seed 1, step 87\nreplay: whitewater run scenarios/a.json --seed 1 --trace short";
    assert_eq!(commands[0].2, expected);
    assert_eq!(commands[1].1[1].1, "a: not as expected in 1 of 2 runs");
    assert!(commands[1].2.starts_with("expected finally logs equal, measured no\n"), "{text}");
}
