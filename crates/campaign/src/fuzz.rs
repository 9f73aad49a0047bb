//! A campaign that hunts: runs over many threads, each failure caught in a capsule the moment it happens.
//!
//! Each thread adds up what it ran; at the end these sums are added in turn, so neither order nor number of
//! threads show in the results. The threads go on by themselves; whoever started them looks at them from time
//! to time, because only he has a clock. A step that never returns holds up its own thread and nobody else.

use crate::capsule::capsule;
use crate::group::{Group, Groups, Place};
use crate::leg::{Leg, MakeRunner, Overrides};
use crate::seeds::SeedRange;
use crate::shard::Shard;
use crate::summary::Summary;
use crate::turns::Turns;
use crate::twice::{Difference, run_twice};
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use whitewater_check::property::Property;
use whitewater_sim::chance::mix;
use whitewater_sim::plan::Plan;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::{Pulse, Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::trace::Keep;
use whitewater_sim::verdict::{Outcome, Verdict};

/// One run of so many is done twice.
const REPEATED: u64 = 100;

/// Parts the choice of these runs from all other draws.
const SAMPLE: u64 = 0x7361_6d70_6c65;

/// One scenario of a campaign.
#[derive(Clone, Debug)]
pub struct Job {
    /// The scenario.
    pub scenario: Scenario,
    /// Its file, as it was asked for.
    pub file: String,
    /// All its seeds, those of other shards included.
    pub seeds: SeedRange,
    /// What the user changes about it.
    pub overrides: Overrides,
    /// Makes runners of the system that its plans name.
    pub runner: MakeRunner,
    /// Where editors find the schema from the place of a capsule.
    pub schema: Option<String>,
}

impl Job {
    /// The same as a leg.
    #[must_use]
    pub fn leg(&self) -> Leg<'_> {
        let Self { scenario, seeds, overrides, runner, .. } = self;
        Leg { scenario, seeds: *seeds, overrides, runner: *runner }
    }
}

/// How a campaign is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct How {
    /// After what a run ends.
    pub settings: Settings,
    /// How many threads run.
    pub threads: usize,
    /// Which of the seeds are run.
    pub shard: Shard,
    /// How many of the lowest failing seeds of each scenario are named.
    pub named: usize,
}

/// What a campaign puts down while it goes on.
pub trait Records: Send + Sync {
    /// Keeps the text of a capsule under a name, whole or not at all, in place of an older one. Says where.
    ///
    /// # Errors
    ///
    /// When it cannot be kept.
    fn capsule(&self, name: &str, text: &str) -> io::Result<String>;

    /// A thread begins to run a seed of a job.
    fn begins(&self, thread: usize, job: &Job, seed: u64);

    /// A run failed. This is the kind of failure with that run alone in it.
    fn failed(&self, failure: &Group);
}

/// What a thread is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Post {
    /// The place of the job.
    pub job: usize,
    /// The seed.
    pub seed: u64,
    /// How many runs the thread has begun, and how many events the one that is under way has had. While
    /// both stay as they are, nothing moves.
    pub pulse: (u64, u64),
}

/// How far a campaign is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Runs that are done.
    pub done: u128,
    /// Runs that there are to be.
    pub total: u128,
    /// Virtual time of all runs in nanoseconds.
    pub time: u64,
    /// In how many runs an expectation was not met.
    pub unmet: u64,
    /// How many runs violated which property.
    pub found: BTreeMap<Property, u64>,
}

/// What a campaign came to.
#[derive(Debug)]
pub struct Results {
    /// A summary for each job.
    pub summaries: Vec<Summary>,
    /// The kinds of failure, by job, property and trail.
    pub groups: Vec<Group>,
    /// The seeds of each job from the first to the last that was run; `None` when none was.
    pub taken: Vec<Option<SeedRange>>,
    /// Why a capsule could not be kept.
    pub trouble: Option<String>,
}

/// A campaign that goes on.
#[derive(Debug)]
pub struct Fuzz {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Fuzz {
    /// Starts it. The thread that asks is unparked when all is done.
    #[must_use]
    pub fn start(jobs: Vec<Job>, how: How, records: Arc<dyn Records>) -> Self {
        let shared = Arc::new(Shared::new(jobs, how, records));
        let spawn = |number| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || Worker { number, shared, runners: BTreeMap::new() }.work())
        };
        let threads = (0..shared.desks.len()).map(spawn).collect();
        Self { shared, threads }
    }

    /// Whether every thread has run out of runs.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.shared.working.load(Ordering::Acquire) == 0
    }

    /// No thread takes another run from now on.
    pub fn stop(&self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
    }

    /// The same, and the runs that are under way end as well. They do not count.
    pub fn leave(&self) {
        self.stop();
        self.shared.desks.iter().for_each(|desk| desk.pulse.leave());
    }

    /// How far it is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let mut progress = Progress { total: locked(&self.shared.turns).total(), ..Progress::default() };
        for desk in &self.shared.desks {
            progress.done += u128::from(desk.done.load(Ordering::Relaxed));
            progress.time += desk.time.load(Ordering::Relaxed);
            progress.unmet += desk.unmet.load(Ordering::Relaxed);
        }
        for group in locked(&self.shared.groups).iter().flat_map(Groups::iter) {
            *progress.found.entry(group.property).or_default() += group.runs;
        }
        progress
    }

    /// What each thread is on.
    #[must_use]
    pub fn posts(&self) -> Vec<Option<Post>> {
        let post = |desk: &Desk| {
            let (begun, job, seed) = (*locked(&desk.post))?;
            Some(Post { job, seed, pulse: (begun, desk.pulse.events()) })
        };
        self.shared.desks.iter().map(post).collect()
    }

    /// Adds up what there is. Threads that are still under way are left to themselves.
    ///
    /// # Panics
    ///
    /// With the panic of a thread, which is a mistake of this program and never one of a system under test.
    #[must_use]
    pub fn results(self) -> Results {
        if self.is_over() {
            for thread in self.threads {
                thread.join().unwrap_or_else(|panic| resume_unwind(panic));
            }
        }
        self.shared.results()
    }
}

