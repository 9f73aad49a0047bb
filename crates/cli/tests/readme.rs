//! The commands of the README do what it says.

use assert_cmd::Command;
use std::fs;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// The lines of fenced blocks that begin with `$ whitewater`, each with the exit code that `# exit N`
/// behind it names, or 0.
fn commands(text: &str) -> Vec<(Vec<String>, i32)> {
    let mut fenced = false;
    let mut commands = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if let Some(command) = line.trim_start().strip_prefix("$ whitewater ").filter(|_| fenced) {
            let (command, exit) = command.split_once("# exit ").unwrap_or((command, "0"));
            let words = command.split('#').next().unwrap_or_default().split_whitespace().map(str::to_owned);
            commands.push((words.collect(), exit.trim().parse().expect("an exit code is a number")));
        }
    }
    commands
}

#[test]
fn the_commands_of_the_readme_work() {
    let text = fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let commands = commands(&text);
    assert!(commands.len() >= 5, "the README shows only {} commands", commands.len());
    for (args, exit) in commands {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whitewater"));
        let output = command.current_dir(ROOT).args(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(exit), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_scenario_of_the_readme_is_one_and_holds() {
    let text = fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let scenario = text.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let file = format!("{}/readme.json", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&file, scenario).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_whitewater")).args(["run", &file]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn commands_are_found_with_their_exit_codes() {
    let text = "$ whitewater no\n```console\n$ whitewater run a --seed 1   # a remark\n$ whitewater run b # exit 3\nls\n```\n";
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(commands(text), [(words("run a --seed 1"), 0), (words("run b"), 3)]);
}
