//! The command from outside: what is typed, what comes out, how it ends.

mod artefacts;
mod bad_input;
mod common;
mod exits;
mod exports;
mod person;
mod seeds;
mod terminal;
mod tools;
