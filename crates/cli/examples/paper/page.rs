//! The page that holds the simulated figure against the published one.
//!
//! It knows numbers that are there, and not how they were obtained.

use whitewater_report::figure::{Line, centres, distributions};

/// What the page shows.
pub(crate) struct Page<'a> {
    /// The figure, in the order of its lines.
    pub(crate) lines: &'a [Line<'a>],
    /// The lines with hardly any randomness, under different disks; the first row is the figure's own.
    pub(crate) narrow: Vec<Row<'a>>,
    /// The other lines under other circumstances; the first row is the figure's own.
    pub(crate) wide: Vec<Row<'a>>,
}

/// Some lines under the same circumstances.
pub(crate) struct Row<'a> {
    /// Which.
    pub(crate) name: &'static str,
    /// The lines.
    pub(crate) lines: Vec<Line<'a>>,
}

impl Row<'_> {
    /// What a legend calls each of its lines.
    pub(crate) fn labels(&self) -> Vec<String> {
        let writes = self.name.trim_start_matches("writes of ").split(',').next().unwrap_or_default();
        self.lines.iter().map(|line| format!("{}, {writes}", line.published.line)).collect()
    }
}

const HEAD: &str = "# Figure 16 of the extended Raft paper, simulated

Made by `make paper`, which changes no byte of it as long as nothing changes that it is made of. The extended paper, §9.3,
measured on five servers how long it takes to detect a crashed leader and to replace it, with ten choices of election
timeouts. Here the same is done to a simulated cluster: 1,000 trials a line, 100 for 150-150, seeds from 1 on. `published.csv`
holds the numbers of the published figure, `figure-16.csv` every simulated value, and `scenarios/paper/figure-16-*.json` are the trials.

![Cumulative share of trials over time without leader, for six choices of randomness](figure-16-randomness.svg)

![The same for five scales of election timeouts](figure-16-scale.svg)

Curves are simulated. Rings are what was published: the least, 10 %, the median (larger), 90 %, 99 % and the greatest. Dots are
simulated medians.

";

const MODEL: &str = "
## The trials

As in the paper: five servers; a heartbeat every half of the shortest election timeout, to all at once; the leader crashes
at a uniformly drawn moment between two heartbeats; two of the four survivors cannot win because their logs are shorter.
To keep the logs apart, nothing that followers answer reaches the leader. Time runs from the crash until all survivors have
received the first heartbeat of the next leader.

## The model of network and disk

The paper says one thing of it: the broadcast time is roughly 15 ms. In §5.6 that is the time to send to every server and have
all answers, with a write to stable storage on the way; it is the storage that makes it long. So, for all lines alike: a message
takes 0.1 to 0.5 ms and a durable write 1 to 7 ms, each drawn uniformly for every message and every write. A candidate's
broadcast is its own write, its request, a voter's write and the answer: 15 ms at the most (7 + 0.5 + 7 + 0.5), and 10.4 ms
on average until the last of four has answered.

Why 15 ms at the most, and not on average? This is the one thing that was taken from the figure. Nobody is replaced sooner
than after half of the shortest election timeout, and then there is an election and its first heartbeat. The least
published times are 12 ms above that half on 150-151 and 10 ms on 12-24, so much of what an election takes must be below
that. The last table has an average of 15 ms, too: 150-200 to 100-200 move by ten percent or less, and
12-24 by fifty. Beyond that nothing was fitted, and nothing line by line. It shows on 12-24, where an election takes most of a
timeout: the slowest tenth of the trials takes a quarter longer than was published.

";

const NARROW: &str = "
## What the narrow lines depend on

With little or no randomness in the timeouts something else has to part the candidates of a split vote: one's write or
message is slower than another's. The simulated server sets its election timer when its write is done, so uneven writes are
as good as randomness of a few milliseconds. The more alike they are, with the same mean of 4 ms, the longer it takes:

";

const NARROW_END: &str = "
![The three narrow lines under three disks](figure-16-narrow.svg)

The published median of 41 s on 150-150 asks for writes that differ by less than half a millisecond, that of 1.2 s on 150-151 for
some milliseconds, and no row has both. What parts servers that are all alike is what the paper does not tell: schedulers,
queues, whether the timer is set before the write or after it. So these three lines are shown, and nothing is claimed of them.

";

const WIDE: &str = "## What the other lines depend on

The election timeouts, and what an election takes where that is not much less than their range. Of nine servers four start
with empty logs, and four of eight survivors can win; the paper calls its results for nine similar.

";

impl Page<'_> {
    /// The page as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let centre = |rows: &[Row<'_>]| {
            let rows: Vec<_> = rows.iter().map(|row| (row.name, row.lines.clone())).collect();
            centres(&rows)
        };
        [
            HEAD,
            &centre(&self.wide[..1]),
            "\nBehind each pair is how far median and mean are from the published ones. The whole distributions, in\nmilliseconds:\n\n",
            &distributions(self.lines),
            MODEL.trim_end(),
            "\n",
            NARROW,
            &centre(&self.narrow),
            NARROW_END,
            WIDE,
            &centre(&self.wide),
        ]
        .concat()
    }
}
