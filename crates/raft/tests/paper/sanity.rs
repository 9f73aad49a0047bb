//! A node believes its own disk and nobody's word: senseless messages do no harm.

use whitewater_raft::{BackUp, Config, Index, NodeId, Role, Rules, Stored, Term};

use crate::common::{Command, Server, accepted, append, ask, install, n, no_ops, rejected, snapshot, vote};

const FAR: Index = Index::MAX;
const HIGH: Term = 1 << 60;

#[test]
fn messages_of_strangers_are_ignored() {
    let mut server = Server::candidate(3, &[1]);
    let installs = install(HIGH, snapshot(9, 9, 9));
    for message in [vote(HIGH, true), ask(HIGH, 9, 9), append(HIGH, (0, 0), &[], 0), accepted(2, 1), installs]
    {
        server.receive(9, message);
        assert!(server.did().is_empty());
    }
    assert_eq!((server.node.role(), server.node.current_term()), (Role::Candidate, 2));
}

#[test]
fn messages_of_oneself_are_ignored() {
    let mut server = Server::candidate(3, &[1]);
    server.receive(1, vote(2, true));
    server.receive(1, append(2, (0, 0), &no_ops(&[2]), 1));
    server.receive(1, install(2, snapshot(9, 2, 9)));
    assert_eq!((server.node.role(), server.terms()), (Role::Candidate, vec![1]));
}

#[test]
fn an_append_beyond_the_end_leaves_no_gap() {
    for prev in [(2, 1), (3, 0), (FAR, 1), (FAR - 1, 0)] {
        let mut server = Server::with_log(3, &[1]);
        server.receive(2, append(1, prev, &no_ops(&[1, 1]), FAR));
        assert_eq!((server.terms(), server.node.commit_index()), (vec![1], 0));
    }
}

/// A table that trusts every leader; the node itself still keeps the log free of gaps.
#[test]
fn even_a_table_that_checks_nothing_leaves_no_gap() {
    let stored = Stored { entries: no_ops(&[1]), ..Stored::default() };
    let rules = Rules::<Command> { previous_matches: |_| true, ..Rules::PAPER };
    let mut server = Server::start(crate::common::config(1, 3), rules, stored);
    server.receive(2, append(1, (5, 1), &no_ops(&[1]), 0));
    assert_eq!(server.sent(), ["-> n2 Rejected@1 prev=5 conflict=2@-"]);
    server.receive(2, append(1, (1, 7), &no_ops(&[1]), 0));
    assert_eq!(server.sent(), ["-> n2 Accepted@1 match=2"]);
}

/// No rule of the paper cuts a leader's log; for a table that does, the book on the disk stays right.
#[test]
fn a_table_that_cuts_the_leaders_log_takes_back_what_is_durable() {
    let stored = Stored { entries: no_ops(&[0, 0, 0]), ..Stored::default() };
    let rules = Rules { back_up: |_| BackUp { next_index: 1, cut_log_to: Some(1) }, ..Rules::PAPER };
    let mut server = Server::start(crate::common::config(1, 3), rules, stored);
    server.timeout();
    server.receive(2, vote(1, true));
    server.receive(2, rejected(1, 3, 1, None));
    assert_eq!(server.did()[..2], ["write log[2..]=[]", "sync_async 1"]);
    assert_eq!((server.terms(), server.node.durable_index()), (vec![0], 1));
    assert!(server.durable(), "the no-op at 4 was written, and cut");
    assert_eq!(server.node.durable_index(), 1);
}

#[test]
fn an_acknowledgement_of_entries_that_do_not_exist_is_ignored() {
    for index in [3, FAR] {
        let mut leader = Server::leader(3, &[1]);
        leader.receive(2, accepted(2, index));
        assert!(leader.did().is_empty());
        assert_eq!((leader.node.commit_index(), leader.node.progress(n(2)).unwrap().match_index), (0, 0));
    }
}

#[test]
fn a_rejection_with_any_numbers_keeps_next_index_in_the_log() {
    for prev in [0, 1, 2, FAR] {
        for index in [0, 1, 5, FAR] {
            for term in [None, Some(0), Some(1), Some(HIGH)] {
                let mut leader = Server::leader(3, &[1, 1]);
                leader.receive(2, rejected(2, prev, index, term));
                let progress = *leader.node.progress(n(2)).unwrap();
                assert!((1..=4).contains(&progress.next_index), "{prev} {index} {term:?}: {progress:?}");
                leader.heartbeat();
                assert_eq!(leader.sent().len(), 2);
            }
        }
    }
}

#[test]
fn a_durable_report_that_nobody_asked_for_does_no_harm() {
    let mut server = Server::with_log(3, &[1]);
    server.step(|node, out| node.durable(1, out));
    assert!(server.did().is_empty());
    assert_eq!(server.node.durable_index(), 1);
}

#[test]
#[should_panic(expected = "n4 is not among the voters [NodeId(0), NodeId(1), NodeId(2)]")]
fn a_node_must_be_among_its_voters() {
    let config = Config { id: n(4), ..crate::common::config(1, 3) };
    let _ = Server::start(config, Rules::PAPER, Stored::default());
}

#[test]
fn voters_may_be_named_in_any_order_and_twice() {
    let voters = vec![NodeId(2), NodeId(0), NodeId(1), NodeId(0)];
    let config = Config { voters, ..crate::common::config(1, 3) };
    let mut server = Server::start(config, Rules::PAPER, Stored::default());
    server.timeout();
    assert_eq!(server.sent(), ["-> n2 RequestVote@1 last=0@0", "-> n3 RequestVote@1 last=0@0"]);
    server.receive(3, vote(1, true));
    assert_eq!(server.node.role(), Role::Leader);
}
