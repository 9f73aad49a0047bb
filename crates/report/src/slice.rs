//! The slice of a run that led to what was found: the steps that a picture of it shows, and the messages between them.
//!
//! Those of the story and of the facts, the votes in them, the two steps that caused each, one after the other,
//! and what was overwritten afterwards. It knows film and story; it draws nothing.

use crate::flights::{Fate, Flight, flights};
use std::collections::BTreeSet;
use whitewater_campaign::film::Film;
use whitewater_campaign::why::{Line, Story};
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::{Index, NodeId};
use whitewater_sim::trace::{Record, What};
use whitewater_sim::verdict::Verdict;

/// How far causes are followed.
const DEPTH: u32 = 2;

/// The steps of the slice; none of a run in which nothing was found.
#[must_use]
pub fn steps(film: &Film, verdict: &Verdict, story: &Story) -> BTreeSet<u32> {
    let mut steps = BTreeSet::new();
    let told = story.lines.iter().map(|line| line.at.step);
    let found = verdict.found().next();
    let facts = found
        .into_iter()
        .flat_map(|found| found.facts.iter().map(|fact| fact.at.step).chain([found.at.step]));
    told.chain(facts).for_each(|step| follow(film, &mut steps, step, DEPTH));
    let elected = elected(film, story);
    for record in film.tape().records() {
        let voted = record.what == What::Received(Kind::RequestVoteReply) && record.b == 1;
        if voted && elected.contains(&(record.node, record.term)) {
            follow(film, &mut steps, record.step, DEPTH);
        }
    }
    let overwritten = overwritten(film, verdict);
    overwritten.iter().for_each(|(place, _)| follow(film, &mut steps, film.tape().records()[*place].step, 1));
    steps
}

/// The messages of the slice: from one step of it to another, and those that came to nothing.
#[must_use]
pub fn messages(film: &Film, steps: &BTreeSet<u32>) -> Vec<Flight> {
    let records = film.tape().records();
    let within = |place: usize| steps.contains(&records[place].step);
    let mut messages = flights(film.tape());
    messages.retain(|flight| {
        let arrives = flight.fate != Fate::Arrived || within(flight.end);
        within(flight.sent) && arrives && flight.fate != Fate::Flying
    });
    messages
}

/// What was cut out of logs after the violation that ended the run, and what stands there instead: the place in the
/// trace, and words.
#[must_use]
pub fn overwritten(film: &Film, verdict: &Verdict) -> Vec<(usize, String)> {
    let Some(violation) = &verdict.violation else { return Vec::new() };
    let cut =
        |(_, record): &(usize, &Record)| record.what == What::Truncated && record.step > violation.at.step;
    film.tape()
        .records()
        .iter()
        .enumerate()
        .filter(cut)
        .map(|(place, record)| (place, overwriting(film, record)))
        .collect()
}

/// A cut of a log in words: the first entry that went, and the one that came.
fn overwriting(film: &Film, record: &Record) -> String {
    let index = Index::from(record.a) + 1;
    let over = film.end_of(record.step, record.node);
    let held = film.entry(record.node, index, over.saturating_sub(1));
    let of = held.map_or(String::new(), |held| format!(" of term {}", held.term));
    match film.entry(record.node, index, over) {
        Some(holds) => {
            format!("{} overwrites [{index}]{of} with an entry of term {}", record.node, holds.term)
        }
        None => format!("{} cuts away [{index}]{of}", record.node),
    }
}

/// Adds a step and what caused it.
fn follow(film: &Film, steps: &mut BTreeSet<u32>, mut step: u32, depth: u32) {
    for _ in 0..=depth {
        if step == 0 {
            return;
        }
        steps.insert(step);
        step = film.tape().event(step).map_or(0, |(_, record)| record.cause);
    }
}

/// Who became leader of which term in a step of the story.
fn elected(film: &Film, story: &Story) -> BTreeSet<(NodeId, u32)> {
    let of_story = |record: &&Record| {
        let at = |line: &Line| line.at.step == record.step && line.at.node == record.node;
        record.what == What::Became(Role::Leader) && story.lines.iter().any(at)
    };
    film.tape().records().iter().filter(of_story).map(|record| (record.node, record.term)).collect()
}
