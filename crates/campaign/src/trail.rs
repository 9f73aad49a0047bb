//! The causal trail of a finding: from the step that showed it back to what began it, a word for each step.
//!
//! Every step has one cause: the step that sent its message, set its timer or asked for its sync. The trail
//! follows them and ends where a word comes again, because heartbeats follow heartbeats for ever. So it
//! tells sorts of failures apart and not runs.

use whitewater_check::finding::Finding;
use whitewater_check::observe::Kind;
use whitewater_check::property::Property;
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

/// The trail of a finding, latest first. What is looked for between two steps has none, and no more has what does not
/// happen: the step before has nothing to do with it.
#[must_use]
pub fn trail(trace: &[Record], finding: &Finding) -> Vec<&'static str> {
    let is_of_step = !matches!(finding.property, Property::AcknowledgedMeansKept | Property::Progress);
    if is_of_step { trail_of_step(trace, finding.at.step) } else { Vec::new() }
}

fn trail_of_step(trace: &[Record], step: u32) -> Vec<&'static str> {
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
    use whitewater_check::types::{At, NodeId};

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
        assert_eq!(trail_of_step(&trace, 4), ["request_vote", "election_timeout", "start"]);
        assert_eq!(trail_of_step(&trace, 2), ["start"]);
        assert_eq!(trail_of_step(&trace, 5), [""; 0], "nothing is known of that step");
    }

    #[test]
    fn a_trail_ends_where_a_word_comes_again() {
        let beats: Vec<Record> = (1..100).map(|step| record(step, step - 1, What::Interval)).collect();
        assert_eq!(trail_of_step(&beats, 99), ["interval"]);
    }

    #[test]
    fn what_is_looked_for_between_steps_has_no_trail() {
        let trace = [record(1, 0, What::Started), record(2, 1, What::ElectionTimeout)];
        let at = At { time: 0, step: 2, node: NodeId(0) };
        let trail_of = |property| trail(&trace, &Finding { property, at, facts: Vec::new() });
        assert_eq!(trail_of(Property::LeaderCompleteness), ["election_timeout", "start"]);
        assert_eq!(trail_of(Property::AcknowledgedMeansKept), [""; 0]);
        assert_eq!(trail_of(Property::Progress), [""; 0]);
    }

    #[test]
    fn words_are_known_again() {
        assert_eq!(known("interval"), Some("interval"));
        assert_eq!(known("heartbeat"), None);
    }
}
