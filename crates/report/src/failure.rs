//! The block that explains a failure. Its last line can be pasted and repeats it.

use crate::excerpt::Excerpt;
use crate::page::{Page, Style};
use crate::shrunk::smaller_than;
use crate::subject::Subject;
use crate::trace::{Form, lines, page};
use crate::why;
use crate::words::{counted, grouped, listed};
use whitewater_campaign::summary::Summary;
use whitewater_campaign::twice::Difference;
use whitewater_check::finding::{Early, Fact, Finding};
use whitewater_check::property::Property;
use whitewater_sim::expectations::span;
use whitewater_sim::verdict::Verdict;

/// How much of the trace a failure shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// None of it.
    Nothing,
    /// None of a failure of which there is something better to tell: why it came about. Of any other the last lines.
    Story,
    /// The steps that show it, and the last lines of the short form.
    LastLines,
    /// All that was kept, in a form.
    All(Form),
}

/// Everything that went wrong with a scenario, as blocks; empty when nothing did.
#[must_use]
pub fn blocks(subject: &Subject, summary: &Summary, shown: Shown) -> Page {
    let mut page = Page::new();
    if let Some(difference) = &summary.difference {
        page.append(nondeterminism(subject, difference));
    }
    if let Some(verdict) = &summary.violation {
        page.append(violation(subject, summary, verdict, shown));
    }
    if let Some(verdict) = &summary.missed {
        page.append(unmet(subject, summary, verdict, shown));
    }
    page.append(unmet_over_seeds(subject, summary));
    page
}

fn violation(subject: &Subject, summary: &Summary, verdict: &Verdict, shown: Shown) -> Page {
    let mut page = Page::new();
    let Some(first) = verdict.found().next() else { return page };
    page.append(headline(first, verdict.seed));
    first.facts.iter().for_each(|fact| _ = page.append(fact_line(fact)));
    let rest = verdict.early.iter().filter(|early| early.finding != *first);
    rest.for_each(|early| _ = page.append(early_line(early)));
    if summary.wanted > 1 {
        let found = summary.found.iter();
        let found = found
            .map(|(property, found)| format!("{property} {} (first {})", grouped(found.runs), found.seed));
        page.append(listed("    seeds  ", found));
    }
    let told = summary.stories.get(&verdict.seed).filter(|story| !story.lines.is_empty());
    told.into_iter().for_each(|story| _ = page.append(why::lines(story)));
    page.append(smaller_than(&subject.scenario, verdict.seed));
    page.append(drawn(verdict));
    if shown != Shown::Story || told.is_none() {
        page.append(trace(subject, verdict, shown));
    }
    page.append(replay(&subject.again(verdict.seed)));
    page
}

/// The line that names what was violated.
pub(crate) fn headline(finding: &Finding, seed: u64) -> Page {
    let Finding { property, at, .. } = finding;
    let mut page = Page::new();
    page.plain("  ").add(Style::Bad, "x ").add(Style::Strong, title(*property));
    page.plain(format!("   t={}  step {}  seed {seed}", span(at.time), grouped(at.step)));
    page.append(section(*property)).end_line();
    page
}

/// How the violation of a property is called.
pub(crate) fn title(property: Property) -> &'static str {
    match property == Property::Panicked {
        true => "the system panicked",
        false => property.title(),
    }
}

pub(crate) fn fact_line(fact: &Fact) -> Page {
    let mut page = Page::new();
    page.plain(format!("      {}", fact.text));
    page.add(Style::Dim, format!("   at {}, step {}", span(fact.at.time), grouped(fact.at.step))).end_line();
    page
}

fn early_line(early: &Early) -> Page {
    let Early { finding, count } = early;
    let facts: Vec<&str> = finding.facts.iter().map(|fact| fact.text.as_str()).collect();
    let mut page = Page::new();
    page.add(Style::Dim, "    early  ").add(Style::Notice, finding.property.title());
    page.plain(format!(", step {}: {}", grouped(finding.at.step), facts.join("; ")));
    if *count > 1 {
        page.plain(format!(" ({} times)", grouped(*count)));
    }
    page.append(section(finding.property)).end_line();
    page
}

/// Where the extended paper promises a property, behind it.
pub(crate) fn section(property: Property) -> Page {
    let mut page = Page::new();
    if !property.section().is_empty() {
        page.add(Style::Dim, format!("   <- {}", property.section()));
    }
    page
}

