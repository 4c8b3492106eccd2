//! The shop changes an order on its way: fewer units, more, other lines, another address; at every moment of its life.

use domain::order::fact::Fact;
use expect_test::expect;
use serde_json::{Value, json};
use tests::journey::Journey;
use tests::purchase::{Destination, LEIPZIG, LYON, Purchase};

use crate::{BACKPACK, BLANKET, MUG, SCARF, TENT, alpenshop, arrives, direct, ends, units};

/// A customer in the next street.
const NEXT_STREET: Destination = Destination { street: "Probeallee 3", ..LEIPZIG };

#[test]
fn fewer_units_before_it_goes_to_a_supplier() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[units(3, MUG), BACKPACK]);
    journey.sells(&purchase);
    journey.seconds(3);
    journey.edits(&mut purchase, |purchase| purchase.lines[0].quantity = 1);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(3 leipzig domestic-economy, 1 hamburg domestic-economy)
              23. 08:00 EditRequested(to 1) Withdrawn(F1 2) ShopAnswered(1 done)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1) Shipped(F2 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice) Shipped(F1 1)
              23. 08:01 ShopUpdated(P2 shipped) Archived(label-P2)
              23. 13:39 Tracked(P1 5) Tracked(P2 5) ShopUpdated(P1 delivered) ShopUpdated(P2 delivered)
            nordwaren has alpenshop/1001/F2 shipped, bought 1×: 1 NW-22022
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100102], arrived 1×
            the shop shows alpenshop/1001 OW000000002CN by DHL [1 of 100101], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (edit): done.
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
fn fewer_units_when_a_supplier_has_them_is_too_late() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[units(3, MUG)]);
    journey.sells(&purchase);
    journey.minutes(5);
    journey.changes(&mut purchase, |purchase| purchase.lines[0].quantity = 1);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(3 leipzig domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 3)
              23. 08:05 EditRequested(to 1) EditRefused(2) ShopAnswered(1 too_late)
              23. 08:06 Shipped(F1 3) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 3 OW-1001
            the shop shows alpenshop/1001 OW000000001CN by DHL [3 of 100101], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (edit): too late. It is being shipped already.
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
            stock OW-1001: of 40 37 available, 0 reserved
        "#]],
    );
}

#[test]
fn fewer_units_while_it_is_held() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[units(2, MUG), TENT]);
    journey.sells(&purchase);
    journey.minutes(5);
    journey.edits(&mut purchase, |purchase| purchase.lines[1].quantity = 0);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Held(unmapped_sku)
              23. 08:05 EditRequested(to 0) Mapped Screened Routed(2 leipzig domestic-economy) ShopAnswered(1 done)
              23. 08:06 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2) Shipped(F1 2) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 2 OW-1001
            the shop shows alpenshop/1001 OW000000001CN by DHL [2 of 100101], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (edit): done.
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
            stock OW-1001: of 40 38 available, 0 reserved
        "#]],
    );
}

#[test]
fn more_units_before_it_goes_to_a_supplier() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    journey.seconds(3);
    journey.edits(&mut purchase, |purchase| purchase.lines[0].quantity = 3);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
              23. 08:00 EditRequested(to 3) Routed(2 leipzig domestic-economy) ShopAnswered(1 done)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) SubmissionStarted(F2) Submitted(F2) Accepted(F2 2) Shipped(F1 1) ShopUpdateStarted ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice) Shipped(F2 2)
              23. 08:01 ShopUpdated(P2 shipped) Archived(label-P2)
              23. 13:39 Tracked(P1 5) Tracked(P2 5) ShopUpdated(P1 delivered) ShopUpdated(P2 delivered)
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
            own-warehouse has alpenshop/1001/F2 shipped, bought 1×: 2 OW-1001
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
            the shop shows alpenshop/1001 OW000000002CN by DHL [2 of 100101], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (edit): done.
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            document alpenshop/1001/label-P2.pdf
            17TRACK watches OW000000001CN, registered 1×
            17TRACK watches OW000000002CN, registered 1×
            stock OW-1001: of 40 37 available, 0 reserved
        "#]],
    );
}

#[test]
fn more_units_when_a_supplier_has_the_first() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    journey.minutes(5);
    journey.edits(&mut purchase, |purchase| purchase.lines[0].quantity = 3);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1)
              23. 08:05 EditRequested(to 3) Routed(2 leipzig domestic-economy) ShopAnswered(1 done) SubmissionStarted(F2) Submitted(F2) Accepted(F2 2)
              23. 08:06 Shipped(F1 1) ShopUpdateStarted ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice) Shipped(F2 2)
              23. 08:06 ShopUpdated(P2 shipped) Archived(label-P2)
              23. 13:39 Tracked(P1 5) Tracked(P2 5) ShopUpdated(P1 delivered) ShopUpdated(P2 delivered)
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
            own-warehouse has alpenshop/1001/F2 shipped, bought 1×: 2 OW-1001
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
            the shop shows alpenshop/1001 OW000000002CN by DHL [2 of 100101], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (edit): done.
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            document alpenshop/1001/label-P2.pdf
            17TRACK watches OW000000001CN, registered 1×
            17TRACK watches OW000000002CN, registered 1×
            stock OW-1001: of 40 37 available, 0 reserved
        "#]],
    );
}

