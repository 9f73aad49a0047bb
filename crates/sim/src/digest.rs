//! The digest of a run: 64 bits over every event and its outcome.
//!
//! Equal seeds give equal digests, whatever is watched or printed meanwhile. It is folded a pair of words
//! at a time; it guards against accidents, not against adversaries.

/// A running digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0x243f_6a88_85a3_08d3)
    }
}

impl Digest {
    /// Takes two words in.
    pub(crate) fn absorb(&mut self, a: u64, b: u64) {
        let left = self.0 ^ a.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let wide = u128::from(left) * u128::from(b ^ 0xa409_3822_299f_31d0);
        self.0 = (wide as u64 ^ (wide >> 64) as u64).wrapping_add(left.rotate_left(29));
    }

    /// The digest of all that was taken in.
    pub(crate) fn value(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(words: &[(u64, u64)]) -> u64 {
        let mut digest = Digest::default();
        for &(a, b) in words {
            digest.absorb(a, b);
        }
        digest.value()
    }

    #[test]
    fn every_word_its_place_and_the_length_matter() {
        let base = digest(&[(1, 2), (3, 4)]);
        for other in [
            &[(1, 2), (4, 3)][..],
            &[(3, 4), (1, 2)],
            &[(1, 2)],
            &[(1, 2), (3, 4), (0, 0)],
            &[(0, 0), (3, 4)],
        ] {
            assert_ne!(digest(other), base, "{other:?}");
        }
    }

    #[test]
    fn no_run_of_zeroes_gets_stuck() {
        let digests: Vec<u64> = (0..100).map(|n| digest(&vec![(0, 0); n])).collect();
        let distinct: std::collections::BTreeSet<_> = digests.iter().collect();
        assert_eq!(distinct.len(), digests.len());
    }
}
