//! Damaged orders: every place of every sample is broken in every way, and nothing panics.

use domain::settings::ShopKind::{self, Onward, Shopify, Woocommerce};
use serde_json::Value;

use crate::{ONWARD, SHOPIFY, WOOCOMMERCE, read};

/// What is put in a place, as JSON. `null` stands for the removal of a member, too.
const DAMAGE: [&str; 14] = [
    "null",
    "true",
    "-1",
    "1.5",
    "1e400",
    "99999999999999999999999999",
    r#""""#,
    r#""nonsense""#,
    r#""\ud800""#,
    r#""-1""#,
    "{}",
    r#"{"a":1,"a":2}"#,
    "[]",
    "[[[[[[]]]]]]",
];

/// Replaces this text, which no sample contains.
const PLACEHOLDER: &str = "\"the place to be damaged\"";

/// Every place in a document, as JSON pointers.
fn places(value: &Value, at: &str, places: &mut Vec<String>) {
    places.push(at.to_owned());
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                self::places(member, &format!("{at}/{name}"), places);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                self::places(element, &format!("{at}/{index}"), places);
            }
        }
        _ => {}
    }
}

/// How we write a JSON pointer: `line_items[0].quantity`.
fn path(pointer: &str) -> String {
    let mut path = String::new();
    for step in pointer.split('/').skip(1) {
        match step.parse::<usize>() {
            Ok(index) => path.push_str(&format!("[{index}]")),
            Err(_) if path.is_empty() => path.push_str(step),
            Err(_) => path.push_str(&format!(".{step}")),
        }
    }
    if path.is_empty() { "body".to_owned() } else { path }
}

/// Asserts that an order with this damage is understood, or refused with the name of the place, or of one in or around it.
fn check(kind: ShopKind, body: &str, pointer: &str, damage: &str) -> bool {
    let Err(refusal) = read(kind, body.as_bytes()) else { return false };
    let place = path(pointer);
    let field = refusal.split('`').nth(1).unwrap_or_default();
    let is_near = place.starts_with(field) || field.starts_with(&place) || place == "body";
    // A line that became the twin of another is named by its id; an id's copy elsewhere must agree with it.
    let is_twin = field.ends_with(".id") || field == "admin_graphql_api_id" || field == "body";
    assert!(is_near || is_twin, "{kind:?}: {damage} at {place}: {refusal}");
    assert!(!refusal.contains("nonsense"), "{refusal}");
    true
}

#[test]
fn every_damage_is_understood_or_refused_by_name() {
    for (kind, sample) in [(Shopify, SHOPIFY), (Woocommerce, WOOCOMMERCE), (Onward, ONWARD)] {
        let order: Value = serde_json::from_slice(sample).unwrap();
        let mut everywhere = Vec::new();
        places(&order, "", &mut everywhere);
        let mut refused = 0;
        for pointer in &everywhere {
            let mut damaged = order.clone();
            *damaged.pointer_mut(pointer).unwrap() =
                Value::String(PLACEHOLDER.trim_matches('"').to_owned());
            let damaged = damaged.to_string();
            for damage in DAMAGE {
                let body = damaged.replace(PLACEHOLDER, damage);
                refused += u32::from(check(kind, &body, pointer, damage));
            }
            let mut without = order.clone();
            let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
            if let Some(Value::Object(members)) = without.pointer_mut(parent)
                && members.remove(name).is_some()
            {
                refused += u32::from(check(kind, &without.to_string(), pointer, "removal"));
            }
        }
        assert!(refused > 100, "{kind:?}: {refused}");
    }
}

#[test]
fn a_body_that_is_cut_off_anywhere_is_refused() {
    for (kind, sample) in [(Shopify, SHOPIFY), (Woocommerce, WOOCOMMERCE), (Onward, ONWARD)] {
        let whole = sample.trim_ascii_end();
        for end in 0..whole.len() {
            let refusal = read(kind, &whole[..end]).unwrap_err();
            assert!(refusal.starts_with("`body` is not "), "{kind:?} {end}: {refusal}");
        }
    }
}

#[test]
fn what_would_be_too_much_is_refused_by_name() {
    let check = |pointer: &str, value: Value, refusal: &str| {
        let mut order: Value = serde_json::from_slice(ONWARD).unwrap();
        *order.pointer_mut(pointer).unwrap() = value;
        assert_eq!(read(Onward, order.to_string().as_bytes()).unwrap_err(), refusal);
    };
    let order: Value = serde_json::from_slice(ONWARD).unwrap();
    let line = order.pointer("/lines/0").unwrap();
    check("/lines", vec![line.clone(); 501].into(), "`lines` has more than 500 elements");
    check("/lines", vec![line.clone(); 2].into(), "`lines[1].id` is the id of another line too");
    check("/lines/0/quantity", 100_001.into(), "`lines[0].quantity` is more than 100000");
    check("/lines/0/sku", "x".repeat(129).into(), "`lines[0].sku` is longer than 128 characters");
    check("/total", "9".repeat(14).into(), "`total` is more than can be counted");
    check("/total", "9".repeat(40).into(), "`total` is not a decimal amount of JPY");

    let mut dear = line.clone();
    *dear.pointer_mut("/quantity").unwrap() = 100_000.into();
    *dear.pointer_mut("/unit_price").unwrap() = "9999999999999".into();
    check("/lines/0", dear, "`lines` is worth more than can be counted");
}

#[test]
fn depth_is_no_danger() {
    for (kind, sample) in [(Shopify, SHOPIFY), (Woocommerce, WOOCOMMERCE), (Onward, ONWARD)] {
        let nested = format!("{{\"x\":{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let text = String::from_utf8(sample.to_vec()).unwrap();
        let body = format!("{nested},{}", text.trim_start().trim_start_matches('{'));
        match (kind, read(kind, body.as_bytes())) {
            (Onward, outcome) => {
                assert_eq!(outcome.unwrap_err(), "`x` is not a field that we know");
            }
            // Nobody asks for it, so that nobody has to understand it.
            (_, outcome) => assert!(outcome.is_ok(), "{kind:?}"),
        }
    }
}
