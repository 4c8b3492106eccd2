//! Our own JSON, for every other shop.
//!
//! A shop posts its orders as `schemas/order.schema.json` describes, each as it is now, whenever it changes. The post is
//! signed as Standard Webhooks: headers `webhook-id`, `webhook-timestamp` and `webhook-signature` with the shop's
//! `whsec_` secret, at most five minutes old.

mod order;
pub mod shipment;

use jiff::Timestamp;
use ports::Inbound;

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
