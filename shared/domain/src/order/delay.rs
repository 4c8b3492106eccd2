//! Delays: what was expected at the customer's by a day, and is not there.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::id::{FulfillmentOrderId, OrderId};
use crate::message::Message;
use crate::order::fact::Fact;
use crate::order::next::Owed;
use crate::order::{FulfillmentOrder, Order, Stage};

/// How long after the end of a day, by UTC, it has ended everywhere, and scans of that day have been heard of.
const DAY_ENDS_LATE: SignedDuration = SignedDuration::from_hours(12);

/// The last day on which a fulfillment order may arrive, as routing promised it.
#[must_use]
pub fn expected_on(fulfillment_order: &FulfillmentOrder) -> Date {
    fulfillment_order.planned.arrives.1
}

/// Whether the customer still waits for something of it that its supplier is to ship, or has.
#[must_use]
pub fn is_awaited(order: &Order, fulfillment_order_id: FulfillmentOrderId) -> bool {
    let Some(known) = order.fulfillment_orders.get(&fulfillment_order_id) else { return false };
    let parcels = order.parcels.values();
    let mut own = parcels.filter(|parcel| parcel.fulfillment_order_id == fulfillment_order_id);
    matches!(known.stage, Stage::Submitted | Stage::Accepted)
        && (!known.unshipped().is_empty() || own.any(super::Parcel::is_moving))
}

/// It did not arrive by the day on which it was expected. On record once.
#[must_use]
pub fn note(order: &Order, fulfillment_order_id: FulfillmentOrderId, now: Timestamp) -> Vec<Fact> {
    let known = order.fulfillment_orders.get(&fulfillment_order_id);
    let late = known.filter(|known| {
        is_late_from(known).is_some_and(|from| now >= from)
            && is_awaited(order, fulfillment_order_id)
    });
    let delayed = |known: &FulfillmentOrder| Fact::Delayed {
        fulfillment_order_id,
        expected_on: expected_on(known),
    };
    late.map(delayed).into_iter().collect()
}

/// From when on it is late; none once that is on record.
fn is_late_from(fulfillment_order: &FulfillmentOrder) -> Option<Timestamp> {
    let next_day = expected_on(fulfillment_order).checked_add(1.day()).ok()?;
    let midnight = next_day.to_zoned(TimeZone::UTC).ok()?.timestamp();
    (!fulfillment_order.delayed).then(|| midnight + DAY_ENDS_LATE)
}

/// When the clock has to look whether it is there.
pub(super) fn owed(order_id: &OrderId, order: &Order) -> Vec<Owed> {
    let awaited = order.fulfillment_orders.iter().filter(|(id, _)| is_awaited(order, **id));
    let owed = |(id, known): (&FulfillmentOrderId, &FulfillmentOrder)| {
        let (order_id, fulfillment_order_id) = (order_id.clone(), *id);
        let message = Message::NoteDelay { order_id, fulfillment_order_id };
        Some(Owed { not_before: is_late_from(known)?, end: "delay", message })
    };
    awaited.filter_map(owed).collect()
}
