//! The short trace: a line a change, a column a node, and what happened in words.
//!
//! What happened to a node in one go stands on one line. Heartbeats that change nothing are counted and not shown.
//! A column shows the role and the term of a node: `F3`, `C4`, `L4`, `x` when it is down, `=` before it when it
//! stands still, `.` as long as the trace has not told. The node to which something happens is in brackets. Beyond
//! nine nodes there are two columns: that node, and who leads.

use crate::acts;
use crate::page::{Page, Style};
use crate::trace::{Sieve, act_at, entries, is_everywhere, is_heartbeat, seconds, words};
use std::collections::BTreeMap;
use std::ops::Range;
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::NodeId;
use whitewater_sim::plan::TimelineAct;
use whitewater_sim::trace::{Record, What};

/// How many nodes have a column each.
const MOST: usize = 9;

/// A short trace.
#[derive(Clone, Debug, Default)]
pub struct Table {
    nodes: usize,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
enum Row {
    /// Something happened: when, to whom (as bits), how the nodes are then, and what it was.
    Change { time: u64, step: u32, whom: u64, cells: Vec<Cell>, text: String },
    /// So much that changes nothing is left out.
    Fold(String),
}

/// How a node is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cell {
    known: bool,
    up: bool,
    paused: bool,
    role: Role,
    term: u32,
}

impl Table {
    /// The short trace of the records in a range, of a cluster of so many nodes. Those before it tell how the nodes
    /// are when it begins. `timeline` is that of the run, for what its acts do and its narrator says.
    #[must_use]
    pub fn of(records: &[Record], range: Range<usize>, timeline: &[TimelineAct], nodes: usize) -> Self {
        let mut writer = Writer::new(records, timeline, nodes);
        (0..range.start).for_each(|place| writer.pass_over(place));
        range.for_each(|place| writer.take(place));
        writer.finish()
    }

    /// How many lines it has below its head.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Its last lines, so many of them.
    #[must_use]
    pub fn last(mut self, lines: usize) -> Self {
        self.rows.drain(..self.rows.len().saturating_sub(lines));
        self
    }

    /// The lines as plain text, without the head.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let width = self.width();
        self.rows.iter().map(|row| self.row(row, width).to_string()).collect()
    }

    /// The head and the lines, each behind an indent.
    #[must_use]
    pub fn page(&self, indent: &str) -> Page {
        let mut page = Page::new();
        if self.rows.is_empty() {
            return page;
        }
        let width = self.width();
        let head = format!("{:>12}  {:>6} {}", "time", "step", self.head(width));
        page.plain(indent).add(Style::Dim, head.trim_end()).end_line();
        for row in &self.rows {
            page.plain(indent).append(self.row(row, width)).end_line();
        }
        page
    }

    fn head(&self, width: usize) -> String {
        match self.nodes > MOST {
            true => format!("  {:<1$} leader", "node", width - 2),
            false => {
                let name = |slot| format!("  {:<1$}", NodeId(slot as u8).to_string(), width - 2);
                (0..self.nodes).map(name).collect()
            }
        }
    }

    /// How wide a column is, with a bracket on both sides of what it shows. It takes a look at every line.
    fn width(&self) -> usize {
        let cells = self.rows.iter().filter_map(|row| match row {
            Row::Change { cells, .. } => Some(cells),
            Row::Fold(_) => None,
        });
        let widest = cells.flatten().map(|cell| cell.text().len()).max().unwrap_or(0);
        if self.nodes > MOST { widest + 6 } else { widest.max(2) + 2 }
    }

    fn row(&self, row: &Row, width: usize) -> Page {
        let mut page = Page::new();
        match row {
            Row::Fold(text) => page.add(Style::Dim, format!("{:>20}{text}", "… ")),
            Row::Change { time, step, whom, cells, text } => {
                page.plain(format!("{:>12}  {step:>6} ", seconds(*time)));
                match self.nodes > MOST {
                    true => page.append(summary(*whom, cells, width)),
                    false => page.append(columns(*whom, cells, width)),
                };
                page.plain(format!("  {text}"))
            }
        };
        page
    }
}

