//! A run in the trace format of Chrome, for Perfetto and chrome://tracing.
//!
//! A process for each node. In its thread `role` a slice is a stretch of time in one role and one term, in its thread
//! `steps` a slice is a step, from its event to its last effect; a flow is a message that arrived, from the step that
//! sent it to the step that it began. The commit index is a counter. Times are virtual, in microseconds.
//!
//! A step takes no virtual time unless it waits for its disk. So that flows have a slice to bind to, each has a
//! nanosecond at least, and of several at one time each begins when the one before it is over.

use crate::flights::{Fate, flights};
use crate::html::Shown;
use crate::trace::{act_at, phrase};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use whitewater_campaign::film::Film;
use whitewater_campaign::film::reel::Frame;
use whitewater_campaign::film::tape::{arrived, begins_step, left};
use whitewater_check::observe::Role;
use whitewater_check::types::{Nanos, NodeId};
use whitewater_sim::trace::{Record, What};

/// The thread of roles in each process.
const ROLES: u32 = 1;
/// The thread of steps in each process.
const STEPS: u32 = 2;

/// The whole document, piece by piece.
pub fn pieces(run: &Shown<'_>) -> impl Iterator<Item = String> {
    let about = json!({ "scenario": run.subject.name, "seed": run.verdict.seed.to_string(), "system": run.verdict.system });
    let head = format!("{{\"displayTimeUnit\":\"ms\",\"otherData\":{about},\"traceEvents\":[\n");
    let events = events(run);
    let last = events.len().saturating_sub(1);
    let line = move |(place, event): (usize, String)| event + if place < last { ",\n" } else { "\n" };
    [head].into_iter().chain(events.into_iter().enumerate().map(line)).chain(["]}\n".to_owned()])
}

fn events(run: &Shown<'_>) -> Vec<String> {
    let film = run.film;
    let nodes: Vec<NodeId> = (0..film.nodes()).map(NodeId).collect();
    let mut events: Vec<String> = nodes.iter().flat_map(|node| names(*node)).collect();
    nodes.iter().for_each(|node| roles(film, *node, &mut events));
    let spans = spans(film.tape().records());
    steps(film, &spans, &mut events);
    messages(film, &spans, &mut events);
    instants(run, &mut events);
    events
}

/// A time as the format writes it. Perfetto takes it for a binary fraction, multiplies and cuts off; of one number in
/// a hundred that makes a nanosecond less, so that a slice would begin before the last one is over and be dropped. A
/// fourth decimal keeps each above its nanosecond.
fn micros(time: Nanos) -> String {
    match time % 1000 {
        0 => format!("{}.000", time / 1000),
        nanos => format!("{}.{nanos:03}2", time / 1000),
    }
}

