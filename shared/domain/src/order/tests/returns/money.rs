//! Money that goes back.

use super::*;
use crate::id::RefundId;
use crate::message::Message;
use crate::order::next::next;
use crate::order::refund::{
    self, Refusal as NoRefund, Wish, begin, failed, plan, resolve, succeeded,
};

const RF1: RefundId = RefundId(1);

fn units(lines: &[(&str, u32)]) -> Wish {
    let lines = lines
        .iter()
        .map(|(line, quantity)| LineQuantity { line_id: line_id(line), quantity: *quantity })
        .collect();
    Wish {
        return_id: None,
        key: None,
        lines,
        at_fault: Vec::new(),
        amount_minor: None,
        by: "eve".to_owned(),
        why: "goodwill".to_owned(),
    }
}

fn sum(minor: i64) -> Wish {
    Wish { amount_minor: Some(minor), ..units(&[]) }
}

fn planned(given: &[Fact], wish: &Wish) -> Vec<Fact> {
    then(given.to_vec(), |order| plan(order, wish).unwrap())
}

fn submitted() -> Vec<Fact> {
    let facts = planned(&delivered(), &units(&[("1", 1)]));
    then(facts, |order| begin(order, RF1, now()))
}

/// Amount and share of the shipping of each refund.
fn amounts(facts: &[Fact]) -> Vec<(i64, i64)> {
    let order = fold(facts);
    assert_eq!(invariant::broken(&order), None);
    let planned = order.refunds.values().map(|refund| &refund.planned);
    planned.map(|planned| (planned.amount.minor, planned.shipping_minor)).collect()
}

fn is_owed(facts: &[Fact]) -> bool {
    let order_id = OrderId::parse("shop/1").unwrap();
    let owed = next(&order_id, &fold(facts));
    owed.iter().any(|owed| matches!(owed.message, Message::RefundOrder { .. }))
}

/// An order like that of [`delivered`], billed otherwise.
fn billed(change: impl Fn(&mut crate::order::fact::Received)) -> Vec<Fact> {
    let mut facts = delivered();
    let Some(Fact::Received(received)) = facts.first_mut() else { panic!("it was received") };
    change(received);
    facts
}

#[test]
fn units_come_back_at_what_was_paid_and_the_last_one_brings_the_shipping() {
    let facts = planned(&delivered(), &units(&[("1", 1)]));
    let facts = planned(&facts, &units(&[("1", 2)]));
    let facts = planned(&facts, &units(&[("2", 1)]));
    assert_eq!(amounts(&facts), [(2000, 0), (4000, 0), (2490, 490)]);
    let left = NoRefund::TooMany { line_id: line_id("1"), left: 0 };
    assert_eq!(plan(&fold(&facts), &units(&[("1", 1)])), Err(left));
}

#[test]
fn a_fault_that_is_not_the_customers_brings_its_share_of_the_shipping() {
    let mut wish = units(&[("1", 1)]);
    wish.at_fault = wish.lines.clone();
    // A quarter of the goods, a quarter of 4.90, rounded down.
    assert_eq!(amounts(&planned(&delivered(), &wish)), [(2122, 122)]);
    let facts = planned(&delivered(), &wish);
    assert_eq!(amounts(&planned(&facts, &units(&[("1", 2), ("2", 1)])))[1], (6368, 368));
}

#[test]
fn discounts_are_shared_so_that_the_parts_come_to_the_whole() {
    // 80.00 of goods and 4.90, less a discount of 10.00.
    let given = billed(|received| {
        received.discount_minor = 1000;
        received.total_minor = 7490;
    });
    let mut facts = given.clone();
    for wish in [units(&[("1", 1)]), units(&[("1", 1)]), units(&[("2", 1)]), units(&[("1", 1)])] {
        facts = planned(&facts, &wish);
    }
    assert_eq!(amounts(&facts), [(1750, 0), (1750, 0), (1750, 0), (2240, 490)]);

    // An amount that three units can't share evenly.
    let given = billed(|received| received.total_minor = 7491);
    let mut facts = given;
    for _ in 0..3 {
        facts = planned(&facts, &units(&[("1", 1)]));
    }
    let facts = planned(&facts, &units(&[("2", 1)]));
    assert_eq!(amounts(&facts).iter().map(|(amount, _)| amount).sum::<i64>(), 7491);
}

