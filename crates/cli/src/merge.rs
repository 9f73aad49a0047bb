//! `merge`: the shards of one campaign become one report.

use crate::args::{Common, Merge};
use crate::exit::Exit;
use crate::files::read_written;
use crate::folder::Folder;
use crate::fuzz::{env, exit};
use crate::output::{Output, verdict_on};
use crate::say;
use crate::told::Told;
use std::path::{Path, PathBuf};
use std::time::Instant;
use whitewater_report::merged::merged;
use whitewater_report::record::Record;
use whitewater_report::restore::restore;

/// Merges what was asked for.
pub(crate) fn merge(merge: &Merge, common: &Common, program: &str) -> Exit {
    let began = Instant::now();
    let records = merge.shards.iter().map(|shard| read(shard, program)).collect::<Result<Vec<_>, _>>();
    let mut record = match records.and_then(merged) {
        Ok(record) => record,
        Err(why) => {
            say(format_args!("error: {why}"));
            return Exit::Usage;
        }
    };
    let missing: Vec<String> = record.shards.missing().take(10).map(|shard| shard.to_string()).collect();
    if !missing.is_empty() {
        let of = record.shards.of;
        say(format_args!(
            "error: of {of} shards these are missing, so this is not the whole campaign: {}",
            missing.join(", ")
        ));
    }
    let output = match Output::open(merge.results.output.as_deref(), common.color) {
        Ok(output) => output,
        Err(exit) => return exit,
    };
    let exit = exit(&record, false);
    let exit = if exit == Exit::Held && !missing.is_empty() { Exit::Unmet } else { exit };
    let root = &merge.folder.report_dir;
    let folder = Folder::open(root).inspect(|folder| take_over(&mut record, folder));
    let told = Told { record: &record, common, format: merge.results.format, exit, env: env(1, began) };
    let reported = folder.and_then(|folder| told.report(&folder));
    let reported = reported.map_err(|error| verdict_on(&root.display().to_string(), &error));
    told.print(output).and(reported).err().unwrap_or(exit)
}

/// The record in a folder, or in the last report below it, behind the name of the folder.
fn read(folder: &Path, program: &str) -> Result<(String, Record), String> {
    let name = folder.display().to_string();
    let places = [folder.join("summary.json"), folder.join("latest").join("summary.json")];
    let file = places.iter().find(|file| file.exists()).unwrap_or(&places[0]);
    let text = read_written(file);
    let text = text.map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let beside = |capsule: &str| file.with_file_name("failures").join(capsule).display().to_string();
    let record = restore(&text, program, beside).map_err(|why| format!("{}: {why}", file.display()))?;
    Ok((name, record))
}

/// Copies the capsules of a record into a folder. One that cannot be had is told of and not named any more.
fn take_over(record: &mut Record, folder: &Folder) {
    for group in &mut record.groups {
        let Some(from) = group.capsule.take().map(PathBuf::from) else { continue };
        let name = from.file_name().unwrap_or_default().to_string_lossy();
        match read_written(&from).and_then(|text| folder.keep(&name, &text)) {
            Ok(place) => group.capsule = Some(place),
            Err(error) => say(format_args!("warning: {} is lost: {error}", from.display())),
        }
    }
}
