//! What people look at: verdicts, failures, totals and traces, as text and as JSON.
//!
//! | what | file |
//! |---|---|
//! | which scenario a report is about, and the line that repeats a run | [`subject`] |
//! | everything about one scenario, put together | [`mod@entry`] |
//! | the line of a scenario | [`mod@line`] |
//! | the block that explains a failure | [`failure`] |
//! | the last lines of a report | [`totals`] |
//! | a trace as lines | [`trace`] |
//! | everything as one JSON document | [`json`] |
//! | text with its styles kept apart | [`page`] |
//!
//! What this crate does not know: terminals, colours, files, the wall clock, and how anything was found.
//! Equal results give equal text.

pub mod entry;
pub mod failure;
pub mod json;
pub mod line;
pub mod page;
pub mod subject;
pub mod totals;
pub mod trace;
mod words;
