//! The independent judge on a whole run, when it is asked for: is there any legal order of what the clients
//! saw? The witness has looked at every answer by then; this is the slow, obvious way beside it.

use crate::replica::System;
use crate::verdict::Measured;
use crate::world::World;
use whitewater_check::finding::{Fact, Finding};
use whitewater_check::history::{History, Recorded};
use whitewater_check::judge::Judgement;
use whitewater_check::operation::Shown;
use whitewater_check::property::Property;

/// How many steps of search the judge may take for each key: seconds at the most. A legal history with few
/// operations at a time takes a few steps for each of them.
const BUDGET: u64 = 10_000_000;

impl<S: System> World<S> {
    /// Asks the judge, unless something else has ended the run. An illegal history is a violation; anything
    /// else is a matter of what was expected.
    pub(crate) fn judge(&mut self) -> Option<Measured> {
        if self.violated().is_some() {
            return None;
        }
        let checks = &mut self.environment.checks;
        match weigh(checks.judge(BUDGET), checks.history()) {
            Ok(measured) => Some(measured),
            Err(finding) => {
                checks.report(finding);
                None
            }
        }
    }
}

/// What a judgement on this history comes to: an expectation, met or not, or a finding.
fn weigh(judgement: Judgement, history: &History) -> Result<Measured, Finding> {
    let (measured, held) = match judgement {
        Judgement::Legal => ("the history is legal".to_owned(), true),
        Judgement::Undecided => (format!("not within {BUDGET} steps for a key"), false),
        Judgement::Illegal { key, stored, before, stuck } => {
            let operations: Vec<_> = history.operations().collect();
            let told = |place: &usize| told(&operations[*place]);
            let mut facts: Vec<Fact> = before.iter().chain(&stuck).map(told).collect();
            facts.sort_by_key(|fact| fact.at.step);
            let at = facts.last().expect("an illegal history has an answer that does not fit").at;
            let text =
                format!("no order explains these: k{key} was {} where the search ended", Shown(stored));
            facts.push(Fact::new(at, text));
            return Err(Finding { property: Property::Linearizability, at, facts });
        }
    };
    Ok(Measured { what: "the judge comes to an end".to_owned(), measured, held, over_seeds: false })
}

/// What a client asked for, and what it was told if it was.
fn told(recorded: &Recorded) -> Fact {
    let Recorded { command, operation, .. } = recorded;
    match recorded.answer {
        None => Fact::new(recorded.invoked, format!("{command} {operation} was asked for")),
        Some(answer) => {
            let (result, node) = (Shown(answer.result), answer.at.node);
            Fact::new(answer.at, format!("{command} {operation} was answered {result} by {node}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitewater_check::checks::Checks;
    use whitewater_check::operation::Operation;
    use whitewater_check::types::{At, Command, NodeId};

    /// A put that was answered, and then a get that was answered this.
    fn read_after_write(result: u64) -> Checks {
        let mut checks = Checks::new();
        checks.reset(3);
        let at = |step| At { time: u64::from(step) * 1_000_000, step, node: NodeId(1) };
        let (put, get) = (Command::new(0, 1), Command::new(0, 2));
        checks.invoked(at(1), put, Operation::Put { key: 4, value: put.word() });
        checks.answered(at(2), put, 0, None);
        checks.invoked(at(3), get, Operation::Get { key: 4 });
        checks.answered(at(4), get, result, None);
        checks
    }

    #[test]
    fn an_illegal_history_is_a_finding_with_what_was_told() {
        let checks = read_after_write(0);
        let finding = weigh(checks.judge(BUDGET), checks.history()).unwrap_err();
        assert_eq!((finding.property, finding.at.step), (Property::Linearizability, 4));
        let facts: Vec<&str> = finding.facts.iter().map(|fact| fact.text.as_str()).collect();
        assert_eq!(
            facts,
            [
                "c1#1 put k4 = c1#1 was answered 0 by n2",
                "c1#2 get k4 was answered 0 by n2",
                "no order explains these: k4 was 0 where the search ended",
            ]
        );
    }

    #[test]
    fn a_judge_that_comes_to_no_end_is_an_expectation_that_is_not_met() {
        let checks = read_after_write(Command::new(0, 1).word());
        let held = |budget| weigh(checks.judge(budget), checks.history()).map(|measured| measured.held);
        assert_eq!((held(BUDGET), held(0)), (Ok(true), Ok(false)));
    }
}
