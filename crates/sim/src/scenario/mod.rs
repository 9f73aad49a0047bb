//! Scenario files: what a person writes, and what the world runs for a seed.
//!
//! A file is JSON with comments and trailing commas. [`Scenario::parse`] reads and judges it, and reports
//! everything that is wrong with it at its place; [`Scenario::plan`] draws what the file leaves open for one
//! seed, and gives the [`Plan`] that the world runs. The same file is a story and a campaign.
//!
//! | module | what it holds |
//! |---|---|
//! | `file` | the types of a file, with their defaults |
//! | `draw`, `spread` | open values, distributions with open values |
//! | `clients`, `expect`, `act`, `message`, `system` | pieces of a file that have a file of their own |
//! | `duration`, `probability`, `rate`, `decimal`, `target`, `names`, `condition` | single values |
//! | [`asked`] | what it asks of its system, in parts |
//! | `parse`, `tree`, `diagnostic` | from text to file; where things are; how a mistake is shown |
//! | `form`, `mended` | what has the wrong form, and what stands in for it while the rest is judged |
//! | [`set`], `patch` | a value from beside the file, put into it |
//! | `check` | what a file means, and what is doubtful about it |
//! | `resolve` | from file and seed to plan |
//! | `resolved`, `json` | back from plan to file, with nothing left open |
//! | `written` | from any plan to a file |
//! | [`found`] | what a capsule remembers |
//! | `schema` | a file's JSON Schema, for editors |
//!
//! Nothing here knows how the world carries out a plan, or which systems there are.

mod act;
pub mod asked;
mod check;
mod clients;
mod condition;
mod decimal;
mod diagnostic;
mod draw;
pub mod duration;
mod expect;
mod file;
mod form;
pub mod found;
mod json;
mod mended;
mod message;
mod names;
mod parse;
mod patch;
mod path;
mod probability;
mod rate;
mod resolve;
mod resolved;
mod schema;
pub mod set;
mod spread;
mod system;
mod target;
mod tree;
mod written;

pub use condition::marker_names;
pub use diagnostic::{Diagnostic, Severity, steers};
pub use schema::schema;

use crate::plan::Plan;
use crate::scenario::asked::Part;
use crate::scenario::diagnostic::Source;
use crate::scenario::expect::Expect;
use crate::scenario::file::{File, SeedsMode};
use crate::scenario::found::Found;
use crate::scenario::names::PropertyName;
use crate::scenario::parse::Parsed;
use crate::scenario::set::Setting;
use std::collections::BTreeMap;

/// A scenario that can be run with every seed.
#[derive(Clone, Debug)]
pub struct Scenario {
    file: File,
    /// What was read, settings included, without comments.
    text: String,
    warnings: Vec<Diagnostic>,
    lines: Vec<Option<usize>>,
    /// Where it says what it asks of its system; they say nothing yet.
    asked: BTreeMap<Part, Diagnostic>,
}

/// With which seeds a scenario runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeds {
    /// With this one, once, whatever was asked for: it is part of the story.
    Fixed(u64),
    /// With any; the file may name one for when nobody asks.
    Free(Option<u64>),
}

impl Scenario {
    /// The scenario in `text`, which came from the file of this name.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the text, in its order, never empty. Broken syntax is reported alone.
    pub fn parse(name_of_file: &str, text: &str) -> Result<Self, Vec<Diagnostic>> {
        Self::parse_with(name_of_file, text, &[])
    }

    /// The same with settings put in, in their order. What is wrong with a setting is shown in its argument.
    ///
    /// # Errors
    ///
    /// As [`Scenario::parse`].
    pub fn parse_with(name_of_file: &str, text: &str, settings: &[Setting]) -> Result<Self, Vec<Diagnostic>> {
        let source = Source { file: name_of_file, text };
        let Parsed { file, text, warnings, lines, asked } = parse::parse(source, settings)?;
        Ok(Self { file, text, warnings, lines, asked })
    }

    /// What is doubtful about it, in the order of the text: it runs, but hardly as it was meant.
    #[must_use]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// What it shows, for a reader.
    #[must_use]
    pub fn about(&self) -> &str {
        &self.file.about
    }

    /// Its text, settings included, comments not. Parsing it gives this scenario again.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it says that its schema is, seen from its file.
    #[must_use]
    pub fn schema(&self) -> Option<&str> {
        self.file.schema.as_deref()
    }

    /// With which seeds it runs.
    #[must_use]
    pub fn seeds(&self) -> Seeds {
        match (self.file.seeds, self.file.seed) {
            (SeedsMode::Fixed, Some(seed)) => Seeds::Fixed(seed),
            (SeedsMode::Fixed, None) | (SeedsMode::Free, _) => Seeds::Free(self.file.seed),
        }
    }

    /// The line of the file in which the n-th entry of the timeline begins, both counted from 1. There is
    /// none for an entry that a setting brought.
    #[must_use]
    pub fn line_of_act(&self, n: usize) -> Option<usize> {
        self.lines.get(n.checked_sub(1)?).copied().flatten()
    }

    /// What the world runs for this seed. Equal seeds give equal plans.
    #[must_use]
    pub fn plan(&self, seed: u64) -> Plan {
        self.file.plan(seed)
    }

    /// What a run of it found, if it is a capsule.
    #[must_use]
    pub fn found(&self) -> Option<&Found> {
        self.file.found.as_ref()
    }

    /// A capsule as a scenario like any other: that the property which was found is violated, at whatever step,
    /// is all that it expects, because a run that a violation ends does not get to the rest. A scenario that
    /// is no capsule stays as it is.
    #[must_use]
    pub fn expecting_what_was_found(mut self) -> Self {
        if let Some(found) = self.file.found.take() {
            self.file.expect = vec![Expect::Violates(PropertyName(found.property))];
        }
        self
    }

    /// The text of the scenario that this one is in one run: every open value is the one that was drawn, what
    /// swarm mode switched off has weight 0, and the seed is fixed. `plan` is this scenario's for some seed,
    /// perhaps with another system. Settings are in the text, comments are not; of `found` it has what is
    /// given here. The plan of the text is that one but for `drawn` and `free`.
    #[must_use]
    pub fn resolved(&self, plan: &Plan, found: Option<&Found>) -> String {
        resolved::resolved(&self.text, &self.plan(plan.seed), &plan.system, found)
    }

    /// The text of the scenario whose plan this is: an ordinary file that says what differs from its defaults
    /// and nothing else, with the plan's seed. `about` is what it shows. Reading it and planning it with that
    /// seed gives the plan back, but for `drawn`: a plan does not remember what was open.
    #[must_use]
    pub fn written(plan: &Plan, found: Option<&Found>, about: &str) -> String {
        written::written(plan, found, about)
    }
}
