//! A log does not hold an entry any more (§5.3, figure 2): a leader's message took it away, which is right only where
//! it contradicts, or a crash did, which is right only before the entry was durable.

use crate::film::Moment;
use crate::film::tape::arrived;
use crate::why::slice::{Claim, Slice};
use crate::why::words::{end, entry, place as in_place};
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::{Entry, Index, NodeId, Term};
use whitewater_sim::trace::{DiskState, What};

impl Slice<'_> {
    /// Looks for the end of what the node held at the index at a moment; of one that held nothing then, for the
    /// end of the contested entry.
    #[expect(clippy::wildcard_enum_match_arm, reason = "of many events, these take entries away by right")]
    pub(super) fn lost(&mut self, node: NodeId, index: Index, after: Moment) {
        let film = self.film;
        let contested = self.contested.filter(|(at, _)| *at == index).map(|(_, held)| held);
        let held = film.entry(node, index, after);
        let Some(held) = contested.or(held) else { return };
        let memory = &film.reel(node).memory;
        let Some(after) = self.first_held(node, index, held, after) else { return };
        let Some(moment) = memory.lost(index, held, after) else { return };
        if !film.frame(node, moment).up {
            return self.lost_in_crash(node, index, held, moment);
        }
        let Some((place, event)) = film.event(node, moment) else { return };
        match event.what {
            What::Received(Kind::AppendEntries) => self.overwritten(node, index, held, moment, place),
            What::Received(Kind::InstallSnapshot) => self.uncovered(node, index, held, moment, place),
            What::Started => self.lost_in_crash(node, index, held, moment),
            _ => self.gave_up(node, index, held, moment),
        }
    }

    /// The first moment from one on at which the node held this at the index.
    fn first_held(&self, node: NodeId, index: Index, held: Entry, after: Moment) -> Option<Moment> {
        let memory = &self.film.reel(node).memory;
        if memory.entry(index, after) == Some(held) {
            return Some(after);
        }
        let puts = memory.changes.iter().filter(|change| change.moment > after && change.from <= index);
        let mut puts =
            puts.filter(|change| change.entries.get((index - change.from) as usize) == Some(&held));
        puts.next().map(|change| change.moment)
    }

    /// A leader's message has taken it away.
    fn overwritten(&mut self, node: NodeId, index: Index, held: Entry, moment: Moment, place: usize) {
        let film = self.film;
        let record = &film.tape().records()[place];
        let (leader, term) = (record.peer, Term::from(record.term));
        let reaches = Index::from(record.a) + Index::from(record.b);
        self.heeds(node, place, moment);
        let Some((_, sent)) = self.sent_at(place) else { return };
        let theirs = film.entry(leader, index, sent);
        let now = film.entry(node, index, moment);
        let before = film.frame(node, moment.saturating_sub(1));
        if before.role == Role::Leader && before.term == term {
            let text =
                format!("{node} leads term {term} and deletes {} from its own log", entry(index, held));
            return self.accuse(node, moment, "§5.3", text);
        }
        let first = (record.a as Index + 1..=reaches.min(index)).find(|at| {
            let own = film.entry(node, *at, moment.saturating_sub(1));
            own.is_some()
                && own.map(|own| own.term) != film.entry(leader, *at, sent).map(|theirs| theirs.term)
        });
        match first {
            Some(at) if now.is_some() || at < index || theirs != Some(held) => {
                let from = format!("{leader}, leader of term {term}");
                // The same words as where an entry is taken: one thing is told once.
                let text = match now {
                    Some(now) => {
                        format!("{node} replaces {} by {} from {from}", entry(index, held), entry(index, now))
                    }
                    None => format!("{node} deletes {}, as {from}, sends", entry(index, held)),
                };
                self.tell(112, node, moment, "§5.3", text);
            }
            Some(_) | None => {
                let why = match (theirs == Some(held), record.b) {
                    (true, _) => format!("which {leader} holds as well"),
                    (false, 0) => format!(
                        "which nothing in the message contradicts: it brings no entry, and comes after [{}]",
                        record.a
                    ),
                    (false, _) => format!(
                        "which nothing in the message contradicts: it reaches from after [{}] to [{reaches}]",
                        record.a
                    ),
                };
                let text = format!(
                    "{node} deletes {} at an AppendEntries from {leader}, leader of term {term}, {why}",
                    entry(index, held)
                );
                self.accuse(node, moment, "§5.3", text);
            }
        }
        self.ask(Claim::Led(leader, term));
        self.ask(Claim::Holds(leader, index, sent));
    }

    /// The process is gone, and its memory with it: what comes back is what its disk held.
    fn lost_in_crash(&mut self, node: NodeId, index: Index, held: Entry, moment: Moment) {
        let film = self.film;
        let starts = film.reel(node).first(moment, |frame| frame.up);
        let back = starts.unwrap_or(film.moments().len().saturating_sub(1));
        if starts.is_some_and(|start| film.entry(node, index, start) == Some(held)) {
            return self.ask(Claim::Lost(node, index, back));
        }
        let what = entry(index, held);
        let wiped = What::Disk(DiskState::Wiped);
        let until = film.noted(back);
        let wiped = self
            .records(film.noted(moment.saturating_sub(1)), until)
            .find(|(_, record)| record.node == node && record.what == wiped);
        let before = film.stored(node, index, moment.saturating_sub(1));
        if let Some((place, _)) = wiped {
            self.tell_of(112, place, "", format!("the disk of {node} is emptied, and {what} is gone"));
        } else if film.stored(node, index, back) == Some(held) {
            if let Some(start) = starts {
                let now = in_place(index, film.entry(node, index, start));
                self.accuse(
                    node,
                    start,
                    "figure 2",
                    format!("{node} starts with {now}, although its disk holds {what}"),
                );
            }
        } else if before == Some(held) {
            self.accuse(node, moment, "figure 2", format!("{node} crashes, and its disk has lost {what}"));
        } else {
            let text = format!(
                "{node} crashes before {what} is on its disk, which ends at {}",
                self.disk_end(node, back)
            );
            self.tell(112, node, moment, "figure 2", text);
        }
    }

    fn disk_end(&self, node: NodeId, moment: Moment) -> String {
        let disk = &self.film.reel(node).disk;
        let until = disk.changes.partition_point(|change| change.moment <= moment);
        let index =
            disk.changes[..until].last().map_or(0, |change| change.from + change.entries.len() as u64 - 1);
        end((index, disk.entry(index, moment).map_or(0, |entry| entry.term)))
    }

    /// The node has deleted it by itself.
    fn gave_up(&mut self, node: NodeId, index: Index, held: Entry, moment: Moment) {
        let frame = self.film.frame(node, moment.saturating_sub(1));
        let event = self.film.event(node, moment);
        let at = event.and_then(|(_, event)| arrived(event.what)).map_or("", |kind| kind.name());
        let cause = if at.is_empty() { String::new() } else { format!(" at an {at}") };
        let who = match frame.role {
            Role::Leader => format!("{node}, leader of term {},", frame.term),
            Role::Follower | Role::Candidate => node.to_string(),
        };
        let text = format!("{who} deletes {} from its own log{cause}", entry(index, held));
        self.accuse(node, moment, "§5.3", text);
    }
}
