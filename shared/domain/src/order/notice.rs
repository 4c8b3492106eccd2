//! Notices: what of an order's facts its customer is told of. The same history always calls for the same notices, each
//! once; whether one goes out is for the merchant's settings to say.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::{FulfillmentOrderId, ItemId, ParcelId, RefundId, ReturnId};
use crate::order::fact::{Fact, Routed, ScanStatus};
use crate::order::refund::fact::RefundFact;
use crate::order::returns::fact::{Resolution, ReturnFact};
use crate::order::returns::{Return, Stage as ReturnStage};
use crate::order::{Order, Recorded, cancelled, delay};

/// What notices are about; the merchant chooses among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// What was bought, and when it is expected.
    OrderConfirmed,
    /// It comes in more parts than was said.
    Split,
    /// Nobody has it now.
    Backordered,
    /// Some of it, or all of it, does not come any more.
    OrderCancelled,
    /// A parcel left, or has another number.
    Shipped,
    /// It is late.
    Delayed,
    /// A parcel arrived.
    Delivered,
    /// What became of a return.
    Returns,
    /// Money went back.
    Refunds,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::OrderConfirmed,
        Self::Split,
        Self::Backordered,
        Self::OrderCancelled,
        Self::Shipped,
        Self::Delayed,
        Self::Delivered,
        Self::Returns,
        Self::Refunds,
    ];
}

/// One thing that a customer is told, once. What can happen several times is told apart by the append that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notice {
    /// What was bought, and when it is expected.
    Confirmed,
    /// It comes in more parts than was said.
    Split {
        /// The append.
        version: u64,
    },
    /// Nobody has some of it now, or not as soon as was said.
    Backordered {
        /// The append.
        version: u64,
    },
    /// Nothing of it comes any more.
    Cancelled {
        /// The append.
        version: u64,
    },
    /// Some of it does not come any more.
    PartCancelled {
        /// The append.
        version: u64,
    },
    /// A parcel left.
    Shipped(ParcelId),
    /// A parcel has another number than was said.
    Corrected {
        /// Which.
        parcel_id: ParcelId,
        /// The append.
        version: u64,
    },
    /// It is late: the day has passed, or the carrier says so.
    Delayed(FulfillmentOrderId),
    /// A parcel arrived.
    Delivered(ParcelId),
    /// We know that something is to come back, or is wrong, and someone will decide.
    ReturnRequested(ReturnId),
    /// There have to be photos first.
    ReturnPhotosAsked(ReturnId),
    /// It may come back by the customer's own post, need not, or is sent again.
    ReturnApproved(ReturnId),
    /// It may come back, with this label.
    ReturnLabel(ReturnId),
    /// It may not.
    ReturnDeclined(ReturnId),
    /// Nothing is to come back for it any more.
    ReturnCancelled(ReturnId),
    /// Some of it is here.
    ReturnReceived {
        /// Which.
        return_id: ReturnId,
        /// The append.
        version: u64,
    },
    /// Money went back.
    Refunded(RefundId),
}

/// The notice's name within its order, for ever: what has gone out is known by it.
impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Confirmed => f.write_str("confirmed"),
            Self::Split { version } => write!(f, "split/{version}"),
            Self::Backordered { version } => write!(f, "backordered/{version}"),
            Self::Cancelled { version } => write!(f, "cancelled/{version}"),
            Self::PartCancelled { version } => write!(f, "part-cancelled/{version}"),
            Self::Shipped(parcel_id) => write!(f, "shipped/{parcel_id}"),
            Self::Corrected { parcel_id, version } => write!(f, "corrected/{parcel_id}/{version}"),
            Self::Delayed(fulfillment_order_id) => write!(f, "delayed/{fulfillment_order_id}"),
            Self::Delivered(parcel_id) => write!(f, "delivered/{parcel_id}"),
            Self::ReturnRequested(return_id) => write!(f, "return-requested/{return_id}"),
            Self::ReturnPhotosAsked(return_id) => write!(f, "return-photos-asked/{return_id}"),
            Self::ReturnApproved(return_id) => write!(f, "return-approved/{return_id}"),
            Self::ReturnLabel(return_id) => write!(f, "return-label/{return_id}"),
            Self::ReturnDeclined(return_id) => write!(f, "return-declined/{return_id}"),
            Self::ReturnCancelled(return_id) => write!(f, "return-cancelled/{return_id}"),
            Self::ReturnReceived { return_id, version } => {
                write!(f, "return-received/{return_id}/{version}")
            }
            Self::Refunded(refund_id) => write!(f, "refunded/{refund_id}"),
        }
    }
}

