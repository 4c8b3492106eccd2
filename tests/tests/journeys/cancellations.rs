//! Cancelling, at every moment of an order's life: the right answer, and nothing left that would be shipped.

use domain::id::FulfillmentOrderId;
use domain::message::Message;
use expect_test::expect;
use serde_json::json;
use tests::journey::Journey;
use tests::outside::supplier::{Cancels, Says};
use tests::purchase::{LYON, Purchase};

use crate::{BACKPACK, MATCHA, MUG, SCARF, TENT, alpenshop, arrives, direct, ends, teahouse};

#[test]
fn before_it_is_mapped() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.sells_silently(&purchase);
    journey.tells_alone(&journey.webhook(&purchase));
    journey.cancels(&mut purchase);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is cancelled
              23. 08:00 Received CancelRequested ShopAnswered(1 done)
            the shop of alpenshop/1001 hears: Request 1 (cancellation): done.
        "#]],
    );
}

#[test]
fn in_its_first_webhook() {
    let mut journey = Journey::begin();
    let purchase = Purchase { is_cancelled: true, ..alpenshop(&[BACKPACK]) };
    journey.sells(&purchase);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is cancelled
              23. 08:00 Received CancelRequested ShopAnswered(1 done)
            the shop of alpenshop/1001 hears: Request 1 (cancellation): done.
        "#]],
    );
}

#[test]
fn while_it_is_unpaid() {
    let mut journey = Journey::begin();
    let mut purchase = Purchase { is_paid: false, ..alpenshop(&[BACKPACK]) };
    journey.sells(&purchase);
    journey.cancels(&mut purchase);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is cancelled
          23. 08:00 Received CancelRequested
    "#]],
    );
}

#[test]
fn while_it_is_held() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[TENT]);
    journey.sells(&purchase);
    journey.minutes(5);
    journey.cancels(&mut purchase);
    journey.imports(include_str!("../../demo/added.csv"));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is cancelled: unmapped_sku (not in the catalogue: `ALP-TENT`)
              23. 08:00 Received Held(unmapped_sku)
              23. 08:05 CancelRequested ShopAnswered(1 done)
            the shop of alpenshop/1001 hears: Request 1 (cancellation): done.
        "#]],
    );
}

#[test]
fn while_it_waits_for_stock() {
    let mut journey = Journey::begin();
    let mut purchase = teahouse(&[MATCHA]);
    journey.sells(&purchase);
    journey.minutes(5);
    journey.cancels(&mut purchase);
    let catalog = include_str!("../../demo/catalog.csv");
    journey.imports(&catalog.replace("EUR,0,2027-01-11", "EUR,4,"));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            teahouse/1001 is cancelled
              23. 08:00 Received Mapped Screened Routed(1 on 2027-01-11)
              23. 08:05 PaymentChanged(Pending) CancelRequested Cancelled(1) ShopAnswered(1 done)
            the shop notes on teahouse/1001: Request 1 (cancellation): done.
        "#]],
    );
}

#[test]
fn while_it_is_being_bought_and_the_answer_got_lost() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.sells(&purchase);
    journey.manner("nordwaren", |manner| manner.loses_answers = 1);
    journey.clock_fails_for(1);
    let buy = Message::ForwardOrder {
        order_id: purchase.order_id(),
        fulfillment_order_id: FulfillmentOrderId(1),
    };
    journey.delivers(&buy).unwrap_err();
    // The cancellation is here before the queue delivers again.
    journey.cancels(&mut purchase);
    journey.delivers(&buy).unwrap();
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is cancelled
              23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) CancelRequested CancelWanted(F1) Submitted(F1) Withdrawn(F1 1) Cancelled(1)
              23. 08:03 ShopAnswered(1 done)
            nordwaren has alpenshop/1001/F1 cancelled, bought 1×: 1 NW-22022
            the shop of alpenshop/1001 hears: Request 1 (cancellation): done.
        "#]],
    );
}

#[test]
fn while_it_is_being_bought_and_the_supplier_never_heard_of_it() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.sells(&purchase);
    journey.manner("nordwaren", |manner| manner.is_away = 1);
    journey.clock_fails_for(1);
    let buy = Message::ForwardOrder {
        order_id: purchase.order_id(),
        fulfillment_order_id: FulfillmentOrderId(1),
    };
    journey.delivers(&buy).unwrap_err();
    journey.cancels(&mut purchase);
    journey.delivers(&buy).unwrap();
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is cancelled
              23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) CancelRequested CancelWanted(F1) Submitted(F1) Withdrawn(F1 1) Cancelled(1)
              23. 08:03 ShopAnswered(1 done)
            nordwaren has alpenshop/1001/F1 cancelled, bought 0×: 
            the shop of alpenshop/1001 hears: Request 1 (cancellation): done.
        "#]],
    );
}

#[test]
fn when_the_supplier_has_it_and_has_not_answered() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.manner("nordwaren", |manner| manner.says = Says::Received);
    journey.sells(&purchase);
    journey.minutes(5);
    journey.cancels(&mut purchase);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is cancelled
              23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1)
              23. 08:05 CancelRequested CancelWanted(F1) Withdrawn(F1 1) Cancelled(1) ShopAnswered(1 done)
            nordwaren has alpenshop/1001/F1 cancelled, bought 1×: 1 NW-22022
            the shop of alpenshop/1001 hears: Request 1 (cancellation): done.
        "#]],
    );
}

