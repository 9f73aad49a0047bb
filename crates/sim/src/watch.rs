//! Expectations while the run goes on: what must happen sometimes, and what must never. They are about the
//! time before the cluster settles; what the settle phase does is its own business.

use crate::environment::Environment;
use crate::plan::{Expect, Plan};
use crate::predicate::{Aspects, ClusterView, NodeView};
use crate::replica::{Replica, System};
use crate::world::World;
use whitewater_check::markers::Marker;
use whitewater_check::types::Nanos;

/// When each expectation of a plan was first seen to hold; only those that are watched have an entry.
#[derive(Debug)]
pub(crate) struct Watch {
    seen: Vec<Option<Nanos>>,
    /// The expectations that are watched and not seen yet, and what each looks at.
    open: Vec<(usize, Aspects)>,
    /// What all of these look at.
    reads: Aspects,
    /// The markers that were seen when the cluster was last watched, as a set.
    markers: u32,
}

impl Watch {
    /// The watch over a plan's expectations.
    pub(crate) fn new(plan: &Plan) -> Self {
        let watched = |(number, expect): (usize, &Expect)| {
            let (Expect::Sometimes(predicate) | Expect::Never(predicate)) = expect else { return None };
            Some((number, predicate.reads()))
        };
        let open: Vec<_> = plan.expect.iter().enumerate().filter_map(watched).collect();
        let reads = open.iter().fold(Aspects::NOTHING, |all, &(_, reads)| all | reads);
        Self { seen: vec![None; plan.expect.len()], open, reads, markers: 0 }
    }

    /// When the predicate of an expectation first held.
    pub(crate) fn first_seen(&self, number: usize) -> Option<Nanos> {
        self.seen[number]
    }
}

impl<S: System> World<S> {
    /// A step is over, or something was done to the cluster: looks whether it is what somebody waits for.
    #[inline]
    pub(crate) fn watch(&mut self) {
        if self.spectator.is_some() {
            self.show();
        }
        let markers = self.environment.checks.markers().seen();
        if self.watch.markers != markers {
            self.watch.markers = markers;
            self.environment.news |= Aspects::MARKERS;
        }
        if self.environment.news != Aspects::NOTHING && self.settle.is_none() {
            self.watch_news();
        }
    }

    /// Something has changed that somebody may wait for.
    #[inline(never)]
    fn watch_news(&mut self) {
        let news = std::mem::take(&mut self.environment.news);
        self.watch_timeline();
        self.watch_chaos(news);
        if self.watch.reads.meets(news) {
            self.watch_expectations(news);
        }
    }

    /// Asks those predicates again that may hold now.
    fn watch_expectations(&mut self, news: Aspects) {
        let mut open = std::mem::take(&mut self.watch.open);
        open.retain(|&(number, reads)| {
            let (Expect::Sometimes(predicate) | Expect::Never(predicate)) = &self.plan.expect[number] else {
                return false;
            };
            let holds = reads.meets(news) && predicate.holds(&self.view());
            if holds {
                self.watch.seen[number] = Some(self.environment.now);
            }
            !holds
        });
        self.watch.reads = open.iter().fold(Aspects::NOTHING, |all, &(_, reads)| all | reads);
        self.watch.open = open;
    }

    /// The cluster as predicates see it.
    pub(crate) fn view(&self) -> View<'_, S::Replica> {
        View { environment: &self.environment, replicas: &self.replicas }
    }
}

/// The cluster as predicates see it.
pub(crate) struct View<'a, R: Replica> {
    pub environment: &'a Environment,
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
            let covered = first.snapshot().0.max(replica.snapshot().0);
            replica.look().last_index == last
                && covered <= last
                && first
                    .term(covered)
                    .is_none_or(|term| replica.term(covered).is_none_or(|other| term == other))
                && (covered..last).rev().all(|before| first.entry(before + 1) == replica.entry(before + 1))
        })
    }

    fn marker(&self, marker: usize) -> u64 {
        self.environment.checks.markers().count(Marker::ALL[marker])
    }
}
