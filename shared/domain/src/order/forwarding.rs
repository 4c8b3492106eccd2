//! Supplier forwarding: what is to be done with a fulfillment order, and what the supplier's reply makes of it.
//!
//! The intent to buy is a fact before anything is bought, also where the supplier knows idempotency keys: a
//! cancellation that comes in between must not believe that nothing was bought.

use jiff::{SignedDuration, Timestamp};

use crate::id::FulfillmentOrderId;
use crate::order::fact::Fact;
use crate::order::intent::Intent;
use crate::order::{Cancellation, FulfillmentOrder, Order, Stage, cancel};
use crate::settings::{Channel, Supplier};

/// Who found out, where no person did.
const LOOK_UP: &str = "look-up";

/// What the supplier is to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Nothing, now.
    Nothing,
    /// Nothing, until whoever put the intent on record is gone for sure.
    Wait,
    /// Buy.
    Submit,
    /// Nothing but to ask whether it has been bought: asked to buy again, the supplier would.
    LookUp,
    /// Nothing: whether it has been bought can't be asked. A person decides.
    Doubt,
    /// It is off: you did not answer in time.
    Withdraw,
    /// Please cancel.
    Cancel,
}

/// What must be on record before the supplier is told anything.
#[must_use]
pub fn begin(
    order: &Order,
    fulfillment_order_id: FulfillmentOrderId,
    supplier: &Supplier,
    now: Timestamp,
) -> Vec<Fact> {
    let Some(fulfillment_order) = order.fulfillment_orders.get(&fulfillment_order_id) else {
        return Vec::new();
    };
    let is_due = now >= fulfillment_order.planned.submit_at;
    if fulfillment_order.stage == Stage::Planned && is_due && may_submit(order) {
        return vec![Fact::SubmissionStarted { fulfillment_order_id }];
    }
    if fulfillment_order.stage == Stage::Submitted && fulfillment_order.answer_by.is_none() {
        // A person found out that the supplier has it; from then on it has to answer like any other.
        let answer_by = answer_by(supplier, now);
        return vec![Fact::Submitted { fulfillment_order_id, supplier_reference: None, answer_by }];
    }
    if is_overdue(fulfillment_order, now) {
        return vec![Fact::Overdue { fulfillment_order_id }];
    }
    lapsed(order, fulfillment_order, supplier, now)
}

/// Whether what is planned for the order may go to suppliers.
pub(super) fn may_submit(order: &Order) -> bool {
    order.is_live()
        && order.cancel_requested.is_none()
        && order.holds.is_empty()
        && order.is_screened()
}

