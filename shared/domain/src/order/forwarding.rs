//! Supplier forwarding: what is to be done with a fulfillment order, and what the supplier's reply makes of it.
//!
//! The intent to buy is a fact before anything is bought, also where the supplier knows idempotency keys: a
//! cancellation that comes in between must not believe that nothing was bought.

use jiff::{SignedDuration, Timestamp};

use crate::id::FulfillmentOrderId;
use crate::order::fact::Fact;
use crate::order::{Cancellation, FulfillmentOrder, Order, Stage, cancel};
use crate::settings::Supplier;

/// What the supplier is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Nothing, now.
    Nothing,
    /// Buy.
    Submit,
    /// It is off: you did not answer in time.
    Withdraw,
    /// Please cancel.
    Cancel,
}

/// What must be on record before the supplier is told anything.
#[must_use]
pub fn begin(order: &Order, fulfillment_order_id: FulfillmentOrderId, now: Timestamp) -> Vec<Fact> {
    let Some(fulfillment_order) = order.fulfillment_orders.get(&fulfillment_order_id) else {
        return Vec::new();
    };
    let is_due = now >= fulfillment_order.planned.submit_at;
    if fulfillment_order.stage == Stage::Planned
        && is_due
        && order.is_live()
        && order.holds.is_empty()
    {
        return vec![Fact::SubmissionStarted { fulfillment_order_id }];
    }
    if is_overdue(fulfillment_order, now) {
        return vec![Fact::Overdue { fulfillment_order_id }];
    }
    lapsed(order, fulfillment_order, now)
}

/// Units that a supplier left open when it promised others: they lapse with its deadline, and what it promised stands.
fn lapsed(order: &Order, fulfillment_order: &FulfillmentOrder, now: Timestamp) -> Vec<Fact> {
    let units = fulfillment_order.unanswered();
    let is_open = fulfillment_order.stage == Stage::Submitted && has_promised(fulfillment_order);
    if !is_open || !is_silent(fulfillment_order, now) || units.is_empty() {
        return Vec::new();
    }
    let fulfillment_order_id = fulfillment_order.planned.fulfillment_order_id;
    match &order.cancel_requested {
        None => vec![Fact::TimedOut { fulfillment_order_id, units }],
        Some(why) => {
            let cancelled = Fact::Cancelled { units: units.clone(), why: why.clone() };
            vec![Fact::Withdrawn { fulfillment_order_id, units }, cancelled]
        }
    }
}

fn has_promised(fulfillment_order: &FulfillmentOrder) -> bool {
    fulfillment_order.units.values().any(|progress| progress.accepted > 0)
}

fn is_silent(fulfillment_order: &FulfillmentOrder, now: Timestamp) -> bool {
    fulfillment_order.answer_by.is_some_and(|answer_by| now >= answer_by)
}

/// What the supplier is to be told in this state.
#[must_use]
pub fn call(fulfillment_order: &FulfillmentOrder, now: Timestamp) -> Call {
    let is_off = is_silent(fulfillment_order, now) && !has_promised(fulfillment_order);
    match (fulfillment_order.stage, fulfillment_order.cancellation) {
        (Stage::Submitting, _) => Call::Submit,
        (Stage::Submitted | Stage::Accepted, Cancellation::Requested) => Call::Cancel,
        (Stage::Submitted, Cancellation::None | Cancellation::Rejected) if is_off => Call::Withdraw,
        _ => Call::Nothing,
    }
}

/// The supplier took it.
#[must_use]
pub fn submitted(
    order: &Order,
    fulfillment_order_id: FulfillmentOrderId,
    supplier: &Supplier,
    supplier_reference: Option<String>,
    now: Timestamp,
) -> Vec<Fact> {
    let is_open = order
        .fulfillment_orders
        .get(&fulfillment_order_id)
        .is_some_and(|known| matches!(known.stage, Stage::Submitting | Stage::InDoubt));
    if !is_open {
        return Vec::new();
    }
    let answer_by = now + SignedDuration::from_mins(supplier.answer_within_minutes.into());
    vec![Fact::Submitted { fulfillment_order_id, supplier_reference, answer_by }]
}

/// The supplier knows that it is off: what it never promised is routed again, elsewhere.
#[must_use]
pub fn withdrawn(order: &Order, fulfillment_order_id: FulfillmentOrderId) -> Vec<Fact> {
    let Some(fulfillment_order) = order.fulfillment_orders.get(&fulfillment_order_id) else {
        return Vec::new();
    };
    let units = fulfillment_order.unshipped();
    if fulfillment_order.stage != Stage::Submitted || units.is_empty() {
        return Vec::new();
    }
    if order.cancel_requested.is_some() {
        return cancel::released(order, fulfillment_order);
    }
    vec![Fact::TimedOut { fulfillment_order_id, units }]
}

/// Nobody can tell whether the supplier has it: the intent stands, the outcome is missing, and it can't be asked.
#[must_use]
pub fn doubted(order: &Order, fulfillment_order_id: FulfillmentOrderId, detail: &str) -> Vec<Fact> {
    let stage = order.fulfillment_orders.get(&fulfillment_order_id).map(|known| known.stage);
    if stage != Some(Stage::Submitting) {
        return Vec::new();
    }
    vec![Fact::InDoubt { fulfillment_order_id, detail: detail.to_owned() }]
}

/// A person found out whether it was bought.
#[must_use]
pub fn resolve(
    order: &Order,
    fulfillment_order_id: FulfillmentOrderId,
    bought: bool,
    by: &str,
    why: &str,
) -> Vec<Fact> {
    let stage = order.fulfillment_orders.get(&fulfillment_order_id).map(|known| known.stage);
    if stage != Some(Stage::InDoubt) {
        return Vec::new();
    }
    vec![Fact::Resolved { fulfillment_order_id, bought, by: by.to_owned(), why: why.to_owned() }]
}

fn is_overdue(fulfillment_order: &FulfillmentOrder, now: Timestamp) -> bool {
    let is_late = fulfillment_order.ship_by.is_some_and(|ship_by| now >= ship_by);
    is_late && !fulfillment_order.overdue && !fulfillment_order.unshipped().is_empty()
}
