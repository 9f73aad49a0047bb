//! Many seeds of the default campaign on one thread and on two, as the command runs them: a runner for each thread,
//! and a counter that they share.

use crate::plans::campaign;
use crate::rows::{WATCHED, runner};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use whitewater_sim::run::Settings;
use whitewater_sim::trace::Keep;

/// Campaigns keep no trace: a run that fails is run again.
const HUNTED: Settings = Settings { keep: Keep::Nothing, ..WATCHED };

/// How long these seeds take on so many threads, and a word over all their digests.
pub(crate) fn seeds(threads: usize, seeds: u64) -> (Duration, u64) {
    let (scenario, next) = (campaign(), AtomicU64::new(1));
    let work = || {
        let (mut runner, mut digests) = (runner("whitewater"), 0);
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > seeds {
                return digests;
            }
            let verdict = runner.run(scenario.plan(seed), &HUNTED).expect("our node can do all of it");
            assert!(verdict.violation.is_none(), "{:?}", verdict.violation);
            digests ^= verdict.digest;
        }
    };
    let start = Instant::now();
    let digests = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().fold(0, |all, worker| all ^ worker.join().expect("no run panics"))
    });
    (start.elapsed(), digests)
}