#[test]
fn when_the_supplier_has_accepted_it() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG, BACKPACK]);
    journey.sells(&purchase);
    journey.minutes(5);
    journey.cancels(&mut purchase);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is cancelled
              23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy, 1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1)
              23. 08:05 CancelRequested CancelWanted(F1) CancelWanted(F2) Withdrawn(F1 1) Cancelled(1) Withdrawn(F2 1) Cancelled(1) ShopAnswered(1 done)
            nordwaren has alpenshop/1001/F2 cancelled, bought 1×: 1 NW-22022
            own-warehouse has alpenshop/1001/F1 cancelled, bought 1×: 1 OW-1001
            the shop of alpenshop/1001 hears: Request 1 (cancellation): done.
        "#]],
    );
}

#[test]
fn when_the_supplier_grants_it_later() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.manner("nordwaren", |manner| manner.cancels = Some(Cancels::Pending));
    journey.sells(&purchase);
    journey.minutes(5);
    journey.cancels(&mut purchase);
    assert_eq!(journey.phase(&purchase.order_id()), "amending");
    journey.minutes(60);
    let granted = json!({"type": "cancel_accepted"});
    journey.says("nordwaren", &purchase.order_id(), 1, &granted);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is cancelled
              23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1)
              23. 08:05 CancelRequested CancelWanted(F1) CancelAsked(F1) ShopAnswered(1 asked)
              23. 09:05 Withdrawn(F1 1) Cancelled(1) ShopAnswered(1 done)
            nordwaren has alpenshop/1001/F1 accepted, bought 1×: 1 NW-22022
            the shop of alpenshop/1001 hears: Request 1 (cancellation): done.
        "#]],
    );
}

#[test]
fn when_the_supplier_has_packed_it() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.manner("nordwaren", |manner| manner.cancels = Some(Cancels::Refused));
    journey.sells(&purchase);
    journey.minutes(5);
    journey.cancels(&mut purchase);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1)
              23. 08:05 CancelRequested CancelWanted(F1) CancelRejected(F1) ShopAnswered(1 too_late)
              23. 08:06 Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
            nordwaren has alpenshop/1001/F1 shipped, bought 1×: 1 NW-22022
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (cancellation): too late. It is being shipped already.
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
            stock NW-22022: of 30 29 available, 0 reserved
        "#]],
    );
}

#[test]
fn when_one_supplier_has_shipped_and_the_other_has_not() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG, BACKPACK]);
    journey.manner("own-warehouse", |manner| manner.says = Says::Received);
    journey.sells(&purchase);
    journey.minutes(1);
    journey.suppliers_ship();
    journey.cancels(&mut purchase);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy, 1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1) Shipped(F2 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice) CancelRequested CancelWanted(F1) Withdrawn(F1 1) Cancelled(1) ShopAnswered(1 partly)
              23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
            nordwaren has alpenshop/1001/F2 shipped, bought 1×: 1 NW-22022
            own-warehouse has alpenshop/1001/F1 cancelled, bought 1×: 1 OW-1001
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100102], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (cancellation): done in part. It has been shipped already.
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
            stock NW-22022: of 30 29 available, 0 reserved
        "#]],
    );
}

#[test]
fn when_it_has_left() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.sells(&purchase);
    journey.minutes(1);
    journey.suppliers_ship();
    journey.cancels(&mut purchase);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice) CancelRequested ShopAnswered(1 too_late)
              23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
            nordwaren has alpenshop/1001/F1 shipped, bought 1×: 1 NW-22022
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (cancellation): too late. It has been shipped already.
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
            stock NW-22022: of 30 29 available, 0 reserved
        "#]],
    );
}

#[test]
fn when_a_supplier_that_is_reached_by_mail_has_it() {
    let mut journey = Journey::begin();
    let mut purchase = Purchase { to: LYON, ..direct(&[SCARF]) };
    journey.sells(&purchase);
    journey.minutes(5);
    journey.cancels(&mut purchase);
    journey.minutes(60);
    journey.answers_mail("action=cancel_accept");
    ends(
        journey,
        &expect![[r#"
            onward-direct/1001 is cancelled
              23. 08:00 Received Mapped Screened Routed(1 lyon europe-parcel)
              23. 08:01 SubmissionStarted(F1) Submitted(F1)
              23. 08:05 CancelRequested CancelWanted(F1) CancelAsked(F1) ShopAnswered(1 asked)
              23. 09:05 Withdrawn(F1 1) Cancelled(1) ShopAnswered(1 done)
            the shop of onward-direct/1001 hears: Request 1 (cancellation): done.
            mail to commandes@atelier-lyon.example: Order onward-direct/1001/F1
            mail to commandes@atelier-lyon.example: Please cancel order onward-direct/1001/F1
        "#]],
    );
}

#[test]
fn by_an_operator() {
    let mut journey = Journey::begin();
    let purchase = alpenshop(&[BACKPACK]);
    journey.sells(&purchase);
    journey.minutes(5);
    journey.decides(&purchase.order_id(), "cancellations", &json!({}));
    journey.decides(&purchase.order_id(), "cancellations", &json!({}));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is cancelled
              23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1)
              23. 08:05 CancelRequested CancelWanted(F1) Withdrawn(F1 1) Cancelled(1) ShopAnswered(1 done)
            nordwaren has alpenshop/1001/F1 cancelled, bought 1×: 1 NW-22022
            the shop of alpenshop/1001 hears: Request 1 (cancellation): done.
        "#]],
    );
}
