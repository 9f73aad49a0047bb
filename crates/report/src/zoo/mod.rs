//! The bug zoo as a table for people, as a file to keep, and as JSON for programs.
//!
//! It knows what a hunt came to and says so. It must not know how a bug is planted or where a hunt was run.

use crate::page::{Page, Style};
use crate::tagged::{Tagged, document as json, json_line};
use crate::words::grouped;
use serde::Serialize;
use std::fmt::Write;
use whitewater_campaign::zoo::{Bag, Caught, Lens, Sighting};
use whitewater_check::property::{Class, Property};

/// What kind of JSON this is.
const FORMAT: &str = "whitewater/zoo";

/// The version of its layout.
const VERSION: u32 = 1;

/// What was hunted for, and what it came to.
#[derive(Clone, Debug)]
pub struct Hunted {
    /// The name of the bug; `None` for the correct node, in which nothing may be found.
    pub bug: Option<&'static str>,
    /// What is wrong, in one sentence.
    pub about: &'static str,
    /// The rule that it breaks.
    pub section: &'static str,
    /// The properties of which any counts as having caught it.
    pub properties: Vec<Property>,
    /// Where it was seen in the wild.
    pub seen: &'static [&'static str],
    /// The campaign that hunted for it.
    pub campaign: &'static str,
    /// What it came to.
    pub bag: Bag,
    /// How long that took, in milliseconds of wall time.
    pub elapsed_ms: u64,
}

impl Hunted {
    /// Whether it is as it should be: a bug is missed by no more than one campaign in twenty, and the correct
    /// node by all.
    #[must_use]
    pub fn is_well(&self) -> bool {
        let (missed, campaigns) = (self.bag.missed(Caught::first), self.bag.campaigns.len());
        match self.bug {
            Some(_) => missed * 20 <= campaigns,
            None => missed == campaigns,
        }
    }

    fn name(&self) -> &'static str {
        self.bug.unwrap_or("(the correct node)")
    }

    fn wants(&self, class: Class) -> bool {
        self.properties.iter().any(|property| property.class() == class)
    }

    /// The cells of its row: seeds to any sighting, those of each kind, and what was seen.
    fn cells(&self) -> [String; 7] {
        let bag = &self.bag;
        let seeds = |lens: Lens, percent| bag.quantile(lens, percent).map_or("-".to_owned(), grouped);
        let of = |lens: Lens, class| match bag.mostly(lens) {
            Some(what) => what.to_owned(),
            None if self.wants(class) => "never".to_owned(),
            None => String::new(),
        };
        [
            self.campaign.to_owned(),
            seeds(Caught::first, 50),
            seeds(Caught::first, 90),
            bag.missed(Caught::first).to_string(),
            of(early, Class::Early),
            of(outcome, Class::Outcome),
            if self.wants(Class::Outcome) { seeds(outcome, 50) } else { String::new() },
        ]
    }
}

/// The heads of the columns behind the name.
const HEADS: [&str; 7] = ["campaign", "median", "p90", "missed", "early", "outcome", "median"];

fn early(caught: &Caught) -> Option<&Sighting> {
    caught.early.as_ref()
}

fn outcome(caught: &Caught) -> Option<&Sighting> {
    caught.outcome.as_ref()
}

/// The results as lines for people.
#[must_use]
pub fn table(hunted: &[Hunted]) -> Page {
    let rows: Vec<[String; 7]> = hunted.iter().map(Hunted::cells).collect();
    let names = hunted.iter().map(|one| one.name().chars().count()).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([HEADS[column].len()]).max().unwrap_or(0)
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut page = Page::new();
    let line = |cells: [&str; 7]| {
        let cell = |(column, text): (usize, &str)| match column {
            1..=3 | 6 => format!("  {text:>width$}", width = widths[column]),
            _ => format!("  {text:<width$}", width = widths[column]),
        };
        cells.into_iter().enumerate().map(cell).collect::<String>()
    };
    let head = format!("     {:<names$}{}", "bug", line(HEADS));
    page.add(Style::Dim, head.trim_end()).end_line();
    for (one, row) in hunted.iter().zip(&rows) {
        match one.is_well() {
            true => page.add(Style::Good, "ok   "),
            false => page.add(Style::Bad, "x    "),
        };
        let cells = line(row.each_ref().map(String::as_str));
        page.add(Style::Strong, format!("{:<names$}", one.name())).plain(cells.trim_end()).end_line();
    }
    page
}

