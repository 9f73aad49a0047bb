//! JSON as text: a whole document, or a line that says what it is.
//!
//! It knows nothing of what is in it.

use serde::Serialize;

/// A line of JSON with its kind in front.
#[derive(Serialize)]
pub(crate) struct Tagged<T> {
    /// What kind of JSON this is.
    pub(crate) format: &'static str,
    /// The version of its layout.
    pub(crate) version: u32,
    /// What the rest is.
    pub(crate) line: &'static str,
    /// The rest, an object.
    #[serde(flatten)]
    pub(crate) rest: T,
}

/// Anything as one line, ending in a newline.
pub(crate) fn json_line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("keys are strings and values are finite") + "\n"
}

/// Anything as a document to be read, ending in a newline.
pub(crate) fn document(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("keys are strings and values are finite") + "\n"
}
