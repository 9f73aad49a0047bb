//! A process: what a node is besides its replica and its state. Whether it runs, what it waits for, its inbox,
//! timers and disk.

use crate::chance::{Key, Keys, Purpose, between};
use crate::clients::Request;
use crate::clock::Clock;
use crate::disk::Disk;
use crate::fifo::Fifo;
use crate::plan::Timing;
use crate::words::{HardState, NotLeader, Snapshot, StateName, Timer};
use whitewater_check::observe::Role;
use whitewater_check::types::{Command, Entry, Index, Nanos, NodeId, Term};

/// An event as it waits in an inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A timer that was due at this time; it counts only if it still is.
    Timer(Timer, Nanos),
    /// The message in this slot.
    Message(u32),
    /// A client's request.
    Request(Request),
    /// An asynchronous sync of this token came back; it was started in this step.
    Durable(u64, u32),
    /// A write or a sync has failed.
    DiskFailed,
}

/// An effect that waits for the sync before it in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A write, with entries of its own because what they came from has moved on.
    Write(Box<LateWrite>),
    /// A state is captured under this name.
    Capture(StateName),
    /// A write with a snapshot.
    WriteSnapshot(Box<(Snapshot, LateWrite)>),
    /// The state machine is put into the state of a snapshot.
    Restore(Snapshot),
    /// A sync that blocks.
    Sync,
    /// A sync that does not.
    SyncAsync(u64),
    /// The message in this slot is sent.
    Send(u32),
    /// The election timer is set.
    ElectionTimer,
    /// The interval timer is set.
    IntervalTimer(Nanos),
    /// A timer is cancelled.
    Cancel(Timer),
    /// A command is applied.
    Apply(Index, Option<Command>),
    /// A command is applied whatever its session says.
    ApplyAlways(Index, Command),
    /// A client is answered.
    Reply(Command, Index),
    /// A client is answered from the state machine.
    Answer(Command),
    /// A client is refused.
    Refuse(Command, NotLeader),
    /// The process stops.
    Halt,
}

/// What a write holds that waits: the hard state, and the suffix of the log.
pub(crate) type LateWrite = (Option<HardState>, Option<(Index, Vec<Entry>)>);

/// One timer. It has at most one entry in the event queue that counts; setting it later costs nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimerState {
    /// When it is due; `NEVER` when it is not set.
    pub deadline: Nanos,
    /// When its entry in the queue is due; `NEVER` when it has none.
    pub queued: Nanos,
    /// The step that set it.
    pub set_in: u32,
}

const NEVER: Nanos = Nanos::MAX;

impl Default for TimerState {
    fn default() -> Self {
        Self { deadline: NEVER, queued: NEVER, set_in: 0 }
    }
}

/// What an entry in the queue means for its timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// The timer is due.
    Now,
    /// It was set anew: look again then.
    Later(Nanos),
    /// The entry is left over.
    No,
}

impl TimerState {
    /// Sets the timer. Whether it needs a new entry in the queue.
    pub(crate) fn set(&mut self, deadline: Nanos, step: u32) -> bool {
        (self.deadline, self.set_in) = (deadline, step);
        let earlier = deadline < self.queued;
        if earlier {
            self.queued = deadline;
        }
        earlier
    }

    /// Whether it will run out.
    pub(crate) fn is_set(&self) -> bool {
        self.deadline != NEVER
    }

    /// Cancels it.
    pub(crate) fn cancel(&mut self) {
        self.deadline = NEVER;
    }

    /// Its entry in the queue came up at `now`.
    pub(crate) fn popped(&mut self, now: Nanos) -> Due {
        if self.queued != now {
            return Due::No;
        }
        self.queued = NEVER;
        match self.deadline {
            NEVER => Due::No,
            later if later > now => {
                self.queued = later;
                Due::Later(later)
            }
            _ => Due::Now,
        }
    }
}

/// How many election timeouts a node has drawn in one term and role.
#[derive(Clone, Copy, Debug, Default)]
struct ElectionDraws {
    term: Term,
    role: Role,
    drawn: u32,
}

/// One process.
#[derive(Debug)]
pub(crate) struct Process {
    /// Whether it runs at all.
    pub up: bool,
    /// Whether a fault holds it still.
    pub paused: bool,
    /// Whether it waits for a sync in the middle of an effect list.
    pub blocked: bool,
    /// Whether that sync came back while the process was paused.
    pub unblocked: bool,
    /// Whether the step it is in is the first of its life.
    pub starting: bool,
    /// How often it has started.
    pub life: u32,
    /// The step that it is in or was in last.
    pub step: u32,
    /// The rest of the effect list while it is blocked.
    pub list: Fifo<Effect>,
    /// Events that wait for it.
    pub inbox: Fifo<Input>,
    /// Its timers, by `Timer`.
    pub timers: [TimerState; Timer::COUNT],
    /// The step has asked for the election timer, which is set when the list has run out.
    pub wants_election_timer: bool,
    /// After how many more effects it crashes.
    pub crash_after: Option<u32>,
    /// Whether a write or a sync of the step has failed, so that the rest of its list does not happen.
    pub failed: bool,
    /// Whether the step is the one in which it hears of such a failure.
    pub hears_failure: bool,
    /// Whether it stops by itself when the step is over.
    pub halts: bool,
    /// Its clock.
    pub clock: Clock,
    /// Its disk.
    pub disk: Disk,
    /// The draws of its disk.
    pub disk_key: Key,
    election_key: Key,
    election: ElectionDraws,
}

