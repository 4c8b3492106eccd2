//! Buying, once; and what follows when it goes wrong.

use domain::message::Message;
use domain::order::{Cancellation, Stage};
use serde_json::json;
use tests::outside::supplier::{Cancels, Says};

use crate::play::Play;

#[test]
fn an_order_is_bought_once_however_often_the_message_comes() {
    let play = Play::routed(&[("yun", 9)]);
    play.forward(1).unwrap();
    play.forward(1).unwrap();
    play.settle();

    assert_eq!(play.purchases("yun"), 1);
    assert_eq!(play.facts(), ["Routed", "SubmissionStarted", "Submitted", "Accepted"]);
    assert_eq!(play.fulfillment_order(1).stage, Stage::Accepted);
    assert_eq!(
        play.fulfillment_order(1).supplier_reference.as_deref(),
        Some("S-alpenshop/1001/F1")
    );
}

#[test]
fn a_supplier_is_told_all_it_needs_to_ship_and_no_price() {
    let play = Play::routed(&[("yun", 9)]);
    let mut outside = play.outside.borrow_mut();
    let submission = &outside.suppliers.supplier("yun").order("alpenshop/1001/F1").submission;
    assert_eq!(
        *submission,
        json!({
            "reference": "alpenshop/1001/F1",
            "ordered_at": "2026-11-20T07:00:00Z",
            "service": "parcel",
            "leaves_on": "2026-11-20",
            "lines": [{"sku": "yun#cup", "quantity": 5, "title": "Cup <blue>"}],
            "ship_to": {"name": "=Mara Beispiel", "lines": ["Testweg 12"], "city": "Leipzig",
                "postal_code": "04109", "country": "DE", "phone": "+49 341 0000000"},
            "gift_wrap": false,
            "packing": "no_prices",
        })
    );
}

#[test]
fn a_lost_answer_buys_nothing_twice() {
    let play = Play::new(&[("yun", 9)]);
    play.manner("yun").loses_answers = 2;
    play.route();

    assert_eq!(play.purchases("yun"), 1);
    assert_eq!(play.outside.borrow().log.len(), 3);
    assert_eq!(play.facts(), ["Routed", "SubmissionStarted", "Submitted", "Accepted"]);
}

#[test]
fn a_supplier_that_is_away_or_busy_is_asked_again_and_no_copies_pile_up() {
    let play = Play::new(&[("yun", 9)]);
    play.manner("yun").is_away = 2;
    play.manner("yun").is_busy = 3;
    play.deliver(&domain::message::Message::RouteOrder { order_id: play.order_id.clone() })
        .unwrap();
    let message = play.world.take().unwrap();
    for _ in 0..5 {
        assert!(play.deliver(&message).is_err());
        assert_eq!(play.world.take(), None);
    }
    play.deliver(&message).unwrap();
    assert_eq!(play.purchases("yun"), 1);
}

#[test]
fn what_a_supplier_rejects_is_bought_elsewhere() {
    let play = Play::new(&[("yun", 9), ("zen", 9)]);
    play.manner("yun").says = Says::OutOfStock;
    play.route();

    assert_eq!(play.purchases("yun"), 0);
    assert_eq!(play.purchases("zen"), 1);
    assert_eq!(play.fulfillment_order(1).stage, Stage::Closed);
    assert_eq!(play.fulfillment_order(2).stage, Stage::Accepted);
    assert_eq!(play.stock("yun"), (4, 0));
    assert_eq!(play.stock("zen"), (4, 5));
}

#[test]
fn what_is_accepted_in_part_is_completed_elsewhere() {
    let play = Play::new(&[("yun", 9), ("zen", 9)]);
    play.manner("yun").says = Says::One;
    play.route();

    let accepted = |number| play.fulfillment_order(number).units.values().next().unwrap().accepted;
    assert_eq!((accepted(1), accepted(2)), (1, 4));
    assert_eq!(play.fulfillment_order(1).stage, Stage::Accepted);
    assert_eq!(play.phase(), "awaiting_supplier");
}

