//! The bug zoo as tables for people, as a file to keep, and as JSON for programs.
//!
//! It knows what a hunt came to, and how small the run is by which a bug is told, and says so. It must not know how a
//! bug is planted or where a hunt was run.

mod json;
mod kept;
mod table;

pub use json::{document, json_lines};
pub use kept::markdown;
pub use table::table;

use crate::words::grouped;
use whitewater_campaign::smallest::Smallest;
use whitewater_campaign::zoo::{Bag, Caught, Lens, Sighting};
use whitewater_check::property::{Class, Property};

/// What was hunted for, and what it came to.
#[derive(Clone, Debug)]
pub struct Hunted {
    /// The name of the bug; `None` for the correct node, in which nothing may be found.
    pub bug: Option<&'static str>,
    /// What is wrong, in one sentence.
    pub about: &'static str,
    /// The rule that it breaks.
    pub section: &'static str,
    /// The properties of which any counts as having caught it.
    pub properties: Vec<Property>,
    /// Where it was seen in the wild.
    pub seen: &'static [&'static str],
    /// The campaign that hunted for it.
    pub campaign: &'static str,
    /// What it came to.
    pub bag: Bag,
    /// How small the run is by which it is told; `None` when no single run shows it, or none was made smaller.
    pub smallest: Option<Smallest>,
    /// How long the hunt took, in milliseconds of wall time.
    pub hunt_ms: u64,
    /// How long it took to make the run smaller, in milliseconds of wall time.
    pub shrink_ms: u64,
}

impl Hunted {
    /// Whether it is as it should be: a bug is missed by no more than one campaign in twenty, and the correct
    /// node by all.
    #[must_use]
    pub fn is_well(&self) -> bool {
        let (missed, campaigns) = (self.missed(), self.bag.campaigns.len());
        match self.bug {
            Some(_) => missed * 20 <= campaigns,
            None => missed == campaigns,
        }
    }

    fn name(&self) -> &'static str {
        self.bug.unwrap_or("(the correct node)")
    }

    fn missed(&self) -> usize {
        self.bag.missed(Caught::first)
    }

    fn wants(&self, class: Class) -> bool {
        self.properties.iter().any(|property| property.class() == class)
    }

    /// How many seeds were enough for so many percent of the campaigns.
    fn seeds(&self, lens: Lens, percent: usize) -> String {
        self.bag.quantile(lens, percent).map_or("-".to_owned(), grouped)
    }

    /// How many seeds were enough for half of the campaigns to see an outcome; nothing where none counts.
    fn to_outcome(&self) -> String {
        if self.wants(Class::Outcome) { self.seeds(outcome, 50) } else { String::new() }
    }

    /// What most campaigns have seen of the early properties, and of the outcomes; nothing where none counts.
    fn mostly(&self) -> [String; 2] {
        [(early as Lens, Class::Early), (outcome, Class::Outcome)].map(|(lens, class)| {
            match self.bag.mostly(lens) {
                Some(what) => what.to_owned(),
                None if self.wants(class) => "never".to_owned(),
                None => String::new(),
            }
        })
    }
}

fn early(caught: &Caught) -> Option<&Sighting> {
    caught.early.as_ref()
}

fn outcome(caught: &Caught) -> Option<&Sighting> {
    caught.outcome.as_ref()
}

/// The steps and the faults of the run by which a bug is told, before and after.
fn smaller(smallest: &Smallest) -> [String; 2] {
    let Smallest { from, to, .. } = smallest;
    let change = |from: u64, to: u64| format!("{} -> {}", grouped(from), grouped(to));
    [change(from.steps.into(), to.steps.into()), change(from.faults as u64, to.faults as u64)]
}
