//! Exact interference with messages: drop this one, hold that one back until it is released.
//!
//! An interception is put in force by an act and looks at every message that is sent from then on. It picks
//! by kind, sender, receiver and term, and either all that match or the n-th. Messages that nobody picks keep
//! their luck: fates are drawn by address, interfered with or not.

use crate::plan::{Interference, MessagePick};
use whitewater_check::observe::{Brief, Kind};
use whitewater_check::types::{Nanos, NodeId};

/// One interception in force.
#[derive(Clone, Copy, Debug)]
struct Interception {
    id: u32,
    pick: MessagePick,
    interference: Interference,
    /// How many messages have matched so far.
    matched: u32,
}

/// A message that is held back: its slot, and how long it has to travel once it is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    by: u32,
    /// The message.
    pub slot: u32,
    /// Its time on the way, in nanoseconds.
    pub delay: Nanos,
}

/// All interceptions of a run.
#[derive(Debug, Default)]
pub(crate) struct Interceptor {
    inforce: Vec<Interception>,
    held: Vec<Held>,
}

impl Interceptor {
    /// No interception.
    pub(crate) fn reset(&mut self) {
        self.inforce.clear();
        self.held.clear();
    }

    /// Puts one in force.
    pub(crate) fn begin(&mut self, id: u32, pick: MessagePick, interference: Interference) {
        self.inforce.push(Interception { id, pick, interference, matched: 0 });
    }

    /// Whether nobody interferes with anything that is sent.
    pub(crate) fn is_idle(&self) -> bool {
        self.inforce.is_empty()
    }

    /// What is done to a message that is being sent, and by which interception: the first that picks it. Beside
    /// that, how long a second copy takes, if the message is to be doubled.
    pub(crate) fn judge(
        &mut self,
        from: NodeId,
        to: NodeId,
        brief: &Brief,
    ) -> (Option<(Interference, u32)>, Option<Nanos>) {
        let (mut judgement, mut copy) = (None, None);
        for interception in self.inforce.iter_mut().filter(|one| one.pick.matches(from, to, brief)) {
            interception.matched += 1;
            let picked = interception.pick.nth.is_none_or(|nth| nth == interception.matched);
            if let Interference::Duplicate(takes) = interception.interference {
                copy = copy.or(Some(takes).filter(|_| picked));
            } else if picked && judgement.is_none() {
                judgement = Some((interception.interference, interception.id));
            }
        }
        (judgement, copy)
    }

    /// Whether one node cannot count on another's hearing it: messages, or all of a kind, are dropped or held
    /// between them.
    pub(crate) fn severs(&self, from: NodeId, to: NodeId) -> bool {
        self.takes_all(from, to, |_| true)
    }

    /// Whether one node cannot count on another's hearing it as its leader, or as its follower.
    pub(crate) fn severs_replication(&self, from: NodeId, to: NodeId) -> bool {
        self.takes_all(from, to, |kind| !matches!(kind, Kind::RequestVote | Kind::RequestVoteReply))
    }

    /// Whether all messages, or all of a kind that counts, are dropped or held between two nodes.
    fn takes_all(&self, from: NodeId, to: NodeId, counts: impl Fn(Kind) -> bool) -> bool {
        let all = |one: &Interception| {
            (one.pick.term, one.pick.nth) == (None, None)
                && one.pick.kind.is_none_or(&counts)
                && matches!(one.interference, Interference::Drop | Interference::Hold)
        };
        let between = |pick: &MessagePick| pick.from & from.bit() != 0 && pick.to & to.bit() != 0;
        self.inforce.iter().any(|one| all(one) && between(&one.pick))
    }

    /// Keeps a message that interception `by` holds back.
    pub(crate) fn hold(&mut self, by: u32, slot: u32, delay: Nanos) {
        self.held.push(Held { by, slot, delay });
    }

    /// What is held back.
    pub(crate) fn held(&self) -> impl Iterator<Item = &Held> {
        self.held.iter()
    }

    /// Ends the interception `id`. What it held back is released, in the order in which it was sent.
    pub(crate) fn end(&mut self, id: u32) -> Vec<Held> {
        self.end_those(|other| other == id)
    }

    /// Ends all interceptions but these.
    pub(crate) fn end_all_but(&mut self, standing: &[u32]) -> Vec<Held> {
        self.end_those(|id| !standing.contains(&id))
    }

    fn end_those(&mut self, ends: impl Fn(u32) -> bool) -> Vec<Held> {
        self.inforce.retain(|one| !ends(one.id));
        let (released, held) = self.held.iter().partition(|held| ends(held.by));
        self.held = held;
        released
    }

    /// Releases all that is held back, and holds nothing back any more; drops stay in force.
    pub(crate) fn release(&mut self) -> Vec<Held> {
        self.inforce.retain(|one| one.interference != Interference::Hold);
        std::mem::take(&mut self.held)
    }
}

