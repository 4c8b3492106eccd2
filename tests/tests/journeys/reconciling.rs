//! Reconciliation: what a shop did not tell us is found by asking, and what it forgot is shown again.

use domain::order::fact::{Fact, Hold};
use domain::settings::ShopKind;
use expect_test::expect;
use jiff::SignedDuration;
use ports::memory::Fault;
use serde_json::{Value, json};
use tests::journey::Journey;
use tests::purchase::Purchase;

use crate::{
    BACKPACK, MUG, NOTEBOOK, SENCHA, TEA, alpenshop, arrives, direct, ends, teahouse, units,
};

/// A purchase in each kind of shop.
fn one_in_each() -> [Purchase; 3] {
    [alpenshop(&[MUG]), teahouse(&[TEA]), direct(&[NOTEBOOK])]
}

/// So many purchases in a shop, one a minute.
fn many(journey: &mut Journey, of: fn() -> Purchase, count: u64) -> Vec<Purchase> {
    let mut purchases = Vec::new();
    for number in 0..count {
        let mut purchase = of();
        purchase.order += number;
        purchase.updated_at = journey.now();
        purchase.placed_at = journey.now();
        journey.sells_silently(&purchase);
        purchases.push(purchase);
        journey.minutes(1);
    }
    purchases
}

#[test]
fn an_order_that_no_shop_told_us_of_arrives_all_the_same() {
    let mut journey = Journey::begin();
    for purchase in one_in_each() {
        journey.sells_silently(&purchase);
    }
    journey.minutes(15);
    journey.reconciles();
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:15 Received Mapped Screened Routed(1 leipzig domestic-economy)
          23. 08:16 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1)
          23. 08:16 ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
        onward-direct/1001 is delivered
          23. 08:15 Received Mapped Screened Routed(2 hamburg domestic-economy)
          23. 08:16 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2) Shipped(F1 2) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 16:47 Tracked(P1 5) ShopUpdated(P1 delivered)
        teahouse/1001 is delivered
          23. 08:15 Received Mapped Screened Routed(2 leipzig domestic-economy)
          23. 08:16 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2)
          23. 08:16 Shipped(F1 2)
          23. 08:16 ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 16:35 Tracked(P1 5) ShopUpdated(P1 delivered)
        nordwaren has onward-direct/1001/F1 shipped, bought 1×: 2 NW-48201
        own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
        own-warehouse has teahouse/1001/F1 shipped, bought 1×: 2 OW-2001
        the shop shows alpenshop/1001 OW000000002CN by DHL [1 of 100101], arrived 1×
        the shop shows onward-direct/1001 OW000000001CN by DHL [2 of 100101], arrived 1×
        the shop shows teahouse/1001 OW000000003CN by DHL [], arrived 0×
        the shop notes on teahouse/1001: Delivered: DHL OW000000003CN
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        document onward-direct/1001/invoice.pdf
        document onward-direct/1001/label-P1.pdf
        document teahouse/1001/invoice.pdf
        document teahouse/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        17TRACK watches OW000000002CN, registered 1×
        17TRACK watches OW000000003CN, registered 1×
        stock NW-48201: of 75 73 available, 0 reserved
        stock OW-1001: of 40 39 available, 0 reserved
        stock OW-2001: of 80 78 available, 0 reserved
    "#]],
    );
}

#[test]
fn what_was_found_is_what_the_webhook_would_have_told() {
    for purchase in one_in_each() {
        let (mut told, mut found) = (Journey::begin(), Journey::begin());
        told.sells(&purchase);
        found.sells_silently(&purchase);
        found.reconciles();
        let streams = |journey: &Journey| journey.system.world.streams.borrow().clone();
        let people = |journey: &Journey| -> Vec<_> {
            let people = journey.system.world.people.borrow();
            people.values().map(|(contact, _)| contact.clone()).collect()
        };
        assert_eq!(people(&found), people(&told), "{:?}", purchase.kind);
        let facts = |journey: &Journey| {
            let text = format!("{:?}", streams(journey));
            // GraphQL gives no payload to keep byte by byte; the person it speaks of is the same.
            let mut parts = text.split("ContactRef(\"");
            let first = parts.next().unwrap_or_default().to_owned();
            parts.fold(first, |text, part| format!("{text}{}{}", &part[..16], &part[33..]))
        };
        assert_eq!(facts(&found), facts(&told), "{:?}", purchase.kind);
        // And when the webhook comes after all, it says nothing new.
        found.tells(&found.webhook(&purchase));
        assert_eq!(facts(&found), facts(&told), "{:?}", purchase.kind);
    }
}

