//! The JSON Schema of scenario files, for editors.
//!
//! It is made of the types that the reader fills, with their comments as descriptions; here are the parts that
//! have a form of their own. It knows less than the reader: nothing about times after the end or nodes that
//! do not exist.

use crate::measure::Measure;
use crate::scenario::check::MOST_KEYS;
use crate::scenario::condition::{Condition, marker_names};
use crate::scenario::draw::Draw;
use crate::scenario::duration::Time;
use crate::scenario::expect::Amount;
use crate::scenario::file::File;
use crate::scenario::names::{MeasureName, PropertyName};
use crate::scenario::probability::Probability;
use crate::scenario::rate::Rate;
use crate::scenario::spread::{Exponential, Lognormal, Spread};
use crate::scenario::system::System;
use crate::scenario::target::{Aim, Nodes, ROLES};
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;
use whitewater_check::property::Property;
use whitewater_check::types::NodeId;

/// The schema of scenario files, as text: indented, with a newline at its end.
#[must_use]
pub fn schema() -> String {
    let settings = SchemaSettings::draft2020_12().with_transform(NoNull);
    let schema = settings.into_generator().into_root_schema_for::<File>();
    format!("{:#}\n", schema.to_value())
}

/// Says nothing of `null`: it may stand for what is left out, but nobody should write it.
#[derive(Clone, Debug)]
struct NoNull;

impl Transform for NoNull {
    fn transform(&mut self, schema: &mut Schema) {
        let any = schema.get("anyOf").and_then(Value::as_array).cloned().unwrap_or_default();
        let rest: Vec<Value> = any.iter().filter(|one| **one != json!({"type": "null"})).cloned().collect();
        if let ([one], true) = (&rest[..], rest.len() < any.len()) {
            schema.remove("anyOf");
            schema.ensure_object().extend(one.as_object().cloned().unwrap_or_default());
        }
        if let Some(types) = schema.get("type").and_then(Value::as_array)
            && let Some(one) = types.iter().find(|one| *one != "null").cloned()
        {
            schema.insert("type".to_owned(), one);
        }
        if schema.get("default") == Some(&Value::Null) {
            schema.remove("default");
        }
        transform_subschemas(self, schema);
    }
}

/// How many nodes there are.
pub(crate) fn nodes(_: &mut SchemaGenerator) -> Schema {
    open(&json!({"type": "integer", "minimum": 1, "maximum": NodeId::MAX}))
}

/// How many keys clients ask for.
pub(crate) fn keys(_: &mut SchemaGenerator) -> Schema {
    open(&json!({"type": "integer", "minimum": 1, "maximum": MOST_KEYS}))
}

/// A part of one that stays well below one.
pub(crate) fn part(_: &mut SchemaGenerator) -> Schema {
    open(&json!({"type": "number", "minimum": 0, "maximum": 0.9}))
}

/// A value that may be open.
fn open(plain: &Value) -> Schema {
    json_schema!({"anyOf": [plain, between(plain), one_of(plain)]})
}

fn between(plain: &Value) -> Value {
    let description = "Drawn once for each seed: from the first to the second value, both included.";
    field("between", description, &pair(plain))
}

fn one_of(plain: &Value) -> Value {
    let description = "Drawn once for each seed: one of these, equally likely.";
    field("one_of", description, &json!({"type": "array", "items": plain, "minItems": 1}))
}

fn pair(item: &Value) -> Value {
    json!({"type": "array", "prefixItems": [item, item], "items": false, "minItems": 2, "maxItems": 2})
}

/// An object with this field alone.
fn field(name: &str, description: &str, value: &Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "properties": {name: value},
        "required": [name],
        "additionalProperties": false,
    })
}

impl<T: JsonSchema> JsonSchema for Draw<T> {
    fn schema_name() -> Cow<'static, str> {
        let name = T::schema_name();
        format!("Open{}", if name == u64::schema_name() { "Number".into() } else { name }).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        open(generator.subschema_for::<T>().as_value())
    }
}

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A time with its unit: ns, us, ms, s or m. At most one day.",
            "type": "string",
            "pattern": r"^\s*[0-9]+(\.[0-9]+)?\s*(ns|us|ms|s|m)\s*$",
            "examples": ["150ms", "1.5s", "10us"],
        })
    }
}

impl JsonSchema for Probability {
    fn schema_name() -> Cow<'static, str> {
        "Probability".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A probability.",
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "examples": [0.05],
        })
    }
}

impl JsonSchema for Rate {
    fn schema_name() -> Cow<'static, str> {
        "Rate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "How fast a clock goes against virtual time.",
            "type": "number",
            "minimum": 0.1,
            "maximum": 10,
            "examples": [0.5, 1.2],
        })
    }
}

