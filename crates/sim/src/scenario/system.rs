//! The system in a scenario file: `"noraft"`, or `{"whitewater": {"entries_per_append": 8, "bug": "..."}}`.
//!
//! The world knows no system. Names of systems, options and bugs are passed on; who knows them refuses them.

use crate::plan::SystemChoice;
use crate::scenario::draw::{Draw, Drawing};
use crate::scenario::path::Path;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// The system of a scenario that names none.
const DEFAULT: &str = "whitewater";

/// Which system, and how it is set.
#[derive(Clone, Debug)]
pub(crate) struct System {
    name: String,
    settings: Settings,
}

#[derive(Clone, Debug, Default)]
struct Settings {
    options: BTreeMap<String, Draw<u64>>,
    bug: Option<String>,
}

impl Default for System {
    fn default() -> Self {
        Self { name: DEFAULT.to_owned(), settings: Settings::default() }
    }
}

impl System {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The bug that is planted in it.
    pub(crate) fn bug(&self) -> Option<&str> {
        self.settings.bug.as_deref()
    }

    /// Its options, whose values may be open.
    pub(crate) fn options(&self) -> impl Iterator<Item = (&str, &Draw<u64>)> {
        self.settings.options.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The choice in one run.
    pub(crate) fn resolve(&self, drawing: &mut Drawing, path: &Path<'_>) -> SystemChoice {
        let path = path.field(&self.name);
        let draw = |(name, value)| (str::to_owned(name), drawing.value(&path.field(name), value));
        let options = self.options().map(draw).collect();
        SystemChoice { name: self.name.clone(), options, bug: self.settings.bug.clone() }
    }
}

impl<'de> Deserialize<'de> for System {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SystemVisitor)
    }
}

struct SystemVisitor;

impl<'de> Visitor<'de> for SystemVisitor {
    type Value = System;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a system, or an object with that name and its options")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<System, E> {
        Ok(System { name: name.to_owned(), settings: Settings::default() })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<System, A::Error> {
        let first = map.next_entry::<String, Settings>()?;
        let (name, settings) = first.ok_or_else(|| de::Error::custom("expected the name of one system"))?;
        if let Some(second) = map.next_key::<String>()? {
            return Err(de::Error::custom(format_args!(
                "there is one system in a scenario, and `{second}` is the second"
            )));
        }
        Ok(System { name, settings })
    }
}

impl<'de> Deserialize<'de> for Settings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SettingsVisitor)
    }
}

struct SettingsVisitor;

impl<'de> Visitor<'de> for SettingsVisitor {
    type Value = Settings;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the system's options")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Settings, A::Error> {
        let mut settings = Settings::default();
        while let Some(key) = map.next_key::<String>()? {
            if key == "bug" {
                settings.bug = Some(map.next_value()?);
            } else {
                settings.options.insert(key, map.next_value()?);
            }
        }
        Ok(settings)
    }
}
