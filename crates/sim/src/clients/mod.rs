//! Clients: they ask for reads and writes, follow hints to the leader, ask another node for the same when
//! nobody answers, and tell the same request apart from a new one by a session.
//!
//! A client in an open loop asks at its own rate, whatever becomes of its requests; one in a closed loop asks
//! for the next thing some time after the last was answered. Either way a session has one request under way:
//! a client that wants another opens a further session or takes one that is idle. A request that has waited
//! for ten times its client's patience is given up; whether it took effect stays unknown, and its session is
//! not used again.

mod session;
mod told;
mod workload;

use crate::chance::{Key, Keys, Purpose, between};
use crate::plan::{ClientPlan, Pace};
use session::Session;
use whitewater_check::operation::{Operation, Value};
use whitewater_check::types::{Command, Nanos, NodeId};
use workload::Known;

/// How often one request is sent on after refusals before its client waits.
const REDIRECTS: u8 = 3;

/// After how many times its client's patience a request is given up.
const PATIENCE: u64 = 10;

/// Addresses of a client's draws, beside the number of an operation.
const FIRST: u64 = 0;
const PAUSE: u64 = 2;
const WAY: u64 = 3;

/// A request on its way to a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// What is asked for.
    pub command: Command,
    /// Who is asked.
    pub to: NodeId,
    /// Whether it only reads.
    pub read_only: bool,
}

/// What a node tells a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    /// It is done; with `read_at` it was read from the state after that index, without the log.
    Done {
        /// The result.
        result: Value,
        /// The index after which the state was read.
        read_at: Option<u64>,
    },
    /// Somebody else leads, perhaps this node.
    Elsewhere(Option<NodeId>),
}

/// What a client does when its patience is at an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Nothing; the answer came.
    Idle,
    /// It waits until then.
    Until(Nanos),
    /// It asks somebody else.
    Again(Request),
    /// It gives up. If it has waited for this answer, its number, and the time until its next request.
    GivesUp(Option<(u32, Nanos)>),
}

/// An operation that is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Done {
    /// Whose it was.
    pub client: u32,
    /// When it was first asked for.
    pub invoked: Nanos,
    /// The time until the client's next request, if that has waited for this.
    pub next: Option<Nanos>,
}

/// An operation that has just been asked for, and when its client asks for the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The first request for it.
    pub request: Request,
    /// What it is.
    pub operation: Operation,
    /// The time until the client's next request, if that does not wait for an answer.
    pub next: Option<Nanos>,
}

/// Who a client is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// One of those of this entry of the plan.
    Worker(u32),
    /// The one whose request must be answered when the cluster settles.
    Probe(Nanos),
    /// The client of the story, who only asks when an act says so, and whom it says.
    Narrated,
    /// One with a number, which is told everything: neither does it follow hints.
    Told(u32),
}

#[derive(Clone, Debug)]
struct Client {
    kind: Kind,
    key: Key,
    /// How many operations it has asked for.
    asked: u64,
    /// Who answered last, or was hinted at.
    target: NodeId,
    known: Known,
    /// Sessions of it that wait for nothing.
    idle: Vec<u32>,
}

/// All clients of a run.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    plans: Vec<ClientPlan>,
    clients: Vec<Client>,
    /// Sessions by number.
    sessions: Vec<Session>,
    nodes: u8,
    closed: bool,
    narrated: Option<u32>,
    answers: u64,
    waiting: u32,
}

