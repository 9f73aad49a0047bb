//! Figure 2's rules about commitIndex, §5.3 and §5.4.2.

use crate::common::{Server, accepted, append, n, no_ops};

#[test]
fn an_entry_is_committed_when_a_majority_holds_it() {
    for (voters, acknowledgements, committed) in [
        (1, 0, true),
        (2, 0, false),
        (2, 1, true),
        (3, 1, true),
        (4, 1, false),
        (4, 2, true),
        (5, 1, false),
        (5, 2, true),
    ] {
        let mut leader = Server::leader(voters, &[]);
        for peer in 2..2 + acknowledgements {
            leader.receive(peer, accepted(1, 1));
        }
        let expected = u64::from(committed);
        assert_eq!(leader.node.commit_index(), expected, "{acknowledgements} of {voters}");
    }
}

#[test]
fn an_acknowledgement_that_arrives_twice_counts_once() {
    let mut leader = Server::leader(5, &[]);
    leader.receive(2, accepted(1, 1));
    leader.receive(2, accepted(1, 1));
    assert_eq!(leader.node.commit_index(), 0);
}

#[test]
fn a_committed_entry_is_applied_and_its_client_answered() {
    let mut leader = Server::leader(3, &[]);
    leader.receive(2, accepted(1, 1));
    assert_eq!(leader.did(), ["apply 1 1"]);
    leader.request("x").unwrap();
    leader.durable();
    leader.receive(2, accepted(1, 2));
    assert_eq!(leader.did(), ["apply 2 1:x", "reply 2 x"]);
}

#[test]
fn committing_an_entry_commits_all_before_it() {
    let mut leader = Server::leader(3, &[1, 1, 2]);
    leader.receive(2, accepted(3, 4));
    assert_eq!(leader.did(), ["apply 1 1", "apply 2 1", "apply 3 2", "apply 4 3"]);
}

#[test]
fn entries_of_earlier_terms_are_not_committed_by_counting() {
    let mut leader = Server::leader(3, &[1, 1, 2]);
    for peer in [2, 3] {
        leader.receive(peer, accepted(3, 3));
        assert_eq!(leader.node.commit_index(), 0, "everybody holds index 3, but it is of term 2");
    }
    leader.receive(2, accepted(3, 4));
    assert_eq!(leader.node.commit_index(), 4);
}

#[test]
fn a_leader_does_not_answer_clients_of_earlier_leaders() {
    let mut server = Server::with_log(3, &[]);
    let entry = whitewater_raft::Entry { term: 1, command: Some("old".to_owned()) };
    server.receive(2, append(1, (0, 0), &[entry], 0));
    server.timeout();
    server.receive(3, crate::common::vote(2, true));
    server.durable();
    server.receive(3, accepted(2, 2));
    assert_eq!(server.did(), ["apply 1 1:old", "apply 2 2"]);
}

#[test]
fn a_follower_learns_of_commitment_from_the_leader_and_answers_no_client() {
    let mut server = Server::with_log(3, &[]);
    let entries = [whitewater_raft::Entry { term: 1, command: Some("x".to_owned()) }];
    server.receive(2, append(1, (0, 0), &entries, 0));
    assert_eq!(server.node.commit_index(), 0);
    server.receive(2, append(1, (1, 1), &[], 1));
    assert_eq!(server.did(), ["set election (HeardLeader)", "apply 1 1:x", "-> n2 Accepted@1 match=1"]);
}

#[test]
fn a_follower_commits_no_further_than_the_last_entry_that_the_request_has_checked() {
    for (prev, new, leader_commit, expected) in [
        ((2, 1), vec![], 9, 2),
        ((1, 1), vec![1], 9, 2),
        ((0, 0), vec![], 9, 0),
        ((4, 1), vec![9], 9, 5),
        ((4, 1), vec![9], 3, 3),
        ((4, 1), vec![9, 9], 6, 6),
    ] {
        let mut server = Server::at_term(3, &[1, 1, 1, 1], 9);
        server.receive(2, append(9, prev, &no_ops(&new), leader_commit));
        assert_eq!(server.node.commit_index(), expected, "prev {prev:?}, {new:?}, leader {leader_commit}");
        assert_eq!(server.node.last_applied(), expected);
    }
}

#[test]
fn a_lower_leader_commit_takes_nothing_back() {
    let mut server = Server::at_term(3, &[1, 1, 1], 2);
    server.receive(2, append(2, (3, 1), &[], 3));
    server.receive(2, append(2, (3, 1), &[], 1));
    assert_eq!((server.node.commit_index(), server.node.last_applied()), (3, 3));
}

#[test]
fn a_rejected_request_commits_nothing() {
    let mut server = Server::at_term(3, &[1, 1, 1], 2);
    server.receive(2, append(2, (3, 2), &[], 3));
    assert_eq!(server.node.commit_index(), 0);
}

#[test]
fn the_commit_index_is_what_a_majority_holds_and_not_the_highest_acknowledgement() {
    let mut leader = Server::leader(5, &[]);
    for command in ["a", "b", "c"] {
        leader.request(command).unwrap();
        leader.durable();
    }
    leader.receive(2, accepted(1, 4));
    leader.receive(3, accepted(1, 2));
    assert_eq!(leader.node.commit_index(), 2);
    leader.receive(4, accepted(1, 3));
    assert_eq!(leader.node.commit_index(), 3);
}

#[test]
fn the_leaders_heartbeat_carries_its_commit_index() {
    let mut leader = Server::leader(3, &[]);
    leader.receive(2, accepted(1, 1));
    leader.heartbeat();
    assert_eq!(leader.sent()[0], "-> n2 AppendEntries@1 prev=1@1 [] commit=1");
    assert_eq!(leader.node.progress(n(2)).unwrap().match_index, 1);
}

#[test]
fn a_cluster_of_one_commits_as_soon_as_its_disk_has_written() {
    let mut server = Server::with_log(1, &[]);
    server.timeout();
    assert_eq!(server.node.commit_index(), 0);
    server.durable();
    assert_eq!(server.did(), ["apply 1 1"]);
    assert_eq!(server.request("x"), Ok(2));
    server.durable();
    assert_eq!(server.did(), ["apply 2 1:x", "reply 2 x"]);
}