/// What the threads share.
struct Shared {
    jobs: Vec<Job>,
    how: How,
    records: Arc<dyn Records>,
    turns: Mutex<Turns>,
    /// The kinds of failure of each job.
    groups: Mutex<Vec<Groups>>,
    /// One for each thread.
    desks: Vec<Desk>,
    working: AtomicUsize,
    stopped: AtomicBool,
    trouble: Mutex<Option<String>>,
    starter: Thread,
}

/// What one thread writes and others read.
struct Desk {
    /// What each job came to here.
    summaries: Mutex<Vec<Summary>>,
    /// How many runs were begun, and the job and the seed of the one that is under way.
    post: Mutex<Option<(u64, usize, u64)>>,
    /// That run.
    pulse: Arc<Pulse>,
    done: AtomicU64,
    time: AtomicU64,
    unmet: AtomicU64,
}

impl Shared {
    fn new(jobs: Vec<Job>, how: How, records: Arc<dyn Records>) -> Self {
        let fresh = |job: &Job| Summary::of_plan(job.seeds, &job.leg().plan(job.seeds.first()));
        let desk = |_| Desk {
            summaries: Mutex::new(jobs.iter().map(fresh).collect()),
            post: Mutex::default(),
            pulse: Arc::default(),
            done: AtomicU64::default(),
            time: AtomicU64::default(),
            unmet: AtomicU64::default(),
        };
        let threads = how.threads.max(1);
        Self {
            desks: (0..threads).map(desk).collect(),
            turns: Mutex::new(Turns::new(jobs.iter().map(|job| job.seeds), how.shard)),
            groups: Mutex::new(vec![Groups::default(); jobs.len()]),
            jobs,
            how,
            records,
            working: AtomicUsize::new(threads),
            stopped: AtomicBool::new(false),
            trouble: Mutex::default(),
            starter: thread::current(),
        }
    }

    fn results(&self) -> Results {
        let fresh = |job: &Job| Summary::of_plan(job.seeds, &job.leg().plan(job.seeds.first()));
        let mut summaries: Vec<Summary> = self.jobs.iter().map(fresh).collect();
        for desk in &self.desks {
            let theirs = locked(&desk.summaries);
            for (summary, theirs) in summaries.iter_mut().zip(theirs.iter()) {
                summary.merge(theirs, self.how.named);
            }
        }
        for summary in &mut summaries {
            // The kinds say more, and say the same for one seed as for many.
            (summary.violation, summary.only) = (None, None);
        }
        let turns = locked(&self.turns);
        Results {
            summaries,
            groups: locked(&self.groups).iter().flat_map(Groups::iter).cloned().collect(),
            taken: (0..self.jobs.len()).map(|job| turns.taken(job)).collect(),
            trouble: locked(&self.trouble).clone(),
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("how", &self.how)
            .field("jobs", &self.jobs.len())
            .finish_non_exhaustive()
    }
}

/// One thread.
struct Worker {
    number: usize,
    shared: Arc<Shared>,
    runners: BTreeMap<String, Box<dyn Runner>>,
}

impl Worker {
    fn work(mut self) {
        let mut begun = 0;
        let desk = &Arc::clone(&self.shared).desks[self.number];
        while let Some((job, seed)) = self.take() {
            begun += 1;
            *locked(&desk.post) = Some((begun, job, seed));
            self.shared.records.begins(self.number, &self.shared.jobs[job], seed);
            self.run(job, seed);
            *locked(&desk.post) = None;
        }
    }

    fn take(&self) -> Option<(usize, u64)> {
        match self.shared.stopped.load(Ordering::Relaxed) {
            true => None,
            false => locked(&self.shared.turns).take(),
        }
    }

