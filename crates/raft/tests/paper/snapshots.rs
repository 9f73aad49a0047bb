//! §7 and figure 13: a snapshot takes the place of entries, on the own disk and in place of messages.

use whitewater_raft::{Config, Entry, HardState, Index, Mode, Role, Rules, Snapshot, Stored, Term};

use crate::common::{
    Command, Server, accepted, append, ask, config, install, n, no_ops, rejected, snapshot, vote,
};

/// n1 of three with a log that holds so many applied entries at most, in a term of its own.
fn compacting(snapshot_every: u64, terms: &[Term], current_term: Term) -> Server {
    let hard_state = HardState { current_term, voted_for: None };
    let stored = Stored { hard_state, entries: no_ops(terms), ..Stored::default() };
    Server::start(Config { snapshot_every, ..config(1, 3) }, Rules::PAPER, stored)
}

/// n1 of three in term 9, whose log begins after a snapshot of no-ops of the terms 1, 1 and 2.
fn after_112(terms: &[Term]) -> Server {
    let hard_state = HardState { current_term: 9, voted_for: None };
    let stored = Stored { hard_state, snapshot: snapshot(3, 2, 112), entries: no_ops(terms) };
    Server::start(config(1, 3), Rules::PAPER, stored)
}

/// n1 leads three nodes in term 3, and has let a snapshot take the place of 1, 1, 2 and its own no-op; n2 holds them.
fn leader_after_1123() -> Server {
    let mut leader = compacting(4, &[1, 1, 2], 2);
    leader.timeout();
    leader.receive(2, vote(3, true));
    leader.durable();
    leader.receive(2, accepted(3, 4));
    assert_eq!((leader.node.role(), *leader.node.log().snapshot()), (Role::Leader, snapshot(4, 3, 1123)));
    leader
}

fn command(term: Term, command: &str) -> Entry<Command> {
    Entry { term, command: Some(command.to_owned()) }
}

/// What the log stands for: the snapshot's last index, and the terms after it.
fn log(server: &Server) -> (Index, Vec<Term>) {
    (server.node.log().snapshot().last_index, server.terms())
}

// Taking a snapshot.

#[test]
fn a_snapshot_takes_the_place_of_applied_entries_when_there_are_enough_and_not_before() {
    let mut server = compacting(3, &[1, 1, 2, 2], 2);
    server.receive(2, append(2, (4, 2), &[], 2));
    assert_eq!(
        server.did(),
        ["set election (HeardLeader)", "apply 1 1", "apply 2 1", "-> n2 Accepted@2 match=4"]
    );
    server.receive(2, append(2, (4, 2), &[], 3));
    let expected = [
        "set election (HeardLeader)",
        "apply 3 2",
        "-> n2 Accepted@2 match=4",
        "snapshot 112",
        "write snapshot=3@2:112",
    ];
    assert_eq!(server.did(), expected);
    assert_eq!(log(&server), (3, vec![2]));
}

#[test]
fn the_next_snapshot_counts_from_the_last_one() {
    let mut server = compacting(2, &[1, 1, 1, 1, 1], 1);
    for (leader_commit, begins_after) in [(1, 0), (2, 2), (3, 2), (5, 5)] {
        server.receive(2, append(1, (5, 1), &[], leader_commit));
        assert_eq!(server.node.log().snapshot().last_index, begins_after, "commit {leader_commit}");
    }
    assert_eq!((server.node.log().last_index(), server.node.log().last_term()), (5, 1));
}

#[test]
fn a_log_that_is_kept_for_ever_has_no_snapshot() {
    let mut server = Server::with_log(3, &[1; 50]);
    server.receive(2, append(1, (50, 1), &[], 50));
    assert_eq!(log(&server), (0, vec![1; 50]));
}

#[test]
fn a_step_writes_its_entries_before_the_snapshot_that_takes_their_place() {
    let mut server = compacting(2, &[1], 1);
    server.receive(2, append(1, (1, 1), &[command(1, "x"), command(1, "y")], 2));
    let expected = [
        "set election (HeardLeader)",
        "apply 1 1",
        "apply 2 1:x",
        "write log[2..]=[1:x 1:y]",
        "sync",
        "-> n2 Accepted@1 match=3",
    ];
    assert_eq!(server.did()[..6], expected);
    assert!(server.did()[6].starts_with("snapshot ") && server.did()[7].starts_with("write snapshot=2@1:"));
    assert_eq!(log(&server), (2, vec![1]));
}

