//! Where a text was mended: what was taken out of it, and what was put in instead.
//!
//! The check of meaning asks here what it may rely on. All places are bytes of the text as it now is; nothing
//! here knows what the text means.

use crate::predicate::near::nearest;
use std::ops::Range;

/// The places at which a text was mended.
#[derive(Debug, Default)]
pub(crate) struct Mended {
    taken_out: Vec<TakenOut>,
    put_in: Vec<Range<usize>>,
}

/// An element or a field that was blanked out.
#[derive(Debug)]
struct TakenOut {
    range: Range<usize>,
    /// Where the object or list begins that it was directly in, if that may miss it.
    parent: Option<usize>,
    /// The name, if it was a field.
    name: Option<String>,
}

impl Mended {
    /// Notes that an element, or a field of this name, was taken out of the object or list that begins at
    /// `parent`.
    pub(crate) fn take_out(&mut self, range: Range<usize>, parent: Option<usize>, name: Option<String>) {
        self.taken_out.push(TakenOut { range, parent, name });
    }

    /// Notes that this was put in instead of a value.
    pub(crate) fn put_in(&mut self, range: Range<usize>) {
        self.move_behind(&range);
        self.put_in.push(range);
    }

    /// Moves all places behind the start of what was put in.
    pub(crate) fn move_behind(&mut self, put_in: &Range<usize>) {
        for gone in &mut self.taken_out {
            moved(&mut gone.range, put_in);
            gone.parent = gone.parent.map(|at| if at >= put_in.start { at + put_in.len() } else { at });
        }
        self.put_in.iter_mut().for_each(|one| moved(one, put_in));
    }

    /// Whether something was taken directly out of the object or list that begins there.
    pub(crate) fn lost(&self, parent: usize) -> bool {
        self.taken_out.iter().any(|gone| gone.parent == Some(parent))
    }

    /// Whether it was a field with this name, or with one that is close to it.
    pub(crate) fn gone(&self, parent: usize, name: &str) -> bool {
        let close =
            |gone: &TakenOut| gone.name.as_deref().is_some_and(|gone| nearest(gone, [name]).is_some());
        self.taken_out.iter().any(|gone| gone.parent == Some(parent) && close(gone))
    }

    /// Whether these bytes were put in.
    pub(crate) fn stands_in(&self, range: &Range<usize>) -> bool {
        self.put_in.iter().any(|put_in| within(put_in, range))
    }

    /// Whether something was taken out of these bytes or put into them, or they were put in themselves.
    pub(crate) fn touches(&self, range: &Range<usize>) -> bool {
        self.taken_out.iter().any(|gone| within(range, &gone.range))
            || self.put_in.iter().any(|put_in| within(range, put_in) || within(put_in, range))
    }
}

/// Moves a place, now that this was put in.
pub(crate) fn moved(place: &mut Range<usize>, put_in: &Range<usize>) {
    if place.start >= put_in.start {
        place.start += put_in.len();
    }
    if place.end > put_in.start {
        place.end += put_in.len();
    }
}

fn within(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
