//! Forwarding, the supplier's answers, cancelling.

use super::*;
use crate::order::answer::{Answer, AnswerLine, Refusal, record};
use crate::order::fact::{Hold, RejectReason};
use crate::order::forwarding::Call;
use crate::order::{Cancellation, Stage, cancel, forwarding};
use crate::settings::Channel;

/// Two mugs and a spoon at one supplier, resting.
fn resting() -> Vec<Fact> {
    let lines = [line("1", "mug", 2), line("2", "spoon", 1)];
    let offers = [("nord", "hamburg", 500)];
    let mut facts =
        screened(&shop_order(&lines), &[article("mug", &offers), article("spoon", &offers)]);
    facts.extend(routing::route_all(&facts, 10));
    facts
}

fn after(further: &[Fact]) -> Vec<Fact> {
    resting().into_iter().chain(further.iter().cloned()).collect()
}

/// What a delivery is to tell the supplier that did not put the intent on record itself.
fn call(order: &Order, at: Timestamp) -> Call {
    let patience = SignedDuration::from_secs(80);
    forwarding::call(&order.fulfillment_orders[&f(1)], &supplier("nord"), false, at, patience)
}

fn started() -> Fact {
    Fact::SubmissionStarted { fulfillment_order_id: f(1) }
}

fn submitted() -> Vec<Fact> {
    let answer_by = now() + minutes(1440);
    after(&[
        started(),
        Fact::Submitted { fulfillment_order_id: f(1), supplier_reference: None, answer_by },
    ])
}

fn lines(lines: &[(&str, u32)]) -> Vec<AnswerLine> {
    let line = |(sku, quantity): &(&str, u32)| AnswerLine {
        supplier_sku: format!("nord-{sku}"),
        quantity: *quantity,
    };
    lines.iter().map(line).collect()
}

fn accepted(said: &[(&str, u32)]) -> Answer {
    Answer::Accepted { lines: lines(said) }
}

fn rejected(said: &[(&str, u32)]) -> Answer {
    Answer::Rejected { lines: lines(said), reason: RejectReason::OutOfStock, detail: String::new() }
}

fn shipped(number: &str, said: &[(&str, u32)]) -> Answer {
    Answer::Shipped {
        lines: lines(said),
        carrier: "DHL".to_owned(),
        number: number.to_owned(),
        ship_date: "2026-11-20".parse().unwrap(),
        label: None,
    }
}

fn answers(given: &[Fact], answer: &Answer, then: &[&str]) -> Order {
    check(given, |order| record(order, f(1), &supplier("nord"), answer, now()).unwrap(), then)
}

fn refuses(given: &[Fact], answer: &Answer, refusal: &Refusal) {
    let found = record(&fold(given), f(1), &supplier("nord"), answer, now());
    assert_eq!(found.as_ref(), Err(refusal));
}

fn begins(given: &[Fact], at: Timestamp, then: &[&str]) -> Order {
    check(given, |order| forwarding::begin(order, f(1), &supplier("nord"), at), then)
}

#[test]
fn nothing_is_bought_before_the_cooling_off_ends_or_while_anything_stops_it() {
    let at = now() + minutes(10);
    begins(&resting(), at - minutes(1), &[]);
    begins(&resting(), at, &["SubmissionStarted"]);
    begins(&after(&[Fact::Held { hold: Hold::Fraud, detail: String::new() }]), at, &[]);
    let updated_at = now();
    begins(&after(&[Fact::PaymentChanged { payment: Payment::Voided, updated_at }]), at, &[]);
    let order = fold(&resting());
    let moved =
        receiving::change_contact(&order, &contact_ref("new"), Some(country("DE")), "eve", None);
    begins(&after(&moved), at, &[]);
}

#[test]
fn a_promise_that_is_not_kept_is_recorded_once() {
    let ship_by = now() + minutes(60);
    let units = fold(&resting()).fulfillment_orders[&f(1)].active();
    let mut given = submitted();
    given.push(Fact::Accepted { fulfillment_order_id: f(1), units, ship_by });
    begins(&given, ship_by - minutes(1), &[]);
    begins(&given, ship_by, &["Overdue"]);
}

