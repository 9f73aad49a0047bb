//! The journal: which seed each thread is on, for when the process dies and cannot tell any more.
//!
//! One small file a thread, overwritten in place before each run: a write of a few hundred bytes into the memory
//! of the system, which outlives the process. A process that ends by itself leaves none behind.

use crate::files::read_written;
use crate::whole::is_alive;
use std::fs::{self, File};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How long a line is at most, in bytes.
const LINE: usize = 512;

/// The journal of this process.
#[derive(Debug)]
pub(crate) struct Journal {
    pages: Vec<(PathBuf, Mutex<File>)>,
}

/// What a process that died was on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leftover {
    /// The scenario, as it was asked for.
    pub(crate) scenario: String,
    /// The seed.
    pub(crate) seed: u64,
}

impl Journal {
    /// A journal with a page for each thread.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn open(folder: &Path, threads: usize) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let page = |thread| {
            let path = folder.join(format!("{}-{thread}", std::process::id()));
            let mut file = File::create(&path)?;
            file.write_all(&[b' '; LINE])?;
            Ok((path, Mutex::new(file)))
        };
        Ok(Self { pages: (0..threads).map(page).collect::<io::Result<_>>()? })
    }

    /// A thread begins to run this seed. A journal that cannot be written is no reason to stop.
    pub(crate) fn begins(&self, thread: usize, scenario: &str, seed: u64) {
        let (_, file) = &self.pages[thread];
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut line = [b' '; LINE];
        // The seed stands first: a name that is too long is cut.
        let _ = writeln!(&mut line[..], "{seed} {scenario}");
        let _ = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&line));
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.pages.iter().for_each(|(path, _)| _ = fs::remove_file(path));
    }
}

/// What processes that died were on. Their journals are taken away.
pub(crate) fn leftovers(folder: &Path) -> Vec<Leftover> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let left = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        let process = name.split_once('-')?.0.parse().ok()?;
        let text = (!is_alive(process)).then(|| read_written(path).ok())??;
        _ = fs::remove_file(path);
        let (seed, scenario) = text.split('\n').next()?.trim().split_once(' ')?;
        Some(Leftover { scenario: scenario.to_owned(), seed: seed.parse().ok()? })
    };
    paths.iter().filter_map(left).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that no other test uses.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("whitewater-journal-{}-{name}", std::process::id()));
        _ = fs::remove_dir_all(&folder);
        folder
    }

    #[test]
    fn what_a_dead_process_was_on_is_told_once() {
        let folder = folder("dead");
        let journal = Journal::open(&folder, 2).unwrap();
        journal.begins(0, "scenarios/a b.json", 1_234);
        journal.begins(0, "a.json", 7);
        assert_eq!(leftovers(&folder), [], "this process is alive");
        // No process has this number: it is above what Linux hands out.
        let own = folder.join(format!("{}-0", std::process::id()));
        fs::copy(own, folder.join("4294967295-0")).unwrap();
        fs::write(folder.join("4294967295-1"), " ".repeat(LINE)).unwrap();
        let left = Leftover { scenario: "a.json".to_owned(), seed: 7 };
        assert_eq!(leftovers(&folder), [left]);
        assert_eq!(leftovers(&folder), []);
        drop(journal);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "who ends by himself leaves nothing");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_name_that_is_too_long_is_cut() {
        let folder = folder("long");
        let journal = Journal::open(&folder, 1).unwrap();
        journal.begins(0, &"a".repeat(LINE), u64::MAX);
        let text = fs::read_to_string(folder.join(format!("{}-0", std::process::id()))).unwrap();
        assert_eq!((text.len(), text.starts_with("18446744073709551615 aaa")), (LINE, true));
        drop(journal);
        fs::remove_dir_all(folder).unwrap();
    }
}
