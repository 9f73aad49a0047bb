//! A trace as lines: time, step, node, and what happened in words.
//!
//! The short form leaves out what happens all the time and what a line nearby says as well: heartbeats,
//! replies that say what the last one said, requests that are refused, sends (the arrival is shown), timers of leaders, disk traffic,
//! and messages that a cut or a crash, which have lines of their own, swallows. How it looks is the business of
//! `columns`.

use crate::acts;
use crate::columns::Table;
use crate::page::Page;
use std::collections::{BTreeMap, BTreeSet};
use whitewater_campaign::film::tape::{arrived, left};
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::NodeId;
use whitewater_sim::plan::{Direction, TimelineAct};
use whitewater_sim::trace::{DiskState, Record, Shape, What};

/// How much of a trace is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// What matters to follow the story.
    Short,
    /// Every record.
    Full,
}

/// The lines of a trace in this form. `timeline` is that of the run, for what its acts do and its narrator says.
#[must_use]
pub fn lines(records: &[Record], timeline: &[TimelineAct], form: Form) -> Vec<String> {
    match form {
        Form::Short => short(records, timeline).lines(),
        Form::Full => (0..records.len()).map(|place| line_at(records, place, timeline)).collect(),
    }
}

/// The same for people, each line behind an indent, and how many lines there are.
pub(crate) fn page(records: &[Record], timeline: &[TimelineAct], form: Form, indent: &str) -> (usize, Page) {
    if form == Form::Short {
        let table = short(records, timeline);
        return (table.len(), table.page(indent));
    }
    let mut page = Page::new();
    let lines = lines(records, timeline, form);
    lines.iter().for_each(|line| _ = page.plain(format!("{indent}{line}")).end_line());
    (lines.len(), page)
}

/// The short form of a whole trace.
fn short(records: &[Record], timeline: &[TimelineAct]) -> Table {
    let to_a_node = records.iter().filter(|record| !is_everywhere(record.what));
    let nodes = to_a_node.map(|record| record.node.slot() + 1).max().unwrap_or(0);
    Table::of(records, 0..records.len(), timeline, nodes)
}

/// The places of the records that the short form lets through.
pub(crate) fn shown(records: &[Record]) -> impl Iterator<Item = usize> {
    let mut sieve = Sieve::of(records);
    (0..records.len()).filter(move |&place| sieve.passes(&records[place]))
}

/// The record at a place of a trace as a line.
pub(crate) fn line_at(records: &[Record], place: usize, timeline: &[TimelineAct]) -> String {
    let record = &records[place];
    match record.what == What::Act {
        true => in_columns(record, &act_at(records, place, timeline)),
        false => line(record),
    }
}

/// The act at a place of a trace in words.
pub(crate) fn act_at(records: &[Record], place: usize, timeline: &[TimelineAct]) -> String {
    acts::line(records[place].a, timeline, acts::found(records, place, timeline))
}

/// One record as a line. Of an act it has only the number.
#[must_use]
pub fn line(record: &Record) -> String {
    in_columns(record, &words(record))
}

fn in_columns(record: &Record, words: &str) -> String {
    let Record { time, step, .. } = record;
    let seconds = seconds(*time);
    let everywhere = is_everywhere(record.what);
    let node = if everywhere { "--".to_owned() } else { record.node.to_string() };
    format!("{seconds:>12}  {step:>6}  {node:<3}  {words}")
}

/// A virtual time as the lines of a trace have it.
pub(crate) fn seconds(time: u64) -> String {
    format!("{}.{:06}s", time / 1_000_000_000, time / 1_000 % 1_000_000)
}

/// Whether it happens to the cluster and not to a node.
pub(crate) fn is_everywhere(what: What) -> bool {
    matches!(what, What::Partitioned(_) | What::Healed | What::Released | What::Act | What::Settling)
}

/// What the short form lets through.
#[derive(Debug)]
pub(crate) struct Sieve {
    /// For each pair of nodes, what the last reply said.
    replies: BTreeMap<(NodeId, NodeId), (u32, u32, u32)>,
    /// The steps in which a request was refused.
    refused: BTreeSet<u32>,
}

