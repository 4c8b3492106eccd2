//! The label for the way back.

use super::*;
use crate::message::Message;
use crate::order::next::next;
use crate::order::returns::Label;
use crate::order::returns::fact::LabelBought;

fn approved() -> Vec<Fact> {
    decided(&delivered(), &with_photos(&[("1", 1, "defective")], 1), &with_places(), 0)
}

fn started() -> Vec<Fact> {
    then(approved(), |order| labels::begin(order, R1, now()))
}

fn label() -> LabelBought {
    LabelBought {
        return_id: R1,
        shipment: "shp_1".to_owned(),
        carrier: "DHL".to_owned(),
        number: "42".to_owned(),
        label_url: "https://labels.example/1".to_owned(),
        cost: Money { minor: 490, currency: euro() },
        found: false,
    }
}

fn is_owed(facts: &[Fact]) -> bool {
    let order_id = OrderId::parse("shop/1").unwrap();
    let owed = next(&order_id, &fold(facts));
    owed.iter().any(|owed| matches!(owed.message, Message::BuyReturnLabel { .. }))
}

#[test]
fn the_intent_is_on_record_before_a_label_is_bought() {
    assert!(is_owed(&approved()));
    check(&approved(), |order| labels::begin(order, R1, now()), &["ReturnLabelStarted"]);
    assert!(is_owed(&started()));
    assert_eq!(labels::intent(&fold(&started()), R1).unwrap().since, now());
    let order = check(&started(), |order| labels::bought(order, label()), &["ReturnLabelBought"]);
    assert_eq!(order.returns[&R1].stage, Stage::LabelSent);
    assert!(!is_owed(&then(started(), |order| labels::bought(order, label()))));
}

#[test]
fn a_label_that_has_no_outcome_for_a_day_is_put_before_a_person() {
    let tomorrow = now() + SignedDuration::from_hours(24);
    assert!(labels::begin(&fold(&started()), R1, tomorrow - minutes(1)).is_empty());
    let doubt = |order: &Order| labels::begin(order, R1, tomorrow);
    check(&started(), doubt, &["ReturnLabelInDoubt"]);
    let doubted = then(started(), doubt);
    assert!(!is_owed(&doubted));
    let refusal = cancel(&fold(&doubted), R1, Side::Merchant, "eve", "why").unwrap_err();
    assert_eq!(refusal, approve::Refusal::LabelUnderWay);

    let found = Some(("DHL".to_owned(), "42".to_owned()));
    let resolve = |order: &Order| labels::resolve(order, R1, found.clone(), "eve", "asked");
    let order = check(&doubted, resolve, &["ReturnLabelResolved"]);
    let label = &order.returns[&R1].label;
    assert_eq!(*label, Label::Known { carrier: "DHL".to_owned(), number: "42".to_owned() });

    let not_bought = then(doubted, |order| labels::resolve(order, R1, None, "eve", "asked"));
    assert!(is_owed(&not_bought));
}

#[test]
fn a_label_that_nobody_sells_leaves_the_return_open_for_own_postage() {
    let facts = then(started(), |order| labels::failed(order, R1, "no rates"));
    assert!(!is_owed(&facts));
    let facts = then(facts, |order| send(order, R1, "Hermes", "7", "customer").unwrap());
    assert_eq!(known(&facts).stage, Stage::InTransit);
}

#[test]
fn a_label_that_is_found_late_does_not_set_the_return_back() {
    let facts = then(started(), |order| send(order, R1, "DHL", "42", "customer").unwrap());
    let facts = then(facts, |order| labels::bought(order, label()));
    assert_eq!(known(&facts).stage, Stage::InTransit);
}

#[test]
fn no_label_is_bought_for_what_was_cancelled_before() {
    let facts =
        then(approved(), |order| cancel(order, R1, Side::Customer, "customer", "why").unwrap());
    assert!(!is_owed(&facts));
    assert!(labels::begin(&fold(&facts), R1, now()).is_empty());
}
