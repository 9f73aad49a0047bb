//! From paths to scenarios, and to everything that is wrong with any of them.

use crate::exit::Exit;
use crate::files::{Found, find, read};
use crate::say;
use crate::trouble::Trouble;
use std::path::{Path, PathBuf};
use whitewater_sim::scenario::Scenario;
use whitewater_sim::scenario::set::Setting;

/// A scenario and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Loaded {
    /// The name that is shown: the path below the folder that was asked for, or the scenario's own.
    pub(crate) name: String,
    /// The file.
    pub(crate) file: String,
    /// Whether it was asked for itself, and did not come with its folder.
    pub(crate) by_name: bool,
    /// What it says.
    pub(crate) scenario: Scenario,
}

impl Loaded {
    /// Makes a capsule a scenario that expects what was found; any other stays as it is.
    pub(crate) fn expect_what_was_found(&mut self) {
        self.scenario = self.scenario.clone().expecting_what_was_found();
    }

    /// What is doubtful about it.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = Trouble> {
        self.scenario.warnings().iter().map(|warning| Trouble::of_text(&self.file, warning))
    }
}

/// What became of the reading of one file: its name, and the scenario or all that is wrong with it.
pub(crate) type Read = (String, Result<Loaded, Vec<Trouble>>);

/// Reads every file behind these paths, one when it is asked for, and puts the settings into it. A folder that
/// cannot be looked into is listed like a file.
pub(crate) fn read_all(paths: &[PathBuf], settings: &[Setting]) -> impl Iterator<Item = Read> {
    let (found, troubles) = find(paths);
    let folders = troubles.into_iter().map(|trouble| (trouble.remark.file.clone(), Err(vec![trouble])));
    let files = found.into_iter().map(move |found| {
        let file = found.path.display().to_string();
        let loaded = read_one(found, &file, settings);
        (file, loaded)
    });
    files.chain(folders)
}

fn read_one(found: Found, file: &str, settings: &[Setting]) -> Result<Loaded, Vec<Trouble>> {
    let text = read(&found.path).map_err(|trouble| vec![*trouble])?;
    let scenario = parse(file, &text, settings)?;
    let by_name = found.below.is_none();
    let name = found.below.unwrap_or_else(|| scenario.name().to_owned());
    Ok(Loaded { name, file: file.to_owned(), by_name, scenario })
}

/// The scenario of a text, with the settings put into it.
pub(crate) fn parse(file: &str, text: &str, settings: &[Setting]) -> Result<Scenario, Vec<Trouble>> {
    Scenario::parse_with(file, text, settings)
        .map_err(|wrong| wrong.iter().map(|diagnostic| Trouble::of_text(file, diagnostic)).collect())
}

/// The scenarios behind these paths, with the settings put into each. If anything is wrong with any of them,
/// all of that is said, and so it is when there is none.
///
/// # Errors
///
/// How the command then ends.
pub(crate) fn load(paths: &[PathBuf], settings: &[Setting]) -> Result<Vec<Loaded>, Exit> {
    let read: Vec<Read> = read_all(paths, settings).collect();
    let wrong = read.iter().filter(|(_, loaded)| loaded.is_err()).count();
    read.iter().filter_map(|(_, loaded)| loaded.as_ref().err()).flatten().for_each(say);
    if read.is_empty() {
        say(nothing_below(paths));
    }
    let exit = Exit::of_files(read.len(), wrong, false);
    match exit == Exit::Held {
        true => Ok(read.into_iter().filter_map(|(_, loaded)| loaded.ok()).collect()),
        false => Err(exit),
    }
}

/// The scenario in this file, which is no folder, with the settings put into it. If anything is wrong with it, all of that is said.
///
/// # Errors
///
/// How the command then ends.
pub(crate) fn load_file(path: &Path, settings: &[Setting]) -> Result<Loaded, Exit> {
    let found = Found { path: path.to_owned(), below: None };
    read_one(found, &path.display().to_string(), settings).map_err(|wrong| {
        wrong.iter().for_each(say);
        Exit::Usage
    })
}

/// That there is no scenario in these folders.
pub(crate) fn nothing_below(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    format!("nothing ran: there is no scenario (*.json) below {}", paths.join(", "))
}
