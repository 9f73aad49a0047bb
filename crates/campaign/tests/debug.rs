//! The debugger against one that runs from the start for every single question.

use proptest::prelude::*;
use std::cell::RefCell;
use std::fs;
use std::ops::ControlFlow;
use std::rc::Rc;
use whitewater_campaign::debug::causes::Airborne;
use whitewater_campaign::debug::command::{Command, Goal, Meddling, VERBS};
use whitewater_campaign::debug::traps::Trap;
use whitewater_campaign::debug::{Answer, Debugger, Reason};
use whitewater_campaign::why::Line;
use whitewater_check::observe::{Look, Role};
use whitewater_check::types::NodeId;
use whitewater_sim::plan::{Act, Plan, Target};
use whitewater_sim::predicate::Predicate;
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::scene::Scene;
use whitewater_sim::trace::{Keep, What};
use whitewater_systems::SYSTEMS;

fn plan(name: &str, seed: u64, bug: Option<&str>) -> Plan {
    let path = format!("{}/../../scenarios/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).expect("the scenario can be read");
    let mut plan = Scenario::parse(&path, &text).expect("it is one").plan(seed);
    plan.system.bug = bug.map(str::to_owned);
    plan
}

fn runner(plan: &Plan) -> Box<dyn Runner> {
    let listed = SYSTEMS.iter().find(|listed| listed.name == plan.system.name).expect("it is listed");
    (listed.runner)()
}

fn debugger(plan: &Plan) -> Debugger {
    Debugger::new(runner(plan), plan.clone(), false).expect("it runs")
}

fn command(text: &str, nodes: u8) -> Command {
    Command::parse(text, nodes).unwrap_or_else(|mistake| panic!("{text}: {mistake}")).expect("it is one")
}

fn obey(debugger: &mut Debugger, text: &str) -> Answer {
    let nodes = debugger.plan().nodes;
    debugger.obey(&command(text, nodes))
}

/// What can be asked of a scene that is compared.
#[derive(Clone, Debug, PartialEq)]
struct Sight {
    step: u32,
    time: u64,
    looks: Vec<Look>,
    flying: usize,
    crowded: bool,
}

/// Every scene of a run at which one can stop, and the digest.
fn slow(plan: &Plan) -> (Vec<Sight>, u64) {
    let all = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&all);
    let crowded = Predicate::parse("count(leaders) > 0 and commit > 3", &[]).expect("it is a predicate");
    let spectator = move |scene: &dyn Scene| {
        let looks = (0..scene.nodes()).map(|slot| scene.look(NodeId(slot))).collect();
        let sight = Sight {
            step: scene.step(),
            time: scene.time(),
            looks,
            flying: scene.flights().len(),
            crowded: scene.holds(&crowded),
        };
        kept.borrow_mut().push((scene.noted(), sight));
        ControlFlow::Continue(())
    };
    let settings = Settings { keep: Keep::All, ..Settings::default() };
    let verdict = runner(plan).watched(plan.clone(), &settings, Box::new(spectator)).expect("it runs");
    let mut sights: Vec<(usize, Sight)> = Vec::new();
    for (noted, sight) in all.take() {
        let remark = |before: &(usize, Sight)| {
            before.1.time == sight.time
                && verdict.trace[before.0..noted].iter().all(|record| record.what == What::Act)
        };
        if sights.last().is_some_and(remark) {
            sights.pop();
        }
        sights.push((noted, sight));
    }
    (sights.into_iter().map(|(_, sight)| sight).collect(), verdict.digest)
}

fn sight_of(debugger: &mut Debugger) -> (u32, u64, Vec<Look>, usize) {
    let Answer::Nodes(still) = debugger.obey(&Command::Print(None)) else { panic!("nodes can be seen") };
    let looks = still.nodes.iter().map(|node| node.look).collect();
    (still.step, still.time, looks, still.flights.len())
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Step(usize),
    Back(usize),
    Continue,
    ReverseContinue,
    ToStep(u32),
    ToTime(u64),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        (0..400_usize).prop_map(Move::Step),
        (0..400_usize).prop_map(Move::Back),
        Just(Move::Continue),
        Just(Move::ReverseContinue),
        (0..1_500_u32).prop_map(Move::ToStep),
        (0..9_000_000_000_u64).prop_map(Move::ToTime),
    ];
    proptest::collection::vec(one, 1..12)
}

