//! Intake in the world in memory: every webhook of an order's life, in any order, any number of times, whatever fails.

use std::collections::BTreeSet;

use anyhow::Result;
use connectors::signature::{sign_base64, sign_standard};
use domain::id::OrderId;
use domain::message::Message;
use domain::order::Order;
use domain::order::fact::Fact;
use domain::settings::Settings;
use domain::shop_order::Payment;
use jiff::{SignedDuration, Timestamp};
use ports::memory::{Fault, World};
use ports::{Events as _, Inbound, Reply};
use serde_json::{Value, json};

use crate::take_webhook;

const SECRET: &str = "demo-shopify-secret";
const OWN_SECRET: &str = "whsec_b253YXJkLWRpcmVjdA==";
const EVENT: &str = include_str!("../../../events/order-intake.json");

/// Polls a future that the world in memory never keeps waiting.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn world() -> World {
    let settings = json!({
        "seller": {"name": "Alpen Trade GmbH", "address": ["Munich"]},
        "shops": [
            {"id": "alpenshop", "kind": "shopify", "api": "https://alpenshop.myshopify.com"},
            {"id": "other", "kind": "shopify", "api": "https://other.myshopify.com"},
            {"id": "teahouse", "kind": "woocommerce", "api": "https://teahouse.example"},
            {"id": "direct", "kind": "onward", "api": "https://direct.example"},
        ],
        "suppliers": [], "locations": [], "services": [],
        "routing": {
            "rank": [], "split": "never", "margin_floor_percent": 0, "cooling_off_seconds": 0,
        },
    });
    let world = World::new("2026-11-20T08:15:03Z".parse().unwrap());
    let settings: Settings = serde_json::from_value(settings).unwrap();
    world.settings.replace(Some(settings.into()));
    let secrets = [
        ("shops/alpenshop", vec![SECRET]),
        ("shops/other", vec!["new", "old"]),
        ("shops/teahouse", vec!["tea"]),
        ("shops/direct", vec![OWN_SECRET]),
    ];
    let owned = |(name, values): (&str, Vec<&str>)| {
        (name.to_owned(), values.into_iter().map(str::to_owned).collect())
    };
    world.secrets.replace(secrets.map(owned).into());
    world
}

/// The order of the sample event, at the first of its states.
fn order() -> Value {
    let event: Value = serde_json::from_str(EVENT).unwrap();
    serde_json::from_str(event["body"].as_str().unwrap()).unwrap()
}

/// The order with some places changed, `seconds` after its first state.
fn later(seconds: i64, changes: &[(&str, Value)]) -> Value {
    let mut order = order();
    let updated_at: Timestamp = order["updated_at"].as_str().unwrap().parse().unwrap();
    let updated_at = updated_at + SignedDuration::from_secs(seconds);
    order["updated_at"] = updated_at.to_string().into();
    for (pointer, value) in changes {
        *order.pointer_mut(pointer).expect(pointer) = value.clone();
    }
    order
}

fn post(path: [&str; 2], headers: &[(&str, &str)], body: Vec<u8>) -> Inbound {
    let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
    let [kind, shop] = path.map(str::to_owned);
    Inbound {
        method: "POST".to_owned(),
        route: "/webhooks/{kind}/{shop}".to_owned(),
        parameters: [("kind".to_owned(), kind), ("shop".to_owned(), shop)].into(),
        headers: headers.iter().map(owned).collect(),
        body,
        ..Inbound::default()
    }
}

/// A webhook of `alpenshop`, signed.
fn webhook(topic: &str, order: &Value) -> Inbound {
    signed_with(SECRET, "alpenshop", topic, order)
}

fn signed_with(secret: &str, shop: &str, topic: &str, order: &Value) -> Inbound {
    let body = order.to_string().into_bytes();
    let signature = sign_base64(secret, &[&body]);
    let headers = [("x-shopify-topic", topic), ("x-shopify-hmac-sha256", &*signature)];
    post(["shopify", shop], &headers, body)
}

fn take(world: &World, inbound: &Inbound) -> Result<Reply> {
    block_on(take_webhook(world, inbound))
}

