//! Sees every fact when it is appended, and says at once which promise it breaks.
//!
//! It reckons by itself where it can: stock by its own ledger, margins and freight by its own sums, a parcel's status by
//! its own order of scans. Else a rule that is wrong would agree with itself.

mod back;
mod ladder;
mod money;
mod stock;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash as _};

use domain::catalog::StockKey;
use domain::id::{FulfillmentOrderId, ItemId, OrderId, parse_reference};
use domain::message::{Function, Message};
use domain::order::fact::{Fact, Hold, Milestone, Routed, Scan, ScanStatus, Units};
use domain::order::next::{LOOK_AGAIN_END, Owed, next};
use domain::order::returns::fact::ReturnFact;
use domain::order::{Cancellation, FulfillmentOrder, Order, Parcel, Stage};
use domain::settings::Settings;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ports::memory::World;
use ports::{OutgoingMail, Request};

use super::returns::Back;
use super::site::Run;
use stock::Shelf;

/// Clocks may be off by so much.
const SKEW_MAX: SignedDuration = SignedDuration::from_secs(5);

/// Messages about one order in a minute; more are a storm.
const BURST_MAX: u32 = 60;

/// Messages about one order that whoever takes a dead letter out again sends, at the most.
const REMINDERS_MAX: u32 = 4;

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The order concerned, if it is one.
    pub order_id: Option<OrderId>,
    /// What is wrong.
    pub what: String,
}

/// Something that a person will look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// Something stops the order.
    Held(OrderId, Hold),
    /// Nobody knows whether it was bought.
    InDoubt(OrderId, FulfillmentOrderId),
    /// A parcel arrived.
    Arrived(OrderId),
    /// It is somebody's turn with something that comes back.
    Back(OrderId, Back),
    /// Units of an article number are on the shelf again.
    Restocked(String, i64),
}

/// An order as its facts have it so far.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The order.
    pub(crate) order: Order,
    /// Appends so far.
    pub(crate) version: u64,
    /// The most units of each item that were ever wanted.
    pub(crate) most: BTreeMap<ItemId, u32>,
    /// The shop was told that it is too late.
    pub(crate) was_refused: bool,
    levels: BTreeMap<ItemId, ladder::Level>,
    back: back::Level,
    owes: Vec<(Owed, u64)>,
    sent: Vec<(Message, u64)>,
    /// Messages in this minute.
    burst: (i64, u32),
    /// Dead letters that were put back, and in which minute they come.
    put_back: (i64, u32),
}

/// Who sees every fact.
pub(crate) struct Watch {
    /// Every order; in boxes, so that a map moves none of them.
    pub(crate) orders: BTreeMap<OrderId, Box<Known>>,
    /// The first broken promise.
    pub(crate) trouble: Option<Trouble>,
    /// What people will look at.
    pub(crate) news: Vec<News>,
    /// What time it is.
    pub(crate) now: Timestamp,
    /// When anything changed last.
    pub(crate) changed_at: Timestamp,
    /// The order that changed last.
    pub(crate) changed: Option<OrderId>,
    /// How many facts there were.
    pub(crate) facts: u64,
    /// Of which order, of which kind, and when.
    pub(crate) fingerprint: DefaultHasher,
    /// What happened to the order that is traced.
    pub(crate) trace: Option<(OrderId, Vec<String>)>,
    settings: Settings,
    shelves: BTreeMap<StockKey, Shelf>,
    moved: Vec<StockKey>,
    mailed: BTreeSet<String>,
    /// Appends and messages so far.
    pub(crate) sequence: u64,
}

impl Watch {
    /// Nothing was seen yet.
    pub(crate) fn new(settings: Settings, now: Timestamp, traced: Option<OrderId>) -> Self {
        Self {
            orders: BTreeMap::new(),
            trouble: None,
            news: Vec::new(),
            now,
            changed_at: now,
            changed: None,
            facts: 0,
            fingerprint: DefaultHasher::new(),
            trace: traced.map(|order_id| (order_id, Vec::new())),
            settings,
            shelves: BTreeMap::new(),
            moved: Vec::new(),
            mailed: BTreeSet::new(),
            sequence: 0,
        }
    }

    /// Something is wrong. Only the first thing counts.
    pub(crate) fn report(&mut self, order_id: Option<&OrderId>, what: impl Into<String>) {
        let what = what.into();
        if let Some(order_id) = order_id {
            self.note(order_id, || format!("WRONG: {what}"));
        }
        self.trouble.get_or_insert_with(|| Trouble { order_id: order_id.cloned(), what });
    }

