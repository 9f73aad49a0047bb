//! How fast the simulator is, beside a pinned bare event loop in the same run.
//!
//! The bare loop is what any simulator of messages has to do: take the next event from a queue, draw once,
//! copy a message into a slot, and schedule it. It is pinned here, so that its figure only moves with the
//! machine and the ratio to it means something. Rounds are interleaved and the fastest of each counts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hint::black_box;
use std::time::{Duration, Instant};
use whitewater_sim::chance::Chance;
use whitewater_sim::distribution::Distribution;
use whitewater_sim::plan::{
    ClientPlan, ClockPlan, CrashLeaves, DiskPlan, LinkPlan, NetworkPlan, Plan, SystemChoice, Timing,
};
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::trace::Keep;
use whitewater_systems::noraft::Noraft;
use whitewater_systems::whitewater::Whitewater;

const ROUNDS: usize = 7;
const MS: u64 = 1_000_000;

/// A row of the table: its name, and work that says how many events it came to.
type Row = (&'static str, Box<dyn FnMut() -> u64>);

fn main() {
    let watched = Settings::default();
    let unwatched = Settings { checks: false, keep: Keep::Nothing, ..watched };
    let mut rows: [Row; 5] = [
        ("bare event loop", Box::new(|| bare_loop(2_000_000))),
        ("full simulator, 5 nodes", full(Course::<Whitewater>::new(), plan("whitewater", 5, 500), watched)),
        ("  without checks, trace", full(Course::<Whitewater>::new(), plan("whitewater", 5, 500), unwatched)),
        ("  9 nodes", full(Course::<Whitewater>::new(), plan("whitewater", 9, 500), watched)),
        ("  noraft, 50 requests/s", full(Course::<Noraft>::new(), plan("noraft", 5, 50), watched)),
    ];
    let mut best = vec![(Duration::MAX, 0); rows.len()];
    for _ in 0..ROUNDS {
        for ((_, work), best) in rows.iter_mut().zip(&mut best) {
            let start = Instant::now();
            let events = work();
            let took = start.elapsed();
            if took < best.0 {
                *best = (took, events);
            }
        }
    }
    print(&rows.iter().map(|(name, _)| *name).zip(best).collect::<Vec<_>>());
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn print(rows: &[(&str, (Duration, u64))]) {
    let per_event = |(took, events): (Duration, u64)| took.as_nanos() as f64 / events as f64;
    println!("{:<28} {:>12} {:>10} {:>8}", "", "events/s", "ns/event", "x bare");
    for (name, figures) in rows {
        let ns = per_event(*figures);
        let bare = per_event(rows[0].1);
        println!("{name:<28} {:>12.0} {ns:>10.1} {:>8.2}", 1e9 / ns, ns / bare);
    }
}

fn full(mut runner: impl Runner + 'static, plan: Plan, settings: Settings) -> Box<dyn FnMut() -> u64> {
    Box::new(move || {
        let verdict = runner.run(plan.clone(), &settings).expect("the plan asks for nothing special");
        assert!(verdict.found().next().is_none(), "{:?}", verdict.violation);
        verdict.events
    })
}

/// Quiet water: no faults, one message in a hundred lost, a steady rate of requests.
fn plan(system: &str, nodes: u8, rate: u64) -> Plan {
    Plan {
        name: "quiet".into(),
        seed: 1,
        nodes,
        run_for: 60_000 * MS,
        settle_within: None,
        settles: true,
        system: SystemChoice { name: system.into(), options: BTreeMap::new(), bug: None },
        timing: Timing { election_timeout_min: 150 * MS, election_timeout_max: 300 * MS, heartbeat: 50 * MS },
        network: NetworkPlan {
            all: LinkPlan {
                loss: Chance::per_billion(10_000_000),
                ..LinkPlan::reliable(Distribution::uniform(MS, 10 * MS))
            },
            links: Vec::new(),
            asymmetry: Chance::NEVER,
        },
        disk: DiskPlan { sync: Distribution::uniform(MS / 10, MS), crash_leaves: CrashLeaves::Some },
        clock: ClockPlan::default(),
        stored: Vec::new(),
        clients: vec![ClientPlan::writers(5, 5_000 * MS / rate)],
        timeline: Vec::new(),
        chaos: Vec::new(),
        measures: Vec::new(),
        expect: Vec::new(),
        free: false,
        drawn: Vec::new(),
    }
}

/// What any simulator has to do for an event, and nothing else.
fn bare_loop(events: u64) -> u64 {
    let mut heap: BinaryHeap<Reverse<u64>> = (0..64_u64).map(|n| Reverse(n << 24 | n)).collect();
    let mut slots: Vec<([u64; 6], Vec<[u64; 2]>)> = vec![([0; 6], Vec::with_capacity(4)); 64];
    let log = [[1_u64, 2]; 4];
    for n in 0..events {
        let Some(Reverse(key)) = heap.pop() else { break };
        let (time, slot) = (key >> 24, (key & 63) as usize);
        let draw =
            fold(fold(time ^ 0x9e37_79b9_7f4a_7c15, n ^ 0xd1b5_4a32_d192_ed03), slot as u64 ^ 0x8cb9_2ba7);
        let (header, entries) = &mut slots[slot];
        *header = [time, n, draw, 0, 1, 2];
        entries.clear();
        entries.extend_from_slice(&log[..(draw & 3) as usize]);
        heap.push(Reverse((time + 1_000 + (draw >> 44)) << 24 | slot as u64));
    }
    black_box(slots);
    events
}

fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    wide as u64 ^ (wide >> 64) as u64
}
