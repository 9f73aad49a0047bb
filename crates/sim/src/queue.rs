//! The event queue: what happens next, and in which order when several things are due at one instant.
//!
//! The order is (due time, order of scheduling). The second part is a running number and not a place in
//! memory, so leaving one event out never swaps two others. An entry is one 128-bit number and nothing else
//! is compared.
//!
//! Most events are due within half a second, so these hang on a wheel of slots, unsorted: to put
//! one there takes no comparison, and the next slot that holds any is found by its bit. A slot whose time has
//! come moves into a heap, small as a rule, which alone decides the order. What is due later than the wheel
//! reaches waits in a heap of its own. However events crowd, one costs no more than the logarithm of them.
//!
//! The first of all is taken out one event ahead. Where it is to be found is read from one place after another,
//! none of them at hand, and a processor can do that beside the work on the event before.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter;
use whitewater_check::types::Nanos;

/// How long a slot of the wheel is, as a power of two in nanoseconds: 131 us.
const SLOT_BITS: u32 = 17;

/// How many slots the wheel has, half a second in all, and how many words their bits make.
const SLOTS: usize = WORDS * 64;
const WORDS: usize = 64;

/// No entry: the end of a slot's list.
const NONE: u32 = u32::MAX;

/// A due time, the order of scheduling and a word, as one number.
type Entry = u128;

/// No entry: it comes after all others.
const NOBODY: Entry = Entry::MAX;

/// An entry on the wheel, and the next one in its slot or among those that are free.
#[derive(Clone, Copy, Debug)]
struct Hanging {
    entry: Entry,
    next: u32,
}

/// A queue of words with a due time each.
#[derive(Debug)]
pub(crate) struct EventQueue {
    /// The first of all, or [`NOBODY`] where the next one has yet to be looked for.
    lead: Entry,
    /// What is due in the slot that time has reached.
    front: BinaryHeap<Reverse<Entry>>,
    /// That slot, counted from the beginning of time.
    reached: u64,
    /// The first entry of each of the `SLOTS - 1` slots after it.
    wheel: Box<[u32; SLOTS]>,
    /// For each slot whether it holds any, as a bit. In a busy cluster the next one is nearly always in the word
    /// that time has reached.
    taken: [u64; WORDS],
    hanging: Vec<Hanging>,
    free: u32,
    /// What is due later than that, and in which slot the first of it is.
    far: BinaryHeap<Reverse<Entry>>,
    far_slot: u64,
    scheduled: u32,
}

impl Default for EventQueue {
    fn default() -> Self {
        Self {
            lead: NOBODY,
            front: BinaryHeap::new(),
            reached: 0,
            wheel: Box::new([NONE; SLOTS]),
            taken: [0; WORDS],
            hanging: Vec::new(),
            free: NONE,
            far: BinaryHeap::new(),
            far_slot: u64::MAX,
            scheduled: 0,
        }
    }
}

impl EventQueue {
    /// Forgets everything but its memory.
    pub(crate) fn reset(&mut self) {
        self.front.clear();
        self.far.clear();
        self.hanging.clear();
        self.wheel.fill(NONE);
        self.taken.fill(0);
        (self.reached, self.far_slot, self.free, self.scheduled) = (0, u64::MAX, NONE, 0);
        self.lead = NOBODY;
    }

    /// Schedules `word` for `time`, which is not before that of the last event that was taken out.
    ///
    /// # Panics
    ///
    /// After 2^32 events in one run; the budget of a run ends it long before.
    #[inline]
    pub(crate) fn push(&mut self, time: Nanos, word: u32) {
        self.scheduled = self.scheduled.checked_add(1).expect("a run ends before 2^32 events");
        let entry = u128::from(time) << 64 | u128::from(self.scheduled) << 32 | u128::from(word);
        let ahead = (time >> SLOT_BITS).wrapping_sub(self.reached);
        if (1..SLOTS as u64).contains(&ahead) {
            self.hang(entry, (time >> SLOT_BITS) as usize % SLOTS);
        } else {
            self.push_aside(entry);
        }
    }

