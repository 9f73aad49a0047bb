//! A cluster that is nothing but a log and its clients, told to the checks as it plays.
//!
//! Legal by construction: an operation is asked for, takes its place at the end of the log or reads the state
//! as it is, and is answered, or left open for ever. A flaw breaks that in one way.

use std::collections::BTreeMap;
use whitewater_check::checks::Checks;
use whitewater_check::judge::Call;
use whitewater_check::operation::{Operation, Value};
use whitewater_check::types::{At, Command, Index, NodeId};

/// What happens next: to whom, what, and two numbers to fill it in.
pub(crate) type Move = [u8; 4];

/// The most operations of a history.
const OPERATIONS_MAX: usize = 14;

/// One way of breaking a promise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Flaw {
    /// A write is answered and never done.
    LostWrite,
    /// A read is answered from a state that is older than what was done when it was asked for.
    StaleRead,
    /// A retry is applied again.
    DuplicateApplication,
    /// An operation is answered, and takes effect after the next one of its session.
    ReorderedSession,
    /// A read is answered with a value that was never written.
    ValueNobodyWrote,
    /// A command is applied that was never asked for.
    CommandNobodyAsked,
}

impl Flaw {
    pub(crate) const ALL: [Self; 6] = [
        Self::LostWrite,
        Self::StaleRead,
        Self::DuplicateApplication,
        Self::ReorderedSession,
        Self::ValueNobodyWrote,
        Self::CommandNobodyAsked,
    ];
}

/// A client, with at most one operation open.
#[derive(Clone, Debug, Default)]
struct Session {
    serial: u64,
    open: Option<Open>,
    /// An operation that was answered and is still to take effect.
    owed: Option<(Command, Operation)>,
    /// Its last operation will never be answered.
    dead: bool,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    command: Command,
    operation: Operation,
    /// The length of the log as far as anybody knew when this was asked for.
    known: Index,
    result: Option<(Index, Value)>,
}

/// The log's state after each index, and the sessions.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) checks: Checks,
    /// How often the flaw broke a promise that no accident can have kept.
    pub(crate) shown: u32,
    /// A command was applied that nobody asked for: the judge cannot know.
    pub(crate) nobody_asked: bool,
    sessions: Vec<Session>,
    /// By index: what is stored under each key.
    states: Vec<BTreeMap<u32, Value>>,
    /// The highest index that any client was told about.
    known: Index,
    keys: u32,
    flaw: Option<Flaw>,
    step: u32,
}

impl Cluster {
    pub(crate) fn play(sessions: u32, keys: u32, flaw: Option<Flaw>, moves: &[Move]) -> Self {
        let mut checks = Checks::new();
        checks.reset(1);
        let mut cluster = Self {
            checks,
            shown: 0,
            nobody_asked: false,
            sessions: vec![Session::default(); sessions as usize],
            states: vec![BTreeMap::new()],
            known: 0,
            keys,
            flaw,
            step: 0,
        };
        moves.iter().for_each(|&next| cluster.go_on(next));
        cluster
    }

    fn go_on(&mut self, [who, what, a, b]: Move) {
        let client = usize::from(who) % self.sessions.len();
        let session = &mut self.sessions[client];
        match session.open {
            _ if session.dead => {}
            None if self.checks.history().operations().len() < OPERATIONS_MAX => self.ask(client, what, a, b),
            None => {}
            Some(_) if what % 16 == 0 => (session.dead, session.open) = (true, None),
            Some(open) => match open.result {
                Some((index, result)) => self.answer(client, open, result, index, None),
                None if self.misbehave(client, open, what) => {}
                None if open.operation.is_read() && what % 2 == 0 => {
                    let index = self.last_index();
                    let result = self.stored(open.operation.key(), index);
                    self.answer(client, open, result, index, Some(index));
                }
                None => {
                    let (index, result) = self.apply(open.command, open.operation);
                    self.sessions[client].open = Some(Open { result: Some((index, result)), ..open });
                    self.settle_debt(client);
                }
            },
        }
    }

    fn at(&mut self) -> At {
        self.step += 1;
        At { time: u64::from(self.step), step: self.step, node: NodeId(0) }
    }

    fn last_index(&self) -> Index {
        self.states.len() as Index - 1
    }

    fn stored(&self, key: u32, index: Index) -> Value {
        self.states[index as usize].get(&key).copied().unwrap_or(0)
    }

    /// Values are words of commands; the expected one is what is stored, mostly.
    fn ask(&mut self, client: usize, what: u8, a: u8, b: u8) {
        let session = &mut self.sessions[client];
        session.serial += 1;
        let command = Command::new(client as u32, session.serial);
        let (key, value) = (u32::from(a) % self.keys, command.word());
        let stored = self.stored(key, self.last_index());
        let operation = match what % 8 {
            0..4 => Operation::Get { key },
            4..6 => Operation::Put { key, value },
            6 => Operation::Append { key, value },
            _ => Operation::CompareAndSet { key, expected: if b < 200 { stored } else { 0 }, value },
        };
        let at = self.at();
        self.checks.invoked(at, command, operation);
        self.sessions[client].open = Some(Open { command, operation, known: self.known, result: None });
    }

