//! What is answered to those who want the order changed, and other addresses for what suppliers have.

use super::*;
use crate::order::address_change::{self, Readdress};
use crate::order::amendment::{Verdict, told as answered};
use crate::order::answer::{Answer, Refusal, record};
use crate::order::fact::{Hold, LineQuantity};
use crate::order::{cancel, forwarding, phase::phase};

/// Two mugs at one supplier, resting.
fn resting() -> Vec<Fact> {
    let articles = [article("mug", &[("nord", "hamburg", 500)])];
    let mut facts = screened(&shop_order(&[line("1", "mug", 2)]), &articles);
    facts.extend(routing::route_all(&facts, 10));
    facts
}

fn started() -> Vec<Fact> {
    let mut facts = resting();
    facts.push(Fact::SubmissionStarted { fulfillment_order_id: f(1) });
    facts
}

fn submitted() -> Vec<Fact> {
    let mut facts = started();
    let answer_by = now() + minutes(60);
    facts.push(Fact::Submitted { fulfillment_order_id: f(1), supplier_reference: None, answer_by });
    facts
}

fn shipped(quantity: u32) -> Answer {
    let line = crate::order::answer::AnswerLine { supplier_sku: "nord-mug".to_owned(), quantity };
    let ship_date = "2026-11-20".parse().unwrap();
    let (carrier, number) = ("DHL".to_owned(), format!("N{quantity}"));
    Answer::Shipped { lines: vec![line], carrier, number, ship_date, label: None }
}

fn says(order: &Order, answer: &Answer) -> Order {
    let facts = record(order, f(1), &supplier("nord"), answer, now()).unwrap();
    assert!(!facts.is_empty(), "{answer:?} says nothing new");
    order.clone().after(now(), &facts)
}

fn moved(order: &Order) -> Order {
    let to = contact_ref(&format!("home{}", order.address_changes));
    let moved = receiving::change_contact(order, &to, Some(country("DE")), "eve", None);
    let order = order.clone().after(now(), &moved);
    let (contact, checks) = (order.contact.clone().unwrap().0, Vec::new());
    order.after(now(), &[Fact::Screened { contact, checks, settings_version: 0 }])
}

fn asked(order: &Order, change: u32) -> Order {
    check_order(order, |order| address_change::asked(order, f(1), change), &["AddressAsked"])
}

fn verdict(order: &Order) -> Verdict {
    order.amendments.last().unwrap().answer(order).verdict
}

fn wanted(order: &Order) -> Option<u32> {
    address_change::wanted(order, &order.fulfillment_orders[&f(1)])
}

#[test]
fn an_address_for_what_no_supplier_has_is_used_at_once() {
    let order = moved(&fold(&resting()));
    assert_eq!((verdict(&order), wanted(&order)), (Verdict::Done, None));
    let started = Fact::SubmissionStarted { fulfillment_order_id: f(1) };
    let order = order.after(now(), &[started]);
    assert_eq!(order.fulfillment_orders[&f(1)].readdress(1), Readdress::Settled);
    assert_eq!(verdict(&order), Verdict::Done);
}

#[test]
fn an_address_for_what_is_being_bought_waits_until_the_supplier_has_it_and_is_then_told() {
    let order = moved(&fold(&started()));
    assert_eq!((verdict(&order), wanted(&order)), (Verdict::Pending, None));
    // What is asked again is asked with the contact that it began with.
    assert_eq!(order.fulfillment_orders[&f(1)].contact, Some(contact_ref("home")));
    let take = |order: &Order| forwarding::submitted(order, f(1), &supplier("nord"), None, now());
    let order = check_order(&order, take, &["Submitted"]);
    assert_eq!((wanted(&order), phase(&order).name()), (Some(1), "amending"));
    let order = says(&order, &Answer::AddressChanged { change: 1 });
    assert_eq!((verdict(&order), wanted(&order)), (Verdict::Done, None));
}