/// Takes a webhook that must be taken, and gives status and answer.
fn answer(world: &World, inbound: &Inbound) -> (u16, Value) {
    let reply = take(world, inbound).unwrap();
    (reply.status, serde_json::from_str(&reply.body).unwrap())
}

fn stored(world: &World) -> Order {
    let order_id = OrderId::parse("alpenshop/5123456789012").unwrap();
    Order::fold(&block_on(world.load(&order_id)).unwrap().0)
}

/// The names of all facts of all orders.
fn facts(world: &World) -> Vec<&'static str> {
    let streams = world.streams.borrow();
    let facts = streams.values().flatten().flat_map(|(_, facts)| facts);
    facts.map(Fact::name).collect()
}

fn sent(world: &World) -> Vec<Message> {
    world.queue.borrow().iter().cloned().collect()
}

fn map_skus() -> Message {
    Message::MapSkus { order_id: OrderId::parse("alpenshop/5123456789012").unwrap() }
}

#[test]
fn the_sample_event_is_a_signed_order() {
    let event: Value = serde_json::from_str(EVENT).unwrap();
    let headers: Vec<_> = event["headers"].as_object().unwrap().iter().collect();
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let parameter = |name: &str| event["pathParameters"][name].as_str().unwrap();
    let body = event["body"].as_str().unwrap().as_bytes().to_vec();
    assert_eq!(event["headers"]["x-shopify-hmac-sha256"], sign_base64(SECRET, &[&body]));
    assert_eq!(event["headers"]["content-length"], body.len().to_string());
    assert_eq!(event["routeKey"], "POST /webhooks/{kind}/{shop}");

    let world = world();
    let inbound = post([parameter("kind"), parameter("shop")], &headers, body);
    let expected = json!({"order": "alpenshop/5123456789012", "facts": ["Received"]});
    assert_eq!(answer(&world, &inbound), (200, expected));
}

#[test]
fn a_new_order_is_kept_recorded_and_sent_on() {
    let world = world();
    let inbound = webhook("orders/create", &order());
    let expected = json!({"order": "alpenshop/5123456789012", "facts": ["Received"]});
    assert_eq!(answer(&world, &inbound), (200, expected));

    let (contact_ref, _) = stored(&world).contact.unwrap();
    let people = world.people.borrow();
    let [((order_id, kept_as), (contact, payload))] = people.iter().collect::<Vec<_>>()[..] else {
        panic!("{people:?}");
    };
    assert_eq!(order_id.as_str(), "alpenshop/5123456789012");
    assert_eq!(*kept_as, contact_ref);
    assert_eq!(contact.email.as_deref(), Some("anna.muster@example.com"));
    assert_eq!(*payload, inbound.body);
    assert_eq!(facts(&world), ["Received"]);
    assert_eq!(sent(&world), [map_skus()]);
    assert!(world.refused.borrow().is_empty());
}

#[test]
fn no_fact_holds_what_a_person_is_called_or_where_they_live() {
    let world = world();
    answer(&world, &webhook("orders/create", &order()));
    let streams = world.streams.borrow();
    let facts = streams.values().flatten().flat_map(|(_, facts)| facts);
    for fact in facts {
        let fact = serde_json::to_string(fact).unwrap();
        for private in ["Anna", "Muster", "Linden", "10969", "example.com"] {
            assert!(!fact.contains(private), "{fact}");
        }
    }
}

#[test]
fn the_same_webhook_three_times_is_one_order() {
    let world = world();
    let inbound = webhook("orders/create", &order());
    assert_eq!(answer(&world, &inbound).1["facts"], json!(["Received"]));
    for _ in 0..2 {
        let expected = json!({"order": "alpenshop/5123456789012", "facts": [], "duplicate": true});
        assert_eq!(answer(&world, &inbound), (200, expected));
    }
    assert_eq!(facts(&world), ["Received"]);
    assert_eq!(world.people.borrow().len(), 1);
    // A message may come twice; whoever takes it finds nothing left to do.
    assert!(sent(&world).iter().all(|message| *message == map_skus()));
}

