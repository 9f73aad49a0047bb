//! A system under test may report anything: nothing it says may stop the checks or fill the memory.

use crate::bench::{Bench, Fake, acknowledge, append, entries, entry, granted, request, texts};
use whitewater_check::checks::State;
use whitewater_check::finding::{Fact, Finding};
use whitewater_check::observe::{Brief, Kind, Look, Observe, Progress, Role};
use whitewater_check::operation::Operation;
use whitewater_check::property::Property;
use whitewater_check::types::{At, Entry, Index, NodeId, Term};

#[test]
fn a_last_index_beyond_belief_is_found_and_not_followed() {
    for last in [1 << 23, 1 << 60, Index::MAX] {
        for changed in [None, Some(0), Some(1), Some(last)] {
            let mut bench = Bench::new(3);
            (bench.fake(1).claimed_last, bench.fake(1).changed) = (Some(last), changed);
            bench.step(1);
            let finding = bench.assert_found(Property::Monotonicity);
            assert_eq!(
                texts(finding)[1],
                format!("n1 reports a last index of {last}: too far to be believed")
            );
            bench.audit();
        }
    }
}

#[test]
fn a_node_that_comes_to_its_senses_is_followed_again() {
    let mut bench = Bench::new(3);
    bench.fake(1).claimed_last = Some(1 << 60);
    bench.step(1);
    bench.fake(1).claimed_last = None;
    bench.log(1, 1, &[(1, 1), (1, 2)]);
    bench.log(2, 1, &[(1, 1), (1, 3)]);
    bench.assert_found(Property::LogMatching);
}

#[test]
fn a_commit_index_beyond_the_log_is_found_and_not_followed() {
    let mut bench = Bench::new(3);
    for n in [1, 2] {
        bench.log_durably(n, 1, &[(1, 1)]);
    }
    bench.commit(1, Index::MAX);
    bench.assert_only(Property::Monotonicity);
    bench.commit(2, 1);
    bench.elect(2, 5, &[3]);
    bench.audit();
    bench.assert_only(Property::Monotonicity);
}

#[test]
fn indexes_of_nowhere_are_findings() {
    for index in [0, 2, 1 << 60, Index::MAX] {
        let mut bench = Bench::new(3);
        bench.apply(1, index, 1, 1);
        bench.apply(1, index, 1, 1);
        bench.apply(2, 1, 1, 1);
        bench.assert_only(Property::StateMachineSafety);
    }
    let mut bench = Bench::new(3);
    bench.disk(1, 1, None);
    bench.send(1, 2, acknowledge(1, Index::MAX));
    bench.step(1);
    bench.assert_only(Property::PersistBeforeSend);
}

#[test]
fn a_disk_suffix_that_is_no_log_is_not_taken() {
    let mut bench = Bench::new(1);
    for from in [0, 2, Index::MAX] {
        bench.disk_log(1, from, &entries(&[(1, 1)]));
    }
    bench.log(1, 1, &[(1, 1)]);
    bench.commit(1, 1);
    bench.assert_only(Property::CommitDurability);
}

#[test]
fn terms_at_the_end_of_the_world() {
    let mut bench = Bench::new(3);
    bench.elect(1, Term::MAX, &[2]);
    bench.elect(2, 1 << 63, &[3]);
    bench.log(1, 1, &[(Term::MAX, 1)]);
    bench.log(1, 2, &[(0, 2)]);
    bench.commit(1, 1);
    for term in (0..500).map(|i| Term::MAX - i * 7) {
        bench.send(3, 1, request(term));
        bench.send(3, 1, granted(term, true));
        bench.role(3, Role::Leader, term);
    }
    bench.audit();
    bench.assert_found(Property::TermsGoUp);
}

#[test]
fn nodes_that_do_not_exist_are_passed_over() {
    let mut bench = Bench::new(3);
    for stranger in [4, 64, 65, 200, 255] {
        bench.disk(1, 7, Some(stranger));
        bench.send(1, stranger, granted(7, true));
        bench.send(1, stranger, granted(7, false));
        bench.send(1, stranger, append(7, Index::MAX, u32::MAX));
        bench.receive(1, stranger, acknowledge(7, 1));
    }
    bench.role(1, Role::Leader, 7);
    bench.assert_found(Property::OneVoteATerm);
}

/// A replica whose every number is a bit pattern.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let word = self.0 >> 33 ^ self.0;
        match word % 5 {
            0 => u64::MAX - word % 3,
            1 => 1 << (word % 64),
            _ => word % 4,
        }
    }
}

impl Observe for Noise {
    fn look(&self) -> Look {
        let mut noise = Self(self.0);
        Look {
            role: [Role::Follower, Role::Candidate, Role::Leader][(noise.next() % 3) as usize],
            term: noise.next(),
            commit_index: noise.next(),
            last_applied: noise.next(),
            last_index: noise.next() & !(0xffff << 8),
            changed_from: Some(noise.next()).filter(|from| from % 2 == 0),
        }
    }

