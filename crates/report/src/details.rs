//! The details of a record of the trace under names of their own.
//!
//! A record keeps its details in fields that every kind of record uses as it likes; what they mean stands in
//! `whitewater_sim::trace`. Here each kind has its words, for programs.

use crate::acts::nodes_of;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::NodeId;
use whitewater_sim::plan::Direction;
use whitewater_sim::trace::{DiskState, Record, Shape, What};

/// A detail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(crate) enum Detail {
    Number(u64),
    Flag(bool),
    Word(&'static str),
    Node(String),
    Nodes(Vec<String>),
}

/// Details in their order.
#[derive(Debug, Default)]
pub(crate) struct Details(Vec<(&'static str, Detail)>);

impl Details {
    fn number(self, name: &'static str, value: u32) -> Self {
        self.with(name, Detail::Number(u64::from(value)))
    }

    fn word(self, name: &'static str, value: &'static str) -> Self {
        self.with(name, Detail::Word(value))
    }

    fn flag(self, name: &'static str, value: bool) -> Self {
        self.with(name, Detail::Flag(value))
    }

    fn peer(self, peer: NodeId) -> Self {
        self.with("peer", Detail::Node(peer.to_string()))
    }

    /// The request `b` of client `a`; without one there is no command.
    fn request(self, record: &Record) -> Self {
        match record.a {
            0 => self,
            client => self.number("client", client).number("serial", record.b),
        }
    }

    fn with(mut self, name: &'static str, detail: Detail) -> Self {
        self.0.push((name, detail));
        self
    }
}

impl Serialize for Details {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, detail) in &self.0 {
            map.serialize_entry(name, detail)?;
        }
        map.end()
    }
}

/// What happened in one word, and its details.
pub(crate) fn of(record: &Record) -> (&'static str, Details) {
    let none = Details::default();
    let Record { term, a, b, .. } = *record;
    match record.what {
        What::Started if b == 0 => ("started", none.number("term", term).number("entries", a)),
        What::Started => (
            "started",
            none.number("term", term).number("entries", a.saturating_sub(b)).number("snapshot", b),
        ),
        What::ElectionTimeout => ("election_timeout", none),
        What::Interval => ("interval", none),
        What::Received(kind) => ("received", message(kind, record)),
        What::Requested => ("requested", none.request(record)),
        What::Durable => ("durable", none),
        What::Sent(kind) => ("sent", message(kind, record)),
        What::Lost(kind) => ("lost", message(kind, record)),
        What::Cut(kind) => ("cut", message(kind, record)),
        What::Severed(kind) => ("severed", message(kind, record)),
        What::Dropped(kind) => ("dropped", message(kind, record)),
        What::Held(kind) => ("held", message(kind, record)),
        What::Missed(kind) => ("missed", message(kind, record)),
        What::Wrote if b == 0 => ("wrote", none.number("term", term).number("entries", 0)),
        What::Wrote => ("wrote", none.number("term", term).number("entries", b).number("index", a)),
        What::WroteSnapshot => {
            ("wrote_snapshot", none.number("term", term).number("last_index", a).number("applied", b))
        }
        What::Restored => ("restored", none.number("last_index", a).number("applied", b)),
        What::Syncing => ("syncing", none),
        What::Synced => ("synced", none.number("records", a)),
        What::Applied => ("applied", none.number("index", term).request(record)),
        What::Replied => ("replied", none.request(record).number("index", term)),
        What::Refused => ("refused", none.request(record)),
        What::Became(role) => {
            ("became", none.word("role", part(role)).number("term", term).number("last_index", a))
        }
        What::Committed => ("committed", none.number("from", a).number("commit_index", b)),
        What::Truncated => ("truncated", none.number("last_index", a).number("from", b)),
        What::Crashed => ("crashed", none.number("survived", a).number("lost", b)),
        What::Paused => ("paused", none),
        What::Resumed => ("resumed", none),
        What::Partitioned(form) => ("partitioned", cut(form, u64::from(b) << 32 | u64::from(a))),
        What::Healed => ("healed", none),
        What::Released => ("released", none.number("messages", a)),
        What::Act => ("act", none.number("act", a)),
        What::Settling => ("settling", none),
        What::Torn => ("torn", none.number("entries", b).number("readable", a)),
        What::Failed => ("failed", none),
        What::Halted => ("halted", none),
        What::DidNotStart => ("did_not_start", none),
        What::Disk(state) => ("disk", none.word("state", disk(state))),
        What::Clogged(direction) => ("clogged", none.word("direction", side(direction))),
        What::Unclogged => ("unclogged", none),
        What::ClockRate => ("clock_rate", none.number("parts_per_million", a)),
        What::Asked => ("asked", none.request(record)),
        What::AskedAgain => ("asked_again", none.request(record)),
        What::RequestLost => ("request_lost", none.request(record)),
        What::AnswerLost => ("answer_lost", none.request(record)),
        What::Answered => ("answered", none.request(record)),
    }
}