#[test]
fn webhooks_on_one_state_of_an_order_are_one_fact_whatever_their_topic() {
    let world = world();
    for topic in ["orders/paid", "orders/create", "orders/updated"] {
        assert_eq!(answer(&world, &webhook(topic, &order())).0, 200);
    }
    assert_eq!(facts(&world), ["Received"]);
}

#[test]
fn a_changed_order_adds_the_difference() {
    let check = |changes: &[(&str, Value)], expected: &[&str]| {
        let world = world();
        answer(&world, &webhook("orders/create", &order()));
        let (status, answer) = answer(&world, &webhook("orders/updated", &later(60, changes)));
        assert_eq!((status, &answer["facts"]), (200, &json!(expected)), "{changes:?}");
        assert_eq!(world.people.borrow().len(), 2, "every payload is kept");
    };
    check(&[("/line_items/0/current_quantity", json!(1))], &["EditRequested"]);
    check(&[("/shipping_address/zip", json!("10115"))], &["ContactChanged"]);
    check(&[("/financial_status", json!("partially_refunded"))], &["PaymentChanged"]);
    check(&[("/cancelled_at", json!("2026-11-20T09:16:00+01:00"))], &["CancelRequested"]);
    check(&[("/tags", json!("vip"))], &["Confirmed"]);
    check(&[("/line_items/0/fulfillment_status", json!("fulfilled"))], &["Confirmed"]);
}

#[test]
fn what_comes_late_changes_nothing() {
    let world = world();
    let edited = later(60, &[("/line_items/0/current_quantity", json!(1))]);
    assert_eq!(answer(&world, &webhook("orders/updated", &edited)).1["facts"], json!(["Received"]));
    assert_eq!(answer(&world, &webhook("orders/create", &order())).1["facts"], json!([]));
    assert_eq!(stored(&world).wanted.values().collect::<Vec<_>>(), [&1]);
}

#[test]
fn paid_may_be_heard_before_placed() {
    let world = world();
    let placed = later(-5, &[("/financial_status", json!("pending"))]);
    answer(&world, &webhook("orders/paid", &order()));
    answer(&world, &webhook("orders/create", &placed));
    assert_eq!(facts(&world), ["Received"]);
    assert_eq!(stored(&world).payment, Some(Payment::Paid));
}

#[test]
fn an_unpaid_order_waits_for_its_payment() {
    let world = world();
    let placed = later(-5, &[("/financial_status", json!("pending"))]);
    answer(&world, &webhook("orders/create", &placed));
    assert_eq!(sent(&world), []);

    answer(&world, &webhook("orders/paid", &order()));
    assert_eq!(facts(&world), ["Received", "PaymentChanged"]);
    assert_eq!(sent(&world), [map_skus()]);
}

#[test]
fn a_payment_in_the_same_second_counts() {
    let world = world();
    let placed = later(0, &[("/financial_status", json!("pending"))]);
    answer(&world, &webhook("orders/create", &placed));
    answer(&world, &webhook("orders/paid", &order()));
    answer(&world, &webhook("orders/create", &placed));
    assert_eq!(facts(&world), ["Received", "PaymentChanged"]);
    assert_eq!(stored(&world).payment, Some(Payment::Paid));
}

#[test]
fn a_test_order_is_recorded_and_goes_nowhere() {
    let world = world();
    answer(&world, &webhook("orders/create", &later(0, &[("/test", json!(true))])));
    assert_eq!(facts(&world), ["Received"]);
    assert_eq!(sent(&world), []);
}

#[test]
fn an_order_that_was_cancelled_before_we_heard_of_it_goes_nowhere() {
    let world = world();
    let cancelled = later(9, &[("/cancelled_at", json!("2026-11-20T09:15:11+01:00"))]);
    answer(&world, &webhook("orders/cancelled", &cancelled));
    assert_eq!(facts(&world), ["Received", "CancelRequested"]);
    assert!(!sent(&world).contains(&map_skus()));
}

