//! The story of a run: everything that luck decided, as acts of a timeline.
//!
//! Whoever makes a run smaller needs to say what has happened without saying "with seed 5". Strikes of the
//! nemesis are told with the nodes that they hit, swizzles and flaps as the clogs and cuts that they came to,
//! the settle phase as what it undid and whom it brought back; beside them stand the election timers that ran
//! out, what clients asked for, and what became of every message. A story is only told when somebody asks for
//! it. What is left out: how long syncs took, what crashes left on disks, and how clocks went.

use crate::chance::Key;
use crate::network::Fate;
use crate::plan::{Act, Ask, Due, Interference, MessagePick, Target, TimelineAct};
use crate::replica::System;
use crate::world::World;
use std::collections::BTreeMap;
use whitewater_check::observe::{Brief, Kind};
use whitewater_check::operation::Operation;
use whitewater_check::types::{Command, Nanos, NodeId, Term};

/// What happened in a run, as acts that make it happen again without luck.
#[derive(Clone, Debug, Default)]
pub struct Story {
    /// What was done to the cluster, in the order in which it was done.
    pub acts: Vec<TimelineAct>,
    /// Election timers that ran out.
    pub timeouts: Vec<TimelineAct>,
    /// What clients asked nodes for.
    pub requests: Vec<TimelineAct>,
    /// How long each message took, and which ones were lost or doubled by chance; all of it known beforehand,
    /// so the acts are due at the beginning.
    pub messages: Vec<TimelineAct>,
    /// How many messages of each sort there were: kind, sender, receiver and term.
    sent: BTreeMap<(Kind, NodeId, NodeId, Term), u32>,
    /// The last command of each session, as it was asked for.
    asked: BTreeMap<u32, u64>,
}

impl Story {
    /// Something was done to the cluster.
    pub(crate) fn tell(&mut self, now: Nanos, act: Act, lasts: Option<Nanos>) {
        self.acts.push(TimelineAct { lasts, ..at(now, act) });
    }

    /// An election timer has run out at `due`, and its process comes to it now.
    pub(crate) fn times_out(&mut self, due: Nanos, node: NodeId) {
        self.timeouts.push(at(due, Act::Timeout(Target::node(node))));
    }

    /// A request reaches a process.
    pub(crate) fn asks(&mut self, now: Nanos, node: NodeId, command: Command, operation: Operation) {
        let last = self.asked.insert(command.client(), command.serial());
        let ask = match last {
            Some(serial) if serial == command.serial() => Ask::Again,
            Some(serial) if serial > command.serial() => return,
            Some(_) | None => Ask::of(operation),
        };
        self.requests.push(at(now, Act::Ask(Target::node(node), command.client() + 1, ask)));
    }

    /// A message leaves, and chance decides what becomes of it.
    #[cold]
    pub(crate) fn sends(&mut self, from: NodeId, to: NodeId, brief: &Brief, fate: Fate, interfered: bool) {
        let nth = self.sent.entry((brief.kind, from, to, brief.term)).or_insert(0);
        *nth += 1;
        let pick = MessagePick {
            kind: Some(brief.kind),
            from: from.bit(),
            to: to.bit(),
            term: Some(brief.term),
            nth: Some(*nth),
        };
        if interfered || brief.kind == Kind::Other || brief.term == 0 {
            return;
        }
        let mut add = |how| self.messages.push(at(0, Act::Intercept(pick, how)));
        match fate {
            Fate::Cut => {}
            Fate::Lost => add(Interference::Drop),
            Fate::Arrives { delay, copy } => {
                add(Interference::Delay(delay));
                copy.into_iter().for_each(|copy| add(Interference::Duplicate(copy)));
            }
        }
    }

    /// The settle phase begins: what is in force ends now, but crashes, because who comes back is told apart.
    fn settles(&mut self, now: Nanos) {
        for act in self.acts.iter_mut().filter(|act| !act.standing) {
            let Due::At(time) = act.due else { continue };
            if act.lasts.is_some_and(|lasts| time.saturating_add(lasts) <= now) {
                continue;
            }
            let is_crash = matches!(act.act, Act::Crash(_) | Act::CrashAfterEffects(..));
            act.lasts = (act.act.can_end() && !is_crash).then(|| (now - time).max(1));
        }
    }
}

/// An act at a time.
fn at(time: Nanos, act: Act) -> TimelineAct {
    TimelineAct { due: Due::At(time), act, lasts: None, standing: false, note: None }
}

impl<S: System> World<S> {
    /// The act as a story has it, with the nodes that it is about to hit; `None` when nobody asked for a story,
    /// or it is told by what comes of it.
    pub(crate) fn named(&self, act: &Act, luck: Key) -> Option<Act> {
        self.environment.story.as_ref()?;
        let told_otherwise = matches!(
            act,
            Act::Swizzle(_)
                | Act::Flap(..)
                | Act::Nothing
                | Act::Timeout(_)
                | Act::Request(..)
                | Act::Ask(..)
        );
        let hits_the_living = matches!(act, Act::Crash(_) | Act::CrashAfterEffects(..) | Act::Pause(_));
        match act.target() {
            _ if told_otherwise => None,
            None => Some(act.clone()),
            Some(target) if hits_the_living => {
                Some(act.aimed_at(Target::Nodes(self.pick_live(target, luck)?)))
            }
            Some(target) => Some(act.aimed_at(Target::Nodes(self.pick(target, luck)?))),
        }
    }

    /// Tells that something was done to nodes now.
    pub(crate) fn tell(&mut self, act: Act, lasts: Option<Nanos>) {
        let now = self.environment.now;
        if let Some(story) = &mut self.environment.story
            && act.target() != Some(Target::Nodes(0))
        {
            story.tell(now, act, lasts);
        }
    }

    /// Tells that a request reaches a process now.
    pub(crate) fn tell_request(&mut self, node: NodeId, command: Command) {
        let environment = &mut self.environment;
        if let Some(story) = &mut environment.story
            && let Some(operation) = environment.checks.operation(command)
        {
            story.asks(environment.now, node, command, operation);
        }
    }

    /// Tells that the settle phase begins, and that these nodes come back while the others go down.
    pub(crate) fn tell_settling(&mut self, back: u64, down: u64) {
        let now = self.environment.now;
        if let Some(story) = &mut self.environment.story {
            story.settles(now);
        }
        let absent = self.node_set(|node| !self.environment.processes[node.slot()].up);
        self.tell(Act::Crash(Target::Nodes(down & !absent)), None);
        self.tell(Act::Restart(Target::Nodes(back & absent)), None);
    }
}
