//! Amendments: what someone asked to be changed of the order, and what can be answered now.
//!
//! The answer is a function of the order's state, so it is never out of date; what the shop was told of it is on record,
//! so that what is owed is the difference.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::LineId;
use crate::order::address_change::Readdress;
use crate::order::fact::{Fact, Hold, LineQuantity};
use crate::order::{Cancellation, FulfillmentOrder, Order, Stage};
use crate::shop_order::ShopLine;

/// A request to change the order. Requests count from 1, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// When it came.
    pub at: Timestamp,
    /// Who asked.
    pub by: String,
    /// For what.
    pub request: Request,
    /// Whether anything had ever been under way for the order. Nobody waits for an answer on a basket that was never
    /// paid for.
    pub is_awaited: bool,
    /// What the shop was told last.
    pub told: Option<Verdict>,
    /// Why the shop takes no answers on it, if so.
    pub untellable: Option<String>,
}

/// What someone asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// None of the order is wanted any more.
    Cancellation,
    /// The same, until the shop took the order up again.
    CancellationTakenBack,
    /// Other quantities, or further lines.
    Edit(Vec<EditedLine>),
    /// Another address: the order's `change`th.
    Address {
        /// Counts addresses from 1, the first one not included.
        change: u32,
    },
}

/// A line that is to be of another quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedLine {
    /// Which.
    pub line_id: LineId,
    /// Units before.
    pub from: u32,
    /// Units wanted.
    pub to: u32,
    /// Units that could not be stopped any more.
    pub late: u32,
}

/// How a request stands. This is stored; see [`Fact`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is not known yet.
    Pending,
    /// It is as was asked.
    Done,
    /// Who ships it was asked, and will answer later.
    Asked,
    /// It could not be stopped any more.
    TooLate,
    /// A part of it is as was asked; for the rest it was too late.
    Partly,
    /// Another request took its place.
    Replaced,
}

impl Verdict {
    /// Its name, as it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Asked => "asked",
            Self::TooLate => "too_late",
            Self::Partly => "partly",
            Self::Replaced => "replaced",
        }
    }

    /// Whether the shop is to know of it.
    pub(super) fn is_news(self) -> bool {
        !matches!(self, Self::Pending | Self::Replaced)
    }
}

/// What can be answered now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// How it stands.
    pub verdict: Verdict,
    /// Why, in words for the customer; empty where there is nothing to explain.
    pub why: &'static str,
    /// More of that, for operators alone: it names suppliers and what they said.
    pub notes: Vec<String>,
}

const SHIPPED: &str = "it has been shipped already";
const BEING_SHIPPED: &str = "it is being shipped already";
const WAITS_FOR_SUPPLIER: &str = "whoever ships it has been asked";

impl Amendment {
    /// What kind of request it is, in a word or two for people.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.request {
            Request::Cancellation | Request::CancellationTakenBack => "cancellation",
            Request::Edit(_) => "edit",
            Request::Address { .. } => "address",
        }
    }

    /// The verdict that the shop does not know yet, if any.
    #[must_use]
    pub fn owed(&self, order: &Order) -> Option<Verdict> {
        if !self.is_awaited || self.untellable.is_some() {
            return None;
        }
        let verdict = self.answer(order).verdict;
        (verdict.is_news() && self.told != Some(verdict)).then_some(verdict)
    }

    /// What can be answered now.
    #[must_use]
    pub fn answer(&self, order: &Order) -> Answer {
        match &self.request {
            Request::CancellationTakenBack => plain(Verdict::Replaced),
            Request::Address { change } if *change < order.address_changes => {
                plain(Verdict::Replaced)
            }
            Request::Edit(lines) => edit(lines),
            Request::Cancellation => cancellation(order),
            Request::Address { change } => address(order, *change),
        }
    }
}

fn plain(verdict: Verdict) -> Answer {
    Answer { verdict, why: "", notes: Vec::new() }
}

fn edit(lines: &[EditedLine]) -> Answer {
    let late = lines.iter().filter(|line| line.late > 0);
    let notes: Vec<String> = late
        .map(|line| format!("line `{}`: {} stay on their way", line.line_id, line.late))
        .collect();
    let is_nothing =
        lines.iter().all(|line| line.from > line.to && line.late >= line.from - line.to);
    match (notes.is_empty(), is_nothing) {
        (true, _) => plain(Verdict::Done),
        (false, true) => Answer { verdict: Verdict::TooLate, why: BEING_SHIPPED, notes },
        (false, false) => Answer { verdict: Verdict::Partly, why: BEING_SHIPPED, notes },
    }
}

/// What came of a request so far, over all that the order consists of.
#[derive(Default)]
struct Tally {
    is_pending: bool,
    is_asked: bool,
    /// Something is as was asked.
    is_met: bool,
    /// Something is not: why.
    late: Option<&'static str>,
    notes: Vec<String>,
}

impl Tally {
    fn answer(self) -> Answer {
        let (verdict, why) = match (self.is_pending, self.is_asked, self.late, self.is_met) {
            (true, ..) => (Verdict::Pending, ""),
            (_, true, ..) => (Verdict::Asked, WAITS_FOR_SUPPLIER),
            (_, _, None, _) => (Verdict::Done, ""),
            (_, _, Some(why), true) => (Verdict::Partly, why),
            (_, _, Some(why), false) => (Verdict::TooLate, why),
        };
        Answer { verdict, why, notes: self.notes }
    }

