//! A replicated log as simple as it may be: n1 orders, the others mirror.
//!
//! Nobody but n1 ever stands for election, so nobody else writes an entry of its own, and what n1 sends is on
//! its disk already: the log of a mirror is always a beginning of n1's. Hence there is nothing to compare and
//! nothing to cut off, and everybody who votes votes for n1. What a majority holds is committed. It is no
//! Raft, because without n1 nothing moves, but it keeps every promise of Raft that is about safety, and the
//! world holds it to them.
//!
//! There is no clock in here, no thread, no randomness and no file: a node is told what happens and says what
//! is to be done, in that order.

use whitewater_check::observe::{Brief, Kind, Look, Observe, Role};
use whitewater_check::types::{Command, Entry, Index, Nanos, NodeId, Term, majority};
use whitewater_sim::replica::{Boot, Event, Replica, System, Unsupported};
use whitewater_sim::words::{HardState, NotLeader};
use whitewater_sim::{effects::Effects, plan::SystemChoice};

/// The one that orders.
const FIRST: NodeId = NodeId(0);

/// The system: how it is set, and how a node of it starts.
pub(crate) struct Mirror;

impl System for Mirror {
    type Replica = Node;

    // A scenario may ask for options, or for a planted bug. What a system lacks it refuses by name.
    fn configure(choice: &SystemChoice) -> Result<Self, Unsupported> {
        let lacking = choice.options.keys().chain(&choice.bug).next();
        lacking.map_or(Ok(Self), |name| Err(Unsupported(format!("mirror knows nothing of `{name}`"))))
    }

    // The first start and every restart. All that is left of earlier lives is what the disk holds.
    fn start(&self, boot: Boot<'_>, effects: &mut Effects<'_, Node>) -> Node {
        let Boot { node, heartbeat, hard_state: HardState { term, .. }, log, .. } = boot;
        let look = Look { term, last_index: log.len() as Index, ..Look::default() };
        let (log, held) = (log.to_vec(), vec![0; usize::from(boot.voters)]);
        let mut started = Node { heartbeat, log, held, look, votes: node.bit() };
        if node == FIRST {
            started.look.role = Role::Candidate;
            started.write(term + 1, &[], effects);
            started.tell(effects);
        }
        started
    }
}

/// One node.
pub(crate) struct Node {
    heartbeat: Nanos,
    log: Vec<Entry>,
    /// How much of the log each mirror is known to hold.
    held: Vec<Index>,
    /// Who has voted for n1 in this term, as bits: voters are counted, not votes.
    votes: u64,
    /// Role, term, commit index and the like. A node of your own has words of its own and translates.
    look: Look,
}

impl Replica for Node {
    // What the world wants to know of a message, and the entries. Yours will be a type of your own.
    type Message = (Brief, Vec<Entry>);

    fn handle(&mut self, event: Event<'_, (Brief, Vec<Entry>)>, effects: &mut Effects<'_, Self>) {
        match event {
            Event::Timer(_) => self.tell(effects),
            Event::Message { from, message } if from != FIRST => self.hear(from, message.0, effects),
            Event::Message { message, .. } => self.follow(message.0, &message.1, effects),
            Event::Request { command, .. } if self.leads() => self.order(Some(command), effects),
            Event::Request { command, .. } => effects.refuse(command, NotLeader { hint: Some(FIRST) }),
            // Nobody knows what a disk holds that has failed. To go on would be to lie.
            Event::DiskFailed => return effects.halt(),
            Event::Durable(_) => {}
        }
        self.apply(effects);
    }

    fn describe(message: &(Brief, Vec<Entry>)) -> Brief {
        message.0
    }
}

// What the checks see of a node after each step. Optional, and left out here: `progress`.
impl Observe for Node {
    fn look(&self) -> Look {
        self.look
    }

    fn entry(&self, index: Index) -> Entry {
        self.log[index as usize - 1]
    }

    fn seen(&mut self) {
        self.look.changed_from = None;
    }
}

impl Node {
    fn leads(&self) -> bool {
        self.look.role == Role::Leader
    }

