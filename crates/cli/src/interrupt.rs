//! Ctrl-C, and the signals by which others ask a process to end: where there are results on the way the first one asks
//! for an end, and the second one is it; elsewhere the first one is.

use crate::exit::Exit;
use crate::say;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that the first such signal raises, if there are results on the way.
pub(crate) fn flag(results: bool) -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let raised = Arc::clone(&flag);
    let handler = move || {
        if raised.swap(true, Ordering::Relaxed) || !results {
            std::process::exit(Exit::Interrupted.code().into());
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        say(format_args!("warning: ctrl-C will lose the results so far: {error}"));
    }
    flag
}
