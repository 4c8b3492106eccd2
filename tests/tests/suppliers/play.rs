//! One order that is ready to be routed, three suppliers who could ship it, and everything between them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::Result;
use domain::catalog::{StockKey, StockLevel};
use domain::id::{FulfillmentOrderId, LocationId, OrderId, SupplierId, reference};
use domain::message::{Message, ParcelRef};
use domain::order::fact::{ContactRef, Fact, Received};
use domain::order::next::next;
use domain::order::phase::phase;
use domain::order::{FulfillmentOrder, Order};
use domain::settings::Settings;
use domain::shop_order::Contact;
use jiff::{SignedDuration, Timestamp};
use ports::memory::World;
use ports::{Events as _, Inbound, Reply, Request};
use serde_json::{Value, from_value, json};
use tests::outside;
use tests::system::REDELIVERED_AFTER;

/// Where suppliers reach us.
pub(crate) const PUBLIC_URL: &str = "https://onward.example";
/// Where suppliers and 17TRACK are.
pub(crate) const OUTSIDE: &str = "https://outside.example";
const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// The world, the outside, and one order of five units of one article in it.
pub(crate) struct Play {
    pub(crate) world: World,
    pub(crate) outside: Rc<RefCell<outside::World>>,
    pub(crate) order_id: OrderId,
    runtime: tokio::runtime::Runtime,
}

impl Play {
    /// Suppliers in order of preference, with so many units in stock each. `mara` takes mails, all others have an API;
    /// `petra` buys again what comes again.
    pub(crate) fn new(stock: &[(&str, i64)]) -> Self {
        let now: Timestamp = "2026-11-20T08:00:00Z".parse().unwrap();
        let world = World::new(now);
        let outside = Rc::new(RefCell::new(outside::World::default()));
        outside.borrow_mut().suppliers.public_url = PUBLIC_URL.to_owned();
        outside.borrow_mut().tracking.key = "key".to_owned();
        let mut secrets = vec![("links".to_owned(), "link secret"), ("tracking".to_owned(), "key")];
        for (supplier, available) in stock {
            outside.borrow_mut().suppliers.open(supplier, &url(supplier), SECRET);
            secrets.push((format!("suppliers/{supplier}"), SECRET));
            let level = StockLevel { available: *available, reserved: 0 };
            world.stock.borrow_mut().insert(stock_key(supplier), level);
        }
        for (name, secret) in secrets {
            world.secrets.borrow_mut().insert(name, vec![secret.to_owned()]);
        }
        let names: Vec<&str> = stock.iter().map(|(supplier, _)| *supplier).collect();
        world.settings.replace(Some(settings(&names).into()));
        let article: domain::catalog::Article = from_value(article(&names)).unwrap();
        world.articles.borrow_mut().insert(article.article.clone(), article);

        let served = Rc::clone(&outside);
        *world.outside.borrow_mut() = Box::new(move |request| {
            let at = request.header("webhook-timestamp").and_then(|second| second.parse().ok());
            let at = at.and_then(|second| Timestamp::from_second(second).ok()).unwrap_or(now);
            served.borrow_mut().answer(request, at)
        });
        let order_id = OrderId::parse("alpenshop/1001").unwrap();
        let contact_ref = ContactRef("c1.p1".to_owned());
        let kept = (contact(), b"{}".to_vec());
        world.people.borrow_mut().insert((order_id.clone(), contact_ref.clone()), kept);
        world.streams.borrow_mut().insert(order_id.clone(), vec![(now, facts(&contact_ref))]);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        Self { world, outside, order_id, runtime }
    }

    /// The same, routed and with all that follows at once.
    pub(crate) fn routed(stock: &[(&str, i64)]) -> Self {
        let play = Self::new(stock);
        play.route();
        play
    }

    pub(crate) fn route(&self) {
        let order_id = self.order_id.clone();
        self.deliver(&Message::RouteOrder { order_id }).unwrap();
        self.settle();
    }

    pub(crate) fn wait<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// Delivers one message; those for functions that have no part in this play go nowhere.
    pub(crate) fn deliver(&self, message: &Message) -> Result<()> {
        let world = &self.world;
        self.wait(async {
            match message {
                Message::RouteOrder { order_id } => routing::route_order(world, order_id).await,
                Message::ForwardOrder { order_id, fulfillment_order_id } => {
                    let id = *fulfillment_order_id;
                    supplier_forwarding::forward_order(world, PUBLIC_URL, order_id, id).await
                }
                Message::TrackParcels { parcels } => {
                    let parcels = parcels.iter().cloned().collect();
                    let failed = tracking_poll::track_parcels(world, OUTSIDE, &parcels).await?;
                    failed.into_values().next().map_or(Ok(()), Err)
                }
                _ => Ok(()),
            }
        })
    }

    pub(crate) fn forward(&self, number: u16) -> Result<()> {
        let order_id = self.order_id.clone();
        let fulfillment_order_id = FulfillmentOrderId(number);
        self.deliver(&Message::ForwardOrder { order_id, fulfillment_order_id })
    }

