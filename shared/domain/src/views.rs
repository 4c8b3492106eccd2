//! The rows of the `Views` table, as a function of an order's state: rebuilt at any time, the same rows come out.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::catalog::StockKey;
use crate::id::OrderId;
use crate::order::next::{LOOK_AGAIN_END, Owed, STOP_END, next};
use crate::order::phase::phase;
use crate::order::{Order, Parcel};

/// What a step was to send at once is sent again by the clock if nothing came of it for so long.
const WATCHDOG: SignedDuration = SignedDuration::from_mins(2);

/// What comes due so soon is looked for in its own minute, also in an order whose parcels are asked for round by round.
/// It is as long as a round takes unless the settings say otherwise.
const SOON: SignedDuration = SignedDuration::from_hours(4);

/// How many buckets orders with a parcel on its way are spread over; each round of polling goes through all of them.
pub const POLL_SLOTS: i64 = 60;

/// One row. Its keys are `pk` and `sk`; the index `due` finds it by [`Row::due`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it is about: `order#alpenshop/1001`, `sku#ACME-1`.
    pub pk: String,
    /// Which of those: `-` for the order itself, else the order that waits or is found.
    pub sk: String,
    /// The bucket in which the clock finds it: a minute, or a polling slot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due: Option<String>,
    /// The phase, for lists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phase: Option<String>,
    /// When the newest parcel left, of an order in a polling slot; seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at: Option<i64>,
    /// The version of the order that it shows; an older one never replaces a newer.
    pub version: u64,
}

/// Every row of an order. The first is the order's own.
#[must_use]
pub fn rows(order_id: &OrderId, order: &Order, version: u64) -> Vec<Row> {
    let look = look(order_id, order);
    let own = Row {
        due: look.as_ref().map(|look| look.bucket(order_id)),
        phase: Some(phase(order).name().to_owned()),
        at: look.and_then(Look::shipped_at),
        ..row(order_pk(order_id), "-".to_owned(), version)
    };
    let waits = waits(order).into_iter().map(|wait| row(wait.pk(), order_id.to_string(), version));
    let numbers: BTreeSet<String> =
        order.parcels.values().map(|parcel| number_pk(&parcel.number)).collect();
    let numbers = numbers.into_iter().map(|pk| row(pk, order_id.to_string(), version));
    // Nobody has anything to return before something has left; and by then its row comes in the same write as those.
    let received = order.received.as_ref().filter(|_| !order.parcels.is_empty());
    let shown = received.and_then(|received| order_number(&received.number));
    let shown = shown.map(|number| row(order_number_pk(&number), order_id.to_string(), version));
    std::iter::once(own).chain(waits).chain(numbers).chain(shown).collect()
}

fn row(pk: String, sk: String, version: u64) -> Row {
    Row { pk, sk, due: None, phase: None, at: None, version }
}

/// What the partition of an order's own rows begins with.
pub const ORDER_PREFIX: &str = "order#";

/// The partition of an order's own rows.
#[must_use]
pub fn order_pk(order_id: &OrderId) -> String {
    format!("{ORDER_PREFIX}{order_id}")
}

/// The partition that finds a parcel's order by its tracking number.
#[must_use]
pub fn number_pk(number: &str) -> String {
    format!("number#{number}")
}

/// How many characters an order number has at the most: WooCommerce's plugins for them stay below.
const ORDER_NUMBER_LEN_MAX: usize = 40;

/// An order number as people see it, without what they leave out or add when they type it: `#de-1001 ` is `DE-1001`.
/// None if it is no order number.
#[must_use]
pub fn order_number(typed: &str) -> Option<String> {
    let digits = typed.trim().trim_start_matches(['#', '＃']).trim();
    let is_one = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let is_number =
        !digits.is_empty() && digits.len() <= ORDER_NUMBER_LEN_MAX && digits.chars().all(is_one);
    is_number.then(|| digits.to_ascii_uppercase())
}

/// The partition that finds orders of which something has left by their number, as [`order_number`] writes it. Shops
/// count for themselves, so that there can be several.
#[must_use]
pub fn order_number_pk(number: &str) -> String {
    format!("order-number#{number}")
}

/// Something outside the order that it waits for; whoever changes that wakes the orders which wait for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wait {
    /// The SKU's entry in the catalogue.
    Sku(String),
    /// Stock of someone who could ship it.
    Stock(StockKey),
}

impl Wait {
    /// The partition that finds the orders which wait for it.
    #[must_use]
    pub fn pk(&self) -> String {
        match self {
            Self::Sku(sku) => format!("waits-sku#{sku}"),
            Self::Stock(StockKey { supplier, location, supplier_sku }) => {
                // The supplier's own number comes last: it may hold any character.
                format!("waits-stock#{supplier}/{location}/{supplier_sku}")
            }
        }
    }
}

