//! The threads of a campaign: each takes the next run that nobody has taken, until none is left.
//!
//! One runner a thread and system, kept from run to run. The threads share a counter and nothing else;
//! what they find comes back over a channel to the thread that asked.

use crate::leg::Leg;
use crate::summary::Summary;
use crate::twice::{Difference, run_twice};
use crate::why::{Line, Story, filmed};
use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;
use whitewater_check::types::{At, NodeId};
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::{Pulse, Runner, Settings};
use whitewater_sim::trace::Keep;
use whitewater_sim::verdict::{Outcome, Verdict};

/// How many events a failing run may have that is filmed without being asked for: that takes some seconds and a gigabyte.
const FILMED: u64 = 4_000_000;

/// How many finished runs may wait to be added up.
const BACKLOG: usize = 256;

/// How often somebody looks whether he is to end it.
const TICK: Duration = Duration::from_millis(100);

/// How a campaign is run. None of it changes what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    /// How each run is watched.
    pub settings: Settings,
    /// Whether each run is done twice and compared.
    pub twice: bool,
    /// How many threads run.
    pub threads: usize,
}

/// Something that the one who asked may want to know at once.
#[derive(Debug)]
pub enum News<'a> {
    /// A run is done.
    Run {
        /// How many are.
        done: u128,
        /// How many there are to be.
        total: u128,
        /// In how many something was violated, unmet or different.
        failed: u64,
    },
    /// All runs of a leg are done, and those of all legs before it.
    Leg(usize, &'a Summary),
}

/// Runs every leg and gives a summary of each. Raising `abort` ends it, and the runs that are under way do not count.
///
/// # Panics
///
/// With the panic of a worker, which is a mistake of this program and never one of a system under test.
pub fn run(legs: &[Leg<'_>], how: &How, abort: &AtomicBool, watch: &mut dyn FnMut(News<'_>)) -> Vec<Summary> {
    let jobs = Jobs::new(legs);
    let (sender, results) = sync_channel(BACKLOG);
    thread::scope(|scope| {
        let pulses: Vec<Arc<Pulse>> = (0..how.threads.max(1)).map(|_| Arc::default()).collect();
        let spawn = |pulse: &Arc<Pulse>| {
            let (jobs, sender, pulse) = (&jobs, sender.clone(), Arc::clone(pulse));
            scope.spawn(move || Worker { jobs, how, abort, pulse, sender, runners: BTreeMap::new() }.work())
        };
        let workers: Vec<_> = pulses.iter().map(spawn).collect();
        drop(sender);
        let results = Results { results, abort, pulses: &pulses };
        let summaries = collect(legs, how, results, watch);
        for worker in workers {
            worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
        summaries
    })
}

/// Every run of every leg, as a row of numbers.
struct Jobs<'a> {
    legs: &'a [Leg<'a>],
    /// For each leg the number of runs in it and all before it.
    ends: Vec<u128>,
    next: AtomicU64,
}

impl<'a> Jobs<'a> {
    fn new(legs: &'a [Leg<'a>]) -> Self {
        let mut end = 0;
        let ends = legs.iter().map(|leg| {
            end += leg.seeds.count();
            end
        });
        Self { legs, ends: ends.collect(), next: AtomicU64::new(0) }
    }

    /// The next run that nobody has taken: its leg and its seed.
    fn take(&self) -> Option<(usize, u64)> {
        let job = u128::from(self.next.fetch_add(1, Ordering::Relaxed));
        let leg = self.ends.partition_point(|end| *end <= job);
        let begin = leg.checked_sub(1).map_or(0, |before| self.ends[before]);
        let seeds = self.legs.get(leg)?.seeds;
        Some((leg, seeds.first() + (job - begin) as u64))
    }
}

/// What a run came to, on its way back.
struct Done {
    leg: usize,
    result: Result<(Box<Verdict>, Option<Difference>), Unsupported>,
}

/// One thread.
struct Worker<'a> {
    jobs: &'a Jobs<'a>,
    how: &'a How,
    abort: &'a AtomicBool,
    pulse: Arc<Pulse>,
    sender: SyncSender<Done>,
    runners: BTreeMap<String, Box<dyn Runner>>,
}

