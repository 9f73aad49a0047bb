//! Markers: what a run should have seen sometimes, so that a green run is not a vacuous one.
//!
//! A marker is no judgement. The observer in `coverage.rs` counts what the calls to the checks show; the
//! world adds, through [`crate::checks::Checks::markers_mut`], what only it can see:
//! [`Marker::WriteLost`], [`Marker::WriteTorn`], [`Marker::Overtaken`], [`Marker::Duplicate`],
//! [`Marker::CommitInPartition`], [`Marker::Redirected`], [`Marker::RetryFromSession`], [`Marker::SnapshotTaken`] and
//! [`Marker::SnapshotInstalled`].

use std::fmt;

/// Something worth having happened in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Marker {
    /// A node became leader.
    LeaderElected,
    /// Two nodes believed at once that they lead.
    TwoLeaders,
    /// Two candidates asked in a term and nobody won it.
    SplitVote,
    /// A vote was refused because the candidate's log was stale.
    StaleCandidate,
    /// A conflicting suffix was removed from a log.
    Truncated,
    /// A leader crashed with uncommitted entries in its log.
    LeaderLostEntries,
    /// An entry of an earlier term was committed by one of the leader's own term.
    IndirectCommit,
    /// A crash lost a write that was not synced.
    WriteLost,
    /// A crash tore a record in two.
    WriteTorn,
    /// A follower needed more entries than one message carries.
    FollowerBehind,
    /// A message arrived before an earlier one of the same link.
    Overtaken,
    /// A message arrived twice.
    Duplicate,
    /// A message of an earlier term arrived.
    StaleTerm,
    /// An entry was committed while the network was partitioned.
    CommitInPartition,
    /// A node came back with a log that ends before the commit index.
    RestartedBehind,
    /// A client was sent from one node to another.
    Redirected,
    /// A retry was answered from the session, without being applied again.
    RetryFromSession,
    /// An entry was committed.
    Commits,
    /// A node crashed.
    Crashes,
    /// A node came back.
    Restarts,
    /// A node took a snapshot.
    SnapshotTaken,
    /// A node restored a snapshot while it ran.
    SnapshotInstalled,
}

impl Marker {
    /// How many there are, for tables by marker.
    pub const COUNT: usize = 22;

    /// All of them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::LeaderElected,
        Self::TwoLeaders,
        Self::SplitVote,
        Self::StaleCandidate,
        Self::Truncated,
        Self::LeaderLostEntries,
        Self::IndirectCommit,
        Self::WriteLost,
        Self::WriteTorn,
        Self::FollowerBehind,
        Self::Overtaken,
        Self::Duplicate,
        Self::StaleTerm,
        Self::CommitInPartition,
        Self::RestartedBehind,
        Self::Redirected,
        Self::RetryFromSession,
        Self::Commits,
        Self::Crashes,
        Self::Restarts,
        Self::SnapshotTaken,
        Self::SnapshotInstalled,
    ];

    /// The word for it in scenario files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LeaderElected => "leader_elected",
            Self::TwoLeaders => "two_leaders",
            Self::SplitVote => "split_vote",
            Self::StaleCandidate => "stale_candidate",
            Self::Truncated => "truncated",
            Self::LeaderLostEntries => "leader_lost_entries",
            Self::IndirectCommit => "indirect_commit",
            Self::WriteLost => "write_lost",
            Self::WriteTorn => "write_torn",
            Self::FollowerBehind => "follower_behind",
            Self::Overtaken => "overtaken",
            Self::Duplicate => "duplicate",
            Self::StaleTerm => "stale_term",
            Self::CommitInPartition => "commit_in_partition",
            Self::RestartedBehind => "restarted_behind",
            Self::Redirected => "redirected",
            Self::RetryFromSession => "retry_from_session",
            Self::Commits => "commits",
            Self::Crashes => "crashes",
            Self::Restarts => "restarts",
            Self::SnapshotTaken => "snapshot_taken",
            Self::SnapshotInstalled => "snapshot_installed",
        }
    }

    /// What one count of it means, in one sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::LeaderElected => "A node became leader.",
            Self::TwoLeaders => "A node became leader while another still believed that it leads.",
            Self::SplitVote => "Two candidates asked for votes in a term and nobody won it.",
            Self::StaleCandidate => "A free vote was refused because the candidate's log was stale.",
            Self::Truncated => "A conflicting suffix was removed from a log.",
            Self::LeaderLostEntries => "A leader crashed with uncommitted entries in its log.",
            Self::IndirectCommit => "An entry of an earlier term was committed by a later one.",
            Self::WriteLost => "A crash lost a write that was not synced.",
            Self::WriteTorn => "A crash tore a record in two.",
            Self::FollowerBehind => "A follower needed more entries than one message carries.",
            Self::Overtaken => "A message arrived before an earlier one of the same link.",
            Self::Duplicate => "A message arrived twice.",
            Self::StaleTerm => "A message of an earlier term arrived.",
            Self::CommitInPartition => "An entry was committed while the network was partitioned.",
            Self::RestartedBehind => "A node came back with a log that ends before the commit index.",
            Self::Redirected => "A client was sent from one node to another.",
            Self::RetryFromSession => "A retry was answered from the session and changed nothing.",
            Self::Commits => "An entry was committed.",
            Self::Crashes => "A node crashed.",
            Self::Restarts => "A node came back.",
            Self::SnapshotTaken => "A node took a snapshot.",
            Self::SnapshotInstalled => "A node restored a snapshot while it ran, not at its start.",
        }
    }

    /// The marker of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|marker| marker.name() == name)
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How often each marker was seen, in a run or in many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Markers {
    counts: [u64; Marker::COUNT],
    seen: u32,
}

impl Markers {
    /// Counts one more.
    #[inline]
    pub fn add(&mut self, marker: Marker) {
        self.add_many(marker, 1);
    }

    /// Counts `times` more.
    #[inline]
    pub fn add_many(&mut self, marker: Marker, times: u64) {
        self.counts[marker as usize] += times;
        self.seen |= u32::from(times > 0) << marker as u32;
    }

    /// How often it was seen.
    #[must_use]
    pub fn count(&self, marker: Marker) -> u64 {
        self.counts[marker as usize]
    }

    /// Which were seen at least once, as a set: the bit of a marker is its place in [`Marker::ALL`].
    #[must_use]
    pub fn seen(&self) -> u32 {
        self.seen
    }

    /// Adds the counts of another run.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.counts.iter_mut().zip(other.counts) {
            *mine += theirs;
        }
        self.seen |= other.seen;
    }

    /// Each marker with its count, in the order of [`Marker::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Marker, u64)> {
        Marker::ALL.into_iter().zip(self.counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_are_single_words() {
        for (i, marker) in Marker::ALL.into_iter().enumerate() {
            assert_eq!(marker as usize, i);
            assert_eq!(Marker::from_name(marker.name()), Some(marker));
            assert!(marker.name().chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        }
        assert_eq!(Marker::from_name("elected"), None);
    }

    #[test]
    fn merging_adds_marker_by_marker() {
        let (mut a, mut b) = (Markers::default(), Markers::default());
        a.add(Marker::Truncated);
        b.add_many(Marker::Truncated, 2);
        b.add(Marker::Crashes);
        a.merge(&b);
        let seen: Vec<_> = a.iter().filter(|&(_, count)| count > 0).collect();
        assert_eq!(seen, [(Marker::Truncated, 3), (Marker::Crashes, 1)]);
        assert_eq!(a.seen(), 1 << Marker::Truncated as u32 | 1 << Marker::Crashes as u32);
    }
}
