//! What suppliers tell us by signed calls.

use std::collections::BTreeSet;

use domain::order::Stage;
use serde_json::{Value, json};
use tests::outside::supplier::Says;

use crate::play::Play;

fn received() -> Play {
    let play = Play::new(&[("yun", 9), ("zen", 9)]);
    play.manner("yun").says = Says::Received;
    play.route();
    play
}

fn shipped(quantity: u32, number: &str) -> Value {
    json!({"type": "shipped", "lines": [{"sku": "yun#cup", "quantity": quantity}],
        "carrier": "China Post", "number": number, "ship_date": "2026-11-20"})
}

#[test]
fn a_call_that_the_supplier_did_not_sign_changes_nothing() {
    let play = received();
    let now = play.world.now.get();
    play.outside.borrow_mut().suppliers.say(
        "yun",
        "alpenshop/1001/F1",
        &json!({"type": "accepted"}),
        now,
    );
    let request = play.outside.borrow_mut().suppliers.outbox.pop_front().unwrap();

    let mut forged = request.clone();
    forged.body =
        String::from_utf8(forged.body).unwrap().replace("accepted", "rejected").into_bytes();
    assert_eq!(play.receive(&forged).status, 401);
    let mut unknown = request.clone();
    unknown.url = unknown.url.replace("yun", "nobody");
    assert_eq!(play.receive(&unknown).status, 401);
    let mut truncated = request.clone();
    truncated.body.pop();
    assert_eq!(play.receive(&truncated).status, 401);
    play.world.now.set(now + jiff::SignedDuration::from_mins(6));
    assert_eq!(play.receive(&request).status, 401, "replayed later");
    assert_eq!(play.facts(), ["Routed", "SubmissionStarted", "Submitted"]);
    assert_eq!(play.world.refused.borrow().len(), 0);

    play.world.now.set(now);
    assert_eq!(play.receive(&request).status, 200);
}

#[test]
fn a_message_that_cannot_be_read_is_answered_with_the_field_and_kept() {
    let play = received();
    let check = |what: Value, field: &str| {
        let now = play.world.now.get();
        play.outside.borrow_mut().suppliers.say("yun", "alpenshop/1001/F1", &what, now);
        let reply = play.hear().remove(0);
        let said: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!((reply.status, said["field"].as_str()), (400, Some(field)), "{what}");
    };
    check(json!({}), "type");
    check(json!({"type": "maybe"}), "type");
    check(json!({"type": "accepted", "lines": 1}), "lines");
    check(
        json!({"type": "accepted", "lines": [{"sku": "yun#cup", "quantity": 0}]}),
        "lines[0].quantity",
    );
    check(
        json!({"type": "accepted", "lines": [{"sku": "yun#cup", "quantity": -1}]}),
        "lines[0].quantity",
    );
    check(json!({"type": "accepted", "lines": [{"sku": "other", "quantity": 1}]}), "lines");
    check(json!({"type": "accepted", "price": 1}), "price");
    check(
        json!({"type": "shipped", "carrier": "China Post", "number": "1", "ship_date": "2026-11-20"}),
        "number",
    );
    check(json!({"type": "shipped", "carrier": "China Post", "number": "OW1234567"}), "ship_date");
    check(
        json!({"type": "shipped", "carrier": "", "number": "OW1234567", "ship_date": "2026-11-20"}),
        "carrier",
    );
    let mut label = shipped(5, "OW1234567");
    label["label_url"] = json!("http://169.254.169.254/latest/meta-data");
    check(label, "label_url");
    assert_eq!(play.world.refused.borrow().len(), 11);
    assert_eq!(play.facts(), ["Routed", "SubmissionStarted", "Submitted"]);
}

#[test]
fn quantities_that_cannot_be_are_refused() {
    let play = received();
    let lines = |quantity: u32| json!([{"sku": "yun#cup", "quantity": quantity}]);
    assert_eq!(play.say("yun", 1, &json!({"type": "accepted", "lines": lines(6)})), [409]);
    assert_eq!(play.say("yun", 1, &json!({"type": "rejected", "lines": lines(6)})), [409]);
    assert_eq!(play.say("yun", 1, &shipped(6, "OW1234567")), [409]);
    assert_eq!(play.say("yun", 1, &shipped(3, "OW1234567")), [200]);
    assert_eq!(play.say("yun", 1, &shipped(3, "OW1234568")), [409]);
    assert_eq!(play.say("yun", 1, &shipped(2, "OW1234568")), [200]);
    assert_eq!(play.say("yun", 1, &json!({"type": "rejected"})), [409], "all of it has left");
    assert_eq!(play.order().parcels.len(), 2);
}

