//! Results as workflow commands of GitHub Actions, which shows them as annotations.
//!
//! One for each kind of failure, at most ten, because GitHub shows no more of one level in a step; then a
//! notice of how many there are beyond. When nothing went wrong there is nothing to say.

use crate::kinds::{Kind, kinds};
use crate::subject::Subject;
use crate::words::counted;
use whitewater_campaign::group::Group;
use whitewater_campaign::summary::Summary;

/// How many annotations there are at most.
const MOST: usize = 10;

/// The commands for these scenarios. Without `groups` a scenario has at most one kind of violation.
#[must_use]
pub fn campaign(scenarios: &[(&Subject, &Summary)], groups: &[Group]) -> String {
    let of = |(subject, summary): &(&Subject, &Summary)| {
        let kinds = kinds(subject, summary, groups);
        kinds.iter().map(|kind| error(subject, kind)).collect::<Vec<String>>()
    };
    let errors: Vec<String> = scenarios.iter().flat_map(of).collect();
    let mut text: String = errors.iter().take(MOST).map(String::as_str).collect();
    if let Some(more) = errors.len().checked_sub(MOST).filter(|more| *more > 0) {
        text += &format!("::notice title=whitewater::{} of failure\n", counted(more as u64, "more kind"));
    }
    text
}

fn error(subject: &Subject, kind: &Kind) -> String {
    let title = format!("{}: {} in {}", subject.name, kind.title, kind.rate);
    let lines: Vec<String> = kind.lines().collect();
    let (file, title, message) = (property(&subject.file), property(&title), data(&lines.join("\n")));
    format!("::error file={file},title={title}::{message}\n")
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
