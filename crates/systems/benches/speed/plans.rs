//! The water that is measured on: one cluster with a few dials, written as a scenario.
//!
//! Unless a dial is turned: five nodes, 500 requests a second, messages that take 1 to 10 ms and of which one in
//! a hundred is lost, disks that sync in 0.1 to 1 ms.

use whitewater_sim::plan::{Plan, Stored};
use whitewater_sim::scenario::Scenario;

/// The default campaign, as a person runs it.
const CAMPAIGN: &str = include_str!("../../../../scenarios/campaign/default.json");

/// Crashes and cuts, one in 0.3 to 1.3 seconds.
const FAULTS: &str = r#"{ "every": { "uniform": ["300ms", "1300ms"] }, "pick": [
    { "weight": 2, "do": { "crash": { "node": "random" } }, "for": { "uniform": ["50ms", "500ms"] } },
    { "weight": 1, "do": { "crash": { "node": "leader" } }, "for": { "uniform": ["50ms", "500ms"] } },
    { "weight": 1, "do": { "isolate": { "node": "random" } }, "for": { "uniform": ["50ms", "500ms"] } },
    { "weight": 1, "do": { "isolate": { "node": "leader" } }, "for": { "uniform": ["50ms", "500ms"] } }] }"#;

/// The dials.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Water {
    /// Who swims.
    pub(crate) system: &'static str,
    /// How many nodes.
    pub(crate) nodes: u8,
    /// How many requests a second, of five clients together; 0 for none.
    pub(crate) rate: u64,
    /// How many seconds of virtual time before the cluster settles.
    pub(crate) seconds: u64,
    /// Whether anything but loss goes wrong.
    pub(crate) faults: bool,
    /// How many entries every disk holds at the start.
    pub(crate) stored: usize,
}

/// As the head of this file says, for 60 seconds.
pub(crate) const QUIET: Water =
    Water { system: "whitewater", nodes: 5, rate: 500, seconds: 60, faults: false, stored: 0 };

impl Water {
    /// The plan of one seed.
    pub(crate) fn plan(&self, seed: u64) -> Plan {
        let Self { system, nodes, rate, seconds, faults, stored } = *self;
        let chaos = if faults { FAULTS } else { "" };
        let every =
            5_000_000_u64.checked_div(rate).map(|us| format!(r#"{{ "count": 5, "every": "{us}us" }}"#));
        let clients = every.unwrap_or_default();
        let text = format!(
            r#"{{ "version": 1, "name": "bench", "about": "Water to measure on.", "nodes": {nodes}, "seeds": "free", "run_for": "{seconds}s",
                "system": "{system}",
                "network": {{ "latency": {{ "uniform": ["1ms", "10ms"] }}, "loss": 0.01 }},
                "disk": {{ "sync": {{ "uniform": ["100us", "1ms"] }} }},
                "clients": [{clients}], "chaos": [{chaos}] }}"#
        );
        let scenario = Scenario::parse("bench", &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]));
        let mut plan = scenario.plan(seed);
        if stored > 0 {
            // A log that is long at the start is to stay so.
            plan.system.options.insert("snapshot_every".to_owned(), 0);
            plan.stored = vec![Stored { nodes: u64::MAX, term: 1, log: vec![1; stored] }];
        }
        plan
    }
}

/// The default campaign.
pub(crate) fn campaign() -> Scenario {
    Scenario::parse("default.json", CAMPAIGN).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}