    fn wait(&mut self, supplier: &FulfillmentOrder, what: &str) {
        self.notes.push(format!("`{}` {what}", supplier.supplier()));
    }
}

fn cancellation(order: &Order) -> Answer {
    let mut tally = Tally {
        is_met: order.cancelled.values().any(|units| *units > 0),
        late: (!order.parcels.is_empty()).then_some(SHIPPED),
        ..Tally::default()
    };
    let open = order.fulfillment_orders.values().filter(|known| !known.unshipped().is_empty());
    for known in open {
        match known.cancellation {
            Cancellation::Rejected => {
                tally.late.get_or_insert(BEING_SHIPPED);
                let why = known.cancel_refusal.as_deref().unwrap_or_default();
                tally.wait(known, &format!("refused: {why}"));
            }
            Cancellation::Asked => {
                tally.is_asked = true;
                tally.wait(known, "was asked");
            }
            Cancellation::None | Cancellation::Requested => {
                tally.is_pending = true;
                tally.wait(known, "is being asked");
            }
        }
    }
    tally.answer()
}

fn address(order: &Order, change: u32) -> Answer {
    let mut tally = Tally {
        is_pending: is_being_checked(order),
        is_met: order.items().any(|item| order.unallocated(item) > 0),
        ..Tally::default()
    };
    if tally.is_pending {
        tally.notes.push("the new address is being checked".to_owned());
    }
    for parcel in order.parcels.values() {
        if parcel.destination < change {
            tally.late = Some(SHIPPED);
        } else {
            tally.is_met = true;
        }
    }
    let open = order.fulfillment_orders.values().filter(|known| !known.unshipped().is_empty());
    for known in open {
        match known.readdress(change) {
            Readdress::Settled => tally.is_met = true,
            Readdress::Refused(why) => {
                tally.late.get_or_insert(BEING_SHIPPED);
                tally.wait(known, &format!("refused: {why}"));
            }
            Readdress::Asked => {
                tally.is_asked = true;
                tally.wait(known, "was asked");
            }
            Readdress::Wanted => {
                tally.is_pending = true;
                tally.wait(known, "is being asked");
            }
        }
    }
    tally.answer()
}

/// Whether nobody can tell yet if anything may go to the new address.
fn is_being_checked(order: &Order) -> bool {
    let goes_on = order.is_live() && order.cancel_requested.is_none();
    goes_on && (!order.is_screened() || order.holds.contains_key(&Hold::Address))
}

/// The shop was told this.
#[must_use]
pub fn told(
    order: &Order,
    request: u16,
    verdict: Verdict,
    shop_reference: &str,
    found: bool,
    refused: Option<String>,
) -> Vec<Fact> {
    let is_open = order
        .amendment(request)
        .is_some_and(|known| known.told != Some(verdict) && known.untellable.is_none());
    if !is_open {
        return Vec::new();
    }
    let shop_reference = shop_reference.to_owned();
    vec![Fact::ShopAnswered { request, verdict, shop_reference, found, refused }]
}

impl Order {
    /// The request of that number.
    #[must_use]
    pub fn amendment(&self, request: u16) -> Option<&Amendment> {
        self.amendments.get(usize::from(request).checked_sub(1)?)
    }

    /// Every request and its number.
    pub fn numbered_amendments(&self) -> impl Iterator<Item = (u16, &Amendment)> {
        (1..).zip(&self.amendments)
    }

    /// Someone asked for a change.
    pub(super) fn amend(&mut self, at: Timestamp, by: &str, request: Request) {
        self.amendments.push(Amendment {
            at,
            by: by.to_owned(),
            request,
            is_awaited: self.was_live,
            told: None,
            untellable: None,
        });
    }

    /// What an edit asks of each line; to be told before it takes effect.
    pub(super) fn edited(&self, lines: &[LineQuantity], added: &[ShopLine]) -> Request {
        let edited = |line_id: &LineId, to| EditedLine {
            line_id: line_id.clone(),
            from: self.wanted.get(line_id).copied().unwrap_or(0),
            to,
            late: 0,
        };
        let changed = lines.iter().map(|line| edited(&line.line_id, line.quantity));
        let added = added.iter().map(|line| edited(&line.line_id, line.quantity));
        Request::Edit(changed.chain(added).collect())
    }

    /// For some units of the newest edit it was too late.
    pub(super) fn refuse_edit(&mut self, line_id: &LineId, quantity: u32) {
        let edits = self.amendments.iter_mut().rev().filter_map(|known| match &mut known.request {
            Request::Edit(lines) => Some(lines),
            _ => None,
        });
        let line = edits.flatten().find(|line| line.line_id == *line_id);
        if let Some(line) = line {
            line.late += quantity;
        }
    }

    /// The shop wants the order after all.
    pub(super) fn take_cancellation_back(&mut self) {
        for known in &mut self.amendments {
            if known.request == Request::Cancellation {
                known.request = Request::CancellationTakenBack;
            }
        }
    }

    pub(super) fn answered(&mut self, request: u16, told: Verdict, refused: Option<&String>) {
        let index = usize::from(request).checked_sub(1);
        if let Some(known) = index.and_then(|index| self.amendments.get_mut(index)) {
            known.told = Some(told);
            known.untellable = refused.cloned();
        }
    }
}

/// Whether a fulfillment order's supplier has it, or may have it.
pub(super) fn is_with_supplier(fulfillment_order: &FulfillmentOrder) -> bool {
    !matches!(fulfillment_order.stage, Stage::Planned | Stage::Closed)
}
