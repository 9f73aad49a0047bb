//! Lists of what there is to choose from, as tables and as JSON.

use crate::page::{Page, Style};
use crate::tagged::{Tagged, document as json, json_line};
use crate::words::printable;
use serde::Serialize;

/// Something to choose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Item {
    /// Its name, as it is written in files and arguments.
    pub name: String,
    /// The name that people are shown, if it is another one.
    #[serde(skip)]
    pub shown: String,
    /// The file that it stands in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// A short remark: a class, a section of the paper, a version.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remark: String,
    /// What it is.
    pub about: String,
    /// How it is written in a scenario.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub example: String,
}

impl Item {
    fn shown(&self) -> &str {
        if self.shown.is_empty() { &self.name } else { &self.shown }
    }
}

/// What kind of JSON this is.
const FORMAT: &str = "whitewater/list";

/// The version of its layout.
const VERSION: u32 = 1;

/// The items as lines; an example has a line of its own.
#[must_use]
pub fn table(items: &[Item]) -> Page {
    let width =
        |text: fn(&Item) -> &str| items.iter().map(|item| text(item).chars().count()).max().unwrap_or(0);
    let (names, remarks) = (width(Item::shown), width(|item| &item.remark));
    let mut page = Page::new();
    for item in items {
        let Item { remark, about, example, .. } = item;
        page.add(Style::Strong, format!("{:<names$}", item.shown()));
        if remarks > 0 {
            page.add(Style::Dim, format!("  {remark:<remarks$}"));
        }
        page.plain(format!("  {}", printable(about))).end_line();
        if !example.is_empty() {
            page.add(Style::Dim, format!("{:names$}  {example}", "")).end_line();
        }
    }
    page
}

/// The items as one document.
#[must_use]
pub fn document(topic: &str, items: &[Item]) -> String {
    let value = serde_json::json!({ "format": FORMAT, "version": VERSION, "topic": topic, "items": items });
    json(&value)
}

/// The items as lines of JSON.
#[must_use]
pub fn json_lines(items: &[Item]) -> String {
    let line = |item| json_line(&Tagged { format: FORMAT, version: VERSION, line: "item", rest: item });
    items.iter().map(line).collect()
}
