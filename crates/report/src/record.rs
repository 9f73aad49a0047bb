//! What a campaign came to, with all that is needed to add it to others: the document of a campaign.
//!
//! Equal results give equal bytes, whatever the number of threads and whether they were found by one campaign or
//! by its shards. It holds the scenarios themselves, so that nobody adds up what does not belong together. How
//! it is read is in `restore`.

use crate::campaign::{FORMAT, KindJson, VERSION, kind};
use crate::caught::{Earlier, Fate, Hung};
use crate::failure::Shown;
use crate::histograms::{HistogramJson, PerRunJson};
use crate::json::{End, Env, Scenario, scenario, seed};
use crate::subject::Subject;
use crate::tagged::document;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use whitewater_campaign::group::Group;
use whitewater_campaign::shard::Shard;
use whitewater_campaign::summary::{Limit, Summary};
use whitewater_check::property::Property;
use whitewater_sim::plan::Bound;

/// What a campaign came to.
#[derive(Clone, Debug)]
pub struct Record {
    /// The scenarios.
    pub subjects: Vec<Subject>,
    /// What each came to.
    pub summaries: Vec<Summary>,
    /// The kinds of failure.
    pub groups: Vec<Group>,
    /// What became of earlier failures.
    pub earlier: Vec<Earlier>,
    /// The runs that did not get on.
    pub hung: Vec<Hung>,
    /// Which parts of the seeds it holds.
    pub shards: Shards,
    /// How many of the lowest failing seeds of each scenario are named.
    pub named: usize,
    /// Whether it was to last for so long, and not for so many seeds.
    pub timed: bool,
}

/// Which of the shards of a campaign are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shards {
    /// How many there are.
    pub of: u64,
    /// Those that are there, counted from 1.
    pub done: BTreeSet<u64>,
}

impl Shards {
    /// One alone.
    #[must_use]
    pub fn one(shard: Shard) -> Self {
        Self { of: shard.of(), done: [shard.number()].into() }
    }

    /// The lowest that are not there.
    pub fn missing(&self) -> impl Iterator<Item = u64> {
        (1..=self.of).filter(|number| !self.done.contains(number))
    }

    /// Whether all of them are there.
    #[must_use]
    pub fn are_complete(&self) -> bool {
        self.missing().next().is_none()
    }
}

#[derive(Serialize)]
struct DocumentJson<'a> {
    format: &'static str,
    version: u32,
    asked: AskedJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shards: Option<ShardsJson>,
    scenarios: Vec<ScenarioJson<'a>>,
    kinds: Vec<KindJson<'a>>,
    earlier: Vec<EarlierJson<'a>>,
    hung: Vec<HungJson<'a>>,
    #[serde(flatten)]
    end: End,
}

#[derive(Serialize)]
struct AskedJson<'a> {
    system: Option<&'a str>,
    bug: Option<&'a str>,
    settings: &'a [String],
    stop_early: bool,
    keep_going: usize,
    timed: bool,
}

#[derive(Serialize)]
struct ShardsJson {
    of: u64,
    done: BTreeSet<u64>,
}

#[derive(Serialize)]
struct ScenarioJson<'a> {
    shown: &'a str,
    #[serde(flatten)]
    scenario: Scenario,
    wanted: String,
    repeated: u64,
    failing: Vec<String>,
    missed: Vec<MissedJson<'a>>,
    bounds: Vec<BoundJson>,
    histograms: BTreeMap<&'static str, HistogramJson>,
    per_run: PerRunJson,
    text: &'a str,
}

#[derive(Serialize)]
struct MissedJson<'a> {
    what: &'a str,
    runs: u64,
    first: String,
}

#[derive(Serialize)]
struct BoundJson {
    place: usize,
    measure: &'static str,
    percent: u8,
    at_most: Option<u64>,
    at_least: Option<u64>,
}

#[derive(Serialize)]
struct EarlierJson<'a> {
    capsule: &'a str,
    property: &'static str,
    fate: &'static str,
    why: Option<&'a str>,
}

