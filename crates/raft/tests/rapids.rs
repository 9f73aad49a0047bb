//! Small clusters in rough water: letters are lost, doubled and overtaken, servers crash and come back with what
//! was durable, and disks are slow. What must hold is checked after every step.
//!
//! The dice are a few lines of arithmetic, so that a seed means the same for ever. Each broken table has to be
//! caught by the same judge that the paper's table passes: a judge that never objects proves nothing. (That
//! nothing is sent before it is durable is judged by the sink, in every test.)
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::collections::BTreeMap;

use common::cluster::Cluster;
use common::{Command, Effect, Server};
use whitewater_raft::{
    BackUp, Body, Entry, Index, NodeId, Role, Rules, Splice, Stored, Term, Timer, View, rules,
};

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

/// What was seen so far, and what it forbids.
#[derive(Default)]
struct Judge {
    leaders: BTreeMap<Term, NodeId>,
    applied: BTreeMap<Index, Entry<Command>>,
    replies: usize,
    /// The objections, the first one first.
    wrong: Vec<String>,
}

impl Judge {
    /// Look at a server right after its step.
    fn see(&mut self, cluster: &Cluster, id: NodeId) {
        let Some(server) = cluster.up(id) else { return };
        if server.node.role() == Role::Leader {
            let leader = *self.leaders.entry(server.node.current_term()).or_insert(id);
            if leader != id {
                self.wrong.push(format!("{leader} and {id} lead in term {}", server.node.current_term()));
            }
        }
        for effect in &server.out.effects {
            if let Effect::Apply(index, entry) = effect {
                self.see_applied(cluster, id, *index, entry);
            }
            self.replies += usize::from(matches!(effect, Effect::Reply(..)));
        }
    }

