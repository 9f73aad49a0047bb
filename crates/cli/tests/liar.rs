//! A system that lies: whatever it says of itself and asks for, nothing of this program breaks.

use std::ffi::OsString;
use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use whitewater_check::observe::{Brief, Kind, Look, Observe, Progress, Role};
use whitewater_check::types::{Command, Entry, Index, NodeId, Term};
use whitewater_cli::command;
use whitewater_sim::chance::mix;
use whitewater_sim::culprit;
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::SystemChoice;
use whitewater_sim::replica::{Boot, Event, Replica, System, Unsupported};
use whitewater_sim::run::Course;
use whitewater_sim::words::{HardState, NotLeader, Snapshot, Timer};
use whitewater_systems::Listed;

const MS: u64 = 1_000_000;

const LIAR: Listed = Listed {
    name: "liar",
    about: "Says anything.",
    version: "1",
    supports: &["the option lies"],
    runner: || Box::new(Course::<Liar>::new()),
};

/// How many of a thousand things that it says are made up.
struct Liar {
    lies: u64,
    /// Where it panics once its log has five entries, if it does.
    panics: u64,
}

impl System for Liar {
    type Replica = Teller;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        let option = |name| choice.options.get(name).copied().unwrap_or(0);
        Ok(Self { lies: option("lies"), panics: option("panics") })
    }

    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Teller>) -> Teller {
        let last_index = boot.snapshot.last_index + boot.log.len() as u64;
        let mut teller = Teller {
            dice: Dice { state: boot.luck ^ last_index, lies: self.lies },
            nodes: boot.voters,
            node: boot.node,
            look: Look { term: boot.hard_state.term, last_index, ..Look::default() },
            covered: (boot.snapshot.last_index, boot.snapshot.last_term),
            disk: last_index,
            snapshots: Vec::new(),
            asked: Vec::new(),
            panics: self.panics,
        };
        if boot.snapshot.last_index > 0 {
            effects.restore(boot.snapshot);
            teller.look.last_applied = boot.snapshot.last_index;
        }
        teller.panic(6);
        teller.act(effects);
        teller
    }
}

/// Draws, some of which are lies.
struct Dice {
    state: u64,
    lies: u64,
}

impl Dice {
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(1);
        mix(self.state, 77)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound
    }

    fn lies(&mut self) -> bool {
        self.below(1_000) < self.lies
    }

    /// A number from where numbers go wrong.
    fn any(&mut self) -> u64 {
        let edges = [0, 1, 20, 1 << 16, 1 << 24, 1 << 32, 1 << 40, 1 << 48, 1 << 63, u64::MAX];
        edges[self.below(10) as usize].wrapping_add(self.below(5)).wrapping_sub(2)
    }

    /// This number, or one beside it, or any.
    fn near(&mut self, truth: u64) -> u64 {
        match self.lies().then(|| self.below(4)) {
            None => truth,
            Some(0) => truth.wrapping_sub(1),
            Some(1) => truth.wrapping_add(1),
            Some(_) => self.any(),
        }
    }

    fn command(&mut self) -> Command {
        let client = self.near(0) as u32 % (1 << 24);
        Command::new(client, self.near(1).clamp(1, (1 << 40) - 1))
    }
}

/// A node that writes the same log as all others, and leads when the term says that it is its turn.
struct Teller {
    dice: Dice,
    node: NodeId,
    nodes: u8,
    look: Look,
    covered: (Index, Term),
    /// Up to where its disk holds a log.
    disk: Index,
    snapshots: Vec<Snapshot>,
    asked: Vec<Command>,
    panics: u64,
}

const ENTRY: Entry = Entry { term: 1, command: None };

impl Teller {
    fn act(&mut self, effects: &mut Effects<'_, Self>) {
        effects.set_election_timer();
        self.lead();
        for _ in 0..self.dice.below(3) {
            self.append(effects);
        }
        self.gossip(effects);
        self.settle(effects);
        while self.dice.lies() {
            self.lie(effects);
        }
    }

