//! JSON over HTTP, as shops speak it.

use anyhow::{Context, Result, anyhow, bail};
use ports::{Http, Request, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::shipment::{Refused, is_final};

/// The other side has enough of our calls for now; the same call is welcome later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has enough of our calls for now")]
pub struct Throttled;

/// A call that carries JSON.
pub(crate) fn request(
    method: &'static str,
    url: String,
    authorization: (&str, String),
    body: Option<&impl Serialize>,
) -> Result<Request> {
    let (name, value) = authorization;
    let mut headers =
        vec![(name.to_owned(), value), ("accept".to_owned(), "application/json".to_owned())];
    let mut bytes = Vec::new();
    if let Some(body) = body {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
        bytes = serde_json::to_vec(body).context("failed to write JSON")?;
    }
    Ok(Request { method, url, headers, body: bytes })
}

/// Calls, and reads the answer.
///
/// # Errors
/// When no answer came, or one that is no success, or no such JSON; [`Refused`] where that will not change.
/// What the shop said is not repeated: it may name people.
pub(crate) async fn call<T: DeserializeOwned>(http: &impl Http, request: Request) -> Result<T> {
    let what = format!("{} {}", request.method, request.url);
    let response = http.call(request).await.with_context(|| format!("no answer to `{what}`"))?;
    read(&what, &response)
}

/// Reads an answer.
///
/// # Errors
/// As [`call`]; [`Throttled`] is the cause when we are to come later.
pub(crate) fn read<T: DeserializeOwned>(what: &str, response: &Response) -> Result<T> {
    if response.status == 429 {
        return Err(anyhow::Error::new(Throttled).context(format!("`{what}` was refused")));
    }
    if is_final(response.status) {
        let why = format!("`{what}` was answered with status {}", response.status);
        return Err(Refused(why).into());
    }
    if !(200..300).contains(&response.status) {
        bail!("`{what}` was answered with status {}", response.status);
    }
    parsed(&response.body).with_context(|| format!("failed to read the answer to `{what}`"))
}

/// Reads JSON. Its own errors would quote what they stumble over, which can be a name.
pub(crate) fn parsed<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        anyhow!("unreadable JSON ({:?} error in line {line}, column {column})", error.classify())
    })
}