    /// Writes something down about an order, if it is the one that is traced.
    pub(crate) fn note(&mut self, order_id: &OrderId, what: impl FnOnce() -> String) {
        let now = self.now;
        if let Some((traced, lines)) = &mut self.trace
            && traced == order_id
        {
            lines.push(format!("{}  {}", now.strftime("%m-%d %H:%M:%S"), what()));
        }
    }

    /// Facts were appended.
    pub(crate) fn append(
        &mut self,
        world: &World,
        order_id: &OrderId,
        version: u64,
        at: Timestamp,
        facts: &[Fact],
    ) {
        let mut known = self.orders.remove(order_id).unwrap_or_default();
        let mut wrong: Vec<String> = Vec::new();
        if known.version != version {
            wrong.push(format!("version {} was appended to {}", version + 1, known.version));
        }
        for fact in facts {
            self.note(order_id, || format!("      + {:.600}", format!("{fact:?}")));
            self.facts += 1;
            (order_id.as_str(), version, at.as_nanosecond(), fact.name())
                .hash(&mut self.fingerprint);
            wrong.extend(self.fits(&known.order, fact, at));
            known.was_refused |= matches!(fact, Fact::EditRefused { .. });
            known.order = std::mem::take(&mut known.order).after(at, std::slice::from_ref(fact));
            wrong.extend(self.moves(&known.order, fact));
            self.tell(order_id, &known.order, fact);
        }
        (self.changed_at, self.changed) = (self.now, Some(order_id.clone()));
        known.version += 1;
        wrong.extend(self.wrong_levels(world));
        wrong.extend(ladder::check(&mut known, facts));
        wrong.extend(back::check(&mut known));
        self.sequence += 1;
        known.calls_for(order_id, self.sequence);
        self.orders.insert(order_id.clone(), known);
        for what in wrong {
            self.report(Some(order_id), what);
        }
    }

    /// What is wrong with a fact of an order as it was before.
    fn fits(&self, before: &Order, fact: &Fact, at: Timestamp) -> Option<String> {
        let known = |id: &FulfillmentOrderId| before.fulfillment_orders.get(id);
        let is_wrong = match fact {
            Fact::Received(_) => before.received.is_some(),
            Fact::Routed(routed) => return self.fits_routed(before, routed),
            Fact::SubmissionStarted { fulfillment_order_id } => {
                known(fulfillment_order_id).is_none_or(|it| !may_be_bought(before, it, at))
            }
            Fact::Submitted { fulfillment_order_id, .. } => known(fulfillment_order_id)
                .is_none_or(|it| !has_intent(it) || it.stage == Stage::Closed),
            Fact::TimedOut { fulfillment_order_id, units } => {
                known(fulfillment_order_id).is_none_or(|it| takes_back_promised(it, units))
            }
            Fact::Shipped { fulfillment_order_id: id, carrier, number, .. } => {
                before.parcels.values().any(|it| {
                    (it.fulfillment_order_id, &it.carrier, &it.number) == (*id, carrier, number)
                })
            }
            Fact::ShopUpdated { parcel_id, milestone, .. } => {
                *milestone != Milestone::Corrected
                    && before
                        .parcels
                        .get(parcel_id)
                        .is_none_or(|it| it.pushed.contains_key(milestone))
            }
            Fact::Tracked { parcel_id, scans } => {
                let is_wrong = |it: &Parcel| {
                    scans.iter().any(|scan| it.scans.contains(scan) || is_of_another(it, scan))
                };
                before.parcels.get(parcel_id).is_none_or(is_wrong)
            }
            Fact::Return(fact) => back::is_unfit(before, fact, at),
            Fact::Refund(fact) => return back::unfit_refund(before, fact, at),
            Fact::Archived(archived) => before.documents.contains_key(&archived.document),
            _ => before.received.is_none(),
        };
        is_wrong.then(|| format!("`{}` does not fit the order as it was", fact.name()))
    }

    fn fits_routed(&self, before: &Order, routed: &Routed) -> Option<String> {
        if !before.is_live() || before.cancel_requested.is_some() || !before.holds.is_empty() {
            return Some("it was routed, and may not go on".to_owned());
        }
        for planned in &routed.fulfillment_orders {
            for share in &planned.shares {
                let same = before.fulfillment_orders.values();
                let mut same = same.filter(|it| *it.supplier() == planned.supplier);
                if same.any(|it| it.units.get(&share.item).is_some_and(|units| units.returned > 0))
                {
                    return Some(format!(
                        "`{}` gave it back and was chosen again",
                        planned.supplier
                    ));
                }
            }
        }
        money::of_routed(&self.settings, before, routed)
    }

