//! Shopify.
//!
//! Its webhooks are signed over the raw body alone: neither topic nor shop is. So what an order is comes from its body
//! whatever the topic, and every shop has a secret of its own here even where one app serves several.

mod admin;
pub mod fulfillment;
pub(crate) mod listing;
mod order;
pub mod refund;

pub use admin::API_VERSION;
use domain::settings::Shop;
use ports::Inbound;

use crate::signature;
use crate::webhook::{self, Delivery, Unwelcome};

/// Topics whose body is an order as it is now. `orders/edited` has the difference only, and `orders/updated` follows it.
const TOPICS: [&str; 4] = ["orders/create", "orders/paid", "orders/updated", "orders/cancelled"];

/// Verifies and reads a webhook (shopify.dev/docs/apps/build/webhooks/delivery-structure).
pub(crate) fn receive(
    shop: &Shop,
    secrets: &[String],
    inbound: &Inbound,
) -> Result<Delivery, Unwelcome> {
    // The newer "Events" deliveries have the same headers without the `x-`.
    let is_event = inbound.header("shopify-hmac-sha256").is_some();
    let prefix = if is_event { "shopify" } else { "x-shopify" };
    let header = |name: &str| inbound.header(&format!("{prefix}-{name}"));
    let is_signed = header("hmac-sha256")
        .is_some_and(|signature| signature::verify_base64(secrets, &[&inbound.body], signature));
    if !is_signed || header("shop-domain").is_some_and(|domain| is_other(shop, domain)) {
        return Err(Unwelcome::Unsigned);
    }
    webhook::by_topic(inbound, &format!("{prefix}-topic"), &TOPICS, order::read)
}

/// Whether a delivery names another shop than ours: no proof, but a sign that a webhook was set up with a wrong URL. Only
/// told where we know the shop's `myshopify.com` domain.
fn is_other(shop: &Shop, domain: &str) -> bool {
    let host = shop.api.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next());
    host.is_some_and(|host| host.ends_with(".myshopify.com") && !host.eq_ignore_ascii_case(domain))
}
