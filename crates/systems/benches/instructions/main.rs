//! Instructions for each event, counted by valgrind: a figure that hangs on neither the machine nor what else it does.
//!
//! Of two runs of the same water, one longer than the other, the difference counts, so that the start does not.
//! A figure that has gone up by more than a tenth of the one that was committed for this toolchain is an error, and
//! so is one that has gone down by as much, until it is committed; other toolchains have figures of their own, and
//! without one, or without valgrind, there is only something to report.
//!
//! With `--write` the figures become those of this toolchain. `NAME SIZE` runs the water itself, for valgrind.

#[path = "../speed/plans.rs"]
mod plans;

use crate::plans::{QUIET, Water, campaign};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::process::{Command, ExitCode};
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::trace::Keep;
use whitewater_systems::whitewater::Whitewater;

/// Where the figures are, seen from the crate.
const FIGURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions/figures.txt");

/// How far a figure may be from the one that was committed, in parts of it.
const TOLERANCE: f64 = 0.1;

/// The names of what is run, with a short size and a long one: seconds of virtual time, or seeds.
const WATERS: [(&str, u64, u64); 3] = [("quiet", 2, 6), ("faults", 2, 8), ("campaign", 2, 8)];

#[expect(clippy::print_stdout, reason = "what was counted is for people to read")]
fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [name, size] = &words[..] {
        println!("{}", events(name, size.parse().expect("a size is a number")));
        return ExitCode::SUCCESS;
    }
    let Some(figures) = WATERS.iter().map(|&water| per_event(water)).collect::<Option<Vec<f64>>>() else {
        println!("there is no valgrind here: no instructions were counted");
        return ExitCode::SUCCESS;
    };
    let (toolchain, mut committed) = (toolchain(), committed());
    let mut far = false;
    for ((name, ..), figure) in WATERS.iter().zip(figures) {
        let key = ((*name).to_owned(), toolchain.clone());
        let before = committed.insert(key, figure);
        let change = before.map(|before| figure / before - 1.0);
        far |= change.is_some_and(|change| change.abs() > TOLERANCE);
        let change = change.map_or("none committed".into(), |change| format!("{:+.1} %", change * 100.0));
        println!("{name:<10} {figure:>8.0} instructions an event ({change}, {toolchain})");
    }
    if words.iter().any(|word| word == "--write") {
        write(&committed);
        return ExitCode::SUCCESS;
    }
    if far {
        println!("more than {:.0} % off: mend it, or commit what --write says", TOLERANCE * 100.0);
    }
    ExitCode::from(u8::from(far))
}

/// Runs a piece of work. How many events it came to.
fn events(name: &str, size: u64) -> u64 {
    let mut course = Course::<Whitewater>::new();
    let mut run = |plan, settings| course.run(plan, settings).expect("our node can do all of it").events;
    let (watched, scenario) = (Settings::default(), campaign());
    let hunted = Settings { keep: Keep::Nothing, ..watched };
    match name {
        "quiet" => run(Water { seconds: size, ..QUIET }.plan(1), &watched),
        "faults" => run(Water { seconds: size, faults: true, ..QUIET }.plan(1), &watched),
        _ => (1..=size).map(|seed| run(scenario.plan(seed), &hunted)).sum(),
    }
}

/// Instructions for each event; `None` without valgrind.
fn per_event((name, short, long): (&str, u64, u64)) -> Option<f64> {
    let (short, long) = (count(name, short)?, count(name, long)?);
    Some((long.0 - short.0) as f64 / (long.1 - short.1) as f64)
}

/// Instructions and events of one size.
fn count(name: &str, size: u64) -> Option<(u64, u64)> {
    let this = env::current_exe().expect("this program is a file");
    let valgrind = ["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"];
    let output =
        Command::new("valgrind").args(valgrind).arg(this).args([name, &size.to_string()]).output().ok()?;
    let (out, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{name} {size} failed: {told}");
    let counted =
        told.lines().find_map(|line| line.split_once("refs:")).expect("valgrind says what it has counted");
    let digits: String = counted.1.chars().filter(char::is_ascii_digit).collect();
    Some((digits.parse().expect("a number"), out.trim().parse().expect("it prints its events")))
}

/// Which compiler, for which machine.
fn toolchain() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("cargo has just used it");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let value = |name| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    format!("{}/{}", value("release: "), value("host: "))
}

/// The figures that were committed, by name and toolchain.
fn committed() -> BTreeMap<(String, String), f64> {
    let text = fs::read_to_string(FIGURES).unwrap_or_default();
    let figure = |line: &str| {
        let mut words = line.split(' ').map(str::to_owned);
        let (name, figure, toolchain) = (words.next()?, words.next()?, words.next()?);
        Some(((name, toolchain), figure.parse().ok()?))
    };
    text.lines().filter_map(figure).collect()
}

fn write(figures: &BTreeMap<(String, String), f64>) {
    let line =
        |((name, toolchain), figure): (&(String, String), &f64)| format!("{name} {figure:.0} {toolchain}\n");
    fs::write(FIGURES, figures.iter().map(line).collect::<String>()).expect("the figures can be written");
}
