//! A function as Lambda runs it: a process that asks the Runtime API on loopback for events.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use ports::{Request, Response};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, spawn_local};

use crate::loopback::{listen, serve};

/// Longer than any start or answer takes, so that what is broken ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// A process, until this is dropped.
pub struct Process {
    child: Child,
    desk: Rc<Desk>,
    events: mpsc::UnboundedSender<Event>,
    serving: JoinHandle<Result<()>>,
    started: Instant,
}

/// What came of one event.
#[derive(Debug)]
pub struct Answered {
    /// The answer's body.
    pub body: Vec<u8>,
    /// From when the event was handed out until the answer was here: what Lambda's report calls the duration.
    pub duration: Duration,
    /// What the process computed for it, in user space and in the kernel.
    pub cpu: Duration,
    /// When the answer was here.
    pub at: Instant,
}

/// An event on its way, and who waits for what comes of it.
struct Event {
    body: Vec<u8>,
    answer: oneshot::Sender<Result<Answered>>,
}

/// An event that the process has.
struct Given {
    at: Instant,
    cpu: Duration,
    answer: oneshot::Sender<Result<Answered>>,
}

/// The Runtime API for one process.
struct Desk {
    events: tokio::sync::Mutex<mpsc::UnboundedReceiver<Event>>,
    given: RefCell<Option<Given>>,
    count: Cell<u64>,
    pid: Cell<u32>,
    first_poll: Cell<Option<Instant>>,
}

impl Process {
    /// Starts a function, with that environment and no other.
    ///
    /// # Errors
    /// When it does not start.
    pub fn spawn(binary: &Path, environment: &BTreeMap<String, String>) -> Result<Self> {
        let (listener, url) = listen(0)?;
        let (events, received) = mpsc::unbounded_channel();
        let desk = Rc::new(Desk {
            events: received.into(),
            given: RefCell::default(),
            count: Cell::default(),
            pid: Cell::default(),
            first_poll: Cell::default(),
        });
        let (own, address) = (Rc::clone(&desk), url.clone());
        let serving = spawn_local(async move {
            let answer = async move |request| own.answer(&request).await;
            serve(listener, &address, answer, |connection| drop(spawn_local(connection))).await
        });
        let started = Instant::now();
        let child = Command::new(binary)
            .env_clear()
            .envs(environment)
            .env("AWS_LAMBDA_RUNTIME_API", url.trim_start_matches("http://"))
            .stdout(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not start", binary.display()))?;
        desk.pid.set(child.id());
        Ok(Self { child, desk, events, serving, started })
    }

    /// Has it answer an event.
    ///
    /// # Errors
    /// When it does not, or says that it failed.
    pub async fn ask(&self, event: &[u8]) -> Result<Answered> {
        let (answer, answered) = oneshot::channel();
        self.events.send(Event { body: event.to_vec(), answer })?;
        let answered = tokio::time::timeout(PATIENCE, answered).await;
        answered.context("the function did not answer")?.context("the function ended")?
    }

    /// How long it took from its spawn until it first asked for an event; none before.
    #[must_use]
    pub fn first_poll(&self) -> Option<Duration> {
        Some(self.desk.first_poll.get()?.duration_since(self.started))
    }

    /// How long ago it was spawned, at some moment.
    #[must_use]
    pub fn age_at(&self, at: Instant) -> Duration {
        at.duration_since(self.started)
    }

    /// What it has computed so far, in user space and in the kernel.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn cpu(&self) -> Result<Duration> {
        cpu_of(self.child.id())
    }

    /// The most memory that it ever had, in kilobytes.
    ///
    /// # Errors
    /// When the kernel does not tell.
    pub fn peak_kb(&self) -> Result<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let digits = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        digits.context("the kernel tells no `VmHWM`")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.serving.abort();
        // It may have ended by itself; and it is waited for, so that the next one finds the machine as this one did.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Desk {
    async fn answer(&self, request: &Request) -> Result<Response> {
        if request.url.ends_with("/invocation/next") {
            return self.hand_out().await;
        }
        if request.url.ends_with("/init/error") {
            bail!("the function did not start");
        }
        let given = self.given.take().context("an answer to nothing")?;
        let at = Instant::now();
        let answered = if request.url.ends_with("/error") {
            Err(anyhow::anyhow!("it failed: {}", String::from_utf8_lossy(&request.body)))
        } else {
            let (body, duration) = (request.body.clone(), at - given.at);
            let cpu = cpu_of(self.pid.get())?.saturating_sub(given.cpu);
            Ok(Answered { body, duration, cpu, at })
        };
        // Nobody may wait any more.
        drop(given.answer.send(answered));
        Ok(Response { status: 202, headers: Vec::new(), body: Vec::new() })
    }

    async fn hand_out(&self) -> Result<Response> {
        if self.first_poll.get().is_none() {
            self.first_poll.set(Some(Instant::now()));
        }
        let event = self.events.lock().await.recv().await.context("there are no more events")?;
        let number = self.count.replace(self.count.get() + 1);
        let headers = [
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", &format!("request-{number}")),
            ("lambda-runtime-deadline-ms", "9999999999999"),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:one"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let cpu = cpu_of(self.pid.get())?;
        *self.given.borrow_mut() = Some(Given { at: Instant::now(), cpu, answer: event.answer });
        Ok(Response { status: 200, headers, body: event.body })
    }
}

/// Nanoseconds on the CPU are the first number. Of the one thread that a function has.
fn cpu_of(pid: u32) -> Result<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/schedstat"))?;
    let nanoseconds = text.split(' ').next().and_then(|digits| digits.parse().ok());
    Ok(Duration::from_nanos(nanoseconds.context("the kernel counts no CPU time")?))
}
