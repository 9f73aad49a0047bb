//! From paths to scenarios: all of them, or everything that is wrong with any of them.

use crate::files::{find, read};
use std::path::PathBuf;
use whitewater_sim::scenario::Scenario;

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

/// The scenarios behind these paths.
///
/// # Errors
///
/// Everything that is wrong, as text for people.
pub(crate) fn load(paths: &[PathBuf]) -> Result<Vec<Loaded>, Vec<String>> {
    let mut scenarios = Vec::new();
    let mut wrong = Vec::new();
    for found in find(paths)? {
        let file = found.path.display().to_string();
        let by_name = found.below.is_none();
        match read(&found.path).map_err(|trouble| vec![trouble]).and_then(|text| parse(&file, &text)) {
            Err(messages) => wrong.extend(messages),
            Ok(scenario) => {
                let name = found.below.unwrap_or_else(|| scenario.name().to_owned());
                scenarios.push(Loaded { name, file, by_name, scenario });
            }
        }
    }
    if wrong.is_empty() { Ok(scenarios) } else { Err(wrong) }
}

fn parse(file: &str, text: &str) -> Result<Scenario, Vec<String>> {
    Scenario::parse(file, text)
        .map_err(|wrong| wrong.iter().map(|diagnostic| format!("{diagnostic}\n")).collect())
}
