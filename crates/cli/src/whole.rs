//! Files that are whole or not there: written under another name beside their own, synced and renamed.
//!
//! It knows bytes and paths, and neither what is in a file nor what a failure means.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What a file is called that is being written.
const PART: &str = ".part";

/// Puts `text` into `file`, in place of what was there. After a crash at any moment the one or the other is
/// there, and perhaps a part under another name.
///
/// # Errors
///
/// When that fails. Then what was there is still there.
pub(crate) fn write(file: &Path, text: &str) -> io::Result<()> {
    let part = part(file)?;
    let write = || {
        let mut open = File::create(&part)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()?;
        fs::rename(&part, file)
    };
    write().inspect_err(|_| _ = fs::remove_file(&part))
}

/// Makes a folder ready, so that nobody works for long and then cannot write there: it exists, nothing half written is
/// left in it, and it takes a file.
///
/// # Errors
///
/// When it does not.
pub(crate) fn ready(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    sweep(folder);
    let probe = folder.join(format!(".probe.{}", std::process::id()));
    fs::write(&probe, "")?;
    fs::remove_file(probe)
}

/// Removes what processes that are gone left half written in a folder.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let writer = name.strip_suffix(PART).and_then(|name| name.rsplit('.').next()?.parse().ok());
        if writer.is_some_and(|writer| !is_alive(writer)) {
            _ = fs::remove_file(path);
        }
    }
}

/// Whether a process of this number exists, as far as the system tells without being asked for more.
pub(crate) fn is_alive(process: u32) -> bool {
    process == std::process::id() || Path::new("/proc").join(process.to_string()).exists()
}

/// The hidden name beside `file` under which this process writes it.
fn part(file: &Path) -> io::Result<PathBuf> {
    let name = file.file_name().ok_or_else(|| io::Error::other("it has no name"))?.to_string_lossy();
    Ok(file.with_file_name(format!(".{name}.{}{PART}", std::process::id())))
}
