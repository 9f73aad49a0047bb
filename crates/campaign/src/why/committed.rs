//! A node held an index to be committed (§5.3, §5.4.2): as leader because it counted copies, as follower because a
//! leader's message said so. Each copy that was counted is looked at: was it there, and on the disk?

use crate::film::Moment;
use crate::film::reel::Frame;
use crate::why::slice::{Claim, Slice};
use crate::why::words::{entry, nodes, place as in_place};
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::{Entry, Index, NodeId, Term};
use whitewater_sim::trace::What;

/// An acknowledgement that a leader has taken.
#[derive(Clone, Copy, Debug)]
struct Acknowledged {
    by: NodeId,
    index: Index,
    /// The place of its arrival.
    arrived: usize,
}

impl Slice<'_> {
    pub(super) fn committed(&mut self, node: NodeId, index: Index, until: Moment) {
        let film = self.film;
        let up_to = |frame: &Frame| frame.up && frame.commit_index >= index;
        let Some(moment) = film.reel(node).since(until, up_to) else { return };
        let frame = film.frame(node, moment);
        let Some(held) = film.entry(node, index, moment) else { return };
        let Some((place, event)) = film.event(node, moment) else { return };
        match (frame.role, event.what) {
            (Role::Leader, _) => self.counted(node, index, held, moment, place),
            (Role::Follower | Role::Candidate, What::Received(kind)) => {
                self.learnt(node, index, held, moment, place, kind);
            }
            (Role::Follower | Role::Candidate, What::Started) if self.knew(node, index, held, moment) => {}
            (Role::Follower | Role::Candidate, _) => {
                let text = format!(
                    "{node} holds {} committed, although it does not lead and no leader has told it",
                    entry(index, held)
                );
                self.accuse(node, moment, "§5.3", text);
            }
        }
        self.ask(Claim::Holds(node, index, moment));
    }

    /// Whether a node that starts has a right to hold an index to be committed: a snapshot on its disk says so, or it
    /// held it in an earlier life, and has written that down.
    fn knew(&mut self, node: NodeId, index: Index, held: Entry, moment: Moment) -> bool {
        let film = self.film;
        let frames = film.reel(node).frames.iter().rev().skip_while(|(since, _)| *since >= moment);
        let far = |frame: &Frame| frame.up && frame.commit_index >= index;
        let before = frames.map(|(since, frame)| (*since, *frame)).find(|(_, frame)| far(frame));
        let before = before.filter(|(since, _)| film.entry(node, index, *since) == Some(held));
        before.into_iter().for_each(|(since, _)| self.ask(Claim::Committed(node, index, since)));
        before.is_some() || film.frame(node, moment).covered >= index
    }

    /// A leader has counted copies.
    fn counted(&mut self, node: NodeId, index: Index, held: Entry, moment: Moment, place: usize) {
        let frame = self.film.frame(node, moment);
        let (term, commit) = (frame.term, frame.commit_index);
        let acknowledged = self.acknowledged(node, term, moment);
        let enough: Vec<Acknowledged> =
            acknowledged.iter().copied().filter(|one| one.index >= index).collect();
        let copies = enough.iter().fold(node.bit(), |set, one| set | one.by.bit());
        let newest = self.film.entry(node, commit, moment);
        let older = newest.is_some_and(|newest| newest.term != term);
        let what = entry(index, held);
        let many = format!("{} of {}", copies.count_ones(), self.film.nodes());
        if !self.tells_acknowledgements() && self.has_heard(node, moment) {
            self.tell_of(90, place, "§5.3", format!("{node}, leader of term {term}, holds {what} committed"));
        } else if copies.count_ones() < self.quorum() {
            let rest = self.short_of(&acknowledged, index);
            let text = format!(
                "{node}, leader of term {term}, commits {what}, which only {} acknowledged to hold, {many}{rest}",
                nodes(copies)
            );
            self.accuse_at(place, "§5.3", text);
        } else if older {
            let newest = if commit == index { String::new() } else { format!(" with all up to [{commit}]") };
            let text = format!(
                "{node}, leader of term {term}, counts {what} on {}, a majority, and commits it{newest}, although it is of an earlier term",
                nodes(copies)
            );
            self.accuse_at(place, "§5.4.2", text);
        } else {
            let text = format!(
                "{node}, leader of term {term}, counts {what} on {}, a majority, and commits it",
                nodes(copies)
            );
            self.tell_of(100, place, "§5.3", text);
        }
        let ours = self.film.reel(node).memory.whole(moment);
        enough.iter().for_each(|one| self.backed(node, index, &ours, *one));
        self.backed_by_itself(node, index, held, (place, moment), copies);
        if self.contested.is_some_and(|contested| contested == (index, held)) {
            let when = |one: &Acknowledged| Some((one.by, self.sent_at(one.arrived)?.1));
            let counted: Vec<_> = enough.iter().filter_map(when).chain([(node, moment)]).collect();
            counted.iter().for_each(|(by, since)| self.ask(Claim::Lost(*by, index, *since)));
            if older {
                counted.iter().for_each(|(by, since)| self.ask(Claim::Holds(*by, index, *since)));
            }
        }
        self.ask(Claim::Led(node, term));
    }

    /// What each peer had acknowledged to a leader of this term, at its highest.
    fn acknowledged(&self, node: NodeId, term: Term, moment: Moment) -> Vec<Acknowledged> {
        let mut highest: Vec<Acknowledged> = Vec::new();
        for (place, record) in self.records(0, self.film.noted(moment)) {
            let reply = record.what == What::Received(Kind::AppendEntriesReply) && record.b == 1;
            if record.node != node || !reply || Term::from(record.term) != term {
                continue;
            }
            let new = Acknowledged { by: record.peer, index: Index::from(record.a), arrived: place };
            match highest.iter_mut().find(|one| one.by == new.by) {
                Some(one) if new.index > one.index => *one = new,
                Some(_) => {}
                None => highest.push(new),
            }
        }
        highest
    }

    /// Up to where each peer had acknowledged a leader's log in a term.
    pub(super) fn copies(&self, leader: NodeId, term: Term, moment: Moment) -> Vec<(NodeId, Index)> {
        self.acknowledged(leader, term, moment).into_iter().map(|one| (one.by, one.index)).collect()
    }

    /// Whether the system tells of its replies to AppendEntries which of them accept and how far: of one that does
    /// not, nobody knows what a leader has counted.
    pub(super) fn tells_acknowledgements(&self) -> bool {
        let accepts = |what: What| what == What::Received(Kind::AppendEntriesReply);
        let mut records = self.film.tape().records().iter();
        self.film.nodes() == 1 || records.any(|record| accepts(record.what) && record.b == 1 && record.a > 0)
    }

    /// Whether a node had got anything by a moment that may have been an acknowledgement.
    fn has_heard(&self, node: NodeId, moment: Moment) -> bool {
        let may_be = |what: What| {
            matches!(what, What::Received(Kind::AppendEntriesReply) | What::Received(Kind::Other))
        };
        self.records(0, self.film.noted(moment)).any(|(_, record)| record.node == node && may_be(record.what))
    }

    /// Those who acknowledged less, in words.
    fn short_of(&self, acknowledged: &[Acknowledged], index: Index) -> String {
        let short: Vec<String> = acknowledged
            .iter()
            .filter(|one| one.index < index)
            .map(|one| format!("{} up to [{}]", one.by, one.index))
            .collect();
        if short.is_empty() { String::new() } else { format!("; {}", short.join(", ")) }
    }

    /// Who acknowledges an entry holds it, and its disk does, with all that stands before it (figure 2).
    fn backed(&mut self, leader: NodeId, index: Index, ours: &[Entry], one: Acknowledged) {
        let film = self.film;
        let Some(sent) = film.tape().sender(one.arrived) else { return };
        let Some((by, moment)) = self.sent_at(one.arrived) else { return };
        let step = film.tape().records()[sent].step;
        let seen = film.moments()[moment].ended == Some((step, by));
        let acknowledges = format!("{by} acknowledges up to [{}] to {leader}", one.index);
        if let Some(at) = differs(ours, &film.reel(by).memory.whole(moment), index).filter(|_| seen) {
            let text =
                format!("{acknowledges}, although it holds {}", in_place(at, film.entry(by, at, moment)));
            return self.accuse_at(sent, "figure 2", text);
        }
        let landed = self.landed(by, sent);
        if let Some(at) = differs(ours, &film.reel(by).disk.whole(landed), index) {
            let text = match film.stored(by, at, landed) {
                None => format!("{acknowledges} before its disk holds [{at}]"),
                other => format!("{acknowledges}, although its disk holds {}", in_place(at, other)),
            };
            self.accuse_at(sent, "figure 2", text);
        }
    }

    /// A moment at which the disk of a node is as it was at a place of the trace. All that lands between two moments
    /// counts as landed with the first sync between them, which is never unjust.
    fn landed(&self, node: NodeId, place: usize) -> Moment {
        let (before, after) = (self.film.before(place), self.film.after(place));
        let mut between = self.records(self.film.noted(before), place);
        let synced = between.any(|(_, record)| record.node == node && record.what == What::Synced);
        if synced { after } else { before }
    }

    /// A leader's own copy counts only when its disk has it, if it is needed (thesis §10.2.1).
    fn backed_by_itself(
        &mut self,
        node: NodeId,
        index: Index,
        held: Entry,
        (place, moment): (usize, Moment),
        copies: u64,
    ) {
        let needed = copies.count_ones() == self.quorum();
        if needed && self.film.stored(node, index, moment) != Some(held) {
            let text = format!("{node} counts its own copy of [{index}], which its disk does not hold yet");
            self.accuse_at(place, "thesis §10.2.1", text);
        }
    }

    /// A follower was told by a leader's message.
    fn learnt(&mut self, node: NodeId, index: Index, held: Entry, moment: Moment, place: usize, kind: Kind) {
        let record = &self.film.tape().records()[place];
        let (leader, term) = (record.peer, record.term);
        let commit = self.film.frame(node, moment).commit_index;
        self.heeds(node, place, moment);
        let Some((_, sent)) = self.sent_at(place) else { return };
        let reaches = Index::from(record.a) + Index::from(record.b);
        let theirs = self.film.entry(leader, index, sent);
        let alive = self.film.frame(leader, sent).up;
        let differs = alive && theirs != Some(held);
        if kind == Kind::AppendEntries && differs && index > reaches {
            let text = format!(
                "{node} takes over {leader}'s commit index up to [{commit}], although the message reaches only to [{reaches}]: \
                 {node} holds {}, {leader} {}",
                entry(index, held),
                in_place(index, theirs)
            );
            self.accuse_at(place, "figure 2", text);
        } else {
            let text = format!(
                "{node} learns from {leader}, leader of term {term}, that [{index}] is committed, and holds {}",
                entry(index, held)
            );
            self.tell_of(60, place, "§5.3", text);
        }
        if kind == Kind::AppendEntries {
            self.fits(node, place, moment);
        }
        self.ask(Claim::Committed(leader, index, sent));
    }
}

/// The lowest index up to `index` at which another log does not hold what this one does.
fn differs(log: &[Entry], other: &[Entry], index: Index) -> Option<Index> {
    (1..=index).find(|at| {
        let place = *at as usize - 1;
        log.get(place) != other.get(place)
    })
}
