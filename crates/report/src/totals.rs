//! The last lines of a report: what was seen over all runs, and how many scenarios held.
//!
//! A green run in which nothing happened is worth nothing, so what was never seen is not hidden.

use crate::page::{Page, Style};
use crate::words::{counted, grouped, listed};
use whitewater_campaign::summary::{Standing, Summary, Totals};
use whitewater_check::markers::Marker;

/// The markers that the first line of totals names in words.
const COUNTED: [(Marker, &str); 4] = [
    (Marker::LeaderElected, "election"),
    (Marker::Crashes, "crash"),
    (Marker::Restarts, "restart"),
    (Marker::Truncated, "truncation"),
];

/// How many scenarios came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub scenarios: usize,
    /// Those in which everything held.
    pub held: usize,
    /// Those with a violation that was not expected.
    pub violated: usize,
    /// Those with an expectation that was not met.
    pub unmet: usize,
    /// Those with a seed that differs from itself.
    pub differing: usize,
    /// Those that the system cannot run.
    pub skipped: usize,
    /// Those that were interrupted and held so far.
    pub unfinished: usize,
}

impl Tally {
    /// Counts.
    #[must_use]
    pub fn of<'a>(summaries: impl IntoIterator<Item = &'a Summary>) -> Self {
        let mut tally = Self::default();
        for summary in summaries {
            tally.scenarios += 1;
            *match summary.standing() {
                Standing::Held => &mut tally.held,
                Standing::Violated => &mut tally.violated,
                Standing::Unmet => &mut tally.unmet,
                Standing::Differs => &mut tally.differing,
                Standing::Refused => &mut tally.skipped,
                Standing::Unfinished => &mut tally.unfinished,
            } += 1;
        }
        tally
    }

    /// The last line of a report.
    #[must_use]
    pub fn line(&self) -> Page {
        let mut page = Page::new();
        page.add(
            Style::Strong,
            format!("  {}, {} held", counted(self.scenarios as u64, "scenario"), self.held),
        );
        for (style, count, what) in [
            (Style::Bad, self.violated, "violated"),
            (Style::Bad, self.unmet, "not as expected"),
            (Style::Bad, self.differing, "nondeterministic"),
            (Style::Notice, self.skipped, "skipped"),
            (Style::Notice, self.unfinished, "unfinished"),
        ] {
            if count > 0 {
                page.plain(", ").add(style, format!("{count} {what}"));
            }
        }
        page.end_line();
        page
    }
}

/// All totals together.
#[must_use]
pub fn sum<'a>(summaries: impl IntoIterator<Item = &'a Summary>) -> Totals {
    let mut totals = Totals::default();
    summaries.into_iter().for_each(|summary| totals.merge(&summary.totals));
    totals
}

/// That each run was done twice, and whether that made a difference.
#[must_use]
pub fn repeated(summaries: &[Summary]) -> Page {
    let differing: u64 = summaries.iter().map(|summary| summary.differing).sum();
    let mut page = Page::new();
    match differing {
        0 => page.plain("  each run twice, no difference"),
        _ => page
            .plain("  each run twice, ")
            .add(Style::Bad, format!("{} not repeated", counted(differing, "run"))),
    };
    page.end_line();
    page
}

/// What was seen over all runs, in a line or a few.
#[must_use]
pub fn seen(totals: &Totals) -> Page {
    let mut main = vec![counted(totals.runs, "run"), counted(totals.commits, "commit")];
    main.extend(COUNTED.map(|(marker, noun)| plural(totals.markers.count(marker), noun)));
    main.push(counted(totals.faults, "fault"));
    main.push(counted(totals.steps, "step"));
    let rest = totals.markers.iter().filter(|(marker, _)| !COUNTED.iter().any(|(other, _)| other == marker));
    let mut page = listed("  total ", main);
    page.append(faults("  faults ", totals));
    page.append(listed("  seen  ", rest.map(|(marker, count)| format!("{marker} {}", grouped(count)))));
    page.append(reached(totals)).append(no_progress(totals));
    page
}

