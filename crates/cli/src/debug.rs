//! `replay -i`, `--exec`, `--to` and `--break`: a debugger of the run of a capsule.
//!
//! It reads lines, from a terminal with editing, history and completion, from a pipe, or from the command line, and
//! writes answers. What they mean and how they read is not decided here.

use crate::args::Replay;
use crate::complete::Completion;
use crate::exit::Exit;
use crate::output::{Output, spare_inputs};
use crate::place::Place;
use crate::say;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{CompletionType, Config, Editor};
use std::io::{self, BufRead, IsTerminal};
use std::path::Path;
use std::slice;
use whitewater_campaign::debug::command::{Command, Goal};
use whitewater_campaign::debug::traps::Trap;
use whitewater_campaign::debug::{Answer, Debugger};
use whitewater_report::debug::{answer, cannot, mistaken, prompt};
use whitewater_report::page::{Page, Style};
use whitewater_sim::predicate::Mistake;

/// What was asked for on the command line, read before anything runs.
pub(crate) struct Script {
    /// Where to go first.
    opening: Vec<Command>,
    /// What to do there, each with its text.
    exec: Vec<(String, Command)>,
    /// Whether to ask for more.
    interactive: bool,
}

/// Whether a debugger is asked for.
pub(crate) fn is_wanted(replay: &Replay) -> bool {
    replay.interactive || replay.exec.is_some() || replay.to.is_some() || replay.break_at.is_some()
}

impl Script {
    /// What these arguments ask for, of a cluster of so many nodes.
    ///
    /// # Errors
    ///
    /// How the command ends when it cannot be understood, which is then said.
    pub(crate) fn of(replay: &Replay, nodes: u8) -> Result<Self, Exit> {
        let mut opening = Vec::new();
        if let Some(text) = &replay.break_at {
            let trap = Trap::parse(text, nodes).map_err(|mistake| refuse("--break", text, &mistake))?;
            opening.extend([Command::Break(trap), Command::Go(Goal::Hit(1))]);
        }
        opening.extend(replay.to.map(|step| Command::Go(Goal::Step(step))));
        let exec = replay.exec.as_deref().unwrap_or("").split(';');
        let exec = exec.filter_map(|text| {
            let text = text.trim();
            let read = Command::parse(text, nodes).map_err(|mistake| refuse("--exec", text, &mistake));
            read.transpose().map(|read| read.map(|command| (text.to_owned(), command)))
        });
        Ok(Self { opening, exec: exec.collect::<Result<_, _>>()?, interactive: replay.interactive })
    }
}

fn refuse(option: &str, text: &str, mistake: &Mistake) -> Exit {
    say(format_args!("error: {option}:\n{}", mistaken(text, mistake)));
    Exit::Usage
}

/// A debugger, and where its answers go.
pub(crate) struct Session<'a> {
    debugger: Debugger,
    output: &'a mut Output,
    /// The file that is never written to.
    capsule: &'a Path,
    /// What an empty line asks for.
    last: Option<Command>,
}

impl<'a> Session<'a> {
    /// A session that has asked for nothing yet.
    pub(crate) fn new(debugger: Debugger, output: &'a mut Output, capsule: &'a Path) -> Self {
        Self { debugger, output, capsule, last: None }
    }

    /// Does what a script says, then what people or programs type.
    pub(crate) fn run(mut self, script: &Script) {
        for command in &script.opening {
            if let told @ Answer::Cannot(_) = self.debugger.obey(command) {
                self.output.page(&answer(&self.debugger, &told));
            }
        }
        if !script.opening.is_empty() && script.exec.is_empty() {
            self.arrived(script.interactive);
        }
        for (text, command) in &script.exec {
            self.echo(text);
            if self.obey(command) {
                return;
            }
        }
        if script.interactive {
            match io::stdin().is_terminal() && io::stdout().is_terminal() && self.output.is_standard() {
                true => self.edit_lines(),
                false => self.read_lines(),
            }
        }
    }

    /// Where the options of the command line have led.
    fn arrived(&mut self, interactive: bool) {
        let lines = if interactive { 0 } else { usize::MAX };
        for command in [Command::Trace(lines), Command::Where, Command::Print(None)] {
            self.obey(&command);
        }
    }

    /// Lines of a terminal.
    fn edit_lines(&mut self) {
        let config = Config::builder().completion_type(CompletionType::List).auto_add_history(true).build();
        let Ok(mut editor) = Editor::<Completion, DefaultHistory>::with_config(config) else {
            return self.read_lines();
        };
        editor.set_helper(Some(Completion::of(self.debugger.plan().nodes)));
        loop {
            match editor.readline(&prompt(&self.debugger)) {
                Ok(line) => {
                    if self.line(&line) {
                        return;
                    }
                }
                Err(ReadlineError::Interrupted) => {}
                Err(_) => return,
            }
        }
    }

    /// Lines of a pipe: each is written behind a prompt, as `--exec` does.
    fn read_lines(&mut self) {
        for line in io::stdin().lock().split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line).trim().to_owned();
            self.echo(&line);
            if self.line(&line) || self.output.is_closed() {
                return;
            }
        }
    }

    fn echo(&mut self, text: &str) {
        let mut page = Page::new();
        page.add(Style::Dim, "> ").add(Style::Strong, text.replace(char::is_control, " ")).end_line();
        self.output.page(&page);
    }

    /// Does what a line says. Whether that was the last one.
    fn line(&mut self, line: &str) -> bool {
        match Command::parse(line, self.debugger.plan().nodes) {
            Ok(Some(command)) => {
                self.last = Some(command.clone());
                self.obey(&command)
            }
            Ok(None) => self.last.clone().is_some_and(|last| self.obey(&last)),
            Err(mistake) => {
                self.output.page(&mistaken(line, &mistake));
                false
            }
        }
    }

    /// Obeys and answers. Whether that was the last one.
    fn obey(&mut self, command: &Command) -> bool {
        let told = self.debugger.obey(command);
        let refused =
            if let Answer::Save(file, text) = &told { self.save(Path::new(file), text).err() } else { None };
        let page = refused.map_or_else(|| answer(&self.debugger, &told), |why| cannot(&why));
        self.output.page(&page);
        told == Answer::Quit
    }

    /// Writes a scenario into a new file; never into the capsule.
    fn save(&self, file: &Path, text: &str) -> Result<(), String> {
        if spare_inputs(Some(file), slice::from_ref(&self.capsule.to_owned())).is_err() {
            return Err("the capsule stays as it is".to_owned());
        }
        if file.is_file() {
            return Err(format!("{} is there already, and stays as it is", file.display()));
        }
        let written = Place::open(Some(file)).and_then(|mut place| {
            place.write(text.as_bytes())?;
            place.finish()
        });
        written.map_err(|error| format!("{} could not be written: {error}", file.display()))
    }
}
