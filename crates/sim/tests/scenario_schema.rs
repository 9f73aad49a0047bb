//! The committed JSON Schema: it is fresh, every scenario is valid against it, and what is wrong is not.
//!
//! The judge below knows the keywords that the schema uses and panics at any other, so that nothing in the
//! schema goes unjudged.

use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use whitewater_sim::scenario::{Scenario, schema};

/// What the schema says about `value` that does not hold, by path; empty when it is valid.
fn judge(root: &Value, schema: &Value, value: &Value, path: &str) -> Vec<String> {
    if let Some(all) = schema.as_bool() {
        return if all { Vec::new() } else { vec![format!("{path}: nothing is allowed here")] };
    }
    let rules = schema.as_object().expect("a schema is an object");
    let mut wrong = Vec::new();
    for (keyword, rule) in rules {
        wrong.extend(keyword_holds(root, rules, keyword, rule, value, path));
    }
    wrong
}

fn keyword_holds(
    root: &Value,
    rules: &Map<String, Value>,
    keyword: &str,
    rule: &Value,
    value: &Value,
    path: &str,
) -> Vec<String> {
    let valid = |schema: &Value| judge(root, schema, value, path).is_empty();
    let number = || rule.as_u64().expect("a count is a whole number") as usize;
    let holds = match keyword {
        "$ref" => {
            let name = word(rule).strip_prefix("#").expect("references are local");
            return judge(root, root.pointer(name).expect("a reference leads somewhere"), value, path);
        }
        "properties" | "additionalProperties" | "items" | "prefixItems" => {
            return children_hold(root, rules, keyword, rule, value, path);
        }
        "anyOf" => list(rule).iter().any(valid),
        "oneOf" => list(rule).iter().filter(|one| valid(one)).count() == 1,
        "enum" => list(rule).contains(value),
        "const" => rule == value,
        "type" => has_type(value, word(rule)),
        "pattern" => value
            .as_str()
            .is_none_or(|text| regex_lite::Regex::new(word(rule)).expect("a pattern").is_match(text)),
        "required" => value
            .as_object()
            .is_none_or(|object| list(rule).iter().all(|name| object.contains_key(word(name)))),
        "minimum" => value.as_f64().is_none_or(|found| found >= bound(rule)),
        "maximum" => value.as_f64().is_none_or(|found| found <= bound(rule)),
        "minItems" => value.as_array().is_none_or(|list| list.len() >= number()),
        "maxItems" => value.as_array().is_none_or(|list| list.len() <= number()),
        "minProperties" => value.as_object().is_none_or(|object| object.len() >= number()),
        "maxProperties" => value.as_object().is_none_or(|object| object.len() <= number()),
        "minLength" => value.as_str().is_none_or(|text| text.chars().count() >= number()),
        "maxLength" => value.as_str().is_none_or(|text| text.chars().count() <= number()),
        "uniqueItems" => {
            value.as_array().is_none_or(|list| (1..list.len()).all(|n| !list[..n].contains(&list[n])))
        }
        "$schema"
        | "$defs"
        | "title"
        | "description"
        | "examples"
        | "default"
        | "format"
        | "allowComments"
        | "allowTrailingCommas" => true,
        unknown => panic!("the judge does not know `{unknown}`"),
    };
    if holds { Vec::new() } else { vec![format!("{path}: {keyword} {rule}")] }
}

/// The keywords that look at fields and elements.
fn children_hold(
    root: &Value,
    rules: &Map<String, Value>,
    keyword: &str,
    rule: &Value,
    value: &Value,
    path: &str,
) -> Vec<String> {
    let before = rules.get("prefixItems").and_then(Value::as_array).map_or(0, Vec::len);
    let known = rules.get("properties").and_then(Value::as_object);
    let fields = value.as_object().into_iter().flatten();
    let elements = value.as_array().into_iter().flatten().enumerate();
    let field =
        |schema: &Value, (name, one): (&String, &Value)| judge(root, schema, one, &format!("{path}.{name}"));
    let element =
        |schema: &Value, (n, one): (usize, &Value)| judge(root, schema, one, &format!("{path}[{n}]"));
    match keyword {
        "properties" => fields
            .filter(|(name, _)| rule.get(name).is_some())
            .flat_map(|one| field(&rule[one.0], one))
            .collect(),
        "additionalProperties" => fields
            .filter(|(name, _)| known.is_none_or(|known| !known.contains_key(*name)))
            .flat_map(|one| field(rule, one))
            .collect(),
        "prefixItems" => elements.take(before).flat_map(|(n, one)| element(&rule[n], (n, one))).collect(),
        _ => elements.skip(before).flat_map(|one| element(rule, one)).collect(),
    }
}

fn list(rule: &Value) -> &[Value] {
    rule.as_array().expect("this keyword has a list")
}

fn word(rule: &Value) -> &str {
    rule.as_str().expect("this keyword has a single word")
}

