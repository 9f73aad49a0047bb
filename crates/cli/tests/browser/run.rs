//! The page of a run: the paper's figure 8, with a leader that commits an entry of an earlier term by counting.

use crate::driver::Browser;
use crate::{ROOT, page, picture};
use assert_cmd::Command;
use serde_json::Value;
use std::path::PathBuf;

const FIGURE_8: [&str; 3] = ["scenarios/paper/figure-8.json", "--bug", "commits-older-term"];

fn figure_8(name: &str) -> PathBuf {
    page(name, &FIGURE_8)
}

/// The label whose text holds these words: its step, and how far its edge is from the bar of a node's lane, and its
/// left end from where its step stands.
fn label(browser: &Browser, words: &str) -> (u64, String, f64, f64) {
    let script = format!(
        "const label = [...document.querySelectorAll('.label')].find((label) => label.dataset.text.includes({words:?}));
         if (!label) return null;
         const box = label.getBoundingClientRect(), stage = document.getElementById('stage').getBoundingClientRect();
         const {{ diagram, run, axis, view }} = page, step = Number(label.dataset.step);
         const y = stage.top + diagram.y(Number(label.dataset.node.slice(1)) - 1);
         const x = stage.left + view.x(axis.ofMoment(run.momentOf(step)));
         return [step, label.dataset.node, Math.min(Math.abs(box.bottom - y), Math.abs(box.top - y)), Math.max(0, box.left - x, x - box.right)];"
    );
    let found = browser.ask(&script);
    assert!(found.is_array(), "no label says {words:?}");
    let number = |place: usize| found[place].as_f64().unwrap();
    (found[0].as_u64().unwrap(), found[1].as_str().unwrap().to_owned(), number(2), number(3))
}

#[test]
fn leaders_the_counting_and_the_overwriting_are_labelled_where_they_happen() {
    let browser = Browser::open(1400, 1250, false);
    browser.visit(&figure_8("labels.html"));
    picture(&browser, "run-light-wide.png");
    let labels = [
        ("elected leader of term 4", "n1"),
        ("elected leader of term 5", "n5"),
        ("n1, leader of term 4, counts [2]", "n1"),
        ("n3 overwrites [2] of term 2 with an entry of term 3", "n3"),
    ];
    let mut last = 0;
    for (words, node) in labels {
        let (_, at, above, beside) = label(&browser, words);
        assert_eq!(at, node, "{words}");
        assert!(above < 24.0 && beside < 20.0, "{words}: {above} from its lane, {beside} from its step");
    }
    for words in ["leader of term 4, counts", "elected leader of term 5", "n3 overwrites [2]"] {
        let (step, ..) = label(&browser, words);
        assert!(step > last, "{words}: step {step} after {last}");
        last = step;
    }
    browser.click(".label.broken");
    let here = browser.text("return document.getElementById('step-title').textContent");
    assert!(here.contains("step 19 of n1"), "{here}");
}

