//! Returns and claims, from the request to the money: the whole way, and everything that can go wrong with money and
//! goods that come back.

use expect_test::expect;
use jiff::SignedDuration;
use ports::memory::Fault;
use serde_json::json;
use tests::journey::Journey;
use tests::outside::shop::books::Gateway;
use tests::purchase::Purchase;

use crate::{
    BACKPACK, GIFT_SET, MUG, NOTEBOOK, SCARF, SENCHA, alpenshop, arrives, direct, ends, teahouse,
    units,
};

/// Long enough for the clock to find a message that was lost.
const A_WHILE: i64 = 6;

/// A journey in which this was bought and has arrived.
fn arrived(purchase: &Purchase) -> Journey {
    let mut journey = Journey::begin();
    journey.sells(purchase);
    arrives(&mut journey);
    journey
}

/// Asks for units of the first line.
fn asks(journey: &mut Journey, purchase: &Purchase, quantity: u32, reason: &str) -> u16 {
    let line = json!({ "line_id": purchase.line_id(0), "quantity": quantity, "reason": reason, "photos": 1 });
    // Whoever gets no answer asks again, and means the same request.
    let key = format!("{quantity} {reason}");
    let body = json!({ "lines": [line], "key": key });
    journey.handles(&purchase.order_id(), "returns", &body).status
}

fn receives(journey: &mut Journey, purchase: &Purchase, in_all: u32) -> u16 {
    let line = json!({ "line_id": purchase.line_id(0), "quantity": in_all });
    let body = json!({ "lines": [line] });
    journey.handles(&purchase.order_id(), "returns/R1/receipts", &body).status
}

fn inspects(journey: &mut Journey, purchase: &Purchase, disposition: &str, in_all: u32) -> u16 {
    let finding =
        json!({ "line_id": purchase.line_id(0), "disposition": disposition, "quantity": in_all });
    let body = json!({ "findings": [finding] });
    journey.handles(&purchase.order_id(), "returns/R1/inspections", &body).status
}

#[test]
fn a_change_of_mind_comes_back_at_the_customers_cost_and_is_sold_again() {
    let purchase = alpenshop(&[units(2, MUG)]);
    let mut journey = arrived(&purchase);
    assert_eq!(asks(&mut journey, &purchase, 1, "changed_mind"), 200);
    journey.hours(20);
    let sent = json!({ "carrier": "Hermes", "number": "H0001" });
    journey.handles(&purchase.order_id(), "returns/R1/shipments", &sent);
    journey.hours(48);
    // Whoever unpacks tells us twice.
    assert_eq!(receives(&mut journey, &purchase, 1), 200);
    assert_eq!(receives(&mut journey, &purchase, 1), 200);
    assert_eq!(inspects(&mut journey, &purchase, "restock", 1), 200);
    assert_eq!(inspects(&mut journey, &purchase, "restock", 1), 200);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(2 leipzig domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2) Shipped(F1 2) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
          23. 18:01 ReturnRequested(R1) ReturnApproved(R1 Refund to leipzig-returns, freight customer)
          24. 14:01 ReturnSent(R1)
          26. 14:01 ReturnReceived(R1 1) ReturnInspected(R1 1 Restock) RefundPlanned(RF1 14.90 EUR) ReturnClosed(R1) RefundSubmitted(RF1) RefundSucceeded(RF1)
        own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 2 OW-1001
        the shop shows alpenshop/1001 OW000000001CN by DHL [2 of 100101], arrived 1×
        the shop pays back 1490 for alpenshop/1001 [1 of 100101]: return R1 [alpenshop/1001/RF1]
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock OW-1001: of 40 39 available, 0 reserved
    "#]],
    );
}

