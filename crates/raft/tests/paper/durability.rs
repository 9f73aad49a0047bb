//! Figure 2 ("updated on stable storage before responding to RPCs") and thesis §10.2.1: what is durable when.

use whitewater_raft::{Body, Effects, Message, Role, Timer};

use crate::common::{Server, Sink, accepted, append, ask, n, no_ops, vote};

#[test]
fn a_candidate_makes_its_term_and_vote_durable_before_it_asks() {
    let mut server = Server::with_log(3, &[]);
    server.timeout();
    assert_eq!(server.did()[..2], ["write term=1 vote=n1", "sync"]);
}

#[test]
fn a_vote_is_durable_before_it_is_sent() {
    let mut server = Server::with_log(3, &[]);
    server.receive(2, ask(1, 0, 0));
    assert_eq!(server.did()[..3], ["write term=1 vote=n2", "sync", "-> n2 Vote@1 granted"]);
}

#[test]
fn a_follower_applies_writes_syncs_and_then_acknowledges() {
    let mut server = Server::at_term(3, &[], 1);
    server.receive(2, append(1, (0, 0), &no_ops(&[1]), 1));
    let expected =
        ["set election (HeardLeader)", "apply 1 1", "write log[1..]=[1]", "sync", "-> n2 Accepted@1 match=1"];
    assert_eq!(server.did(), expected);
}

#[test]
fn a_new_term_and_new_entries_are_one_record() {
    let mut server = Server::at_term(3, &[1, 1], 1);
    server.receive(2, append(4, (1, 1), &no_ops(&[3, 4]), 0));
    let writes: Vec<String> = server.did().into_iter().filter(|effect| effect.starts_with("write")).collect();
    assert_eq!(writes, ["write term=4 vote=- log[2..]=[3 4]"]);
}

#[test]
fn a_new_term_in_a_reply_is_durable_when_the_step_ends() {
    let mut leader = Server::leader(3, &[]);
    leader.receive(2, vote(6, false));
    assert_eq!(
        leader.did(),
        ["cancel heartbeat", "set election (SteppedDown)", "write term=6 vote=-", "sync"]
    );
}

#[test]
fn a_leader_sends_its_entries_while_its_own_disk_still_writes() {
    let mut leader = Server::leader(3, &[]);
    leader.receive(2, accepted(1, 1));
    leader.request("x").unwrap();
    assert_eq!(leader.node.durable_index(), 1);
    assert_eq!(leader.did()[1..], ["sync_async 2", "-> n2 AppendEntries@1 prev=1@1 [1:x] commit=1"]);
}

#[test]
fn a_leader_does_not_count_its_own_entry_before_its_disk_holds_it() {
    let mut leader = Server::leader(3, &[]);
    leader.receive(2, accepted(1, 1));
    leader.request("x").unwrap();
    leader.receive(2, accepted(1, 2));
    assert_eq!(leader.node.commit_index(), 1, "one durable copy of three");
    leader.durable();
    assert_eq!(leader.did(), ["apply 2 1:x", "reply 2 x"]);
}

#[test]
fn a_quorum_of_others_commits_without_the_leaders_disk() {
    let mut leader = Server::leader(3, &[]);
    leader.receive(2, accepted(1, 1));
    leader.request("x").unwrap();
    leader.receive(2, accepted(1, 2));
    leader.receive(3, accepted(1, 2));
    assert_eq!((leader.node.commit_index(), leader.node.durable_index()), (2, 1));
}

/// n1 leads, writes, loses its office while the disk is slow, and gets it again before the old write reports.
#[test]
fn a_write_of_a_former_leadership_says_nothing_about_the_present_one() {
    let mut server = Server::leader(3, &[]);
    server.request("old").unwrap();
    server.receive(2, append(2, (0, 0), &no_ops(&[2]), 0));
    assert_eq!((server.terms(), server.node.durable_index()), (vec![2], 1));
    server.timeout();
    server.receive(3, vote(3, true));
    assert_eq!((server.node.role(), server.terms()), (Role::Leader, vec![2, 3]));
    assert!(server.durable(), "the old write reports index 2");
    assert_eq!(server.node.durable_index(), 1, "but that was another entry");
    assert!(server.durable());
    assert_eq!(server.node.durable_index(), 2);
}

#[test]
fn a_restarted_server_goes_on_with_its_term_its_vote_and_its_log() {
    let mut server = Server::with_log(3, &[]);
    server.receive(2, append(1, (0, 0), &no_ops(&[1, 1]), 2));
    server.receive(3, ask(2, 2, 1));
    let stored = server.out.disk.durable.clone();
    let mut again = Server::start(crate::common::config(1, 3), whitewater_raft::Rules::PAPER, stored);
    assert_eq!((again.node.current_term(), again.node.voted_for()), (2, Some(n(3))));
    assert_eq!((again.terms(), again.node.durable_index()), (vec![1, 1], 2));
    assert_eq!((again.node.role(), again.node.commit_index()), (Role::Follower, 0));
    again.receive(2, ask(2, 9, 1));
    assert_eq!(again.did(), ["-> n2 Vote@2 refused"], "one vote a term, across restarts");
}

#[test]
#[should_panic(expected = "a term that is not durable")]
fn the_sink_of_these_tests_notices_a_term_that_is_not_durable() {
    let mut sink = Sink::new(n(1), whitewater_raft::Stored::default());
    sink.set_timer(Timer::Election, whitewater_raft::Reason::Started);
    sink.send(n(2), Message { term: 1, body: Body::RequestVoteReply { granted: false } });
}

#[test]
#[should_panic(expected = "its vote is not durable")]
fn the_sink_of_these_tests_notices_a_vote_that_is_not_durable() {
    let mut sink = Sink::new(n(1), whitewater_raft::Stored::default());
    sink.send(n(2), vote(0, true));
}

#[test]
#[should_panic(expected = "acknowledges 1, durable is 0")]
fn the_sink_of_these_tests_notices_an_acknowledgement_that_is_not_durable() {
    let mut sink = Sink::new(n(1), whitewater_raft::Stored::default());
    sink.send(n(2), accepted(0, 1));
}
