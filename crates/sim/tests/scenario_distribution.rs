//! Distributions keep their promises: mean, quantiles, order, ends, text, and the meaning of a seed.

use proptest::prelude::*;
use whitewater_sim::distribution::Distribution;

const MS: u64 = 1_000_000;
const DAY: u64 = 86_400_000_000_000;

/// The mean over 2^20 evenly spaced draws.
fn mean(distribution: &Distribution) -> f64 {
    let sum: u128 = (0..1_u32 << 20).map(|n| u128::from(distribution.sample(n << 12 | 0x800))).sum();
    sum as f64 / f64::from(1 << 20)
}

fn quantile(distribution: &Distribution, probability: f64) -> f64 {
    distribution.sample((probability * 4_294_967_296.0) as u32) as f64
}

fn near(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found / expected - 1.0).abs() <= tolerance, "{what}: {found}, not {expected}");
}

#[test]
fn an_exponential_has_its_mean_and_its_quantiles() {
    for time in [MS, 30 * MS, 3_600_000 * MS] {
        let law = Distribution::exponential(time);
        near(mean(&law), time as f64, 0.005, "mean");
        for probability in [0.1, 0.25, 0.5, 0.9, 0.99, 0.999, 0.9999] {
            let expected = -f64::ln(1.0 - probability) * time as f64;
            near(quantile(&law, probability), expected, 0.003, "quantile");
        }
        near(law.max() as f64, 17.0 * std::f64::consts::LN_2 * time as f64, 0.001, "end");
    }
}

#[test]
fn a_lognormal_has_its_mean_its_median_and_its_99th_percentile() {
    for factor in [1, 2, 5, 10, 30] {
        let (median, p99) = (4 * MS, 4 * MS * factor);
        let law = Distribution::lognormal(median, p99);
        let sigma = (factor as f64).ln() / 2.326_347_874;
        near(quantile(&law, 0.5), median as f64, 0.001, "median");
        near(quantile(&law, 0.99), p99 as f64, 0.005, "p99");
        near(quantile(&law, 0.01), median as f64 / factor as f64, 0.005, "p01");
        near(mean(&law), median as f64 * (sigma * sigma / 2.0).exp(), 0.005, "mean");
    }
    let steep = Distribution::lognormal(4 * MS, 400 * MS);
    let sigma = 100_f64.ln() / 2.326_347_874;
    near(mean(&steep), 4e6 * (sigma * sigma / 2.0).exp(), 0.02, "mean of a steep one");
}

#[test]
fn a_uniform_reaches_both_ends_and_spreads_evenly() {
    let law = Distribution::uniform(MS, 10 * MS);
    assert_eq!(law.sample(0), MS);
    assert_eq!(law.sample(u32::MAX), 10 * MS);
    near(mean(&law), 5.5e6, 0.001, "mean");
    near(quantile(&law, 0.25), 3.25e6, 0.001, "quartile");
    assert_eq!(Distribution::uniform(0, u64::MAX).sample(0), 0);
    assert_eq!(Distribution::uniform(7, 7).sample(u32::MAX), 7);
}

#[test]
#[should_panic(expected = "from 2 to 1")]
fn an_empty_uniform_is_a_mistake() {
    let _ = Distribution::uniform(2, 1);
}

#[test]
#[should_panic(expected = "median 5 and p99 4")]
fn a_lognormal_that_falls_is_a_mistake() {
    let _ = Distribution::lognormal(5, 4);
}

#[test]
fn a_table_ends_where_it_says() {
    let law = Distribution::exponential(1_000_000_000);
    let last = u32::MAX - (1 << 15) + 1;
    assert_eq!(law.sample(u32::MAX), law.max());
    assert_eq!(law.sample(last), law.max(), "one draw in 131,072 is at the end");
    assert!(law.sample(last - (1 << 14)) < law.max());
    assert_eq!(law.sample(0), law.min());
    assert_eq!(Distribution::exponential(DAY).max(), DAY, "no time is longer than a day");
    assert_eq!(Distribution::exponential(0).max(), 0);
}

#[test]
fn it_shows_itself_as_a_file_has_it() {
    let table = [
        (Distribution::constant(5 * MS), "\"5ms\""),
        (Distribution::uniform(500_000, 10 * MS), r#"{"uniform": ["500us", "10ms"]}"#),
        (Distribution::exponential(1_500 * MS), r#"{"exponential": {"mean": "1.5s"}}"#),
        (Distribution::lognormal(MS, 20 * MS), r#"{"lognormal": {"median": "1ms", "p99": "20ms"}}"#),
    ];
    for (law, text) in table {
        assert_eq!(law.to_string(), text);
    }
}

/// These very values are what a seed means. They may never change.
#[test]
fn draws_mean_the_same_for_ever() {
    let bits = [0, 1 << 20, 0x1234_5678, 1 << 31, 0xdead_beef, u32::MAX];
    let exponential = Distribution::exponential(10 * MS);
    let lognormal = Distribution::lognormal(4 * MS, 40 * MS);
    assert_eq!(bits.map(|bits| exponential.sample(bits)), EXPONENTIAL);
    assert_eq!(bits.map(|bits| lognormal.sample(bits)), LOGNORMAL);
}

const EXPONENTIAL: [u64; 6] = [76, 2_441, 737_693, 6_931_471, 20_405_346, 117_835_020];
const LOGNORMAL: [u64; 6] = [55_330, 126_794, 935_804, 4_000_000, 12_202_614, 289_176_132];

fn any_law() -> impl Strategy<Value = Distribution> {
    prop_oneof![
        (0..=DAY).prop_map(Distribution::constant),
        (0..=DAY, 0..=DAY).prop_map(|(a, b)| Distribution::uniform(a.min(b), a.max(b))),
        (0..=DAY).prop_map(Distribution::exponential),
        (1..=DAY, 1..=DAY).prop_map(|(a, b)| Distribution::lognormal(a.min(b), a.max(b))),
    ]
}

proptest! {
    #[test]
    fn more_bits_are_never_less_time(law in any_law(), a: u32, b: u32) {
        let (low, high) = (law.sample(a.min(b)), law.sample(a.max(b)));
        prop_assert!(low <= high);
        prop_assert!(law.min() <= low && high <= law.max());
    }
}