fn columns(whom: u64, cells: &[Cell], width: usize) -> Page {
    let mut page = Page::new();
    for (slot, cell) in cells.iter().enumerate() {
        let (style, text) = (cell.style(), cell.text());
        let pad = " ".repeat((width - 2).saturating_sub(text.len()));
        match whom & NodeId(slot as u8).bit() == 0 {
            true => page.add(style, format!(" {text} {pad}")),
            false => page.add(Style::Strong, "[").add(style, text).add(Style::Strong, "]").plain(pad),
        };
    }
    page
}

/// The first node to which it happened, and the first live leader.
fn summary(whom: u64, cells: &[Cell], width: usize) -> Page {
    let named = |node: NodeId| format!("{node} {}", cells[node.slot()].text());
    let first = acts::nodes_of(whom).next().filter(|node| node.slot() < cells.len());
    let leads = |slot: &usize| cells[*slot].up && cells[*slot].role == Role::Leader;
    let leader = (0..cells.len()).filter(leads).max_by_key(|slot| cells[*slot].term);
    let mut page = Page::new();
    page.add(
        Style::Strong,
        format!(" {:<width$}", first.map_or(String::new(), |node| format!("[{}]", named(node)))),
    );
    page.add(
        Style::Good,
        format!(" {:<width$}", leader.map_or(String::new(), |slot| named(NodeId(slot as u8)))),
    );
    page
}

impl Cell {
    fn text(self) -> String {
        let role = match self.role {
            Role::Follower => "F",
            Role::Candidate => "C",
            Role::Leader => "L",
        };
        match (self.known, self.up, self.paused) {
            (false, ..) => ".".to_owned(),
            (_, false, _) => "x".to_owned(),
            (_, _, true) => format!("={role}{}", self.term),
            (_, _, false) => format!("{role}{}", self.term),
        }
    }

    fn style(self) -> Style {
        match (self.known && self.up, self.role) {
            (false, _) if self.known => Style::Bad,
            (false, _) => Style::Dim,
            (_, Role::Leader) => Style::Good,
            (_, Role::Candidate) => Style::Notice,
            (_, Role::Follower) => Style::Plain,
        }
    }

    /// How the node is after a record of it.
    fn after(self, record: &Record) -> Self {
        let Self { role, .. } = self;
        let now = Self { term: record.term, ..self };
        if let What::Became(role) = record.what {
            return Self { known: true, up: true, role, ..now };
        }
        match (record.what == What::Started, record.what == What::Crashed || record.what == What::DidNotStart)
        {
            (true, _) => Self { known: true, up: true, paused: false, role: Role::Follower, ..now },
            (_, true) => Self { known: true, up: false, paused: false, role: Role::Follower, ..self },
            (_, _) => {
                let paused = self.paused && record.what != What::Resumed || record.what == What::Paused;
                Self { paused, role, ..self }
            }
        }
    }
}

/// Goes over a trace and writes the rows.
struct Writer<'a> {
    records: &'a [Record],
    timeline: &'a [TimelineAct],
    sieve: Sieve,
    cells: Vec<Cell>,
    rows: Vec<Row>,
    /// What is gathered for the next row.
    group: Vec<usize>,
    /// How the nodes are after it.
    after: Vec<Cell>,
    /// Heartbeats that changed nothing since the last row, by who sent them.
    beats: BTreeMap<NodeId, usize>,
}

impl<'a> Writer<'a> {
    fn new(records: &'a [Record], timeline: &'a [TimelineAct], nodes: usize) -> Self {
        let sieve = Sieve::of(records);
        let cells = vec![Cell::default(); nodes];
        Self {
            records,
            timeline,
            sieve,
            cells,
            rows: Vec::new(),
            group: Vec::new(),
            after: Vec::new(),
            beats: BTreeMap::new(),
        }
    }

    /// Takes note of a record that is not shown.
    fn pass_over(&mut self, place: usize) {
        self.sieve.passes(&self.records[place]);
        self.update(place);
    }

    fn update(&mut self, place: usize) {
        let record = &self.records[place];
        if let Some(cell) = self.cells.get_mut(record.node.slot()).filter(|_| !is_everywhere(record.what)) {
            *cell = cell.after(record);
        }
    }

