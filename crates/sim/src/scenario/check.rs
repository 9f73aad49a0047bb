//! What a file means, judged: values in range, nodes that exist, times before the end, draws that can be
//! drawn. All mistakes are reported at once, each at its place.
//!
//! A file that passes has a plan for every seed.

use crate::plan::Target;
use crate::scenario::act::Act;
use crate::scenario::condition::Condition;
use crate::scenario::draw::{Draw, Value};
use crate::scenario::duration::{DAY, Shown, Time};
use crate::scenario::file::{Chaos, Clients, Entry, Expect, File, Link, SeedsMode};
use crate::scenario::parse::Problem;
use crate::scenario::path::{Path, Step};
use crate::scenario::spread::Spread;
use crate::scenario::target::{Nodes, highest};
use crate::scenario::tree::{Inner, Node};
use std::ops::Range;
use whitewater_check::types::{Nanos, NodeId};

const MICROSECOND: Nanos = 1_000;
const MILLISECOND: Nanos = 1_000_000;

/// The only version of the format that there is.
const VERSION: u64 = 1;

/// How the committed schema is called, in whatever folder.
const SCHEMA: &str = "scenario.schema.json";

/// The problems of a file whose text has this tree.
pub(crate) fn check(file: &File, text: &str, tree: &Node) -> Vec<Problem> {
    // Of a cluster that cannot be, and a run that cannot be, nothing else is said.
    let nodes = file.nodes.range().filter(|&(low, _)| low > 0).map_or(NodeId::MAX as u64, |(low, _)| low);
    let end = file.run_for.range().filter(|&(low, _)| low >= MILLISECOND).map_or(DAY, |(low, _)| low);
    let mut checker = Checker { text, tree, nodes, end, problems: Vec::new() };
    checker.file(file, &Path::Root);
    checker.problems
}

