//! Panics: one in a system under test is a finding, and no business of the terminal's; any other is a
//! mistake of the command itself.
//!
//! Which of the two it is shows only when the panic is caught. Until then its place is kept, here and where findings are
//! made of panics.

use crate::say;
use std::any::Any;
use std::collections::VecDeque;
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};
use whitewater_sim::culprit;

/// How many panics are kept.
const KEPT: usize = 64;

/// The last panics: message and place.
static LAST: Mutex<VecDeque<(String, String)>> = Mutex::new(VecDeque::new());

/// From now on panics are kept and not printed.
pub(crate) fn keep_quiet() {
    std::panic::set_hook(Box::new(keep));
}

fn keep(panic: &PanicHookInfo<'_>) {
    culprit::note_place(panic);
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.len() == KEPT {
        last.pop_front();
    }
    last.push_back((message(panic.payload()).to_owned(), place));
}

/// Tells of a panic that nobody expected.
pub(crate) fn report(panic: &(dyn Any + Send)) {
    let message = message(panic);
    let last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let place =
        last.iter().rfind(|(other, _)| other == message).map_or("an unknown place", |(_, place)| place);
    say(format_args!("internal error of whitewater: {message}, at {place}"));
    say("This is no verdict on the system under test. Please report it, with the command that you gave.");
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{catch_unwind, take_hook};

    #[test]
    fn a_panic_is_kept_with_its_place() {
        keep_quiet();
        let panic = catch_unwind(|| panic!("a mark of {}", 7)).unwrap_err();
        drop(take_hook());
        assert_eq!(message(panic.as_ref()), "a mark of 7");
        let last = LAST.lock().unwrap();
        let (_, place) = last.iter().find(|(message, _)| message == "a mark of 7").unwrap();
        assert!(place.contains("panics.rs:"), "{place}");
    }
}
