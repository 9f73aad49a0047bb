//! Linearizability (§8): all that clients were answered fits one order, in which each operation comes after
//! it was asked for and before it was answered.
//!
//! Witness: the log is such an order. An operation's place is the index of its first application, that of a
//! read which was answered without the log just after the index that it was read at. When an operation is
//! asked for, the highest index that anybody was told about is noted; when it is answered it must have a
//! place after that, and the answer must be the model's. A place in the log is after it by itself: indexes are
//! applied in order, and what nobody has asked for is not applied. A read's place must not be below it. An
//! operation that is never answered owes nothing. The time that all of this takes does not depend on the run.
//!
//! The witness asks for more than clients can see: a read that is too old in the log may still be right if
//! its key has not changed. So when the witness rejects an answer, the judge is asked about the key, which is
//! slow and rare. If it rejects as well the property is violated; otherwise the log's order is. What the
//! witness says of a key that it has rejected once proves nothing any more, so the judge is asked about that
//! key's later answers too, as long as its patience lasts.

use crate::finding::{Fact, Findings};
use crate::history::{Answer, Effect, History, Recorded};
use crate::judge::{Call, Judgement, judge};
use crate::model::Model;
use crate::operation::{Operation, Shown, Value};
use crate::property::Property;
use crate::types::{At, Command, Index};

/// The steps of search that one rejected answer is worth.
const STEPS_MAX: u64 = 1 << 20;

/// How many answers of a run the judge is asked about. A run with more is broken in any case.
const ASKED_MAX: u32 = 64;

/// The state that the log makes, and what is known about answers that do not fit it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Linearizability {
    model: Model,
    asked: u32,
    /// The keys of which an answer was rejected, with the first such answer.
    doubted: Vec<(u32, Fact)>,
}

/// What is wrong with an answer, and the index that shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    /// No node has applied the operation, or all that the read claims to have seen.
    NoPlace,
    /// It was read at this index, before what was done when it was asked for.
    TooOld(Index),
    /// At its place the model answers this.
    OtherResult(Index, Value),
}

impl Linearizability {
    pub(crate) fn reset(&mut self) {
        self.model.clear();
        self.asked = 0;
        self.doubted.clear();
    }

    /// An operation takes effect at an index above all earlier ones. Gives the model's result.
    #[inline]
    pub(crate) fn took_effect(&mut self, index: Index, operation: Operation) -> Value {
        self.model.apply(index, operation)
    }

    /// An operation was answered for the first time; `last` is the highest index that any node has applied.
    #[inline]
    pub(crate) fn answered(
        &mut self,
        recorded: &Recorded,
        last: Index,
        history: &History,
        findings: &mut Findings,
    ) {
        let Some(answer) = recorded.answer else { return };
        findings.observe(Property::Linearizability);
        findings.observe(Property::LogOrder);
        let reason = self.weigh(recorded, answer, last).err();
        if reason.is_some() || !self.doubted.is_empty() {
            self.look_closer(recorded, answer, reason, history, findings);
        }
    }

    #[inline]
    fn weigh(&self, recorded: &Recorded, answer: Answer, last: Index) -> Result<(), Reason> {
        let index = recorded.completed().filter(|&index| index <= last).ok_or(Reason::NoPlace)?;
        let result = match (answer.read_at, recorded.effect) {
            (Some(_), _) if index < recorded.bound => return Err(Reason::TooOld(index)),
            (Some(_), _) => self.model.as_of(recorded.operation.key(), index).value,
            // It was asked for before any node applied it, so its index is above all that was done then.
            (None, Some(effect)) => effect.result,
            (None, None) => return Err(Reason::NoPlace),
        };
        if answer.result == result { Ok(()) } else { Err(Reason::OtherResult(index, result)) }
    }

    /// An answer was rejected, for a reason, or is one of a run in which another one was.
    #[cold]
    fn look_closer(
        &mut self,
        recorded: &Recorded,
        answer: Answer,
        reason: Option<Reason>,
        history: &History,
        findings: &mut Findings,
    ) {
        let key = recorded.operation.key();
        let doubted = self.doubted.iter().position(|&(doubted, _)| doubted == key);
        if reason.is_none() && doubted.is_none() {
            return;
        }
        let judgement = self.ask(key, history);
        let property = match (&judgement, reason) {
            (Judgement::Illegal { .. }, _) => Property::Linearizability,
            (Judgement::Legal | Judgement::Undecided, Some(_)) => Property::LogOrder,
            (Judgement::Legal | Judgement::Undecided, None) => return,
        };
        let told = || told(recorded, answer, judgement == Judgement::Undecided);
        findings.report(property, answer.at, || {
            let doubted = || doubted.map(|row| self.doubted[row].1.clone());
            let reasoned = |reason| self.contradiction(recorded, answer, reason, history);
            let other = reason.map(reasoned).or_else(doubted);
            other.into_iter().chain([told()]).collect()
        });
        if doubted.is_none() {
            self.doubted.push((key, told()));
        }
    }

