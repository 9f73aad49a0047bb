//! Everything that a run of the command found, as one JSON document, or as a line of JSON for each scenario
//! and one for the end.
//!
//! Seeds and digests are strings: a seed may be larger than what most readers of JSON hold exactly. Nothing
//! but `env` depends on the machine, the wall clock or the number of threads.

use crate::failure::{Shown, shown_lines};
use crate::measures::{Quantiles, quantiles};
use crate::subject::Subject;
use crate::tagged::{Tagged, document, json_line};
use crate::totals::{Tally, sum};
use crate::trace::lines;
use crate::why::{LineJson, lines_json};
use serde::Serialize;
use std::collections::BTreeMap;
use whitewater_campaign::summary::{Expectation, Standing, Summary, Totals};
use whitewater_check::finding::{Fact, Finding};
use whitewater_check::property::{Class, Property};
use whitewater_sim::family::Family;
use whitewater_sim::verdict::{Measured, Settling, Verdict};

/// What kind of JSON this is.
const FORMAT: &str = "whitewater/run";

/// The version of its layout.
const VERSION: u32 = 1;

/// The document.
#[derive(Debug, Serialize)]
pub struct Document {
    format: &'static str,
    version: u32,
    scenarios: Vec<Scenario>,
    #[serde(flatten)]
    end: End,
}

/// What depends on the machine and the moment.
#[derive(Clone, Debug, Serialize)]
pub struct Env {
    /// The version of the program.
    pub version: &'static str,
    /// How many threads ran.
    pub threads: usize,
    /// How long it took, in milliseconds of wall time.
    pub elapsed_ms: u64,
}

