//! The rules of an order, as tables: what is given, what is decided, what comes of it; and that deciding once more on
//! what came of it yields nothing.

mod amendments;
mod delay;
mod elsewhere;
mod facts;
mod intake;
mod notices;
mod parcels;
mod phases;
mod return_facts;
mod returns;
mod routing;
mod screening;
mod supplier;
mod units;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::address::{Address, Country};
use crate::catalog::{Article, Component, Offer, SkuMapping};
use crate::id::{ArticleId, FulfillmentOrderId, ItemId, LineId, LocationId, SupplierId};
use crate::money::{Currency, Money};
use crate::order::fact::{ContactRef, Fact, Planned, Units};
use crate::order::{Order, Recorded, intake as receiving, mapping};
use crate::settings::{Settings, Supplier};
use crate::shop_order::{Contact, Payment, ShippingChoice, ShopLine, ShopOrder, Wishes};

/// Decides on what is given, compares what is decided, and decides again on that.
fn check(given: &[Fact], decide: impl Fn(&Order) -> Vec<Fact>, then: &[&str]) -> Order {
    check_order(&fold(given), decide, then)
}

fn check_order(order: &Order, decide: impl Fn(&Order) -> Vec<Fact>, then: &[&str]) -> Order {
    let facts = decide(order);
    assert_eq!(facts.iter().map(told).collect::<Vec<_>>(), then);
    let order = order.clone().after(now(), &facts);
    let again: Vec<String> = decide(&order).iter().map(told).collect();
    assert!(again.is_empty(), "deciding again yields {again:?}");
    order
}

fn fold(facts: &[Fact]) -> Order {
    let recorded: Vec<Recorded> =
        facts.iter().map(|fact| Recorded { version: 1, at: now(), fact: fact.clone() }).collect();
    Order::fold(&recorded)
}

/// A fact in a few words.
fn told(fact: &Fact) -> String {
    let of = |units: &[Units]| {
        let each = units.iter().map(|units| format!("{}×{}", units.quantity, units.item));
        each.collect::<Vec<_>>().join(" ")
    };
    match fact {
        Fact::Received(received) => format!("Received {:?}", received.payment),
        Fact::PaymentChanged { payment, .. } => format!("PaymentChanged {payment:?}"),
        Fact::EditRequested { lines, added, .. } => {
            let lines = lines.iter().map(|line| format!(" {}={}", line.line_id, line.quantity));
            let added = added.iter().map(|line| format!(" +{}={}", line.line_id, line.quantity));
            format!("EditRequested{}", lines.chain(added).collect::<String>())
        }
        Fact::EditRefused { line_id, quantity, .. } => format!("EditRefused {quantity}×{line_id}"),
        Fact::ContactChanged { contact, by, .. } => format!("ContactChanged {} by {by}", contact.0),
        Fact::Mapped { items } => {
            let each = items.iter().map(|item| format!(" {}×{}", item.per_unit, item.id));
            format!("Mapped{}", each.collect::<String>())
        }
        Fact::Held { hold, detail } => format!("Held {}: {detail}", hold.name()),
        Fact::Released { hold } => format!("Released {}", hold.name()),
        Fact::Overridden { hold, .. } => format!("Overridden {}", hold.name()),
        Fact::Routed(routed) => {
            let planned = routed.fulfillment_orders.iter().map(|it| format!(" {}", planned(it)));
            let waiting = routed
                .backorders
                .iter()
                .map(|it| format!(" {}×{} on {}", it.quantity, it.item, it.expected_on));
            format!("Routed{}", planned.chain(waiting).collect::<String>())
        }
        Fact::Accepted { units, .. } => format!("Accepted {}", of(units)),
        Fact::Rejected { units, .. } => format!("Rejected {}", of(units)),
        Fact::TimedOut { units, .. } => format!("TimedOut {}", of(units)),
        Fact::Withdrawn { fulfillment_order_id, units } => {
            format!("Withdrawn {fulfillment_order_id} {}", of(units))
        }
        Fact::Cancelled { units, .. } => format!("Cancelled {}", of(units)),
        Fact::Shipped { parcel_id, number, units, .. } => {
            format!("Shipped {parcel_id} {number} {}", of(units))
        }
        Fact::Tracked { scans, .. } => format!("Tracked {}", scans.len()),
        other => other.name().to_owned(),
    }
}

/// `F1 nord/hamburg by parcel 2×1/mug`
fn planned(planned: &Planned) -> String {
    let shares = planned.shares.iter().map(|share| format!(" {}×{}", share.quantity, share.item));
    let (id, supplier, location) =
        (planned.fulfillment_order_id, &planned.supplier, &planned.location);
    format!("{id} {supplier}/{location} by {}{}", planned.service, shares.collect::<String>())
}

/// A Friday, ten in the morning in Berlin.
fn now() -> Timestamp {
    "2026-11-20T09:00:00Z".parse().unwrap()
}

