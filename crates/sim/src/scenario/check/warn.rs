//! What is doubtful about a file that has nothing wrong: it runs, but hardly as it was meant.
//!
//! Only what is certain is said: with open values, what holds whatever is drawn.

use crate::plan::Target;
use crate::scenario::act::{Act, At, Crash};
use crate::scenario::check::Checker;
use crate::scenario::draw::{Draw, Value};
use crate::scenario::duration::Shown;
use crate::scenario::expect::Expect;
use crate::scenario::file::{Entry, File, Link, heartbeat};
use crate::scenario::path::Path;
use crate::scenario::resolve::LATENCY;
use crate::scenario::spread::Spread;
use whitewater_check::types::Nanos;

impl Checker<'_> {
    pub(super) fn doubts(&mut self, file: &File, root: &Path<'_>) {
        self.slow_network(file, root);
        self.slow_heartbeat(file, root);
        self.no_majority(file, root);
        self.nobody_asks(file, &root.field("expect"));
        self.nothing_held(file, &root.field("timeline"));
        self.slow_disk(file, root);
        self.endless_tie(file, root);
        self.aims(file, root);
        let links = root.field("network");
        self.each(&file.network.links, &links.field("links"), Self::idle_link);
    }

    /// §5.6: the broadcast time is far below the election timeout.
    fn slow_network(&mut self, file: &File, root: &Path<'_>) {
        let patience = highest(&file.election_timeout.0);
        let said = file.network.latency.as_ref();
        let there_and_back = said.map_or(LATENCY.0 + LATENCY.1, |said| said.least_median().saturating_mul(2));
        if highest(&file.nodes) == 1 {
            return;
        }
        if there_and_back > patience {
            let message = format!(
                "a message and its answer take {} or longer half of the time, and the shortest election \
                 timeout is {}: hardly any leader can last",
                Shown(there_and_back),
                Shown(patience),
            );
            match said {
                Some(_) => self.wrong(&root.field("network").field("latency"), message),
                None => self.wrong(&root.field("election_timeout"), message),
            }
        }
    }

    fn slow_heartbeat(&mut self, file: &File, root: &Path<'_>) {
        let (beat, patience) = (lowest(&file.heartbeat), highest(&file.election_timeout.0));
        if beat >= patience {
            let message = format!(
                "a heartbeat every {} is not below the shortest election timeout, {}: followers will not wait \
                 for it",
                Shown(beat),
                Shown(patience),
            );
            let said = file.heartbeat != heartbeat();
            let place = if said { "heartbeat" } else { "election_timeout" };
            self.wrong(&root.field(place), message);
        }
    }

    fn slow_disk(&mut self, file: &File, root: &Path<'_>) {
        let patience = highest(&file.election_timeout.0);
        let sync = file.disk.sync.as_ref().map_or(0, Spread::least_median);
        if sync > patience {
            let message = format!(
                "a sync takes {} or longer half of the time, and the shortest election timeout is {}: who \
                 votes or leads has timed out before it is durable",
                Shown(sync),
                Shown(patience),
            );
            self.wrong(&root.field("disk").field("sync"), message);
        }
    }

    /// §5.2: randomized election timeouts resolve split votes. Some other difference between nodes may, too.
    fn endless_tie(&mut self, file: &File, root: &Path<'_>) {
        let (min, max) = &file.election_timeout;
        let network = &file.network;
        let same_links = matches!(network.latency, Some(Spread::Constant(_)))
            && network.links.is_empty()
            && network.asymmetry.is_none();
        let same_clocks = file.clock.drift.is_none() && file.clock.offset.is_none();
        if lowest(min) == highest(max) && same_links && same_clocks && lowest(&file.nodes) > 1 {
            let message = "all election timeouts and all latencies are equal: nodes that stand for election at \
                           the same time may do so for ever";
            self.wrong(&root.field("election_timeout"), message.to_owned());
        }
    }

    /// A story that has not to settle is about what goes wrong, and may leave the cluster without a majority.
    fn no_majority(&mut self, file: &File, root: &Path<'_>) {
        if !file.settle {
            return;
        }
        let whenever = file.timeline.iter().filter(|entry| entry.at.is_none());
        let picks = file.chaos.iter().flat_map(|chaos| &chaos.pick);
        if whenever.filter_map(|entry| entry.act.as_ref()).any(may_wake)
            || picks.map(|pick| &pick.act).any(may_wake)
        {
            return;
        }
        let wakings: Vec<(Nanos, Nanos)> = file.timeline.iter().filter_map(waking).collect();
        let outages: Vec<Outage> =
            file.timeline.iter().filter_map(|entry| Outage::of(entry, &wakings)).collect();
        let Some(end) = file.run_for.range().map(|(_, high)| high) else { return };
        let patience = lowest(&file.election_timeout.0);
        if !outages.is_empty() && !ever_up(&outages, highest(&file.nodes), end, patience) {
            let message = "by this timeline a majority is never up for as long as the shortest election \
                           timeout: nothing can be committed";
            self.wrong(&root.field("timeline"), message.to_owned());
        }
    }

    fn nobody_asks(&mut self, file: &File, path: &Path<'_>) {
        let asks = |act: &Act| matches!(act, Act::Request(_));
        let asked = !file.clients.is_empty() || file.acts().any(asks);
        for (n, expect) in file.expect.iter().enumerate() {
            let path = path.item(n);
            match expect {
                Expect::CommittedAtLeast(0) => {
                    self.wrong(&path, "this always holds".to_owned());
                }
                Expect::CommittedAtLeast(_) if !asked => {
                    let message = "nobody asks for anything: there are no `clients` and no `request`";
                    self.wrong(&path, message.to_owned());
                }
                Expect::CommittedAtLeast(_)
                | Expect::Violates(_)
                | Expect::LeaderWithin(_)
                | Expect::Finally(_)
                | Expect::Sometimes(_)
                | Expect::Never(_)
                | Expect::Measured(_) => {}
            }
        }
    }

    fn nothing_held(&mut self, file: &File, path: &Path<'_>) {
        let holds = |act: &Act| matches!(act, Act::Hold(_));
        let held = file.acts().any(holds);
        for (n, entry) in file.timeline.iter().enumerate() {
            if matches!(entry.act, Some(Act::Release)) && !held {
                let message = "nothing is ever held back: there is no `hold`";
                self.wrong(&path.item(n).field("do"), message.to_owned());
            }
        }
    }

    fn idle_link(&mut self, link: &Link, path: &Path<'_>) {
        if link.latency.is_none() && link.loss.is_none() && link.duplicate.is_none() && link.reorder.is_none()
        {
            self.wrong(path, "this link says nothing that differs from the network".to_owned());
        }
    }
}

