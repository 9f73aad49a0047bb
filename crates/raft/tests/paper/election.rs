//! §5.2 and §5.4.1: how a leader is elected, and who cannot be.

use whitewater_raft::{Index, Refused, Role, Term};

use crate::common::{Server, append, ask, n, no_ops, vote};

#[test]
fn a_server_starts_as_a_follower_and_waits_for_a_leader() {
    let server = Server::with_log(3, &[]);
    assert_eq!((server.node.role(), server.node.current_term()), (Role::Follower, 0));
    assert_eq!(server.did(), ["set election (Started)"]);
}

#[test]
fn a_follower_that_hears_nobody_raises_its_term_votes_for_itself_and_asks_all_others() {
    let mut server = Server::with_log(5, &[1, 2]);
    server.timeout();
    assert_eq!((server.node.role(), server.node.current_term()), (Role::Candidate, 3));
    assert_eq!(server.node.voted_for(), Some(n(1)));
    let expected = [2, 3, 4, 5].map(|peer| format!("-> n{peer} RequestVote@3 last=2@2"));
    assert_eq!(server.sent(), expected);
}

#[test]
fn a_candidate_that_wins_nothing_starts_another_election_in_a_new_term() {
    let mut server = Server::candidate(3, &[]);
    server.receive(2, vote(1, false));
    server.timeout();
    assert_eq!((server.node.role(), server.node.current_term()), (Role::Candidate, 2));
    assert_eq!(server.sent(), ["-> n2 RequestVote@2 last=0@0", "-> n3 RequestVote@2 last=0@0"]);
}

#[test]
fn a_candidate_sets_a_fresh_timer_for_each_election() {
    let mut server = Server::with_log(3, &[]);
    for _ in 0..3 {
        server.timeout();
        assert!(server.did().contains(&"set election (Campaigning)".to_owned()), "{:?}", server.did());
    }
}

#[test]
fn votes_of_a_majority_make_a_leader_and_fewer_do_not() {
    for (voters, grants, expected) in [
        (1, 0, Role::Leader),
        (2, 0, Role::Candidate),
        (2, 1, Role::Leader),
        (3, 0, Role::Candidate),
        (3, 1, Role::Leader),
        (3, 2, Role::Leader),
        (4, 1, Role::Candidate),
        (4, 2, Role::Leader),
        (5, 1, Role::Candidate),
        (5, 2, Role::Leader),
        (5, 4, Role::Leader),
    ] {
        let mut server = Server::candidate(voters, &[]);
        for voter in 2..2 + grants {
            server.receive(voter, vote(1, true));
        }
        assert_eq!(server.node.role(), expected, "{grants} votes of others among {voters}");
    }
}

#[test]
fn refusals_are_not_votes_however_many_there_are() {
    let mut server = Server::candidate(5, &[]);
    for voter in 2..=5 {
        server.receive(voter, vote(1, false));
    }
    assert_eq!(server.node.role(), Role::Candidate);
}

#[test]
fn a_vote_that_arrives_twice_counts_once() {
    let mut server = Server::candidate(5, &[]);
    server.receive(2, vote(1, true));
    server.receive(2, vote(1, true));
    assert_eq!(server.node.role(), Role::Candidate);
    server.receive(3, vote(1, true));
    assert_eq!(server.node.role(), Role::Leader);
}

#[test]
fn a_vote_of_an_earlier_term_does_not_count() {
    let mut server = Server::candidate(3, &[]);
    server.timeout();
    server.receive(2, vote(1, true));
    assert_eq!((server.node.role(), server.node.current_term()), (Role::Candidate, 2));
}

#[test]
fn votes_of_an_earlier_candidacy_are_not_carried_over() {
    let mut server = Server::candidate(5, &[]);
    server.receive(2, vote(1, true));
    server.timeout();
    server.receive(3, vote(2, true));
    assert_eq!(server.node.role(), Role::Candidate);
}

#[test]
fn a_new_leader_heartbeats_at_once_and_stops_waiting_for_an_election() {
    let mut server = Server::candidate(3, &[]);
    server.receive(3, vote(1, true));
    let expected = [
        "cancel election",
        "write log[1..]=[1]",
        "sync_async 1",
        "-> n2 AppendEntries@1 prev=0@0 [1] commit=0",
        "-> n3 AppendEntries@1 prev=0@0 [1] commit=0",
        "set heartbeat (Leading)",
    ];
    assert_eq!(server.did(), expected);
}

#[test]
fn a_leader_heartbeats_whenever_its_timer_runs_out() {
    let mut leader = Server::leader(3, &[]);
    for _ in 0..2 {
        leader.heartbeat();
        let to: Vec<String> = leader.sent().iter().map(|sent| sent[..5].to_owned()).collect();
        assert_eq!(to, ["-> n2", "-> n3"]);
        assert_eq!(leader.did().last().unwrap(), "set heartbeat (Leading)");
    }
}

#[test]
fn a_follower_votes_first_come_first_served_and_once_a_term() {
    for (vote_of, candidate, granted) in [
        (None, 2, true),
        (None, 3, true),
        (Some(2), 2, true),
        (Some(3), 3, true),
        (Some(2), 3, false),
        (Some(3), 2, false),
    ] {
        let mut server = Server::at_term(3, &[], 1);
        if let Some(earlier) = vote_of {
            server.receive(earlier, ask(1, 0, 0));
        }
        server.receive(candidate, ask(1, 0, 0));
        let answer = if granted { "granted" } else { "refused" };
        assert_eq!(server.sent(), [format!("-> n{candidate} Vote@1 {answer}")], "after {vote_of:?}");
    }
}

