//! The history: every operation that a client asked for, once, in the order of asking.
//!
//! It is what the clients saw, with the witness's notes beside it: the index that was completed when an
//! operation was asked for, and where in the log it took effect. It judges nothing. Whoever wants to judge
//! it from outside needs the operation, the two order numbers and the result, and no more.

use crate::operation::{Operation, Value};
use crate::types::{At, Command, Index};

/// An operation, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its name: the serial-th of its session.
    pub command: Command,
    /// What was asked for.
    pub operation: Operation,
    /// When it was first sent; the node in it means nothing.
    pub invoked: At,
    /// Where this stands among all invocations and answers of the run.
    pub invoked_order: u64,
    /// The highest index that was completed before. What is asked for later takes effect later.
    pub bound: Index,
    /// Where it took effect; `None` as long as no node has applied it.
    pub effect: Option<Effect>,
    /// What the client was told; `None` when it never learnt what became of it.
    pub answer: Option<Answer>,
}

/// Where in the log an operation took effect: at its first application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The index.
    pub index: Index,
    /// What the model answers there.
    pub result: Value,
    /// The node that applied it first, and when.
    pub at: At,
}

/// The first answer that a client received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The node that answered, and when the answer arrived.
    pub at: At,
    /// Where this stands among all invocations and answers of the run.
    pub order: u64,
    /// What it says.
    pub result: Value,
    /// On a read that was answered without the log: the index as of which the answer was read.
    pub read_at: Option<Index>,
}

impl Recorded {
    /// The index at which an answered operation counts as done: of the state that was read, or of the
    /// entry that was applied. `None` when it is not answered, or was never applied.
    #[must_use]
    pub fn completed(&self) -> Option<Index> {
        let logged = self.effect.map(|effect| effect.index);
        self.answer.and_then(|answer| answer.read_at.or(logged))
    }
}

/// All operations of a run.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// What was asked for, in the order of asking.
    asked: Vec<Asked>,
    /// What became of each. It lies apart, because state machines only ask what was asked for.
    ways: Vec<Way>,
    /// By session, then by serial from 1: the position of the operation.
    positions: Vec<Vec<u32>>,
    /// How many invocations and answers there were.
    orders: u64,
    /// The highest index that any client was told about.
    completed: Index,
}

/// An operation and its name.
#[derive(Clone, Copy, Debug)]
struct Asked {
    command: Command,
    operation: Operation,
}

/// What became of an operation: all else of [`Recorded`].
#[derive(Clone, Copy, Debug)]
struct Way {
    invoked: At,
    invoked_order: u64,
    bound: Index,
    /// At index 0, where nothing ever stands, as long as no node has applied it: an option would take eight bytes more.
    effect: Effect,
    answer: Option<Answer>,
}

impl Way {
    fn of(self, Asked { command, operation }: Asked) -> Recorded {
        let Self { invoked, invoked_order, bound, answer, .. } = self;
        let effect = Some(self.effect).filter(|effect| effect.index > 0);
        Recorded { command, operation, invoked, invoked_order, bound, effect, answer }
    }
}

