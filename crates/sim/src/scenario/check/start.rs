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
        let mut named = 0;
        for (n, start) in starts.iter().enumerate() {
            let path = path.item(n);
            self.object(&path);
            self.named(&path.field("node"), start.node.0);
            if named & start.node.0 != 0 {
                let message = format!("n{} has its disk already", highest(named & start.node.0));
                self.wrong(&path.field("node"), message);
            }
            named |= start.node.0;
            self.count(&path.field("term"), &Draw::Plain(start.term), 1..=HIGHEST_TERM);
            self.log(start, &path.field("log"));
            self.matching(&starts[..n], start, &path.field("log"));
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

    /// §5.3: logs that agree in an entry agree in all before it.
    fn matching(&mut self, earlier: &[Start], start: &Start, path: &Path<'_>) {
        for other in earlier {
            if let Some((parted, met)) = parted_and_met(&other.log, &start.log) {
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
}

/// Where two logs first differ, and where they agree again after that.
fn parted_and_met(a: &[Term], b: &[Term]) -> Option<(usize, usize)> {
    let mut pairs = a.iter().zip(b);
    let parted = pairs.position(|(a, b)| a != b)?;
    let met = pairs.position(|(a, b)| a == b)?;
    Some((parted, parted + 1 + met))
}
