//! Commit durability (§5.3, thesis §10.2.1): an entry that counts as committed is durable on a quorum of
//! disks, and stays so.
//!
//! Witness: the durable ids of every node. As an id stands for a whole prefix, one count at the end of what
//! is newly committed answers for all of it, so each index is counted once. It is counted again only when a
//! disk replaces entries that were counted.

use crate::commits::{Commits, News};
use crate::finding::{Fact, Findings};
use crate::ids::Id;
use crate::logs::Log;
use crate::property::Property;
use crate::seen::Seen;
use crate::types::{At, Index, majority};

/// Up to where the committed log was found on a quorum of disks.
#[derive(Clone, Debug, Default)]
pub(crate) struct CommitDurability {
    counted: Index,
    /// When the last of it was.
    at: At,
}

impl CommitDurability {
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }

    #[inline]
    pub(crate) fn stepped(&mut self, seen: &Seen, logs: &[Log], findings: &mut Findings) {
        let Some(commit) = seen.commit.filter(|commit| commit.news != News::Known) else { return };
        findings.observe(Property::CommitDurability);
        if on_quorum(logs, commit.index, commit.id) {
            if commit.news != News::Stray {
                (self.counted, self.at) = (commit.index, seen.at);
            }
            return;
        }
        findings.report(Property::CommitDurability, seen.at, || {
            let held = format!("{} holds [{}] committed", seen.at.node, commit.index);
            vec![Fact::new(seen.at, held), Fact::new(seen.at, disks(logs, commit.index, commit.id))]
        });
    }

    /// The disk of a node has replaced durable entries from `from` on.
    pub(crate) fn replaced(
        &mut self,
        at: At,
        from: Index,
        logs: &[Log],
        commits: &Commits,
        findings: &mut Findings,
    ) {
        if from > self.counted {
            return;
        }
        let id = commits.id(self.counted).expect("what was counted is committed");
        if on_quorum(logs, self.counted, id) {
            return;
        }
        findings.report(Property::CommitDurability, at, || {
            let held = format!("{} holds [{}] committed and durable", self.at.node, self.counted);
            let lost = format!("{} replaced its disk's log from [{from}] on", at.node);
            vec![Fact::new(self.at, held), Fact::new(at, lost + ": " + &disks(logs, self.counted, id))]
        });
    }
}

/// Whether a majority of disks holds the prefix.
pub(crate) fn on_quorum(logs: &[Log], index: Index, id: Id) -> bool {
    let quorum = majority(logs.len() as u32) as usize;
    logs.iter().filter(|log| log.durable(index) == Some(id)).take(quorum).count() == quorum
}

/// On how many disks the prefix is, in words.
pub(crate) fn disks(logs: &[Log], index: Index, id: Id) -> String {
    let holders = logs.iter().filter(|log| log.durable(index) == Some(id)).count();
    format!("[{index}] is durable on {holders} of {}", logs.len())
}
