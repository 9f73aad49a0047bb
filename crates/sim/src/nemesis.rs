//! The nemesis: draws faults from the weights that a scenario gives.
//!
//! The n-th strike of an entry of `chaos` has its own addresses for when, what, whom and how long. An entry strikes
//! over and over, or each time a predicate begins to hold: what breaks a cluster often breaks it in the few
//! milliseconds of an election.

use crate::chance::{Key, Keys, Purpose, between};
use crate::event::Scheduled;
use crate::faults::Sequel;
use crate::plan::{Act, Chaos, Plan, Strikes};
use crate::predicate::Aspects;
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
    /// What the predicates look at that any of them waits for.
    reads: Aspects,
    /// What comes later of acts that were done, by number.
    pub sequels: Vec<Sequel>,
    /// Nodes whose clocks were ever set to another rate, as bits.
    pub drifting: u64,
    /// Whether any disk was ever emptied.
    pub wiped: bool,
    /// How many cuts and clogs there were.
    ids: u32,
    stopped: bool,
}

#[derive(Debug)]
struct Stream {
    key: Key,
    strikes: u64,
    /// How many strikes were scheduled.
    scheduled: u64,
    /// Whether the predicate that it waits for held when it was last looked at.
    held: bool,
    /// The weight of each pick.
    weights: Vec<u32>,
}

impl Nemesis {
    /// The nemesis of a run.
    pub(crate) fn new(plan: &Plan, keys: &Keys) -> Self {
        let streams = plan.chaos.iter().enumerate().map(|(number, chaos)| {
            let key = keys.key(Purpose::Nemesis, number as u64);
            let weights = chaos.pick.iter().map(|pick| pick.weight).collect();
            Stream { key, strikes: 0, scheduled: 0, held: false, weights }
        });
        let reads = plan.chaos.iter().map(|chaos| match &chaos.pace {
            Strikes::When(predicate, _) => predicate.reads(),
            Strikes::Every(_) => Aspects::NOTHING,
        });
        Self {
            reads: reads.fold(Aspects::NOTHING, |all, reads| all | reads),
            streams: streams.collect(),
            sequels: Vec::new(),
            drifting: 0,
            wiped: false,
            ids: 0,
            stopped: false,
        }
    }

    /// The time until the next strike of a stream that is scheduled now.
    fn delay(&mut self, plan: &Plan, number: usize) -> Nanos {
        let stream = &mut self.streams[number];
        stream.scheduled += 1;
        let bits = (stream.key.draw2(stream.scheduled, WHEN) >> 32) as u32;
        let (Strikes::Every(time) | Strikes::When(_, time)) = &plan.chaos[number].pace;
        time.sample(bits).max(1)
    }

    /// A number for the next cut or interception.
    pub(crate) fn next_id(&mut self) -> u32 {
        self.ids += 1;
        self.ids
    }

    /// Draws no more.
    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }
}

impl<S: System> World<S> {
    /// Schedules the first strike of each entry of `chaos` that strikes over and over.
    pub(crate) fn schedule_chaos(&mut self) {
        for number in 0..self.plan.chaos.len() {
            if matches!(self.plan.chaos[number].pace, Strikes::Every(_)) {
                self.schedule_strike(number);
            }
        }
    }

    /// A step is over that has brought this news: entries that wait for a predicate that begins to hold will strike.
    pub(crate) fn watch_chaos(&mut self, news: Aspects) {
        if !self.nemesis.reads.meets(news) || self.nemesis.stopped {
            return;
        }
        for number in 0..self.plan.chaos.len() {
            let Strikes::When(predicate, _) = &self.plan.chaos[number].pace else { continue };
            let holds = predicate.holds(&self.view());
            let held = std::mem::replace(&mut self.nemesis.streams[number].held, holds);
            if holds && !held {
                self.schedule_strike(number);
            }
        }
    }

    fn schedule_strike(&mut self, number: usize) {
        let delay = self.nemesis.delay(&self.plan, number);
        self.environment.schedule(delay, Scheduled::Chaos(number as u32));
    }

    /// An entry of `chaos` strikes.
    pub(crate) fn strike(&mut self, number: u32) {
        if self.nemesis.stopped {
            return;
        }
        let stream = &mut self.nemesis.streams[number as usize];
        stream.strikes += 1;
        let (key, nth) = (stream.key, stream.strikes);
        let Chaos { pick, pace } = &self.plan.chaos[number as usize];
        let goes_on = matches!(pace, Strikes::Every(_));
        if let Some(which) = weighted(&stream.weights, key.draw2(nth, WHAT)) {
            let pick = pick[which].clone();
            let lasts = pick.lasts.map(|lasts| lasts.sample((key.draw2(nth, HOW_LONG) >> 32) as u32));
            let whom = key.subkey(nth << 2 | WHOM);
            if self.is_survivable(&pick.act, whom) {
                self.perform(&pick.act, lasts, whom);
            }
        }
        if goes_on {
            self.schedule_strike(number as usize);
        }
    }
}

impl<S: System> World<S> {
    /// Whether an act leaves a majority of disks that were never damaged or emptied.
    fn is_survivable(&self, act: &Act, luck: Key) -> bool {
        let (Act::Damage(target) | Act::Wipe(target)) = act else { return true };
        let hurt = self.node_set(|node| self.environment.processes[node.slot()].disk.hurt);
        let all = hurt | self.pick(*target, luck).unwrap_or(0);
        all.count_ones() <= u32::from((self.plan.nodes - 1) / 2)
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