    /// The order's turn in a round of polling has come.
    pub(crate) fn track(&self) -> Result<()> {
        let parcels = vec![ParcelRef { order_id: self.order_id.clone(), parcel_id: None }];
        self.deliver(&Message::TrackParcels { parcels })
    }

    /// Delivers all that is queued, each until it succeeds, at most five times; the world may not be busier than that.
    pub(crate) fn settle(&self) {
        let mut deliveries = 0;
        while let Some(message) = self.world.take() {
            deliveries += 1;
            assert!(deliveries < 100, "{message:?} goes round and round");
            let is_done = (0..5).any(|_| self.deliver(&message).is_ok() || self.queues_wait());
            assert!(is_done, "{message:?} failed five times");
        }
    }

    /// So long a queue waits until it delivers again what failed. Nothing is done by that.
    pub(crate) fn queues_wait(&self) -> bool {
        self.world.now.set(self.world.now.get() + REDELIVERED_AFTER);
        false
    }

    /// Lets time pass, and sends what has come due then, as the clock does.
    pub(crate) fn pass(&self, minutes: i64) {
        let now = self.world.now.get() + SignedDuration::from_mins(minutes);
        self.world.now.set(now);
        let owed = next(&self.order_id, &self.order());
        for owed in owed.into_iter().filter(|owed| owed.not_before <= now) {
            self.world.queue.borrow_mut().push_back(owed.message);
        }
        self.settle();
    }

    /// Delivers what suppliers want to tell us, and all that follows; gives the replies.
    pub(crate) fn hear(&self) -> Vec<Reply> {
        let mut replies = Vec::new();
        loop {
            let Some(request) = self.outside.borrow_mut().suppliers.outbox.pop_front() else {
                break;
            };
            replies.push(self.receive(&request));
            self.settle();
        }
        replies
    }

    /// The statuses of [`Play::hear`].
    pub(crate) fn hear_statuses(&self) -> Vec<u16> {
        self.hear().iter().map(|reply| reply.status).collect()
    }

    pub(crate) fn receive(&self, request: &Request) -> Reply {
        self.try_receive(request).unwrap()
    }

    pub(crate) fn try_receive(&self, request: &Request) -> Result<Reply> {
        let supplier = request.url.rsplit('/').nth(1).unwrap().to_owned();
        let inbound = Inbound {
            method: request.method.to_owned(),
            route: "/suppliers/{supplier}/answers".to_owned(),
            parameters: BTreeMap::from([("supplier".to_owned(), supplier)]),
            headers: request.headers.clone(),
            body: request.body.clone(),
            ..Inbound::default()
        };
        self.wait(supplier_inbox::take_answer(&self.world, &inbound))
    }

    /// Opens or sends a link of a mail.
    pub(crate) fn link(&self, method: &str, token: &str, form: &str) -> Reply {
        let inbound = Inbound {
            method: method.to_owned(),
            route: "/answers/{token}".to_owned(),
            parameters: BTreeMap::from([("token".to_owned(), token.to_owned())]),
            headers: Vec::new(),
            body: form.as_bytes().to_vec(),
            ..Inbound::default()
        };
        let reply = self.wait(supplier_inbox::take_answer(&self.world, &inbound)).unwrap();
        self.settle();
        reply
    }

    /// The token of the link in the last mail.
    pub(crate) fn token(&self) -> String {
        let mails = self.world.mails.borrow();
        let text = &mails.last().expect("a mail was sent").text;
        let (_, rest) = text.split_once(&format!("{PUBLIC_URL}/answers/")).expect("it has a link");
        rest.lines().next().unwrap().to_owned()
    }

    /// Has a supplier say something of one of its fulfillment orders, and gives our replies.
    pub(crate) fn say(&self, supplier: &str, number: u16, what: &Value) -> Vec<u16> {
        let (reference, now) = (self.reference(number), self.world.now.get());
        self.outside.borrow_mut().suppliers.say(supplier, &reference, what, now);
        self.hear_statuses()
    }

    /// Has a supplier ship, and takes its word for it.
    pub(crate) fn ship(&self, supplier: &str, number: u16) -> String {
        let (reference, now) = (self.reference(number), self.world.now.get());
        let number =
            self.outside.borrow_mut().suppliers.ship(supplier, &reference, "China Post", now);
        assert_eq!(self.hear_statuses(), [200]);
        number
    }

    pub(crate) fn order(&self) -> Order {
        let (history, _) = self.wait(self.world.load(&self.order_id)).unwrap();
        Order::fold(&history)
    }

    pub(crate) fn fulfillment_order(&self, number: u16) -> FulfillmentOrder {
        self.order().fulfillment_orders[&FulfillmentOrderId(number)].clone()
    }

