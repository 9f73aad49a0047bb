//! The debugger from outside: the same bytes twice, over a pipe, and whatever people may type.

use crate::common::{SCENARIOS, folder, process, stderr, stdout, text, whitewater};
use crate::replay::made;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::Scenario;

fn replay(capsule: &Path, args: &[&str]) -> (Option<i32>, String, String) {
    let output = whitewater(&[&["replay", text(capsule)], args].concat());
    (output.status.code(), stdout(&output), stderr(&output))
}

/// What comes of these lines over a pipe, the last of which may lack its end.
fn piped(capsule: &Path, lines: &[u8]) -> (Option<i32>, String) {
    let mut child = process(&["replay", text(capsule), "-i"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    child.stdin.take().expect("it has an input").write_all(lines).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    (output.status.code(), stdout(&output))
}

#[test]
fn a_script_gives_the_same_bytes_twice_and_says_what_it_was_asked() {
    let capsule = made(Settings::default()).file("debug-twice", |_| ());
    let script = "g violation; rc; p n3; why";
    let (code, said, warned) = replay(&capsule, &["--exec", script]);
    assert_eq!((code, warned.as_str()), (Some(1), ""), "{said}");
    assert_eq!(replay(&capsule, &["--exec", script]).1, said);
    let asked: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("> ")).collect();
    assert_eq!(asked, ["g violation", "rc", "p n3", "why"]);
    assert!(said.starts_with("  the same run: leader completeness at step 34, digest "), "{said}");
    let (_, back) = said.split_once("> rc\n").expect("one goes back");
    assert!(
        back.contains("  x committed by the rule\n") && back.contains("  n3      follower in term 4\n"),
        "{said}"
    );
    let (_, story) = said.split_once("> why\n").expect("a story is asked for");
    assert!(
        story.starts_with("  x leader completeness   t=") && story.contains("<- breaks §5.4.2"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'), "no colour in a pipe");
}

#[test]
fn a_pipe_is_as_good_as_a_script_and_an_empty_line_asks_again() {
    let capsule = made(Settings::default()).file("debug-pipe", |_| ());
    let script = replay(&capsule, &["--exec", "g 10; s; s; net"]).1;
    let (code, said) = piped(&capsule, b"g 10\ns\n\nnet");
    assert_eq!((code, said.replace("> \n", "> s\n")), (Some(1), script));
    assert_eq!(piped(&capsule, b"").0, Some(1), "ctrl-D leaves");
    let (code, said) = piped(&capsule, b"q\nnonsense\n");
    assert!(code == Some(1) && !said.contains("nonsense"), "{said}");
}

#[test]
fn what_cannot_be_understood_is_2_before_anything_runs_and_forgiven_at_the_prompt() {
    let capsule = made(Settings::default()).file("debug-wrong", |_| ());
    for (option, value, why) in [
        ("--exec", "g end; stpe", "there is no command `stpe`"),
        ("--exec", "p n99", "expected a node from n1 to n5, found `n99`"),
        ("--break", "count(leders) > 1", "did you mean `leaders`?"),
        ("--break", "n9.term > 1", "found `n9`"),
    ] {
        let (code, said, told) = replay(&capsule, &[option, value]);
        assert_eq!((code, said.as_str()), (Some(2), ""), "{value}: {told}");
        assert!(told.contains(why) && told.contains(option), "{told}");
    }
    let hostile =
        [&b"x".repeat(70_000)[..], b"\nbreak ((((((\np n99\n\xff\xfe\x1b[2J\ng violation\n"].concat();
    let (code, said) = piped(&capsule, &hostile);
    assert_eq!(code, Some(1));
    assert!(said.contains("found `n99`") && said.contains("  x leader completeness\n"), "{said}");
    assert!(!said.contains('\u{1b}'), "what is typed does not steer a terminal");
    assert_eq!(replay(&capsule, &["-i", "--format", "json"]).0, Some(2));
}

#[test]
fn a_capsule_that_is_not_reproduced_can_be_looked_at_and_is_5() {
    let capsule = made(Settings::default()).file("debug-parted", |found| found.digest ^= 1);
    let (code, said, _) = replay(&capsule, &["--exec", "g 19"]);
    assert_eq!(code, Some(5));
    assert!(
        said.contains("  x not the run that the capsule was written of\n") && said.contains("> g 19\n"),
        "{said}"
    );
}

#[test]
fn the_trace_up_to_somewhere_comes_with_all_nodes() {
    let capsule = made(Settings::default()).file("debug-to", |_| ());
    let (code, said, _) = replay(&capsule, &["--to", "19"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("step   n1  n2  n3  n4  n5\n") && !said.contains(" act 5"), "{said}");
    assert!(said.contains("\n  n1  leader     term 4 ") && said.contains("\n  n5  down "), "{said}");
    let (_, said, _) = replay(&capsule, &["--break", "n5.term > 3"]);
    assert!(said.contains("break 1: n5.term > 3\n") && said.contains("\n  n5  candidate  term 4 "), "{said}");
}

#[test]
fn what_was_tried_is_saved_and_runs_and_the_capsule_is_spared() {
    let capsule = made(Settings::default()).file("debug-save", |_| ());
    let (saved, other) = (folder("debug-saved").join("tried.json"), folder("debug-saved").join("other.txt"));
    std::fs::write(&other, "precious").unwrap();
    let script =
        format!("g 19; timeout n2; save {}; save {}; save {}", text(&saved), text(&capsule), text(&other));
    let before = std::fs::read(&capsule).unwrap();
    let (code, said, _) = replay(&capsule, &["--exec", &script]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("off the recorded path") && said.contains("the capsule stays as it is"), "{said}");
    assert_eq!(std::fs::read(&capsule).unwrap(), before);
    assert!(said.contains("other.txt is there already, and stays as it is"), "{said}");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "precious");
    let written = std::fs::read_to_string(&saved).unwrap();
    let scenario = Scenario::parse("tried.json", &written).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
    let code = if scenario.found().is_some() { 1 } else { 0 };
    assert!(whitewater(&["check", text(&saved)]).status.success());
    if code == 1 {
        let (code, said, _) = replay(&saved, &[]);
        assert!(code == Some(1) && said.contains("  the same run: "), "{said}");
    }
    assert!(said.contains("now the run comes to: "), "{said}");
}

#[test]
fn a_log_says_how_much_of_it_is_a_snapshot() {
    let reports = folder("debug-snapshot");
    let campaign = format!("{SCENARIOS}/campaign/snapshots.json");
    let bug = ["--seeds", "6..6", "--bug", "install-drops-tail", "--no-shrink", "--report-dir"];
    let words = [&["fuzz", &campaign], &bug[..], &[text(&reports)]].concat();
    assert_eq!(whitewater(&words).status.code(), Some(1));
    let mut failures = reports.join("failures").read_dir().expect("there are failures");
    let capsule = failures.next().expect("there is one").expect("it can be read").path();
    let (_, said, _) = replay(&capsule, &["--exec", "g end; p; p n2; log n2; disk n2"]);
    for (asked, says) in [
        ("> p n2\n", "a snapshot up to ["),
        ("> log n2\n", "committed, in a snapshot\n"),
        ("> disk n2\n", "committed, in a snapshot\n"),
    ] {
        let (_, answer) = said.split_once(asked).expect("it was asked");
        let answer = answer.split("\n> ").next().expect("there is an answer");
        assert!(answer.contains(says), "{asked}{said}");
    }
}
