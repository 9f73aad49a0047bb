//! Committed by the rule (§5.4.2): a leader counts replicas only for an entry of its own term; what precedes
//! it is committed with it.
//!
//! A leader's commit index that moved must therefore have come to rest on an entry of the leader's term.
//! No witness is needed.

use crate::finding::{Fact, Findings};
use crate::observe::Observe;
use crate::property::Property;
use crate::seen::Seen;

/// Judges a leader's step that moved its commit index.
#[inline]
pub(crate) fn stepped(seen: &Seen, replica: &(impl Observe + ?Sized), findings: &mut Findings) {
    let Some(commit) = seen.commit.filter(|_| seen.leads()) else { return };
    findings.observe(Property::CommittedByTheRule);
    let (node, term, index) = (seen.at.node, seen.now.term, commit.index);
    let Some(of) = replica.term(index).filter(|&of| of != term) else { return };
    findings.report(Property::CommittedByTheRule, seen.at, || {
        let before = match commit.after {
            0 => format!("{node} held nothing committed"),
            after => format!("{node} held [{after}] committed"),
        };
        let now = format!("{node} leads term {term} and committed [{index}] of term {of}");
        vec![Fact::new(seen.before_at, before), Fact::new(seen.at, now)]
    });
}
