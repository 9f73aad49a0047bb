//! What a trace tells of a moment besides what happened in it: what led there, what clients wait for, and which
//! message is which.

use std::collections::BTreeMap;
use whitewater_check::observe::Kind;
use whitewater_check::types::{Nanos, NodeId};
use whitewater_sim::scene::Flight;
use whitewater_sim::trace::{Record, What};

/// How many links a chain of causes has at most.
const LONGEST: usize = 24;

/// A link of a chain of causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The place of the record with which the step begins.
    pub place: usize,
    /// How many steps of the same kind and node led to it that are left out: a timer that ran out again and again.
    pub repeated: u32,
}

/// What led to a step: the events with which steps begin, latest first. Each is the cause of the one before.
pub(crate) fn causes(trace: &[Record], step: u32) -> Vec<Link> {
    let begins = beginnings(trace);
    let mut links: Vec<Link> = Vec::new();
    let mut next = step;
    while let Some(&place) = begins.get(&next) {
        let record = &trace[place];
        let full = links.len() == LONGEST;
        match links.last_mut() {
            Some(last) if is_like(&trace[last.place], record) => last.repeated += 1,
            Some(_) | None if full => break,
            Some(_) | None => links.push(Link { place, repeated: 0 }),
        }
        // A step is caused by an earlier one; anything else would go on for ever.
        next = Some(record.cause).filter(|cause| *cause < next).unwrap_or(0);
    }
    links
}

/// The place of the record with which each step begins.
fn beginnings(trace: &[Record]) -> BTreeMap<u32, usize> {
    let mut begins = BTreeMap::new();
    for (place, record) in trace.iter().enumerate().filter(|(_, record)| record.step > 0) {
        begins.entry(record.step).or_insert(place);
    }
    begins
}

fn is_like(one: &Record, other: &Record) -> bool {
    one.what == What::Interval && other.what == What::Interval && one.node == other.node
}

/// Something that a client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The client.
    pub client: u32,
    /// Which of its requests.
    pub serial: u32,
    /// When it asked first.
    pub since: Nanos,
    /// Whom it asked last.
    pub node: NodeId,
    /// How often it has asked.
    pub asked: u32,
}

/// What clients wait for at the end of this piece of a trace that begins with the run, in the order of asking.
pub(crate) fn pending(trace: &[Record]) -> Vec<Pending> {
    let mut waiting: BTreeMap<(u32, u32), Pending> = BTreeMap::new();
    for record in trace {
        let Record { a: client, b: serial, time: since, node, .. } = *record;
        if record.what == What::Asked {
            waiting.insert((client, serial), Pending { client, serial, since, node, asked: 1 });
        } else if record.what == What::Answered {
            waiting.remove(&(client, serial));
        } else if record.what == What::AskedAgain
            && let Some(pending) = waiting.get_mut(&(client, serial))
        {
            (pending.node, pending.asked) = (node, pending.asked + 1);
        }
    }
    let mut pending: Vec<Pending> = waiting.into_values().collect();
    pending.sort_by_key(|pending| pending.since);
    pending
}

/// A message on its way, with what the trace says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Airborne {
    /// The how-manieth message of the run it is, counted from 1.
    pub number: usize,
    /// The place of the record of its sending.
    pub place: usize,
    /// The message.
    pub flight: Flight,
}

/// These messages with their numbers, in the order in which they were sent.
pub(crate) fn airborne(trace: &[Record], flights: &[Flight]) -> Vec<Airborne> {
    let mut links: BTreeMap<(NodeId, NodeId), u32> = BTreeMap::new();
    let mut sent = BTreeMap::new();
    for (number, place) in (1..).zip(launches(trace)) {
        let Record { node: from, peer: to, .. } = trace[place];
        let on_link = links.entry((from, to)).or_default();
        *on_link += 1;
        sent.insert((from, to, *on_link), (number, place));
    }
    let found = |flight: &Flight| {
        let (number, place) = *sent.get(&(flight.from, flight.to, flight.number))?;
        Some(Airborne { number, place, flight: *flight })
    };
    let mut found: Vec<Airborne> = flights.iter().filter_map(found).collect();
    found.sort_by_key(|airborne| (airborne.place, airborne.flight.copy));
    found
}

/// The places of the records that a message was sent, whatever became of it.
fn launches(trace: &[Record]) -> impl Iterator<Item = usize> {
    (0..trace.len()).filter(|place| launched(&trace[*place]).is_some())
}

/// The kind of the message that a record says was sent, whatever became of it.
pub(crate) fn launched(record: &Record) -> Option<Kind> {
    let (What::Sent(kind) | What::Lost(kind) | What::Cut(kind) | What::Dropped(kind) | What::Held(kind)) =
        record.what
    else {
        return None;
    };
    Some(kind)
}
