//! A history in full, and its replay through the checks.

use whitewater_check::checks::{self, Checks};
use whitewater_check::observe::{Brief, Look, Observe, Progress, Role};
use whitewater_check::operation::Operation;
use whitewater_check::property::Property;
use whitewater_check::types::{At, Command, Entry, Index, NodeId, Term};

/// All that can be seen of a replica after a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) role: Role,
    pub(crate) term: Term,
    pub(crate) commit: usize,
    pub(crate) applied: usize,
    /// The whole log, and how much of it a snapshot stands for.
    pub(crate) log: Vec<Entry>,
    pub(crate) covered: usize,
    pub(crate) changed: Option<usize>,
    /// By peer: match and next index.
    pub(crate) progress: Vec<(usize, usize)>,
}

/// One event of a history; the node is a position.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Start(usize, State),
    Step(usize, State),
    Crash(usize),
    Sent {
        from: usize,
        to: usize,
        brief: Brief,
    },
    Received {
        node: usize,
        from: usize,
        brief: Brief,
    },
    HardState {
        node: usize,
        term: Term,
        vote: Option<usize>,
    },
    Disk {
        node: usize,
        from: usize,
        entries: Vec<Entry>,
    },
    /// A disk has a snapshot that stands for `log`, and after it these entries, of which those from an index on were
    /// written with it.
    DiskSnapshot {
        node: usize,
        log: Vec<Entry>,
        tail: Vec<Entry>,
        from: Option<usize>,
    },
    Applied {
        node: usize,
        index: usize,
        command: Option<Command>,
        hash: u64,
    },
    /// A state machine is put into the state of a snapshot up to `index`, which has applied so far.
    Restored {
        node: usize,
        index: usize,
        applied: usize,
        hash: u64,
    },
}

/// The last index and term of a log.
pub(crate) fn end(log: &[Entry]) -> (Index, Term) {
    (log.len() as Index, log.last().map_or(0, |last| last.term))
}

/// What was violated first, and at which event (counted from 1).
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) outcome: Option<(Property, usize)>,
    /// Sorted by property.
    pub(crate) early: Vec<(Property, usize)>,
}

impl Observe for State {
    fn look(&self) -> Look {
        Look {
            role: self.role,
            term: self.term,
            commit_index: self.commit as Index,
            last_applied: self.applied as Index,
            last_index: self.log.len() as Index,
            changed_from: self.changed.map(|from| from as Index),
        }
    }

    fn entry(&self, index: Index) -> Entry {
        assert!(index as usize > self.covered, "nobody has [{index}] any more");
        self.log[index as usize - 1]
    }

    fn snapshot(&self) -> (Index, Term) {
        end(&self.log[..self.covered])
    }

    fn seen(&mut self) {}

    fn progress(&self, peer: NodeId) -> Option<Progress> {
        let (matched, next) = self.progress[peer.slot()];
        Some(Progress { match_index: matched as Index, next_index: next as Index })
    }
}

/// The checks' verdict on a history.
pub(crate) fn replay(nodes: usize, history: &[Event]) -> Verdict {
    let mut checks = Checks::new();
    checks.reset(nodes as u32);
    ask_for_all(&mut checks, history);
    for (i, event) in history.iter().enumerate() {
        tell(&mut checks, i + 1, event);
    }
    let findings = checks.findings();
    let mut early: Vec<_> = findings
        .early()
        .iter()
        .map(|early| (early.finding.property, early.finding.at.step as usize))
        .collect();
    early.sort_unstable();
    Verdict { outcome: findings.outcome().map(|found| (found.property, found.at.step as usize)), early }
}

/// Clients have asked for every command before the history begins: what they are told is judged elsewhere.
fn ask_for_all(checks: &mut Checks, history: &[Event]) {
    let command = |event: &Event| match event {
        Event::Applied { command, .. } => *command,
        Event::Start(..)
        | Event::Step(..)
        | Event::Crash(..)
        | Event::Sent { .. }
        | Event::Received { .. }
        | Event::HardState { .. }
        | Event::Disk { .. }
        | Event::DiskSnapshot { .. }
        | Event::Restored { .. } => None,
    };
    let last = history.iter().filter_map(command).map(Command::serial).max().unwrap_or(0);
    for serial in 1..=last {
        let command = Command::new(0, serial);
        checks.invoked(At::default(), command, Operation::Put { key: 0, value: command.word() });
    }
}

fn tell(checks: &mut Checks, step: usize, event: &Event) {
    let node = |node: usize| NodeId(node as u8);
    let at = |n: usize| At { time: step as u64 * 1000, step: step as u32, node: node(n) };
    match event {
        Event::Start(n, state) => checks.started(at(*n), state),
        Event::Step(n, state) => checks.stepped(at(*n), state),
        Event::Crash(n) => checks.crashed(at(*n)),
        Event::Sent { from, to, brief } => checks.sent(at(*from), node(*to), brief),
        Event::Received { node: n, from, brief } => checks.received(at(*n), node(*from), brief),
        Event::HardState { node: n, term, vote } => {
            checks.durable(at(*n), Some((*term, vote.map(node))), None);
        }
        Event::Disk { node: n, from, entries } => {
            checks.durable(at(*n), None, Some((*from as Index, entries)));
        }
        Event::DiskSnapshot { node: n, log, tail, from } => {
            let suffix = from.map(|from| (from as Index, &tail[from - log.len() - 1..]));
            checks.durable_snapshot(at(*n), end(log), suffix, tail);
        }
        Event::Restored { node: n, index, applied, hash } => {
            let state = checks::State { applied: *applied as Index, hash: *hash };
            checks.restored(at(*n), *index as Index, state);
        }
        Event::Applied { node: n, index, command, hash } => {
            checks.applied(at(*n), *index as Index, *command, 0, *hash);
        }
    }
}
