//! What a node asks of the world: the disk, the network, the timers, the state machine and the clients.
//!
//! The node writes its effects into the sink one after the other, while it takes its step; nothing is
//! buffered and nothing is allocated. Their order is the only thing that makes a durable promise out of a
//! message, so the comments on [`Effects`] say for each effect what must be durable before what. This module
//! must not know why a node does anything.

use crate::message::Message;
use crate::types::{Entry, HardState, Index, NodeId, Snapshot};

/// The sink of a node's effects, in program order.
///
/// # The contract
///
/// A world that carries effects out in the order in which they arrive, and that lets [`sync`](Self::sync)
/// block, may crash the process between any two of them, and Raft stays safe:
///
/// 1. No message leaves before the term it carries is durable, nor a RequestVote or a granted vote before the
///    vote is: the node calls `write`, `sync`, `send`, in this order. A server that forgets its vote can vote
///    twice in a term (§5.2).
/// 2. No acknowledgement leaves before the entries that it speaks of are durable, and the entries of a follower
///    are durable before it applies them.
/// 3. A leader's own entries may travel before they are durable (thesis §10.2.1): `write`, `sync_async`, `send`.
///    The leader counts them as held by itself only when [`Node::durable`](crate::node::Node::durable) has
///    returned their index. An entry that is committed is therefore durable on a quorum, and the leader's
///    disk need not belong to it.
/// 4. A step that changes the hard state and the log writes both as one record. A crash finds both or neither.
/// 5. A step never ends with a changed term or vote that is not durable.
/// 6. A node's own snapshot need not be synced: the entries that it stands for stay on the disk until it is durable. A
///    snapshot that came from a leader is durable before it is restored or acknowledged.
///
/// A write or sync that fails must stop the process. Nothing here returns an error, since no server may go on
/// after one: what it remembers and what it will find after its restart have parted.
pub trait Effects<C> {
    /// Write one record. All of it survives a crash or none; of several unsynced records a prefix survives.
    ///
    /// By itself it promises nothing to anybody. The node never lets another server depend on a record before
    /// a `sync` or a `sync_async` has covered it.
    fn write(&mut self, record: Record<'_, C>);

    /// Block until every record written so far is durable. What follows in the list happens after that.
    ///
    /// Precedes, in one step: any message with a new term, a RequestVote, a granted vote, an accepted
    /// AppendEntries that brought something new. It covers records for which a `sync_async` is still on its
    /// way, too; that one comes back nevertheless.
    fn sync(&mut self);

    /// Begin to make every record written so far durable, and go on at once.
    ///
    /// It comes back as [`Node::durable`](crate::node::Node::durable) with the same `up_to`: once for each
    /// call, and in the order of the calls. Until then the leader does not count its own copy of the entries
    /// up to `up_to`; whether others hold them does not wait for it.
    fn sync_async(&mut self, up_to: Index);

    /// Send a message. It may be lost, delayed, overtaken or delivered twice.
    ///
    /// Everything that the message says about its sender is durable by now, except for the entries of a
    /// leader's AppendEntries and its commit index: a crashed leader takes back neither, since it has promised
    /// only to have proposed the ones, and others hold durably what the other covers.
    fn send(&mut self, to: NodeId, message: Message<'_, C>);

    /// Let a timer run from now on, in place of an earlier deadline of the same timer. How long it runs is the
    /// world's choice: for the election timer a new random time at each call (§5.2).
    fn set_timer(&mut self, timer: Timer, reason: Reason);

    /// Stop a timer. It must not fire until it is set again.
    fn cancel_timer(&mut self, timer: Timer);

    /// Hand committed entries, the first of which stands at `first`, to the state machine: every index once in a
    /// node's life, in order, without gaps, no-ops too.
    ///
    /// They are durable on a quorum. On the node's own disk that may still be to come, so a state machine with a
    /// disk of its own must not run ahead of the log's.
    fn apply(&mut self, first: Index, entries: &[Entry<C>]);

    /// Take a snapshot of the state machine as it is now, when it has applied as much as the node has handed to it, and
    /// return a name for it. A `write` of a [`Snapshot`] that bears the name comes right after it.
    fn snapshot(&mut self) -> u64;

    /// Put the state machine into the state of a snapshot, of this node or of another one, whatever its own is (§7). The
    /// next entry that is applied is the one after it. Comes at a start, before everything else, if the disk holds a
    /// snapshot, and after the `sync` of one that a leader has sent.
    fn restore(&mut self, snapshot: &Snapshot);

    /// The client whose command stands at `index` may be told that it is done (§8). Comes right after the
    /// `apply` of the same index, and only from the leader that created the entry in its present term.
    fn reply(&mut self, index: Index, command: &C);
}

/// One atomic write: what a step changes in the hard state, in the snapshot and in the log, in this order.
#[derive(Debug, PartialEq, Eq)]
pub struct Record<'a, C> {
    /// The new hard state, if it has changed.
    pub hard_state: Option<HardState>,
    /// A snapshot that takes the place of all entries up to its last, and of the snapshot before it. Entries after it
    /// stay, as far as there are any, unless the new end of the log says otherwise.
    pub snapshot: Option<Snapshot>,
    /// The new end of the log, if it has changed.
    pub suffix: Option<Suffix<'a, C>>,
}

/// The log from `from` on is replaced by `entries`; with no entries it ends before `from`.
#[derive(Debug, PartialEq, Eq)]
pub struct Suffix<'a, C> {
    /// The first index that is replaced, or the one after the last if entries are only added.
    pub from: Index,
    /// All that the log holds from there on.
    pub entries: &'a [Entry<C>],
}

// Written by hand for the same reason as those of `Message`: a derive would ask for `C: Copy`.
impl<C> Clone for Record<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Record<'_, C> {}

impl<C> Clone for Suffix<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Suffix<'_, C> {}

/// The two deadlines that a node can wait for. At most one of them runs at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// Runs while the node does not lead; fires as [`Node::election_timeout`](crate::node::Node::election_timeout).
    Election,
    /// Runs while the node leads; fires as [`Node::heartbeat_timeout`](crate::node::Node::heartbeat_timeout).
    Heartbeat,
}

/// Why a deadline was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The node has started and waits for a leader.
    Started,
    /// The node has opened an election and will open another if this one has no winner (§5.2).
    Campaigning,
    /// The node was asked for its vote and has given it (§5.2).
    GrantedVote,
    /// The leader of the current term has made itself heard (§5.2).
    HeardLeader,
    /// The node led until now, and a newer term has ended that (§5.1).
    SteppedDown,
    /// The node leads and will send its next heartbeats (§5.2).
    Leading,
}
