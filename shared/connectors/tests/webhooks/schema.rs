//! The published JSON Schema of our own order, and the parser: they agree.

use domain::settings::ShopKind::Onward;
use serde_json::{Value, json};

use crate::{ONWARD, read};

const SCHEMA: &str = include_str!("../../schemas/order.schema.json");

/// An order with one value in one place; `null` at a place that is not there yet adds it.
fn with(pointer: &str, value: Value) -> Value {
    let mut order: Value = serde_json::from_slice(ONWARD).unwrap();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match order.pointer_mut(parent).unwrap() {
        Value::Object(members) => {
            members.insert(name.to_owned(), value);
        }
        Value::Array(elements) => elements[name.parse::<usize>().unwrap()] = value,
        _ => panic!("{pointer}"),
    }
    order
}

fn without(name: &str) -> Value {
    let mut order: Value = serde_json::from_slice(ONWARD).unwrap();
    order.as_object_mut().unwrap().remove(name).unwrap();
    order
}

fn good() -> Vec<Value> {
    let least = json!({
        "id": "x", "placed_at": "2026-11-20T09:15:00Z", "updated_at": "2026-11-20T09:15:00Z",
        "payment": "pending", "currency": "EUR", "total": "0",
        "lines": [{"id": "1", "sku": "", "title": "", "quantity": 0, "unit_price": "0.0"}],
    });
    let mut good = vec![serde_json::from_slice(ONWARD).unwrap(), least];
    for name in ["number", "test", "cancelled", "shipping", "discount", "tax", "tax_included"] {
        good.extend([without(name), with(&format!("/{name}"), Value::Null)]);
    }
    for name in ["wishes", "risk_hints", "customer", "addresses"] {
        good.extend([without(name), with(&format!("/{name}"), Value::Null)]);
    }
    for (pointer, value) in [
        ("/id", json!("ü-1.2_3:4")),
        ("/cancelled", json!("changed_mind")),
        ("/updated_at", json!("2026-11-20T09:15:00-05:00")),
        ("/payment", json!("partly_refunded")),
        ("/lines/0/quantity", json!(100_000)),
        ("/lines/0/personalisation", json!([])),
        ("/lines/0/ships", json!(null)),
        ("/shipping", json!({})),
        ("/customer/email", json!("")),
        ("/addresses/shipping/company", json!("Muster AG")),
    ] {
        good.push(with(pointer, value));
    }
    good
}

fn bad() -> Vec<Value> {
    let mut bad = vec![json!([]), json!({}), json!(null)];
    for name in ["id", "placed_at", "updated_at", "payment", "currency", "lines", "total"] {
        bad.extend([without(name), with(&format!("/{name}"), Value::Null)]);
    }
    for (pointer, value) in [
        ("/id", json!("a/b")),
        ("/id", json!("a b")),
        ("/id", json!("")),
        ("/id", json!("x".repeat(129))),
        ("/id", json!(1001)),
        ("/updated_at", json!("2026-11-20T09:15:00")),
        ("/updated_at", json!("yesterday")),
        ("/updated_at", json!(1_700_000_000)),
        ("/payment", json!("partially_paid")),
        ("/currency", json!("eur")),
        ("/total", json!(58)),
        ("/total", json!("-1")),
        ("/total", json!("1,00")),
        ("/total", json!("1e3")),
        ("/total", json!(".5")),
        ("/test", json!("false")),
        ("/cancelled", json!("Changed my mind!")),
        ("/risk_hints", json!(["High risk"])),
        ("/lines", json!([])),
        ("/lines/0", json!("TEA")),
        ("/lines/0/quantity", json!(-1)),
        ("/lines/0/quantity", json!(1.5)),
        ("/lines/0/quantity", json!("2")),
        ("/lines/0/quantity", json!(100_001)),
        ("/lines/0/unit_price", json!(1200)),
        ("/lines/0/sku", json!("x".repeat(129))),
        ("/lines/0/sku", json!(null)),
        ("/lines/0/color", json!("red")),
        ("/lines/0/personalisation/0", json!({"name": "Label"})),
        ("/shipping/speed", json!("fast")),
        ("/wishes/gift_wrap", json!("yes")),
        ("/customer/name", json!("Mia")),
        ("/customer/phone", json!(123)),
        ("/addresses/shipping/country", json!("Japan")),
        ("/addresses/shipping/lines", json!("1-1 Chiyoda")),
        ("/addresses/shipping/zip", json!("1")),
        ("/shiping", json!({})),
    ] {
        bad.push(with(pointer, value));
    }
    bad
}

#[test]
fn the_schema_and_the_parser_agree() {
    let schema = serde_json::from_str(SCHEMA).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    for (orders, is_good) in [(good(), true), (bad(), false)] {
        for order in orders {
            let parsed = read(Onward, order.to_string().as_bytes());
            assert_eq!(parsed.is_ok(), is_good, "{parsed:?} of {order}");
            assert_eq!(schema.is_valid(&order), is_good, "{order}");
        }
    }
}

#[test]
fn what_the_schema_cannot_say_is_refused_by_the_parser() {
    for (pointer, value, refusal) in [
        ("/currency", json!("XYZ"), "`currency` is not an ISO 4217 currency"),
        ("/total", json!("58.5"), "`total` is not a decimal amount of JPY"),
        ("/lines/1/id", json!("1"), "`lines[1].id` is the id of another line too"),
        (
            "/placed_at",
            json!("2026-02-30T00:00:00Z"),
            "`placed_at` is not a time with its offset from UTC",
        ),
    ] {
        let order = with(pointer, value).to_string();
        assert_eq!(read(Onward, order.as_bytes()).unwrap_err(), refusal);
    }
}
