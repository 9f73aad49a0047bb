//! What came of reading scenarios without running them, as lines and as JSON.

use crate::page::{Page, Style};
use crate::tagged::{Tagged, document as json, json_line};
use crate::words::{counted, first_sentence};
use serde::Serialize;
use whitewater_sim::scenario::{Scenario, Seeds};

/// Something wrong or doubtful.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// Where it stands: a file, or `--set`.
    pub file: String,
    /// The line and the column, counted from 1, in characters; `None` when it is about the whole file.
    pub place: Option<(usize, usize)>,
    /// What is wrong, and what was expected.
    pub message: String,
    /// What may have been meant.
    pub help: Option<String>,
}

/// One file that was read.
#[derive(Clone, Debug, Serialize)]
pub struct Checked {
    file: String,
    /// `None` when it is no scenario.
    scenario: Option<About>,
    remarks: Vec<Remark>,
}

/// What a scenario is.
#[derive(Clone, Debug, Serialize)]
struct About {
    name: String,
    /// The name that people are shown.
    #[serde(skip)]
    shown: String,
    about: String,
    /// Its own seed, as a string.
    seed: Option<String>,
    /// Whether it runs with that seed only.
    fixed: bool,
}

impl Checked {
    /// A scenario, shown to people by this name, with what is doubtful about it.
    #[must_use]
    pub fn good(file: &str, shown: &str, scenario: &Scenario, warnings: Vec<Remark>) -> Self {
        let (seed, fixed) = match scenario.seeds() {
            Seeds::Fixed(seed) => (Some(seed), true),
            Seeds::Free(seed) => (seed, false),
        };
        let [name, about, shown] = [scenario.name(), scenario.about(), shown].map(str::to_owned);
        let about = About { name, shown, about, seed: seed.map(|seed| seed.to_string()), fixed };
        Self { file: file.to_owned(), scenario: Some(about), remarks: warnings }
    }

    /// A file that is no scenario.
    #[must_use]
    pub fn wrong(file: &str, errors: Vec<Remark>) -> Self {
        Self { file: file.to_owned(), scenario: None, remarks: errors }
    }

    /// Whether it is a scenario.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.scenario.is_some()
    }

    /// It as a line of JSON.
    #[must_use]
    pub fn json_line(&self) -> String {
        json_line(&Tagged { format: FORMAT, version: VERSION, line: "file", rest: self })
    }
}

/// What kind of JSON this is.
const FORMAT: &str = "whitewater/check";

/// The version of its layout.
const VERSION: u32 = 1;

/// The end of a check.
#[derive(Serialize)]
struct End {
    summary: Counts,
    exit: u8,
}

#[derive(Serialize)]
struct Counts {
    files: usize,
    ok: usize,
    wrong: usize,
    warnings: usize,
}

impl Counts {
    fn of(files: &[Checked]) -> Self {
        let ok = files.iter().filter(|file| file.is_good()).count();
        let warnings = files.iter().filter(|file| file.is_good()).map(|file| file.remarks.len()).sum();
        Self { files: files.len(), ok, wrong: files.len() - ok, warnings }
    }
}

/// A line for each scenario: its name and what it is. What is no scenario has been said already.
#[must_use]
pub fn lines(files: &[Checked]) -> Page {
    let width = |text: &str| text.chars().count();
    let about: Vec<&About> = files.iter().filter_map(|file| file.scenario.as_ref()).collect();
    let names = about.iter().map(|about| width(&about.shown)).max().unwrap_or(0);
    let seeds = about.iter().map(|about| width(&about.seeds())).max().unwrap_or(0);
    let mut page = Page::new();
    for about in about {
        page.plain("  ").add(Style::Good, "ok  ").plain(format!(" {:<names$}  ", about.shown));
        page.add(Style::Dim, format!("{:<seeds$}", about.seeds()));
        page.plain(format!("  {}", first_sentence(&about.about))).end_line();
    }
    page
}

impl About {
    fn seeds(&self) -> String {
        match (&self.seed, self.fixed) {
            (Some(seed), true) => format!("seed {seed} only"),
            (Some(seed), false) => format!("seed {seed}"),
            (None, _) => "any seed".to_owned(),
        }
    }
}

/// The last line.
#[must_use]
pub fn last_line(files: &[Checked]) -> Page {
    let Counts { files, ok, wrong, warnings } = Counts::of(files);
    let mut page = Page::new();
    page.add(Style::Strong, format!("  {}, {ok} ok", counted(files as u64, "file")));
    if wrong > 0 {
        page.plain(", ").add(Style::Bad, format!("{wrong} wrong"));
    }
    if warnings > 0 {
        page.plain(", ").add(Style::Notice, counted(warnings as u64, "warning"));
    }
    page.end_line();
    page
}

/// All of it as one document.
#[must_use]
pub fn document(files: &[Checked], exit: u8) -> String {
    #[derive(Serialize)]
    struct Document<'a> {
        format: &'static str,
        version: u32,
        files: &'a [Checked],
        #[serde(flatten)]
        end: End,
    }
    let end = End { summary: Counts::of(files), exit };
    let document = Document { format: FORMAT, version: VERSION, files, end };
    json(&document)
}

/// The end as a line of JSON.
#[must_use]
pub fn json_end(files: &[Checked], exit: u8) -> String {
    let rest = End { summary: Counts::of(files), exit };
    json_line(&Tagged { format: FORMAT, version: VERSION, line: "summary", rest })
}