impl Env {
    /// As a document of its own.
    #[must_use]
    pub fn text(&self) -> String {
        document(self)
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Scenario {
    name: String,
    file: String,
    standing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
    seeds: Seeds,
    nodes: Option<(u8, u8)>,
    digest: String,
    total: TotalsJson,
    runs: Runs,
    expectations: Vec<ExpectationJson>,
    measures: Vec<Quantiles>,
    found: Vec<FoundJson>,
    not_observed: Vec<&'static str>,
    failures: Vec<Failure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nondeterminism: Option<DifferenceJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<Run>,
}

#[derive(Debug, Serialize)]
struct Seeds {
    first: String,
    last: String,
    own: bool,
}

#[derive(Debug, Serialize)]
struct Runs {
    held: u64,
    violated: u64,
    unmet: u64,
    nondeterministic: u64,
}

#[derive(Debug, Serialize)]
struct ExpectationJson {
    place: usize,
    what: String,
    over_seeds: bool,
    held: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<String>,
    met: u64,
    unmet: u64,
    first_met: Option<String>,
    first_unmet: Option<String>,
}

#[derive(Debug, Serialize)]
struct FoundJson {
    property: &'static str,
    class: &'static str,
    runs: u64,
    first: String,
}

#[derive(Debug, Serialize)]
struct DifferenceJson {
    seed: String,
    step: Option<u32>,
    digests: (String, String),
    replay: String,
}

/// A single run that was asked for.
#[derive(Debug, Serialize)]
struct Run {
    system: String,
    bug: Option<String>,
    time_ns: u64,
    settling: &'static str,
    drawn: BTreeMap<String, String>,
    expected: Vec<MeasuredJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trace: Vec<String>,
}

/// A run that failed, the one with the lowest seed of its kind.
#[derive(Debug, Serialize)]
struct Failure {
    kind: &'static str,
    seed: String,
    system: String,
    bug: Option<String>,
    digest: String,
    steps: u32,
    time_ns: u64,
    settling: &'static str,
    violation: Option<FindingJson>,
    early: Vec<EarlyJson>,
    expected: Vec<MeasuredJson>,
    drawn: BTreeMap<String, String>,
    why: Vec<LineJson>,
    trace: Vec<String>,
    replay: String,
}

#[derive(Debug, Serialize)]
struct MeasuredJson {
    what: String,
    measured: String,
    held: bool,
    over_seeds: bool,
}

#[derive(Debug, Serialize)]
struct FindingJson {
    property: &'static str,
    section: &'static str,
    step: u32,
    time_ns: u64,
    facts: Vec<FactJson>,
}

#[derive(Debug, Serialize)]
struct EarlyJson {
    #[serde(flatten)]
    finding: FindingJson,
    count: u64,
}

#[derive(Debug, Serialize)]
struct FactJson {
    text: String,
    step: u32,
    time_ns: u64,
}

#[derive(Debug, Serialize)]
struct SummaryJson {
    scenarios: usize,
    held: usize,
    violated: usize,
    unmet: usize,
    nondeterministic: usize,
    skipped: usize,
    unfinished: usize,
}

#[derive(Debug, Serialize)]
struct TotalsJson {
    runs: u64,
    steps: u64,
    events: u64,
    time_ns: u64,
    faults: u64,
    faults_by_kind: BTreeMap<&'static str, u64>,
    commits: u64,
    stalled: u64,
    impossible: u64,
    markers: BTreeMap<&'static str, u64>,
}

impl Document {
    /// The document of these scenarios and their summaries.
    #[must_use]
    pub fn new(results: &[(&Subject, &Summary)], shown: Shown, end: End) -> Self {
        Self {
            format: FORMAT,
            version: VERSION,
            scenarios: results.iter().map(|(subject, summary)| scenario(subject, summary, shown)).collect(),
            end,
        }
    }

    /// The document as text, ending in a newline.
    #[must_use]
    pub fn text(&self) -> String {
        document(self)
    }
}

/// The end of a document, and the last line of lines: what all scenarios came to.
#[derive(Debug, Serialize)]
pub struct End {
    summary: SummaryJson,
    total: TotalsJson,
    /// Whether each run was done twice.
    pub twice: bool,
    exit: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    env: Option<Env>,
}

impl End {
    /// What these summaries come to, with what depends on the machine if that is wanted.
    #[must_use]
    pub fn new(summaries: &[Summary], twice: bool, exit: u8, env: impl Into<Option<Env>>) -> Self {
        let (summary, total) = (tally(Tally::of(summaries)), totals(&sum(summaries)));
        Self { summary, total, twice, exit, env: env.into() }
    }
}

/// One scenario as a line, the same that the document has in `scenarios`.
#[must_use]
pub fn scenario_line(subject: &Subject, summary: &Summary, shown: Shown) -> String {
    let rest = scenario(subject, summary, shown);
    json_line(&Tagged { format: FORMAT, version: VERSION, line: "scenario", rest })
}

/// The last line: what all of them came to.
#[must_use]
pub fn end_line(rest: End) -> String {
    json_line(&Tagged { format: FORMAT, version: VERSION, line: "summary", rest })
}

/// One scenario, as it stands in a document and in a line.
pub(crate) fn scenario(subject: &Subject, summary: &Summary, shown: Shown) -> Scenario {
    let violated =
        summary.violation.iter().map(|verdict| failure("violated", subject, summary, verdict, shown));
    let unmet = summary.missed.iter().map(|verdict| failure("unmet", subject, summary, verdict, shown));
    Scenario {
        name: subject.scenario.name().to_owned(),
        file: subject.file.clone(),
        standing: standing(summary.standing()),
        skipped: summary.refused.clone(),
        seeds: Seeds {
            first: seed(subject.seeds.first()),
            last: seed(subject.seeds.last()),
            own: subject.fixed,
        },
        nodes: (summary.totals.runs > 0).then_some(summary.nodes),
        digest: digest(summary.digest),
        total: totals(&summary.totals),
        runs: Runs {
            held: summary.held,
            violated: summary.violated,
            unmet: summary.unmet,
            nondeterministic: summary.differing,
        },
        expectations: expectations(summary),
        measures: quantiles(&summary.measures),
        found: found(summary),
        not_observed: summary.not_observed.iter().map(|property| property.name()).collect(),
        failures: violated.chain(unmet).collect(),
        nondeterminism: summary.difference.as_ref().map(|difference| DifferenceJson {
            seed: seed(difference.seed),
            step: difference.step,
            digests: (digest(difference.digests.0), digest(difference.digests.1)),
            replay: subject.repeat(difference.seed, "--twice"),
        }),
        run: summary.only.as_ref().map(|verdict| run(subject, verdict, shown)),
    }
}

fn expectations(summary: &Summary) -> Vec<ExpectationJson> {
    let mut bounds: BTreeMap<usize, Measured> = summary.bounded().collect();
    let never: Vec<&str> = summary.never_met().collect();
    let expectation = |((place, what), fared): (&(usize, String), &Expectation)| {
        let bound = bounds.remove(place);
        let in_each = (!fared.over_seeds).then_some(fared.unmet == 0);
        let in_one = (fared.over_seeds && fared.met > 0).then_some(true);
        let in_none = never.contains(&what.as_str()).then_some(false);
        let held = bound.as_ref().map(|bound| bound.held).or(in_each).or(in_one).or(in_none);
        ExpectationJson {
            place: *place,
            what: what.clone(),
            over_seeds: fared.over_seeds,
            held: held.filter(|_| summary.is_complete()),
            measured: bound.map(|bound| bound.measured),
            met: fared.met,
            unmet: fared.unmet,
            first_met: fared.first_met.map(seed),
            first_unmet: fared.first_unmet.map(seed),
        }
    };
    summary.expectations.iter().map(expectation).collect()
}

fn found(summary: &Summary) -> Vec<FoundJson> {
    let found = summary.found.iter();
    let found = found.map(|(property, found)| FoundJson {
        property: property.name(),
        class: class(*property),
        runs: found.runs,
        first: seed(found.seed),
    });
    found.collect()
}

fn run(subject: &Subject, verdict: &Verdict, shown: Shown) -> Run {
    Run {
        system: verdict.system.clone(),
        bug: verdict.bug.clone(),
        time_ns: verdict.time,
        settling: settling(verdict.settling),
        drawn: verdict.drawn.iter().cloned().collect(),
        expected: verdict.expected.iter().map(measured).collect(),
        trace: match shown {
            Shown::All(form) => lines(&verdict.trace, &subject.timeline(verdict.seed), form),
            Shown::Nothing | Shown::Story | Shown::LastLines => Vec::new(),
        },
    }
}

fn failure(
    kind: &'static str,
    subject: &Subject,
    summary: &Summary,
    verdict: &Verdict,
    shown: Shown,
) -> Failure {
    let early = verdict.early.iter();
    Failure {
        kind,
        seed: seed(verdict.seed),
        system: verdict.system.clone(),
        bug: verdict.bug.clone(),
        digest: digest(verdict.digest),
        steps: verdict.steps,
        time_ns: verdict.time,
        settling: settling(verdict.settling),
        violation: verdict.violation.as_ref().map(finding),
        early: early
            .map(|early| EarlyJson { finding: finding(&early.finding), count: early.count })
            .collect(),
        expected: verdict.expected.iter().map(measured).collect(),
        drawn: verdict.drawn.iter().cloned().collect(),
        why: summary.stories.get(&verdict.seed).map_or_else(Vec::new, lines_json),
        trace: shown_lines(subject, verdict, shown),
        replay: subject.again(verdict.seed),
    }
}

fn finding(finding: &Finding) -> FindingJson {
    let Finding { property, at, facts } = finding;
    let fact = |fact: &Fact| FactJson { text: fact.text.clone(), step: fact.at.step, time_ns: fact.at.time };
    FindingJson {
        property: property.name(),
        section: property.section(),
        step: at.step,
        time_ns: at.time,
        facts: facts.iter().map(fact).collect(),
    }
}

fn measured(expected: &Measured) -> MeasuredJson {
    let Measured { what, measured, held, over_seeds } = expected.clone();
    MeasuredJson { what, measured, held, over_seeds }
}

fn tally(tally: Tally) -> SummaryJson {
    let Tally { scenarios, held, violated, unmet, differing, skipped, unfinished } = tally;
    SummaryJson { scenarios, held, violated, unmet, nondeterministic: differing, skipped, unfinished }
}

fn totals(totals: &Totals) -> TotalsJson {
    let Totals { runs, steps, events, time, faults, families, commits, markers, stalled, impossible } =
        *totals;
    TotalsJson {
        runs,
        steps,
        events,
        time_ns: time,
        faults,
        faults_by_kind: Family::ALL.into_iter().map(Family::name).zip(families).collect(),
        commits,
        stalled,
        impossible,
        markers: markers.iter().map(|(marker, count)| (marker.name(), count)).collect(),
    }
}

/// The word for how a run ended.
pub(crate) fn settling(settling: Settling) -> &'static str {
    match settling {
        Settling::NotReached => "not_reached",
        Settling::Settled => "settled",
        Settling::Stalled => "stalled",
        Settling::Impossible => "impossible",
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Held => "held",
        Standing::Unmet => "unmet",
        Standing::Violated => "violated",
        Standing::Differs => "nondeterministic",
        Standing::Refused => "skipped",
        Standing::Unfinished => "unfinished",
    }
}

/// Whether a property is an outcome or leads to one.
pub(crate) fn class(property: Property) -> &'static str {
    match property.class() {
        Class::Outcome => "outcome",
        Class::Early => "early",
    }
}

/// A seed, which may be larger than a number of JSON.
pub(crate) fn seed(seed: u64) -> String {
    seed.to_string()
}

/// A digest in hexadecimal.
pub(crate) fn digest(digest: u64) -> String {
    format!("{digest:#018x}")
}
