//! A whole run as it was looked on at: every moment at which one can stop, and when what somebody waits for
//! came about.
//!
//! A moment is when a step is over or something was done to the cluster. One pass over the run finds all of
//! them, so that going anywhere is a look into a table. It does not know who asks.

use crate::debug::traps::{Before, Hit, Trap};
use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use whitewater_check::types::Nanos;
use whitewater_sim::plan::Plan;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::scene::Scene;
use whitewater_sim::trace::{Keep, Record, What};
use whitewater_sim::verdict::Verdict;

/// When a step is over, or something was done to the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// How many steps there were.
    pub step: u32,
    /// Virtual time in nanoseconds.
    pub time: Nanos,
    /// How many records the trace has by then.
    pub noted: usize,
    /// The how-manieth scene it is, counted from 1; 0 when nobody was shown anything.
    pub(crate) scene: usize,
}

/// A whole run.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Where one can stop, in order; never none.
    pub moments: Vec<Moment>,
    /// The verdict on it, with its trace and its ladder.
    pub verdict: Verdict,
}

/// How a run is done to be recorded.
pub(crate) fn settings(stop_early: bool) -> Settings {
    Settings { keep: Keep::All, ladder: true, stop_early, ..Settings::default() }
}

/// Records the run of a plan, and when each of the traps closes.
pub(crate) fn record(
    runner: &mut dyn Runner,
    plan: Plan,
    stop_early: bool,
    traps: &[&Trap],
) -> Result<(Recording, Vec<Vec<Hit>>), Unsupported> {
    let waits: Vec<Before> = traps.iter().map(|trap| Before::new((*trap).clone())).collect();
    let seen = (Vec::new(), waits);
    let (seen, verdict) = watch(runner, plan, &settings(stop_early), seen, |(scenes, waits), scene| {
        let (step, time, noted) = (scene.step(), scene.time(), scene.noted());
        scenes.push(Moment { step, time, noted, scene: scenes.len() + 1 });
        waits.iter_mut().for_each(|wait| wait.look(scene, scenes.len()));
        ControlFlow::Continue(())
    })?;
    let (scenes, waits) = seen;
    let recording = Recording { moments: moments(&scenes, &verdict), verdict };
    let hits = waits.into_iter().map(|wait| recording.placed(wait.into_hits())).collect();
    Ok((recording, hits))
}

/// Runs a plan with somebody who looks on and keeps what it sees.
pub(crate) fn watch<T: 'static>(
    runner: &mut dyn Runner,
    plan: Plan,
    settings: &Settings,
    seen: T,
    mut look: impl FnMut(&mut T, &dyn Scene) -> ControlFlow<()> + 'static,
) -> Result<(T, Verdict), Unsupported> {
    let seen = Rc::new(RefCell::new(seen));
    let shared = Rc::clone(&seen);
    let spectator = move |scene: &dyn Scene| look(&mut shared.borrow_mut(), scene);
    let verdict = runner.watched(plan, settings, Box::new(spectator))?;
    let seen = Rc::into_inner(seen).expect("a spectator goes when its run is over");
    Ok((seen.into_inner(), verdict))
}

/// The moments of these scenes. What the timeline remarks on what it has just done is no moment of its own; what
/// nobody was shown, because the system panicked, is.
fn moments(scenes: &[Moment], verdict: &Verdict) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    for scene in scenes {
        let adds_nothing = |last: &&mut Moment| {
            let fresh: &[Record] = &verdict.trace[last.noted..scene.noted];
            last.time == scene.time && fresh.iter().all(|record| record.what == What::Act)
        };
        match moments.last_mut().filter(adds_nothing) {
            Some(last) => *last = *scene,
            None => moments.push(*scene),
        }
    }
    let noted = verdict.trace.len();
    if moments.last().is_none_or(|last| last.noted < noted) {
        let (step, time) = (verdict.steps, verdict.time);
        moments.push(Moment { step, time, noted, scene: scenes.len() });
    }
    moments
}

impl Recording {
    /// What happened in the moment at this place: the places of its records.
    #[must_use]
    pub fn records_of(&self, moment: usize) -> std::ops::Range<usize> {
        let begin = moment.checked_sub(1).map_or(0, |before| self.moments[before].noted);
        begin..self.moments[moment].noted
    }

    /// The last moment.
    #[must_use]
    pub fn last(&self) -> usize {
        self.moments.len() - 1
    }

    /// The first moment for which this is so, else the last one. What is so stays so.
    pub(crate) fn first(&self, reached: impl Fn(&Moment) -> bool) -> usize {
        self.moments.partition_point(|moment| !reached(moment)).min(self.last())
    }

    /// The moments at which findings showed, with their places among the findings.
    pub(crate) fn findings(&self) -> impl Iterator<Item = (usize, usize)> {
        self.verdict.failures().enumerate().map(|(place, finding)| {
            let at = finding.at;
            (self.first(|moment| moment.step >= at.step && moment.time >= at.time), place)
        })
    }

    /// Hits whose moments are scenes, with moments.
    fn placed(&self, hits: Vec<Hit>) -> Vec<Hit> {
        let placed = |hit: Hit| Hit { moment: self.first(|moment| moment.scene >= hit.moment), ..hit };
        hits.into_iter().map(placed).collect()
    }
}