#[test]
fn a_change_that_no_shop_told_us_of_is_found() {
    type Change = fn(&mut Purchase);
    let changes: [(Change, Change, &str); 3] = [
        (|it| it.is_paid = false, |it| it.is_paid = true, "PaymentChanged"),
        (|_| {}, |it| it.is_cancelled = true, "CancelRequested"),
        (|_| {}, |it| it.lines[0].quantity += 1, "EditRequested"),
    ];
    for (before, change, fact) in changes {
        for mut purchase in one_in_each() {
            before(&mut purchase);
            let mut journey = Journey::begin();
            journey.sells(&purchase);
            journey.reconciles();
            let order_id = purchase.order_id();
            assert!(!journey.facts(&order_id).contains(&fact), "{:?} {fact}", purchase.kind);
            journey.minutes(1);
            journey.changes_silently(&mut purchase, change);
            journey.minutes(14);
            journey.reconciles();
            assert!(journey.facts(&order_id).contains(&fact), "{:?} {fact}", purchase.kind);
        }
    }
}

#[test]
fn an_order_that_is_seen_again_adds_nothing_and_is_not_asked_for_again() {
    for purchase in one_in_each() {
        let mut journey = Journey::begin();
        journey.sells(&purchase);
        journey.reconciles();
        let (facts, kept) =
            (journey.facts(&purchase.order_id()), journey.system.world.people.borrow().len());
        for _ in 0..3 {
            journey.minutes(15);
            journey.reconciles();
        }
        assert_eq!(journey.asked("query StatedOrder"), 0, "what we know is not asked for");
        assert_eq!(journey.system.world.people.borrow().len(), kept, "nor kept again");
        let all = journey.facts(&purchase.order_id());
        assert_eq!(all[..facts.len()], facts);
        assert!(!all.contains(&"Confirmed"), "{all:?}");
    }
}

#[test]
fn an_idle_shop_costs_no_write() {
    let mut journey = Journey::begin();
    journey.reconciles();
    let before = journey.system.world.snapshot();
    journey.minutes(15);
    journey.reconciles();
    let after = journey.system.world.snapshot();
    assert_eq!(after.bookmarks, before.bookmarks);
    assert_eq!(after.bookmarks.len(), 3, "each shop has one since the first look");
}

#[test]
fn what_was_bought_long_before_the_first_look_is_left_to_whoever_had_it() {
    for mut purchase in one_in_each() {
        purchase.placed_at -= SignedDuration::from_hours(3);
        purchase.updated_at = purchase.placed_at;
        let mut journey = Journey::begin();
        journey.sells_silently(&purchase);
        journey.reconciles();
        assert!(journey.order_ids().is_empty(), "{:?}", purchase.kind);
    }
}

#[test]
fn a_list_of_many_pages_is_read_to_its_end() {
    let shops: [fn() -> Purchase; 3] =
        [|| alpenshop(&[MUG]), || teahouse(&[TEA]), || direct(&[NOTEBOOK])];
    for of in shops {
        let mut journey = Journey::begin();
        journey.shop(of().shop, |shop| shop.orders_per_page = 3);
        let purchases = many(&mut journey, of, 8);
        journey.reconciles();
        assert_eq!(journey.order_ids().len(), purchases.len(), "{:?}", of().kind);
    }
}

#[test]
fn orders_of_one_moment_are_read_page_by_page() {
    let shops: [fn() -> Purchase; 3] =
        [|| alpenshop(&[MUG]), || teahouse(&[TEA]), || direct(&[NOTEBOOK])];
    for of in shops {
        let mut journey = Journey::begin();
        journey.shop(of().shop, |shop| shop.orders_per_page = 2);
        for number in 0..7 {
            let mut purchase = of();
            purchase.order += number;
            journey.sells_silently(&purchase);
        }
        journey.reconciles();
        assert_eq!(journey.order_ids().len(), 7, "{:?}", of().kind);
    }
}