/// The faults that were done, by kind, behind a label; empty without any.
pub(crate) fn faults(label: &str, totals: &Totals) -> Page {
    listed(
        label,
        totals.faults_by_kind().map(|(family, count)| format!("{} {}", family.name(), grouped(count))),
    )
}

/// That every marker was reached, or which never were.
fn reached(totals: &Totals) -> Page {
    let never: Vec<String> = totals
        .markers
        .iter()
        .filter(|(_, count)| *count == 0)
        .map(|(marker, _)| marker.to_string())
        .collect();
    let mut page = Page::new();
    match never.is_empty() {
        true => page.add(Style::Good, format!("  all {} markers reached", Marker::COUNT)).end_line(),
        false => page.append(listed("  never ", never)),
    };
    page
}

/// In how many runs no progress was possible, and which share that is. A run without progress says little
/// about a cluster.
fn no_progress(totals: &Totals) -> Page {
    let Totals { runs, stalled, impossible, .. } = *totals;
    let mut page = Page::new();
    let Some(share) = (u128::from(impossible) * 10_000).checked_div(u128::from(runs)) else { return page };
    let share = format!("{}.{:02} %", share / 100, share % 100);
    page.plain(format!(
        "  no progress was possible in {} of {} ({share})",
        grouped(impossible),
        counted(runs, "run")
    ));
    if stalled > 0 {
        page.plain(", ").add(Style::Bad, format!("{} stalled although it was", grouped(stalled)));
    }
    page.end_line();
    page
}

/// A count of a noun whose plural may end in -es.
fn plural(count: u64, noun: &str) -> String {
    match noun.ends_with('h') && count != 1 {
        true => format!("{} {noun}es", grouped(count)),
        false => counted(count, noun),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitewater_sim::family::Family;

    #[test]
    fn the_last_line_names_only_what_there_is() {
        let tally = Tally { scenarios: 12, held: 12, ..Tally::default() };
        assert_eq!(tally.line().to_string(), "  12 scenarios, 12 held\n");
        let tally = Tally { scenarios: 8, held: 6, violated: 1, skipped: 1, ..Tally::default() };
        assert_eq!(tally.line().to_string(), "  8 scenarios, 6 held, 1 violated, 1 skipped\n");
        assert_eq!(
            Tally { scenarios: 1, held: 1, ..Tally::default() }.line().to_string(),
            "  1 scenario, 1 held\n"
        );
    }

    #[test]
    fn totals_hide_nothing() {
        let mut totals = Totals { runs: 2, commits: 1_000, ..Totals::default() };
        totals.markers.add(Marker::Crashes);
        totals.markers.add(Marker::SplitVote);
        totals.families[Family::Ring as usize] = 1_000;
        let text = seen(&totals).to_string();
        assert!(
            text.starts_with(
                "  total 2 runs, 1,000 commits, 0 elections, 1 crash, 0 restarts, 0 truncations,"
            ),
            "{text}"
        );
        assert!(text.contains("\n  faults ring 1,000\n"), "{text}");
        assert!(text.contains("split_vote 1,") && text.contains("write_torn 0"), "{text}");
        assert!(text.contains("\n  never leader_elected, two_leaders, stale_candidate,"), "{text}");
        assert_eq!(plural(2, "crash"), "2 crashes");
    }

    #[test]
    fn it_is_said_when_every_marker_was_reached() {
        let mut totals = Totals { runs: 1, ..Totals::default() };
        Marker::ALL.into_iter().for_each(|marker| totals.markers.add(marker));
        assert_eq!(reached(&totals).to_string(), "  all 22 markers reached\n");
    }

    #[test]
    fn runs_without_progress_have_their_share() {
        let said = |runs, impossible, stalled| {
            no_progress(&Totals { runs, impossible, stalled, ..Totals::default() }).to_string()
        };
        assert_eq!(said(0, 0, 0), "");
        assert_eq!(said(5_000, 3, 0), "  no progress was possible in 3 of 5,000 runs (0.06 %)\n");
        assert_eq!(said(1, 1, 0), "  no progress was possible in 1 of 1 run (100.00 %)\n");
        let both = said(200, 0, 2);
        assert!(both.ends_with("in 0 of 200 runs (0.00 %), 2 stalled although it was\n"), "{both}");
    }
}
