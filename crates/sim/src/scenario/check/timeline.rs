//! What the timeline and the chaos of a file mean, judged: when acts are due, what they do and to whom.

use crate::plan::Target;
use crate::scenario::act::{Act, Request, Wish};
use crate::scenario::check::{Checker, HIGHEST_TERM, MILLISECOND, MOST_KEYS};
use crate::scenario::draw::Draw;
use crate::scenario::duration::DAY;
use crate::scenario::file::{Chaos, Entry};
use crate::scenario::message::MessagePick;
use crate::scenario::path::Path;
use crate::scenario::spread::Spread;
use crate::scenario::target::{Aim, Nodes, highest};

impl Checker<'_> {
    pub(super) fn entry(&mut self, entry: &Entry, path: &Path<'_>) {
        self.due(entry, path);
        if let Some(at) = &entry.at {
            self.time(&path.field("at"), at, 0..=self.end);
        }
        if let Some(after) = &entry.after {
            self.time(&path.field("after"), after, 0..=self.end);
        }
        if let Some(when) = &entry.when {
            self.condition(&path.field("when"), when);
        }
        self.deed(entry, path);
    }

    /// An entry is due at a time or when something holds. One whose time is wrong has one, too.
    fn due(&mut self, entry: &Entry, path: &Path<'_>) {
        let at = entry.at.is_some() || self.gone(path, "at");
        let when = entry.when.is_some() || self.gone(path, "when");
        if at && entry.when.is_some() {
            self.wrong(&path.field("when"), "an act has `at` or `when`, not both".to_owned());
        } else if !at && !when {
            self.wrong(path, "expected `at` or `when`: the act is never due".to_owned());
        } else if !when && entry.after.is_some() {
            let message = "`after` belongs to `when`; `at` is a time by itself";
            self.wrong(&path.field("after"), message.to_owned());
        }
    }

    /// What an entry does or says.
    fn deed(&mut self, entry: &Entry, path: &Path<'_>) {
        let does = entry.act.is_some() || self.gone(path, "do");
        let says = entry.note.is_some() || self.gone(path, "note");
        if let Some(act) = &entry.act {
            self.act(act, &path.field("do"));
        }
        if !does && !says {
            self.wrong(path, "expected `do`, `note` or both: nothing happens here".to_owned());
        }
        if entry.note.as_ref().is_some_and(|note| note.trim().is_empty()) {
            self.wrong(&path.field("note"), "expected a sentence for the narrator".to_owned());
        }
        if let Some(lasts) = &entry.lasts {
            self.time(&path.field("for"), lasts, 1..=DAY);
        }
        self.end_of(entry, does, path);
    }

    /// When what an entry does is over.
    fn end_of(&mut self, entry: &Entry, does: bool, path: &Path<'_>) {
        let has_end = entry.lasts.is_some();
        if does && entry.standing && has_end {
            let message = "a standing fault has no `for`: it outlasts the time of faults";
            return self.wrong(&path.field("for"), message.to_owned());
        }
        match &entry.act {
            Some(act) if entry.standing => self.stands(act, &path.field("standing")),
            Some(act) => self.ends(act, has_end, path),
            None if has_end && !does => {
                self.wrong(path, "`for` belongs to `do`: there is nothing to undo".to_owned());
            }
            None if entry.standing && !does => {
                self.wrong(path, "`standing` belongs to `do`: there is nothing that could last".to_owned());
            }
            None => {}
        }
    }

    fn stands(&mut self, act: &Act, path: &Path<'_>) {
        let name = act.name();
        if !act.can_end() {
            self.wrong(path, format!("`{name}` is done once; there is nothing that could last"));
        } else if act.must_end() {
            self.wrong(path, format!("`{name}` goes on `for` a time; it cannot be standing"));
        }
    }

    pub(super) fn chaos(&mut self, chaos: &Chaos, path: &Path<'_>) {
        self.strikes(chaos, path);
        if chaos.pick.is_empty() && self.whole(&path.field("pick")) {
            self.wrong(&path.field("pick"), "expected at least one kind of fault".to_owned());
        }
        for (n, pick) in chaos.pick.iter().enumerate() {
            let picks = path.field("pick");
            let path = picks.item(n);
            self.object(&path);
            self.count(&path.field("weight"), &Draw::Plain(pick.weight), 0..=1_000_000);
            self.act(&pick.act, &path.field("do"));
            if let Some(lasts) = &pick.lasts {
                self.spread(&path.field("for"), Some(lasts));
            }
            self.ends(&pick.act, pick.lasts.is_some(), &path);
        }
    }

    /// Chaos strikes every so often, or each time that something begins to hold.
    fn strikes(&mut self, chaos: &Chaos, path: &Path<'_>) {
        let every = chaos.every.is_some() || self.gone(path, "every");
        let when = chaos.when.is_some() || self.gone(path, "when");
        if every && chaos.when.is_some() {
            self.wrong(&path.field("when"), "chaos strikes `every` so often or `when`, not both".to_owned());
        } else if !every && !when {
            self.wrong(path, "expected `every` or `when`: the chaos never strikes".to_owned());
        } else if !when && chaos.after.is_some() {
            self.wrong(&path.field("after"), "`after` belongs to `when`".to_owned());
        }
        self.spread(&path.field("every"), chaos.every.as_ref());
        self.spread(&path.field("after"), chaos.after.as_ref());
        if chaos.every.as_ref().and_then(Spread::typical).is_some_and(|time| time < MILLISECOND) {
            self.wrong(&path.field("every"), "faults come at most once a millisecond".to_owned());
        }
        if let Some(when) = &chaos.when {
            self.condition(&path.field("when"), when);
        }
    }

    fn act(&mut self, act: &Act, path: &Path<'_>) {
        let path = path.field(act.name());
        self.object(&path);
        if let Some(aim) = act.aim() {
            let nodes = if let Target::Nodes(nodes) = aim.0 { nodes } else { 0 };
            self.named(&path.field("node"), nodes);
        }
        match act {
            Act::Crash(crash) => {
                self.at_most(&path.field("after_effects"), crash.after_effects.as_ref(), 0, 1_000)
            }
            Act::Partition(partition) => self.groups(&path.field("groups"), &partition.groups),
            Act::Drop(pick) | Act::Hold(pick) => self.messages(pick, &path),
            Act::Timeout(at) => self.has_election_timer(at.node, &path.field("node")),
            Act::Delay(timed) | Act::Duplicate(timed) => {
                self.messages(&timed.pick(), &path);
                self.time(&path.field("takes"), &timed.takes, 0..=DAY);
            }
            Act::Request(request) => {
                self.hears(request.node, &path.field("node"));
                self.wish(request, &path);
                self.at_most(&path.field("count"), request.count.as_ref(), 1, 1_000);
            }
            Act::Flap(flap) => self.time(&path.field("every"), &flap.every, MILLISECOND..=DAY),
            Act::Drift(drift) => self.optional(&path.field("rate"), Some(&drift.rate)),
            Act::Wipe(_) => self.goes_beyond_raft(&path),
            Act::Restart(_)
            | Act::Pause(_)
            | Act::Resume(_)
            | Act::Isolate(_)
            | Act::Bridge(_)
            | Act::Ring
            | Act::Clog(_)
            | Act::Swizzle(_)
            | Act::Heal
            | Act::StallDisk(_)
            | Act::FailDisk(_)
            | Act::FillDisk(_)
            | Act::Damage(_)
            | Act::Release => {}
        }
    }

    /// A client that is told what to ask for has a number, and the other way round.
    fn wish(&mut self, request: &Request, path: &Path<'_>) {
        let whose = request.client.is_some() || self.gone(path, "client");
        let says = request.what.is_some() || self.gone(path, "what");
        if says && !whose {
            let message = "expected `client` beside `what`: the number of the client who asks for it";
            self.wrong(&path.field("what"), message.to_owned());
        } else if whose && !says {
            let message = "expected `what` beside `client`: what it asks for, such as {\"put\": 0}";
            self.wrong(&path.field("client"), message.to_owned());
        } else if whose && request.count.is_some() {
            let message = "`count` is for requests without a `client`";
            self.wrong(&path.field("count"), message.to_owned());
        }
        if let Some(client) = request.client {
            self.count(&path.field("client"), &Draw::Plain(client), 1..=1_000_000);
        }
        if let Some(key) = request.what.and_then(Wish::key) {
            self.count(&path.field("what"), &Draw::Plain(key), 0..=MOST_KEYS - 1);
        }
    }

    fn goes_beyond_raft(&mut self, path: &Path<'_>) {
        if !self.scenario.beyond_raft && self.untouched(&Path::Root, "beyond_raft") {
            let message = "Raft does not promise to survive an empty disk; if that is meant, say \
                           `\"beyond_raft\": true` beside `timeline` or `chaos`";
            self.wrong(path, message.to_owned());
        }
    }

    fn at_most(&mut self, path: &Path<'_>, draw: Option<&Draw<u64>>, least: u64, most: u64) {
        if let Some(draw) = draw {
            self.count(path, draw, least..=most);
        }
    }

    fn messages(&mut self, pick: &MessagePick, path: &Path<'_>) {
        let (from, to) = (pick.from.map_or(0, |nodes| nodes.0), pick.to.map_or(0, |nodes| nodes.0));
        self.named(&path.field("from"), from);
        self.named(&path.field("to"), to);
        let known = self.whole(&path.field("from")) && self.whole(&path.field("to"));
        if from == to && from.count_ones() == 1 && known {
            let message = format!("n{} sends no messages to itself", highest(from));
            self.wrong(&path.field("to"), message);
        }
        self.at_most(&path.field("term"), pick.term.as_ref(), 1, HIGHEST_TERM);
        self.at_most(&path.field("nth"), pick.nth.as_ref(), 1, 1_000_000);
    }

    fn has_election_timer(&mut self, aim: Aim, path: &Path<'_>) {
        if aim.0 == Target::Leader {
            self.wrong(path, "a leader has no election timer that could run out".to_owned());
        }
        self.hears(aim, path);
    }

    fn hears(&mut self, aim: Aim, path: &Path<'_>) {
        if aim.0 == Target::Crashed {
            self.wrong(path, "nothing can be done to a crashed node but to restart it".to_owned());
        }
    }

    fn groups(&mut self, path: &Path<'_>, groups: &[Nodes]) {
        if groups.is_empty() && self.whole(path) {
            self.wrong(path, "expected at least one group of nodes".to_owned());
        }
        let mut taken = 0;
        for (n, group) in groups.iter().enumerate() {
            let path = path.item(n);
            self.named(&path, group.0);
            if taken & group.0 != 0 {
                let node = (taken & group.0).trailing_zeros() + 1;
                self.wrong(&path, format!("the groups overlap: n{node} is in an earlier one"));
            }
            taken |= group.0;
        }
    }

    /// Whether an act has an end, as far as it can have or must have one.
    fn ends(&mut self, act: &Act, has_end: bool, path: &Path<'_>) {
        let name = act.name();
        if has_end && !act.can_end() {
            let message = format!("`{name}` is done once; there is nothing to undo after a time");
            self.wrong(&path.field("for"), message);
        } else if !has_end && act.must_end() && !self.gone(path, "for") {
            self.wrong(path, format!("`{name}` needs `for`: how long it goes on"));
        }
    }
}
