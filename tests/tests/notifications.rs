//! What customers are told, in the world in memory: each thing once, in their language, and nothing where the merchant
//! did not turn it on.

#![expect(clippy::unwrap_used, reason = "what can't be unwrapped fails the test")]

use std::collections::BTreeSet;

use domain::message::Message;
use domain::order::notice::Topic;
use domain::settings::ShopKind;
use ports::memory::Fault;
use ports::{Outcome, Sending};
use serde_json::json;
use tests::journey::browser::Browser;
use tests::journey::{BEGINNING, Journey};
use tests::purchase::{Bought, Purchase};
use tests::system::Operation;

const NOTEBOOK: Bought = Bought { sku: "ONW-NOTEBOOK", quantity: 2, unit_price_minor: 1290 };
const MUG: Bought = Bought { sku: "ALP-MUG-RED", quantity: 1, unit_price_minor: 1490 };

fn notebooks() -> Purchase {
    Purchase::new("onward-direct", ShopKind::Onward, 1001, BEGINNING.parse().unwrap(), &[NOTEBOOK])
}

fn subjects(journey: &Journey) -> Vec<String> {
    journey.system.world.letters.borrow().iter().map(|letter| letter.subject.clone()).collect()
}

/// What is on record: names and outcomes.
fn outcomes(journey: &Journey) -> Vec<(String, Option<&'static str>)> {
    let notices = journey.system.world.notices.borrow();
    let outcome = |noticed: &ports::Noticed| noticed.outcome.as_ref().map(Outcome::name);
    notices.values().map(|noticed| (noticed.notice.clone(), outcome(noticed))).collect()
}

fn arrives(journey: &mut Journey) {
    journey.minutes(2);
    journey.suppliers_ship();
    journey.hours(5);
    journey.carriers_deliver();
    journey.hours(5);
}

/// The customer speaks this, and has this number.
fn is_known(journey: &Journey, language: &str, phone: &str) {
    for (contact, _) in journey.system.world.people.borrow_mut().values_mut() {
        contact.language = Some(language.to_owned());
        contact.phone = Some(phone.to_owned());
    }
}

/// Tells the customer of all that has happened to the order.
fn all(journey: &Journey) -> Message {
    let order_id = notebooks().order_id();
    let last = journey.system.world.streams.borrow()[&order_id].len() as u64;
    Message::NotifyCustomer { order_id, first: 1, last }
}

fn puts_off(journey: &Journey) {
    let why = "Throttling".to_owned();
    journey.system.world.post.replace(Some(Sending::NotNow { why }));
}

#[test]
fn a_customer_hears_of_an_order_from_thanks_to_door_each_thing_once() {
    let mut journey = Journey::begin();
    journey.sells(&notebooks());
    arrives(&mut journey);
    let expected = ["Thank you for order", "Order", "Your parcel of order"];
    let subjects = subjects(&journey);
    assert_eq!(subjects.len(), expected.len(), "{subjects:?}");
    for (subject, expected) in subjects.iter().zip(expected) {
        assert!(subject.starts_with(expected), "{subjects:?}");
    }
    let letter = journey.system.world.letters.borrow()[0].clone();
    assert_eq!(letter.to, "customer@example.com");
    assert!(letter.text.contains("https://onward.example/track/"), "{}", letter.text);
    let recipient = letter.recipient.unwrap();
    assert!(!recipient.contains("example"), "{recipient}");
    let told = outcomes(&journey);
    assert!(told.iter().all(|(_, outcome)| *outcome == Some("sent")), "{told:?}");

    // Neither the queue nor a rebuild says anything twice.
    journey.delivers(&all(&journey)).unwrap();
    journey.operates(&Operation::RebuildViews);
    assert_eq!(journey.system.world.letters.borrow().len(), 3);
}

#[test]
fn a_customer_is_told_in_the_language_of_the_shop_and_by_sms_where_there_is_a_number() {
    let mut journey = Journey::begin();
    journey.sells(&notebooks());
    is_known(&journey, "de-AT", "+49 341 123-45");
    arrives(&mut journey);
    assert!(subjects(&journey)[1].contains("ist unterwegs"), "{:?}", subjects(&journey));
    let texts = journey.system.world.texts.borrow();
    let [text] = &texts[..] else { panic!("{texts:?}") };
    assert_eq!(text.to, "+4934112345");
    assert!(text.text.starts_with("Onward Direct: Bestellung"), "{}", text.text);
    assert!(text.text.contains("https://onward.example/track/"), "{}", text.text);
}

#[test]
fn where_it_is_not_turned_on_nothing_is_sent_and_nothing_written() {
    let mut journey = Journey::begin();
    let begins = BEGINNING.parse().unwrap();
    journey.sells(&Purchase::new("alpenshop", ShopKind::Shopify, 1001, begins, &[MUG]));
    arrives(&mut journey);
    assert_eq!(subjects(&journey), [] as [&str; 0]);
    assert!(journey.system.world.notices.borrow().is_empty());
}

