//! A debugger of one run, in both directions.
//!
//! It is a machine: a command goes in, an answer comes out, and neither is text that was made for people. Nothing
//! is ever done to a live cluster. A run is recorded once from its start to its end, and going anywhere moves a
//! cursor over the recording; what the cluster looks like there is found by running again up to that moment.
//! **Leaving the recorded path is an edit of the plan**: an act right after the moment, and the run is recorded
//! anew. Up to that moment it is the run that it was, since every draw has an address of its own.
//!
//! | what | file |
//! |---|---|
//! | the moments of a run, found in one pass | [`recording`] |
//! | the cluster at one moment | [`still`] |
//! | what one stops for | [`traps`] |
//! | what led to a step, who waits for what, which message is which | [`causes`] |
//! | what can be asked for | [`command`] |
//! | how the path is left | `edits` |
//!
//! What it does not know: terminals, files, how an answer reads.

pub mod causes;
pub mod command;
mod edits;
pub mod recording;
pub mod still;
pub mod traps;

use crate::debug::causes::{Airborne, Link, Pending, airborne, causes, pending};
use crate::debug::command::{Command, Goal, Verb};
use crate::debug::edits::Edit;
use crate::debug::recording::{Moment, Recording, record, settings, watch};
use crate::debug::still::{NodeStill, Still};
use crate::debug::traps::{Hit, Trap};
use crate::why::{Story, told};
use std::ops::ControlFlow;
use whitewater_check::finding::Finding;
use whitewater_check::types::{Index, NodeId};
use whitewater_sim::plan::Plan;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::Runner;

/// A debugger of one run.
pub struct Debugger {
    runner: Box<dyn Runner>,
    /// The plan of the recorded path, before any edit.
    recorded: Plan,
    /// The plan of the path that one is on.
    plan: Plan,
    /// Whether an early finding ends the run.
    stop_early: bool,
    edits: Vec<Edit>,
    recording: Recording,
    cursor: usize,
    breaks: Vec<Break>,
    /// How many breaks there ever were.
    numbered: u32,
    /// The cluster at a moment that was looked at, to look again.
    still: Option<(usize, Still)>,
}

/// Something that one stops for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// Its number, counted from 1.
    pub number: u32,
    /// What it is.
    pub trap: Trap,
    /// When it comes about on this path.
    pub hits: Vec<Hit>,
}

/// What comes of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// One is here now, and why.
    Here(Vec<Reason>),
    /// What one stops for.
    Breaks(Vec<Break>),
    /// So many breaks are gone.
    Deleted(usize),
    /// Nodes as they are.
    Nodes(Box<Still>),
    /// One node as it is.
    Node(Box<Still>, NodeId),
    /// The log of a node from an index on.
    Log(Box<NodeStill>, Index),
    /// What the disk of a node holds.
    Disk(Box<NodeStill>),
    /// What is on its way.
    Net(Vec<Airborne>),
    /// What clients wait for.
    Clients(Vec<Pending>),
    /// So many lines of the trace up to here.
    Trace(usize),
    /// What led here, latest first.
    Causes(Vec<Link>),
    /// Why the run of this path is what it is.
    Why(Story),
    /// The path was left, or left once more: one is where it was done.
    Left,
    /// The last edit is gone.
    Undone,
    /// The text of a scenario, for this file.
    Save(String, String),
    /// What there is.
    Help(Option<&'static Verb>),
    /// It cannot be done, and why.
    Cannot(String),
    /// That is all.
    Quit,
}

/// Why one is somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A trap closed: its break and how.
    Trap(u32, Trap, Hit),
    /// A finding shows.
    Finding(Box<Finding>),
    /// It is the first moment.
    Start,
    /// It is the last moment.
    End,
}

impl Debugger {
    /// A debugger of the run of a plan, at its start. `stop_early` says whether an early finding ends it.
    ///
    /// # Errors
    ///
    /// When the system cannot run it.
    pub fn new(mut runner: Box<dyn Runner>, plan: Plan, stop_early: bool) -> Result<Self, Unsupported> {
        let (recording, _) = record(runner.as_mut(), plan.clone(), stop_early, &[])?;
        Ok(Self {
            runner,
            recorded: plan.clone(),
            plan,
            stop_early,
            edits: Vec::new(),
            recording,
            cursor: 0,
            breaks: Vec::new(),
            numbered: 0,
            still: None,
        })
    }

