//! The timeline: acts that the scenario wrote down, each due at a time or when something happens.
//!
//! An act that waits for something arms once the act before it has been done; an act whose target role
//! nobody holds waits until somebody does.

use crate::chance::{Key, Keys, Purpose};
use crate::event::Scheduled;
use crate::faults::Sequel;
use crate::plan::{Due, Plan};
use crate::predicate::Aspects;
use crate::replica::System;
use crate::trace::What;
use crate::world::World;
use whitewater_check::types::Nanos;

/// How far an act has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    /// Its time has not come, or the act before it has not been done.
    Ahead,
    /// It waits for its predicate.
    Armed,
    /// It is due and waits for somebody to hold its target role.
    Waiting,
    /// It has been done.
    Done,
}

/// The state of a plan's timeline.
#[derive(Debug)]
pub(crate) struct Timeline {
    key: Key,
    progress: Vec<Progress>,
    /// How many acts wait for something that any step may bring about.
    restless: usize,
    /// What would undo the acts that stay in force when the cluster settles.
    pub standing: Vec<Sequel>,
}

impl Timeline {
    /// The timeline of a run.
    pub(crate) fn new(plan: &Plan, keys: &Keys) -> Self {
        let key = keys.key(Purpose::Timeline, 0);
        let mut timeline = Self {
            key,
            progress: vec![Progress::Ahead; plan.timeline.len()],
            restless: 0,
            standing: Vec::new(),
        };
        timeline.arm(plan, 0);
        timeline
    }

    /// The acts that are due at a fixed time, with that time.
    pub(crate) fn fixed(&self, plan: &Plan) -> Vec<(u32, Nanos)> {
        let due = |(number, act): (usize, &crate::plan::TimelineAct)| match act.due {
            Due::At(time) => Some((number as u32, time)),
            Due::When(..) => None,
        };
        plan.timeline.iter().enumerate().filter_map(due).collect()
    }

    /// The acts that never came due, by their place in the timeline, counted from 1.
    pub(crate) fn undone(&self) -> Vec<usize> {
        (1..)
            .zip(&self.progress)
            .filter(|(_, progress)| **progress != Progress::Done)
            .map(|(n, _)| n)
            .collect()
    }

    fn arm(&mut self, plan: &Plan, number: usize) {
        if let Some(act) = plan.timeline.get(number)
            && matches!(act.due, Due::When(..))
        {
            self.set(number, Progress::Armed);
        }
    }

    fn set(&mut self, number: usize, progress: Progress) {
        let restless = |progress| matches!(progress, Progress::Armed | Progress::Waiting);
        self.restless -= usize::from(restless(self.progress[number]));
        self.restless += usize::from(restless(progress));
        self.progress[number] = progress;
    }
}

impl<S: System> World<S> {
    /// An act of the timeline is due. Once the cluster settles, it is too late for it.
    pub(crate) fn timeline_act(&mut self, number: u32) {
        if self.settle.is_some() {
            return;
        }
        let number = number as usize;
        let act = self.plan.timeline[number].clone();
        let luck = self.timeline.key.subkey(number as u64);
        let Some(sequel) = self.perform(&act.act, act.lasts, luck) else {
            self.environment.news = Aspects::ALL;
            return self.timeline.set(number, Progress::Waiting);
        };
        if act.standing {
            self.timeline.standing.push(sequel);
        }
        self.environment.note_cluster(What::Act, number as u64 + 1, 0);
        self.timeline.set(number, Progress::Done);
        self.timeline.arm(&self.plan, number + 1);
        self.environment.news = Aspects::ALL;
        self.watch();
    }

    /// A step is over: acts that waited for it become due.
    pub(crate) fn watch_timeline(&mut self) {
        if self.timeline.restless == 0 || self.settle.is_some() {
            return;
        }
        for number in 0..self.plan.timeline.len() {
            match self.timeline.progress[number] {
                Progress::Armed => self.watch_armed(number),
                Progress::Waiting => self.watch_waiting(number),
                Progress::Ahead | Progress::Done => {}
            }
        }
    }

    fn watch_armed(&mut self, number: usize) {
        let Due::When(predicate, after) = &self.plan.timeline[number].due else { return };
        if predicate.holds(&self.view()) {
            let after = *after;
            self.timeline.set(number, Progress::Ahead);
            self.environment.schedule(after, Scheduled::Act(number as u32));
        }
    }

    fn watch_waiting(&mut self, number: usize) {
        let luck = self.timeline.key.subkey(number as u64);
        if let Some(target) = self.plan.timeline[number].act.target()
            && self.pick(target, luck).is_some()
        {
            self.timeline.set(number, Progress::Ahead);
            self.environment.schedule(0, Scheduled::Act(number as u32));
        }
    }
}
