//! What clients and nodes tell each other: requests, answers and refusals on their way, and who loses
//! patience.
//!
//! Clients are outside of the cluster: a cut between nodes keeps nobody from asking a node, but what they say
//! takes its time and may be lost as anything else.

use crate::chance::mix;
use crate::clients::{Asked, Patience, Request, Says};
use crate::environment::{Answer, Environment, command_detail};
use crate::event::Scheduled;
use crate::trace::What;
use whitewater_check::markers::Marker;
use whitewater_check::types::{At, Command, Index, Nanos, NodeId};

impl Environment {
    pub(crate) fn reply(&mut self, node: NodeId, command: Command, index: Index) {
        self.digest.absorb(index, command.word());
        self.note(node, What::Replied, command_detail(Some(command), index));
        let last = self.states.outcome(node, command, &self.checks);
        if last.is_some_and(|last| last.index < index) {
            self.mark(Marker::RetryFromSession);
        }
        let result = last.map_or(0, |last| last.result);
        self.tell(node, command, Says::Done { result, read_at: None });
    }

    pub(crate) fn answer(&mut self, node: NodeId, command: Command) {
        let Some(operation) = self.checks.operation(command) else { return };
        assert!(operation.is_read(), "{node} answers {command} without the log: {operation} is no read");
        let (result, read_at) = self.states.read(node, operation, &self.checks);
        self.digest.absorb(read_at, command.word());
        self.note(node, What::Replied, command_detail(Some(command), read_at));
        self.tell(node, command, Says::Done { result, read_at: Some(read_at) });
    }

    pub(crate) fn refuse(&mut self, node: NodeId, command: Command, hint: Option<NodeId>) {
        self.digest.absorb(u64::from(node.0), command.word());
        self.note(node, What::Refused, command_detail(Some(command), 0));
        self.tell(node, command, Says::Elsewhere(hint));
    }

    /// Puts an answer on its way to the client of `command`.
    fn tell(&mut self, from: NodeId, command: Command, says: Says) {
        if !self.clients.have_asked(command) && self.checked {
            // Nobody has asked for it; the checks say so.
            let at = self.at(from);
            return self.checks.answered(at, command, 0, None);
        }
        let Some(delay) = self.way_of(command, true) else {
            return self.note(from, What::AnswerLost, command_detail(Some(command), 0));
        };
        let slot = self.answers.claim();
        self.answers[slot] = Some(Answer { command, from, says });
        self.schedule(delay, Scheduled::Answer(slot));
    }

    /// A client has asked for something new. That is recorded whether or not anything is checked: it is where the
    /// state machines look up what a command asks for.
    pub(crate) fn invoke(&mut self, asked: &Asked) {
        let Request { command, to, .. } = asked.request;
        let at = At { time: self.now, step: self.steps, node: to };
        self.checks.invoked(at, command, asked.operation);
        self.gauges.asked(self.now);
        self.digest.absorb(self.now << 8 | u64::from(to.0), command.word());
        self.note_client(What::Asked, to, command);
    }

    /// Puts a client's request on its way.
    pub(crate) fn request(&mut self, request: Request) {
        let Request { command, to, .. } = request;
        if let Some(deadline) = self.clients.watch(command, self.now) {
            self.queue.push(deadline, Scheduled::Patience(command.client()).word());
        }
        let Some(delay) = self.way_of(command, false) else {
            return self.note_client(What::RequestLost, to, command);
        };
        let slot = self.requests.claim();
        self.requests[slot] = Some(request);
        self.schedule(delay, Scheduled::Request(slot));
    }

    /// How long `command` or its answer is on its way; `None` when it is lost.
    fn way_of(&self, command: Command, back: bool) -> Option<Nanos> {
        let draw = self.clients.have_asked(command).then(|| self.clients.draw_way(command, back))?;
        self.network.client_way(draw)
    }

    /// An answer has reached its client.
    pub(crate) fn answered(&mut self, Answer { command, from, says }: Answer) {
        match says {
            Says::Elsewhere(hint) => {
                if let Some(request) = self.clients.refused(command, hint) {
                    self.mark(Marker::Redirected);
                    self.request(request);
                }
            }
            Says::Done { result, read_at } => {
                let Some(done) = self.clients.done(command, from, result) else { return };
                if self.checked {
                    let at = At { time: self.now, step: self.steps, node: from };
                    self.checks.answered(at, command, result, read_at);
                }
                self.gauges.answered(done.invoked, self.clients.waiting(), self.now);
                self.digest.absorb(self.now, mix(command.word(), result));
                self.note_client(What::Answered, from, command);
                if let Some(next) = done.next {
                    self.schedule(next, Scheduled::Tick(done.client));
                }
            }
        }
    }

    /// The client of a session may have lost patience.
    pub(crate) fn patience(&mut self, session: u32) {
        match self.clients.look_again(session, self.now) {
            Patience::Idle => {}
            Patience::Until(deadline) => self.queue.push(deadline, Scheduled::Patience(session).word()),
            Patience::Again(request) => {
                self.note_client(What::AskedAgain, request.to, request.command);
                self.request(request);
            }
            Patience::GivesUp(Some((client, next))) => self.schedule(next, Scheduled::Tick(client)),
            Patience::GivesUp(None) => {}
        }
    }

    /// Notes what a client does or hears, to or from `node`.
    pub(crate) fn note_client(&mut self, what: What, node: NodeId, command: Command) {
        let at = At { time: self.now, step: self.steps, node };
        self.trace.note(at, what, command_detail(Some(command), 0));
    }
}
