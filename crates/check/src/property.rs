//! The properties by name: what can be violated, how bad it is, and where Raft promises it.
//!
//! Only the catalogue. How each is checked stands in the checker of its name.

use std::fmt;
use std::str::FromStr;

/// How a property relates to what a user of the cluster sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Its violation is what a user suffers from; the first one ends a run.
    Outcome,
    /// A rule whose breach leads there; it is recorded and the run goes on.
    Early,
}

/// Something that must hold in every run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Property {
    /// At most one leader in a term, ever.
    ElectionSafety,
    /// A leader keeps its own entries.
    LeaderAppendOnly,
    /// Same index and term: same entry, same prefix.
    LogMatching,
    /// A leader holds what was committed in earlier terms.
    LeaderCompleteness,
    /// All replicas apply the same commands in the same order, to the same effect.
    StateMachineSafety,
    /// What a client was told is done stays done.
    AcknowledgedMeansKept,
    /// What clients saw has a legal order.
    Linearizability,
    /// A retried request takes effect once.
    ExactlyOnce,
    /// The cluster serves again once its troubles are over.
    Progress,
    /// The system under test did not panic.
    Panicked,
    /// A leader has votes from a quorum.
    ElectedByAQuorum,
    /// What is committed is on a quorum of disks.
    CommitDurability,
    /// Only entries of the leader's own term are committed by counting.
    CommittedByTheRule,
    /// A node votes once in a term.
    OneVoteATerm,
    /// Terms never fall.
    TermsGoUp,
    /// A message promises only what its sender's disk holds.
    PersistBeforeSend,
    /// Indexes that only grow, and their order.
    Monotonicity,
    /// What clients saw is what the log says, in its order.
    LogOrder,
    /// What a replica reports of its log's changes is what happened to its log.
    Audit,
}

impl Property {
    /// All of them: first those of the paper's figure 3, then the other outcomes, then the early ones.
    pub const ALL: [Self; 19] = [
        Self::ElectionSafety,
        Self::LeaderAppendOnly,
        Self::LogMatching,
        Self::LeaderCompleteness,
        Self::StateMachineSafety,
        Self::AcknowledgedMeansKept,
        Self::Linearizability,
        Self::ExactlyOnce,
        Self::Progress,
        Self::Panicked,
        Self::ElectedByAQuorum,
        Self::CommitDurability,
        Self::CommittedByTheRule,
        Self::OneVoteATerm,
        Self::TermsGoUp,
        Self::PersistBeforeSend,
        Self::Monotonicity,
        Self::LogOrder,
        Self::Audit,
    ];

