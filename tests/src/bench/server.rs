//! AWS and the outside world behind one address on loopback.

use std::cell::RefCell;
use std::net::{Ipv4Addr, TcpListener as Listener};
use std::rc::Rc;

use anyhow::{Context as _, Result, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use ports::{Request, Response};
use tokio::net::TcpListener;
use tokio::task::spawn_local;

use super::cloud::Cloud;
use super::cpu::Meter;
use super::usage::Measure;
use crate::outside;

/// Who answers: AWS, and everyone else.
#[derive(Clone)]
pub struct Everyone {
    /// AWS.
    pub cloud: Rc<RefCell<Cloud>>,
    /// Shops, suppliers, the tracking service.
    pub outside: Rc<RefCell<outside::World>>,
    /// Where all of them are, without a slash at the end.
    pub url: String,
    /// What answering takes.
    pub meter: Meter,
}

/// Takes a free port.
///
/// # Errors
/// When there is none.
pub fn listen() -> Result<(Listener, String)> {
    let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0)).context("there is no free port")?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

/// Answers for ever.
///
/// # Errors
/// When the port can't be listened at.
pub async fn serve(listener: Listener, everyone: Everyone) -> Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (everyone, meter) = (everyone.clone(), everyone.meter.clone());
        let service = service_fn(move |request| answer(everyone.clone(), request));
        // A connection that breaks off is the other side's affair.
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        spawn_local(meter.measured(connection));
    }
}

/// An `Err` ends the connection without an answer.
async fn answer(
    everyone: Everyone,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Full<Bytes>>> {
    let request = receive(&everyone.url, request).await?;
    let known = everyone.cloud.borrow_mut().answer(&request)?;
    let response = match known {
        Some(response) => response,
        None => everyone.ask_outside(request)?,
    };
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in response.headers {
        builder = builder.header(name, value);
    }
    Ok(builder.body(Full::new(response.body.into()))?)
}

impl Everyone {
    fn ask_outside(&self, request: Request) -> Result<Response> {
        let mut cloud = self.cloud.borrow_mut();
        let whom = request.url.split('/').nth(3).unwrap_or_default().to_owned();
        cloud.usage().add(Measure::OutsideCalls, &whom, 1);
        self.outside.borrow_mut().answer(request, cloud.tables.now)
    }
}

async fn receive(url: &str, request: hyper::Request<Incoming>) -> Result<Request> {
    let (head, body) = request.into_parts();
    let method = match head.method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "DELETE" => "DELETE",
        _ => bail!("nobody here knows that method"),
    };
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    let text =
        |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers =
        head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let body = body.collect().await?.to_bytes().to_vec();
    Ok(Request { method, url: format!("{url}{path}"), headers, body })
}
