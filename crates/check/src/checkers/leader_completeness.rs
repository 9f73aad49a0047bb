//! Leader Completeness (§5.4): a leader holds every entry that was committed in an earlier term.
//!
//! Each commit is filed under the current term of the node that was first seen to hold it. A node that
//! becomes leader of a term is held against what is filed under lower terms, and what is filed later under
//! a lower term is held against the leaders of higher ones. One maximum over all terms would not do: a
//! candidate of term 5 that sleeps while term 6 commits may wake to its votes and lead term 5, rightly
//! without those entries.
//!
//! As ids stand for whole prefixes, the highest commit of the lower terms answers for all of them.

use crate::by_term::ByTerm;
use crate::commits::{Commit, News};
use crate::finding::{Fact, Findings};
use crate::ids::Id;
use crate::logs::Log;
use crate::property::Property;
use crate::seen::{Nodes, Seen};
use crate::types::{At, Index, Term};

/// The most contradicting commits that are remembered. One is already a broken cluster.
const STRAYS_MAX: usize = 64;

/// What was committed in which term.
#[derive(Clone, Debug, Default)]
pub(crate) struct LeaderCompleteness {
    /// The highest commit filed under each term or a lower one; it never falls from term to term.
    committed_by: ByTerm<Filed>,
    /// Commits that contradict the committed log, and so cannot be on one line with the others.
    strays: Vec<Filed>,
}

/// A committed prefix.
#[derive(Clone, Copy, Debug)]
struct Filed {
    index: Index,
    id: Id,
    /// Who was first seen to hold it, and when.
    at: At,
    /// The term of that node then.
    term: Term,
}

impl LeaderCompleteness {
    pub(crate) fn reset(&mut self) {
        self.committed_by.clear();
        self.strays.clear();
    }

    /// Both ways at once: a new leader against old commits, new commits against live leaders.
    #[inline]
    pub(crate) fn stepped(&mut self, seen: &Seen, nodes: &Nodes, logs: &[Log], findings: &mut Findings) {
        if seen.elected() {
            self.elected(seen, &logs[seen.at.node.slot()], findings);
        }
        if let Some(commit) = seen.commit {
            self.committed(seen, commit, nodes, logs, findings);
        }
    }

    fn elected(&self, seen: &Seen, log: &Log, findings: &mut Findings) {
        findings.observe(Property::LeaderCompleteness);
        let term = seen.now.term;
        let highest = self.committed_by.below(term).map(|(_, filed)| filed);
        let strays = self.strays.iter().filter(|stray| stray.term < term);
        for filed in highest.into_iter().chain(strays) {
            hold(seen.at, seen.at, term, log, filed, findings);
        }
    }

    fn committed(
        &mut self,
        seen: &Seen,
        commit: Commit,
        nodes: &Nodes,
        logs: &[Log],
        findings: &mut Findings,
    ) {
        let term = seen.now.term;
        let filed = Filed { index: commit.index, id: commit.id, at: seen.at, term };
        match commit.news {
            News::Known => return,
            News::New(_) => self.file(filed),
            News::Stray if self.file_stray(filed) => {}
            News::Stray => return,
        }
        for leader in nodes.leaders_above(term).filter(|&leader| leader != seen.at.node) {
            let last = &nodes.last[leader.slot()];
            let leads = At { node: leader, ..last.at };
            hold(seen.at, leads, last.look.term, &logs[leader.slot()], &filed, findings);
        }
    }

    /// Files a commit under its term, and raises the maximum of the terms above as far as it reaches.
    fn file(&mut self, filed: Filed) {
        let below = self.committed_by.below(filed.term).map_or(filed, |&(_, below)| below);
        self.committed_by.get_or_insert_with(filed.term, || below);
        for highest in self.committed_by.at_least_mut(filed.term) {
            if highest.index >= filed.index {
                break;
            }
            *highest = filed;
        }
    }

    /// Files a contradicting commit; false when it is filed already.
    fn file_stray(&mut self, filed: Filed) -> bool {
        let new = self.strays.len() < STRAYS_MAX && self.strays.iter().all(|stray| stray.id != filed.id);
        if new {
            self.strays.push(filed);
        }
        new
    }
}

/// The leader must hold the committed prefix. `leads` says who leads and since when it looked like that.
fn hold(at: At, leads: At, term: Term, log: &Log, filed: &Filed, findings: &mut Findings) {
    let index = filed.index;
    let held = log.memory.id(index);
    if held == Some(filed.id) {
        return;
    }
    findings.report(Property::LeaderCompleteness, at, || {
        let how = if held.is_some() { "another log up to" } else { "no" };
        vec![
            Fact::new(filed.at, format!("{} held [{index}] committed in term {}", filed.at.node, filed.term)),
            Fact::new(leads, format!("{} leads term {term} with {how} [{index}]", leads.node)),
        ]
    });
}
