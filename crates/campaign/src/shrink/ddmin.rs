//! Which elements of a list can be left out, found by leaving out half of them, then quarters, down to one.
//!
//! Down to one, what comes out is minimal in the sense that no single element can be left out of it. It knows nothing of
//! what the elements are: somebody else tries, several at once if he can, and says which try came first.

use std::ops::Range;

/// Is given the places that are kept and ranges of these, and names the first range that can go.
pub(super) type Try<'a> = &'a mut dyn FnMut(&[usize], &[Range<usize>]) -> Option<usize>;

/// Leaves out of a list of `length` elements whatever can be left out, `smallest` at once or more. `try_in_order` is asked
/// until it names nothing. The places that are left.
pub(super) fn ddmin(length: usize, smallest: usize, try_in_order: Try<'_>) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..length).collect();
    let mut chunk = length;
    while chunk >= smallest.max(1) && !kept.is_empty() {
        let removed = sweep(&mut kept, chunk, try_in_order);
        if chunk > smallest || !removed {
            chunk /= 2;
        }
    }
    kept
}

/// Tries every chunk once, from the front on. Whether any could go.
fn sweep(kept: &mut Vec<usize>, chunk: usize, try_in_order: Try<'_>) -> bool {
    let (mut begin, mut removed) = (0, false);
    while begin < kept.len() {
        let starts = (begin..kept.len()).step_by(chunk);
        let ranges: Vec<Range<usize>> = starts.map(|start| start..(start + chunk).min(kept.len())).collect();
        let Some(first) = try_in_order(kept, &ranges) else { break };
        begin = ranges[first].start;
        kept.drain(ranges[first].clone());
        removed = true;
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is left when `will_do` says which places may be kept alone.
    fn minimised(length: usize, will_do: &dyn Fn(&[usize]) -> bool) -> Vec<usize> {
        let without =
            |kept: &[usize], range: &Range<usize>| [&kept[..range.start], &kept[range.end..]].concat();
        ddmin(length, 1, &mut |kept, ranges| ranges.iter().position(|range| will_do(&without(kept, range))))
    }

    /// The slow, obvious way: one place after the other goes, over and over.
    fn obviously(length: usize, will_do: &dyn Fn(&[usize]) -> bool) -> Vec<usize> {
        let mut kept: Vec<usize> = (0..length).collect();
        while let Some(place) = (0..kept.len()).find(|&place| {
            let mut fewer = kept.clone();
            fewer.remove(place);
            will_do(&fewer)
        }) {
            kept.remove(place);
        }
        kept
    }

    proptest! {
        #[test]
        fn where_some_places_are_needed_these_are_left(
            length in 0..60_usize,
            needed in proptest::collection::btree_set(0..60_usize, 0..8),
        ) {
            let needed: Vec<usize> = needed.into_iter().filter(|place| *place < length).collect();
            let will_do = |kept: &[usize]| needed.iter().all(|place| kept.contains(place));
            prop_assert_eq!(minimised(length, &will_do), obviously(length, &will_do));
            prop_assert_eq!(minimised(length, &will_do), needed);
        }

        #[test]
        fn whatever_will_do_no_single_place_can_go(length in 1..24_usize, salt in 0..u64::MAX) {
            let will_do = |kept: &[usize]| {
                let set = kept.iter().fold(0_u64, |set, place| set | 1 << place);
                kept.len() == length || whitewater_sim::chance::mix(set, salt).is_multiple_of(5)
            };
            let left = minimised(length, &will_do);
            prop_assert!(will_do(&left));
            for place in 0..left.len() {
                let mut fewer = left.clone();
                fewer.remove(place);
                prop_assert!(!will_do(&fewer), "{left:?} needs no {}", left[place]);
            }
        }
    }
}
