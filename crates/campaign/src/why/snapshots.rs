//! Snapshots (§7): one stands for a log as far as its node has applied it, and takes the place of that and no more.

use crate::film::Moment;
use crate::why::slice::{Claim, Slice};
use crate::why::words::{entry, place as in_place};
use whitewater_check::observe::Kind;
use whitewater_check::types::{Entry, Index, NodeId, Term};
use whitewater_sim::trace::{Record, What};

impl Slice<'_> {
    /// The node holds an entry since it has taken over the snapshot of another one.
    pub(super) fn covered(&mut self, node: NodeId, index: Index, held: Entry, moment: Moment, place: usize) {
        let record = &self.film.tape().records()[place];
        let (leader, term, reaches) = (record.peer, Term::from(record.term), Index::from(record.a));
        self.heeds(node, place, moment);
        if index > reaches {
            return self.keeps_behind(node, index, held, moment, place);
        }
        let text =
            format!("{node} takes over a snapshot up to [{reaches}] from {leader}, leader of term {term}");
        self.tell(90, node, moment, "§7", text);
        self.ask(Claim::Led(leader, term));
        if let Some((_, sent)) = self.sent_at(place) {
            self.ask(Claim::Holds(leader, index, sent));
        }
        self.ask(Claim::Restored(node, reaches, moment));
    }

    /// What stands behind a snapshot stays only if the log has the snapshot's last entry.
    fn keeps_behind(&mut self, node: NodeId, index: Index, held: Entry, moment: Moment, place: usize) {
        let record = &self.film.tape().records()[place];
        let (leader, reaches) = (record.peer, Index::from(record.a));
        let before = self.film.entry(node, reaches, moment.saturating_sub(1));
        let now = self.film.entry(node, reaches, moment);
        let text = format!(
            "{node} keeps {} behind the snapshot of {leader}, which ends with {}, although its log had {}",
            entry(index, held),
            in_place(reaches, now),
            in_place(reaches, before)
        );
        self.accuse(node, moment, "§7", text);
    }

    /// The snapshot of another node has taken an entry away.
    pub(super) fn uncovered(
        &mut self,
        node: NodeId,
        index: Index,
        held: Entry,
        moment: Moment,
        place: usize,
    ) {
        let film = self.film;
        let record = &film.tape().records()[place];
        let (leader, term, reaches) = (record.peer, Term::from(record.term), Index::from(record.a));
        self.heeds(node, place, moment);
        let before = moment.saturating_sub(1);
        let what =
            format!("{node} deletes {} at a snapshot up to [{reaches}] from {leader}", entry(index, held));
        let committed = film.frame(node, before).commit_index;
        let same = film.entry(node, reaches, before) == film.entry(node, reaches, moment);
        if reaches <= committed {
            let text = format!("{what}, although it has committed up to [{committed}]");
            self.accuse(node, moment, "§7", text);
        } else if index > reaches && same {
            let text = format!("{what}, although its log has the snapshot's last entry");
            self.accuse(node, moment, "§7", text);
        } else {
            self.tell(112, node, moment, "§7", format!("{what}, leader of term {term}"));
        }
    }

    /// The node's state machine was put into the state of a snapshot up to the index.
    pub(super) fn restored(&mut self, node: NodeId, index: Index, until: Moment) {
        let is = |record: &Record| {
            record.node == node && record.what == What::Restored && Index::from(record.a) == index
        };
        let end = self.film.noted(until).max(self.end_of_trace(until));
        let Some((place, record)) = self.records(0, end).rfind(|(_, record)| is(record)) else { return };
        let event = self.film.tape().event(record.step);
        let from =
            event.filter(|(_, event)| matches!(event.what, What::Received(_))).map(|(_, event)| event.peer);
        let whose = from.map_or("its own".to_owned(), |from| format!("that of {from}"));
        let state = Index::from(record.b);
        let text = format!("{node} restores a snapshot up to [{index}], {whose}");
        match state == index {
            true => self.tell_of(100, place, "§7", text),
            false => {
                self.accuse_at(place, "§7", format!("{text}, and the state in it is that after [{state}]"))
            }
        }
        self.taken_by(from.unwrap_or(node), index, place);
    }

    /// A node has written a snapshot up to the index, its own or that of another one; whether the state in it is right.
    pub(super) fn wrote(&mut self, node: NodeId, index: Index, until: Moment) {
        let end = self.film.noted(until).max(self.end_of_trace(until));
        self.taken_by(node, index, end);
    }

    fn taken_by(&mut self, node: NodeId, index: Index, until: usize) {
        let taken = |record: &Record| record.what == What::WroteSnapshot && Index::from(record.a) == index;
        let own = |record: &Record| taken(record) && record.node == node;
        let wrong = |record: &Record| own(record) && record.a != record.b;
        let last = |is: &dyn Fn(&Record) -> bool| self.records(0, until).rfind(|(_, record)| is(record));
        let Some((place, record)) = last(&wrong).or_else(|| last(&own)).or_else(|| last(&taken)) else {
            return;
        };
        let (node, state) = (record.node, Index::from(record.b));
        let event = self.film.tape().event(record.step).map(|(_, event)| event);
        let from = event.filter(|event| event.what == What::Received(Kind::InstallSnapshot));
        let text = match from {
            Some(event) => format!("{node} writes the snapshot up to [{index}] of {}", event.peer),
            None => format!("{node} takes a snapshot up to [{index}]"),
        };
        if state == index {
            return self.tell_of(80, place, "§7", text);
        }
        self.accuse_at(place, "§7", format!("{text}, and the state in it is that after [{state}]"));
        if let Some(event) = from {
            self.taken_by(event.peer, index, place);
        }
    }

    /// The last index up to which the state machine of the node was put without applying, in the life that began at a
    /// place, before another place.
    pub(super) fn restored_before(&self, node: NodeId, since: usize, place: usize) -> Index {
        let is = |record: &Record| record.node == node && record.what == What::Restored;
        let found = self.records(since, place).rfind(|(_, record)| is(record));
        found.map_or(0, |(_, record)| Index::from(record.a))
    }
}
