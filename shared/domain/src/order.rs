//! The order: what can happen to it ([`Fact`]), what it is ([`Order`], folded from its facts and stored nowhere), and
//! the decisions, one module each.

pub mod address_change;
pub mod amendment;
pub mod announcement;
pub mod answer;
pub mod cancel;
pub mod cancelled;
pub mod delay;
pub mod documents;
pub mod elsewhere;
pub mod fact;
pub mod forwarding;
mod fulfillment_order;
pub mod hold;
pub mod intake;
pub mod intent;
pub mod invariant;
pub mod mapping;
pub mod next;
pub mod notice;
pub mod number;
mod parcel;
pub mod phase;
pub mod push_back;
pub mod refund;
pub mod returns;
pub mod routing;
pub mod screening;
pub mod tracking;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;

use crate::address::Country;
use crate::catalog::StockKey;
use crate::id::{FulfillmentOrderId, ItemId, LineId, ParcelId, RefundId, ReturnId};
use crate::order::amendment::{Amendment, Request};
use crate::order::documents::{Archived, DocumentId};
use crate::order::fact::{
    Backorder, ContactRef, Fact, Hold, Item, LineQuantity, Received, Routed, ScanStatus,
};
use crate::order::refund::Refund;
use crate::order::returns::Return;
use crate::shop_order::{Payment, ShopLine};

pub use fulfillment_order::{Cancellation, FulfillmentOrder, Progress, Stage};
pub use parcel::Parcel;

/// Who changes and cancels when the shop says so.
const BY_SHOP: &str = "shop";

/// A fact and when it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Which append of the order it came with, counted from 1.
    pub version: u64,
    /// When it was appended.
    pub at: Timestamp,
    /// What happened.
    pub fact: Fact,
}

/// An order as its facts say. `Order::default()` is one that has not been received.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// What the shop first said; none until then.
    pub received: Option<Received>,
    /// When it was received.
    pub received_at: Option<Timestamp>,
    /// When the last fact was recorded.
    pub changed_at: Option<Timestamp>,
    /// The newest state of the shop that is known.
    pub updated_at: Option<Timestamp>,
    /// Whether it is paid.
    pub payment: Option<Payment>,
    /// Units of each line that the shop wants now.
    pub wanted: BTreeMap<LineId, u32>,
    /// Where the newest contact lies in `People`, and what rules need of it.
    pub contact: Option<(ContactRef, Option<Country>)>,
    /// The contact that the shop last gave. A correction that a person made stands until the shop gives another.
    pub shop_contact: Option<ContactRef>,
    /// What is to be shipped; none until mapped. Lines that were added since may be missing, see [`Order::is_mapped`].
    pub items: Option<Vec<Item>>,
    /// The contact for which screening was done; another one must be screened again.
    pub screened: Option<ContactRef>,
    /// What stops it, since when and why.
    pub holds: BTreeMap<Hold, Standing>,
    /// What a person let pass.
    pub overridden: BTreeSet<Hold>,
    /// Units that will not be shipped, per item.
    pub cancelled: BTreeMap<ItemId, u32>,
    /// Who asked to cancel the whole order, and why.
    pub cancel_requested: Option<String>,
    /// Who asked for that.
    pub cancelled_by: Option<String>,
    /// What nobody has now, and when it is expected.
    pub backorders: BTreeMap<ItemId, Backordered>,
    /// Each share that a supplier ships.
    pub fulfillment_orders: BTreeMap<FulfillmentOrderId, FulfillmentOrder>,
    /// Each box.
    pub parcels: BTreeMap<ParcelId, Parcel>,
    /// Each document.
    pub documents: BTreeMap<DocumentId, Archived>,
    /// How often it was to go to another address than before.
    pub address_changes: u32,
    /// What someone asked to be changed of it.
    pub amendments: Vec<Amendment>,
    /// Whether anything was ever done for it, see [`Order::is_live`].
    pub was_live: bool,
    /// Each return and claim.
    pub returns: BTreeMap<ReturnId, Return>,
    /// Each refund.
    pub refunds: BTreeMap<RefundId, Refund>,
    /// Units that are sent again, per item, beyond what was bought.
    pub replaced: BTreeMap<ItemId, u32>,
    /// Units of each line that the shop states no more because we had it refund them.
    pub given_back: BTreeMap<LineId, u32>,
    /// The most units of each line that the shop ever wanted.
    pub peaks: BTreeMap<LineId, u32>,
    /// What the customer was billed in all, minor units: what the shop first said, and units that were added since.
    pub billed_minor: i64,
    /// How often all links to it were revoked.
    pub link_revocations: u32,
}

