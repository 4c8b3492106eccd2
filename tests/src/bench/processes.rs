//! Functions as the processes that they are on AWS, by a wall clock that the bench sets.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use jiff::Timestamp;

use super::process::{Answered, Process};
use super::start::binary;

/// One process of each function that was called.
pub struct Processes {
    /// What `tests/bench/clock.c` became: it has a process read `clock` for the wall clock's time.
    preload: PathBuf,
    clock: PathBuf,
    running: RefCell<BTreeMap<&'static str, Rc<Process>>>,
}

impl Processes {
    /// None runs yet.
    ///
    /// # Errors
    /// When their clock can't be built; it takes the C compiler that Rust links with.
    pub fn new() -> Result<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench");
        fs::create_dir_all(&folder)?;
        let folder = folder.canonicalize()?;
        let (preload, clock) = (folder.join("clock.so"), folder.join("now"));
        let built = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
            .arg(&preload)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/bench/clock.c"))
            .status()
            .context("there is no `cc`")?;
        ensure!(built.success(), "`clock.c` can't be built");
        Ok(Self { preload, clock, running: RefCell::default() })
    }

    /// Sets the wall clock of all of them. It stands until it is set again.
    ///
    /// # Errors
    /// When its file can't be written.
    pub fn set_now(&self, now: Timestamp) -> Result<()> {
        // In place: processes have it in their memory.
        use std::io::Write as _;
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(false).open(&self.clock)?;
        file.write_all(&now.as_millisecond().to_ne_bytes())?;
        Ok(())
    }

    /// Has a function answer an event. It is started for its first one.
    ///
    /// # Errors
    /// When it does not start or answer, or fails.
    pub async fn ask(
        &self,
        function: &'static str,
        environment: impl FnOnce() -> BTreeMap<String, String>,
        event: &[u8],
    ) -> Result<Answered> {
        let known = self.running.borrow().get(function).cloned();
        let process = match known {
            Some(process) => process,
            None => self.start(function, environment())?,
        };
        process.ask(event).await
    }

    /// What all of them have computed so far.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn cpu(&self) -> Result<Duration> {
        self.running.borrow().values().map(|process| process.cpu()).sum()
    }

    fn start(
        &self,
        function: &'static str,
        mut environment: BTreeMap<String, String>,
    ) -> Result<Rc<Process>> {
        for (name, path) in [("LD_PRELOAD", &self.preload), ("BENCH_CLOCK", &self.clock)] {
            environment.insert(name.to_owned(), path.to_string_lossy().into_owned());
        }
        let process = Rc::new(Process::spawn(&binary(function), &environment)?);
        self.running.borrow_mut().insert(function, Rc::clone(&process));
        Ok(process)
    }
}
