//! Everything about one scenario, put together: its trace if that was asked for, its line, what was
//! measured, and what went wrong.

use crate::failure::{Shown, blocks, drawn_as};
use crate::line::Columns;
use crate::measures;
use crate::page::{Page, Style};
use crate::subject::Subject;
use crate::totals::faults;
use crate::trace::page;
use crate::words::{grouped, listed};
use std::collections::BTreeMap;
use whitewater_campaign::summary::{Standing, Summary};
use whitewater_sim::verdict::{Measured, Verdict};

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Talk {
    /// Only what went wrong.
    Quiet,
    /// A line for each scenario, too.
    #[default]
    Normal,
    /// One run is all that was asked for: what was drawn for it and done to it, too.
    Alone,
    /// And what was expected, what could not be observed, and the digest.
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
    if talk > Talk::Quiet {
        page.append(measures::lines(&summary.measures));
    }
    if talk >= Talk::Alone {
        page.append(faults("         faults  ", &summary.totals));
        // A run that failed by itself says in its block what was drawn.
        let failed = summary.violation.is_some() || summary.missed.is_some();
        let only = summary.only.iter().filter(|_| !failed);
        only.for_each(|verdict| _ = page.append(drawn_as("         drawn  ", verdict)));
    }
    if talk == Talk::Verbose && summary.totals.runs > 0 {
        page.append(expected(summary));
    }
    page.append(blocks(subject, summary, shown));
    page
}

/// The trace of a run in which everything held.
fn trace(subject: &Subject, verdict: &Verdict, shown: Shown) -> Page {
    match shown {
        Shown::All(form) => page(&verdict.trace, &subject.timeline(verdict.seed), form, "").1,
        Shown::LastLines | Shown::Story | Shown::Nothing => Page::new(),
    }
}

/// What was expected and what came of it, what could not be observed, and the digest.
fn expected(summary: &Summary) -> Page {
    let mut page = Page::new();
    let mut line = |text: String| _ = page.plain(format!("         {text}")).end_line();
    let bounds: BTreeMap<usize, Measured> = summary.bounded().collect();
    match &summary.only {
        Some(verdict) => verdict.expected.iter().enumerate().for_each(|(place, expected)| {
            let alone = !expected.over_seeds || bounds.contains_key(&place);
            let remark = if alone { "" } else { "   (judged over many seeds)" };
            line(format!("{}   measured {}{remark}", expected.what, expected.measured));
        }),
        None => summary.expectations.iter().for_each(|((place, what), fared)| match bounds.get(place) {
            Some(bound) => line(format!("{what}   measured {}", bound.measured)),
            None => {
                let (met, all) = (grouped(fared.met), grouped(fared.met + fared.unmet));
                line(format!("{what}   met in {met} of {all}"));
            }
        }),
    }
    let unseen = summary.not_observed.iter().map(|property| property.title().to_owned());
    page.append(listed("         not observed: ", unseen));
    page.add(Style::Dim, format!("         digest {:#018x}", summary.digest)).end_line();
    page
}
