//! A time scaled by a ratio, in whole numbers.
//!
//! It is here because a division of 128 bits costs more than a whole message does otherwise, and a time that a
//! cluster knows hardly ever needs one.

use whitewater_check::types::Nanos;

/// `time * by / per`, rounded down; the largest time where it would not fit.
#[inline]
pub(crate) fn scaled(time: Nanos, by: u32, per: u32) -> Nanos {
    match time.checked_mul(u64::from(by)) {
        Some(product) => product / u64::from(per),
        None => {
            let wide = u128::from(time) * u128::from(by) / u128::from(per);
            wide.min(u128::from(Nanos::MAX)) as Nanos
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn short_and_long_times_are_scaled_alike(time: u64, shift in 0_u32..64, by: u32, per in 1..=u32::MAX) {
            let time = time >> shift;
            let exact = u128::from(time) * u128::from(by) / u128::from(per);
            prop_assert_eq!(u128::from(scaled(time, by, per)), exact.min(u128::from(u64::MAX)));
        }
    }
}
