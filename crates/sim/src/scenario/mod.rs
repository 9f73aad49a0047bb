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
//! | `duration`, `probability`, `target`, `act`, `system`, `condition` | single values |
//! | `parse`, `tree`, `diagnostic` | from text to file; where things are; how a mistake is shown |
//! | `check` | what a file means |
//! | `resolve` | from file and seed to plan |
//!
//! Nothing here knows how the world carries out a plan, or which systems there are.

mod act;
mod check;
mod condition;
mod diagnostic;
mod draw;
pub mod duration;
mod file;
mod parse;
mod path;
mod probability;
mod resolve;
mod spread;
mod system;
mod target;
mod tree;

pub use condition::marker_names;
pub use diagnostic::Diagnostic;

use crate::plan::Plan;
use crate::scenario::diagnostic::Source;
use crate::scenario::file::{File, SeedsMode};

/// A scenario that can be run with every seed.
#[derive(Clone, Debug)]
pub struct Scenario {
    file: File,
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
        parse::parse(Source { file: name_of_file, text }).map(|file| Self { file })
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

    /// With which seeds it runs.
    #[must_use]
    pub fn seeds(&self) -> Seeds {
        match (self.file.seeds, self.file.seed) {
            (SeedsMode::Fixed, Some(seed)) => Seeds::Fixed(seed),
            (SeedsMode::Fixed, None) | (SeedsMode::Free, _) => Seeds::Free(self.file.seed),
        }
    }

    /// What the world runs for this seed. Equal seeds give equal plans.
    #[must_use]
    pub fn plan(&self, seed: u64) -> Plan {
        self.file.plan(seed)
    }
}
