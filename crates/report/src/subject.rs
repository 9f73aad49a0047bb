//! What a report is about: a scenario as the user asked for it, and the line that repeats one of its runs.

use whitewater_campaign::leg::Overrides;
use whitewater_campaign::seeds::SeedRange;
use whitewater_sim::plan::TimelineAct;
use whitewater_sim::scenario::{Scenario, steers};

/// A scenario as the user asked for it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The name that is shown.
    pub name: String,
    /// The file, as a path that can be given to the command again.
    pub file: String,
    /// What it says.
    pub scenario: Scenario,
    /// The seeds that it runs with.
    pub seeds: SeedRange,
    /// Whether it runs with its own seed although others were asked for.
    pub fixed: bool,
    /// How the command was asked to run it.
    pub asked: Asked,
}

/// What of the command's arguments has a say in what a run does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The name of the program.
    pub program: String,
    /// The system and the bug, if they were given.
    pub overrides: Overrides,
    /// What was put into the scenario, as `path=value`.
    pub settings: Vec<String>,
    /// Whether early findings end a run.
    pub stop_early: bool,
    /// Whether the independent judge looks at each run.
    pub judge: bool,
}

impl Subject {
    /// The line that repeats the run of `seed`, with `tail` at its end.
    #[must_use]
    pub fn repeat(&self, seed: u64, tail: &str) -> String {
        self.command(&format!("--seed {seed}"), tail)
    }

    /// The line that shows the run of `seed` again, with its trace. That of a capsule is replayed, which asks for
    /// the same run and not for the same property alone.
    #[must_use]
    pub fn again(&self, seed: u64) -> String {
        let tail = "--trace short";
        match self.scenario.found() {
            Some(_) => format!("{} replay {} {tail}", self.asked.program, quoted(&self.file)),
            None => self.repeat(seed, tail),
        }
    }

    /// The line that repeats all of its runs.
    #[must_use]
    pub fn repeat_all(&self) -> String {
        match (self.seeds.first(), self.seeds.last()) {
            (first, last) if first == last => self.repeat(first, ""),
            (first, last) => self.command(&format!("--seeds {first}..{last}"), ""),
        }
    }

    /// The seeds as they are shown.
    #[must_use]
    pub fn seeds(&self) -> String {
        format!("{}{}", self.seeds, if self.fixed { " only" } else { "" })
    }

    /// The timeline of the run of `seed`.
    #[must_use]
    pub fn timeline(&self, seed: u64) -> Vec<TimelineAct> {
        self.scenario.plan(seed).timeline
    }

    fn command(&self, seeds: &str, tail: &str) -> String {
        let Asked { program, overrides, settings, stop_early, judge } = &self.asked;
        let mut line = format!("{program} run {} {seeds}", quoted(&self.file));
        settings.iter().for_each(|setting| line += &format!(" --set {}", quoted(setting)));
        for (option, value) in [("--system", &overrides.system), ("--bug", &overrides.bug)] {
            if let Some(value) = value {
                line += &format!(" {option} {}", quoted(value));
            }
        }
        if *stop_early {
            line += " --stop early";
        }
        if *judge {
            line += " --judge";
        }
        if !tail.is_empty() {
            line += &format!(" {tail}");
        }
        line
    }
}

/// A word that a shell takes as one.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+@%".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false if word.contains(steers) => format!("$'{}'", word.chars().map(spelt).collect::<String>()),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// A character as it stands between `$'` and `'`, where what steers a terminal is spelt out.
fn spelt(c: char) -> String {
    match c {
        '\'' | '\\' => format!("\\{c}"),
        c if steers(c) => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(file: &str) -> Subject {
        let asked = Asked { program: "whitewater".to_owned(), ..Asked::default() };
        let seeds = "3..9".parse().unwrap();
        let text = r#"{ "version": 1, "name": "a", "about": "A.", "nodes": 3, "run_for": "1s" }"#;
        let scenario = Scenario::parse(file, text).unwrap();
        Subject { name: "a".to_owned(), file: file.to_owned(), scenario, seeds, fixed: false, asked }
    }

    #[test]
    fn the_line_carries_all_that_has_a_say() {
        let mut subject = subject("scenarios/a.json");
        assert_eq!(subject.repeat(7, ""), "whitewater run scenarios/a.json --seed 7");
        subject.asked.overrides =
            Overrides { system: Some("noraft".to_owned()), bug: Some("a-bug".to_owned()) };
        (subject.asked.stop_early, subject.asked.judge) = (true, true);
        subject.asked.settings = vec!["run_for=5s".to_owned(), "chaos[0].every=1s".to_owned()];
        let line = "whitewater run scenarios/a.json --seed 7 --set run_for=5s --set 'chaos[0].every=1s' \
                    --system noraft --bug a-bug --stop early --judge --trace short";
        assert_eq!(subject.repeat(7, "--trace short"), line);
        assert!(subject.repeat_all().starts_with("whitewater run scenarios/a.json --seeds 3..9 --set"));
        subject.seeds = SeedRange::one(3);
        assert!(subject.repeat_all().starts_with("whitewater run scenarios/a.json --seed 3 --set"));
    }

    #[test]
    fn odd_names_survive_a_shell() {
        assert_eq!(subject("my file.json").repeat(1, ""), "whitewater run 'my file.json' --seed 1");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("$(rm)"), "'$(rm)'");
        assert_eq!(quoted("a\u{1b}[2J'b\\c\u{202e}.json"), r"$'a\u001b[2J\'b\\c\u202e.json'");
    }

    #[test]
    fn a_story_with_a_seed_of_its_own_says_so() {
        let mut story = subject("a.json");
        (story.seeds, story.fixed) = (SeedRange::one(8), true);
        assert_eq!(story.seeds(), "seed 8 only");
        assert_eq!(subject("a.json").seeds(), "seeds 3..9");
    }
}
