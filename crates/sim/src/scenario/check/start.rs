//! What disks hold when a run begins, judged: logs that some run of Raft could have left behind.

use crate::scenario::check::{Checker, HIGHEST_TERM};
use crate::scenario::draw::Draw;
use crate::scenario::file::Start;
use crate::scenario::path::Path;
use crate::scenario::target::highest;
use whitewater_check::types::Term;

/// The most entries of a log.
const MOST_ENTRIES: usize = 10_000;

impl Checker<'_> {
    pub(super) fn starts(&mut self, starts: &[Start], path: &Path<'_>) {
        let before = self.problems.len();
        let mut named = 0;
        for (n, start) in starts.iter().enumerate() {
            let list = path;
            let path = path.item(n);
            self.object(&path);
            self.named(&path.field("node"), start.node.0);
            let node = if self.has_node(&path) { start.node.0 } else { 0 };
            if named & node != 0 {
                let message = format!("n{} has its disk already", highest(named & node));
                self.wrong(&path.field("node"), message);
            }
            named |= node;
            self.count(&path.field("term"), &Draw::Plain(start.term), 1..=HIGHEST_TERM);
            self.log(start, &path.field("log"));
            self.matching(&starts[..=n], list);
        }
        // All disks together say who can have been elected, and only if all of them are right.
        let sound =
            self.problems.len() == before && self.whole(path) && self.whole(&Path::Root.field("nodes"));
        for (n, start) in starts.iter().enumerate().filter(|_| sound) {
            self.elected(starts, start, &path.item(n).field("log"));
        }
    }

    /// §5.2: whoever wrote an entry was elected in its term, so a majority has seen that term.
    fn elected(&mut self, starts: &[Start], start: &Start, path: &Path<'_>) {
        let Some(&term) = start.log.last() else {
            return;
        };
        let seen: u64 =
            starts.iter().filter(|other| other.term >= term).fold(0, |set, other| set | other.node.0);
        let (seen, nodes) = (u64::from(seen.count_ones()), self.nodes);
        if seen <= nodes / 2 {
            let message = format!(
                "an entry of term {term} has a leader that a majority elected, but only {seen} of {nodes} nodes have seen that term"
            );
            self.wrong(path, message);
        }
    }

    fn log(&mut self, start: &Start, path: &Path<'_>) {
        if start.log.len() > MOST_ENTRIES {
            let message = format!("a log has at most {MOST_ENTRIES} entries here, found {}", start.log.len());
            return self.wrong(path, message);
        }
        let mut before = 1;
        for (n, &term) in start.log.iter().enumerate() {
            if term < before {
                let message = match n {
                    0 => "terms begin with 1".to_owned(),
                    _ => format!("terms never fall within a log: {term} comes after {before}"),
                };
                return self.wrong(&path.item(n), message);
            }
            if term > start.term {
                let message =
                    format!("an entry of term {term}, but the node has only seen term {}", start.term);
                return self.wrong(&path.item(n), message);
            }
            before = term;
        }
    }

    /// §5.3: logs that agree in an entry agree in all before it. The last of these is judged by the others.
    fn matching(&mut self, starts: &[Start], list: &Path<'_>) {
        let Some((start, earlier)) = starts.split_last() else { return };
        let last = list.item(earlier.len());
        let path = last.field("log");
        if start.log.is_empty() || !self.whole(&path) {
            return;
        }
        for (n, other) in earlier.iter().enumerate() {
            let item = list.item(n);
            if let Some((parted, met)) = parted_and_met(&other.log, &start.log)
                && self.whole(&item.field("log"))
                && self.has_node(&item)
            {
                let (node, term) = (highest(other.node.0), start.log[met]);
                let message = format!(
                    "no leader could have written this beside the log of n{node}: \
                     both hold entry {} of term {term} and differ in entry {}",
                    met + 1,
                    parted + 1,
                );
                return self.wrong(&path.item(met), message);
            }
        }
    }

    /// Whether the node of this disk is named, and was not put in.
    fn has_node(&self, start: &Path<'_>) -> bool {
        !self.mended.stands_in(&self.place(&start.field("node")))
    }
}

/// Where two logs first differ, and where they agree again after that.
fn parted_and_met(a: &[Term], b: &[Term]) -> Option<(usize, usize)> {
    let mut pairs = a.iter().zip(b);
    let parted = pairs.position(|(a, b)| a != b)?;
    let met = pairs.position(|(a, b)| a == b)?;
    Some((parted, parted + 1 + met))
}
