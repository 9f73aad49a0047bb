//! One run: a plan on a system gives a verdict.

use crate::cargo::Cargo;
use crate::culprit::configured;
use crate::environment::Environment;
use crate::expectations::never_ended;
use crate::plan::Plan;
use crate::replica::{Message, System, Unsupported};
use crate::scene::Spectator;
use crate::trace::Keep;
use crate::verdict::Verdict;
use crate::world::World;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use whitewater_check::finding::{Finding, Findings};
use whitewater_check::property::Property;

/// How many messages may be on their way at once before a run is given up.
pub(crate) const MOST_IN_FLIGHT: usize = 1 << 18;

/// How many entries logs and messages may hold before a run is given up: half a gigabyte if an
/// entry takes 32 bytes.
pub(crate) const MOST_ENTRIES: u64 = 1 << 24;

/// How many events a run may have before it is given up, and one more for every so many nanoseconds of its time, as a
/// power of two: some sixteen million a second. Eight is what three nodes come to that are asked for as much as they can
/// do over links that take no time.
const STORM: u64 = 10_000_000;
const STORM_BITS: u32 = 6;

/// How a run is watched. None of it changes what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether the properties are checked. They are in any case when an act of the timeline waits for a
    /// marker: without the checks nobody would count it, and the run would be another.
    pub checks: bool,
    /// How much of the trace is kept.
    pub keep: Keep,
    /// Whether an early finding ends the run, as an outcome does.
    pub stop_early: bool,
    /// Whether nothing that is found ends the run: for those who look on at what comes after a violation.
    pub goes_on: bool,
    /// Which early property ends the run when it is violated, if any does.
    pub until: Option<Property>,
    /// Whether the digest after each step is kept.
    pub ladder: bool,
    /// Whether what happens is told as acts.
    pub story: bool,
    /// Whether the history of the clients is kept.
    pub history: bool,
    /// Whether the independent judge looks at that history when the run is over, which may take long.
    pub judge: bool,
    /// After how many events a run ends for lack of an end.
    pub max_events: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            checks: true,
            keep: Keep::Last,
            stop_early: false,
            goes_on: false,
            until: None,
            ladder: false,
            story: false,
            history: false,
            judge: false,
            max_events: 1_000_000_000,
        }
    }
}

/// The run that is under way, as another thread sees it. Nothing of what happens depends on it, but for the end that
/// the other one may put to it.
#[derive(Debug, Default)]
pub struct Pulse {
    events: AtomicU64,
    left: AtomicBool,
}

impl Pulse {
    /// How many events it has had. While they stand still, a step has not returned.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.events.load(Ordering::Relaxed)
    }

    /// Ends it after the event that it is at, and every later one after its first. Their verdicts mean nothing.
    pub fn leave(&self) {
        self.left.store(true, Ordering::Relaxed);
    }

    /// Whether somebody has ended it.
    #[must_use]
    pub fn is_left(&self) -> bool {
        self.left.load(Ordering::Relaxed)
    }

    /// It has had so many events.
    fn beat(&self, events: u64) {
        self.events.store(events, Ordering::Relaxed);
    }
}

/// Something that runs plans: one system, whichever it is, and the memory of its last run.
pub trait Runner {
    /// Runs `plan` to its end.
    ///
    /// # Errors
    ///
    /// When the plan asks for something that the system does not have.
    fn run(&mut self, plan: Plan, settings: &Settings) -> Result<Verdict, Unsupported>;

    /// The same, with somebody who looks on and may end it. What is only judged at the end, such as expectations,
    /// means nothing in the verdict on a run that was ended. A runner that has nothing to show runs all the same.
    ///
    /// # Errors
    ///
    /// When the plan asks for something that the system does not have.
    fn watched(
        &mut self,
        plan: Plan,
        settings: &Settings,
        spectator: Box<dyn Spectator>,
    ) -> Result<Verdict, Unsupported> {
        drop(spectator);
        self.run(plan, settings)
    }

    /// Keeps `pulse` up to date from now on, and ends a run that is left. A runner that does not cannot be told from one
    /// that stands still.
    fn show(&mut self, pulse: Arc<Pulse>) {
        drop(pulse);
    }
}

/// The runner of one system. One world at a time; its memory is used again.
pub struct Course<S: System> {
    memory: Option<(Environment, Cargo<Message<S>>)>,
    pulse: Option<Arc<Pulse>>,
}

impl<S: System> Course<S> {
    /// A runner that has not run yet.
    #[must_use]
    pub fn new() -> Self {
        Self { memory: None, pulse: None }
    }
}

impl<S: System> fmt::Debug for Course<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Course").finish_non_exhaustive()
    }
}

impl<S: System> Default for Course<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: System> Runner for Course<S> {
    fn run(&mut self, plan: Plan, settings: &Settings) -> Result<Verdict, Unsupported> {
        self.attend(plan, settings, None)
    }

    fn watched(
        &mut self,
        plan: Plan,
        settings: &Settings,
        spectator: Box<dyn Spectator>,
    ) -> Result<Verdict, Unsupported> {
        self.attend(plan, settings, Some(spectator))
    }

    fn show(&mut self, pulse: Arc<Pulse>) {
        self.pulse = Some(pulse);
    }
}

