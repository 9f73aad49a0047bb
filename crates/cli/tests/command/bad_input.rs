//! Bad input: each file is refused in no time, at its place, with a word about what is wrong.

use crate::common::{CALM, folder, folder_with, stderr, stdout, text, whitewater};
use serde_json::Value;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command as Process;
use std::time::{Duration, Instant};
use whitewater_sim::scenario::steers;

const BAD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bad");

/// How long a refusal may take.
const AT_ONCE: Duration = Duration::from_secs(2);

/// The file, the line and the column of the first mistake, a word of what is said.
const FILES: &[(&str, usize, usize, &str)] = &[
    ("after-the-end", 11, 13, "9s is after the end of the run"),
    ("at-and-when", 11, 27, "not both"),
    ("bare-number", 9, 38, "a time with a unit"),
    ("between-upside-down", 6, 12, "5 is above 3"),
    ("bound-of-another-unit", 15, 64, "counted per second"),
    ("broken-predicate", 12, 32, "found the end"),
    ("deep", 8, 97, "at most 32 deep"),
    ("drift-above-0-9", 7, 23, "at most 0.9"),
    ("empty", 1, 1, "the file is empty"),
    ("endless-flap", 11, 5, "`flap` needs `for`"),
    ("every-and-think", 9, 55, "not both"),
    ("fixed-without-seed", 6, 12, "names its `seed`"),
    ("list", 1, 1, "expected a scenario"),
    ("loss-7", 8, 67, "a probability from 0 to 1"),
    ("low-above-high", 8, 40, "above the upper end"),
    ("many", 6, 12, "expected 1 to 63"),
    ("measured-twice", 14, 29, "measured already"),
    ("million-nodes", 6, 12, "found 1000000"),
    ("negative-duration", 12, 42, "expected a time"),
    ("no-bound", 15, 28, "`at_most` or `at_least`"),
    ("no-comma", 7, 3, "expected `,` or `}`"),
    ("no-nodes", 6, 12, "found 0"),
    ("no-unit", 7, 14, "expected a unit"),
    ("not-a-number", 8, 67, "expected value"),
    ("not-measured", 14, 38, "add it to `measure`"),
    ("only-a-comment", 1, 1, "the file is empty"),
    ("open-comment", 3, 26, "EOF"),
    ("option-out-of-range", 7, 52, "it must be 1 to 65536"),
    ("option-sometimes-out-of-range", 7, 31, "entries_per_append is 70000"),
    ("overlapping-groups", 11, 67, "the groups overlap"),
    ("rate-too-high", 11, 64, "a rate from 0.1 to 10"),
    ("standing-for", 11, 69, "a standing fault has no `for`"),
    ("too-large-a-number", 8, 67, "number out of range"),
    ("too-many-keys", 9, 54, "expected 1 to 65536"),
    ("too-many-nodes", 6, 12, "found 64"),
    ("truncated", 12, 6, "EOF"),
    ("twice", 7, 3, "`nodes` is there twice"),
    ("unknown-act", 12, 57, "did you mean `heal`?"),
    ("unknown-bug", 7, 31, "did you mean `forgets-vote`? see `whitewater list bugs`"),
    ("unknown-field", 8, 59, "did you mean `loss`?"),
    ("unknown-marker", 14, 28, "did you mean `truncated`?"),
    ("unknown-measure", 14, 15, "did you mean `election_time`?"),
    ("unknown-node", 11, 48, "there is no n9"),
    ("unknown-option", 7, 31, "it has entries_per_append and snapshot_every"),
    ("unknown-property", 14, 28, "did you mean `election_safety`?"),
    ("unknown-role", 11, 48, "did you mean `leader`?"),
    ("unknown-schema", 2, 14, "scenario.schema.json"),
    ("unknown-system", 7, 13, "did you mean `whitewater`?"),
    ("unknown-version", 2, 14, "version 2"),
    ("wipe-within-raft", 11, 35, "beyond_raft"),
    ("wrong-digest", 15, 63, "expected a digest such as"),
    ("wrong-type", 6, 12, "expected a whole number"),
];

/// What `check` says about a path that it must refuse.
fn refused(path: &str) -> String {
    let began = Instant::now();
    let output = whitewater(&["check", path]);
    assert!(began.elapsed() < AT_ONCE, "{path} took {:?}", began.elapsed());
    assert_eq!(output.status.code(), Some(2), "{path}: {}", stdout(&output));
    stderr(&output)
}

#[test]
fn each_bad_file_is_refused_at_its_place() {
    for (name, line, column, word) in FILES {
        let file = format!("{BAD}/{name}.json");
        let said = refused(&file);
        assert!(said.starts_with("error: ") && said.contains(word), "{name}: {word} is missing in\n{said}");
        let first = said.lines().find_map(|line| line.trim_start().strip_prefix("--> "));
        assert_eq!(first, Some(format!("{file}:{line}:{column}").as_str()), "{said}");
    }
}

/// A slip in the name of a system must not switch a scenario off that comes with its folder, nor one in an option that is
/// drawn a part of its seeds.
#[test]
fn what_asks_too_much_of_its_system_is_not_skipped_with_its_folder() {
    for name in ["unknown-system", "unknown-option", "unknown-bug", "option-sometimes-out-of-range"] {
        let wrong = fs::read_to_string(format!("{BAD}/{name}.json")).unwrap();
        let folder = folder_with(&format!("slip-{name}"), &[("calm.json", CALM), ("wrong.json", &wrong)]);
        let folder = text(&folder);
        for verb in ["run", "fuzz"] {
            let output = whitewater(&[verb, folder, "--seeds", "1"]);
            assert_eq!(output.status.code(), Some(2), "{verb} {name}: {}", stdout(&output));
            assert!(stderr(&output).contains("wrong.json:7:"), "{verb} {name}: {}", stderr(&output));
        }
    }
}

