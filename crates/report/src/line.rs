//! The line of a scenario: how it stands, what it was, and how much happened in it.

use crate::page::{Page, Style};
use crate::subject::Subject;
use crate::words::{counted, grouped};
use whitewater_campaign::summary::{Standing, Summary};
use whitewater_check::markers::Marker;

/// How wide the columns are whose width hangs on what was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    name: usize,
    seeds: usize,
}

impl Columns {
    /// Columns wide enough for all of these.
    #[must_use]
    pub fn of<'a>(subjects: impl IntoIterator<Item = &'a Subject>) -> Self {
        let width = |text: &str| text.chars().count();
        subjects.into_iter().fold(Self { name: 0, seeds: 0 }, |widest, subject| Self {
            name: widest.name.max(width(&subject.name)),
            seeds: widest.seeds.max(width(&subject.seeds())),
        })
    }

    /// The line of a scenario.
    #[must_use]
    pub fn line(self, subject: &Subject, summary: &Summary) -> Page {
        let (style, sign) = sign(summary.standing());
        let mut page = Page::new();
        page.plain("  ").add(style, sign).plain(" ").plain(format!("{:<1$}", subject.name, self.name));
        if let Some(why) = &summary.refused {
            page.plain("  ").add(Style::Notice, why).end_line();
            return page;
        }
        let totals = &summary.totals;
        let leaders = totals.markers.count(Marker::LeaderElected);
        page.plain(format!("  {:>9}", nodes(summary.nodes)));
        page.plain(format!("  {:<1$}", subject.seeds(), self.seeds));
        page.plain(column(16, totals.steps, "step"));
        page.plain(column(13, leaders, "leader"));
        page.plain(column(12, totals.faults, "fault"));
        page.plain(column(15, totals.commits, "commit"));
        if let Some((style, remark)) = remark(summary) {
            page.plain("  ").add(style, remark);
        }
        page.end_line();
        page
    }
}

/// A number and its noun in a column, so that numbers end and nouns begin one below the other.
fn column(width: usize, number: u64, noun: &str) -> String {
    let end = if number == 1 { " " } else { "" };
    format!("  {:>width$}", counted(number, noun) + end)
}

/// The sign at the beginning of the line.
fn sign(standing: Standing) -> (Style, &'static str) {
    match standing {
        Standing::Held => (Style::Good, "ok  "),
        Standing::Unmet | Standing::Violated | Standing::Differs => (Style::Bad, "x   "),
        Standing::Refused => (Style::Notice, "skip"),
        Standing::Unfinished => (Style::Notice, "part"),
    }
}

fn nodes((fewest, most): (u8, u8)) -> String {
    match fewest == most {
        true => counted(fewest, "node"),
        false => format!("{fewest}-{most} nodes"),
    }
}

/// What there is to say about a scenario in which not simply everything held.
fn remark(summary: &Summary) -> Option<(Style, String)> {
    let of_runs = |count: u64, what: &str| match summary.wanted {
        1 => what.to_owned(),
        _ => format!("{what} in {} of {}", grouped(count), counted(summary.totals.runs, "run")),
    };
    match summary.standing() {
        Standing::Violated => Some((Style::Bad, of_runs(summary.violated, "violated"))),
        Standing::Differs => Some((Style::Bad, of_runs(summary.differing, "nondeterministic"))),
        Standing::Unmet if summary.unmet > 0 => Some((Style::Bad, of_runs(summary.unmet, "not as expected"))),
        Standing::Unmet if summary.never_met().next().is_some() => {
            Some((Style::Bad, "something expected was never seen".to_owned()))
        }
        Standing::Unmet => Some((Style::Bad, "a bound was not kept".to_owned())),
        Standing::Unfinished => {
            let (done, wanted) = (grouped(summary.totals.runs), counted(summary.wanted, "run"));
            Some((Style::Notice, format!("{done} of {wanted} done")))
        }
        Standing::Held if summary.totals.impossible > 0 => {
            Some((Style::Notice, of_runs(summary.totals.impossible, "no progress was possible")))
        }
        Standing::Held => expected_violation(summary).map(|text| (Style::Good, text)),
        Standing::Refused => None,
    }
}

fn expected_violation(summary: &Summary) -> Option<String> {
    let (_, what) = summary.expectations.keys().find(|(_, what)| what.starts_with("violates "))?;
    Some(format!("{what}, as expected"))
}
