//! The page of a campaign that found something, with the zoo beside it.

use crate::driver::Browser;
use crate::{ROOT, page, picture};
use assert_cmd::Command;
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use whitewater_check::markers::Marker;

/// Hunts for a bug, and gives the folder with what came of it.
fn hunted(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    let args =
        ["fuzz", "scenarios/campaign/default.json", "--seeds", "6", "--bug", "commits-older-term", "-q"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_whitewater"));
    let output = command.current_dir(ROOT).args(args).arg("--report-dir").arg(&folder).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    fs::copy(format!("{ROOT}/reports/zoo.json"), folder.join("zoo.json")).unwrap();
    folder
}

#[test]
fn it_shows_kinds_with_a_line_that_replays_them_and_all_else_that_was_found() {
    let folder = hunted("hunted");
    let file = page("campaign.html", &[folder.to_str().unwrap()]);
    let browser = Browser::open(1300, 1500, false);
    browser.visit(&file);
    picture(&browser, "campaign-light-wide.png");
    let line = browser.text("return document.querySelector('#kinds code').textContent");
    let words: Vec<&str> = line.split(' ').collect();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whitewater"));
    let replayed = command.current_dir(ROOT).args(&words[1..]).output().unwrap();
    assert_eq!(replayed.status.code(), Some(1), "{line}: {}", String::from_utf8_lossy(&replayed.stderr));
    let rows = |id: &str| browser.ask(&format!("return document.querySelectorAll('#{id} tbody tr').length"));
    assert_eq!(rows("scenarios"), json!(1));
    assert_eq!(rows("markers"), json!(Marker::COUNT));
    let meaning =
        browser.text("return document.querySelector('#markers tbody tr td:last-child').textContent");
    assert!(meaning.len() > 10, "a marker has no meaning: {meaning:?}");
    assert!(rows("zoo").as_u64() > Some(50), "{} bugs", rows("zoo"));
    assert!(rows("matrix").as_u64() > Some(0));
    let charts = browser.text(
        "return [...document.querySelectorAll('#distributions figure')].filter((figure) => figure.querySelectorAll('rect').length > 4)
         .map((figure) => figure.querySelector('h3').textContent).join(', ')",
    );
    assert!(charts.starts_with("steps a run, commits a run, election time, "), "{charts}");
    let bars = browser.text(
        "return [...document.querySelectorAll('#distributions figure:first-child rect')].map((bar) => bar.textContent).join('\\n')",
    );
    let counted: u64 =
        bars.lines().filter_map(|bar| bar.split([':', 'r']).nth(1)?.trim().parse::<u64>().ok()).sum();
    assert!((5..=7).contains(&counted), "six runs, but for what is shared out between bars: {bars}");
    let whole = browser.text("return document.getElementById('whole').textContent");
    assert!(whole.contains(" in 6 runs of 1 scenario, with the bug commits-older-term; "), "{whole}");
    let why = browser.text("return document.querySelector('#kinds details').textContent");
    assert!(why.starts_with("whystep ") && why.contains("breaks §"), "{why}");
    let rate = browser.text("return document.querySelector('#kinds .rate').parentNode.textContent");
    assert!(rate.ends_with(" %"), "{rate}");
}

#[test]
fn it_fits_a_narrow_window_and_has_dark_colours() {
    let file = page("campaign-narrow.html", &[hunted("hunted-narrow").to_str().unwrap()]);
    let browser = Browser::open(420, 900, true);
    browser.visit(&file);
    picture(&browser, "campaign-dark-narrow.png");
    let facts = browser.ask("return document.querySelector('#kinds td.fact').clientWidth");
    assert!(facts.as_u64() > Some(300), "what happened is squeezed into {facts} pixels");
    let beyond = "const edge = document.documentElement.clientWidth;
        return [...document.querySelectorAll('#kinds td, #scenarios td, figure')].filter((part) => part.getBoundingClientRect().right > edge).length";
    assert_eq!(browser.ask(beyond), json!(0), "something is cut off at the right");
    let wide =
        browser.ask("return document.documentElement.scrollWidth - document.documentElement.clientWidth");
    assert_eq!(wide, json!(0), "the page is wider than its window");
}
