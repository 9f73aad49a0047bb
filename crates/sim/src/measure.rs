//! Measurements: what a scenario may measure, and how many values become a few numbers.
//!
//! Values are kept as a histogram, so that a million of them cost no more than a hundred and those of many
//! runs add up to those of a campaign, in whatever order. No float is involved. What a measure means is
//! written beside it; when a value is taken is the world's business.

use std::fmt;

/// Something that a scenario may measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measure {
    /// From the first candidacy since the last leader was elected to the moment when the next one is.
    ElectionTime,
    /// From the crash of a leader to the moment when a node has received the first AppendEntries of a leader
    /// of a later term.
    FailoverTime,
    /// From the crash of a leader to the moment when every other node that is up has received the first
    /// AppendEntries of one leader of a later term (§9.3). A leader that crashes before that replaces nobody.
    ReplacementTime,
    /// From a client's request to its answer, retries included.
    CommitLatency,
    /// How long clients that waited got no answer, each time that was longer than the shortest election
    /// timeout.
    Unavailability,
    /// Answers to clients per second, over the time of faults; one value a run.
    Throughput,
}

/// What a measure counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Virtual time in nanoseconds.
    Nanoseconds,
    /// A number per second.
    PerSecond,
}

impl Measure {
    /// How many there are, for tables by measure.
    pub const COUNT: usize = 6;

    /// All of them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::ElectionTime,
        Self::FailoverTime,
        Self::ReplacementTime,
        Self::CommitLatency,
        Self::Unavailability,
        Self::Throughput,
    ];

    /// The word for it in scenario files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ElectionTime => "election_time",
            Self::FailoverTime => "failover_time",
            Self::ReplacementTime => "replacement_time",
            Self::CommitLatency => "commit_latency",
            Self::Unavailability => "unavailability",
            Self::Throughput => "throughput",
        }
    }

    /// What it means, in one sentence.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::ElectionTime => {
                "From the first candidacy since the last leader was elected until the next one is."
            }
            Self::FailoverTime => {
                "From the crash of a leader until a node has heard the leader of a later term."
            }
            Self::ReplacementTime => {
                "From the crash of a leader until every live node has heard the leader of one later term."
            }
            Self::CommitLatency => "From a client's request to its answer, retries included.",
            Self::Unavailability => {
                "How long waiting clients got no answer, each time beyond the shortest election timeout."
            }
            Self::Throughput => "Answers to clients per second, before the settle phase; one value a run.",
        }
    }

    /// What it counts in.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::ElectionTime
            | Self::FailoverTime
            | Self::ReplacementTime
            | Self::CommitLatency
            | Self::Unavailability => Unit::Nanoseconds,
            Self::Throughput => Unit::PerSecond,
        }
    }

    /// The measure of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.name() == name)
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name().replace('_', " "))
    }
}

/// How finely a histogram tells values apart: a bucket is at most one 64th of its value wide.
const FINE_BITS: u32 = 6;
const FINE: u64 = 1 << FINE_BITS;

/// Many values, each to within one 64th; the least, the greatest, the sum and the number of them exactly.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// How many values fell into each bucket, up to the last one that is not empty.
    buckets: Vec<u32>,
    count: u64,
    sum: u128,
    least: u64,
    greatest: u64,
}

impl Histogram {
    /// Takes a value.
    pub fn add(&mut self, value: u64) {
        let bucket = bucket_of(value);
        if bucket >= self.buckets.len() {
            self.buckets.resize(bucket + 1, 0);
        }
        self.buckets[bucket] = self.buckets[bucket].saturating_add(1);
        self.least = if self.count == 0 { value } else { self.least.min(value) };
        self.greatest = self.greatest.max(value);
        self.count += 1;
        self.sum += u128::from(value);
    }

