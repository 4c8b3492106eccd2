//! Any other shop: it takes our own JSON.
//!
//! `PUT {api}/orders/{order}/shipments/{parcel}`, signed as Standard Webhooks, with the parcel as it is now:
//!
//! ```json
//! {
//!   "status": "shipped",
//!   "carrier": "YunExpress",
//!   "tracking_number": "YT2412345678901234",
//!   "tracking_url": "https://t.17track.net/en#nums=YT2412345678901234",
//!   "ship_date": "2026-11-20",
//!   "lines": [{"line_id": "1", "quantity": 2}],
//!   "is_last": true
//! }
//! ```
//!
//! - `status` becomes `delivered` later; then there is `delivered_at`, an instant.
//! - A tracking number that was wrong is put right in the same place, with `replaces`: the wrong one.
//! - `lines` are the shop's lines that are complete with this parcel; it is empty for a part of a bundle.
//! - `is_last` says that everything that will be shipped has been.
//!
//! The same parcel may come again: putting it twice is putting it once. The shop answers 201 when this was new to it,
//! any other 2xx when it had it; a body is not needed.

use anyhow::{Context, Result, bail};
use domain::id::LineId;
use domain::order::fact::Milestone;
use jiff::Timestamp;
use jiff::civil::Date;
use ports::{Http, Request};
use serde::Serialize;

use crate::shipment::{Access, Refused, Shipment, Shown, encode, is_final};

#[derive(Serialize)]
struct Body<'a> {
    status: Milestone,
    carrier: &'a str,
    tracking_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<&'a str>,
    tracking_url: String,
    ship_date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
    lines: Vec<Line<'a>>,
    is_last: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    line_id: &'a str,
    quantity: u32,
}

/// Shows a parcel in the shop. The secrets are `whsec_` ones; each signs.
///
/// # Errors
/// When the shop can't be reached or refuses; the queue tries again.
pub async fn show(
    http: &impl Http,
    access: Access<'_>,
    shipment: &Shipment<'_>,
    now: Timestamp,
) -> Result<Shown> {
    let reference = format!("orders/{}/shipments/{}", encode(shipment.order), shipment.parcel_id);
    // The same for each try, and encoded, since a dot would blur where it ends. A number can be put right more than once.
    let corrected = shipment.replaces.map(|_| format!("_{}", encode(shipment.number)));
    let name = shipment.milestone.name();
    let id = format!("{name}_{}{}", encode(&reference), corrected.unwrap_or_default());
    let request = super::put(access, &reference, id, &body(shipment), now)?;
    tell(http, request, reference).await
}

/// Makes such a call, and tells whether the shop had it.
pub(super) async fn tell(http: &impl Http, request: Request, reference: String) -> Result<Shown> {
    let response =
        http.call(request).await.with_context(|| format!("no answer to `PUT {reference}`"))?;
    let answered = |status| format!("`PUT {reference}` was answered with status {status}");
    match response.status {
        201 => Ok(Shown { reference, found: false }),
        200..300 => Ok(Shown { reference, found: true }),
        status if is_final(status) => Err(Refused(answered(status)).into()),
        status => bail!("{}", answered(status)),
    }
}

fn body<'a>(shipment: &Shipment<'a>) -> Body<'a> {
    let line = |(line_id, quantity): (&'a LineId, &u32)| Line {
        line_id: line_id.as_str(),
        quantity: *quantity,
    };
    let is_delivery = shipment.milestone == Milestone::Delivered;
    Body {
        status: if is_delivery { Milestone::Delivered } else { Milestone::Shipped },
        carrier: shipment.carrier,
        tracking_number: shipment.number,
        replaces: shipment.replaces,
        tracking_url: shipment.tracking_url(),
        ship_date: shipment.ship_date,
        delivered_at: shipment.delivered_at.filter(|_| is_delivery),
        lines: shipment.lines.iter().map(line).collect(),
        is_last: shipment.is_last,
    }
}
