//! The states of all nodes' state machines, kept once as far as they agree.
//!
//! Replicas apply the same commands in the same order, so that nearly every state that a node comes to is one in which
//! another has been before. The witness of State Machine Safety knows what was applied first at each index, and what
//! came of it: a line with a whole machine at its end. A node that applies the same has a place on that line and no
//! state of its own, when it comes back from a crash and applies its whole log again as well. One that does
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
    captured: Vec<Place>,
}

/// Where a node is.
#[derive(Clone, Debug, Default)]
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
        self.captured.push(Place::default());
        StateName(self.captured.len() as u64 - 1)
    }

    /// Captures the state of a node under a name. On the line that costs no copy.
    pub(crate) fn capture(&mut self, node: NodeId, name: StateName) {
        self.captured[name.0 as usize].put(&self.places[node.slot()]);
    }

    /// Puts a node into a state that was captured. Returns it.
    ///
    /// # Panics
    ///
    /// When there is no such name: a mistake of the system under test.
    pub(crate) fn restore(&mut self, node: NodeId, name: StateName) -> State {
        let captured = usize::try_from(name.0).ok().and_then(|place| self.captured.get(place));
        let Some(captured) = captured else { panic!("no state was captured under the name {}", name.0) };
        let place = &mut self.places[node.slot()];
        place.put(captured);
        State { applied: place.machine.applied, hash: place.machine.hash }
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
    /// The same place as another one.
    fn put(&mut self, other: &Self) {
        self.reset();
        self.apart = other.apart;
        if other.apart {
            self.machine.clone_from(&other.machine);
        } else {
            (self.machine.applied, self.machine.hash) = (other.machine.applied, other.machine.hash);
        }
    }

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
mod tests {
    use super::*;
    use proptest::prelude::*;
    use whitewater_check::types::At;

    /// Something that happens to the states.
    #[derive(Clone, Copy, Debug)]
    enum Deed {
        /// The next command of this session is asked for.
        Ask(u32),
        /// A node applies at so many indexes what the cluster has agreed upon.
        Follow(u8, u64),
        /// A node applies this command at an index so far from the next one.
        Stray(u8, Command, i64),
        /// A node applies a no-op at the next index.
        NoOp(u8),
        /// A node applies this command at the next index, whatever its session says.
        Always(u8, Command),
        /// A node crashes.
        Lose(u8),
        /// A node is asked for what it has stored, and for what became of this command.
        Look(u8, Command),
        /// A name is given; the state of a node is captured under it, or of none.
        Name(Option<u8>),
        /// The state of a node is captured under a name that was given before.
        Capture(u8, prop::sample::Index),
        /// A node is put into the state of one of the names.
        Restore(u8, prop::sample::Index),
    }

    fn deed() -> impl Strategy<Value = Deed> {
        let node = || 0_u8..3;
        let command = || (0_u32..3, 1_u64..5).prop_map(|(client, serial)| Command::new(client, serial));
        prop_oneof![
            4 => (0_u32..3).prop_map(Deed::Ask),
            24 => (node(), 1_u64..5).prop_map(|(node, count)| Deed::Follow(node, count)),
            1 => (node(), command(), -2_i64..3).prop_map(|(node, command, by)| Deed::Stray(node, command, by)),
            1 => node().prop_map(Deed::NoOp),
            1 => (node(), command()).prop_map(|(node, command)| Deed::Always(node, command)),
            2 => node().prop_map(Deed::Lose),
            2 => (node(), command()).prop_map(|(node, command)| Deed::Look(node, command)),
            2 => prop::option::weighted(0.8, node()).prop_map(Deed::Name),
            1 => (node(), any::<prop::sample::Index>()).prop_map(|(node, name)| Deed::Capture(node, name)),
            3 => (node(), any::<prop::sample::Index>()).prop_map(|(node, name)| Deed::Restore(node, name)),
        ]
    }

    /// The states, and beside them a machine for each node and each name.
    struct Bench {
        states: States,
        machines: Vec<Machine>,
        captured: Vec<(StateName, Machine)>,
        checks: Checks,
        checked: bool,
        serials: [u64; 3],
    }

    impl Bench {
        /// A run in the memory of another one.
        fn new(checked: bool, mut states: States) -> Self {
            let mut checks = Checks::new();
            states.reset(3);
            checks.reset(3);
            let machines = vec![Machine::default(); 3];
            Self { states, machines, captured: Vec::new(), checks, checked, serials: [0; 3] }
        }

        fn ask(&mut self, client: u32) {
            let serial = &mut self.serials[client as usize];
            *serial += 1;
            let command = Command::new(client, *serial);
            let operation = match *serial % 2 {
                0 => Operation::Put { key: client % 2, value: command.word() },
                _ => Operation::Append { key: client % 2, value: command.word() },
            };
            self.checks.invoked(At::default(), command, operation);
        }

        fn at(node: u8) -> At {
            At { node: NodeId(node), ..At::default() }
        }

        fn told(
            &mut self,
            node: u8,
            index: Index,
            command: Option<Command>,
            outcome: Outcome,
            result: Value,
        ) {
            let own = &self.machines[usize::from(node)];
            assert_eq!(outcome, Outcome { result, hash: own.hash });
            if self.checked {
                self.checks.applied(Self::at(node), index, command, result, own.hash);
            }
        }

        /// As the world does it.
        fn apply(&mut self, node: u8, commands: &[(Index, Option<Command>)]) {
            let mut left = commands.iter().copied().peekable();
            let mut again = Vec::new();
            let followed =
                self.states.follow(NodeId(node), &mut left, &self.checks, |index, command, hash| {
                    again.push(((index, command), hash));
                });
            let (first, last) = (again.first(), again.last());
            assert_eq!(followed, first.zip(last).map(|(((first, _), _), ((last, _), _))| *first..=*last));
            for (&(told, hash), &(index, command)) in again.iter().zip(commands) {
                let own = &mut self.machines[usize::from(node)];
                let result = own.apply(index, asked(command, &self.checks));
                assert_eq!((told, hash), ((index, command), own.hash));
                assert_eq!(self.checks.first_applied(index).map(|first| first.result), Some(result));
            }
            if let Some(indexes) = followed {
                self.checks.applied_again(Self::at(node), indexes);
            }
            for (index, command) in left {
                let result = self.machines[usize::from(node)].apply(index, asked(command, &self.checks));
                let outcome = self.states.apply(NodeId(node), index, command, &self.checks);
                self.told(node, index, command, outcome, result);
            }
        }

        fn always(&mut self, node: u8, command: Command) {
            let Some(asked) = asked(Some(command), &self.checks) else { return };
            let index = self.next(node);
            let result = self.machines[usize::from(node)].apply_always(index, asked.0, asked.1);
            let outcome = self.states.apply_always(NodeId(node), index, asked, &self.checks);
            self.told(node, index, Some(command), outcome, result);
        }

        fn next(&self, node: u8) -> Index {
            self.machines[usize::from(node)].applied.wrapping_add(1)
        }

        fn look(&mut self, node: u8, command: Command) {
            let (own, node) = (&self.machines[usize::from(node)], NodeId(node));
            let get = Operation::Get { key: command.client() % 2 };
            assert_eq!(self.states.read(node, get, &self.checks), (own.read(get), own.applied));
            assert_eq!(self.states.outcome(node, command, &self.checks), own.outcome(command));
        }

        fn name(&mut self, node: Option<u8>) {
            let name = self.states.name();
            assert_eq!(name, StateName(self.captured.len() as u64), "names are counted in every run");
            self.captured.push((name, Machine::default()));
            node.into_iter().for_each(|node| self.capture(node, self.captured.len() - 1));
        }

        fn capture(&mut self, node: u8, name: usize) {
            let (name, machine) = &mut self.captured[name];
            machine.clone_from(&self.machines[usize::from(node)]);
            self.states.capture(NodeId(node), *name);
        }

        fn restore(&mut self, node: u8, name: usize) {
            let (name, machine) = &self.captured[name];
            let State { applied, hash } = self.states.restore(NodeId(node), *name);
            assert_eq!((applied, hash), (machine.applied, machine.hash));
            self.machines[usize::from(node)].clone_from(machine);
        }

        /// What was applied first at an index, or will be.
        fn agreed(&self, index: Index) -> Option<Command> {
            let (client, serial) = (index as u32 % 3, self.serials[index as usize % 3]);
            let command = (serial > 0).then(|| Command::new(client, serial));
            self.checks.first_applied(index).map_or(command, |first| first.command)
        }

        fn does(&mut self, deed: Deed) {
            match deed {
                Deed::Ask(client) => self.ask(client),
                Deed::Follow(node, count) => {
                    // A stray may have led to the last index that there is.
                    let indexes = (0..count).map(|n| self.next(node).wrapping_add(n));
                    let commands: Vec<_> = indexes.map(|index| (index, self.agreed(index))).collect();
                    self.apply(node, &commands);
                }
                Deed::Stray(node, command, by) => {
                    self.apply(node, &[(self.next(node).wrapping_add_signed(by), Some(command))]);
                }
                Deed::NoOp(node) => self.apply(node, &[(self.next(node), None)]),
                Deed::Always(node, command) => self.always(node, command),
                Deed::Lose(node) => {
                    self.machines[usize::from(node)].reset();
                    self.states.lose(NodeId(node));
                }
                Deed::Look(node, command) => self.look(node, command),
                Deed::Name(node) => self.name(node),
                Deed::Capture(node, name) if !self.captured.is_empty() => {
                    let name = name.index(self.captured.len());
                    self.capture(node, name);
                }
                Deed::Restore(node, name) if !self.captured.is_empty() => {
                    let name = name.index(self.captured.len());
                    self.restore(node, name);
                }
                Deed::Capture(..) | Deed::Restore(..) => {}
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Against a machine for each node, whether or not somebody checks.
        #[test]
        fn nobody_can_tell_that_states_are_shared(
            checked: bool,
            deeds in prop::collection::vec(deed(), 0..120),
            again in 0_usize..120,
        ) {
            let mut bench = Bench::new(checked, States::default());
            for (at, deed) in deeds.into_iter().enumerate() {
                if at == again {
                    bench = Bench::new(checked, bench.states);
                }
                bench.does(deed);
                for (a, own) in (0..3).map(NodeId).zip(&bench.machines) {
                    prop_assert_eq!(bench.states.hash(a), own.hash);
                    for (b, other) in (0..3).map(NodeId).zip(&bench.machines) {
                        prop_assert_eq!(bench.states.agree(a, b), own == other);
                    }
                }
            }
        }
    }

    #[test]
    #[should_panic(expected = "no state was captured under the name 1")]
    fn a_name_that_was_never_given_is_no_state() {
        let mut states = States::default();
        states.reset(1);
        states.name();
        states.restore(NodeId(0), StateName(1));
    }

    #[test]
    fn who_applies_the_same_has_nothing_of_its_own() {
        let mut bench = Bench::new(true, States::default());
        let sizes = |bench: &Bench| {
            bench.states.places.iter().map(|place| (place.apart, place.machine.size())).collect::<Vec<_>>()
        };
        for index in 1..=6 {
            bench.ask(index % 3);
            (0..3).for_each(|node| bench.does(Deed::Follow(node, 1)));
        }
        bench.does(Deed::Lose(2));
        bench.does(Deed::Follow(2, 4));
        assert_eq!(sizes(&bench), [(false, 0); 3]);
        bench.does(Deed::NoOp(2));
        assert!(sizes(&bench)[2].0 && sizes(&bench)[2].1 > 0, "it has left the line");
        bench.does(Deed::Lose(2));
        bench.does(Deed::Follow(2, 4));
        assert_eq!(sizes(&bench)[2], (false, 0), "and comes back to it");
        bench.does(Deed::Name(Some(2)));
        bench.does(Deed::Follow(2, 2));
        bench.restore(1, 0);
        assert_eq!(sizes(&bench), [(false, 0); 3]);
        assert_eq!(bench.states.captured[0].machine.size(), 0, "a state on the line costs no copy");
    }
}