impl Clients {
    /// The clients of a plan. None of them has asked for anything yet.
    pub(crate) fn reset(&mut self, plans: &[ClientPlan], nodes: u8, keys: &Keys) {
        self.plans.clear();
        self.plans.extend_from_slice(plans);
        self.clients.clear();
        self.sessions.clear();
        (self.nodes, self.closed, self.narrated) = (nodes, false, None);
        (self.answers, self.waiting) = (0, 0);
        for (number, plan) in (0..).zip(plans) {
            for _ in 0..plan.count {
                self.add(Kind::Worker(number), keys);
            }
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u32 {
        self.clients.len() as u32
    }

    /// How many answers all of them together were given.
    pub(crate) fn answers(&self) -> u64 {
        self.answers
    }

    /// How many operations wait for their answer.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting
    }

    /// Whether anybody has ever asked for `command`.
    pub(crate) fn have_asked(&self, command: Command) -> bool {
        let session = self.sessions.get(command.client() as usize);
        session.is_some_and(|session| command.serial() <= session.serial)
    }

    /// When a client makes its first request: drawn, so that clients that are alike do not march in step.
    pub(crate) fn first_tick(&self, client: u32) -> Nanos {
        let Kind::Worker(plan) = self.clients[client as usize].kind else { return 0 };
        let (Pace::Every(time) | Pace::Think(time)) = &self.plans[plan as usize].pace;
        between(self.clients[client as usize].key.draw2(0, FIRST), 0, time.sample(1 << 31))
    }

    /// A client asks for its next operation; `None` once clients are closed.
    pub(crate) fn tick(&mut self, number: u32, now: Nanos) -> Option<Asked> {
        let client = &mut self.clients[number as usize];
        let Kind::Worker(plan) = client.kind else { return None };
        if self.closed {
            return None;
        }
        client.asked += 1;
        let (key, nth, known) = (client.key, client.asked, client.known);
        let session = self.idle_session(number);
        let command = self.next_command(session);
        let plan = &self.plans[plan as usize];
        let operation = workload::operation(plan, key, nth, command, known);
        let next = match &plan.pace {
            Pace::Every(every) => Some(every.sample(pause(key, nth)).max(1)),
            Pace::Think(_) => None,
        };
        let request = self.begin(session, operation, nth, now);
        Some(Asked { request, operation, next })
    }

    /// A client that asks for one more thing, closed or not, and asks again and again until it is answered.
    pub(crate) fn probe(&mut self, patience: Nanos, now: Nanos, keys: &Keys) -> Asked {
        let client = self.add(Kind::Probe(patience), keys);
        self.ask_once(client, now)
    }

    /// The client of the story asks `to`, who is told at once.
    pub(crate) fn narrate(&mut self, to: NodeId, now: Nanos, keys: &Keys) -> Asked {
        let client = match self.narrated {
            Some(client) => client,
            None => self.add(Kind::Narrated, keys),
        };
        self.narrated = Some(client);
        self.clients[client as usize].target = to;
        self.ask_once(client, now)
    }

    /// Whether nobody waits for the answer to `command` any more.
    pub(crate) fn is_answered(&self, command: Command) -> bool {
        !self.sessions[command.client() as usize].waits_for(command)
    }

    /// 64 bits of luck for the next leg of the way of `command`, there or back.
    pub(crate) fn draw_way(&self, command: Command, back: bool) -> u64 {
        let session = &self.sessions[command.client() as usize];
        let luck = self.clients[session.client as usize].key.subkey(session.nth);
        luck.draw2(WAY, u64::from(session.sent) << 1 | u64::from(back))
    }

    /// When the client of `command` must be woken if nobody answers; `None` when that is taken care of.
    pub(crate) fn watch(&mut self, command: Command, now: Nanos) -> Option<Nanos> {
        let patience = self.patience(command.client());
        let session = &mut self.sessions[command.client() as usize];
        session.deadline = now.saturating_add(patience?);
        let deadline = (!session.watched).then_some(session.deadline);
        session.watched = true;
        deadline
    }

    /// It is time to look whether the client of a session still waits.
    pub(crate) fn look_again(&mut self, number: u32, now: Nanos) -> Patience {
        let Some(patience) = self.patience(number) else { return Patience::Idle };
        let probes = matches!(self.owner(number).kind, Kind::Probe(_));
        let session = &mut self.sessions[number as usize];
        session.watched = false;
        if !session.waits || self.closed && !probes {
            return Patience::Idle;
        }
        if session.deadline > now {
            session.watched = true;
            return Patience::Until(session.deadline);
        }
        if !probes && now - session.invoked >= patience.saturating_mul(PATIENCE) {
            return self.give_up(number);
        }
        session.redirects = 0;
        let asked = session.target;
        let to = match self.owner(number).target {
            target if target != asked => target,
            target => NodeId((target.0 + 1) % self.nodes),
        };
        Patience::Again(self.send(number, to))
    }

    /// The client of `command` is told that it is done; `None` when it does not listen any more.
    pub(crate) fn done(&mut self, command: Command, by: NodeId, result: Value) -> Option<Done> {
        let session = self.sessions.get_mut(command.client() as usize)?;
        if !session.waits_for(command) {
            return None;
        }
        let (owner, invoked, nth, operation) =
            (session.client, session.invoked, session.nth, session.operation?);
        session.waits = false;
        self.answers += 1;
        self.waiting -= 1;
        let client = &mut self.clients[owner as usize];
        client.target = by;
        client.idle.push(command.client());
        client.known = Some((operation.key(), workload::leaves(operation, result)));
        Some(Done { client: owner, invoked, next: self.think(owner, nth) })
    }

    /// The client of `command` is told to ask somebody else. The request that it sends instead, if any.
    pub(crate) fn refused(&mut self, command: Command, hint: Option<NodeId>) -> Option<Request> {
        let to = hint.filter(|hint| hint.0 < self.nodes)?;
        let session = self.sessions.get_mut(command.client() as usize)?;
        let listens = session.waits_for(command) && session.redirects < REDIRECTS;
        let told = matches!(self.clients[session.client as usize].kind, Kind::Told(_));
        if !listens || told || self.closed && !matches!(self.owner(command.client()).kind, Kind::Probe(_)) {
            return None;
        }
        self.sessions[command.client() as usize].redirects += 1;
        Some(self.send(command.client(), to))
    }

    /// No client makes a request of its own any more, and those that wait do not ask again.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    fn add(&mut self, kind: Kind, keys: &Keys) -> u32 {
        let number = self.clients.len() as u32;
        let key = keys.key(Purpose::Client, u64::from(number));
        let target = NodeId(between(key.draw2(0, 1), 0, u64::from(self.nodes) - 1) as u8);
        self.clients.push(Client { kind, key, asked: 0, target, known: None, idle: Vec::new() });
        number
    }

