//! The settle phase: faults end, a quorum comes back, and the cluster must get on by itself.
//!
//! Drawing stops, cuts are mended, disks and clocks work, paused processes go on; messages are no longer
//! lost. Only faults that the scenario calls standing stay. In half of the runs everybody comes back; in
//! the other half a drawn majority does, and the rest stay down, because a spare node hides what is wrong with
//! quorums. Then a new request must be answered, and all live nodes that the leader hears must have applied
//! the same commands. After that the leader is crashed once, if a quorum is left, because a healthy leader
//! hides what is wrong with elections; and the same must hold again. At last everybody comes back, and all
//! must have applied the same commands once more, so that what holds finally holds of the whole cluster.
//!
//! For each of the three there are twenty times the longest election timeout and the time that the backlog
//! takes: two mean round trips, sync included, for every entry of the longest log and every event that waits
//! in an inbox. That is enough for a system that sends entries one by one and syncs each; one that does
//! better never needs it, and a stall is only noticed later. A scenario whose election timeouts promise no
//! leader that soon says how long it has instead.

use crate::chance::Purpose;
use crate::disk::Condition;
use crate::event::Scheduled;
use crate::expectations::span;
use crate::faults::Sequel;
use crate::plan::{Act, Target};
use crate::predicate::Aspects;
use crate::quorum::hearing_quorum;
use crate::replica::System;
use crate::targets::draw_some;
use crate::trace::What;
use crate::verdict::Settling;
use crate::world::World;
use whitewater_check::finding::{Fact, Finding};
use whitewater_check::property::Property;
use whitewater_check::types::{At, Command, Nanos, NodeId};

/// How many of the longest election timeouts the cluster has to settle.
const PATIENCE: Nanos = 20;

/// How long the client of the new request waits before it asks the next node, in nanoseconds.
const PROBE: Nanos = 100_000_000;

/// How the settle phase stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settle {
    /// The new request that must be answered.
    probe: Command,
    /// When the cluster was last left to itself, and by which step.
    pub began: At,
    /// Until when it has to settle.
    deadline: Nanos,
    /// How far it has come.
    stage: Stage,
    /// Whether it has come to its end.
    pub end: Option<End>,
}

/// How far a settle phase has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Everybody or a majority has come back.
    Recovered,
    /// The leader was crashed.
    Bereft,
    /// Everybody has come back.
    Complete,
}

/// How a settle phase ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The new request was answered and all nodes agree.
    Settled,
    /// Time ran out.
    Stalled,
    /// Time ran out, and no quorum of live nodes could hear each other; or a disk was emptied, after which Raft
    /// promises nothing: a leader does not go back to before what it has once been told is there.
    Impossible,
}

/// What stays in force: nodes as bits, cuts and interceptions by number.
#[derive(Clone, Debug, Default)]
struct Standing {
    down: u64,
    paused: u64,
    stalled: u64,
    broken: u64,
    drifting: u64,
    cuts: Vec<u32>,
    interceptions: Vec<u32>,
}

impl Standing {
    fn of(sequels: &[Sequel]) -> Self {
        let mut standing = Self::default();
        for sequel in sequels {
            match *sequel {
                Sequel::Restart(nodes) => standing.down |= nodes,
                Sequel::Resume(nodes) => standing.paused |= nodes,
                Sequel::Unstall(nodes) => standing.stalled |= nodes,
                Sequel::Repair(nodes) => standing.broken |= nodes,
                Sequel::ResetClock(nodes) => standing.drifting |= nodes,
                Sequel::Mend(id) => standing.cuts.push(id),
                Sequel::LetThrough(id) | Sequel::Unclog(_, id) => standing.interceptions.push(id),
                Sequel::Clog(..) | Sequel::Flap(..) | Sequel::Nothing => {}
            }
        }
        standing
    }
}

impl<S: System> World<S> {
    /// The time of faults is over, or that of settling.
    pub(crate) fn end_of_phase(&mut self) {
        if !self.plan.settles {
            self.is_told = true;
            return;
        }
        let Some(settle) = &self.settle else { return self.begin_to_settle() };
        if settle.end.is_none() && self.environment.now >= settle.deadline {
            let hopeless = self.hearing() == 0 || self.nemesis.wiped;
            let end = if hopeless { End::Impossible } else { End::Stalled };
            self.settle = self.settle.map(|settle| Settle { end: Some(end), ..settle });
        }
    }

    fn begin_to_settle(&mut self) {
        self.nemesis.stop();
        let standing = Standing::of(&self.timeline.standing);
        let environment = &mut self.environment;
        environment.gauges.rest(environment.now, environment.clients.answers());
        environment.clients.close();
        environment.network.calm();
        environment.network.heal(&standing.cuts);
        self.let_go(|interceptor| interceptor.end_all_but(&standing.interceptions));
        self.environment.note_cluster(What::Settling, 0, 0);
        self.ask_anew(Stage::Recovered);
        self.recover(&standing);
    }

