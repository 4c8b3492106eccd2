//! What shops list of their orders says the same as their webhooks: for every order of the tests, and for those of real
//! shops in `ONWARD_FIXTURES`.

#![expect(clippy::unwrap_used, reason = "what can't be unwrapped fails the test")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use connectors::listing::{self, Entry, Page, Place, Throttled};
use connectors::shipment::Access;
use connectors::signature::sign_base64;
use connectors::webhook::{self, Delivery};
use domain::id::ShopId;
use domain::settings::{Shop, ShopKind};
use domain::shop_order::{Payment, ShopOrder};
use jiff::Timestamp;
use ports::memory::World;
use ports::{Inbound, Request, Response};
use serde_json::{Value, json};
use tests::outside::shop::{Shops, Sold};
use tests::purchase::{Bought, LYON, Purchase};

const API: &str = "https://alpenshop.example";
const SECRET: &str = "whsec_b253YXJk";

/// A shop, and who asks it.
struct Scene {
    world: World,
    kind: ShopKind,
    secrets: Vec<String>,
}

thread_local! {
    /// The shops of a test, and every call to them.
    static OUTSIDE: RefCell<(Shops, Vec<(Request, Response)>)> = RefCell::default();
}

impl Scene {
    fn new(kind: ShopKind) -> Self {
        let world = World::new(at(0));
        OUTSIDE.with_borrow_mut(|(shops, calls)| {
            *shops = Shops::default();
            calls.clear();
            shops.open("alpenshop", kind, API, SECRET);
        });
        *world.outside.borrow_mut() = Box::new(|request| {
            OUTSIDE.with_borrow_mut(|(shops, calls)| {
                let response = shops.answer(&request).unwrap();
                calls.push((request, response.clone()));
                Ok(response)
            })
        });
        Self { world, kind, secrets: vec![SECRET.to_owned()] }
    }

    /// The shop has an order that it states so.
    fn has(&self, order: &str, lines: &[(&str, u32)], body: &Value) {
        let sold: Vec<Sold<'_>> = lines
            .iter()
            .map(|(line_id, quantity)| Sold { line_id, quantity: *quantity, location: 1 })
            .collect();
        OUTSIDE.with_borrow_mut(|(shops, _)| {
            shops.shop("alpenshop").sell(order, &sold);
            shops.shop("alpenshop").state(order, body);
        });
    }

