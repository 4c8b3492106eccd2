//! A journey: Onward in memory with the demo's settings, catalogue and secrets, and everyone around it. The verbs are
//! what people and systems outside do; [`Journey::told`] is everything that came of it.

mod balance;
pub mod browser;
mod ending;
mod moment;
mod reconciling;
mod told;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::Result;
use cli::operator::Operator as _;
use domain::catalog::StockKey;
use domain::id::{FulfillmentOrderId, OrderId, reference};
use domain::message::Message;
use domain::order::Order;
use domain::order::fact::Fact;
use domain::order::phase::phase;
use domain::settings::{Settings, ShopKind, TrackingService};
use jiff::{SignedDuration, Timestamp};
use ports::memory::World;
use ports::{Inbound, Reply, Request};
use serde_json::{Value, json};

use crate::fonts::FALLBACK_FONT;
use crate::outside;
use crate::outside::aftership::push;
use crate::outside::shop::Sold;
use crate::outside::supplier::Manner;
use crate::purchase::Purchase;
use crate::system::{Entry, Operation, PUBLIC_URL, System, TRACKING_URL};

pub use ending::{Ending, names};
pub use moment::{Moment, Tape};

/// When every journey begins: a Monday morning, nine o'clock in Leipzig.
pub const BEGINNING: &str = "2026-11-23T08:00:00Z";

/// What each shop speaks.
const SHOPS: [(&str, ShopKind); 3] = [
    ("alpenshop", ShopKind::Shopify),
    ("teahouse", ShopKind::Woocommerce),
    ("onward-direct", ShopKind::Onward),
];

/// Suppliers that are reached by API.
const SUPPLIERS: [&str; 3] = ["nordwaren", "own-warehouse", "shenzhen-direct"];

/// How often a shop, a supplier or a person tries again what was answered with an error of ours.
const TRIES_MAX: u32 = 5;

/// A stock counter that was set: when, and to what.
type Counted = (Timestamp, i64);

/// Onward and everyone around it.
pub struct Journey {
    /// All of Onward.
    pub system: System,
    /// Shops, suppliers and 17TRACK.
    pub outside: Rc<RefCell<outside::World>>,
    /// Answers other than "taken" that someone outside got from us, in order.
    pub refusals: Vec<String>,
    counted: BTreeMap<StockKey, Counted>,
    secrets: BTreeMap<String, String>,
    runtime: tokio::runtime::Runtime,
}

impl Journey {
    /// A world in which nobody has bought anything yet.
    ///
    /// # Panics
    /// When the demo's files are not as they should be.
    #[must_use]
    pub fn begin() -> Self {
        Self::begin_with(|_| {})
    }

    /// The same with other settings.
    ///
    /// # Panics
    /// When the demo's files are not as they should be.
    #[must_use]
    pub fn begin_with(change: impl Fn(&mut Settings)) -> Self {
        Self::begin_at(TRACKING_URL, change)
    }

    /// The same with everyone outside below another address.
    ///
    /// # Panics
    /// When the demo's files are not as they should be.
    #[must_use]
    pub fn begin_at(outside_url: &str, change: impl Fn(&mut Settings)) -> Self {
        let world = World::new(BEGINNING.parse().expect("it is a time"));
        let secrets: BTreeMap<String, String> =
            serde_json::from_str(include_str!("../local/secrets.json")).expect("they are secrets");
        let known = secrets.iter().map(|(name, secret)| (name.clone(), vec![secret.clone()]));
        world.secrets.borrow_mut().extend(known);
        world.fallback_font.set(Some(FALLBACK_FONT));

        let outside = Rc::new(RefCell::new(open_outside(outside_url, &secrets)));
        let served = Rc::clone(&outside);
        *world.outside.borrow_mut() = Box::new(move |request| {
            // Who signs says when; everyone's clock is right here.
            let at = request.header("webhook-timestamp").and_then(|second| second.parse().ok());
            let at = at.and_then(|second| Timestamp::from_second(second).ok()).unwrap_or_default();
            served.borrow_mut().answer(request, at)
        });

        let text = include_str!("../demo/settings.toml").replace("{OUTSIDE_URL}", outside_url);
        let mut settings =
            cli::settings_file::parse(&text).expect("nothing is wrong in the demo's settings");
        change(&mut settings);
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.expect("a runtime needs nothing that could be missing");
        runtime.block_on(world.put_settings(&settings)).expect("the world in memory takes it");
        let mut journey = Self {
            system: System::new(world),
            outside,
            refusals: Vec::new(),
            counted: BTreeMap::new(),
            secrets,
            runtime,
        };
        journey.imports(include_str!("../demo/catalog.csv"));
        journey
    }