    /// Brings back what may come back.
    fn recover(&mut self, standing: &Standing) {
        let everybody = self.nodes().fold(0, |set, node| set | node.bit());
        self.each(everybody & !standing.stalled, Self::unstall);
        self.each(everybody & !standing.broken, |world, node| world.set_condition(node, Condition::Works));
        let drifting = self.nemesis.drifting & !standing.drifting;
        self.each(drifting, |world, node| world.set_clock_rate(node, None));
        let able = self.able();
        let back = self.draw_who_comes_back(able);
        self.tell_settling(back, everybody & !back);
        self.each(everybody & !back, Self::crash);
        self.resume(back & !standing.paused);
        self.restart(back);
    }

    /// All of those who can, or in half of the runs a majority of them; not one that standing cuts keep from
    /// hearing each other.
    fn draw_who_comes_back(&self, able: u64) -> u64 {
        let luck = self.environment.keys.key(Purpose::Settle, 0);
        let majority = draw_some(able, self.plan.nodes / 2 + 1, luck.subkey(1));
        let hears = |nodes: u64| {
            let standing = Standing::of(&self.timeline.standing);
            let working = nodes & !(standing.paused | standing.stalled | standing.broken);
            hearing_quorum(self.plan.nodes, working, |a, b| self.hear_each_other(a, b)) != 0
        };
        if luck.draw(0) & 1 == 1 && hears(majority) { majority } else { able }
    }

    /// The nodes that may come back.
    fn able(&self) -> u64 {
        let standing = Standing::of(&self.timeline.standing);
        self.node_set(|node| {
            !self.environment.processes[node.slot()].disk.damaged && standing.down & node.bit() == 0
        })
    }

    /// The cluster is left to itself from now on, and a new request is made of it.
    fn ask_anew(&mut self, stage: Stage) {
        let environment = &mut self.environment;
        let asked = environment.clients.probe(PROBE, environment.now, &environment.keys);
        environment.invoke(&asked);
        environment.request(asked.request);
        self.leave_alone(stage, asked.request.command);
    }

    /// The cluster is left to itself from now on, and must settle in time.
    fn leave_alone(&mut self, stage: Stage, probe: Command) {
        let patience = self.plan.settle_within.unwrap_or_else(|| self.patience());
        self.environment.schedule(patience, Scheduled::End);
        let began = self.environment.at(self.acting);
        let deadline = began.time.saturating_add(patience);
        self.settle = Some(Settle { probe, began, deadline, stage, end: None });
        self.environment.news = Aspects::ALL;
    }

    /// How long a cluster has when its scenario does not say.
    fn patience(&self) -> Nanos {
        let environment = &self.environment;
        let in_memory = environment.looks.iter().map(|look| look.last_index);
        let on_disk = environment.processes.iter().map(|process| process.disk.last_index());
        let longest = in_memory.chain(on_disk).max().unwrap_or(0);
        let waiting: usize = environment.processes.iter().map(|process| process.inbox.len()).sum();
        let backlog =
            (longest + waiting as u64).saturating_mul(2).saturating_mul(environment.mean_round_trip());
        self.plan.timing.election_timeout_max.saturating_mul(PATIENCE).saturating_add(backlog)
    }

    /// Whether the run has come to its end.
    #[inline]
    pub(crate) fn settled(&mut self) -> bool {
        match self.settle {
            None => self.is_told,
            Some(settle) => settle.end.is_some() || self.settles(settle),
        }
    }

    /// Whether the cluster has just settled for good. It is only looked at when something has changed.
    #[inline(never)]
    fn settles(&mut self, settle: Settle) -> bool {
        let answered = self.environment.clients.is_answered(settle.probe);
        if !answered || std::mem::take(&mut self.environment.news) == Aspects::NOTHING || !self.agree() {
            return false;
        }
        let goes_on = match settle.stage {
            Stage::Recovered => self.crash_leader() || self.complete(settle.probe),
            Stage::Bereft => self.complete(settle.probe),
            Stage::Complete => false,
        };
        if !goes_on {
            self.settle = Some(Settle { end: Some(End::Settled), ..settle });
        }
        !goes_on
    }

    /// Brings everybody back who is still down. Whether there was anybody.
    fn complete(&mut self, probe: Command) -> bool {
        let down = self.able() & !self.live();
        if down == 0 {
            return false;
        }
        self.tell(Act::Restart(Target::Nodes(down)), None);
        self.restart(down);
        self.watch();
        self.leave_alone(Stage::Complete, probe);
        true
    }