impl History {
    /// Every operation, in the order in which they were asked for.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = Recorded> {
        self.ways.iter().zip(&self.asked).map(|(way, asked)| way.of(*asked))
    }

    /// The operation of a command, and what became of it; `None` when nobody ever asked for it.
    #[must_use]
    #[inline]
    pub fn get(&self, command: Command) -> Option<Recorded> {
        let position = self.position(command)?;
        Some(self.ways[position].of(self.asked[position]))
    }

    /// What a command asks for; `None` when nobody ever asked for it.
    #[inline]
    pub(crate) fn operation(&self, command: Command) -> Option<Operation> {
        Some(self.asked[self.position(command)?].operation)
    }

    /// Whether the command is the last that its session has asked for.
    #[inline]
    pub(crate) fn is_latest(&self, command: Command) -> bool {
        let serials = self.positions.get(command.client() as usize).map_or(0, Vec::len);
        command.serial() == serials as u64
    }

    /// Forgets everything and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.asked.clear();
        self.ways.clear();
        self.positions.iter_mut().for_each(Vec::clear);
        (self.orders, self.completed) = (0, 0);
    }

    /// A client asks for something new.
    pub(crate) fn invoked(&mut self, at: At, command: Command, operation: Operation) {
        let session = command.client() as usize;
        if session >= self.positions.len() {
            self.positions.resize_with(session + 1, Vec::new);
        }
        let serials = &mut self.positions[session];
        assert!(
            command.serial() == serials.len() as u64 + 1,
            "{command} was asked for after {} operations of its session",
            serials.len()
        );
        serials.push(self.asked.len() as u32);
        self.orders += 1;
        self.asked.push(Asked { command, operation });
        self.ways.push(Way {
            invoked: at,
            invoked_order: self.orders,
            bound: self.completed,
            effect: Effect { index: 0, result: 0, at },
            answer: None,
        });
    }

    /// A command has taken effect.
    #[inline]
    pub(crate) fn took_effect(&mut self, command: Command, effect: Effect) {
        if let Some(position) = self.position(command) {
            self.ways[position].effect = effect;
        }
    }

    /// A client is told. Gives the operation, unless nobody asked for it; a client listens to the first
    /// answer only, so what comes later changes nothing and gives nothing.
    #[inline]
    pub(crate) fn answered(
        &mut self,
        at: At,
        command: Command,
        result: Value,
        read_at: Option<Index>,
    ) -> Told {
        let Some(position) = self.position(command) else { return Told::Unasked };
        let (way, asked) = (&mut self.ways[position], self.asked[position]);
        if way.answer.is_some() {
            return Told::Again;
        }
        self.orders += 1;
        let read_at = read_at.filter(|_| asked.operation.is_read());
        way.answer = Some(Answer { at, order: self.orders, result, read_at });
        Told::First(way.of(asked))
    }

    /// An answer was found to be right up to `index`: what is asked for from now on comes after it.
    #[inline]
    pub(crate) fn complete(&mut self, index: Index) {
        self.completed = self.completed.max(index);
    }

    #[inline]
    fn position(&self, command: Command) -> Option<usize> {
        let serials = self.positions.get(command.client() as usize)?;
        let row = usize::try_from(command.serial() - 1).ok()?;
        serials.get(row).map(|&position| position as usize)
    }
}

/// What an answer is to the client that gets it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Told {
    /// The answer that it waits for.
    First(Recorded),
    /// One that it has already.
    Again,
    /// One to a question that was never asked.
    Unasked,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::NodeId;

    const AT: At = At { time: 5, step: 1, node: NodeId(0) };

    #[test]
    fn operations_are_found_by_session_and_serial() {
        let mut history = History::default();
        for (client, serial) in [(2, 1), (0, 1), (2, 2)] {
            history.invoked(AT, Command::new(client, serial), Operation::Get { key: client });
        }
        let order =
            |client, serial| history.get(Command::new(client, serial)).map(|recorded| recorded.invoked_order);
        assert_eq!([order(2, 1), order(0, 1), order(2, 2)], [Some(1), Some(2), Some(3)]);
        assert_eq!([order(1, 1), order(9, 1), order(2, 3)], [None; 3]);
    }

    #[test]
    fn only_the_first_answer_counts_and_completion_only_rises() {
        let (mut history, command) = (History::default(), Command::new(0, 1));
        history.invoked(AT, command, Operation::Get { key: 1 });
        assert!(matches!(history.answered(AT, command, 4, Some(7)), Told::First(_)));
        assert!(matches!(history.answered(AT, command, 5, None), Told::Again));
        assert!(matches!(history.answered(AT, Command::new(1, 1), 5, None), Told::Unasked));
        assert_eq!(history.get(command).unwrap().completed(), Some(7));
        history.complete(7);
        history.complete(3);
        history.invoked(AT, Command::new(0, 2), Operation::Put { key: 1, value: 1 });
        assert_eq!(history.get(Command::new(0, 2)).unwrap().bound, 7);
        history.clear();
        history.invoked(AT, command, Operation::Get { key: 1 });
        assert_eq!(history.operations().map(|recorded| recorded.bound).collect::<Vec<_>>(), [0]);
    }

    #[test]
    #[should_panic(expected = "c1#3 was asked for after 0 operations")]
    fn serials_count_from_one() {
        History::default().invoked(AT, Command::new(0, 3), Operation::Get { key: 1 });
    }
}
