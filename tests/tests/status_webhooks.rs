//! What the merchant's other systems are told, in the world in memory: all that is said fits the published schema, is
//! signed, and comes until it is taken.

#![expect(clippy::unwrap_used, reason = "what can't be unwrapped fails the test")]

use connectors::signature::verify_standard;
use domain::catalog::StockKey;
use domain::id::{EndpointId, LocationId, SupplierId};
use domain::order::announcement::EVENTS;
use domain::settings::{Endpoint, ShopKind};
use jiff::Timestamp;
use ports::memory::Fault;
use serde_json::{Value, json};
use tests::journey::browser::{Browser, tracking_link};
use tests::journey::{BEGINNING, Journey};
use tests::outside::endpoint::Manner;
use tests::outside::shop::books::Gateway;
use tests::outside::supplier::Says;
use tests::purchase::{Bought, Purchase};

const SCHEMA: &str = include_str!("../../shared/connectors/schemas/event.schema.json");
const BACKPACK: Bought = Bought { sku: "ALP-BACKPACK", quantity: 2, unit_price_minor: 7900 };
const KNIFE: Bought = Bought { sku: "ALP-KNIFE", quantity: 1, unit_price_minor: 4900 };
const ADDED: &str = include_str!("../demo/added.csv");
const NOTEBOOK: Bought = Bought { sku: "ONW-NOTEBOOK", quantity: 1, unit_price_minor: 1290 };

fn listening(id: &str, events: &[&str]) -> Endpoint {
    Endpoint {
        id: EndpointId::parse(id).unwrap(),
        url: format!("https://outside.example/endpoints/{id}"),
        events: events.iter().map(|&event| event.to_owned()).collect(),
        paused: false,
    }
}

fn begin(endpoints: &[Endpoint]) -> Journey {
    let journey = Journey::begin_with(|settings| settings.endpoints = endpoints.to_vec());
    let mut secrets = journey.system.world.secrets.borrow_mut();
    for endpoint in endpoints {
        secrets.insert(format!("endpoints/{}", endpoint.id), vec![secret(endpoint.id.as_str())]);
    }
    drop(secrets);
    journey
}

fn secret(id: &str) -> String {
    // Base64 of 24 bytes and the like; each endpoint has its own.
    format!(
        "whsec_{}",
        if id == "crm" { "Y3JtLXNlY3JldC1jcm0tc2VjcmV0" } else { "b3RoZXItc2VjcmV0LW90aGVyLXNl" }
    )
}

fn purchase(shop: &'static str, kind: ShopKind, lines: &[Bought]) -> Purchase {
    Purchase::new(shop, kind, 1001, BEGINNING.parse().unwrap(), lines)
}

fn alpenshop() -> Purchase {
    purchase("alpenshop", ShopKind::Shopify, &[BACKPACK])
}

fn backpacks() -> StockKey {
    StockKey {
        supplier: SupplierId::parse("nordwaren").unwrap(),
        location: LocationId::parse("hamburg").unwrap(),
        supplier_sku: "NW-22022".to_owned(),
    }
}

fn told(journey: &Journey, endpoint: &str) -> Vec<String> {
    journey.outside.borrow_mut().endpoints.endpoint(endpoint).events()
}

fn calls(journey: &Journey, endpoint: &str) -> u32 {
    journey.outside.borrow_mut().endpoints.endpoint(endpoint).calls
}

fn behaves(journey: &Journey, endpoint: &str, status: u16, retry_after: Option<u32>) {
    let manner = Manner { status, retry_after };
    journey.outside.borrow_mut().endpoints.endpoint(endpoint).manner = manner;
}

/// Every webhook that an endpoint took fits the schema, is signed with its secret, and is the only one of its id; those
/// of one order come in order.
fn check_taken(journey: &Journey, endpoint: &str) {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let schema = jsonschema::draft202012::options().should_validate_formats(true).build(&schema);
    let schema = schema.unwrap();
    let taken = journey.outside.borrow_mut().endpoints.endpoint(endpoint).taken.clone();
    let mut last: Option<(Value, u64)> = None;
    for webhook in &taken {
        let body: Value = serde_json::from_str(&webhook.body).unwrap();
        let problems: Vec<String> = schema.iter_errors(&body).map(|it| it.to_string()).collect();
        assert!(problems.is_empty(), "{body:#}: {problems:?}");
        let at = Timestamp::from_second(webhook.timestamp.parse().unwrap()).unwrap();
        let (id, text) = (&webhook.id, webhook.body.as_bytes());
        let secrets = [secret(endpoint)];
        assert!(verify_standard(&secrets, id, &webhook.timestamp, &webhook.signature, text, at));
        assert!(!id.contains('.'), "{id}");
        if let Some(sequence) = body["data"]["sequence"].as_u64() {
            let order = body["data"]["order"]["id"].clone();
            if let Some((before, earlier)) = &last {
                assert!(*before != order || *earlier < sequence, "{earlier} before {sequence}");
            }
            last = Some((order, sequence));
        }
    }
    let mut ids: Vec<&String> = taken.iter().map(|webhook| &webhook.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), taken.len(), "something was told twice");
}

