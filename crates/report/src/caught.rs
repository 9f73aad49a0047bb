//! What a campaign caught, for people: each scenario with its kinds of failure, and what became of earlier ones.
//!
//! A campaign tells of kinds and not of runs, so there are no traces here: each kind ends in a line that
//! replays its smallest member.

use crate::failure::{nondeterminism, replay, section, title, unmet_over_seeds};
use crate::line::Columns;
use crate::measures;
use crate::page::{Page, Style};
use crate::shrunk::smaller;
use crate::subject::{Subject, quoted};
use crate::why::lines;
use crate::words::{counted, grouped, listed};
use whitewater_campaign::group::Group;
use whitewater_campaign::summary::{Found, Standing, Summary};
use whitewater_check::property::Property;
use whitewater_sim::expectations::SETTLES;

/// An earlier failure, run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// The name of its capsule's file.
    pub capsule: String,
    /// Where the capsule is.
    pub path: String,
    /// What it violated.
    pub property: Property,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an earlier failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is still there.
    Fails,
    /// The run does not show it any more.
    Fixed,
    /// The system would not run it, for this reason.
    Refused(String),
}

impl Fate {
    /// The word for it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fails => "fails",
            Self::Fixed => "fixed",
            Self::Refused(_) => "refused",
        }
    }
}

/// A run that did not get on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hung {
    /// The file of the scenario.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// Where the scenario of this one run is, if it could be written.
    pub file: Option<String>,
}

/// What a campaign has to say about one scenario.
#[must_use]
pub fn entry(subject: &Subject, summary: &Summary, groups: &[Group], columns: Columns, brief: bool) -> Page {
    let mut page = Page::new();
    let failed = !matches!(summary.standing(), Standing::Held | Standing::Unfinished);
    if !brief || failed {
        page.append(columns.line(subject, summary));
    }
    if !brief {
        page.append(measures::lines(&summary.measures));
    }
    if let Some(difference) = &summary.difference {
        page.append(nondeterminism(subject, difference));
    }
    let own = || groups.iter().filter(|group| group.scenario == subject.file);
    own().for_each(|group| _ = page.append(kind(subject, summary, group)));
    // A kind of its own says more of it.
    let is_told = |what: &str| what == SETTLES && own().any(|group| group.property == Property::Progress);
    for (what, found) in summary.missed_by.iter().filter(|(what, _)| !is_told(what)) {
        page.append(missed(subject, summary, what, *found));
    }
    page.append(unmet_over_seeds(subject, summary));
    page.append(listed("    seeds  ", failing_seeds(summary)));
    page
}

/// The seeds that failed, as many as are kept; that there are more is said.
fn failing_seeds(summary: &Summary) -> impl Iterator<Item = String> {
    let more = (summary.violated + summary.unmet).saturating_sub(summary.failing.len() as u64);
    let more = (more > 0).then(|| format!("and {} more (--keep-going)", grouped(more)));
    summary.failing.iter().map(u64::to_string).chain(more)
}

/// A kind of failure, by its smallest member.
fn kind(subject: &Subject, summary: &Summary, group: &Group) -> Page {
    let Group { property, trail, runs, seed, step, facts, capsule, shrunk, story, .. } = group;
    let mut page = Page::new();
    page.plain("  ").add(Style::Bad, "x ").add(Style::Strong, title(*property));
    page.plain(format!("   {}   seed {seed}  step {}", rate(*runs, summary), grouped(*step)));
    page.append(section(*property)).end_line();
    facts.iter().for_each(|fact| _ = page.plain(format!("      {fact}")).end_line());
    page.append(listed("    trail  ", trail.iter().map(|word| (*word).to_owned())));
    page.append(lines(story));
    shrunk.iter().for_each(|shrunk| _ = page.append(smaller(shrunk)));
    let again = |capsule: &String| format!("{} replay {}", subject.asked.program, quoted(capsule));
    page.append(replay(&capsule.as_ref().map_or_else(|| subject.repeat(*seed, "--trace short"), again)));
    page
}

/// An expectation that some runs did not meet, by the lowest seed.
fn missed(subject: &Subject, summary: &Summary, what: &str, found: Found) -> Page {
    let mut page = Page::new();
    page.plain("  ").add(Style::Bad, "x ").add(Style::Strong, "not as expected");
    page.plain(format!("   {}   seed {}", rate(found.runs, summary), found.seed)).end_line();
    page.plain(format!("      expected {what}")).end_line();
    page.append(replay(&subject.repeat(found.seed, "--trace short")));
    page
}

fn rate(runs: u64, summary: &Summary) -> String {
    format!("{} in {}", grouped(runs), counted(summary.totals.runs, "run"))
}

/// What became of earlier failures.
#[must_use]
pub fn earlier(program: &str, earlier: &[Earlier]) -> Page {
    let mut page = Page::new();
    if earlier.is_empty() {
        return page;
    }
    let fixed = earlier.iter().filter(|one| one.fate == Fate::Fixed).count();
    page.plain(format!("  {}, {fixed} fixed", counted(earlier.len() as u64, "earlier failure"))).end_line();
    for Earlier { path, property, fate, .. } in earlier {
        let (style, sign) = match fate {
            Fate::Fails => (Style::Bad, "x    "),
            Fate::Fixed => (Style::Good, "fixed"),
            Fate::Refused(_) => (Style::Notice, "skip "),
        };
        page.plain("  ").add(style, sign).plain(format!(" {}", title(*property)));
        match fate {
            Fate::Refused(why) => page.plain(format!("   {path}: {why}")),
            Fate::Fails | Fate::Fixed => page.plain(format!("   {program} replay {}", quoted(path))),
        };
        page.end_line();
    }
    page
}

/// Runs that did not get on.
#[must_use]
pub fn hung(program: &str, hung: &[Hung]) -> Page {
    let mut page = Page::new();
    for Hung { scenario, seed, file } in hung {
        page.plain("  ").add(Style::Bad, "x ").add(Style::Strong, "the system hung");
        page.plain(format!("   seed {seed} of {scenario}: a step did not return")).end_line();
        let seed = format!(" --seed {seed}");
        let again = file.as_ref().map_or((scenario, seed.as_str()), |file| (file, ""));
        page.append(replay(&format!("{program} run {}{}", quoted(again.0), again.1)));
    }
    page
}

/// That some runs were done twice, and whether that made a difference.
#[must_use]
pub fn repeated<'a>(summaries: impl IntoIterator<Item = &'a Summary>) -> Page {
    let count = |(runs, differing): (u64, u64), summary: &Summary| {
        (runs + summary.repeated, differing + summary.differing)
    };
    let (runs, differing) = summaries.into_iter().fold((0, 0), count);
    let mut page = Page::new();
    if runs > 0 {
        page.plain(format!("  {} done twice, ", counted(runs, "run")));
        match differing {
            0 => page.plain("no difference"),
            _ => page.add(Style::Bad, format!("{} not repeated", counted(differing, "run"))),
        };
        page.end_line();
    }
    page
}
