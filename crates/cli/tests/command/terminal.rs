//! Progress, pipes and signals: what goes to which stream, and what happens when one of them fails.

use crate::common::{CALM, SCENARIOS, folder, folder_with, process, stderr, stdout, text, whitewater};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command as Process, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const ENDLESS: [&str; 2] = ["--seeds", "0..0xffffffffffffffff"];

fn interrupt(child: &Child) {
    let sent = Process::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill starts");
    assert!(sent.success());
}

#[cfg(unix)]
#[test]
fn plain_progress_is_lines_without_control_characters() {
    for form in ["plain", "bar"] {
        let folder = folder_with(&format!("progress-{form}"), &[("calm.json", CALM)]);
        let mut child = process(&["run", text(&folder), "--progress", form, "-q", ENDLESS[0], ENDLESS[1]])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert!(line.contains(" of 18,446,744,073,709,551,616 runs, 0 failed, after 2 s\n"), "{line}");
        assert!(line.trim_end().chars().all(|c| !c.is_control()), "{line:?}");
    }
}

#[test]
fn nothing_is_said_of_progress_when_nobody_wants_it() {
    let folder = folder_with("progress-none", &[("calm.json", CALM)]);
    let run = |more: &[&str]| stderr(&whitewater(&[&["run", text(&folder), "--seeds", "3"], more].concat()));
    assert_eq!(run(&["-q"]), "");
    assert_eq!(run(&["--progress", "none"]), "seeds 1..3, 3 runs\n");
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_whole_file_with_what_there_is() {
    let folder = folder_with("interrupted-file", &[("calm.json", CALM)]);
    let out = folder.join("out.ndjson");
    let args = ["run", text(&folder), "--format", "ndjson", "-o", text(&out), ENDLESS[0], ENDLESS[1]];
    let mut child = process(&args).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut first).unwrap();
    assert!(!out.exists(), "a file has its name when it is whole");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let text = fs::read_to_string(out).unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert_eq!((&last["exit"], &last["summary"]["unfinished"]), (&130.into(), &1.into()));
}

#[cfg(unix)]
#[test]
fn a_process_that_is_asked_to_end_leaves_what_there_is_and_no_part_of_a_file() {
    let folder = folder_with("terminated", &[("calm.json", CALM)]);
    let out = folder.join("out");
    let args = ["run", text(&folder), "-o", text(&out), ENDLESS[0], ENDLESS[1]];
    let mut child = process(&args).stderr(Stdio::piped()).spawn().unwrap();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut String::new()).unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is there before the end");
    let sent = Process::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(fs::read_to_string(&out).unwrap().ends_with("1 unfinished\n"));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
}