#[test]
fn a_candidate_does_not_vote_for_a_rival_of_its_term() {
    let mut server = Server::candidate(3, &[]);
    server.receive(2, ask(1, 9, 1));
    assert_eq!(server.did(), ["-> n2 Vote@1 refused"]);
}

#[test]
fn a_leader_does_not_vote_for_a_rival_of_its_term() {
    let mut server = Server::leader(3, &[]);
    server.receive(2, ask(1, 9, 1));
    assert_eq!(server.did(), ["-> n2 Vote@1 refused"]);
}

/// The voter's log ends at `own`, the candidate's at `other`, both as (term, index).
#[test]
fn a_vote_is_granted_to_a_log_at_least_as_up_to_date_and_to_no_other() {
    let ends: Vec<(Term, Index)> = (1..=3).flat_map(|term| (1..=3).map(move |index| (term, index))).collect();
    for own in &ends {
        for other in &ends {
            let terms = vec![own.0; usize::try_from(own.1).unwrap()];
            let mut server = Server::at_term(3, &terms, 4);
            server.receive(2, ask(5, other.1, other.0));
            let answer = if other >= own { "granted" } else { "refused" };
            assert_eq!(server.sent(), [format!("-> n2 Vote@5 {answer}")], "own {own:?}, candidate {other:?}");
        }
    }
}

#[test]
fn a_log_with_a_later_term_beats_a_longer_one() {
    let mut server = Server::with_log(3, &[1, 1, 1, 1]);
    server.receive(2, ask(3, 1, 2));
    assert_eq!(server.node.voted_for(), Some(n(2)));
}

#[test]
fn a_candidate_that_hears_from_the_leader_of_its_term_gives_way() {
    let mut server = Server::candidate(3, &[]);
    server.receive(2, append(1, (0, 0), &[], 0));
    assert_eq!((server.node.role(), server.node.current_term()), (Role::Follower, 1));
    assert_eq!(server.node.leader_hint(), Some(n(2)));
}

#[test]
fn a_candidate_that_gives_way_still_remembers_its_vote() {
    let mut server = Server::candidate(3, &[]);
    server.receive(2, append(1, (0, 0), &[], 0));
    server.receive(3, ask(1, 9, 1));
    assert_eq!(server.sent(), ["-> n3 Vote@1 refused"]);
}

#[test]
fn hearing_from_the_leader_puts_off_the_next_election_even_if_the_log_does_not_fit() {
    let mut server = Server::at_term(3, &[1], 2);
    server.receive(2, append(2, (5, 2), &[], 0));
    assert_eq!(server.did()[0], "set election (HeardLeader)");
    server.receive(2, append(2, (1, 1), &no_ops(&[2]), 0));
    assert_eq!(server.did()[0], "set election (HeardLeader)");
}

#[test]
fn granting_a_vote_puts_off_the_next_election() {
    let mut server = Server::with_log(3, &[]);
    server.receive(2, ask(1, 0, 0));
    assert_eq!(server.did().last().unwrap(), "set election (GrantedVote)");
}

#[test]
fn refusing_a_vote_does_not_put_off_the_next_election() {
    let mut server = Server::with_log(3, &[2]);
    server.receive(2, ask(3, 9, 1));
    assert!(!server.did().iter().any(|effect| effect.starts_with("set")), "{:?}", server.did());
}

#[test]
fn a_stale_leader_does_not_put_off_the_next_election() {
    let mut server = Server::at_term(3, &[], 5);
    server.receive(2, append(4, (0, 0), &[], 0));
    assert!(!server.did().iter().any(|effect| effect.starts_with("set")), "{:?}", server.did());
}

#[test]
fn a_leader_that_steps_down_waits_for_an_election_again() {
    let mut leader = Server::leader(3, &[]);
    leader.receive(2, ask(9, 0, 0));
    assert_eq!(leader.did()[..2], ["cancel heartbeat", "set election (SteppedDown)"]);
    leader.heartbeat();
    assert!(leader.did().is_empty(), "only a leader heartbeats");
}

#[test]
fn a_leader_has_no_election_timeout() {
    let mut leader = Server::leader(3, &[]);
    leader.timeout();
    assert!(leader.did().is_empty());
    assert_eq!((leader.node.role(), leader.node.current_term()), (Role::Leader, 1));
}

#[test]
fn a_late_vote_changes_nothing_for_a_leader() {
    let mut leader = Server::leader(5, &[]);
    leader.receive(5, vote(1, true));
    assert!(leader.did().is_empty());
}

#[test]
fn a_client_is_redirected_to_the_leader_that_was_heard_last() {
    let mut server = Server::with_log(3, &[]);
    assert_eq!(server.request("x"), Err(Refused::NotLeader { hint: None }));
    server.receive(3, append(1, (0, 0), &[], 0));
    assert_eq!(server.request("x"), Err(Refused::NotLeader { hint: Some(n(3)) }));
    server.timeout();
    assert_eq!(server.request("x"), Err(Refused::NotLeader { hint: None }), "a candidate knows no leader");
}