#[test]
fn an_order_of_another_supplier_or_of_nobody_is_not_found() {
    let play = received();
    assert_eq!(play.say("zen", 1, &json!({"type": "accepted"})), [404]);
    assert_eq!(play.say("yun", 2, &json!({"type": "accepted"})), [404]);
    let now = play.world.now.get();
    for (reference, status) in [("alpenshop/9999/F1", 404), ("x", 400)] {
        play.outside.borrow_mut().suppliers.say(
            "yun",
            reference,
            &json!({"type": "accepted"}),
            now,
        );
        assert_eq!(play.hear_statuses(), [status], "{reference}");
    }
    assert_eq!(play.world.streams.borrow().len(), 1);
}

#[test]
fn answers_that_come_twice_or_in_the_wrong_order_end_the_same() {
    let accepted = json!({"type": "accepted", "lines": [{"sku": "yun#cup", "quantity": 4}]});
    let rejected = json!({"type": "rejected", "reason": "out_of_stock", "lines": [{"sku": "yun#cup", "quantity": 1}]});
    let first = shipped(3, "OW1234567");
    let second = shipped(1, "OW1234568");
    for order in [
        [&accepted, &rejected, &first, &second],
        [&rejected, &accepted, &second, &first],
        [&second, &first, &rejected, &accepted],
        [&first, &rejected, &second, &accepted],
    ] {
        let play = received();
        play.manner("yun").repeats = true;
        for what in order {
            assert_eq!(play.say("yun", 1, what), [200, 200], "{what}");
        }
        let fulfillment_order = play.fulfillment_order(1);
        let units = fulfillment_order.units.values().next().unwrap();
        assert_eq!((units.accepted, units.returned, units.shipped), (4, 1, 4));
        assert_eq!(fulfillment_order.stage, Stage::Accepted);
        assert_eq!(play.order().parcels.len(), 2);
        assert_eq!(play.purchases("zen"), 1);
    }
}

#[test]
fn an_answer_that_overtakes_the_reply_to_the_purchase_counts() {
    let play = Play::new(&[("yun", 9)]);
    play.manner("yun").says = Says::Received;
    play.manner("yun").loses_answers = 1;
    play.deliver(&domain::message::Message::RouteOrder { order_id: play.order_id.clone() })
        .unwrap();
    assert!(play.forward(1).is_err());
    assert_eq!(play.say("yun", 1, &json!({"type": "accepted"})), [200]);
    play.forward(1).unwrap();
    assert_eq!(play.facts(), ["Routed", "SubmissionStarted", "Submitted", "Accepted"]);
    assert_eq!(play.purchases("yun"), 1);
}

#[test]
fn a_report_of_stock_wakes_the_orders_that_wait_for_it() {
    let play = Play::routed(&[("yun", 0), ("zen", 0)]);
    assert_eq!(play.phase(), "backordered");
    play.wait(projection::project(&play.world, &play.order_id, &BTreeSet::new())).unwrap();
    let report = |supplier: &str, on_hand| {
        let now = play.world.now.get();
        let location = format!("{supplier}-hall");
        let sku = format!("{supplier}#cup");
        play.outside.borrow_mut().suppliers.report_stock(supplier, &location, &sku, on_hand, now);
        assert_eq!(play.hear_statuses(), [200]);
    };
    report("zen", 0);
    assert_eq!(play.phase(), "backordered");
    report("zen", 7);
    assert_eq!(play.phase(), "awaiting_supplier");
    assert_eq!(play.purchases("zen"), 1);
    assert_eq!(play.stock("zen"), (2, 5));
    report("zen", 7);
    assert_eq!(play.stock("zen"), (2, 5), "what is reserved is still on the shelf");
}

#[test]
fn an_order_that_still_waits_for_stock_looks_again_once_and_not_round_and_round() {
    let play = Play::routed(&[("yun", 2), ("zen", 0)]);
    play.world.now.set(play.world.now.get() + jiff::SignedDuration::from_hours(1));
    play.ship("yun", 1);
    play.pass(1);
    play.pass(20);
    assert_eq!(play.order().backorders.len(), 1);
}
