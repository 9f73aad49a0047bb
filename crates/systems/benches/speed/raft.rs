//! The bare loop with our node in it: messages between five nodes, two timers each, and requests to whoever leads.
//! Disks are instant, nothing is checked, watched or remembered.
//!
//! The same water as `plans` asks for, in as few lines as will do; it is no second simulator and finds nothing.

use crate::bare::fold;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use whitewater_raft::effects::{Effects, Reason, Record, Timer};
use whitewater_raft::message::{Body, Message};
use whitewater_raft::node::Node;
use whitewater_raft::rules::Rules;
use whitewater_raft::types::{Config, Entry, Index, NodeId, Role, Snapshot, Stored, Term};

const NODES: usize = 5;
const MS: u64 = 1_000_000;
/// Two milliseconds between two requests: 500 in a second.
const REQUESTS: u64 = 2 * MS;
/// No time, and no request.
const NEVER: u64 = u64::MAX;

/// A message on its way.
#[derive(Debug)]
struct Flight {
    from: u8,
    to: u8,
    term: Term,
    body: Body<'static, u64>,
    entries: Vec<Entry<u64>>,
}

/// Queue and messages.
#[derive(Debug, Default)]
struct Water {
    now: u64,
    pushed: u32,
    queue: BinaryHeap<Reverse<u128>>,
    flights: Vec<Flight>,
    free: Vec<u32>,
    /// By node and timer: when it is due, and when its entry in the queue is.
    timers: [[(u64, u64); 2]; NODES],
    /// What has become durable in the present step.
    durable: Vec<Index>,
}

/// The node's sink.
#[derive(Debug)]
struct Out<'a> {
    node: u8,
    water: &'a mut Water,
}

/// Runs so many milliseconds of virtual time. How many events there were.
pub(crate) fn raft_loop(ms: u64) -> u64 {
    let mut water = Water { timers: [[(NEVER, NEVER); 2]; NODES], ..Water::default() };
    let mut nodes: Vec<Node<u64>> = (0..NODES as u8)
        .map(|id| {
            let voters = (0..NODES as u8).map(NodeId).collect();
            let config = Config { id: NodeId(id), voters, entries_per_append: 64, snapshot_every: u64::MAX };
            Node::start(config, Rules::PAPER, Stored::default(), &mut Out { node: id, water: &mut water })
        })
        .collect();
    water.push(REQUESTS, 2 << 24);
    let mut events = 0;
    while let Some(Reverse(key)) = water.queue.pop() {
        water.now = (key >> 64) as u64;
        if water.now > ms * MS {
            break;
        }
        events += 1;
        water.take(key as u32, &mut nodes);
    }
    events
}

impl Water {
    fn push(&mut self, time: u64, word: u32) {
        self.pushed += 1;
        self.queue.push(Reverse(u128::from(time) << 64 | u128::from(self.pushed) << 32 | u128::from(word)));
    }

    fn take(&mut self, word: u32, nodes: &mut [Node<u64>]) {
        let value = word & 0x00ff_ffff;
        let node = match word >> 24 {
            0 => self.deliver(value, nodes),
            1 => self.timer(value as usize / 2, value as usize % 2, nodes),
            _ => self.request(nodes),
        };
        while let Some(up_to) = self.durable.pop() {
            nodes[node].durable(up_to, &mut Out { node: node as u8, water: self });
        }
    }

    fn deliver(&mut self, slot: u32, nodes: &mut [Node<u64>]) -> usize {
        let Flight { from, to, term, body, .. } = self.flights[slot as usize];
        let entries = std::mem::take(&mut self.flights[slot as usize].entries);
        let body = match body {
            Body::AppendEntries { prev_log_index, prev_log_term, leader_commit, .. } => {
                Body::AppendEntries { prev_log_index, prev_log_term, entries: &entries, leader_commit }
            }
            Body::RequestVote { .. }
            | Body::RequestVoteReply { .. }
            | Body::InstallSnapshot(_)
            | Body::AppendEntriesReply(_) => body,
        };
        let out = &mut Out { node: to, water: self };
        nodes[usize::from(to)].receive(NodeId(from), Message { term, body }, out);
        self.flights[slot as usize].entries = entries;
        self.free.push(slot);
        usize::from(to)
    }

