//! The checks against a slow, obvious judge on random small histories, legal and illegal.
//!
//! The judge keeps the whole history and compares everything with everything. It must agree with the checks
//! about which outcome property is violated first and at which event, and for every early property at which
//! event it is first violated. Legal histories must pass both.

mod cluster;
mod history;
mod judge;

use cluster::{Cluster, Flaw, Op};
use history::{Verdict, replay};
use judge::judge;
use proptest::prelude::*;
use whitewater_check::property::Property;

fn ops(most: usize) -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(any::<Op>(), 0..most)
}

/// The history of a cluster that goes through the ops, with at most one flaw.
fn play(nodes: usize, flaw: Option<Flaw>, ops: &[Op]) -> Vec<history::Event> {
    let mut cluster = Cluster::new(nodes, flaw);
    ops.iter().for_each(|&op| cluster.apply(op));
    cluster.history
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn legal_histories_pass_both(nodes in 1..6usize, ops in ops(120)) {
        let history = play(nodes, None, &ops);
        prop_assert_eq!(judge(nodes, &history), Verdict::default());
        prop_assert_eq!(replay(nodes, &history), Verdict::default());
    }

    #[test]
    fn illegal_histories_are_judged_alike(
        nodes in 1..6usize,
        flaw in prop::sample::select(&Flaw::ALL[..]),
        ops in ops(120),
    ) {
        let history = play(nodes, Some(flaw), &ops);
        prop_assert_eq!(judge(nodes, &history), replay(nodes, &history));
    }
}

/// A green comparison means nothing if nothing was violated: over fixed draws every property that needs no
/// client, no panic and no settle phase is violated, by the judge's word, and every flaw breaks something.
#[test]
fn every_property_and_every_flaw_shows() {
    let mut draw = 1u64;
    let mut next = || {
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (draw >> 33) as u8
    };
    let mut seen = vec![];
    for flaw in Flaw::ALL {
        let mut shown = 0;
        for round in 0..80 {
            let nodes = 2 + round % 4;
            let ops: Vec<Op> = (0..200).map(|_| [next(), next(), next(), next()]).collect();
            let history = play(nodes, Some(flaw), &ops);
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
