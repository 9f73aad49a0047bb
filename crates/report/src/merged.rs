//! Adds up the shards of one campaign. What the whole campaign would have come to is what comes of it.
//!
//! Shards that are not of one campaign are refused: their sum would say nothing.

use crate::caught::{Earlier, Fate};
use crate::record::Record;
use crate::subject::Subject;
use std::collections::BTreeMap;
use whitewater_campaign::group::{Group, Groups};
use whitewater_campaign::seeds::SeedRange;

/// One record of all of these, each of which has a name to be told by.
///
/// # Errors
///
/// When there is none, when two hold the same seeds, or when they are not of one campaign.
pub fn merged(records: Vec<(String, Record)>) -> Result<Record, String> {
    let mut records = records.into_iter();
    let (first, mut all) = records.next().ok_or("there is nothing to merge")?;
    for (name, other) in records {
        if let Some(why) = strange(&all, &other) {
            return Err(format!("{name} is not of the same campaign as {first}: {why}"));
        }
        let double = all.shards.done.intersection(&other.shards.done).next();
        if let Some(shard) = double {
            return Err(format!("{name} holds shard {shard}/{}, and so does another", all.shards.of));
        }
        add(&mut all, other);
    }
    let own = |subject: &Subject| one_of_each(&all.groups, &subject.file);
    all.groups = all.subjects.iter().flat_map(own).collect();
    all.earlier = earlier(std::mem::take(&mut all.earlier));
    all.hung.sort_by(|a, b| (&a.scenario, a.seed).cmp(&(&b.scenario, b.seed)));
    Ok(all)
}

/// Why a record is not of the same campaign.
fn strange(all: &Record, other: &Record) -> Option<String> {
    let differ = |what: &str, differs: bool| differs.then(|| format!("{what} differ"));
    let files = |record: &Record| record.subjects.iter().map(|one| one.file.clone()).collect::<Vec<_>>();
    let texts = |record: &Record| {
        record.subjects.iter().map(|one| one.scenario.text().to_owned()).collect::<Vec<_>>()
    };
    let asked = |record: &Record| record.subjects.first().map(|one| one.asked.clone());
    let seeds = |record: &Record| record.subjects.iter().map(|one| one.seeds).collect::<Vec<_>>();
    let refused =
        |record: &Record| record.summaries.iter().map(|one| one.refused.clone()).collect::<Vec<_>>();
    differ("the numbers of shards", all.shards.of != other.shards.of)
        .or(differ("the scenarios", files(all) != files(other)))
        .or(differ("the texts of the scenarios", texts(all) != texts(other)))
        .or(differ("what was asked for", asked(all) != asked(other)))
        .or(differ("the limits", (all.named, all.timed) != (other.named, other.timed)))
        .or(differ("the seeds", !all.timed && seeds(all) != seeds(other)))
        .or(differ("what the systems can run", refused(all) != refused(other)))
}

fn add(all: &mut Record, other: Record) {
    for (summary, theirs) in all.summaries.iter_mut().zip(&other.summaries) {
        if all.timed {
            summary.wanted += theirs.wanted;
        }
        summary.merge(theirs, all.named);
    }
    for (subject, theirs) in all.subjects.iter_mut().zip(&other.subjects) {
        let (first, last) = (subject.seeds.first(), subject.seeds.last());
        let both = SeedRange::new(first.min(theirs.seeds.first()), last.max(theirs.seeds.last()));
        subject.seeds = both.unwrap_or(subject.seeds);
    }
    all.groups.extend(other.groups);
    all.earlier.extend(other.earlier);
    all.hung.extend(other.hung);
    all.shards.done.extend(other.shards.done);
}

/// The kinds of failure of a scenario, each once.
fn one_of_each(groups: &[Group], file: &str) -> Vec<Group> {
    let mut own = Groups::default();
    groups.iter().filter(|group| group.scenario == file).for_each(|group| own.add(group.clone()));
    own.iter().cloned().collect()
}

/// Each earlier failure once; what still fails anywhere still fails.
fn earlier(all: Vec<Earlier>) -> Vec<Earlier> {
    let mut once: BTreeMap<String, Earlier> = BTreeMap::new();
    for one in all {
        let known = once.entry(one.capsule.clone()).or_insert_with(|| one.clone());
        if one.fate == Fate::Fails {
            *known = one;
        }
    }
    once.into_values().collect()
}
