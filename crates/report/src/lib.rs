//! What people look at: verdicts, failures, totals and traces, as text and as JSON.
//!
//! | what | file |
//! |---|---|
//! | which scenario a report is about, and the line that repeats a run | [`subject`] |
//! | everything about one scenario, put together | [`mod@entry`] |
//! | the line of a scenario | [`mod@line`] |
//! | the block that explains a failure, and the lines of its trace | [`failure`], `excerpt` |
//! | why a run failed | [`mod@why`] |
//! | whether a run is the one that a capsule was written of | [`replayed`] |
//! | what was measured, and how its values lie | `measures`, `histograms` |
//! | the last lines of a report | [`totals`] |
//! | a trace as lines, acts of the timeline in words | [`trace`], `acts` |
//! | the short trace in columns | [`columns`] |
//! | what a debugger answers | [`debug`] |
//! | every record of a trace as JSON, for programs | [`events`], `details` |
//! | what clients asked for and were told as JSON, for programs | [`mod@history`] |
//! | a run as a page to look at | [`html`] |
//! | messages from one end to the other, and what of a run led to its end, for whatever draws them | [`mod@flights`], [`mod@slice`] |
//! | a run for other programs, and as a picture | [`export`] |
//! | everything as one JSON document, or as a line for each scenario | [`json`] |
//! | what went wrong over many runs, by kind, for other programs' forms | `kinds` |
//! | as JUnit's XML, GitHub's annotations, a step summary in Markdown | [`junit`], [`github`], [`markdown`] |
//! | a campaign as lines of JSON while it goes on | [`campaign`] |
//! | what a campaign caught, for people | [`caught`] |
//! | all that a campaign came to as a document, read back, and added up | [`record`], [`restore`], [`merged`] |
//! | what came of reading scenarios | [`checked`] |
//! | the fields of scenario files, for people | [`mod@reference`] |
//! | what there is to choose from | [`list`] |
//! | a published figure held against simulated values, and its curves | [`figure`], [`plot`] |
//! | what the hunts for planted bugs came to | [`mod@zoo`] |
//! | text with its styles kept apart, numbers and lists in words | [`page`], [`words`] |
//!
//! What this crate does not know: terminals, colours, files, the wall clock, and how anything was found.
//! Equal results give equal text.

mod acts;
pub mod campaign;
pub mod caught;
pub mod checked;
pub mod columns;
pub mod debug;
mod details;
pub mod entry;
pub mod events;
mod excerpt;
pub mod export;
pub mod failure;
pub mod figure;
pub mod flights;
pub mod github;
mod histograms;
pub mod history;
pub mod html;
pub mod json;
pub mod junit;
mod kinds;
pub mod line;
pub mod list;
pub mod markdown;
mod measures;
pub mod merged;
pub mod page;
pub mod plot;
pub mod record;
pub mod reference;
pub mod replayed;
pub mod restore;
pub mod shrunk;
pub mod slice;
pub mod subject;
mod tagged;
pub mod totals;
pub mod trace;
pub mod why;
pub mod words;
pub mod zoo;
