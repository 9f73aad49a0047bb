//! The work: claims that are open, claims that are done, and what there is to tell so far.

use crate::film::{Film, Moment};
use crate::why::Line;
use crate::why::words::members;
use std::collections::{BTreeSet, VecDeque};
use whitewater_check::types::{At, Command, Entry, Index, NodeId, Term, majority};
use whitewater_sim::trace::Record;
use whitewater_sim::verdict::Verdict;

/// How many claims are looked into.
const MOST_CLAIMS: usize = 120;

/// Something that was so, and whose grounds are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Claim {
    /// The node became leader of the term.
    Led(NodeId, Term),
    /// The node gave its vote of the term, once or more often.
    Voted(NodeId, Term),
    /// The node held the index to be committed at the moment.
    Committed(NodeId, Index, Moment),
    /// The node's log held something at the index at the moment.
    Holds(NodeId, Index, Moment),
    /// What the node's log held at the index at the moment was not there any more later.
    Lost(NodeId, Index, Moment),
    /// The node had applied the index at the moment.
    Applied(NodeId, Index, Moment),
    /// The node's state machine was put into the state of a snapshot up to the index, by the moment.
    Restored(NodeId, Index, Moment),
    /// The node wrote a snapshot up to the index, by the moment.
    Wrote(NodeId, Index, Moment),
    /// A client was answered.
    Answered(Command),
}

/// The slice of one run.
#[derive(Debug)]
pub(super) struct Slice<'a> {
    pub(super) film: &'a Film,
    pub(super) verdict: &'a Verdict,
    /// What the run is about: an entry that some hold and others do not.
    pub(super) contested: Option<(Index, Entry)>,
    pub(super) told: Vec<Told>,
    open: VecDeque<(u8, Claim)>,
    done: BTreeSet<Claim>,
    /// How many claims lie between the one that is looked into and the facts.
    depth: u8,
}

/// A line, and how it stands among others.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) line: Line,
    /// Where it stands in the order of events, which steps do not: one that waits for its disk ends later.
    pub(super) place: usize,
    /// How much it matters.
    pub(super) weight: u8,
    /// How far it is from the facts: of two lines of one step the farther one is the ground of the other.
    pub(super) depth: u8,
}

impl<'a> Slice<'a> {
    pub(super) fn new(film: &'a Film, verdict: &'a Verdict) -> Self {
        Self {
            film,
            verdict,
            contested: None,
            told: Vec::new(),
            open: VecDeque::new(),
            done: BTreeSet::new(),
            depth: 0,
        }
    }

    /// A claim is to be looked into.
    pub(super) fn ask(&mut self, claim: Claim) {
        self.open.push_back((self.depth.saturating_add(1), claim));
    }

    /// Looks into claims until none is open.
    pub(super) fn work(&mut self) {
        while let Some((depth, claim)) = self.open.pop_front() {
            if self.done.len() >= MOST_CLAIMS || !self.done.insert(claim) {
                continue;
            }
            self.depth = depth;
            match claim {
                Claim::Led(node, term) => self.led(node, term),
                Claim::Voted(node, term) => self.voted(node, term),
                Claim::Committed(node, index, until) => self.committed(node, index, until),
                Claim::Holds(node, index, until) => self.holds(node, index, until),
                Claim::Lost(node, index, after) => self.lost(node, index, after),
                Claim::Applied(node, index, until) => self.applied(node, index, until),
                Claim::Restored(node, index, until) => self.restored(node, index, until),
                Claim::Wrote(node, index, until) => self.wrote(node, index, until),
                Claim::Answered(command) => self.answered(command),
            }
        }
    }

    /// A rule was applied: something that happened at the end of a step of a node.
    pub(super) fn tell(
        &mut self,
        weight: u8,
        node: NodeId,
        moment: Moment,
        section: &'static str,
        text: String,
    ) {
        let place = self.film.noted(moment).saturating_sub(1);
        let weight = weight.saturating_sub(self.depth.saturating_mul(2));
        self.add(
            weight,
            place,
            Line { at: self.film.at(node, moment), text, section: section.into(), broken: false },
        );
    }

    /// A rule was broken at the end of a step of a node.
    pub(super) fn accuse(&mut self, node: NodeId, moment: Moment, section: &'static str, text: String) {
        let place = self.film.noted(moment).saturating_sub(1);
        let weight = 250_u8.saturating_sub(self.depth);
        self.add(
            weight,
            place,
            Line { at: self.film.at(node, moment), text, section: section.into(), broken: true },
        );
    }

    /// Something that a record of the trace shows.
    pub(super) fn tell_of(&mut self, weight: u8, place: usize, section: &'static str, text: String) {
        let at = at(&self.film.tape().records()[place]);
        let weight = weight.saturating_sub(self.depth.saturating_mul(2));
        self.add(weight, place, Line { at, text, section: section.into(), broken: false });
    }

    /// A rule was broken where a record of the trace shows it.
    pub(super) fn accuse_at(&mut self, place: usize, section: &'static str, text: String) {
        let at = at(&self.film.tape().records()[place]);
        let weight = 250_u8.saturating_sub(self.depth);
        self.add(weight, place, Line { at, text, section: section.into(), broken: true });
    }

    pub(super) fn add(&mut self, weight: u8, place: usize, line: Line) {
        match self.told.iter_mut().find(|told| told.line.text == line.text) {
            Some(told) => told.weight = told.weight.max(weight),
            None => self.told.push(Told { line, place, weight, depth: self.depth }),
        }
    }

    /// The records of the trace, each with its place, from one place to before another.
    pub(super) fn records(
        &self,
        from: usize,
        to: usize,
    ) -> impl DoubleEndedIterator<Item = (usize, &'a Record)> + use<'a> {
        let records = self.film.tape().records();
        let to = to.min(records.len());
        let from = from.min(to);
        (from..to).zip(&records[from..to])
    }

    /// How many nodes make a majority.
    pub(super) fn quorum(&self) -> u32 {
        majority(u32::from(self.film.nodes()))
    }

    /// All nodes.
    pub(super) fn all(&self) -> impl Iterator<Item = NodeId> + use<> {
        members((1 << self.film.nodes()) - 1)
    }

    /// The moment at which the message was sent whose arrival stands at a place: the end of the step that sent it,
    /// or the last moment before the message left if that step never ended so.
    pub(super) fn sent_at(&self, arrival: usize) -> Option<(NodeId, Moment)> {
        let sent = self.film.tape().sender(arrival)?;
        let record = &self.film.tape().records()[sent];
        let moment = self.film.end_of(record.step, record.node);
        Some((record.node, moment))
    }
}

/// Where and when a record is of.
pub(super) fn at(record: &Record) -> At {
    At { time: record.time, step: record.step, node: record.node }
}