impl<S: System> Course<S> {
    fn attend(
        &mut self,
        plan: Plan,
        settings: &Settings,
        spectator: Option<Box<dyn Spectator>>,
    ) -> Result<Verdict, Unsupported> {
        let system = configured::<S>(&plan.system)?;
        let waits_for_marker = plan.waits_for_marker();
        let mut world = World::new(system, plan, self.memory.take());
        world.environment.checked = settings.checks || waits_for_marker;
        world.environment.trace.reset(settings.keep);
        world.environment.story = settings.story.then(Box::default);
        (world.ladder, world.spectator) = (settings.ladder.then(Vec::new), spectator);
        let ended = catch_unwind(AssertUnwindSafe(|| world.run(settings, self.pulse.as_deref())));
        let panicked = match ended {
            Ok(()) => None,
            Err(panic) => Some(world.panicked(panic)),
        };
        let verdict = world.verdict(panicked, settings);
        self.memory = Some((world.environment, world.cargo));
        Ok(verdict)
    }
}

/// Whether these findings, of which there are some, end a run.
#[cold]
fn ends_run(findings: &Findings, settings: &Settings) -> bool {
    let violated = |property| findings.early().iter().any(|early| early.finding.property == property);
    let ends = findings.outcome().is_some() || settings.stop_early;
    !settings.goes_on && (ends || settings.until.is_some_and(violated))
}

impl<S: System> World<S> {
    fn run(&mut self, settings: &Settings, pulse: Option<&Pulse>) {
        self.start();
        while !self.is_over(settings) && self.advance() {
            if let Some(pulse) = pulse {
                pulse.beat(self.environment.tally.events);
                if pulse.is_left() {
                    return;
                }
            }
        }
        if (self.settle.is_some() || self.is_told) && self.environment.checks.findings().outcome().is_none() {
            self.audit();
        }
    }

    fn is_over(&mut self, settings: &Settings) -> bool {
        let findings = self.environment.checks.findings();
        !findings.is_empty() && ends_run(findings, settings)
            || self.left
            || self.is_too_much(settings)
            || self.settled()
    }

    /// Whether a run has had too much of something: a system that answers every message with two never ends,
    /// and would take all memory before it has taken all time.
    fn is_too_much(&self, settings: &Settings) -> bool {
        let Environment { tally, messages, entries, .. } = &self.environment;
        tally.events >= settings.max_events
            || tally.events >= self.storm()
            || messages.in_use() > MOST_IN_FLIGHT
            || *entries > MOST_ENTRIES
    }

    /// How many events are too many for the time that it is in the run.
    fn storm(&self) -> u64 {
        STORM + (self.environment.now >> STORM_BITS)
    }

    /// What a run has had too much of, if it has.
    fn exceeded(&self, settings: &Settings) -> Option<String> {
        let Environment { tally, messages, .. } = &self.environment;
        self.is_too_much(settings).then(|| match tally.events >= settings.max_events {
            true => format!("not within {} events", settings.max_events),
            false if tally.events >= self.storm() => {
                format!("{} events within {} ms", tally.events, self.environment.now / 1_000_000)
            }
            false if messages.in_use() > MOST_IN_FLIGHT => {
                format!("more than {MOST_IN_FLIGHT} messages are on their way")
            }
            false => format!("more than {MOST_ENTRIES} entries are held by logs and messages"),
        })
    }

    /// The whole state is compared the slow, obvious way.
    fn audit(&mut self) {
        if !self.environment.checked {
            return;
        }
        let live: Vec<_> = self
            .nodes()
            .filter_map(|node| self.replicas[node.slot()].as_ref().map(|replica| (node, replica)))
            .collect();
        let at = self.environment.at(self.acting);
        self.environment.checks.audit(at, &live);
    }

    fn verdict(&mut self, panicked: Option<Finding>, settings: &Settings) -> Verdict {
        panicked.iter().for_each(|finding| self.environment.checks.report(finding.clone()));
        let judged = if settings.judge { self.judge() } else { None };
        let mut expected = self.measure();
        expected.extend(judged);
        expected.extend(self.exceeded(settings).map(never_ended));
        let environment = &self.environment;
        let findings = environment.checks.findings();
        let unobserved = |property: &Property| {
            let checked = !matches!(property, Property::Progress | Property::Panicked);
            checked && !environment.checks.observed(*property)
        };
        Verdict {
            scenario: self.plan.name.clone(),
            seed: self.plan.seed,
            system: self.plan.system.name.clone(),
            bug: self.plan.system.bug.clone(),
            nodes: self.plan.nodes,
            steps: environment.steps,
            events: environment.tally.events,
            time: environment.now,
            digest: environment.digest.value(),
            ladder: self.ladder.take().unwrap_or_default(),
            faults: environment.tally.faults,
            families: environment.tally.families,
            commits: environment.tally.commits,
            violation: panicked.or_else(|| findings.outcome().cloned()),
            early: findings.early().to_vec(),
            expected,
            not_observed: Property::ALL.into_iter().filter(unobserved).collect(),
            markers: *environment.checks.markers(),
            measures: self.measures(),
            settling: self.settling(),
            stalled: self.stalled(),
            history: settings.history.then(|| environment.checks.history().clone()),
            drawn: std::mem::take(&mut self.plan.drawn),
            story: self.environment.story.take(),
            trace: self.environment.trace.records(),
        }
    }
}
