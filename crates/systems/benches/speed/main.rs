//! How fast the simulator is, beside a pinned bare event loop in the same run.
//!
//! | what | file |
//! |---|---|
//! | the bare loop; the same with our node in it | `bare`, `raft` |
//! | the water that is measured on | `plans` |
//! | timing side by side | `rows` |
//! | one dial turned at a time | `growth` |
//! | many seeds on one thread and on two | `campaign` |
//! | bytes and allocations | `memory` |
//! | how it is shown | `table`, `plot` |
//! | why goals are missed, written by hand | `why.md` |
//!
//! `make bench` runs it and writes `reports/performance.md`.

mod bare;
mod campaign;
mod growth;
mod memory;
mod plans;
mod plot;
mod raft;
mod rows;
mod table;

use crate::bare::bare_loop;
use crate::growth::Growth;
use crate::plans::{QUIET, Water};
use crate::raft::raft_loop;
use crate::rows::{Figure, Row, UNWATCHED, WATCHED, held, interleave, runner};
use crate::table::{Bound, Goal, Table, goals, number};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use whitewater_sim::run::Settings;

/// How many seeds of the default campaign stand for ten thousand.
const SEEDS: u64 = 400;

/// How often they are run on each number of threads, the fastest of which counts.
const ROUNDS_OF_SEEDS: usize = 6;

/// Instructions an event, as committed for each toolchain: the name of the water, the figure, the toolchain.
const INSTRUCTIONS: &str = include_str!("../instructions/figures.txt");

fn main() {
    let told = Told::of(std::env::args().skip(1));
    let layers = layers();
    show(&layers.table);
    let (peers, against_raft_rs) = peers();
    show(&peers);
    let growth = [growth::nodes(), growth::log(), growth::rate(), growth::faults()];
    growth.iter().for_each(|growth| show(&growth.table()));
    let (threads, speedup, ten_thousand) = threads();
    show(&threads);
    let found = Found { layers: &layers, growth: &growth, against_raft_rs, speedup, ten_thousand };
    let goals = goals(&found.goals());
    show(&goals);
    let growth_tables: Vec<Table> = growth.iter().map(Growth::table).collect();
    let tables = [&goals, &layers.table, &peers, &threads].into_iter().chain(&growth_tables);
    if let Some(folder) = &told.folder {
        write(folder, &told, tables, &growth);
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn show(table: &Table) {
    println!("{}", table.text());
}

/// What was said on the command line.
#[derive(Debug, Default)]
struct Told {
    /// Where the report goes.
    folder: Option<PathBuf>,
    /// When and on what machine this is, for the report.
    about: Vec<String>,
}

impl Told {
    fn of(words: impl Iterator<Item = String>) -> Self {
        let mut told = Self::default();
        let mut words = words.filter(|word| word != "--bench").peekable();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--report-dir" => told.folder = words.next().map(PathBuf::from),
                _ => told.about.push(word),
            }
        }
        told
    }
}

/// From the bare loop to the full simulator.
struct Layers {
    table: Table,
    figures: Vec<Figure>,
}

const BARE: usize = 0;
const UNCHECKED: usize = 2;
const CHECKED: usize = 3;
const FULL: usize = 4;

fn layers() -> Layers {
    let faulty = Water { faults: true, seconds: 30, ..QUIET };
    let checked = Settings { checks: true, ..UNWATCHED };
    let mut rows = [
        Row::new("bare event loop", || bare_loop(2_000_000)),
        Row::new("+ Raft: nodes, timers, requests", || raft_loop(60_000)),
        Row::run("+ disks, clients, state machines, digest", QUIET, UNWATCHED),
        Row::run("+ checks and history", QUIET, checked),
        Row::run("+ trace: the full simulator", QUIET, WATCHED),
        Row::run("full, nobody asks for anything", Water { rate: 0, seconds: 600, ..QUIET }, WATCHED),
        Row::run("full, with crashes and cuts", faulty, WATCHED),
    ];
    let figures = interleave(&mut rows, 7);
    let about = "Side by side and in turn, the fastest of seven rounds; each row of the first five does what the one \
                 above it does and more. The digest cannot be switched off.";
    let mut table = Table::new("Layers", about, &["", "events/s", "ns/event", "x bare"]);
    for (row, figure) in rows.iter().zip(&figures) {
        let times = figure.per_event() / figures[BARE].per_event();
        let cells = [number(figure.per_second()), number(figure.per_event()), format!("{times:.2}")];
        table.add([row.name.clone()].into_iter().chain(cells));
    }
    Layers { table, figures }
}

