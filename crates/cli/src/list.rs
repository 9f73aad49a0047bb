//! `list`: what there is to choose from.

use crate::args::{Common, List, Topic};
use crate::exit::Exit;
use crate::load::load;
use crate::output::{Output, verdict_on};
use crate::say;
use whitewater_check::markers::Marker;
use whitewater_check::property::{Class, Property};
use whitewater_report::page::{Page, Style};
use whitewater_systems::Listed;
use whitewater_systems::bugs::{BUGS, Bug};

/// A thing with its name, a short remark, and what it is.
struct Row {
    name: String,
    remark: String,
    about: String,
}

/// Lists one kind of thing.
pub(crate) fn list(list: &List, common: &Common, systems: &[Listed]) -> Exit {
    let rows = match list.topic {
        Topic::Scenarios => match scenarios(list) {
            Ok(rows) => rows,
            Err(exit) => return exit,
        },
        Topic::Systems => systems.iter().map(system).collect(),
        Topic::Bugs => BUGS.iter().map(bug).collect(),
        Topic::Properties => Property::ALL.into_iter().map(property).collect(),
        Topic::Markers => Marker::ALL.into_iter().map(marker).collect(),
    };
    let mut output = match Output::open(None, common.color) {
        Ok(output) => output,
        Err(error) => return verdict_on(error),
    };
    output.page(&table(&rows));
    output.finish().err().unwrap_or(Exit::Held)
}

fn scenarios(list: &List) -> Result<Vec<Row>, Exit> {
    let scenarios = load(&list.paths).map_err(|wrong| {
        wrong.iter().for_each(say);
        Exit::Usage
    })?;
    if scenarios.is_empty() {
        say("there is no scenario here");
        return Err(Exit::NothingRan);
    }
    let row = |loaded: crate::load::Loaded| Row {
        about: loaded.scenario.about().to_owned(),
        name: loaded.name,
        remark: String::new(),
    };
    Ok(scenarios.into_iter().map(row).collect())
}

fn system(system: &Listed) -> Row {
    Row { name: system.name.to_owned(), remark: system.version.to_owned(), about: system.about.to_owned() }
}

fn bug(bug: &Bug) -> Row {
    let caught: Vec<&str> = bug.properties.iter().map(|property| property.title()).collect();
    let about = format!("{} Caught by {}. Seen in {}.", bug.about, caught.join(", "), bug.seen.join(", "));
    Row { name: bug.name.to_owned(), remark: bug.section.to_owned(), about }
}

fn property(property: Property) -> Row {
    let class = match property.class() {
        Class::Outcome => "outcome",
        Class::Early => "early",
    };
    let about = match property.section() {
        "" => property.about().to_owned(),
        section => format!("{} ({section})", property.about()),
    };
    Row { name: property.name().to_owned(), remark: class.to_owned(), about }
}

fn marker(marker: Marker) -> Row {
    Row { name: marker.name().to_owned(), remark: String::new(), about: marker.about().to_owned() }
}

fn table(rows: &[Row]) -> Page {
    let width = |text: fn(&Row) -> &str| rows.iter().map(|row| text(row).chars().count()).max().unwrap_or(0);
    let (names, remarks) = (width(|row| &row.name), width(|row| &row.remark));
    let mut page = Page::new();
    for Row { name, remark, about } in rows {
        page.add(Style::Strong, format!("{name:<names$}"));
        if remarks > 0 {
            page.add(Style::Dim, format!("  {remark:<remarks$}"));
        }
        page.plain(format!("  {about}")).end_line();
    }
    page
}