    fn access(&self) -> Access<'_> {
        Access { api: API, secrets: &self.secrets }
    }

    fn page(&self, from: Timestamp) -> anyhow::Result<Page> {
        let place = Place { from, page: None };
        block_on(listing::page(&self.world, self.kind, self.access(), &place, at(0)))
    }

    /// What the list says of its one order, asked for in full where the list is brief.
    fn listed(&self) -> Entry {
        let mut page = self.page(at(-1_000_000_000)).unwrap();
        assert_eq!((page.entries.len(), page.next.is_none()), (1, true));
        match page.entries.remove(0) {
            Entry::Brief(brief) => {
                let whole =
                    block_on(listing::order(&self.world, self.access(), &brief.order)).unwrap();
                let whole = whole.unwrap();
                if let Entry::Whole(stated) = &whole {
                    assert_eq!(stated.brief(), brief, "in brief and in full it says the same");
                }
                whole
            }
            whole => whole,
        }
    }

    fn known(&self, order: &str, numbers: &[&str]) -> Option<BTreeSet<String>> {
        let numbers = numbers.iter().copied().collect();
        let known = listing::known_numbers(&self.world, self.kind, self.access(), order, &numbers);
        block_on(known).unwrap()
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Seconds from some moment.
fn at(seconds: i64) -> Timestamp {
    let moment: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    moment + jiff::SignedDuration::from_secs(seconds)
}

/// What the webhook of a body says; the refusal where it is not understood.
fn told(kind: ShopKind, body: &[u8]) -> Result<ShopOrder, String> {
    let (id, api) = (ShopId::parse("alpenshop").unwrap(), API.to_owned());
    let shop = Shop { id, kind, api, notifications: None };
    let signature = sign_base64(SECRET, &[body]);
    let headers = match kind {
        ShopKind::Shopify => {
            vec![("x-shopify-topic", "orders/updated"), ("x-shopify-hmac-sha256", &*signature)]
        }
        _ => vec![("x-wc-webhook-topic", "order.updated"), ("x-wc-webhook-signature", &*signature)],
    };
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let inbound = Inbound {
        headers: headers.into_iter().map(owned).collect(),
        body: body.to_vec(),
        ..Inbound::default()
    };
    match webhook::parse(&shop, &[SECRET.to_owned()], &inbound, at(0)) {
        Ok(Delivery::Order { order, .. }) => Ok(*order),
        other => Err(format!("{other:?}")),
    }
}

/// Whether the list and the webhook say the same of an order.
#[track_caller]
fn says_the_same(kind: ShopKind, body: &Value) {
    let scene = Scene::new(kind);
    let order = body["id"].to_string();
    scene.has(&order, &[], body);
    let stated = OUTSIDE.with_borrow_mut(|(shops, _)| shops.shop("alpenshop").stated(&order));
    let mut stated = stated.unwrap();
    // A fixture has parcels that this shop never sent.
    if !body["fulfillments"].is_null() {
        stated["fulfillments"] = json!([]);
    }
    let told = told(kind, stated.to_string().as_bytes()).unwrap();
    match scene.listed() {
        Entry::Whole(listed) => {
            assert_eq!(*listed.order, told, "{order}");
            assert_eq!(self::told(kind, &listed.payload), Ok(told), "it is kept as a webhook's");
        }
        other => panic!("{order}: {other:?}"),
    }
}

const MUG: Bought = Bought { sku: "MUG", quantity: 3, unit_price_minor: 1490 };
const TEA: Bought = Bought { sku: "TEA", quantity: 1, unit_price_minor: 10 };

fn purchase(kind: ShopKind) -> Purchase {
    Purchase::new("alpenshop", kind, 1001, at(-60), &[MUG, TEA])
}

#[test]
fn the_list_says_the_same_as_the_webhook() {
    for kind in [ShopKind::Shopify, ShopKind::Woocommerce] {
        let changes: [fn(&mut Purchase); 6] = [
            |_| {},
            |it| it.is_paid = false,
            |it| it.is_cancelled = true,
            |it| (it.is_express, it.is_test) = (true, true),
            |it| it.to = LYON,
            |it| it.lines[0].quantity = 0,
        ];
        for change in changes {
            let mut purchase = purchase(kind);
            change(&mut purchase);
            says_the_same(kind, &purchase.body());
        }
    }
}

#[test]
fn an_order_with_everything_that_shopify_has_is_the_same_in_the_list() {
    let mut body = purchase(ShopKind::Shopify).body();
    body["note"] = json!("Happy birthday!");
    body["tags"] = json!("vip, age-verified");
    body["note_attributes"] =
        json!([{"name": "gift_wrap", "value": "yes"}, {"name": "x", "value": ""}]);
    body["customer"] = json!({"email": "other@example.com", "phone": null});
    body["email"] = Value::Null;
    body["phone"] = json!("+49 341 1");
    body["cancelled_at"] = json!("2026-11-20T09:59:30+01:00");
    body["cancel_reason"] = json!("fraud");
    body["financial_status"] = json!("partially_refunded");
    body["taxes_included"] = json!(true);
    body["current_total_tax"] = json!("3.40");
    body["billing_address"] = Value::Null;
    body["shipping_address"]["province_code"] = json!("SN");
    body["shipping_lines"] = json!([
        {"title": "Express", "code": "dhl", "price": "9.90", "discounted_price": "7.90"},
        {"title": "Insurance", "code": null, "price": "1.00", "discounted_price": "1.00"},
    ]);
    let line = &mut body["line_items"][0];
    line["properties"] =
        json!([{"name": "Engraving", "value": "M+K"}, {"name": "_theme", "value": "1"}]);
    line["discount_allocations"] = json!([{"amount": "2.00"}, {"amount": "0.50"}]);
    (line["current_quantity"], line["fulfillable_quantity"]) = (json!(2), json!(2));
    body["line_items"][1]["requires_shipping"] = json!(false);
    says_the_same(ShopKind::Shopify, &body);
}

#[test]
fn parcels_are_the_same_in_the_list() {
    let scene = Scene::new(ShopKind::Shopify);
    let purchase = purchase(ShopKind::Shopify);
    let line = purchase.line_id(0);
    scene.has("1001", &[(&line, 3)], &purchase.body());
    let stated = OUTSIDE.with_borrow_mut(|(shops, _)| {
        let shop = shops.shop("alpenshop");
        shop.lines_per_page = 1;
        shop.send_by_hand("1001", "ONE", &[(&line, 1)]);
        shop.send_by_hand("1001", "", &[(&line, 1)]);
        shop.sale("1001").parcels[1].is_cancelled = true;
        shop.stated("1001").unwrap()
    });
    let told = told(ShopKind::Shopify, stated.to_string().as_bytes()).unwrap();
    assert_eq!(told.parcels.as_ref().unwrap().len(), 2);
    let Entry::Whole(listed) = scene.listed() else { panic!("it can be read") };
    assert_eq!(*listed.order, told);
    assert_eq!(scene.known("1001", &[]), Some(BTreeSet::from(["ONE".to_owned()])));
}

#[test]
fn orders_of_real_shops_are_the_same_in_the_list() {
    #[expect(clippy::disallowed_methods, reason = "a test has no configuration of its own")]
    let Ok(folder) = std::env::var("ONWARD_FIXTURES") else {
        return eprintln!("ONWARD_FIXTURES is not set: no order of a real shop was compared");
    };
    let mut compared = 0;
    for (shop, kind) in [("shopify", ShopKind::Shopify), ("woocommerce", ShopKind::Woocommerce)] {
        for file in Path::new(&folder).join(shop).read_dir().unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let Ok(file) = serde_json::from_str::<Value>(&text) else { continue };
            let orders = match (&file["orders"], &file["order"], &file["data"]) {
                (Value::Array(orders), _, _) => orders.clone(),
                (_, order @ Value::Object(_), _) | (_, _, order @ Value::Object(_)) => {
                    vec![order.clone()]
                }
                _ => vec![file.clone()],
            };
            let is_understood = |order: &&Value| told(kind, order.to_string().as_bytes()).is_ok();
            for order in orders.iter().filter(is_understood) {
                says_the_same(kind, order);
                compared += 1;
            }
        }
    }
    assert!(compared >= 12, "only {compared} orders were compared");
}

