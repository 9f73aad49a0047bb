//! What the page of a run is told: a head with its words, and its records, moments, nodes and messages as columns.
//!
//! `page/run/model.js` reads it. The names here are the names there.

use crate::details;
use crate::failure::title;
use crate::flights::{Fate, flights};
use crate::html::Shown;
use crate::html::columns::{Column, Columns};
use crate::json::seed;
use crate::shrunk::needs;
use crate::slice::steps;
use crate::trace::act_at;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use whitewater_campaign::film::Film;
use whitewater_campaign::film::reel::{Change, Frame, Reel};
use whitewater_campaign::why::Line;
use whitewater_check::finding::{Fact, Finding};
use whitewater_check::types::{At, Entry, NodeId};
use whitewater_sim::trace::{Record, What};
use whitewater_sim::verdict::Outcome;

#[derive(Serialize)]
struct Head<'a> {
    name: &'a str,
    about: &'a str,
    seed: String,
    system: &'a str,
    bug: Option<&'a str>,
    nodes: u8,
    steps: u32,
    time_ns: u64,
    standing: &'static str,
    unmet: Vec<String>,
    finding: Option<FindingJson<'a>>,
    early: Vec<FindingJson<'a>>,
    story: Vec<LineJson<'a>>,
    needs: Vec<NeedJson>,
    lit: BTreeSet<u32>,
    acts: BTreeMap<usize, String>,
    whats: Vec<&'static str>,
    replay: String,
    counts: Counts,
    columns: &'a [Column],
}

#[derive(Serialize)]
struct FindingJson<'a> {
    title: &'static str,
    section: &'a str,
    step: u32,
    time: u64,
    facts: Vec<FactJson<'a>>,
}

#[derive(Serialize)]
struct FactJson<'a> {
    text: &'a str,
    step: u32,
}

#[derive(Serialize)]
struct LineJson<'a> {
    moment: usize,
    step: u32,
    node: u8,
    text: &'a str,
    section: &'a str,
    broken: bool,
}

#[derive(Serialize)]
struct NeedJson {
    text: String,
    moment: Option<usize>,
}

/// How many rows of the columns by node are of which node.
#[derive(Serialize)]
struct Counts {
    frames: Vec<usize>,
    memory: Vec<usize>,
    disk: Vec<usize>,
}

/// The head as JSON, and the columns.
pub(super) fn told(run: &Shown<'_>) -> (String, Vec<u8>) {
    let mut columns = Columns::default();
    let records = run.film.tape().records();
    let whats = write_records(&mut columns, records);
    write_flights(&mut columns, run.film);
    write_moments(&mut columns, run.film);
    let reels: Vec<&Reel> = (0..run.film.nodes()).map(|node| run.film.reel(NodeId(node))).collect();
    write_frames(&mut columns, &reels);
    write_log(&mut columns, LogNames::MEMORY, reels.iter().map(|reel| reel.memory.changes.as_slice()));
    write_log(&mut columns, LogNames::DISK, reels.iter().map(|reel| reel.disk.changes.as_slice()));
    let counts = Counts {
        frames: reels.iter().map(|reel| reel.frames.len()).collect(),
        memory: reels.iter().map(|reel| reel.memory.changes.len()).collect(),
        disk: reels.iter().map(|reel| reel.disk.changes.len()).collect(),
    };
    let head = head(run, whats, counts, &columns.index);
    (serde_json::to_string(&head).expect("words and numbers can be written"), columns.bytes)
}

fn head<'a>(run: &Shown<'a>, whats: Vec<&'static str>, counts: Counts, columns: &'a [Column]) -> Head<'a> {
    let Shown { subject, verdict, film, story, .. } = *run;
    let findings: Vec<&Finding> = verdict.found().collect();
    let first = findings.first().copied();
    let early = verdict.early.iter().map(|early| &early.finding).filter(|finding| Some(*finding) != first);
    let unmet = verdict.unmet();
    let unmet = unmet.map(|expected| format!("expected {}, measured {}", expected.what, expected.measured));
    Head {
        name: &subject.name,
        about: subject.scenario.about(),
        seed: seed(verdict.seed),
        system: &verdict.system,
        bug: verdict.bug.as_deref(),
        nodes: verdict.nodes,
        steps: verdict.steps,
        time_ns: verdict.time,
        standing: match verdict.outcome() {
            Outcome::Held => "held",
            Outcome::Unmet => "unmet",
            Outcome::Violated => "violated",
        },
        unmet: unmet.collect(),
        finding: first.map(finding_json),
        early: early.map(finding_json).collect(),
        story: story.lines.iter().map(|line| line_json(film, line)).collect(),
        needs: needed(run),
        lit: steps(film, verdict, story),
        acts: acts(run),
        whats,
        replay: subject.again(verdict.seed),
        counts,
        columns,
    }
}

