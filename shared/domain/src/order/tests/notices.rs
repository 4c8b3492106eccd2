//! What a customer hears of cancellations: all of it once, some of it once, and nothing that they did not lose.

use super::*;
use crate::id::{ParcelId, RefundId};
use crate::order::cancel;
use crate::order::fact::{LineQuantity, Scan, ScanStatus, Share};
use crate::order::notice::{Notice, Topic, notices};
use crate::order::refund::fact::{Planned as Refund, RefundFact, RefundLine};

/// Two mugs in one fulfillment order and a spoon in another.
fn bought() -> Vec<Fact> {
    let articles = ["mug", "spoon"].map(|name| article(name, &[("nord", "hamburg", 500)]));
    let mut facts = screened(&shop_order(&[line("1", "mug", 2), line("2", "spoon", 1)]), &articles);
    facts.extend(routing::route_all(&facts, 10));
    for fact in &mut facts {
        let Fact::Routed(routed) = fact else { continue };
        let is_mug = |share: &Share| share.item.article.as_str() == "mug";
        let mut second =
            Planned { fulfillment_order_id: f(2), ..routed.fulfillment_orders[0].clone() };
        second.shares.retain(|share| !is_mug(share));
        routed.fulfillment_orders[0].shares.retain(is_mug);
        routed.fulfillment_orders.push(second);
    }
    facts
}

fn submitted() -> Vec<Fact> {
    let mut facts = bought();
    for number in [1, 2] {
        facts.push(Fact::SubmissionStarted { fulfillment_order_id: f(number) });
    }
    facts
}

fn cancel_requested() -> Fact {
    Fact::CancelRequested { by: "shop".to_owned(), why: "why".to_owned(), updated_at: None }
}

fn wanted(number: u16) -> Fact {
    Fact::CancelWanted { fulfillment_order_id: f(number) }
}

fn units(line: &str, article: &str, quantity: u32) -> Vec<Units> {
    vec![Units { item: item_id(line, article), quantity }]
}

fn let_go(number: u16, units: Vec<Units>) -> Vec<Fact> {
    let withdrawn = Fact::Withdrawn { fulfillment_order_id: f(number), units: units.clone() };
    vec![withdrawn, Fact::Cancelled { units, why: "why".to_owned() }]
}

/// What the customer hears of cancellations, by these appends.
fn hears(appends: &[Vec<Fact>]) -> Vec<String> {
    let recorded = (1..).zip(appends).flat_map(|(version, facts)| {
        facts.iter().map(move |fact| Recorded { version, at: now(), fact: fact.clone() })
    });
    let history: Vec<Recorded> = recorded.collect();
    let last = appends.len() as u64;
    let order = Order::fold(&history);
    let called = notices(&history, 1, last, &[Topic::OrderCancelled]);
    let each: Vec<String> = called.iter().map(|call| call.notice.to_string()).collect();
    // Whoever asks for one append after the other hears the same.
    let one_by_one = (1..=last).flat_map(|at| notices(&history, at, at, &[Topic::OrderCancelled]));
    assert_eq!(one_by_one.map(|call| call.notice.to_string()).collect::<Vec<_>>(), each);
    let is_last_so = called.last().is_none_or(|call| !call.notice.is_moot(&order));
    assert!(is_last_so, "{each:?}");
    each
}

#[test]
fn an_order_that_no_supplier_has_is_cancelled_at_once() {
    let cancelled = cancel::request(&fold(&bought()), "shop", "why", None);
    assert_eq!(hears(&[bought(), cancelled]), ["cancelled/2"]);
}

#[test]
fn an_order_that_suppliers_have_is_cancelled_when_the_last_of_them_lets_go() {
    let heard = hears(&[
        submitted(),
        vec![cancel_requested(), wanted(1), wanted(2)],
        let_go(1, units("1", "mug", 2)),
        let_go(2, units("2", "spoon", 1)),
    ]);
    assert_eq!(heard, ["cancelled/4"]);
}

