//! What a shop's word changes: in any order, however often.

use proptest::prelude::*;

use super::*;
use crate::order::intake::{change_contact, receive};

fn two() -> ShopOrder {
    shop_order(&[line("1", "mug", 2)])
}

fn later(change: impl FnOnce(&mut ShopOrder)) -> ShopOrder {
    let mut later = two();
    later.updated_at = now() + minutes(1);
    change(&mut later);
    later
}

fn takes(given: &ShopOrder, then: &[&str]) -> Order {
    check(&received(&two()), |order| receive(order, given, &contact_ref("home")), then)
}

#[test]
fn a_new_order_is_received_once() {
    check(&[], |order| receive(order, &two(), &contact_ref("home")), &["Received Paid"]);
}

#[test]
fn an_order_that_comes_cancelled_is_received_and_cancelled() {
    let cancelled = ShopOrder { cancelled: Some("customer".to_owned()), ..two() };
    let decide = |order: &Order| receive(order, &cancelled, &contact_ref("home"));
    check(&[], decide, &["Received Paid", "CancelRequested"]);
}

#[test]
fn what_is_older_changes_nothing() {
    let older = ShopOrder { updated_at: now() - minutes(1), ..shop_order(&[line("1", "mug", 9)]) };
    takes(&older, &[]);
}

#[test]
fn what_is_newer_is_taken_as_the_difference() {
    takes(&later(|it| it.payment = Payment::PartlyRefunded), &["PaymentChanged PartlyRefunded"]);
    takes(&later(|it| it.lines[0].quantity = 1), &["EditRequested 1=1"]);
    takes(&later(|it| it.lines.clear()), &["EditRequested 1=0"]);
    takes(&later(|it| it.lines.push(line("2", "tea", 1))), &["EditRequested +2=1"]);
    takes(&later(|it| it.cancelled = Some("x".to_owned())), &["CancelRequested"]);
    takes(
        &later(|it| it.payment = Payment::Refunded),
        &["PaymentChanged Refunded", "CancelRequested"],
    );
}

#[test]
fn a_later_word_that_changes_nothing_is_remembered_so_that_an_older_one_stays_older() {
    let order = takes(&later(|_| {}), &["Confirmed"]);
    let between = ShopOrder {
        updated_at: now() + SignedDuration::from_secs(30),
        ..later(|it| it.lines[0].quantity = 5)
    };
    check_order(&order, |order| receive(order, &between, &contact_ref("home")), &[]);
}

#[test]
fn of_two_states_with_one_time_stamp_the_one_in_which_payment_is_further_counts() {
    let mut pending = two();
    pending.payment = Payment::Pending;
    pending.lines[0].quantity = 3;
    let decide = |order: &Order| receive(order, &two(), &contact_ref("home"));
    check(&received(&pending), decide, &["PaymentChanged Paid", "EditRequested 1=2"]);
    check(&received(&two()), |order| receive(order, &pending, &contact_ref("home")), &[]);
}

#[test]
fn an_order_that_is_called_off_with_no_units_gives_its_units_back_once() {
    let mut given = screened(&two(), &[article("mug", &[("nord", "hamburg", 500)])]);
    given.extend(routing::route_all(&given, 10));
    let off = later(|it| {
        it.lines.clear();
        it.cancelled = Some("customer".to_owned());
    });
    let order = check(
        &given,
        |order| receive(order, &off, &contact_ref("home")),
        &["CancelRequested", "Withdrawn F1 2×1/mug", "Cancelled 2×1/mug"],
    );
    assert_eq!(order.allocated(&item_id("1", "mug")), 0);
}

#[test]
fn an_order_that_its_shop_takes_up_again_ships_after_all() {
    let mut given = screened(&two(), &[article("mug", &[("nord", "hamburg", 500)])]);
    given.extend(routing::route_all(&given, 10));
    let off = later(|it| it.cancelled = Some("unpaid".to_owned()));
    given.extend(receive(&fold(&given), &off, &contact_ref("home")));
    let again = later(|it| it.updated_at += minutes(1));
    let decide = |order: &Order| receive(order, &again, &contact_ref("home"));
    let order = check(&given, decide, &["Reinstated"]);
    assert_eq!(order.items().map(|item| order.unallocated(item)).sum::<u32>(), 2);
}

#[test]
fn an_order_that_a_person_cancelled_stays_cancelled() {
    let mut given = received(&two());
    given.extend(crate::order::cancel::request(&fold(&given), "eve", "by phone", None));
    let decide = |order: &Order| receive(order, &later(|_| {}), &contact_ref("home"));
    check(&given, decide, &["Confirmed"]);
}

