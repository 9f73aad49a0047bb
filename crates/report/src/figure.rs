//! A published figure held against simulated values: tables of numbers, and the values themselves as CSV.
//!
//! It knows values and where they belong, and neither how they came about nor how a curve is drawn.

use crate::words::{counted, grouped};
use std::fmt::Write;

/// Nanoseconds in a millisecond, the unit of what is shown.
const MS: f64 = 1e6;

/// Values that were taken in simulated trials, one for each seed, in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// Seed and value, in the order of the seeds.
    trials: Vec<(u64, u64)>,
    sorted: Vec<u64>,
}

impl Values {
    /// The values of these trials, seed and value, in the order of the seeds.
    #[must_use]
    pub fn new(trials: Vec<(u64, u64)>) -> Self {
        let mut sorted: Vec<u64> = trials.iter().map(|(_, value)| *value).collect();
        sorted.sort_unstable();
        Self { trials, sorted }
    }

    /// All values in order, in nanoseconds.
    #[must_use]
    pub fn sorted(&self) -> &[u64] {
        &self.sorted
    }

    /// The least value that `percent` of a hundred of them do not exceed, in milliseconds.
    ///
    /// # Panics
    ///
    /// When there is no value.
    #[must_use]
    pub fn quantile(&self, percent: usize) -> f64 {
        assert!(!self.sorted.is_empty(), "without values there is no quantile");
        let rank = (self.sorted.len() * percent).div_ceil(100).max(1);
        self.sorted[rank - 1] as f64 / MS
    }

    /// Their mean, in milliseconds.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.sorted.iter().map(|value| *value as f64).sum::<f64>() / MS / self.sorted.len() as f64
    }

    /// The numbers that they come to, in the order of [`Published::numbers`], in milliseconds.
    #[must_use]
    pub fn numbers(&self) -> [f64; 7] {
        let [least, p10, median, p90, p99, greatest] = PERCENTS.map(|percent| self.quantile(percent));
        [least, p10, median, self.mean(), p90, p99, greatest]
    }
}

/// The quantiles that are published, in percent.
const PERCENTS: [usize; 6] = [0, 10, 50, 90, 99, 100];

/// The numbers that a published line comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// What the line is called.
    pub line: String,
    /// Least, tenth percentile, median, mean, 90th and 99th percentile and greatest, in milliseconds; `None`: not
    /// published.
    pub numbers: [Option<u32>; 7],
}

impl Published {
    /// Reads lines of CSV: the name and the seven numbers, below a head.
    ///
    /// # Errors
    ///
    /// The line that is something else.
    pub fn read(csv: &str) -> Result<Vec<Self>, String> {
        let line = |line: &str| Self::of(line).ok_or_else(|| format!("no published line: `{line}`"));
        csv.lines().skip(1).map(line).collect()
    }

    fn of(line: &str) -> Option<Self> {
        let (name, numbers) = line.split_once(',')?;
        let number = |text: &str| match text {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        };
        let numbers: Vec<Option<u32>> = numbers.split(',').map(number).collect::<Option<_>>()?;
        Some(Self { line: name.to_owned(), numbers: numbers.try_into().ok()? })
    }

    /// The median and the mean in milliseconds.
    #[must_use]
    pub fn centre(&self) -> [Option<u32>; 2] {
        [self.numbers[2], self.numbers[3]]
    }

    /// What is published of the distribution: percent and milliseconds.
    pub fn quantiles(&self) -> impl Iterator<Item = (usize, f64)> {
        let [least, p10, median, _, p90, p99, greatest] = self.numbers;
        let values = [least, p10, median, p90, p99, greatest];
        PERCENTS.into_iter().zip(values).filter_map(|(percent, value)| Some((percent, f64::from(value?))))
    }
}

/// How far a simulated number is from the published one: 0.1 is ten percent above it.
#[must_use]
pub fn deviation(simulated: f64, published: u32) -> f64 {
    simulated / f64::from(published) - 1.0
}

/// One line of a figure.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// What was published.
    pub published: &'a Published,
    /// What was simulated.
    pub values: &'a Values,
}

