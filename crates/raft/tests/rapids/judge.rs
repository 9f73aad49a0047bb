//! What must hold after every step, as seen from outside: the promises of figure 3, and what durable means.

use std::collections::BTreeMap;

use whitewater_raft::{Entry, Index, NodeId, Reason, Role, Stored, Term, Timer};

use crate::common::cluster::Cluster;
use crate::common::disk::Written;
use crate::common::machine::Machine;
use crate::common::{Command, Effect, Server};

/// What was seen so far, and what it forbids.
#[derive(Default)]
pub(crate) struct Judge {
    pub(crate) leaders: BTreeMap<Term, NodeId>,
    /// What somebody has applied first, and where it leads; the first stands at index 1.
    pub(crate) applied: Vec<(Entry<Command>, Machine)>,
    pub(crate) replies: usize,
    /// The objections, the first one first.
    pub(crate) wrong: Vec<String>,
    /// By index and term: every entry that a log has held, and the term of the one before it.
    entries: BTreeMap<(Index, Term), (Option<Command>, Option<Term>)>,
    /// How far each server had applied at the end of its last step.
    last_applied: BTreeMap<NodeId, Index>,
}

/// Whether the last thing that a server did was to start.
pub(crate) fn starts(server: &Server) -> bool {
    server.out.effects.contains(&Effect::SetTimer(Timer::Election, Reason::Started))
}

/// Whether a disk holds an entry, or a snapshot that stands for what is at its index.
fn holds(stored: &Stored<Command>, index: Index, entry: &Entry<Command>) -> bool {
    match index.checked_sub(stored.snapshot.last_index + 1) {
        Some(place) => stored.entries.get(usize::try_from(place).unwrap()) == Some(entry),
        None => true,
    }
}

impl Judge {
    /// Look at a server right after its step.
    pub(crate) fn see(&mut self, cluster: &Cluster, id: NodeId) {
        let Some(server) = cluster.up(id) else { return };
        self.see_leader(server, id);
        for effect in &server.out.effects {
            if let Effect::Apply(index, entry) = effect {
                self.see_applied(cluster, id, *index, entry);
            }
            if let Effect::Write(written) = effect {
                self.see_written(server, id, written);
            }
            self.replies += usize::from(matches!(effect, Effect::Reply(..)));
        }
        self.see_machine(server, id);
    }

    /// Election safety.
    fn see_leader(&mut self, server: &Server, id: NodeId) {
        if server.node.role() == Role::Leader {
            let leader = *self.leaders.entry(server.node.current_term()).or_insert(id);
            if leader != id {
                self.wrong.push(format!("{leader} and {id} lead in term {}", server.node.current_term()));
            }
        }
    }

    /// State machine safety, and for an index that nobody applied before: it is durable on a majority.
    fn see_applied(&mut self, cluster: &Cluster, id: NodeId, index: Index, entry: &Entry<Command>) {
        let known = self.applied.get(usize::try_from(index).unwrap() - 1);
        match known.map(|(known, _)| known) {
            Some(known) if known != entry => {
                self.wrong.push(format!("{id} applies {entry:?} at {index}, others applied {known:?}"));
            }
            Some(_) => {}
            None => {
                let copies =
                    cluster.ids().iter().filter(|id| holds(cluster.disk(**id), index, entry)).count();
                if 2 * copies <= cluster.ids().len() {
                    self.wrong.push(format!("{id} applies {index}, durable on {copies}"));
                }
                let mut machine = self.applied.last().map(|(_, machine)| *machine).unwrap_or_default();
                machine.apply(index, entry);
                self.applied.push((entry.clone(), machine));
            }
        }
    }

    /// A snapshot stands for what was applied, and logs match.
    fn see_written(&mut self, server: &Server, id: NodeId, written: &Written) {
        if let Some(snapshot) = written.snapshot {
            if self.leads_to(snapshot.last_index) != (snapshot.last_term, Machine::of(&snapshot)) {
                self.wrong
                    .push(format!("{id} writes {snapshot:?}, which does not stand for what was applied"));
            }
            self.see_log(server, id, snapshot.last_index + 1, 1);
        }
        if let Some((from, entries)) = &written.suffix {
            self.see_log(server, id, *from, entries.len());
        }
    }

    /// The term of an entry that was applied, and the state after it. Nothing is known of others.
    fn leads_to(&self, index: Index) -> (Term, Machine) {
        let place = usize::try_from(index).unwrap().checked_sub(1);
        let applied = place.and_then(|place| self.applied.get(place));
        applied.map_or_else(Default::default, |(entry, machine)| (entry.term, *machine))
    }

    /// Log matching, for so many entries: two logs that hold the same index and term are the same up to there.
    fn see_log(&mut self, server: &Server, id: NodeId, from: Index, count: usize) {
        let log = server.node.log();
        for index in (from..).take(count) {
            let Some(entry) = log.get(index) else { continue };
            let found = (entry.command.clone(), log.term_at(index - 1));
            let known = self.entries.entry((index, entry.term)).or_insert_with(|| found.clone());
            if *known != found {
                let at = format!("{index}@{}", entry.term);
                self.wrong.push(format!("{id} holds {found:?} at {at}, which does not match {known:?}"));
            }
        }
    }

    /// A state machine is where the entries lead, whether it has applied them or was restored, and never goes back.
    fn see_machine(&mut self, server: &Server, id: NodeId) {
        let machine = server.out.machine;
        if self.leads_to(machine.last_applied).1 != machine {
            self.wrong.push(format!("{id} has a {machine:?}, where the entries do not lead"));
        }
        if machine.last_applied != server.node.last_applied() {
            self.wrong.push(format!("{id} has a {machine:?} and believes {}", server.node.last_applied()));
        }
        let before = self.last_applied.insert(id, machine.last_applied).unwrap_or_default();
        if machine.last_applied < before && !starts(server) {
            self.wrong.push(format!("the state machine of {id} goes back from {before}"));
        }
    }
}