fn minutes(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

fn euro() -> Currency {
    Currency::parse("EUR").unwrap()
}

fn country(code: &str) -> Country {
    Country::parse(code).unwrap()
}

fn f(number: u16) -> FulfillmentOrderId {
    FulfillmentOrderId(number)
}

fn item_id(line: &str, article: &str) -> ItemId {
    ItemId { line: LineId::parse(line).unwrap(), article: ArticleId::parse(article).unwrap() }
}

fn line(id: &str, sku: &str, quantity: u32) -> ShopLine {
    ShopLine {
        line_id: LineId::parse(id).unwrap(),
        sku: sku.to_owned(),
        title: sku.to_owned(),
        quantity,
        unit_price_minor: 2000,
        ships: true,
    }
}

fn contact_in(code: &str) -> Contact {
    let postal_code = if code == "CH" { "8001" } else { "80331" };
    let address = Address {
        name: "Ada Lovelace".to_owned(),
        lines: vec!["Marienplatz 8".to_owned()],
        city: "München".to_owned(),
        postal_code: Some(postal_code.to_owned()),
        country: Some(country(code)),
        ..Address::default()
    };
    Contact {
        email: Some("ada@example.com".to_owned()),
        shipping: Some(address),
        ..Contact::default()
    }
}

fn contact_ref(name: &str) -> ContactRef {
    ContactRef(format!("{name}.1"))
}

/// A paid order of these lines to Germany.
fn shop_order(lines: &[ShopLine]) -> ShopOrder {
    ShopOrder {
        order: "1001".to_owned(),
        number: "#1".to_owned(),
        placed_at: now(),
        updated_at: now(),
        test: false,
        payment: Payment::Paid,
        cancelled: None,
        is_sent: false,
        currency: euro(),
        lines: lines.to_vec(),
        shipping: ShippingChoice { title: "Parcel".to_owned(), express: false, price_minor: 490 },
        discount_minor: 0,
        tax_minor: 0,
        tax_included: true,
        total_minor: 2490,
        wishes: Wishes::default(),
        risk_hints: Vec::new(),
        parcels: Some(Vec::new()),
        contact: contact_in("DE"),
    }
}

fn received(shop_order: &ShopOrder) -> Vec<Fact> {
    receiving::receive(&Order::default(), shop_order, &contact_ref("home"))
}

/// An article of 400 g with customs data, and who offers it at how many cents.
fn article(name: &str, offers: &[(&str, &str, i64)]) -> Article {
    let offer = |(supplier, location, minor): &(&str, &str, i64)| Offer {
        supplier: SupplierId::parse(supplier).unwrap(),
        location: LocationId::parse(location).unwrap(),
        supplier_sku: format!("{supplier}-{name}"),
        unit_cost: Money { minor: *minor, currency: euro() },
        restock_on: None,
    };
    Article {
        article: ArticleId::parse(name).unwrap(),
        title: name.to_owned(),
        weight_g: 400,
        hs_code: Some("691200".to_owned()),
        origin: Some(country("DE")),
        age_min: None,
        hazmat: false,
        offers: offers.iter().map(offer).collect(),
    }
}

/// A catalogue in which each article has a SKU of its name, and `SET` is one mug and two spoons.
fn known(articles: &[Article]) -> mapping::Known {
    let component = |article: &str, quantity| Component {
        article: ArticleId::parse(article).unwrap(),
        quantity,
    };
    let own = articles.iter().map(|article| {
        let name = article.article.as_str();
        (name.to_owned(), SkuMapping { components: vec![component(name, 1)] })
    });
    let set = SkuMapping { components: vec![component("mug", 1), component("spoon", 2)] };
    mapping::Known {
        mappings: own.chain([("SET".to_owned(), set)]).collect(),
        articles: articles.iter().map(|it| (it.article.clone(), it.clone())).collect(),
    }
}

/// What was received, mapped and screened with nothing to see.
fn screened(shop_order: &ShopOrder, articles: &[Article]) -> Vec<Fact> {
    let mut facts = received(shop_order);
    facts.extend(mapping::map(&fold(&facts), &known(articles)));
    let contact = &shop_order.contact;
    facts.extend(super::screening::screen(&fold(&facts), contact, &settings()));
    facts
}

fn settings() -> Settings {
    let location = |id: &str, country: &str, time_zone: &str, priority: u32| json!({ "id": id, "country": country, "time_zone": time_zone, "cut_off": "14:00:00", "priority": priority });
    let supplier = |id: &str, score: u8| {
        let channel = json!({ "by": "api", "url": "https://supplier.example" });
        json!({ "id": id, "channel": channel, "score": score })
    };
    serde_json::from_value(json!({
        "version": 7,
        "seller": { "name": "Alpen Trade", "address": ["München"] },
        "shops": [],
        "suppliers": [supplier("nord", 90), supplier("sued", 95), supplier("far", 70)],
        "locations": [
            location("hamburg", "DE", "Europe/Berlin", 2),
            location("passau", "DE", "Europe/Berlin", 1),
            location("shenzhen", "CN", "Asia/Shanghai", 3),
        ],
        "services": [
            { "id": "parcel", "carrier": "DHL", "from": ["DE"], "weight_max_g": 5000, "days": [2, 4],
              "base": { "minor": 400, "currency": "EUR" }, "per_kg_minor": 100, "hazmat": true },
            { "id": "express", "carrier": "DHL Express", "from": ["DE"], "weight_max_g": 5000, "days": [1, 2],
              "base": { "minor": 900, "currency": "EUR" }, "express": true },
            { "id": "small-packet", "carrier": "China Post", "from": ["CN"], "weight_max_g": 2000, "days": [14, 28],
              "value_max": { "minor": 3000, "currency": "EUR" }, "base": { "minor": 200, "currency": "EUR" } },
            { "id": "line", "carrier": "YunExpress", "from": ["CN"], "weight_max_g": 5000, "days": [7, 14],
              "base": { "minor": 600, "currency": "EUR" } },
        ],
        "routing": { "rank": ["cost", "priority"], "split": "when_needed", "margin_floor_percent": -1000,
                     "cooling_off_seconds": 600, "backorder_days": 14 },
    }))
    .unwrap()
}

fn supplier(id: &str) -> Supplier {
    settings().supplier(&SupplierId::parse(id).unwrap()).unwrap().clone()
}

fn articles(list: &[Article]) -> BTreeMap<ArticleId, Article> {
    list.iter().map(|it| (it.article.clone(), it.clone())).collect()
}
