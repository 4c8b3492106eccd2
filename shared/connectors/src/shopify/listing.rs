//! Shopify: orders that changed, asked for.
//!
//! GraphQL alone lists them in versions to come; its orders have another shape than those of webhooks. So an order is
//! written as its webhook would have it, and read by the one reader that says what an order means.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use domain::shop_order::Payment;
use jiff::Timestamp;
use ports::Http;
use serde::Deserialize;
use serde_json::{Value, json};

use super::admin::{Connection, Document, PageInfo, call, lines};
use super::fulfillment::answers::{FULFILLMENT_LINES, Line};
use super::order;
use crate::listing::{Brief, Entry, Page, Place, Stated, behind};
use crate::shipment::Access;

const ORDERS: Document = Document { name: "orders", text: include_str!("listing/orders.graphql") };
const STATED_ORDER: Document =
    Document { name: "stated_order", text: include_str!("listing/stated_order.graphql") };
const ORDER_LINES: Document =
    Document { name: "order_lines", text: include_str!("listing/order_lines.graphql") };
const ORDER_NUMBERS: Document =
    Document { name: "order_numbers", text: include_str!("listing/order_numbers.graphql") };

#[derive(Deserialize)]
struct Orders {
    orders: Connection<Node>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    legacy_resource_id: String,
    updated_at: Timestamp,
    cancelled_at: Option<Timestamp>,
    display_financial_status: Option<String>,
}

#[derive(Deserialize)]
struct OrderAnswer {
    order: Option<Value>,
}

/// Asks for a part of the list.
pub(crate) async fn page(http: &impl Http, access: Access<'_>, place: &Place) -> Result<Page> {
    let changed = format!("updated_at:>='{}'", place.from);
    let variables = json!({ "changed": changed, "after": place.page });
    let Orders { orders } = call(http, access, ORDERS, &variables).await?;
    let last = orders.nodes.iter().map(|node| node.updated_at).max();
    let PageInfo { has_next_page, end_cursor } = orders.page_info;
    let next = end_cursor.filter(|_| has_next_page).map(|cursor| behind(place, last, cursor));
    Ok(Page { entries: orders.nodes.into_iter().map(brief).collect(), next })
}

fn brief(node: Node) -> Entry {
    let status = node.display_financial_status.unwrap_or_default().to_lowercase();
    Entry::Brief(Brief {
        order: node.legacy_resource_id,
        updated_at: node.updated_at,
        // One that we don't know is refused by the reader of the whole order, by name.
        payment: order::payment_of(&status).unwrap_or(Payment::Pending),
        is_cancelled: node.cancelled_at.is_some(),
    })
}

/// Asks for all of an order.
pub(crate) async fn order(
    http: &impl Http,
    access: Access<'_>,
    order: &str,
) -> Result<Option<Entry>> {
    let id = gid(order);
    let answer: OrderAnswer = call(http, access, STATED_ORDER, &json!({ "id": id })).await?;
    let Some(stated) = answer.order else { return Ok(None) };
    let order_lines: Vec<Value> = lines(http, access, ORDER_LINES, &id).await?;
    let mut fulfillments = Vec::new();
    for shown in each(&stated["fulfillments"]) {
        let of = text(&shown["id"]).context("a fulfillment has no id")?;
        let in_it: Vec<Line> = lines(http, access, FULFILLMENT_LINES, of).await?;
        fulfillments.push(fulfillment(shown, &in_it));
    }
    let body = webhook_body(&stated, &order_lines, &fulfillments);
    let payload = serde_json::to_vec(&body).context("failed to write JSON")?;
    Ok(Some(Stated::entry(payload, order::read)))
}

/// Every tracking number that an order shows.
pub(crate) async fn known_numbers(
    http: &impl Http,
    access: Access<'_>,
    order: &str,
) -> Result<BTreeSet<String>> {
    let variables = json!({ "id": gid(order) });
    let answer: OrderAnswer = call(http, access, ORDER_NUMBERS, &variables).await?;
    let order = answer.order.with_context(|| format!("Shopify knows no order `{order}`"))?;
    let numbers = each(&order["fulfillments"]).flat_map(numbers);
    Ok(numbers.map(str::to_owned).collect())
}