fn deliver(journey: &mut Journey) {
    journey.minutes(1);
    journey.suppliers_ship();
    journey.hours(5);
    journey.carriers_deliver();
    journey.hours(5);
}

#[test]
fn an_endpoint_is_told_an_order_s_whole_life_in_order() {
    let mut journey = begin(&[listening("crm", &[])]);
    journey.sells(&alpenshop());
    deliver(&mut journey);
    check_taken(&journey, "crm");
    assert_eq!(
        told(&journey, "crm"),
        [
            "order.received",
            "order.routed",
            "fulfillment.submitted",
            "fulfillment.accepted",
            "shipment.confirmed",
            "parcel.delivered",
            "order.delivered",
        ]
    );
}

#[test]
fn a_parcel_that_the_customer_has_is_told_once_and_by_whom() {
    let mut journey = begin(&[listening("crm", &["parcel.delivered", "order.delivered"])]);
    journey.sells(&alpenshop());
    journey.minutes(1);
    journey.suppliers_ship();
    journey.hours(5);
    let track = tracking_link(&journey, &alpenshop().order_id());
    Browser::new("en").sends(&mut journey, &track, &[("arrived", "P1")]);
    journey.settles();
    assert_eq!(told(&journey, "crm"), ["parcel.delivered", "order.delivered"]);
    // The carrier says so as well, later.
    journey.carriers_deliver();
    journey.hours(5);
    assert_eq!(told(&journey, "crm").len(), 2);
    check_taken(&journey, "crm");
    let taken = journey.outside.borrow_mut().endpoints.endpoint("crm").taken.clone();
    let body: Value = serde_json::from_str(&taken[0].body).unwrap();
    assert_eq!(body["data"]["said_by"], "customer");

    let mut journey = begin(&[listening("crm", &["parcel.delivered"])]);
    journey.sells(&alpenshop());
    deliver(&mut journey);
    let taken = journey.outside.borrow_mut().endpoints.endpoint("crm").taken.clone();
    let body: Value = serde_json::from_str(&taken[0].body).unwrap();
    assert_eq!(body["data"]["said_by"], "carrier");
}

/// Tells a story to an endpoint, and checks what it heard.
type Play<'a> = &'a mut dyn FnMut(&dyn Fn(&mut Journey));

fn shops_and_stock(play: Play<'_>) {
    play(&|journey| {
        let mut purchase = alpenshop();
        journey.sells(&purchase);
        journey.seconds(2);
        journey.changes(&mut purchase, |purchase| purchase.lines[0].quantity = 1);
        deliver(journey);
    });
    play(&|journey| {
        let mut purchase = alpenshop();
        journey.sells(&purchase);
        journey.cancels(&mut purchase);
    });
    play(&|journey| {
        // Nobody knows the SKU, until it is imported.
        let mut purchase = alpenshop();
        purchase.lines[0].sku = "ALP-TENT";
        journey.sells(&purchase);
        journey.imports(ADDED);
    });
    play(&|journey| {
        // Far more than there is.
        let mut purchase = alpenshop();
        purchase.lines[0].quantity = 19;
        journey.counts(&backpacks(), 3);
        journey.sells(&purchase);
    });
}

fn suppliers_and_carriers(play: Play<'_>) {
    // A supplier by mail may have been told, or not: some call on the way to it is the one that must not fail.
    for call in 1..30 {
        play(&|journey| {
            journey.sells(&purchase("alpenshop", ShopKind::Shopify, &[KNIFE]));
            journey.decides(&alpenshop().order_id(), "overrides", &json!({"hold": "age"}));
            journey.system.world.faults.plan(call, Fault::After);
            journey.minutes(10);
        });
    }
    play(&|journey| {
        journey.manner("nordwaren", |manner| manner.says = Says::One);
        journey.sells(&alpenshop());
        deliver(journey);
    });
    play(&|journey| {
        journey.manner("nordwaren", |manner| manner.says = Says::Received);
        journey.sells(&alpenshop());
        journey.hours(30);
    });
    play(&|journey| {
        journey.sells(&alpenshop());
        journey.hours(60);
        journey.suppliers_ship();
        let number = journey.numbers()[0].clone();
        journey.carrier_reports(&number, "InTransit_PickedUp");
        journey.hours(5);
    });
    play(&|journey| {
        journey.counts(&backpacks(), 5);
    });
}

