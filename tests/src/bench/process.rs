//! A function as Lambda runs it: a process that asks the Runtime API on loopback for events.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::pending;
use std::path::Path;
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use ports::{Request, Response};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::spawn_local;

use crate::loopback::{listen, serve};

/// Longer than any start takes, so that what is broken ends.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was seen of a process, from its spawn on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Life {
    /// Until it first asked for an event.
    pub first_poll: Duration,
    /// Until it had answered the first.
    pub first_answer: Duration,
    /// The most memory that it had, in kilobytes, when it had answered the last.
    pub peak_kb: u64,
    /// What it computed between the first and the last answer, in user space and in the kernel.
    pub cpu: Duration,
}

/// The Runtime API for one process.
struct Runtime {
    started: Instant,
    event: String,
    /// How often the event is handed out.
    events: u64,
    handed: Cell<u64>,
    answered: Cell<u64>,
    pid: Cell<u32>,
    life: RefCell<Life>,
    cpu_before: Cell<Duration>,
    is_done: Notify,
}

/// Runs a function until it has answered so many events, all the same, and ends it.
///
/// # Errors
/// When it can't be started, or ends or hangs before.
pub async fn live(
    binary: &Path,
    environment: &BTreeMap<String, String>,
    event: &Value,
    events: u64,
) -> Result<Life> {
    let (listener, url) = listen(0)?;
    let runtime = Rc::new(Runtime {
        started: Instant::now(),
        event: event.to_string(),
        events,
        handed: Cell::default(),
        answered: Cell::default(),
        pid: Cell::default(),
        life: RefCell::default(),
        cpu_before: Cell::default(),
        is_done: Notify::new(),
    });
    let (served, address) = (Rc::clone(&runtime), url.clone());
    let serving = spawn_local(async move {
        let answer = async move |request| served.answer(&request).await;
        serve(listener, &address, answer, |connection| drop(spawn_local(connection))).await
    });
    let mut child = Command::new(binary)
        .env_clear()
        .envs(environment)
        .env("AWS_LAMBDA_RUNTIME_API", url.trim_start_matches("http://"))
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| format!("{} does not start", binary.display()))?;
    runtime.pid.set(child.id());
    let done = tokio::time::timeout(PATIENCE, runtime.is_done.notified()).await;
    child.kill()?;
    child.wait()?;
    serving.abort();
    done.with_context(|| format!("{} did not answer", binary.display()))?;
    Ok(runtime.life.take())
}

impl Runtime {
    async fn answer(&self, request: &Request) -> Result<Response> {
        if request.url.ends_with("/invocation/next") {
            return Ok(self.hand_out().await);
        }
        if request.url.ends_with("/init/error") {
            bail!("the function did not start");
        }
        self.note_answer()?;
        Ok(Response { status: 202, headers: Vec::new(), body: Vec::new() })
    }

    async fn hand_out(&self) -> Response {
        let handed = self.handed.replace(self.handed.get() + 1);
        if handed == 0 {
            self.life.borrow_mut().first_poll = self.started.elapsed();
        }
        if handed == self.events {
            pending::<()>().await;
        }
        let headers = [
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", &format!("request-{handed}")),
            ("lambda-runtime-deadline-ms", "9999999999999"),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:one"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Response { status: 200, headers, body: self.event.clone().into_bytes() }
    }

    fn note_answer(&self) -> Result<()> {
        let answered = self.answered.replace(self.answered.get() + 1) + 1;
        let mut life = self.life.borrow_mut();
        if answered == 1 {
            life.first_answer = self.started.elapsed();
            self.cpu_before.set(cpu_of(self.pid.get())?);
        }
        if answered == self.events {
            life.cpu = cpu_of(self.pid.get())?.saturating_sub(self.cpu_before.get());
            life.peak_kb = peak_kb(self.pid.get())?;
            self.is_done.notify_one();
        }
        Ok(())
    }
}

/// Nanoseconds on the CPU are the first number.
fn cpu_of(pid: u32) -> Result<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/schedstat"))?;
    let nanoseconds = text.split(' ').next().and_then(|digits| digits.parse().ok());
    Ok(Duration::from_nanos(nanoseconds.context("the kernel counts no CPU time")?))
}

fn peak_kb(pid: u32) -> Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let digits = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    digits.context("the kernel tells no `VmHWM`")
}
