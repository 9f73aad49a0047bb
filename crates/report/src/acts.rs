//! Acts of a timeline in words, and what their narrator says.
//!
//! It knows plans, not files: what is shown is what one run was to do.

use crate::words::printable;
use whitewater_check::types::NodeId;
use whitewater_sim::expectations::span;
use whitewater_sim::plan::{Act, Ask, Direction, Interference, MessagePick, Target, TimelineAct};
use whitewater_sim::trace::{Record, What};

/// The line of act `number`, counted from 1: what is done to whom, for how long, and the note. `found` are the
/// nodes, as bits, that turned out to be meant; 0 when that is not known.
pub(crate) fn line(number: u32, timeline: &[TimelineAct], found: u64) -> String {
    let act = (number as usize).checked_sub(1).and_then(|place| timeline.get(place));
    let Some(TimelineAct { act, lasts, note, .. }) = act else { return format!("act {number}") };
    let mut text = format!("act {number}");
    if *act != Act::Nothing {
        text += &format!(": {}", words(act, found));
    }
    if let Some(lasts) = lasts {
        text += &format!(" for {}", span(*lasts));
    }
    if let Some(note) = note {
        text += &format!("   {}", printable(note));
    }
    text
}

/// What is done to whom, in words. `found` are the nodes, as bits, that turned out to be meant; 0 when that is
/// not known.
pub(crate) fn words(act: &Act, found: u64) -> String {
    let whom = |target: &Target| aimed(*target, found);
    match act {
        Act::Crash(target) => format!("crash {}", whom(target)),
        Act::CrashAfterEffects(target, effects) => {
            format!("crash {} within the next step, after {effects} of its effects", whom(target))
        }
        Act::Restart(target) => format!("restart {}", whom(target)),
        Act::Pause(target) => format!("pause {}", whom(target)),
        Act::Resume(target) => format!("resume {}", whom(target)),
        Act::Isolate(target, Direction::Both) => format!("isolate {}", whom(target)),
        Act::Isolate(target, Direction::In) => format!("let {} hear nobody", whom(target)),
        Act::Isolate(target, Direction::Out) => format!("let nobody hear {}", whom(target)),
        Act::Partition(groups) => {
            let groups: Vec<String> = groups.iter().map(|group| names(*group)).collect();
            format!("partition into {}, and the rest", groups.join(" | "))
        }
        Act::Bridge(target) => format!("leave {} as the only bridge", whom(target)),
        Act::Ring => "let every node see its neighbours only".to_owned(),
        Act::Heal => "heal".to_owned(),
        Act::Clog(target, Direction::Both) => format!("clog {}", whom(target)),
        Act::Clog(target, Direction::In) => format!("clog what {} should receive", whom(target)),
        Act::Clog(target, Direction::Out) => format!("clog what {} sends", whom(target)),
        Act::Swizzle(target) => format!("swizzle {}", whom(target)),
        Act::Flap(target, every) => {
            format!("cut {} off and back again every {}", whom(target), span(*every))
        }
        Act::StallDisk(target) => format!("let the disk of {} stand still", whom(target)),
        Act::FailDisk(target) => format!("let the disk of {} fail", whom(target)),
        Act::FillDisk(target) => format!("fill the disk of {}", whom(target)),
        Act::Damage(target) => format!("damage the disk of {}", whom(target)),
        Act::Wipe(target) => format!("wipe the disk of {}", whom(target)),
        Act::Drift(target, ppm) => format!("let the clock of {} go at {}", whom(target), rate(*ppm)),
        Act::Timeout(target) => format!("let the election timer of {} run out", whom(target)),
        Act::Intercept(pick, Interference::Drop) => format!("drop {}", messages(pick)),
        Act::Intercept(pick, Interference::Hold) => format!("hold back {}", messages(pick)),
        Act::Intercept(pick, Interference::Delay(takes)) => {
            format!("let {} take {}", messages(pick), span(*takes))
        }
        Act::Intercept(pick, Interference::Duplicate(takes)) => {
            format!("double {}, with {} for the copy", messages(pick), span(*takes))
        }
        Act::Release => "release what is held back".to_owned(),
        Act::Request(target, 1) => format!("ask {} for a write", whom(target)),
        Act::Request(target, count) => format!("ask {} for {count} writes", whom(target)),
        Act::Ask(target, client, ask) => wish(*client, *ask, &whom(target)),
        Act::Nothing => String::new(),
    }
}

