//! The end of a run: each expectation is measured.

use crate::measure::{Histogram, Measure, Unit};
use crate::plan::{Bound, Expect};
use crate::replica::System;
use crate::verdict::{Measured, VIOLATES};
use crate::world::World;
use whitewater_check::property::Property;
use whitewater_check::types::Nanos;

impl<S: System> World<S> {
    /// Measures every expectation of the plan, and what every run expects: that the timeline came due and
    /// that the cluster settled. If it did not, what it finally should have come to is not judged.
    pub(crate) fn measure(&self) -> Vec<Measured> {
        let violated = self.violated();
        let stalled = self.stalled();
        let is_judged = |expect: &Expect| stalled.is_none() || !matches!(expect, Expect::Finally(_));
        let expects_violation = self.plan.expect.iter().any(|expect| matches!(expect, Expect::Violates(_)));
        let mut measured: Vec<Measured> = self
            .plan
            .expect
            .iter()
            .enumerate()
            .filter(|(_, expect)| is_judged(expect))
            .map(|(number, expect)| self.measure_one(number, expect))
            .collect();
        if violated.is_some() || expects_violation {
            return measured;
        }
        let undone = self.timeline.undone();
        if !undone.is_empty() {
            let acts: Vec<String> = undone.iter().map(|act| format!("act {act}")).collect();
            measured.push(own("every act of the timeline comes due", acts.join(", ") + " never did"));
        }
        if let Some(stalled) = stalled {
            measured.extend(stalled.facts.into_iter().map(|fact| own(SETTLES, fact.text)));
        }
        measured
    }

    /// What the plan wants measured, with the values.
    pub(crate) fn measures(&self) -> Vec<(Measure, Histogram)> {
        let values = |&measure: &Measure| (measure, self.environment.gauges.of(measure).clone());
        self.plan.measures.iter().map(values).collect()
    }

    /// The outcome property that ended the run.
    pub(crate) fn violated(&self) -> Option<Property> {
        self.environment.checks.findings().outcome().map(|finding| finding.property)
    }

    fn measure_one(&self, number: usize, expect: &Expect) -> Measured {
        let tally = &self.environment.tally;
        let seen = self.watch.first_seen(number);
        let once =
            |held: bool, what: String, measured: String| Measured { what, measured, held, over_seeds: false };
        match expect {
            Expect::Violates(property) => {
                let stalled = self.stalled().map(|stalled| stalled.property);
                let found =
                    self.environment.checks.findings().of(*property).is_some() || stalled == Some(*property);
                let measured = self.violated().or(stalled).map_or("nothing was violated", Property::name);
                once(found, format!("{VIOLATES}{}", property.name()), measured.to_owned())
            }
            Expect::LeaderWithin(limit) => {
                let held = tally.first_leader.is_some_and(|time| time <= *limit);
                let measured = tally.first_leader.map_or("no leader".to_owned(), span);
                once(held, format!("leader within {}", span(*limit)), measured)
            }
            Expect::CommittedAtLeast(least) => once(
                tally.commits >= *least,
                format!("committed at least {least}"),
                tally.commits.to_string(),
            ),
            Expect::Finally(predicate) => {
                let held = predicate.holds(&self.view());
                once(held, format!("finally {predicate}"), if held { "yes" } else { "no" }.to_owned())
            }
            Expect::Sometimes(predicate) => {
                let measured = seen.map_or("never".to_owned(), |time| format!("first at {}", span(time)));
                let over_seeds = self.plan.free;
                Measured {
                    what: format!("sometimes {predicate}"),
                    measured,
                    held: seen.is_some(),
                    over_seeds,
                }
            }
            Expect::Measured { measure, percent, bound } => {
                let values = self.environment.gauges.of(*measure);
                bounded(*measure, *percent, *bound, values, self.plan.free)
            }
            Expect::Never(predicate) => {
                let measured = seen.map_or("never".to_owned(), |time| format!("at {}", span(time)));
                once(seen.is_none(), format!("never {predicate}"), measured)
            }
        }
    }
}

/// A bound on a quantile, held against what was measured. Without any value no bound is kept: that something
/// was never too long says nothing when it never happened.
#[must_use]
pub fn bounded(
    measure: Measure,
    percent: u8,
    bound: Bound,
    values: &Histogram,
    over_seeds: bool,
) -> Measured {
    let shown = |value: u64| amount(measure, value);
    let (held, limit) = match (bound, values.quantile(percent)) {
        (Bound::AtMost(most), value) => {
            (value.is_some_and(|value| value <= most), format!("at most {}", shown(most)))
        }
        (Bound::AtLeast(least), value) => {
            (value.is_some_and(|value| value >= least), format!("at least {}", shown(least)))
        }
    };
    let measured = values
        .quantile(percent)
        .map_or("no value".to_owned(), |value| format!("{} of {}", shown(value), values.count()));
    Measured { what: format!("{measure} p{percent} {limit}"), measured, held, over_seeds }
}

/// A measured value in the unit of its measure.
#[must_use]
pub fn amount(measure: Measure, value: u64) -> String {
    match measure.unit() {
        Unit::Nanoseconds => span(value),
        Unit::PerSecond => format!("{value}/s"),
    }
}

/// The words for the expectation that a cluster settles.
pub const SETTLES: &str = "settles once faults have ended";

/// The expectation that a run comes to an end, not met for this reason.
pub(crate) fn never_ended(reason: String) -> Measured {
    own("comes to an end", reason)
}

fn own(what: &str, measured: String) -> Measured {
    Measured { what: what.to_owned(), measured, held: false, over_seeds: false }
}

/// A virtual time in words: seconds with three decimals from one second on, else milliseconds.
#[must_use]
pub fn span(time: Nanos) -> String {
    match time {
        1_000_000_000.. => format!("{}.{:03}s", time / 1_000_000_000, time / 1_000_000 % 1_000),
        _ => format!("{}.{:01}ms", time / 1_000_000, time / 100_000 % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn times_read_like_times() {
        let spans = [0, 1_500_000, 999_999_999, 1_000_000_000, 61_234_567_890].map(span);
        assert_eq!(spans, ["0.0ms", "1.5ms", "999.9ms", "1.000s", "61.234s"]);
    }
}