/// A message with what it says, as far as a record holds it.
fn message(kind: Kind, record: &Record) -> Details {
    let Record { term, a, b, peer, .. } = *record;
    let named = |name| Details::default().peer(peer).word("message", name).number("term", term);
    match kind {
        Kind::RequestVote => named("request_vote"),
        Kind::RequestVoteReply => named("request_vote_reply").flag("granted", b == 1),
        Kind::AppendEntries => named("append_entries").number("prev_log_index", a).number("entries", b),
        Kind::AppendEntriesReply if b == 1 => {
            named("append_entries_reply").flag("success", true).number("match_index", a)
        }
        Kind::AppendEntriesReply => named("append_entries_reply").flag("success", false),
        Kind::InstallSnapshot => named("install_snapshot").number("last_index", a),
        Kind::Other => named("other"),
    }
}

fn cut(shape: Shape, nodes: u64) -> Details {
    let name = match shape {
        Shape::Isolated => "isolated",
        Shape::Deaf => "deaf",
        Shape::Mute => "mute",
        Shape::Groups => "groups",
        Shape::Bridge => "bridge",
        Shape::Ring => "ring",
    };
    let nodes = nodes_of(nodes).map(|node| node.to_string()).collect();
    Details::default().word("shape", name).with("nodes", Detail::Nodes(nodes))
}

fn disk(state: DiskState) -> &'static str {
    match state {
        DiskState::Works => "works",
        DiskState::Stalled => "stalled",
        DiskState::Failing => "failing",
        DiskState::Full => "full",
        DiskState::Damaged => "damaged",
        DiskState::Wiped => "wiped",
    }
}

fn side(direction: Direction) -> &'static str {
    match direction {
        Direction::Both => "both",
        Direction::In => "in",
        Direction::Out => "out",
    }
}

fn part(role: Role) -> &'static str {
    match role {
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(what: What, term: u32, a: u32, b: u32) -> String {
        let (node, peer) = (NodeId(0), NodeId(2));
        let (word, details) = of(&Record { time: 7, step: 1, cause: 0, term, a, b, node, peer, what });
        format!("{word} {}", serde_json::to_string(&details).unwrap())
    }

    #[test]
    fn every_detail_has_a_name_that_says_what_it_is() {
        let table = [
            (said(What::Interval, 3, 1, 2), r#"interval {}"#),
            (said(What::Applied, 9, 1, 2), r#"applied {"index":9,"client":1,"serial":2}"#),
            (said(What::Applied, 9, 0, 0), r#"applied {"index":9}"#),
            (
                said(What::Sent(Kind::AppendEntries), 3, 5, 2),
                r#"sent {"peer":"n3","message":"append_entries","term":3,"prev_log_index":5,"entries":2}"#,
            ),
            (
                said(What::Lost(Kind::RequestVoteReply), 3, 0, 1),
                r#"lost {"peer":"n3","message":"request_vote_reply","term":3,"granted":true}"#,
            ),
            (
                said(What::Received(Kind::AppendEntriesReply), 3, 0, 0),
                r#"received {"peer":"n3","message":"append_entries_reply","term":3,"success":false}"#,
            ),
            (
                said(What::Became(Role::Leader), 3, 8, 0),
                r#"became {"role":"leader","term":3,"last_index":8}"#,
            ),
            (
                said(What::Partitioned(Shape::Deaf), 0, 0b101, 0),
                r#"partitioned {"shape":"deaf","nodes":["n1","n3"]}"#,
            ),
            (said(What::Disk(DiskState::Full), 0, 0, 0), r#"disk {"state":"full"}"#),
        ];
        for (said, expected) in table {
            assert_eq!(said, expected);
        }
    }

    /// The page of a run has words of its own for all of this.
    #[test]
    fn the_page_knows_every_name_and_every_kind_of_message() {
        let words = include_str!("../page/run/words.js");
        let (_, source) = include_str!("details.rs").split_once("pub(crate) fn of(").unwrap();
        let (source, _) = source.split_once("fn message(").unwrap();
        let names = source.split(" (\"").skip(1).filter_map(|rest| rest.split_once("\", "));
        let names: Vec<&str> = names.map(|(name, _)| name).collect();
        assert!(names.len() > 40, "{names:?}");
        for name in names {
            assert!(words.contains(&format!("\n  {name}: ")), "the page has no words for {name}");
        }
        let kinds = [
            Kind::RequestVote,
            Kind::RequestVoteReply,
            Kind::AppendEntries,
            Kind::AppendEntriesReply,
            Kind::Other,
            Kind::InstallSnapshot,
        ];
        assert_eq!(kinds.map(|kind| kind as usize), std::array::from_fn::<_, { Kind::COUNT }, _>(|n| n));
        let names = kinds.map(|kind| format!("\"{}\"", kind.name())).join(", ");
        assert!(words.contains(&format!("const MESSAGES = [{names}];")), "{names}");
    }
}
