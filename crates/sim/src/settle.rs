//! The settle phase: faults end, everybody comes back, and the cluster must get on by itself.
//!
//! Drawing stops, cuts are mended, paused processes go on and crashed ones start again; messages are no
//! longer lost. Then a new request must be answered, and every node must have applied the same commands,
//! within twenty times the longest election timeout and the time that the backlog takes: two mean round
//! trips, sync included, for every entry of the longest log and every event that waits in an inbox. That is
//! enough for a system that sends entries one by one and syncs each; one that does better never needs it,
//! and a stall is only noticed later.

use crate::event::Scheduled;
use crate::measure::Measure;
use crate::replica::System;
use crate::trace::What;
use crate::verdict::Settling;
use crate::world::World;
use whitewater_check::observe::Role;
use whitewater_check::types::{Nanos, NodeId};

/// How many of the longest election timeouts the cluster has to settle.
const PATIENCE: Nanos = 20;

/// How often the probing client asks, in nanoseconds.
const PROBE: Nanos = 100_000_000;

/// How the settle phase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settle {
    /// The client that makes the new request.
    probe: u32,
    /// When it began.
    pub began: Nanos,
    /// Whether it has come to its end.
    pub end: Option<End>,
}

/// How a settle phase ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The new request was answered and all nodes agree.
    Settled,
    /// Time ran out.
    Stalled,
}

impl<S: System> World<S> {
    /// The time of faults is over, or that of settling.
    pub(crate) fn end_of_phase(&mut self) {
        match &mut self.settle {
            None => self.begin_to_settle(),
            Some(settle) => settle.end = Some(End::Stalled),
        }
    }

    fn begin_to_settle(&mut self) {
        self.nemesis.stop();
        let environment = &mut self.environment;
        environment.clients.close();
        let answers = u128::from(environment.clients.answers()) * 1_000_000_000;
        if let Some(rate) = answers.checked_div(u128::from(environment.now)) {
            environment.measurements.add(Measure::Throughput, rate as u64);
        }
        environment.network.calm();
        environment.network.heal();
        self.let_go(|interceptor| interceptor.end(None));
        let environment = &mut self.environment;
        environment.note_cluster(What::Settling, 0, 0);
        let probe = environment.clients.probe(PROBE, &environment.keys);
        environment.schedule(0, Scheduled::Tick(probe));
        let in_memory = environment.looks.iter().map(|look| look.last_index);
        let on_disk = environment.processes.iter().map(|process| process.disk.last_index());
        let longest = in_memory.chain(on_disk).max().unwrap_or(0);
        let patience = self.plan.timing.election_timeout_max.saturating_mul(PATIENCE);
        let waiting: usize = environment.processes.iter().map(|process| process.inbox.len()).sum();
        let backlog =
            (longest + waiting as u64).saturating_mul(2).saturating_mul(environment.mean_round_trip());
        environment.schedule(patience.saturating_add(backlog), Scheduled::End);
        self.settle = Some(Settle { probe, began: environment.now, end: None });
        let everybody = self.nodes().fold(0, |set, node| set | node.bit());
        self.resume(everybody);
        self.restart(everybody);
    }

    /// Whether the run has come to its end.
    pub(crate) fn settled(&mut self) -> bool {
        let Some(settle) = &mut self.settle else { return false };
        if settle.end.is_none() && self.environment.clients.has_answer(settle.probe) && self.agree() {
            if let Some(settle) = &mut self.settle {
                settle.end = Some(End::Settled);
            }
            return true;
        }
        self.settle.is_some_and(|settle| settle.end.is_some())
    }

    /// Whether all nodes are up, idle, and have applied the same commands to the end of their logs.
    fn agree(&self) -> bool {
        let leads = self.environment.looks.iter().any(|look| look.role == Role::Leader);
        leads && self.nodes().all(|node| self.agrees(node, NodeId(0)))
    }

    /// Whether a node is idle and has applied its whole log, and the same commands as another.
    fn agrees(&self, node: NodeId, other: NodeId) -> bool {
        let process = &self.environment.processes[node.slot()];
        let look = &self.environment.looks[node.slot()];
        let same = process.machine == self.environment.processes[other.slot()].machine;
        same && process.up && !process.blocked && look.last_index == look.last_applied
    }

    /// What became of the settle phase.
    pub(crate) fn settling(&self) -> Settling {
        match self.settle.and_then(|settle| settle.end) {
            None => Settling::NotReached,
            Some(End::Settled) => Settling::Settled,
            Some(End::Stalled) => Settling::Stalled,
        }
    }

    /// What keeps the cluster from settling, in words.
    pub(crate) fn why_stalled(&self) -> String {
        let probed = self.settle.is_some_and(|settle| self.environment.clients.has_answer(settle.probe));
        match self.leader() {
            None => "nobody leads although all nodes are up and connected".to_owned(),
            Some(leader) if !probed => format!("{leader} leads and answers no new request"),
            Some(leader) => {
                let behind: Vec<String> = self
                    .nodes()
                    .filter(|&node| !self.agrees(node, leader))
                    .map(|node| node.to_string())
                    .collect();
                format!("{leader} leads and these nodes do not catch up: {}", behind.join(" "))
            }
        }
    }
}