/// Units that a supplier left open when it promised others: they lapse with its deadline, and what it promised stands.
fn lapsed(
    order: &Order,
    fulfillment_order: &FulfillmentOrder,
    supplier: &Supplier,
    now: Timestamp,
) -> Vec<Fact> {
    let units = fulfillment_order.unanswered();
    let is_open =
        fulfillment_order.stage == Stage::Submitted && has_promised(fulfillment_order, supplier);
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

/// Whether it said which units it ships. One with a system that shipped some, and never said so, may have promised the
/// others in an answer that got lost: nothing lapses before it was asked.
fn has_promised(fulfillment_order: &FulfillmentOrder, supplier: &Supplier) -> bool {
    let is_heard = fulfillment_order.ship_by.is_some();
    let can_be_asked = matches!(supplier.channel, Channel::Api { .. });
    let has_units = fulfillment_order.units.values().any(|progress| progress.accepted > 0);
    has_units && (is_heard || !can_be_asked)
}

fn is_silent(fulfillment_order: &FulfillmentOrder, now: Timestamp) -> bool {
    fulfillment_order.answer_by.is_some_and(|answer_by| now >= answer_by)
}

/// What the supplier is to be told in this state. `is_first` says whether the intent to buy was put on record just now:
/// one that was found may have been followed by a purchase whose outcome got lost, or is being bought under right now by
/// a delivery that takes less than `patience`.
#[must_use]
pub fn call(
    fulfillment_order: &FulfillmentOrder,
    supplier: &Supplier,
    is_first: bool,
    now: Timestamp,
    patience: SignedDuration,
) -> Call {
    let is_off = is_silent(fulfillment_order, now) && !has_promised(fulfillment_order, supplier);
    let is_open = !fulfillment_order.unshipped().is_empty();
    let may_be_bought =
        fulfillment_order.intent.is_some_and(|intent| intent.may_be_under_way(now, patience));
    match (fulfillment_order.stage, fulfillment_order.cancellation) {
        (Stage::Submitting, _) if is_first => Call::Submit,
        // A cancellation overtook the retry. The supplier refuses what was cancelled before it came.
        (Stage::Submitting, Cancellation::Requested) if has_system(supplier) => Call::Cancel,
        (Stage::Submitting, _) if drops_repeats(supplier) => Call::Submit,
        (Stage::Submitting, _) if may_be_bought => Call::Wait,
        (Stage::Submitting, _) if !has_system(supplier) => Call::Doubt,
        (Stage::Submitting, _) => Call::LookUp,
        (Stage::Submitted | Stage::Accepted, Cancellation::Requested) if is_open => Call::Cancel,
        (Stage::Submitted, _) if is_off => Call::Withdraw,
        _ => Call::Nothing,
    }
}

fn drops_repeats(supplier: &Supplier) -> bool {
    matches!(supplier.channel, Channel::Api { drops_repeats: true, .. })
}

fn has_system(supplier: &Supplier) -> bool {
    matches!(supplier.channel, Channel::Api { .. })
}

/// The supplier was asked, and has never had what this intent was for: it is bought under an intent of its own, which
/// one delivery alone can put on record.
#[must_use]
pub fn never_bought(
    order: &Order,
    fulfillment_order_id: FulfillmentOrderId,
    seen: Option<Intent>,
) -> Vec<Fact> {
    let Some(fulfillment_order) = order.fulfillment_orders.get(&fulfillment_order_id) else {
        return Vec::new();
    };
    // What was begun since then may be bought by now.
    if fulfillment_order.stage != Stage::Submitting || fulfillment_order.intent != seen {
        return Vec::new();
    }
    let why = "the supplier has never had it".to_owned();
    resolved(order, fulfillment_order, false, LOOK_UP, why)
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
    let answer_by = answer_by(supplier, now);
    vec![Fact::Submitted { fulfillment_order_id, supplier_reference, answer_by }]
}

/// The supplier knows that it is off. One with a system that promised it in the meantime has let go of that promise.
/// Whoever reads mails may have promised it before it read that it is off: that promise stands, and is found when it is
/// not kept.
#[must_use]
pub fn withdrawn(
    order: &Order,
    fulfillment_order_id: FulfillmentOrderId,
    supplier: &Supplier,
) -> Vec<Fact> {
    let Some(fulfillment_order) = order.fulfillment_orders.get(&fulfillment_order_id) else {
        return Vec::new();
    };
    match fulfillment_order.stage {
        Stage::Submitted => let_go(order, fulfillment_order),
        Stage::Accepted if has_system(supplier) => let_go(order, fulfillment_order),
        _ => Vec::new(),
    }
}

/// The supplier will not ship what it has not shipped yet: somebody else will, if anybody still waits for it.
pub(super) fn let_go(order: &Order, fulfillment_order: &FulfillmentOrder) -> Vec<Fact> {
    if order.cancel_requested.is_some() {
        return cancel::released(order, fulfillment_order);
    }
    let fulfillment_order_id = fulfillment_order.planned.fulfillment_order_id;
    let units = fulfillment_order.unshipped();
    if units.is_empty() { Vec::new() } else { vec![Fact::TimedOut { fulfillment_order_id, units }] }
}

/// The supplier was asked to let it go, and will answer later.
#[must_use]
pub fn asked(order: &Order, fulfillment_order_id: FulfillmentOrderId) -> Vec<Fact> {
    let Some(fulfillment_order) = order.fulfillment_orders.get(&fulfillment_order_id) else {
        return Vec::new();
    };
    let is_open = matches!(fulfillment_order.stage, Stage::Submitted | Stage::Accepted);
    if !is_open || fulfillment_order.cancellation == Cancellation::Asked {
        return Vec::new();
    }
    vec![Fact::CancelAsked { fulfillment_order_id }]
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

/// A person found out whether it was bought. What was not, and is not wanted any more, ends here.
#[must_use]
pub fn resolve(
    order: &Order,
    fulfillment_order_id: FulfillmentOrderId,
    bought: bool,
    by: &str,
    why: &str,
) -> Vec<Fact> {
    let Some(fulfillment_order) = order.fulfillment_orders.get(&fulfillment_order_id) else {
        return Vec::new();
    };
    if fulfillment_order.stage != Stage::InDoubt {
        return Vec::new();
    }
    resolved(order, fulfillment_order, bought, by, why.to_owned())
}

fn resolved(
    order: &Order,
    fulfillment_order: &FulfillmentOrder,
    bought: bool,
    by: &str,
    why: String,
) -> Vec<Fact> {
    let fulfillment_order_id = fulfillment_order.planned.fulfillment_order_id;
    let resolved = Fact::Resolved { fulfillment_order_id, bought, by: by.to_owned(), why };
    let is_off = !bought && order.cancel_requested.is_some();
    let released = if is_off { cancel::released(order, fulfillment_order) } else { Vec::new() };
    std::iter::once(resolved).chain(released).collect()
}

fn answer_by(supplier: &Supplier, now: Timestamp) -> Timestamp {
    now + SignedDuration::from_mins(supplier.answer_within_minutes.into())
}

fn is_overdue(fulfillment_order: &FulfillmentOrder, now: Timestamp) -> bool {
    let is_late = fulfillment_order.ship_by.is_some_and(|ship_by| now >= ship_by);
    is_late && !fulfillment_order.overdue && !fulfillment_order.unshipped().is_empty()
}
