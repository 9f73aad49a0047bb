//! `report`: a run as a page for a browser.

use crate::args::{Color, Common, Report};
use crate::exit::Exit;
use crate::filmed::filmed;
use crate::output::Output;
use whitewater_report::html::run_page;
use whitewater_systems::Listed;

/// Writes the page of a run.
pub(crate) fn report(report: &Report, common: &Common, program: &str, systems: &[Listed]) -> Exit {
    try_report(report, common, program, systems).unwrap_or_else(|exit| exit)
}

fn try_report(report: &Report, common: &Common, program: &str, systems: &[Listed]) -> Result<Exit, Exit> {
    let filmed = filmed(&report.run, common, program, systems)?;
    let mut output = Output::open(Some(&report.run.output), Color::Never)?;
    output.text(&run_page(&filmed.shown_on()));
    output.finish()?;
    Ok(filmed.exit)
}
