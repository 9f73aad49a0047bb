//! A log holds an entry (§5.3): from a leader's message, from the node's own hand while it led, or from its disk
//! when it started. A message is taken only behind an entry that the sender has, too, and in its own term.

use crate::film::Moment;
use crate::why::slice::{Claim, Slice};
use crate::why::words::{entry, place as in_place};
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::{Entry, Index, NodeId, Term};
use whitewater_sim::trace::What;

impl Slice<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "of many events, these bring entries from elsewhere")]
    pub(super) fn holds(&mut self, node: NodeId, index: Index, until: Moment) {
        let film = self.film;
        let Some(held) = film.entry(node, index, until) else { return };
        let Some(change) = film.reel(node).memory.writer(index, until) else { return };
        let moment = change.moment;
        let Some((place, event)) = film.event(node, moment) else { return };
        match event.what {
            What::Started => self.recovered(node, index, held, moment, place),
            What::Received(Kind::AppendEntries) => self.taken(node, index, held, moment, place),
            What::Received(Kind::InstallSnapshot) => self.covered(node, index, held, moment, place),
            _ => self.put(node, index, held, moment),
        }
        self.contradicted(node, index, held, (moment, until));
    }

    /// The node has put the entry there by itself.
    fn put(&mut self, node: NodeId, index: Index, held: Entry, moment: Moment) {
        let frame = self.film.frame(node, moment);
        if frame.role != Role::Leader {
            let text = format!("{node} holds {} from here on", entry(index, held));
            return self.tell(70, node, moment, "", text);
        }
        let text = format!("{node}, leader of term {}, puts {} into its log", frame.term, entry(index, held));
        self.tell(80, node, moment, "§5.3", text);
        self.ask(Claim::Led(node, frame.term));
    }

    /// The node has found the entry on its disk.
    fn recovered(&mut self, node: NodeId, index: Index, held: Entry, moment: Moment, place: usize) {
        let film = self.film;
        let covered = film.frame(node, moment).covered;
        let text = match index <= covered {
            true => format!(
                "{node} starts with a snapshot up to [{covered}], which stands for {}",
                entry(index, held)
            ),
            false => format!("{node} starts with {}", entry(index, held)),
        };
        let mut before = self
            .records(0, place)
            .rev()
            .take_while(|(_, record)| !(record.node == node && record.what == What::Started));
        let crash = before.find(|(_, record)| record.node == node && record.what == What::Crashed);
        let torn = self.records(crash.map_or(place, |(crash, _)| crash.saturating_sub(4)), place);
        let torn = torn.into_iter().any(|(_, record)| record.node == node && record.what == What::Torn);
        if film.stored(node, index, moment) != Some(held) {
            let why = if torn { ": it takes a record for whole that the crash has torn" } else { "" };
            let text = format!("{text}, which its disk does not hold{why}");
            return self.accuse(node, moment, "figure 2", text);
        }
        let Some((crash, _)) = crash else { return self.tell(66, node, moment, "", text + " on its disk") };
        let alive = film.before(crash);
        if index <= covered {
            self.tell(66, node, moment, "§7", text);
            self.ask(Claim::Wrote(node, covered, alive));
        } else if self.had_removed(node, index, held, alive) {
            let text = format!("{text}, which it had removed from its log before it crashed");
            self.accuse(node, moment, "§5.3", text);
        } else {
            self.tell(66, node, moment, "", text + " from its disk");
        }
        let written = self.written_before(node, index, held, alive);
        written.into_iter().for_each(|moment| self.ask(Claim::Holds(node, index, moment)));
    }

    /// Whether a node had replaced or deleted an entry in a step in which its disk synced. It may have changed what
    /// stands there since.
    fn had_removed(&self, node: NodeId, index: Index, held: Entry, alive: Moment) -> bool {
        let memory = &self.film.reel(node).memory;
        if memory.entry(index, alive) == Some(held) || !self.film.frame(node, alive).up {
            return false;
        }
        let put = self.written_before(node, index, held, alive);
        let removed = put.and_then(|put| memory.lost(index, held, put));
        let Some(moment) = removed.filter(|moment| self.film.frame(node, *moment).up) else { return false };
        let Some((step, _)) = self.film.moments()[moment].ended else { return false };
        self.film.tape().of_step(step).any(|(_, record)| record.what == What::Synced)
    }

    /// The last moment up to `until` at which the node's memory held this at the index.
    fn written_before(&self, node: NodeId, index: Index, held: Entry, until: Moment) -> Option<Moment> {
        let changes = &self.film.reel(node).memory.changes;
        let own = changes.iter().rev().filter(|change| change.moment <= until && change.from <= index);
        let mut own = own.filter(|change| change.entries.get((index - change.from) as usize) == Some(&held));
        own.next().map(|change| change.moment)
    }

    /// The node has taken the entry from a leader's message.
    fn taken(&mut self, node: NodeId, index: Index, held: Entry, moment: Moment, place: usize) {
        let film = self.film;
        let record = &film.tape().records()[place];
        let (leader, term) = (record.peer, record.term);
        let reaches = Index::from(record.a) + Index::from(record.b);
        let before = film.entry(node, index, moment.saturating_sub(1));
        self.heeds(node, place, moment);
        self.fits(node, place, moment);
        let Some((_, sent)) = self.sent_at(place) else { return };
        let theirs = film.entry(leader, index, sent);
        if index > reaches {
            let text = format!(
                "{node} replaces entries up to [{reaches}] by those of {leader}, leader of term {term}, and keeps {} behind them",
                entry(index, held)
            );
            return self.accuse(node, moment, "§5.3", text);
        }
        if film.frame(leader, sent).up && theirs.is_some_and(|theirs| theirs != held) {
            let text = format!(
                "{leader}, leader of term {term}, sends {} to {node}, and holds {} itself",
                entry(index, held),
                in_place(index, theirs)
            );
            self.accuse(node, moment, "§5.3", text);
        }
        let from = format!("from {leader}, leader of term {term}");
        match before.filter(|before| *before != held) {
            Some(before) => {
                let text =
                    format!("{node} replaces {} by {} {from}", entry(index, before), entry(index, held));
                self.tell(105, node, moment, "§5.3", text);
            }
            None => {
                self.tell(74, node, moment, "§5.3", format!("{node} takes {} {from}", entry(index, held)))
            }
        }
        self.ask(Claim::Led(leader, Term::from(term)));
        self.ask(Claim::Holds(leader, index, sent));
    }

    /// A message of an earlier term is not to be heeded (§5.1).
    pub(super) fn heeds(&mut self, node: NodeId, place: usize, moment: Moment) {
        let record = &self.film.tape().records()[place];
        let own = self.film.frame(node, moment.saturating_sub(1)).term;
        if own > Term::from(record.term) {
            let text = format!(
                "{node} heeds {}, leader of term {}, although it is in term {own}",
                record.peer, record.term
            );
            self.accuse(node, moment, "§5.1", text);
            self.ask(Claim::Led(record.peer, Term::from(record.term)));
        }
    }

    /// Entries fit behind an entry that is the same on both sides (§5.3).
    pub(super) fn fits(&mut self, node: NodeId, place: usize, moment: Moment) {
        let record = &self.film.tape().records()[place];
        let (leader, previous) = (record.peer, Index::from(record.a));
        let Some((_, sent)) = self.sent_at(place) else { return };
        let accepts = self
            .film
            .tape()
            .of_step(record.step)
            .all(|(_, sent)| !matches!(sent.what, What::Sent(Kind::AppendEntriesReply)) || sent.b == 1);
        let theirs = self.film.entry(leader, previous, sent);
        let own = self.film.entry(node, previous, moment.saturating_sub(1));
        if previous > 0 && accepts && theirs.is_some() && own != theirs {
            let text = format!(
                "{node} accepts what {leader}, leader of term {}, sends after [{previous}]: {leader} holds {} there, {node} {}",
                record.term,
                in_place(previous, theirs),
                in_place(previous, own)
            );
            self.accuse(node, moment, "§5.3", text);
            self.ask(Claim::Holds(node, previous, moment.saturating_sub(1)));
        }
    }

    /// A node that holds an entry gives way when a leader sends another one (§5.3).
    fn contradicted(&mut self, node: NodeId, index: Index, held: Entry, (since, until): (Moment, Moment)) {
        let film = self.film;
        for moment in since + 1..=until.min(film.moments().len().saturating_sub(1)) {
            let Some((place, record)) = film.event(node, moment) else { continue };
            let covers =
                Index::from(record.a) < index && index <= Index::from(record.a) + Index::from(record.b);
            if record.what != What::Received(Kind::AppendEntries) || !covers {
                continue;
            }
            let accepts = film
                .tape()
                .of_step(record.step)
                .any(|(_, sent)| sent.what == What::Sent(Kind::AppendEntriesReply) && sent.b == 1);
            let Some((leader, sent)) = self.sent_at(place).filter(|_| accepts) else { continue };
            let theirs = film.entry(leader, index, sent);
            if theirs.is_some_and(|theirs| theirs != held) {
                let text = format!(
                    "{node} accepts {} from {leader}, leader of term {}, and keeps {} in its place",
                    in_place(index, theirs),
                    record.term,
                    entry(index, held)
                );
                return self.accuse(node, moment, "§5.3", text);
            }
        }
    }
}
