//! Serves the outside world on loopback: `outside [port]`, any free port by default. Prints its address.
//!
//! Beside what [`World`] can be told, calls can be held, so that a function can be killed in the middle of one:
//!
//! | call | what it does |
//! | --- | --- |
//! | `POST holds` `{"about": ["POST", "alpenshop/1001"], "moment": "before"}` | the next call with all these words in its method, URL or body gets no answer, and is acted on only if `moment` is `after`; or, if it is `lost`, is acted on and cut off |
//! | `GET  holds` | what was held so far, by its words |

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use http_body_util::Full;
use hyper::body::Bytes;
use hyper::{Uri, client};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use ports::{Request, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tests::loopback;
use tests::outside::World;
use tokio::net::TcpStream;
use tokio::task::{LocalSet, spawn_local};

/// How often a supplier tries to tell us something.
const DELIVERIES_MAX: u32 = 8;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let port = match std::env::args().nth(1) {
        Some(port) => port.parse().context("the port is no number")?,
        None => 0,
    };
    LocalSet::new().run_until(serve(port)).await
}

async fn serve(port: u16) -> Result<()> {
    let (listener, url) = loopback::listen(port)?;
    announce(&url);
    let world = RefCell::new(World { base_url: url.clone(), ..World::default() });
    let (world, holds) = (Rc::new(world), RefCell::<Holds>::default());
    let answer = async move |request| answer(&world, &holds, request).await;
    loopback::serve(listener, &url, answer, |connection| drop(spawn_local(connection))).await
}

#[expect(clippy::print_stdout, reason = "whoever started this reads the address")]
fn announce(base_url: &str) {
    println!("{base_url}");
}

/// Calls that are to be held, and those that were.
#[derive(Default)]
struct Holds {
    next: Vec<Hold>,
    held: Vec<Vec<String>>,
}

#[derive(Deserialize)]
struct Hold {
    about: Vec<String>,
    moment: Moment,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Moment {
    Before,
    After,
    Lost,
}

impl Holds {
    /// Does what it is told; none if it is told nothing.
    fn control(&mut self, request: &Request) -> Option<Response> {
        request.url.ends_with("/_control/holds").then_some(())?;
        if request.method == "GET" {
            return Some(ok(&json!(self.held)));
        }
        self.next.push(serde_json::from_slice(&request.body).ok()?);
        Some(ok(&json!({})))
    }

    /// What directs this world is never held. `reference` is what a call is about that names only what it was given.
    fn take(&mut self, request: &Request, reference: Option<&str>) -> Option<Hold> {
        (!request.url.contains("/_control/")).then_some(())?;
        let body = String::from_utf8_lossy(&request.body);
        let reference = reference.unwrap_or_default();
        let text = format!("{} {}\n{body}\n{reference}", request.method, request.url);
        let is_meant = |hold: &Hold| hold.about.iter().all(|word| text.contains(word.as_str()));
        let place = self.next.iter().position(is_meant)?;
        Some(self.next.remove(place))
    }
}

fn ok(body: &Value) -> Response {
    Response { status: 200, headers: Vec::new(), body: body.to_string().into_bytes() }
}

/// Waits until the caller has gone: then nobody waits for this any more, and it is dropped.
async fn hold(holds: &RefCell<Holds>, about: Vec<String>) {
    holds.borrow_mut().held.push(about);
    std::future::pending().await
}

/// An `Err` ends the connection without an answer.
async fn answer(
    world: &RefCell<World>,
    holds: &RefCell<Holds>,
    request: Request,
) -> Result<Response> {
    if let Some(response) = holds.borrow_mut().control(&request) {
        return Ok(response);
    }
    let held = {
        let world = world.borrow();
        let reference = world.labels.reference(&request);
        holds.borrow_mut().take(&request, reference)
    };
    if let Some(Hold { about, moment: Moment::Before }) = held {
        hold(holds, about).await;
        bail!("nobody waits any more");
    }
    let delay_ms = world.borrow().suppliers.delay_ms(&request);
    if delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(delay_ms)).await;
    }
    let response = {
        let mut world = world.borrow_mut();
        match world.control(&request, now()) {
            Some(response) => Ok(response),
            None => world.answer(request, now()),
        }
    };
    let outbox: Vec<Request> = world.borrow_mut().suppliers.outbox.drain(..).collect();
    spawn_local(deliver(outbox));
    match held {
        Some(Hold { about, moment: Moment::Lost }) => {
            holds.borrow_mut().held.push(about);
            bail!("the answer gets lost");
        }
        Some(Hold { about, .. }) => hold(holds, about).await,
        None => {}
    }
    response
}

/// Tells us, one message after the other, each again and ever more slowly until it is taken or refused.
async fn deliver(outbox: Vec<Request>) {
    for request in outbox {
        for delivery in 0..DELIVERIES_MAX {
            match post(&request).await {
                Ok(status) if status < 500 && status != 429 => break,
                _ => tokio::time::sleep(Duration::from_millis(250 << delivery)).await,
            }
        }
    }
}

async fn post(request: &Request) -> Result<u16> {
    let uri: Uri = request.url.parse()?;
    let authority = uri.authority().context("the address has no host")?.clone();
    let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80))).await?;
    let (mut sender, connection) = client::conn::http1::handshake(TokioIo::new(stream)).await?;
    spawn_local(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut builder = hyper::Request::builder().method(request.method).uri(path);
    builder = builder.header("host", authority.as_str());
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let body = Full::new(Bytes::from(request.body.clone()));
    let response = sender.send_request(builder.body(body)?).await?;
    Ok(response.status().as_u16())
}

#[expect(clippy::disallowed_methods, reason = "out there time passes by itself")]
fn now() -> Timestamp {
    Timestamp::now()
}
