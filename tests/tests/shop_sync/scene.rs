//! A shop that sold an order, and an order that its supplier accepted.

use std::cell::RefCell;
use std::rc::Rc;

use anyhow::{Result, bail};
use domain::id::{OrderId, ParcelId};
use domain::order::Order;
use domain::order::fact::{Fact, Milestone};
use domain::settings::{Settings, ShopKind};
use ports::memory::World;
use ports::{Events as _, Request, Response};
use serde_json::{Value, json};
use tests::outside::shop::{Parcel, Shops, Sold};

pub(crate) const API: &str = "https://alpenshop.example";
pub(crate) const SECRET: &str = "whsec_b253YXJk";
/// The tests' order in the shop.
pub(crate) const ORDER: &str = "450789469";

/// A shop that sold an order, and what is between it and us.
pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) shops: Rc<RefCell<Shops>>,
    pub(crate) wire: Rc<RefCell<Wire>>,
    order_id: OrderId,
}

/// The line to the shop.
#[derive(Default)]
pub(crate) struct Wire {
    /// The answer to the next request that contains this is lost.
    pub(crate) lose: Option<&'static str>,
    /// Every request with its answer.
    pub(crate) exchanges: Vec<(Request, Response)>,
}

impl Scene {
    /// The order of a shop: its lines with the articles that make them up, all from location 1.
    pub(crate) fn new(kind: ShopKind, lines: &[Line]) -> Self {
        let order_id = OrderId::parse(&format!("alpenshop/{ORDER}")).unwrap();
        let scene = Self {
            world: World::new("2026-11-20T10:00:00Z".parse().unwrap()),
            shops: Rc::default(),
            wire: Rc::default(),
            order_id,
        };
        scene.open(kind);
        scene.connect();
        let sold: Vec<Sold<'_>> = lines
            .iter()
            .map(|line| Sold { line_id: line.id, quantity: line.quantity, location: 1 })
            .collect();
        scene.shops.borrow_mut().shop("alpenshop").sell(ORDER, &sold);
        scene.append(&accepted(lines));
        scene
    }

    /// One line, two units, one parcel with both.
    pub(crate) fn simple(kind: ShopKind) -> Self {
        let scene = Self::new(kind, &[Line::plain("466157049", 2)]);
        scene.ship(1, "YunExpress", "YT2412345678901234", &[("466157049", "ART-1", 2)]);
        scene
    }

    fn open(&self, kind: ShopKind) {
        self.shops.borrow_mut().open("alpenshop", kind, API, SECRET);
        let kind = serde_json::to_value(kind).unwrap();
        let settings: Settings = serde_json::from_value(json!({
            "seller": { "name": "Alpenshop GmbH", "address": [] },
            "shops": [{ "id": "alpenshop", "kind": kind, "api": format!("{API}/") }],
            "suppliers": [], "locations": [], "services": [],
            "routing": { "rank": [], "split": "when_needed", "margin_floor_percent": 0,
                         "cooling_off_seconds": 0 },
        }))
        .unwrap();
        self.world.settings.replace(Some(settings.into()));
        let secrets = vec![SECRET.to_owned()];
        self.world.secrets.borrow_mut().insert("shops/alpenshop/api".to_owned(), secrets);
    }

    fn connect(&self) {
        let (shops, wire) = (Rc::clone(&self.shops), Rc::clone(&self.wire));
        drop(self.world.outside.replace(Box::new(move |request| {
            let Some(response) = shops.borrow_mut().answer(&request) else {
                bail!("nobody listens at `{}`", request.url);
            };
            let mut wire = wire.borrow_mut();
            wire.exchanges.push((request.clone(), response.clone()));
            if wire.lose.is_some_and(|text| contains(&request.body, text)) {
                wire.lose = None;
                bail!("the answer was lost");
            }
            Ok(response)
        })));
    }

