//! The orders of the demo, one by one; see `tests/src/demo/cast.rs`.

use expect_test::expect;
use ports::Inbound;
use serde_json::json;
use tests::journey::Journey;
use tests::purchase::{Destination, LEIPZIG, LYON};

use crate::{
    BACKPACK, BLANKET, CHAIR, GIFT_SET, KNIFE, MATCHA, MUG, NOTEBOOK, SCARF, SENCHA, TEA, TENT,
    alpenshop, arrives, direct, ends, teahouse, units,
};

const NO_POSTAL_CODE: Destination = Destination { postal_code: "", ..LEIPZIG };

#[test]
fn one_line_goes_from_the_webhook_to_the_door() {
    let mut journey = Journey::begin();
    journey.sells(&alpenshop(&[MUG]));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
        own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
        the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock OW-1001: of 40 39 available, 0 reserved
    "#]],
    );
}

#[test]
fn several_lines_leave_in_one_parcel() {
    let mut journey = Journey::begin();
    journey.sells(&teahouse(&[TEA, SENCHA]));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        teahouse/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(3 leipzig domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 3) Shipped(F1 3) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 16:35 Tracked(P1 5) ShopUpdated(P1 delivered)
        own-warehouse has teahouse/1001/F1 shipped, bought 1×: 2 OW-2001, 1 OW-2002
        the shop shows teahouse/1001 OW000000001CN by DHL [], arrived 0×
        the shop notes on teahouse/1001: Delivered: DHL OW000000001CN
        document teahouse/1001/invoice.pdf
        document teahouse/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock OW-2001: of 80 78 available, 0 reserved
        stock OW-2002: of 3 2 available, 0 reserved
    "#]],
    );
}

#[test]
fn an_order_is_split_between_those_who_have_its_parts() {
    let mut journey = Journey::begin();
    journey.sells(&alpenshop(&[MUG, BACKPACK]));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy, 1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1) Shipped(F2 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice) Shipped(F1 1)
              23. 08:01 ShopUpdated(P2 shipped) Archived(label-P2)
              23. 13:39 Tracked(P1 5) Tracked(P2 5) ShopUpdated(P1 delivered) ShopUpdated(P2 delivered)
            nordwaren has alpenshop/1001/F2 shipped, bought 1×: 1 NW-22022
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100102], arrived 1×
            the shop shows alpenshop/1001 OW000000002CN by DHL [1 of 100101], arrived 1×
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            document alpenshop/1001/label-P2.pdf
            17TRACK watches OW000000001CN, registered 1×
            17TRACK watches OW000000002CN, registered 1×
            stock NW-22022: of 30 29 available, 0 reserved
            stock OW-1001: of 40 39 available, 0 reserved
        "#]],
    );
}

#[test]
fn a_bundle_is_shown_when_its_last_part_has_left() {
    let mut journey = Journey::begin();
    journey.sells(&teahouse(&[GIFT_SET]));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            teahouse/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(4 leipzig domestic-economy, 1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 4) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1) Shipped(F2 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice) Shipped(F1 4)
              23. 08:01 ShopUpdated(P2 shipped) Archived(label-P2)
              23. 16:35 Tracked(P1 5) Tracked(P2 5) ShopUpdated(P1 delivered) ShopUpdated(P2 delivered)
            nordwaren has teahouse/1001/F2 shipped, bought 1×: 1 NW-70133
            own-warehouse has teahouse/1001/F1 shipped, bought 1×: 2 OW-1002, 2 OW-2001
            the shop shows teahouse/1001 OW000000001CN by DHL [], arrived 0×
            the shop shows teahouse/1001 OW000000002CN by DHL [], arrived 0×
            the shop notes on teahouse/1001: Delivered: DHL OW000000001CN
            the shop notes on teahouse/1001: Delivered: DHL OW000000002CN
            document teahouse/1001/invoice.pdf
            document teahouse/1001/label-P1.pdf
            document teahouse/1001/label-P2.pdf
            17TRACK watches OW000000001CN, registered 1×
            17TRACK watches OW000000002CN, registered 1×
            stock NW-70133: of 22 21 available, 0 reserved
            stock OW-1002: of 12 10 available, 0 reserved
            stock OW-2001: of 80 78 available, 0 reserved
        "#]],
    );
}

#[test]
fn who_pays_for_speed_gets_an_express_service() {
    let mut journey = Journey::begin();
    let mut purchase = direct(&[NOTEBOOK]);
    purchase.is_express = true;
    journey.sells(&purchase);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        onward-direct/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(2 hamburg domestic-express)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2) Shipped(F1 2) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 16:47 Tracked(P1 5) ShopUpdated(P1 delivered)
        nordwaren has onward-direct/1001/F1 shipped, bought 1×: 2 NW-48201
        the shop shows onward-direct/1001 OW000000001CN by DHL [2 of 100101], arrived 1×
        document onward-direct/1001/invoice.pdf
        document onward-direct/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock NW-48201: of 75 73 available, 0 reserved
    "#]],
    );
}