#[test]
fn tax_on_top_is_given_back_with_goods_and_shipping() {
    // 19 % of 84.90, rounded.
    let given = billed(|received| {
        (received.tax_included, received.tax_minor) = (false, 1613);
        received.total_minor = 10103;
    });
    let facts = planned(&given, &units(&[("2", 1)]));
    assert_eq!(amounts(&facts), [(2380, 0)]);
    let facts = planned(&facts, &units(&[("1", 3)]));
    assert_eq!(amounts(&facts)[1], (7723, 584));
}

#[test]
fn an_order_that_cost_nothing_has_nothing_to_refund() {
    let given = billed(|received| received.total_minor = 0);
    assert_eq!(plan(&fold(&given), &units(&[("1", 1)])), Err(NoRefund::Nothing));
    let discounted = billed(|received| received.total_minor = 100);
    assert_eq!(amounts(&planned(&discounted, &units(&[("1", 3), ("2", 1)]))), [(100, 100)]);
}

#[test]
fn no_more_is_refunded_than_was_paid() {
    let facts = planned(&delivered(), &sum(8000));
    let left = Money { minor: 490, currency: euro() };
    assert_eq!(plan(&fold(&facts), &sum(491)), Err(NoRefund::TooMuch { left }));
    assert_eq!(plan(&fold(&facts), &units(&[("1", 1)])), Err(NoRefund::TooMuch { left }));
    assert_eq!(plan(&fold(&facts), &sum(0)), Err(NoRefund::Nothing));
    assert_eq!(plan(&fold(&facts), &units(&[])), Err(NoRefund::Nothing));
    // What follows from a return is cut to what is left instead.
    let followed = then(facts.clone(), |order| refund::follow(order, &units(&[("1", 1)])));
    assert_eq!(amounts(&followed)[1], (490, 0));
    assert!(refund::follow(&fold(&followed), &units(&[("1", 1)])).is_empty());

    let by_the_shop = Fact::PaymentChanged { payment: Payment::Refunded, updated_at: now() };
    let facts = [delivered(), vec![by_the_shop]].concat();
    let left = Money { minor: 0, currency: euro() };
    assert_eq!(plan(&fold(&facts), &units(&[("1", 1)])), Err(NoRefund::TooMuch { left }));
}

#[test]
fn units_that_the_shop_took_out_itself_are_not_refunded_again() {
    let edited = |quantity| Fact::EditRequested {
        lines: vec![LineQuantity { line_id: line_id("1"), quantity }],
        added: Vec::new(),
        updated_at: now(),
    };
    let facts = [delivered(), vec![edited(2)]].concat();
    let left = NoRefund::TooMany { line_id: line_id("1"), left: 2 };
    assert_eq!(plan(&fold(&facts), &units(&[("1", 3)])), Err(left));
    assert_eq!(amounts(&planned(&facts, &units(&[("1", 2), ("2", 1)]))), [(6490, 490)]);
    // What was added later was paid for as well.
    let more = [delivered(), vec![edited(5)]].concat();
    assert_eq!(amounts(&planned(&more, &units(&[("1", 5), ("2", 1)]))), [(12490, 490)]);
}

