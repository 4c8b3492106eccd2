//! The merchant's other systems: endpoints at `/endpoints/{endpoint}` that take status webhooks, remember them, and can
//! be told to misbehave.

use std::collections::{BTreeMap, BTreeSet};

use ports::{Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::json_response;

/// All of them, by name; one that nobody named is there as well.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Endpoints {
    known: BTreeMap<String, Endpoint>,
}

/// One of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Endpoint {
    /// How it behaves.
    #[serde(skip)]
    pub manner: Manner,
    /// All that it took, in order: the body, and the three headers of Standard Webhooks.
    pub taken: Vec<Taken>,
    /// The bodies of what it refused, in order.
    pub refused: Vec<String>,
    /// How often it was called.
    pub calls: u32,
}

/// A webhook that was taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Taken {
    /// `webhook-id`
    pub id: String,
    /// `webhook-timestamp`
    pub timestamp: String,
    /// `webhook-signature`
    pub signature: String,
    /// As it was sent.
    pub body: String,
}

/// How an endpoint behaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Manner {
    /// Answers so to everything; 0 for 204.
    pub status: u16,
    /// Says with it how many seconds to wait.
    pub retry_after: Option<u32>,
}

impl Endpoints {
    /// One of them, by name.
    pub fn endpoint(&mut self, name: &str) -> &mut Endpoint {
        self.known.entry(name.to_owned()).or_default()
    }

    /// Forgets how often and when it was called: whoever is told the same again knows it by its id.
    pub(super) fn forget_calls(&mut self) {
        for endpoint in self.known.values_mut() {
            endpoint.calls = 0;
            endpoint.refused.clear();
            let mut known = BTreeSet::new();
            endpoint.taken.retain(|taken| known.insert(taken.id.clone()));
            for taken in &mut endpoint.taken {
                taken.timestamp.clear();
                taken.signature.clear();
            }
        }
    }

    /// Answers a call; none if it is not for an endpoint.
    pub(super) fn answer(&mut self, request: &Request) -> Option<Response> {
        let (_, name) = request.url.split_once("/endpoints/")?;
        Some(self.endpoint(name).answer(request))
    }
}

impl Endpoint {
    /// What it was told, by the names of the events.
    #[must_use]
    pub fn events(&self) -> Vec<String> {
        let name = |body: Value| body["type"].as_str().unwrap_or_default().to_owned();
        self.bodies().into_iter().map(name).collect()
    }

    /// What it was told.
    #[must_use]
    pub fn bodies(&self) -> Vec<Value> {
        self.taken
            .iter()
            .map(|taken| serde_json::from_str(&taken.body).unwrap_or_default())
            .collect()
    }

    fn answer(&mut self, request: &Request) -> Response {
        self.calls += 1;
        let Manner { status, retry_after } = self.manner;
        let body = String::from_utf8_lossy(&request.body).into_owned();
        if !matches!(status, 0 | 200..300) {
            self.refused.push(body);
            let mut response = json_response(status, &json!({}));
            let seconds =
                retry_after.map(|seconds| ("retry-after".to_owned(), seconds.to_string()));
            response.headers.extend(seconds);
            return response;
        }
        let header = |name| request.header(name).unwrap_or_default().to_owned();
        self.taken.push(Taken {
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp"),
            signature: header("webhook-signature"),
            body,
        });
        json_response(if status == 0 { 204 } else { status }, &json!({}))
    }
}
