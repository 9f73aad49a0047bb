//! What a run found, as a capsule carries it beside its scenario.
//!
//! It is a record, not a wish: nothing here knows what is made of it when the scenario runs again.

use crate::scenario::duration::{Shown, Time};
use crate::scenario::json::Json;
use crate::scenario::names::PropertyName;
use schemars::JsonSchema;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::fmt;
use whitewater_check::property::Property;
use whitewater_check::types::Nanos;

/// What a run of this very scenario found: a capsule's record.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `property`, `step` and `digest`")]
pub struct Found {
    /// The property that was violated.
    #[serde(deserialize_with = "property")]
    #[schemars(with = "PropertyName")]
    pub property: Property,
    /// The step that showed it, counted from 1.
    #[schemars(extend("minimum" = 1, "maximum" = u32::MAX))]
    pub step: u64,
    /// When that was, in virtual time.
    #[serde(default, deserialize_with = "time")]
    #[schemars(with = "Option<Time>")]
    pub time: Option<Nanos>,
    /// The digest of the run, in hexadecimal.
    #[serde(deserialize_with = "digest")]
    #[schemars(with = "String", extend("pattern" = "^0x[0-9a-fA-F]{1,16}$"))]
    pub digest: u64,
    /// The version of the program that found it.
    #[schemars(extend("pattern" = "^[0-9]+\\.[0-9]+\\.[0-9]+([-+][0-9A-Za-z.+-]+)?$"))]
    pub version: Option<String>,
    /// The system on which it was found.
    #[schemars(extend("pattern" = "\\S"))]
    pub system: Option<String>,
    /// What contradicts each other, in sentences.
    #[serde(default)]
    pub facts: Vec<String>,
    /// The digest ladder, in base64.
    #[schemars(extend("pattern" = "^[A-Za-z0-9+/]*={0,2}$"))]
    pub ladder: Option<String>,
    /// What it was made smaller from, if it was.
    pub shrunk_from: Option<ShrunkFrom>,
}

/// The run that a capsule was made of before it was made smaller.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `scenario`, `seed`, `steps`, `faults` and `nodes`")]
pub struct ShrunkFrom {
    /// The scenario's name.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// The step that showed the violation.
    #[schemars(extend("maximum" = u32::MAX))]
    pub steps: u64,
    /// How many faults were done to the cluster before it.
    #[schemars(extend("maximum" = u32::MAX))]
    pub faults: u64,
    /// How many nodes there were.
    #[schemars(extend("minimum" = 1, "maximum" = 63))]
    pub nodes: u64,
}

impl ShrunkFrom {
    fn json(&self) -> Json {
        let mut json = Json::Object(vec![("scenario".to_owned(), Json::text(&self.scenario))]);
        let numbers =
            [("seed", self.seed), ("steps", self.steps), ("faults", self.faults), ("nodes", self.nodes)];
        numbers.into_iter().for_each(|(name, number)| json.push(name, Json::Leaf(number.to_string())));
        json
    }
}

impl Found {
    /// As a file has it.
    pub(crate) fn json(&self) -> Json {
        let mut json = Json::Object(Vec::new());
        json.push("property", Json::text(self.property.name()));
        json.push("step", Json::Leaf(self.step.to_string()));
        let optional = [
            ("time", self.time.map(|time| Shown(time).to_string())),
            ("digest", Some(format!("{:#018x}", self.digest))),
            ("version", self.version.clone()),
            ("system", self.system.clone()),
        ];
        for (name, value) in optional {
            value.iter().for_each(|value| json.push(name, Json::text(value)));
        }
        self.shrunk_from.iter().for_each(|from| json.push("shrunk_from", from.json()));
        if !self.facts.is_empty() {
            json.push("facts", Json::List(self.facts.iter().map(|fact| Json::text(fact)).collect()));
        }
        self.ladder.iter().for_each(|ladder| json.push("ladder", Json::text(ladder)));
        json
    }
}

/// Whether a text is `1.2.3`, perhaps with a word behind it.
pub(crate) fn is_version(text: &str) -> bool {
    let (numbers, word) = text.split_at(text.find(['-', '+']).unwrap_or(text.len()));
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let in_a_word = |byte: u8| byte.is_ascii_alphanumeric() || b".+-".contains(&byte);
    numbers.split('.').count() == 3
        && numbers.split('.').all(number)
        && word.len() != 1
        && word.bytes().all(in_a_word)
}

/// Whether a text is base64, with its padding.
pub(crate) fn is_base64(text: &str) -> bool {
    let data = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"+/".contains(&byte);
    text.len().is_multiple_of(4) && data.bytes().all(known)
}

fn property<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Property, D::Error> {
    PropertyName::deserialize(deserializer).map(|name| name.0)
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Nanos>, D::Error> {
    Option::<Time>::deserialize(deserializer).map(|time| time.map(|time| time.0))
}

fn digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    deserializer.deserialize_str(DigestVisitor)
}

struct DigestVisitor;

impl Visitor<'_> for DigestVisitor {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a digest such as \"0x00c0ffee00c0ffee\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<u64, E> {
        let digits = text.strip_prefix("0x").filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let digest = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        let short = digest.filter(|_| text.len() <= "0x".len() + 16);
        short.ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_three_numbers() {
        for right in ["0.1.0", "10.20.30", "1.0.0-rc.1", "1.0.0+a-b"] {
            assert!(is_version(right), "{right}");
        }
        for wrong in ["", "1", "1.0", "1.0.0.0", "1..0", "v1.0.0", "1.0.0-", "1.0.0 ", "1.0.x", "1.0.0-é"] {
            assert!(!is_version(wrong), "{wrong}");
        }
    }

    #[test]
    fn base64_comes_in_fours() {
        for right in ["", "AAAA", "AA==", "AAA=", "a+/9"] {
            assert!(is_base64(right), "{right}");
        }
        for wrong in ["A", "AAA", "A===", "AA=A", "====", "AA-_", "AAAA\n", "éAA"] {
            assert!(!is_base64(wrong), "{wrong}");
        }
    }
}
