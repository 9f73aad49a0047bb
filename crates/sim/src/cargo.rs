//! What messages say, each in the words of its system: the one thing on the water that only a system can read.
//!
//! The environment moves envelopes and knows of a message what a brief tells. The message itself lies here,
//! under the slot of its envelope, in memory that is used again.

use crate::flight::Sent;

/// The messages of one system that are on their way.
#[derive(Debug, Default)]
pub(crate) struct Cargo<M> {
    /// By slot, in memory that stays with it; `None` while its receiver has it in hand.
    messages: Vec<Option<Box<M>>>,
}

impl<M: Clone + Default> Cargo<M> {
    /// Has a message that has left written into its slot, and copies it into that of its second copy.
    #[inline]
    pub(crate) fn load(&mut self, sent: Sent, write: impl FnOnce(&mut M)) {
        write(self.room(sent.slot));
        self.double(sent);
    }

    /// Copies a message that lies here already into the slot of its second copy, if it has one.
    #[inline]
    pub(crate) fn double(&mut self, Sent { slot, copy }: Sent) {
        if let Some(copy) = copy {
            self.copy(slot, copy);
        }
    }

    #[inline(never)]
    fn copy(&mut self, slot: u32, copy: u32) {
        if let Some(message) = self.take(slot) {
            self.room(copy).clone_from(&message);
            self.put_back(slot, message);
        }
    }

    /// Takes the message in a slot in hand.
    #[inline]
    pub(crate) fn take(&mut self, slot: u32) -> Option<Box<M>> {
        self.messages.get_mut(slot as usize)?.take()
    }

    /// Puts it back, for its memory.
    #[inline]
    pub(crate) fn put_back(&mut self, slot: u32, message: Box<M>) {
        self.messages[slot as usize] = Some(message);
    }

    #[inline]
    fn room(&mut self, slot: u32) -> &mut M {
        if slot as usize >= self.messages.len() {
            self.grow(slot);
        }
        self.messages[slot as usize].get_or_insert_default()
    }

    #[cold]
    fn grow(&mut self, slot: u32) {
        self.messages.resize_with(slot as usize + 1, || None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_and_its_copy_say_the_same() {
        let mut cargo = Cargo::<Vec<u8>>::default();
        cargo.load(Sent { slot: 3, copy: Some(1) }, |room| *room = vec![1, 2]);
        cargo.load(Sent { slot: 0, copy: None }, |room| room.push(7));
        let read = |cargo: &mut Cargo<Vec<u8>>, slot| cargo.take(slot).map(|message| *message);
        assert_eq!(read(&mut cargo, 3), Some(vec![1, 2]));
        assert_eq!(read(&mut cargo, 1), Some(vec![1, 2]));
        assert_eq!(read(&mut cargo, 0), Some(vec![7]));
        assert_eq!((read(&mut cargo, 0), read(&mut cargo, 2), read(&mut cargo, 9)), (None, None, None));
    }
}
