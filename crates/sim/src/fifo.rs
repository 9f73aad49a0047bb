//! First in, first out, in as little memory as is in use.
//!
//! A ring of the standard library goes round through all that it ever needed: after one long stall a short
//! queue would touch another place in memory with each entry, and none of them would be at hand. This one
//! begins anew at the same place whenever it is empty.

use std::collections::VecDeque;

/// A queue whose memory stays.
#[derive(Clone, Debug)]
pub(crate) struct Fifo<T>(VecDeque<T>);

impl<T> Default for Fifo<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> Fifo<T> {
    /// Adds an entry at the end.
    #[inline]
    pub(crate) fn push(&mut self, entry: T) {
        self.0.push_back(entry);
    }

    /// Puts an entry before all others.
    pub(crate) fn push_front(&mut self, entry: T) {
        self.0.push_front(entry);
    }

    /// Takes the first entry.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<T> {
        let first = self.0.pop_front();
        if self.0.is_empty() {
            // The standard library goes back to the beginning here.
            self.0.clear();
        }
        first
    }

    /// The first entry.
    pub(crate) fn first(&self) -> Option<&T> {
        self.0.front()
    }

    /// How many there are.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them, first to last.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter()
    }

    /// Takes all of them, first to last.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> {
        self.0.drain(..)
    }

    /// Forgets all of them.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

impl<T: Copy> Fifo<T> {
    /// Adds entries at the end.
    #[inline]
    pub(crate) fn extend(&mut self, entries: &[T]) {
        self.0.extend(entries);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against the ring of the standard library.
        #[test]
        fn what_goes_in_comes_out_in_order(steps in prop::collection::vec(prop::option::of(0_u8..9), 0..60)) {
            let (mut fifo, mut ring) = (Fifo::default(), VecDeque::new());
            for step in steps {
                match step {
                    None => prop_assert_eq!(fifo.pop(), ring.pop_front()),
                    Some(0) => {
                        fifo.push_front(0);
                        ring.push_front(0);
                    }
                    Some(entry) => {
                        fifo.extend(&[entry, entry + 1]);
                        ring.extend([entry, entry + 1]);
                    }
                }
                prop_assert_eq!((fifo.first(), fifo.len()), (ring.front(), ring.len()));
            }
            prop_assert!(fifo.iter().eq(&ring));
            prop_assert!(fifo.drain().eq(ring));
        }
    }

    #[test]
    fn a_queue_that_was_long_stays_in_one_place_when_it_is_short() {
        let mut fifo = Fifo::default();
        (0..100).for_each(|n| fifo.push(n));
        while fifo.pop().is_some() {}
        let mut places = (0..20).map(|n| {
            fifo.push(n);
            let place = std::ptr::from_ref(fifo.first().expect("it holds one"));
            fifo.pop();
            place
        });
        let first = places.next();
        assert!(places.all(|place| Some(place) == first));
    }
}
