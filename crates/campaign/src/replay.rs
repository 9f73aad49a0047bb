//! A capsule run again: is it the run that the capsule was written of?
//!
//! Nothing less than identity will do: the same property at the same step, the same digest at the end and after
//! every step that the capsule has a rung for. What a difference means is not judged here.

use crate::ladder::{Ladder, Parting};
use crate::leg::Leg;
use crate::why::{Story, filmed};
use whitewater_check::finding::Finding;
use whitewater_check::property::Class;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::found::Found;
use whitewater_sim::verdict::Verdict;

/// A run that should be the one that a capsule was written of.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The verdict on it, with all of its trace.
    pub verdict: Verdict,
    /// Whether it violates the same property, and shows it at the same step.
    pub same_finding: bool,
    /// Whether the digests at the end are equal.
    pub same_digest: bool,
    /// Whether an early finding ended it, as one may have ended the other.
    pub ended_early: bool,
    /// Where it leaves the other, as far as the ladder tells.
    pub parting: Option<Parting>,
    /// Why it fails, if it does.
    pub story: Story,
}

impl Replay {
    /// Whether it is that run.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.same_finding && self.same_digest && self.parting.is_none()
    }
}

/// Runs the scenario of a capsule with the first seed of the leg, and compares. A capsule does not say whether
/// early findings ended its run; if one may have, that is tried, too.
///
/// # Errors
///
/// When the system cannot run it.
pub fn replay(leg: &Leg<'_>, found: &Found, ladder: Option<&Ladder>) -> Result<Replay, Unsupported> {
    let whole = run(leg, found, ladder, false)?;
    if whole.is_same() || found.property.class() == Class::Outcome {
        return Ok(whole);
    }
    let ended = run(leg, found, ladder, true)?;
    Ok(if ended.is_same() { ended } else { whole })
}

fn run(
    leg: &Leg<'_>,
    found: &Found,
    ladder: Option<&Ladder>,
    stop_early: bool,
) -> Result<Replay, Unsupported> {
    let settings = Settings { ladder: true, stop_early, ..Settings::default() };
    let (verdict, story) = filmed(leg, leg.seeds.first(), &settings)?;
    let same_digest = verdict.digest == found.digest;
    // Steps are counted from 1: what shows before the first one is written down as shown by it.
    let step = |finding: &Finding| u64::from(finding.at.step.max(1));
    let same_finding = verdict.found_of(found.property).is_some_and(|finding| step(finding) == found.step);
    let parting = ladder.and_then(|ladder| ladder.parting(&verdict.ladder, same_digest));
    Ok(Replay { verdict, same_finding, same_digest, ended_early: stop_early, parting, story })
}
