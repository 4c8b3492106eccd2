//! HTTP for all: one pool of connections for the AWS clients, for what we sign ourselves, and for other people's servers.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use ports::{Http, Request, Response};

use crate::public::{self, PublicOnly};
use crate::world::World;

/// Until a connection stands.
const CONNECT_MAX: Duration = Duration::from_secs(3);

/// Until all of an answer is there. Half of what a function may take, so that it can still say what went wrong.
const CALL_MAX: Duration = Duration::from_secs(10);

/// An answer's bytes. A label is some 100 KB; what is longer was not meant for us, and a function has 256 MB.
const BODY_MAX: usize = 10 << 20;

/// Calls HTTP servers. Follows no redirect and sends nothing twice.
#[derive(Default)]
pub(crate) struct Transport {
    connector: Arc<OnceLock<SharedHttpConnector>>,
    public: OnceLock<SharedHttpConnector>,
}

impl Transport {
    /// As the client crates want it.
    pub(crate) fn sdk(&self) -> SharedHttpClient {
        let connector = Arc::clone(&self.connector);
        http_client_fn(move |_, _| connector.get_or_init(|| connect(None)).clone())
    }

    /// One call. An `Err` does not mean that nothing happened over there.
    pub(crate) async fn call(&self, request: Request) -> Result<Response> {
        self.call_by(self.connector.get_or_init(|| connect(None)), request).await
    }

    /// One call to a server on the public internet, whoever chose its name; with `or_private` to any other as well.
    pub(crate) async fn call_public(&self, request: Request, or_private: bool) -> Result<Response> {
        if or_private {
            return self.call(request).await;
        }
        // A name is looked up by the connector; an address is not.
        let name = host(&request.url);
        public::ensure_public(name).with_context(|| format!("failed to call `{name}`"))?;
        self.call_by(self.public.get_or_init(|| connect(Some(PublicOnly))), request).await
    }

    async fn call_by(&self, by: &SharedHttpConnector, request: Request) -> Result<Response> {
        // The path and the query can hold a token.
        let whom = format!("{} {}", request.method, host(&request.url));
        let called = tokio::time::timeout(CALL_MAX, call_patiently(by, request));
        let answered = called.await.map_err(|_| anyhow!("no answer within {CALL_MAX:?}"));
        answered.flatten().with_context(|| format!("failed to call `{whom}`"))
    }
}

async fn call_patiently(by: &SharedHttpConnector, request: Request) -> Result<Response> {
    let response = by.call(written(request)?).await?;
    let status = response.status().as_u16();
    let header = |(name, value): (&str, &str)| (name.to_ascii_lowercase(), value.to_owned());
    let headers = response.headers().iter().map(header).collect();
    let mut chunks = ByteStream::new(response.into_body());
    let mut body = Vec::new();
    while let Some(chunk) = chunks.next().await {
        body.extend_from_slice(&chunk.context("failed to read the answer")?);
        ensure!(body.len() <= BODY_MAX, "the answer is longer than {BODY_MAX} bytes");
    }
    Ok(Response { status, headers, body })
}

/// Only when the first call is made: reading the trusted certificates would delay every start by some milliseconds.
fn connect(resolver: Option<PublicOnly>) -> SharedHttpConnector {
    let timeouts =
        HttpConnectorSettings::builder().connect_timeout(CONNECT_MAX).read_timeout(CALL_MAX);
    let connector = Connector::builder()
        .connector_settings(timeouts.build())
        .tls_provider(Provider::Rustls(CryptoMode::Ring));
    match resolver {
        None => SharedHttpConnector::new(connector.build()),
        Some(resolver) => SharedHttpConnector::new(connector.build_with_resolver(resolver)),
    }
}

fn written(request: Request) -> Result<HttpRequest> {
    let mut writing = http::Request::builder().method(request.method).uri(request.url);
    for (name, value) in request.headers {
        writing = writing.header(name, value);
    }
    let written =
        writing.body(SdkBody::from(request.body)).context("failed to write the request")?;
    HttpRequest::try_from(written).context("failed to write the request")
}

fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

impl Http for World {
    async fn call(&self, request: Request) -> Result<Response> {
        self.away(self.transport.call(request)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_of_a_url_is_its_host() {
        for url in [
            "https://shop.example/answers/token",
            "https://shop.example?key=secret",
            "shop.example/x",
        ] {
            assert_eq!(host(url), "shop.example");
        }
    }
}
