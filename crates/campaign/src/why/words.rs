//! Names and entries in words; and the index, the terms and the commands that the words of a fact name.
//!
//! Facts are made by the checkers, which have nothing but words to hand on; what is taken out of them are names that stand
//! there in one form only.

use std::fmt::Display;
use whitewater_check::types::{Command, Entry, Index, NodeId, Term};
use whitewater_sim::trace::Record;

/// Several things as one would say them: `n1, n2 and n3`; `nobody` for none.
pub(super) fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match items.split_last() {
        None => "nobody".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// A set of nodes as one would say it.
pub(super) fn nodes(set: u64) -> String {
    list(members(set))
}

/// The nodes of a set, one by one.
pub(super) fn members(set: u64) -> impl Iterator<Item = NodeId> {
    (0..NodeId::MAX as u8).map(NodeId).filter(move |node| set & node.bit() != 0)
}

/// An entry and where it stands: `[2] c1#3 of term 2`.
pub(super) fn entry(index: Index, entry: Entry) -> String {
    match entry.command {
        Some(command) => format!("[{index}] {command} of term {}", entry.term),
        None => format!("[{index}] no-op of term {}", entry.term),
    }
}

/// What stands at an index, if anything does.
pub(super) fn place(index: Index, held: Option<Entry>) -> String {
    held.map_or_else(|| format!("no [{index}]"), |held| entry(index, held))
}

/// The end of a log: `[5] of term 2`, or that there is none.
pub(super) fn end((index, term): (Index, Term)) -> String {
    if index == 0 { "nothing".to_owned() } else { format!("[{index}] of term {term}") }
}

/// What a node found on its disk when it started: a log, and a snapshot that stands for the first part of it.
pub(super) fn found(start: &Record) -> String {
    match (start.a, start.b) {
        (last, 0) => format!("a log up to [{last}]"),
        (last, covered) if last == covered => format!("a snapshot up to [{covered}] and nothing after it"),
        (last, covered) => format!("a snapshot up to [{covered}] and a log up to [{last}]"),
    }
}

/// The first index that a text names, as in `[5]`.
pub(super) fn index_in(text: &str) -> Option<Index> {
    number(text.split('[').nth(1)?)
}

/// The term that a text names.
pub(super) fn term_in(text: &str) -> Option<Term> {
    text.split("term ").skip(1).find_map(number)
}

/// The commands that a text names, as in `c1#3`.
pub(super) fn commands_in(text: &str) -> Vec<Command> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '#');
    let command = |word: &str| {
        let (client, serial) = word.strip_prefix('c')?.split_once('#')?;
        let (client, serial) = (client.parse::<u32>().ok()?, serial.parse::<u64>().ok()?);
        let fits = (1..1 << 24).contains(&client) && (1..1 << 40).contains(&serial);
        fits.then(|| Command::new(client - 1, serial))
    };
    words.filter_map(command).collect()
}

fn number(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_are_said_as_one_would() {
        assert_eq!(list(Vec::<String>::new()), "nobody");
        assert_eq!(nodes(0b1), "n1");
        assert_eq!(nodes(0b10101), "n1, n3 and n5");
        let held = Entry { term: 2, command: Some(Command::new(0, 3)) };
        assert_eq!((entry(2, held), place(4, None)), ("[2] c1#3 of term 2".to_owned(), "no [4]".to_owned()));
        assert_eq!((end((0, 0)), end((5, 2))), ("nothing".to_owned(), "[5] of term 2".to_owned()));
    }

    #[test]
    fn facts_say_what_they_are_about() {
        let text = "n1 leads term 3 and committed [27] of term 1";
        assert_eq!((index_in(text), term_in(text)), (Some(27), Some(3)));
        assert_eq!((index_in("n1 is in term 12"), term_in("n1 is in term 12")), (None, Some(12)));
        let text = "c12#1 put k3 = c301#2 was completed at [4] before it was asked, and c0#1 is none";
        assert_eq!(commands_in(text), [Command::new(11, 1), Command::new(300, 2)]);
    }
}