/// Where the slow one is after a move from `at`: it walks, a moment at a time.
fn walked(sights: &[Sight], at: usize, one: Move) -> usize {
    let last = sights.len() - 1;
    let closes = |place: usize| sights[place].crowded && (place == 0 || !sights[place - 1].crowded);
    let mut at = at;
    match one {
        Move::Step(count) => at = (at + count).min(last),
        Move::Back(count) => at = at.saturating_sub(count),
        Move::Continue => loop {
            at += 1;
            if at >= last || closes(at) {
                return at.min(last);
            }
        },
        Move::ReverseContinue => loop {
            at = at.saturating_sub(1);
            if at == 0 || closes(at) {
                return at;
            }
        },
        Move::ToStep(step) => at = sights.iter().position(|sight| sight.step >= step).unwrap_or(last),
        Move::ToTime(time) => at = sights.iter().rposition(|sight| sight.time <= time).unwrap_or(0),
    }
    at
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_moves_land_where_a_slow_debugger_lands(seed in 1..40_u64, moves in moves()) {
        let plan = plan("campaign/small", seed, None);
        let (sights, digest) = slow(&plan);
        let mut fast = debugger(&plan);
        prop_assert_eq!(fast.recording().verdict.digest, digest);
        prop_assert_eq!(fast.recording().moments.len(), sights.len());
        obey(&mut fast, "break count(leaders) > 0 and commit > 3");
        let mut at = 0;
        for one in moves {
            at = walked(&sights, at, one);
            let command = match one {
                Move::Step(count) => Command::Step(count),
                Move::Back(count) => Command::Back(count),
                Move::Continue => Command::Continue,
                Move::ReverseContinue => Command::ReverseContinue,
                Move::ToStep(step) => Command::Go(Goal::Step(step)),
                Move::ToTime(time) => Command::Go(Goal::Time(time)),
            };
            fast.obey(&command);
            let Sight { step, time, looks, flying, .. } = sights[at].clone();
            prop_assert_eq!(sight_of(&mut fast), (step, time, looks, flying), "after {:?} at {}", one, at);
        }
    }

    #[test]
    fn edits_keep_the_past_and_undo_gives_the_recorded_run_again(seed in 1..40_u64, at in 20..300_usize, node in 0..3_u8) {
        let plan = plan("campaign/small", seed, None);
        let mut debugger = debugger(&plan);
        let recorded = debugger.recording().clone();
        debugger.obey(&Command::Step(at));
        let (here, before) = (debugger.cursor(), sight_of(&mut debugger));
        let mut left = 0;
        for act in [Act::Crash(Target::node(NodeId(node))), Act::Heal, Act::Restart(Target::Crashed)] {
            let told = debugger.obey(&Command::Act(act, None));
            prop_assert!(matches!(told, Answer::Left | Answer::Cannot(_)), "{:?}", told);
            left += u32::from(told == Answer::Left);
            prop_assert_eq!(&debugger.recording().moments[..=here], &recorded.moments[..=here]);
        }
        prop_assert_eq!(debugger.left_at().is_some(), left > 0);
        (0..left).for_each(|_| assert_eq!(debugger.obey(&Command::Undo), Answer::Undone));
        prop_assert_eq!(debugger.recording().verdict.digest, recorded.verdict.digest);
        prop_assert_eq!((debugger.cursor(), sight_of(&mut debugger)), (here, before));
        prop_assert!(matches!(debugger.obey(&Command::Undo), Answer::Cannot(_)));
    }
}

/// The paper's figure 8 with the mistake that it is about.
fn figure_8() -> Plan {
    plan("paper/figure-8", 8, Some("commits-older-term"))
}

#[test]
fn one_stops_at_findings_and_goes_back_from_one_to_the_other() {
    let mut debugger = debugger(&figure_8());
    let steps = |debugger: &Debugger| debugger.moment().step;
    assert!(matches!(obey(&mut debugger, "g violation"), Answer::Here(why) if why.contains(&Reason::End)));
    assert_eq!(steps(&debugger), 34);
    let Answer::Here(why) = obey(&mut debugger, "rc") else { panic!("one goes somewhere") };
    assert!(matches!(&why[..], [Reason::Finding(finding)] if finding.at.step == 19), "{why:?}");
    obey(&mut debugger, "break n3.role changes");
    obey(&mut debugger, "break leader changes");
    let Answer::Here(why) = obey(&mut debugger, "c") else { panic!("one goes somewhere") };
    assert!(
        matches!(&why[..], [Reason::Trap(2, Trap::Changes(_), hit)] if hit.before == Some(0) && hit.after.is_none())
    );
    assert_eq!(obey(&mut debugger, "delete"), Answer::Deleted(2));
    assert!(matches!(obey(&mut debugger, "delete 1"), Answer::Cannot(_)));
}