/// The order as the body of its webhook, as far as it is read.
fn webhook_body(order: &Value, lines: &[Value], fulfillments: &[Value]) -> Value {
    let shipping_line = |line: &Value| {
        json!({
            "title": line["title"],
            "code": line["code"],
            "price": amount(&line["originalPriceSet"]),
            "discounted_price": amount(&line["discountedPriceSet"]),
            "is_removed": line["isRemoved"],
        })
    };
    let tags: Vec<&str> = each(&order["tags"]).filter_map(text).collect();
    json!({
        "id": number(&order["legacyResourceId"]),
        "admin_graphql_api_id": order["id"],
        "name": order["name"],
        "created_at": order["createdAt"],
        "processed_at": order["processedAt"],
        "updated_at": order["updatedAt"],
        "test": order["test"],
        "cancelled_at": order["cancelledAt"],
        "cancel_reason": lower(&order["cancelReason"]),
        "currency": order["currencyCode"],
        "financial_status": lower(&order["displayFinancialStatus"]),
        "taxes_included": order["taxesIncluded"],
        "current_total_price": amount(&order["currentTotalPriceSet"]),
        "current_total_tax": amount(&order["currentTotalTaxSet"]),
        "email": order["email"],
        "customer_locale": order["customerLocale"],
        "phone": order["phone"],
        "note": order["note"],
        "tags": tags.join(", "),
        "note_attributes": attributes(&order["customAttributes"]),
        "customer": customer(&order["customer"]),
        "shipping_address": address(&order["shippingAddress"]),
        "billing_address": address(&order["billingAddress"]),
        "line_items": lines.iter().map(line).collect::<Vec<_>>(),
        "shipping_lines": each(&order["shippingLines"]["nodes"]).map(shipping_line).collect::<Vec<_>>(),
        "fulfillments": fulfillments,
    })
}

fn line(line: &Value) -> Value {
    let units = |name: &str| line[name].as_u64().unwrap_or(0);
    let status = match (units("unfulfilledQuantity"), units("currentQuantity")) {
        (open, wanted) if open >= wanted => Value::Null,
        (0, _) => json!("fulfilled"),
        _ => json!("partial"),
    };
    let discount = |part: &Value| json!({ "amount": amount(&part["allocatedAmountSet"]) });
    json!({
        "id": number(&line["id"]),
        "sku": line["sku"],
        "title": line["title"],
        "name": line["name"],
        "quantity": line["quantity"],
        "current_quantity": line["currentQuantity"],
        "fulfillable_quantity": line["unfulfilledQuantity"],
        "fulfillment_status": status,
        "requires_shipping": line["requiresShipping"],
        "gift_card": line["isGiftCard"],
        "price": amount(&line["originalUnitPriceSet"]),
        "discount_allocations": each(&line["discountAllocations"]).map(discount).collect::<Vec<_>>(),
        "properties": attributes(&line["customAttributes"]),
    })
}

fn fulfillment(fulfillment: &Value, lines: &[Line]) -> Value {
    let line = |line: &Line| json!({ "id": number(&json!(line.line_item.id)), "quantity": line.quantity.unwrap_or(0) });
    json!({
        "id": number(&fulfillment["id"]),
        "status": lower(&fulfillment["status"]),
        "tracking_numbers": numbers(fulfillment).collect::<Vec<_>>(),
        "line_items": lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn customer(customer: &Value) -> Value {
    if customer.is_null() {
        return Value::Null;
    }
    json!({
        "email": customer["defaultEmailAddress"]["emailAddress"],
        "phone": customer["defaultPhoneNumber"]["phoneNumber"],
    })
}

fn address(address: &Value) -> Value {
    if address.is_null() {
        return Value::Null;
    }
    json!({
        "name": address["name"],
        "first_name": address["firstName"],
        "last_name": address["lastName"],
        "company": address["company"],
        "address1": address["address1"],
        "address2": address["address2"],
        "city": address["city"],
        "province": address["province"],
        "province_code": address["provinceCode"],
        "zip": address["zip"],
        "country_code": address["countryCodeV2"],
        "phone": address["phone"],
    })
}

fn attributes(attributes: &Value) -> Value {
    let pair = |pair: &Value| json!({ "name": pair["key"], "value": pair["value"] });
    each(attributes).map(pair).collect()
}

/// The tracking numbers of a fulfillment.
fn numbers(fulfillment: &Value) -> impl Iterator<Item = &str> {
    each(&fulfillment["trackingInfo"]).filter_map(|info| text(&info["number"]))
}

fn gid(order: &str) -> String {
    format!("gid://shopify/Order/{order}")
}

/// The number at the end of a `gid://shopify/…/…`, or of a text that is nothing but one.
fn number(gid: &Value) -> Value {
    let digits = text(gid).and_then(|gid| gid.rsplit('/').next());
    let number = digits.and_then(|digits| digits.parse::<u64>().ok());
    number.map_or(Value::Null, Value::from)
}

/// An amount in the shop's own currency.
fn amount(bag: &Value) -> Value {
    bag["shopMoney"]["amount"].clone()
}

/// A word of an enumeration, as webhooks write it.
fn lower(word: &Value) -> Value {
    text(word).map_or(Value::Null, |word| json!(word.to_lowercase()))
}

fn text(value: &Value) -> Option<&str> {
    value.as_str()
}

fn each(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
