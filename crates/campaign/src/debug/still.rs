//! A still: everything that can be seen of the cluster at one moment, kept after its run is gone.
//!
//! It is a copy of a scene and knows nothing of runs.

use whitewater_check::observe::{Look, Progress};
use whitewater_check::types::{Entry, Index, Nanos, NodeId};
use whitewater_sim::scene::{Flight, Scene, Server};
use whitewater_sim::trace::DiskState;
use whitewater_sim::words::HardState;

/// The cluster at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Still {
    /// How many steps there were.
    pub step: u32,
    /// Virtual time in nanoseconds.
    pub time: Nanos,
    /// The nodes, by slot.
    pub nodes: Vec<NodeStill>,
    /// The messages on their way and those that are held.
    pub flights: Vec<Flight>,
}

/// A node at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeStill {
    /// Which it is.
    pub node: NodeId,
    /// The replica after its last step.
    pub look: Look,
    /// What else it is.
    pub server: Server,
    /// Its log, from index 1; of a node that is down, what its disk holds.
    pub log: Vec<Entry>,
    /// Up to which index a snapshot stands for the entries of that log; 0 without one.
    pub covered: Index,
    /// What is durable: term and vote.
    pub hard_state: HardState,
    /// The log that is durable, from index 1.
    pub stored: Vec<Entry>,
    /// The same as `covered` of the log that is durable.
    pub covered_on_disk: Index,
    /// How many records are written and not durable.
    pub unsynced: usize,
    /// What state its disk is in.
    pub disk: DiskState,
    /// What it believes of its peers, if it leads and its system tells.
    pub progress: Vec<(NodeId, Progress)>,
    /// The nodes that its messages do not reach, as bits.
    pub cut_off: u64,
}

impl Still {
    /// A copy of a scene.
    pub(crate) fn of(scene: &dyn Scene) -> Self {
        Self {
            step: scene.step(),
            time: scene.time(),
            nodes: nodes(scene).map(|node| NodeStill::of(scene, node)).collect(),
            flights: scene.flights(),
        }
    }
}

impl NodeStill {
    fn of(scene: &dyn Scene, node: NodeId) -> Self {
        let (look, server, stored) = (scene.look(node), scene.server(node), scene.stored(node));
        let others = || nodes(scene).filter(|other| *other != node);
        let entries = || (1..).map_while(|index| scene.entry(node, index)).collect();
        let on_disk: Vec<Entry> = (1..).map_while(|index| scene.stored_entry(node, index)).collect();
        let progress = |peer| scene.progress(node, peer).map(|progress| (peer, progress));
        let cut_off = others().filter(|other| !scene.reaches(node, *other));
        Self {
            node,
            look,
            server,
            log: if server.up { entries() } else { on_disk.clone() },
            hard_state: stored.hard_state,
            covered: if server.up { scene.covered(node) } else { stored.covered },
            stored: on_disk,
            covered_on_disk: stored.covered,
            unsynced: stored.unsynced,
            disk: stored.state,
            progress: others().filter_map(progress).collect(),
            cut_off: cut_off.fold(0, |set, other| set | other.bit()),
        }
    }
}

fn nodes(scene: &dyn Scene) -> impl Iterator<Item = NodeId> + use<> {
    (0..scene.nodes()).map(NodeId)
}
