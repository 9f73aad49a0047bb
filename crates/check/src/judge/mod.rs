//! The judge: is there any legal order of what the clients saw?
//!
//! It knows when each operation was asked for and answered, what it was, and what the answer said. It knows
//! no log, no index and nothing of the witness in `checkers/linearizability.rs`, which it judges: whatever
//! the witness accepts has a legal order.
//!
//! Linearizability is local (Herlihy and Wing): a history is legal if each key is, so each key is judged
//! alone. To find an order is hard in general and easy once it is known which write every answer speaks of
//! (Gibbons and Korach). Here the answers mostly tell, since no two commands write the same.
//!
//! | file | what it does |
//! |---|---|
//! | `told.rs` | which value each call found, which call made that value, and whether that is sure |
//! | `chains.rs` | the one order that is legal if any is, where that is sure; no search |
//! | `plain.rs` | the search through all orders, where it is not sure and that order is not legal |

mod chains;
mod plain;
#[cfg(test)]
mod tests;
mod told;

use crate::operation::{Operation, Value};
use std::collections::BTreeMap;

/// An operation as its client saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// What was asked for.
    pub operation: Operation,
    /// Where the question stands among all questions and answers.
    pub invoked: u64,
    /// Where the answer stands among them, and what it says; `None` when it never came.
    pub answered: Option<(u64, Value)>,
}

/// What the judge has to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// There is a legal order.
    Legal,
    /// There is none for the calls on one key. The calls are positions in what was judged.
    Illegal {
        /// The key.
        key: u32,
        /// What was stored where the judge came furthest.
        stored: Value,
        /// The calls that came last there, the last one at the end; four at most.
        before: Vec<usize>,
        /// The answered calls of which one had to come next and none could.
        stuck: Vec<usize>,
    },
    /// Some key took more steps than it was allowed, and no other key is illegal.
    Undecided,
}

/// Judges a history with at most `budget` steps for each key.
///
/// A step looks at one call in one place. Where the answers tell who made every value that was found, a key
/// takes little more than a step a call; otherwise it is searched, and many calls at a time take long.
///
/// # Panics
///
/// When a call is answered before it is asked for.
#[must_use]
pub fn judge(calls: &[Call], budget: u64) -> Judgement {
    let mut keys: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (position, call) in calls.iter().enumerate() {
        if let Call { invoked, answered: Some((answered, _)), .. } = *call {
            assert!(answered > invoked, "a call was answered at {answered} and asked for at {invoked}");
        }
        keys.entry(call.operation.key()).or_default().push(position);
    }
    let mut judgement = Judgement::Legal;
    for (key, positions) in keys {
        match judge_key(calls, &positions, budget) {
            Found::Order => {}
            Found::None(Impasse { stored, before, stuck }) => {
                return Judgement::Illegal { key, stored, before, stuck };
            }
            Found::OutOfSteps => judgement = Judgement::Undecided,
        }
    }
    judgement
}

fn judge_key(calls: &[Call], positions: &[usize], budget: u64) -> Found {
    let Some(mut steps) = budget.checked_sub(positions.len() as u64) else { return Found::OutOfSteps };
    let Some(told) = told::told(calls, positions, &mut steps) else { return Found::OutOfSteps };
    let found = chains::order(calls, &told.parts);
    if told.sure || found == Found::Order { found } else { plain::search(calls, positions, steps) }
}

/// What the judgement of one key ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Found {
    Order,
    None(Impasse),
    OutOfSteps,
}

/// A place that no legal order leads on from; see [`Judgement::Illegal`].
#[derive(Clone, Debug, PartialEq, Eq)]
struct Impasse {
    stored: Value,
    before: Vec<usize>,
    stuck: Vec<usize>,
}
