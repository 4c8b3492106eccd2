//! The part of an order that one supplier ships from one location, as its facts say.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::id::{ItemId, LocationId, ServiceId, SupplierId};
use crate::order::fact::{ContactRef, Fact, Planned, Units};
use crate::order::intent::Intent;

/// The part of an order that one supplier ships from one location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FulfillmentOrder {
    /// What routing planned.
    pub planned: Planned,
    /// How far it is.
    pub stage: Stage,
    /// What became of its units, by item.
    pub units: BTreeMap<ItemId, Progress>,
    /// The supplier's name for it.
    pub supplier_reference: Option<String>,
    /// Until when the supplier has to answer.
    pub answer_by: Option<Timestamp>,
    /// Until when the supplier has to ship.
    pub ship_by: Option<Timestamp>,
    /// That it was not shipped in time is on record.
    pub overdue: bool,
    /// That it did not arrive in time is on record.
    pub delayed: bool,
    /// How far its cancellation is.
    pub cancellation: Cancellation,
    /// Why the supplier did not let go of it, in its own words.
    pub cancel_refusal: Option<String>,
    /// How often it was about to be bought: once more for each time that it turned out not to have been.
    pub attempts: u32,
    /// The newest intent to buy it.
    pub intent: Option<Intent>,
    /// The contact with which the supplier was first asked; it is asked again with the same.
    pub contact: Option<ContactRef>,
    /// Which of the order's addresses the supplier has, counted from the first one, 0.
    pub destination: u32,
    /// The newest address that the supplier was told later, and has not answered on.
    pub address_asked: Option<u32>,
    /// An address that it did not take any more, and why.
    pub address_refused: Option<(u32, String)>,
}

/// How far a fulfillment order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Resting until the cooling-off ends.
    Planned,
    /// About to be bought: the intent is on record, the outcome isn't.
    Submitting,
    /// Bought; the supplier has not said yes or no.
    Submitted,
    /// The supplier said yes to all that is left in it.
    Accepted,
    /// Nothing left in it that could be shipped: rejected, timed out or cancelled.
    Closed,
    /// Nobody knows whether it was bought; a person decides.
    InDoubt,
}

/// The cancel handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cancellation {
    /// Nobody asked.
    #[default]
    None,
    /// The supplier is to be asked.
    Requested,
    /// The supplier was asked and has not answered.
    Asked,
    /// The supplier said no.
    Rejected,
}

/// What became of the units of one item in one fulfillment order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Planned.
    pub quantity: u32,
    /// Given back by the supplier: rejected or timed out; routed again elsewhere.
    pub returned: u32,
    /// Will not be shipped.
    pub cancelled: u32,
    /// Promised by the supplier.
    pub accepted: u32,
    /// In a parcel.
    pub shipped: u32,
}

impl Progress {
    /// Units that this fulfillment order still stands for.
    #[must_use]
    pub fn active(self) -> u32 {
        self.quantity.saturating_sub(self.returned + self.cancelled)
    }

    /// Units still to be shipped.
    #[must_use]
    pub fn unshipped(self) -> u32 {
        self.active().saturating_sub(self.shipped)
    }

    /// Units of which the supplier has said neither yes nor no.
    #[must_use]
    pub fn unanswered(self) -> u32 {
        self.active().saturating_sub(self.accepted.max(self.shipped))
    }
}

impl FulfillmentOrder {
    pub(super) fn plan(planned: &Planned) -> Self {
        let mut units: BTreeMap<ItemId, Progress> = BTreeMap::new();
        for share in &planned.shares {
            units.entry(share.item.clone()).or_default().quantity += share.quantity;
        }
        Self {
            planned: planned.clone(),
            stage: Stage::Planned,
            units,
            supplier_reference: None,
            answer_by: None,
            ship_by: None,
            overdue: false,
            delayed: false,
            cancellation: Cancellation::None,
            cancel_refusal: None,
            attempts: 0,
            intent: None,
            contact: None,
            destination: 0,
            address_asked: None,
            address_refused: None,
        }
    }