fn bound(rule: &Value) -> f64 {
    rule.as_f64().expect("a bound is a number")
}

fn has_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        unknown => panic!("the judge does not know the type `{unknown}`"),
    }
}

fn parsed() -> Value {
    serde_json::from_str(&schema()).expect("the schema is JSON")
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios")
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test reads and renews a committed file")]
fn the_committed_schema_is_fresh() {
    let file = folder().join("scenario.schema.json");
    if std::env::var_os("WHITEWATER_BLESS").is_some() {
        std::fs::write(&file, schema()).expect("the schema can be written");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == schema(),
        "set WHITEWATER_BLESS=1 and run this test again to renew {}",
        file.display()
    );
}

/// The files of scenarios below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().expect("the folder of scenarios is there");
    let paths = entries.map(|entry| entry.expect("its entries can be read").path());
    let below = paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] });
    below
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .filter(|path| !path.to_string_lossy().ends_with(".schema.json"))
        .collect()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test reads the committed files; the world does not")]
fn every_committed_scenario_is_valid_and_names_the_schema() {
    let (schema, folder) = (parsed(), folder());
    let files = files(&folder);
    assert!(files.len() >= 6, "{files:?}");
    for path in files {
        let mut text = std::fs::read_to_string(&path).unwrap();
        json_strip_comments::strip(&mut text).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(judge(&schema, &schema, &value, ""), Vec::<String>::new(), "{}", path.display());
        let named =
            value["$schema"].as_str().unwrap_or_else(|| panic!("{} names no $schema", path.display()));
        let leads_to = path.parent().unwrap().join(named).canonicalize().unwrap();
        assert_eq!(
            leads_to,
            folder.join("scenario.schema.json").canonicalize().unwrap(),
            "{}",
            path.display()
        );
    }
}

/// A scenario that uses what the committed ones may not.
fn rich() -> Value {
    json!({
        "version": 1, "name": "rich", "about": "b", "nodes": {"between": [3, 7]}, "seed": 1, "seeds": "fixed",
        "run_for": {"one_of": ["5s", "10s"]}, "system": {"whitewater": {"bug": "x", "entries": {"one_of": [1, 2]}}},
        "election_timeout": ["150ms", {"between": ["200ms", "300ms"]}], "heartbeat": "50ms",
        "network": {"latency": {"exponential": {"mean": "1ms"}}, "loss": 0.5, "links": [{"from": "n1", "loss": 1}]},
        "disk": {"sync": {"lognormal": {"median": "1ms", "p99": {"one_of": ["2ms", "9ms"]}}}},
        "start": [{"node": ["n1", "n2"], "term": 3, "log": [1, 1, 3]}],
        "timeline": [
            {"at": "1s", "do": "release", "note": "a"}, {"when": "leader elected", "after": "1s", "note": "b"},
            {"at": "1s", "do": {"drop": {"kind": "append_entries", "from": "n1", "nth": 1}}, "for": "1s"},
            {"at": "1s", "do": {"request": {"node": "n1", "count": 2}}},
            {"at": "1s", "do": {"timeout": {"node": "n1"}}}, {"at": "1s", "do": {"hold": {}}},
            {"at": "1s", "do": {"crash": {"node": "all", "after_effects": {"between": [0, 3]}}}},
            {"at": "1s", "do": {"partition": {"groups": [["n1", "n2"], "n3"]}}}, {"at": "2s", "do": "ring"},
            {"at": "2s", "do": {"clog": {"node": "n1", "one_way": "in"}}, "standing": true},
            {"at": "2s", "do": {"flap": {"node": "all", "every": "1s"}}, "for": "2s"},
            {"at": "2s", "do": {"drift": {"node": "n1", "rate": {"between": [0.5, 2]}}}},
            {"at": "2s", "do": {"wipe": {"node": "n1"}}},
        ],
        "clients": [{"count": 1, "every": "1s"}, {"count": 2, "think": {"uniform": ["1ms", "2ms"]}, "keys": 7,
            "reads": 0, "skew": {"one_of": [0, 0.5]}, "timeout": "1s"}],
        "clock": {"drift": 0.1, "offset": "1s"}, "beyond_raft": true, "measure": ["throughput"],
        "found": {"property": "log_matching", "step": 1, "time": "1s", "digest": "0xC0ffee", "version": "0.1.0-a.1",
            "system": "noraft", "facts": ["a"], "ladder": "AAE="},
        "chaos": [{"every": "1s", "swarm": true, "pick": [{"do": {"pause": {"node": "random"}}, "for": "1s"}]}],
        "expect": [{"violates": "election_safety"}, {"never": "term > 5"}, {"committed_at_least": 0},
            {"measured": {"what": "throughput", "percent": 0, "at_least": 5}}],
    })
}

#[test]
fn what_the_reader_takes_is_valid() {
    let schema = parsed();
    assert_eq!(judge(&schema, &schema, &rich(), ""), Vec::<String>::new());
    Scenario::parse("rich.json", &rich().to_string()).unwrap_or_else(|found| panic!("{}", found[0]));
}

