//! What a supplier says of a fulfillment order, by whatever way it came: its API's reply, a signed call, a link in a mail.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::id::FulfillmentOrderId;
use crate::order::fact::{Fact, Label, RejectReason, Units};
use crate::order::{Cancellation, FulfillmentOrder, Order, Progress, Stage, cancel};
use crate::settings::Supplier;

/// One answer. An empty list of lines means all that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It will ship these.
    Accepted { lines: Vec<AnswerLine> },
    /// It will not ship these.
    Rejected { lines: Vec<AnswerLine>, reason: RejectReason, detail: String },
    /// It handed these to a carrier.
    Shipped {
        lines: Vec<AnswerLine>,
        carrier: String,
        number: String,
        ship_date: Date,
        label: Option<Label>,
    },
    /// It will not ship what it was asked to cancel.
    CancelAccepted,
    /// It ships all the same.
    CancelRejected { why: String },
}

/// Units of the supplier's own article number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerLine {
    /// The supplier's number.
    pub supplier_sku: String,
    /// How many.
    pub quantity: u32,
}

/// Why an answer can't be taken. Each names what is wrong, for the supplier to read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// We never asked this supplier for it.
    #[error("reference: we know no such fulfillment order of yours")]
    Unknown,
    /// It is off; shipping it now would ship it twice.
    #[error("reference: this fulfillment order was withdrawn; do not ship it")]
    Withdrawn,
    /// Not one of its articles.
    #[error("lines: `{0}` is not part of this fulfillment order")]
    ForeignSku(String),
    /// More than is open.
    #[error("lines: {quantity} of `{supplier_sku}` are more than the {open} that are open")]
    TooMany {
        /// Of what.
        supplier_sku: String,
        /// How many the supplier said.
        quantity: u32,
        /// How many it could be.
        open: u32,
    },
    /// Nobody asked for a cancellation.
    #[error("type: nobody asked you to cancel this fulfillment order")]
    NotAsked,
}

/// Takes an answer. One that was taken before changes nothing.
///
/// # Errors
/// When it does not fit what we asked for; nothing is changed then.
pub fn record(
    order: &Order,
    fulfillment_order_id: FulfillmentOrderId,
    supplier: &Supplier,
    answer: &Answer,
    now: Timestamp,
) -> Result<Vec<Fact>, Refusal> {
    let fulfillment_order =
        order.fulfillment_orders.get(&fulfillment_order_id).ok_or(Refusal::Unknown)?;
    if *fulfillment_order.supplier() != supplier.id || fulfillment_order.stage == Stage::Planned {
        return Err(Refusal::Unknown);
    }
    if is_repeated(order, fulfillment_order_id, fulfillment_order, answer) {
        return Ok(Vec::new());
    }
    if fulfillment_order.stage == Stage::Closed && !matches!(answer, Answer::CancelRejected { .. })
    {
        return Err(Refusal::Withdrawn);
    }
    // Whoever answers has it, even if the reply to our submission was lost.
    let mut facts = super::forwarding::submitted(order, fulfillment_order_id, supplier, None, now);
    match answer {
        Answer::Accepted { lines } => {
            let units = units(fulfillment_order, lines, |progress| {
                progress.active().saturating_sub(progress.accepted)
            })?;
            let ship_by = now + SignedDuration::from_mins(supplier.ship_within_minutes.into());
            facts.push(Fact::Accepted { fulfillment_order_id, units, ship_by });
        }
        Answer::Rejected { lines, reason, detail } => {
            let units = units(fulfillment_order, lines, Progress::unshipped)?;
            facts.extend(rejected(order, fulfillment_order, units, *reason, detail));
        }
        Answer::Shipped { lines, carrier, number, ship_date, label } => {
            let units = units(fulfillment_order, lines, Progress::unshipped)?;
            facts.push(Fact::Shipped {
                parcel_id: order.next_parcel_id(),
                fulfillment_order_id,
                carrier: carrier.clone(),
                number: number.clone(),
                ship_date: *ship_date,
                units,
                label: label.clone(),
            });
        }
        Answer::CancelAccepted => facts.extend(cancel_accepted(order, fulfillment_order)?),
        Answer::CancelRejected { why } => {
            if !is_asked(fulfillment_order) {
                return Err(Refusal::NotAsked);
            }
            facts.push(Fact::CancelRejected { fulfillment_order_id, why: why.clone() });
        }
    }
    Ok(facts)
}