    /// The run of the path that one is on.
    #[must_use]
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// Its plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where one is: the place of the moment.
    #[must_use]
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The moment where one is.
    #[must_use]
    pub fn moment(&self) -> &Moment {
        &self.recording.moments[self.cursor]
    }

    /// After which step the recorded path was left, if it was.
    #[must_use]
    pub fn left_at(&self) -> Option<u32> {
        self.edits.iter().map(|edit| edit.step).min()
    }

    /// Does what is asked for.
    pub fn obey(&mut self, command: &Command) -> Answer {
        match command {
            Command::Where => self.arrive(self.cursor),
            Command::Step(count) => self.arrive(self.cursor.saturating_add(*count)),
            Command::Back(count) => self.arrive(self.cursor.saturating_sub(*count)),
            Command::Continue => self.arrive(self.next_stop()),
            Command::ReverseContinue => self.arrive(self.last_stop()),
            Command::Go(goal) => self.go(*goal),
            Command::Break(trap) => self.add_break(trap),
            Command::Breaks => Answer::Breaks(self.breaks.clone()),
            Command::Delete(number) => self.delete(*number),
            Command::Print(None) => self.look(|still| Answer::Nodes(Box::new(still.clone()))),
            Command::Print(Some(node)) => self.look(|still| Answer::Node(Box::new(still.clone()), *node)),
            Command::Log(node, from) => self.of_node(*node, |node| Answer::Log(node, *from)),
            Command::Disk(node) => self.of_node(*node, Answer::Disk),
            Command::Net => self.net().map_or_else(Answer::Cannot, Answer::Net),
            Command::Clients => Answer::Clients(pending(self.past())),
            Command::Trace(count) => Answer::Trace(*count),
            Command::Why => self.why(),
            Command::Cause => Answer::Causes(causes(self.past(), self.step_here())),
            Command::Act(act, lasts) => self.act(act, *lasts),
            Command::Message(meddling, place) => self.meddle(*meddling, *place),
            Command::Undo => self.undo(),
            Command::Save(file) => Answer::Save(file.clone(), self.written()),
            Command::Help(verb) => Answer::Help(*verb),
            Command::Quit => Answer::Quit,
        }
    }

    /// The trace up to here.
    fn past(&self) -> &[whitewater_sim::trace::Record] {
        &self.recording.verdict.trace[..self.moment().noted]
    }

    /// The step that this moment is about.
    fn step_here(&self) -> u32 {
        let here = self.recording.records_of(self.cursor);
        self.recording.verdict.trace[here].last().map_or(self.moment().step, |record| record.step)
    }

    fn arrive(&mut self, moment: usize) -> Answer {
        self.cursor = moment.min(self.recording.last());
        Answer::Here(self.reasons())
    }

    fn reasons(&self) -> Vec<Reason> {
        let here = self.cursor;
        let hit = |one: &Break| {
            let hit = one.hits.iter().find(|hit| hit.moment == here)?;
            Some(Reason::Trap(one.number, one.trap.clone(), *hit))
        };
        let mut reasons: Vec<Reason> = self.breaks.iter().filter_map(hit).collect();
        let findings: Vec<&Finding> = self.recording.verdict.failures().collect();
        let shown = self.recording.findings().filter(|(moment, _)| *moment == here);
        reasons.extend(shown.map(|(_, place)| Reason::Finding(Box::new(findings[place].clone()))));
        reasons.extend((here == 0).then_some(Reason::Start));
        reasons.extend((here == self.recording.last()).then_some(Reason::End));
        reasons
    }

    /// Every moment at which one stops by oneself.
    fn stops(&self) -> impl Iterator<Item = usize> {
        let hits = self.breaks.iter().flat_map(|one| one.hits.iter().map(|hit| hit.moment));
        hits.chain(self.recording.findings().map(|(moment, _)| moment))
    }

    fn next_stop(&self) -> usize {
        self.stops().filter(|stop| *stop > self.cursor).min().unwrap_or(self.recording.last())
    }

