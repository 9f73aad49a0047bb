//! A campaign as lines of JSON, each one written when it is known: what will run, each failure as it is found,
//! then what every scenario came to, the kinds of failure, and the sum of it all.
//!
//! Failures come in the order in which they were found, which depends on the machine; everything from the
//! first `scenario` on does not.

use crate::failure::Shown;
use crate::json::{End, Scenario, class, scenario, seed};
use crate::shrunk::SmallerJson;
use crate::subject::Subject;
use crate::tagged::{Tagged, json_line};
use crate::why::{LineJson, lines_json};
use serde::Serialize;
use whitewater_campaign::group::Group;
use whitewater_campaign::summary::Summary;
use whitewater_check::property::Property;

/// What kind of JSON this is.
pub(crate) const FORMAT: &str = "whitewater/campaign";

/// The version of its layout.
pub(crate) const VERSION: u32 = 1;

#[derive(Serialize)]
struct Begin<'a> {
    scenarios: Vec<Asked<'a>>,
}

#[derive(Serialize)]
struct Asked<'a> {
    name: &'a str,
    file: &'a str,
    first: String,
    last: String,
}

/// A run that failed, the moment that it did.
#[derive(Clone, Copy, Debug)]
pub struct Failed<'a> {
    /// The scenario.
    pub subject: &'a Subject,
    /// The seed of the run.
    pub seed: u64,
    /// What was violated.
    pub property: Property,
    /// The step that showed it.
    pub step: u32,
    /// Where its capsule is.
    pub capsule: Option<&'a str>,
}

#[derive(Serialize)]
struct FailedJson<'a> {
    name: &'a str,
    file: &'a str,
    seed: String,
    property: &'static str,
    class: &'static str,
    step: u32,
    capsule: Option<&'a str>,
}

/// A kind of failure as JSON has it.
#[derive(Serialize)]
pub(crate) struct KindJson<'a> {
    scenario: &'a str,
    system: &'a str,
    bug: Option<&'a str>,
    property: &'static str,
    class: &'static str,
    trail: &'a [&'static str],
    runs: u64,
    seed: String,
    step: u32,
    facts: &'a [String],
    capsule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shrunk: Option<SmallerJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<LineJson>,
}

/// The first line: what will run.
#[must_use]
pub fn begin_line<'a>(subjects: impl IntoIterator<Item = &'a Subject>) -> String {
    let asked = |subject: &'a Subject| Asked {
        name: subject.scenario.name(),
        file: &subject.file,
        first: seed(subject.seeds.first()),
        last: seed(subject.seeds.last()),
    };
    line("begin", Begin { scenarios: subjects.into_iter().map(asked).collect() })
}

/// A run failed.
#[must_use]
pub fn failed_line(failed: Failed<'_>) -> String {
    let Failed { subject, seed: number, property, step, capsule } = failed;
    let (name, file) = (subject.scenario.name(), subject.file.as_str());
    let (seed, class, property) = (seed(number), class(property), property.name());
    line("failed", FailedJson { name, file, seed, property, class, step, capsule })
}

/// What a scenario came to: the same that the document of a run has in `scenarios`.
#[must_use]
pub fn scenario_line(subject: &Subject, summary: &Summary) -> String {
    line::<Scenario>("scenario", scenario(subject, summary, Shown::LastLines))
}

/// A kind of failure.
#[must_use]
pub fn kind_line(group: &Group) -> String {
    line("kind", kind(group, group.capsule.as_deref()))
}

/// A kind of failure as JSON has it, with what its capsule is called there.
pub(crate) fn kind<'a>(group: &'a Group, capsule: Option<&'a str>) -> KindJson<'a> {
    KindJson {
        scenario: &group.scenario,
        system: &group.system,
        bug: group.bug.as_deref(),
        property: group.property.name(),
        class: class(group.property),
        trail: &group.trail,
        runs: group.runs,
        seed: seed(group.seed),
        step: group.step,
        facts: &group.facts,
        capsule,
        shrunk: group.shrunk.as_ref().map(SmallerJson::of),
        why: lines_json(&group.story),
    }
}

/// The last line: what all of it came to.
#[must_use]
pub fn end_line(end: End) -> String {
    line("summary", end)
}

fn line<T: Serialize>(line: &'static str, rest: T) -> String {
    json_line(&Tagged { format: FORMAT, version: VERSION, line, rest })
}