#[test]
fn a_shop_that_states_fewer_units_after_our_refund_wants_no_fewer() {
    let facts = planned(&delivered(), &units(&[("1", 2)]));
    let mut stated = shop_order(&[line("1", "mug", 1), line("2", "spoon", 1)]);
    stated.payment = Payment::PartlyRefunded;
    stated.updated_at = now() + minutes(5);
    let facts = then(facts, |order| receiving::receive(order, &stated, &contact_ref("home")));
    assert_eq!(names(&facts)[facts.len() - 2..], ["PaymentChanged", "EditRequested"]);
    let order = fold(&facts);
    let mug = order.items().next().unwrap();
    assert_eq!((order.ordered(mug), order.unallocated(mug)), (3, 0));
    // The third mug is claimed and sent again, which the shop knows nothing of.
    let facts = decided(&facts, &asked(&[("1", 1, "missing")]), &with_places(), 5);
    let order = fold(&facts);
    assert_eq!((order.ordered(mug), order.unallocated(mug)), (4, 1));
    stated.updated_at = now() + minutes(9);
    let facts = then(facts, |order| receiving::receive(order, &stated, &contact_ref("home")));
    assert_eq!(names(&facts).last(), Some(&"Confirmed"));
}

#[test]
fn the_intent_is_on_record_before_the_shop_is_told() {
    let facts = planned(&delivered(), &units(&[("1", 1)]));
    assert!(is_owed(&facts));
    check(&facts, |order| begin(order, RF1, now()), &["RefundSubmitted"]);
    assert!(is_owed(&submitted()));
    let paid = |order: &Order| succeeded(order, RF1, "gid://1", false);
    check(&submitted(), paid, &["RefundSucceeded"]);
    assert!(!is_owed(&then(submitted(), paid)));
    assert!(failed(&fold(&then(submitted(), paid)), RF1, "late").is_empty());
}

#[test]
fn a_refund_that_is_asked_for_twice_under_one_key_is_one() {
    let keyed = Wish { key: Some("k1".to_owned()), ..sum(100) };
    check(&delivered(), |order| plan(order, &keyed).unwrap(), &["RefundPlanned"]);
    let facts = planned(&planned(&delivered(), &sum(100)), &sum(100));
    assert_eq!(amounts(&facts), [(100, 0), (100, 0)]);
}

#[test]
fn what_the_shop_refuses_can_be_tried_anew() {
    let refuse = |order: &Order| failed(order, RF1, "the card has expired");
    check(&submitted(), refuse, &["RefundFailed"]);
    let facts = planned(&then(submitted(), refuse), &units(&[("1", 3)]));
    assert_eq!(fold(&facts).refunds.len(), 2);
    assert_eq!(amounts(&facts)[1], (6000, 0));
}

#[test]
fn a_refund_that_has_no_outcome_for_a_day_is_put_before_a_person() {
    let tomorrow = now() + SignedDuration::from_hours(24);
    assert!(begin(&fold(&submitted()), RF1, tomorrow - minutes(1)).is_empty());
    let doubt = |order: &Order| begin(order, RF1, tomorrow);
    check(&submitted(), doubt, &["RefundInDoubt"]);
    let doubted = then(submitted(), doubt);
    assert!(!is_owed(&doubted));
    let paid = |order: &Order| resolve(order, RF1, true, "eve", "asked the bank");
    check(&doubted, paid, &["RefundResolved"]);
    let unpaid = then(doubted, |order| resolve(order, RF1, false, "eve", "asked the bank"));
    assert!(is_owed(&unpaid));
    let again = then(unpaid, |order| begin(order, RF1, tomorrow));
    assert!(refund::intent(&fold(&again), RF1).is_some());
}

#[test]
fn what_breaks_the_books_is_found() {
    let facts = planned(&delivered(), &sum(8490));
    let again = then(facts.clone(), |_| {
        let mut facts = plan(&fold(&delivered()), &sum(1)).unwrap();
        let Some(Fact::Refund(crate::order::refund::fact::RefundFact::RefundPlanned(planned))) =
            facts.first_mut()
        else {
            panic!("it is planned")
        };
        planned.refund_id = RefundId(2);
        facts
    });
    assert_eq!(invariant::broken(&fold(&facts)), None);
    let broken = invariant::broken(&fold(&again)).unwrap();
    assert_eq!(broken, "8491 refunded of 8490 that were paid");
}
