//! Whoever looks on sees what the trace tells, and changes nothing.

use std::cell::RefCell;
use std::fs;
use std::ops::ControlFlow;
use std::rc::Rc;
use whitewater_check::markers::Marker;
use whitewater_check::observe::Role;
use whitewater_check::types::NodeId;
use whitewater_sim::plan::Plan;
use whitewater_sim::predicate::Predicate;
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::scene::Scene;
use whitewater_sim::trace::{Keep, What};
use whitewater_sim::verdict::Verdict;
use whitewater_systems::SYSTEMS;

fn plan(name: &str, seed: u64) -> Plan {
    let path = format!("{}/../../scenarios/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).expect("the scenario can be read");
    Scenario::parse(&path, &text).expect("it is one").plan(seed)
}

fn runner(plan: &Plan) -> Box<dyn Runner> {
    let listed = SYSTEMS.iter().find(|listed| listed.name == plan.system.name).expect("it is listed");
    (listed.runner)()
}

fn settings() -> Settings {
    Settings { keep: Keep::All, ..Settings::default() }
}

/// What was seen after every step and act until there was nothing more to see, and the verdict.
fn seen<T: 'static>(plan: Plan, mut see: impl FnMut(&dyn Scene) -> Option<T> + 'static) -> (Vec<T>, Verdict) {
    let all = Rc::new(RefCell::new(Vec::new()));
    let kept = Rc::clone(&all);
    let spectator = move |scene: &dyn Scene| match see(scene) {
        Some(one) => {
            kept.borrow_mut().push(one);
            ControlFlow::Continue(())
        }
        None => ControlFlow::Break(()),
    };
    let verdict = runner(&plan).watched(plan, &settings(), Box::new(spectator)).expect("it runs");
    (all.take(), verdict)
}

#[test]
fn a_run_is_the_same_whoever_looks_on() {
    for seed in 1..20 {
        let plan = plan("campaign/small", seed);
        let alone = runner(&plan).run(plan.clone(), &settings()).expect("it runs");
        let (steps, watched) = seen(plan, |scene| {
            let last = scene.look(NodeId(0)).last_index;
            let held = scene.stored(NodeId(1)).unsynced + scene.flights().len();
            assert!(held < 1 << 16 && scene.entry(NodeId(0), last + (1 << 20)).is_none());
            Some(scene.step())
        });
        assert_eq!((alone.digest, alone.steps), (watched.digest, watched.steps), "seed {seed}");
        assert_eq!(steps.last(), Some(&watched.steps), "the last step is shown, too");
    }
}

#[test]
fn it_ends_where_the_spectator_leaves() {
    let (steps, verdict) =
        seen(plan("campaign/small", 1), |scene| (scene.step() < 200).then_some(scene.step()));
    assert_eq!(steps.last(), Some(&199));
    assert!((200..210).contains(&verdict.steps), "the event goes on to its end: {}", verdict.steps);
}

#[test]
fn messages_on_their_way_were_sent_and_have_not_arrived() {
    let (seen, verdict) = seen(plan("campaign/small", 3), |scene| {
        let flights = scene.flights();
        assert!(flights.iter().all(|flight| flight.due.is_none_or(|due| due >= scene.time())));
        assert!(flights.is_sorted_by_key(|flight| (flight.from, flight.to, flight.number)));
        Some((scene.noted(), flights.iter().filter(|flight| !flight.copy).count()))
    });
    let mut on_their_way = 0_usize;
    let mut checked = 0;
    let mut scenes = seen.iter().peekable();
    for (place, record) in verdict.trace.iter().enumerate() {
        while let Some((_, flying)) = scenes.next_if(|(noted, _)| *noted <= place) {
            // A step that waits for its disk has sent nothing yet of what comes after; held ones fly, too.
            checked += 1;
            assert!(*flying <= on_their_way, "{flying} of {on_their_way} at record {place}");
        }
        on_their_way += usize::from(matches!(record.what, What::Sent(_) | What::Held(_)));
    }
    assert!(checked > 500 && seen.iter().any(|(_, flying)| *flying > 5));
}

#[test]
fn a_scene_agrees_with_the_trace_and_with_predicates() {
    let markers: Vec<&'static str> = Marker::ALL.iter().map(|marker| marker.name()).collect();
    let predicate = Predicate::parse("count(leaders) > 0", &markers).expect("it is one");
    let (scenes, verdict) = seen(plan("campaign/small", 5), move |scene| {
        let nodes = (0..scene.nodes()).map(NodeId);
        let leads = |node| scene.server(node).up && scene.look(node).role == Role::Leader;
        assert_eq!(nodes.clone().any(leads), scene.holds(&predicate));
        for node in nodes.clone() {
            let (look, server) = (scene.look(node), scene.server(node));
            if server.up && !server.blocked {
                assert!((1..=look.last_index).all(|index| scene.entry(node, index).is_some()));
                assert_eq!(scene.entry(node, look.last_index + 1), None);
            }
            assert!(scene.stored(node).hard_state.term <= look.term || !server.up);
        }
        Some(nodes.filter(|node| !scene.server(*node).up).count())
    });
    let crashes = verdict.trace.iter().filter(|record| record.what == What::Crashed).count();
    assert!(crashes > 0 && scenes.iter().any(|down| *down > 0));
}
