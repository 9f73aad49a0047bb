//! A run for other programs, and as a picture: one file a form.
//!
//! | form | file |
//! |---|---|
//! | the trace format that Perfetto reads | [`chrome`] |
//! | lines of JSON | [`events`](crate::events) |
//! | a picture of what led to a violation | [`svg`] |
//! | the same as a sequence diagram for Markdown | [`mermaid`] |
//!
//! They know runs, and not where their texts go.

pub mod chrome;
pub mod mermaid;
pub mod svg;