    /// Whoever's turn it is leads, if nothing is made up.
    fn lead(&mut self) {
        if self.dice.below(20) == 0 {
            self.look.term = self.dice.near(self.look.term.saturating_add(1));
        }
        let turn = self.look.term % u64::from(self.nodes) == u64::from(self.node.0);
        self.look.role = match turn {
            true => Role::Leader,
            false => [Role::Follower, Role::Candidate][self.dice.below(2) as usize],
        };
    }

    fn append(&mut self, effects: &mut Effects<'_, Self>) {
        let entry = Entry { term: self.dice.near(ENTRY.term), command: ENTRY.command };
        let hard_state = HardState { term: self.look.term, vote: None };
        self.disk += 1;
        effects.write(Some(hard_state), Some((self.disk, &[entry])));
        self.look.last_index = self.dice.near(self.disk);
        let from = self.look.changed_from.map_or(self.disk, |from| from.min(self.disk));
        self.look.changed_from = Some(self.dice.near(from));
    }

    fn gossip(&mut self, effects: &mut Effects<'_, Self>) {
        let message = self.look.term << 16 | self.dice.draw() << 8 >> 48;
        for to in (0..self.nodes).map(NodeId).filter(|to| *to != self.node) {
            if self.dice.below(3) == 0 {
                effects.send(to, &message);
            }
        }
        match self.dice.below(3) {
            0 => effects.set_interval_timer(self.dice.near(20 * MS)),
            1 => effects.sync(),
            _ => effects.sync_async(self.dice.near(self.disk)),
        }
    }

    /// Commits, applies and takes a snapshot.
    fn settle(&mut self, effects: &mut Effects<'_, Self>) {
        self.look.commit_index = self.dice.near(self.disk / 2);
        for _ in self.look.last_applied..(self.disk / 2).min(self.look.last_applied.saturating_add(4)) {
            self.look.last_applied += 1;
            effects.apply(self.dice.near(self.look.last_applied), None);
        }
        self.look.last_applied = self.dice.near(self.look.last_applied);
        let beyond = self.look.last_applied >= self.covered.0.saturating_add(10);
        if beyond && self.look.last_applied <= self.disk {
            let state = effects.capture();
            let snapshot = Snapshot { last_index: self.look.last_applied, last_term: ENTRY.term, state };
            effects.write_snapshot(None, snapshot, None);
            self.snapshots.push(snapshot);
            self.covered = (self.dice.near(snapshot.last_index), self.dice.near(snapshot.last_term));
        }
        while let Some(command) = self.asked.pop() {
            let hint = NodeId(self.dice.near(1) as u8);
            effects.refuse(command, NotLeader { hint: (self.dice.below(2) == 0).then_some(hint) });
        }
    }

    /// Something that no node should do.
    fn lie(&mut self, effects: &mut Effects<'_, Self>) {
        let index = self.dice.near(self.disk);
        match self.dice.below(12) {
            0 => effects.cancel_timer([Timer::Election, Timer::Interval][self.dice.below(2) as usize]),
            1 => effects.halt(),
            2 => effects.apply(index, Some(self.dice.command())),
            3 => effects.apply_all(index, [None, Some(self.dice.command())]),
            4 => effects.apply_always(index, self.dice.command()),
            5 => effects.reply(self.dice.command(), index),
            6 => effects.refuse(self.dice.command(), NotLeader { hint: None }),
            7 => self.look.last_index = index,
            8 => self.look.changed_from = Some(index),
            9 => self.covered = (index, self.dice.near(ENTRY.term)),
            10 => self.write_anything(effects),
            _ => self.restore_anything(effects),
        }
    }

    fn write_anything(&mut self, effects: &mut Effects<'_, Self>) {
        let hard_state = HardState { term: self.dice.any(), vote: Some(NodeId(self.dice.any() as u8)) };
        let entry = Entry { term: self.dice.any(), command: Some(self.dice.command()) };
        let from = self.dice.near(self.disk.max(1));
        effects.write(Some(hard_state), Some((from, &[entry])));
        self.disk = from;
    }

