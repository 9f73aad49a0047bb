//! What a leader knows about one other server (figure 2: nextIndex and matchIndex), and how boldly it sends.
//!
//! Sending to a server whose log is unknown is a question; sending to one whose log agrees is a stream. The
//! two modes keep the question cheap and the stream fast, and they decide which rejections still mean
//! anything. A stream is gathered into batches, because a network may let messages overtake each other, and one
//! that has overtaken another is refused. This module must not know the log, the messages or the rules.

use crate::types::Index;

/// How many entries are worth a message of their own while others are on their way, unless a message holds fewer.
const WORTH: u64 = 4;

/// A message follows others if it carries more than this part of what is on its way, which bounds how many there are.
const PART: u64 = 4;

/// How a leader sends to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Where the logs agree is not known: one batch on election and after each rejection, and heartbeats that
    /// repeat the question.
    Probe,
    /// The logs agree up to `next_index - 1` if nothing was lost: entries are sent batch after batch, and again
    /// with a heartbeat if they are not acknowledged by then.
    Replicate,
}

/// A leader's view of one other server. It lasts for the leader's term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The next entry to send. Always above `match_index`.
    pub next_index: Index,
    /// The highest entry that the server is known to hold durably. It never goes back.
    pub match_index: Index,
    /// How `next_index` moves.
    pub mode: Mode,
}

impl Progress {
    /// What a new leader assumes whose log ends at `last_index`: nothing is known, and all may be well.
    #[must_use]
    pub fn new(last_index: Index) -> Self {
        Self { next_index: last_index + 1, match_index: 0, mode: Mode::Probe }
    }

    /// The entry whose presence the next message asks for.
    #[must_use]
    pub fn prev_log_index(&self) -> Index {
        self.next_index.saturating_sub(1)
    }

    /// Take in that the server agrees up to `match_index`; says whether that is news. An answer to the present
    /// question, or to a later one, ends probing; an older one only adds to what is known.
    pub fn accept(&mut self, match_index: Index) -> bool {
        if match_index >= self.prev_log_index() {
            self.mode = Mode::Replicate;
            self.next_index = match_index + 1;
        }
        let news = match_index > self.match_index;
        self.match_index = self.match_index.max(match_index);
        news
    }

    /// Whether a rejection of the request with this `prev_log_index` says anything new. While probing there is
    /// one question at a time; in a stream, what the server has acknowledged since is not taken back.
    #[must_use]
    pub fn heeds_rejection(&self, prev_log_index: Index) -> bool {
        match self.mode {
            Mode::Probe => prev_log_index == self.prev_log_index(),
            Mode::Replicate => prev_log_index > self.match_index,
        }
    }

    /// Ask again from `next_index`; says whether that is further back than before.
    pub fn back_up(&mut self, next_index: Index) -> bool {
        let lower = next_index < self.next_index;
        *self = Self { next_index, mode: Mode::Probe, ..*self };
        lower
    }

    /// Whether entries go out now, if the log ends at `last_index` and a message holds `batch` of them (thesis
    /// §10.2.2). With nothing on its way they go at once. Else only a message that is worth its way follows: few
    /// entries wait for an answer, to travel with what comes meanwhile.
    #[must_use]
    pub fn is_ready(&self, last_index: Index, batch: usize) -> bool {
        let batch = batch as u64;
        let entries = (last_index + 1).saturating_sub(self.next_index).min(batch);
        let in_flight = self.prev_log_index().saturating_sub(self.match_index);
        let follows = entries >= WORTH.min(batch) && PART * entries > in_flight;
        self.mode == Mode::Replicate && entries > 0 && (in_flight == 0 || follows)
    }

    /// What was sent and not acknowledged may be lost: send it again (§5.1, servers retry).
    pub fn repeat(&mut self) {
        if self.mode == Mode::Replicate {
            self.next_index = self.match_index + 1;
        }
    }

    /// Everything up to `last_sent` is on its way. A stream goes on behind it, a question stays the same.
    pub fn sent(&mut self, last_sent: Index) {
        if self.mode == Mode::Replicate {
            self.next_index = last_sent + 1;
        }
    }
}
