//! Why a run failed, as lines for people and as JSON: what is told, it is told.

use crate::failure::{fact_line, headline, replay};
use crate::json::{digest, seed};
use crate::page::{Page, Style};
use crate::shrunk::{needed, smaller_than};
use crate::subject::Subject;
use crate::tagged::{Tagged, document, json_line};
use crate::words::{counted, grouped, printable};
use serde::{Deserialize, Serialize};
use whitewater_campaign::why::{Line, Story};
use whitewater_check::types::{At, NodeId};
use whitewater_sim::verdict::Verdict;

/// What kind of JSON this is.
const FORMAT: &str = "whitewater/why";

/// The version of its layout.
const VERSION: u32 = 1;

/// A run and its story.
#[derive(Clone, Copy, Debug)]
pub struct Why<'a> {
    /// The scenario or capsule.
    pub subject: &'a Subject,
    /// What the run came to.
    pub verdict: &'a Verdict,
    /// Why.
    pub story: &'a Story,
}

#[derive(Serialize)]
struct Document {
    format: &'static str,
    version: u32,
    #[serde(flatten)]
    told: Told,
}

#[derive(Serialize)]
struct Told {
    name: String,
    file: String,
    seed: String,
    digest: String,
    property: Option<&'static str>,
    facts: Vec<String>,
    why: Vec<LineJson>,
    needs: Option<Vec<String>>,
    replay: String,
    exit: u8,
}

/// A line of a story.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LineJson {
    text: String,
    section: Option<String>,
    broken: bool,
    node: String,
    step: u32,
    time_ns: u64,
}

impl Why<'_> {
    /// All of it, for people.
    #[must_use]
    pub fn page(&self) -> Page {
        let mut page = told(self.verdict, self.story);
        if is_well(self.verdict) {
            return page;
        }
        page.append(smaller_than(&self.subject.scenario, self.verdict.seed));
        page.append(replay(&self.subject.again(self.verdict.seed)));
        page
    }

    /// All of it as one JSON document, for a command that ends with this code.
    #[must_use]
    pub fn document(&self, exit: u8) -> String {
        document(&Document { format: FORMAT, version: VERSION, told: self.told(exit) })
    }

    /// The same as one line.
    #[must_use]
    pub fn line(&self, exit: u8) -> String {
        json_line(&Tagged { format: FORMAT, version: VERSION, line: "why", rest: self.told(exit) })
    }

    fn told(&self, exit: u8) -> Told {
        let found = self.verdict.found().next();
        let facts = found.into_iter().flat_map(|finding| finding.facts.iter().map(|fact| fact.text.clone()));
        Told {
            name: self.subject.name.clone(),
            file: self.subject.file.clone(),
            seed: seed(self.verdict.seed),
            digest: digest(self.verdict.digest),
            property: found.map(|finding| finding.property.name()),
            facts: facts.collect(),
            why: lines_json(self.story),
            needs: self.story.needs.clone(),
            replay: self.subject.again(self.verdict.seed),
            exit,
        }
    }
}

/// What a run came to and why, without how to run it again.
pub(crate) fn told(verdict: &Verdict, story: &Story) -> Page {
    let mut page = Page::new();
    if is_well(verdict) {
        let steps = counted(verdict.steps, "step");
        page.plain(format!("  nothing is wrong with seed {} in {steps}", verdict.seed)).end_line();
        return page;
    }
    match verdict.found().next() {
        Some(finding) => {
            page.append(headline(finding, verdict.seed));
            finding.facts.iter().for_each(|fact| _ = page.append(fact_line(fact)));
        }
        None => _ = page.append(missed(verdict)),
    }
    page.append(lines(story));
    if story.lines.is_empty() {
        page.plain("    nothing that was observed tells why").end_line();
    }
    page
}

/// Whether nothing was violated, and nothing expected in vain.
fn is_well(verdict: &Verdict) -> bool {
    verdict.found().next().is_none() && verdict.unmet().next().is_none()
}

/// The same as lines.
fn missed(verdict: &Verdict) -> Page {
    let mut page = Page::new();
    for expected in verdict.unmet() {
        page.plain("  ").add(Style::Bad, "x ").add(Style::Strong, printable(&expected.what));
        page.plain(format!("   measured {}   seed {}", expected.measured, verdict.seed)).end_line();
    }
    page
}

/// The lines of a story behind their label; nothing when there is none.
pub(crate) fn lines(story: &Story) -> Page {
    let mut page = Page::new();
    for (number, Line { at, text, section, broken }) in story.lines.iter().enumerate() {
        page.add(Style::Dim, if number == 0 { "    why    " } else { "           " });
        page.add(Style::Dim, format!("{:>9}  {:>6}  ", time(at.time), grouped(at.step)));
        page.add(if *broken { Style::Strong } else { Style::Plain }, printable(text));
        match (section.is_empty(), broken) {
            (true, _) => &mut page,
            (false, true) => page.add(Style::Bad, format!("   <- breaks {section}")),
            (false, false) => page.add(Style::Dim, format!("   <- {section}")),
        };
        page.end_line();
    }
    if let Some(needs) = &story.needs {
        page.append(needed(needs));
    }
    page
}

/// A time as the lines of a trace begin with it, in milliseconds.
fn time(nanos: u64) -> String {
    format!("{}.{:03}s", nanos / 1_000_000_000, nanos / 1_000_000 % 1_000)
}

/// The lines of a story for programs.
pub(crate) fn lines_json(story: &Story) -> Vec<LineJson> {
    let line = |line: &Line| LineJson {
        text: line.text.clone(),
        section: Some(line.section.to_string()).filter(|section| !section.is_empty()),
        broken: line.broken,
        node: line.at.node.to_string(),
        step: line.at.step,
        time_ns: line.at.time,
    };
    story.lines.iter().map(line).collect()
}

/// A line of a story that was written for programs; `None` when it has no node.
pub(crate) fn line_of(json: LineJson) -> Option<Line> {
    let number: u8 = json.node.strip_prefix('n')?.parse().ok()?;
    let at = At { time: json.time_ns, step: json.step, node: NodeId(number.checked_sub(1)?) };
    let section = json.section.unwrap_or_default().into();
    Some(Line { at, text: json.text, section, broken: json.broken })
}