    /// An operation of a client that is none of the plan's.
    fn ask_once(&mut self, number: u32, now: Nanos) -> Asked {
        let session = self.idle_session(number);
        let client = &mut self.clients[number as usize];
        client.asked += 1;
        let nth = client.asked;
        let operation = Operation::Put { key: 0, value: self.next_command(session).word() };
        let request = self.begin(session, operation, nth, now);
        Asked { request, operation, next: None }
    }

    /// A session of the client that waits for nothing.
    fn idle_session(&mut self, client: u32) -> u32 {
        if let Some(session) = self.clients[client as usize].idle.pop() {
            return session;
        }
        self.sessions.push(Session { client, ..Session::default() });
        self.sessions.len() as u32 - 1
    }

    fn next_command(&self, session: u32) -> Command {
        Command::new(session, self.sessions[session as usize].serial + 1)
    }

    fn begin(&mut self, number: u32, operation: Operation, nth: u64, now: Nanos) -> Request {
        let to = self.owner(number).target;
        self.sessions[number as usize].begin(operation, nth, now);
        self.waiting += 1;
        self.send(number, to)
    }

    /// Sends what the session waits for to a node, which its client takes for the leader from now on.
    fn send(&mut self, number: u32, to: NodeId) -> Request {
        let session = &mut self.sessions[number as usize];
        self.clients[session.client as usize].target = to;
        (session.target, session.sent) = (to, session.sent + 1);
        let read_only = session.operation.is_some_and(Operation::is_read);
        Request { command: Command::new(number, session.serial), to, read_only }
    }

    fn give_up(&mut self, number: u32) -> Patience {
        let session = &mut self.sessions[number as usize];
        session.waits = false;
        let (client, nth) = (session.client, session.nth);
        self.waiting -= 1;
        Patience::GivesUp(self.think(client, nth).map(|next| (client, next)))
    }

    /// How long a client thinks after operation `nth`, if it is one that waits for answers.
    fn think(&self, number: u32, nth: u64) -> Option<Nanos> {
        let client = &self.clients[number as usize];
        let Kind::Worker(plan) = client.kind else { return None };
        match &self.plans[plan as usize].pace {
            Pace::Every(_) => None,
            Pace::Think(think) => Some(think.sample(pause(client.key, nth)).max(1)),
        }
    }

    /// How long the client of a session waits before it asks somebody else; `None` for ever.
    fn patience(&self, session: u32) -> Option<Nanos> {
        match self.owner(session).kind {
            Kind::Worker(plan) => Some(self.plans[plan as usize].timeout),
            Kind::Probe(patience) => Some(patience),
            Kind::Narrated | Kind::Told(_) => None,
        }
    }

    fn owner(&self, session: u32) -> &Client {
        &self.clients[self.sessions[session as usize].client as usize]
    }
}

fn pause(key: Key, nth: u64) -> u32 {
    (key.subkey(nth).draw(PAUSE) >> 32) as u32
}

#[cfg(test)]
mod tests;
