//! What clients were told (§8): by whom, of which state, and whether whoever said so could know.

use crate::why::slice::{Claim, Slice};
use crate::why::words::nodes;
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::{Command, Index, NodeId, Term};
use whitewater_sim::trace::{Record, What};

impl Slice<'_> {
    pub(super) fn answered(&mut self, command: Command) {
        let is = |record: &Record, what: What| {
            record.what == what && record.a == command.client() + 1 && u64::from(record.b) == command.serial()
        };
        let answered = self.records(0, usize::MAX).find(|(_, record)| is(record, What::Answered));
        let until = answered.map_or(usize::MAX, |(place, _)| place);
        let by = |record: &Record| answered.is_none_or(|(_, answered)| answered.node == record.node);
        let said = self.records(0, until).rfind(|(_, record)| is(record, What::Replied) && by(record));
        if let Some((place, said)) = said {
            self.said(command, place, said);
        }
        if let Some((place, asked)) = self.records(0, usize::MAX).find(|(_, record)| is(record, What::Asked))
        {
            let what = self.operation(command);
            self.tell_of(64, place, "", format!("a client asks {} for {command}{what}", asked.node));
        }
    }

    /// The operation of a command in words, with a blank before it.
    fn operation(&self, command: Command) -> String {
        let recorded = self.verdict.history.as_ref().and_then(|history| history.get(command));
        recorded.map_or_else(String::new, |recorded| format!(" {}", recorded.operation))
    }

    /// A node has answered a client.
    fn said(&mut self, command: Command, place: usize, said: &Record) {
        let (node, index) = (said.node, Index::from(said.term));
        let moment = self.film.end_of(said.step, node);
        let frame = self.film.frame(node, moment);
        let what = self.operation(command);
        let recorded = self.verdict.history.as_ref().and_then(|history| history.get(command));
        let read_at = recorded.and_then(|recorded| recorded.answer).and_then(|answer| answer.read_at);
        if read_at.is_some() {
            return self.read(command, place, said);
        }
        let applied = self.records(0, place).any(|(_, record)| {
            let same = record.a == said.a && record.b == said.b;
            record.node == node && record.what == What::Applied && same && Index::from(record.term) <= index
        });
        if frame.up && !applied && frame.commit_index < index {
            let text = format!(
                "{node} answers {command}{what} as of [{index}], which is not committed: its commit index is {}",
                frame.commit_index
            );
            self.accuse_at(place, "§5.3", text);
        } else {
            let text = format!("{node} answers {command}{what} as of [{index}]");
            self.tell_of(106, place, "§8", text);
            self.ask(Claim::Committed(node, index, moment));
        }
    }

    /// A node has answered a read from its own state.
    fn read(&mut self, command: Command, place: usize, said: &Record) {
        let (node, index) = (said.node, said.term);
        let before = self.film.before(place);
        let frame = self.film.frame(node, before);
        let what = self.operation(command);
        let text = format!("{node} answers {command}{what} from its own state as of [{index}]");
        match frame.role {
            Role::Leader => {
                let heard = self.heard(node, frame.term, command, place);
                let text = format!(
                    "{node}, leader of term {}, answers {command}{what} from its own state as of [{index}]",
                    frame.term
                );
                if heard.count_ones() < self.quorum() {
                    let whom = match heard & !node.bit() {
                        0 => "without having heard from anybody".to_owned(),
                        some => format!("having heard from {} only", nodes(some)),
                    };
                    self.accuse_at(place, "§8", format!("{text}, {whom} since it was asked"));
                } else {
                    self.tell_of(106, place, "§8", text);
                }
            }
            Role::Follower | Role::Candidate => {
                self.accuse_at(place, "§8", format!("{text}, although it does not lead"));
            }
        }
        let newer =
            self.leaders(before).into_iter().filter(|(other, term)| *other != node && *term > frame.term);
        newer.for_each(|(other, term)| self.ask(Claim::Led(other, term)));
    }

    /// From whom a leader has had an answer in its term since a command was last handed to it.
    fn heard(&self, node: NodeId, term: Term, command: Command, place: usize) -> u64 {
        let asked = |record: &Record| {
            let same = record.a == command.client() + 1 && u64::from(record.b) == command.serial();
            record.node == node && record.what == What::Requested && same
        };
        let since =
            self.records(0, place + 1).rfind(|(_, record)| asked(record)).map_or(0, |(place, _)| place);
        let answers = self.records(since, place).filter(|(_, record)| {
            let reply = record.what == What::Received(Kind::AppendEntriesReply);
            record.node == node && reply && Term::from(record.term) == term
        });
        answers.fold(node.bit(), |set, (_, record)| set | record.peer.bit())
    }

    /// A command stands in the log twice: who applied it where, and that its client had asked again.
    pub(super) fn twice(&mut self, command: Command, first: (Index, NodeId), second: (Index, NodeId)) {
        let is =
            |record: &Record| record.a == command.client() + 1 && u64::from(record.b) == command.serial();
        let applied = |record: &Record, (index, node): (Index, NodeId)| {
            record.what == What::Applied
                && is(record)
                && (Index::from(record.term), record.node) == (index, node)
        };
        let find = |which| self.records(0, usize::MAX).find(|(_, record)| applied(record, which));
        let (once, again) = (find(first), find(second));
        if let Some((place, record)) = once {
            self.tell_of(118, place, "§8", format!("{} applies {command} at [{}]", record.node, first.0));
        }
        if let Some((place, record)) = again {
            let text = format!(
                "{} applies {command} again at [{}], although it took effect at [{}]",
                record.node, second.0, first.0
            );
            self.accuse_at(place, "§8", text);
        }
        let put = self.put_at(second.0, command);
        let again = |record: &Record| record.what == What::AskedAgain && is(record);
        if let Some((place, record)) = self.records(0, put).rfind(|(_, record)| again(record)) {
            let text = format!("the client of {command} has heard nothing and asks {} again", record.node);
            self.tell_of(116, place, "§8", text);
        }
    }

    /// Up to where the trace had come when a log first held a command at an index.
    fn put_at(&self, index: Index, command: Command) -> usize {
        let put = |node: NodeId| {
            let changes = self.film.reel(node).memory.changes.iter();
            let mut own = changes.filter(|change| change.from <= index);
            let held = own.find(|change| {
                let entry = change.entries.get((index - change.from) as usize);
                entry.is_some_and(|entry| entry.command == Some(command))
            });
            held.map(|change| self.film.noted(change.moment))
        };
        self.all().filter_map(put).min().unwrap_or(usize::MAX)
    }
}
