//! Rows of work, timed side by side: every round goes through all of them, and the fastest round of each counts.
//!
//! Time is that on the processor where the system tells it, as Linux does, and time of day elsewhere. Whatever else
//! the machine does meanwhile then counts for little, and slows all rows of a round alike.

use crate::plans::Water;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};
use whitewater_sim::plan::Plan;
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::trace::Keep;
use whitewater_sim::verdict::Verdict;
use whitewater_systems::noraft::Noraft;
use whitewater_systems::whitewater::Whitewater;

/// A piece of work that says how many events it came to.
pub(crate) struct Row {
    pub(crate) name: String,
    work: Box<dyn FnMut() -> u64>,
}

/// What a row came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figure {
    pub(crate) events: u64,
    pub(crate) took: Duration,
}

impl Figure {
    /// Nanoseconds for an event.
    pub(crate) fn per_event(&self) -> f64 {
        self.took.as_nanos() as f64 / self.events as f64
    }

    /// Events in a second.
    pub(crate) fn per_second(&self) -> f64 {
        1e9 / self.per_event()
    }
}

impl Row {
    /// Some work.
    pub(crate) fn new(name: impl Into<String>, work: impl FnMut() -> u64 + 'static) -> Self {
        Self { name: name.into(), work: Box::new(work) }
    }

    /// A run of this water.
    pub(crate) fn run(name: impl Into<String>, water: Water, settings: Settings) -> Self {
        let (mut runner, plan) = (runner(water.system), water.plan(1));
        Self::new(name, move || held(runner.as_mut(), plan.clone(), &settings).events)
    }
}

/// Nobody looks: no checks, and nothing is kept of the trace.
pub(crate) const UNWATCHED: Settings = Settings { checks: false, keep: Keep::Nothing, ..WATCHED };

/// As every campaign runs.
pub(crate) const WATCHED: Settings = Settings {
    checks: true,
    keep: Keep::Last,
    stop_early: false,
    goes_on: false,
    ladder: false,
    history: false,
    story: false,
    until: None,
    judge: false,
    max_events: 1_000_000_000,
};

/// A runner of a system.
pub(crate) fn runner(system: &str) -> Box<dyn Runner> {
    match system {
        "noraft" => Box::new(Course::<Noraft>::new()),
        #[cfg(feature = "raft-rs")]
        "raft-rs" => Box::new(Course::<whitewater_systems::raft_rs::RaftRs>::new()),
        _ => Box::new(Course::<Whitewater>::new()),
    }
}

/// A run in which no safety property is violated. Rules that are broken on the way are another matter.
pub(crate) fn held(runner: &mut dyn Runner, plan: Plan, settings: &Settings) -> Verdict {
    let verdict = runner.run(plan, settings).expect("the plan asks for nothing special");
    assert!(verdict.violation.is_none(), "{:?}", verdict.violation);
    verdict
}

/// When something began.
struct Moment {
    on_the_processor: Option<Duration>,
    at: Instant,
}

impl Moment {
    fn now() -> Self {
        Self { on_the_processor: on_the_processor(), at: Instant::now() }
    }

    fn elapsed(&self) -> Duration {
        let spent = || on_the_processor()?.checked_sub(self.on_the_processor?);
        spent().unwrap_or_else(|| self.at.elapsed())
    }
}

/// How long this thread has been on a processor. Linux adds that up at its ticks, some milliseconds apart, and when
/// a thread gives way, as this one does here.
fn on_the_processor() -> Option<Duration> {
    thread::yield_now();
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(told.split(' ').next()?.parse().ok()?))
}

/// Times every row so many times, in turn.
pub(crate) fn interleave(rows: &mut [Row], rounds: usize) -> Vec<Figure> {
    let mut best = vec![Figure { events: 0, took: Duration::MAX }; rows.len()];
    for _ in 0..rounds {
        for (row, best) in rows.iter_mut().zip(&mut best) {
            let start = Moment::now();
            let events = (row.work)();
            let took = start.elapsed();
            if took < best.took {
                *best = Figure { events, took };
            }
        }
    }
    best
}