    /// The secrets of everyone in it, by name.
    #[must_use]
    pub fn secrets(&self) -> &BTreeMap<String, String> {
        &self.secrets
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.system.world.now.get()
    }

    /// Lets time pass, with all that comes due.
    pub fn passes(&mut self, time: SignedDuration) {
        self.runtime.block_on(self.system.pass(time));
    }

    /// Lets seconds pass: the cooling-off takes eight.
    pub fn seconds(&mut self, seconds: i64) {
        self.passes(SignedDuration::from_secs(seconds));
    }

    /// Lets minutes pass.
    pub fn minutes(&mut self, minutes: i64) {
        self.passes(SignedDuration::from_mins(minutes));
    }

    /// Lets hours pass.
    pub fn hours(&mut self, hours: i64) {
        self.passes(SignedDuration::from_hours(hours));
    }

    /// The clock stands still for a while: nothing comes due, and when it goes again it is later.
    pub fn clock_fails_for(&mut self, minutes: i64) {
        self.system.world.now.set(self.now() + SignedDuration::from_mins(minutes));
    }

    /// Delivers one message once.
    ///
    /// # Errors
    /// What its function could not do now.
    pub fn delivers(&self, message: &Message) -> Result<()> {
        self.runtime.block_on(self.system.deliver(message))
    }

    /// Delivers all that is queued.
    pub fn settles(&mut self) {
        self.runtime.block_on(self.system.settle());
    }

    /// A shop sells, and tells us.
    pub fn sells(&mut self, purchase: &Purchase) {
        self.sells_silently(purchase);
        let webhook = self.webhook(purchase);
        self.tells(&webhook);
    }

    /// A shop sells, and we don't hear of it yet.
    pub fn sells_silently(&mut self, purchase: &Purchase) {
        let ids: Vec<String> =
            (0..purchase.lines.len()).map(|index| purchase.line_id(index)).collect();
        let sold: Vec<Sold<'_>> = ids
            .iter()
            .zip(&purchase.lines)
            .filter(|(_, line)| line.quantity > 0)
            .map(|(line_id, line)| Sold { line_id, quantity: line.quantity, location: 1 })
            .collect();
        let mut outside = self.outside.borrow_mut();
        let (shop, order) = (outside.shops.shop(purchase.shop), purchase.order.to_string());
        shop.sell(&order, &sold);
        shop.state(&order, &purchase.body());
        shop.sale(&order).books.pay(purchase);
    }

    /// The shop changes an order now, and tells us.
    pub fn changes(&mut self, purchase: &mut Purchase, change: impl FnOnce(&mut Purchase)) {
        self.changes_silently(purchase, change);
        let webhook = self.webhook(purchase);
        self.tells(&webhook);
    }

    /// The shop cancels an order now, and tells us.
    pub fn cancels(&mut self, purchase: &mut Purchase) {
        self.changes(purchase, |purchase| purchase.is_cancelled = true);
    }

    /// The shop edits what was bought now, and tells us. What the shop shows of it is begun anew.
    pub fn edits(&mut self, purchase: &mut Purchase, edit: impl FnOnce(&mut Purchase)) {
        edit(purchase);
        self.sells_silently(purchase);
        self.changes(purchase, |_| {});
    }

    /// The webhook that a shop sends of an order as it is.
    #[must_use]
    pub fn webhook(&self, purchase: &Purchase) -> Inbound {
        let is_new = purchase.updated_at == purchase.placed_at;
        let topic = match (purchase.kind, purchase.is_cancelled, is_new) {
            (ShopKind::Shopify, true, _) => "orders/cancelled",
            (ShopKind::Shopify, _, true) => "orders/create",
            (ShopKind::Shopify, _, false) => "orders/updated",
            (_, _, true) => "order.created",
            (_, _, false) => "order.updated",
        };
        let secret = &self.secrets[&format!("shops/{}", purchase.shop)];
        purchase.webhook(topic, secret, self.now())
    }

