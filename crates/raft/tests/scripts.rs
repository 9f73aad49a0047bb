//! Golden scripts: `scripts/*.txt`. The file name is the claim; prose stands above each command, and what the
//! command did stands below it. `WHITEWATER_BLESS=1` writes down what happens now.
//!
//! | command | meaning |
//! |---|---|
//! | `cluster 3 batch=2 n1=1,1,2@5` | three nodes; n1 starts in term 5 with entries of these terms |
//! | `cluster 3 snapshot=2` | a snapshot takes the place of two applied entries |
//! | `timeout n1`, `heartbeat n1` | a timer of n1 runs out |
//! | `request n1 x` | a client asks n1 for x |
//! | `durable n1` | the oldest asynchronous sync of n1 comes back |
//! | `deliver n1 n2`, `duplicate n1 n2`, `drop n1 n2` | the oldest letter from n1 to n2 arrives, arrives and stays, is lost |
//! | `deliver`, `drop` | all letters that are now on their way arrive, are lost |
//! | `settle` | everything happens until nothing is left to do; only the outcome is shown |
//! | `crash n1`, `restart n1` | n1 loses what is not durable; n1 starts with what is |
//! | `letters`, `progress n1` | what is on its way; what the leader n1 knows |
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::cluster::Cluster;
use common::{Server, n, no_ops, notation};
use whitewater_raft::{HardState, NodeId, Rules, Stored, Term};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scripts")
}

fn node(word: &str) -> NodeId {
    let number = word.strip_prefix('n').and_then(|number| number.parse().ok());
    n(number.unwrap_or_else(|| panic!("{word:?} is not a node")))
}

/// `1,1,2@5`
fn stored(text: &str) -> Stored<String> {
    let (log, term) = text.split_once('@').unwrap_or((text, ""));
    let terms: Vec<Term> =
        log.split(',').filter(|term| !term.is_empty()).map(|t| t.parse().unwrap()).collect();
    let current_term = term.parse().unwrap_or(terms.last().copied().unwrap_or(0));
    let hard_state = HardState { current_term, voted_for: None };
    Stored { hard_state, entries: no_ops(&terms), ..Stored::default() }
}

fn cluster(words: &[&str]) -> Cluster {
    let mut disks = vec![Stored::default(); words[0].parse().unwrap()];
    let (mut batch, mut snapshot_every) = (64, u64::MAX);
    for (key, value) in words[1..].iter().map(|word| word.split_once('=').unwrap()) {
        if key == "batch" {
            batch = value.parse().unwrap();
        } else if key == "snapshot" {
            snapshot_every = value.parse().unwrap();
        } else {
            disks[usize::from(node(key).0)] = stored(value);
        }
    }
    Cluster::compacting(disks, batch, snapshot_every, Rules::PAPER)
}

/// A cluster, and what the present command has done so far.
struct Play {
    cluster: Cluster,
    shown: String,
}

impl Play {
    fn show(&mut self, line: impl std::fmt::Display) {
        writeln!(self.shown, "{line}").unwrap();
    }

    fn show_node(&mut self, id: NodeId) {
        let line = match self.cluster.up(id) {
            Some(server) => notation::node(id, &server.node),
            None => format!("{id} is down"),
        };
        self.show(line);
    }

    fn show_step(&mut self, id: NodeId) {
        let did = self.cluster.up(id).map(Server::did).unwrap_or_default();
        for effect in did {
            self.show(format!("  {effect}"));
        }
    }

    fn step<T>(&mut self, id: NodeId, event: impl FnOnce(&mut Server) -> T) -> T {
        let result = self.cluster.step(id, event).unwrap_or_else(|| panic!("{id} is down"));
        self.show_node(id);
        self.show_step(id);
        result
    }

    fn deliver(&mut self, position: usize) {
        let from = self.cluster.letters[position].from;
        let text = self.cluster.letters[position].to_string();
        self.show(format!("{from} {text}"));
        let to = self.cluster.deliver(position);
        self.show_node(to);
        self.show_step(to);
    }

    fn oldest(&self, from: &str, to: &str) -> usize {
        let (from, to) = (node(from), node(to));
        let between = |letter: &common::Letter| letter.from == from && letter.to == to;
        self.cluster
            .letters
            .iter()
            .position(between)
            .unwrap_or_else(|| panic!("no letter from {from} to {to}"))
    }

    fn settle(&mut self) {
        self.cluster.settle(|_, _| {});
        for id in self.cluster.ids() {
            self.show_node(id);
        }
    }

    fn progress(&mut self, id: NodeId) {
        for peer in self.cluster.ids() {
            let line = self.cluster.up(id).and_then(|server| notation::progress(&server.node, peer));
            if let Some(line) = line {
                self.show(line);
            }
        }
    }

    fn letters(&mut self) {
        for letter in self.cluster.letters.clone() {
            self.show(format!("{} {letter}", letter.from));
        }
    }

    fn crash(&mut self, id: NodeId) {
        let lost = self.cluster.crash(id, 0);
        self.show(format!("{id} loses {lost} records"));
    }