    /// Appends to the log and applies; the state's hash is made of the state alone.
    fn apply(&mut self, command: Command, operation: Operation) -> (Index, Value) {
        let mut state = self.states.last().cloned().unwrap_or_default();
        let applied = operation.apply(state.get(&operation.key()).copied().unwrap_or(0));
        state.insert(operation.key(), applied.stored);
        let sum = |hash: u64, (&key, &value): (&u32, &Value)| {
            (hash ^ value).wrapping_mul(0x2545_f491_4f6c_dd1d).wrapping_add(u64::from(key))
        };
        let hash = state.iter().filter(|&(_, &value)| value != 0).fold(0, sum);
        self.states.push(state);
        let (at, index) = (self.at(), self.last_index());
        self.checks.applied(at, index, Some(command), applied.result, hash);
        (index, applied.result)
    }

    fn answer(&mut self, client: usize, open: Open, result: Value, index: Index, read_at: Option<Index>) {
        let at = self.at();
        self.checks.answered(at, open.command, result, read_at);
        self.known = self.known.max(index);
        self.sessions[client].open = None;
    }

    /// What was answered before its time takes effect, after the next operation of its session.
    fn settle_debt(&mut self, client: usize) {
        if let Some((command, operation)) = self.sessions[client].owed.take() {
            self.apply(command, operation);
        }
    }

    /// Lets the flaw show in what becomes of an open operation. Returns whether it did.
    fn misbehave(&mut self, client: usize, open: Open, what: u8) -> bool {
        let Some(flaw) = self.flaw.filter(|_| what % 4 < 2) else { return false };
        let (key, last) = (open.operation.key(), self.last_index());
        let (read, now) = (open.operation.is_read(), self.stored(key, last));
        let owes = self.sessions[client].owed.is_some();
        match flaw {
            Flaw::LostWrite | Flaw::ReorderedSession if !read && !owes => {
                if flaw == Flaw::ReorderedSession {
                    self.sessions[client].owed = Some((open.command, open.operation));
                }
                self.answer(client, open, open.operation.apply(now).result, 0, None);
            }
            Flaw::StaleRead if read && open.known > 0 => {
                let index = open.known - 1;
                self.answer(client, open, self.stored(key, index), index, Some(index));
            }
            Flaw::ValueNobodyWrote if read => {
                self.answer(client, open, Command::new(77, 7).word(), last, Some(last));
            }
            Flaw::DuplicateApplication if matches!(open.operation, Operation::Append { .. }) => {
                let (index, result) = self.apply(open.command, open.operation);
                self.sessions[client].open = Some(Open { result: Some((index, result)), ..open });
                self.apply(open.command, open.operation);
            }
            Flaw::CommandNobodyAsked => {
                let value = Command::new(88, 8).word();
                self.apply(Command::new(88, 8), Operation::Put { key, value });
                self.nobody_asked = true;
            }
            Flaw::LostWrite
            | Flaw::StaleRead
            | Flaw::DuplicateApplication
            | Flaw::ReorderedSession
            | Flaw::ValueNobodyWrote => return false,
        }
        self.shown += 1;
        true
    }
}

/// A call for the judges: key and kind, value, start, length, result.
pub(crate) type Tried = (u8, u8, u8, u8, u8);

/// Up to six calls that overlap at random on two keys, with few values, so that a good part of them is legal.
pub(crate) fn calls(tried: &[Tried]) -> Vec<Call> {
    let call = |(n, &(kind, value, start, length, result)): (usize, &Tried)| {
        let (key, value) = (u32::from(kind >> 7 & kind >> 6 & 1), u64::from(value % 3));
        let operation = match kind % 4 {
            0 => Operation::Get { key },
            1 => Operation::Put { key, value },
            2 => Operation::Append { key, value },
            _ => Operation::CompareAndSet { key, expected: u64::from(result % 2), value },
        };
        // The result is one that some small state could have given.
        let stored =
            [0, 1, 2, Operation::Append { key, value: 1 }.apply(1).stored][usize::from(result >> 3) % 4];
        let answered = u64::from(start % 32) * 8 + u64::from(length) % 128 + 8;
        let invoked = u64::from(start % 32) * 8 + n as u64;
        let answer = (answered * 8 + 7, operation.apply(stored).result);
        Call { operation, invoked: invoked * 8, answered: (length % 5 != 0).then_some(answer) }
    };
    tried.iter().enumerate().map(call).collect()
}