    /// Takes all values of another.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        self.buckets.resize(self.buckets.len().max(other.buckets.len()), 0);
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine = mine.saturating_add(*theirs);
        }
        self.least = if self.count == 0 { other.least } else { self.least.min(other.least) };
        self.greatest = self.greatest.max(other.greatest);
        self.count += other.count;
        self.sum += other.sum;
    }

    /// The histogram that has these buckets, as [`Histogram::buckets`] gives them, and this sum, least and
    /// greatest value; `None` when no values have them.
    #[must_use]
    pub fn restored(
        buckets: impl IntoIterator<Item = (u64, u32)>,
        sum: u128,
        (least, greatest): (u64, u64),
    ) -> Option<Self> {
        let mut histogram = Self { least, greatest, sum, ..Self::default() };
        for (top, count) in buckets {
            let bucket = bucket_of(top);
            if count == 0 || top_of(bucket) != top || bucket < histogram.buckets.len() {
                return None;
            }
            histogram.buckets.resize(bucket + 1, 0);
            histogram.buckets[bucket] = count;
            histogram.count += u64::from(count);
        }
        let (low, high) = (bucket_of(least), bucket_of(greatest));
        let ends = histogram.buckets.iter().position(|count| *count > 0) == Some(low)
            && histogram.buckets.len() == high + 1
            && least <= greatest;
        (histogram.count == 0 || ends).then_some(histogram)
    }

    /// The exact sum of all values.
    #[must_use]
    pub fn sum(&self) -> u128 {
        self.sum
    }

    /// Forgets all values and keeps the space.
    pub(crate) fn clear(&mut self) {
        let mut buckets = std::mem::take(&mut self.buckets);
        buckets.clear();
        *self = Self { buckets, ..Self::default() };
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The least value; `None` without any.
    #[must_use]
    pub fn least(&self) -> Option<u64> {
        (self.count > 0).then_some(self.least)
    }

    /// The greatest value; `None` without any.
    #[must_use]
    pub fn greatest(&self) -> Option<u64> {
        (self.count > 0).then_some(self.greatest)
    }

    /// The mean, rounded down; `None` without any value.
    #[must_use]
    pub fn mean(&self) -> Option<u64> {
        self.sum.checked_div(u128::from(self.count)).map(|mean| mean as u64)
    }

    /// The value that `percent` of a hundred of them do not exceed, to within one 64th; `None` without any.
    #[must_use]
    pub fn quantile(&self, percent: u8) -> Option<u64> {
        let greatest = self.greatest()?;
        let rank = (u128::from(self.count) * u128::from(percent.min(100))).div_ceil(100).max(1) as u64;
        let mut seen = 0;
        let reached = self.buckets.iter().position(|&bucket| {
            seen += u64::from(bucket);
            seen >= rank
        });
        Some(reached.map_or(greatest, |bucket| top_of(bucket).clamp(self.least, greatest)))
    }

    /// The buckets that are not empty: the highest value of each, and how many values it has.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u32)> {
        let filled = self.buckets.iter().enumerate().filter(|(_, count)| **count > 0);
        filled.map(|(bucket, &count)| (top_of(bucket), count))
    }
}

/// The bucket of a value: values below 128 have one each, above that 64 for every doubling.
fn bucket_of(value: u64) -> usize {
    let doublings = (u64::BITS - (value | FINE).leading_zeros()) - (FINE_BITS + 1);
    (u64::from(doublings) * FINE + (value >> doublings)) as usize
}

/// The highest value of a bucket.
fn top_of(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let doublings = (bucket / FINE).saturating_sub(1);
    let step = bucket - doublings * FINE;
    (((u128::from(step) + 1) << doublings) - 1) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::{Key, Purpose};

    fn of(values: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        values.into_iter().for_each(|value| histogram.add(value));
        histogram
    }

    #[test]
    fn a_bucket_ends_where_the_next_one_begins() {
        for bucket in 0..3_000 {
            let top = top_of(bucket);
            assert_eq!(bucket_of(top), bucket);
            assert_eq!(bucket_of(top + 1), bucket + 1, "after {top}");
        }
        assert_eq!(top_of(bucket_of(u64::MAX)), u64::MAX);
    }

    #[test]
    fn quantiles_are_those_of_the_sorted_values_to_within_one_64th() {
        let key = Key::new(3, Purpose::Scenario, 0);
        let mut values: Vec<u64> = (0..5_000).map(|n| key.draw(n) >> (20 + n % 40)).collect();
        let histogram = of(values.iter().copied());
        values.sort_unstable();
        for percent in [0, 1, 50, 90, 99, 100] {
            let rank = (values.len() * usize::from(percent)).div_ceil(100).max(1);
            let (exact, found) = (values[rank - 1], histogram.quantile(percent).unwrap());
            assert!(found >= exact && found - exact <= exact / 64, "{percent}: {found} for {exact}");
        }
        assert_eq!(histogram.least(), values.first().copied());
        assert_eq!(histogram.greatest(), values.last().copied());
        assert_eq!(histogram.mean(), Some(values.iter().sum::<u64>() / 5_000));
    }

    #[test]
    fn merging_is_as_if_all_values_had_gone_into_one() {
        let (mut few, many) = (of([7]), of(1..=1_000));
        few.merge(&Histogram::default());
        few.merge(&many);
        assert_eq!(few, of((1..=1_000).chain([7])));
        let mut empty = Histogram::default();
        empty.merge(&many);
        assert_eq!(empty, many);
    }

    #[test]
    fn without_values_there_is_nothing_to_say() {
        let empty = Histogram::default();
        assert_eq!(
            (empty.quantile(50), empty.mean(), empty.least(), empty.greatest()),
            (None, None, None, None)
        );
    }

    #[test]
    fn a_histogram_comes_back_from_what_it_shows_and_from_nothing_else() {
        let histogram = of([5, 5, 900, 1_000_000, u64::MAX]);
        let restored =
            |buckets: &[(u64, u32)]| Histogram::restored(buckets.to_vec(), histogram.sum(), (5, u64::MAX));
        let buckets: Vec<_> = histogram.buckets().collect();
        assert_eq!(restored(&buckets), Some(histogram.clone()));
        assert_eq!(Histogram::restored([], 0, (0, 0)), Some(Histogram::default()));
        for wrong in [&buckets[1..], &buckets[..2], &[(5, 0)], &[(5, 1), (5, 1)], &[(900, 2)]] {
            assert_eq!(restored(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn names_lead_back() {
        for measure in Measure::ALL {
            assert_eq!(Measure::from_name(measure.name()), Some(measure));
        }
        assert_eq!(Measure::from_name("speed"), None);
    }
}
