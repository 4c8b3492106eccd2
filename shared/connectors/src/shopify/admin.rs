//! Shopify's Admin GraphQL API: how it is called, and what all of its answers have in common.
//!
//! The documents lie beside the modules that send them; `tests/shopify` validates each against Shopify's own schema of
//! [`API_VERSION`].

use anyhow::{Context, Result, bail};
use ports::Http;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::rest::{self, Throttled};
use crate::shipment::{Access, Refused};

/// The version of the API that we speak. Shopify makes one each quarter and keeps it for a year.
pub const API_VERSION: &str = "2026-07";

/// An operation of the API.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document {
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

/// What is sent of it.
#[derive(Serialize)]
struct Query<'a> {
    query: &'a str,
    variables: &'a Value,
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
    let body = Query { query: document.text, variables };
    let request = rest::request("POST", url, authorization, Some(&body))?;
    let answer: Answer<T> = rest::call(http, request).await?;
    if let Some(error) = answer.errors.first() {
        let code = error.extensions.code.as_deref().unwrap_or("no code");
        if code == "ACCESS_DENIED" {
            let why = format!("Shopify does not let us call `{}` ({code})", document.name);
            return Err(Refused(why).into());
        }
        let refused = format!("Shopify refused `{}`: {} ({code})", document.name, error.message);
        if code == "THROTTLED" {
            return Err(anyhow::Error::new(Throttled).context(refused));
        }
        bail!(refused);
    }
    answer.data.with_context(|| format!("Shopify answered `{}` without `data`", document.name))
}

/// Pages of lines that are read at the most. A page has 50 lines or more, and no order more than 500.
const PAGES_MAX: usize = 20;

/// All lines of an order, a fulfillment or a fulfillment order, page by page.
///
/// # Errors
/// As [`call`]; when Shopify does not know the id, or there is always one more page.
pub(super) async fn lines<T: DeserializeOwned>(
    http: &impl Http,
    access: Access<'_>,
    document: Document,
    id: &str,
) -> Result<Vec<T>> {
    let mut lines = Vec::new();
    let mut after: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let variables = json!({ "id": id, "after": after });
        let page: LinesPage<T> = call(http, access, document, &variables).await?;
        let owner = page.owner.with_context(|| format!("Shopify knows no `{id}`"))?;
        lines.extend(owner.lines.nodes);
        after = owner.lines.page_info.end_cursor;
        if !owner.lines.page_info.has_next_page {
            return Ok(lines);
        }
    }
    bail!("Shopify answered `{}` with more than {PAGES_MAX} pages", document.name)
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

#[derive(Deserialize)]
struct LinesPage<T> {
    owner: Option<Owner<T>>,
}

#[derive(Deserialize)]
struct Owner<T> {
    lines: Connection<T>,
}

/// One page of a connection, and whether more follow.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Connection<T> {
    pub(super) nodes: Vec<T>,
    pub(super) page_info: PageInfo,
}

/// What follows a page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PageInfo {
    pub(super) has_next_page: bool,
    pub(super) end_cursor: Option<String>,
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