    /// The webhook of a body that the shop made of its own; signed all the same.
    #[must_use]
    pub fn webhook_of(&self, purchase: &Purchase, body: &Value) -> Inbound {
        let secret = &self.secrets[&format!("shops/{}", purchase.shop)];
        let topic = match purchase.kind {
            ShopKind::Shopify => "orders/updated",
            _ => "order.updated",
        };
        purchase.signed(topic, secret, self.now(), body.to_string().into_bytes())
    }

    /// Someone calls us, again and again until we take it, as shops do; then all that follows.
    pub fn tells(&mut self, inbound: &Inbound) -> Reply {
        let reply = self.tells_alone(inbound);
        self.settles();
        reply
    }

    /// The same without what follows.
    ///
    /// # Panics
    /// When we never take it.
    pub fn tells_alone(&mut self, inbound: &Inbound) -> Reply {
        for _ in 0..TRIES_MAX {
            let Ok(reply) = self.call(inbound) else { continue };
            if reply.status != 200 {
                let said = if reply.headers.iter().any(|(_, value)| value.contains("json")) {
                    reply.body.clone()
                } else {
                    "a page".to_owned()
                };
                self.refusals.push(format!("{} {}: {said}", inbound.route, reply.status));
            }
            return reply;
        }
        panic!("`{}` failed {TRIES_MAX} times", inbound.route)
    }

    fn call(&self, inbound: &Inbound) -> Result<Reply> {
        self.runtime.block_on(self.system.call(inbound))
    }

    /// Has a supplier behave.
    pub fn manner(&mut self, supplier: &str, change: impl FnOnce(&mut Manner)) {
        change(&mut self.outside.borrow_mut().suppliers.supplier(supplier).manner);
    }

    /// Suppliers with an API ship all that they accepted and have not shipped.
    pub fn suppliers_ship(&mut self) {
        let mut ready: Vec<(String, String)> = Vec::new();
        for (supplier, known) in self.outside.borrow().suppliers.all() {
            let is_ready = |status: &str| matches!(status, "accepted" | "partly_accepted");
            let orders = known.orders.iter().filter(|(_, order)| is_ready(&order.status));
            ready.extend(orders.map(|(reference, _)| (supplier.clone(), reference.clone())));
        }
        for (supplier, reference) in ready {
            let carrier = if supplier == "shenzhen-direct" { "YunExpress" } else { "DHL" };
            let now = self.now();
            self.outside.borrow_mut().suppliers.ship(&supplier, &reference, carrier, now);
            self.hears_suppliers();
        }
    }

    /// A supplier says something of one of its fulfillment orders.
    pub fn says(&mut self, supplier: &str, order_id: &OrderId, number: u16, what: &Value) {
        let (reference, now) = (reference(order_id, FulfillmentOrderId(number)), self.now());
        self.outside.borrow_mut().suppliers.say(supplier, &reference, what, now);
        self.hears_suppliers();
    }

    /// A supplier accepts what it only received.
    pub fn accepts(&mut self, supplier: &str, order_id: &OrderId, number: u16) {
        let (reference, now) = (reference(order_id, FulfillmentOrderId(number)), self.now());
        self.outside.borrow_mut().suppliers.accept(supplier, &reference, now);
        self.hears_suppliers();
    }

    /// A supplier counts its stock of an article number, and tells us.
    pub fn counts(&mut self, key: &StockKey, on_hand: u32) {
        let now = self.now();
        self.counted.insert(key.clone(), (now, i64::from(on_hand)));
        self.outside.borrow_mut().suppliers.report_stock(
            key.supplier.as_str(),
            key.location.as_str(),
            &key.supplier_sku,
            on_hand,
            now,
        );
        self.hears_suppliers();
    }

    /// What suppliers have to say reaches us, and all that follows.
    pub fn hears_suppliers(&mut self) {
        loop {
            let next = self.outside.borrow_mut().suppliers.outbox.pop_front();
            let Some(request) = next else { return };
            self.tells(&from_supplier(&request));
        }
    }

    /// The supplier that is reached by mail follows the newest link in its mails, and sends a form.
    pub fn answers_mail(&mut self, form: &str) {
        let Some(link) = self.newest_link() else { return };
        for (method, body) in [("GET", ""), ("POST", form)] {
            let inbound = Inbound {
                method: method.to_owned(),
                route: "/answers/{token}".to_owned(),
                parameters: BTreeMap::from([("token".to_owned(), link.clone())]),
                headers: Vec::new(),
                body: body.as_bytes().to_vec(),
                ..Inbound::default()
            };
            self.tells(&inbound);
        }
    }