impl Notice {
    /// What it is about.
    #[must_use]
    pub fn topic(self) -> Topic {
        match self {
            Self::Confirmed => Topic::OrderConfirmed,
            Self::Split { .. } => Topic::Split,
            Self::Backordered { .. } => Topic::Backordered,
            Self::Cancelled { .. } | Self::PartCancelled { .. } => Topic::OrderCancelled,
            Self::Shipped(_) | Self::Corrected { .. } => Topic::Shipped,
            Self::Delayed(_) => Topic::Delayed,
            Self::Delivered(_) => Topic::Delivered,
            Self::ReturnRequested(_)
            | Self::ReturnPhotosAsked(_)
            | Self::ReturnApproved(_)
            | Self::ReturnLabel(_)
            | Self::ReturnDeclined(_)
            | Self::ReturnCancelled(_)
            | Self::ReturnReceived { .. } => Topic::Returns,
            Self::Refunded(_) => Topic::Refunds,
        }
    }

    /// Whether it would say what is not so any more.
    #[must_use]
    pub fn is_moot(self, order: &Order) -> bool {
        let stage = |return_id| order.returns.get(return_id).map(|known: &Return| known.stage);
        match self {
            Self::Confirmed => order.cancel_requested.is_some() || cancelled::is_whole(order),
            Self::Split { .. } => parts(order) < 2,
            Self::Backordered { .. } => order.backorders.is_empty(),
            Self::Cancelled { .. } => !cancelled::is_whole(order),
            // Another notice says that of all of it.
            Self::PartCancelled { .. } => {
                cancelled::is_whole(order) || cancelled::units(order).is_empty()
            }
            Self::Delayed(fulfillment_order_id) => !delay::is_awaited(order, fulfillment_order_id),
            Self::ReturnRequested(return_id) => {
                !matches!(stage(&return_id), Some(ReturnStage::Requested | ReturnStage::InReview))
            }
            Self::ReturnPhotosAsked(return_id) => {
                stage(&return_id) != Some(ReturnStage::PhotosAsked)
            }
            Self::ReturnApproved(return_id) | Self::ReturnLabel(return_id) => {
                stage(&return_id) == Some(ReturnStage::Cancelled)
            }
            _ => false,
        }
    }
}

/// A notice that some append calls for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Called {
    /// Which append.
    pub version: u64,
    /// When that was.
    pub at: Timestamp,
    /// What the customer is to be told.
    pub notice: Notice,
}

/// The notices that the appends `first` to `last` of an order call for, in order, if the customer is told of these
/// topics. What says the same in one breath is one notice: a confirmation says as well what comes in parts, or later.
#[must_use]
pub fn notices(history: &[Recorded], first: u64, last: u64, topics: &[Topic]) -> Vec<Called> {
    let (mut before, mut called, mut missing) = (Order::default(), Vec::new(), BTreeMap::new());
    for Recorded { version, at, fact } in history.iter().take_while(|it| it.version <= last) {
        let after = before.clone().after(*at, std::slice::from_ref(fact));
        let cancelling = of_cancelling(&before, &after, *version, &mut missing);
        let is_meant = after.received.as_ref().is_some_and(|received| !received.test);
        if *version >= first && is_meant {
            let mut notices = of_fact(&before, fact, &after, *version);
            notices.extend(cancelling);
            notices.retain(|notice| topics.contains(&notice.topic()));
            // Whoever never heard of an order from us needs not hear that there is none.
            let is_new = history.first().is_some_and(|first| first.version == *version);
            notices.retain(|notice| !is_new || notice.topic() != Topic::OrderCancelled);
            if notices.contains(&Notice::Confirmed) {
                notices.truncate(1);
            }
            let call = |notice| Called { version: *version, at: *at, notice };
            called.extend(notices.into_iter().map(call));
        }
        before = after;
    }
    drop_parts(&mut called);
    // A delay can be told of by the carrier and by the calendar.
    let mut seen = BTreeSet::new();
    called.retain(|call| seen.insert(call.notice));
    called
}

/// What says in the same breath that all of it is cancelled says it of a part as well.
fn drop_parts(called: &mut Vec<Called>) {
    let is_whole = |call: &&Called| matches!(call.notice, Notice::Cancelled { .. });
    let whole: BTreeSet<u64> = called.iter().filter(is_whole).map(|call| call.version).collect();
    let is_part = |notice| matches!(notice, Notice::PartCancelled { .. });
    called.retain(|call| !(is_part(call.notice) && whole.contains(&call.version)));
}