    /// Crashes the leader, if a quorum that hears itself is left without it. Whether it did.
    fn crash_leader(&mut self) -> bool {
        let Some(leader) = self.leader() else { return false };
        if self.hearing_among(self.live() & !leader.bit()) == 0 {
            return false;
        }
        self.tell(Act::Crash(Target::node(leader)), None);
        self.crash(leader);
        self.watch();
        self.ask_anew(Stage::Bereft);
        true
    }

    /// Live nodes that are a quorum and hear each other; empty when there are none.
    fn hearing(&self) -> u64 {
        self.hearing_among(self.live())
    }

    /// The nodes that nothing keeps from working.
    fn working(&self) -> u64 {
        self.node_set(|node| self.works(node))
    }

    /// Whether nothing keeps a node from working: its process goes on and its disk takes what it is given.
    fn works(&self, node: NodeId) -> bool {
        let process = &self.environment.processes[node.slot()];
        let disk = &process.disk;
        !process.paused && !disk.stalled && disk.condition == Condition::Works
    }

    fn hearing_among(&self, nodes: u64) -> u64 {
        let nodes = nodes & self.working();
        hearing_quorum(self.plan.nodes, nodes, |a, b| self.hear_each_other(a, b))
    }

    fn hear_each_other(&self, a: NodeId, b: NodeId) -> bool {
        let interceptor = &self.environment.interceptor;
        self.environment.network.hear_each_other(a, b)
            && !interceptor.severs(a, b)
            && !interceptor.severs(b, a)
    }

    /// Whether somebody leads a quorum, and all live nodes that it hears are idle and have applied the same
    /// commands to the end of their logs.
    fn agree(&self) -> bool {
        let Some(leader) = self.leader() else { return false };
        let behind = |node| !self.agrees(node, leader) && self.is_led(node, leader);
        !self.nodes().any(behind) && self.led_by(leader).count_ones() > u32::from(self.plan.nodes / 2)
    }

    /// The leader and the live nodes that hear it and are heard.
    fn led_by(&self, leader: NodeId) -> u64 {
        self.node_set(|node| self.is_led(node, leader))
    }

    /// Whether a node is the leader, or hears it and is heard, and nothing keeps it from working.
    fn is_led(&self, node: NodeId, leader: NodeId) -> bool {
        let severed = |a, b| self.environment.interceptor.severs_replication(a, b);
        let heard = || {
            let hear_each_other = self.environment.network.hear_each_other(leader, node);
            node == leader || hear_each_other && !severed(leader, node) && !severed(node, leader)
        };
        self.environment.processes[node.slot()].up && self.works(node) && heard()
    }

    /// Whether a node is idle and has applied its whole log, and the same commands as another.
    fn agrees(&self, node: NodeId, other: NodeId) -> bool {
        let process = &self.environment.processes[node.slot()];
        let look = &self.environment.looks[node.slot()];
        let same = self.environment.states.agree(node, other);
        same && process.up && !process.blocked && look.last_index == look.last_applied
    }

    /// What became of the settle phase.
    pub(crate) fn settling(&self) -> Settling {
        match self.settle.and_then(|settle| settle.end) {
            None => Settling::NotReached,
            Some(End::Settled) => Settling::Settled,
            Some(End::Stalled) => Settling::Stalled,
            Some(End::Impossible) => Settling::Impossible,
        }
    }

    /// That the cluster has stalled, if it has: how long it was left to itself, what keeps it from settling and why it
    /// could have.
    pub(crate) fn stalled(&self) -> Option<Finding> {
        let settle = self.settle.filter(|settle| settle.end == Some(End::Stalled))?;
        let at = settle.began;
        let (waited, quorum) = (span(self.environment.now - at.time), names(self.hearing()));
        let obstacle = self.obstacle();
        let text = format!("not within {waited}: {obstacle}, although {quorum} are up and hear each other");
        Some(Finding { property: Property::Progress, at, facts: vec![Fact::new(at, text)] })
    }

    fn obstacle(&self) -> String {
        let probed = self.settle.is_some_and(|settle| self.environment.clients.is_answered(settle.probe));
        match self.leader() {
            None => "nobody leads".to_owned(),
            Some(leader) if !probed => format!("{leader} leads and answers no new request"),
            Some(leader) => {
                let led = self.led_by(leader);
                let behind = self.node_set(|node| led & node.bit() != 0 && !self.agrees(node, leader));
                format!("{leader} leads and these nodes do not catch up: {}", names(behind))
            }
        }
    }
}

fn names(nodes: u64) -> String {
    let members = (0..NodeId::MAX as u8).map(NodeId).filter(|node| nodes & node.bit() != 0);
    members.map(|node| node.to_string()).collect::<Vec<_>>().join(" ")
}
