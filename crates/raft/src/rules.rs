//! The decisions of figure 2 as a table of small pure functions, each with its section beside it.
//!
//! The node calls the table that it was given. [`Rules::PAPER`] is what the paper says; a table with one entry
//! replaced is a precise statement of one mistake, and the node needs to know nothing about it. That is also
//! why a [`View`] shows more than the right rule looks at. A rule decides and changes nothing: it must not know
//! the disk, the network or what is done with its decision.

use core::fmt;

use crate::message::{Body, Message, Verdict};
use crate::quorum;
use crate::state::State;
use crate::types::{Index, NodeId, Role, Term};

/// What a rule about a message gets to see.
#[derive(Debug)]
pub struct View<'a, C> {
    /// The receiver's state at this moment of the step.
    pub state: &'a State<C>,
    /// The sender: another voter.
    pub from: NodeId,
    /// The message.
    pub message: &'a Message<'a, C>,
    /// The last index that the receiver's own disk holds durably.
    pub durable_index: Index,
}

/// How the entries of an AppendEntries go into the log. The entries before `skip` stay where they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Splice {
    /// The index at which the log changes: after what a snapshot stands for, and at most one past the end.
    pub from: Index,
    /// How many of the message's entries are not needed, counted from its first.
    pub skip: usize,
    /// Whether what follows the new entries stays. Figure 2 deletes it.
    pub keep_tail: bool,
}

/// How a snapshot that a leader has sent goes into the log (§7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Install {
    /// Whether the entries after those that the snapshot stands for stay.
    pub keep_tail: bool,
}

/// What a leader does about a rejection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackUp {
    /// The new nextIndex for the server that rejected.
    pub next_index: Index,
    /// Where the leader's own log is to end from now on. `None` in the paper: a leader only appends (§5.3).
    pub cut_log_to: Option<Index>,
}