    /// The intent to buy, with the contact and the address that the order has at that moment.
    pub(super) fn begin(&mut self, at: Timestamp, contact: Option<ContactRef>, destination: u32) {
        self.stage = Stage::Submitting;
        self.attempts += 1;
        self.intent = Some(Intent::begun(at));
        (self.contact, self.destination) = (contact, destination);
    }

    pub(super) fn evolve(&mut self, fact: &Fact) {
        match fact {
            Fact::Submitted { supplier_reference, answer_by, .. } => {
                self.supplier_reference = supplier_reference.clone();
                self.answer_by = Some(*answer_by);
                if matches!(self.stage, Stage::Planned | Stage::Submitting | Stage::InDoubt) {
                    self.stage = Stage::Submitted;
                }
            }
            Fact::Accepted { units, ship_by, .. } => {
                for units in units {
                    self.units.entry(units.item.clone()).or_default().accepted += units.quantity;
                }
                self.ship_by = Some(*ship_by);
                self.settle();
            }
            Fact::Rejected { units, .. } | Fact::TimedOut { units, .. } => {
                for units in units {
                    self.units.entry(units.item.clone()).or_default().returned += units.quantity;
                }
                self.settle();
            }
            Fact::Withdrawn { units, .. } => {
                for units in units {
                    self.units.entry(units.item.clone()).or_default().cancelled += units.quantity;
                }
                self.settle();
            }
            Fact::InDoubt { .. } => self.stage = Stage::InDoubt,
            Fact::Resolved { bought, .. } => {
                self.stage = if *bought { Stage::Submitted } else { Stage::Planned };
                // What was not bought goes to wherever the order goes when it is.
                if !*bought {
                    self.contact = None;
                }
            }
            Fact::Overdue { .. } => self.overdue = true,
            Fact::Delayed { .. } => self.delayed = true,
            Fact::CancelWanted { .. } => self.cancellation = Cancellation::Requested,
            Fact::CancelAsked { .. } => self.cancellation = Cancellation::Asked,
            Fact::CancelRejected { why, .. } => {
                self.cancellation = Cancellation::Rejected;
                self.cancel_refusal = Some(why.clone());
            }
            _ => {}
        }
    }

    /// After an answer: closed when nothing is left in it, accepted when all that is left is promised.
    pub(super) fn settle(&mut self) {
        if self.units.values().all(|progress| progress.active() == 0) {
            self.stage = Stage::Closed;
        } else if self.units.values().all(|progress| progress.accepted >= progress.active()) {
            self.stage = Stage::Accepted;
        }
    }

    /// Units still to be shipped from here.
    #[must_use]
    pub fn unshipped(&self) -> Vec<Units> {
        self.count(Progress::unshipped)
    }

    /// Units of which the supplier has said neither yes nor no.
    #[must_use]
    pub fn unanswered(&self) -> Vec<Units> {
        self.count(Progress::unanswered)
    }

    /// Units that it still stands for.
    #[must_use]
    pub fn active(&self) -> Vec<Units> {
        self.count(Progress::active)
    }

    fn count(&self, of: fn(Progress) -> u32) -> Vec<Units> {
        let units = self.units.iter().map(|(item, progress)| (item, of(*progress)));
        units
            .filter(|(_, quantity)| *quantity > 0)
            .map(|(item, quantity)| Units { item: item.clone(), quantity })
            .collect()
    }

    /// Whether its supplier is to let go of it, or was asked to, and nobody knows yet what it says.
    #[must_use]
    pub fn is_leaving(&self) -> bool {
        matches!(self.cancellation, Cancellation::Requested | Cancellation::Asked)
    }

    /// Who ships it.
    #[must_use]
    pub fn supplier(&self) -> &SupplierId {
        &self.planned.supplier
    }

    /// Where from.
    #[must_use]
    pub fn location(&self) -> &LocationId {
        &self.planned.location
    }

    /// How.
    #[must_use]
    pub fn service(&self) -> &ServiceId {
        &self.planned.service
    }
}
