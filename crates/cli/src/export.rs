//! `export`: a run for other programs, or as a picture.

use crate::args::{Common, Export, ExportForm};
use crate::choices::Color;
use crate::exit::Exit;
use crate::filmed::filmed;
use crate::output::Output;
use whitewater_report::events;
use whitewater_report::export::{chrome, mermaid, svg};
use whitewater_systems::Listed;

/// Writes a run in the form that was asked for.
pub(crate) fn export(export: &Export, common: &Common, program: &str, systems: &[Listed]) -> Exit {
    try_export(export, common, program, systems).unwrap_or_else(|exit| exit)
}

fn try_export(export: &Export, common: &Common, program: &str, systems: &[Listed]) -> Result<Exit, Exit> {
    let filmed = filmed(&export.run, common, program, systems)?;
    let mut output = Output::open(Some(&export.run.output), Color::Never)?;
    let shown = filmed.shown();
    match export.form {
        ExportForm::Ndjson => events::lines(shown.subject, shown.verdict).for_each(|line| output.text(&line)),
        ExportForm::ChromeTrace => chrome::pieces(&shown).for_each(|piece| output.text(&piece)),
        ExportForm::Svg => output.text(&svg::picture(&filmed.shown_on())),
        ExportForm::Mermaid => output.text(&mermaid::diagram(&filmed.shown_on())),
    }
    output.finish()?;
    Ok(filmed.exit)
}
