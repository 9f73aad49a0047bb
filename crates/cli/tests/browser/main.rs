//! The pages in a real browser: they open, are clicked on and stepped through, and show what they should.
//!
//! With `WHITEWATER_PICTURES` set to a folder, pictures of what was seen are left there.

#![expect(clippy::unwrap_used, reason = "whatever goes wrong here fails a test")]

mod campaign;
mod driver;
mod hostile;
mod long;
mod run;

use assert_cmd::Command;
use driver::Browser;
use std::path::{Path, PathBuf};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Writes the page that these arguments ask for.
fn page(name: &str, args: &[&str]) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_whitewater"));
    let output = command.current_dir(ROOT).arg("report").args(args).arg("-o").arg(&file).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    file
}

/// Leaves a picture, if anybody wants to have one.
fn picture(browser: &Browser, name: &str) {
    if let Some(folder) = std::env::var_os("WHITEWATER_PICTURES") {
        browser.picture(&Path::new(&folder).join(name));
    }
}
