//! Where results go: standard output or a file, in colour or not.
//!
//! A reader who has gone away is no error; whatever else goes wrong is kept until the end and reported once.

use crate::args::Color;
use crate::exit::Exit;
use crate::say;
use anstream::{AutoStream, ColorChoice};
use anstyle::AnsiColor;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use whitewater_report::page::{Page, Style};

/// Where results go.
pub(crate) struct Output {
    writer: Box<dyn Write>,
    color: bool,
    /// The file that is being written under another name, and its own.
    pending: Option<(PathBuf, PathBuf)>,
    /// What went wrong first.
    error: Option<io::Error>,
    /// What it is called when something goes wrong.
    name: String,
}

impl Output {
    /// Standard output, or `file`.
    ///
    /// # Errors
    ///
    /// How the command ends when the file cannot be created, which is then said.
    pub(crate) fn open(file: Option<&Path>, color: Color) -> Result<Self, Exit> {
        let name = file.map_or("standard output".to_owned(), |file| file.display().to_string());
        Self::create(file, color, name.clone()).map_err(|error| verdict_on(&name, &error))
    }

    fn create(file: Option<&Path>, color: Color, name: String) -> io::Result<Self> {
        let (writer, pending): (Box<dyn Write>, _) = match file {
            None => (Box::new(io::stdout()), None),
            Some(path) => {
                let (file, pending) = create(path)?;
                (Box::new(BufWriter::new(file)), pending)
            }
        };
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => file.is_none() && AutoStream::choice(&io::stdout()) != ColorChoice::Never,
        };
        Ok(Self { writer, color, pending, error: None, name })
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
            self.error = self.writer.write_all(text.as_bytes()).and_then(|()| self.writer.flush()).err();
        }
    }

    /// Whether writing on makes no sense.
    pub(crate) fn is_closed(&self) -> bool {
        self.error.is_some()
    }

    /// Ends the output. How the command ends if that went wrong.
    pub(crate) fn finish(mut self) -> Result<(), Exit> {
        let written = self.error.take().map_or_else(|| self.writer.flush(), Err);
        let placed =
            written.and_then(|()| self.pending.take().map_or(Ok(()), |(from, to)| fs::rename(from, to)));
        match placed.map_err(|error| verdict_on(&self.name, &error)) {
            Ok(()) | Err(Exit::Held) => Ok(()),
            Err(exit) => Err(exit),
        }
    }

    /// The same, for a command that ends with `exit` if nothing goes wrong here.
    pub(crate) fn end(self, exit: Exit) -> Exit {
        self.finish().err().unwrap_or(exit)
    }
}

impl Drop for Output {
    /// A file that was not finished is taken away.
    fn drop(&mut self) {
        if let Some((unfinished, _)) = self.pending.take() {
            let _ = fs::remove_file(unfinished);
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

/// Creates a file under another name, to be renamed when it is whole. What is no regular file (a device, a
/// pipe) is written to as it is.
fn create(path: &Path) -> io::Result<(File, Option<(PathBuf, PathBuf)>)> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Ok((File::options().write(true).open(path)?, None));
    }
    let mut name = path.file_name().ok_or_else(|| io::Error::other("it has no name"))?.to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let part = path.with_file_name(name);
    Ok((File::create(&part)?, Some((part, path.to_owned()))))
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