#[test]
fn what_one_supplier_lets_go_and_another_does_not_is_a_part_told_when_both_have_answered() {
    let refused = Fact::CancelRejected { fulfillment_order_id: f(2), why: "packed".to_owned() };
    let heard = hears(&[
        submitted(),
        vec![cancel_requested(), wanted(1), wanted(2)],
        let_go(1, units("1", "mug", 2)),
        vec![refused],
    ]);
    assert_eq!(heard, ["part-cancelled/4"]);
}

#[test]
fn a_cancellation_that_stops_nothing_is_not_told_of() {
    let refused =
        |number| Fact::CancelRejected { fulfillment_order_id: f(number), why: "packed".to_owned() };
    let heard = hears(&[
        submitted(),
        vec![cancel_requested(), wanted(1), wanted(2)],
        vec![refused(1)],
        vec![refused(2)],
    ]);
    assert_eq!(heard, [] as [&str; 0]);
}

fn edited(line_id: &str, quantity: u32) -> Fact {
    let line_id = LineId::parse(line_id).unwrap();
    let lines = vec![LineQuantity { line_id, quantity }];
    Fact::EditRequested { lines, added: Vec::new(), updated_at: now() }
}

fn withdrawn(number: u16, units: Vec<Units>) -> Fact {
    Fact::Withdrawn { fulfillment_order_id: f(number), units }
}

#[test]
fn fewer_units_are_a_part_and_none_at_all_is_all_of_it() {
    let heard = hears(&[
        bought(),
        vec![edited("1", 1), withdrawn(1, units("1", "mug", 1))],
        vec![
            edited("1", 0),
            edited("2", 0),
            withdrawn(1, units("1", "mug", 1)),
            withdrawn(2, units("2", "spoon", 1)),
        ],
    ]);
    assert_eq!(heard, ["part-cancelled/2", "cancelled/3"]);
}

#[test]
fn fewer_units_that_cannot_be_stopped_any_more_are_not_told_of() {
    assert_eq!(hears(&[submitted(), vec![edited("1", 1)]]), [] as [&str; 0]);
}

#[test]
fn what_a_supplier_leaves_to_another_is_not_cancelled() {
    let left = vec![wanted(1), withdrawn(1, units("1", "mug", 2))];
    assert_eq!(hears(&[submitted(), left]), [] as [&str; 0]);
}

#[test]
fn what_came_and_was_given_back_is_not_cancelled() {
    let line_id = LineId::parse("1").unwrap();
    let parcel_id = ParcelId(1);
    let scan = Scan { at: now(), status: ScanStatus::Delivered, code: String::new() };
    let arrived = vec![
        Fact::Shipped {
            parcel_id,
            fulfillment_order_id: f(1),
            carrier: "DHL".to_owned(),
            number: "N1".to_owned(),
            ship_date: "2026-11-20".parse().unwrap(),
            units: units("1", "mug", 2),
            label: None,
        },
        Fact::Tracked { parcel_id, scans: vec![scan] },
    ];
    let amount = Money { minor: 2000, currency: euro() };
    let planned = Refund {
        refund_id: RefundId(1),
        return_id: None,
        key: None,
        lines: vec![RefundLine { line_id, quantity: 1, amount_minor: 2000 }],
        shipping_minor: 0,
        amount,
        by: "onward".to_owned(),
        why: "why".to_owned(),
    };
    let refunded = [RefundFact::RefundPlanned(planned)].map(Fact::Refund).to_vec();
    assert_eq!(hears(&[submitted(), arrived, refunded, vec![edited("1", 1)]]), [] as [&str; 0]);
}

#[test]
fn an_order_that_was_cancelled_before_we_heard_of_it_is_not_told_of() {
    let mut facts = received(&shop_order(&[line("1", "mug", 1)]));
    facts.push(cancel_requested());
    assert_eq!(hears(&[facts.clone()]), [] as [&str; 0]);
    let cancelled = facts.pop().unwrap();
    assert_eq!(hears(&[facts, vec![cancelled]]), ["cancelled/2"]);
}

#[test]
fn who_wants_it_after_all_does_not_hear_that_it_is_cancelled() {
    let given = received(&shop_order(&[line("1", "mug", 1)]));
    let facts = [given, vec![cancel_requested(), Fact::Reinstated { updated_at: now() }]].concat();
    assert!(Notice::Cancelled { version: 2 }.is_moot(&fold(&facts)));
}