/// The whole distributions as Markdown: for each line the published numbers and below them the simulated ones.
#[must_use]
pub fn distributions(lines: &[Line<'_>]) -> String {
    let head = ["election timeout (ms)", "", "least", "p10", "median", "mean", "p90", "p99", "greatest"];
    let mut text = table_head(&head);
    for Line { published, values } in lines {
        let measured = published.numbers.map(|number| number.map_or("-".to_owned(), whole));
        row(&mut text, [published.line.clone(), "published".to_owned()].into_iter().chain(measured));
        let simulated = values.numbers().map(rounded);
        let first = counted(values.sorted().len() as u64, "trial");
        row(&mut text, [first, "simulated".to_owned()].into_iter().chain(simulated));
    }
    text
}

/// Medians and means as Markdown: a row for each name, a column for each line, each with its distance from what
/// was published.
#[must_use]
pub fn centres(rows: &[(&str, Vec<Line<'_>>)]) -> String {
    let names = rows.first().into_iter().flat_map(|(_, lines)| lines);
    let mut head = vec!["median / mean (ms)".to_owned()];
    head.extend(names.clone().map(|line| line.published.line.clone()));
    let mut text = table_head(&head.iter().map(String::as_str).collect::<Vec<_>>());
    let published = names.map(|line| {
        let [median, mean] = line.published.centre().map(|number| number.map_or("-".to_owned(), whole));
        format!("{median} / {mean}")
    });
    row(&mut text, ["published".to_owned()].into_iter().chain(published));
    for (name, lines) in rows {
        row(&mut text, [(*name).to_owned()].into_iter().chain(lines.iter().map(centre)));
    }
    text
}

fn centre(line: &Line<'_>) -> String {
    let found = [line.values.quantile(50), line.values.mean()];
    let off = |(found, published): (f64, Option<u32>)| {
        published.map_or(String::new(), |published| percent(deviation(found, published)))
    };
    let [median, mean] = line.published.centre();
    let [first, second] = [(found[0], median), (found[1], mean)].map(off);
    format!("{} / {} ({first}, {second})", rounded(found[0]), rounded(found[1]))
}

/// A part of one in percent, with its sign.
fn percent(part: f64) -> String {
    let tenths = (part * 1_000.0).round() as i64;
    let sign = if tenths < 0 { '-' } else { '+' };
    format!("{sign}{}.{} %", tenths.abs() / 10, tenths.abs() % 10)
}

/// A whole number with its thousands apart.
fn whole(number: u32) -> String {
    grouped(number)
}

/// The nearest whole number with its thousands apart.
fn rounded(number: f64) -> String {
    grouped(number.round() as u64)
}

fn table_head(cells: &[&str]) -> String {
    let mut text = String::new();
    row(&mut text, cells.iter().map(|cell| (*cell).to_owned()));
    row(&mut text, cells.iter().map(|_| "---".to_owned()));
    text
}

fn row(text: &mut String, cells: impl Iterator<Item = String>) {
    let cells: Vec<String> = cells.collect();
    _ = writeln!(text, "| {} |", cells.join(" | "));
}

/// Every value of every line as CSV, in the order of the lines and of the seeds; `unit` names the last column.
#[must_use]
pub fn csv(lines: &[Line<'_>], unit: &str) -> String {
    let mut text = format!("line,seed,{unit}\n");
    for Line { published, values } in lines {
        for (seed, value) in &values.trials {
            _ = writeln!(text, "{},{seed},{value}", published.line);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn published() -> Vec<Published> {
        Published::read("line,least,p10,median,mean,p90,p99,greatest\na-b,1,2,4,5,9,,1100\n").unwrap()
    }

    fn values() -> Values {
        Values::new((1..=200).map(|seed| (seed, seed * 7 % 201 * 40_000)).collect())
    }

    #[test]
    fn what_is_published_is_read_and_anything_else_is_refused() {
        let published = published();
        let found: Vec<(usize, f64)> = published[0].quantiles().collect();
        assert_eq!(found, [(0, 1.0), (10, 2.0), (50, 4.0), (90, 9.0), (100, 1_100.0)]);
        assert_eq!(published[0].centre(), [Some(4), Some(5)]);
        for wrong in ["a", "a,1,2,3", "a,1,2,3,4,5,6,7,8", "a,1,2,3,4,5,6,x", "a,1,2,3,4,5,6,-7"] {
            let text = format!("head\n{wrong}\n");
            assert_eq!(Published::read(&text), Err(format!("no published line: `{wrong}`")));
        }
    }

    #[test]
    fn numbers_are_those_of_the_sorted_values() {
        let values = values();
        assert_eq!((values.quantile(0), values.quantile(50), values.quantile(100)), (0.04, 4.0, 8.0));
        assert_eq!((values.quantile(99), values.sorted().len()), (7.92, 200));
        assert!((values.mean() - 4.02).abs() < 1e-9, "{}", values.mean());
    }

    #[test]
    fn tables_have_the_published_beside_the_simulated() {
        let (published, values) = (published(), values());
        let line = Line { published: &published[0], values: &values };
        let rows: Vec<String> = distributions(&[line]).lines().map(str::to_owned).collect();
        assert_eq!(rows[2], "| a-b | published | 1 | 2 | 4 | 5 | 9 | - | 1,100 |");
        assert_eq!(rows[3], "| 200 trials | simulated | 0 | 1 | 4 | 4 | 7 | 8 | 8 |");
        let rows: Vec<String> = centres(&[("so", vec![line])]).lines().map(str::to_owned).collect();
        assert_eq!(rows[0], "| median / mean (ms) | a-b |");
        assert_eq!(rows[2..], ["| published | 4 / 5 |", "| so | 4 / 4 (+0.0 %, -19.6 %) |"]);
    }

    #[test]
    fn the_csv_has_every_value_as_it_is() {
        let (published, values) = (published(), Values::new(vec![(1, 12_345_678), (2, 9)]));
        let line = Line { published: &published[0], values: &values };
        assert_eq!(csv(&[line], "time_ns"), "line,seed,time_ns\na-b,1,12345678\na-b,2,9\n");
    }
}
