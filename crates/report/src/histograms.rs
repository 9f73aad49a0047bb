//! Histograms in the document of a campaign, written and read back: all that adding them up again takes.
//!
//! Sums and the ends of buckets may be larger than a number of JSON is exact, so they are texts. What is counted is
//! not known here.

use crate::measures::Numbers;
use crate::restore::number;
use serde::{Deserialize, Serialize};
use whitewater_campaign::summary::PerRun;
use whitewater_sim::measure::Histogram;

/// A histogram; its least and its greatest value stand elsewhere.
#[derive(Serialize, Deserialize)]
pub(crate) struct HistogramJson {
    sum: String,
    buckets: Vec<(String, u32)>,
}

impl HistogramJson {
    /// As JSON has it.
    pub(crate) fn of(values: &Histogram) -> Self {
        let buckets = values.buckets().map(|(top, count)| (top.to_string(), count));
        Self { sum: values.sum().to_string(), buckets: buckets.collect() }
    }

    /// The values with this name, the least and the greatest of which are known.
    pub(crate) fn restored(
        &self,
        name: &str,
        (least, greatest): (Option<u64>, Option<u64>),
    ) -> Result<Histogram, String> {
        let buckets = self.buckets.iter().map(|(top, count)| Ok((number(top)?, *count)));
        let buckets = buckets.collect::<Result<Vec<_>, String>>()?;
        let ends = (least.unwrap_or_default(), greatest.unwrap_or_default());
        let values = Histogram::restored(buckets, number(&self.sum)?, ends);
        values.ok_or_else(|| format!("no values come to its {name}"))
    }
}

/// How far runs got: in a few numbers, and as histograms.
#[derive(Serialize)]
pub(crate) struct PerRunJson {
    steps: SpreadJson,
    commits: SpreadJson,
}

#[derive(Serialize)]
struct SpreadJson {
    #[serde(flatten)]
    numbers: Numbers,
    #[serde(flatten)]
    histogram: HistogramJson,
}

impl PerRunJson {
    /// As JSON has it.
    pub(crate) fn of(PerRun { steps, commits }: &PerRun) -> Self {
        let spread =
            |values| SpreadJson { numbers: Numbers::of(values), histogram: HistogramJson::of(values) };
        Self { steps: spread(steps), commits: spread(commits) }
    }
}

/// The same as it is read. The other numbers follow from the histogram.
#[derive(Deserialize)]
pub(crate) struct PerRunIn {
    steps: SpreadIn,
    commits: SpreadIn,
}

#[derive(Deserialize)]
struct SpreadIn {
    least: Option<u64>,
    greatest: Option<u64>,
    #[serde(flatten)]
    histogram: HistogramJson,
}

impl PerRunIn {
    /// The values.
    pub(crate) fn restored(&self) -> Result<PerRun, String> {
        let values =
            |name, spread: &SpreadIn| spread.histogram.restored(name, (spread.least, spread.greatest));
        Ok(PerRun { steps: values("steps", &self.steps)?, commits: values("commits", &self.commits)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[u64]) -> Histogram {
        let mut histogram = Histogram::default();
        values.iter().for_each(|value| histogram.add(*value));
        histogram
    }

    fn read(text: &str) -> Result<PerRun, String> {
        serde_json::from_str::<PerRunIn>(text).map_err(|error| error.to_string())?.restored()
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (steps, commits) in [(vec![], vec![]), (vec![2_310, 9, 4_000_000_000], vec![0, 0, u64::MAX])] {
            let per_run = PerRun { steps: of(&steps), commits: of(&commits) };
            let text = serde_json::to_string(&PerRunJson::of(&per_run)).unwrap();
            assert_eq!(read(&text), Ok(per_run), "{text}");
        }
    }

    #[test]
    fn values_that_do_not_fit_together_are_refused() {
        let right = r#"{ "least": 1, "greatest": 5, "sum": "6", "buckets": [["1", 1], ["5", 1]] }"#;
        let with = |wrong: &str| read(&format!(r#"{{ "steps": {right}, "commits": {wrong} }}"#));
        assert!(with(right).is_ok());
        for (from, to, why) in [
            ("\"greatest\": 5", "\"greatest\": 9", "no values come to its commits"),
            ("[\"1\", 1], ", "", "no values come to its commits"),
            ("\"6\"", "\"six\"", "`six` in it is no number"),
            ("\"sum\"", "\"total\"", "missing field `sum`"),
        ] {
            let said = with(&right.replace(from, to)).unwrap_err();
            assert!(said.starts_with(why), "{said}");
        }
    }
}
