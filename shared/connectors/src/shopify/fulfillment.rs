//! Shopify: tracking numbers and deliveries, back into the shop.
//!
//! `fulfillmentCreate` knows no idempotency key, so we look first: what a fulfillment with our number already covers is
//! never sent again. Two deliveries of one message at the same time both find nothing: where the parcel is all that
//! remains of its lines, Shopify itself refuses the second; where it is not, `shop-sync` puts its intent on record first.
//! Two events that say that it arrived say nothing new to anyone.

pub mod answer;
pub(super) mod answers;
mod carriers;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use domain::id::LineId;
use domain::order::fact::Milestone;
use ports::Http;
use serde_json::{Value, json};

use super::admin::{call, lines, refuse};
use crate::shipment::{Access, Refused, Shipment, Shown};
use answers::{
    EventCreated, FULFILLMENT_CREATE, FULFILLMENT_EVENT_CREATE, FULFILLMENT_LINES,
    FULFILLMENT_ORDER_LINES, Fulfillment, FulfillmentCreated, FulfillmentOrder, Line, ORDER,
    OrderAnswer, ShopifyOrder, TRACKING_UPDATE, TrackingUpdated,
};

/// Units by `gid://shopify/LineItem/…`.
type Units = BTreeMap<String, u32>;

/// Shows a parcel in the shop, unless it does already. The secret is an access token of the Admin API.
///
/// # Errors
/// When the shop can't be reached, throttles us, or refuses; the queue tries again.
pub async fn show(http: &impl Http, access: Access<'_>, shipment: &Shipment<'_>) -> Result<Shown> {
    // Shopify's fulfillments consist of lines: a part of a bundle is shown when the rest of it leaves.
    if shipment.lines.is_empty() {
        return Ok(Shown::nothing());
    }
    let variables = json!({ "id": format!("gid://shopify/Order/{}", shipment.order) });
    let answer: OrderAnswer = call(http, access, ORDER, &variables).await?;
    let gone = || Refused(format!("Shopify knows no order `{}`", shipment.order));
    let order = answer.order.ok_or_else(gone)?;
    match shipment.milestone {
        Milestone::Shipped => ship(http, access, shipment, &order).await,
        Milestone::Corrected => correct(http, access, shipment, &order).await,
        Milestone::Delivered => deliver(http, access, shipment, &order).await,
    }
}

async fn ship(
    http: &impl Http,
    access: Access<'_>,
    shipment: &Shipment<'_>,
    order: &ShopifyOrder,
) -> Result<Shown> {
    let gid = |line: &LineId| format!("gid://shopify/LineItem/{line}");
    let mut missing: Units =
        shipment.lines.iter().map(|(line, units)| (gid(line), *units)).collect();
    let mut references = Vec::new();
    for fulfillment in fulfillments(order, shipment) {
        references.push(fulfillment.id.clone());
        for line in lines::<Line>(http, access, FULFILLMENT_LINES, &fulfillment.id).await? {
            take(&mut missing, &line.line_item.id, line.quantity.unwrap_or(0));
        }
    }

    let mut found = true;
    for (_, shares) in shares(http, access, order, &mut missing).await? {
        references.push(create(http, access, shipment, &shares).await?);
        found = false;
    }
    // Nothing covered, nothing left to fulfil: a person fulfilled it by hand, or refunded it.
    if references.is_empty() {
        return Ok(Shown::nothing());
    }
    Ok(Shown { reference: references.join(" "), found })
}

/// What each fulfillment order is to give, by location: one call can't span two of them.
async fn shares(
    http: &impl Http,
    access: Access<'_>,
    order: &ShopifyOrder,
    missing: &mut Units,
) -> Result<BTreeMap<String, Vec<Value>>> {
    let mut shares: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let open = order.fulfillment_orders.nodes.iter().filter(|known| known.is_open());
    let (ready, blocked): (Vec<_>, Vec<_>) = open.partition(|known| known.takes_fulfillments());
    for fulfillment_order in ready {
        let share = share(http, access, fulfillment_order, missing).await?;
        if !share.is_empty() {
            let at_location = shares.entry(fulfillment_order.location().to_owned()).or_default();
            at_location.push(json!({
                "fulfillmentOrderId": fulfillment_order.id,
                "fulfillmentOrderLineItems": share,
            }));
        }
    }
    for fulfillment_order in blocked {
        if !share(http, access, fulfillment_order, missing).await?.is_empty() {
            let FulfillmentOrder { id, status, .. } = fulfillment_order;
            bail!("`{id}` is `{status}` in the shop and can't be fulfilled");
        }
    }
    Ok(shares)
}

