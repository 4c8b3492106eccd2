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
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::spawn_local;

use super::server::listen;

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
    let (listener, url) = listen()?;
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
    let serving = spawn_local(serve(TcpListener::from_std(listener)?, Rc::clone(&runtime)));
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

async fn serve(listener: TcpListener, runtime: Rc<Runtime>) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let runtime = Rc::clone(&runtime);
        let service = service_fn(move |request| answer(Rc::clone(&runtime), request));
        spawn_local(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    runtime: Rc<Runtime>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>> {
    let path = request.uri().path().to_owned();
    request.into_body().collect().await?;
    if path.ends_with("/invocation/next") {
        return runtime.hand_out().await;
    }
    if path.ends_with("/init/error") {
        bail!("the function did not start");
    }
    runtime.note_answer()?;
    Ok(hyper::Response::builder().status(202).body(Full::default())?)
}

impl Runtime {
    async fn hand_out(&self) -> Result<hyper::Response<Full<Bytes>>> {
        let handed = self.handed.replace(self.handed.get() + 1);
        if handed == 0 {
            self.life.borrow_mut().first_poll = self.started.elapsed();
        }
        if handed == self.events {
            pending::<()>().await;
        }
        let response = hyper::Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", format!("request-{handed}"))
            .header("lambda-runtime-deadline-ms", "9999999999999")
            .header(
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:us-east-1:1:function:one",
            );
        Ok(response.body(Full::new(self.event.clone().into()))?)
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
