//! The zoo for people: a table of how soon each bug was found, and one of how small the runs are that tell of them.
//!
//! They are two, so that a line stays short enough for a screen.

use crate::page::{Page, Style};
use crate::words::{counted, grouped};
use crate::zoo::{Hunted, smaller};
use whitewater_campaign::smallest::Smallest;
use whitewater_campaign::zoo::Caught;

/// The heads of the columns of a table behind the name, and whether what stands below is a number.
type Heads<const N: usize> = [(&'static str, bool); N];

/// How soon a bug was found.
const FOUND: Heads<5> =
    [("campaign", false), ("median", true), ("p90", true), ("outcome", true), ("early -> outcome", false)];

/// How small the run is that tells of it.
const SMALL: Heads<5> =
    [("violated", false), ("seed", true), ("steps", true), ("faults", true), ("nodes", true)];

/// The results as lines for people.
#[must_use]
pub fn table(hunted: &[Hunted]) -> Page {
    let mut page = found(hunted);
    let small: Vec<(&Hunted, [String; 5])> =
        hunted.iter().filter_map(|one| Some((one, small_cells(one.smallest.as_ref()?)))).collect();
    if !small.is_empty() {
        let columns = Columns::new("shrunk", SMALL, &small);
        page.end_line().append(columns.head());
        for row in &small {
            page.plain("     ").append(columns.row(row)).end_line();
        }
    }
    page
}

/// How soon each was found.
fn found(hunted: &[Hunted]) -> Page {
    let rows: Vec<(&Hunted, [String; 5])> = hunted.iter().map(|one| (one, found_cells(one))).collect();
    let columns = Columns::new("bug", FOUND, &rows);
    let mut page = columns.head();
    for row in &rows {
        match row.0.is_well() {
            true => page.add(Style::Good, "ok   "),
            false => page.add(Style::Bad, "x    "),
        };
        page.append(columns.row(row)).end_line();
        page.append(remark(row.0));
    }
    page
}

/// What is not as everywhere: that a campaign has missed a bug, or found something where nothing is wrong.
fn remark(one: &Hunted) -> Page {
    let (campaigns, missed) = (one.bag.campaigns.len(), one.missed());
    let remark = match one.bug {
        Some(_) if missed > 0 => Some(("missed by", missed)),
        None if missed < campaigns => Some(("something was found by", campaigns - missed)),
        Some(_) | None => None,
    };
    let mut page = Page::new();
    if let Some((what, count)) = remark {
        let style = if one.is_well() { Style::Notice } else { Style::Bad };
        let campaigns = counted(campaigns as u64, "campaign");
        page.plain("     ").add(style, format!("{what} {count} of {campaigns}")).end_line();
    }
    page
}

fn found_cells(one: &Hunted) -> [String; 5] {
    let [early, outcome] = one.mostly();
    let arrow = if early.is_empty() || outcome.is_empty() { "" } else { " -> " };
    [
        one.campaign.to_owned(),
        one.seeds(Caught::first, 50),
        one.seeds(Caught::first, 90),
        one.to_outcome(),
        format!("{early}{arrow}{outcome}"),
    ]
}

fn small_cells(smallest: &Smallest) -> [String; 5] {
    let [steps, faults] = smaller(smallest);
    let nodes = format!("{} -> {}", smallest.from.nodes, smallest.to.nodes);
    [smallest.property.name().to_owned(), grouped(smallest.seed), steps, faults, nodes]
}

/// Columns that are as wide as what stands in them.
struct Columns<const N: usize> {
    /// The head and the width of the first, which has the names.
    names: (&'static str, usize),
    heads: Heads<N>,
    widths: [usize; N],
}

impl<const N: usize> Columns<N> {
    fn new(name: &'static str, heads: Heads<N>, rows: &[(&Hunted, [String; N])]) -> Self {
        let names = rows.iter().map(|(one, _)| one.name().chars().count()).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = rows.iter().map(|(_, cells)| cells[column].chars().count());
            cells.chain([heads[column].0.len()]).max().unwrap_or(0)
        };
        Self { names: (name, names.max(name.len())), heads, widths: std::array::from_fn(width) }
    }

    /// Cells side by side, without blanks behind the last.
    fn line(&self, cells: [&str; N]) -> String {
        let numbers = self.heads.map(|(_, is_number)| is_number);
        let cell = |((text, is_number), width): ((&str, bool), usize)| match is_number {
            true => format!("  {text:>width$}"),
            false => format!("  {text:<width$}"),
        };
        let line: String = cells.into_iter().zip(numbers).zip(self.widths).map(cell).collect();
        line.trim_end().to_owned()
    }

    fn head(&self) -> Page {
        let (name, width) = self.names;
        let mut page = Page::new();
        let line = self.line(self.heads.map(|(head, _)| head));
        page.add(Style::Dim, format!("     {name:<width$}{line}")).end_line();
        page
    }

    fn row(&self, (one, cells): &(&Hunted, [String; N])) -> Page {
        let mut page = Page::new();
        let name = format!("{:<width$}", one.name(), width = self.names.1);
        page.add(Style::Strong, name).plain(self.line(cells.each_ref().map(String::as_str)));
        page
    }
}
