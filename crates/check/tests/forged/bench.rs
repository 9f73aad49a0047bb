//! A bench for forged traces: replicas that are whatever a test says, and the checks that watch them.

use whitewater_check::checks::{Checks, State};
use whitewater_check::finding::Finding;
use whitewater_check::observe::{Brief, Kind, Look, Observe, Progress, Role};
use whitewater_check::operation::{Operation, Value};
use whitewater_check::property::Property;
use whitewater_check::types::{At, Command, Entry, Index, NodeId, Term};

/// A replica without a mind of its own.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fake {
    pub(crate) role: Role,
    pub(crate) term: Term,
    pub(crate) commit: Index,
    pub(crate) applied: Index,
    /// The whole log; what a snapshot stands for must not be looked at.
    pub(crate) log: Vec<Entry>,
    /// The last index that a snapshot stands for, and the term of the entry that stood there.
    pub(crate) snapshot: (Index, Term),
    /// Reported instead of the log's length.
    pub(crate) claimed_last: Option<Index>,
    /// From where the log changed since the last look.
    pub(crate) changed: Option<Index>,
    /// By peer: match and next index.
    pub(crate) progress: Vec<Option<(Index, Index)>>,
}

impl Observe for Fake {
    fn look(&self) -> Look {
        Look {
            role: self.role,
            term: self.term,
            commit_index: self.commit,
            last_applied: self.applied,
            last_index: self.claimed_last.unwrap_or(self.log.len() as Index),
            changed_from: self.changed,
        }
    }

    fn entry(&self, index: Index) -> Entry {
        assert!(index > self.snapshot.0, "nobody has [{index}] any more");
        self.log[index as usize - 1]
    }

    fn snapshot(&self) -> (Index, Term) {
        self.snapshot
    }

    fn seen(&mut self) {
        self.changed = None;
    }

    fn progress(&self, peer: NodeId) -> Option<Progress> {
        let (match_index, next_index) = self.progress.get(peer.slot()).copied().flatten()?;
        Some(Progress { match_index, next_index })
    }
}

/// An entry with the serial-th command of the first client; 0 is a no-op.
pub(crate) fn entry(term: Term, serial: u64) -> Entry {
    Entry { term, command: (serial > 0).then(|| Command::new(0, serial)) }
}

/// Entries of (term, serial) pairs.
pub(crate) fn entries(pairs: &[(Term, u64)]) -> Vec<Entry> {
    pairs.iter().map(|&(term, serial)| entry(term, serial)).collect()
}

/// A cluster of fakes under the checks. Nodes are numbered from 1, as they are shown.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) checks: Checks,
    pub(crate) fakes: Vec<Fake>,
    step: u32,
    /// How many operations each client has asked for.
    asked: Vec<u64>,
}

impl Bench {
    /// A cluster that has not started.
    pub(crate) fn cold(voters: u32) -> Self {
        let mut checks = Checks::new();
        checks.reset(voters);
        Self { checks, fakes: vec![Fake::default(); voters as usize], step: 0, asked: vec![] }
    }

    /// A cluster in which every node has started from nothing.
    pub(crate) fn new(voters: u32) -> Self {
        let mut bench = Self::cold(voters);
        (1..=voters as u8).for_each(|n| bench.start(n));
        bench
    }

    pub(crate) fn fake(&mut self, n: u8) -> &mut Fake {
        &mut self.fakes[usize::from(n) - 1]
    }

    /// The next step, at node `n`.
    pub(crate) fn at(&mut self, n: u8) -> At {
        self.step += 1;
        At { time: u64::from(self.step) * 1000, step: self.step, node: NodeId(n - 1) }
    }

    pub(crate) fn start(&mut self, n: u8) {
        let at = self.at(n);
        self.checks.started(at, &self.fakes[usize::from(n) - 1]);
        self.fake(n).seen();
    }

    pub(crate) fn step(&mut self, n: u8) {
        let at = self.at(n);
        self.checks.stepped(at, &self.fakes[usize::from(n) - 1]);
        self.fake(n).seen();
    }