    fn entry(&self, index: Index) -> Entry {
        entry(Self(self.0 ^ index).next(), 1 + index % 3)
    }

    fn snapshot(&self) -> (Index, Term) {
        let mut noise = Self(self.0 ^ 1);
        (noise.next(), noise.next())
    }

    fn seen(&mut self) {
        self.next();
    }

    fn progress(&self, peer: NodeId) -> Option<Progress> {
        let mut noise = Self(self.0 ^ u64::from(peer.0));
        Some(Progress { match_index: noise.next(), next_index: noise.next() })
    }
}

const KINDS: [Kind; 5] = [
    Kind::RequestVote,
    Kind::RequestVoteReply,
    Kind::AppendEntries,
    Kind::AppendEntriesReply,
    Kind::InstallSnapshot,
];

#[test]
fn noise_never_stops_the_checks() {
    let mut bench = Bench::cold(5);
    let mut noise = Noise(1);
    for _ in 0..20_000 {
        let n = (noise.next() % 5) as u8 + 1;
        let at = bench.at(n);
        let peer = NodeId(noise.next() as u8);
        let brief = Brief {
            kind: KINDS[(noise.next() % 5) as usize],
            term: noise.next(),
            granted: Some(noise.next().is_multiple_of(2)),
            acknowledged: Some(noise.next()),
            commit_index: Some(noise.next()),
            prev_log_index: noise.next(),
            entries: noise.next() as u32,
        };
        let suffix = [noise.entry(1), noise.entry(2)];
        match noise.next() % 18 {
            0 => bench.checks.started(at, &noise),
            1 => bench.checks.crashed(at),
            2 => bench.checks.durable(at, Some((noise.next(), Some(peer))), Some((noise.next(), &suffix))),
            3 => bench.checks.applied(at, noise.next(), suffix[0].command, noise.next(), noise.next()),
            5 => bench.checks.answered(at, suffix[1].command.unwrap(), noise.next(), Some(noise.next())),
            6 => bench.checks.wiped(at),
            7 => drop(bench.ask(1, Operation::Append { key: noise.next() as u32, value: noise.next() })),
            4 => bench.checks.audit(at, &[(NodeId(0), &noise), (NodeId(1), &noise)]),
            8..11 => bench.checks.sent(at, peer, &brief),
            11 => bench.checks.received(at, peer, &brief),
            12 => {
                let written = noise.next().is_multiple_of(2).then(|| (noise.next(), &suffix[..]));
                bench.checks.durable_snapshot(at, (noise.next(), noise.next()), written, &suffix);
            }
            13 => {
                bench.checks.restored(at, noise.next(), State { applied: noise.next(), hash: noise.next() })
            }
            _ => bench.checks.stepped(at, &noise),
        }
        noise.next();
    }
    assert!(bench.checks.findings().outcome().is_some());
    for early in bench.checks.findings().early() {
        assert!((1..=2).contains(&early.finding.facts.len()), "{early:?}");
    }
}

#[test]
fn a_reset_forgets_the_run_before() {
    let mut bench = Bench::new(5);
    bench.elect(1, 3, &[2]);
    bench.log(1, 1, &[(3, 1), (3, 2)]);
    bench.commit(1, 2);
    bench.send(1, 2, acknowledge(9, 9));
    bench.apply(1, 1, 1, 1);
    assert!(!bench.checks.findings().is_empty());
    let mut checks = std::mem::take(&mut bench.checks);
    checks.reset(3);
    let mut again = Bench::cold(3);
    again.checks = checks;
    (1..=3).for_each(|n| again.start(n));
    assert_eq!(again.checks.markers().iter().map(|(_, count)| count).sum::<u64>(), 0);
    assert!(!again.checks.observed(Property::ElectionSafety));
    again.elect(2, 3, &[3]);
    for n in [2, 3] {
        again.log_durably(n, 1, &[(3, 7)]);
    }
    again.commit(2, 1);
    again.apply(2, 1, 7, 7);
    again.audit();
    again.assert_clean();
}

#[test]
fn the_world_adds_findings_of_its_own() {
    let mut bench = Bench::new(1);
    let at = At { time: 5, step: 1, node: NodeId(0) };
    let facts = vec![Fact::new(at, "n1 panicked: index out of bounds")];
    bench.checks.report(Finding { property: Property::Panicked, at, facts });
    bench.assert_only(Property::Panicked);
}

#[test]
#[should_panic(expected = "64 voters")]
fn more_voters_than_a_set_can_hold_are_refused() {
    Bench::cold(64);
}

#[test]
fn a_cluster_of_the_largest_size_works() {
    let mut bench = Bench::new(63);
    let voters: Vec<u8> = (2..=63).collect();
    bench.elect(1, 1, &voters);
    bench.role(1, Role::Leader, 1);
    *bench.fake(63) = Fake { term: 1, ..Fake::default() };
    bench.step(63);
    bench.audit();
    bench.assert_clean();
}
