//! Leaving the recorded path: what is done becomes a part of the plan, and the run is recorded anew.
//!
//! An act is due right after the moment at which it was asked for: a nanosecond later, so that the run up to that
//! moment stays what it was, and before whatever comes next. Events of the same instant belong to the moment.

use crate::capsule::found;
use crate::debug::causes::{Airborne, launched};
use crate::debug::command::Meddling;
use crate::debug::recording::record;
use crate::debug::{Answer, Debugger};
use whitewater_check::types::Nanos;
use whitewater_sim::plan::{Act, Due, Interference, MessagePick, Plan, TimelineAct};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::trace::{Record, What};

/// Something that was done off the recorded path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Edit {
    /// What joins the timeline.
    act: TimelineAct,
    /// The moment at which it was asked for, to go back to.
    moment: usize,
    /// How many steps there were by then.
    pub(crate) step: u32,
}

impl Debugger {
    /// Does something to the cluster right after this moment.
    pub(crate) fn act(&mut self, act: &Act, lasts: Option<Nanos>) -> Answer {
        let at = self.moment().time + 1;
        self.edit(act.clone(), at, lasts, |debugger| {
            let number = debugger.plan.timeline.len() as u32;
            let is_it = |record: &Record| (record.what, record.a, record.time) == (What::Act, number, at);
            let trace = &debugger.recording.verdict.trace;
            let place = trace.iter().position(is_it)?;
            let comes_of_it = |record: &Record| record.time == at && record.what != What::Act;
            trace.iter().any(comes_of_it).then(|| debugger.recording.first(|moment| moment.noted > place))
        })
    }

    /// Does something to the message with this number, which is on its way.
    pub(crate) fn meddle(&mut self, meddling: Meddling, number: usize) -> Answer {
        let flying = match self.net() {
            Ok(flying) => flying,
            Err(why) => return Answer::Cannot(why),
        };
        let Some(Airborne { place, flight, .. }) = flying.into_iter().find(|one| one.number == number) else {
            return Answer::Cannot(format!("message {number} is not on its way; `net` shows those that are"));
        };
        let (pick, sent) = self.address(place);
        let now = self.moment().time + 1;
        let interference = match (meddling, flight.copy) {
            (Meddling::Drop, false) => Interference::Drop,
            (Meddling::Hold, false) => Interference::Hold,
            (Meddling::Deliver, false) => Interference::Delay(now - sent),
            (Meddling::Deliver, true) => Interference::Duplicate(now - sent),
            (Meddling::Drop | Meddling::Hold, true) => {
                return Answer::Cannot(format!("message {number} has arrived; this is a second copy of it"));
            }
        };
        let past = happened(self.past());
        let noted = self.moment().noted;
        self.edit(Act::Intercept(pick, interference), sent, None, |debugger| {
            let trace = &debugger.recording.verdict.trace;
            // The act has a record of its own, before that of the message.
            let told = trace.get(place + 1)?.what;
            if trace.get(..=noted).map(happened)? != past {
                return None;
            }
            let arrives = |record: &Record| (record.time, record.node) == (now, flight.to);
            match meddling {
                Meddling::Drop | Meddling::Hold => matches!(told, What::Dropped(_) | What::Held(_))
                    .then(|| debugger.recording.first(|moment| moment.noted > noted)),
                Meddling::Deliver => trace[noted..]
                    .iter()
                    .any(arrives)
                    .then(|| debugger.recording.first(|moment| moment.time >= now)),
            }
        })
    }

    /// How the message that was sent in a record is picked by an act that is due when it is sent, and when that is.
    fn address(&self, place: usize) -> (MessagePick, Nanos) {
        let trace = &self.recording.verdict.trace;
        let Record { time, node: from, peer: to, term, .. } = trace[place];
        let kind = launched(&trace[place]);
        let alike = |record: &&Record| {
            (record.time, record.node, record.peer, record.term) == (time, from, to, term)
                && launched(record) == kind
        };
        let nth = trace[..=place].iter().filter(alike).count() as u32;
        let pick = MessagePick {
            kind,
            from: from.bit(),
            to: to.bit(),
            term: Some(u64::from(term)).filter(|term| *term > 0),
            nth: Some(nth),
        };
        (pick, time)
    }

    /// Takes the last edit back.
    pub(crate) fn undo(&mut self) -> Answer {
        let Some(edit) = self.edits.pop() else {
            return Answer::Cannot("this is the recorded path, nothing was done".to_owned());
        };
        if let Err(why) = self.run_again() {
            return Answer::Cannot(why);
        }
        self.cursor = edit.moment.min(self.recording.last());
        Answer::Undone
    }

    /// This path as a scenario file; with what its run found, if it found anything.
    pub(crate) fn written(&self) -> String {
        let verdict = &self.recording.verdict;
        let found = verdict.failures().next().map(|finding| found(verdict, finding));
        let about = match self.left_at() {
            None => format!("The run of {}, seed {}.", self.plan.name, self.plan.seed),
            Some(step) => {
                format!(
                    "The run of {}, seed {}, and what was tried after step {step}.",
                    self.plan.name, self.plan.seed
                )
            }
        };
        Scenario::written(&self.plan, found.as_ref(), &about)
    }

    /// Adds an act to the plan and runs it. `arrives` says where it was done; nowhere, and it is taken back.
    fn edit(
        &mut self,
        act: Act,
        at: Nanos,
        lasts: Option<Nanos>,
        arrives: impl FnOnce(&Self) -> Option<usize>,
    ) -> Answer {
        let act = TimelineAct { due: Due::At(at), act, lasts, standing: false, note: None };
        self.edits.push(Edit { act, moment: self.cursor, step: self.moment().step });
        if let Err(why) = self.run_again() {
            return Answer::Cannot(why);
        }
        if let Some(moment) = arrives(self) {
            self.cursor = moment;
            return Answer::Left;
        }
        let over = self.recording.verdict.time < at;
        if let Answer::Cannot(why) = self.undo() {
            return Answer::Cannot(why);
        }
        Answer::Cannot(match over {
            true => "the run is over here".to_owned(),
            false => "nothing would come of it: there is nobody to whom it could happen, the past would be another, or the cluster settles already".to_owned(),
        })
    }

    /// Records the run of the plan with all edits, and finds anew when breaks close.
    fn run_again(&mut self) -> Result<(), String> {
        let plan = self.edited();
        let traps: Vec<_> = self.breaks.iter().map(|one| &one.trap).collect();
        let (recording, hits) = record(self.runner.as_mut(), plan.clone(), self.stop_early, &traps)
            .map_err(|refusal| refusal.to_string())?;
        self.breaks.iter_mut().zip(hits).for_each(|(one, hits)| one.hits = hits);
        (self.plan, self.recording, self.still) = (plan, recording, None);
        Ok(())
    }

    fn edited(&self) -> Plan {
        let mut plan = self.recorded.clone();
        plan.timeline.extend(self.edits.iter().map(|edit| edit.act.clone()));
        plan
    }
}

/// What happened in a piece of a trace, save that acts were done and messages sent: those that are meddled with
/// have become other records, and all that came of them before must not.
fn happened(trace: &[Record]) -> Vec<Record> {
    let stays = |record: &&Record| record.what != What::Act && launched(record).is_none();
    trace.iter().filter(stays).copied().collect()
}
