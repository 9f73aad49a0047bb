//! How the command ends: the one place that decides on an exit code.

use std::fmt;
use whitewater_check::property::Property;
use whitewater_report::totals::Tally;

/// How the command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything held.
    Held,
    /// A property was violated, or a system under test panicked.
    Violated,
    /// It was asked for something that makes no sense, or a file is invalid.
    Usage,
    /// An expectation was not met.
    Unmet,
    /// Nothing ran.
    NothingRan,
    /// A capsule was run, and that was not the run which it was written of.
    NotReproduced,
    /// Two runs of one seed differ.
    Nondeterministic,
    /// A mistake of the command itself.
    Internal,
    /// The output could not be written.
    Output,
    /// It was interrupted; what there was is written.
    Interrupted,
}

impl Exit {
    /// The code that the shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Held => 0,
            Self::Violated => 1,
            Self::Usage => 2,
            Self::Unmet => 3,
            Self::NothingRan => 4,
            Self::NotReproduced => 5,
            Self::Nondeterministic => 6,
            Self::Internal => 70,
            Self::Output => 74,
            Self::Interrupted => 130,
        }
    }

    /// What the results come to. Among several failures the gravest counts: what cannot be repeated, then
    /// what was violated, then what was not as expected.
    #[must_use]
    pub fn of(tally: &Tally, interrupted: bool) -> Self {
        if interrupted {
            Self::Interrupted
        } else if tally.differing > 0 {
            Self::Nondeterministic
        } else if tally.violated > 0 {
            Self::Violated
        } else if tally.unmet > 0 {
            Self::Unmet
        } else if tally.scenarios == tally.skipped {
            Self::NothingRan
        } else {
            Self::Held
        }
    }

    /// What a run comes to that fails for this property.
    #[must_use]
    pub fn of_failure(property: Property) -> Self {
        if property == Property::Progress { Self::Unmet } else { Self::Violated }
    }

    /// What reading so many files comes to, of which so many are invalid.
    #[must_use]
    pub fn of_files(files: usize, wrong: usize, interrupted: bool) -> Self {
        match (files, wrong) {
            (_, _) if interrupted => Self::Interrupted,
            (0, _) => Self::NothingRan,
            (_, 0) => Self::Held,
            (_, _) => Self::Usage,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_failure_decides() {
        let nothing = Tally::default();
        let held = Tally { scenarios: 2, held: 2, ..nothing };
        let unmet = Tally { scenarios: 3, unmet: 1, ..held };
        let violated = Tally { scenarios: 4, violated: 1, ..unmet };
        let differing = Tally { scenarios: 5, differing: 1, ..violated };
        let codes = [nothing, held, unmet, violated, differing].map(|tally| Exit::of(&tally, false).code());
        assert_eq!(codes, [4, 0, 3, 1, 6]);
        assert_eq!(Exit::of(&differing, true), Exit::Interrupted);
    }

    #[test]
    fn skipping_everything_is_running_nothing() {
        let tally = Tally { scenarios: 2, skipped: 2, ..Tally::default() };
        assert_eq!(Exit::of(&tally, false), Exit::NothingRan);
        assert_eq!(Exit::of(&Tally { scenarios: 3, held: 1, ..tally }, false), Exit::Held);
    }

    #[test]
    fn one_wrong_file_is_enough_and_no_file_is_nothing() {
        let code = |(files, wrong)| Exit::of_files(files, wrong, false).code();
        assert_eq!([(0, 0), (3, 0), (3, 1), (1, 1)].map(code), [4, 0, 2, 2]);
        assert_eq!(Exit::of_files(3, 1, true), Exit::Interrupted);
    }
}
