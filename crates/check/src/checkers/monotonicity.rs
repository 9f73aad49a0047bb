//! Monotonicity (figure 2): commit and applied indexes never go back within a life, matchIndex never within
//! a leader's term; and matchIndex < nextIndex, applied <= commit <= last.
//!
//! Witness: the look before, and for each leader and peer the highest matchIndex. A step looks only at the
//! peers that it dealt with; the audit looks at all of them.

use crate::finding::{Fact, Findings};
use crate::observe::{Look, Observe, Role};
use crate::property::Property;
use crate::seen::Seen;
use crate::types::{At, Index, NodeId, Term};

/// The match indexes, and which of them to look at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Monotonicity {
    voters: usize,
    /// By leader, then by peer.
    matched: Vec<Matched>,
    /// For each node the peers that its present step dealt with, as a set.
    touched: Vec<u64>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Matched {
    index: Index,
    at: At,
}

impl Monotonicity {
    pub(crate) fn reset(&mut self, voters: usize) {
        self.voters = voters;
        self.matched.clear();
        self.matched.resize(voters * voters, Matched::default());
        self.touched.clear();
        self.touched.resize(voters, 0);
    }

    /// The present step of `node` deals with `peer`.
    #[inline]
    pub(crate) fn touch(&mut self, node: NodeId, peer: NodeId) {
        if peer.slot() < self.voters {
            self.touched[node.slot()] |= peer.bit();
        }
    }

    pub(crate) fn crashed(&mut self, node: NodeId) {
        self.touched[node.slot()] = 0;
    }

    #[inline]
    pub(crate) fn stepped(
        &mut self,
        seen: &Seen,
        replica: &(impl Observe + ?Sized),
        findings: &mut Findings,
    ) {
        findings.observe(Property::Monotonicity);
        let (before, now) = (&seen.before, &seen.now);
        let falls = now.commit_index < before.commit_index || now.last_applied < before.last_applied;
        // What a snapshot stands for is committed, whether or not a commit index that is not durable has caught up with it.
        let ahead = now.last_applied > now.commit_index && now.last_applied > replica.snapshot().0;
        let crosses = ahead || now.commit_index > now.last_index;
        if falls || crosses {
            report(seen, findings);
        }
        if seen.elected() {
            let row = seen.at.node.slot() * self.voters;
            self.matched[row..row + self.voters].fill(Matched::default());
        }
    }

    /// The peers of the step, if the node leads.
    #[inline]
    pub(crate) fn progress(
        &mut self,
        at: At,
        now: &Look,
        replica: &(impl Observe + ?Sized),
        findings: &mut Findings,
    ) {
        let peers = std::mem::take(&mut self.touched[at.node.slot()]);
        if peers != 0 && now.role == Role::Leader {
            self.peers(at, now.term, peers, replica, findings);
        }
    }

    /// What the leader believes of these peers.
    #[inline(never)]
    pub(crate) fn peers(
        &mut self,
        at: At,
        term: Term,
        mut peers: u64,
        replica: &(impl Observe + ?Sized),
        findings: &mut Findings,
    ) {
        while peers != 0 {
            let peer = NodeId(peers.trailing_zeros() as u8);
            peers &= peers - 1;
            self.peer(at, term, peer, replica, findings);
        }
    }

    #[inline]
    fn peer(
        &mut self,
        at: At,
        term: Term,
        peer: NodeId,
        replica: &(impl Observe + ?Sized),
        findings: &mut Findings,
    ) {
        let Some(progress) = replica.progress(peer) else { return };
        let (index, next) = (progress.match_index, progress.next_index);
        let matched = &mut self.matched[at.node.slot() * self.voters + peer.slot()];
        if index < matched.index {
            let before = *matched;
            let text = move |index| format!("{} in term {term} has matchIndex {index} for {peer}", at.node);
            let facts = move || vec![Fact::new(before.at, text(before.index)), Fact::new(at, text(index))];
            findings.report(Property::Monotonicity, at, facts);
        } else if next <= index {
            let text = move |what, index| format!("{} in term {term} has {what} {index} for {peer}", at.node);
            let facts = move || {
                vec![Fact::new(at, text("matchIndex", index)), Fact::new(at, text("nextIndex", next))]
            };
            findings.report(Property::Monotonicity, at, facts);
        }
        if index > matched.index {
            *matched = Matched { index, at };
        }
    }

    /// A look whose log changed by more than can be believed.
    #[cold]
    pub(crate) fn unbelievable(at: At, last_before: Index, last: Index, findings: &mut Findings) {
        findings.report(Property::Monotonicity, at, || {
            let before = format!("{} was followed up to [{last_before}]", at.node);
            let now = format!("{} reports a last index of {last}: too far to be believed", at.node);
            vec![Fact::new(at, before), Fact::new(at, now)]
        });
    }
}

/// The first of the four rules that a look breaks, in words.
#[cold]
fn report(seen: &Seen, findings: &mut Findings) {
    let (node, before, now) = (seen.at.node, &seen.before, &seen.now);
    let commit = |index| format!("{node} has commit index {index}");
    let applied = |index| format!("{node} has applied up to [{index}]");
    let last = |index| format!("{node} has a log up to [{index}]");
    let facts = if now.commit_index < before.commit_index {
        [(seen.before_at, commit(before.commit_index)), (seen.at, commit(now.commit_index))]
    } else if now.last_applied < before.last_applied {
        [(seen.before_at, applied(before.last_applied)), (seen.at, applied(now.last_applied))]
    } else if now.last_applied > now.commit_index {
        [(seen.at, commit(now.commit_index)), (seen.at, applied(now.last_applied))]
    } else {
        [(seen.at, last(now.last_index)), (seen.at, commit(now.commit_index))]
    };
    let facts = || facts.into_iter().map(|(at, text)| Fact::new(at, text)).collect();
    findings.report(Property::Monotonicity, seen.at, facts);
}
