//! The states of all nodes' state machines, kept once as far as they agree.
//!
//! Replicas apply the same commands in the same order, so that nearly every state that a node comes to is one in which
//! another has been before. The witness of State Machine Safety knows what was applied first at each index, and what
//! came of it: a line with a whole machine at its end. A node that applies the same has a place on that line and no
//! state of its own, when it comes back from a crash and applies its log again as well. One that does
//! anything else gets a machine of its own, and so does one that is asked for a state which the end of the
//! line has left behind. Where nothing is checked there is no witness, and every node has its own.
//!
//! Nobody can tell the difference: the tests hold this against a machine for each node.

use crate::machine::{Last, Machine};
use crate::words::StateName;
use std::iter::Peekable;
use std::ops::RangeInclusive;
use whitewater_check::checks::{Checks, State};
use whitewater_check::operation::{Operation, Value};
use whitewater_check::types::{Command, Index, NodeId};

/// The states of all nodes.
#[derive(Debug, Default)]
pub(crate) struct States {
    /// The machine at the end of the line: it has applied what was applied first at each index up to there.
    end: Machine,
    places: Vec<Place>,
    /// What was captured, by name.
    captured: Vec<Captured>,
}

/// A state that was captured.
#[derive(Debug)]
enum Captured {
    /// One on the line, which is known by its index.
    OnTheLine(State),
    /// That of a node which had left it.
    Apart(Box<Machine>),
}

/// Where a node is.
#[derive(Debug, Default)]
struct Place {
    /// Whether it has left the line.
    apart: bool,
    /// Its own machine. Of a node on the line only the index and the hash count.
    machine: Machine,
}

/// What came of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// What the state machine answers.
    pub result: Value,
    /// The hash of the state after it.
    pub hash: u64,
}

impl States {
    /// The states of `nodes` nodes that have applied nothing, in the memory of these.
    pub(crate) fn reset(&mut self, nodes: usize) {
        self.end.reset();
        self.places.resize_with(nodes, Place::default);
        self.places.iter_mut().for_each(Place::reset);
        self.captured.clear();
    }

    /// A name that no state has yet. Until one is captured under it, it is that of a machine that has applied nothing.
    pub(crate) fn name(&mut self) -> StateName {
        self.captured.push(Captured::OnTheLine(State { applied: 0, hash: 0 }));
        StateName(self.captured.len() as u64 - 1)
    }

    /// Captures the state of a node under a name. On the line that costs no copy.
    pub(crate) fn capture(&mut self, node: NodeId, name: StateName) {
        let Place { apart, machine } = &self.places[node.slot()];
        self.captured[name.0 as usize] = match apart {
            true => Captured::Apart(Box::new(machine.clone())),
            false => Captured::OnTheLine(machine.state()),
        };
    }

    /// Puts a node into a state that was captured. Returns it.
    ///
    /// # Panics
    ///
    /// When there is no such name: a mistake of the system under test.
    pub(crate) fn restore(&mut self, node: NodeId, name: StateName) -> State {
        let state = self.state_named(name);
        let Place { apart, machine } = &mut self.places[node.slot()];
        match &self.captured[name.0 as usize] {
            Captured::OnTheLine(State { applied, hash }) => {
                machine.reset();
                (*apart, machine.applied, machine.hash) = (false, *applied, *hash);
            }
            Captured::Apart(other) => {
                machine.clone_from(other);
                *apart = true;
            }
        }
        state
    }

    /// The state that was captured under a name.
    ///
    /// # Panics
    ///
    /// As [`States::restore`] does.
    pub(crate) fn state_named(&self, name: StateName) -> State {
        match usize::try_from(name.0).ok().and_then(|place| self.captured.get(place)) {
            Some(Captured::OnTheLine(state)) => *state,
            Some(Captured::Apart(machine)) => machine.state(),
            None => panic!("no state was captured under the name {}", name.0),
        }
    }

    /// The memory of a node is gone, and its state with it: it begins anew on the line.
    pub(crate) fn lose(&mut self, node: NodeId) {
        self.places[node.slot()].reset();
    }

    /// The hash of a node's state.
    pub(crate) fn hash(&self, node: NodeId) -> u64 {
        self.places[node.slot()].machine.hash
    }

    /// Whether two nodes have applied the same.
    pub(crate) fn agree(&self, a: NodeId, b: NodeId) -> bool {
        self.places[a.slot()].machine == self.places[b.slot()].machine
    }

