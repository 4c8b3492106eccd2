//! Suppliers that are silent, that have only a part, or nothing yet.

use domain::catalog::StockKey;
use domain::id::{LocationId, SupplierId};
use expect_test::expect;
use tests::journey::Journey;
use tests::outside::supplier::Says;

use crate::{BLANKET, MATCHA, TEA, alpenshop, arrives, ends, teahouse, units};

#[test]
fn a_silent_supplier_is_called_off_and_its_late_yes_refused() {
    let mut journey = Journey::begin();
    let purchase = alpenshop(&[BLANKET]);
    journey.manner("own-warehouse", |manner| manner.says = Says::Received);
    journey.sells(&purchase);
    journey.minutes(242);
    journey.accepts("own-warehouse", &purchase.order_id(), 1);
    // What it was told is what counts.
    let mut outside = journey.outside.borrow_mut();
    let reference = "alpenshop/1001/F1";
    outside.suppliers.supplier("own-warehouse").order(reference).status = "cancelled".to_owned();
    drop(outside);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1)
          23. 12:01 TimedOut(F1 1) Routed(1 hamburg domestic-economy) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1)
          23. 12:03 Shipped(F2 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 17:39 Tracked(P1 5) ShopUpdated(P1 delivered)
        nordwaren has alpenshop/1001/F2 shipped, bought 1×: 1 NW-77310
        own-warehouse has alpenshop/1001/F1 cancelled, bought 1×: 1 OW-1100
        the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock NW-77310: of 18 17 available, 0 reserved
        we refuse /suppliers/{supplier}/answers 409: {"field":"reference","problem":"this fulfillment order was withdrawn; do not ship it"}
    "#]],
    );
}

#[test]
fn what_a_supplier_has_only_in_part_is_completed_elsewhere() {
    let mut journey = Journey::begin();
    journey.manner("own-warehouse", |manner| manner.says = Says::One);
    journey.sells(&alpenshop(&[units(3, BLANKET)]));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(3 leipzig domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Rejected(F1 2) Routed(2 hamburg domestic-economy) SubmissionStarted(F2) Submitted(F2) Accepted(F2 2) Shipped(F2 2) ShopUpdateStarted ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice) Shipped(F1 1)
              23. 08:01 ShopUpdated(P2 shipped) Archived(label-P2)
              23. 13:39 Tracked(P1 5) Tracked(P2 5) ShopUpdated(P1 delivered) ShopUpdated(P2 delivered)
            nordwaren has alpenshop/1001/F2 shipped, bought 1×: 2 NW-77310
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1100
            the shop shows alpenshop/1001 OW000000001CN by DHL [2 of 100101], arrived 1×
            the shop shows alpenshop/1001 OW000000002CN by DHL [1 of 100101], arrived 1×
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            document alpenshop/1001/label-P2.pdf
            17TRACK watches OW000000001CN, registered 1×
            17TRACK watches OW000000002CN, registered 1×
            stock NW-77310: of 18 16 available, 0 reserved
            stock OW-1100: of 25 22 available, 0 reserved
        "#]],
    );
}

#[test]
fn a_supplier_that_can_not_be_reached_is_not_stormed_while_the_rest_is_backordered() {
    let mut journey =
        Journey::begin_with(|settings| settings.routing.cooling_off_seconds = 60 * 60);
    journey.sells(&teahouse(&[TEA, MATCHA]));
    journey.manner("own-warehouse", |manner| manner.is_away = 1_000);
    // The backorder has been looked at again since; then the supplier does not answer.
    journey.minutes(61);
    let calls = journey.outside.borrow().log.len();
    assert!(calls <= 5, "the supplier was called {calls} times for one message");
}

#[test]
fn a_late_parcel_is_on_record_and_still_arrives() {
    let mut journey = Journey::begin();
    journey.sells(&alpenshop(&[BLANKET]));
    journey.hours(30);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1)
          24. 08:01 Overdue(F1)
          24. 14:01 Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          24. 21:39 Tracked(P1 5) ShopUpdated(P1 delivered)
        own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1100
        the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock OW-1100: of 25 24 available, 0 reserved
    "#]],
    );
}

