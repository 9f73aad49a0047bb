//! Predicates: what they say of a cluster, what they look like, and what is refused where.

use proptest::prelude::*;
use whitewater_check::observe::Role;
use whitewater_check::types::NodeId;
use whitewater_sim::predicate::{ClusterView, Compare, Field, Group, NodeView, Predicate};

const MARKERS: [&str; 3] = ["truncated", "split_vote", "commits"];

struct Cluster {
    nodes: Vec<NodeView>,
    equal: bool,
    markers: [u64; 3],
}

impl ClusterView for Cluster {
    fn nodes(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, slot: usize) -> NodeView {
        self.nodes[slot]
    }

    fn logs_equal(&self) -> bool {
        self.equal
    }

    fn marker(&self, index: usize) -> u64 {
        self.markers[index]
    }
}

/// n1 leads term 5, n2 follows behind, n3 is a candidate of term 6, n4 led term 9 and is down.
fn cluster() -> Cluster {
    let node = |up, role, term, commit_index| NodeView {
        up,
        role,
        term,
        commit_index,
        last_applied: commit_index - 1,
        last_index: commit_index + 1,
    };
    let nodes = vec![
        node(true, Role::Leader, 5, 10),
        node(true, Role::Follower, 5, 8),
        node(true, Role::Candidate, 6, 7),
        node(false, Role::Leader, 9, 20),
    ];
    Cluster { nodes, equal: false, markers: [2, 0, 1] }
}

fn parsed(text: &str) -> Predicate {
    Predicate::parse(text, &MARKERS).unwrap_or_else(|mistake| panic!("{text}: {mistake}"))
}

#[test]
fn facts_hold_or_not() {
    let table = [
        ("leader elected", true),
        ("logs equal", false),
        ("truncated", true),
        ("split_vote", false),
        ("count(leaders) == 1", true),
        ("count(candidates) == 1", true),
        ("count(followers) >= 2", false),
        ("count(up) < 4", true),
        ("count(up) < 3", false),
        ("count(down) == 1", true),
        ("term > 5", true),
        ("term > 6", false),
        ("term == 6", true),
        ("commit >= 10", true),
        ("commit >= 11", false),
        ("applied == 9", true),
        ("last <= 11", true),
        ("n2.commit == 8", true),
        ("n2.commit != 8", false),
        ("n2.applied == 7", true),
        ("n2.last == 9", true),
        ("n3.term == 6", true),
        ("n1.role == leader", true),
        ("n1.role != leader", false),
        ("n3.role == candidate", true),
        ("n2.role != leader", true),
        ("n4.role == leader", false),
        ("n4.role != follower", false),
        ("n4.commit == 20", false),
        ("n4.commit != 0", false),
        ("n9.term >= 0", false),
    ];
    for (text, expected) in table {
        assert_eq!(parsed(text).holds(&cluster()), expected, "{text}");
    }
}

#[test]
fn an_empty_cluster_has_nothing() {
    let empty = Cluster { nodes: Vec::new(), equal: true, markers: [0; 3] };
    for (text, expected) in [("leader elected", false), ("term == 0", true), ("n1.term == 0", false)] {
        assert_eq!(parsed(text).holds(&empty), expected, "{text}");
    }
}

#[test]
fn joined_predicates_follow_the_truth_tables() {
    let (yes, no) = ("leader elected", "logs equal");
    let table =
        [(no, no, false, false), (no, yes, false, true), (yes, no, false, true), (yes, yes, true, true)];
    for (a, b, both, either) in table {
        assert_eq!(parsed(&format!("{a} and {b}")).holds(&cluster()), both);
        assert_eq!(parsed(&format!("{a} or {b}")).holds(&cluster()), either);
        assert_eq!(parsed(&format!("not ({a} and {b})")).holds(&cluster()), !both);
        assert_eq!(parsed(&format!("not {a} or not {b}")).holds(&cluster()), !both);
    }
}

#[test]
fn and_binds_closer_than_or_and_not_closest() {
    let (yes, no) = ("leader elected", "logs equal");
    assert!(parsed(&format!("{yes} or {yes} and {no}")).holds(&cluster()));
    assert!(!parsed(&format!("({yes} or {yes}) and {no}")).holds(&cluster()));
    assert!(!parsed(&format!("not {yes} and {no}")).holds(&cluster()));
    assert!(parsed(&format!("not ({yes} and {no})")).holds(&cluster()));
    assert!(parsed(&format!("not not {yes}")).holds(&cluster()));
}

#[test]
fn what_is_shown_is_evenly_spaced() {
    let table = [
        ("n3.commit>=10", "n3.commit >= 10"),
        (
            " leader   elected and(logs equal or not truncated)",
            "leader elected and (logs equal or not truncated)",
        ),
        ("((term>5))", "term > 5"),
        ("not(count( up )<3)", "not count(up) < 3"),
    ];
    for (text, shown) in table {
        assert_eq!(parsed(text).to_string(), shown);
    }
}

#[test]
fn the_highest_node_that_is_named_is_known() {
    assert_eq!(
        parsed("n2.term > 1 and (n7.role == leader or not n3.last > 2)").highest_node(),
        Some(NodeId(6))
    );
    assert_eq!(parsed("leader elected or truncated").highest_node(), None);
}