#[test]
fn a_shop_with_enough_of_our_calls_says_so_in_a_way_that_is_understood() {
    for kind in [ShopKind::Shopify, ShopKind::Woocommerce, ShopKind::Onward] {
        let scene = Scene::new(kind);
        OUTSIDE.with_borrow_mut(|(shops, _)| shops.shop("alpenshop").throttled = 1);
        let error = scene.page(at(0)).unwrap_err().context("and what else is said");
        assert!(error.is::<Throttled>(), "{kind:?}: {error:#}");
        assert!(scene.page(at(0)).unwrap().entries.is_empty(), "{kind:?}");
        OUTSIDE.with_borrow_mut(|(shops, _)| shops.shop("alpenshop").is_down = true);
        assert!(!scene.page(at(0)).unwrap_err().is::<Throttled>(), "{kind:?}");
    }
}

#[test]
fn a_shop_of_our_own_kind_may_have_no_list() {
    let scene = Scene::new(ShopKind::Onward);
    *scene.world.outside.borrow_mut() = Box::new(|request| {
        assert_eq!(request.method, "GET");
        Ok(Response { status: 404, headers: Vec::new(), body: Vec::new() })
    });
    let page = scene.page(at(0)).unwrap();
    assert!(page.entries.is_empty() && page.next.is_none());
}

