//! Why: the steps that led to a violation, in at most fifteen lines, in the words of the paper.
//!
//! From the facts that contradict each other the slice goes back: a claim, such as "n5 led term 4", has grounds,
//! such as the votes that it was given, and each of them is a claim again. Every claim is held against the rule
//! of the paper that it comes under, as far as film and trace show it: a line says what happened, the section of the rule,
//! and whether the rule was broken. What is not observed is not said, so that of a system which tells little
//! there is little to read.
//!
//! | claim | file |
//! |---|---|
//! | a node led a term, a node voted | `led` |
//! | a node held an index to be committed | `committed` |
//! | a log holds an entry, and does not hold it any more | `holds`, `lost` |
//! | a node applied an entry, a client was answered | `applied`, `clients` |
//! | a node's term, its promises, its indexes | `terms` |
//! | the cluster does not get on | `stalled` |
//! | with which claims to begin | `begins` |
//! | the work, and the choice of the lines | `slice`, `chosen` |
//! | numbers and names in words, and out of words | `words` |
//!
//! What it does not know: which system ran, and which bug was planted in it.

mod applied;
mod begins;
mod chosen;
mod clients;
mod committed;
mod holds;
mod led;
mod lost;
mod slice;
mod snapshots;
mod stalled;
mod terms;
mod words;

use crate::film::{Film, film};
use crate::leg::Leg;
use crate::why::slice::Slice;
use std::borrow::Cow;
use whitewater_check::types::At;
use whitewater_sim::plan::Plan;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::verdict::Verdict;

/// How many lines a story has at most.
pub const LONGEST: usize = 15;

/// Why a run failed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// What happened, in the order of time; empty when nothing can be told.
    pub lines: Vec<Line>,
    /// The faults without which it does not happen, in words; `None` when that was not tried.
    pub needs: Option<Vec<String>>,
}

/// Something that happened on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When, in which step and to whom.
    pub at: At,
    /// What, in words.
    pub text: String,
    /// Where the extended paper or the thesis has the rule for it; empty where neither has a say.
    pub section: Cow<'static, str>,
    /// Whether the rule was broken; otherwise it was applied.
    pub broken: bool,
}

/// Tells why the run of a film came to its verdict. Of a run in which all is well there is nothing to tell.
#[must_use]
pub fn why(film: &Film, verdict: &Verdict) -> Story {
    let mut slice = Slice::new(film, verdict);
    slice.begin();
    slice.work();
    slice.supplement();
    Story { lines: slice.chosen(), needs: None }
}

/// Runs one seed of a leg with a camera beside it: the verdict, with all of its trace, and why it is what it is.
///
/// # Errors
///
/// When the system cannot run it.
pub fn filmed(leg: &Leg<'_>, seed: u64, settings: &Settings) -> Result<(Verdict, Story), Unsupported> {
    told((leg.runner)().as_mut(), leg.plan(seed), settings)
}

/// The same of a plan.
///
/// # Errors
///
/// When the system cannot run it.
pub fn told(
    runner: &mut dyn Runner,
    plan: Plan,
    settings: &Settings,
) -> Result<(Verdict, Story), Unsupported> {
    let with_history = Settings { history: true, ..*settings };
    let (mut verdict, film) = film(runner, plan, &with_history)?;
    let story = why(&film, &verdict);
    verdict.history = verdict.history.filter(|_| settings.history);
    Ok((verdict, story))
}
