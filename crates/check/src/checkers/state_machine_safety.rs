//! State Machine Safety (§5.4.3): replicas apply the same command at the same index, in order and without
//! gaps, and their state machines are equal after it.
//!
//! Witness: what was first applied at each index, with the hash of the state after it.

use crate::finding::{Fact, Findings};
use crate::property::Property;
use crate::types::{At, Command, Index};

/// What was applied where.
#[derive(Clone, Debug, Default)]
pub(crate) struct StateMachineSafety {
    /// One row an index, the first for index 1.
    applied: Vec<Applied>,
    /// How far each node has applied in its present life.
    reached: Vec<Reached>,
}

#[derive(Clone, Copy, Debug)]
struct Applied {
    command: Option<Command>,
    state_hash: u64,
    at: At,
}

#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    index: Index,
    at: At,
}

impl StateMachineSafety {
    pub(crate) fn reset(&mut self, voters: usize) {
        self.applied.clear();
        self.reached.clear();
        self.reached.resize(voters, Reached::default());
    }

    /// The state machine of a crashed node is gone; it applies from the start again.
    pub(crate) fn crashed(&mut self, at: At) {
        self.reached[at.node.slot()] = Reached { index: 0, at };
    }

    #[inline]
    pub(crate) fn applied(
        &mut self,
        at: At,
        index: Index,
        command: Option<Command>,
        state_hash: u64,
        findings: &mut Findings,
    ) {
        findings.observe(Property::StateMachineSafety);
        let before = std::mem::replace(&mut self.reached[at.node.slot()], Reached { index, at });
        if before.index.checked_add(1) != Some(index) {
            findings.report(Property::StateMachineSafety, at, || {
                let reached = format!("{} had applied up to [{}]", at.node, before.index);
                let now = format!("{} applied [{index}]{}", at.node, word(command));
                vec![Fact::new(before.at, reached), Fact::new(at, now)]
            });
        }
        let now = Applied { command, state_hash, at };
        let row = index.checked_sub(1).and_then(|row| usize::try_from(row).ok()).unwrap_or(usize::MAX);
        match self.applied.get(row) {
            Some(first) if first.command == command && first.state_hash == state_hash => {}
            Some(first) => {
                findings.report(Property::StateMachineSafety, at, || facts(index, *first, now));
            }
            None if row == self.applied.len() => self.applied.push(now),
            None => {}
        }
    }
}

/// What the two replicas did, in words; where the commands are equal the states differ.
fn facts(index: Index, first: Applied, second: Applied) -> Vec<Fact> {
    let fact = |applied: Applied| {
        let (node, command) = (applied.at.node, word(applied.command));
        let mut text = format!("{node} applied [{index}]{command}");
        if first.command == second.command {
            text += &format!(", its state is {:016x}", applied.state_hash);
        }
        Fact::new(applied.at, text)
    };
    vec![fact(first), fact(second)]
}

/// The command, with a blank before it.
fn word(command: Option<Command>) -> String {
    command.map_or_else(|| " no-op".to_owned(), |command| format!(" {command}"))
}
