//! Status webhooks: what we tell the merchant's other systems, as Standard Webhooks
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).
//!
//! `POST` to the endpoint's URL, signed with its secret:
//!
//! ```json
//! {
//!   "type": "shipment.confirmed",
//!   "timestamp": "2026-11-23T08:30:00Z",
//!   "data": {
//!     "order": {"id": "alpenshop/1001", "phase": "in_transit"},
//!     "sequence": 9,
//!     "parcel": "P1", "fulfillment_order": "F1", "carrier": "DHL", "tracking_number": "00340434161094042557",
//!     "ship_date": "2026-11-23", "units": [{"line_id": "1", "article": "notebook", "quantity": 1}]
//!   }
//! }
//! ```
//!
//! `schemas/event.schema.json` has every event. The header `webhook-id` names an event for ever: whoever has seen it has
//! it. `sequence` counts what an order has to tell, so that a late event is known to be late.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use domain::id::{LocationId, OrderId, SupplierId};
use domain::order::announcement::Announcement;
use domain::order::phase::Phase;
use jiff::Timestamp;
use ports::Request;
use serde::Serialize;

use crate::shipment::encode;
use crate::signature;

/// One event, ready to be sent to anyone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The event's name for ever, without a dot.
    pub id: String,
    /// JSON.
    pub body: Vec<u8>,
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    timestamp: Timestamp,
    data: serde_json::Value,
}

#[derive(Serialize)]
struct OfOrder<'a> {
    order: Order<'a>,
    sequence: u64,
    #[serde(flatten)]
    event: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct Order<'a> {
    id: &'a OrderId,
    phase: &'a str,
}

#[derive(Serialize)]
struct OfStock<'a> {
    supplier: &'a SupplierId,
    location: &'a LocationId,
    lines: Vec<StockLine<'a>>,
}

#[derive(Serialize)]
struct StockLine<'a> {
    supplier_sku: &'a str,
    on_hand: u32,
}

impl Webhook {
    /// What an order has to tell.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub fn of_order(order_id: &OrderId, announcement: &Announcement) -> Result<Self> {
        let Announcement { sequence, at, phase, event } = announcement;
        let mut fields = match serde_json::to_value(event)? {
            serde_json::Value::Object(fields) => fields,
            _ => serde_json::Map::new(),
        };
        fields.remove("type");
        let order = Order { id: order_id, phase: Phase::name(*phase) };
        let data = OfOrder { order, sequence: *sequence, event: fields };
        let id = format!("order_{}_{sequence}", encode(order_id.as_str()));
        Self::new(id, event.name(), *at, &data)
    }

    /// What a supplier counted.
    ///
    /// # Errors
    /// When it can't be written as JSON.
    pub fn of_stock(
        supplier: &SupplierId,
        location: &LocationId,
        reported_at: Timestamp,
        on_hand: &BTreeMap<String, u32>,
    ) -> Result<Self> {
        let lines = on_hand
            .iter()
            .map(|(supplier_sku, on_hand)| StockLine { supplier_sku, on_hand: *on_hand });
        let data = OfStock { supplier, location, lines: lines.collect() };
        let (supplier, location) = (encode(supplier.as_str()), encode(location.as_str()));
        let id = format!("stock_{supplier}_{location}_{}", reported_at.as_millisecond());
        Self::new(id, "stock.changed", reported_at, &data)
    }

    fn new(id: String, name: &str, timestamp: Timestamp, data: &impl Serialize) -> Result<Self> {
        let data = serde_json::to_value(data)?;
        let body = serde_json::to_vec(&Body { r#type: name, timestamp, data })?;
        Ok(Self { id, body })
    }

    /// The call that delivers it now. The secrets are `whsec_` ones; each signs.
    ///
    /// # Errors
    /// When a secret is none.
    pub fn request(&self, url: &str, secrets: &[String], now: Timestamp) -> Result<Request> {
        let sign = |secret: &String| signature::sign_standard(secret, &self.id, now, &self.body);
        let signatures = secrets.iter().map(sign).collect::<Result<Vec<_>, _>>();
        let signatures = signatures.context("failed to sign a status webhook")?;
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("webhook-id", self.id.clone()),
            ("webhook-timestamp", now.as_second().to_string()),
            ("webhook-signature", signatures.join(" ")),
        ];
        Ok(Request {
            method: "POST",
            url: url.to_owned(),
            headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
            body: self.body.clone(),
        })
    }
}
