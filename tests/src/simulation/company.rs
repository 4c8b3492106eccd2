//! The merchant: settings, secrets, and a catalogue in which there is never quite enough of anything.

use std::collections::BTreeMap;

use domain::address::Country;
use domain::catalog::{Article, Component, Offer, SkuMapping, StockKey};
use domain::id::{ArticleId, LocationId, ShopId, SupplierId};
use domain::money::{Currency, Money};
use domain::settings::Settings;
use ports::memory::World;
use serde_json::{Value, json};

use super::dice::Dice;

/// Where everyone outside is.
pub(crate) const OUTSIDE: &str = "https://outside.example";
/// Where suppliers reach us.
pub(crate) const PUBLIC_URL: &str = "https://onward.example";
/// Minutes from one look at a parcel to the next.
pub(crate) const POLL_MINUTES: u32 = 1440;
/// Days in which a return has to be on its way.
const SEND_WITHIN_DAYS: u16 = 2;
/// Days after which nobody asks for a parcel any more.
const STOP_AFTER_DAYS: u16 = 15;

/// Suppliers that are reached by API, and those that are reached by mail.
pub(crate) const BY_API: [&str; 3] = ["own-warehouse", "nordwaren", "shenzhen-direct"];
/// The one of them that knows no keys: what comes again it buys again.
pub(crate) const BUYS_AGAIN: &str = "shenzhen-direct";
/// Suppliers that are reached by mail.
pub(crate) const BY_MAIL: [&str; 2] = ["atelier-lyon", "bottega-prato"];

/// Who offers an article: supplier, location, the supplier's number, cost of one in minor units, currency, stock.
type Offered = (&'static str, &'static str, &'static str, i64, &'static str, i64);

/// An article: name, grams, HS code, origin, age, hazmat, offers.
type Sold = (&'static str, u32, &'static str, &'static str, Option<u8>, bool, &'static [Offered]);

const ARTICLES: [Sold; 11] = [
    (
        "mug-red",
        210,
        "732394",
        "CN",
        None,
        false,
        &[
            ("own-warehouse", "leipzig", "OW-1001", 320, "EUR", 60),
            ("shenzhen-direct", "shenzhen", "SZ-MUG-R", 1150, "CNY", 90),
            ("nordwaren", "hamburg", "NW-1001", 360, "EUR", 20),
        ],
    ),
    (
        "mug-blue",
        210,
        "732394",
        "CN",
        None,
        false,
        &[
            ("own-warehouse", "leipzig", "OW-1002", 320, "EUR", 40),
            ("bottega-prato", "prato", "BP-TAZZA", 340, "EUR", 30),
        ],
    ),
    (
        "wool-blanket",
        1450,
        "630120",
        "DE",
        None,
        false,
        &[
            ("own-warehouse", "leipzig", "OW-1100", 3100, "EUR", 25),
            ("nordwaren", "hamburg", "NW-77310", 2950, "EUR", 25),
        ],
    ),
    (
        "backpack-22",
        780,
        "420292",
        "VN",
        None,
        false,
        &[
            ("nordwaren", "hamburg", "NW-22022", 3490, "EUR", 40),
            ("shenzhen-direct", "shenzhen", "SZ-BAG", 21_000, "CNY", 40),
        ],
    ),
    (
        "camp-lamp",
        340,
        "851310",
        "CN",
        None,
        true,
        &[("nordwaren", "hamburg", "NW-85131", 1240, "EUR", 60)],
    ),
    (
        "pocket-knife",
        95,
        "821193",
        "FR",
        Some(18),
        false,
        &[("atelier-lyon", "lyon", "AL-COUT-09", 1420, "EUR", 45)],
    ),
    (
        "phone-case",
        45,
        "392690",
        "CN",
        None,
        false,
        &[
            ("shenzhen-direct", "shenzhen", "SZ-CASE-7", 680, "CNY", 90),
            ("shenzhen-direct", "hong-kong", "HK-CASE-7", 690, "CNY", 30),
        ],
    ),
    (
        "darjeeling-100",
        130,
        "090230",
        "IN",
        None,
        false,
        &[
            ("own-warehouse", "leipzig", "OW-2001", 460, "EUR", 80),
            ("bottega-prato", "prato", "BP-TE-1", 490, "EUR", 30),
            ("nordwaren", "hamburg", "NW-2001", 500, "EUR", 30),
        ],
    ),
    (
        "teapot-glass",
        620,
        "701337",
        "CZ",
        None,
        false,
        &[
            ("nordwaren", "hamburg", "NW-70133", 980, "EUR", 40),
            ("atelier-lyon", "lyon", "AL-VERRE-1", 1100, "EUR", 30),
        ],
    ),
    (
        "silk-scarf",
        85,
        "621410",
        "FR",
        None,
        false,
        &[
            ("atelier-lyon", "lyon", "AL-SOIE-4", 2700, "EUR", 60),
            ("bottega-prato", "prato", "BP-SETA", 2800, "EUR", 20),
        ],
    ),
    (
        "mystery-box",
        400,
        "",
        "",
        None,
        false,
        &[
            ("shenzhen-direct", "shenzhen", "SZ-MYST", 4900, "CNY", 50),
            ("own-warehouse", "leipzig", "OW-MYST", 900, "EUR", 15),
        ],
    ),
];