fn unmet(subject: &Subject, summary: &Summary, verdict: &Verdict, shown: Shown) -> Page {
    let mut page = Page::new();
    page.plain("  ").add(Style::Bad, "x ").add(Style::Strong, "not as expected");
    page.plain(format!(
        "   t={}  {}  seed {}",
        span(verdict.time),
        counted(verdict.steps, "step"),
        verdict.seed
    ));
    page.end_line();
    for expected in verdict.unmet() {
        page.plain(format!("      expected {}", expected.what)).plain("   measured ");
        page.add(Style::Strong, &expected.measured).end_line();
    }
    let told = summary.stories.get(&verdict.seed);
    told.into_iter().for_each(|story| _ = page.append(why::lines(story)));
    page.append(drawn(verdict));
    if !matches!(shown, Shown::LastLines | Shown::Story) {
        page.append(trace(subject, verdict, shown));
    }
    page.append(replay(&subject.again(verdict.seed)));
    page
}

/// What was expected of all runs together and did not come about.
pub(crate) fn unmet_over_seeds(subject: &Subject, summary: &Summary) -> Page {
    let mut page = Page::new();
    let runs = counted(summary.totals.runs, "run");
    for what in summary.never_met() {
        page.plain("  ").add(Style::Bad, "x ").add(Style::Strong, what);
        page.plain(format!("   never in {runs}")).end_line();
    }
    for (_, bound) in summary.bounded().filter(|(_, bound)| !bound.held) {
        page.plain("  ").add(Style::Bad, "x ").add(Style::Strong, bound.what).plain("   measured ");
        page.add(Style::Strong, bound.measured).plain(format!(" in {runs}")).end_line();
    }
    if !page.is_empty() {
        page.append(replay(&subject.repeat_all()));
    }
    page
}

/// That two runs of one seed differ.
pub(crate) fn nondeterminism(subject: &Subject, difference: &Difference) -> Page {
    let Difference { seed, step, digests } = difference;
    let mut page = Page::new();
    page.plain("  ")
        .add(Style::Bad, "x ")
        .add(Style::Strong, "nondeterministic")
        .plain(format!("   seed {seed}"));
    page.end_line();
    let since = step.map_or("only at the end".to_owned(), |step| format!("from step {} on", grouped(step)));
    page.plain(format!(
        "      two runs differ {since}   digests {:#018x} and {:#018x}",
        digests.0, digests.1
    ));
    page.end_line().append(replay(&subject.repeat(*seed, "--twice")));
    page
}

fn drawn(verdict: &Verdict) -> Page {
    drawn_as("    drawn  ", verdict)
}

/// What was drawn for a run, behind a label.
pub(crate) fn drawn_as(label: &str, verdict: &Verdict) -> Page {
    listed(label, verdict.drawn.iter().map(|(path, value)| format!("{path} = {value}")))
}

/// The trace: all of it, or what explains the first finding.
fn trace(subject: &Subject, verdict: &Verdict, shown: Shown) -> Page {
    if shown == Shown::Nothing {
        return Page::new();
    }
    if let Shown::All(form) = shown {
        let (count, lines) = page(&verdict.trace, &subject.timeline(verdict.seed), form, "    ");
        let mut page = Page::new();
        if count > 0 {
            page.add(Style::Dim, format!("    trace  all {}", counted(count as u64, "line"))).end_line();
        }
        page.append(lines);
        return page;
    }
    let Excerpt { steps, last, of } = excerpt(subject, verdict);
    let count = counted(last.len() as u64, "line");
    let whose = if of.is_empty() { String::new() } else { format!(" of {of} and of the cluster as a whole") };
    let mut page = headed("    trace  ", "the steps of these facts, with all that happened in them", &steps);
    let left_out = format!("the last {count}{whose} up to then; ordinary traffic and requests left out");
    page.append(headed("    before ", &left_out, &last));
    page
}

/// Lines below a line that says what they are; nothing when there is none.
fn headed(label: &str, what: &str, lines: &[String]) -> Page {
    let mut page = Page::new();
    if !lines.is_empty() {
        page.add(Style::Dim, format!("{label}{what}")).end_line();
    }
    lines.iter().for_each(|line| _ = page.plain(format!("    {line}")).end_line());
    page
}

fn excerpt(subject: &Subject, verdict: &Verdict) -> Excerpt {
    Excerpt::of(&verdict.trace, &subject.timeline(verdict.seed), verdict.found().next())
}

/// The lines of the trace that are shown.
pub(crate) fn shown_lines(subject: &Subject, verdict: &Verdict, shown: Shown) -> Vec<String> {
    match shown {
        Shown::Nothing => Vec::new(),
        Shown::All(form) => lines(&verdict.trace, &subject.timeline(verdict.seed), form),
        Shown::LastLines | Shown::Story => {
            let Excerpt { steps, last, .. } = excerpt(subject, verdict);
            [steps, last].concat()
        }
    }
}

/// The line to paste.
pub(crate) fn replay(command: &str) -> Page {
    let mut page = Page::new();
    page.add(Style::Dim, "    replay ").add(Style::Strong, command).end_line();
    page
}
