//! The checks of a run: takes what happens, keeps the shared witnesses, and hands each checker its part.
//!
//! The world calls in program order: what a step sends, stores and applies while its effect list runs, then
//! the step itself. Steps of different nodes may overlap, because a sync blocks one process and not the
//! others; whatever belongs to an unfinished step is therefore kept by node. Nothing here judges.

mod snapshots;

use crate::audit;
use crate::checkers::acknowledged::Acknowledged;
use crate::checkers::commit_durability::CommitDurability;
use crate::checkers::committed_by_the_rule;
use crate::checkers::elected_by_a_quorum::ElectedByAQuorum;
use crate::checkers::election_safety::ElectionSafety;
use crate::checkers::exactly_once;
use crate::checkers::leader_append_only;
use crate::checkers::leader_completeness::LeaderCompleteness;
use crate::checkers::linearizability::{Linearizability, call, nobody_asked};
use crate::checkers::log_matching::LogMatching;
use crate::checkers::monotonicity::Monotonicity;
use crate::checkers::one_vote_a_term::OneVoteATerm;
use crate::checkers::persist_before_send::PersistBeforeSend;
use crate::checkers::state_machine_safety::{Applied, StateMachineSafety};
use crate::checkers::terms_go_up::TermsGoUp;
use crate::commits::{Commit, Commits};
use crate::coverage::Coverage;
use crate::finding::{Finding, Findings};
use crate::history::{Effect, History, Told};
use crate::judge::{Judgement, judge};
use crate::logs::{Change, Claim, Log};
use crate::markers::Markers;
use crate::observe::{Brief, Kind, Look, Observe, Role};
use crate::operation::{Operation, Value};
use crate::property::Property;
use crate::seen::{Last, Nodes, Seen};
use crate::types::{At, Command, Entry, Index, NodeId, Term};
use std::ops::RangeInclusive;

/// All checkers of a run with their witnesses.
#[derive(Clone, Debug, Default)]
pub struct Checks {
    nodes: Nodes,
    logs: Vec<Log>,
    commits: Commits,
    history: History,
    election_safety: ElectionSafety,
    log_matching: LogMatching,
    leader_completeness: LeaderCompleteness,
    state_machine_safety: StateMachineSafety,
    acknowledged: Acknowledged,
    linearizability: Linearizability,
    elected_by_a_quorum: ElectedByAQuorum,
    commit_durability: CommitDurability,
    one_vote_a_term: OneVoteATerm,
    terms_go_up: TermsGoUp,
    persist_before_send: PersistBeforeSend,
    monotonicity: Monotonicity,
    coverage: Coverage,
    findings: Findings,
}

/// A state of a state machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The last index that it has applied.
    pub applied: Index,
    /// The hash of the state after it.
    pub hash: u64,
}

/// What was applied first at an index, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstApplied {
    /// The command; `None` where the entry held none.
    pub command: Option<Command>,
    /// What the state machine answered.
    pub result: Value,
    /// The hash of the state after it.
    pub state_hash: u64,
}

impl Checks {
    /// Checks of a cluster without nodes; [`Checks::reset`] gives it some.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Back to the start of a run: `voters` nodes with empty disks and logs. Keeps the memory of the tables.
    ///
    /// # Panics
    ///
    /// When there are no voters or more than [`NodeId::MAX`].
    pub fn reset(&mut self, voters: u32) {
        let nodes = voters as usize;
        assert!((1..=NodeId::MAX).contains(&nodes), "{nodes} voters, and 1 to {} can be", NodeId::MAX);
        self.nodes.reset(nodes);
        self.logs.resize_with(nodes, Log::default);
        self.logs.iter_mut().for_each(Log::clear);
        self.commits.clear();
        self.history.clear();
        self.election_safety.reset();
        self.log_matching.reset();
        self.leader_completeness.reset();
        self.state_machine_safety.reset(nodes);
        self.acknowledged.reset();
        self.linearizability.reset();
        self.elected_by_a_quorum.reset(voters);
        self.commit_durability.reset();
        self.one_vote_a_term.reset(nodes);
        self.terms_go_up.reset(nodes);
        self.persist_before_send.reset(nodes);
        self.monotonicity.reset(nodes);
        self.coverage.reset(nodes);
        self.findings.clear();
    }

