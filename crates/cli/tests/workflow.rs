//! The workflow that users copy hangs together: read line by line, without a reader of YAML, which is enough for
//! a file of this plain a form.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// The lines that say something, each with how far it is indented.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let told = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    text.lines().filter(told).map(|line| (line.len() - line.trim_start().len(), line.trim())).collect()
}

/// The text of the workflow.
fn workflow() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.github/workflows/fuzz.yml");
    fs::read_to_string(file).expect("it is part of the repository")
}

/// The jobs by name, each with its lines.
fn jobs(text: &str) -> BTreeMap<String, Vec<(usize, &str)>> {
    let mut jobs: BTreeMap<String, Vec<(usize, &str)>> = BTreeMap::new();
    let mut job = None;
    for line in lines(text).into_iter().skip_while(|line| *line != (0, "jobs:")).skip(1) {
        match line {
            (2, name) => job = Some(name.trim_end_matches(':').to_owned()),
            _ => jobs.entry(job.clone().expect("a job has a name")).or_default().push(line),
        }
    }
    jobs
}

/// The value of a key of a job.
fn value<'a>(job: &[(usize, &'a str)], key: &str) -> Option<&'a str> {
    let of = |line: &'a str| line.strip_prefix(key)?.strip_prefix(": ");
    job.iter().filter(|(indent, _)| *indent == 4).find_map(|(_, line)| of(line))
}

#[test]
fn it_is_indented_by_twos_and_without_tabs() {
    let text = workflow();
    assert!(!text.contains('\t') && !text.contains('\r') && text.ends_with('\n'));
    for (indent, line) in lines(&text) {
        assert_eq!(indent % 2, 0, "{line}");
        assert_eq!(line.matches('"').count() % 2, 0, "{line}");
        assert_eq!(line.matches("${{").count(), line.matches("}}").count(), "{line}");
    }
}

#[test]
fn jobs_have_an_end_and_need_only_jobs_that_there_are() {
    let text = workflow();
    let jobs = jobs(&text);
    assert_eq!(jobs.keys().collect::<Vec<_>>(), ["merge", "night", "push"]);
    for (name, job) in &jobs {
        assert!(value(job, "runs-on").is_some() && job.contains(&(4, "steps:")), "{name}");
        let minutes: u32 = value(job, "timeout-minutes").and_then(|text| text.parse().ok()).unwrap_or(0);
        assert!((1..=360).contains(&minutes), "{name} may take for ever");
        assert!(value(job, "needs").is_none_or(|needed| jobs.contains_key(needed)), "{name}");
        let used = |line: &&str| line.trim_start_matches("- ").starts_with("uses: ");
        let uses: Vec<&str> = job.iter().map(|(_, line)| *line).filter(used).collect();
        assert!(uses.len() >= 2 && uses.iter().all(|line| line.contains("@v")), "{name}: {uses:?}");
        assert!(job.iter().any(|(_, line)| *line == "path: reports/latest"), "{name} keeps its report");
    }
}

#[test]
fn the_shards_of_a_night_are_all_there_and_are_merged() {
    let text = workflow();
    let jobs = jobs(&text);
    let night = &jobs["night"];
    let shards = night.iter().find_map(|(_, line)| line.strip_prefix("shard: [")?.strip_suffix(']'));
    let shards: Vec<u32> = shards.unwrap().split(", ").map(|shard| shard.parse().unwrap()).collect();
    let count = u32::try_from(shards.len()).unwrap();
    assert_eq!(shards, (1..=count).collect::<Vec<_>>());
    let asked = format!("--shard ${{{{ matrix.shard }}}}/{count}");
    assert!(night.iter().any(|(_, line)| line.contains(&asked)), "{asked}");
    assert!(night.contains(&(10, "name: shard-${{ matrix.shard }}")));
    let merge = &jobs["merge"];
    assert!(merge.contains(&(10, "pattern: shard-*")) && merge.contains(&(10, "path: shards")));
    assert!(merge.contains(&(6, "- run: whitewater merge shards/*")));
}

#[test]
fn every_variable_is_set_somewhere() {
    let text = workflow();
    let name =
        |text: &str| text.chars().take_while(|c| c.is_ascii_uppercase() || *c == '_').collect::<String>();
    let set: BTreeSet<String> = lines(&text)
        .into_iter()
        .filter_map(|(_, line)| line.split_once(['=', ':']).map(|(set, _)| set.to_owned()))
        .filter(|set| *set == name(set))
        .collect();
    let used: BTreeSet<String> = text
        .split('$')
        .skip(1)
        .map(name)
        .filter(|used| !used.is_empty() && !used.starts_with("GITHUB_"))
        .collect();
    assert_eq!(used.into_iter().collect::<Vec<_>>(), ["FIRST", "LAST", "SCENARIOS", "SEEDS_OF_A_PUSH"]);
    for needed in ["FIRST", "LAST", "SCENARIOS", "SEEDS_OF_A_NIGHT", "SEEDS_OF_A_PUSH"] {
        assert!(set.contains(needed), "{needed} is not among {set:?}");
    }
}
