//! From text to predicate, by recursive descent: one function a rule of the grammar.
//!
//! A wrong text gets the place and what was expected there. Length and depth are bounded, so that hostile
//! text can exhaust neither stack nor time.

use crate::predicate::lexer::{Kind, Lexer, Mistake, Token, looks_like_node, node_of_name};
use crate::predicate::near::nearest;
use crate::predicate::show::{COMPARES, FIELDS, GROUPS, ROLES};
use crate::predicate::{Compare, Predicate};
use whitewater_check::types::NodeId;

/// The longest text, in bytes.
const LONGEST: usize = 1_000;

/// How deep `not` and parentheses may be nested.
const DEEPEST: u32 = 32;

impl Predicate {
    /// The predicate that `text` spells. `markers` are the names of markers; a predicate refers to one by
    /// its place among them.
    ///
    /// # Errors
    ///
    /// When the text is not in the grammar of this module, is longer than 1,000 bytes, or nests deeper than 32.
    pub fn parse(text: &str, markers: &[&'static str]) -> Result<Self, Mistake> {
        let mut parser = Parser { lexer: Lexer::new(text), markers, depth: 0 };
        if text.len() > LONGEST {
            return Err(parser.lexer.peek().mistake(format!("a predicate has at most {LONGEST} bytes")));
        }
        let predicate = parser.either()?;
        let rest = parser.lexer.next();
        if rest.kind == Kind::End {
            return Ok(predicate);
        }
        Err(rest.mistake(format!("expected `and`, `or` or the end, found {rest}")))
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    markers: &'a [&'static str],
    depth: u32,
}

impl Parser<'_> {
    fn either(&mut self) -> Result<Predicate, Mistake> {
        self.list("or", Self::both, Predicate::Any)
    }

    fn both(&mut self) -> Result<Predicate, Mistake> {
        self.list("and", Self::denial, Predicate::All)
    }

    fn list(
        &mut self,
        word: &str,
        part: impl Fn(&mut Self) -> Result<Predicate, Mistake>,
        join: impl Fn(Vec<Predicate>) -> Predicate,
    ) -> Result<Predicate, Mistake> {
        let first = part(self)?;
        if !self.lexer.peek().is(word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.lexer.peek().is(word) {
            self.lexer.next();
            parts.push(part(self)?);
        }
        Ok(join(parts))
    }

    fn denial(&mut self) -> Result<Predicate, Mistake> {
        let token = self.lexer.next();
        if token.is("not") {
            return self.deeper(token, |parser| Ok(Predicate::Not(Box::new(parser.denial()?))));
        }
        if token.is("(") {
            return self.deeper(token, |parser| {
                let inner = parser.either()?;
                parser.expect(")")?;
                Ok(inner)
            });
        }
        self.fact(token)
    }

    fn deeper(
        &mut self,
        token: Token<'_>,
        inner: impl FnOnce(&mut Self) -> Result<Predicate, Mistake>,
    ) -> Result<Predicate, Mistake> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(token.mistake(format!("a predicate nests at most {DEEPEST} deep")));
        }
        let predicate = inner(self)?;
        self.depth -= 1;
        Ok(predicate)
    }

    fn fact(&mut self, token: Token<'_>) -> Result<Predicate, Mistake> {
        match token.text {
            "leader" => self.expect("elected").map(|()| Predicate::LeaderElected),
            "logs" => self.expect("equal").map(|()| Predicate::LogsEqual),
            "count" => self.count(),
            word if looks_like_node(word) => self.of_node(token),
            word => {
                if let Some((_, field)) = FIELDS.iter().find(|(name, _)| *name == word) {
                    let (compare, number) = self.comparison()?;
                    return Ok(Predicate::Highest(*field, compare, number));
                }
                let index = self.markers.iter().position(|name| *name == word);
                let index = index.ok_or_else(|| self.unknown(token))?;
                Ok(Predicate::Marker { index, name: self.markers[index] })
            }
        }
    }

    fn unknown(&self, token: Token<'_>) -> Mistake {
        let fields = FIELDS.iter().map(|(name, _)| *name);
        let known =
            ["leader", "logs", "count", "not"].into_iter().chain(fields).chain(self.markers.iter().copied());
        token
            .mistake(format!(
                "expected a predicate, found {token}: `leader elected`, `logs equal`, `count(leaders) > 1`, \
                 `term > 5`, `n3.commit >= 10` or the name of a marker"
            ))
            .meant(nearest(token.text, known))
    }

    fn count(&mut self) -> Result<Predicate, Mistake> {
        self.expect("(")?;
        let group = self.one_of(&GROUPS, "a group of nodes")?;
        self.expect(")")?;
        let (compare, number) = self.comparison()?;
        Ok(Predicate::Count(group, compare, number))
    }

    fn of_node(&mut self, token: Token<'_>) -> Result<Predicate, Mistake> {
        let node = node_of_name(token.text)
            .ok_or_else(|| token.mistake(format!("expected a node from n1 to n63, found {token}")))?;
        self.expect(".")?;
        if self.lexer.peek().is("role") {
            self.lexer.next();
            return self.role_of(node);
        }
        let token = self.lexer.next();
        let known = FIELDS.iter().map(|(name, _)| *name);
        let field =
            FIELDS.iter().find(|(name, _)| token.is(name)).map(|(_, field)| *field).ok_or_else(|| {
                let message = format!("expected role, {}, found {token}", listed(known.clone()));
                token.mistake(message).meant(nearest(token.text, known.chain(["role"])))
            })?;
        let (compare, number) = self.comparison()?;
        Ok(Predicate::OfNode(node, field, compare, number))
    }

    fn role_of(&mut self, node: NodeId) -> Result<Predicate, Mistake> {
        let compare = self.lexer.next();
        if !compare.is("==") && !compare.is("!=") {
            return Err(compare.mistake(format!("a role is compared with `==` or `!=`, found {compare}")));
        }
        let role = self.one_of(&ROLES, "a role")?;
        Ok(if compare.is("==") { Predicate::Plays(node, role) } else { Predicate::PlaysNot(node, role) })
    }

    fn comparison(&mut self) -> Result<(Compare, u64), Mistake> {
        let compare = self.one_of(&COMPARES, "a comparison")?;
        let token = self.lexer.next();
        let number = token.text.parse().ok().filter(|_| token.kind == Kind::Number);
        let number =
            number.ok_or_else(|| token.mistake(format!("expected a whole number, found {token}")))?;
        Ok((compare, number))
    }

    fn expect(&mut self, text: &str) -> Result<(), Mistake> {
        let token = self.lexer.next();
        if token.is(text) {
            return Ok(());
        }
        let mistake = token.mistake(format!("expected `{text}`, found {token}"));
        Err(mistake.meant(nearest(token.text, [text]).filter(|_| token.kind == Kind::Word)))
    }

    fn one_of<T: Copy>(&mut self, table: &[(&str, T)], what: &str) -> Result<T, Mistake> {
        let token = self.lexer.next();
        if let Some((_, value)) = table.iter().find(|(word, _)| token.is(word)) {
            return Ok(*value);
        }
        let words = table.iter().map(|(word, _)| *word);
        let mistake = token.mistake(format!("expected {what} ({}), found {token}", listed(words.clone())));
        Err(mistake.meant(nearest(token.text, words).filter(|_| token.kind == Kind::Word)))
    }
}

/// Words in a row: `a, b or c`.
fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((last, first)) if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}