/// Which of these processes, by node, are up, as bits.
pub(crate) fn live(processes: &[Process]) -> u64 {
    let up = processes.iter().enumerate().filter(|(_, process)| process.up);
    up.fold(0, |set, (slot, _)| set | 1 << slot)
}

impl Process {
    /// A process that never ran.
    pub(crate) fn new(node: NodeId, keys: &Keys) -> Self {
        Self {
            up: false,
            paused: false,
            blocked: false,
            unblocked: false,
            starting: false,
            life: 0,
            step: 0,
            list: Fifo::default(),
            inbox: Fifo::default(),
            timers: Default::default(),
            wants_election_timer: false,
            crash_after: None,
            failed: false,
            hears_failure: false,
            halts: false,
            clock: Clock::default(),
            disk: Disk::default(),
            disk_key: keys.key(Purpose::Disk, u64::from(node.0)),
            election_key: keys.key(Purpose::ElectionTimeout, u64::from(node.0)),
            election: ElectionDraws::default(),
        }
    }

    /// The same for another run, in the memory of this one.
    pub(crate) fn reset(&mut self, node: NodeId, keys: &Keys) {
        let mut old = std::mem::replace(self, Self::new(node, keys));
        old.list.clear();
        old.inbox.clear();
        old.disk.reset();
        (self.list, self.inbox, self.disk) = (old.list, old.inbox, old.disk);
    }

    /// Whether its effects happen one after the other as they are named, and its step ends with the last of them.
    #[inline]
    pub(crate) fn is_undisturbed(&self) -> bool {
        !(self.blocked | self.failed | self.halts) && self.crash_after.is_none()
    }

    /// Whether it can take an event now.
    pub(crate) fn ready(&self) -> bool {
        self.up && !self.paused && !self.blocked
    }

    /// The next election timeout: the n-th that this node draws in this term and role.
    pub(crate) fn draw_election_timeout(&mut self, term: Term, role: Role, timing: &Timing) -> Nanos {
        if (self.election.term, self.election.role) != (term, role) {
            self.election = ElectionDraws { term, role, drawn: 0 };
        }
        self.election.drawn += 1;
        let address = (term << 24 | u64::from(self.election.drawn)) << 2 | role as u64;
        between(self.election_key.draw(address), timing.election_timeout_min, timing.election_timeout_max)
    }

    /// Loses everything that memory held, but for the inbox and the list: their slots are the caller's.
    pub(crate) fn lose_memory(&mut self) {
        (self.up, self.paused, self.blocked, self.unblocked) = (false, false, false, false);
        (self.crash_after, self.failed, self.halts) = (None, false, false);
        self.wants_election_timer = false;
        for timer in &mut self.timers {
            timer.cancel();
        }
    }

    /// Spends one of the effects left before a crash. Whether the process gets as far as this effect.
    pub(crate) fn reaches_next_effect(&mut self) -> bool {
        if self.failed || self.halts {
            return false;
        }
        match &mut self.crash_after {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_a_timer_later_needs_no_new_entry() {
        let mut timer = TimerState::default();
        assert!(timer.set(100, 1));
        assert!(!timer.set(250, 2));
        assert_eq!(timer.popped(100), Due::Later(250));
        assert_eq!(timer.popped(250), Due::Now);
    }

    #[test]
    fn setting_a_timer_earlier_leaves_an_old_entry_that_does_not_count() {
        let mut timer = TimerState::default();
        timer.set(100, 1);
        assert!(timer.set(50, 2));
        assert_eq!(timer.popped(50), Due::Now);
        assert_eq!(timer.popped(100), Due::No);
    }

    #[test]
    fn a_cancelled_timer_is_not_due_and_can_be_set_again() {
        let mut timer = TimerState::default();
        timer.set(100, 1);
        timer.cancel();
        assert_eq!(timer.popped(100), Due::No);
        assert!(timer.set(180, 2));
    }

    #[test]
    fn an_election_timeout_is_drawn_anew_each_time_and_stays_within_its_bounds() {
        let timing = Timing { election_timeout_min: 150, election_timeout_max: 300, heartbeat: 50 };
        let mut process = Process::new(NodeId(0), &Keys::new(3));
        let mut draw = |term, role| process.draw_election_timeout(term, role, &timing);
        let drawn: Vec<Nanos> = (0..100).map(|_| draw(1, Role::Follower)).collect();
        assert!(drawn.iter().all(|timeout| (150..=300).contains(timeout)));
        assert!(drawn.iter().collect::<std::collections::BTreeSet<_>>().len() > 50);
        assert_ne!(draw(2, Role::Follower), draw(2, Role::Candidate));
    }

    #[test]
    fn a_crash_after_two_effects_lets_two_through() {
        let mut process = Process::new(NodeId(0), &Keys::new(3));
        process.crash_after = Some(2);
        let reached: Vec<bool> = (0..4).map(|_| process.reaches_next_effect()).collect();
        assert_eq!(reached, [true, true, false, false]);
    }
}