#[test]
fn the_own_snapshot_is_not_synced_and_a_crash_before_it_finds_the_entries() {
    let mut server = compacting(2, &[1, 1, 2], 2);
    server.receive(2, append(2, (3, 2), &[], 3));
    assert_eq!(server.did().last().unwrap(), "write snapshot=3@2:112");
    let mut disk = server.out.disk.clone();
    disk.crash(0);
    assert_eq!((disk.durable.snapshot, disk.durable.entries), (Snapshot::default(), no_ops(&[1, 1, 2])));
    server.out.disk.crash(1);
    assert_eq!(
        (server.out.disk.durable.snapshot, server.out.disk.durable.entries),
        (snapshot(3, 2, 112), vec![])
    );
}

#[test]
fn a_leader_takes_a_snapshot_when_an_acknowledgement_or_its_own_disk_commits_enough() {
    let mut leader = compacting(1, &[], 0);
    leader.timeout();
    leader.receive(2, vote(1, true));
    leader.receive(2, accepted(1, 1));
    assert_eq!(leader.did(), [""; 0], "one durable copy of three");
    leader.durable();
    assert_eq!(leader.did(), ["apply 1 1", "snapshot 1", "write snapshot=1@1:1"]);
    leader.request("x").unwrap();
    leader.durable();
    leader.receive(2, accepted(1, 2));
    assert_eq!(leader.did()[..2], ["apply 2 1:x", "reply 2 x"]);
    assert_eq!(log(&leader), (2, vec![]));
}

#[test]
#[should_panic(expected = "a log must hold 1 applied entry, not 0")]
fn a_log_must_have_room_for_an_entry() {
    compacting(0, &[], 0);
}

// What is remembered of what it stands for.

#[test]
fn a_candidate_is_judged_by_the_last_entry_that_the_snapshot_stands_for() {
    for (last_index, last_term, granted) in
        [(3, 2, true), (4, 2, true), (1, 3, true), (2, 2, false), (9, 1, false)]
    {
        let mut server = after_112(&[]);
        server.receive(2, ask(10, last_index, last_term));
        assert_eq!(server.node.voted_for() == Some(n(2)), granted, "{last_index}@{last_term}");
    }
}

#[test]
fn a_candidate_asks_with_the_last_entry_that_its_snapshot_stands_for() {
    let mut server = after_112(&[]);
    server.timeout();
    assert_eq!(server.sent()[0], "-> n2 RequestVote@10 last=3@2");
}

#[test]
fn an_append_right_after_the_snapshot_is_checked_against_its_last_term() {
    let mut server = after_112(&[]);
    server.receive(2, append(9, (3, 2), &no_ops(&[9]), 0));
    assert_eq!((log(&server), server.sent()), ((3, vec![9]), vec!["-> n2 Accepted@9 match=4".to_owned()]));
    let mut server = after_112(&[2]);
    server.receive(2, append(9, (3, 1), &no_ops(&[9]), 0));
    assert_eq!((log(&server), server.sent().len()), ((3, vec![2]), 1));
    assert!(server.sent()[0].starts_with("-> n2 Rejected@9 prev=3"));
}

#[test]
fn an_append_that_the_snapshot_covers_is_accepted_and_changes_nothing() {
    for (prev, new, match_index) in [((0, 0), vec![], 0), ((0, 0), vec![1, 1], 2), ((2, 1), vec![2], 3)] {
        let mut server = after_112(&[5]);
        server.receive(2, append(9, prev, &no_ops(&new), 1));
        let expected =
            ["set election (HeardLeader)".to_owned(), format!("-> n2 Accepted@9 match={match_index}")];
        assert_eq!(server.did(), expected, "prev {prev:?}, {new:?}");
        assert_eq!((log(&server), server.node.commit_index()), ((3, vec![5]), 3));
    }
}

#[test]
fn of_an_append_that_the_snapshot_covers_in_part_only_the_rest_is_written() {
    for (held, prev, new, written) in [
        (vec![], (0, 0), vec![1, 1, 2, 9], "write log[4..]=[9]"),
        (vec![], (2, 1), vec![2, 8, 9], "write log[4..]=[8 9]"),
        (vec![5], (1, 1), vec![1, 2, 5, 9], "write log[5..]=[9]"),
        (vec![5, 5], (1, 1), vec![1, 2, 9], "write log[4..]=[9]"),
    ] {
        let mut server = after_112(&held);
        server.receive(2, append(9, prev, &no_ops(&new), 0));
        let match_index = prev.0 + new.len() as Index;
        assert_eq!(server.did()[1..], [written, "sync", &format!("-> n2 Accepted@9 match={match_index}")]);
    }
}

