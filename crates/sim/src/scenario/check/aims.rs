//! What is doubtful about whom acts are aimed at: nobody, more than count, or more than Raft survives.

use crate::plan::Target;
use crate::scenario::act::Act;
use crate::scenario::check::Checker;
use crate::scenario::file::File;
use crate::scenario::path::Path;

impl Checker<'_> {
    /// The doubts about every act, and about what they are together.
    pub(super) fn aims(&mut self, file: &File, root: &Path<'_>) {
        let timeline = root.field("timeline");
        for (n, entry) in file.timeline.iter().enumerate() {
            let entry_path = timeline.item(n);
            entry.act.iter().for_each(|act| self.aim(act, &entry_path.field("do")));
        }
        let streams = root.field("chaos");
        for (n, chaos) in file.chaos.iter().enumerate() {
            let stream = streams.item(n);
            let picks = stream.field("pick");
            for (n, pick) in chaos.pick.iter().enumerate() {
                self.aim(&pick.act, &picks.item(n).field("do"));
            }
        }
        let beyond = |act: &Act| matches!(act, Act::Wipe(_)) || self.damages_a_majority(act);
        if file.beyond_raft && !file.acts().any(beyond) {
            let message = "nothing here goes beyond Raft: there is no `wipe`, and no `damage` to a majority";
            self.wrong(&root.field("beyond_raft"), message.to_owned());
        }
    }

    fn aim(&mut self, act: &Act, path: &Path<'_>) {
        let Some(aim) = act.aim() else { return };
        let path = path.field(act.name());
        let path = path.field("node");
        if aim.0 == Target::Minority && self.most_nodes() <= 2 {
            self.wrong(&path, "no minority of one or two nodes may fail: this is nobody".to_owned());
        } else if matches!(act, Act::Bridge(_)) && self.at_least(aim.0) > 1 {
            self.wrong(&path, "a bridge is one node: of these only the first counts".to_owned());
        } else if !self.scenario.beyond_raft && self.damages_a_majority(act) {
            let message = "this damages a majority of the disks, which Raft does not promise to survive; if \
                           that is meant, say `\"beyond_raft\": true`";
            self.wrong(&path, message.to_owned());
        }
    }

    fn damages_a_majority(&self, act: &Act) -> bool {
        let Act::Damage(at) = act else { return false };
        let target = at.node.0;
        let by_name = matches!(target, Target::All | Target::Majority);
        by_name || 2 * self.at_least(target) > self.most_nodes()
    }

    fn most_nodes(&self) -> u64 {
        self.scenario.nodes.range().map_or(u64::MAX, |(_, high)| high)
    }

    /// How many nodes a target certainly has.
    fn at_least(&self, target: Target) -> u64 {
        match target {
            Target::Nodes(nodes) => u64::from(nodes.count_ones()),
            Target::All => self.nodes,
            Target::Majority => self.nodes / 2 + 1,
            Target::Minority => self.nodes.saturating_sub(1) / 2,
            Target::Leader | Target::Follower | Target::Candidate | Target::Random => 1,
            Target::Crashed => 0,
        }
    }
}
