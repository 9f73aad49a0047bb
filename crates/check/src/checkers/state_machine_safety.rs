//! State Machine Safety (§5.4.3): replicas apply the same command at the same index, in order and without
//! gaps, their state machines are equal after it, and give equal results.
//!
//! Witness: what was first applied at each index, with its result and the hash of the state after it. Who runs the
//! state machines may read it too: after equal commands from the start result and state are these by definition, and
//! what is judged is the commands. Results and hashes convict whoever applies otherwise than the witness saw it.

use crate::checks::State;
use crate::finding::{Fact, Findings};
use crate::operation::{Shown, Value};
use crate::property::Property;
use crate::types::{At, Command, Index, Nanos, NodeId};
use std::ops::RangeInclusive;

/// What was applied where.
#[derive(Clone, Debug, Default)]
pub(crate) struct StateMachineSafety {
    /// One row an index, the first for index 1.
    applied: Vec<Applied>,
    /// How far each node has applied in its present life.
    reached: Vec<Reached>,
}

/// An entry that a node applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Applied {
    pub(crate) command: Option<Command>,
    /// What the state machine answers; 0 where there is no command.
    pub(crate) result: Value,
    /// The hash of the state after it.
    pub(crate) state_hash: u64,
    pub(crate) at: At,
}

impl Applied {
    fn same(&self, other: &Self) -> bool {
        (self.command, self.result, self.state_hash) == (other.command, other.result, other.state_hash)
    }
}

/// How far a node has applied, and when it did so last.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    index: Index,
    time: Nanos,
    step: u32,
}

impl Reached {
    fn new(index: Index, at: At) -> Self {
        Self { index, time: at.time, step: at.step }
    }

    fn at(self, node: NodeId) -> At {
        At { time: self.time, step: self.step, node }
    }
}

impl StateMachineSafety {
    pub(crate) fn reset(&mut self, voters: usize) {
        self.applied.clear();
        self.reached.clear();
        self.reached.resize(voters, Reached::default());
    }

    /// The state machine of a crashed node is gone; it applies from the start again, or from a snapshot.
    pub(crate) fn crashed(&mut self, at: At) {
        self.reached[at.node.slot()] = Reached::new(0, at);
    }

    /// The highest index that any node has applied.
    #[inline]
    pub(crate) fn last_index(&self) -> Index {
        self.applied.len() as Index
    }

    /// What was first applied at an index; `None` where nothing was.
    #[inline]
    pub(crate) fn first(&self, index: Index) -> Option<&Applied> {
        self.applied.get(row(index))
    }

    /// Returns whether this is the first application of the index by any node.
    #[inline(always)]
    pub(crate) fn applied(&mut self, index: Index, now: Applied, findings: &mut Findings) -> bool {
        self.reaches(now.at, index..=index, now.command, findings);
        match self.applied.get(row(index)) {
            Some(first) if first.same(&now) => {}
            Some(first) => {
                let first = *first;
                findings.report(Property::StateMachineSafety, now.at, move || facts(index, first, now));
            }
            None if row(index) == self.applied.len() => {
                self.applied.push(now);
                return true;
            }
            None => {}
        }
        false
    }

    /// What was first applied at each of these indexes was applied by another node, with the same results and states.
    pub(crate) fn applied_again(&mut self, at: At, indexes: RangeInclusive<Index>, findings: &mut Findings) {
        let command = self.first(*indexes.start()).and_then(|first| first.command);
        self.reaches(at, indexes, command, findings);
    }

    /// A node puts its state machine into the state of a snapshot, which says that it stands for all up to `claimed`.
    pub(crate) fn restored(&mut self, at: At, claimed: Index, state: State, findings: &mut Findings) {
        self.reached[at.node.slot()] = Reached::new(state.applied, at);
        self.snapshot(at, "restores", (claimed, state), findings);
    }

    /// A node writes, or restores, a snapshot which says that it stands for all up to an index, and has this state in it.
    pub(crate) fn snapshot(
        &self,
        at: At,
        does: &str,
        (claimed, state): (Index, State),
        findings: &mut Findings,
    ) {
        findings.observe(Property::StateMachineSafety);
        let first = self.first(state.applied).copied();
        if state.applied != claimed || first.is_some_and(|first| first.state_hash != state.hash) {
            let said = Fact::new(at, format!("{} {does} a snapshot up to [{claimed}]", at.node));
            findings
                .report(Property::StateMachineSafety, at, || vec![said, other(at, claimed, state, first)]);
        }
    }

    /// A node applies at these indexes; at the first of them `command`.
    #[inline(always)]
    fn reaches(
        &mut self,
        at: At,
        indexes: RangeInclusive<Index>,
        command: Option<Command>,
        findings: &mut Findings,
    ) {
        findings.observe(Property::StateMachineSafety);
        let (first, last) = indexes.into_inner();
        let reached = &mut self.reached[at.node.slot()];
        if reached.index.checked_add(1) != Some(first) {
            gap(*reached, at, first, command, findings);
        }
        *reached = Reached::new(last, at);
    }
}

/// Another state than the snapshot's index stands for, in words.
fn other(at: At, claimed: Index, state: State, first: Option<Applied>) -> Fact {
    match first.filter(|_| state.applied == claimed) {
        None => Fact::new(at, format!("the state in it has applied up to [{}]", state.applied)),
        Some(Applied { at, state_hash, .. }) => {
            let text = format!("{} applied [{claimed}], its state was {state_hash:016x}", at.node);
            Fact::new(at, format!("{text} and that in the snapshot is {:016x}", state.hash))
        }
    }
}

/// The row of an index; no table has one for index 0.
fn row(index: Index) -> usize {
    index.checked_sub(1).and_then(|row| usize::try_from(row).ok()).unwrap_or(usize::MAX)
}

/// A node has applied `index` and had not come to the one before it, or was beyond.
#[cold]
fn gap(before: Reached, at: At, index: Index, command: Option<Command>, findings: &mut Findings) {
    findings.report(Property::StateMachineSafety, at, || {
        let reached = format!("{} had applied up to [{}]", at.node, before.index);
        let now = format!("{} applied [{index}]{}", at.node, word(command));
        vec![Fact::new(before.at(at.node), reached), Fact::new(at, now)]
    });
}

/// What the two replicas did, in words; where the commands are equal the states or the results differ.
fn facts(index: Index, first: Applied, second: Applied) -> Vec<Fact> {
    let fact = |applied: Applied| {
        let (node, command) = (applied.at.node, word(applied.command));
        let mut text = format!("{node} applied [{index}]{command}");
        if first.command == second.command {
            text += &match first.state_hash == second.state_hash {
                true => format!(" and answers {}", Shown(applied.result)),
                false => format!(", its state is {:016x}", applied.state_hash),
            };
        }
        Fact::new(applied.at, text)
    };
    vec![fact(first), fact(second)]
}

/// The command, with a blank before it.
fn word(command: Option<Command>) -> String {
    command.map_or_else(|| " no-op".to_owned(), |command| format!(" {command}"))
}