    /// A life begins, the first or another one, and its first step is over.
    pub fn started(&mut self, at: At, replica: &(impl Observe + ?Sized)) {
        let now = replica.look();
        let again = self.nodes.started & at.node.bit() != 0;
        self.nodes.forget(at.node);
        let log = &mut self.logs[at.node.slot()];
        log.recover(replica.snapshot());
        self.follow_snapshot(at, replica);
        let log = &self.logs[at.node.slot()];
        let claim = log.claim(&now);
        let change = self.follow_log(at, &now, claim, replica);
        audit::recovered(at, &self.logs[at.node.slot()], now.changed_from, &mut self.findings);
        let seen = self.seen(at, now, change);
        self.terms_go_up.started(&seen, &mut self.findings);
        if again {
            self.coverage.restarted(now.last_index, self.commits.last_index());
        }
        self.judge_look(&seen, replica);
        self.end_of_step(at, &now, replica);
    }

    /// A message leaves; the network has not decided on it yet.
    #[inline]
    pub fn sent(&mut self, at: At, to: NodeId, brief: &Brief) {
        let (findings, log) = (&mut self.findings, &self.logs[at.node.slot()]);
        self.persist_before_send.sent(at, to, brief, log, findings);
        self.terms_go_up.sent(at, brief.term);
        self.monotonicity.touch(at.node, to);
        match brief.kind {
            Kind::AppendEntries => self.coverage.entries_sent(brief, log.memory.last_index()),
            Kind::RequestVote | Kind::RequestVoteReply => self.sent_in_election(at, to, brief),
            Kind::AppendEntriesReply | Kind::InstallSnapshot | Kind::Other => {}
        }
    }

    #[inline(never)]
    fn sent_in_election(&mut self, at: At, to: NodeId, brief: &Brief) {
        self.elected_by_a_quorum.sent(at, to, brief);
        let votes = &self.one_vote_a_term;
        self.coverage.sent_in_election(at, to, brief, || votes.voted(at.node, brief.term));
        let leader = || self.election_safety.leader_of(brief.term);
        self.one_vote_a_term.sent(at, to, brief, leader, &mut self.findings);
    }

    /// A message is about to be handled; called at the start of its step.
    #[inline]
    pub fn received(&mut self, at: At, from: NodeId, brief: &Brief) {
        self.coverage.received(brief, self.nodes.last[at.node.slot()].look.term);
        self.monotonicity.touch(at.node, from);
    }

    /// The node's disk now holds this: a term and vote, and the log from an index on replaced by entries.
    pub fn durable(
        &mut self,
        at: At,
        hard_state: Option<(Term, Option<NodeId>)>,
        suffix: Option<(Index, &[Entry])>,
    ) {
        if let Some((term, vote)) = hard_state {
            self.terms_go_up.durable(at, term);
            self.persist_before_send.durable(at, term, vote);
        }
        let Some((from, entries)) = suffix else { return };
        if self.logs[at.node.slot()].became_durable(from, entries) {
            self.disk_replaced(at, from);
        }
    }

    /// A disk has replaced durable entries from `from` on.
    fn disk_replaced(&mut self, at: At, from: Index) {
        self.commit_durability.replaced(at, from, &self.logs, &self.commits, &mut self.findings);
    }

    /// A client asks for something, for the first time; the node of `at` means nothing. A retry is the same
    /// command again and is not told here.
    ///
    /// # Panics
    ///
    /// When the command is not the next of its session: serials rise by one from 1.
    #[inline]
    pub fn invoked(&mut self, at: At, command: Command, operation: Operation) {
        self.history.invoked(at, command, operation);
    }

    /// The replica applied what stands at `index`: `result` is what the state machine answers to the command
    /// (0 without one), `state_hash` the hash of its state after it. A command that was applied before must
    /// leave the state as it is and answer as the first time.
    #[inline(always)]
    pub fn applied(
        &mut self,
        at: At,
        index: Index,
        command: Option<Command>,
        result: Value,
        state_hash: u64,
    ) {
        let now = Applied { command, result, state_hash, at };
        let first = self.state_machine_safety.applied(index, now, &mut self.findings);
        if let Some(command) = command.filter(|_| first) {
            self.took_effect(index, command, &now);
        }
    }

    /// The replica applied at these indexes what was applied there first, with the same results and states.
    pub fn applied_again(&mut self, at: At, indexes: RangeInclusive<Index>) {
        self.state_machine_safety.applied_again(at, indexes, &mut self.findings);
    }

