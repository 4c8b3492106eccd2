//! What other systems of the merchant are told: each fact that means something outside, in the words of our status
//! webhooks. `shared/connectors/schemas/event.schema.json` publishes them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::id::{LineId, LocationId, ServiceId, SupplierId};
use crate::money::Money;
use crate::order::amendment::Verdict;
use crate::order::fact::{Fact, Hold, Planned, Received, RejectReason, Routed, ScanStatus, Units};
use crate::order::phase::{Phase, phase};
use crate::order::{Order, Recorded};

mod back;

use back::Back;

/// The name of every event, as endpoints subscribe to it.
pub const EVENTS: [&str; 38] = [
    "fulfillment.accepted",
    "fulfillment.delayed",
    "fulfillment.in_doubt",
    "fulfillment.overdue",
    "fulfillment.rejected",
    "fulfillment.submitted",
    "fulfillment.timed_out",
    "fulfillment.withdrawn",
    "order.backordered",
    "order.cancel_requested",
    "order.cancelled",
    "order.changed",
    "order.delivered",
    "order.held",
    "order.received",
    "order.released",
    "order.routed",
    "parcel.delivered",
    "parcel.moved",
    "refund.failed",
    "refund.in_doubt",
    "refund.planned",
    "refund.succeeded",
    "request.answered",
    "return.approved",
    "return.cancelled",
    "return.closed",
    "return.declined",
    "return.in_review",
    "return.inspected",
    "return.label_bought",
    "return.photos_asked",
    "return.received",
    "return.requested",
    "return.sent",
    "shipment.confirmed",
    "shipment.corrected",
    "stock.changed",
];

/// One thing to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Which of all that the order has to tell, counted from 1: whoever hears of it twice, or late, sees it by this.
    pub sequence: u64,
    /// When it was recorded.
    pub at: Timestamp,
    /// The order's phase since then.
    pub phase: Phase,
    /// What.
    pub event: Event,
}

/// What is told. The variants' names are the events' names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type")]
pub enum Event {
    /// The shop told us of the order.
    #[serde(rename = "order.received")]
    Received { is_paid: bool, total: Money, lines: Vec<Line> },
    /// The shop, or a person, changed something of it.
    #[serde(rename = "order.changed")]
    Changed { what: What },
    /// Something stops it.
    #[serde(rename = "order.held")]
    Held { hold: Hold },
    /// It does not stop it any more.
    #[serde(rename = "order.released")]
    Released { hold: Hold, by_person: bool },
    /// Suppliers were chosen.
    #[serde(rename = "order.routed")]
    Routed { shares: Vec<Share> },
    /// Nobody has these now.
    #[serde(rename = "order.backordered")]
    Backordered { units: Vec<Waiting> },
    /// Someone wants it cancelled.
    #[serde(rename = "order.cancel_requested")]
    CancelRequested {},
    /// Nothing of it will be shipped.
    #[serde(rename = "order.cancelled")]
    Cancelled {},
    /// The customer has all of it.
    #[serde(rename = "order.delivered")]
    Delivered {},
    /// The supplier has it.
    #[serde(rename = "fulfillment.submitted")]
    Submitted { fulfillment_order: String, answer_by: Timestamp },
    /// The supplier will ship these.
    #[serde(rename = "fulfillment.accepted")]
    Accepted { fulfillment_order: String, units: Vec<Unit>, ship_by: Timestamp },
    /// The supplier won't.
    #[serde(rename = "fulfillment.rejected")]
    Rejected { fulfillment_order: String, units: Vec<Unit>, reason: RejectReason },
    /// The supplier did not answer in time.
    #[serde(rename = "fulfillment.timed_out")]
    TimedOut { fulfillment_order: String, units: Vec<Unit> },
    /// It was cancelled at the supplier, or before it got there.
    #[serde(rename = "fulfillment.withdrawn")]
    Withdrawn { fulfillment_order: String, units: Vec<Unit> },
    /// The supplier has not shipped in time.
    #[serde(rename = "fulfillment.overdue")]
    Overdue { fulfillment_order: String },
    /// Nobody knows whether it was bought: a person is needed.
    #[serde(rename = "fulfillment.in_doubt")]
    InDoubt { fulfillment_order: String },
    /// A box left.
    #[serde(rename = "shipment.confirmed")]
    Shipped {
        parcel: String,
        fulfillment_order: String,
        carrier: String,
        tracking_number: String,
        ship_date: Date,
        units: Vec<Unit>,
    },
    /// A box stands elsewhere than before.
    #[serde(rename = "parcel.moved")]
    Moved { parcel: String, status: ScanStatus },
    /// The customer has a box.
    #[serde(rename = "parcel.delivered")]
    Arrived {
        parcel: String,
        delivered_at: Timestamp,
        /// `carrier`, or `customer` where they were faster.
        said_by: &'static str,
    },
    /// The day on which it should have arrived has passed.
    #[serde(rename = "fulfillment.delayed")]
    Delayed { fulfillment_order: String, expected_on: Date },
    /// The number of a box was wrong.
    #[serde(rename = "shipment.corrected")]
    Corrected {
        parcel: String,
        carrier: String,
        tracking_number: String,
        ship_date: Date,
        /// The number that was wrong.
        replaces: String,
    },
    /// What came of a wish to change the order, as far as it is known now.
    #[serde(rename = "request.answered")]
    Answered { request: u16, of: &'static str, verdict: Verdict },
    /// Something of a return or a refund. Stored and told without this level.
    #[serde(untagged)]
    Back(Back),
}

/// What changed of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// What was bought, or how much of it.
    Lines,
    /// Whether it is paid.
    Payment,
    /// Who gets it, or where.
    Contact,
    /// The shop takes up again what it had cancelled.
    Reinstated,
}

