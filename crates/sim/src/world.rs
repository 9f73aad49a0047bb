//! The world: takes the next event, hands it to a replica, and looks at what became of it.
//!
//! A step goes one way: event, replica, effects, look, checks, digest. This file is that way and nothing
//! else; faults, the timeline and the end of a run are in files of their own.

use crate::cargo::Cargo;
use crate::chance::Purpose;
use crate::clients::Request;
use crate::disk::{Condition, Torn};
use crate::effects::Effects;
use crate::environment::Environment;
use crate::event::Scheduled;
use crate::flight::Envelope;
use crate::nemesis::Nemesis;
use crate::plan::{Plan, Stored};
use crate::predicate::Aspects;
use crate::process::{Due, Input};
use crate::replica::{Boot, Event, Message, Replica, System};
use crate::scene::Spectator;
use crate::settle::Settle;
use crate::timeline::Timeline;
use crate::trace::{Detail, What};
use crate::verdict::Rung;
use crate::watch::Watch;
use crate::words::Timer;
use whitewater_check::markers::Marker;
use whitewater_check::observe::Observe;
use whitewater_check::types::{At, NodeId};

/// A cluster of one system and everything around it.
pub(crate) struct World<S: System> {
    pub system: S,
    pub plan: Plan,
    pub replicas: Vec<Option<S::Replica>>,
    pub environment: Environment,
    /// What the messages on their way say.
    pub cargo: Cargo<Message<S>>,
    pub timeline: Timeline,
    pub nemesis: Nemesis,
    pub watch: Watch,
    pub settle: Option<Settle>,
    /// Whether the time of faults is over and nothing comes after it.
    pub is_told: bool,
    /// Whether the code of the system under test is running.
    pub in_system: bool,
    /// The node whose step it is.
    pub acting: NodeId,
    /// The digest after each step, if asked for.
    pub ladder: Option<Vec<Rung>>,
    /// Who looks on, if anybody does.
    pub spectator: Option<Box<dyn Spectator>>,
    /// Whether the spectator has seen enough.
    pub left: bool,
}

impl<S: System> World<S> {
    /// A cluster that has not started, in the memory of another run if there is one.
    pub(crate) fn new(system: S, plan: Plan, memory: Option<(Environment, Cargo<Message<S>>)>) -> Self {
        let (mut environment, cargo) = memory.unwrap_or_else(|| (Environment::new(), Cargo::default()));
        environment.reset(&plan);
        let mut replicas = Vec::new();
        replicas.resize_with(usize::from(plan.nodes), || None);
        Self {
            system,
            replicas,
            timeline: Timeline::new(&plan, &environment.keys),
            nemesis: Nemesis::new(&plan, &environment.keys),
            watch: Watch::new(&plan),
            settle: None,
            is_told: false,
            in_system: false,
            acting: NodeId(0),
            ladder: None,
            spectator: None,
            left: false,
            plan,
            environment,
            cargo,
        }
    }

    /// Starts every node and schedules what the plan holds.
    pub(crate) fn start(&mut self) {
        self.stock_disks();
        // All machines are switched on at once, so nobody ever sees half of them down.
        self.environment.processes.iter_mut().for_each(|process| process.up = true);
        for node in self.nodes() {
            self.start_node(node);
        }
        for (act, time) in self.timeline.fixed(&self.plan) {
            self.environment.schedule(time, Scheduled::Act(act));
        }
        self.schedule_chaos();
        for client in 0..self.environment.clients.count() {
            let first = self.environment.clients.first_tick(client);
            self.environment.schedule(first, Scheduled::Tick(client));
        }
        self.environment.schedule(self.plan.run_for, Scheduled::End);
        self.watch();
    }

    /// Fills the disks that hold something from the beginning.
    fn stock_disks(&mut self) {
        for node in self.nodes() {
            let here = |stored: &&Stored| stored.nodes & node.bit() != 0;
            let Some(stored) = self.plan.stored.iter().rfind(here) else { continue };
            let at = self.environment.at(node);
            let entries = self.environment.processes[node.slot()].disk.stock(stored.term, &stored.log);
            if self.environment.checked {
                let suffix = (!entries.is_empty()).then_some((1, entries));
                self.environment.checks.durable(at, Some((stored.term, None)), suffix);
            }
        }
    }