/// Finds figure 8 in a campaign, makes it small, and gives its page.
fn found_and_shrunk(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    let args =
        ["fuzz", "scenarios/campaign/small.json", "--seeds", "363..363", "--bug", "commits-older-term", "-q"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_whitewater"));
    let output = command.current_dir(ROOT).args(args).arg("--report-dir").arg(&folder).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let mut capsules = std::fs::read_dir(folder.join("failures")).unwrap().map(|entry| entry.unwrap().path());
    let capsule = capsules.next().expect("something was found");
    page(&format!("{name}.html"), &[capsule.to_str().unwrap()])
}

#[test]
fn a_figure_8_that_was_found_and_made_small_shows_the_same() {
    let browser = Browser::open(1400, 1100, false);
    browser.visit(&found_and_shrunk("figure-8-found"));
    picture(&browser, "run-shrunk.png");
    let (counted, leader, ..) = label(&browser, "although it is of an earlier term");
    let (elected, other, ..) = label(&browser, "where that of term");
    let (overwritten, ..) = label(&browser, "overwrites [");
    assert!(counted < elected && elected < overwritten, "{counted}, {elected}, {overwritten}");
    assert_ne!(leader, other);
    // Which node the smallest story cuts off is the shrinker's choice.
    let needs = browser.text("return document.querySelector('#needs ul').innerText");
    let (fault, _) = needs.split_once(" @").expect("a fault has a time");
    let node = fault.strip_prefix("isolate ").expect("one node is cut off");
    let (_, cut_off, ..) = label(&browser, &format!("{node} is cut off"));
    assert_eq!(cut_off, node, "a cut is told of where it was made");
    browser.click("#needs a");
    let happened = browser.text("return document.getElementById('happened').innerText");
    assert!(happened.contains(fault), "the link leads elsewhere: {happened}");
    let words = browser.text("return document.getElementById('text').textContent");
    assert!(words.contains(&format!("    needs  {needs}\n")), "{words}");
}

/// How many labels stand on another one, and how many of those that tell of the broken rule do not show all of their
/// words.
const CROWDED: &str = "
    const labels = [...document.querySelectorAll('.label')], boxes = labels.map((label) => label.getBoundingClientRect());
    const over = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const clipped = (label) => label.firstChild.scrollHeight > label.firstChild.clientHeight + 1;
    return [boxes.filter((box, i) => boxes.some((other, j) => j < i && over(box, other))).length,
      labels.filter((label) => label.matches('.broken, .cut') && clipped(label)).length, labels.length];";

#[test]
fn labels_do_not_stand_on_one_another() {
    let pages = [figure_8("crowded.html"), found_and_shrunk("figure-8-crowded")];
    for (width, height) in [(1600, 1250), (1280, 800), (420, 900)] {
        let browser = Browser::open(width, height, false);
        for page in &pages {
            browser.visit(page);
            let crowded = browser.ask(CROWDED);
            let [over, clipped, all] = [0, 1, 2].map(|place| crowded[place].as_u64().unwrap());
            assert!(all >= 9, "{all} labels");
            assert_eq!(over, 0, "of {all} labels, {width} pixels wide, {}", page.display());
            assert!(
                clipped == 0 || width < 1000,
                "{clipped} of {all} are cut, {width} wide, {}",
                page.display()
            );
        }
    }
}

#[test]
fn what_comes_after_a_violation_is_told_apart_and_play_begins_again_at_the_end() {
    let browser = Browser::open(1400, 1000, false);
    browser.visit(&figure_8("after.html"));
    let here = || browser.text("return document.getElementById('where').textContent");
    assert!(here().starts_with("step 34 of 34 "), "{}", here());
    browser.press("\u{e010}");
    assert!(here().contains(" after the violation"), "{}", here());
    browser.press(" ");
    let after = browser.ask("return page.moment < page.run.momentOf(page.run.head.finding.step)");
    assert_eq!(after, Value::Bool(true), "it does not begin again: {}", here());
}

#[test]
fn it_opens_on_the_violation_and_can_be_walked_through() {
    let browser = Browser::open(1400, 1000, false);
    browser.visit(&figure_8("walk.html"));
    let here = || browser.text("return location.hash");
    assert_eq!(
        browser.text("return document.querySelector('#finding strong').textContent"),
        "✗ leader completeness"
    );
    assert_eq!(here(), "#s=34");
    assert_eq!(browser.ask("return page.only && page.axis.mode === 'story'"), Value::Bool(true));
    assert_eq!(field(&browser, "n5", "role"), "leader");
    assert_eq!(field(&browser, "n1", "role"), "down");
    browser.press("[");
    browser.press("[");
    assert_eq!(here(), "#s=19");
    assert_eq!(field(&browser, "n1", "commit"), "2");
    let cell = "return document.querySelector('#logs tr[data-node=n1] td[data-index=\"2\"]').title";
    assert_eq!(browser.text(cell), "[2] of term 2: no command, committed, applied");
    browser.press("c");
    assert_eq!(
        browser.text("return document.getElementById('step-title').textContent.slice(0, 13)"),
        "step 18 of n3"
    );
    browser.press("l");
    browser.press("\u{e014}");
    assert_eq!(here(), "#s=19");
    browser.press("v");
    assert_eq!(here(), "#s=34");
    browser.click("#back");
    assert_ne!(here(), "#s=34");
    browser.click("#violation");
    assert_eq!(here(), "#s=34");
    browser.click("#links a");
    assert_eq!(here(), "#s=31");
    browser.press("\u{e011}");
    assert_eq!(browser.ask("return page.moment"), Value::from(0));
    browser.press(" ");
    let waited = "const done = arguments[0]; setTimeout(() => done(), 1200)";
    browser.later(waited);
    assert!(browser.ask("return page.moment").as_u64() > Some(0), "it does not play");
}

fn field(browser: &Browser, node: &str, field: &str) -> String {
    browser.text(&format!(
        "return document.querySelector('#nodes tr[data-node={node}] td[data-field={field}]').textContent"
    ))
}

#[test]
fn a_step_is_a_link_and_a_click_on_its_mark_leads_there() {
    let browser = Browser::open(1400, 1000, false);
    let file = figure_8("link.html");
    browser.visit(&file);
    browser.ask("location.hash = '#s=11'");
    browser.settle();
    assert_eq!(field(&browser, "n1", "role"), "leader");
    let point = browser.ask(
        "const { diagram, run, axis, view } = page, box = document.getElementById('stage').getBoundingClientRect();
         return [box.left + view.x(axis.pos[run.begin[18]]), box.top + diagram.y(run.c.node[run.begin[18]])];",
    );
    browser.click_at(point[0].as_f64().unwrap(), point[1].as_f64().unwrap());
    assert_eq!(browser.text("return location.hash"), "#s=18");
}

#[test]
fn entries_that_a_snapshot_stands_for_are_striped() {
    let browser = Browser::open(1400, 1500, false);
    browser.visit(&page("snapshot.html", &["scenarios/teaching/install-drops-tail.json"]));
    let titles = |node: &str| {
        let cells = format!("[...document.querySelectorAll('#logs tr[data-node={node}] .entry')]");
        browser.text(&format!("return {cells}.map((cell) => cell.className + ': ' + cell.title).join('\\n')"))
    };
    for (node, striped) in [("n1", 4), ("n2", 3), ("n3", 1)] {
        let titles = titles(node);
        let is_striped = |line: &&str| line.starts_with("entry covered: ");
        assert_eq!(titles.lines().filter(is_striped).count(), striped, "{node}: {titles}");
        let marked = |line: &&str| line.ends_with(", in a snapshot");
        assert_eq!(titles.lines().filter(marked).count(), striped, "{node}: {titles}");
        assert!(titles.lines().count() >= 3, "{node}: {titles}");
    }
    picture(&browser, "snapshot.png");
}

/// Scenarios in which much of what there is happens.
const WORDY: [&str; 4] = [
    "scenarios/disk/torn-writes.json",
    "scenarios/network/swizzle.json",
    "scenarios/clock/drift.json",
    "scenarios/campaign/snapshots.json",
];

#[test]
fn its_words_are_those_of_the_command() {
    let browser = Browser::open(1000, 800, false);
    for (number, scenario) in WORDY.iter().enumerate() {
        browser.visit(&page(&format!("words-{number}.html"), &[scenario]));
        let until = browser.ask("return page.run.head.steps").as_u64().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_whitewater"));
        let output = command.current_dir(ROOT).args(["run", scenario, "--trace", "full"]).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = printed.lines().filter(|line| is_of_trace(line, until)).collect();
        let drawn = browser.text(
            "return Array.from({ length: page.run.records }, (_, place) => page.run.line(place)).join('\\n')",
        );
        let drawn: Vec<&str> = drawn.lines().filter(|line| is_of_trace(line, until)).collect();
        assert!(drawn.len() > 500, "{scenario} has only {} lines", drawn.len());
        assert_eq!(drawn.len(), lines.len(), "{scenario}");
        drawn
            .iter()
            .zip(&lines)
            .for_each(|(drawn, printed)| assert_eq!(drawn.trim(), printed.trim(), "{scenario}"));
    }
}

/// Whether this is a line of a trace, up to a step.
fn is_of_trace(line: &str, until: u64) -> bool {
    let mut words = line.split_whitespace();
    let time = words.next().is_some_and(|word| word.ends_with('s') && word.contains('.') && word.len() >= 9);
    time && words.next().is_some_and(|step| step.parse::<u64>().is_ok_and(|step| step < until))
}

#[test]
fn it_fits_a_narrow_window_and_has_dark_colours() {
    let browser = Browser::open(420, 900, true);
    browser.visit(&figure_8("narrow.html"));
    picture(&browser, "run-dark-narrow.png");
    let wide =
        browser.ask("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert_eq!(wide, Value::from(0), "the page is wider than its window");
    let ground = "return getComputedStyle(document.body).backgroundColor";
    assert_eq!(browser.text(ground), "rgb(20, 23, 26)");
    browser.press("d");
    assert_eq!(browser.text(ground), "rgb(255, 255, 255)");
}

#[test]
fn it_fetches_nothing() {
    let browser = Browser::open(1000, 800, false);
    browser.visit(&figure_8("alone.html"));
    assert_eq!(browser.ask("return performance.getEntriesByType('resource').length"), Value::from(0));
}