    fn restore_anything(&mut self, effects: &mut Effects<'_, Self>) {
        let Some(snapshot) = self.snapshots.last().copied() else { return };
        let last_index = self.dice.near(snapshot.last_index);
        let snapshot = Snapshot { last_index, last_term: self.dice.near(snapshot.last_term), ..snapshot };
        effects.restore(snapshot);
        if self.dice.below(2) == 0 {
            effects.write_snapshot(None, snapshot, None);
            self.disk = self.disk.max(last_index);
        }
    }
}

impl Teller {
    fn panic(&self, place: u64) {
        assert!(self.panics != place || self.disk < 5, "this is place {place}");
    }
}

impl Observe for Teller {
    fn look(&self) -> Look {
        self.panic(1);
        self.look
    }

    fn entry(&self, index: Index) -> Entry {
        self.panic(2);
        if index > self.disk { Entry { term: index, ..ENTRY } } else { ENTRY }
    }

    fn snapshot(&self) -> (Index, Term) {
        self.panic(3);
        self.covered
    }

    fn seen(&mut self) {
        self.panic(4);
        self.look.changed_from = None;
    }

    fn progress(&self, peer: NodeId) -> Option<Progress> {
        self.panic(5);
        let mut dice = Dice { state: self.look.term ^ u64::from(peer.0), lies: self.dice.lies };
        let (match_index, next_index) = (dice.near(0), dice.near(1));
        (self.look.role == Role::Leader).then_some(Progress { match_index, next_index })
    }
}

impl Replica for Teller {
    type Message = u64;

    fn handle(&mut self, event: Event<'_, u64>, effects: &mut Effects<'_, Self>) {
        self.panic(7);
        match event {
            Event::Request { command, .. } => self.asked.push(command),
            Event::DiskFailed => return effects.halt(),
            Event::Timer(_) | Event::Message { .. } | Event::Durable(_) => {}
        }
        self.act(effects);
    }

    fn describe(message: &u64) -> Brief {
        let mut dice = Dice { state: *message, lies: 10 };
        let term = dice.near(message >> 16);
        let kinds = [
            Kind::RequestVote,
            Kind::RequestVoteReply,
            Kind::AppendEntries,
            Kind::AppendEntriesReply,
            Kind::InstallSnapshot,
            Kind::Other,
        ];
        Brief {
            kind: kinds[dice.below(6) as usize],
            term,
            granted: [None, Some(false), Some(true)][dice.below(3) as usize],
            acknowledged: (dice.below(2) == 0).then(|| dice.near(1)),
            commit_index: (dice.below(2) == 0).then(|| dice.near(1)),
            prev_log_index: dice.near(1),
            entries: dice.near(1) as u32,
        }
    }
}

/// A new folder with a scenario for a liar with these options, and its path.
fn scenario(name: &str, options: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("liar").join(name);
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("there is room");
    let text = format!(
        r#"{{
            "version": 1, "name": "liar", "about": "Anything may be said.", "nodes": 3, "run_for": "1s",
            "system": {{ "liar": {{ {options} }} }},
            "network": {{ "latency": {{ "uniform": ["500us", "20ms"] }}, "loss": 0.1, "duplicate": 0.1 }},
            "clients": [{{ "count": 3, "every": "20ms", "keys": 2 }}],
            "chaos": [{{ "every": "100ms", "pick": [
                {{ "do": {{ "crash": {{ "node": "random" }} }}, "for": "50ms" }},
                {{ "do": {{ "crash": {{ "node": "random", "after_effects": 1 }} }}, "for": "50ms" }},
                {{ "do": {{ "isolate": {{ "node": "leader" }} }}, "for": "50ms" }},
                {{ "do": {{ "stall_disk": {{ "node": "random" }} }}, "for": "50ms" }},
                {{ "do": {{ "fail_disk": {{ "node": "random" }} }}, "for": "50ms" }},
                {{ "do": {{ "pause": {{ "node": "random" }} }}, "for": "50ms" }}
            ] }}],
            "measure": ["failover_time", "unavailability"],
            "expect": [{{ "finally": "logs equal" }}, {{ "never": "n1.commit > 100" }}]
        }}"#
    );
    let path = folder.join("liar.json");
    fs::write(&path, text).expect("there is room");
    path.into_os_string().into_string().expect("it is text")
}

