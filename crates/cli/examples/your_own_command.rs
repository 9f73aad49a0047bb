//! The command `whitewater` for a system of one's own: the one of `crates/sim/examples/your_own_raft`.

#[path = "../../sim/examples/your_own_raft/mirror.rs"]
mod mirror;

use std::process::ExitCode;
use whitewater_sim::run::Course;
use whitewater_systems::Listed;

fn main() -> ExitCode {
    let runner = || -> Box<dyn whitewater_sim::run::Runner> { Box::new(Course::<mirror::Mirror>::new()) };
    let about = "n1 orders, the others mirror.";
    whitewater_cli::main_with(&[Listed { name: "mirror", about, version: "1", supports: &[], runner }])
}
