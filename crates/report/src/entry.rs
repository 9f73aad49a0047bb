//! Everything about one scenario, put together: its trace if that was asked for, its line, what was
//! measured, and what went wrong.

use crate::failure::{Shown, blocks};
use crate::line::Columns;
use crate::page::{Page, Style};
use crate::subject::Subject;
use crate::trace::lines;
use crate::words::{grouped, listed};
use whitewater_campaign::summary::{Standing, Summary};
use whitewater_sim::verdict::Verdict;

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Talk {
    /// Only what went wrong.
    Quiet,
    /// A line for each scenario, too.
    #[default]
    Normal,
    /// And what was measured.
    Verbose,
}

/// What there is to say about a scenario.
#[must_use]
pub fn entry(subject: &Subject, summary: &Summary, columns: Columns, shown: Shown, talk: Talk) -> Page {
    let mut page = Page::new();
    let held = summary.standing() == Standing::Held;
    if let (true, Some(verdict)) = (held, &summary.only) {
        page.append(trace(subject, verdict, shown));
    }
    if talk > Talk::Quiet || !held {
        page.append(columns.line(subject, summary));
    }
    if talk == Talk::Verbose && summary.totals.runs > 0 {
        page.append(measured(summary));
    }
    page.append(blocks(subject, summary, shown));
    page
}

/// The trace of a run in which everything held.
fn trace(subject: &Subject, verdict: &Verdict, shown: Shown) -> Page {
    let mut page = Page::new();
    if let Shown::All(form) = shown {
        lines(&verdict.trace, &subject.timeline(verdict.seed), form)
            .into_iter()
            .for_each(|line| _ = page.plain(line).end_line());
    }
    page
}

/// What was expected and measured, what could not be observed, and the digest.
fn measured(summary: &Summary) -> Page {
    let mut page = Page::new();
    match &summary.only {
        Some(verdict) => verdict.expected.iter().for_each(|expected| {
            let remark = if expected.over_seeds { "   (judged over many seeds)" } else { "" };
            _ = page
                .plain(format!("         {}   measured {}{remark}", expected.what, expected.measured))
                .end_line();
        }),
        None => summary.expectations.iter().for_each(|((_, what), fared)| {
            let (met, all) = (grouped(fared.met), grouped(fared.met + fared.unmet));
            _ = page.plain(format!("         {what}   met in {met} of {all}")).end_line();
        }),
    }
    let unseen = summary.not_observed.iter().map(|property| property.title().to_owned());
    page.append(listed("         not observed: ", unseen));
    page.add(Style::Dim, format!("         digest {:#018x}", summary.digest)).end_line();
    page
}