impl Sieve {
    /// A sieve for this trace.
    pub(crate) fn of(records: &[Record]) -> Self {
        let refused = records.iter().filter(|record| record.what == What::Refused).map(|record| record.step);
        Self { replies: BTreeMap::new(), refused: refused.collect() }
    }

    /// Whether a record, the next one, is let through.
    pub(crate) fn passes(&mut self, record: &Record) -> bool {
        match record.what {
            What::Received(Kind::AppendEntriesReply) => {
                let says = (record.term, record.a, record.b);
                self.replies.insert((record.node, record.peer), says) != Some(says)
            }
            What::Received(kind) => !is_heartbeat(kind, record),
            What::Lost(Kind::AppendEntriesReply) => false,
            What::Lost(kind) => !is_heartbeat(kind, record),
            What::Requested => !self.refused.contains(&record.step),
            What::Interval
            | What::Durable
            | What::Sent(_)
            | What::Cut(_)
            | What::Severed(_)
            | What::Missed(_)
            | What::Wrote
            | What::Syncing
            | What::Synced
            | What::Asked
            | What::RequestLost
            | What::AnswerLost
            | What::Refused => false,
            What::Started
            | What::ElectionTimeout
            | What::Applied
            | What::WroteSnapshot
            | What::Restored
            | What::Replied
            | What::Became(_)
            | What::Committed
            | What::Truncated
            | What::Crashed
            | What::Paused
            | What::Resumed
            | What::Partitioned(_)
            | What::Healed
            | What::Dropped(_)
            | What::Held(_)
            | What::Released
            | What::Torn
            | What::Failed
            | What::Halted
            | What::DidNotStart
            | What::Disk(_)
            | What::Clogged(_)
            | What::Unclogged
            | What::ClockRate
            | What::AskedAgain
            | What::Answered
            | What::Act
            | What::Settling => true,
        }
    }
}

/// Whether a message carries no entries.
pub(crate) fn is_heartbeat(kind: Kind, record: &Record) -> bool {
    kind == Kind::AppendEntries && record.b == 0
}

/// What happened, without when and where. Of an act it has only the number.
pub(crate) fn phrase(record: &Record) -> String {
    words(record)
}

/// The message that a record is about, without its way; of another record nothing.
pub(crate) fn message_at(record: &Record) -> String {
    let kind = left(record.what).map(|(kind, _)| kind).or(arrived(record.what));
    kind.map_or(String::new(), |kind| message(kind, record))
}

