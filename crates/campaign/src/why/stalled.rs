//! The cluster does not get on (§5.6): nobody is elected, or whoever leads brings nothing through.
//!
//! Here the counts tell the story: of what is tried again and again in vain, how often.

use crate::film::tape::{arrived, left};
use crate::why::led::Votes;
use crate::why::slice::Slice;
use crate::why::words::{end, list};
use std::collections::BTreeMap;
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::{NodeId, Term};
use whitewater_sim::trace::{Record, What};

/// After how many rejections of one place a leader counts as stuck. Some are on their way at any time.
const STUCK: u32 = 20;

/// How many refusals of one candidate by one voter are looked at, the last ones.
const LOOKED_AT: usize = 20;

/// Votes that one voter has refused to one candidate.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Refusal {
    /// Whether it should have given one of them.
    wrong: bool,
    /// How many there are up to that one.
    times: u32,
    candidate: NodeId,
    /// The wrong one, or the last one.
    place: usize,
}

/// How often something happened, and where last.
type Counts<K> = BTreeMap<K, (u32, usize)>;

impl Slice<'_> {
    pub(super) fn stalled(&mut self) {
        let film = self.film;
        let last = film.moments().len().saturating_sub(1);
        let settling = self.records(0, usize::MAX).rfind(|(_, record)| record.what == What::Settling);
        let since = settling.map_or(0, |(place, _)| place);
        if let Some((place, _)) = settling {
            let up = self.all().filter(|node| film.frame(*node, last).up);
            self.tell_of(200, place, "§5.6", format!("faults end, and {} are left to themselves", list(up)));
        }
        self.elections(since);
        self.last_elections();
        self.refusals(since);
        self.rejections(since);
        self.stay_candidates(since);
        for (node, term) in self.leaders(last) {
            let frame = film.frame(node, last);
            let text = format!(
                "{node} leads term {term} to the end; its log ends at {}, its commit index is {}",
                end(film.last(node, last)),
                frame.commit_index
            );
            self.tell(190, node, last, "§5.3", text);
            self.leads_on(node, term);
            self.brings_nothing_through(node, last);
            self.followers(node, last);
        }
    }

    /// Who stood for election how often.
    fn elections(&mut self, since: usize) {
        let mut stood: Counts<NodeId> = BTreeMap::new();
        for (place, record) in self.records(since, usize::MAX) {
            if record.what == What::Became(Role::Candidate) {
                count(&mut stood, record.node, place);
            }
        }
        let elected =
            self.records(since, usize::MAX).any(|(_, record)| record.what == What::Became(Role::Leader));
        for (node, (times, place)) in stood {
            let text = format!("{node} stands for election for the {} time", ordinal(times));
            match elected {
                true => self.tell_of(150, place, "§5.2", text),
                false => self.accuse_at(place, "§5.2", format!("{text}, and nobody has been elected")),
            }
        }
    }

    /// An election that nobody wins is followed by another when the candidate's timer runs out (§5.2): a cluster that is
    /// left to itself has time for many.
    fn last_elections(&mut self) {
        let last = self.film.moments().len().saturating_sub(1);
        let disturbs = |what: What| matches!(what, What::Settling | What::Crashed | What::Started);
        let calm = self.records(0, usize::MAX).rfind(|(_, record)| disturbs(record.what));
        let waits_from = calm.map_or(0, |(_, record)| record.time.midpoint(self.verdict.time));
        for node in self.all() {
            let frame = self.film.frame(node, last);
            let stood = |record: &Record| record.node == node && record.what == What::Became(Role::Candidate);
            let stood = self.records(0, usize::MAX).rfind(|(_, record)| stood(record));
            let Some((place, _)) = stood.filter(|(_, record)| record.time < waits_from) else { continue };
            if frame.up && frame.role == Role::Candidate {
                let text = format!(
                    "{node} stands for election in term {}, and never again, although nobody has won",
                    frame.term
                );
                self.accuse_at(place, "§5.2", text);
            }
        }
    }

    /// Who refused whom a vote how often, and how their logs compare: of each voter the candidate that it has wronged,
    /// or else the one that it has refused most often.
    fn refusals(&mut self, since: usize) {
        let mut refused: BTreeMap<(NodeId, NodeId), Vec<usize>> = BTreeMap::new();
        for (place, record) in self.records(since, usize::MAX) {
            let reply = left(record.what).is_some_and(|(kind, _)| kind == Kind::RequestVoteReply);
            if reply && record.b == 0 {
                refused.entry((record.node, record.peer)).or_default().push(place);
            }
        }
        let votes = self.all_votes(|_| true);
        let mut told: BTreeMap<NodeId, Refusal> = BTreeMap::new();
        for ((voter, candidate), places) in refused {
            let nths = (0..places.len()).rev();
            let wrong =
                nths.take(LOOKED_AT).find(|nth| self.is_wrong(&votes, voter, candidate, places[*nth]));
            let nth = wrong.unwrap_or(places.len() - 1);
            let one =
                Refusal { wrong: wrong.is_some(), times: nth as u32 + 1, candidate, place: places[nth] };
            told.entry(voter).and_modify(|most| *most = one.max(*most)).or_insert(one);
        }
        for (voter, refusal) in told {
            self.refused(voter, refusal);
        }
    }

    fn refused(&mut self, voter: NodeId, Refusal { wrong, times, candidate, place }: Refusal) {
        let moment = self.film.before(place);
        let (own, theirs) = (self.film.last(voter, moment), self.film.last(candidate, moment));
        let ends = format!("its log ends at {}, {candidate}'s at {}", end(own), end(theirs));
        let text = format!("{voter} refuses {candidate} its vote for the {} time: {ends}", ordinal(times));
        if wrong {
            let section = if (theirs.1, theirs.0) > (own.1, own.0) { "§5.4.1" } else { "§5.2" };
            self.accuse_at(place, section, format!("{text}, and it has voted for nobody else in that term"));
        } else {
            self.tell_of(140, place, "§5.4.1", text);
        }
    }

    /// Whether a voter has refused its vote to a candidate whose log is as new as its own, for no other reason.
    fn is_wrong(&self, votes: &Votes, voter: NodeId, candidate: NodeId, refusal: usize) -> bool {
        let moment = self.film.before(refusal);
        let (own, theirs) = (self.film.last(voter, moment), self.film.last(candidate, moment));
        (theirs.1, theirs.0) >= (own.1, own.0) && self.is_free(votes, voter, refusal)
    }

    /// Whether a voter that has refused its vote was asked in its own term and had not given it to another.
    fn is_free(&self, votes: &Votes, voter: NodeId, refusal: usize) -> bool {
        let refused = self.film.tape().records()[refusal];
        let asked = self.film.tape().event(refused.step).is_some_and(|(_, event)| event.term >= refused.term);
        let candidate = refused.peer;
        let mut given = votes.get(&(voter, Term::from(refused.term))).into_iter().flatten();
        asked && given.all(|(other, place)| *other == candidate || *place > refusal)
    }

    /// Who rejected whose entries how often.
    fn rejections(&mut self, since: usize) {
        if !self.tells_acknowledgements() {
            return;
        }
        let mut rejected: Counts<(NodeId, NodeId)> = BTreeMap::new();
        let mut after: Counts<(NodeId, NodeId, u32)> = BTreeMap::new();
        for (place, record) in self.records(since, usize::MAX) {
            let reply = left(record.what).is_some_and(|(kind, _)| kind == Kind::AppendEntriesReply);
            // After [0] everything fits; a reply that says so accepts, or is to a message without entries.
            if reply && record.b == 0 && record.a > 0 {
                count(&mut rejected, (record.node, record.peer), place);
                count(&mut after, (record.node, record.peer, record.a), place);
            }
        }
        for ((node, leader), (times, place)) in rejected.into_iter().filter(|(_, (times, _))| *times > 1) {
            let record = self.film.tape().records()[place];
            let again = after.get(&(node, leader, record.a)).map_or(0, |(times, _)| *times);
            self.rejected(node, leader, (times, again), place);
        }
    }

    /// A node has rejected what another one sends, so often in all, and so often at the same place.
    fn rejected(&mut self, node: NodeId, leader: NodeId, (times, again): (u32, u32), place: usize) {
        let record = self.film.tape().records()[place];
        let moment = self.film.before(place);
        let (own, theirs) = (self.film.frame(node, moment), self.film.frame(leader, moment));
        let held = end(self.film.last(node, moment));
        let in_term = theirs.role == Role::Leader && theirs.term == own.term;
        let (times, after) = (ordinal(times), record.a);
        if in_term && again >= STUCK {
            let text = format!(
                "{node} rejects what {leader}, leader of term {}, sends after [{after}] for the {} time: {node}'s log ends at {held}, and {leader} goes back no further",
                theirs.term,
                ordinal(again)
            );
            self.accuse_at(place, "§5.3", text);
        } else {
            let text = format!(
                "{node}, in term {}, rejects {leader}'s AppendEntries for the {times} time; its log ends at {held}",
                own.term
            );
            self.tell_of(180, place, "§5.3", text);
        }
    }

    /// A candidate that hears from the leader of its term follows it (§5.2).
    fn stay_candidates(&mut self, since: usize) {
        let film = self.film;
        let mut stayed: Counts<(NodeId, NodeId, Term)> = BTreeMap::new();
        for moment in film.after(since)..film.moments().len() {
            let Some((step, node)) = film.moments()[moment].ended else { continue };
            let Some((place, event)) = film.tape().event(step) else { continue };
            let (before, after) = (film.frame(node, moment.saturating_sub(1)), film.frame(node, moment));
            let stays =
                before.role == Role::Candidate && after.role == Role::Candidate && before.term == after.term;
            if stays
                && event.what == What::Received(Kind::AppendEntries)
                && Term::from(event.term) == after.term
            {
                count(&mut stayed, (node, event.peer, after.term), place);
            }
        }
        for ((node, leader, term), (times, place)) in stayed {
            let text = format!(
                "{node} stays a candidate, although it hears from {leader}, leader of its term {term}, for the {} time",
                ordinal(times)
            );
            self.accuse_at(place, "§5.2", text);
        }
    }

    /// A leader that hears of a higher term steps down (§5.1).
    fn leads_on(&mut self, node: NodeId, term: Term) {
        // A request for votes may be ignored for as long as a leader is heard (thesis §4.2.3).
        let of_log = |kind: Kind| matches!(kind, Kind::AppendEntries | Kind::AppendEntriesReply);
        let newer = |record: &Record| {
            let counts = arrived(record.what).is_some_and(of_log);
            record.node == node && counts && Term::from(record.term) > term
        };
        let leads = self.film.reel(node).first(0, |frame| frame.role == Role::Leader && frame.term == term);
        let since = leads.map_or(0, |moment| self.film.noted(moment));
        if let Some((place, record)) = self.records(since, usize::MAX).find(|(_, record)| newer(record)) {
            let text = format!(
                "{node} goes on to lead term {term}, although it hears of term {} from {}",
                record.term, record.peer
            );
            self.accuse_at(place, "§5.1", text);
        }
    }

    /// A leader commits what a majority has acknowledged (§5.3).
    fn brings_nothing_through(&mut self, leader: NodeId, last: usize) {
        let frame = self.film.frame(leader, last);
        let mut copies = self.copies(leader, frame.term, last);
        copies.push((leader, frame.last_index));
        copies.sort_by_key(|(_, index)| std::cmp::Reverse(*index));
        let Some((_, index)) = copies.get(self.quorum() as usize - 1).copied() else { return };
        let own = self.film.entry(leader, index, last).is_some_and(|entry| entry.term == frame.term);
        if own && index > frame.commit_index {
            let holders = list(copies.iter().filter(|(_, held)| *held >= index).map(|(node, _)| node));
            let text = format!(
                "{leader}'s entries up to [{index}] are acknowledged by {holders}, a majority, and its commit index stays at {}",
                frame.commit_index
            );
            self.accuse(leader, last, "§5.3", text);
        }
    }

    /// What a leader last sent to each follower, and what it last heard.
    fn followers(&mut self, leader: NodeId, last: usize) {
        for peer in self.all().filter(|peer| *peer != leader) {
            let to = |record: &Record, kind: Kind| {
                record.node == leader
                    && record.peer == peer
                    && left(record.what).is_some_and(|(of, _)| of == kind)
            };
            let all = || self.records(0, usize::MAX);
            let sent = all().rfind(|(_, record)| to(record, Kind::AppendEntries));
            let heard = |record: &Record| {
                record.node == leader
                    && record.peer == peer
                    && record.what == What::Received(Kind::AppendEntriesReply)
            };
            let heard = all().rfind(|(_, record)| heard(record)).map(|(_, record)| *record);
            let up = self.film.frame(peer, last).up;
            let held = end(self.film.last(peer, last));
            let state = if up { format!("{peer} ends at {held}") } else { format!("{peer} is down") };
            if !up {
                self.stays_down(peer);
            }
            match sent {
                Some((place, record)) => {
                    let answer = heard.map_or(String::new(), |heard| match heard.b {
                        1 => format!(", and said last that it holds up to [{}]", heard.a),
                        _ => String::new(),
                    });
                    let entries =
                        if record.b == 1 { "1 entry".to_owned() } else { format!("{} entries", record.b) };
                    let text =
                        format!("{leader} sends {peer} {entries} after [{}]; {state}{answer}", record.a);
                    self.tell_of(130, place, "§5.3", text);
                }
                None => self.tell(
                    130,
                    leader,
                    last,
                    "§5.3",
                    format!("{leader} has never sent anything to {peer}; {state}"),
                ),
            }
        }
    }

    /// A node that is down at the end: since when.
    fn stays_down(&mut self, node: NodeId) {
        let crash = |record: &Record| record.node == node && record.what == What::Crashed;
        if let Some((place, _)) = self.records(0, usize::MAX).rfind(|(_, record)| crash(record)) {
            self.tell_of(125, place, "", format!("{node} crashes and does not come back"));
        }
    }
}

fn count<K: Ord>(counts: &mut Counts<K>, key: K, place: usize) {
    let (times, last) = counts.entry(key).or_default();
    (*times, *last) = (*times + 1, place);
}

/// A number as a place in a row.
fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_end_as_they_should() {
        assert_eq!(
            [1, 2, 3, 4, 11, 12, 21, 112].map(ordinal),
            ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st", "112th"]
        );
    }
}
