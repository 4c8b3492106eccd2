//! HTTP on loopback, for all that stands in for others: AWS in memory, the outside world, Lambda's Runtime API.

use std::net::{Ipv4Addr, TcpListener as Listener};
use std::pin::Pin;
use std::rc::Rc;

use anyhow::{Context as _, Result, bail};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use ports::{Request, Response};
use tokio::net::TcpListener;

/// All that happens on one connection.
pub type Connection = Pin<Box<dyn Future<Output = ()>>>;

/// Takes a port, any free one for 0; and says where that is, without a slash at the end.
///
/// # Errors
/// When it can't be had.
pub fn listen(port: u16) -> Result<(Listener, String)> {
    let listener = Listener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("port {port} can't be had"))?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

/// Answers for ever. Requests name `url` with their paths, whatever the caller calls it; `run` has to see to it that a
/// connection gets on. An answer that fails ends its connection.
///
/// # Errors
/// When the port can't be listened at.
pub async fn serve(
    listener: Listener,
    url: &str,
    answer: impl AsyncFn(Request) -> Result<Response> + 'static,
    run: impl Fn(Connection),
) -> Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let (url, answer) = (Rc::<str>::from(url), Rc::new(answer));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let (url, answer) = (Rc::clone(&url), Rc::clone(&answer));
        let service = service_fn(move |request| {
            let (url, answer) = (Rc::clone(&url), Rc::clone(&answer));
            async move { written(answer(read(&url, request).await?).await?) }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // One that breaks off is the other side's affair.
        run(Box::pin(async move { drop(connection.await) }));
    }
}

async fn read(url: &str, request: hyper::Request<Incoming>) -> Result<Request> {
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

fn written(response: Response) -> Result<hyper::Response<Full<Bytes>>> {
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in response.headers {
        builder = builder.header(name, value);
    }
    Ok(builder.body(Full::new(response.body.into()))?)
}
