//! A table by term for terms that need not be small: a sorted vector.
//!
//! Terms mostly come in rising order, so the answer is mostly the last row. A system that reports terms
//! of 2^63 costs one row each, never a table of that size.

use crate::types::Term;

/// One value a term, sorted by term.
#[derive(Clone, Debug)]
pub(crate) struct ByTerm<T>(Vec<(Term, T)>);

impl<T> Default for ByTerm<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> ByTerm<T> {
    /// Forgets all rows and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// The row of `term`.
    pub(crate) fn get(&self, term: Term) -> Option<&T> {
        let row = self.position(term).ok()?;
        Some(&self.0[row].1)
    }

    /// The row of `term`, which is made first when it is missing.
    pub(crate) fn get_or_insert_with(&mut self, term: Term, make: impl FnOnce() -> T) -> &mut T {
        let row = self.position(term).unwrap_or_else(|row| {
            self.0.insert(row, (term, make()));
            row
        });
        &mut self.0[row].1
    }

    /// The row of the highest term below `term`.
    pub(crate) fn below(&self, term: Term) -> Option<&(Term, T)> {
        let row = self.position(term).unwrap_or_else(|row| row);
        row.checked_sub(1).map(|row| &self.0[row])
    }

    /// The values of `term` and of all higher terms, in order.
    pub(crate) fn at_least_mut(&mut self, term: Term) -> impl Iterator<Item = &mut T> {
        let row = self.position(term).unwrap_or_else(|row| row);
        self.0[row..].iter_mut().map(|(_, value)| value)
    }

    /// Where the row of `term` is, or where it belongs.
    #[inline]
    fn position(&self, term: Term) -> Result<usize, usize> {
        match self.0.last() {
            None => Err(0),
            Some(&(last, _)) if last == term => Ok(self.0.len() - 1),
            Some(&(last, _)) if last < term => Err(self.0.len()),
            Some(_) => self.0.binary_search_by_key(&term, |&(term, _)| term),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stay_sorted_whatever_the_order_of_arrival() {
        let mut table = ByTerm::default();
        for term in [5, 1 << 62, 2, 9, 5] {
            table.get_or_insert_with(term, || term * 2);
        }
        assert_eq!(table.get(5), Some(&10));
        assert_eq!(table.get(4), None);
        assert_eq!(table.below(5), Some(&(2, 4)));
        assert_eq!(table.below(6), Some(&(5, 10)));
        assert_eq!(table.below(2), None);
        assert_eq!(table.at_least_mut(6).map(|v| *v).collect::<Vec<_>>(), [18, 1 << 63]);
    }
}
