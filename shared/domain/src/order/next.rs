//! What an order's state calls for: the one place that says who is to do something, and from when on.

use jiff::{SignedDuration, Timestamp};

use crate::catalog::{Movement, StockChange, StockKey};
use crate::id::{FulfillmentOrderId, OrderId};
use crate::message::{Message, ParcelRef};
use crate::order::fact::{Fact, Hold, RejectReason, Units};
use crate::order::{
    Cancellation, FulfillmentOrder, Order, Stage, address_change, delay, documents, forwarding,
    push_back, refund, returns, tracking,
};
use crate::settings::Tracking;

/// How long after a hold or a backorder the catalogue is looked at again, should its change not have woken the order.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_mins(15);

/// The end of a message that only looks whether the catalogue has changed: nothing that happened to the order calls for
/// it, and most of them bring nothing about. The clock alone sends it.
pub const LOOK_AGAIN_END: &str = "look again";

/// The end of a message that only stops asking for a parcel. It needs no time of its own in the views: the parcel is asked
/// for round by round, and whoever asks stops when it is time.
pub const STOP_END: &str = "stop";

/// A message that the state calls for, and from when on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// Not before this.
    pub not_before: Timestamp,
    /// What it is to bring about. One message can serve several ends, one after the other: a fulfillment order is
    /// submitted, then cancelled; a shop is told that a parcel left, then that it arrived.
    pub end: &'static str,
    /// Safe to send twice.
    pub message: Message,
}

/// Everything that the order's state calls for. Empty for an order that waits for someone else, or for nothing.
#[must_use]
pub fn next(order_id: &OrderId, order: &Order) -> Vec<Owed> {
    let Some(changed_at) = order.changed_at else {
        return Vec::new();
    };
    let mut owed: Vec<Owed> = Vec::new();
    owed.extend(next_step(order_id, order, changed_at));
    for (fulfillment_order_id, fulfillment_order) in &order.fulfillment_orders {
        if let Some((end, not_before)) = supplier_is_due(order, fulfillment_order, changed_at) {
            let fulfillment_order_id = *fulfillment_order_id;
            let message =
                Message::ForwardOrder { order_id: order_id.clone(), fulfillment_order_id };
            owed.push(Owed { not_before, end, message });
        }
    }
    owed.extend(delay::owed(order_id, order));
    for (parcel_id, parcel) in &order.parcels {
        if let Some((end, not_before)) = tracking_is_due(parcel) {
            let parcels =
                vec![ParcelRef { order_id: order_id.clone(), parcel_id: Some(*parcel_id) }];
            owed.push(Owed { not_before, end, message: Message::TrackParcels { parcels } });
        }
        if let Some(milestone) = push_back::owed(parcel) {
            let message = Message::UpdateShop { order_id: order_id.clone(), parcel_id: *parcel_id };
            let not_before = push_back::due_at(parcel, milestone, changed_at);
            owed.push(Owed { not_before, end: milestone.name(), message });
        }
    }
    for (request, amendment) in order.numbered_amendments() {
        if let Some(verdict) = amendment.owed(order) {
            let message = Message::AnswerShop { order_id: order_id.clone(), request };
            owed.push(Owed { not_before: changed_at, end: verdict.name(), message });
        }
    }
    owed.extend(returns::owed(order_id, order, changed_at));
    owed.extend(refund::owed(order_id, order, changed_at));
    for document in documents::owed(order) {
        let message = Message::ArchiveDocument { order_id: order_id.clone(), document };
        owed.push(Owed { not_before: changed_at, end: "archive", message });
    }
    owed
}

/// Mapping, screening, routing: one after the other, for orders that may go on.
fn next_step(order_id: &OrderId, order: &Order, changed_at: Timestamp) -> Option<Owed> {
    if !order.is_live() || order.cancel_requested.is_some() {
        return None;
    }
    let order_id = order_id.clone();
    if !order.is_mapped() {
        let held = order.holds.get(&Hold::UnmappedSku);
        let look = |standing: &super::Standing| (LOOK_AGAIN_END, standing.since + LOOK_AGAIN);
        let (end, not_before) = held.map_or(("map", changed_at), look);
        return Some(Owed { not_before, end, message: Message::MapSkus { order_id } });
    }
    if !order.is_screened() {
        return Some(Owed {
            not_before: changed_at,
            end: "screen",
            message: Message::ScreenOrder { order_id },
        });
    }
    let is_open = order.items().any(|item| order.unallocated(item) > 0);
    if !is_open || !order.holds.is_empty() {
        return None;
    }
    let is_waiting = |item: &super::fact::Item| {
        let backordered =
            order.backorders.get(&item.id).map_or(0, |backordered| backordered.quantity);
        order.unallocated(item) <= backordered
    };
    let since = order.backorders.values().map(|backordered| backordered.since).max();
    let (end, not_before) = match since {
        Some(since) if order.items().all(is_waiting) => (LOOK_AGAIN_END, since + LOOK_AGAIN),
        _ => ("route", changed_at),
    };
    Some(Owed { not_before, end, message: Message::RouteOrder { order_id } })
}

