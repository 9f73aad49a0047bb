//! A scenario with nothing left open: the file that says what a seed drew.
//!
//! It is written from the text that was read, so that whatever a file can say is kept without being named
//! here; only what was drawn is put in its place.

use crate::plan::{Plan, SystemChoice};
use crate::scenario::found::Found;
use crate::scenario::json::Json;
use crate::scenario::path::Path;
use crate::scenario::tree::{Inner, Node};
use std::collections::BTreeMap;

/// The text of the file that has this plan with the plan's seed and no other, on this system, made of the
/// text of the file that the plan is of.
pub(crate) fn resolved(text: &str, plan: &Plan, system: &SystemChoice, found: Option<&Found>) -> String {
    let tree = Node::read(text).expect("what was read as a scenario is not nested too deep");
    let values = plan.drawn.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
    let mut json = Drawn { text, values }.value(&tree, &Path::Root);
    without_swarm(&mut json, plan);
    json.set("seed", Json::Leaf(plan.seed.to_string()), "run_for");
    json.set("seeds", Json::text("fixed"), "run_for");
    if *system != plan.system {
        json.set("system", put_on_the_water(system), "run_for");
    }
    json.remove("found");
    found.iter().for_each(|found| json.push("found", found.json()));
    json.file()
}

/// The same value as a piece of a file.
pub(crate) fn as_it_stands(text: &str) -> Json {
    let tree = Node::read(text).expect("a value of a file is not nested too deep");
    Drawn { text, values: BTreeMap::new() }.value(&tree, &Path::Root)
}

/// A system as a file has it.
pub(crate) fn put_on_the_water(system: &SystemChoice) -> Json {
    let number = |(name, value): (&String, &u64)| (name.clone(), Json::Leaf(value.to_string()));
    let bug = system.bug.iter().map(|bug| ("bug".to_owned(), Json::text(bug)));
    let settings = Json::Object(system.options.iter().map(number).chain(bug).collect());
    Json::Object(vec![(system.name.clone(), settings)])
}

/// A file, and what was drawn in the place of what it leaves open.
struct Drawn<'a> {
    text: &'a str,
    /// By path.
    values: BTreeMap<&'a str, &'a str>,
}

impl Drawn<'_> {
    fn value(&self, node: &Node, path: &Path<'_>) -> Json {
        match &node.inner {
            Inner::Leaf => Json::Leaf(self.text[node.range.clone()].to_owned()),
            Inner::List(nodes) => {
                Json::List(nodes.iter().enumerate().map(|(n, one)| self.value(one, &path.item(n))).collect())
            }
            Inner::Object(members) => match self.values.get(path.to_string().as_str()) {
                Some(drawn) => plain(drawn),
                None => {
                    let fields = members.iter().map(|member| {
                        (member.name.clone(), self.value(&member.value, &path.field(&member.name)))
                    });
                    Json::Object(fields.collect())
                }
            },
        }
    }
}

/// A value that was drawn: a number, or a time, which is a string.
fn plain(drawn: &str) -> Json {
    match serde_json::from_str::<serde_json::Number>(drawn) {
        Ok(_) => Json::Leaf(drawn.to_owned()),
        Err(_) => Json::text(drawn),
    }
}

/// Writes out swarm mode: what it switched off has no weight.
fn without_swarm(json: &mut Json, plan: &Plan) {
    for (stream, chaos) in json.elements_mut("chaos").iter_mut().zip(&plan.chaos) {
        stream.remove("swarm");
        for (pick, planned) in stream.elements_mut("pick").iter_mut().zip(&chaos.pick) {
            if planned.weight == 0 {
                pick.set("weight", Json::Leaf("0".to_owned()), "do");
            }
        }
    }
}