#[test]
fn one_shop_that_is_down_keeps_no_other_waiting_and_is_caught_up_with() {
    let mut journey = Journey::begin();
    journey.reconciles();
    journey.shop("teahouse", |shop| shop.is_down = true);
    for purchase in one_in_each() {
        journey.sells_silently(&purchase);
    }
    // For longer than the overlap, and longer than the first look goes back.
    for _ in 0..10 {
        journey.minutes(15);
        let refusal = format!("{:#}", journey.looks().unwrap_err());
        assert!(refusal.contains("failed to reconcile `teahouse`: "), "{refusal}");
        assert!(!refusal.contains("alpenshop"), "{refusal}");
    }
    journey.settles();
    assert_eq!(journey.order_ids().len(), 2);
    journey.shop("teahouse", |shop| shop.is_down = false);
    journey.reconciles();
    assert_eq!(journey.order_ids().len(), 3);
}

#[test]
fn a_shop_that_has_enough_of_our_calls_is_asked_again_later_and_nobody_is_alarmed() {
    for purchase in one_in_each() {
        // For Shopify: throttled at the list, at the order, at its lines.
        for calls_before in 0..3 {
            let mut journey = Journey::begin();
            journey.sells_silently(&purchase);
            journey.shop(purchase.shop, |shop| shop.throttled_after = Some(calls_before));
            journey.reconciles();
            let is_shopify = purchase.kind == ShopKind::Shopify;
            let is_late = calls_before == 0 || is_shopify;
            assert_eq!(journey.order_ids().is_empty(), is_late, "{:?}", purchase.kind);
            journey.shop(purchase.shop, |shop| shop.throttled_after = None);
            journey.minutes(15);
            journey.reconciles();
            assert_eq!(journey.order_ids().len(), 1, "{:?}", purchase.kind);
        }
    }
}

#[test]
fn wherever_a_run_dies_the_next_one_makes_it_good() {
    let story = |fault: Option<(u32, Fault)>| {
        let mut journey = Journey::begin();
        let mut known = alpenshop(&[MUG]);
        known.order = 900;
        journey.sells(&known);
        journey.minutes(1);
        journey.changes_silently(&mut known, |it| it.is_cancelled = true);
        for purchase in one_in_each() {
            journey.sells_silently(&purchase);
        }
        journey.system.world.faults.clear();
        if let Some((call, fault)) = fault {
            journey.system.world.faults.plan(call, fault);
        }
        let first = journey.looks();
        let calls = journey.system.world.faults.clear();
        journey.looks().unwrap();
        journey.settles();
        // What was appended and not sent is sent by the clock.
        journey.minutes(5);
        (journey.ending(), first.is_err(), calls)
    };
    let (expected, _, calls) = story(None);
    assert!(calls > 20, "{calls}");
    for call in 1..=calls {
        for fault in Fault::ALL {
            let (ending, failed, _) = story(Some((call, fault)));
            assert_eq!(ending, expected, "call {call} fails: {fault:?}");
            assert!(failed, "call {call} fails: {fault:?}");
        }
    }
}

#[test]
fn an_order_that_could_not_be_taken_in_is_found_by_the_next_look_however_old_it_is() {
    for of in one_in_each() {
        for call in 1.. {
            let mut journey = Journey::begin();
            let mut newer = of.clone();
            journey.sells_silently(&of);
            journey.minutes(30);
            (newer.order, newer.updated_at) = (1002, journey.now());
            journey.sells_silently(&newer);
            journey.system.world.faults.plan(call, Fault::Before);
            let first = journey.looks();
            if journey.system.world.faults.clear() < call {
                first.unwrap();
                assert!(call > 15, "{:?}: {call}", of.kind);
                break;
            }
            journey.reconciles();
            assert_eq!(journey.order_ids().len(), 2, "{:?}, call {call}", of.kind);
        }
    }
}

#[test]
fn an_order_that_the_shop_lists_late_is_found() {
    for of in one_in_each() {
        let mut journey = Journey::begin();
        journey.minutes(20);
        let mut first = of.clone();
        (first.order, first.updated_at) = (1002, journey.now());
        journey.sells_silently(&first);
        journey.reconciles();
        let mut late = of.clone();
        late.updated_at = first.updated_at - SignedDuration::from_mins(9);
        journey.sells_silently(&late);
        journey.minutes(15);
        journey.reconciles();
        assert_eq!(journey.order_ids().len(), 2, "{:?}", of.kind);
    }
}

