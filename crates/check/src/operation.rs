//! What clients ask for, and what it does: the definition of the state machine that the world gives to
//! every system.
//!
//! The state is a value for each key, 0 where nothing was ever stored. [`Operation::apply`] is all that can
//! happen to it, so that whoever holds a history can check it with a few lines of a program of their own.
//! This file knows no session, no log and no time.

use crate::types::Command;
use std::fmt;

/// What is stored under a key. 0: nothing.
///
/// The values that clients write are words of commands ([`Command::word`]), so that no two writes store the
/// same and a value tells who wrote it.
pub type Value = u64;

/// The factor of an append: odd, so that no stored value is forgotten, and large, so that order counts.
const APPEND_FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// What undoes the factor, modulo 2^64. Each round of Newton's method doubles the bits that are right; the
/// factor itself is right in three.
const APPEND_INVERSE: u64 = {
    let (mut inverse, mut bits) = (APPEND_FACTOR, 3);
    while bits < 64 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(APPEND_FACTOR.wrapping_mul(inverse)));
        bits *= 2;
    }
    inverse
};

/// What was stored before an append of `value` if `longer` was stored after it.
#[must_use]
pub(crate) fn appended_to(longer: Value, value: Value) -> Value {
    longer.wrapping_sub(value).wrapping_mul(APPEND_INVERSE)
}

/// One operation on one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Reads. The result is what is stored.
    Get {
        /// Where.
        key: u32,
    },
    /// Stores the value. The result is 0.
    Put {
        /// Where.
        key: u32,
        /// What.
        value: Value,
    },
    /// Stores `stored * 0x9e3779b97f4a7c15 + value`, modulo 2^64. The result is what is stored then.
    Append {
        /// Where.
        key: u32,
        /// What is added at the end.
        value: Value,
    },
    /// Stores the value if what is stored equals `expected`. The result is what was stored before.
    CompareAndSet {
        /// Where.
        key: u32,
        /// What must be stored.
        expected: Value,
        /// What is stored instead.
        value: Value,
    },
}

/// What an operation did to the value under its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// What is stored now.
    pub stored: Value,
    /// What the client is answered.
    pub result: Value,
}

impl Operation {
    /// The key that it reads or writes.
    #[must_use]
    pub fn key(self) -> u32 {
        match self {
            Self::Get { key }
            | Self::Put { key, .. }
            | Self::Append { key, .. }
            | Self::CompareAndSet { key, .. } => key,
        }
    }

    /// Whether it can never change anything.
    #[must_use]
    pub fn is_read(self) -> bool {
        matches!(self, Self::Get { .. })
    }

    /// What it does where `stored` is stored under its key.
    #[must_use]
    #[inline]
    pub fn apply(self, stored: Value) -> Applied {
        match self {
            Self::Get { .. } => Applied { stored, result: stored },
            Self::Put { value, .. } => Applied { stored: value, result: 0 },
            Self::Append { value, .. } => {
                let longer = stored.wrapping_mul(APPEND_FACTOR).wrapping_add(value);
                Applied { stored: longer, result: longer }
            }
            Self::CompareAndSet { expected, value, .. } => {
                Applied { stored: if stored == expected { value } else { stored }, result: stored }
            }
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Get { key } => write!(f, "get k{key}"),
            Self::Put { key, value } => write!(f, "put k{key} = {}", Shown(value)),
            Self::Append { key, value } => write!(f, "append k{key} + {}", Shown(value)),
            Self::CompareAndSet { key, expected, value } => {
                write!(f, "cas k{key} {} -> {}", Shown(expected), Shown(value))
            }
        }
    }
}

/// A value in words: `0`, the command whose word it is, or 16 digits for what appends made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown(pub Value);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The mixture that an append makes looks like a command too, but like one of a very large run.
        let likely = |command: &Command| command.client() < 1 << 16 && command.serial() < 1 << 24;
        match Command::from_word(self.0).filter(likely) {
            Some(command) => command.fmt(f),
            None if self.0 == 0 => f.write_str("0"),
            None => write!(f, "{:016x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(stored: Value, result: Value) -> Applied {
        Applied { stored, result }
    }

    #[test]
    fn each_operation_does_what_it_says() {
        assert_eq!(Operation::Get { key: 1 }.apply(7), done(7, 7));
        assert_eq!(Operation::Put { key: 1, value: 9 }.apply(7), done(9, 0));
        let set = Operation::CompareAndSet { key: 1, expected: 7, value: 9 };
        assert_eq!(set.apply(7), done(9, 7));
        assert_eq!(set.apply(8), done(8, 8));
        let longer = 7u64.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(9);
        assert_eq!(Operation::Append { key: 1, value: 9 }.apply(7), done(longer, longer));
    }

    #[test]
    fn the_order_of_appends_counts() {
        let append = |stored, value| Operation::Append { key: 1, value }.apply(stored).stored;
        assert_ne!(append(append(0, 1), 2), append(append(0, 2), 1));
    }

    #[test]
    fn an_append_can_be_undone() {
        for (stored, value) in [(0, 0), (7, 9), (u64::MAX, 1), (APPEND_FACTOR, u64::MAX)] {
            let longer = Operation::Append { key: 1, value }.apply(stored).stored;
            assert_eq!(appended_to(longer, value), stored, "{stored} and {value}");
        }
    }

    #[test]
    fn operations_read_well() {
        let word = |serial| Command::new(0, serial).word();
        let shown = |operation: Operation| operation.to_string();
        assert_eq!(shown(Operation::Get { key: 3 }), "get k3");
        assert_eq!(shown(Operation::Put { key: 3, value: word(4) }), "put k3 = c1#4");
        assert_eq!(shown(Operation::Append { key: 0, value: word(2) }), "append k0 + c1#2");
        let set = Operation::CompareAndSet { key: 3, expected: 0, value: word(5) };
        assert_eq!(shown(set), "cas k3 0 -> c1#5");
        assert_eq!(Shown(APPEND_FACTOR).to_string(), "9e3779b97f4a7c15");
    }
}
