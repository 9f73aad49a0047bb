//! From a file and a seed to a plan: every open value is drawn, every default filled in.
//!
//! It cannot fail: `check` has refused whatever could not be resolved for some seed.

use crate::chance::Chance;
use crate::distribution::Distribution;
use crate::family::Family;
use crate::plan;
use crate::plan::{
    ClockPlan, DiskPlan, Due, LinkPlan, NetworkPlan, Plan, Stored, Strikes, TimelineAct, Timing,
};
use crate::scenario::draw::{Draw, Drawing};
use crate::scenario::duration::Time;
use crate::scenario::expect::Expect;
use crate::scenario::file::{Chaos, Clock, CrashLeaves, Entry, File, Link, Network, Pick, SeedsMode, Start};
use crate::scenario::path::Path;
use crate::scenario::probability::Probability;
use crate::scenario::spread::Spread;

/// The latency of a network that says nothing of it, in nanoseconds.
pub(crate) const LATENCY: (u64, u64) = (1_000_000, 10_000_000);

/// The time between faults of chaos that `check` would not have let through without it.
const NEVER: (u64, u64) = (u64::MAX, u64::MAX);

/// When chaos strikes that says nothing of how long after its `when`.
const AT_ONCE: (u64, u64) = (0, 0);

/// The duration of a sync on a disk that says nothing of it, in nanoseconds.
pub(crate) const SYNC: (u64, u64) = (100_000, 2_000_000);

impl File {
    /// The plan of the run of `seed`.
    pub(crate) fn plan(&self, seed: u64) -> Plan {
        let root = &Path::Root;
        let d = &mut Drawing::new(seed);
        let nodes = d.value(&root.field("nodes"), &self.nodes) as u8;
        let sync = self.disk.sync.as_ref();
        let disk = root.field("disk");
        let mut plan = Plan {
            name: self.name.clone(),
            seed,
            nodes,
            run_for: d.value(&root.field("run_for"), &self.run_for).0,
            settle_within: self
                .settle_within
                .as_ref()
                .map(|time| d.value(&root.field("settle_within"), time).0),
            settles: self.settle,
            system: self.system.resolve(d, &root.field("system")),
            timing: self.timing(d, root),
            network: self.network.resolve(d, &root.field("network"), (1 << nodes) - 1),
            stored: self.start.iter().map(Start::resolve).collect(),
            disk: DiskPlan {
                sync: spread(d, &disk.field("sync"), sync, SYNC),
                crash_leaves: match self.disk.crash_leaves {
                    CrashLeaves::Some => plan::CrashLeaves::Some,
                    CrashLeaves::Nothing => plan::CrashLeaves::Nothing,
                    CrashLeaves::All => plan::CrashLeaves::All,
                },
            },
            clock: self.clock.resolve(d, &root.field("clock")),
            clients: each(&self.clients, &root.field("clients"), |one, path| one.resolve(d, path)),
            timeline: each(&self.timeline, &root.field("timeline"), |one, path| one.resolve(d, path)),
            chaos: each(&self.chaos, &root.field("chaos"), |one, path| one.resolve(d, path)),
            measures: self.measure.iter().map(|measure| measure.0).collect(),
            expect: self.expect.iter().map(Expect::resolve).collect(),
            free: self.seeds == SeedsMode::Free,
            drawn: Vec::new(),
        };
        plan.drawn = std::mem::replace(d, Drawing::new(seed)).into_drawn();
        plan
    }

    fn timing(&self, d: &mut Drawing, root: &Path<'_>) -> Timing {
        let (min, max) = &self.election_timeout;
        let path = root.field("election_timeout");
        Timing {
            election_timeout_min: d.value(&path.item(0), min).0,
            election_timeout_max: d.value(&path.item(1), max).0,
            heartbeat: d.value(&root.field("heartbeat"), &self.heartbeat).0,
        }
    }
}

/// Resolves every element of a list at its own path.
fn each<T, R>(list: &[T], path: &Path<'_>, mut resolve: impl FnMut(&T, &Path<'_>) -> R) -> Vec<R> {
    list.iter().enumerate().map(|(n, one)| resolve(one, &path.item(n))).collect()
}

/// A distribution, or the uniform one between the defaults.
fn spread(d: &mut Drawing, path: &Path<'_>, spread: Option<&Spread>, default: (u64, u64)) -> Distribution {
    spread.map_or_else(|| Distribution::uniform(default.0, default.1), |spread| spread.resolve(d, path))
}

fn chance(d: &mut Drawing, path: &Path<'_>, draw: Option<&Draw<Probability>>, default: Chance) -> Chance {
    draw.map_or(default, |draw| d.value(path, draw).chance())
}

