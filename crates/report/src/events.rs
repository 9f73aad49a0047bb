//! The whole trace of one run as lines of JSON, for programs that check it again: a header, a line for each
//! record, and the verdict in short.
//!
//! It knows verdicts, and not where the lines go.

use crate::details::{Details, of};
use crate::json::{digest, seed};
use crate::subject::Subject;
use crate::tagged::{Tagged, json_line};
use crate::trace::{act_at, is_everywhere};
use serde::Serialize;
use whitewater_sim::plan::TimelineAct;
use whitewater_sim::trace::{Record, What};
use whitewater_sim::verdict::{Outcome, Verdict};

/// What kind of JSON this is.
const FORMAT: &str = "whitewater/events";

/// The version of its layout.
const VERSION: u32 = 1;

/// Which run it is.
#[derive(Debug, Serialize)]
pub(crate) struct Header<'a> {
    scenario: &'a str,
    seed: String,
    system: &'a str,
    bug: Option<&'a str>,
    nodes: u8,
}

impl<'a> Header<'a> {
    pub(crate) fn of(verdict: &'a Verdict) -> Self {
        Self {
            scenario: &verdict.scenario,
            seed: seed(verdict.seed),
            system: &verdict.system,
            bug: verdict.bug.as_deref(),
            nodes: verdict.nodes,
        }
    }
}

/// A record.
#[derive(Debug, Serialize)]
struct Event {
    line: &'static str,
    time_ns: u64,
    step: u32,
    cause: Option<u32>,
    node: Option<String>,
    what: &'static str,
    #[serde(flatten)]
    details: Details,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// The verdict in short.
#[derive(Debug, Serialize)]
pub(crate) struct Ending<'a> {
    line: &'static str,
    outcome: &'static str,
    violation: Option<&'a str>,
    early: Vec<&'a str>,
    steps: u32,
    events: u64,
    time_ns: u64,
    digest: String,
}

/// The lines of a run whose whole trace was kept, each with its newline.
pub fn lines<'a>(subject: &Subject, verdict: &'a Verdict) -> impl Iterator<Item = String> + use<'a> {
    let header = Tagged { format: FORMAT, version: VERSION, line: "header", rest: Header::of(verdict) };
    let timeline = subject.timeline(verdict.seed);
    let events =
        (0..verdict.trace.len()).map(move |place| json_line(&event(&verdict.trace, place, &timeline)));
    std::iter::once(json_line(&header))
        .chain(events)
        .chain(std::iter::once_with(|| json_line(&Ending::of(verdict))))
}

fn event(records: &[Record], place: usize, timeline: &[TimelineAct]) -> Event {
    let record = &records[place];
    let (what, details) = of(record);
    // What a step does by itself has that step for its cause, which says nothing.
    let cause = (record.cause != 0 && record.cause != record.step).then_some(record.cause);
    Event {
        line: "event",
        time_ns: record.time,
        step: record.step,
        cause,
        node: (!is_everywhere(record.what)).then(|| record.node.to_string()),
        what,
        details,
        text: (record.what == What::Act).then(|| act_at(records, place, timeline)),
    }
}

impl<'a> Ending<'a> {
    pub(crate) fn of(verdict: &'a Verdict) -> Self {
        Self {
            line: "verdict",
            outcome: match verdict.outcome() {
                Outcome::Held => "held",
                Outcome::Unmet => "unmet",
                Outcome::Violated => "violated",
            },
            violation: verdict.violation.as_ref().map(|finding| finding.property.name()),
            early: verdict.early.iter().map(|early| early.finding.property.name()).collect(),
            steps: verdict.steps,
            events: verdict.events,
            time_ns: verdict.time,
            digest: digest(verdict.digest),
        }
    }
}
