//! What the clients of one run asked for and were told, as lines of JSON, for programs that check it again: a
//! header with the meaning of the operations, a line for each operation, and the verdict in short.
//!
//! It knows what the clients saw, and not whether that is right.

use crate::events::{Ending, Header};
use crate::tagged::{Tagged, json_line};
use serde::Serialize;
use std::collections::BTreeMap;
use whitewater_check::history::{History, Recorded};
use whitewater_check::operation::{Operation, Value};
use whitewater_sim::verdict::Verdict;

/// What kind of JSON this is.
const FORMAT: &str = "whitewater/history";

/// The version of its layout.
const VERSION: u32 = 1;

/// What each operation does to the value that is `stored` under its key, at first 0, modulo 2^64.
const OPERATIONS: [(&str, &str); 4] = [
    ("get", "result = stored"),
    ("put", "stored = value, result = 0"),
    ("append", "stored = stored * 11400714819323198485 + value, result = stored"),
    ("compare_and_set", "result = stored, then stored = value if stored == expected"),
];

/// Which run it is, and what the operations mean.
#[derive(Debug, Serialize)]
struct Head<'a> {
    #[serde(flatten)]
    run: Header<'a>,
    operations: BTreeMap<&'static str, &'static str>,
}

/// An operation.
#[derive(Debug, Serialize)]
struct Line {
    line: &'static str,
    client: u32,
    serial: u64,
    operation: &'static str,
    key: u32,
    expected: Option<String>,
    value: Option<String>,
    invoked_ns: u64,
    invoked_order: u64,
    answered_ns: Option<u64>,
    answered_order: Option<u64>,
    result: Option<String>,
    node: Option<String>,
    index: Option<u64>,
    read_at: Option<u64>,
}

/// The lines of a run and its history, each with its newline.
pub fn lines<'a>(verdict: &'a Verdict, history: &'a History) -> impl Iterator<Item = String> + use<'a> {
    let rest = Head { run: Header::of(verdict), operations: BTreeMap::from(OPERATIONS) };
    let header = json_line(&Tagged { format: FORMAT, version: VERSION, line: "header", rest });
    let operations = history.operations().map(|recorded| json_line(&line(recorded)));
    std::iter::once(header).chain(operations).chain(std::iter::once_with(|| json_line(&Ending::of(verdict))))
}

fn line(recorded: Recorded) -> Line {
    let Recorded { command, operation, invoked, invoked_order, effect, answer, .. } = recorded;
    let (name, expected, value) = words(operation);
    Line {
        line: "operation",
        client: command.client() + 1,
        serial: command.serial(),
        operation: name,
        key: operation.key(),
        expected: expected.map(|value| value.to_string()),
        value: value.map(|value| value.to_string()),
        invoked_ns: invoked.time,
        invoked_order,
        answered_ns: answer.map(|answer| answer.at.time),
        answered_order: answer.map(|answer| answer.order),
        result: answer.map(|answer| answer.result.to_string()),
        node: answer.map(|answer| answer.at.node.to_string()),
        index: effect.map(|effect| effect.index),
        read_at: answer.and_then(|answer| answer.read_at),
    }
}

/// The name of an operation, what it expects to be stored, and what it writes.
fn words(operation: Operation) -> (&'static str, Option<Value>, Option<Value>) {
    match operation {
        Operation::Get { .. } => ("get", None, None),
        Operation::Put { value, .. } => ("put", None, Some(value)),
        Operation::Append { value, .. } => ("append", None, Some(value)),
        Operation::CompareAndSet { expected, value, .. } => ("compare_and_set", Some(expected), Some(value)),
    }
}