#[test]
fn a_line_that_shrinks_is_taken_out_of_what_rests() {
    let mut given = screened(&two(), &[article("mug", &[("nord", "hamburg", 500)])]);
    given.extend(routing::route_all(&given, 10));
    let fewer = later(|it| it.lines[0].quantity = 1);
    let decide = |order: &Order| receive(order, &fewer, &contact_ref("home"));
    check(&given, decide, &["EditRequested 1=1", "Withdrawn F1 1×1/mug"]);
    given.push(Fact::SubmissionStarted { fulfillment_order_id: f(1) });
    check(&given, decide, &["EditRequested 1=1", "EditRefused 1×1"]);
}

#[test]
fn a_persons_correction_stands_until_the_shop_gives_another_contact() {
    let mut given = received(&two());
    given.extend(change_contact(
        &fold(&given),
        &contact_ref("fixed"),
        Some(country("DE")),
        "eve",
        None,
    ));
    let same = later(|it| it.payment = Payment::PartlyRefunded);
    let decide = |order: &Order| receive(order, &same, &contact_ref("home"));
    let order = check(&given, decide, &["PaymentChanged PartlyRefunded"]);
    assert_eq!(order.contact.unwrap().0, contact_ref("fixed"));
    let moved = later(|_| {});
    let decide = |order: &Order| receive(order, &moved, &contact_ref("new"));
    check(&given, decide, &["ContactChanged new.1 by shop"]);
}

#[test]
fn another_country_routes_anew_what_rests_and_another_street_does_not() {
    let mut given = screened(&two(), &[article("mug", &[("nord", "hamburg", 500)])]);
    given.extend(routing::route_all(&given, 10));
    let to = |code: &'static str| {
        move |order: &Order| {
            let is_new =
                order.contact.as_ref().is_some_and(|(known, _)| *known != contact_ref("new"));
            if is_new {
                change_contact(order, &contact_ref("new"), Some(country(code)), "eve", None)
            } else {
                Vec::new()
            }
        }
    };
    check(&given, to("CH"), &["ContactChanged new.1 by eve", "Withdrawn F1 2×1/mug"]);
    check(&given, to("DE"), &["ContactChanged new.1 by eve"]);
}

/// What must be the same whatever the order of deliveries was.
fn outcome(order: &Order) -> impl PartialEq + std::fmt::Debug + use<> {
    let is_off = order.cancel_requested.is_some();
    // What a shop calls off, it states with whatever quantities: none of them counts.
    let wanted = order.wanted.clone().into_iter().filter(|(_, units)| *units > 0 && !is_off);
    let contact = order.contact.as_ref().map(|(contact, _)| contact.0.clone());
    (order.payment, is_off, wanted.collect::<Vec<_>>(), contact, order.updated_at)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn deliveries_in_any_order_and_any_number_end_in_the_same_state(
        states in prop::collection::vec((0..4_u32, 0..3_u32, 0..3_usize, 0..2_usize, 0..4_u8), 1..6),
        order in prop::collection::vec(0..6_usize, 0..20),
    ) {
        let stated = |index: usize| {
            let (mugs, teas, payment, contact, off) = states[index];
            let lines = [line("1", "mug", mugs), line("2", "tea", teas)];
            let lines: Vec<_> = lines.into_iter().filter(|line| line.quantity > 0).collect();
            let shop_order = ShopOrder {
                updated_at: now() + minutes(i64::try_from(index).unwrap()),
                payment: [Payment::Pending, Payment::Authorized, Payment::Paid][payment],
                cancelled: (off == 0).then(|| "customer".to_owned()),
                ..shop_order(&lines)
            };
            (shop_order, contact_ref(["home", "work"][contact]))
        };
        let deliver = |indices: &mut dyn Iterator<Item = usize>| {
            indices.fold(Order::default(), |order, index| {
                let (shop_order, contact) = stated(index);
                let facts = receive(&order, &shop_order, &contact);
                let order = order.after(now(), &facts);
                assert!(receive(&order, &shop_order, &contact).is_empty());
                order
            })
        };
        let once = deliver(&mut (0..states.len()));
        let shuffled = order.iter().map(|index| index % states.len()).chain((0..states.len()).rev());
        let shuffled = deliver(&mut shuffled.collect::<Vec<_>>().into_iter());
        prop_assert_eq!(outcome(&once), outcome(&shuffled));
    }
}
