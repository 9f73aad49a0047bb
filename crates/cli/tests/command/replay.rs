//! Capsules from outside: one that is the same run, and whatever may be wrong with one that is not.

use crate::common::{CALM, SCENARIOS, folder, process, stderr, stdout, text, whitewater};
use serde_json::Value;
use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use whitewater_campaign::ladder::encode;
use whitewater_check::finding::Finding;
use whitewater_check::property::Property;
use whitewater_sim::run::Settings;
use whitewater_sim::scenario::Scenario;
use whitewater_sim::scenario::found::Found;
use whitewater_sim::verdict::{Rung, Verdict};
use whitewater_systems::SYSTEMS;

/// A capsule, and the run that it is of.
pub(crate) struct Made {
    scenario: Scenario,
    verdict: Verdict,
    found: Found,
}

/// A capsule of the paper's figure 8 with the mistake that it is about.
pub(crate) fn made(settings: Settings) -> Made {
    let file = format!("{SCENARIOS}/paper/figure-8.json");
    let story =
        Scenario::parse(&file, &fs::read_to_string(&file).expect("it is there")).expect("it is right");
    let mut plan = story.plan(8);
    plan.system.bug = Some("commits-older-term".to_owned());
    let settings = Settings { ladder: true, ..settings };
    let verdict = (SYSTEMS[0].runner)().run(plan.clone(), &settings).expect("the bug is there");
    let Finding { property, at, facts } = verdict.found().next().expect("the bug shows").clone();
    let found = Found {
        property,
        step: at.step.into(),
        time: Some(at.time),
        digest: verdict.digest,
        version: Some("0.0.9".to_owned()),
        system: Some("whitewater".to_owned()),
        facts: facts.into_iter().map(|fact| fact.text).collect(),
        ladder: Some(encode(&verdict.ladder)),
        shrunk_from: None,
    };
    let text = story.resolved(&plan, Some(&found));
    let scenario = Scenario::parse("capsule.json", &text).expect("what is resolved is right");
    Made { scenario, verdict, found }
}

impl Made {
    /// The text of the capsule with another record.
    fn text(&self, change: impl FnOnce(&mut Found)) -> String {
        let mut found = self.found.clone();
        change(&mut found);
        self.scenario.resolved(&self.scenario.plan(self.verdict.seed), Some(&found))
    }

    /// The capsule as a file of a test.
    pub(crate) fn file(&self, test: &str, change: impl FnOnce(&mut Found)) -> PathBuf {
        written(test, &self.text(change))
    }

    /// The text of a ladder of the run with another digest at a place.
    fn ladder_with(&self, place: usize) -> String {
        let mut rungs: Vec<Rung> = self.verdict.ladder.clone();
        rungs[place].digest ^= 1;
        encode(&rungs)
    }
}

fn written(test: &str, text: &str) -> PathBuf {
    let file = folder(test).join("capsule.json");
    fs::write(&file, text).expect("it can be written");
    file
}

fn replay(test: &str, capsule: &str, args: &[&str]) -> (Option<i32>, String, String) {
    let file = written(test, capsule);
    let output = whitewater(&[&["replay", text(&file)], args].concat());
    (output.status.code(), stdout(&output), stderr(&output))
}

#[test]
fn the_same_run_is_1_and_is_shown_as_run_does() {
    let made = made(Settings::default());
    let (code, said, warned) = replay("same", &made.text(|_| ()), &[]);
    assert_eq!((code, warned.as_str()), (Some(1), ""), "{said}");
    assert!(said.starts_with("  x    figure-8    5 nodes  seed 8 "), "{said}");
    assert!(said.contains("\n  x leader completeness   t=") && said.contains("\n    why    "), "{said}");
    let again = said.lines().find_map(|line| line.strip_prefix("    replay ")).unwrap();
    assert!(
        again.starts_with("whitewater replay ") && again.ends_with("/capsule.json --trace short"),
        "{again}"
    );
    let (step, digest) = (made.found.step, made.found.digest);
    let last = format!(
        "  the same run: leader completeness at step {step}, digest {digest:#018x}, written down by whitewater 0.0.9\n"
    );
    assert!(said.ends_with(&last), "{said}");
}

