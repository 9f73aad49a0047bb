//! Numbers in columns, small: each as the difference from the one above it where that helps, seven bits a byte.
//!
//! `page/run/data.js` reads what is written here. What a column means is not known here.

use serde::Serialize;

/// The name of a column, and how to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Column {
    name: &'static str,
    length: usize,
    deltas: bool,
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
        self.write(name, false, values);
    }

    /// A column of values that grow, or move a little from one to the next.
    pub(super) fn add_deltas(&mut self, name: &'static str, values: impl IntoIterator<Item = u64>) {
        self.write(name, true, values);
    }

    fn write(&mut self, name: &'static str, deltas: bool, values: impl IntoIterator<Item = u64>) {
        let (mut length, mut last) = (0, 0);
        for value in values {
            let value = value as i64;
            put(&mut self.bytes, if deltas { value.wrapping_sub(last) } else { value });
            (last, length) = (value, length + 1);
        }
        self.index.push(Column { name, length, deltas });
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
        assert_eq!(columns.bytes, [0, 2, 126, 128, 1, 208, 15, 2, 3]);
        let deltas = Column { name: "deltas", length: 3, deltas: true };
        assert_eq!(columns.index[1], deltas);
    }
}
