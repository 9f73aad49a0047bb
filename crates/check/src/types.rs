//! The few words that everything above this crate shares: who, when, which entry.
//!
//! They are the observer's own, on purpose: a checker that borrowed the node's types would borrow its
//! mistakes. Times are virtual nanoseconds, indexes count from 1, and 0 means "before the first entry".

use std::fmt;
use std::num::NonZeroU64;

/// A Raft term. 0 is the term before the first election.
pub type Term = u64;

/// The index of a log entry, counted from 1. 0 stands for the empty prefix.
pub type Index = u64;

/// Virtual time since the start of a run, in nanoseconds.
pub type Nanos = u64;

/// A node of the cluster, counted from 0 and shown from 1: `NodeId(0)` is `n1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub u8);

impl NodeId {
    /// The most nodes that a cluster may have: sets of nodes are kept in one 64-bit word.
    pub const MAX: usize = 63;

    /// The position of this node in a table by node.
    #[must_use]
    pub fn slot(self) -> usize {
        usize::from(self.0)
    }

    /// This node as a set with one member.
    #[must_use]
    pub fn bit(self) -> u64 {
        1 << self.0
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0 + 1)
    }
}

/// What a client asked for, named and not spelled out: the serial-th request of a client.
///
/// The world knows what the request says; a system under test only orders commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Command(NonZeroU64);

impl Command {
    const SERIAL_BITS: u32 = 40;

    /// The command of the `serial`-th request (from 1) of `client` (from 0).
    ///
    /// # Panics
    ///
    /// When the serial is 0 or either number is too large for its field (2^24 clients, 2^40 serials).
    #[must_use]
    pub fn new(client: u32, serial: u64) -> Self {
        assert!(client < 1 << 24, "client {client} is out of range");
        assert!(serial < 1 << Self::SERIAL_BITS, "serial {serial} is out of range");
        let packed = u64::from(client) << Self::SERIAL_BITS | serial;
        Self(NonZeroU64::new(packed).filter(|_| serial > 0).expect("serials count from 1"))
    }

    /// The client that asked.
    #[must_use]
    pub fn client(self) -> u32 {
        (self.0.get() >> Self::SERIAL_BITS) as u32
    }

    /// Which of the client's requests this is, counted from 1.
    #[must_use]
    pub fn serial(self) -> u64 {
        self.0.get() & ((1 << Self::SERIAL_BITS) - 1)
    }

    /// The command as one word, for systems that carry bytes.
    #[must_use]
    pub fn word(self) -> u64 {
        self.0.get()
    }

    /// The command of a word that `word` gave; `None` for anything else.
    #[must_use]
    pub fn from_word(word: u64) -> Option<Self> {
        let command = Self(NonZeroU64::new(word)?);
        (command.serial() > 0).then_some(command)
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}#{}", self.client() + 1, self.serial())
    }
}

/// A log entry as an observer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// The term in which a leader created it.
    pub term: Term,
    /// The client's command; `None` for what the system writes for itself (a no-op, a configuration).
    pub command: Option<Command>,
}

/// Where and when something happened in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// Virtual time, in nanoseconds.
    pub time: Nanos,
    /// The step: one event handed to one replica, counted from 1.
    pub step: u32,
    /// The node to which it happened.
    pub node: NodeId,
}

/// How many nodes make a majority of `voters`.
///
/// The checker's own arithmetic: it never calls the node's.
#[must_use]
pub fn majority(voters: u32) -> u32 {
    voters / 2 + 1
}
