//! Small changes at keyed random: when no single step helps any more, two or three at once may.
//!
//! Acts are left out, moved, aimed elsewhere and put in, a few at a time, and what costs less is gone on with; in
//! the beginning also what costs a little more, because the way down from there may be open. All draws have addresses, so
//! the same search is made every time.

use crate::shrink::invent::LONG;
use crate::shrink::judge::luck;
use crate::shrink::luckless::{calm, time_of};
use crate::shrink::{Candidate, MS, Shrinker};
use whitewater_check::types::Nanos;
use whitewater_sim::chance::{Key, Purpose, between};
use whitewater_sim::plan::{
    Act, Ask, CrashLeaves, Direction, Due, Interference, MessagePick, Plan, Target, TimelineAct,
};

/// How many changes are tried before the search goes back to the best.
const LENGTH: u64 = 6_000;

/// How much worse than what is in hand a change may be in the beginning, in steps: half of them by this much, a
/// quarter by twice as much and so on.
const WARMTH: u64 = 14;

/// How often the search goes back in vain before it ends.
const RETURNS: u32 = 6;

/// How many changes are tried between two looks at which messages there are.
const FRESH: usize = 400;

/// How much of the budget goes into taking the story apart once more: one part of so many.
const DESCENT: u64 = 8;

impl Shrinker<'_> {
    /// Searches until the budget is spent or nothing comes of it.
    pub(super) fn search(&mut self) {
        let (mut first, mut vain) = (0, 0);
        while !self.is_over() && vain < RETURNS {
            let best = self.best.cost;
            self.invent_again(first / LENGTH);
            if self.best.cost > LONG {
                self.take_apart(DESCENT);
            }
            let spare = self.spare.take().filter(|spare| luck(&spare.plan) < luck(&self.best.plan));
            let is_spare = spare.is_some() && (first / LENGTH).is_multiple_of(2);
            self.now = spare.clone().filter(|_| is_spare).unwrap_or_else(|| self.best.clone());
            self.anneal(first);
            first += LENGTH;
            if is_spare {
                self.refine_plainly();
                self.spare = Some(self.now.clone());
            } else {
                self.spare = spare;
            }
            if self.best.cost < best {
                vain = 0;
                self.now = self.best.clone();
                self.refine();
            } else {
                vain += 1;
            }
        }
        self.now = self.best.clone();
    }

    /// Changes what is in hand, for better or a little worse, and ever less for the worse.
    fn anneal(&mut self, first: u64) {
        let mut n = 0;
        while n < LENGTH && !self.is_over() {
            let picks = self.messages();
            let until = n + FRESH as u64;
            while n < until && !self.is_over() {
                let tries = (until - n) as usize;
                n += self.change(first + n, first, tries, &picks).unwrap_or(tries as u64);
            }
        }
    }

    /// Tries so many changes, from the n-th on. How many it took to one that was taken.
    fn change(&mut self, n: u64, first: u64, tries: usize, picks: &[MessagePick]) -> Option<u64> {
        let Candidate { plan, cost, .. } = self.now.clone();
        let palette = self.palette.clone();
        // What is changed may take longer to come to the violation, unless only the end of a run shows it.
        let run_for = if self.is_seen_at_end() { plan.run_for } else { plan.run_for * 2 + 20 * MS };
        let key = Key::new(plan.seed, Purpose::Scenario, 1 << 32);
        let mut changes = (n..).take(tries).map(|n| {
            let mut dice = Dice::new(key.subkey(n));
            let warmth = WARMTH * (first + LENGTH).saturating_sub(n) / LENGTH;
            let worse = warmth * u64::from(dice.draw().trailing_zeros()) / 2;
            let plan = changed(&plan, picks, &palette, &mut dice);
            (Plan { run_for, ..plan }, cost.saturating_add(worse))
        });
        self.take_below(&mut changes).map(|place| place as u64 + 1)
    }

    /// The messages of the run in hand, by their addresses.
    pub(super) fn messages(&mut self) -> Vec<MessagePick> {
        let run = self.story();
        let story = run.and_then(|run| run.story);
        let acts = story.map(|story| story.messages).unwrap_or_default();
        let pick = |act: TimelineAct| {
            if let Act::Intercept(pick, _) = act.act { Some(pick) } else { None }
        };
        acts.into_iter().filter_map(pick).collect()
    }
}

/// Draws, one after the other.
pub(super) struct Dice {
    key: Key,
    at: u64,
}

impl Dice {
    /// Those of this address.
    pub(super) fn new(key: Key) -> Self {
        Self { key, at: 0 }
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.at += 1;
        self.key.draw(self.at)
    }

    /// A number below `bound`, which is not 0.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        between(self.draw(), 0, bound as u64 - 1) as usize
    }

    pub(super) fn of<T: Copy>(&mut self, some: &[T]) -> T {
        some[self.below(some.len())]
    }
}

