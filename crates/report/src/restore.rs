//! Reads the document of a campaign back.
//!
//! A document may come from another machine and another version: whatever is not as this one writes it is refused
//! with a reason, and nothing in it is trusted to fit.

use crate::campaign::{FORMAT, VERSION};
use crate::caught::{Earlier, Fate, Hung};
use crate::histograms::{HistogramJson, PerRunIn};
use crate::record::{Record, Shards};
use crate::shrunk::SmallerJson;
use crate::subject::{Asked, Subject};
use crate::why::{LineJson, line_of};
use crate::words::printable;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use whitewater_campaign::group::{Group, Smaller};
use whitewater_campaign::leg::Overrides;
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::summary::{Expectation, Found, Limit, Summary, Totals};
use whitewater_campaign::trail::known;
use whitewater_campaign::twice::Difference;
use whitewater_campaign::why::Story;
use whitewater_check::markers::{Marker, Markers};
use whitewater_check::property::Property;
use whitewater_sim::family::Family;
use whitewater_sim::measure::{Histogram, Measure};
use whitewater_sim::plan::Bound;
use whitewater_sim::scenario::Scenario;
use whitewater_sim::verdict::{Measured, Settling, Verdict};

#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

#[derive(Deserialize)]
struct DocumentIn {
    asked: AskedIn,
    shards: Option<ShardsIn>,
    scenarios: Vec<ScenarioIn>,
    kinds: Vec<KindIn>,
    earlier: Vec<EarlierIn>,
    hung: Vec<HungIn>,
}

#[derive(Deserialize)]
struct AskedIn {
    system: Option<String>,
    bug: Option<String>,
    settings: Vec<String>,
    stop_early: bool,
    keep_going: usize,
    timed: bool,
}

#[derive(Deserialize)]
struct ShardsIn {
    of: u64,
    done: BTreeSet<u64>,
}

#[derive(Deserialize)]
struct ScenarioIn {
    shown: String,
    file: String,
    skipped: Option<String>,
    seeds: SeedsIn,
    nodes: Option<(u8, u8)>,
    digest: String,
    total: TotalsIn,
    runs: RunsIn,
    expectations: Vec<ExpectationIn>,
    measures: Vec<EndsIn>,
    found: Vec<FoundIn>,
    not_observed: Vec<String>,
    failures: Vec<FailureIn>,
    nondeterminism: Option<DifferenceIn>,
    wanted: String,
    repeated: u64,
    failing: Vec<String>,
    missed: Vec<MissedIn>,
    bounds: Vec<BoundIn>,
    histograms: BTreeMap<String, HistogramJson>,
    per_run: PerRunIn,
    text: String,
}

#[derive(Deserialize)]
struct SeedsIn {
    first: String,
    last: String,
    own: bool,
}

