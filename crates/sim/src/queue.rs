//! The event queue: what happens next, and in which order when several things are due at one instant.
//!
//! The order is (due time, order of scheduling). The second part is a running number and not a place in
//! memory, so leaving one event out never swaps two others. An entry is one 128-bit number and the heap
//! compares nothing else.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use whitewater_check::types::Nanos;

/// A queue of words with a due time each.
#[derive(Debug, Default)]
pub(crate) struct EventQueue {
    heap: BinaryHeap<Reverse<u128>>,
    scheduled: u32,
}

impl EventQueue {
    /// Forgets everything but its memory.
    pub(crate) fn reset(&mut self) {
        self.heap.clear();
        self.scheduled = 0;
    }

    /// Schedules `word` for `time`.
    ///
    /// # Panics
    ///
    /// After 2^32 events in one run; the budget of a run ends it long before.
    pub(crate) fn push(&mut self, time: Nanos, word: u32) {
        self.scheduled = self.scheduled.checked_add(1).expect("a run ends before 2^32 events");
        self.heap.push(Reverse(u128::from(time) << 64 | u128::from(self.scheduled) << 32 | u128::from(word)));
    }

    /// Takes the next event out: its time and word.
    pub(crate) fn pop(&mut self) -> Option<(Nanos, u32)> {
        let Reverse(packed) = self.heap.pop()?;
        Some(((packed >> 64) as Nanos, packed as u32))
    }

    /// Everything that is scheduled, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Nanos, u32)> {
        self.heap.iter().map(|Reverse(packed)| ((packed >> 64) as Nanos, *packed as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pops_by_time_and_then_in_the_order_of_scheduling(times in prop::collection::vec(0_u64..5, 0..50)) {
            let mut queue = EventQueue::default();
            for (word, &time) in times.iter().enumerate() {
                queue.push(time, word as u32);
            }
            let mut expected: Vec<(u64, u32)> = times.iter().enumerate().map(|(i, &t)| (t, i as u32)).collect();
            expected.sort_by_key(|&(time, _)| time);
            let popped: Vec<(u64, u32)> = std::iter::from_fn(|| queue.pop()).collect();
            prop_assert_eq!(popped, expected);
        }
    }

    #[test]
    fn the_largest_time_survives_the_packing() {
        let mut queue = EventQueue::default();
        queue.push(u64::MAX, u32::MAX);
        queue.push(u64::MAX - 1, 0);
        assert_eq!(
            (queue.pop(), queue.pop(), queue.pop()),
            (Some((u64::MAX - 1, 0)), Some((u64::MAX, u32::MAX)), None)
        );
    }
}
