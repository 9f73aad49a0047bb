//! The audit: the slow, obvious comparison of everything with everything.
//!
//! The checkers follow what replicas report to have changed. The audit reads whole logs, entry by entry:
//! each against what its reported changes add up to, every log against every other, and the committed log
//! against every disk. A replica in the middle of a step is compared only as far as it has not changed.

use crate::checkers::commit_durability::{disks, on_quorum};
use crate::checkers::log_matching::held;
use crate::commits::Commits;
use crate::finding::{Fact, Findings};
use crate::logs::Log;
use crate::observe::Observe;
use crate::property::Property;
use crate::types::{At, Entry, Index, NodeId};

/// A replica's log against what was followed of it.
pub(crate) fn log(at: At, replica: &(impl Observe + ?Sized), log: &Log, findings: &mut Findings) {
    findings.observe(Property::Audit);
    let (look, followed) = (replica.look(), log.memory.last_index());
    if look.changed_from.is_none() && look.last_index != followed {
        unreported(at, followed, look.last_index, findings);
    }
    let unchanged = look.changed_from.map_or(Index::MAX, |from| from.saturating_sub(1));
    let first = replica.snapshot().0.saturating_add(1);
    for index in first..=followed.min(look.last_index).min(unchanged) {
        let entry = replica.entry(index);
        if Some(log.memory.after(index - 1, entry)) != log.memory.id(index) {
            findings.report(Property::Audit, at, || {
                let shown = held(at, index, entry.term, entry.command);
                let reported = format!("{} reported another log up to [{index}]", at.node);
                vec![Fact::new(at, reported), Fact::new(at, shown)]
            });
            return;
        }
    }
}

/// Entries came or went and the replica did not say so.
#[cold]
pub(crate) fn unreported(at: At, followed: Index, last: Index, findings: &mut Findings) {
    findings.report(Property::Audit, at, || {
        let before = format!("the changes that {} reported end at [{followed}]", at.node);
        vec![Fact::new(at, before), Fact::new(at, format!("{} has a log up to [{last}]", at.node))]
    });
}

/// What a node recovered against what its disk holds, as far as the replica says that it is the same.
pub(crate) fn recovered(at: At, log: &Log, changed_from: Option<Index>, findings: &mut Findings) {
    findings.observe(Property::Audit);
    let disk = log.last_durable();
    let same = changed_from.map_or(disk, |from| from.saturating_sub(1).min(disk));
    let extra = changed_from.is_none() && log.memory.last_index() != disk;
    if log.memory.id(same) != log.durable(same) || extra {
        findings.report(Property::Audit, at, || {
            let stored = format!("{}'s disk holds a log up to [{disk}]", at.node);
            let has = format!("{} recovered another one, up to [{}]", at.node, log.memory.last_index());
            vec![Fact::new(at, stored), Fact::new(at, has)]
        });
    }
}

/// Up to which index, at most `last`, all these replicas hold the same entries. What a snapshot of one of them stands for
/// counts as the same: nobody can look at it any more, and the ids of what it was have been compared.
pub(crate) fn common<R: Observe + ?Sized>(replicas: &[(NodeId, &R)], last: Index) -> Index {
    let Some(((_, first), others)) = replicas.split_first() else { return 0 };
    let same = |index: &Index| {
        let entry = first.entry(*index);
        others.iter().all(|(_, other)| other.entry(*index) == entry)
    };
    let covered = replicas.iter().map(|(_, replica)| replica.snapshot().0).max().unwrap_or(0);
    covered + (covered.saturating_add(1)..=last).take_while(same).count() as Index
}

/// Two logs against each other, up to the end of the shorter one: Log Matching, word for word. They are the same
/// up to `common`.
pub(crate) fn pair<R: Observe + ?Sized>(
    (at, a): (At, &R),
    (other_at, b): (At, &R),
    (common, last): (Index, Index),
    findings: &mut Findings,
) {
    let mut same_before = true;
    for index in common.saturating_add(1)..=last {
        let (x, y) = (a.entry(index), b.entry(index));
        if x.term == y.term && (x != y || !same_before) {
            findings.report(Property::LogMatching, at, || {
                let fact = |at, entry: Entry| Fact::new(at, held(at, index, entry.term, entry.command));
                vec![fact(at, x), fact(other_at, y)]
            });
            return;
        }
        same_before &= x == y;
    }
}

/// Every committed index against every disk.
pub(crate) fn commits(at: At, commits: &Commits, logs: &[Log], findings: &mut Findings) {
    for index in 1..=commits.last_index() {
        let id = commits.id(index).expect("committed indexes have ids");
        if !on_quorum(logs, index, id) {
            findings.report(Property::CommitDurability, at, || {
                let held = format!("[{index}] was held committed");
                vec![Fact::new(at, held), Fact::new(at, disks(logs, index, id))]
            });
            return;
        }
    }
}