/// A line as the shop stated it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    line_id: LineId,
    sku: String,
    quantity: u32,
}

/// Units of one article of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unit {
    line_id: LineId,
    article: String,
    quantity: u32,
}

/// What one supplier is to ship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    fulfillment_order: String,
    supplier: SupplierId,
    location: LocationId,
    service: ServiceId,
    units: Vec<Unit>,
    /// The first and the last day on which it may arrive.
    arrives: (Date, Date),
}

/// Units that wait for stock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    line_id: LineId,
    article: String,
    quantity: u32,
    expected_on: Date,
}

impl Event {
    /// Its name, one of [`EVENTS`].
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Received { .. } => "order.received",
            Self::Changed { .. } => "order.changed",
            Self::Held { .. } => "order.held",
            Self::Released { .. } => "order.released",
            Self::Routed { .. } => "order.routed",
            Self::Backordered { .. } => "order.backordered",
            Self::CancelRequested {} => "order.cancel_requested",
            Self::Cancelled {} => "order.cancelled",
            Self::Delivered {} => "order.delivered",
            Self::Submitted { .. } => "fulfillment.submitted",
            Self::Accepted { .. } => "fulfillment.accepted",
            Self::Rejected { .. } => "fulfillment.rejected",
            Self::TimedOut { .. } => "fulfillment.timed_out",
            Self::Withdrawn { .. } => "fulfillment.withdrawn",
            Self::Overdue { .. } => "fulfillment.overdue",
            Self::InDoubt { .. } => "fulfillment.in_doubt",
            Self::Shipped { .. } => "shipment.confirmed",
            Self::Moved { .. } => "parcel.moved",
            Self::Arrived { .. } => "parcel.delivered",
            Self::Delayed { .. } => "fulfillment.delayed",
            Self::Corrected { .. } => "shipment.corrected",
            Self::Answered { .. } => "request.answered",
            Self::Back(back) => back.name(),
        }
    }
}

