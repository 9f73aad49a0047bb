//! The place that results are written to: a stream, or a file that is replaced when all of them are there.
//!
//! It knows bytes and paths, and neither colours nor what a failure means for the end of the command.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How many links in a row are followed.
const LINKS: usize = 40;

/// Where bytes go.
pub(crate) enum Place {
    /// As they come: standard output, a device, a pipe.
    Stream(Box<dyn Write>),
    /// All at once, at the end.
    Whole {
        /// The file that gets them, with no link on its way.
        file: PathBuf,
        /// What there is so far.
        bytes: Vec<u8>,
    },
}

impl Place {
    /// Standard output, or `file`. What is there and no regular file is written to as it is; a link is written
    /// through.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, or its folder cannot be written.
    pub(crate) fn open(file: Option<&Path>) -> io::Result<Self> {
        let Some(file) = file else { return Ok(Self::Stream(Box::new(io::stdout()))) };
        if fs::metadata(file).is_ok_and(|metadata| !metadata.is_file()) {
            return Ok(Self::Stream(Box::new(File::options().write(true).open(file)?)));
        }
        let file = behind_links(file)?;
        let part = part(&file)?;
        File::create(&part)?;
        fs::remove_file(part)?;
        Ok(Self::Whole { file, bytes: Vec::new() })
    }

    /// Takes bytes.
    ///
    /// # Errors
    ///
    /// When a stream does not take them.
    pub(crate) fn write(&mut self, more: &[u8]) -> io::Result<()> {
        match self {
            Self::Stream(writer) => writer.write_all(more).and_then(|()| writer.flush()),
            Self::Whole { bytes, .. } => bytes.write_all(more),
        }
    }

    /// Puts a file into its place: it is written under another name beside it and renamed.
    ///
    /// # Errors
    ///
    /// When that fails. Then nothing is left behind.
    pub(crate) fn finish(self) -> io::Result<()> {
        let Self::Whole { file, bytes } = self else { return Ok(()) };
        let part = part(&file)?;
        let placed = fs::write(&part, bytes).and_then(|()| fs::rename(&part, file));
        placed.inspect_err(|_| _ = fs::remove_file(&part))
    }
}

/// The name beside `file` under which it is written.
fn part(file: &Path) -> io::Result<PathBuf> {
    let mut name = file.file_name().ok_or_else(|| io::Error::other("it has no name"))?.to_owned();
    name.push(format!(".{}.part", std::process::id()));
    Ok(file.with_file_name(name))
}

/// What a link leads to, there or not; anything else is itself.
fn behind_links(file: &Path) -> io::Result<PathBuf> {
    let mut file = file.to_owned();
    for _ in 0..LINKS {
        match fs::read_link(&file) {
            Ok(next) => file = file.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(file),
        }
    }
    Err(io::Error::other("its links lead in a circle"))
}
