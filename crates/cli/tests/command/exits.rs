//! How the command ends, with systems that do as they are told: every exit code that a run can have.

use crate::common::{CALM, folder_with};
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use whitewater_check::finding::{Early, Fact, Finding};
use whitewater_check::markers::Markers;
use whitewater_check::property::Property;
use whitewater_check::types::At;
use whitewater_cli::command;
use whitewater_cli::exit::Exit;
use whitewater_sim::family::Family;
use whitewater_sim::measure::{Histogram, Measure};
use whitewater_sim::plan::Plan;
use whitewater_sim::replica::Unsupported;
use whitewater_sim::run::{Runner, Settings};
use whitewater_sim::verdict::{Measured, Settling, Verdict};
use whitewater_systems::Listed;

/// Does what its bug says.
struct Obedient;

static RUNS: AtomicU64 = AtomicU64::new(0);

impl Runner for Obedient {
    fn run(&mut self, plan: Plan, settings: &Settings) -> Result<Verdict, Unsupported> {
        let bug = plan.system.bug.as_deref().unwrap_or("none");
        let starts_only = settings.max_events == 0;
        let finding = |property| {
            let at = At { time: 2, step: 2, ..At::default() };
            Finding { property, at, facts: vec![Fact::new(at, "so it is")] }
        };
        let expected = |held, over_seeds| {
            let (what, measured) = ("much".to_owned(), "little".to_owned());
            vec![Measured { what, measured, held, over_seeds }]
        };
        let mut verdict = plain(&plan);
        match bug {
            "none" => {}
            "violates" => verdict.violation = Some(finding(Property::LogMatching)),
            "breaks-a-rule" => {
                verdict.early = vec![Early { finding: finding(Property::Monotonicity), count: 1 }]
            }
            "panics" => verdict.violation = Some(finding(Property::Panicked)),
            "disappoints" => verdict.expected = expected(false, false),
            "never-sees" => verdict.expected = expected(false, true),
            "wavers" => verdict.digest = RUNS.fetch_add(1, Ordering::Relaxed),
            "breaks-the-tool" if !starts_only => panic!("a mistake of the tool"),
            "breaks-the-tool" => {}
            "hangs" if plan.seed == 7 => loop {
                std::thread::park();
            },
            "hangs" => {}
            other => return Err(Unsupported(format!("obedient has no bug `{other}`"))),
        }
        Ok(verdict)
    }
}

fn plain(plan: &Plan) -> Verdict {
    Verdict {
        scenario: plan.name.clone(),
        seed: plan.seed,
        system: plan.system.name.clone(),
        bug: plan.system.bug.clone(),
        nodes: plan.nodes,
        steps: 3,
        events: 3,
        time: 3,
        digest: plan.seed,
        ladder: Vec::new(),
        faults: 0,
        commits: 0,
        violation: None,
        early: Vec::new(),
        expected: Vec::new(),
        not_observed: Vec::new(),
        markers: Markers::default(),
        families: [0; Family::COUNT],
        measures: vec![(Measure::Throughput, Histogram::default())],
        settling: Settling::Settled,
        stalled: None,
        history: None,
        drawn: Vec::new(),
        trace: Vec::new(),
        story: None,
    }
}

/// The obedient one alone.
pub(crate) const SYSTEMS: &[Listed] = &[Listed {
    name: "obedient",
    about: "Does as it is told.",
    version: "1",
    supports: &[],
    runner: || Box::new(Obedient),
}];

/// Runs `args` with the scenario of this test, and gives the exit and the text of the output file.
pub(crate) fn run(test: &str, args: &[&str]) -> (Exit, String) {
    let folder = folder_with(test, &[("calm.json", CALM)]);
    let scenario = folder.join("calm.json");
    run_on(&folder, &[scenario], args)
}

fn run_on(folder: &Path, scenarios: &[PathBuf], args: &[&str]) -> (Exit, String) {
    let out = folder.join("out");
    let mut all: Vec<OsString> =
        ["whitewater", "run", "--system", "obedient", "-o"].map(OsString::from).to_vec();
    all.push(out.clone().into());
    all.extend(scenarios.iter().map(OsString::from));
    all.extend(args.iter().map(OsString::from));
    let exit = command(all, SYSTEMS, &AtomicBool::new(false));
    (exit, fs::read_to_string(out).unwrap_or_default())
}

#[test]
fn what_holds_is_0() {
    let (exit, text) = run("held", &[]);
    assert_eq!(exit.code(), 0);
    assert!(text.ends_with("  1 scenario, 1 held\n"), "{text}");
}

#[test]
fn violations_panics_and_broken_rules_are_1() {
    for bug in ["violates", "breaks-a-rule", "panics"] {
        let (exit, text) = run(bug, &["--bug", bug]);
        assert_eq!(exit.code(), 1, "{bug}");
        assert!(text.contains("so it is") && text.ends_with("  1 scenario, 0 held, 1 violated\n"), "{text}");
        let replay = text.lines().find_map(|line| line.trim().strip_prefix("replay ")).unwrap_or_default();
        assert!(
            replay.starts_with("whitewater run ") && replay.contains("--seed 1 --system obedient"),
            "{replay}"
        );
    }
}