#[test]
fn a_trace_is_shown_in_the_form_that_was_asked_for() {
    let capsule = made(Settings::default()).text(|_| ());
    let lines = |form: &str| replay(&format!("form-{form}"), &capsule, &["--trace", form]).1.lines().count();
    let (none, short, full) = (lines("none"), lines("short"), lines("full"));
    assert!(none < 30 && none < short && short < full, "{none} {short} {full}");
}

#[test]
fn a_capsule_that_an_early_finding_ended_is_the_same_run_too() {
    let made = made(Settings { stop_early: true, ..Settings::default() });
    assert_eq!(made.found.property, Property::CommittedByTheRule);
    let (code, said, _) = replay("early", &made.text(|_| ()), &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("  the same run: committed by the rule at step "), "{said}");
}

#[test]
fn without_a_ladder_the_digest_has_to_do() {
    let made = made(Settings::default());
    assert_eq!(replay("bare", &made.text(|found| found.ladder = None), &[]).0, Some(1));
    let other = |found: &mut Found| {
        found.ladder = None;
        found.digest ^= 1;
        found.version = None;
    };
    let (code, said, _) = replay("bare-other", &made.text(other), &[]);
    assert_eq!(code, Some(5));
    let first =
        "      first    the capsule has no digest ladder, so all that is known is that the digest differs\n";
    assert!(said.ends_with(first) && said.contains("   another version\n"), "{said}");
}

#[test]
fn another_digest_step_or_property_is_5() {
    let made = made(Settings::default());
    let now = format!("leader completeness at step {}", made.found.step);
    let otherwise = "the digests are equal: the same happens, and it is judged otherwise";
    let at_the_end = "every step is the same; the digests differ at the end";
    type Change = fn(&mut Found);
    let changes: [(&str, Change, &str); 3] = [
        ("digest", |found| found.digest ^= 1 << 40, at_the_end),
        ("step", |found| found.step += 1, otherwise),
        ("property", |found| found.property = Property::LogMatching, otherwise),
    ];
    for (name, change, why) in changes {
        let (code, said, _) = replay(&format!("other-{name}"), &made.text(change), &[]);
        assert_eq!(code, Some(5), "{said}");
        assert!(said.contains("  x not the run that the capsule was written of\n"), "{said}");
        assert!(
            said.contains(&format!("      now      {now}   digest {:#018x}", made.found.digest)),
            "{said}"
        );
        assert!(said.ends_with(&format!("      first    {why}\n")), "{said}");
    }
}

#[test]
fn the_first_step_that_differs_is_named_with_what_happens_in_it() {
    let made = made(Settings::default());
    for place in [0, 7, made.verdict.ladder.len() - 1] {
        let step = made.verdict.ladder[place].step;
        let ladder = made.ladder_with(place);
        let (code, said, _) =
            replay("rung", &made.text(|found| found.ladder = Some(ladder)), &["--trace", "none"]);
        assert_eq!(code, Some(5), "{said}");
        let (_, there) =
            said.split_once(&format!("step {step} is the first that differs; now there is\n")).unwrap();
        let is_of_step = |line: &str| line.split_whitespace().nth(1) == Some(step.to_string().as_str());
        assert!(!there.is_empty() && there.lines().all(is_of_step), "{said}");
    }
}

#[test]
fn a_run_that_ends_sooner_or_later_says_so() {
    let made = made(Settings::default());
    let rungs = &made.verdict.ladder;
    let longer: Vec<Rung> = rungs.iter().copied().chain([Rung { step: 9_999, digest: 7 }]).collect();
    let (code, said, _) = replay("sooner", &made.text(|found| found.ladder = Some(encode(&longer))), &[]);
    assert_eq!(code, Some(5));
    let ends = format!(
        "now it ends after {} of {} steps; up to then every step is the same\n",
        rungs.len(),
        longer.len()
    );
    assert!(said.ends_with(&ends), "{said}");
    let (last, shorter) = rungs.split_last().unwrap();
    let (code, said, _) = replay("later", &made.text(|found| found.ladder = Some(encode(shorter))), &[]);
    assert_eq!(code, Some(5));
    assert!(said.contains(&format!("step {} is the first that differs", last.step)), "{said}");
}