#[test]
fn what_led_to_a_step_goes_back_to_the_beginning() {
    let mut debugger = debugger(&figure_8());
    obey(&mut debugger, "g violation");
    let Answer::Causes(links) = obey(&mut debugger, "cause") else { panic!("there are causes") };
    let trace = &debugger.recording().verdict.trace;
    let steps: Vec<u32> = links.iter().map(|link| trace[link.place].step).collect();
    assert_eq!(
        steps,
        [34, 31, 28, 21, 20],
        "a vote, the request for it, two timers that an act let run out, a start"
    );
}

#[test]
fn a_path_that_was_left_is_the_run_of_what_is_saved() {
    let mut debugger = debugger(&figure_8());
    let recorded = debugger.recording().verdict.clone();
    obey(&mut debugger, "g 19");
    assert_eq!(obey(&mut debugger, "timeout n2"), Answer::Left);
    assert_eq!(debugger.left_at(), Some(19));
    let trace = &debugger.recording().verdict.trace;
    let here = debugger.recording().records_of(debugger.cursor());
    assert!(trace[here].iter().any(|record| record.what == What::Act));
    let Answer::Save(file, text) = obey(&mut debugger, "save a path.json") else { panic!("it can be saved") };
    assert_eq!(file, "a path.json");
    let saved = Scenario::parse(&file, &text).unwrap_or_else(|wrong| panic!("{}\n{text}", wrong[0]));
    let again = saved.plan(8);
    let verdict = runner(&again).run(again.clone(), &Settings::default()).expect("it runs");
    assert_eq!(verdict.digest, debugger.recording().verdict.digest);
    assert_ne!(verdict.digest, recorded.digest);
    assert_eq!(saved.found().is_some(), verdict.found().next().is_some());
}

#[test]
fn a_message_is_named_by_its_number_and_lost_or_held() {
    let plan = plan("election/first-leader", 1, None);
    let mut debugger = debugger(&plan);
    obey(&mut debugger, "break count(candidates) > 0");
    obey(&mut debugger, "c");
    obey(&mut debugger, "s");
    let Answer::Net(flying) = obey(&mut debugger, "net") else { panic!("there is a net") };
    let one = flying[0];
    for (meddling, gone) in [(Meddling::Drop, true), (Meddling::Hold, false)] {
        let before = debugger.moment().step;
        assert_eq!(debugger.obey(&Command::Message(meddling, one.number)), Answer::Left, "{meddling:?}");
        assert_eq!(debugger.moment().step, before);
        let Answer::Net(now) = obey(&mut debugger, "net") else { panic!("there is a net") };
        let still = now.iter().find(|other| other.number == one.number);
        assert_eq!(still.is_none(), gone);
        assert!(still.is_none_or(|held| held.flight.due.is_none()));
        assert_eq!(now.len(), flying.len() - usize::from(gone), "all others fly on");
        assert_eq!(obey(&mut debugger, "undo"), Answer::Undone);
    }
    assert!(matches!(obey(&mut debugger, "drop 999999"), Answer::Cannot(_)));
}

#[test]
fn a_message_arrives_when_it_is_told_to() {
    let plan = plan("election/first-leader", 1, None);
    let mut debugger = debugger(&plan);
    let recorded = debugger.recording().verdict.digest;
    obey(&mut debugger, "break count(candidates) > 0");
    obey(&mut debugger, "c");
    obey(&mut debugger, "s");
    let Answer::Net(flying) = obey(&mut debugger, "net") else { panic!("there is a net") };
    let now = debugger.moment().time + 1;
    let late = |one: &&Airborne| one.flight.due.is_some_and(|due| due > now + 1);
    let one = *flying.iter().rfind(late).expect("one takes its time");
    let past = debugger.recording().moments[..=debugger.cursor()].to_vec();
    assert_eq!(obey(&mut debugger, &format!("deliver {}", one.number)), Answer::Left);
    let here = debugger.recording().records_of(debugger.cursor());
    let record = debugger.recording().verdict.trace[here][0];
    assert_eq!((record.time, record.node, record.peer), (now, one.flight.to, one.flight.from));
    assert!(matches!(record.what, What::Received(_)), "{record:?}");
    let so_far = debugger.recording().moments[..past.len()].iter();
    assert!(so_far.zip(&past).all(|(new, old)| (new.step, new.time) == (old.step, old.time)));
    let Answer::Net(flying) = obey(&mut debugger, "net") else { panic!("there is a net") };
    assert!(flying.iter().all(|other| other.number != one.number), "it flies no more");
    assert_ne!(debugger.recording().verdict.digest, recorded);
    assert_eq!(obey(&mut debugger, "undo"), Answer::Undone);
    assert_eq!(debugger.recording().verdict.digest, recorded);
}