#[test]
fn a_bug_that_the_system_lacks_is_2_by_name_and_skipped_with_its_folder() {
    assert_eq!(run("lacking", &["--bug", "unheard-of"]).0.code(), 2);
    let folder = folder_with("lacking-folder", &[("a/calm.json", CALM)]);
    let (exit, text) = run_on(&folder, &[folder.join("a")], &["--bug", "unheard-of"]);
    assert_eq!(exit.code(), 4);
    let why = "skip calm  obedient has no bug `unheard-of`; see `whitewater list bugs`";
    assert!(text.contains(why), "{text}");
    assert!(text.ends_with("  1 scenario, 0 held, 1 skipped\n"), "{text}");
}

#[test]
fn a_scenario_with_another_bug_in_it_is_skipped_and_the_rest_runs() {
    let strange = CALM.replace("\"nodes\"", r#""system": { "x": { "bug": "unheard-of" } }, "nodes""#);
    let folder = folder_with("mixed", &[("a/calm.json", CALM), ("a/b/strange.json", &strange)]);
    let (exit, text) = run_on(&folder, &[folder.join("a")], &[]);
    assert_eq!(exit.code(), 0, "{text}");
    assert!(
        text.contains("skip b/strange") && text.ends_with("  2 scenarios, 1 held, 1 skipped\n"),
        "{text}"
    );
}

#[test]
fn what_is_not_as_expected_is_3() {
    let (exit, text) = run("unmet", &["--bug", "disappoints"]);
    assert_eq!(exit.code(), 3);
    assert!(text.contains("expected much   measured little"), "{text}");
    assert_eq!(run("never-many", &["--bug", "never-sees", "--seeds", "2"]).0.code(), 3);
    assert_eq!(run("never-one", &["--bug", "never-sees"]).0.code(), 0);
}

#[test]
fn a_run_that_cannot_be_repeated_is_6() {
    let (exit, text) = run("wavers", &["--bug", "wavers", "--twice"]);
    assert_eq!(exit.code(), 6);
    assert!(text.contains("two runs differ") && text.contains("--twice\n"), "{text}");
    assert!(text.contains("  each run twice, 1 run not repeated\n"), "{text}");
    let (exit, text) = run("steady", &["--twice"]);
    assert_eq!(exit.code(), 0);
    assert!(text.ends_with("  each run twice, no difference\n  1 scenario, 1 held\n"), "{text}");
    let (_, text) = run("steady-json", &["--twice", "--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["twice"], true);
}

#[test]
fn a_mistake_of_the_tool_is_70() {
    assert_eq!(run("tool", &["--bug", "breaks-the-tool"]).0.code(), 70);
}

#[test]
fn a_flag_that_is_raised_is_130_and_what_there_is_is_written() {
    let folder = folder_with("raised", &[("calm.json", CALM)]);
    let out = folder.join("out");
    let args =
        ["whitewater".into(), "run".into(), folder.join("calm.json").into(), "-o".into(), out.clone().into()];
    let args = args.into_iter().chain(["--system", "obedient", "--seeds", "9"].map(OsString::from));
    assert_eq!(command(args, SYSTEMS, &AtomicBool::new(true)), Exit::Interrupted);
    assert!(fs::read_to_string(out).unwrap().ends_with("  1 scenario, 0 held, 1 unfinished\n"));
}

#[test]
fn a_check_that_is_interrupted_is_130() {
    let folder = folder_with("check-raised", &[("calm.json", CALM)]);
    let (scenario, out) = (folder.join("calm.json"), folder.join("out"));
    let args =
        || ["whitewater".into(), "check".into(), scenario.clone().into(), "-o".into(), out.clone().into()];
    assert_eq!(command(args(), SYSTEMS, &AtomicBool::new(true)), Exit::Interrupted);
    assert_eq!(fs::read_to_string(&out).unwrap(), "  0 files, 0 ok\n");
    assert_eq!(command(args(), SYSTEMS, &AtomicBool::new(false)), Exit::Held);
}

#[test]
fn a_story_with_a_fixed_seed_runs_once_and_says_so() {
    let story = CALM.replace("\"nodes\"", r#""seed": 8, "seeds": "fixed", "nodes""#);
    let folder = folder_with("story", &[("calm.json", &story)]);
    let (exit, text) = run_on(&folder, &[folder.join("calm.json")], &["--seeds", "1..50"]);
    assert_eq!(exit.code(), 0);
    assert!(text.contains("seed 8 only"), "{text}");
}

#[test]
fn json_is_one_document_and_the_same_for_any_number_of_threads() {
    let document = |test: &str, threads: &str| {
        let (exit, text) = run(test, &["--format", "json", "--seeds", "0..99", "-j", threads]);
        assert_eq!(exit.code(), 0);
        let mut value: Value = serde_json::from_str(&text).unwrap();
        let object = value.as_object_mut().unwrap();
        assert!(object.remove("env").is_some());
        assert_eq!(object["scenarios"][0]["total"]["runs"], 100);
        value.to_string().replace(test, "")
    };
    assert_eq!(document("json-1", "1"), document("json-4", "4"));
}

#[test]
fn an_output_file_is_whole_or_not_there() {
    let folder = folder_with("whole", &[("calm.json", CALM)]);
    run_on(&folder, &[folder.join("calm.json")], &["--bug", "breaks-the-tool"]);
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["calm.json"]);
}
