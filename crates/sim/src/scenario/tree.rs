//! Where every value of a JSON text lies, in bytes.
//!
//! The reader of values keeps no places, so this one keeps nothing else. It reads text that has already been
//! found to be JSON, and never panics on any other: it then returns what it saw.

use crate::scenario::path::Step;
use std::ops::Range;

/// How deep lists and objects may be nested.
pub(crate) const DEEPEST: usize = 32;

/// A value and its place.
#[derive(Debug)]
pub(crate) struct Node {
    /// From its first byte to behind its last.
    pub(crate) range: Range<usize>,
    /// What it holds.
    pub(crate) inner: Inner,
}

/// What a value holds.
#[derive(Debug)]
pub(crate) enum Inner {
    /// The fields of an object.
    Object(Vec<Member>),
    /// The elements of a list.
    List(Vec<Node>),
    /// Nothing: a string, a number, a word.
    Leaf,
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct Member {
    /// Where its name stands, quotes included.
    pub(crate) key: Range<usize>,
    /// Its name.
    pub(crate) name: String,
    /// Its value.
    pub(crate) value: Node,
}

/// What a path leads to.
#[derive(Debug)]
pub(crate) struct Spot<'a> {
    /// The value.
    pub(crate) node: &'a Node,
    /// The place of the whole element, or of the whole field with its name; none for the root.
    pub(crate) whole: Option<Range<usize>>,
}

impl Node {
    /// The tree of a JSON text.
    ///
    /// # Errors
    ///
    /// The place of the first value that lies deeper than [`DEEPEST`].
    pub(crate) fn read(text: &str) -> Result<Self, usize> {
        Reader { text, at: 0 }.value(0)
    }

    /// The value to which the steps lead, or the nearest one above it that is there.
    pub(crate) fn spot(&self, steps: &[Step<'_>]) -> Spot<'_> {
        let mut spot = Spot { node: self, whole: None };
        for step in steps {
            match spot.node.child(*step) {
                Some(child) => spot = child,
                None => break,
            }
        }
        spot
    }

    /// The value one step further.
    pub(crate) fn child(&self, step: Step<'_>) -> Option<Spot<'_>> {
        match (&self.inner, step) {
            (Inner::Object(members), Step::Field(name)) => {
                let member = members.iter().find(|member| member.name == name)?;
                Some(Spot { node: &member.value, whole: Some(member.key.start..member.value.range.end) })
            }
            (Inner::List(nodes), Step::Item(index)) => {
                let node = nodes.get(index)?;
                Some(Spot { node, whole: Some(node.range.clone()) })
            }
            (Inner::Object(_) | Inner::List(_) | Inner::Leaf, Step::Field(_) | Step::Item(_)) => None,
        }
    }

    /// Its fields, if it is an object.
    pub(crate) fn members(&self) -> &[Member] {
        match &self.inner {
            Inner::Object(members) => members,
            Inner::List(_) | Inner::Leaf => &[],
        }
    }

    /// All fields whose name an earlier field of the same object has, too.
    pub(crate) fn twins(&self) -> Vec<&Member> {
        match &self.inner {
            Inner::Leaf => Vec::new(),
            Inner::List(nodes) => nodes.iter().flat_map(Self::twins).collect(),
            Inner::Object(members) => {
                let mut names = std::collections::BTreeSet::new();
                let mut twins: Vec<&Member> =
                    members.iter().filter(|member| !names.insert(member.name.as_str())).collect();
                twins.extend(members.iter().flat_map(|member| member.value.twins()));
                twins
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Node, usize> {
        let next = self.peek();
        let start = self.at;
        let inner = match next {
            Some(b'{' | b'[') if depth == DEEPEST => return Err(start),
            Some(b'{') => Inner::Object(self.members(depth)?),
            Some(b'[') => Inner::List(self.nodes(depth)?),
            Some(b'"') => {
                self.string();
                Inner::Leaf
            }
            Some(_) | None => {
                self.word();
                Inner::Leaf
            }
        };
        Ok(Node { range: start..self.at, inner })
    }

    fn members(&mut self, depth: usize) -> Result<Vec<Member>, usize> {
        let mut members = Vec::new();
        self.at += 1;
        while self.peek() == Some(b'"') {
            let key = self.string();
            self.skip(b':');
            let raw = &self.text[key.clone()];
            let name = serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned());
            members.push(Member { key, name, value: self.value(depth + 1)? });
            self.skip(b',');
        }
        self.skip(b'}');
        Ok(members)
    }

    fn nodes(&mut self, depth: usize) -> Result<Vec<Node>, usize> {
        let mut nodes = Vec::new();
        self.at += 1;
        while self.peek().is_some_and(|next| next != b']') {
            let before = self.at;
            nodes.push(self.value(depth + 1)?);
            self.skip(b',');
            if self.at == before {
                break;
            }
        }
        self.skip(b']');
        Ok(nodes)
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, byte: u8) {
        if self.peek() == Some(byte) {
            self.at += 1;
        }
    }

    /// A string, from quote to quote.
    fn string(&mut self) -> Range<usize> {
        let start = self.at;
        let mut escaped = false;
        for byte in &self.text.as_bytes()[start + 1..] {
            self.at += 1;
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => break,
                _ => {}
            }
        }
        self.at += 1;
        start..self.at
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let ends = |byte: &u8| byte.is_ascii_whitespace() || b",]}:".contains(byte);
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = r#" {"a": [1, {"b": "x\"}"}, []], "a": true, "c\n": {} } "#;

    #[test]
    fn every_value_has_its_place() {
        let tree = Node::read(TEXT).unwrap();
        let place = |steps: &[Step<'_>]| &TEXT[tree.spot(steps).node.range.clone()];
        assert_eq!(place(&[]), TEXT.trim());
        assert_eq!(place(&[Step::Field("a"), Step::Item(0)]), "1");
        assert_eq!(place(&[Step::Field("a"), Step::Item(1), Step::Field("b")]), r#""x\"}""#);
        assert_eq!(place(&[Step::Field("a"), Step::Item(2)]), "[]");
        assert_eq!(place(&[Step::Field("c\n")]), "{}");
        assert_eq!(
            place(&[Step::Field("a"), Step::Item(9)]),
            r#"[1, {"b": "x\"}"}, []]"#,
            "the nearest above"
        );
        let whole = tree.spot(&[Step::Field("c\n")]).whole.unwrap();
        assert_eq!(&TEXT[whole], r#""c\n": {}"#);
    }

    #[test]
    fn twins_are_found() {
        let tree = Node::read(TEXT).unwrap();
        let twins: Vec<usize> = tree.twins().iter().map(|member| member.key.start).collect();
        assert_eq!(twins, [TEXT.rfind("\"a\"").unwrap()]);
    }

    #[test]
    fn depth_is_bounded() {
        let deep = "[".repeat(100_000);
        assert_eq!(Node::read(&deep).unwrap_err(), DEEPEST);
        let just = format!("{}{}", "[".repeat(DEEPEST), "]".repeat(DEEPEST));
        assert!(Node::read(&just).is_ok());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in r#"[\[\]{}",:\\ a1é]{0,40}"#) {
            if let Ok(tree) = Node::read(&text) {
                tree.twins();
            }
        }
    }
}
