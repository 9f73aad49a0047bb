//! The figures of the extended Raft paper, drawn again from simulated clusters: `make paper`.
//!
//! Every line of figure 16 is a scenario in `scenarios/paper`; this runs each with many seeds and leaves in
//! `reports/paper` the values, the plots, and a page that holds them against what was published. The same again with other
//! networks, disks and clusters shows what the lines depend on. It is no part of the command: whoever wants such
//! values of a scenario of their own has `measure`.

#[path = "paper/page.rs"]
mod page;

use page::{Page, Row};
use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use std::thread::available_parallelism;
use whitewater_campaign::leg::{Leg, Overrides};
use whitewater_campaign::run::{How, run};
use whitewater_campaign::seeds::SeedRange;
use whitewater_campaign::summary::{Standing, Summary};
use whitewater_report::figure::{Line, Published, Values, csv};
use whitewater_report::plot::{Curve, Dash, Plot, svg};
use whitewater_sim::measure::Measure;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::Scenario;
use whitewater_sim::scenario::set::Setting;
use whitewater_sim::trace::Keep;
use whitewater_systems::SYSTEMS;

/// A result, or why there is none.
type Or<T> = Result<T, Box<dyn Error>>;

/// Where the scenarios are, and where the results go.
const SCENARIOS: &str = "scenarios/paper";
const REPORTS: &str = "reports/paper";

/// What is measured.
const MEASURE: Measure = Measure::ReplacementTime;

/// A message within 0.1 to 0.5 ms and a write within 1 to 7 ms, as the scenarios have it.
const AS_IT_IS: &[&str] = &[];

