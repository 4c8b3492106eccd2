//! Another address for what a supplier has already: it is asked, and answers changed, refused, or later.
//!
//! What no supplier has goes to the newest address by itself. Addresses of an order are counted, so that an answer on an
//! older one is not taken for one on the newest.

use crate::id::FulfillmentOrderId;
use crate::order::amendment::is_with_supplier;
use crate::order::answer::Refusal;
use crate::order::fact::{Fact, Hold};
use crate::order::{FulfillmentOrder, Order, Stage};

/// How far a fulfillment order is with one of the order's addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readdress {
    /// It goes there.
    Settled,
    /// The supplier is to be asked.
    Wanted,
    /// The supplier was asked and has not answered.
    Asked,
    /// The supplier said no: why.
    Refused(String),
}

impl FulfillmentOrder {
    /// How far it is with the order's address of that count.
    #[must_use]
    pub fn readdress(&self, change: u32) -> Readdress {
        if self.destination >= change || !is_with_supplier(self) {
            return Readdress::Settled;
        }
        match &self.address_refused {
            Some((refused, why)) if *refused >= change => return Readdress::Refused(why.clone()),
            _ => {}
        }
        let is_asked = self.address_asked.is_some_and(|asked| asked >= change);
        if is_asked { Readdress::Asked } else { Readdress::Wanted }
    }
}

/// The address of which the supplier is to be told now, by its count; none if there is nothing to tell.
///
/// It is told when it has taken the order, when nobody waits to hear whether it lets go of it, and when nothing is wrong
/// with the address.
#[must_use]
pub fn wanted(order: &Order, fulfillment_order: &FulfillmentOrder) -> Option<u32> {
    let change = order.address_changes;
    let is_taken = matches!(fulfillment_order.stage, Stage::Submitted | Stage::Accepted);
    // Of an order that is to be cancelled, what ships all the same is not screened again.
    let is_good = order.cancel_requested.is_some()
        || (order.is_screened() && !order.holds.keys().any(is_of_address));
    let is_wanted = fulfillment_order.readdress(change) == Readdress::Wanted
        && !fulfillment_order.unshipped().is_empty();
    (is_wanted && is_taken && is_good && !fulfillment_order.is_leaving()).then_some(change)
}

fn is_of_address(hold: &Hold) -> bool {
    matches!(hold, Hold::Address | Hold::Fraud | Hold::Age | Hold::Hazmat)
}

/// The supplier was told, and will answer later.
#[must_use]
pub fn asked(order: &Order, fulfillment_order_id: FulfillmentOrderId, change: u32) -> Vec<Fact> {
    let is_open = order
        .fulfillment_orders
        .get(&fulfillment_order_id)
        .is_some_and(|known| known.readdress(change) == Readdress::Wanted);
    if is_open { vec![Fact::AddressAsked { fulfillment_order_id, change }] } else { Vec::new() }
}

/// The supplier answered. `refused` says why it ships to the address that it had before; none means that it doesn't.
///
/// # Errors
/// When nobody told it of such an address, or it answered already, or nothing of it is left.
pub(super) fn answered(
    order: &Order,
    fulfillment_order: &FulfillmentOrder,
    change: u32,
    refused: Option<&str>,
) -> Result<Vec<Fact>, Refusal> {
    let fulfillment_order_id = fulfillment_order.planned.fulfillment_order_id;
    let is_open =
        matches!(fulfillment_order.readdress(change), Readdress::Asked | Readdress::Wanted);
    if change > order.address_changes || !is_open {
        return Err(Refusal::NoSuchAddress);
    }
    // A parcel that left after it was asked may have gone to either: its word counts, whichever came first.
    let left = order.parcels.values().filter(|parcel| {
        parcel.fulfillment_order_id == fulfillment_order_id && parcel.address_asked >= Some(change)
    });
    if fulfillment_order.unshipped().is_empty() && left.count() == 0 {
        return Err(Refusal::NothingOpen);
    }
    Ok(match refused {
        None => vec![Fact::AddressChanged { fulfillment_order_id, change }],
        Some(why) => {
            let why = why.to_owned();
            vec![Fact::AddressRefused { fulfillment_order_id, change, why }]
        }
    })
}

/// Whether the supplier said the same of this address before.
pub(super) fn is_repeated(
    fulfillment_order: &FulfillmentOrder,
    change: u32,
    is_refusal: bool,
) -> bool {
    if is_refusal {
        return fulfillment_order
            .address_refused
            .as_ref()
            .is_some_and(|(known, _)| *known == change);
    }
    change > 0 && fulfillment_order.destination >= change && is_with_supplier(fulfillment_order)
}

impl Order {
    /// Facts of the address of one fulfillment order, and of the parcels that left while its supplier was being asked.
    pub(super) fn readdress(&mut self, fact: &Fact) {
        let (Fact::AddressAsked { fulfillment_order_id, .. }
        | Fact::AddressChanged { fulfillment_order_id, .. }
        | Fact::AddressRefused { fulfillment_order_id, .. }) = fact
        else {
            return;
        };
        let Some(known) = self.fulfillment_orders.get_mut(fulfillment_order_id) else { return };
        match fact {
            Fact::AddressAsked { change, .. } => {
                known.address_asked = known.address_asked.max(Some(*change));
            }
            Fact::AddressChanged { change, .. } => {
                known.destination = known.destination.max(*change);
                let left = self.parcels.values_mut().filter(|parcel| {
                    parcel.fulfillment_order_id == *fulfillment_order_id
                        && parcel.address_asked >= Some(*change)
                });
                for parcel in left {
                    parcel.destination = parcel.destination.max(*change);
                }
            }
            Fact::AddressRefused { change, why, .. } => {
                known.address_refused = Some((*change, why.clone()));
            }
            _ => {}
        }
    }
}
