//! Exactly once (thesis §6.3): a retried request may stand at two places in the log; at the second it changes
//! nothing and is answered as at the first.
//!
//! Witness: the history knows where each command was first applied, and State Machine Safety what was
//! applied there, so the row before the second place and the row of the first are all that is compared.

use crate::checkers::state_machine_safety::Applied;
use crate::finding::{Fact, Findings};
use crate::operation::Shown;
use crate::property::Property;
use crate::types::Index;

/// A command that took effect at one index was applied at a higher one, for the first time by any node.
/// `before` is what was applied just before that. A session that has gone on since keeps no result of the
/// command any more, and `waits` for none.
#[inline]
pub(crate) fn applied_again(
    (first_index, first): (Index, &Applied),
    before: &Applied,
    (index, now): (Index, &Applied),
    waits: bool,
    findings: &mut Findings,
) {
    findings.observe(Property::ExactlyOnce);
    let changed = now.state_hash != before.state_hash;
    if !changed && (now.result == first.result || !waits) {
        return;
    }
    findings.report(Property::ExactlyOnce, now.at, || {
        let text = |index: Index, applied: &Applied| {
            let command = applied.command.map(|command| format!(" {command}")).unwrap_or_default();
            format!("{} applied [{index}]{command} and answers {}", applied.at.node, Shown(applied.result))
        };
        let how = if changed { ", which changed the state again" } else { "" };
        vec![Fact::new(first.at, text(first_index, first)), Fact::new(now.at, text(index, now) + how)]
    });
}
