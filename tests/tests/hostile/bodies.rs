//! Bodies that are signed, and that parsers stumble over: a line each, for every kind of shop.

use domain::settings::ShopKind::{self, Onward, Shopify, Woocommerce};
use serde_json::Value;

use crate::{answer, booked, order_of};

const KINDS: [ShopKind; 3] = [Shopify, Woocommerce, Onward];

/// Asserts that a body is refused, with this field and problem, and kept; and that nothing else came of it.
fn check(kind: ShopKind, body: impl Into<Vec<u8>>, field: &str, problem: &str) {
    let body = body.into();
    let (journey, reply) = answer(kind, body.clone());
    let start: String = String::from_utf8_lossy(&body).chars().take(200).collect();
    assert_eq!(reply.status, 400, "{kind:?}: {} {start}", reply.body);
    let said: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(
        (&said["error"]["field"], &said["error"]["problem"]),
        (&field.into(), &problem.into()),
        "{start}"
    );
    assert!(journey.order_ids().is_empty());
    assert!(journey.system.world.people.borrow().is_empty());
    assert_eq!(journey.system.world.refused.borrow().values().collect::<Vec<_>>(), [&body]);
}

fn taken(kind: ShopKind, body: &str) {
    let (journey, reply) = answer(kind, body);
    assert_eq!(reply.status, 200, "{kind:?}: {} {body}", reply.body);
    assert_eq!(journey.order_ids().len(), 1);
}

/// A good order with the first such text replaced.
fn with(kind: ShopKind, from: &str, to: &str) -> String {
    let order = order_of(kind);
    assert!(order.contains(from), "{kind:?}: {from}");
    order.replacen(from, to, 1)
}

/// What each kind calls the list of lines, the price of a unit, and the total.
fn words(kind: ShopKind) -> (&'static str, &'static str, &'static str, &'static str) {
    match kind {
        Shopify => ("line_items", "price", "\"39.90\"", "current_total_price"),
        Woocommerce => ("line_items", "total", "\"33.4454\"", "total"),
        Onward => ("lines", "unit_price", "\"14.90\"", "total"),
    }
}

#[test]
fn what_is_no_json_in_utf_8_is_refused() {
    for kind in KINDS {
        let good = order_of(kind);
        let not_json = |body: &[u8]| check(kind, body, "body", "is not JSON");
        not_json(b"");
        not_json(b"null and void");
        not_json(format!("\u{feff}{good}").as_bytes());
        not_json(format!("{good}\0").as_bytes());
        not_json(format!("{good}{good}").as_bytes());
        not_json(good.replacen(": ", ": NaN, \"x\": ", 1).as_bytes());
        not_json(good.replacen(": ", ": -Infinity, \"x\": ", 1).as_bytes());
        not_json(good.replacen("Leipzig", "Leip\nzig", 1).as_bytes());
        not_json("[".repeat(500_000).as_bytes());
        not_json(format!("{{\"a\":{}", "{\"a\":".repeat(100_000)).as_bytes());
        check(kind, good.replacen("Leipzig", "\u{1}", 1).into_bytes(), "body", "is not JSON");
        let mut latin = good.as_bytes().to_vec();
        let place = latin.windows(2).position(|pair| pair == "ü".as_bytes()).unwrap();
        latin.splice(place..place + 2, [0xfc]);
        check(kind, latin, "body", "is not UTF-8");
        check(kind, "[".repeat(1_000) + &"]".repeat(1_000), "body", "is not an object");
    }
}

#[test]
fn what_is_packed_is_never_unpacked() {
    // gzip of a good order and of a mebibyte of zeros would both begin so.
    let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xec\xc1\x01\x01\x00\x00\x00\x80\x90";
    for kind in KINDS {
        check(kind, &packed[..], "body", "is not UTF-8");
    }
}

#[test]
fn a_body_of_ten_megabytes_is_refused_unread() {
    for kind in KINDS {
        let long = with(kind, "Leipzig", &"x".repeat(10 << 20));
        let (journey, reply) = answer(kind, long);
        assert_eq!(reply.status, 413);
        assert!(journey.order_ids().is_empty());
        // As much of it as could have been an order is kept.
        assert!(journey.system.world.refused.borrow().values().all(|kept| kept.len() <= 1 << 20));
    }
}

#[test]
fn a_text_that_is_too_long_and_a_key_that_is_there_twice_are_refused() {
    let long = "x".repeat(100_000);
    for (kind, field) in [
        (Shopify, "billing_address.city"),
        (Woocommerce, "billing.city"),
        (Onward, "addresses.shipping.city"),
    ] {
        // Shopify's own sample has the shipping address first, and reads the billing address last.
        let body = order_of(kind).replace("Leipzig", &long);
        let (_, reply) = answer(kind, body);
        assert_eq!(reply.status, 400, "{field}");
        assert!(reply.body.contains("city`") || reply.body.contains("city\""), "{}", reply.body);
        assert!(!reply.body.contains("xxx"), "{}", reply.body);
        let twice = with(kind, "\"currency\"", "\"currency\": \"USD\", \"currency\"");
        check(kind, twice, "currency", "is there twice");
    }
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    for kind in KINDS {
        let (_, reply) = answer(kind, order_of(kind).replace("Leipzig", "\\ud83d"));
        assert_eq!(reply.status, 400);
        assert!(reply.body.contains("half a surrogate pair"), "{}", reply.body);
    }
}