#[test]
fn what_a_shop_lists_and_we_cannot_read_is_kept_and_stops_nothing() {
    for purchase in one_in_each() {
        let mut journey = Journey::begin();
        let mut broken = purchase.clone();
        broken.order = 1000;
        journey.sells_silently(&broken);
        let mut body = broken.body();
        body["currency"] = json!("Gold");
        journey.shop(purchase.shop, |shop| shop.state("1000", &body));
        journey.sells_silently(&purchase);
        for _ in 0..2 {
            journey.reconciles();
        }
        assert_eq!(journey.order_ids(), [purchase.order_id()], "{:?}", purchase.kind);
        let refused = journey.system.world.refused.borrow();
        let [(key, payload)] = refused.iter().collect::<Vec<_>>()[..] else {
            panic!("{:?}: {refused:?}", purchase.kind)
        };
        assert!(key.starts_with(purchase.shop), "{key}");
        assert!(String::from_utf8_lossy(payload).contains("Gold"), "{:?}", purchase.kind);
    }
}

#[test]
fn a_basket_that_nobody_ordered_is_no_order() {
    let mut journey = Journey::begin();
    let purchase = teahouse(&[TEA]);
    journey.sells_silently(&purchase);
    let mut body: Value = purchase.body();
    body["status"] = json!("checkout-draft");
    journey.shop("teahouse", |shop| shop.state("1001", &body));
    journey.reconciles();
    assert!(journey.order_ids().is_empty());
}

#[test]
fn a_shop_whose_clock_is_wrong_is_read_by_its_own_clock() {
    for hours in [-7, 9] {
        for of in one_in_each() {
            let mut journey = Journey::begin();
            let shift = SignedDuration::from_hours(hours);
            let mut first = of.clone();
            first.updated_at += shift;
            journey.sells_silently(&first);
            journey.tells(&journey.webhook(&first));
            // The first look knows no better than our clock; each one after it goes by the shop's.
            let mut near = of.clone();
            near.order = 1000;
            journey.sells_silently(&near);
            journey.reconciles();
            journey.minutes(15);
            let mut second = of.clone();
            second.order = 1002;
            second.updated_at = journey.now() + shift.max(SignedDuration::ZERO);
            journey.sells_silently(&second);
            journey.reconciles();
            assert_eq!(journey.facts(&second.order_id())[0], "Received", "{hours} {:?}", of.kind);
        }
    }
}

#[test]
fn a_parcel_that_the_shop_forgot_is_shown_again_once() {
    for mut purchase in one_in_each().into_iter().take(2) {
        let mut journey = Journey::begin();
        journey.sells(&purchase);
        arrives(&mut journey);
        let order_id = purchase.order_id();
        let number = journey.numbers().remove(0);
        let forget = |journey: &mut Journey| {
            journey.shop(order_id.shop().as_str(), |shop| {
                let sale = shop.sale(order_id.order());
                for parcel in std::mem::take(&mut sale.parcels) {
                    for (line, quantity) in parcel.lines {
                        let lines = sale.to_fulfill.iter_mut().flat_map(|it| &mut it.lines);
                        lines
                            .filter(|it| it.line_id == line)
                            .for_each(|it| it.quantity += quantity);
                    }
                }
                sale.notes.clear();
            });
        };
        journey.reconciles();
        assert!(!journey.facts(&order_id).contains(&"ShopLost"), "it is shown");

        for times in [1, 0] {
            forget(&mut journey);
            journey.changes_silently(&mut purchase, |_| {});
            journey.minutes(15);
            journey.reconciles();
            let numbers = journey.shop(purchase.shop, |shop| {
                shop.sale(order_id.order())
                    .numbers()
                    .into_iter()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            });
            assert_eq!(numbers, vec![number.clone(); times], "{:?}", purchase.kind);
        }
        let lost = journey.facts(&order_id).into_iter().filter(|fact| *fact == "ShopLost");
        assert_eq!(lost.count(), 1, "whoever takes it away twice means it");
        assert_eq!(journey.phase(&order_id), "delivered");
        journey.check();
    }
}

#[test]
fn a_parcel_that_was_shown_again_is_no_news_for_the_customer() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    arrives(&mut journey);
    assert_eq!(journey.asked("\"notifyCustomer\":true"), 1);
    journey.shop("alpenshop", |shop| {
        let sale = shop.sale("1001");
        sale.parcels.clear();
        sale.to_fulfill[0].lines[0].quantity = 1;
    });
    journey.changes_silently(&mut purchase, |_| {});
    journey.minutes(15);
    journey.reconciles();
    assert_eq!(journey.asked("\"notifyCustomer\":true"), 1);
    assert_eq!(journey.asked("\"notifyCustomer\":false"), 1);
}