fn wishes_and_delays(play: Play<'_>) {
    play(&|journey| {
        let mut purchase = alpenshop();
        journey.sells(&purchase);
        deliver(journey);
        journey.cancels(&mut purchase);
    });
    play(&|journey| {
        journey.sells(&alpenshop());
        journey.minutes(1);
        journey.suppliers_ship();
        let right = json!({"type": "shipped", "carrier": "DHL", "number": "DH009DE",
            "ship_date": "2026-11-23", "replaces": journey.numbers()[0]});
        journey.says("nordwaren", &alpenshop().order_id(), 1, &right);
        journey.hours(24 * 8);
    });
}

/// Of a delivered order, its first line.
fn gives_back(journey: &mut Journey, steps: &[(&str, Value)]) {
    journey.sells(&alpenshop());
    deliver(journey);
    for (path, body) in steps {
        assert_eq!(journey.handles(&alpenshop().order_id(), path, body).status, 200, "{path}");
    }
    journey.minutes(5);
}

fn returns(play: Play<'_>) {
    let line_id = alpenshop().line_id(0);
    let asked = |quantity: u32, reason: &str| {
        let line = json!({"line_id": line_id, "quantity": quantity, "reason": reason});
        ("returns", json!({"lines": [line], "key": reason}))
    };
    let units = json!([{"line_id": line_id, "quantity": 1}]);
    let found = json!([{"line_id": line_id, "disposition": "to_supplier", "quantity": 1}]);
    play(&|journey| {
        let steps = [
            asked(1, "defective"),
            ("returns/R1/photos", json!({"line_id": line_id, "photos": 2})),
            ("returns/R1/shipments", json!({"carrier": "DHL", "number": "1"})),
            ("returns/R1/receipts", json!({"lines": units})),
            ("returns/R1/inspections", json!({"findings": found})),
        ];
        gives_back(journey, &steps);
    });
    play(&|journey| {
        let steps = [
            asked(2, "changed_mind"),
            ("returns/R1/declines", json!({})),
            asked(1, "too_large"),
            ("returns/R2/cancellations", json!({"for_customer": true})),
        ];
        gives_back(journey, &steps);
    });
    play(&|journey| {
        journey.outside.borrow_mut().labels.manner.wrong_field = Some("zip".to_owned());
        let bought = json!({"bought": true, "carrier": "DHL", "number": "1"});
        let steps = [
            asked(1, "defective"),
            ("returns/R1/photos", json!({"line_id": line_id, "photos": 2})),
            ("returns/R1/labels", bought),
        ];
        gives_back(journey, &steps);
    });
}

fn refunds(play: Play<'_>) {
    play(&|journey| {
        gives_back(journey, &[]);
        for gateway in [Gateway::Refuses, Gateway::IsSilent] {
            journey.outside.borrow_mut().shops.shop("alpenshop").gateway = gateway;
            let body = json!({"amount_minor": 100, "key": format!("{gateway:?}")});
            journey.handles(&alpenshop().order_id(), "refunds", &body);
        }
        journey.hours(25);
        let paid = json!({"refunded": true});
        journey.handles(&alpenshop().order_id(), "refunds/RF2/decisions", &paid);
    });
}

#[test]
fn every_event_is_told_somewhere_as_the_schema_says() {
    let mut told_of: Vec<String> = vec![];
    let mut play = |act: &dyn Fn(&mut Journey)| {
        let mut journey = begin(&[listening("crm", &[])]);
        act(&mut journey);
        check_taken(&journey, "crm");
        told_of.extend(told(&journey, "crm"));
    };
    shops_and_stock(&mut play);
    suppliers_and_carriers(&mut play);
    wishes_and_delays(&mut play);
    returns(&mut play);
    refunds(&mut play);
    told_of.sort();
    told_of.dedup();
    let missing: Vec<&&str> =
        EVENTS.iter().filter(|event| !told_of.iter().any(|told| told == **event)).collect();
    assert!(missing.is_empty(), "never told: {missing:?}");
}

