//! Following parcels, whatever carriers say of them.

use std::collections::BTreeSet;

use domain::id::{OrderId, ParcelId};
use domain::message::{Function, Message, PARCELS_PER_MESSAGE_MAX, ParcelRef};
use domain::order::Parcel;
use jiff::{SignedDuration, Timestamp};
use tracking_poll::track_parcels;

use crate::play::{OUTSIDE, Play};

fn shipped() -> (Play, String) {
    let play = Play::routed(&[("yun", 9)]);
    let number = play.ship("yun", 1);
    (play, number)
}

fn parcel(play: &Play) -> Parcel {
    play.order().parcels.into_values().next().unwrap()
}

fn report(play: &Play, number: &str, hours: i64, sub_status: &str) {
    let at: Timestamp = play.world.now.get() + SignedDuration::from_hours(hours);
    play.outside.borrow_mut().tracking.report(number, at, sub_status);
}

#[test]
fn a_parcel_is_registered_once_and_followed_to_the_door() {
    let (play, number) = shipped();
    assert_eq!(play.outside.borrow().tracking.registered[&number], 1);
    play.track().unwrap();
    let now = play.world.now.get();
    for stage in 1..=5_i64 {
        let at = now + SignedDuration::from_hours(stage);
        play.outside.borrow_mut().tracking.advance(&number, at);
        play.track().unwrap();
        play.track().unwrap();
    }
    assert_eq!(play.phase(), "delivered");
    let calls = play.outside.borrow().log.len();
    play.track().unwrap();
    assert_eq!(play.outside.borrow().log.len(), calls, "nobody asks for what has arrived");
    assert_eq!(play.outside.borrow().tracking.registered[&number], 1);
    let tracked = play.facts().iter().filter(|name| **name == "Tracked").count();
    assert_eq!(tracked, 5, "what was heard before is no news");
}

#[test]
fn the_order_in_which_scans_come_does_not_matter() {
    let orders: [[(i64, &str); 3]; 3] = [
        [(1, "InTransit_PickedUp"), (2, "OutForDelivery_Other"), (3, "Delivered_Other")],
        [(3, "Delivered_Other"), (2, "OutForDelivery_Other"), (1, "InTransit_PickedUp")],
        [(2, "OutForDelivery_Other"), (3, "Delivered_Other"), (1, "InTransit_PickedUp")],
    ];
    for events in orders {
        let (play, number) = shipped();
        for (hours, sub_status) in events {
            report(&play, &number, hours, sub_status);
            play.track().unwrap();
        }
        assert_eq!(play.phase(), "delivered");
    }
}

#[test]
fn delivered_stays_delivered() {
    let (play, number) = shipped();
    report(&play, &number, 1, "Delivered_Other");
    play.track().unwrap();
    report(&play, &number, 9, "InTransit_Other");
    play.track().unwrap();
    assert_eq!(play.phase(), "delivered");
}

#[test]
fn scans_of_the_parcel_that_had_the_number_before_are_not_this_ones() {
    let (play, number) = shipped();
    report(&play, &number, -24 * 120, "Delivered_Other");
    play.track().unwrap();
    assert_eq!(parcel(&play).scans.len(), 0);
    assert_eq!(play.phase(), "in_transit");
}

#[test]
fn a_number_that_the_service_refuses_for_ever_is_a_case_for_a_person() {
    let play = Play::routed(&[("yun", 9)]);
    play.outside.borrow_mut().tracking.refused.insert("OW000000001CN".to_owned(), -18_019_903);
    play.ship("yun", 1);
    assert_eq!(parcel(&play).stopped.as_deref(), Some("17TRACK refuses its number: -18019903"));
    assert_eq!(play.phase(), "failed");
}

#[test]
fn too_many_calls_come_again_later() {
    let (play, number) = shipped();
    report(&play, &number, 1, "Delivered_Other");
    play.outside.borrow_mut().tracking.throttled = 1;
    assert!(play.track().is_err());
    let mut sent = std::iter::from_fn(|| play.world.take());
    assert!(sent.all(|message| message.function() != Function::TrackingPoll), "no copies");
    play.track().unwrap();
    assert_eq!(play.phase(), "delivered");
}

#[test]
fn a_number_that_someone_deleted_is_watched_again() {
    let (play, number) = shipped();
    play.outside.borrow_mut().tracking.registered.clear();
    play.track().unwrap();
    report(&play, &number, 1, "Delivered_Other");
    play.track().unwrap();
    assert_eq!(play.phase(), "delivered");
}

#[test]
fn nobody_asks_for_ever() {
    let (play, _) = shipped();
    play.pass(60 * 24 * 60);
    assert_eq!(parcel(&play).stopped.as_deref(), Some("nothing was heard of it for 60 days"));
    assert_eq!(play.phase(), "failed");
}

#[test]
fn one_call_asks_for_forty_parcels_and_each_number_once() {
    let (play, number) = shipped();
    let stream = play.world.streams.borrow()[&play.order_id].clone();
    let mut parcels = Vec::new();
    for order in 0..PARCELS_PER_MESSAGE_MAX {
        let order_id = OrderId::parse(&format!("alpenshop/2{order:03}")).unwrap();
        play.world.streams.borrow_mut().insert(order_id.clone(), stream.clone());
        parcels.push(ParcelRef { order_id, parcel_id: None });
    }
    // An order that does not exist is no reason to leave out the others.
    parcels[7].order_id = OrderId::parse("alpenshop/9999").unwrap();
    report(&play, &number, 1, "Delivered_Other");
    let calls = play.outside.borrow().log.len();
    play.deliver(&Message::TrackParcels { parcels: parcels.clone() }).unwrap();

    let log = &play.outside.borrow().log[calls..];
    assert_eq!(log.len(), 1);
    let asked: Vec<serde_json::Value> = serde_json::from_slice(&log[0].0.body).unwrap();
    assert_eq!(asked.len(), 1, "all of them are one box");
    let streams = play.world.streams.borrow();
    let delivered = streams.values().filter(|appends| appends.len() > stream.len()).count();
    assert_eq!(delivered, PARCELS_PER_MESSAGE_MAX - 1);
}

