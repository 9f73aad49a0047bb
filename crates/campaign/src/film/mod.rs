//! A film: one run, so that any moment of it can be looked at and any value asked for its last writer.
//!
//! A spectator records it: after every step and everything that is done to the cluster it notes what has changed
//! of each node, and the trace of the run is added at the end. So a film takes memory as the trace does, and not as
//! the logs of all nodes at all times would.
//!
//! | what | file |
//! |---|---|
//! | one node: what it was when, and its logs | [`reel`] |
//! | the records of the trace by step, and the messages from one to another | [`tape`] |
//! | who looks on and takes it all down | `recorder` |
//!
//! What a film does not know: why anybody looks at it. It judges nothing.

mod recorder;
pub mod reel;
pub mod tape;

use crate::film::recorder::Recorder;
use crate::film::reel::{Frame, Reel};
use crate::film::tape::Tape;
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use whitewater_check::types::{At, Entry, Index, Nanos, NodeId, Term};
use whitewater_sim::plan::Plan;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::scene::Scene;
use whitewater_sim::trace::{Keep, Record};
use whitewater_sim::verdict::Verdict;

/// A moment of a film, counted from 0: the end of a step, or of something that was done to the cluster.
pub type Moment = usize;

/// What is known of a moment besides the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instant {
    /// Virtual time in nanoseconds.
    pub time: Nanos,
    /// The step that was over then, and whose it was; `None` when something was done to the cluster.
    pub ended: Option<(u32, NodeId)>,
    /// How many records the trace had by then.
    pub noted: usize,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Film {
    moments: Vec<Instant>,
    reels: Vec<Reel>,
    tape: Tape,
}

/// Runs a plan with a camera beside it.
///
/// # Errors
///
/// When the system cannot run the plan.
pub fn film(
    runner: &mut dyn Runner,
    plan: Plan,
    settings: &Settings,
) -> Result<(Verdict, Film), Unsupported> {
    film_until(runner, plan, settings, u32::MAX)
}

/// The same, of a run that is over after so many steps at the latest. With `Settings::goes_on` it shows what comes after
/// a violation, which else would end the run; with the checks off it shows no entries that snapshots stand for.
///
/// # Errors
///
/// When the system cannot run the plan.
pub fn film_until(
    runner: &mut dyn Runner,
    plan: Plan,
    settings: &Settings,
    last: u32,
) -> Result<(Verdict, Film), Unsupported> {
    let recorder = Rc::new(RefCell::new(Recorder::new(plan.nodes)));
    let camera = Rc::clone(&recorder);
    let looks_on = move |scene: &dyn Scene| {
        camera.borrow_mut().take(scene);
        if scene.step() < last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let settings = Settings { keep: Keep::All, ..*settings };
    let verdict = runner.watched(plan, &settings, Box::new(looks_on))?;
    let film = recorder.take().developed(verdict.trace.clone());
    Ok((verdict, film))
}

impl Film {
    /// The moments, in order. A runner that shows nothing has none.
    #[must_use]
    pub fn moments(&self) -> &[Instant] {
        &self.moments
    }

    /// How many nodes there are.
    #[must_use]
    pub fn nodes(&self) -> u8 {
        self.reels.len() as u8
    }

    /// All that happened to a node.
    #[must_use]
    pub fn reel(&self, node: NodeId) -> &Reel {
        &self.reels[node.slot()]
    }

    /// The trace, and what can be asked of it.
    #[must_use]
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// A node at a moment.
    #[must_use]
    pub fn frame(&self, node: NodeId, moment: Moment) -> Frame {
        self.reel(node).frame(moment)
    }

    /// The entry of a node's log in memory at a moment; `None` where there is none, or of a node that is down.
    #[must_use]
    pub fn entry(&self, node: NodeId, index: Index, moment: Moment) -> Option<Entry> {
        self.reel(node).memory.entry(index, moment)
    }

    /// The entry of a node's disk at a moment.
    #[must_use]
    pub fn stored(&self, node: NodeId, index: Index, moment: Moment) -> Option<Entry> {
        self.reel(node).disk.entry(index, moment)
    }

    /// The index and the term of the last entry of a node's log in memory; zeros of an empty one.
    #[must_use]
    pub fn last(&self, node: NodeId, moment: Moment) -> (Index, Term) {
        let index = self.frame(node, moment).last_index;
        (index, self.entry(node, index, moment).map_or(0, |entry| entry.term))
    }

    /// The moment at which a step of a node was over; of one that never was, the first at which it could have been.
    #[must_use]
    pub fn end_of(&self, step: u32, node: NodeId) -> Moment {
        let ended = |instant: &Instant| instant.ended == Some((step, node));
        let found = self.moments.iter().position(ended);
        found.unwrap_or_else(|| {
            let place = self.tape.of_step(step).map(|(place, _)| place).next();
            place.map_or(0, |place| self.after(place))
        })
    }

    /// The first moment by which the record at a place of the trace had been noted; the last one, if there is none.
    #[must_use]
    pub fn after(&self, place: usize) -> Moment {
        let moment = self.moments.partition_point(|instant| instant.noted <= place);
        moment.min(self.moments.len().saturating_sub(1))
    }

    /// The last moment that was over before the record at a place of the trace; the first one, if there is none.
    #[must_use]
    pub fn before(&self, place: usize) -> Moment {
        self.moments.partition_point(|instant| instant.noted <= place).saturating_sub(1)
    }

    /// How many records there were at a moment.
    #[must_use]
    pub fn noted(&self, moment: Moment) -> usize {
        self.moments.get(moment).map_or(0, |instant| instant.noted)
    }

    /// The record of the event that a step of this node began with, if a step of it was over at the moment.
    #[must_use]
    pub fn event(&self, node: NodeId, moment: Moment) -> Option<(usize, &Record)> {
        let (step, of) = self.moments.get(moment)?.ended?;
        (of == node).then(|| self.tape.event(step)).flatten()
    }

    /// Where and when: a moment as others speak of it, at this node.
    #[must_use]
    pub fn at(&self, node: NodeId, moment: Moment) -> At {
        let Some(instant) = self.moments.get(moment) else { return At { node, ..At::default() } };
        let own = instant.ended.filter(|(_, of)| *of == node).map(|(step, _)| step);
        let last = || self.tape.last_step(node, instant.noted);
        At { time: instant.time, step: own.unwrap_or_else(last), node }
    }
}
