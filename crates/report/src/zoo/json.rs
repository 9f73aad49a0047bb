//! The zoo for programs.

use crate::shrunk::SizeJson;
use crate::tagged::{Tagged, document as json, json_line};
use crate::zoo::{Hunted, early, outcome};
use serde::Serialize;
use whitewater_campaign::smallest::Smallest;
use whitewater_campaign::zoo::{Bag, Caught, Lens};

/// What kind of JSON this is.
const FORMAT: &str = "whitewater/zoo";

/// The version of its layout.
const VERSION: u32 = 1;

/// One row.
#[derive(Serialize)]
struct Row<'a> {
    bug: Option<&'a str>,
    section: &'a str,
    properties: Vec<&'a str>,
    seen: &'a [&'a str],
    campaign: &'a str,
    well: bool,
    runs: u64,
    first: Seen<'a>,
    early: Seen<'a>,
    outcome: Seen<'a>,
    shrunk: Option<SmallestJson>,
}

/// One kind of sighting over all campaigns; numbers are `null` where too few campaigns saw anything.
#[derive(Serialize)]
struct Seen<'a> {
    mostly: Option<&'a str>,
    median: Option<u64>,
    p90: Option<u64>,
    missed: usize,
    /// The seeds of each campaign, `null` where it saw nothing.
    seeds: Vec<Option<u64>>,
}

/// The run by which a bug is told.
#[derive(Serialize)]
struct SmallestJson {
    seed: String,
    property: &'static str,
    from: SizeJson,
    to: SizeJson,
}

impl From<&Smallest> for SmallestJson {
    fn from(smallest: &Smallest) -> Self {
        let &Smallest { seed, property, from, to } = smallest;
        Self { seed: seed.to_string(), property: property.name(), from: from.into(), to: to.into() }
    }
}

impl<'a> Seen<'a> {
    fn of(bag: &'a Bag, lens: Lens) -> Self {
        Self {
            mostly: bag.mostly(lens),
            median: bag.quantile(lens, 50),
            p90: bag.quantile(lens, 90),
            missed: bag.missed(lens),
            seeds: bag.campaigns.iter().map(|caught| lens(caught).map(|seen| seen.seeds)).collect(),
        }
    }
}

impl<'a> Row<'a> {
    fn of(one: &'a Hunted) -> Self {
        Self {
            bug: one.bug,
            section: one.section,
            properties: one.properties.iter().map(|property| property.name()).collect(),
            seen: one.seen,
            campaign: one.campaign,
            well: one.is_well(),
            runs: one.bag.runs(),
            first: Seen::of(&one.bag, Caught::first),
            early: Seen::of(&one.bag, early),
            outcome: Seen::of(&one.bag, outcome),
            shrunk: one.smallest.as_ref().map(SmallestJson::from),
        }
    }
}

/// The results as one document. What depends on the machine stands under `env`.
#[must_use]
pub fn document(hunted: &[Hunted], command: &str, (campaigns, seeds): (u64, u64), threads: usize) -> String {
    let rows: Vec<Row<'_>> = hunted.iter().map(Row::of).collect();
    let hunts: Vec<u64> = hunted.iter().map(|one| one.hunt_ms).collect();
    let shrinks: Vec<u64> = hunted.iter().map(|one| one.shrink_ms).collect();
    json(&serde_json::json!({
        "format": FORMAT,
        "version": VERSION,
        "command": command,
        "campaigns": campaigns,
        "seeds": seeds,
        "bugs": rows,
        "env": {
            "version": env!("CARGO_PKG_VERSION"),
            "threads": threads,
            "elapsed_ms": hunts.iter().chain(&shrinks).sum::<u64>(),
            "bugs_ms": hunts,
            "shrink_ms": shrinks,
        },
    }))
}

/// The results as lines of JSON.
#[must_use]
pub fn json_lines(hunted: &[Hunted]) -> String {
    let line = |one| json_line(&Tagged { format: FORMAT, version: VERSION, line: "bug", rest: Row::of(one) });
    hunted.iter().map(line).collect()
}
