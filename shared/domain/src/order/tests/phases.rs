//! The phase, in order of precedence, and what the state calls for next.

use super::*;
use crate::id::{OrderId, ParcelId};
use crate::order::fact::{Backorder, Hold, Routed, Scan, ScanStatus};
use crate::order::next::next;
use crate::order::phase::{Phase, phase};

/// Each thing that gives an order its phase. All of them together have the first phase, and with each that is taken away
/// from the front the next one shows.
fn of(further: &[Fact]) -> Order {
    let mut facts = screened(
        &shop_order(&[line("1", "mug", 3)]),
        &[article("mug", &[("nord", "hamburg", 500)])],
    );
    facts.extend(routing::route_all(&facts, 2));
    facts.extend(further.iter().cloned());
    fold(&facts)
}

fn units(quantity: u32) -> Vec<Units> {
    vec![Units { item: item_id("1", "mug"), quantity }]
}

fn shipped(quantity: u32) -> Fact {
    Fact::Shipped {
        parcel_id: ParcelId(1),
        fulfillment_order_id: f(1),
        carrier: "DHL".to_owned(),
        number: "N1".to_owned(),
        ship_date: "2026-11-20".parse().unwrap(),
        units: units(quantity),
        label: None,
    }
}

fn scanned(status: ScanStatus) -> Fact {
    let scan = Scan { at: now(), status, code: String::new() };
    Fact::Tracked { parcel_id: ParcelId(1), scans: vec![scan] }
}

fn cancel_requested() -> Fact {
    Fact::CancelRequested { by: "eve".to_owned(), why: "why".to_owned(), updated_at: None }
}

fn held() -> Fact {
    Fact::Held { hold: Hold::Fraud, detail: String::new() }
}

fn started() -> Fact {
    Fact::SubmissionStarted { fulfillment_order_id: f(1) }
}

#[test]
fn phases_come_in_their_fixed_order() {
    let withdrawn = Fact::Withdrawn { fulfillment_order_id: f(1), units: units(2) };
    let wanted = Fact::CancelWanted { fulfillment_order_id: f(1) };
    let check = |further: &[Fact], expected: Phase| {
        assert_eq!(
            phase(&of(further)),
            expected,
            "{:?}",
            further.iter().map(told).collect::<Vec<_>>()
        );
    };
    check(&[held(), cancel_requested(), withdrawn], Phase::Cancelled);
    check(&[started(), shipped(2), held()], Phase::InTransit);
    let returned = scanned(ScanStatus::Returned);
    check(&[started(), wanted.clone(), shipped(1), returned, held()], Phase::Failed);
    check(&[started(), wanted.clone(), held()], Phase::Held);
    check(&[started(), wanted], Phase::Amending);
    check(&[started()], Phase::AwaitingSupplier);
    check(&[], Phase::Backordered);
    // Two of three have arrived; the third still waits.
    check(&[started(), shipped(2), scanned(ScanStatus::Delivered)], Phase::Backordered);
    let cancelled = Fact::Cancelled { units: units(1), why: String::new() };
    check(
        &[started(), shipped(2), scanned(ScanStatus::Delivered), cancelled, held()],
        Phase::Delivered,
    );
}

#[test]
fn before_anyone_was_asked_an_order_is_ready_or_merely_received() {
    let order = shop_order(&[line("1", "mug", 1)]);
    let articles = [article("mug", &[("nord", "hamburg", 500)])];
    assert_eq!(phase(&fold(&screened(&order, &articles))), Phase::Ready);
    assert_eq!(phase(&fold(&received(&order))), Phase::Received);
    let unpaid = ShopOrder { payment: Payment::Pending, ..order.clone() };
    assert_eq!(phase(&fold(&received(&unpaid))), Phase::Received);
    let emptied = ShopOrder { lines: Vec::new(), updated_at: now() + minutes(1), ..order.clone() };
    let known = fold(&received(&order));
    let facts = receiving::receive(&known, &emptied, &contact_ref("home"));
    assert_eq!(phase(&known.after(now(), &facts)), Phase::Cancelled);
}

fn owes(order: &Order, expected: &[(&str, i64)]) {
    let order_id = OrderId::parse("alpenshop/1001").unwrap();
    let owed: Vec<(&str, i64)> = next(&order_id, order)
        .iter()
        .map(|owed| (owed.end, owed.not_before.duration_since(now()).as_mins()))
        .collect();
    assert_eq!(owed, expected);
}

#[test]
fn the_state_calls_for_one_step_after_the_other() {
    let order = shop_order(&[line("1", "mug", 2)]);
    let articles = [article("mug", &[("nord", "hamburg", 500)])];
    owes(&Order::default(), &[]);
    owes(&fold(&received(&ShopOrder { payment: Payment::Pending, ..order.clone() })), &[]);
    owes(&fold(&received(&order)), &[("map", 0)]);
    let screened = screened(&order, &articles);
    owes(&fold(&screened[..screened.len() - 1]), &[("screen", 0)]);
    owes(&fold(&screened), &[("route", 0)]);
    let all = |further: &[Fact]| {
        let routed = routing::route_all(&screened, 10);
        fold(
            &screened
                .iter()
                .cloned()
                .chain(routed)
                .chain(further.iter().cloned())
                .collect::<Vec<_>>(),
        )
    };
    owes(&all(&[]), &[("submit", 10)]);
    owes(&all(&[held()]), &[]);
    owes(&all(&[started()]), &[("submit", 0)]);
    // At noon after the last day on which it may arrive.
    let late = ("delay", 7380);
    let answer_by = now() + minutes(60);
    let submitted =
        Fact::Submitted { fulfillment_order_id: f(1), supplier_reference: None, answer_by };
    owes(&all(&[started(), submitted.clone()]), &[("withdraw", 60), late]);
    let accepted = Fact::Accepted {
        fulfillment_order_id: f(1),
        units: units(2),
        ship_by: answer_by + minutes(60),
    };
    owes(&all(&[started(), submitted.clone(), accepted.clone()]), &[("chase", 120), late]);
    let wanted = Fact::CancelWanted { fulfillment_order_id: f(1) };
    let asked = [started(), submitted.clone(), accepted.clone(), wanted.clone()];
    owes(&all(&asked), &[("cancel", 0), late]);
    let left = [started(), submitted, accepted, wanted, shipped(2)];
    owes(&all(&left), &[late, ("register", 0), ("shipped", 0), ("archive", 0)]);
}

#[test]
fn what_waits_is_looked_at_again_after_a_while() {
    owes(&of(&[]), &[("look again", 15), ("submit", 10)]);
    let held = Fact::Held { hold: Hold::UnmappedSku, detail: String::new() };
    let given: Vec<Fact> =
        received(&shop_order(&[line("1", "mug", 1)])).into_iter().chain([held]).collect();
    owes(&fold(&given), &[("look again", 15)]);
}

#[test]
fn a_backorder_that_no_longer_covers_what_is_open_is_routed_at_once() {
    let fewer = Fact::Routed(Routed {
        fulfillment_orders: Vec::new(),
        backorders: vec![Backorder {
            item: item_id("1", "mug"),
            quantity: 1,
            expected_on: "2026-12-01".parse().unwrap(),
        }],
        candidates: Vec::new(),
        margin_minor: None,
        settings_version: 1,
    });
    let given: Vec<Fact> = screened(&shop_order(&[line("1", "mug", 3)]), &[article("mug", &[])])
        .into_iter()
        .chain([fewer])
        .collect();
    owes(&fold(&given), &[("route", 0)]);
}
