//! Any other shop: it may list its orders in our own JSON.
//!
//! `GET {api}/orders?updated_since=2026-11-20T08:00:00Z`, signed as Standard Webhooks with an empty body and the
//! `webhook-id` `orders_` and then the query, percent-encoded. The shop answers with the orders that it changed then or
//! later, each as `schemas/order.schema.json` describes, the oldest change first:
//!
//! ```json
//! { "orders": [], "next_page": "2" }
//! ```
//!
//! - `next_page`, where there is more, is any text; it comes back as `&page=…`.
//! - A shop that lists nothing answers 404, 405 or 501. Then a webhook that got lost stays lost until the next one.

use anyhow::{Context, Result};
use jiff::Timestamp;
use ports::{Http, Request};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{order, sign};
use crate::listing::{Entry, Page, Place, Stated, behind, last};
use crate::rest;
use crate::shipment::{Access, encode};

#[derive(Deserialize)]
struct Listed {
    orders: Vec<Box<RawValue>>,
    #[serde(default)]
    next_page: Option<String>,
}

/// Asks for a part of the list.
pub(crate) async fn page(
    http: &impl Http,
    access: Access<'_>,
    place: &Place,
    now: Timestamp,
) -> Result<Page> {
    let page = place.page.as_ref().map(|page| format!("&page={}", encode(page)));
    let query =
        format!("updated_since={}{}", encode(&place.from.to_string()), page.unwrap_or_default());
    let request = Request {
        method: "GET",
        url: format!("{}/orders?{query}", access.api),
        headers: sign(access, &format!("orders_{}", encode(&query)), now, &[])?,
        body: Vec::new(),
    };
    let what = format!("GET {}", request.url);
    let response = http.call(request).await.with_context(|| format!("no answer to `{what}`"))?;
    if matches!(response.status, 404 | 405 | 501) {
        return Ok(Page { entries: Vec::new(), next: None });
    }
    let Listed { orders, next_page } = rest::read(&what, &response)?;
    let payloads = orders.iter().map(|order| order.get().into());
    let entries: Vec<Entry> = payloads.map(|payload| Stated::entry(payload, order::read)).collect();
    let next = next_page.map(|page| behind(place, last(&entries), page));
    Ok(Page { entries, next })
}
