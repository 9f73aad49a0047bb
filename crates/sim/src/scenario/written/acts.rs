//! Acts of a plan as a file has them, on the timeline and in chaos.

use crate::plan::{
    Act, Ask, Chaos, Direction, Due, Interference, MessagePick, Pick, Plan, Strikes, Target, TimelineAct,
};
use crate::scenario::json::Json;
use crate::scenario::message::Kind;
use crate::scenario::rate::Rate;
use crate::scenario::written::values::{list, nodes, number, object, spread, target, time};
use whitewater_check::types::Nanos;

/// What a narrator says of an act that does and says nothing: a file has no such act.
const SILENCE: &str = "...";

/// Whether anything in a plan empties disks.
pub(super) fn does_wipe(plan: &Plan) -> bool {
    let picks = plan.chaos.iter().flat_map(|chaos| &chaos.pick).map(|pick| &pick.act);
    plan.timeline.iter().map(|act| &act.act).chain(picks).any(|act| matches!(act, Act::Wipe(_)))
}

/// One act of the timeline.
pub(super) fn entry(act: &TimelineAct) -> Json {
    let mut json = object([]);
    match &act.due {
        Due::At(at) => json.push("at", time(*at)),
        Due::When(predicate, after) => {
            json.push("when", Json::text(&predicate.to_string()));
            if *after != 0 {
                json.push("after", time(*after));
            }
        }
    }
    let silent = act.act == Act::Nothing && act.note.is_none();
    let note = act.note.as_deref().or(silent.then_some(SILENCE));
    note.iter().for_each(|note| json.push("note", Json::text(note)));
    if act.act != Act::Nothing {
        json.push("do", deed(&act.act));
    }
    act.lasts.iter().for_each(|lasts| json.push("for", time(*lasts)));
    if act.standing {
        json.push("standing", Json::Leaf("true".to_owned()));
    }
    json
}

/// A stream of drawn faults. What swarm mode has switched off has no weight.
pub(super) fn chaos(chaos: &Chaos) -> Json {
    let picks = ("pick", list(chaos.pick.iter().map(pick)));
    match &chaos.pace {
        Strikes::Every(time) => object([("every", spread(time)), picks]),
        Strikes::When(when, after) => {
            object([("when", Json::text(&when.to_string())), ("after", spread(after)), picks])
        }
    }
}

fn pick(pick: &Pick) -> Json {
    let mut json = object([]);
    if pick.weight != 1 {
        json.push("weight", number(pick.weight.into()));
    }
    json.push("do", deed(&pick.act));
    pick.lasts.iter().for_each(|lasts| json.push("for", spread(lasts)));
    json
}

/// What is done.
fn deed(act: &Act) -> Json {
    match act {
        Act::Crash(whom) => aimed("crash", *whom, []),
        Act::CrashAfterEffects(whom, effects) => {
            aimed("crash", *whom, [("after_effects", number(u64::from(*effects)))])
        }
        Act::Restart(whom) => aimed("restart", *whom, []),
        Act::Pause(whom) => aimed("pause", *whom, []),
        Act::Resume(whom) => aimed("resume", *whom, []),
        Act::Isolate(whom, direction) => traffic("isolate", *whom, *direction),
        Act::Partition(groups) => {
            let groups = list(groups.iter().copied().map(nodes));
            object([("partition", object([("groups", groups)]))])
        }
        Act::Bridge(whom) => aimed("bridge", *whom, []),
        Act::Ring => Json::text("ring"),
        Act::Heal => Json::text("heal"),
        Act::Clog(whom, direction) => traffic("clog", *whom, *direction),
        Act::Swizzle(whom) => aimed("swizzle", *whom, []),
        Act::Flap(whom, every) => aimed("flap", *whom, [("every", time(*every))]),
        Act::StallDisk(whom) => aimed("stall_disk", *whom, []),
        Act::FailDisk(whom) => aimed("fail_disk", *whom, []),
        Act::FillDisk(whom) => aimed("fill_disk", *whom, []),
        Act::Damage(whom) => aimed("damage", *whom, []),
        Act::Wipe(whom) => aimed("wipe", *whom, []),
        Act::Drift(whom, rate) => {
            aimed("drift", *whom, [("rate", Json::Leaf(Rate::ppm(u64::from(*rate)).to_string()))])
        }
        Act::Timeout(whom) => aimed("timeout", *whom, []),
        Act::Intercept(pick, Interference::Drop) => object([("drop", messages(pick))]),
        Act::Intercept(pick, Interference::Hold) => object([("hold", messages(pick))]),
        Act::Intercept(pick, Interference::Delay(takes)) => timed("delay", pick, *takes),
        Act::Intercept(pick, Interference::Duplicate(takes)) => timed("duplicate", pick, *takes),
        Act::Release => Json::text("release"),
        Act::Request(whom, 1) => aimed("request", *whom, []),
        Act::Request(whom, count) => aimed("request", *whom, [("count", number(u64::from(*count)))]),
        Act::Ask(whom, client, ask) => {
            aimed("request", *whom, [("client", number(u64::from(*client))), ("what", wish(*ask))])
        }
        Act::Nothing => Json::text("nothing"),
    }
}

fn wish(ask: Ask) -> Json {
    let (name, key) = match ask {
        Ask::Get(key) => ("get", key),
        Ask::Put(key) => ("put", key),
        Ask::Append(key) => ("append", key),
        Ask::CompareAndSet(key) => ("compare_and_set", key),
        Ask::Again => return Json::text("again"),
    };
    object([(name, number(u64::from(key)))])
}

fn timed(name: &str, pick: &MessagePick, takes: Nanos) -> Json {
    let mut inner = messages(pick);
    inner.push("takes", time(takes));
    object([(name, inner)])
}

fn aimed<const N: usize>(name: &str, whom: Target, more: [(&str, Json); N]) -> Json {
    let mut inner = object([("node", target(whom))]);
    more.into_iter().for_each(|(name, value)| inner.push(name, value));
    object([(name, inner)])
}

fn traffic(name: &str, whom: Target, direction: Direction) -> Json {
    match direction {
        Direction::Both => aimed(name, whom, []),
        Direction::In => aimed(name, whom, [("one_way", Json::text("in"))]),
        Direction::Out => aimed(name, whom, [("one_way", Json::text("out"))]),
    }
}

fn messages(pick: &MessagePick) -> Json {
    let mut json = object([]);
    pick.kind.and_then(Kind::name).iter().for_each(|kind| json.push("kind", Json::text(kind)));
    for (name, set) in [("from", pick.from), ("to", pick.to)] {
        if set != u64::MAX {
            json.push(name, nodes(set));
        }
    }
    let numbers = [("term", pick.term), ("nth", pick.nth.map(u64::from))];
    for (name, value) in numbers {
        value.iter().for_each(|value| json.push(name, number(*value)));
    }
    json
}