    /// Appends facts, as they are stored.
    fn append(&self, facts: &Value) {
        let facts: Vec<Fact> = serde_json::from_value(facts.clone()).unwrap();
        let mut streams = self.world.streams.borrow_mut();
        streams.entry(self.order_id.clone()).or_default().push((self.world.now.get(), facts));
    }

    pub(crate) fn ship(
        &self,
        parcel_id: u16,
        carrier: &str,
        number: &str,
        units: &[(&str, &str, u32)],
    ) {
        let units: Vec<Value> =
            units.iter().map(|(line, article, n)| units_of(line, article, *n)).collect();
        self.append(&json!([{
            "type": "Shipped", "parcel_id": parcel_id, "fulfillment_order_id": 1,
            "carrier": carrier, "number": number, "ship_date": "2026-11-20", "units": units,
        }]));
    }

    pub(crate) fn deliver(&self, parcel_id: u16) {
        let scan =
            json!({ "at": "2026-11-24T09:30:00Z", "status": "delivered", "code": "Delivered" });
        self.append(&json!([{ "type": "Tracked", "parcel_id": parcel_id, "scans": [scan] }]));
    }

    /// The supplier had named a wrong number.
    pub(crate) fn correct(&self, parcel_id: u16, number: &str) {
        let carrier = &self.order().parcels[&ParcelId(parcel_id)].carrier;
        self.append(
            &json!([{ "type": "NumberCorrected", "parcel_id": parcel_id, "carrier": carrier,
            "number": number, "ship_date": "2026-11-21" }]),
        );
    }

    /// Someone wants the order cancelled.
    pub(crate) fn cancel(&self) {
        self.append(&json!([{ "type": "CancelRequested", "by": "eve", "why": "she called" }]));
    }

    pub(crate) fn passes(&self, minutes: i64) {
        let now = self.world.now.get();
        self.world.now.set(now + jiff::SignedDuration::from_mins(minutes));
    }

    pub(crate) fn order(&self) -> Order {
        let load = self.world.load(&self.order_id);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (history, _) = runtime.block_on(load).unwrap();
        Order::fold(&history)
    }

    /// How many facts of that name the order has.
    pub(crate) fn count(&self, name: &str) -> usize {
        let streams = self.world.streams.borrow();
        let facts = streams[&self.order_id].iter().flat_map(|(_, facts)| facts);
        facts.filter(|fact| fact.name() == name).count()
    }

    /// Why the shop refused what it was to show, each time.
    pub(crate) fn refusals(&self) -> Vec<String> {
        let parcels = self.order().parcels;
        parcels.into_values().flat_map(|parcel| parcel.refused.into_values()).collect()
    }

    pub(crate) fn answer(&self, request: u16) -> Result<()> {
        let answer = shop_sync::answer_shop(&self.world, &self.order_id, request);
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer)
    }

    /// What the shop heard of requests.
    pub(crate) fn told(&self) -> Vec<String> {
        let mut shops = self.shops.borrow_mut();
        let sale = shops.shop("alpenshop").sale(ORDER);
        let notes = sale.notes.iter().map(|note| note.note.clone());
        notes.chain(sale.answers.values().cloned()).collect()
    }

    pub(crate) fn update(&self, parcel_id: u16) -> Result<()> {
        let update = shop_sync::update_shop(&self.world, &self.order_id, ParcelId(parcel_id));
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(update)
    }

    pub(crate) fn refusal(&self, parcel_id: u16) -> String {
        format!("{:#}", self.update(parcel_id).unwrap_err())
    }

    /// What the order's facts say that the shop shows: parcel, milestone, reference, found.
    pub(crate) fn recorded(&self) -> Vec<(u16, Milestone, String, bool)> {
        let streams = self.world.streams.borrow();
        let facts = streams[&self.order_id].iter().flat_map(|(_, facts)| facts);
        let updates = facts.filter_map(|fact| match fact {
            Fact::ShopUpdated { parcel_id, milestone, shop_reference, found, .. } => {
                Some((parcel_id.0, *milestone, shop_reference.clone(), *found))
            }
            _ => None,
        });
        updates.collect()
    }

    pub(crate) fn parcels(&self) -> Vec<Parcel> {
        self.shops.borrow_mut().shop("alpenshop").sale(ORDER).parcels.clone()
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        let mut shops = self.shops.borrow_mut();
        shops.shop("alpenshop").sale(ORDER).notes.iter().map(|note| note.note.clone()).collect()
    }

    pub(crate) fn status(&self) -> String {
        self.shops.borrow_mut().shop("alpenshop").sale(ORDER).status.clone()
    }

    /// How many requests contained this.
    pub(crate) fn sent(&self, text: &str) -> usize {
        let shops = self.shops.borrow();
        shops.requests.iter().filter(|request| contains(&request.body, text)).count()
    }
}

