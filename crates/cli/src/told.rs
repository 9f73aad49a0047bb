//! Tells what a campaign came to: on standard output in the form that was asked for, and in its folder in all.
//!
//! It knows the order of things; the words are those of the reports.

use crate::args::Common;
use crate::choices::RunFormat;
use crate::exit::Exit;
use crate::folder::{Folder, Sheet};
use crate::output::Output;
use crate::run::Row;
use std::io;
use std::path::PathBuf;
use whitewater_campaign::group::Group;
use whitewater_report::campaign::Failed;
use whitewater_report::caught;
use whitewater_report::json::{End, Env};
use whitewater_report::line::Columns;
use whitewater_report::page::Page;
use whitewater_report::record::Record;
use whitewater_report::totals::{Tally, seen, sum};
use whitewater_report::{campaign, github, junit, markdown};

/// What a campaign came to, and how it is told.
pub(crate) struct Told<'a> {
    /// What it came to.
    pub(crate) record: &'a Record,
    /// What every command takes.
    pub(crate) common: &'a Common,
    /// The form of the results.
    pub(crate) format: RunFormat,
    /// How the command ends.
    pub(crate) exit: Exit,
    /// What depends on the machine and the moment.
    pub(crate) env: Env,
}

impl Told<'_> {
    /// Writes the results where they were asked for.
    ///
    /// # Errors
    ///
    /// How the command ends when that fails.
    pub(crate) fn print(&self, mut output: Output) -> Result<(), Exit> {
        let Record { groups, .. } = self.record;
        let results = self.record.results();
        match self.format {
            RunFormat::Human => output.page(&self.page()),
            RunFormat::Json => output.text(&self.record.text(self.exit.code(), Some(self.env.clone()))),
            RunFormat::Ndjson => self.lines().for_each(|line| output.text(&line)),
            RunFormat::Junit => output.text(&junit::campaign(&results, groups)),
            RunFormat::Github => output.text(&github::campaign(&results, groups)),
        }
        let taken = self.format != RunFormat::Human && output.is_standard();
        output.finish().and(self.common.github.tell(taken, &results, groups))
    }

    /// Leaves the report in the folder.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn report(&self, folder: &Folder) -> io::Result<()> {
        let Record { groups, .. } = self.record;
        let results = self.record.results();
        let sheets: [Sheet; 4] = [
            ("summary.json", self.record.text(self.exit.code(), None)),
            ("env.json", self.env.text()),
            ("summary.md", markdown::campaign(&results, groups)),
            ("junit.xml", junit::campaign(&results, groups)),
        ];
        let capsules: Vec<PathBuf> =
            groups.iter().filter_map(|group| group.capsule.as_ref().map(PathBuf::from)).collect();
        folder.report(&sheets, &capsules)
    }

    /// Everything for people.
    fn page(&self) -> Page {
        let Record { subjects, summaries, groups, earlier, hung, .. } = self.record;
        let program = subjects.first().map_or("", |subject| &subject.asked.program);
        let mut page = caught::earlier(program, earlier);
        let columns = Columns::of(subjects);
        for (subject, summary) in self.record.results() {
            page.append(caught::entry(subject, summary, groups, columns, self.common.quiet));
        }
        page.append(caught::hung(program, hung));
        if !self.common.quiet {
            page.append(seen(&sum(summaries))).append(caught::repeated(summaries));
        }
        page.append(Tally::of(summaries).line());
        page
    }

    /// After the lines of [`Live`]: one for each scenario, then for each kind, then the end.
    fn lines(&self) -> impl Iterator<Item = String> {
        let Record { summaries, groups, .. } = self.record;
        let results = self.record.results().into_iter();
        let scenarios = results.map(|(subject, summary)| campaign::scenario_line(subject, summary));
        let kinds = groups.iter().map(campaign::kind_line);
        let end = End::new(summaries, false, self.exit.code(), self.env.clone());
        scenarios.chain(kinds).chain([campaign::end_line(end)])
    }
}

/// Tells what is known while a campaign goes on, line by line, if that is the form.
pub(crate) struct Live<'a> {
    rows: &'a [Row<'a>],
    output: Option<&'a mut Output>,
}

impl<'a> Live<'a> {
    /// Tells what will run.
    pub(crate) fn begin(rows: &'a [Row<'a>], format: RunFormat, output: &'a mut Output) -> Self {
        let mut output = Some(output).filter(|_| format == RunFormat::Ndjson);
        let begin = || campaign::begin_line(rows.iter().map(|row| &row.subject));
        output.iter_mut().for_each(|output| output.text(&begin()));
        Self { rows, output }
    }

    /// Tells of a failure.
    pub(crate) fn failed(&mut self, failure: &Group) {
        let row = self.rows.iter().find(|row| row.subject.file == failure.scenario);
        if let (Some(output), Some(Row { subject, .. })) = (&mut self.output, row) {
            let Group { seed, property, step, .. } = *failure;
            let capsule = failure.capsule.as_deref();
            output.text(&campaign::failed_line(Failed { subject, seed, property, step, capsule }));
        }
    }
}
