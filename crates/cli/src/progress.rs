//! How far a campaign has come, for whoever waits: a bar on a terminal, else a line now and then.
//!
//! It goes to standard error and is never part of a result.

use crate::args::Common;
use crate::choices::ProgressForm;
use crate::say;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};
use whitewater_report::words::grouped;

/// When the first line comes; each further one after twice the time.
const FIRST_LINE: Duration = Duration::from_secs(2);

/// How far a campaign has come.
pub(crate) enum Progress {
    /// Nobody wants to know.
    Silent,
    /// A terminal: a bar.
    Bar(ProgressBar),
    /// No terminal: lines, the next one when so much time has gone by.
    Lines {
        /// When it began.
        began: Instant,
        /// When the next line is due.
        next: Duration,
    },
}

impl Progress {
    /// Progress over `total` runs.
    pub(crate) fn new(total: u128, common: &Common) -> Self {
        let wanted = match common.progress {
            ProgressForm::Auto => !common.quiet,
            ProgressForm::Bar | ProgressForm::Plain => true,
            ProgressForm::None => false,
        };
        if !wanted || total < 2 {
            Self::Silent
        } else if common.progress != ProgressForm::Plain && stderr().is_terminal() {
            let length = u64::try_from(total).unwrap_or(u64::MAX);
            let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr_with_hz(10));
            let style =
                ProgressStyle::with_template("  {bar:30} {human_pos} of {human_len} runs, {msg}eta {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            Self::Bar(bar)
        } else {
            Self::Lines { began: Instant::now(), next: FIRST_LINE }
        }
    }

    /// A run is done.
    pub(crate) fn update(&mut self, done: u128, total: u128, failed: u64) {
        match self {
            Self::Silent => {}
            Self::Bar(bar) => {
                if failed > 0 {
                    bar.set_message(format!("{} failed, ", grouped(failed)));
                }
                bar.set_position(u64::try_from(done).unwrap_or(u64::MAX));
            }
            Self::Lines { began, next } => {
                if began.elapsed() >= *next {
                    say(format_args!(
                        "  {} of {} runs, {} failed, after {} s",
                        grouped(done),
                        grouped(total),
                        grouped(failed),
                        next.as_secs()
                    ));
                    *next *= 2;
                }
            }
        }
    }

    /// Prints something else without the bar getting into it.
    pub(crate) fn aside(&self, print: impl FnOnce()) {
        match self {
            Self::Bar(bar) => bar.suspend(print),
            Self::Silent | Self::Lines { .. } => print(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
