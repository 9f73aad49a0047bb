//! A campaign as a page: kinds of failure, faults and properties, markers, measures, and the zoo.
//!
//! It is made of what a campaign leaves behind, `summary.json`, its capsules and `zoo.json`, as they stand there.

use crate::html::fill::{fill, packed};
use crate::words::escaped;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use whitewater_check::markers::Marker;
use whitewater_check::property::Property;
use whitewater_sim::measure::Measure;

const SCRIPT: &str = concat!(include_str!("../../page/run/data.js"), include_str!("../../page/campaign.js"));
const STYLE: &str = concat!(include_str!("../../page/run.css"), include_str!("../../page/campaign.css"));

/// What a campaign left behind.
#[derive(Clone, Debug, Default)]
pub struct Left {
    /// Where.
    pub name: String,
    /// `summary.json`, if there is one.
    pub summary: Option<Value>,
    /// `summary.md`, the same in words.
    pub words: String,
    /// Its capsules, by their names.
    pub capsules: BTreeMap<String, Value>,
    /// `zoo.json`, if there is one.
    pub zoo: Option<Value>,
    /// The beginning of the line that replays a capsule; the capsule's name goes behind it.
    pub replay: String,
}

/// The page of a campaign.
#[must_use]
pub fn campaign_page(left: &Left) -> String {
    let capsules: BTreeMap<&String, BTreeSet<&str>> =
        left.capsules.iter().map(|(name, capsule)| (name, faults(capsule))).collect();
    let mut summary = left.summary.clone();
    if let Some(scenarios) = summary.as_mut().and_then(|summary| summary["scenarios"].as_array_mut()) {
        scenarios
            .iter_mut()
            .filter_map(Value::as_object_mut)
            .for_each(|scenario| _ = scenario.remove("text"));
    }
    let head = json!({
        "summary": summary,
        "capsules": capsules,
        "zoo": left.zoo,
        "replay": left.replay,
        "about": about(),
        "columns": [],
    });
    let data = packed(&[head.to_string().as_bytes(), b"\n"]);
    let (name, words) = (escaped(&left.name), escaped(&left.words));
    let texts = [
        ("@@TITLE@@", name.as_str()),
        ("@@STYLE@@", STYLE),
        ("@@NAME@@", &name),
        ("@@TEXT@@", &words),
        ("@@DATA@@", &data),
        ("@@SCRIPT@@", SCRIPT),
    ];
    fill(include_str!("../../page/campaign.html"), &texts)
}

/// What the names on the page mean.
fn about() -> BTreeMap<&'static str, &'static str> {
    let properties = Property::ALL.into_iter().map(|property| (property.name(), property.about()));
    let markers = Marker::ALL.into_iter().map(|marker| (marker.name(), marker.about()));
    let measures = Measure::ALL.into_iter().map(|measure| (measure.name(), measure.about()));
    properties.chain(markers).chain(measures).collect()
}

/// The kinds of fault that a capsule has in its timeline, or that its chaos may draw.
fn faults(capsule: &Value) -> BTreeSet<&str> {
    let acts = capsule["timeline"].as_array().into_iter().flatten();
    let chaos = capsule["chaos"].as_array().into_iter().flatten();
    let picks = chaos.flat_map(|chaos| chaos["pick"].as_array().into_iter().flatten());
    let drawn = picks.filter(|pick| pick["weight"].as_f64() != Some(0.0));
    acts.chain(drawn).filter_map(|act| name(&act["do"])).collect()
}

/// The name of an act: it is a word, or the only key.
fn name(act: &Value) -> Option<&str> {
    act.as_str().or_else(|| act.as_object()?.keys().next().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_faults_of_a_capsule_are_those_that_it_can_have() {
        let capsule = json!({
            "timeline": [{ "at": "1s", "do": { "crash": { "node": "n1" } } }, { "at": "2s", "do": "heal" }, { "at": "3s" }],
            "chaos": [{ "pick": [{ "weight": 0, "do": { "wipe": {} } }, { "weight": 2, "do": { "pause": {} } }] }],
        });
        assert_eq!(faults(&capsule), BTreeSet::from(["crash", "heal", "pause"]));
        assert_eq!(faults(&json!({})), BTreeSet::new());
    }

    #[test]
    fn every_name_on_the_page_has_its_meaning() {
        let about = about();
        assert_eq!(
            about.len(),
            Property::ALL.len() + Marker::COUNT + Measure::COUNT,
            "a name means two things"
        );
        assert!(about.values().all(|about| about.len() > 10), "{about:?}");
    }

    #[test]
    fn markup_in_a_campaign_stays_data() {
        let summary = json!({ "scenarios": [{ "shown": "</script><img src=x>", "text": "@@DATA@@" }] });
        let left = Left { name: "</title><img>".to_owned(), summary: Some(summary), ..Left::default() };
        let page = campaign_page(&left);
        assert!(!page.contains("<img"), "{page}");
        assert_eq!(page.matches("</script>").count(), 2);
    }
}
