//! Stories that were never told: a few acts of the kinds that did harm, in a small world, at keyed random.
//!
//! What it takes to fail may be little, however much there was, and a small world costs little to try. So this comes
//! before a long story is taken apart, and again whenever one stays long. How a story becomes shorter is no business
//! of this file.

use crate::shrink::judge::{Sighting, luck};
use crate::shrink::luckless::{calm, quiet, time_of};
use crate::shrink::search::{Dice, fresh, near, one_node};
use crate::shrink::tidy::without_nodes;
use crate::shrink::{Candidate, MS, Shrinker};
use std::mem::discriminant;
use whitewater_check::observe::Kind;
use whitewater_sim::chance::{Key, Purpose};
use whitewater_sim::plan::{Act, Ask, CrashLeaves, Due, Interference, MessagePick, Plan, TimelineAct};
use whitewater_sim::story::Story;

/// What a story costs that is too long, in steps: others are made up.
pub(super) const LONG: u64 = 90;

/// What a story costs that is so long that it may be told in any other way, in steps.
const FAR: u64 = 300;

/// What one may cost more that has just been made up, in steps: most of its acts are idle.
const IDLE: u64 = 150;

/// How many stories that fail are made shorter in a round.
const HITS: u32 = 4;

/// How many steps one is thought to take.
const STEPS: u32 = 200;

/// How much of the budget goes into stories before there is one: one part of so many. In each later round it is less.
const SHARE: u64 = 6;

/// The words that a story is made of which was never told: one for each kind of act that is in it.
pub(super) fn palette(story: Option<&Story>) -> Vec<Act> {
    let mut acts: Vec<Act> = Vec::new();
    for act in story.iter().flat_map(|story| &story.acts).map(|act| &act.act) {
        if !acts.iter().any(|known| discriminant(known) == discriminant(act)) {
            acts.push(act.clone());
        }
    }
    acts.extend(story.into_iter().flat_map(rare_messages));
    acts
}

/// What may be done to messages of kinds that a made up story hardly ever has, whichever it comes to have.
fn rare_messages(story: &Story) -> Vec<Act> {
    let all = |kind| MessagePick { kind: Some(kind), from: u64::MAX, to: u64::MAX, term: None, nth: None };
    let sent = |kind| story.messages.iter().any(|act| kind_of(&act.act) == Some(kind));
    let rare = [Kind::InstallSnapshot, Kind::Other].into_iter().filter(|kind| sent(*kind));
    let late = [Interference::Delay(20 * MS), Interference::Duplicate(20 * MS)];
    rare.flat_map(|kind| late.map(|how| Act::Intercept(all(kind), how))).collect()
}

/// The kind of messages that an act picks, if it picks any by kind.
fn kind_of(act: &Act) -> Option<Kind> {
    if let Act::Intercept(pick, _) = act { pick.kind } else { None }
}

impl Shrinker<'_> {
    /// Makes stories up beside the one that there was. Whether a short one shows the failure, so that the one that
    /// there was need not be taken apart.
    pub(super) fn jump(&mut self) -> bool {
        let before = self.now.clone();
        let plan = before.plan.clone();
        self.invent(&plan, 0);
        self.now = before;
        self.best.cost <= LONG
    }

    /// Makes other stories up while the best is long or leaves something to luck.
    pub(super) fn invent_again(&mut self, round: u64) {
        if self.goal.is_stall() {
            return;
        }
        if self.best.cost > LONG || luck(&self.best.plan) > 0 {
            if self.best.cost > FAR {
                self.goal.trail = None;
            }
            let plan = self.best.plan.clone();
            self.invent(&plan, round + 1);
        }
    }

    /// Makes short stories up, and makes those shorter that show the failure.
    fn invent(&mut self, plan: &Plan, round: u64) {
        let worlds = worlds(plan);
        let picks = self.picks(&worlds);
        let palette = self.palette.clone();
        let key = Key::new(plan.seed, Purpose::Scenario, (2 + round) << 32);
        let share = self.left() / SHARE / (1 + round);
        let budget = std::mem::replace(&mut self.budget, self.pool.spent + share);
        let (mut next, mut hits) = (0, 0);
        while hits < HITS && !self.is_over() {
            self.now = in_world(&worlds[0]);
            let below = self.best.cost.saturating_add(IDLE);
            let mut stories = (next..).map(|n| {
                let world = (n % worlds.len() as u64) as usize;
                let mut dice = Dice::new(key.subkey(n));
                (invented(&worlds[world], &picks[world], &palette, &mut dice), below)
            });
            let Some(place) = self.take_below(&mut stories) else { break };
            self.refine();
            next += place as u64 + 1;
            hits += 1;
        }
        self.budget = budget;
    }

    /// The messages that there may be in each world.
    fn picks(&mut self, worlds: &[Plan]) -> Vec<Vec<MessagePick>> {
        let messages = |world: &Plan| {
            let mut dice = Dice::new(Key::new(world.seed, Purpose::Scenario, 1 << 32));
            self.now = in_world(&invented(world, &[], &[], &mut dice));
            self.messages()
        };
        worlds.iter().map(messages).collect()
    }
}

