//! What is around the replicas of a plan, as a file has it: network, disks, clocks, clients.

use crate::chance::Chance;
use crate::distribution::Distribution;
use crate::plan::{ClientPlan, ClockPlan, CrashLeaves, DiskPlan, LinkPlan, NetworkPlan, Pace};
use crate::scenario::json::Json;
use crate::scenario::probability::Probability;
use crate::scenario::resolve::{LATENCY, SYNC};
use crate::scenario::written::push_filled;
use crate::scenario::written::values::{chance, list, nodes, number, object, spread, time};

/// The shares of a network that loses and doubles nothing.
const NEVER: [Chance; 3] = [Chance::NEVER; 3];

/// How many keys clients ask for, and how long they wait, when nothing is said.
const KEYS: u32 = 4;
const TIMEOUT: u64 = 500_000_000;

/// How messages travel.
pub(super) fn network(network: &NetworkPlan, everybody: u64) -> Json {
    let mut json = object([]);
    ways(&mut json, &network.all, &Distribution::uniform(LATENCY.0, LATENCY.1), NEVER);
    if network.asymmetry != Chance::NEVER {
        json.push("asymmetry", chance(network.asymmetry));
    }
    let links = network.links.iter().map(|(from, to, link)| {
        let mut json = object([]);
        for (name, set) in [("from", *from), ("to", *to)] {
            if set != everybody {
                json.push(name, nodes(set));
            }
        }
        ways(&mut json, link, &network.all.latency, shares(&network.all));
        json
    });
    push_filled(&mut json, "links", list(links));
    json
}

/// Adds what a link has of its own.
fn ways(json: &mut Json, link: &LinkPlan, latency: &Distribution, usual: [Chance; 3]) {
    if link.latency != *latency {
        json.push("latency", spread(&link.latency));
    }
    let names = ["loss", "duplicate", "reorder"];
    for ((name, share), usual) in names.into_iter().zip(shares(link)).zip(usual) {
        if share != usual {
            json.push(name, chance(share));
        }
    }
}

fn shares(link: &LinkPlan) -> [Chance; 3] {
    [link.loss, link.duplicate, link.reorder]
}

/// How disks behave.
pub(super) fn disk(disk: &DiskPlan) -> Json {
    let mut json = object([]);
    if disk.sync != Distribution::uniform(SYNC.0, SYNC.1) {
        json.push("sync", spread(&disk.sync));
    }
    match disk.crash_leaves {
        CrashLeaves::Some => {}
        CrashLeaves::Nothing => json.push("crash_leaves", Json::text("nothing")),
        CrashLeaves::All => json.push("crash_leaves", Json::text("all")),
    }
    json
}

/// How clocks go.
pub(super) fn clock(clock: &ClockPlan) -> Json {
    let mut json = object([]);
    if clock.drift_ppm != 0 {
        let drift = Probability::per_billion(u64::from(clock.drift_ppm) * 1_000);
        json.push("drift", Json::Leaf(drift.to_string()));
    }
    if clock.offset_max != 0 {
        json.push("offset", time(clock.offset_max));
    }
    json
}

/// Some clients that are alike.
pub(super) fn clients(clients: &ClientPlan) -> Json {
    let (name, pace) = match &clients.pace {
        Pace::Every(pace) => ("every", pace),
        Pace::Think(pace) => ("think", pace),
    };
    let mut json = object([("count", number(clients.count.into())), (name, spread(pace))]);
    if clients.keys != KEYS {
        json.push("keys", number(clients.keys.into()));
    }
    if clients.reads != Chance::per_billion(250_000_000) {
        json.push("reads", chance(clients.reads));
    }
    if clients.skew != Chance::NEVER {
        json.push("skew", chance(clients.skew));
    }
    if clients.timeout != TIMEOUT {
        json.push("timeout", time(clients.timeout));
    }
    json
}
