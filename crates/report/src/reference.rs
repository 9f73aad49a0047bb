//! The reference of scenario files: what their JSON Schema says, as a page for people.
//!
//! A chapter for each thing that the schema defines, in the order in which a reader meets them: what it is about,
//! a table of what can stand in it, and examples. It knows the keywords of a schema and nothing of scenarios, so
//! that the page never says anything else than what an editor checks; only values that may be drawn are told of
//! once for all.

use serde_json::Value;

/// What stands before the chapters.
const HEAD: &str = "# Scenario files

Every field there is. This page is written by `whitewater schema --format markdown`, from the same schema that
`whitewater schema` gives to editors. How scenarios work is told in the project's README; `whitewater new NAME`
writes one to begin with, and `whitewater check FILE` says what is wrong with one.

A file is JSON with comments and trailing commas. Fields with a star must be there.

## Drawn values

What may be drawn is a plain value, or `{\"between\": [a, b]}`, drawn once for each seed from the first to the second
value, both included, or `{\"one_of\": [a, b, ...]}`, drawn once for each seed, one of these, equally likely.
";

/// The page for a schema, whose definitions stand under `$defs`.
#[must_use]
pub fn reference(schema: &Value) -> String {
    let mut names = referred(schema);
    let mut text = format!("{HEAD}\n## A scenario\n{}", chapter(schema));
    let mut told = 0;
    while let Some(name) = names.get(told).cloned() {
        told += 1;
        let Some(definition) = schema.pointer(&format!("/$defs/{name}")) else { continue };
        text += &format!("\n## {name}\n{}", chapter(definition));
        for other in referred(definition) {
            if !names.contains(&other) {
                names.push(other);
            }
        }
    }
    text
}

/// The names of the definitions that a schema refers to, in the order in which it does; its own definitions aside.
fn referred(schema: &Value) -> Vec<String> {
    let mut names = Vec::new();
    collect(schema, &mut names);
    names
}

fn collect(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter().filter(|(key, _)| *key != "$defs") {
                match value.as_str().and_then(definition) {
                    Some(name) if key == "$ref" && !names.iter().any(|known| known == name) => {
                        names.push(name.to_owned());
                    }
                    Some(_) | None => collect(value, names),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn definition(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/$defs/")
}

/// What a definition says.
fn chapter(schema: &Value) -> String {
    let mut text = match description(schema) {
        "" => String::new(),
        about => format!("\n{about}\n"),
    };
    let choices = choices(schema);
    if let Some(fields) = schema["properties"].as_object().filter(|fields| !fields.is_empty()) {
        text += &table("field", fields.iter().map(|(name, field)| named(schema, name, field)));
        text += &choices_of_fields(choices);
    } else if drawn(schema).is_none() && choices.iter().any(|choice| !description(choice).is_empty()) {
        text += &table("what", choices.iter().map(|choice| [what(choice), told(choice)]));
    } else {
        text += &format!("\n{}.\n", capitalised(&what(schema)));
    }
    let examples: Vec<String> = elements(&schema["examples"]).iter().map(code).collect();
    match examples.is_empty() {
        true => text,
        false => text + &format!("\nFor example {}.\n", any_of(&examples)),
    }
}

/// The row of a field.
fn named(schema: &Value, name: &str, field: &Value) -> [String; 2] {
    let star = if requires(schema).any(|required| required == name) { "*" } else { "" };
    let default =
        field.get("default").map_or_else(String::new, |default| format!(" Default {}.", code(default)));
    let about = told(field);
    let about = if about.is_empty() { about } else { about + " " };
    [format!("`{name}`{star}"), format!("{about}{}.{default}", capitalised(&what(field)))]
}

/// Fields of which one must be there.
fn choices_of_fields(choices: &[Value]) -> String {
    let fields: Vec<String> = choices.iter().flat_map(requires).map(|name| format!("`{name}`")).collect();
    match fields.is_empty() {
        true => String::new(),
        false => format!("\nIt has {}.\n", any_of(&fields)),
    }
}

fn table(head: &str, rows: impl Iterator<Item = [String; 2]>) -> String {
    let cell = |text: &String| text.replace('|', "\\|");
    let rows = rows.map(|[what, about]| format!("| {} | {} |\n", cell(&what), cell(&about)));
    format!("\n| {head} | |\n|---|---|\n{}", rows.collect::<String>())
}

/// What can stand where a schema holds, in words.
fn what(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(definition) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some(constant) = schema.get("const") {
        return code(constant);
    }
    if let Some(plain) = drawn(schema) {
        return format!("{}; it [may be drawn](#drawn-values)", what(plain));
    }
    let either: Vec<String> = match elements(&schema["enum"]) {
        [] => choices(schema).iter().map(what).collect(),
        words => words.iter().map(code).collect(),
    };
    match schema["type"].as_str() {
        _ if !either.is_empty() => any_of(&either),
        Some("array") => array(schema),
        Some("object") => object(schema),
        Some("integer" | "number") => number(schema),
        Some("boolean") => "true or false".to_owned(),
        Some(_) | None => "text".to_owned(),
    }
}

fn array(schema: &Value) -> String {
    let places: Vec<String> = elements(&schema["prefixItems"]).iter().map(what).collect();
    match places.is_empty() {
        true => format!("a list, each {}", what(&schema["items"])),
        false => format!("\\[{}\\]", places.join(", ")),
    }
}

fn object(schema: &Value) -> String {
    let field = |(name, field): (&String, &Value)| format!("\"{name}\": {}", what(field));
    match schema["properties"].as_object() {
        Some(fields) => format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", ")),
        None => "an object".to_owned(),
    }
}

fn number(schema: &Value) -> String {
    let kind = if schema["type"] == "integer" { "a whole number" } else { "a number" };
    match (schema.get("minimum"), schema.get("maximum")) {
        (Some(least), Some(most)) => format!("{kind} from {least} to {most}"),
        (Some(least), None) if least.as_u64() != Some(0) => format!("{kind} from {least}"),
        (_, Some(most)) => format!("{kind} up to {most}"),
        (_, None) => kind.to_owned(),
    }
}

/// The plain value of something that may be drawn instead.
fn drawn(schema: &Value) -> Option<&Value> {
    let [plain, between, one_of] = choices(schema) else { return None };
    let has = |form: &Value, name| form["properties"].get(name).is_some();
    (has(between, "between") && has(one_of, "one_of")).then_some(plain)
}

/// What a schema says that it is about, in one line.
fn told(schema: &Value) -> String {
    description(schema).replace('\n', " ")
}

fn description(schema: &Value) -> &str {
    schema["description"].as_str().unwrap_or_default()
}

fn choices(schema: &Value) -> &[Value] {
    match elements(&schema["oneOf"]) {
        [] => elements(&schema["anyOf"]),
        choices => choices,
    }
}

fn requires(schema: &Value) -> impl Iterator<Item = &str> {
    elements(&schema["required"]).iter().filter_map(Value::as_str)
}

fn elements(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// These, one of which is meant.
fn any_of(these: &[String]) -> String {
    match these.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((only, _)) => only.clone(),
        None => String::new(),
    }
}

/// A value as it stands in a file.
fn code(value: &Value) -> String {
    format!("`{value}`")
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