    /// The client has received an answer, from the node of `at`. `read_at` is the index as of which a read was
    /// answered that did not go through the log. Only the first answer to a command is judged: a client does
    /// not listen to a second one.
    #[inline]
    pub fn answered(&mut self, at: At, command: Command, result: Value, read_at: Option<Index>) {
        let recorded = match self.history.answered(at, command, result, read_at) {
            Told::First(recorded) => recorded,
            Told::Again => return,
            Told::Unasked => return nobody_asked(at, command, "answered", &mut self.findings),
        };
        let last = self.state_machine_safety.last_index();
        self.linearizability.answered(&recorded, last, &self.history, &mut self.findings);
        if let Some(index) = recorded.completed().filter(|&index| index <= last) {
            self.history.complete(index);
            self.acknowledged.answered(at, command, index);
        }
    }

    /// The effect list of a step has run out. The first step of a life goes to [`Checks::started`] instead.
    #[inline]
    pub fn stepped(&mut self, at: At, replica: &(impl Observe + ?Sized)) {
        let now = replica.look();
        if now.is_news(&self.nodes.last[at.node.slot()].look) {
            self.changed(at, &now, replica);
        }
        self.end_of_step(at, &now, replica);
    }

    /// The node's memory is gone, in the middle of a step or between two.
    pub fn crashed(&mut self, at: At) {
        self.coverage.crashed(&self.nodes.last[at.node.slot()].look);
        self.nodes.forget(at.node);
        self.state_machine_safety.crashed(at);
        self.persist_before_send.crashed(at.node);
        self.monotonicity.crashed(at.node);
        self.look_at_acknowledged(at);
    }

    /// The node's disk was emptied: its log, term and vote are gone. What it voted for is not forgotten.
    pub fn wiped(&mut self, at: At) {
        self.durable(at, Some((0, None)), Some((1, &[])));
        self.terms_go_up.wiped(at.node);
        self.look_at_acknowledged(at);
    }

    /// Compares the live replicas with the witnesses and with each other, entry by entry.
    pub fn audit<R: Observe + ?Sized>(&mut self, at: At, replicas: &[(NodeId, &R)]) {
        let up = |&(node, _): &(NodeId, &R)| self.nodes.up & node.bit() != 0;
        let live: Vec<(NodeId, &R)> = replicas.iter().copied().filter(up).collect();
        live.iter().for_each(|&(node, replica)| self.audit_snapshot(At { node, ..at }, replica));
        let findings = &mut self.findings;
        let known = |(node, replica): (NodeId, &R)| {
            replica.look().last_index.min(self.logs[node.slot()].memory.last_index())
        };
        let common = audit::common(&live, live.iter().copied().map(known).min().unwrap_or(0));
        for (i, &(node, replica)) in live.iter().enumerate() {
            let at = At { node, ..at };
            audit::log(at, replica, &self.logs[node.slot()], findings);
            let look = replica.look();
            if look.role == Role::Leader {
                let everybody = u64::MAX >> (64 - self.logs.len());
                self.monotonicity.peers(at, look.term, everybody, replica, findings);
            }
            for &(other, other_replica) in &live[..i] {
                let last = known((node, replica)).min(known((other, other_replica)));
                let (one, other) = ((at, replica), (At { node: other, ..at }, other_replica));
                audit::pair(one, other, (common, last), findings);
            }
        }
        audit::commits(at, &self.commits, &self.logs, findings);
        self.look_at_acknowledged(at);
    }

    /// What a command asks for; `None` when nobody has asked for it.
    #[must_use]
    #[inline]
    pub fn operation(&self, command: Command) -> Option<Operation> {
        self.history.operation(command)
    }

    /// What was applied first at `index`, by any node; `None` where nothing was.
    #[must_use]
    #[inline]
    pub fn first_applied(&self, index: Index) -> Option<FirstApplied> {
        let &Applied { command, result, state_hash, .. } = self.state_machine_safety.first(index)?;
        Some(FirstApplied { command, result, state_hash })
    }

    /// The highest index that any node has applied.
    #[must_use]
    #[inline]
    pub fn last_applied(&self) -> Index {
        self.state_machine_safety.last_index()
    }

    /// Every operation that a client asked for, and what became of it.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Whether the history has a legal order, by the word of the judge: at most `budget` steps of search for
    /// each key. Positions in a judgement are those of [`History::operations`].
    #[must_use]
    pub fn judge(&self, budget: u64) -> Judgement {
        let calls: Vec<_> = self.history.operations().map(call).collect();
        judge(&calls, budget)
    }

    /// What was found so far.
    #[must_use]
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Takes a finding of the world's own: a panic, or a settle phase that did not succeed.
    pub fn report(&mut self, finding: Finding) {
        self.findings.add(finding);
    }

    /// Whether the property was judged at all in this run: "not observed" is not "held".
    #[must_use]
    pub fn observed(&self, property: Property) -> bool {
        self.findings.observed(property)
    }

