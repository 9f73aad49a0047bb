//! Whose panic it was.
//!
//! A panic while a system handles an event is the system's. Replicas are looked at from everywhere, and to take note of it
//! each time would cost every step something; so after a panic in any other place all of them are looked at once more,
//! and one that panics again over it is at fault. Otherwise the mistake is ours.
//!
//! Where a panic was only a panic hook is told. One that says so here makes a finding of more use.

use crate::plan::SystemChoice;
use crate::replica::{Replica, System, Unsupported};
use crate::world::World;
use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, resume_unwind};
use whitewater_check::finding::{Fact, Finding};
use whitewater_check::property::Property;
use whitewater_check::types::NodeId;

/// How many entries of a log are read again at most, from its end.
const MOST_READ: usize = 1 << 20;

thread_local! {
    /// Where the last panic of this thread was, if a hook has said so.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Takes note of where a panic is. For a panic hook, which is called in the thread that panics.
pub fn note_place(panic: &PanicHookInfo<'_>) {
    PLACE.set(panic.location().map(ToString::to_string));
}

/// A system for this choice. One that panics over it refuses it.
///
/// # Errors
///
/// When the system does not have what it is asked for.
pub(crate) fn configured<S: System>(choice: &SystemChoice) -> Result<S, Unsupported> {
    catch_unwind(AssertUnwindSafe(|| S::configure(choice))).unwrap_or_else(|panic| {
        Err(Unsupported(format!("{} panics when it is configured{}", choice.name, told(panic.as_ref()))))
    })
}

/// Where the last panic of this thread was, if anybody knows, and what it said.
fn told(panic: &(dyn Any + Send)) -> String {
    let place = PLACE.take().map_or(String::new(), |place| format!(" at {place}"));
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a message");
    format!("{place}: {message}")
}

impl<S: System> World<S> {
    /// The finding that a node has panicked. A panic that is no node's goes on.
    #[cold]
    pub(crate) fn panicked(&mut self, panic: Box<dyn Any + Send>) -> Finding {
        // Whoever is looked at again may panic again.
        let told = told(panic.as_ref());
        let Some(node) = self.culprit() else { resume_unwind(panic) };
        // What is left of it cannot be looked at when the run is judged.
        self.replicas[node.slot()] = None;
        let at = self.environment.at(node);
        let fact = Fact::new(at, format!("{node} panicked{told}"));
        Finding { property: Property::Panicked, at, facts: vec![fact] }
    }

    /// The node whose code has just panicked, if it was that of a node.
    fn culprit(&mut self) -> Option<NodeId> {
        if self.in_system {
            return Some(self.acting);
        }
        let acting = self.acting;
        [acting].into_iter().chain(self.nodes()).find(|&node| self.panics_when_looked_at(node))
    }

    fn panics_when_looked_at(&mut self, node: NodeId) -> bool {
        let nodes = self.plan.nodes;
        let Some(replica) = self.replicas[node.slot()].as_mut() else { return false };
        catch_unwind(AssertUnwindSafe(|| look_at_all_of(replica, nodes))).is_err()
    }
}

fn look_at_all_of<R: Replica>(replica: &mut R, nodes: u8) {
    let (last, (covered, _)) = (replica.look().last_index, replica.snapshot());
    let entries = (covered.saturating_add(1)..=last).rev().take(MOST_READ);
    entries.for_each(|index| _ = replica.entry(index));
    (0..nodes).for_each(|peer| _ = replica.progress(NodeId(peer)));
    replica.seen();
}
