//! What of an order does not come any more, as its customer sees it.

use std::collections::BTreeMap;

use crate::id::ItemId;
use crate::order::Order;
use crate::order::fact::Item;
use crate::order::phase::{Phase, phase};

/// Units that were bought, or granted as a replacement, and do not come any more, per item: none is 0. What came and was
/// given back is not among them.
#[must_use]
pub fn units(order: &Order) -> BTreeMap<ItemId, u32> {
    let missing = |item: &Item| {
        let peak = order.peaks.get(&item.id.line).copied().unwrap_or(0);
        let replaced = order.replaced.get(&item.id).copied().unwrap_or(0);
        let bought = peak.saturating_mul(item.per_unit).saturating_add(replaced);
        (item.id.clone(), bought.saturating_sub(coming(order, item)))
    };
    order.items().map(missing).filter(|(_, quantity)| *quantity > 0).collect()
}

/// Whether nothing of it comes.
#[must_use]
pub fn is_whole(order: &Order) -> bool {
    let is_empty = order.items().all(|item| coming(order, item) == 0);
    let has_lost_all = order.is_mapped() && is_empty && !units(order).is_empty();
    has_lost_all || phase(order) == Phase::Cancelled
}

/// Whether a supplier was to cancel and nobody knows yet what comes of it.
#[must_use]
pub fn is_undecided(order: &Order) -> bool {
    // Who was asked because they were silent makes room for another one.
    order.cancel_requested.is_some()
        && order
            .fulfillment_orders
            .values()
            .any(|known| known.is_leaving() && !known.unshipped().is_empty())
}

/// Units of an item that came, or still come.
fn coming(order: &Order, item: &Item) -> u32 {
    order.allocated(&item.id) + order.unallocated(item)
}