    /// Takes the next event out: its time and word.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> Option<(Nanos, u32)> {
        let entry = if self.lead == NOBODY { self.take()? } else { self.lead };
        self.lead = self.take().unwrap_or(NOBODY);
        Some(((entry >> 64) as Nanos, entry as u32))
    }

    /// The first of all but the lead.
    #[inline(always)]
    fn take(&mut self) -> Option<Entry> {
        if self.front.is_empty() { self.advance() } else { self.front.pop().map(|Reverse(entry)| entry) }
    }

    /// Everything that is scheduled, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Nanos, u32)> {
        let lists = self.wheel.iter().flat_map(|&first| {
            let at = |place: u32| self.hanging.get(place as usize);
            iter::successors(at(first), move |hanging| at(hanging.next)).map(|hanging| hanging.entry)
        });
        let heaps = self.front.iter().chain(&self.far).map(|Reverse(entry)| *entry);
        let lead = Some(self.lead).filter(|&lead| lead != NOBODY);
        heaps.chain(lists).chain(lead).map(|entry| ((entry >> 64) as Nanos, entry as u32))
    }

    /// Hangs an entry on the wheel.
    #[inline]
    fn hang(&mut self, entry: Entry, slot: usize) {
        let hanging = Hanging { entry, next: self.wheel[slot] };
        self.taken[slot / 64] |= 1 << (slot % 64);
        if let Some(free) = self.hanging.get_mut(self.free as usize) {
            self.wheel[slot] = self.free;
            self.free = std::mem::replace(free, hanging).next;
        } else {
            self.wheel[slot] = self.hanging.len() as u32;
            self.hanging.push(hanging);
        }
    }

    /// Keeps an entry that the wheel has no slot for.
    #[inline(never)]
    fn push_aside(&mut self, mut entry: Entry) {
        if slot_of(entry) <= self.reached {
            if entry < self.lead && self.lead != NOBODY {
                std::mem::swap(&mut entry, &mut self.lead);
            }
            self.front.push(Reverse(entry));
        } else {
            self.far.push(Reverse(entry));
            self.far_slot = self.far_slot.min(slot_of(entry));
        }
    }

    /// The front is empty: goes on to the next slot that holds anything. Returns the first entry in it.
    #[inline(always)]
    fn advance(&mut self) -> Option<Entry> {
        let near = self.next_taken();
        if near >= self.far_slot {
            return self.advance_far(near);
        }
        self.reached = near;
        self.take_down(near as usize % SLOTS)
    }

    /// The same where the next slot is one of those that entries from afar are due in, if there are any.
    #[inline(never)]
    fn advance_far(&mut self, near: u64) -> Option<Entry> {
        let Reverse(first) = self.far.pop()?;
        self.reached = slot_of(first);
        while let Some(entry) =
            self.far.peek().filter(|Reverse(entry)| slot_of(*entry) == self.reached).copied()
        {
            self.far.pop();
            self.front.push(entry);
        }
        self.far_slot = self.far.peek().map_or(u64::MAX, |Reverse(entry)| slot_of(*entry));
        if near == self.reached {
            let entry = self.take_down(near as usize % SLOTS);
            self.front.extend(entry.map(Reverse));
        }
        self.front.push(Reverse(first));
        self.front.pop().map(|Reverse(entry)| entry)
    }

    /// Takes all entries of a slot down: the first one due, and the others move to the front.
    #[inline]
    fn take_down(&mut self, slot: usize) -> Option<Entry> {
        self.taken[slot / 64] &= !(1 << (slot % 64));
        let place = std::mem::replace(&mut self.wheel[slot], NONE);
        let first = self.hanging.get_mut(place as usize)?;
        let next = std::mem::replace(&mut first.next, self.free);
        let entry = first.entry;
        self.free = place;
        if next == NONE { Some(entry) } else { self.take_down_rest(entry, next) }
    }

    #[inline(never)]
    fn take_down_rest(&mut self, first: Entry, mut next: u32) -> Option<Entry> {
        self.front.push(Reverse(first));
        while let Some(hanging) = self.hanging.get_mut(next as usize) {
            self.front.push(Reverse(hanging.entry));
            let place = std::mem::replace(&mut next, std::mem::replace(&mut hanging.next, self.free));
            self.free = place;
        }
        self.front.pop().map(|Reverse(entry)| entry)
    }

    /// The next slot after the one that time has reached that holds anything; none is `u64::MAX`.
    #[inline]
    fn next_taken(&self) -> u64 {
        let first = (self.reached + 1) as usize % SLOTS;
        let (word, bit) = (first / 64, first % 64);
        let here = self.taken[word] >> bit;
        if here != 0 {
            return self.reached + 1 + u64::from(here.trailing_zeros());
        }
        self.next_taken_beyond(first)
    }

    /// The same where none of the slots in the word of `first` is taken from that slot on.
    #[inline(never)]
    fn next_taken_beyond(&self, first: usize) -> u64 {
        // The word of the first slot comes last once more, for the bits before that slot's.
        let mut words = (1..=WORDS).map(|ahead| (first / 64 + ahead) % WORDS);
        let Some(word) = words.find(|&word| self.taken[word] != 0) else { return u64::MAX };
        let slot = word * 64 + self.taken[word].trailing_zeros() as usize;
        self.reached + 1 + (slot.wrapping_sub(first) % SLOTS) as u64
    }
}

/// The slot in which an entry is due, counted from the beginning of time.
#[inline]
fn slot_of(entry: Entry) -> u64 {
    (entry >> 64) as u64 >> SLOT_BITS
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
            let popped: Vec<(u64, u32)> = iter::from_fn(|| queue.pop()).collect();
            prop_assert_eq!(popped, expected);
        }
    }

    proptest! {
        /// Against a plain list that is searched for its least, while time goes on.
        #[test]
        fn near_and_far_events_come_in_order(
            steps in prop::collection::vec((prop::bool::weighted(0.6), 0_u32..36, any::<u32>()), 0..400),
        ) {
            let (mut queue, mut list) = (EventQueue::default(), Vec::new());
            let (mut now, mut word) = (0, 0);
            for (pushes, bits, low) in steps {
                if pushes {
                    let time = now + (u64::from(low) << 4 >> (36 - bits));
                    word += 1;
                    queue.push(time, word);
                    list.push((time, word));
                    continue;
                }
                let least = list.iter().copied().min();
                prop_assert_eq!(queue.pop(), least);
                list.retain(|event| Some(*event) != least);
                now = least.map_or(now, |(time, _)| time);
            }
            list.sort_unstable();
            let mut scheduled: Vec<(u64, u32)> = queue.iter().collect();
            scheduled.sort_unstable();
            prop_assert_eq!(&scheduled, &list);
            prop_assert_eq!(iter::from_fn(|| queue.pop()).collect::<Vec<_>>(), list);
        }
    }

    #[test]
    fn a_reset_queue_is_empty_and_begins_anew() {
        let mut queue = EventQueue::default();
        for time in [5, 1 << 20, 1 << 40] {
            queue.push(time, 1);
        }
        queue.pop();
        queue.reset();
        assert_eq!(queue.pop(), None);
        queue.push(3, 7);
        assert_eq!((queue.pop(), queue.pop()), (Some((3, 7)), None));
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
