//! Results as Markdown, for the summary of a step or a comment: what ran, what went wrong and how to repeat it,
//! what was measured.

use crate::kinds::{Kind, kinds};
use crate::subject::Subject;
use crate::totals::Tally;
use crate::words::{counted, grouped, printable};
use whitewater_campaign::group::Group;
use whitewater_campaign::summary::{PerRun, Standing, Summary};
use whitewater_sim::expectations::amount;
use whitewater_sim::measure::Histogram;

/// How many kinds of failure are told of: a summary may not grow without bound.
const MOST: usize = 50;

/// The page for these scenarios. Without `groups` a scenario has at most one kind of violation.
#[must_use]
pub fn campaign(scenarios: &[(&Subject, &Summary)], groups: &[Group]) -> String {
    let tally = Tally::of(scenarios.iter().map(|(_, summary)| *summary));
    let mut text = format!("## whitewater: {}\n\n", tally.line().to_string().trim());
    text += &stood(scenarios);
    text += &failures(scenarios, groups);
    text + &measures(scenarios)
}

fn stood(scenarios: &[(&Subject, &Summary)]) -> String {
    let head = ["", "scenario", "seeds", "runs", "held", "violated", "unmet", "steps", "faults", "commits"];
    let row = |(subject, summary): &(&Subject, &Summary)| {
        let totals = &summary.totals;
        let numbers = [
            totals.runs,
            summary.held,
            summary.violated,
            summary.unmet,
            totals.steps,
            totals.faults,
            totals.commits,
        ];
        let why = summary.refused.iter().map(|why| format!(" ({why})"));
        let name = subject.name.clone() + &why.collect::<String>();
        let mut cells = vec![sign(summary.standing()).to_owned(), name, subject.seeds()];
        cells.extend(numbers.map(grouped));
        cells
    };
    table(&head, scenarios.iter().map(row))
}

fn sign(standing: Standing) -> &'static str {
    match standing {
        Standing::Held => "ok",
        Standing::Unmet | Standing::Violated | Standing::Differs => "x",
        Standing::Refused => "skip",
        Standing::Unfinished => "part",
    }
}

fn failures(scenarios: &[(&Subject, &Summary)], groups: &[Group]) -> String {
    let of = |(subject, summary): &(&Subject, &Summary)| {
        let kinds = kinds(subject, summary, groups).into_iter();
        kinds.map(|kind| (subject.name.clone(), kind)).collect::<Vec<(String, Kind)>>()
    };
    let all: Vec<(String, Kind)> = scenarios.iter().flat_map(of).collect();
    if all.is_empty() {
        return String::new();
    }
    let told = &all[..all.len().min(MOST)];
    let head = ["what", "scenario", "how often", "shown by", "how it shows", "capsule"];
    let row = |(scenario, kind): &(String, Kind)| {
        let capsule = kind.capsule.clone().unwrap_or_default();
        let (rate, shown_by) = (kind.rate.clone(), kind.shown_by.clone());
        vec![kind.name(), scenario.clone(), rate, shown_by, kind.facts.join("; "), capsule]
    };
    let mut text = format!("\n### What went wrong\n\n{}", table(&head, told.iter().map(row)));
    if all.len() > MOST {
        text += &format!("\nand {}\n", counted((all.len() - MOST) as u64, "more kind"));
    }
    text += "\nTo repeat it:\n\n```sh\n";
    told.iter().for_each(|(_, kind)| text += &(printable(&kind.replay) + "\n"));
    text + "```\n"
}

fn measures(scenarios: &[(&Subject, &Summary)]) -> String {
    let head = ["scenario", "measure", "p50", "p90", "p99", "greatest", "mean", "values"];
    let of = |(subject, summary): &(&Subject, &Summary)| {
        let PerRun { steps, commits } = &summary.per_run;
        let counted = [("steps a run", steps), ("commits a run", commits)].into_iter();
        let counted = counted.filter(|(_, values)| values.count() > 1);
        let counted = counted.map(|(what, values)| row(subject, what, values, grouped));
        let measured = summary.measures.iter().map(|(measure, values)| {
            row(subject, &measure.to_string(), values, |value| amount(*measure, value))
        });
        counted.chain(measured).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = scenarios.iter().flat_map(of).collect();
    match rows.is_empty() {
        true => String::new(),
        false => format!("\n### Measured\n\n{}", table(&head, rows.into_iter())),
    }
}

/// How values lie, each shown as `shown` says.
fn row(subject: &Subject, what: &str, values: &Histogram, shown: impl Fn(u64) -> String) -> Vec<String> {
    let quantile = |percent| values.quantile(percent);
    let numbers = [quantile(50), quantile(90), quantile(99), values.greatest(), values.mean()];
    let mut cells = vec![subject.name.clone(), what.to_owned()];
    cells.extend(numbers.map(|number| number.map_or(String::new(), &shown)));
    cells.push(grouped(values.count()));
    cells
}

/// A table with a line for its head.
fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = format!("| {} |\n|{}\n", head.join(" | "), "---|".repeat(head.len()));
    rows.for_each(|row| text += &line(&row.iter().map(|cell| escaped(cell)).collect::<Vec<_>>()));
    text
}

/// A text in a cell, of which nothing is taken for markup.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in printable(text).chars() {
        if "\\`*_[]<>|&~#!$".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
