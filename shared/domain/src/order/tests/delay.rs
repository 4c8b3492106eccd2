//! What is expected by a day, and not there.

use super::*;
use crate::id::ParcelId;
use crate::order::delay::note;
use crate::order::fact::{Scan, ScanStatus};

/// A mug that is expected by the 24th, with its supplier.
fn expected() -> Vec<Fact> {
    let mut facts = screened(
        &shop_order(&[line("1", "mug", 1)]),
        &[article("mug", &[("nord", "hamburg", 500)])],
    );
    facts.extend(routing::route_all(&facts, 10));
    facts.push(Fact::SubmissionStarted { fulfillment_order_id: f(1) });
    facts.push(Fact::Submitted {
        fulfillment_order_id: f(1),
        supplier_reference: None,
        answer_by: now() + minutes(60),
    });
    facts
}

fn on_its_way() -> Vec<Fact> {
    let mut facts = expected();
    facts.push(parcels::shipped(1, "N1", &[("1", "mug", 1)]));
    facts
}

fn scanned(status: ScanStatus) -> Fact {
    let scan = Scan { at: now() + minutes(90), status, code: String::new() };
    Fact::Tracked { parcel_id: ParcelId(1), scans: vec![scan] }
}

fn check(facts: &[Fact], at: &str, is_late: bool) {
    let order = fold(facts);
    let noted = note(&order, f(1), at.parse().unwrap());
    let expected_on = order.fulfillment_orders[&f(1)].planned.arrives.1;
    let late = Fact::Delayed { fulfillment_order_id: f(1), expected_on };
    let expected = if is_late { vec![late] } else { Vec::new() };
    assert_eq!(noted, expected, "at {at}");
    // Once.
    let order = order.after(at.parse().unwrap(), &noted);
    assert!(!is_late || note(&order, f(1), at.parse().unwrap()).is_empty());
}

#[test]
fn it_is_late_once_its_last_day_is_over_everywhere() {
    for facts in [expected(), on_its_way()] {
        let expected_on = fold(&facts).fulfillment_orders[&f(1)].planned.arrives.1;
        let next_day = expected_on.tomorrow().unwrap();
        check(&facts, &format!("{next_day}T11:59:59Z"), false);
        check(&facts, &format!("{next_day}T12:00:00Z"), true);
    }
}

#[test]
fn what_nobody_waits_for_is_not_late() {
    let late = "2027-01-01T00:00:00Z";
    let with = |facts: Vec<Fact>, fact: Fact| [facts, vec![fact]].concat();
    check(&with(on_its_way(), scanned(ScanStatus::InTransit)), late, true);
    check(&with(on_its_way(), scanned(ScanStatus::Delivered)), late, false);
    check(&with(on_its_way(), scanned(ScanStatus::Returned)), late, false);
    let units = vec![Units { item: item_id("1", "mug"), quantity: 1 }];
    let withdrawn = Fact::Withdrawn { fulfillment_order_id: f(1), units };
    check(&with(expected(), withdrawn), late, false);
    // Nobody has bought it yet: what stops it is another matter.
    check(&expected()[..expected().len() - 2], late, false);
}