#[test]
fn a_supplier_that_stays_silent_is_told_that_it_is_off_and_its_late_yes_is_refused() {
    let play = Play::new(&[("yun", 9), ("zen", 9)]);
    play.manner("yun").says = Says::Received;
    play.route();
    assert_eq!(play.phase(), "awaiting_supplier");
    assert_eq!(play.purchases("zen"), 0);

    play.pass(24 * 60);
    assert_eq!(
        play.facts()[3..],
        ["TimedOut", "Routed", "SubmissionStarted", "Submitted", "Accepted"]
    );
    let status = play
        .outside
        .borrow_mut()
        .suppliers
        .supplier("yun")
        .order("alpenshop/1001/F1")
        .status
        .clone();
    assert_eq!(status, "cancelled");
    assert_eq!(play.purchases("zen"), 1);
    assert_eq!(play.stock("yun"), (9, 0));

    assert_eq!(play.say("yun", 1, &json!({"type": "accepted"})), [409]);
    assert_eq!(play.say("yun", 1, &json!({"type": "rejected"})), [200]);
    assert_eq!(play.fulfillment_order(1).stage, Stage::Closed);
}

#[test]
fn a_silent_supplier_that_has_packed_keeps_the_order() {
    let play = Play::new(&[("yun", 9), ("zen", 9)]);
    play.manner("yun").says = Says::Received;
    play.manner("yun").cancels = Some(Cancels::Refused);
    play.route();
    play.pass(24 * 60);

    assert_eq!(play.fulfillment_order(1).stage, Stage::Accepted);
    assert_eq!(play.purchases("zen"), 0);
}

#[test]
fn a_silent_supplier_that_lets_go_later_is_replaced_then() {
    let play = Play::new(&[("yun", 9), ("zen", 9)]);
    play.manner("yun").says = Says::Received;
    play.manner("yun").cancels = Some(Cancels::Pending);
    play.route();
    play.pass(24 * 60);
    play.pass(10);
    assert_eq!(play.facts()[3..], ["CancelAsked"]);
    assert_eq!(play.purchases("zen"), 0);

    assert_eq!(play.say("yun", 1, &json!({"type": "cancel_accepted"})), [200]);
    assert_eq!(play.purchases("zen"), 1);
    assert_eq!(play.phase(), "awaiting_supplier");
}

#[test]
fn units_that_a_supplier_left_open_are_bought_elsewhere_when_its_time_is_up() {
    let play = Play::new(&[("yun", 9), ("zen", 9)]);
    play.manner("yun").says = Says::Received;
    play.route();
    let some = json!({"type": "accepted", "lines": [{"sku": "yun#cup", "quantity": 2}]});
    assert_eq!(play.say("yun", 1, &some), [200]);
    assert_eq!(play.say("yun", 1, &some), [200], "the same again is the same");
    play.pass(24 * 60);

    let quantity = |number| play.fulfillment_order(number).active()[0].quantity;
    assert_eq!((quantity(1), quantity(2)), (2, 3));
    assert_eq!(play.fulfillment_order(1).stage, Stage::Accepted);
}

#[test]
fn an_order_that_is_cancelled_before_it_goes_out_never_does() {
    let play = Play::new(&[("yun", 9)]);
    play.deliver(&domain::message::Message::RouteOrder { order_id: play.order_id.clone() })
        .unwrap();
    play.cancel();
    play.settle();

    assert_eq!(play.purchases("yun"), 0);
    assert_eq!(play.phase(), "cancelled");
    assert_eq!(play.stock("yun"), (9, 0));
}

#[test]
fn an_order_that_is_cancelled_while_the_answer_is_lost_is_cancelled_there_too() {
    for is_there in [true, false] {
        let play = Play::new(&[("yun", 9)]);
        if is_there {
            play.manner("yun").loses_answers = 1;
        } else {
            play.manner("yun").is_away = 1;
        }
        play.deliver(&Message::RouteOrder { order_id: play.order_id.clone() }).unwrap();
        play.world.queue.borrow_mut().clear();
        assert!(play.forward(1).is_err());
        play.cancel();
        play.forward(1).unwrap();

        assert_eq!(play.phase(), "cancelled", "was it there: {is_there}");
        let order =
            play.outside.borrow_mut().suppliers.supplier("yun").order("alpenshop/1001/F1").clone();
        assert_eq!((order.status.as_str(), order.purchases), ("cancelled", u32::from(is_there)));
    }
}

#[test]
fn an_order_that_a_supplier_has_is_cancelled_if_the_supplier_lets_go() {
    let play = Play::routed(&[("yun", 9)]);
    play.cancel();
    play.settle();
    assert_eq!(play.phase(), "cancelled");
    assert_eq!(play.facts()[4..], ["CancelRequested", "CancelWanted", "Withdrawn", "Cancelled"]);
}

