//! The shell of a function behind the HTTP API.
//!
//! The event and the answer, format 2.0:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ports::{Inbound, Reply};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::lambda::answer_events;
use crate::telemetry;
use crate::world::World;

/// Answers each request with what the step replies, for ever. When the step fails, the caller is asked to try again, and
/// is told nothing else.
///
/// # Errors
/// When the environment lacks a variable, or Lambda is gone.
pub fn run_http(step: impl AsyncFn(&World, &Inbound) -> Result<Reply>) -> Result<()> {
    answer_events(async |world, call: Call| {
        Ok(answer(call, async |inbound| step(world, inbound).await).await)
    })
}

/// What [`run_http`] answers one event with, from the event's bytes to the answer's, and without Lambda around it.
///
/// # Errors
/// When it is no call of the API.
pub async fn answer_call(
    world: &World,
    event: &[u8],
    step: impl AsyncFn(&World, &Inbound) -> Result<Reply>,
) -> Result<Vec<u8>> {
    let step = async |inbound: &Inbound| step(world, inbound).await;
    Ok(serde_json::to_vec(&answer(serde_json::from_slice(event)?, step).await)?)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    /// `POST /webhooks/{kind}/{shop}`
    route_key: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Missing where the route has none; some that stand in for AWS say `null`.
    #[serde(default)]
    path_parameters: Option<BTreeMap<String, String>>,
    request_context: RequestContext,
    /// Format 2.0 takes them out of the headers.
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    #[serde(default)]
    source_ip: String,
}

#[derive(Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

async fn answer(call: Call, step: impl AsyncFn(&Inbound) -> Result<Reply>) -> Answer {
    let started = Instant::now();
    let route = call.route_key.clone();
    let replied = match inbound(call) {
        Ok(inbound) => step(&inbound).await,
        Err(error) => Err(error),
    };
    let reply = replied.unwrap_or_else(|error| {
        telemetry::error(&format!("a request failed: {error:#}"), json!({ "route": route }));
        Reply::json(500, json!({ "error": "something failed on our side; try again" }).to_string())
    });
    telemetry::info(
        "answered a request",
        json!({
            "route": route,
            "status": reply.status,
            "duration_ms": telemetry::milliseconds_since(started),
        }),
    );
    let Reply { status, headers, body } = reply;
    // There can be several, which no map of headers holds.
    let (cookies, headers): (Vec<_>, Vec<_>) =
        headers.into_iter().partition(|(name, _)| name == "set-cookie");
    Answer {
        status_code: status,
        headers: headers.into_iter().collect(),
        cookies: cookies.into_iter().map(|(_, cookie)| cookie).collect(),
        body,
        is_base64_encoded: false,
    }
}

/// The request with the bytes that the caller sent: the API hands on in base64 whatever it does not take for a text.
fn inbound(call: Call) -> Result<Inbound> {
    let body = if call.is_base64_encoded {
        STANDARD.decode(call.body).context("failed to decode the request's body")?
    } else {
        call.body.into_bytes()
    };
    let (_, route) = call.route_key.split_once(' ').unwrap_or(("", &call.route_key));
    let headers = call.headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value));
    let mut headers: Vec<(String, String)> = headers.collect();
    if let Some(cookies) = call.cookies.filter(|cookies| !cookies.is_empty()) {
        headers.retain(|(name, _)| name != "cookie");
        headers.push(("cookie".to_owned(), cookies.join("; ")));
    }
    let Http { method, source_ip } = call.request_context.http;
    Ok(Inbound {
        method,
        route: route.to_owned(),
        parameters: call.path_parameters.unwrap_or_default(),
        headers,
        query: call.raw_query_string,
        caller: source_ip,
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;
    use serde_json::Value;

    /// A webhook as the API hands it over; AWS's own example, shortened.
    fn call(body: &str, is_base64_encoded: bool) -> Value {
        json!({
            "version": "2.0",
            "routeKey": "POST /webhooks/{kind}/{shop}",
            "rawPath": "/webhooks/shopify/alpenshop",
            "rawQueryString": "language=de",
            "cookies": ["a=1", "b=2"],
            "headers": { "content-type": "application/json", "X-Shopify-Topic": "orders/create" },
            "requestContext": {
                "accountId": "123456789012", "apiId": "api", "domainName": "api.example", "requestId": "id",
                "http": {
                    "method": "POST", "path": "/webhooks/shopify/alpenshop", "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1", "userAgent": "agent",
                },
                "routeKey": "POST /webhooks/{kind}/{shop}", "stage": "$default", "timeEpoch": 1_583_348_638_390_i64,
            },
            "pathParameters": { "kind": "shopify", "shop": "alpenshop" },
            "body": body,
            "isBase64Encoded": is_base64_encoded,
        })
    }

    fn answered(call: Value, step: impl AsyncFn(&Inbound) -> Result<Reply>) -> Value {
        let call = serde_json::from_value(call).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        serde_json::to_value(runtime.block_on(answer(call, step))).unwrap()
    }

    #[test]
    fn the_step_sees_the_request_as_it_was_sent() {
        for (body, is_base64_encoded) in
            [("{\"grüße\": 1}\r\n", false), ("eyJncsO8w59lIjogMX0NCg==", true)]
        {
            answered(call(body, is_base64_encoded), async |inbound| {
                assert_eq!(inbound.method, "POST");
                assert_eq!(inbound.route, "/webhooks/{kind}/{shop}");
                assert_eq!(
                    (inbound.parameter("kind"), inbound.parameter("shop")),
                    ("shopify", "alpenshop")
                );
                assert_eq!(inbound.header("x-shopify-topic"), Some("orders/create"));
                assert_eq!(inbound.header("cookie"), Some("a=1; b=2"));
                assert_eq!((&*inbound.query, &*inbound.caller), ("language=de", "192.0.2.1"));
                assert_eq!(inbound.body, "{\"grüße\": 1}\r\n".as_bytes());
                Ok(Reply::json(200, String::new()))
            });
        }
    }

    #[test]
    fn a_request_may_have_no_body_and_no_parameters() {
        let mut call = call("", false);
        for name in ["body", "pathParameters", "headers"] {
            call.as_object_mut().unwrap().remove(name);
        }
        let answer = answered(call, async |inbound| {
            assert!(inbound.body.is_empty() && inbound.parameters.is_empty());
            Ok(Reply::json(202, "{}".to_owned()))
        });
        let expected = json!({
            "statusCode": 202, "headers": { "content-type": "application/json" }, "body": "{}",
            "isBase64Encoded": false,
        });
        assert_eq!(answer, expected);
    }

    #[test]
    fn an_answer_may_set_several_cookies() {
        let answer = answered(call("", false), async |_| {
            let mut reply = Reply::json(200, String::new());
            for cookie in ["a=1", "b=2"] {
                reply.headers.push(("set-cookie".to_owned(), cookie.to_owned()));
            }
            Ok(reply)
        });
        assert_eq!(answer["cookies"], json!(["a=1", "b=2"]));
        assert!(answer["headers"].get("set-cookie").is_none());
    }

    #[test]
    fn when_the_step_fails_the_caller_learns_no_more_than_to_try_again() {
        let answer = answered(call("{}", false), async |_| bail!("table `Events` is throttled"));
        assert_eq!(answer["statusCode"], 500);
        assert_eq!(answer["body"], r#"{"error":"something failed on our side; try again"}"#);
    }
}