/// A hold that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// Since when.
    pub since: Timestamp,
    /// Why, for the person who looks.
    pub detail: String,
}

/// Units that wait for stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backordered {
    /// How many.
    pub quantity: u32,
    /// When they are expected.
    pub expected_on: Date,
    /// When that was said.
    pub since: Timestamp,
    /// The counters of all who could ship them.
    pub counters: Vec<StockKey>,
}

impl Order {
    /// What the facts, in order, amount to.
    #[must_use]
    pub fn fold<'a>(facts: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut order = Self::default();
        for recorded in facts {
            order.evolve(recorded.at, &recorded.fact);
        }
        order
    }

    /// The same order after more facts, all recorded at one moment.
    #[must_use]
    pub fn after(mut self, at: Timestamp, facts: &[Fact]) -> Self {
        for fact in facts {
            self.evolve(at, fact);
        }
        self
    }

    fn evolve(&mut self, at: Timestamp, fact: &Fact) {
        self.changed_at = Some(at);
        match fact {
            Fact::Received(received) => self.receive(at, received),
            Fact::PaymentChanged { payment, updated_at } => {
                self.payment = Some(*payment);
                self.saw(*updated_at);
            }
            Fact::Confirmed { updated_at } => self.saw(*updated_at),
            Fact::EditRequested { lines, added, updated_at } => {
                self.amend(at, BY_SHOP, self.edited(lines, added));
                self.edit(lines, added);
                self.saw(*updated_at);
            }
            Fact::EditRefused { line_id, quantity, .. } => self.refuse_edit(line_id, *quantity),
            Fact::ContactChanged { contact, country, by, updated_at } => {
                self.change_destination(at, contact, by);
                self.change_contact(contact, *country, *updated_at);
            }
            Fact::CancelRequested { .. } | Fact::Reinstated { .. } => self.cancel(at, fact),
            Fact::Mapped { items } => {
                self.items = Some(items.clone());
                self.screened = None;
            }
            Fact::Held { .. } | Fact::Released { .. } | Fact::Overridden { .. } => {
                self.hold(at, fact);
            }
            Fact::Screened { contact, .. } => self.screened = Some(contact.clone()),
            Fact::Routed(routed) => self.route(at, routed),
            Fact::Cancelled { units, .. } => {
                for units in units {
                    *self.cancelled.entry(units.item.clone()).or_default() += units.quantity;
                }
            }
            Fact::Shipped { .. } => self.ship(at, fact),
            Fact::LinksRevoked { .. } => self.link_revocations += 1,
            Fact::Return(fact) => self.evolve_return(at, fact),
            Fact::Refund(fact) => self.evolve_refund(at, fact),
            Fact::Archived(archived) => {
                self.documents.insert(archived.document, archived.clone());
            }
            Fact::ShopAnswered { request, verdict, refused, .. } => {
                self.answered(*request, *verdict, refused.as_ref());
            }
            _ => self.evolve_part(at, fact),
        }
        self.was_live |= self.is_live();
    }

    fn hold(&mut self, at: Timestamp, fact: &Fact) {
        match fact {
            Fact::Held { hold, detail } => {
                self.holds.insert(*hold, Standing { since: at, detail: detail.clone() });
            }
            Fact::Released { hold } => {
                self.holds.remove(hold);
            }
            Fact::Overridden { hold, .. } => {
                self.holds.remove(hold);
                self.overridden.insert(*hold);
            }
            _ => {}
        }
    }

    /// Facts of one parcel or one fulfillment order.
    fn evolve_part(&mut self, at: Timestamp, fact: &Fact) {
        match fact {
            Fact::TrackingRegistered { parcel_id }
            | Fact::Tracked { parcel_id, .. }
            | Fact::ArrivalConfirmed { parcel_id }
            | Fact::TrackingStopped { parcel_id, .. }
            | Fact::NumberCorrected { parcel_id, .. }
            | Fact::ShopUpdateStarted { parcel_id, .. }
            | Fact::ShopUpdated { parcel_id, .. }
            | Fact::ShopUpdateRefused { parcel_id, .. }
            | Fact::ShopUpdateResolved { parcel_id, .. }
            | Fact::ShopLost { parcel_id, .. } => {
                if let Some(parcel) = self.parcels.get_mut(parcel_id) {
                    parcel.evolve(at, fact);
                }
            }
            Fact::AddressAsked { .. }
            | Fact::AddressChanged { .. }
            | Fact::AddressRefused { .. } => self.readdress(fact),
            Fact::SubmissionStarted { fulfillment_order_id } => {
                let contact = self.contact.as_ref().map(|(contact, _)| contact.clone());
                let destination = self.address_changes;
                if let Some(known) = self.fulfillment_orders.get_mut(fulfillment_order_id) {
                    known.begin(at, contact, destination);
                }
            }
            Fact::Submitted { fulfillment_order_id, .. }
            | Fact::Accepted { fulfillment_order_id, .. }
            | Fact::Rejected { fulfillment_order_id, .. }
            | Fact::TimedOut { fulfillment_order_id, .. }
            | Fact::InDoubt { fulfillment_order_id, .. }
            | Fact::Resolved { fulfillment_order_id, .. }
            | Fact::Overdue { fulfillment_order_id }
            | Fact::Delayed { fulfillment_order_id, .. }
            | Fact::CancelWanted { fulfillment_order_id }
            | Fact::CancelAsked { fulfillment_order_id }
            | Fact::CancelRejected { fulfillment_order_id, .. }
            | Fact::Withdrawn { fulfillment_order_id, .. } => {
                if let Some(known) = self.fulfillment_orders.get_mut(fulfillment_order_id) {
                    known.evolve(fact);
                }
            }
            _ => {}
        }
    }

    fn receive(&mut self, at: Timestamp, received: &Received) {
        self.received_at = Some(at);
        self.updated_at = Some(received.updated_at);
        self.payment = Some(received.payment);
        self.contact = Some((received.contact.clone(), received.country));
        self.shop_contact = Some(received.contact.clone());
        self.wanted =
            received.lines.iter().map(|line| (line.line_id.clone(), line.quantity)).collect();
        self.peaks.clone_from(&self.wanted);
        self.billed_minor = received.total_minor;
        self.received = Some(received.clone());
    }

    fn cancel(&mut self, at: Timestamp, fact: &Fact) {
        match fact {
            Fact::CancelRequested { by, why, updated_at } => {
                self.amend(at, by, Request::Cancellation);
                self.cancel_requested.get_or_insert_with(|| why.clone());
                self.cancelled_by.get_or_insert_with(|| by.clone());
                if let Some(updated_at) = updated_at {
                    self.saw(*updated_at);
                }
            }
            Fact::Reinstated { updated_at } => {
                self.take_cancellation_back();
                (self.cancel_requested, self.cancelled_by) = (None, None);
                self.cancelled.clear();
                self.saw(*updated_at);
            }
            _ => {}
        }
    }

    fn edit(&mut self, lines: &[LineQuantity], added: &[ShopLine]) {
        for line in lines {
            let explained = refund::explained(self, &line.line_id, line.quantity);
            if explained > 0 {
                *self.given_back.entry(line.line_id.clone()).or_default() += explained;
            }
            self.wanted.insert(line.line_id.clone(), line.quantity);
        }
        for line in added {
            self.wanted.insert(line.line_id.clone(), line.quantity);
        }
        if let Some(received) = &mut self.received {
            received.lines.extend(added.iter().cloned());
        }
        self.bill();
        // What was said of the lines as they were is said anew, if it is still so.
        self.holds.retain(|hold, _| *hold != Hold::UnmappedSku && !hold.is_of_routing());
    }

    /// Counts the addresses; someone who has another phone number only is asked for as well, since couriers call.
    fn change_destination(&mut self, at: Timestamp, contact: &ContactRef, by: &str) {
        let is_same = |(known, _): &(ContactRef, _)| known.is_same_destination(contact);
        if !self.contact.as_ref().is_some_and(is_same) {
            self.address_changes += 1;
            self.amend(at, by, Request::Address { change: self.address_changes });
        }
    }

    /// Units beyond those that were ever wanted before are billed at their line's price.
    fn bill(&mut self) {
        for line in self.received.iter().flat_map(|received| &received.lines) {
            let of = |units: &BTreeMap<LineId, u32>| units.get(&line.line_id).copied().unwrap_or(0);
            let units = of(&self.wanted) + of(&self.given_back);
            let known = of(&self.peaks);
            if units > known {
                self.billed_minor += line.unit_price_minor * i64::from(units - known);
                self.peaks.insert(line.line_id.clone(), units);
            }
        }
    }

    /// What a person let pass of the address and the buyer was about the old ones; and what could not go there may go
    /// elsewhere.
    fn change_contact(
        &mut self,
        contact: &ContactRef,
        country: Option<Country>,
        updated_at: Option<Timestamp>,
    ) {
        self.contact = Some((contact.clone(), country));
        self.holds.retain(|hold, _| *hold != Hold::Address && !hold.is_of_routing());
        self.overridden.retain(|hold| !matches!(hold, Hold::Address | Hold::Fraud));
        if let Some(updated_at) = updated_at {
            self.shop_contact = Some(contact.clone());
            self.saw(updated_at);
        }
    }

    fn ship(&mut self, at: Timestamp, fact: &Fact) {
        let Fact::Shipped {
            parcel_id,
            fulfillment_order_id,
            carrier,
            number,
            ship_date,
            units,
            label,
        } = fact
        else {
            return;
        };
        if let Some(fulfillment_order) = self.fulfillment_orders.get_mut(fulfillment_order_id) {
            for units in units {
                let progress = fulfillment_order.units.entry(units.item.clone()).or_default();
                progress.shipped += units.quantity;
                progress.accepted = progress.accepted.max(progress.shipped);
            }
            fulfillment_order.settle();
        }
        let from = self.fulfillment_orders.get(fulfillment_order_id);
        let parcel = Parcel {
            fulfillment_order_id: *fulfillment_order_id,
            destination: from.map_or(0, |known| known.destination),
            address_asked: from.and_then(|known| known.address_asked),
            carrier: carrier.clone(),
            number: number.clone(),
            ship_date: *ship_date,
            shipped_at: at,
            units: units.clone(),
            label: label.clone(),
            registered: false,
            stopped: None,
            scans: BTreeSet::new(),
            confirmed_at: None,
            former_numbers: BTreeSet::new(),
            pushed: BTreeMap::new(),
            shown_number: None,
            showing_since: BTreeMap::new(),
            refused: BTreeMap::new(),
            lost: false,
        };
        self.parcels.insert(*parcel_id, parcel);
    }

    fn route(&mut self, at: Timestamp, routed: &Routed) {
        let backordered = |waiting: &Backorder| Backordered {
            quantity: waiting.quantity,
            expected_on: waiting.expected_on,
            since: at,
            counters: routed.counters(&waiting.item.article),
        };
        let waiting = routed.backorders.iter();
        self.backorders =
            waiting.map(|waiting| (waiting.item.clone(), backordered(waiting))).collect();
        for planned in &routed.fulfillment_orders {
            self.fulfillment_orders
                .insert(planned.fulfillment_order_id, FulfillmentOrder::plan(planned));
        }
    }

    fn saw(&mut self, updated_at: Timestamp) {
        self.updated_at = self.updated_at.max(Some(updated_at));
    }

    /// Whether it was received, is meant seriously and is paid: the only orders that anything is done for.
    #[must_use]
    pub fn is_live(&self) -> bool {
        let serious = self.received.as_ref().is_some_and(|received| !received.test);
        serious && self.payment.is_some_and(Payment::allows_shipping)
    }

    /// Lines that travel and of which it is not known yet what is to be shipped for them.
    pub fn unmapped_lines(&self) -> impl Iterator<Item = &ShopLine> {
        let lines = self.received.iter().flat_map(|received| &received.lines);
        lines.filter(|line| {
            let is_wanted = self.wanted.get(&line.line_id).is_some_and(|quantity| *quantity > 0);
            line.ships && is_wanted && !self.items().any(|item| item.id.line == line.line_id)
        })
    }

    /// Whether it is known of every line what is to be shipped for it.
    #[must_use]
    pub fn is_mapped(&self) -> bool {
        self.items.is_some()
            && self.unmapped_lines().next().is_none()
            && !self.holds.contains_key(&Hold::UnmappedSku)
    }

    /// Whether its present items and its present contact went through screening.
    #[must_use]
    pub fn is_screened(&self) -> bool {
        let contact = self.contact.as_ref().map(|(contact, _)| contact);
        self.screened.is_some() && self.screened.as_ref() == contact
    }

    /// What is to be shipped, in the order of the lines.
    pub fn items(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().flatten()
    }

    /// Units of a line that were bought and not called off before they were shipped.
    #[must_use]
    pub fn bought(&self, line_id: &LineId) -> u32 {
        let of = |units: &BTreeMap<LineId, u32>| units.get(line_id).copied().unwrap_or(0);
        of(&self.wanted) + of(&self.given_back)
    }

    /// Units of an item that the customer is to get in all: those that the shop wants, those that it states no more
    /// because they were refunded, and those that are sent again.
    #[must_use]
    pub fn ordered(&self, item: &Item) -> u32 {
        let wanted = self.wanted.get(&item.id.line).copied().unwrap_or(0);
        self.ordered_if(item, wanted, 0)
    }

    /// The same if the shop wanted so many units, so many fewer of which were explained by refunds.
    pub(crate) fn ordered_if(&self, item: &Item, wanted: u32, explained: u32) -> u32 {
        let given_back = self.given_back.get(&item.id.line).copied().unwrap_or(0) + explained;
        let replaced = self.replaced.get(&item.id).copied().unwrap_or(0);
        (wanted + given_back).saturating_mul(item.per_unit).saturating_add(replaced)
    }

    /// Units of an item that are in a fulfillment order.
    #[must_use]
    pub fn allocated(&self, item: &ItemId) -> u32 {
        self.each_share(item).map(Progress::active).sum()
    }

    /// Units of an item that are in a parcel.
    #[must_use]
    pub fn shipped(&self, item: &ItemId) -> u32 {
        self.each_share(item).map(|progress| progress.shipped).sum()
    }

    /// Units of an item that the customer has.
    #[must_use]
    pub fn delivered(&self, item: &ItemId) -> u32 {
        let arrived =
            self.parcels.values().filter(|parcel| parcel.status() == ScanStatus::Delivered);
        arrived
            .flat_map(|parcel| &parcel.units)
            .filter(|units| units.item == *item)
            .map(|units| units.quantity)
            .sum()
    }

    /// Units of an item that nobody was asked to ship yet, backordered ones included.
    #[must_use]
    pub fn unallocated(&self, item: &Item) -> u32 {
        let settled = self.allocated(&item.id) + self.cancelled.get(&item.id).copied().unwrap_or(0);
        self.ordered(item).saturating_sub(settled)
    }

    /// The parcels that are on their way.
    pub fn watched_parcels(&self) -> impl Iterator<Item = (ParcelId, &Parcel)> {
        let parcels = self.parcels.iter().map(|(parcel_id, parcel)| (*parcel_id, parcel));
        parcels.filter(|(_, parcel)| parcel.is_moving())
    }

    /// The id of the next fulfillment order.
    #[must_use]
    pub fn next_fulfillment_order_id(&self) -> FulfillmentOrderId {
        FulfillmentOrderId(self.fulfillment_orders.keys().last().map_or(1, |last| last.0 + 1))
    }

    /// The id of the next parcel.
    #[must_use]
    pub fn next_parcel_id(&self) -> ParcelId {
        ParcelId(self.parcels.keys().last().map_or(1, |last| last.0 + 1))
    }

    fn each_share<'a>(&'a self, item: &'a ItemId) -> impl Iterator<Item = Progress> + 'a {
        self.fulfillment_orders
            .values()
            .filter_map(|fulfillment_order| fulfillment_order.units.get(item))
            .copied()
    }
}