// A restart.

#[test]
fn a_server_restores_its_snapshot_before_everything_else_and_begins_there() {
    let server = after_112(&[2, 3]);
    assert_eq!(server.did(), ["restore 3@2:112", "set election (Started)"]);
    assert_eq!((server.node.commit_index(), server.node.last_applied()), (3, 3));
    assert_eq!((log(&server), server.node.durable_index()), ((3, vec![2, 3]), 5));
}

#[test]
fn a_server_without_a_snapshot_restores_nothing() {
    assert_eq!(Server::with_log(3, &[1]).did(), ["set election (Started)"]);
}

#[test]
fn what_follows_a_restored_snapshot_is_applied_once_it_is_known_to_be_committed() {
    let mut server = after_112(&[2, 3]);
    server.receive(2, append(9, (5, 3), &[], 5));
    assert_eq!(server.did()[1..3], ["apply 4 2", "apply 5 3"]);
}

// A leader sends its snapshot.

#[test]
fn a_follower_that_needs_an_entry_that_is_gone_is_sent_the_snapshot() {
    let mut leader = leader_after_1123();
    leader.receive(3, rejected(3, 3, 1, None));
    assert_eq!(leader.sent(), ["-> n3 InstallSnapshot@3 4@3:1123"]);
    leader.heartbeat();
    assert_eq!(leader.sent()[1], "-> n3 InstallSnapshot@3 4@3:1123", "a heartbeat repeats it");
}

#[test]
fn a_follower_that_needs_the_first_entry_after_the_snapshot_is_sent_entries() {
    let mut leader = leader_after_1123();
    leader.request("x").unwrap();
    leader.receive(3, rejected(3, 3, 1, None));
    leader.receive(3, accepted(3, 4));
    assert_eq!(leader.sent(), ["-> n3 AppendEntries@3 prev=4@3 [3:x] commit=4"]);
}

#[test]
fn once_the_snapshot_is_accepted_entries_behind_it_stream() {
    let mut leader = leader_after_1123();
    leader.receive(3, rejected(3, 3, 1, None));
    leader.receive(3, accepted(3, 4));
    assert_eq!(leader.did(), [""; 0], "there is nothing behind it");
    let progress = leader.node.progress(n(3)).unwrap();
    assert_eq!((progress.match_index, progress.next_index, progress.mode), (4, 5, Mode::Replicate));
    leader.request("x").unwrap();
    assert_eq!(leader.sent()[1], "-> n3 AppendEntries@3 prev=4@3 [3:x] commit=4");
}

#[test]
fn a_stream_that_lags_behind_a_snapshot_goes_on_behind_it() {
    let mut leader = leader_after_1123();
    leader.receive(3, accepted(3, 3));
    leader.heartbeat();
    assert_eq!(leader.sent()[1], "-> n3 InstallSnapshot@3 4@3:1123", "n3 has not acknowledged index 4");
    assert_eq!(leader.node.progress(n(3)).unwrap().next_index, 5);
}

#[test]
fn an_accepted_snapshot_counts_as_the_entries_that_it_stands_for() {
    let mut leader = leader_after_1123();
    leader.request("x").unwrap();
    leader.durable();
    leader.receive(3, accepted(3, 4));
    assert_eq!(leader.node.commit_index(), 4);
    leader.receive(3, accepted(3, 5));
    assert_eq!(leader.node.commit_index(), 5);
}

// A follower installs it.

#[test]
fn a_follower_writes_a_snapshot_in_one_record_syncs_restores_and_acknowledges() {
    let mut server = Server::at_term(3, &[1], 1);
    server.receive(2, install(4, snapshot(3, 2, 112)));
    let expected = [
        "set election (HeardLeader)",
        "write term=4 vote=- snapshot=3@2:112 log[4..]=[]",
        "sync",
        "restore 3@2:112",
        "-> n2 Accepted@4 match=3",
    ];
    assert_eq!(server.did(), expected);
    assert_eq!((server.node.commit_index(), server.node.last_applied()), (3, 3));
    assert_eq!((log(&server), server.node.durable_index()), ((3, vec![]), 3));
    assert_eq!(server.node.leader_hint(), Some(n(2)));
}