/// What happened, without when and where.
pub(crate) fn words(record: &Record) -> String {
    let Record { term, a, b, peer, .. } = *record;
    match record.what {
        What::Started if b == 0 => format!("starts in term {term} with {}", entries(a)),
        What::Started => {
            format!("starts in term {term} with a snapshot up to [{b}] and {}", entries(a.saturating_sub(b)))
        }
        What::ElectionTimeout => "election timer runs out".to_owned(),
        What::Interval => "interval timer runs out".to_owned(),
        What::Received(kind) => format!("<- {peer}  {}", message(kind, record)),
        What::Requested => format!("is asked for c{a}#{b}"),
        What::Durable => "sync is through".to_owned(),
        What::Sent(kind) => format!("-> {peer}  {}", message(kind, record)),
        What::Lost(kind) => format!("-> {peer}  {}  (lost)", message(kind, record)),
        What::Cut(kind) => format!("-> {peer}  {}  (the link is cut)", message(kind, record)),
        What::Severed(kind) => {
            format!("<- {peer}  {}  (on its way when the link was cut)", message(kind, record))
        }
        What::Dropped(kind) => format!("-> {peer}  {}  (dropped by an act)", message(kind, record)),
        What::Held(kind) => format!("-> {peer}  {}  (held back by an act)", message(kind, record)),
        What::Missed(kind) => format!("<- {peer}  {}  (nobody is there)", message(kind, record)),
        What::Wrote if b == 0 => format!("writes term {term}"),
        What::Wrote => format!("writes {} from [{a}] on", entries(b)),
        What::WroteSnapshot if a == b => format!("writes a snapshot up to [{a}] of term {term}"),
        What::WroteSnapshot => {
            format!("writes a snapshot up to [{a}] of term {term}, with the state after [{b}]")
        }
        What::Restored if a == b => format!("restores the state up to [{a}] from a snapshot"),
        What::Restored => format!("restores the state up to [{b}] from a snapshot up to [{a}]"),
        What::Syncing => "waits for its disk".to_owned(),
        What::Synced if a == 1 => "1 written record is durable".to_owned(),
        What::Synced => format!("{a} written records are durable"),
        What::Applied if a == 0 => format!("applies [{term}], no command"),
        What::Applied => format!("applies [{term}] c{a}#{b}"),
        What::Replied => format!("answers c{a}#{b}, applied at [{term}]"),
        What::Refused => format!("refuses c{a}#{b}"),
        What::Became(role) => format!("is {} in term {term}, log ends at [{a}]", part(role)),
        What::Committed => format!("commit index {a} -> {b}"),
        What::Truncated => format!("cuts its log after [{a}], it ended at [{b}]"),
        What::Crashed => format!("crashes: of {} not synced, {b} lost", entries_of_disk(a + b)),
        What::Paused => "stands still".to_owned(),
        What::Resumed => "goes on".to_owned(),
        What::Partitioned(shape) => cut(shape, u64::from(b) << 32 | u64::from(a)),
        What::Healed => "links are mended".to_owned(),
        What::Released if a == 1 => "1 message that was held back goes on its way".to_owned(),
        What::Released => format!("{a} messages that were held back go on their way"),
        What::Act => acts::line(a, &[], 0),
        What::Torn => format!("a record is torn: {a} of its {} can be read, in part", entries(b)),
        What::Failed => "a write or sync comes back as an error".to_owned(),
        What::Halted => "gives up and stops".to_owned(),
        What::DidNotStart => "does not start: its disk holds damaged records".to_owned(),
        What::Disk(state) => disk(state).to_owned(),
        What::Clogged(Direction::Both) => "what it sends and receives is held on its way".to_owned(),
        What::Clogged(Direction::In) => "what it should receive is held on its way".to_owned(),
        What::Clogged(Direction::Out) => "what it sends is held on its way".to_owned(),
        What::Unclogged => "what was held goes on its way".to_owned(),
        What::ClockRate => format!("its clock goes at {}", acts::rate(a)),
        What::Asked => format!("a client asks for c{a}#{b}"),
        What::AskedAgain => format!("a client asks for c{a}#{b} again"),
        What::RequestLost => format!("c{a}#{b} is lost on its way to it"),
        What::AnswerLost => format!("its answer to c{a}#{b} is lost"),
        What::Answered => format!("a client has the answer to c{a}#{b}"),
        What::Settling => "faults end, the cluster settles".to_owned(),
    }
}

/// A message with what it says, as far as a record holds it.
pub(crate) fn message(kind: Kind, record: &Record) -> String {
    let Record { term, a, b, .. } = *record;
    let says = match kind {
        Kind::RequestVote | Kind::Other => String::new(),
        Kind::RequestVoteReply if b == 1 => ", granted".to_owned(),
        Kind::RequestVoteReply => ", refused".to_owned(),
        Kind::AppendEntries if b == 0 => format!(", heartbeat after [{a}]"),
        Kind::AppendEntries => format!(", {} after [{a}]", entries(b)),
        Kind::AppendEntriesReply if b == 1 => format!(", holds up to [{a}]"),
        Kind::AppendEntriesReply => ", rejected".to_owned(),
        Kind::InstallSnapshot => format!(", up to [{a}]"),
    };
    format!("{} term {term}{says}", kind.name())
}

fn disk(state: DiskState) -> &'static str {
    match state {
        DiskState::Works => "its disk works again",
        DiskState::Stalled => "its disk stands still",
        DiskState::Failing => "its disk fails",
        DiskState::Full => "its disk is full",
        DiskState::Damaged => "synced records of its disk are damaged",
        DiskState::Wiped => "its disk is emptied",
    }
}