    /// The name in files and on the command line, such as `state_machine_safety`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ElectionSafety => "election_safety",
            Self::LeaderAppendOnly => "leader_append_only",
            Self::LogMatching => "log_matching",
            Self::LeaderCompleteness => "leader_completeness",
            Self::StateMachineSafety => "state_machine_safety",
            Self::AcknowledgedMeansKept => "acknowledged_means_kept",
            Self::Linearizability => "linearizability",
            Self::ExactlyOnce => "exactly_once",
            Self::Progress => "progress",
            Self::Panicked => "panicked",
            Self::ElectedByAQuorum => "elected_by_a_quorum",
            Self::CommitDurability => "commit_durability",
            Self::CommittedByTheRule => "committed_by_the_rule",
            Self::OneVoteATerm => "one_vote_a_term",
            Self::TermsGoUp => "terms_go_up",
            Self::PersistBeforeSend => "persist_before_send",
            Self::Monotonicity => "monotonicity",
            Self::LogOrder => "log_order",
            Self::Audit => "audit",
        }
    }

    /// The name in prose, such as `state machine safety`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::ElectionSafety => "election safety",
            Self::LeaderAppendOnly => "leader append-only",
            Self::LogMatching => "log matching",
            Self::LeaderCompleteness => "leader completeness",
            Self::StateMachineSafety => "state machine safety",
            Self::AcknowledgedMeansKept => "acknowledged means kept",
            Self::Linearizability => "linearizability",
            Self::ExactlyOnce => "exactly once",
            Self::Progress => "progress",
            Self::Panicked => "panicked",
            Self::ElectedByAQuorum => "elected by a quorum",
            Self::CommitDurability => "commit durability",
            Self::CommittedByTheRule => "committed by the rule",
            Self::OneVoteATerm => "one vote a term",
            Self::TermsGoUp => "terms go up",
            Self::PersistBeforeSend => "persist before send",
            Self::Monotonicity => "monotonicity",
            Self::LogOrder => "log order",
            Self::Audit => "audit",
        }
    }

    /// Where the extended paper promises it, or the thesis; empty where neither has a say.
    #[must_use]
    pub fn section(self) -> &'static str {
        match self {
            Self::ElectionSafety | Self::ElectedByAQuorum | Self::OneVoteATerm => "§5.2",
            Self::LeaderAppendOnly
            | Self::LogMatching
            | Self::AcknowledgedMeansKept
            | Self::CommitDurability => "§5.3",
            Self::LeaderCompleteness => "§5.4",
            Self::StateMachineSafety => "§5.4.3",
            Self::CommittedByTheRule => "§5.4.2",
            Self::TermsGoUp => "§5.1",
            Self::Linearizability | Self::LogOrder => "§8",
            Self::ExactlyOnce => "thesis §6.3",
            Self::Progress => "§5.6",
            Self::PersistBeforeSend | Self::Monotonicity => "figure 2",
            Self::Panicked | Self::Audit => "",
        }
    }

    /// What it demands, in one sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::ElectionSafety => "At most one node ever leads in a term.",
            Self::LeaderAppendOnly => "A leader never overwrites or deletes an entry of its own log.",
            Self::LogMatching => {
                "Entries of the same index and term hold the same command and follow the same prefix."
            }
            Self::LeaderCompleteness => "A leader holds every entry that was committed in an earlier term.",
            Self::StateMachineSafety => {
                "Replicas apply the same command at an index, in order, without gaps, to the same state."
            }
            Self::AcknowledgedMeansKept => {
                "What a client was told is done is durable on a quorum of all disks, and stays so."
            }
            Self::Linearizability => {
                "All that clients were answered fits one order, in which each operation comes after it was \
                 asked for and before it was answered."
            }
            Self::ExactlyOnce => {
                "A request that is applied a second time changes nothing and is answered as the first time."
            }
            Self::Progress => "Once faults end, a new request is answered and all live replicas are equal.",
            Self::Panicked => "The system under test never panics.",
            Self::ElectedByAQuorum => "A leader was granted its term by a quorum of distinct voters.",
            Self::CommitDurability => {
                "An entry that counts as committed is, and stays, durable on a quorum of disks."
            }
            Self::CommittedByTheRule => "A leader moves its commit index only to an entry of its own term.",
            Self::OneVoteATerm => "A node votes for at most one candidate in a term, across restarts too.",
            Self::TermsGoUp => {
                "A term never falls in memory, and none that was sent or stored is forgotten by a restart."
            }
            Self::PersistBeforeSend => {
                "No message carries a term, vote or acknowledgement that its sender's disk does not hold."
            }
            Self::Monotonicity => {
                "Commit, applied and match indexes never go back, and applied <= commit <= last, match < next."
            }
            Self::LogOrder => {
                "Operations take effect in the order of the log, after whatever was done when they were asked \
                 for."
            }
            Self::Audit => "The log that a replica shows is the log that its reported changes add up to.",
        }
    }

    /// Whether it is an outcome or an early sign.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self::ElectionSafety
            | Self::LeaderAppendOnly
            | Self::LogMatching
            | Self::LeaderCompleteness
            | Self::StateMachineSafety
            | Self::AcknowledgedMeansKept
            | Self::Linearizability
            | Self::ExactlyOnce
            | Self::Progress
            | Self::Panicked => Class::Outcome,
            Self::ElectedByAQuorum
            | Self::CommitDurability
            | Self::CommittedByTheRule
            | Self::OneVoteATerm
            | Self::TermsGoUp
            | Self::PersistBeforeSend
            | Self::Monotonicity
            | Self::LogOrder
            | Self::Audit => Class::Early,
        }
    }

    /// This property as a set with one member.
    pub(crate) fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// A name that no property has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownProperty(pub String);

impl fmt::Display for UnknownProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no property is called `{}`", self.0)
    }
}

impl std::error::Error for UnknownProperty {}

impl FromStr for Property {
    type Err = UnknownProperty;

    /// Takes the name or the title.
    fn from_str(text: &str) -> Result<Self, UnknownProperty> {
        let named = |property: &Self| property.name() == text || property.title() == text;
        Self::ALL.into_iter().find(named).ok_or_else(|| UnknownProperty(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_titles_lead_back_to_their_property() {
        for (i, property) in Property::ALL.into_iter().enumerate() {
            assert_eq!(property as usize, i, "{property} is out of order");
            assert_eq!(property.name().parse(), Ok(property));
            assert_eq!(property.title().parse(), Ok(property));
            assert_eq!(property.name(), property.title().replace([' ', '-'], "_"));
            assert!(property.about().ends_with('.'));
        }
    }

    #[test]
    fn other_words_are_refused_by_name() {
        let error = "safety".parse::<Property>().unwrap_err();
        assert_eq!(error.to_string(), "no property is called `safety`");
    }
}