/// All that the appends `first` to `last` of an order have to tell, in order. The same history always tells the same.
#[must_use]
pub fn announcements(history: &[Recorded], first: u64, last: u64) -> Vec<Announcement> {
    let (mut before, mut told, mut sequence) = (Order::default(), Vec::new(), 0);
    for Recorded { version, at, fact } in history.iter().take_while(|it| it.version <= last) {
        let after = before.clone().after(*at, std::slice::from_ref(fact));
        for event in events(&before, fact, &after) {
            sequence += 1;
            if *version >= first {
                let phase = phase(&after);
                told.push(Announcement { sequence, at: *at, phase, event });
            }
        }
        before = after;
    }
    told
}

fn events(before: &Order, fact: &Fact, after: &Order) -> Vec<Event> {
    let mut events = of_order(before, fact);
    events.extend(of_fulfillment(fact));
    events.extend(of_parcel(before, fact, after));
    events.extend(back::told(before, fact).map(Event::Back));
    events.extend(answers(before, after));
    let reaches = |goal: Phase| phase(after) == goal && phase(before) != goal;
    if reaches(Phase::Cancelled) {
        events.push(Event::Cancelled {});
    }
    if reaches(Phase::Delivered) {
        events.push(Event::Delivered {});
    }
    events
}

fn of_order(before: &Order, fact: &Fact) -> Vec<Event> {
    let event = match fact {
        Fact::Received(received) => of_received(received),
        Fact::PaymentChanged { .. } => Event::Changed { what: What::Payment },
        Fact::EditRequested { .. } => Event::Changed { what: What::Lines },
        Fact::ContactChanged { .. } => Event::Changed { what: What::Contact },
        Fact::Reinstated { .. } => Event::Changed { what: What::Reinstated },
        Fact::Held { hold, .. } => Event::Held { hold: *hold },
        Fact::Released { hold } => Event::Released { hold: *hold, by_person: false },
        Fact::Overridden { hold, .. } => Event::Released { hold: *hold, by_person: true },
        Fact::Routed(routed) => return of_routed(routed),
        Fact::CancelRequested { .. } if before.cancel_requested.is_none() => {
            Event::CancelRequested {}
        }
        _ => return Vec::new(),
    };
    vec![event]
}

/// What can be said now of each wish to change the order, where it is news.
fn answers(before: &Order, after: &Order) -> Vec<Event> {
    let verdict_before = |request| {
        let known = before.amendment(request);
        known.filter(|known| known.is_awaited).map(|known| known.answer(before).verdict)
    };
    let answered = after.numbered_amendments().filter(|(_, known)| known.is_awaited);
    let verdicts = answered.map(|(request, known)| (request, known, known.answer(after).verdict));
    let news = verdicts.filter(|(request, _, verdict)| {
        verdict.is_news() && verdict_before(*request) != Some(*verdict)
    });
    news.map(|(request, known, verdict)| Event::Answered { request, of: known.name(), verdict })
        .collect()
}

fn of_received(received: &Received) -> Event {
    let lines = received.lines.iter().map(|line| Line {
        line_id: line.line_id.clone(),
        sku: line.sku.clone(),
        quantity: line.quantity,
    });
    Event::Received {
        is_paid: received.payment.allows_shipping(),
        total: Money { minor: received.total_minor, currency: received.currency },
        lines: lines.collect(),
    }
}

fn of_routed(routed: &Routed) -> Vec<Event> {
    let mut events = Vec::new();
    if !routed.fulfillment_orders.is_empty() {
        events
            .push(Event::Routed { shares: routed.fulfillment_orders.iter().map(share).collect() });
    }
    if !routed.backorders.is_empty() {
        let waiting = routed.backorders.iter().map(|known| Waiting {
            line_id: known.item.line.clone(),
            article: known.item.article.to_string(),
            quantity: known.quantity,
            expected_on: known.expected_on,
        });
        events.push(Event::Backordered { units: waiting.collect() });
    }
    events
}