#[test]
fn a_customer_is_told_of_what_the_merchant_chose_and_of_nothing_else() {
    let mut journey = Journey::begin_with(|settings| {
        for shop in &mut settings.shops {
            if let Some(known) = &mut shop.notifications {
                (known.mails, known.sms) = (vec![Topic::Delivered], Vec::new());
            }
        }
    });
    journey.sells(&notebooks());
    arrives(&mut journey);
    assert_eq!(outcomes(&journey), [("mail/delivered/P1".to_owned(), Some("sent"))]);
}

#[test]
fn a_late_parcel_is_told_of_once_also_when_the_carrier_told_first() {
    let mut journey = Journey::begin();
    journey.sells(&notebooks());
    journey.minutes(2);
    journey.suppliers_ship();
    let number = journey.numbers()[0].clone();
    journey.carrier_reports(&number, "Exception_Other");
    journey.hours(24 * 8);
    assert!(journey.facts(&notebooks().order_id()).contains(&"Delayed"));
    let late = subjects(&journey).into_iter().filter(|it| it.ends_with("is late")).count();
    assert_eq!(late, 1, "{:?}", subjects(&journey));
}

#[test]
fn a_shop_that_writes_itself_sends_the_link_to_returns_as_well() {
    let mut journey = Journey::begin();
    journey.sells(&notebooks());
    arrives(&mut journey);
    Browser::new("fr").asks(&mut journey, "D-1001", "customer@example.com");
    let letter = journey.system.world.letters.borrow().last().cloned().unwrap();
    assert!(letter.subject.starts_with("Votre lien"), "{}", letter.subject);
    let sender = ("Onward Direct".to_owned(), Some("orders@example.com".to_owned()));
    assert_eq!(letter.from, sender);
    // It was put off: the queue brings it again.
    puts_off(&journey);
    let fields = [("order", "D-1001"), ("proof", "customer@example.com")];
    Browser::new("fr").sends(&mut journey, "/returns", &fields);
    let queued = journey.system.world.take().expect("a message");
    let told = journey.system.world.letters.borrow().len();
    journey.delivers(&queued).unwrap_err();
    journey.system.world.post.replace(None);
    journey.delivers(&queued).unwrap();
    assert_eq!(journey.system.world.letters.borrow().len(), told + 1);
}

#[test]
fn nobody_writes_any_more_to_whom_a_mail_bounced() {
    let mut journey = Journey::begin();
    journey.sells(&notebooks());
    let recipient = journey.system.world.letters.borrow()[0].recipient.clone().unwrap();
    journey.delivers(&Message::SuppressRecipients { recipients: vec![recipient] }).unwrap();
    arrives(&mut journey);
    assert_eq!(subjects(&journey).len(), 1);
    let told = outcomes(&journey);
    let suppressed = ("mail/shipped/P1".to_owned(), Some("suppressed"));
    assert!(told.contains(&suppressed), "{told:?}");
}

#[test]
fn what_could_not_be_told_for_a_day_is_not_told_any_more() {
    let mut journey = Journey::begin();
    puts_off(&journey);
    journey.sells(&notebooks());
    journey.system.world.post.replace(None);
    journey.clock_fails_for(25 * 60);
    journey.delivers(&all(&journey)).unwrap();
    assert_eq!(subjects(&journey), [] as [&str; 0]);
    assert_eq!(outcomes(&journey), [("mail/confirmed".to_owned(), Some("stale"))]);
}

#[test]
fn what_the_mail_service_puts_off_goes_out_later_and_what_it_refuses_never() {
    for (answer, letters, outcome) in [
        (Sending::NotNow { why: "Throttling".to_owned() }, 1, "sent"),
        (Sending::Refused { why: "MessageRejected".to_owned() }, 0, "refused"),
    ] {
        let mut journey = Journey::begin();
        journey.system.world.post.replace(Some(answer));
        journey.sells(&notebooks());
        assert_eq!(subjects(&journey), [] as [&str; 0]);
        journey.system.world.post.replace(None);
        journey.delivers(&all(&journey)).unwrap();
        assert_eq!(subjects(&journey).len(), letters);
        assert_eq!(outcomes(&journey)[0].1, Some(outcome));
    }
}

