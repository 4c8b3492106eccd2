//! Refunds and labels against the shops and the label service of the outside world: money moves once, whatever goes
//! wrong in between.

#![expect(
    clippy::unwrap_used,
    reason = "tests; clippy spares only functions that are marked as such"
)]

mod labels;
mod scene;

use connectors::refund::{Refund, RefundOutcome};
use domain::settings::ShopKind;
use ports::memory::Fault;
use ports::{Request, Response};
use serde_json::{Value, json};
use tests::outside::shop::books::{Gateway, Price};

use scene::{KINDS, LINE, Scene, lamps, money, refund_of};

fn refunded(outcome: RefundOutcome) -> (String, bool) {
    match outcome {
        RefundOutcome::Refunded { reference, found } => (reference, found),
        other => panic!("{other:?}"),
    }
}

fn refused(outcome: RefundOutcome) -> String {
    match outcome {
        RefundOutcome::Refused { why } => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn money_goes_back_and_the_shop_knows_for_what_and_why() {
    for kind in KINDS {
        let scene = Scene::euros(kind, 5_000);
        let (reference, found) =
            refunded(scene.refund(&refund_of(&lamps(1, 2_000), money(2_000, "EUR"))).unwrap());
        assert!(!found, "{kind:?}");
        let [paid_back] = &scene.paid_back()[..] else { panic!("{:?}", scene.paid_back()) };
        assert!(reference.ends_with(&paid_back.reference), "{kind:?}: {reference}");
        assert_eq!(paid_back.minor(), 2_000, "{kind:?}");
        assert_eq!(paid_back.lines, [(LINE.to_owned(), 1)].into(), "{kind:?}");
        if kind != ShopKind::Onward {
            assert_eq!(paid_back.note, "returned: damaged [alpenshop/1001/R1]", "{kind:?}");
        }
    }
}

#[test]
fn when_the_answer_was_lost_the_next_try_finds_what_was_paid() {
    for kind in KINDS {
        let scene = Scene::euros(kind, 5_000);
        scene.shop(|shop| shop.loses_refund_answers = 1);
        let lines = lamps(1, 2_000);
        let refund = refund_of(&lines, money(2_000, "EUR"));
        scene.refund(&refund).unwrap_err();
        let (reference, found) = refunded(scene.refund(&refund).unwrap());
        let [paid_back] = &scene.paid_back()[..] else { panic!("{:?}", scene.paid_back()) };
        assert!(found && reference.ends_with(&paid_back.reference), "{kind:?}: {reference}");
    }
}

#[test]
fn whatever_call_fails_before_or_after_the_next_try_ends_it() {
    for kind in KINDS {
        for fault in [Fault::Before, Fault::After] {
            for call in 1.. {
                let scene = Scene::euros(kind, 5_000);
                scene.world.faults.plan(call, fault);
                let lines = lamps(2, 5_000);
                let refund = refund_of(&lines, money(5_000, "EUR"));
                let first = scene.refund(&refund);
                // Beyond the last call there is nothing left to fail.
                if scene.world.faults.clear() < call {
                    first.unwrap();
                    break;
                }
                refunded(scene.refund(&refund).unwrap());
                let context = format!("{kind:?}, call {call} fails {fault:?}");
                assert_eq!(scene.books(|books| books.paid_back_minor()), 5_000, "{context}");
                assert_eq!(scene.paid_back().len(), 1, "{context}");
            }
        }
    }
}

#[test]
fn another_key_is_another_refund_even_if_it_begins_alike() {
    for kind in KINDS {
        let scene = Scene::euros(kind, 5_000);
        let lines = lamps(1, 2_000);
        let first = refund_of(&lines, money(2_000, "EUR"));
        for key in ["alpenshop/1001/R1", "alpenshop/1001/R11", "1001/R1"] {
            let (_, found) = refunded(
                scene.refund(&Refund { key, amount: money(1_000, "EUR"), ..first }).unwrap(),
            );
            assert!(!found, "{kind:?}: {key}");
        }
        assert_eq!(scene.books(|books| books.paid_back_minor()), 3_000, "{kind:?}");
    }
}

#[test]
fn never_more_goes_back_than_the_shop_has_left() {
    for kind in KINDS {
        let scene = Scene::euros(kind, 5_000);
        let lines = lamps(1, 2_000);
        let first = refund_of(&lines, money(3_000, "EUR"));
        refunded(scene.refund(&first).unwrap());
        let second = Refund { key: "alpenshop/1001/R2", amount: money(2_001, "EUR"), ..first };
        let why = refused(scene.refund(&second).unwrap());
        if kind != ShopKind::Onward {
            assert_eq!(why, "`amount` is 20.01 EUR; the shop has 20.00 EUR left of the order");
        }
        let rest = Refund { amount: money(2_000, "EUR"), ..second };
        refunded(scene.refund(&rest).unwrap());
        // Neither is anything left of it to be paid again.
        refunded(scene.refund(&first).unwrap());
        assert_eq!(scene.books(|books| books.paid_back_minor()), 5_000, "{kind:?}");
    }
}

#[test]
fn amounts_are_exact_in_currencies_of_no_decimals_and_of_three() {
    for kind in KINDS {
        for (minor, currency, part) in [(1_001, "JPY", 334), (10_005, "KWD", 3_335)] {
            let scene = Scene::new(kind, money(minor, currency));
            let lines = lamps(1, part);
            let first = refund_of(&lines, money(part, currency));
            refunded(scene.refund(&first).unwrap());
            let rest = money(minor - part, currency);
            refunded(scene.refund(&Refund { key: "R2", amount: rest, ..first }).unwrap());
            let each: Vec<i64> = scene.paid_back().iter().map(|known| known.minor()).collect();
            assert_eq!(each, [part, minor - part], "{kind:?} {currency}");
        }
    }
}

#[test]
fn what_is_no_refund_is_refused_without_a_call() {
    for kind in KINDS {
        let scene = Scene::euros(kind, 5_000);
        let (lines, none) = (lamps(1, -1), lamps(1, 1));
        let refund = refund_of(&none, money(0, "EUR"));
        for wrong in [
            refund,
            Refund { amount: money(-5, "EUR"), ..refund },
            Refund { lines: &lines, amount: money(5, "EUR"), ..refund },
            Refund { shipping_minor: -1, amount: money(5, "EUR"), ..refund },
        ] {
            refused(scene.refund(&wrong).unwrap());
        }
        assert!(scene.outside.borrow().log.is_empty(), "{kind:?}");
    }
}

#[test]
fn an_amount_of_another_currency_than_the_orders_is_refused() {
    for kind in KINDS {
        let scene = Scene::euros(kind, 5_000);
        let why = refused(scene.refund(&refund_of(&lamps(1, 100), money(100, "USD"))).unwrap());
        if kind != ShopKind::Onward {
            assert_eq!(why, "`currency` of the shop's order is EUR", "{kind:?}");
        }
        assert!(scene.paid_back().is_empty(), "{kind:?}");
    }
}

#[test]
fn a_gateway_that_says_no_is_a_refusal_where_the_shop_can_tell_and_a_doubt_where_it_can_not() {
    for kind in KINDS {
        let scene = Scene::euros(kind, 5_000);
        scene.shop(|shop| shop.gateway = Gateway::Refuses);
        let outcome = scene.refund(&refund_of(&lamps(1, 100), money(100, "EUR"))).unwrap();
        match (kind, outcome) {
            // It says the same of whatever went wrong, before the gateway paid or after.
            (ShopKind::Woocommerce, RefundOutcome::Doubted { why }) => {
                assert!(why.contains("does not support automatic refunds"), "{why}");
            }
            (ShopKind::Shopify | ShopKind::Onward, RefundOutcome::Refused { .. }) => {}
            (_, outcome) => panic!("{kind:?}: {outcome:?}"),
        }
    }
}

#[test]
fn a_refund_that_may_have_been_paid_is_in_doubt_and_never_asked_for_again() {
    for kind in KINDS {
        let scene = Scene::euros(kind, 5_000);
        scene.shop(|shop| shop.gateway = Gateway::IsSilent);
        let lines = lamps(1, 100);
        let refund = refund_of(&lines, money(100, "EUR"));
        // WooCommerce dies over it; the next try finds what it left behind.
        if let Ok(outcome) = scene.refund(&refund) {
            assert!(matches!(outcome, RefundOutcome::Doubted { .. }), "{kind:?}: {outcome:?}");
        }
        scene.shop(|shop| shop.gateway = Gateway::Pays);
        let outcome = scene.refund(&refund).unwrap();
        assert!(matches!(outcome, RefundOutcome::Doubted { .. }), "{kind:?}: {outcome:?}");
        assert_eq!(scene.paid_back().len(), 1, "{kind:?}");
    }
}

#[test]
fn shopifys_own_key_holds_where_the_note_is_gone() {
    let scene = Scene::euros(ShopKind::Shopify, 5_000);
    let lines = lamps(1, 2_000);
    let refund = refund_of(&lines, money(2_000, "EUR"));
    refunded(scene.refund(&refund).unwrap());
    scene.books(|books| books.refunds[0].note.clear());
    refunded(scene.refund(&refund).unwrap());
    assert_eq!(scene.sent("refundCreate("), 2);
    assert_eq!(scene.paid_back().len(), 1);

    // Other amounts under the same key are no refusal: somebody has to find out what the first were.
    let other = Refund { amount: money(1_000, "EUR"), ..refund };
    let error = format!("{:#}", scene.refund(&other).unwrap_err());
    assert!(error.contains("idempotency key"), "{error}");
}

#[test]
fn shopify_pays_in_the_customers_currency_at_the_rate_of_the_sale() {
    let scene = Scene::euros(ShopKind::Shopify, 9_000);
    scene.books(|books| books.presented = Some(money(10_001, "USD")));
    let lines = lamps(1, 4_500);
    let half = refund_of(&lines, money(4_500, "EUR"));
    refunded(scene.refund(&half).unwrap());
    assert_eq!(scene.paid_back()[0].minor(), 5_001);
    // All that is left is all, whatever was rounded before.
    let left = refund_of(&lines, money(4_499, "EUR"));
    refunded(scene.refund(&Refund { key: "R2", ..left }).unwrap());
    assert_eq!(scene.books(|books| books.paid_back_minor()), 10_001);
}

#[test]
fn shopify_pays_over_every_payment_that_the_money_came_by() {
    let scene = Scene::euros(ShopKind::Shopify, 5_000);
    let payments = vec![("gift_card".to_owned(), 1_500), ("shopify_payments".to_owned(), 3_500)];
    scene.books(|books| books.payments = payments);
    let lines = lamps(2, 4_000);
    refunded(scene.refund(&refund_of(&lines, money(4_000, "EUR"))).unwrap());
    let shares = [("gift_card".to_owned(), 1_500), ("shopify_payments".to_owned(), 2_500)];
    assert_eq!(scene.paid_back()[0].minor_by_gateway, shares.into());
}

#[test]
fn woocommerce_is_told_net_and_tax_apart_and_they_add_up() {
    let scene = Scene::euros(ShopKind::Woocommerce, 5_000);
    scene.books(|books| {
        books.prices.insert(LINE.to_owned(), Price { net_minor: 3_353, tax_minor: 637 });
        books.freight = Some(Price { net_minor: 849, tax_minor: 161 });
    });
    let lines = lamps(1, 1_995);
    let refund = refund_of(&lines, money(2_985, "EUR"));
    refunded(scene.refund(&Refund { shipping_minor: 1_000, ..refund }).unwrap());
    let body = scene.last_body();
    assert_eq!(body["amount"], "29.85");
    assert_eq!(body["api_restock"], false);
    let item = |id: &str, quantity: u32, net: &str, tax: &str| {
        json!({ "id": id, "quantity": quantity, "refund_total": net,
                "refund_tax": [{ "id": "75", "refund_total": tax }] })
    };
    let items = json!([item(LINE, 1, "16.77", "3.18"), item("9001", 0, "8.41", "1.59")]);
    assert_eq!(body["line_items"], items);
}

#[test]
fn woocommerce_is_not_asked_for_what_the_order_does_not_have() {
    let scene = Scene::euros(ShopKind::Woocommerce, 5_000);
    let (mut lines, none) = (lamps(1, 100), lamps(0, 0));
    lines[0].line_id = domain::id::LineId::parse("7").unwrap();
    let refund = refund_of(&lines, money(100, "EUR"));
    let why = refused(scene.refund(&refund).unwrap());
    assert_eq!(why, "`lines` name one that is not in the shop's order");
    let freight = Refund { lines: &none, shipping_minor: 100, ..refund };
    assert_eq!(
        refused(scene.refund(&freight).unwrap()),
        "`shipping` is more than the order's freight"
    );
    assert!(scene.paid_back().is_empty());
}

/// `tests/shopify/validate_graphql.py` checks these against Shopify's own schema: what we send must be allowed there,
/// and what our Shopify answers must be what theirs could.
#[test]
fn what_shopify_is_sent_and_answers_is_on_file_for_the_schema() {
    let scene = Scene::euros(ShopKind::Shopify, 5_000);
    let lines = lamps(1, 2_000);
    let refund = Refund { shipping_minor: 490, ..refund_of(&lines, money(2_490, "EUR")) };
    refunded(scene.refund(&refund).unwrap());
    refunded(scene.refund(&refund).unwrap());
    scene.shop(|shop| shop.gateway = Gateway::Refuses);
    refused(scene.refund(&Refund { key: "alpenshop/1001/R2", lines: &[], ..refund }).unwrap());

    let exchanges: Vec<Value> = scene
        .exchanges
        .borrow()
        .iter()
        .map(|(request, response)| exchange(request, response))
        .collect();
    let on_file: Value = serde_json::from_str(include_str!("../../shopify/refunds.json")).unwrap();
    let lines: Vec<String> = exchanges.iter().map(Value::to_string).collect();
    assert!(
        on_file == json!(exchanges),
        "tests/shopify/refunds.json should be:\n[\n{}\n]",
        lines.join(",\n")
    );
}

/// A call to Shopify: the name of its operation, its variables, and the `data` of the answer.
fn exchange(request: &Request, response: &Response) -> Value {
    let sent: Value = serde_json::from_slice(&request.body).unwrap();
    let answer: Value = serde_json::from_slice(&response.body).unwrap();
    let document = sent["query"].as_str().unwrap();
    let operation = document.lines().find(|line| !line.starts_with('#')).unwrap();
    let name = operation.split([' ', '(']).nth(1).unwrap();
    json!({ "operation": name, "variables": sent["variables"], "data": answer["data"] })
}