fn finding_json(finding: &Finding) -> FindingJson<'_> {
    FindingJson {
        title: title(finding.property),
        section: finding.property.section(),
        step: finding.at.step,
        time: finding.at.time,
        facts: finding.facts.iter().map(|Fact { at, text }| FactJson { text, step: at.step }).collect(),
    }
}

fn line_json<'a>(film: &Film, line: &'a Line) -> LineJson<'a> {
    let Line { at: At { step, node, .. }, text, section, broken } = line;
    let (moment, node) = cut(film, line).unwrap_or_else(|| (film.end_of(*step, *node), *node));
    LineJson { moment, step: *step, node: node.0, text, section, broken: *broken }
}

/// Of a line that tells of links that were cut: when that was, and the first node that it befell. The line itself is
/// of no node; should one at the same time have had a fault of its own, that is what the line tells of.
fn cut(film: &Film, line: &Line) -> Option<(usize, NodeId)> {
    let At { time, step, node } = line.at;
    let then: Vec<(usize, &Record)> =
        film.tape().of_step(step).filter(|(_, record)| record.time == time).collect();
    let has_fault = then.iter().any(|(_, record)| record.node == node && is_fault(record.what));
    if !line.section.is_empty() || has_fault {
        return None;
    }
    let (place, record) = then.into_iter().find(|(_, record)| matches!(record.what, What::Partitioned(_)))?;
    let nodes = u64::from(record.b) << 32 | u64::from(record.a);
    let first = nodes.trailing_zeros() as u8;
    (first < film.nodes()).then(|| (film.after(place), NodeId(first)))
}

/// Whether it is a fault of one node.
fn is_fault(what: What) -> bool {
    matches!(what, What::Crashed | What::Started | What::Halted | What::Paused | What::Disk(_))
}

/// The faults that it needs, and the moments when they were done.
fn needed(run: &Shown<'_>) -> Vec<NeedJson> {
    let records = run.film.tape().records();
    let done = |place: usize| {
        let is_this = |record: &Record| record.what == What::Act && record.a as usize == place + 1;
        records.iter().position(is_this).map(|place| run.film.after(place))
    };
    let words = needs(&run.subject.scenario.plan(run.verdict.seed), run.needs);
    let each = words.into_iter().zip(run.needs);
    each.map(|(text, &place)| NeedJson { text, moment: done(place) }).collect()
}

/// The words of each act, by the place of its record.
fn acts(run: &Shown<'_>) -> BTreeMap<usize, String> {
    let timeline = run.subject.timeline(run.verdict.seed);
    let records = run.film.tape().records();
    let places = (0..records.len()).filter(|&place| records[place].what == What::Act);
    places.map(|place| (place, act_at(records, place, &timeline))).collect()
}

/// Writes the records, and gives the names of what happened in the order of their numbers.
fn write_records(columns: &mut Columns, records: &[Record]) -> Vec<&'static str> {
    let mut whats: Vec<&'static str> = Vec::new();
    let mut number = |record: &Record| {
        let name = details::of(record).0;
        whats.iter().position(|what| *what == name).unwrap_or_else(|| {
            whats.push(name);
            whats.len() - 1
        })
    };
    let numbers: Vec<u64> = records.iter().map(|record| number(record) as u64).collect();
    let by = |value: fn(&Record) -> u64| records.iter().map(value);
    let keyed = |value: fn(&Record) -> u32| {
        let key = |(what, record): (&u64, &Record)| {
            (what * 64 + u64::from(record.node.0), u64::from(value(record)))
        };
        numbers.iter().zip(records).map(key).collect::<Vec<_>>()
    };
    columns.add_deltas("micros", by(|record| record.time / 1000));
    columns.add_deltas("step", by(|record| u64::from(record.step)));
    columns.add("back", by(|record| u64::from(back(record))));
    columns.add("what", numbers.iter().copied());
    columns.add("kind", by(|record| kind(record.what)));
    columns.add("node", by(|record| u64::from(record.node.0)));
    columns.add("peer", by(|record| u64::from(record.peer.0)));
    columns.add_keyed("term", keyed(|record| record.term));
    columns.add_keyed("a", keyed(|record| record.a));
    columns.add_keyed("b", keyed(|record| record.b));
    whats
}

