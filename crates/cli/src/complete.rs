//! What the prompt of the debugger completes: commands, nodes, the words of predicates, and names of files.
//!
//! It knows words and files, and no debugger.

use rustyline::completion::{Completer, Pair};
use rustyline::highlight::Highlighter;
use rustyline::hint::Hinter;
use rustyline::validate::Validator;
use rustyline::{Context, Helper};
use std::fs;
use std::path::Path;
use whitewater_campaign::debug::command::{VERBS, Verb};
use whitewater_sim::scenario::marker_names;

/// How many names of files are offered at most.
const MOST: usize = 200;

/// What a cluster of so many nodes lets one type.
pub(crate) struct Completion {
    nodes: u8,
}

impl Completion {
    /// What can be typed of a cluster of so many nodes.
    pub(crate) fn of(nodes: u8) -> Self {
        Self { nodes }
    }

    /// What may stand at the end of a line: where the last word begins, and the words that it may become.
    fn offers(&self, line: &str) -> (usize, Vec<String>) {
        let begin = line.rfind([' ', '(']).map_or(0, |space| space + 1);
        let (before, word) = (line[..begin].trim(), &line[begin..]);
        let verb = before.split_whitespace().next().and_then(Verb::named);
        let offers: Vec<String> = match verb {
            None if before.is_empty() => {
                VERBS.iter().flat_map(|verb| verb.names.iter().map(ToString::to_string)).collect()
            }
            None => Vec::new(),
            Some(verb) if verb.names.contains(&"save") => {
                let begin = line.len() - line.trim_start().len() + verb.names[0].len() + 1;
                return (begin, files(&line[begin.min(line.len())..]));
            }
            Some(verb) => self.words(verb, word),
        };
        (begin, offers.into_iter().filter(|offer| offer.starts_with(word)).collect())
    }

    /// The words that a command takes.
    fn words(&self, verb: &Verb, word: &str) -> Vec<String> {
        const FIELDS: [&str; 6] = ["role", "up", "term", "commit", "applied", "last"];
        let owned = |words: &[&str]| words.iter().map(ToString::to_string).collect();
        match verb.names[0] {
            "g" => owned(&["violation", "start", "end"]),
            "h" => VERBS.iter().map(|verb| verb.names[0].to_owned()).collect(),
            "b" | "w" => match word.split_once('.') {
                Some((node, _)) => FIELDS.iter().map(|field| format!("{node}.{field}")).collect(),
                None => {
                    let words =
                        ["leader", "elected", "changes", "count(", "leaders", "candidates", "followers"];
                    let more = ["up", "down", "logs", "equal", "and", "or", "not"];
                    let all = words.iter().chain(&more).chain(&FIELDS).copied().chain(marker_names());
                    all.map(str::to_owned).chain(self.named(".")).collect()
                }
            },
            _ if verb.takes.contains("NODE") => self.named("").collect(),
            _ => Vec::new(),
        }
    }

    /// The nodes by name, each with this behind it.
    fn named(&self, behind: &str) -> impl Iterator<Item = String> {
        (1..=self.nodes).map(move |number| format!("n{number}{behind}"))
    }
}

/// The files whose names begin like this, in order.
fn files(begin: &str) -> Vec<String> {
    let (folder, _) = begin.rsplit_once('/').map_or(("", begin), |(folder, name)| (folder, name));
    let place = if begin.contains('/') { format!("{folder}/") } else { String::new() };
    let Ok(entries) = fs::read_dir(Path::new(if place.is_empty() { "." } else { &place })) else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let paths = names.map(|name| format!("{place}{name}")).filter(|path| path.starts_with(begin));
    let mut paths: Vec<String> = paths.take(MOST).collect();
    paths.sort();
    paths
}

impl Completer for Completion {
    type Candidate = Pair;

    fn complete(&self, line: &str, end: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let (begin, offers) = self.offers(line.get(..end).unwrap_or(line));
        let pair = |offer: String| Pair { display: offer.clone(), replacement: offer };
        Ok((begin, offers.into_iter().map(pair).collect()))
    }
}

impl Hinter for Completion {
    type Hint = String;
}

impl Highlighter for Completion {}

impl Validator for Completion {}

impl Helper for Completion {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_fits_the_command() {
        let offers = |line: &str| Completion::of(3).offers(line);
        assert_eq!(
            offers("re"),
            (
                0,
                ["reverse-step", "reverse-continue", "restart", "resume", "request"]
                    .map(str::to_owned)
                    .to_vec()
            )
        );
        assert_eq!(offers("crash n"), (6, ["n1", "n2", "n3"].map(str::to_owned).to_vec()));
        assert_eq!(offers("g v"), (2, vec!["violation".to_owned()]));
        let (begin, leads) = offers("break count(lead");
        assert!(begin == 12 && leads.contains(&"leaders".to_owned()), "{leads:?}");
        assert!(leads.iter().all(|word| word.starts_with("lead")) && leads.len() > 2, "{leads:?}");
        assert_eq!(offers("watch n2.c"), (6, vec!["n2.commit".to_owned()]));
        assert_eq!(offers("net "), (4, Vec::new()));
        assert_eq!(offers("nonsense n"), (9, Vec::new()));
        assert!(offers("save Cargo.t").1.contains(&"Cargo.toml".to_owned()), "tests run beside it");
    }
}
