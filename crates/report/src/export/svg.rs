//! What led to a violation as a picture, for a paper or an issue: a lane for each node, a column for each step of
//! the slice, numbers where the lines of the story happen, and the lines below.

use crate::flights::{Fate, Flight};
use crate::html::Shown;
use crate::slice::{messages, overwritten, steps};
use crate::words::escaped;
use whitewater_campaign::film::tape::left;
use whitewater_campaign::film::{Film, Moment};
use whitewater_check::observe::{Kind, Role};
use whitewater_check::types::NodeId;

const LEFT: usize = 46;
const TOP: usize = 26;
const LANE: usize = 64;
const LINE: usize = 19;
/// How far two marks are apart.
const MARK: usize = 17;
/// How many characters of a line fit a width of one pixel, in thousandths.
const CHARACTERS: usize = 145;

const STYLE: &str = "
  text { font: 12px system-ui, sans-serif; fill: #1b1f23 }
  .broken { font-weight: bold; fill: #b3261e } .dim { fill: #5d6670; font-size: 11px }
  .ground { fill: #fff } .down { fill: none; stroke: #888; stroke-dasharray: 3 3 }
  .arrow { stroke-width: 1.5; fill: none } .mark { fill: #fff; stroke: #0b62c4 } .mark.bad { stroke: #b3261e; stroke-width: 2 }
  .t0 { fill: #6b7178; stroke: #6b7178 } .t1 { fill: #0072b2; stroke: #0072b2 } .t2 { fill: #b35900; stroke: #b35900 }
  .t3 { fill: #00795a; stroke: #00795a } .t4 { fill: #a3457a; stroke: #a3457a } .t5 { fill: #7a6200; stroke: #7a6200 }
  .t6 { fill: #5b45b0; stroke: #5b45b0 } .t7 { fill: #a02c2c; stroke: #a02c2c }
";

/// The picture.
#[must_use]
pub fn picture(run: &Shown<'_>) -> String {
    let grid = Grid::of(run);
    let lanes = TOP + usize::from(run.film.nodes()) * LANE;
    let texts = story(run, grid.width);
    let height = lanes + 14 + texts.len() * LINE;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {height}\" width=\"{w}\" height=\"{height}\">\n<style>{STYLE}</style>\n",
        w = grid.width
    );
    svg += &format!("<rect class=\"ground\" width=\"{}\" height=\"{height}\"/>\n", grid.width);
    svg += &format!("<title>{}, seed {}</title>\n", escaped(&run.subject.name), run.verdict.seed);
    (0..run.film.nodes()).map(NodeId).for_each(|node| svg += &grid.lane(run.film, node));
    grid.messages.iter().for_each(|flight| svg += &grid.arrow(run.film, flight));
    svg += &grid.marks(run);
    for (row, (text, broken)) in texts.iter().enumerate() {
        let class = if *broken { " class=\"broken\"" } else { "" };
        svg += &format!("<text x=\"12\" y=\"{}\"{class}>{}</text>\n", lanes + 14 + row * LINE, escaped(text));
    }
    svg + "</svg>\n"
}

/// Where steps stand: a column for each.
struct Grid {
    /// The places in the trace at which the columns begin.
    begins: Vec<usize>,
    messages: Vec<Flight>,
    column: usize,
    width: usize,
}

impl Grid {
    fn of(run: &Shown<'_>) -> Self {
        let lit = steps(run.film, run.verdict, run.story);
        let mut begins: Vec<usize> =
            lit.iter().filter_map(|step| run.film.tape().event(*step)).map(|(place, _)| place).collect();
        begins.sort_unstable();
        let column = (1100 / (begins.len() + 1)).clamp(26, 90);
        let width = LEFT + column * (begins.len() + 2);
        Self { begins, messages: messages(run.film, &lit), column, width: width.max(760) }
    }

    /// The x of the column that a place of the trace is in, or has just left.
    fn x(&self, place: usize) -> usize {
        LEFT + self.begins.partition_point(|begin| *begin <= place) * self.column
    }

    fn y(node: NodeId) -> usize {
        TOP + node.slot() * LANE + LANE / 2
    }

    /// The bar of a node: thin, thick and thickest for follower, candidate and leader, with the term where it is new.
    fn lane(&self, film: &Film, node: NodeId) -> String {
        let y = Self::y(node);
        let mut svg = format!("<text x=\"12\" y=\"{}\">{node}</text>\n", y + 4);
        let mut term = None;
        for column in 0..=self.begins.len() {
            let frame = film.frame(node, self.moment(film, column));
            let x = LEFT + column * self.column;
            if !frame.up {
                svg += &format!(
                    "<rect class=\"down\" x=\"{x}\" y=\"{}\" width=\"{}\" height=\"12\"/>\n",
                    y - 6,
                    self.column
                );
                continue;
            }
            let thick = [3, 8, 16][frame.role as usize];
            let hue = frame.term % 8;
            svg += &format!(
                "<rect class=\"t{hue}\" x=\"{x}\" y=\"{}\" width=\"{}\" height=\"{thick}\"/>\n",
                y - thick / 2,
                self.column
            );
            let role = if frame.role == Role::Leader { "leader, " } else { "" };
            if term.replace((frame.term, frame.role)) != Some((frame.term, frame.role)) {
                svg += &format!(
                    "<text class=\"dim\" x=\"{}\" y=\"{}\">{role}term {}</text>\n",
                    x + 3,
                    y + 21,
                    frame.term
                );
            }
        }
        svg
    }

    /// The moment at which the step of a column is over; before the first one, the moment before it.
    fn moment(&self, film: &Film, column: usize) -> Moment {
        match column.checked_sub(1).map(|column| &film.tape().records()[self.begins[column]]) {
            Some(record) => film.end_of(record.step, record.node),
            None => self.begins.first().map_or(0, |place| film.before(*place)),
        }
    }

    fn arrow(&self, film: &Film, flight: &Flight) -> String {
        let record = &film.tape().records()[flight.sent];
        let (x0, y0, y1) = (self.x(flight.sent), Self::y(record.node), Self::y(record.peer));
        let hue = record.term % 8;
        let kind = left(record.what).map_or(Kind::Other, |(kind, _)| kind);
        let dashes = match (flight.copy, flight.late) {
            (true, _) => " stroke-dasharray=\"2 3\"",
            (false, true) => " stroke-dasharray=\"8 3\"",
            (false, false) => "",
        };
        let (x1, y1, head) = match flight.fate {
            Fate::Arrived => (self.x(flight.end), y1, head(kind, y1 > y0)),
            Fate::Missed | Fate::Severed => (self.x(flight.end), y1, CROSS),
            Fate::Lost | Fate::Cut | Fate::Dropped | Fate::Flying => {
                (x0 + self.column / 2, (y0 + y1) / 2, CROSS)
            }
        };
        format!(
            "<g class=\"arrow t{hue}\"><path d=\"M{x0} {y0}L{x1} {y1}\"{dashes}/><path transform=\"translate({x1} {y1})\" d=\"{head}\"/></g>\n"
        )
    }

    /// The numbers of the lines of the story, those of one place one above the other.
    fn marks(&self, run: &Shown<'_>) -> String {
        let mut svg = String::new();
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for (number, line) in run.story.lines.iter().enumerate() {
            let moment = run.film.end_of(line.at.step, line.at.node);
            let x = self.x(run.film.noted(moment).saturating_sub(1));
            let (x, y) = free(&taken, (x, Self::y(line.at.node) - 20));
            taken.push((x, y));
            let bad = if line.broken { " bad" } else { "" };
            svg += &format!("<circle class=\"mark{bad}\" cx=\"{x}\" cy=\"{y}\" r=\"8\"/>");
            svg += &format!("<text text-anchor=\"middle\" x=\"{x}\" y=\"{}\">{}</text>\n", y + 4, number + 1);
        }
        for (place, text) in overwritten(run.film, run.verdict) {
            let y = Self::y(run.film.tape().records()[place].node) - 12;
            let x = self.width - 8;
            svg += &format!(
                "<text class=\"broken\" text-anchor=\"end\" x=\"{x}\" y=\"{y}\">✂ {}</text>\n",
                escaped(&text)
            );
        }
        svg
    }
}

/// The free place above this one, or beside it where the picture has no more room above.
fn free(taken: &[(usize, usize)], first: (usize, usize)) -> (usize, usize) {
    let mut place = first;
    while taken.contains(&place) {
        place = match place.1.checked_sub(MARK) {
            Some(above) => (place.0, above),
            None => (place.0 + MARK, first.1),
        };
    }
    place
}

const CROSS: &str = "M-4 -4L4 4M4 -4L-4 4";

/// The end of an arrow that goes down or up: closed for a question, open for an answer.
fn head(kind: Kind, down: bool) -> &'static str {
    match (matches!(kind, Kind::RequestVoteReply | Kind::AppendEntriesReply), down) {
        (false, true) => "M-6 -6L0 0L1 -8Z",
        (false, false) => "M-6 6L0 0L1 8Z",
        (true, true) => "M-6 -6L0 0L1 -8",
        (true, false) => "M-6 6L0 0L1 8",
    }
}

/// The lines of the story with their numbers, broken where the picture ends, each with whether it breaks a rule.
fn story(run: &Shown<'_>, width: usize) -> Vec<(String, bool)> {
    let room = (width * CHARACTERS / 1000).max(40);
    let mut texts = Vec::new();
    for (number, line) in run.story.lines.iter().enumerate() {
        let whole = format!("{}  {}   {}", number + 1, line.text, line.section);
        let mut row = String::new();
        for word in whole.trim_end().split(' ') {
            if row.chars().count() + word.chars().count() > room {
                texts.push((std::mem::replace(&mut row, "    ".to_owned()), line.broken));
            }
            row += word;
            row.push(' ');
        }
        texts.push((row, line.broken));
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_has_a_place_of_its_own() {
        let mut taken = Vec::new();
        for _ in 0..15 {
            let place = free(&taken, (100, 50));
            assert!(!taken.contains(&place));
            taken.push(place);
        }
        assert_eq!(taken[..5], [(100, 50), (100, 33), (100, 16), (117, 50), (117, 33)]);
    }
}
