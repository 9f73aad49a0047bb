//! What a file means, judged: values in range, nodes that exist, times before the end, draws that can be
//! drawn. All mistakes are reported at once, each at its place. Of a value that had the wrong form, and of
//! what hangs on it alone, nothing more is said.
//!
//! A file that passes has a plan for every seed.

mod aims;
mod clients;
mod expect;
mod found;
mod start;
mod timeline;
mod values;
mod warn;

use crate::scenario::condition::Condition;
use crate::scenario::diagnostic::Severity;
use crate::scenario::duration::DAY;
use crate::scenario::file::{Clock, File, Link, SeedsMode};
use crate::scenario::mended::Mended;
use crate::scenario::parse::Problem;
use crate::scenario::path::{Path, Step};
use crate::scenario::target::highest;
use crate::scenario::tree::{Inner, Node};
use std::ops::Range;
use whitewater_check::types::{Nanos, NodeId};

const MILLISECOND: Nanos = 1_000_000;

/// The most keys that clients ask for.
pub(crate) const MOST_KEYS: u64 = 65_536;

/// The only version of the format that there is.
const VERSION: u64 = 1;

/// The highest term that a file may name.
const HIGHEST_TERM: u64 = 1_000_000;

/// How the committed schema is called, in whatever folder.
const SCHEMA: &str = "scenario.schema.json";

/// The problems of a file whose text has this tree, and was mended there.
pub(crate) fn check(file: &File, text: &str, tree: &Node, mended: &Mended) -> Vec<Problem> {
    let mut checker = Checker::new(file, text, tree, mended);
    checker.file(file, &Path::Root);
    checker.problems
}

/// What is doubtful about a file that has no problems.
pub(crate) fn warnings(file: &File, text: &str, tree: &Node, mended: &Mended) -> Vec<Problem> {
    let mut checker = Checker::new(file, text, tree, mended);
    checker.doubts(file, &Path::Root);
    let doubtful = |problem| Problem { severity: Severity::Warning, ..problem };
    checker.problems.into_iter().map(doubtful).collect()
}

struct Checker<'a> {
    scenario: &'a File,
    text: &'a str,
    tree: &'a Node,
    mended: &'a Mended,
    /// How many nodes there are, at least.
    nodes: u64,
    /// When the run ends, at the earliest.
    end: Nanos,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    fn new(scenario: &'a File, text: &'a str, tree: &'a Node, mended: &'a Mended) -> Self {
        // Of a cluster that cannot be, and a run that cannot be, nothing else is said.
        let nodes =
            scenario.nodes.range().filter(|&(low, _)| low > 0).map_or(NodeId::MAX as u64, |(low, _)| low);
        let end = scenario.run_for.range().filter(|&(low, _)| low >= MILLISECOND).map_or(DAY, |(low, _)| low);
        Self { scenario, text, tree, mended, nodes, end, problems: Vec::new() }
    }
}

