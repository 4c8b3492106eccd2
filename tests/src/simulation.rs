//! The whole system under a simulated world: hundreds of orders, days of virtual time in a second of real time, and
//! everything that can go wrong, all of it decided by one seed.
//!
//! - [`Plan`]: the seed, the orders, what goes wrong; [`run`] runs it, [`shrink`] finds the smallest plan that still fails;
//! - `dice`, `disturbance`: chance that replays, and what it may do;
//! - `site`: the world as functions reach it: calls fail, lose their answer, take long, or are a function's last;
//! - `tasks`: functions that run side by side, stand still and die; queues, stream and clock as AWS has them;
//! - `company`, `shops`, `suppliers`, `people`, `returns`: the merchant, customers, suppliers and operators around it;
//! - `watch`: what must be true after each step; `ending`: what must be true when all is said and done.
//!
//! Nothing here reads a clock, waits, or runs in a thread. A plan always comes to the same end.

mod company;
mod dice;
mod disturbance;
mod due;
mod ending;
mod outside;
mod people;
mod returns;
mod shops;
mod shrink;
mod site;
mod suppliers;
mod tasks;
mod watch;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hasher as _;
use std::rc::Rc;

use domain::id::OrderId;
use domain::message::Message;
use jiff::{SignedDuration, Timestamp};
use ports::memory::World;
use ports::{Inbound, OutgoingMail};
use serde_json::Value;

use crate::fonts::FALLBACK_FONT;
use crate::purchase::Purchase;
use dice::Dice;
use outside::Outside;
use people::Matter;
use shops::{Act, Customer};
use site::Site;
use suppliers::{Deed, Means};
use tasks::{Envelope, Job, Task};
use watch::Watch;

pub use disturbance::Disturbance;
pub use shrink::shrink;
pub use watch::Trouble;

/// When a run may begin: before Europe's clocks go back, before they go forward, before America's go back, and before a
/// new year.
const BEGINNINGS: [&str; 4] = [
    "2026-10-23T06:00:00Z",
    "2027-03-26T20:00:00Z",
    "2026-10-30T22:00:00Z",
    "2026-12-30T12:00:00Z",
];

/// So long things go wrong; then everything that waits is let come due.
const STORMY: SignedDuration = SignedDuration::from_hours(7 * 24);

/// So long, at the least, everything that waits is let come due: longer than any deadline of a supplier.
const CALM: SignedDuration = SignedDuration::from_hours(5 * 24);

/// So long nothing happens at the end: longer than any time that is given to somebody.
const QUIET: SignedDuration = SignedDuration::from_hours(50);

/// After so long of this calm everything has come to rest.
const RESTS_WITHIN: SignedDuration = SignedDuration::from_hours(60 * 24);

/// What is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What decides everything.
    pub seed: u64,
    /// The numbers of the orders that are placed.
    pub orders: BTreeSet<u32>,
    /// What goes wrong.
    pub disturbances: BTreeSet<Disturbance>,
    /// Stop after so many steps.
    pub steps: Option<u64>,
    /// Write down all that happens to this order.
    pub trace: Option<OrderId>,
}

impl Plan {
    /// So many orders, and everything that can go wrong.
    #[must_use]
    pub fn new(seed: u64, orders: u32) -> Self {
        Self {
            seed,
            orders: (1..=orders).collect(),
            disturbances: Disturbance::ALL.into(),
            steps: None,
            trace: None,
        }
    }

    fn has(&self, disturbance: Disturbance) -> bool {
        self.disturbances.contains(&disturbance)
    }
}

/// How a run went.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Orders that were placed.
    pub orders: usize,
    /// Steps that it took.
    pub steps: u64,
    /// Facts that were appended.
    pub facts: u64,
    /// Functions that died.
    pub deaths: u64,
    /// Differs if any fact does, or when it was appended.
    pub fingerprint: u64,
    /// How orders ended: so many of each phase.
    pub phases: BTreeMap<&'static str, u32>,
    /// The first broken promise; none if all were kept.
    pub trouble: Option<Trouble>,
    /// What happened to the order that was traced.
    pub trace: Vec<String>,
}

/// Runs a plan to its end, or to the first broken promise.
#[must_use]
pub fn run(plan: &Plan) -> Outcome {
    let mut simulation = Simulation::new(plan);
    simulation.run();
    simulation.outcome()
}

/// Something that is going to happen.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A customer or a shop does something.
    Shop(u32, Act),
    /// Someone calls us; so many tries before.
    Speak(Box<Speech>, u32),
    /// A queue delivers.
    Deliver(Envelope),
    /// A queue delivers what it has gathered for `documents`.
    Archive,
    /// The stream delivers.
    Project(OrderId),
    /// Reconciliation looks into the shops.
    Look,
    /// A function that stood still goes on.
    Resume(u64),
    /// A supplier does something.
    Supplier(String, Deed),
    /// A carrier reports something that happened then.
    Carrier(String, Timestamp, String),
    /// A mail arrives.
    Mail(Box<OutgoingMail>),
    /// A supplier's stock of an article changes by so much, for all or for itself.
    Stock(String, i64, bool),
    /// A person looks at something.
    Person(OrderId, Matter),
}

