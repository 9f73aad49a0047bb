//! What the cost of an event depends on: one dial turned at a time, the positions of it timed side by side.

use crate::plans::{QUIET, Water};
use crate::plot::Panel;
use crate::rows::{Figure, Row, WATCHED, interleave};
use crate::table::{Table, number};

/// How often each position is timed.
const ROUNDS: usize = 3;

/// The same where two times are subtracted, each of them several times the difference.
const ROUNDS_OF_DIFFERENCES: usize = 12;

/// A dial: its positions, and the cost of an event at each, in nanoseconds.
pub(crate) struct Growth {
    title: &'static str,
    about: &'static str,
    costs: Vec<(String, f64)>,
}

impl Growth {
    /// The cost at one position against that at another.
    pub(crate) fn ratio(&self, position: &str, against: &str) -> Option<f64> {
        let cost = |name: &str| self.costs.iter().find(|(other, _)| other == name).map(|(_, cost)| *cost);
        Some(cost(position)? / cost(against)?)
    }

    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(self.title, self.about, &["", "ns/event", "x the first"]);
        for (name, cost) in &self.costs {
            table.add([name.clone(), number(*cost), format!("{:.2}", cost / self.costs[0].1)]);
        }
        table
    }

    pub(crate) fn panel(&self) -> Panel {
        let first = self.costs[0].1;
        let bars = self.costs.iter().map(|(name, cost)| (name.clone(), cost / first)).collect();
        Panel { title: self.title, bars }
    }
}

/// Clusters of 3 to 51 nodes.
pub(crate) fn nodes() -> Growth {
    let about = "Quiet water, 500 requests/s. An event is an event: a larger cluster has more of them.";
    let waters = [3, 5, 9, 25, 51].map(|nodes| {
        let seconds = 200 / u64::from(nodes);
        (nodes.to_string(), Water { nodes, seconds, ..QUIET })
    });
    timed("By nodes", about, &waters)
}

/// Ten to five thousand requests a second.
pub(crate) fn rate() -> Growth {
    let about = "Quiet water, five nodes. The kinds of events shift: with few requests most are heartbeats.";
    let waters = [10, 50, 500, 5_000].map(|rate| {
        let seconds = (20_000 / rate).clamp(4, 400);
        (rate.to_string(), Water { rate, seconds, ..QUIET })
    });
    timed("By requests a second", about, &waters)
}

/// Six to six hundred seconds of faults.
pub(crate) fn faults() -> Growth {
    let about = "A crash or a cut every 0.8 s, 500 requests/s. A node that comes back restores its last snapshot and \
                 applies what its log holds after it, 10,000 entries at most.";
    let waters = [6, 60, 600].map(|seconds| (seconds.to_string(), Water { faults: true, seconds, ..QUIET }));
    timed("By seconds of faults", about, &waters)
}

/// A thousand to a million entries in every log from the beginning. What the start costs is taken out: the cost is
/// that of a minute more.
pub(crate) fn log() -> Growth {
    let about = "Quiet water without snapshots, on disks that hold so many entries at first. Of two runs, one a minute \
                 longer than the other, the difference: the start reads the whole log and does not count.";
    let sizes = [("10^3", 1_000), ("10^4", 10_000), ("10^5", 100_000), ("10^6", 1_000_000)];
    let row = |stored, seconds| Row::run("", Water { stored, seconds, ..QUIET }, WATCHED);
    let mut rows: Vec<Row> = sizes.iter().flat_map(|&(_, size)| [row(size, 5), row(size, 65)]).collect();
    let figures = interleave(&mut rows, ROUNDS_OF_DIFFERENCES);
    let cost = |pair: &[Figure]| {
        let took = pair[1].took.saturating_sub(pair[0].took);
        Figure { events: pair[1].events - pair[0].events, took }.per_event()
    };
    let costs = sizes.iter().zip(figures.chunks(2)).map(|((name, _), pair)| ((*name).into(), cost(pair)));
    Growth { title: "By entries in the log", about, costs: costs.collect() }
}

fn timed(title: &'static str, about: &'static str, waters: &[(String, Water)]) -> Growth {
    let mut rows: Vec<Row> =
        waters.iter().map(|(name, water)| Row::run(name.clone(), *water, WATCHED)).collect();
    let figures = interleave(&mut rows, ROUNDS);
    let costs = rows.into_iter().zip(&figures).map(|(row, figure)| (row.name, figure.per_event()));
    Growth { title, about, costs: costs.collect() }
}