fn share(planned: &Planned) -> Share {
    let mut quantities = BTreeMap::new();
    for share in &planned.shares {
        *quantities.entry(share.item.clone()).or_default() += share.quantity;
    }
    let units = quantities.into_iter().map(|(item, quantity)| unit(&Units { item, quantity }));
    Share {
        fulfillment_order: planned.fulfillment_order_id.to_string(),
        supplier: planned.supplier.clone(),
        location: planned.location.clone(),
        service: planned.service.clone(),
        units: units.collect(),
        arrives: planned.arrives,
    }
}

fn of_fulfillment(fact: &Fact) -> Option<Event> {
    let event = match fact {
        Fact::Submitted { fulfillment_order_id, answer_by, .. } => Event::Submitted {
            fulfillment_order: fulfillment_order_id.to_string(),
            answer_by: *answer_by,
        },
        Fact::Accepted { fulfillment_order_id, units, ship_by } => Event::Accepted {
            fulfillment_order: fulfillment_order_id.to_string(),
            units: all(units),
            ship_by: *ship_by,
        },
        Fact::Rejected { fulfillment_order_id, units, reason, .. } => Event::Rejected {
            fulfillment_order: fulfillment_order_id.to_string(),
            units: all(units),
            reason: *reason,
        },
        Fact::TimedOut { fulfillment_order_id, units } => Event::TimedOut {
            fulfillment_order: fulfillment_order_id.to_string(),
            units: all(units),
        },
        Fact::Withdrawn { fulfillment_order_id, units } => Event::Withdrawn {
            fulfillment_order: fulfillment_order_id.to_string(),
            units: all(units),
        },
        Fact::Overdue { fulfillment_order_id } => {
            Event::Overdue { fulfillment_order: fulfillment_order_id.to_string() }
        }
        Fact::Delayed { fulfillment_order_id, expected_on } => Event::Delayed {
            fulfillment_order: fulfillment_order_id.to_string(),
            expected_on: *expected_on,
        },
        Fact::InDoubt { fulfillment_order_id, .. } => {
            Event::InDoubt { fulfillment_order: fulfillment_order_id.to_string() }
        }
        _ => return None,
    };
    Some(event)
}

fn of_parcel(before: &Order, fact: &Fact, after: &Order) -> Option<Event> {
    match fact {
        Fact::Shipped {
            parcel_id,
            fulfillment_order_id,
            carrier,
            number,
            ship_date,
            units,
            ..
        } => Some(Event::Shipped {
            parcel: parcel_id.to_string(),
            fulfillment_order: fulfillment_order_id.to_string(),
            carrier: carrier.clone(),
            tracking_number: number.clone(),
            ship_date: *ship_date,
            units: all(units),
        }),
        Fact::NumberCorrected { parcel_id, carrier, number, ship_date } => Some(Event::Corrected {
            parcel: parcel_id.to_string(),
            carrier: carrier.clone(),
            tracking_number: number.clone(),
            ship_date: *ship_date,
            replaces: before.parcels.get(parcel_id)?.number.clone(),
        }),
        Fact::Tracked { parcel_id, .. } | Fact::ArrivalConfirmed { parcel_id } => {
            let (was, is) = (before.parcels.get(parcel_id)?, after.parcels.get(parcel_id)?);
            match (was.delivered_at(), is.delivered_at()) {
                (None, Some(delivered_at)) => Some(Event::Arrived {
                    parcel: parcel_id.to_string(),
                    delivered_at,
                    said_by: if is.confirmed_at.is_some() { "customer" } else { "carrier" },
                }),
                // A late scan of an earlier moment changes nothing.
                _ => (was.status() != is.status())
                    .then(|| Event::Moved { parcel: parcel_id.to_string(), status: is.status() }),
            }
        }
        _ => None,
    }
}

fn all(units: &[Units]) -> Vec<Unit> {
    units.iter().map(unit).collect()
}

fn unit(units: &Units) -> Unit {
    Unit {
        line_id: units.item.line.clone(),
        article: units.item.article.to_string(),
        quantity: units.quantity,
    }
}
