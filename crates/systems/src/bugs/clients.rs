//! Mistakes about clients (§8): what they are told, when, and how often their requests take effect.
//!
//! The log may be in perfect order; only who looks at what clients saw can tell. All of them are the driver's.

use crate::bugs::{Bug, Hunt, Plant};
use crate::whitewater::Driver;
use whitewater_check::property::Property;

pub(super) const ANSWERS_BEFORE_COMMIT: Bug = Bug {
    name: "answers-before-commit",
    about: "A leader tells a client that a write is done as soon as it stands in its own log.",
    section: "§5.3",
    properties: &[Property::AcknowledgedMeansKept, Property::Linearizability, Property::LogOrder],
    seen: &["horizontal-scaling-convex#100", "hraftd#6"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::AnswersBeforeCommit),
};

pub(super) const APPLIES_RETRY_TWICE: Bug = Bug {
    name: "applies-retry-twice",
    about: "A request that was retried and stands in the log twice takes effect twice.",
    section: "§8",
    properties: &[Property::ExactlyOnce, Property::Linearizability],
    seen: &["etcd#18424", "ra#145"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::AppliesRetriesTwice),
};

pub(super) const FORGETS_SESSIONS_WITH_THE_LEADER: Bug = Bug {
    name: "forgets-sessions-with-the-leader",
    about: "Sessions last for one leader's term: a retry with the next leader takes effect again.",
    section: "§8",
    properties: &[Property::ExactlyOnce, Property::Linearizability],
    seen: &["curvine#676"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::ForgetsSessions),
};

pub(super) const READS_FROM_FOLLOWERS: Bug = Bug {
    name: "reads-from-followers",
    about: "Any server answers a read from its own state.",
    section: "§8",
    properties: &[Property::Linearizability, Property::LogOrder],
    seen: &["openraft#157", "raftos#15"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::ReadsFromFollowers),
};

pub(super) const READS_LOCALLY: Bug = Bug {
    name: "reads-locally",
    about: "A leader answers a read from its own state without hearing a majority.",
    section: "§8",
    properties: &[Property::Linearizability, Property::LogOrder],
    seen: &["etcd#7331", "consul#54", "d-engine#381"],
    hunted_in: Hunt::Small,
    plant: Plant::Driver(Driver::ReadsLocally),
};

pub(super) const TRUSTS_ITS_LEASE: Bug = Bug {
    name: "trusts-its-lease",
    about: "A leader answers reads by itself for half a second after a majority has answered it, which is longer \
            than an election takes.",
    section: "thesis §6.4.1",
    properties: &[Property::Linearizability, Property::LogOrder],
    seen: &["tikv#964", "sofa-jraft#34"],
    hunted_in: Hunt::Default,
    plant: Plant::Driver(Driver::TrustsItsLease),
};