#[test]
fn a_further_line_when_a_supplier_has_the_first() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    journey.minutes(5);
    journey.edits(&mut purchase, |purchase| purchase.lines.push(BLANKET));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1)
              23. 08:05 EditRequested(+ALP-BLANKET) Mapped Screened Routed(1 leipzig domestic-economy) ShopAnswered(1 done) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1)
              23. 08:06 Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice) Shipped(F2 1)
              23. 08:06 ShopUpdated(P2 shipped) Archived(label-P2)
              23. 13:39 Tracked(P1 5) Tracked(P2 5) ShopUpdated(P1 delivered) ShopUpdated(P2 delivered)
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
            own-warehouse has alpenshop/1001/F2 shipped, bought 1×: 1 OW-1100
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
            the shop shows alpenshop/1001 OW000000002CN by DHL [1 of 100102], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (edit): done.
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            document alpenshop/1001/label-P2.pdf
            17TRACK watches OW000000001CN, registered 1×
            17TRACK watches OW000000002CN, registered 1×
            stock OW-1001: of 40 39 available, 0 reserved
            stock OW-1100: of 25 24 available, 0 reserved
        "#]],
    );
}

#[test]
fn a_further_line_when_the_first_has_arrived() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    arrives(&mut journey);
    purchase.lines.push(BLANKET);
    journey.changes(&mut purchase, |_| {});
    journey.minutes(5);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is awaiting_supplier
              23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
              23. 18:01 EditRequested(+ALP-BLANKET) Mapped Screened Routed(1 leipzig domestic-economy) ShopAnswered(1 done) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1)
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
            own-warehouse has alpenshop/1001/F2 accepted, bought 1×: 1 OW-1100
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (edit): done.
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
            stock OW-1001: of 40 39 available, 0 reserved
            stock OW-1100: of 25 24 available, 1 reserved
        "#]],
    );
}

#[test]
fn a_further_line_that_the_catalogue_does_not_know_stops_only_itself() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG]);
    journey.sells(&purchase);
    journey.minutes(5);
    journey.edits(&mut purchase, |purchase| purchase.lines.push(TENT));
    journey.minutes(5);
    journey.imports(include_str!("../../demo/added.csv"));
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1)
              23. 08:05 EditRequested(+ALP-TENT) Held(unmapped_sku) ShopAnswered(1 done)
              23. 08:10 Released(unmapped_sku) Mapped Screened Routed(1 hamburg domestic-economy) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1)
              23. 08:11 Shipped(F2 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice) Shipped(F1 1)
              23. 08:11 ShopUpdated(P2 shipped) Archived(label-P2)
              23. 13:39 Tracked(P1 5) Tracked(P2 5) ShopUpdated(P1 delivered) ShopUpdated(P2 delivered)
            nordwaren has alpenshop/1001/F2 shipped, bought 1×: 1 NW-63062
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 1 OW-1001
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100102], arrived 1×
            the shop shows alpenshop/1001 OW000000002CN by DHL [1 of 100101], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (edit): done.
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            document alpenshop/1001/label-P2.pdf
            17TRACK watches OW000000001CN, registered 1×
            17TRACK watches OW000000002CN, registered 1×
            stock NW-63062: of 6 5 available, 0 reserved
            stock OW-1001: of 40 39 available, 0 reserved
        "#]],
    );
}

#[test]
fn nothing_left_of_it_cancels_it() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[MUG, BACKPACK]);
    journey.sells(&purchase);
    journey.seconds(3);
    journey.changes(&mut purchase, |purchase| {
        for line in &mut purchase.lines {
            line.quantity = 0;
        }
    });
    journey.hours(5);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is cancelled
              23. 08:00 Received Mapped Screened Routed(1 leipzig domestic-economy, 1 hamburg domestic-economy)
              23. 08:00 EditRequested(to 0 to 0) Withdrawn(F1 1) Withdrawn(F2 1) ShopAnswered(1 done)
            the shop of alpenshop/1001 hears: Request 1 (edit): done.
        "#]],
    );
}

#[test]
fn another_street_before_it_goes_to_a_supplier() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.sells(&purchase);
    journey.seconds(3);
    journey.changes(&mut purchase, |purchase| purchase.to = NEXT_STREET);
    journey.minutes(1);
    assert_eq!(street(&journey, "nordwaren", &purchase), json!(["Probeallee 3"]));
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is awaiting_supplier
              23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
              23. 08:00 ContactChanged Screened ShopAnswered(1 done)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1)
            nordwaren has alpenshop/1001/F1 accepted, bought 1×: 1 NW-22022
            the shop of alpenshop/1001 hears: Request 1 (new address): done.
            stock NW-22022: of 30 29 available, 1 reserved
        "#]],
    );
}