/// A cut in words. Its nodes are bits.
fn cut(shape: Shape, nodes: u64) -> String {
    let names = acts::names(nodes);
    match shape {
        Shape::Isolated => format!("cut off, each for itself: {names}"),
        Shape::Deaf => format!("hear nobody: {names}"),
        Shape::Mute => format!("heard by nobody: {names}"),
        Shape::Groups => format!("the cluster is split, groups are made of {names}"),
        Shape::Bridge => format!("two halves see each other only through {names}"),
        Shape::Ring => "every node sees its neighbours only".to_owned(),
    }
}

/// So many entries, in words.
pub(crate) fn entries(count: u32) -> String {
    format!("{count} {}", if count == 1 { "entry" } else { "entries" })
}

fn entries_of_disk(count: u32) -> String {
    format!("{count} {}", if count == 1 { "write" } else { "writes" })
}

fn part(role: Role) -> &'static str {
    match role {
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Leader => "leader",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(what: What, a: u32, b: u32) -> Record {
        let time = 2_318_104_999;
        Record { time, step: 87, cause: 0, term: 3, a, b, node: NodeId(4), peer: NodeId(0), what }
    }

    #[test]
    fn lines_have_their_columns_one_below_the_other() {
        let texts = [
            record(What::Became(Role::Leader), 5, 0),
            record(What::Received(Kind::AppendEntries), 5, 2),
            record(What::Received(Kind::RequestVoteReply), 0, 1),
            record(What::Applied, 1, 17),
            record(What::Partitioned(Shape::Isolated), 0b10_0001, 0),
            record(What::Crashed, 1, 2),
        ];
        let lines: Vec<String> = texts.iter().map(line).collect();
        let expected = [
            "   2.318104s      87  n5   is leader in term 3, log ends at [5]",
            "   2.318104s      87  n5   <- n1  AppendEntries term 3, 2 entries after [5]",
            "   2.318104s      87  n5   <- n1  RequestVote reply term 3, granted",
            "   2.318104s      87  n5   applies [3] c1#17",
            "   2.318104s      87  --   cut off, each for itself: n1 n6",
            "   2.318104s      87  n5   crashes: of 3 writes not synced, 2 lost",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn one_is_not_many() {
        let text = |what, a| words(&record(what, a, 0));
        assert_eq!(text(What::Synced, 1), "1 written record is durable");
        assert_eq!(text(What::Synced, 2), "2 written records are durable");
        assert_eq!(text(What::Released, 1), "1 message that was held back goes on its way");
    }

    #[test]
    fn the_short_form_leaves_out_what_happens_all_the_time() {
        let hidden = [
            record(What::Received(Kind::AppendEntries), 5, 0),
            record(What::Lost(Kind::AppendEntries), 5, 0),
            record(What::Sent(Kind::RequestVote), 0, 0),
            record(What::Interval, 0, 0),
            record(What::Wrote, 1, 1),
            record(What::Syncing, 0, 0),
            record(What::Cut(Kind::RequestVote), 0, 0),
            record(What::Severed(Kind::RequestVote), 0, 0),
        ];
        assert_eq!(shown(&hidden).count(), 0);
        assert_eq!(lines(&hidden, &[], Form::Full).len(), hidden.len());
        let told = [
            record(What::Received(Kind::AppendEntries), 5, 1),
            record(What::Lost(Kind::AppendEntries), 5, 1),
            record(What::Received(Kind::RequestVote), 0, 0),
            record(What::Truncated, 1, 2),
        ];
        assert_eq!(shown(&told).count(), told.len());
    }

    #[test]
    fn a_request_that_is_refused_is_left_out() {
        let at_step = |step, what| Record { step, ..record(what, 1, 1) };
        let trace = [at_step(1, What::Requested), at_step(1, What::Refused), at_step(2, What::Requested)];
        assert_eq!(shown(&trace).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn a_reply_that_changes_nothing_is_left_out() {
        let reply = |a, b| record(What::Received(Kind::AppendEntriesReply), a, b);
        let trace = [reply(5, 1), reply(5, 1), reply(6, 1), reply(6, 0), reply(6, 0), reply(6, 1)];
        assert_eq!(shown(&trace).count(), 4);
        let elsewhere = Record { node: NodeId(1), ..reply(5, 1) };
        assert_eq!(shown(&[reply(5, 1), elsewhere]).count(), 2);
    }
}
