//! What reports read like.

mod by_hand;
mod forms;
mod replayed;
mod report;
mod zoo;
