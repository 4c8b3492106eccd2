//! What people do: shops change orders, suppliers' shelves fill and empty, operators decide what waits for them.

use std::collections::BTreeMap;

use connectors::signature::sign_standard;
use domain::id::{FulfillmentOrderId, OrderId, ReturnId, parse_reference, reference};
use domain::order::Stage;
use domain::order::fact::Hold;
use jiff::{SignedDuration, Timestamp};
use ports::Inbound;
use serde_json::{Value, json};

use super::company::{self, NEW_SKU};
use super::dice::Dice;
use super::disturbance::Disturbance;
use super::returns::Back;
use super::shops::{Act, Customer};
use super::watch::News;
use super::{Event, Simulation, Speech};

/// What a person looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Matter {
    /// A hold.
    Hold(Hold),
    /// A purchase in doubt.
    Doubt(FulfillmentOrderId),
    /// A customer who calls and wants to cancel.
    Cancel,
    /// A customer who calls and has moved.
    Move,
    /// Something that comes back.
    Back(Back),
}

/// What a person decides: a call to the console.
#[derive(Debug)]
pub(crate) struct Decision {
    /// Its route, below the order's.
    pub(crate) path: &'static str,
    /// Of what in the order, where the route asks for it.
    pub(crate) id: Option<String>,
    /// What it says, but for who decides and why.
    pub(crate) body: Value,
}

impl Decision {
    /// On an order.
    pub(crate) fn new(path: &'static str, body: Value) -> Self {
        Self { path, id: None, body }
    }

    /// On a return.
    pub(crate) fn of(path: &'static str, id: ReturnId, body: Value) -> Self {
        Self { path, id: Some(id.to_string()), body }
    }

    fn call(mut self, order_id: &OrderId) -> Inbound {
        self.body["by"] = json!("Ola Operator");
        self.body["why"] = json!("the customer called");
        let of_order =
            [("shop", order_id.shop().to_string()), ("number", order_id.order().to_owned())];
        let parameters = of_order.into_iter().chain(self.id.map(|id| ("id", id)));
        Inbound {
            method: "POST".to_owned(),
            route: format!("/orders/{{shop}}/{{number}}/{}", self.path),
            parameters: parameters.map(|(name, value)| (name.to_owned(), value)).collect(),
            headers: vec![("authorization".to_owned(), "Bearer operators".to_owned())],
            body: self.body.to_string().into_bytes(),
            ..Inbound::default()
        }
    }
}

impl Simulation {
    /// A customer, or the shop, does something; the shop tells us.
    pub(super) fn shop_acts(&mut self, number: u32, act: &Act) {
        let Some(mut customer) = self.customers.remove(&number) else { return };
        let order_id = customer.purchase.order_id();
        self.note(&order_id, || format!("the customer: {act:?}"));
        let skewed = SignedDuration::from_secs(customer.dice.between(-90, 90));
        let skew = if self.plan.has(Disturbance::Skew) { skewed } else { SignedDuration::ZERO };
        if customer.act(act, self.now.get() + skew) {
            customer.book(&mut self.outside.borrow_mut().world, act);
            self.tell(&mut customer, &order_id);
        }
        self.customers.insert(number, customer);
    }

    /// A shop tells us of an order as it is, perhaps late, perhaps twice.
    fn tell(&mut self, customer: &mut Customer, order_id: &OrderId) {
        let name = order_id.to_string();
        let mut delay = SignedDuration::from_millis(customer.dice.between(100, 3_000));
        let late = SignedDuration::from_secs(customer.dice.spread(12 * 3600));
        if self.errs(&name, Disturbance::LateWebhooks, 150) {
            delay += late;
        }
        if self.errs(&name, Disturbance::LostWebhooks, 60) {
            return self.plan_looks();
        }
        let topic = customer.topic();
        let speech = Speech::Webhook(customer.purchase.clone(), topic);
        if self.errs(&name, Disturbance::RepeatedWebhooks, 150) {
            let later = delay + SignedDuration::from_secs(customer.dice.spread(24 * 3600));
            self.after(later, Event::Speak(Box::new(speech.clone()), 0));
        }
        self.after(delay, Event::Speak(Box::new(speech), 0));
    }

    /// Reconciliation looks every quarter of an hour. Looks that would find nothing are left out; one after the other,
    /// since each of them may fail.
    pub(super) fn plan_looks(&mut self) {
        let quarter = self.now.get().as_second().div_euclid(900) + 1;
        for look in quarter..quarter + 3 {
            let at = Timestamp::from_second(look * 900).unwrap_or_default();
            if self.looks.insert(look) {
                self.at(at, Event::Look);
            }
        }
    }

