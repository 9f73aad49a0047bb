//! A state machine whose state is a number, and goes by it: what one server captures another one can restore.

use whitewater_raft::{Entry, Index, Snapshot};

use super::Command;

/// A prime, so that no entry is ever forgotten; and so large that short logs can be read off their states.
const STATES: u64 = 999_999_999_989;

/// No-ops of the terms 1, 1 and 2 lead to state 112.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Machine {
    pub(crate) last_applied: Index,
    pub(crate) state: u64,
}

impl Machine {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        Self { last_applied: snapshot.last_index, state: snapshot.state }
    }

    pub(crate) fn apply(&mut self, index: Index, entry: &Entry<Command>) {
        assert_eq!(index, self.last_applied + 1, "an entry is applied out of order");
        let letters = entry.command.iter().flat_map(|command| command.bytes());
        let digit = letters.fold(entry.term, |digit, letter| (digit * 256 + u64::from(letter)) % STATES);
        *self = Self { last_applied: index, state: (self.state * 10 + digit) % STATES };
    }
}
