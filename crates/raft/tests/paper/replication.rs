//! §5.3: how the leader's log becomes everybody's log.

use whitewater_raft::{Index, Mode, Progress, Term};

use crate::common::{Server, accepted, append, n, no_ops, rejected};

/// What a follower with the first log holds after an AppendEntries with the second argument, and its answer.
fn after(log: &[Term], prev: (Index, Term), new: &[Term]) -> (Vec<Term>, String) {
    let mut server = Server::at_term(3, log, 9);
    server.receive(2, append(9, prev, &no_ops(new), 0));
    (server.terms(), server.sent()[0]["-> n2 ".len()..].to_owned())
}

#[test]
fn a_leader_appends_a_request_to_its_log_and_sends_it_in_parallel() {
    let mut leader = Server::leader(3, &[]);
    leader.receive(2, accepted(1, 1));
    leader.receive(3, accepted(1, 1));
    assert_eq!(leader.request("x"), Ok(2));
    let expected = [
        "write log[2..]=[1:x]",
        "sync_async 2",
        "-> n2 AppendEntries@1 prev=1@1 [1:x] commit=1",
        "-> n3 AppendEntries@1 prev=1@1 [1:x] commit=1",
        "set heartbeat (Leading)",
    ];
    assert_eq!(leader.did(), expected);
}

#[test]
fn a_heartbeat_is_put_off_only_if_everybody_was_sent_something() {
    let mut leader = Server::leader(3, &[]);
    leader.receive(2, accepted(1, 1));
    leader.request("x").unwrap();
    assert_eq!(leader.sent(), ["-> n2 AppendEntries@1 prev=1@1 [1:x] commit=1"]);
    assert!(
        !leader.did().contains(&"set heartbeat (Leading)".to_owned()),
        "n3 still waits to hear something"
    );
}

#[test]
fn a_follower_rejects_what_does_not_follow_its_log() {
    for (log, prev, answer) in [
        (vec![1, 2], (3, 3), "Rejected@9 prev=3 conflict=3@-"),
        (vec![1, 2], (2, 1), "Rejected@9 prev=2 conflict=2@2"),
        (vec![1, 2, 2, 2], (4, 3), "Rejected@9 prev=4 conflict=2@2"),
        (vec![], (1, 1), "Rejected@9 prev=1 conflict=1@-"),
    ] {
        assert_eq!(after(&log, prev, &[3]), (log.clone(), answer.to_owned()), "log {log:?}, prev {prev:?}");
    }
}

#[test]
fn a_follower_accepts_what_follows_its_log() {
    for (log, prev, new, expected, match_index) in [
        (vec![], (0, 0), vec![1], vec![1], 1),
        (vec![1, 2], (2, 2), vec![3], vec![1, 2, 3], 3),
        (vec![1, 2], (2, 2), vec![3, 3, 4], vec![1, 2, 3, 3, 4], 5),
        (vec![1, 2], (2, 2), vec![], vec![1, 2], 2),
    ] {
        assert_eq!(after(&log, prev, &new), (expected, format!("Accepted@9 match={match_index}")));
    }
}

#[test]
fn a_conflicting_entry_is_deleted_with_all_that_follow_it() {
    for (log, prev, new, expected) in [
        (vec![1, 2], (1, 1), vec![3, 4], vec![1, 3, 4]),
        (vec![1, 2], (0, 0), vec![3, 4], vec![3, 4]),
        (vec![1, 1, 2, 2, 2], (1, 1), vec![1, 3], vec![1, 1, 3]),
        (vec![1, 1, 2, 2, 2], (2, 1), vec![3], vec![1, 1, 3]),
    ] {
        assert_eq!(after(&log, prev, &new).0, expected, "{log:?} after {prev:?} {new:?}");
    }
}

#[test]
fn entries_that_are_there_already_stay_and_so_does_what_follows_them() {
    for (log, prev, new) in [
        (vec![1, 1, 2, 2], (0, 0), vec![1, 1]),
        (vec![1, 1, 2, 2], (1, 1), vec![1]),
        (vec![1, 1, 2, 2], (2, 1), vec![2, 2]),
        (vec![1, 1, 2, 2], (1, 1), vec![]),
    ] {
        let (terms, answer) = after(&log, prev, &new);
        assert_eq!(terms, log, "a short or late request deletes nothing");
        assert_eq!(answer, format!("Accepted@9 match={}", prev.0 + new.len() as Index));
    }
}

#[test]
fn an_acknowledgement_speaks_of_the_request_and_not_of_the_whole_log() {
    let (_, answer) = after(&[1, 1, 1, 1, 1], (1, 1), &[1]);
    assert_eq!(answer, "Accepted@9 match=2");
}