#[test]
fn of_a_long_run_a_narrow_interval_is_named() {
    let text = r#"{ "version": 1, "name": "long", "about": "Long.", "nodes": 3, "seed": 1, "run_for": "20s",
        "network": { "latency": "500us" }, "clients": [{ "count": 3, "every": "4ms" }] }"#;
    let scenario = Scenario::parse("long.json", text).unwrap();
    let settings = Settings { ladder: true, ..Settings::default() };
    let verdict = (SYSTEMS[0].runner)().run(scenario.plan(1), &settings).unwrap();
    let steps = verdict.ladder.len();
    assert!((65_537..131_073).contains(&steps), "one rung for two steps: {steps}");
    let found =
        Found { digest: verdict.digest, ladder: Some(encode(&verdict.ladder)), ..made(settings).found };
    let made = Made { scenario, verdict, found };
    let said = |test: &str, capsule: &str| {
        let (code, said, _) = replay(test, capsule, &["--trace", "none"]);
        assert_eq!(code, Some(5), "{said}");
        said
    };
    let whole = made.text(|_| ());
    let (rungs, begin) = (made.found.ladder.as_ref().unwrap().len(), whole.find("\"ladder\"").unwrap());
    assert!(rungs < 180_000 && begin < 4_096, "a capsule is small");
    assert!(said("long-same", &whole).ends_with("the same happens, and it is judged otherwise\n"));
    let place = 50_001;
    let ladder = made.ladder_with(place);
    let steps = [place - 1, place].map(|place| made.verdict.ladder[place].step);
    let told = said("long-other", &made.text(|found| found.ladder = Some(ladder)));
    let numbers = steps.map(|step| format!("{},{:03}", step / 1_000, step % 1_000));
    let expected =
        format!("the first step that differs is one of {} to {}; now there is\n", numbers[0], numbers[1]);
    assert!(told.contains(&expected), "{expected}{told}");
}

#[test]
fn a_cluster_that_does_something_else_is_5_from_the_step_on() {
    let made = made(Settings::default());
    let capsule = made.text(|_| ());
    let later = capsule.replace("\"at\": \"40ms\"", "\"at\": \"41ms\"");
    assert_ne!(later, capsule);
    let (code, said, _) = replay("later-restart", &later, &[]);
    assert_eq!(code, Some(5));
    let named = said.lines().find_map(|line| line.strip_prefix("      first    step "));
    let named = named.and_then(|line| line.strip_suffix(" is the first that differs; now there is"));
    let (restarted, wins) = (20, made.found.step);
    assert!((restarted..wins).contains(&named.unwrap().parse().unwrap()), "{said}");
    let (code, said, _) = replay("mended", &capsule.replace(", \"bug\": \"commits-older-term\"", ""), &[]);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("      now      nothing violated in "), "{said}");
}

#[test]
fn what_cannot_be_run_is_2_with_the_reason() {
    let capsule = made(Settings::default()).text(|_| ());
    let bug = |name: &str| capsule.replace("\"commits-older-term\"", &format!("\"{name}\""));
    let (code, said, why) = replay("no-bug", &bug("forgotten"), &[]);
    assert_eq!((code, said.as_str()), (Some(2), ""));
    assert!(
        why.contains("`forgotten`") && why.contains("list bugs") && why.contains("capsule.json:"),
        "{why}"
    );
    let elsewhere = capsule.replace("{ \"whitewater\": {", "{ \"elsewhere\": {");
    let (code, _, why) = replay("no-system", &elsewhere, &[]);
    assert_eq!(code, Some(2));
    assert!(why.contains("there is no system `elsewhere`; there are: whitewater"), "{why}");
}

#[test]
fn what_is_no_capsule_is_2_and_is_told_what_one_is() {
    let (code, said, why) = replay("no-capsule", CALM, &[]);
    assert_eq!((code, said.as_str()), (Some(2), ""));
    assert!(why.contains("it is no capsule: a capsule is a scenario that says in `found`"), "{why}");
    assert!(why.contains("`whitewater run "), "{why}");
    let capsule = made(Settings::default()).text(|_| ());
    let seedless = capsule.replace("  \"seed\": 8,\n", "").replace("  \"seeds\": \"fixed\",\n", "");
    let (code, _, why) = replay("no-seed", &seedless, &[]);
    assert_eq!(code, Some(2));
    assert!(why.contains("it does not say with which `seed` it was run"), "{why}");
    let folder = folder("replay-folder");
    for path in [text(&folder), "/no/such/capsule.json"] {
        assert_eq!(whitewater(&["replay", path]).status.code(), Some(2), "{path}");
    }
    assert_eq!(whitewater(&["replay"]).status.code(), Some(2));
}

