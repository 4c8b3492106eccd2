//! How fast Onward goes in memory: CPU time of each step, and orders per second and core from the webhook to the door.
//!
//! Every step runs on the world in memory, with everyone outside beside it in the same process. Only the steps are
//! timed, the world's own work included; what shops, suppliers and carriers do meanwhile is taken off. The time is the
//! kernel's count for this thread, so that others on the machine do no harm.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Result, ensure};
use domain::order::phase::phase;
use domain::settings::ShopKind;
use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use crate::journey::{BEGINNING, Journey, from_supplier};
use crate::purchase::{Bought, Purchase};
use crate::system::Entry;

/// Orders that are under way together.
const ORDERS: u64 = 500;

/// What each of them buys.
const BOUGHT: Bought = Bought { sku: "ALP-BACKPACK", quantity: 1, unit_price_minor: 7900 };

/// What carriers report before each of the three polls.
const REPORTS: [&[&str]; 3] = [
    &["InfoReceived", "InTransit_PickedUp"],
    &["InTransit_Departure"],
    &["OutForDelivery_Other", "Delivered_Other"],
];

/// What there is of everything: more than is bought.
const PLENTY: i64 = 1_000_000;

/// How fast it went.
#[derive(Debug, Clone, Serialize)]
pub struct Pace {
    /// How it was obtained.
    pub how: &'static str,
    /// How many orders went from the webhook to the door.
    pub orders: u64,
    /// Orders that a core takes from the webhook to the door in a second.
    pub orders_per_second_and_core: u64,
    /// The same if nobody set the type of their invoices.
    pub without_invoices: u64,
    /// Of each function.
    pub functions: BTreeMap<&'static str, Spent>,
    /// What everyone outside took of each order, beside that; microseconds.
    pub outside_microseconds: u64,
}

/// What a function took.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Spent {
    /// How often it ran.
    pub runs: u64,
    /// CPU time of all of these, nanoseconds.
    pub nanoseconds: u64,
    /// CPU time of one, microseconds: half of them took longer.
    pub median_microseconds: u64,
}

impl Pace {
    /// A table.
    #[must_use]
    pub fn table(&self) -> String {
        let mut lines = vec![format!(
            "in memory: {} orders a second and core, {} without their invoices",
            self.orders_per_second_and_core, self.without_invoices
        )];
        for (name, spent) in &self.functions {
            let of_order = spent.nanoseconds / self.orders / 1_000;
            let runs = spent.runs * 10 / self.orders;
            lines.push(format!(
                "    {of_order:>7}  µs of each order: {name}, {} µs a run, {}.{} runs",
                spent.nanoseconds / spent.runs.max(1) / 1_000,
                runs / 10,
                runs % 10
            ));
        }
        lines.push(format!(
            "    {:>7}  µs of each order: everyone outside",
            self.outside_microseconds
        ));
        lines.join("\n") + "\n"
    }
}

/// Has orders of one line go from the webhook to the door, and says how fast that was.
///
/// # Errors
/// When one of them does not get there.
pub fn measure() -> Result<Pace> {
    let mut track = Track::open();
    let placed_at: Timestamp = BEGINNING.parse()?;
    let buy = |order| Purchase::new("alpenshop", ShopKind::Shopify, order, placed_at, &[BOUGHT]);
    let purchases: Vec<Purchase> = (5_001_001..).take(usize::try_from(ORDERS)?).map(buy).collect();
    for purchase in &purchases {
        track.journey.sells_silently(purchase);
        track.enter(Entry::Call(track.journey.webhook(purchase)))?;
    }
    track.pass(SignedDuration::from_mins(10))?;
    track.suppliers_ship()?;
    track.pass(SignedDuration::from_mins(10))?;
    for reports in REPORTS {
        let now = track.journey.now();
        for number in track.journey.numbers() {
            let mut outside = track.journey.outside.borrow_mut();
            reports.iter().for_each(|report| outside.tracking.report(&number, now, report));
        }
        track.pass(SignedDuration::from_hours(4))?;
    }
    for purchase in &purchases {
        let phase = phase(&track.journey.order(&purchase.order_id())).name();
        ensure!(phase == "delivered", "order `{}` is {phase}", purchase.order);
    }
    Ok(track.pace())
}

