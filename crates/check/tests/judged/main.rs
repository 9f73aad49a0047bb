//! The checks against a slow, obvious judge on random small histories, legal and illegal.
//!
//! The judge keeps the whole history and compares everything with everything. It must agree with the checks
//! about which outcome property is violated first and at which event, and for every early property at which
//! event it is first violated. Legal histories must pass both.

mod cluster;
mod history;
mod judge;

use cluster::{Cluster, Flaw, Op};
use history::{Event, Verdict, replay};
use judge::{judge, named};
use proptest::prelude::*;
use whitewater_check::property::Property;

fn ops(most: usize) -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(any::<Op>(), 0..most)
}

/// The history of a cluster that goes through the ops, with at most one flaw; of one that takes snapshots, as far as
/// these name logs.
fn play(nodes: usize, compacts: bool, flaw: Option<Flaw>, ops: &[Op]) -> Vec<Event> {
    let mut cluster = Cluster::new(nodes, compacts, flaw);
    ops.iter().for_each(|&op| cluster.apply(op));
    named(nodes, &cluster.history).to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn legal_histories_pass_both(nodes in 1..6usize, compacts: bool, ops in ops(120)) {
        let history = play(nodes, compacts, None, &ops);
        prop_assert_eq!(judge(nodes, &history), Verdict::default());
        prop_assert_eq!(replay(nodes, &history), Verdict::default());
    }

    #[test]
    fn illegal_histories_are_judged_alike(
        nodes in 1..6usize,
        compacts: bool,
        flaw in prop::sample::select(&Flaw::ALL[..]),
        ops in ops(120),
    ) {
        let history = play(nodes, compacts, Some(flaw), &ops);
        prop_assert_eq!(judge(nodes, &history), replay(nodes, &history));
    }
}

/// A number between 0 and 255 after the other, the same ones every time.
fn draws() -> impl FnMut() -> u8 {
    let mut draw = 1u64;
    move || {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) as u8
    }
}

/// What a snapshot does to a node: stored with entries after it, or without; restored; recovered; in the place of a log
/// that was behind, or that conflicts.
fn snapshots_do(history: &[Event], nodes: usize) -> [usize; 6] {
    let mut did = [0; 6];
    let mut logs = vec![vec![]; nodes];
    for event in history {
        match event {
            Event::DiskSnapshot { tail, .. } => did[usize::from(tail.is_empty())] += 1,
            Event::Restored { .. } => did[2] += 1,
            Event::Start(_, state) => did[3] += usize::from(state.covered > 0),
            Event::Step(n, state) if state.changed == Some(state.covered + 1) => {
                let cut = !state.log.starts_with(&logs[*n]);
                did[4] += usize::from(state.covered > logs[*n].len());
                did[5] += usize::from(cut && state.log.len() == state.covered);
            }
            Event::Step(..)
            | Event::Crash(_)
            | Event::Sent { .. }
            | Event::Received { .. }
            | Event::HardState { .. }
            | Event::Disk { .. }
            | Event::Applied { .. } => {}
        }
        if let Event::Start(n, state) | Event::Step(n, state) = event {
            logs[*n].clone_from(&state.log);
        }
    }
    did
}

/// Histories in which a snapshot does nothing would tell nothing about snapshots: over fixed draws of legal ones it does
/// everything.
#[test]
fn everything_that_snapshots_do_shows() {
    let mut next = draws();
    let mut shown = [0; 6];
    for round in 0..400 {
        let nodes = 2 + round % 4;
        let ops: Vec<Op> = (0..200).map(|_| [next(), next(), next(), next()]).collect();
        let did = snapshots_do(&play(nodes, true, None, &ops), nodes);
        shown.iter_mut().zip(did).for_each(|(shown, did)| *shown += did);
    }
    assert!(shown.iter().all(|&times| times > 2), "{shown:?}");
}

/// A green comparison means nothing if nothing was violated: over fixed draws every property that needs no
/// client, no panic and no settle phase is violated, by the judge's word, and every flaw breaks something.
#[test]
fn every_property_and_every_flaw_shows() {
    let mut next = draws();
    let mut seen = vec![];
    for flaw in Flaw::ALL {
        let mut shown = 0;
        for round in 0..80 {
            let (nodes, compacts) = (2 + round % 4, round / 4 % 2 == 0);
            let ops: Vec<Op> = (0..200).map(|_| [next(), next(), next(), next()]).collect();
            let history = play(nodes, compacts, Some(flaw), &ops);
            let verdict = judge(nodes, &history);
            assert_eq!(verdict, replay(nodes, &history), "{flaw:?}, round {round}");
            shown += usize::from(verdict != Verdict::default());
            seen.extend(verdict.outcome.map(|(property, _)| property));
            seen.extend(verdict.early.iter().map(|&(property, _)| property));
        }
        assert!(shown > 0, "{flaw:?} never showed");
    }
    for property in Property::ALL {
        let elsewhere = [
            Property::AcknowledgedMeansKept,
            Property::Linearizability,
            Property::ExactlyOnce,
            Property::LogOrder,
            Property::Panicked,
            Property::Progress,
        ];
        let judged = !elsewhere.contains(&property);
        assert_eq!(seen.contains(&property), judged, "{property}");
    }
}
