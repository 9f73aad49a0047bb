//! Figure 16 of the extended Raft paper (§9.3), simulated: the lines that it may be held to must be the published
//! ones, and all lines must have the same network and disks.

use std::fs;
use std::path::{Path, PathBuf};
use whitewater_sim::chance::{Key, Purpose};
use whitewater_sim::measure::Measure;
use whitewater_sim::plan::Plan;
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::trace::Keep;
use whitewater_systems::whitewater::Whitewater;

const MS: u64 = 1_000_000;

/// How far a median or a mean may be from the published one, in percent.
const TOLERANCE: f64 = 15.0;

/// The lines whose timeouts part candidates. The others hang on how alike the servers are, of which the paper
/// says nothing.
const HELD: [&str; 7] = ["150-175", "150-200", "150-300", "100-200", "50-100", "25-50", "12-24"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The published lines: name, median and mean in milliseconds.
fn published() -> Vec<(String, f64, f64)> {
    let text = fs::read_to_string(root().join("reports/paper/published.csv")).expect("the numbers are there");
    let line = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |place: usize| cells[place].parse().expect("a number of milliseconds");
        (cells[0].to_owned(), number(3), number(4))
    };
    text.lines().skip(1).map(line).collect()
}

fn scenario(line: &str) -> Scenario {
    let file = format!("scenarios/paper/figure-16-{line}.json");
    let text = fs::read_to_string(root().join(&file)).expect("every line has a scenario");
    Scenario::parse(&file, &text).unwrap_or_else(|mistakes| panic!("{}", mistakes[0]))
}

/// What a thousand trials measure, in order and in milliseconds.
fn trials(line: &str) -> Vec<f64> {
    let scenario = scenario(line);
    let mut course = Course::<Whitewater>::new();
    let settings = Settings { checks: false, keep: Keep::Nothing, ..Settings::default() };
    let mut trial = |seed| {
        let verdict = course.run(scenario.plan(seed), &settings).expect("our node has all that is asked for");
        let (measure, values) = &verdict.measures[0];
        assert_eq!((*measure, values.count()), (Measure::ReplacementTime, 1), "{line}, seed {seed}");
        values.sum() as f64 / MS as f64
    };
    let mut times: Vec<f64> = (1..=1_000).map(&mut trial).collect();
    times.sort_by(f64::total_cmp);
    times
}

#[test]
fn medians_and_means_are_the_published_ones() {
    let published = published();
    for line in HELD {
        let (_, median, mean) = published.iter().find(|(name, ..)| name == line).expect("it was published");
        let times = trials(line);
        let found = (times[times.len() / 2 - 1], times.iter().sum::<f64>() / times.len() as f64);
        let off = |found: f64, published: f64| (found / published - 1.0).abs() * 100.0;
        assert!(off(found.0, *median) <= TOLERANCE, "{line}: the median is {}, not {median}", found.0);
        assert!(off(found.1, *mean) <= TOLERANCE, "{line}: the mean is {}, not {mean}", found.1);
    }
}

/// §9.3: a broadcast takes roughly 15 ms, the heartbeat interval is half of the shortest election timeout. What
/// is the same for all lines is what one model means.
#[test]
fn all_lines_have_one_network_and_one_kind_of_disk() {
    let plans: Vec<(String, Plan)> =
        published().into_iter().map(|(line, ..)| (line.clone(), scenario(&line).plan(1))).collect();
    assert_eq!(plans.len(), 10);
    for (line, plan) in &plans {
        let (network, disk) = (&plans[0].1.network, &plans[0].1.disk);
        assert_eq!((&plan.network, &plan.disk), (network, disk), "{line}");
        assert_eq!(2 * (plan.network.all.latency.max() + plan.disk.sync.max()), 15 * MS, "{line}");
        assert_eq!(plan.timing.heartbeat * 2, plan.timing.election_timeout_min, "{line}");
        let range = (plan.timing.election_timeout_min / MS, plan.timing.election_timeout_max / MS);
        assert_eq!(&format!("{}-{}", range.0, range.1), line);
    }
}

/// What the page says of the mean: from the candidate's write to the last of four answers.
#[test]
fn a_broadcast_takes_about_ten_milliseconds_on_average() {
    let Plan { network, disk, .. } = scenario("150-300").plan(1);
    let key = Key::new(1, Purpose::Scenario, 0);
    let rounds = 20_000;
    let broadcast = |round: u64| {
        let bits = |n: u64| (key.draw(round << 8 | n) >> 32) as u32;
        let latency = |n| network.all.latency.sample(bits(n));
        let answer =
            |peer: u64| latency(3 * peer) + disk.sync.sample(bits(3 * peer + 1)) + latency(3 * peer + 2);
        disk.sync.sample(bits(0)) + (1..=4).map(answer).max().unwrap_or(0)
    };
    let mean = (0..rounds).map(broadcast).sum::<u64>() / rounds;
    assert!((10_350_000..10_450_000).contains(&mean), "{mean} ns");
}