#[test]
fn no_bad_file_is_left_out() {
    let mut names: Vec<String> = fs::read_dir(BAD)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, FILES.iter().map(|(name, ..)| (*name).to_owned()).collect::<Vec<_>>());
}

#[test]
fn all_mistakes_of_all_files_are_told_at_once() {
    let output = whitewater(&["check", BAD, "--format", "json"]);
    assert_eq!(output.status.code(), Some(2));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["summary"]["wrong"], FILES.len());
    assert_eq!(document["exit"], 2);
    let files = document["files"].as_array().unwrap();
    let many = files.iter().find(|file| file["file"].as_str().unwrap().ends_with("many.json")).unwrap();
    let lines: Vec<&Value> = many["remarks"].as_array().unwrap().iter().map(|one| &one["place"][0]).collect();
    assert_eq!(lines, [6, 8, 9, 12, 14]);
    let said = stderr(&whitewater(&["check", BAD]));
    assert!(FILES.iter().all(|(name, ..)| said.contains(&format!("/{name}.json:"))), "{said}");
}

#[test]
fn a_file_of_a_gigabyte_is_not_read() {
    let folder = folder("gigabyte");
    File::create(folder.join("a.json")).unwrap().set_len(1 << 30).unwrap();
    assert!(refused(text(&folder)).contains("larger than 1 MiB"));
}

#[test]
fn what_is_not_text_is_shown_where_it_begins() {
    let folder = folder("bytes");
    for (name, bytes, word) in [
        ("latin.json", &b"{\n \"n\xc3\xa4me\": \"\xe4\" }"[..], "latin.json:2:11"),
        ("binary.json", b"\x7fELF\xff\xfe\x00", "binary.json:1:5"),
        ("utf-16.json", b"\xff\xfe{\x00}\x00", "utf-16.json:1:1"),
        ("bom.json", b"\xef\xbb\xbf{}", "bom.json:1:1"),
        ("nul.json", b"{\0}", "nul.json:1:2"),
    ] {
        fs::write(folder.join(name), bytes).unwrap();
        let said = refused(text(&folder.join(name)));
        assert!(said.contains(word), "{word} is missing in\n{said}");
        assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_name_of_a_file_does_not_steer_the_terminal() {
    let unmet = CALM.replace("\"2s\"", "\"1ns\"");
    let folder =
        folder_with("steering", &[("a\u{1b}[2J.json", &unmet), ("b\n::error::\u{202e}.json", &unmet)]);
    let two_lines = folder.join("b\n::error::\u{202e}.json");
    let tame = |args: &[&str]| {
        let output = whitewater(&[args, &[text(&folder)]].concat());
        let said = stdout(&output) + &stderr(&output);
        assert!(said.chars().all(|c| c == '\n' || !steers(c)), "{said:?}");
        assert!(said.lines().all(|line| !line.starts_with("::")), "{said}");
        said
    };
    for args in [&["run"][..], &["run", "--set", "nodes=none"], &["check"], &["list", "scenarios"], &["fuzz"]]
    {
        assert!(tame(args).contains("its name has several lines"));
    }
    fs::remove_file(two_lines).unwrap();
    let said = tame(&["run", "-v"]);
    assert!(said.contains(r"a\u001b[2J.json' --seed 1"), "the line to paste names the file: {said}");
}

#[cfg(unix)]
#[test]
fn pipes_and_devices_are_not_opened() {
    let folder = folder("pipes");
    let pipe = folder.join("pipe.json");
    assert!(Process::new("mkfifo").arg(&pipe).status().unwrap().success());
    for path in [text(&pipe), text(&folder), "/dev/zero"] {
        assert!(refused(path).contains("no regular file"), "{path}");
    }
}

#[cfg(unix)]
#[test]
fn links_that_lead_nowhere_are_told_of_when_they_look_like_scenarios() {
    use std::os::unix::fs::symlink;
    let folder = folder_with("nowhere", &[("calm.json", CALM)]);
    symlink("/no/such/file", folder.join("gone.json")).unwrap();
    symlink("loop.json", folder.join("loop.json")).unwrap();
    symlink("other", folder.join("other")).unwrap();
    let said = refused(text(&folder));
    assert_eq!(said.matches("error: ").count(), 2, "{said}");
    assert!(said.contains("gone.json") && said.contains("loop.json"), "{said}");
    assert!(refused(text(&folder.join("loop.json"))).contains("cannot be read"));
    assert!(refused("/no/such/file.json").contains("cannot be read"));
}

#[test]
fn where_there_is_no_scenario_nothing_ran() {
    let folder = folder_with("no-scenario", &[("a.txt", "x"), ("b.schema.json", "{}"), (".c.json", "{")]);
    fs::create_dir(folder.join("empty.json")).unwrap();
    for command in ["check", "run"] {
        let output = whitewater(&[command, text(&folder)]);
        assert_eq!(output.status.code(), Some(4));
        assert!(stderr(&output).starts_with("nothing ran: "), "{}", stderr(&output));
    }
    assert_eq!(whitewater(&["list", "scenarios", text(&folder)]).status.code(), Some(4));
}

#[test]
fn one_bad_file_among_good_ones_is_enough_and_nothing_runs() {
    let good = folder_with("among", &[("calm.json", CALM)]);
    let bad = Path::new(BAD).join("empty.json");
    let output = whitewater(&["run", text(&good), text(&bad), "/no/such.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert_eq!(stderr(&output).matches("error: ").count(), 2, "{}", stderr(&output));
}
