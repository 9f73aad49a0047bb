//! Failures by kind: what ten thousand seeds have found, a few times over.
//!
//! Two failures are of one kind when the same system breaks the same property by the same sort of steps: the
//! kinds of event on the causal trail, from the step that showed it back to what began it. Failures may be
//! added in any order; what is kept of a kind is a count and its smallest member.

use crate::capsule::facts;
use crate::shrink::Size;
use crate::trail::trail;
use crate::why::Story;
use std::collections::BTreeMap;
use whitewater_check::property::Property;
use whitewater_sim::chance::mix;
use whitewater_sim::verdict::Verdict;

/// How many kinds of a scenario are kept. The greater ones of even more are counted as failures only.
const MOST: usize = 64;

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
    /// The facts that contradict each other in its capsule, in words; there while it has none.
    pub facts: Vec<String>,
    /// Where its capsule is, if it could be written.
    pub capsule: Option<String>,
    /// How much smaller its run has become in the capsule, if it has.
    pub shrunk: Option<Smaller>,
    /// Why its capsule fails, if that was looked into.
    pub story: Story,
}

/// A run before and after it was made smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smaller {
    /// Before.
    pub from: Size,
    /// After.
    pub to: Size,
    /// The faults that are left, in words, none of which can be left out.
    pub needs: Vec<String>,
}

/// What tells a kind of failure of one scenario from the others.
type Key = (Property, Vec<&'static str>, String, Option<String>);

impl Group {
    /// The name of its capsule's file: the property, and eight digits that come from the scenario's own name and
    /// all else that the kind is, so that it has the same name in every campaign.
    #[must_use]
    pub fn file_name(&self, scenario: &str) -> String {
        let bug = self.bug.as_deref().unwrap_or_default();
        let words = [scenario, &self.system, bug].into_iter().chain(self.trail.iter().copied());
        let hash =
            words.fold(0, |hash, word| word.bytes().fold(mix(hash, 1), |hash, byte| mix(hash, byte.into())));
        format!("{}-{:08x}.json", self.property.name().replace('_', "-"), hash as u32)
    }

    /// The kind of a run that came to `verdict`, with that run alone in it; `None` when nothing was found.
    /// `file` is the scenario as it was asked for.
    #[must_use]
    pub fn of(file: &str, verdict: &Verdict) -> Option<Self> {
        let finding = verdict.failures().next()?;
        Some(Self {
            scenario: file.to_owned(),
            system: verdict.system.clone(),
            bug: verdict.bug.clone(),
            property: finding.property,
            trail: trail(&verdict.trace, finding),
            runs: 1,
            seed: verdict.seed,
            step: finding.at.step,
            facts: facts(finding),
            capsule: None,
            shrunk: None,
            story: Story::default(),
        })
    }

    /// The size of its smallest member.
    fn size(&self) -> (u32, u64) {
        (self.step, self.seed)
    }

    fn key(&self) -> Key {
        (self.property, self.trail.clone(), self.system.clone(), self.bug.clone())
    }
}

/// The kinds of failure of one scenario.
#[derive(Clone, Debug, Default)]
pub struct Groups(BTreeMap<Key, Group>);

/// What became of a failure that was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the smallest of its kind so far.
    Smallest,
    /// A smaller one is known, or its kind is not kept.
    Counted,
}

impl Groups {
    /// What will become of a failure when it is added.
    #[must_use]
    pub fn place(&self, other: &Group) -> Place {
        let key = other.key();
        let beyond = || self.0.len() == MOST && self.0.last_key_value().is_some_and(|(last, _)| key > *last);
        match self.0.get(&key) {
            Some(known) if known.size() <= other.size() => Place::Counted,
            None if beyond() => Place::Counted,
            Some(_) | None => Place::Smallest,
        }
    }

    /// Adds failures of one kind.
    pub fn add(&mut self, mut other: Group) {
        let place = self.place(&other);
        match (self.0.get_mut(&other.key()), place) {
            (Some(known), Place::Counted) => known.runs += other.runs,
            (Some(known), Place::Smallest) => {
                other.runs += known.runs;
                *known = other;
            }
            (None, Place::Counted) => {}
            (None, Place::Smallest) => {
                self.0.insert(other.key(), other);
                if self.0.len() > MOST {
                    self.0.pop_last();
                }
            }
        }
    }

    /// All of them, by property, then by trail.
    pub fn iter(&self) -> impl Iterator<Item = &Group> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(trail: usize, seed: u64, step: u32) -> Group {
        let words =
            ["interval", "append_entries", "start", "request", "durable", "message", "election_timeout"];
        Group {
            scenario: "a.json".to_owned(),
            system: "x".to_owned(),
            bug: None,
            property: Property::LogMatching,
            trail: (0..7).filter(|bit| trail >> bit & 1 == 1).map(|bit| words[bit]).collect(),
            runs: 1,
            seed,
            step,
            facts: Vec::new(),
            capsule: None,
            shrunk: None,
            story: Story::default(),
        }
    }

    #[test]
    fn the_smallest_stays_whatever_the_order() {
        let members = [(5, 30), (3, 20), (9, 20), (4, 25)];
        for turn in 0..members.len() {
            let mut groups = Groups::default();
            for (seed, step) in (0..members.len()).map(|n| members[(n + turn) % members.len()]) {
                groups.add(group(1, seed, step));
            }
            let [only] = &groups.iter().collect::<Vec<_>>()[..] else { panic!("one kind") };
            assert_eq!((only.runs, only.seed, only.step), (4, 3, 20));
            assert_eq!(groups.place(&group(1, 3, 20)), Place::Counted);
            assert_eq!(groups.place(&group(1, 2, 20)), Place::Smallest);
        }
    }

    #[test]
    fn of_too_many_kinds_the_same_ones_are_kept_in_any_order() {
        let kept = |order: &mut dyn Iterator<Item = usize>| {
            let mut groups = Groups::default();
            order.for_each(|trail| groups.add(group(trail, 1, 1)));
            groups.iter().map(|group| (group.trail.clone(), group.runs)).collect::<Vec<_>>()
        };
        let up = kept(&mut (0..128).chain(0..128));
        assert_eq!(up.len(), MOST);
        assert!(up.iter().all(|(_, runs)| *runs == 2));
        assert_eq!(kept(&mut (0..128).rev().chain((0..128).rev())), up);
    }

    #[test]
    fn the_name_of_a_capsule_comes_from_its_kind() {
        let name = group(3, 7, 9).file_name("calm");
        let digits = name.strip_prefix("log-matching-").and_then(|rest| rest.strip_suffix(".json")).unwrap();
        assert!(digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
        assert_eq!(group(3, 8, 1).file_name("calm"), name, "members of one kind share it");
        let other_bug = Group { bug: Some("b".to_owned()), ..group(3, 7, 9) };
        for other in
            [group(1, 7, 9).file_name("calm"), group(3, 7, 9).file_name("swarm"), other_bug.file_name("calm")]
        {
            assert_ne!(other, name);
        }
    }
}
