//! Watches a campaign with a clock in hand: when it has to end, how far it is, and whether every thread moves.
//!
//! It does not know what is run nor where anything goes.

use crate::pace::Pace;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use whitewater_campaign::fuzz::{Fuzz, Post, Results};

/// How often it looks.
const TICK: Duration = Duration::from_millis(100);

/// How long a step of a system under test may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits for the end of a campaign and calls `meanwhile` from time to time, and once at the end. Gives what it came to, and what the threads are on that do not move.
pub(crate) fn hunt(
    fuzz: Fuzz,
    stop: &AtomicBool,
    deadline: Option<Instant>,
    mut pace: Pace,
    meanwhile: &mut dyn FnMut(),
) -> (Results, Vec<Post>) {
    let mut moved = Moved::default();
    let mut hung = Vec::new();
    while !fuzz.is_over() {
        thread::park_timeout(TICK);
        let now = Instant::now();
        if deadline.is_some_and(|deadline| now >= deadline) {
            fuzz.stop();
        }
        if stop.load(Ordering::Relaxed) {
            fuzz.leave();
        }
        meanwhile();
        pace.tell(&fuzz.progress(), now);
        let posts = fuzz.posts();
        hung = moved.hung(&posts, now);
        if !hung.is_empty() {
            fuzz.stop();
            if posts.iter().flatten().count() == hung.len() {
                break;
            }
        }
    }
    drop(pace);
    meanwhile();
    let over = fuzz.is_over();
    (fuzz.results(), if over { Vec::new() } else { hung })
}

/// When each thread was last seen to move.
#[derive(Debug, Default)]
struct Moved {
    last: Vec<(Option<Post>, Instant)>,
}

impl Moved {
    /// The posts at which nothing has moved for too long.
    fn hung(&mut self, posts: &[Option<Post>], now: Instant) -> Vec<Post> {
        self.last.resize(posts.len(), (None, now));
        for (last, post) in self.last.iter_mut().zip(posts) {
            if last.0 != *post {
                *last = (*post, now);
            }
        }
        let still = self.last.iter().filter(|(_, since)| now.duration_since(*since) >= PATIENCE);
        still.filter_map(|(post, _)| *post).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_does_not_move_is_hung() {
        let post = |events| Some(Post { job: 0, seed: 7, pulse: (3, events) });
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut moved = Moved::default();
        assert_eq!(moved.hung(&[post(1), post(1), None], at(0)), []);
        assert_eq!(moved.hung(&[post(2), post(1), None], at(9)), []);
        assert_eq!(moved.hung(&[post(2), post(1), None], at(10)), [post(1).unwrap()]);
        assert_eq!(moved.hung(&[post(2), post(2), None], at(19)), [post(2).unwrap()]);
        assert_eq!(moved.hung(&[post(3), post(2), None], at(20)), []);
    }
}
