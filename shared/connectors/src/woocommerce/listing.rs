//! WooCommerce: orders that changed, asked for (REST v3, `class-wc-rest-crud-controller.php`). It lists them as its
//! webhooks state them.

use anyhow::{Context, Result};
use jiff::SignedDuration;
use ports::Http;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{order, request};
use crate::listing::{Entry, Page, Place, Stated, behind, last};
use crate::rest;
use crate::shipment::Access;

/// The most that a page can have.
const PER_PAGE: usize = 100;

/// Orders that nobody has placed: a basket, or one that an operator is typing. There are no webhooks of them either.
const DRAFTS: [&str; 4] = ["auto-draft", "checkout-draft", "draft", "new"];

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    status: String,
}

/// Asks for a part of the list.
pub(crate) async fn page(http: &impl Http, access: Access<'_>, place: &Place) -> Result<Page> {
    let page: u32 = match &place.page {
        Some(page) => page.parse().context("the page is no number")?,
        None => 1,
    };
    // "After" leaves out the second itself, and times here have no smaller part.
    let after = place.from - SignedDuration::from_secs(1);
    let path = format!(
        "wc/v3/orders?modified_after={}&dates_are_gmt=true&orderby=modified&order=asc&per_page={PER_PAGE}&page={page}",
        after.strftime("%Y-%m-%dT%H:%M:%S")
    );
    let request = request(access, "GET", &path, None::<&()>)?;
    let what = format!("GET {}", request.url);
    let response = http.call(request).await.with_context(|| format!("no answer to `{what}`"))?;
    let orders: Vec<Box<RawValue>> = rest::read(&what, &response)?;
    // A shop may give fewer than we want.
    let pages = response.header("x-wp-totalpages").and_then(|pages| pages.parse::<u32>().ok());
    let has_more = pages.map_or(orders.len() >= PER_PAGE, |pages| pages > page);
    let is_placed = |order: &&str| {
        let listed = serde_json::from_str(order);
        !listed.is_ok_and(|Listed { status }| DRAFTS.contains(&status.as_str()))
    };
    let placed = orders.iter().map(|order| order.get()).filter(is_placed);
    let entries: Vec<Entry> =
        placed.map(|order| Stated::entry(order.into(), order::read)).collect();
    let next = has_more.then(|| behind(place, last(&entries), (page + 1).to_string()));
    Ok(Page { entries, next })
}