impl JsonSchema for Spread {
    fn schema_name() -> Cow<'static, str> {
        "Distribution".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let time = generator.subschema_for::<Draw<Time>>().to_value();
        let exponential = generator.subschema_for::<Exponential>().to_value();
        let lognormal = generator.subschema_for::<Lognormal>().to_value();
        json_schema!({
            "description": "A time, or a distribution from which one is drawn for each event.",
            "anyOf": [
                time,
                field("uniform", "Every time from the first to the second is equally likely.", &pair(&time)),
                field("exponential", "The time to the next of events that keep no memory.", &exponential),
                field("lognormal", "Most times are near the median, a few far above.", &lognormal),
            ],
            "examples": [
                "5ms",
                {"uniform": ["1ms", "12ms"]},
                {"exponential": {"mean": "10ms"}},
                {"lognormal": {"median": "2ms", "p99": "40ms"}},
            ],
        })
    }
}

impl JsonSchema for Nodes {
    fn schema_name() -> Cow<'static, str> {
        "Nodes".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let node = json!({"type": "string", "pattern": NODE});
        json_schema!({
            "description": "A node, or a list of nodes; the first one is n1.",
            "anyOf": [node, {"type": "array", "items": node, "minItems": 1, "uniqueItems": true}],
            "examples": ["n1", ["n1", "n2"]],
        })
    }
}

/// The names from n1 to n63.
const NODE: &str = "^n([1-9]|[1-5][0-9]|6[0-3])$";

impl JsonSchema for Aim {
    fn schema_name() -> Cow<'static, str> {
        "Target".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let roles: Vec<&str> = ROLES.iter().map(|(name, _)| *name).collect();
        json_schema!({
            "description": "Whom an act is aimed at. A role is looked up when the act is due, and the act \
                            waits for somebody to hold it.",
            "anyOf": [{"enum": roles}, generator.subschema_for::<Nodes>()],
            "examples": ["leader", "n3", ["n1", "n2"]],
        })
    }
}

impl JsonSchema for Condition {
    fn schema_name() -> Cow<'static, str> {
        "Predicate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let description = format!(
            "A predicate about the cluster: `leader elected`, `logs equal`, `count(leaders) > 1` (or \
             candidates, followers, up, down), `term > 5` (or commit, applied, last: the highest of the \
             live nodes), `n3.commit >= 10`, `n3.role == leader`, joined with `and`, `or`, `not` and parentheses. A marker \
             holds once it has been seen: {}.",
            marker_names().join(", ")
        );
        json_schema!({
            "description": description,
            "type": "string",
            "minLength": 1,
            "maxLength": 1000,
            "examples": ["leader elected", "count(leaders) > 1", "logs equal and term >= 2"],
        })
    }
}

impl JsonSchema for PropertyName {
    fn schema_name() -> Cow<'static, str> {
        "Property".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = Property::ALL.iter().map(|property| property.name()).collect();
        json_schema!({"description": "A property that is checked.", "enum": names})
    }
}

impl JsonSchema for MeasureName {
    fn schema_name() -> Cow<'static, str> {
        "Measure".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = |measure: &Measure| json!({"const": measure.name(), "description": measure.about()});
        let all: Vec<Value> = Measure::ALL.iter().map(one).collect();
        json_schema!({"description": "Something that is measured.", "oneOf": all})
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let time = generator.subschema_for::<Time>();
        json_schema!({
            "description": "A time, or a whole number for what is counted per second.",
            "anyOf": [time, {"type": "integer", "minimum": 0}],
        })
    }
}

impl JsonSchema for System {
    fn schema_name() -> Cow<'static, str> {
        "System".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let option = generator.subschema_for::<Draw<u64>>();
        let settings = json!({
            "type": "object",
            "properties": {"bug": {"type": "string", "description": "A bug that is planted in it."}},
            "additionalProperties": option,
        });
        json_schema!({
            "description": "What is put on the water: the name of a system, or an object with that name \
                            and its options.",
            "anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "additionalProperties": settings,
                    "minProperties": 1,
                    "maxProperties": 1,
                },
            ],
            "examples": ["whitewater", {"whitewater": {"entries_per_append": 8}}],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predicate::lexer::node_of_name;

    #[test]
    fn the_pattern_of_nodes_is_what_the_reader_takes() {
        let pattern = regex_lite::Regex::new(NODE).unwrap();
        let words =
            (0..200).map(|n| format!("n{n}")).chain(["n01", "N1", "n", "nn1", "n1 "].map(str::to_owned));
        for word in words {
            assert_eq!(pattern.is_match(&word), node_of_name(&word).is_some(), "{word}");
        }
    }
}