fn lowest<T: Value>(draw: &Draw<T>) -> u64 {
    draw.range().map_or(0, |(low, _)| low)
}

fn highest<T: Value>(draw: &Draw<T>) -> u64 {
    draw.range().map_or(u64::MAX, |(_, high)| high)
}

/// A time in which nodes are certainly down or standing still.
struct Outage {
    from: Nanos,
    until: Nanos,
    /// Which nodes.
    nodes: u64,
}

impl Outage {
    /// The outage that an act at a fixed time certainly brings, if it brings one.
    fn of(entry: &Entry, wakings: &[(Nanos, Nanos)]) -> Option<Self> {
        let (_, from) = entry.at.as_ref()?.range()?;
        let (Act::Crash(Crash { node, after_effects: None }) | Act::Pause(At { node })) =
            entry.act.as_ref()?
        else {
            return None;
        };
        let nodes = match node.0 {
            Target::Nodes(nodes) => nodes,
            // Which ones is drawn, but the others are no majority.
            Target::All | Target::Majority => u64::MAX,
            Target::Leader
            | Target::Follower
            | Target::Candidate
            | Target::Minority
            | Target::Crashed
            | Target::Random => return None,
        };
        let later = wakings.iter().filter(|(_, latest)| *latest >= from);
        let until = later.map(|(soonest, _)| *soonest).min().unwrap_or(Nanos::MAX);
        Some(Self { from, until, nodes })
    }
}

/// Whether an act may start crashed nodes again or let paused ones go on, by itself or when it ends.
fn may_wake(act: &Act) -> bool {
    matches!(
        act,
        Act::Restart(_)
            | Act::Resume(_)
            | Act::Crash(_)
            | Act::Pause(_)
            | Act::FailDisk(_)
            | Act::FillDisk(_)
    )
}

/// When an act at a fixed time may do that: the soonest and the latest time.
fn waking(entry: &Entry) -> Option<(Nanos, Nanos)> {
    let (soonest, latest) = entry.at.as_ref()?.range()?;
    let act = entry.act.as_ref().filter(|act| may_wake(act))?;
    if !act.can_end() {
        return Some((soonest, latest));
    }
    let (least, most) = entry.lasts.as_ref()?.range()?;
    Some((soonest.saturating_add(least), latest.saturating_add(most)))
}

/// Whether a majority of so many nodes may be up for as long as `patience` at some time before `end`.
fn ever_up(outages: &[Outage], nodes: u64, end: Nanos, patience: Nanos) -> bool {
    let mut turns: Vec<Nanos> =
        outages.iter().flat_map(|one| [one.from, one.until]).chain([0, end]).collect();
    turns.sort_unstable();
    let mut since = None;
    for turn in turns.into_iter().filter(|&turn| turn <= end) {
        if since.is_some_and(|since| turn - since >= patience) {
            return true;
        }
        let down = outages.iter().filter(|one| (one.from..one.until).contains(&turn));
        let down = down.fold(0, |set, one| set | one.nodes) & ((1 << nodes) - 1);
        let up = 2 * (nodes - u64::from(down.count_ones())) > nodes;
        since = if up { since.or(Some(turn)) } else { None };
    }
    false
}
