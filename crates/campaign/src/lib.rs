//! Many runs: scenarios times seeds, over all cores, each verdict folded into a summary.
//!
//! | idea | file |
//! |---|---|
//! | which seeds | [`seeds`] |
//! | a scenario, its seeds and what the user changes about it | [`leg`] |
//! | whether a system takes what a scenario asks of it | [`fit`] |
//! | threads that take runs until none is left | [`mod@run`] |
//! | the same without an end, with capsules: a campaign that hunts | [`fuzz`], [`turns`] |
//! | which of the seeds are whose | [`shard`] |
//! | a failing run as a file | [`capsule`] |
//! | one run done twice and compared | [`twice`] |
//! | what many verdicts come to | [`summary`] |
//! | a capsule run again and held against what it says | [`replay`] |
//! | one run as a debugger sees it, in both directions | [`debug`] |
//! | one run, every moment of it | [`mod@film`] |
//! | the story of a violation | [`mod@why`] |
//! | failures of one kind, and what led to them | [`group`], [`trail`] |
//! | the digests by which a capsule tells where a run leaves its own | [`ladder`] |
//! | all of it as one call in a test | [`mod@assert`] |
//! | how many seeds it takes to find a planted bug, and how small a run of it can be | [`zoo`], [`mod@smallest`] |
//!
//! A summary is the same whatever the number of threads and the order in which runs end: everything in it
//! is a sum, an extreme, or keyed by seed.
//!
//! What this crate does not know: any particular system (it is handed a function that makes a runner), the
//! wall clock, and how anything is shown. It prints nothing.

pub mod assert;
pub mod capsule;
pub mod debug;
pub mod film;
pub mod fit;
pub mod fuzz;
pub mod group;
pub mod ladder;
pub mod leg;
pub mod replay;
pub mod run;
pub mod seeds;
pub mod shard;
pub mod shrink;
pub mod smallest;
pub mod summary;
pub mod trail;
pub mod turns;
pub mod twice;
pub mod why;
pub mod zoo;
