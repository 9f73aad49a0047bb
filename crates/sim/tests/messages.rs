//! What a system says arrives as it was said, however it was sent: word for word, once or twice, or not at all.
//!
//! The first of three nodes sends a longer and longer message every 10 ms, by turns one that it has at hand and one
//! that is written where it travels. Whoever hears another message than was sent panics, which is a finding.

use whitewater_check::observe::{Brief, Kind, Look, Observe};
use whitewater_check::types::{Entry, Index, NodeId};
use whitewater_sim::effects::Effects;
use whitewater_sim::plan::SystemChoice;
use whitewater_sim::replica::{Boot, Event, Replica, System, Unsupported};
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::trace::{Keep, What};
use whitewater_sim::verdict::Verdict;
use whitewater_sim::words::{HardState, Timer};

struct Growing;

struct Node {
    sent: usize,
}

impl System for Growing {
    type Replica = Node;

    fn configure(_: &SystemChoice) -> Result<Self, Unsupported> {
        Ok(Self)
    }

    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Node>) -> Node {
        if boot.node == NodeId(0) {
            effects.set_interval_timer(10_000_000);
        }
        Node { sent: 0 }
    }
}

/// The n-th message: n times n.
fn message(nth: usize) -> Vec<u8> {
    vec![nth as u8; nth]
}

impl Replica for Node {
    type Message = Vec<u8>;

    fn handle(&mut self, event: Event<'_, Vec<u8>>, effects: &mut Effects<'_, Self>) {
        match event {
            Event::Timer(Timer::Interval) => {
                self.sent += 1;
                let said = message(self.sent);
                if self.sent.is_multiple_of(2) {
                    effects.send(NodeId(1), &said);
                } else {
                    effects.send_with(NodeId(1), &Self::describe(&said), |room| {
                        room.clear();
                        room.extend(&said);
                    });
                }
                // What comes after a sync waits for it, messages too.
                effects.sync();
                effects.send_with(NodeId(2), &Self::describe(&said), |room| said.clone_into(room));
                effects.set_interval_timer(10_000_000);
            }
            // What was heard is written down, as a term, for the trace to tell.
            Event::Message { message: heard, .. } => {
                assert_eq!(*heard, message(heard.len()));
                effects.write(Some(HardState { term: heard.len() as u64, vote: None }), None);
            }
            Event::Timer(Timer::Election) | Event::Request { .. } | Event::Durable(_) | Event::DiskFailed => {
            }
        }
    }

    fn describe(message: &Vec<u8>) -> Brief {
        Brief { kind: Kind::Other, prev_log_index: message.len() as Index, ..Brief::default() }
    }
}

impl Observe for Node {
    fn look(&self) -> Look {
        Look::default()
    }

    fn entry(&self, index: Index) -> Entry {
        panic!("the log is empty and has no {index}")
    }

    fn seen(&mut self) {}
}

/// A second on this network.
fn run(network: &str) -> Verdict {
    let text = format!(
        r#"{{ "version": 1, "name": "say", "about": "One node speaks.", "nodes": 3, "run_for": "1s",
              "settle": false, "network": {{ {network} }}, "disk": {{ "sync": "1ms" }}, "system": "growing" }}"#
    );
    let plan = Scenario::parse("say.json", &text).expect("it is a scenario").plan(1);
    let settings = Settings { keep: Keep::All, ..Settings::default() };
    Course::<Growing>::new().run(plan, &settings).expect("the system has all options")
}

/// The lengths of the messages that have reached a node, in the order in which they did: it has heard what their
/// briefs had said.
fn heard(verdict: &Verdict, node: u8) -> Vec<u32> {
    let told = |what: What| {
        verdict.trace.iter().filter(move |record| record.node == NodeId(node) && record.what == what)
    };
    let lengths: Vec<u32> = told(What::Received(Kind::Other)).map(|record| record.a).collect();
    assert!(told(What::Wrote).map(|record| record.term).eq(lengths.iter().copied()), "{lengths:?}");
    lengths
}

#[test]
fn every_message_says_what_was_sent() {
    let verdict = run(r#""latency": "35ms""#);
    assert_eq!(verdict.violation, None);
    for node in [1, 2] {
        let heard = heard(&verdict, node);
        assert!(heard.len() > 80 && heard.iter().copied().eq(1..=heard.len() as u32), "{heard:?}");
    }
}

#[test]
fn a_second_copy_says_the_same() {
    let verdict = run(r#""latency": { "uniform": ["1ms", "90ms"] }, "duplicate": 1.0"#);
    assert_eq!(verdict.violation, None);
    for node in [1, 2] {
        let mut heard = heard(&verdict, node);
        heard.sort_unstable();
        let twice = heard.chunks(2).filter(|pair| pair[0] == *pair.last().unwrap_or(&0)).count();
        assert!(heard.len() > 150 && twice > 60, "{heard:?}");
    }
}

#[test]
fn what_is_lost_is_not_heard() {
    let verdict = run(r#""latency": "5ms", "loss": 1.0"#);
    assert_eq!((&verdict.violation, heard(&verdict, 1)), (&None, vec![]));
}