#[test]
fn the_story_of_a_path_is_that_of_its_run() {
    let mut debugger = debugger(&figure_8());
    obey(&mut debugger, "g 5");
    let Answer::Why(story) = obey(&mut debugger, "why") else { panic!("there is a story") };
    let broken: Vec<&str> =
        story.lines.iter().filter(|line| line.broken).map(|line| &*line.section).collect();
    assert_eq!(broken, ["§5.4.2"]);
    obey(&mut debugger, "g 12");
    assert_eq!(obey(&mut debugger, "crash n1"), Answer::Left);
    let Answer::Why(story) = obey(&mut debugger, "why") else { panic!("there is a story") };
    let accused = |line: &Line| line.broken.then(|| (line.at.node, line.section.to_string()));
    let accused: Vec<(NodeId, String)> = story.lines.iter().filter_map(accused).collect();
    let n5 = (NodeId(4), "§5.4.2".to_owned());
    assert_eq!(accused, [n5], "n1 is down before it counts, and n5 comes to make the mistake: {story:#?}");
}

/// A cluster of somebody else's Raft in which nobody leads in the end, since two of three are gone.
const OTHERS: &str = r#"{
    "version": 1, "name": "others", "about": "Two of three crash.", "nodes": 3, "seed": 4, "run_for": "600ms",
    "system": "noraft", "network": { "latency": "5ms" }, "clients": [{ "count": 2, "every": "40ms" }],
    "timeline": [{ "at": "400ms", "do": { "crash": { "node": ["n1", "n2"] } } }],
    "settle": false, "expect": [{ "committed_at_least": 1000 }]
}"#;

#[test]
fn a_system_of_somebody_else_is_looked_at_and_its_path_is_left_like_any_other() {
    let plan = Scenario::parse("others.json", OTHERS).unwrap_or_else(|wrong| panic!("{}", wrong[0])).plan(4);
    let mut debugger = debugger(&plan);
    obey(&mut debugger, "break commit > 2");
    obey(&mut debugger, "c");
    let (here, step) = (debugger.cursor(), debugger.moment().step);
    let Answer::Nodes(still) = obey(&mut debugger, "p") else { panic!("there are nodes") };
    assert_eq!(still.nodes.iter().map(|node| node.look.commit_index).max(), Some(3));
    let leader = still.nodes.iter().position(|node| node.look.role == Role::Leader).expect("it leads") + 1;
    let Answer::Node(one, node) = obey(&mut debugger, &format!("p n{leader}")) else { panic!("it is there") };
    assert_eq!((one.step, node.slot() + 1), (step, leader));
    let Answer::Log(log, _) = obey(&mut debugger, &format!("log n{leader}")) else { panic!("it has a log") };
    assert_eq!(log.log.len() as u64, log.look.last_index);
    assert!(log.log.len() > 2 && log.log.iter().all(|entry| entry.term == log.look.term), "{:?}", log.log);
    let seen = sight_of(&mut debugger);
    obey(&mut debugger, "s 7");
    assert_ne!(sight_of(&mut debugger), seen);
    obey(&mut debugger, "rs 7");
    assert_eq!((debugger.cursor(), sight_of(&mut debugger)), (here, seen), "back where one was");
    let Answer::Net(flying) = obey(&mut debugger, "net") else { panic!("there is a net") };
    assert_eq!(flying.len(), still.flights.len());
    let recorded = debugger.recording().verdict.digest;
    assert_eq!(obey(&mut debugger, &format!("crash n{leader}")), Answer::Left);
    assert_ne!(debugger.recording().verdict.digest, recorded);
    assert_eq!(obey(&mut debugger, "undo"), Answer::Undone);
    assert_eq!(debugger.recording().verdict.digest, recorded);
    let Answer::Why(story) = obey(&mut debugger, "why") else { panic!("there is a story") };
    let text: Vec<&str> = story.lines.iter().map(|line| line.text.as_str()).collect();
    for gone in ["n1 crashes and does not come back", "n2 crashes and does not come back"] {
        assert!(text.contains(&gone), "{text:#?}");
    }
}

