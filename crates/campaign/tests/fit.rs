//! What a system refuses is found part by part, and for every seed at once.

use std::collections::BTreeMap;
use whitewater_campaign::fit::misfits;
use whitewater_campaign::leg::{Leg, Overrides};
use whitewater_campaign::seeds::SeedRange;
use whitewater_sim::plan::Plan;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::{Course, Runner, Settings};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::scenario::asked::Part;
use whitewater_sim::verdict::Verdict;
use whitewater_systems::SYSTEMS;
use whitewater_systems::whitewater::Whitewater;

fn scenario(system: &str) -> Scenario {
    let text = format!(
        r#"{{ "version": 1, "name": "a", "about": "A.", "nodes": 3, "run_for": "1s", "system": {system} }}"#
    );
    Scenario::parse("a.json", &text).expect("it is a scenario")
}

/// Needs a `size` below 10, and no more than two options.
struct Picky;

impl Runner for Picky {
    fn run(&mut self, mut plan: Plan, settings: &Settings) -> Result<Verdict, Unsupported> {
        let options = std::mem::take(&mut plan.system.options);
        let refused = |why: &str| Err(Unsupported(why.to_owned()));
        match options.get("size") {
            None => refused("what size?"),
            Some(10..) => refused("too large"),
            Some(_) if options.len() > 2 => refused("too much is asked"),
            Some(_) => Course::<Whitewater>::new().run(plan, settings),
        }
    }
}

fn refused(system: &str) -> BTreeMap<Part, String> {
    misfits(&scenario(system), || Box::new(Picky)).into_iter().collect()
}

fn option(name: &str) -> Part {
    Part::Option(name.to_owned())
}

#[test]
fn each_part_that_is_refused_is_named_once() {
    assert_eq!(refused(r#"{ "whitewater": { "size": 5 } }"#), BTreeMap::new());
    assert_eq!(refused(r#""whitewater""#), [(Part::System, "what size?".to_owned())].into());
    let drawn = r#"{ "whitewater": { "size": { "between": [5, 12] }, "bug": "nobodys" } }"#;
    let expected = [(option("size"), "too large"), (Part::Bug, "whitewater has no bug `nobodys`")];
    assert_eq!(refused(drawn), expected.map(|(part, why)| (part, why.to_owned())).into());
    let listed = r#"{ "whitewater": { "size": { "one_of": [5, 11, 6, 12] } } }"#;
    assert_eq!(refused(listed), [(option("size"), "too large".to_owned())].into());
}

#[test]
fn as_few_parts_are_named_as_can_be() {
    let crowd = refused(r#"{ "whitewater": { "a": 1, "b": 1, "c": 1, "size": 5 } }"#);
    assert_eq!(crowd, [option("a"), option("b")].map(|part| (part, "too much is asked".to_owned())).into());
}

#[test]
fn a_leg_is_refused_for_what_only_some_seeds_draw() {
    let drawn = r#"{ "whitewater": { "entries_per_append": { "between": [1, 65537] } } }"#;
    let (scenario, overrides) = (scenario(drawn), Overrides::default());
    let leg = Leg {
        scenario: &scenario,
        seeds: SeedRange::one(1),
        overrides: &overrides,
        runner: SYSTEMS[0].runner,
    };
    assert!(leg.refusal().is_some_and(|Unsupported(why)| why.contains("65537")));
    let elsewhere = Overrides { system: Some("noraft".to_owned()), bug: None };
    let leg = Leg { overrides: &elsewhere, runner: SYSTEMS[1].runner, ..leg };
    assert_eq!(leg.refusal(), None, "options do not come along to another system");
}
