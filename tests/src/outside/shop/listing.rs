//! What shops list of their orders, each as its webhook states it: by when they changed, page by page.

use std::collections::BTreeMap;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use ports::Response;
use serde_json::{Value, json};

use super::{Parcel, Sale, Shop, json as respond};

impl Shop {
    /// The shop states an order that it sold so from now on: the body of a webhook, which it may have sent or not.
    pub fn state(&mut self, order: &str, body: &Value) {
        if let Some(sale) = self.sales.get_mut(order) {
            sale.body = body.clone();
            sale.stated_at = updated_at(body);
        }
    }

    /// How the shop states an order now, with the parcels that it shows.
    #[must_use]
    pub fn stated(&self, order: &str) -> Option<Value> {
        let sale = self.sales.get(order).filter(|sale| !sale.body.is_null())?;
        let mut body = sale.body.clone();
        match self.kind {
            domain::settings::ShopKind::Shopify => add_fulfillments(&mut body, sale),
            domain::settings::ShopKind::Woocommerce if sale.status != "processing" => {
                body["status"] = json!(sale.status);
            }
            _ => {}
        }
        Some(body)
    }

    /// The shop's owner sends units by hand, with a number of their own or without.
    ///
    /// # Panics
    /// When the shop never sold the order.
    pub fn send_by_hand(&mut self, order: &str, number: &str, lines: &[(&str, u32)]) {
        let reference = self.id().to_string();
        let sale = self.sale(order);
        for (line, quantity) in lines {
            let mut remaining = sale.to_fulfill.iter_mut().flat_map(|known| &mut known.lines);
            let known = remaining.find(|known| known.line_id == *line);
            let known = known.expect("the shop sold the line");
            known.quantity = known.quantity.checked_sub(*quantity).expect("so many are left");
        }
        let lines = lines.iter().map(|(line, quantity)| ((*line).to_owned(), *quantity)).collect();
        let number = number.to_owned();
        sale.parcels.push(Parcel { reference, number, lines, ..Parcel::default() });
    }

    /// Every order that was changed at `since` or later, the oldest change first; those of one moment by their number.
    pub(super) fn changed(&self, since: Timestamp) -> Vec<Value> {
        let sales = self.sales.iter();
        let sales = sales.filter_map(|(order, sale)| Some((sale.stated_at?, order)));
        let recent = sales.filter(|(at, _)| *at >= since);
        let mut changed: Vec<(Timestamp, Value)> =
            recent.filter_map(|(at, order)| Some((at, self.stated(order)?))).collect();
        changed.sort_by_key(|(at, _)| *at);
        changed.into_iter().map(|(_, body)| body).collect()
    }
}

/// When a body says that its order was changed, whatever the shop speaks.
fn updated_at(body: &Value) -> Option<Timestamp> {
    if let Some(in_utc) = body["date_modified_gmt"].as_str() {
        return format!("{in_utc}Z").parse().ok();
    }
    body["updated_at"].as_str()?.parse().ok()
}

/// Shopify's REST fulfillments: webhooks of an order carry them.
fn add_fulfillments(body: &mut Value, sale: &Sale) {
    let fulfillment = |parcel: &Parcel| {
        let line = |(line, quantity): (&String, &u32)| json!({ "id": line.parse::<u64>().ok(), "quantity": quantity });
        let numbers: Vec<&str> =
            Some(parcel.number.as_str()).filter(|it| !it.is_empty()).into_iter().collect();
        json!({
            "id": parcel.reference.parse::<u64>().ok(),
            "status": if parcel.is_cancelled { "cancelled" } else { "success" },
            "tracking_number": numbers.first(), "tracking_numbers": numbers,
            "line_items": parcel.lines.iter().map(line).collect::<Vec<_>>(),
        })
    };
    body["fulfillments"] = sale.parcels.iter().map(fulfillment).collect();
    let standing = sale.parcels.iter().filter(|parcel| !parcel.is_cancelled);
    let mut sent: BTreeMap<&str, u64> = BTreeMap::new();
    for (line, quantity) in standing.flat_map(|parcel| &parcel.lines) {
        *sent.entry(line).or_default() += u64::from(*quantity);
    }
    for line in body["line_items"].as_array_mut().into_iter().flatten() {
        let id = line["id"].to_string();
        let wanted = line["current_quantity"].as_u64().or(line["quantity"].as_u64()).unwrap_or(0);
        let open = wanted.saturating_sub(sent.get(id.as_str()).copied().unwrap_or(0));
        line["fulfillable_quantity"] = json!(open);
        line["fulfillment_status"] = match open {
            0 if wanted > 0 => json!("fulfilled"),
            open if open < wanted => json!("partial"),
            _ => Value::Null,
        };
    }
}

/// `GET /wp-json/wc/v3/orders?modified_after=…`
pub(super) fn woocommerce(shop: &mut Shop, query: &str) -> Response {
    if let Some(refusal) = throttle(shop) {
        return refusal;
    }
    let given = parameters(query);
    let text = |name: &str| given.get(name).map(String::as_str).unwrap_or_default();
    let is_known =
        text("dates_are_gmt") == "true" && text("orderby") == "modified" && text("order") == "asc";
    let after: Option<Timestamp> = format!("{}Z", text("modified_after")).parse().ok();
    let (Some(after), true) = (after, is_known) else {
        return respond(400, &json!({ "code": "rest_invalid_param", "message": query }));
    };
    // After that second, not in it.
    let changed = shop.changed(after + jiff::SignedDuration::from_secs(1));
    let number = |name: &str| text(name).parse::<usize>().ok().filter(|number| *number > 0);
    let per_page = number("per_page").unwrap_or(10).min(shop.orders_per_page);
    let start = (number("page").unwrap_or(1) - 1) * per_page;
    let pages = changed.len().div_ceil(per_page).to_string();
    let page: Vec<Value> = changed.into_iter().skip(start).take(per_page).collect();
    let mut response = respond(200, &Value::Array(page));
    response.headers.push(("x-wp-totalpages".to_owned(), pages));
    response
}

/// `GET /orders?updated_since=…`, our own JSON. The page is the place where it begins.
pub(super) fn own(shop: &mut Shop, query: &str) -> Response {
    if let Some(refusal) = throttle(shop) {
        return refusal;
    }
    let given = parameters(query);
    let since: Option<Timestamp> = given.get("updated_since").and_then(|it| it.parse().ok());
    let Some(since) = since else {
        return respond(400, &json!({ "error": "`updated_since` is no time" }));
    };
    let changed = shop.changed(since);
    let start = given.get("page").and_then(|page| page.parse().ok()).unwrap_or(0);
    let end = changed.len().min(start + shop.orders_per_page);
    let next_page = (end < changed.len()).then(|| end.to_string());
    respond(200, &json!({ "orders": changed[start.min(end)..end], "next_page": next_page }))
}

/// Shops that speak REST say with a status that they have enough.
fn throttle(shop: &mut Shop) -> Option<Response> {
    shop.throttled = shop.throttled.checked_sub(1)?;
    Some(respond(429, &json!({ "error": "too many calls" })))
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    pairs.map(|(name, value)| (name.to_owned(), decoded(value))).collect()
}
