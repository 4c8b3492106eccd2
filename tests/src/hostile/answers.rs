//! What others answer to our calls: the first line of the bytes is the status, the rest the body of every answer.

use domain::id::OrderId;
use ports::Response;

use super::stage::{self, Stage, check_discreet, only_order};
use crate::journey::Journey;

fn response(bytes: &[u8]) -> Response {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    let status = end.and_then(|end| str::from_utf8(&bytes[..end]).ok()?.parse().ok());
    let body = match (status, end) {
        (Some(_), Some(end)) => bytes[end + 1..].to_vec(),
        _ => bytes.to_vec(),
    };
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Response { status: status.unwrap_or(200), headers, body }
}

/// What failed may be logged, and says nothing of what was answered; what went well left an order that adds up.
fn throw(
    name: &'static str,
    set_up: fn() -> Journey,
    bytes: &[u8],
    prepare: fn(&mut Stage, &OrderId),
) {
    Stage::with(name, set_up, |stage| {
        let order_id = only_order(&stage.journey);
        prepare(stage, &order_id);
        let honest =
            stage.journey.system.world.outside.replace(Box::new(|_| anyhow::bail!("nobody")));
        stage.everyone_answers(response(bytes));
        for reason in stage.deliver_what_is_due(&order_id) {
            check_discreet(&reason);
        }
        *stage.journey.system.world.outside.borrow_mut() = honest;
        stage.journey.system.world.queue.borrow_mut().clear();
        stage.check();
    });
}

/// A supplier's answer to what it is to ship.
pub(super) fn supplier(bytes: &[u8]) {
    throw("resting", stage::resting, bytes, |stage, _| {
        let world = &stage.journey.system.world;
        world.now.set(world.now.get() + jiff::SignedDuration::from_mins(1));
    });
}

/// 17TRACK's answer, and that of a Shopify shop, to one parcel.
pub(super) fn tracking(bytes: &[u8]) {
    throw("shipped for shopify", stage::shipped_for_shopify, bytes, |_, _| {});
}

/// The same: each of them reads what is meant for it.
pub(super) fn shopify(bytes: &[u8]) {
    throw("shipped for shopify", stage::shipped_for_shopify, bytes, |_, _| {});
}

/// A WooCommerce shop's answer to one parcel.
pub(super) fn woocommerce(bytes: &[u8]) {
    throw("shipped for woocommerce", stage::shipped_for_woocommerce, bytes, |_, _| {});
}