#[derive(Deserialize)]
struct TotalsIn {
    runs: u64,
    steps: u64,
    events: u64,
    time_ns: u64,
    faults: u64,
    faults_by_kind: BTreeMap<String, u64>,
    commits: u64,
    stalled: u64,
    impossible: u64,
    markers: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
struct RunsIn {
    held: u64,
    violated: u64,
    unmet: u64,
    nondeterministic: u64,
}

#[derive(Deserialize)]
struct ExpectationIn {
    place: usize,
    what: String,
    over_seeds: bool,
    met: u64,
    unmet: u64,
    first_met: Option<String>,
    first_unmet: Option<String>,
}

#[derive(Deserialize)]
struct EndsIn {
    measure: String,
    least: Option<u64>,
    greatest: Option<u64>,
}

#[derive(Deserialize)]
struct FoundIn {
    property: String,
    runs: u64,
    first: String,
}

#[derive(Deserialize)]
struct MissedIn {
    what: String,
    runs: u64,
    first: String,
}

#[derive(Deserialize)]
struct FailureIn {
    seed: String,
    system: String,
    bug: Option<String>,
    digest: String,
    steps: u32,
    time_ns: u64,
    settling: String,
    expected: Vec<MeasuredIn>,
    drawn: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct MeasuredIn {
    what: String,
    measured: String,
    held: bool,
    over_seeds: bool,
}

#[derive(Deserialize)]
struct DifferenceIn {
    seed: String,
    step: Option<u32>,
    digests: (String, String),
}

#[derive(Deserialize)]
struct BoundIn {
    place: usize,
    measure: String,
    percent: u8,
    at_most: Option<u64>,
    at_least: Option<u64>,
}

#[derive(Deserialize)]
struct KindIn {
    scenario: String,
    system: String,
    bug: Option<String>,
    property: String,
    trail: Vec<String>,
    runs: u64,
    seed: String,
    step: u32,
    facts: Vec<String>,
    capsule: Option<String>,
    shrunk: Option<SmallerJson>,
    #[serde(default)]
    why: Vec<LineJson>,
}

#[derive(Deserialize)]
struct EarlierIn {
    capsule: String,
    property: String,
    fate: String,
    why: Option<String>,
}

#[derive(Deserialize)]
struct HungIn {
    scenario: String,
    seed: String,
}

/// The record that a document holds. `program` is what lines to paste begin with, and capsules are where
/// `place` says for their names.
///
/// # Errors
///
/// When the text is no document of a campaign, or one of another version, or does not fit together.
pub fn restore(text: &str, program: &str, place: impl Fn(&str) -> String) -> Result<Record, String> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| format!("it is no report: {error}"))?;
    tame(&mut value);
    if let Some(why) = strange(&value) {
        return Err(why);
    }
    let document =
        DocumentIn::deserialize(value).map_err(|error| format!("something is missing in it: {error}"))?;
    let DocumentIn { asked, shards, scenarios, kinds, earlier, hung } = document;
    let overrides = Overrides { system: asked.system, bug: asked.bug };
    let (settings, stop_early) = (asked.settings, asked.stop_early);
    let whom = Asked { program: program.to_owned(), overrides, settings, stop_early, judge: false };
    let mut record = Record {
        subjects: Vec::new(),
        summaries: Vec::new(),
        groups: kinds.into_iter().map(|kind| group(kind, &place)).collect::<Result<_, _>>()?,
        earlier: earlier.into_iter().map(|one| failed_before(one, &place)).collect::<Result<_, _>>()?,
        hung: hung.into_iter().map(hung_up).collect::<Result<_, _>>()?,
        shards: shards
            .map_or(Shards { of: 1, done: [1].into() }, |shards| Shards { of: shards.of, done: shards.done }),
        named: asked.keep_going,
        timed: asked.timed,
    };
    for one in scenarios {
        let (subject, summary) = scenario(one, &whom)?;
        record.subjects.push(subject);
        record.summaries.push(summary);
    }
    Ok(record)
}

/// Why a document is not one of a campaign that this version writes; `None` if it is.
#[must_use]
pub fn strange(document: &Value) -> Option<String> {
    match Head::deserialize(document) {
        Err(error) => Some(format!("it is no report: {error}")),
        Ok(Head { format, version }) if (format.as_str(), version) != (FORMAT, VERSION) => Some(format!(
            "it is a {} of version {version}, and no {FORMAT} of version {VERSION}",
            printable(&format)
        )),
        Ok(_) => None,
    }
}