    /// A node applies as many of these commands, each at its index, as others have applied there before it. `each` is
    /// told of every one and of the hash of the state after it. Returns where they were, if there were any.
    #[inline]
    pub(crate) fn follow(
        &mut self,
        node: NodeId,
        commands: &mut Peekable<impl Iterator<Item = (Index, Option<Command>)>>,
        checks: &Checks,
        mut each: impl FnMut(Index, Option<Command>, u64),
    ) -> Option<RangeInclusive<Index>> {
        let Place { apart, machine } = &mut self.places[node.slot()];
        let end = if *apart { 0 } else { self.end.applied };
        let (before, mut applied) = (machine.applied, machine.applied);
        while applied < end {
            let index = applied + 1;
            let Some(first) = checks.first_applied(index) else { break };
            if commands.next_if_eq(&(index, first.command)).is_none() {
                break;
            }
            each(index, first.command, first.state_hash);
            (applied, machine.hash) = (index, first.state_hash);
        }
        machine.applied = applied;
        (before < applied).then(|| before + 1..=applied)
    }

    /// A node applies what stands at `index` and is not to be followed, as [`Machine::apply`] does; the checks are told
    /// of it afterwards. At the end of the line the line grows, unless nobody has asked for the command: somebody
    /// may yet, and then it changes something.
    #[inline(never)]
    pub(crate) fn apply(
        &mut self,
        node: NodeId,
        index: Index,
        command: Option<Command>,
        checks: &Checks,
    ) -> Outcome {
        let asked = asked(command, checks);
        let Self { end, places, .. } = self;
        let Place { apart, machine } = &mut places[node.slot()];
        let first = machine.applied == end.applied && checks.last_applied() == end.applied;
        let grows =
            first && end.applied.checked_add(1) == Some(index) && asked.is_some() == command.is_some();
        if !*apart && grows {
            let result = end.apply(index, asked);
            (machine.applied, machine.hash) = (index, end.hash);
            return Outcome { result, hash: end.hash };
        }
        let machine = self.part(node, checks);
        let result = machine.apply(index, asked);
        Outcome { result, hash: machine.hash }
    }

    /// A node applies `command` at `index`, as [`Machine::apply_always`] does.
    pub(crate) fn apply_always(
        &mut self,
        node: NodeId,
        index: Index,
        (command, operation): (Command, Operation),
        checks: &Checks,
    ) -> Outcome {
        let machine = self.part(node, checks);
        let result = machine.apply_always(index, command, operation);
        Outcome { result, hash: machine.hash }
    }

    /// How `command` took effect on a node, if it is the last of its session that did.
    pub(crate) fn outcome(&mut self, node: NodeId, command: Command, checks: &Checks) -> Option<Last> {
        self.whole(node, checks).outcome(command)
    }

    /// What reading the key of `operation` on a node gives now, and the index as of which.
    pub(crate) fn read(&mut self, node: NodeId, operation: Operation, checks: &Checks) -> (Value, Index) {
        let machine = self.whole(node, checks);
        (machine.read(operation), machine.applied)
    }

    /// The whole machine in whose state a node is.
    fn whole(&mut self, node: NodeId, checks: &Checks) -> &Machine {
        let place = &self.places[node.slot()];
        match !place.apart && place.machine.applied == self.end.applied {
            true => &self.end,
            false => self.part(node, checks),
        }
    }

    /// A node gets a machine of its own, unless it has one.
    fn part(&mut self, node: NodeId, checks: &Checks) -> &mut Machine {
        let Self { end, places, .. } = self;
        let Place { apart, machine } = &mut places[node.slot()];
        if !std::mem::replace(apart, true) {
            if machine.applied == end.applied {
                *machine = end.clone();
            } else {
                let applied = machine.applied;
                machine.reset();
                for index in 1..=applied {
                    let command = checks.first_applied(index).and_then(|first| first.command);
                    machine.apply(index, asked(command, checks));
                }
            }
        }
        machine
    }
}

impl Place {
    /// On the line, and nothing applied.
    fn reset(&mut self) {
        self.apart = false;
        self.machine.reset();
    }
}

/// A command with what it asks for; `None` for an entry without one, and when nobody has asked.
fn asked(command: Option<Command>, checks: &Checks) -> Option<(Command, Operation)> {
    let command = command?;
    Some((command, checks.operation(command)?))
}

#[cfg(test)]
mod tests;
