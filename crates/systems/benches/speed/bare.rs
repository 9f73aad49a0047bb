//! What any simulator of messages has to do for an event, and nothing else: take the next one from a queue, draw
//! once, copy a message into a slot, and schedule it.
//!
//! It is pinned, so that its figure only moves with the machine and the ratio to it means something.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::hint::black_box;

/// Runs so many events.
pub(crate) fn bare_loop(events: u64) -> u64 {
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

/// Stirs two words into one.
pub(crate) fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    wide as u64 ^ (wide >> 64) as u64
}