#[test]
fn what_nobody_has_waits_with_a_date() {
    let mut journey = Journey::begin();
    journey.sells(&teahouse(&[MATCHA]));
    journey.hours(48);
    ends(
        journey,
        &expect![[r#"
        teahouse/1001 is backordered
          23. 08:00 Received Mapped Screened Routed(1 on 2027-01-11)
    "#]],
    );
}

#[test]
fn what_the_best_supplier_rejects_its_backup_ships() {
    let mut journey = Journey::begin();
    journey.manner("own-warehouse", |manner| manner.has_no = vec!["OW-1100".to_owned()]);
    journey.sells(&alpenshop(&[BLANKET]));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Rejected(F1 1) Routed(1 hamburg domestic-economy) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1) Shipped(F2 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
        nordwaren has alpenshop/1001/F2 shipped, bought 1×: 1 NW-77310
        own-warehouse has alpenshop/1001/F1 rejected, bought 0×: 
        the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock NW-77310: of 18 17 available, 0 reserved
        stock OW-1100: of 25 24 available, 0 reserved
    "#]],
    );
}

#[test]
fn a_lost_answer_buys_nothing_twice() {
    let mut journey = Journey::begin();
    journey.manner("nordwaren", |manner| manner.loses_answers = 1);
    journey.sells(&alpenshop(&[units(2, BACKPACK)]));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(2 hamburg domestic-economy)
          23. 08:01 SubmissionStarted(F1)
          23. 08:03 Submitted(F1) Accepted(F1 2) Shipped(F1 2) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
        nordwaren has alpenshop/1001/F1 shipped, bought 1×: 2 NW-22022
        the shop shows alpenshop/1001 OW000000001CN by DHL [2 of 100101], arrived 1×
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock NW-22022: of 30 28 available, 0 reserved
    "#]],
    );
}

#[test]
fn an_unmapped_sku_waits_for_the_catalogue() {
    let mut journey = Journey::begin();
    journey.sells(&alpenshop(&[TENT]));
    journey.minutes(7);
    journey.imports(include_str!("../../demo/added.csv"));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:00 Received Held(unmapped_sku)
          23. 08:07 Released(unmapped_sku) Mapped Screened Routed(1 hamburg domestic-economy)
          23. 08:08 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
        nordwaren has alpenshop/1001/F1 shipped, bought 1×: 1 NW-63062
        the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock NW-63062: of 6 5 available, 0 reserved
    "#]],
    );
}

#[test]
fn a_bad_address_is_held() {
    let mut journey = Journey::begin();
    let mut purchase = direct(&[CHAIR]);
    purchase.to = NO_POSTAL_CODE;
    journey.sells(&purchase);
    journey.hours(48);
    ends(
        journey,
        &expect![[r#"
        onward-direct/1001 is held: address (postal_code: missing)
          23. 08:00 Received Mapped Held(address) Screened
    "#]],
    );
}

#[test]
fn a_bad_address_that_an_operator_corrects_goes_on() {
    let mut journey = Journey::begin();
    let mut purchase = teahouse(&[TEA]);
    purchase.to = NO_POSTAL_CODE;
    journey.sells(&purchase);
    journey.minutes(30);
    let address = json!({"name": LEIPZIG.name, "lines": [LEIPZIG.street], "city": LEIPZIG.city,
        "postal_code": LEIPZIG.postal_code, "country": LEIPZIG.country});
    journey.decides(&purchase.order_id(), "address", &json!({"address": address}));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            teahouse/1001 is delivered
              23. 08:00 Received Mapped Held(address) Screened
              23. 08:30 ContactChanged Screened Routed(2 leipzig domestic-economy) ShopAnswered(1 done)
              23. 08:31 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2) Shipped(F1 2) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 16:35 Tracked(P1 5) ShopUpdated(P1 delivered)
            own-warehouse has teahouse/1001/F1 shipped, bought 1×: 2 OW-2001
            the shop shows teahouse/1001 OW000000001CN by DHL [], arrived 0×
            the shop notes on teahouse/1001: Request 1 (new address): done.
            the shop notes on teahouse/1001: Delivered: DHL OW000000001CN
            document teahouse/1001/invoice.pdf
            document teahouse/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
            stock OW-2001: of 80 78 available, 0 reserved
        "#]],
    );
}

#[test]
fn an_unpaid_order_waits_for_payment() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG]);
    purchase.is_paid = false;
    journey.sells(&purchase);
    journey.hours(20);
    journey.changes(&mut purchase, |purchase| purchase.is_paid = true);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:00 Received
          24. 04:00 PaymentChanged(Paid) Mapped Screened Routed(1 leipzig domestic-economy)
          24. 04:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          24. 09:39 Tracked(P1 5) ShopUpdated(P1 delivered)
        own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
        the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock OW-1001: of 40 39 available, 0 reserved
    "#]],
    );
}

#[test]
fn an_order_that_is_cancelled_inside_the_cooling_off_reaches_no_supplier() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.sells(&purchase);
    journey.cancels(&mut purchase);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is cancelled
              23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy) CancelRequested Withdrawn(F1 1) Cancelled(1) ShopAnswered(1 done)
            the shop of alpenshop/1001 hears: Request 1 (cancellation): done.
        "#]],
    );
}

