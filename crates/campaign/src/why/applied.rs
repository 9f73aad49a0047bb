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
        let restored = first.map_or(0, |(place, _)| self.restored_before(node, since, place));
        if let Some((place, first)) = first.filter(|(_, first)| Index::from(first.term) > restored + 1) {
            let machine =
                if restored == 0 { "is new".to_owned() } else { format!("was restored up to [{restored}]") };
            let text = format!(
                "{node} applies [{}] first after its start: its state machine {machine} and has not applied [{}] to [{}]",
                first.term,
                restored + 1,
                first.term - 1
            );
            self.accuse_at(place, "figure 2", text);
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
