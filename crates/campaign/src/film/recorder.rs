//! Who looks on at a run and takes down what has changed.
//!
//! Of a log it reads what its replica says to have changed, and compares that with what it has; a disk is
//! read only when its length, its end or the number of its open writes is another than before, or when its node has
//! changed its log in this very step or is gone, which may leave all three as they were. Where a snapshot stands for
//! entries the film shows these.

use crate::film::reel::{Change, Frame, Log, Reel};
use crate::film::tape::Tape;
use crate::film::{Film, Instant, Moment};
use whitewater_check::observe::Look;
use whitewater_check::types::{Entry, Index, NodeId};
use whitewater_sim::scene::{Scene, Stored};
use whitewater_sim::trace::Record;

/// The film so far.
#[derive(Debug, Default)]
pub(super) struct Recorder {
    moments: Vec<Instant>,
    nodes: Vec<Camera>,
}

/// One node: its reel, and what it was when it was last seen.
#[derive(Debug, Default)]
struct Camera {
    reel: Reel,
    frame: Frame,
    step: u32,
    /// Whether the step was over.
    over: bool,
    memory: Vec<Entry>,
    disk: Vec<Entry>,
    covered_on_disk: Index,
    unsynced: usize,
}

impl Recorder {
    pub(super) fn new(nodes: u8) -> Self {
        let nodes = (0..nodes).map(|_| Camera::default()).collect();
        Self { moments: Vec::new(), nodes }
    }

    /// Takes down a scene.
    pub(super) fn take(&mut self, scene: &dyn Scene) {
        let moment = self.moments.len();
        let mut ended = None;
        for (node, camera) in (0..).map(NodeId).zip(&mut self.nodes) {
            if let Some(step) = camera.take(scene, node, moment) {
                ended = Some((step, node));
            }
        }
        self.moments.push(Instant { time: scene.time(), ended, noted: scene.noted() });
    }

    /// The film, with the trace of its run.
    pub(super) fn developed(self, records: Vec<Record>) -> Film {
        let reels = self.nodes.into_iter().map(|camera| camera.reel).collect();
        Film { moments: self.moments, reels, tape: Tape::new(records) }
    }
}

impl Camera {
    /// Takes down one node. The step of it that is over since the last scene, if any.
    fn take(&mut self, scene: &dyn Scene, node: NodeId, moment: Moment) -> Option<u32> {
        let (server, stored) = (scene.server(node), scene.stored(node));
        let anew = server.life != self.frame.life;
        let ends = self.frame.up && (anew || !server.up);
        let over = !server.blocked && server.up;
        let ended = over && (server.step != self.step || !self.over);
        (self.step, self.over) = (server.step, over);
        let look = scene.look(node);
        let covered = match (server.up, ended) {
            (true, true) => scene.covered(node),
            (true, false) => self.frame.covered,
            (false, _) => stored.covered,
        };
        let frame = Frame {
            up: server.up,
            life: server.life,
            role: look.role,
            term: look.term,
            commit_index: look.commit_index,
            last_applied: look.last_applied,
            last_index: look.last_index,
            covered,
            stored_term: stored.hard_state.term,
            stored_vote: stored.hard_state.vote,
        };
        if frame != self.frame {
            self.reel.frames.push((moment, frame));
        }
        let before = std::mem::replace(&mut self.frame, frame);
        if ended {
            self.read_memory(scene, node, &look, &before, moment);
        } else if !server.up && !self.memory.is_empty() {
            self.memory.clear();
            self.reel.memory.changes.push(Change { moment, from: 1, entries: Vec::new() });
        }
        self.read_disk(scene, node, ends || ended && look.changed_from.is_some(), moment);
        ended.then_some(server.step)
    }

    fn read_memory(&mut self, scene: &dyn Scene, node: NodeId, look: &Look, before: &Frame, moment: Moment) {
        let (had, has) = (self.memory.len() as u64, look.last_index);
        let said = look.changed_from.unwrap_or(u64::MAX).max(1);
        let (anew, anew_covered) = (self.frame.life != before.life, self.frame.covered != before.covered);
        if !anew && !anew_covered && said == u64::MAX && had == has {
            return;
        }
        let from = if anew { 1 } else { said.min(had.min(has) + 1) };
        let from =
            if anew_covered { same(&self.memory, from, |index| scene.entry(node, index)) } else { from };
        let read: Vec<Entry> = (from..=has).map_while(|index| scene.entry(node, index)).collect();
        replace(&mut self.memory, from as usize - 1, &read, moment, &mut self.reel.memory);
    }

    fn read_disk(&mut self, scene: &dyn Scene, node: NodeId, wrote: bool, moment: Moment) {
        let Stored { covered, log, unsynced, .. } = scene.stored(node);
        let same_length = covered.saturating_add(log.len() as Index) == self.disk.len() as Index;
        let same_end = same_length && (log.is_empty() || log.last() == self.disk.last());
        let anew_covered = std::mem::replace(&mut self.covered_on_disk, covered) != covered;
        if same_end && !anew_covered && unsynced == self.unsynced && !wrote {
            return;
        }
        self.unsynced = unsynced;
        let entry = |index| scene.stored_entry(node, index);
        let from = covered.min(self.disk.len() as Index) + 1;
        let from = if anew_covered { same(&self.disk, from, entry) } else { from };
        let read: Vec<Entry> = (from..=covered).map_while(entry).chain(log.iter().copied()).collect();
        replace(&mut self.disk, from as usize - 1, &read, moment, &mut self.reel.disk);
    }
}

/// The first index, at most `from`, before which a log is as `entry` says; it reaches up to there.
fn same(log: &[Entry], from: Index, entry: impl Fn(Index) -> Option<Entry>) -> Index {
    let differs = |index: &Index| entry(*index) != log.get(*index as usize - 1).copied();
    from - (1..from).rev().take_while(differs).count() as Index
}

/// Puts `read` behind the first `kept` entries of a log, and notes from where on that made a difference.
fn replace(log: &mut Vec<Entry>, kept: usize, read: &[Entry], moment: Moment, into: &mut Log) {
    let same = log[kept..].iter().zip(read).take_while(|(old, new)| old == new).count();
    if same == read.len() && log.len() == kept + same {
        return;
    }
    log.truncate(kept + same);
    log.extend_from_slice(&read[same..]);
    into.changes.push(Change { moment, from: (kept + same) as u64 + 1, entries: read[same..].to_vec() });
}
