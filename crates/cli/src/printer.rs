//! Writes the results of `run` as they come: each scenario once it and all before it are through.
//!
//! It knows the order of what is printed; the words are those of the reports.

use crate::args::{Common, Run};
use crate::choices::{RunFormat, Trace};
use crate::exit::Exit;
use crate::github::Github;
use crate::output::Output;
use crate::run::Row;
use whitewater_campaign::summary::Summary;
use whitewater_report::entry::{Talk, entry};
use whitewater_report::failure::Shown;
use whitewater_report::json::{Document, End, end_line, scenario_line};
use whitewater_report::line::Columns;
use whitewater_report::page::Page;
use whitewater_report::totals::{Tally, repeated, seen, sum};
use whitewater_report::trace::Form;
use whitewater_report::{github, junit};

/// Writes results as they come.
pub(crate) struct Printer<'a> {
    rows: &'a [Row<'a>],
    columns: Columns,
    shown: Shown,
    talk: Talk,
    format: RunFormat,
    output: Output,
    github: &'a Github,
    /// How many rows are printed.
    printed: usize,
}

impl<'a> Printer<'a> {
    /// A printer of these rows.
    pub(crate) fn new(rows: &'a [Row<'a>], run: &Run, common: &'a Common, output: Output) -> Self {
        let shown = shown(run.trace, common.verbose);
        let alone = rows.iter().map(|row| row.subject.seeds.count()).sum::<u128>() == 1;
        let talk = match (common.quiet, common.verbose) {
            (true, _) => Talk::Quiet,
            (false, true) => Talk::Verbose,
            (false, false) if alone => Talk::Alone,
            (false, false) => Talk::Normal,
        };
        let columns = Columns::of(rows.iter().map(|row| &row.subject));
        Self {
            rows,
            columns,
            shown,
            talk,
            format: run.results.format,
            output,
            github: &common.github,
            printed: 0,
        }
    }

    /// The next leg is through: the rows before it that cannot be run are due as well.
    pub(crate) fn leg(&mut self, summary: &Summary) {
        while let Err(why) = &self.rows[self.printed].leg {
            let refused = self.rows[self.printed].refused(why);
            self.row(&refused);
        }
        self.row(summary);
    }

    /// Whether nobody reads any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.output.is_closed()
    }

    fn row(&mut self, summary: &Summary) {
        let subject = &self.rows[self.printed].subject;
        self.printed += 1;
        match self.format {
            RunFormat::Human => {
                self.output.page(&entry(subject, summary, self.columns, self.shown, self.talk));
            }
            RunFormat::Json | RunFormat::Junit | RunFormat::Github => {}
            RunFormat::Ndjson => self.output.text(&scenario_line(subject, summary, self.shown)),
        }
    }

    /// Writes what is left, and the end.
    pub(crate) fn finish(mut self, summaries: &[Summary], end: End) -> Result<(), Exit> {
        for summary in &summaries[self.printed..] {
            self.row(summary);
        }
        let results: Vec<_> = self.rows.iter().map(|row| &row.subject).zip(summaries).collect();
        match self.format {
            RunFormat::Human => self.output.page(&last_lines(summaries, end.twice, self.talk)),
            RunFormat::Json => self.output.text(&Document::new(&results, self.shown, end).text()),
            RunFormat::Ndjson => self.output.text(&end_line(end)),
            RunFormat::Junit => self.output.text(&junit::campaign(&results, &[])),
            RunFormat::Github => self.output.text(&github::campaign(&results, &[])),
        }
        let taken = self.format != RunFormat::Human && self.output.is_standard();
        let written = self.output.finish();
        written.and(self.github.tell(taken, &results, &[]))
    }
}

/// How much of a trace is shown when this was asked for.
pub(crate) fn shown(trace: Option<Trace>, verbose: bool) -> Shown {
    match trace {
        None if verbose => Shown::LastLines,
        None => Shown::Story,
        Some(Trace::None) => Shown::Nothing,
        Some(Trace::Short) => Shown::All(Form::Short),
        Some(Trace::Full) => Shown::All(Form::Full),
    }
}

fn last_lines(summaries: &[Summary], twice: bool, talk: Talk) -> Page {
    let totals = sum(summaries);
    let mut page = Page::new();
    if totals.runs > summaries.len() as u64 && talk > Talk::Quiet || talk == Talk::Verbose {
        page.append(seen(&totals));
    }
    if twice && totals.runs > 0 && talk > Talk::Quiet {
        page.append(repeated(summaries));
    }
    page.append(Tally::of(summaries).line());
    page
}
