//! Cumulative curves over a logarithmic axis of time, as SVG: what share of the values is not above a time.
//!
//! A curve is drawn through every value; what was published of the same line lies beside it as rings. Colours
//! follow the reader's light or dark scheme, in words of CSS that older programs know as well, and neighbours
//! differ in their dashes, too. It knows values and labels, and nothing of what they mean.

use std::fmt::Write;

/// Nanoseconds in a millisecond.
const MS: f64 = 1e6;

/// A plot.
#[derive(Clone, Debug)]
pub struct Plot<'a> {
    /// What is said above it.
    pub title: &'a str,
    /// What is said below the axis of time.
    pub label: &'a str,
    /// Where the axis begins and ends, in milliseconds.
    pub range_ms: (f64, f64),
    /// The curves, in the order of the legend.
    pub curves: Vec<Curve<'a>>,
}

/// A curve.
#[derive(Clone, Debug)]
pub struct Curve<'a> {
    /// What the legend calls it.
    pub label: &'a str,
    /// Which colour it has; curves that belong together share one.
    pub colour: usize,
    /// How it is drawn.
    pub dash: Dash,
    /// The values in order, in nanoseconds; at least one.
    pub sorted: &'a [u64],
    /// What was published of it: percent and milliseconds.
    pub published: Vec<(usize, f64)>,
}

/// How a curve is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// In one stroke.
    Solid,
    /// In dashes.
    Dashed,
    /// In dots.
    Dotted,
}

impl Dash {
    fn class(self) -> &'static str {
        match self {
            Self::Solid => "",
            Self::Dashed => " dashed",
            Self::Dotted => " dotted",
        }
    }
}

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 430.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 710.0;
const TOP: f64 = 46.0;
const BOTTOM: f64 = 366.0;

