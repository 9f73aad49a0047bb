//! How far a campaign has come and how fast it goes: a bar on a terminal, else a line now and then.
//!
//! It goes to standard error and is never part of a result.

use crate::args::Common;
use crate::choices::ProgressForm;
use crate::say;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};
use std::time::{Duration, Instant};
use whitewater_campaign::fuzz::Progress;
use whitewater_report::words::grouped;

/// When the first line comes; each further one after twice the time.
const FIRST_LINE: Duration = Duration::from_secs(2);

/// How far a campaign has come.
pub(crate) struct Pace {
    form: Form,
    began: Instant,
    /// When it is to end, if not with its last seed.
    limit: Option<Duration>,
}

enum Form {
    Silent,
    Bar(ProgressBar),
    /// The next line is due when so much time has gone by.
    Lines(Duration),
}

impl Pace {
    /// The pace of a campaign of so many runs, or of so much time.
    pub(crate) fn new(total: u128, limit: Option<Duration>, common: &Common) -> Self {
        let wanted = match common.progress {
            ProgressForm::Auto => !common.quiet,
            ProgressForm::Bar | ProgressForm::Plain => true,
            ProgressForm::None => false,
        };
        let form = if !wanted || total < 2 {
            Form::Silent
        } else if common.progress != ProgressForm::Plain && stderr().is_terminal() {
            Form::Bar(bar())
        } else {
            Form::Lines(FIRST_LINE)
        };
        Self { form, began: Instant::now(), limit }
    }

    /// Says nothing.
    pub(crate) fn silent() -> Self {
        Self { form: Form::Silent, began: Instant::now(), limit: None }
    }

    /// Tells how far it is.
    pub(crate) fn tell(&mut self, progress: &Progress, now: Instant) {
        let elapsed = now.duration_since(self.began);
        match &mut self.form {
            Form::Silent => {}
            Form::Bar(bar) => {
                bar.set_position(permille(progress, elapsed, self.limit));
                bar.set_message(words(progress, elapsed, self.limit));
            }
            Form::Lines(next) => {
                if elapsed >= *next {
                    let words = words(progress, elapsed, self.limit);
                    say(format_args!("  {words}, after {} s", next.as_secs()));
                    *next *= 2;
                }
            }
        }
    }
}

impl Drop for Pace {
    fn drop(&mut self) {
        if let Form::Bar(bar) = &self.form {
            bar.finish_and_clear();
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(1_000), ProgressDrawTarget::stderr_with_hz(10));
    let style = ProgressStyle::with_template("  {bar:20} {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// How much is done, in thousandths of the runs or of the time, whichever ends first.
fn permille(progress: &Progress, elapsed: Duration, limit: Option<Duration>) -> u64 {
    let of = |part: u128, whole: u128| part.min(whole) * 1_000 / whole.max(1);
    let time = limit.map_or(0, |limit| of(elapsed.as_millis(), limit.as_millis()));
    of(progress.done, progress.total).max(time) as u64
}

/// Runs, what went wrong, how fast it goes and how long it will take.
fn words(progress: &Progress, elapsed: Duration, limit: Option<Duration>) -> String {
    let millis = elapsed.as_millis().max(1);
    let mut words = match limit {
        None => format!("{} of {} runs", grouped(progress.done), grouped(progress.total)),
        Some(_) => format!("{} runs", grouped(progress.done)),
    };
    for (property, runs) in &progress.found {
        words += &format!(", {property} {}", grouped(*runs));
    }
    if progress.unmet > 0 {
        words += &format!(", not as expected {}", grouped(progress.unmet));
    }
    if progress.found.is_empty() && progress.unmet == 0 {
        words += ", 0 failed";
    }
    let simulated = u128::from(progress.time) / 1_000_000 / millis;
    words += &format!(", {} seeds/s, {} s/s", grouped(progress.done * 1_000 / millis), grouped(simulated));
    let left = (progress.total - progress.done.min(progress.total)) * millis / progress.done.max(1);
    let left = limit.map_or(left, |limit| left.min(limit.saturating_sub(elapsed).as_millis()));
    words + &format!(", eta {} s", grouped(left.div_ceil(1_000)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitewater_check::property::Property;

    #[test]
    fn the_words_say_how_fast_and_how_long() {
        let mut progress =
            Progress { done: 500, total: 2_000, time: 5_000_000_000_000, ..Progress::default() };
        let second = Duration::from_secs(1);
        assert_eq!(
            words(&progress, second, None),
            "500 of 2,000 runs, 0 failed, 500 seeds/s, 5,000 s/s, eta 3 s"
        );
        progress.found.insert(Property::LogMatching, 7);
        assert_eq!(
            words(&progress, second, Some(2 * second)),
            "500 runs, log matching 7, 500 seeds/s, 5,000 s/s, eta 1 s"
        );
        assert_eq!(permille(&progress, second, None), 250);
        assert_eq!(permille(&progress, second, Some(2 * second)), 500);
    }
}