/// What the order waits for.
#[must_use]
pub fn waits(order: &Order) -> Vec<Wait> {
    use crate::order::fact::Hold;
    let mut waits: Vec<Wait> = Vec::new();
    if order.holds.contains_key(&Hold::UnmappedSku) && !order.is_mapped() {
        waits.extend(crate::order::mapping::skus(order).into_iter().map(Wait::Sku));
    }
    if order.cancel_requested.is_none() {
        let counters = order.backorders.values().flat_map(|waiting| &waiting.counters);
        waits.extend(counters.cloned().map(Wait::Stock));
    }
    waits.sort();
    waits.dedup();
    waits
}

/// How the clock comes to look at an order. It has one look at a time, so that it is in one bucket: each move costs.
enum Look {
    /// In its minute, and ever less often from then on.
    At(Timestamp),
    /// Round by round, while a parcel is on its way or its shop has to be told of it; the newest left then. That needs no
    /// write per poll.
    EachRound(Timestamp),
}

impl Look {
    fn bucket(&self, order_id: &OrderId) -> String {
        match self {
            Self::At(at) => minute_bucket(*at),
            Self::EachRound(_) => poll_bucket(slot(order_id)),
        }
    }

    fn shipped_at(self) -> Option<i64> {
        match self {
            Self::At(_) => None,
            Self::EachRound(shipped_at) => Some(shipped_at.as_second()),
        }
    }
}

/// Whoever is asked for round by round is looked at often enough for all that is due later than [`SOON`]; and whoever is
/// looked at for something else is asked for then.
fn look(order_id: &OrderId, order: &Order) -> Option<Look> {
    let due_at = due_at(order_id, order);
    let is_soon =
        |at: &Timestamp| order.changed_at.is_some_and(|changed_at| *at <= changed_at + SOON);
    let followed = order.parcels.values().filter(|parcel| parcel.is_followed());
    let shipped_at = followed.map(|parcel| parcel.shipped_at).max();
    match (due_at.filter(is_soon), shipped_at) {
        (None, Some(shipped_at)) => Some(Look::EachRound(shipped_at)),
        _ => due_at.map(Look::At),
    }
}

/// When the clock has to look at the order: the earliest thing that its state calls for. What was to be sent at once
/// has been sent by the step that caused it; the clock looks whether something came of it. Of an order that is asked for
/// round by round, whoever asks looks after that: each look in a minute of its own would move its row twice.
fn due_at(order_id: &OrderId, order: &Order) -> Option<Timestamp> {
    let changed_at = order.changed_at?;
    let watched = |not_before: Timestamp| {
        if not_before <= changed_at { changed_at + WATCHDOG } else { not_before }
    };
    // What may stay due for weeks must not keep parcels from being asked for in each round.
    let is_followed = order.parcels.values().any(Parcel::is_followed);
    let by_round = |owed: &Owed| {
        let is_sent = owed.not_before <= changed_at || owed.end == LOOK_AGAIN_END;
        owed.end == STOP_END || (is_followed && is_sent)
    };
    let owed = next(order_id, order).into_iter().filter(|owed| !by_round(owed));
    owed.map(|owed| watched(owed.not_before)).min()
}

/// The bucket of a moment: its minute.
#[must_use]
pub fn minute_bucket(at: Timestamp) -> String {
    format!("minute#{}", at.as_second().div_euclid(60))
}

/// The bucket of a polling slot. An order stands in it while a parcel is on its way and nothing else is due soon; the
/// clock goes round all slots.
#[must_use]
pub fn poll_bucket(slot: i64) -> String {
    format!("poll#{slot}")
}

/// The buckets of minutes that the clock looks into at `now`: this minute, the last, and those 2, 4, 8 … minutes ago.
/// So whatever stays due is looked at again ever less often, for a month and a half, with no write and a fixed number
/// of queries; and a minute that the clock missed is found a little later.
#[must_use]
pub fn minute_buckets(now: Timestamp) -> Vec<String> {
    let minutes_ago = std::iter::once(0).chain((0..=16).map(|power| 1_i64 << power));
    minutes_ago.map(|minutes| minute_bucket(now - SignedDuration::from_mins(minutes))).collect()
}

/// The polling slots whose turn it is in the minute of `now`, when a round takes `round_minutes`.
#[must_use]
pub fn poll_slots(now: Timestamp, round_minutes: u32) -> std::ops::Range<i64> {
    let round_minutes = i64::from(round_minutes.max(1));
    let minute = now.as_second().div_euclid(60).rem_euclid(round_minutes);
    (minute * POLL_SLOTS / round_minutes)..((minute + 1) * POLL_SLOTS / round_minutes)
}

/// The number of the round that is under way.
#[must_use]
pub fn poll_round(now: Timestamp, round_minutes: u32) -> i64 {
    now.as_second().div_euclid(60).div_euclid(i64::from(round_minutes.max(1)))
}

/// The polling slot of an order. It spreads them evenly and always alike: FNV-1a over the name of its first parcel, in whose
/// slot it stays.
#[must_use]
pub fn slot(order_id: &OrderId) -> i64 {
    let hash = format!("{order_id}/P1").bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    i64::try_from(hash % 60).expect("less than 60")
}
