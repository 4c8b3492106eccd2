//! Shopify's Admin GraphQL API: how it is called, and what all of its answers have in common.
//!
//! The documents lie beside the modules that send them; `tests/shopify` validates each against Shopify's own schema of
//! [`API_VERSION`].

use anyhow::{Context, Result, bail};
use ports::Http;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::rest;
use crate::shipment::{Access, Refused};

/// The version of the API that we speak. Shopify makes one each quarter and keeps it for a year.
pub const API_VERSION: &str = "2026-07";

/// An operation of the API.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

/// Calls an operation and gives its `data`.
///
/// # Errors
/// When no answer came, or the answer names errors: `THROTTLED` is one of them, and passes.
pub(super) async fn call<T: DeserializeOwned>(
    http: &impl Http,
    access: Access<'_>,
    document: Document,
    variables: &Value,
) -> Result<T> {
    let url = format!("{}/admin/api/{API_VERSION}/graphql.json", access.api);
    let authorization = ("x-shopify-access-token", access.newest_secret()?.to_owned());
    let body = json!({ "query": document.text, "variables": variables });
    let request = rest::request("POST", url, authorization, Some(&body))?;
    let answer: Answer<T> = rest::call(http, request).await?;
    if let Some(error) = answer.errors.first() {
        let code = error.extensions.code.as_deref().unwrap_or("no code");
        if code == "ACCESS_DENIED" {
            let why = format!("Shopify does not let us call `{}` ({code})", document.name);
            return Err(Refused(why).into());
        }
        bail!("Shopify refused `{}`: {} ({code})", document.name, error.message);
    }
    answer.data.with_context(|| format!("Shopify answered `{}` without `data`", document.name))
}

/// What a mutation refused, if anything: business errors come with status 200.
///
/// # Errors
/// Naming each of them.
pub(super) fn refuse(document: Document, user_errors: &[UserError]) -> Result<()> {
    if user_errors.is_empty() {
        return Ok(());
    }
    Err(Refused(format!("Shopify refused `{}`: {}", document.name, listed(user_errors))).into())
}

/// What was refused, each with its field.
pub(super) fn listed(user_errors: &[UserError]) -> String {
    let each = user_errors.iter().map(|error| {
        let field = error.field.as_deref().unwrap_or_default().join(".");
        format!("`{field}`: {}", error.message)
    });
    each.collect::<Vec<_>>().join("; ")
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<GraphqlError>,
}

#[derive(Deserialize)]
struct GraphqlError {
    message: String,
    #[serde(default)]
    extensions: Extensions,
}

#[derive(Deserialize, Default)]
struct Extensions {
    code: Option<String>,
}

/// One page of a connection, without its edges.
#[derive(Deserialize)]
pub(super) struct Nodes<T> {
    pub(super) nodes: Vec<T>,
}

/// Something by its id.
#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
}

/// What a mutation refused, and where.
#[derive(Deserialize)]
pub(super) struct UserError {
    field: Option<Vec<String>>,
    pub(super) message: String,
}
