//! How a run compares with the capsule that it is to repeat, as text and as JSON.
//!
//! It is told what is the same; it compares nothing.

use crate::failure::Shown;
use crate::json::{Scenario, digest, scenario};
use crate::page::{Page, Style};
use crate::subject::Subject;
use crate::tagged::{Tagged, document, json_line};
use crate::trace::line_at;
use crate::words::{counted, grouped, printable};
use serde::Serialize;
use whitewater_campaign::ladder::Parting;
use whitewater_campaign::replay::Replay;
use whitewater_campaign::summary::Summary;
use whitewater_check::finding::Finding;
use whitewater_sim::scenario::found::Found;

/// What kind of JSON this is.
const FORMAT: &str = "whitewater/replay";

/// The version of its layout.
const VERSION: u32 = 1;

/// How many lines of the trace are shown of the steps that may differ.
const LINES: usize = 20;

/// A capsule that was run again.
#[derive(Clone, Copy, Debug)]
pub struct Replayed<'a> {
    /// The capsule.
    pub subject: &'a Subject,
    /// What it says.
    pub found: &'a Found,
    /// What came of it now.
    pub replay: &'a Replay,
    /// The version of this program.
    pub version: &'static str,
}

#[derive(Serialize)]
struct Document {
    format: &'static str,
    version: u32,
    #[serde(flatten)]
    told: Told,
}

/// What there is to tell.
#[derive(Serialize)]
struct Told {
    same: bool,
    capsule: Side,
    now: Side,
    ladder: bool,
    parting: Option<PartingJson>,
    scenario: Scenario,
    exit: u8,
}

/// What one of the two runs came to.
#[derive(Serialize)]
struct Side {
    property: Option<&'static str>,
    step: Option<u64>,
    digest: String,
    whitewater: Option<String>,
    system: Option<String>,
}

#[derive(Serialize)]
struct PartingJson {
    first: Option<u32>,
    last: Option<u32>,
    ends_after: Option<usize>,
    trace: Vec<String>,
}

impl Replayed<'_> {
    /// The lines that say whether it is the same run.
    #[must_use]
    pub fn page(&self) -> Page {
        let mut page = Page::new();
        let Found { property, step, digest: recorded, version, .. } = self.found;
        let finding = format!("{property} at step {}", grouped(*step));
        let writer = version
            .as_deref()
            .map_or("another version".to_owned(), |version| format!("whitewater {version}"));
        if self.replay.is_same() {
            page.plain("  ").add(Style::Good, "the same run");
            page.plain(format!(
                ": {finding}, digest {}, written down by {}",
                digest(*recorded),
                printable(&writer)
            ));
            page.end_line();
            return page;
        }
        page.plain("  ")
            .add(Style::Bad, "x ")
            .add(Style::Strong, "not the run that the capsule was written of");
        page.end_line();
        page.append(row("capsule", &finding, *recorded, &writer));
        let this = format!("whitewater {}", self.version);
        page.append(row("now", &self.finding_now(), self.replay.verdict.digest, &this));
        page.append(self.parting());
        page
    }

    /// All of it as one JSON document, for a command that ends with this code.
    #[must_use]
    pub fn document(&self, summary: &Summary, shown: Shown, exit: u8) -> String {
        let told = self.told(summary, shown, exit);
        document(&Document { format: FORMAT, version: VERSION, told })
    }

    /// The same as one line.
    #[must_use]
    pub fn line(&self, summary: &Summary, shown: Shown, exit: u8) -> String {
        let rest = self.told(summary, shown, exit);
        json_line(&Tagged { format: FORMAT, version: VERSION, line: "replay", rest })
    }

    /// The finding to hold against that of the capsule: the one of the same property, else the first.
    fn finding(&self) -> Option<&Finding> {
        let verdict = &self.replay.verdict;
        verdict.found_of(self.found.property).or_else(|| verdict.failures().next())
    }

    fn finding_now(&self) -> String {
        let steps = || format!("nothing violated in {}", counted(self.replay.verdict.steps, "step"));
        let told = |finding: &Finding| format!("{} at step {}", finding.property, grouped(finding.at.step));
        self.finding().map_or_else(steps, told)
    }

    /// Where the two part, and what happens there now.
    fn parting(&self) -> Page {
        let mut page = Page::new();
        let said = match (self.replay.parting, self.replay.same_digest) {
            (Some(Parting::Among { first, last }), _) if first == last => {
                format!("step {} is the first that differs; now there is", grouped(first))
            }
            (Some(Parting::Among { first, last }), _) => {
                let (first, last) = (grouped(first), grouped(last));
                format!("the first step that differs is one of {first} to {last}; now there is")
            }
            (Some(Parting::Ends { after, of }), _) => {
                let (after, of) = (grouped(after as u64), counted(of as u64, "step"));
                format!("now it ends after {after} of {of}; up to then every step is the same")
            }
            (None, true) => "the digests are equal: the same happens, and it is judged otherwise".to_owned(),
            (None, false) if self.found.ladder.is_none() => {
                "the capsule has no digest ladder, so all that is known is that the digest differs".to_owned()
            }
            (None, false) => "every step is the same; the digests differ at the end".to_owned(),
        };
        page.add(Style::Dim, "      first    ").plain(said).end_line();
        let lines = self.lines();
        lines.iter().take(LINES).for_each(|line| _ = page.plain(format!("    {line}")).end_line());
        if let Some(more) = lines.len().checked_sub(LINES).filter(|more| *more > 0) {
            page.plain(format!("      and {}", counted(more as u64, "more line"))).end_line();
        }
        page
    }

    /// What happens now in the steps of which one is the first that differs.
    fn lines(&self) -> Vec<String> {
        let Some(Parting::Among { first, last }) = self.replay.parting else { return Vec::new() };
        let records = &self.replay.verdict.trace;
        let timeline = self.subject.timeline(self.replay.verdict.seed);
        let there = (0..records.len()).filter(|place| (first..=last).contains(&records[*place].step));
        there.map(|place| line_at(records, place, &timeline)).collect()
    }

    fn told(&self, summary: &Summary, shown: Shown, exit: u8) -> Told {
        let (found, verdict, now) = (self.found, &self.replay.verdict, self.finding());
        let parting = |parting| match parting {
            Parting::Among { first, last } => {
                PartingJson { first: Some(first), last: Some(last), ends_after: None, trace: self.lines() }
            }
            Parting::Ends { after, .. } => {
                PartingJson { first: None, last: None, ends_after: Some(after), trace: Vec::new() }
            }
        };
        Told {
            same: self.replay.is_same(),
            capsule: Side {
                property: Some(found.property.name()),
                step: Some(found.step),
                digest: digest(found.digest),
                whitewater: found.version.clone(),
                system: found.system.clone(),
            },
            now: Side {
                property: now.map(|finding| finding.property.name()),
                step: now.map(|finding| u64::from(finding.at.step)),
                digest: digest(verdict.digest),
                whitewater: Some(self.version.to_owned()),
                system: Some(verdict.system.clone()),
            },
            ladder: found.ladder.is_some(),
            parting: self.replay.parting.map(parting),
            scenario: scenario(self.subject, summary, shown),
            exit,
        }
    }
}

/// What one of the two runs came to.
fn row(label: &str, finding: &str, recorded: u64, writer: &str) -> Page {
    let mut page = Page::new();
    page.add(Style::Dim, format!("      {label:<9}")).plain(printable(finding));
    page.plain(format!("   digest {}   {}", digest(recorded), printable(writer))).end_line();
    page
}
