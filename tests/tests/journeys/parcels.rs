//! Parcels: one order in several, a box that comes back, one of which nobody hears any more, and what asking costs.

use expect_test::expect;
use jiff::SignedDuration;
use serde_json::json;
use tests::journey::Journey;

use crate::{BACKPACK, GIFT_SET, MUG, alpenshop, ends, teahouse, units};

#[test]
fn a_supplier_ships_in_two_parcels() {
    let mut journey = Journey::begin();
    let purchase = alpenshop(&[units(3, BACKPACK)]);
    journey.sells(&purchase);
    journey.minutes(1);
    for (number, quantity) in [("DH001DE", 1), ("DH002DE", 2)] {
        let shipped = json!({"type": "shipped", "carrier": "DHL", "number": number, "ship_date": "2026-11-23",
            "lines": [{"sku": "NW-22022", "quantity": quantity}]});
        journey.says("nordwaren", &purchase.order_id(), 1, &shipped);
        // The same said twice is one parcel.
        journey.says("nordwaren", &purchase.order_id(), 1, &shipped);
        journey.minutes(60);
    }
    journey.carriers_deliver();
    journey.hours(5);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(3 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 3) Shipped(F1 1) ShopUpdateStarted ShopUpdated(P1 shipped) Archived(invoice)
              23. 09:01 Shipped(F1 2) ShopUpdated(P2 shipped)
              23. 13:39 Tracked(P1 5) Tracked(P2 5) ShopUpdated(P1 delivered) ShopUpdated(P2 delivered)
            nordwaren has alpenshop/1001/F1 accepted, bought 1×: 3 NW-22022
            the shop shows alpenshop/1001 DH001DE by DHL [1 of 100101], arrived 1×
            the shop shows alpenshop/1001 DH002DE by DHL [2 of 100101], arrived 1×
            document alpenshop/1001/invoice.pdf
            17TRACK watches DH001DE, registered 1×
            17TRACK watches DH002DE, registered 1×
            stock NW-22022: of 30 27 available, 0 reserved
        "#]],
    );
}

#[test]
fn a_supplier_cannot_ship_more_than_it_was_asked_for() {
    let mut journey = Journey::begin();
    let purchase = alpenshop(&[units(2, BACKPACK)]);
    journey.sells(&purchase);
    journey.minutes(1);
    let shipped = json!({"type": "shipped", "carrier": "DHL", "number": "DH001DE", "ship_date": "2026-11-23",
        "lines": [{"sku": "NW-22022", "quantity": 3}]});
    journey.says("nordwaren", &purchase.order_id(), 1, &shipped);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is awaiting_supplier
          23. 08:00 Received Mapped Screened Routed(2 hamburg domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2)
        nordwaren has alpenshop/1001/F1 accepted, bought 1×: 2 NW-22022
        stock NW-22022: of 30 28 available, 2 reserved
        we refuse /suppliers/{supplier}/answers 409: {"field":"lines","problem":"3 of `NW-22022` are more than the 2 that are open"}
    "#]],
    );
}

