//! Queues that deliver twice or in any order, and messages from outside that overtake each other.

use std::collections::BTreeSet;

use domain::order::{Order, fact::Item, phase::phase};
use ports::Inbound;
use serde_json::json;
use tests::journey::{Ending, Journey, from_supplier};
use tests::outside::supplier::Says;
use tests::purchase::Purchase;
use tests::system::Habit;

use crate::{BACKPACK, BLANKET, GIFT_SET, MATCHA, MUG, alpenshop, arrives, teahouse, units};

#[test]
fn messages_that_come_twice_or_in_another_order_change_nothing() {
    type Story = fn(&mut Journey);
    let stories: [(&str, Story); 6] = [
        ("one line", |journey| {
            journey.sells(&alpenshop(&[MUG]));
            arrives(journey);
        }),
        ("a split", |journey| {
            journey.sells(&alpenshop(&[MUG, BACKPACK]));
            arrives(journey);
        }),
        ("a bundle", |journey| {
            journey.sells(&teahouse(&[GIFT_SET]));
            arrives(journey);
        }),
        ("a rejection", |journey| {
            journey.manner("own-warehouse", |manner| manner.says = Says::One);
            journey.sells(&alpenshop(&[units(3, BLANKET)]));
            arrives(journey);
        }),
        ("a cancellation", |journey| {
            let mut purchase = alpenshop(&[MUG, BACKPACK]);
            journey.sells(&purchase);
            journey.minutes(1);
            journey.cancels(&mut purchase);
            arrives(journey);
        }),
        ("a backorder", |journey| {
            journey.sells(&teahouse(&[MATCHA]));
            journey.minutes(3);
            let catalog = include_str!("../../demo/catalog.csv");
            journey.imports(&catalog.replace("EUR,0,2027-01-11", "EUR,4,"));
            arrives(journey);
        }),
    ];
    for (name, story) in stories {
        let with = |habit| -> Ending {
            let mut journey = Journey::begin();
            journey.system.habit = habit;
            story(&mut journey);
            journey.ending()
        };
        let expected = with(Habit::Orderly);
        for habit in [Habit::Twice, Habit::Again, Habit::NewestFirst] {
            assert_eq!(with(habit), expected, "{name}, {habit:?}");
        }
    }
}

/// All orders in which these can come.
pub(crate) fn permutations<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for at in 0..items.len() {
        let mut rest = items.to_vec();
        let first = rest.remove(at);
        for mut tail in permutations(&rest) {
            tail.insert(0, first.clone());
            all.push(tail);
        }
    }
    all
}

/// What people see of an order: its phase, what became of its units, its parcels. In how many steps it was planned, and
/// which parcel we heard of first, is its history.
fn seen(order: &Order) -> String {
    let count = |item: &Item| {
        let (allocated, shipped) = (order.allocated(&item.id), order.shipped(&item.id));
        (item.id.clone(), order.ordered(item), allocated, shipped, order.delivered(&item.id))
    };
    let units: Vec<_> = order.items().map(count).collect();
    let parcels = order.parcels.values();
    let parcels = parcels.map(|parcel| (&parcel.number, &parcel.units, parcel.status()));
    let parcels: BTreeSet<_> = parcels.collect();
    format!("{} {:?} {:?} {units:?} {parcels:?}", phase(order).name(), order.payment, order.wanted)
}

#[test]
fn webhooks_of_one_order_come_in_any_order() {
    // Created unpaid; paid; then one backpack less. The shop sends each with its own time.
    let mut journey = Journey::begin();
    let created = Purchase { is_paid: false, ..alpenshop(&[MUG, units(2, BACKPACK)]) };
    let mut states = vec![created.clone()];
    for _ in 0..2 {
        journey.clock_fails_for(1);
        let mut next = Purchase { is_paid: true, updated_at: journey.now(), ..created.clone() };
        if states.len() == 2 {
            next.lines[1].quantity = 1;
        }
        states.push(next);
    }
    let mut ends: Vec<String> = Vec::new();
    for states in permutations(&states) {
        let mut journey = Journey::begin();
        journey.clock_fails_for(2);
        journey.sells_silently(&created);
        for state in &states {
            let webhook = journey.webhook(state);
            journey.tells(&webhook);
        }
        arrives(&mut journey);
        journey.check();
        ends.push(seen(&journey.order(&created.order_id())));
    }
    for end in &ends {
        assert!(end.starts_with("delivered"), "{end}");
        assert_eq!(end, &ends[0]);
    }
}