    /// When stock of an article comes and goes.
    pub(super) fn plan_stock(&mut self, sku: &str, beginning: Timestamp) {
        if !self.plan.has(Disturbance::Stock) {
            return;
        }
        let mut dice = Dice::new(self.plan.seed, "stock", sku);
        for _ in 0..6 {
            let at = beginning + SignedDuration::from_mins(dice.between(60, 100 * 60));
            let is_told = dice.happens(800);
            let change = if is_told { dice.between(0, 30) } else { dice.between(-12, 0) };
            self.at(at, Event::Stock(sku.to_owned(), change, is_told));
        }
    }

    /// Stock of an article changes. Those that have a system report it; for the others somebody imports a list.
    pub(super) fn stock_changes(&mut self, sku: &str, change: i64, is_told: bool) {
        let on_hand = {
            let mut outside = self.outside.borrow_mut();
            let shelf = outside.suppliers.shelves.entry(sku.to_owned()).or_default();
            *shelf = (*shelf + change).max(0);
            *shelf
        };
        let key = self.outside.borrow().suppliers.counter(sku).cloned();
        let Some(key) = key.filter(|_| is_told) else { return };
        let supplier = company::BY_API.into_iter().find(|known| *known == key.supplier.as_str());
        let Some(supplier) = supplier else {
            let mut levels = self.site.memory.stock.borrow_mut();
            let level = levels.entry(key.clone()).or_default();
            level.available = on_hand - level.reserved;
            drop(levels);
            return self.site.watch.borrow_mut().counted(&self.site.memory, &key, on_hand);
        };
        let body = json!({"type": "stock", "location": key.location,
            "lines": [{"sku": sku, "on_hand": on_hand}]});
        self.after(
            SignedDuration::from_secs(1),
            Event::Speak(Box::new(Speech::Stock { supplier, body }), 0),
        );
    }

    /// Mails are on their way; some are lost, some come twice.
    pub(super) fn collect_mails(&mut self) {
        let mails: Vec<_> =
            self.site.memory.mails.borrow().iter().skip(self.mails_read).cloned().collect();
        self.mails_read += mails.len();
        for mail in mails {
            let name = mail.subject.clone();
            let delay = SignedDuration::from_mins(self.dice(&name).spread(90));
            // Whoever is told that an order is off, or is to be, reads it in the end.
            let is_order =
                mail.subject.starts_with("Order ") && !mail.subject.ends_with("withdrawn");
            let is_lost = self.errs(&name, Disturbance::LostMail, 40);
            if self.errs(&name, Disturbance::RepeatedMail, 60) {
                let later = SignedDuration::from_mins(self.dice(&name).spread(24 * 60));
                self.after(delay + later, Event::Mail(Box::new(mail.clone())));
            }
            if !(is_lost && is_order) {
                self.after(delay, Event::Mail(Box::new(mail)));
            }
        }
    }

    /// What operators do of their own accord.
    pub(super) fn plan_operators(&mut self, number: u32, customer: &Customer) {
        let mut dice = Dice::new(self.plan.seed, "operator", &number.to_string());
        for matter in [Matter::Cancel, Matter::Move] {
            let at =
                customer.purchase.placed_at + SignedDuration::from_secs(dice.spread(4 * 24 * 3600));
            if dice.happens(40) && self.plan.has(Disturbance::Operators) {
                self.at(at, Event::Person(customer.purchase.order_id(), matter));
            }
        }
    }

    /// Someone will look at it.
    pub(super) fn hears_news(&mut self, news: News) {
        let (order_id, matter) = match news {
            News::Held(order_id, hold) => (order_id, Matter::Hold(hold)),
            News::InDoubt(order_id, id) => (order_id, Matter::Doubt(id)),
            News::Back(order_id, back) => (order_id, Matter::Back(back)),
            News::Arrived(order_id) => return self.arrived(&order_id),
            News::Restocked(sku, units) => {
                let shelves = &mut self.outside.borrow_mut().suppliers.shelves;
                *shelves.entry(sku).or_default() += units;
                return;
            }
        };
        // Nobody decides so fast that the function in question still runs.
        let seconds = 60 + self.dice(order_id.as_str()).spread(10 * 3600);
        self.after(SignedDuration::from_secs(seconds), Event::Person(order_id, matter));
    }

    /// A person looks at something, and decides.
    pub(super) fn person_looks(&mut self, order_id: &OrderId, matter: Matter) {
        let decision = match matter {
            Matter::Cancel => Some(Decision::new("cancellations", json!({}))),
            Matter::Move => Some(Decision::new("address", json!({"address": address()}))),
            Matter::Doubt(id) => {
                let bought = self.site.watch.borrow().was_mailed(&reference(order_id, id));
                let body = json!({"fulfillment_order": id.to_string(), "bought": bought});
                Some(Decision::new("decisions", body))
            }
            Matter::Hold(hold) => self.decide_hold(order_id, hold),
            Matter::Back(back) => self.looks_back(order_id, back),
        };
        if let Some(decision) = decision {
            let speech = Speech::Decision(order_id.clone(), decision.call(order_id));
            self.start(super::Job::Call(Box::new(speech), 0));
        }
    }

