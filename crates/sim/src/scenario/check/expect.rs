//! What a file measures and expects, judged.

use crate::measure::Unit;
use crate::scenario::check::Checker;
use crate::scenario::draw::Draw;
use crate::scenario::expect::{Amount, Expect, Measured};
use crate::scenario::names::MeasureName;
use crate::scenario::path::Path;

impl Checker<'_> {
    pub(super) fn measures(&mut self, measures: &[MeasureName], path: &Path<'_>) {
        for (n, measure) in measures.iter().enumerate() {
            if measures[..n].contains(measure) {
                self.wrong(&path.item(n), format!("`{}` is measured already", measure.0.name()));
            }
        }
    }

    pub(super) fn expectation(&mut self, expect: &Expect, path: &Path<'_>) {
        match expect {
            Expect::Violates(_) | Expect::CommittedAtLeast(_) => {}
            Expect::LeaderWithin(time) => {
                self.time(&path.field("leader_within"), &Draw::Plain(*time), 1..=self.end);
            }
            Expect::Finally(condition) => self.condition(&path.field("finally"), condition),
            Expect::Sometimes(condition) => self.condition(&path.field("sometimes"), condition),
            Expect::Never(condition) => self.condition(&path.field("never"), condition),
            Expect::Measured(measured) => self.measured(measured, &path.field("measured")),
        }
    }

    fn measured(&mut self, measured: &Measured, path: &Path<'_>) {
        self.object(path);
        let Measured { what, percent, at_most, at_least } = measured;
        if !self.scenario.measure.contains(what) && self.untouched(&Path::Root, "measure") {
            let message = format!("`{}` is not measured: add it to `measure`", what.0.name());
            self.wrong(&path.field("what"), message);
        }
        self.count(&path.field("percent"), &Draw::Plain(*percent), 0..=100);
        let most = at_most.is_some() || self.gone(path, "at_most");
        let least = at_least.is_some() || self.gone(path, "at_least");
        if most && at_least.is_some() {
            self.wrong(&path.field("at_least"), "a bound is `at_most` or `at_least`, not both".to_owned());
        } else if !most && !least {
            self.wrong(path, "expected `at_most` or `at_least`: any value would do".to_owned());
        }
        for (name, amount) in [("at_most", at_most), ("at_least", at_least)] {
            if let Some(amount) = amount {
                self.amount(&path.field(name), *what, *amount, path);
            }
        }
    }

    fn amount(&mut self, path: &Path<'_>, what: MeasureName, amount: Amount, measured: &Path<'_>) {
        if amount.suits(what.0) || !self.whole(&measured.field("what")) {
            return;
        }
        let name = what.0.name();
        self.wrong(
            path,
            match what.0.unit() {
                Unit::Nanoseconds => {
                    format!("`{name}` is a time: expected one with a unit, such as \"150ms\"")
                }
                Unit::PerSecond => format!("`{name}` is counted per second: expected a whole number"),
            },
        );
    }
}