/// Takes from one fulfillment order what is missing and remains in it.
async fn share(
    http: &impl Http,
    access: Access<'_>,
    fulfillment_order: &FulfillmentOrder,
    missing: &mut Units,
) -> Result<Vec<Value>> {
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    let lines: Vec<Line> =
        lines(http, access, FULFILLMENT_ORDER_LINES, &fulfillment_order.id).await?;
    let taken = lines.iter().map(|line| {
        let quantity = take(missing, &line.line_item.id, line.quantity.unwrap_or(0));
        (line, quantity)
    });
    Ok(taken
        .filter(|(_, quantity)| *quantity > 0)
        .map(|(line, quantity)| json!({ "id": line.id, "quantity": quantity }))
        .collect())
}

/// Takes at most so many units of a line off what is missing, and tells how many.
fn take(missing: &mut Units, line: &str, quantity: u32) -> u32 {
    let Some(units) = missing.get_mut(line) else { return 0 };
    let taken = quantity.min(*units);
    *units -= taken;
    if *units == 0 {
        missing.remove(line);
    }
    taken
}

async fn create(
    http: &impl Http,
    access: Access<'_>,
    shipment: &Shipment<'_>,
    shares: &[Value],
) -> Result<String> {
    let variables = json!({ "fulfillment": {
        "lineItemsByFulfillmentOrder": shares,
        "trackingInfo": tracking_info(shipment),
        "notifyCustomer": shipment.is_news,
    }});
    let answer: FulfillmentCreated = call(http, access, FULFILLMENT_CREATE, &variables).await?;
    let payload = answer.fulfillment_create;
    refuse(FULFILLMENT_CREATE, &payload.user_errors)?;
    let fulfillment = payload.fulfillment.context("Shopify created no fulfillment")?;
    Ok(fulfillment.id)
}

/// For carriers that Shopify knows it makes the link itself; for all others it needs one from us.
fn tracking_info(shipment: &Shipment<'_>) -> Value {
    let number = shipment.number;
    match carriers::company(shipment.carrier) {
        Some(company) => json!({ "company": company, "number": number }),
        None => json!({
            "company": shipment.carrier,
            "number": number,
            "url": shipment.tracking_url(),
        }),
    }
}

/// Puts the right number in the place of the wrong one, and has Shopify tell the customer. To put it there twice is to
/// put it there once.
async fn correct(
    http: &impl Http,
    access: Access<'_>,
    shipment: &Shipment<'_>,
    order: &ShopifyOrder,
) -> Result<Shown> {
    let mut references: Vec<String> =
        fulfillments(order, shipment).map(|fulfillment| fulfillment.id.clone()).collect();
    let mut found = true;
    let wrong = |known: &&Fulfillment| shipment.replaces.is_some_and(|number| known.shows(number));
    for fulfillment in order.fulfillments.iter().filter(wrong) {
        let variables = json!({
            "fulfillmentId": fulfillment.id,
            "trackingInfoInput": tracking_info(shipment),
            "notifyCustomer": true,
        });
        let answer: TrackingUpdated = call(http, access, TRACKING_UPDATE, &variables).await?;
        refuse(TRACKING_UPDATE, &answer.fulfillment_tracking_info_update.user_errors)?;
        references.push(fulfillment.id.clone());
        found = false;
    }
    // The shop's owner cancelled the fulfillment, or corrected it by hand.
    if references.is_empty() {
        return Ok(Shown::nothing());
    }
    Ok(Shown { reference: references.join(" "), found })
}

async fn deliver(
    http: &impl Http,
    access: Access<'_>,
    shipment: &Shipment<'_>,
    order: &ShopifyOrder,
) -> Result<Shown> {
    let mut references = Vec::new();
    let mut found = true;
    for fulfillment in fulfillments(order, shipment) {
        if let Some(event) = fulfillment.delivery() {
            references.push(event.to_owned());
            continue;
        }
        let variables = json!({ "fulfillmentEvent": {
            "fulfillmentId": fulfillment.id,
            "status": "DELIVERED",
            "happenedAt": shipment.delivered_at,
        }});
        let answer: EventCreated = call(http, access, FULFILLMENT_EVENT_CREATE, &variables).await?;
        let payload = answer.fulfillment_event_create;
        refuse(FULFILLMENT_EVENT_CREATE, &payload.user_errors)?;
        let event = payload.fulfillment_event.context("Shopify created no event")?;
        references.push(event.id);
        found = false;
    }
    // The shop's owner cancelled the fulfillment, or made it without our number.
    if references.is_empty() {
        return Ok(Shown::nothing());
    }
    Ok(Shown { reference: references.join(" "), found })
}

fn fulfillments<'a>(
    order: &'a ShopifyOrder,
    shipment: &'a Shipment<'_>,
) -> impl Iterator<Item = &'a Fulfillment> {
    order.fulfillments.iter().filter(|fulfillment| fulfillment.shows(shipment.number))
}