#[test]
fn a_number_of_units_is_whole_positive_and_not_absurd() {
    for kind in KINDS {
        let field = format!("{}[0].quantity", words(kind).0);
        let (from, texts) = match kind {
            Shopify => ("\"quantity\": 3", true),
            Woocommerce => ("\"quantity\": 2", true),
            Onward => ("\"quantity\": 2", false),
        };
        let quantity = |to: &str| with(kind, from, &format!("\"quantity\": {to}"));
        for wrong in ["-1", "-0.5", "1.5", "1e3", "1e400"] {
            check(kind, quantity(wrong), &field, "is not a whole number, 0 or more");
        }
        for wrong in ["100001", "4294967297", "18446744073709551617", &"9".repeat(400)] {
            check(kind, quantity(wrong), &field, "is more than 100000");
        }
        let text = quantity("\"-1\"");
        let problem = if texts { "is not a whole number, 0 or more" } else { "is not a number" };
        check(kind, text, &field, problem);
    }
}

#[test]
fn an_amount_has_its_currencys_own_decimals() {
    let check_currency = |kind: ShopKind, currency: &str, amount: &str, is_taken: bool| {
        let (list, name, price, _) = words(kind);
        let mut order: Value = serde_json::from_str(order_of(kind)).unwrap();
        whole_amounts(&mut order);
        order["currency"] = currency.into();
        order[list][0][name] = amount.into();
        let body = order.to_string();
        if is_taken {
            taken(kind, &body);
        } else {
            let problem = format!("is not a decimal amount of {currency}");
            check(kind, body, &format!("{list}[0].{name}"), &problem);
        }
        assert!(price.starts_with('"'));
    };
    for kind in [Shopify, Onward] {
        for (currency, amount, is_taken) in [
            ("JPY", "1200", true),
            ("JPY", "1200.00", true),
            ("JPY", "1200.50", false),
            ("KWD", "1.234", true),
            ("KWD", "1.2340", true),
            ("KWD", "1.2345", false),
            ("EUR", "1.005", false),
            ("EUR", "1e2", false),
            ("EUR", "0x10", false),
            ("EUR", "１２", false),
            ("EUR", "1,00", false),
            ("EUR", " 1", false),
        ] {
            check_currency(kind, currency, amount, is_taken);
        }
    }
    // WooCommerce calculates with more decimals than the currency has.
    for (currency, amount, is_taken) in [
        ("JPY", "1200.50", true),
        ("KWD", "1.23456", true),
        ("EUR", "1e2", false),
        ("EUR", "NaN", false),
    ] {
        check_currency(Woocommerce, currency, amount, is_taken);
    }
    for currency in ["eur", "EURO", "€", "", "ZZZ"] {
        for kind in KINDS {
            let body = with(kind, "\"EUR\"", &format!("\"{currency}\""));
            check(kind, body, "currency", "is not an ISO 4217 currency");
        }
    }
}

/// Every amount without decimals, so that the order can be of any currency.
fn whole_amounts(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(whole_amounts),
        Value::Array(elements) => elements.iter_mut().for_each(whole_amounts),
        Value::String(text) => {
            let is_amount = text.contains('.')
                && text.bytes().all(|byte| byte.is_ascii_digit() || b".-".contains(&byte));
            if is_amount {
                text.truncate(text.find('.').unwrap());
            }
        }
        _ => {}
    }
}

#[test]
fn an_amount_that_can_not_be_counted_is_refused() {
    for kind in KINDS {
        let (list, name, price, total) = words(kind);
        let field = format!("{list}[0].{name}");
        let amount = |to: &str| with(kind, price, &format!("\"{to}\""));
        check(kind, amount("100000000000.01"), &field, "is more than can be counted");
        check(kind, amount(&"9".repeat(30)), &field, "is not a decimal amount of EUR");
        let (_, reply) = answer(
            kind,
            order_of(kind).replace(
                &format!("\"{total}\": \""),
                &format!("\"{total}\": \"9999999999999999999"),
            ),
        );
        assert_eq!(reply.status, 400, "{}", reply.body);
    }
}

#[test]
fn a_line_that_takes_off_hides_none_that_adds() {
    // Together they are worth nothing; each is worth more than can be counted.
    let mut order: Value = serde_json::from_str(order_of(Woocommerce)).unwrap();
    for (line, total) in [(0, "99999999999.99"), (1, "-99999999999.99")] {
        order["line_items"][line]["total"] = total.into();
        order["line_items"][line]["quantity"] = 1.into();
    }
    taken(Woocommerce, &order.to_string());
    let many: Vec<Value> = (0..400)
        .map(|number| {
            let mut line = order["line_items"][number % 2].clone();
            line["id"] = (1_000 + number).into();
            line
        })
        .collect();
    order["line_items"] = many.into();
    check(Woocommerce, order.to_string(), "line_items", "is worth more than can be counted");
}

#[test]
fn times_at_the_edge_of_what_can_be_written_do_no_harm() {
    for time in ["9999-12-30T22:00:00Z", "-009999-01-02T02:00:00Z", "0000-01-01T00:00:00Z"] {
        for kind in [Shopify, Onward] {
            let placed = if kind == Shopify {
                "2026-11-22T09:14:58+01:00"
            } else {
                "2026-11-22T09:15:00+01:00"
            };
            let (mut journey, reply) = answer(kind, with(kind, placed, time));
            assert_eq!(reply.status, 200, "{}", reply.body);
            booked(&journey, "alpenshop", "820982911946154508", &[("866550311766439020", 2)]);
            booked(&journey, "onward-direct", "A-1001", &[("1", 2), ("2", 1)]);
            journey.hours(30);
            journey.suppliers_ship();
            journey.hours(30);
            journey.check();
        }
    }
}
