//! Results as JUnit's XML, which most services that run tests can show.
//!
//! A suite is a scenario. A case is a kind of failure, and one more stands for the runs that held. Names of
//! cases do not depend on what was found beside them, so that a service can follow each from day to day. There
//! are no times: those of the wall clock are no part of results.

use crate::kinds::{Kind, kinds};
use crate::subject::Subject;
use crate::words::{counted, grouped};
use whitewater_campaign::group::Group;
use whitewater_campaign::summary::Summary;

/// The document for these scenarios. Without `groups` a scenario has at most one kind of violation.
#[must_use]
pub fn campaign(scenarios: &[(&Subject, &Summary)], groups: &[Group]) -> String {
    let suites: Vec<Suite> =
        scenarios.iter().map(|(subject, summary)| Suite::of(subject, summary, groups)).collect();
    let sum = |count: fn(&Suite) -> usize| suites.iter().map(count).sum::<usize>();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    text += &format!(
        "<testsuites name=\"whitewater\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n",
        sum(|suite| suite.cases.len()),
        sum(Suite::failures),
    );
    suites.iter().for_each(|suite| text += &suite.xml());
    text + "</testsuites>\n"
}

/// A scenario.
struct Suite {
    name: String,
    cases: Vec<Case>,
}

/// What is told of it.
struct Case {
    name: String,
    end: End,
}

/// How a case ended.
enum End {
    /// It holds; how much happened.
    Held(String),
    /// It failed.
    Failed(Kind),
    /// There was nothing to be told, for this reason.
    Skipped(String),
}

impl Suite {
    fn of(subject: &Subject, summary: &Summary, groups: &[Group]) -> Self {
        let failed = |kind: Kind| Case { name: kind.name(), end: End::Failed(kind) };
        let mut cases: Vec<Case> = kinds(subject, summary, groups).into_iter().map(failed).collect();
        let mut add = |what: &str, end| cases.push(Case { name: format!("{}: {what}", subject.seeds), end });
        match &summary.refused {
            Some(why) => add("runs", End::Skipped(why.clone())),
            None if !summary.is_complete() => {
                let (done, wanted) = (grouped(summary.totals.runs), counted(summary.wanted, "run"));
                add("all runs", End::Skipped(format!("{done} of {wanted} done")));
            }
            None => {}
        }
        if summary.held > 0 {
            add("runs that held", End::Held(happened(summary)));
        }
        Self { name: subject.name.clone(), cases }
    }

    fn failures(&self) -> usize {
        self.cases.iter().filter(|case| matches!(case.end, End::Failed(_))).count()
    }

    fn skipped(&self) -> usize {
        self.cases.iter().filter(|case| matches!(case.end, End::Skipped(_))).count()
    }

    fn xml(&self) -> String {
        let mut text = format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
            escaped(&self.name),
            self.cases.len(),
            self.failures(),
            self.skipped(),
        );
        self.cases.iter().for_each(|case| text += &case.xml(&self.name));
        text + "  </testsuite>\n"
    }
}

impl Case {
    fn xml(&self, suite: &str) -> String {
        let inner = match &self.end {
            End::Held(happened) => format!("<system-out>{}</system-out>", escaped(happened)),
            End::Skipped(why) => format!("<skipped message=\"{}\"/>", escaped(why)),
            End::Failed(kind) => {
                let lines: Vec<String> = kind.lines().map(|line| escaped(&line)).collect();
                let message = escaped(&format!("{} in {}", kind.title, kind.rate));
                let sort = kind.sort.name();
                format!("<failure type=\"{sort}\" message=\"{message}\">{}</failure>", lines.join("\n"))
            }
        };
        let (suite, name) = (escaped(suite), escaped(&self.name));
        format!("    <testcase classname=\"{suite}\" name=\"{name}\">\n      {inner}\n    </testcase>\n")
    }
}

/// How many runs held, and how much happened in all of them.
fn happened(summary: &Summary) -> String {
    let totals = &summary.totals;
    let numbers =
        [counted(totals.steps, "step"), counted(totals.faults, "fault"), counted(totals.commits, "commit")];
    let of = counted(totals.runs, "run");
    format!("{} of {of} held; in all of them {}", grouped(summary.held), numbers.join(", "))
}

/// A text for an attribute or between tags. What XML cannot hold becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\n' => escaped += "&#10;",
            '\r' => escaped += "&#13;",
            '\t' => escaped += "&#9;",
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            _ => escaped.push(c),
        }
    }
    escaped
}