    fn newest_link(&self) -> Option<String> {
        let mails = self.system.world.mails.borrow();
        let text = mails.iter().rev().map(|mail| &mail.text);
        let link = |text: &String| {
            let (_, rest) = text.split_once(&format!("{PUBLIC_URL}/answers/"))?;
            rest.lines().next().map(str::to_owned)
        };
        text.filter_map(link).next()
    }

    /// Carriers bring every parcel that is on its way to the door.
    pub fn carriers_deliver(&mut self) {
        let now = self.now();
        for number in self.numbers() {
            self.outside.borrow_mut().tracking.deliver(&number, now);
        }
    }

    /// A carrier reports something of a parcel; we hear of it when we ask.
    pub fn carrier_reports(&mut self, number: &str, sub_status: &str) {
        let now = self.now();
        self.outside.borrow_mut().tracking.report(number, now, sub_status);
    }

    /// What a tracking service calls us with when it tells of a number by itself.
    #[must_use]
    pub fn push(&self, service: TrackingService, number: &str) -> Inbound {
        let body = self.outside.borrow().tracking.told(service, number);
        self.push_of(service, body.to_string().into_bytes())
    }

    /// The same, with any body.
    #[must_use]
    pub fn push_of(&self, service: TrackingService, body: Vec<u8>) -> Inbound {
        push(service, &self.secrets[&format!("tracking/{}", service.name())], body)
    }

    /// The tracking numbers of every parcel that we know, each once.
    #[must_use]
    pub fn numbers(&self) -> Vec<String> {
        let mut numbers: Vec<String> = Vec::new();
        for order_id in self.order_ids() {
            numbers.extend(self.order(&order_id).parcels.into_values().map(|it| it.number));
        }
        numbers.sort();
        numbers.dedup();
        numbers
    }

    /// An operator decides something of an order: `overrides`, `cancellations`, `address`, `decisions`.
    pub fn decides(&mut self, order_id: &OrderId, decision: &str, body: &Value) -> Reply {
        let inbound = self.decision(order_id, decision, body);
        self.tells(&inbound)
    }

    /// The call of an operator who decides something of an order.
    #[must_use]
    pub fn decision(&self, order_id: &OrderId, decision: &str, body: &Value) -> Inbound {
        let mut body = body.clone();
        body["by"] = json!("Ola Operator");
        body["why"] = json!("the customer called");
        Inbound {
            method: "POST".to_owned(),
            route: format!("/orders/{{shop}}/{{number}}/{decision}"),
            parameters: BTreeMap::from([
                ("shop".to_owned(), order_id.shop().to_string()),
                ("number".to_owned(), order_id.order().to_owned()),
            ]),
            headers: vec![(
                "authorization".to_owned(),
                format!("Bearer {}", self.secrets["console"]),
            )],
            body: body.to_string().into_bytes(),
            ..Inbound::default()
        }
    }

    /// An operator does something with a return or a refund: `returns`, `returns/R1/receipts`, `refunds`.
    pub fn handles(&mut self, order_id: &OrderId, path: &str, body: &Value) -> Reply {
        let inbound = self.handling(order_id, path, body);
        self.tells(&inbound)
    }

    /// The call of an operator who does something with a return or a refund.
    #[must_use]
    pub fn handling(&self, order_id: &OrderId, path: &str, body: &Value) -> Inbound {
        let mut body = body.clone();
        body["by"] = json!("Ola Operator");
        body["why"] = json!("the customer called");
        let mut inbound = self.operators("POST", order_id);
        inbound.body = body.to_string().into_bytes();
        let segments: Vec<&str> = path.split('/').collect();
        let route = match segments[..] {
            [of] => of.to_owned(),
            [of, id, step] => {
                inbound.parameters.insert("id".to_owned(), id.to_owned());
                format!("{of}/{{id}}/{step}")
            }
            _ => unreachable!("`{path}` is no path of returns"),
        };
        inbound.route = format!("/orders/{{shop}}/{{number}}/{route}");
        inbound
    }

    /// What an operator sees of an order.
    ///
    /// # Panics
    /// When it is no page.
    pub fn page(&mut self, order_id: &OrderId) -> Value {
        let mut inbound = self.operators("GET", order_id);
        inbound.route = "/orders/{shop}/{number}".to_owned();
        serde_json::from_str(&self.tells(&inbound).body).expect("it is JSON")
    }

