//! Small clusters in rough water: letters are lost, doubled and overtaken, servers crash and come back with what
//! was durable, and disks are slow. Some keep their logs for ever, and others let snapshots take their place. What must
//! hold is checked after every step.
//!
//! The dice are a few lines of arithmetic, so that a seed means the same for ever. Each broken table has to be
//! caught by the same judge that the paper's table passes: a judge that never objects proves nothing. (That
//! nothing is sent before it is durable is judged by the sink, in every test.)
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

#[path = "../common/mod.rs"]
mod common;

mod broken;
mod judge;

use common::cluster::Cluster;
use common::disk::Written;
use common::{Command, Effect, Server};
use judge::{Judge, starts};
use whitewater_raft::{Index, NodeId, Rules, Stored, Timer};

/// `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }
}

/// How much of everything there was, so that a quiet run cannot pass for a good one.
#[derive(Default, Debug)]
struct Seen {
    elections: usize,
    commits: usize,
    replies: usize,
    lost_records: usize,
    truncations: usize,
    crashed_leaders: usize,
    snapshots: usize,
    lost_snapshots: usize,
    installs: usize,
    kept_tails: usize,
    restores: usize,
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.elections += other.elections;
        self.commits += other.commits;
        self.replies += other.replies;
        self.lost_records += other.lost_records;
        self.truncations += other.truncations;
        self.crashed_leaders += other.crashed_leaders;
        self.snapshots += other.snapshots;
        self.lost_snapshots += other.lost_snapshots;
        self.installs += other.installs;
        self.kept_tails += other.kept_tails;
        self.restores += other.restores;
    }

    /// Count what a server has just done whose log ended at `last_index` before.
    fn see(&mut self, server: &Server, last_index: Index) {
        for effect in &server.out.effects {
            match effect {
                Effect::Write(Written { suffix: Some((from, _)), .. }) => {
                    self.truncations += usize::from(*from <= last_index);
                }
                Effect::Snapshot(_) => self.snapshots += 1,
                Effect::Restore(_) if starts(server) => self.restores += 1,
                Effect::Restore(snapshot) => {
                    self.installs += 1;
                    self.kept_tails += usize::from(server.node.log().last_index() > snapshot.last_index);
                }
                Effect::Write(_)
                | Effect::Sync
                | Effect::SyncAsync(_)
                | Effect::Send(_)
                | Effect::SetTimer(..)
                | Effect::CancelTimer(_)
                | Effect::Apply(..)
                | Effect::Reply(..) => {}
            }
        }
    }
}

struct Rapids {
    cluster: Cluster,
    judge: Judge,
    dice: Dice,
    seen: Seen,
    requests: usize,
    last_indexes: Vec<Index>,
}

impl Rapids {
    fn new(seed: u64, rules: Rules<Command>, snapshot_every: u64) -> Self {
        let mut dice = Dice(seed);
        let disks = vec![Stored::default(); 3 + dice.roll(3)];
        let last_indexes = vec![0; disks.len()];
        let cluster = Cluster::compacting(disks, 1 + dice.roll(3), snapshot_every, rules);
        Self { cluster, judge: Judge::default(), dice, seen: Seen::default(), requests: 0, last_indexes }
    }

    fn server(&mut self) -> NodeId {
        let servers = self.cluster.ids();
        servers[self.dice.roll(servers.len())]
    }

    fn step(&mut self, id: NodeId, event: impl FnOnce(&mut Server)) {
        if self.cluster.step(id, event).is_some() {
            self.see(id);
        }
    }

    fn see(&mut self, id: NodeId) {
        self.judge.see(&self.cluster, id);
        let Some(server) = self.cluster.up(id) else { return };
        let last_index = &mut self.last_indexes[usize::from(id.0)];
        self.seen.see(server, *last_index);
        *last_index = server.node.log().last_index();
    }

    /// One event, drawn.
    fn happen(&mut self) {
        let id = self.server();
        match self.dice.roll(100) {
            0..55 => self.letter(),
            55..60 => self.step(id, Server::timeout_if_due),
            60..68 => self.step(id, Server::heartbeat),
            68..73 => self.request(id),
            73..82 => self.request(self.cluster.leader().unwrap_or(id)),
            82..97 => {
                self.cluster.finish_sync(id);
                self.see(id);
            }
            97 => self.crash(id),
            _ => self.restart(id),
        }
    }

    /// One of the oldest letters arrives, twice perhaps, or is lost.
    fn letter(&mut self) {
        if self.cluster.letters.is_empty() {
            return;
        }
        let position = self.dice.roll(self.cluster.letters.len().min(6));
        match self.dice.roll(20) {
            0 => drop(self.cluster.letters.remove(position)),
            1 => {
                let letter = self.cluster.letters[position].clone();
                self.cluster.letters.push(letter);
            }
            _ => {
                let id = self.cluster.deliver(position);
                self.see(id);
            }
        }
    }

    fn request(&mut self, id: NodeId) {
        self.requests += 1;
        let command = format!("c{}", self.requests);
        self.step(id, |server| {
            let _ = server.request(&command);
        });
    }

