//! Acknowledged means kept (§5.3): what a client was told is done is durable on a quorum of all disks, up or
//! down, and stays so.
//!
//! Witness: the highest index that a client was told about. As an id stands for a whole prefix, it answers
//! for everything below. It is looked at when something may have been lost: at a crash, when a disk is
//! emptied, and by the audit.

use crate::checkers::commit_durability::on_quorum;
use crate::commits::Commits;
use crate::finding::{Fact, Findings};
use crate::logs::Log;
use crate::property::Property;
use crate::types::{At, Command, Index, majority};

/// The highest index that a client was told about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Acknowledged {
    highest: Option<Told>,
}

#[derive(Clone, Copy, Debug)]
struct Told {
    index: Index,
    command: Command,
    at: At,
}

impl Acknowledged {
    pub(crate) fn reset(&mut self) {
        self.highest = None;
    }

    /// A client was told that its command is done, which shows what stands at `index`.
    #[inline]
    pub(crate) fn answered(&mut self, at: At, command: Command, index: Index) {
        if self.highest.is_none_or(|told| index > told.index) {
            self.highest = Some(Told { index, command, at });
        }
    }

    /// Looks at all disks. An index that no node was seen to hold committed has no id yet; a disk whose log
    /// ends below it does not hold it whatever it is.
    pub(crate) fn look(&self, at: At, logs: &[Log], commits: &Commits, findings: &mut Findings) {
        let Some(told) = self.highest.filter(|told| told.index > 0) else { return };
        findings.observe(Property::AcknowledgedMeansKept);
        let id = commits.id(told.index);
        let long_enough = || logs.iter().filter(|log| log.last_durable() >= told.index).count();
        let kept = match id {
            Some(id) => on_quorum(logs, told.index, id),
            None => long_enough() >= majority(logs.len() as u32) as usize,
        };
        if kept {
            return;
        }
        findings.report(Property::AcknowledgedMeansKept, at, || {
            let holds = |log: &&Log| log.durable(told.index) == id;
            let holders = if id.is_some() { logs.iter().filter(holds).count() } else { long_enough() };
            let kept = format!("[{}] is durable on {holders} of {}", told.index, logs.len());
            let what = format!("{} was answered by {} as of [{}]", told.command, told.at.node, told.index);
            vec![Fact::new(told.at, what), Fact::new(at, kept)]
        });
    }
}