/// The plan with a few changes.
fn changed(plan: &Plan, picks: &[MessagePick], palette: &[Act], dice: &mut Dice) -> Plan {
    let mut plan = plan.clone();
    for _ in 0..=dice.below(4) {
        change_once(&mut plan, picks, palette, dice);
    }
    if luck(&plan) > 0 && dice.below(4) == 0 {
        let (latency, sync) = (dice.of(&[1, 5, 20]) * MS, dice.of(&[1, 10, 50]) * MS / 10);
        plan = calm(&plan, latency, sync, dice.of(&[CrashLeaves::Nothing, CrashLeaves::All]));
    } else if luck(&plan) > 0 && dice.below(3) == 0 {
        plan.seed = dice.draw();
    }
    plan.timeline.sort_by_key(time_of);
    plan
}

fn change_once(plan: &mut Plan, picks: &[MessagePick], palette: &[Act], dice: &mut Dice) {
    let length = plan.timeline.len();
    if length == 0 || dice.below(8) == 0 {
        return plan.timeline.push(fresh(plan, picks, palette, dice));
    }
    let place = dice.below(length);
    match dice.below(9) {
        0..3 => {
            let end = place + 1 + dice.below(4) * dice.below(3);
            plan.timeline.drain(place..end.min(length));
        }
        3 => {
            let time = near(plan, dice);
            plan.timeline[place].due = Due::At(time);
        }
        4 => {
            let target = one_node(plan, dice);
            plan.timeline[place].act = plan.timeline[place].act.aimed_at(target);
        }
        5 => {
            let act = &mut plan.timeline[place];
            let lasts = [1, 2, 3, 5, 10, 20, 50].map(|ms| ms * MS);
            act.lasts = act.act.can_end().then(|| dice.of(&lasts)).filter(|_| dice.below(3) > 0);
        }
        6 => {
            let other = dice.below(length);
            let (a, b) = (plan.timeline[place].due.clone(), plan.timeline[other].due.clone());
            (plan.timeline[place].due, plan.timeline[other].due) = (b, a);
        }
        7 => {
            let by = dice.of(&[1, 2, 5, 10, 30]) * MS / 2;
            let later = dice.below(2) == 0;
            for act in &mut plan.timeline[place..] {
                if let Due::At(time) = act.due {
                    act.due = Due::At(if later { time + by } else { time.saturating_sub(by) });
                }
            }
        }
        _ => {
            let due = plan.timeline[place].due.clone();
            plan.timeline[place] = TimelineAct { due, ..fresh(plan, picks, palette, dice) };
        }
    }
}

/// A time near one at which something is done.
pub(super) fn near(plan: &Plan, dice: &mut Dice) -> Nanos {
    let place = dice.below(plan.timeline.len().max(1));
    let time = plan.timeline.get(place).map_or(0, time_of);
    let by = dice.of(&[0, 0, 1, 2, 4, 6, 8, 10, 14, 20, 30, 60]) * MS / 2;
    if dice.below(2) == 0 { time.saturating_add(by) } else { time.saturating_sub(by) }
}

pub(super) fn one_node(plan: &Plan, dice: &mut Dice) -> Target {
    Target::Nodes(1 << dice.below(usize::from(plan.nodes)))
}

/// An act that was not there.
pub(super) fn fresh(plan: &Plan, picks: &[MessagePick], palette: &[Act], dice: &mut Dice) -> TimelineAct {
    let target = one_node(plan, dice);
    let (client, key) = (1 + dice.below(2) as u32, 0);
    let act = match dice.below(if picks.is_empty() { 14 } else { 19 }) {
        0..3 => Act::Timeout(target),
        3 => Act::Ask(target, client, Ask::Put(key)),
        4 => Act::Ask(target, client, dice.of(&[Ask::Get(key), Ask::Again, Ask::Append(key)])),
        5 => Act::Crash(target),
        6 => Act::Restart(target),
        7 | 8 => Act::Isolate(target, dice.of(&[Direction::Both, Direction::In, Direction::Out])),
        9 if dice.below(2) == 0 => Act::Pause(target),
        9 => Act::StallDisk(target),
        10..14 if palette.is_empty() => Act::Crash(target),
        10..14 => palette[dice.below(palette.len())].aimed_at(target),
        14 | 15 => Act::Intercept(dice.of(picks), Interference::Drop),
        16 => Act::Intercept(MessagePick { nth: None, ..dice.of(picks) }, Interference::Drop),
        17 => Act::Intercept(dice.of(picks), Interference::Delay(dice.of(&[5, 10, 20, 50]) * MS)),
        _ => Act::Intercept(dice.of(picks), Interference::Duplicate(dice.of(&[1, 5, 20]) * MS)),
    };
    let lasts = [2, 5, 10, 20, 50].map(|ms| ms * MS);
    let lasts = act.can_end().then(|| dice.of(&lasts)).filter(|_| dice.below(3) > 0);
    let time = if matches!(act, Act::Intercept(..)) { 0 } else { near(plan, dice) };
    TimelineAct { due: Due::At(time), act, lasts, standing: false, note: None }
}
