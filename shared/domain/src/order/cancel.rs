//! Cancelling: at once what no supplier has, by a handshake what one has.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::id::{FulfillmentOrderId, ItemId};
use crate::order::fact::{Fact, LineQuantity, Units};
use crate::order::{FulfillmentOrder, Order, Stage, refund};

/// Cancels the whole order as far as it can be: units that no supplier has are cancelled at once, suppliers that have
/// some are to be asked, and what is in a parcel stays on its way.
#[must_use]
pub fn request(order: &Order, by: &str, why: &str, updated_at: Option<Timestamp>) -> Vec<Fact> {
    if order.cancel_requested.is_some() {
        return Vec::new();
    }
    let mut facts =
        vec![Fact::CancelRequested { by: by.to_owned(), why: why.to_owned(), updated_at }];
    let mut cancelled: BTreeMap<ItemId, u32> = BTreeMap::new();
    for item in order.items() {
        add(&mut cancelled, &item.id, order.unallocated(item));
    }
    for (fulfillment_order_id, fulfillment_order) in &order.fulfillment_orders {
        let units = fulfillment_order.unshipped();
        if units.is_empty() {
            continue;
        }
        if fulfillment_order.stage == Stage::Planned {
            for units in &units {
                add(&mut cancelled, &units.item, units.quantity);
            }
            facts.push(Fact::Withdrawn { fulfillment_order_id: *fulfillment_order_id, units });
        } else if !fulfillment_order.is_leaving() {
            // Who did not let go of it when it was late is asked once more: now the customer wants it so.
            facts.push(Fact::CancelWanted { fulfillment_order_id: *fulfillment_order_id });
        }
    }
    facts.extend(cancelled_fact(cancelled, why));
    facts
}

/// Takes out of every fulfillment order that rests before its submission what is in it; it is routed again.
#[must_use]
pub fn unplan(order: &Order) -> Vec<Fact> {
    let resting =
        order.fulfillment_orders.iter().filter(|(_, known)| known.stage == Stage::Planned);
    let withdraw = |(id, known): (&FulfillmentOrderId, &FulfillmentOrder)| Fact::Withdrawn {
        fulfillment_order_id: *id,
        units: known.unshipped(),
    };
    resting.map(withdraw).collect()
}

/// Takes out of fulfillment orders what lines have too many of, as long as it rests before its submission. What a
/// supplier has is not stopped for a part of a line: the shop is told that it is too late.
#[must_use]
pub fn shrink(order: &Order, lines: &[LineQuantity]) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut withdrawn: BTreeMap<_, BTreeMap<ItemId, u32>> = BTreeMap::new();
    for line in lines {
        let mut late_units = 0;
        for item in order.items().filter(|item| item.id.line == line.line_id) {
            // Units in a fulfillment order beyond what is wanted; those in none just stop being wanted.
            let explained = refund::explained(order, &line.line_id, line.quantity);
            let wanted = order.ordered_if(item, line.quantity, explained);
            let mut surplus = order.allocated(&item.id).saturating_sub(wanted);
            for (fulfillment_order_id, fulfillment_order) in &order.fulfillment_orders {
                let taken = surplus.min(planned_units(fulfillment_order, &item.id));
                add(withdrawn.entry(*fulfillment_order_id).or_default(), &item.id, taken);
                surplus -= taken;
            }
            late_units = late_units.max(surplus.div_ceil(item.per_unit));
        }
        if late_units > 0 {
            let why = "a supplier has them already".to_owned();
            facts.push(Fact::EditRefused {
                line_id: line.line_id.clone(),
                quantity: late_units,
                why,
            });
        }
    }
    for (fulfillment_order_id, units) in
        withdrawn.into_iter().filter(|(_, units)| !units.is_empty())
    {
        facts.push(Fact::Withdrawn { fulfillment_order_id, units: as_units(units) });
    }
    facts
}

/// What follows when a supplier has let go of everything that is not shipped: the units are cancelled with it.
#[must_use]
pub fn released(order: &Order, fulfillment_order: &FulfillmentOrder) -> Vec<Fact> {
    let units = fulfillment_order.unshipped();
    if units.is_empty() {
        return Vec::new();
    }
    let why =
        order.cancel_requested.clone().unwrap_or_else(|| "cancelled by the supplier".to_owned());
    let fulfillment_order_id = fulfillment_order.planned.fulfillment_order_id;
    vec![
        Fact::Withdrawn { fulfillment_order_id, units: units.clone() },
        Fact::Cancelled { units, why },
    ]
}

fn planned_units(fulfillment_order: &FulfillmentOrder, item: &ItemId) -> u32 {
    match fulfillment_order.stage {
        Stage::Planned => {
            fulfillment_order.units.get(item).map_or(0, |progress| progress.unshipped())
        }
        _ => 0,
    }
}

fn cancelled_fact(cancelled: BTreeMap<ItemId, u32>, why: &str) -> Option<Fact> {
    let units = as_units(cancelled);
    (!units.is_empty()).then(|| Fact::Cancelled { units, why: why.to_owned() })
}

fn as_units(quantities: BTreeMap<ItemId, u32>) -> Vec<Units> {
    quantities.into_iter().map(|(item, quantity)| Units { item, quantity }).collect()
}

fn add(quantities: &mut BTreeMap<ItemId, u32>, item: &ItemId, quantity: u32) {
    if quantity > 0 {
        *quantities.entry(item.clone()).or_default() += quantity;
    }
}