/// When the supplier has to be told something, or asked why it is silent.
fn supplier_is_due(
    order: &Order,
    fulfillment_order: &FulfillmentOrder,
    changed_at: Timestamp,
) -> Option<(&'static str, Timestamp)> {
    let is_moved = address_change::wanted(order, fulfillment_order).is_some();
    match (fulfillment_order.stage, fulfillment_order.cancellation) {
        (Stage::Planned, _) if forwarding::may_submit(order) => {
            Some((attempt(fulfillment_order.attempts), fulfillment_order.planned.submit_at))
        }
        (Stage::Submitting, _) => {
            Some((attempt(fulfillment_order.attempts.saturating_sub(1)), changed_at))
        }
        (Stage::Submitted | Stage::Accepted, Cancellation::Requested)
            if !fulfillment_order.unshipped().is_empty() =>
        {
            Some(("cancel", changed_at))
        }
        (Stage::Submitted | Stage::Accepted, _) if is_moved => Some(("readdress", changed_at)),
        // No deadline yet: a person found out that the supplier has it.
        (Stage::Submitted, _) => {
            Some(("withdraw", fulfillment_order.answer_by.unwrap_or(changed_at)))
        }
        (Stage::Accepted, _)
            if !fulfillment_order.overdue && !fulfillment_order.unshipped().is_empty() =>
        {
            Some(("chase", fulfillment_order.ship_by?))
        }
        _ => None,
    }
}

/// What a submission is called that follows so many that came to nothing: one is no repetition of the one before it.
fn attempt(before: u32) -> &'static str {
    if before.is_multiple_of(2) { "submit" } else { "submit again" }
}

/// It is registered at once, and under each number that it is given; the last look is due when nobody asks any more. Those
/// between come round by themselves, see [`crate::views::poll_bucket`], and the first of them registers what is not.
fn tracking_is_due(parcel: &super::Parcel) -> Option<(&'static str, Timestamp)> {
    if !parcel.is_moving() {
        return None;
    }
    if parcel.registered {
        return Some((STOP_END, tracking::gives_up_at(parcel, &Tracking::default())));
    }
    let is_even = parcel.former_numbers.len().is_multiple_of(2);
    Some((if is_even { "register" } else { "register again" }, parcel.shipped_at))
}

/// What facts do to stock. It is appended in one transaction with them, so that no decision can forget it.
#[must_use]
pub fn stock_changes(order: &Order, facts: &[Fact]) -> Vec<StockChange> {
    let changes = facts.iter().flat_map(|fact| match fact {
        Fact::Routed(routed) => {
            let plans = routed.fulfillment_orders.iter();
            plans.flat_map(|planned| each_share(planned, None, Movement::Reserve)).collect()
        }
        Fact::Rejected { fulfillment_order_id, units, reason, .. } => {
            let is_gone = matches!(reason, RejectReason::OutOfStock | RejectReason::Discontinued);
            let movement = if is_gone { Movement::Consume } else { Movement::Release };
            of_units(order, *fulfillment_order_id, units, movement)
        }
        Fact::TimedOut { fulfillment_order_id, units }
        | Fact::Withdrawn { fulfillment_order_id, units } => {
            of_units(order, *fulfillment_order_id, units, Movement::Release)
        }
        Fact::Shipped { fulfillment_order_id, units, .. } => {
            of_units(order, *fulfillment_order_id, units, Movement::Consume)
        }
        Fact::Return(fact) => returns::stock_changes(fact),
        _ => Vec::new(),
    });
    merge(changes)
}

fn of_units(
    order: &Order,
    id: FulfillmentOrderId,
    units: &[Units],
    movement: Movement,
) -> Vec<StockChange> {
    let planned = order.fulfillment_orders.get(&id).map(|known| &known.planned);
    planned.map_or_else(Vec::new, |planned| each_share(planned, Some(units), movement))
}

fn each_share(
    planned: &super::fact::Planned,
    units: Option<&[Units]>,
    movement: Movement,
) -> Vec<StockChange> {
    let change = |share: &super::fact::Share| {
        let quantity = match units {
            None => share.quantity,
            Some(units) => units
                .iter()
                .filter(|units| units.item == share.item)
                .map(|units| units.quantity)
                .sum(),
        };
        let key = StockKey {
            supplier: planned.supplier.clone(),
            location: planned.location.clone(),
            supplier_sku: share.supplier_sku.clone(),
        };
        StockChange { key, movement, quantity }
    };
    planned.shares.iter().map(change).filter(|change| change.quantity > 0).collect()
}

/// A transaction may touch an item once: changes of one counter become one.
fn merge(changes: impl Iterator<Item = StockChange>) -> Vec<StockChange> {
    let mut merged: Vec<StockChange> = Vec::new();
    for change in changes {
        let is_same =
            |known: &&mut StockChange| known.key == change.key && known.movement == change.movement;
        match merged.iter_mut().find(is_same) {
            Some(known) => known.quantity += change.quantity,
            None => merged.push(change),
        }
    }
    merged
}
