//! Whatever single call to the world fails, the journey ends as it would have without: the shop sends its webhook again,
//! the queue delivers again, the clock looks again.
//!
//! A call fails before it takes effect, or after. A function that is killed at a call is the same as one whose call fails
//! before it takes effect, or whose answer never comes: nothing that it held in memory counts, the queue delivers again.

use domain::catalog::StockKey;
use domain::id::{LocationId, OrderId, SupplierId};
use domain::order::Stage;
use ports::memory::Fault;
use serde_json::json;
use tests::journey::{Ending, Journey};
use tests::outside::supplier::{Cancels, Says};
use tests::purchase::{LYON, Purchase};

use crate::{BACKPACK, BLANKET, MATCHA, MUG, SCARF, alpenshop, direct, teahouse};

/// Tells a story with a fault at each of its calls in turn, in both ways, and compares how it ends.
fn each_fault(story: impl Fn(&mut Journey), in_doubt: impl Fn(&mut Ending)) {
    let without = |fault: Option<(u32, Fault)>| {
        let mut journey = Journey::begin_with(|settings| settings.tracking.poll_minutes = 60);
        let (call, kind) = fault.unwrap_or((u32::MAX, Fault::Before));
        journey.system.world.faults.plan(call, kind);
        story(&mut journey);
        let calls = journey.system.world.faults.clear();
        (journey.ending(), calls)
    };
    let (expected, calls) = without(None);
    assert!(calls > 50, "a whole journey has more than {calls} calls");
    for fault in [Fault::Before, Fault::After] {
        for call in 1..=calls {
            let (mut ending, _) = without(Some((call, fault)));
            in_doubt(&mut ending);
            assert_eq!(ending, expected, "call {call} of {calls}, {fault:?}");
        }
    }
}

/// Nothing may differ.
fn never(_: &mut Ending) {}

/// From acceptance to the door. Journeys that differ only in how they came to be accepted end there.
fn arrives(journey: &mut Journey) {
    journey.minutes(A_WHILE);
    journey.suppliers_ship();
    journey.minutes(A_WHILE);
    journey.carriers_deliver();
    journey.hours(3);
}

/// Long enough for the clock to find a message that was lost.
const A_WHILE: i64 = 6;

#[test]
fn one_line_from_a_supplier_with_an_api() {
    let story = |journey: &mut Journey| {
        journey.sells(&alpenshop(&[MUG]));
        arrives(journey);
    };
    each_fault(story, never);
}

#[test]
fn a_split_order() {
    let story = |journey: &mut Journey| {
        journey.sells(&teahouse(&[crate::TEA, crate::units(1, crate::GIFT_SET)]));
        arrives(journey);
    };
    each_fault(story, never);
}

#[test]
fn a_rejection_and_its_backup() {
    let story = |journey: &mut Journey| {
        journey.manner("own-warehouse", |manner| manner.says = Says::OutOfStock);
        journey.sells(&alpenshop(&[BLANKET]));
        journey.minutes(A_WHILE);
    };
    each_fault(story, never);
}

#[test]
fn a_cancellation_that_the_supplier_grants_at_once() {
    let story = |journey: &mut Journey| {
        let mut purchase = alpenshop(&[BACKPACK]);
        journey.sells(&purchase);
        journey.minutes(A_WHILE);
        journey.cancels(&mut purchase);
        journey.minutes(A_WHILE);
    };
    each_fault(story, never);
}

#[test]
fn a_cancellation_that_the_supplier_grants_later() {
    let story = |journey: &mut Journey| {
        let mut purchase = alpenshop(&[BACKPACK]);
        journey.manner("nordwaren", |manner| manner.cancels = Some(Cancels::Pending));
        journey.sells(&purchase);
        journey.minutes(A_WHILE);
        journey.cancels(&mut purchase);
        journey.minutes(A_WHILE);
        let granted = json!({"type": "cancel_accepted"});
        journey.says("nordwaren", &purchase.order_id(), 1, &granted);
        journey.minutes(A_WHILE);
    };
    each_fault(story, never);
}

#[test]
fn a_supplier_that_does_not_answer_and_its_backup() {
    let story = |journey: &mut Journey| {
        journey.manner("own-warehouse", |manner| manner.says = Says::Received);
        journey.sells(&alpenshop(&[BLANKET]));
        journey.minutes(240 + A_WHILE);
    };
    each_fault(story, never);
}

#[test]
fn a_backorder_that_a_stock_report_wakes() {
    let story = |journey: &mut Journey| {
        journey.sells(&teahouse(&[MATCHA]));
        journey.minutes(A_WHILE);
        journey.counts(&matcha(), 5);
        // Until the order looks at its stock again by itself.
        journey.minutes(20);
    };
    each_fault(story, never);
}

fn matcha() -> StockKey {
    StockKey {
        supplier: SupplierId::parse("nordwaren").expect("it is a name"),
        location: LocationId::parse("hamburg").expect("it is a name"),
        supplier_sku: "NW-09021".to_owned(),
    }
}

/// A mail can't be looked up. Where the intent to send one is on record and its outcome is not, a person looks into the
/// mail box and says whether it was sent: two facts more, and where it was not, the intent a second time.
#[test]
fn a_supplier_that_is_reached_by_mail() {
    let story = |journey: &mut Journey| {
        let purchase = Purchase { to: LYON, ..direct(&[SCARF]) };
        journey.sells(&purchase);
        journey.minutes(A_WHILE);
        a_person_resolves(journey, &purchase.order_id());
        journey.minutes(A_WHILE);
        journey.answers_mail("action=answer");
        journey.minutes(A_WHILE);
        journey.answers_mail("action=ship&carrier=Colissimo&number=LX123456789FR");
        journey.minutes(A_WHILE);
        journey.carriers_deliver();
        journey.hours(3);
    };
    each_fault(story, |ending| {
        for facts in ending.facts.values_mut() {
            if facts.remove("InDoubt").is_some() {
                assert_eq!(facts.remove("Resolved"), Some(1));
                let intents = facts.insert("SubmissionStarted", 1);
                assert!(intents <= Some(2), "{intents:?}");
            }
        }
    });
}

fn a_person_resolves(journey: &mut Journey, order_id: &OrderId) {
    let order = journey.order(order_id);
    if order.fulfillment_orders.values().any(|known| known.stage == Stage::InDoubt) {
        let bought = !journey.system.world.mails.borrow().is_empty();
        let decision = json!({"fulfillment_order": "F1", "bought": bought});
        journey.decides(order_id, "decisions", &decision);
    }
}