    fn last_stop(&self) -> usize {
        self.stops().filter(|stop| *stop < self.cursor).max().unwrap_or(0)
    }

    fn go(&mut self, goal: Goal) -> Answer {
        let recording = &self.recording;
        let moment = match goal {
            Goal::Start => 0,
            Goal::End => recording.last(),
            Goal::Step(step) => recording.first(|moment| moment.step >= step),
            Goal::Time(time) => {
                recording.moments.partition_point(|moment| moment.time <= time).saturating_sub(1)
            }
            Goal::Hit(number) => {
                let one = self.breaks.iter().find(|one| one.number == number);
                match one.and_then(|one| one.hits.first()) {
                    Some(hit) => hit.moment,
                    None => return Answer::Cannot("that never comes about on this path".to_owned()),
                }
            }
            Goal::Violation => match recording.findings().next() {
                Some((moment, _)) => moment,
                None => return Answer::Cannot("nothing is violated on this path".to_owned()),
            },
        };
        self.arrive(moment)
    }

    fn add_break(&mut self, trap: &Trap) -> Answer {
        if self.breaks.iter().any(|one| one.trap == *trap) {
            return Answer::Breaks(self.breaks.iter().filter(|one| one.trap == *trap).cloned().collect());
        }
        match record(self.runner.as_mut(), self.plan.clone(), self.stop_early, &[trap]) {
            Ok((_, mut hits)) => {
                self.numbered += 1;
                let hits = hits.pop().unwrap_or_default();
                let one = Break { number: self.numbered, trap: trap.clone(), hits };
                self.breaks.push(one.clone());
                Answer::Breaks(vec![one])
            }
            Err(refusal) => Answer::Cannot(refusal.to_string()),
        }
    }

    fn delete(&mut self, number: Option<u32>) -> Answer {
        let before = self.breaks.len();
        self.breaks.retain(|one| number.is_some_and(|number| one.number != number));
        match before - self.breaks.len() {
            0 => Answer::Cannot("there is no such break".to_owned()),
            gone => Answer::Deleted(gone),
        }
    }

    fn look(&mut self, show: impl FnOnce(&Still) -> Answer) -> Answer {
        match self.still() {
            Ok(still) => show(still),
            Err(why) => Answer::Cannot(why),
        }
    }

    fn of_node(&mut self, node: NodeId, show: impl FnOnce(Box<NodeStill>) -> Answer) -> Answer {
        self.look(|still| show(Box::new(still.nodes[node.slot()].clone())))
    }

    fn net(&mut self) -> Result<Vec<Airborne>, String> {
        let flights = self.still()?.flights.clone();
        Ok(airborne(self.past(), &flights))
    }

    /// Why the run of this path is what it is, wherever one stands in it.
    fn why(&mut self) -> Answer {
        match told(self.runner.as_mut(), self.plan.clone(), &settings(self.stop_early)) {
            Ok((_, story)) => Answer::Why(story),
            Err(refusal) => Answer::Cannot(refusal.to_string()),
        }
    }

    /// The cluster here: the run once more, up to this moment.
    fn still(&mut self) -> Result<&Still, String> {
        let place = self.cursor;
        if self.still.as_ref().is_none_or(|(at, _)| *at != place) {
            let scene = self.moment().scene;
            let run = settings(self.stop_early);
            let seen = (0, None);
            let plan = self.plan.clone();
            let (seen, _) = watch(self.runner.as_mut(), plan, &run, seen, move |(count, still), shown| {
                *count += 1;
                if *count == scene {
                    *still = Some(Still::of(shown));
                }
                // Some more scenes of the same instant may be shown before the run has ended.
                if *count < scene { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })
            .map_err(|refusal| refusal.to_string())?;
            let still = seen.1.ok_or("this system does not show what it is like")?;
            self.still = Some((place, still));
        }
        let (_, still) = self.still.as_ref().expect("it was just looked at");
        Ok(still)
    }
}

impl std::fmt::Debug for Debugger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Debugger")
            .field("cursor", &self.cursor)
            .field("edits", &self.edits)
            .finish_non_exhaustive()
    }
}
