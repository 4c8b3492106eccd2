//! The phase: one word for people, by fixed precedence.

use serde::{Deserialize, Serialize};

use crate::order::address_change::Readdress;
use crate::order::fact::{Item, ScanStatus};
use crate::order::{Order, Stage};

/// Where an order stands. The order of the variants is their precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Nothing of it will be shipped.
    Cancelled,
    /// The customer has all of it that was not cancelled.
    Delivered,
    /// Some of it is in a parcel that has not arrived.
    InTransit,
    /// A parcel came back or is lost, nobody knows whether it was bought, or its shop will not show it. A person decides.
    Failed,
    /// Something stops it.
    Held,
    /// It is being cancelled, or sent to another address.
    Amending,
    /// A supplier has it.
    AwaitingSupplier,
    /// It waits for stock.
    Backordered,
    /// It can go, or rests before it goes.
    Ready,
    /// It is known: not paid, not checked, or nothing to ship.
    Received,
}

impl Phase {
    /// All of them, by precedence.
    pub const ALL: [Self; 10] = [
        Self::Cancelled,
        Self::Delivered,
        Self::InTransit,
        Self::Failed,
        Self::Held,
        Self::Amending,
        Self::AwaitingSupplier,
        Self::Backordered,
        Self::Ready,
        Self::Received,
    ];

    /// Its name, as people and views have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Delivered => "delivered",
            Self::InTransit => "in_transit",
            Self::Failed => "failed",
            Self::Held => "held",
            Self::Amending => "amending",
            Self::AwaitingSupplier => "awaiting_supplier",
            Self::Backordered => "backordered",
            Self::Ready => "ready",
            Self::Received => "received",
        }
    }
}

/// Whether an order is in a phase, leaving aside those that come before it.
type Test = fn(&Order) -> bool;

/// The phase of an order.
#[must_use]
pub fn phase(order: &Order) -> Phase {
    let phases: [(Phase, Test); 9] = [
        (Phase::Cancelled, is_cancelled),
        (Phase::Delivered, is_delivered),
        (Phase::InTransit, |order| {
            order.parcels.values().any(super::Parcel::is_moving) && !is_refused(order)
        }),
        (Phase::Failed, is_failed),
        (Phase::Held, |order| !order.holds.is_empty()),
        (Phase::Amending, is_amending),
        (Phase::AwaitingSupplier, is_with_supplier),
        (Phase::Backordered, |order| !order.backorders.is_empty() && is_open(order)),
        (Phase::Ready, |order| {
            order.is_live() && order.is_screened() && order.items().next().is_some()
        }),
    ];
    phases.into_iter().find(|(_, holds)| holds(order)).map_or(Phase::Received, |(phase, _)| phase)
}

fn is_cancelled(order: &Order) -> bool {
    let is_active = order.items().any(|item| order.allocated(&item.id) > 0);
    let is_emptied = !order.wanted.is_empty() && order.wanted.values().all(|units| *units == 0);
    (order.cancel_requested.is_some() || is_emptied) && !is_active
}

fn is_delivered(order: &Order) -> bool {
    let is_home = |item: &Item| {
        order.delivered(&item.id) >= order.allocated(&item.id) && order.unallocated(item) == 0
    };
    let is_whole = !order.parcels.is_empty() && order.is_mapped();
    is_whole && order.items().all(is_home) && !is_refused(order)
}

/// Whether the shop will not show a parcel: a person has to see to that, also when the customer has it.
fn is_refused(order: &Order) -> bool {
    order.parcels.values().any(|parcel| !parcel.refused.is_empty())
}

fn is_failed(order: &Order) -> bool {
    let is_lost = |parcel: &super::Parcel| {
        parcel.stopped.is_some() || parcel.status() == ScanStatus::Returned
    };
    order.parcels.values().any(is_lost)
        || is_refused(order)
        || order
            .fulfillment_orders
            .values()
            .any(|fulfillment_order| fulfillment_order.stage == Stage::InDoubt)
        || is_in_doubt(order)
}

/// Whether nobody knows of a label or a refund whether it was bought or paid.
fn is_in_doubt(order: &Order) -> bool {
    use super::{refund, returns};
    let of_label = |known: &returns::Return| matches!(known.label, returns::Label::InDoubt { .. });
    let of_refund = |known: &refund::Refund| matches!(known.stage, refund::Stage::InDoubt { .. });
    order.returns.values().any(of_label) || order.refunds.values().any(of_refund)
}

fn is_amending(order: &Order) -> bool {
    let is_asked = |known: &super::FulfillmentOrder| {
        let readdress = known.readdress(order.address_changes);
        known.is_leaving() || matches!(readdress, Readdress::Wanted | Readdress::Asked)
    };
    order.fulfillment_orders.values().any(|known| is_asked(known) && !known.unshipped().is_empty())
}

fn is_with_supplier(order: &Order) -> bool {
    order.fulfillment_orders.values().any(|fulfillment_order| {
        let is_there = matches!(
            fulfillment_order.stage,
            Stage::Submitting | Stage::Submitted | Stage::Accepted
        );
        is_there && !fulfillment_order.unshipped().is_empty()
    })
}

fn is_open(order: &Order) -> bool {
    order.items().any(|item| order.unallocated(item) > 0)
}
