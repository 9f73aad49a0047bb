//! What the clients of a file mean, judged: how many there are, and at what pace they ask.

use crate::scenario::check::{Checker, MILLISECOND, MOST_KEYS};
use crate::scenario::clients::Clients;
use crate::scenario::duration::DAY;
use crate::scenario::path::Path;
use crate::scenario::spread::Spread;
use whitewater_check::types::Nanos;

/// The shortest time between two requests of a client, in nanoseconds.
const SHORTEST_PAUSE: Nanos = 10_000;

/// The most clients of a scenario, all kinds together.
const MOST_CLIENTS: u64 = 10_000;

impl Checker<'_> {
    pub(super) fn clients(&mut self, clients: &Clients, path: &Path<'_>) {
        self.count(&path.field("count"), &clients.count, 1..=1_000);
        self.pace(clients, path);
        self.count(&path.field("keys"), &clients.keys, 1..=MOST_KEYS);
        self.optional(&path.field("reads"), Some(&clients.reads));
        self.optional(&path.field("skew"), clients.skew.as_ref());
        self.time(&path.field("timeout"), &clients.timeout, MILLISECOND..=DAY);
    }

    /// Clients ask at a pace of their own or at that of the answers. A pace whose value is wrong is one, too.
    fn pace(&mut self, clients: &Clients, path: &Path<'_>) {
        let every = clients.every.is_some() || self.gone(path, "every");
        let think = clients.think.is_some() || self.gone(path, "think");
        if every && clients.think.is_some() {
            let message = "clients have `every` or `think`, not both: they wait for answers or they do not";
            self.wrong(&path.field("think"), message.to_owned());
        } else if !every && !think {
            self.wrong(path, "expected `every` or `think`: these clients never ask".to_owned());
        }
        for (name, pace) in [("every", &clients.every), ("think", &clients.think)] {
            if let Some(pace) = pace {
                self.pause(&path.field(name), pace);
            }
        }
    }

    fn pause(&mut self, path: &Path<'_>, pause: &Spread) {
        if let Spread::Constant(time) = pause {
            return self.time(path, time, SHORTEST_PAUSE..=DAY);
        }
        self.spread(path, Some(pause));
        if pause.typical().is_some_and(|time| time < SHORTEST_PAUSE) {
            self.wrong(path, "a client asks at most once in 10us".to_owned());
        }
    }

    pub(super) fn all_clients(&mut self, clients: &[Clients], path: &Path<'_>) {
        let most = |clients: &Clients| clients.count.range().map_or(0, |(_, high)| high);
        let all = clients.iter().map(most).fold(0, u64::saturating_add);
        if all > MOST_CLIENTS && clients.len() > 1 {
            self.wrong(path, format!("expected at most {MOST_CLIENTS} clients in all, found {all}"));
        }
    }
}
