//! The command as a process, and folders of their own for tests that need files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The scenarios of the repository.
pub(crate) const SCENARIOS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");

/// A scenario that takes a moment.
pub(crate) const CALM: &str = r#"{ "version": 1, "name": "calm", "about": "Nothing happens.", "nodes": 3, "run_for": "3s",
    "clients": [{ "count": 1, "every": "100ms" }], "expect": [{ "leader_within": "2s" }] }"#;

/// A scenario in which much goes wrong, clients never learn what became of some of their requests, and what
/// is measured keeps to its bounds.
pub(crate) const STORMY: &str = r#"{ "version": 1, "name": "stormy", "about": "Leaders fall.", "nodes": { "one_of": [3, 5] },
    "run_for": "8s", "network": { "latency": { "uniform": ["1ms", "5ms"] }, "loss": 0.05, "duplicate": 0.05 },
    "clients": [{ "count": 4, "every": "40ms", "keys": 3, "reads": 0.3 }],
    "chaos": [{ "every": { "exponential": { "mean": "800ms" } }, "swarm": false, "pick": [
        { "weight": 2, "do": { "crash": { "node": "leader" } }, "for": { "uniform": ["50ms", "1s"] } },
        { "weight": 1, "do": { "isolate": { "node": "leader" } }, "for": { "uniform": ["50ms", "1s"] } },
        { "weight": 1, "do": { "partition": { "groups": [["n1", "n2"]] } }, "for": { "uniform": ["50ms", "1s"] } }] }],
    "measure": ["election_time", "commit_latency", "throughput"],
    "expect": [{ "measured": { "what": "election_time", "percent": 99, "at_most": "9s" } },
        { "measured": { "what": "throughput", "at_least": 1 } }] }"#;

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

/// The command with these arguments, not started yet; it does not see on which service the tests run.
pub(crate) fn process(args: &[&str]) -> Command {
    let mut process = Command::new(env!("CARGO_BIN_EXE_whitewater"));
    process.args(args).env_remove("GITHUB_ACTIONS").env_remove("GITHUB_STEP_SUMMARY");
    process
}

/// What the command does with these arguments.
pub(crate) fn whitewater(args: &[&str]) -> Output {
    process(args).output().expect("the command starts")
}

/// What went to standard output.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is text")
}

/// What went to standard error.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("messages are text")
}

/// A path as an argument.
pub(crate) fn text(path: &Path) -> &str {
    path.to_str().expect("the paths of tests are text")
}
