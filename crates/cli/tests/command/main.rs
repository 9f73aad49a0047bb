//! The command from outside: what is typed, what comes out, how it ends.

mod artefacts;
mod bad_input;
mod ci;
mod common;
mod debug;
mod exits;
mod export;
mod exports;
mod fuzz;
mod person;
mod replay;
mod samples;
mod seeds;
mod shrink;
mod stalls;
mod terminal;
mod tools;
mod why;
mod zoo;
