//! A run that was made smaller: how much, and what is left of its faults.

use crate::acts::words;
use crate::failure::replay;
use crate::page::{Page, Style};
use crate::subject::quoted;
use crate::tagged::document;
use crate::words::{counted, grouped, listed};
use serde::{Deserialize, Serialize};
use whitewater_campaign::group::Smaller;
use whitewater_campaign::shrink::{Shrunk, Size, faults};
use whitewater_sim::expectations::span;
use whitewater_sim::plan::{Due, Plan, TimelineAct};
use whitewater_sim::scenario::Scenario;

/// What kind of JSON this is.
const FORMAT: &str = "whitewater/shrink";

/// The version of its layout.
const VERSION: u32 = 1;

/// What came of making a run smaller, for reports.
#[must_use]
pub fn told(shrunk: &Shrunk) -> Smaller {
    Smaller { from: shrunk.from, to: shrunk.to, needs: needs(&shrunk.plan, &shrunk.needs) }
}

/// Faults at these places of the timeline of a plan, in words.
#[must_use]
pub fn needs(plan: &Plan, places: &[usize]) -> Vec<String> {
    places.iter().filter_map(|place| plan.timeline.get(*place)).map(need).collect()
}

/// A fault in words, and when it is done.
fn need(act: &TimelineAct) -> String {
    match &act.due {
        Due::At(time) => format!("{} @{}", words(&act.act, 0), span(*time)),
        Due::When(predicate, _) => format!("{} when {predicate}", words(&act.act, 0)),
    }
}

/// The lines that say how much smaller it is, and what it needs.
#[must_use]
pub fn smaller(Smaller { from, to, needs }: &Smaller) -> Page {
    let mut page = needed(needs);
    page.append(change(from, to));
    page
}

/// The lines that say what it needs; nothing when that is nothing.
pub(crate) fn needed(needs: &[String]) -> Page {
    let mut page = Page::new();
    if !needs.is_empty() {
        page.append(listed("    needs  ", needs.iter().cloned()));
        page.add(Style::Dim, "           drop any one: no violation").end_line();
    }
    page
}

/// The line that says how much smaller the run of a capsule is than the one that it was made of; nothing of any
/// other scenario.
pub(crate) fn smaller_than(scenario: &Scenario, seed: u64) -> Page {
    let Some(found) = scenario.found() else { return Page::new() };
    let Some(was) = &found.shrunk_from else { return Page::new() };
    let plan = scenario.plan(seed);
    // A file may hold any number; one that does not fit is shown as the greatest that does.
    let from = Size {
        steps: was.steps.try_into().unwrap_or(u32::MAX),
        faults: was.faults.try_into().unwrap_or(usize::MAX),
        nodes: was.nodes.try_into().unwrap_or(u8::MAX),
    };
    let steps = found.step.try_into().unwrap_or(u32::MAX);
    change(&from, &Size { steps, faults: faults(&plan), nodes: plan.nodes })
}

/// The line that says how much smaller it is.
fn change(from: &Size, to: &Size) -> Page {
    let mut page = Page::new();
    page.add(Style::Dim, "    shrunk ").plain(format!(
        "{} -> {}, {} -> {}, {} -> {}",
        grouped(from.steps),
        counted(to.steps, "step"),
        grouped(from.faults as u64),
        counted(to.faults as u64, "fault"),
        from.nodes,
        counted(to.nodes, "node")
    ));
    page.end_line();
    page
}

/// The same, and how to run it again.
#[must_use]
pub fn page(shrunk: &Smaller, program: &str, capsule: &str) -> Page {
    let mut page = smaller(shrunk);
    page.append(replay(&format!("{program} replay {}", quoted(capsule))));
    page
}

/// The same as one JSON document, for a command that ends with this code.
#[must_use]
pub fn json(shrunk: &Smaller, capsule: &str, exit: u8) -> String {
    let smaller = SmallerJson::of(shrunk);
    document(&Document { format: FORMAT, version: VERSION, capsule, smaller, exit })
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    version: u32,
    capsule: &'a str,
    #[serde(rename = "shrunk")]
    smaller: SmallerJson,
    exit: u8,
}

/// A run before and after, as JSON.
#[derive(Serialize, Deserialize)]
pub(crate) struct SmallerJson {
    from: SizeJson,
    to: SizeJson,
    needs: Vec<String>,
}

/// How large a run is, as JSON.
#[derive(Serialize, Deserialize)]
pub(crate) struct SizeJson {
    steps: u32,
    faults: usize,
    nodes: u8,
}

impl From<Size> for SizeJson {
    fn from(size: Size) -> Self {
        Self { steps: size.steps, faults: size.faults, nodes: size.nodes }
    }
}

impl SmallerJson {
    /// As JSON.
    pub(crate) fn of(smaller: &Smaller) -> Self {
        Self { from: smaller.from.into(), to: smaller.to.into(), needs: smaller.needs.clone() }
    }
}

impl From<SmallerJson> for Smaller {
    fn from(json: SmallerJson) -> Self {
        let size = |size: SizeJson| Size { steps: size.steps, faults: size.faults, nodes: size.nodes };
        Self { from: size(json.from), to: size(json.to), needs: json.needs }
    }
}
