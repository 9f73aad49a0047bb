//! The state machine that the world gives to every system: a store of values by key, and the sessions of
//! the clients.
//!
//! A session has one request under way at a time and numbers its requests from 1. Its last one is kept with
//! its result, so that a retry which comes through the log a second time changes nothing and is answered as
//! the first (thesis §6.3). All of it is memory: a restart applies the log again, or restores a snapshot and
//! applies what follows it. A rolling hash stands for the state: over every command that took effect, and what it answered.

use crate::chance::mix;
use std::cmp::Ordering;
use whitewater_check::checks::State;
use whitewater_check::operation::{Operation, Value};
use whitewater_check::types::{Command, Index};

/// A state machine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Machine {
    /// The last index that was applied.
    pub applied: Index,
    /// The hash of the state after it.
    pub hash: u64,
    /// What is stored, by key.
    stored: Vec<Value>,
    /// The last request of each session that took effect.
    sessions: Vec<Last>,
}

/// A request that took effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Last {
    serial: u64,
    /// The index at which it did.
    pub index: Index,
    /// What it answered.
    pub result: Value,
}

impl Machine {
    /// The state before anything was applied, in the memory of this one.
    pub(crate) fn reset(&mut self) {
        (self.applied, self.hash) = (0, 0);
        self.stored.clear();
        self.sessions.clear();
    }

    /// Applies what stands at `index`, unless its session says that it took effect before. What a system
    /// writes for itself changes nothing. Returns the result; 0 for a retry so old that its session has gone
    /// on, to which nobody listens any more.
    pub(crate) fn apply(&mut self, index: Index, asked: Option<(Command, Operation)>) -> Value {
        self.applied = index;
        let Some((command, operation)) = asked else { return 0 };
        let last = self.last(command.client());
        match last.serial.cmp(&command.serial()) {
            Ordering::Less => self.take_effect(index, command, operation),
            Ordering::Equal => last.result,
            Ordering::Greater => 0,
        }
    }

    /// Applies what stands at `index`, whatever the session says. Returns the result.
    pub(crate) fn apply_always(&mut self, index: Index, command: Command, operation: Operation) -> Value {
        self.applied = index;
        self.take_effect(index, command, operation)
    }

    /// What reading the key of `operation` gives now.
    pub(crate) fn read(&self, operation: Operation) -> Value {
        let stored = self.stored.get(operation.key() as usize).copied().unwrap_or(0);
        operation.apply(stored).result
    }

    /// How `command` took effect here, if it is the last of its session that did.
    pub(crate) fn outcome(&self, command: Command) -> Option<Last> {
        Some(self.last(command.client())).filter(|last| last.serial == command.serial())
    }

    /// What it has come to.
    pub(crate) fn state(&self) -> State {
        State { applied: self.applied, hash: self.hash }
    }

    /// How many values and sessions it holds.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        self.stored.len() + self.sessions.len()
    }

    fn last(&self, session: u32) -> Last {
        self.sessions.get(session as usize).copied().unwrap_or_default()
    }

    #[inline]
    fn take_effect(&mut self, index: Index, command: Command, operation: Operation) -> Value {
        let stored = slot(&mut self.stored, operation.key());
        let applied = operation.apply(*stored);
        *stored = applied.stored;
        let last = Last { serial: command.serial(), index, result: applied.result };
        *slot(&mut self.sessions, command.client()) = last;
        self.hash = mix(mix(self.hash, command.word()), applied.result);
        applied.result
    }
}

impl PartialEq for Machine {
    fn eq(&self, other: &Self) -> bool {
        (self.applied, self.hash) == (other.applied, other.hash)
    }
}

/// A place in a table that grows as it is used.
fn slot<T: Clone + Default>(table: &mut Vec<T>, place: u32) -> &mut T {
    let place = place as usize;
    if place >= table.len() {
        table.resize(place + 1, T::default());
    }
    &mut table[place]
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUT: Operation = Operation::Put { key: 3, value: 7 };
    const APPEND: Operation = Operation::Append { key: 3, value: 9 };
    const GET: Operation = Operation::Get { key: 3 };

    fn command(client: u32, serial: u64) -> Command {
        Command::new(client, serial)
    }

    #[test]
    fn equal_commands_in_equal_order_give_equal_states() {
        let run = |order: &[(Command, Operation)], gap: Option<usize>| {
            let mut machine = Machine::default();
            for (at, &asked) in order.iter().enumerate() {
                if gap == Some(at) {
                    machine.apply(at as u64, None);
                }
                machine.apply(at as u64 + 1, Some(asked));
            }
            machine.hash
        };
        let (a, b) = ((command(0, 1), PUT), (command(1, 1), APPEND));
        assert_eq!(run(&[a, b], None), run(&[a, b], Some(1)), "a no-op changes nothing");
        assert_ne!(run(&[a, b], None), run(&[b, a], None));
    }

    #[test]
    fn a_retry_changes_nothing_and_is_answered_as_the_first() {
        let mut machine = Machine::default();
        machine.apply(1, Some((command(0, 1), PUT)));
        let first = machine.apply(2, Some((command(1, 1), APPEND)));
        let (hash, stored) = (machine.hash, machine.read(GET));
        assert_eq!(machine.apply(3, Some((command(1, 1), APPEND))), first);
        assert_eq!((machine.hash, machine.read(GET), machine.applied), (hash, stored, 3));
        assert_eq!(machine.outcome(command(1, 1)).map(|last| last.index), Some(2));
        machine.apply_always(4, command(1, 1), APPEND);
        assert_ne!((machine.hash, machine.read(GET)), (hash, stored));
    }

    #[test]
    fn an_old_retry_does_not_undo_what_came_after_it() {
        let mut machine = Machine::default();
        machine.apply(1, Some((command(0, 1), PUT)));
        machine.apply(2, Some((command(0, 2), APPEND)));
        let stored = machine.read(GET);
        machine.apply(3, Some((command(0, 1), PUT)));
        assert_eq!(machine.read(GET), stored);
        assert_eq!((machine.outcome(command(0, 1)), machine.outcome(command(9, 1))), (None, None));
    }
}
