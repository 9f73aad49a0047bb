//! Tries candidates on all threads, and takes the first in their order that will do.
//!
//! Each thread keeps a runner, and with it the memory of its last run. Whatever the number of threads, every
//! candidate before the one that is taken has been tried and did not do, and what was spent is counted up to
//! that one: so the result is the same as that of one thread that tries them in turn.

use crate::leg::MakeRunner;
use crate::shrink::judge::{Goal, Look, Sighting, cost};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use whitewater_sim::plan::Plan;
use whitewater_sim::run::Runner;

/// How many candidates a thread is given at most before all threads wait for each other.
const BATCH: usize = 64;

/// What is asked of a candidate.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    /// The failure that it must show.
    pub goal: Goal,
    /// After how many events it is given up.
    pub max_events: u64,
}

/// A candidate that will do.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    /// Its place among the candidates.
    pub place: usize,
    /// It.
    pub plan: Plan,
    /// Where it shows the failure.
    pub seen: Sighting,
}

/// A candidate, and what it must cost less than.
pub(super) type Bounded = (Plan, u64);

/// Some candidates that are tried together.
struct Batch {
    plans: Vec<Bounded>,
    terms: Terms,
    next: AtomicUsize,
    /// The first place that will do, as far as is known.
    first: AtomicUsize,
    looks: Mutex<Vec<Option<Look>>>,
}

impl Batch {
    fn work(&self, runner: &mut dyn Runner) {
        loop {
            let place = self.next.fetch_add(1, Ordering::Relaxed);
            if place >= self.plans.len() || place > self.first.load(Ordering::Relaxed) {
                return;
            }
            let (plan, below) = &self.plans[place];
            let look = self.terms.goal.look(runner, plan, self.terms.max_events);
            if look.seen.is_some_and(|seen| cost(plan, seen) < *below) {
                self.first.fetch_min(place, Ordering::Relaxed);
            }
            self.looks.lock().unwrap_or_else(PoisonError::into_inner)[place] = Some(look);
        }
    }
}

/// One more thread.
struct Helper {
    jobs: Sender<Arc<Batch>>,
    done: Receiver<()>,
    thread: JoinHandle<()>,
}

/// The threads.
pub(super) struct Pool {
    runner: Box<dyn Runner>,
    helpers: Vec<Helper>,
    /// What all runs that count have cost, in steps.
    pub spent: u64,
}

impl Pool {
    /// So many threads, the one that asks among them.
    pub(super) fn new(make: MakeRunner, threads: usize) -> Self {
        let helpers = (1..threads.max(1)).map(|_| helper(make)).collect();
        Self { runner: make(), helpers, spent: 0 }
    }

    /// The runner of the thread that asks.
    pub(super) fn runner(&mut self) -> &mut dyn Runner {
        self.runner.as_mut()
    }

    /// The first of the candidates that meets the terms, if any does before the budget is spent.
    pub(super) fn first(
        &mut self,
        candidates: &mut dyn Iterator<Item = Bounded>,
        terms: &Terms,
        budget: u64,
    ) -> Option<Hit> {
        let (mut before, mut size) = (0, 1);
        while self.spent < budget {
            let plans: Vec<Bounded> = candidates.take(size * (1 + self.helpers.len())).collect();
            if plans.is_empty() {
                return None;
            }
            let tried = plans.len();
            if let Some(hit) = self.try_all(plans, terms, budget) {
                return Some(Hit { place: before + hit.place, ..hit });
            }
            before += tried;
            size = (size * 2).min(BATCH);
        }
        None
    }

    fn try_all(&mut self, plans: Vec<Bounded>, terms: &Terms, budget: u64) -> Option<Hit> {
        let looks = Mutex::new(vec![None; plans.len()]);
        let (next, first) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
        let batch = Arc::new(Batch { plans, terms: terms.clone(), next, first, looks });
        for helper in &self.helpers {
            helper.jobs.send(Arc::clone(&batch)).expect("a helper waits for jobs as long as the pool lives");
        }
        batch.work(self.runner.as_mut());
        for helper in &self.helpers {
            helper.done.recv().expect("a helper panics only over a mistake of this program");
        }
        let looks = std::mem::take(&mut *batch.looks.lock().unwrap_or_else(PoisonError::into_inner));
        let first = batch.first.load(Ordering::Relaxed);
        for (place, look) in looks.into_iter().enumerate().take(first.saturating_add(1)) {
            if self.spent >= budget {
                return None;
            }
            let Look { seen, work } = look?;
            self.spent += work;
            if place == first {
                return Some(Hit { place, plan: batch.plans[place].0.clone(), seen: seen? });
            }
        }
        None
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        for Helper { jobs, done, thread } in self.helpers.drain(..) {
            drop((jobs, done));
            // A helper that has panicked was heard of when its batch was.
            _ = thread.join();
        }
    }
}

fn helper(make: MakeRunner) -> Helper {
    let (jobs, inbox) = channel::<Arc<Batch>>();
    let (tell, done) = channel();
    let thread = thread::spawn(move || {
        let mut runner = make();
        for batch in inbox {
            batch.work(runner.as_mut());
            drop(batch);
            if tell.send(()).is_err() {
                return;
            }
        }
    });
    Helper { jobs, done, thread }
}