/// What is in hand when nothing was seen yet in this world.
fn in_world(world: &Plan) -> Candidate {
    let seen = Sighting { step: STEPS, time: world.run_for, events: 2 * u64::from(STEPS) };
    Candidate { plan: world.clone(), seen, cost: u64::MAX }
}

/// Clusters of three, and of five when there were as many, in which nothing happens yet: in each a calm one, and one
/// with all its luck.
fn worlds(plan: &Plan) -> Vec<Plan> {
    let empty = Plan {
        timeline: Vec::new(),
        clients: Vec::new(),
        chaos: Vec::new(),
        settles: false,
        timing: quiet(plan.timing),
        ..plan.clone()
    };
    let sizes = [3, 5].into_iter().filter(|size| *size == 3 || *size <= plan.nodes);
    let small = |size| without_nodes(&empty, (size..plan.nodes).fold(0, |gone, node| gone | 1 << node));
    let pair = |world: Plan| [calm(&world, MS, MS / 10, CrashLeaves::Nothing), world];
    sizes.map(small).flat_map(pair).collect()
}

/// A story that nobody has told before.
fn invented(world: &Plan, picks: &[MessagePick], palette: &[Act], dice: &mut Dice) -> Plan {
    let mut plan = Plan { seed: dice.draw(), ..world.clone() };
    let at = |time, act| TimelineAct { due: Due::At(time), act, lasts: None, standing: false, note: None };
    for n in 0..4 {
        plan.timeline.push(at(n * 20 * MS, Act::Timeout(one_node(&plan, dice))));
    }
    for _ in 0..4 + dice.below(12) {
        let act = fresh(&plan, picks, palette, dice);
        plan.timeline.push(act);
    }
    if dice.below(2) == 0 {
        ask(&mut plan, dice);
    }
    plan.timeline.sort_by_key(time_of);
    plan.run_for = plan.timeline.last().map_or(0, time_of) + 50 * MS;
    plan
}

/// Somebody writes, and at the end somebody else wants to know.
fn ask(plan: &mut Plan, dice: &mut Dice) {
    let end = plan.timeline.iter().map(time_of).max().unwrap_or(0);
    let times = [near(plan, dice), end + dice.of(&[1, 5, 20]) * MS];
    for ((client, ask), time) in (1..).zip([Ask::Put(0), Ask::Get(0)]).zip(times) {
        let act = Act::Ask(one_node(plan, dice), client, ask);
        plan.timeline.push(TimelineAct { due: Due::At(time), act, lasts: None, standing: false, note: None });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(act: Act) -> TimelineAct {
        TimelineAct { due: Due::At(0), act, lasts: None, standing: false, note: None }
    }

    fn lost(kind: Kind, nth: u32) -> TimelineAct {
        let pick = MessagePick { kind: Some(kind), from: 1, to: 2, term: Some(1), nth: Some(nth) };
        act(Act::Intercept(pick, Interference::Drop))
    }

    fn story(acts: &[Act], messages: &[Kind]) -> Story {
        let mut story = Story::default();
        story.acts.extend(acts.iter().cloned().map(act));
        story.messages.extend((1..).zip(messages).map(|(nth, kind)| lost(*kind, nth)));
        story
    }

    #[test]
    fn a_word_stands_for_each_kind_of_act() {
        let story = story(&[Act::Heal, Act::Ring, Act::Heal], &[Kind::AppendEntries; 2]);
        assert_eq!(palette(Some(&story)), [Act::Heal, Act::Ring]);
        assert_eq!(palette(None), []);
    }

    #[test]
    fn messages_that_are_rare_in_made_up_stories_are_late_whichever_they_are() {
        let story = story(&[], &[Kind::AppendEntries, Kind::InstallSnapshot, Kind::InstallSnapshot]);
        let all = MessagePick {
            kind: Some(Kind::InstallSnapshot),
            from: u64::MAX,
            to: u64::MAX,
            term: None,
            nth: None,
        };
        let late = [Interference::Delay(20 * MS), Interference::Duplicate(20 * MS)];
        assert_eq!(palette(Some(&story)), late.map(|how| Act::Intercept(all, how)));
    }
}