    /// What was seen so far.
    #[must_use]
    pub fn markers(&self) -> &Markers {
        &self.coverage.markers
    }

    /// For the markers that only the world can see; they are listed in [`crate::markers`].
    pub fn markers_mut(&mut self) -> &mut Markers {
        &mut self.coverage.markers
    }

    /// The index of a command was applied for the first time by any node.
    #[inline(never)]
    fn took_effect(&mut self, index: Index, command: Command, now: &Applied) {
        let findings = &mut self.findings;
        let Some(recorded) = self.history.get(command) else {
            return nobody_asked(now.at, command, "applied", findings);
        };
        let Some(Effect { index: earlier, .. }) = recorded.effect else {
            let result = self.linearizability.took_effect(index, recorded.operation);
            return self.history.took_effect(command, Effect { index, result, at: now.at });
        };
        let row = |index| self.state_machine_safety.first(index).expect("lower indexes were applied before");
        let waits = self.history.is_latest(command);
        exactly_once::applied_again((earlier, row(earlier)), row(index - 1), (index, now), waits, findings);
    }

    /// Something may have been lost.
    fn look_at_acknowledged(&mut self, at: At) {
        self.acknowledged.look(at, &self.logs, &self.commits, &mut self.findings);
    }

    /// A look that differs from the one before.
    #[inline(never)]
    fn changed(&mut self, at: At, now: &Look, replica: &(impl Observe + ?Sized)) {
        let anew = self.logs[at.node.slot()].is_covered_anew(replica.snapshot());
        let replaced = if anew { self.follow_snapshot(at, replica) } else { None };
        let log = &self.logs[at.node.slot()];
        let claim = log.claim(now);
        if !claim.honest {
            audit::unreported(at, log.memory.last_index(), now.last_index, &mut self.findings);
        }
        let change = self.follow_log(at, now, claim, replica);
        let seen = self.seen(at, *now, replaced.or(change));
        TermsGoUp::stepped(&seen, &mut self.findings);
        self.judge_look(&seen, replica);
    }

    /// Reads what changed in the log, unless the change is beyond belief.
    #[inline]
    fn follow_log(
        &mut self,
        at: At,
        now: &Look,
        claim: Claim,
        replica: &(impl Observe + ?Sized),
    ) -> Option<Change> {
        let log = &mut self.logs[at.node.slot()];
        if !claim.believable {
            Monotonicity::unbelievable(at, log.memory.last_index(), now.last_index, &mut self.findings);
            return None;
        }
        let log_matching = &mut self.log_matching;
        log.follow(replica, claim.from, now.last_index, |index, entry, id| {
            log_matching.holds(at, index, entry, id);
        })
    }

    /// The look beside the one before, with the commit index followed as far as the log reaches.
    #[inline]
    fn seen(&mut self, at: At, now: Look, change: Option<Change>) -> Seen {
        let Last { look, at: before_at, committed } = self.nodes.last[at.node.slot()];
        let memory = &self.logs[at.node.slot()].memory;
        let index = now.commit_index;
        let moved = index > committed && index <= now.last_index;
        let commit = memory.id(index).filter(|_| moved).map(|id| {
            let news = self.commits.learn(memory, index);
            Commit { after: committed, index, id, news }
        });
        Seen { at, before: look, before_at, now, change, commit }
    }

    /// Every checker that judges a look, outcomes first.
    #[inline]
    fn judge_look(&mut self, seen: &Seen, replica: &(impl Observe + ?Sized)) {
        let findings = &mut self.findings;
        self.election_safety.stepped(seen, findings);
        leader_append_only::stepped(seen, findings);
        self.log_matching.stepped(seen.at, findings);
        self.leader_completeness.stepped(seen, &self.nodes, &self.logs, findings);
        self.elected_by_a_quorum.stepped(seen, findings);
        self.commit_durability.stepped(seen, &self.logs, findings);
        committed_by_the_rule::stepped(seen, replica, findings);
        self.monotonicity.stepped(seen, replica, findings);
        let others = self.nodes.leaders & !seen.at.node.bit();
        self.coverage.stepped(seen, others, replica);
        self.nodes.remember(seen);
    }

    /// What can be judged even when a look shows nothing new: messages and peers.
    #[inline(always)]
    fn end_of_step(&mut self, at: At, now: &Look, replica: &(impl Observe + ?Sized)) {
        let findings = &mut self.findings;
        if self.persist_before_send.has_spoken(at.node) {
            self.persist_before_send.stepped(at, &self.logs[at.node.slot()], findings);
        }
        self.monotonicity.progress(at, now, replica, findings);
    }
}