/// The results as a file to keep: what was asked, what the columns mean, and a row each.
#[must_use]
pub fn markdown(hunted: &[Hunted], command: &str, (campaigns, seeds): (u64, u64)) -> String {
    let mut text = format!(
        "# The bug zoo\n\nWritten by `{command}`.\n\n\
         Each mistake is planted alone and hunted for in {campaigns} campaigns that share no seed, each of up to \
         {seeds} seeds of the campaign file named. A campaign of `liveness` is judged as a whole, stalls and bounds \
         on what all its runs measured, at 20, 50, 100, 200 and 300 seeds; its seeds are the size that was enough. \
         *Median* and *p90* are seeds to the first violation of any property named for the mistake; *missed* is how many \
         campaigns saw none; the properties are those that most campaigns saw first, and the last column is the median \
         of seeds to an outcome.\n\n"
    );
    text += "| bug | what is wrong | rule | seen in | campaign | median | p90 | missed | early | outcome | median |\n";
    text += "|---|---|---|---|---|---|---|---|---|---|---|\n";
    for one in hunted {
        let cells = one.cells().join(" | ");
        let (name, seen) = (one.name(), one.seen.join(", "));
        writeln!(text, "| {name} | {} | {} | {seen} | {cells} |", one.about, one.section)
            .expect("a string takes all text");
    }
    text
}

/// One row for programs.
#[derive(Serialize)]
struct Row<'a> {
    bug: Option<&'a str>,
    section: &'a str,
    properties: Vec<&'a str>,
    seen: &'a [&'a str],
    campaign: &'a str,
    well: bool,
    runs: u64,
    first: Seen<'a>,
    early: Seen<'a>,
    outcome: Seen<'a>,
}

/// One kind of sighting over all campaigns; numbers are `null` where too few campaigns saw anything.
#[derive(Serialize)]
struct Seen<'a> {
    mostly: Option<&'a str>,
    median: Option<u64>,
    p90: Option<u64>,
    missed: usize,
    /// The seeds of each campaign, `null` where it saw nothing.
    seeds: Vec<Option<u64>>,
}

impl<'a> Seen<'a> {
    fn of(bag: &'a Bag, lens: Lens) -> Self {
        Self {
            mostly: bag.mostly(lens),
            median: bag.quantile(lens, 50),
            p90: bag.quantile(lens, 90),
            missed: bag.missed(lens),
            seeds: bag.campaigns.iter().map(|caught| lens(caught).map(|seen| seen.seeds)).collect(),
        }
    }
}

impl<'a> Row<'a> {
    fn of(one: &'a Hunted) -> Self {
        Self {
            bug: one.bug,
            section: one.section,
            properties: one.properties.iter().map(|property| property.name()).collect(),
            seen: one.seen,
            campaign: one.campaign,
            well: one.is_well(),
            runs: one.bag.runs(),
            first: Seen::of(&one.bag, Caught::first),
            early: Seen::of(&one.bag, early),
            outcome: Seen::of(&one.bag, outcome),
        }
    }
}

/// The results as one document. What depends on the machine stands under `env`.
#[must_use]
pub fn document(hunted: &[Hunted], command: &str, (campaigns, seeds): (u64, u64), threads: usize) -> String {
    let rows: Vec<Row<'_>> = hunted.iter().map(Row::of).collect();
    let times: Vec<u64> = hunted.iter().map(|one| one.elapsed_ms).collect();
    json(&serde_json::json!({
        "format": FORMAT,
        "version": VERSION,
        "command": command,
        "campaigns": campaigns,
        "seeds": seeds,
        "bugs": rows,
        "env": {
            "version": env!("CARGO_PKG_VERSION"),
            "threads": threads,
            "elapsed_ms": times.iter().sum::<u64>(),
            "bugs_ms": times,
        },
    }))
}

/// The results as lines of JSON.
#[must_use]
pub fn json_lines(hunted: &[Hunted]) -> String {
    let line = |one| json_line(&Tagged { format: FORMAT, version: VERSION, line: "bug", rest: Row::of(one) });
    hunted.iter().map(line).collect()
}
