//! The folder that campaigns leave their files in: capsules, the last report, the journal.
//!
//! | below it | what |
//! |---|---|
//! | `failures` | a capsule for each kind of failure, of all campaigns |
//! | `latest` | the report of the last campaign, with copies of its capsules; replaced as a whole |
//! | `journal` | which seeds are being run |
//!
//! It knows names and places, and of what is in the files only which of two capsules is the smaller.

use crate::files::read_written;
use crate::journal::Journal;
use crate::whole::{ready, write};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::Sender;
use whitewater_campaign::fuzz::{Job, Records};
use whitewater_campaign::group::Group;
use whitewater_sim::scenario::{Scenario, Seeds};

/// The folder.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
}

/// A file of a report: its name and its text.
pub(crate) type Sheet = (&'static str, String);

impl Folder {
    /// The folder of this name, which is made when it is not there.
    ///
    /// # Errors
    ///
    /// When nothing can be written there.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let folder = Self { root: root.to_owned() };
        ready(&folder.failures())?;
        Ok(folder)
    }

    /// Where the capsules are.
    pub(crate) fn failures(&self) -> PathBuf {
        self.root.join("failures")
    }

    /// Where the journal is.
    pub(crate) fn journal(&self) -> PathBuf {
        self.root.join("journal")
    }

    /// Keeps a capsule and says where.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn keep(&self, name: &str, text: &str) -> io::Result<String> {
        let file = self.failures().join(name);
        write(&file, text)?;
        Ok(file.display().to_string())
    }

    /// Puts a report into the place of the last one, with copies of its capsules.
    ///
    /// # Errors
    ///
    /// When it cannot be written. Then the last one is still there.
    pub(crate) fn report(&self, sheets: &[Sheet], capsules: &[PathBuf]) -> io::Result<()> {
        let beside = |what: &str| self.root.join(format!(".{what}.{}", std::process::id()));
        let (fresh, old, latest) = (beside("latest"), beside("old"), self.root.join("latest"));
        let place = || {
            fs::create_dir_all(fresh.join("failures"))?;
            for (name, text) in sheets {
                fs::write(fresh.join(name), text)?;
            }
            for capsule in capsules {
                fs::copy(capsule, fresh.join("failures").join(capsule.file_name().unwrap_or_default()))?;
            }
            if latest.exists() {
                fs::rename(&latest, &old)?;
            }
            fs::rename(&fresh, &latest)
        };
        let placed = place();
        _ = fs::remove_dir_all(&fresh);
        _ = fs::remove_dir_all(&old);
        placed
    }
}

/// What a campaign puts down: its capsules and its journal, as far as there is a place for them.
pub(crate) struct Desk {
    /// Where capsules go.
    pub(crate) folder: Option<Folder>,
    /// Where each thread says what it is on.
    pub(crate) journal: Option<Journal>,
    /// The capsules of earlier campaigns that fail as ever, by the names of their files.
    pub(crate) known: BTreeSet<String>,
    /// Who is told of failures.
    pub(crate) failures: Sender<Group>,
}

impl Records for Desk {
    fn capsule(&self, name: &str, text: &str) -> io::Result<String> {
        let folder = self.folder.as_ref().ok_or_else(|| io::Error::other("there is no folder for it"))?;
        let there = folder.failures().join(name);
        let smaller = |old: &String| size_of(old) <= size_of(text);
        if self.known.contains(name) && read_written(&there).is_ok_and(|old| smaller(&old)) {
            return Ok(there.display().to_string());
        }
        folder.keep(name, text)
    }

    fn begins(&self, thread: usize, job: &Job, seed: u64) {
        self.journal.iter().for_each(|journal| journal.begins(thread, &job.file, seed));
    }

    fn failed(&self, failure: &Group) {
        // Nobody listens any more once the results are told.
        _ = self.failures.send(failure.clone());
    }
}

/// The size of what a capsule found: its step, then its seed. What is no capsule is greater than any.
fn size_of(capsule: &str) -> (u64, u64) {
    let scenario = Scenario::parse("capsule", capsule).ok();
    let size = scenario.as_ref().and_then(|scenario| match (scenario.found(), scenario.seeds()) {
        (Some(found), Seeds::Fixed(seed)) => Some((found.step, seed)),
        _ => None,
    });
    size.unwrap_or((u64::MAX, u64::MAX))
}

/// Where editors find the schema that the scenario in `file` names, from a file in `folder`.
pub(crate) fn schema_from(folder: &Path, file: &Path, schema: &str) -> Option<String> {
    if schema.contains("://") {
        return Some(schema.to_owned());
    }
    let schema = plain(&std::path::absolute(file.parent()?.join(schema)).ok()?);
    let folder = plain(&std::path::absolute(folder).ok()?);
    let common = folder.iter().zip(&schema).take_while(|(a, b)| a == b).count();
    let up = folder[common..].iter().map(|_| "..".to_owned());
    Some(up.chain(schema[common..].iter().cloned()).collect::<Vec<_>>().join("/"))
}

/// The names on the way to a path, with no steps back.
fn plain(path: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::ParentDir => _ = names.pop(),
            Component::CurDir | Component::RootDir => {}
            Component::Normal(_) | Component::Prefix(_) => {
                names.push(component.as_os_str().to_string_lossy().into_owned());
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_found_from_the_place_of_a_capsule() {
        let from = |folder: &str, file: &str, schema: &str| {
            schema_from(Path::new(folder), Path::new(file), schema).unwrap()
        };
        assert_eq!(
            from("reports/failures", "scenarios/campaign/a.json", "../s.json"),
            "../../scenarios/s.json"
        );
        assert_eq!(from("/r/failures", "/s/a.json", "./s.json"), "../../s/s.json");
        assert_eq!(from("/r", "/s/a.json", "https://x.org/s.json"), "https://x.org/s.json");
    }
}
