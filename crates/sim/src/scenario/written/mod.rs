//! From any plan to the text of a file: what differs from the defaults, and nothing else.
//!
//! The plan need not have come from a file. Whoever changes plans, to make them smaller or to try something,
//! gets an ordinary scenario out of it, to read and to edit. What the parts of a plan mean is not judged here.

mod acts;
mod surroundings;
mod values;

use crate::measure::Measure;
use crate::plan::{Bound, Expect, Plan, Stored, SystemChoice, Timing};
use crate::scenario::found::Found;
use crate::scenario::json::Json;
use crate::scenario::resolved::put_on_the_water;
use crate::scenario::written::acts::{chaos, does_wipe, entry};
use crate::scenario::written::surroundings::{clients, clock, disk, network};
use crate::scenario::written::values::{list, nodes, number, object, time};
use whitewater_check::types::Nanos;

/// The version of the format that is written.
const VERSION: u64 = 1;

/// The timeouts of a file that names none.
const TIMING: Timing =
    Timing { election_timeout_min: 150_000_000, election_timeout_max: 300_000_000, heartbeat: 50_000_000 };

/// The system of a file that names none.
const SYSTEM: &str = "whitewater";

/// The text of the file with this plan.
pub(crate) fn written(plan: &Plan, found: Option<&Found>, about: &str) -> String {
    let mut file = object([
        ("version", number(VERSION)),
        ("name", Json::text(&plan.name)),
        ("about", Json::text(about)),
        ("nodes", number(plan.nodes.into())),
        ("seed", number(plan.seed)),
    ]);
    if !plan.free {
        file.push("seeds", Json::text("fixed"));
    }
    file.push("run_for", time(plan.run_for));
    plan.settle_within.iter().for_each(|within| file.push("settle_within", time(*within)));
    if !plan.settles {
        file.push("settle", Json::Leaf("false".to_owned()));
    }
    system(&mut file, &plan.system);
    timing(&mut file, &plan.timing);
    let parts = [
        ("network", network(&plan.network, everybody(plan))),
        ("disk", disk(&plan.disk)),
        ("clock", clock(&plan.clock)),
        ("start", list(plan.stored.iter().map(stored))),
        ("clients", list(plan.clients.iter().map(clients))),
        ("timeline", list(plan.timeline.iter().map(entry))),
        ("chaos", list(plan.chaos.iter().map(chaos))),
    ];
    for (name, part) in parts {
        push_filled(&mut file, name, part);
    }
    if does_wipe(plan) {
        file.push("beyond_raft", Json::Leaf("true".to_owned()));
    }
    let measures = plan.measures.iter().map(|measure| Json::text(measure.name()));
    push_filled(&mut file, "measure", list(measures));
    push_filled(&mut file, "expect", list(plan.expect.iter().map(expectation)));
    found.iter().for_each(|found| file.push("found", found.json()));
    file.file()
}

/// Every node of a plan, as bits.
fn everybody(plan: &Plan) -> u64 {
    (1 << plan.nodes) - 1
}

/// Adds a field unless there is nothing in it.
fn push_filled(file: &mut Json, name: &str, part: Json) {
    let empty = match &part {
        Json::Object(fields) => fields.is_empty(),
        Json::List(elements) => elements.is_empty(),
        Json::Leaf(_) => false,
    };
    if !empty {
        file.push(name, part);
    }
}

fn system(file: &mut Json, system: &SystemChoice) {
    let plain = system.options.is_empty() && system.bug.is_none();
    match plain {
        true if system.name == SYSTEM => {}
        true => file.push("system", Json::text(&system.name)),
        false => file.push("system", put_on_the_water(system)),
    }
}

fn timing(file: &mut Json, timing: &Timing) {
    let range = |timing: &Timing| (timing.election_timeout_min, timing.election_timeout_max);
    if range(timing) != range(&TIMING) {
        let (min, max) = range(timing);
        file.push("election_timeout", list([time(min), time(max)]));
    }
    if timing.heartbeat != TIMING.heartbeat {
        file.push("heartbeat", time(timing.heartbeat));
    }
}

fn stored(stored: &Stored) -> Json {
    let mut json = object([("node", nodes(stored.nodes)), ("term", number(stored.term))]);
    push_filled(&mut json, "log", list(stored.log.iter().copied().map(number)));
    json
}

fn expectation(expect: &Expect) -> Json {
    match expect {
        Expect::Violates(property) => object([("violates", Json::text(property.name()))]),
        Expect::LeaderWithin(within) => object([("leader_within", time(*within))]),
        Expect::CommittedAtLeast(commands) => object([("committed_at_least", number(*commands))]),
        Expect::Finally(predicate) => object([("finally", Json::text(&predicate.to_string()))]),
        Expect::Sometimes(predicate) => object([("sometimes", Json::text(&predicate.to_string()))]),
        Expect::Never(predicate) => object([("never", Json::text(&predicate.to_string()))]),
        Expect::Measured { measure, percent, bound } => {
            object([("measured", measured(*measure, *percent, *bound))])
        }
    }
}

fn measured(measure: Measure, percent: u8, bound: Bound) -> Json {
    use crate::measure::Unit;
    let amount = |amount: Nanos| match measure.unit() {
        Unit::Nanoseconds => time(amount),
        Unit::PerSecond => number(amount),
    };
    let mut json = object([("what", Json::text(measure.name())), ("percent", number(percent.into()))]);
    match bound {
        Bound::AtMost(most) => json.push("at_most", amount(most)),
        Bound::AtLeast(least) => json.push("at_least", amount(least)),
    }
    json
}
