//! Hostile input: whatever anyone sends, nothing panics, nothing is taken that should not be, nothing private is repeated.

#![expect(clippy::unwrap_used, reason = "what goes wrong in a test is its failure")]

mod bodies;
mod corpus;
mod signatures;
mod texts;

use domain::settings::ShopKind;
use ports::{Inbound, Reply};
use tests::journey::Journey;
use tests::outside::shop::Sold;
use tests::purchase::Purchase;
use tests::stack::company::SHOPS;

/// A good order of a kind of shop, from the corpus.
fn order_of(kind: ShopKind) -> &'static str {
    match kind {
        ShopKind::Shopify => include_str!("../../../fuzz/corpus/shopify/paid_order.json"),
        ShopKind::Woocommerce => include_str!("../../../fuzz/corpus/woocommerce/processing.json"),
        ShopKind::Onward => include_str!("../../../fuzz/corpus/onward/paid.json"),
    }
}

/// A body, signed as its shop does.
fn signed(journey: &Journey, kind: ShopKind, body: impl Into<Vec<u8>>) -> Inbound {
    let (shop, _) = SHOPS.into_iter().find(|(_, known)| *known == kind).unwrap();
    let secret = journey.system.world.secrets.borrow()[&format!("shops/{shop}")][0].clone();
    let topic = if kind == ShopKind::Shopify { "orders/updated" } else { "order.updated" };
    let purchase = Purchase::new(shop, kind, 1, journey.now(), &[]);
    purchase.signed(topic, &secret, journey.now(), body.into())
}

/// The shop has an order of these lines in its books, so that it can show what becomes of it.
fn booked(journey: &Journey, shop: &str, order: &str, lines: &[(&str, u32)]) {
    let sold: Vec<Sold<'_>> =
        lines.iter().map(|&(line_id, quantity)| Sold { line_id, quantity, location: 1 }).collect();
    journey.outside.borrow_mut().shops.shop(shop).sell(order, &sold);
}

/// What we answer to a signed body, in a world where nothing has happened.
fn answer(kind: ShopKind, body: impl Into<Vec<u8>>) -> (Journey, Reply) {
    let mut journey = Journey::begin();
    let inbound = signed(&journey, kind, body);
    let reply = journey.tells(&inbound);
    (journey, reply)
}
