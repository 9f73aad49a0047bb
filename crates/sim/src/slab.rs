//! Slots that are found by number and used again, with whatever memory their contents hold.

use std::ops::{Index, IndexMut};

/// A growing table of slots with a list of the free ones. `MOST` of them are the end.
#[derive(Debug, Default)]
pub(crate) struct Slab<T, const MOST: u32 = { u32::MAX }> {
    slots: Vec<T>,
    free: Vec<u32>,
}

impl<T: Default, const MOST: u32> Slab<T, MOST> {
    /// Frees every slot and keeps their memory.
    pub(crate) fn reset(&mut self) {
        self.free.clear();
        self.free.extend((0..self.slots.len() as u32).rev());
    }

    /// A slot that nobody uses; it may hold what its last user left.
    pub(crate) fn claim(&mut self) -> u32 {
        if let Some(slot) = self.free.pop() {
            return slot;
        }
        self.grow()
    }

    #[cold]
    fn grow(&mut self) -> u32 {
        let slot = self.slots.len() as u32;
        assert!(slot < MOST, "it goes on and on: more than {MOST} are under way at once");
        self.slots.push(T::default());
        slot
    }

    /// Every slot, in use or not.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.slots.iter_mut()
    }

    /// How many slots are in use.
    pub(crate) fn in_use(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Gives a slot back.
    pub(crate) fn release(&mut self, slot: u32) {
        self.free.push(slot);
    }
}

impl<T, const MOST: u32> Index<u32> for Slab<T, MOST> {
    type Output = T;

    fn index(&self, slot: u32) -> &T {
        &self.slots[slot as usize]
    }
}

impl<T, const MOST: u32> IndexMut<u32> for Slab<T, MOST> {
    fn index_mut(&mut self, slot: u32) -> &mut T {
        &mut self.slots[slot as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_used_again_and_keep_their_memory() {
        let mut slab: Slab<Vec<u8>> = Slab::default();
        let (a, b) = (slab.claim(), slab.claim());
        assert_ne!(a, b);
        slab[a].extend([1, 2, 3]);
        slab.release(a);
        let again = slab.claim();
        assert_eq!((again, slab[again].capacity() >= 3), (a, true));
    }

    #[test]
    fn a_reset_slab_hands_out_slots_as_a_new_one_does() {
        let mut slab: Slab<u8> = Slab::default();
        let first: Vec<u32> = (0..5).map(|_| slab.claim()).collect();
        slab.release(3);
        slab.reset();
        assert_eq!((0..5).map(|_| slab.claim()).collect::<Vec<_>>(), first);
    }
}
