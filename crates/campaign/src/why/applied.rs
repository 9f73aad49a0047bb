//! A node applied an entry (§5.3, figure 2): it was committed, and so was every entry before it applied in this life.

use crate::film::Moment;
use crate::why::slice::{Claim, Slice};
use crate::why::words::{entry, list};
use whitewater_check::types::{Index, NodeId};
use whitewater_sim::trace::{Record, What};

impl Slice<'_> {
    pub(super) fn applied(&mut self, node: NodeId, index: Index, until: Moment) {
        let film = self.film;
        let own = |record: &Record| record.node == node && record.what == What::Applied;
        let here = |record: &Record| own(record) && Index::from(record.term) == index;
        let found = self
            .records(0, film.noted(until).max(self.end_of_trace(until)))
            .rfind(|(_, record)| here(record));
        let Some((place, record)) = found else { return };
        let moment = film.end_of(record.step, node);
        let what = film.entry(node, index, moment).map_or(format!("[{index}]"), |held| entry(index, held));
        let starts = |record: &Record| record.node == node && record.what == What::Started;
        let start = self.records(0, place).rfind(|(_, record)| starts(record));
        let (since, life) = start.map_or((0, 0), |(place, record)| (place, record.step));
        let first = self.records(since, place + 1).find(|(_, record)| own(record));
        if let Some((place, first)) = first.filter(|(place, first)| self.skips(node, since, *place, first)) {
            self.begins_too_late(since, place, first);
        } else if record.step == life {
            let text = format!("{node} applies {what} as it starts, before it can know that it is committed");
            self.accuse_at(place, "figure 2", text);
        } else if film.frame(node, moment).up && film.frame(node, moment).commit_index < index {
            let text = format!("{node} applies {what}, which it does not hold committed");
            self.accuse_at(place, "figure 2", text);
        } else {
            self.tell_of(108, place, "§5.3", format!("{node} applies {what}"));
        }
        self.ask(Claim::Committed(node, index, moment));
    }

    /// Whether the first application of a life is not that of the index after what was restored in it.
    fn skips(&self, node: NodeId, since: usize, place: usize, first: &Record) -> bool {
        Index::from(first.term) > self.restored_before(node, since, place) + 1
    }

    /// The first application of the life that began at a place, at another place, skips something.
    fn begins_too_late(&mut self, since: usize, place: usize, first: &Record) {
        let (node, index) = (first.node, Index::from(first.term));
        let snapshot = self.records(since, since + 1).next().map_or(0, |(_, start)| start.b);
        let restored = self.restored_before(node, since, place);
        let (section, machine) = match restored {
            0 if snapshot > 0 => {
                ("§7", format!("was not put into the state of the snapshot up to [{snapshot}], and"))
            }
            0 => ("figure 2", "is new and".to_owned()),
            _ => ("§7", format!("was restored up to [{restored}] and")),
        };
        let skipped = format!("has not applied [{}] to [{}]", restored + 1, index - 1);
        let text =
            format!("{node} applies [{index}] first after its start: its state machine {machine} {skipped}");
        self.accuse_at(place, section, text);
    }

    /// A step that ended the run may not have come to its end: then all of the trace counts.
    pub(super) fn end_of_trace(&self, until: Moment) -> usize {
        let last = self.film.moments().len().saturating_sub(1);
        if until >= last { usize::MAX } else { 0 }
    }

    /// Nodes that hold one thing at an index, and nodes that hold another, in words; for when nothing else is known.
    pub(super) fn who_holds(&self, index: Index, moment: Moment) -> String {
        let of = |node: NodeId| {
            let held = self.film.entry(node, index, moment);
            held.map(|held| format!("{node} {}", entry(index, held)))
        };
        list(self.all().filter_map(of))
    }
}
