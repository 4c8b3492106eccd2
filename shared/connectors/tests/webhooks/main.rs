//! What shops send, from the signature to the order.

#![expect(clippy::unwrap_used, reason = "what goes wrong in a test is its failure")]

mod fixtures;
mod garbage;
mod mapping;
mod schema;
mod signatures;

use connectors::signature;
use connectors::webhook::{self, Delivery, Unwelcome};
use domain::id::ShopId;
use domain::settings::{Shop, ShopKind};
use domain::shop_order::ShopOrder;
use jiff::Timestamp;
use ports::Inbound;

const SHOPIFY: &[u8] = include_bytes!("samples/shopify.json");
const WOOCOMMERCE: &[u8] = include_bytes!("samples/woocommerce.json");
const ONWARD: &[u8] = include_bytes!("samples/onward.json");

/// The secret of every shop here: 24 bytes in base64, so that Standard Webhooks can use it too.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn now() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}

fn shop(kind: ShopKind) -> Shop {
    let api = "https://alpenshop.myshopify.com".to_owned();
    Shop { id: ShopId::parse("alpenshop").unwrap(), kind, api, notifications: None }
}

/// A post with these headers.
fn post(headers: &[(&str, &str)], body: &[u8]) -> Inbound {
    let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
    Inbound {
        method: "POST".to_owned(),
        headers: headers.collect(),
        body: body.to_vec(),
        ..Inbound::default()
    }
}

/// A post that is signed as its shop would.
fn signed(kind: ShopKind, body: &[u8]) -> Inbound {
    let signature = signature::sign_base64(SECRET, &[body]);
    match kind {
        ShopKind::Shopify => {
            post(&[("x-shopify-topic", "orders/paid"), ("x-shopify-hmac-sha256", &signature)], body)
        }
        ShopKind::Woocommerce => post(
            &[("x-wc-webhook-topic", "order.updated"), ("x-wc-webhook-signature", &signature)],
            body,
        ),
        ShopKind::Onward => {
            let signature = signature::sign_standard(SECRET, "msg_1", now(), body).unwrap();
            let second = now().as_second().to_string();
            post(
                &[
                    ("webhook-id", "msg_1"),
                    ("webhook-timestamp", &second),
                    ("webhook-signature", &signature),
                ],
                body,
            )
        }
    }
}

fn parse(kind: ShopKind, inbound: &Inbound) -> Result<Delivery, Unwelcome> {
    webhook::parse(&shop(kind), &[SECRET.to_owned()], inbound, now())
}

/// The order in a body, or why there is none, as text.
fn read(kind: ShopKind, body: &[u8]) -> Result<ShopOrder, String> {
    match parse(kind, &signed(kind, body)) {
        Ok(Delivery::Order { order, .. }) => Ok(*order),
        Ok(other) => panic!("{other:?}"),
        Err(unwelcome) => Err(unwelcome.to_string()),
    }
}