    fn tell(&mut self, order_id: &OrderId, order: &Order, fact: &Fact) {
        let order_id = || order_id.clone();
        match fact {
            Fact::Held { hold, .. } => self.news.push(News::Held(order_id(), *hold)),
            Fact::InDoubt { fulfillment_order_id, .. } => {
                self.news.push(News::InDoubt(order_id(), *fulfillment_order_id));
            }
            Fact::Tracked { parcel_id, scans } => {
                let parcel = &order.parcels[parcel_id];
                let is_last = |scan: &Scan| scan.status == ScanStatus::Delivered;
                if scans.iter().any(is_last) && parcel.status() == ScanStatus::Delivered {
                    self.news.push(News::Arrived(order_id()));
                }
            }
            Fact::Return(ReturnFact::ReturnInspected { restocked, .. }) => {
                for restocked in restocked {
                    let sku = restocked.stock.supplier_sku.clone();
                    self.news.push(News::Restocked(sku, restocked.quantity.into()));
                }
            }
            _ => self.news.extend(back::turn(fact).map(|back| News::Back(order_id(), back))),
        }
    }

    /// Messages were sent.
    pub(crate) fn sent(&mut self, messages: &[Message]) {
        if let Some(order_id) = self.storm(messages) {
            self.report(Some(&order_id), "steps call each other again and again");
        }
        self.sequence += 1;
        let sequence = self.sequence;
        let mut send = |order_id: &OrderId, message: Message| {
            self.note(order_id, || format!("      > {}", message.function().name()));
            let Some(known) = self.orders.get_mut(order_id) else { return };
            known.sent.retain(|(sent, _)| *sent != message);
            known.sent.push((message, sequence));
        };
        for message in messages {
            match message {
                Message::TrackParcels { parcels } => {
                    for parcel in parcels {
                        let parcels = vec![parcel.clone()];
                        send(&parcel.order_id, Message::TrackParcels { parcels });
                    }
                }
                message => {
                    let order_id = message.order_id().cloned();
                    order_id.iter().for_each(|order_id| send(order_id, message.clone()));
                }
            }
        }
    }

    /// The order about which far too many messages are sent.
    fn storm(&mut self, messages: &[Message]) -> Option<OrderId> {
        let minute = minute(self.now);
        messages.iter().filter_map(Message::order_id).find_map(|order_id| {
            let known = self.orders.get_mut(order_id)?;
            if known.burst.0 != minute {
                known.burst = (minute, 0);
            }
            known.burst.1 += 1;
            let is_put_back = (0..=1).contains(&(minute - known.put_back.0));
            let letters = if is_put_back { known.put_back.1 } else { 0 };
            let most = BURST_MAX + letters * REMINDERS_MAX;
            (known.burst.1 > most).then(|| order_id.clone())
        })
    }

    /// A dead letter was put back, and comes then: after an outage there may be many of one order, all at once.
    pub(crate) fn puts_back(&mut self, message: &Message, at: Timestamp) {
        let Some(known) = message.order_id().and_then(|it| self.orders.get_mut(it)) else { return };
        let minute = minute(at);
        if known.put_back.0 != minute {
            known.put_back = (minute, 0);
        }
        known.put_back.1 += 1;
    }

    /// A step that had failed was done again, with nothing left to append: what the state calls for must be on its way.
    /// Else only the clock would heal a crash between append and send. What others appended after it had loaded the order
    /// it can't know of: they send that themselves. Neither does it send what is not due by its own clock.
    pub(crate) fn was_done_again(
        &mut self,
        order_id: &OrderId,
        function: Option<Function>,
        run: &Run,
    ) {
        let Some(known) = self.orders.get(order_id) else { return };
        let saw = run.saw(order_id).unwrap_or(self.sequence);
        let by = known.order.changed_at.map(|changed_at| changed_at.min(run.read_at.get()));
        let is_due = |owed: &Owed| Some(owed.not_before) <= by && owed.end != LOOK_AGAIN_END;
        let is_sent = |(owed, since): &(Owed, u64)| {
            known.sent.iter().any(|(message, sent)| *message == owed.message && sent > since)
        };
        let others =
            known.owes.iter().filter(|(owed, _)| Some(owed.message.function()) != function);
        let forgotten = others
            .filter(|(owed, since)| is_due(owed) && *since <= saw)
            .find(|owes| !is_sent(owes));
        if let Some((owed, _)) = forgotten {
            let to = owed.message.function().name();
            let what = format!("a step was done again, and `{}` to {to} was never sent", owed.end);
            self.report(Some(order_id), what);
        }
    }