#[test]
fn what_was_not_bought_after_all_goes_to_the_new_address_by_itself() {
    let mut given = started();
    given.push(Fact::InDoubt { fulfillment_order_id: f(1), detail: String::new() });
    let order = moved(&fold(&given));
    assert_eq!((verdict(&order), wanted(&order)), (Verdict::Pending, None));
    let resolve = |bought| move |order: &Order| forwarding::resolve(order, f(1), bought, "eve", "");
    let bought = check_order(&order, resolve(true), &["Resolved"]);
    assert_eq!(wanted(&bought), Some(1));
    let not_bought = check_order(&order, resolve(false), &["Resolved"]);
    assert_eq!((verdict(&not_bought), wanted(&not_bought)), (Verdict::Done, None));
    assert_eq!(not_bought.fulfillment_orders[&f(1)].contact, None);
}

#[test]
fn a_supplier_answers_later_and_only_on_the_address_that_it_was_told() {
    let order = asked(&moved(&fold(&submitted())), 1);
    assert_eq!((verdict(&order), wanted(&order)), (Verdict::Asked, None));
    let unknown =
        record(&order, f(1), &supplier("nord"), &Answer::AddressChanged { change: 2 }, now());
    assert_eq!(unknown, Err(Refusal::NoSuchAddress));

    let changed = says(&order, &Answer::AddressChanged { change: 1 });
    assert_eq!(verdict(&changed), Verdict::Done);
    let why = "packed".to_owned();
    let refused = says(&order, &Answer::AddressRefused { change: 1, why });
    assert_eq!(verdict(&refused), Verdict::TooLate);
    let notes = refused.amendments[0].answer(&refused).notes;
    assert_eq!(notes, ["`nord` refused: packed"]);
    // It may not say one thing and then the other.
    for (order, other) in [
        (&changed, Answer::AddressRefused { change: 1, why: String::new() }),
        (&refused, Answer::AddressChanged { change: 1 }),
    ] {
        let other = record(order, f(1), &supplier("nord"), &other, now());
        assert_eq!(other, Err(Refusal::NoSuchAddress));
    }
}

#[test]
fn of_two_addresses_an_answer_on_the_first_is_none_on_the_second() {
    let order = moved(&asked(&moved(&fold(&submitted())), 1));
    assert_eq!(wanted(&order), Some(2));
    let order = says(&order, &Answer::AddressChanged { change: 1 });
    assert_eq!((verdict(&order), wanted(&order)), (Verdict::Pending, Some(2)));
    assert_eq!(order.amendments[0].answer(&order).verdict, Verdict::Replaced);
    let order = says(&asked(&order, 2), &Answer::AddressChanged { change: 2 });
    assert_eq!(verdict(&order), Verdict::Done);
}

#[test]
fn what_has_left_went_to_the_address_that_its_supplier_had() {
    let order = fold(&submitted());
    let all = moved(&says(&order, &shipped(2)));
    assert_eq!((verdict(&all), wanted(&all)), (Verdict::TooLate, None));
    let one = moved(&says(&order, &shipped(1)));
    assert_eq!(wanted(&one), Some(1));
    let one = says(&one, &Answer::AddressChanged { change: 1 });
    assert_eq!(verdict(&one), Verdict::Partly);
}

#[test]
fn a_parcel_that_left_while_its_supplier_was_asked_goes_where_the_supplier_says_in_either_order() {
    let order = asked(&moved(&fold(&submitted())), 1);
    let shipped_first = says(&order, &shipped(2));
    assert_eq!(verdict(&shipped_first), Verdict::TooLate);
    let shipped_first = says(&shipped_first, &Answer::AddressChanged { change: 1 });
    let changed_first = says(&order, &Answer::AddressChanged { change: 1 });
    let changed_first = says(&changed_first, &shipped(2));
    assert_eq!((verdict(&shipped_first), verdict(&changed_first)), (Verdict::Done, Verdict::Done));
}

#[test]
fn an_address_that_is_held_or_not_checked_is_told_nobody() {
    let order = fold(&submitted());
    let to = contact_ref("moon");
    let moved = receiving::change_contact(&order, &to, None, "eve", None);
    let order = order.after(now(), &moved);
    assert_eq!((verdict(&order), wanted(&order)), (Verdict::Pending, None));
    let screened = Fact::Screened { contact: to, checks: Vec::new(), settings_version: 0 };
    let held = Fact::Held { hold: Hold::Address, detail: String::new() };
    let held = order.clone().after(now(), &[held, screened.clone()]);
    assert_eq!((verdict(&held), wanted(&held)), (Verdict::Pending, None));
    let fine = order.after(now(), &[screened]);
    assert_eq!(wanted(&fine), Some(1));
}

