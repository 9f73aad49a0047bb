//! The nemesis: draws faults from the weights that a scenario gives.
//!
//! The n-th strike of an entry of `chaos` has its own addresses for when, what, whom and how long. In swarm
//! mode each kind of fault is wholly off in about half of the seeds: a little of everything hides bugs.

use crate::chance::{Key, Keys, Purpose, between};
use crate::event::Scheduled;
use crate::faults::Undo;
use crate::plan::{Act, Chaos, Plan};
use crate::replica::System;
use crate::world::World;
use whitewater_check::types::Nanos;

/// Where the parts of a strike are drawn, behind its number; targets have the addresses of a key of its own.
const WHEN: u64 = 0;
const WHAT: u64 = 1;
const HOW_LONG: u64 = 2;
const WHOM: u64 = 3;

/// The state of a plan's `chaos`.
#[derive(Debug)]
pub(crate) struct Nemesis {
    streams: Vec<Stream>,
    /// Acts that are to be undone, by number.
    pub undos: Vec<Undo>,
    stopped: bool,
}

#[derive(Debug)]
struct Stream {
    key: Key,
    strikes: u64,
    /// The weight of each pick in this run; 0 when its kind is off.
    weights: Vec<u32>,
}

impl Nemesis {
    /// The nemesis of a run.
    pub(crate) fn new(plan: &Plan, keys: &Keys) -> Self {
        let streams = plan.chaos.iter().enumerate().map(|(number, chaos)| {
            let key = keys.key(Purpose::Nemesis, number as u64);
            let weight = |pick: &crate::plan::Pick| {
                let off = chaos.swarm && is_off(key, &pick.act);
                if off { 0 } else { pick.weight }
            };
            Stream { key, strikes: 0, weights: chaos.pick.iter().map(weight).collect() }
        });
        Self { streams: streams.collect(), undos: Vec::new(), stopped: false }
    }

    /// The time until the next strike of a stream.
    pub(crate) fn delay(&self, plan: &Plan, number: u32) -> Nanos {
        let stream = &self.streams[number as usize];
        let bits = (stream.key.draw2(stream.strikes + 1, WHEN) >> 32) as u32;
        plan.chaos[number as usize].every.sample(bits).max(1)
    }

    /// Draws no more.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }
}

impl<S: System> World<S> {
    /// An entry of `chaos` strikes.
    pub(crate) fn strike(&mut self, number: u32) {
        if self.nemesis.stopped {
            return;
        }
        let stream = &mut self.nemesis.streams[number as usize];
        stream.strikes += 1;
        let (key, nth) = (stream.key, stream.strikes);
        let Chaos { pick, .. } = &self.plan.chaos[number as usize];
        if let Some(which) = weighted(&stream.weights, key.draw2(nth, WHAT)) {
            let pick = pick[which].clone();
            let lasts = pick.lasts.map(|lasts| lasts.sample((key.draw2(nth, HOW_LONG) >> 32) as u32));
            self.perform(&pick.act, lasts, key.subkey(nth << 2 | WHOM));
        }
        let next = self.nemesis.delay(&self.plan, number);
        self.environment.schedule(next, Scheduled::Chaos(number));
    }
}

/// Which of the weights a draw falls on; `None` when all are 0.
fn weighted(weights: &[u32], draw: u64) -> Option<usize> {
    let total: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
    let mut left = between(draw, 0, total.checked_sub(1)?);
    weights.iter().position(|&weight| {
        let here = left < u64::from(weight);
        left = left.saturating_sub(u64::from(weight));
        here
    })
}

/// Whether swarm mode has switched the kind of this fault off in the run of this key.
fn is_off(key: Key, act: &Act) -> bool {
    let kind = match act {
        Act::Crash(_) | Act::Restart(_) => 0,
        Act::CrashAfterEffects(..) => 1,
        Act::Pause(_) | Act::Resume(_) => 2,
        Act::Isolate(_, crate::plan::Direction::Both) => 3,
        Act::Isolate(..) => 4,
        Act::Partition(_) => 5,
        Act::Bridge(_) => 6,
        Act::Ring => 7,
        Act::Heal | Act::Nothing => 8,
        Act::Timeout(_) => 9,
        Act::Intercept(..) | Act::Release => 10,
        Act::Request(..) => 11,
    };
    key.draw2(0, kind) & 1 == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Target;

    #[test]
    fn picks_fall_as_their_weights_say() {
        let key = Key::new(3, Purpose::Nemesis, 0);
        let mut counts = [0; 3];
        for n in 0..4_000 {
            counts[weighted(&[1, 0, 3], key.draw(n)).unwrap()] += 1;
        }
        assert!((900..1_100).contains(&counts[0]) && counts[1] == 0, "{counts:?}");
        assert_eq!((weighted(&[0, 0], 5), weighted(&[], 5)), (None, None));
    }

    #[test]
    fn swarm_switches_each_kind_off_in_half_of_the_seeds_by_itself() {
        let off = |seed, act: &Act| is_off(Key::new(seed, Purpose::Nemesis, 0), act);
        let (crash, ring) = (Act::Crash(Target::Leader), Act::Ring);
        let count = |pairs: fn(bool, bool) -> bool| {
            (0..1_000).filter(|&seed| pairs(off(seed, &crash), off(seed, &ring))).count()
        };
        assert!((430..570).contains(&count(|crash, _| crash)));
        assert!((190..310).contains(&count(|crash, ring| crash && ring)), "independent of each other");
    }
}