#[derive(Serialize)]
struct HungJson<'a> {
    scenario: &'a str,
    seed: String,
}

impl Record {
    /// Each scenario with what it came to.
    #[must_use]
    pub fn results(&self) -> Vec<(&Subject, &Summary)> {
        self.subjects.iter().zip(&self.summaries).collect()
    }

    /// The properties that earlier failures violate as ever.
    pub fn still_violated(&self) -> impl Iterator<Item = Property> {
        self.earlier.iter().filter(|one| one.fate == Fate::Fails).map(|one| one.property)
    }

    /// The document, with how the command ended and what depends on the machine, if that is wanted.
    #[must_use]
    pub fn text(&self, exit: u8, env: Option<Env>) -> String {
        let Shards { of, done } = self.shards.clone();
        document(&DocumentJson {
            format: FORMAT,
            version: VERSION,
            asked: self.asked(),
            shards: (!self.shards.are_complete()).then_some(ShardsJson { of, done }),
            scenarios: self.results().into_iter().map(one).collect(),
            kinds: self.groups.iter().map(kind_by_name).collect(),
            earlier: self.earlier.iter().map(earlier).collect(),
            hung: self
                .hung
                .iter()
                .map(|hung| HungJson { scenario: &hung.scenario, seed: seed(hung.seed) })
                .collect(),
            end: End::new(&self.summaries, false, exit, env),
        })
    }

    fn asked(&self) -> AskedJson<'_> {
        let asked = self.subjects.first().map(|subject| &subject.asked);
        AskedJson {
            system: asked.and_then(|asked| asked.overrides.system.as_deref()),
            bug: asked.and_then(|asked| asked.overrides.bug.as_deref()),
            settings: asked.map_or(&[], |asked| &asked.settings),
            stop_early: asked.is_some_and(|asked| asked.stop_early),
            keep_going: self.named,
            timed: self.timed,
        }
    }
}

fn one<'a>((subject, summary): (&'a Subject, &'a Summary)) -> ScenarioJson<'a> {
    let missed = summary.missed_by.iter();
    ScenarioJson {
        shown: &subject.name,
        scenario: scenario(subject, summary, Shown::Nothing),
        wanted: summary.wanted.to_string(),
        repeated: summary.repeated,
        failing: summary.failing.iter().copied().map(seed).collect(),
        missed: missed
            .map(|(what, found)| MissedJson { what, runs: found.runs, first: seed(found.seed) })
            .collect(),
        bounds: bounds(summary),
        histograms: summary
            .measures
            .iter()
            .map(|(measure, values)| (measure.name(), HistogramJson::of(values)))
            .collect(),
        per_run: PerRunJson::of(&summary.per_run),
        text: subject.scenario.text(),
    }
}

fn bounds(summary: &Summary) -> Vec<BoundJson> {
    let bound = |(&place, limit): (&usize, &Limit)| {
        let (at_most, at_least) = match limit.bound {
            Bound::AtMost(most) => (Some(most), None),
            Bound::AtLeast(least) => (None, Some(least)),
        };
        BoundJson { place, measure: limit.measure.name(), percent: limit.percent, at_most, at_least }
    };
    summary.bounds.iter().map(bound).collect()
}

/// A kind whose capsule is named as it stands beside the document.
fn kind_by_name(group: &Group) -> KindJson<'_> {
    let name = |path: &'_ str| path.rfind(['/', '\\']).map_or(0, |slash| slash + 1);
    kind(group, group.capsule.as_deref().map(|path| &path[name(path)..]))
}

fn earlier(earlier: &Earlier) -> EarlierJson<'_> {
    let why = match &earlier.fate {
        Fate::Refused(why) => Some(why.as_str()),
        Fate::Fails | Fate::Fixed => None,
    };
    EarlierJson {
        capsule: &earlier.capsule,
        property: earlier.property.name(),
        fate: earlier.fate.name(),
        why,
    }
}