#[test]
fn units_left_open_beside_a_promise_lapse_and_the_promise_stands() {
    let mut given = submitted();
    given.extend(
        record(&fold(&given), f(1), &supplier("nord"), &accepted(&[("mug", 1)]), now()).unwrap(),
    );
    let order = begins(&given, now() + minutes(1440), &["TimedOut 1×1/mug 1×2/spoon"]);
    assert_eq!(order.fulfillment_orders[&f(1)].stage, Stage::Accepted);
}

#[test]
fn units_left_open_beside_a_shipment_do_not_lapse_before_the_supplier_was_asked() {
    let mut given = submitted();
    let left = shipped("N1", &[("mug", 1)]);
    given.extend(record(&fold(&given), f(1), &supplier("nord"), &left, now()).unwrap());
    let late = now() + minutes(1440);
    let order = begins(&given, late, &[]);
    assert_eq!(call(&order, late - minutes(1)), Call::Nothing);
    assert_eq!(call(&order, late), Call::Withdraw);
}

#[test]
fn an_answer_counts_in_all_and_once() {
    answers(&submitted(), &accepted(&[]), &["Accepted 2×1/mug 1×2/spoon"]);
    let partly = answers(&submitted(), &accepted(&[("mug", 1)]), &["Accepted 1×1/mug"]);
    assert_eq!(partly.fulfillment_orders[&f(1)].stage, Stage::Submitted);
    let decide = |order: &Order| {
        record(order, f(1), &supplier("nord"), &accepted(&[("mug", 2)]), now()).unwrap()
    };
    check_order(&partly, decide, &["Accepted 1×1/mug"]);
    answers(&submitted(), &rejected(&[]), &["Rejected 2×1/mug 1×2/spoon"]);
    answers(&submitted(), &rejected(&[("spoon", 1)]), &["Rejected 1×2/spoon"]);
    answers(&submitted(), &shipped("N1", &[("mug", 1)]), &["Shipped P1 N1 1×1/mug"]);
}

/// Two lines of one article, and the supplier will ship what is for one of them.
fn accepted_for(line_id: &str) -> Vec<Fact> {
    let lines = [line("1", "mug", 1), line("2", "mug", 1)];
    let mut given = screened(&shop_order(&lines), &[article("mug", &[("nord", "hamburg", 500)])]);
    given.extend(routing::route_all(&given, 10));
    given.extend(submitted().split_off(resting().len()));
    let units = vec![Units { item: item_id(line_id, "mug"), quantity: 1 }];
    given.push(Fact::Accepted { fulfillment_order_id: f(1), units, ship_by: now() });
    given
}

#[test]
fn what_is_rejected_of_two_lines_of_one_article_is_what_was_not_promised() {
    let answer = rejected(&[("mug", 1)]);
    let order = answers(&accepted_for("1"), &answer, &["Rejected 1×2/mug"]);
    assert_eq!(order.fulfillment_orders[&f(1)].stage, Stage::Accepted);
    answers(&accepted_for("2"), &answer, &["Rejected 1×1/mug"]);
}

#[test]
fn what_is_shipped_of_two_lines_of_one_article_is_what_was_promised() {
    let answer = shipped("N1", &[("mug", 1)]);
    answers(&accepted_for("1"), &answer, &["Shipped P1 N1 1×1/mug"]);
    answers(&accepted_for("2"), &answer, &["Shipped P1 N1 1×2/mug"]);
}

#[test]
fn a_second_rejection_of_the_rest_counts() {
    let order = answers(&submitted(), &rejected(&[("spoon", 1)]), &["Rejected 1×2/spoon"]);
    let decide =
        |order: &Order| record(order, f(1), &supplier("nord"), &rejected(&[]), now()).unwrap();
    let order = check_order(&order, decide, &["Rejected 2×1/mug"]);
    assert_eq!(order.fulfillment_orders[&f(1)].stage, Stage::Closed);
}

