//! Intake: what a shop's word on an order changes.

use jiff::Timestamp;

use crate::address::Country;
use crate::order::fact::{ContactRef, Fact, LineQuantity, Received};
use crate::order::{BY_SHOP as SHOP, Cancellation, FulfillmentOrder, Order, cancel, elsewhere};
use crate::shop_order::{Payment, ShopLine, ShopOrder};

/// Takes what the shop says: the whole order if it is new, else the difference to what we know.
///
/// What is older than what we know changes nothing, so webhooks may come in any order. Of two states with one time
/// stamp the one in which payment is further counts.
#[must_use]
pub fn receive(order: &Order, shop_order: &ShopOrder, contact: &ContactRef) -> Vec<Fact> {
    let Some(updated_at) = order.updated_at else {
        return first(shop_order, contact);
    };
    let stated_at = shop_order.updated_at;
    let is_newer =
        (stated_at, shop_order.payment) > (updated_at, order.payment.unwrap_or(Payment::Pending));
    let called_off = calls_off(shop_order).filter(|_| stated_at >= updated_at);

    // Each decision builds on the one before it: two of them must not give the same units back.
    let mut facts = Vec::new();
    let mut order = order.clone();
    let mut take = |order: Order, new: Vec<Fact>| {
        let order = order.after(stated_at, &new);
        facts.extend(new);
        order
    };
    if is_newer {
        let payment = change_payment(&order, shop_order);
        order = take(order, payment);
        if called_off.is_none() {
            let reinstated = reinstate(&order, stated_at);
            order = take(order, reinstated);
        }
        // Shops state an order that they call off with no units. What it had is what has to be cancelled.
        if called_off.is_none() && order.cancel_requested.is_none() {
            let edited = edit(&order, shop_order);
            order = take(order, edited);
        }
        let country = shop_order.contact.country();
        let is_same =
            order.shop_contact.as_ref().is_some_and(|known| known.is_same_contact(contact));
        if !is_same {
            let changed = change_contact(&order, contact, country, SHOP, Some(stated_at));
            order = take(order, changed);
        }
    }
    if let Some(why) = called_off {
        let cancelled = cancel::request(&order, SHOP, why, Some(stated_at));
        order = take(order, cancelled);
    }
    if is_newer {
        let noticed = elsewhere::notice(&order, shop_order.parcels.as_deref());
        order = take(order, noticed);
    }
    if order.updated_at < Some(stated_at) {
        facts.push(Fact::Confirmed { updated_at: stated_at });
    }
    facts
}

/// Whether a shop that states the order so, in brief, says anything that [`receive`] has not taken.
#[must_use]
pub fn is_news(order: &Order, updated_at: Timestamp, payment: Payment, is_cancelled: bool) -> bool {
    let Some(known_at) = order.updated_at else { return true };
    let is_further = payment > order.payment.unwrap_or(Payment::Pending)
        || (is_cancelled && order.cancel_requested.is_none());
    updated_at > known_at || (updated_at == known_at && is_further)
}

/// Takes a new contact. What rests before its submission is routed again if it goes to another country now.
#[must_use]
pub fn change_contact(
    order: &Order,
    contact: &ContactRef,
    country: Option<Country>,
    by: &str,
    updated_at: Option<Timestamp>,
) -> Vec<Fact> {
    let is_elsewhere = order.contact.as_ref().is_none_or(|(_, known)| *known != country);
    let unplanned = if is_elsewhere { cancel::unplan(order) } else { Vec::new() };
    let (contact, by) = (contact.clone(), by.to_owned());
    let changed = Fact::ContactChanged { contact, country, by, updated_at };
    std::iter::once(changed).chain(unplanned).collect()
}

fn change_payment(order: &Order, shop_order: &ShopOrder) -> Vec<Fact> {
    let (payment, updated_at) = (shop_order.payment, shop_order.updated_at);
    if order.payment == Some(payment) {
        return Vec::new();
    }
    vec![Fact::PaymentChanged { payment, updated_at }]
}

/// Takes an order up again that the shop itself had called off: a shop that waited for a payment in vain cancels, and
/// the customer pays after all. Not while a supplier is asked to cancel: what it answers would cancel for good.
fn reinstate(order: &Order, updated_at: Timestamp) -> Vec<Fact> {
    let is_shops = order.cancelled_by.as_deref() == Some(SHOP);
    let is_asked = |known: &FulfillmentOrder| known.cancellation != Cancellation::None;
    if !is_shops || order.fulfillment_orders.values().any(is_asked) {
        return Vec::new();
    }
    vec![Fact::Reinstated { updated_at }]
}

/// Why the shop does not want the order shipped any more: it said so, or it gave all the money back.
fn calls_off(shop_order: &ShopOrder) -> Option<&str> {
    let is_unpaid = matches!(shop_order.payment, Payment::Refunded | Payment::Voided);
    shop_order.cancelled.as_deref().or(is_unpaid.then_some("the payment was given back"))
}

fn first(shop_order: &ShopOrder, contact: &ContactRef) -> Vec<Fact> {
    // What was sent before we heard of the order is not sent again. A line that is added to one that we know is.
    let line =
        |line: &ShopLine| ShopLine { ships: line.ships && !shop_order.is_sent, ..line.clone() };
    let received = Received {
        number: shop_order.number.clone(),
        placed_at: shop_order.placed_at,
        updated_at: shop_order.updated_at,
        test: shop_order.test,
        payment: shop_order.payment,
        currency: shop_order.currency,
        lines: shop_order.lines.iter().map(line).collect(),
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
    let order = Order::default().after(shop_order.updated_at, std::slice::from_ref(&received));
    let rest = match calls_off(shop_order) {
        Some(why) => cancel::request(&order, SHOP, why, Some(shop_order.updated_at)),
        None => elsewhere::notice(&order, shop_order.parcels.as_deref()),
    };
    std::iter::once(received).chain(rest).collect()
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