impl Worker<'_> {
    fn work(mut self) {
        while !self.abort.load(Ordering::Relaxed)
            && let Some((leg, seed)) = self.jobs.take()
        {
            let result = self.run(leg, seed).map(|(verdict, difference)| (Box::new(verdict), difference));
            if self.pulse.is_left() || self.sender.send(Done { leg, result }).is_err() {
                return;
            }
        }
    }

    fn run(&mut self, leg: usize, seed: u64) -> Result<(Verdict, Option<Difference>), Unsupported> {
        let leg = &self.jobs.legs[leg];
        let plan = leg.plan(seed);
        let make = || {
            let mut runner = (leg.runner)();
            runner.show(Arc::clone(&self.pulse));
            runner
        };
        let runner = self.runners.entry(plan.system.name.clone()).or_insert_with(make).as_mut();
        let settings = &self.how.settings;
        let (mut verdict, difference) = match self.how.twice {
            true => run_twice(plan, settings, runner, make().as_mut())?,
            false => (runner.run(plan, settings)?, None),
        };
        let looked_at = settings.keep == Keep::All && leg.seeds.count() == 1;
        if verdict.outcome() == Outcome::Held && !looked_at {
            verdict.trace = Vec::new();
        }
        verdict.ladder = Vec::new();
        Ok((verdict, difference))
    }
}

impl Drop for Worker<'_> {
    /// When one worker panics the others need not go on.
    fn drop(&mut self) {
        if thread::panicking() {
            self.abort.store(true, Ordering::Relaxed);
        }
    }
}

/// What comes back, as long as nobody wants an end; then the runs that are under way are left.
struct Results<'a> {
    results: Receiver<Done>,
    abort: &'a AtomicBool,
    pulses: &'a [Arc<Pulse>],
}

impl Iterator for Results<'_> {
    type Item = Done;

    fn next(&mut self) -> Option<Done> {
        loop {
            if self.abort.load(Ordering::Relaxed) {
                self.pulses.iter().for_each(|pulse| pulse.leave());
            }
            match self.results.recv_timeout(TICK) {
                Ok(done) => return Some(done),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}

/// Adds up what comes back, and tells of each leg in the order of the legs.
fn collect(
    legs: &[Leg<'_>],
    how: &How,
    results: Results<'_>,
    watch: &mut dyn FnMut(News<'_>),
) -> Vec<Summary> {
    let mut summaries: Vec<Summary> =
        legs.iter().map(|leg| Summary::of_plan(leg.seeds, &leg.plan(leg.seeds.first()))).collect();
    let total = legs.iter().map(|leg| leg.seeds.count()).sum();
    let (mut done, mut failed) = (0, 0);
    let mut left: Vec<u128> = legs.iter().map(|leg| leg.seeds.count()).collect();
    let mut told = 0;
    for Done { leg, result } in results {
        failed += u64::from(!add(&mut summaries[leg], result));
        done += 1;
        watch(News::Run { done, total, failed });
        left[leg] -= 1;
        while left.get(told) == Some(&0) {
            look_again(&legs[told], how, &mut summaries[told]);
            watch(News::Leg(told, &summaries[told]));
            told += 1;
        }
    }
    for (leg, summary) in legs.iter().zip(&mut summaries).skip(told) {
        look_again(leg, how, summary);
    }
    summaries
}

/// Runs the failures that will be shown once more, to have their whole traces and to tell why they failed. Should
/// one come out differently, that is found on the way.
fn look_again(leg: &Leg<'_>, how: &How, summary: &mut Summary) {
    if how.settings.keep == Keep::Nothing {
        return;
    }
    let mut differences = Vec::new();
    for failure in [&mut summary.violation, &mut summary.missed].into_iter().flatten() {
        if failure.events > FILMED {
            _ = summary.stories.insert(failure.seed, too_long(failure));
            continue;
        }
        let Ok((again, story)) = filmed(leg, failure.seed, &how.settings) else { continue };
        if again.digest == failure.digest {
            failure.trace = again.trace;
            _ = summary.stories.insert(failure.seed, story);
        } else {
            let digests = (failure.digest, again.digest);
            differences.push(Difference { seed: failure.seed, step: None, digests });
        }
    }
    differences.into_iter().for_each(|difference| summary.add_difference(difference));
}

/// What is told of a run that is too long to be filmed by the way.
fn too_long(verdict: &Verdict) -> Story {
    let text = format!(
        "{} events are too many to look into by the way; `why` does it, for as long and with as much memory as it takes",
        verdict.events
    );
    let at = At { time: verdict.time, step: verdict.steps, node: NodeId(0) };
    Story { lines: vec![Line { at, text, section: "".into(), broken: false }], needs: None }
}

/// Adds one result to its summary. Whether all was well.
fn add(summary: &mut Summary, result: Result<(Box<Verdict>, Option<Difference>), Unsupported>) -> bool {
    match result {
        Ok((verdict, difference)) => {
            let held = verdict.outcome() == Outcome::Held && difference.is_none();
            summary.add(*verdict);
            difference.into_iter().for_each(|difference| summary.add_difference(difference));
            held
        }
        Err(unsupported) => {
            summary.refuse(unsupported.0);
            true
        }
    }
}
