//! No fault at any single call buys twice or loses an order.

use domain::message::Message;
use domain::order::Stage;
use ports::memory::Fault;
use serde_json::json;
use tests::outside::supplier::Says;

use crate::play::Play;

/// Delivers, with a fault at each call in turn; after each it delivers again, and it must end well.
fn each_fault(
    prepare: impl Fn() -> Play,
    deliver: impl Fn(&Play) -> bool,
    check: impl Fn(&Play, &str),
) {
    for fault in [Fault::Before, Fault::After] {
        for call in 1.. {
            assert!(call < 40, "there is no end of calls");
            let play = prepare();
            play.world.faults.plan(call, fault);
            let is_done = deliver(&play);
            play.world.faults.clear();
            if !is_done {
                play.queues_wait();
                assert!(deliver(&play), "call {call}, {fault:?}");
            }
            play.settle();
            check(&play, &format!("call {call}, {fault:?}"));
            if is_done {
                break;
            }
        }
    }
}

fn planned(supplier: &str, says: Says) -> Play {
    let play = Play::new(&[(supplier, 9), ("zen", 9)]);
    play.manner(supplier).says = says;
    play.deliver(&Message::RouteOrder { order_id: play.order_id.clone() }).unwrap();
    play.world.queue.borrow_mut().clear();
    play
}

#[test]
fn a_purchase_is_made_once_whatever_call_fails() {
    each_fault(
        || planned("yun", Says::Accepted),
        |play| play.forward(1).is_ok(),
        |play, when| {
            assert_eq!(play.purchases("yun"), 1, "{when}");
            assert_eq!(
                play.facts(),
                ["Routed", "SubmissionStarted", "Submitted", "Accepted"],
                "{when}"
            );
        },
    );
}

#[test]
fn a_rejection_is_routed_elsewhere_once_whatever_call_fails() {
    each_fault(
        || planned("yun", Says::OutOfStock),
        |play| play.forward(1).is_ok(),
        |play, when| {
            // A message that was lost between append and send is sent by the clock.
            play.pass(2);
            assert_eq!(play.purchases("zen"), 1, "{when}");
            assert_eq!(play.order().fulfillment_orders.len(), 2, "{when}");
            assert_eq!(play.stock("zen"), (4, 5), "{when}");
        },
    );
}

#[test]
fn a_withdrawal_frees_the_units_once_whatever_call_fails() {
    each_fault(
        || {
            let play = planned("yun", Says::Received);
            play.forward(1).unwrap();
            play.world.now.set(play.world.now.get() + jiff::SignedDuration::from_hours(24));
            play
        },
        |play| play.forward(1).is_ok(),
        |play, when| {
            play.pass(2);
            assert_eq!(play.fulfillment_order(1).stage, Stage::Closed, "{when}");
            assert_eq!(play.purchases("zen"), 1, "{when}");
            assert_eq!(play.stock("yun"), (9, 0), "{when}");
        },
    );
}

#[test]
fn a_mail_is_sent_once_or_is_in_doubt_whatever_call_fails() {
    each_fault(
        || planned("mara", Says::Accepted),
        |play| play.forward(1).is_ok(),
        |play, when| {
            let stage = play.fulfillment_order(1).stage;
            let mails = play.world.mails.borrow().len();
            assert!(mails <= 1, "{when}");
            assert!(
                matches!((stage, mails), (Stage::Submitted, 1) | (Stage::InDoubt, _)),
                "{when}: {stage:?}"
            );
        },
    );
}

#[test]
fn an_answer_is_taken_once_whatever_call_fails() {
    each_fault(
        || {
            let play = planned("yun", Says::Received);
            play.forward(1).unwrap();
            let now = play.world.now.get();
            let shipped = json!({"type": "shipped", "carrier": "China Post", "number": "OW1234567",
                "ship_date": "2026-11-20"});
            play.outside.borrow_mut().suppliers.say("yun", "alpenshop/1001/F1", &shipped, now);
            play
        },
        |play| {
            let request = play.outside.borrow().suppliers.outbox[0].clone();
            play.try_receive(&request).is_ok_and(|reply| reply.status == 200)
        },
        |play, when| {
            play.pass(2);
            assert_eq!(play.order().parcels.len(), 1, "{when}");
            assert_eq!(play.stock("yun"), (4, 0), "{when}");
            assert_eq!(play.outside.borrow().tracking.registered["OW1234567"], 1, "{when}");
        },
    );
}

#[test]
fn scans_are_recorded_once_whatever_call_fails() {
    each_fault(
        || {
            let play = planned("yun", Says::Accepted);
            play.forward(1).unwrap();
            let number = play.ship("yun", 1);
            let now = play.world.now.get();
            play.outside.borrow_mut().tracking.deliver(&number, now);
            play
        },
        |play| play.track().is_ok(),
        |play, when| {
            assert_eq!(play.phase(), "delivered", "{when}");
            assert_eq!(play.facts().iter().filter(|name| **name == "Tracked").count(), 1, "{when}");
        },
    );
}