#[test]
fn half_a_bundle_is_in_transit_until_the_other_half_has_arrived() {
    let mut journey = Journey::begin();
    let purchase = teahouse(&[GIFT_SET]);
    journey.sells(&purchase);
    journey.minutes(1);
    let shipped = |number| json!({"type": "shipped", "carrier": "DHL", "number": number, "ship_date": "2026-11-23"});
    journey.says("nordwaren", &purchase.order_id(), 2, &shipped("DH001DE"));
    journey.carriers_deliver();
    journey.hours(5);
    assert_eq!(journey.phase(&purchase.order_id()), "awaiting_supplier");
    journey.says("own-warehouse", &purchase.order_id(), 1, &shipped("DH002DE"));
    assert_eq!(journey.phase(&purchase.order_id()), "in_transit");
    journey.carriers_deliver();
    journey.hours(5);
    ends(
        journey,
        &expect![[r#"
            teahouse/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(4 leipzig domestic-economy, 1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 4) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1) Shipped(F2 1) ShopUpdated(P1 shipped) Archived(invoice)
              23. 08:35 Tracked(P1 5) ShopUpdated(P1 delivered)
              23. 13:01 Shipped(F1 4) ShopUpdated(P2 shipped)
              23. 16:35 Tracked(P2 5) ShopUpdated(P2 delivered)
            nordwaren has teahouse/1001/F2 accepted, bought 1×: 1 NW-70133
            own-warehouse has teahouse/1001/F1 accepted, bought 1×: 2 OW-1002, 2 OW-2001
            the shop shows teahouse/1001 DH001DE by DHL [], arrived 0×
            the shop shows teahouse/1001 DH002DE by DHL [], arrived 0×
            the shop notes on teahouse/1001: Delivered: DHL DH001DE
            the shop notes on teahouse/1001: Delivered: DHL DH002DE
            document teahouse/1001/invoice.pdf
            17TRACK watches DH001DE, registered 1×
            17TRACK watches DH002DE, registered 1×
            stock NW-70133: of 22 21 available, 0 reserved
            stock OW-1002: of 12 10 available, 0 reserved
            stock OW-2001: of 80 78 available, 0 reserved
        "#]],
    );
}

#[test]
fn a_parcel_that_comes_back_is_for_a_person() {
    let mut journey = Journey::begin();
    let purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    journey.minutes(1);
    journey.suppliers_ship();
    for sub_status in [
        "InTransit_PickedUp",
        "DeliveryFailure_NoBody",
        "Exception_Returning",
        "Exception_Returned",
    ] {
        journey.hours(5);
        journey.carrier_reports("OW000000001CN", sub_status);
    }
    journey.hours(5);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is failed
          23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 13:39 Tracked(P1 1)
          23. 21:39 Tracked(P1 1)
          24. 01:39 Tracked(P1 1)
          24. 05:39 Tracked(P1 1)
        own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
        the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 0×
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock OW-1001: of 40 39 available, 0 reserved
    "#]],
    );
}

#[test]
fn what_comes_late_from_a_carrier_never_takes_a_delivery_back() {
    let mut journey = Journey::begin();
    let purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    journey.minutes(1);
    journey.suppliers_ship();
    journey.hours(5);
    let before = journey.now();
    journey.carriers_deliver();
    journey.hours(5);
    journey.outside.borrow_mut().tracking.report("OW000000001CN", before, "InTransit_Other");
    journey.hours(30);
    assert_eq!(journey.phase(&purchase.order_id()), "delivered");
    journey.check();
}

#[test]
fn nobody_asks_for_a_parcel_after_sixty_days() {
    let mut journey = Journey::begin();
    journey.sells(&alpenshop(&[MUG]));
    journey.minutes(1);
    journey.suppliers_ship();
    journey.hours(5);
    journey.carrier_reports("OW000000001CN", "InTransit_PickedUp");
    journey.passes(SignedDuration::from_hours(61 * 24));
    let asked = calls(&journey, "gettrackinfo");
    journey.passes(SignedDuration::from_hours(30 * 24));
    assert_eq!(calls(&journey, "gettrackinfo"), asked, "it is asked for after the end");
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is failed
              23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 13:39 Tracked(P1 1)
              29. 17:39 Delayed(F1)
              23. 01:39 TrackingStopped(P1)
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 0×
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
            stock OW-1001: of 40 39 available, 0 reserved
        "#]],
    );
}

/// Fresh parcels are asked for every four hours, those of three days every eight, those of ten every sixteen.
#[test]
fn the_older_a_parcel_the_less_it_is_asked_for() {
    let mut journey = Journey::begin();
    journey.sells(&alpenshop(&[MUG]));
    journey.minutes(1);
    journey.suppliers_ship();
    let mut by_day = Vec::new();
    for _ in 0..14 {
        let before = calls(&journey, "gettrackinfo");
        journey.hours(24);
        by_day.push(calls(&journey, "gettrackinfo") - before);
    }
    assert_eq!(calls(&journey, "register"), 1);
    assert_eq!(by_day[..3], [6, 6, 6]);
    assert_eq!(by_day[3..10].iter().sum::<usize>(), 21);
    assert_eq!(by_day[10..].iter().sum::<usize>(), 6);
    assert_eq!(by_day[..10].iter().sum::<usize>(), 39, "over ten days");
}

/// How often 17TRACK was called.
fn calls(journey: &Journey, action: &str) -> usize {
    let outside = journey.outside.borrow();
    outside.log.iter().filter(|(request, _)| request.url.ends_with(action)).count()
}
