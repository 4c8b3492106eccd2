//! Intake: what a shop's word on an order changes.

use crate::order::cancel;
use crate::order::fact::{ContactRef, Fact, LineQuantity, Received};
use crate::order::{Order, Recorded};
use crate::shop_order::{Payment, ShopOrder};

/// Takes what the shop says: the whole order if it is new, else the difference to what we know.
///
/// What is older than what we know changes nothing, so webhooks may come in any order. Of two states with one time
/// stamp the one in which payment is further counts.
#[must_use]
pub fn receive(order: &Order, shop_order: &ShopOrder, contact: &ContactRef) -> Vec<Fact> {
    let Some(updated_at) = order.updated_at else {
        return first(shop_order, contact);
    };
    let mut facts = Vec::new();
    let is_newer = shop_order.updated_at > updated_at;
    let is_further =
        shop_order.updated_at == updated_at && order.payment < Some(shop_order.payment);
    if (is_newer && order.payment != Some(shop_order.payment)) || is_further {
        facts.push(Fact::PaymentChanged {
            payment: shop_order.payment,
            updated_at: shop_order.updated_at,
        });
    }
    if is_newer {
        facts.extend(edit(order, shop_order));
        facts.extend(change_contact(order, shop_order, contact));
    }
    if let Some(why) = calls_off(shop_order)
        && shop_order.updated_at >= updated_at
    {
        facts.extend(cancel::request(order, "shop", why, Some(shop_order.updated_at)));
    }
    facts
}

/// Why the shop does not want the order shipped any more: it said so, or it gave all the money back.
fn calls_off(shop_order: &ShopOrder) -> Option<&str> {
    let is_unpaid = matches!(shop_order.payment, Payment::Refunded | Payment::Voided);
    shop_order.cancelled.as_deref().or(is_unpaid.then_some("the payment was given back"))
}

fn first(shop_order: &ShopOrder, contact: &ContactRef) -> Vec<Fact> {
    let received = Received {
        number: shop_order.number.clone(),
        placed_at: shop_order.placed_at,
        updated_at: shop_order.updated_at,
        test: shop_order.test,
        payment: shop_order.payment,
        currency: shop_order.currency,
        lines: shop_order.lines.clone(),
        shipping: shop_order.shipping.clone(),
        discount_minor: shop_order.discount_minor,
        tax_minor: shop_order.tax_minor,
        tax_included: shop_order.tax_included,
        total_minor: shop_order.total_minor,
        wishes: shop_order.wishes,
        risk_hints: shop_order.risk_hints.clone(),
        contact: contact.clone(),
        country: shop_order.contact.country(),
    };
    let received = Fact::Received(received);
    let order = Order::fold(&[Recorded { at: shop_order.updated_at, fact: received.clone() }]);
    let cancelled = calls_off(shop_order)
        .into_iter()
        .flat_map(|why| cancel::request(&order, "shop", why, Some(shop_order.updated_at)));
    std::iter::once(received).chain(cancelled).collect()
}

fn edit(order: &Order, shop_order: &ShopOrder) -> Vec<Fact> {
    let mut lines: Vec<LineQuantity> = Vec::new();
    for (line_id, wanted) in &order.wanted {
        let stated = shop_order.lines.iter().find(|line| line.line_id == *line_id);
        let quantity = stated.map_or(0, |line| line.quantity);
        if quantity != *wanted {
            lines.push(LineQuantity { line_id: line_id.clone(), quantity });
        }
    }
    let is_new = |line_id| !order.wanted.contains_key(line_id);
    let added: Vec<_> =
        shop_order.lines.iter().filter(|line| is_new(&line.line_id)).cloned().collect();
    if lines.is_empty() && added.is_empty() {
        return Vec::new();
    }
    let shrunk = cancel::shrink(order, &lines);
    let requested = Fact::EditRequested { lines, added, updated_at: shop_order.updated_at };
    std::iter::once(requested).chain(shrunk).collect()
}

fn change_contact(order: &Order, shop_order: &ShopOrder, contact: &ContactRef) -> Option<Fact> {
    let (known, _) = order.contact.as_ref()?;
    if known.is_same_contact(contact) {
        return None;
    }
    Some(Fact::ContactChanged {
        contact: contact.clone(),
        country: shop_order.contact.country(),
        by: "shop".to_owned(),
        updated_at: Some(shop_order.updated_at),
    })
}
