//! Messages from one end to the other: which record shows that one was sent, which what became of it.
//!
//! It adds to the arrows of a film what a picture tells apart: why a message came to nothing, which is the second
//! copy of another, and which was overtaken on its way. It draws nothing.

use std::collections::{BTreeMap, VecDeque};
use whitewater_campaign::film::tape::{Arrow, Tape, left};
use whitewater_check::observe::Kind;
use whitewater_check::types::NodeId;
use whitewater_sim::trace::{Record, What};

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    /// It arrived.
    Arrived,
    /// Chance took it.
    Lost,
    /// Its link was cut when it was sent.
    Cut,
    /// An act dropped it.
    Dropped,
    /// Its link was cut while it was on its way.
    Severed,
    /// It came to a process that was down.
    Missed,
    /// The run was over before it came anywhere.
    Flying,
}

/// One message, or one copy of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    /// The place of the record of its sending.
    pub sent: usize,
    /// The place of the record of its end; that of its sending, if no other record tells of it.
    pub end: usize,
    /// What became of it.
    pub fate: Fate,
    /// Whether it is the second copy of a message that arrived before.
    pub copy: bool,
    /// Whether a message arrived before it that was sent later on the same link.
    pub late: bool,
}

/// All messages of a run, in the order of sending.
#[must_use]
pub fn flights(tape: &Tape) -> Vec<Flight> {
    let records = tape.records();
    let mut ends = Ends::of(records);
    let mut last_sent = None;
    let mut flights: Vec<Flight> = Vec::new();
    for Arrow { sent, arrived } in tape.arrows() {
        let copy = last_sent.replace(sent) == Some(sent);
        let (end, fate) = match arrived {
            Some(end) => (end, Fate::Arrived),
            None => ends.take(records, sent),
        };
        flights.push(Flight { sent, end, fate, copy, late: false });
    }
    mark_late(records, &mut flights);
    flights
}

/// Where messages ended that did not arrive at a process.
struct Ends(BTreeMap<Key, VecDeque<(usize, Fate)>>);

/// What tells messages apart: the step that sent it, its two ends, its kind and its term.
type Key = (u32, NodeId, NodeId, Kind, u32);

impl Ends {
    fn of(records: &[Record]) -> Self {
        let mut ends: BTreeMap<_, VecDeque<_>> = BTreeMap::new();
        for (place, record) in records.iter().enumerate() {
            #[expect(
                clippy::wildcard_enum_match_arm,
                reason = "of many kinds of record, these are of messages that end"
            )]
            let (kind, fate) = match record.what {
                What::Severed(kind) => (kind, Fate::Severed),
                What::Missed(kind) => (kind, Fate::Missed),
                _ => continue,
            };
            let key = (record.cause, record.peer, record.node, kind, record.term);
            ends.entry(key).or_default().push_back((place, fate));
        }
        Self(ends)
    }

    /// What became of the message that was sent at a place and never arrived.
    fn take(&mut self, records: &[Record], sent: usize) -> (usize, Fate) {
        let record = &records[sent];
        #[expect(clippy::wildcard_enum_match_arm, reason = "all other messages are on their way")]
        match record.what {
            What::Lost(_) => (sent, Fate::Lost),
            What::Cut(_) => (sent, Fate::Cut),
            What::Dropped(_) => (sent, Fate::Dropped),
            what => {
                let kind = left(what).map_or(Kind::Other, |(kind, _)| kind);
                let key = (record.step, record.node, record.peer, kind, record.term);
                let end = self.0.get_mut(&key).and_then(VecDeque::pop_front);
                end.unwrap_or((sent, Fate::Flying))
            }
        }
    }
}

/// Marks those that were overtaken: on the same link one that was sent later arrived earlier.
fn mark_late(records: &[Record], flights: &mut [Flight]) {
    let mut arrivals: Vec<usize> = (0..flights.len()).filter(|&i| flights[i].fate == Fate::Arrived).collect();
    arrivals.sort_unstable_by_key(|&i| flights[i].end);
    let mut newest: BTreeMap<(NodeId, NodeId), usize> = BTreeMap::new();
    for i in arrivals {
        let Flight { sent, copy, .. } = flights[i];
        let newest = newest.entry((records[sent].node, records[sent].peer)).or_default();
        flights[i].late = !copy && sent < *newest;
        *newest = sent.max(*newest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(step: u32, cause: u32, node: u8, peer: u8, what: What) -> Record {
        Record {
            time: 0,
            step,
            cause,
            term: 1,
            a: 0,
            b: step.max(cause),
            node: NodeId(node),
            peer: NodeId(peer),
            what,
        }
    }

    #[test]
    fn what_becomes_of_messages_is_told_apart() {
        let kind = Kind::AppendEntries;
        let send = |step, peer, what| record(step, 0, 0, peer, what);
        let end = |cause, node, what| Record { step: 9, b: cause, ..record(9, cause, node, 0, what) };
        let records = vec![
            send(1, 1, What::Sent(kind)),
            send(2, 1, What::Sent(kind)),
            send(2, 2, What::Lost(kind)),
            send(3, 2, What::Cut(kind)),
            send(4, 2, What::Dropped(kind)),
            send(5, 2, What::Held(kind)),
            send(6, 2, What::Sent(kind)),
            send(7, 2, What::Sent(kind)),
            end(2, 1, What::Received(kind)),
            end(1, 1, What::Received(kind)),
            end(2, 1, What::Received(kind)),
            end(6, 2, What::Severed(kind)),
            end(7, 2, What::Missed(kind)),
        ];
        let seen: Vec<_> = flights(&Tape::new(records))
            .iter()
            .map(|flight| (flight.sent, flight.end, flight.fate, flight.copy, flight.late))
            .collect();
        let expected = [
            (0, 9, Fate::Arrived, false, true),
            (1, 8, Fate::Arrived, false, false),
            (1, 10, Fate::Arrived, true, false),
            (2, 2, Fate::Lost, false, false),
            (3, 3, Fate::Cut, false, false),
            (4, 4, Fate::Dropped, false, false),
            (5, 5, Fate::Flying, false, false),
            (6, 11, Fate::Severed, false, false),
            (7, 12, Fate::Missed, false, false),
        ];
        assert_eq!(seen, expected);
    }
}
