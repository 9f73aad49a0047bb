//! What a scenario asks of its system, in parts: so that whoever knows the system and refuses a part can say so at its
//! place.

use crate::plan::SystemChoice;
use crate::scenario::Scenario;
use crate::scenario::diagnostic::Diagnostic;
use crate::scenario::draw::Draw;
use crate::scenario::file::File;
use crate::scenario::path::{Path, Step};
use crate::scenario::tree::Node;
use std::collections::BTreeMap;
use std::ops::Range;

/// The most values of one option that are asked about.
const MOST_VALUES: usize = 100;

/// A part of what a scenario asks of its system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// That it is there, by this name.
    System,
    /// That it has the option of this name, and what that is set to.
    Option(String),
    /// That it has the bug.
    Bug,
}

impl Part {
    /// All parts of a choice but the system itself.
    pub fn all_of(choice: &SystemChoice) -> impl Iterator<Item = Self> {
        choice.options.keys().cloned().map(Self::Option).chain(choice.bug.is_some().then_some(Self::Bug))
    }

    /// Lets a choice ask for this part no more. The system itself is always asked for.
    pub fn take_from(&self, choice: &mut SystemChoice) {
        match self {
            Self::System => {}
            Self::Option(name) => _ = choice.options.remove(name),
            Self::Bug => choice.bug = None,
        }
    }
}

impl Scenario {
    /// The choices that a system must take if it is to run the scenario with every seed: one with the lowest value of
    /// every option, and one for each other value of an option that is drawn. Of what lies between two values the ends
    /// stand for all.
    #[must_use]
    pub fn choices(&self) -> Vec<SystemChoice> {
        let system = &self.file.system;
        let values: BTreeMap<&str, Vec<u64>> =
            system.options().map(|(name, draw)| (name, values(draw))).collect();
        let low = |(name, values): (&&str, &Vec<u64>)| (str::to_owned(name), values[0]);
        let lowest = SystemChoice {
            name: system.name().to_owned(),
            options: values.iter().map(low).collect(),
            bug: system.bug().map(str::to_owned),
        };
        let mut choices = vec![lowest.clone()];
        for (name, values) in values {
            for value in &values[1..] {
                let mut choice = lowest.clone();
                choice.options.insert(name.to_owned(), *value);
                choices.push(choice);
            }
        }
        choices
    }

    /// What is wrong with a part of what it asks for, at its place. A system that is not named has that of the file.
    #[must_use]
    pub fn wrong(&self, part: &Part, message: &str, help: Option<String>) -> Diagnostic {
        let place = self.asked.get(part).or_else(|| self.asked.get(&Part::System));
        place.expect("every scenario has a system").saying(message, help)
    }
}

/// What an option may be set to, the lowest first: all of it, or the ends.
fn values(draw: &Draw<u64>) -> Vec<u64> {
    let mut values = match draw {
        Draw::Plain(value) => vec![*value],
        Draw::Between(low, high) => vec![*low, *high],
        Draw::OneOf(values) => values.clone(),
    };
    values.sort_unstable();
    values.dedup();
    if values.len() > MOST_VALUES {
        values.drain(MOST_VALUES - 1..values.len() - 1);
    }
    values
}

/// Where the parts of what a file asks for stand in its text: the whole fields, and of the system its name.
pub(crate) fn places(file: &File, tree: &Node) -> BTreeMap<Part, Range<usize>> {
    let field = |name: &str| {
        let path = Path::Root.field("system");
        let path = path.field(file.system.name());
        let spot = tree.spot(&path.field(name).steps());
        spot.whole.unwrap_or_else(|| spot.node.range.clone())
    };
    let options = file.system.options().map(|(name, _)| (Part::Option(name.to_owned()), field(name)));
    let bug = file.system.bug().map(|_| (Part::Bug, field("bug")));
    options.chain(bug).chain([(Part::System, name(tree))]).collect()
}

/// Where the name of the system stands; the beginning of the file when it has none.
fn name(tree: &Node) -> Range<usize> {
    match tree.child(Step::Field("system")) {
        None => tree.range.start..tree.range.start + 1,
        Some(spot) => match spot.node.members() {
            [first, ..] => first.key.clone(),
            [] => spot.node.range.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str =
        "{\n\"version\": 1, \"name\": \"a\", \"about\": \"A.\", \"nodes\": 3, \"run_for\": \"1s\",";

    fn scenario(system: &str) -> Scenario {
        let text = format!("{HEAD}\n\"system\": {system}\n}}");
        Scenario::parse("a.json", &text).unwrap()
    }

    #[test]
    fn every_value_of_an_option_is_asked_for_and_the_ends_of_what_lies_between() {
        let open = r#"{"x": {"a": {"one_of": [3, 1, 3, 2]}, "b": {"between": [5, 9]}, "c": 7, "bug": "k"}}"#;
        let asked: Vec<Vec<u64>> = scenario(open)
            .choices()
            .iter()
            .map(|choice| choice.options.values().copied().collect())
            .collect();
        assert_eq!(asked, [[1, 5, 7], [2, 5, 7], [3, 5, 7], [1, 9, 7]]);
        let many: Vec<u64> = (0..10_000).collect();
        let many = scenario(&format!(r#"{{"x": {{"a": {{"one_of": {many:?}}}}}}}"#)).choices();
        assert_eq!((many.len(), many.last().map(|choice| choice.options["a"])), (MOST_VALUES, Some(9_999)));
    }

    #[test]
    fn a_part_is_shown_at_its_place() {
        let shown = |system: &str, part: Part| {
            let wrong = scenario(system).wrong(&part, "no", None);
            (wrong.line, wrong.column, wrong.width)
        };
        let object = r#"{"x": {"a": 1, "bug": "k"}}"#;
        assert_eq!(shown(object, Part::System), (3, 12, 3));
        assert_eq!(shown(object, Part::Option("a".to_owned())), (3, 18, 6));
        assert_eq!(shown(object, Part::Bug), (3, 26, 10));
        assert_eq!(shown(r#""x""#, Part::System), (3, 11, 3));
        assert_eq!(shown(r#""x""#, Part::Bug), (3, 11, 3));
        let plain = Scenario::parse("a.json", &format!("{}}}", HEAD.trim_end_matches(','))).unwrap();
        let wrong = plain.wrong(&Part::System, "no", Some("perhaps".to_owned()));
        assert_eq!((wrong.line, wrong.column, wrong.width), (1, 1, 1));
        assert_eq!((wrong.message.as_str(), wrong.help.as_deref()), ("no", Some("perhaps")));
    }

    #[test]
    fn what_is_not_asked_for_is_taken_away_part_by_part() {
        let mut choice = scenario(r#"{"x": {"a": 1, "bug": "k"}}"#).choices().remove(0);
        for part in Part::all_of(&choice.clone()) {
            part.take_from(&mut choice);
        }
        assert_eq!(choice, scenario(r#""x""#).choices().remove(0));
    }
}