/// An event at a place and a time; `rest` are its other fields.
fn event(phase: char, node: NodeId, thread: u32, time: Nanos, name: &str, rest: &str) -> String {
    let (name, ts) = (Value::from(name), micros(time));
    let pid = node.0 + 1;
    format!(r#"{{"ph":"{phase}","pid":{pid},"tid":{thread},"ts":{ts},"name":{name}{rest}}}"#)
}

fn names(node: NodeId) -> [String; 3] {
    let named = |what: &str, thread, name: &str| {
        event('M', node, thread, 0, what, &format!(r#","args":{{"name":{}}}"#, Value::from(name)))
    };
    [
        named("process_name", 0, &node.to_string()),
        named("thread_name", ROLES, "role"),
        named("thread_name", STEPS, "steps"),
    ]
}

/// The stretches of a node's life, and its commit index.
fn roles(film: &Film, node: NodeId, events: &mut Vec<String>) {
    let frames = &film.reel(node).frames;
    let time = |moment: usize| film.moments()[moment].time;
    let end = film.moments().last().map_or(0, |last| last.time);
    let part = |frame: &Frame| (frame.up, frame.role, frame.term);
    let mut from = 0;
    for row in 0..frames.len() {
        let (moment, frame) = &frames[row];
        if row == 0 || frames[row - 1].1.commit_index != frame.commit_index {
            let args = format!(r#","args":{{"index":{}}}"#, frame.commit_index);
            events.push(event('C', node, ROLES, time(*moment), "commit", &args));
        }
        let until = frames.get(row + 1);
        if until.is_none_or(|(_, next)| part(next) != part(frame)) {
            let (began, over) = (time(frames[from].0), until.map_or(end, |(moment, _)| time(*moment)));
            let rest = format!(r#","dur":{},"args":{{"term":{}}}"#, micros(over - began), frame.term);
            if over > began || until.is_none() {
                events.push(event('X', node, ROLES, began, &role(frame), &rest));
            }
            from = row + 1;
        }
    }
}

fn role(frame: &Frame) -> String {
    match (frame.up, frame.role) {
        (false, _) => "down".to_owned(),
        (true, Role::Follower) => format!("follower, term {}", frame.term),
        (true, Role::Candidate) => format!("candidate, term {}", frame.term),
        (true, Role::Leader) => format!("leader, term {}", frame.term),
    }
}

/// A step in time: where its event stands, when it begins and when it is over.
struct Span {
    begin: usize,
    from: Nanos,
    to: Nanos,
}

/// The steps of all nodes, by number. Of one node none begins before the one before it is over.
fn spans(records: &[Record]) -> BTreeMap<u32, Span> {
    let mut spans: BTreeMap<u32, Span> = BTreeMap::new();
    let mut latest: BTreeMap<NodeId, u32> = BTreeMap::new();
    for (place, record) in records.iter().enumerate() {
        let Record { step, node, time, what, .. } = *record;
        if begins_step(what) && !spans.contains_key(&step) {
            let before =
                latest.insert(node, step).and_then(|step| spans.get(&step)).map_or(0, |span| span.to);
            let from = time.max(before);
            spans.insert(step, Span { begin: place, from, to: from + 1 });
        } else if is_effect(what)
            && latest.get(&node) == Some(&step)
            && let Some(span) = spans.get_mut(&step)
        {
            span.to = span.to.max(time + 1);
        }
    }
    spans
}

/// Whether a step does this, and it does not happen to its node from outside.
fn is_effect(what: What) -> bool {
    let plain = matches!(
        what,
        What::Wrote
            | What::WroteSnapshot
            | What::Syncing
            | What::Synced
            | What::Applied
            | What::Restored
            | What::Replied
            | What::Refused
    );
    plain || left(what).is_some() || matches!(what, What::Became(_) | What::Committed | What::Truncated)
}

fn steps(film: &Film, spans: &BTreeMap<u32, Span>, events: &mut Vec<String>) {
    for (step, Span { begin, from, to }) in spans {
        let record = &film.tape().records()[*begin];
        let args = json!({ "step": step, "cause": record.cause, "term": record.term });
        let rest = format!(r#","dur":{},"args":{args}"#, micros(to - from));
        events.push(event('X', record.node, STEPS, *from, &phrase(record), &rest));
    }
}

/// Each message that arrived, as a flow between two steps.
fn messages(film: &Film, spans: &BTreeMap<u32, Span>, events: &mut Vec<String>) {
    let records = film.tape().records();
    let arrivals = flights(film.tape()).into_iter().filter(|flight| flight.fate == Fate::Arrived);
    for (id, flight) in arrivals.enumerate() {
        let (sent, end) = (&records[flight.sent], &records[flight.end]);
        let (Some(source), Some(target)) = (spans.get(&sent.step), spans.get(&end.step)) else { continue };
        let name = arrived(end.what).map_or("message", |kind| kind.name());
        let leaves = sent.time.clamp(source.from, source.to - 1);
        let rest = format!(r#","cat":"message","id":{id}"#);
        events.push(event('s', sent.node, STEPS, leaves, name, &rest));
        events.push(event('f', end.node, STEPS, target.from, name, &format!(r#"{rest},"bp":"e""#)));
    }
}

/// What was done to nodes (`p`, of a process) and to the cluster (`g`, global).
fn instants(run: &Shown<'_>, events: &mut Vec<String>) {
    let records = run.film.tape().records();
    let timeline = run.subject.timeline(run.verdict.seed);
    for (place, record) in records.iter().enumerate() {
        let Some(scope) = scope(record.what) else { continue };
        let words = if record.what == What::Act { act_at(records, place, &timeline) } else { phrase(record) };
        events.push(event('i', record.node, ROLES, record.time, &words, &format!(r#","s":"{scope}""#)));
    }
}

/// Whom something was done to; `None` of what is part of a step, or of a message.
fn scope(what: What) -> Option<char> {
    let node = matches!(what, What::Crashed | What::Paused | What::Resumed | What::Torn | What::Halted);
    let node = node || matches!(what, What::DidNotStart | What::Disk(_));
    let cluster = matches!(what, What::Act | What::Partitioned(_) | What::Healed | What::Settling);
    if node { Some('p') } else { cluster.then_some('g') }
}