impl MessagePick {
    fn matches(&self, from: NodeId, to: NodeId, brief: &Brief) -> bool {
        self.from & from.bit() != 0
            && self.to & to.bit() != 0
            && self.kind.is_none_or(|kind| kind == brief.kind)
            && self.term.is_none_or(|term| term == brief.term)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: MessagePick = MessagePick { kind: None, from: u64::MAX, to: u64::MAX, term: None, nth: None };

    fn judge(interceptor: &mut Interceptor, from: u8, to: u8, kind: Kind, term: u64) -> Option<Interference> {
        let brief = Brief { kind, term, ..Brief::default() };
        interceptor.judge(NodeId(from), NodeId(to), &brief).0.map(|(interference, _)| interference)
    }

    #[test]
    fn every_part_of_a_pick_narrows_it() {
        let picks = [
            (ANY, true),
            (MessagePick { kind: Some(Kind::AppendEntries), ..ANY }, true),
            (MessagePick { kind: Some(Kind::RequestVote), ..ANY }, false),
            (MessagePick { from: 0b10, ..ANY }, true),
            (MessagePick { from: 0b01, ..ANY }, false),
            (MessagePick { to: 0b01, ..ANY }, true),
            (MessagePick { to: 0b10, ..ANY }, false),
            (MessagePick { term: Some(4), ..ANY }, true),
            (MessagePick { term: Some(5), ..ANY }, false),
        ];
        for (pick, picked) in picks {
            let mut interceptor = Interceptor::default();
            interceptor.begin(1, pick, Interference::Drop);
            assert_eq!(judge(&mut interceptor, 1, 0, Kind::AppendEntries, 4).is_some(), picked, "{pick:?}");
        }
    }

    #[test]
    fn a_server_whose_requests_for_votes_are_lost_can_follow() {
        let mut interceptor = Interceptor::default();
        interceptor.begin(
            1,
            MessagePick { kind: Some(Kind::RequestVote), from: 0b1, ..ANY },
            Interference::Drop,
        );
        let severed = |from, to| {
            let (from, to) = (NodeId(from), NodeId(to));
            (interceptor.severs(from, to), interceptor.severs_replication(from, to))
        };
        assert_eq!((severed(0, 1), severed(1, 0)), ((true, false), (false, false)));
    }

    #[test]
    fn the_nth_is_counted_among_those_that_match() {
        let mut interceptor = Interceptor::default();
        interceptor.begin(
            1,
            MessagePick { kind: Some(Kind::RequestVote), nth: Some(2), ..ANY },
            Interference::Drop,
        );
        let kinds = [Kind::RequestVote, Kind::AppendEntries, Kind::RequestVote, Kind::RequestVote];
        let dropped = kinds.map(|kind| judge(&mut interceptor, 0, 1, kind, 1).is_some());
        assert_eq!(dropped, [false, false, true, false]);
    }

    #[test]
    fn a_message_may_be_late_and_come_twice_at_once() {
        let nth = |nth| MessagePick { nth: Some(nth), ..ANY };
        let mut interceptor = Interceptor::default();
        interceptor.begin(1, nth(2), Interference::Delay(7));
        interceptor.begin(2, nth(2), Interference::Duplicate(9));
        interceptor.begin(3, nth(3), Interference::Duplicate(5));
        let brief = Brief { kind: Kind::AppendEntries, ..Brief::default() };
        let judged: Vec<_> = (0..4).map(|_| interceptor.judge(NodeId(0), NodeId(1), &brief)).collect();
        let late = Some((Interference::Delay(7), 1));
        assert_eq!(judged, [(None, None), (late, Some(9)), (None, Some(5)), (None, None)]);
        assert!(!interceptor.severs(NodeId(0), NodeId(1)), "what is late still comes");
    }

    #[test]
    fn what_is_held_is_released_by_its_own_end_or_all_at_once() {
        let mut interceptor = Interceptor::default();
        interceptor.begin(1, ANY, Interference::Hold);
        interceptor.begin(2, ANY, Interference::Drop);
        assert_eq!(judge(&mut interceptor, 0, 1, Kind::Other, 0), Some(Interference::Hold));
        interceptor.hold(1, 10, 5);
        interceptor.hold(3, 11, 6);
        assert_eq!(interceptor.end(1).iter().map(|held| held.slot).collect::<Vec<_>>(), [10]);
        assert_eq!(judge(&mut interceptor, 0, 1, Kind::Other, 0), Some(Interference::Drop));
        assert_eq!(interceptor.release().len(), 1);
        assert!(
            interceptor.end_all_but(&[]).is_empty()
                && judge(&mut interceptor, 0, 1, Kind::Other, 0).is_none()
        );
    }
}
