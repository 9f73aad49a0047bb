//! Mistakes that break no promise and keep the cluster from its work: timers, and leaders that never get on.
//!
//! Nothing false is ever said. Some show as a run that stalls where progress was possible; most of them only over
//! many runs, with a fault that stays, as elections and waits that take longer than they may.

use crate::bugs::{Bug, Hunt, Plant};
use crate::whitewater::Driver;
use whitewater_check::property::Property;
use whitewater_check::types::Command;
use whitewater_raft::message::Body;
use whitewater_raft::rules::{BackUp, View, adopt_term, back_up, heed_leader};
use whitewater_raft::types::Role;

const PROGRESS: &[Property] = &[Property::Progress];

pub(super) const CANDIDATE_IGNORES_LEADER: Bug = Bug {
    name: "candidate-ignores-leader",
    about: "A candidate does not give way to the leader that its term has got.",
    section: "§5.2",
    properties: PROGRESS,
    seen: &["noraft#24"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Rule(|rules| {
        rules.heed_leader = |view| heed_leader(view) && view.state.role != Role::Candidate;
    }),
};

pub(super) const CANDIDATE_WAITS_FOR_EVER: Bug = Bug {
    name: "candidate-waits-for-ever",
    about: "A candidate has no election timer: an election without a winner is never followed by another.",
    section: "§5.2",
    properties: PROGRESS,
    seen: &["akka-raft#31"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Driver(Driver::CandidateWaits),
};

pub(super) const GIVES_UP_ON_FOLLOWERS: Bug = Bug {
    name: "gives-up-on-followers",
    about: "A leader that has sent ten messages in vain never sends to that server again.",
    section: "§5.3",
    properties: PROGRESS,
    seen: &["dgraph#2707", "canonical/raft#158"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Driver(Driver::GivesUpOnFollowers),
};

pub(super) const HEARTBEATS_TOO_SLOW: Bug = Bug {
    name: "heartbeats-too-slow",
    about: "A leader's heartbeats are further apart than its followers' patience lasts.",
    section: "§5.6",
    properties: PROGRESS,
    seen: &["willemt/raft#48"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Driver(Driver::SlowHeartbeats),
};

pub(super) const IGNORES_HIGHER_TERM_REPLY: Bug = Bug {
    name: "ignores-higher-term-reply",
    about: "A reply with a higher term makes nobody step down; only a request does.",
    section: "figure 2",
    properties: PROGRESS,
    seen: &["verdi-raft#29"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Rule(|rules| {
        rules.adopt_term = |view| adopt_term(view) && !is_reply(&view.message.body);
    }),
};

pub(super) const LEADS_ON_IN_ITS_TERM: Bug = Bug {
    name: "leads-on-in-its-term",
    about: "A leader does not step down when it learns of a higher term.",
    section: "§5.1",
    properties: PROGRESS,
    seen: &["akka-raft#52"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Rule(|rules| {
        rules.adopt_term = |view| adopt_term(view) && view.state.role != Role::Leader;
    }),
};

pub(super) const NEXT_INDEX_STUCK: Bug = Bug {
    name: "next-index-stuck",
    about: "A rejection leaves nextIndex where it is.",
    section: "§5.3",
    properties: PROGRESS,
    seen: &["little-raft#18"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Rule(|rules| {
        rules.back_up = |view| {
            let next_index = view.state.progress(view.from).map(|progress| progress.next_index);
            next_index.map_or_else(|| back_up(view), |next_index| BackUp { next_index, cut_log_to: None })
        };
    }),
};

pub(super) const REDIRECTS_TO_ITSELF: Bug = Bug {
    name: "redirects-to-itself",
    about: "A server that does not lead names itself as the leader to clients.",
    section: "§8",
    properties: PROGRESS,
    seen: &["kvrocks-controller#380", "druid#2294"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Driver(Driver::RedirectsToItself),
};

pub(super) const REFUSES_SHORTER_NEWER_LOG: Bug = Bug {
    name: "refuses-shorter-newer-log",
    about: "A candidate needs a log that is as new and as long; a newer one that is shorter is refused.",
    section: "§5.4.1",
    properties: PROGRESS,
    seen: &["hashicorp/raft#94", "neo4j#6289"],
    hunted_in: Hunt::Default,
    plant: Plant::Rule(|rules| rules.log_up_to_date = is_as_new_and_as_long),
};

pub(super) const RESETS_TIMER_ON_ANY_RPC: Bug = Bug {
    name: "resets-timer-on-any-rpc",
    about: "Any request puts off an election, stale ones and those that are refused too.",
    section: "§5.2",
    properties: PROGRESS,
    seen: &["raft-rs#14", "nats-server#5315", "miniraft-cpp#28"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Rule(|rules| rules.resets_timer = |_, _| true),
};

pub(super) const SAME_TIMEOUT_FOR_ALL: Bug = Bug {
    name: "same-timeout-for-all",
    about: "The election timeout is not random: it is the same for everybody, always.",
    section: "§5.2",
    properties: PROGRESS,
    seen: &["goraft#13", "etcd#4887", "openraft#1838"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Driver(Driver::SameTimeout),
};

pub(super) const VOTES_ONCE_AND_FOR_ALL: Bug = Bug {
    name: "votes-once-and-for-all",
    about: "A new term does not free the vote that was given in an older one.",
    section: "§5.2",
    properties: PROGRESS,
    seen: &["butaneprotocol/oracles#18", "leakey0626/Raft-KV#1"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Rule(|rules| rules.remembered_vote = |state, _| state.voted_for),
};

pub(super) const WAITS_FOR_EVERYBODY: Bug = Bug {
    name: "waits-for-everybody",
    about: "An entry is committed when all servers hold it, and not when a majority does.",
    section: "§5.3",
    properties: PROGRESS,
    seen: &["peterbourgon/raft#8", "gaggle#15"],
    hunted_in: Hunt::Liveness,
    plant: Plant::Rule(|rules| rules.commit_quorum = |voters| voters),
};

fn is_as_new_and_as_long(view: &View<'_, Command>) -> bool {
    let Body::RequestVote { last_log_index, last_log_term } = view.message.body else { return false };
    let log = &view.state.log;
    last_log_term >= log.last_term() && last_log_index >= log.last_index()
}

fn is_reply(body: &Body<'_, Command>) -> bool {
    matches!(body, Body::RequestVoteReply { .. } | Body::AppendEntriesReply(_))
}
