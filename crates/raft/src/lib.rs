//! The Raft consensus algorithm as a state machine without a world: events go in, effects come out.
//!
//! A node is driven by five events and one question. It has no clock, no randomness, no thread and no I/O, and
//! `#![no_std]` keeps it that way. What it wants of its surroundings it writes into a sink, in program order,
//! so that "durable before sent" is a fact about a list and not a hope about threads.
//!
//! | event | method |
//! |---|---|
//! | the process starts, with what its disk holds | [`Node::start`] |
//! | a timer has run out | [`Node::election_timeout`], [`Node::heartbeat_timeout`] |
//! | a message has arrived | [`Node::receive`] |
//! | a client asks for something | [`Node::request`] |
//! | a write of the past is durable now | [`Node::durable`] |
//!
//! # The paper, and where it is
//!
//! Sections are those of the extended paper, "In Search of an Understandable Consensus Algorithm"; `thesis`
//! is Ongaro's dissertation.
//!
//! - **Figure 2, State.** [`State`] has every variable under its own name. What must survive a
//!   crash is [`HardState`] and the [`Log`]; nextIndex and matchIndex are a
//!   [`Progress`] for each server.
//! - **Figure 2, RPCs.** [`Body`] has the two requests and their two replies, and the request of figure 13.
//! - **Figure 2, Rules.** [`Rules`] is the table of all decisions, and
//!   [`Rules::PAPER`] the paper's answers, each a function of a few lines. The node asks
//!   the table and carries out what it says.
//! - **§5.1, terms.** Every message is first asked by [`adopt_term`](rules::adopt_term) whether its term is
//!   newer; [`remembered_vote`](rules::remembered_vote) says what of the vote lives on.
//! - **§5.2, election.** `election.rs`. A vote is given by [`grant_vote`](rules::grant_vote), taken by
//!   [`admit_vote`](rules::admit_vote) and counted by [`has_quorum`](quorum::has_quorum). Random timeouts are the
//!   world's part: each [`set_timer`](effects::Effects::set_timer) with [`Timer::Election`] asks
//!   for a new one, and [`resets_timer`](rules::resets_timer) says when.
//! - **§5.3, replication.** `follower.rs` checks with [`previous_matches`](rules::previous_matches) and changes
//!   its log as [`splice`](rules::splice) says; `leader.rs` learns from
//!   [`acknowledged`](rules::acknowledged) and goes back with [`back_up`](rules::back_up), whose hints let one
//!   round pass a whole term.
//! - **§5.4.1, election restriction.** [`log_up_to_date`](rules::log_up_to_date).
//! - **§5.4.2, earlier terms.** [`commits_by_counting`](rules::commits_by_counting), on top of
//!   [`highest_held`](quorum::highest_held).
//! - **§5.5, crashes.** [`Effects`] says what is durable before what, and
//!   [`Stored`] is what a restarted server begins with.
//! - **§7, figure 13, log compaction.** When the log holds [`snapshot_every`](types::Config::snapshot_every) applied
//!   entries, a [`Snapshot`] takes their place; [`snapshot_up_to`](rules::snapshot_up_to) says of how many. A follower that
//!   needs what is gone is sent the snapshot, and [`install`](rules::install) says what becomes of its log.
//! - **§8, clients.** [`Refused::NotLeader`] redirects, a leader's no-op opens its
//!   term, [`reply`](effects::Effects::reply) says that a command is done. Sessions belong to the state machine.
//! - **thesis §10.2.1, writing in parallel.** A leader sends while its disk writes;
//!   [`own_match_index`](rules::own_match_index) counts only what has become durable.
//!
//! # Deviations
//!
//! - *Replies are messages.* The paper's RPCs pair a reply with its request. Here a reply may come late, twice or
//!   never, so an acceptance names the index that it speaks of, and a rejection names its request.
//! - *The heartbeat on election carries the no-op.* Figure 2 sends an empty one first; one round is saved.
//! - *Two modes of sending* ([`Mode`]). The paper retries at once and sends one thing after
//!   another. Here a leader in doubt asks one question at a time, and a leader in none streams: while something
//!   is on its way only what is worth a message follows (thesis §10.2.2), and heartbeats repeat what was not
//!   acknowledged.
//! - *A snapshot travels in one piece*, by name, and is answered as entries are: the follower holds the leader's log up to
//!   its last index. The state itself is the driver's.
//! - *A node's own snapshot is not synced.* It is one record with the entries that it takes away, and these stay where
//!   they are until it is durable.
//! - *To apply waits for no disk of one's own.* What is committed a majority holds durably. A leader may apply what
//!   its own disk has yet to write (thesis §10.2.1), and so does a follower, which applies before it acknowledges.
//! - *No new message when the commit index moves.* Followers learn of it with the next entries or the next
//!   heartbeat, as figure 2 has it: an extra round would tell them sooner and nobody is waiting for them.
//! - *A leader that receives its own term's AppendEntries ignores it.* With the paper's rules that cannot
//!   happen; with a broken table it shows two leaders, and neither may be talked into overwriting its log.
//! - *Requests without a leader are refused, not kept.* The client knows best how long it wants to wait.
//!
//! # An election by hand
//!
//! Three nodes share one sink that keeps what was sent. The first to lose patience wins.
//!
//! ```
//! use whitewater_raft::effects::{Effects, Reason, Record, Timer};
//! use whitewater_raft::message::{Body, Message};
//! use whitewater_raft::node::{Node, Refused};
//! use whitewater_raft::rules::Rules;
//! use whitewater_raft::types::{Config, Entry, Index, NodeId, Role, Snapshot, Stored};
//!
//! /// A world that is only good for elections: its disk is perfect, and its messages carry no entries.
//! #[derive(Default)]
//! struct World {
//!     sent: Vec<(NodeId, Message<'static, u32>)>,
//! }
//!
//! impl Effects<u32> for World {
//!     fn write(&mut self, _: Record<'_, u32>) {}
//!     fn sync(&mut self) {}
//!     fn sync_async(&mut self, _: Index) {}
//!     fn snapshot(&mut self) -> u64 { 0 }
//!     fn restore(&mut self, _: &Snapshot) {}
//!     fn send(&mut self, to: NodeId, message: Message<'_, u32>) {
//!         let body = match message.body {
//!             Body::RequestVote { last_log_index, last_log_term } => {
//!                 Body::RequestVote { last_log_index, last_log_term }
//!             }
//!             Body::RequestVoteReply { granted } => Body::RequestVoteReply { granted },
//!             Body::AppendEntriesReply(verdict) => Body::AppendEntriesReply(verdict),
//!             Body::InstallSnapshot(snapshot) => Body::InstallSnapshot(snapshot),
//!             Body::AppendEntries { prev_log_index, prev_log_term, leader_commit, .. } => {
//!                 Body::AppendEntries { prev_log_index, prev_log_term, entries: &[], leader_commit }
//!             }
//!         };
//!         self.sent.push((to, Message { term: message.term, body }));
//!     }
//!     fn set_timer(&mut self, _: Timer, _: Reason) {}
//!     fn cancel_timer(&mut self, _: Timer) {}
//!     fn apply(&mut self, _: Index, _: &[Entry<u32>]) {}
//!     fn reply(&mut self, _: Index, _: &u32) {}
//! }
//!
//! let voters: Vec<NodeId> = (0..3).map(NodeId).collect();
//! let mut world = World::default();
//! let start = |id: &NodeId| {
//!     let config = Config { id: *id, voters: voters.clone(), entries_per_append: 64, snapshot_every: 1_000 };
//!     Node::start(config, Rules::PAPER, Stored::default(), &mut world)
//! };
//! let mut nodes: Vec<Node<u32>> = voters.iter().map(start).collect();
//!
//! // n1 hears from nobody, opens term 1 and asks the others for their votes.
//! nodes[0].election_timeout(&mut world);
//! assert_eq!(nodes[0].role(), Role::Candidate);
//!
//! // They have no reason to refuse.
//! for (to, request) in std::mem::take(&mut world.sent) {
//!     nodes[usize::from(to.0)].receive(NodeId(0), request, &mut world);
//! }
//! assert_eq!(nodes[2].voted_for(), Some(NodeId(0)));
//!
//! // The first of the two votes makes a majority. The new leader heartbeats at once.
//! let (_, vote) = world.sent.remove(0);
//! nodes[0].receive(NodeId(1), vote, &mut world);
//! assert_eq!((nodes[0].role(), nodes[0].current_term()), (Role::Leader, 1));
//!
//! // A client that has asked the wrong server is sent to the right one.
//! let (to, heartbeat) = world.sent.pop().unwrap();
//! nodes[usize::from(to.0)].receive(NodeId(0), heartbeat, &mut world);
//! assert_eq!(nodes[2].request(7, &mut world), Err(Refused::NotLeader { hint: Some(NodeId(0)) }));
//! ```
//!
//! # What is left out
//!
//! PreVote and CheckQuorum (thesis §9.6, §6.2), leadership transfer (§3.10), membership changes (§6),
//! linearizable reads without a log entry (§8), snapshots in pieces (figure 13), and a limit on how much is on its way to
//! one server. A cluster is fixed. None of them is needed for safety; each would be another
//! message body or another rule, and no present one would have to change its meaning.

#![no_std]

extern crate alloc;

mod disk;
pub mod effects;
mod election;
mod follower;
mod leader;
pub mod log;
pub mod message;
pub mod node;
pub mod progress;
pub mod quorum;
pub mod rules;
pub mod state;
pub mod types;

pub use crate::effects::{Effects, Reason, Record, Suffix, Timer};
pub use crate::log::Log;
pub use crate::message::{Body, Message, Verdict};
pub use crate::node::{Node, Refused};
pub use crate::progress::{Mode, Progress};
pub use crate::rules::{BackUp, Install, Rules, Splice, View};
pub use crate::state::State;
pub use crate::types::{Config, Entry, HardState, Index, NodeId, Role, Snapshot, Stored, Term};