#[test]
fn an_order_of_gift_cards_has_nothing_to_ship() {
    let world = world();
    let gift_card = later(0, &[("/line_items/0/gift_card", json!(true))]);
    answer(&world, &webhook("orders/create", &gift_card));
    assert_eq!(facts(&world), ["Received"]);
    assert!(stored(&world).received.unwrap().lines.iter().all(|line| !line.ships));
}

#[test]
fn orders_of_other_kinds_of_shops_come_in_too() {
    let world = world();
    let body = json!({
        "id": 727, "status": "processing", "currency": "EUR", "total": "3.00",
        "date_created_gmt": "2026-11-20T08:00:00", "date_modified_gmt": "2026-11-20T08:00:01",
        "line_items": [{"id": 1, "sku": "TEA", "quantity": 1, "total": "3.00"}],
    });
    let body = body.to_string().into_bytes();
    let signature = sign_base64("tea", &[&body]);
    let headers =
        [("x-wc-webhook-topic", "order.created"), ("x-wc-webhook-signature", &*signature)];
    let (status, order) = answer(&world, &post(["woocommerce", "teahouse"], &headers, body));
    assert_eq!((status, &order["order"]), (200, &json!("teahouse/727")));

    let body = json!({
        "id": "A-1", "placed_at": "2026-11-20T08:00:00Z", "updated_at": "2026-11-20T08:00:00Z",
        "payment": "paid", "currency": "EUR", "total": "3.00",
        "lines": [{"id": "1", "sku": "TEA", "title": "Tea", "quantity": 1, "unit_price": "3.00"}],
    });
    let body = body.to_string().into_bytes();
    let now = world.now.get();
    let signature = sign_standard(OWN_SECRET, "msg_1", now, &body).unwrap();
    let second = now.as_second().to_string();
    let headers = [
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", &*second),
        ("webhook-signature", &*signature),
    ];
    let inbound = post(["onward", "direct"], &headers, body);
    let (status, order) = answer(&world, &inbound);
    assert_eq!((status, &order["order"]), (200, &json!("direct/A-1")));

    world.now.set(now + SignedDuration::from_secs(301));
    assert_eq!(take(&world, &inbound).unwrap().status, 401);
}

#[test]
fn woocommerces_ping_is_answered_with_200_and_leaves_nothing() {
    let world = world();
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let ping = |shop| post(["woocommerce", shop], &form, b"webhook_id=7".to_vec());
    assert_eq!(take(&world, &ping("teahouse")).unwrap().status, 200);
    assert!(world.refused.borrow().is_empty());
    assert_eq!(take(&world, &ping("nobody")).unwrap().status, 401);
}

#[test]
fn a_topic_that_is_not_needed_is_answered_with_202_and_leaves_nothing() {
    let world = world();
    let expected = json!({"unneeded": "orders/edited"});
    assert_eq!(answer(&world, &webhook("orders/edited", &order())), (202, expected));
    assert!(world.streams.borrow().is_empty());
    assert!(world.people.borrow().is_empty());
    assert!(world.refused.borrow().is_empty());
}

#[test]
fn what_is_refused_is_kept_once_and_makes_no_order() {
    let check = |inbound: &Inbound, folder: &str, status: u16, error: Value| {
        let world = world();
        for _ in 0..2 {
            assert_eq!(answer(&world, inbound), (status, json!({ "error": error })));
        }
        let refused = world.refused.borrow();
        let [(key, payload)] = refused.iter().collect::<Vec<_>>()[..] else {
            panic!("{refused:?}")
        };
        assert!(key.starts_with(folder) && key.ends_with(".json"), "{key}");
        assert_eq!(*payload, inbound.body[..inbound.body.len().min(1024 * 1024)]);
        assert!(world.streams.borrow().is_empty());
        assert!(world.people.borrow().is_empty());
        assert_eq!(sent(&world), []);
    };
    let unsigned = || json!({"problem": "the signature is not valid"});
    let mut forged = webhook("orders/create", &order());
    forged.body.push(b' ');
    check(&forged, "alpenshop/", 401, unsigned());

    let mut broken = webhook("orders/create", &json!("?"));
    broken.body.truncate(1);
    broken.headers[1].1 = sign_base64(SECRET, &[&broken.body]);
    check(&broken, "alpenshop/", 400, json!({"field": "body", "problem": "is not JSON"}));

    let negative = later(0, &[("/line_items/0/quantity", json!(-1))]);
    let error =
        json!({"field": "line_items[0].quantity", "problem": "is not a whole number, 0 or more"});
    check(&webhook("orders/create", &negative), "alpenshop/", 400, error);

    let mut large = webhook("orders/create", &order());
    large.body.resize(1024 * 1024 + 1, b' ');
    let too_large = || json!({"problem": "the body is larger than 1048576 bytes"});
    check(&large, "alpenshop/", 413, too_large());
    large.parameters.insert("shop".to_owned(), "nobody".to_owned());
    check(&large, "unknown/", 413, too_large());
}