fn of_fact(before: &Order, fact: &Fact, after: &Order, version: u64) -> Vec<Notice> {
    let notice = match fact {
        Fact::Routed(routed) => return of_routed(before, routed, after, version),
        Fact::Shipped { parcel_id, .. } => Some(Notice::Shipped(*parcel_id)),
        Fact::NumberCorrected { parcel_id, .. } => {
            Some(Notice::Corrected { parcel_id: *parcel_id, version })
        }
        Fact::Delayed { fulfillment_order_id, .. } => Some(Notice::Delayed(*fulfillment_order_id)),
        Fact::Tracked { parcel_id, .. } => of_tracked(before, *parcel_id, after),
        Fact::Return(fact) => of_return(fact, version),
        Fact::Refund(fact) => of_refund(fact),
        _ => None,
    };
    notice.into_iter().collect()
}

/// What comes of a cancellation is told when all suppliers have answered, at once. `known` is what did not come any more
/// when there was last nobody to wait for.
fn of_cancelling(
    before: &Order,
    after: &Order,
    version: u64,
    known: &mut BTreeMap<ItemId, u32>,
) -> Option<Notice> {
    if cancelled::is_undecided(after) {
        return None;
    }
    let units = cancelled::units(after);
    let was = std::mem::replace(known, units.clone());
    if cancelled::is_whole(after) {
        return (!cancelled::is_whole(before)).then_some(Notice::Cancelled { version });
    }
    let is_more =
        |(item, quantity): (&ItemId, &u32)| was.get(item).is_none_or(|was| quantity > was);
    units.iter().any(is_more).then_some(Notice::PartCancelled { version })
}

/// How many parts the order comes in that somebody ships, or has shipped.
fn parts(order: &Order) -> usize {
    order.fulfillment_orders.values().filter(|known| !known.active().is_empty()).count()
}

fn of_routed(before: &Order, routed: &Routed, after: &Order, version: u64) -> Vec<Notice> {
    let mut notices = Vec::new();
    if routed.fulfillment_orders.is_empty() && routed.backorders.is_empty() {
        return notices;
    }
    if before.fulfillment_orders.is_empty() && before.backorders.is_empty() {
        notices.push(Notice::Confirmed);
    }
    if parts(after) > parts(before).max(1) {
        notices.push(Notice::Split { version });
    }
    let is_news = |waiting: &crate::order::fact::Backorder| {
        let known = before.backorders.get(&waiting.item);
        known.is_none_or(|known| waiting.expected_on > known.expected_on)
    };
    if routed.backorders.iter().any(is_news) {
        notices.push(Notice::Backordered { version });
    }
    notices
}

fn of_tracked(before: &Order, parcel_id: ParcelId, after: &Order) -> Option<Notice> {
    let (was, parcel) = (before.parcels.get(&parcel_id)?, after.parcels.get(&parcel_id)?);
    if was.status() == parcel.status() {
        return None;
    }
    match parcel.status() {
        ScanStatus::Delivered => Some(Notice::Delivered(parcel_id)),
        ScanStatus::Exception => Some(Notice::Delayed(parcel.fulfillment_order_id)),
        _ => None,
    }
}

fn of_return(fact: &ReturnFact, version: u64) -> Option<Notice> {
    let return_id = fact.return_id();
    match fact {
        ReturnFact::ReturnRequested(_) => Some(Notice::ReturnRequested(return_id)),
        ReturnFact::ReturnPhotosAsked { .. } => Some(Notice::ReturnPhotosAsked(return_id)),
        // With a label of ours it is told of when that is there, or can't be had.
        ReturnFact::ReturnApproved(approved)
            if approved.label && approved.resolution == Resolution::Refund =>
        {
            None
        }
        ReturnFact::ReturnApproved(_) | ReturnFact::ReturnLabelFailed { .. } => {
            Some(Notice::ReturnApproved(return_id))
        }
        ReturnFact::ReturnLabelBought(_) | ReturnFact::ReturnLabelResolved { bought: true, .. } => {
            Some(Notice::ReturnLabel(return_id))
        }
        ReturnFact::ReturnDeclined { .. } => Some(Notice::ReturnDeclined(return_id)),
        ReturnFact::ReturnCancelled { .. } => Some(Notice::ReturnCancelled(return_id)),
        ReturnFact::ReturnReceived { .. } => Some(Notice::ReturnReceived { return_id, version }),
        _ => None,
    }
}

fn of_refund(fact: &RefundFact) -> Option<Notice> {
    match fact {
        RefundFact::RefundSucceeded { refund_id, .. }
        | RefundFact::RefundResolved { refund_id, refunded: true, .. } => {
            Some(Notice::Refunded(*refund_id))
        }
        _ => None,
    }
}