#[test]
fn a_list_is_asked_for_from_a_moment_on_that_moment_included() {
    for kind in [ShopKind::Shopify, ShopKind::Woocommerce, ShopKind::Onward] {
        let scene = Scene::new(kind);
        for (number, second) in [(1, -1), (2, 0), (3, 1)] {
            let mut purchase = purchase(kind);
            (purchase.order, purchase.updated_at) = (number, at(second));
            scene.has(&number.to_string(), &[], &purchase.body());
        }
        let page = scene.page(at(0)).unwrap();
        let changes: Vec<Timestamp> = page.entries.iter().filter_map(Entry::updated_at).collect();
        assert_eq!(changes, [at(0), at(1)], "{kind:?}");
        assert_eq!(listing::last(&page.entries), Some(at(1)));
    }
}

#[test]
fn a_status_that_we_do_not_know_is_refused_when_the_whole_order_is_read() {
    let scene = Scene::new(ShopKind::Shopify);
    let mut body = purchase(ShopKind::Shopify).body();
    body["financial_status"] = json!("pawned");
    scene.has("1001", &[], &body);
    let page = scene.page(at(-3600)).unwrap();
    let [Entry::Brief(brief)] = &page.entries[..] else { panic!("{page:?}") };
    assert_eq!(brief.payment, Payment::Pending);
    assert!(matches!(scene.listed_unread(), Entry::Unreadable { .. }));
}

impl Scene {
    fn listed_unread(&self) -> Entry {
        block_on(listing::order(&self.world, self.access(), "1001")).unwrap().unwrap()
    }
}

/// `tests/shopify/reconciliation_exchanges.json` is what `tests/shopify` checks against Shopify's own schema.
#[test]
fn the_exchanges_with_shopify_on_file_are_those_that_take_place() {
    let scene = Scene::new(ShopKind::Shopify);
    let mut body = purchase(ShopKind::Shopify).body();
    body["tags"] = json!("vip");
    body["note_attributes"] = json!([{"name": "gift_wrap", "value": "yes"}]);
    body["customer"] = json!({"email": "customer@example.com", "phone": null});
    body["cancelled_at"] = body["updated_at"].clone();
    body["cancel_reason"] = json!("customer");
    body["line_items"][0]["discount_allocations"] = json!([{"amount": "2.00"}]);
    let line = purchase(ShopKind::Shopify).line_id(0);
    scene.has("1001", &[(&line, 3)], &body);
    OUTSIDE.with_borrow_mut(|(shops, _)| {
        shops.shop("alpenshop").send_by_hand("1001", "ONE", &[(&line, 1)]);
    });
    scene.listed();
    scene.known("1001", &[]);

    let calls = OUTSIDE.with_borrow(|(_, calls)| calls.clone());
    let exchanges: Vec<Value> = calls.iter().map(exchange).collect();
    let on_file: Value =
        serde_json::from_str(include_str!("../../shopify/reconciliation_exchanges.json")).unwrap();
    let lines: Vec<String> = exchanges.iter().map(Value::to_string).collect();
    assert!(
        on_file == json!(exchanges),
        "tests/shopify/reconciliation_exchanges.json should be:\n[\n{}\n]",
        lines.join(",\n")
    );
}

fn exchange((request, response): &(Request, Response)) -> Value {
    let sent: Value = serde_json::from_slice(&request.body).unwrap();
    let answer: Value = serde_json::from_slice(&response.body).unwrap();
    let document = sent["query"].as_str().unwrap();
    let operation = document.lines().find(|line| line.starts_with("query ")).unwrap();
    let name = operation.split([' ', '(']).nth(1).unwrap();
    json!({ "operation": name, "variables": sent["variables"], "data": answer["data"] })
}