/// A world in which steps are timed.
struct Track {
    journey: Journey,
    /// What everyone outside took.
    outside: Rc<Cell<u64>>,
    spent: BTreeMap<&'static str, Vec<u64>>,
}

impl Track {
    fn open() -> Self {
        let journey = Journey::begin();
        let world = &journey.system.world;
        for level in world.stock.borrow_mut().values_mut() {
            level.available = PLENTY;
        }
        let outside = Rc::new(Cell::new(0));
        let spent = Rc::clone(&outside);
        let mut answer = world.outside.replace(Box::new(|_| unreachable!("nobody calls yet")));
        *world.outside.borrow_mut() = Box::new(move |request| {
            let began = nanoseconds();
            let response = answer(request);
            spent.set(spent.get() + nanoseconds() - began);
            response
        });
        Self { journey, outside, spent: BTreeMap::new() }
    }

    /// Something comes in.
    fn enter(&mut self, entry: Entry) -> Result<()> {
        let (began, outside) = (nanoseconds(), self.outside.get());
        self.journey.system.enter(&entry)?;
        let spent = nanoseconds() - began - (self.outside.get() - outside);
        self.spent.entry(entry.function()).or_default().push(spent);
        Ok(())
    }

    /// Suppliers ship all that they have.
    fn suppliers_ship(&mut self) -> Result<()> {
        let mut ready: Vec<(String, String)> = Vec::new();
        for (supplier, known) in self.journey.outside.borrow().suppliers.all() {
            ready.extend(known.orders.keys().map(|order| (supplier.clone(), order.clone())));
        }
        for (supplier, reference) in ready {
            let now = self.journey.now();
            self.journey.outside.borrow_mut().suppliers.ship(&supplier, &reference, "DHL", now);
            loop {
                let told = self.journey.outside.borrow_mut().suppliers.outbox.pop_front();
                let Some(told) = told else { break };
                self.enter(Entry::Call(from_supplier(&told)))?;
            }
        }
        Ok(())
    }

    /// Time passes, minute by minute, with all that comes of it.
    fn pass(&mut self, time: SignedDuration) -> Result<()> {
        let until = self.journey.now() + time;
        self.settle()?;
        while self.journey.now() < until {
            let world = &self.journey.system.world;
            world.now.set(world.now.get() + SignedDuration::from_mins(1));
            world.release();
            self.enter(Entry::Tick)?;
            self.settle()?;
        }
        Ok(())
    }

    /// Delivers until nothing is left, and brings the views up to the facts. What comes of that waits for a minute.
    fn settle(&mut self) -> Result<()> {
        while let Some(message) = self.journey.system.world.take() {
            self.enter(Entry::Deliver(message))?;
        }
        let changed = self.journey.system.world.unread();
        for (order_id, versions) in changed {
            let last = *versions.end();
            self.enter(Entry::Project(order_id.clone(), versions.collect()))?;
            self.journey.system.world.read.borrow_mut().insert(order_id, last);
        }
        Ok(())
    }

    fn pace(self) -> Pace {
        let functions: BTreeMap<&'static str, Spent> =
            self.spent.into_iter().map(|(name, runs)| (name, spent(runs))).collect();
        let of = |is_counted: fn(&str) -> bool| {
            let counted = functions.iter().filter(|(name, _)| is_counted(name));
            let nanoseconds: u64 = counted.map(|(_, spent)| spent.nanoseconds).sum();
            ORDERS * 1_000_000_000 / nanoseconds.max(1)
        };
        Pace {
            how: "CPU time of this thread, by the kernel; what everyone outside takes is taken off",
            orders: ORDERS,
            orders_per_second_and_core: of(|_| true),
            without_invoices: of(|name| name != "documents"),
            outside_microseconds: self.outside.get() / ORDERS / 1_000,
            functions,
        }
    }
}

fn spent(mut runs: Vec<u64>) -> Spent {
    runs.sort_unstable();
    Spent {
        runs: runs.len() as u64,
        nanoseconds: runs.iter().sum(),
        median_microseconds: runs.get(runs.len() / 2).copied().unwrap_or(0) / 1_000,
    }
}

/// What this thread has worked so far.
fn nanoseconds() -> u64 {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(spent.tv_sec * 1_000_000_000 + spent.tv_nsec).unwrap_or(0)
}
