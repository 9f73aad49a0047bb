//! A run, or a campaign, as a page: one file that needs no network and opens from a disk.
//!
//! | what | file |
//! |---|---|
//! | what the page is told of a run | `run` |
//! | the numbers of it | `columns` |
//! | a campaign | [`campaign`] |
//! | template and texts become a page | `fill` |
//! | how it looks and what it does | `page/run.html`, `page/run.css`, `page/run/*.js`; `page/campaign.*` |
//!
//! What comes from a scenario or a system goes into the page as data: packed, or with its markup taken for text. What
//! this does not know: where the page goes.

pub mod campaign;
mod columns;
mod fill;
mod run;

use crate::html::fill::{fill, packed};
use crate::shrunk::{needed, needs};
use crate::subject::Subject;
use crate::trace::{line_at, shown};
use crate::words::{escaped, grouped};
use whitewater_campaign::film::Film;
use whitewater_campaign::why::Story;
use whitewater_sim::verdict::Verdict;

/// How many lines of a run stand in its page as text.
const MOST_LINES: usize = 1000;

const SCRIPT: &str = concat!(
    include_str!("../../page/run/data.js"),
    include_str!("../../page/run/words.js"),
    include_str!("../../page/run/model.js"),
    include_str!("../../page/run/axis.js"),
    include_str!("../../page/run/draw.js"),
    include_str!("../../page/run/labels.js"),
    include_str!("../../page/run/panels.js"),
    include_str!("../../page/run/main.js"),
);

/// One run, as a page shows it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The scenario or capsule.
    pub subject: &'a Subject,
    /// What the run came to.
    pub verdict: &'a Verdict,
    /// All of it.
    pub film: &'a Film,
    /// Why it failed, if it did.
    pub story: &'a Story,
    /// The places in its timeline of the faults without any one of which it would not have failed, where that was
    /// tried.
    pub needs: &'a [usize],
}

/// The page of a run.
#[must_use]
pub fn run_page(run: &Shown<'_>) -> String {
    let title = format!("{}, seed {}", run.subject.name, run.verdict.seed);
    let (head, columns) = run::told(run);
    let data = packed(&[head.as_bytes(), b"\n", &columns]);
    let texts = [
        ("@@TITLE@@", escaped(&title)),
        ("@@STYLE@@", include_str!("../../page/run.css").to_owned()),
        ("@@TEXT@@", escaped(&in_words(run))),
        ("@@DATA@@", data),
        ("@@SCRIPT@@", SCRIPT.to_owned()),
    ];
    let texts = texts.each_ref().map(|(mark, text)| (*mark, text.as_str()));
    fill(include_str!("../../page/run.html"), &texts)
}

/// The run in words, for those who cannot see it drawn: why it failed, and the end of its short trace.
fn in_words(run: &Shown<'_>) -> String {
    let mut text = String::new();
    for finding in run.verdict.found() {
        text += &format!("{} at step {}\n", finding.property.title(), finding.at.step);
        finding.facts.iter().for_each(|fact| text += &format!("    {}, step {}\n", fact.text, fact.at.step));
    }
    for line in &run.story.lines {
        text += &format!("  why  step {:>6}  {}  {}\n", line.at.step, line.text, line.section);
    }
    text += &needed(&needs(&run.subject.scenario.plan(run.verdict.seed), run.needs)).to_string();
    let timeline = run.subject.timeline(run.verdict.seed);
    let records = run.film.tape().records();
    let places: Vec<usize> = shown(records).collect();
    let skipped = places.len().saturating_sub(MOST_LINES);
    if skipped > 0 {
        text += &format!(
            "{} lines before these are left out; `{}` shows them\n",
            grouped(skipped as u64),
            run.subject.again(run.verdict.seed)
        );
    }
    for place in &places[skipped..] {
        text += &line_at(records, *place, &timeline);
        text.push('\n');
    }
    text
}