    pub(crate) fn crash(&mut self, n: u8) {
        let at = self.at(n);
        self.checks.crashed(at);
    }

    /// A fresh life from the log and term given, as the disk should hold them.
    pub(crate) fn restart(&mut self, n: u8, term: Term, log: Vec<Entry>) {
        *self.fake(n) = Fake { term, log, ..Fake::default() };
        self.start(n);
    }

    pub(crate) fn disk(&mut self, n: u8, term: Term, vote: Option<u8>) {
        let at = self.at(n);
        self.checks.durable(at, Some((term, vote.map(|vote| NodeId(vote - 1)))), None);
    }

    pub(crate) fn disk_log(&mut self, n: u8, from: Index, entries: &[Entry]) {
        let at = self.at(n);
        self.checks.durable(at, None, Some((from, entries)));
    }

    /// The disk of node `n` has a snapshot up to this index, of this term, and these entries were written after it.
    pub(crate) fn disk_snapshot(&mut self, n: u8, last: (Index, Term), tail: &[(Term, u64)]) {
        let at = self.at(n);
        let tail = entries(tail);
        self.checks.durable_snapshot(at, last, Some((last.0.saturating_add(1), &tail)), &tail);
    }

    /// Node `n` restores a snapshot up to `index` whose state has applied so far and has this hash.
    pub(crate) fn restore(&mut self, n: u8, index: Index, applied: Index, hash: u64) {
        let at = self.at(n);
        self.checks.restored(at, index, State { applied, hash });
    }

    pub(crate) fn send(&mut self, n: u8, to: u8, brief: Brief) {
        let at = self.at(n);
        self.checks.sent(at, NodeId(to - 1), &brief);
    }

    pub(crate) fn receive(&mut self, n: u8, from: u8, brief: Brief) {
        let at = self.at(n);
        self.checks.received(at, NodeId(from - 1), &brief);
    }

    /// Applies the serial-th command of the first client, which has asked for it.
    pub(crate) fn apply(&mut self, n: u8, index: Index, serial: u64, hash: u64) {
        while self.asked.first().is_none_or(|&asked| asked < serial) {
            self.ask(1, Operation::Put { key: 1, value: serial });
        }
        let at = self.at(n);
        self.checks.applied(at, index, entry(0, serial).command, 0, hash);
    }

    /// The next operation of client `c`, counted from 1, as clients are shown.
    pub(crate) fn ask(&mut self, c: u32, operation: Operation) -> Command {
        let client = c as usize - 1;
        self.asked.resize(self.asked.len().max(client + 1), 0);
        self.asked[client] += 1;
        let command = Command::new(c - 1, self.asked[client]);
        let at = self.at(1);
        self.checks.invoked(at, command, operation);
        command
    }

    /// Node `n` applies a command with this result, and its state is then `hash`.
    pub(crate) fn apply_with(&mut self, n: u8, index: Index, command: Command, result: Value, hash: u64) {
        let at = self.at(n);
        self.checks.applied(at, index, Some(command), result, hash);
    }

    /// Node `n` answers a client.
    pub(crate) fn answer(&mut self, n: u8, command: Command, result: Value) {
        let at = self.at(n);
        self.checks.answered(at, command, result, None);
    }

    /// Node `n` answers a read from its state as of an index, without the log.
    pub(crate) fn answer_at(&mut self, n: u8, command: Command, result: Value, read_at: Index) {
        let at = self.at(n);
        self.checks.answered(at, command, result, Some(read_at));
    }

    pub(crate) fn wipe(&mut self, n: u8) {
        let at = self.at(n);
        self.checks.wiped(at);
    }

    /// Node `n` replaces its log from `from` on, in memory; the step is looked at.
    pub(crate) fn log(&mut self, n: u8, from: Index, new: &[(Term, u64)]) {
        let fake = self.fake(n);
        fake.log.truncate(from as usize - 1);
        fake.log.extend(entries(new));
        fake.changed = Some(from);
        self.step(n);
    }