/// Units that a supplier gives back: routed elsewhere, or cancelled if the order is to be cancelled anyway.
fn rejected(
    order: &Order,
    fulfillment_order: &FulfillmentOrder,
    units: Vec<Units>,
    reason: RejectReason,
    detail: &str,
) -> Vec<Fact> {
    let fulfillment_order_id = fulfillment_order.planned.fulfillment_order_id;
    if let Some(why) = &order.cancel_requested {
        let why = why.clone();
        return vec![
            Fact::Withdrawn { fulfillment_order_id, units: units.clone() },
            Fact::Cancelled { units, why },
        ];
    }
    vec![Fact::Rejected { fulfillment_order_id, units, reason, detail: detail.to_owned() }]
}

fn cancel_accepted(
    order: &Order,
    fulfillment_order: &FulfillmentOrder,
) -> Result<Vec<Fact>, Refusal> {
    if !is_asked(fulfillment_order) {
        return Err(Refusal::NotAsked);
    }
    Ok(cancel::released(order, fulfillment_order))
}

fn is_asked(fulfillment_order: &FulfillmentOrder) -> bool {
    matches!(fulfillment_order.cancellation, Cancellation::Requested | Cancellation::Asked)
}

/// Whether the same answer was taken before, as far as its effect can tell.
fn is_repeated(
    order: &Order,
    fulfillment_order_id: FulfillmentOrderId,
    fulfillment_order: &FulfillmentOrder,
    answer: &Answer,
) -> bool {
    let all = |is_so: fn(&Progress) -> bool| fulfillment_order.units.values().all(is_so);
    match answer {
        Answer::Accepted { lines } => {
            let is_whole =
                lines.is_empty() || covers(fulfillment_order, lines, |progress| progress.accepted);
            is_whole && fulfillment_order.stage == Stage::Accepted
        }
        Answer::Rejected { lines, .. } => {
            let is_same =
                lines.is_empty() || covers(fulfillment_order, lines, |progress| progress.returned);
            is_same && fulfillment_order.units.values().any(|progress| progress.returned > 0)
        }
        // A number is one parcel's within a fulfillment order, whatever else the repeated answer says.
        Answer::Shipped { carrier, number, ship_date, .. } => {
            order.parcels.values().any(|parcel| {
                parcel.fulfillment_order_id == fulfillment_order_id
                    && parcel.carrier == *carrier
                    && parcel.number == *number
                    && parcel.ship_date == *ship_date
            })
        }
        Answer::CancelAccepted => {
            fulfillment_order.stage == Stage::Closed && all(|progress| progress.unshipped() == 0)
        }
        Answer::CancelRejected { .. } => fulfillment_order.cancellation == Cancellation::Rejected,
    }
}

/// Whether so many of each line already are in the state that the answer asks for.
fn covers(
    fulfillment_order: &FulfillmentOrder,
    lines: &[AnswerLine],
    count: fn(&Progress) -> u32,
) -> bool {
    let counted = |supplier_sku: &str| -> u32 {
        let shares = fulfillment_order
            .planned
            .shares
            .iter()
            .filter(|share| share.supplier_sku == supplier_sku);
        shares.filter_map(|share| fulfillment_order.units.get(&share.item)).map(count).sum()
    };
    lines.iter().all(|line| counted(&line.supplier_sku) == line.quantity)
}

/// Turns the supplier's article numbers into our items, as far as they are open. Two items may be of one number.
fn units(
    fulfillment_order: &FulfillmentOrder,
    lines: &[AnswerLine],
    open: fn(Progress) -> u32,
) -> Result<Vec<Units>, Refusal> {
    let shares = &fulfillment_order.planned.shares;
    let open_units = |item| fulfillment_order.units.get(item).copied().map_or(0, open);
    if lines.is_empty() {
        let all = shares
            .iter()
            .map(|share| Units { item: share.item.clone(), quantity: open_units(&share.item) });
        let all: Vec<Units> = all.filter(|units| units.quantity > 0).collect();
        return if all.is_empty() { Err(Refusal::Withdrawn) } else { Ok(all) };
    }
    let mut units: Vec<Units> = Vec::new();
    for line in lines {
        let mut left = line.quantity;
        let of_line: Vec<_> =
            shares.iter().filter(|share| share.supplier_sku == line.supplier_sku).collect();
        if of_line.is_empty() {
            return Err(Refusal::ForeignSku(line.supplier_sku.clone()));
        }
        for share in &of_line {
            let taken: u32 = units
                .iter()
                .filter(|units| units.item == share.item)
                .map(|units| units.quantity)
                .sum();
            let quantity = left.min(open_units(&share.item).saturating_sub(taken));
            if quantity > 0 {
                units.push(Units { item: share.item.clone(), quantity });
                left -= quantity;
            }
        }
        if left > 0 {
            let open = of_line.iter().map(|share| open_units(&share.item)).sum();
            let supplier_sku = line.supplier_sku.clone();
            return Err(Refusal::TooMany { supplier_sku, quantity: line.quantity, open });
        }
    }
    Ok(units)
}