#[test]
fn the_same_webhook_three_times_is_one_order() {
    let mut journey = Journey::begin();
    let purchase = teahouse(&[TEA]);
    journey.sells(&purchase);
    let webhook = journey.webhook(&purchase);
    for _ in 0..2 {
        let reply = journey.tells(&webhook);
        assert!(reply.body.contains("duplicate"), "{}", reply.body);
    }
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        teahouse/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(2 leipzig domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2) Shipped(F1 2) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 16:35 Tracked(P1 5) ShopUpdated(P1 delivered)
        own-warehouse has teahouse/1001/F1 shipped, bought 1×: 2 OW-2001
        the shop shows teahouse/1001 OW000000001CN by DHL [], arrived 0×
        the shop notes on teahouse/1001: Delivered: DHL OW000000001CN
        document teahouse/1001/invoice.pdf
        document teahouse/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock OW-2001: of 80 78 available, 0 reserved
    "#]],
    );
}

#[test]
fn a_supplier_that_is_reached_by_mail_answers_through_its_link() {
    let mut journey = Journey::begin();
    let mut purchase = direct(&[SCARF]);
    purchase.to = LYON;
    journey.sells(&purchase);
    journey.minutes(1);
    journey.answers_mail("action=answer");
    journey.hours(20);
    journey.answers_mail("action=ship&carrier=Colissimo&number=LX123456789FR");
    journey.hours(5);
    journey.carriers_deliver();
    journey.hours(5);
    ends(
        journey,
        &expect![[r#"
        onward-direct/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(1 lyon europe-parcel)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1)
          24. 04:01 Shipped(F1 1) ShopUpdated(P1 shipped) Archived(invoice)
          24. 12:47 Tracked(P1 5) ShopUpdated(P1 delivered)
        the shop shows onward-direct/1001 LX123456789FR by Colissimo [1 of 100101], arrived 1×
        mail to commandes@atelier-lyon.example: Order onward-direct/1001/F1
        document onward-direct/1001/invoice.pdf
        17TRACK watches LX123456789FR, registered 1×
        stock AL-SOIE-4: of 16 15 available, 0 reserved
    "#]],
    );
}

#[test]
fn what_looks_like_fraud_waits_for_an_operator() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[units(7, BACKPACK)]);
    purchase.is_express = true;
    purchase.to.billing_country = "FR";
    journey.sells(&purchase);
    journey.minutes(90);
    journey.decides(&purchase.order_id(), "overrides", &json!({"hold": "fraud"}));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:00 Received Mapped Held(fraud) Screened
          23. 09:30 Overridden(fraud) Routed(7 hamburg domestic-express)
          23. 09:31 SubmissionStarted(F1) Submitted(F1) Accepted(F1 7) Shipped(F1 7) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 17:39 Tracked(P1 5) ShopUpdated(P1 delivered)
        nordwaren has alpenshop/1001/F1 shipped, bought 1×: 7 NW-22022
        the shop shows alpenshop/1001 OW000000001CN by DHL [7 of 100101], arrived 1×
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock NW-22022: of 30 23 available, 0 reserved
    "#]],
    );
}

#[test]
fn missing_proof_of_age_holds() {
    let mut journey = Journey::begin();
    journey.sells(&alpenshop(&[KNIFE]));
    journey.hours(48);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is held: age (proof of age 18 is missing)
          23. 08:00 Received Mapped Held(age) Screened
    "#]],
    );
}

#[test]
fn what_would_earn_too_little_is_held() {
    let mut journey = Journey::begin();
    let mut cheap = CHAIR;
    cheap.unit_price_minor = 3000;
    journey.sells(&direct(&[cheap]));
    journey.hours(48);
    ends(
        journey,
        &expect![[r#"
        onward-direct/1001 is held: margin (earns -11.49 of 34.90 EUR, less than 8 %)
          23. 08:00 Received Mapped Screened Held(margin)
    "#]],
    );
}

#[test]
fn a_test_of_the_shops_owner_is_known_and_goes_nowhere() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG]);
    purchase.is_test = true;
    journey.sells(&purchase);
    journey.hours(48);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is received
          23. 08:00 Received
    "#]],
    );
}

#[test]
fn forged_and_broken_webhooks_are_refused_and_kept() {
    let mut journey = Journey::begin();
    let purchase = alpenshop(&[MUG]);
    let forged = Inbound { body: br#"{"id":6666}"#.to_vec(), ..journey.webhook(&purchase) };
    journey.tells(&forged);
    let broken =
        purchase.signed("orders/paid", "demo-shopify-secret", journey.now(), br#"{"id":"#.to_vec());
    journey.tells(&broken);
    journey.hours(1);
    assert_eq!(journey.system.world.refused.borrow().len(), 2);
    ends(
        journey,
        &expect![[r#"
        we refuse /webhooks/{kind}/{shop} 401: {"error":{"problem":"the signature is not valid"}}
        we refuse /webhooks/{kind}/{shop} 400: {"error":{"field":"body","problem":"is not JSON"}}
    "#]],
    );
}
