//! Finds scenario files and reads them. It does not know what is in them.

use crate::trouble::Trouble;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// The largest file of a report that is read, in bytes.
const LARGEST_WRITTEN: u64 = 1 << 28;

/// A file that was asked for, itself or with its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Its path below the folder that was asked for, without its ending; `None` for a file asked for itself.
    pub(crate) below: Option<String>,
}

/// The files behind these paths: a file is itself, a folder all scenario files in and below it, sorted. And
/// which folders could not be looked into, and why. Whether a file can be read shows when it is.
pub(crate) fn find(paths: &[PathBuf]) -> (Vec<Found>, Vec<Trouble>) {
    let mut found = Vec::new();
    let mut troubles = Vec::new();
    for path in paths {
        if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
            let seen = BTreeSet::new();
            Walk { root: path, seen, found: &mut found, troubles: &mut troubles }.folder(path);
        } else {
            found.push(Found { path: path.clone(), below: None });
        }
    }
    (found, troubles)
}

/// A way through a folder and what is below it.
struct Walk<'a> {
    root: &'a Path,
    /// The folders that were seen, by their real paths: links may lead in circles.
    seen: BTreeSet<PathBuf>,
    found: &'a mut Vec<Found>,
    troubles: &'a mut Vec<Trouble>,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &Path) {
        match entries(folder) {
            Err(error) => self.troubles.push(unreadable(folder, &error)),
            Ok((real, entries)) => {
                if self.seen.insert(real) {
                    entries.iter().for_each(|entry| self.entry(entry));
                }
            }
        }
    }

    /// What has the name of a scenario is taken for one, though it may lead nowhere; other things are passed over.
    fn entry(&mut self, path: &Path) {
        if fs::metadata(path).is_ok_and(|metadata| metadata.is_dir()) {
            self.folder(path);
        } else if is_scenario(path) {
            let below = path.strip_prefix(self.root).unwrap_or(path).with_extension("");
            let parts: Vec<_> = below.iter().map(OsStr::to_string_lossy).collect();
            self.found.push(Found { path: path.to_owned(), below: Some(parts.join("/")) });
        }
    }
}

/// The real path of a folder, and what is in it, sorted.
fn entries(folder: &Path) -> io::Result<(PathBuf, Vec<PathBuf>)> {
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
/// When it cannot be read, is no regular file (opening a pipe may wait for ever), is too large, is no text, or has a name
/// of several lines, of which whoever reads what is said of it would take one for ours.
pub(crate) fn read(path: &Path) -> Result<String, Box<Trouble>> {
    let unreadable = |error: io::Error| Box::new(unreadable(path, &error));
    if path.to_string_lossy().contains(['\n', '\r']) {
        return Err(Box::new(Trouble::of_file(
            path,
            "its name has several lines, and only names of one are read",
        )));
    }
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Box::new(Trouble::of_file(path, "it is no regular file, and only those are read")));
    }
    let mut bytes = Vec::new();
    if metadata.len() <= LARGEST {
        let file = File::open(path).map_err(unreadable)?;
        file.take(LARGEST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    }
    if metadata.len().max(bytes.len() as u64) > LARGEST {
        return Err(Box::new(Trouble::of_file(path, "it is larger than 1 MiB, which no scenario is")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|&&byte| byte == b'\n').count() + 1;
        let before = good.rsplit(|&byte| byte == b'\n').next().unwrap_or(good);
        let column = String::from_utf8_lossy(before).chars().count() + 1;
        Box::new(Trouble::at(path, (line, column), "what stands here is not UTF-8 text"))
    })
}

/// The text of a file that a program has written.
///
/// # Errors
///
/// When it cannot be read, is no regular file, is larger than anything that this program writes, or is no text.
pub(crate) fn read_written(path: &Path) -> io::Result<String> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no regular file, and only those are read"));
    }
    let mut text = String::new();
    File::open(path)?.take(LARGEST_WRITTEN + 1).read_to_string(&mut text)?;
    match text.len() as u64 > LARGEST_WRITTEN {
        true => Err(io::Error::other("it is larger than 256 MiB, which no report is")),
        false => Ok(text),
    }
}

/// Whether `file` is one of the files behind these paths, whatever it is called.
pub(crate) fn is_among(file: &Path, paths: &[PathBuf]) -> bool {
    let Ok(real) = file.canonicalize() else { return false };
    let same = |found: &Found| found.path.canonicalize().is_ok_and(|path| path == real);
    find(paths).0.iter().any(same)
}

fn unreadable(path: &Path, error: &io::Error) -> Trouble {
    Trouble::of_file(path, &format!("it cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_and_hidden_files_are_no_scenarios() {
        let names = ["a.json", "scenario.schema.json", ".a.json", "a.txt", "json"];
        assert_eq!(names.map(|name| is_scenario(Path::new(name))), [true, false, false, false, false]);
    }

    #[test]
    fn a_file_that_vanishes_after_it_was_found_is_told_of() {
        let trouble = read(Path::new("/no/such/scenario.json")).unwrap_err();
        assert!(trouble.to_string().contains("cannot be read"), "{trouble}");
    }
}