    fn run(&mut self, job: usize, seed: u64) {
        let shared = Arc::clone(&self.shared);
        let desk = &shared.desks[self.number];
        let leg = shared.jobs[job].leg();
        let (verdict, difference) = match self.judge(&leg, seed) {
            Ok(judged) => judged,
            Err(Unsupported(why)) => return locked(&desk.summaries)[job].refuse(why),
        };
        if desk.pulse.is_left() {
            return;
        }
        let outcome = verdict.outcome();
        let difference = match outcome {
            Outcome::Violated => self.catch(job, &leg, &verdict, difference),
            Outcome::Unmet if verdict.stalled.is_some() && !self.counts(job, &verdict) => {
                self.catch(job, &leg, &verdict, difference)
            }
            Outcome::Held | Outcome::Unmet => difference,
        };
        desk.done.fetch_add(1, Ordering::Relaxed);
        desk.time.fetch_add(verdict.time, Ordering::Relaxed);
        desk.unmet.fetch_add(u64::from(outcome == Outcome::Unmet), Ordering::Relaxed);
        let summary = &mut locked(&desk.summaries)[job];
        summary.add(verdict);
        summary.repeated += u64::from(is_repeated(&leg, seed));
        difference.into_iter().for_each(|difference| summary.add_difference(difference));
        if outcome != Outcome::Held || difference.is_some() {
            summary.add_failing(seed, shared.how.named);
        }
    }

    fn judge(&mut self, leg: &Leg<'_>, seed: u64) -> Result<(Verdict, Option<Difference>), Unsupported> {
        let plan = leg.plan(seed);
        let settings = &self.shared.how.settings;
        let mut fresh = is_repeated(leg, seed).then(|| self.runner(leg));
        let make = || seen((leg.runner)(), &self.shared.desks[self.number]);
        let runner = self.runners.entry(plan.system.name.clone()).or_insert_with(make).as_mut();
        let (mut verdict, difference) = match &mut fresh {
            Some(fresh) => run_twice(plan, settings, runner, fresh.as_mut())?,
            None => (runner.run(plan, settings)?, None),
        };
        verdict.ladder = Vec::new();
        Ok((verdict, difference))
    }

    /// Runs a failure once more to its own end, with all that it leaves, and keeps its capsule if it is the
    /// smallest of its kind. Should it come out differently, that is found on the way.
    fn catch(
        &self,
        job: usize,
        leg: &Leg<'_>,
        verdict: &Verdict,
        difference: Option<Difference>,
    ) -> Option<Difference> {
        let settings =
            Settings { keep: Keep::All, ladder: true, stop_early: false, ..self.shared.how.settings };
        let plan = leg.plan(verdict.seed);
        let Ok(again) = self.runner(leg).run(plan.clone(), &settings) else { return difference };
        if self.shared.desks[self.number].pulse.is_left() {
            return difference;
        }
        self.keep(job, leg, &plan, &again);
        let digests = (verdict.digest, again.digest);
        let differs = digests.0 != digests.1 && !self.shared.how.settings.stop_early;
        difference.or(differs.then_some(Difference { seed: verdict.seed, step: None, digests }))
    }

    /// Counts a stall of which a smaller one is known. Stalls are told apart without a trace, and a run that is as long as
    /// can be need not be done again for it.
    fn counts(&self, job: usize, verdict: &Verdict) -> bool {
        let Some(group) = Group::of(&self.shared.jobs[job].file, verdict) else { return false };
        let mut groups = locked(&self.shared.groups);
        let is_known = groups[job].place(&group) == Place::Counted;
        if is_known {
            self.shared.records.failed(&group);
            groups[job].add(group);
        }
        is_known
    }

    fn keep(&self, job: usize, leg: &Leg<'_>, plan: &Plan, verdict: &Verdict) {
        let Some(finding) = verdict.failures().next() else { return };
        let Job { scenario, file, schema, .. } = &self.shared.jobs[job];
        let Some(mut group) = Group::of(file, verdict) else { return };
        let name = group.file_name(scenario.name());
        let mut groups = locked(&self.shared.groups);
        if groups[job].place(&group) == Place::Smallest {
            let text = capsule(leg, plan, verdict, finding, schema.as_deref());
            match self.shared.records.capsule(&name, &text) {
                Ok(place) => group.capsule = Some(place),
                Err(error) => _ = locked(&self.shared.trouble).get_or_insert_with(|| error.to_string()),
            }
        }
        self.shared.records.failed(&group);
        groups[job].add(group);
    }

    /// A runner that has not run yet.
    fn runner(&self, leg: &Leg<'_>) -> Box<dyn Runner> {
        seen((leg.runner)(), &self.shared.desks[self.number])
    }
}

impl Drop for Worker {
    /// When one thread panics the others need not go on. The last one tells who started them.
    fn drop(&mut self) {
        if thread::panicking() {
            self.shared.stopped.store(true, Ordering::Relaxed);
        }
        if self.shared.working.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.shared.starter.unpark();
        }
    }
}

/// A runner whose pulse can be felt.
fn seen(mut runner: Box<dyn Runner>, desk: &Desk) -> Box<dyn Runner> {
    runner.show(Arc::clone(&desk.pulse));
    runner
}

/// Whether a run is done twice: the first one of each scenario, and one of a hundred by its seed.
fn is_repeated(leg: &Leg<'_>, seed: u64) -> bool {
    seed == leg.seeds.first() || mix(seed, SAMPLE).is_multiple_of(REPEATED)
}

/// Takes a lock. Nobody panics while he holds one of these and leaves something half done.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
