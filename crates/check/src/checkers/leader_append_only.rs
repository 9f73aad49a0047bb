//! Leader Append-Only (§5.3): a leader never overwrites or deletes entries of its own log.
//!
//! Witness: the look before. It is only told of true differences, so a replica that names too low an index
//! is slow and not guilty.

use crate::finding::{Fact, Findings};
use crate::property::Property;
use crate::seen::Seen;

/// Judges a step of a node that led the same term before it.
#[inline]
pub(crate) fn stepped(seen: &Seen, findings: &mut Findings) {
    if !seen.still_leads() {
        return;
    }
    findings.observe(Property::LeaderAppendOnly);
    let Some(change) = seen.change.filter(|change| change.removed()) else { return };
    findings.report(Property::LeaderAppendOnly, seen.at, || {
        let (node, term) = (seen.at.node, seen.now.term);
        let held = format!("{node} leads term {term} with a log up to [{}]", change.last_before);
        let changed = format!("{node} changed its log from [{}] on in the same term", change.from);
        vec![Fact::new(seen.before_at, held), Fact::new(seen.at, changed)]
    });
}
