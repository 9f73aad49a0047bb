//! A node's clock: it goes at a rate of its own and started from an offset of its own.
//!
//! Timers run on it: a process that asks for 150 ms gets 150 ms of its own clock. A rate that changes holds
//! for timers that are set from then on.

use crate::chance::{Key, between};
use crate::plan::ClockPlan;
use crate::ratio::scaled;
use whitewater_check::types::Nanos;

/// The rate of virtual time, in parts per million of it.
pub(crate) const TRUE_RATE: u32 = 1_000_000;

/// The clock of one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Clock {
    /// The rate that it has by nature, in parts per million.
    own_rate: u32,
    /// The rate that it goes at now.
    rate: u32,
    /// When the rate was set, in virtual time, and what the clock showed then.
    set_at: Nanos,
    shown: Nanos,
}

impl Default for Clock {
    fn default() -> Self {
        Self { own_rate: TRUE_RATE, rate: TRUE_RATE, set_at: 0, shown: 0 }
    }
}

impl Clock {
    /// The clock of the node of `key`: its rate and offset are drawn.
    pub(crate) fn new(plan: &ClockPlan, key: Key) -> Self {
        let drift = plan.drift_ppm.min(TRUE_RATE - 1);
        let (slowest, fastest) = (u64::from(TRUE_RATE - drift), u64::from(TRUE_RATE + drift));
        let rate = between(key.draw(0), slowest, fastest) as u32;
        Self { own_rate: rate, rate, set_at: 0, shown: between(key.draw(1), 0, plan.offset_max) }
    }

    /// What it shows.
    pub(crate) fn shows(&self, now: Nanos) -> Nanos {
        self.shown.saturating_add(scaled(now - self.set_at, self.rate, TRUE_RATE))
    }

    /// How long something takes in virtual time that takes `time` by this clock.
    pub(crate) fn takes(&self, time: Nanos) -> Nanos {
        if self.rate == TRUE_RATE {
            return time;
        }
        scaled(time, TRUE_RATE, self.rate.max(1))
    }

    /// Lets it go at another rate; `None`: at its own.
    pub(crate) fn set_rate(&mut self, rate: Option<u32>, now: Nanos) -> u32 {
        (self.shown, self.set_at) = (self.shows(now), now);
        self.rate = rate.unwrap_or(self.own_rate).max(1);
        self.rate
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Purpose;

    fn key(node: u64) -> Key {
        Key::new(1, Purpose::Clock, node)
    }

    #[test]
    fn a_clock_without_drift_is_virtual_time() {
        let clock = Clock::new(&ClockPlan::default(), key(0));
        assert_eq!((clock, clock.shows(77), clock.takes(150)), (Clock::default(), 77, 150));
    }

    #[test]
    fn rates_and_offsets_lie_within_their_bounds_on_either_side() {
        let plan = ClockPlan { drift_ppm: 100_000, offset_max: 50 };
        let clocks: Vec<Clock> = (0..200).map(|node| Clock::new(&plan, key(node))).collect();
        assert!(clocks.iter().all(|clock| (900_000..=1_100_000).contains(&clock.rate)));
        assert!(clocks.iter().any(|clock| clock.takes(1_000) < 950));
        assert!(clocks.iter().any(|clock| clock.takes(1_000) > 1_050));
        assert!(clocks.iter().all(|clock| clock.shows(0) <= 50) && clocks.iter().any(|c| c.shows(0) > 40));
    }

    #[test]
    fn a_changed_rate_does_not_turn_the_clock_back() {
        let mut clock = Clock::default();
        clock.set_rate(Some(500_000), 100);
        assert_eq!((clock.shows(100), clock.shows(200), clock.takes(50)), (100, 150, 100));
        assert_eq!(clock.set_rate(None, 200), TRUE_RATE);
        assert_eq!((clock.shows(200), clock.shows(300)), (150, 250));
    }
}