/// What someone tells us; signed when it is said.
#[derive(Debug, Clone)]
pub(crate) enum Speech {
    /// A shop, of an order as it was then.
    Webhook(Purchase, &'static str),
    /// A supplier's system, of a commission.
    Answer { supplier: &'static str, reference: String, id: String, body: Value, means: Means },
    /// A supplier's system, of its stock.
    Stock { supplier: &'static str, body: Value },
    /// A supplier behind a link.
    Form { reference: String, token: String, form: String, means: Means },
    /// An operator.
    Decision(OrderId, Inbound),
}

/// Onward and everyone around it.
struct Simulation {
    plan: Rc<Plan>,
    secrets: BTreeMap<String, String>,
    site: Rc<Site>,
    outside: Rc<RefCell<Outside>>,
    now: Rc<Cell<Timestamp>>,
    agenda: BTreeMap<(Timestamp, u64), Event>,
    sequence: u64,
    customers: BTreeMap<u32, Customer>,
    tasks: BTreeMap<u64, Task>,
    dead_letters: Vec<(Message, String)>,
    gathered: Vec<Envelope>,
    projected: BTreeMap<OrderId, BTreeSet<u64>>,
    mails_read: usize,
    overlapped: BTreeSet<OrderId>,
    /// Quarters of an hour in which reconciliation looks.
    looks: BTreeSet<i64>,
    chance: HashMap<String, Dice>,
    clock_outage: (Timestamp, Timestamp),
    calms_at: Timestamp,
    is_calm: bool,
    steps: u64,
    deaths: u64,
}

impl Simulation {
    fn new(plan: &Plan) -> Self {
        let mut dice = Dice::new(plan.seed, "world", "");
        let beginning: Timestamp = dice.pick(&BEGINNINGS).parse().expect("it is a time");
        let now = Rc::new(Cell::new(beginning));
        let memory = World::new(beginning);
        memory.fallback_font.set(Some(FALLBACK_FONT));
        let settings = company::open(&memory, &mut dice);
        let outside = Outside::open(plan, &now);
        let outside = Rc::new(RefCell::new(outside));
        let served = Rc::clone(&outside);
        *memory.outside.borrow_mut() = Box::new(move |request| served.borrow_mut().answer(request));
        let watch = Watch::new(settings, beginning, plan.trace.clone());
        let out_from = beginning + SignedDuration::from_hours(dice.between(1, 90));
        let is_out = dice.happens(600) && plan.has(Disturbance::ClockOutages);
        let out_for = SignedDuration::from_mins(if is_out { dice.spread(36 * 60) } else { 0 });
        let mut simulation = Self {
            plan: Rc::new(plan.clone()),
            secrets: company::secrets(),
            site: Rc::new(Site::new(memory, watch)),
            outside,
            now,
            agenda: BTreeMap::new(),
            sequence: 0,
            customers: BTreeMap::new(),
            tasks: BTreeMap::new(),
            dead_letters: Vec::new(),
            gathered: Vec::new(),
            projected: BTreeMap::new(),
            mails_read: 0,
            overlapped: BTreeSet::new(),
            looks: BTreeSet::new(),
            chance: HashMap::new(),
            clock_outage: (out_from, out_from + out_for),
            calms_at: beginning + STORMY,
            is_calm: false,
            steps: 0,
            deaths: 0,
        };
        simulation.open(beginning);
        simulation
    }

    /// Fills the shelves, and decides who buys what when.
    fn open(&mut self, beginning: Timestamp) {
        for (key, units) in company::counters() {
            let level = domain::catalog::StockLevel { available: units, reserved: 0 };
            self.site.memory.stock.borrow_mut().insert(key.clone(), level);
            self.site.watch.borrow_mut().counted(&self.site.memory, &key, units);
            self.plan_stock(&key.supplier_sku, beginning);
        }
        self.after(SignedDuration::from_secs(1), Event::Look);
        for number in self.plan.orders.clone() {
            let customer = Customer::new(&self.plan, number, beginning);
            for (at, act) in customer.acts.clone() {
                self.at(at, Event::Shop(number, act));
            }
            self.plan_operators(number, &customer);
            self.customers.insert(number, customer);
        }
    }

    /// Whether something goes wrong with this now, in so many of a thousand cases.
    fn errs(&mut self, with: &str, disturbance: Disturbance, per_mille: u64) -> bool {
        let happens = self.dice(with).happens(per_mille);
        happens && self.plan.has(disturbance) && !self.is_calm
    }

    /// What decides what happens to this.
    fn dice(&mut self, with: &str) -> &mut Dice {
        if !self.chance.contains_key(with) {
            self.chance.insert(with.to_owned(), Dice::new(self.plan.seed, "fate", with));
        }
        self.chance.get_mut(with).expect("it was put there")
    }

    fn at(&mut self, at: Timestamp, event: Event) {
        self.sequence += 1;
        self.agenda.insert((at, self.sequence), event);
    }

    fn after(&mut self, time: SignedDuration, event: Event) {
        self.at(self.now.get() + time, event);
    }

    fn note(&self, order_id: &OrderId, what: impl FnOnce() -> String) {
        self.site.watch.borrow_mut().note(order_id, what);
    }

    /// Until everything that was to happen has happened.
    fn run(&mut self) {
        while self.step() {}
        if self.site.watch.borrow().trouble.is_none() && self.plan.steps.is_none() {
            self.check_ending();
        }
    }

    /// The next thing that happens; false if nothing does, or something is wrong.
    fn step(&mut self) -> bool {
        let is_over = self.plan.steps.is_some_and(|steps| self.steps >= steps);
        if is_over || self.site.watch.borrow().trouble.is_some() {
            return false;
        }
        let tick = self.site.due.borrow_mut().next_minute();
        let tick = tick.filter(|tick| !self.is_over(*tick));
        let event = self.agenda.first_key_value().map(|((at, _), _)| *at);
        if !self.is_calm
            && [tick, event].into_iter().flatten().min().is_none_or(|at| at >= self.calms_at)
        {
            self.calm_down();
            return true;
        }
        self.steps += 1;
        if self.is_calm && self.now.get() > self.calms_at + RESTS_WITHIN {
            let mut watch = self.site.watch.borrow_mut();
            let last = watch.changed.clone();
            watch.report(last.as_ref(), "it never comes to rest");
        }
        match (tick, event) {
            (None, None) => return false,
            (Some(tick), event) if event.is_none_or(|event| tick <= event) => self.tick(tick),
            _ => {
                let Some(((at, _), event)) = self.agenda.pop_first() else { return false };
                self.set_now(at);
                self.happens(event);
            }
        }
        self.collect();
        true
    }

    /// Whether nothing can come any more by this time but another look at what nobody has.
    fn is_over(&self, at: Timestamp) -> bool {
        let changed_at = self.site.watch.borrow().changed_at;
        let has_calmed = self.is_calm && at >= (self.calms_at + CALM).max(changed_at + QUIET);
        has_calmed && self.agenda.is_empty() && !self.site.due.borrow().is_polling()
    }

    fn set_now(&mut self, at: Timestamp) {
        let now = self.now.get().max(at);
        self.now.set(now);
        self.site.memory.now.set(now);
        self.site.watch.borrow_mut().now = now;
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Shop(number, act) => self.shop_acts(number, &act),
            Event::Speak(speech, tries) => self.start(Job::Call(speech, tries)),
            Event::Deliver(envelope) => self.delivers(envelope),
            Event::Archive => {
                let gathered = std::mem::take(&mut self.gathered);
                self.start(Job::Archive(gathered));
            }
            // The stream is one after the other: what stands still is killed before the same comes again.
            Event::Project(order_id) if self.is_projecting(&order_id) => {
                self.after(SignedDuration::from_secs(1), Event::Project(order_id));
            }
            Event::Project(order_id) => {
                let versions = self.projected.remove(&order_id).unwrap_or_default();
                self.start(Job::Project(order_id, versions));
            }
            Event::Look => self.start(Job::Look),
            Event::Resume(task) => self.resume(task),
            Event::Supplier(reference, deed) => {
                self.outside.borrow_mut().suppliers.act(&reference, deed);
            }
            Event::Carrier(number, at, code) => {
                self.outside.borrow_mut().world.tracking.report(&number, at, &code);
            }
            Event::Mail(mail) => self.outside.borrow_mut().suppliers.reads(&mail),
            Event::Stock(sku, change, is_told) => self.stock_changes(&sku, change, is_told),
            Event::Person(order_id, matter) => self.person_looks(&order_id, matter),
        }
    }

    /// What follows from what just happened.
    fn collect(&mut self) {
        self.collect_messages();
        let todo = std::mem::take(&mut self.outside.borrow_mut().suppliers.todo);
        for (time, event) in todo {
            self.after(time, event);
        }
        self.collect_mails();
        let news = std::mem::take(&mut self.site.watch.borrow_mut().news);
        for news in news {
            self.hears_news(news);
        }
        let trouble = self.outside.borrow_mut().suppliers.trouble.take();
        if let Some((order_id, what)) = trouble {
            self.site.watch.borrow_mut().report(Some(&order_id), what);
        }
    }

    fn outcome(self) -> Outcome {
        let watch = self.site.watch.borrow();
        let mut phases: BTreeMap<&'static str, u32> = BTreeMap::new();
        for known in watch.orders.values() {
            *phases.entry(domain::order::phase::phase(&known.order).name()).or_default() += 1;
        }
        Outcome {
            orders: self.plan.orders.len(),
            steps: self.steps,
            facts: watch.facts,
            deaths: self.deaths,
            fingerprint: watch.fingerprint.finish(),
            phases,
            trouble: watch.trouble.clone(),
            trace: watch.trace.as_ref().map(|(_, lines)| lines.clone()).unwrap_or_default(),
        }
    }
}
