//! Persist before send (figure 2): no message carries a term, a vote or an acknowledgement that its
//! sender's disk does not hold.
//!
//! Witness: what each disk holds. Terms and votes are judged the moment a message leaves. Whether an
//! acknowledged entry is the one on the disk can only be told once the step is over and the log in memory
//! is known, so what the disk held at that moment is noted and compared then.

use crate::checkers::one_vote_a_term;
use crate::finding::{Fact, Findings};
use crate::ids::Id;
use crate::logs::Log;
use crate::observe::Brief;
use crate::property::Property;
use crate::types::{At, Index, NodeId, Term};

/// What the disks hold besides the logs, and what is still to be judged.
#[derive(Clone, Debug, Default)]
pub(crate) struct PersistBeforeSend {
    nodes: Vec<Sender>,
}

#[derive(Clone, Debug, Default)]
struct Sender {
    term: Term,
    vote: Option<NodeId>,
    /// When the disk came to hold them.
    at: At,
    /// The acknowledgements of a step that is not over.
    acknowledged: Vec<Acknowledged>,
}

#[derive(Clone, Copy, Debug)]
struct Acknowledged {
    index: Index,
    /// What the disk held up to there when the message left.
    durable: Option<Id>,
    to: NodeId,
    at: At,
}

impl PersistBeforeSend {
    pub(crate) fn reset(&mut self, voters: usize) {
        self.nodes.resize_with(voters, Sender::default);
        for node in &mut self.nodes {
            (node.term, node.vote, node.at) = (0, None, At::default());
            node.acknowledged.clear();
        }
    }

    pub(crate) fn durable(&mut self, at: At, term: Term, vote: Option<NodeId>) {
        let node = &mut self.nodes[at.node.slot()];
        (node.term, node.vote, node.at) = (term, vote, at);
    }

    #[inline]
    pub(crate) fn sent(&mut self, at: At, to: NodeId, brief: &Brief, log: &Log, findings: &mut Findings) {
        findings.observe(Property::PersistBeforeSend);
        let node = &mut self.nodes[at.node.slot()];
        let vote = one_vote_a_term::vote(at, to, brief);
        let vote_held = node.term > brief.term || vote.is_none() || node.vote == vote;
        if brief.term > node.term || !vote_held {
            let disk = &*node;
            findings.report(Property::PersistBeforeSend, at, move || disk.facts(at, to, brief));
        }
        if let Some(index) = brief.acknowledged.filter(|&index| index > 0) {
            node.acknowledged.push(Acknowledged { index, durable: log.durable(index), to, at });
        }
    }

    /// Whether a step that is over has acknowledged anything.
    #[inline]
    pub(crate) fn has_spoken(&self, node: NodeId) -> bool {
        !self.nodes[node.slot()].acknowledged.is_empty()
    }

    /// The step is over: `log` shows what the node meant by what it acknowledged.
    #[inline(never)]
    pub(crate) fn stepped(&mut self, at: At, log: &Log, findings: &mut Findings) {
        let acknowledged = &mut self.nodes[at.node.slot()].acknowledged;
        for acknowledged in &*acknowledged {
            if acknowledged.durable.is_none() || acknowledged.durable != log.memory.id(acknowledged.index) {
                findings.report(Property::PersistBeforeSend, at, || acknowledged.facts());
            }
        }
        acknowledged.clear();
    }

    /// The step will never be over.
    pub(crate) fn crashed(&mut self, node: NodeId) {
        self.nodes[node.slot()].acknowledged.clear();
    }
}

impl Sender {
    /// The disk and the message, in words.
    fn facts(&self, at: At, to: NodeId, brief: &Brief) -> Vec<Fact> {
        let vote = match self.vote {
            Some(vote) => format!("a vote for {vote}"),
            None => "no vote".to_owned(),
        };
        let disk = format!("{}'s disk holds term {} and {vote}", at.node, self.term);
        let message = match one_vote_a_term::vote(at, to, brief) {
            Some(vote) => format!("{} voted for {vote} in term {}", at.node, brief.term),
            None => format!("{} sent {} of term {} to {to}", at.node, brief.kind.name(), brief.term),
        };
        vec![Fact::new(self.at, disk), Fact::new(at, message)]
    }
}

impl Acknowledged {
    /// The acknowledgement and the disk, in words.
    fn facts(self) -> Vec<Fact> {
        let (node, index) = (self.at.node, self.index);
        let disk = match self.durable {
            Some(_) => format!("{node}'s disk holds another log up to [{index}] than its memory"),
            None => format!("{node}'s disk does not hold [{index}]"),
        };
        let message = format!("{node} acknowledged [{index}] to {}", self.to);
        vec![Fact::new(self.at, disk), Fact::new(self.at, message)]
    }
}