    /// State machine safety, and for an index that nobody applied before: it is durable on a majority.
    fn see_applied(&mut self, cluster: &Cluster, id: NodeId, index: Index, entry: &Entry<Command>) {
        let at = usize::try_from(index).unwrap() - 1;
        let holds = |id: &NodeId| cluster.disk(*id).entries.get(at) == Some(entry);
        let copies = cluster.ids().iter().filter(|id| holds(id)).count();
        match self.applied.get(&index) {
            Some(known) if known != entry => {
                self.wrong.push(format!("{id} applies {entry:?} at {index}, others applied {known:?}"));
            }
            Some(_) => {}
            None => {
                self.applied.insert(index, entry.clone());
                if 2 * copies <= cluster.ids().len() {
                    self.wrong.push(format!("{id} applies {index}, durable on {copies}"));
                }
            }
        }
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
    fn new(seed: u64, rules: Rules<Command>) -> Self {
        let mut dice = Dice(seed);
        let disks = vec![Stored::default(); 3 + dice.roll(3)];
        let last_indexes = vec![0; disks.len()];
        let cluster = Cluster::new(disks, 1 + dice.roll(3), rules);
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
        for effect in &server.out.effects {
            if let Effect::Write { suffix: Some((from, _)), .. } = effect {
                self.seen.truncations += usize::from(*from <= *last_index);
            }
        }
        *last_index = server.node.log().last_index();
    }

    /// One event, drawn.
    fn happen(&mut self) {
        let id = self.server();
        match self.dice.roll(100) {
            0..55 => self.letter(),
            55..60 => self.step(id, Server::timeout_if_due),
            60..68 => self.step(id, Server::heartbeat),
            68..78 => self.request(id),
            78..97 => {
                self.cluster.finish_sync(id);
                self.see(id);
            }
            97 => self.crash(id),
            _ => {
                self.cluster.restart(id);
                self.last_indexes[usize::from(id.0)] = self.cluster.disk(id).entries.len() as Index;
            }
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
        self.seen.lost_records += self.cluster.crash(id, survivors);
        self.seen.crashed_leaders += usize::from(leads);
    }

    /// Calm water: everybody is up, nothing is lost, and somebody times out until there is a leader.
    fn calm(&mut self) {
        for id in self.cluster.ids() {
            self.cluster.restart(id);
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
fn run(seed: u64, rules: Rules<Command>) -> Result<Seen, String> {
    let mut rapids = Rapids::new(seed, rules);
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

#[test]
fn the_papers_rules_hold_in_rough_water_and_progress_in_calm() {
    let mut total = Seen::default();
    for seed in 0..300 {
        let seen = run(seed, Rules::PAPER).unwrap_or_else(|wrong| panic!("{wrong}"));
        total.elections += seen.elections;
        total.commits += seen.commits;
        total.replies += seen.replies;
        total.lost_records += seen.lost_records;
        total.truncations += seen.truncations;
        total.crashed_leaders += seen.crashed_leaders;
    }
    enough_happened(&total);
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
        let outcome = || format!("{:?}", run(seed, Rules::PAPER));
        assert_eq!(outcome(), outcome());
    }
}

/// Some seed makes the judge object to this table in these words.
fn is_caught(rules: Rules<Command>, complaint: &str) {
    let mut objections = (0..1000).filter_map(|seed| run(seed, rules).err());
    assert!(objections.any(|wrong| wrong.contains(complaint)), "1000 seeds and nobody says {complaint:?}");
}

#[test]
fn votes_by_index_only_are_caught() {
    let log_up_to_date = |view: &View<'_, Command>| {
        let Body::RequestVote { last_log_index, .. } = view.message.body else { return false };
        last_log_index >= view.state.log.last_index()
    };
    is_caught(Rules { log_up_to_date, ..Rules::PAPER }, "applied");
}

#[test]
fn votes_without_a_look_at_the_log_are_caught() {
    is_caught(Rules { log_up_to_date: |_| true, ..Rules::PAPER }, "applied");
}

#[test]
fn half_of_the_votes_are_caught() {
    is_caught(Rules { election_quorum: |voters| voters / 2, ..Rules::PAPER }, "lead in term");
}

#[test]
fn half_of_the_copies_are_caught() {
    is_caught(Rules { commit_quorum: |voters| voters / 2, ..Rules::PAPER }, "durable on");
}

#[test]
fn votes_that_count_twice_are_caught() {
    let admit_vote = |view: &View<'_, Command>| {
        let granted = matches!(view.message.body, Body::RequestVoteReply { granted: true });
        granted && view.message.term == view.state.current_term
    };
    is_caught(Rules { admit_vote, ..Rules::PAPER }, "lead in term");
}

#[test]
fn a_leader_that_counts_what_its_disk_does_not_hold_is_caught() {
    is_caught(Rules { own_match_index: |state, _| state.log.last_index(), ..Rules::PAPER }, "durable on");
}

#[test]
fn an_acknowledgement_read_off_the_leaders_own_log_is_caught() {
    is_caught(Rules { acknowledged: |view| view.state.log.last_index(), ..Rules::PAPER }, "durable on");
}

#[test]
fn a_commit_past_the_new_entries_is_caught() {
    let follower_commit = |view: &View<'_, Command>| match view.message.body {
        Body::AppendEntries { leader_commit, .. } => view.state.commit_index.max(leader_commit),
        Body::RequestVote { .. } | Body::RequestVoteReply { .. } | Body::AppendEntriesReply(_) => 0,
    };
    is_caught(Rules { follower_commit, ..Rules::PAPER }, "applied");
}

#[test]
fn a_next_index_that_never_goes_down_is_caught() {
    let back_up = |view: &View<'_, Command>| BackUp {
        next_index: view.state.progress(view.from).unwrap().next_index,
        cut_log_to: None,
    };
    is_caught(Rules { back_up, ..Rules::PAPER }, "calm water");
}

#[test]
fn entries_of_earlier_terms_that_are_counted_are_caught() {
    is_caught(Rules { commits_by_counting: |_, _| true, ..Rules::PAPER }, "others applied");
}

#[test]
fn a_splice_that_always_cuts_is_caught() {
    let splice = |view: &View<'_, Command>| {
        let Body::AppendEntries { prev_log_index, .. } = view.message.body else { return None };
        Some(Splice { from: prev_log_index + 1, skip: 0, keep_tail: false })
    };
    is_caught(Rules { splice, ..Rules::PAPER }, "durable on");
}

#[test]
fn a_splice_that_keeps_a_conflicting_tail_is_caught() {
    let splice =
        |view: &View<'_, Command>| rules::splice(view).map(|splice| Splice { keep_tail: true, ..splice });
    is_caught(Rules { splice, ..Rules::PAPER }, "others applied");
}

#[test]
fn an_append_without_a_look_at_the_previous_entry_is_caught() {
    is_caught(Rules { previous_matches: |_| true, ..Rules::PAPER }, "others applied");
}

#[test]
fn a_leader_that_cuts_its_own_log_is_caught() {
    let back_up = |view: &View<'_, Command>| {
        let paper = rules::back_up(view);
        BackUp { cut_log_to: Some(paper.next_index - 1), ..paper }
    };
    is_caught(Rules { back_up, ..Rules::PAPER }, "durable on");
}

#[test]
fn a_term_that_is_adopted_whatever_it_is_is_caught() {
    let adopt_term = |view: &View<'_, Command>| view.message.term != view.state.current_term;
    is_caught(Rules { adopt_term, ..Rules::PAPER }, "lead in term");
}

#[test]
fn a_vote_that_is_forgotten_on_stepping_down_is_caught() {
    is_caught(Rules { remembered_vote: |_, _| None, ..Rules::PAPER }, "lead in term");
}

#[test]
fn votes_of_earlier_terms_that_are_counted_are_caught() {
    let admit_vote = |view: &View<'_, Command>| {
        let granted = matches!(view.message.body, Body::RequestVoteReply { granted: true });
        granted && !view.state.votes.contains(&view.from)
    };
    is_caught(Rules { admit_vote, ..Rules::PAPER }, "lead in term");
}
