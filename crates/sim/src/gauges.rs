//! Gauges: when a value of each measure is taken.
//!
//! They are told what happens and read nothing else. Once the cluster settles they rest, so that a measure
//! is of the time of faults.

use crate::measure::{Histogram, Measure};
use whitewater_check::observe::{Brief, Kind, Role};
use whitewater_check::types::{Nanos, NodeId, Term};

/// The gauges of one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gauges {
    values: [Histogram; Measure::COUNT],
    resting: bool,
    /// The first candidacy since a leader was elected.
    candidacy: Option<Nanos>,
    /// When the last leader crashed, and its term, until somebody hears the next one.
    crashed: Option<(Nanos, Term)>,
    /// Who has heard the next leader, until everybody has.
    succession: Option<Succession>,
    /// Since when clients wait without any answer.
    waiting_since: Option<Nanos>,
    /// From which time on waiting counts.
    patience: Nanos,
}

/// A leader that has crashed gives way to the next.
#[derive(Clone, Copy, Debug)]
struct Succession {
    /// When it crashed.
    since: Nanos,
    /// The term of the next leader.
    term: Term,
    /// The next leader and those who have heard it, as bits.
    heard: u64,
}

impl Gauges {
    /// Forgets all values and keeps the space. Waiting counts when it takes more than `patience`.
    pub(crate) fn reset(&mut self, patience: Nanos) {
        let mut values = std::mem::take(&mut self.values);
        values.iter_mut().for_each(Histogram::clear);
        *self = Self { values, patience, ..Self::default() };
    }

    /// The values of a measure.
    pub(crate) fn of(&self, measure: Measure) -> &Histogram {
        &self.values[measure as usize]
    }

    /// The time of faults is over after so many answers.
    pub(crate) fn rest(&mut self, now: Nanos, answers: u64) {
        self.waited(now);
        let per_second = (u128::from(answers) * 1_000_000_000).checked_div(u128::from(now));
        self.add(Measure::Throughput, per_second.unwrap_or(0) as u64);
        self.resting = true;
    }

    /// A node has a new role.
    pub(crate) fn became(&mut self, role: Role, now: Nanos) {
        match role {
            Role::Follower => {}
            Role::Candidate => {
                self.candidacy.get_or_insert(now);
            }
            Role::Leader => {
                if let Some(since) = self.candidacy.take() {
                    self.add(Measure::ElectionTime, now - since);
                }
            }
        }
    }

    /// The leader of `term` crashed.
    pub(crate) fn leader_crashed(&mut self, term: Term, now: Nanos) {
        if self.crashed.is_none_or(|(_, earlier)| term > earlier) {
            self.crashed = Some((now, term));
        }
    }

    /// A node has received a message from another; `live` tells which nodes are up, as bits.
    #[inline]
    pub(crate) fn received(
        &mut self,
        brief: &Brief,
        (from, to): (NodeId, NodeId),
        now: Nanos,
        live: impl FnOnce() -> u64,
    ) {
        if brief.kind != Kind::AppendEntries {
            return;
        }
        if let Some((since, term)) = self.crashed.filter(|(_, term)| brief.term > *term) {
            self.crashed = None;
            self.add(Measure::FailoverTime, now - since);
            let since = self.succession.map_or(since, |begun| begun.since);
            self.succession = Some(Succession { since, term, heard: 0 });
        }
        if self.succession.is_some() {
            self.succeeds(brief.term, from.bit() | to.bit(), now, live);
        }
    }

    /// These two know of a leader of `term`, which is one of them.
    fn succeeds(&mut self, term: Term, these: u64, now: Nanos, live: impl FnOnce() -> u64) {
        let Some(succession) = self.succession.as_mut().filter(|begun| term >= begun.term) else { return };
        if term > succession.term {
            (succession.term, succession.heard) = (term, 0);
        }
        succession.heard |= these;
        let (since, heard) = (succession.since, succession.heard);
        if live() & !heard == 0 {
            self.succession = None;
            self.add(Measure::ReplacementTime, now - since);
        }
    }

    /// A client asks for something.
    #[inline]
    pub(crate) fn asked(&mut self, now: Nanos) {
        self.waiting_since.get_or_insert(now);
    }

    /// A client has the answer to what it asked for at `invoked`; so many others wait on.
    pub(crate) fn answered(&mut self, invoked: Nanos, waiting: u32, now: Nanos) {
        self.add(Measure::CommitLatency, now - invoked);
        self.waited(now);
        self.waiting_since = (waiting > 0).then_some(now);
    }

    fn waited(&mut self, now: Nanos) {
        if let Some(since) = self.waiting_since.filter(|since| now - since > self.patience) {
            self.add(Measure::Unavailability, now - since);
        }
    }