#[test]
fn wrong_texts_are_refused_at_their_place() {
    let long = "term > 5 or ".repeat(100) + "term > 5";
    let deep = "(".repeat(33) + "term > 5";
    let table = [
        ("", 0, "expected a predicate, found the end"),
        ("leader", 6, "expected `elected`, found the end"),
        ("leader electd", 7, "expected `elected`"),
        ("logs eqal", 5, "expected `equal`"),
        ("truncatd", 0, "name of a marker"),
        ("term", 4, "a comparison"),
        ("term 5", 5, "a comparison"),
        ("term => 5", 5, "a comparison"),
        ("term > ", 7, "whole number"),
        ("term > five", 7, "whole number"),
        ("term > 1.5", 7, "whole number"),
        ("term > 99999999999999999999", 7, "whole number"),
        ("term > -1", 7, "whole number"),
        ("count(leader) > 1", 6, "a group of nodes"),
        ("count leaders > 1", 6, "expected `(`"),
        ("count(leaders > 1", 14, "expected `)`"),
        ("n3", 2, "expected `.`"),
        ("n0.term > 1", 0, "n1 to n63"),
        ("n64.term > 1", 0, "n1 to n63"),
        ("n3.comit >= 10", 3, "expected role, term, commit, applied or last"),
        ("n3.role > leader", 8, "`==` or `!=`"),
        ("n3.role == king", 11, "a role"),
        ("leader elected logs equal", 15, "expected `and`, `or` or the end"),
        ("leader elected and", 18, "expected a predicate, found the end"),
        ("(leader elected", 15, "expected `)`"),
        ("leader elected)", 14, "expected `and`, `or` or the end"),
        ("term > 5 && term < 9", 9, "expected `and`"),
        ("é", 0, "found `é`"),
        (long.as_str(), 0, "at most 1000 bytes"),
        (deep.as_str(), 32, "at most 32 deep"),
    ];
    for (text, at, word) in table {
        let mistake = Predicate::parse(text, &MARKERS).expect_err(text);
        assert_eq!(mistake.at, at, "{text}: {mistake}");
        assert!(mistake.message.contains(word), "{text}: {mistake}");
    }
}

#[test]
fn near_misses_are_guessed() {
    let table = [
        ("leader electd", "elected"),
        ("truncatd", "truncated"),
        ("splitvote", "split_vote"),
        ("n3.comit >= 10", "commit"),
        ("count(leader) > 1", "leaders"),
        ("n1.role == leadr", "leader"),
        ("trem > 5", "term"),
    ];
    for (text, meant) in table {
        let mistake = Predicate::parse(text, &MARKERS).expect_err(text);
        assert_eq!(mistake.help, Some(format!("did you mean `{meant}`?")), "{text}");
    }
    assert_eq!(Predicate::parse("bananas", &MARKERS).expect_err("bananas").help, None);
}

fn any_fact() -> impl Strategy<Value = Predicate> {
    let compare = || {
        use Compare::{Above, AtLeast, AtMost, Below, Equal, NotEqual};
        prop::sample::select(vec![Equal, NotEqual, AtLeast, AtMost, Above, Below])
    };
    let field = || prop::sample::select(vec![Field::Term, Field::Commit, Field::Applied, Field::Last]);
    let group = vec![Group::Leaders, Group::Candidates, Group::Followers, Group::Up, Group::Down];
    let role = || prop::sample::select(vec![Role::Leader, Role::Candidate, Role::Follower]);
    let node = || (0..63_u8).prop_map(NodeId);
    prop_oneof![
        Just(Predicate::LeaderElected),
        Just(Predicate::LogsEqual),
        (0..MARKERS.len()).prop_map(|index| Predicate::Marker { index, name: MARKERS[index] }),
        (prop::sample::select(group), compare(), any::<u64>())
            .prop_map(|(a, b, c)| Predicate::Count(a, b, c)),
        (field(), compare(), any::<u64>()).prop_map(|(a, b, c)| Predicate::Highest(a, b, c)),
        (node(), field(), compare(), any::<u64>()).prop_map(|(a, b, c, d)| Predicate::OfNode(a, b, c, d)),
        (node(), role()).prop_map(|(a, b)| Predicate::Plays(a, b)),
        (node(), role()).prop_map(|(a, b)| Predicate::PlaysNot(a, b)),
    ]
}

fn any_predicate() -> impl Strategy<Value = Predicate> {
    any_fact().prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| Predicate::Not(Box::new(one))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Predicate::All),
            prop::collection::vec(inner, 2..4).prop_map(Predicate::Any),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_shown_reads_back(predicate in any_predicate()) {
        let text = predicate.to_string();
        prop_assume!(text.len() <= 1_000);
        prop_assert_eq!(Predicate::parse(&text, &MARKERS), Ok(predicate));
    }

    #[test]
    fn no_text_makes_it_panic(text in "(leader|elected|n3|not|and|or|count|term|[().<>=! é0-9]){0,30}") {
        if let Err(mistake) = Predicate::parse(&text, &MARKERS) {
            prop_assert!(mistake.at <= text.len() && mistake.width > 0);
        }
    }
}