impl Checker<'_> {
    fn file(&mut self, file: &File, root: &Path<'_>) {
        self.object(root);
        self.header(file, root);
        self.count(&root.field("nodes"), &file.nodes, 1..=NodeId::MAX as u64);
        self.time(&root.field("run_for"), &file.run_for, MILLISECOND..=DAY);
        if let Some(time) = &file.settle_within {
            self.time(&root.field("settle_within"), time, MILLISECOND..=DAY);
        }
        let system = root.field("system");
        let system = system.field(file.system.name());
        for (name, value) in file.system.options() {
            self.count(&system.field(name), value, 0..=u64::MAX);
        }
        self.timing(file, root);
        self.network(file, &root.field("network"));
        let disk = root.field("disk");
        self.object(&disk);
        self.spread(&disk.field("sync"), file.disk.sync.as_ref());
        self.clock(&file.clock, &root.field("clock"));
        self.starts(&file.start, &root.field("start"));
        self.each(&file.clients, &root.field("clients"), Self::clients);
        self.all_clients(&file.clients, &root.field("clients"));
        self.each(&file.timeline, &root.field("timeline"), Self::entry);
        self.each(&file.chaos, &root.field("chaos"), Self::chaos);
        self.measures(&file.measure, &root.field("measure"));
        self.each(&file.expect, &root.field("expect"), Self::expectation);
        file.found.iter().for_each(|found| self.found(found, &root.field("found")));
    }

    fn header(&mut self, file: &File, root: &Path<'_>) {
        if file.version != VERSION {
            let message =
                format!("this is version {}, and the only one that is known is {VERSION}", file.version);
            self.wrong(&root.field("version"), message);
        }
        if file.schema.as_ref().is_some_and(|schema| schema.rsplit('/').next() != Some(SCHEMA)) {
            self.wrong(&root.field("$schema"), format!("expected the path to `{SCHEMA}`"));
        }
        let named = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_/".contains(&byte);
        if !(1..=64).contains(&file.name.len()) || !file.name.bytes().all(named) {
            let expected = "a name has 1 to 64 characters: a to z, 0 to 9, `-`, `_` and `/`";
            self.wrong(&root.field("name"), expected.to_owned());
        }
        if file.about.trim().is_empty() {
            self.wrong(
                &root.field("about"),
                "expected a sentence that says what the scenario shows".to_owned(),
            );
        }
        if file.seeds == SeedsMode::Fixed && file.seed.is_none() && !self.gone(root, "seed") {
            let message = "a scenario with fixed seeds names its `seed`";
            self.wrong(&root.field("seeds"), message.to_owned());
        }
    }

    fn timing(&mut self, file: &File, root: &Path<'_>) {
        let path = root.field("election_timeout");
        let (min, max) = &file.election_timeout;
        self.time(&path.item(0), min, MILLISECOND..=DAY);
        self.time(&path.item(1), max, MILLISECOND..=DAY);
        self.ordered(&path, min, max);
        self.time(&root.field("heartbeat"), &file.heartbeat, MILLISECOND..=DAY);
    }

    fn network(&mut self, file: &File, path: &Path<'_>) {
        let network = &file.network;
        self.object(path);
        self.spread(&path.field("latency"), network.latency.as_ref());
        let chances =
            [("loss", &network.loss), ("duplicate", &network.duplicate), ("reorder", &network.reorder)];
        for (name, chance) in chances {
            self.optional(&path.field(name), chance.as_ref());
        }
        self.part(&path.field("asymmetry"), network.asymmetry.as_ref());
        self.each(&network.links, &path.field("links"), Self::link);
    }

    fn clock(&mut self, clock: &Clock, path: &Path<'_>) {
        self.object(path);
        self.part(&path.field("drift"), clock.drift.as_ref());
        if let Some(offset) = &clock.offset {
            self.time(&path.field("offset"), offset, 0..=DAY);
        }
    }

    fn link(&mut self, link: &Link, path: &Path<'_>) {
        for (name, nodes) in [("from", link.from), ("to", link.to)] {
            self.named(&path.field(name), nodes.map_or(0, |nodes| nodes.0));
        }
        self.spread(&path.field("latency"), link.latency.as_ref());
        for (name, chance) in
            [("loss", &link.loss), ("duplicate", &link.duplicate), ("reorder", &link.reorder)]
        {
            self.optional(&path.field(name), chance.as_ref());
        }
    }

    /// Named nodes must exist.
    fn named(&mut self, path: &Path<'_>, nodes: u64) {
        if highest(nodes) > self.nodes {
            let message = format!("there is no n{}: the cluster has {}", highest(nodes), self.cluster());
            self.wrong(path, message);
        }
    }

    fn cluster(&self) -> String {
        format!("{} node{}", self.nodes, if self.nodes == 1 { "" } else { "s" })
    }

    fn condition(&mut self, path: &Path<'_>, condition: &Condition) {
        match &condition.0 {
            Ok(predicate) => self.named(path, predicate.highest_node().map_or(0, NodeId::bit)),
            Err(mistake) => {
                let range = self.within(path, mistake.at, mistake.width);
                let problem =
                    Problem { help: mistake.help.clone(), ..Problem::new(range, mistake.message.clone()) };
                self.problems.push(problem);
            }
        }
    }

    fn each<T>(&mut self, list: &[T], path: &Path<'_>, judge: impl Fn(&mut Self, &T, &Path<'_>)) {
        for (n, one) in list.iter().enumerate() {
            self.object(&path.item(n));
            judge(self, one, &path.item(n));
        }
    }

    /// The JSON reader takes a list for an object, field by field; a scenario does not.
    fn object(&mut self, path: &Path<'_>) {
        if let Inner::List(_) = self.tree.spot(&path.steps()).node.inner {
            self.wrong(path, "expected an object, found a list".to_owned());
        }
    }

    fn wrong(&mut self, path: &Path<'_>, message: String) {
        let range = self.place(path);
        if !self.mended.stands_in(&range) {
            self.problems.push(Problem::new(range, message));
        }
    }

    /// Where the value lies, or the nearest one above it that is there.
    fn place(&self, path: &Path<'_>) -> Range<usize> {
        self.tree.spot(&path.steps()).node.range.clone()
    }

    /// Whether the field of this object was taken out, perhaps under a name that is close to this one.
    fn gone(&self, object: &Path<'_>, name: &str) -> bool {
        self.mended.gone(self.place(object).start, name)
    }

    /// Whether the field of this object was left as it was written, be it there or not.
    fn untouched(&self, object: &Path<'_>, name: &str) -> bool {
        let there = self.tree.spot(&object.steps()).node.child(Step::Field(name));
        match there {
            Some(spot) => !self.mended.touches(&spot.node.range),
            None => !self.gone(object, name),
        }
    }

    /// Whether the value is all that was written: nothing was taken out of it or put into it.
    fn whole(&self, path: &Path<'_>) -> bool {
        !self.mended.touches(&self.place(path))
    }

    /// The place of a piece of a string; the whole string when escapes have moved its pieces.
    fn within(&self, path: &Path<'_>, at: usize, width: usize) -> Range<usize> {
        let whole = self.place(path);
        if self.text[whole.clone()].contains('\\') {
            return whole;
        }
        let start = whole.start + 1 + at;
        start..start + width
    }
}