#[test]
fn shops_that_are_none_are_answered_like_a_wrong_signature() {
    let forged = answer(&world(), &signed_with("guess", "alpenshop", "orders/create", &order()));
    for [kind, shop] in [
        ["shopify", "nobody"],
        ["shopify", "../alpenshop"],
        ["shopify", ""],
        ["woocommerce", "alpenshop"],
        ["onward", "alpenshop"],
        ["", "alpenshop"],
    ] {
        let mut inbound = webhook("orders/create", &order());
        inbound.parameters.insert("kind".to_owned(), kind.to_owned());
        inbound.parameters.insert("shop".to_owned(), shop.to_owned());
        let world = world();
        assert_eq!(answer(&world, &inbound), forged, "{kind}/{shop}");
        assert!(world.refused.borrow().keys().all(|key| key.starts_with("unknown/")));
    }
}

#[test]
fn a_webhook_of_one_shop_is_none_of_another() {
    let world = world();
    let crossed = signed_with(SECRET, "other", "orders/create", &order());
    assert_eq!(take(&world, &crossed).unwrap().status, 401);
    for secret in ["new", "old"] {
        let own = signed_with(secret, "other", "orders/create", &order());
        assert_eq!(take(&world, &own).unwrap().status, 200);
    }
    // The same number in two shops is two orders.
    assert_eq!(take(&world, &webhook("orders/create", &order())).unwrap().status, 200);
    assert_eq!(facts(&world), ["Received", "Received"]);
}

/// All that is left of a world after these webhooks, each delivered until it is answered.
fn end(webhooks: &[Inbound], fault: Option<(u32, Fault)>) -> (String, u32) {
    let world = world();
    if let Some((call, fault)) = fault {
        world.faults.plan(call, fault);
    }
    let mut failures = 0;
    for inbound in webhooks {
        while take(&world, inbound).is_err() {
            failures += 1;
            assert_eq!(failures, 1, "one call fails once");
        }
    }
    let sent: BTreeSet<_> = sent(&world).iter().map(|message| format!("{message:?}")).collect();
    let left = (&world.streams, &world.people, &world.refused, sent);
    (format!("{left:#?}"), failures)
}

#[test]
fn whatever_fails_once_is_made_good_by_the_next_delivery() {
    let unpaid = later(-5, &[("/financial_status", json!("pending"))]);
    let edited = later(60, &[("/line_items/0/current_quantity", json!(1))]);
    let webhooks = [
        webhook("orders/create", &unpaid),
        webhook("orders/paid", &order()),
        webhook("orders/updated", &edited),
        signed_with("guess", "alpenshop", "orders/create", &unpaid),
    ];
    let (untroubled, _) = end(&webhooks, None);
    for fault in [Fault::Before, Fault::After] {
        let mut call = 1;
        while let (left, 1) = end(&webhooks, Some((call, fault))) {
            assert_eq!(left, untroubled, "{fault:?} {call}");
            call += 1;
        }
        assert!(call > 18, "every call of the four failed once: {call}");
    }
}

#[test]
fn a_new_order_takes_no_more_calls_than_it_must() {
    let world = world();
    world.faults.clear();
    take(&world, &webhook("orders/create", &order())).unwrap();
    // Settings and secrets, which are cached; contact and payload; append, send.
    assert_eq!(world.faults.clear(), 5);
}
