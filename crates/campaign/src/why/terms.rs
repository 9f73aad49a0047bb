//! A node's term falls (§5.1); its commit index does, or runs past its log (figure 2).

use crate::film::Moment;
use crate::why::slice::{Claim, Slice};
use whitewater_check::types::NodeId;
use whitewater_sim::trace::What;

impl Slice<'_> {
    /// Whether a node's term fell between two moments, within a life or from one to the next.
    pub(super) fn falls(&mut self, node: NodeId, from: Moment, to: Moment) {
        let frames = &self.film.reel(node).frames;
        let live = frames.iter().filter(|(_, frame)| frame.up);
        let pairs: Vec<_> =
            live.clone().zip(live.skip(1)).filter(|(_, (moment, _))| (from..=to).contains(moment)).collect();
        for ((_, before), (moment, now)) in pairs {
            if now.term >= before.term {
                continue;
            }
            let event = self.film.event(node, *moment).map(|(_, record)| (record.what, record.peer));
            let (how, section) = match event {
                Some((What::Received(kind), peer)) => (format!(" at {peer}'s {}", kind.name()), "§5.1"),
                Some((What::Started, _)) => (" as it starts".to_owned(), "figure 2"),
                _ => (String::new(), "§5.1"),
            };
            let text = format!("{node} goes from term {} back to term {}{how}", before.term, now.term);
            self.accuse(node, *moment, section, text);
            return;
        }
    }

    /// Whether a node's commit index fell in the step that ended at a moment.
    pub(super) fn commit_falls(&mut self, node: NodeId, moment: Moment) {
        let (before, now) = (self.film.frame(node, moment.saturating_sub(1)), self.film.frame(node, moment));
        let event = self.film.event(node, moment).map(|(_, record)| *record);
        let at = match event.map(|record| (record.what, record)) {
            Some((What::Received(kind), record)) => {
                format!(" at an {} of term {} from {}", kind.name(), record.term, record.peer)
            }
            _ => String::new(),
        };
        if before.life == now.life && now.commit_index < before.commit_index {
            let text = format!(
                "{node}'s commit index goes from {} back to {}{at}",
                before.commit_index, now.commit_index
            );
            self.accuse(node, moment, "figure 2", text);
            self.ask(Claim::Committed(node, before.commit_index, moment.saturating_sub(1)));
        } else if now.commit_index > now.last_index {
            let text = format!(
                "{node} holds [{}] committed{at}, and its log ends at [{}]",
                now.commit_index, now.last_index
            );
            self.accuse(node, moment, "figure 2", text);
        }
    }
}
