//! `check`: everything that is wrong with scenarios, and nothing runs.

use crate::args::{Check, Common};
use crate::choices::Format;
use crate::exit::Exit;
use crate::load::{Loaded, Read, nothing_below, read_all};
use crate::output::{Output, spare_inputs};
use crate::say;
use crate::systems::misfits;
use crate::trouble::Trouble;
use std::sync::atomic::{AtomicBool, Ordering};
use whitewater_campaign::leg::Overrides;
use whitewater_report::checked::{Checked, document, json_end, last_line, lines};
use whitewater_systems::Listed;

/// Reads what was asked for, and says what is wrong with it.
pub(crate) fn check(
    check: &Check,
    common: &Common,
    program: &str,
    systems: &[Listed],
    stop: &AtomicBool,
) -> Exit {
    let file = check.results.output.as_deref();
    let opened = spare_inputs(file, &check.scenarios).and_then(|()| Output::open(file, common.color));
    let mut output = match opened {
        Ok(output) => output,
        Err(exit) => return exit,
    };
    let interrupted = || stop.load(Ordering::Relaxed);
    let files = read_all(&check.scenarios, &[]).take_while(|_| !interrupted());
    let files: Vec<Checked> =
        files.map(|read| told(fitting(read, program, systems), check.results.format)).collect();
    if files.is_empty() && !interrupted() {
        say(nothing_below(&check.scenarios));
    }
    let wrong = files.iter().filter(|file| !file.is_good()).count();
    let exit = Exit::of_files(files.len(), wrong, interrupted());
    match check.results.format {
        Format::Human => {
            if !common.quiet {
                output.page(&lines(&files));
            }
            output.page(&last_line(&files));
        }
        Format::Json => output.text(&document(&files, exit.code())),
        Format::Ndjson => {
            files.iter().for_each(|file| output.text(&file.json_line()));
            output.text(&json_end(&files, exit.code()));
        }
    }
    output.end(exit)
}

/// A file that was read, held against the systems that are here.
fn fitting((file, loaded): Read, program: &str, systems: &[Listed]) -> Read {
    let loaded = loaded.and_then(|loaded| {
        let wrong = misfits(&loaded, &Overrides::default(), program, systems);
        if wrong.is_empty() { Ok(loaded) } else { Err(wrong) }
    });
    (file, loaded)
}

/// What became of a file. Of what is wrong or doubtful about it people are told at once.
fn told((file, loaded): Read, format: Format) -> Checked {
    let warnings = |loaded: &Loaded| loaded.warnings().collect::<Vec<Trouble>>();
    let troubles = loaded.as_ref().map_or_else(Clone::clone, warnings);
    if format == Format::Human {
        troubles.iter().for_each(say);
    }
    let remarks = troubles.into_iter().map(|trouble| trouble.remark).collect();
    match loaded {
        Ok(loaded) => Checked::good(&file, &loaded.name, &loaded.scenario, remarks),
        Err(_) => Checked::wrong(&file, remarks),
    }
}
