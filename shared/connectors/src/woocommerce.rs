//! WooCommerce.

pub mod fulfillment;
pub(crate) mod listing;
mod order;
pub mod refund;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ports::{Inbound, Request};
use serde::Serialize;
use serde_json::Value;

use crate::shipment::Access;
use crate::webhook::{self, Delivery, Unwelcome};
use crate::{rest, signature};

/// Topics whose body is an order as it is now. `order.deleted` has an id only.
const TOPICS: [&str; 3] = ["order.created", "order.updated", "order.restored"];

/// Verifies and reads a webhook (`class-wc-webhook.php`).
pub(crate) fn receive(secrets: &[String], inbound: &Inbound) -> Result<Delivery, Unwelcome> {
    let Some(signature) = inbound.header("x-wc-webhook-signature") else {
        return if is_ping(inbound) { Ok(Delivery::Ping) } else { Err(Unwelcome::Unsigned) };
    };
    let secrets: Vec<String> = secrets.iter().map(|secret| decode_entities(secret)).collect();
    if !signature::verify_base64(&secrets, &[&inbound.body], signature) {
        return Err(Unwelcome::Unsigned);
    }
    webhook::by_topic(inbound, "x-wc-webhook-topic", &TOPICS, order::read)
}

/// Whether this is the ping with which a webhook is saved: unsigned, a form of nothing but the webhook's id.
fn is_ping(inbound: &Inbound) -> bool {
    let form = "application/x-www-form-urlencoded";
    let is_form = inbound.header("content-type").is_some_and(|media| media.starts_with(form));
    let id = inbound.body.strip_prefix(b"webhook_id=").unwrap_or_default();
    is_form && (1..=20).contains(&id.len()) && id.iter().all(u8::is_ascii_digit)
}

/// What WordPress' `wp_specialchars_decode(…, ENT_QUOTES)` makes of a secret before it signs with it.
fn decode_entities(secret: &str) -> String {
    let mut decoded = String::with_capacity(secret.len());
    let mut rest = secret;
    while let Some(start) = rest.find('&') {
        decoded.push_str(&rest[..start]);
        rest = &rest[start..];
        let entity = rest.find(';').and_then(|end| Some((decode_entity(&rest[1..end])?, end + 1)));
        let (character, length) = entity.unwrap_or(('&', 1));
        decoded.push(character);
        rest = &rest[length..];
    }
    decoded + rest
}

fn decode_entity(name: &str) -> Option<char> {
    let hexadecimal = name.strip_prefix("#x").or_else(|| name.strip_prefix("#X"));
    if let Some(digits) = hexadecimal {
        return match digits.trim_start_matches('0') {
            "22" => Some('"'),
            "26" => Some('&'),
            "27" => Some('\''),
            _ => None,
        };
    }
    if let Some(digits) = name.strip_prefix('#') {
        return match digits.trim_start_matches('0') {
            "34" => Some('"'),
            "38" => Some('&'),
            "39" => Some('\''),
            "60" => Some('<'),
            "62" => Some('>'),
            _ => None,
        };
    }
    match name {
        "amp" => Some('&'),
        "gt" => Some('>'),
        "lt" => Some('<'),
        "quot" => Some('"'),
        _ => None,
    }
}

/// A call of its REST API. The secret is `consumer key:consumer secret`.
fn request(
    access: Access<'_>,
    method: &'static str,
    path: &str,
    body: Option<&impl Serialize>,
) -> Result<Request> {
    let url = format!("{}/wp-json/{path}", access.api);
    let authorization = format!("Basic {}", STANDARD.encode(access.newest_secret()?));
    rest::request(method, url, ("authorization", authorization), body)
}

/// What WordPress calls an error.
fn code(body: &[u8]) -> Option<String> {
    let error: Value = serde_json::from_slice(body).ok()?;
    Some(error.get("code")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_decoded_as_wordpress_does() {
        for (stored, used) in [
            ("plain; &secret", "plain; &secret"),
            ("a&amp;b&lt;&gt;&quot;&#039;&#39;&#x27;&#x0027;&#034;", "a&b<>\"''''\""),
            ("&amp;amp;", "&amp;"),
            ("&eacute;&;&", "&eacute;&;&"),
        ] {
            assert_eq!(decode_entities(stored), used);
        }
    }
}
