//! What of a trace explains a finding when nobody asks for all of it: the steps that show it, and what came
//! just before.
//!
//! It picks records; how a record reads is the business of the trace.

use crate::acts::names;
use crate::trace::{is_everywhere, line_at, shown};
use std::collections::BTreeSet;
use whitewater_check::finding::Finding;
use whitewater_check::types::{At, Nanos};
use whitewater_sim::plan::TimelineAct;
use whitewater_sim::trace::{Record, What};

/// How many lines of the trace are shown when nobody asks for more.
const LINES: usize = 30;

/// Lines of a trace that explain a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// All of the steps that show it.
    pub(crate) steps: Vec<String>,
    /// The last ones up to then, without those steps.
    pub(crate) last: Vec<String>,
    /// The nodes to which the last ones are kept, by name; empty when they are of all nodes.
    pub(crate) of: String,
}

impl Excerpt {
    /// What explains `finding`, or else the end of the trace.
    pub(crate) fn of(records: &[Record], timeline: &[TimelineAct], finding: Option<&Finding>) -> Self {
        let line = |place: &usize| line_at(records, *place, timeline);
        let seen: Vec<At> = finding.into_iter().flat_map(places).collect();
        let steps: BTreeSet<u32> = seen.iter().map(|at| at.step).collect();
        let nodes = seen.iter().fold(0, |nodes, at| nodes | at.node.bit());
        let in_steps = |place: &usize| steps.contains(&records[*place].step);
        let steps: Vec<usize> = (0..records.len()).filter(in_steps).collect();
        let room = LINES.saturating_sub(steps.len());
        let until = finding.map_or(Nanos::MAX, |finding| finding.at.time);
        let before = &records[..records.partition_point(|record| record.time <= until)];
        let told = |place: &usize| before[*place].what != What::Requested && !in_steps(place);
        let all: Vec<usize> = shown(before).filter(told).collect();
        let concerns = |record: &Record| is_everywhere(record.what) || record.node.bit() & nodes != 0;
        let of_nodes: Vec<usize> = all.iter().copied().filter(|&place| concerns(&before[place])).collect();
        let kept = of_nodes.len() >= room && of_nodes.len() < all.len();
        let last = if kept { of_nodes } else { all };
        Self {
            steps: steps.iter().map(line).collect(),
            last: last[last.len().saturating_sub(room)..].iter().map(line).collect(),
            of: if kept { names(nodes) } else { String::new() },
        }
    }
}

/// Where a finding and its facts showed.
fn places(finding: &Finding) -> impl Iterator<Item = At> {
    finding.facts.iter().map(|fact| fact.at).chain([finding.at])
}