    fn add(&mut self, measure: Measure, value: u64) {
        if !self.resting {
            self.values[measure as usize].add(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gauges() -> Gauges {
        let mut gauges = Gauges::default();
        gauges.reset(150);
        gauges
    }

    /// A node hears n1, which leads `term`, while n1 to n4 are up.
    fn hears(gauges: &mut Gauges, kind: Kind, term: Term, to: u8, now: Nanos) {
        let brief = Brief { kind, term, ..Brief::default() };
        gauges.received(&brief, (NodeId(0), NodeId(to)), now, || 0b1111);
    }

    fn values(gauges: &Gauges, measure: Measure) -> (u64, Option<u64>) {
        (gauges.of(measure).count(), gauges.of(measure).greatest())
    }

    #[test]
    fn an_election_takes_from_the_first_candidacy_to_the_leader() {
        let mut gauges = gauges();
        gauges.became(Role::Candidate, 10);
        gauges.became(Role::Candidate, 25);
        gauges.became(Role::Leader, 40);
        gauges.became(Role::Leader, 90);
        assert_eq!(values(&gauges, Measure::ElectionTime), (1, Some(30)));
    }

    #[test]
    fn a_failover_takes_until_a_later_leader_is_heard() {
        let mut gauges = gauges();
        gauges.leader_crashed(3, 100);
        for (kind, term, now) in [
            (Kind::AppendEntries, 3, 110),
            (Kind::RequestVote, 4, 120),
            (Kind::AppendEntries, 4, 130),
            (Kind::AppendEntries, 4, 140),
        ] {
            hears(&mut gauges, kind, term, 1, now);
        }
        assert_eq!(values(&gauges, Measure::FailoverTime), (1, Some(30)));
    }

    #[test]
    fn an_older_leader_that_crashes_later_does_not_count() {
        let mut gauges = gauges();
        gauges.leader_crashed(3, 100);
        gauges.leader_crashed(2, 110);
        hears(&mut gauges, Kind::AppendEntries, 4, 1, 150);
        assert_eq!(values(&gauges, Measure::FailoverTime), (1, Some(50)));
    }

    #[test]
    fn a_replacement_takes_until_every_live_node_has_heard_one_later_leader() {
        let mut gauges = gauges();
        gauges.leader_crashed(3, 100);
        for (kind, term, to, now) in [
            (Kind::AppendEntries, 3, 1, 110),
            (Kind::AppendEntries, 4, 1, 120),
            (Kind::RequestVote, 5, 2, 130),
            (Kind::AppendEntries, 5, 2, 140),
            (Kind::AppendEntries, 4, 3, 150),
            (Kind::AppendEntries, 5, 3, 160),
        ] {
            hears(&mut gauges, kind, term, to, now);
            assert_eq!(values(&gauges, Measure::ReplacementTime), (0, None), "at {now}");
        }
        hears(&mut gauges, Kind::AppendEntries, 5, 1, 170);
        hears(&mut gauges, Kind::AppendEntries, 5, 1, 180);
        assert_eq!(values(&gauges, Measure::ReplacementTime), (1, Some(70)));
    }

    #[test]
    fn a_leader_that_crashes_before_everybody_has_heard_it_replaces_nobody() {
        let mut gauges = gauges();
        gauges.leader_crashed(3, 100);
        hears(&mut gauges, Kind::AppendEntries, 4, 1, 120);
        gauges.leader_crashed(4, 130);
        for (to, now) in [(1, 210), (2, 220), (3, 230)] {
            hears(&mut gauges, Kind::AppendEntries, 5, to, now);
        }
        assert_eq!(values(&gauges, Measure::ReplacementTime), (1, Some(130)));
        assert_eq!(values(&gauges, Measure::FailoverTime), (2, Some(80)));
    }

    #[test]
    fn only_long_waits_of_clients_are_unavailability() {
        let mut gauges = gauges();
        gauges.asked(0);
        gauges.answered(0, 1, 100);
        gauges.answered(0, 0, 400);
        gauges.asked(1_000);
        gauges.answered(1_000, 0, 1_010);
        assert_eq!(values(&gauges, Measure::Unavailability), (1, Some(300)));
        assert_eq!(values(&gauges, Measure::CommitLatency), (3, Some(400)));
    }

    #[test]
    fn nothing_is_measured_once_the_cluster_settles() {
        let mut gauges = gauges();
        gauges.asked(500_000_000);
        gauges.rest(2_000_000_000, 7);
        gauges.answered(500_000_000, 0, 3_000_000_000);
        assert_eq!(values(&gauges, Measure::Unavailability), (1, Some(1_500_000_000)));
        assert_eq!(values(&gauges, Measure::CommitLatency), (0, None));
        assert_eq!(values(&gauges, Measure::Throughput), (1, Some(3)));
    }
}