#[test]
fn hostile_ladders_are_refused() {
    let made = made(Settings::default());
    let whole = made.found.ladder.clone().unwrap();
    let cut = whole[..whole.len() / 8 * 4].to_owned();
    for ladder in ["", "AAAA", "////////", "/////w==", &whole.repeat(2), &cut, &"A".repeat(200_000)] {
        let (code, said, why) =
            replay("hostile", &made.text(|found| found.ladder = Some(ladder.to_owned())), &[]);
        assert_eq!((code, said.as_str()), (Some(2), ""), "{why}");
        assert!(why.ends_with("capsule.json: what its `ladder` holds is no digest ladder\n"), "{why}");
    }
}

#[test]
fn programs_are_told_in_one_document_or_one_line() {
    let made = made(Settings::default());
    let ladder = made.ladder_with(7);
    let other = |found: &mut Found| found.ladder = Some(ladder);
    let (same, parted) = (made.file("json-same", |_| ()), made.file("json-parted", other));
    let told = |file: &PathBuf, format: &str| {
        let output = whitewater(&["replay", text(file), "--format", format, "--trace", "none"]);
        let value: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&value["format"], &value["version"]), (&"whitewater/replay".into(), &1.into()));
        assert_eq!(value["exit"], output.status.code().unwrap());
        value
    };
    let value = told(&same, "json");
    assert_eq!((&value["same"], &value["parting"], &value["exit"]), (&true.into(), &Value::Null, &1.into()));
    assert_eq!(value["capsule"]["digest"], value["now"]["digest"]);
    assert_eq!(
        (&value["capsule"]["whitewater"], &value["now"]["system"]),
        (&"0.0.9".into(), &"whitewater".into())
    );
    assert_eq!(value["scenario"]["failures"][0]["violation"]["step"], value["now"]["step"]);
    let value = told(&parted, "ndjson");
    assert_eq!(
        (&value["same"], &value["line"], &value["exit"]),
        (&false.into(), &"replay".into(), &5.into())
    );
    let step = made.verdict.ladder[7].step;
    assert_eq!((&value["parting"]["first"], &value["parting"]["last"]), (&step.into(), &step.into()));
    assert!(!value["parting"]["trace"].as_array().unwrap().is_empty());
}

#[test]
fn results_may_go_to_a_file_and_never_to_the_capsule() {
    let capsule = made(Settings::default()).file("replay-out", |_| ());
    let out = capsule.with_file_name("out");
    let to = |out: &str| whitewater(&["replay", text(&capsule), "-o", out]);
    assert_eq!((to(text(&out)).status.code(), to(text(&out)).stdout), (Some(1), Vec::new()));
    assert!(fs::read_to_string(&out).unwrap().contains("the same run: "));
    let before = fs::read_to_string(&capsule).unwrap();
    assert_eq!(to(text(&capsule)).status.code(), Some(2));
    assert_eq!(fs::read_to_string(&capsule).unwrap(), before);
    assert_eq!(to("/no/such/folder/out").status.code(), Some(74));
}

#[test]
fn a_reader_who_goes_away_changes_nothing_about_the_verdict() {
    let capsule = made(Settings::default()).file("replay-closed", |_| ());
    let args = ["replay", text(&capsule), "--trace", "full"];
    let mut child = process(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(1), ""));
}

#[test]
fn run_takes_what_was_found_for_an_expectation() {
    let made = made(Settings::default());
    let run = |test: &str, text_of: &str, args: &[&str]| -> Output {
        let file = written(test, text_of);
        whitewater(&[&["run", text(&file)], args].concat())
    };
    let output = run("run-capsule", &made.text(|found| found.step += 1), &[]);
    assert_eq!(output.status.code(), Some(0), "at whatever step: {}", stdout(&output));
    assert!(stdout(&output).contains("violates leader_completeness, as expected"), "{}", stdout(&output));
    let mended = made.text(|_| ()).replace(", \"bug\": \"commits-older-term\"", "");
    let output = run("run-mended", &mended, &[]);
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    let said = stdout(&output);
    assert!(said.contains("expected violates leader_completeness   measured nothing was violated"), "{said}");
    assert!(said.contains("    replay whitewater run "), "{said}");
}