    fn decide_hold(&mut self, order_id: &OrderId, hold: Hold) -> Option<Decision> {
        let stands = {
            let watch = self.site.watch.borrow();
            watch.orders.get(order_id).is_some_and(|known| known.order.holds.contains_key(&hold))
        };
        let chance = self.dice(order_id.as_str()).below(100);
        if !stands {
            return None;
        }
        match hold {
            _ if chance < 15 => Some(Decision::new("cancellations", json!({}))),
            Hold::UnmappedSku => {
                // The order goes on by itself.
                company::map_sku(&self.site.memory, NEW_SKU.0, NEW_SKU.2);
                None
            }
            Hold::Address if chance < 85 => {
                Some(Decision::new("address", json!({"address": address()})))
            }
            hold => Some(Decision::new("overrides", json!({"hold": hold}))),
        }
    }

    /// Nothing goes wrong any more: what lies about is put back, shelves are filled, and people decide what waits.
    pub(super) fn calm_down(&mut self) {
        self.set_now(self.calms_at);
        self.is_calm = true;
        self.outside.borrow_mut().suppliers.comes_to_an_end();
        self.redrive();
        // Twice, since one look may end before it comes to the end of a list.
        for minutes in [1, 16] {
            self.after(SignedDuration::from_mins(minutes), Event::Look);
        }
        for (key, _) in company::counters() {
            self.after(SignedDuration::from_hours(2), Event::Stock(key.supplier_sku, 1_000, true));
        }
        let mut waiting = Vec::new();
        for (order_id, known) in &self.site.watch.borrow().orders {
            let doubts = known.order.fulfillment_orders.iter();
            let doubts = doubts.filter(|(_, known)| known.stage == Stage::InDoubt);
            waiting.extend(doubts.map(|(id, _)| News::InDoubt(order_id.clone(), *id)));
            waiting
                .extend(known.order.holds.keys().map(|hold| News::Held(order_id.clone(), *hold)));
            let back = Self::waits_back(&known.order).into_iter();
            waiting.extend(back.map(|back| News::Back(order_id.clone(), back)));
        }
        for news in waiting {
            self.hears_news(news);
        }
        self.collect();
    }
}

/// Where customers go who call.
fn address() -> Value {
    json!({"name": "Mara Beispiel", "lines": ["Neue Gasse 1"], "city": "Leipzig", "postal_code": "04109",
        "country": "DE"})
}

impl Speech {
    /// The order that it is about.
    pub(super) fn order_id(&self) -> Option<OrderId> {
        match self {
            Self::Webhook(purchase, _) => Some(purchase.order_id()),
            Self::Answer { reference, .. } | Self::Form { reference, .. } => {
                parse_reference(reference).ok().map(|(order_id, _)| order_id)
            }
            Self::Decision(order_id, _) => Some(order_id.clone()),
            Self::Stock { .. } => None,
        }
    }

    /// The call as our API hands it over, signed now.
    pub(super) fn inbound(&self, secrets: &BTreeMap<String, String>, now: Timestamp) -> Inbound {
        match self {
            Self::Webhook(purchase, topic) => {
                purchase.webhook(topic, &secrets[&format!("shops/{}", purchase.shop)], now)
            }
            Self::Answer { supplier, id, body, .. } => {
                supplier_call(supplier, id, body, &secrets[&format!("suppliers/{supplier}")], now)
            }
            Self::Stock { supplier, body } => supplier_call(
                supplier,
                "msg_stock",
                body,
                &secrets[&format!("suppliers/{supplier}")],
                now,
            ),
            Self::Form { token, form, .. } => Inbound {
                method: "POST".to_owned(),
                route: "/answers/{token}".to_owned(),
                parameters: BTreeMap::from([("token".to_owned(), token.clone())]),
                headers: Vec::new(),
                body: form.clone().into_bytes(),
                ..Inbound::default()
            },
            Self::Decision(_, inbound) => inbound.clone(),
        }
    }
}

fn supplier_call(supplier: &str, id: &str, body: &Value, secret: &str, now: Timestamp) -> Inbound {
    let body = body.to_string().into_bytes();
    let signature = sign_standard(secret, id, now, &body).expect("it is a secret");
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", now.as_second().to_string()),
        ("webhook-signature", signature),
    ];
    Inbound {
        method: "POST".to_owned(),
        route: "/suppliers/{supplier}/answers".to_owned(),
        parameters: BTreeMap::from([("supplier".to_owned(), supplier.to_owned())]),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
        body,
        ..Inbound::default()
    }
}