#[test]
fn another_country_before_it_goes_to_a_supplier_is_routed_anew() {
    let mut journey = Journey::begin();
    let mut purchase = direct(&[SCARF]);
    journey.sells(&purchase);
    journey.seconds(3);
    journey.changes(&mut purchase, |purchase| purchase.to = LYON);
    journey.minutes(1);
    ends(
        journey,
        &expect![[r#"
            onward-direct/1001 is awaiting_supplier
              23. 08:00 Received Mapped Screened Routed(1 lyon europe-parcel)
              23. 08:00 ContactChanged Withdrawn(F1 1) Screened Routed(1 lyon europe-parcel) ShopAnswered(1 done)
              23. 08:01 SubmissionStarted(F2) Submitted(F2)
            the shop of onward-direct/1001 hears: Request 1 (new address): done.
            mail to commandes@atelier-lyon.example: Order onward-direct/1001/F2
            stock AL-SOIE-4: of 16 15 available, 1 reserved
        "#]],
    );
}

#[test]
fn another_street_when_a_supplier_has_it() {
    let mut journey = Journey::begin();
    let mut purchase = alpenshop(&[BACKPACK]);
    journey.sells(&purchase);
    journey.minutes(5);
    journey.changes(&mut purchase, |purchase| purchase.to = NEXT_STREET);
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1)
              23. 08:05 ContactChanged Screened AddressChanged(F1 1) ShopAnswered(1 done)
              23. 08:06 Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
            nordwaren has alpenshop/1001/F1 shipped, bought 1×: 1 NW-22022
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
            the shop of alpenshop/1001 hears: Request 1 (new address): done.
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
            stock NW-22022: of 30 29 available, 0 reserved
        "#]],
    );
}

#[test]
fn another_country_while_the_address_is_held() {
    let mut journey = Journey::begin();
    let mut purchase =
        Purchase { to: Destination { postal_code: "", ..LEIPZIG }, ..direct(&[SCARF]) };
    journey.sells(&purchase);
    journey.minutes(5);
    journey.changes(&mut purchase, |purchase| purchase.to = LYON);
    journey.minutes(1);
    ends(
        journey,
        &expect![[r#"
            onward-direct/1001 is awaiting_supplier
              23. 08:00 Received Mapped Held(address) Screened
              23. 08:05 ContactChanged Screened Routed(1 lyon europe-parcel) ShopAnswered(1 done)
              23. 08:06 SubmissionStarted(F1) Submitted(F1)
            the shop of onward-direct/1001 hears: Request 1 (new address): done.
            mail to commandes@atelier-lyon.example: Order onward-direct/1001/F1
            stock AL-SOIE-4: of 16 15 available, 1 reserved
        "#]],
    );
}

/// The street to which a supplier was told to send an order's first share.
fn street(journey: &Journey, supplier: &str, purchase: &Purchase) -> Value {
    let mut outside = journey.outside.borrow_mut();
    let reference = format!("{}/F1", purchase.order_id());
    let order = outside.suppliers.supplier(supplier).order(&reference);
    order.submission["ship_to"]["lines"].clone()
}

#[test]
fn what_the_shop_says_after_our_push_back_changes_nothing_that_ships() {
    for kind in ["alpenshop", "teahouse"] {
        let mut journey = Journey::begin();
        let purchase = match kind {
            "alpenshop" => alpenshop(&[units(2, MUG)]),
            _ => crate::teahouse(&[crate::TEA]),
        };
        journey.sells(&purchase);
        journey.minutes(1);
        journey.suppliers_ship();
        let before = journey.facts(&purchase.order_id());
        // The shop marks the order as fulfilled, and tells us so.
        journey.minutes(1);
        let later = Purchase { updated_at: journey.now(), ..purchase.clone() };
        let mut body: Value = serde_json::from_slice(&journey.webhook(&later).body).unwrap();
        if kind == "alpenshop" {
            body["fulfillment_status"] = json!("fulfilled");
            body["line_items"][0]["fulfillable_quantity"] = json!(0);
            body["line_items"][0]["fulfillment_status"] = json!("fulfilled");
        } else {
            body["status"] = json!("completed");
            body["date_completed_gmt"] = body["date_modified_gmt"].clone();
        }
        journey.tells(&journey.webhook_of(&later, &body));
        let facts = journey.facts(&purchase.order_id());
        assert_eq!(facts[..before.len()], before, "{kind}");
        assert_eq!(facts[before.len()..], ["Confirmed"], "{kind}");
        journey.carriers_deliver();
        journey.hours(10);
        assert_eq!(journey.phase(&purchase.order_id()), "delivered", "{kind}");
        assert_eq!(journey.order(&purchase.order_id()).parcels.len(), 1, "{kind}");
        let refused = journey.fact(&purchase.order_id(), "EditRefused");
        assert_eq!(refused.as_ref().map(Fact::name), None, "{kind}");
        journey.check();
    }
}
