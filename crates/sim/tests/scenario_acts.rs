//! Acts as a file spells them, when they are due, and what they mean.

use whitewater_check::observe::Kind;
use whitewater_sim::plan::{Act, Ask, Direction, Due, Interference, MessagePick, Plan, Target};
use whitewater_sim::scenario::Scenario;

const MS: u64 = 1_000_000;

fn scenario(fields: &str) -> Scenario {
    let text =
        format!("{{\"version\": 1, \"name\": \"a\", \"about\": \"b\", \"run_for\": \"5s\", {fields}}}");
    Scenario::parse("a.json", &text).unwrap_or_else(|found| panic!("{}", found[0]))
}

fn plan(fields: &str) -> Plan {
    scenario(fields).plan(1)
}

#[test]
fn a_fault_may_outlast_the_time_of_faults() {
    let plan = plan(
        r#""nodes": 3, "timeline": [{"at": "1s", "do": {"crash": {"node": "n1"}}, "standing": true},
            {"at": "2s", "do": "ring", "standing": false, "for": "1s"}, {"at": "3s", "do": "heal"}]"#,
    );
    let standing: Vec<bool> = plan.timeline.iter().map(|act| act.standing).collect();
    assert_eq!(standing, [true, false, false]);
}

const ANY: MessagePick = MessagePick { kind: None, from: u64::MAX, to: u64::MAX, term: None, nth: None };

fn dropped(kind: Kind) -> Act {
    Act::Intercept(MessagePick { kind: Some(kind), ..ANY }, Interference::Drop)
}