#[test]
fn a_cancellation_may_overtake_everything_that_came_before() {
    let mut journey = Journey::begin();
    let created = Purchase { is_paid: false, ..alpenshop(&[BACKPACK]) };
    journey.clock_fails_for(1);
    let paid = Purchase { is_paid: true, updated_at: journey.now(), ..created.clone() };
    journey.clock_fails_for(1);
    let cancelled = Purchase { is_cancelled: true, updated_at: journey.now(), ..paid.clone() };
    for states in permutations(&[created.clone(), paid, cancelled]) {
        let mut journey = Journey::begin();
        journey.clock_fails_for(2);
        journey.sells_silently(&created);
        for state in &states {
            let webhook = journey.webhook(state);
            journey.tells(&webhook);
        }
        arrives(&mut journey);
        journey.check();
        assert_eq!(journey.phase(&created.order_id()), "cancelled");
        assert!(journey.outside.borrow_mut().suppliers.supplier("nordwaren").orders.is_empty());
    }
}

#[test]
fn what_a_supplier_says_comes_in_any_order() {
    let mut ends: Vec<String> = Vec::new();
    for order in permutations(&[0, 1, 2]) {
        let mut journey = Journey::begin();
        let purchase = alpenshop(&[units(2, BACKPACK)]);
        journey.manner("nordwaren", |manner| manner.says = Says::Received);
        journey.sells(&purchase);
        journey.minutes(1);
        let said = [
            json!({"type": "accepted"}),
            json!({"type": "shipped", "carrier": "DHL", "number": "DH001DE", "ship_date": "2026-11-23",
                "lines": [{"sku": "NW-22022", "quantity": 1}]}),
            json!({"type": "shipped", "carrier": "DHL", "number": "DH002DE", "ship_date": "2026-11-23",
                "lines": [{"sku": "NW-22022", "quantity": 1}]}),
        ];
        for what in order {
            journey.says("nordwaren", &purchase.order_id(), 1, &said[what]);
        }
        journey.hours(5);
        journey.carriers_deliver();
        journey.hours(5);
        journey.check();
        assert!(journey.refusals.is_empty(), "{:?}", journey.refusals);
        ends.push(seen(&journey.order(&purchase.order_id())));
    }
    for end in &ends {
        assert!(end.starts_with("delivered"), "{end}");
        assert_eq!(end, &ends[0]);
    }
}

#[test]
fn a_supplier_may_answer_before_its_reply_to_our_purchase_arrives() {
    // It accepts and ships while we still wait, and the reply gets lost.
    let mut journey = Journey::begin();
    let purchase = alpenshop(&[BACKPACK]);
    journey.sells(&purchase);
    journey.manner("nordwaren", |manner| manner.loses_answers = 1);
    journey.clock_fails_for(1);
    let buy = domain::message::Message::ForwardOrder {
        order_id: purchase.order_id(),
        fulfillment_order_id: domain::id::FulfillmentOrderId(1),
    };
    journey.delivers(&buy).unwrap_err();
    journey.suppliers_ship();
    journey.delivers(&buy).unwrap();
    journey.hours(5);
    journey.carriers_deliver();
    journey.hours(5);
    journey.check();
    assert_eq!(journey.phase(&purchase.order_id()), "delivered");
}

#[test]
fn every_call_of_a_supplier_may_come_twice_and_late() {
    let mut journey = Journey::begin();
    let purchase = alpenshop(&[units(2, BACKPACK)]);
    journey.manner("nordwaren", |manner| (manner.says, manner.repeats) = (Says::Received, true));
    journey.sells(&purchase);
    journey.minutes(1);
    let now = journey.now();
    let reference = format!("{}/F1", purchase.order_id());
    let calls: Vec<Inbound> = {
        let mut outside = journey.outside.borrow_mut();
        outside.suppliers.accept("nordwaren", &reference, now);
        outside.suppliers.ship("nordwaren", &reference, "DHL", now);
        outside.suppliers.outbox.drain(..).map(|request| from_supplier(&request)).collect()
    };
    assert_eq!(calls.len(), 4);
    for call in calls.iter().rev() {
        journey.tells(call);
    }
    journey.carriers_deliver();
    journey.hours(10);
    journey.check();
    assert_eq!(journey.phase(&purchase.order_id()), "delivered");
    assert_eq!(journey.order(&purchase.order_id()).parcels.len(), 1);
}
