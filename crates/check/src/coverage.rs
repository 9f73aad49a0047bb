//! Coverage: counts the markers that the calls to the checks show.
//!
//! An observer, not a checker: nothing here is judged, and no checker reads it.

use crate::commits::{Commit, News};
use crate::markers::{Marker, Markers};
use crate::observe::{Brief, Kind, Look, Observe, Role};
use crate::seen::Seen;
use crate::types::{At, Index, NodeId, Term};

/// The counts, and what is needed to recognise the next one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    pub(crate) markers: Markers,
    /// The highest term in which anybody asked for votes.
    election: Election,
    /// For each node the last term in which it asked for votes.
    asked_in: Vec<Term>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Election {
    term: Term,
    candidates: u64,
    won: bool,
}

impl Coverage {
    pub(crate) fn reset(&mut self, voters: usize) {
        self.markers = Markers::default();
        self.election = Election::default();
        self.asked_in.clear();
        self.asked_in.resize(voters, 0);
    }

    /// An AppendEntries leaves a node whose log ended at `last_index` when it was last looked at.
    #[inline]
    pub(crate) fn entries_sent(&mut self, brief: &Brief, last_index: Index) {
        let end = brief.prev_log_index.saturating_add(u64::from(brief.entries));
        if brief.entries > 0 && end < last_index {
            self.markers.add(Marker::FollowerBehind);
        }
    }

    /// A message of an election leaves; `voted` tells whether the node has voted in the message's term.
    pub(crate) fn sent_in_election(
        &mut self,
        at: At,
        to: NodeId,
        brief: &Brief,
        voted: impl FnOnce() -> bool,
    ) {
        if brief.kind == Kind::RequestVote {
            return self.asked(at.node, brief.term);
        }
        let asked = self.asked_in.get(to.slot()) == Some(&brief.term);
        if brief.granted == Some(false) && asked && !voted() {
            self.markers.add(Marker::StaleCandidate);
        }
    }

    fn asked(&mut self, candidate: NodeId, term: Term) {
        self.asked_in[candidate.slot()] = term;
        let election = &mut self.election;
        if term > election.term {
            if election.candidates.count_ones() > 1 && !election.won {
                self.markers.add(Marker::SplitVote);
            }
            *election = Election { term, candidates: 0, won: false };
        }
        if term == election.term {
            election.candidates |= candidate.bit();
        }
    }

    /// A message arrives at a node that is in `term`.
    #[inline]
    pub(crate) fn received(&mut self, brief: &Brief, term: Term) {
        if brief.term > 0 && brief.term < term {
            self.markers.add(Marker::StaleTerm);
        }
    }

    /// A node was looked at; `leaders` are the others that believe that they lead.
    #[inline]
    pub(crate) fn stepped(&mut self, seen: &Seen, leaders: u64, replica: &(impl Observe + ?Sized)) {
        if seen.elected() {
            self.markers.add(Marker::LeaderElected);
            self.election.won |= self.election.term == seen.now.term;
            if leaders != 0 {
                self.markers.add(Marker::TwoLeaders);
            }
        }
        if seen.change.is_some_and(|change| change.removed()) {
            self.markers.add(Marker::Truncated);
        }
        if let Some(Commit { index, news: News::New(entries), .. }) = seen.commit {
            self.markers.add_many(Marker::Commits, entries);
            let (first, last) = (replica.term(index - entries + 1), replica.term(index));
            if seen.leads() && first.is_some() && first < last && last == Some(seen.now.term) {
                self.markers.add(Marker::IndirectCommit);
            }
        }
    }

    /// A node came back with a log up to `last_index` to a cluster that has committed up to `committed`.
    pub(crate) fn restarted(&mut self, last_index: Index, committed: Index) {
        self.markers.add(Marker::Restarts);
        if last_index < committed {
            self.markers.add(Marker::RestartedBehind);
        }
    }

    /// A node crashed that looked like this.
    pub(crate) fn crashed(&mut self, last: &Look) {
        self.markers.add(Marker::Crashes);
        if last.role == Role::Leader && last.last_index > last.commit_index {
            self.markers.add(Marker::LeaderLostEntries);
        }
    }
}
