//! What happens to the orders that are counted: from the shop's webhook to the door, and back.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use domain::order::phase::phase;
use domain::settings::ShopKind;
use domain::views;
use jiff::{SignedDuration, Timestamp};
use ports::Inbound;
use serde::Serialize;
use serde_json::json;

use super::archive::Sample;
use super::onward::{Answers, Onward, Times};
use super::usage::Usage;
use crate::journey::BEGINNING;
use crate::purchase::{Bought, Purchase};

pub(super) const MUG: Bought = Bought { sku: "ALP-MUG-RED", quantity: 1, unit_price_minor: 1490 };
const BACKPACK: Bought = Bought { sku: "ALP-BACKPACK", quantity: 1, unit_price_minor: 7900 };
const BLANKET: Bought = Bought { sku: "ALP-BLANKET", quantity: 1, unit_price_minor: 7900 };

/// Orders next to each other buy different articles, as many as these: what several messages of a batch read is read once.
pub(super) const VARIANTS: usize = 20;

/// The name of a variant of an article.
pub(super) fn variant(name: &str, number: usize) -> String {
    format!("{name}-{}", number % VARIANTS)
}

/// The article numbers that have variants.
pub(super) fn bought_skus() -> impl Iterator<Item = &'static str> {
    [MUG, BACKPACK, BLANKET].into_iter().map(|bought| bought.sku)
}

/// What carriers report before each of the three polls.
const REPORTS: [&[&str]; 3] = [
    &["InfoReceived", "InTransit_PickedUp"],
    &["InTransit_Departure"],
    &["OutForDelivery_Other", "Delivered_Other"],
];

/// What is bought, and whether it comes back.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// Its name in tables.
    pub name: &'static str,
    lines: &'static [Bought],
    is_returned: bool,
}

/// Each of them.
pub const STORIES: [Story; 3] = [
    Story { name: "one line", lines: &[MUG], is_returned: false },
    Story {
        name: "three lines, two suppliers",
        lines: &[MUG, BACKPACK, BLANKET],
        is_returned: false,
    },
    Story { name: "one line and its return", lines: &[BACKPACK], is_returned: true },
];

/// How orders arrive: that decides how many messages a function finds together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// Its name in tables.
    pub name: &'static str,
    /// So many orders.
    pub orders: u64,
    /// From one to the next.
    pub every: SignedDuration,
}

/// Each of them. A million orders a month, day and night alike, are one in 2.6 seconds.
pub const ARRIVALS: [Arrival; 3] = [
    Arrival { name: "alone", orders: 1, every: SignedDuration::ZERO },
    Arrival { name: "a million a month", orders: 20, every: SignedDuration::from_millis(2_600) },
    Arrival { name: "ten at once", orders: 10, every: SignedDuration::ZERO },
];

/// Enough orders, in batches as large as they get, for what a process does once to weigh little.
pub const MANY: Arrival =
    Arrival { name: "two hundred at once", orders: 200, every: SignedDuration::ZERO };

/// Each story as it is told: alone and in company; the first also as a busy merchant has it.
#[must_use]
pub fn told() -> Vec<(Story, Arrival)> {
    let pairs = STORIES.into_iter().flat_map(|story| ARRIVALS.map(|arrival| (story, arrival)));
    let is_told = |(story, arrival): &(Story, Arrival)| {
        arrival.every.is_zero() || story.name == STORIES[0].name
    };
    pairs.filter(is_told).collect()
}

/// What came of a story.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// How many orders it was told of.
    pub orders: u64,
    /// What they used together.
    pub usage: Usage,
    /// What the clock uses in a minute in which nothing is due, whatever is sold.
    pub idle_tick: Usage,
    /// How often the clock went while the story was told: in each minute in which it found something.
    pub ticks: u64,
    /// Where the time of each function went, all orders together; of the clock, in all ticks that found something.
    pub times: BTreeMap<&'static str, Times>,
    /// What each function used itself; the clock, in all ticks.
    pub used_by: BTreeMap<&'static str, Usage>,
}

/// Tells a story.
///
/// # Errors
/// When any order does not reach its end.
pub fn tell(story: Story, arrival: Arrival) -> Result<Told> {
    tell_in(&mut Onward::begin(Answers::AsPriced)?, story, arrival)
}

/// What an order of one line leaves behind that came to its end.
///
/// # Errors
/// As [`tell`].
pub fn sample() -> Result<Sample> {
    let mut onward = Onward::begin(Answers::AsPriced)?;
    let purchases = purchases(STORIES[0], 0, 1)?;
    goes_to_the_door(&mut onward, &purchases, SignedDuration::ZERO)?;
    onward.passes(SignedDuration::from_hours(1))?;
    let purchase = purchases.first().context("one is bought")?;
    Ok(onward.sample(&purchase.order_id()))
}

/// Tells a story in a world that may hold something already.
///
/// # Errors
/// As [`tell`].
pub fn tell_in(onward: &mut Onward, story: Story, arrival: Arrival) -> Result<Told> {
    tell_on(onward, story, arrival, 0)
}

