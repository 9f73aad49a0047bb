//! The zoo as a file to keep: what was asked, what the columns mean, and a row each.

use crate::words::grouped;
use crate::zoo::{Hunted, smaller};
use std::fmt::Write;
use whitewater_campaign::zoo::Caught;

/// The heads of the columns.
const HEADS: &str = "| bug | what is wrong | rule | seen in | campaign | median | p90 | missed | early | outcome \
                     | to outcome | steps | faults |\n|---|---|---|---|---|--:|--:|--:|---|---|--:|--:|--:|\n";

/// What they mean.
fn legend(campaigns: u64, seeds: u64) -> String {
    let seeds = grouped(seeds);
    format!(
        "Each mistake is planted alone and hunted for in {campaigns} campaigns that share no seed, each of up to \
         {seeds} seeds of the campaign file named.\n\n\
         - *campaign*: the file; a campaign of `liveness` is judged as a whole, stalls and bounds on what all its runs \
         measured, at 20, 50, 100, 200 and 300 seeds, and its seeds are the size that was enough.\n\
         - *median*, *p90*: how many seeds half and nine tenths of the campaigns took to the first violation of any \
         property named for the mistake.\n\
         - *missed*: how many campaigns saw none.\n\
         - *early*, *outcome*: the broken rule and the broken promise that most campaigns saw first.\n\
         - *to outcome*: how many seeds half of the campaigns took to a broken promise.\n\
         - *steps*: the step that shows the violation in the run of the lowest seed that broke a promise, or else a \
         rule, and in the smallest run that it was shrunk to.\n\
         - *faults*: how many faults were done to the cluster before that step, in the one and in the other.\n\n\
         A dash under *steps* and *faults* stands where no single run shows the mistake, or where none was shrunk.\n\n"
    )
}

/// The results as a file to keep.
#[must_use]
pub fn markdown(hunted: &[Hunted], command: &str, (campaigns, seeds): (u64, u64)) -> String {
    let mut text = format!("# The bug zoo\n\nWritten by `{command}`.\n\n{}{HEADS}", legend(campaigns, seeds));
    for one in hunted {
        let [early, outcome] = one.mostly();
        let [steps, faults] = one.smallest.as_ref().map_or(["-", "-"].map(str::to_owned), smaller);
        let cells = [
            one.name().to_owned(),
            one.about.to_owned(),
            one.section.to_owned(),
            one.seen.join(", "),
            one.campaign.to_owned(),
            one.seeds(Caught::first, 50),
            one.seeds(Caught::first, 90),
            one.missed().to_string(),
            early,
            outcome,
            one.to_outcome(),
            steps,
            faults,
        ];
        writeln!(text, "| {} |", cells.join(" | ")).expect("a string takes all text");
    }
    text
}