/// What a shop sells: SKU, price of one in cents, the articles that it is made of.
type Listed = (&'static str, i64, &'static [(&'static str, u32)]);

/// What shops sell.
pub(crate) const SKUS: [Listed; 13] = [
    ("MUG-RED", 1490, &[("mug-red", 1)]),
    ("MUG-BLUE", 1490, &[("mug-blue", 1)]),
    ("BLANKET", 7900, &[("wool-blanket", 1)]),
    ("BACKPACK", 6900, &[("backpack-22", 1)]),
    ("LAMP", 2990, &[("camp-lamp", 1)]),
    ("KNIFE", 3900, &[("pocket-knife", 1)]),
    ("PHONE-CASE", 1190, &[("phone-case", 1)]),
    ("DARJEELING", 1290, &[("darjeeling-100", 1)]),
    ("TEA-POT", 2490, &[("teapot-glass", 1)]),
    ("GIFT-SET", 6490, &[("teapot-glass", 1), ("darjeeling-100", 2), ("mug-blue", 2)]),
    ("SCARF", 5900, &[("silk-scarf", 1)]),
    ("MYSTERY", 2990, &[("mystery-box", 1)]),
    ("MUG-PAIR", 2790, &[("mug-red", 1), ("mug-blue", 1)]),
];

/// What the catalogue learns of later.
pub(crate) const NEW_SKU: Listed = ("NEW-MUG", 1690, &[("mug-red", 1)]);

/// Puts settings, secrets and catalogue in force.
pub(crate) fn open(world: &World, dice: &mut Dice) -> Settings {
    let settings = settings(dice);
    let problems = settings.check();
    assert!(problems.is_empty(), "{problems:?}");
    *world.settings.borrow_mut() = Some(settings.clone().into());
    let known = secrets().into_iter().map(|(name, secret)| (name, vec![secret]));
    world.secrets.borrow_mut().extend(known);
    for (sku, _, components) in SKUS {
        map_sku(world, sku, components);
    }
    for sold in &ARTICLES {
        let article = article(sold);
        world.articles.borrow_mut().insert(article.article.clone(), article);
    }
    settings
}

/// Tells the catalogue what a SKU is made of.
pub(crate) fn map_sku(world: &World, sku: &str, components: &[(&str, u32)]) {
    let component = |(article, quantity): &(&str, u32)| Component {
        article: ArticleId::parse(article).expect("it is a name"),
        quantity: *quantity,
    };
    let mapping = SkuMapping { components: components.iter().map(component).collect() };
    let every_shop = ShopId::parse("*").expect("it is a name");
    world.sku_mappings.borrow_mut().insert((every_shop, sku.to_owned()), mapping);
}

/// Every counter, with what is there at the beginning.
pub(crate) fn counters() -> Vec<(StockKey, i64)> {
    let offers = ARTICLES.iter().flat_map(|article| article.6);
    offers.map(|offered| (key(offered.0, offered.1, offered.2), offered.5)).collect()
}

/// A counter.
pub(crate) fn key(supplier: &str, location: &str, supplier_sku: &str) -> StockKey {
    StockKey {
        supplier: SupplierId::parse(supplier).expect("it is a name"),
        location: LocationId::parse(location).expect("it is a name"),
        supplier_sku: supplier_sku.to_owned(),
    }
}

fn article((name, weight_g, hs_code, origin, age_min, hazmat, offers): &Sold) -> Article {
    let offer = |(supplier, location, supplier_sku, cost, currency, _): &Offered| Offer {
        supplier: SupplierId::parse(supplier).expect("it is a name"),
        location: LocationId::parse(location).expect("it is a name"),
        supplier_sku: (*supplier_sku).to_owned(),
        unit_cost: Money {
            minor: *cost,
            currency: Currency::parse(currency).expect("it is a currency"),
        },
        restock_on: None,
    };
    Article {
        article: ArticleId::parse(name).expect("it is a name"),
        title: (*name).to_owned(),
        weight_g: *weight_g,
        hs_code: Some((*hs_code).to_owned()).filter(|code| !code.is_empty()),
        origin: Country::parse(origin).ok(),
        age_min: *age_min,
        hazmat: *hazmat,
        offers: offers.iter().map(offer).collect(),
    }
}

/// Every secret, by name.
pub(crate) fn secrets() -> BTreeMap<String, String> {
    let standard = |name: &str| {
        use base64::Engine as _;
        format!(
            "whsec_{}",
            base64::engine::general_purpose::STANDARD.encode(format!("{name:-<32}"))
        )
    };
    let mut secrets: BTreeMap<String, String> = BTreeMap::new();
    for name in ["shops/onward-direct", "shops/onward-direct/api", "links"]
        .into_iter()
        .map(str::to_owned)
        .chain(BY_API.map(|supplier| format!("suppliers/{supplier}")))
    {
        secrets.insert(name.clone(), standard(&name));
    }
    for (name, secret) in [
        ("shops/alpenshop", "signs what Shopify sends"),
        ("shops/alpenshop/api", "shpat_simulated"),
        ("shops/teahouse", "signs what WooCommerce sends"),
        ("shops/teahouse/api", "ck_simulated:cs_simulated"),
        ("tracking", "17token"),
        ("carriers/easypost", "EZ_simulated"),
        ("console", "operators"),
    ] {
        secrets.insert(name.to_owned(), secret.to_owned());
    }
    secrets
}

fn settings(dice: &mut Dice) -> Settings {
    let hours = [4, 12, 24];
    let supplier = |id: &str, channel: Value, score: u8, dice: &mut Dice| {
        json!({"id": id, "channel": channel, "score": score,
            "answer_within_minutes": dice.pick(&hours) * 60, "ship_within_minutes": dice.pick(&hours) * 120})
    };
    let by_api = BY_API.map(|id| {
        supplier(id, json!({"by": "api", "url": format!("{OUTSIDE}/suppliers/{id}"), "drops_repeats": id != BUYS_AGAIN}), 90, dice)
    });
    let by_mail = BY_MAIL.map(|id| {
        supplier(id, json!({"by": "email", "address": format!("{id}@example.com")}), 80, dice)
    });
    let suppliers: Vec<Value> = by_api.into_iter().chain(by_mail).collect();
    let shop = |id: &str, kind: &str| json!({"id": id, "kind": kind, "api": format!("{OUTSIDE}/shops/{id}")});
    let settings = json!({
        "version": 1,
        "seller": {"name": "Alpen Trade GmbH", "address": ["Marienplatz 8", "80331 München"]},
        "shops": [shop("alpenshop", "shopify"), shop("teahouse", "woocommerce"), shop("onward-direct", "onward")],
        "suppliers": suppliers,
        "locations": locations(),
        "services": services(),
        "routing": {
            "rank": if dice.happens(500) { ["priority", "cost", "speed", "score"] } else { ["cost", "speed", "priority", "score"] },
            "split": if dice.happens(900) { "when_needed" } else { "never" },
            "margin_floor_percent": 8,
            "cooling_off_seconds": dice.pick(&[0, 8, 900]),
        },
        "screening": {"high_value": [{"minor": 30_000, "currency": "EUR"}], "no_hazmat_to": ["US"]},
        "returns": returns(),
        "tracking": {"poll_minutes": POLL_MINUTES, "stop_after_days": STOP_AFTER_DAYS},
        "rates": [
            {"from": "CNY", "to": "EUR", "millionths": 128_000, "on": "2026-10-20"},
            {"from": "EUR", "to": "CNY", "millionths": 7_812_500, "on": "2026-10-20"},
        ],
    });
    serde_json::from_value(settings).expect("these are settings")
}

/// Where goods may come back to, and whose counters grow there.
const DESTINATIONS: [(&str, &str, &str); 2] =
    [("leipzig-returns", "leipzig", ""), ("hamburg-returns", "hamburg", "nordwaren")];

/// The location of a place that goods come back to.
pub(crate) fn location_of(destination: &str) -> Option<&'static str> {
    let known = DESTINATIONS.iter().find(|(id, _, _)| *id == destination);
    known.map(|(_, location, _)| *location)
}

/// Whether an article is sold from a location.
pub(crate) fn is_sold(article: &str, location: &str) -> bool {
    let known = ARTICLES.iter().filter(|known| known.0 == article);
    known.flat_map(|known| known.6).any(|offered| offered.1 == location)
}

fn returns() -> Value {
    let destination = |(id, location, supplier): &(&str, &str, &str)| {
        let supplier = Some(*supplier).filter(|id| !id.is_empty());
        json!({"id": id, "location": location, "supplier": supplier, "address": {
            "name": "Alpen Trade GmbH", "lines": ["Lagerweg 1"], "city": "Leipzig", "postal_code": "04109",
            "country": "DE"}})
    };
    let destinations: Vec<Value> = DESTINATIONS.iter().map(destination).collect();
    json!({
        "send_within_days": SEND_WITHIN_DAYS,
        "destinations": destinations,
        "labels": {"by": "easypost", "api": format!("{OUTSIDE}/easypost")},
        "rules": [
            {"name": "photos", "photos_missing": true, "then": "ask_photos"},
            {"name": "cheap", "kind": "return", "value_max": {"minor": 1_500, "currency": "EUR"},
                "then": "refund_without_return"},
            {"name": "unsure", "reasons": ["too_small", "wrong_item"], "then": "review"},
            {"name": "otherwise", "then": "approve"},
        ],
    })
}

fn locations() -> Value {
    let location = |id: &str, country: &str, time_zone: &str, cut_off: &str, priority: u32| json!({"id": id, "country": country, "time_zone": time_zone, "cut_off": cut_off, "priority": priority});
    json!([
        location("leipzig", "DE", "Europe/Berlin", "15:00:00", 0),
        location("hamburg", "DE", "Europe/Berlin", "02:30:00", 10),
        location("lyon", "FR", "Europe/Paris", "11:30:00", 20),
        location("prato", "IT", "Europe/Rome", "00:00:00", 25),
        location("hong-kong", "HK", "Asia/Hong_Kong", "18:00:00", 30),
        location("shenzhen", "CN", "Asia/Shanghai", "16:00:00", 40),
    ])
}

fn services() -> Value {
    json!([
        {"id": "domestic-economy", "carrier": "DHL", "from": ["DE"], "to": ["DE"], "weight_max_g": 31_500,
         "hazmat": true, "days": [3, 5], "base": {"minor": 379, "currency": "EUR"}, "per_kg_minor": 40},
        {"id": "domestic-express", "carrier": "DHL Express", "from": ["DE"], "to": ["DE"], "weight_max_g": 31_500,
         "express": true, "days": [1, 2], "base": {"minor": 990, "currency": "EUR"}, "per_kg_minor": 120},
        {"id": "europe-parcel", "carrier": "DPD", "from": ["DE", "FR", "IT"], "to": ["DE", "FR", "IT", "AT"],
         "weight_max_g": 31_500, "days": [3, 6], "base": {"minor": 890, "currency": "EUR"}, "per_kg_minor": 110},
        {"id": "dedicated-line", "carrier": "YunExpress", "from": ["CN", "HK"], "to": ["DE", "FR", "US"],
         "weight_max_g": 2_000, "days": [7, 14], "base": {"minor": 3900, "currency": "CNY"}, "per_kg_minor": 6100},
        {"id": "intl-courier", "carrier": "DHL Express", "weight_max_g": 70_000, "hazmat": true, "express": true,
         "days": [3, 5], "base": {"minor": 2450, "currency": "EUR"}, "per_kg_minor": 640},
    ])
}