#[test]
fn every_act_can_be_spelled() {
    let acts = [
        (r#"{"crash": {"node": "leader"}}"#, Act::Crash(Target::Leader)),
        (r#"{"crash": {"node": "random", "after_effects": 3}}"#, Act::CrashAfterEffects(Target::Random, 3)),
        (r#"{"restart": {"node": "crashed"}}"#, Act::Restart(Target::Crashed)),
        (r#"{"pause": {"node": "follower"}}"#, Act::Pause(Target::Follower)),
        (r#"{"resume": {"node": "all"}}"#, Act::Resume(Target::All)),
        (r#"{"isolate": {"node": "n3"}}"#, Act::Isolate(Target::Nodes(0b100), Direction::Both)),
        (
            r#"{"isolate": {"node": "candidate", "one_way": "in"}}"#,
            Act::Isolate(Target::Candidate, Direction::In),
        ),
        (
            r#"{"isolate": {"node": ["n1", "n3"], "one_way": "out"}}"#,
            Act::Isolate(Target::Nodes(0b101), Direction::Out),
        ),
        (r#"{"partition": {"groups": [["n1", "n2"], ["n3"]]}}"#, Act::Partition(vec![0b011, 0b100])),
        (r#"{"bridge": {"node": "minority"}}"#, Act::Bridge(Target::Minority)),
        (r#"{"crash": {"node": "majority"}}"#, Act::Crash(Target::Majority)),
        (r#""ring""#, Act::Ring),
        (r#"{"clog": {"node": "leader"}}"#, Act::Clog(Target::Leader, Direction::Both)),
        (r#"{"clog": {"node": "n1", "one_way": "in"}}"#, Act::Clog(Target::Nodes(0b001), Direction::In)),
        (r#"{"swizzle": {"node": "all"}}"#, Act::Swizzle(Target::All)),
        (r#"{"flap": {"node": "random", "every": "20ms"}}"#, Act::Flap(Target::Random, 20 * MS)),
        (r#""heal""#, Act::Heal),
        (r#"{"stall_disk": {"node": "leader"}}"#, Act::StallDisk(Target::Leader)),
        (r#"{"fail_disk": {"node": "minority"}}"#, Act::FailDisk(Target::Minority)),
        (r#"{"fill_disk": {"node": "n3"}}"#, Act::FillDisk(Target::Nodes(0b100))),
        (r#"{"damage": {"node": "crashed"}}"#, Act::Damage(Target::Crashed)),
        (r#"{"wipe": {"node": "follower"}}"#, Act::Wipe(Target::Follower)),
        (r#"{"drift": {"node": "leader", "rate": 0.5}}"#, Act::Drift(Target::Leader, 500_000)),
        (r#"{"drift": {"node": "n2", "rate": 10}}"#, Act::Drift(Target::Nodes(0b010), 10_000_000)),
        (r#"{"timeout": {"node": ["n1", "n2"]}}"#, Act::Timeout(Target::Nodes(0b011))),
        (r#"{"drop": {}}"#, Act::Intercept(ANY, Interference::Drop)),
        (
            r#"{"hold": {"kind": "append_entries", "from": "n1", "to": ["n2", "n3"], "term": 4, "nth": 2}}"#,
            Act::Intercept(
                MessagePick {
                    kind: Some(Kind::AppendEntries),
                    from: 0b001,
                    to: 0b110,
                    term: Some(4),
                    nth: Some(2),
                },
                Interference::Hold,
            ),
        ),
        (r#"{"drop": {"kind": "append_entries_reply"}}"#, dropped(Kind::AppendEntriesReply)),
        (r#"{"drop": {"kind": "request_vote"}}"#, dropped(Kind::RequestVote)),
        (r#"{"drop": {"kind": "request_vote_reply"}}"#, dropped(Kind::RequestVoteReply)),
        (r#""release""#, Act::Release),
        (r#"{"request": {"node": "leader"}}"#, Act::Request(Target::Leader, 1)),
        (r#"{"request": {"node": "n2", "count": 20}}"#, Act::Request(Target::Nodes(0b010), 20)),
    ];
    are_spelled(&acts);
}

/// What a story needs that leaves nothing to luck.
#[test]
fn every_act_without_luck_can_be_spelled() {
    are_spelled(&[
        (
            r#"{"delay": {"kind": "request_vote", "from": "n2", "takes": "30ms"}}"#,
            Act::Intercept(
                MessagePick { kind: Some(Kind::RequestVote), from: 0b010, ..ANY },
                Interference::Delay(30 * MS),
            ),
        ),
        (
            r#"{"duplicate": {"nth": 3, "takes": "0s"}}"#,
            Act::Intercept(MessagePick { nth: Some(3), ..ANY }, Interference::Duplicate(0)),
        ),
        (
            r#"{"request": {"node": "n1", "client": 7, "what": {"compare_and_set": 2}}}"#,
            Act::Ask(Target::Nodes(0b001), 7, Ask::CompareAndSet(2)),
        ),
        (
            r#"{"request": {"node": "all", "client": 1, "what": "again"}}"#,
            Act::Ask(Target::All, 1, Ask::Again),
        ),
    ]);
}

fn are_spelled(acts: &[(&str, Act)]) {
    for (text, act) in acts {
        let end = if matches!(act, Act::Swizzle(_) | Act::Flap(..)) { r#", "for": "1s""# } else { "" };
        let beyond = format!(r#""nodes": 3, "beyond_raft": {}"#, matches!(act, Act::Wipe(_)));
        let plan = plan(&format!(r#"{beyond}, "timeline": [{{"at": "1s", "do": {text}{end}}}]"#));
        assert_eq!(plan.timeline[0].act, *act, "{text}");
        let chaos = format!(r#"{beyond}, "chaos": [{{"every": "1s", "pick": [{{"do": {text}{end}}}]}}]"#);
        assert_eq!(scenario(&chaos).plan(1).chaos[0].pick[0].act, *act, "{text}");
    }
}

#[test]
fn acts_are_due_at_a_time_or_when_something_happens() {
    let plan = plan(
        r#""nodes": 3, "timeline": [
            {"at": "1s", "do": "ring", "for": "2s"},
            {"when": "count(leaders)>1", "do": "heal"},
            {"when": "leader elected", "after": "5ms", "do": "heal"}]"#,
    );
    let due = |n: usize| match &plan.timeline[n].due {
        Due::At(time) => format!("at {time}"),
        Due::When(predicate, after) => format!("when {predicate} after {after}"),
    };
    assert_eq!(due(0), "at 1000000000");
    assert_eq!(due(1), "when count(leaders) > 1 after 0");
    assert_eq!(due(2), "when leader elected after 5000000");
    assert_eq!((plan.timeline[0].lasts, plan.timeline[1].lasts), (Some(2_000 * MS), None));
}

#[test]
fn an_act_may_have_something_to_say_and_nothing_to_do() {
    let plan = plan(
        r#""nodes": 3, "timeline": [
            {"at": "1s", "do": {"drop": {"nth": 1}}, "for": "2s", "note": "The first message is lost."},
            {"when": "leader elected", "note": "Somebody leads."}, {"at": "3s", "do": "heal"}]"#,
    );
    let notes: Vec<Option<&str>> = plan.timeline.iter().map(|act| act.note.as_deref()).collect();
    assert_eq!(notes, [Some("The first message is lost."), Some("Somebody leads."), None]);
    assert_eq!((&plan.timeline[1].act, plan.timeline[0].lasts), (&Act::Nothing, Some(2_000 * MS)));
}