/// Where something wrong is put into the rich scenario, around the cluster.
fn wrong_surroundings() -> Vec<(&'static str, Value)> {
    vec![
        ("/version", json!(2)),
        ("/name", json!("Not A Name")),
        ("/about", json!(" ")),
        ("/nodes", json!(64)),
        ("/nodes", json!({"between": [0, 3]})),
        ("/nodes", json!({"betwen": [1, 3]})),
        ("/seed", json!(-1)),
        ("/seeds", json!("sometimes")),
        ("/run_for", json!(5)),
        ("/run_for", json!("5")),
        ("/run_for", json!("-5s")),
        ("/run_for", json!({"between": ["1s"]})),
        ("/run_for", json!({"one_of": []})),
        ("/system", json!({})),
        ("/system", json!({"a": {}, "b": {}})),
        ("/election_timeout", json!(["1s"])),
        ("/election_timeout", json!(["1s", "2s", "3s"])),
        ("/network/loss", json!(7)),
        ("/network/latency", json!({"unifrom": ["1ms", "2ms"]})),
        ("/network/links/0", json!({"form": "n1"})),
        ("/start/0/node", json!("n64")),
        ("/start/0/node", json!("leader")),
        ("/start/0", json!({"node": "n1"})),
        ("/start/0/log", json!(["a"])),
        ("/clients/0", json!({"count": 1})),
        ("/clients/0", json!({"count": 1, "every": "1s", "think": "1s"})),
        ("/clients/1/keys", json!(0)),
        ("/clients/1/keys", json!({"one_of": [65537]})),
        ("/clients/1/reads", json!(1.5)),
        ("/clock/drift", json!(0.95)),
        ("/clock/drift", json!({"between": [0, 1]})),
        ("/clock", json!({"skew": 1})),
        ("/network", json!({"asymmetry": 1})),
    ]
}

/// The same among what is done to the cluster, what is expected of it and what was found.
fn wrong_deeds() -> Vec<(&'static str, Value)> {
    vec![
        ("/timeline/0", json!({"at": "1s"})),
        ("/timeline/0", json!({"do": "heal"})),
        ("/timeline/0", json!({"at": "1s", "when": "leader elected", "do": "heal"})),
        ("/timeline/0/do", json!("crash")),
        ("/timeline/0/do", json!({"heal": {}})),
        ("/timeline/2/do/drop/kind", json!("AppendEntries")),
        ("/timeline/6/do/crash/node", json!("leeder")),
        ("/timeline/6/do/crash/node", json!(["n1", "n1"])),
        ("/chaos/0/pick/0", json!({"weight": 1})),
        ("/expect/0/violates", json!("nothing")),
        ("/expect/0", json!({"finaly": "logs equal"})),
        ("/expect/1/never", json!("")),
        ("/timeline/9/do/clog", json!({"node": "n1", "one_way": "both"})),
        ("/timeline/9/standing", json!("yes")),
        ("/timeline/10/do/flap", json!({"node": "n1"})),
        ("/timeline/11/do/drift/rate", json!(0.05)),
        ("/timeline/11/do/drift/rate", json!({"between": [1, 11]})),
        ("/beyond_raft", json!("yes")),
        ("/measure", json!(["throughput", "throughput"])),
        ("/measure", json!(["speed"])),
        ("/found", json!({"property": "log_matching", "step": 1})),
        ("/found/property", json!("log matcing")),
        ("/found/step", json!(0)),
        ("/found/step", json!(4_294_967_296_u64)),
        ("/found/time", json!(5)),
        ("/found/digest", json!("c0ffee")),
        ("/found/digest", json!("0x00000000000000000")),
        ("/found/version", json!("1.0")),
        ("/found/system", json!(" ")),
        ("/found/facts", json!([1])),
        ("/found/ladder", json!("A-")),
        ("/expect/3/measured", json!({"what": "throughput"})),
        ("/expect/3/measured", json!({"what": "throughput", "at_most": 1, "at_least": 1})),
        ("/expect/3/measured/percent", json!(101)),
        ("/expect/3/measured/at_least", json!(-1)),
    ]
}

#[test]
fn what_is_wrong_is_not_valid() {
    let schema = parsed();
    for (place, wrong) in wrong_surroundings().into_iter().chain(wrong_deeds()) {
        let mut value = rich();
        *value.pointer_mut(place).unwrap_or_else(|| panic!("there is no {place}")) = wrong.clone();
        assert_ne!(judge(&schema, &schema, &value, ""), Vec::<String>::new(), "{place} may be {wrong}");
        assert!(Scenario::parse("wrong.json", &value.to_string()).is_err(), "{place} is read as {wrong}");
    }
    let mut value = rich();
    value["nodse"] = json!(3);
    assert_eq!(judge(&schema, &schema, &value, ""), [".nodse: nothing is allowed here"]);
}
