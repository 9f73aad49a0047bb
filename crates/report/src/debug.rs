//! What a debugger answers, as text: where one is, nodes, logs, disks, the network, clients, causes.
//!
//! It is told everything and finds nothing out. Equal answers give equal text.

use crate::acts::names;
use crate::columns::Table;
use crate::page::{Page, Style};
use crate::trace::{line_at, message};
use crate::why;
use crate::words::{counted, grouped, printable};
use whitewater_campaign::debug::causes::{Airborne, Link, Pending};
use whitewater_campaign::debug::command::{VERBS, Verb};
use whitewater_campaign::debug::still::{NodeStill, Still};
use whitewater_campaign::debug::traps::{Hit, Trap, Value, Watched, field_name};
use whitewater_campaign::debug::{Answer, Break, Debugger, Reason};
use whitewater_check::observe::Role;
use whitewater_check::types::{Entry, Index, Nanos, NodeId};
use whitewater_sim::expectations::span;
use whitewater_sim::predicate::Mistake;
use whitewater_sim::trace::{DiskState, Record};

/// How many lines an answer has when nobody says how many.
const LINES: usize = 20;

/// What is shown before a command is asked for: the step, the time, and whether the recorded path was left.
#[must_use]
pub fn prompt(debugger: &Debugger) -> String {
    let moment = debugger.moment();
    let left = debugger.left_at().map_or(String::new(), |step| format!(", left at step {}", grouped(step)));
    format!("step {}, {}{left}> ", grouped(moment.step), span(moment.time))
}

/// An answer.
#[must_use]
pub fn answer(debugger: &Debugger, answer: &Answer) -> Page {
    match answer {
        Answer::Here(reasons) => here(debugger, reasons),
        Answer::Breaks(breaks) => listed("there are no breaks", breaks.iter().map(one_break)),
        Answer::Deleted(count) => said(&format!("{} gone", counted(*count as u64, "break"))),
        Answer::Nodes(still) => nodes(still),
        Answer::Node(still, node) => one_node(still, *node),
        Answer::Log(node, from) => log(&node.log, node.covered, *from, node),
        Answer::Disk(node) => disk(node),
        Answer::Net(flying) => net(debugger, flying),
        Answer::Clients(pending) => {
            let now = debugger.moment().time;
            listed("no client waits for anything", pending.iter().map(|one| waits(one, now)))
        }
        Answer::Trace(count) => trace(debugger, *count),
        Answer::Causes(links) => causes(debugger, links),
        Answer::Why(story) => why::told(&debugger.recording().verdict, story),
        Answer::Left => left(debugger),
        Answer::Undone => match debugger.left_at() {
            None => said("back on the recorded path"),
            Some(_) => said("taken back"),
        },
        Answer::Save(file, _) => said(&format!("written to {}", printable(file))),
        Answer::Help(None) => help(),
        Answer::Help(Some(verb)) => usage(verb),
        Answer::Cannot(why) => cannot(why),
        Answer::Quit => Page::new(),
    }
}

/// That something cannot be done.
#[must_use]
pub fn cannot(why: &str) -> Page {
    let mut page = Page::new();
    page.plain("  ").add(Style::Notice, printable(why)).end_line();
    page
}

/// What is wrong with a line, with the place below it.
#[must_use]
pub fn mistaken(line: &str, mistake: &Mistake) -> Page {
    const LONGEST: usize = 100;
    let mut page = Page::new();
    page.plain("  ").add(Style::Bad, printable(&mistake.message)).end_line();
    if line.len() <= LONGEST && line.is_char_boundary(mistake.at.min(line.len())) {
        let before = line[..mistake.at.min(line.len())].chars().count();
        let width = line.get(mistake.at..mistake.at + mistake.width).map_or(1, |word| word.chars().count());
        page.plain(format!("    {}", printable(line))).end_line();
        page.plain(format!("    {}{}", " ".repeat(before), "^".repeat(width))).end_line();
    }
    if let Some(help) = &mistake.help {
        page.plain(format!("  {}", printable(help))).end_line();
    }
    page
}

fn said(what: &str) -> Page {
    let mut page = Page::new();
    page.plain(format!("  {what}")).end_line();
    page
}

/// Pages one below the other; if there is none, that.
fn listed(nothing: &str, pages: impl IntoIterator<Item = Page>) -> Page {
    let mut all = Page::new();
    pages.into_iter().for_each(|page| _ = all.append(page));
    if all.is_empty() { said(nothing) } else { all }
}