    /// The names of the facts since the order was ready.
    pub(crate) fn facts(&self) -> Vec<&'static str> {
        let streams = self.world.streams.borrow();
        let appends = streams[&self.order_id].iter().skip(1);
        appends.flat_map(|(_, facts)| facts.iter().map(Fact::name)).collect()
    }

    pub(crate) fn phase(&self) -> &'static str {
        phase(&self.order()).name()
    }

    /// Cancels the order, as its shop would.
    pub(crate) fn cancel(&self) {
        let cancel = async |order: &Order, _| {
            Ok(domain::order::cancel::request(order, "customer", "changed their mind", None))
        };
        self.wait(ports::transact(&self.world, &self.order_id, cancel)).unwrap();
    }

    pub(crate) fn reference(&self, number: u16) -> String {
        reference(&self.order_id, FulfillmentOrderId(number))
    }

    /// How often something was bought at a supplier.
    pub(crate) fn purchases(&self, supplier: &str) -> u32 {
        let mut outside = self.outside.borrow_mut();
        outside.suppliers.supplier(supplier).orders.values().map(|order| order.purchases).sum()
    }

    /// Has a supplier behave.
    pub(crate) fn manner(
        &self,
        supplier: &str,
    ) -> std::cell::RefMut<'_, outside::supplier::Manner> {
        std::cell::RefMut::map(self.outside.borrow_mut(), |outside| {
            &mut outside.suppliers.supplier(supplier).manner
        })
    }

    /// Stock of a supplier: available, reserved.
    pub(crate) fn stock(&self, supplier: &str) -> (i64, i64) {
        let level = self.world.stock.borrow()[&stock_key(supplier)];
        (level.available, level.reserved)
    }
}

fn url(supplier: &str) -> String {
    format!("{OUTSIDE}/suppliers/{supplier}")
}

fn stock_key(supplier: &str) -> StockKey {
    StockKey {
        supplier: SupplierId::parse(supplier).unwrap(),
        location: LocationId::parse(&format!("{supplier}-hall")).unwrap(),
        supplier_sku: format!("{supplier}#cup"),
    }
}

fn settings(suppliers: &[&str]) -> Settings {
    let supplier = |name: &&str| match *name {
        "mara" => {
            json!({"id": name, "channel": {"by": "email", "address": "mara@supplier.example"}})
        }
        "petra" => {
            json!({"id": name, "channel": {"by": "api", "url": url(name), "drops_repeats": false}})
        }
        name => json!({"id": name, "channel": {"by": "api", "url": url(name)}}),
    };
    let location = |(priority, name): (usize, &&str)| {
        json!({"id": format!("{name}-hall"), "country": "DE", "time_zone": "Europe/Berlin",
            "cut_off": "14:00:00", "priority": priority})
    };
    let settings = json!({
        "seller": {"name": "Alpenshop", "address": []},
        "shops": [],
        "suppliers": suppliers.iter().map(supplier).collect::<Vec<_>>(),
        "locations": suppliers.iter().enumerate().map(location).collect::<Vec<_>>(),
        "services": [{"id": "parcel", "carrier": "China Post", "weight_max_g": 30000, "days": [1, 3],
            "base": {"minor": 300, "currency": "EUR"}}],
        "routing": {"rank": ["priority"], "split": "when_needed", "margin_floor_percent": -1000,
            "cooling_off_seconds": 0},
    });
    from_value(settings).unwrap()
}

fn article(suppliers: &[&str]) -> Value {
    let offer = |name: &&str| {
        json!({"supplier": name, "location": format!("{name}-hall"), "supplier_sku": format!("{name}#cup"),
            "unit_cost": {"minor": 200, "currency": "EUR"}})
    };
    json!({"article": "cup", "title": "Cup <blue>", "weight_g": 300,
        "offers": suppliers.iter().map(offer).collect::<Vec<_>>()})
}

fn facts(contact: &ContactRef) -> Vec<Fact> {
    let received: Received = from_value(json!({
        "number": "#1001", "placed_at": "2026-11-20T07:00:00Z", "updated_at": "2026-11-20T07:00:00Z",
        "test": false, "payment": "paid", "currency": "EUR",
        "lines": [{"line_id": "1", "sku": "CUP", "title": "Cup", "quantity": 5, "unit_price_minor": 1000,
            "ships": true}],
        "shipping": {"title": "Parcel", "express": false, "price_minor": 500},
        "discount_minor": 0, "tax_minor": 0, "tax_included": true, "total_minor": 5500,
        "wishes": {"gift_wrap": false, "invoice": false, "age_verified": false},
        "contact": contact, "country": "DE",
    }))
    .unwrap();
    let items = from_value(json!([{"id": {"line": "1", "article": "cup"}, "per_unit": 1,
        "title": "Cup <blue>", "weight_g": 300}]))
    .unwrap();
    let screened =
        Fact::Screened { contact: contact.clone(), checks: Vec::new(), settings_version: 0 };
    vec![Fact::Received(received), Fact::Mapped { items }, screened]
}

fn contact() -> Contact {
    let address = json!({"name": "=Mara Beispiel", "lines": ["Testweg 12"], "city": "Leipzig",
        "postal_code": "04109", "country": "DE"});
    Contact {
        email: Some("mara@customer.example".to_owned()),
        phone: Some("+49 341 0000000".to_owned()),
        shipping: Some(from_value(address).unwrap()),
        ..Contact::default()
    }
}
