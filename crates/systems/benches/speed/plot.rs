//! The growth of the cost of an event as a picture: one panel a dial, a bar for each of its positions.

use std::fmt::Write;

/// One panel: a dial, and for each position of it the cost against that of the first.
#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) bars: Vec<(String, f64)>,
}

const WIDTH: usize = 260;
const HEIGHT: usize = 200;
const FLOOR: usize = 150;

/// All panels beside each other, as one SVG.
pub(crate) fn svg(panels: &[Panel]) -> String {
    let width = WIDTH * panels.len();
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" font-family="sans-serif" font-size="11">
<rect width="{width}" height="{HEIGHT}" fill="white"/>
"#
    );
    for (n, panel) in panels.iter().enumerate() {
        draw(&mut svg, n * WIDTH, panel);
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, left: usize, panel: &Panel) {
    let highest = panel.bars.iter().map(|(_, cost)| *cost).fold(1.0, f64::max);
    let step = (WIDTH - 30) / panel.bars.len().max(1);
    let _ = writeln!(svg, r#"<text x="{}" y="16" font-weight="bold">{}</text>"#, left + 15, panel.title);
    for (n, (name, cost)) in panel.bars.iter().enumerate() {
        let height = (cost / highest * 105.0) as usize;
        let (x, y) = (left + 15 + n * step, FLOOR - height);
        let (wide, middle) = (step - 6, x + (step - 6) / 2);
        let _ = writeln!(
            svg,
            r##"<rect x="{x}" y="{y}" width="{wide}" height="{height}" fill="#4a7fb5"/>
<text x="{middle}" y="{}" text-anchor="middle">{cost:.2}</text>
<text x="{middle}" y="{}" text-anchor="middle">{name}</text>"##,
            y - 4,
            FLOOR + 14
        );
    }
    let (from, to) = (left + 10, left + WIDTH - 15);
    let _ = writeln!(svg, r#"<line x1="{from}" y1="{FLOOR}" x2="{to}" y2="{FLOOR}" stroke="black"/>"#);
}
