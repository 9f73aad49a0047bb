//! What the digest takes in: two runs that differ in what one message or one write says differ from that step on.
//!
//! The system writes one record, sends one message and writes a snapshot, and a scenario's options say what they say.

use whitewater_check::observe::{Brief, Kind, Look, Observe};
use whitewater_check::types::{Entry, Index, NodeId};
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::SystemChoice;
use whitewater_sim::replica::{Boot, Event, Replica, System, Unsupported};
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::verdict::Rung;
use whitewater_sim::words::{HardState, Snapshot};

/// The options, in the order in which they stand in [`Says`].
const OPTIONS: [&str; 14] = [
    "term",
    "vote",
    "granted",
    "acknowledged",
    "commit",
    "prev",
    "entries",
    "last_index",
    "last_term",
    "state",
    "its_term",
    "its_vote",
    "from",
    "count",
];

const ENTRY: Entry = Entry { term: 1, command: None };

/// What is written and sent; every number is a byte or so.
type Says = [u64; OPTIONS.len()];

struct Talkative(Says);

struct Talker;

impl System for Talkative {
    type Replica = Talker;

    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        Ok(Self(OPTIONS.map(|name| choice.options.get(name).copied().unwrap_or(0))))
    }

    /// The first of three nodes speaks in its first step; the others start after it, and nothing else ever happens.
    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Talker>) -> Talker {
        if boot.node == NodeId(0) {
            let vote = |vote: u64| vote.checked_sub(1).map(|vote| NodeId(vote as u8));
            effects.write(Some(HardState { term: self.0[0], vote: vote(self.0[1]) }), Some((1, &[ENTRY; 8])));
            effects.send(NodeId(1), &self.0);
            let [last_index, last_term, state, term, voted, from, count] = self.0[7..] else {
                unreachable!()
            };
            let names = [(); 4].map(|()| effects.capture());
            let snapshot = Snapshot { last_index, last_term, state: names[state as usize] };
            let suffix = (3 + from, &[ENTRY; 3][..count as usize]);
            effects.write_snapshot(Some(HardState { term, vote: vote(voted) }), snapshot, Some(suffix));
        }
        Talker
    }
}

impl Replica for Talker {
    type Message = Says;

    fn handle(&mut self, _: Event<'_, Says>, _: &mut Effects<'_, Self>) {}

    fn describe(&[term, _, granted, acknowledged, commit, prev, entries, ..]: &Says) -> Brief {
        Brief {
            kind: Kind::AppendEntriesReply,
            term,
            granted: (granted > 0).then_some(granted > 1),
            // The plain run says the greatest number that there is.
            acknowledged: (acknowledged > 0).then(|| acknowledged.wrapping_sub(2)),
            commit_index: (commit > 0).then(|| commit.wrapping_sub(2)),
            prev_log_index: prev,
            entries: entries as u32,
        }
    }
}

impl Observe for Talker {
    fn look(&self) -> Look {
        Look::default()
    }

    fn entry(&self, index: Index) -> Entry {
        panic!("the log is empty and has no {index}")
    }

    fn seen(&mut self) {}
}

/// The digest after each step of a run in which `option` is so much, and everything else is 1.
fn ladder(option: &str, value: u64) -> Vec<Rung> {
    let options: Vec<String> =
        OPTIONS.map(|name| format!("\"{name}\": {}", if name == option { value } else { 1 })).to_vec();
    let text = format!(
        r#"{{ "version": 1, "name": "talk", "about": "One node speaks.", "nodes": 3, "run_for": "1s",
              "settle": false, "network": {{ "latency": "5ms" }}, "system": {{ "talkative": {{ {} }} }} }}"#,
        options.join(", ")
    );
    let plan = Scenario::parse("talk.json", &text).expect("it is a scenario").plan(1);
    let settings = Settings { checks: false, ladder: true, ..Settings::default() };
    Course::<Talkative>::new().run(plan, &settings).expect("the system has all options").ladder
}

#[test]
fn whatever_a_message_or_a_write_says_shows_in_the_step_that_says_it() {
    let plain = ladder("term", 1);
    assert_eq!(plain, ladder("vote", 1), "equal options, equal runs");
    for option in OPTIONS {
        for value in [2, 3] {
            let other = ladder(option, value);
            assert_eq!(other.len(), plain.len(), "{option} {value}");
            assert_ne!(other[0], plain[0], "{option} {value} is not in the digest of the first step");
        }
    }
}