    fn take(&mut self, place: usize) {
        let record = &self.records[place];
        if !self.sieve.passes(record) || self.is_told_by_its_act(place) {
            if record.what == What::Received(Kind::AppendEntries) && is_heartbeat(Kind::AppendEntries, record)
            {
                self.end_group();
                *self.beats.entry(record.peer).or_default() += 1;
            }
            return self.update(place);
        }
        let alike = |other: &usize| {
            let other = &self.records[*other];
            (other.time, other.step, other.node) == (record.time, record.step, record.node)
                && !is_everywhere(other.what)
                && !is_everywhere(record.what)
        };
        if !self.group.first().is_some_and(alike) {
            self.end_group();
        }
        self.group.push(place);
        self.update(place);
        self.after.clone_from(&self.cells);
    }

    /// Whether the act behind it says the same.
    fn is_told_by_its_act(&self, place: usize) -> bool {
        let record = &self.records[place];
        let is_plain = record.what == What::Crashed && record.a + record.b == 0
            || matches!(
                record.what,
                What::ElectionTimeout
                    | What::Paused
                    | What::Resumed
                    | What::Partitioned(_)
                    | What::Healed
                    | What::Disk(_)
                    | What::Clogged(_)
                    | What::ClockRate
            );
        let mut behind = self.records[place..].iter().take_while(|other| other.time == record.time);
        let mut act = || behind.find(|other| other.what == What::Act);
        is_plain && act().is_some_and(|act| acts::tells(act, self.timeline, record))
    }

    fn end_group(&mut self) {
        let group = std::mem::take(&mut self.group);
        let Some(&first) = group.first() else { return };
        self.fold();
        let record = &self.records[first];
        let (whom, text) = if record.what == What::Act {
            let whom = acts::found(self.records, first, self.timeline);
            (whom, act_at(self.records, first, self.timeline))
        } else if is_everywhere(record.what) {
            (0, words(record))
        } else {
            (record.node.bit(), format!("{:<3} {}", record.node.to_string(), told(self.records, &group)))
        };
        let (time, step, cells) = (record.time, record.step, self.after.clone());
        self.rows.push(Row::Change { time, step, whom, cells, text });
    }

    /// Says how many heartbeats are left out here, if they are more than those of one round.
    fn fold(&mut self) {
        let beats = std::mem::take(&mut self.beats);
        if beats.values().sum::<usize>() < 2 * self.cells.len().max(2) - 2 {
            return;
        }
        let of = |(node, count): (NodeId, usize)| match count {
            1 => format!("1 heartbeat of {node}"),
            _ => format!("{count} heartbeats of {node}"),
        };
        let told: Vec<String> = beats.into_iter().map(of).collect();
        self.rows.push(Row::Fold(told.join(", ")));
    }

    fn finish(mut self) -> Table {
        self.end_group();
        self.fold();
        Table { nodes: self.cells.len(), rows: self.rows }
    }
}

