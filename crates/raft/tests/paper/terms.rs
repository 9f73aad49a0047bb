//! §5.1: terms are a logical clock.

use whitewater_raft::{Role, Term};

use crate::common::{Server, accepted, append, ask, n, no_ops, rejected, vote};

const NEWER: Term = 7;

fn in_each_role() -> [Server; 3] {
    [Server::with_log(3, &[1]), Server::candidate(3, &[1]), Server::leader(3, &[1])]
}

#[test]
fn a_newer_term_in_a_request_makes_a_follower_of_any_role() {
    for mut server in in_each_role() {
        server.receive(2, append(NEWER, (0, 0), &[], 0));
        assert_eq!((server.node.role(), server.node.current_term()), (Role::Follower, NEWER));
        assert_eq!(server.node.leader_hint(), Some(n(2)));
    }
}

#[test]
fn a_newer_term_in_a_reply_makes_a_follower_of_any_role() {
    for reply in [vote(NEWER, false), accepted(NEWER, 1), rejected(NEWER, 1, 1, None)] {
        for mut server in in_each_role() {
            server.receive(2, reply);
            assert_eq!((server.node.role(), server.node.current_term()), (Role::Follower, NEWER));
            assert_eq!(server.node.voted_for(), None, "the vote of an old term binds nobody in a new one");
            assert_eq!(server.node.leader_hint(), None);
        }
    }
}

#[test]
fn a_newer_term_in_a_vote_request_makes_a_follower_even_if_the_vote_is_refused() {
    for mut server in in_each_role() {
        server.receive(2, ask(NEWER, 0, 0));
        assert_eq!((server.node.role(), server.node.current_term()), (Role::Follower, NEWER));
        assert_eq!(server.sent(), ["-> n2 Vote@7 refused"]);
    }
}

#[test]
fn an_append_entries_of_an_old_term_is_rejected_with_the_present_term() {
    for mut server in in_each_role() {
        let (role, term) = (server.node.role(), server.node.current_term());
        server.receive(2, append(term - 1, (1, 1), &no_ops(&[1]), 2));
        assert_eq!(server.sent().len(), 1);
        assert!(
            server.sent()[0].starts_with(&format!("-> n2 Rejected@{term} prev=1")),
            "{:?}",
            server.sent()
        );
        assert_eq!((server.node.role(), server.node.commit_index()), (role, 0));
    }
}

#[test]
fn a_vote_request_of_an_old_term_is_refused_with_the_present_term() {
    let mut server = Server::at_term(3, &[1], 5);
    server.receive(2, ask(4, 9, 4));
    assert_eq!(server.did(), ["-> n2 Vote@5 refused"]);
}

#[test]
fn replies_of_an_old_term_are_ignored() {
    let mut leader = Server::leader(3, &[1]);
    let term = leader.node.current_term();
    for reply in [accepted(term - 1, 2), rejected(term - 1, 1, 1, None), vote(term - 1, true)] {
        leader.receive(2, reply);
        assert!(leader.did().is_empty(), "{:?}", leader.did());
        assert_eq!(leader.node.progress(n(2)).unwrap().match_index, 0);
    }
}

#[test]
fn a_term_never_goes_down() {
    let mut server = Server::at_term(3, &[], 5);
    for message in [append(3, (0, 0), &[], 0), ask(4, 1, 4), vote(2, true), accepted(1, 1)] {
        server.receive(2, message);
        assert_eq!(server.node.current_term(), 5);
    }
}
