//! Single values of a file, judged: times and numbers in range, draws that can be drawn, laws that exist.

use crate::scenario::check::Checker;
use crate::scenario::draw::{Draw, Value};
use crate::scenario::duration::{DAY, Shown, Time};
use crate::scenario::path::Path;
use crate::scenario::probability::Probability;
use crate::scenario::spread::Spread;
use std::ops::RangeInclusive;
use whitewater_check::types::Nanos;

impl Checker<'_> {
    pub(super) fn spread(&mut self, path: &Path<'_>, spread: Option<&Spread>) {
        match spread {
            None => {}
            Some(Spread::Constant(time)) => self.time(path, time, 0..=DAY),
            Some(Spread::Uniform(low, high)) => {
                let path = path.field("uniform");
                self.time(&path.item(0), low, 0..=DAY);
                self.time(&path.item(1), high, 0..=DAY);
                self.ordered(&path, low, high);
            }
            Some(Spread::Exponential(law)) => {
                let path = path.field("exponential");
                self.object(&path);
                self.time(&path.field("mean"), &law.mean, 0..=DAY);
            }
            Some(Spread::Lognormal(law)) => {
                let path = path.field("lognormal");
                self.object(&path);
                self.time(&path.field("median"), &law.median, 1..=DAY);
                self.time(&path.field("p99"), &law.p99, 1..=DAY);
                if self.whole(&path.field("median")) && self.whole(&path.field("p99")) {
                    self.ordered(&path.field("p99"), &law.median, &law.p99);
                }
            }
        }
    }

    /// The one must not be above the other, whatever is drawn.
    pub(super) fn ordered(&mut self, path: &Path<'_>, low: &Draw<Time>, high: &Draw<Time>) {
        if let (Some((_, low)), Some((high, _))) = (low.range(), high.range())
            && low > high
            && self.whole(path)
        {
            let message = format!("the lower end may be {}, above the upper end {}", Shown(low), Shown(high));
            self.wrong(path, message);
        }
    }

    pub(super) fn time(&mut self, path: &Path<'_>, draw: &Draw<Time>, allowed: RangeInclusive<Nanos>) {
        let Some((low, high)) = self.range(path, draw) else {
            return;
        };
        let (first, last) = (*allowed.start(), *allowed.end());
        if low < first {
            self.wrong(path, format!("expected at least {}, found {}", Shown(first), Shown(low)));
        } else if high > last && last == self.end {
            let message = format!("{} is after the end of the run, which is at {}", Shown(high), Shown(last));
            self.wrong(path, message);
        } else if high > last {
            self.wrong(path, format!("expected at most {}, found {}", Shown(last), Shown(high)));
        }
    }

    pub(super) fn count(&mut self, path: &Path<'_>, draw: &Draw<u64>, allowed: RangeInclusive<u64>) {
        let Some((low, high)) = self.range(path, draw) else {
            return;
        };
        let found = if allowed.contains(&low) { high } else { low };
        if !allowed.contains(&found) {
            let message = format!("expected {} to {}, found {found}", allowed.start(), allowed.end());
            self.wrong(path, message);
        }
    }

    /// A part of one that stays well below one.
    pub(super) fn part(&mut self, path: &Path<'_>, draw: Option<&Draw<Probability>>) {
        const MOST: Probability = Probability::per_billion(900_000_000);
        let high = draw.and_then(|draw| self.range(path, draw)).map_or(0, |(_, high)| high);
        if high > MOST.to_per_billion() {
            let found = Probability::per_billion(high);
            self.wrong(path, format!("expected at most {MOST}, found {found}"));
        }
    }

    pub(super) fn optional<T: Value>(&mut self, path: &Path<'_>, draw: Option<&Draw<T>>) {
        if let Some(draw) = draw {
            self.range(path, draw);
        }
    }

    /// What a draw may give. One that can give nothing is a problem.
    pub(super) fn range<T: Value>(&mut self, path: &Path<'_>, draw: &Draw<T>) -> Option<(u64, u64)> {
        let range = draw.range();
        if range.is_none() && self.whole(path) {
            let message = match draw {
                Draw::Between(low, high) => {
                    format!("{} is above {}: nothing is between", low.text(), high.text())
                }
                Draw::Plain(_) | Draw::OneOf(_) => "expected at least one value".to_owned(),
            };
            self.wrong(path, message);
        }
        range
    }
}