/// What happened to a node in one go.
fn told(records: &[Record], group: &[usize]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = group;
    while let Some((&first, _)) = rest.split_first() {
        let what = records[first].what;
        let is_run = matches!(what, What::Applied | What::Replied);
        let run = rest.iter().take_while(|place| is_run && records[**place].what == what).count().max(1);
        let last = &records[rest[run - 1]];
        parts.push(match (run, what) {
            (1, _) => words(&records[first]),
            (_, What::Applied) => {
                format!("applies {} from [{}] to [{}]", entries(run as u32), records[first].term, last.term)
            }
            (_, _) => format!("answers {run} requests, the last one c{}#{}", last.a, last.b),
        });
        rest = &rest[run..];
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitewater_sim::plan::{Act, Due, Target};

    fn record(time: u64, step: u32, node: u8, what: What, term: u32, a: u32, b: u32) -> Record {
        let (node, peer, time) = (NodeId(node), NodeId(1), time * 1_000_000);
        Record { time, step, cause: 0, term, a, b, node, peer, what }
    }

    /// Three nodes, one of which comes to lead, beats, and falls.
    fn story() -> Vec<Record> {
        let mut records = vec![
            record(0, 1, 0, What::Started, 2, 4, 0),
            record(0, 2, 1, What::Started, 2, 4, 0),
            record(0, 3, 2, What::Started, 2, 4, 0),
            record(7, 4, 1, What::ElectionTimeout, 0, 0, 0),
            record(7, 4, 1, What::Became(Role::Candidate), 3, 4, 0),
            record(8, 5, 0, What::Received(Kind::RequestVote), 3, 0, 0),
            record(9, 5, 0, What::Became(Role::Follower), 3, 4, 0),
            record(11, 6, 1, What::Became(Role::Leader), 3, 5, 0),
            record(11, 6, 1, What::Applied, 4, 1, 1),
            record(11, 6, 1, What::Applied, 5, 1, 2),
        ];
        records.extend(
            (0..9).map(|n| record(20 + n, 7 + n as u32, 2, What::Received(Kind::AppendEntries), 3, 5, 0)),
        );
        records.extend([
            record(40, 16, 2, What::Paused, 0, 0, 0),
            record(50, 17, 1, What::Received(Kind::RequestVote), 3, 0, 0),
            record(50, 17, 1, What::Crashed, 0, 0, 0),
            record(50, 17, 0, What::Act, 0, 1, 0),
        ]);
        records
    }

    fn timeline() -> Vec<TimelineAct> {
        let act = Act::Crash(Target::Leader);
        vec![TimelineAct {
            due: Due::At(0),
            act,
            lasts: None,
            standing: false,
            note: Some("It falls.".to_owned()),
        }]
    }

    #[test]
    fn a_line_is_a_change_and_a_column_is_a_node() {
        let records = story();
        let table = Table::of(&records, 0..records.len(), &timeline(), 3);
        let expected = "\
        time    step   n1  n2  n3
   0.000000s       1 [F2] .   .    n1  starts in term 2 with 4 entries
   0.000000s       2  F2 [F2] .    n2  starts in term 2 with 4 entries
   0.000000s       3  F2  F2 [F2]  n3  starts in term 2 with 4 entries
   0.007000s       4  F2 [C3] F2   n2  election timer runs out; is candidate in term 3, log ends at [4]
   0.008000s       5 [F2] C3  F2   n1  <- n2  RequestVote term 3
   0.009000s       5 [F3] C3  F2   n1  is follower in term 3, log ends at [4]
   0.011000s       6  F3 [L3] F2   n2  is leader in term 3, log ends at [5]; applies 2 entries from [4] to [5]
                  … 9 heartbeats of n2
   0.040000s      16  F3  L3 [=F2]  n3  stands still
   0.050000s      17  F3 [L3] =F2   n2  <- n2  RequestVote term 3
   0.050000s      17  F3 [x]  =F2   act 1: crash the leader (n2)   It falls.
";
        let shown = table.page("").to_string();
        let aligned: Vec<&str> = shown.lines().collect();
        assert_eq!(aligned.len(), expected.lines().count(), "{shown}");
        for (line, expected) in aligned.iter().zip(expected.lines()) {
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(line), words(expected));
        }
        assert_eq!(table.len(), table.lines().len());
    }

    #[test]
    fn columns_stand_one_below_the_other_whatever_they_hold() {
        let records = story();
        let table = Table::of(&records, 0..records.len(), &timeline(), 3);
        let ends = |line: &String| line.find("  n").or_else(|| line.find("  act"));
        let told: Vec<Option<usize>> =
            table.lines().iter().filter(|line| !line.contains('…')).map(ends).collect();
        assert!(told.windows(2).all(|two| two[0] == two[1]), "{told:?}\n{}", table.page(""));
    }

    #[test]
    fn a_part_of_a_trace_knows_how_the_nodes_were_before() {
        let records = story();
        let lines = Table::of(&records, 19..records.len(), &timeline(), 3).lines();
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(
            lines[0].contains("F3") && lines[0].contains("L3") && lines[0].contains("[=F2]"),
            "{lines:?}"
        );
    }

    #[test]
    fn many_nodes_have_two_columns() {
        let records = story();
        for nodes in [10, 63] {
            let table = Table::of(&records, 0..records.len(), &timeline(), nodes);
            let lines = table.lines();
            assert!(lines[6].contains("[n2 L3]") && lines[7].contains("n2 L3"), "{lines:?}");
            assert!(lines.iter().all(|line| line.len() < 140));
        }
        assert!(Table::of(&[], 0..0, &[], 1).page("").is_empty());
    }
}
