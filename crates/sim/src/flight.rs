//! The flight of a message, from the step that sends it to the end of its way.
//!
//! The watchers see it leave, the network and those who interfere decide on its fate, and only one that will
//! arrive gets an envelope. What it says is copied elsewhere; here a brief of it is all that counts.

use crate::environment::Environment;
use crate::event::Scheduled;
use crate::network::Fate;
use crate::plan::Interference;
use crate::run::MOST_IN_FLIGHT;
use crate::trace::{Detail, What};
use whitewater_check::observe::{Brief, Kind};
use whitewater_check::types::{Index, Nanos, NodeId};

/// How many messages there may be on their way at once. Between two steps a run is given up for fewer, so that only a
/// step that does not end comes to more.
pub(crate) const MOST_SENT: u32 = 4 * MOST_IN_FLIGHT as u32;

/// A message on its way.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Envelope {
    /// What it says, in brief. One that has gone leaves its entries in the memory of the slot.
    pub brief: Brief,
    pub from: NodeId,
    pub to: NodeId,
    /// Its number on the link.
    pub number: u32,
    /// The step that sent it.
    pub sent_in: u32,
    /// Whether it is the second copy.
    pub copy: bool,
}

/// A message that has left: the slot of its envelope, and that of its second copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    pub slot: u32,
    pub copy: Option<u32>,
}

/// What becomes of a message that leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It gets nowhere.
    Ended,
    /// It arrives, and a second copy of it after `copy`.
    Flies { copy: Option<Nanos> },
    /// It stays until interception `by` lets it go.
    Held { by: u32 },
}

impl Environment {
    /// Sends a message: the watchers see it leave, and its fate is decided. It may have an envelope already, in
    /// the slot `ready`. What it says must be put under the slots that are returned; `None` if it is lost.
    #[inline(never)]
    pub(crate) fn send(
        &mut self,
        from: NodeId,
        to: NodeId,
        brief: &Brief,
        ready: Option<u32>,
    ) -> Option<Sent> {
        let at = self.at(from);
        if self.checked {
            self.checks.sent(at, to, brief);
        }
        let (fate, number) = self.network.send(from, to, brief);
        let (what, delay, way) = match self.interceptor.is_idle() && self.story.is_none() {
            true => undisturbed(fate, brief.kind),
            false => self.disturbed(from, to, brief, fate),
        };
        let ends = u64::from(from.0) << 16 | u64::from(to.0) << 8 | brief.kind as u64;
        self.digest.absorb(delay << 24 | ends, brief.term << 32 | u64::from(number));
        let (a, b) = content(brief);
        self.digest.absorb(a, b);
        self.trace.note(at, what, message_detail(to, at.step, brief));
        if way == Way::Ended {
            ready.into_iter().for_each(|slot| self.messages.release(slot));
            return None;
        }
        let slot = ready.unwrap_or_else(|| self.envelope(from, to, brief));
        (self.messages[slot].number, self.messages[slot].copy) = (number, false);
        let copy = match way {
            Way::Flies { copy } => {
                self.schedule(delay, Scheduled::Deliver(slot));
                copy
            }
            Way::Held { by } => {
                self.interceptor.hold(by, slot, delay);
                None
            }
            Way::Ended => None,
        };
        Some(Sent { slot, copy: copy.map(|delay| self.fly_copy(slot, delay)) })
    }

    /// The fate of a message in the hands of those who interfere; it is told as an act if somebody wants that.
    #[cold]
    fn disturbed(&mut self, from: NodeId, to: NodeId, brief: &Brief, fate: Fate) -> (What, Nanos, Way) {
        let (judgement, doubled) = self.interceptor.judge(from, to, brief);
        if let Some(story) = &mut self.story {
            story.sends(from, to, brief, fate, judgement.is_some() || doubled.is_some());
        }
        match (fate, judgement) {
            (_, Some((Interference::Drop, _))) => (What::Dropped(brief.kind), 0, Way::Ended),
            (Fate::Lost | Fate::Arrives { .. }, Some((Interference::Delay(delay), _))) => {
                (What::Sent(brief.kind), delay, Way::Flies { copy: doubled })
            }
            (Fate::Arrives { delay, .. }, Some((Interference::Hold, by))) => {
                (What::Held(brief.kind), delay, Way::Held { by })
            }
            (Fate::Arrives { delay, copy }, Some((Interference::Duplicate(_), _)) | None) => {
                (What::Sent(brief.kind), delay, Way::Flies { copy: doubled.or(copy) })
            }
            (Fate::Cut | Fate::Lost, _) => undisturbed(fate, brief.kind),
        }
    }

    /// An envelope for a message, which it keeps until it arrives. Its slot.
    #[inline]
    pub(crate) fn envelope(&mut self, from: NodeId, to: NodeId, brief: &Brief) -> u32 {
        let slot = self.messages.claim();
        let sent_in = self.processes[from.slot()].step;
        let envelope = &mut self.messages[slot];
        let held = u64::from(envelope.brief.entries);
        self.entries = self.entries.saturating_add(brief.entries.into()).saturating_sub(held);
        (envelope.brief, envelope.from, envelope.to, envelope.sent_in) = (*brief, from, to, sent_in);
        slot
    }

    /// A second copy of a message goes on its way. Its slot.
    #[inline(never)]
    fn fly_copy(&mut self, slot: u32, delay: Nanos) -> u32 {
        let Envelope { brief, from, to, number, .. } = self.messages[slot];
        let copy = self.envelope(from, to, &brief);
        (self.messages[copy].number, self.messages[copy].copy) = (number, true);
        self.schedule(delay, Scheduled::Deliver(copy));
        copy
    }

    /// A message has come to the end of a link that is cut, or to a process that is down, and is gone.
    pub(crate) fn end_of_way(&mut self, slot: u32) {
        let Envelope { from, to, sent_in, brief, .. } = self.messages[slot];
        let cut = self.network.is_cut(from, to);
        let what = if cut { What::Severed(brief.kind) } else { What::Missed(brief.kind) };
        self.note(to, what, message_detail(from, sent_in, &brief));
        self.messages.release(slot);
    }
}

/// The fate of a message with which nobody interferes.
fn undisturbed(fate: Fate, kind: Kind) -> (What, Nanos, Way) {
    match fate {
        Fate::Cut => (What::Cut(kind), 0, Way::Ended),
        Fate::Lost => (What::Lost(kind), 0, Way::Ended),
        Fate::Arrives { delay, copy } => (What::Sent(kind), delay, Way::Flies { copy }),
    }
}

/// What a message says besides its kind and term, as two words.
fn content(brief: &Brief) -> (u64, u64) {
    // A system may say any number.
    let counted = |index: Option<Index>| index.map_or(0, |index| index.wrapping_add(1));
    let granted = brief.granted.map_or(0, |granted| u64::from(granted) + 1);
    (
        brief.prev_log_index << 32 ^ u64::from(brief.entries),
        counted(brief.acknowledged) << 32 ^ counted(brief.commit_index) << 2 ^ granted,
    )
}

/// What a trace says of a message: `a` and `b` are the index and the count, or the index acknowledged.
pub(crate) fn message_detail(peer: NodeId, cause: u32, brief: &Brief) -> Detail {
    let a = brief.acknowledged.unwrap_or(brief.prev_log_index);
    let b = brief.granted.map_or(u64::from(brief.entries), u64::from);
    Detail { cause, peer, term: brief.term, a, b }
}
