//! What "the same end" means.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::OrderId;
use domain::order::documents::DocumentId;
use domain::order::fact::{ContactRef, Hold, Units};
use domain::order::phase::phase;
use domain::order::{Order, Parcel};
use tests::journey::Journey;
use tests::outside;

/// What must not depend on the order in which messages came, nor on how often: what becomes of the goods and the money,
/// and what anyone outside sees of it.
///
/// Left out is what is history, and rightly another one when things were heard in another order:
///
/// - when something was recorded, and the order of facts that do not depend on each other: a parcel registered before or
///   after the shop was told of it;
/// - in how many fulfillment orders the units were planned on the way, and so their numbers: an order of which we first
///   heard with two units was planned with two, and planned again with three. What counts is what each supplier has of
///   each article and is still to ship, or has shipped;
/// - which parcel we heard of first, and so its number: a parcel is its carrier and tracking number;
/// - how many units a supplier promised before it shipped them or gave them back: who ships has promised;
/// - under which of its payloads a contact lies in `People`: the person is the same;
/// - scans of a parcel that was delivered before we heard of them: nobody asks for it any more;
/// - how many units there were to cancel: a shop that cancels does not repeat what it edited before;
/// - articles that we had heard of, and of which nothing is wanted any more;
/// - the bytes of documents: an invoice says what the shop first told us of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Same {
    pub(super) phase: &'static str,
    payment: String,
    /// Units of each line that the shop wants, unless it cancelled them all.
    wanted: BTreeMap<String, u32>,
    contact: String,
    holds: BTreeSet<Hold>,
    is_cancelled: bool,
    /// Of each item: ordered and not cancelled, allocated, shipped, delivered.
    units: BTreeMap<String, [u32; 4]>,
    /// By carrier and number: what is in it, where it stands, since when it is delivered.
    parcels: BTreeMap<(String, String), (BTreeMap<String, u32>, String)>,
    /// By location, article number and how far the supplier is: units that are still to be shipped.
    open: BTreeMap<(String, String, String), u32>,
    /// What each supplier was asked to buy and has not let go: units by its article numbers.
    bought: BTreeMap<String, BTreeMap<String, u32>>,
    /// By number: carrier, lines, how often the shop was told that it arrived.
    shown: BTreeMap<String, Shown>,
    /// Which documents there are.
    documents: BTreeSet<String>,
    /// How often each number was registered for tracking: it costs.
    registered: BTreeMap<String, u32>,
    /// By article number: available, reserved.
    stock: BTreeMap<String, (i64, i64)>,
}

/// Carrier, units by line, how often it was told that the parcel arrived.
type Shown = (String, BTreeMap<String, u32>, u32);

impl Same {
    /// What a journey came to for one order.
    pub(crate) fn of(journey: &mut Journey, order_id: &OrderId) -> Self {
        journey.check();
        let order = journey.order(order_id);
        let units = order.items().map(|item| {
            let cancelled = order.cancelled.get(&item.id).copied().unwrap_or(0);
            let left = order.ordered(item).saturating_sub(cancelled);
            let (allocated, shipped) = (order.allocated(&item.id), order.shipped(&item.id));
            let counts = [left, allocated, shipped, order.delivered(&item.id)];
            (format!("{:?}", item.id), counts)
        });
        let units = units.filter(|(_, counts)| *counts != [0; 4]);
        let is_cancelled = order.cancel_requested.is_some();
        let wanted = order.wanted.iter().filter(|(_, units)| **units > 0 && !is_cancelled);
        let parcels = order.parcels.values();
        let stock = journey
            .system
            .world
            .stock
            .borrow()
            .iter()
            .map(|(key, level)| (key.supplier_sku.clone(), (level.available, level.reserved)))
            .collect();
        Self {
            phase: phase(&order).name(),
            payment: format!("{:?}", order.payment),
            wanted: wanted.map(|(line, units)| (line.to_string(), *units)).collect(),
            contact: order.contact.iter().map(|(contact, _)| person(contact)).collect(),
            holds: order.holds.keys().copied().collect(),
            is_cancelled,
            units: units.collect(),
            parcels: parcels
                .map(|parcel| ((parcel.carrier.clone(), parcel.number.clone()), on_its_way(parcel)))
                .collect(),
            open: open(&order),
            bought: bought(journey),
            shown: shown(journey, order_id),
            documents: order.documents.keys().map(|it| document(&order, it)).collect(),
            registered: journey.outside.borrow().tracking.registered.clone(),
            stock,
        }
    }
}

/// The person, without the payload that it came in.
fn person(contact: &ContactRef) -> String {
    contact.0.split('.').next().unwrap_or_default().to_owned()
}

fn on_its_way(parcel: &Parcel) -> (BTreeMap<String, u32>, String) {
    let standing =
        format!("{:?} {:?} {:?}", parcel.status(), parcel.delivered_at(), parcel.stopped);
    (counts(&parcel.units), standing)
}

fn counts(units: &[Units]) -> BTreeMap<String, u32> {
    units.iter().map(|units| (format!("{:?}", units.item), units.quantity)).collect()
}

/// What suppliers, or those who will be asked, have still to ship.
fn open(order: &Order) -> BTreeMap<(String, String, String), u32> {
    let mut open = BTreeMap::new();
    for known in order.fulfillment_orders.values() {
        for units in known.unshipped() {
            let share = known.planned.shares.iter().find(|share| share.item == units.item);
            let sku = share.map(|share| share.supplier_sku.clone()).unwrap_or_default();
            let stage = format!("{:?} {:?}", known.stage, known.cancellation);
            *open.entry((known.location().to_string(), sku, stage)).or_default() += units.quantity;
        }
    }
    open
}

/// What suppliers with an API believe to have sold us.
fn bought(journey: &Journey) -> BTreeMap<String, BTreeMap<String, u32>> {
    let mut bought: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
    for (supplier, known) in journey.outside.borrow().suppliers.all() {
        let is_off = |status: &str| matches!(status, "" | "cancelled" | "rejected");
        let live = known.orders.values().filter(|order| !is_off(&order.status));
        for (sku, units) in live.flat_map(|order| &order.accepted) {
            *bought.entry(supplier.clone()).or_default().entry(sku.clone()).or_default() += units;
        }
    }
    bought
}

/// What the shop shows of each number.
fn shown(journey: &Journey, order_id: &OrderId) -> BTreeMap<String, Shown> {
    let outside = journey.outside.borrow();
    let sale =
        outside.shops.known(order_id.shop().as_str()).and_then(|it| it.known(order_id.order()));
    let shown = |parcel: &outside::shop::Parcel| {
        (parcel.number.clone(), (parcel.carrier.clone(), parcel.lines.clone(), parcel.deliveries))
    };
    sale.into_iter().flat_map(|sale| &sale.parcels).map(shown).collect()
}

/// A document, whatever number its parcel has.
fn document(order: &Order, document: &DocumentId) -> String {
    match document {
        DocumentId::Label(parcel_id) => format!("label of {}", order.parcels[parcel_id].number),
        other => other.to_string(),
    }
}