/// The table: what a node asks, one entry a question. The functions of the same names in this module are the
/// paper's answers and say more.
pub struct Rules<C> {
    /// Does the receiver enter the term of this message? Asked of every message first.
    pub adopt_term: fn(&View<'_, C>) -> bool,
    /// What becomes of the vote when the node becomes, or is confirmed as, a follower in a term?
    pub remembered_vote: fn(&State<C>, Term) -> Option<NodeId>,
    /// As far as terms and earlier votes go, may the candidate have this vote? Asked together with
    /// `log_up_to_date`; both must agree.
    pub grant_vote: fn(&View<'_, C>) -> bool,
    /// Is the candidate's log at least as up-to-date as the receiver's?
    pub log_up_to_date: fn(&View<'_, C>) -> bool,
    /// Does the sender of this reply go onto the list of votes?
    pub admit_vote: fn(&View<'_, C>) -> bool,
    /// How many votes elect a leader among so many voters?
    pub election_quorum: fn(usize) -> usize,
    /// How many copies commit an entry among so many voters?
    pub commit_quorum: fn(usize) -> usize,
    /// Is the sender of this AppendEntries the leader of the present term?
    pub heed_leader: fn(&View<'_, C>) -> bool,
    /// Does the log agree with this AppendEntries at `prev_log_index`? Never asked to bridge a gap: a request
    /// whose `prev_log_index` lies beyond the end is rejected, whatever the answer.
    pub previous_matches: fn(&View<'_, C>) -> bool,
    /// Where do the entries of this AppendEntries change the log, if they do?
    pub splice: fn(&View<'_, C>) -> Option<Splice>,
    /// What becomes of the log of a follower that was sent a snapshot? `None` if there is no news in it.
    pub install: fn(&View<'_, C>) -> Option<Install>,
    /// Up to which index does a snapshot stand for the log, when the node takes one?
    pub snapshot_up_to: fn(&State<C>) -> Index,
    /// What is a follower's commit index after this AppendEntries?
    pub follower_commit: fn(&View<'_, C>) -> Index,
    /// May a leader commit this index, now that a quorum holds it?
    pub commits_by_counting: fn(&State<C>, Index) -> bool,
    /// How much of its own log, of which so much is durable, does a leader count as held by itself?
    pub own_match_index: fn(&State<C>, Index) -> Index,
    /// Up to which index does this acceptance say that the logs agree?
    pub acknowledged: fn(&View<'_, C>) -> Index,
    /// Where does the leader go on after this rejection?
    pub back_up: fn(&View<'_, C>) -> BackUp,
    /// Does this request put off the receiver's next election? The flag says whether a vote was just granted.
    pub resets_timer: fn(&View<'_, C>, bool) -> bool,
}

impl<C> Rules<C> {
    /// What the paper says.
    pub const PAPER: Self = Self {
        adopt_term,
        remembered_vote,
        grant_vote,
        log_up_to_date,
        admit_vote,
        election_quorum: quorum::majority,
        commit_quorum: quorum::majority,
        heed_leader,
        previous_matches,
        splice,
        install,
        snapshot_up_to,
        follower_commit,
        commits_by_counting,
        own_match_index,
        acknowledged,
        back_up,
        resets_timer,
    };
}

// Written by hand, because a derive would ask the same of the command.
impl<C> Clone for Rules<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Rules<C> {}

impl<C> fmt::Debug for Rules<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}

/// §5.1: if a request or a reply contains a higher term, the receiver enters it as a follower.
#[must_use]
pub fn adopt_term<C>(view: &View<'_, C>) -> bool {
    view.message.term > view.state.current_term
}

/// §5.2: a vote is for one term. A newer term begins without one; within a term it is never forgotten.
#[must_use]
pub fn remembered_vote<C>(state: &State<C>, term: Term) -> Option<NodeId> {
    if term > state.current_term { None } else { state.voted_for }
}

/// Figure 2, RequestVote: not in an old term, and only if this term's vote is free or went to the candidate.
/// A newer term has been adopted before, so the terms are equal unless the request is stale.
#[must_use]
pub fn grant_vote<C>(view: &View<'_, C>) -> bool {
    let free = view.state.voted_for.is_none_or(|vote| vote == view.from);
    view.message.term == view.state.current_term && free
}

/// §5.4.1: the log whose last entry has the later term is more up-to-date; of two that end in the same term,
/// the longer one.
#[must_use]
pub fn log_up_to_date<C>(view: &View<'_, C>) -> bool {
    let Body::RequestVote { last_log_index, last_log_term } = view.message.body else { return false };
    let log = &view.state.log;
    (last_log_term, last_log_index) >= (log.last_term(), log.last_index())
}

/// §5.2: a candidate counts the servers that voted for it in its present term, each of them once.
#[must_use]
pub fn admit_vote<C>(view: &View<'_, C>) -> bool {
    let state = view.state;
    matches!(view.message.body, Body::RequestVoteReply { granted: true })
        && state.role == Role::Candidate
        && view.message.term == state.current_term
        && !state.votes.contains(&view.from)
}

/// §5.1: a request with an old term is refused.
#[must_use]
pub fn heed_leader<C>(view: &View<'_, C>) -> bool {
    view.message.term >= view.state.current_term
}

/// §5.3, the consistency check: the log has an entry at `prev_log_index`, and its term is `prev_log_term`. By
/// induction the logs are then identical up to there.
#[must_use]
pub fn previous_matches<C>(view: &View<'_, C>) -> bool {
    let Body::AppendEntries { prev_log_index, prev_log_term, .. } = view.message.body else { return false };
    view.state.log.holds(prev_log_index, prev_log_term)
}

/// Figure 2, AppendEntries: an existing entry that conflicts with a new one is deleted with all that follows
/// it, and entries not yet in the log are appended. Entries that are there already stay, and so does what
/// follows them: the request may be short, late or repeated. What a snapshot stands for is there.
#[must_use]
pub fn splice<C>(view: &View<'_, C>) -> Option<Splice> {
    let Body::AppendEntries { prev_log_index, entries, .. } = view.message.body else { return None };
    let log = &view.state.log;
    let covered = log.snapshot().last_index;
    let known = |(index, term): (Index, Term)| index <= covered || log.term_at(index) == Some(term);
    let terms = entries.iter().map(|entry| entry.term);
    let skip = (prev_log_index + 1..).zip(terms).position(|entry| !known(entry))?;
    Some(Splice { from: prev_log_index + 1 + skip as Index, skip, keep_tail: false })
}

/// Figure 13, InstallSnapshot: what is applied already need not come from a snapshot. If the log has the snapshot's last
/// entry, the entries after it are the leader's or will be replaced, and stay, since they may have been acknowledged; if
/// not, all of the log goes.
#[must_use]
pub fn install<C>(view: &View<'_, C>) -> Option<Install> {
    let Body::InstallSnapshot(snapshot) = view.message.body else { return None };
    let news = snapshot.last_index > view.state.commit_index;
    news.then(|| Install {
        keep_tail: view.state.log.term_at(snapshot.last_index) == Some(snapshot.last_term),
    })
}

/// §7: a snapshot is the state after all that was applied, and stands for that and no more.
#[must_use]
pub fn snapshot_up_to<C>(state: &State<C>) -> Index {
    state.last_applied
}

/// Figure 2, AppendEntries: the leader's commit index counts up to the last entry that this request has
/// checked; what follows it may be another leader's. The commit index never goes back.
#[must_use]
pub fn follower_commit<C>(view: &View<'_, C>) -> Index {
    let commit_index = view.state.commit_index;
    let Body::AppendEntries { prev_log_index, entries, leader_commit, .. } = view.message.body else {
        return commit_index;
    };
    commit_index.max(leader_commit.min(prev_log_index + entries.len() as Index))
}

/// §5.4.2: only an entry of the leader's own term is committed by counting copies; earlier ones are committed
/// with it. Figure 8 shows what would happen otherwise.
#[must_use]
pub fn commits_by_counting<C>(state: &State<C>, index: Index) -> bool {
    state.log.term_at(index) == Some(state.current_term)
}

/// thesis §10.2.1: a leader may replicate what its own disk does not hold yet, but it does not count it.
#[must_use]
pub fn own_match_index<C>(_state: &State<C>, durable_index: Index) -> Index {
    durable_index
}

/// Figure 2, rules for leaders: matchIndex follows what the request had carried, which is what the follower
/// repeats. The leader's log may have grown meanwhile.
#[must_use]
pub fn acknowledged<C>(view: &View<'_, C>) -> Index {
    match view.message.body {
        Body::AppendEntriesReply(Verdict::Accepted { match_index }) => match_index,
        Body::AppendEntriesReply(Verdict::Rejected { .. })
        | Body::AppendEntries { .. }
        | Body::InstallSnapshot(_)
        | Body::RequestVote { .. }
        | Body::RequestVoteReply { .. } => 0,
    }
}

/// §5.3: after a rejection nextIndex goes back and the leader tries again, with the paper's hint: past the
/// whole conflicting term at once. If the leader has entries of that term before the conflict, the logs may
/// agree up to the last of them; if not, nothing of the term is the leader's. However the hint may read,
/// nextIndex goes below what was rejected and stays above matchIndex.
#[must_use]
pub fn back_up<C>(view: &View<'_, C>) -> BackUp {
    let progress = view.state.progress(view.from);
    let (known, next_index) = progress.map_or((0, 1), |progress| (progress.match_index, progress.next_index));
    let Body::AppendEntriesReply(Verdict::Rejected { prev_log_index, conflict_term, conflict_index }) =
        view.message.body
    else {
        return BackUp { next_index, cut_log_to: None };
    };
    let last_common = conflict_term.and_then(|term| view.state.log.last_index_of(term));
    let hint = match last_common {
        Some(index) if index < prev_log_index => index + 1,
        Some(_) | None => conflict_index,
    };
    BackUp { next_index: hint.min(prev_log_index).max(known + 1), cut_log_to: None }
}

/// §5.2: a server waits on as long as it hears from the present leader or gives its vote to a candidate.
/// Anything else, a stale request above all, must not keep it from starting an election.
#[must_use]
pub fn resets_timer<C>(view: &View<'_, C>, granted: bool) -> bool {
    let leads = matches!(view.message.body, Body::AppendEntries { .. } | Body::InstallSnapshot(_));
    granted || leads && view.message.term == view.state.current_term
}