    fn timer(&mut self, node: usize, timer: usize, nodes: &mut [Node<u64>]) -> usize {
        let (due, queued) = &mut self.timers[node][timer];
        if *queued != self.now {
            return node;
        }
        if *due > self.now {
            *queued = *due;
            let again = *due;
            if again != NEVER {
                self.push(again, 1 << 24 | (node * 2 + timer) as u32);
            }
            return node;
        }
        (*due, *queued) = (NEVER, NEVER);
        let out = &mut Out { node: node as u8, water: self };
        match timer {
            0 => nodes[node].election_timeout(out),
            _ => nodes[node].heartbeat_timeout(out),
        }
        node
    }

    fn request(&mut self, nodes: &mut [Node<u64>]) -> usize {
        self.push(self.now + REQUESTS, 2 << 24);
        let Some(leader) = nodes.iter().position(|node| node.role() == Role::Leader) else { return 0 };
        let command = self.now;
        let out = &mut Out { node: leader as u8, water: self };
        nodes[leader].request(command, out).expect("it leads");
        leader
    }

    fn draw(&self, address: u64) -> u64 {
        fold(self.now ^ 0x9e37_79b9_7f4a_7c15, fold(address ^ 0xd1b5_4a32_d192_ed03, u64::from(self.pushed)))
    }
}

impl Effects<u64> for Out<'_> {
    fn write(&mut self, _: Record<'_, u64>) {}

    fn sync(&mut self) {}

    fn sync_async(&mut self, up_to: Index) {
        self.water.durable.insert(0, up_to);
    }

    fn send(&mut self, to: NodeId, message: Message<'_, u64>) {
        let water = &mut *self.water;
        let draw = water.draw(u64::from(self.node) << 8 | u64::from(to.0));
        if draw & 0xffff < 655 {
            return;
        }
        let slot = water.free.pop().unwrap_or_else(|| {
            let body = Body::RequestVoteReply { granted: false };
            water.flights.push(Flight { from: 0, to: 0, term: 0, body, entries: Vec::new() });
            water.flights.len() as u32 - 1
        });
        let flight = &mut water.flights[slot as usize];
        flight.entries.clear();
        flight.body = match message.body {
            Body::AppendEntries { prev_log_index, prev_log_term, entries, leader_commit } => {
                flight.entries.extend_from_slice(entries);
                Body::AppendEntries { prev_log_index, prev_log_term, entries: &[], leader_commit }
            }
            Body::RequestVote { last_log_index, last_log_term } => {
                Body::RequestVote { last_log_index, last_log_term }
            }
            Body::RequestVoteReply { granted } => Body::RequestVoteReply { granted },
            Body::InstallSnapshot(snapshot) => Body::InstallSnapshot(snapshot),
            Body::AppendEntriesReply(verdict) => Body::AppendEntriesReply(verdict),
        };
        (flight.from, flight.to, flight.term) = (self.node, to.0, message.term);
        let delay = MS + ((u128::from(draw) * u128::from(9 * MS)) >> 64) as u64;
        water.push(water.now + delay, slot);
    }

    fn snapshot(&mut self) -> u64 {
        unreachable!("the log is kept")
    }

    fn restore(&mut self, _: &Snapshot) {
        unreachable!("the log is kept")
    }

    fn set_timer(&mut self, timer: Timer, _: Reason) {
        let water = &mut *self.water;
        let (row, delay) = match timer {
            Timer::Election => (0, 150 * MS + water.draw(u64::from(self.node)) % (150 * MS)),
            Timer::Heartbeat => (1, 50 * MS),
        };
        let (due, queued) = &mut water.timers[usize::from(self.node)][row];
        *due = water.now + delay;
        if *queued > *due {
            *queued = *due;
            water.push(water.now + delay, 1 << 24 | (u32::from(self.node) * 2 + row as u32));
        }
    }

    fn cancel_timer(&mut self, timer: Timer) {
        self.water.timers[usize::from(self.node)][usize::from(timer == Timer::Heartbeat)].0 = NEVER;
    }

    fn apply(&mut self, _: Index, _: &[Entry<u64>]) {}

    fn reply(&mut self, _: Index, _: &u64) {}
}