#[test]
fn an_endpoint_hears_what_it_asked_for_and_nothing_else() {
    let endpoints = [
        listening("crm", &["shipment.*", "order.delivered"]),
        listening("erp", &["stock.changed"]),
    ];
    let mut journey = begin(&endpoints);
    journey.sells(&purchase("onward-direct", ShopKind::Onward, &[NOTEBOOK]));
    deliver(&mut journey);
    assert_eq!(told(&journey, "crm"), ["shipment.confirmed", "order.delivered"]);
    assert!(told(&journey, "erp").is_empty());
}

#[test]
fn what_is_not_taken_comes_again_for_a_day_and_in_order() {
    let mut journey = begin(&[listening("crm", &[])]);
    behaves(&journey, "crm", 503, None);
    journey.sells(&alpenshop());
    journey.hours(3);
    assert!(told(&journey, "crm").is_empty());
    assert!(calls(&journey, "crm") >= 4);
    behaves(&journey, "crm", 0, None);
    journey.hours(24);
    let events = told(&journey, "crm");
    assert_eq!(events[..2], ["order.received", "order.routed"]);
    assert!(journey.system.dead_letters.is_empty());
}

#[test]
fn what_is_not_taken_for_a_day_lies_among_the_dead_letters() {
    let mut journey = begin(&[listening("crm", &["order.received"])]);
    behaves(&journey, "crm", 500, None);
    journey.sells(&alpenshop());
    journey.hours(23);
    assert!(journey.system.dead_letters.is_empty());
    journey.hours(5);
    let [(_, why)] = &journey.system.dead_letters[..] else {
        panic!("{:?}", journey.system.dead_letters)
    };
    assert_eq!(why, "endpoint `crm` has taken nothing for a day: it answered with status 500");
}

#[test]
fn an_endpoint_that_asks_for_time_gets_it() {
    let mut journey = begin(&[listening("crm", &["order.received"])]);
    behaves(&journey, "crm", 429, Some(3 * 60 * 60));
    journey.sells(&alpenshop());
    journey.hours(2);
    assert_eq!(calls(&journey, "crm"), 1);
    behaves(&journey, "crm", 200, None);
    journey.hours(2);
    assert_eq!(told(&journey, "crm"), ["order.received"]);
}

#[test]
fn an_endpoint_that_is_gone_is_never_called_again_until_it_moves() {
    let mut journey = begin(&[listening("crm", &[])]);
    behaves(&journey, "crm", 410, None);
    journey.sells(&alpenshop());
    deliver(&mut journey);
    assert_eq!(calls(&journey, "crm"), 1);
    assert!(journey.system.dead_letters.is_empty());

    behaves(&journey, "crm", 0, None);
    journey.merchant_changes(|settings| settings.endpoints[0].url += "?again");
    journey.sells(&purchase("onward-direct", ShopKind::Onward, &[NOTEBOOK]));
    let moved = journey.outside.borrow_mut().endpoints.endpoint("crm?again").events();
    assert_eq!(moved[0], "order.received");
}

#[test]
fn an_endpoint_that_fails_keeps_nothing_from_another() {
    let mut journey = begin(&[listening("crm", &[]), listening("erp", &[])]);
    behaves(&journey, "crm", 500, None);
    journey.sells(&alpenshop());
    deliver(&mut journey);
    assert_eq!(told(&journey, "erp").len(), 7);
    check_taken(&journey, "erp");
}

#[test]
fn no_event_says_who_the_customer_is() {
    let mut journey = begin(&[listening("crm", &[])]);
    let purchase = alpenshop();
    journey.sells(&purchase);
    deliver(&mut journey);
    let taken = journey.outside.borrow_mut().endpoints.endpoint("crm").taken.clone();
    assert!(!taken.is_empty());
    for webhook in taken {
        for personal in
            [purchase.to.name, purchase.to.street, purchase.to.postal_code, purchase.to.city]
        {
            assert!(!webhook.body.contains(personal), "{}", webhook.body);
        }
    }
}

#[test]
fn the_day_of_tries_is_the_one_that_the_readme_tells() {
    // 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, and five last ones of the queue's own.
    let mut journey = begin(&[listening("crm", &["order.received"])]);
    behaves(&journey, "crm", 500, None);
    journey.sells(&alpenshop());
    journey.hours(30);
    assert_eq!(calls(&journey, "crm"), 9 + 5);
    assert_eq!(journey.system.dead_letters.len(), 1);
}
