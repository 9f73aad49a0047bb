//! What led to a violation as a sequence diagram of Mermaid, which pull requests and Markdown show as a picture.

use crate::flights::{Fate, Flight};
use crate::html::Shown;
use crate::slice::{messages, overwritten, steps};
use crate::trace::message_at;
use whitewater_campaign::film::tape::left;
use whitewater_check::observe::Kind;
use whitewater_check::types::NodeId;

/// The diagram; of a run in which nothing was found it has the nodes only.
#[must_use]
pub fn diagram(run: &Shown<'_>) -> String {
    let mut text = "sequenceDiagram\n".to_owned();
    (0..run.film.nodes()).map(NodeId).for_each(|node| text += &format!("    participant {node}\n"));
    rows(run).into_iter().for_each(|(_, row)| text += &format!("    {row}\n"));
    text
}

/// The lines of the story and the messages, each behind the place in the trace where it belongs.
fn rows(run: &Shown<'_>) -> Vec<((usize, bool), String)> {
    let film = run.film;
    let lit = steps(film, run.verdict, run.story);
    let message = |flight: &Flight| {
        let place = if flight.fate == Fate::Arrived { flight.end } else { flight.sent };
        ((place, false), arrow(run, flight))
    };
    let mut rows: Vec<_> = messages(film, &lit).iter().map(message).collect();
    for (number, line) in run.story.lines.iter().enumerate() {
        let moment = film.end_of(line.at.step, line.at.node);
        let section = if line.section.is_empty() { String::new() } else { format!(" ({})", line.section) };
        let text = plain(&format!("{}. {}{section}", number + 1, line.text));
        rows.push((
            (film.noted(moment).saturating_sub(1), true),
            format!("Note over {}: {text}", line.at.node),
        ));
    }
    for (place, text) in overwritten(film, run.verdict) {
        let node = film.tape().records()[place].node;
        rows.push(((place, true), format!("Note over {node}: {}", plain(&text))));
    }
    rows.sort_by_key(|(place, _)| *place);
    rows
}

/// A message: full for a question, dashed for an answer, with a cross when it came to nothing.
fn arrow(run: &Shown<'_>, flight: &Flight) -> String {
    let record = &run.film.tape().records()[flight.sent];
    let kind = left(record.what).map_or(Kind::Other, |(kind, _)| kind);
    let answer = matches!(kind, Kind::RequestVoteReply | Kind::AppendEntriesReply);
    let arrow = match (answer, flight.fate == Fate::Arrived) {
        (false, true) => "->>",
        (true, true) => "-->>",
        (false, false) => "-x",
        (true, false) => "--x",
    };
    format!("{}{arrow}{}: {}", record.node, record.peer, plain(&message_at(record)))
}

/// A text in which nothing means anything to Mermaid.
fn plain(text: &str) -> String {
    text.replace('#', "#35;")
        .replace(';', "#59;")
        .replace("#35#59;", "#35;")
        .replace('<', "#lt;")
        .replace('>', "#gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_mean_nothing_to_mermaid() {
        assert_eq!(plain("applies c1#3; then <b>"), "applies c1#35;3#59; then #lt;b#gt;");
    }
}