#[test]
fn whoever_answers_has_it_even_if_we_never_heard_that_it_took_it() {
    answers(&after(&[started()]), &accepted(&[]), &["Submitted", "Accepted 2×1/mug 1×2/spoon"]);
    let doubt = Fact::InDoubt { fulfillment_order_id: f(1), detail: String::new() };
    answers(
        &after(&[started(), doubt]),
        &shipped("N1", &[]),
        &["Submitted", "Shipped P1 N1 2×1/mug 1×2/spoon"],
    );
}

#[test]
fn a_shipment_of_a_part_leaves_the_rest_to_be_answered() {
    let order = answers(&submitted(), &shipped("N1", &[("mug", 2)]), &["Shipped P1 N1 2×1/mug"]);
    assert_eq!(order.fulfillment_orders[&f(1)].stage, Stage::Submitted);
}

#[test]
fn an_answer_that_does_not_fit_is_refused_with_its_reason() {
    refuses(&resting(), &accepted(&[]), &Refusal::Unknown);
    refuses(&submitted(), &accepted(&[("pot", 1)]), &Refusal::ForeignSku("nord-pot".to_owned()));
    let supplier_sku = "nord-mug".to_owned();
    let too_many = Refusal::TooMany { supplier_sku, quantity: 3, open: 2 };
    refuses(&submitted(), &shipped("N1", &[("mug", 3)]), &too_many);
    refuses(&submitted(), &shipped("N1", &[("mug", 1), ("mug", 2)]), &too_many);
    refuses(&submitted(), &Answer::CancelAccepted, &Refusal::NotAsked);
    let stranger = record(&fold(&submitted()), f(1), &supplier("sued"), &accepted(&[]), now());
    assert_eq!(stranger, Err(Refusal::Unknown));
    let units = fold(&submitted()).fulfillment_orders[&f(1)].unshipped();
    let mut late = submitted();
    late.push(Fact::TimedOut { fulfillment_order_id: f(1), units });
    refuses(&late, &accepted(&[]), &Refusal::Withdrawn);
    refuses(&late, &shipped("N1", &[]), &Refusal::Withdrawn);
}

fn cancels(given: &[Fact], then: &[&str]) -> Order {
    check(given, |order| cancel::request(order, "eve", "why", None), then)
}

#[test]
fn what_rests_is_cancelled_at_once_and_what_a_supplier_has_by_a_handshake() {
    cancels(
        &resting(),
        &["CancelRequested", "Withdrawn F1 2×1/mug 1×2/spoon", "Cancelled 2×1/mug 1×2/spoon"],
    );
    let order = cancels(&submitted(), &["CancelRequested", "CancelWanted"]);
    let decide = |order: &Order| {
        record(order, f(1), &supplier("nord"), &Answer::CancelAccepted, now()).unwrap()
    };
    let released = ["Withdrawn F1 2×1/mug 1×2/spoon", "Cancelled 2×1/mug 1×2/spoon"];
    check_order(&order, decide, &released);
    let no = Answer::CancelRejected { why: "packed".to_owned() };
    let decide = |order: &Order| record(order, f(1), &supplier("nord"), &no, now()).unwrap();
    let order = check_order(&order, decide, &["CancelRejected", "Accepted 2×1/mug 1×2/spoon"]);
    assert_eq!(order.fulfillment_orders[&f(1)].cancellation, Cancellation::Rejected);
}

/// Was silent for too long, and was asked to let go.
fn asked_to_let_go() -> Vec<Fact> {
    let mut given = submitted();
    given.push(Fact::CancelAsked { fulfillment_order_id: f(1) });
    given
}

/// What is on record once a supplier said this, too.
fn said(mut given: Vec<Fact>, answer: &Answer) -> Vec<Fact> {
    given.extend(record(&fold(&given), f(1), &supplier("nord"), answer, now()).unwrap());
    given
}