    /// Someone outside is called.
    pub(crate) fn calls(&mut self, request: &Request) {
        if let Ok((order_id, _)) =
            parse_reference(request.header("idempotency-key").unwrap_or_default())
        {
            self.note(&order_id, || format!("      ~ {} {}", request.method, request.url));
        }
        if let Some((order_id, what)) = back::pays_unasked(&self.orders, request) {
            return self.report(Some(&order_id), what);
        }
        let is_purchase = request.method == "POST" && request.url.ends_with("/orders");
        if !is_purchase || !request.url.contains("/suppliers/") {
            return;
        }
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
        self.buys(body["reference"].as_str().unwrap_or_default());
    }

    /// A mail is sent.
    pub(crate) fn mails(&mut self, mail: &OutgoingMail) {
        let Some(reference) = mail.subject.strip_prefix("Order ") else { return };
        if reference.ends_with(" is withdrawn") {
            return;
        }
        self.buys(reference);
        if !self.mailed.insert(reference.to_owned()) {
            let order_id = parse_reference(reference).ok().map(|(order_id, _)| order_id);
            self.report(order_id.as_ref(), format!("`{reference}` was ordered twice by mail"));
        }
    }

    /// Whether a mail that orders this was ever sent.
    pub(crate) fn was_mailed(&self, reference: &str) -> bool {
        self.mailed.contains(reference)
    }

    /// Something is bought: the intent must be on record.
    fn buys(&mut self, reference: &str) {
        let Ok((order_id, id)) = parse_reference(reference) else {
            return self.report(None, "something was bought under no reference of ours");
        };
        self.note(&order_id, || format!("      ~ buys {id}"));
        let known = self.orders.get(&order_id);
        let fulfillment_order = known.and_then(|it| it.order.fulfillment_orders.get(&id));
        if !fulfillment_order.is_some_and(has_intent) {
            self.report(Some(&order_id), format!("{id} is bought with no intent on record"));
        }
    }
}

impl Known {
    /// Notes since when the order's state calls for what it calls for.
    fn calls_for(&mut self, order_id: &OrderId, sequence: u64) {
        let before = std::mem::take(&mut self.owes);
        let since = |owed: &Owed| {
            let is_same = |known: &Owed| known.end == owed.end && known.message == owed.message;
            before.iter().find(|(known, _)| is_same(known)).map_or(sequence, |(_, since)| *since)
        };
        let owed = next(order_id, &self.order).into_iter();
        self.owes = owed
            .map(|owed| {
                let since = since(&owed);
                (owed, since)
            })
            .collect();
    }
}

fn may_be_bought(order: &Order, known: &FulfillmentOrder, at: Timestamp) -> bool {
    known.stage == Stage::Planned
        && order.is_live()
        && order.cancel_requested.is_none()
        && order.holds.is_empty()
        && order.is_screened()
        && at + SKEW_MAX >= known.planned.submit_at
}

fn minute(at: Timestamp) -> i64 {
    at.as_second().div_euclid(60)
}

fn has_intent(known: &FulfillmentOrder) -> bool {
    known.stage != Stage::Planned
}

/// Whether a scan is from so long before the parcel left that it was the number's last one.
fn is_of_another(parcel: &Parcel, scan: &Scan) -> bool {
    is_before(parcel, scan.at)
}

/// Whether that was so long before the parcel left that it was the number's last one.
pub(crate) fn is_before(parcel: &Parcel, at: Timestamp) -> bool {
    let left_at = parcel.ship_date.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    left_at.is_ok_and(|left_at| at + SignedDuration::from_hours(48) < left_at)
}

/// What was promised is not taken back for silence, unless the supplier itself let go of it.
fn takes_back_promised(known: &FulfillmentOrder, units: &[Units]) -> bool {
    let open = known.unanswered();
    let is_open = |units: &Units| {
        open.iter().any(|open| open.item == units.item && open.quantity >= units.quantity)
    };
    known.cancellation == Cancellation::None && !units.iter().all(is_open)
}