#[test]
fn a_repeated_append_writes_nothing() {
    let mut server = Server::with_log(3, &[]);
    let entries = no_ops(&[1, 1]);
    server.receive(2, append(1, (0, 0), &entries, 0));
    server.receive(2, append(1, (0, 0), &entries, 0));
    assert_eq!(server.did(), ["set election (HeardLeader)", "-> n2 Accepted@1 match=2"]);
}

#[test]
fn a_new_leader_expects_all_logs_to_be_like_its_own_and_knows_of_none() {
    let mut leader = Server::leader(3, &[1, 1, 2]);
    for peer in [2, 3] {
        let progress = leader.node.progress(n(peer)).unwrap();
        assert_eq!((progress.next_index, progress.match_index, progress.mode), (4, 0, Mode::Probe));
    }
    leader.heartbeat();
    assert_eq!(leader.sent()[0], "-> n2 AppendEntries@3 prev=3@2 [] commit=0");
}

#[test]
fn a_heartbeat_carries_no_entries_and_its_answer_asks_for_them() {
    let mut leader = Server::leader(3, &[1, 1, 1]);
    leader.receive(2, rejected(2, 3, 2, None));
    leader.heartbeat();
    assert_eq!(leader.sent()[0], "-> n2 AppendEntries@2 prev=1@1 [] commit=0");
    leader.receive(2, accepted(2, 1));
    assert_eq!(leader.sent(), ["-> n2 AppendEntries@2 prev=1@1 [1 1 2] commit=0"]);
}

#[test]
fn after_a_rejection_next_index_goes_back_and_the_leader_retries_at_once() {
    let mut leader = Server::leader(3, &[1, 1, 1]);
    leader.receive(2, rejected(2, 3, 2, None));
    assert_eq!(leader.sent(), ["-> n2 AppendEntries@2 prev=1@1 [1 1 2] commit=0"]);
    leader.receive(2, rejected(2, 1, 1, None));
    assert_eq!(leader.sent(), ["-> n2 AppendEntries@2 prev=0@0 [1 1 1 2] commit=0"]);
}

#[test]
fn one_rejection_passes_a_whole_conflicting_term() {
    let mut leader = Server::leader(3, &[1, 4, 4, 5, 5, 6, 6]);
    leader.receive(2, rejected(7, 7, 2, Some(3)));
    assert_eq!(leader.node.progress(n(2)).unwrap().next_index, 2, "the leader has nothing of term 3");
    leader.receive(3, rejected(7, 7, 2, Some(4)));
    assert_eq!(leader.node.progress(n(3)).unwrap().next_index, 4, "the logs may agree up to 3");
}

#[test]
fn a_hint_that_points_forward_still_moves_next_index_back() {
    for conflict_index in [0, 3, 4, 99, Index::MAX] {
        let mut leader = Server::leader(3, &[1, 1, 1]);
        leader.receive(2, rejected(2, 3, conflict_index, None));
        let progress = leader.node.progress(n(2)).unwrap();
        assert!((1..=3).contains(&progress.next_index), "hint {conflict_index}: {progress:?}");
    }
}

#[test]
fn after_a_success_next_index_and_match_index_move_up() {
    let mut leader = Server::leader(3, &[1, 1]);
    leader.receive(2, accepted(2, 3));
    let progress = leader.node.progress(n(2)).unwrap();
    assert_eq!((progress.next_index, progress.match_index, progress.mode), (4, 3, Mode::Replicate));
}

#[test]
fn match_index_never_goes_back_and_next_index_stays_above_it() {
    let mut leader = Server::leader(3, &[1, 1, 1]);
    for reply in [accepted(2, 4), accepted(2, 2), rejected(2, 3, 1, None), rejected(2, 4, 1, None)] {
        leader.receive(2, reply);
        let progress = leader.node.progress(n(2)).unwrap();
        assert_eq!((progress.match_index, progress.next_index), (4, 5));
        assert_eq!(progress.mode, Mode::Replicate, "old news tears no stream");
    }
}

#[test]
fn while_probing_only_the_answer_to_the_present_question_counts() {
    let mut leader = Server::leader(3, &[1, 1, 1, 1]);
    leader.receive(2, rejected(2, 4, 3, None));
    let before = *leader.node.progress(n(2)).unwrap();
    leader.receive(2, rejected(2, 4, 1, None));
    assert!(leader.did().is_empty(), "a repeated rejection is old news");
    assert_eq!(*leader.node.progress(n(2)).unwrap(), before);
}