/// Takes out of every text what could steer a terminal or break a line. Scenarios keep their lines: their own reader
/// minds them.
fn tame(value: &mut Value) {
    match value {
        Value::String(text) => *text = printable(text),
        Value::Array(values) => values.iter_mut().for_each(tame),
        Value::Object(fields) => {
            let is_scenario = fields.contains_key("shown");
            let told = fields.iter_mut().filter(|(name, _)| !is_scenario || *name != "text");
            told.for_each(|(_, value)| tame(value));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn scenario(json: ScenarioIn, asked: &Asked) -> Result<(Subject, Summary), String> {
    let scenario = Scenario::parse(&json.file, &json.text)
        .map_err(|wrong| format!("{} in it is no scenario: {}", json.file, wrong[0].message))?;
    let seeds = SeedRange::new(number(&json.seeds.first)?, number(&json.seeds.last)?);
    let seeds = seeds.ok_or("its seeds are upside down")?;
    let (name, file, asked) = (json.shown.clone(), json.file.clone(), asked.clone());
    let subject = Subject { name, file, scenario, seeds, fixed: json.seeds.own, asked };
    let mut summary = Summary::new(seeds);
    summary.wanted = number(&json.wanted)?;
    summary.repeated = json.repeated;
    summary.refused = json.skipped;
    summary.nodes = json.nodes.unwrap_or(summary.nodes);
    summary.digest = hexadecimal(&json.digest)?;
    (summary.held, summary.violated) = (json.runs.held, json.runs.violated);
    (summary.unmet, summary.differing) = (json.runs.unmet, json.runs.nondeterministic);
    summary.totals = totals(json.total)?;
    summary.difference = json.nondeterminism.map(difference).transpose()?;
    summary.failing = json.failing.iter().map(|seed| number(seed)).collect::<Result<_, _>>()?;
    for one in json.expectations {
        let (place, what, expectation) = expectation(one)?;
        summary.expectations.insert((place, what), expectation);
    }
    for FoundIn { property: name, runs, first } in json.found {
        summary.found.insert(property(&name)?, Found { runs, seed: number(&first)? });
    }
    for MissedIn { what, runs, first } in json.missed {
        summary.missed_by.insert(what, Found { runs, seed: number(&first)? });
    }
    for one in json.bounds {
        summary.bounds.insert(one.place, bound(&one)?);
    }
    summary.not_observed = json.not_observed.iter().map(|name| property(name)).collect::<Result<_, _>>()?;
    summary.missed = json.failures.into_iter().next().map(|one| missed(one).map(Box::new)).transpose()?;
    summary.measures = measures(&json.measures, &json.histograms)?;
    summary.per_run = json.per_run.restored()?;
    Ok((subject, summary))
}

fn totals(json: TotalsIn) -> Result<Totals, String> {
    let mut markers = Markers::default();
    for (name, count) in &json.markers {
        markers.add_many(Marker::from_name(name).ok_or_else(|| unknown("marker", name))?, *count);
    }
    let mut families = [0; Family::COUNT];
    for (name, count) in &json.faults_by_kind {
        let family = Family::ALL.into_iter().position(|family| family.name() == name);
        families[family.ok_or_else(|| unknown("fault", name))?] = *count;
    }
    let TotalsIn { runs, steps, events, time_ns: time, faults, commits, stalled, impossible, .. } = json;
    Ok(Totals { runs, steps, events, time, faults, families, commits, markers, stalled, impossible })
}

fn expectation(json: ExpectationIn) -> Result<(usize, String, Expectation), String> {
    let ExpectationIn { place, what, over_seeds, met, unmet, first_met, first_unmet } = json;
    let seed = |seed: Option<String>| seed.map(|seed| number(&seed)).transpose();
    let (first_met, first_unmet) = (seed(first_met)?, seed(first_unmet)?);
    Ok((place, what, Expectation { over_seeds, met, unmet, first_met, first_unmet }))
}

fn bound(json: &BoundIn) -> Result<Limit, String> {
    let bound = match (json.at_most, json.at_least) {
        (Some(most), None) => Bound::AtMost(most),
        (None, Some(least)) => Bound::AtLeast(least),
        (_, _) => return Err("a bound in it is neither above nor below".to_owned()),
    };
    Ok(Limit { measure: measure(&json.measure)?, percent: json.percent, bound })
}

fn measures(
    ends: &[EndsIn],
    histograms: &BTreeMap<String, HistogramJson>,
) -> Result<BTreeMap<Measure, Histogram>, String> {
    let mut measures = BTreeMap::new();
    for EndsIn { measure: name, least, greatest } in ends {
        let json = histograms.get(name).ok_or_else(|| unknown("histogram", name))?;
        measures.insert(measure(name)?, json.restored(name, (*least, *greatest))?);
    }
    Ok(measures)
}

/// What is told of a run that did not meet an expectation; the rest of its verdict is empty.
fn missed(json: FailureIn) -> Result<Verdict, String> {
    let measured = |one: MeasuredIn| {
        let MeasuredIn { what, measured, held, over_seeds } = one;
        Measured { what, measured, held, over_seeds }
    };
    let settling = [Settling::NotReached, Settling::Settled, Settling::Stalled, Settling::Impossible];
    let settling = settling.into_iter().find(|one| crate::json::settling(*one) == json.settling);
    Ok(Verdict {
        scenario: String::new(),
        seed: number(&json.seed)?,
        system: json.system,
        bug: json.bug,
        nodes: 0,
        steps: json.steps,
        events: 0,
        time: json.time_ns,
        digest: hexadecimal(&json.digest)?,
        ladder: Vec::new(),
        faults: 0,
        families: [0; Family::COUNT],
        commits: 0,
        violation: None,
        early: Vec::new(),
        expected: json.expected.into_iter().map(measured).collect(),
        not_observed: Vec::new(),
        markers: Markers::default(),
        measures: Vec::new(),
        settling: settling.ok_or_else(|| unknown("end", &json.settling))?,
        stalled: None,
        history: None,
        drawn: json.drawn.into_iter().collect(),
        story: None,
        trace: Vec::new(),
    })
}

fn difference(json: DifferenceIn) -> Result<Difference, String> {
    let digests = (hexadecimal(&json.digests.0)?, hexadecimal(&json.digests.1)?);
    Ok(Difference { seed: number(&json.seed)?, step: json.step, digests })
}

fn group(json: KindIn, place: &impl Fn(&str) -> String) -> Result<Group, String> {
    let word = |word: &String| known(word).ok_or_else(|| unknown("event", word));
    let line = |json: LineJson| line_of(json).ok_or_else(|| "a line of `why` names no node".to_owned());
    let lines = json.why.into_iter().map(line).collect::<Result<_, _>>()?;
    Ok(Group {
        scenario: json.scenario,
        system: json.system,
        bug: json.bug,
        property: property(&json.property)?,
        trail: json.trail.iter().map(word).collect::<Result<_, _>>()?,
        runs: json.runs,
        seed: number(&json.seed)?,
        step: json.step,
        facts: json.facts,
        capsule: json.capsule.map(|name| file_name(&name).map(place)).transpose()?,
        shrunk: json.shrunk.map(Smaller::from),
        story: Story { lines, needs: None },
    })
}

fn failed_before(json: EarlierIn, place: &impl Fn(&str) -> String) -> Result<Earlier, String> {
    let fate = match (json.fate.as_str(), json.why) {
        ("fails", _) => Fate::Fails,
        ("fixed", _) => Fate::Fixed,
        ("refused", why) => Fate::Refused(why.unwrap_or_default()),
        (other, _) => return Err(unknown("fate", other)),
    };
    let path = place(file_name(&json.capsule)?);
    Ok(Earlier { path, property: property(&json.property)?, capsule: json.capsule, fate })
}

fn hung_up(json: HungIn) -> Result<Hung, String> {
    Ok(Hung { scenario: json.scenario, seed: number(&json.seed)?, file: None })
}

/// The name of a file beside the document, and of nothing anywhere else.
fn file_name(name: &str) -> Result<&str, String> {
    match name.contains(['/', '\\']) || name.starts_with('.') || name.is_empty() {
        true => Err(format!("`{name}` in it is not the name of a capsule")),
        false => Ok(name),
    }
}

fn property(name: &str) -> Result<Property, String> {
    name.parse().map_err(|_| unknown("property", name))
}

fn measure(name: &str) -> Result<Measure, String> {
    Measure::from_name(name).ok_or_else(|| unknown("measure", name))
}

/// A number that stands there as a text.
pub(crate) fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` in it is no number"))
}

fn hexadecimal(text: &str) -> Result<u64, String> {
    let digits = text.strip_prefix("0x").unwrap_or_default();
    u64::from_str_radix(digits, 16).map_err(|_| format!("`{text}` in it is no digest"))
}

fn unknown(what: &str, name: &str) -> String {
    format!("no {what} here is called `{}`", printable(name))
}
