//! What was measured: a line for each measure, and the few numbers that a histogram comes to.
//!
//! It knows histograms and units, and neither scenarios nor how many runs the values came from.

use crate::page::{Page, Style};
use crate::words::counted;
use serde::Serialize;
use std::collections::BTreeMap;
use whitewater_sim::expectations::amount;
use whitewater_sim::measure::{Histogram, Measure, Unit};

/// A measure in numbers, in the unit of the measure.
#[derive(Debug, Serialize)]
pub(crate) struct Quantiles {
    measure: &'static str,
    unit: &'static str,
    #[serde(flatten)]
    numbers: Numbers,
}

/// Values in a few numbers; all of them but `count` are `null` without a value.
#[derive(Debug, Serialize)]
pub(crate) struct Numbers {
    count: u64,
    least: Option<u64>,
    p50: Option<u64>,
    p90: Option<u64>,
    p99: Option<u64>,
    greatest: Option<u64>,
    mean: Option<u64>,
}

impl Quantiles {
    fn of(measure: Measure, values: &Histogram) -> Self {
        Self {
            measure: measure.name(),
            unit: match measure.unit() {
                Unit::Nanoseconds => "ns",
                Unit::PerSecond => "per_second",
            },
            numbers: Numbers::of(values),
        }
    }
}

impl Numbers {
    /// What these values come to.
    pub(crate) fn of(values: &Histogram) -> Self {
        Self {
            count: values.count(),
            least: values.least(),
            p50: values.quantile(50),
            p90: values.quantile(90),
            p99: values.quantile(99),
            greatest: values.greatest(),
            mean: values.mean(),
        }
    }
}

/// All measures in numbers.
pub(crate) fn quantiles(measures: &BTreeMap<Measure, Histogram>) -> Vec<Quantiles> {
    measures.iter().map(|(measure, values)| Quantiles::of(*measure, values)).collect()
}

/// All measures as lines, one below the other.
pub(crate) fn lines(measures: &BTreeMap<Measure, Histogram>) -> Page {
    let name = |measure: &Measure| measure.to_string();
    let width = measures.keys().map(|measure| name(measure).chars().count()).max().unwrap_or(0);
    let mut page = Page::new();
    for (measure, values) in measures {
        page.plain(format!("         {:<width$}", name(measure)));
        page.append(numbers(*measure, values)).end_line();
    }
    page
}

fn numbers(measure: Measure, values: &Histogram) -> Page {
    let mut page = Page::new();
    let quantile = |percent| values.quantile(percent);
    for (label, value) in [
        ("p50", quantile(50)),
        ("p90", quantile(90)),
        ("p99", quantile(99)),
        ("greatest", values.greatest()),
        ("mean", values.mean()),
    ] {
        if let Some(value) = value {
            page.add(Style::Dim, format!("  {label} ")).plain(amount(measure, value));
        }
    }
    match values.count() {
        0 => page.plain("  nothing measured"),
        count => page.add(Style::Dim, format!("  of {}", counted(count, "value"))),
    };
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Histogram {
        let mut histogram = Histogram::default();
        values.into_iter().for_each(|value| histogram.add(value));
        histogram
    }

    #[test]
    fn each_measure_has_a_line_in_its_unit() {
        let hundred = (1..=100).map(|n| n * 20_000_000);
        let measures = BTreeMap::from([
            (Measure::CommitLatency, of(hundred)),
            (Measure::Throughput, of([98])),
            (Measure::Unavailability, of([])),
        ]);
        let expected = "         \
         commit latency  p50 1.006s  p90 1.811s  p99 1.996s  greatest 2.000s  mean 1.010s  of 100 values
         unavailability  nothing measured
         throughput      p50 98/s  p90 98/s  p99 98/s  greatest 98/s  mean 98/s  of 1 value
";
        assert_eq!(lines(&measures).to_string(), expected);
    }

    #[test]
    fn without_values_the_numbers_are_null_and_not_zero() {
        let json = serde_json::to_value(Quantiles::of(Measure::ElectionTime, &of([]))).unwrap();
        assert_eq!(
            (json["count"].as_u64(), json["p50"].is_null(), json["mean"].is_null()),
            (Some(0), true, true)
        );
        let json = serde_json::to_value(Quantiles::of(Measure::ElectionTime, &of([7, 9]))).unwrap();
        assert_eq!(
            (json["least"].as_u64(), json["greatest"].as_u64(), json["mean"].as_u64()),
            (Some(7), Some(9), Some(8))
        );
        assert_eq!((json["measure"].as_str(), json["unit"].as_str()), (Some("election_time"), Some("ns")));
    }
}