#[test]
fn while_probing_an_older_success_is_noted_and_the_question_stays() {
    let mut leader = Server::leader(3, &[1, 1, 1, 1]);
    leader.receive(2, rejected(2, 4, 3, None));
    leader.receive(2, accepted(2, 1));
    assert!(leader.did().is_empty(), "{:?}", leader.did());
    let progress = leader.node.progress(n(2)).unwrap();
    assert_eq!((progress.match_index, progress.next_index, progress.mode), (1, 3, Mode::Probe));
}

#[test]
fn while_probing_a_request_waits_for_the_answer() {
    let mut leader = Server::leader(3, &[]);
    leader.request("x").unwrap();
    assert_eq!(leader.sent(), [""; 0]);
    leader.receive(2, accepted(1, 1));
    assert_eq!(leader.sent(), ["-> n2 AppendEntries@1 prev=1@1 [1:x] commit=1"]);
}

#[test]
fn a_stream_sends_at_once_and_then_gathers_until_it_is_answered() {
    let mut leader = Server::leader(2, &[]);
    leader.receive(2, accepted(1, 1));
    leader.request("x").unwrap();
    assert_eq!(leader.sent(), ["-> n2 AppendEntries@1 prev=1@1 [1:x] commit=1"]);
    for command in ["y", "z"] {
        leader.request(command).unwrap();
        assert_eq!(leader.sent(), [""; 0]);
    }
    leader.receive(2, accepted(1, 2));
    assert_eq!(leader.sent(), ["-> n2 AppendEntries@1 prev=2@1 [1:y 1:z] commit=1"]);
}

#[test]
fn a_stream_repeats_with_a_heartbeat_what_is_not_acknowledged() {
    let mut leader = Server::leader(2, &[]);
    leader.receive(2, accepted(1, 1));
    leader.request("x").unwrap();
    leader.request("y").unwrap();
    leader.heartbeat();
    assert_eq!(leader.sent(), ["-> n2 AppendEntries@1 prev=1@1 [1:x 1:y] commit=1"]);
    leader.receive(2, accepted(1, 3));
    leader.heartbeat();
    assert_eq!(leader.sent(), ["-> n2 AppendEntries@1 prev=3@1 [] commit=1"]);
}

#[test]
fn what_is_worth_a_message_follows_what_is_on_its_way() {
    let stream = |next_index| Progress { next_index, match_index: 10, mode: Mode::Replicate };
    let goes_at = |next_index, batch| (1..200).find(|last| stream(next_index).is_ready(*last, batch));
    assert_eq!(goes_at(11, 8), Some(11), "nothing is on its way");
    for (next_index, batch, last) in [(12, 8, 15), (12, 2, 13), (12, 1, 12), (14, 1, 14), (26, 8, 29)] {
        assert_eq!(
            goes_at(next_index, batch),
            Some(last),
            "four entries, or a full message: {next_index}, {batch}"
        );
    }
    for (next_index, last) in [(27, 31), (51, 61), (91, 111)] {
        assert_eq!(goes_at(next_index, 64), Some(last), "more than a quarter of what is on its way");
    }
    for (next_index, batch) in [(15, 1), (19, 2), (43, 8)] {
        assert_eq!(
            goes_at(next_index, batch),
            None,
            "four full messages are on their way: {next_index}, {batch}"
        );
    }
    let question = Progress { mode: Mode::Probe, ..stream(11) };
    assert!(!question.is_ready(99, 1), "nothing follows a question");
}

#[test]
fn a_stream_that_was_torn_is_taken_up_where_the_follower_says() {
    let mut leader = Server::leader(2, &[]);
    leader.receive(2, accepted(1, 1));
    for command in ["x", "y", "z"] {
        leader.request(command).unwrap();
    }
    leader.receive(2, rejected(1, 3, 2, None));
    assert_eq!(leader.sent(), ["-> n2 AppendEntries@1 prev=1@1 [1:x 1:y 1:z] commit=1"]);
    assert_eq!(leader.node.progress(n(2)).unwrap().mode, Mode::Probe);
}

#[test]
fn a_leader_only_appends_to_its_own_log() {
    let mut leader = Server::leader(3, &[1, 1]);
    leader.request("x").unwrap();
    let before = leader.terms();
    leader.receive(2, rejected(2, 2, 1, Some(7)));
    leader.receive(3, append(2, (0, 0), &no_ops(&[9]), 0));
    leader.receive(3, append(1, (0, 0), &no_ops(&[9]), 0));
    assert_eq!(leader.terms(), before);
}
