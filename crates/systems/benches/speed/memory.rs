//! What a run takes of the heap, counted by an allocator that counts.

use crate::plans::{QUIET, Water};
use crate::rows::{WATCHED, held, runner};
use allocation_counter::measure;

/// The most bytes that a run of a minute holds at once, whatever it needs to start included.
pub(crate) fn of_a_minute() -> u64 {
    let plan = QUIET.plan(1);
    measure(|| drop(held(runner("whitewater").as_mut(), plan, &WATCHED))).bytes_max
}

/// Allocations for each further event of a run in memory that is used again, to a thousandth: the ends of two runs
/// may differ by a few.
pub(crate) fn allocations_per_event() -> f64 {
    let mut runner = runner("whitewater");
    let mut run = |seconds| {
        let plan = Water { seconds, ..QUIET }.plan(1);
        let mut events = 0;
        let count = measure(|| events = held(runner.as_mut(), plan, &WATCHED).events).count_total;
        (count, events)
    };
    run(LONG);
    let (short, long) = (run(SHORT), run(LONG));
    let each = long.0.saturating_sub(short.0) as f64 / (long.1 - short.1) as f64;
    (each * 1e3).round() / 1e3
}

/// Two runs in seconds. Both end with logs between 2^12 and 2^13 entries, so that no node's log has to grow between the
/// end of the one and that of the other.
const SHORT: u64 = 9;
const LONG: u64 = 15;
