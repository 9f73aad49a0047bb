//! A system that does what its seed says, so that every kind of result can be had at will.

use whitewater_campaign::leg::MakeRunner;
use whitewater_check::finding::{Early, Fact, Finding};
use whitewater_check::markers::{Marker, Markers};
use whitewater_check::property::Property;
use whitewater_check::types::{At, NodeId};
use whitewater_sim::family::Family;
use whitewater_sim::measure::{Histogram, Measure};
use whitewater_sim::plan::Plan;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::trace::{Keep, Record, What};
use whitewater_sim::verdict::{Measured, Rung, Settling, Verdict};

/// A scenario for it.
pub(crate) const SCENARIO: &str = r#"{ "version": 1, "name": "made-up", "about": "For tests.", "nodes": 3, "run_for": "1s",
    "system": { "whitewater": { "entries_per_append": { "one_of": [1, 2] }, "bug": "a-bug" } } }"#;

const RECORD: Record = Record {
    time: 1,
    step: 1,
    cause: 0,
    term: 1,
    a: 0,
    b: 0,
    node: NodeId(0),
    peer: NodeId(0),
    what: What::Interval,
};

/// Seeds that end in 3 violate, those that end in 7 meet no expectation, those that end in 5 see something
/// that is judged over all seeds. Every fourth seed stalls, and every eighth could not do otherwise. Each
/// measures its own number and 1,000. The digest of seed 20 depends on what the
/// runner did before.
pub(crate) struct Obedient {
    runs: u64,
}

impl Runner for Obedient {
    fn run(&mut self, plan: Plan, settings: &Settings) -> Result<Verdict, Unsupported> {
        assert_ne!(plan.seed, 99, "a mistake of the program");
        if plan.system.bug.as_deref() == Some("unknown") {
            return Err(Unsupported("no such bug".to_owned()));
        }
        self.runs += 1;
        let at = At { time: 5, step: 2, ..At::default() };
        let finding = |property| Finding { property, at, facts: vec![Fact::new(at, "a fact")] };
        let early = Early { finding: finding(Property::Monotonicity), count: 2 };
        let violated = plan.seed % 10 == 3;
        let expected = |what: &str, held, over_seeds| Measured {
            what: what.to_owned(),
            measured: String::new(),
            held,
            over_seeds,
        };
        let drift = u64::from(plan.seed == 20) * self.runs;
        let mut markers = Markers::default();
        markers.add(Marker::Crashes);
        Ok(Verdict {
            scenario: plan.name,
            seed: plan.seed,
            system: plan.system.name,
            bug: plan.system.bug,
            nodes: 3 + (plan.seed % 2) as u8 * 2,
            steps: 3,
            events: 10,
            time: 1_000,
            digest: plan.seed.wrapping_mul(7).wrapping_add(drift),
            ladder: if settings.ladder {
                vec![rung(1, 1), rung(2, 2 + drift as u32), rung(3, 3)]
            } else {
                Vec::new()
            },
            faults: 1,
            commits: 2,
            violation: violated.then(|| finding(Property::LogMatching)),
            early: if violated { vec![early] } else { Vec::new() },
            expected: vec![
                expected("sometimes five", plan.seed % 10 == 5, true),
                expected("not seven", plan.seed % 10 != 7, false),
            ],
            not_observed: Vec::new(),
            markers,
            families: families(plan.seed as u32 % 3),
            measures: vec![(Measure::ElectionTime, values([plan.seed, 1_000]))],
            settling: match plan.seed % 8 {
                0 => Settling::Impossible,
                4 => Settling::Stalled,
                _ => Settling::Settled,
            },
            stalled: None,
            history: None,
            drawn: Vec::new(),
            story: None,
            trace: if settings.keep == Keep::All { vec![RECORD] } else { Vec::new() },
        })
    }
}

fn families(rings: u32) -> [u32; Family::COUNT] {
    let mut families = [0; Family::COUNT];
    (families[Family::Crash as usize], families[Family::Ring as usize]) = (1, rings);
    families
}

/// A histogram of these values.
pub(crate) fn values(values: impl IntoIterator<Item = u64>) -> Histogram {
    let mut histogram = Histogram::default();
    values.into_iter().for_each(|value| histogram.add(value));
    histogram
}

/// Makes one.
pub(crate) const OBEDIENT: MakeRunner = || Box::new(Obedient { runs: 0 });

fn rung(step: u32, digest: u32) -> Rung {
    Rung { step, digest }
}
