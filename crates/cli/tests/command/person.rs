//! The command as a person meets it: files, folders, pipes, colours, signals.

use crate::common::{CALM, SCENARIOS, folder_with, process, stderr, stdout, text, whitewater};
use assert_cmd::Command;
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command as Process, Stdio};

#[test]
fn all_scenarios_hold() {
    let output = whitewater(&["run", SCENARIOS]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    let last = text.lines().last().unwrap_or_default();
    let words: Vec<&str> = last.split_whitespace().collect();
    assert!(
        matches!(words[..], [all, "scenarios,", held, "held"] if all == held && all.parse::<u32>().unwrap() >= 16),
        "{last}"
    );
    assert!(text.contains("  ok   election/first-leader "), "{text}");
}

#[test]
fn the_digest_is_the_same_whoever_watches_and_for_both_runs() {
    let digest = |more: &[&str]| {
        let file = format!("{SCENARIOS}/partition/split-brain.json");
        let output = whitewater(&[&["run", &file, "--seed", "7", "--format", "json"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        value["scenarios"][0]["digest"].as_str().map(str::to_owned).unwrap()
    };
    let plain = digest(&[]);
    assert!(plain.starts_with("0x") && plain.len() == 18, "{plain}");
    for more in
        [&["--trace", "full"][..], &["--trace", "none"], &["--twice"], &["-j", "1", "--stop", "early"]]
    {
        assert_eq!(digest(more), plain, "{more:?}");
    }
}

#[test]
fn a_planted_bug_is_found_and_its_last_line_repeats_it() {
    let swarm = format!("{SCENARIOS}/campaign/default.json");
    let output = whitewater(&["run", &swarm, "--seeds", "1..20", "--bug", "truncates-matching"]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let text = stdout(&output);
    let headline = |text: &str| text.lines().find(|line| line.contains("   t=")).map(str::to_owned);
    let replay = text.lines().find_map(|line| line.trim().strip_prefix("replay whitewater ")).unwrap();
    let again = whitewater(&replay.split_whitespace().collect::<Vec<_>>());
    assert_eq!(again.status.code(), Some(1));
    assert_eq!(headline(&stdout(&again)), headline(&text));
    assert!(headline(&text).is_some());
}

#[test]
fn wrong_usage_is_2() {
    for args in [
        &["run"][..],
        &["run", SCENARIOS, "--seed", "x"],
        &["run", SCENARIOS, "--seeds", "5..1"],
        &["run", SCENARIOS, "--seeds", "1..2", "--seed", "1"],
        &["run", SCENARIOS, "--system", "unheard-of"],
        &["run", "/no/such/file.json"],
        &["run", SCENARIOS, "-j", "0"],
        &["list", "everything"],
        &["list", "faults", "foo"],
        &[],
    ] {
        let output = whitewater(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn a_bug_that_nobody_knows_is_answered_with_those_there_are() {
    let swarm = format!("{SCENARIOS}/campaign/default.json");
    let said = |more: &[&str]| {
        let output = whitewater(&[&["run", &swarm], more].concat());
        assert_eq!(output.status.code(), Some(2));
        stderr(&output)
    };
    let near = said(&["--bug", "forget-vote"]);
    assert!(near.contains("help: did you mean `forgets-vote`? there are: "), "{near}");
    let far = said(&["--bug", "x"]);
    assert!(far.contains("help: there are: ") && far.contains(" commits-older-term, "), "{far}");
    let other = said(&["--bug", "forgets-vote", "--system", "noraft"]);
    assert!(other.contains("noraft has no bug") && other.contains("see `whitewater list bugs`"), "{other}");
    for threads in ["0", "1025", "4000000000", "many"] {
        let told = said(&["-j", threads]);
        assert!(told.contains("how many threads are to run, which is 1 to 1024"), "{told}");
    }
}

#[test]
fn who_asks_for_the_traces_of_many_seeds_is_told_that_there_are_none() {
    let folder = folder_with("many-traces", &[("calm.json", CALM)]);
    let said = |seeds| stderr(&whitewater(&["run", text(&folder), "--trace", "full", "--seeds", seeds]));
    assert!(said("2").contains("note: a trace is of a single run"), "{}", said("2"));
    assert_eq!(said("1"), "");
}

#[test]
fn every_wrong_file_is_reported_and_nothing_runs() {
    let files = [
        ("a.json", CALM),
        ("b.json", "{\n  \"version\": 1,\n  \"nodez\": 3\n}"),
        ("c/d.json", "{ \"version\": 1,"),
        ("empty.json", ""),
        ("x.schema.json", "not looked at"),
    ];
    let folder = folder_with("wrong", &files);
    fs::write(folder.join("latin.json"), b"{\n \"name\": \"\xe4\" }").unwrap();
    let output = whitewater(&["run", text(&folder)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let messages = stderr(&output);
    for place in ["b.json:3:", "c/d.json:1:", "empty.json:1:", "latin.json:2:11", "nodez"] {
        assert!(messages.contains(place), "{place} is missing in:\n{messages}");
    }
    assert!(!messages.contains("schema.json"), "{messages}");
}

#[test]
fn names_and_order_come_from_the_folder() {
    let folder = folder_with("order", &[("b/z.json", CALM), ("a.json", CALM), ("b/a.json", CALM)]);
    let output = stdout(&whitewater(&["run", text(&folder), text(&folder.join("a.json"))]));
    let names: Vec<&str> = output.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
    assert_eq!(names, ["a", "b/a", "b/z", "calm", "scenarios,"]);
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_are_walked_once() {
    let folder = folder_with("circle", &[("a/calm.json", CALM)]);
    std::os::unix::fs::symlink(&folder, folder.join("a/up")).unwrap();
    std::os::unix::fs::symlink("self", folder.join("self")).unwrap();
    let output = whitewater(&["run", text(&folder)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).ends_with("  1 scenario, 1 held\n"));
}

#[test]
fn colour_is_for_those_who_want_it() {
    let folder = folder_with("colour", &[("calm.json", CALM)]);
    let colourful = |args: &[&str], variable: Option<(&str, &str)>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whitewater"));
        command.args(["run", text(&folder)]).args(args).envs(variable);
        command.output().unwrap().stdout.contains(&0x1b)
    };
    assert!(!colourful(&[], None));
    assert!(colourful(&["--color", "always"], None));
    assert!(colourful(&[], Some(("CLICOLOR_FORCE", "1"))));
    assert!(!colourful(&["--color", "never"], Some(("CLICOLOR_FORCE", "1"))));
    assert!(!colourful(&[], Some(("NO_COLOR", "1"))));
}

#[test]
fn quiet_says_the_last_line_and_verbose_what_was_measured() {
    let folder = folder_with("talk", &[("calm.json", CALM)]);
    assert_eq!(stdout(&whitewater(&["run", "-q", text(&folder)])), "  1 scenario, 1 held\n");
    let verbose = stdout(&whitewater(&["run", "-v", text(&folder)]));
    assert!(
        verbose.contains("leader within 2.000s   measured ") && verbose.contains("digest 0x"),
        "{verbose}"
    );
}

#[test]
fn traces_come_before_the_verdict() {
    let folder = folder_with("trace", &[("calm.json", CALM)]);
    let lines = |form: &str| stdout(&whitewater(&["run", text(&folder), "--trace", form])).lines().count();
    let (none, short, full) = (lines("none"), lines("short"), lines("full"));
    assert_eq!(none, 2);
    assert!(short > 20 && full > 2 * short, "{short} {full}");
}

#[test]
fn seeds_reach_to_both_ends() {
    let folder = folder_with("seeds", &[("calm.json", CALM)]);
    for (option, seeds) in [
        ("--seed", "0"),
        ("--seed", "0xffffffffffffffff"),
        ("--seeds", "18446744073709551614..18446744073709551615"),
        ("--seeds", "0..1"),
    ] {
        let output = whitewater(&["run", text(&folder), option, seeds]);
        assert_eq!(output.status.code(), Some(0), "{seeds}: {}", stderr(&output));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_74() {
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let folder = folder_with("full", &[("calm.json", CALM)]);
    let run = ["run", text(&folder)];
    for args in [&run[..], &["list", "markers"], &["--help"], &[&run[..], &["--format", "json"]].concat()] {
        let status = process(args).stdout(full()).stderr(Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(74), "{args:?}");
    }
    let unwritable = whitewater(&["run", text(&folder), "-o", "/no/such/folder/out"]);
    assert_eq!(unwritable.status.code(), Some(74));
}

#[test]
fn a_reader_who_goes_away_is_no_trouble() {
    let folder = folder_with("closed", &[("a.json", CALM), ("b.json", CALM)]);
    let mut child = process(&["run", text(&folder), "--trace", "full"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut messages = String::new();
    child.stderr.take().unwrap().read_to_string(&mut messages).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(messages, "");
}

#[cfg(unix)]
#[test]
fn ctrl_c_is_130_with_what_there_is() {
    let folder = folder_with("interrupted", &[("calm.json", CALM)]);
    let mut child = process(&["run", text(&folder), "--seeds", "0..0xffffffffffffffff"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
    assert!(first.starts_with("seeds 0..18446744073709551615"), "{first}");
    let sent = Process::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let mut results = String::new();
    child.stdout.take().unwrap().read_to_string(&mut results).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(results.contains(" runs done") && results.ends_with("1 unfinished\n"), "{results}");
}

#[test]
fn everything_can_be_listed() {
    for (topic, word) in [
        ("systems", "noraft"),
        ("bugs", "commits-older-term"),
        ("properties", "state_machine_safety"),
        ("markers", "truncated"),
    ] {
        let output = whitewater(&["list", topic]);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).lines().any(|line| line.starts_with(word)), "{topic}");
    }
    let scenarios = stdout(&whitewater(&["list", "scenarios", SCENARIOS]));
    assert!(scenarios.lines().any(|line| line.starts_with("campaign/default ")), "{scenarios}");
    assert_eq!(whitewater(&["list", "scenarios", "/no/such"]).status.code(), Some(2));
}