/// Other people's Raft on the same water: time for each client command that was committed. How many times ours
/// raft-rs takes, if it is there.
fn peers() -> (Table, Option<f64>) {
    let systems: &[&str] = if cfg!(feature = "raft-rs") {
        &["whitewater", "noraft", "raft-rs"]
    } else {
        &["whitewater", "noraft"]
    };
    let water = |system| Water { system, rate: 50, seconds: 120, ..QUIET };
    let commits = |&system: &&'static str| {
        let (mut runner, plan) = (runner(system), water(system).plan(1));
        Row::new(system, move || held(runner.as_mut(), plan.clone(), &WATCHED).commits)
    };
    let mut rows: Vec<Row> = systems.iter().map(commits).collect();
    let figures = interleave(&mut rows, 5);
    let about = "Five nodes, 50 requests/s, every check on: time for each client command that was committed.";
    let mut table = Table::new("Other systems", about, &["", "us/commit", "x ours"]);
    let times = |figure: &Figure| figure.per_event() / figures[0].per_event();
    for (row, figure) in rows.iter().zip(&figures) {
        table.add([row.name.clone(), number(figure.per_event() / 1e3), format!("{:.2}", times(figure))]);
    }
    (table, figures.get(2).map(times))
}

/// The default campaign on one thread and on two: the table, how much faster two are, and the seconds that ten
/// thousand seeds take on two.
fn threads() -> (Table, f64, f64) {
    let mut best = [(Duration::MAX, 0); 2];
    for _ in 0..ROUNDS_OF_SEEDS {
        best = [(1, best[0]), (2, best[1])].map(|(threads, best)| best.min(campaign::seeds(threads, SEEDS)));
    }
    let [(one, digests), (two, same)] = best;
    assert_eq!(digests, same, "the digests do not depend on the threads");
    let about = format!("{SEEDS} seeds of `campaign/default.json`, every check on; the digests are equal.");
    let mut table = Table::new("By threads", &about, &["", "seconds", "seeds/s"]);
    for (threads, took) in [("1", one), ("2", two)] {
        table.add([threads.into(), number(took.as_secs_f64()), number(SEEDS as f64 / took.as_secs_f64())]);
    }
    let speedup = one.as_secs_f64() / two.as_secs_f64();
    (table, speedup, two.as_secs_f64() * 10_000.0 / SEEDS as f64)
}

/// What was measured, for the table of goals.
struct Found<'a> {
    layers: &'a Layers,
    growth: &'a [Growth; 4],
    against_raft_rs: Option<f64>,
    speedup: f64,
    ten_thousand: f64,
}

impl Found<'_> {
    fn goals(&self) -> Vec<Goal> {
        let [nodes, log, _, faults] = self.growth;
        let cost = |layer: usize| self.layers.figures[layer].per_event();
        let goal = |what, bound, found| Goal { what, bound, found };
        let (at_most, at_least) = (Bound::AtMost, Bound::AtLeast);
        let quiet = INSTRUCTIONS.lines().find_map(|line| line.strip_prefix("quiet ")?.split(' ').next());
        let instructions = quiet.and_then(|figure| figure.parse().ok());
        let memory = memory::of_a_minute() as f64 / f64::from(1 << 20);
        vec![
            goal(
                "10,000 seeds of the default campaign on 2 threads, s",
                at_most(20.0),
                Some(self.ten_thousand),
            ),
            goal("raft-rs against ours, time for the same commits", at_least(8.0), self.against_raft_rs),
            goal(
                "full simulator, quiet, events/s",
                at_least(1e7),
                Some(self.layers.figures[FULL].per_second()),
            ),
            goal("full against the bare loop", at_most(4.0), Some(cost(FULL) / cost(BARE))),
            goal("checks on against off", at_most(1.35), Some(cost(CHECKED) / cost(UNCHECKED))),
            goal("9 nodes against 3, per event", at_most(1.25), nodes.ratio("9", "3")),
            goal("51 nodes against 5, per event", at_most(1.5), nodes.ratio("51", "5")),
            goal("log of 10^6 against 10^4, per event", at_most(1.1), log.ratio("10^6", "10^4")),
            goal("600 s of faults against 6 s, per event", at_most(1.15), faults.ratio("600", "6")),
            goal("2 threads against 1", at_least(1.8), Some(self.speedup)),
            goal("instructions an event, quiet (as committed)", at_most(1_000.0), instructions),
            goal("allocations an event", at_most(0.0), Some(memory::allocations_per_event())),
            goal("memory of a minute at 500 requests/s, MiB", at_most(16.0), Some(memory)),
        ]
    }
}

/// Writes the report and its picture.
fn write<'a>(folder: &Path, told: &Told, tables: impl Iterator<Item = &'a Table>, growth: &[Growth]) {
    let about = told.about.iter().map(|line| format!("- {line}\n")).collect::<String>();
    let mut page = format!(
        "# Performance\n\nWritten by `make bench`. Figures move with the machine; ratios of one run hold.\n\n{about}\n"
    );
    tables.for_each(|table| page += &table.markdown());
    page += include_str!("why.md");
    page += "![how the cost of an event grows](performance.svg)\n";
    let panels: Vec<_> = growth.iter().map(Growth::panel).collect();
    fs::write(folder.join("performance.md"), page).expect("the folder of reports can be written to");
    fs::write(folder.join("performance.svg"), plot::svg(&panels)).expect("and so can the picture");
}
