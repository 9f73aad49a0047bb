//! What is committed in `reports/samples` is what the command makes now. `make samples` makes it again.
//!
//! The run's page and exports are held byte by byte: the run is deterministic, and packing it depends on nothing but
//! the packer that `Cargo.lock` names. Of the campaign's page the data come from a hunt of half a minute, and from the
//! zoo, which is hunted for by itself; here all but its data is held against what is written now.

#![expect(clippy::unwrap_used, reason = "whatever goes wrong here fails a test")]

use crate::common::{folder, stderr, text};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Runs the command where `make` does, and reads the file that it wrote.
fn written(args: &[&str], file: &Path) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whitewater"));
    let output = command.current_dir(ROOT).args(args).args(["-o", text(file)]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    fs::read_to_string(file).unwrap()
}

fn sample(name: &str) -> String {
    fs::read_to_string(PathBuf::from(ROOT).join("reports/samples").join(name)).unwrap()
}

/// Two texts are the same, or the first line is shown in which they are not.
fn assert_same(name: &str, sample: &str, now: &str) {
    if sample == now {
        return;
    }
    let differ = sample.lines().zip(now.lines()).position(|(sample, now)| sample != now);
    let line = differ.unwrap_or_else(|| sample.lines().count().min(now.lines().count()));
    let shown = |text: &str| text.lines().nth(line).unwrap_or("").chars().take(200).collect::<String>();
    panic!(
        "reports/samples/{name} is not what is made now, from line {} on; `make samples` makes it again\nsample {}\nnow    {}",
        line + 1,
        shown(sample),
        shown(now)
    );
}

#[test]
fn the_samples_of_a_run_are_what_the_command_makes() {
    let folder = folder("samples");
    for (how, name) in [
        (&["report"][..], "figure-8.html"),
        (&["export", "chrome-trace"], "figure-8.trace.json"),
        (&["export", "ndjson"], "figure-8.ndjson"),
        (&["export", "svg"], "figure-8.svg"),
        (&["export", "mermaid"], "figure-8.mermaid"),
    ] {
        let figure_8 = ["scenarios/paper/figure-8.json", "--bug", "commits-older-term"];
        let now = written(&[how, &figure_8].concat(), &folder.join(name));
        assert_same(name, &sample(name), &now);
    }
}

/// A page without what it was told: between these marks a template has what differs from page to page.
fn bare(page: &str) -> String {
    let mut bare = page.to_owned();
    for (before, after) in [
        ("<title>", "</title>"),
        ("<h1>", "</h1>"),
        ("<pre id=\"text\">", "</pre>"),
        ("<script type=\"text/plain\" id=\"data\">", "</script>"),
    ] {
        let from = bare.find(before).unwrap_or_else(|| panic!("the page has no {before}")) + before.len();
        let to = from + bare[from..].find(after).unwrap();
        bare.replace_range(from..to, "");
    }
    bare
}

#[test]
fn the_sample_of_a_campaign_has_the_script_and_the_style_of_now() {
    let folder = folder("samples-campaign");
    fs::copy(PathBuf::from(ROOT).join("reports/zoo.json"), folder.join("zoo.json")).unwrap();
    let now = written(&["report", text(&folder)], &folder.join("campaign.html"));
    assert_same("campaign.html", &bare(&sample("campaign.html")), &bare(&now));
}
