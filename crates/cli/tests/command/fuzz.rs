//! `fuzz` and `merge`: results that do not depend on how they were found, and files that are whole whatever happens.

use crate::common::{CALM, SCENARIOS, folder, folder_with, process, stderr, stdout, text, whitewater};
use crate::exits::SYSTEMS;
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::AtomicBool;
use whitewater_cli::command;
use whitewater_cli::exit::Exit;
use whitewater_sim::scenario::{Scenario, Seeds};

/// A bug that a few seeds of a hundred show.
const BUG: [&str; 2] = ["--bug", "votes-by-index-only"];

fn small() -> String {
    format!("{SCENARIOS}/campaign/small.json")
}

/// Fuzzes the scenario of this test with an obedient system; gives the exit, the results and the report folder.
fn fuzz(test: &str, args: &[&str]) -> (Exit, String, PathBuf) {
    let folder = folder_with(test, &[("calm.json", CALM)]);
    let (out, reports) = (folder.join("out"), folder.join("reports"));
    let (exit, said) = fuzz_again(&folder, &reports, args);
    assert!(out.exists(), "{test} has no results");
    (exit, said, reports)
}

fn fuzz_again(folder: &Path, reports: &Path, args: &[&str]) -> (Exit, String) {
    let out = folder.join("out");
    let mut all: Vec<OsString> =
        ["whitewater", "fuzz", "--system", "obedient", "--seeds", "1..20", "-o"].map(OsString::from).to_vec();
    all.extend([out.clone().into(), folder.join("calm.json").into(), "--report-dir".into(), reports.into()]);
    all.extend(args.iter().map(OsString::from));
    let exit = command(all, SYSTEMS, &AtomicBool::new(false));
    (exit, fs::read_to_string(out).unwrap_or_default())
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("it is a folder");
    let mut names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn capsules(reports: &Path) -> Vec<Scenario> {
    let failures = reports.join("failures");
    let names = names(&failures).into_iter().filter(|name| name.ends_with(".json"));
    let read = |name: String| {
        let text = fs::read_to_string(failures.join(&name)).expect("it can be read");
        Scenario::parse(&name, &text).unwrap_or_else(|wrong| panic!("{name}: {}", wrong[0]))
    };
    names.map(read).collect()
}

#[test]
fn what_holds_leaves_a_report_and_nothing_else() {
    let (exit, text, reports) = fuzz("fuzz-held", &[]);
    assert_eq!(exit, Exit::Held);
    assert!(text.contains("  1 run done twice, no difference\n  1 scenario, 1 held\n"), "{text}");
    assert_eq!(
        names(&reports.join("latest")),
        ["env.json", "failures", "junit.xml", "summary.json", "summary.md"]
    );
    assert_eq!((capsules(&reports).len(), names(&reports.join("journal")).len()), (0, 0));
    assert_eq!(names(&reports), ["failures", "journal", "latest"], "nothing half done is left");
}

#[test]
fn a_violation_is_1_and_has_a_capsule_that_is_run_first_the_next_time() {
    let (exit, said, reports) = fuzz("fuzz-violated", &["--bug", "violates"]);
    assert_eq!(exit, Exit::Violated);
    assert!(said.contains("  x log matching   20 in 20 runs   seed 1  step 2"), "{said}");
    let replay = said.lines().find_map(|line| line.trim().strip_prefix("replay whitewater replay "));
    let capsule = PathBuf::from(replay.expect("there is a line to paste"));
    assert_eq!(capsules(&reports).len(), 1);
    let found = capsules(&reports)[0].found().cloned().expect("it says what was found");
    assert_eq!((found.step, found.digest, found.system.as_deref()), (2, 1, Some("obedient")));
    assert!(reports.join("latest/failures").join(capsule.file_name().unwrap()).exists());
    let folder = reports.parent().unwrap();
    let (exit, said) = fuzz_again(folder, &reports, &["--bug", "violates"]);
    assert_eq!(exit, Exit::Violated);
    assert!(
        said.starts_with("  1 earlier failure, 0 fixed\n  x     log matching   whitewater replay "),
        "{said}"
    );
    let (exit, said) = fuzz_again(folder, &reports, &[]);
    assert_eq!(exit, Exit::Held, "without the bug it is no failure of this campaign: {said}");
    assert!(!said.contains("earlier"), "{said}");
}

/// A failure that is known is kept as small as it is known, also by a campaign that only finds a larger one.
#[test]
fn a_known_failure_does_not_grow() {
    let folder = folder_with("fuzz-known", &[]);
    let reports = folder.join("reports");
    let hunt = |seeds: &str| {
        let small = format!("{SCENARIOS}/campaign/small.json");
        let bug = ["--bug", "commits-older-term", "--report-dir", text(&reports), "-q"];
        let output = whitewater(&[&["fuzz", &small, "--seeds", seeds], &bug[..]].concat());
        assert_eq!(output.status.code(), Some(1));
        let sizes = |capsule: Scenario| capsule.found().expect("it is a capsule").step;
        capsules(&reports).into_iter().map(sizes).min().expect("something was found")
    };
    let smallest = hunt("1..60");
    let seeds: Vec<u64> = capsules(&reports).iter().map(|capsule| capsule.plan(0).seed).collect();
    let other =
        (1..=60).filter(|seed| !seeds.contains(seed)).take(3).map(|seed| hunt(&format!("{seed}..{seed}")));
    assert!(other.into_iter().all(|step| step == smallest), "a larger run took the place of a smaller one");
}

#[test]
fn an_earlier_failure_that_shows_no_more_is_fixed_and_no_failure() {
    let folder = folder_with("fuzz-fixed", &[("calm.json", CALM)]);
    let found = r#""seed": 8, "seeds": "fixed", "system": { "obedient": {} },
        "found": { "property": "log_matching", "step": 9, "digest": "0x1" }, "nodes""#;
    let failures = folder.join("reports/failures");
    fs::create_dir_all(&failures).unwrap();
    fs::write(failures.join("log-matching-00000000.json"), CALM.replace("\"nodes\"", found)).unwrap();
    fs::write(failures.join("broken.json"), "{").unwrap();
    let (exit, said) = fuzz_again(&folder, &folder.join("reports"), &[]);
    assert_eq!(exit, Exit::Held, "{said}");
    assert!(said.starts_with("  1 earlier failure, 1 fixed\n  fixed log matching   "), "{said}");
}

#[test]
fn what_is_not_as_expected_is_3_and_what_cannot_be_repeated_6() {
    let (exit, said, _) = fuzz("fuzz-unmet", &["--bug", "disappoints"]);
    assert_eq!(exit, Exit::Unmet);
    assert!(said.contains("  x not as expected   20 in 20 runs   seed 1\n      expected much\n"), "{said}");
    assert_eq!(fuzz("fuzz-never", &["--bug", "never-sees"]).0, Exit::Unmet);
    let (exit, said, _) = fuzz("fuzz-wavers", &["--bug", "wavers"]);
    assert_eq!(exit, Exit::Nondeterministic);
    assert!(said.contains("x nondeterministic   seed 1"), "{said}");
    assert_eq!(
        fuzz("fuzz-lacking", &["--bug", "violates", "--keep-going", "2"])
            .1
            .matches("seeds  1, 2, and 18 more (--keep-going)\n")
            .count(),
        1
    );
}

#[test]
fn a_mistake_of_the_tool_is_70_and_two_scenarios_of_one_name_are_2() {
    let folder = folder_with("fuzz-tool", &[("calm.json", CALM), ("a/calm.json", CALM)]);
    let reports = folder.join("reports");
    assert_eq!(fuzz_again(&folder, &reports, &["--bug", "breaks-the-tool"]).0, Exit::Internal);
    assert_eq!(fuzz_again(&folder, &reports, &[text(&folder.join("a/calm.json"))]).0, Exit::Usage);
}

#[test]
fn a_run_that_hangs_is_1_with_its_seed_and_the_rest_is_kept() {
    let (exit, said, reports) = fuzz("fuzz-hangs", &["--bug", "hangs", "-j", "2"]);
    assert_eq!(exit, Exit::Violated);
    assert!(said.contains("  x the system hung   seed 7 of "), "{said}");
    let file = said.lines().find_map(|line| line.trim().strip_prefix("replay whitewater run "));
    let text = fs::read_to_string(file.expect("there is a line to paste")).unwrap();
    let scenario = Scenario::parse("hung.json", &text).expect("it is a scenario");
    assert_eq!((scenario.seeds(), scenario.found()), (Seeds::Fixed(7), None));
    let summary = fs::read_to_string(reports.join("latest/summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    assert_eq!((&summary["hung"][0]["seed"], &summary["exit"]), (&"7".into(), &1.into()));
    assert!(summary["total"]["runs"].as_u64().is_some_and(|runs| (6..20).contains(&runs)));
}

#[test]
fn lines_of_json_tell_of_failures_before_the_results() {
    let (_, said, _) = fuzz("fuzz-lines", &["--bug", "violates", "--format", "ndjson"]);
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["line"].as_str().unwrap()).collect();
    assert_eq!(kinds[0], "begin");
    assert_eq!(kinds[1..21], ["failed"; 20]);
    assert_eq!(kinds[21..], ["scenario", "kind", "summary"]);
    assert!(lines.iter().all(|line| line["format"] == "whitewater/campaign"));
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_folder_there_are_results_and_one_clear_error() {
    let folder = folder_with("fuzz-no-folder", &[("calm.json", CALM)]);
    let file = folder.join("calm.json");
    for reports in [file.join("reports"), "/proc/reports".into()] {
        let output = whitewater(&["fuzz", text(&file), "--seeds", "2", "-q", "--report-dir", text(&reports)]);
        assert_eq!(output.status.code(), Some(74));
        assert_eq!(stdout(&output), "  1 scenario, 1 held\n");
        let said = stderr(&output);
        assert!(said.starts_with(&format!("error: {} could not be written: ", reports.display())), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output =
        process(&["fuzz", text(&file), "--seeds", "2", "-q", "--report-dir", text(&folder.join("r"))])
            .stdout(Stdio::from(full))
            .output()
            .unwrap();
    assert_eq!(output.status.code(), Some(74));
    assert!(folder.join("r/latest/summary.json").exists(), "what can be written is");
}

/// Fuzzes the small campaign into a folder below `folder`.
fn small_campaign(folder: &Path, reports: &str, args: &[&str]) -> Option<i32> {
    let small = small();
    let reports = folder.join(reports);
    let fixed = ["fuzz", &small, "--seeds", "90", "-q", "--report-dir", text(&reports)];
    let output = whitewater(&[&fixed, &BUG[..], args].concat());
    let expected = if args.contains(&"--shard") { [Some(0), Some(1)] } else { [Some(1); 2] };
    assert!(expected.contains(&output.status.code()), "{}", stderr(&output));
    output.status.code()
}

#[test]
fn the_same_bytes_come_from_any_number_of_threads_and_from_shards() {
    let folder = folder("fuzz-bytes");
    for (reports, threads) in [("one", "1"), ("four", "4")] {
        small_campaign(&folder, reports, &["-j", threads]);
    }
    let shards = ["s3", "s1", "s2"].map(|shard| {
        small_campaign(&folder, shard, &["--shard", &format!("{}/3", &shard[1..])]);
        folder.join(shard)
    });
    let merged = folder.join("merged");
    let output = whitewater(&[
        "merge",
        text(&shards[0]),
        text(&shards[1].join("latest")),
        text(&shards[2]),
        "--report-dir",
        text(&merged),
        "-q",
    ]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(1), ""));
    let read = |reports: &str, file: &str| fs::read_to_string(folder.join(reports).join(file)).unwrap();
    let one = read("one", "latest/summary.json");
    let document: Value = serde_json::from_str(&one).expect("it is one document");
    assert!(document["kinds"].as_array().is_some_and(|kinds| !kinds.is_empty()));
    assert!(document.get("env").is_none() && document.get("shards").is_none());
    for what in ["steps", "commits"] {
        let (scenario, number) = (&document["scenarios"][0], |value: &Value| value.as_u64().unwrap());
        let spread = &scenario["per_run"][what];
        let buckets = spread["buckets"].as_array().unwrap();
        assert!(buckets.len() > 10, "{what}: {} buckets", buckets.len());
        let counted: u64 = buckets.iter().map(|bucket| number(&bucket[1])).sum();
        assert_eq!((counted, number(&spread["count"])), (90, 90), "{what}");
        assert_eq!(spread["sum"], number(&scenario["total"][what]).to_string(), "{what}");
    }
    for other in ["four", "merged"] {
        assert!(read(other, "latest/summary.json") == one, "{other} differs");
        let files = names(&folder.join("one/failures"));
        assert_eq!(names(&folder.join(other).join("failures")), files);
        for file in files.iter().map(|file| format!("failures/{file}")) {
            assert!(read(other, &file) == read("one", &file), "{file} of {other} differs");
        }
    }
}

#[test]
fn capsules_of_a_campaign_are_the_very_runs() {
    let folder = folder("fuzz-replay");
    small_campaign(&folder, "reports", &[]);
    let failures = folder.join("reports/failures");
    for name in names(&failures) {
        let output = whitewater(&["replay", text(&failures.join(&name)), "--trace", "none"]);
        assert_eq!(output.status.code(), Some(1), "{name}: {}", stdout(&output));
    }
}

#[test]
fn shards_that_do_not_belong_together_are_refused() {
    let folder = folder("fuzz-strange");
    for (reports, shard) in [("a", "1/2"), ("b", "2/2"), ("c", "1/3")] {
        small_campaign(&folder, reports, &["--shard", shard]);
    }
    small_campaign(&folder, "whole", &[]);
    small_campaign(&folder, "other", &["--shard", "2/2", "--set", "network.loss=0.01"]);
    let report = folder.join("report");
    let merge = |shards: &[&str]| {
        let shards: Vec<PathBuf> = shards.iter().map(|shard| folder.join(shard)).collect();
        let args = shards.iter().map(|shard| text(shard));
        let args: Vec<&str> =
            ["merge"].into_iter().chain(args).chain(["-q", "--report-dir", text(&report)]).collect();
        let output = whitewater(&args);
        (output.status.code(), stderr(&output))
    };
    for (shards, why) in [
        (&["a", "a"][..], "holds shard 1/2, and so does another"),
        (&["a", "c"], "the numbers of shards differ"),
        (&["a", "whole"], "the numbers of shards differ"),
        (&["a", "other"], "the texts of the scenarios differ"),
        (&["a", "nowhere"], "cannot be read"),
    ] {
        let (code, said) = merge(shards);
        assert_eq!(code, Some(2), "{shards:?}");
        assert!(said.contains(why) && said.lines().count() == 1, "{shards:?}: {said}");
    }
    let (code, said) = merge(&["b"]);
    assert!(
        matches!(code, Some(1 | 3))
            && said == "error: of 2 shards these are missing, so this is not the whole campaign: 1\n",
        "{code:?} {said}"
    );
    fs::write(folder.join("a/latest/summary.json"), r#"{ "format": "whitewater/run", "version": 1 }"#)
        .unwrap();
    assert!(merge(&["a"]).1.contains("it is a whitewater/run of version 1"), "{}", merge(&["a"]).1);
}

#[test]
#[cfg(unix)]
fn nothing_in_a_report_steers_the_terminal_of_who_merges_it() {
    let folder = folder("fuzz-hostile");
    small_campaign(&folder, "a", &[]);
    let file = folder.join("a/latest/summary.json");
    let text_of = |file: &Path| fs::read_to_string(file).unwrap();
    let honest = text_of(&file);
    let merged = || {
        let report = folder.join("report");
        let output = whitewater(&["merge", text(&folder.join("a")), "--report-dir", text(&report)]);
        (output.status.code(), stdout(&output) + &stderr(&output))
    };
    for (from, to) in [
        ("\"shown\": \"", "\"shown\": \"\\u001b]0;mine\\u0007\\n"),
        ("\"file\": \"", "\"file\": \"\\u001b[2J"),
        ("\"whitewater/campaign\"", "\"\\u001b[31mcampaign\""),
        ("\"total\": {", "\"total\": \"\\u001b[31m\", \"x\": {"),
    ] {
        let hostile = honest.replacen(from, to, 1);
        assert_ne!(hostile, honest, "{from}");
        fs::write(&file, hostile).unwrap();
        let (code, said) = merged();
        assert!(code.is_some() && !said.is_empty(), "{from}");
        assert!(!said.contains(['\u{1b}', '\u{7}']), "{from}: {said:?}");
    }
    fs::write(&file, honest.replacen("\"version\": 1", "\"version\": 99", 1)).unwrap();
    let page = folder.join("page.html");
    let output = whitewater(&["report", text(&folder.join("a")), "-o", text(&page)]);
    assert!(output.status.code() == Some(2) && !page.exists(), "{}", stderr(&output));
    assert!(stderr(&output).contains("whitewater/campaign of version 99"), "{}", stderr(&output));
    fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &file).unwrap();
    let (code, said) = merged();
    assert!(code == Some(2) && said.contains("it is no regular file"), "{said}");
}

#[test]
fn a_campaign_that_lasts_so_long_says_what_it_came_to() {
    let folder = folder_with("fuzz-for", &[("calm.json", CALM)]);
    let (file, reports) = (folder.join("calm.json"), folder.join("reports"));
    let output = whitewater(&[
        "fuzz",
        text(&file),
        "--for",
        "300ms",
        "--format",
        "json",
        "--report-dir",
        text(&reports),
    ]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let document: Value = serde_json::from_str(&stdout(&output)).expect("it is one document");
    let scenario = &document["scenarios"][0];
    assert_eq!((&scenario["standing"], &document["asked"]["timed"]), (&"held".into(), &true.into()));
    assert_eq!(scenario["seeds"]["last"], scenario["wanted"], "seeds 1 to N, N of them");
    assert!(scenario["total"]["runs"].as_u64().is_some_and(|runs| runs > 1));
    for time in ["0s", "5", "-1s", "soon"] {
        assert_eq!(whitewater(&["fuzz", text(&file), "--for", time]).status.code(), Some(2), "{time}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_there_is() {
    let folder = folder_with("fuzz-interrupted", &[("calm.json", CALM)]);
    let (file, reports) = (folder.join("calm.json"), folder.join("reports"));
    let args = ["fuzz", text(&file), "--seeds", "0..0xffffffffffffffff", "--report-dir", text(&reports)];
    let mut child = process(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert_eq!(
        lines.next().unwrap().unwrap(),
        "seeds 0..18446744073709551615, 18,446,744,073,709,551,616 runs of 1 scenario"
    );
    let progress = lines.next().unwrap().unwrap();
    assert!(progress.contains(" seeds/s, ") && progress.ends_with(" s, after 2 s"), "{progress}");
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(stdout(&output).ends_with("  1 scenario, 0 held, 1 unfinished\n"), "{}", stdout(&output));
    let summary: Value =
        serde_json::from_str(&fs::read_to_string(reports.join("latest/summary.json")).unwrap()).unwrap();
    assert_eq!((&summary["exit"], &summary["scenarios"][0]["standing"]), (&130.into(), &"unfinished".into()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_campaign_that_is_killed_leaves_whole_capsules_and_a_journal() {
    let folder = folder("fuzz-killed");
    let (small, reports) = (small(), folder.join("reports"));
    let fixed = ["fuzz", small.as_str(), "--report-dir", text(&reports), "-j", "2"];
    let args = [&fixed, &["--bug", "commits-older-term", "--seeds", "0..0xffffffffffffffff"][..]].concat();
    let mut child = process(&args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.nth(1).unwrap().unwrap().ends_with("after 2 s"));
    child.kill().unwrap();
    child.wait().unwrap();
    let found = capsules(&reports);
    assert!(!found.is_empty() && found.iter().all(|capsule| capsule.found().is_some()));
    let args = [&fixed[..], &["--bug", "commits-older-term", "--seeds", "1"]].concat();
    let output = whitewater(&args);
    assert_eq!(output.status.code(), Some(1));
    let first = format!("  {} earlier failures, 0 fixed\n", found.len());
    assert!(stdout(&output).starts_with(&first), "{}", stdout(&output));
    let said = stderr(&output);
    assert!(
        (1..=2).contains(&said.matches("note: an earlier campaign was killed, or died, on seed ").count()),
        "{said}"
    );
    assert!(said.contains(&format!(": whitewater run {small} --seed ")), "{said}");
    assert!(!stderr(&whitewater(&args)).contains("died"), "it is said once");
    assert!(names(&reports.join("failures")).iter().all(|name| name.ends_with(".json")), "no parts are left");
}