    fn crash(&mut self, id: NodeId) {
        let leads = self.cluster.leader() == Some(id);
        let survivors = self.dice.roll(4);
        let unsynced = self.cluster.up(id).map(|server| &server.out.disk.unsynced);
        let lost = unsynced.into_iter().flatten().skip(survivors);
        self.seen.lost_snapshots += lost.filter(|record| record.snapshot.is_some()).count();
        self.seen.lost_records += self.cluster.crash(id, survivors);
        self.seen.crashed_leaders += usize::from(leads);
    }

    fn restart(&mut self, id: NodeId) {
        if self.cluster.up(id).is_none() {
            self.cluster.restart(id);
            self.see(id);
        }
    }

    /// Calm water: everybody is up, nothing is lost, and somebody times out until there is a leader.
    fn calm(&mut self) {
        for id in self.cluster.ids() {
            self.restart(id);
        }
        let judge = &mut self.judge;
        for round in 0..50 {
            self.cluster.settle(|cluster, id| judge.see(cluster, id));
            match self.cluster.leader() {
                Some(leader) => self.cluster.step(leader, Server::heartbeat),
                None => {
                    let servers = self.cluster.ids();
                    self.cluster.step(servers[round % servers.len()], Server::timeout)
                }
            };
        }
        self.cluster.settle(|cluster, id| judge.see(cluster, id));
    }

    /// After the rapids a new request is answered, and all servers have applied the same.
    fn progress(&mut self) {
        self.calm();
        let Some(leader) = self.cluster.leader() else {
            return self.judge.wrong.push("nobody leads in calm water".to_owned());
        };
        let replies = self.judge.replies;
        self.request(leader);
        self.calm();
        if self.judge.replies == replies {
            self.judge.wrong.push("a request in calm water is not answered".to_owned());
        }
        let commits = self.cluster.commit_indexes();
        if commits.iter().any(|commit| *commit != commits[0]) {
            self.judge.wrong.push(format!("commit indexes in calm water: {commits:?}"));
        }
    }
}

/// A whole run: the first objection, or what was seen.
fn run(seed: u64, rules: Rules<Command>, snapshot_every: u64) -> Result<Seen, String> {
    let mut rapids = Rapids::new(seed, rules, snapshot_every);
    for step in 0..2000 {
        rapids.happen();
        if let Some(wrong) = rapids.judge.wrong.first() {
            return Err(format!("seed {seed}, step {step}: {wrong}"));
        }
    }
    rapids.progress();
    if let Some(wrong) = rapids.judge.wrong.first() {
        return Err(format!("seed {seed}, after the rapids: {wrong}"));
    }
    let Rapids { judge, seen, .. } = rapids;
    let (elections, commits) = (judge.leaders.len(), judge.applied.len());
    Ok(Seen { elections, commits, replies: judge.replies, ..seen })
}

impl Server {
    fn timeout_if_due(&mut self) {
        if self.out.timers == [Timer::Election] {
            self.timeout();
        }
    }
}

/// What was seen over so many seeds of the paper's rules, which must hold in all of them.
fn runs(seeds: u64, snapshot_every: u64) -> Seen {
    let mut total = Seen::default();
    for seed in 0..seeds {
        let seen = run(seed, Rules::PAPER, snapshot_every);
        total.add(&seen.unwrap_or_else(|wrong| panic!("a snapshot every {snapshot_every}: {wrong}")));
    }
    total
}

#[test]
fn the_papers_rules_hold_in_rough_water_and_progress_in_calm() {
    let total = runs(300, u64::MAX);
    enough_happened(&total);
    assert_eq!((total.snapshots, total.installs, total.restores), (0, 0, 0));
}

#[test]
fn they_hold_whenever_snapshots_take_the_place_of_entries() {
    let mut total = Seen::default();
    for snapshot_every in [1, 2, 3, 5] {
        total.add(&runs(200, snapshot_every));
    }
    enough_happened(&total);
    assert!(total.snapshots > 5000, "{total:?}");
    assert!(total.lost_snapshots > 200, "{total:?}");
    assert!(total.installs > 1000, "{total:?}");
    assert!(total.kept_tails > 5, "{total:?}");
    assert!(total.restores > 3000, "{total:?}");
}

/// Nothing of this may be rare over all seeds; the numbers are far below what happens.
fn enough_happened(total: &Seen) {
    assert!(total.elections > 3000, "{total:?}");
    assert!(total.commits > 5000, "{total:?}");
    assert!(total.replies > 1500, "{total:?}");
    assert!(total.lost_records > 100, "{total:?}");
    assert!(total.crashed_leaders > 300, "{total:?}");
    assert!(total.truncations > 500, "{total:?}");
}

#[test]
fn a_seed_means_the_same_each_time() {
    for seed in [1, 2, 3] {
        for snapshot_every in [2, u64::MAX] {
            let outcome = || format!("{:?}", run(seed, Rules::PAPER, snapshot_every));
            assert_eq!(outcome(), outcome());
        }
    }
}