    /// All nodes of the cluster.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = NodeId> + use<S> {
        (0..self.plan.nodes).map(NodeId)
    }

    /// Takes the next event and does what it says. Whether there was one.
    pub(crate) fn advance(&mut self) -> bool {
        let Some((time, word)) = self.environment.queue.pop() else { return false };
        self.environment.now = time;
        self.environment.tally.events += 1;
        match Scheduled::of_word(word) {
            Scheduled::Deliver(slot) => self.deliver(slot),
            Scheduled::Timer(node, timer) => self.timer(node, timer),
            Scheduled::Synced(node, life) => self.synced(node, life),
            Scheduled::Tick(client) => self.tick(client),
            Scheduled::Request(slot) => self.request(slot),
            Scheduled::Act(act) => self.timeline_act(act),
            Scheduled::Sequel(number) => self.sequel(number),
            Scheduled::Chaos(chaos) => self.strike(chaos),
            Scheduled::End => self.end_of_phase(),
            Scheduled::Answer(slot) => self.answer(slot),
            Scheduled::Patience(session) => self.environment.patience(session),
        }
        true
    }

    fn deliver(&mut self, slot: u32) {
        let environment = &mut self.environment;
        let Envelope { from, to, number, copy, .. } = environment.messages[slot];
        if environment.network.is_cut(from, to) || !environment.processes[to.slot()].up {
            return environment.end_of_way(slot);
        }
        if environment.network.arrives(from, to, number) {
            environment.mark(Marker::Overtaken);
        }
        if copy {
            environment.mark(Marker::Duplicate);
        }
        self.receive(to, Input::Message(slot));
    }

    fn timer(&mut self, node: NodeId, timer: Timer) {
        let now = self.environment.now;
        match self.environment.processes[node.slot()].timers[timer as usize].popped(now) {
            Due::Now => self.receive(node, Input::Timer(timer, now)),
            Due::Later(time) => self.environment.queue.push(time, Scheduled::Timer(node, timer).word()),
            Due::No => {}
        }
    }

    pub(crate) fn synced(&mut self, node: NodeId, life: u32) {
        let process = &mut self.environment.processes[node.slot()];
        if !process.up || Scheduled::Synced(node, process.life) != Scheduled::Synced(node, life) {
            return;
        }
        if process.disk.stalled {
            process.disk.late += 1;
            return;
        }
        let Some(synced) = process.disk.synced() else { return };
        if process.disk.condition == Condition::Failing {
            return self.tell_failure(node);
        }
        let detail = Detail { a: synced.records as u64, cause: synced.step, ..Detail::default() };
        self.environment.note(node, What::Synced, detail);
        self.environment.land(node, synced.records);
        match synced.token {
            Some(token) => self.receive(node, Input::Durable(token, synced.step)),
            None => self.unblock(node),
        }
    }

    fn tick(&mut self, client: u32) {
        let environment = &mut self.environment;
        if let Some(asked) = environment.clients.tick(client, environment.now) {
            environment.invoke(&asked);
            environment.request(asked.request);
            if let Some(next) = asked.next {
                environment.schedule(next, Scheduled::Tick(client));
            }
        }
    }

    fn answer(&mut self, slot: u32) {
        let answer = self.environment.answers[slot].take();
        self.environment.answers.release(slot);
        if let Some(answer) = answer {
            self.environment.answered(answer);
        }
    }

    fn request(&mut self, slot: u32) {
        let request = self.environment.requests[slot].take();
        self.environment.requests.release(slot);
        if let Some(request) = request.filter(|request| self.environment.processes[request.to.slot()].up) {
            self.tell_request(request.to, request.command);
            self.receive(request.to, Input::Request(request));
        }
    }

    /// Hands an event to a process, or puts it into the inbox of one that cannot take it now.
    #[inline(always)]
    pub(crate) fn receive(&mut self, node: NodeId, input: Input) {
        let process = &mut self.environment.processes[node.slot()];
        if process.ready() {
            self.hand(node, input);
            self.work(node);
        } else if process.up {
            process.inbox.push(input);
        }
    }

    /// Lets a process work through its inbox, as far as it comes.
    #[inline]
    pub(crate) fn work(&mut self, node: NodeId) {
        if !self.environment.processes[node.slot()].inbox.is_empty() {
            self.work_through_inbox(node);
        }
    }

    fn work_through_inbox(&mut self, node: NodeId) {
        while self.environment.processes[node.slot()].ready() {
            let Some(input) = self.environment.processes[node.slot()].inbox.pop() else { return };
            self.hand(node, input);
        }
    }

    /// The sync that a process waited for is through: the rest of its effect list is due.
    pub(crate) fn unblock(&mut self, node: NodeId) {
        let process = &mut self.environment.processes[node.slot()];
        if process.paused {
            process.unblocked = true;
            return;
        }
        process.blocked = false;
        self.environment.news |= Aspects::NUMBERS;
        self.acting = node;
        loop {
            let process = &mut self.environment.processes[node.slot()];
            if process.blocked {
                return;
            }
            let Some(effect) = process.list.pop() else { break };
            if process.reaches_next_effect() {
                // What the disk refuses with a panic is a mistake of the system that has asked for it.
                self.in_system = true;
                if let Some(sent) = self.environment.carry_out(node, effect) {
                    self.cargo.double(sent);
                }
                self.in_system = false;
            } else if let crate::process::Effect::Send(slot) = effect {
                self.environment.messages.release(slot);
            }
        }
        self.finish(node);
        self.work(node);
    }

    /// One step: one event, handed to one replica.
    fn hand(&mut self, node: NodeId, input: Input) {
        if let Input::Timer(timer, due) = input
            && !self.environment.runs_out(node, timer, due)
        {
            return;
        }
        self.acting = node;
        let at = self.environment.begin_step(node, matches!(input, Input::DiskFailed));
        self.handle(at, input);
        self.finish(node);
    }

    /// Tells the watchers what the step is about, and lets the replica take it.
    #[inline(always)]
    fn handle(&mut self, at: At, input: Input) {
        let (environment, cargo) = (&mut self.environment, &mut self.cargo);
        let Some(replica) = self.replicas[at.node.slot()].as_mut() else { return };
        let mut in_hand = None;
        let event = match input {
            Input::Message(slot) => {
                let from = environment.note_received(at, slot);
                in_hand = cargo.take(slot).map(|message| (slot, message));
                let Some((_, message)) = &in_hand else { return };
                Event::Message { from, message: &**message }
            }
            Input::Timer(timer, _) => {
                environment.note_timer(at, timer);
                Event::Timer(timer)
            }
            Input::Request(Request { command, read_only, .. }) => {
                environment.note_request(at, command);
                Event::Request { command, read_only }
            }
            Input::Durable(token, cause) => {
                environment.note_durable(at, token, cause);
                Event::Durable(token)
            }
            Input::DiskFailed => {
                environment.note_failure(at);
                Event::DiskFailed
            }
        };
        self.in_system = true;
        replica.handle(event, &mut Effects::new(environment, cargo, at.node));
        self.in_system = false;
        if let Some((slot, message)) = in_hand {
            cargo.put_back(slot, message);
            environment.messages.release(slot);
        }
    }

    /// Starts or restarts a node from what its disk holds.
    pub(crate) fn start_node(&mut self, node: NodeId) {
        let process = &mut self.environment.processes[node.slot()];
        if process.disk.damaged {
            process.up = false;
            return self.environment.note(node, What::DidNotStart, Detail::default());
        }
        (process.up, process.starting) = (true, true);
        process.life += 1;
        process.disk.begin_life(process.life);
        let (log, torn) = (process.disk.take_log(), process.disk.take_torn());
        let boot = Boot {
            node,
            voters: self.plan.nodes,
            heartbeat: self.plan.timing.heartbeat,
            election_timeout: (self.plan.timing.election_timeout_min, self.plan.timing.election_timeout_max),
            luck: self.environment.keys.key(Purpose::Luck, u64::from(node.0)).draw(0),
            hard_state: process.disk.hard_state(),
            snapshot: process.disk.snapshot(),
            log: &log,
            torn: torn.as_ref().map(Torn::record),
        };
        self.acting = node;
        self.environment.begin_step(node, false);
        let last_index = boot.snapshot.last_index + log.len() as u64;
        self.environment.digest.absorb(boot.hard_state.term, last_index);
        let (term, b) = (boot.hard_state.term, boot.snapshot.last_index);
        let detail = Detail { term, a: last_index, b, ..Detail::default() };
        self.environment.note(node, What::Started, detail);
        self.in_system = true;
        let replica =
            self.system.start(boot, &mut Effects::new(&mut self.environment, &mut self.cargo, node));
        self.in_system = false;
        self.environment.news = Aspects::ALL;
        self.environment.processes[node.slot()].disk.put_log_back(log);
        self.replicas[node.slot()] = Some(replica);
        self.finish(node);
    }

    /// The effects of a step so far are done: it is over, or it waits for a sync, or it ends in a crash.
    #[inline(always)]
    fn finish(&mut self, node: NodeId) {
        if self.environment.processes[node.slot()].is_undisturbed() {
            self.look(node);
        } else {
            self.finish_disturbed(node);
        }
    }

    #[inline(never)]
    fn finish_disturbed(&mut self, node: NodeId) {
        let process = &self.environment.processes[node.slot()];
        let crashes = match process.crash_after {
            Some(left) => left == 0 || !process.blocked,
            None => process.halts,
        };
        if crashes {
            self.crash(node);
            self.watch();
        } else if process.failed && !process.hears_failure {
            self.tell_failure(node);
        } else if !process.blocked {
            self.look(node);
        }
    }

    /// A step is over: those who watch look at the replica.
    #[inline(always)]
    fn look(&mut self, node: NodeId) {
        let Some(replica) = self.replicas[node.slot()].as_mut() else { return };
        let look = replica.look();
        let environment = &mut self.environment;
        let process = &mut environment.processes[node.slot()];
        let at = At { time: environment.now, step: process.step, node };
        process.failed = false;
        let starting = std::mem::take(&mut process.starting);
        if process.wants_election_timer {
            environment.arm_election_timer(node, &look);
        }
        if environment.checked {
            match starting {
                true => environment.checks.started(at, replica),
                false => environment.checks.stepped(at, replica),
            }
        }
        replica.seen();
        environment.saw(node, &look);
        if let Some(ladder) = &mut self.ladder {
            ladder.push(Rung { step: at.step, digest: environment.digest.value() as u32 });
        }
        self.watch();
    }
}