/// What happened in this moment, and why one is here.
fn here(debugger: &Debugger, reasons: &[Reason]) -> Page {
    let records = &debugger.recording().verdict.trace;
    let range = debugger.recording().records_of(debugger.cursor());
    let mut page = Page::new();
    for place in range.clone().take(LINES) {
        page.plain(line_at(records, place, &debugger.plan().timeline)).end_line();
    }
    if let Some(more) = range.len().checked_sub(LINES).filter(|more| *more > 0) {
        page.plain(format!("  and {}", counted(more as u64, "more line"))).end_line();
    }
    reasons.iter().for_each(|why| _ = page.append(reason(debugger, why)));
    page
}

fn reason(debugger: &Debugger, reason: &Reason) -> Page {
    let mut page = Page::new();
    match reason {
        Reason::Trap(number, trap, hit) => {
            page.plain("  ")
                .add(Style::Notice, format!("break {number}"))
                .plain(format!(": {}", closed(trap, hit)));
        }
        Reason::Finding(finding) => {
            page.plain("  ").add(Style::Bad, "x ").add(Style::Strong, finding.property.title());
            finding.facts.iter().for_each(|fact| {
                page.end_line().plain(format!("      {}", printable(&fact.text)));
                let at = format!("   at {}, step {}", span(fact.at.time), grouped(fact.at.step));
                page.add(Style::Dim, at);
            });
        }
        Reason::Start => _ = page.plain("  the start"),
        Reason::End => _ = page.plain(format!("  the end of the run, {}", outcome(debugger))),
    }
    page.end_line();
    page
}

/// What the run of this path comes to.
fn outcome(debugger: &Debugger) -> String {
    let verdict = &debugger.recording().verdict;
    match verdict.failures().next() {
        None => format!("nothing violated in {}", counted(verdict.steps, "step")),
        Some(finding) => format!("{} at step {}", finding.property, grouped(finding.at.step)),
    }
}

fn left(debugger: &Debugger) -> Page {
    let mut page = here(debugger, &[]);
    page.plain("  ").add(Style::Notice, "off the recorded path");
    page.plain(format!("; now the run comes to: {}", outcome(debugger))).end_line();
    page
}

fn closed(trap: &Trap, hit: &Hit) -> String {
    match trap {
        Trap::Holds(predicate) => predicate.to_string(),
        Trap::Changes(watched) => {
            format!("{} {} -> {}", name(*watched), value(*watched, hit.before), value(*watched, hit.after))
        }
    }
}

fn name(watched: Watched) -> String {
    match watched {
        Watched::Leader => "leader".to_owned(),
        Watched::Highest(field) => field_name(field).to_owned(),
        Watched::OfNode(node, field) => format!("{node}.{}", field_name(field)),
        Watched::Role(node) => format!("{node}.role"),
        Watched::Up(node) => format!("{node}.up"),
    }
}

fn value(watched: Watched, value: Value) -> String {
    match (watched, value) {
        (Watched::Leader, Some(slot)) => NodeId(slot as u8).to_string(),
        (Watched::Leader, None) => "nobody".to_owned(),
        (Watched::Up(_), up) => if up.is_some() { "up" } else { "down" }.to_owned(),
        (Watched::Role(_), Some(0)) => "follower".to_owned(),
        (Watched::Role(_), Some(1)) => "candidate".to_owned(),
        (Watched::Role(_), Some(_)) => "leader".to_owned(),
        (Watched::Highest(_) | Watched::OfNode(..), Some(number)) => number.to_string(),
        (Watched::Highest(_) | Watched::OfNode(..) | Watched::Role(_), None) => "down".to_owned(),
    }
}

fn one_break(one: &Break) -> Page {
    let what = match &one.trap {
        Trap::Holds(predicate) => predicate.to_string(),
        Trap::Changes(watched) => format!("{} changes", name(*watched)),
    };
    let mut page = Page::new();
    page.plain("  ").add(Style::Notice, format!("break {}", one.number));
    let times = counted(one.hits.len() as u64, "time");
    page.plain(format!(": {what}")).add(Style::Dim, format!("   {times} on this path")).end_line();
    page
}

/// The nodes, one on each line.
pub(crate) fn nodes(still: &Still) -> Page {
    let mut page = Page::new();
    for node in &still.nodes {
        let look = &node.look;
        page.plain(format!("  {:<3} ", node.node.to_string()));
        page.add(style(node), format!("{:<9}", part(node)));
        page.plain(format!(
            "  term {:<3} commit {:<4} applied {:<4} last {:<4}",
            look.term, look.commit_index, look.last_applied, look.last_index
        ));
        let remarks = remarks(node, still.time).join(", ");
        page.plain(format!("  {remarks}").trim_end()).end_line();
    }
    page
}