#[test]
fn a_fault_of_quality_goes_back_with_a_label_that_we_pay() {
    let purchase = alpenshop(&[BACKPACK]);
    let mut journey = arrived(&purchase);
    asks(&mut journey, &purchase, 1, "defective");
    journey.minutes(5);
    receives(&mut journey, &purchase, 1);
    inspects(&mut journey, &purchase, "to_supplier", 1);
    ends(
        journey,
        &expect![[r#"
        alpenshop/1001 is delivered
          23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
          23. 18:01 ReturnRequested(R1) ReturnApproved(R1 Refund to nordwaren-returns, freight supplier) ReturnLabelStarted(R1) ReturnLabelBought(R1)
          23. 18:06 ReturnReceived(R1 1) ReturnInspected(R1 1 ToSupplier) RefundPlanned(RF1 83.90 EUR) ReturnClosed(R1) RefundSubmitted(RF1) RefundSucceeded(RF1)
        nordwaren has alpenshop/1001/F1 shipped, bought 1×: 1 NW-22022
        the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
        the shop pays back 8390 for alpenshop/1001 [1 of 100101]: return R1 [alpenshop/1001/RF1]
        EasyPost sold alpenshop/1001/R1 1×
        document alpenshop/1001/invoice.pdf
        document alpenshop/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock NW-22022: of 30 29 available, 0 reserved
    "#]],
    );
}

#[test]
fn what_arrived_damaged_is_sent_again() {
    let purchase = alpenshop(&[units(2, MUG)]);
    let mut journey = arrived(&purchase);
    asks(&mut journey, &purchase, 1, "damaged");
    assert_eq!(journey.phase(&purchase.order_id()), "awaiting_supplier");
    arrives(&mut journey);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(2 leipzig domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2) Shipped(F1 2) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
              23. 18:01 ReturnRequested(R1) ReturnApproved(R1 Replace, freight carrier) ReplacementGranted(R1) ReturnClosed(R1) Routed(1 leipzig domestic-economy) SubmissionStarted(F2) Submitted(F2) Accepted(F2 1)
              23. 18:02 Shipped(F2 1) ShopUpdated(P2 shipped) Archived(label-P2)
              24. 01:39 Tracked(P2 5) ShopUpdated(P2 delivered)
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 2 OW-1001
            own-warehouse has alpenshop/1001/F2 shipped, bought 1×: 1 OW-1001
            the shop shows alpenshop/1001 OW000000001CN by DHL [2 of 100101], arrived 1×
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
fn what_arrived_damaged_and_nobody_has_any_more_is_refunded() {
    let purchase = alpenshop(&[BACKPACK]);
    let mut journey = arrived(&purchase);
    let counters: Vec<_> = journey.system.world.stock.borrow().keys().cloned().collect();
    for key in counters.iter().filter(|key| key.supplier.as_str() == "nordwaren") {
        journey.counts(key, 0);
    }
    asks(&mut journey, &purchase, 1, "damaged");
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
              23. 18:01 ReturnRequested(R1) ReturnApproved(R1 RefundWithoutReturn, freight carrier) RefundPlanned(RF1 83.90 EUR) ReturnClosed(R1) RefundSubmitted(RF1) RefundSucceeded(RF1)
            nordwaren has alpenshop/1001/F1 shipped, bought 1×: 1 NW-22022
            the shop shows alpenshop/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
            the shop pays back 8390 for alpenshop/1001 [1 of 100101]: return R1 [alpenshop/1001/RF1]
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
        "#]],
    );
}

#[test]
fn what_is_not_worth_the_postage_is_refunded_and_stays() {
    let purchase = direct(&[units(1, NOTEBOOK), SCARF]);
    let mut journey = arrived(&purchase);
    let small = |settings: &mut domain::settings::Settings| {
        settings.returns.rules = serde_json::from_value(json!([
            { "name": "small", "value_max": { "minor": 1290, "currency": "EUR" }, "then": "refund_without_return" },
        ]))
        .expect("they are rules");
    };
    journey.merchant_changes(small);
    asks(&mut journey, &purchase, 1, "changed_mind");
    ends(
        journey,
        &expect![[r#"
        onward-direct/1001 is awaiting_supplier
          23. 08:00 Received Mapped Screened Routed(1 hamburg domestic-economy, 1 lyon europe-parcel)
          23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 1) SubmissionStarted(F2) Submitted(F2) Shipped(F1 1) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
          23. 16:47 Tracked(P1 5) ShopUpdated(P1 delivered)
          23. 18:01 ReturnRequested(R1) ReturnApproved(R1 RefundWithoutReturn, freight customer) RefundPlanned(RF1 12.90 EUR) ReturnClosed(R1) RefundSubmitted(RF1) RefundSucceeded(RF1)
        nordwaren has onward-direct/1001/F1 shipped, bought 1×: 1 NW-48201
        the shop shows onward-direct/1001 OW000000001CN by DHL [1 of 100101], arrived 1×
        the shop pays back 1290 for onward-direct/1001 [1 of 100101]: onward%2Ddirect%2F1001%2FRF1
        mail to commandes@atelier-lyon.example: Order onward-direct/1001/F2
        document onward-direct/1001/invoice.pdf
        document onward-direct/1001/label-P1.pdf
        17TRACK watches OW000000001CN, registered 1×
        stock AL-SOIE-4: of 16 15 available, 1 reserved
        stock NW-48201: of 75 74 available, 0 reserved
    "#]],
    );
}

#[test]
fn nobody_returns_more_than_arrived_or_the_same_twice_or_too_late() {
    let purchase = alpenshop(&[units(2, MUG)]);
    let mut journey = Journey::begin();
    journey.sells(&purchase);
    assert_eq!(asks(&mut journey, &purchase, 1, "changed_mind"), 409);
    arrives(&mut journey);
    assert_eq!(asks(&mut journey, &purchase, 3, "changed_mind"), 409);
    assert_eq!(asks(&mut journey, &purchase, 2, "changed_mind"), 200);
    assert_eq!(asks(&mut journey, &purchase, 1, "too_large"), 409);
    let why = json!({ "for_customer": true });
    journey.handles(&purchase.order_id(), "returns/R1/cancellations", &why);
    journey.passes(SignedDuration::from_hours(31 * 24));
    assert_eq!(asks(&mut journey, &purchase, 1, "too_large"), 409);
    assert_eq!(asks(&mut journey, &purchase, 1, "boredom"), 409);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(2 leipzig domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2) Shipped(F1 2) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
              23. 18:01 ReturnRequested(R1) ReturnApproved(R1 Refund to leipzig-returns, freight customer) ReturnCancelled(R1)
            own-warehouse has alpenshop/1001/F1 shipped, bought 1×: 2 OW-1001
            the shop shows alpenshop/1001 OW000000001CN by DHL [2 of 100101], arrived 1×
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
            stock OW-1001: of 40 38 available, 0 reserved
            we refuse /orders/{shop}/{number}/returns 409: {"error":{"field":"lines[0].line_id","problem":"line `100101` has not been delivered yet"}}
            we refuse /orders/{shop}/{number}/returns 409: {"error":{"field":"lines[0].quantity","problem":"3 units of line `100101` are more than the 2 that can be returned"}}
            we refuse /orders/{shop}/{number}/returns 409: {"error":{"field":"lines[0].line_id","problem":"all of line `100101` is in a return already"}}
            we refuse /orders/{shop}/{number}/returns 409: {"error":{"field":"lines[0].line_id","problem":"line `100101` could be returned until 2026-12-23"}}
            we refuse /orders/{shop}/{number}/returns 409: {"error":{"field":"lines[0].reason","problem":"`boredom` is none of the reasons"}}
        "#]],
    );
}

#[test]
fn what_is_approved_and_never_sent_expires() {
    let purchase = alpenshop(&[units(2, MUG)]);
    let mut journey = arrived(&purchase);
    asks(&mut journey, &purchase, 1, "changed_mind");
    journey.passes(SignedDuration::from_hours(22 * 24));
    assert_eq!(journey.facts(&purchase.order_id()).last(), Some(&"ReturnCancelled"));
}

#[test]
fn a_person_decides_what_no_rule_does_and_refunds_by_hand() {
    let purchase = alpenshop(&[units(2, BACKPACK)]);
    let mut journey = arrived(&purchase);
    // Two backpacks are more than the rules let pass alone.
    asks(&mut journey, &purchase, 2, "changed_mind");
    assert_eq!(journey.facts(&purchase.order_id()).last(), Some(&"ReturnPutToReview"));
    let order_id = purchase.order_id();
    journey.handles(&order_id, "returns/R1/declines", &json!({}));
    assert_eq!(journey.handles(&order_id, "returns/R1/approvals", &json!({})).status, 409);
    let goodwill = json!({ "amount_minor": 1000, "return": "R1", "key": "goodwill" });
    assert_eq!(journey.handles(&order_id, "refunds", &goodwill).status, 200);
    let more = json!({ "amount_minor": 15_291, "key": "more" });
    assert_eq!(journey.handles(&order_id, "refunds", &more).status, 409);
    ends(
        journey,
        &expect![[r#"
            alpenshop/1001 is delivered
              23. 08:00 Received Mapped Screened Routed(2 hamburg domestic-economy)
              23. 08:01 SubmissionStarted(F1) Submitted(F1) Accepted(F1 2) Shipped(F1 2) ShopUpdated(P1 shipped) Archived(label-P1) Archived(invoice)
              23. 13:39 Tracked(P1 5) ShopUpdated(P1 delivered)
              23. 18:01 ReturnRequested(R1) ReturnPutToReview(R1) ReturnDeclined(R1) RefundPlanned(RF1 10.00 EUR) RefundSubmitted(RF1) RefundSucceeded(RF1)
            nordwaren has alpenshop/1001/F1 shipped, bought 1×: 2 NW-22022
            the shop shows alpenshop/1001 OW000000001CN by DHL [2 of 100101], arrived 1×
            the shop pays back 1000 for alpenshop/1001 []: the customer called [alpenshop/1001/RF1]
            document alpenshop/1001/invoice.pdf
            document alpenshop/1001/label-P1.pdf
            17TRACK watches OW000000001CN, registered 1×
            stock NW-22022: of 30 28 available, 0 reserved
            we refuse /orders/{shop}/{number}/returns/{id}/approvals 409: {"error":{"field":"return","problem":"the return is declined"}}
            we refuse /orders/{shop}/{number}/refunds 409: {"error":{"field":"amount_minor","problem":"152.90 EUR is left of what was paid"}}
        "#]],
    );
}

#[test]
fn a_refund_whose_answer_is_lost_is_paid_once() {
    for purchase in [alpenshop(&[MUG]), teahouse(&[SENCHA]), direct(&[NOTEBOOK])] {
        let mut journey = arrived(&purchase);
        journey.outside.borrow_mut().shops.shop(purchase.shop).loses_refund_answers = 1;
        let order_id = purchase.order_id();
        let units = json!({ "lines": [{ "line_id": purchase.line_id(0), "quantity": 1 }], "key": "by hand" });
        assert_eq!(journey.handles(&order_id, "refunds", &units).status, 200);
        journey.check();
        let succeeded = journey.fact(&order_id, "RefundSucceeded").expect("it was paid");
        assert!(format!("{succeeded:?}").contains("found: true"), "{succeeded:?}");
        let mut outside = journey.outside.borrow_mut();
        let refunds = &outside.shops.shop(purchase.shop).sale(order_id.order()).books.refunds;
        assert_eq!(refunds.len(), 1, "{order_id}");
    }
}

#[test]
fn a_refund_that_the_shop_refuses_is_for_a_person() {
    let purchase = alpenshop(&[MUG]);
    let mut journey = arrived(&purchase);
    journey.outside.borrow_mut().shops.shop("alpenshop").gateway = Gateway::Refuses;
    let units =
        json!({ "lines": [{ "line_id": purchase.line_id(0), "quantity": 1 }], "key": "by hand" });
    journey.handles(&purchase.order_id(), "refunds", &units);
    assert_eq!(journey.facts(&purchase.order_id()).last(), Some(&"RefundFailed"));
}

#[test]
fn a_refund_of_which_nobody_knows_waits_for_a_person() {
    let purchase = teahouse(&[SENCHA]);
    let mut journey = arrived(&purchase);
    journey.outside.borrow_mut().shops.shop("teahouse").gateway = Gateway::IsSilent;
    let order_id = purchase.order_id();
    let units =
        json!({ "lines": [{ "line_id": purchase.line_id(0), "quantity": 1 }], "key": "by hand" });
    journey.handles(&order_id, "refunds", &units);
    assert_eq!(journey.facts(&order_id).last(), Some(&"RefundInDoubt"));
    let found = json!({ "refunded": true });
    journey.handles(&order_id, "refunds/RF1/decisions", &found);
    assert_eq!(journey.facts(&order_id).last(), Some(&"RefundResolved"));
}

#[test]
fn a_label_whose_answer_is_lost_is_bought_once() {
    for lost in ["shipment", "purchase"] {
        let purchase = alpenshop(&[BACKPACK]);
        let mut journey = arrived(&purchase);
        let manner = match lost {
            "shipment" => json!({ "loses_shipments": 1 }),
            _ => json!({ "loses_purchases": 1 }),
        };
        journey.outside.borrow_mut().labels.manner =
            serde_json::from_value(manner).expect("it is a manner");
        asks(&mut journey, &purchase, 1, "defective");
        journey.check();
        let outside = journey.outside.borrow();
        assert_eq!(outside.labels.purchases(), [("alpenshop/1001/R1", 1)].into(), "{lost}");
        assert!(journey.facts(&purchase.order_id()).contains(&"ReturnLabelBought"), "{lost}");
    }
}

#[test]
fn a_label_that_nobody_sells_leaves_the_return_open() {
    let purchase = alpenshop(&[BACKPACK]);
    let mut journey = arrived(&purchase);
    journey.outside.borrow_mut().labels.manner.wrong_field = Some("zip".to_owned());
    asks(&mut journey, &purchase, 1, "defective");
    let order_id = purchase.order_id();
    assert_eq!(journey.facts(&order_id).last(), Some(&"ReturnLabelFailed"));
    // The address is right now, and a person wants another try.
    journey.outside.borrow_mut().labels.manner.wrong_field = None;
    journey.handles(&order_id, "returns/R1/labels", &json!({ "bought": false }));
    assert_eq!(journey.facts(&order_id).last(), Some(&"ReturnLabelBought"));
}

#[test]
fn the_order_page_shows_its_returns_and_refunds() {
    let purchase = alpenshop(&[units(2, MUG)]);
    let mut journey = arrived(&purchase);
    asks(&mut journey, &purchase, 1, "changed_mind");
    receives(&mut journey, &purchase, 1);
    inspects(&mut journey, &purchase, "scrap", 1);
    let page = journey.page(&purchase.order_id());
    assert_eq!(page["returns"][0]["rma"], "alpenshop/1001/R1");
    assert_eq!(page["returns"][0]["stage"], "closed");
    assert_eq!(page["returns"][0]["lines"][0]["inspected"], 1);
    assert_eq!(page["refunds"][0]["stage"], "succeeded");
    assert_eq!(page["refunds"][0]["amount"], json!({ "minor": 1490, "currency": "EUR" }));
}

#[test]
fn whatever_call_fails_a_label_is_bought_once_and_a_refund_is_paid_once() {
    for (purchase, reason) in [
        (alpenshop(&[BACKPACK]), "defective"),
        (teahouse(&[GIFT_SET]), "not_as_described"),
        (direct(&[units(1, NOTEBOOK)]), "not_as_described"),
    ] {
        let mut journey = arrived(&purchase);
        let arrived = journey.moment();
        let mut without = |fault: Option<(u32, Fault)>| {
            journey.goes_back_to(&arrived);
            let (call, kind) = fault.unwrap_or((u32::MAX, Fault::Before));
            journey.system.world.faults.plan(call, kind);
            assert_eq!(asks(&mut journey, &purchase, 1, reason), 200);
            journey.minutes(A_WHILE);
            assert_eq!(receives(&mut journey, &purchase, 1), 200);
            assert_eq!(inspects(&mut journey, &purchase, "scrap", 1), 200);
            journey.minutes(A_WHILE);
            let calls = journey.system.world.faults.clear();
            (journey.ending(), calls)
        };
        let (expected, calls) = without(None);
        let facts = &expected.facts[&purchase.order_id()];
        assert_eq!((facts["ReturnLabelBought"], facts["RefundSucceeded"]), (1, 1));
        assert!(calls > 40, "a whole return has more than {calls} calls");
        for fault in [Fault::Before, Fault::After] {
            for call in 1..=calls {
                let (ending, _) = without(Some((call, fault)));
                assert_eq!(
                    ending, expected,
                    "{}: call {call} of {calls}, {fault:?}",
                    purchase.shop
                );
            }
        }
    }
}