#[test]
fn the_same_destination_is_no_other_address_whatever_else_changes_of_the_contact() {
    let mut given = resting();
    let to = |contact: &str| {
        let contact = ContactRef(contact.to_owned());
        Fact::ContactChanged { contact, country: None, by: "eve".to_owned(), updated_at: None }
    };
    given.push(to("a.1.street"));
    given.push(to("b.2.street"));
    given.push(to("c.operator.road"));
    assert_eq!(fold(&given).address_changes, 2);
}

fn cancels(order: &Order) -> Order {
    order.clone().after(now(), &cancel::request(order, "eve", "changed their mind", None))
}

#[test]
fn a_cancellation_is_answered_by_what_became_of_it() {
    let order = cancels(&fold(&resting()));
    assert_eq!(verdict(&order), Verdict::Done);
    let order = cancels(&fold(&submitted()));
    assert_eq!(verdict(&order), Verdict::Pending);
    let asked = check_order(&order, |order| forwarding::asked(order, f(1)), &["CancelAsked"]);
    assert_eq!(verdict(&asked), Verdict::Asked);
    let granted = says(&asked, &Answer::CancelAccepted);
    assert_eq!(verdict(&granted), Verdict::Done);
    let refused = says(&asked, &Answer::CancelRejected { why: "packed".to_owned() });
    assert_eq!(verdict(&refused), Verdict::TooLate);
    let part = says(&says(&asked, &shipped(1)), &Answer::CancelAccepted);
    assert_eq!(verdict(&part), Verdict::Partly);
    let late = cancels(&says(&fold(&submitted()), &shipped(2)));
    assert_eq!(late.amendments[0].answer(&late).why, "it has been shipped already");
}

#[test]
fn an_edit_is_answered_line_by_line_and_as_a_whole() {
    let edit = |given: &[Fact], quantity: u32| {
        let order = fold(given);
        let lines = vec![LineQuantity { line_id: LineId::parse("1").unwrap(), quantity }];
        let shrunk = cancel::shrink(&order, &lines);
        let requested = Fact::EditRequested { lines, added: Vec::new(), updated_at: now() };
        order.after(now(), &[requested]).after(now(), &shrunk)
    };
    assert_eq!(verdict(&edit(&resting(), 1)), Verdict::Done);
    assert_eq!(verdict(&edit(&submitted(), 1)), Verdict::TooLate);
    assert_eq!(verdict(&edit(&submitted(), 3)), Verdict::Done);
}

#[test]
fn the_shop_is_owed_each_answer_once_and_the_next_one_when_it_changes() {
    let order = cancels(&fold(&submitted()));
    let owed = |order: &Order| order.amendments[0].owed(order);
    assert_eq!(owed(&order), None);
    let order = check_order(&order, |order| forwarding::asked(order, f(1)), &["CancelAsked"]);
    assert_eq!(owed(&order), Some(Verdict::Asked));
    let tell = |verdict| move |order: &Order| answered(order, 1, verdict, "tag", false, None);
    let order = check_order(&order, tell(Verdict::Asked), &["ShopAnswered"]);
    assert_eq!(owed(&order), None);
    let order = says(&order, &Answer::CancelAccepted);
    assert_eq!(owed(&order), Some(Verdict::Done));
    // A shop that takes no answers is not asked again.
    let refused = |order: &Order| {
        answered(order, 1, Verdict::Done, "-", false, Some("no such order".to_owned()))
    };
    assert_eq!(owed(&check_order(&order, refused, &["ShopAnswered"])), None);
}

#[test]
fn nobody_is_told_what_became_of_a_basket_that_was_never_paid_for() {
    let pending = ShopOrder { payment: Payment::Pending, ..shop_order(&[line("1", "mug", 2)]) };
    let order = fold(&receiving::receive(&Order::default(), &pending, &contact_ref("home")));
    let order = cancels(&order);
    assert_eq!((verdict(&order), order.amendments[0].owed(&order)), (Verdict::Done, None));
}
