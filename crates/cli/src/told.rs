//! Tells what a campaign came to: on standard output in the form that was asked for, and in its folder in all.
//!
//! It knows the order of things; the words are those of the reports.

use crate::args::{Common, Format};
use crate::exit::Exit;
use crate::folder::{Folder, Sheet};
use crate::output::Output;
use std::io;
use std::path::PathBuf;
use whitewater_campaign::group::Group;
use whitewater_campaign::shard::Shard;
use whitewater_campaign::summary::Summary;
use whitewater_report::caught::{self, Earlier, Hung};
use whitewater_report::json::{End, Env};
use whitewater_report::line::Columns;
use whitewater_report::page::Page;
use whitewater_report::subject::Subject;
use whitewater_report::totals::{Tally, seen, sum};
use whitewater_report::{campaign, junit, markdown};

/// What a campaign came to.
pub(crate) struct Campaign {
    /// The scenarios.
    pub(crate) subjects: Vec<Subject>,
    /// What each came to.
    pub(crate) summaries: Vec<Summary>,
    /// The kinds of failure.
    pub(crate) groups: Vec<Group>,
    /// What became of earlier failures.
    pub(crate) earlier: Vec<Earlier>,
    /// The runs that did not get on.
    pub(crate) hung: Vec<Hung>,
    /// Which part of the seeds it is.
    pub(crate) shard: Shard,
    /// How the command ends.
    pub(crate) exit: Exit,
}

/// How it is told.
pub(crate) struct Told<'a> {
    /// What it came to.
    pub(crate) campaign: &'a Campaign,
    /// What every command takes.
    pub(crate) common: &'a Common,
    /// The form of the results.
    pub(crate) format: Format,
    /// What depends on the machine and the moment.
    pub(crate) env: Env,
}

impl Campaign {
    fn results(&self) -> Vec<(&Subject, &Summary)> {
        self.subjects.iter().zip(&self.summaries).collect()
    }

    fn program(&self) -> &str {
        self.subjects.first().map_or("whitewater", |subject| &subject.asked.program)
    }

    /// Everything for people.
    fn page(&self, common: &Common) -> Page {
        let mut page = caught::earlier(self.program(), &self.earlier);
        let columns = Columns::of(&self.subjects);
        for (subject, summary) in self.results() {
            page.append(caught::entry(subject, summary, &self.groups, columns, common.quiet));
        }
        page.append(caught::hung(self.program(), &self.hung));
        if !common.quiet {
            page.append(seen(&sum(&self.summaries))).append(caught::repeated(&self.summaries));
        }
        page.append(Tally::of(&self.summaries).line());
        page
    }
}

impl Told<'_> {
    /// Writes the results where they were asked for.
    ///
    /// # Errors
    ///
    /// How the command ends when that fails.
    pub(crate) fn print(&self, mut output: Output) -> Result<(), Exit> {
        match self.format {
            Format::Human => output.page(&self.campaign.page(self.common)),
            Format::Json => output.text(""),
            Format::Ndjson => self.lines().for_each(|line| output.text(&line)),
        }
        output.finish()
    }

    /// Leaves the report in the folder.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn report(&self, folder: &Folder) -> io::Result<()> {
        let campaign = self.campaign;
        let sheets: [Sheet; 2] = [
            ("summary.md", markdown::campaign(&campaign.results(), &campaign.groups)),
            ("junit.xml", junit::campaign(&campaign.results(), &campaign.groups)),
        ];
        let capsules: Vec<PathBuf> =
            campaign.groups.iter().filter_map(|group| group.capsule.as_ref().map(PathBuf::from)).collect();
        folder.report(&sheets, &capsules)
    }

    /// A line for each scenario, then for each kind, then the end.
    fn lines(&self) -> impl Iterator<Item = String> {
        let results = self.campaign.results().into_iter();
        let scenarios = results.map(|(subject, summary)| campaign::scenario_line(subject, summary));
        let kinds = self.campaign.groups.iter().map(campaign::kind_line);
        let begin = campaign::begin_line(&self.campaign.subjects);
        let end = End::new(&self.campaign.summaries, false, self.campaign.exit.code(), self.env.clone());
        [begin].into_iter().chain(scenarios).chain(kinds).chain([campaign::end_line(end)])
    }
}
