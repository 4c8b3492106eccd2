//! The clock: what a queue loses, and the minutes that the clock itself misses, are made good.

use expect_test::expect;
use ports::memory::Fault;
use tests::journey::Journey;
use tests::purchase::Purchase;

use crate::{BACKPACK, MUG, alpenshop, arrives, ends};

#[test]
fn whichever_message_the_queues_lose_the_order_arrives() {
    let story = |loses: Option<u32>| {
        let mut journey = Journey::begin_with(|settings| settings.tracking.poll_minutes = 10);
        journey.system.loses = loses;
        journey.sells(&alpenshop(&[MUG, BACKPACK]));
        journey.minutes(6);
        journey.suppliers_ship();
        journey.minutes(6);
        journey.carriers_deliver();
        journey.minutes(30);
        let is_lost = journey.system.loses.is_none();
        (journey.ending(), is_lost)
    };
    let (expected, _) = story(None);
    for number in 1.. {
        let (ending, is_lost) = story(Some(number));
        assert_eq!(ending, expected, "the queue loses message {number}");
        if !is_lost {
            assert!(number > 10, "a journey has more than {number} messages");
            break;
        }
    }
}

#[test]
fn what_came_due_while_the_clock_stood_still_is_sent_when_it_goes_again() {
    let mut journey = Journey::begin();
    journey.sells(&alpenshop(&[MUG]));
    journey.clock_fails_for(30);
    arrives(&mut journey);
    journey.clock_fails_for(24 * 60);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is awaiting_supplier
          23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
          23. 08:32 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1)
        own-warehouse has alpenshop/1001/F1 accepted, bought 1×: 1 OW-1001
        stock OW-1001: of 40 39 available, 1 reserved
    "#]],
    );
}

#[test]
fn a_round_of_polling_that_the_clock_missed_is_followed_by_the_next() {
    let mut journey = Journey::begin();
    let purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    journey.minutes(1);
    journey.suppliers_ship();
    journey.carriers_deliver();
    journey.clock_fails_for(9 * 60);
    assert_eq!(journey.phase(&purchase.order_id()), "in_transit");
    journey.hours(4);
    assert_eq!(journey.phase(&purchase.order_id()), "delivered");
}

#[test]
fn an_order_whose_first_message_was_lost_is_found_within_minutes() {
    let mut journey = Journey::begin();
    let purchase: Purchase = alpenshop(&[MUG]);
    journey.sells_silently(&purchase);
    journey.tells_alone(&journey.webhook(&purchase));
    journey.system.world.queue.borrow_mut().clear();
    journey.settles();
    assert_eq!(journey.facts(&purchase.order_id()), ["Received"]);
    journey.minutes(2);
    assert_eq!(journey.facts(&purchase.order_id()), ["Received", "Mapped", "Screened", "Routed"]);
}

#[test]
fn a_clock_that_is_cut_off_has_moved_on_those_that_it_came_to() {
    let mut journey = Journey::begin();
    for order in 1..=100 {
        let purchase = Purchase { order, ..alpenshop(&[MUG]) };
        journey.tells_alone(&journey.webhook(&purchase));
    }
    journey.system.world.queue.borrow_mut().clear();
    journey.settles();
    journey.system.world.now.set(journey.now() + jiff::SignedDuration::from_mins(2));
    // It has looked at most of them by then.
    journey.system.world.faults.plan(100, Fault::Before);
    let tick = clock::tick(&journey.system.world);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(tick).unwrap_err();
    journey.system.world.faults.clear();
    let sent = journey.system.world.queue.borrow().len();
    assert!((50..100).contains(&sent), "it sent {sent} messages");
}

#[test]
fn a_webhook_between_the_due_moment_and_the_clock_delays_nothing() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    // The cooling-off is over and the clock has not ticked yet: whoever changes the order sends what has come due.
    let rested = journey.now() + jiff::SignedDuration::from_secs(10);
    journey.system.world.now.set(rested);
    journey.changes(&mut purchase, |_| {});
    let facts = journey.facts(&purchase.order_id());
    assert_eq!(facts[4..], ["Confirmed", "SubmissionStarted", "Submitted", "Accepted"]);
    assert_eq!(journey.now(), rested);
}
