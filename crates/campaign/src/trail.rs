//! The causal trail of a finding: from the step that showed it back to what began it, a word for each step.
//!
//! Every step has one cause: the step that sent its message, set its timer or asked for its sync. The trail
//! follows them and ends where a word comes again, because heartbeats follow heartbeats for ever. So it
//! tells sorts of failures apart and not runs.

use whitewater_check::observe::Kind;
use whitewater_sim::trace::{Record, What};

/// How long a trail is at most.
const LONGEST: usize = 8;

/// Every event that a step can begin with, and its word.
const WORDS: [(What, &str); 12] = [
    (What::Received(Kind::RequestVote), "request_vote"),
    (What::Received(Kind::RequestVoteReply), "request_vote_reply"),
    (What::Received(Kind::AppendEntries), "append_entries"),
    (What::Received(Kind::AppendEntriesReply), "append_entries_reply"),
    (What::Received(Kind::InstallSnapshot), "install_snapshot"),
    (What::Received(Kind::Other), "message"),
    (What::ElectionTimeout, "election_timeout"),
    (What::Interval, "interval"),
    (What::Requested, "request"),
    (What::Durable, "durable"),
    (What::Failed, "disk_failed"),
    (What::Started, "start"),
];

/// The trail of what `step` showed, latest first.
#[must_use]
pub fn trail(trace: &[Record], step: u32) -> Vec<&'static str> {
    let mut words = Vec::new();
    let mut next = step;
    while next != 0 && words.len() < LONGEST {
        // A step begins with the record of its event.
        let Some(record) = trace.iter().find(|record| record.step == next) else { break };
        let Some(word) = word(record.what).filter(|word| !words.contains(word)) else { break };
        words.push(word);
        next = record.cause;
    }
    words
}

/// The word of this text, if a trail may have it.
#[must_use]
pub fn known(text: &str) -> Option<&'static str> {
    WORDS.into_iter().map(|(_, word)| word).find(|word| *word == text)
}

/// The word for the event that a step begins with; `None` for what begins no step.
fn word(what: What) -> Option<&'static str> {
    WORDS.into_iter().find(|(event, _)| *event == what).map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitewater_check::types::NodeId;

    fn record(step: u32, cause: u32, what: What) -> Record {
        let node = NodeId(0);
        Record { time: 0, step, cause, term: 0, a: 0, b: 0, node, peer: node, what }
    }

    #[test]
    fn causes_are_followed_to_the_beginning() {
        let trace = [
            record(1, 0, What::Started),
            record(2, 0, What::Started),
            record(3, 1, What::ElectionTimeout),
            record(3, 0, What::Sent(Kind::RequestVote)),
            record(4, 3, What::Received(Kind::RequestVote)),
            record(4, 9, What::Applied),
        ];
        assert_eq!(trail(&trace, 4), ["request_vote", "election_timeout", "start"]);
        assert_eq!(trail(&trace, 2), ["start"]);
        assert_eq!(trail(&trace, 5), [""; 0], "nothing is known of that step");
    }

    #[test]
    fn a_trail_ends_where_a_word_comes_again() {
        let beats: Vec<Record> = (1..100).map(|step| record(step, step - 1, What::Interval)).collect();
        assert_eq!(trail(&beats, 99), ["interval"]);
    }

    #[test]
    fn words_are_known_again() {
        assert_eq!(known("interval"), Some("interval"));
        assert_eq!(known("heartbeat"), None);
    }
}
