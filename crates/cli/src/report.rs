//! `report`: a run, or what a campaign has left in a folder, as a page for a browser.

use crate::args::{Common, Report};
use crate::choices::Color;
use crate::exit::Exit;
use crate::files::read_written;
use crate::filmed::filmed;
use crate::output::Output;
use crate::say;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use whitewater_report::html::campaign::{Left, campaign_page};
use whitewater_report::html::run_page;
use whitewater_report::restore::strange;
use whitewater_report::subject::quoted;
use whitewater_systems::Listed;

/// Writes the page of a run or of a campaign.
pub(crate) fn report(report: &Report, common: &Common, program: &str, systems: &[Listed]) -> Exit {
    try_report(report, common, program, systems).unwrap_or_else(|exit| exit)
}

fn try_report(report: &Report, common: &Common, program: &str, systems: &[Listed]) -> Result<Exit, Exit> {
    let (page, exit) = match campaign(&report.run.which.file) {
        Some(folder) => (campaign_page(&left(&report.run.which.file, &folder, program)?), Exit::Held),
        None => {
            let filmed = filmed(&report.run, common, program, systems)?;
            (run_page(&filmed.shown_on()), filmed.exit)
        }
    };
    let mut output = Output::open(Some(&report.run.output), Color::Never)?;
    output.text(&page);
    output.finish()?;
    Ok(exit)
}

/// The folder of a campaign's report: this one, `latest` in it, or one that has a zoo only.
fn campaign(folder: &Path) -> Option<PathBuf> {
    let places = [folder.to_owned(), folder.join("latest")];
    let found = places.into_iter().find(|place| place.join("summary.json").is_file());
    found.or_else(|| folder.join("zoo.json").is_file().then(|| folder.to_owned()))
}

/// What stands in the folder of a report. A capsule is replayed from where campaigns keep all of theirs.
fn left(asked: &Path, folder: &Path, program: &str) -> Result<Left, Exit> {
    let failures = folder.join("failures");
    let mut names: Vec<String> = fs::read_dir(&failures)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".json"))
        .collect();
    names.sort();
    let mut capsules = BTreeMap::new();
    for name in names {
        if let Some(capsule) = document(&failures.join(&name))? {
            capsules.insert(name, capsule);
        }
    }
    Ok(Left {
        name: format!("what {} came to", asked.display()),
        summary: summary(&folder.join("summary.json"))?,
        words: read_written(&folder.join("summary.md")).unwrap_or_default(),
        capsules,
        zoo: document(&asked.join("zoo.json"))?,
        replay: format!("{program} replay {}/", quoted(&asked.join("failures").display().to_string())),
    })
}

/// The summary in a file, if there is one, and if it is one that can be read.
fn summary(file: &Path) -> Result<Option<Value>, Exit> {
    let summary = document(file)?;
    let Some(why) = summary.as_ref().and_then(strange) else { return Ok(summary) };
    say(format_args!("error: {}: {why}", file.display()));
    Err(Exit::Usage)
}

/// The document in a file, if there is one.
fn document(file: &Path) -> Result<Option<Value>, Exit> {
    let Ok(text) = read_written(file) else { return Ok(None) };
    serde_json::from_str(&text).map(Some).map_err(|error| {
        say(format_args!("error: {}: {error}", file.display()));
        Exit::Usage
    })
}
