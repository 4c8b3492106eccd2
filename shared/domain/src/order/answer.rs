//! What a supplier says of a fulfillment order, by whatever way it came: its API's reply, a signed call, a link in a mail.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::id::{FulfillmentOrderId, ItemId};
use crate::order::fact::{Fact, Label, RejectReason, Units};
use crate::order::{
    Cancellation, FulfillmentOrder, Order, Progress, Stage, address_change, number,
};
use crate::settings::Supplier;

/// One answer. An empty list of lines means all that is open. Of what it accepts and what it rejects, lines say how many
/// in all, so that the same said twice is the same; each shipment counts for itself.
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
    /// The number that it gave a parcel was wrong; it is this one. Lines are what is in it, should we not know it yet.
    Corrected {
        replaces: String,
        lines: Vec<AnswerLine>,
        carrier: String,
        number: String,
        ship_date: Date,
    },
    /// It ships to the address that it was told later.
    AddressChanged { change: u32 },
    /// It ships to the address that it had before.
    AddressRefused { change: u32, why: String },
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
    /// There is nothing left in it to say this of.
    #[error("lines: nothing of this fulfillment order is open any more")]
    NothingOpen,
    /// Nobody told it of such an address, or it answered otherwise before.
    #[error("change: no such change of the address waits for your answer")]
    NoSuchAddress,
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
    if fulfillment_order.stage == Stage::Closed {
        return Err(Refusal::Withdrawn);
    }
    // Whoever answers has it, even if the reply to our submission was lost.
    let mut facts = super::forwarding::submitted(order, fulfillment_order_id, supplier, None, now);
    match answer {
        Answer::Accepted { lines } => {
            let units = units(fulfillment_order, lines, Tally::ACCEPTED)?;
            facts.extend(accepted(fulfillment_order_id, units, supplier, now));
        }
        Answer::Rejected { lines, reason, detail } => {
            let units = units(fulfillment_order, lines, Tally::RETURNED)?;
            if units.is_empty() && lines.is_empty() {
                return Err(Refusal::NothingOpen);
            }
            facts.extend(rejected(order, fulfillment_order, units, *reason, detail));
        }
        Answer::Shipped { lines, .. } | Answer::Corrected { lines, .. } => {
            facts.extend(shipped(order, fulfillment_order, answer, lines)?);
        }
        Answer::AddressChanged { change } => {
            facts.extend(address_change::answered(order, fulfillment_order, *change, None)?);
        }
        Answer::AddressRefused { change, why } => {
            facts.extend(address_change::answered(order, fulfillment_order, *change, Some(why))?);
        }
        // It may have refused before, and think better of it.
        Answer::CancelAccepted if fulfillment_order.cancellation == Cancellation::None => {
            return Err(Refusal::NotAsked);
        }
        Answer::CancelRejected { .. } if !fulfillment_order.is_leaving() => {
            return Err(Refusal::NotAsked);
        }
        Answer::CancelAccepted => {
            facts.extend(super::forwarding::let_go(order, fulfillment_order));
        }
        Answer::CancelRejected { why } => {
            facts.push(Fact::CancelRejected { fulfillment_order_id, why: why.clone() });
            // Who ships all the same has promised it.
            let units = fulfillment_order.unanswered();
            facts.extend(accepted(fulfillment_order_id, units, supplier, now));
        }
    }
    Ok(facts)
}

/// A parcel that left, or the right number of one.
fn shipped(
    order: &Order,
    fulfillment_order: &FulfillmentOrder,
    answer: &Answer,
    lines: &[AnswerLine],
) -> Result<Vec<Fact>, Refusal> {
    let (Answer::Shipped { carrier, number, ship_date, .. }
    | Answer::Corrected { carrier, number, ship_date, .. }) = answer
    else {
        return Ok(Vec::new());
    };
    let fulfillment_order_id = fulfillment_order.planned.fulfillment_order_id;
    let (replaces, label) = match answer {
        Answer::Corrected { replaces, .. } => (Some(replaces), None),
        Answer::Shipped { label, .. } => (None, label.clone()),
        _ => (None, None),
    };
    let known = replaces.and_then(|it| order.parcel_of_number(fulfillment_order_id, it));
    if let Some((parcel_id, parcel)) = known {
        return Ok(number::correct(parcel_id, parcel, carrier, number, *ship_date));
    }
    let units = units(fulfillment_order, lines, Tally::SHIPPED)?;
    if units.is_empty() {
        return Err(Refusal::NothingOpen);
    }
    let (parcel_id, ship_date) = (order.next_parcel_id(), *ship_date);
    let mut facts = vec![Fact::Shipped {
        parcel_id,
        fulfillment_order_id,
        carrier: carrier.clone(),
        number: replaces.unwrap_or(number).clone(),
        ship_date,
        units,
        label,
    }];
    // The correction overtook what it corrects: when that comes, it is known.
    if replaces.is_some() {
        let (carrier, number) = (carrier.clone(), number.clone());
        facts.push(Fact::NumberCorrected { parcel_id, carrier, number, ship_date });
    }
    Ok(facts)
}

fn accepted(
    fulfillment_order_id: FulfillmentOrderId,
    units: Vec<Units>,
    supplier: &Supplier,
    now: Timestamp,
) -> Option<Fact> {
    let ship_by = now + SignedDuration::from_mins(supplier.ship_within_minutes.into());
    (!units.is_empty()).then_some(Fact::Accepted { fulfillment_order_id, units, ship_by })
}