/// Tells a story after others of `sold` orders.
///
/// # Errors
/// As [`tell`].
pub fn tell_on(onward: &mut Onward, story: Story, arrival: Arrival, sold: u64) -> Result<Told> {
    onward.forget_used_by();
    let (before, ticks_before) = onward.used();
    let purchases = purchases(story, sold, arrival.orders)?;
    goes_to_the_door(onward, &purchases, arrival.every)?;
    if story.is_returned {
        comes_back(onward, &purchases, arrival.every)?;
    }
    onward.passes(SignedDuration::from_hours(1))?;
    let (used, ticks) = onward.used();
    let (times, used_by) = (onward.times(), onward.used_by());
    onward.tick()?;
    let idle_tick = onward.used().0.since(&used);
    let usage = used.since(&before).less(&idle_tick, ticks - ticks_before);
    Ok(Told {
        orders: arrival.orders,
        usage,
        idle_tick,
        ticks: ticks - ticks_before,
        times,
        used_by,
    })
}

/// Each order is bought, shipped, polled three times and delivered.
fn goes_to_the_door(
    onward: &mut Onward,
    purchases: &[Purchase],
    every: SignedDuration,
) -> Result<()> {
    let before = accepted(onward);
    for purchase in purchases {
        onward.journey.sells_silently(purchase);
        onward.call(&onward.journey.webhook(purchase))?;
        onward.passes(every)?;
    }
    onward.passes(SignedDuration::from_mins(10))?;
    suppliers_ship(onward, &before, every)?;
    onward.passes(SignedDuration::from_mins(10))?;
    for reports in REPORTS {
        carriers_report(onward, reports, purchases)?;
        onward.passes(SignedDuration::from_hours(4))?;
    }
    for purchase in purchases {
        let order = onward.order(&purchase.order_id())?;
        let phase = phase(&order).name();
        ensure!(phase == "delivered", "order `{}` is {phase}", purchase.order);
        let is_shown =
            order.parcels.values().all(|parcel| domain::order::push_back::owed(parcel).is_none());
        ensure!(is_shown, "the shop of order `{}` does not know that it arrived", purchase.order);
    }
    Ok(())
}

/// Purchases whose first parcels are polled in the same minute, as thousands are where a million orders come a month.
fn purchases(story: Story, skipped: u64, count: u64) -> Result<Vec<Purchase>> {
    let placed_at: Timestamp = BEGINNING.parse()?;
    let buy = |order| Purchase::new("alpenshop", ShopKind::Shopify, order, placed_at, story.lines);
    let first_slot = views::slot(&buy(5_001_001).order_id());
    let same = (5_001_001..).map(buy).filter(|it| views::slot(&it.order_id()) == first_slot);
    let different = same.enumerate().map(|(number, mut purchase)| {
        for line in &mut purchase.lines {
            // Leaked, as purchases of tests name what is written there.
            line.sku = variant(line.sku, number).leak();
        }
        purchase
    });
    Ok(different.skip(usize::try_from(skipped)?).take(usize::try_from(count)?).collect())
}

/// What suppliers have accepted so far, each with its name for it.
fn accepted(onward: &Onward) -> BTreeSet<(String, String)> {
    let outside = onward.journey.outside.borrow();
    let all = outside.suppliers.all().flat_map(|(supplier, known)| {
        known.orders.keys().map(move |reference| (supplier.clone(), reference.clone()))
    });
    all.collect()
}

/// Each supplier ships all that it accepted since, order by order.
fn suppliers_ship(
    onward: &mut Onward,
    before: &BTreeSet<(String, String)>,
    every: SignedDuration,
) -> Result<()> {
    let mut ready = accepted(onward);
    ready.retain(|accepted| !before.contains(accepted));
    ensure!(!ready.is_empty(), "nothing was bought");
    for (supplier, reference) in ready {
        let now = onward.journey.now();
        onward.journey.outside.borrow_mut().suppliers.ship(&supplier, &reference, "DHL", now);
        onward.hears_suppliers()?;
        onward.passes(every)?;
    }
    Ok(())
}

fn carriers_report(onward: &Onward, reports: &[&str], purchases: &[Purchase]) -> Result<()> {
    let now = onward.journey.now();
    for purchase in purchases {
        let order = onward.order(&purchase.order_id())?;
        ensure!(!order.parcels.is_empty(), "order `{}` was not shipped", purchase.order);
        for parcel in order.parcels.values() {
            for report in reports {
                onward.journey.outside.borrow_mut().tracking.report(&parcel.number, now, report);
            }
        }
    }
    Ok(())
}

/// The customer sends back what is broken; we buy the label, unpack it, and give the money back.
fn comes_back(onward: &mut Onward, purchases: &[Purchase], every: SignedDuration) -> Result<()> {
    let mut step = |path: &str, body: &dyn Fn(&str) -> serde_json::Value| {
        for purchase in purchases {
            let call: Inbound =
                onward.journey.handling(&purchase.order_id(), path, &body(&purchase.line_id(0)));
            onward.call(&call).with_context(|| path.to_owned())?;
            onward.passes(every)?;
        }
        onward.passes(SignedDuration::from_hours(1))
    };
    step("returns", &|line| {
        let line = json!({ "line_id": line, "quantity": 1, "reason": "defective", "photos": 2 });
        json!({ "lines": [line], "key": "defective" })
    })?;
    step("returns/R1/receipts", &|line| json!({ "lines": [{ "line_id": line, "quantity": 1 }] }))?;
    step("returns/R1/inspections", &|line| {
        let finding = json!({ "line_id": line, "disposition": "to_supplier", "quantity": 1 });
        json!({ "findings": [finding] })
    })
}
