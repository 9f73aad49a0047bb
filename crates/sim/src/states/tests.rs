//! The states against a machine for each node.

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

    fn told(&mut self, node: u8, index: Index, command: Option<Command>, outcome: Outcome, result: Value) {
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
        let followed = self.states.follow(NodeId(node), &mut left, &self.checks, |index, command, hash| {
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
    let costs_no_copy = matches!(bench.states.captured[0], Captured::OnTheLine(_));
    assert!(costs_no_copy, "a state on the line");
}