    fn operators(&self, method: &str, order_id: &OrderId) -> Inbound {
        Inbound {
            method: method.to_owned(),
            route: String::new(),
            parameters: BTreeMap::from([
                ("shop".to_owned(), order_id.shop().to_string()),
                ("number".to_owned(), order_id.order().to_owned()),
            ]),
            headers: vec![(
                "authorization".to_owned(),
                format!("Bearer {}", self.secrets["console"]),
            )],
            body: Vec::new(),
            ..Inbound::default()
        }
    }

    /// The merchant changes the settings.
    ///
    /// # Panics
    /// When they can't be stored.
    pub fn merchant_changes(&mut self, change: impl Fn(&mut Settings)) {
        let world = &self.system.world;
        let settings = world.settings.borrow().clone().expect("there are settings");
        let mut settings = Settings::clone(&settings);
        change(&mut settings);
        self.runtime.block_on(world.put_settings(&settings)).expect("the world in memory takes it");
    }

    /// The merchant imports a catalogue file, again and again until it is done.
    ///
    /// # Panics
    /// When a row of it is refused, or it never succeeds.
    pub fn imports(&mut self, csv: &str) {
        let now = self.now();
        let file = cli::catalog_file::parse(csv, |_| Ok(())).expect("it is a catalogue file");
        self.counted.extend(file.stock.into_iter().map(|(key, on_hand)| (key, (now, on_hand))));
        self.operates(&Operation::ImportCatalog(csv.to_owned()));
    }

    /// An operator changes something, again and again until it is done; then all that follows.
    ///
    /// # Panics
    /// When it never is.
    pub fn operates(&mut self, operation: &Operation) {
        let entry = Entry::Operate(operation.clone());
        let mut tries = (0..TRIES_MAX).map(|_| self.system.enter(&entry));
        assert!(tries.any(|done| done.is_ok()), "{operation:?} failed {TRIES_MAX} times");
        self.settles();
    }

    /// Every order that there is.
    #[must_use]
    pub fn order_ids(&self) -> Vec<OrderId> {
        self.system.world.streams.borrow().keys().cloned().collect()
    }

    /// An order as it is now.
    #[must_use]
    pub fn order(&self, order_id: &OrderId) -> Order {
        self.system.order(order_id).0
    }

    /// Its phase.
    #[must_use]
    pub fn phase(&self, order_id: &OrderId) -> &'static str {
        phase(&self.order(order_id)).name()
    }

    /// The names of its facts, in order.
    #[must_use]
    pub fn facts(&self, order_id: &OrderId) -> Vec<&'static str> {
        self.system.order(order_id).1.iter().map(|recorded| recorded.fact.name()).collect()
    }

    /// Its newest fact of that name.
    #[must_use]
    pub fn fact(&self, order_id: &OrderId, name: &str) -> Option<Fact> {
        let (_, history) = self.system.order(order_id);
        history.into_iter().rev().map(|it| it.fact).find(|fact| fact.name() == name)
    }
}

fn open_outside(url: &str, secrets: &BTreeMap<String, String>) -> outside::World {
    let mut outside = outside::World { base_url: url.to_owned(), ..Default::default() };
    outside.suppliers.public_url = PUBLIC_URL.to_owned();
    outside.tracking.key.clone_from(&secrets["tracking"]);
    outside.labels.key.clone_from(&secrets["carriers/easypost"]);
    for (shop, kind) in SHOPS {
        let api = format!("{url}/shops/{shop}");
        outside.shops.open(shop, kind, &api, &secrets[&format!("shops/{shop}/api")]);
    }
    for supplier in SUPPLIERS {
        let url = format!("{url}/suppliers/{supplier}");
        outside.suppliers.open(supplier, &url, &secrets[&format!("suppliers/{supplier}")]);
    }
    outside
}

/// What a supplier sends us, as our API hands it over.
#[must_use]
pub fn from_supplier(request: &Request) -> Inbound {
    let supplier = request.url.rsplit('/').nth(1).unwrap_or_default().to_owned();
    Inbound {
        method: request.method.to_owned(),
        route: "/suppliers/{supplier}/answers".to_owned(),
        parameters: BTreeMap::from([("supplier".to_owned(), supplier)]),
        headers: request.headers.clone(),
        body: request.body.clone(),
        ..Inbound::default()
    }
}