impl Network {
    fn resolve(&self, d: &mut Drawing, path: &Path<'_>, everybody: u64) -> NetworkPlan {
        let all = LinkPlan {
            latency: spread(d, &path.field("latency"), self.latency.as_ref(), LATENCY),
            loss: chance(d, &path.field("loss"), self.loss.as_ref(), Chance::NEVER),
            duplicate: chance(d, &path.field("duplicate"), self.duplicate.as_ref(), Chance::NEVER),
            reorder: chance(d, &path.field("reorder"), self.reorder.as_ref(), Chance::NEVER),
        };
        let links =
            each(&self.links, &path.field("links"), |link, path| link.resolve(d, path, &all, everybody));
        let asymmetry = chance(d, &path.field("asymmetry"), self.asymmetry.as_ref(), Chance::NEVER);
        NetworkPlan { all, links, asymmetry }
    }
}

impl Link {
    fn resolve(
        &self,
        d: &mut Drawing,
        path: &Path<'_>,
        all: &LinkPlan,
        everybody: u64,
    ) -> (u64, u64, LinkPlan) {
        let latency = self.latency.as_ref();
        let plan = LinkPlan {
            latency: latency.map_or_else(|| all.latency.clone(), |l| l.resolve(d, &path.field("latency"))),
            loss: chance(d, &path.field("loss"), self.loss.as_ref(), all.loss),
            duplicate: chance(d, &path.field("duplicate"), self.duplicate.as_ref(), all.duplicate),
            reorder: chance(d, &path.field("reorder"), self.reorder.as_ref(), all.reorder),
        };
        (self.from.map_or(everybody, |nodes| nodes.0), self.to.map_or(everybody, |nodes| nodes.0), plan)
    }
}

impl Clock {
    fn resolve(&self, d: &mut Drawing, path: &Path<'_>) -> ClockPlan {
        let drift = self.drift.as_ref().map(|drift| d.value(&path.field("drift"), drift));
        let offset = self.offset.as_ref().map(|offset| d.value(&path.field("offset"), offset));
        ClockPlan {
            drift_ppm: drift.map_or(0, |part| part.to_per_billion() / 1_000) as u32,
            offset_max: offset.map_or(0, |time| time.0),
        }
    }
}

impl Start {
    fn resolve(&self) -> Stored {
        Stored { nodes: self.node.0, term: self.term, log: self.log.clone() }
    }
}

impl Entry {
    fn resolve(&self, d: &mut Drawing, path: &Path<'_>) -> TimelineAct {
        let mut time = |name, draw: &Option<Draw<Time>>| Some(d.value(&path.field(name), draw.as_ref()?).0);
        let (at, after, lasts) = (time("at", &self.at), time("after", &self.after), time("for", &self.lasts));
        let due = match &self.when {
            None => Due::At(at.unwrap_or(0)),
            Some(condition) => Due::When(condition.predicate(), after.unwrap_or(0)),
        };
        let act = self.act.as_ref().map_or(plan::Act::Nothing, |act| act.resolve(d, &path.field("do")));
        TimelineAct { due, act, lasts, standing: self.standing, note: self.note.clone() }
    }
}

impl Chaos {
    fn resolve(&self, d: &mut Drawing, path: &Path<'_>) -> plan::Chaos {
        let pace = match &self.when {
            None => Strikes::Every(spread(d, &path.field("every"), self.every.as_ref(), NEVER)),
            Some(when) => {
                Strikes::When(when.predicate(), spread(d, &path.field("after"), self.after.as_ref(), AT_ONCE))
            }
        };
        let mut pick = each(&self.pick, &path.field("pick"), |pick, path| pick.resolve(d, path));
        if self.swarm {
            switch_off(&mut pick, d, &path.field("swarm"));
        }
        plan::Chaos { pace, pick }
    }
}

/// Swarm mode: each kind of fault is wholly off in about half of the seeds, because a little of everything
/// hides bugs. A kind is drawn by its name, so that all streams agree on it and no kind hangs on another.
fn switch_off(picks: &mut [plan::Pick], d: &mut Drawing, path: &Path<'_>) {
    let kinds = Path::Root.field("swarm");
    let mut families: Vec<Family> = picks.iter().filter_map(|pick| pick.act.family()).collect();
    families.sort_unstable();
    families.dedup();
    families.retain(|family| d.is_off(&kinds.field(family.name())));
    for pick in picks.iter_mut().filter(|pick| pick.act.family().is_some_and(|f| families.contains(&f))) {
        pick.weight = 0;
    }
    let names: Vec<&str> = families.iter().map(|family| family.name()).collect();
    let off = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    d.note(path, format!("{off} off"));
}

impl Pick {
    fn resolve(&self, d: &mut Drawing, path: &Path<'_>) -> plan::Pick {
        plan::Pick {
            weight: self.weight as u32,
            act: self.act.resolve(d, &path.field("do")),
            lasts: self.lasts.as_ref().map(|lasts| lasts.resolve(d, &path.field("for"))),
        }
    }
}