fn part(node: &NodeStill) -> &'static str {
    match (node.server.up, node.look.role) {
        (false, _) => "down",
        (true, Role::Follower) => "follower",
        (true, Role::Candidate) => "candidate",
        (true, Role::Leader) => "leader",
    }
}

fn style(node: &NodeStill) -> Style {
    match (node.server.up, node.look.role) {
        (false, _) => Style::Bad,
        (true, Role::Follower) => Style::Plain,
        (true, Role::Candidate) => Style::Notice,
        (true, Role::Leader) => Style::Good,
    }
}

/// What is out of the ordinary about a node, and when its timers run out.
fn remarks(node: &NodeStill, now: Nanos) -> Vec<String> {
    let NodeStill { server, cut_off, .. } = node;
    let mut remarks = Vec::new();
    let mut remark = |holds: bool, text: String| remarks.extend(holds.then_some(text));
    remark(server.paused, "stands still".to_owned());
    remark(server.blocked, format!("waits for its disk in step {}", grouped(server.step)));
    remark(server.inbox > 0, format!("{} in its inbox", counted(server.inbox as u64, "event")));
    remark(*cut_off != 0, format!("not heard by {}", names(*cut_off)));
    remark(node.disk != DiskState::Works, disk_state(node.disk).to_owned());
    for (timer, due) in [("election timer", server.election), ("interval timer", server.interval)] {
        if let Some(due) = due.filter(|_| server.up) {
            remark(true, format!("{timer} in {}", span(due.saturating_sub(now))));
        }
    }
    remarks
}

fn one_node(still: &Still, node: NodeId) -> Page {
    let node = &still.nodes[node.slot()];
    let NodeStill { look, server, hard_state, stored, unsynced, .. } = node;
    let last = node.log.last().map_or(String::new(), |entry| format!(" of term {}", entry.term));
    let mut page = Page::new();
    let mut line = |label: &str, text: String| {
        page.add(Style::Dim, format!("  {label:<8}")).plain(text).end_line();
    };
    line(&node.node.to_string(), format!("{} in term {}", part(node), look.term));
    line(
        "log",
        format!(
            "ends at [{}]{last}{}, commit index {}, applied {}",
            look.last_index,
            snapshot(node.covered),
            look.commit_index,
            look.last_applied
        ),
    );
    let vote = hard_state.vote.map_or("nobody".to_owned(), |vote| vote.to_string());
    let unsynced = counted(*unsynced as u64, "write");
    line(
        "disk",
        format!(
            "term {}, voted for {vote}, {} durable{}, {unsynced} not synced, {}",
            hard_state.term,
            entries(stored.len()),
            snapshot(node.covered_on_disk),
            disk_state(node.disk)
        ),
    );
    let due = |due: Option<Nanos>| match due.filter(|_| server.up) {
        None => "not set".to_owned(),
        Some(due) => format!("in {}", span(due.saturating_sub(still.time))),
    };
    line("timers", format!("election {}, interval {}", due(server.election), due(server.interval)));
    let started = counted(server.life, "time");
    line(
        "process",
        format!(
            "started {started}, {} waiting, clock {}",
            counted(server.inbox as u64, "event"),
            span(server.clock)
        ),
    );
    let shown = [
        (server.paused, "stands still".to_owned()),
        (server.blocked, format!("waits for its disk in step {}", grouped(server.step))),
        (node.cut_off != 0, format!("not heard by {}", names(node.cut_off))),
    ];
    shown.into_iter().filter(|(holds, _)| *holds).for_each(|(_, text)| line("", text));
    for (peer, progress) in &node.progress {
        line(
            "peer",
            format!("{:<3} match {:<4} next {}", peer.to_string(), progress.match_index, progress.next_index),
        );
    }
    page
}

fn entries(count: usize) -> String {
    format!("{} {}", grouped(count as u64), if count == 1 { "entry" } else { "entries" })
}

/// Up to where a snapshot stands for a log, if there is one.
fn snapshot(covered: Index) -> String {
    if covered > 0 { format!(", a snapshot up to [{covered}]") } else { String::new() }
}

