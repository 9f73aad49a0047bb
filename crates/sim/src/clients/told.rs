//! Clients that do what they are told: they follow no hint, and ask again only when they are told to.

use crate::chance::Keys;
use crate::clients::{Asked, Clients, Kind, workload};
use crate::plan::Ask;
use whitewater_check::types::{Nanos, NodeId};

impl Clients {
    /// The client of this number is told to ask `to`, who hears it at once. `None` when it is to ask again and
    /// has not asked for anything.
    pub(crate) fn told(
        &mut self,
        number: u32,
        ask: Ask,
        to: NodeId,
        now: Nanos,
        keys: &Keys,
    ) -> Option<Asked> {
        let known = self.clients.iter().position(|client| client.kind == Kind::Told(number));
        let client = known.map_or_else(|| self.add(Kind::Told(number), keys), |place| place as u32);
        let last = self.sessions.iter().rposition(|session| session.client == client);
        self.clients[client as usize].target = to;
        let (session, operation) = match (ask, last) {
            (Ask::Again, None) => return None,
            (Ask::Again, Some(session)) => {
                let operation = self.sessions[session].operation?;
                return Some(Asked { request: self.send(session as u32, to), operation, next: None });
            }
            (Ask::Get(_) | Ask::Put(_) | Ask::Append(_) | Ask::CompareAndSet(_), _) => {
                let session = self.idle_session(client);
                let value = self.next_command(session).word();
                (session, workload::told(ask, value, self.clients[client as usize].known)?)
            }
        };
        self.clients[client as usize].asked += 1;
        let nth = self.clients[client as usize].asked;
        let request = self.begin(session, operation, nth, now);
        Some(Asked { request, operation, next: None })
    }
}
