//! What a capsule says it found, judged as far as the file alone tells.

use crate::scenario::check::Checker;
use crate::scenario::draw::Draw;
use crate::scenario::found::{Found, is_base64, is_version};
use crate::scenario::path::Path;
use whitewater_check::types::NodeId;

impl Checker<'_> {
    pub(super) fn found(&mut self, found: &Found, path: &Path<'_>) {
        self.object(path);
        self.count(&path.field("step"), &Draw::Plain(found.step), 1..=u64::from(u32::MAX));
        if let Some(from) = &found.shrunk_from {
            let path = path.field("shrunk_from");
            self.object(&path);
            self.count(&path.field("steps"), &Draw::Plain(from.steps), 1..=u64::from(u32::MAX));
            self.count(&path.field("faults"), &Draw::Plain(from.faults), 0..=u64::from(u32::MAX));
            self.count(&path.field("nodes"), &Draw::Plain(from.nodes), 1..=NodeId::MAX as u64);
        }
        if found.version.as_ref().is_some_and(|version| !is_version(version)) {
            self.wrong(&path.field("version"), "expected a version such as \"0.1.0\"".to_owned());
        }
        if found.system.as_ref().is_some_and(|system| system.trim().is_empty()) {
            self.wrong(&path.field("system"), "expected the name of a system".to_owned());
        }
        if found.ladder.as_ref().is_some_and(|ladder| !is_base64(ladder)) {
            self.wrong(&path.field("ladder"), "expected base64, four characters for three bytes".to_owned());
        }
    }
}