/// A log, up to `covered` in a snapshot.
fn log(log: &[Entry], covered: Index, from: Index, node: &NodeStill) -> Page {
    let from = match usize::try_from(from).unwrap_or(usize::MAX) {
        0 => log.len().saturating_sub(LINES),
        from => from - 1,
    };
    let mut page = Page::new();
    if from > 0 && from < log.len() {
        page.add(Style::Dim, format!("  {} before", entries(from))).end_line();
    }
    let there = log.iter().enumerate().skip(from);
    for (place, entry) in there.clone().take(LINES) {
        let index = place as Index + 1;
        let command = entry.command.map_or("no command".to_owned(), |command| command.to_string());
        let known = match (index <= node.look.commit_index, index <= covered) {
            (true, true) => "committed, in a snapshot",
            (true, false) => "committed",
            (false, true) => "in a snapshot",
            (false, false) => "",
        };
        let line = format!("  [{index}]  term {:<3}  {command:<12} {known}", entry.term);
        page.plain(line.trim_end()).end_line();
    }
    let more = there.count().saturating_sub(LINES);
    if more > 0 {
        page.add(Style::Dim, format!("  {} behind", entries(more))).end_line();
    }
    if page.is_empty() { said("there is no entry") } else { page }
}

fn disk(node: &NodeStill) -> Page {
    let vote = node.hard_state.vote.map_or("nobody".to_owned(), |vote| vote.to_string());
    let unsynced = counted(node.unsynced as u64, "write");
    let state = disk_state(node.disk);
    let mut page =
        said(&format!("term {}, voted for {vote}; {unsynced} not synced; {state}", node.hard_state.term));
    page.append(log(&node.stored, node.covered_on_disk, 0, node));
    page
}

fn disk_state(state: DiskState) -> &'static str {
    match state {
        DiskState::Works => "it works",
        DiskState::Stalled => "its disk stands still",
        DiskState::Failing => "its disk fails",
        DiskState::Full => "its disk is full",
        DiskState::Damaged => "its disk is damaged",
        DiskState::Wiped => "its disk was emptied",
    }
}

fn net(debugger: &Debugger, flying: &[Airborne]) -> Page {
    let now = debugger.moment().time;
    let trace = &debugger.recording().verdict.trace;
    let one = |airborne: &Airborne| {
        let Airborne { number, place, flight } = airborne;
        let sent: &Record = &trace[*place];
        let due = flight
            .due
            .map_or("held back".to_owned(), |due| format!("due in {}", span(due.saturating_sub(now))));
        let copy = if flight.copy { ", a second copy" } else { "" };
        let mut page = Page::new();
        page.add(Style::Strong, format!("  #{number:<6}"));
        page.plain(format!(
            "{:<3} -> {:<3} {}",
            flight.from.to_string(),
            flight.to.to_string(),
            message(flight.brief.kind, sent)
        ));
        let when = format!("   sent at {} in step {}, {due}{copy}", span(sent.time), grouped(flight.sent_in));
        page.add(Style::Dim, when).end_line();
        page
    };
    listed("nothing is on its way", flying.iter().map(one))
}

fn waits(pending: &Pending, now: Nanos) -> Page {
    let Pending { client, serial, since, node, asked } = *pending;
    let asked = if asked > 1 { format!(", asked {}", counted(asked, "time")) } else { String::new() };
    said(&format!("c{client}#{serial:<4} waits for {node}, for {}{asked}", span(now.saturating_sub(since))))
}

/// The last lines of the short trace up to here.
fn trace(debugger: &Debugger, count: usize) -> Page {
    let records = &debugger.recording().verdict.trace;
    let plan = debugger.plan();
    let table = Table::of(records, 0..debugger.moment().noted, &plan.timeline, plan.nodes.into());
    table.last(count).page("")
}

fn causes(debugger: &Debugger, links: &[Link]) -> Page {
    let records = &debugger.recording().verdict.trace;
    let one = |link: &Link| {
        let mut page = Page::new();
        page.plain(line_at(records, link.place, &debugger.plan().timeline));
        if link.repeated > 0 {
            page.add(Style::Dim, format!("   after {} before it", grouped(link.repeated)));
        }
        page.end_line();
        page
    };
    listed("nothing led here", links.iter().map(one))
}

fn help() -> Page {
    let mut page = Page::new();
    for verb in &VERBS {
        let names: Vec<&str> = verb.names.iter().copied().take(2).collect();
        page.add(Style::Strong, format!("  {:<22}", names.join(", ")));
        let takes = if verb.takes.is_empty() { String::new() } else { format!("  {}", verb.takes) };
        page.plain(verb.about).add(Style::Dim, takes).end_line();
    }
    page.plain("  An empty line asks for the same again.").end_line();
    page
}

fn usage(verb: &Verb) -> Page {
    said(&format!("{}   {}", verb.usage(), verb.about))
}
