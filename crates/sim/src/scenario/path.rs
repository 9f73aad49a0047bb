//! The path to a value in a scenario file, such as `network.loss` or `chaos[0].pick[2].for`.
//!
//! It is the address under which an open value is drawn, and the way to the place in the text when
//! something is wrong there. A path is a list that lives on the stack of whoever walks the file.

use std::fmt;

/// A path: the way to the parent and one step more.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'a> {
    /// The whole file.
    Root,
    /// A field of an object.
    Field(&'a Path<'a>, &'a str),
    /// An element of a list, counted from 0.
    Item(&'a Path<'a>, usize),
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step<'a> {
    /// Into a field of an object.
    Field(&'a str),
    /// Into an element of a list, counted from 0.
    Item(usize),
}

impl<'a> Path<'a> {
    /// The path to a field of this object.
    pub(crate) fn field(&'a self, name: &'a str) -> Self {
        Self::Field(self, name)
    }

    /// The path to an element of this list.
    pub(crate) fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }

    /// The steps from the root.
    pub(crate) fn steps(&self) -> Vec<Step<'a>> {
        let (parent, step) = match self {
            Self::Root => return Vec::new(),
            Self::Field(parent, name) => (parent, Step::Field(name)),
            Self::Item(parent, index) => (parent, Step::Item(*index)),
        };
        let mut steps = parent.steps();
        steps.push(step);
        steps
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Path::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_one_would_write_them() {
        let root = Path::Root;
        let chaos = root.field("chaos");
        let (first, network) = (chaos.item(0), root.field("network"));
        assert_eq!(first.field("every").to_string(), "chaos[0].every");
        assert_eq!(network.field("loss").to_string(), "network.loss");
    }
}
