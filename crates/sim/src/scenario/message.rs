//! Messages in a scenario file: `{"kind": "append_entries", "from": "n1", "to": ["n2", "n3"], "nth": 2}`.

use crate::plan;
use crate::scenario::draw::{Draw, Drawing};
use crate::scenario::duration::Time;
use crate::scenario::path::Path;
use crate::scenario::target::Nodes;
use schemars::JsonSchema;
use serde::Deserialize;
use whitewater_check::observe;

/// Which messages are dropped or held back, among those that are sent from now on. What is not said narrows
/// nothing: `{}` is every message.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object that describes messages; `{}` is all of them")]
pub(crate) struct MessagePick {
    /// Only messages of this kind.
    pub(crate) kind: Option<Kind>,
    /// Only messages from these nodes.
    pub(crate) from: Option<Nodes>,
    /// Only messages to these nodes.
    pub(crate) to: Option<Nodes>,
    /// Only messages of this term.
    pub(crate) term: Option<Draw<u64>>,
    /// Only the n-th of those that match, counted from 1; without it all of them.
    pub(crate) nth: Option<Draw<u64>>,
}

/// Which messages take how long, or their second copies. What is not said of the messages narrows nothing.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `takes` that describes messages")]
pub(crate) struct Timed {
    /// Only messages of this kind.
    pub(crate) kind: Option<Kind>,
    /// Only messages from these nodes.
    pub(crate) from: Option<Nodes>,
    /// Only messages to these nodes.
    pub(crate) to: Option<Nodes>,
    /// Only messages of this term.
    pub(crate) term: Option<Draw<u64>>,
    /// Only the n-th of those that match, counted from 1; without it all of them.
    pub(crate) nth: Option<Draw<u64>>,
    /// How long it takes.
    pub(crate) takes: Draw<Time>,
}

impl Timed {
    /// Which messages.
    pub(crate) fn pick(&self) -> MessagePick {
        let Self { kind, from, to, term, nth, .. } = self.clone();
        MessagePick { kind, from, to, term, nth }
    }
}

/// A kind of message.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", expecting = "a kind of message such as \"append_entries\"")]
pub(crate) enum Kind {
    /// A candidate asks for a vote.
    RequestVote,
    /// The answer to it.
    RequestVoteReply,
    /// A leader sends entries, or none as a heartbeat.
    AppendEntries,
    /// The answer to it, and to the next.
    AppendEntriesReply,
    /// A leader sends a snapshot in place of entries that it no longer has.
    InstallSnapshot,
}

impl MessagePick {
    /// The pick in one run.
    pub(crate) fn resolve(&self, drawing: &mut Drawing, path: &Path<'_>) -> plan::MessagePick {
        let mut number =
            |name, draw: &Option<Draw<u64>>| draw.as_ref().map(|draw| drawing.value(&path.field(name), draw));
        plan::MessagePick {
            kind: self.kind.map(Kind::observed),
            from: self.from.map_or(u64::MAX, |nodes| nodes.0),
            to: self.to.map_or(u64::MAX, |nodes| nodes.0),
            term: number("term", &self.term),
            nth: number("nth", &self.nth).map(|nth| nth as u32),
        }
    }
}

impl Kind {
    /// The word for a kind of message in a file; `None` for what a system has beyond the paper.
    pub(crate) fn name(kind: observe::Kind) -> Option<&'static str> {
        match kind {
            observe::Kind::RequestVote => Some("request_vote"),
            observe::Kind::RequestVoteReply => Some("request_vote_reply"),
            observe::Kind::AppendEntries => Some("append_entries"),
            observe::Kind::AppendEntriesReply => Some("append_entries_reply"),
            observe::Kind::InstallSnapshot => Some("install_snapshot"),
            observe::Kind::Other => None,
        }
    }

    fn observed(self) -> observe::Kind {
        match self {
            Self::RequestVote => observe::Kind::RequestVote,
            Self::RequestVoteReply => observe::Kind::RequestVoteReply,
            Self::AppendEntries => observe::Kind::AppendEntries,
            Self::AppendEntriesReply => observe::Kind::AppendEntriesReply,
            Self::InstallSnapshot => observe::Kind::InstallSnapshot,
        }
    }
}
