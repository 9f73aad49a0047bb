//! The state machine that the world gives to every system.
//!
//! Commands are puts of values that no other command writes, so the whole history of applied commands is
//! the state, and a rolling hash of it stands for both. A system under test never sees any of it.

use crate::chance::mix;
use whitewater_check::types::{Command, Index};

/// The state machine of one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Machine {
    /// The last index that was applied.
    pub applied: Index,
    /// The hash of the state after it.
    pub hash: u64,
}

impl Machine {
    /// Applies what stands at `index` and returns the hash of the new state. What a system writes for
    /// itself changes nothing.
    pub(crate) fn apply(&mut self, index: Index, command: Option<Command>) -> u64 {
        self.applied = index;
        if let Some(command) = command {
            self.hash = mix(self.hash, command.word());
        }
        self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_commands_in_equal_order_give_equal_states() {
        let commands = [Command::new(0, 1), Command::new(1, 1)];
        let run = |order: &[usize], gap: Option<usize>| {
            let mut machine = Machine::default();
            for (index, &which) in order.iter().enumerate() {
                if gap == Some(index) {
                    machine.apply(index as u64, None);
                }
                machine.apply(index as u64 + 1, Some(commands[which]));
            }
            machine.hash
        };
        assert_eq!(run(&[0, 1], None), run(&[0, 1], Some(1)), "a no-op changes nothing");
        assert_ne!(run(&[0, 1], None), run(&[1, 0], None));
        assert_ne!(run(&[0], None), run(&[0, 0], None));
    }
}