#[test]
fn the_entries_after_the_snapshot_stay_if_the_log_has_its_last_entry() {
    let mut server = Server::at_term(3, &[1, 1, 2, 2, 3], 9);
    server.receive(2, install(9, snapshot(3, 2, 112)));
    assert_eq!(server.did()[1..3], ["write snapshot=3@2:112", "sync"], "no entry is cut from the disk");
    assert_eq!((log(&server), server.node.durable_index()), ((3, vec![2, 3]), 5));
    server.receive(2, append(9, (5, 3), &[], 5));
    assert_eq!(server.did()[1..3], ["apply 4 2", "apply 5 3"]);
}

#[test]
fn all_entries_go_if_the_log_has_another_entry_there_or_none() {
    for terms in [vec![1, 1, 1, 1, 1], vec![1, 1, 3, 3], vec![1, 1], vec![]] {
        let mut server = Server::at_term(3, &terms, 9);
        server.receive(2, install(9, snapshot(3, 2, 112)));
        assert_eq!(server.did()[1], "write snapshot=3@2:112 log[4..]=[]", "{terms:?}");
        assert_eq!((log(&server), server.node.durable_index()), ((3, vec![]), 3), "{terms:?}");
    }
}

#[test]
fn an_old_snapshot_changes_nothing_and_is_acknowledged() {
    for last_index in [1, 2, 3] {
        let mut server = Server::at_term(3, &[1, 1, 2, 2], 2);
        server.receive(2, append(2, (4, 2), &[], 3));
        server.receive(2, install(2, snapshot(last_index, 1, 7)));
        let expected =
            ["set election (HeardLeader)".to_owned(), format!("-> n2 Accepted@2 match={last_index}")];
        assert_eq!(server.did(), expected);
        assert_eq!((log(&server), server.node.last_applied()), ((0, vec![1, 1, 2, 2]), 3));
    }
}

#[test]
fn a_snapshot_of_what_is_there_but_not_known_to_be_committed_is_news() {
    let mut server = Server::at_term(3, &[1, 1, 2, 2], 2);
    server.receive(2, append(2, (4, 2), &[], 2));
    server.receive(2, install(2, snapshot(3, 2, 112)));
    assert_eq!(server.did()[3], "restore 3@2:112");
    assert_eq!((log(&server), server.node.commit_index()), ((3, vec![2]), 3));
}

#[test]
fn a_snapshot_that_arrives_twice_is_installed_once() {
    let mut server = Server::at_term(3, &[], 2);
    server.receive(2, install(2, snapshot(3, 2, 112)));
    server.receive(2, install(2, snapshot(3, 2, 112)));
    assert_eq!(server.did(), ["set election (HeardLeader)", "-> n2 Accepted@2 match=3"]);
}

#[test]
fn an_old_snapshot_in_a_new_term_is_acknowledged_when_the_term_is_durable() {
    let mut server = after_112(&[]);
    server.receive(2, install(10, snapshot(2, 1, 11)));
    assert_eq!(server.did()[1..], ["write term=10 vote=-", "sync", "-> n2 Accepted@10 match=2"]);
}

#[test]
fn a_snapshot_of_an_old_term_is_refused_and_puts_off_no_election() {
    let mut server = Server::at_term(3, &[1], 5);
    server.receive(2, install(4, snapshot(3, 2, 112)));
    assert_eq!(server.did(), ["-> n2 Rejected@5 prev=3 conflict=2@-"]);
    assert_eq!(log(&server), (0, vec![1]));
}

#[test]
fn a_candidate_gives_way_to_who_sends_a_snapshot_in_its_term() {
    let mut server = Server::candidate(3, &[1]);
    server.receive(2, install(2, snapshot(3, 1, 111)));
    assert_eq!((server.node.role(), server.node.leader_hint()), (Role::Follower, Some(n(2))));
    assert_eq!(server.node.voted_for(), Some(n(1)), "the vote of this term is not forgotten");
}

#[test]
fn a_leader_ignores_a_snapshot_of_its_own_term() {
    let mut leader = leader_after_1123();
    leader.receive(2, install(3, snapshot(9, 3, 9)));
    assert_eq!(leader.did(), [""; 0]);
    assert_eq!((leader.node.role(), log(&leader)), (Role::Leader, (4, vec![])));
}

#[test]
fn an_installed_snapshot_is_sent_on_by_the_next_leader() {
    let mut server = Server::at_term(3, &[], 2);
    server.receive(2, install(2, snapshot(3, 2, 112)));
    server.timeout();
    server.receive(2, vote(3, true));
    assert_eq!(server.sent()[0], "-> n2 AppendEntries@3 prev=3@2 [3] commit=3");
    server.receive(3, rejected(3, 3, 1, None));
    assert_eq!(server.sent(), ["-> n3 InstallSnapshot@3 3@2:112"]);
}