#[test]
fn a_parcel_that_a_person_took_back_in_the_shop_stays_so() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    arrives(&mut journey);
    journey.shop("alpenshop", |shop| shop.sale("1001").parcels[0].is_cancelled = true);
    journey.changes_silently(&mut purchase, |_| {});
    journey.minutes(15);
    journey.reconciles();
    let order_id = purchase.order_id();
    assert!(!journey.facts(&order_id).contains(&"ShopLost"));
}

#[test]
fn an_order_that_was_sent_by_hand_is_not_shipped_again() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG, BACKPACK]);
    journey.sells(&purchase);
    journey.seconds(1);
    journey.sends_by_hand(&mut purchase, "BY-HAND-1");
    journey.reconciles();
    let order_id = purchase.order_id();
    assert_eq!(journey.phase(&order_id), "held");
    journey.hours(2);
    journey.reconciles();
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is held: sent_elsewhere (the shop shows as sent by others: 1 of line `100101`, 1 of line `100102`)
          23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy, 1 hamburg domestic-economy)
          23. 08:00 Held(sent_elsewhere) Confirmed
        the shop shows alpenshop/1001 BY-HAND-1 by  [1 of 100101, 1 of 100102], arrived 0×
        stock NW-22022: of 30 29 available, 1 reserved
        stock OW-1001: of 40 39 available, 1 reserved
    "#]],
    );
}

#[test]
fn a_webhook_tells_of_what_was_sent_by_hand_as_well() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[units(2, MUG)]);
    journey.sells(&purchase);
    journey.seconds(1);
    journey.sends_by_hand(&mut purchase, "");
    let body = journey.shop("alpenshop", |shop| shop.stated("1001")).unwrap();
    journey.tells(&journey.webhook_of(&purchase, &body));
    let order_id = purchase.order_id();
    let Some(Fact::Held { hold: Hold::SentElsewhere, detail }) = journey.fact(&order_id, "Held")
    else {
        panic!("{:?}", journey.facts(&order_id))
    };
    assert_eq!(detail, "the shop shows as sent by others: 1 of line `100101`");

    // A person who knows that one of two was sent may have the rest shipped; here all of it.
    journey.minutes(5);
    journey.decides(&order_id, "overrides", &json!({ "hold": "sent_elsewhere" }));
    arrives(&mut journey);
    assert_eq!(journey.phase(&order_id), "delivered");
}

/// Our own push-back completes the order there: nobody can tell whether what is added then has been sent.
#[test]
fn what_is_added_to_an_order_that_woocommerce_has_completed_waits_for_a_person_and_arrives() {
    let mut journey = Journey::begin();
    let mut purchase = teahouse(&[TEA]);
    let order_id = purchase.order_id();
    journey.sells(&purchase);
    arrives(&mut journey);
    assert_eq!(journey.phase(&order_id), "delivered");
    journey.changes_silently(&mut purchase, |purchase| purchase.lines.push(SENCHA));
    journey.reconciles();
    let Some(Fact::Held { hold: Hold::SentElsewhere, detail }) = journey.fact(&order_id, "Held")
    else {
        panic!("{:?}", journey.facts(&order_id))
    };
    assert_eq!(detail, "the shop shows as sent by others: 1 of line `100102`");
    journey.minutes(5);
    journey.decides(&order_id, "overrides", &json!({ "hold": "sent_elsewhere" }));
    arrives(&mut journey);
    assert_eq!(journey.phase(&order_id), "delivered");
    assert_eq!(journey.order(&order_id).parcels.len(), 2);
    journey.check();
}

#[test]
fn what_someone_completed_by_hand_in_woocommerce_is_not_shipped() {
    let mut journey = Journey::begin();
    let mut purchase = teahouse(&[TEA]);
    journey.sells(&purchase);
    journey.seconds(1);
    journey.shop("teahouse", |shop| shop.sale("1001").status = "completed".to_owned());
    journey.changes_silently(&mut purchase, |_| {});
    journey.reconciles();
    journey.hours(2);
    let order_id = purchase.order_id();
    assert_eq!(journey.phase(&order_id), "held");
    assert!(!journey.facts(&order_id).contains(&"SubmissionStarted"));

    // It was a slip of the hand.
    journey.shop("teahouse", |shop| shop.sale("1001").status = "processing".to_owned());
    journey.changes_silently(&mut purchase, |_| {});
    journey.minutes(15);
    journey.reconciles();
    arrives(&mut journey);
    assert_eq!(journey.phase(&order_id), "delivered");
}