    /// As `log`, and the disk has it before the step ends.
    pub(crate) fn log_durably(&mut self, n: u8, from: Index, new: &[(Term, u64)]) {
        self.disk_log(n, from, &entries(new));
        self.log(n, from, new);
    }

    /// In the log of node `n` a snapshot stands for what is up to `index`, and nothing else has changed; the step is looked
    /// at.
    pub(crate) fn compact(&mut self, n: u8, index: Index) {
        let fake = self.fake(n);
        (fake.snapshot, fake.changed) = ((index, fake.log[index as usize - 1].term), Some(index + 1));
        self.step(n);
    }

    /// A snapshot that stands for this log takes the place of that of node `n`; the step is looked at.
    pub(crate) fn install(&mut self, n: u8, log: &[(Term, u64)]) {
        self.fake(n).log = entries(log);
        self.compact(n, log.len() as Index);
    }

    pub(crate) fn commit(&mut self, n: u8, index: Index) {
        self.fake(n).commit = index;
        self.step(n);
    }

    pub(crate) fn role(&mut self, n: u8, role: Role, term: Term) {
        (self.fake(n).role, self.fake(n).term) = (role, term);
        self.step(n);
    }

    /// Node `n` stands in `term`, is voted for by `voters` in an orderly way, and does not lead yet.
    pub(crate) fn votes(&mut self, n: u8, term: Term, voters: &[u8]) {
        self.disk(n, term, Some(n));
        for &voter in voters {
            self.send(n, voter, request(term));
        }
        self.role(n, Role::Candidate, term);
        for &voter in voters {
            self.disk(voter, term, Some(n));
            self.send(voter, n, granted(term, true));
            self.role(voter, Role::Follower, term);
        }
    }

    /// Node `n` is elected in an orderly way.
    pub(crate) fn elect(&mut self, n: u8, term: Term, voters: &[u8]) {
        self.votes(n, term, voters);
        self.role(n, Role::Leader, term);
    }

    pub(crate) fn audit(&mut self) {
        let at = self.at(1);
        let replicas: Vec<_> =
            self.fakes.iter().enumerate().map(|(i, fake)| (NodeId(i as u8), fake)).collect();
        self.checks.audit(at, &replicas);
    }

    /// Nothing at all was found.
    #[track_caller]
    pub(crate) fn assert_clean(&self) {
        assert!(self.checks.findings().is_empty(), "{:#?}", self.checks.findings());
    }

    /// The property was violated, and it is the only one.
    #[track_caller]
    pub(crate) fn assert_only(&self, property: Property) -> &Finding {
        let findings = self.checks.findings();
        let mut all: Vec<_> = findings.early().iter().map(|early| early.finding.property).collect();
        all.extend(findings.outcome().map(|finding| finding.property));
        assert_eq!(all, [property], "{findings:#?}");
        findings.of(property).expect("it is among them")
    }

    /// The property was violated, among others perhaps.
    #[track_caller]
    pub(crate) fn assert_found(&self, property: Property) -> &Finding {
        let findings = self.checks.findings();
        findings.of(property).unwrap_or_else(|| panic!("{property} is not among {findings:#?}"))
    }
}

/// The texts of a finding's facts.
pub(crate) fn texts(finding: &Finding) -> Vec<&str> {
    finding.facts.iter().map(|fact| fact.text.as_str()).collect()
}

pub(crate) fn request(term: Term) -> Brief {
    Brief { kind: Kind::RequestVote, term, ..Brief::default() }
}

pub(crate) fn granted(term: Term, granted: bool) -> Brief {
    Brief { kind: Kind::RequestVoteReply, term, granted: Some(granted), ..Brief::default() }
}

pub(crate) fn append(term: Term, prev_log_index: Index, entries: u32) -> Brief {
    Brief { kind: Kind::AppendEntries, term, prev_log_index, entries, ..Brief::default() }
}

pub(crate) fn acknowledge(term: Term, index: Index) -> Brief {
    Brief {
        kind: Kind::AppendEntriesReply,
        term,
        granted: Some(true),
        acknowledged: Some(index),
        ..Brief::default()
    }
}
