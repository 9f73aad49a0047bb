//! Numbers in columns, small: each as the difference from one above it where that helps, seven bits a byte.
//!
//! `page/run/data.js` reads what is written here. What a column means is not known here.

use serde::Serialize;
use std::collections::BTreeMap;

/// The name of a column, and how to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Column {
    name: &'static str,
    length: usize,
    form: Form,
}

/// What is written of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    /// The value.
    Plain,
    /// How much it is more than the one above it.
    Deltas,
    /// How much it is more than the last one above it with the same key, which is `what` * 64 + `node`.
    Keyed,
}

/// Columns one behind the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    /// What they are, in order.
    pub(super) index: Vec<Column>,
    /// What they hold.
    pub(super) bytes: Vec<u8>,
}

impl Columns {
    /// A column of values that are like their neighbours, or of few different ones.
    pub(super) fn add(&mut self, name: &'static str, values: impl IntoIterator<Item = u64>) {
        self.write(name, Form::Plain, values.into_iter().map(|value| (0, value)));
    }

    /// A column of values that grow, or move a little from one to the next.
    pub(super) fn add_deltas(&mut self, name: &'static str, values: impl IntoIterator<Item = u64>) {
        self.write(name, Form::Deltas, values.into_iter().map(|value| (0, value)));
    }

    /// A column of values each of which is like the last one with the same key.
    pub(super) fn add_keyed(&mut self, name: &'static str, values: impl IntoIterator<Item = (u64, u64)>) {
        self.write(name, Form::Keyed, values);
    }

    fn write(&mut self, name: &'static str, form: Form, values: impl IntoIterator<Item = (u64, u64)>) {
        let mut length = 0;
        let mut last: BTreeMap<u64, i64> = BTreeMap::new();
        for (key, value) in values {
            let value = value as i64;
            let last = last.entry(key).or_default();
            put(&mut self.bytes, if form == Form::Plain { value } else { value.wrapping_sub(*last) });
            (*last, length) = (value, length + 1);
        }
        self.index.push(Column { name, length, form });
    }
}

/// Writes a number with its sign in the lowest bit, the lowest seven bits first; the top bit says that more follow.
fn put(bytes: &mut Vec<u8>, value: i64) {
    let mut rest = (value << 1 ^ value >> 63) as u64;
    while rest > 127 {
        bytes.push(rest as u8 | 128);
        rest >>= 7;
    }
    bytes.push(rest as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_and_small_steps_take_a_byte() {
        let mut columns = Columns::default();
        columns.add("plain", [0, 1, 63, 64]);
        columns.add_deltas("deltas", [1000, 1001, 999]);
        columns.add_keyed("keyed", [(1, 9), (2, 5), (1, 8), (2, 5)]);
        assert_eq!(columns.bytes, [0, 2, 126, 128, 1, 208, 15, 2, 3, 18, 10, 1, 0]);
        let deltas = Column { name: "deltas", length: 3, form: Form::Deltas };
        assert_eq!(columns.index[1], deltas);
    }
}
