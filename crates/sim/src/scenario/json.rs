//! JSON as a person would write it: what fits stays on one line.
//!
//! Fields keep their order. It knows nothing of what a text means.

use std::fmt::Write;

/// How long a line may be, in bytes, if what it holds can be broken.
const WIDTH: usize = 110;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    /// Fields and their values.
    Object(Vec<(String, Json)>),
    /// Elements.
    List(Vec<Json>),
    /// Anything else, as it is written.
    Leaf(String),
}

impl Json {
    /// A string.
    pub(crate) fn text(text: &str) -> Self {
        Self::Leaf(quoted(text))
    }

    /// Adds a field at the end of an object. Nothing else has any.
    pub(crate) fn push(&mut self, name: &str, value: Self) {
        if let Self::Object(fields) = self {
            fields.push((name.to_owned(), value));
        }
    }

    /// Gives a field of an object a value; if it is not there yet, it comes before another, or first.
    pub(crate) fn set(&mut self, name: &str, value: Self, before: &str) {
        let Self::Object(fields) = self else { return };
        match fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, old)) => *old = value,
            None => {
                let at = fields.iter().position(|(field, _)| field == before).unwrap_or(0);
                fields.insert(at, (name.to_owned(), value));
            }
        }
    }

    /// Takes a field out of an object.
    pub(crate) fn remove(&mut self, name: &str) {
        if let Self::Object(fields) = self {
            fields.retain(|(field, _)| field != name);
        }
    }

    /// The elements of the list in a field; none when there is no such list.
    pub(crate) fn elements_mut(&mut self, name: &str) -> &mut [Self] {
        let Self::Object(fields) = self else { return &mut [] };
        match fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, Self::List(elements))) => elements,
            Some((_, Self::Object(_) | Self::Leaf(_))) | None => &mut [],
        }
    }

    /// The text of a file, with a field or an element a line on the outside.
    pub(crate) fn file(&self) -> String {
        let mut text = String::new();
        self.broken(&mut text, 0);
        text.push('\n');
        text
    }

    fn write(&self, text: &mut String, indent: usize, column: usize) {
        let line = self.line();
        match column + line.len() <= WIDTH || self.is_plain() {
            true => text.push_str(&line),
            false => self.broken(text, indent),
        }
    }

    /// Whether it stays on one line, however long that is: there is nothing to see in a list of numbers.
    fn is_plain(&self) -> bool {
        let number = |one: &Self| matches!(one, Self::Leaf(leaf) if !leaf.starts_with('"'));
        match self {
            Self::Leaf(_) => true,
            Self::List(elements) => elements.iter().all(number),
            Self::Object(fields) => fields.is_empty(),
        }
    }

    fn broken(&self, text: &mut String, indent: usize) {
        let (brackets, parts): (_, Vec<(String, &Self)>) = match self {
            Self::Leaf(leaf) => return text.push_str(leaf),
            Self::List(elements) => (['[', ']'], elements.iter().map(|one| (String::new(), one)).collect()),
            Self::Object(fields) => {
                (['{', '}'], fields.iter().map(|(name, one)| (format!("{}: ", quoted(name)), one)).collect())
            }
        };
        let inner = indent + 2;
        text.push(brackets[0]);
        for (n, (name, value)) in parts.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(text, "{comma}\n{:inner$}{name}", "").expect("a string takes everything");
            value.write(text, inner, inner + name.len() + 1);
        }
        write!(text, "\n{:indent$}{}", "", brackets[1]).expect("a string takes everything");
    }

    fn line(&self) -> String {
        match self {
            Self::Leaf(leaf) => leaf.clone(),
            Self::List(elements) => {
                let parts: Vec<String> = elements.iter().map(Self::line).collect();
                format!("[{}]", parts.join(", "))
            }
            Self::Object(fields) if fields.is_empty() => "{}".to_owned(),
            Self::Object(fields) => {
                let field = |(name, value): &(String, Self)| format!("{}: {}", quoted(name), value.line());
                format!("{{ {} }}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_on_one_line() {
        let mut json = Json::Object(Vec::new());
        json.push("a\"b", Json::text("é\n"));
        json.push("none", Json::Object(Vec::new()));
        json.push(
            "few",
            Json::List(vec![Json::text("x"), Json::Object(vec![("y".into(), Json::text("z"))])]),
        );
        json.push("numbers", Json::List(vec![Json::Leaf("1".into()); 50]));
        json.push("many", Json::List(vec![Json::text(&"w".repeat(60)); 2]));
        let numbers = ["1"; 50].join(", ");
        let long = "w".repeat(60);
        let expected = format!(
            r#"{{
  "a\"b": "é\n",
  "none": {{}},
  "few": ["x", {{ "y": "z" }}],
  "numbers": [{numbers}],
  "many": [
    "{long}",
    "{long}"
  ]
}}
"#
        );
        assert_eq!(json.file(), expected);
    }

    #[test]
    fn fields_are_set_in_their_place() {
        let mut json = Json::Object(Vec::new());
        for name in ["a", "b", "c"] {
            json.push(name, Json::text(name));
        }
        json.set("b", Json::text("new"), "a");
        json.set("x", Json::text("x"), "c");
        json.set("y", Json::text("y"), "nobody");
        json.remove("a");
        assert_eq!(json.line(), r#"{ "y": "y", "b": "new", "x": "x", "c": "c" }"#);
    }
}