/// A line of the order, and the articles that one unit of it consists of.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub(crate) id: &'static str,
    pub(crate) quantity: u32,
    pub(crate) articles: &'static [&'static str],
}

impl Line {
    pub(crate) const fn plain(id: &'static str, quantity: u32) -> Self {
        Self { id, quantity, articles: &["ART-1"] }
    }
}

/// Whether a body has this text.
pub(crate) fn contains(body: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(body).contains(text)
}

fn units_of(line: &str, article: &str, quantity: u32) -> Value {
    json!({ "item": { "line": line, "article": article }, "quantity": quantity })
}

/// The facts of an order that one supplier has accepted whole.
fn accepted(lines: &[Line]) -> Value {
    let each: Vec<(&Line, &str)> = lines
        .iter()
        .flat_map(|line| line.articles.iter().map(move |article| (line, *article)))
        .collect();
    let of = |line: &Line, article: &str| json!({ "line": line.id, "article": article });
    let items: Vec<Value> = each
        .iter()
        .map(|(line, article)| json!({ "id": of(line, article), "per_unit": 1, "title": "Lamp", "weight_g": 300 }))
        .collect();
    let shares: Vec<Value> = each
        .iter()
        .map(|(line, article)| {
            json!({ "item": of(line, article), "supplier_sku": article,
                                       "quantity": line.quantity, "unit_cost_minor": 500 })
        })
        .collect();
    let units: Vec<Value> =
        each.iter().map(|(line, article)| units_of(line.id, article, line.quantity)).collect();
    let shop_lines: Vec<Value> = lines
        .iter()
        .map(|line| {
            json!({ "line_id": line.id, "sku": "LAMP", "title": "Lamp",
                            "quantity": line.quantity, "unit_price_minor": 2_000, "ships": true })
        })
        .collect();
    json!([
        { "type": "Received", "number": "#1001", "placed_at": "2026-11-19T08:00:00Z",
          "updated_at": "2026-11-19T08:00:00Z", "test": false, "payment": "paid", "currency": "EUR",
          "lines": shop_lines,
          "shipping": { "title": "Standard", "express": false, "price_minor": 0 },
          "discount_minor": 0, "tax_minor": 0, "tax_included": true, "total_minor": 4_000,
          "wishes": { "gift_wrap": false, "invoice": false, "age_verified": false },
          "contact": "c.p", "country": "DE" },
        { "type": "Mapped", "items": items },
        { "type": "Screened", "contact": "c.p", "checks": [], "settings_version": 1 },
        { "type": "Routed", "candidates": [], "settings_version": 1, "fulfillment_orders": [{
            "fulfillment_order_id": 1, "supplier": "lampco", "location": "shenzhen",
            "service": "small-packet", "shares": shares, "freight_minor": 300,
            "submit_at": "2026-11-19T09:00:00Z", "leaves_on": "2026-11-20",
            "arrives": ["2026-11-27", "2026-12-04"] }] },
        { "type": "SubmissionStarted", "fulfillment_order_id": 1 },
        { "type": "Submitted", "fulfillment_order_id": 1, "answer_by": "2026-11-20T09:00:00Z" },
        { "type": "Accepted", "fulfillment_order_id": 1, "units": units,
          "ship_by": "2026-11-22T09:00:00Z" },
    ])
}