/// So many parcels of orders like this one, every other one of which just left.
fn like_it(play: &Play, count: usize) -> BTreeSet<ParcelRef> {
    let stream = play.world.streams.borrow()[&play.order_id].clone();
    let parcel = |index: usize| {
        let order_id = OrderId::parse(&format!("alpenshop/3{index:03}")).unwrap();
        play.world.streams.borrow_mut().insert(order_id.clone(), stream.clone());
        ParcelRef { order_id, parcel_id: (!index.is_multiple_of(2)).then_some(ParcelId(1)) }
    };
    (0..count).map(parcel).collect()
}

#[test]
fn many_parcels_take_few_calls_and_each_call_waits_for_its_turn() {
    let (play, _) = shipped();
    let parcels = like_it(&play, 2 * PARCELS_PER_MESSAGE_MAX);
    let (calls, started_at) = (play.outside.borrow().log.len(), play.world.now.get());
    let failed = play.wait(track_parcels(&play.world, OUTSIDE, &parcels)).unwrap();
    assert_eq!(failed.len(), 0);
    assert_eq!(play.outside.borrow().log.len() - calls, 2, "one to look, one to register");
    // The call that registered the first parcel was made at this very moment.
    assert_eq!(play.world.now.get().duration_since(started_at), SignedDuration::from_secs(2));
}

#[test]
fn after_a_call_that_failed_there_is_no_other() {
    let (play, _) = shipped();
    let parcels = like_it(&play, 4 * PARCELS_PER_MESSAGE_MAX);
    play.outside.borrow_mut().tracking.throttled = 1;
    let calls = play.outside.borrow().log.len();
    let failed = play.wait(track_parcels(&play.world, OUTSIDE, &parcels)).unwrap();
    assert_eq!(failed.len(), parcels.len(), "all of them come again");
    assert_eq!(play.outside.borrow().log.len() - calls, 1);
}

/// An order of which two parcels left.
fn shipped_in_two() -> (Play, [ParcelRef; 2]) {
    let play = Play::routed(&[("yun", 9)]);
    let parcel = |quantity: u32, number: &str| {
        serde_json::json!({"type": "shipped", "lines": [{"sku": "yun#cup", "quantity": quantity}],
            "carrier": "China Post", "number": number, "ship_date": "2026-11-20"})
    };
    let now = play.world.now.get();
    for (quantity, number) in [(2, "FIRST0001"), (3, "SECOND0001")] {
        let said = parcel(quantity, number);
        play.outside.borrow_mut().suppliers.say("yun", "alpenshop/1001/F1", &said, now);
        let request = play.outside.borrow_mut().suppliers.outbox.pop_front().unwrap();
        assert_eq!(play.receive(&request).status, 200);
    }
    play.world.queue.borrow_mut().clear();
    let parcels = [1, 2]
        .map(|id| ParcelRef { order_id: play.order_id.clone(), parcel_id: Some(ParcelId(id)) });
    (play, parcels)
}

#[test]
fn what_is_new_of_an_orders_parcels_is_one_append_however_often_they_are_named() {
    let (play, [one, two]) = shipped_in_two();
    let order = ParcelRef { parcel_id: None, ..one.clone() };
    let all = Message::TrackParcels { parcels: vec![one, two, order] };
    play.deliver(&all).unwrap();
    for number in ["FIRST0001", "SECOND0001"] {
        report(&play, number, 1, "InTransit_Other");
    }
    let appends = || play.world.streams.borrow()[&play.order_id].len();
    let before = appends();
    play.deliver(&all).unwrap();
    assert_eq!(appends() - before, 1);
    let count = |fact| play.facts().iter().filter(|name| **name == fact).count();
    assert_eq!(count("Tracked"), 2);
    play.deliver(&all).unwrap();
    assert_eq!(appends() - before, 1, "the same again is no news");
    // Both a parcel's own message and its order's find that its time is over.
    play.world.now.set(play.world.now.get() + SignedDuration::from_hours(24 * 61));
    play.deliver(&all).unwrap();
    assert_eq!((appends() - before, count("TrackingStopped")), (2, 2));
}

#[test]
fn a_parcel_that_cannot_be_asked_for_stops_none_of_the_others() {
    let (play, both) = shipped_in_two();
    // The quota ends between the two.
    play.outside.borrow_mut().tracking.refused.insert("FIRST0001".to_owned(), -18_019_908);
    let both = Message::TrackParcels { parcels: both.into() };
    let error = play.deliver(&both).unwrap_err();
    assert_eq!(format!("{error:#}"), "17TRACK on parcel `alpenshop/1001/P1`: -18019908");
    let registered =
        || play.outside.borrow().tracking.registered.keys().cloned().collect::<Vec<_>>();
    assert_eq!(registered(), ["SECOND0001"]);

    play.outside.borrow_mut().tracking.refused.clear();
    play.deliver(&both).unwrap();
    assert_eq!(registered(), ["FIRST0001", "SECOND0001"]);
}