    /// What the judge says of the operations on a key so far.
    fn ask(&mut self, key: u32, history: &History) -> Judgement {
        if self.asked == ASKED_MAX {
            return Judgement::Undecided;
        }
        self.asked += 1;
        let on_key = history.operations().filter(|recorded| recorded.operation.key() == key);
        judge(&on_key.map(call).collect::<Vec<_>>(), STEPS_MAX)
    }

    /// What contradicts an answer, in words.
    fn contradiction(&self, recorded: &Recorded, answer: Answer, reason: Reason, history: &History) -> Fact {
        let (command, operation) = (recorded.command, recorded.operation);
        match (reason, answer.read_at) {
            (Reason::NoPlace, Some(index)) => {
                Fact::new(answer.at, format!("no node had applied [{index}], which it was read at"))
            }
            (Reason::NoPlace, None) => {
                let text = format!("{command} {operation} was asked for, and no node had applied it");
                Fact::new(recorded.invoked, text)
            }
            (Reason::TooOld(index), _) => {
                let Some((newer, done)) = newer(recorded, index, history) else {
                    return Fact::new(recorded.invoked, format!("[{}] was completed before", recorded.bound));
                };
                let text = format!(
                    "{} {} was completed at [{done}] before it was asked, and it was read at [{index}]",
                    newer.command, newer.operation
                );
                Fact::new(newer.answer.map_or(recorded.invoked, |answer| answer.at), text)
            }
            (Reason::OtherResult(index, result), Some(_)) => {
                let since = self.model.as_of(operation.key(), index).index;
                let wrote = |effect: Effect| (effect.index == since).then_some(effect.at);
                let at = history.operations().find_map(|recorded| wrote(recorded.effect?));
                let text = format!("k{} is {} as of [{index}]", operation.key(), Shown(result));
                Fact::new(at.unwrap_or(recorded.invoked), text)
            }
            (Reason::OtherResult(index, result), None) => {
                let at = recorded.effect.map_or(recorded.invoked, |effect| effect.at);
                let text = format!("{command} {operation} answers {} at [{index}]", Shown(result));
                Fact::new(at, text)
            }
        }
    }
}

/// What the judge may know of an operation.
pub(crate) fn call(recorded: Recorded) -> Call {
    Call {
        operation: recorded.operation,
        invoked: recorded.invoked_order,
        answered: recorded.answer.map(|answer| (answer.order, answer.result)),
    }
}

/// The completed operation that an answer as of `index` should have come after: the highest on the same key
/// that may have changed it, or else the highest of all, with its place.
fn newer(recorded: &Recorded, index: Index, history: &History) -> Option<(Recorded, Index)> {
    let asked = recorded.invoked_order;
    let done = |other: Recorded| {
        let done = other.answer.is_some_and(|answer| answer.order < asked);
        let place = other.completed().filter(|&place| done && (index..=recorded.bound).contains(&place))?;
        let same = other.operation.key() == recorded.operation.key() && !other.operation.is_read();
        Some(((same && place > index, place), other))
    };
    let ((_, place), other) = history.operations().filter_map(done).max_by_key(|(rank, _)| *rank)?;
    Some((other, place))
}

/// An answer in words, with a note if the judge gave up on it.
fn told(recorded: &Recorded, answer: Answer, undecided: bool) -> Fact {
    let Recorded { command, operation, .. } = recorded;
    let mut text =
        format!("{command} {operation} was answered {} by {}", Shown(answer.result), answer.at.node);
    if undecided {
        text += " (the judge gave up before it found a legal order or excluded one)";
    }
    Fact::new(answer.at, text)
}

/// Something happened to a command that no client ever asked for.
#[cold]
pub(crate) fn nobody_asked(at: At, command: Command, what: &str, findings: &mut Findings) {
    findings.report(Property::Linearizability, at, || {
        let asked = Fact::new(at, format!("no client has asked for {command}"));
        vec![asked, Fact::new(at, format!("{} {what} {command}", at.node))]
    });
}
