//! Scenarios, verdicts and summaries made by hand.

use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::summary::Summary;
use whitewater_check::finding::{Early, Fact, Finding};
use whitewater_check::markers::{Marker, Markers};
use whitewater_check::property::Property;
use whitewater_check::types::{At, NodeId};
use whitewater_report::subject::{Asked, Subject};
use whitewater_sim::family::Family;
use whitewater_sim::measure::{Histogram, Measure};
use whitewater_sim::plan::{Bound, Expect, Plan};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::trace::{Record, What};
use whitewater_sim::verdict::{Measured, Settling, Verdict};

pub(crate) fn subject(name: &str, seeds: SeedRange) -> Subject {
    let asked = Asked { program: "whitewater".to_owned(), ..Asked::default() };
    let text = r#"{ "version": 1, "name": "a", "about": "A.", "nodes": 5, "run_for": "8s", "timeline": [
        { "at": "20ms", "do": { "crash": { "node": "n2" } }, "note": "One falls." }] }"#;
    let file = format!("scenarios/{name}.json");
    let scenario = Scenario::parse(&file, text).expect("the scenario is right");
    Subject { name: name.to_owned(), file, scenario, seeds, fixed: false, asked }
}

pub(crate) fn at(milliseconds: u64, step: u32) -> At {
    At { time: milliseconds * 1_000_000, step, node: NodeId(4) }
}

pub(crate) fn verdict(seed: u64) -> Verdict {
    let mut markers = Markers::default();
    markers.add(Marker::LeaderElected);
    let record = |step| Record {
        time: u64::from(step) * 1_000_000,
        step,
        cause: 0,
        term: step,
        a: 1,
        b: step,
        node: NodeId(0),
        peer: NodeId(0),
        what: What::Applied,
    };
    Verdict {
        scenario: "swarm".to_owned(),
        seed,
        system: "whitewater".to_owned(),
        bug: None,
        nodes: 5,
        steps: 2_310,
        events: 4_000,
        time: 8_000_000_000,
        digest: 0xabc,
        ladder: Vec::new(),
        faults: 0,
        commits: 412,
        violation: None,
        early: Vec::new(),
        expected: Vec::new(),
        not_observed: vec![Property::Audit],
        markers,
        families: [0; Family::COUNT],
        measures: Vec::new(),
        settling: Settling::Settled,
        stalled: None,
        history: None,
        drawn: Vec::new(),
        story: None,
        trace: (1..=40).map(record).collect(),
    }
}

pub(crate) fn violated(seed: u64) -> Verdict {
    let facts = vec![
        Fact::new(at(1_907, 61), "n1 applied [2] c1#1 (term 1)"),
        Fact::new(at(2_318, 87), "n5 applied [2] c2#1 (term 2)"),
    ];
    let rule = Finding {
        property: Property::CommittedByTheRule,
        at: at(1_900, 61),
        facts: vec![Fact::new(at(1_900, 61), "n1 led term 3 and committed [2] of term 1 by counting")],
    };
    let drawn = vec![("nodes".to_owned(), "5".to_owned()), ("network.loss".to_owned(), "0.12".to_owned())];
    Verdict {
        violation: Some(Finding { property: Property::StateMachineSafety, at: at(2_318, 87), facts }),
        early: vec![Early { finding: rule, count: 3 }],
        drawn,
        ..verdict(seed)
    }
}

pub(crate) fn unmet(seed: u64) -> Verdict {
    let expected = |what: &str, measured: &str, held| Measured {
        what: what.to_owned(),
        measured: measured.to_owned(),
        held,
        over_seeds: false,
    };
    let expected =
        vec![expected("leader within 1.000s", "151.2ms", true), expected("finally logs equal", "no", false)];
    Verdict { expected, ..verdict(seed) }
}

/// Two crashes and a ring, elections of so many milliseconds, and something drawn.
pub(crate) fn measured(seed: u64, milliseconds: &[u64]) -> Verdict {
    let mut values = Histogram::default();
    milliseconds.iter().for_each(|time| values.add(time * 1_000_000));
    let mut verdict = verdict(seed);
    (verdict.families[Family::Crash as usize], verdict.families[Family::Ring as usize]) = (2, 1);
    verdict.measures = vec![(Measure::ElectionTime, values)];
    verdict.drawn = vec![("chaos[0].swarm".to_owned(), "crash, ring off".to_owned())];
    verdict
}

/// The summary of runs of a plan for many seeds whose elections have this bound on their median.
pub(crate) fn bounded(seeds: SeedRange, bound: Bound, verdicts: Vec<Verdict>) -> Summary {
    let expect = Expect::Measured { measure: Measure::ElectionTime, percent: 50, bound };
    let plan = Plan { expect: vec![expect], free: true, ..subject("a", seeds).scenario.plan(1) };
    let mut summary = Summary::of_plan(seeds, &plan);
    for mut verdict in verdicts {
        let what = "election time p50 bounded".to_owned();
        verdict.expected = vec![Measured { what, measured: String::new(), held: false, over_seeds: true }];
        summary.add(verdict);
    }
    summary
}

pub(crate) fn summary(seeds: SeedRange, verdicts: Vec<Verdict>) -> Summary {
    let mut summary = Summary::new(seeds);
    verdicts.into_iter().for_each(|verdict| summary.add(verdict));
    summary
}
