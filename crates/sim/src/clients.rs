//! Clients: they ask for writes at a steady rate, follow hints to the leader, and try another node when
//! nobody answers.
//!
//! A client does not wait for an answer before its next request. A request that is refused with a hint is
//! sent on to the node of the hint, a few times at the most; one that is never answered stays unknown.

use crate::chance::{Key, Keys, Purpose, between};
use crate::plan::{ClientPlan, Pace};
use whitewater_check::types::{Command, Nanos, NodeId};

/// How long a client hears nothing before it turns to another node.
const PATIENCE: Nanos = 300_000_000;

/// How often one request is sent on after a refusal.
const REDIRECTS: u8 = 3;

/// A request on its way to a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    /// What is asked for.
    pub command: Command,
    /// Who is asked.
    pub to: NodeId,
}

#[derive(Clone, Debug)]
struct Client {
    key: Key,
    every: Nanos,
    serial: u64,
    redirects: u8,
    target: NodeId,
    heard: Nanos,
    answers: u64,
}

/// All clients of a run.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    clients: Vec<Client>,
    nodes: u8,
    closed: bool,
    probe: Option<u32>,
    /// The client of the story, who only asks when an act says so.
    narrated: Option<u32>,
}

impl Clients {
    /// The clients of a plan. None of them has asked for anything yet.
    pub(crate) fn reset(&mut self, plans: &[ClientPlan], nodes: u8, keys: &Keys) {
        self.clients.clear();
        (self.nodes, self.closed) = (nodes, false);
        (self.probe, self.narrated) = (None, None);
        for plan in plans {
            for _ in 0..plan.count {
                let (Pace::Every(every) | Pace::Think(every)) = &plan.pace;
                self.add(every.sample(1 << 31), keys);
            }
        }
    }

    /// A client that asks until it is answered once, closed or not. Its number.
    pub(crate) fn probe(&mut self, every: Nanos, keys: &Keys) -> u32 {
        self.probe = Some(self.count());
        self.add(every, keys)
    }

    /// The next command of the client that only asks when an act of the story says so.
    pub(crate) fn ask(&mut self, keys: &Keys) -> Command {
        let number = match self.narrated {
            Some(number) => number,
            None => self.add(Nanos::MAX, keys),
        };
        self.narrated = Some(number);
        let client = &mut self.clients[number as usize];
        client.serial += 1;
        Command::new(number, client.serial)
    }

    /// Whether the client was ever answered.
    pub(crate) fn has_answer(&self, number: u32) -> bool {
        self.clients[number as usize].answers > 0
    }

    /// How many answers all clients together were given.
    pub(crate) fn answers(&self) -> u64 {
        self.clients.iter().map(|client| client.answers).sum()
    }

    fn add(&mut self, every: Nanos, keys: &Keys) -> u32 {
        let number = self.clients.len() as u32;
        let key = keys.key(Purpose::Client, u64::from(number));
        let target = NodeId(between(key.draw2(0, 1), 0, u64::from(self.nodes) - 1) as u8);
        self.clients.push(Client { key, every, serial: 0, redirects: 0, target, heard: 0, answers: 0 });
        number
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u32 {
        self.clients.len() as u32
    }

    /// When a client makes its first request: drawn, so that clients that are alike do not march in step.
    pub(crate) fn first_tick(&self, client: u32) -> Nanos {
        let client = &self.clients[client as usize];
        between(client.key.draw2(0, 0), 0, client.every)
    }

    /// A client makes its next request. Where it goes, and when the one after it is due; `None` once
    /// clients are closed.
    pub(crate) fn tick(&mut self, number: u32, now: Nanos) -> Option<(Request, Nanos)> {
        let probes = self.probe == Some(number) && !self.has_answer(number);
        if self.closed && !probes {
            return None;
        }
        let nodes = self.nodes;
        let client = &mut self.clients[number as usize];
        if now > client.heard + PATIENCE {
            client.target = NodeId((client.target.0 + 1) % nodes);
            client.heard = now;
        }
        client.serial += 1;
        client.redirects = REDIRECTS;
        let command = Command::new(number, client.serial);
        Some((Request { command, to: client.target }, now.saturating_add(client.every)))
    }

    /// 32 bits of luck for the way of this request: its `attempt` counts down with each redirect.
    pub(crate) fn draw_way(&self, command: Command) -> u32 {
        let client = &self.clients[command.client() as usize];
        (client.key.draw2(command.serial(), u64::from(client.redirects)) >> 32) as u32
    }

    /// Somebody told the client that its command is done.
    pub(crate) fn answered(&mut self, command: Command, by: NodeId, now: Nanos) {
        if let Some(client) = self.clients.get_mut(command.client() as usize) {
            (client.heard, client.target) = (now, by);
            client.answers += 1;
        }
    }

    /// A node refused the command. The request that the client sends instead, if any.
    pub(crate) fn refused(&mut self, command: Command, hint: Option<NodeId>) -> Option<Request> {
        let client = self.clients.get_mut(command.client() as usize)?;
        let to = hint.filter(|hint| hint.0 < self.nodes)?;
        client.target = to;
        if client.serial != command.serial() || client.redirects == 0 {
            return None;
        }
        client.redirects -= 1;
        Some(Request { command, to })
    }

    /// No client makes a request of its own any more.
    pub(crate) fn close(&mut self) {
        self.closed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients() -> Clients {
        let mut clients = Clients::default();
        clients.reset(&[ClientPlan::writers(2, 1_000)], 3, &Keys::new(1));
        clients
    }

    #[test]
    fn a_client_asks_at_its_rate_with_rising_serials() {
        let mut clients = clients();
        let (first, next) = clients.tick(1, 500).unwrap();
        let (second, _) = clients.tick(1, next).unwrap();
        assert_eq!((first.command, next, second.command), (Command::new(1, 1), 1_500, Command::new(1, 2)));
    }

    #[test]
    fn a_refused_request_follows_the_hint_a_few_times() {
        let mut clients = clients();
        let (request, _) = clients.tick(0, 0).unwrap();
        let hops: Vec<_> = (0..5)
            .map(|hop| clients.refused(request.command, Some(NodeId(hop % 3))))
            .map(|r| r.is_some())
            .collect();
        assert_eq!(hops, [true, true, true, false, false]);
        assert_eq!(clients.refused(request.command, Some(NodeId(9))).map(|r| r.to), None, "no such node");
        assert!(clients.refused(request.command, None).is_none());
    }

    #[test]
    fn silence_sends_a_client_to_the_next_node_and_an_answer_keeps_it() {
        let mut clients = clients();
        let (request, _) = clients.tick(0, 0).unwrap();
        clients.answered(request.command, NodeId(2), 5);
        assert_eq!(clients.tick(0, PATIENCE).unwrap().0.to, NodeId(2));
        assert_eq!(clients.tick(0, PATIENCE + 6).unwrap().0.to, NodeId(0));
    }

    #[test]
    fn an_answer_to_a_client_that_does_not_exist_is_nobodys() {
        let mut clients = clients();
        clients.answered(Command::new(77, 1), NodeId(0), 0);
        assert!(clients.refused(Command::new(77, 1), Some(NodeId(0))).is_none());
    }
}
