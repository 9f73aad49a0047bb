//! A step as its watchers see it: what it is about, and what came of it.
//!
//! Nothing here decides anything. What happened goes into the digest, the trace and the checks, and a look at
//! the replica into the table of looks.

use crate::environment::{Environment, command_detail};
use crate::flight::{Envelope, message_detail};
use crate::predicate::Aspects;
use crate::process::live;
use crate::trace::{Detail, What};
use crate::words::Timer;
use whitewater_check::observe::{Look, Role};
use whitewater_check::types::{At, Command, Nanos, NodeId};

/// When and where, for the digest.
fn whereabouts(at: At) -> u64 {
    at.time << 8 | u64::from(at.node.0)
}

impl Environment {
    /// The next step is one of `node`.
    #[inline]
    pub(crate) fn begin_step(&mut self, node: NodeId, hears_failure: bool) -> At {
        self.steps += 1;
        let process = &mut self.processes[node.slot()];
        (process.step, process.hears_failure) = (self.steps, hears_failure);
        At { time: self.now, step: self.steps, node }
    }

    /// The entry of a timer in the queue came up, for which it was due then. Whether it still is: it was neither
    /// set anew nor cancelled meanwhile.
    pub(crate) fn runs_out(&mut self, node: NodeId, timer: Timer, due: Nanos) -> bool {
        let state = &mut self.processes[node.slot()].timers[timer as usize];
        if state.deadline != due {
            return false;
        }
        state.cancel();
        if let (Some(story), Timer::Election) = (&mut self.story, timer) {
            story.times_out(due, node);
        }
        true
    }

    /// A step is about a message. Who sent it.
    #[inline(always)]
    pub(crate) fn note_received(&mut self, at: At, slot: u32) -> NodeId {
        let Envelope { from, number, sent_in, ref brief, .. } = self.messages[slot];
        let processes = &self.processes;
        self.gauges.received(brief, (from, at.node), self.now, || live(processes));
        if self.checked {
            self.checks.received(at, from, brief);
        }
        self.digest.absorb(whereabouts(at), u64::from(number) << 16 | u64::from(from.0) << 8 | 3);
        self.trace.note(at, What::Received(brief.kind), message_detail(from, sent_in, brief));
        from
    }

    /// A step is about a timer that has run out.
    pub(crate) fn note_timer(&mut self, at: At, timer: Timer) {
        let cause = self.processes[at.node.slot()].timers[timer as usize].set_in;
        let what = match timer {
            Timer::Election => What::ElectionTimeout,
            Timer::Interval => What::Interval,
        };
        self.digest.absorb(whereabouts(at), timer as u64);
        self.trace.note(at, what, Detail { cause, ..Detail::default() });
    }

    /// A step is about a client's request.
    pub(crate) fn note_request(&mut self, at: At, command: Command) {
        self.digest.absorb(whereabouts(at), command.word());
        self.trace.note(at, What::Requested, command_detail(Some(command), 0));
    }

    /// A step is about a sync that came back and was started in the step `cause`.
    pub(crate) fn note_durable(&mut self, at: At, token: u64, cause: u32) {
        self.digest.absorb(whereabouts(at), token << 4 | 2);
        self.trace.note(at, What::Durable, Detail { cause, a: token, ..Detail::default() });
    }

    /// A step is about a write or a sync that has failed.
    pub(crate) fn note_failure(&mut self, at: At) {
        self.digest.absorb(whereabouts(at), 5);
        self.trace.note(at, What::Failed, Detail::default());
    }

    pub(crate) fn arm_election_timer(&mut self, node: NodeId, look: &Look) {
        let process = &mut self.processes[node.slot()];
        process.wants_election_timer = false;
        let timeout = process.draw_election_timeout(look.term, look.role, &self.timing);
        self.set_timer(node, Timer::Election, timeout);
    }

    /// Takes the outcome of a step into the digest, the trace and the tally.
    #[inline(always)]
    pub(crate) fn saw(&mut self, node: NodeId, look: &Look) {
        self.digest.absorb(look.term << 2 | look.role as u64, look.commit_index << 32 ^ look.last_index);
        if look.is_news(&self.looks[node.slot()]) {
            self.saw_change(node, look);
        }
    }

    /// The same of a look that differs from the one before.
    #[inline(never)]
    fn saw_change(&mut self, node: NodeId, look: &Look) {
        let old = std::mem::replace(&mut self.looks[node.slot()], *look);
        self.news |= Aspects::NUMBERS;
        self.entries = self.entries.saturating_add(look.last_index).saturating_sub(old.last_index);
        let detail = Detail { term: look.term, ..Detail::default() };
        if old.role != look.role || old.term != look.term {
            self.note(node, What::Became(look.role), Detail { a: look.last_index, ..detail });
            if old.role != look.role {
                self.news |= Aspects::ROLES;
                self.gauges.became(look.role, self.now);
            }
            if look.role == Role::Leader && self.tally.first_leader.is_none() {
                self.tally.first_leader = Some(self.now);
            }
        }
        if let Some(from) = look.changed_from.filter(|&from| from <= old.last_index) {
            self.note(
                node,
                What::Truncated,
                Detail { a: from.saturating_sub(1), b: old.last_index, ..detail },
            );
        }
        if look.commit_index > old.commit_index {
            let detail = Detail { a: old.commit_index, b: look.commit_index, ..detail };
            self.note(node, What::Committed, detail);
        }
    }
}
