//! Our own JSON, for every other shop.
//!
//! A shop posts its orders as `schemas/order.schema.json` describes, each as it is now, whenever it changes. The post is
//! signed as Standard Webhooks: headers `webhook-id`, `webhook-timestamp` and `webhook-signature` with the shop's
//! `whsec_` secret, at most five minutes old.

pub mod answer;
pub(crate) mod listing;
mod order;
pub mod refund;
pub mod shipment;

use anyhow::{Context, Result};
use jiff::Timestamp;
use ports::{Inbound, Request};
use serde::Serialize;

use crate::shipment::Access;
use crate::signature;
use crate::webhook::{Delivery, Unwelcome};

/// Verifies and reads an order.
pub(crate) fn receive(
    secrets: &[String],
    inbound: &Inbound,
    now: Timestamp,
) -> Result<Delivery, Unwelcome> {
    let header = |name| inbound.header(name).unwrap_or_default();
    let is_signed = signature::verify_standard(
        secrets,
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
        &inbound.body,
        now,
    );
    if !is_signed {
        return Err(Unwelcome::Unsigned);
    }
    Ok(Delivery::Order { order: Box::new(order::read(&inbound.body)?) })
}

/// A call that puts something into the shop: putting it twice is putting it once. The id of the message is the same for
/// each try.
fn put(
    access: Access<'_>,
    path: &str,
    id: String,
    body: &impl Serialize,
    now: Timestamp,
) -> Result<Request> {
    let body = serde_json::to_vec(body).context("failed to write JSON")?;
    let mut headers = sign(access, &id, now, &body)?;
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    Ok(Request { method: "PUT", url: format!("{}/{path}", access.api), headers, body })
}

/// The headers of Standard Webhooks. The id is the same for each try, and encoded, since a dot would blur where it ends.
fn sign(
    access: Access<'_>,
    id: &str,
    now: Timestamp,
    body: &[u8],
) -> Result<Vec<(String, String)>> {
    // While one secret replaces another, the shop may know either.
    let sign = |secret: &String| signature::sign_standard(secret, id, now, body);
    let signatures = access.secrets.iter().map(sign).collect::<Result<Vec<_>, _>>()?;
    let headers = [
        ("webhook-timestamp", now.as_second().to_string()),
        ("webhook-signature", signatures.join(" ")),
        ("webhook-id", id.to_owned()),
    ];
    Ok(headers.map(|(name, value)| (name.to_owned(), value)).into())
}
