//! Failures by kind: what ten thousand seeds have found, a few times over.
//!
//! Two failures are of one kind when the same system breaks the same property by the same sort of steps: the
//! kinds of event on the causal trail, from the step that showed it back to what began it.

use whitewater_check::property::Property;

/// The failures of one kind in a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The scenario, as it was asked for.
    pub scenario: String,
    /// The system under test.
    pub system: String,
    /// The bug planted in it, if any.
    pub bug: Option<String>,
    /// What was violated: the outcome if there is one, else the first early property.
    pub property: Property,
    /// The kinds of event on the causal trail, latest first, in one word each.
    pub trail: Vec<&'static str>,
    /// In how many runs.
    pub runs: u64,
    /// The seed of the smallest of them: the fewest steps, then the lowest seed.
    pub seed: u64,
    /// The step that showed it there.
    pub step: u32,
    /// The facts that contradict each other there, in words.
    pub facts: Vec<String>,
    /// Where its capsule is, if it could be written.
    pub capsule: Option<String>,
}