/// Units that a supplier gives back: routed elsewhere, or cancelled as well if the order is to be cancelled anyway.
fn rejected(
    order: &Order,
    fulfillment_order: &FulfillmentOrder,
    units: Vec<Units>,
    reason: RejectReason,
    detail: &str,
) -> Vec<Fact> {
    let fulfillment_order_id = fulfillment_order.planned.fulfillment_order_id;
    if units.is_empty() {
        return Vec::new();
    }
    let cancelled = order
        .cancel_requested
        .iter()
        .map(|why| Fact::Cancelled { units: units.clone(), why: why.clone() })
        .collect::<Vec<_>>();
    let detail = detail.to_owned();
    let rejected = Fact::Rejected { fulfillment_order_id, units, reason, detail };
    std::iter::once(rejected).chain(cancelled).collect()
}

/// Whether the same answer was taken before, as far as its effect can tell.
fn is_repeated(
    order: &Order,
    fulfillment_order_id: FulfillmentOrderId,
    fulfillment_order: &FulfillmentOrder,
    answer: &Answer,
) -> bool {
    let is_closed = fulfillment_order.stage == Stage::Closed;
    match answer {
        Answer::Accepted { lines } => {
            lines.is_empty() && fulfillment_order.stage == Stage::Accepted
        }
        // It will not ship what nobody waits for.
        Answer::Rejected { .. } | Answer::CancelAccepted => is_closed,
        // A number is one parcel's within a fulfillment order, whatever else the repeated answer says.
        Answer::Shipped { carrier, number, .. } => order
            .parcel_of_number(fulfillment_order_id, number)
            .is_some_and(|(_, parcel)| parcel.number != *number || parcel.carrier == *carrier),
        Answer::Corrected { replaces, number, .. } => {
            order.parcel_of_number(fulfillment_order_id, replaces).is_some_and(|(_, parcel)| {
                parcel.number == *number || parcel.former_numbers.contains(number)
            })
        }
        Answer::AddressChanged { change } => {
            address_change::is_repeated(fulfillment_order, *change, false)
        }
        Answer::AddressRefused { change, .. } => {
            address_change::is_repeated(fulfillment_order, *change, true)
        }
        Answer::CancelRejected { .. } => fulfillment_order.cancellation == Cancellation::Rejected,
    }
}

/// How an answer counts: from how many units on it is news, how many there can be, and which of two items of one number
/// it means first.
#[derive(Clone, Copy)]
struct Tally {
    known: fn(Progress) -> u32,
    most: fn(Progress) -> u32,
    first: fn(Progress) -> u32,
}

impl Tally {
    const ACCEPTED: Self = Self {
        known: |progress| progress.accepted,
        most: Progress::active,
        first: Progress::unanswered,
    };
    /// What was promised is taken back last.
    const RETURNED: Self = Self {
        known: |progress| progress.returned,
        most: |progress| progress.returned + progress.unshipped(),
        first: Progress::unanswered,
    };
    /// What was promised leaves first.
    const SHIPPED: Self = Self {
        known: |_| 0,
        most: Progress::unshipped,
        first: |progress| progress.unshipped() - progress.unanswered(),
    };

    fn open(self, progress: Progress) -> u32 {
        (self.most)(progress).saturating_sub((self.known)(progress))
    }
}

/// Turns the supplier's article numbers into our items, as far as they are news. Two items may be of one number.
fn units(
    fulfillment_order: &FulfillmentOrder,
    lines: &[AnswerLine],
    tally: Tally,
) -> Result<Vec<Units>, Refusal> {
    let shares = || fulfillment_order.planned.shares.iter();
    let progress = |item| fulfillment_order.units.get(item).copied().unwrap_or_default();
    if lines.is_empty() {
        let open = |item| tally.open(progress(item));
        let all =
            shares().map(|share| Units { item: share.item.clone(), quantity: open(&share.item) });
        return Ok(all.filter(|units| units.quantity > 0).collect());
    }
    let mut said: BTreeMap<&str, u32> = BTreeMap::new();
    for line in lines {
        let sum = said.entry(&line.supplier_sku).or_default();
        *sum = sum.saturating_add(line.quantity);
    }
    let mut units = Vec::new();
    for (supplier_sku, quantity) in said {
        let items = || shares().filter(|share| share.supplier_sku == supplier_sku);
        if items().next().is_none() {
            return Err(Refusal::ForeignSku(supplier_sku.to_owned()));
        }
        let sum = |count: fn(Progress) -> u32| -> u32 {
            items().map(|share| count(progress(&share.item))).sum()
        };
        let open = sum(tally.most);
        if quantity > open {
            return Err(Refusal::TooMany { supplier_sku: supplier_sku.to_owned(), quantity, open });
        }
        let mut news = quantity.saturating_sub(sum(tally.known));
        let mut taken: BTreeMap<&ItemId, u32> = BTreeMap::new();
        for most in [tally.first, |_| u32::MAX] {
            for share in items() {
                let (progress, taken) =
                    (progress(&share.item), taken.entry(&share.item).or_default());
                let quantity = news.min(tally.open(progress).min(most(progress)) - *taken);
                *taken += quantity;
                news -= quantity;
            }
        }
        units.extend(items().filter_map(|share| {
            let quantity = taken.remove(&share.item).filter(|quantity| *quantity > 0)?;
            Some(Units { item: share.item.clone(), quantity })
        }));
    }
    Ok(units)
}
