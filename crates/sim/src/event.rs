//! What the event queue holds: one word an event.

use crate::words::Timer;
use whitewater_check::types::NodeId;

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheduled {
    /// The message in this slot arrives.
    Deliver(u32),
    /// A timer of this node may be due.
    Timer(NodeId, Timer),
    /// The oldest sync of this node's disk is through, if the node still lives this life.
    Synced(NodeId, u32),
    /// This client makes its next request.
    Tick(u32),
    /// The request in this slot arrives.
    Request(u32),
    /// This act of the timeline is due.
    Act(u32),
    /// What comes later of an act is due.
    Sequel(u32),
    /// This entry of `chaos` strikes.
    Chaos(u32),
    /// Faults and clients end.
    End,
    /// The answer in this slot reaches its client.
    Answer(u32),
    /// The client of this session may have lost patience.
    Patience(u32),
}

const TAG_SHIFT: u32 = 28;
const LIFE_BITS: u32 = 22;

impl Scheduled {
    /// The event as a word. Numbers of more than 28 bits, and lives of more than 22, lose their high bits.
    #[inline(always)]
    pub(crate) fn word(self) -> u32 {
        let (tag, value) = match self {
            Self::Deliver(slot) => (0, slot),
            Self::Timer(node, Timer::Election) => (1, u32::from(node.0)),
            Self::Timer(node, Timer::Interval) => (2, u32::from(node.0)),
            Self::Synced(node, life) => (3, u32::from(node.0) << LIFE_BITS | life & ((1 << LIFE_BITS) - 1)),
            Self::Tick(client) => (4, client),
            Self::Request(slot) => (5, slot),
            Self::Act(act) => (6, act),
            Self::Sequel(number) => (7, number),
            Self::Chaos(chaos) => (8, chaos),
            Self::End => (9, 0),
            Self::Answer(slot) => (10, slot),
            Self::Patience(session) => (11, session),
        };
        tag << TAG_SHIFT | value & ((1 << TAG_SHIFT) - 1)
    }

    /// The event of a word that `word` made.
    pub(crate) fn of_word(word: u32) -> Self {
        let value = word & ((1 << TAG_SHIFT) - 1);
        match word >> TAG_SHIFT {
            0 => Self::Deliver(value),
            1 => Self::Timer(NodeId(value as u8), Timer::Election),
            2 => Self::Timer(NodeId(value as u8), Timer::Interval),
            3 => Self::Synced(NodeId((value >> LIFE_BITS) as u8), value & ((1 << LIFE_BITS) - 1)),
            4 => Self::Tick(value),
            5 => Self::Request(value),
            6 => Self::Act(value),
            7 => Self::Sequel(value),
            8 => Self::Chaos(value),
            10 => Self::Answer(value),
            11 => Self::Patience(value),
            _ => Self::End,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_survives_its_word() {
        let node = NodeId(62);
        for event in [
            Scheduled::Deliver((1 << 28) - 1),
            Scheduled::Timer(node, Timer::Election),
            Scheduled::Timer(node, Timer::Interval),
            Scheduled::Synced(node, (1 << 22) - 1),
            Scheduled::Tick(9),
            Scheduled::Request(8),
            Scheduled::Act(7),
            Scheduled::Sequel(6),
            Scheduled::Answer(4),
            Scheduled::Patience(3),
            Scheduled::Chaos(5),
            Scheduled::End,
        ] {
            assert_eq!(Scheduled::of_word(event.word()), event);
        }
    }
}