/// What a client asks a node for.
fn wish(client: u32, ask: Ask, whom: &str) -> String {
    match ask {
        Ask::Get(key) => format!("let client {client} read key {key} at {whom}"),
        Ask::Put(key) => format!("let client {client} write key {key} at {whom}"),
        Ask::Append(key) => format!("let client {client} append to key {key} at {whom}"),
        Ask::CompareAndSet(key) => format!("let client {client} compare and set key {key} at {whom}"),
        Ask::Again => format!("let client {client} ask {whom} for the same again"),
    }
}

/// The rate of a clock, of parts per million.
pub(crate) fn rate(ppm: u32) -> String {
    let text = format!("{}.{:06}", ppm / 1_000_000, ppm % 1_000_000);
    format!("{} times its rate", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A target: its role, and who holds it as far as that is known.
fn aimed(target: Target, found: u64) -> String {
    let role = match target {
        Target::Nodes(nodes) => return names(nodes),
        Target::Leader => "the leader",
        Target::Follower => "a follower",
        Target::Candidate => "a candidate",
        Target::Minority => "a minority",
        Target::Majority => "a majority",
        Target::Crashed => "what is down",
        Target::Random => "any node",
        Target::All => "all nodes",
    };
    match found {
        0 => role.to_owned(),
        _ => format!("{role} ({})", names(found)),
    }
}

fn messages(pick: &MessagePick) -> String {
    let MessagePick { kind, from, to, term, nth } = *pick;
    let mut text = nth.map_or("every ".to_owned(), |nth| format!("number {nth} of "));
    text += kind.map_or("message", |kind| kind.name());
    for (word, nodes) in [("from", from), ("to", to)] {
        if nodes != u64::MAX {
            text += &format!(" {word} {}", names(nodes));
        }
    }
    term.map_or(text.clone(), |term| format!("{text} of term {term}"))
}

/// Nodes, which are bits, by their names.
pub(crate) fn names(nodes: u64) -> String {
    let names: Vec<String> = nodes_of(nodes).map(|node| node.to_string()).collect();
    names.join(" ")
}

/// Nodes, which are bits, one by one.
pub(crate) fn nodes_of(nodes: u64) -> impl Iterator<Item = NodeId> {
    let all = (0..NodeId::MAX as u8).map(NodeId);
    all.filter(move |node| nodes & node.bit() != 0)
}

/// Whom the act of the record at `place` turned out to mean, as bits: those to whom what it does happened just
/// before, at the same time.
pub(crate) fn found(records: &[Record], place: usize, timeline: &[TimelineAct]) -> u64 {
    let act = &records[place];
    let Some(TimelineAct { act: does, .. }) =
        (act.a as usize).checked_sub(1).and_then(|place| timeline.get(place))
    else {
        return 0;
    };
    let before = records[..place].iter().rev();
    let before = before.take_while(|record| record.time == act.time && record.what != What::Act);
    before.filter_map(|record| meant(does, record)).fold(0, |set, nodes| set | nodes)
}

/// Whether what an act says is all that there is to say of a record before it.
pub(crate) fn tells(act: &Record, timeline: &[TimelineAct], record: &Record) -> bool {
    let does = (act.a as usize).checked_sub(1).and_then(|place| timeline.get(place)).map(|entry| &entry.act);
    does.is_some_and(|does| {
        let cuts =
            matches!(does, Act::Partition(_) | Act::Ring) && matches!(record.what, What::Partitioned(_));
        let mends = *does == Act::Heal && record.what == What::Healed;
        cuts || mends || meant(does, record).is_some()
    })
}

/// The nodes to whom an act of this kind happened in a record.
fn meant(act: &Act, record: &Record) -> Option<u64> {
    let shape = u64::from(record.b) << 32 | u64::from(record.a);
    match (act, record.what) {
        (Act::Crash(_), What::Crashed)
        | (Act::Restart(_), What::Started)
        | (Act::Pause(_), What::Paused)
        | (Act::Resume(_), What::Resumed)
        | (Act::Timeout(_), What::ElectionTimeout)
        | (Act::Request(..) | Act::Ask(..), What::Requested) => Some(record.node.bit()),
        (Act::Clog(..), What::Clogged(_))
        | (Act::Drift(..), What::ClockRate)
        | (
            Act::StallDisk(_) | Act::FailDisk(_) | Act::FillDisk(_) | Act::Damage(_) | Act::Wipe(_),
            What::Disk(_),
        ) => Some(record.node.bit()),
        (Act::Isolate(..) | Act::Flap(..) | Act::Bridge(_), What::Partitioned(_)) => Some(shape),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitewater_check::observe::Kind;
    use whitewater_sim::plan::Due;
    use whitewater_sim::trace::Shape;

    fn entry(act: Act, note: Option<&str>) -> TimelineAct {
        TimelineAct { due: Due::At(0), act, lasts: None, standing: false, note: note.map(str::to_owned) }
    }

    fn record(what: What, node: u8, a: u32) -> Record {
        let (node, peer) = (NodeId(node), NodeId(0));
        Record { time: 7, step: 1, cause: 0, term: 1, a, b: 0, node, peer, what }
    }

    #[test]
    fn an_act_says_what_it_does_to_whom_and_why() {
        let drop = MessagePick {
            kind: Some(Kind::AppendEntries),
            from: 1,
            to: u64::MAX,
            term: Some(3),
            nth: Some(2),
        };
        let table = [
            (entry(Act::Crash(Target::Leader), None), 0b100, "act 1: crash the leader (n3)"),
            (
                entry(Act::Crash(Target::Leader), Some("It\u{1b} falls.")),
                0,
                "act 1: crash the leader   It  falls.",
            ),
            (entry(Act::Nothing, Some("All is calm.")), 0, "act 1   All is calm."),
            (
                entry(Act::Partition(vec![0b11, 0b100]), None),
                0,
                "act 1: partition into n1 n2 | n3, and the rest",
            ),
            (
                entry(Act::Intercept(drop, Interference::Drop), None),
                0,
                "act 1: drop number 2 of AppendEntries from n1 of term 3",
            ),
            (
                TimelineAct { lasts: Some(2_000_000_000), ..entry(Act::Pause(Target::Nodes(0b10)), None) },
                0,
                "act 1: pause n2 for 2.000s",
            ),
        ];
        for (act, found, expected) in table {
            assert_eq!(line(1, &[act], found), expected);
        }
        assert_eq!(line(4, &[], 0), "act 4");
    }

    #[test]
    fn who_was_meant_shows_in_what_happened_just_before() {
        let timeline = [
            entry(Act::Crash(Target::Minority), None),
            entry(Act::Isolate(Target::Leader, Direction::Both), None),
        ];
        let records = [
            record(What::Crashed, 4, 0),
            record(What::Act, 0, 9),
            record(What::Crashed, 0, 0),
            record(What::Crashed, 1, 0),
            record(What::Act, 0, 1),
            record(What::Partitioned(Shape::Isolated), 0, 0b1000),
            record(What::Act, 0, 2),
        ];
        assert_eq!(found(&records, 4, &timeline), 0b11);
        assert_eq!(found(&records, 6, &timeline), 0b1000);
        assert_eq!(found(&records, 1, &timeline), 0);
    }
}