#[test]
fn clients_wait_until_they_are_answered() {
    let mut debugger = debugger(&plan("election/leader-crash", 5, None));
    let waits = |debugger: &mut Debugger| {
        let Answer::Clients(pending) = obey(debugger, "clients") else { panic!("there are clients") };
        pending.len()
    };
    assert_eq!(waits(&mut debugger), 0);
    let counts: Vec<usize> = (0..40)
        .map(|_| {
            obey(&mut debugger, "s 25");
            waits(&mut debugger)
        })
        .collect();
    let (least, most) = (counts.iter().min(), counts.iter().max());
    assert!(least < most && most > Some(&30), "after the crash of the leader more wait: {counts:?}");
}

#[test]
fn what_cannot_be_done_changes_nothing() {
    let mut debugger = debugger(&figure_8());
    let digest = debugger.recording().verdict.digest;
    obey(&mut debugger, "g 7");
    for text in ["crash n5", "restart n1", "resume n2"] {
        assert!(matches!(obey(&mut debugger, text), Answer::Cannot(_)), "{text}");
    }
    obey(&mut debugger, "g end");
    assert!(matches!(obey(&mut debugger, "crash n2"), Answer::Cannot(why) if why.contains("over")));
    assert_eq!((debugger.recording().verdict.digest, debugger.left_at()), (digest, None));
}

#[test]
fn nodes_show_what_they_hold() {
    let mut debugger = debugger(&figure_8());
    obey(&mut debugger, "g 19");
    let Answer::Node(still, node) = obey(&mut debugger, "p n1") else { panic!("there is a node") };
    let n1 = &still.nodes[node.slot()];
    assert_eq!((n1.look.role, n1.look.term, n1.log.len()), (Role::Leader, 4, 3));
    assert_eq!(n1.progress.len(), 4);
    let n5 = &still.nodes[4];
    assert!(!n5.server.up && n5.log == n5.stored && n5.log.len() == 2);
}

#[test]
fn wrong_commands_are_told_where_and_what_was_meant() {
    let table = [
        ("stpe", 0, "no command `stpe`", "did you mean `step`?"),
        ("p n99", 2, "from n1 to n5, found `n99`", ""),
        ("p n0", 2, "from n1 to n5", ""),
        ("log", 3, "expected a node", ""),
        ("g violatoin", 2, "`violation`, `start` or `end`, found", "did you mean `violation`?"),
        ("break count(leders) > 1", 12, "a group of nodes", "did you mean `leaders`?"),
        ("break n3.comit changes", 9, "something that can change", "did you mean `commit`?"),
        ("break n9.term > 1", 6, "from n1 to n5, found `n9`", ""),
        ("watch leadr", 6, "something that can change", "did you mean `leader`?"),
        ("s many", 2, "expected how many, found `many`", ""),
        ("net now", 4, "`net` takes no `now` here", "usage: net"),
        ("restart n1 for 5s", 11, "done once", ""),
        ("crash n1 for ages", 13, "expected a time such as 500ms", ""),
        ("partition n1 | n1", 15, "n1 is in a group already", ""),
        ("partition", 9, "expected a node", ""),
        ("drop it", 5, "the number of a message", ""),
        ("save", 4, "expected the file", ""),
        ("help me", 5, "no command `me`", ""),
    ];
    for (text, at, message, help) in table {
        let mistake = Command::parse(text, 5).expect_err(text);
        assert_eq!(mistake.at, at, "{text}: {mistake}");
        assert!(mistake.message.contains(message), "{text}: {mistake}");
        assert_eq!(mistake.help.as_deref().unwrap_or(""), help, "{text}");
    }
    assert_eq!(Command::parse("   ", 5), Ok(None));
    for hostile in [
        "x".repeat(100_000),
        format!("save {}", "y".repeat(100_000)),
        "g ".repeat(50_000),
        "\u{0}\u{1b}[31m".into(),
    ] {
        let mistake = Command::parse(&hostile, 5).expect_err("it is no command");
        assert!(mistake.message.len() < 200);
    }
}

#[test]
fn every_command_has_names_of_its_own_and_help() {
    let names: Vec<&str> = VERBS.iter().flat_map(|verb| verb.names.iter().copied()).collect();
    for (place, name) in names.iter().enumerate() {
        assert!(!names[..place].contains(name), "{name}");
        assert!(matches!(Command::parse(&format!("help {name}"), 3), Ok(Some(Command::Help(Some(_))))));
    }
}
