//! Finds scenario files and reads them. It does not know what is in them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 << 20;

/// A file that was asked for, itself or with its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its path below the folder that was asked for, without its ending; `None` for a file asked for itself.
    pub(crate) below: Option<String>,
}

/// The files behind these paths: a file is itself, a folder all scenario files in and below it, sorted.
///
/// # Errors
///
/// What could not be looked at, and why.
pub(crate) fn find(paths: &[PathBuf]) -> Result<Vec<Found>, Vec<String>> {
    let mut found = Vec::new();
    let mut troubles = Vec::new();
    for path in paths {
        match fs::metadata(path) {
            Err(error) => troubles.push(trouble(path, &error)),
            Ok(metadata) if metadata.is_dir() => {
                let mut walk =
                    Walk { root: path, seen: BTreeSet::new(), found: &mut found, troubles: &mut troubles };
                walk.folder(path);
            }
            Ok(_) => found.push(Found { path: path.clone(), below: None }),
        }
    }
    if troubles.is_empty() { Ok(found) } else { Err(troubles) }
}

/// A way through a folder and what is below it.
struct Walk<'a> {
    root: &'a Path,
    /// The folders that were seen, by their real paths: links may lead in circles.
    seen: BTreeSet<PathBuf>,
    found: &'a mut Vec<Found>,
    troubles: &'a mut Vec<String>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path) {
        match entries(folder) {
            Err(error) => self.troubles.push(trouble(folder, &error)),
            Ok((real, entries)) => {
                if self.seen.insert(real) {
                    entries.iter().for_each(|entry| self.entry(entry));
                }
            }
        }
    }

    /// A link that leads nowhere, or in a circle, is passed over.
    fn entry(&mut self, path: &Path) {
        let Ok(metadata) = fs::metadata(path) else { return };
        if metadata.is_dir() {
            self.folder(path);
        } else if metadata.is_file() && is_scenario(path) {
            let below = path.strip_prefix(self.root).unwrap_or(path).with_extension("");
            let parts: Vec<_> = below.iter().map(OsStr::to_string_lossy).collect();
            self.found.push(Found { path: path.to_owned(), below: Some(parts.join("/")) });
        }
    }
}

/// The real path of a folder, and what is in it, sorted.
fn entries(folder: &Path) -> std::io::Result<(PathBuf, Vec<PathBuf>)> {
    let entries: Result<Vec<PathBuf>, _> =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut entries = entries?;
    entries.sort();
    Ok((folder.canonicalize()?, entries))
}

fn is_scenario(path: &Path) -> bool {
    let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    name.ends_with(".json") && !name.ends_with(".schema.json") && !name.starts_with('.')
}

/// The text of a file.
///
/// # Errors
///
/// When it cannot be read, is too large, or is no text.
pub(crate) fn read(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| trouble(path, &error))?;
    file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| trouble(path, &error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!(
            "error: {}: larger than {} MiB, which no scenario is",
            path.display(),
            LARGEST >> 20
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|&&byte| byte == b'\n').count() + 1;
        let column = String::from_utf8_lossy(good.rsplit(|&byte| byte == b'\n').next().unwrap_or(good))
            .chars()
            .count()
            + 1;
        format!("error: the file is not UTF-8 text\n --> {}:{line}:{column}", path.display())
    })
}

fn trouble(path: &Path, error: &std::io::Error) -> String {
    format!("error: {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_and_hidden_files_are_no_scenarios() {
        let names = ["a.json", "scenario.schema.json", ".a.json", "a.txt", "json"];
        assert_eq!(names.map(|name| is_scenario(Path::new(name))), [true, false, false, false, false]);
    }
}
