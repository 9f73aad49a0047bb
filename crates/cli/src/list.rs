//! `list`: what there is to choose from.

use crate::args::{Common, List};
use crate::choices::{Format, Topic};
use crate::exit::Exit;
use crate::faults::FAULTS;
use crate::load::{Loaded, load};
use crate::output::{Output, spare_inputs};
use crate::say;
use std::path::PathBuf;
use whitewater_check::markers::Marker;
use whitewater_check::property::{Class, Property};
use whitewater_report::list::{Item, document, json_lines, table};
use whitewater_sim::measure::Measure;
use whitewater_systems::Listed;
use whitewater_systems::bugs::{Bug, planted_in};

/// Lists one kind of thing.
pub(crate) fn list(list: &List, common: &Common, systems: &[Listed]) -> Exit {
    if list.topic != Topic::Scenarios && !list.paths.is_empty() {
        say("error: only `list scenarios` takes files and folders");
        return Exit::Usage;
    }
    let (topic, items) = match list.topic {
        Topic::Scenarios => match scenarios(list) {
            Ok(items) => ("scenarios", items),
            Err(exit) => return exit,
        },
        Topic::Systems => ("systems", systems.iter().map(system).collect()),
        Topic::Properties => ("properties", Property::ALL.into_iter().map(property).collect()),
        Topic::Faults => ("faults", FAULTS.iter().map(fault).collect()),
        Topic::Bugs => ("bugs", planted_in(systems).iter().map(bug).collect()),
        Topic::Markers => ("markers", Marker::ALL.into_iter().map(marker).collect()),
        Topic::Measures => ("measures", Measure::ALL.into_iter().map(measure).collect()),
    };
    if list.topic == Topic::Bugs && items.is_empty() && !common.quiet {
        say(
            "note: whitewater knows of no bug in the systems that are here; `list systems` says what each supports",
        );
    }
    let mut output = match Output::open(list.results.output.as_deref(), common.color) {
        Ok(output) => output,
        Err(exit) => return exit,
    };
    match list.results.format {
        Format::Human => output.page(&table(&items)),
        Format::Json => output.text(&document(topic, &items)),
        Format::Ndjson => output.text(&json_lines(&items)),
    }
    output.end(Exit::Held)
}

fn scenarios(list: &List) -> Result<Vec<Item>, Exit> {
    let paths = if list.paths.is_empty() { &[PathBuf::from("scenarios")][..] } else { &list.paths };
    spare_inputs(list.results.output.as_deref(), paths)?;
    let item = |loaded: Loaded| {
        let [name, about] = [loaded.scenario.name(), loaded.scenario.about()].map(str::to_owned);
        Item { name, about, file: loaded.file, shown: loaded.name, ..Item::default() }
    };
    Ok(load(paths, &[])?.into_iter().map(item).collect())
}

fn fault((name, about, example): &(&str, &str, &str)) -> Item {
    let [name, about, example] = [name, about, example].map(|text| (*text).to_owned());
    Item { name, about, example, ..Item::default() }
}

fn system(system: &Listed) -> Item {
    let supports = match system.supports {
        [] => "No options.".to_owned(),
        some => format!("Supports {}.", some.join(", ")),
    };
    Item {
        name: system.name.to_owned(),
        remark: system.version.to_owned(),
        about: format!("{} {supports}", system.about),
        ..Item::default()
    }
}

fn bug(bug: &Bug) -> Item {
    let caught: Vec<&str> = bug.properties.iter().map(|property| property.title()).collect();
    let caught = match caught[..] {
        [one] => one.to_owned(),
        _ => format!("one of: {}", caught.join(", ")),
    };
    let about = format!("{} To be caught by {}. Seen in {}.", bug.about, caught, bug.seen.join(", "));
    Item { name: bug.name.to_owned(), remark: bug.section.to_owned(), about, ..Item::default() }
}

fn property(property: Property) -> Item {
    let class = match property.class() {
        Class::Outcome => "outcome",
        Class::Early => "early",
    };
    let about = match property.section() {
        "" => property.about().to_owned(),
        section => format!("{} ({section})", property.about()),
    };
    Item { name: property.name().to_owned(), remark: class.to_owned(), about, ..Item::default() }
}

fn marker(marker: Marker) -> Item {
    Item { name: marker.name().to_owned(), about: marker.about().to_owned(), ..Item::default() }
}

fn measure(measure: Measure) -> Item {
    Item { name: measure.name().to_owned(), about: measure.about().to_owned(), ..Item::default() }
}