struct Checker<'a> {
    text: &'a str,
    tree: &'a Node,
    /// How many nodes there are, at least.
    nodes: u64,
    /// When the run ends, at the earliest.
    end: Nanos,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    fn file(&mut self, file: &File, root: &Path<'_>) {
        self.object(root);
        self.header(file, root);
        self.count(&root.field("nodes"), &file.nodes, 1..=NodeId::MAX as u64);
        self.time(&root.field("run_for"), &file.run_for, MILLISECOND..=DAY);
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
        self.each(&file.clients, &root.field("clients"), Self::clients);
        self.each(&file.timeline, &root.field("timeline"), Self::entry);
        self.each(&file.chaos, &root.field("chaos"), Self::chaos);
        self.each(&file.expect, &root.field("expect"), Self::expectation);
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
        if file.seeds == SeedsMode::Fixed && file.seed.is_none() {
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
        self.each(&network.links, &path.field("links"), Self::link);
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

    fn clients(&mut self, clients: &Clients, path: &Path<'_>) {
        self.count(&path.field("count"), &clients.count, 1..=1_000);
        self.time(&path.field("every"), &clients.every, 10 * MICROSECOND..=DAY);
    }

    fn entry(&mut self, entry: &Entry, path: &Path<'_>) {
        match (&entry.at, &entry.when) {
            (Some(_), Some(_)) => {
                self.wrong(&path.field("when"), "an act has `at` or `when`, not both".to_owned())
            }
            (None, None) => self.wrong(path, "expected `at` or `when`: the act is never due".to_owned()),
            (Some(_), None) if entry.after.is_some() => {
                self.wrong(
                    &path.field("after"),
                    "`after` belongs to `when`; `at` is a time by itself".to_owned(),
                );
            }
            (Some(_), None) | (None, Some(_)) => {}
        }
        if let Some(at) = &entry.at {
            self.time(&path.field("at"), at, 0..=self.end);
        }
        if let Some(after) = &entry.after {
            self.time(&path.field("after"), after, 0..=self.end);
        }
        if let Some(when) = &entry.when {
            self.condition(&path.field("when"), when);
        }
        self.act(&entry.act, &path.field("do"));
        if let Some(lasts) = &entry.lasts {
            self.time(&path.field("for"), lasts, 1..=DAY);
            self.ends(&entry.act, &path.field("for"));
        }
    }

    fn chaos(&mut self, chaos: &Chaos, path: &Path<'_>) {
        self.spread(&path.field("every"), Some(&chaos.every));
        if typical(&chaos.every).is_some_and(|time| time < MILLISECOND) {
            self.wrong(&path.field("every"), "faults come at most once a millisecond".to_owned());
        }
        if chaos.pick.is_empty() {
            self.wrong(&path.field("pick"), "expected at least one kind of fault".to_owned());
        }
        for (n, pick) in chaos.pick.iter().enumerate() {
            let picks = path.field("pick");
            let path = picks.item(n);
            self.object(&path);
            self.count(&path.field("weight"), &Draw::Plain(pick.weight), 1..=1_000_000);
            self.act(&pick.act, &path.field("do"));
            if let Some(lasts) = &pick.lasts {
                self.spread(&path.field("for"), Some(lasts));
                self.ends(&pick.act, &path.field("for"));
            }
        }
    }

    fn expectation(&mut self, expect: &Expect, path: &Path<'_>) {
        match expect {
            Expect::Violates(_) | Expect::CommittedAtLeast(_) => {}
            Expect::LeaderWithin(time) => {
                self.time(&path.field("leader_within"), &Draw::Plain(*time), 1..=self.end);
            }
            Expect::Finally(condition) => self.condition(&path.field("finally"), condition),
            Expect::Sometimes(condition) => self.condition(&path.field("sometimes"), condition),
            Expect::Never(condition) => self.condition(&path.field("never"), condition),
        }
    }

    fn act(&mut self, act: &Act, path: &Path<'_>) {
        let path = path.field(act.name());
        self.object(&path);
        if let Some(aim) = act.aim() {
            let nodes = if let Target::Nodes(nodes) = aim.0 { nodes } else { 0 };
            self.named(&path.field("node"), nodes);
        }
        match act {
            Act::Crash(crash) => {
                if let Some(effects) = &crash.after_effects {
                    self.count(&path.field("after_effects"), effects, 0..=1_000);
                }
            }
            Act::Partition(partition) => self.groups(&path.field("groups"), &partition.groups),
            Act::Restart(_)
            | Act::Pause(_)
            | Act::Resume(_)
            | Act::Isolate(_)
            | Act::Bridge(_)
            | Act::Ring
            | Act::Heal => {}
        }
    }

    fn groups(&mut self, path: &Path<'_>, groups: &[Nodes]) {
        if groups.is_empty() {
            self.wrong(path, "expected at least one group of nodes".to_owned());
        }
        let mut taken = 0;
        for (n, group) in groups.iter().enumerate() {
            let path = path.item(n);
            self.named(&path, group.0);
            if taken & group.0 != 0 {
                let node = (taken & group.0).trailing_zeros() + 1;
                self.wrong(&path, format!("the groups overlap: n{node} is in an earlier one"));
            }
            taken |= group.0;
        }
    }

    fn ends(&mut self, act: &Act, path: &Path<'_>) {
        if !act.can_end() {
            self.wrong(path, format!("`{}` is done once; there is nothing to undo after a time", act.name()));
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
                let problem = Problem { range, message: mistake.message.clone(), help: mistake.help.clone() };
                self.problems.push(problem);
            }
        }
    }

    fn spread(&mut self, path: &Path<'_>, spread: Option<&Spread>) {
        match spread {
            None => {}
            Some(Spread::Constant(time)) => self.time(path, time, 0..=DAY),
            Some(Spread::Uniform(low, high)) => {
                let path = path.field("uniform");
                self.time(&path.item(0), low, 0..=DAY);
                self.time(&path.item(1), high, 0..=DAY);
                self.ordered(&path, low, high);
            }
            Some(Spread::Exponential(law)) => {
                let path = path.field("exponential");
                self.object(&path);
                self.time(&path.field("mean"), &law.mean, 0..=DAY);
            }
            Some(Spread::Lognormal(law)) => {
                let path = path.field("lognormal");
                self.object(&path);
                self.time(&path.field("median"), &law.median, 1..=DAY);
                self.time(&path.field("p99"), &law.p99, 1..=DAY);
                self.ordered(&path.field("p99"), &law.median, &law.p99);
            }
        }
    }

    /// The one must not be above the other, whatever is drawn.
    fn ordered(&mut self, path: &Path<'_>, low: &Draw<Time>, high: &Draw<Time>) {
        if let (Some((_, low)), Some((high, _))) = (low.range(), high.range())
            && low > high
        {
            let message = format!("the lower end may be {}, above the upper end {}", Shown(low), Shown(high));
            self.wrong(path, message);
        }
    }

    fn time(&mut self, path: &Path<'_>, draw: &Draw<Time>, allowed: std::ops::RangeInclusive<Nanos>) {
        let Some((low, high)) = self.range(path, draw) else {
            return;
        };
        let (first, last) = (*allowed.start(), *allowed.end());
        if low < first {
            self.wrong(path, format!("expected at least {}, found {}", Shown(first), Shown(low)));
        } else if high > last && last == self.end {
            let message = format!("{} is after the end of the run, which is at {}", Shown(high), Shown(last));
            self.wrong(path, message);
        } else if high > last {
            self.wrong(path, format!("expected at most {}, found {}", Shown(last), Shown(high)));
        }
    }

    fn count(&mut self, path: &Path<'_>, draw: &Draw<u64>, allowed: std::ops::RangeInclusive<u64>) {
        let Some((low, high)) = self.range(path, draw) else {
            return;
        };
        let found = if allowed.contains(&low) { high } else { low };
        if !allowed.contains(&found) {
            let message = format!("expected {} to {}, found {found}", allowed.start(), allowed.end());
            self.wrong(path, message);
        }
    }

    fn optional<T: Value>(&mut self, path: &Path<'_>, draw: Option<&Draw<T>>) {
        if let Some(draw) = draw {
            self.range(path, draw);
        }
    }

    /// What a draw may give. One that can give nothing is a problem.
    fn range<T: Value>(&mut self, path: &Path<'_>, draw: &Draw<T>) -> Option<(u64, u64)> {
        let range = draw.range();
        if range.is_none() {
            let message = match draw {
                Draw::Between(low, high) => {
                    format!("{} is above {}: nothing is between", low.text(), high.text())
                }
                Draw::Plain(_) | Draw::OneOf(_) => "expected at least one value".to_owned(),
            };
            self.wrong(path, message);
        }
        range
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
        let range = self.tree.spot(&path.steps()).node.range.clone();
        self.problems.push(Problem { range, message, help: None });
    }

    /// The place of a piece of a string; the whole string when escapes have moved its pieces.
    fn within(&self, path: &Path<'_>, at: usize, width: usize) -> Range<usize> {
        let steps: Vec<Step<'_>> = path.steps();
        let whole = self.tree.spot(&steps).node.range.clone();
        if self.text[whole.clone()].contains('\\') {
            return whole;
        }
        let start = whole.start + 1 + at;
        start..start + width
    }
}

/// A time that is neither the shortest nor the longest: at what pace faults come.
fn typical(every: &Spread) -> Option<Nanos> {
    let (Spread::Constant(time) | Spread::Uniform(_, time)) = every else {
        return match every {
            Spread::Exponential(law) => law.mean.range().map(|(low, _)| low),
            Spread::Lognormal(law) => law.median.range().map(|(low, _)| low),
            Spread::Constant(_) | Spread::Uniform(..) => None,
        };
    };
    time.range().map(|(low, _)| low)
}
