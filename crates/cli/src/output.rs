//! Where results go: standard output or a file, in colour or not.
//!
//! A reader who has gone away is no error; whatever else goes wrong is kept until the end and reported once.

use crate::choices::Color;
use crate::exit::Exit;
use crate::files::is_among;
use crate::place::Place;
use crate::say;
use anstream::{AutoStream, ColorChoice};
use anstyle::AnsiColor;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use whitewater_report::page::{Page, Style};

/// Where results go.
pub(crate) struct Output {
    place: Place,
    color: bool,
    /// What went wrong first.
    error: Option<io::Error>,
    /// What it is called when something goes wrong.
    name: String,
    standard: bool,
}

impl Output {
    /// Standard output, which is also called `-`, or `file`.
    ///
    /// # Errors
    ///
    /// How the command ends when the file cannot be written, which is then said.
    pub(crate) fn open(file: Option<&Path>, color: Color) -> Result<Self, Exit> {
        let file = file.filter(|file| !is_standard(file));
        let name = file.map_or("standard output".to_owned(), |file| file.display().to_string());
        let place = Place::open(file).map_err(|error| verdict_on(&name, &error))?;
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => file.is_none() && AutoStream::choice(&io::stdout()) != ColorChoice::Never,
        };
        Ok(Self { place, color, error: None, name, standard: file.is_none() })
    }

    /// Writes a page.
    pub(crate) fn page(&mut self, page: &Page) {
        match self.color {
            true => self.text(&painted(page)),
            false => self.text(&page.to_string()),
        }
    }

    /// Writes text as it is.
    pub(crate) fn text(&mut self, text: &str) {
        if self.error.is_none() {
            self.error = self.place.write(text.as_bytes()).err();
        }
    }

    /// Whether it is standard output.
    pub(crate) fn is_standard(&self) -> bool {
        self.standard
    }

    /// Whether writing on makes no sense.
    pub(crate) fn is_closed(&self) -> bool {
        self.error.is_some()
    }

    /// Ends the output. How the command ends if that went wrong.
    pub(crate) fn finish(self) -> Result<(), Exit> {
        let Self { place, error, name, .. } = self;
        let written = error.map_or_else(|| place.finish(), Err);
        match written.map_err(|error| verdict_on(&name, &error)) {
            Ok(()) | Err(Exit::Held) => Ok(()),
            Err(exit) => Err(exit),
        }
    }

    /// The same, for a command that ends with `exit` if nothing goes wrong here.
    pub(crate) fn end(self, exit: Exit) -> Exit {
        self.finish().err().unwrap_or(exit)
    }
}

/// Whether a file of this name is standard output.
pub(crate) fn is_standard(file: &Path) -> bool {
    file == Path::new("-")
}

/// Refuses to write over a scenario that is read.
///
/// # Errors
///
/// How the command then ends.
pub(crate) fn spare_inputs(file: Option<&Path>, inputs: &[PathBuf]) -> Result<(), Exit> {
    match file.filter(|file| !is_standard(file) && is_among(file, inputs)) {
        None => Ok(()),
        Some(file) => {
            say(format_args!(
                "error: {} is a scenario that is read here, and stays as it is",
                file.display()
            ));
            Err(Exit::Usage)
        }
    }
}

/// What a failure to write means for the end of the command, and tells of it.
pub(crate) fn verdict_on(name: &str, error: &io::Error) -> Exit {
    if error.kind() == ErrorKind::BrokenPipe {
        return Exit::Held;
    }
    say(format_args!("error: {name} could not be written: {error}"));
    Exit::Output
}

fn painted(page: &Page) -> String {
    let paint = |(style, text): (Style, &str)| {
        let style = ansi(style);
        format!("{style}{text}{style:#}")
    };
    page.spans().map(paint).collect()
}

fn ansi(style: Style) -> anstyle::Style {
    match style {
        Style::Plain => anstyle::Style::new(),
        Style::Good => AnsiColor::Green.on_default(),
        Style::Bad => AnsiColor::Red.on_default().bold(),
        Style::Notice => AnsiColor::Yellow.on_default(),
        Style::Dim => anstyle::Style::new().dimmed(),
        Style::Strong => anstyle::Style::new().bold(),
    }
}
