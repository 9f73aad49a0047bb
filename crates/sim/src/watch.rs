//! Expectations while the run goes on: what must happen sometimes, and what must never. They are about the
//! time before the cluster settles; what the settle phase does is its own business.

use crate::environment::Environment;
use crate::plan::{Expect, Plan};
use crate::predicate::{ClusterView, NodeView};
use crate::replica::{Replica, System};
use crate::world::World;
use whitewater_check::markers::Marker;
use whitewater_check::types::Nanos;

/// When each expectation of a plan was first seen to hold; only those that are watched have an entry.
#[derive(Debug)]
pub(crate) struct Watch {
    seen: Vec<Option<Nanos>>,
    /// The expectations that are watched and not seen yet.
    open: Vec<usize>,
    /// What the cluster had come to when it was last watched: changes of replicas, and of markers.
    watched: Option<(u64, u64)>,
}

impl Watch {
    /// The watch over a plan's expectations.
    pub(crate) fn new(plan: &Plan) -> Self {
        let watched = |expect: &Expect| matches!(expect, Expect::Sometimes(_) | Expect::Never(_));
        let open = (0..plan.expect.len()).filter(|&number| watched(&plan.expect[number])).collect();
        Self { seen: vec![None; plan.expect.len()], open, watched: None }
    }

    /// Something else than the cluster has changed: looks again even if nothing has happened.
    pub(crate) fn look_again(&mut self) {
        self.watched = None;
    }

    /// When the predicate of an expectation first held.
    pub(crate) fn first_seen(&self, number: usize) -> Option<Nanos> {
        self.seen[number]
    }
}

impl<S: System> World<S> {
    /// A step is over, or something was done to the cluster: looks whether it is what somebody waits for.
    pub(crate) fn watch(&mut self) {
        self.show();
        if self.settle.is_some() {
            return;
        }
        let now = (self.environment.changes, self.environment.checks.markers().additions());
        if self.watch.watched.replace(now) == Some(now) {
            return;
        }
        self.watch_timeline();
        self.watch_chaos();
        let mut number = 0;
        while let Some(&expect) = self.watch.open.get(number) {
            let (Expect::Sometimes(predicate) | Expect::Never(predicate)) = &self.plan.expect[expect] else {
                break;
            };
            if predicate.holds(&self.view()) {
                self.watch.seen[expect] = Some(self.environment.now);
                self.watch.open.swap_remove(number);
            } else {
                number += 1;
            }
        }
    }

    /// The cluster as predicates see it.
    pub(crate) fn view(&self) -> View<'_, S::Replica> {
        View { environment: &self.environment, replicas: &self.replicas }
    }
}

/// The cluster as predicates see it.
pub(crate) struct View<'a, R: Replica> {
    pub environment: &'a Environment<R::Message>,
    pub replicas: &'a [Option<R>],
}

impl<R: Replica> ClusterView for View<'_, R> {
    fn nodes(&self) -> usize {
        self.replicas.len()
    }

    fn node(&self, node: usize) -> NodeView {
        let look = &self.environment.looks[node];
        NodeView {
            up: self.environment.processes[node].up,
            role: look.role,
            term: look.term,
            commit_index: look.commit_index,
            last_applied: look.last_applied,
            last_index: look.last_index,
        }
    }

    /// Some nodes are up, none of those is in the middle of a step, and they hold the same entries.
    fn logs_equal(&self) -> bool {
        if self.environment.processes.iter().any(|process| process.up && process.blocked) {
            return false;
        }
        let mut live = self.replicas.iter().flatten();
        let Some(first) = live.next() else { return false };
        let last = first.look().last_index;
        live.all(|replica| {
            replica.look().last_index == last
                && (1..=last).rev().all(|index| first.entry(index) == replica.entry(index))
        })
    }

    fn marker(&self, marker: usize) -> u64 {
        self.environment.checks.markers().count(Marker::ALL[marker])
    }
}
