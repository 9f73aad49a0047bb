//! The choice of the lines: what matters most, in the order of time; the faults that the nodes of the story met, as
//! far as there is room; and the steps that caused a step, where nothing is known but that.

use crate::why::slice::{Slice, Told, at};
use crate::why::words::{found, nodes};
use crate::why::{LONGEST, Line};
use whitewater_check::finding::Finding;
use whitewater_check::types::NodeId;
use whitewater_sim::trace::{DiskState, Record, Shape, What};

/// How many of the lines may be about faults.
const MOST_FAULTS: usize = 5;

impl Slice<'_> {
    /// The lines of the story, in the order of time.
    pub(super) fn chosen(mut self) -> Vec<Line> {
        self.told.sort_by_key(|told| (std::cmp::Reverse(told.weight), std::cmp::Reverse(told.place)));
        self.told.truncate(LONGEST);
        let room = (LONGEST - self.told.len()).min(MOST_FAULTS);
        let faults = self.faults(room);
        self.told.extend(faults);
        self.told.sort_by_key(|told| (told.place, std::cmp::Reverse(told.depth)));
        self.told.into_iter().map(|told| told.line).collect()
    }

    /// The last faults that the nodes of the story met in its course.
    fn faults(&self, room: usize) -> Vec<Told> {
        let places = || self.told.iter().map(|told| told.place);
        let (Some(first), Some(last)) = (places().min(), places().max()) else { return Vec::new() };
        let concerned = self.told.iter().fold(0, |set, told| set | told.line.at.node.bit());
        let said = |record: &Record| {
            let about = if record.what == What::Started { " starts with " } else { " crashes" };
            let same = |told: &Told| told.line.at == at(record) && told.line.text.contains(about);
            self.told.iter().any(same)
        };
        let faults = self.records(first, last).rev().filter(|(_, record)| !said(record));
        let faults = faults.filter_map(|(place, record)| {
            let text = fault(record, concerned)?;
            Some(Told {
                line: Line { at: at(record), text, section: "".into(), broken: false },
                place,
                weight: 0,
                depth: 0,
            })
        });
        faults.take(room).collect()
    }

    /// The last crash of the node before what was found, if its disk has to do with it.
    pub(super) fn before_crash(&mut self, finding: &Finding) {
        let until = self.film.noted(self.film.end_of(finding.at.step, finding.at.node));
        let node = finding.at.node;
        let crash =
            self.records(0, until).rfind(|(_, record)| record.node == node && record.what == What::Crashed);
        if let Some((place, record)) = crash {
            let text = format!("{node} crashes, and {} of its writes are lost", record.b);
            self.tell_of(80, place, "", text);
        }
    }

    /// The steps that led to a step, each the cause of the next.
    #[expect(clippy::wildcard_enum_match_arm, reason = "of many kinds of record, these begin a step")]
    pub(super) fn steps_to(&mut self, step: u32) {
        let mut next = step;
        for weight in (60..100).rev().step_by(4) {
            let Some((place, record)) = self.film.tape().event(next) else { return };
            let text = match record.what {
                What::Received(kind) => {
                    format!(
                        "{} gets {} of term {} from {}",
                        record.node,
                        kind.name(),
                        record.term,
                        record.peer
                    )
                }
                What::Started => {
                    format!("{} starts in term {} with {}", record.node, record.term, found(record))
                }
                What::ElectionTimeout => format!("{}'s election timer runs out", record.node),
                What::Requested => format!("a client asks {} for c{}#{}", record.node, record.a, record.b),
                What::Failed => format!("a write or sync of {} comes back as an error", record.node),
                _ => return,
            };
            self.tell_of(weight, place, "", text);
            if record.cause == 0 || record.cause == next {
                return;
            }
            next = record.cause;
        }
    }
}

/// A fault in words, if it befalls one of these nodes or the cluster as a whole.
#[expect(clippy::wildcard_enum_match_arm, reason = "of many kinds of record, these are about faults")]
fn fault(record: &Record, concerned: u64) -> Option<String> {
    let node = record.node;
    let is = |node: NodeId| concerned & node.bit() != 0;
    let set = u64::from(record.b) << 32 | u64::from(record.a);
    let text = match record.what {
        What::Crashed if is(node) => format!("{node} crashes"),
        What::Started if is(node) && record.time > 0 => {
            format!("{node} starts again, in term {} and with {}", record.term, found(record))
        }
        What::Halted if is(node) => format!("{node} gives up and stops"),
        What::Paused if is(node) => format!("{node} stands still"),
        What::Disk(state) if is(node) => format!("the disk of {node} {}", disk(state)?),
        What::Partitioned(shape) => cut(shape, set),
        _ => return None,
    };
    Some(text)
}

fn disk(state: DiskState) -> Option<&'static str> {
    match state {
        DiskState::Works => None,
        DiskState::Stalled => Some("stands still"),
        DiskState::Failing => Some("fails"),
        DiskState::Full => Some("is full"),
        DiskState::Damaged => Some("is damaged"),
        DiskState::Wiped => Some("is emptied"),
    }
}

fn cut(shape: Shape, set: u64) -> String {
    match shape {
        Shape::Isolated => format!("{} cut off", is_or_are(set)),
        Shape::Deaf => format!("nothing reaches {} any more", nodes(set)),
        Shape::Mute => format!("nobody hears {} any more", nodes(set)),
        Shape::Groups => "the cluster is split".to_owned(),
        Shape::Bridge => format!("two halves of the cluster meet only at {}", nodes(set)),
        Shape::Ring => "every node reaches its neighbours only".to_owned(),
    }
}

fn is_or_are(set: u64) -> String {
    format!("{} {}", nodes(set), if set.count_ones() == 1 { "is" } else { "are" })
}