/// Ends with an exit that says something of the system and nothing of this program.
fn ask(words: &[&str]) {
    let args = ["whitewater"].iter().chain(words).map(OsString::from);
    let exit = command(args, &[LIAR], &AtomicBool::new(false)).code();
    assert!(exit < 2, "{words:?} ends with {exit}");
}

/// What can be asked about one run; the file for the answer comes behind it.
const QUESTIONS: [&[&str]; 8] = [
    &["run", "--judge", "--twice", "-v", "-o"],
    &["run", "--trace", "short", "-q", "-o"],
    &["run", "--trace", "full", "--format", "json", "-q", "-o"],
    &["why", "-q", "-o"],
    &["report", "-q", "-o"],
    &["export", "chrome-trace", "-o"],
    &["export", "svg", "-o"],
    &["export", "mermaid", "-o"],
];

/// A walk through a capsule.
const WALK: &str = "s; s 5; p; log n1; disk n1; net; clients; trace; g violation; p; why; cause; rs 3; rc; crash n2; c; undo";

fn ask_about_runs(lies: u64, seeds: u64) {
    let path = scenario(&format!("lies-{lies}"), &format!(r#""lies": {lies}"#));
    let out = format!("{path}.out");
    for seed in 1..=seeds {
        let seed = seed.to_string();
        for question in QUESTIONS {
            ask(&[question, &[&out, &path, "--seed", &seed]].concat());
        }
        let (events, history) = (format!("{out}.events"), format!("{out}.history"));
        ask(&["run", &path, "--seed", &seed, "-o", &out, "--events", &events, "--history", &history]);
    }
}

#[test]
fn nothing_breaks_over_what_a_liar_says() {
    for lies in [0, 1, 5, 30, 200] {
        ask_about_runs(lies, 30);
    }
}

#[test]
fn a_campaign_of_lies_leaves_capsules_to_walk_through() {
    let path = scenario("campaign", r#""lies": { "one_of": [0, 1, 5, 30] }"#);
    let (out, reports) = (format!("{path}.out"), format!("{path}.reports"));
    ask(&["fuzz", &path, "--seeds", "1..60", "--no-shrink", "-q", "-o", &out, "--report-dir", &reports]);
    let capsules = fs::read_dir(format!("{reports}/failures")).expect("there are failures");
    let capsules: Vec<PathBuf> = capsules.map(|entry| entry.expect("it can be read").path()).collect();
    assert!(capsules.len() > 5, "{capsules:?}");
    for capsule in capsules {
        ask(&["replay", capsule.to_str().expect("it is text"), "-q", "-o", &out, "--exec", WALK]);
    }
}

/// Wherever it panics: that is a finding, and the other seeds go on.
#[test]
fn a_panic_of_its_own_is_laid_at_its_door() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        culprit::note_place(panic);
        usual(panic);
    }));
    for place in 1..=7 {
        let path = scenario(&format!("panics-{place}"), &format!(r#""panics": {place}"#));
        let out = format!("{path}.out");
        ask(&["run", &path, "--seeds", "1..3", "-q", "-o", &out]);
        let told = fs::read_to_string(&out).expect("it was written");
        assert!(told.contains("violated in 3 of 3 runs"), "{told}");
        let (at, what) = ("panicked at crates/cli/tests/liar.rs:", format!(": this is place {place} "));
        assert!(told.contains(at) && told.contains(&what), "{told}");
        ask(&["report", &path, "--seed", "1", "-q", "-o", &out]);
        let reports = format!("{path}.reports");
        ask(&["fuzz", &path, "--seeds", "1..3", "--no-shrink", "-q", "-o", &out, "--report-dir", &reports]);
    }
}
