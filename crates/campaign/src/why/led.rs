//! A node led a term (§5.2): who voted for it, whether that was a majority of distinct voters of this term, and
//! whether each of them could (§5.4.1). A voter votes once in a term, across restarts too.

use crate::film::Moment;
use crate::film::tape::left;
use crate::why::slice::{Claim, Slice};
use crate::why::words::{end, list, members, nodes};
use std::collections::BTreeMap;
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::{NodeId, Term};
use whitewater_sim::trace::{Record, What};

/// For whom nodes voted in terms, each candidate once, with the place where that left.
pub(super) type Votes = BTreeMap<(NodeId, Term), Vec<(NodeId, usize)>>;

/// What a candidate was told before it led.
#[derive(Debug, Default)]
struct Ballot {
    /// Who granted it this term, with the place of the first such reply.
    granted: Vec<(NodeId, usize)>,
    /// What else it got, in words.
    odd: Vec<String>,
}

impl Slice<'_> {
    pub(super) fn led(&mut self, node: NodeId, term: Term) {
        let leads = |frame: &crate::film::reel::Frame| frame.role == Role::Leader && frame.term == term;
        let Some(moment) = self.film.reel(node).first(0, leads) else { return };
        let ballot = self.ballot(node, term, moment);
        let voters = ballot.granted.iter().fold(node.bit(), |set, (voter, _)| set | voter.bit());
        let told = self.tells_votes(moment);
        let without = self.without(node, moment);
        if (told || self.at_once(node, term, moment)) && voters.count_ones() < self.quorum() {
            let odd = if ballot.odd.is_empty() {
                String::new()
            } else {
                format!("; it also got {}", list(&ballot.odd))
            };
            let text = format!(
                "{node} takes the lead of term {term} with the vote of {} only, {} of {}{odd}{without}",
                nodes(voters),
                voters.count_ones(),
                self.film.nodes()
            );
            self.accuse(node, moment, "§5.2", text);
        } else {
            let votes = if told { format!(" with the votes of {}", nodes(voters)) } else { String::new() };
            let text = format!(
                "{node} is elected leader of term {term}{votes}{}{without}",
                self.compared(node, moment, &ballot)
            );
            self.tell(120, node, moment, if without.is_empty() { "§5.2" } else { "§5.4.1" }, text);
        }
        for (voter, place) in ballot.granted {
            self.weigh_logs(node, voter, term, place);
            self.ask(Claim::Voted(voter, term));
        }
        self.ask(Claim::Voted(node, term));
        self.ask_for_last(node, term, moment);
    }

    /// What a candidate was told from the time on at which it last became one, or this term began for it.
    fn ballot(&self, node: NodeId, term: Term, moment: Moment) -> Ballot {
        let asks = |frame: &crate::film::reel::Frame| frame.up && frame.term == term;
        let since = self.film.reel(node).since(moment, asks).unwrap_or(moment);
        let from = self.film.noted(since.saturating_sub(1));
        let mut ballot = Ballot::default();
        for (place, record) in self.records(from, self.film.noted(moment)) {
            if record.node != node || record.what != What::Received(Kind::RequestVoteReply) {
                continue;
            }
            let (peer, of) = (record.peer, Term::from(record.term));
            let again = ballot.granted.iter().any(|(voter, _)| *voter == peer);
            match (record.b == 1, of == term) {
                (true, true) if again => ballot.odd.push(format!("{peer}'s vote a second time")),
                (true, true) => ballot.granted.push((peer, place)),
                (true, false) => ballot.odd.push(format!("{peer}'s vote of term {of}")),
                (false, _) => ballot.odd.push(format!("{peer}'s refusal")),
            }
        }
        ballot
    }

    /// Whether anybody was seen to grant a vote up to a moment; a system may not tell.
    fn tells_votes(&self, moment: Moment) -> bool {
        let granted = |record: &Record| record.what == What::Received(Kind::RequestVoteReply);
        self.film.nodes() == 1 || self.records(0, self.film.noted(moment)).any(|(_, record)| granted(record))
    }

    /// Whether a node led a term in the very step in which it began it: then it has heard from nobody.
    fn at_once(&self, node: NodeId, term: Term, moment: Moment) -> bool {
        let timeout =
            self.film.event(node, moment).is_some_and(|(_, event)| event.what == What::ElectionTimeout);
        timeout && self.film.frame(node, moment.saturating_sub(1)).term < term
    }

    /// That a new leader lacks the entry that all this is about, in words.
    fn without(&self, node: NodeId, moment: Moment) -> String {
        let Some((index, entry)) = self.contested.filter(|_| self.was_committed(moment)) else {
            return String::new();
        };
        match self.film.entry(node, index, moment) {
            Some(held) if held == entry => String::new(),
            Some(held) if held.term == entry.term => {
                format!("; it holds another [{index}] than the committed one")
            }
            Some(held) => {
                format!(
                    "; it holds [{index}] of term {} where that of term {} is committed",
                    held.term, entry.term
                )
            }
            None => format!("; it does not hold [{index}], which is committed"),
        }
    }

    /// Whether anybody had held the contested entry to be committed by a moment.
    fn was_committed(&self, moment: Moment) -> bool {
        let Some((index, entry)) = self.contested else { return false };
        let held = |node: NodeId| {
            let frames = self.film.reel(node).frames.iter().take_while(|(from, _)| *from < moment);
            let mut far = frames.filter(|(_, frame)| frame.commit_index >= index);
            far.any(|(from, _)| self.film.entry(node, index, *from) == Some(entry))
        };
        self.all().any(held)
    }

    /// The end of the winner's log beside those of its voters, in words.
    fn compared(&self, node: NodeId, moment: Moment, ballot: &Ballot) -> String {
        let of = |(voter, place): &(NodeId, usize)| {
            Some((*voter, self.film.last(*voter, self.sent_at(*place)?.1)))
        };
        let ends: Vec<_> = ballot.granted.iter().filter_map(of).collect();
        if ends.is_empty() || self.contested.is_none() {
            return String::new();
        }
        let asked = self.asked_at(node, moment).unwrap_or(moment);
        let own = (node, self.film.last(node, asked));
        let last = |(node, last): (NodeId, (u64, Term))| match last.0 {
            0 => format!("of {node} nothing"),
            _ => format!("of {node} {}", end(last)),
        };
        format!(": last entries are {}", list([own].into_iter().chain(ends).map(last)))
    }

    /// The moment at which a leader had asked for its votes.
    fn asked_at(&self, node: NodeId, moment: Moment) -> Option<Moment> {
        let term = self.film.frame(node, moment).term;
        let asks = |record: &Record| {
            let kind = left(record.what).map(|(kind, _)| kind);
            record.node == node && kind == Some(Kind::RequestVote) && Term::from(record.term) == term
        };
        let (_, record) = self.records(0, self.film.noted(moment)).find(|(_, record)| asks(record))?;
        Some(self.film.end_of(record.step, node))
    }

    /// A voter grants only to a log that is at least as up-to-date as its own (§5.4.1).
    fn weigh_logs(&mut self, node: NodeId, voter: NodeId, term: Term, reply: usize) {
        let Some((_, granted)) = self.sent_at(reply) else { return };
        let Some((asked, _)) = self.film.event(voter, granted) else { return };
        let Some((candidate, sent)) = self.sent_at(asked).filter(|(from, _)| *from == node) else { return };
        let (index, last_term) = self.film.last(candidate, sent);
        let (own, own_term) = self.film.last(voter, granted);
        if (own_term, own) > (last_term, index) {
            let how = if own_term > last_term { "newer" } else { "longer" };
            let covered = self.film.frame(voter, granted).covered;
            let with = if covered > 0 && covered == own { "with a snapshot up to" } else { "at" };
            let text = format!(
                "{voter} votes for {node} in term {term}, although its own log is {how}: it ends {with} {}, {node}'s at {}",
                end((own, own_term)),
                end((index, last_term))
            );
            self.accuse(voter, granted, "§5.4.1", text);
        }
    }

    /// How the entry came about by which a leader's log beat the others, or stands where another one should.
    fn ask_for_last(&mut self, node: NodeId, term: Term, moment: Moment) {
        let Some((index, entry)) = self.contested else { return };
        let held = self.film.entry(node, index, moment);
        if held.is_some_and(|held| held != entry && held.term < term) {
            self.ask(Claim::Holds(node, index, moment));
        } else if held.is_none() {
            self.ask(Claim::Lost(node, index, 0));
        }
    }

    pub(super) fn voted(&mut self, voter: NodeId, term: Term) {
        let votes = self.votes(voter, term);
        let Some((first, rest)) = votes.split_first() else { return };
        let mut before = *first;
        for vote in rest.iter().copied() {
            let (candidate, place) = vote;
            let text = format!(
                "{voter} votes for {candidate} in term {term}, although it has voted for {} in that term",
                before.0
            );
            self.accuse_at(place, "§5.2", text);
            let text = match before.0 == voter {
                true => format!("{voter} asks for votes in term {term}, and has given its own to itself"),
                false => format!("{voter} votes for {} in term {term}", before.0),
            };
            self.tell_of(115, before.1, "§5.2", text);
            self.between_votes(voter, term, before.1, place);
            before = vote;
        }
    }

    /// For whom a node voted in a term, each candidate once, with the place where that left.
    pub(super) fn votes(&self, voter: NodeId, term: Term) -> Vec<(NodeId, usize)> {
        self.all_votes(|of| of == (voter, term)).remove(&(voter, term)).unwrap_or_default()
    }

    /// The same of all nodes and terms that are wanted, in one go.
    pub(super) fn all_votes(&self, wanted: impl Fn((NodeId, Term)) -> bool) -> Votes {
        let mut all = Votes::new();
        for (place, record) in self.records(0, usize::MAX) {
            let (voter, term) = (record.node, Term::from(record.term));
            if !wanted((voter, term)) {
                continue;
            }
            let candidate = match left(record.what) {
                Some((Kind::RequestVote, _)) => voter,
                Some((Kind::RequestVoteReply, _)) if record.b == 1 => record.peer,
                _ => continue,
            };
            let frame = self.film.frame(candidate, self.film.before(place));
            let leads = frame.role == Role::Leader && frame.term == term;
            let votes = all.entry((voter, term)).or_default();
            if !leads && votes.iter().all(|(other, _)| *other != candidate) {
                votes.push((candidate, place));
            }
        }
        all
    }

    /// What made a voter forget its vote: a crash after which its disk did not hold it, or a term that fell.
    fn between_votes(&mut self, voter: NodeId, term: Term, first: usize, second: usize) {
        self.takes_back(voter, term, self.film.after(first), self.film.after(second));
        let crash = self
            .records(first, second)
            .find(|(_, record)| record.node == voter && record.what == What::Crashed);
        if let Some((place, _)) = crash {
            let start = self
                .records(place, second)
                .find(|(_, record)| record.node == voter && record.what == What::Started);
            let held = self.film.frame(voter, self.film.after(start.map_or(place, |(place, _)| place)));
            let vote = held.stored_vote.map_or("no vote".to_owned(), |vote| format!("a vote for {vote}"));
            let text = format!(
                "{voter} crashes after its vote; its disk holds term {} and {vote}",
                held.stored_term
            );
            let forgot = held.stored_term < term
                || held.stored_vote.is_none() && !self.stored(voter, term, first, place);
            match forgot {
                true => self.accuse_at(place, "figure 2", text),
                false => self.tell_of(110, place, "figure 2", text),
            }
        }
        self.falls(voter, self.film.before(first), self.film.after(second));
    }

    /// Whether a disk ever held a vote of a term between two places of the trace.
    fn stored(&self, voter: NodeId, term: Term, from: usize, to: usize) -> bool {
        let (from, to) = (self.film.before(from), self.film.after(to));
        let frames = self.film.reel(voter).frames.iter().filter(|(moment, _)| (from..=to).contains(moment));
        let mut frames = frames.map(|(_, frame)| frame);
        frames.any(|frame| frame.stored_term == term && frame.stored_vote.is_some())
    }

    /// Whether a voter wrote down that it had no vote, or another, in a term in which it had one.
    fn takes_back(&mut self, voter: NodeId, term: Term, from: Moment, to: Moment) {
        let film = self.film;
        let frames = film.reel(voter).frames.iter().filter(|(moment, _)| (from..=to).contains(moment));
        let mut before = film.frame(voter, from);
        for (moment, frame) in frames {
            let same = (before.stored_term, frame.stored_term) == (term, term);
            if let Some(vote) = before.stored_vote.filter(|_| same && frame.stored_vote.is_none()) {
                let event = film.event(voter, *moment).map(|(_, record)| (record.what, record.peer));
                let at = match event {
                    Some((What::Received(kind), peer)) => format!(" at {peer}'s {}", kind.name()),
                    _ => String::new(),
                };
                let text =
                    format!("{voter} forgets its vote for {vote}{at}, although it is still in term {term}");
                return self.accuse(voter, *moment, "§5.2", text);
            }
            before = *frame;
        }
    }

    /// Who is up and leads a term at a moment.
    pub(super) fn leaders(&self, moment: Moment) -> Vec<(NodeId, Term)> {
        let all = members((1 << self.film.nodes()) - 1);
        let frames = all.map(|node| (node, self.film.frame(node, moment)));
        frames
            .filter(|(_, frame)| frame.up && frame.role == Role::Leader)
            .map(|(node, frame)| (node, frame.term))
            .collect()
    }
}