/// How many steps ago the cause of a record was; 0 for none.
fn back(record: &Record) -> u32 {
    if record.cause == 0 { 0 } else { record.step.saturating_sub(record.cause) }
}

/// Which of several things of one name it is: of messages their kind, of roles the role, and so on, in the order
/// in which `whitewater_check::observe` and `whitewater_sim::trace` list them.
fn kind(what: What) -> u64 {
    #[expect(clippy::wildcard_enum_match_arm, reason = "most names stand for one thing")]
    match what {
        What::Received(kind)
        | What::Sent(kind)
        | What::Lost(kind)
        | What::Cut(kind)
        | What::Severed(kind)
        | What::Dropped(kind)
        | What::Held(kind)
        | What::Missed(kind) => kind as u64,
        What::Became(role) => role as u64,
        What::Partitioned(shape) => shape as u64,
        What::Disk(state) => state as u64,
        What::Clogged(direction) => direction as u64,
        _ => 0,
    }
}

fn write_flights(columns: &mut Columns, film: &Film) {
    let flights = flights(film.tape());
    columns.add_deltas("flight_sent", flights.iter().map(|flight| flight.sent as u64));
    columns.add_deltas("flight_end", flights.iter().map(|flight| flight.end as u64));
    columns.add("flight_fate", flights.iter().map(|flight| fate(flight.fate)));
    columns.add("flight_copy", flights.iter().map(|flight| u64::from(flight.copy)));
    columns.add("flight_late", flights.iter().map(|flight| u64::from(flight.late)));
}

fn fate(fate: Fate) -> u64 {
    fate as u64
}

fn write_moments(columns: &mut Columns, film: &Film) {
    let moments = film.moments();
    let ended =
        |which: fn((u32, NodeId)) -> u64| moments.iter().map(move |moment| moment.ended.map_or(0, which));
    columns.add_deltas("moment_step", ended(|(step, _)| u64::from(step)));
    columns.add("moment_node", ended(|(_, node)| u64::from(node.0)));
    columns.add_deltas("moment_noted", moments.iter().map(|moment| moment.noted as u64));
}

fn write_frames(columns: &mut Columns, reels: &[&Reel]) {
    let frames = || reels.iter().flat_map(|reel| reel.frames.iter());
    let by = |value: fn(&Frame) -> u64| frames().map(move |(_, frame)| value(frame));
    columns.add_deltas("frame_moment", frames().map(|(moment, _)| *moment as u64));
    columns.add("frame_up", by(|frame| u64::from(frame.up)));
    columns.add("frame_role", by(|frame| frame.role as u64));
    columns.add_deltas("frame_term", by(|frame| frame.term));
    columns.add_deltas("frame_commit", by(|frame| frame.commit_index));
    columns.add_deltas("frame_applied", by(|frame| frame.last_applied));
    columns.add_deltas("frame_last", by(|frame| frame.last_index));
    columns.add_deltas("frame_covered", by(|frame| frame.covered));
    columns.add_deltas("frame_stored_term", by(|frame| frame.stored_term));
    columns.add("frame_vote", by(|frame| frame.stored_vote.map_or(0, |node| u64::from(node.0) + 1)));
}

/// The names of the columns of a log.
struct LogNames {
    moment: &'static str,
    from: &'static str,
    length: &'static str,
    term: &'static str,
    client: &'static str,
    serial: &'static str,
}

impl LogNames {
    const MEMORY: Self = Self {
        moment: "memory_moment",
        from: "memory_from",
        length: "memory_length",
        term: "memory_term",
        client: "memory_client",
        serial: "memory_serial",
    };
    const DISK: Self = Self {
        moment: "disk_moment",
        from: "disk_from",
        length: "disk_length",
        term: "disk_term",
        client: "disk_client",
        serial: "disk_serial",
    };
}

fn write_log<'a>(columns: &mut Columns, names: LogNames, logs: impl Iterator<Item = &'a [Change]>) {
    let changes: Vec<&Change> = logs.flatten().collect();
    let entries = || changes.iter().flat_map(|change| change.entries.iter());
    let client = |entry: &Entry| entry.command.map_or(0, |command| u64::from(command.client()) + 1);
    let serial = |entry: &Entry| entry.command.map_or(0, |command| command.serial());
    columns.add_deltas(names.moment, changes.iter().map(|change| change.moment as u64));
    columns.add_deltas(names.from, changes.iter().map(|change| change.from));
    columns.add(names.length, changes.iter().map(|change| change.entries.len() as u64));
    columns.add_deltas(names.term, entries().map(|entry| entry.term));
    columns.add(names.client, entries().map(client));
    columns.add(names.serial, entries().map(serial));
}