#[test]
fn of_what_may_have_gone_out_nothing_goes_out_again_and_the_operator_sees_it() {
    let mut outcomes = BTreeSet::new();
    // The answer to one of its calls gets lost, and then to each, one after the other.
    for call in 1..20 {
        let mut journey = Journey::begin();
        puts_off(&journey);
        journey.sells(&notebooks());
        journey.system.world.post.replace(None);
        let message = all(&journey);
        for call in [call].into_iter().chain(1..20) {
            journey.system.world.faults.plan(call, Fault::After);
            journey.delivers(&message).ok();
            journey.system.world.faults.clear();
            assert!(journey.system.world.letters.borrow().len() <= 1, "call {call}");
        }
        journey.delivers(&message).unwrap();
        let page = journey.page(&notebooks().order_id());
        assert_eq!(page["notices"][0]["notice"], "mail/confirmed");
        let outcome = page["notices"][0]["outcome"].as_str().unwrap().to_owned();
        let letters = journey.system.world.letters.borrow().len();
        // What nobody knows of may have gone out, or not.
        let is_told = if outcome == "in_doubt" { letters <= 1 } else { letters == 1 };
        assert!(is_told, "call {call}: {letters} letters, {page}");
        outcomes.insert(outcome);
    }
    let all = ["in_doubt", "sent"].map(str::to_owned);
    assert_eq!(outcomes, all.into());
}

#[test]
fn who_was_erased_is_told_nothing() {
    let mut journey = Journey::begin();
    journey.sells(&notebooks());
    journey.system.world.people.borrow_mut().clear();
    journey.minutes(2);
    let told = subjects(&journey).len();
    journey.delivers(&all(&journey)).unwrap();
    assert_eq!(subjects(&journey).len(), told);
}

#[test]
fn a_return_is_told_of_step_by_step() {
    let mut journey = Journey::begin();
    let purchase = notebooks();
    journey.sells(&purchase);
    arrives(&mut journey);
    let line_id = purchase.line_id(0);
    let line = json!({"line_id": line_id, "quantity": 2, "reason": "defective"});
    let units = json!([{"line_id": line_id, "quantity": 2}]);
    let found = json!([{"line_id": line_id, "disposition": "scrap", "quantity": 2}]);
    for (path, body) in [
        ("returns", json!({"lines": [line], "key": "one"})),
        ("returns/R1/photos", json!({"line_id": line_id, "photos": 2})),
        ("returns/R1/receipts", json!({"lines": units})),
        ("returns/R1/inspections", json!({"findings": found})),
    ] {
        assert_eq!(journey.handles(&purchase.order_id(), path, &body).status, 200, "{path}");
        journey.minutes(2);
    }
    let subjects = subjects(&journey);
    let told: Vec<&str> = subjects[3..].iter().map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "Please send photos for onward-direct/1001/R1",
            "Your label for return onward-direct/1001/R1",
            "Return onward-direct/1001/R1 has arrived",
            "€30.70 for order D-1001",
        ]
    );
}

#[test]
fn who_cancels_hears_that_it_is_cancelled_once_and_of_no_refund_that_nobody_made() {
    let mut journey = Journey::begin();
    let mut purchase = notebooks();
    journey.sells(&purchase);
    journey.cancels(&mut purchase);
    journey.minutes(30);
    assert_eq!(journey.phase(&purchase.order_id()), "cancelled");
    let told = subjects(&journey);
    assert_eq!(told.iter().filter(|it| *it == "Order D-1001 is cancelled").count(), 1, "{told:?}");
    let letter = journey.system.world.letters.borrow().last().cloned().unwrap();
    assert!(!letter.text.contains("Refund"), "{}", letter.text);
    journey.delivers(&all(&journey)).unwrap();
    assert_eq!(subjects(&journey), told);
}

#[test]
fn who_orders_fewer_hears_what_does_not_come() {
    let mut journey = Journey::begin();
    let mut purchase = notebooks();
    journey.sells(&purchase);
    journey.seconds(3);
    journey.changes(&mut purchase, |purchase| purchase.lines[0].quantity = 1);
    journey.minutes(30);
    let facts = journey.facts(&purchase.order_id());
    assert!(facts.contains(&"EditRequested"), "{facts:?}");
    let letter = journey.system.world.letters.borrow().last().cloned().unwrap();
    assert_eq!(letter.subject, "Some of order D-1001 is cancelled");
    assert!(letter.text.contains("\n1 × "), "{}", letter.text);
    assert!(letter.text.contains("Nothing changes for the rest."), "{}", letter.text);
}

#[test]
fn a_return_that_is_called_off_is_told_of_once() {
    let mut journey = Journey::begin();
    let purchase = notebooks();
    journey.sells(&purchase);
    arrives(&mut journey);
    let line = json!({"line_id": purchase.line_id(0), "quantity": 1, "reason": "changed_mind"});
    for (path, body) in [
        ("returns", json!({"lines": [line], "key": "one"})),
        ("returns/R1/cancellations", json!({"why": "they keep it"})),
    ] {
        let reply = journey.handles(&purchase.order_id(), path, &body);
        assert_eq!(reply.status, 200, "{path}");
        journey.minutes(2);
    }
    journey.delivers(&all(&journey)).unwrap();
    let told = subjects(&journey);
    assert_eq!(
        told.iter().filter(|it| *it == "onward-direct/1001/R1 was called off").count(),
        1,
        "{told:?}"
    );
}
