//! Servers and the letters between them, moved by hand: nothing happens unless a test says so.

use whitewater_raft::{Config, Index, NodeId, Role, Rules, Stored};

use super::{Command, Effect, Letter, Server};

/// A server that is up, or the disk of one that is down.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Up(Box<Server>),
    Down(Stored<Command>),
}

#[derive(Clone, Debug)]
pub(crate) struct Cluster {
    pub(crate) places: Vec<Place>,
    pub(crate) letters: Vec<Letter>,
    pub(crate) entries_per_append: usize,
    pub(crate) snapshot_every: u64,
    rules: Rules<Command>,
}

impl Cluster {
    /// A cluster that keeps its logs for ever.
    pub(crate) fn new(disks: Vec<Stored<Command>>, entries_per_append: usize, rules: Rules<Command>) -> Self {
        Self::compacting(disks, entries_per_append, u64::MAX, rules)
    }

    pub(crate) fn compacting(
        disks: Vec<Stored<Command>>,
        entries_per_append: usize,
        snapshot_every: u64,
        rules: Rules<Command>,
    ) -> Self {
        let places: Vec<Place> = disks.into_iter().map(Place::Down).collect();
        let mut cluster = Self { places, letters: Vec::new(), entries_per_append, snapshot_every, rules };
        for id in cluster.ids() {
            cluster.restart(id);
        }
        cluster
    }

    pub(crate) fn ids(&self) -> Vec<NodeId> {
        (0..u8::try_from(self.places.len()).unwrap()).map(NodeId).collect()
    }

    pub(crate) fn up(&self, id: NodeId) -> Option<&Server> {
        match &self.places[usize::from(id.0)] {
            Place::Up(server) => Some(server),
            Place::Down(_) => None,
        }
    }

    /// What the disk of a server holds for good, whether it is up or down.
    pub(crate) fn disk(&self, id: NodeId) -> &Stored<Command> {
        match &self.places[usize::from(id.0)] {
            Place::Up(server) => &server.out.disk.durable,
            Place::Down(stored) => stored,
        }
    }

    pub(crate) fn leader(&self) -> Option<NodeId> {
        let leads = |id: &NodeId| self.up(*id).is_some_and(|server| server.node.role() == Role::Leader);
        let term = |id: &NodeId| self.up(*id).map(|server| server.node.current_term());
        self.ids().into_iter().filter(leads).max_by_key(term)
    }

    /// Let something happen to a server, if it is up, and put what it sends on the wire.
    pub(crate) fn step<T>(&mut self, id: NodeId, event: impl FnOnce(&mut Server) -> T) -> Option<T> {
        let Place::Up(server) = &mut self.places[usize::from(id.0)] else { return None };
        let result = event(server);
        for effect in &server.out.effects {
            if let Effect::Send(letter) = effect {
                self.letters.push(letter.clone());
            }
        }
        Some(result)
    }

    /// Take a letter from the wire to its receiver, who may be down.
    pub(crate) fn deliver(&mut self, position: usize) -> NodeId {
        let letter = self.letters.remove(position);
        self.step(letter.to, |server| server.receive(letter.from.0 + 1, letter.message()));
        letter.to
    }

    /// Cut a server's power while the first few of its unsynced records have reached the disk.
    pub(crate) fn crash(&mut self, id: NodeId, survivors: usize) -> usize {
        let place = &mut self.places[usize::from(id.0)];
        let Place::Up(server) = place else { return 0 };
        let lost = server.out.disk.crash(survivors);
        *place = Place::Down(server.out.disk.durable.clone());
        lost
    }

    pub(crate) fn restart(&mut self, id: NodeId) {
        let voters = self.ids();
        let place = &mut self.places[usize::from(id.0)];
        if let Place::Down(stored) = place {
            let (entries_per_append, snapshot_every) = (self.entries_per_append, self.snapshot_every);
            let config = Config { id, voters, entries_per_append, snapshot_every };
            *place = Place::Up(Box::new(Server::start(config, self.rules, stored.clone())));
        }
    }

    /// Deliver all there is and let all disks finish, until nothing moves. Shows each step to `seen`.
    pub(crate) fn settle(&mut self, mut seen: impl FnMut(&Self, NodeId)) {
        for _ in 0..100_000 {
            if !self.letters.is_empty() {
                let id = self.deliver(0);
                seen(self, id);
            } else if let Some(id) = self.ids().into_iter().find(|id| self.finish_sync(*id)) {
                seen(self, id);
            } else {
                return;
            }
        }
        panic!("the cluster talks without end; the last letter was {:?}", self.letters.last());
    }

    pub(crate) fn finish_sync(&mut self, id: NodeId) -> bool {
        self.step(id, Server::durable).unwrap_or(false)
    }

    pub(crate) fn commit_indexes(&self) -> Vec<Option<Index>> {
        self.ids().iter().map(|id| self.up(*id).map(|server| server.node.commit_index())).collect()
    }
}