/// The broadcast takes 15 ms on average rather than at the most.
const SLOWER: &[&str] = &[r#"disk.sync={ "uniform": ["1ms", "10500us"] }"#];

/// The broadcast takes half as long.
const FASTER: &[&str] = &[
    r#"network.latency={ "uniform": ["50us", "250us"] }"#,
    r#"disk.sync={ "uniform": ["500us", "3500us"] }"#,
];

/// Four more servers, whose logs are empty: four of eight survivors can win.
const NINE: &[&str] = &["nodes=9"];

/// All writes take nearly the same. Without differences elections may be split for long.
const EVEN: &[&str] = &[r#"disk.sync={ "uniform": ["3ms", "5ms"] }"#, "run_for=1200s", "settle_within=1200s"];
const VERY_EVEN: &[&str] =
    &[r#"disk.sync={ "uniform": ["3750us", "4250us"] }"#, "run_for=1200s", "settle_within=1200s"];

fn main() -> ExitCode {
    match draw() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs everything and writes everything.
fn draw() -> Or<()> {
    let published = Published::read(&fs::read_to_string(Path::new(REPORTS).join("published.csv"))?)?;
    let narrow = &published[..3];
    let wide = &published[3..];
    let all = trials(&published, AS_IT_IS, true)?;
    let [even, very_even] = [EVEN, VERY_EVEN].map(|settings| trials(narrow, settings, false));
    let [slower, faster, nine] = [SLOWER, FASTER, NINE].map(|settings| trials(wide, settings, false));
    let (even, very_even, slower, faster, nine) = (even?, very_even?, slower?, faster?, nine?);
    let lines = lines(&published, &all);
    let row = |name, published, values| Row { name, lines: self::lines(published, values) };
    let page = Page {
        lines: &lines,
        narrow: vec![
            row("writes of 1 to 7 ms, simulated", narrow, &all[..3]),
            row("writes of 3 to 5 ms", narrow, &even),
            row("writes of 3.75 to 4.25 ms", narrow, &very_even),
        ],
        wide: vec![
            row("simulated", wide, &all[3..]),
            row("a broadcast of 15 ms on average", wide, &slower),
            row("a broadcast of half the time", wide, &faster),
            row("nine servers", wide, &nine),
        ],
    };
    write("figure-16.md", &page.markdown())?;
    write("figure-16.csv", &csv(&lines, "replacement_time_ns"))?;
    write("figure-16-randomness.svg", &randomness(&lines))?;
    write("figure-16-scale.svg", &scale(&lines))?;
    write("figure-16-narrow.svg", &narrow_lines(&page))
}

fn write(name: &str, text: &str) -> Or<()> {
    Ok(fs::write(Path::new(REPORTS).join(name), text)?)
}

/// How many trials a line has: as many as were published.
fn count(line: &str) -> u64 {
    if line == "150-150" { 100 } else { 1_000 }
}

fn lines<'a>(published: &'a [Published], values: &'a [Values]) -> Vec<Line<'a>> {
    published.iter().zip(values).map(|(published, values)| Line { published, values }).collect()
}

/// The values of each line, with these settings put into its scenario. The trials of the figure itself must hold.
fn trials(published: &[Published], settings: &[&str], must_hold: bool) -> Or<Vec<Values>> {
    let settings: Vec<Setting> = settings
        .iter()
        .map(|setting| Setting::parse(setting).map_err(|wrong| wrong.to_string()))
        .collect::<Result<_, _>>()?;
    published.iter().map(|line| line_trials(&line.line, &settings, must_hold)).collect()
}

/// One leg for each seed, so that each value comes back by itself.
fn line_trials(line: &str, settings: &[Setting], must_hold: bool) -> Or<Values> {
    let file = format!("{SCENARIOS}/figure-16-{line}.json");
    let scenario = Scenario::parse_with(&file, &fs::read_to_string(&file)?, settings)
        .map_err(|wrong| wrong[0].to_string())?;
    let overrides = Overrides::default();
    let leg = |seed| Leg {
        scenario: &scenario,
        seeds: SeedRange::one(seed),
        overrides: &overrides,
        runner: SYSTEMS[0].runner,
    };
    let legs: Vec<Leg<'_>> = (1..=count(line)).map(leg).collect();
    let settings = Settings { keep: Keep::Nothing, ..Settings::default() };
    let how = How { settings, twice: false, threads: available_parallelism().map_or(1, usize::from) };
    let summaries = run(&legs, &how, &AtomicBool::new(false), &mut |_| {});
    let trials = legs.iter().zip(&summaries).map(|(leg, summary)| trial(leg, summary, must_hold));
    Ok(Values::new(trials.collect::<Result<_, _>>()?))
}

/// The seed of a trial, and what it measured.
fn trial(leg: &Leg<'_>, summary: &Summary, must_hold: bool) -> Result<(u64, u64), String> {
    let (name, seed) = (leg.scenario.name(), leg.seeds.first());
    let standing = summary.standing();
    if standing == Standing::Violated || must_hold && standing != Standing::Held {
        return Err(format!("{name} with seed {seed} is {standing:?}"));
    }
    let value = summary.measures.get(&MEASURE).filter(|values| values.count() == 1);
    let value = value.and_then(|values| values.greatest());
    value.map(|value| (seed, value)).ok_or_else(|| format!("{name} with seed {seed} has not one {MEASURE}"))
}

fn curve<'a>(line: &Line<'a>, colour: usize, dash: Dash) -> Curve<'a> {
    Curve {
        label: &line.published.line,
        colour,
        dash,
        sorted: line.values.sorted(),
        published: line.published.quantiles().collect(),
    }
}

const LABEL: &str = "time without leader, from the crash until all others have heard the next one";
const DASHES: [Dash; 3] = [Dash::Solid, Dash::Dashed, Dash::Dotted];

fn curves<'a>(lines: &[&Line<'a>]) -> Vec<Curve<'a>> {
    (0..).zip(lines).map(|(place, line)| curve(line, place, DASHES[place % DASHES.len()])).collect()
}

/// The upper graph: how much the election timeouts vary.
fn randomness(lines: &[Line<'_>]) -> String {
    svg(&Plot {
        title: "Figure 16, top: randomness in election timeouts",
        label: LABEL,
        range_ms: (50.0, 600_000.0),
        curves: curves(&lines[..6].iter().collect::<Vec<_>>()),
    })
}

/// The lower graph: how long they are.
fn scale(lines: &[Line<'_>]) -> String {
    svg(&Plot {
        title: "Figure 16, bottom: scaled election timeouts",
        label: LABEL,
        range_ms: (10.0, 1_000.0),
        curves: curves(&lines[5..].iter().rev().collect::<Vec<_>>()),
    })
}

/// The lines that hang on how alike the disks are, each with its disks.
fn narrow_lines(page: &Page<'_>) -> String {
    let labels: Vec<Vec<String>> = page.narrow.iter().map(Row::labels).collect();
    let rows = page.narrow.iter().zip(&labels).zip(DASHES);
    let curves = rows.flat_map(|((row, labels), dash)| {
        row.lines.iter().zip(labels).enumerate().map(move |(colour, (line, label))| Curve {
            label,
            published: line.published.quantiles().filter(|_| dash == Dash::Solid).collect(),
            ..curve(line, colour * 2, dash)
        })
    });
    svg(&Plot {
        title: "The narrow lines, and how alike writes are",
        label: LABEL,
        range_ms: (50.0, 600_000.0),
        curves: curves.collect(),
    })
}
