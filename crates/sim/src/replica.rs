//! The contract between a system under test and the world.
//!
//! A replica is driven by events and answers each with effects, in program order, as a server would do
//! them. What the world promises:
//!
//! - **write** hands one atomic record to the disk: the hard state, a suffix of the log replaced, or both; with a
//!   snapshot in place of the first entries, if it has one. It is not durable yet. A crash keeps a drawn prefix of the records that were not synced.
//! - **sync** makes all earlier writes durable and blocks the process: what follows it in the list happens
//!   after that, and events that arrive meanwhile wait in the inbox, as in a single-threaded server.
//!   So "acknowledge before it is durable" is no special fault but the wrong order of effects.
//! - **sync_async** does not block. It comes back as [`Event::Durable`] with its token, in order.
//! - **a timer** is looked at again when it is due: one that was set anew or cancelled meanwhile never
//!   fires. The world draws the election timeout each time it is asked for. A system that counts ticks sets
//!   the interval timer alone and gets what it needs to draw its own timeouts at the start; when a scenario
//!   lets the election timer of such a node run out, it hears of a timer that it never set.
//! - **a step** is one event handed to one replica. It is observed when its list has run out, not in the
//!   middle. A crash in the middle discards memory and the rest of the list; what was sent stays sent.
//! - **the state machine** is the world's: a system says which command is applied at which index, in order
//!   and without gaps, and which command's client may be answered. It knows the clients' sessions, so a
//!   retry that comes through the log twice takes effect once.
//! - **a snapshot** is three effects. `capture` gives the state as it is a name, `write_snapshot` puts the snapshot in
//!   the place of the entries that it stands for, and `restore` puts the state machine of any node into that state.
//!   What travels between nodes is the name.
//! - **a disk that fails** ends the list of the step there and comes back as [`Event::DiskFailed`]. A record
//!   that a crash tore is cut off before the next start; a disk whose synced records are damaged makes that
//!   start not happen.
//! - **a step that does not end** and sends on and on, or goes on behind a sync, is a panic of the system before it
//!   has taken all memory.
//! - **a clock** of its own drives each process: timers run on it, and it may go fast or slow.
//!
//! `tests/contract` takes each sentence above to the test with a probe that is a system of its own, and
//! the crate of systems has two whole adapters.

use crate::effects::Effects;
use crate::plan::SystemChoice;
use crate::words::{HardState, Snapshot, Timer};
use whitewater_check::observe::{Brief, Observe};
use whitewater_check::types::{Command, Entry, Index, Nanos, NodeId};

/// A consensus implementation, set and ready to start replicas.
pub trait System: Sized {
    /// One node of it.
    type Replica: Replica;

    /// Sets the system as a scenario asks.
    ///
    /// # Errors
    ///
    /// An option or bug that the system does not have, named.
    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported>;

    /// Starts or restarts a replica from what its disk holds. The effects are those of its first step.
    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Self::Replica>) -> Self::Replica;
}

/// What the replicas of a system send to each other.
pub(crate) type Message<S> = <<S as System>::Replica as Replica>::Message;

/// One node of a system under test.
pub trait Replica: Observe + Sized {
    /// What it sends. Copied when it is sent; `clone_from` may reuse the memory of an older message.
    type Message: Clone + Default;

    /// Handles one event.
    fn handle(&mut self, event: Event<'_, Self::Message>, effects: &mut Effects<'_, Self>);

    /// What a message says, as far as it can be told.
    fn describe(message: &Self::Message) -> Brief;
}

/// Something that happens to a replica.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a, M> {
    /// A timer has run out.
    Timer(Timer),
    /// A message has arrived.
    Message {
        /// Who sent it.
        from: NodeId,
        /// What it says.
        message: &'a M,
    },
    /// A client asks for a command.
    Request {
        /// What it asks for.
        command: Command,
        /// Whether it only reads. Such a request may go through the log as any other; a system that can tell
        /// that it still leads may answer it with [`Effects::answer`] instead.
        read_only: bool,
    },
    /// Everything written before the `sync_async` of this token is durable.
    Durable(u64),
    /// A write or a sync has failed; what followed it in the effects of its step did not happen, and no sync
    /// that was under way comes back. There is no telling what the disk holds of it: an honest replica stops,
    /// with [`Effects::halt`].
    DiskFailed,
}

/// What a replica is given when it starts.
#[derive(Clone, Copy, Debug)]
pub struct Boot<'a> {
    /// Who it is.
    pub node: NodeId,
    /// How many nodes the cluster has: `NodeId(0)` and up. All of them vote.
    pub voters: u8,
    /// The time between two heartbeats of a leader, in nanoseconds.
    pub heartbeat: Nanos,
    /// The shortest and the longest election timeout, in nanoseconds, for a system that counts ticks. One that
    /// sets the election timer has its timeout drawn by the world.
    pub election_timeout: (Nanos, Nanos),
    /// A number of this node's own, for draws of its own: the same in every life, another for every seed. A
    /// system may use no other source of chance; `chance::mix` makes any number of draws of it.
    pub luck: u64,
    /// The hard state that its disk holds; the default at the first start.
    pub hard_state: HardState,
    /// The snapshot that its disk holds; the default where there is none. Its state is not restored yet.
    pub snapshot: Snapshot,
    /// The log that its disk holds: from index 1, or from the one after the snapshot's last.
    pub log: &'a [Entry],
    /// What can be read of a record at the end that a crash has torn. Its checksum does not match: it is cut
    /// off already, `hard_state`, `snapshot` and `log` know nothing of it, and an honest replica does not look.
    pub torn: Option<TornRecord<'a>>,
}

/// What can be read of a record that a crash has torn.
#[derive(Clone, Copy, Debug)]
pub struct TornRecord<'a> {
    /// The hard state, if it was part of the record.
    pub hard_state: Option<HardState>,
    /// From where on the log was to be replaced, and the entries as they read: the last of them is only half
    /// there, its command is lost. `None` for a record with a snapshot.
    pub suffix: Option<(Index, &'a [Entry])>,
}

/// Something that a scenario asks for and a system lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported(pub String);

impl std::fmt::Display for Unsupported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unsupported {}
