//! What a person does before and beside running: check, start anew, list, set values, read other formats.

use crate::common::{CALM, SCENARIOS, folder, folder_with, stderr, stdout, text, whitewater};
use serde_json::Value;
use std::fs;

/// A file with a value in it that is doubtful and not wrong.
fn doubtful() -> String {
    CALM.replace("\"nodes\": 3", r#""nodes": 3, "network": { "latency": "400ms" }"#)
}

fn json(text: &[u8]) -> Value {
    serde_json::from_slice(text).expect("it is one document")
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("every line is a document")).collect()
}

#[test]
fn check_names_what_is_good_and_warns_of_what_is_doubtful() {
    let story = CALM.replace("\"nodes\"", r#""seed": 8, "seeds": "fixed", "nodes""#);
    let folder = folder_with("check", &[("a/calm.json", CALM), ("story.json", &story)]);
    let output = whitewater(&["check", text(&folder)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let expected = "  ok   a/calm  any seed     Nothing happens.\n  ok   story   seed 8 only  Nothing happens.\n  2 files, 2 ok\n";
    assert_eq!(stdout(&output), expected);
    assert_eq!(stderr(&output), "");
    fs::write(folder.join("doubtful.json"), doubtful()).unwrap();
    let output = whitewater(&["check", "-q", text(&folder)]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stdout(&output), "  3 files, 3 ok, 1 warning\n");
    assert!(stderr(&output).starts_with("warning: ") && stderr(&output).contains("doubtful.json:1:"));
}

#[test]
fn check_tells_programs_line_by_line() {
    let folder = folder_with("check-lines", &[("a.json", CALM), ("b.json", "{"), ("c.json", &doubtful())]);
    let output = whitewater(&["check", text(&folder), "--format", "ndjson"]);
    assert_eq!((output.status.code(), stderr(&output)), (Some(2), String::new()));
    let lines = json_lines(&stdout(&output));
    assert!(lines.iter().all(|line| line["format"] == "whitewater/check" && line["version"] == 1));
    let kinds: Vec<&Value> = lines.iter().map(|line| &line["line"]).collect();
    assert_eq!(kinds, ["file", "file", "file", "summary"]);
    assert_eq!(lines[0]["scenario"]["name"], "calm", "its own, and not that of its file");
    assert_eq!(lines[1]["scenario"], Value::Null);
    assert_eq!(lines[1]["remarks"][0]["severity"], "error");
    assert_eq!(lines[2]["remarks"][0]["severity"], "warning");
    assert_eq!(lines[3]["summary"], json(br#"{ "files": 3, "ok": 2, "wrong": 1, "warnings": 1 }"#));
    assert_eq!(lines[3]["exit"], 2);
}

#[test]
fn run_shows_warnings_unless_it_is_to_be_quiet() {
    let folder = folder_with("warned", &[("a.json", &doubtful())]);
    let run = |more: &[&str]| stderr(&whitewater(&[&["run", text(&folder)], more].concat()));
    assert!(run(&[]).starts_with("warning: "), "{}", run(&[]));
    assert_eq!(run(&["-q"]), "");
}

#[test]
fn a_new_scenario_runs_and_holds_as_it_is() {
    let folder = folder("new");
    let file = folder.join("mine.json");
    let output = whitewater(&["new", "my-first", "-o", text(&file)]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(fs::read_to_string(&file).unwrap().contains("\"name\": \"my-first\""));
    let run = whitewater(&["run", text(&file), "--seeds", "1..40"]);
    assert_eq!((run.status.code(), stderr(&run)), (Some(0), "seeds 1..40, 40 runs\n".to_owned()));
    assert!(stdout(&run).ends_with("  1 scenario, 1 held\n"), "{}", stdout(&run));
}

#[test]
fn nothing_is_overwritten_by_a_new_scenario() {
    let folder = folder_with("new-over", &[("mine.json", "precious")]);
    let file = folder.join("mine.json");
    let output = whitewater(&["new", "mine", "-o", text(&file)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("is there already"), "{}", stderr(&output));
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    let elsewhere = whitewater(&["new", "mine", "-o", "/no/such/folder/mine.json"]);
    assert_eq!(elsewhere.status.code(), Some(74));
    let misnamed = folder.join("other.json");
    let refused = whitewater(&["new", "Bad Name", "-o", text(&misnamed)]);
    assert_eq!(refused.status.code(), Some(2));
    let said = stderr(&refused);
    assert!(said.contains("a to z, 0 to 9 and dashes") && !said.contains("starter.json"), "{said}");
    assert!(!misnamed.exists());
}

#[test]
fn a_new_scenario_can_go_to_standard_output() {
    let output = whitewater(&["new", "mine", "-o", "-"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).starts_with('{') && stdout(&output).ends_with("}\n"), "{}", stdout(&output));
    assert!(stdout(&output).contains("\"name\": \"mine\""));
}

#[test]
fn a_new_scenario_from_another_one_has_all_of_it_but_the_name() {
    let folder = folder("new-from");
    let (from, file) = (format!("{SCENARIOS}/partition/split-brain.json"), folder.join("mine.json"));
    assert_eq!(whitewater(&["new", "mine", "--from", &from, "-o", text(&file)]).status.code(), Some(0));
    let original = fs::read_to_string(from).unwrap();
    let renamed = original.replacen("\"name\": \"split-brain\"", "\"name\": \"mine\"", 1);
    assert_ne!(renamed, original);
    let text = fs::read_to_string(&file).unwrap();
    let without_schema =
        |text: &str| text.lines().filter(|line| !line.contains("$schema")).collect::<String>();
    assert_eq!(without_schema(&text), without_schema(&renamed));
    let schema = text.split("\"$schema\": \"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let schema = folder.join(schema).canonicalize().unwrap();
    assert_eq!(schema, fs::canonicalize(format!("{SCENARIOS}/scenario.schema.json")).unwrap());
    assert_eq!(whitewater(&["new", "x", "--from", "/no/such.json"]).status.code(), Some(2));
}

#[test]
fn everything_can_be_listed_for_programs_too() {
    for topic in ["scenarios", "systems", "properties", "faults", "bugs", "markers", "measures"] {
        let paths = if topic == "scenarios" { &[SCENARIOS][..] } else { &[] };
        let list = |format| whitewater(&[&["list", topic, "--format", format], paths].concat());
        let document = json(&list("json").stdout);
        assert_eq!((&document["format"], &document["topic"]), (&"whitewater/list".into(), &topic.into()));
        let items = document["items"].as_array().unwrap();
        let lines = json_lines(&stdout(&list("ndjson")));
        assert_eq!(items.len(), lines.len());
        let human = stdout(&list("human"));
        for (item, line) in items.iter().zip(&lines) {
            let name = item["name"].as_str().unwrap();
            assert_eq!(line["name"], name);
            assert!(!item["about"].as_str().unwrap().is_empty(), "{topic} {name}");
            let last = |line: &str| {
                line.split(' ').next().and_then(|path| path.split('/').next_back()) == Some(name)
            };
            assert!(human.lines().any(last), "{topic} {name}");
            assert_eq!(item["file"].is_string(), topic == "scenarios");
            assert_eq!(item["example"].is_string(), topic == "faults");
        }
    }
}

#[test]
fn the_schema_is_one_document_that_knows_the_fields() {
    let schema = json(&whitewater(&["schema"]).stdout);
    assert!(schema["properties"]["timeline"].is_object(), "{schema}");
    let file = folder("schema").join("scenario.schema.json");
    assert_eq!(whitewater(&["schema", "-o", text(&file)]).status.code(), Some(0));
    assert_eq!(json(&fs::read(&file).unwrap()), schema);
}

#[test]
fn shells_learn_the_commands_and_options() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = whitewater(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        let script = stdout(&output);
        for word in ["whitewater", "check", "seeds", "completions"] {
            assert!(script.contains(word), "{word} is missing for {shell}");
        }
    }
    let bash = stdout(&whitewater(&["completions", "bash"]));
    assert!(bash.contains("forgets-vote") && bash.contains("noraft"), "names are offered, not files");
    assert_eq!(whitewater(&["completions", "abacus"]).status.code(), Some(2));
}

#[test]
fn a_value_can_be_set_beside_the_file() {
    let folder = folder_with("set", &[("calm.json", CALM)]);
    let file = folder.join("calm.json");
    let nodes = |more: &[&str]| {
        let output = whitewater(&[&["run", text(&file), "--format", "json"], more].concat());
        assert_eq!(output.status.code(), Some(0), "{more:?}: {}", stderr(&output));
        json(&output.stdout)["scenarios"][0]["nodes"][0].clone()
    };
    assert_eq!(nodes(&[]), 3);
    assert_eq!(nodes(&["--set", "nodes=5"]), 5);
    assert_eq!(nodes(&["--set", "nodes=5", "--set", "run_for=2s", "--set", "nodes=7"]), 7);
}

#[test]
fn the_line_that_repeats_a_run_carries_what_was_set() {
    let folder = folder_with("set-replay", &[("calm.json", CALM)]);
    let args = ["--set", "expect[0].leader_within=1ms", "--set", "nodes=5"];
    let output = whitewater(&[&["run", text(&folder.join("calm.json"))], &args[..]].concat());
    assert_eq!(output.status.code(), Some(3));
    let text = stdout(&output);
    let replay = text.lines().last().map(|_| text.lines().rev().nth(1).unwrap()).unwrap();
    assert!(replay.contains("--set 'expect[0].leader_within=1ms' --set nodes=5 "), "{replay}");
}

#[test]
fn a_setting_that_makes_no_sense_is_shown_in_its_argument() {
    let folder = folder_with("set-wrong", &[("calm.json", CALM)]);
    for (setting, place, word) in [
        ("nodes", "--set:1:6", "path=value"),
        ("nodes=99", "--set:1:7", "expected 1 to 63"),
        ("network.los=0.1", "--set:1:9", "did you mean `loss`?"),
        ("network.loss=[", "--set:1:15", "EOF"),
        ("chaos[4].every=1s", "--set:1:", "first index is 0"),
    ] {
        let output = whitewater(&["run", text(&folder), "--set", setting]);
        assert_eq!(output.status.code(), Some(2), "{setting}");
        let said = stderr(&output);
        assert!(said.contains(place) && said.contains(word), "{setting}:\n{said}");
    }
    let both = stderr(&whitewater(&["run", text(&folder), "--set", "a", "--set", "b"]));
    assert_eq!(both.matches("error: ").count(), 2, "{both}");
}

#[test]
fn lines_of_json_hold_what_the_document_holds() {
    let folder = folder_with("lines", &[("a.json", CALM), ("b.json", CALM)]);
    let run = |format, threads| {
        let output = whitewater(&["run", text(&folder), "--seeds", "5", "--format", format, "-j", threads]);
        assert_eq!(output.status.code(), Some(0));
        stdout(&output)
    };
    let document = json(run("json", "2").as_bytes());
    let lines = json_lines(&run("ndjson", "2"));
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line["format"] == "whitewater/run" && line["version"] == 1));
    for (line, scenario) in lines.iter().zip(document["scenarios"].as_array().unwrap()) {
        let mut line = line.as_object().unwrap().clone();
        assert_eq!(line.remove("line"), Some("scenario".into()));
        ["format", "version"].iter().for_each(|tag| _ = line.remove(*tag));
        assert_eq!(&Value::from(line), scenario);
    }
    let last = &lines[2];
    assert_eq!(last["line"], "summary");
    for field in ["summary", "total", "exit"] {
        assert_eq!(last[field], document[field], "{field}");
    }
    let without_env = |text: &str| text.split("\"env\"").next().map(str::to_owned);
    assert_eq!(without_env(&run("ndjson", "1")), without_env(&run("ndjson", "3")));
}

#[test]
fn the_reference_of_scenario_files_is_fresh_and_its_links_lead_somewhere() {
    let file = format!("{SCENARIOS}/README.md");
    let written = stdout(&whitewater(&["schema", "--format", "markdown"]));
    if std::env::var_os("WHITEWATER_BLESS").is_some() {
        fs::write(&file, &written).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == written, "set WHITEWATER_BLESS=1 and run this test again to renew {file}");
    let chapters: Vec<String> = written
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|name| name.to_lowercase().replace(' ', "-"))
        .collect();
    let links: Vec<&str> =
        written.split("](#").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0)).collect();
    assert!(links.len() > 60, "{links:?}");
    for link in links {
        assert!(chapters.iter().any(|chapter| chapter == link), "there is no chapter {link}");
    }
    let schema = json(&whitewater(&["schema"]).stdout);
    for field in schema["properties"].as_object().unwrap().keys() {
        assert!(written.contains(&format!("\n| `{field}`")), "{field} is missing");
    }
    for act in schema["$defs"]["Act"]["oneOf"].as_array().unwrap() {
        let name = act["required"][0].as_str().or(act["const"].as_str()).unwrap();
        assert!(
            written.contains(&format!("| {{\"{name}\": ")) || written.contains(&format!("| `\"{name}\"` |"))
        );
    }
}