#[test]
fn what_every_supplier_rejects_is_held() {
    let mut journey = Journey::begin();
    journey.manner("own-warehouse", |manner| manner.says = Says::OutOfStock);
    journey.manner("nordwaren", |manner| manner.says = Says::OutOfStock);
    journey.sells(&alpenshop(&[BLANKET]));
    journey.hours(1);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is held: no_supplier (`wool-blanket`: rejected this order before, or did not answer, rejected this order before, or did not answer)
          23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Rejected(F1 1) Routed(1 hamburg domestic-economy) SubmissionStarted(F2) Submitted(F2) Rejected(F2 1) Held(no_supplier)
        nordwaren has alpenshop/1001/F2 rejected, bought 0×: 
        own-warehouse has alpenshop/1001/F1 rejected, bought 0×: 
        stock NW-77310: of 18 17 available, 0 reserved
        stock OW-1100: of 25 24 available, 0 reserved
    "#]],
    );
}

#[test]
fn a_backorder_goes_on_as_soon_as_its_supplier_reports_stock() {
    let mut journey = Journey::begin();
    let purchase = teahouse(&[MATCHA]);
    journey.sells(&purchase);
    journey.minutes(3);
    let key = StockKey {
        supplier: SupplierId::parse("nordwaren").unwrap(),
        location: LocationId::parse("hamburg").unwrap(),
        supplier_sku: "NW-09021".to_owned(),
    };
    journey.counts(&key, 0);
    assert_eq!(journey.phase(&purchase.order_id()), "backordered");
    journey.counts(&key, 5);
    assert_eq!(journey.phase(&purchase.order_id()), "ready");
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        teahouse/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(1 on 2027-01-11)
          23. 08:03 Routed(1 hamburg domestic-economy)
          23. 08:04 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 16:35 Tracked(P1 5) ShopUpdated(P1 delivered)
        nordwaren has teahouse/1001/F1 shipped, bought 1×: 1 NW-09021
        the shop shows teahouse/1001 OW000000001CN by DHL [], arrived 0×
        the shop notes on teahouse/1001: Delivered: DHL OW000000001CN
        document teahouse/1001/invoice.pdf
        document teahouse/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock NW-09021: of 5 4 available, 0 reserved
    "#]],
    );
}

#[test]
fn a_backorder_goes_on_as_soon_as_the_catalogue_has_stock() {
    let mut journey = Journey::begin();
    let purchase = teahouse(&[MATCHA]);
    journey.sells(&purchase);
    journey.minutes(3);
    let catalog = include_str!("../../demo/catalog.csv");
    journey.imports(&catalog.replace("EUR,0,2027-01-11", "EUR,4,"));
    assert_eq!(journey.phase(&purchase.order_id()), "ready");
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        teahouse/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(1 on 2027-01-11)
          23. 08:03 Routed(1 hamburg domestic-economy)
          23. 08:04 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 16:35 Tracked(P1 5) ShopUpdated(P1 delivered)
        nordwaren has teahouse/1001/F1 shipped, bought 1×: 1 NW-09021
        the shop shows teahouse/1001 OW000000001CN by DHL [], arrived 0×
        the shop notes on teahouse/1001: Delivered: DHL OW000000001CN
        document teahouse/1001/invoice.pdf
        document teahouse/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock NW-09021: of 4 3 available, 0 reserved
    "#]],
    );
}

#[test]
fn what_is_in_stock_leaves_and_the_rest_follows() {
    let mut journey = Journey::begin();
    let purchase = teahouse(&[crate::TEA, MATCHA]);
    journey.sells(&purchase);
    arrives(&mut journey);
    let catalog = include_str!("../../demo/catalog.csv");
    journey.imports(&catalog.replace("EUR,0,2027-01-11", "EUR,4,"));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            teahouse/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(2 leipzig domestic-economy, 1 on 2027-01-11)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2) Shipped(F1 2) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 16:35 Tracked(P1 5) ShopUpdated(P1 delivered)
              23. 18:01 Routed(1 hamburg domestic-economy) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1)
              23. 18:02 Shipped(F2 1) ShopUpdated(P2 shipped) Archived(label-P2)
              24. 00:35 Tracked(P2 5) ShopUpdated(P2 delivered)
            nordwaren has teahouse/1001/F2 shipped, bought 1×: 1 NW-09021
            own-warehouse has teahouse/1001/F1 shipped, bought 1×: 2 OW-2001
            the shop shows teahouse/1001 OW000000001CN by DHL [], arrived 0×
            the shop shows teahouse/1001 OW000000002CN by DHL [], arrived 0×
            the shop notes on teahouse/1001: Delivered: DHL OW000000001CN
            the shop notes on teahouse/1001: Delivered: DHL OW000000002CN
            document teahouse/1001/invoice.pdf
            document teahouse/1001/label-P1.pdf
            document teahouse/1001/label-P2.pdf
            17TRACK watches OW000000001CN, registered 1×
            17TRACK watches OW000000002CN, registered 1×
            stock NW-09021: of 4 3 available, 0 reserved
        "#]],
    );
}
