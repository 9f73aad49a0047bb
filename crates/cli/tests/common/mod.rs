//! Folders of their own for tests that need files.

use std::fs;
use std::path::{Path, PathBuf};

/// A scenario that takes a moment.
pub(crate) const CALM: &str = r#"{ "version": 1, "name": "calm", "about": "Nothing happens.", "nodes": 3, "run_for": "3s",
    "clients": [{ "count": 1, "every": "100ms" }], "expect": [{ "leader_within": "2s" }] }"#;

/// An empty folder that no other test uses.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder of the tests can be written");
    folder
}

/// A folder with these files in it.
pub(crate) fn folder_with(name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = folder(name);
    for (file, text) in files {
        let path = folder.join(file);
        fs::create_dir_all(path.parent().expect("it is below the folder")).expect("it can be created");
        fs::write(path, text).expect("it can be written");
    }
    folder
}