const STYLE: &str = "
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 15px; font-weight: 600; }
  .page { fill: #ffffff; }
  .frame { fill: none; stroke: #57606a; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .fine { stroke: #eaeef2; stroke-width: 1; }
  .curve { fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linejoin: round; }
  .dashed { stroke-dasharray: 7 3; }
  .dotted { stroke-dasharray: 2 3; }
  .ring { fill: #ffffff; stroke: currentColor; stroke-width: 1.6; }
  .dot { fill: currentColor; }
  .c0 { color: #b3261e; } .c1 { color: #9a5b00; } .c2 { color: #2e7d32; }
  .c3 { color: #00758f; } .c4 { color: #3949ab; } .c5 { color: #8e24aa; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .page, .ring { fill: #0d1117; }
    .frame { stroke: #8b949e; }
    .grid { stroke: #30363d; }
    .fine { stroke: #1c2128; }
    .c0 { color: #ff8a80; } .c1 { color: #ffb74d; } .c2 { color: #81c784; }
    .c3 { color: #4dd0e1; } .c4 { color: #9fa8da; } .c5 { color: #ce93d8; }
  }
";

/// The plot as an SVG document.
#[must_use]
pub fn svg(plot: &Plot<'_>) -> String {
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"{title}\">\n<style>{STYLE}</style>\n\
         <rect class=\"page\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n\
         <text class=\"title\" x=\"{LEFT}\" y=\"26\">{title}</text>\n",
        title = escaped(plot.title)
    );
    axes(plot, &mut text);
    for curve in &plot.curves {
        draw(plot, curve, &mut text);
    }
    legend(plot, &mut text);
    text + "</svg>\n"
}

impl Plot<'_> {
    /// Where a time lies, in milliseconds; what is beyond the axis lies at its end.
    fn x(&self, ms: f64) -> f64 {
        let (from, to) = self.range_ms;
        let part = (ms / from).ln() / (to / from).ln();
        LEFT + (RIGHT - LEFT) * part.clamp(0.0, 1.0)
    }

    /// The times that the axis names: 1, 2 and 5 times each power of ten, or 1 and 3 where that is too narrow.
    fn named(&self) -> Vec<f64> {
        let (from, to) = self.range_ms;
        let decade = (RIGHT - LEFT) / (to / from).log10();
        let steps: &[f64] = if decade < 200.0 { &[1.0, 3.0] } else { &[1.0, 2.0, 5.0] };
        self.within(steps)
    }

    /// These multiples of powers of ten, those that are on the axis.
    fn within(&self, steps: &[f64]) -> Vec<f64> {
        let (from, to) = self.range_ms;
        let powers = (0..8).map(|power| 10_f64.powi(power));
        powers
            .flat_map(|power| steps.iter().map(move |step| step * power))
            .filter(|time| (from..=to).contains(time))
            .collect()
    }
}

/// Where a share lies, in percent.
fn y(percent: f64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * percent / 100.0
}

fn axes(plot: &Plot<'_>, text: &mut String) {
    for time in plot.within(&[2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]) {
        let x = plot.x(time);
        _ = writeln!(text, "<path class=\"fine\" d=\"M{x:.1} {TOP}V{BOTTOM}\"/>");
    }
    for percent in [0, 20, 40, 60, 80, 100] {
        let y = y(f64::from(percent));
        _ = writeln!(text, "<path class=\"grid\" d=\"M{LEFT} {y:.1}H{RIGHT}\"/>");
        let (x, y) = (LEFT - 8.0, y + 4.0);
        _ = writeln!(text, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\">{percent} %</text>");
    }
    for time in plot.named() {
        let (x, y) = (plot.x(time), BOTTOM + 18.0);
        _ = writeln!(text, "<path class=\"grid\" d=\"M{x:.1} {TOP}V{BOTTOM}\"/>");
        let name = time_name(time);
        _ = writeln!(text, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{name}</text>");
    }
    let (width, height) = (RIGHT - LEFT, BOTTOM - TOP);
    _ = writeln!(
        text,
        "<rect class=\"frame\" x=\"{LEFT}\" y=\"{TOP}\" width=\"{width}\" height=\"{height}\"/>"
    );
    let (x, y) = ((LEFT + RIGHT) / 2.0, BOTTOM + 42.0);
    let label = escaped(plot.label);
    _ = writeln!(text, "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{label}</text>");
    let y = f64::midpoint(TOP, BOTTOM);
    _ = writeln!(
        text,
        "<text transform=\"translate(16 {y:.1}) rotate(-90)\" text-anchor=\"middle\">share of trials</text>"
    );
}

fn time_name(ms: f64) -> String {
    if ms < 1_000.0 { format!("{ms} ms") } else { format!("{} s", ms / 1_000.0) }
}

/// A curve, what was published of it, and the median of both.
fn draw(plot: &Plot<'_>, curve: &Curve<'_>, text: &mut String) {
    let Curve { colour, dash, .. } = curve;
    let path = path(plot, curve.sorted);
    _ = writeln!(text, "<g class=\"c{colour}\">");
    _ = writeln!(text, "<path class=\"curve{}\" d=\"{path}\"/>", dash.class());
    for (percent, ms) in &curve.published {
        let (x, y) = (plot.x(*ms), y(*percent as f64));
        let r = if *percent == 50 { 5.0 } else { 3.2 };
        _ = writeln!(
            text,
            "<circle class=\"ring\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{r}\"><title>{}: {percent} % published at \
             {ms} ms</title></circle>",
            escaped(curve.label)
        );
    }
    let (x, y) = (plot.x(median(curve.sorted)), y(50.0));
    _ = writeln!(text, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.8\"/>\n</g>");
}

/// The median in milliseconds.
fn median(sorted: &[u64]) -> f64 {
    sorted[(sorted.len() - 1) / 2] as f64 / MS
}

/// Through every value, but for those that lie where the one before does.
fn path(plot: &Plot<'_>, sorted: &[u64]) -> String {
    let mut path = format!("M{:.1} {:.1}", plot.x(sorted[0] as f64 / MS), y(0.0));
    let mut last = (f64::MIN, f64::MIN);
    for (place, value) in (1..).zip(sorted) {
        let here = (plot.x(*value as f64 / MS), y(f64::from(place) * 100.0 / sorted.len() as f64));
        if (here.0 - last.0).abs() + (here.1 - last.1).abs() >= 1.0 || place as usize == sorted.len() {
            _ = write!(path, "L{:.1} {:.1}", here.0, here.1);
            last = here;
        }
    }
    path
}

fn legend(plot: &Plot<'_>, text: &mut String) {
    let x = RIGHT + 22.0;
    let mut y = TOP + 12.0;
    for curve in &plot.curves {
        let (to, at, Curve { colour, dash, .. }) = (x + 30.0, y - 4.0, curve);
        _ = writeln!(
            text,
            "<path class=\"c{colour} curve{}\" d=\"M{x:.1} {at:.1}H{to:.1}\"/><text x=\"{:.1}\" y=\"{y:.1}\">{}</text>",
            dash.class(),
            to + 8.0,
            escaped(curve.label)
        );
        y += 22.0;
    }
    y += 10.0;
    for (class, r, label) in [
        ("dot", 2.8, "simulated median"),
        ("ring", 5.0, "published median"),
        ("ring", 3.2, "other published quantiles"),
    ] {
        let (cx, cy) = (x + 15.0, y - 4.0);
        _ = writeln!(
            text,
            "<circle class=\"c4 {class}\" cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"{r}\"/><text x=\"{:.1}\" y=\"{y:.1}\">{label}</text>",
            x + 38.0
        );
        y += 22.0;
    }
}

/// A text as it stands in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(sorted: &[u64]) -> Plot<'_> {
        let curve = Curve {
            label: "a < b",
            colour: 2,
            dash: Dash::Dashed,
            sorted,
            published: vec![(50, 100.0), (100, 5_000.0)],
        };
        Plot { title: "Times & shares", label: "time", range_ms: (10.0, 1_000.0), curves: vec![curve] }
    }

    fn attribute<'a>(node: &roxmltree::Node<'a, 'a>, name: &str) -> &'a str {
        node.attribute(name).unwrap_or_default()
    }

    #[test]
    fn equal_ratios_are_equal_distances_and_what_is_beyond_lies_at_the_end() {
        let plot = plot(&[1]);
        let middle = (LEFT + RIGHT) / 2.0;
        assert!((plot.x(100.0) - middle).abs() < 1e-9);
        assert_eq!((plot.x(1.0), plot.x(9_999.0)), (LEFT, RIGHT));
        assert_eq!((y(0.0), y(100.0)), (BOTTOM, TOP));
        assert_eq!(plot.named(), [10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0]);
        let wide = Plot { range_ms: (50.0, 200_000.0), ..plot };
        assert_eq!(wide.named()[..4], [100.0, 300.0, 1_000.0, 3_000.0]);
    }

    #[test]
    fn the_document_is_xml_with_a_curve_and_its_rings_where_they_belong() {
        let sorted = [20_000_000, 50_000_000, 100_000_000, 400_000_000];
        let text = svg(&plot(&sorted));
        let document = roxmltree::Document::parse(&text).unwrap();
        let all = |class: &'static str| {
            document.descendants().filter(move |node| attribute(node, "class") == class).collect::<Vec<_>>()
        };
        let rings = all("ring");
        assert_eq!(rings.len(), 2, "one for each that was published: {text}");
        assert_eq!((attribute(&rings[0], "cx"), attribute(&rings[0], "cy")), ("387.0", "206.0"));
        assert_eq!((attribute(&rings[1], "cx"), attribute(&rings[1], "cy")), ("710.0", "46.0"));
        let curve = attribute(&all("curve dashed")[0], "d");
        assert!(curve.starts_with("M161.2 366.0L161.2 286.0L") && curve.ends_with("L581.5 46.0"), "{curve}");
        assert!(text.contains(">a &lt; b</text>") && text.contains("Times &amp; shares"));
    }

    #[test]
    fn values_that_lie_in_one_place_are_drawn_once_and_the_last_always() {
        let many: Vec<u64> = (0..10_000).map(|n| 50_000_000 + n).collect();
        let path = path(&plot(&many), &many);
        assert!(path.matches('L').count() < 400, "{}", path.len());
        assert!(path.ends_with(" 46.0"), "{path}");
    }
}