#[test]
fn who_lets_go_after_a_promise_or_a_refusal_is_believed_and_another_ships_it() {
    let back = ["TimedOut 2×1/mug 1×2/spoon"];
    let promised = said(asked_to_let_go(), &accepted(&[]));
    answers(&promised, &Answer::CancelAccepted, &back);
    let no = Answer::CancelRejected { why: "packed".to_owned() };
    let refused = said(asked_to_let_go(), &no);
    answers(&refused, &Answer::CancelAccepted, &back);

    let mut cancelled = submitted();
    cancelled.extend(cancel::request(&fold(&cancelled), "eve", "why", None));
    let released = ["Withdrawn F1 2×1/mug 1×2/spoon", "Cancelled 2×1/mug 1×2/spoon"];
    answers(&said(cancelled, &no), &Answer::CancelAccepted, &released);
}

#[test]
fn a_promise_made_while_it_is_withdrawn_lapses_at_a_system_and_stands_at_a_person() {
    let promised = said(submitted(), &accepted(&[]));
    let system = supplier("nord");
    let back = ["TimedOut 2×1/mug 1×2/spoon"];
    check(&promised, |order| forwarding::withdrawn(order, f(1), &system), &back);
    let channel = Channel::Email { address: "orders@nord.example".to_owned() };
    let person = Supplier { channel, ..system };
    check(&promised, |order| forwarding::withdrawn(order, f(1), &person), &[]);
}

#[test]
fn who_shipped_late_all_the_same_is_asked_once_more_when_the_customer_cancels() {
    let no = Answer::CancelRejected { why: "packed".to_owned() };
    let order = cancels(&said(asked_to_let_go(), &no), &["CancelRequested", "CancelWanted"]);
    assert_eq!(call(&order, now()), Call::Cancel);
}

#[test]
fn what_has_left_stays_on_its_way_and_is_not_asked_back() {
    let mut given = submitted();
    given.extend(
        record(&fold(&given), f(1), &supplier("nord"), &shipped("N1", &[]), now()).unwrap(),
    );
    cancels(&given, &["CancelRequested"]);
    let mut given = submitted();
    given.extend(cancel::request(&fold(&given), "eve", "why", None));
    given.extend(
        record(&fold(&given), f(1), &supplier("nord"), &shipped("N1", &[]), now()).unwrap(),
    );
    let order = fold(&given);
    assert_eq!(call(&order, now()), Call::Nothing);
}

#[test]
fn what_a_supplier_rejects_of_a_cancelled_order_is_cancelled_not_routed_again() {
    let mut given = submitted();
    given.extend(cancel::request(&fold(&given), "eve", "why", None));
    let given_up = ["Rejected 2×1/mug 1×2/spoon", "Cancelled 2×1/mug 1×2/spoon"];
    answers(&given, &rejected(&[]), &given_up);
    answers(&given, &rejected(&[("mug", 1)]), &["Rejected 1×1/mug", "Cancelled 1×1/mug"]);
}

#[test]
fn a_purchase_in_doubt_is_resolved_by_a_person_and_not_made_for_a_cancelled_order() {
    let doubt = Fact::InDoubt { fulfillment_order_id: f(1), detail: String::new() };
    let given = after(&[started(), doubt]);
    let resolve = |bought: bool| {
        move |order: &Order| forwarding::resolve(order, f(1), bought, "eve", "asked")
    };
    check(&given, resolve(true), &["Resolved"]);
    let order = check(&given, resolve(false), &["Resolved"]);
    let at = now() + minutes(10);
    let decide = |order: &Order| forwarding::begin(order, f(1), &supplier("nord"), at);
    check_order(&order, decide, &["SubmissionStarted"]);
    let mut cancelled = given;
    cancelled.extend(cancel::request(&fold(&cancelled), "eve", "why", None));
    check(
        &cancelled,
        resolve(false),
        &["Resolved", "Withdrawn F1 2×1/mug 1×2/spoon", "Cancelled 2×1/mug 1×2/spoon"],
    );
}
