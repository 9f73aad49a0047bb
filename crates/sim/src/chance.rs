//! Chance, with an address for every draw.
//!
//! ChaCha8 yields one key per (seed, purpose, node or link). A draw is `mix(key, address)` and the address
//! says what is drawn: the third AppendEntries of term 4 on this link, the second sync of this life. So
//! nothing is consumed in order, and taking one message, fault, client or node away shifts nobody else's
//! luck. The sampling is ours, from 64 bits, so that a seed means the same for ever.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use whitewater_check::types::NodeId;

/// What a key is for. The numbers are part of what a seed means: add, never renumber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The fate of messages on one link.
    Link = 0,
    /// The election timeouts of one node.
    ElectionTimeout = 1,
    /// The sync latencies of one node's disk, and what a crash leaves of unsynced writes.
    Disk = 2,
    /// One client's requests.
    Client = 3,
    /// The values that a scenario leaves open (`between`, `one_of`).
    Scenario = 4,
    /// One entry of a scenario's `chaos`.
    Nemesis = 5,
    /// The targets and moments of one entry of a scenario's `timeline`.
    Timeline = 6,
    /// The clocks of the nodes; the subject is a node.
    Clock = 7,
    /// The settle phase.
    Settle = 8,
    /// What a system draws by itself; the subject is a node.
    Luck = 9,
}

/// A source of draws for one purpose of one subject in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    /// The key of `subject` (a node, a link, a client) for `purpose` in the run of `seed`.
    #[must_use]
    pub fn new(seed: u64, purpose: Purpose, subject: u64) -> Self {
        Keys::new(seed).key(purpose, subject)
    }

    /// The 64 bits at `address`.
    #[must_use]
    pub fn draw(self, address: u64) -> u64 {
        mix(self.0, address)
    }

    /// A key for the draws of one thing among many of its kind.
    #[must_use]
    pub fn subkey(self, subject: u64) -> Self {
        Self(mix(self.0, !subject))
    }

    /// The 64 bits at an address of two words.
    #[must_use]
    pub fn draw2(self, a: u64, b: u64) -> u64 {
        mix(mix(self.0, a), b)
    }
}

/// All the keys of one run.
#[derive(Clone, Debug)]
pub struct Keys {
    chacha: ChaCha8Rng,
}

impl Keys {
    /// The keys of the run of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Self { chacha: ChaCha8Rng::from_seed(bytes) }
    }

    /// The key of `subject` for `purpose`.
    #[must_use]
    pub fn key(&self, purpose: Purpose, subject: u64) -> Key {
        let mut chacha = self.chacha.clone();
        chacha.set_stream(purpose as u64);
        chacha.set_word_pos(u128::from(subject) * 2);
        Key(chacha.next_u64())
    }

    /// The key of the link from one node to another.
    #[must_use]
    pub fn link(&self, from: NodeId, to: NodeId) -> Key {
        self.key(Purpose::Link, (from.slot() << 8 | to.slot()) as u64)
    }
}

/// Stirs two words into one: a folded multiply, then another so that near addresses end far apart.
#[must_use]
pub fn mix(a: u64, b: u64) -> u64 {
    fold(fold(a ^ 0x9e37_79b9_7f4a_7c15, b ^ 0xd1b5_4a32_d192_ed03), a ^ 0x8cb9_2ba7_2f3d_8dd7)
}

fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    (wide as u64) ^ (wide >> 64) as u64
}

/// A whole number from `low` to `high`, both included, from 64 drawn bits.
#[must_use]
pub fn between(draw: u64, low: u64, high: u64) -> u64 {
    let width = u128::from(high - low) + 1;
    low + ((u128::from(draw) * width) >> 64) as u64
}

/// A stable address for a name, such as the path of a field in a scenario file.
#[must_use]
pub fn address_of(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| mix(hash, u64::from(byte)))
}

/// A probability as an integer threshold out of 2^32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Chance(u64);

impl Chance {
    /// Never.
    pub const NEVER: Self = Self(0);
    /// Always.
    pub const ALWAYS: Self = Self(1 << 32);

    /// The chance of `parts` in a billion; more than a billion is certainty.
    #[must_use]
    pub fn per_billion(parts: u64) -> Self {
        Self((parts.min(1_000_000_000) << 32) / 1_000_000_000)
    }

    /// The chance in parts of a billion, rounded.
    #[must_use]
    pub fn to_per_billion(self) -> u64 {
        (self.0 * 1_000_000_000 + (1 << 31)) >> 32
    }

    /// Whether it happens, judged by the low `bits` (at most 32) of a draw.
    #[must_use]
    pub fn happens(self, draw: u64, bits: u32) -> bool {
        let value = draw & ((1 << bits) - 1);
        value << (32 - bits) < self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_seed_purpose_and_subject() {
        let key = Key::new(1, Purpose::Link, 5);
        assert_eq!(key, Key::new(1, Purpose::Link, 5));
        assert_ne!(key, Key::new(2, Purpose::Link, 5));
        assert_ne!(key, Key::new(1, Purpose::Disk, 5));
        assert_ne!(key, Key::new(1, Purpose::Link, 6));
    }

    #[test]
    fn a_seed_means_the_same_for_ever() {
        let keys = Keys::new(42);
        let draws: Vec<u64> = (0..3).map(|n| keys.link(NodeId(0), NodeId(1)).draw(n)).collect();
        assert_eq!(draws, GOLDEN, "the meaning of seeds changed: every capsule ever written is void");
    }

    const GOLDEN: [u64; 3] =
        [4_288_302_805_640_816_010, 11_241_956_409_041_654_779, 2_425_040_368_959_969_573];

    #[test]
    fn between_reaches_both_ends_and_nothing_else() {
        let key = Key::new(7, Purpose::Scenario, 0);
        let mut seen = [0_u32; 5];
        for address in 0..10_000 {
            seen[(between(key.draw(address), 3, 7) - 3) as usize] += 1;
        }
        assert!(seen.iter().all(|&n| (1_800..2_200).contains(&n)), "{seen:?}");
        assert_eq!(between(u64::MAX, 0, u64::MAX), u64::MAX);
        assert_eq!(between(0, 9, 9), 9);
    }

    #[test]
    fn a_chance_happens_as_often_as_it_says() {
        let key = Key::new(7, Purpose::Scenario, 1);
        for bits in [12, 16, 32] {
            let tenth = Chance::per_billion(100_000_000);
            let hits = (0..100_000).filter(|&n| tenth.happens(key.draw(n), bits)).count();
            assert!((9_700..10_300).contains(&hits), "{bits} bits: {hits}");
            assert!((0..1_000).all(|n| Chance::ALWAYS.happens(key.draw(n), bits)));
            assert!((0..1_000).all(|n| !Chance::NEVER.happens(key.draw(n), bits)));
        }
    }
}
