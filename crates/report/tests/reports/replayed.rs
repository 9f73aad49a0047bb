//! How a run compares with the capsule that it is to repeat, for cases that take a long run to come by.

use crate::by_hand::{subject, summary, violated};
use serde_json::Value;
use whitewater_campaign::ladder::Parting;
use whitewater_campaign::replay::Replay;
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::why::Story;
use whitewater_check::property::Property;
use whitewater_report::failure::Shown;
use whitewater_report::replayed::Replayed;
use whitewater_sim::scenario::Scenario;
use whitewater_sim::scenario::found::Found;

fn found() -> Found {
    Found {
        property: Property::StateMachineSafety,
        step: 87,
        time: None,
        digest: 0xabc,
        version: Some("9.9.9\u{1b}[31m".to_owned()),
        system: None,
        shrunk_from: None,
        facts: Vec::new(),
        ladder: Some(String::new()),
    }
}

fn replay(parting: Option<Parting>) -> Replay {
    Replay {
        verdict: violated(7),
        same_finding: true,
        same_digest: parting.is_none(),
        ended_early: false,
        parting,
        story: Story::default(),
    }
}

fn page(parting: Option<Parting>) -> String {
    let subject = subject("swarm", SeedRange::one(7));
    let (found, replay) = (found(), replay(parting));
    Replayed { subject: &subject, found: &found, replay: &replay, version: "0.1.0" }.page().to_string()
}

#[test]
fn an_interval_is_shown_with_what_happens_in_it_as_far_as_there_is_room() {
    let text = page(Some(Parting::Among { first: 3, last: 6 }));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "  x not the run that the capsule was written of");
    assert_eq!(
        lines[1],
        "      capsule  state machine safety at step 87   digest 0x0000000000000abc   whitewater 9.9.9 [31m"
    );
    assert_eq!(lines[3], "      first    the first step that differs is one of 3 to 6; now there is");
    assert_eq!(lines.len(), 8);
    assert_eq!(lines[4], "       0.003000s       3  n1   applies [3] c1#3");
    let long = page(Some(Parting::Among { first: 1, last: 40 }));
    assert_eq!(long.lines().count(), 4 + 20 + 1);
    assert!(long.ends_with("      and 20 more lines\n"), "{long}");
}

#[test]
fn a_run_that_ends_too_soon_and_one_that_is_the_same() {
    let text = page(Some(Parting::Ends { after: 1_000, of: 2_310 }));
    let last = "      first    now it ends after 1,000 of 2,310 steps; up to then every step is the same\n";
    assert!(text.ends_with(last), "{text}");
    assert!(
        page(None).starts_with("  the same run: state machine safety at step 87, digest 0x0000000000000abc")
    );
}

#[test]
fn the_document_names_both_runs_and_where_they_part() {
    let seeds = SeedRange::one(7);
    let (subject, summary) = (subject("swarm", seeds), summary(seeds, vec![violated(7)]));
    let value = |parting| {
        let (found, replay) = (found(), replay(parting));
        let report = Replayed { subject: &subject, found: &found, replay: &replay, version: "0.1.0" };
        serde_json::from_str::<Value>(&report.document(&summary, Shown::Nothing, 5)).expect("it is JSON")
    };
    let parted = value(Some(Parting::Among { first: 3, last: 6 }));
    assert_eq!(
        (&parted["same"], &parted["exit"], &parted["ladder"]),
        (&false.into(), &5.into(), &true.into())
    );
    assert_eq!((&parted["parting"]["first"], &parted["parting"]["last"]), (&3.into(), &6.into()));
    assert_eq!(parted["parting"]["trace"].as_array().map(Vec::len), Some(4));
    assert_eq!(
        (&parted["capsule"]["system"], &parted["now"]["system"]),
        (&Value::Null, &"whitewater".into())
    );
    let ends = value(Some(Parting::Ends { after: 9, of: 10 }));
    assert_eq!((&ends["parting"]["ends_after"], &ends["parting"]["first"]), (&9.into(), &Value::Null));
}

#[test]
fn a_capsule_is_repeated_by_replay_and_any_other_scenario_by_run() {
    let mut subject = subject("swarm", SeedRange::one(7));
    assert_eq!(subject.again(7), "whitewater run scenarios/swarm.json --seed 7 --trace short");
    let capsule = subject.scenario.resolved(&subject.scenario.plan(7), Some(&found()));
    let capsule = capsule.replace("9.9.9\\u001b[31m", "9.9.9");
    subject.scenario = Scenario::parse("capsule.json", &capsule).expect("it is a capsule");
    subject.file = "a b.json".to_owned();
    assert_eq!(subject.again(7), "whitewater replay 'a b.json' --trace short");
}