#[test]
fn an_order_that_a_supplier_will_not_let_go_is_shipped() {
    let play = Play::routed(&[("yun", 9)]);
    play.manner("yun").cancels = Some(Cancels::Refused);
    play.cancel();
    play.settle();
    assert_eq!(play.fulfillment_order(1).cancellation, Cancellation::Rejected);
    assert_eq!(play.phase(), "awaiting_supplier");
    play.ship("yun", 1);
    assert_eq!(play.phase(), "in_transit");
}

#[test]
fn a_supplier_may_answer_a_cancellation_later() {
    for (answer, phase) in
        [("cancel_accepted", "cancelled"), ("cancel_rejected", "awaiting_supplier")]
    {
        let play = Play::routed(&[("yun", 9)]);
        play.manner("yun").cancels = Some(Cancels::Pending);
        play.cancel();
        play.settle();
        assert_eq!(play.phase(), "amending");
        for _ in 0..2 {
            assert_eq!(play.say("yun", 1, &json!({"type": answer, "detail": "packed"})), [200]);
        }
        assert_eq!(play.phase(), phase);
    }
}

#[test]
fn an_order_that_the_supplier_has_as_cancelled_is_not_taken_for_bought() {
    let play = Play::new(&[("yun", 9), ("zen", 9)]);
    let order =
        tests::outside::supplier::Order { status: "cancelled".to_owned(), ..Default::default() };
    play.outside
        .borrow_mut()
        .suppliers
        .supplier("yun")
        .orders
        .insert("alpenshop/1001/F1".to_owned(), order);
    play.route();
    assert_eq!(play.fulfillment_order(1).stage, Stage::Closed);
    assert_eq!(play.purchases("zen"), 1);
}

#[test]
fn a_person_who_was_erased_is_sent_nothing() {
    let play = Play::new(&[("yun", 9)]);
    play.world.people.borrow_mut().clear();
    play.deliver(&domain::message::Message::RouteOrder { order_id: play.order_id.clone() })
        .unwrap();
    let error = play.forward(1).unwrap_err();
    assert_eq!(error.to_string(), "`alpenshop/1001/F1` can't be forwarded: its contact was erased");
    assert_eq!(play.facts(), ["Routed"], "not even the intent");
}

#[test]
fn a_supplier_that_has_not_shipped_in_time_is_noted_once() {
    let play = Play::routed(&[("yun", 9)]);
    play.pass(48 * 60);
    play.pass(60);
    assert_eq!(play.facts()[4..], ["Overdue"]);
}

/// A supplier that buys again what comes again is looked up first, once whoever may be buying is gone.
#[test]
fn what_may_have_been_bought_where_repeats_are_bought_again_is_looked_up_first() {
    for is_lost_before in [false, true] {
        let play = Play::new(&[("petra", 9)]);
        play.manner("petra").buys_again = true;
        match is_lost_before {
            true => play.manner("petra").is_away = 1,
            false => play.manner("petra").loses_answers = 1,
        }
        play.deliver(&Message::RouteOrder { order_id: play.order_id.clone() }).unwrap();
        play.world.queue.borrow_mut().clear();
        // Deliveries at the same moment may not even look.
        for _ in 0..2 {
            play.forward(1).unwrap_err();
        }
        assert_eq!(play.fulfillment_order(1).stage, Stage::Submitting, "{is_lost_before}");
        play.pass(2);
        assert_eq!(play.fulfillment_order(1).stage, Stage::Accepted, "{is_lost_before}");
        assert_eq!(play.purchases("petra"), 1, "{is_lost_before}");
        let resolved = play.facts().iter().filter(|name| **name == "Resolved").count();
        assert_eq!(resolved, usize::from(is_lost_before));
    }
}

/// Two deliveries that look at the same time: one alone buys.
#[test]
fn who_was_looked_up_twice_is_asked_once() {
    let play = Play::new(&[("petra", 9)]);
    play.manner("petra").buys_again = true;
    play.manner("petra").is_away = 1;
    play.deliver(&Message::RouteOrder { order_id: play.order_id.clone() }).unwrap();
    play.forward(1).unwrap_err();
    play.queues_wait();
    play.forward(1).unwrap();
    play.forward(1).unwrap();
    play.settle();
    play.forward(1).unwrap();
    assert_eq!(play.purchases("petra"), 1);
}