    fn request(&mut self, id: NodeId, command: &str) {
        if let Err(refused) = self.step(id, |server| server.request(command)) {
            self.show(format!("  {refused:?}"));
        }
    }

    fn play(&mut self, command: &str) -> String {
        let words: Vec<&str> = command.split_whitespace().collect();
        match words[..] {
            ["cluster", ..] => {
                self.cluster = cluster(&words[1..]);
                self.settle();
            }
            ["timeout", id] => self.step(node(id), Server::timeout),
            ["heartbeat", id] => self.step(node(id), Server::heartbeat),
            ["request", id, what] => self.request(node(id), what),
            ["durable", id] => assert!(self.step(node(id), Server::durable), "{id} waits for no sync"),
            ["deliver"] => (0..self.cluster.letters.len()).for_each(|_| self.deliver(0)),
            ["deliver", from, to] => self.deliver(self.oldest(from, to)),
            ["duplicate", from, to] => {
                let letter = self.cluster.letters[self.oldest(from, to)].clone();
                self.cluster.letters.insert(0, letter);
                self.deliver(0);
            }
            ["drop"] => self.cluster.letters.clear(),
            ["drop", from, to] => drop(self.cluster.letters.remove(self.oldest(from, to))),
            ["settle"] => self.settle(),
            ["letters"] => self.letters(),
            ["progress", id] => self.progress(node(id)),
            ["crash", id] => self.crash(node(id)),
            ["restart", id] => {
                self.cluster.restart(node(id));
                self.show_node(node(id));
            }
            _ => panic!("unknown command {command:?}"),
        }
        std::mem::take(&mut self.shown)
    }
}

/// The script with the outputs as they are now: prose and commands stay, all other lines are made again.
fn replay(script: &str) -> String {
    let mut play = Play { cluster: cluster(&["1"]), shown: String::new() };
    let mut replayed = String::new();
    for line in script.lines() {
        if line.starts_with('#') || line.is_empty() {
            writeln!(replayed, "{line}").unwrap();
        } else if let Some(command) = line.strip_prefix("> ") {
            write!(replayed, "{line}\n{}", play.play(command)).unwrap();
        }
    }
    replayed
}

/// The first lines that differ, with what comes before them.
fn difference(expected: &str, actual: &str) -> Option<String> {
    let at = expected.lines().zip(actual.lines()).take_while(|(expected, actual)| expected == actual).count();
    let from = |text: &str| text.lines().skip(at).take(4).collect::<Vec<_>>().join("\n    ");
    let before = expected.lines().take(at).skip(at.saturating_sub(4)).collect::<Vec<_>>().join("\n    ");
    let text = || {
        let (line, expected, actual) = (at + 1, from(expected), from(actual));
        format!("line {line}, after\n    {before}\nexpected\n    {expected}\nhappened\n    {actual}")
    };
    (expected != actual).then(text)
}

fn check(name: &str) {
    let path = folder().join(format!("{name}.txt"));
    let script = std::fs::read_to_string(&path).unwrap();
    let replayed = replay(&script);
    if std::env::var_os("WHITEWATER_BLESS").is_some() {
        std::fs::write(&path, replayed).unwrap();
    } else if let Some(difference) = difference(&script, &replayed) {
        panic!("{name}: {difference}\n(WHITEWATER_BLESS=1 writes down what happened)");
    }
}

macro_rules! scripts {
    ($($name:ident)*) => {
        const SCRIPTS: &[&str] = &[$(stringify!($name)),*];
        $(#[test] fn $name() { check(stringify!($name)); })*
    };
}

scripts! {
    a_candidate_behind_a_quorum_cannot_win
    a_conflicting_tail_is_replaced_by_the_leaders
    a_crash_takes_only_what_was_not_durable
    a_follower_far_behind_catches_up_in_batches
    a_leader_cut_off_gives_way_and_its_entries_vanish
    a_lost_append_is_sent_again
    a_request_is_answered_once_a_quorum_holds_it
    a_single_node_elects_itself_and_commits_what_is_durable
    a_snapshot_takes_the_place_of_entries_and_of_messages
    a_split_vote_has_no_winner_and_the_next_term_has_one
    an_old_leaders_entries_commit_with_the_new_leaders_no_op
    the_first_to_time_out_wins
    what_is_worth_no_message_waits_for_an_answer
}

#[test]
fn every_script_is_a_test() {
    let name = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let mut found: Vec<String> =
        folder().read_dir().unwrap().map(|file| name(file.unwrap().path())).collect();
    found.sort();
    assert_eq!(found, SCRIPTS);
}

#[test]
fn a_script_with_a_wrong_line_is_refused() {
    let script = "> cluster 1\nn1@0 follower last=0@0 commit=0\n\n> timeout n1\nn1@7 leader\n";
    let difference = difference(script, &replay(script)).unwrap();
    assert!(difference.starts_with("line 5, after"), "{difference}");
    assert!(difference.contains("n1@1 leader last=1@1 commit=0"), "{difference}");
}