    // One record, then the disk, then the rest of the world: whatever is sent later is true whenever the
    // machine crashes.
    fn write(&mut self, term: Term, entries: &[Entry], effects: &mut Effects<'_, Self>) {
        let from = self.look.last_index + 1;
        self.log.extend_from_slice(entries);
        (self.look.term, self.look.last_index) = (term, self.log.len() as Index);
        self.look.changed_from.get_or_insert(from);
        effects.write(Some(HardState { term, vote: Some(FIRST) }), Some((from, entries)));
        effects.sync();
    }

    fn order(&mut self, command: Option<Command>, effects: &mut Effects<'_, Self>) {
        let term = self.look.term;
        self.write(term, &[Entry { term, command }], effects);
        self.tell(effects);
    }

    // n1 asks for a vote, or sends all that a mirror is not known to hold; and does so again and again.
    fn tell(&mut self, effects: &mut Effects<'_, Self>) {
        effects.set_interval_timer(self.heartbeat);
        let kind = if self.leads() { Kind::AppendEntries } else { Kind::RequestVote };
        let commit_index = self.leads().then_some(self.look.commit_index);
        for peer in (1..self.held.len() as u8).map(NodeId) {
            let prev_log_index = self.held[peer.slot()];
            let sent = if self.leads() { &self.log[prev_log_index as usize..] } else { &[] };
            let (term, entries) = (self.look.term, sent.len() as u32);
            let brief = Brief { kind, term, commit_index, prev_log_index, entries, ..Brief::default() };
            effects.send(peer, &(brief, sent.to_vec()));
        }
    }

    // A mirror takes what follows on its own last entry, and says how much it holds.
    fn follow(&mut self, asked: Brief, entries: &[Entry], effects: &mut Effects<'_, Self>) {
        let known = self.look.last_index.checked_sub(asked.prev_log_index);
        let fresh = known.and_then(|known| entries.get(known as usize..)).unwrap_or(&[]);
        if asked.term > self.look.term || !fresh.is_empty() {
            self.write(asked.term.max(self.look.term), fresh, effects);
        }
        let committed = asked.commit_index.unwrap_or(0).min(self.look.last_index);
        self.look.commit_index = self.look.commit_index.max(committed);
        let votes = asked.kind == Kind::RequestVote;
        let kind = if votes { Kind::RequestVoteReply } else { Kind::AppendEntriesReply };
        let (granted, acknowledged) = (Some(true), Some(self.look.last_index));
        let brief = Brief { kind, term: self.look.term, granted, acknowledged, ..Brief::default() };
        effects.send(FIRST, &(brief, Vec::new()));
    }

    // n1 counts: voters while it stands, holders of its own term's entries when it leads (§5.4.2).
    fn hear(&mut self, from: NodeId, told: Brief, effects: &mut Effects<'_, Self>) {
        let majority = majority(self.held.len() as u32);
        self.votes |= if told.term == self.look.term { from.bit() } else { 0 };
        if !self.leads() && self.votes.count_ones() >= majority {
            self.look.role = Role::Leader;
            self.order(None, effects);
        }
        let index = told.acknowledged.unwrap_or(0);
        self.held[from.slot()] = self.held[from.slot()].max(index);
        let holders = 1 + self.held[1..].iter().filter(|held| **held >= index).count() as u32;
        let own = self.leads() && index > 0 && self.entry(index).term == self.look.term;
        if own && holders >= majority {
            self.look.commit_index = self.look.commit_index.max(index);
        }
    }

    // To the state machine, which is the world's; and to the client of what this leader has ordered.
    fn apply(&mut self, effects: &mut Effects<'_, Self>) {
        while self.look.last_applied < self.look.commit_index {
            self.look.last_applied += 1;
            let Entry { term, command } = self.entry(self.look.last_applied);
            effects.apply(self.look.last_applied, command);
            if let Some(command) = command.filter(|_| self.leads() && term == self.look.term) {
                effects.reply(command, self.look.last_applied);
            }
        }
    }
}