#[cfg(unix)]
#[test]
fn ctrl_c_does_not_wait_for_a_run_that_takes_hours() {
    let folder = folder_with("hours", &[("hours.json", &CALM.replace("\"3s\"", "\"1440m\""))]);
    let (file, reports) = (folder.join("hours.json"), folder.join("reports"));
    let fuzz = ["fuzz", text(&file), "--report-dir", text(&reports), "--no-shrink", "--progress", "plain"];
    let run = ["run", text(&file), "--progress", "plain"];
    for (args, last) in
        [(&run[..], "1 unfinished\n"), (&fuzz[..], "1 unfinished\n"), (&["why", text(&file)], "")]
    {
        let child = process(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        thread::sleep(Duration::from_secs(1));
        interrupt(&child);
        let asked = Instant::now();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130), "{args:?}");
        assert!(asked.elapsed() < Duration::from_secs(5), "{args:?} took {:?}", asked.elapsed());
        assert!(stdout(&output).ends_with(last), "{}", stdout(&output));
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_written_through_and_a_dash_is_standard_output() {
    use std::os::unix::fs::symlink;
    let folder = folder_with("links", &[("real/old", "old")]);
    symlink("real/old", folder.join("old")).unwrap();
    symlink("new-again", folder.join("new")).unwrap();
    symlink("real/new", folder.join("new-again")).unwrap();
    symlink("loop", folder.join("loop")).unwrap();
    let list = |out: &str| whitewater(&["list", "markers", "-o", out]);
    let markers = stdout(&list("-"));
    assert!(markers.contains("truncated"), "{markers}");
    for name in ["old", "new"] {
        assert_eq!(list(text(&folder.join(name))).status.code(), Some(0));
        assert!(folder.join(name).is_symlink());
        assert_eq!(fs::read_to_string(folder.join("real").join(name)).unwrap(), markers);
    }
    assert_eq!(fs::read_dir(folder.join("real")).unwrap().count(), 2);
    assert_eq!(list(text(&folder.join("loop"))).status.code(), Some(74));
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_written_to_as_it_is() {
    use std::os::unix::fs::FileTypeExt;
    let folder = folder("pipe-out");
    let pipe = folder.join("pipe");
    assert!(Process::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = Process::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
    assert_eq!(whitewater(&["list", "markers", "-o", text(&pipe)]).status.code(), Some(0));
    assert!(String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap().contains("truncated"));
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(whitewater(&["list", "markers", "-o", "/dev/null"]).status.code(), Some(0));
}

#[test]
fn a_scenario_that_is_read_is_not_written_over() {
    let folder = folder_with("spared", &[("a/calm.json", CALM)]);
    let file = folder.join("a/calm.json");
    let same = folder.join("a/../a/calm.json");
    for args in [&["run"][..], &["check"], &["list", "scenarios"]] {
        for scenario in [&file, &folder] {
            let output = whitewater(&[args, &[text(scenario), "-o", text(&same)]].concat());
            assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(2), ""), "{args:?}");
            assert!(stderr(&output).contains("is a scenario that is read here"), "{}", stderr(&output));
        }
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), CALM);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_74_for_every_command() {
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    let folder = folder_with("full-disk", &[("calm.json", CALM)]);
    for args in [
        &["check", text(&folder)][..],
        &["list", "faults", "--format", "json"],
        &["schema"],
        &["completions", "bash"],
        &["run", text(&folder), "--format", "ndjson"],
    ] {
        let output = process(args).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(74), "{args:?}");
        let said = stderr(&output);
        assert_eq!(said.lines().count(), 1, "{args:?}: {said}");
        assert!(said.starts_with("error: standard output could not be written: "), "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_place_that_cannot_be_written_to_is_one_clear_error() {
    let folder = folder_with("unwritable", &[("calm.json", CALM)]);
    let file = folder.join("calm.json");
    let below = file.join("out");
    for out in ["/no/such/folder/out", "/proc/out", text(&folder), text(&below)] {
        for command in ["run", "check"] {
            let output = whitewater(&[command, text(&file), "-o", out]);
            assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(74), ""), "{command} {out}");
            let said = stderr(&output);
            assert!(said.starts_with(&format!("error: {out} could not be written: ")), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
        }
        assert_eq!(whitewater(&["schema", "-o", out]).status.code(), Some(74), "{out}");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left behind");
}

#[test]
fn a_reader_who_goes_away_ends_any_command_in_peace() {
    for args in [&["list", "faults"][..], &["check", SCENARIOS], &["schema"], &["completions", "zsh"]] {
        let mut child = process(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_file_is_without_colour_unless_it_is_asked_for() {
    let folder = folder_with("colour-file", &[("calm.json", CALM)]);
    let out = folder.join("out");
    let colourful = |more: &[&str]| {
        let output = whitewater(&[&["check", text(&folder), "-o", text(&out)], more].concat());
        assert_eq!(output.status.code(), Some(0));
        fs::read(&out).unwrap().contains(&0x1b)
    };
    assert!(!colourful(&[]));
    assert!(colourful(&["--color", "always"]));
}

#[test]
fn a_file_that_is_there_is_replaced_as_a_whole() {
    let folder = folder("replaced");
    let out = folder.join("out");
    fs::write(&out, "old ".repeat(100_000)).unwrap();
    assert_eq!(whitewater(&["list", "markers", "-o", text(&out)]).status.code(), Some(0));
    assert!(fs::read_to_string(&out).unwrap().lines().all(|line| !line.contains("old old")));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}
