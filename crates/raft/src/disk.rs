//! What the node knows about its own disk: what it has written, and what of it is durable.
//!
//! A leader replicates while its disk still writes (thesis §10.2.1), so that "in my log" and "on my disk" are
//! two different things. This module keeps them apart. It must not know what is counted or sent.

use crate::types::{HardState, Index};

/// The node's book on its disk.
#[derive(Clone, Debug)]
pub(crate) struct Disk {
    /// The hard state as it was written last.
    pub(crate) hard_state: HardState,
    /// All entries up to here are durable.
    pub(crate) durable_index: Index,
    /// How many asynchronous syncs have not come back yet.
    awaited: u64,
    /// How many of these, the oldest ones, were overtaken by a blocking sync. Their indexes may since have been
    /// given to other entries, so their return says nothing any more.
    overtaken: u64,
}

impl Disk {
    pub(crate) fn new(hard_state: HardState, durable_index: Index) -> Self {
        Self { hard_state, durable_index, awaited: 0, overtaken: 0 }
    }

    /// A blocking sync has returned, and the log ends at `last_index`.
    pub(crate) fn synced(&mut self, last_index: Index) {
        self.durable_index = last_index;
        self.overtaken = self.awaited;
    }

    /// An asynchronous sync has begun.
    pub(crate) fn awaits(&mut self) {
        self.awaited += 1;
    }

    /// The log was cut, so that nothing above `last_index` is durable, and no sync under way may say so later.
    pub(crate) fn cut(&mut self, last_index: Index) {
        self.durable_index = self.durable_index.min(last_index);
        self.overtaken = self.awaited;
    }

    /// The oldest asynchronous sync has come back; says whether more is durable than before.
    pub(crate) fn returned(&mut self, up_to: Index) -> bool {
        self.awaited = self.awaited.saturating_sub(1);
        if self.overtaken > 0 {
            self.overtaken -= 1;
            return false;
        }
        let news = up_to > self.durable_index;
        self.durable_index = self.durable_index.max(up_to);
        news
    }
}
